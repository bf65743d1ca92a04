"""Rulings on repetition compared with Fairy-Stockfish's, written independently: `python -m benchmarks.rulings GAMES`.

First come the diagrams of the Asian federation's book; then laps from recorded games (a stretch of moves that returned
to its position, replayed until the position occurs for the third time) and random laps from positions of these games;
then the ply at which the move limit ends random quiet games. Needs pyffish.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyffish

from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.records.readers import open_records
from xiangqi_lm.rules import jit
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.outcome import Outcome, Termination

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "tests" / "data" / "rules" / "asian_book.json"


@dataclass(frozen=True)
class Lap:
    """A start position (with clocks 0 and 1) and moves that lead back to it."""

    fen: str
    moves: tuple[Move, ...]


def fresh(board: Board) -> str:
    """Return the FEN of a position with its clocks reset."""
    return " ".join(board.fen().split()[:4]) + " 0 1"


def fairy(fen: str, moves: Iterable[Move]) -> int | None:
    """Return Fairy-Stockfish's verdict after the moves: 1 Red wins, -1 Black wins, 0 a draw, None if undecided."""
    texts = [f"{text[0]}{int(text[1]) + 1}{text[2]}{int(text[3]) + 1}" for text in (move.iccs() for move in moves)]
    ended, value = pyffish.is_optional_game_end("xiangqi", fen, texts)
    if not ended:
        return None
    turn = 1 if (fen.split()[1] == "w") == (len(texts) % 2 == 0) else -1
    return turn * ((value > 0) - (value < 0))


def verdict(end: Outcome | None) -> int | None:
    """Return an outcome in the same form."""
    return None if end is None else 0 if end.winner is None else int(end.winner)


def until_the_end(lap: Lap, ruleset: str, plies: int = 400) -> tuple[Board, Outcome | None]:
    """Return the board after repeating the lap until the game ended."""
    board = Board(lap.fen)
    for ply in range(plies):
        board.push(lap.moves[ply % len(lap.moves)])
        if (end := board.outcome(ruleset)) is not None:
            return board, end
    return board, None


# ------------------------------------------------------------------------------------------------ laps


def recorded_laps(games: Iterable[GameRecord]) -> Iterator[Lap]:
    """Yield each different stretch of moves that returned to its first position."""
    seen = set()
    for game in games:
        places: dict[int, int] = {}
        board = game.start()
        for ply, move in enumerate(game.moves, 1):
            board.push(move)
            if board.halfmove == 0:
                places = {}
            if board.key in places and not board.is_check():
                lap = Lap(fresh(board), game.moves[places[board.key] : ply])
                if lap not in seen:
                    seen.add(lap)
                    yield lap
            places[board.key] = ply


def random_laps(fens: list[str], rng: random.Random) -> Iterator[Lap]:
    """Yield laps of four random quiet moves: a piece of each side moves and returns."""
    while True:
        board, moves = Board(rng.choice(fens)), []
        for _ in range(2):
            quiet = [move for move in board.legal_moves if not board.is_capture(move)]
            if not quiet:
                break
            moves.append(rng.choice(quiet))
            board.push(moves[-1])
        back = [Move.from_iccs(text[2:] + text[:2]) for text in map(Move.iccs, moves)]
        if len(moves) == 2 and back[0] in board.legal_moves:
            board.push(back[0])
            if back[1] in board.legal_moves:
                yield Lap(fresh(board.root()), (*moves, *back))


# ------------------------------------------------------------------------------------------------ comparison


def cause(lap: Lap) -> str:
    """Return the kind of a difference, from what the chasing moves of the lap have in common."""
    chasing = jit.kernels("chasing")
    pairs = np.empty((chasing.MOST_CHASES, 2), dtype=np.int16)
    board, stays, pinned, checks = Board(lap.fen), False, False, False
    for move in (*lap.moves, *lap.moves):
        side, start, end = board.turn, move.from_square, move.to_square
        before = {tuple(pair) for pair in pairs[: chasing.chases(board.array, int(side), pairs)].tolist()}
        pinned |= bool(board.pinned(side))
        board.push(move)
        checks |= board.is_check()
        after = {tuple(pair) for pair in pairs[: chasing.chases(board.array, int(side), pairs)].tolist()}
        stays |= any((start, prey) in before for hunter, prey in after if hunter == end)
    if stays:
        return "a hunter moves along the line of its own attack"
    if pinned:
        return "a pinned piece is hunter or protector"
    return "a check in the lap" if checks else "other"


