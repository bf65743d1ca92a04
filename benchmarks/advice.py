"""The built-in engine's advice that makes the tree search strongest at equal processor time: games between settings.

Run: python -m benchmarks.advice --seconds 0.1 --pairs 10 --out runs/advice          (screening: hours on one core)
     python -m benchmarks.advice --seconds 0.5 --pairs 100 --only 0.5:1 --out runs/confirm

A setting is `SHARE:ADVISER`: the share of each leaf's value that comes from the adviser, which searches a number of
plies, or of nodes if followed by `n` (`100n`). Each plays the search without advice from paired openings.
First the number of nodes that a setting searches in the time is measured, in processor seconds on the openings, all
settings in turn; the games are then limited by nodes, so that other load on the machine does not affect them. To resume
an interrupted run, run the same command.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from xiangqi_lm.arena import openings
from xiangqi_lm.engine.player import Limit
from xiangqi_lm.engine.spec import make_player
from xiangqi_lm.files import write_json
from xiangqi_lm.model.device import processor

ADVISERS = ("1", "2", "100n", "300n")
SHARES = (0.3, 0.5, 0.7, 0.9)
MEASURED, NODES, ROUNDS = 4, 200, 3  # openings, nodes for each, and rounds of measuring the speed


def spec(model: str, setting: str, batch: int) -> str:
    """Return the player of a setting, without its limit; `0` is the search without advice."""
    share, _, adviser = setting.partition(":")
    text = f"mcts:{model}?batch={batch}"
    if float(share) == 0:
        return text + "&tactics=0"
    advice = f"advice_nodes={adviser[:-1]}" if adviser.endswith("n") else f"advice_depth={adviser}"
    return f"{text}&tactics={share}&{advice}"


def speeds(specs: list[str]) -> list[float]:
    """Return nodes per processor second of each player: the best round, taken in turn."""
    boards = [opening.board() for opening in openings.load()[:MEASURED]]
    players = [make_player(text, 1) for text in specs]
    best = [0.0] * len(specs)
    for _ in range(ROUNDS):
        for i, player in enumerate(players):
            player.reseed(1)
            began = time.process_time()
            for board in boards:
                player.choose(board, Limit(nodes=NODES))
            best[i] = max(best[i], NODES * len(boards) / (time.process_time() - began))
    return best


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", default="default")
    options.add_argument("--seconds", type=float, default=0.1, help="processor time of a move")
    options.add_argument("--pairs", type=int, default=10)
    options.add_argument("--batch", type=int, default=32)
    options.add_argument("--seed", type=int, default=2026)
    options.add_argument("--only", nargs="+", help="settings, as 0.5:1 or 0.7:100n; default: all")
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--out", type=Path, required=True)
    asked = options.parse_args()
    settings = asked.only or [f"{share}:{adviser}" for adviser in ADVISERS for share in SHARES]
    specs = [spec(asked.model, setting, asked.batch) for setting in ("0", *settings)]
    print(processor())
    known = asked.out / "speeds.json"  # so that a resumed run plays with the same nodes
    measured = json.loads(known.read_text()) if known.exists() else dict(zip(specs, speeds(specs), strict=True))
    asked.out.mkdir(parents=True, exist_ok=True)
    write_json(known, measured)
    players = []
    for setting, text in zip(("no advice", *settings), specs, strict=True):
        nodes = max(1, round(measured[text] * asked.seconds))
        print(f"{setting:<10} {measured[text]:8,.0f} nodes/s: {nodes} nodes a move")
        players += ["--player", f"{setting.replace(':', ' of ')}={text}&nodes={nodes}"]
    command = [sys.executable, "-m", "xiangqi_lm", "tournament", "--gauntlet", "--pairs", str(asked.pairs)]
    command += ["--seed", str(asked.seed), "--jobs", str(asked.jobs), "--out", str(asked.out / "games"), *players]
    raise SystemExit(subprocess.run(command).returncode)


if __name__ == "__main__":
    main()
