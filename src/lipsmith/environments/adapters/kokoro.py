"""Speaks for kokoro-onnx; see `lipsmith.environments.worker`."""

import numpy as np


class Adapter:
    def __init__(self):
        self._kokoro = None

    def check(self, call):
        """Import the package and read some phonemes, which loads its espeak-ng."""
        from kokoro_onnx.tokenizer import Tokenizer

        if not Tokenizer().phonemize("fine", "en-us"):
            raise RuntimeError("espeak-ng reads nothing")
        yield {}

    def open(self, call):
        """Load the files model and voices; tells the voices' names."""
        from kokoro_onnx import Kokoro

        model, voices = call.values["model"], call.values["voices"]
        try:
            self._kokoro = Kokoro(model, voices)
            names = sorted(self._kokoro.voices.keys())
        except Exception as error:
            line = str(error).strip().partition("\n")[0]
            reason = f"{model} and {voices} cannot be read as Kokoro's model and voices ({line})"
            raise call.refuse("option", reason) from error
        yield {
            "voices": names,
            "rate_hz": 24000,
            "has_times": bool(self._kokoro.has_timings),
            "symbols": list(self._kokoro.tokenizer.vocab),
        }

    def say(self, call):
        """Say parts, each a text and its IPA or "", in one go.

        Symbols (one character each) are said from starts to ends, in samples.
        """
        asked = call.values
        language = asked["language"]
        read = (ipa or self._read(text, language) for text, ipa in asked["parts"])
        phonemes = "".join(read).strip()
        if not phonemes:  # nothing that the model knows
            yield {"samples": np.zeros(0, np.float32), "symbols": [], "starts": [], "ends": []}
            return
        samples, rate_hz, timings = self._kokoro.create_timed(
            phonemes, asked["voice"], asked["speed"], is_phonemes=True, trim=False
        )
        yield {
            "samples": np.asarray(samples, np.float32).ravel(),
            "symbols": [timing.phoneme for timing in timings],
            "starts": [round(timing.start * rate_hz) for timing in timings],
            "ends": [round(timing.end * rate_hz) for timing in timings],
        }

    def _read(self, text, language):
        """A text in phonemes, with a blank at each end that has one."""
        before, behind = (" " if edge.isspace() else "" for edge in (text[:1], text[-1:]))
        return before + self._kokoro.tokenizer.phonemize(text, language) + behind
