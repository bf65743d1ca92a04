"""Reviews in the window: graph, marks, mistakes, summary; retrying them, practice, and teaching during play."""

from __future__ import annotations

import threading
from itertools import pairwise
from pathlib import Path

import pygame
import pytest
from desk import live, post_click, press_button, settle, type_key

from xiangqi_lm.gui.game.exercises import Book, read_exercises
from xiangqi_lm.gui.game.reviewing import Order, Reviewing, Terms, plies_in_library
from xiangqi_lm.gui.game.settings import Settings, Store, load
from xiangqi_lm.gui.widgets import graph
from xiangqi_lm.library.library import Library
from xiangqi_lm.records.formats.pgn import write_game
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.review.puzzles import Puzzle
from xiangqi_lm.review.reviewer import Reviewer
from xiangqi_lm.review.verdicts import Cache, Judge
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.squares import BLACK, RED

GAME = "h2e2 h9g7 e2e6 g7e6 h0g2 i9h9"  # the third ply gives a cannon for a pawn
BLUNDER = 2  # plies before it
PATIENCE = 300  # seconds allowed for a judge, which may have to be compiled first
MATE_FEN = "4k4/9/9/9/9/9/9/9/R8/1R1K5 w - - 0 1"  # a1a8 or b0b8 first, then mate on rank 9
MATE = "b0b8 e9f9 a1a9"


def moves(text: str) -> tuple[Move, ...]:
    return tuple(map(Move.from_iccs, text.split()))


class Advisers:
    """Makes reviewers with a small alpha-beta judge and no model, over one cache; remembers what it made."""

    def __init__(self) -> None:
        self.cache, self.judges = Cache(), []

    def __call__(self, terms: Terms) -> tuple[Reviewer, Judge]:
        judge = Judge("alphabeta?nodes=1500", cache=self.cache, ruleset=terms.ruleset)
        self.judges.append(judge)
        return Reviewer(judge), judge


@pytest.fixture(scope="module")
def advisers():
    return Advisers()


@pytest.fixture
def app(make_app, advisers, tmp_path):
    """Return a window with the game, reviewed."""
    app = make_app(side="both", make_reviewer=advisers, exercises=tmp_path / "exercises")
    for move in GAME.split():
        app.controller.type_move(move)
    app.do(("review", None))
    live(app, lambda: app.controller.state.analysis.order is None, PATIENCE)
    settle(app)
    return app


def study(app):
    return app.controller.view().analysis


# ------------------------------------------------------------------------------------------------ the review


def test_a_review_marks_the_mistake_and_says_why(app):
    shown = study(app)
    assert [mark for ply, mark in shown.graph.marks if ply == BLUNDER + 1] == ["blunder"]
    assert not [ply for ply, _ in shown.graph.marks if ply in (1, 2, 4)]
    app.controller.navigation.go_to(BLUNDER + 1)
    view = app.controller.view()
    assert "??" in view.status and "blunder" in view.status
    assert "cannon" in view.detail and "better: " in view.detail
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


def wait(app):
    live(app, lambda: app.controller.state.analysis.attempt.state != "checking", PATIENCE)
    settle(app)


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


# ------------------------------------------------------------------------------------------------ practice


@pytest.fixture
def puzzles(tmp_path) -> Path:
    """Return a file of two exercises: a mate, and a rook that can be captured."""
    mate = GameRecord({"Mate": "2", "Red": "Ann"}, MATE_FEN, moves(MATE))
    take = GameRecord({}, "3k5/9/9/9/9/4r4/4R4/9/9/5K3 w - - 0 1", moves("e3e4"))
    path = tmp_path / "puzzles.pgn"
    path.write_text("".join(write_game(one) for one in (mate, take)), "utf-8")
    return path


def test_practice_steps_through_a_file_and_counts(make_app, advisers, puzzles):
    app = make_app(side="red", make_reviewer=advisers)
    app.controller.type_move("h2e2")
    before = app.controller.state.game
    app.do(("practise", puzzles))
    settle(app)
    assert study(app).attempt.title == "Practice 1 / 2 · solved 0" and "mate in 2" in study(app).attempt.words
    assert not app.controller.state.unsaved or app.controller.state.own_game is before
    app.controller.type_move("b0b8")
    live(app, lambda: app.controller.state.game.cursor == 2)  # the reply is played
    app.controller.type_move("a1a9")
    settle(app)
    assert study(app).attempt.state == "solved"
    press_button(app, "attempt_next")
    settle(app)
    assert study(app).attempt.title == "Practice 2 / 2 · solved 1"
    app.controller.type_move("f0f1")  # lets the rook escape
    wait(app)
    assert study(app).attempt.state == "asked" and "left: 2" in app.controller.view().message
    press_button(app, "attempt_show")
    settle(app)
    assert study(app).attempt.state == "shown" and study(app).attempt.answer == moves("e3e4")
    press_button(app, "attempt_next")
    settle(app)
    assert study(app).attempt is None and "solved 1 of 2" in app.controller.view().message
    assert app.controller.state.game is before and app.controller.state.analysis.resting is not None


def test_another_mate_solves_too(make_app, advisers, puzzles):
    app = make_app(make_reviewer=advisers)
    app.do(("practise", puzzles))
    app.controller.type_move("a1a8")
    wait(app)
    assert study(app).attempt.state == "solved" and "too" in study(app).attempt.words


def test_a_file_without_positions_is_refused_and_the_game_stays(make_app, tmp_path):
    app = make_app()
    (tmp_path / "none.pgn").write_text("nothing", "utf-8")
    before = app.controller.state.game
    app.do(("practise", tmp_path / "none.pgn"))
    settle(app)
    assert app.controller.view().message_is_error and app.controller.state.game is before


