"""Voices of a few kilobytes with the inputs and outputs of real ones; they hum."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def make_piper_voice(
    folder: Path, *, speakers: int = 1, frames: int = 4, language: str = "en_US"
) -> Path:
    """A Piper voice that gives every symbol `frames` frames of 256 samples at 22050 Hz.

    Like a real one it has exactly one Ceil, behind which the durations are, and noise.
    """
    import numpy as np
    import onnx
    from onnx import TensorProto, numpy_helper
    from onnx.helper import make_graph, make_model, make_node, make_opsetid
    from onnx.helper import make_tensor_value_info as info
    from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

    def constant(name: str, value: Any) -> Any:
        return numpy_helper.from_array(np.asarray(value), name)

    constants = [
        constant("zero", np.float32(0)),
        constant("length", np.float32(frames - 0.5)),
        constant("tempo_at", np.int64(1)),
        constant("hop", np.int64(256)),
        constant("first", np.int64(0)),
        constant("step", np.int64(1)),
        constant("pitch", np.float32(0.02)),
        constant("level", np.float32(0.01)),
        constant("axes", np.array([0, 1, 2], np.int64)),
    ]
    nodes = [
        make_node("Cast", ["input"], ["symbols"], to=TensorProto.FLOAT),
        make_node("Mul", ["symbols", "zero"], ["zeros"]),
        make_node("Gather", ["scales", "tempo_at"], ["tempo"]),
        make_node("Mul", ["length", "tempo"], ["duration"]),
        make_node("Add", ["zeros", "duration"], ["durations"]),
        make_node("Ceil", ["durations"], ["whole"]),
        make_node("ReduceSum", ["whole"], ["sum"], keepdims=0),
        make_node("Cast", ["sum"], ["total"], to=TensorProto.INT64),
        make_node("Mul", ["total", "hop"], ["samples"]),
        make_node("Range", ["first", "samples", "step"], ["time"]),
        make_node("Cast", ["time"], ["seconds"], to=TensorProto.FLOAT),
        make_node("Mul", ["seconds", "pitch"], ["phase"]),
        make_node("Sin", ["phase"], ["hum"]),
        make_node("RandomNormalLike", ["hum"], ["noise"]),
        make_node("Mul", ["noise", "level"], ["breath"]),
        make_node("Add", ["hum", "breath"], ["voice"]),
        make_node("Unsqueeze", ["voice", "axes"], ["output"]),
    ]
    inputs = [
        info("input", TensorProto.INT64, [1, "symbols"]),
        info("input_lengths", TensorProto.INT64, [1]),
        info("scales", TensorProto.FLOAT, [3]),
    ]
    if speakers > 1:
        inputs.append(info("sid", TensorProto.INT64, [1]))
    outputs = [info("output", TensorProto.FLOAT, [1, 1, 1, "time"])]
    graph = make_graph(nodes, "tiny", inputs, outputs, constants)
    model = make_model(graph, opset_imports=[make_opsetid("", 15)])
    model.ir_version = 8
    path = folder / f"{language}-hum-low.onnx"
    onnx.save(model, str(path))
    config = {
        "audio": {"sample_rate": 22050, "quality": "low"},
        "espeak": {"voice": "en-us" if language == "en_US" else language.partition("_")[0]},
        "language": {"code": language},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
        "num_symbols": 256,
        "num_speakers": speakers,
        "speaker_id_map": {f"person{n}": n for n in range(speakers)} if speakers > 1 else {},
        "hop_length": 256,
    }
    path.with_name(f"{path.name}.json").write_text(json.dumps(config), encoding="utf-8")
    return path


def make_vits_checkpoint(
    folder: Path,
    *,
    letters: str,
    language: str | None,
    phonemize: bool = False,
    uroman: bool = False,
) -> Path:
    """A VITS of some thirty thousand random parameters at 16 kHz that reads `letters`."""
    from transformers import VitsConfig, VitsModel, VitsTokenizer

    vocabulary = {char: number for number, char in enumerate(dict.fromkeys("_ " + letters))}
    vocabulary["<unk>"] = len(vocabulary)
    folder.mkdir(parents=True)
    words = folder / "vocab.json"
    words.write_text(json.dumps(vocabulary), encoding="utf-8")
    VitsTokenizer(
        str(words), language=language, is_uroman=uroman, phonemize=phonemize,
        normalize=not phonemize, add_blank=True, pad_token="_", unk_token="<unk>",
    ).save_pretrained(folder)  # fmt: skip
    import torch

    torch.manual_seed(0)
    VitsModel(
        VitsConfig(
            vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=1, ffn_dim=32,
            num_attention_heads=2, window_size=4, flow_size=16, spectrogram_bins=33,
            upsample_initial_channel=32, upsample_rates=[8, 8, 2, 2],
            upsample_kernel_sizes=[16, 16, 4, 4], resblock_kernel_sizes=[3],
            resblock_dilation_sizes=[[1, 3]], prior_encoder_num_flows=1,
            prior_encoder_num_wavenet_layers=1, posterior_encoder_num_wavenet_layers=1,
            duration_predictor_num_flows=1, duration_predictor_filter_channels=16,
            duration_predictor_flow_bins=4, depth_separable_num_layers=1,
            wavenet_dilation_rate=1, sampling_rate=16000,
        )
    ).save_pretrained(folder)  # fmt: skip
    return folder
