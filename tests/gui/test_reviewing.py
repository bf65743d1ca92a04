"""Reviews in the window: graph, marks, mistakes, summary, and trying a mistake again."""

from __future__ import annotations

import threading
from itertools import pairwise

import pygame
from desk import live, post_click, press_button, settle, type_key
from study_desk import BLUNDER, GAME, PATIENCE, Advisers, moves, study, wait

from xiangqi_lm.gui.game.reviewing import Order, Reviewing, Terms, plies_in_library
from xiangqi_lm.gui.game.settings import Settings, Store, load
from xiangqi_lm.gui.widgets import graph
from xiangqi_lm.library.library import Library
from xiangqi_lm.records.formats.pgn import write_game
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.review.reviewer import Reviewer
from xiangqi_lm.review.verdicts import Judge
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.squares import parse_square

# ------------------------------------------------------------------------------------------------ the review


def test_a_review_marks_the_mistake_and_says_why(app):
    shown = study(app)
    assert [mark for ply, mark in shown.graph.marks if ply == BLUNDER + 1] == ["blunder"]
    assert not [ply for ply, _ in shown.graph.marks if ply in (1, 2, 4)]
    app.controller.navigation.go_to(BLUNDER + 1)
    view = app.controller.view()
    assert "??" in view.status and "blunder" in view.status
    assert "cannon" in view.detail and "better: " in view.detail
    assert view.prey == parse_square("e6")  # the cannon is ringed on the board
    app.controller.navigation.go_to(BLUNDER)
    assert app.controller.view().prey is None
    app.controller.navigation.go_to(BLUNDER + 1)
    glyphs = {mark.place.ply: mark.glyph for mark in view.analysis.marks}
    assert glyphs[BLUNDER + 1] == "??" and glyphs[1] == ""
    assert app.controller.state.game.record.nags == {}  # nothing is written into the game


def test_the_graph_is_always_reds_view_and_leads_to_every_ply(app):
    shown = study(app).graph
    points = dict(shown.points)
    assert sorted(points) == list(range(7))
    assert all(abs(points[a] - points[b]) < 0.15 for a, b in pairwise(range(BLUNDER + 1)))
    assert points[BLUNDER] - points[BLUNDER + 1] > 0.15 and points[BLUNDER + 2] < points[0]
    place = graph.plot(app.layout)
    for ply in (4, 0, 6, 1, 5, 2, 3):
        post_click(app, (graph.pixel_of(app.layout, 6, ply), place.centery))
        settle(app)
        assert app.controller.view().cursor == ply and study(app).graph.cursor == ply


def test_next_and_previous_mistake(app):
    for key, start, end in ((pygame.K_j, 0, BLUNDER + 1), (pygame.K_k, 6, BLUNDER + 1)):
        app.controller.navigation.go_to(start)
        settle(app)
        type_key(app, key)
        settle(app)
        assert app.controller.view().cursor == end
    app.controller.navigation.go_to(0)
    settle(app)
    press_button(app, "mistake_next")
    settle(app)
    assert app.controller.view().cursor == BLUNDER + 1


def test_the_summary_counts_and_leads_to_turning_points(app):
    red, black = study(app).summary.sides
    assert {mark: count for mark, _, count in red.marks}["blunder"] == 1
    assert {mark: count for mark, _, count in black.marks}["blunder"] == 0
    assert float(red.accuracy) < float(black.accuracy) and float(red.loss) > float(black.loss)
    assert app.controller.view().players[1].kind == f"accuracy {red.accuracy}% · mean loss {red.loss}%"
    app.controller.navigation.go_to(0)
    type_key(app, pygame.K_w)
    settle(app)
    post_click(app, app.overlay.rectangles()[f"point_{BLUNDER + 1}"].center)
    settle(app)
    assert app.overlay is None and app.controller.view().cursor == BLUNDER + 1


def test_a_stopped_review_resumes_where_it_stopped():
    advisers, woken = Advisers(), threading.Event()
    reviewing = Reviewing(advisers, woken.set)
    orders = [Order("game", Terms("alphabeta", 1, "computer"), GameRecord(moves=moves(GAME))) for _ in range(2)]

    def result():
        while not (found := reviewing.collect()):
            assert woken.wait(PATIENCE)
            woken.clear()
            if orders[0].done >= 2:
                reviewing.cancel(orders[0])
        return found[0].review

    reviewing.ask(orders[0])
    assert not result().complete
    known = advisers.judges[0].asked
    reviewing.ask(orders[1])
    review = result()
    assert review.complete and [one.ply for one in review.moves] == list(range(6))
    whole = Judge("alphabeta?nodes=1500")
    Reviewer(whole).review(GameRecord(moves=moves(GAME)))
    assert 2 <= known < whole.asked == advisers.judges[0].asked
    reviewing.close()


def test_a_judge_that_hangs_keeps_the_window_alive(make_app):
    waits = threading.Event()

    def hang(terms):
        waits.wait(PATIENCE)
        raise OSError("too late")

    app = make_app(side="both", make_reviewer=hang)
    app.controller.type_move("h2e2")
    app.do(("review", None))
    settle(app)
    pictures = app.pictures
    app.do(("flip", None))
    settle(app)
    assert app.pictures > pictures and study(app).graph.progress is not None
    app.do(("analysis", None))
    assert app.controller.type_move("h9g7")
    waits.set()
    live(app, lambda: app.controller.state.analysis.order is None)
    assert "too late" in app.controller.view().message


