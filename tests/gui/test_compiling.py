"""The window says that it compiles while it builds a player that compiles on its first use."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from xiangqi_lm.engine.levels import LEVELS, compiles
from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.gui.game.controller import Controller
from xiangqi_lm.gui.game.programs import COMPILED
from xiangqi_lm.gui.game.scripted import ScriptedPlayer
from xiangqi_lm.gui.game.settings import Settings
from xiangqi_lm.gui.game.thinker import Thinker


class Compiler:
    at_work = False


class Workshop:
    """A controller whose opponents are built when the test says so, and a clock that the test advances."""

    def __init__(self, level: str = "club", own: str = "lm:default", slow: str = "level", fails: bool = False):
        self.now, self.go, self.fails = 0.0, threading.Event(), fails
        self.woken = threading.Event()
        thinker = Thinker(lambda: self.build(slow == "own"), self.woken.set, lambda name: self.build(slow == "level"))
        self.controller = Controller(thinker, Settings(language="en", level=level), clock=lambda: self.now, pace=0)
        self.controller.state.own = own
        self.controller.start()

    def build(self, slow: bool) -> ScriptedPlayer:
        self.woken.set()  # what is being built is known from here on
        assert not slow or self.go.wait(20)
        if slow and self.fails:
            raise XiangqiError("no room")
        return ScriptedPlayer({"moves": ["h9g7"], "name": "built"})

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until a condition holds, checking again whenever a thread wakes the window."""
        self.controller.tick()
        while not holds():
            assert self.woken.wait(20), "waited in vain"
            self.woken.clear()
            self.controller.tick()

    def status(self) -> tuple[str, str]:
        self.controller.tick()
        view = self.controller.view()
        return view.status, view.detail


@pytest.fixture(autouse=True)
def compiler(monkeypatch) -> Compiler:
    """Replace numba, so that it compiles when the test says so."""
    found = Compiler()
    monkeypatch.setattr("xiangqi_lm.gui.game.programs.is_compiling", lambda: found.at_work)
    return found


def test_only_the_built_in_engine_is_compiled_on_its_first_use():
    assert [name for name in LEVELS if compiles(name)] == ["master", "grandmaster"]
    assert all(map(compiles, ("alphabeta", "alphabeta?depth=3", "level:master?device=cpu", "mcts:default?tactics=0.5")))
    assert not any(map(compiles, ("", "scripted", "mcts:default?nodes=9", "level:club", "uci:alphabeta")))


@pytest.mark.parametrize(("level", "says"), [("master", "compiling it"), ("club", "compiling the rules")])
def test_what_compiles_is_said_only_while_it_does(compiler, level, says):
    shop = Workshop(level)
    shop.controller.type_move("h2e2")
    shop.until(lambda: shop.controller.state.making)
    shop.now = 60.0
    assert shop.status() == ("Preparing the opponent…", "60 s")  # slow, but nothing compiles
    compiler.at_work = True
    assert says in shop.status()[1]
    compiler.at_work = False
    assert says in shop.status()[1]  # between two functions
    shop.now += COMPILED + 1
    assert shop.status()[1] == "62 s"
    shop.controller.programs.action()  # stopping and going on do not lose sight of it
    assert shop.controller.view().status == "Paused"
    shop.go.set()
    shop.until(lambda: not shop.controller.state.making)
    shop.controller.programs.action()
    shop.until(lambda: shop.controller.state.game.cursor == 2)
    assert shop.status()[1] == "Your move"
    shop.controller.close()


def test_the_window_s_own_player_is_being_compiled(compiler):
    shop = Workshop("spec", own="alphabeta?nodes=100", slow="own")
    assert shop.status()[1] == "The model is loading; you may move already"
    compiler.at_work = True
    assert "compiling it" in shop.status()[1]
    shop.controller.type_move("h2e2")
    assert shop.status()[0] == "Loading the model…" and "compiling it" in shop.status()[1]
    compiler.at_work = False
    shop.now += COMPILED + 1
    shop.go.set()
    shop.until(lambda: shop.controller.state.game.cursor == 2)
    assert shop.status()[1] == "Your move"
    shop.controller.close()


def test_a_level_that_fails_is_no_longer_being_prepared():
    shop = Workshop("master", fails=True)
    shop.controller.type_move("h2e2")
    shop.until(lambda: shop.controller.state.making)
    shop.go.set()
    shop.until(lambda: shop.controller.state.failure != "")
    assert not shop.controller.state.making and "no room" in shop.status()[1]
    shop.controller.close()


def test_numba_s_compilations_are_noticed():
    """A function that is compiled, and one found in the cache: only the first counts."""
    import numba

    from xiangqi_lm.rules import compiling

    compiling.decorators({"__file__": compiling.__file__})
    seen = []

    class Listener(numba.core.event.Listener):
        def on_start(self, event):
            seen.append(compiling.is_compiling())

        def on_end(self, event):
            pass

    with numba.core.event.install_listener("numba:compile", Listener()):
        function = numba.njit(lambda x: x + 1)
        assert function(1) == 2 and function(2) == 3
    assert seen == [True] and not compiling.is_compiling()
