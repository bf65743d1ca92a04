"""Clocks: increment, byo-yomi, losing on time, and which programs get to know the clock."""

from __future__ import annotations

import pytest

from xiangqi_lm.gui.game.clocks import GameClock, TimeControl, written
from xiangqi_lm.rules.squares import BLACK, RED


def test_an_increment_is_added_after_each_move():
    clock = GameClock(TimeControl(60, 5))
    clock.run(RED, 0.0)
    clock.tick(10.0)
    clock.moved(RED, 1, 12.0)
    clock.run(BLACK, 12.0)
    clock.tick(13.0)
    assert (clock.left(RED), clock.left(BLACK)) == (53.0, 59.0)
    clock.back_to(0)
    assert (clock.left(RED), clock.left(BLACK)) == (60.0, 60.0)


def test_byo_yomi_begins_anew_with_each_move():
    clock = GameClock(TimeControl(10, 0, 30))
    clock.run(RED, 0.0)
    clock.tick(8.0)
    clock.tick(15.0)
    assert clock.in_byoyomi(RED) and clock.left(RED) == 25.0
    clock.moved(RED, 1, 20.0)
    assert clock.left(RED) == 30.0 and clock.overstepped(RED) == 0
    clock.run(RED, 20.0)
    for now in (35.0, 49.0, 51.5):
        clock.tick(now)
    assert clock.overstepped(RED) == 1.5 and clock.left(RED) == 0


def test_a_suspended_machine_costs_nobody_time():
    clock = GameClock(TimeControl(60))
    clock.run(RED, 0.0)
    clock.tick(5.0)
    clock.tick(9000.0)
    clock.tick(10.0)  # the clock was set back
    assert clock.left(RED) == 55.0


@pytest.mark.parametrize(
    ("seconds", "words"), [(3905, "1:05:05"), (521.9, "08:41"), (59.99, "00:59"), (9.87, "00:09.8"), (0, "00:00.0")]
)
def test_times_are_written_as_clocks_show_them(seconds, words):
    assert written(seconds) == words


def pass_time(desk, seconds: float) -> None:
    for _ in range(round(seconds)):
        desk.now += 1
        desk.controller.tick()


def test_the_clock_runs_for_the_side_to_move_and_a_human_loses_on_time(make_desk):
    desk = make_desk(clock=(60, 0, 0))
    pass_time(desk, 10)
    assert [card.clock for card in desk.controller.view().players] == ["01:00", "01:00"]  # nobody has moved yet
    desk.click("h2", "e2")
    pass_time(desk, 5)
    desk.reply("h9g7")
    pass_time(desk, 20)
    view = desk.controller.view()
    assert [card.clock for card in view.players] == ["00:55", "00:40"] and view.players[1].running
    desk.controller.navigation.step(-1)  # looking back stops it
    pass_time(desk, 30)
    desk.controller.navigation.step(1)
    assert desk.controller.view().players[1].clock == "00:40"
    pass_time(desk, 42)
    view = desk.controller.view()
    assert view.outcome.reason == "Red's time is up" and view.outcome.winner is BLACK
    assert desk.controller.games.shelf.record().headers["Termination"] == "time"
    assert desk.controller.games.shelf.record().headers["TimeControl"] == "60"


def test_a_program_is_given_grace(make_desk):
    desk = make_desk(clock=(10, 0, 0))
    desk.click("h2", "e2")
    pass_time(desk, 11)
    assert desk.controller.view().outcome is None
    pass_time(desk, 2)
    assert desk.controller.view().outcome.reason == "Black's time is up"


def test_taking_back_gives_the_time_back(make_desk):
    desk = make_desk(clock=(60, 0, 0), side="both")
    for name in ("h2e2", "h9g7"):
        pass_time(desk, 5)
        desk.controller.type_move(name)
    pass_time(desk, 5)
    desk.controller.navigation.take_back()
    desk.controller.tick()
    left = {card.color: card.clock for card in desk.controller.view().players}
    assert left == {RED: "01:00", BLACK: "01:00"}


def test_programs_of_others_are_told_the_clock_and_levels_are_not(make_desk):
    desk = make_desk(clock=(60, 2, 0), level="uci:engine?movetime=1")
    desk.click("h2", "e2")
    assert desk.thinker.limits[-1].clock.mine == 60 and desk.thinker.limits[-1].clock.my_increment == 2
    desk = make_desk(clock=(60, 2, 0), level="master", ruleset="simple")
    desk.click("h2", "e2")
    assert desk.thinker.limits[-1].clock is None and desk.thinker.limits[-1].ruleset == "simple"
