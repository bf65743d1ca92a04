"""Speed of the rules compared with other programs in one run: `python -m benchmarks.rules`.

Rates are per second of processor time, so that other work on the machine disturbs them little; rows that use several
threads or a GPU are per second of wall time and say so.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from xiangqi_lm.rules import batched, kernel
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move

GAMES = Path(__file__).parents[1] / "tests" / "data" / "rules" / "games.txt"
FAIRY = shutil.which("fairy-stockfish") or "/usr/games/fairy-stockfish"


def row(name: str, rate: float | None, unit: str, peer: float | None = None, who: str = "ours") -> None:
    """Print one line of the table; `peer` is the rate of `who`, printed as a ratio."""
    number = "not here" if rate is None else f"{rate:,.0f} {unit}"
    ratio = f"   {who} is {peer / rate:.1f} times" if rate and peer else ""
    print(f"  {name:<44}{number:>28}{ratio}", flush=True)


def rate(work: Callable[[], int], repeats: int = 3, clock: Callable[[], float] = time.process_time) -> float:
    """Return the best of some runs, in units of work per second; `work` returns how many units it did."""
    best = 0.0
    for _ in range(repeats):
        begun = clock()
        done = work()
        best = max(best, done / max(clock() - begun, 1e-9))
    return best


# ------------------------------------------------------------------------------------------------ paths


def our_paths(depth: int) -> int:
    return int(kernel.perft(Board().array, 1, depth, np.empty((depth, kernel.MOST_MOVES), dtype=np.int16)))


def fairy_paths(depth: int) -> tuple[int, float] | None:
    """Return nodes and processor seconds of Fairy-Stockfish's perft, without its start-up; None if not installed."""
    if not Path(FAIRY).exists():
        return None
    seconds = {}
    nodes = 0
    for d in (1, depth):
        before = os.times().children_user
        script = f"setoption name UCI_Variant value xiangqi\nposition startpos\ngo perft {d}\nquit\n"
        said = subprocess.run([FAIRY], input=script, capture_output=True, text=True, check=True).stdout
        seconds[d] = os.times().children_user - before
        nodes = int(re.findall(r"Nodes searched: (\d+)", said)[-1])
    return nodes, seconds[depth] - seconds[1]


def paths(depth: int) -> None:
    print(f"\nPaths from the start position, depth {depth}, one thread")
    ours = rate(lambda: our_paths(depth), repeats=2)
    row("ours", ours, "nodes/s")
    fairy = fairy_paths(depth)
    row("fairy-stockfish", fairy[0] / fairy[1] if fairy and fairy[1] > 0 else None, "nodes/s", ours)


# ------------------------------------------------------------------------------------------------ from Python


def games() -> list[list[Move]]:
    return [[Move.from_iccs(text) for text in line.split()] for line in GAMES.read_text().splitlines()]


def our_replay(lines: list[list[Move]], judged: bool = False) -> int:
    """Generate all legal moves as objects at every ply, and check and play each move."""
    for line in lines:
        board = Board()
        for move in line:
            list(board.legal_moves)
            if judged:
                board.outcome()
            board.push(move)
    return sum(map(len, lines))


def fens(lines: list[list[Move]]) -> list[str]:
    found = []
    for line in lines:
        board = Board()
        for move in line:
            found.append(board.fen())
            board.push(move)
    return found


def pyffish_lists(positions: list[str]) -> int:
    import pyffish

    for fen in positions:
        pyffish.legal_moves("xiangqi", fen, [])
    return len(positions)


