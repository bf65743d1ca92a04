"""Performer attention, FAVOR+ (Choromanski et al., arXiv 2009.14794): softmax attention in linear time.

For rows w of a random matrix, exp(q.k) is the mean of exp(w.q - |q|²/2) exp(w.k - |k|²/2): a product of positive
features of q and of k. So running sums over the past can replace the past itself.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

BLOCK = 128  # columns weighed against each other directly; `benchmarks.attention` measures others
FEW = 2  # up to as many columns after a cached past are faster one by one than as a block
TINY = 1e-30  # least sum of weights: a query whose weights all underflow in float32 gets zeros

# ------------------------------------------------------------------------------------------------ features


def random_features(count: int, width: int, generator: torch.Generator, orthogonal: bool = True) -> Tensor:
    """Return rows [count, width], each standard normal, orthogonal within blocks of `width` rows.

    Orthogonal rows reduce the variance; their lengths are drawn separately, as those of normal vectors (chi).
    """
    normal = torch.randn(count, width, generator=generator, dtype=torch.float64)
    if not orthogonal:
        return normal.float()
    blocks = []
    for _ in range(-(-count // width)):
        q, r = torch.linalg.qr(torch.randn(width, width, generator=generator, dtype=torch.float64))
        blocks.append(q * r.diagonal().sign())  # with these signs the rotation is uniform (Mezzadri 2007)
    return (torch.cat(blocks)[:count] * normal.norm(dim=-1, keepdim=True)).float()


def query_features(q: Tensor, rows: Tensor, scale: float) -> Tensor:
    """Map scale * q [..., D] to positive features [..., m], float32, divided by the largest, which cancels later."""
    logs = q.float() @ (rows.T * scale)
    return logs.sub_(logs.detach().amax(-1, keepdim=True)).exp_()


def key_features(k: Tensor, rows: Tensor, scale: float) -> tuple[Tensor, Tensor]:
    """Map scale * k [..., D] to features [..., m], float32, divided by the largest, and return its logarithm [...].

    Each key has a factor of its own: a common one would leak the future, as it can make the past underflow. No gradient
    passes through the logarithm, because it cancels in the weights.
    """
    k = k.float()
    logs = (k @ (rows.T * scale)).sub_(k.square().sum(-1, keepdim=True) * (scale**2 / 2))
    peak = logs.detach().amax(-1, keepdim=True)
    return logs.sub_(peak).exp_(), peak.squeeze(-1)


# ------------------------------------------------------------------------------------------------ the recurrence


class Sums(NamedTuple):
    """Sums over the past, of constant size; to be multiplied by exp(peak). Leading dimensions vary."""

    values: Tensor  # float32 [..., m, D]: features times values
    norms: Tensor  # float32 [..., m]: features
    peak: Tensor  # float32 [...]


class PerformerState:
    """The sums of each row and head; columns cannot be removed from them again."""

    can_shorten = False

    def __init__(self) -> None:
        self.sums: Sums | None = None  # [B, H, ...]
        self.length = 0

    def keep(self, rows: Tensor | None, length: int) -> None:
        """Keep the given rows; `length` must be the number of all columns."""
        assert self.sums is not None and length == self.length, (length, self.length)
        if rows is not None:
            self.sums = Sums(*(x.index_select(0, rows) for x in self.sums))


def _running(sums: Tensor, gain: Tensor, decay: Tensor, first: Tensor) -> tuple[Tensor, Tensor]:
    """Return the sums before each block and the float32 total, from the blocks' sums [N, blocks, ...] and factors."""
    shape = (-1,) + (1,) * (first.ndim - 1)
    before, total = [], first
    parts = zip(sums.unbind(1), gain.unbind(1), decay.unbind(1), strict=True)  # slicing would make backward quadratic
    for part, gained, kept in parts:
        before.append(total.to(sums.dtype))
        total = total * kept.view(shape) + part * gained.view(shape)
    return torch.stack(before, 1), total


def _earlier(
    q: Tensor, k: Tensor, peak: Tensor, scale: Tensor, tops: Tensor, v: Tensor, before: Sums
) -> tuple[Tensor, Tensor, Sums]:
    """Return what earlier blocks add to each query's values and norm, and the sums after the last block."""
    n, blocks, size = peak.shape
    top, old, new = peak.amax(-1), tops[:, :-1], tops[:, 1:]  # [N, blocks]
    gain, decay = (top - new).exp(), (old - new).exp()
    within = (peak - top.unsqueeze(-1)).exp().view(-1, size, 1).to(v.dtype)
    k = k.transpose(1, 2)  # [N * blocks, m, size]
    values, last = _running((k @ (v * within)).unflatten(0, (n, blocks)), gain, decay, before.values)
    norms, last_norm = _running((k @ within).view(n, blocks, -1), gain, decay, before.norms)
    fade = (old.unsqueeze(-1) - scale).exp().view(-1, size, 1)
    past, norm = (q @ values.flatten(0, 1)) * fade.to(v.dtype), (q @ norms.flatten(0, 1).unsqueeze(-1)) * fade
    return past, norm, Sums(last, last_norm, tops[:, -1])


