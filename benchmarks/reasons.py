"""How often a reason would be found by chance: reasons of sound moves beside those of mistakes.

    python -m benchmarks.reasons GAMES [--most N] [--seed S] [--jobs N] [--cache FILE]

GAMES are records or a folder of shards (some of its validation games). They are reviewed by the default judge. A sound
move loses less than 2 points although the judge would have played another; its lines are searched for a reason like
those of a mistake. A kind that is as frequent among sound moves as among mistakes explains nothing.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.review import games_of, reviewed
from xiangqi_lm.review.reasons import find
from xiangqi_lm.review.review import MISTAKE, MoveReview, Review, expectation
from xiangqi_lm.review.verdicts import Cache
from xiangqi_lm.review.words import KINDS

SOUND = 0.02  # the loss below which a move is sound
COLUMNS = ("sound", "inaccuracy", "mistake", "blunder")


def column(one: MoveReview) -> str | None:
    """Return the column of the table that a move belongs to, or None."""
    if one.is_mistake:
        return one.mark
    return "sound" if one.loss < SOUND and one.best and one.answer and one.best[0] is not one.move else None


def kinds(review: Review) -> Iterator[tuple[str, str]]:
    """Yield the column of each move of a review and the kind of its reason, or `unexplained`."""
    for one in review.moves:
        if (name := column(one)) is None:
            continue
        reason = one.reason
        if name == "sound":
            board = review.record.board_at(review.path, one.ply)
            expected = expectation(one.before), expectation(one.after)
            reason = find(board, one.move, one.best, one.answer, review.ruleset, expected)
        yield name, reason.kind if reason else "unexplained"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("games", type=Path)
    options.add_argument("--most", type=int)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--cache", type=Path)
    asked = options.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    games = games_of(asked.games, asked.most, asked.seed)
    for review in reviewed(games, "alphabeta", asked.jobs, Cache(asked.cache)):
        counts.update(kinds(review))
    totals = {name: sum(n for (where, _), n in counts.items() if where == name) for name in COLUMNS}
    print(f"{len(games)} games; moves: " + ", ".join(f"{totals[name]} {name}" for name in COLUMNS))
    print(f"{'':36}" + "".join(f"{name:>12}" for name in COLUMNS))
    for kind in sorted(KINDS, key=lambda kind: -sum(counts[name, kind] for name in COLUMNS)):
        shares = [counts[name, kind] / max(1, totals[name]) for name in COLUMNS]
        print(f"{KINDS[kind][1]:36}" + "".join(f"{share:12.1%}" for share in shares))
    print(f"events besides material are named from a loss of {MISTAKE:.0%} on")


if __name__ == "__main__":
    main()
