"""Two versions of the program timed in turn: `python -m benchmarks.paired --other PYTHON [FILE...]`.

PYTHON is the interpreter of an environment with the other version, for example of a worktree of an older commit. Both
do the same work in turn, in an order that alternates each round, so that other load affects both alike. Times are
processor time; the ratio is the median over the rounds, ours divided by the other's. Files are imported; without any,
the rules are timed on the games of the tests.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

GAMES = Path(__file__).parents[1] / "tests" / "data" / "rules" / "games.txt"

CHILD = """
import gc, sys, tempfile, time
from pathlib import Path
from click.testing import CliRunner
from xiangqi_lm import Board, Move
from xiangqi_lm.cli.data import data
lines = [[Move.from_iccs(t) for t in line.split()] for line in Path(sys.argv[1]).read_text().splitlines()] * 8
folder = tempfile.TemporaryDirectory()

def replay(each):
    for line in lines:
        board = Board()
        for move in line:
            each(board, move)
            board.push(move)

TASKS = {
    "moves listed and played": lambda: replay(lambda board, move: list(board.legal_moves)),
    "rules asked at every ply": lambda: replay(lambda board, move: (list(board.legal_moves), board.outcome())),
    "ICCS written": lambda: replay(lambda board, move: board.iccs(move)),
    "Chinese written": lambda: replay(lambda board, move: board.chinese(move)),
    "Chinese read": lambda: replay(lambda board, move: board.parse(board.chinese(move))),
}
for task in map(str.strip, sys.stdin):
    gc.collect()
    begun = time.process_time()
    if task in TASKS:
        TASKS[task]()
    else:
        out = str(Path(folder.name, "out.pgn"))
        found = CliRunner().invoke(data, ["import", task, "--out", out, "--jobs", "1"])
        assert found.exit_code == 0, found.output
    print(time.process_time() - begun, flush=True)
"""
RULES = ("moves listed and played", "rules asked at every ply", "ICCS written", "Chinese written", "Chinese read")


def started(python: str) -> subprocess.Popen[str]:
    """Return a child process that runs a task for each line it is sent, and answers with the seconds."""
    command = [python, "-c", CHILD, str(GAMES)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/")


def seconds(child: subprocess.Popen[str], task: str) -> float:
    """Return the processor seconds that a child takes for a task."""
    assert child.stdin is not None and child.stdout is not None
    child.stdin.write(f"{task}\n")
    child.stdin.flush()
    return float(child.stdout.readline())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--other", required=True, help="the interpreter of the other version")
    parser.add_argument("--rounds", type=int, default=6)
    asked = parser.parse_args()
    children = [started(sys.executable), started(asked.other)]
    for task in [str(path.absolute()) for path in asked.files] or RULES:
        for child in children:
            seconds(child, task)  # warm-up: compiles and loads everything
        times: list[list[float]] = [[], []]
        for turn in range(asked.rounds):
            for which in (0, 1) if turn % 2 else (1, 0):
                times[which].append(seconds(children[which], task))
        ratio = statistics.median(ours / other for ours, other in zip(*times, strict=True))
        ours, other = map(min, times)
        print(f"{Path(task).name:<28} ours {ours:7.3f} s, other {other:7.3f} s, ratio {ratio:.2f}", flush=True)
    for child in children:
        child.communicate()


if __name__ == "__main__":
    main()
