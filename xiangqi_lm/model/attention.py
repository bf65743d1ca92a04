"""Causal self-attention of several kinds behind one signature: exact softmax, even Taylor softmax, Performer.

Each kind is a module that takes queries, keys and values [B, H, T, D] and an optional cache, and returns [B, H, T, D].
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..config import ModelConfig
from .functional import taylor_softmax
from .performer import PerformerAttention

# ------------------------------------------------------------------------------------------------ caches


class Cache(Protocol):
    """What one layer remembers of earlier columns while decoding, for all rows of a batch; rows are equally long.

    `can_shorten` says whether `keep` may drop the last columns. Keys and values can be cut, but the sums of a recurrent
    kind cannot be undone: for it, `length` must be the cache's own, every column ever added counts (so padding must not
    be fed), and a caller that wants fewer columns starts with a new cache.
    """

    can_shorten: bool

    @property
    def length(self) -> int:
        """Return the number of columns held."""

    def keep(self, rows: Tensor | None, length: int) -> None:
        """Keep the given rows (None: all as they are; an int64 index may repeat rows) and the first `length`
        columns.
        """


class KeyValueCache:
    """Keys and values [B, H, S, D] of the columns seen so far."""

    can_shorten = True

    def __init__(self) -> None:
        self.keys: Tensor | None = None
        self.values: Tensor | None = None

    @property
    def length(self) -> int:
        return 0 if self.keys is None else self.keys.shape[2]

    def extend(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Append columns and return all of them."""
        if self.keys is not None and self.values is not None:
            k, v = torch.cat((self.keys, k), 2), torch.cat((self.values, v), 2)
        self.keys, self.values = k, v
        return k, v

    def keep(self, rows: Tensor | None, length: int) -> None:
        assert self.keys is not None and self.values is not None
        for name, t in (("keys", self.keys), ("values", self.values)):
            setattr(self, name, (t if rows is None else t.index_select(0, rows))[:, :, :length])


class Branches(NamedTuple):
    """Columns that do not simply follow one another, for the exact kinds: their places, and what each may look at."""

    places: Tensor  # int64 [B, T]
    visible: Tensor  # bool [B, T, S + T]: the columns that each may look at, cached ones first


# ------------------------------------------------------------------------------------------------ exact kinds


def _scores(q: Tensor, k: Tensor, future: float) -> Tensor:
    """Map q [N, T, D], k [N, S, D] to q.k/sqrt(D) [N, T, S]; `future` is added where a key comes after its query.

    Scale and mask are part of the product: 1.7 to 2.4 times as fast, backward included, as separate steps (CPU, bf16).
    """
    t, s = q.shape[1], k.shape[1]
    mask = q.new_full((t, s), future).triu(s - t + 1)
    return torch.baddbmm(mask, q, k.transpose(1, 2), alpha=1 / math.sqrt(q.shape[-1]))


def softmax_by_products(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Return softmax attention, computed by two batched products; q is [B, H, T, D], k and v [B, H, S, D], S >= T."""
    weights = _scores(q.flatten(0, 1), k.flatten(0, 1), -math.inf).softmax(-1)  # [B * H, T, S]
    return (weights @ v.flatten(0, 1)).view(*q.shape[:3], -1)


def visible_by_products(q: Tensor, k: Tensor, v: Tensor, visible: Tensor) -> Tensor:
    """Return softmax attention by products; bool [B, T, S] says what each query sees, which must not be nothing."""
    mask = q.new_zeros(visible.shape).masked_fill(~visible, -math.inf).repeat_interleave(q.shape[1], 0)
    scores = torch.baddbmm(mask, q.flatten(0, 1), k.flatten(0, 1).transpose(1, 2), alpha=1 / math.sqrt(q.shape[-1]))
    return (scores.softmax(-1) @ v.flatten(0, 1)).view(*q.shape[:3], -1)


def softmax_fused(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Return softmax attention by PyTorch's fused kernel, which stores no [T, S] matrix."""
    t, s = q.shape[2], k.shape[2]
    if t == s or t == 1:
        return F.scaled_dot_product_attention(q, k, v, is_causal=t > 1)
    allowed = torch.ones(t, s, dtype=torch.bool, device=q.device).tril(s - t)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=allowed)


def softmax_attention(q: Tensor, k: Tensor, v: Tensor, visible: Tensor | None = None) -> Tensor:
    """Return softmax attention in the way that `benchmarks.attention` found fastest: by products on a CPU while there
    are few scores, else fused.

    `visible` bool [B, T, S] replaces the causal mask.
    """
    if visible is not None:
        if q.device.type == "cpu" and torch.is_grad_enabled() and q.requires_grad and k.shape[2] <= 256:
            return visible_by_products(q, k, v, visible)
        return F.scaled_dot_product_attention(q, k, v, attn_mask=visible.unsqueeze(1))
    if q.device.type != "cpu" or q.shape[2] == 1:  # one new column after a cache: fused is 2 to 11 times as fast
        return softmax_fused(q, k, v)
    learning = torch.is_grad_enabled() and q.requires_grad
    few = (512 if q.dtype == torch.bfloat16 else 128) if learning else 96  # keys
    return (softmax_by_products if k.shape[2] <= few else softmax_fused)(q, k, v)


