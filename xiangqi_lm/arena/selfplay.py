"""Self-play: games of a player against itself or another from the start position, as records."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

from ..engine.player import Player
from ..records.game import GameRecord
from ..rules.board import Board
from .match import Game, play_batch


def record_of(game: Game, red: str, black: str, event: str = "Self-play") -> GameRecord:
    """A finished game as a record; the reason is its Termination header."""
    headers = {
        "Event": event,
        "Site": "xiangqi-lm",
        "Date": datetime.date.today().strftime("%Y.%m.%d"),
        "Round": str(game.number + 1),
        "Red": red,
        "Black": black,
        "Termination": f"{game.outcome.termination.value}: {game.outcome.reason}",
    }
    return GameRecord(headers=headers, moves=tuple(game.board.move_stack), result=game.outcome.result)


def selfplay(
    red: Player, black: Player, games: int, batch: int, progress: Callable[[int], None] = lambda plies: None
) -> Iterator[Game]:
    """Play `games` games, at most `batch` at once, in batches; games come as they end."""
    for first in range(0, games, batch):
        boards = [Board() for _ in range(min(batch, games - first))]
        yield from play_batch(red, black, boards, first, progress)
