"""Intents in, view out: the game behind the window, without a window."""

from __future__ import annotations

import pytest

from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.squares import BLACK, parse_square

START = Board().fen()
FACING = "4k4/9/9/9/9/4N4/9/9/9/4K4 w - - 0 1"  # the horse may not leave its file
MATE_IN_ONE = "3k5/R8/8R/9/9/9/9/9/9/4K4 w - - 0 1"
STALEMATE_IN_ONE = "3k5/9/R8/9/9/9/9/9/9/4K4 w - - 0 1"


def test_click_click_plays_and_asks_the_opponent(desk):
    desk.click("h2", "e2")
    view = desk.controller.view()
    assert desk.moves == ["h2e2"]
    assert desk.names() == ["炮二平五"]
    assert view.last_move is Move.from_iccs("h2e2")
    ticket, board, _ = desk.thinker.asked[-1]
    assert ticket.purpose == "move" and board.turn is BLACK
    desk.reply("h9g7")
    assert desk.moves == ["h2e2", "h9g7"]
    assert desk.names()[1] == "马８进７"
    assert desk.controller.take_sounds() == ["select", "move", "move_theirs"]


def test_a_drag_plays_and_a_release_off_the_board_does_not(desk):
    square = parse_square("h2")
    assert desk.controller.press(square)
    desk.controller.release(None, True)
    assert desk.controller.state.game.board.fen() == START
    assert desk.controller.press(square)
    desk.controller.release(parse_square("e2"), True)
    assert desk.moves == ["h2e2"]
    assert desk.controller.take_motion() is None  # the hand has carried it there


def test_dots_follow_the_selection(make_desk):
    desk = make_desk()
    desk.click("b0")
    assert desk.controller.view().targets == ((parse_square("a2"), False), (parse_square("c2"), False))
    desk.click("b2")  # another piece of ours is selected instead
    targets = dict(desk.controller.view().targets)
    assert targets[parse_square("b9")] is True and targets[parse_square("b3")] is False
    desk.click("b2")  # a second click on it deselects it
    assert desk.controller.view().selected is None
    desk.click("b0", "d1")
    assert (desk.controller.illegal_clicks, desk.controller.view().selected) == (1, None)
    assert desk.controller.take_sounds()[-1] == "illegal"


def test_blocked_leg_shrinks_the_dots(make_desk):
    desk = make_desk(fen="3k5/9/9/9/9/9/9/9/1C7/1N2K4 w - - 0 1")
    desk.click("b0")
    assert [square for square, _ in desk.controller.view().targets] == [parse_square("d1")]


def test_nothing_moves_out_of_turn(desk):
    desk.click("h9", "g7")
    assert desk.moves == []
    desk.click("h2", "e2")
    desk.click("b2", "d2")
    desk.click("b7", "d7")
    assert desk.moves == ["h2e2"] and desk.controller.view().selected is None


@pytest.mark.parametrize(
    ("fen", "clicks", "words"),
    [
        (FACING, ("e4", "c5"), "Not allowed: the kings would face each other"),
        ("3k5/9/9/9/9/4r4/9/9/4R4/4K4 w", ("e1", "d1"), "Not allowed: it exposes your king"),
        ("3k5/9/9/9/9/4r4/9/9/9/R3K4 w", ("a0", "a1"), "Not allowed: you are in check"),
    ],
)
def test_refusal_says_why(make_desk, fen, clicks, words):
    desk = make_desk(fen=fen)
    before = desk.controller.state.game.board.fen()
    desk.click(*clicks)
    view = desk.controller.view()
    assert (view.message, view.message_is_error) == (words, True)
    assert desk.controller.state.game.board.fen() == before


@pytest.mark.parametrize("text", ["e5g6", "E5-G6", "马五进三", "馬五進三", "H5+3", "h5+3"])
def test_a_typed_move_that_exposes_the_king_is_refused_with_the_reason(make_desk, text):
    desk = make_desk(fen="4k4/9/9/9/4N4/9/9/9/9/4K4 w", side="both")
    assert not desk.controller.type_move(text)
    assert desk.controller.view().message == "Not allowed: the kings would face each other"
    assert not desk.controller.type_move("e5e6") and "the kings" not in desk.controller.view().message


def test_check_is_marked_until_it_is_parried(make_desk):
    desk = make_desk(fen="4k4/9/9/9/9/9/9/9/R8/3K5 w", language="zh")
    desk.click("a1", "e1")
    view = desk.controller.view()
    assert view.checked_king == parse_square("e9") and "将军" in view.status and view.check
    assert desk.controller.take_sounds().count("check") == 1
    desk.reply("e9f9")
    view = desk.controller.view()
    assert view.checked_king is None and "将军" not in view.status
    assert desk.controller.take_sounds() == ["move_theirs"]


