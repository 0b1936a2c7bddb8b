from __future__ import annotations

import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from clips import flashes
from numpy.typing import NDArray

from lipsmith.core.request import Size
from lipsmith.errors import AudioError
from lipsmith.media.audio import AudioSource, open_audio
from lipsmith.media.video import VideoWriter

CLICKS_S = (0.1, 0.5, 0.9)
Encode = Callable[..., Path]


def clicks(rate_hz: int, channels: int, duration_s: float = 1.0) -> NDArray[np.float32]:
    """Silence with 5 ms of noise at CLICKS_S."""
    samples = np.zeros((round(rate_hz * duration_s), channels), np.float32)
    noise = np.random.default_rng(0).uniform(-0.9, 0.9, (rate_hz // 200, 1))
    for time_s in CLICKS_S:
        start = round(time_s * rate_hz)
        samples[start : start + len(noise)] = noise
    return samples


def read(source: AudioSource) -> NDArray[np.float32]:
    blocks = list(source.blocks())
    assert all(block.dtype == np.float32 and block.shape[1] == source.channels for block in blocks)
    return np.concatenate(blocks)


def float_wav(path: Path, samples: NDArray[np.float32], rate_hz: int) -> Path:
    data = samples.astype("<f4").tobytes()
    form = struct.pack("<HHIIHH", 3, 1, rate_hz, rate_hz * 4, 4, 32)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(data))
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body) + len(data)) + body + data)
    return path


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz", "channels"),
    [
        ("a.wav", "pcm_s16le", 22050, 1),
        ("a.wav", "pcm_u8", 8000, 1),
        ("a.wav", "pcm_f32le", 44100, 2),
        ("a.wav", "pcm_s24le", 96000, 2),
        ("a.wav", "pcm_s16le", 4000, 1),
        ("a.mp3", "libmp3lame", 44100, 2),
        ("a.mp3", "libmp3lame", 22050, 1),
        ("a.m4a", "aac", 44100, 2),
        ("a.m4a", "aac", 24000, 1),
        ("a.opus", "libopus", 48000, 1),
        ("a.ogg", "flac", 32000, 2),
        ("a.flac", "flac", 44100, 2),
        ("a.webm", "libopus", 48000, 2),
        ("a.mkv", "aac", 44100, 1),
        ("a.flac", "flac", 48000, 6),
    ],
)
def test_every_format_is_read_whole_and_on_time(
    encode_sound: Encode, name: str, codec: str, rate_hz: int, channels: int
) -> None:
    path = encode_sound(name, codec, clicks(rate_hz, channels), rate_hz)
    source = open_audio(path)
    assert source.rate_hz == min(max(rate_hz, 8000), 48000)
    assert source.channels == min(channels, 2)
    assert source.duration_s == pytest.approx(1.0, abs=0.03)
    samples = read(source)
    # The last block of a codec may be filled up with silence, but nothing may be missing.
    assert source.rate_hz <= len(samples) <= source.rate_hz + 2048
    loud = np.abs(samples).max(1)
    for time_s in CLICKS_S:
        start = round((time_s - 0.05) * source.rate_hz)
        onset_s = (start + int(np.argmax(loud[start:] > 0.3))) / source.rate_hz
        assert onset_s == pytest.approx(time_s, abs=0.001)
    assert source.warnings == []


