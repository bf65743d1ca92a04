"""TeaForN (Goodman et al. 2020, arXiv 2010.03494): the model reads its own outputs in place of the moves played.

Pass 1 is plain training. In pass i + 1 column t reads, in place of its token's vector, the output of pass i one column
earlier: its hidden state, or the mean vector of the tokens it held likeliest. Boards and legal moves would give those
tokens away, so pass i + 1 sees only those of i columns earlier.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..dataset.tokenizer import TOKENIZERS
from ..model.gpt import Gpt, Output
from ..model.inputs import Inputs

Encode = Callable[[Gpt, Inputs, Tensor | None], Tensor]


def encode(model: Gpt, inputs: Inputs, vectors: Tensor | None) -> Tensor:
    """Return hidden states [B, T, width], with `vectors` replacing those of the tokens if given."""
    return model.transform(model.embed(inputs, vectors=vectors))


def passes(
    model: Gpt, inputs: Inputs, asked: Tensor, count: int, top_k: int = 0, encode: Encode = encode
) -> list[Output]:
    """Return the outputs of `count` passes; `asked` [B, T] is Batch.parts: after a column with nothing to predict the
    token is kept.
    """
    outputs = [model.read_out(encode(model, inputs, None), inputs.moves, inputs.classes)]
    for i in range(1, count):
        vectors = model.embed.move(inputs.tokens)
        said = likeliest_vectors(model, outputs[-1], asked, top_k) if top_k else outputs[-1].hidden
        fed = torch.where((asked[:, :-1] >= 0).unsqueeze(-1), said[:, :-1].to(vectors.dtype), vectors[:, 1:])
        vectors = torch.cat((vectors[:, :1], fed), 1)
        outputs.append(model.read_out(encode(model, inputs.shifted(i), vectors)))
    return outputs


def likeliest_vectors(model: Gpt, output: Output, asked: Tensor, top_k: int) -> Tensor:
    """Return the mean vector of the `top_k` likeliest tokens as the next column reads them, weighted by probability."""
    tokenizer = TOKENIZERS[model.config.tokenizer]
    p, tokens = output.logits.float().softmax(-1).topk(min(top_k, tokenizer.size), -1)  # [B, T, K]
    following = torch.from_numpy(tokenizer.following).to(tokens.device)  # [parts, V]
    read = following[asked.long().clamp(min=0).unsqueeze(-1), tokens]
    p = p / p.sum(-1, keepdim=True)
    return (p.unsqueeze(-2) @ model.embed.move(read).float()).squeeze(-2)
