"""Softmax against even Taylor softmax in sampling: the distributions of a model's moves compared with held-out games.

Run: python -m benchmarks.sampling SHARDS [--model default] [--games 100]

Nothing is trained: each rule draws from the same policy (masked). `bits` are those of the moves played; `best` is the
mean probability of the likeliest move, which is the same move under every rule; `calibration error` is the distance
between that probability and the frequency with which the move was played (expected calibration error, in tenths).
"""

from __future__ import annotations

import argparse
import math
import random
from pathlib import Path

import numpy as np
import torch

from xiangqi_lm.dataset.layout import layout_of
from xiangqi_lm.dataset.loader import make_batch, plan
from xiangqi_lm.dataset.shards import Shards
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.functional import sharpen
from xiangqi_lm.model.scoring import score
from xiangqi_lm.training.evaluate import calibration

RULES: dict[str, tuple[float, int]] = {  # temperature and order
    **{f"softmax, temperature {t}": (t, 0) for t in (0.5, 0.8, 1.0, 1.25, 2.0)},
    **{f"Taylor, n = {n}": (1.0, n) for n in (2, 4, 6, 8, 10)},
    "Taylor, n = 4, temperature 0.5": (0.5, 4),
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("data", type=Path, metavar="SHARDS")
    options.add_argument("--model", default="default")
    options.add_argument("--games", type=int, default=100)
    asked = options.parse_args()
    model, split = checkpoint.load(asked.model), Shards.open(asked.data).split("validation")
    whole = [i for i in range(len(split)) if split.start(i) is None]
    chosen, layout = set(random.Random(0).sample(whole, min(asked.games, len(whole)))), layout_of(model.config)
    found: dict[str, list[np.ndarray]] = {rule: [] for rule in RULES}
    for pieces in ([w for w in batch if w.game in chosen] for batch in plan(split, layout, 8192, None)):
        if not pieces:
            continue
        batch = make_batch(split, pieces, np.zeros(len(pieces), bool), layout)
        masked = score(model, batch).moves.masked
        played = torch.from_numpy(batch.played()).unsqueeze(-1)
        for rule, (temperature, order) in RULES.items():
            p = sharpen(masked, temperature, order)
            best, at = p.max(-1)
            mine = p.gather(-1, played).squeeze(-1).clamp(min=1e-30)
            found[rule].append(torch.stack((mine, best, (at == played.squeeze(-1)).float())).double().numpy())
    print(f"{'rule':32}{'bits':>8}{'best':>8}{'top-1':>8}{'calibration error':>20}")
    for rule, parts in found.items():
        mine, best, hit = np.concatenate(parts, 1)
        error = calibration(best, hit, name="policy")["policy_error"]
        print(f"{rule:32}{-np.log(mine).mean() / math.log(2):>8.3f}{best.mean():>8.3f}{hit.mean():>8.4f}{error:>20.3f}")


if __name__ == "__main__":
    main()
