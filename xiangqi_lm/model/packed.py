"""A model prepared for play: weights in the precision of the products, on a CPU laid out for them once.

Otherwise every product lays its weights out anew; where bfloat16 is fast it also converts them, and elsewhere it reads
twice the bytes from memory. Such a model can neither be trained nor saved.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import checkpoint
from .device import fast_bf16
from .gpt import Block, Gpt, RecurrentBlock
from .heads import PolicyHead
from .products import Bfloat16, Float16
from .single import Layer, SinglePositions

ROWS = 16  # rows for which the layout is optimised: more and fewer are as fast


class HalfLinear(nn.Module):
    """`nn.Linear` of float32 inputs with weights in float16, as shipped models are stored: 1.6 to 3 times as fast with
    16 rows."""

    def __init__(self, weight: Tensor, bias: Tensor | None = None):
        super().__init__()
        self._packed = torch.ops.quantized.linear_prepack_fp16(weight.detach().float(), bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map [..., in] to float32 [..., out]."""
        return torch.ops.quantized.linear_dynamic_fp16(x.float(), self._packed)


class LaidOutLinear(nn.Module):
    """`nn.Linear` in bfloat16 with weights in oneDNN's own layout: 1.3 to 1.6 times as fast."""

    def __init__(self, weight: Tensor):
        super().__init__()
        self._packed = torch.ops.mkldnn._reorder_linear_weight(weight.detach().bfloat16(), ROWS)

    def forward(self, x: Tensor) -> Tensor:
        """Map [..., in] to bfloat16 [..., out]."""
        return torch.ops.mkldnn._linear_pointwise(x.bfloat16(), self._packed, None, "none", [], "")


def _works(kind: type[HalfLinear] | type[LaidOutLinear]) -> bool:
    """Return whether this build of torch has the operators; they are internal, and missing on some systems."""
    try:
        kind(torch.ones(64, 64))(torch.ones(1, 64))
    except (RuntimeError, AttributeError, NotImplementedError):
        return False
    return True


def ready_to_play(model: Gpt) -> Gpt:
    """Change the model for use in inference mode only, and return it. Scores and values stay float32."""
    device = str(next(model.parameters()).device)
    fast = fast_bf16(device)
    kind = LaidOutLinear if fast else HalfLinear
    short, works = Bfloat16 if fast else Float16, device == "cpu" and _works(kind)
    if works and SinglePositions.fits(model):
        model.single = SinglePositions(model, short)
        model.embed.table = model.single.table
    for i, block in enumerate(model.blocks if works else ()):
        if isinstance(block, Block):
            block.short = ShortBlock(block, short, model.single and model.single.layers[i])
    if fast:
        for part in (model.embed, model.blocks, model.norm):
            part.to(torch.bfloat16)
    if device != "cpu":
        return model
    for block in model.blocks if works else ():
        if isinstance(block, RecurrentBlock):
            _lay_out(block, kind)
    if isinstance(model.policy, PolicyHead) and _works(HalfLinear):
        model.policy.packed = HalfLinear(model.policy.weight, model.policy.bias.detach())
    return model


def _lay_out(block: RecurrentBlock, kind: type[HalfLinear] | type[LaidOutLinear]) -> None:
    mlp, cells = block.mlp, block.recurrence
    mlp.up, mlp.down = kind(mlp.up.weight), kind(mlp.down.weight)  # type: ignore[assignment]
    cells.inputs, cells.out = kind(cells.inputs.weight), kind(cells.out.weight)  # type: ignore[assignment]


class ShortBlock:
    """The work of a `Block` in fewer steps: residual sums and the ReLU are part of the products. It takes the block's
    matrices over; those of the MLP may be laid out in `known` already."""

    def __init__(self, block: Any, products: type[Bfloat16] | type[Float16], known: Layer | None = None):
        attention, mlp, self._products = block.attention, block.mlp, products
        self._qkv, self._out = (products.laid_out(part.weight.detach()) for part in (attention.qkv, attention.out))
        if known is None:
            self._up, self._down = (products.laid_out(part.weight.detach()) for part in (mlp.up, mlp.down))
        else:
            self._up, self._down = known.up, known.down
        norms = block.norm_attention, block.norm_mlp
        self._gains = [norm.weight.detach().to(products.dtype) for norm in norms]
        self._attention = attention
        attention.qkv = attention.out = mlp.up = mlp.down = None

    def __call__(self, x: Tensor, cache: Any, branches: Any) -> Tensor:
        """Map [B, T, width] to the same shape, as `Block.forward` does."""
        do, (b, t, width) = self._products, x.shape
        x = x.reshape(b * t, width)
        qkv = do.product(F.layer_norm(x, (width,), self._gains[0]), self._qkv)
        x = do.added(self._attention.attended(qkv.view(b, t, 3 * width), cache, branches).flatten(0, 1), self._out, x)
        wide = do.rectified(F.layer_norm(x, (width,), self._gains[1]), self._up)
        return do.added(wide.mul_(wide), self._down, x).view(b, t, width)


_SHARED: WeakValueDictionary[tuple[Path, str], Gpt] = WeakValueDictionary()
_SHARING = threading.Lock()


def shared(name: str | Path, device: str = "cpu") -> Gpt:
    """Return a model ready to play, shared with other players that hold it already: several strengths need only one
    model in memory. It must not be changed. Raises BadCheckpoint."""
    with _SHARING:
        key = (checkpoint.resolve(name).absolute(), device)
        model = _SHARED.get(key)
        if model is None:
            model = _SHARED[key] = ready_to_play(checkpoint.load(name, device))
        return model
