"""Compares the converted face models with MediaPipe itself, on the same inputs.

    pip install mediapipe==0.10.21 onnxruntime
    python tools/check_face_models.py PICTURE...

Prints the largest differences over all pictures; they are rounding errors.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import cv2
import mediapipe
import numpy as np
import onnxruntime
from convert_face_models import DESTINATION
from mediapipe.framework.formats import rect_pb2
from numpy.typing import NDArray

MESH_SIDE, MATTE_SIDE = 192, 256
DETECTORS = (("face_detection_short_range", 128), ("face_detection_full_range", 192))
MESH_GRAPH = """
input_stream: "image"
input_stream: "roi"
output_stream: "landmarks"
node {
  calculator: "ConstantSidePacketCalculator"
  output_side_packet: "PACKET:with_attention"
  node_options: {
    [type.googleapis.com/mediapipe.ConstantSidePacketCalculatorOptions]: {
      packet { bool_value: true }
    }
  }
}
node {
  calculator: "FaceLandmarkCpu"
  input_stream: "IMAGE:image"
  input_stream: "ROI:roi"
  input_side_packet: "WITH_ATTENTION:with_attention"
  output_stream: "LANDMARKS:landmarks"
}
"""


def run(folder: Path, model: str, picture: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    session = onnxruntime.InferenceSession(folder / f"{model}.onnx")
    outputs: list[NDArray[np.float32]] = session.run(None, {"picture": picture[None]})
    return outputs


def reference_mesh(picture: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """(478, 3) px of a picture that is the mesh's crop, or None where it sees no face."""
    graph = mediapipe.CalculatorGraph(graph_config=MESH_GRAPH)
    found: list[Any] = []
    graph.observe_output_stream("landmarks", lambda _, packet: found.append(packet))
    graph.start_run()
    create = mediapipe.packet_creator
    frame = create.create_image_frame(image_format=mediapipe.ImageFormat.SRGB, data=picture)
    whole = rect_pb2.NormalizedRect(x_center=0.5, y_center=0.5, width=1, height=1)
    graph.add_packet_to_input_stream("image", frame.at(0))
    graph.add_packet_to_input_stream("roi", create.create_proto(whole).at(0))
    graph.close_all_packet_sources()
    graph.wait_until_done()
    if not found:
        return None
    points = mediapipe.packet_getter.get_proto(found[0]).landmark
    return np.array([(p.x, p.y, p.z) for p in points]) * MESH_SIDE


def square(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def face_square(picture: NDArray[np.uint8], detector: Any) -> NDArray[np.uint8] | None:
    """A square of one and a half boxes around the first face."""
    found = detector.process(picture).detections
    if not found:
        return None
    box = found[0].location_data.relative_bounding_box
    height, width = picture.shape[:2]
    half = int(0.75 * max(box.width * width, box.height * height))
    x, y = int((box.xmin + box.width / 2) * width), int((box.ymin + box.height / 2) * height)
    around = np.pad(picture, ((half, half), (half, half), (0, 0)), mode="edge")
    return square(np.ascontiguousarray(around[y : y + 2 * half, x : x + 2 * half]), MESH_SIDE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", nargs="+", type=Path)
    parser.add_argument("--models", type=Path, default=DESTINATION, help="folder of ONNX files")
    arguments = parser.parse_args()
    solutions = mediapipe.solutions
    detectors = [solutions.face_detection.FaceDetection(0.5, model) for model in (0, 1)]
    segmentation = solutions.selfie_segmentation.SelfieSegmentation(0)
    worst = {"score": 0.0, "landmarks, px of 192": 0.0, "matte": 0.0}
    faces = 0
    for path in arguments.pictures:
        picture = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        differences = {}
        for detector, (name, side) in zip(detectors, DETECTORS, strict=True):
            look = square(picture, side)
            logits = run(arguments.models, name, look)[1]
            found = detector.process(look).detections
            if found:
                ours = 1 / (1 + np.exp(-float(logits.max())))
                differences["score"] = abs(ours - found[0].score[0])
        look = square(picture, MATTE_SIDE)
        matte = run(arguments.models, "selfie_segmentation", look)[0]
        differences["matte"] = np.abs(matte - segmentation.process(look).segmentation_mask).max()
        crop = face_square(picture, detectors[0])
        reference = None if crop is None else reference_mesh(crop)
        if crop is not None and reference is not None:
            faces += 1
            landmarks = run(arguments.models, "face_landmarks", crop)[0]
            differences["landmarks, px of 192"] = np.abs(landmarks - reference).max()
        for name, difference in differences.items():
            worst[name] = max(worst[name], float(difference))
    print(f"{len(arguments.pictures)} pictures, {faces} faces")
    for name, difference in worst.items():
        print(f"{name}: differs by at most {difference:.2g}")


if __name__ == "__main__":
    main()
