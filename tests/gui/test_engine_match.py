"""Everything besides moves and clocks: draws, resignation, programs against each other, handicaps, opponents."""

from __future__ import annotations

import sys
from pathlib import Path

import pygame
import pytest
from desk import live, settle, type_key, type_text

from xiangqi_lm import paths
from xiangqi_lm.engine.manners import EVEN_MOVES, EVEN_PLY, HOPELESS_MOVES
from xiangqi_lm.engine.player import Choice, Info, Manners, PrincipalVariation
from xiangqi_lm.gui.game import players
from xiangqi_lm.gui.game.thinker import Answer
from xiangqi_lm.gui.game.worth import worth
from xiangqi_lm.model import named
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.score import Score, WinDrawLoss
from xiangqi_lm.rules.squares import BLACK, RED

ENGINE = Path(__file__).resolve().parents[1] / "tools" / "fake_engine.py"

# ------------------------------------------------------------------------------------------------ draws, resignation


def knights(desk, number: int) -> str:
    """Return the next of endless moves of both sides that repeat nothing under any ruleset."""
    board = desk.controller.state.game.board
    return next(m for m in sorted(board.legal_list(), key=Move.iccs) if not board.is_capture(m)).iccs()


def test_a_hopeless_program_resigns_after_some_moves(make_desk):
    desk = make_desk()
    for number in range(HOPELESS_MOVES):
        assert desk.controller.view().outcome is None
        desk.controller.type_move(knights(desk, number))
        desk.thinker.answer(knights(desk, number))
        answer = desk.thinker._queue[0]
        score = Score(BLACK, wdl=WinDrawLoss(0.0, 0.02, 0.98))
        desk.thinker._queue[0] = type(answer)(answer.ticket, Choice(answer.choice.move, (), score))
        desk.controller.tick()
    assert desk.controller.view().outcome.reason == "Black resigned"


def test_a_program_never_resigns_where_that_is_switched_off(make_desk):
    desk = make_desk(gives_up=False)
    for number in range(HOPELESS_MOVES + 1):
        desk.controller.type_move(knights(desk, number))
        desk.thinker.answer(knights(desk, number))
        answer = desk.thinker._queue[0]
        score = Score(BLACK, wdl=WinDrawLoss(0.0, 0.0, 1.0))
        desk.thinker._queue[0] = type(answer)(answer.ticket, Choice(answer.choice.move, (), score))
        desk.controller.tick()
    assert desk.controller.view().outcome is None


def test_an_offered_draw_is_refused_early_and_between_people_agreed(make_desk):
    desk = make_desk()
    desk.click("h2", "e2")
    desk.reply("h9g7", value=(0.3, 0.4, 0.3))
    desk.controller.offer_draw()
    assert desk.controller.view().message == "Black declines the draw"
    desk = make_desk(side="both")
    desk.controller.type_move("h2e2")
    desk.controller.offer_draw()
    view = desk.controller.view()
    assert view.outcome.reason == "draw by agreement"
    stored = desk.controller.games.shelf.record()
    assert (stored.result, stored.headers["Termination"]) == ("1/2-1/2", "agreement")


def test_an_engine_that_speaks_ucci_answers_a_draw_offer_itself(make_desk):
    desk = make_desk(level="ucci:engine")
    controller = desk.controller
    controller.offer_draw()
    view = controller.view()
    assert view.outcome is None and not {"offer_draw", "accept_draw"} & view.enabled
    assert "offer a draw" in view.detail
    controller.answer_draw(True)  # one's own offer
    assert controller.view().outcome is None
    controller.type_move("h2e2")
    assert desk.thinker.limits[-1].draw_offered
    desk.reply("h9g7")
    assert controller.view().message == "Black declines the draw" and "offer_draw" in controller.view().enabled
    controller.type_move("b0c2")
    assert not desk.thinker.limits[-1].draw_offered
    asked = len(desk.thinker.asked)
    controller.offer_draw()  # while it thinks: it is asked again
    assert len(desk.thinker.asked) == asked + 1 and desk.thinker.limits[-1].draw_offered
    controller.tick()
    assert len(desk.thinker.asked) == asked + 1
    ticket, board, _ = desk.thinker.asked[-1]
    desk.thinker._queue.append(Answer(ticket, Choice(board.parse("b9c7"), draw="offers")))
    controller.tick()
    assert controller.view().outcome.reason == "draw by agreement" and controller.view().plies == 3


