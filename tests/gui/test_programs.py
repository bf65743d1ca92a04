"""The opponent and the adviser behind the controller: what they are asked, and what becomes of late answers."""

from __future__ import annotations

from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move

START = Board().fen()


def test_take_back_while_thinking_drops_the_late_answer(desk):
    desk.click("h2", "e2")
    desk.controller.navigation.take_back()
    assert desk.thinker.cancelled == 1
    desk.reply("h9g7")
    assert desk.controller.view().cursor == 0 and desk.moves == ["h2e2"]
    desk.controller.navigation.redo()  # the same position is asked about again, under a new ticket
    desk.reply("b9c7", which=0)
    assert desk.moves == ["h2e2"]
    desk.reply("b9c7")
    assert desk.moves == ["h2e2", "b9c7"]


def test_new_game_drops_the_late_answer(desk):
    desk.click("h2", "e2")
    desk.controller.games.new_game("red")
    desk.click("h2", "e2")  # exactly the position asked about
    desk.reply("h9g7", which=0)
    assert desk.moves == ["h2e2"]


def test_playing_black_turns_the_board_and_lets_red_begin(desk):
    desk.controller.games.new_game("black")
    view = desk.controller.view()
    assert view.flipped and desk.thinker.asked[-1][1].fen() == START
    desk.reply("h2e2")
    desk.click("h9", "g7")
    assert desk.moves == ["h2e2", "h9g7"]
    assert "take_back" in desk.controller.view().enabled


def test_stop_and_continue(desk):
    desk.click("h2", "e2")
    assert desk.controller.view().action == "stop"
    desk.controller.programs.action()
    assert desk.controller.view().action == "continue" and desk.controller.view().status == "Paused"
    desk.reply("h9g7")
    assert desk.moves == ["h2e2"]
    desk.controller.programs.action()
    desk.reply("h9g7")
    assert desk.moves == ["h2e2", "h9g7"]


def test_thinking_shows_the_time(desk):
    desk.now = 100.0
    desk.click("h2", "e2")
    desk.now = 102.5
    view = desk.controller.view()
    assert (view.status, view.detail) == ("Black is thinking…", "2.5 s")


def test_a_fault_keeps_the_game_and_offers_a_restart(desk):
    desk.click("h2", "e2")
    desk.thinker.answer(None, fault="it fell over")
    desk.controller.tick()
    view = desk.controller.view()
    assert (view.action, desk.moves) == ("restart", ["h2e2"]) and "it fell over" in view.detail
    desk.controller.programs.action()
    desk.controller.tick()
    assert desk.thinker.started == 2
    desk.reply("h9g7")
    assert desk.moves == ["h2e2", "h9g7"]


def test_hint_is_the_adviser_s_and_asks_once(desk):
    desk.controller.programs.hint()
    ticket, _, key = desk.adviser.asked[-1]
    assert (ticket.purpose, key, desk.thinker.asked) == ("hint", "alphabeta?movetime=1", [])
    desk.adviser.answer("h2e2")
    desk.controller.tick()
    view = desk.controller.view()
    assert view.hint is Move.from_iccs("h2e2") and view.message == "Best: 炮二平五 (h2e2)"
    assert desk.moves == [] and view.best and view.candidates == ()
    asked = len(desk.adviser.asked)
    desk.controller.programs.hint()
    assert len(desk.adviser.asked) == asked and desk.controller.view().hint
    desk.click("h2", "e2")
    assert desk.controller.view().hint is None


def test_hints_come_from_the_player_named_in_the_settings(make_desk):
    desk = make_desk(adviser="opponent", level="novice")
    desk.controller.programs.hint()
    assert desk.adviser.asked[-1][2] == "novice" and desk.adviser.limits[-1].multipv == 3


def test_an_adviser_that_fails_is_one_line(desk):
    desk.controller.programs.hint()
    desk.adviser.answer(None, fault="it fell over")
    desk.controller.tick()
    assert desk.controller.view().message == "No hint: it fell over" and not desk.controller.state.failure


def test_arrows_show_the_policy_here_and_go_away(desk):
    desk.controller.toggle("arrows")
    desk.reply("h2e2", value=(0.5, 0.3, 0.2))
    view = desk.controller.view()
    assert view.arrows[0].move is Move.from_iccs("h2e2") and view.arrows[0].probability == 0.6
    assert len(view.arrows) <= 5 and view.value == (0.5, 0.3, 0.2)
    assert [a.probability for a in view.arrows] == sorted((a.probability for a in view.arrows), reverse=True)
    desk.controller.toggle("arrows")
    assert desk.controller.view().arrows == ()


def test_the_opponent_s_candidates_are_listed_with_the_move_it_played(desk):
    desk.click("h2", "e2")
    desk.reply("h9g7", value=(0.2, 0.3, 0.5))
    view = desk.controller.view()
    assert view.candidates[0].name == "马８进７" and view.candidates[0].played
    assert view.value == (0.5, 0.3, 0.2)  # always from Red's view
    assert view.arrows == ()


def test_looking_back_keeps_the_opponent_quiet(desk):
    desk.click("h2", "e2")
    desk.reply("h9g7")
    desk.click("h0", "g2")
    desk.reply("i9h9")
    desk.controller.navigation.step(-3)
    asked = len(desk.thinker.asked)
    view = desk.controller.view()
    assert (view.cursor, view.plies, view.status) == (1, 4, "Ply 1 of 4")
    desk.controller.navigation.step(1)
    assert desk.controller.view().detail.startswith("Ply 2 of 4")
    desk.controller.navigation.step(-1)
    desk.controller.tick()
    assert len(desk.thinker.asked) == asked
    for _ in range(300):
        desk.controller.navigation.step(-1)
    assert desk.controller.view().cursor == 0
    desk.controller.navigation.go_to(10**6)
    assert desk.controller.view().cursor == 4


def test_an_instant_answer_is_delayed_so_that_it_can_be_seen(desk):
    desk.controller.programs.pace = 0.5
    desk.click("h2", "e2")
    desk.reply("h9g7")
    assert desk.moves == ["h2e2"]
    desk.now = 0.6
    desk.controller.tick()
    assert desk.moves == ["h2e2", "h9g7"]
    desk.click("b2", "d2")
    desk.reply("b9c7")
    desk.controller.navigation.take_back()  # drops the answer that waits, too
    desk.now = 9.0
    desk.controller.tick()
    assert desk.controller.view().cursor == 2 and desk.moves[2:] == ["b2d2"]


def test_compiling_is_said_only_while_something_compiles(desk, monkeypatch):
    desk.now = 500.0
    desk.controller.tick()
    assert desk.controller.view().detail == "Your move"
    monkeypatch.setattr("xiangqi_lm.gui.game.programs.is_compiling", lambda: True)
    desk.controller.tick()
    assert "compiling" in desk.controller.view().detail
    monkeypatch.undo()
    desk.now += 10
    desk.controller.tick()
    assert desk.controller.view().detail == "Your move"


def test_another_opponent_after_one_that_failed(desk):
    desk.click("h2", "e2")
    desk.thinker.answer(None, fault="it fell over")
    desk.controller.tick()
    desk.controller.change(level="master")
    desk.controller.tick()
    assert desk.thinker.started == 2 and desk.controller.view().action == "stop"
    assert desk.thinker.asked[-1][2] == "master"
    desk.reply("h9g7")
    assert desk.moves == ["h2e2", "h9g7"]
