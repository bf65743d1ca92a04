"""Where a game leaves the library: its first move that no other game played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..records.game import GameRecord
from ..rules.moves import Move
from .positions import place_of

if TYPE_CHECKING:
    from .library import Library, PlayedMove


@dataclass(frozen=True)
class Departure:
    """The departure of a game from a library: its first `plies` moves were played in other games too.

    `move` is the first that was not, None if there is none; `instead` lists what others played there, most frequent
    first.
    """

    plies: int
    move: Move | None
    instead: tuple[PlayedMove, ...]


def departure(library: Library, record: GameRecord) -> Departure:
    """Return where the main line of a game leaves the library; the game itself, if it is in there, does not count."""
    own = library.copies(record)
    board = record.start()
    for ply, move in enumerate(record.moves):
        place, found = place_of(board), library.explore(board)
        same = [played for played in found if place.stored(played.move) == place.stored(move)]
        if sum(played.games for played in same) <= own:
            return Departure(ply, move, tuple(played for played in found if played not in same))
        board.push(move)
    return Departure(len(record.moves), None, ())
