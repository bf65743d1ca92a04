"""Reviews as one self-contained HTML page, which needs neither network nor other files and works from `file://`.

The page is `assets/review/page.html` with the reviews as JSON inside. No text from a record becomes markup: the page
writes texts with `textContent` only, and `<`, `>` and `&` are escaped in the JSON.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..paths import assets
from ..rules.board import Board
from ..rules.moves import Move
from ..rules.pieces import GLYPHS as PIECES
from ..rules.squares import BLACK, RED
from .report import SIDES, glyph, score_text
from .review import MoveReview, Review, expectation, red_chances, whole_points
from .words import MARKS, PHASES, departure_words, words

_HOLE = "/*REVIEWS*/null"


def page(reviews: Sequence[Review], language: str = "en") -> str:
    """Return the page, which opens in `language` (`en` or `zh`)."""
    template = (assets() / "review" / "page.html").read_text("utf-8")
    data = {
        "language": language,
        "marks": MARKS,
        "phases": PHASES,
        "glyphs": PIECES[1] + PIECES[-1],
        "games": [_game(review) for review in reviews],
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    head, tail = template.split(_HOLE)
    return head + text + tail


def _game(review: Review) -> dict[str, Any]:
    board = review.start()
    known = {one.ply: one for one in review.moves}
    plies = []
    for ply, move in enumerate(review.line):
        one = known.get(ply)
        plies.append(_texts(board, move) | (_judged(board, one) if one else {}))
        board.push(move)
    comments = review.record.comments if not review.path else {}
    return {
        "headers": review.record.headers,
        "result": review.record.result,
        "opening": [review.opening.chinese, review.opening.english, review.opening.plies],
        "library": _departure(review),
        "judge": review.judge,
        "model": review.model,
        "start": review.start().array.tolist(),
        "black": review.start().turn is BLACK,
        "number": review.start().fullmove,
        "plies": plies,
        "comments": {str(ply): text for ply, text in comments.items()},
        "turns": [one.ply for one in review.turning_points()],
        "players": {SIDES[side]: _player(review, side) for side in (RED, BLACK)},
    }


def _departure(review: Review) -> list[str] | None:
    """Return where the game left the library, in Chinese and English."""
    if review.departure is None:
        return None
    board = review.record.board_at((), review.departure.plies)
    notations = {"zh": "chinese", "en": "wxf"}
    return [departure_words(review.departure, board, language, notations[language]) for language in notations]


def _texts(board: Board, move: Move) -> dict[str, Any]:
    """Return a move's squares and its texts in Chinese and WXF."""
    return {"m": [move.from_square, move.to_square], "t": [board.write(move, "chinese"), board.write(move, "wxf")]}


def _line(board: Board, moves: Sequence[Move]) -> list[dict[str, Any]]:
    board, found = board.copy(), []
    for move in moves:
        found.append(_texts(board, move))
        board.push(move)
    return found


def _judged(board: Board, one: MoveReview) -> dict[str, Any]:
    after = board.copy()
    after.push(one.move)
    chances = red_chances(one.after, one.mover)
    known: dict[str, Any] = {
        "red": round(expectation(chances), 4), "wdl": [round(x, 3) for x in chances],
        "red_before": round(expectation(red_chances(one.before, one.mover)), 4),
        "score": score_text(one.score_after.seen_by(RED)), "loss": whole_points(one.loss),
        "mark": one.mark, "glyph": glyph(one),
        "best": _line(board, one.best), "answer": _line(after, one.answer),
    }  # fmt: skip
    if one.expected is not None:
        known["p"], known["rank"] = one.expected.probability, one.expected.rank
        known["model"] = [[move.from_square, move.to_square, p] for move, p in one.expected.likeliest]
    if one.reason is not None:
        known["why"] = [words(one.reason, "zh", "chinese"), words(one.reason, "en", "wxf")]
        if one.reason.origin is not None and after.piece_at(one.reason.origin) == one.reason.piece:
            known["prey"] = one.reason.origin
    return known


def _player(review: Review, side: Any) -> dict[str, Any]:
    own = review.player(side)
    return {
        "accuracy": own.accuracy, "loss": own.loss, "agreement": own.agreement, "marks": own.marks,
        "phases": {phase: loss for phase, (_, loss) in own.losses.items()},
    }  # fmt: skip
