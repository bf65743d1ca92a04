"""Rectangles that do not overlap, labels that fit, fonts with all glyphs, and one mapping of squares to pixels."""

from __future__ import annotations

import time
from itertools import combinations

import pygame
import pytest

from xiangqi_lm.gui.game import texts
from xiangqi_lm.gui.game.settings import PAGES, Settings
from xiangqi_lm.gui.widgets import layout as layouts
from xiangqi_lm.gui.widgets import panels, pieces, sheets, study_layout, theme
from xiangqi_lm.gui.widgets.board_view import Geometry
from xiangqi_lm.gui.widgets.layout import arrange
from xiangqi_lm.gui.widgets.overlays import KEYS, HelpSheet, Item, Menu
from xiangqi_lm.gui.widgets.sheets import SettingsSheet
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.squares import parse_square

SIZES = [(900, 640), (1280, 800), (1920, 1080), (800, 1000)]
SCALES = [1.0, 1.5, 2.0, 2.5]


@pytest.fixture(autouse=True)
def _font():
    pygame.font.init()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scale", SCALES)
def test_nothing_overlaps_and_nothing_is_outside(size, scale):
    layout = arrange(size, scale)
    window = pygame.Rect((0, 0), size)
    board = Geometry.fit(layout.board).outside()
    names = ("top", "bottom", "status", "value", "analysis", "moves", "entry", "info")
    parts = {name: rect for name in names if (rect := getattr(layout, name)).height} | {"board": board}
    inside_status = ("action",)
    parts |= {name: rect for name, rect in layout.buttons.items() if name not in inside_status}
    for (one, a), (other, b) in combinations(parts.items(), 2):
        assert not a.colliderect(b), (one, other)
    for name, rect in parts.items():
        assert window.contains(rect) and rect.width > 0 and rect.height > 0, name
    for name in inside_status:
        assert layout.status.contains(layout.buttons[name])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("attempt", [False, True])
def test_nothing_overlaps_in_analysis_and_six_moves_are_seen(size, scale, attempt):
    layout = study_layout.arrange(size, scale, attempt=attempt)
    window = pygame.Rect((0, 0), size)
    names = ("top", "bottom", "status", "value", "analysis", "moves", "entry", "info", "graph")
    parts = {name: rect for name in names if (rect := getattr(layout, name)).height}
    inside = {"action": "status", **dict.fromkeys(study_layout.CARD, "graph")}
    parts |= {name: rect for name, rect in layout.buttons.items() if name not in inside}
    parts["board"] = Geometry.fit(layout.board).outside()
    for (one, a), (other, b) in combinations(parts.items(), 2):
        assert not a.colliderect(b), (one, other)
    for name, rect in parts.items():
        assert window.contains(rect) and rect.width > 0 and rect.height > 0, name
    for name, outer in inside.items():
        assert name not in layout.buttons or getattr(layout, outer).contains(layout.buttons[name])
    assert layout.moves.height >= layout.px(layouts.TITLE) + layouts.ROWS * layout.px(layouts.ROW)
    assert layout.graph.height and layout.analysis.height
    assert {"analysis", "review", "retry", "mistake_next", "mistake_back"} <= layout.buttons.keys()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("folded", [(), ("analysis",), ("analysis", "info")])
def test_the_move_list_shows_six_rows_at_every_size_and_scale(size, scale, folded):
    layout = arrange(size, scale, folded=folded)
    assert layout.moves.height >= layout.px(layouts.TITLE) + layouts.ROWS * layout.px(layouts.ROW)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("folded", [(), ("analysis",)])
