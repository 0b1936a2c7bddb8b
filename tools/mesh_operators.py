"""The custom operators of MediaPipe's attention mesh, and the merging of its outputs.

The mesh looks at the lips and eyes again through windows of the feature map that follow the coarse
landmarks; each window is an affine map, written here with standard ONNX operators.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flatbuffers import flexbuffers
from numpy.typing import NDArray
from tflite_graph import Operator
from tflite_to_onnx import OnnxWriter

# The order of each refined output: pairs of a lower and an upper contour, from the middle outwards.
_LIPS = (
    "61 146 91 181 84 17 314 405 321 375 291 185 40 39 37 0 267 269 270 409 "
    "78 95 88 178 87 14 317 402 318 324 308 191 80 81 82 13 312 311 310 415 "
    "76 77 90 180 85 16 315 404 320 307 306 184 74 73 72 11 302 303 304 408 "
    "62 96 89 179 86 15 316 403 319 325 292 183 42 41 38 12 268 271 272 407"
)
_RIGHT_EYE = (
    "33 7 163 144 145 153 154 155 133 246 161 160 159 158 157 173 "
    "130 25 110 24 23 22 26 112 243 247 30 29 27 28 56 190 "
    "226 31 228 229 230 231 232 233 244 113 225 224 223 222 221 189 35 124 46 53 52 65 "
    "143 111 117 118 119 120 121 128 245 156 70 63 105 66 107 55 193"
)
_LEFT_EYE = (
    "263 249 390 373 374 380 381 382 362 466 388 387 386 385 384 398 "
    "359 255 339 254 253 252 256 341 463 467 260 259 257 258 286 414 "
    "446 261 448 449 450 451 452 453 464 342 445 444 443 442 441 413 265 353 276 283 282 295 "
    "372 340 346 347 348 349 350 357 465 383 300 293 334 296 336 285 417"
)
_MESH_POINTS = 468
_LID_POINTS = 16
"""How many points at the start of an eye's output are the lids; an iris takes their mean depth."""


def _indices(text: str) -> NDArray[np.int64]:
    return np.array(text.split(), np.int64)


