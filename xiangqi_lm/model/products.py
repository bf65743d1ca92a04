"""Matrix products with weights laid out in advance, fused with what follows: an activation or a residual sum."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

ROWS = 16  # rows that the layout of weights is made for; other numbers are as fast


class Bfloat16:
    """Products by oneDNN, fused with what follows them."""

    dtype = torch.bfloat16

    @staticmethod
    def laid_out(weight: Tensor) -> Any:
        """Return weights [out, in] in the layout of the products."""
        return torch.ops.mkldnn._reorder_linear_weight(weight.bfloat16(), ROWS)

    @staticmethod
    def product(x: Tensor, weight: Any) -> Tensor:
        """Return a product alone: x [N, in] -> [N, out]."""
        return torch.ops.mkldnn._linear_pointwise(x, weight, None, "none", [], "")

    @staticmethod
    def added(x: Tensor, weight: Any, to: Tensor) -> Tensor:
        """Return a product added to `to`."""
        return torch.ops.mkldnn._linear_pointwise.binary(x, to, weight, None, "add")

    @staticmethod
    def rectified(x: Tensor, weight: Any) -> Tensor:
        """Return the ReLU of a product."""
        return torch.ops.mkldnn._linear_pointwise(x, weight, None, "relu", [], "")


class Float16:
    """Products of float32 inputs with weights in float16, by FBGEMM."""

    dtype = torch.float32

    @staticmethod
    def laid_out(weight: Tensor) -> Any:
        """Return weights [out, in] in the layout of the products."""
        return torch.ops.quantized.linear_prepack_fp16(weight.float(), None)

    @staticmethod
    def product(x: Tensor, weight: Any) -> Tensor:
        """Return a product alone: x [N, in] -> [N, out]."""
        return torch.ops.quantized.linear_dynamic_fp16(x, weight)

    @staticmethod
    def added(x: Tensor, weight: Any, to: Tensor) -> Tensor:
        """Return a product added to `to`."""
        return torch.ops.quantized.linear_dynamic_fp16(x, weight).add_(to)

    @staticmethod
    def rectified(x: Tensor, weight: Any) -> Tensor:
        """Return the ReLU of a product."""
        return torch.ops.quantized.linear_relu_dynamic_fp16(x, weight)