def test_the_card_at_the_end_covers_nothing(size, scale, folded):
    layout = layouts.with_end(arrange(size, scale, folded=folded))
    names = ("top", "bottom", "value", "analysis", "moves", "entry", "info", "end")
    parts = {name: rect for name in names if (rect := getattr(layout, name)).height}
    parts |= {name: rect for name, rect in layout.buttons.items() if name != "action"}
    parts["board"] = Geometry.fit(layout.board).outside()
    for (one, a), (other, b) in combinations(parts.items(), 2):
        assert not a.colliderect(b), (one, other)
    assert layout.end.contains(layout.status) and layout.end.height >= layout.px(122)
    assert layout.moves.height >= 3 * layout.px(layouts.ROW)
    assert layouts.end_area(layout) == layout.end


@pytest.mark.parametrize("size", SIZES)
def test_the_board_is_large(size):
    assert Geometry.fit(arrange(size, 1.0).board).cell >= 48


@pytest.mark.parametrize("scale", SCALES)
def test_a_full_screen_is_as_large_as_it_says(scale):
    layout = arrange((1920, 1080), scale)
    assert layout.scale == scale
    assert {"take_back", "hint", "flip", "menu", "first", "last"} <= layout.buttons.keys()


def test_a_wide_window_has_two_columns():
    layout = arrange((1920, 1080), 1.0)
    assert layout.analysis.left > layout.moves.right and layout.info.left == layout.analysis.left
    narrow = arrange((1280, 800), 1.0)
    assert narrow.analysis.left == narrow.moves.left


@pytest.mark.parametrize("look", theme.PALETTES.values(), ids=theme.PALETTES)
def test_every_text_colour_can_be_read(look):
    for ground in (look.card, look.raised):
        for name in ("text", "soft", "faint", "accent", "red_move", "trouble", "good"):
            assert theme.contrast(getattr(look, name), ground) >= 4.5, name
    assert theme.contrast(look.main_text, look.main) >= 4.5 and theme.contrast(look.text, look.on) >= 4.5


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_all_squares_map_back(size, flipped):
    geometry = Geometry.fit(arrange(size, 1.0).board, flipped)
    for square in range(90):
        x, y = geometry.point(square)
        reach = geometry.cell * 0.3
        for dx, dy in ((0, 0), (reach, reach), (-reach, reach), (0, -reach)):
            assert geometry.square_at((x + dx, y + dy)) == square
        assert geometry.square_at((x + geometry.cell / 2, y + geometry.cell / 2)) is None


def test_flipping_turns_the_board_by_180_degrees():
    area = pygame.Rect(0, 0, 800, 800)
    plain, turned = Geometry.fit(area), Geometry.fit(area, True)
    for square in range(90):
        assert turned.point(square) == plain.point(89 - square)
    assert plain.point(parse_square("a0"))[1] > plain.point(parse_square("a9"))[1]


def test_texts_have_the_same_keys_and_fields():
    zh, en = texts.table("zh"), texts.table("en")
    assert zh.keys() == en.keys()
    for key in zh:
        fields = [sorted(part.split("}")[0] for part in table[key].split("{")[1:]) for table in (zh, en)]
        assert fields[0] == fields[1], key


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scale", SCALES)
def test_no_label_is_wider_than_its_box(desk, size, scale, language):
    layout = arrange(size, scale)
    view = desk.controller.view()
    study = study_layout.arrange(size, scale, attempt=True)
    for place, name in [(layout, name) for name in layout.buttons] + [(study, name) for name in study.buttons]:
        rect = place.buttons[name]
        words = [panels.button_words(name, view, language)]
        if name == "action":
            words = [texts.say(language, f"action_{kind}") for kind in ("stop", "continue", "restart")]
        if name in ("analysis", "review"):
            words.append(texts.say(language, "button_play" if name == "analysis" else "button_review_stop"))
        for label in words:
            width = theme.text_width(label, place.px(panels.label_size(name)))
            assert width <= panels.label_room(name, rect, place.scale), (name, label)


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_sheets_fit_the_window_and_their_labels_fit(size, language, monkeypatch):
    monkeypatch.setattr(sheets, "usable_cores", lambda: 64)  # all numbers of threads are offered
    layout, window = arrange(size, 1.0), pygame.Rect((0, 0), size)
    for page_name, settings in PAGES.items():
        sheet = SettingsSheet(Settings(), page_name)
        sheet.place(layout, window, language)
        for name, rect in sheet.rectangles().items():
            assert window.contains(rect), name
        for name, values in settings.items():
            for value, words in sheet.control(name).values:
                rect = sheet.rectangles()[f"{name}={value}"]
                assert theme.text_width(words, layout.px(10)) <= rect.width - 4, (name, value)
            assert len(values) == len(sheet.control(name).values)
    items = [Item(f"menu_{side}", ("new_game", side)) for side in ("red", "black", "both", "none")]
    menu = Menu("menu_new_game", "new_game", items)
    menu.place(layout, window, language)
    assert all(window.contains(rect) for rect in menu.rectangles().values())
    page = HelpSheet()
    page.place(layout, window, language)
    assert window.contains(page.rectangles()["close"])
    assert all(texts.say(language, words) for _, words in KEYS)


