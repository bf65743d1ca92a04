"""Reviews: the curves from scores to chances, whether a "blunder" is one, and how long a game takes.

Run: python -m benchmarks.review --fit --games PATH [--labels uci=FILE] [--judge SPEC --positions N] [--picture PNG]
     python -m benchmarks.review --precision PATH [--most N] [--engine PROGRAM] [--times 10] [--cache FILE] [--json F]
     python -m benchmarks.review --thresholds FILE
     python -m benchmarks.review --time FILE [--plies N] [--jobs N] [--judge SPEC]
     python -m benchmarks.review --reasons FILE --games FILE [--most N] [--judge SPEC]

`--fit` fits curves to the results of games (records, or the training games of a folder of shards) by maximum
likelihood, and writes `assets/review/curves.json`: one for each label file (see `dataset.labels`) from the positions
it has scored, and one for `--judge`, which scores `--positions` of them, one per game. Every tenth game is held out.

`--precision` reviews games (records, or some validation games of a folder of shards) with the default judge, and has
Fairy-Stockfish search the positions before and after each marked move, and after as many unmarked ones, with `--times`
the nodes of a first look; a blunder is confirmed if the move loses at least 0.15 there too. `--json` keeps both losses
of every move after each game; `--thresholds` reads that file, prints the table again with the present thresholds, and
shows which share is confirmed from which loss on, for the even games and for the odd ones.

`--time` reviews games (or their first `--plies`) without a cache: seconds for each, and for 80 plies.

`--reasons` reviews games and writes their mistakes, lines and reasons: what `tests/review` replays.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.labels import processor_seconds
from xiangqi_lm.dataset import division, shards
from xiangqi_lm.dataset import labels as label_files
from xiangqi_lm.dataset.annotate import positions
from xiangqi_lm.dataset.loader import UNKNOWN_RESULT
from xiangqi_lm.dataset.splits import Split
from xiangqi_lm.engine.spec import parse_spec
from xiangqi_lm.files import write_json, write_text
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.records.readers import open_records
from xiangqi_lm.review.curve import LAST_PLY, Curve, curve_of, curves_file
from xiangqi_lm.review.masters import Masters
from xiangqi_lm.review.report import to_json
from xiangqi_lm.review.review import INACCURACY, MISTAKE, MISTAKES, Review, expectation, mark_of
from xiangqi_lm.review.reviewer import Reviewer
from xiangqi_lm.review.verdicts import Cache, Judge, Question
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import MOVES

FAIRY = shutil.which("fairy-stockfish") or "/usr/games/fairy-stockfish"
HELD_OUT = 10  # every tenth game
HEAVY = 0.15  # loss of expected score by the other judge that confirms a blunder
SHORTEST = 30  # plies of the shortest game that is reviewed
STEPS = (200.0, 100.0, 50.0, 25.0, 10.0)  # centipawns of the coordinate search


def games_of(path: Path, most: int | None, seed: int = 1) -> list[GameRecord]:
    """Return the first games of a file, or some validation games of a folder of shards, from the start position."""
    if (path / "index.json").exists():
        split = shards.Shards.open(path).split("validation")
        order = np.random.default_rng(seed).permutation(len(split)).tolist()
        whole = [i for i in order if split.start(i) is None and len(split.moves(i)) >= SHORTEST][:most]
        return [GameRecord(moves=tuple(MOVES[m] for m in split.moves(i).tolist()), source=f"game {i}") for i in whole]
    return list(islice((item for item in open_records([path]) if isinstance(item, GameRecord)), most))


# ------------------------------------------------------------------------------------------------ the curve


def places(split: Split, known: label_files.Labels) -> np.ndarray:
    """Return (game, ply, score, result) of labelled plies, float64 [N, 4]; result 0 the mover won, 1 draw, 2 lost."""
    keys = known.keys()
    order = np.argsort(keys)
    keys = keys[order]
    rows = [np.empty((0, 4))]
    for game, boards in positions(split):
        result, start = split.result(game), split.start(game)
        if result == UNKNOWN_RESULT:
            continue
        here = label_files.position_keys(boards)
        at = np.searchsorted(keys, here).clip(max=len(keys) - 1)
        plies = np.flatnonzero(keys[at] == here)
        movers = np.where(plies % 2 == 0, 1, -1) * (1 if start is None else int(start[90]))
        scores = known.scores[order[at[plies]]]
        rows.append(np.stack([np.full(len(plies), game), plies, scores, 1 - movers * result], 1))
    return np.concatenate(rows)


def nats(parameters: np.ndarray, rows: np.ndarray) -> float:
    """Return the mean negative log-likelihood of the results under a curve (scale_0, scale_1, margin_0, margin_1)."""
    curve = Curve((parameters[0], parameters[1]), (parameters[2], parameters[3]))
    chances = curve.chances(rows[:, 2], rows[:, 1])[np.arange(len(rows)), rows[:, 3].astype(int)]
    return float(-np.log(chances.clip(1e-6)).mean())


def fitted(rows: np.ndarray) -> np.ndarray:
    """Return the likeliest parameters, by a coordinate search with ever smaller steps."""
    best = np.array([260.0, 260.0, 200.0, 200.0])
    least = nats(best, rows)
    for step in STEPS:
        moved = True
        while moved:
            moved = False
            for i in range(4):
                for sign in (1, -1):
                    tried = best.copy()
                    tried[i] = max(10.0, tried[i] + sign * step)
                    if (worth := nats(tried, rows)) < least:
                        best, least, moved = tried, worth, True
    return best


def judged_places(split: Split, spec: str, count: int, seed: int) -> np.ndarray:
    """Return the same as `places` for positions that a judge scores now: one ply each of `count` decided games."""
    rng = np.random.default_rng(seed)
    decided = [i for i in range(len(split)) if split.result(i) != UNKNOWN_RESULT and split.start(i) is None]
    judge, rows = Judge(spec), []
    for game in rng.permutation(decided)[:count].tolist():
        moves = split.moves(game)
        ply = int(rng.integers(len(moves)))
        board = Board()
        for move_id in moves[:ply].tolist():
            board.push_unchecked(MOVES[move_id])
        for _, verdict in judge.ask([Question(board)]):
            rows.append((game, ply, verdict.score.as_centipawns(), 1 - int(board.turn) * split.result(game)))
    judge.close()
    return np.array(rows, np.float64)


def split_of(path: Path, most: int | None) -> Split:
    """Return the games of records or of a folder of shards."""
    if (path / "index.json").exists():
        return shards.Shards.open(path).split("train")
    return division.pack(games_of(path, most))


def fit(split: Split, found: dict[str, np.ndarray], picture: Path | None) -> None:
    """Fit a curve to the places of each kind of judge and write the asset; other kinds keep their curves."""
    known = json.loads(curves_file().read_text("utf-8"))["curves"] if curves_file().exists() else {}
    report: dict[str, Any] = {"source": "python -m benchmarks.review --fit", "curves": known}
    for kind, rows in found.items():
        held = rows[:, 0] % HELD_OUT == 0
        parameters = fitted(rows[~held])
        flat = np.array([260.0, 260.0, 200.0, 200.0])
        one = {
            "scale": parameters[:2].tolist(), "margin": parameters[2:].tolist(), "places": len(rows),
            "games": len(np.unique(rows[:, 0])), "held_out_places": int(held.sum()),
            "held_out_nats": round(nats(parameters, rows[held]), 4),
        }  # fmt: skip
        report["curves"][kind] = one
        print(f"{kind}: {one}; the scale of rules.score has {nats(flat, rows[held]):.4f} nats held out", flush=True)
    curves_file().parent.mkdir(exist_ok=True)
    write_json(curves_file(), report)
    if picture:
        draw(found, picture)


def draw(found: dict[str, np.ndarray], picture: Path) -> None:
    """Draw expected scores by centipawns: those found in games (dots), and the curves at ply 20 and 100."""
    from matplotlib.figure import Figure

    from xiangqi_lm import figures
    from xiangqi_lm.review.curve import shipped

    shipped.cache_clear()
    figure = Figure(figsize=(10, 4), layout="constrained")
    axes = figure.subplots(1, len(found), sharey=True, squeeze=False)[0]
    for axis, (kind, rows) in zip(axes, found.items(), strict=True):
        steps = np.arange(-800, 801, 100)
        for (first, stop), ply, color in (((0, 40), 20, "tab:blue"), ((80, 1000), LAST_PLY, "tab:red")):
            part = rows[(rows[:, 1] >= first) & (rows[:, 1] < stop)]
            near = np.round(part[:, 2] / 100) * 100
            seen = [(s, 1 - part[near == s, 3].mean() / 2) for s in steps if (near == s).sum() >= 15]
            axis.scatter([x for x, _ in seen], [y for _, y in seen], s=14, color=color)
            line = np.linspace(-800, 800, 161)
            chances = shipped()[kind].chances(line, ply)
            axis.plot(line, chances[:, 0] + chances[:, 1] / 2, color=color, label=f"ply {ply}")
        axis.set(title=f"judge: {kind}", xlabel="centipawns for the side to move", ylim=(0, 1))
        axis.grid(alpha=0.3)
        axis.legend()
    axes[0].set_ylabel("expected score")
    figures.save(figure, picture)


# ------------------------------------------------------------------------------------------------ marks and times


def reviewed(records: list[GameRecord], judge: str, jobs: int, cache: Cache) -> Iterator[Review]:
    """Review games by a judge alone."""
    reviewer = Reviewer(Judge(judge, jobs=jobs, cache=cache))
    try:
        for record in records:
            yield reviewer.review(record)
    finally:
        reviewer.close()


def precision(
    records: list[GameRecord], engine: str, times: int, jobs: int, seed: int, cache: Cache, kept: Path | None
) -> None:
    """Print how often moves with and without marks lose as much according to an independent judge."""
    rng = random.Random(seed)
    spec = f"uci:{engine}?UCI_Variant=xiangqi&Threads=1&nodes={times * 20_000}"
    other, curve = Judge(spec, jobs=jobs, cache=cache), curve_of("uci")
    rows: list[Compared] = []
    for game, review in enumerate(reviewed(records, "alphabeta", jobs, cache)):
        marked = [one for one in review.moves if one.is_mistake]
        sound = [one for one in review.moves if not one.mark]
        chosen = marked + rng.sample(sound, min(len(sound), max(3, len(marked))))
        boards = [review.record.board_at(review.path, ply) for ply in range(len(review.line) + 1)]
        asked = [Question(boards[one.ply + off]) for one in chosen for off in (0, 1)]
        over = [not question.board.legal_list() for question in asked]
        answers = dict(other.ask([question for question, end in zip(asked, over, strict=True) if not end]))
        verdicts = iter(answers[i] for i in range(len(answers)))
        known = [None if end else next(verdicts) for end in over]
        worth = [
            0.0 if one is None else expectation(curve.of(one.score, question.board.ply))
            for one, question in zip(known, asked, strict=True)
        ]
        for i, one in enumerate(chosen):
            best = known[2 * i]
            own = best is not None and best.line[:1] == (one.move,)
            loss = 0.0 if own else worth[2 * i] - (1 - worth[2 * i + 1])
            rows.append(Compared(game, one.ply, one.mark or "sound", one.loss, round(loss, 4), len(sound)))
        print(f"{review.record.source}: {len(marked)} marks", flush=True)
        if kept:
            write_json(kept, [asdict(row) for row in rows])
    other.close()
    show(rows)


@dataclass(frozen=True)
class Compared:
    """A move with its mark and loss by the default judge, and its loss by the other; the game had `sound` moves."""

    game: int
    ply: int
    mark: str
    ours: float
    theirs: float
    sound: int


def show(rows: list[Compared]) -> None:
    """Print how often moves with each mark lose as much by the other judge, and what share of such losses is marked."""
    print("by us       moves   loss >= 0.15   >= 0.10   >= 0.05   mean loss, by the other judge")
    for mark in dict.fromkeys(row.mark for row in rows):
        found = np.array([row.theirs for row in rows if row.mark == mark])
        shares = [float((found >= least).mean()) for least in (HEAVY, MISTAKE, INACCURACY)]
        print(f"{mark:<10} {len(found):6} " + " ".join(f"{share:11.1%}" for share in shares) + f"{found.mean():12.3f}")
    weights = np.array([_weight(row, rows) for row in rows])
    heavy = np.array([row.theirs >= HEAVY for row in rows])
    marked = np.array([row.mark != "sound" for row in rows])
    total = float((weights * heavy).sum())
    if total:
        blunders = np.array([row.mark == "blunder" for row in rows])
        shares = [(weights * heavy * which).sum() / total for which in (blunders, marked)]
        print(
            f"of an estimated {total:.0f} losses of 0.15 by the other judge {shares[0]:.1%} are marked as blunders, "
            f"{shares[1]:.1%} have a mark"
        )


def _weight(row: Compared, rows: list[Compared]) -> float:
    """Return how many moves a row stands for: of those without a mark, only some were compared."""
    if row.mark != "sound":
        return 1.0
    return row.sound / sum(one.game == row.game and one.mark == "sound" for one in rows)


def thresholds(rows: list[Compared]) -> None:
    """Print the share of confirmed blunders by the loss above which moves are marked as such, on both halves."""
    for name, half in (("even", 0), ("odd", 1)):
        print(f"{name} games: least loss by us, moves, share with >= 0.15 and >= 0.10 by the other judge")
        for least in (0.15, 0.18, 0.2, 0.22, 0.25, 0.3):
            found = np.array([row.theirs for row in rows if row.game % 2 == half and row.ours >= least])
            if len(found):
                print(f"  {least:.2f} {len(found):6} {(found >= HEAVY).mean():8.1%} {(found >= MISTAKE).mean():8.1%}")


def timed(records: list[GameRecord], jobs: int, judge: str) -> None:
    """Print the seconds per game; processes are started and everything is compiled beforehand."""
    masters = Masters.load("default", "cpu")
    reviewer = Reviewer(Judge(judge, jobs=jobs), masters)
    reviewer.review(records[0].cut((), 4))
    for record in records:
        wall, spent = time.perf_counter(), processor_seconds()
        found = reviewer.review(record)
        wall, spent = time.perf_counter() - wall, processor_seconds() - spent
        plies = len(found.line)
        print(f"{plies} plies: {wall:.1f} s by the clock, {wall * 80 / plies:.1f} s for 80", flush=True)
        if jobs == 1:
            print(f"    {spent:.1f} s of processor time, {spent * 80 / plies:.1f} s for 80", flush=True)
    reviewer.close()


def write_reasons(records: list[GameRecord], judge: str, jobs: int, path: Path) -> None:
    """Write the mistakes of games with their lines and reasons."""
    games = []
    for found in reviewed(records, judge, jobs, Cache()):
        whole = to_json(found)
        kept = ("ply", "mark", "best", "answer", "reason")
        mistakes = [{name: one.get(name) for name in kept} for one in whole["moves"] if one["mark"] in MISTAKES]
        games.append({"start_fen": whole["start_fen"], "line": " ".join(whole["line"]), "mistakes": mistakes})
        print(f"{found.record.source}: {sum(one['reason'] is not None for one in mistakes)} reasons", flush=True)
        text = json.dumps({"judge": judge, "games": games}, ensure_ascii=False, separators=(",", ":"))
        write_text(path, text.replace('{"start_fen"', '\n{"start_fen"') + "\n")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--fit", action="store_true")
    options.add_argument("--precision", type=Path)
    options.add_argument("--time", type=Path)
    options.add_argument("--reasons", type=Path)
    options.add_argument("--labels", action="append", default=[], metavar="KIND=FILE")
    options.add_argument("--games", type=Path)
    options.add_argument("--judge", default="")
    options.add_argument("--positions", type=int, default=3000)
    options.add_argument("--most", type=int)
    options.add_argument("--engine", default=FAIRY)
    options.add_argument("--times", type=int, default=10)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--picture", type=Path)
    options.add_argument("--plies", type=int, help="of --time: review only the first plies of each game")
    options.add_argument("--json", type=Path)
    options.add_argument("--thresholds", type=Path)
    options.add_argument("--cache", type=Path, help="of --precision: what is known is not asked again")
    asked = options.parse_args()
    if asked.fit:
        split = split_of(asked.games, asked.most)
        found = {}
        for text in asked.labels:
            kind, _, name = text.partition("=")
            found[kind] = places(split, label_files.read([Path(name)]))
        if asked.judge:
            found[parse_spec(asked.judge).kind] = judged_places(split, asked.judge, asked.positions, asked.seed)
        fit(split, found, asked.picture)
    if asked.precision:
        precision(
            games_of(asked.precision, asked.most, asked.seed), asked.engine, asked.times, asked.jobs, asked.seed,
            Cache(asked.cache), asked.json,
        )  # fmt: skip
    if asked.thresholds:
        rows = [Compared(**row) for row in json.loads(asked.thresholds.read_text("utf-8"))]
        show([replace(row, mark=mark_of(row.ours) or "sound") for row in rows])
        thresholds(rows)
    if asked.reasons:
        write_reasons(games_of(asked.games, asked.most), asked.judge or "alphabeta", asked.jobs, asked.reasons)
    if asked.time:
        records = games_of(asked.time, asked.most)
        records = [record.cut((), asked.plies) for record in records] if asked.plies else records
        timed(records, asked.jobs, asked.judge or "alphabeta")


if __name__ == "__main__":
    main()
