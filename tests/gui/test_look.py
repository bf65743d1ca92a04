"""What the eye must be able to distinguish: pieces, sides, marks, arrows, labels, for every set, board and panel."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pygame
import pytest
from desk import settle

from xiangqi_lm.gui.game.settings import CHOICES
from xiangqi_lm.gui.game.view import Candidate
from xiangqi_lm.gui.sounds import RECIPES
from xiangqi_lm.gui.widgets import analysis, board_view, pieces, theme, value_bar
from xiangqi_lm.gui.widgets.board_view import Geometry
from xiangqi_lm.gui.widgets.layout import arrange
from xiangqi_lm.gui.widgets.scene import SECONDS
from xiangqi_lm.rules.moves import Move

CELL = 60


@pytest.fixture(autouse=True)
def _font():
    pygame.font.init()


def grey(piece: int, style: str) -> np.ndarray:
    """Return a piece on a medium background without any colour: float [w, h]."""
    picture = pygame.Surface((CELL, CELL))
    picture.fill((128, 128, 128))
    disc = pieces.disc(piece, CELL, style)
    picture.blit(disc, disc.get_rect(center=picture.get_rect().center))
    rgb = pygame.surfarray.array3d(picture).astype(float)
    return rgb @ np.array((0.299, 0.587, 0.114))


@pytest.mark.parametrize("style", CHOICES["glyphs"])
def test_all_fourteen_pieces_differ_without_colour(style):
    seen = {piece: grey(piece, style) for piece in range(-7, 8) if piece}
    for one, other in combinations(seen, 2):
        different = np.abs(seen[one] - seen[other]) > 24
        assert different.mean() > 0.012, (one, other)


@pytest.mark.parametrize("style", CHOICES["glyphs"])
@pytest.mark.parametrize("board", CHOICES["board"])
def test_pieces_stand_out_from_every_board(style, board):
    geometry = Geometry.fit(pygame.Rect(0, 0, 700, 800))
    picture = pygame.Surface((700, 800))
    board_view.draw_board(picture, geometry, "none", board)
    ground = picture.get_at((geometry.left + geometry.cell // 2, geometry.top + geometry.cell // 2))[:3]
    for piece in (1, -1):
        disc = pieces.disc(piece, geometry.cell, style)
        middle = disc.get_width() // 2
        edge = [disc.get_at((middle, round(middle - geometry.cell * at)))[:3] for at in (0.34, 0.355, 0.37, 0.44)]
        assert max(theme.contrast(tuple(colour), tuple(ground)) for colour in edge) >= 3, (piece, edge)


def test_the_symbols_need_no_characters():
    assert set(pieces.SYMBOLS) == {1, 2, 3, 4, 5, 6, 7} and "symbols" not in pieces.GLYPHS


def test_arrows_lie_under_the_pieces(make_app):
    app = make_app(side="both", size=(1180, 800))
    settle(app)
    move = Move.from_iccs("h2e2")
    before = app.surface.copy()
    x, y = app.geometry.point(move.from_square)
    app.controller.state.hint = move
    app.draw()
    assert app.surface.get_at((x, y)) == before.get_at((x, y))  # the cannon's own character
    middle = tuple((a + b) // 2 for a, b in zip((x, y), app.geometry.point(move.to_square), strict=True))
    assert app.surface.get_at(middle) != before.get_at(middle)
    ring = (x, round(y - 0.49 * app.geometry.cell))
    assert app.surface.get_at(ring) != before.get_at(ring)


def test_arrows_along_one_file_are_told_apart():
    moves = [Move.from_iccs(text) for text in ("a0a1", "a0a2", "a3a4", "b0c2", "h2e2", "h2f2")]
    aside = analysis.sideways(moves)
    assert aside[0] != aside[1] and aside[2] == aside[3] == 0 and aside[4] != aside[5]


@pytest.mark.parametrize("flipped", [False, True])
def test_shares_never_cover_each_other(make_app, flipped):
    app = make_app(side="both")
    view = app.controller.view()
    moves = [Move.from_iccs(text) for text in ("h2e2", "b2e2", "g0e2", "c0e2", "h0g2")]
    candidates = tuple(Candidate(move, "", 0.2) for move in moves)
    view = type(view)(**{**vars(view), "arrows": candidates})
    geometry = Geometry.fit(app.layout.board, flipped)
    boxes = []
    for (x, y), _ in analysis.label_places(geometry, view):
        box = pygame.Rect(0, 0, round(geometry.cell * 0.55), round(geometry.cell * 0.26))
        box.center = round(x), round(y)
        boxes.append(box)
    assert len(boxes) >= 4
    assert not [pair for pair in combinations(boxes, 2) if pair[0].colliderect(pair[1])]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [(900, 640), (1280, 800), (800, 1000)])
@pytest.mark.parametrize(
    "value", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0.99, 0.005, 0.005), (0.3, 0.4, 0.3), (0.05, 0.9, 0.05), (0.5, 0, 0.5)]
)
def test_the_labels_of_the_value_bar_never_overlap(make_app, language, size, value):
    app = make_app()
    view = app.controller.view()
    view = type(view)(**{**vars(view), "value": value})
    layout = arrange(size, 1.0)
    labels = value_bar.labels(layout, view, language)
    assert len(labels) >= 2
    assert all(layout.value.contains(place) for _, place in labels)
    assert not [pair for pair in combinations(labels, 2) if pair[0][1].colliderect(pair[1][1])]


def test_the_last_move_is_marked_on_both_points_and_the_marks_do_not_meet(make_app):
    app = make_app(side="both")
    settle(app)
    plain = app.surface.copy()
    app.controller.type_move("a0a1")
    app.controller.change(last_move=True)
    settle(app)
    with_marks = app.surface.copy()
    app.controller.change(last_move=False)
    settle(app)
    assert app.surface.get_at(app.geometry.point(0)) != with_marks.get_at(app.geometry.point(0))
    assert pygame.image.tobytes(plain, "RGB") != pygame.image.tobytes(with_marks, "RGB")


def test_own_and_others_moves_sound_different_and_motion_is_short():
    for name in ("move", "capture", "check"):
        assert RECIPES[name] != RECIPES[f"{name}_theirs"]
    assert SECONDS <= 0.2


@pytest.mark.parametrize("panel", CHOICES["panel"])
@pytest.mark.parametrize("board", CHOICES["board"])
def test_every_look_is_drawn(make_app, panel, board):
    app = make_app(panel=panel, board=board, glyphs="symbols")
    settle(app)
    assert app.surface.get_at((2, 2))[:3] == theme.PALETTES[panel].background
