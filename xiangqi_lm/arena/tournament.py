"""Tournaments: scheduled games on workers, each recorded as it ends, so that a rerun plays only what is missing."""

from __future__ import annotations

import dataclasses
import datetime
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import figures
from ..engine.spec import make_player
from ..errors import BadConfig
from ..files import write_json, write_text
from ..records.formats.pgn import write_game
from ..records.game import GameRecord
from ..rules.board import Board
from ..rules.fen import START_FEN
from ..rules.moves import Move
from ..rules.score import SCALE_IN_WORDS
from ..rules.squares import RED
from . import backends, openings, plots
from .backends import Backend, WorkerDied
from .journal import NAME, Journal
from .match import Conditions, Game, MoveStats, Participant, play_games
from .openings import Opening
from .schedule import Entrant, Job, Pairing, schedule
from .sprt import Sprt
from .standings import Standings

_EVERY = 10.0  # least number of seconds between two writings of the results during play
_PATIENCE = 30  # least interval, in multiples of the time that writing takes


@dataclass(frozen=True)
class Settings:
    """The definition of a tournament; a rerun must have the same, except that the anchor may change and pairs be
    added.
    """

    entrants: tuple[Entrant, ...]
    pairs: int
    openings: tuple[Opening, ...]
    conditions: Conditions = field(default_factory=Conditions)
    gauntlet: bool = False
    sprt: Sprt | None = None
    seed: int = 1
    anchor: str | None = None
    event: str = "Tournament"

    def as_json(self) -> dict[str, Any]:
        """Return everything that the games depend on, openings by their hash."""
        return {
            "event": self.event,
            "players": {one.name: [one.spec, str(one.control)] for one in self.entrants},
            "pairs": self.pairs,
            "gauntlet": self.gauntlet,
            "openings": [len(self.openings), openings.fingerprint(self.openings)],
            "seed": self.seed,
            "sprt": dataclasses.asdict(self.sprt) if self.sprt else None,
            **dataclasses.asdict(self.conditions),
        }


# ------------------------------------------------------------------------------------------------ in a worker


@dataclass
class Work:
    """Plays the games of a job; keeps the players for the next one."""

    entrants: tuple[Entrant, ...]
    conditions: Conditions
    seed: int
    seats: dict[int, Participant] = field(default_factory=dict)

    def __call__(self, job: Job) -> list[dict[str, Any]]:
        first = job.games[0]
        for place in sorted({first.red, first.black}):
            self._seat(place).begin(random.Random(f"{self.seed}/{first.number}/{place}").getrandbits(62))
        pairings = {game.number: game for game in job.games}
        tables = [
            Game(game.number, self._seat(game.red), self._seat(game.black), game.opening.board(), self.conditions)
            for game in job.games
        ]
        return [_journaled(table, pairings[table.number]) for table in play_games(tables)]

    def _seat(self, place: int) -> Participant:
        if place not in self.seats:
            one = self.entrants[place]
            self.seats[place] = Participant(one.name, lambda seed: make_player(one.spec, seed), one.control)
        return self.seats[place]

    def close(self) -> None:
        for seat in self.seats.values():
            seat.close()


def _journaled(table: Game, game: Pairing) -> dict[str, Any]:
    """Return a finished game as the journal stores it."""
    outcome = table.outcome
    assert outcome is not None
    board = table.board
    return {
        "number": game.number,
        "round": game.round,
        "red": table.red.name,
        "black": table.black.name,
        "opening": [game.opening.name, game.opening.english, len(game.opening.moves)],
        "fen": None if board.start_fen == START_FEN else board.start_fen,
        "moves": " ".join(move.iccs() for move in board.move_stack),
        "result": outcome.result,
        "termination": outcome.termination.value,
        "reason": outcome.reason,
        "thoughts": [thought and thought.as_json() for thought in table.thoughts],
        "controls": [str(table.red.control), str(table.black.control)],
        "date": datetime.date.today().strftime("%Y.%m.%d"),
    }


def record_of(game: dict[str, Any], event: str) -> GameRecord:
    """Return a game of the journal as a record, with the players' reports as comments."""
    name, english, plies = game["opening"]
    headers = {
        "Event": event,
        "Site": "xiangqi-lm",
        "Date": game["date"],
        "Round": f"{game['round']}.{game['number'] + 1}",
        "Red": game["red"],
        "Black": game["black"],
        "Opening": f"{name} / {english}" if english else name,
        "Termination": f"{game['termination']}: {game['reason']}",
    }
    if any(said and said[1] is not None for said in game["thoughts"]):
        headers["ScoreScale"] = SCALE_IN_WORDS
    red, black = game["controls"]
    if red == black:
        headers["TimeControl"] = red
    else:
        headers |= {"RedTimeControl": red, "BlackTimeControl": black}
    first = RED if game["fen"] is None else Board(game["fen"]).turn
    comments = {
        ply: MoveStats.from_json(said, first if ply % 2 else first.opponent).words()
        for ply, said in enumerate(game["thoughts"], 1)
        if said
    }
    if plies:
        comments[plies] = "end of the opening"
    moves = tuple(Move.from_iccs(text) for text in game["moves"].split())
    return GameRecord(headers, game["fen"], moves, game["result"], comments)


