"""Every model whose weights can be pulled, and Piper's voices by their names.

A hash stands here only where the model's page states it or public code pins it. None is left out
where it is unknown: such a file is checked against what its host states, or remembered from its
first download (see `Trust`).
"""

from __future__ import annotations

from difflib import get_close_matches

from lipsmith.errors import UnknownWeightsError
from lipsmith.weights import piper
from lipsmith.weights.entry import WeightsEntry, WeightsFile

_GITHUB = "https://github.com"
_HUGGING_FACE = "https://huggingface.co"


def all_weights() -> tuple[WeightsEntry, ...]:
    """The models, then the Piper voices whose hashes are known."""
    return _MODELS + piper.pinned_voices()


def find_weights(name: str) -> WeightsEntry:
    """The weights called `name`; any Piper voice is found by its name.

    Raises:
        UnknownWeightsError: there are none; the message names near ones.
    """
    entries = {entry.name: entry for entry in all_weights()}
    if name in entries:
        return entries[name]
    if name.startswith(piper.PREFIX):
        voice = piper.voice_entry(name.removeprefix(piper.PREFIX))
        if voice is not None:
            return voice
    near = get_close_matches(name, entries, n=1)
    hint = f"did you mean {near[0]}?" if near else "`lipsmith models list` names them"
    if name.startswith(piper.PREFIX):
        hint = "a voice of Piper is called like piper:en_US-lessac-medium; " + hint
    raise UnknownWeightsError(f"there are no weights {name!r}; {hint}")


def _sadtalker(side: int, sha256: str, size: int | None) -> WeightsEntry:
    release = f"{_GITHUB}/OpenTalker/SadTalker/releases/download/v0.0.2-rc"
    mirror = f"{_HUGGING_FACE}/vinthony/SadTalker-V002rc/resolve/main"

    def file(name: str, sha256: str, size: int | None) -> WeightsFile:
        return WeightsFile(name, (f"{release}/{name}", f"{mirror}/{name}"), sha256, size)

    return WeightsEntry(
        f"sadtalker-{side}",
        f"SadTalker at {side} px",
        (
            file(f"SadTalker_V0.0.2_{side}.safetensors", sha256, size),
            file(
                "mapping_00229-model.pth.tar",
                "62a1e06006cc963220f6477438518ed86e9788226c62ae382ddc42fbcefb83f1",
                155_521_183,
            ),
            file(
                "mapping_00109-model.pth.tar",
                "84a8642468a3fcfdd9ab6be955267043116c2bec2284686a5262f1eaf017f64c",
                155_779_231,
            ),
        ),
        "MIT by its page; the code is Apache-2.0 but for third parties",
        None,
        f"{_HUGGING_FACE}/vinthony/SadTalker-V002rc",
    )


def _liveportrait() -> WeightsEntry:
    root = f"{_HUGGING_FACE}/KlingTeam/LivePortrait/resolve/main/liveportrait"
    paths = (
        "base_models/appearance_feature_extractor.pth",
        "base_models/motion_extractor.pth",
        "base_models/warping_module.pth",
        "base_models/spade_generator.pth",
        "retargeting_models/stitching_retargeting_module.pth",
        "landmark.onnx",
    )
    return WeightsEntry(
        "liveportrait",
        "LivePortrait, without InsightFace's models, which are non-commercial",
        tuple(WeightsFile(path.rpartition("/")[2], (f"{root}/{path}",)) for path in paths),
        "MIT",
        True,
        f"{_HUGGING_FACE}/KlingTeam/LivePortrait",
    )


_WAV2LIP_LICENCE = "none stated; the authors allow no commercial use (trained on LRS2)"
_WAV2LIP_PAGE = f"{_GITHUB}/Rudrabha/Wav2Lip"
_KOKORO = f"{_GITHUB}/thewh1teagle/kokoro-onnx/releases/download/model-files-v1.0"
_UNSTATED = "not stated for the weights"

