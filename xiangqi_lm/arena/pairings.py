"""The pairings of players that make the games to be labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..engine.spec import Spec


@dataclass(frozen=True)
class Pairing:
    """A number of games between two players; without `black` the first plays both sides."""

    red: Spec
    black: Spec | None
    games: int


def pairings(players: Sequence[Spec], games: int) -> list[Pairing]:
    """Distribute games: the first player against itself and, in equal parts, against each of the others with both
    colours. The first parts get the remainder; some may get no game."""
    whole, left = divmod(games, len(players))
    found = [Pairing(players[0], None, whole + (left > 0))]
    for i, other in enumerate(players[1:], 1):
        mine = whole + (i < left)
        found += [Pairing(players[0], other, mine - mine // 2), Pairing(other, players[0], mine // 2)]
    return found
