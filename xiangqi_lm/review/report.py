"""A review as JSON and as an annotated game record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..records.game import GameRecord, find
from ..rules.board import Board
from ..rules.moves import Move
from ..rules.score import Score, WinDrawLoss
from ..rules.squares import BLACK, RED, Color, square_name
from .reasons import Reason
from .review import GLYPHS, NAGS, MoveReview, PlayerSummary, Review, expectation, red_chances
from .words import words

FORMAT = 1
SHOWN = 8  # plies of a line in a record and in a table
SIDES = {RED: "red", BLACK: "black"}

# ------------------------------------------------------------------------------------------------ JSON


def to_json(review: Review) -> dict[str, Any]:
    """Return the review as JSON data; moves are in ICCS, chances are (win, draw, loss) for the side to move."""
    return {
        "format": FORMAT,
        "headers": review.record.headers,
        "result": review.record.result,
        "source": review.record.source,
        "start_fen": review.record.start_fen,
        "path": [list(step) for step in review.path],
        "line": _line(review.line),
        "judge": review.judge,
        "model": review.model,
        "ruleset": review.ruleset,
        "complete": review.complete,
        "opening": {"zh": review.opening.chinese, "en": review.opening.english, "known_plies": review.opening.plies},
        "library": _departure(review),
        "players": {SIDES[side]: _player(review.player(side)) for side in (RED, BLACK)},
        "turning_points": [one.ply for one in review.turning_points()],
        "moves": [_move(one) for one in review.moves],
    }


def _departure(review: Review) -> dict[str, Any] | None:
    left = review.departure
    if left is None:
        return None
    instead = [
        {
            "move": played.move.iccs(),
            "games": played.games,
            "red_score": played.red_score,
            "last_year": played.last_year,
        }
        for played in left.instead
    ]
    return {"plies": left.plies, "move": left.move.iccs() if left.move else None, "instead": instead}


def _line(moves: tuple[Move, ...]) -> list[str]:
    return [move.iccs() for move in moves]


def _rounded(chances: WinDrawLoss) -> list[float]:
    return [round(x, 4) for x in chances]


def score_text(score: Score) -> str:
    """Return `+35`, `#3`, or the expected score in per cent if the judge gives only chances."""
    if score.mate is None and score.centipawns is None:
        return f"{100 * score.expectation():.0f}%"
    return str(score)


def _move(one: MoveReview) -> dict[str, Any]:
    known: dict[str, Any] = {
        "ply": one.ply, "move": one.move.iccs(), "side": SIDES[one.mover], "phase": one.phase,
        "before": _rounded(one.before), "after": _rounded(one.after),
        "score_before": score_text(one.score_before), "score_after": score_text(one.score_after),
        "loss": one.loss, "mark": one.mark, "best": _line(one.best), "answer": _line(one.answer),
        "surprising": one.surprising,
    }  # fmt: skip
    if one.expected is not None:
        likeliest = [[move.iccs(), p] for move, p in one.expected.likeliest]
        known["model"] = {
            "probability": one.expected.probability, "rank": one.expected.rank, "likeliest": likeliest,
        }  # fmt: skip
    if one.reason is not None:
        known["reason"] = reason_json(one.reason)
    return known


def reason_json(reason: Reason) -> dict[str, Any]:
    """Return a reason as JSON can hold it, its words in both languages included."""
    known: dict[str, Any] = {
        "kind": reason.kind, "line": reason.line, "ply": reason.ply,
        "square": None if reason.square is None else square_name(reason.square),
        "origin": None if reason.origin is None else square_name(reason.origin),
        "piece": reason.piece and int(reason.piece), "by": reason.by and int(reason.by),
        "targets": [square_name(square) for square, _ in reason.targets], "moves": reason.moves, "worth": reason.worth,
        "move": None if reason.move is None else reason.move.iccs(),
    }  # fmt: skip
    known = {name: value for name, value in known.items() if value not in (None, [])}
    return known | {"zh": words(reason, "zh"), "en": words(reason, "en")}


def _player(summary: PlayerSummary) -> dict[str, Any]:
    def rounded(value: float | None, digits: int) -> float | None:
        return None if value is None else round(value, digits)

    return {
        "moves": summary.moves,
        "accuracy": rounded(summary.accuracy, 1),
        "mean_loss": rounded(summary.loss, 4),
        "losses": {phase: {"moves": n, "mean_loss": round(loss, 4)} for phase, (n, loss) in summary.losses.items()},
        "agreement": rounded(summary.agreement, 3),
        "marks": summary.marks,
    }


# ------------------------------------------------------------------------------------------------ records


def annotated(review: Review, language: str = "en", notation: str = "iccs") -> GameRecord:
    """Return the record with marks as NAGs, scores and reasons in comments, and the judge's lines as variations.

    Existing comments and variations are kept and come first.
    """
    record, path = review.record, review.path
    before = len(review.line) - len(find(record.line, path).moves)
    for one in review.moves:
        ply = one.ply - before
        if ply < 0:  # before the branch, so part of another line
            continue
        here = find(record.line, path)
        text = " ".join(filter(None, (here.comments.get(ply + 1, ""), comment(one, language, notation))))
        record = record.comment(path, ply + 1, text)
        if one.mark:
            kept = tuple(nag for nag in here.nags.get(ply + 1, ()) if nag not in NAGS.values())
            record = record.mark(path, ply + 1, (NAGS[one.mark], *kept))
        if one.is_mistake and one.best and one.best[0] is not one.move and (ply or not path):
            record = _with_variation(record, path, ply, one)
    note = f"xiangqi-lm review: judge {review.judge}" + (f", model {review.model}" if review.model else "")
    return replace(record, headers={**record.headers, "Annotator": note})


def _with_variation(record: GameRecord, path: tuple[tuple[int, int], ...], ply: int, one: MoveReview) -> GameRecord:
    """Return the record with the judge's line as a variation, unless one begins with that move already."""
    below = find(record.line, path).variations.get(ply, ())
    if any(line.moves[:1] == one.best[:1] for line in below):
        return record
    record, place, _ = record.add(path, ply, one.best[:1])
    record, _, _ = record.add(place, 1, one.best[1:SHOWN])
    chances = red_chances(one.before, one.mover)
    return record.comment(place, 1, f"{_percent(chances)} {score_text(one.score_before.seen_by(RED))}")


def _percent(chances: WinDrawLoss) -> str:
    return f"{100 * expectation(chances):.0f}%"


def comment(one: MoveReview, language: str, notation: str = "iccs") -> str:
    """Return the comment on a move: Red's expected score, the score for Red, the model's probability, and the reason of
    a mistake."""
    parts = [f"{_percent(red_chances(one.after, one.mover))} {score_text(one.score_after.seen_by(RED))}"]
    if one.expected is not None:
        parts.append(f"p={one.expected.probability:.3f}")
    text = ", ".join(parts)
    return f"{text}; {words(one.reason, language, notation)}" if one.reason else text


def line_text(board: Board, moves: tuple[Move, ...], notation: str, most: int = SHOWN) -> str:
    """Return a line of moves in a notation, without move numbers."""
    board, words_ = board.copy(), []
    for move in moves[:most]:
        words_.append(board.write(move, notation))
        board.push(move)
    return " ".join(words_)


def glyph(one: MoveReview) -> str:
    """Return the glyph of a move's mark, such as `??`, or "" if it has none."""
    return GLYPHS.get(one.mark, "")


def side_name(side: Color) -> str:
    """Return `Red` or `Black`."""
    return SIDES[side].capitalize()