class MeshWriter(OnnxWriter):
    """Knows the three custom operators."""

    def _landmarks2transformmatrix(self, operator: Operator) -> str:
        """(1, 468, 3) landmarks in feature pixels -> (1, 4, 4) window to feature coordinates.

        The window is the box of a subset of landmarks, upright along a line through two of them,
        enlarged by (scale_x, scale_y).
        """
        options = _flexbuffer(operator)
        if options["target_rotation_radians"] != 0:
            raise NotImplementedError("a window that is not upright")
        points = self.add(
            "Reshape", self.value(operator.inputs[0]), self.constant(np.array([-1, 3], np.int64))
        )
        columns = self.constant(np.array([0, 1], np.int64))
        points = self.add("Gather", points, columns, axis=1)
        ends = np.array([[options["left_rotation_idx"]], [options["right_rotation_idx"]]], np.int64)
        left, right = (self.add("Gather", points, self.constant(i), axis=0) for i in ends)
        line = self.add("Sub", right, left)
        length = self.add("ReduceL2", line, axes=[1], keepdims=1)
        cosine_sine = self.add("Div", line, length)
        # Columns of `turn` are the window's axes in the picture: (cos, sin) and (-sin, cos).
        quarter = self.constant(np.array([[0, 1], [-1, 0]], np.float32))
        turn_rows = self.add(
            "Concat", cosine_sine, self.add("MatMul", cosine_sine, quarter), axis=0
        )
        turn = self.add("Transpose", turn_rows, perm=[1, 0])
        subset = self.constant(np.array(options["subset_idxs"], np.int64).reshape(-1))
        upright = self.add("MatMul", self.add("Gather", points, subset, axis=0), turn)
        high = self.add("ReduceMax", upright, axes=[0], keepdims=1)
        low = self.add("ReduceMin", upright, axes=[0], keepdims=1)
        half = self.constant(np.array([0.5], np.float32))
        middle = self.add("MatMul", self.add("Mul", self.add("Add", high, low), half), turn_rows)
        window = np.array([options["output_width"], options["output_height"]], np.float32)
        scale = np.array([options["scale_x"], options["scale_y"]], np.float32)
        size = self.add("Mul", self.add("Sub", high, low), self.constant(scale / window))
        linear = self.add("Mul", turn, size)
        corner = self.add("MatMul", linear, self.constant(-window.reshape(2, 1) / 2))
        shift = self.add("Add", corner, self.add("Transpose", middle, perm=[1, 0]))
        zeros = self.constant(np.zeros((2, 1), np.float32))
        rows = self.add("Concat", linear, zeros, shift, axis=1)
        rest = self.constant(np.array([[0, 0, 1, 0], [0, 0, 0, 1]], np.float32))
        matrix = self.add("Concat", rows, rest, axis=0)
        return self.add("Reshape", matrix, self.constant(np.array([1, 4, 4], np.int64)))

    def _transformtensorbilinear(self, operator: Operator) -> str:
        """Sample a window of a feature map; pixel centres are at halves, outside is zero."""
        _, height, width, _ = self.source.shapes[operator.inputs[0]]
        _, rows, columns, _ = self.source.shapes[operator.outputs[0]]
        x, y = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
        grid = np.stack([x, y, 0 * x, 0 * x + 1], -1).reshape(1, -1, 4).astype(np.float32)
        matrix = self.add("Transpose", self.value(operator.inputs[1]), perm=[0, 2, 1])
        places = self.add("MatMul", self.constant(grid), matrix)
        places = self.add("Gather", places, self.constant(np.array([0, 1], np.int64)), axis=2)
        # GridSample counts from -1 at the first pixel's centre to 1 at the last one's.
        last = np.array([width - 1, height - 1], np.float32)
        factor, offset = self.constant(2 / last), self.constant(1 / last + 1)
        places = self.add("Sub", self.add("Mul", places, factor), offset)
        # A place past the outermost pixel centres is zero at once instead of fading out.
        inside = self.add(
            "LessOrEqual",
            self.add("ReduceMax", self.add("Abs", places), axes=[2], keepdims=1),
            self.constant(np.array([1], np.float32)),
        )
        far = self.constant(np.array([9], np.float32))
        places = self.add("Where", inside, places, far)
        shape = self.constant(np.array([1, rows, columns, 2], np.int64))
        return self.add(
            "GridSample",
            self.value(operator.inputs[0]),
            self.add("Reshape", places, shape),
            mode="bilinear",
            padding_mode="zeros",
            align_corners=1,
        )

    def _transformlandmarks(self, operator: Operator) -> str:
        """(1, n, 2) landmarks in a window -> in the picture, by a (1, 4, 4) matrix."""
        matrix = self.value(operator.inputs[1])
        corner = self.constant(np.array([0, 1], np.int64))
        rows = self.add("Gather", matrix, corner, axis=1)
        linear = self.add("Transpose", self.add("Gather", rows, corner, axis=2), perm=[0, 2, 1])
        shift = self.add(
            "Transpose",
            self.add("Gather", rows, self.constant(np.array([3], np.int64)), axis=2),
            perm=[0, 2, 1],
        )
        return self.add("Add", self.add("MatMul", self.value(operator.inputs[0]), linear), shift)

    def merge(self) -> tuple[str, str]:
        """Join the outputs: (478, 3) landmarks in input pixels and the (1,) face presence 0..1.

        Depth comes from the coarse mesh; "left" and "right" outputs of the file are the viewer's.
        """
        mesh, lips, eye_a, eye_b, iris_a, iris_b, flag = self._outputs_by_size()
        coarse = self.as_rows(mesh, (_MESH_POINTS, 3))
        parts = [self.add("Gather", coarse, self.constant(np.array([0, 1], np.int64)), axis=1)]
        for part in (lips, eye_a, eye_b, iris_a, iris_b):
            parts.append(self.as_rows(part, (self.source.shapes[part][3] // 2, 2)))
        source = np.concatenate([np.arange(_MESH_POINTS), np.zeros(10, np.int64)])
        start = _MESH_POINTS
        for block in (_LIPS, _RIGHT_EYE, _LEFT_EYE):
            targets = _indices(block)
            source[targets] = start + np.arange(len(targets))
            start += len(targets)
        source[_MESH_POINTS:] = start + np.arange(10)
        together = self.add("Concat", *parts, axis=0)
        flat = self.add("Gather", together, self.constant(source), axis=0)
        depth = self.add("Gather", coarse, self.constant(np.array([2], np.int64)), axis=1)
        depths = [depth]
        for block in (_RIGHT_EYE, _LEFT_EYE):
            lids = self.constant(_indices(block)[:_LID_POINTS])
            mean = self.add(
                "ReduceMean", self.add("Gather", depth, lids, axis=0), axes=[0], keepdims=1
            )
            depths.append(self.add("Expand", mean, self.constant(np.array([5, 1], np.int64))))
        landmarks = self.add(
            "Concat", flat, self.add("Concat", *depths, axis=0), axis=1, name="landmarks"
        )
        presence = self.add("Sigmoid", self.as_rows(flag, (1,)), name="presence")
        return landmarks, presence

    def _outputs_by_size(self) -> list[int]:
        """The seven outputs in the order mesh, lips, eyes, irises, flag."""
        sizes = [1404, 160, 142, 142, 10, 10, 1]
        remaining, ordered = list(self.source.outputs), []
        for size in sizes:
            found = next(i for i in remaining if self.source.shapes[i][3] == size)
            remaining.remove(found)
            ordered.append(found)
        return ordered


def _flexbuffer(operator: Operator) -> dict[str, Any]:
    values: dict[str, Any] = flexbuffers.Loads(operator.custom)
    return values
