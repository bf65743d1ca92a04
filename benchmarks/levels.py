"""The ladder of levels: each against the one below, as a table for docs/strength.md.

Run: python -m benchmarks.levels --pairs 30 --out runs/levels           (half an hour to an hour on two cores)

Every step is a tournament of its own (`xiangqi-lm tournament`) in a folder below --out; to resume an interrupted run,
run the same command.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

from xiangqi_lm.engine.levels import LEVELS
from xiangqi_lm.model.device import processor


def step(weaker: str, stronger: str, asked: argparse.Namespace) -> dict[str, Any]:
    """Play two levels, the stronger one first, and return their pair from `results.json`."""
    out = asked.out / f"{stronger}-{weaker}"
    command = [sys.executable, "-m", "xiangqi_lm", "tournament", "--pairs", str(asked.pairs), "--seed", str(asked.seed)]
    command += ["--jobs", str(asked.jobs), "--player", f"level:{stronger}", "--player", f"level:{weaker}"]
    done = subprocess.run([*command, "--out", str(out)], stdout=subprocess.DEVNULL)
    if done.returncode:
        raise SystemExit(done.returncode)
    (pair,) = json.loads((out / "results.json").read_text(encoding="utf-8"))["pairs"]
    return pair


def row(weaker: str, stronger: str, pair: dict[str, Any]) -> str:
    """Return a step's line of the table."""
    won, drawn, lost = pair["wins"], pair["draws"], pair["losses"]
    score = (won + drawn / 2) / (won + drawn + lost)
    low, high = pair["elo_95"]
    figures = f"{won}-{drawn}-{lost} | {score:.1%} | {pair['elo']:+.0f} ({low:+.0f} to {high:+.0f})"
    return f"| `{stronger}` | `{weaker}` | {figures} |"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pairs", type=int, default=30)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--out", type=Path, required=True)
    asked = options.parse_args()
    print(processor())
    print("| level | against | won-drawn-lost | score | Elo |\n|---|---|---|---|---|")
    for weaker, stronger in pairwise(LEVELS):
        print(row(weaker, stronger, step(weaker, stronger, asked)), flush=True)


if __name__ == "__main__":
    main()
