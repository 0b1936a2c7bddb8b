"""A portrait as a model that talks: the file that holds it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.portrait import Portrait
from lipsmith.engines.rig.field import even_rect
from lipsmith.engines.rig.geometry import HeadFrame
from lipsmith.engines.rig.interior import prepare_interior
from lipsmith.engines.rig.lip_skin import lips_alone
from lipsmith.engines.rig.lips import find_lips
from lipsmith.engines.rig.tone import measure_tone
from lipsmith.export import eye_parts, mouth_parts
from lipsmith.export.eye_openings import find_openings
from lipsmith.export.eye_texture import ball_texture, lid_texture
from lipsmith.export.eyelids import move_lids
from lipsmith.export.face_mesh import FaceMesh, build_mesh
from lipsmith.export.face_motion import move_face
from lipsmith.export.gltf import GltfWriter
from lipsmith.export.mouth_texture import mouth_texture, teeth_texture
from lipsmith.export.part import Part
from lipsmith.export.picture_textures import jpeg, png, shrunk, take_apart
from lipsmith.export.relief import background_depth_mm, face_depth_mm, person_px
from lipsmith.export.scene import head_share, write_scene
from lipsmith.export.space import Space
from lipsmith.export.targets import mouth_poses, target_names
from lipsmith.media.colour import rgb_to_nv12

_MARGIN = 0.15
_OUTLINE_MM = 2.0
"""Beside the outline's soft edge, what also belongs to it."""


def to_glb(portrait: Portrait, *, side: int | None = None) -> bytes:
    """The portrait as binary glTF 2.0, with ARKit's 52 blendshapes and 15 visemes.

    side: longest side of the picture in it, px; None keeps the portrait's own.

    Raises:
        FaceError: the face is too small, turned too far away, or its mouth is not in the picture.
    """
    from lipsmith.engines.rig.prepare import check_portrait

    check_portrait(portrait)
    pixels, landmarks = portrait.pixels, portrait.face.landmarks
    width, height = portrait.width, portrait.height
    head = HeadFrame.of(landmarks)
    lips = find_lips(rgb_to_nv12(pixels).luma, landmarks, head)
    openings = find_openings(pixels, landmarks)
    mesh = build_mesh(landmarks, head, lips, openings, width, height)
    depth = face_depth_mm(mesh, landmarks, head, portrait.matte)
    lids = move_lids(mesh, openings, head, depth)
    motion = move_face(mesh, landmarks, head, lips, openings, lids)
    names = target_names(lips.is_open)
    space = Space.of(head, width, height)

    rest_px = mesh.points + motion.rest[:, :2] * head.px_per_mm
    rest_depth = depth + motion.rest[:, 2]
    skin = Part(
        "Face", "Face", space.points(rest_px, rest_depth), space.uv(mesh.points),
        mesh.triangles, space.picture_offsets(motion.targets, rest_depth),
        head_share(mesh.points, landmarks, head),
    )  # fmt: skip
    person = person_px(landmarks, portrait.matte)
    solid, outline = _split(mesh, person, head.px_per_mm)
    parts = [
        _only(skin, solid, "Face", "Face"),
        _only(skin, outline, "Outline", "Outline"),
    ]

    low = even_rect(0, 0, width, height, width, height)
    interior = prepare_interior(pixels, landmarks, head, lips, low)
    mouth = mouth_parts.MouthSpace(space, interior)
    skin_before = mouth_parts.Skin(rest_px, rest_depth, motion.targets).near(head)
    line = mouth_parts.LipLine.of(mesh, rest_depth, motion.targets, head)
    poses = mouth_poses(lips.is_open, _gap_mm(landmarks, head))
    parts += mouth_parts.teeth_parts(mouth, poses, line, skin_before)
    parts.append(mouth_parts.tongue_part(mouth, poses))
    parts.append(mouth_parts.cavity_part(mouth, poses, line, skin_before))
    parts.append(mouth_parts.rim_part(mesh, rest_px, rest_depth, motion.targets, head, space))
    for eye, edges, ball in zip(openings, mesh.eyes, lids.balls, strict=True):
        parts.append(eye_parts.ball_part(eye, ball, space, len(names)))
        parts.append(eye_parts.lid_part(mesh, eye, edges, ball, rest_depth, motion.targets, space))
    parts.append(_background(space, background_depth_mm(landmarks, head)))

    shown = pixels.copy()
    if lips.is_open:
        patch = lips_alone(pixels, landmarks, head, lips)
        rect = patch.rect
        shown[rect.top : rect.bottom, rect.left : rect.right] = patch.pixels
    layers = take_apart(shown, person, _drawn(mesh, outline, person.shape))
    file = GltfWriter("Lipsmith")

    def opaque(name: str, image: NDArray[np.uint8]) -> None:
        texture = file.texture(jpeg(shrunk(image, side)), "image/jpeg", name)
        materials[name] = file.material(name, texture)

    materials: dict[str, int] = {}
    opaque("Face", layers.person)
    texture = file.texture(png(shrunk(layers.outline, side)), "image/png", "Outline")
    materials["Outline"] = file.material("Outline", texture, "BLEND")
    texture = file.texture(
        jpeg(shrunk(layers.background, side)), "image/jpeg", "Background", mirrored=True
    )
    materials["Background"] = file.material("Background", texture)
    tone = measure_tone(pixels, landmarks, head)
    opaque("Mouth", mouth_texture(shown, head, lips, tone))
    texture = file.texture(png(teeth_texture(interior)), "image/png", "Teeth")
    materials["Teeth"] = file.material("Teeth", texture, "BLEND")
    for eye in openings:
        which = "Left" if eye.is_left else "Right"
        opaque(f"Eye{which}", ball_texture(pixels, eye, head))
        opaque(f"Lid{which}", lid_texture(pixels, eye, head))
    return write_scene(file, parts, materials, names, landmarks, space, portrait.name)


