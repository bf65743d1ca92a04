"""The summary of a review as plain values: both sides' figures, turning points, the end of known lines."""

from __future__ import annotations

from dataclasses import dataclass

from ...review.review import GLYPHS, Review, whole_points
from ...review.words import PHASES
from ...rules.squares import BLACK, RED, Color
from .movelist import MoveNames
from .state import State
from .texts import brief, say, side_name

SHOWN_MARKS = ("brilliant", "good", "inaccuracy", "mistake", "blunder")


@dataclass(frozen=True)
class SideSummary:
    """The summary of a side: figures as texts ("" if there are none), and the number of moves with each mark."""

    color: Color
    name: str
    accuracy: str
    loss: str
    phases: tuple[tuple[str, str], ...]  # name, mean loss
    agreement: str
    marks: tuple[tuple[str, str, int], ...]  # mark, glyph, count


@dataclass(frozen=True)
class ReviewSummary:
    """The summary of both sides and of the game."""

    sides: tuple[SideSummary, SideSummary]
    turning_points: tuple[tuple[int, str, str, str], ...]  # plies after the move, its text, mark and loss
    facts: tuple[str, ...]  # opening, library, judge
    complete: bool


def judge_name(state: State) -> str:
    """Return the judge's name in the player's language."""
    judge, language = state.settings.judge, state.settings.language
    known = {spec: name for name, spec in state.settings.engines}
    if judge in known:
        return brief(known[judge], 24)
    kind = judge.partition("?")[0].partition(":")[0]
    return say(language, f"choice_judge_{judge}") if kind in ("alphabeta", "mcts") else brief(judge, 24)


def summary_of(state: State, review: Review, names: MoveNames) -> ReviewSummary:
    """Return the summary of a review."""
    analysis, language = state.analysis, state.settings.language
    sides = (_side(review, RED, language), _side(review, BLACK, language))
    board, texts = review.start(), {}
    turning = {one.ply: one for one in review.turning_points()}
    for ply, move in enumerate(review.line):
        if ply in turning:
            dots = "." if board.turn is RED else "…"
            texts[ply] = f"{board.fullmove}{dots} {names(board, move, state.settings.notation)}"
        board.push_unchecked(move)
    points = tuple(
        (ply + 1, texts[ply], one.mark, say(language, "review_loss", loss=whole_points(one.loss)))
        for ply, one in turning.items()
    )
    opening = review.opening.chinese if language == "zh" else review.opening.english
    facts = [opening, say(language, "summary_opening", plies=review.opening.plies)] if opening else []
    if analysis.left_library is not None:
        key = "summary_library" if analysis.left_library < len(review.line) else "summary_library_all"
        facts.append(say(language, key, plies=analysis.left_library))
    facts.append(say(language, "summary_judge", name=judge_name(state)))
    return ReviewSummary(sides, points, tuple(facts), review.complete)


def _side(review: Review, color: Color, language: str) -> SideSummary:
    played = review.player(color)
    number = 0 if language == "zh" else 1

    def cent(value: float | None) -> str:
        return "" if value is None else f"{100 * value:.1f}"

    return SideSummary(
        color,
        side_name(language, color),
        "" if played.accuracy is None else f"{played.accuracy:.0f}",
        cent(played.loss),
        tuple((PHASES[phase][number], cent(loss)) for phase, (_, loss) in played.losses.items()),
        "" if played.agreement is None else f"{100 * played.agreement:.0f}",
        tuple((mark, GLYPHS[mark], played.marks.get(mark, 0)) for mark in SHOWN_MARKS),
    )
