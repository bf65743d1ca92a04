"""Causal self-attention; the way it is computed is chosen by what was measured fastest on the device."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def _plain(q: Tensor, k: Tensor, v: Tensor, dropout: float) -> Tensor:
    """Softmax attention by two batched products; q, k, v are [B, H, T, D], keys may be longer than queries."""
    t, s = q.shape[-2], k.shape[-2]
    scores = (q * (1 / math.sqrt(q.shape[-1]))) @ k.transpose(-1, -2)  # [B, H, T, S]
    if t > 1:
        future = torch.ones(t, s, dtype=torch.bool, device=q.device).triu(s - t + 1)
        scores = scores.masked_fill(future, -math.inf)
    weights = F.dropout(scores.softmax(-1, dtype=torch.float32).to(v.dtype), dropout)
    return weights @ v


def _fused(q: Tensor, k: Tensor, v: Tensor, dropout: float) -> Tensor:
    """The same by PyTorch's fused kernel; with a cache the queries are the last rows of the causal square."""
    t, s = q.shape[-2], k.shape[-2]
    if t == s:
        return F.scaled_dot_product_attention(q, k, v, dropout_p=dropout, is_causal=t > 1)
    allowed = torch.ones(t, s, dtype=torch.bool, device=q.device).tril(s - t)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=allowed, dropout_p=dropout)


ATTENTION = {"cpu": _plain, "cuda": _fused}


class KeyValueCache:
    """Keys and values [B, H, S, D] of the columns seen so far."""

    def __init__(self) -> None:
        self.keys: Tensor | None = None
        self.values: Tensor | None = None

    @property
    def length(self) -> int:
        return 0 if self.keys is None else self.keys.shape[2]

    def extend(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Add columns; returns all of them."""
        if self.keys is not None and self.values is not None:
            k, v = torch.cat((self.keys, k), 2), torch.cat((self.values, v), 2)
        self.keys, self.values = k, v
        return k, v

    def keep(self, rows: Tensor | None, length: int) -> None:
        """Keep the given rows (None: all, as they are) and the first columns alone."""
        assert self.keys is not None and self.values is not None
        for name, t in (("keys", self.keys), ("values", self.values)):
            setattr(self, name, (t if rows is None else t.index_select(0, rows))[:, :, :length])


class CausalSelfAttention(nn.Module):
    """Multi-head attention over the columns before."""

    def __init__(self, width: int, heads: int, dropout: float):
        super().__init__()
        assert width % heads == 0, (width, heads)
        self.heads, self.dropout = heads, dropout
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)

    def new_cache(self) -> KeyValueCache:
        return KeyValueCache()

    def forward(self, x: Tensor, cache: KeyValueCache | None = None) -> Tensor:
        """x is [B, T, width]; a given cache is read and extended."""
        b, t, w = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)  # each [B, H, T, D]
        if cache is not None:
            k, v = cache.extend(k, v)
        attend = ATTENTION.get(x.device.type, _fused)
        y = attend(q, k, v, self.dropout if self.training else 0.0)
        return self.out(y.transpose(1, 2).reshape(b, t, w))
