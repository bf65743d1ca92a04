"""The table of the model's moves: all legal moves add up to 1, and the mass on illegal moves is shown apart."""

from __future__ import annotations

import json

import pygame
import pytest
from desk import Desk, live, press_button, settle

from xiangqi_lm.engine.player import Choice
from xiangqi_lm.gui.widgets import analysis, theme
from xiangqi_lm.gui.widgets.layout import arrange
from xiangqi_lm.rules.board import Board

MIDDLE = "2bakab2/9/2n1c1n2/p1p1p3p/6p2/2P6/P3P1P1P/2N1C1N2/9/R1BAKAB1R b - - 4 12"
ENDING = "3ak4/4a4/9/9/9/9/4P4/9/3R5/4K4 w - - 0 1"


def told(fen: str | None, shares: list[float], illegal: float | None, **settings) -> Desk:
    """A desk whose model has said how likely the legal moves are, in their order; the last share is divided among the
    rest."""
    desk = Desk(fen, side="both", arrows=True, **settings)
    state = desk.controller.state
    moves = state.game.board.legal_list()
    rest = len(moves) - len(shares) + 1
    every = [*shares[:-1], *[shares[-1] / rest] * rest]
    pairs = sorted(zip(moves, every, strict=True), key=lambda pair: -pair[1])
    state.seen[state.here] = Choice(pairs[0][0], tuple(pairs), illegal=illegal)
    return desk


@pytest.mark.parametrize("fen", [None, MIDDLE, ENDING])
@pytest.mark.parametrize("most", [1, 3, 5, 8])
def test_rows_and_all_other_legal_moves_make_up_one(fen, most):
    desk = told(fen, [0.4, 0.2, 0.12, 0.08, 0.06, 0.04, 0.005, 0.095], 0.03, arrow_count=most)
    view = desk.controller.view()
    shares = [candidate.probability for candidate in view.candidates]
    assert len(shares) <= most and shares == sorted(shares, reverse=True) and min(shares) >= 0.01
    assert view.arrows == view.candidates
    moves, share = analysis.others(view, len(shares))
    assert moves + len(shares) == len(Board(fen).legal_moves if fen else Board().legal_moves)
    assert sum(shares) + share == pytest.approx(1)
    assert view.illegal == 0.03  # apart from it, and not part of any row
    percents = [round(100 * s) for s in (*shares, share)]
    assert abs(sum(percents) - 100) <= len(percents) / 2


def test_illegal_moves_are_not_mentioned_where_their_mass_is_unknown():
    assert told(None, [1.0], None).controller.view().illegal is None
    hidden = told(None, [1.0], 0.2)
    hidden.controller.toggle("arrows")
    assert hidden.controller.view().illegal is None and hidden.controller.view().weighed == 0


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [(900, 640), (1280, 800), (1920, 1080), (800, 1000)])
@pytest.mark.parametrize("advised", [False, True])
def test_the_table_has_its_last_row_and_the_illegal_share_inside_the_block(size, language, advised):
    view = told(None, [0.4, 0.3, 0.2, 0.05, 0.05], 0.013, language=language).controller.view()
    layout = arrange(size, 1.0)
    inner = layout.analysis.inflate(-layout.px(24), -layout.px(30))
    if advised:
        inner.top, inner.height = inner.top + 66, inner.height - 66
    drawn: list[tuple[str, pygame.Rect]] = []
    pygame.font.init()
    surface = pygame.Surface(size)
    before = theme.draw_text

    def note(surface, words, *rest, **where):
        drawn.append((words, before(surface, words, *rest, **where)))

    theme.draw_text, kept = note, theme.draw_text
    try:
        analysis.draw_candidates(surface, layout, view, language, inner, inner.top)
    finally:
        theme.draw_text = kept
    words = [word for word, _ in drawn]
    if not words:  # no room for a table
        assert inner.height < 2 * layout.px(22)
        return
    assert words[0] == ("违规着法 1.3%" if language == "zh" else "illegal 1.3%")
    assert words[1].startswith("模型" if language == "zh" else "The model") and not words[1].endswith("…")
    rows = len([word for word in words if word.endswith("%")]) - 1
    shown = rows - (words[-2].startswith("其余") or words[-2].endswith("others"))
    shares = [c.probability for c in view.candidates[:shown]]
    if rows > 1:
        assert shown < rows
        assert words[-1] == analysis.percent(1 - sum(shares))
    assert all("…" not in word for word in words)


def test_the_window_shows_the_policy_and_its_file_says_so(make_app, tmp_path):
    dump = tmp_path / "layout.json"
    app = make_app(script={"illegal": 0.0421}, dump=dump, arrow_count=3)
    app.controller.start()
    press_button(app, "arrows")
    live(app, lambda: bool(app.controller.view().arrows))
    settle(app)
    policy = json.loads(dump.read_text())["policy"]
    assert len(policy["rows"]) == 3 and policy["others"]["moves"] == 41 and policy["illegal"] == 0.0421
    assert sum(row["probability"] for row in policy["rows"]) + policy["others"]["probability"] == pytest.approx(
        1, abs=1e-3
    )
    press_button(app, "arrows")
    settle(app)
    assert json.loads(dump.read_text())["policy"] is None