def test_taking_back_takes_draw_offers_back(make_desk):
    desk = make_desk(level="ucci:engine")
    desk.controller.type_move("h2e2")
    desk.controller.offer_draw()
    desk.controller.navigation.take_back()
    desk.controller.type_move("b2e2")
    assert not desk.thinker.limits[-1].draw_offered
    desk.thinker._queue.append(
        Answer(desk.thinker.asked[-1][0], Choice(desk.thinker.asked[-1][1].parse("b9c7"), draw="offers"))
    )
    desk.controller.tick()
    assert desk.controller.state.draw_offered is BLACK
    desk.controller.navigation.take_back()
    assert "accept_draw" not in desk.controller.view().enabled


def judge_evenly(desk, manners=None):
    """Have Black judge the quiet moves of a long game as even; whether it ended by that."""
    referee, state = desk.controller.referee, desk.controller.state
    state.game = type(state.game).start()
    state.game.judge_by("simple")
    for number in range(EVEN_PLY + 2 * EVEN_MOVES):
        board = state.game.board
        legal = [m for m in sorted(board.legal_list(), key=Move.iccs) if not board.is_capture(m)]
        even = Choice(legal[number * 7 % len(legal)], (), Score(board.turn, wdl=WinDrawLoss(0.1, 0.8, 0.1)))
        if board.turn is BLACK and referee.give_up(BLACK, referee.judged(even, manners or Manners())):
            return True
        assert state.draw_offered is None or number >= EVEN_PLY
        if state.draw_offered is not None:
            return False
        state.game.play(even.move)
    return False


def test_a_program_offers_a_draw_in_a_long_even_game(desk):
    assert not judge_evenly(desk)
    assert desk.controller.state.draw_offered is BLACK and "accept_draw" in desk.controller.view().enabled
    desk.controller.answer_draw(True)
    assert desk.controller.state.game.ended.reason == "draw by agreement"


def test_no_draw_is_offered_by_a_program_whose_spec_forbids_it_or_where_that_is_switched_off(make_desk):
    for desk, manners in ((make_desk(), Manners(draw=False)), (make_desk(gives_up=False), Manners())):
        assert not judge_evenly(desk, manners)
        assert desk.controller.state.draw_offered is None


def test_two_programs_agree_on_a_draw(make_desk):
    desk = make_desk(side="none", level="master", other_level="novice")
    desk.controller.state.draw_offered = RED
    referee, board = desk.controller.referee, desk.controller.state.game.board
    assert "accept_draw" not in desk.controller.view().enabled
    choice = Choice(board.legal_list()[0], draw="accepts")
    assert referee.give_up(BLACK, choice) and desk.controller.state.game.ended.reason == "draw by agreement"


# ------------------------------------------------------------------------------------------------ programs


def test_two_programs_play_pause_step_and_go_on(make_desk):
    desk = make_desk(side="none", level="master", other_level="novice")
    controller = desk.controller
    assert [key for _, _, key in desk.thinker.asked] == ["novice"]
    desk.reply("h2e2")
    assert desk.thinker.asked[-1][2] == "master"
    controller.programs.action()
    assert controller.view().action == "continue"
    desk.reply("h9g7")  # too late
    assert desk.moves == ["h2e2"]
    controller.programs.one_move()
    desk.reply("h9g7")
    assert desk.moves == ["h2e2", "h9g7"] and controller.state.paused
    controller.tick()
    assert controller.state.pending is None
    controller.programs.action()
    desk.reply("h0g2")
    assert len(desk.moves) == 3
    assert [card.name for card in controller.view().players] == ["Very strong", "Novice"]


