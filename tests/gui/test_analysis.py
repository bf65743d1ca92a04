"""Analysis mode: play is suspended, the judge's lines, lines played out on the board, moves tried."""

from __future__ import annotations

import pygame
import pytest
from desk import live, post_click, press_button, settle, type_key

from xiangqi_lm.engine.player import Info, PrincipalVariation
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.score import Score


def line(board: Board, text: str, centipawns: int) -> PrincipalVariation:
    """Return a line of moves in ICCS with its score for the side to move."""
    return PrincipalVariation(tuple(map(Move.from_iccs, text.split())), Score(board.turn, centipawns))


def report(judge, depth: int, *lines: tuple[str, int]) -> None:
    """Have the judge report lines for the position that it was last asked about."""
    board = judge.asked[-1][1]
    judge.limits[-1].report(Info(depth, 1000, 1.0, tuple(line(board, *one) for one in lines)))


GOOD, NEXT = ("h2e2 h9g7 h0g2", 31), ("b0c2 b9c7", -12)


@pytest.fixture
def app(make_app):
    """Return a window in analysis mode with two lines of the judge at the start position."""
    app = make_app(side="both")
    app.controller.study.toggle()
    report(app.judge, 8, GOOD, NEXT)
    settle(app)
    return app


def row(app, number):
    """Return the rectangles of a line's moves."""
    from xiangqi_lm.gui.widgets import lines

    return lines.rows(app.layout, app.controller.view().analysis)[number]


# ------------------------------------------------------------------------------------------------ play suspended


def test_one_key_suspends_program_and_clock_and_keeps_the_arrows_of_both_modes_apart(desk):
    controller = desk.controller
    controller.change(clock=(60, 0, 0), arrows=False, analysis_arrows=True)
    controller.games.new_game("red")
    desk.click("h2", "e2")
    assert controller.state.pending.ticket.purpose == "move"
    controller.study.toggle()
    assert desk.thinker.asked[-1][0].purpose == "look"  # the model is asked for arrows, not for a move
    desk.now = 50.0
    controller.tick()
    assert controller.state.clock.running is None
    assert [card.clock for card in controller.view().players] == ["01:00", "01:00"]
    desk.thinker.answer("h9g7", which=-2)  # the move asked for before
    controller.tick()
    assert desk.moves == ["h2e2"] and "arrows" in controller.view().on
    controller.toggle("arrows")
    assert (controller.settings.arrows, controller.settings.analysis_arrows) == (False, False)
    controller.toggle("arrows")
    controller.study.toggle()
    assert "arrows" not in controller.view().on and controller.settings.analysis_arrows
    assert desk.thinker.asked[-1][0].purpose == "move"
    desk.reply("h9g7")
    assert desk.moves == ["h2e2", "h9g7"]


def test_the_window_switches_on_tab_and_on_its_button(make_app):
    app = make_app(side="both")
    type_key(app, pygame.K_TAB)
    settle(app)
    assert app.controller.view().analysis is not None
    press_button(app, "analysis")
    settle(app)
    assert app.controller.view().analysis is None


def test_tried_moves_do_not_become_the_game(desk):
    controller = desk.controller
    desk.click("h2", "e2")
    desk.reply("h9g7")
    controller.study.toggle()
    desk.click("h0", "g2")
    desk.click("i9", "h9")  # the other side's move is made by hand, too
    controller.navigation.go_to(1)
    desk.click("b9", "c7")
    controller.study.toggle()
    assert desk.moves == ["h2e2", "h9g7"] and controller.state.game.at_tip and controller.state.game.live
    assert controller.state.game.record.variations[1][0].moves == (Move.from_iccs("b9c7"),)
    desk.click("b0", "c2")
    assert desk.moves == ["h2e2", "h9g7", "b0c2"]
    tried = controller.state.game.record.variations[2][0].moves
    assert tried == (Move.from_iccs("h0g2"), Move.from_iccs("i9h9"))


def test_a_tried_move_that_is_then_played_is_the_game(desk):
    controller = desk.controller
    desk.click("h2", "e2")
    desk.reply("h9g7")
    controller.study.toggle()
    desk.click("h0", "g2")
    desk.click("i9", "h9")
    controller.study.toggle()
    desk.click("h0", "g2")
    assert desk.moves == ["h2e2", "h9g7", "h0g2"] and desk.thinker.asked[-1][0].purpose == "move"
    desk.reply("b9c7")
    record = controller.state.game.record
    assert [move.iccs() for move in record.moves] == ["h2e2", "h9g7", "h0g2", "b9c7"]
    assert record.variations[3][0].moves == (Move.from_iccs("i9h9"),)


def test_a_game_put_aside_in_analysis_is_the_one_that_was_played(make_desk, tmp_path):
    desk = make_desk(archive=tmp_path)
    desk.click("h2", "e2")
    desk.reply("h9g7")
    desk.controller.study.toggle()
    desk.click("h0", "g2")
    desk.controller.games.new_game("red")
    assert [move.iccs() for move in desk.controller.games.shelf.archive.recent()[0].game.moves] == ["h2e2", "h9g7"]
    assert desk.controller.view().analysis is None