def test_mistakes_of_a_reviewed_game_become_exercises_that_stay(make_app, advisers, tmp_path):
    folder = tmp_path / "exercises"
    book = Book(folder)
    puzzle = Puzzle(MATE_FEN, moves(MATE), 2, {"Event": "Cup"})
    other = Puzzle("3k5/9/9/9/9/4r4/4R4/9/9/5K3 w - - 0 1", moves("e3e4"), None, {})
    assert book.add([puzzle, other]) == 2 and book.add([puzzle]) == 0
    again = Book(folder)
    assert [one.solution for one in again.own()] == [puzzle.solution, other.solution]
    assert again.own()[0].mate == 2 and again.own()[0].record.headers["Event"] == "Cup"
    again.solved(again.own()[0], True)
    assert [one.solution for one in Book(folder).own()] == [other.solution, puzzle.solution]


@pytest.mark.parametrize(("side", "count"), [(RED, 1), (BLACK, 0)])
def test_only_the_mistakes_of_the_sides_asked_for_become_exercises(side, count):
    woken = threading.Event()
    reviewing = Reviewing(Advisers(), woken.set)
    # the rook could have been captured
    record = GameRecord({}, "3k5/9/9/9/9/4r4/4R4/9/9/5K3 w - - 0 1", moves("f0f1 e4e3"))
    reviewing.ask(Order("game", Terms("alphabeta", 1, "computer"), record, exercises=frozenset({side})))
    results = []
    while len(results) < 2:
        assert woken.wait(PATIENCE)
        woken.clear()
        results += reviewing.collect()
    found = [puzzle for result in results for puzzle in result.puzzles]
    assert len(found) == count and all(puzzle.solution[0].iccs() == "e3e4" for puzzle in found)
    reviewing.close()


def test_own_exercises_come_from_reviews(app):
    live(app, lambda: not app.controller.study.busy, PATIENCE)
    settle(app)
    own = app.controller.study.coach.book.own()
    assert all(one.solution for one in own)
    fens = {one.record.start_fen.split()[0] for one in own}
    boards = set()
    board = Board()
    for move in moves(GAME):
        boards.add(board.fen().split()[0])
        board.push(move)
    assert fens <= boards


def test_new_games_and_saves_never_take_the_exercise_for_the_game(make_desk, puzzles, tmp_path):
    desk = make_desk(archive=tmp_path / "archive")
    desk.click("h2", "e2")
    desk.controller.study.practise(puzzles)
    desk.controller.type_move("b0b8")
    desk.controller.tick()
    assert desk.controller.state.own_game.record.moves == moves("h2e2")
    desk.controller.games.new_game("red")
    assert desk.controller.games.shelf.archive.recent()[0].game.moves == moves("h2e2")
    assert desk.controller.view().analysis is None


# ------------------------------------------------------------------------------------------------ teaching


@pytest.fixture
def taught(make_desk, advisers):
    """Return a game in which moves that lose 10 % are taken back."""
    desk = make_desk(make_reviewer=advisers, teaching=10)
    desk.click("h2", "e2")
    desk.wait(lambda: desk.controller.state.analysis.teaching.order is None)
    desk.reply("h9g7")
    return desk


def judged(desk):
    desk.wait(lambda: desk.controller.state.analysis.teaching.order is None)


def test_a_bad_move_is_taken_back_with_a_hint(taught):
    controller = taught.controller
    asked = len(taught.thinker.asked)
    taught.click("e2", "e6")
    assert len(taught.thinker.asked) == asked  # the program waits for the verdict
    judged(taught)
    view = controller.view()
    assert view.cursor == 2 and "Teaching" in view.message and "cannon" in view.message
    taught.click("h0", "g2")
    judged(taught)
    assert controller.view().cursor == 3 and taught.thinker.asked[-1][0].purpose == "move"
    assert [move.iccs() for move in controller.state.game.record.moves] == ["h2e2", "h9g7", "h0g2"]


def test_hints_grow_and_the_same_move_again_stands(taught):
    controller = taught.controller
    for bad, piece, arrow in (("e2e6", False, False), ("b2b9", True, False), ("a0a2", True, True)):
        taught.click(bad[:2], bad[2:])
        judged(taught)
        view = controller.view()
        assert (view.pointed is not None, view.hint is not None) == (piece, arrow)
    taught.click("e2", "e6")
    assert controller.view().cursor == 3 and controller.state.analysis.teaching.order is None


def test_a_good_move_stands_and_without_teaching_nothing_is_judged(make_desk, advisers):
    desk = make_desk(make_reviewer=advisers, teaching=0)
    desk.click("h2", "e2")
    assert desk.controller.state.analysis.teaching.order is None and desk.controller.state.pending is not None


def test_taking_back_while_a_move_is_judged_drops_the_verdict(taught):
    taught.click("e2", "e6")
    taught.controller.navigation.take_back()
    assert taught.controller.state.analysis.teaching.order is None and taught.controller.view().cursor == 2
    taught.click("h0", "g2")
    judged(taught)
    assert taught.controller.view().cursor == 3 and taught.controller.view().message == ""


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


def test_exercises_are_read_with_who_is_to_move(puzzles):
    mate, take = read_exercises(puzzles)
    assert (mate.mate, take.mate) == (2, None) and mate.record.start().turn is RED
    assert mate.record.headers["Red"] == "Ann" and take.solution == moves("e3e4")
    assert mate.key != take.key and BLACK is not RED