def _gap_mm(landmarks: NDArray[np.float64], head: HeadFrame) -> float:
    return float(np.linalg.norm(landmarks[14] - landmarks[13])) / head.px_per_mm


def _split(
    mesh: FaceMesh, person: NDArray[np.uint8], scale: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which triangles are all person, and which have the person's outline in them."""
    reach = max(1, round(_OUTLINE_MM * scale))
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    least = _in_triangles(mesh, np.asarray(cv2.erode(person, kernel), np.uint8), most=False)
    most = _in_triangles(mesh, np.asarray(cv2.dilate(person, kernel), np.uint8), most=True)
    solid = least >= 250
    return solid, ~solid & (most > 4)


def _in_triangles(mesh: FaceMesh, image: NDArray[np.uint8], *, most: bool) -> NDArray[np.uint8]:
    """(m,) the least or greatest value at a triangle's corners, middle and edges' middles."""
    corners = mesh.points[mesh.triangles]
    places = [corners[:, i] for i in range(3)]
    places += [corners.mean(1), *(0.5 * (corners[:, i] + corners[:, i - 1]) for i in range(3))]
    last = (image.shape[1] - 1, image.shape[0] - 1)
    at = np.stack(places, 1).round().astype(int).clip(0, last)
    values = image[at[..., 1], at[..., 0]]
    return np.asarray(values.max(1) if most else values.min(1))


def _drawn(mesh: FaceMesh, chosen: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    image = np.zeros(shape[:2], np.uint8)
    for triangle in mesh.points[mesh.triangles[chosen]]:
        cv2.fillConvexPoly(image, triangle.round().astype(np.int32), 1)
    return image > 0


def _only(part: Part, chosen: NDArray[np.bool_], name: str, material: str) -> Part:
    """Some of a part's triangles, with the vertices that they need."""
    used, triangles = np.unique(part.triangles[chosen], return_inverse=True)
    targets = None if part.targets is None else part.targets[:, used]
    return Part(
        name, material, part.positions[used], part.uv[used], triangles.reshape(-1, 3)[:, [0, 2, 1]],
        targets, None if part.head_share is None else part.head_share[used],
    )  # fmt: skip


def _background(space: Space, depth_mm: float) -> Part:
    """A wall behind the person, a little larger than the picture, which goes on mirrored."""
    more = _MARGIN * np.array([space.width_px, space.height_px])
    left, top = -0.5 - more
    right, bottom = np.array([space.width_px, space.height_px]) - 0.5 + more
    corners = np.array([[left, top], [right, top], [left, bottom], [right, bottom]])
    positions = space.points(corners, np.full(4, depth_mm))
    triangles = np.array([[0, 2, 1], [1, 2, 3]])
    return Part("Background", "Background", positions, space.uv(corners), triangles, None)