def cchess_replay(lines: list[list[Move]]) -> int:
    """Generate moves with cchess, which lists pseudo-legal ones; those that leave the king in check are filtered."""
    import cchess

    for line in lines:
        board = cchess.ChessBoard(Board().fen())
        for move in line:
            [m for m in board.create_moves() if not board.is_checked_move(*m)]
            a, b = move.from_square, move.to_square
            board.move((a % 9, a // 9), (b % 9, b // 9))
            board.next_turn()
    return sum(map(len, lines))


def from_python() -> None:
    lines = games()
    print("\nReplay of games with all legal moves listed at every ply, one thread")
    our_replay(lines[:1], judged=True)
    ours = rate(lambda: our_replay(lines))
    row("ours, as Move objects", ours, "positions/s")
    row("ours, and the rules asked at every ply", rate(lambda: our_replay(lines, judged=True)), "positions/s")
    positions = fens(lines[:3])
    peers = {
        "pyffish": ("pyffish, as texts, from FENs made before", lambda: pyffish_lists(positions)),
        "cchess": ("cchess, filtered by its test for check", lambda: cchess_replay(lines[:1])),
    }
    for package, (name, work) in peers.items():
        here = importlib.util.find_spec(package) is not None
        row(name, rate(work, repeats=1) if here else None, "positions/s", ours)


# ------------------------------------------------------------------------------------------------ many positions


def sample(count: int) -> list[Board]:
    """Return positions of the games, repeated until there are enough."""
    boards = []
    for line in games():
        board = Board()
        for move in line:
            boards.append(board.copy())
            board.push(move)
    return [boards[i % len(boards)] for i in range(count)]


def masks(largest: int) -> None:
    boards = sample(min(largest, 4096))
    men = np.stack([board.array for board in boards])
    sides = np.array([int(board.turn) for board in boards], dtype=np.int8)
    threads = os.cpu_count() or 1
    print(f"\nLegal masks of many positions ({len(boards)} in a batch)")
    wall = 0.0
    for n in sorted({1, threads}):
        one = rate(lambda n=n: len(kernel.legal_masks(men, sides, threads=n)), 5)  # type: ignore[misc]
        row(f"numba, {n} threads, per processor second", one, "positions/s")
        wall = rate(lambda n=n: len(kernel.legal_masks(men, sides, threads=n)), 5, time.perf_counter)  # type: ignore[misc]
        row(f"numba, {n} threads, per second of the clock", wall, "positions/s")
    torch_masks(boards, largest, wall)


def torch_masks(boards: list[Board], largest: int, numba: float) -> None:
    """Time masks and pushes on all threads of the CPU, and on a GPU, in wall time, compared with numba's masks."""
    torch.set_num_threads(os.cpu_count() or 1)
    for device in ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]:
        print(f"\ntorch on {device}, mask and push, per second of the clock; beside numba's masks on all threads")
        whole, size = batched.from_boards(boards, device), 1
        while size <= largest:
            row(f"batch of {size}", torch_rate(whole, size, time.perf_counter), "positions/s", numba, "numba")
            size *= 4


def torch_rate(whole: batched.Boards, size: int, clock: Callable[[], float]) -> float:
    copies = -(-size // len(whole.side))
    boards = batched.Boards(*(field.repeat(copies, *[1] * (field.dim() - 1))[:size] for field in whole))

    def work() -> int:
        done = 0
        for _ in range(max(1, 1024 // size)):
            ids, _ = batched.legal_moves(boards)
            batched.as_mask(ids)
            batched.push(boards, ids.amin(1))
            done += size
        if boards.pieces.is_cuda:
            torch.cuda.synchronize()
        return done

    with torch.inference_mode():
        work()
        return rate(work, 3, clock)


PARTS = ("rules", "engine", "rulings", "what moves do")


def compiling() -> None:
    """Time the first start on a machine, and the next: the rules, the built-in engine (`data label` needs these two),
    rulings on repetition, move classes."""
    print("\nKernels, processor time")
    code = "import time; now = time.process_time; a = now(); from xiangqi_lm.rules import jit; b = now(); "
    code += "from xiangqi_lm.engine.alphabeta.player import AlphaBetaPlayer; b += now() - b; "
    code += "jit.compile_rules(); c = now(); AlphaBetaPlayer(hash_mb=1); d = now(); jit.compile_chases(); e = now(); "
    code += "jit.compile_classes(); f = now(); print(b - a, c - b, d - c, e - d, f - e)"
    with tempfile.TemporaryDirectory() as cache:
        for name in ("first start: compile", "next start: load"):
            environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
            said = subprocess.run(
                [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
            )
            imports, *parts = map(float, said.stdout.split())
            words = "  ".join(f"{part} {time:.2f} s" for part, time in zip(PARTS, parts, strict=True))
            print(f"  {name:<24}{words}   (and {imports:.2f} s of imports)", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--depth", type=int, default=4, help="length of the counted paths")
    parser.add_argument("--largest", type=int, default=65536, help="largest torch batch")
    args = parser.parse_args()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    print(f"load of the machine before: {load:.1f} on {os.cpu_count()} cores")
    paths(args.depth)
    from_python()
    masks(args.largest)
    compiling()


if __name__ == "__main__":
    main()
