"""Labels positions of records by a teacher: any player that scores its moves."""

from __future__ import annotations

import hashlib
import random
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..dataset.labels import keys_of, position_keys, stirred
from ..dataset.labelwriter import Label, LabelWriter, Scored
from ..dataset.loader import view
from ..dataset.splits import Split
from ..engine.player import Choice, Limit, Player, PrincipalVariation
from ..engine.spec import make_player
from ..errors import BadConfig, EngineFailure
from ..rules import fen
from ..rules.board import Board
from ..rules.squares import RED, SQUARES, Color
from .backends import Backend, run

_HOPELESS = 20  # failures before the first success, after which to give up

# ------------------------------------------------------------------------------------------------ positions


@dataclass(frozen=True)
class Sampling:
    """Which positions of some games to label; each counts once, together with its mirror image and half turn.

    Each `every`-th ply of each game, a random `share` of these, and at most `limit` of all, chosen at random; then a
    `random_share` gets one to `random_moves` random legal moves. The same games and settings give the same positions.
    """

    every: int = 1
    share: float = 1.0
    limit: int | None = None
    random_moves: int = 0
    random_share: float = 0.5
    seed: int = 0


def sample(games: Split, how: Sampling) -> list[str]:
    """Return the positions (placement and side to move of a FEN) in random order."""
    keys, game, ply = _candidates(games, how)
    _, first = np.unique(keys, return_index=True)
    order = first[np.argsort(stirred(keys[first], how.seed), kind="stable")][: how.limit]
    found: dict[tuple[int, int], str] = {}
    for number, rows in _by_game(order, game):
        squares, side, ids = _game(games, number)
        boards, _ = _boards(squares, side, ids)
        for row in rows.tolist():
            at = int(ply[row])
            mover = Color(side if at % 2 == 0 else -side)
            board = boards[at] if mover is RED else -boards[at, ::-1]
            if position := _varied(board, mover, random.Random(f"{how.seed} {number} {at}"), how):
                found[number, at] = position
    ordered = (found.get((int(game[row]), int(ply[row]))) for row in order.tolist())
    return _distinct([position for position in ordered if position])


def whole_games(games: Split, count: int, seed: int = 0) -> list[str]:
    """Return all positions of `count` games, each position once, game by game in the order they were played.

    The games are drawn by a hash of their moves and the seed: if there are more games to draw from, or the count grows,
    the games drawn before are kept as far as possible.
    """
    marks = [hashlib.sha256(f"{seed} ".encode() + _line(games, number)).digest() for number in range(len(games))]
    found = []
    for number in sorted(range(len(games)), key=marks.__getitem__)[:count]:
        squares, side, ids = _game(games, number)
        for at, seen in enumerate(_boards(squares, side, ids)[0]):
            mover = Color(side if at % 2 == 0 else -side)
            board = seen if mover is RED else -seen[::-1]
            if position := _varied(board, mover, random.Random(0), Sampling()):
                found.append(position)
    return _distinct(found)


def _line(games: Split, number: int) -> bytes:
    """Return what identifies a game: its start position and its moves."""
    squares, side, ids = _game(games, number)
    return squares.astype(np.int8).tobytes() + bytes([side & 255]) + ids.astype("<u2").tobytes()


def _game(games: Split, number: int) -> tuple[np.ndarray, int, np.ndarray]:
    """Return the start position, the side to move there, and the moves."""
    start, ids = games.start(number), np.asarray(games.moves(number), dtype=np.int64)
    return (Board().array, 1, ids) if start is None else (start[:SQUARES], int(start[SQUARES]), ids)