_MODELS = (
    WeightsEntry(
        "wav2lip-gan",
        "Wav2Lip, the sharper mouth",
        (
            WeightsFile(
                "wav2lip_gan.pth",
                (
                    f"{_HUGGING_FACE}/Nekochu/Wav2Lip/resolve/main/wav2lip_gan.pth",
                    f"{_GITHUB}/anothermartz/Easy-Wav2Lip/releases/download/Prerequesits/Wav2Lip_GAN.pth",
                ),
                "ca9ab7b7b812c0e80a6e70a5977c545a1e8a365a6c49d5e533023c034d7ac3d8",
                435_801_865,
            ),
        ),
        _WAV2LIP_LICENCE,
        False,
        _WAV2LIP_PAGE,
    ),
    WeightsEntry(
        "wav2lip",
        "Wav2Lip, the more accurate mouth",
        (
            WeightsFile(
                "wav2lip.pth",
                (
                    f"{_HUGGING_FACE}/Nekochu/Wav2Lip/resolve/main/wav2lip.pth",
                    f"{_GITHUB}/Winfredy/SadTalker/releases/download/v0.0.2/wav2lip.pth",
                ),
                "b78b681b68ad9fe6c6fb1debc6ff43ad05834a8af8a62ffc4167b7b34ef63c37",
                435_807_851,
            ),
        ),
        _WAV2LIP_LICENCE,
        False,
        _WAV2LIP_PAGE,
    ),
    WeightsEntry(
        "wav2lip-sd-gan",
        "Wav2Lip, as TorchScript",
        (
            WeightsFile(
                "Wav2Lip-SD-GAN.pt",
                (
                    "https://drive.usercontent.google.com/download"
                    "?id=15G3U08c8xsCkOqQxE38Z2XXDnPcOptNk&export=download&confirm=t",
                ),
                "180cfd49d31d47f195d5bfc62830ffe2c40724b7bbbce6faadc73ac6ab1a3b8e",
                145_829_145,
            ),
        ),
        _WAV2LIP_LICENCE,
        False,
        _WAV2LIP_PAGE,
    ),
    WeightsEntry(
        "s3fd",
        "Wav2Lip and Diff2Lip, to find faces as they do",
        (
            WeightsFile(
                "s3fd-619a316812.pth",
                ("https://www.adrianbulat.com/downloads/python-fan/s3fd-619a316812.pth",),
                "619a31681264d3f7f7fc7a16a42cbbe8b23f31a256f75a366e5a1bcd59b33543",
                89_843_225,
            ),
        ),
        f"{_UNSTATED}; the code is BSD-3-Clause",
        None,
        f"{_GITHUB}/1adrianb/face-alignment",
    ),
    _sadtalker(
        256, "c211f5d6de003516bf1bbda9f47049a4c9c99133b1ab565c6961e5af16477bff", 725_066_984
    ),
    _sadtalker(512, "0e063f7ff5258240bdb0f7690783a7b1374e6a4a81ce8fa33456f4cd49694340", None),
    WeightsEntry(
        "facexlib",
        "SadTalker and GFPGAN, to find, align and parse faces as they do",
        (
            WeightsFile(
                "detection_Resnet50_Final.pth",
                (
                    f"{_GITHUB}/xinntao/facexlib/releases/download/v0.1.0/detection_Resnet50_Final.pth",
                ),
                "6d1de9c2944f2ccddca5f5e010ea5ae64a39845a86311af6fdf30841b0a5a16d",
                109_497_761,
            ),
            WeightsFile(
                "alignment_WFLW_4HG.pth",
                (f"{_GITHUB}/xinntao/facexlib/releases/download/v0.1.0/alignment_WFLW_4HG.pth",),
                "bbfd137307a4c7debd5c283b9b0ce539466cee417ac0a155e184d857f9f2899c",
                193_670_248,
            ),
            WeightsFile(
                "parsing_parsenet.pth",
                (f"{_GITHUB}/xinntao/facexlib/releases/download/v0.2.2/parsing_parsenet.pth",),
                "3d558d8d0e42c20224f13cf5a29c79eba2d59913419f945545d8cf7b72920de2",
                85_331_193,
            ),
        ),
        _UNSTATED,
        None,
        f"{_GITHUB}/xinntao/facexlib",
    ),
    WeightsEntry(
        "diff2lip",
        "Diff2Lip (an unofficial copy)",
        (
            WeightsFile(
                "checkpoint.pt",
                (f"{_HUGGING_FACE}/ameerazam08/diff2lip/resolve/main/checkpoints/checkpoint.pt",),
            ),
        ),
        f"{_UNSTATED}; the code is CC BY-NC 4.0",
        False,
        f"{_GITHUB}/soumik-kanad/diff2lip",
    ),
    WeightsEntry(
        "gfpgan-1.4",
        "the restorer gfpgan",
        (
            WeightsFile(
                "GFPGANv1.4.pth",
                (f"{_GITHUB}/TencentARC/GFPGAN/releases/download/v1.3.0/GFPGANv1.4.pth",),
                "e2cd4703ab14f4d01fd1383a8a8b266f9a5833dacee8e6a79d3bf21a1b6be5ad",
                348_632_874,
            ),
        ),
        "Apache-2.0 but for third parties",
        None,
        f"{_GITHUB}/TencentARC/GFPGAN",
    ),
    WeightsEntry(
        "codeformer",
        "the restorer codeformer",
        (
            WeightsFile(
                "codeformer.pth",
                (f"{_GITHUB}/sczhou/CodeFormer/releases/download/v0.1.0/codeformer.pth",),
                "1009e537e0c2a07d4cabce6355f53cb66767cd4b4297ec7a4a64ca4b8a5684b7",
                376_637_898,
            ),
        ),
        "S-Lab License 1.0, non-commercial",
        False,
        f"{_GITHUB}/sczhou/CodeFormer",
    ),
    WeightsEntry(
        "restoreformer",
        "the restorer restoreformer",
        (
            WeightsFile(
                "RestoreFormer.pth",
                (f"{_GITHUB}/TencentARC/GFPGAN/releases/download/v1.3.4/RestoreFormer.pth",),
                "07404d446d62ca3d5ed38b1de09a947a1e77d46dbccec961a74d713a8f24ace0",
                290_785_322,
            ),
        ),
        "Apache-2.0 by its page; trained on FFHQ, CC BY-NC-SA 4.0",
        None,
        f"{_GITHUB}/wzhouxiff/RestoreFormer",
    ),
    WeightsEntry(
        "realesrgan-x4plus",
        "the upscaler realesrgan, by 4,",
        (
            WeightsFile(
                "RealESRGAN_x4plus.pth",
                (f"{_GITHUB}/xinntao/Real-ESRGAN/releases/download/v0.1.0/RealESRGAN_x4plus.pth",),
                "4fa0d38905f75ac06eb49a7951b426670021be3018265fd191d2125df9d682f1",
                67_040_989,
            ),
        ),
        "BSD-3-Clause",
        True,
        f"{_GITHUB}/xinntao/Real-ESRGAN",
    ),
    WeightsEntry(
        "realesrgan-x2plus",
        "the upscaler realesrgan, by 2,",
        (
            WeightsFile(
                "RealESRGAN_x2plus.pth",
                (f"{_GITHUB}/xinntao/Real-ESRGAN/releases/download/v0.2.1/RealESRGAN_x2plus.pth",),
                "49fafd45f8fd7aa8d31ab2a22d14d91b536c34494a5cfe31eb5d89c2fa266abb",
                67_061_725,
            ),
        ),
        "BSD-3-Clause",
        True,
        f"{_GITHUB}/xinntao/Real-ESRGAN",
    ),
    WeightsEntry(
        "syncnet-v2",
        "measuring lip sync (LSE-D, LSE-C)",
        (
            WeightsFile(
                "syncnet_v2.model",
                (
                    "https://www.robots.ox.ac.uk/~vgg/software/lipsync/data/syncnet_v2.model",
                    f"{_HUGGING_FACE}/ByteDance/LatentSync-1.5/resolve/main/auxiliary/syncnet_v2.model",
                ),
                "961e8696f888fce4f3f3a6c3d5b3267cf5b343100b238e79b2659bff2c605442",
                54_573_114,
            ),
        ),
        f"{_UNSTATED}; the code is MIT",
        None,
        f"{_GITHUB}/joonson/syncnet_python",
    ),
    WeightsEntry(
        "musetalk-1.5",
        "MuseTalk 1.5 (its UNet)",
        (
            WeightsFile(
                "unet.pth",
                (f"{_HUGGING_FACE}/TMElyralab/MuseTalk/resolve/main/musetalkV15/unet.pth",),
                "7ebf6c98c181e20838e4c0054e96e944ac60d5d692cc01db42839fe11b787007",
                3_400_074_924,
            ),
        ),
        "for any purpose, commercial too; the code is MIT",
        True,
        f"{_HUGGING_FACE}/TMElyralab/MuseTalk",
    ),
    _liveportrait(),
    WeightsEntry(
        "joyvasa",
        "JoyVASA (its motion generator)",
        (
            WeightsFile(
                "motion_generator_hubert_chinese.pt",
                (
                    f"{_HUGGING_FACE}/jdh-algo/JoyVASA/resolve/main"
                    "/motion_generator/motion_generator_hubert_chinese.pt",
                ),
                "9dd869329725caedf5f0c13dd383abec1e385f566d8afe2047b141f604844e80",
                414_067_833,
            ),
        ),
        _UNSTATED,
        None,
        f"{_HUGGING_FACE}/jdh-algo/JoyVASA",
    ),
    WeightsEntry(
        "kokoro",
        "the speech engine kokoro",
        (
            WeightsFile("kokoro-v1.0.onnx", (f"{_KOKORO}/kokoro-v1.0.onnx",)),
            WeightsFile("voices-v1.0.bin", (f"{_KOKORO}/voices-v1.0.bin",)),
        ),
        "Apache-2.0",
        True,
        f"{_HUGGING_FACE}/hexgrad/Kokoro-82M",
    ),
)