def test_a_game_saved_or_kept_in_analysis_is_the_one_that_was_played(make_desk, tmp_path):
    desk = make_desk(archive=tmp_path)
    desk.click("h2", "e2")
    desk.reply("h9g7")
    desk.controller.study.toggle()
    desk.click("h0", "g2")
    desk.controller.tick()
    assert [move.iccs() for move in desk.controller.games.shelf.kept().game.moves] == ["h2e2", "h9g7"]
    assert desk.controller.games.shelf.kept().live and desk.controller.games.shelf.kept().cursor == 2
    assert desk.controller.games.save(tmp_path / "game.pgn")
    text = (tmp_path / "game.pgn").read_text("utf-8")
    assert "H9-G7" in text and "H0-G2" not in text


# ------------------------------------------------------------------------------------------------ the judge's lines


def test_lines_have_scores_for_red_and_moves_in_the_chosen_notation(desk):
    controller = desk.controller
    controller.change(lines=2, notation="chinese")
    desk.click("h2", "e2")
    controller.study.toggle()
    assert desk.judge.limits[-1].multipv == 2
    report(desk.judge, 5, ("h9g7 h0g2", 40), ("b9c7", 15))
    controller.tick()
    shown = controller.view().analysis
    assert [one.worth for one in shown.lines] == ["-0.40", "-0.15"]
    assert shown.lines[0].names == ("马８进７", "马二进三") and "depth 5" in shown.title
    assert [move.iccs() for move in shown.arrows] == ["h9g7", "b9c7"]
    controller.change(notation="iccs", judge_arrows=False)
    assert controller.view().analysis.lines[0].names == ("h9g7", "h0g2") and not controller.view().analysis.arrows


def test_lines_only_grow_deeper_and_are_those_of_the_position_looked_at(desk):
    controller = desk.controller
    controller.study.toggle()
    report(desk.judge, 9, GOOD)
    controller.tick()
    late = desk.judge.limits[-1].report
    desk.click("h2", "e2")
    controller.tick()
    assert controller.view().analysis.lines == ()
    late(Info(10, 1000, 1.0, (line(Board(), *NEXT),)))  # for the position before
    controller.tick()
    assert controller.view().analysis.lines == ()
    controller.navigation.step(-1)
    report(desk.judge, 3, NEXT)
    controller.tick()
    assert controller.view().analysis.lines[0].moves[0].iccs() == "h2e2"  # known from before, and deeper
    report(desk.judge, 12, NEXT)
    controller.tick()
    assert controller.view().analysis.lines[0].moves[0].iccs() == "b0c2"


def test_a_failing_judge_says_so_and_play_goes_on(desk):
    controller = desk.controller
    controller.study.toggle()
    desk.judge.answer(None, fault="no such program")
    controller.tick()
    assert "no such program" in controller.view().analysis.note
    controller.study.toggle()
    desk.click("h2", "e2")
    desk.reply("h9g7")
    assert desk.moves == ["h2e2", "h9g7"]


def test_more_and_fewer_lines_by_keys(app):
    for key, wanted in ((pygame.K_PLUS, 4), (pygame.K_PLUS, 5), (pygame.K_PLUS, 5), (pygame.K_MINUS, 4)):
        type_key(app, key)
        settle(app)
        assert app.controller.settings.lines == wanted and app.judge.limits[-1].multipv == wanted


def test_arrows_of_judge_and_model_differ_and_go_without_a_trace(app):
    app.draw()
    with_both = pygame.image.tobytes(app.surface, "RGB")
    app.controller.change(judge_arrows=False)
    app.draw()
    assert pygame.image.tobytes(app.surface, "RGB") != with_both


# ------------------------------------------------------------------------------------------------ previews


def test_a_line_under_the_pointer_is_shown_and_the_game_stays(app):
    fen = app.controller.state.game.board.fen()
    before = app.controller.view().pieces
    _, _, boxes = row(app, 0)
    app.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=boxes[1].center, rel=(0, 0), buttons=(0, 0, 0)))
    settle(app)
    after = Board()
    for move in GOOD[0].split()[:2]:
        after.push_text(move)
    assert app.controller.view().pieces == tuple(after.array.tolist())
    assert app.controller.state.game.board.fen() == fen and app.controller.view().cursor == 0
    app.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=(5, 5), rel=(0, 0), buttons=(0, 0, 0)))
    settle(app)
    assert app.controller.view().pieces == before


def test_a_clicked_line_plays_out_and_can_be_stepped_and_left(app):
    _, _, boxes = row(app, 0)
    post_click(app, boxes[0].center)
    live(app, lambda: app.controller.view().analysis.shown[1] == 2)
    type_key(app, pygame.K_LEFT)
    settle(app)
    assert app.controller.view().analysis.shown[1] == 1 and not app.controller.impatient
    type_key(app, pygame.K_RIGHT)
    type_key(app, pygame.K_RIGHT)
    settle(app)
    assert app.controller.view().analysis.shown[1] == 3 and app.controller.state.game.cursor == 0
    type_key(app, pygame.K_ESCAPE)
    settle(app)
    assert app.controller.view().analysis.shown is None
    assert app.controller.view().pieces == tuple(Board().array.tolist()) and not app.controller.state.game.record.moves


def test_a_press_on_the_board_ends_a_preview_and_moves_nothing(app):
    app.controller.study.play_line(app.controller.view().analysis.lines[0].moves)
    settle(app)
    post_click(app, app.geometry.point(4))
    settle(app)
    assert app.controller.view().analysis.shown is None and app.controller.view().selected is None
