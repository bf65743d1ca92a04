"""Makes the opening lines that tournaments start from, `assets/openings/balanced.pgn`.

Run: python -m benchmarks.openings [--engine /usr/games/fairy-stockfish] [--nodes 20000 50000] [--out FILE]

The systems in `assets/openings/systems.txt` are opening theory found in every textbook, written down by us. Each is
extended with the moves that the shipped model finds likeliest, to 8, 10 or 12 plies; a line is kept if Fairy-Stockfish
judges its last position balanced, and if no other line leads to that position or to its mirror image. With --check the
file is checked instead: every line must be legal, distinct, and still balanced.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from xiangqi_lm.arena.openings import load, shipped
from xiangqi_lm.engine.lm import LanguageModelPlayer
from xiangqi_lm.engine.player import Choice
from xiangqi_lm.files import write_text
from xiangqi_lm.records.formats.pgn import write_game
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move

BALANCED = 80  # centipawns
KEPT = 60  # stricter for new lines, so that a check with other nodes agrees
LONGEST = 12  # plies
LIKELY = 0.08  # the probability that a move needs to be followed
EACH = 5  # most lines of one system

SYSTEMS = shipped().with_name("systems.txt")


def systems() -> Iterator[tuple[str, str, Board]]:
    """Return the systems of the table: name, English name, and a board after their moves."""
    for line in SYSTEMS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, english, moves = (part.strip() for part in line.split("|"))
        board = Board()
        for text in moves.split():
            board.push_text(text)
        yield name, english, board


class Engine:
    """Fairy-Stockfish as a judge of positions."""

    def __init__(self, path: str, nodes: list[int]):
        self._process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._nodes = nodes
        self._say("uci", "setoption name UCI_Variant value xiangqi", "setoption name Threads value 1", "isready")
        self._wait("readyok")

    def _say(self, *lines: str) -> None:
        assert self._process.stdin
        self._process.stdin.write("".join(line + "\n" for line in lines))
        self._process.stdin.flush()

    def _wait(self, word: str) -> list[str]:
        assert self._process.stdout
        lines: list[str] = []
        for line in self._process.stdout:
            lines.append(line)
            if line.startswith(word):
                return lines
        raise SystemExit("the engine ended")

    def score(self, board: Board) -> int:
        """Return centipawns for the side to move; of searches with different numbers of nodes, the furthest from 0."""
        return max((self._look(board, nodes) for nodes in self._nodes), key=abs)

    def _look(self, board: Board, nodes: int) -> int:
        self._say("ucinewgame", f"position fen {board.fen()}", f"go nodes {nodes}")
        words = [line.split() for line in self._wait("bestmove") if " score " in line][-1]
        kind, value = words[words.index("score") + 1 :][:2]
        return int(value) if kind == "cp" else 30_000 if int(value) > 0 else -30_000

    def close(self) -> None:
        self._say("quit")
        self._process.wait(5)


def continuations(player: LanguageModelPlayer, board: Board) -> list[Board]:
    """Return likely continuations of a system, likeliest first, all of one even length of at most LONGEST plies."""
    target = min(LONGEST, max(8, board.ply + 2 + board.ply % 2))
    beam = [(1.0, board)]
    while beam[0][1].ply < target:
        grown: list[tuple[float, Board]] = []
        for (chance, line), choice in zip(beam, player.choose_many([line for _, line in beam]), strict=True):
            grown += [(chance * p, _after(line, move)) for p, move in _likely(choice)]
        beam = sorted(grown, key=lambda item: -item[0])[:24]
    return [line for _, line in beam]


def _likely(choice: Choice) -> list[tuple[float, Move]]:
    first = choice.probabilities[0]
    return [(p, move) for move, p in choice.probabilities if p >= LIKELY or move is first[0]]


def _after(board: Board, move: Move) -> Board:
    line = board.copy()
    line.push(move)
    return line


def keys(board: Board) -> frozenset[int]:
    """Return keys that a position shares with its mirror image and with no other position."""
    return frozenset((board.key, board.mirror().key))


def make(engine: Engine) -> list[GameRecord]:
    """Return the balanced lines of every system."""
    player, seen, records = LanguageModelPlayer.load("default", seed=1), set[frozenset[int]](), list[GameRecord]()
    for name, english, start in systems():
        kept = 0
        for board in continuations(player, start):
            if kept == EACH or keys(board) in seen:
                continue
            seen.add(keys(board))
            if board.is_check() or not board.halfmove:  # not a quiet position
                continue
            if abs(score := engine.score(board)) < KEPT:
                kept += 1
                headers = {"Event": f"{name} {kept}", "Site": "xiangqi-lm", "Opening": name, "OpeningEnglish": english}
                comments = {board.ply: f"{score:+} centipawns for Red"}
                records.append(GameRecord(headers, moves=tuple(board.move_stack), comments=comments))
        print(f"{kept} {name}", file=sys.stderr)
    return records


def check(engine: Engine, path: Path) -> None:
    """Check a file; raises SystemExit if a line is not acceptable."""
    openings, seen = load(path), set[frozenset[int]]()
    for opening in openings:
        board = opening.board()
        if keys(board) in seen or not 6 <= board.ply <= LONGEST or abs(score := engine.score(board)) >= BALANCED:
            raise SystemExit(f"{opening}: {' '.join(move.iccs() for move in opening.moves)} {score:+}")
        seen.add(keys(board))
    print(f"{len(openings)} lines, {len({opening.name for opening in openings})} names: all distinct and balanced")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--engine", default="/usr/games/fairy-stockfish")
    options.add_argument("--nodes", type=int, nargs="+", default=[20_000, 50_000])
    options.add_argument("--out", type=Path, default=shipped())
    options.add_argument("--check", action="store_true")
    asked = options.parse_args()
    engine = Engine(asked.engine, asked.nodes)
    if asked.check:
        check(engine, asked.out)
    else:
        records = make(engine)
        write_text(asked.out, "".join(write_game(record) for record in records))
        print(f"{len(records)} lines: {asked.out}")
    engine.close()


if __name__ == "__main__":
    main()
