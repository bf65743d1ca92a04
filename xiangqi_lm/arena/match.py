"""Games of one player against another, many at once, each with a result and a reason."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..engine.manners import Temper, agreed, resigned
from ..engine.player import Choice, Limit, Player
from ..errors import EngineFailure
from ..rules import score as scores
from ..rules.board import Board
from ..rules.outcome import Outcome, Termination
from ..rules.rulesets import DEFAULT
from ..rules.score import Score
from ..rules.squares import BLACK, RED, Color
from .adjudication import NAMES, Adjudication, Referee
from .timecontrol import TimeControl

WARM = Limit(nodes=1, depth=1)


@dataclass(frozen=True)
class FinishedGame:
    """A finished game; `number` counts from 0 in the order of the match."""

    number: int
    board: Board
    outcome: Outcome


class Talk:
    """What the players of a game say to each other beside their moves."""

    def __init__(self) -> None:
        self._temper = Temper()
        self.offered = False  # a draw, by the side that moved last

    def said(self, board: Board, choice: Choice, player: Player) -> Outcome | None:
        """Return the end of the game where the side to move resigns or accepts a draw in place of its move. Nobody
        does either unless the player's spec says so."""
        choice = self._temper.judged(board, choice, player.manners.where(resign=False, draw=False))
        if choice.resigns:
            return resigned(board.turn, board.ply)
        if self.offered and choice.draw:
            return agreed(board.ply)
        self.offered = choice.draw == "offers"
        return None


def play_batch(
    red: Player,
    black: Player,
    boards: Sequence[Board],
    first: int = 0,
    progress: Callable[[int], None] = lambda n: None,
    ruleset: str = DEFAULT,
) -> Iterator[FinishedGame]:
    """Play games from the given positions side by side; yield each when it ends. The boards are modified.

    At each ply a player is asked once for all its games. `progress` gets the number of plies just played.
    """
    going = dict(enumerate(boards, first))
    talks = {number: Talk() for number in going}
    limit = Limit(ruleset=ruleset)
    while going:
        for number in list(going):
            if ended := going[number].outcome(ruleset):
                yield FinishedGame(number, going.pop(number), ended)
        for player, color in ((red, RED), (black, BLACK)):
            waiting = [number for number, board in going.items() if board.turn is color]
            if not waiting:
                continue
            choices = player.choose_many([going[number] for number in waiting], limit)
            for number, choice in zip(waiting, choices, strict=True):
                if not going[number].is_legal(choice.move):
                    fen = going[number].fen()
                    raise EngineFailure(f"{player.name} played the illegal move {choice.move.iccs()} in {fen}")
                if ended := talks[number].said(going[number], choice, player):
                    yield FinishedGame(number, going.pop(number), ended)
                    continue
                going[number].push_unchecked(choice.move)
            progress(len(waiting))
            break  # check for games that just ended before asking the other side


# ------------------------------------------------------------------------------------------------ with conditions


@dataclass(frozen=True)
class Conditions:
    """The conditions of games, apart from time controls. A flag falls when a clock is below -`margin` seconds; one move
    may take `margin` seconds longer than its limit."""

    adjudication: Adjudication = field(default_factory=Adjudication)
    ruleset: str = DEFAULT
    margin: float = 0.5


@dataclass(frozen=True)
class MoveStats:
    """What a player reported about its move, and the seconds it took (in a batch: its share); unknown values are None.

    `score` is from the view of the side that moved; `depth` and `nodes` are those of the search.
    """

    seconds: float
    score: Score | None = None
    probability: float | None = None
    depth: int | None = None
    nodes: int | None = None

    @classmethod
    def of(cls, choice: Choice, seconds: float) -> MoveStats:
        probability = next((p for move, p in choice.probabilities if move is choice.move), None)
        info = choice.info
        depth, nodes = (info.depth, info.nodes) if info else (None, None)
        best = info.variations[0] if info and info.variations else None
        score = (best.score if best else None) or choice.score
        return cls(round(seconds, 4), score, probability and round(probability, 4), depth, nodes)

    def as_json(self) -> list[Any]:
        score = None if self.score is None else str(self.score)
        return [self.seconds, score, self.probability, self.depth, self.nodes]

    @classmethod
    def from_json(cls, said: list[Any], side: Color) -> MoveStats:
        """Read what `as_json` returned for a move of `side`; raises ValueError."""
        seconds, score, *rest = said
        return cls(seconds, None if score is None else scores.parse(str(score), side), *rest)

    def words(self) -> str:
        """Return the figures as a comment for a record."""
        parts = [f"score {self.score}"] if self.score is not None else []
        parts += [f"depth {self.depth}"] if self.depth else []
        parts += [f"nodes {self.nodes}"] if self.nodes else []
        parts += [f"probability {self.probability:.3f}"] if self.probability is not None else []
        return ", ".join([*parts, f"time {self.seconds:.3f} s"])


