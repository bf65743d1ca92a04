"""Self-play: games of a player against itself or another, from the start position or a book, as records.

A language model against itself plays in lockstep on its device (`lockstep`); other pairs of players are asked for a
batch of games at a time (`match.play_batch`).
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from ..engine.player import TEMPERATURE, TOP_P, Player
from ..engine.spec import MANNERS, Spec, make_player, manners_of
from ..errors import BadConfig
from ..records.game import GameRecord
from ..rules.board import Board
from ..rules.rulesets import DEFAULT
from .match import FinishedGame, play_batch
from .openings import Opening

_SAMPLING = {"temperature", "top_p", "device"}  # options of a language model that lockstep supports


def record_of(game: FinishedGame, red: str, black: str, event: str = "Self-play", opening: str = "") -> GameRecord:
    """Return a finished game as a record; the reason for its end is the header Termination."""
    headers = {
        "Event": event,
        "Site": "xiangqi-lm",
        "Date": datetime.date.today().strftime("%Y.%m.%d"),
        "Round": str(game.number + 1),
        "Red": red,
        "Black": black,
        **({"Opening": opening} if opening else {}),
        "Termination": f"{game.outcome.termination.value}: {game.outcome.reason}",
    }
    root = game.board.root()
    start = None if root == Board() else root.fen()
    return GameRecord(headers=headers, start_fen=start, moves=tuple(game.board.move_stack), result=game.outcome.result)


def selfplay(
    red: Player,
    black: Player,
    games: int | Sequence[Board],
    batch: int,
    progress: Callable[[int], None] = lambda plies: None,
    ruleset: str = DEFAULT,
) -> Iterator[FinishedGame]:
    """Play games from these boards (or that many from the start position), in batches of at most `batch`; yield them as
    they end."""
    starts = [Board() for _ in range(games)] if isinstance(games, int) else list(games)
    for first in range(0, len(starts), batch):
        boards = [board.copy() for board in starts[first : first + batch]]
        yield from play_batch(red, black, boards, first, progress, ruleset)


# ------------------------------------------------------------------------------------------------ by specs


def _unheard(plies: int) -> None:
    """Ignore progress."""


@dataclass
class SelfPlay:
    """Plays games by their numbers and returns records; picklable, and builds its players at the first call.

    Game n begins with an opening chosen by n and the seed. The next `opening_plies` are sampled at
    `opening_temperature`, which is only possible for a language model against itself. Raises BadConfig, BadCheckpoint,
    EngineFailure. EngineFailure.
    """

    red: Spec
    black: Spec | None = None
    openings: tuple[Opening, ...] = ()
    batch: int = 64
    seed: int = 0
    opening_plies: int = 0
    opening_temperature: float = 1.0
    ruleset: str = DEFAULT
    total: int = 0  # games of the whole run, some of which may have been played before; 0: unknown
    _players: tuple[Player, Player] | None = field(default=None, init=False, repr=False)
    _model: Any = field(default=None, init=False, repr=False)

    # gets numbers of plies
    report: Callable[[int], None] = field(default=_unheard, init=False, repr=False, compare=False)

    def __call__(self, numbers: Sequence[int]) -> list[GameRecord]:
        return list(self.play(numbers, self.report))

    def play(
        self, numbers: Sequence[int], progress: Callable[[int], None] = lambda plies: None
    ) -> Iterator[GameRecord]:
        """Return the games with these numbers as they end; `progress` gets plies as they are played."""
        boards = {number: self._start(number) for number in numbers}
        names = str(self.red), str(self.black or self.red)
        for game in self._games(boards, progress):
            opening = self._opening(game.number)
            yield record_of(game, *names, opening=str(opening) if opening else "")

    def _games(self, boards: dict[int, Board], progress: Callable[[int], None]) -> Iterator[FinishedGame]:
        if self._in_lockstep():
            from .game_batch import SamplingConfig
            from .lockstep import lockstep

            options = dict(self.red.options)
            temperature, top_p = float(options.get("temperature", TEMPERATURE)), float(options.get("top_p", TOP_P))
            sampling = SamplingConfig(temperature, top_p, self.seed, self.opening_plies, self.opening_temperature)
            yield from lockstep(self._model, sampling, boards, self.batch, progress)
            return
        if self.opening_plies:
            raise BadConfig(
                "a temperature for the first plies takes a language model (lm:...) against itself under the rules "
                f"{DEFAULT!r}"
            )
        for numbers in self.batches(list(boards)):
            for together in self._together(numbers):
                players = self._made(together[0])
                starts = [boards[number] if number in boards else self._start(number) for number in together]
                for game in selfplay(*players, starts, self.batch, progress, self.ruleset):
                    if together[game.number] in boards:
                        yield replace(game, number=together[game.number])

    def _together(self, numbers: tuple[int, ...]) -> list[tuple[int, ...]]:
        """Return the games of a batch as they are played, such that each game is the same whichever others are missing.

        Players that choose for one game at a time play one game after the other, each with its own random numbers.
        Players that choose for many at once share them, so a batch with missing games is replayed as a whole.
        """
        if not any(type(player).choose_many is not Player.choose_many for player in self._made(numbers[0])):
            return [(number,) for number in numbers]
        first = numbers[0] // self.batch * self.batch
        last = min(first + self.batch, self.total or numbers[-1] + 1)
        return [tuple(range(first, max(last, numbers[-1] + 1)))]

    def batches(self, numbers: Sequence[int]) -> list[tuple[int, ...]]:
        """Return the games that are played together: always the same ones, whatever has been played before."""
        return [tuple(group) for _, group in groupby(sorted(numbers), lambda number: number // self.batch)]

    def _in_lockstep(self) -> bool:
        """Return whether this is a language model against itself that can play in lockstep; load it if so. The device
        knows one ruleset, and plays every game to the end.
        """
        manners = manners_of(self.red)
        if (
            self.ruleset != DEFAULT
            or self.black is not None
            or self.red.kind != "lm"
            or not {k for k, _ in self.red.options} <= _SAMPLING | MANNERS.keys()
            or any((manners.resign, manners.draw))
        ):
            return False
        if self._model is None:
            from ..model import checkpoint
            from ..model.device import pick_device

            device = dict(self.red.options).get("device", "auto")
            self._model = checkpoint.load(self.red.target or "default", pick_device(device))
        from .game_batch import fits

        return fits(self._model)

    def _made(self, number: int) -> tuple[Player, Player]:
        """Return the players for the batch that begins with a number, which is part of their seeds."""
        rng = random.Random(f"players {self.seed} {number}")
        seeds = rng.getrandbits(62), rng.getrandbits(62)
        if self._players is None:
            red = make_player(self.red, seeds[0])
            self._players = red, red if self.black is None else make_player(self.black, seeds[1])
        for player, seed in zip(self._players[: 1 if self.black is None else 2], seeds, strict=False):
            player.reseed(seed)
        return self._players

    def _opening(self, number: int) -> Opening | None:
        if not self.openings:
            return None
        turn, place = divmod(number, len(self.openings))
        order = random.Random(f"{self.seed} {turn}").sample(range(len(self.openings)), len(self.openings))
        return self.openings[order[place]]

    def _start(self, number: int) -> Board:
        opening = self._opening(number)
        return opening.board() if opening else Board()

    def close(self) -> None:
        for player in self._players or ():
            player.close()
        self._players = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_players": None, "_model": None}
