"""The window says that it compiles while a player is built that is compiled when first used."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from xiangqi_lm.engine.levels import LEVELS, compiles
from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.gui.game.controller import LONG_START, Controller
from xiangqi_lm.gui.game.scripted import ScriptedPlayer
from xiangqi_lm.gui.game.settings import Settings
from xiangqi_lm.gui.game.thinker import Thinker


class Workshop:
    """A controller whose opponents are built when the test says so, and a clock that the test moves."""

    def __init__(self, level: str = "club", own: str = "lm:default", slow: str = "level", fails: bool = False):
        self.now, self.go, self.fails = 0.0, threading.Event(), fails
        thinker = Thinker(lambda: self.build(slow == "own"), make_level=lambda name: self.build(slow == "level"))
        self.controller = Controller(thinker, Settings(language="en", level=level), clock=lambda: self.now, pace=0)
        self.controller.state.opponent = own
        self.controller.start()

    def build(self, slow: bool) -> ScriptedPlayer:
        assert not slow or self.go.wait(20)
        if slow and self.fails:
            raise XiangqiError("no room")
        return ScriptedPlayer({"moves": ["h9g7"], "name": "built"})

    def until(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + 20
        while not holds():
            assert time.monotonic() < end, "waited in vain"
            self.controller.tick()
            time.sleep(0.005)

    def status(self) -> tuple[str, str]:
        self.controller.tick()
        view = self.controller.view()
        return view.status, view.detail


def test_only_the_built_in_engine_is_compiled_on_its_first_use():
    assert [name for name in LEVELS if compiles(name)] == ["master", "grandmaster"]
    assert all(map(compiles, ("alphabeta", "alphabeta?depth=3", "level:master?device=cpu", "mcts:default?tactics=0.5")))
    assert not any(map(compiles, ("", "scripted", "mcts:default?nodes=9", "level:club", "uci:alphabeta")))


@pytest.mark.parametrize(("level", "says"), [("master", True), ("club", False)])
def test_a_level_s_player_is_being_compiled(level, says):
    shop = Workshop(level)
    shop.controller.type_move("h2e2")
    shop.until(lambda: shop.controller.state.making)
    assert shop.status() == ("Preparing the opponent…", "0 s")
    shop.now = LONG_START + 1
    headline, detail = shop.status()
    assert headline == "Preparing the opponent…"
    assert ("compiling" in detail) == says and (detail == "4 s") == (not says)
    shop.controller.action()  # stopping and going on do not lose sight of it
    assert shop.controller.view().status == "Paused"
    shop.go.set()
    shop.until(lambda: not shop.controller.state.making)
    shop.controller.action()
    shop.until(lambda: shop.controller.state.game.cursor == 2)
    assert shop.status()[1] == "Your move"
    shop.controller.close()


def test_the_window_s_own_player_is_being_compiled():
    shop = Workshop("spec", own="alphabeta?nodes=100", slow="own")
    assert shop.status()[1] == "The model is loading; you may move already"
    shop.now = LONG_START + 1
    assert "compiling it" in shop.status()[1]
    shop.controller.type_move("h2e2")
    shop.now += LONG_START + 1
    assert shop.status()[0] == "Loading the model…" and "compiling it" in shop.status()[1]
    shop.go.set()
    shop.until(lambda: shop.controller.state.game.cursor == 2)
    assert shop.status()[1] == "Your move"
    shop.controller.close()


def test_a_level_that_fails_is_no_longer_being_prepared():
    shop = Workshop("master", fails=True)
    shop.controller.type_move("h2e2")
    shop.until(lambda: shop.controller.state.making)
    shop.now = LONG_START + 1
    shop.go.set()
    shop.until(lambda: shop.controller.state.failure != "")
    assert not shop.controller.state.making and "no room" in shop.status()[1]
    shop.controller.close()