class Participant:
    """A player in a match: built when first needed, and rebuilt after a failure."""

    def __init__(self, name: str, make: Callable[[int | None], Player], control: TimeControl | None = None):
        self.name, self.control = name, control or TimeControl()
        self._make = make
        self._player: Player | None = None
        self._seed: int | None = None

    def begin(self, seed: int | None) -> None:
        """Seed the player's generator for the next game, if it has one."""
        self._seed = seed
        if seed is not None and self._player is not None:
            self._player.reseed(seed)

    def player(self) -> Player:
        """Return the player, building it if needed; one on a clock first thinks once, so that everything is loaded."""
        if self._player is None:
            self._player = self._make(self._seed)
            if self.control.base is not None or self.control.movetime is not None:
                self._player.choose(Board(), WARM)
        return self._player

    def close(self) -> None:
        """Close the player; the next game builds a new one."""
        player, self._player = self._player, None
        if player is not None:
            player.close()


@dataclass(eq=False)
class Game:
    """A game to be played under conditions, starting from the board's position."""

    number: int
    red: Participant
    black: Participant
    board: Board
    conditions: Conditions = field(default_factory=Conditions)
    thoughts: list[MoveStats | None] = field(default_factory=list)  # one for each ply; None in the opening

    def __post_init__(self) -> None:
        self.thoughts = [None] * self.board.ply
        self._clocks = {color: self.seat(color).control.base or 0.0 for color in Color}
        self._moved = dict.fromkeys(Color, 0)
        self._referee = Referee(self.conditions.adjudication)
        self._talk = Talk()
        self.outcome = self.board.outcome(self.conditions.ruleset)

    def seat(self, color: Color) -> Participant:
        return self.red if color is RED else self.black

    def limit(self) -> Limit:
        """Return how long the side to move may think, and the ruleset."""
        color, seat = self.board.turn, self.seat(self.board.turn)
        clocks = self._clocks[color], self._clocks[color.opponent]
        limit = seat.control.limit(*clocks, self._moved[color], self.seat(color.opponent).control)
        return replace(limit, ruleset=self.conditions.ruleset, draw_offered=self._talk.offered)

    def play(self, choice: Choice, seconds: float) -> None:
        """Play the answer of the side to move, and check whether the game is over."""
        color, control = self.board.turn, self.seat(self.board.turn).control
        self._moved[color] += 1
        spare = control.spare(self._clocks[color], seconds)
        self._clocks[color] = control.after(self._clocks[color], seconds, self._moved[color])
        if not self.board.is_legal(choice.move):
            move = choice.move.iccs()
            self._lose(Termination.ILLEGAL, f"played the illegal move {move}", f"走出违规着法{move}")
        elif spare < -self.conditions.margin:
            self._lose(Termination.TIME, "ran out of time", "超时")
        elif said := self._talk.said(self.board, choice, self.seat(color).player()):
            self.outcome = said
        else:
            self.board.push_unchecked(choice.move)
            thought = MoveStats.of(choice, seconds)
            self.thoughts.append(thought)
            self.outcome = self.board.outcome(self.conditions.ruleset) or self._referee.judge(
                color, thought.score, self.board.ply
            )

    def fail(self, fault: EngineFailure) -> None:
        """End the game as lost for the side to move, whose player failed."""
        words = (str(fault).splitlines() or ["no reason given"])[0][:300]
        self._lose(Termination.FAILURE, f"failed: {words}", f"程序故障：{words}")

    def _lose(self, how: Termination, words: str, words_zh: str) -> None:
        name, name_zh = NAMES[self.board.turn]
        self.outcome = Outcome(self.board.turn.opponent, how, f"{name} {words}", f"{name_zh}{words_zh}", self.board.ply)


def play_games(tables: Sequence[Game]) -> Iterator[Game]:
    """Play games side by side; yield each when it has an outcome. A player is asked once for all the games that wait
    for it; a player that fails loses its game and is rebuilt for the next one.
    """
    going = list(tables)
    while going:
        yield from [table for table in going if table.outcome]
        going = [table for table in going if not table.outcome]
        waiting: dict[Participant, list[Game]] = {}
        for table in going:
            waiting.setdefault(table.seat(table.board.turn), []).append(table)
        for seat, asking in waiting.items():
            _ask(seat, asking)


def _ask(seat: Participant, tables: list[Game]) -> None:
    """Play one move in each of the games; when asking for all at once fails, ask for each alone."""
    try:
        began = time.monotonic()
        if len(tables) == 1:
            player = seat.player()
            began = time.monotonic()  # building it does not run its clock
            choices = [player.choose(tables[0].board, tables[0].limit())]
        else:
            limit = replace(tables[0].limit(), draw_offered=False)
            choices = seat.player().choose_many([table.board for table in tables], limit)
        seconds = (time.monotonic() - began) / len(tables)
    except EngineFailure as fault:
        seat.close()
        if len(tables) == 1:
            tables[0].fail(fault)
        else:
            for table in tables:
                _ask(seat, [table])
        return
    for table, choice in zip(tables, choices, strict=True):
        table.play(choice, seconds)
        if table.outcome and table.outcome.termination in (Termination.ILLEGAL, Termination.TIME):
            seat.close()
