"""An opponent of the user's own, options of added engines, and the number of arrows."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pygame
import pytest
from desk import live, post_click, settle, type_key, type_text

from xiangqi_lm.engine.player import Choice
from xiangqi_lm.engine.spec import parse_spec
from xiangqi_lm.gui.game import players
from xiangqi_lm.gui.widgets.player_sheet import KINDS, LIMITS, TEMPERATURES

ENGINE = Path(__file__).resolve().parents[1] / "tools" / "fake_engine.py"


def test_the_sheet_shows_what_the_kind_has(make_app):
    app = make_app(language="zh")
    app.do(("player", None))
    names = {}
    for kind in KINDS:
        post_click(app, app.overlay.rectangles()[f"kind={kind}"].center)
        names[kind] = {control.name for control in app.overlay.controls}
    assert names["lm"] == {"kind", "model", "temperature", "name"}
    assert names["mcts"] == {"kind", "model", "temperature", "limit", "name"}
    assert names["alphabeta"] == {"kind", "limit", "name"}


def test_the_player_is_added_and_chosen(make_app):
    app = make_app()
    app.do(("player", None))
    post_click(app, app.overlay.rectangles()["kind=mcts"].center)
    post_click(app, app.overlay.rectangles()["limit>"].center)
    type_key(app, pygame.K_RETURN)
    assert app.overlay is None and app.controller.settings.level == "mcts:default?temperature=0&movetime=5"
    ((name, spec),) = app.controller.settings.engines
    assert spec == app.controller.settings.level and "5 s a move" in name
    assert spec in {offer.key for offer in players.offers(app.controller.settings, "lm:default")}
    assert players.kind(spec, "zh", "") == "语言模型+搜索 · 温度 0 · 每步 5 秒"


def test_whatever_can_be_chosen_is_a_player(make_app):
    app = make_app()
    app.do(("player", None))
    for kind, temperature, limit in itertools.product(KINDS, TEMPERATURES[:2], LIMITS):
        app.overlay.control("kind").choose(kind)
        app.place_again()
        for name, value in (("temperature", temperature), ("limit", limit)):
            if name in app.overlay.values():
                app.overlay.control(name).chosen = value
        parse_spec(app.overlay.spec())


@pytest.mark.parametrize(("options", "fine"), [("Hash=32&nodes=50", True), ("Nonsense=1", False)])
def test_an_engine_is_given_its_options(make_app, options, fine):
    app = make_app(language="zh")
    app.do(("engine", None))
    type_text(app, f"{sys.executable} {ENGINE} engine")
    app.overlay.control("options").set_text(options)
    type_key(app, pygame.K_RETURN)
    live(app, lambda: app.overlay is None or app.overlay.trouble != "", 60)
    if fine:
        assert app.controller.settings.level.endswith("?movetime=1&Hash=32&nodes=50")
    else:
        settle(app)
        assert app.overlay.control("note").words == "引擎没有选项 nonsense"


@pytest.mark.parametrize("most", [1, 3, 8])
def test_no_more_arrows_than_wanted(make_desk, most):
    desk = make_desk(side="both", arrows=True, arrow_count=most)
    state = desk.controller.state
    moves = state.game.board.legal_list()[:10]
    state.seen[state.here] = Choice(moves[0], tuple((move, 0.1) for move in moves))
    assert [arrow.move for arrow in desk.controller.view().arrows] == list(moves[:most])