def compare(name: str, laps: Iterable[Lap], count: int, show: int) -> None:
    """Print how often both agree, over all laps and over those that either decides, and list the differences."""
    table: Counter[tuple[int | None, int | None]] = Counter()
    causes: Counter[str] = Counter()
    seconds, different = 0.0, []
    for lap, _ in zip(laps, range(count), strict=False):
        begun = time.process_time()
        board, end = until_the_end(lap, "asian")
        seconds += time.process_time() - begun
        ours, theirs = verdict(end), fairy(lap.fen, board.move_stack)
        table[ours, theirs] += 1
        if ours != theirs:
            causes[cause(lap)] += 1
            different.append((lap, ours, theirs, end))
    total = sum(table.values())
    decided = {key: n for key, n in table.items() if key[0] or key[1]}
    alike = sum(n for (a, b), n in table.items() if a == b)
    alike_decided = sum(n for (a, b), n in decided.items() if a == b)
    print(f"\n{name}: {total:,} laps, alike in {alike:,} ({100 * alike / max(total, 1):.2f} %)")
    print(f"  that either decides: {sum(decided.values()):,}, alike in {alike_decided:,} ", end="")
    print(f"({100 * alike_decided / max(sum(decided.values()), 1):.2f} %)")
    print(f"  {1e6 * seconds / max(total, 1):,.0f} us a lap, all plies judged")
    for (ours, theirs), n in sorted(table.items(), key=lambda item: -item[1]):
        if ours != theirs:
            print(f"  ours {ours}, theirs {theirs}: {n}")
    for words, n in causes.most_common():
        print(f"  {n:>6}  {words}")
    for lap, ours, theirs, end in different[:show]:
        judged = verdict(until_the_end(lap, "computer")[1])
        print(f"    {lap.fen}  {' '.join(move.iccs() for move in lap.moves)}  ours {ours}, theirs {theirs}, ", end="")
        print(f"computer rule {judged}; {end.reason if end else 'goes on'}")


def book() -> None:
    """Print how many diagrams each rules correctly."""
    rows = json.loads(BOOK.read_text(encoding="utf-8"))
    worth = {"1-0": 1, "0-1": -1, "1/2-1/2": 0}
    right: Counter[str] = Counter()
    for row in rows:
        moves = [Move.from_iccs(text) for text in row["moves"].split()]
        for ruleset in ("asian", "computer", "chinese"):
            board = Board(row["fen"])
            for move in moves:
                board.push(move)
                if end := board.outcome(ruleset):
                    break
            right[ruleset] += verdict(end) == worth[row["verdict"]]
        right["Fairy-Stockfish"] += fairy(row["fen"], moves) == worth[row["verdict"]]
    print(f"Diagrams of the Asian federation's book: {len(rows)}")
    for name in ("asian", "Fairy-Stockfish", "computer", "chinese"):
        print(f"  {name:<16} right in {right[name]}")


def move_limits(fens: list[str], count: int, rng: random.Random) -> None:
    """Print when random games without captures and repetitions are drawn, as counted by both."""
    ends: Counter[str] = Counter()
    for _ in range(50 * count):  # most random games end earlier: by mate, or without a quiet move to play
        if sum(ends.values()) == count:
            break
        fen, theirs = rng.choice(fens), None
        board = Board(fen)
        while board.halfmove < 260:  # checks beyond the tenth do not count
            moves = [m for m in board.legal_moves if not board.is_capture(m) and m not in board.repeating_moves(2)]
            checks = [move for move in moves if board.gives_check(move)]
            if not moves:
                break
            board.push(rng.choice(checks if checks and rng.random() < 0.5 else moves))
            end = board.outcome("asian")
            if theirs is None and board.halfmove >= 96 and fairy(fen, board.move_stack) == 0:
                theirs = board.ply
            if end is not None and end.termination is Termination.MOVE_LIMIT:
                late = "same ply" if theirs == board.ply else f"theirs {'earlier' if theirs else 'later'}"
                ends[late] += 1
                break
    print(f"\nMove limit of {sum(ends.values())} random games: " + ", ".join(f"{n} {k}" for k, n in ends.most_common()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("games", nargs="+", type=Path, help="records to take laps from")
    parser.add_argument("--laps", type=int, default=5000, help="laps of each kind")
    parser.add_argument("--limits", type=int, default=100, help="games for the move limit")
    parser.add_argument("--show", type=int, default=10, help="differences to print")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    book()
    games = [game for game in open_records(options.games) if isinstance(game, GameRecord)]
    fens = []
    for game in rng.sample(games, min(len(games), 2000)):
        board = game.start()
        for ply, move in enumerate(game.moves):
            board.push(move)
            if ply > 20 and rng.random() < 0.03:
                fens.append(fresh(board))
    rng.shuffle(games)
    compare("Recorded", recorded_laps(games), options.laps, options.show)
    compare("Random", random_laps(fens, rng), options.laps, options.show)
    move_limits(fens, options.limits, rng)


if __name__ == "__main__":
    main()