def _boards(squares: np.ndarray, side: int, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    _, boards, _ = view(ids, squares, side)
    return boards, position_keys(boards)


def _candidates(games: Split, how: Sampling) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return key, game and ply of every candidate position: uint64, int64 and int64 [N]."""
    keys, game, ply = [np.empty(0, np.uint64)], [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for number in range(len(games)):
        plies = np.arange(0, len(games.moves(number)) + 1, how.every)
        rng = np.random.default_rng((how.seed, number))
        plies = plies[rng.random(len(plies)) < how.share]
        if len(plies):
            keys.append(_boards(*_game(games, number))[1][plies])
            game.append(np.full(len(plies), number))
            ply.append(plies)
    return np.concatenate(keys), np.concatenate(game), np.concatenate(ply)


def _by_game(rows: np.ndarray, game: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield each game with its rows."""
    if not len(rows):  # numpy would split nothing into one empty part
        return
    rows = rows[np.argsort(game[rows], kind="stable")]
    numbers, edges = np.unique(game[rows], return_index=True)
    yield from zip(numbers.tolist(), np.split(rows, edges[1:]), strict=True)


def _varied(squares: np.ndarray, mover: Color, rng: random.Random, how: Sampling) -> str | None:
    """Return the position, perhaps after some random moves; None if it has no legal move."""
    board = Board(position_text(squares, mover))
    if not board.legal_moves:
        return None
    if how.random_moves and rng.random() < how.random_share:
        for _ in range(rng.randint(1, how.random_moves)):
            board.push_unchecked(rng.choice(board.legal_list()))
            if not board.legal_moves:
                board.pop()
                break
    return " ".join(board.fen().split(" ")[:2])


def position_text(squares: np.ndarray, mover: Color) -> str:
    """Return a board, int8 [90] from Red's side, and the side to move as the first two fields of a FEN."""
    return f"{fen.write_placement(array('b', squares.tobytes()))} {'w' if mover is RED else 'b'}"


def _distinct(positions: list[str]) -> list[str]:
    """Return each position once, as random moves may lead to the same one."""
    _, first = np.unique(keys_of(positions), return_index=True)
    return [positions[i] for i in sorted(first.tolist())]


# ------------------------------------------------------------------------------------------------ asking


@dataclass(frozen=True)
class Answers:
    """A teacher's answers to some positions, and those it failed on with the reasons."""

    labels: tuple[Label, ...]
    failures: tuple[tuple[str, str], ...] = ()


@dataclass
class Teacher:
    """Labels positions; picklable, and builds its player at the first call.

    A player that fails is rebuilt and asked about each position alone, so that only positions on which it fails again
    are lost. Raises BadConfig for a player that does not score its moves.
    """

    spec: str
    lines: int = 1  # moves of a position to score, best first
    seed: int | None = None
    _player: Player | None = field(default=None, init=False, repr=False)

    def __call__(self, positions: tuple[str, ...]) -> Answers:
        player = self._ready()
        try:
            return Answers(tuple(self._ask(player, positions)))
        except EngineFailure:
            self.close()
        labels, failures = [], []
        for position in positions:
            player = self._ready()
            try:
                labels += self._ask(player, (position,))
            except EngineFailure as fault:
                failures.append((position, str(fault)))
                self.close()
        return Answers(tuple(labels), tuple(failures))

    def _ready(self) -> Player:
        self._player = self._player or make_player(self.spec, self.seed)
        return self._player

    def _ask(self, player: Player, positions: tuple[str, ...]) -> list[Label]:
        choices = player.choose_many([Board(position) for position in positions], Limit(multipv=self.lines))
        return [self._label(*pair) for pair in zip(positions, choices, strict=True)]

    def _label(self, position: str, choice: Choice) -> Label:
        found = [line for line in choice.info.variations if line.moves] if choice.info else []
        if not found:  # a player that does not search
            found = [PrincipalVariation((choice.move,), choice.score)]
        scored = [Scored(line.moves[0], line.score) for line in found if line.score is not None]
        if found[0].score is None:
            raise BadConfig(f"player {self.spec!r} gives its moves no scores: it cannot be a teacher")
        best, *others = scored[: self.lines]
        return Label(position, (best, *(other for other in others if other.move != best.move)))

    def close(self) -> None:
        if self._player is not None:
            self._player.close()
        self._player = None

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_player": None}


# ------------------------------------------------------------------------------------------------ all of them


@dataclass(frozen=True)
class Labelled:
    """The outcome: the number of positions newly labelled and the seconds spent, the total in the file, and the
    positions that the teacher failed on, with the reasons.
    """

    labelled: int
    seconds: float
    total: int
    failures: tuple[tuple[str, str], ...]


def missing(positions: Sequence[str], out: LabelWriter) -> list[str]:
    """Return the positions that a file does not contain yet."""
    return [p for p, key in zip(positions, keys_of(positions).tolist(), strict=True) if key not in out.done]


def label(
    positions: Sequence[str],
    teacher: Teacher,
    out: LabelWriter,
    backend: Backend = "local",
    workers: int = 1,
    batch: int = 16,
    progress: Callable[[int], None] = lambda positions: None,
) -> Labelled:
    """Label positions in worker processes.

    Workers get `batch` positions at a time, and their answers are written to disk as they arrive; `progress` gets the
    number of positions in each. Raises EngineFailure if every position fails, and passes on the teacher's exceptions.
    """
    began, labelled = time.monotonic(), 0
    failures: list[tuple[str, str]] = []
    batches = [tuple(positions[first : first + batch]) for first in range(0, len(positions), batch)]
    for job, answer in run(batches, teacher, backend, min(workers, len(batches))):
        if isinstance(answer, RuntimeError):  # a failure of the engine, or a worker that died
            answer = Answers((), tuple((position, str(answer)) for position in job))
        if isinstance(answer, Exception):
            raise answer
        out.add(answer.labels)
        labelled += len(answer.labels)
        failures += answer.failures
        if not labelled and len(failures) >= min(_HOPELESS, len(positions)):
            raise EngineFailure(
                f"the teacher failed on every position; on the first, {failures[0][0]}: {failures[0][1]}"
            )
        progress(len(job))
    return Labelled(labelled, time.monotonic() - began, len(out.done) + labelled, tuple(failures))
