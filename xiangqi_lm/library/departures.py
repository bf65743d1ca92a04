"""Where a game leaves the games of a library: the first move that no other game played there."""

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
    """`plies` moves of the game were played by other games of the library too; `move` is the first that was not, None
    where the game ended before, and `instead` what others played there, the most frequent first."""

    plies: int
    move: Move | None
    instead: tuple[PlayedMove, ...]


def departure(library: Library, record: GameRecord) -> Departure:
    """Return where the main line of a game leaves the library; the game may be in it itself, and does not count."""
    own = library.copies(record)
    board = record.start()
    for ply, move in enumerate(record.moves):
        place, found = place_of(board), library.explore(board)
        same = [played for played in found if place.stored(played.move) == place.stored(move)]
        if sum(played.games for played in same) <= own:
            return Departure(ply, move, tuple(played for played in found if played not in same))
        board.push(move)
    return Departure(len(record.moves), None, ())
