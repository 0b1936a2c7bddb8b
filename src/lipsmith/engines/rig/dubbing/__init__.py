"""New words for a face that moves: the still rig's mouth, carried onto every frame of a video."""