# ------------------------------------------------------------------------------------------------ the tournament


class Tournament:
    """A tournament in a folder, new or resumed; a context manager."""

    def __init__(self, folder: Path, settings: Settings):
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("games.pgn", "results.json"):
            if (folder / name).exists() and not (folder / NAME).exists():
                raise BadConfig(
                    f"{folder / name} was not written by a tournament that can be continued: give another folder"
                )
        if settings.anchor and settings.anchor not in [one.name for one in settings.entrants]:
            raise BadConfig(f"anchor {settings.anchor!r}: no player has that name")
        self.folder, self.settings = folder, settings
        self.jobs = schedule(
            settings.entrants, settings.pairs, settings.openings, settings.seed, gauntlet=settings.gauntlet
        )
        self.planned = sum(len(job.games) for job in self.jobs)
        self.standings = Standings([one.name for one in settings.entrants], settings.sprt, settings.anchor)
        self._journal = Journal(folder, settings.as_json())
        self._take_up()
        self.resumed = len(self.standings.done)
        self.failed: list[str] = []

    def _take_up(self) -> None:
        """Count earlier games. They are identified by players and round, as adding pairs changes their numbers."""
        numbers = {
            (self._name(game.red), self._name(game.black), game.round): game.number
            for job in self.jobs
            for game in job.games
        }
        for game in self._journal.games():
            try:
                game["number"] = numbers[game["red"], game["black"], game["round"]]
            except KeyError:
                self._journal.close()
                most = max(game["round"] for game in self._journal.games())
                raise BadConfig(
                    f"{self.folder} holds games of {most} pairs, and {self.settings.pairs} were asked for: give "
                    f"{most} or more"
                ) from None
            self.standings.add(game)

    def _missing(self) -> Iterator[Job]:
        """Yield the jobs left to play; pairs of players whose test is decided are skipped."""
        for job in self.jobs:
            games = tuple(game for game in job.games if game.number not in self.standings.done)
            if games and not self.standings.is_decided(
                *(self._name(player) for player in (games[0].red, games[0].black))
            ):
                yield Job(games)

    def _name(self, place: int) -> str:
        return self.settings.entrants[place].name

    def play(self, backend: Backend = "local", workers: int = 1) -> Iterator[dict[str, Any]]:
        """Play what is missing; yield each game once it is on disk.

        Games whose worker died repeatedly are left out and counted in `failed`; an error in a player's settings is
        raised.
        """
        work = Work(self.settings.entrants, self.settings.conditions, self.settings.seed)
        due = time.monotonic() + _EVERY
        for job, result in backends.run(self._missing(), work, backend, workers):
            if isinstance(result, WorkerDied):
                self.failed.append(f"games {', '.join(str(game.number + 1) for game in job.games)}: {result}")
                continue
            if isinstance(result, Exception):
                raise result
            self._journal.add(result)
            for game in result:
                self.standings.add(game)
                yield game
            began = time.monotonic()
            if began > due:
                self.write(picture=False)
                due = began + max(_EVERY, _PATIENCE * (time.monotonic() - began))

    @property
    def finished(self) -> bool:
        return next(self._missing(), None) is None

    def results(self) -> dict[str, Any]:
        """Return the contents of `results.json`."""
        settings = self.settings.as_json()
        return {
            "event": self.settings.event,
            "finished": self.finished,
            "games": len(self.standings.done),
            "planned": self.planned,
            **self.standings.results(),
            "settings": settings,
        }

    def write(self, picture: bool = True) -> None:
        """Write games.pgn in the order of the games' numbers, results.json and, if matplotlib is installed,
        ratings.png, each atomically.
        """
        games = sorted(self._journal.games(), key=lambda game: game["number"])
        texts = (write_game(record_of(game, self.settings.event)) for game in games)
        write_text(self.folder / "games.pgn", "".join(texts))
        results = self.results()
        write_json(self.folder / "results.json", results)
        if picture and figures.available() and results["ratings"]["players"]:
            plots.draw_ratings(results, self.folder / "ratings.png")

    def close(self) -> None:
        self._journal.close()

    def __enter__(self) -> Tournament:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
