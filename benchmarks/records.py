"""Speed of reading records compared with `cchess` in one run: `python -m benchmarks.records`.

Rates are plies per second of processor time, so that other work on the machine disturbs them little. Both programs read
the same files, one game each, in forms that cchess reads completely; a file counts only if cchess found all moves.
`--archive FILE --jobs N` also times the import of a collection, in wall time.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cchess
import numpy as np

from xiangqi_lm.dataset.collect import collect
from xiangqi_lm.dataset.division import pack
from xiangqi_lm.dataset.layout import Layout
from xiangqi_lm.dataset.loader import Loader
from xiangqi_lm.records.formats import xqf
from xiangqi_lm.records.formats.pgn import write_game
from xiangqi_lm.records.game import GameRecord, count
from xiangqi_lm.records.readers import open_records

GAMES = Path(__file__).parents[1] / "tests" / "data" / "rules" / "games.txt"


def row(name: str, rate: float, peer: float | None = None) -> None:
    """Print one line of the table; `peer` is our rate, printed as a ratio."""
    print(f"  {name:<44}{rate:>16,.0f} plies/s{f'   ours is {peer / rate:.1f} times' if peer else ''}", flush=True)


def rate(work: Callable[[], int], repeats: int = 3) -> float:
    """Return the best of some runs, in plies per second of processor time; `work` returns the number of plies."""
    best = 0.0
    for _ in range(repeats):
        begun = time.process_time()
        done = work()
        best = max(best, done / max(time.process_time() - begun, 1e-9))
    return best


def readers(games: list[GameRecord], folder: Path) -> None:
    """Time both readers on the same PGN and XQF files."""
    forms = {"Chinese PGN": (".pgn", _chinese), "ICCS PGN": (".pgn", _iccs), "XQF": (".xqf", xqf.write_game)}
    for name, (suffix, write) in forms.items():
        paths = []
        for i, game in enumerate(games):
            path = folder / f"{name}-{i}{suffix}"
            path.write_bytes(write(game))
            if _plies(path) == len(game.moves):
                paths.append(path)
        print(f"{name}: {len(paths)} of {len(games)} files that cchess reads whole")
        ours = rate(lambda paths=paths: sum(len(item.moves) for item in open_records(paths)))  # type: ignore[misc, union-attr]
        theirs = rate(lambda paths=paths: sum(map(_plies, paths)), 1)  # type: ignore[misc]
        row("xiangqi_lm", ours)
        row("cchess", theirs, ours)


def _chinese(game: GameRecord) -> bytes:
    return write_game(game, "chinese").replace(' "', ' "-').encode()  # cchess stops at an empty tag


def _iccs(game: GameRecord) -> bytes:
    return write_game(game).replace('"ICCS"', '"iccs"').encode()


def _plies(path: Path) -> int:
    """Return the number of main-line moves that cchess finds."""
    try:
        game = cchess.Game.read_from(str(path))
    except Exception:  # on any exception it has not read the file
        return 0
    return sum(1 for _ in game.iter_moves())


LISTED, VARIATIONS = 9_998, 1_400


def shapes(games: list[GameRecord], folder: Path) -> None:
    """Time our reader on long lists of moves and on one game with many variations."""
    notations = {"ICCS": lambda board, move: move.iccs(), "Chinese": lambda board, move: board.chinese(move)}
    for name, write in notations.items():
        lines = [" ".join(write(board, move) for board, move in game.replay()) for game in games]
        path = folder / f"{name}.moves"
        path.write_text("".join(lines[i % len(lines)] + "\n" for i in range(LISTED)), encoding="utf-8")
        row(f"list of {LISTED:,} games, {name}", rate(lambda path=path: _read(path)))  # type: ignore[misc]
    record = max(games, key=lambda game: len(game.moves))
    chance = random.Random(1)
    for i in range(VARIATIONS):
        ply = i % len(record.moves)
        board = record.board_at((), ply)
        for _ in range(10):
            if board.legal_moves:
                board.push(chance.choice(list(board.legal_moves)))
        record = record.add((), ply, board.move_stack[ply:])[0]
    path = folder / "variations.pgn"
    path.write_text(write_game(record, "chinese"), encoding="utf-8")
    begun = time.process_time()
    _read(path)
    print(f"  a game with {count(record.line):,} variations, Chinese moves: {time.process_time() - begun:.3f} s")


def _read(path: Path) -> int:
    return sum(len(item.moves) for item in open_records([path]) if isinstance(item, GameRecord))


def batches(games: list[GameRecord]) -> None:
    """Time the loader: tokens and boards, with and without the legal moves."""
    split = pack(games * 20)
    for name, legal in (("tokens and boards", False), ("tokens, boards and legal moves", True)):

        def work(legal: bool = legal) -> int:
            stream, done = iter(Loader(split, Layout(context=256), 8192, True, 0)), 0
            while done < 20_000:
                batch = next(stream)
                done += batch.counted
                if legal:
                    batch.moves()
            return done

        row(f"batches of {name}", rate(work))


def archive(path: Path, jobs: int, folder: Path) -> None:
    begun = time.perf_counter()
    found = collect(open_records([path], jobs), folder / "all.pgn")
    seconds = time.perf_counter() - begun
    games, refused = len(found.sources), len(found.refusals)
    print(f"import of {path.name} by {jobs} processes: {seconds:.1f} s for {games:,} games, {refused:,} refused")
    row("by the clock", sum(found.plies) / seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--games", type=Path, default=GAMES, help="records to measure with")
    parser.add_argument("--count", type=int, default=200, help="how many of them")
    parser.add_argument("--archive", type=Path, help="a collection to import")
    parser.add_argument("--jobs", type=int, default=1)
    args = parser.parse_args()
    records = [item for item in open_records([args.games]) if isinstance(item, GameRecord) and not item.start_fen]
    picked = np.linspace(0, len(records) - 1, min(args.count, len(records))).astype(int)
    games = [GameRecord(moves=records[i].moves) for i in picked]
    print(f"{len(games)} games, {sum(len(game.moves) for game in games):,} plies")
    with tempfile.TemporaryDirectory() as name:
        readers(games, Path(name))
        shapes(games, Path(name))
        batches(games)
        if args.archive:
            archive(args.archive, args.jobs, Path(name))


if __name__ == "__main__":
    main()
