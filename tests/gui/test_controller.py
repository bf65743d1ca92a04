"""Intents in, view out: the game behind the window, without a window."""

from __future__ import annotations

from pathlib import Path

import pytest

from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.squares import BLACK, RED, parse_square

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


def test_black_cannot_take_back_red_s_first_move(desk):
    desk.controller.games.new_game("black")
    desk.reply("h2e2")
    assert "take_back" not in desk.controller.view().enabled


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


def test_save_and_load(desk, tmp_path: Path):
    desk.click("h2", "e2")
    desk.reply("h9g7")
    desk.controller.resign()
    path = tmp_path / "我的 棋谱.pgn"
    assert desk.controller.games.save(path)
    desk.controller.games.new_game("red")
    assert desk.moves == []
    assert desk.controller.games.load(path)
    view = desk.controller.view()
    assert desk.moves == ["h2e2", "h9g7"] and view.status == "Black wins" and view.cursor == 2
    assert desk.controller.settings.folder == str(tmp_path)


def test_load_records_of_other_programs(desk, tmp_path: Path):
    """The window opens what `data import` reads; what it refuses is one line, and the game is kept."""
    from xiangqi_lm.records.formats import xqf
    from xiangqi_lm.records.game import GameRecord

    moves = tuple(Move.from_iccs(text) for text in ("h2e2", "h9g7", "h0g2"))
    (tmp_path / "a.xqf").write_bytes(xqf.write_game(GameRecord({"Red": "甲"}, None, moves, "*")))
    (tmp_path / "b.csv").write_text("gameID,turn,side,move\n1,1,red,C2.5\n1,1,black,h2+3\n")
    (tmp_path / "c.xqf").write_bytes(b"XQ" + bytes(40))
    controller = desk.controller
    assert controller.games.load(tmp_path / "a.xqf")
    assert [move.iccs() for move in controller.state.game.line] == ["h2e2", "h9g7", "h0g2"]
    for name in ("c.xqf", "missing.xqf"):
        assert not controller.games.load(tmp_path / name)
        assert controller.view().message_is_error
    assert len(controller.state.game.line) == 3
    assert controller.games.load(tmp_path / "b.csv")
    assert len(controller.state.game.line) == 2


def test_load_any_encoding_and_notation(desk, tmp_path: Path):
    path = tmp_path / "gb.pgn"
    path.write_bytes('[Red "许银川"]\n\n1. 炮二平五 马8进7 2. 马二进三 车9平8 *\n'.encode("gb18030"))
    assert desk.controller.games.load(path)
    assert desk.moves == ["h2e2", "h9g7", "h0g2", "i9h9"]
    assert desk.controller.state.game.record.headers["Red"] == "许银川"
    assert desk.controller.state.humans == {RED}


@pytest.mark.parametrize("content", [b"", b"no game at all", b"1. h2e2 h2e2 *", b'[FEN "nonsense"]\n\n1. h2e2 *'])
def test_a_bad_file_leaves_the_game(desk, tmp_path: Path, content):
    desk.click("h2", "e2")
    path = tmp_path / "bad.pgn"
    path.write_bytes(content)
    assert not desk.controller.games.load(path)
    view = desk.controller.view()
    assert view.message_is_error and "bad.pgn" in view.message and "\n" not in view.message
    assert desk.moves == ["h2e2"]


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        ("1. h2e2 h9g7\n2. h0g2 a0a9\n3. b0c2 *\n", "line 5: 'a0a9' (ply 4) is not legal", "第 5 行"),
        ("1. 炮二平五 马8进7\n2. 马二进三 车9平8\n3. 车一平九 *\n", "line 6: '车一平九' (ply 5)", "第 6 行"),
        ("1. h2e2 qqqq *\n", "line 4: 'qqqq' (ply 2) cannot be read as a move", "第 4 行"),
    ],
)
def test_a_bad_file_names_the_line_in_both_languages(make_desk, tmp_path: Path, text, en, zh):
    path = tmp_path / "坏 棋谱.pgn"
    path.write_text(f'[Event "x"]\n[Red "甲"]\n\n{text}', encoding="gb18030")
    for language, words in (("en", en), ("zh", zh)):
        desk = make_desk(language=language, side="both")
        desk.click("h2", "e2")
        assert not desk.controller.games.load(path)
        assert words in desk.controller.view().message and desk.moves == ["h2e2"]


def test_missing_file_and_unwritable_place(desk, tmp_path: Path):
    assert not desk.controller.games.load(tmp_path / "none.pgn")
    assert "none.pgn" in desk.controller.view().message
    assert not desk.controller.games.save(tmp_path / "no folder" / "x.pgn")
    assert desk.controller.view().message_is_error


def test_paste_fen(make_desk):
    desk = make_desk()
    assert desk.controller.games.paste_fen(" 4k4/9/9/9/9/9/9/9/9/R2K5 b - - 0 1\n")
    assert desk.controller.view().turn is BLACK and desk.thinker.asked[-1][0].purpose == "move"
    before = desk.controller.state.game.board.fen()
    for bad in ("", "4k4/9/9/9/9/9/9/9/9/9 w", "4k4/9/9/9/9/9/9/9/9/4K4 w", "hello"):
        assert not desk.controller.games.paste_fen(bad)
        assert desk.controller.view().message.startswith("Not a position")
    assert desk.controller.state.game.board.fen() == before


def test_a_record_that_begins_with_black(make_desk):
    desk = make_desk(fen="4k4/9/9/9/9/9/9/9/9/R2K5 b - - 0 7", side="black")
    desk.click("e9", "e8")
    desk.reply("a0a8")
    items = desk.controller.view().blocks
    assert [(item.number, item.black) for item in items] == [(7, True), (8, False)]


def test_settings_that_cannot_be_stored_are_mentioned(desk):
    desk.controller.store = lambda settings: False
    desk.controller.toggle("sound")
    assert desk.controller.view().message == "The settings cannot be saved"
    assert desk.controller.settings.sound is False


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
