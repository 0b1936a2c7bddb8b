"""Plans a request, joins the stages and reports how far they are.

Speech with articulation, the engine, and the encoder work at the same time, the first and the last
in threads of their own; the portrait is prepared while the first words are being said.
"""
