"""The published networks, read once more from their descriptions, as plain functions of weights.

Each takes the tensors of a checkpoint by their official names. Nothing of the package is used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

Weights = Mapping[str, Tensor]


def filled(shapes: Weights, gain: float, seed: int = 0) -> dict[str, Tensor]:
    """Random tensors of these shapes, by which signals neither vanish nor explode."""
    generator = torch.Generator().manual_seed(seed)
    made = {}
    for name, like in shapes.items():
        noise = torch.randn(like.shape, generator=generator)
        if like.ndim >= 2 and "noises" not in name:
            fan = math.prod(like.shape[-3:]) if like.ndim == 5 else math.prod(like.shape[1:])
            scale = gain * math.sqrt(2 / fan) * (0.1 if "modulation" in name else 1)
            made[name] = noise * scale
        elif "modulation.bias" in name or ("norm" in name and name.endswith("weight")):
            made[name] = 1 + 0.1 * noise
        else:
            made[name] = 0.1 * noise if like.ndim < 2 else noise
    return made


def conv(w: Weights, name: str, x: Tensor, **options: int) -> Tensor:
    weight = w[f"{name}.weight"]
    options.setdefault("padding", weight.shape[-1] // 2)
    return functional.conv2d(x, weight, w.get(f"{name}.bias"), **options)


def leaky(x: Tensor) -> Tensor:
    return torch.where(x > 0, x, 0.2 * x)


def rrdb_net(w: Weights, x: Tensor, blocks: int, fold: int) -> Tensor:
    """arXiv:1809.00219, figures 3 and 4; arXiv:2107.10833, figure 4."""
    count, _, height, width = x.shape
    x = x.reshape(count, 3, height // fold, fold, width // fold, fold)
    x = x.permute(0, 1, 3, 5, 2, 4).reshape(count, -1, height // fold, width // fold)
    shallow = y = conv(w, "conv_first", x)
    for block in range(blocks):
        start = y
        for dense in range(1, 4):
            seen = [y]
            for index in range(1, 5):
                name = f"body.{block}.rdb{dense}.conv{index}"
                seen.append(leaky(conv(w, name, torch.cat(seen, 1))))
            y = y + 0.2 * conv(w, f"body.{block}.rdb{dense}.conv5", torch.cat(seen, 1))
        y = start + 0.2 * y
    y = shallow + conv(w, "conv_body", y)
    for name in ("conv_up1", "conv_up2"):
        y = leaky(conv(w, name, y.repeat_interleave(2, 2).repeat_interleave(2, 3)))
    return conv(w, "conv_last", leaky(conv(w, "conv_hr", y)))


def resampled(x: Tensor, factor: float) -> Tensor:
    return functional.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


def gfpgan(w: Weights, x: Tensor) -> Tensor:
    """arXiv:2101.04061, figure 2; arXiv:1912.04958, figure 2, for each face by itself."""

    def residual(name: str, x: Tensor, factor: float) -> Tensor:
        made = leaky(
            conv(w, f"{name}.conv2", resampled(leaky(conv(w, f"{name}.conv1", x)), factor))
        )
        return made + conv(w, f"{name}.skip", resampled(x, factor))

    def modulated(name: str, x: Tensor, style: Tensor, *, demodulate: bool) -> Tensor:
        made = []
        for each, code in zip(x, style, strict=True):
            scale = w[f"{name}.modulation.weight"] @ code + w[f"{name}.modulation.bias"]
            weight = w[f"{name}.weight"][0] * scale[:, None, None]
            if demodulate:
                length = torch.sqrt((weight**2).sum((1, 2, 3), keepdim=True) + 1e-8)
                weight = weight / length
            made.append(functional.conv2d(each, weight, padding=weight.shape[-1] // 2))
        return torch.stack(made)

    def styled(name: str, x: Tensor, style: Tensor, noise: int) -> Tensor:
        made = math.sqrt(2) * modulated(f"{name}.modulated_conv", x, style, demodulate=True)
        made = made + w[f"{name}.weight"] * w[f"stylegan_decoder.noises.noise{noise}"]
        return leaky(made + w[f"{name}.bias"])

    def colours(name: str, x: Tensor, style: Tensor) -> Tensor:
        made = modulated(f"{name}.modulated_conv", x, style, demodulate=False)
        return made + w[f"{name}.bias"]

    y, skips = leaky(conv(w, "conv_body_first", x)), []
    for level in range(7):
        y = residual(f"conv_body_down.{level}", y, 0.5)
        skips.append(y)
    y = leaky(conv(w, "final_conv", y))
    codes = y.flatten(1) @ w["final_linear.weight"].T + w["final_linear.bias"]
    codes = codes.reshape(len(x), 16, 512)
    decoder = "stylegan_decoder"
    z = w[f"{decoder}.constant_input.weight"].repeat(len(x), 1, 1, 1)
    z = styled(f"{decoder}.style_conv1", z, codes[:, 0], 0)
    picture = colours(f"{decoder}.to_rgb1", z, codes[:, 1])
    for level in range(7):
        y = residual(f"conv_body_up.{level}", y + skips[6 - level], 2)
        shift, scale = (
            conv(w, f"condition_{kind}.{level}.2", leaky(conv(w, f"condition_{kind}.{level}.0", y)))
            for kind in ("shift", "scale")
        )
        name, at = f"{decoder}.style_convs", 2 * level
        z = styled(f"{name}.{at}", resampled(z, 2), codes[:, at + 1], at + 1)
        half = z.shape[1] // 2
        z = torch.cat([z[:, :half], z[:, half:] * scale + shift], 1)
        z = styled(f"{name}.{at + 1}", z, codes[:, at + 2], at + 2)
        picture = resampled(picture, 2) + colours(f"{decoder}.to_rgbs.{level}", z, codes[:, at + 3])
    return picture


def group_norm(w: Weights, name: str, x: Tensor) -> Tensor:
    grouped = x.reshape(len(x), 32, -1)
    variance, mean = torch.var_mean(grouped, 2, correction=0, keepdim=True)
    normal = ((grouped - mean) / torch.sqrt(variance + 1e-6)).reshape(x.shape)
    return normal * w[f"{name}.weight"][:, None, None] + w[f"{name}.bias"][:, None, None]


def swish(x: Tensor) -> Tensor:
    return x * torch.sigmoid(x)


def residual_block(w: Weights, name: str, x: Tensor, shortcut: str) -> Tensor:
    made = conv(w, f"{name}.conv1", swish(group_norm(w, f"{name}.norm1", x)))
    made = conv(w, f"{name}.conv2", swish(group_norm(w, f"{name}.norm2", made)))
    same = f"{name}.{shortcut}.weight" not in w
    return made + (x if same else conv(w, f"{name}.{shortcut}", x))


def attention(w: Weights, name: str, asking: Tensor, asked: Tensor, heads: int) -> Tensor:
    q, k, v = (
        conv(w, f"{name}.{part}", x).reshape(len(x), heads, -1, x.shape[2] * x.shape[3])
        for part, x in (("q", asking), ("k", asked), ("v", asked))
    )
    weights = torch.softmax(torch.einsum("bhcq,bhck->bhqk", q, k) / math.sqrt(q.shape[2]), -1)
    found = torch.einsum("bhqk,bhck->bhcq", weights, v).reshape(asking.shape)
    return conv(w, f"{name}.proj_out", found)


def downsampled(w: Weights, name: str, x: Tensor) -> Tensor:
    return conv(w, name, functional.pad(x, (0, 1, 0, 1)), stride=2, padding=0)


def upsampled(w: Weights, name: str, x: Tensor) -> Tensor:
    return conv(w, name, x.repeat_interleave(2, 2).repeat_interleave(2, 3))


def restoreformer(w: Weights, x: Tensor) -> Tensor:
    """arXiv:2201.06374, figure 2."""

    def block(name: str, x: Tensor) -> Tensor:
        return residual_block(w, name, x, "nin_shortcut")

    def attend(name: str, x: Tensor, asking: Tensor | None = None) -> Tensor:
        asked = group_norm(w, f"{name}.norm1", x)
        asks = asked if asking is None else group_norm(w, f"{name}.norm2", asking)
        return x + attention(w, name, asks, asked, 8)

    y = conv(w, "encoder.conv_in", x)
    for level in range(6):
        for index in range(2):
            y = block(f"encoder.down.{level}.block.{index}", y)
            if level == 5:
                y = attend(f"encoder.down.5.attn.{index}", y)
        if level < 5:
            y = downsampled(w, f"encoder.down.{level}.downsample.conv", y)
    before = block("encoder.mid.block_1", y)
    after = block("encoder.mid.block_2", attend("encoder.mid.attn_1", before))
    y = conv(w, "encoder.conv_out", swish(group_norm(w, "encoder.norm_out", after)))
    y = conv(w, "quant_conv", y).permute(0, 2, 3, 1)
    entries = w["quantize.embedding.weight"]
    nearest = torch.cdist(
        y.reshape(1, -1, 256), entries[None], compute_mode="donot_use_mm_for_euclid_dist"
    )
    y = entries[nearest[0].argmin(1)].reshape(y.shape).permute(0, 3, 1, 2)
    y = conv(w, "decoder.conv_in", conv(w, "post_quant_conv", y))
    y = attend("decoder.mid.attn_1", block("decoder.mid.block_1", y), after)
    y = block("decoder.mid.block_2", y)
    for level in range(5, -1, -1):
        for index in range(3):
            y = block(f"decoder.up.{level}.block.{index}", y)
            if level == 5:
                y = attend(f"decoder.up.5.attn.{index}", y, before)
        if level > 0:
            y = upsampled(w, f"decoder.up.{level}.upsample.conv", y)
    return conv(w, "decoder.conv_out", swish(group_norm(w, "decoder.norm_out", y)))


def codeformer(w: Weights, x: Tensor, fidelity: float) -> Tensor:
    """arXiv:2206.11253, figure 3."""

    def block(name: str, x: Tensor) -> Tensor:
        return residual_block(w, name, x, "conv_out")

    def attend(name: str, x: Tensor) -> Tensor:
        seen = group_norm(w, f"{name}.norm", x)
        return x + attention(w, name, seen, seen, 1)

    def through(part: str, steps: str, x: Tensor, seen: Callable[[int, Tensor], Tensor]) -> Tensor:
        kinds: dict[str, Callable[[str, Tensor], Tensor]] = {
            "c": lambda name, x: conv(w, name, x),
            "r": block,
            "a": attend,
            "d": lambda name, x: downsampled(w, f"{name}.conv", x),
            "u": lambda name, x: upsampled(w, f"{name}.conv", x),
            "n": lambda name, x: group_norm(w, name, x),
        }
        for index, kind in enumerate(steps):
            x = seen(index, kinds[kind](f"{part}.blocks.{index}", x))
        return x

    own: dict[int, Tensor] = {}

    def keep(index: int, x: Tensor) -> Tensor:
        if index in (5, 8, 11, 14):
            own[x.shape[-1]] = x
        return x

    def fuse(index: int, x: Tensor) -> Tensor:
        if index not in (9, 12, 15, 18):
            return x
        name = f"fuse_convs_dict.{x.shape[-1]}"
        both = block(f"{name}.encode_enc", torch.cat([own[x.shape[-1]], x], 1))
        scale, shift = (
            conv(w, f"{name}.{kind}.2", leaky(conv(w, f"{name}.{kind}.0", both)))
            for kind in ("scale", "shift")
        )
        return x + fidelity * (x * scale + shift)

    codes = through("encoder", "c" + "rrd" * 5 + "rara" + "rar" + "nc", x, keep)
    tokens = codes.flatten(2).transpose(1, 2)
    tokens = tokens @ w["feat_emb.weight"].T + w["feat_emb.bias"]
    for layer in range(9):
        tokens = _transformer_layer(w, f"ft_layers.{layer}", tokens)
    tokens = _layer_norm(w, "idx_pred_layer.0", tokens)
    chosen = (tokens @ w["idx_pred_layer.1.weight"].T).argmax(2)
    spelt = w["quantize.embedding.weight"][chosen].transpose(1, 2).reshape(codes.shape)
    moments = [
        (t.mean((2, 3), keepdim=True), t.var((2, 3), keepdim=True) + 1e-5) for t in (spelt, codes)
    ]
    (mean, variance), (wanted_mean, wanted) = moments
    spelt = (spelt - mean) / variance.sqrt() * wanted.sqrt() + wanted_mean
    return through("generator", "c" + "rar" + "rara" + "urr" * 5 + "nc", spelt, fuse)


def _layer_norm(w: Weights, name: str, x: Tensor) -> Tensor:
    variance, mean = torch.var_mean(x, -1, correction=0, keepdim=True)
    return (x - mean) / torch.sqrt(variance + 1e-5) * w[f"{name}.weight"] + w[f"{name}.bias"]


def _transformer_layer(w: Weights, name: str, tokens: Tensor) -> Tensor:
    seen = _layer_norm(w, f"{name}.norm1", tokens)
    placed = seen + w["position_emb"]
    weights = w[f"{name}.self_attn.in_proj_weight"].chunk(3)
    biases = w[f"{name}.self_attn.in_proj_bias"].chunk(3)
    q, k, v = (
        (x @ weight.T + bias).unflatten(2, (8, 64)).transpose(1, 2)
        for x, weight, bias in zip((placed, placed, seen), weights, biases, strict=True)
    )
    found = torch.softmax(q @ k.transpose(2, 3) / 8, -1) @ v
    found = found.transpose(1, 2).flatten(2)
    out = f"{name}.self_attn.out_proj"
    tokens = tokens + found @ w[f"{out}.weight"].T + w[f"{out}.bias"]
    hidden = _layer_norm(w, f"{name}.norm2", tokens)
    hidden = functional.gelu(hidden @ w[f"{name}.linear1.weight"].T + w[f"{name}.linear1.bias"])
    return tokens + hidden @ w[f"{name}.linear2.weight"].T + w[f"{name}.linear2.bias"]
