"""Exercises: from a file, from mistakes of reviewed games, and how they are solved."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from desk import live, press_button, settle
from study_desk import GAME, PATIENCE, Advisers, moves, study, wait

from xiangqi_lm.gui.game.exercises import Book, read_exercises
from xiangqi_lm.gui.game.reviewing import Order, Reviewing, Terms
from xiangqi_lm.records.formats.pgn import write_game
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.review.puzzles import Puzzle
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.squares import BLACK, RED

MATE_FEN = "4k4/9/9/9/9/9/9/9/R8/1R1K5 w - - 0 1"  # a1a8 or b0b8 first, then mate on rank 9
MATE = "b0b8 e9f9 a1a9"


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


def test_mistakes_of_a_reviewed_game_become_exercises_that_stay(tmp_path):
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


def test_exercises_are_read_with_who_is_to_move(puzzles):
    mate, take = read_exercises(puzzles)
    assert (mate.mate, take.mate) == (2, None) and mate.record.start().turn is RED
    assert mate.record.headers["Red"] == "Ann" and take.solution == moves("e3e4")
    assert mate.key != take.key and BLACK is not RED
