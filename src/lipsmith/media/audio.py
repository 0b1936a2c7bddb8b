"""Sound in: any file that holds sound -> blocks of samples."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from lipsmith.errors import AudioError
from lipsmith.media.files import check_file, describe
from lipsmith.media.limits import MAX_RATE_HZ, MIN_RATE_HZ
from lipsmith.media.resampling import Resampler, downmix

_DEMUXERS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dts,eac3,flac,flv,matroska,mov,mp3,mpeg,mpegts,"
    "ogg,rm,tta,voc,w64,wav,wv"
)
"""No playlists: they would open other files."""
_BLOCK_SAMPLES = 8192
_MAX_BROKEN_READS = 100
_MISSING_S = 0.3
_GUESSED_DURATIONS = ("mp3", "aac", "ac3", "amr", "mpeg", "mpegts")
_FULL_SCALE = {"u8": 2.0**7, "s16": 2.0**15, "s32": 2.0**31, "s64": 2.0**63}


@dataclass(frozen=True, slots=True)
class AudioSource:
    """A recording that can be read once or many times, a block at a time.

    rate_hz: 8000..48000. channels: 1 or 2. duration_s: as the file says or, without
    is_duration_exact, as its size lets guess; None unknown.
    gain: what samples are multiplied by, below 1 for float recordings that exceed 1.
    warnings: for people to read; grows while blocks are read.
    """

    path: Path
    rate_hz: int
    channels: int
    duration_s: float | None
    is_duration_exact: bool = True
    gain: float = 1.0
    warnings: list[str] = field(default_factory=list)

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """Yield (n, channels) float32 in -1..1 from the first sample to the last.

        Stretches that cannot be decoded are left out, with a warning; so is a missing end.

        Raises:
            AudioError: the file cannot be read any more.
        """
        pending: list[NDArray[np.float32]] = []
        size = total = 0
        for samples in self._same_rate():
            pending.append(samples)
            size += len(samples)
            total += len(samples)
            if size >= _BLOCK_SAMPLES:
                yield self._joined(pending)
                pending, size = [], 0
        if size:
            yield self._joined(pending)
        read_s = total / self.rate_hz
        stated_s = self.duration_s if self.is_duration_exact else None
        if stated_s is not None and read_s < stated_s - _MISSING_S:
            self.warnings.append(
                f"{self.path.name} should last {stated_s:.1f} s, "
                f"but only {read_s:.1f} s could be read"
            )

    def _joined(self, parts: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        samples = np.concatenate(parts) * np.float32(self.gain)
        # Lossy decoders can make anything of damaged data.
        finite: NDArray[np.float32] = np.nan_to_num(samples, copy=False)
        return finite.clip(-1, 1)

    def _same_rate(self) -> Iterator[NDArray[np.float32]]:
        resampler: Resampler | None = None
        for rate_hz, samples in _decode(self.path, self.warnings):
            if resampler is None or resampler.rate_in_hz != rate_hz:
                if resampler is not None:
                    yield resampler.finish()
                resampler = Resampler(rate_hz, self.rate_hz, self.channels)
            yield resampler.push(downmix(samples, self.channels))
        if resampler is not None:
            yield resampler.finish()


def open_audio(path: Path | str) -> AudioSource:
    """Look at a recording (or the sound of a video) without keeping it in memory.

    Raises:
        AudioError: no such file, no sound in it, its sound cannot be decoded or is not finite.
    """
    path = Path(path)
    with _open(path) as container:
        stream = _sound_of(container, path)
        is_float = stream.codec_context.name.startswith("pcm_f")
        duration_s = _duration_s(container, stream)
        is_duration_exact = container.format.name not in _GUESSED_DURATIONS
    frames = _decode(path, [])
    first = next(frames, None)
    frames.close()
    if first is None:
        raise AudioError(f"{path} has no sound in it: zero length, or nothing can be decoded")
    rate_hz, samples = first
    return AudioSource(
        path=path,
        rate_hz=min(max(rate_hz, MIN_RATE_HZ), MAX_RATE_HZ),
        channels=min(samples.shape[1], 2),
        duration_s=duration_s,
        is_duration_exact=is_duration_exact,
        gain=_float_gain(path) if is_float else 1.0,
    )


def _open(path: Path) -> InputContainer:
    head = check_file(path, "recording", AudioError)
    try:
        return av.open(
            f"file:{path}",
            container_options={"format_whitelist": _DEMUXERS, "protocol_whitelist": "file"},
        )
    except (av.error.FFmpegError, ValueError) as problem:
        kind = describe(head)
        seen = f"; it looks like {kind}" if kind else ""
        hint = "" if kind is None or "recording" not in kind else ", but broken or cut short"
        raise AudioError(
            f"{path} cannot be read as sound{seen}{hint}; "
            "give a WAV, MP3, M4A, Ogg, FLAC or a video with sound"
        ) from problem


def _sound_of(container: InputContainer, path: Path) -> AudioStream:
    if not container.streams.audio:
        kind = "video" if container.streams.video else "file"
        raise AudioError(f"{path} is a {kind} without a sound track; give one that has sound")
    best = container.streams.best("audio")
    return best if isinstance(best, AudioStream) else container.streams.audio[0]


def _duration_s(container: InputContainer, stream: AudioStream) -> float | None:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base) or None
    return container.duration / 1_000_000 if container.duration else None


def _decode(
    path: Path, warnings: list[str]
) -> Generator[tuple[int, NDArray[np.float32]], None, None]:
    """Yield (rate_hz, (n, channels) float32, not clipped) in the file's own terms, n > 0."""
    broken = 0
    with _open(path) as container:
        stream = _sound_of(container, path)
        for packet in _packets(container, stream):
            if packet is None:
                broken += 1
                continue
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                broken += 1
                continue
            for frame in frames:
                if isinstance(frame, AudioFrame) and frame.samples:
                    yield frame.sample_rate, _to_float(frame)
    if broken:
        stretches = "a broken stretch" if broken == 1 else f"{broken} broken stretches"
        warnings.append(f"{stretches} of {path.name} had to be left out")


