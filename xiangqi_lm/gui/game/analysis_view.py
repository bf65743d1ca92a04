"""What analysis mode shows, as plain values, and how they are made from the state."""

from __future__ import annotations

from dataclasses import dataclass

from ...engine.player import Info
from ...rules.board import Board
from ...rules.moves import Move
from .movelist import MoveNames
from .player_faults import player_fault
from .state import State
from .texts import brief, say
from .worth import worth

LINE = 12  # moves of a line that are shown


@dataclass(frozen=True)
class JudgeLine:
    """A line of the judge: what it is worth to Red, in words, its moves and their texts."""

    worth: str
    good: bool  # for Red
    moves: tuple[Move, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class AnalysisView:
    """Analysis mode at one moment; `shown` is the line that is played out on the board and how many moves of it,
    `arrows` the first moves of the judge's lines, best first."""

    title: str
    lines: tuple[JudgeLine, ...]
    note: str  # in place of lines that there are none of
    arrows: tuple[Move, ...]
    shown: tuple[tuple[Move, ...], int] | None


def preview_board(state: State) -> Board:
    """Return the board to be shown: the one looked at, or that of the line that is played out from there."""
    preview, board = state.analysis.preview, state.game.board
    if preview is None or preview.root != state.here or state.editor:
        return board
    board = board.copy()
    for move in preview.moves[: preview.shown]:
        board.push_unchecked(move)
    return board


def analysis_view(state: State, names: MoveNames) -> AnalysisView | None:
    """Return what analysis mode shows, None in play."""
    if not state.analysis.on or state.editor:
        return None
    info = state.analysis.lines.get(state.here)
    lines = _lines(state, info, names)
    preview = state.analysis.preview
    shown = (preview.moves, preview.shown) if preview is not None and preview.root == state.here else None
    arrows = tuple(line.moves[0] for line in lines) if state.settings.judge_arrows and not shown else ()
    return AnalysisView(_title(state, info), lines, "" if lines else _note(state), arrows, shown)


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


def judge_name(state: State) -> str:
    """Return the judge's name in the player's language."""
    judge, language = state.settings.judge, state.settings.language
    known = {spec: name for name, spec in state.settings.engines}
    if judge in known:
        return brief(known[judge], 24)
    kind = judge.partition("?")[0].partition(":")[0]
    return say(language, f"choice_judge_{judge}") if kind in ("alphabeta", "mcts") else brief(judge, 24)


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
    if state.analysis.fault:
        return say(language, "judge_failed", fault=player_fault(state.analysis.fault).words(language))
    if state.game.outcome() is not None:
        return say(language, "judge_over")
    return say(language, "judge_thinking" if state.analysis.thinking else "judge_none")
