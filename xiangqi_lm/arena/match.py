"""Games of one player against another, many at once, each with a result and a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..engine.player import Player
from ..errors import EngineFailure
from ..rules.board import Board
from ..rules.outcome import Outcome
from ..rules.squares import BLACK, RED


@dataclass(frozen=True)
class Game:
    """A finished game; `number` counts from 0 in the order of the match."""

    number: int
    board: Board
    outcome: Outcome


def play_batch(
    red: Player,
    black: Player,
    boards: Sequence[Board],
    first: int = 0,
    progress: Callable[[int], None] = lambda n: None,
) -> Iterator[Game]:
    """Play games from the given positions side by side; each is yielded when it ends. The boards are played on.

    A player is asked once a ply for all the games that wait for it. `progress` gets the number of plies just played.
    """
    going = dict(enumerate(boards, first))
    while going:
        for number in list(going):
            if ended := going[number].outcome():
                yield Game(number, going.pop(number), ended)
        for player, color in ((red, RED), (black, BLACK)):
            waiting = [number for number, board in going.items() if board.turn is color]
            if not waiting:
                continue
            choices = player.choose_many([going[number] for number in waiting])
            for number, choice in zip(waiting, choices, strict=True):
                if not going[number].is_legal(choice.move):
                    fen = going[number].fen()
                    raise EngineFailure(f"{player.name} played the illegal move {choice.move.iccs()} in {fen}")
                going[number].push_unchecked(choice.move)
            progress(len(waiting))
            break  # look for games that just ended before the other side is asked
