"""What is behind the lips: their inner sides, teeth, tongue, and the cavity around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from lipsmith.core.motion import MouthPose
from lipsmith.engines.rig.geometry import HeadFrame
from lipsmith.engines.rig.interior import FREEWAY_MM, LOWER_JAW_SHARE, ROUND_EDGE_MM, Interior
from lipsmith.engines.rig.sprites import Canvas
from lipsmith.export.arkit_offsets import ARKIT_NAMES
from lipsmith.export.face_mesh import FaceMesh
from lipsmith.export.mouth_texture import CAVITY, LOWER_RIM, TONGUE, UPPER_RIM, within
from lipsmith.export.part import Part, strip
from lipsmith.export.space import Space

Array = NDArray[np.float64]

_ARCH_HALF_WIDTH_MM, _ARCH_DEPTH_MM = 29.0, 36.0
_TEETH_MM, _BEHIND_LIPS_MM, _LOWER_BEHIND_MM = 6.0, 5.0, 1.6
"""Behind the lips; the lower ones behind the upper."""
_TOOTH_COLUMNS, _TOOTH_ROWS = 33, 5
_RIM_MM = (0.0, 1.2, 2.6, 3.8)
_RIM_AWAY_MM = (0.0, 0.2, 1.1, 3.0)
_JAW_BACK_SHARE = 0.45
"""Of the drop of the lower teeth; the jaw turns about joints behind and above them."""
_JAW_ASIDE_MM, _JAW_FORWARD_MM = 6.0, 5.0
_TONGUE_HALF_WIDTH_MM, _TONGUE_THICK_MM = 17.0, 8.0
_TONGUE_MM = (54.0, 12.5)  # its root and its tip, behind the lips
_TONGUE_OUT_MM = 30.0
_TONGUE_LIFT_MM = 5.0
_CAVITY_MM = (12.0, 52.0)  # half height, depth
_CAVITY_BACK = 1.6  # of the jaw's own way backwards, which the skin over it goes
_UNDER_SKIN_MM = 3.5
_NEAR_MM, _MOVED_MM = 75.0, 1.0
_CAVITY_BEYOND_MM = 6.0  # of the corners
_CAVITY_BEHIND_MM = 4.0, 8.0  # the lips, and more above and below them


class MouthSpace:
    """The mouth in head mm: the origin is the middle of the lips, z goes into the mouth."""

    def __init__(self, space: Space, interior: Interior) -> None:
        self.space, self.interior = space, interior
        self._plane = space.head.plane_px_per_mm

    def place(self, points_mm: Array) -> Array:
        """(n, 3) m from head mm, of which x and y are as seen in the picture."""
        px = self.space.head.origin[:2] + points_mm[:, :2] @ self._plane.T
        return self.space.points(px, self._depth(points_mm))

    def moved(self, points_mm: Array, offsets_mm: Array) -> Array:
        """(..., n, 3) m from offsets in head mm."""
        return self.space.offsets(offsets_mm, self._depth(points_mm))

    def _depth(self, points_mm: Array) -> Array:
        return np.asarray(points_mm @ self.space.head.rotation[2])


@dataclass(frozen=True, slots=True)
class Skin:
    """The net before the mouth: (n, 2) px and (n,) mm of its vertices, the mouth being at rest, and
    (t, n, 3) mm by which the targets move them.
    """

    px: Array
    depth_mm: Array
    moves: Array

    def near(self, head: HeadFrame) -> Skin:
        """What of it is around the mouth."""
        away = np.abs(self.px - head.origin[:2]).max(1)
        kept = away < _NEAR_MM * head.px_per_mm
        return Skin(self.px[kept], self.depth_mm[kept], self.moves[:, kept])

    def keep_behind(self, mouth: MouthSpace, points_mm: Array, moves_mm: Array) -> None:
        """Change (t, n, 3) moves of places (n, 3), both head mm, so that the skin hides them."""
        scale = mouth.space.head.px_per_mm
        for move, own in zip(moves_mm, self.moves, strict=True):
            if np.abs(own).max(initial=0.0) > _MOVED_MM:
                there = self.px + own[:, :2] * scale
                moved = points_mm + move
                move[:, 2] += _too_near_mm(mouth, moved, there, self.depth_mm + own[:, 2])


@dataclass(frozen=True, slots=True)
class LipLine:
    """Where the lips meet: from left_mm to right_mm, and as deep as a parabola tells (3,).

    corners: (t, 2, 3) head mm by which the targets move the left and the right end.
    """

    left_mm: float
    right_mm: float
    bow: Array
    corners: Array

    @staticmethod
    def of(mesh: FaceMesh, rest_depth_mm: Array, skin: Array, head: HeadFrame) -> LipLine:
        """skin: (t, n, 3) mm, what the targets do to the vertices of the net."""
        line = mesh.upper_lip
        corners = skin[:, line[[0, -1]]] @ head.rotation
        plane = (mesh.points[line] - head.origin[:2]) @ np.linalg.inv(head.plane_px_per_mm).T
        x = plane[:, 0]
        # in the head's frame, in which the lips may lie aslant
        across, down, inwards = head.rotation[2]
        depth = (rest_depth_mm[line] - plane @ [across, down]) / inwards
        return LipLine(float(x[0]), float(x[-1]), np.polyfit(x, depth, 2), corners)

    def depth_mm(self, x_mm: Array) -> Array:
        """Head-frame z at x."""
        return np.asarray(np.polyval(self.bow, x_mm))


def teeth_parts(
    mouth: MouthSpace, poses: tuple[MouthPose, ...], line: LipLine, skin: Skin
) -> tuple[Part, Part]:
    """The upper and the lower row, each a bow with its sprite on it; poses: of the targets."""
    interior = mouth.interior
    parts = []
    for name, canvas, edge, behind, half in (
        ("TeethUpper", interior.upper.canvas, interior.upper_edge_mm, 0.0, 0),
        (
            "TeethLower", interior.lower.canvas, interior.upper_edge_mm + FREEWAY_MM,
            _LOWER_BEHIND_MM, 1,
        ),
    ):  # fmt: skip
        points, uv = _row_of_teeth(canvas, edge, behind, line)
        uv[:, 1] = 0.5 * (uv[:, 1] + half)
        # lips that are pushed forward leave the upper teeth behind
        hidden = max(0.0, interior.upper_edge_mm - interior.line_y_mm - ROUND_EDGE_MM)
        raised = np.array([[0.0, -hidden * min(pose.round, 1.0), 0.0] for pose in poses])
        moves = np.repeat((_jaw(poses) if half else raised)[:, None], len(points), 1)
        if half:
            skin.keep_behind(mouth, points, moves)
        targets = mouth.moved(points, moves)
        triangles = strip(_TOOTH_ROWS, _TOOTH_COLUMNS)
        parts.append(Part(name, "Teeth", mouth.place(points), uv, triangles, targets))
    return parts[0], parts[1]


def _row_of_teeth(
    canvas: Canvas, edge_mm: float, behind_mm: float, line: LipLine
) -> tuple[Array, Array]:
    """(n, 3) head mm, rows from the top, and (n, 2) place on the sprite."""
    reach = 0.84 * _ARCH_HALF_WIDTH_MM
    x, y = np.meshgrid(
        np.linspace(-reach, reach, _TOOTH_COLUMNS),
        np.linspace(canvas.top_mm, canvas.top_mm + canvas.height_mm, _TOOTH_ROWS),
    )
    arch = _ARCH_DEPTH_MM * (1.0 - np.sqrt(1.0 - (x / _ARCH_HALF_WIDTH_MM) ** 2))
    depth = np.maximum(arch + _TEETH_MM, line.depth_mm(x) + _BEHIND_LIPS_MM) + behind_mm
    points = np.stack([x, y + edge_mm, depth], -1).reshape(-1, 3)
    uv = np.stack(
        [(x - canvas.left_mm) / canvas.width_mm, (y - canvas.top_mm) / canvas.height_mm], -1
    )
    return points, uv.reshape(-1, 2)


def _jaw(poses: tuple[MouthPose, ...]) -> Array:
    """(t, 3) head mm by which the lower teeth move."""
    drop = np.array([LOWER_JAW_SHARE * pose.jaw_mm for pose in poses])
    moves = np.stack([np.zeros_like(drop), drop, _JAW_BACK_SHARE * drop], 1)
    for name, move in (
        ("jawLeft", (_JAW_ASIDE_MM, 0.0, 0.0)),
        ("jawRight", (-_JAW_ASIDE_MM, 0.0, 0.0)),
        ("jawForward", (0.0, 0.0, -_JAW_FORWARD_MM)),
    ):
        moves[ARKIT_NAMES.index(name)] = move
    return moves


def tongue_part(mouth: MouthSpace, poses: tuple[MouthPose, ...]) -> Part:
    """A flat body with a round tip, which rides on the jaw."""
    rows, around = 22, 20
    along = 1.0 - (1.0 - np.linspace(0.0, 1.0, rows)) ** 2
    angle = np.linspace(0.0, 2.0 * np.pi, around + 1)
    width = _TONGUE_HALF_WIDTH_MM * (1.0 - 0.32 * along) * np.sqrt(1.0 - along**6)
    thick = 0.5 * _TONGUE_THICK_MM * (1.0 - 0.35 * along) * np.sqrt(1.0 - 0.97 * along**6)
    floor = mouth.interior.upper_edge_mm + FREEWAY_MM
    top = mouth.interior.line_y_mm - 3.0 + 5.5 * along**1.5
    top = np.minimum(top, floor)
    depth = _TONGUE_MM[0] + (_TONGUE_MM[1] - _TONGUE_MM[0]) * along
    x = width[:, None] * np.sin(angle)
    groove = 1.0 * np.exp(-((x / 3.0) ** 2)) * (np.cos(angle) > 0)
    y = top[:, None] + thick[:, None] * (1.0 - np.cos(angle)) + groove
    points = np.stack([x, y, np.broadcast_to(depth[:, None], x.shape)], -1).reshape(-1, 3)
    uv = np.stack(
        [np.broadcast_to(angle / (2 * np.pi), x.shape), np.broadcast_to(along[:, None], x.shape)],
        -1,
    ).reshape(-1, 2)
    tip = np.repeat(along, around + 1)
    jaw = _jaw(poses)
    moves = jaw[:, None] * (0.45 + 0.4 * tip)[:, None]
    for index, pose in enumerate(poses):
        lift = _TONGUE_LIFT_MM + LOWER_JAW_SHARE * pose.jaw_mm
        moves[index, :, 1] -= pose.tongue * lift * tip**2.5
        out = 0.4 * pose.tongue_out
        moves[index, :, 2] -= out * _TONGUE_OUT_MM * tip**1.3
        moves[index, :, 1] += out * (10.0 * tip**8 - 8.0 * tip**2)
    triangles = strip(rows, around + 1)
    return Part(
        "Tongue", "Mouth", mouth.place(points), within(TONGUE, uv), triangles,
        mouth.moved(points, moves),
    )  # fmt: skip


def cavity_part(
    mouth: MouthSpace,
    poses: tuple[MouthPose, ...],
    line: LipLine,
    skin: Skin,
) -> Part:
    """A bowl, open towards the lips; its lower half goes with the jaw."""
    rows, around = 9, 28
    inwards = np.linspace(0.0, 1.0, rows)
    angle = np.linspace(0.0, 2.0 * np.pi, around + 1)
    size = np.sqrt(np.maximum(1.0 - inwards**2.4, 0.0))
    half_height, deep = _CAVITY_MM
    half_width = 0.5 * (line.right_mm - line.left_mm) + _CAVITY_BEYOND_MM
    x = 0.5 * (line.left_mm + line.right_mm) + half_width * size[:, None] * np.sin(angle)
    y = mouth.interior.line_y_mm - half_height * size[:, None] * np.cos(angle)
    off = ((y - mouth.interior.line_y_mm) / half_height) ** 2
    rim = line.depth_mm(x) + _CAVITY_BEHIND_MM[0] + _CAVITY_BEHIND_MM[1] * off
    z = rim + np.maximum(deep - rim, 0.0) * inwards[:, None]
    points = np.stack([x, y, z], -1).reshape(-1, 3)
    points[:, 2] += _too_near_mm(mouth, points, skin.px, skin.depth_mm)
    uv = np.stack(
        [np.broadcast_to(angle / (2 * np.pi), x.shape), np.broadcast_to(inwards[:, None], x.shape)],
        -1,
    ).reshape(-1, 2)
    lower = (points[:, 1] - mouth.interior.line_y_mm) / half_height
    share = np.clip(0.5 + 0.7 * lower, 0.0, 1.1)
    moves = _jaw(poses)[:, None] * share[:, None]
    moves[..., 2] = _jaw(poses)[:, None, 2] * (_CAVITY_BACK * np.clip(lower, 0.0, 1.0))
    aside = points[:, 0] - 0.5 * (line.left_mm + line.right_mm)
    along = np.clip(np.abs(aside) / half_width, 0.0, 1.0) * (1.0 - inwards.repeat(around + 1))
    moves += line.corners[:, (aside > 0).astype(np.intp)] * along[:, None]
    skin.keep_behind(mouth, points, moves)
    return Part(
        "MouthCavity", "Mouth", mouth.place(points), within(CAVITY, uv),
        strip(rows, around + 1), mouth.moved(points, moves),
    )  # fmt: skip


def _too_near_mm(
    mouth: MouthSpace, points_mm: Array, skin_px: Array, skin_depth_mm: Array
) -> Array:
    """(n,) mm that places lie too near to the viewer to be hidden by the skin before them."""
    head = mouth.space.head
    px = head.origin[:2] + points_mm[:, :2] @ head.plane_px_per_mm.T
    nearest = np.asarray(cKDTree(skin_px).query(px)[1])
    inwards = head.rotation[2]
    missing = skin_depth_mm[nearest] + _UNDER_SKIN_MM - points_mm @ inwards
    return np.asarray(np.maximum(missing, 0.0) / inwards[2])


def rim_part(
    mesh: FaceMesh, rest_px: Array, depth_mm: Array, skin: Array, head: HeadFrame, space: Space
) -> Part:
    """The lips' inner sides: bands that go from the edges of the lips into the mouth.

    rest_px: (n, 2) the net's vertices, the mouth being at rest. skin: (t, n, 3) mm, as the targets
    move them.
    """
    down = head.rotation[:2, 1]
    positions, uvs, targets, triangles, first = [], [], [], [], 0
    for line, sign, region in (
        (mesh.upper_lip, -1.0, UPPER_RIM),
        (mesh.lower_lip, 1.0, LOWER_RIM),
    ):
        to_end = np.minimum(np.arange(len(line)), np.arange(len(line))[::-1])
        ends = np.clip(to_end / 5.0, 0.0, 1.0)
        for row, (back, away) in enumerate(zip(_RIM_MM, _RIM_AWAY_MM, strict=True)):
            shift = (sign * away * head.px_per_mm * ends)[:, None] * down
            depth = depth_mm[line] + back * (0.3 + 0.7 * ends)
            positions.append(space.points(rest_px[line] + shift, depth))
            targets.append(space.picture_offsets(skin[:, line], depth))
            across = np.linspace(0.0, 1.0, len(line))
            uv = np.stack([across, np.full(len(line), row / (len(_RIM_MM) - 1))], 1)
            uvs.append(within(region, uv))
        triangles.append(first + strip(len(_RIM_MM), len(line), flipped=sign < 0))
        first += len(_RIM_MM) * len(line)
    return Part(
        "LipsInside", "Mouth", np.concatenate(positions), np.concatenate(uvs),
        np.concatenate(triangles), np.concatenate(targets, 1),
    )  # fmt: skip
