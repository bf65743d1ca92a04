"""The file of `--dump-layout`, which tells scripts where to click and what happened."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pygame

from ..files import write_text
from ..records.game import count
from .game.analysis_view import AnalysisView, GraphView
from .game.controller import Controller
from .game.movelist import MoveNames
from .game.view import View
from .widgets import analysis, editor_panel, graph, lines, panels
from .widgets.board_view import Geometry, corner_names
from .widgets.layout import Layout

AREAS = ("graph", "top", "bottom", "status", "value", "analysis", "moves", "entry", "info")


def _buttons(layout: Layout, view: View) -> dict[str, pygame.Rect]:
    """Return the clickable rectangles besides the board: buttons, the editor, the card at the end of a game."""
    out = dict(layout.buttons)
    if view.setup:
        out.update({f"editor_{name}": rect for name, rect in editor_panel.rectangles(layout).items()})
    if view.end:
        out.update(panels.end_buttons(layout, view.end))
    return out


def _box(rect: pygame.Rect) -> list[int]:
    return [rect.x, rect.y, rect.width, rect.height]


def describe(
    controller: Controller,
    view: View,
    layout: Layout,
    geometry: Geometry,
    overlay: tuple[str, dict[str, pygame.Rect]] | None,
    sounds: tuple[bool, int],
    panel: dict[str, pygame.Rect],
) -> dict[str, Any]:
    """Return the complete content of the file; pixels are relative to the window."""
    state = controller.state
    human = sorted(color.name.lower() for color in state.humans)
    return {
        **corner_names(geometry),
        "cell": geometry.cell,
        "flipped": geometry.flipped,
        "buttons": {name: _box(rect) for name, rect in {**_buttons(layout, view), **panel}.items()},
        "enabled": sorted(view.enabled),
        "areas": {name: _box(getattr(layout, name)) for name in AREAS},
        "scale": layout.scale,
        "overlay": overlay[0] if overlay else None,
        "overlay_buttons": {name: _box(rect) for name, rect in overlay[1].items()} if overlay else {},
        "fen": state.game.board.fen(),
        "ply": view.cursor,
        "plies": view.plies,
        "mode": _mode(view),
        "thinking": state.opponent_to_move and state.pending is not None,
        "loading": state.loading,
        "human": human[0] if len(human) == 1 else "both",
        "message": view.message,
        "status": view.status,
        "detail": view.detail,
        "check": view.check,
        "outcome": view.outcome.reason if view.outcome else "",
        "result": view.outcome.result if view.outcome else "*",
        "failure": state.failure,
        "language": state.settings.language,
        "level": state.settings.level,
        "moves": MoveNames().line(state.game.record.start(), state.game.line, "chinese"),
        "iccs": [move.iccs() for move in state.game.line],
        "main_line": [move.iccs() for move in state.game.record.moves],
        "variations": count(state.game.record.line),
        "games": list(view.games) if view.games else None,
        "unsaved": view.unsaved,
        "players": [
            {"side": card.color.name.lower(), "name": card.name, "kind": card.kind, "clock": card.clock}
            for card in view.players
        ],
        "best": [{"worth": line.worth, "moves": list(line.moves)} for line in view.best],
        "arrows": [
            {"move": c.move.iccs(), "name": c.name, "probability": round(c.probability, 4)} for c in view.arrows
        ],
        "policy": _policy(view),
        **(_study(layout, view.analysis) if view.analysis else {}),
        "library": _library(view),
        "hint": view.hint.iccs() if view.hint else None,
        "selected": view.selected,
        "targets": [square for square, _ in view.targets],
        "illegal_clicks": controller.illegal_clicks,
        "sound_device": sounds[0],
        "sounds_played": sounds[1],
    }


def _policy(view: View) -> dict[str, Any] | None:
    """Return the table of the model's moves: its rows and all other legal moves, which add up to 1, and separately the
    probability of illegal moves."""
    if not view.candidates:
        return None
    moves, share = analysis.others(view, len(view.candidates))
    return {
        "title": view.candidates_title,
        "rows": [
            {"move": c.move.iccs(), "name": c.name, "probability": round(c.probability, 4)} for c in view.candidates
        ],
        "others": {"moves": moves, "probability": round(share, 4)},
        "illegal": view.illegal,
    }


def _study(layout: Layout, study: AnalysisView) -> dict[str, Any]:
    """Return the additional content of analysis mode."""
    shown = study.shown
    return {
        "lines": [
            {"worth": line.worth, "moves": [move.iccs() for move in line.moves], "names": list(line.names),
             "row": _box(row), "boxes": [_box(box) for box in boxes]}
            for line, row, boxes in lines.rows(layout, study)
        ],
        "judge_arrows": [move.iccs() for move in study.arrows],
        "preview": [move.iccs() for move in shown[0][: shown[1]]] if shown else None,
        "graph": _graph(layout, study.graph) if study.graph else None,
        "marks": {str(ply): mark for ply, mark in study.graph.marks} if study.graph else {},
        "reviewing": list(study.graph.progress) if study.graph and study.graph.progress else None,
        "reviewed": study.summary is not None,
        "exercise": {"title": study.attempt.title, "words": study.attempt.words, "state": study.attempt.state,
                     "answer": [move.iccs() for move in study.attempt.answer]} if study.attempt else None,
    }  # fmt: skip


def _library(view: View) -> dict[str, Any] | None:
    """Return the content of the library panel."""
    panel = view.library
    if panel is None:
        return None
    return {
        "note": panel.note,
        "missing": panel.missing,
        "moves": [
            {"move": row.move.iccs(), "name": row.name, "games": row.games, "score": row.score, "year": row.year,
             "model": row.model}
            for row in panel.moves
        ],
        "games": [
            {"id": row.id, "ply": row.ply, "players": row.players, "event": row.event, "year": row.year,
             "result": row.result}
            for row in panel.games
        ],
    }  # fmt: skip


def _mode(view: View) -> str:
    if view.setup is not None:
        return "edit"
    if view.analysis is None:
        return "play"
    return "exercise" if view.analysis.attempt is not None else "analysis"


def _graph(layout: Layout, shown: GraphView) -> dict[str, Any]:
    place = graph.plot(layout)
    return {
        "area": _box(place),
        "x": [graph.pixel_of(layout, shown.plies, ply) for ply in range(shown.plies + 1)],
        "points": [[ply, round(value, 4)] for ply, value in shown.points],
    }


class Dump:
    """Rewrites the file, by rename, whenever its content changes."""

    def __init__(self, path: Path):
        self._path, self._text, self._last = path, "", ""

    def write(self, content: dict[str, Any]) -> None:
        """Write the content, now or as soon as the file can be written."""
        self._text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        self.flush()

    def flush(self) -> None:
        """Write pending content: the folder may have been missing, and Windows cannot replace a file in use."""
        if self._text != self._last:
            with contextlib.suppress(OSError):
                write_text(self._path, self._text)
                self._last = self._text