def _packets(
    container: InputContainer, stream: AudioStream
) -> Iterator[av.Packet[AudioStream] | None]:
    """The stream's packets and the empty one that flushes; None where reading failed."""
    for _ in range(_MAX_BROKEN_READS):
        try:
            yield from container.demux(stream)
            return
        except av.error.FFmpegError:
            yield None  # the next read goes on behind the broken place


def _to_float(frame: AudioFrame) -> NDArray[np.float32]:
    """-> (n, 1 or 2 or more) float32; surround sound is brought to two channels."""
    raw = frame.to_ndarray()
    layout = frame.layout
    samples = raw.T if frame.format.is_planar else raw.reshape(-1, layout.nb_channels)
    name = frame.format.name.rstrip("p") if frame.format.is_planar else frame.format.name
    if name == "u8":
        samples = samples.astype(np.int16) - 128
    floats = samples.astype(np.float32)
    if name in _FULL_SCALE:
        floats /= np.float32(_FULL_SCALE[name])
    if layout.nb_channels > 2:
        floats = downmix(floats, 2, [channel.name for channel in layout.channels])
    return floats


def _float_gain(path: Path) -> float:
    """Read a float recording through: it may hold anything.

    Raises:
        AudioError: values that are not finite.
    """
    peak, position = 0.0, 0
    for rate_hz, samples in _decode(path, []):
        extreme = float(np.abs(samples).max())
        if not np.isfinite(extreme):
            raise AudioError(
                f"{path} holds samples that are not numbers (NaN or infinite) at "
                f"{position / rate_hz:.2f} s; export it again, for example as 16-bit WAV"
            )
        peak = max(peak, extreme)
        position += len(samples)
    return 1.0 / peak if peak > 1.0 else 1.0
