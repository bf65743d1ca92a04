"""Learning from a player's games: the gain on games that the shipped model never saw; all weights or low rank.

Run: python -m benchmarks.learning ARCHIVE SHARDS --player NAME --out DIR [--games 200] [--ways] [--seconds 60]
     python -m benchmarks.learning ARCHIVE SHARDS --player NAME --player NAME ... --repertoires [--prior 2]

ARCHIVE holds the records that the model was trained on, and SHARDS the output of `data build` for them. The player's
games on the training side are learned from (the model has seen them, like everybody else's); those on the validation
side, which it has never seen, decide when to stop and measure the result. The command used is printed. With --ways, all
weights and low-rank updates (LoRA, Hu et al. 2021, arXiv 2106.09685) of all matrices inside the blocks are instead
trained for the same computing time, and measured on the same games along the way. --repertoires trains nothing and
measures the effect of the players' repertoires alone, for each player and over all of them.
"""

from __future__ import annotations

import argparse
import math
import random
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from xiangqi_lm.dataset import division
from xiangqi_lm.dataset.layout import layout_of
from xiangqi_lm.dataset.loader import Loader
from xiangqi_lm.dataset.shards import Shards
from xiangqi_lm.dataset.splits import Split
from xiangqi_lm.files import write_text
from xiangqi_lm.learning import games, lesson, measuring
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.device import processor
from xiangqi_lm.model.gpt import LockedDropout
from xiangqi_lm.model.repertoire import PRIOR, Repertoire
from xiangqi_lm.records.formats.pgn import write_game
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.records.readers import open_records
from xiangqi_lm.training.evaluate import PHASES, Plies, measure
from xiangqi_lm.training.forward import Objective, material
from xiangqi_lm.training.optim import Average

SHOWN = ("top1", "bits_per_move")
RANK = 8
WAYS = {"all weights": (0, lesson.RATE), f"low rank {RANK}": (RANK, 1e-4), f"low rank {RANK}, faster": (RANK, 2e-4)}


def sides(archive: Path, folder: Path, players: Sequence[str]) -> dict[str, dict[str, list[GameRecord]]]:
    """Return each player's games from the start position by side of the split, each game once."""
    opened, side = Shards.open(folder), dict[bytes, str]()
    for name in division.SPLITS:
        split = opened.split(name)
        side.update({np.asarray(split.moves(i)).tobytes(): name for i in range(len(split)) if split.start(i) is None})
    found: dict[str, dict[str, list[GameRecord]]] = {p: {name: [] for name in division.SPLITS} for p in players}
    for item in open_records([archive]):
        if not isinstance(item, GameRecord) or item.start_fen is not None:
            continue
        if theirs := [player for player in players if games.color_of(item, player) is not None]:
            name = side.pop(np.array([move.id for move in item.moves], np.uint16).tobytes(), "")
            for player in theirs if name else []:
                found[player][name].append(item)
    return found


def split_of(records: list[GameRecord], player: str) -> Split:
    """Return games as a split in which the player's moves count."""
    entries = games.gather(records, player).entries
    whole = division.Divided({"all": entries}, len(entries), {}).split("all")
    return replace(whole, colors=np.array([entry.color for entry in entries], np.int8))


def write(records: list[GameRecord], path: Path) -> Path:
    write_text(path, "\n".join(map(write_game, records)))
    return path


def learn(asked: argparse.Namespace, learned: Path, held_out: Path) -> None:
    """Run the command as a user would."""
    command = ["learn", str(learned), "--as", asked.player, "--name", asked.name, "--held-out", str(held_out)]
    command += ["--pairs", str(asked.pairs), "--force", "--json", str(asked.out / "learn.json")]
    command += ["--picture", str(asked.out / "learn.png")]
    print(shlex.join(["xiangqi-lm", *command]), flush=True)
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "xiangqi_lm", *command], check=True)
    print(f"{time.perf_counter() - began:.0f} s in all on {processor()}")


# ------------------------------------------------------------------------------------------------ repertoires


def repertoires(found: dict[str, dict[str, list[GameRecord]]], most: int, priors: Sequence[float]) -> None:
    """Print what the repertoires of players change on games that the model has never seen."""
    model = checkpoint.load("default")
    gains: dict[float, list[Plies]] = {prior: [] for prior in priors}
    for player, records in found.items():
        learned, held_out = split_of(records["train"][:most], player), split_of(records["validation"], player)
        model.repertoire = None
        before = measure(model, held_out)
        repertoire = Repertoire.of(learned)
        about = f"{player}: {len(learned)} games, {repertoire.positions:,} positions; {len(held_out)} games measured"
        print(f"{about}, {len(before.ply):,} moves, before {before.means()['top1']:.4f}", flush=True)
        for prior in priors:
            model.repertoire = replace(repertoire, prior=prior)
            after = measure(model, held_out)
            figures = {name: after.figures[name] - before.figures[name] for name in SHOWN}
            first = 10_000 * len(gains[prior])  # another player's games are other games
            gains[prior].append(Plies(before.game + first, before.ply, figures))
            print(f"  prior {prior:g}: {_gain(gains[prior][-1])}", flush=True)
    for prior, parts in gains.items():
        pooled = Plies.joined(parts)
        print(f"all, prior {prior:g}, {len(pooled.ply):,} moves: {_gain(pooled)}")
        for name, (first, stop) in PHASES.items():
            print(f"  plies {name}: {_gain(pooled.where((pooled.ply >= first) & (pooled.ply < stop)))}")