def test_move_now_and_another_move(desk):
    desk.click("h2", "e2")
    desk.controller.programs.move_now()
    assert desk.thinker.hurried == 1
    desk.reply("h9g7")
    desk.controller.programs.another_move()
    assert desk.thinker.limits[-1].root_moves is not None
    assert Move.from_iccs("h9g7") not in desk.thinker.limits[-1].root_moves
    desk.reply("b9c7")
    assert desk.moves == ["h2e2", "b9c7"]
    desk.controller.programs.another_move()
    assert not {Move.from_iccs("h9g7"), Move.from_iccs("b9c7")} & set(desk.thinker.limits[-1].root_moves)
    desk.reply("g6g5")
    record = desk.controller.state.game.record
    assert record.moves[1].iccs() == "g6g5"
    assert {line.moves[0].iccs() for line in record.variations[1]} == {"h9g7", "b9c7"}


def test_forty_plies_of_two_programs_and_the_finished_game_is_kept(make_app, tmp_path):
    app = make_app(side="none", archive=tmp_path / "games")
    app.controller.programs.pace = 0
    app.controller.start()
    live(app, lambda: app.controller.state.game.cursor >= 40 or app.controller.view().outcome is not None, 60)
    app.controller.programs.action()
    settle(app)
    app.controller.games.new_game("both")
    assert app.controller.games.shelf.archive.recent()[0].plies >= 20


def test_taking_back_can_be_forbidden(make_desk):
    desk = make_desk(take_back=False)
    desk.click("h2", "e2")
    desk.reply("h9g7")
    assert "take_back" not in desk.controller.view().enabled
    desk.controller.resign()
    assert "take_back" in desk.controller.view().enabled  # it no longer matters


@pytest.mark.parametrize(("name", "gone"), [("horse", 1), ("two_horses", 2), ("rook", 1), ("nine", 9)])
def test_handicaps(make_desk, name, gone):
    desk = make_desk()
    desk.controller.games.new_game("black", handicap=name)
    board = desk.controller.state.game.board
    assert len(board.piece_map()) == 32 - gone and board.turn is RED
    assert sum(piece < 0 for piece in board.array) == 16
    assert desk.thinker.asked[-1][1].fen() == board.fen()


def test_a_rematch_exchanges_the_colours(make_desk):
    desk = make_desk(clock=(300, 0, 0))
    desk.click("h2", "e2")
    desk.controller.programs.action()
    desk.controller.navigation.take_back()
    desk.controller.resign()
    desk.controller.games.rematch()
    assert desk.controller.state.humans == {BLACK} and desk.controller.view().flipped
    assert desk.controller.view().players[0].clock == "05:00"


def test_opponents_are_levels_models_and_engines(make_desk, tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "config.json").write_text("{}")
    (tmp_path / "no model").mkdir()
    desk = make_desk(engines=(("Fish", "uci:/usr/games/fish?movetime=1"),))
    models = named.models_in(tmp_path)
    offers = players.offers(desk.controller.settings, "lm:default", models)
    assert [(o.kind, o.title("en")) for o in offers[-3:]] == [
        ("own", "lm:default"), ("model", "mine"), ("engine", "Fish"),
    ]  # fmt: skip
    assert offers[-2].key == f"lm:{tmp_path / 'mine'}"
    monkeypatch.setattr(paths, "models_folder", lambda: tmp_path)  # the user's own go by their names
    assert players.offers(desk.controller.settings, "lm:default", models)[-2].key == "lm:mine"
    desk.controller.change(level="uci:/usr/games/fish?movetime=1")
    assert [card.name for card in desk.controller.view().players] == ["Fish", "Human"]
    desk.click("h2", "e2")
    assert desk.thinker.asked[-1][2] == "uci:/usr/games/fish?movetime=1"


@pytest.mark.parametrize(("mode", "fine"), [("engine", True), ("chess", False), ("missing", False)])
def test_an_engine_is_tried_before_it_is_added(make_app, mode, fine):
    app = make_app()
    app.do(("engine", None))
    command = f"{sys.executable} {ENGINE} {mode}" if mode != "missing" else "/no/such/program"
    type_text(app, command)
    type_key(app, pygame.K_TAB)
    type_text(app, "Test engine")
    type_key(app, pygame.K_RETURN)
    live(app, lambda: app.overlay is None or app.overlay.trouble != "", 60)
    assert (app.overlay is None) == fine
    if fine:
        ((name, spec),) = app.controller.settings.engines
        assert (name, app.controller.settings.level) == ("Test engine", spec) and spec.startswith("uci:")
    else:
        assert app.controller.settings.engines == ()


