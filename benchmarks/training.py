"""Where a training step's time goes, and how it compares with a straightforward implementation of the same network.

Run: python -m benchmarks.training [--threads N] [--rounds N] [--compile]      (about two minutes on two cores)

The straightforward step is what one would write first: games padded in the order they come, the board as an embedding
bag of pieces, `scaled_dot_product_attention`, dropout on every element, GELU, float32 between the products, each loss
term on its own. Width, depth, heads, context, optimiser and autocast are the same; plies that count per second.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from xiangqi_lm.config import ModelConfig, TermsConfig, TrainConfig, preset
from xiangqi_lm.dataset.division import pack
from xiangqi_lm.dataset.layout import Window, layout_of
from xiangqi_lm.dataset.loader import Batch, make_batch, plan
from xiangqi_lm.dataset.splits import Split
from xiangqi_lm.model.attention import CausalSelfAttention
from xiangqi_lm.model.device import autocast, processor
from xiangqi_lm.model.gpt import Gpt, Mlp, Output
from xiangqi_lm.model.inputs import Inputs
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.rules.board import Board
from xiangqi_lm.training import objectives, teaforn
from xiangqi_lm.training.costs import operations, peak_memory
from xiangqi_lm.training.optim import make_optimizers

TERMS = TermsConfig(lm=1.0, value=0.2, legal=0.5)


# ------------------------------------------------------------------------------------------------ data


def games(count: int, seed: int) -> Split:
    """Return random games whose lengths spread like those of master games (median 75 plies, one in ten over 135)."""
    dice = np.random.default_rng(seed)
    records = []
    for plies in np.clip(dice.lognormal(np.log(75), 0.5, count), 20, 250).astype(int).tolist():
        board = Board()
        while board.ply < plies and (moves := list(board.legal_moves)):
            board.push_unchecked(moves[dice.integers(len(moves))])
        records.append(GameRecord(moves=tuple(board.move_stack), result=("1-0", "0-1", "1/2-1/2")[dice.integers(3)]))
    return pack(records)


# ------------------------------------------------------------------------------------------------ the plain network


class ObviousBoard(nn.Module):
    """The sum of piece-on-square vectors by an embedding bag; empty squares add a vector that stays zero."""

    def __init__(self, width: int):
        super().__init__()
        self.table = nn.EmbeddingBag(90 * 15, width, mode="sum")

    def forward(self, boards: Tensor) -> Tensor:
        squares = torch.arange(90, device=boards.device) * 15
        return self.table((boards.long() + 7 + squares).flatten(0, 1)).unflatten(0, boards.shape[:2])


class ObviousMoves(nn.Module):
    """The sum of legal-move vectors by an embedding bag."""

    def __init__(self, width: int):
        super().__init__()
        self.table = nn.EmbeddingBag(2 * 2086, width, mode="sum")

    def forward(self, moves: Tensor) -> Tensor:
        flat = moves.flatten(0, 1).flatten(1)
        rows, ids = flat.nonzero(as_tuple=True)
        offsets = torch.searchsorted(rows, torch.arange(len(flat)))
        return self.table(ids, offsets).unflatten(0, moves.shape[:2])


class ObviousMlp(nn.Module):
    def __init__(self, old: Mlp):
        super().__init__()
        self.up, self.down = old.up, old.down

    def forward(self, x: Tensor) -> Tensor:
        return self.down(F.gelu(self.up(x)))


class ObviousAttention(nn.Module):
    def __init__(self, old: CausalSelfAttention):
        super().__init__()
        self.heads, self.qkv, self.out = old.heads, old.qkv, old.out

    def forward(self, x: Tensor, cache: None, branches: None) -> Tensor:
        b, t, w = x.shape
        q, k, v = (y.view(b, t, self.heads, -1).transpose(1, 2) for y in self.qkv(x).chunk(3, -1))
        return self.out(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(b, t, w))


class Obvious(nn.Module):
    """The same network in its simplest form."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.inner = Gpt(config)
        self.inner.embed.board = ObviousBoard(config.width)
        self.inner.embed.legal = ObviousMoves(config.width)  # type: ignore[assignment]
        self.inner.dropout = nn.Dropout(config.dropout)  # type: ignore[assignment]
        for block in self.inner.blocks:
            block.attention = ObviousAttention(block.attention)  # type: ignore[arg-type]
            block.mlp = ObviousMlp(block.mlp)  # type: ignore[arg-type]
            block.dropout = nn.Dropout(config.dropout)

    def forward(self, inputs: Inputs) -> Output:
        x = self.inner.dropout(self.inner.embed(inputs))
        for block in self.inner.blocks:
            x = block(x, None)
        hidden = self.inner.norm(x)
        return Output(hidden, self.inner.policy(hidden), self.inner.value(hidden))


# ------------------------------------------------------------------------------------------------ timing