def _gain(plies: Plies) -> str:
    found = plies.summary()
    return ", ".join(
        f"{name} {found[name]:+.4f} [{found['intervals'][name][0]:+.4f}, {found['intervals'][name][1]:+.4f}]"
        for name in SHOWN
    )


# ------------------------------------------------------------------------------------------------ ways


class LowRank(nn.Module):
    """A frozen linear layer with a learned low-rank update."""

    def __init__(self, linear: nn.Linear, rank: int):
        super().__init__()
        self.frozen = linear.weight.detach()
        self.down = nn.Parameter(torch.randn(rank, linear.in_features) / math.sqrt(linear.in_features))
        self.up = nn.Parameter(torch.zeros(linear.out_features, rank))

    @property
    def weight(self) -> Tensor:
        return self.frozen + self.up @ self.down

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.linear(x, self.weight)


def with_low_rank(model: nn.Module, rank: int) -> None:
    """Freeze a model and add updates to all matrices inside its blocks."""
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    for block in model.blocks:  # type: ignore[union-attr]
        for part, name in ((block.attention, "qkv"), (block.attention, "out"), (block.mlp, "up"), (block.mlp, "down")):
            setattr(part, name, LowRank(getattr(part, name), rank))


def trained(way: tuple[int, float], split: Split, seconds: float, looks: int) -> Iterator[tuple[int, float, Any]]:
    """Train with the recipe of `learn`; yield steps, seconds and the model `looks` times at equal intervals."""
    rank, rate = way
    torch.manual_seed(1)
    model = checkpoint.load("default")
    config = lesson.recipe(model, lesson.Request("x"), int(split.offsets[-1]))
    for module in model.modules():
        if isinstance(module, LockedDropout):
            module.rate = config.model.dropout
    if rank:
        with_low_rank(model, rank)
    learned = [parameter for parameter in model.parameters() if parameter.requires_grad]
    print(f"  {sum(map(torch.numel, learned)):,} parameters learn", flush=True)
    optimizer = torch.optim.AdamW(learned, lr=rate, betas=(config.optim.beta1, config.optim.beta2), weight_decay=0.0)
    objective, average = Objective(model, config, "cpu"), Average(model, config.ema)
    loader = iter(Loader(split, layout_of(model.config), config.batch_tokens, config.mirror, config.seed))
    spent, step = 0.0, 0
    for look in range(1, looks + 1):
        while spent < seconds * look / looks:
            began = time.process_time()
            model.train()
            given = material(next(loader), config, "cpu")
            objective(given, given.sizes)[0].backward()
            nn.utils.clip_grad_norm_(learned, config.optim.clip)
            step += 1
            optimizer.param_groups[0]["lr"] = rate * min(1.0, step / config.optim.warmup)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            average.update(model)
            spent += time.process_time() - began
        present = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        model.load_state_dict(average.tensors)
        yield step, spent, model.eval()
        model.load_state_dict(present)


def compare(learned: list[GameRecord], held_out: list[GameRecord], asked: argparse.Namespace) -> None:
    """Print what each way gains on the held-out games over its computing time."""
    train, measured = (split_of(records, asked.player) for records in (learned, held_out))
    base = checkpoint.load("default")
    print(f"{len(train)} games to learn from, measured on {len(measured)}; {processor()}")
    for name, way in WAYS.items():
        print(name, flush=True)
        for step, spent, model in trained(way, train, asked.seconds, asked.looks):
            gain = measuring.compare(base, model, measured)["gain"]
            shown = [
                f"{key} {gain[key]:+.4f} [{gain['intervals'][key][0]:+.4f}, {gain['intervals'][key][1]:+.4f}]"
                for key in ("top1", "bits_per_move")
            ]
            print(f"  {spent:5.0f} CPU s, {step:4} steps: {', '.join(shown)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("shards", type=Path)
    parser.add_argument("--player", action="append", required=True)
    parser.add_argument("--out", type=Path, default=Path("."))
    parser.add_argument("--games", type=int, default=200)
    parser.add_argument("--name", default="player", help="of the model")
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ways", action="store_true")
    parser.add_argument("--seconds", type=float, default=60, help="CPU seconds of each way")
    parser.add_argument("--looks", type=int, default=3)
    parser.add_argument("--repertoires", action="store_true")
    parser.add_argument("--prior", type=float, action="append", help="of repertoires; may be repeated")
    asked = parser.parse_args()
    if len(asked.player) > 1 and not asked.repertoires:
        parser.error("several players: only with --repertoires")
    players = sides(asked.archive, asked.shards, asked.player)
    for found in players.values():
        random.Random(asked.seed).shuffle(found["train"])
    if asked.repertoires:
        repertoires(players, asked.games, asked.prior or [PRIOR])
        return
    ((asked.player, found),) = players.items()
    learned, held_out = found["train"][: asked.games], found["validation"]
    asked.out.mkdir(parents=True, exist_ok=True)
    print(f"{asked.player}: {len(found['train']):,} games that the model has seen, {len(held_out)} that it has not")
    if asked.ways:
        compare(learned, held_out, asked)
    else:
        learn(asked, write(learned, asked.out / "learn.pgn"), write(held_out, asked.out / "held-out.pgn"))


if __name__ == "__main__":
    main()
