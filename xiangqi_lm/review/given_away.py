"""The expected score that moves give away according to a judge, for moves of games and moves of players.

The value of a position is its expected score by the judge, or that of the best tested move if higher; a move gives away
the difference to the value after it. Expected scores come from the judge's own curve (`review.curve`), so that a pawn
counts less once the game is decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..dataset.splits import Split
from ..engine.levels import LEVELS
from ..engine.player import Player
from ..engine.spec import make_player, parse_spec
from ..rules.board import Board
from ..rules.moves import MOVES, Move
from ..rules.score import Score
from .curve import Curve, curve_of
from .verdicts import Cache, Judge, Question, Verdict, position_key, terminal

AT_ONCE = 16  # positions per call of a player
MISTAKE, BLUNDER = 0.1, 0.3  # the loss of expected score from which a move counts as one
Progress = Callable[[int], None]


def sampled(split: Split, games: Iterable[int], count: int, rng: np.random.Generator) -> list[tuple[Board, Move]]:
    """Return up to `count` random positions with more than one legal move, from games that begin at the start position,
    each with its history and the move played there."""
    plies = [(game, ply) for game in games if split.start(game) is None for ply in range(len(split.moves(game)))]
    found: list[tuple[Board, Move]] = []
    for index in rng.permutation(len(plies)).tolist():
        if len(found) == count:
            break
        game, ply = plies[index]
        ids = split.moves(game).tolist()
        board = Board()
        for move_id in ids[:ply]:
            board.push_unchecked(MOVES[move_id])
        if len(board.legal_list()) > 1:
            found.append((board, MOVES[ids[ply]]))
    return found


def moves_of(spec: str, boards: Sequence[Board], seed: int, cache: Cache, progress: Progress) -> list[Move]:
    """Return a player's move in each position, taken from `cache` if it is there; raises BadConfig."""
    player: Player | None = None
    moves: list[Move] = []
    for first in range(0, len(boards), AT_ONCE):
        some = boards[first : first + AT_ONCE]
        question = f"moves of {_meant(spec)} {seed} {first} " + "; ".join(map(position_key, some))
        known = cache.get(question)
        if known is None:
            player = player or make_player(spec, seed)
            player.reseed(seed + first)
            known = [choice.move.iccs() for choice in player.choose_many(some)]
            cache.put(question, known)
        moves += map(Move.from_iccs, known)
        progress(len(some))
    if player is not None:
        player.close()
    return moves


def _meant(text: str) -> str:
    """Return a player's spec, or the one that a level stands for: what was kept of a level must not outlive it."""
    spec = parse_spec(text)
    return LEVELS[spec.target].spec if spec.kind == "level" else text


def given_away(
    boards: Sequence[Board], moves: Mapping[str, Sequence[Move]], judge: Judge, progress: Progress
) -> dict[str, np.ndarray]:
    """Return the expected score that each player's moves give away, float64 [N], at least 0; raises EngineFailure."""
    curve = curve_of(judge.kind)
    asked: list[Board] = []
    places: dict[tuple[int, Move | None], int] = {}
    for i, board in enumerate(boards):
        for move in (None, *dict.fromkeys(played[i] for played in moves.values())):
            places[i, move] = len(asked)
            asked.append(board if move is None else _after(board, move))
    worth = _worth(asked, judge, curve, progress)
    sign = {place: worth[place] if move is None else 1 - worth[place] for (_, move), place in places.items()}
    best = np.zeros(len(boards))
    for (i, _), place in places.items():
        best[i] = max(best[i], sign[place])
    return {
        name: np.array([best[i] - sign[places[i, move]] for i, move in enumerate(played)])
        for name, played in moves.items()
    }


def _after(board: Board, move: Move) -> Board:
    child = board.copy()
    child.push_unchecked(move)
    return child


def _worth(boards: Sequence[Board], judge: Judge, curve: Curve, progress: Progress) -> np.ndarray:
    """Return the expected score of the side to move on each board."""
    worth = np.empty(len(boards))
    open_ones = []
    for i, board in enumerate(boards):
        over = terminal(board, judge.ruleset, True)
        if over is not None:
            worth[i] = _expected(over, curve, board)
            progress(1)
        else:
            open_ones.append(i)
    for index, verdict in judge.ask([Question(boards[i]) for i in open_ones]):
        worth[open_ones[index]] = _expected(verdict, curve, boards[open_ones[index]])
        progress(1)
    return worth


def _expected(verdict: Verdict, curve: Curve, board: Board) -> float:
    score: Score = verdict.score.seen_by(board.turn)
    win, draw, _ = curve.of(score, board.ply)
    return float(win + draw / 2)


def summary(lost: np.ndarray, same: np.ndarray) -> dict[str, Any]:
    """Return a summary of a player's losses (float64 [N]); `same` (bool [N]) is where it plays the game's move."""
    spread = 1.96 * float(lost.std(ddof=1)) / np.sqrt(len(lost)) if len(lost) > 1 else float("inf")
    return {
        "positions": len(lost),
        "given_away": round(float(lost.mean()), 5),
        "interval": round(float(spread), 5),
        "mistakes": round(float((lost >= MISTAKE).mean()), 5),
        "blunders": round(float((lost >= BLUNDER).mean()), 5),
        "same_move": round(float(same.mean()), 5),
    }
