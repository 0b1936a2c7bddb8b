"""Speaks for neutts, whose voices are cloned; see `lipsmith.environments.worker`."""

import os

import numpy as np


class Adapter:
    def __init__(self):
        self._voice = None
        self._codes = None
        self._transcript = ""

    def check(self, call):
        """Import the package and make sure that what it says gets its watermark."""
        from neutts import neutts

        if neutts._load_watermarker() is None:
            raise RuntimeError("its watermark (resemble-perth) cannot be loaded")
        yield {}

    def open(self, call):
        """Load backbone and codec: files, folders, or names on the model hub."""
        asked = call.values
        if asked["offline"]:
            os.environ["HF_HUB_OFFLINE"] = "1"
        from neutts import NeuTTS

        call.progress(None, "loading NeuTTS")
        try:
            self._voice = NeuTTS(
                backbone_repo=asked["backbone"],
                codec_repo=asked["codec"],
                language=asked["language"],
                seed=asked["seed"],
            )
        except ImportError as error:
            if "llama" not in str(error).lower():
                raise
            reason = "a GGUF file needs llama-cpp-python, which could not be built: install a C++ "
            reason += "compiler and CMake and type: lipsmith engines install neutts"
            raise call.refuse("option", reason) from error
        except OSError as error:
            line = " ".join(str(error).split()).partition(". ")[0]
            reason = f"NeuTTS's weights {asked['backbone']} or {asked['codec']} are not to be had "
            reason += f"({line}); get them first: hf download NAME"
            raise call.refuse("weights", reason) from error
        if self._voice.watermarker is None:
            raise call.refuse("engine", "its watermark cannot be loaded, so it does not speak")
        yield {"rate_hz": self._voice.sample_rate}

    def clone(self, call):
        """Speak with this voice from here on: mono samples at 16 kHz and what they say."""
        import torch

        samples = np.asarray(call.values["samples"])
        with torch.no_grad():
            waves = torch.from_numpy(samples.copy())[None, None, :]
            codes = self._voice.codec.encode_code(audio_or_path=waves)
        self._codes = codes.squeeze(0).squeeze(0)
        self._transcript = call.values["transcript"]
        yield {}

    def say(self, call):
        """Say text, with the watermark in it."""
        samples = self._voice.infer(call.values["text"], self._codes, self._transcript)
        yield {"samples": np.asarray(samples, np.float32).ravel()}