@dataclass
class Clock:
    """Seconds by part, best of the rounds."""

    parts: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def __call__(self, name: str):
        began = time.perf_counter()
        yield
        self.parts.setdefault(name, []).append(time.perf_counter() - began)

    def best(self) -> dict[str, float]:
        return {name: min(times) for name, times in self.parts.items()}


def step(
    forward: Callable[[Inputs], Output],
    optimizers: list[torch.optim.Optimizer],
    make: Callable[[], Batch],
    total: Callable[[Output, objectives.Targets], Tensor],
    clock: Clock,
) -> int:
    """Make one training step, timed part by part; return the number of plies that count."""
    parameters = [p for optimizer in optimizers for group in optimizer.param_groups for p in group["params"]]
    with clock("batch"):
        batch = make()
    with clock("legal moves"):
        moves = torch.from_numpy(batch.moves())
    targets = objectives.Targets(torch.from_numpy(batch.targets), torch.from_numpy(batch.values), moves[:, :, 0])
    with clock("forward"), autocast("cpu"):
        output = forward(Inputs(torch.from_numpy(batch.tokens), torch.from_numpy(batch.boards), moves))
    with clock("loss"):
        loss = total(output, targets)
    with clock("backward"):
        loss.backward()
    with clock("update"):
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
    return batch.counted


def plain_total(output: Output, targets: objectives.Targets, config: TrainConfig) -> Tensor:
    chosen = objectives.chosen_terms(config)
    return torch.stack(
        [weight * objectives.TERMS[name]([output], targets, config) for name, weight in chosen.items()]
    ).sum()


def compiled(model: Gpt) -> Callable[[Inputs], Output]:
    """Return the model as `--set compile=yes` runs it."""
    encode = torch.compile(teaforn.encode, dynamic=True)
    return lambda inputs: model.read_out(encode(model, inputs, None), inputs.moves)


def in_order(split: Split, batch_tokens: int, context: int) -> list[Window]:
    """Return the first games in order, as many as fit when all are padded to the longest."""
    chosen: list[Window] = []
    for game, plies in enumerate(np.diff(split.offsets).tolist()):
        more = [*chosen, Window(game, 0, 0, min(plies, context))]
        if len(more) * max(w.stop for w in more) > batch_tokens:
            break
        chosen = more
    return chosen


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--threads", type=int, default=torch.get_num_threads())
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--compile", action="store_true", help="ours compiled, as with --set compile=yes")
    asked = options.parse_args()
    print(processor())
    torch.set_num_threads(asked.threads)
    torch.manual_seed(0)
    config = replace(preset("default"), terms=TERMS)
    split, context = games(400, 1), config.model.context
    buckets = sorted(plan(split, layout_of(config.model), config.batch_tokens, np.random.default_rng(1)), key=len)
    bucket = buckets[len(buckets) // 2]
    ordered = in_order(split, config.batch_tokens, context)
    ours, obvious = Gpt(config.model).train(), Obvious(config.model).train()
    forward = compiled(ours) if asked.compile else ours
    optimizers: list[list[torch.optim.Optimizer]] = [
        make_optimizers(ours, config.optim),
        [torch.optim.AdamW(obvious.parameters(), config.optim.rate)],
    ]
    clocks, plies = (Clock(), Clock()), [0, 0]
    for _ in range(asked.rounds + 1):  # alternating, so that both run under the same conditions
        plies[0] = step(
            forward, optimizers[0], lambda: make_batch(split, bucket, np.zeros(len(bucket), bool)),
            lambda o, t: objectives.total([o], t, config)[0], clocks[0],
        )  # fmt: skip
        plies[1] = step(
            obvious, optimizers[1], lambda: make_batch(split, ordered, np.zeros(len(ordered), bool)),
            lambda o, t: plain_total(o, t, config), clocks[1],
        )  # fmt: skip
    best = [clock.best() for clock in clocks]
    speed = [n / sum(parts.values()) for n, parts in zip(plies, best, strict=True)]
    print(
        f"{ours.parameter_count():,} parameters, {asked.threads} threads, "
        f"{config.batch_tokens} plies a batch with padding"
    )
    print(f"{'part':14}{'ours ms':>10}{'share':>8}{'obvious ms':>12}")
    for name in best[0]:
        share = best[0][name] / sum(best[0].values())
        print(f"{name:14}{1e3 * best[0][name]:10.1f}{share:8.1%}{1e3 * best[1][name]:12.1f}")
    print(f"{'plies counted':14}{plies[0]:10}{'':8}{plies[1]:12}")
    print(f"{'plies/s':14}{speed[0]:10,.0f}{'':8}{speed[1]:12,.0f}")
    print(f"ratio: {speed[0] / speed[1]:.2f} times the straightforward step")
    done = operations(ours, len(bucket), max(w.columns(layout_of(config.model)) for w in bucket))
    print(f"arithmetic of ours: {done / sum(best[0].values()) / 1e9:,.0f} GFLOP/s; most memory: {peak_memory('cpu')}")


if __name__ == "__main__":
    main()