def _ink(picture: pygame.Surface) -> bytes:
    return pygame.image.tobytes(picture, "RGBA")


@pytest.mark.parametrize("style", pieces.GLYPHS)
def test_pieces_have_characters_and_not_boxes(style):
    box = theme.font(44, brush=True).render("\U0010ffff", True, (0, 0, 0))
    seen = set()
    for piece, character in pieces.GLYPHS[style].items():
        glyph = theme.font(44, brush=True).render(character, True, (0, 0, 0))
        assert _ink(glyph) != _ink(box), character
        seen.add((_ink(glyph), piece > 0))
        disc = pieces.disc(piece, 66, style)
        assert disc.get_at(disc.get_rect().center).a == 255
    assert len(seen) == 14


def test_the_traditional_set_tells_the_sides_apart_without_colour():
    assert len(set(pieces.GLYPHS["traditional"].values())) == 14


@pytest.mark.parametrize("bold", [False, True])
def test_every_character_of_the_interface_has_a_glyph(bold):
    box = _ink(theme.font(18, bold).render("\U0010ffff", True, (0, 0, 0)))
    for language in texts.LANGUAGES:
        for character in set("".join(texts.table(language).values())) - {" "}:
            assert _ink(theme.font(18, bold).render(character, True, (0, 0, 0))) != box, character


def _cut_slowly(words, size, width):
    while words and theme.text_width(words + "…", size) > width:
        words = words[:-1]
    return words + "…"


@pytest.mark.parametrize(
    "words", ["The quick brown fox jumps over the lazy dog", "炮二平五 马８进７ 车九平八 and more"]
)
@pytest.mark.parametrize("width", [-3, 0, 1, 20, 77, 150, 2000])
def test_texts_are_cut_where_they_no_longer_fit(words, width):
    whole = theme.text_width(words, 14) <= width
    assert theme.fitted(words, 14, width) == (words if whole else _cut_slowly(words, 14, width))
    lines = theme.wrapped(words, 14, width, 3)
    assert len(lines) <= 3
    if width >= 20:
        assert all(theme.text_width(line, 14) <= width for line in lines)
        assert words.replace(" ", "").startswith("".join(lines).replace(" ", "").rstrip("…"))


def test_a_very_long_text_is_cut_at_once():
    begun = time.process_time()
    for words in ("x" * 10**6, "字" * 10**6, "x " * 10**6):
        assert theme.text_width(theme.fitted(words, 14, 300), 14) <= 300
        assert [theme.text_width(line, 14) <= 300 for line in theme.wrapped(words, 14, 300, 2)] == [True, True]
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("text", ["x" * 10**6, "x " * 10**6, "4k4/" * 10**5, Board().fen() + " " + "y" * 10**6])
def test_a_very_long_paste_is_one_short_line(desk, text):
    begun = time.process_time()
    assert not desk.controller.games.paste_fen(text)
    message = desk.controller.view().message
    assert message.startswith("Not a position") and len(message) < 260 and "\n" not in message
    assert time.process_time() - begun < 2
