"""Converts MediaPipe's face models into the ONNX files that `lipsmith.faces` runs.

    pip download --no-deps mediapipe==0.10.21
    pip install onnx tflite
    python tools/convert_face_models.py mediapipe-0.10.21-*.whl

Each result takes pictures as (1, height, width, 3) uint8 RGB.
"""

from __future__ import annotations

import argparse
import hashlib
import zipfile
from pathlib import Path

import numpy as np
import onnx
import tflite_graph
from mesh_operators import MeshWriter
from onnx import TensorProto, helper
from tflite_to_onnx import OnnxWriter

MODULES = "mediapipe/modules/"
DESTINATION = Path(__file__).parent.parent / "src/lipsmith/faces/models"
DETECTORS = {
    "face_detection_short_range": "face_detection/face_detection_short_range.tflite",
    "face_detection_full_range": "face_detection/face_detection_full_range_sparse.tflite",
}
MESH = "face_landmark/face_landmark_with_attention.tflite"
SEGMENTATION = "selfie_segmentation/selfie_segmentation.tflite"


def convert_detector(data: bytes, metadata: dict[str, str]) -> onnx.ModelProto:
    """Outputs: boxes (anchors, 16) float32 raw regressions, scores (anchors,) float32 logits.

    A detector with one grid of anchors takes pictures of any size that is a multiple of 32.
    """
    writer = OnnxWriter(tflite_graph.read(data))
    picture = _picture_input(writer, scale=2 / 255, offset=-1)
    one_grid = not any(node.kind == "CONCATENATION" for node in writer.source.operators)
    boxes, scores = sorted(writer.source.outputs, key=lambda i: -writer.source.shapes[i][2])
    box_shape = writer.constant(np.array([-1, 16], np.int64))
    score_shape = writer.constant(np.array([-1], np.int64))
    writer.add("Reshape", writer.value(boxes), box_shape, name="boxes")
    writer.add("Reshape", writer.value(scores), score_shape, name="scores")
    anchors: int | str = writer.source.shapes[boxes][1]
    if one_grid:
        anchors = "anchors"
        shape = (1, "height", "width", 3)
        picture = helper.make_tensor_value_info("picture", TensorProto.UINT8, shape)
    outputs = [_float("boxes", anchors, 16), _float("scores", anchors)]
    return writer.save([picture], outputs, metadata)


def convert_mesh(data: bytes, metadata: dict[str, str]) -> onnx.ModelProto:
    """Outputs: landmarks (478, 3) float32 in input pixels, presence (1,) float32 in 0..1."""
    writer = MeshWriter(tflite_graph.read(data))
    picture = _picture_input(writer, scale=1 / 255, offset=0)
    writer.merge()
    return writer.save([picture], [_float("landmarks", 478, 3), _float("presence", 1)], metadata)


def convert_segmentation(data: bytes, metadata: dict[str, str]) -> onnx.ModelProto:
    """Output: matte (height, width) float32, 1 where a person is."""
    writer = OnnxWriter(tflite_graph.read(data))
    picture = _picture_input(writer, scale=1 / 255, offset=0)
    _, height, width, _ = writer.source.shapes[writer.source.outputs[0]]
    shape = writer.constant(np.array([height, width], np.int64))
    writer.add("Reshape", writer.value(writer.source.outputs[0]), shape, name="matte")
    return writer.save([picture], [_float("matte", height, width)], metadata)


def _picture_input(writer: OnnxWriter, scale: float, offset: float) -> onnx.ValueInfoProto:
    """Convert the graph behind a uint8 NHWC input scaled to the range that it was trained on."""
    shape = writer.source.shapes[writer.source.inputs[0]]
    value = writer.add("Cast", "picture", to=TensorProto.FLOAT)
    value = writer.add("Mul", value, writer.constant(np.array(scale, np.float32)))
    if offset:
        value = writer.add("Add", value, writer.constant(np.array(offset, np.float32)))
    writer.convert(writer.add("Transpose", value, perm=[0, 3, 1, 2]))
    return helper.make_tensor_value_info("picture", TensorProto.UINT8, shape)


def _float(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path, help="mediapipe-0.10.21-*.whl")
    parser.add_argument("--to", type=Path, default=DESTINATION, help="folder for the ONNX files")
    arguments = parser.parse_args()
    arguments.to.mkdir(parents=True, exist_ok=True)
    converters = [(name, path, convert_detector) for name, path in DETECTORS.items()]
    converters.append(("face_landmarks", MESH, convert_mesh))
    converters.append(("selfie_segmentation", SEGMENTATION, convert_segmentation))
    with zipfile.ZipFile(arguments.wheel) as wheel:
        for name, path, convert in converters:
            data = wheel.read(MODULES + path)
            metadata = {
                "source": f"{arguments.wheel.name.split('-cp')[0]}: {MODULES}{path}",
                "sha256": hashlib.sha256(data).hexdigest(),
                "license": "Apache-2.0, copyright The MediaPipe Authors",
            }
            target = arguments.to / f"{name}.onnx"
            target.write_bytes(convert(data, metadata).SerializeToString())
            print(f"{target} {target.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
