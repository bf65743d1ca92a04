"""The view of analysis mode as plain values, and how it is made from the state."""

from __future__ import annotations

from dataclasses import dataclass

from ...engine.player import Info
from ...review.curve import Curve, curve_of
from ...review.review import GLYPHS, expectation, red_chances, whole_points
from ...review.words import MARKS
from ...review.words import words as reason_words
from ...rules.board import Board
from ...rules.moves import Move
from ...rules.squares import BLACK, RED
from .movelist import MoveNames
from .player_faults import player_fault
from .state import State
from .study import reviewed
from .summary_view import ReviewSummary, judge_name, summary_of
from .texts import say, side_name
from .tree_walk import Place
from .worth import worth

LINE = 12  # most moves shown of a line
LEAST_LOSS = 0.01  # the least loss of expected score to mention


@dataclass(frozen=True)
class JudgeLine:
    """A line of the judge: its score for Red as text, its moves and their texts."""

    worth: str
    good: bool  # for Red
    moves: tuple[Move, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class GraphView:
    """Red's expected score (0 to 1) by plies played, the plies after marked moves, and the progress of a review."""

    points: tuple[tuple[int, float], ...]
    marks: tuple[tuple[int, str], ...]
    plies: int
    cursor: int
    progress: tuple[int, int] | None  # positions answered and requested so far


@dataclass(frozen=True)
class MoveMark:
    """The review of one move in the list: its mark, and Red's expected score after it, in per cent."""

    place: Place
    mark: str
    glyph: str
    percent: int


@dataclass(frozen=True)
class AttemptView:
    """The current exercise: its title, the task, and the possible actions."""

    title: str
    words: str
    state: str
    again: bool  # a mistake of the game is being retried
    answer: tuple[Move, ...]  # the solution, once it may be shown
    names: tuple[str, ...]


@dataclass(frozen=True)
class AnalysisView:
    """The view of analysis mode; `shown` is the line shown on the board and the number of its moves, `arrows` are the
    first moves of the judge's lines, best first."""

    title: str
    lines: tuple[JudgeLine, ...]
    note: str  # shown if there are no lines
    arrows: tuple[Move, ...]
    shown: tuple[tuple[Move, ...], int] | None
    graph: GraphView | None = None
    marks: tuple[MoveMark, ...] = ()
    here: str = ""  # the mark of the current move
    summary: ReviewSummary | None = None
    attempt: AttemptView | None = None


def preview_board(state: State) -> Board:
    """Return the board to show: the current position, or that of the line shown from there."""
    preview, board = state.analysis.preview, state.game.board
    if preview is None or preview.root != state.here or state.editor:
        return board
    board = board.copy()
    for move in preview.moves[: preview.shown]:
        board.push_unchecked(move)
    return board


class AnalysisPresenter:
    """Makes the views of analysis mode; caches what is slow to compute and rarely changes."""

    def __init__(self, state: State, names: MoveNames):
        self._state, self._names = state, names
        self._keys: tuple[object, list[int]] = (None, [])
        self._summary: tuple[object, ReviewSummary | None] = (None, None)

    def view(self) -> AnalysisView | None:
        """Return the view of analysis mode, None in play."""
        state = self._state
        if not state.analysis.on or state.editor:
            return None
        info = state.analysis.lines.get(state.here) if not state.secret else None
        lines = _lines(state, info, self._names)
        preview = state.analysis.preview
        shown = (preview.moves, preview.shown) if preview is not None and preview.root == state.here else None
        arrows = tuple(line.moves[0] for line in lines) if state.settings.judge_arrows and not shown else ()
        here = reviewed(state).get(state.game.cursor - 1)
        return AnalysisView(
            _title(state, info),
            lines,
            "" if lines else _note(state),
            arrows,
            shown,
            None if state.analysis.attempt else _graph(state, self._line_keys()),
            _marks(state),
            here.mark if here is not None else "",
            self.summary(),
            _attempt(state, self._names),
        )

    def _line_keys(self) -> list[int]:
        game = self._state.game
        known = (self._state.game_id, game.line)
        if self._keys[0] != known:
            self._keys = (known, game.keys())
        return self._keys[1]

    def summary(self) -> ReviewSummary | None:
        """Return the summary of the game's review, None in play or without a review."""
        state = self._state
        analysis, settings = state.analysis, state.settings
        if not analysis.on or analysis.review is None or analysis.attempt is not None:
            return None
        known = (id(analysis.review), settings.language, settings.notation, settings.judge, analysis.left_library)
        if self._summary[0] != known:
            self._summary = (known, summary_of(state, analysis.review, self._names))
        return self._summary[1]


def _lines(state: State, info: Info | None, names: MoveNames) -> tuple[JudgeLine, ...]:
    if info is None:
        return ()
    board = state.game.board.copy()
    out = []
    for variation in info.variations[: state.settings.lines]:
        moves = variation.moves[:LINE]
        words, good = worth(state.settings.language, variation)
        out.append(JudgeLine(words, good, moves, tuple(names.line(board, moves, state.settings.notation))))
    return tuple(out)


def _title(state: State, info: Info | None) -> str:
    language = state.settings.language
    parts = [judge_name(state)]
    if info is not None and info.depth:
        parts.append(say(language, "judge_depth", depth=info.depth))
    if info is not None and info.nodes and info.seconds > 0.05:
        speed = info.nodes / info.seconds
        words = f"{speed / 1e6:.1f} M" if speed >= 1e6 else f"{speed / 1e3:.0f} k"
        parts.append(say(language, "judge_speed", speed=words))
    return " · ".join(parts)


def _note(state: State) -> str:
    language = state.settings.language
    if state.secret:
        return say(language, "judge_secret")
    if state.analysis.order is not None:
        return say(language, "judge_reviews")
    if state.analysis.fault:
        return say(language, "judge_failed", fault=player_fault(state.analysis.fault).words(language))
    if state.game.outcome() is not None:
        return say(language, "judge_over")
    return say(language, "judge_thinking" if state.analysis.thinking else "judge_none")


# ------------------------------------------------------------------------------------------------ the review


def _curve(state: State) -> Curve:
    kind = state.settings.judge.partition("?")[0].partition(":")[0]
    return curve_of(kind)


def _graph(state: State, keys: list[int]) -> GraphView:
    """Return the graph of the current line: the points of the finished or running review, else the judge's."""
    game, analysis = state.game, state.analysis
    points: dict[int, float] = {}
    for (ply, key), info in analysis.lines.items():
        score = info.variations[0].score
        if score is not None and ply < len(keys) and keys[ply] == key:
            chances = red_chances(_curve(state).of(score, ply), score.side)
            points[ply] = expectation(chances)
    order = analysis.order
    if order is not None:
        points |= {ply: value for ply, value in list(order.points.items()) if ply <= len(game.line)}
    found = reviewed(state)
    for ply, one in found.items():
        points[ply + 1] = expectation(red_chances(one.after, one.mover))
        if not ply:
            points[0] = expectation(red_chances(one.before, one.mover))
    if (end := game.outcome()) is not None:
        points[game.cursor] = {RED: 1.0, BLACK: 0.0, None: 0.5}[end.winner]
    marks = tuple((ply + 1, one.mark) for ply, one in found.items() if one.mark)
    progress = (order.done, max(order.total, 1)) if order is not None else None
    return GraphView(tuple(sorted(points.items())), marks, len(game.line), game.cursor, progress)


def _marks(state: State) -> tuple[MoveMark, ...]:
    return tuple(
        MoveMark(
            state.game.place_at(ply + 1),
            one.mark,
            GLYPHS.get(one.mark, ""),
            round(100 * expectation(red_chances(one.after, one.mover))),
        )
        for ply, one in reviewed(state).items()
    )


def described(state: State, names: MoveNames) -> tuple[str, str] | None:
    """Return the review of the current move as a headline and a text, or None if there is nothing to say."""
    one = reviewed(state).get(state.game.cursor - 1)
    if one is None:
        return None
    language, notation = state.settings.language, state.settings.notation
    board = state.game.board.copy()
    board.pop()
    dots = "." if one.mover is RED else "…"
    headline = f"{board.fullmove}{dots} {names(board, one.move, notation)} {GLYPHS.get(one.mark, '')}".strip()
    if one.mark:
        headline += f" {MARKS[one.mark][0 if language == 'zh' else 1]}"
    parts = [say(language, "review_loss", loss=whole_points(one.loss)) if one.loss >= LEAST_LOSS else ""]
    if one.reason is not None:
        parts.append(reason_words(one.reason, language, notation))
    if one.best and one.best[0] is not one.move and one.loss >= LEAST_LOSS:
        parts.append(say(language, "review_better", name=names(board, one.best[0], notation)))
    if one.expected is not None:
        share = f"{100 * one.expected.probability:.0f}" if one.expected.probability >= 0.01 else "<1"
        parts.append(say(language, "review_masters", share=share))
    if not any(parts[:-1]) and not one.mark:
        parts.insert(0, say(language, "review_sound"))
    return headline, say(language, "review_stop").join(part for part in parts if part)


def prey(state: State) -> int | None:
    """Return the square of the piece that the reason of the current move names, if it is still there; else None."""
    one = reviewed(state).get(state.game.cursor - 1) if state.analysis.on else None
    reason = one.reason if one is not None else None
    if reason is None or reason.origin is None or state.game.board.piece_at(reason.origin) != reason.piece:
        return None
    return reason.origin


# ------------------------------------------------------------------------------------------------ exercises


def _attempt(state: State, names: MoveNames) -> AttemptView | None:
    attempt = state.analysis.attempt
    if attempt is None:
        return None
    language, exercise = state.settings.language, attempt.exercise
    if attempt.own is not None:
        title = say(language, "retry_title")
    else:
        number, count = attempt.number + 1, len(attempt.exercises)
        title = say(language, "practice_title", number=number, count=count, solved=attempt.solved)
    side = exercise.record.final().turn
    if attempt.over:
        key = "attempt_other" if attempt.other else f"attempt_{attempt.state}"
    elif attempt.state in ("checking", "reply"):
        key = f"attempt_{attempt.state}"
    else:
        key = "attempt_mate" if exercise.mate else "attempt_asked"
    words = say(language, key, side=side_name(language, side), moves=exercise.mate or 0)
    answer = exercise.solution if attempt.over else ()
    texts = tuple(names.line(exercise.record.final(), answer[:LINE], state.settings.notation))
    return AttemptView(title, words, attempt.state, attempt.own is not None, answer, texts)
