"""Speed of the built-in engine: `python -m benchmarks.alphabeta`.

Nodes per second of processor time compared with Fairy-Stockfish, and whole searches compared with a textbook alpha-beta
on `Board` (same evaluation), all on the same positions in one run; and positions per second of searches of 2,000 nodes,
as for a teacher. Its strength is measured with `xiangqi-lm tournament`: docs/strength.md.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import time
from pathlib import Path

from xiangqi_lm.engine.alphabeta.evaluation import static_evaluation
from xiangqi_lm.engine.alphabeta.player import AlphaBetaPlayer
from xiangqi_lm.engine.player import Limit
from xiangqi_lm.rules.board import Board

FAIRY = "/usr/games/fairy-stockfish"


def positions(count: int) -> list[Board]:
    """Return positions from quick games of the engine against itself, each begun with four random moves."""
    dice, player = random.Random(3), AlphaBetaPlayer()
    found: list[Board] = []
    while len(found) < count:
        board = Board()
        while board.ply < 80 and board.outcome() is None and len(found) < count:
            moves = board.legal_list()
            board.push(dice.choice(moves) if board.ply < 4 else player.choose(board, Limit(nodes=200)).move)
            if board.ply % 8 == 0 and board.outcome() is None:
                found.append(Board(board.fen()))
    return found


def plain(board: Board, depth: int, alpha: int, beta: int) -> int:
    """Run a textbook alpha-beta on `Board`."""
    if depth == 0:
        return static_evaluation(board)
    best = -30_000
    for move in list(board.legal_moves):
        board.push_unchecked(move)
        best = max(best, -plain(board, depth - 1, -beta, -max(alpha, best)))
        board.pop()
        if best >= beta:
            break
    return best


def plies_deep(boards: list[Board], depth: int) -> tuple[float, float]:
    """Return searches per second to a depth without reductions: ours, which resolves captures, and the textbook's."""
    player = AlphaBetaPlayer(selective=False)
    begun = time.process_time()
    for board in boards:
        player.choose(board, Limit(depth=depth))
    middle = time.process_time()
    for board in boards:
        plain(board.copy(), depth, -30_000, 30_000)
    return len(boards) / (middle - begun), len(boards) / (time.process_time() - middle)


def our_rate(boards: list[Board], nodes: int) -> tuple[float, float]:
    """Return nodes and positions per second."""
    player, total = AlphaBetaPlayer(), 0
    begun = time.process_time()
    for board in boards:
        info = player.choose(board, Limit(nodes=nodes)).info
        assert info is not None
        total += info.nodes
    seconds = time.process_time() - begun
    return total / seconds, len(boards) / seconds


class Fairy:
    """Fairy-Stockfish limited by nodes, for timing only."""

    def __init__(self) -> None:
        self._child = subprocess.Popen([FAIRY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ask("uci\nsetoption name UCI_Variant value xiangqi\nsetoption name Threads value 1\nisready", "readyok")

    def ask(self, text: str, until: str) -> list[str]:
        assert self._child.stdin is not None and self._child.stdout is not None
        self._child.stdin.write(text + "\n")
        self._child.stdin.flush()
        lines: list[str] = []
        while not lines or not lines[-1].startswith(until):
            lines.append(self._child.stdout.readline())
        return lines

    def seconds(self) -> float:
        """Return the processor time that it has used."""
        fields = Path(f"/proc/{self._child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def rate(self, boards: list[Board], nodes: int) -> tuple[float, float]:
        total, begun = 0, self.seconds()
        for board in boards:
            self.ask("ucinewgame\nisready", "readyok")
            lines = self.ask(f"position fen {board.fen()}\ngo nodes {nodes}", "bestmove")
            total += int(re.findall(r" nodes (\d+)", "".join(lines))[-1])
        seconds = max(self.seconds() - begun, 0.01)
        return total / seconds, len(boards) / seconds

    def close(self) -> None:
        self._child.kill()
        self._child.wait()


def speed(count: int) -> None:
    boards = positions(count)
    fairy = Fairy() if Path(FAIRY).exists() and Path("/proc/self/stat").exists() else None
    print(f"{len(boards)} positions, per second of processor time")
    for nodes in (2_000, 100_000):
        some = boards if nodes == 2_000 else boards[: max(4, count // 10)]
        ours = our_rate(some, nodes)
        print(f"  ours, {nodes:>7,} nodes each {ours[0]:>12,.0f} nodes/s {ours[1]:>9.1f} positions/s", flush=True)
        if fairy is not None:
            theirs = fairy.rate(some, nodes)
            print(f"  fairy-stockfish, the same {theirs[0]:>9,.0f} nodes/s {theirs[1]:>9.1f} positions/s", flush=True)
    deep, python = plies_deep(boards[:10], 3)
    print(f"  all moves 3 plies deep, and captures  {deep:>22.1f} positions/s")
    print(f"  alpha-beta written on Board, 3 plies  {python:>22.1f} positions/s   ours is {deep / python:.0f} times")
    if fairy is not None:
        fairy.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--positions", type=int, default=100)
    args = parser.parse_args()
    speed(args.positions)


if __name__ == "__main__":
    main()
