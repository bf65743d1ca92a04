"""Results of a tournament as they grow: tallies of each two players, tests, ratings, and figures of each player."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from .ratings import Ratings, Tally, rate
from .sprt import Sprt

_POINTS = {"1-0": 2, "1/2-1/2": 1, "0-1": 0}  # half points of Red


class Standings:
    """Adds finished games, in any order.

    With a test, two players are decided when their tally first reaches a bound, and stay decided whatever the games
    still under way.
    """

    def __init__(self, names: Sequence[str], sprt: Sprt | None = None, anchor: str | None = None):
        self.names, self.sprt, self.anchor = list(names), sprt, anchor
        self.done: set[int] = set()
        # of two names in the order of the players, from the view of the first
        self.tallies: dict[tuple[str, str], Tally] = {}
        self._halves: dict[tuple[str, str, int], int] = {}  # first games of pairs: half points of the first name
        self._decided: dict[tuple[str, str], str] = {}
        self._sides: dict[tuple[str, str], list[int]] = {}  # (red, black) -> Red's wins, draws, losses
        self._ends: Counter[str] = Counter()
        self._figures: dict[str, Counter[str]] = {name: Counter() for name in names}

    def _pair(self, one: str, two: str) -> tuple[str, str]:
        return (one, two) if self.names.index(one) < self.names.index(two) else (two, one)

    def add(self, game: Mapping[str, Any]) -> None:
        """Count a game, unless it is counted already."""
        if game["number"] in self.done:
            return
        self.done.add(game["number"])
        red, black, points = game["red"], game["black"], _POINTS[game["result"]]
        pair = self._pair(red, black)
        mine = points if pair[0] == red else 2 - points
        tally = Tally(int(mine == 2), int(mine == 1), int(mine == 0))
        half = (*pair, game["round"])
        if half in self._halves:
            both = mine + self._halves.pop(half)
            tally += Tally(pairs=tuple(int(both == sum_) for sum_ in range(5)))  # type: ignore[arg-type]
        else:
            self._halves[half] = mine
        self.tallies[pair] = self.tallies.get(pair, Tally()) + tally
        self._sides.setdefault((red, black), [0, 0, 0])[2 - points] += 1
        self._ends[game["termination"]] += 1
        self._count_figures(game)
        if self.sprt and pair not in self._decided:
            decision = self.sprt.decision(self.tallies[pair].llr(self.sprt))
            if decision != "continue":
                self._decided[pair] = decision

    def _count_figures(self, game: Mapping[str, Any]) -> None:
        """Add moves, seconds and nodes of both players, and the games that each lost by time, illegal moves or
        failures.
        """
        black_began = bool(game["fen"]) and game["fen"].split()[1] == "b"
        for ply, said in enumerate(game["thoughts"]):
            if said:
                figures = self._figures[game["black" if (ply % 2 == 1) != black_began else "red"]]
                figures["moves"] += 1
                figures["seconds"] += said[0]
                figures["nodes"] += said[4] or 0
        if game["termination"] in ("time", "illegal", "failure"):
            self._figures[game["red" if game["result"] == "0-1" else "black"]][game["termination"]] += 1

    def is_decided(self, one: str, two: str) -> bool:
        """Return whether the test between two players has ended."""
        return self._pair(one, two) in self._decided

    def total(self, name: str) -> Tally:
        """Return the tally of all games of a player."""
        tallies = [
            tally if pair[0] == name else tally.reversed() for pair, tally in self.tallies.items() if name in pair
        ]
        return sum(tallies, Tally())

    def ratings(self) -> Ratings:
        return rate(self._sides, self.anchor)

    # -------------------------------------------------------------------------------------------- as JSON

    def results(self) -> dict[str, Any]:
        """Return pairs, ratings, players and ends, as in `results.json`; figures are rounded, intervals are 95 %."""
        ratings = self.ratings()
        return {
            "players": [self._player(name) for name in self.names],
            "pairs": [self._meeting(pair) for pair in self.tallies],
            "ratings": {
                "model": "Davidson, Elo",
                "anchor": self.anchor,
                "bounded": ratings.bounded,
                "first_move_elo": round(ratings.advantage, 1),
                "draws_between_equals": round(ratings.draws, 4),
                "players": {
                    name: {"elo": round(r.elo, 1), "elo_95": [round(r.low, 1), round(r.high, 1)]}
                    for name, r in sorted(ratings.players.items(), key=lambda item: -item[1].elo)
                },
            },
            "terminations": dict(self._ends.most_common()),
        }

    def _meeting(self, pair: tuple[str, str]) -> dict[str, Any]:
        tally = self.tallies[pair]
        return {
            "players": list(pair),
            "games": tally.games,
            "wins": tally.wins,
            "draws": tally.draws,
            "losses": tally.losses,
            "score": round(tally.score, 4),
            "pentanomial": list(tally.pairs),
            "elo": round(tally.elo, 1),
            "elo_95": [round(bound, 1) for bound in tally.elo_interval],
            "normalized_elo": round(tally.normalized_elo, 1),
            "los": round(tally.superiority, 4),
            "sprt": self._test(pair),
        }

    def _test(self, pair: tuple[str, str]) -> dict[str, Any] | None:
        if self.sprt is None:
            return None
        low, high = self.sprt.bounds
        return {
            **dataclasses.asdict(self.sprt),
            "llr": round(self.tallies[pair].llr(self.sprt), 4),
            "bounds": [round(low, 4), round(high, 4)],
            "state": self._decided.get(pair, "continue"),
        }

    def _player(self, name: str) -> dict[str, Any]:
        tally, figures = self.total(name), self._figures[name]
        sides = {"red": [0, 0, 0], "black": [0, 0, 0]}
        for (red, black), counts in self._sides.items():
            if red == name:
                sides["red"] = [a + b for a, b in zip(sides["red"], counts, strict=True)]
            if black == name:
                sides["black"] = [a + b for a, b in zip(sides["black"], counts[::-1], strict=True)]
        moves = figures["moves"]
        return {
            "name": name,
            "games": tally.games,
            "wins": tally.wins,
            "draws": tally.draws,
            "losses": tally.losses,
            "score": round(tally.score, 4),
            "wins_draws_losses_by_side": sides,
            "lost_otherwise": {end: figures[end] for end in ("time", "illegal", "failure") if figures[end]},
            "moves": moves,
            "seconds_per_move": round(figures["seconds"] / moves, 4) if moves else None,
            "nodes_per_move": round(figures["nodes"] / moves) if figures["nodes"] else None,
        }