def test_the_sound_of_a_video(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with VideoWriter(path, Size(64, 64), Fraction(25), rate_hz=16000, channels=1) as writer:
        for frame in flashes(Fraction(25), 16000, 1, 1.0, {10}):
            writer.write(frame)
    source = open_audio(path)
    assert (source.rate_hz, source.channels) == (16000, 1)
    assert np.argmax(read(source)[:, 0] > 0.4) == pytest.approx(0.4 * 16000, abs=16)


def test_a_source_can_be_read_again_and_given_up(write_wav: Callable[..., Path]) -> None:
    source = open_audio(write_wav(clicks(16000, 1, 3.0)))
    first = read(source)
    part = iter(source.blocks())
    next(part)
    del part
    assert np.array_equal(read(source), first)


def test_silence_is_fine(write_wav: Callable[..., Path]) -> None:
    assert not read(open_audio(write_wav(np.zeros(4000)))).any()


def test_stereo_is_kept_and_surround_does_not_clip(encode_sound: Encode) -> None:
    stereo = np.zeros((8000, 2), np.float32)
    stereo[:, 1] = 0.5
    assert read(open_audio(encode_sound("a.flac", "flac", stereo, 16000)))[100] == pytest.approx(
        [0, 0.5], abs=1e-3
    )
    surround = np.full((8000, 6), 0.999, np.float32)
    assert np.abs(read(open_audio(encode_sound("b.flac", "flac", surround, 16000)))).max() <= 1


def test_float_recordings_above_full_scale_are_scaled_not_clipped(tmp_path: Path) -> None:
    wave = np.sin(np.arange(16000) * 0.05).astype(np.float32)
    samples = read(open_audio(float_wav(tmp_path / "loud.wav", wave * 32768, 16000)))
    assert np.abs(samples[:, 0] - wave).max() < 1e-3


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_not_numbers_are_refused(tmp_path: Path, bad: float) -> None:
    samples = np.zeros(32000, np.float32)
    samples[24000] = bad
    path = float_wav(tmp_path / "bad.wav", samples, 16000)
    with pytest.raises(AudioError, match=r"bad\.wav.*not numbers.* at 1\.\d+ s"):
        open_audio(path)


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp3", "libmp3lame"), ("a.flac", "flac"), ("a.m4a", "aac")]
)
def test_damage_in_the_middle_costs_only_the_middle(
    encode_sound: Encode, name: str, codec: str
) -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (4 * 44100, 1))
    path = encode_sound(name, codec, noise, 44100)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = np.random.default_rng(1).bytes(400)
    path.write_bytes(data)
    samples = read(open_audio(path))
    assert 3 * 44100 < len(samples) <= 4.1 * 44100
    assert np.isfinite(samples).all()


def test_a_missing_end_is_a_warning(encode_sound: Encode) -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (4 * 44100, 1))
    path = encode_sound("a.flac", "flac", noise, 44100)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    source = open_audio(path)
    assert len(read(source)) == pytest.approx(2 * 44100, abs=10_000)
    assert any("a.flac should last 4.0 s, but only" in warning for warning in source.warnings)


def test_a_wrong_guess_at_the_length_is_no_warning(encode_sound: Encode) -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (4 * 44100, 1))
    noise[:88200] = 0
    variable = {"flags": "+qscale", "global_quality": "236", "write_xing": "0"}
    source = open_audio(encode_sound("a.mp3", "libmp3lame", noise, 44100, **variable))
    assert source.duration_s is not None and source.duration_s > 5
    assert len(read(source)) == pytest.approx(4 * 44100, abs=4000)
    assert source.warnings == []


def test_zero_length_is_refused(write_wav: Callable[..., Path]) -> None:
    with pytest.raises(AudioError, match=r"silent\.wav has no sound in it"):
        open_audio(write_wav(np.zeros(0), name="silent.wav"))


def test_a_video_without_sound_is_refused(tmp_path: Path) -> None:
    import av

    path = tmp_path / "mute.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width = stream.height = 64
        container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode(None))
    with pytest.raises(AudioError, match="without a sound track"):
        open_audio(path)


@pytest.mark.parametrize(
    ("content", "looks_like"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 600, "a PNG picture"),
        (b"%PDF-1.7 and so on", "a PDF document"),
        (b"just some words\n" * 99, "a text file"),
        (b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "a text file"),
        (b"OggS" + b"\0" * 40, "an Ogg recording, but broken"),
    ],
)
def test_says_what_it_is_instead_of_sound(tmp_path: Path, content: bytes, looks_like: str) -> None:
    (tmp_path / "voice.mp3").write_bytes(content)
    with pytest.raises(AudioError, match=rf"voice\.mp3 cannot be read.*{looks_like}"):
        open_audio(tmp_path / "voice.mp3")


def test_noise_bytes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "noise.wav").write_bytes(np.random.default_rng(3).bytes(3000))
    with pytest.raises(AudioError, match=r"noise\.wav"):
        open_audio(tmp_path / "noise.wav")


def test_things_that_are_no_files(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="no such file"):
        open_audio(tmp_path / "missing.wav")
    with pytest.raises(AudioError, match="is a folder"):
        open_audio(tmp_path)
    (tmp_path / "empty.wav").touch()
    with pytest.raises(AudioError, match="is empty"):
        open_audio(tmp_path / "empty.wav")
