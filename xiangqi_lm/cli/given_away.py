"""`xiangqi-lm evaluate --player`: the expected score that moves of players and games give away, by judges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import XiangqiError

if TYPE_CHECKING:
    from ..dataset.splits import Split

PLAYED = "as played"  # stands for the moves of the games


def measure(
    games: Split, sample: Iterable[int], players: Sequence[str], judges: Sequence[str], count: int, jobs: int,
    seed: int, verdicts: Path | None,
) -> dict[str, Any]:  # fmt: skip
    """Return the report: for each judge, figures of the games' own moves and of each player's at the same positions."""
    import numpy as np

    from ..review import given_away
    from ..review.verdicts import Cache, Judge
    from .progress import Meter

    found = given_away.sampled(games, sample, count, np.random.default_rng(seed))
    if not found:
        raise XiangqiError("no position with a choice of moves: only games from the start position are measured")
    boards, played = [board for board, _ in found], [move for _, move in found]
    cache = Cache(verdicts)
    moves = {PLAYED: played}
    with Meter(len(boards) * len(players), "moves") as meter:
        for spec in players:
            moves[spec] = given_away.moves_of(spec, boards, seed, cache, meter.add)
    asked = sum(1 + len({chosen[i] for chosen in moves.values()}) for i in range(len(boards)))
    report: dict[str, Any] = {"positions": len(boards), "seed": seed, "judges": {}}
    for spec in judges:
        judge = Judge(spec, jobs=jobs, cache=cache)
        try:
            with Meter(asked, "positions") as meter:
                lost = given_away.given_away(boards, moves, judge, meter.add)
        finally:
            judge.close()
        report["judges"][spec] = {
            name: given_away.summary(lost[name], np.array([a is b for a, b in zip(chosen, played, strict=True)]))
            for name, chosen in moves.items()
        }
    cache.close()
    return report


def show(report: dict[str, Any]) -> None:
    """Print a table for each judge."""
    from .table import show as table

    columns = ["player", "given away", "95 %", "10 % or more", "30 % or more", "the game's move"]
    for judge, players in report["judges"].items():
        rows = [
            [
                name, f"{one['given_away']:.2%}", f"± {one['interval']:.2%}", f"{one['mistakes']:.1%}",
                f"{one['blunders']:.1%}", f"{one['same_move']:.1%}",
            ]
            for name, one in players.items()
        ]  # fmt: skip
        table(f"expected score given away in {report['positions']:,} positions, by {judge}", columns, rows)