def causal_products(
    q: Tensor, k: Tensor, peak: Tensor, v: Tensor, before: Sums | None, block: int, carry: bool
) -> tuple[Tensor, Sums | None]:
    """Return means of values weighted by q.k exp(peak) over the past: features q, k [N, T, m], peak [N, T], v [N, T,
    D].

    Columns of a block are weighed directly, earlier blocks through their sums. Every factor depends on the past alone
    and is at most 1. `before` are the sums before the first column; with `carry` those after the last are returned too.
    """
    (n, t, m), d = q.shape, v.shape[-1]
    size = min(block, t)
    if short := -t % size:
        q, k, v = (nn.functional.pad(x, (0, 0, 0, short)) for x in (q, k, v))
        peak = nn.functional.pad(peak, (0, short), value=-math.inf)
    blocks = (t + short) // size
    q, k, v, peak = q.view(-1, size, m), k.view(-1, size, m), v.view(-1, size, d), peak.view(n, blocks, size)
    first = peak.new_full((n,), -math.inf) if before is None else before.peak
    tops = torch.cat((first.unsqueeze(-1), peak.amax(-1)), -1).cummax(-1).values  # [N, blocks + 1]
    scale = torch.maximum(peak.cummax(-1).values, tops[:, :-1, None])  # [N, blocks, size]

    gaps = peak.unsqueeze(-2) - scale.unsqueeze(-1)  # [N, blocks, size, size]
    past = torch.ones(size, size, dtype=torch.bool, device=q.device).tril()
    weights = (q @ k.transpose(1, 2)) * gaps.masked_fill_(~past, -math.inf).exp_().view(-1, size, size).to(q.dtype)
    y, norm, after = weights @ v, weights.sum(-1, keepdim=True, dtype=torch.float32), None
    if carry or before is not None or blocks > 1:
        before = before or Sums(y.new_zeros(n, m, d, dtype=norm.dtype), norm.new_zeros(n, m), first)
        more, more_norm, after = _earlier(q, k, peak, scale, tops, v, before)
        y, norm = y + more, norm + more_norm
    return (y / norm.clamp(min=TINY).to(y.dtype)).view(n, -1, d)[:, :t], after


def one_step(q: Tensor, k: Tensor, peak: Tensor, v: Tensor, before: Sums) -> tuple[Tensor, Sums]:
    """Return `causal_products` of a single column, float32 features q, k [N, 1, m], in a quarter of the time."""
    now = torch.maximum(before.peak, peak[:, 0])
    gain, decay = (peak[:, 0] - now).exp().view(-1, 1, 1), (before.peak - now).exp().view(-1, 1, 1)
    k = k.transpose(1, 2) * gain  # [N, m, 1]
    sums = Sums(torch.baddbmm(before.values * decay, k, v.float()), before.norms * decay[..., 0] + k[..., 0], now)
    return ((q @ sums.values) / (q @ sums.norms.unsqueeze(-1)).clamp(min=TINY)).to(v.dtype), sums


# ------------------------------------------------------------------------------------------------ the module


class PerformerAttention(nn.Module):
    """Attention by random features, which are saved in the checkpoint and shared by all heads of the layer."""

    def __init__(self, width: int, features: int, seed: int):
        """Draw the features: `width` is a head's; `features` 0 means twice that. Equal seeds draw equal features."""
        super().__init__()
        self.register_buffer("rows", torch.empty(features or 2 * width, width))
        self.rows: Tensor
        self.redraw(torch.Generator().manual_seed(seed))

    def redraw(self, generator: torch.Generator) -> None:
        """Draw new random features."""
        self.rows.copy_(random_features(self.rows.shape[0], self.rows.shape[1], generator))

    def new_cache(self) -> PerformerState:
        return PerformerState()

    def forward(self, q: Tensor, k: Tensor, v: Tensor, cache: PerformerState | None = None) -> Tensor:
        """Map q, k, v [B, H, T, D] to [B, H, T, D]; a given cache is read and extended. Features are float32."""
        b, h, t, d = q.shape
        before = None if cache is None or cache.sums is None else Sums(*(x.flatten(0, 1) for x in cache.sums))
        with torch.autocast(q.device.type, enabled=False):
            scale = d**-0.25  # applied to q and to k, for exp(q.k / sqrt(D))
            fq = query_features(q, self.rows, scale)
            fk, peak = key_features(k, self.rows, scale)
            q, k, peak, v = fq.flatten(0, 1), fk.flatten(0, 1), peak.flatten(0, 1), v.flatten(0, 1)  # [B * H, T, ...]
            after: Sums | None
            if t <= FEW and before is not None:
                columns = zip(q.split(1, 1), k.split(1, 1), peak.split(1, 1), v.split(1, 1), strict=True)
                parts, sums = [], before
                for column in columns:
                    part, sums = one_step(*column, sums)
                    parts.append(part)
                y, after = torch.cat(parts, 1), sums
            else:
                q, k = q.to(v.dtype), k.to(v.dtype)
                y, after = causal_products(q, k, peak, v, before, BLOCK, cache is not None)
        if cache is not None and after is not None:
            cache.sums, cache.length = Sums(*(x.unflatten(0, (b, h)) for x in after)), cache.length + t
        return y.reshape(b, h, t, d)


def redraw(model: nn.Module, seed: int) -> None:
    """Draw new random features in all Performer layers of a model; its later checkpoints contain them."""
    generator = torch.Generator().manual_seed(seed)
    for module in model.modules():
        if isinstance(module, PerformerAttention):
            module.redraw(generator)