# ------------------------------------------------------------------------------------------------ advice

TRAP = "1rbakab1r/9/2n4c1/4p2Cp/p1p3p2/9/P1PRP1n1P/1cN1C1N1R/4A4/2BAK1B2 w - - 0 10"


def test_scores_of_lines_are_from_reds_view():
    line = PrincipalVariation((Move.from_iccs("h9g7"),), Score(BLACK, 150))
    assert worth("en", line) == ("-1.50", False)
    mate = PrincipalVariation((Move.from_iccs("h9g7"),), Score(BLACK, mate=-2))
    assert worth("en", mate) == ("mate 2", True)


def test_the_hint_of_the_strongest_does_not_lose_a_rook():
    """A position in which the model's likeliest move leaves the rook on d3 to the cannon."""
    from xiangqi_lm.engine.spec import make_player

    board = Board(TRAP)
    best = make_player("alphabeta?nodes=20000", seed=1).choose(board).move
    board.push(best)
    reply = make_player("alphabeta?nodes=20000", seed=1).choose(board)
    board.push(reply.move)
    assert sum(piece == 5 for piece in board.array) == 2, best


def test_best_and_likely_are_two_lists(desk):
    desk.controller.toggle("arrows")
    desk.reply("h2e2", value=(0.5, 0.3, 0.2))
    desk.controller.programs.hint()
    best = Move.from_iccs("b0c2")
    lines = (PrincipalVariation((best, Move.from_iccs("h9g7")), Score(RED, 34)),)
    desk.adviser.answer("b0c2")
    answer = desk.adviser._queue[0]
    desk.adviser._queue[0] = type(answer)(answer.ticket, Choice(best, (), None, (), Info(9, 1000, 1.0, lines)))
    desk.controller.tick()
    view = desk.controller.view()
    assert view.hint is best and view.arrows[0].move is Move.from_iccs("h2e2")
    assert view.best[0].moves == ("马八进七", "马８进７") and view.best[0].worth == "+0.34"
    assert "Built-in engine" in view.best_title and "depth 9" in view.best_title
    assert view.candidates_title == "The model would play"


def test_lines_are_ordered_by_their_latest_scores(desk):
    """An engine that was stopped at a greater depth gives its first line a score from that depth."""
    board = desk.controller.state.game.board
    lines = tuple(
        PrincipalVariation((board.parse(text),), Score(RED, points)) for text, points in (("h2e2", 25), ("b0c2", 93))
    )
    desk.controller.programs.hint()
    desk.adviser.answer("h2e2")
    answer = desk.adviser._queue[0]
    choice = Choice(Move.from_iccs("h2e2"), (), None, (), Info(10, 1000, 1.0, lines))
    desk.adviser._queue[0] = type(answer)(answer.ticket, choice)
    desk.controller.tick()
    view = desk.controller.view()
    assert [line.worth for line in view.best] == ["+0.93", "+0.25"] and view.hint is Move.from_iccs("b0c2")


def test_a_finished_game_keeps_its_players_when_the_next_opponent_is_chosen(make_app):
    app = make_app(level="novice")
    controller = app.controller
    controller.type_move("h2e2")
    controller.resign()
    names = dict(controller.games.shelf.record().headers)
    app.do(("level", "master"))
    assert (
        controller.view().message
        == f"The next game is against {players.title('master', 'en', controller.settings, '')}"
    )
    controller.navigation.go_to(0)
    app.do(("level", "candidate"))
    assert dict(controller.games.shelf.record().headers) == names
    controller.games.new_game()
    assert controller.state.seats == {RED: "", BLACK: "candidate"}
    app.do(("level", "club"))  # in a game under way, the new opponent takes over
    assert controller.state.seats == {RED: "", BLACK: "club"}


def test_a_game_is_put_aside_with_the_players_who_played_it(make_desk, tmp_path):
    desk = make_desk(archive=tmp_path, level="novice")
    desk.click("h2", "e2")
    desk.reply("h9g7")
    desk.controller.games.new_game(side="black", level="master")
    (kept,) = desk.controller.games.shelf.archive.recent()
    assert kept.game.headers["Black"] == players.title("novice", "en", desk.controller.settings, "")
    assert desk.controller.state.seats == {RED: "master", BLACK: ""}
