"""FEN: every invalid case named, every accepted variant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vectors import load, positions

from xiangqi_lm.errors import InvalidFen
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.fen import START_FEN
from xiangqi_lm.rules.squares import BLACK, RED

BARE = "4k4/9/9/9/9/9/9/9/9/3K5"  # varied by the cases below

INVALID = {
    "no fields": ("", "fields"),
    "frame without a FEN": ("fen ", "fields: expected 1 to 6, found 0"),
    "moves after the position": ("startpos moves h2e2", "fields"),
    "seven fields": (f"{BARE} w - - 0 1 extra", "fields"),
    "nine ranks": ("4k4/9/9/9/9/9/9/9/3K5 w", "placement: expected 10 ranks, found 9"),
    "eleven ranks": ("4k4/9/9/9/9/9/9/9/9/9/3K5 w", "placement: expected 10 ranks, found 11"),
    "short rank": ("4k4/8/9/9/9/9/9/9/9/3K5 w", "expected 9 files in rank 8, found 8 ('8')"),
    "long rank": ("4k4/9/9/9/9/9/9/9/9/3K6 w", "expected 9 files in rank 0, found 10 ('3K6')"),
    "overlong rank of letters": ("4k4/rrrrrrrrrr/9/9/9/9/9/9/9/3K5 w", "found 10"),
    "empty rank": ("4k4//9/9/9/9/9/9/9/3K5 w", "rank 8, found 0"),
    "unknown letter": ("4k4/9/9/4q4/9/9/9/9/9/3K5 w", "expected a piece letter or a digit 1-9 in rank 6, found 'q'"),
    "digit zero": ("4k4/90/9/9/9/9/9/9/9/3K5 w", "rank 8, found '0'"),
    "full-width digit": ("4k4/\uff19/9/9/9/9/9/9/9/3K5 w", "rank 8"),
    "no red king": ("4k4/9/9/9/9/9/9/9/9/9 w", "Red has no king"),
    "no black king": ("9/9/9/9/9/9/9/9/9/3K5 w", "Black has no king"),
    "two red kings": ("4k4/9/9/9/9/9/9/9/9/3K1K3 w", "Red has 2 'K'"),
    "two black kings": ("3kk4/9/9/9/9/9/9/9/9/5K3 w", "Black has 2 'k'"),
    "three rooks": ("4k4/9/9/9/9/RRR6/9/9/9/3K5 w", "Red has 3 'R', at most 2"),
    "three horses": ("4k4/9/nnn6/9/9/9/9/9/9/3K5 w", "Black has 3 'n'"),
    "three cannons": ("4k4/9/ccc6/9/9/9/9/9/9/3K5 w", "Black has 3 'c'"),
    "three advisors": ("3aka3/4a4/9/9/9/9/9/9/9/3K5 w", "Black has 3 'a'"),
    "three elephants": ("2b1k1b2/9/b8/9/9/9/9/9/9/3K5 w", "Black has 3 'b'"),
    "six pawns": ("4k4/9/9/PPPPPP3/9/9/9/9/9/3K5 w", "Red has 6 'P'"),
    "red king outside the palace": ("4k4/9/9/9/9/9/9/9/9/2K6 w", "'K' can never be on c0"),
    "red king too high": ("4k4/9/9/9/9/9/3K5/9/9/9 w", "'K' can never be on d3"),
    "black king outside the palace": ("6k2/9/9/9/9/9/9/9/9/3K5 w", "'k' can never be on g9"),
    "black king too low": ("9/9/9/4k4/9/9/9/9/9/3K5 w", "'k' can never be on e6"),
    "advisor off its points": ("4k4/9/9/9/9/9/9/9/3A5/4K4 w", "'A' can never be on d1"),
    "black advisor off its points": ("4k4/9/4a4/9/9/9/9/9/9/3K5 w", "'a' can never be on e7"),
    "elephant off its points": ("4k4/9/9/9/9/9/9/1B7/9/3K5 w", "'B' can never be on b2"),
    "elephant across the river": ("4k4/9/9/9/2B6/9/9/9/9/3K5 w", "'B' can never be on c5"),
    "black elephant across the river": ("4k4/9/9/9/9/2b6/9/9/9/3K5 w", "'b' can never be on c4"),
    "pawn behind its start": ("4k4/9/9/9/9/9/9/P8/9/3K5 w", "'P' can never be on a2"),
    "pawn on an even file at home": ("4k4/9/9/9/9/9/1P7/9/9/3K5 w", "'P' can never be on b3"),
    "black pawn behind its start": ("4k4/9/p8/9/9/9/9/9/9/3K5 w", "'p' can never be on a7"),
    "black pawn on an even file at home": ("4k4/9/9/9/3p5/9/9/9/9/5K3 w", "'p' can never be on d5"),
    "no side": (f"{BARE} - - 0 1", "side to move: expected w or r for Red, b for Black, found '-'"),
    "third field": (f"{BARE} w K - 0 1", "field 3: expected '-', found 'K'"),
    "fourth field": (f"{BARE} w - e3 0 1", "field 4: expected '-', found 'e3'"),
    "negative halfmove": (f"{BARE} w - - -1 1", "halfmove clock: expected a number of at least 0, found '-1'"),
    "halfmove that is no number": (f"{BARE} w - - x 1", "halfmove clock: expected"),
    "fractional halfmove": (f"{BARE} w - - 1.5 1", "halfmove clock"),
    "negative move number": (f"{BARE} w - - 0 -3", "move number: expected a number of at least 0, found '-3'"),
    "superscript number": (f"{BARE} w - - ² 1", "halfmove clock"),
    "huge number": (f"{BARE} w - - 0 {'9' * 30}", "move number"),
    "clock past every limit": (f"{BARE} w - - 121 80", "121 plies without a capture"),
    "facing kings": ("4k4/9/9/9/9/9/9/9/9/4K4 w", "Black is in check though it is not to move"),
    "the idle side in check": ("3k5/9/9/9/9/9/9/9/9/3RK4 w", "Black is in check"),
    "idle Red in check": ("3k5/9/9/9/9/9/9/9/4p4/4K4 b", "Red is in check"),
}


@pytest.mark.parametrize("fen, words", INVALID.values(), ids=INVALID.keys())
def test_invalid(fen, words):
    with pytest.raises(InvalidFen) as fault:
        Board(fen)
    assert words in str(fault.value) and "\n" not in str(fault.value)
    assert repr(fen) in str(fault.value) and fault.value.code.startswith("fen.") and fault.value.details["text"] == fen


def test_start():
    board = Board()
    assert board.fen() == START_FEN == Board(START_FEN).fen()
    assert board == Board(START_FEN) and board.turn is RED and board.fullmove == 1 and board.halfmove == 0


ACCEPTED = {
    "two fields": (f"{BARE} w", f"{BARE} w - - 0 1"),
    "three fields": (f"{BARE} b -", f"{BARE} b - - 0 1"),
    "four fields": (f"{BARE} b - -", f"{BARE} b - - 0 1"),
    "five fields": (f"{BARE} w - - 7", f"{BARE} w - - 7 1"),
    "r for Red": (f"{BARE} r - - 0 1", f"{BARE} w - - 0 1"),
    "letters h and e": ("2e1k4/4h4/9/9/9/9/9/9/9/2EK4H w", "2b1k4/4n4/9/9/9/9/9/9/9/2BK4N w - - 0 1"),
    "adjacent digits": ("4k4/45/333/9/9/9/9/9/9/3K5 w - - 0 1", f"{BARE} w - - 0 1"),
    "spaces": (f"  {BARE}   w  - -  3  9 ", f"{BARE} w - - 3 9"),
    "leading zeros": (f"{BARE} w - - 03 009", f"{BARE} w - - 3 9"),
    "the side to move in check": ("3k5/9/9/9/9/9/9/9/9/3RK4 b", "3k5/9/9/9/9/9/9/9/9/3RK4 b - - 0 1"),
    "no legal move": ("4k4/9/9/9/9/9/9/3p5/9/3K5 w", "4k4/9/9/9/9/9/9/3p5/9/3K5 w - - 0 1"),
    "advanced pawns": ("P3k3P/9/9/9/9/P1P6/4P4/9/9/3K5 w", "P3k3P/9/9/9/9/P1P6/4P4/9/9/3K5 w - - 0 1"),
    "clock at the limit": (f"{BARE} w - - 120 200", f"{BARE} w - - 120 200"),
    "placement alone": (BARE, f"{BARE} w - - 0 1"),
    "capital side": (f"{BARE} W - - 0 1", f"{BARE} w - - 0 1"),
    "capital black": (f"{BARE} B", f"{BARE} b - - 0 1"),
    "the word fen": (f"fen {BARE} b", f"{BARE} b - - 0 1"),
    "UCI": (f"position fen {BARE} b", f"{BARE} b - - 0 1"),
    "startpos": ("startpos", START_FEN),
    "position startpos": ("position startpos", START_FEN),
    "a pocket": (f"{BARE}[] w - - 0 1", f"{BARE} w - - 0 1"),
    "underscores": (f"{BARE}_b_-_-_3_9", f"{BARE} b - - 3 9"),
    "byte order mark": (f"\ufeff{BARE} w", f"{BARE} w - - 0 1"),
    "zero-width spaces": (f"{BARE[:5]}\u200b{BARE[5:]} w\u200b", f"{BARE} w - - 0 1"),
    "a tag of PGN": (f'[FEN "{BARE} b - - 0 1"]', f"{BARE} b - - 0 1"),
    "quotes": (f'"{BARE} b"', f"{BARE} b - - 0 1"),
}


@pytest.mark.parametrize("fen, written", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepted(fen, written):
    board = Board(fen)
    assert board.fen() == written
    assert Board(written) == board and Board(written).key == board.key


def test_lenient_diagrams():
    facing = "4k4/9/9/9/9/9/9/9/9/4K4 w - - 0 1"
    assert Board(facing, strict=False).fen() == facing
    with pytest.raises(InvalidFen):  # only the check of the side not to move is waived
        Board("9/9/9/9/9/9/9/9/9/4K4 w", strict=False)


def test_round_trip():
    for row in load("perft.json"):
        assert Board(row["fen"]).fen() == row["fen"]
    for board in positions(5, every=9):
        assert Board(board.fen()).fen() == board.fen()


def test_clocks_run():
    board = Board(f"{BARE} b - - 5 40")
    board.push_text("e9e8")
    assert board.fen() == "9/4k4/9/9/9/9/9/9/9/3K5 w - - 6 41"
    board.push_text("d0d1")
    assert board.fen() == "9/4k4/9/9/9/9/9/9/3K5/9 b - - 7 41" and board.turn is BLACK
    pawns = Board("4k4/9/9/9/9/4p4/4P4/9/9/3K5 w - - 9 9")
    pawns.push_text("e3e4")
    assert pawns.halfmove == 0  # a capture resets the clock, a pawn move does not
    pawns.push_text("e9f9")
    pawns.push_text("e4e5")
    assert pawns.halfmove == 2


def test_written_fens_are_read_back_after_long_games():
    board = Board("4k4/9/9/9/9/9/9/9/3R5/R4K3 w - - 0 1")
    moves = ["d1e1", "e9d9", "e1d1", "d9e9"]
    for ply in range(180):
        board.push_text(moves[ply % 4])
        again = Board(board.fen())
        assert again == board and again.fen() == board.fen()
    assert board.halfmove == 180 and again.halfmove < 120  # all but the first checks are not counted
    quiet = Board("4k4/9/9/9/9/9/9/9/9/R4K3 w - - 118 60")
    for text in ["a0a1", "e9e8", "a1a2", "e8e9", "a2a3"]:
        quiet.push_text(text)
    assert Board(quiet.fen()).halfmove == 120 and Board(quiet.fen()).outcome().winner is None


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="rnbakcpRNBAKCPhe0123456789/ wb-x", max_size=80))
def test_any_text_is_a_position_or_a_specific_error(text):
    try:
        board = Board(text)
    except InvalidFen as fault:
        assert repr(text) in str(fault)
        return
    assert Board(board.fen()) == board


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(load("perft.json")), st.integers(0, 60), st.sampled_from("rnbakcpRNBAKCP123456789/ wb-"))
def test_a_changed_character_is_detected_or_harmless(row, at, character):
    """Whatever is accepted is read back equal, and its moves can be generated."""
    fen = row["fen"]
    changed = fen[:at] + character + fen[at + 1 :]
    try:
        board = Board(changed)
    except InvalidFen:
        return
    assert Board(board.fen()) == board
    for move in board.legal_moves:
        board.push(move)
        board.pop()
    assert board == Board(changed)