def test_the_end_card_leads_to_the_review(make_app, advisers):
    app = make_app(side="both", make_reviewer=advisers)
    app.controller.type_move("h2e2")
    app.controller.resign()
    settle(app)
    post_click(app, app.controller.view() and _end_button(app, "review").center)
    settle(app)
    assert study(app) is not None and app.controller.view().cursor == 0
    live(app, lambda: app.controller.state.analysis.order is None, PATIENCE)
    assert study(app).summary is not None


def _end_button(app, name):
    from xiangqi_lm.gui.widgets import panels

    return panels.end_buttons(app.layout, app.controller.view().end)[name]


def test_another_game_has_no_review_and_the_first_gets_its_own_back(app):
    first = app.controller.state.game.record
    app.controller.games.paste("1. b2e2 *")
    settle(app)
    assert study(app) is not None and study(app).summary is None and not study(app).graph.marks
    app.controller.games.paste(write_game(first))
    settle(app)
    assert study(app).summary is not None and dict(study(app).graph.marks)[BLUNDER + 1] == "blunder"


# ------------------------------------------------------------------------------------------------ try again


def test_try_again_has_three_tries_and_then_shows(app):
    record = app.controller.state.game.record
    app.controller.navigation.go_to(BLUNDER + 1)
    press_button(app, "retry")
    settle(app)
    assert study(app).attempt is not None and app.controller.view().cursor == BLUNDER
    assert study(app).lines == () and not app.controller.view().arrows  # nothing reveals the solution
    for tries in (1, 2):
        assert app.controller.type_move("e2e6")
        wait(app)
        assert study(app).attempt.state == "asked" and f"left: {3 - tries}" in app.controller.view().message
        assert app.controller.view().cursor == BLUNDER
    app.controller.type_move("e2e6")
    wait(app)
    shown = study(app).attempt
    assert shown.state == "shown" and shown.names and shown.answer[0] is not Move.from_iccs("e2e6")
    press_button(app, "attempt_leave")
    settle(app)
    assert study(app).attempt is None and app.controller.state.game.record == record
    assert app.controller.view().cursor == BLUNDER + 1 and not app.controller.state.flipped


def test_an_exercise_is_solved_at_its_position_alone(app):
    app.controller.navigation.go_to(BLUNDER + 1)
    app.do(("retry", None))
    app.controller.navigation.step(-1)
    settle(app)
    assert not app.controller.type_move("b9c7") and study(app).attempt.state == "asked"
    app.controller.navigation.step(1)
    assert app.controller.type_move("h0g2")
    wait(app)
    assert study(app).attempt.state == "solved"


def test_a_good_move_solves_the_second_try(app):
    app.controller.navigation.go_to(BLUNDER + 1)
    type_key(app, pygame.K_g)
    settle(app)
    app.controller.type_move("h0g2")  # the usual move, even where the judge would play another
    wait(app)
    assert study(app).attempt.state == "solved"
    type_key(app, pygame.K_ESCAPE)
    settle(app)
    assert study(app).attempt is None and app.controller.view().cursor == BLUNDER + 1


# ------------------------------------------------------------------------------------------------ other


def test_a_move_comes_before_a_game_that_is_being_reviewed():
    woken = threading.Event()
    reviewing = Reviewing(Advisers(), woken.set)
    terms = Terms("alphabeta", 1, "computer")
    whole = Order("game", terms, GameRecord(moves=moves(GAME)))
    reviewing.ask(whole)
    one = Order("move", terms, GameRecord(moves=moves(GAME)[:3]), plies=frozenset({2}))
    reviewing.ask(one)
    results = []
    while len(results) < 2:
        assert woken.wait(PATIENCE)
        woken.clear()
        results += reviewing.collect()
    assert {result.order.key for result in results} == {"game", "move"}
    by_key = {result.order.key: result.review for result in results}
    assert [found.ply for found in by_key["move"].moves] == [2] and by_key["game"].complete
    assert len(by_key["game"].moves) == 6
    reviewing.close()


def test_where_a_game_left_the_library(tmp_path):
    path = tmp_path / "library.sqlite"
    assert plies_in_library(Board(), moves(GAME), path) is None
    with Library(path, create=True) as library:
        library.add_records([GameRecord(moves=moves("h2e2 h9g7 h0g2 i9h9")), GameRecord(moves=moves(GAME))])
    assert plies_in_library(Board(), moves(GAME), path) == 2  # the game itself does not count
    assert plies_in_library(Board(), moves("h2e2 h9g7 h0g2 b9c7"), path) == 3
    assert plies_in_library(Board(), moves("i0i1"), path) == 0


def test_settings_of_analysis_are_stored(tmp_path):
    path = tmp_path / "settings.json"
    settings = Settings(lines=5, judge="uci:fish", judge_time=0, analysis_arrows=False, teaching=15, review_effort=5)
    assert Store(path, settings, settings)(settings) and load(path) == (settings, None)