TAYLOR_ORDER = 4


def taylor_attention(q: Tensor, k: Tensor, v: Tensor, visible: Tensor | None = None) -> Tensor:
    """Return attention with weights proportional to 1 + x + x²/2 + x³/6 + x⁴/24 instead of exp(x) (arXiv
    2011.11538).
    """
    t, s = q.shape[2], k.shape[2]
    past = torch.ones(t, s, dtype=torch.bool, device=q.device).tril(s - t)
    if visible is not None:
        past = visible.repeat_interleave(q.shape[1], 0)
    scores = _scores(q.flatten(0, 1), k.flatten(0, 1), 0.0)  # [B * H, T, S]
    weights = taylor_softmax(scores, TAYLOR_ORDER, past).to(v.dtype)
    return (weights @ v.flatten(0, 1)).view(*q.shape[:3], -1)


class ExactAttention(nn.Module):
    """Attention over all keys; they are kept in a cache."""

    def __init__(self, attend: Callable[[Tensor, Tensor, Tensor, Tensor | None], Tensor]):
        super().__init__()
        self.attend = attend

    def new_cache(self) -> KeyValueCache:
        return KeyValueCache()

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, cache: KeyValueCache | None = None, visible: Tensor | None = None
    ) -> Tensor:
        """Map q, k, v [B, H, T, D] to [B, H, T, D]; a given cache is read and extended."""
        if cache is not None:
            k, v = cache.extend(k, v)
        return self.attend(q, k, v, visible)


# ------------------------------------------------------------------------------------------------ the layer


def rotate(x: Tensor, places: Tensor) -> Tensor:
    """Apply rotary positions (arXiv 2104.09864): rotate pairs (i, i + D/2) of x [B, H, T, D] by angles that grow with
    the place.

    `places` are [T] or [B, 1, T]. Afterwards q.k depends on the distance between the two. This suits every kind of
    attention, as lengths do not change.
    """
    half = x.shape[3] // 2
    rates = 10000.0 ** (-torch.arange(half, device=x.device, dtype=torch.float32) / half)
    angles = places.float().unsqueeze(-1) * rates  # [..., T, D/2]
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


ATTENTION: dict[str, Callable[[ModelConfig, int], nn.Module]] = {
    "softmax": lambda config, layer: ExactAttention(softmax_attention),
    "taylor": lambda config, layer: ExactAttention(taylor_attention),
    "performer": lambda config, layer: PerformerAttention(config.width // config.heads, config.features, layer),
}


class CausalSelfAttention(nn.Module):
    """Multi-head attention over the columns so far; the layer's number seeds its random features."""

    def __init__(self, config: ModelConfig, layer: int):
        super().__init__()
        self.heads = config.heads
        self.rotary = config.positions == "rotary"
        self.qkv = nn.Linear(config.width, 3 * config.width, bias=False)
        self.kind = ATTENTION[config.attention](config, layer)
        self.out = nn.Linear(config.width, config.width, bias=False)

    def new_cache(self) -> Cache:
        return self.kind.new_cache()  # type: ignore[operator]

    def forward(self, x: Tensor, cache: Cache | None = None, branches: Branches | None = None) -> Tensor:
        """Map x [B, T, width] to the same shape; a given cache is read and extended."""
        t, w = x.shape[1:]
        if t == 1 and cache is None and branches is None and isinstance(self.kind, ExactAttention):
            # a column attends to itself
            return self.out(F.linear(x, self.qkv.weight[2 * w :]))
        return self.out(self.attended(self.qkv(x), cache, branches))

    def attended(self, qkv: Tensor, cache: Cache | None = None, branches: Branches | None = None) -> Tensor:
        """Map queries, keys and values [B, T, 3 width] to what each column sees, [B, T, width]."""
        b, t, w = *qkv.shape[:2], qkv.shape[2] // 3
        q, k, v = qkv.view(b, t, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)  # each [B, H, T, D]
        if self.rotary:
            start = 0 if cache is None else cache.length
            places = torch.arange(start, start + t, device=qkv.device) if branches is None else branches.places[:, None]
            q, k = rotate(q, places), rotate(k, places)
        y = self.kind(q, k, v, cache) if branches is None else self.kind(q, k, v, cache, branches.visible)
        return y.transpose(1, 2).reshape(b, t, w)