@pytest.mark.parametrize(
    ("fen", "move", "reason", "reason_zh"),
    [
        (MATE_IN_ONE, "i7i9", "Black is checkmated", "黑方被将死"),
        (STALEMATE_IN_ONE, "a7a8", "Black has no legal move", "黑方被困毙"),
    ],
)
def test_the_end_in_words(make_desk, fen, move, reason, reason_zh):
    desk = make_desk(fen=fen)
    desk.controller.type_move(move)
    view = desk.controller.view()
    assert (view.status, view.outcome.reason, view.end.reason) == ("Red wins", reason, reason)
    assert desk.controller.take_sounds() == ["win"]
    desk.controller.change(language="zh")
    assert (desk.controller.view().status, desk.controller.view().end.reason) == ("红胜", reason_zh)
    asked = len(desk.thinker.asked)
    desk.controller.tick()
    assert len(desk.thinker.asked) == asked and not desk.controller.press(Move.from_iccs(move).to_square)


def test_repetition_is_a_draw(make_desk):
    desk = make_desk(side="both")
    for text in ("a0a1", "a9a8", "a1a0", "a8a9") * 2:
        desk.controller.type_move(text)
    view = desk.controller.view()
    assert view.status == "Draw" and "three times" in view.outcome.reason
    assert desk.controller.take_sounds()[-1] == "draw"


def test_take_back_two_plies_against_the_opponent_and_redo(desk):
    desk.click("h2", "e2")
    desk.reply("h9g7")
    desk.controller.navigation.take_back()
    assert desk.controller.view().cursor == 0 and len(desk.moves) == 2
    asked = len(desk.thinker.asked)
    desk.controller.navigation.redo()
    assert desk.controller.view().cursor == 2 and len(desk.thinker.asked) == asked
    desk.controller.navigation.take_back()
    desk.click("b2", "e2")  # another move: the old line is gone
    assert desk.moves == ["b2e2"] and "redo" not in desk.controller.view().enabled


def test_take_back_one_ply_with_two_players(make_desk):
    desk = make_desk(side="both")
    desk.click("h2", "e2")
    desk.click("h9", "g7")
    desk.controller.navigation.take_back()
    assert desk.controller.view().cursor == 1 and desk.thinker.asked == []


def test_black_cannot_take_back_red_s_first_move(desk):
    desk.controller.games.new_game("black")
    desk.reply("h2e2")
    assert "take_back" not in desk.controller.view().enabled


def test_resign_names_the_winner_and_take_back_lifts_it(desk):
    desk.click("h2", "e2")
    desk.reply("h9g7")
    desk.controller.resign()
    assert (desk.controller.view().status, desk.controller.view().outcome.reason) == ("Black wins", "Red resigned")
    assert desk.controller.take_sounds()[-1] == "loss"
    desk.controller.navigation.take_back()
    assert desk.controller.view().outcome is None
    desk.click("b2", "e2")
    assert desk.controller.view().outcome is None and desk.moves == ["b2e2"]


@pytest.mark.parametrize("text", ["h2e2", "H2-E2", "炮二平五", " 炮二平五 "])
def test_typed_moves(desk, text):
    assert desk.controller.type_move(text) and desk.moves == ["h2e2"]


@pytest.mark.parametrize(("text", "words"), [("qq", "is not a move"), ("e0e5", "is not")])
def test_typed_nonsense_is_refused_with_a_reason(desk, text, words):
    assert not desk.controller.type_move(text)
    assert words in desk.controller.view().message and desk.moves == []


def test_language_switches_live(desk):
    desk.click("h2", "e2")
    assert "thinking" in desk.controller.view().status
    desk.controller.change(language="zh")
    view = desk.controller.view()
    assert "思考" in view.status and desk.names()[0] == "炮二平五" and desk.stored[-1].language == "zh"
    desk.controller.change(notation="iccs")
    assert desk.names()[0] == "h2e2"


def test_messages_are_translated_too(desk):
    desk.controller.games.copied("fen")
    assert desk.controller.view().message == "Position copied"
    desk.controller.change(language="zh")
    assert desk.controller.view().message == "局面已复制"


def test_settings_that_cannot_be_stored_are_mentioned(desk):
    desk.controller.store = lambda settings: False
    desk.controller.toggle("sound")
    assert desk.controller.view().message == "The settings cannot be saved"
    assert desk.controller.settings.sound is False
