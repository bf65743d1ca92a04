"""The shipped openings, and files of the user's own."""

import pytest

from xiangqi_lm.arena import openings
from xiangqi_lm.errors import BadConfig
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.fen import START_FEN
from xiangqi_lm.rules.moves import Move


@pytest.fixture(scope="module")
def shipped():
    return openings.load()


def test_there_are_enough_and_each_has_both_names(shipped):
    assert len(shipped) >= 200
    assert len({opening.name for opening in shipped}) >= 90
    for opening in shipped:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in opening.name)
        assert opening.english.isascii()
        assert opening.english


def test_every_line_is_legal_of_even_length_and_from_the_start_position(shipped):
    for opening in shipped:
        board = opening.board()  # raises if a move is illegal
        assert opening.start_fen is None
        assert 6 <= board.ply <= 12
        assert board.ply % 2 == 0
        assert not board.is_check()
        assert board.outcome() is None


def test_no_two_lead_to_the_same_position_or_its_mirror_image(shipped):
    seen = set()
    for opening in shipped:
        board = opening.board()
        assert not {board.key, board.mirror().key} & seen, str(opening)
        seen |= {board.key, board.mirror().key}


def test_no_line_wins_material(shipped):
    """Balance is checked by `benchmarks.openings --check`; this test checks that nobody is a piece up."""
    worth = {1: 0, 2: 2, 3: 2, 4: 4, 5: 9, 6: 4.5, 7: 1}  # king, advisor, elephant, horse, rook, cannon, pawn
    for opening in shipped:
        board = opening.board()
        assert board.halfmove, str(opening)  # no line ends in the middle of an exchange
        assert abs(sum(worth[abs(piece)] * (1 if piece > 0 else -1) for piece in board.piece_map().values())) < 4


def test_a_game_file_gives_its_first_plies_with_names(tmp_path):
    file = tmp_path / "games.pgn"
    file.write_text(
        '[Game "Chinese Chess"]\n[Red "a"]\n\n1. 炮二平五 马8进7 2. 马二进三 车9平8 3. 车一平二 马2进3 *\n\n'
        '[Game "Chinese Chess"]\n[Opening "mine"]\n[OpeningEnglish "also mine"]\n\n1. 相三进五 炮8平5 1-0\n\n'
        '[Game "Chinese Chess"]\n\n1. 炮二平五 马8进7 2. 车一进一 *\n',
        encoding="utf-8",
    )
    one, two, three = openings.load(file)
    assert (one.name, one.english, len(one.moves)) == ("中炮对屏风马", "central cannon v screen horses", 6)
    assert str(two) == "mine / also mine"
    assert len(three.moves) == 3
    assert [len(opening.moves) for opening in openings.load(file, 2)] == [2, 2]  # two of them begin alike
    assert [opening.board().ply for opening in openings.load(file, 0)] == [0]


def test_positions_come_from_epd_and_fen_lines(tmp_path):
    file = tmp_path / "some.epd"
    file.write_text(
        "# a comment\n\n"
        f'{START_FEN} id "the start";\n'
        "rnbakab1r/9/1c4nc1/p1p1p1p1p/9/9/P1P1P1P1P/1C2C4/9/RNBAKABNR w - -\n"
        "3ak4/4a4/9/9/9/4P4/9/9/3R5/4K4 b\n",
        encoding="utf-8",
    )
    one, two, three = openings.load(file)
    assert (one.name, one.board().fen()) == ("the start", START_FEN)
    assert two.name == "some.epd 4"
    assert three.board().turn.name == "BLACK"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.epd", f"{START_FEN}\nnonsense\n", "line 2: no position: 'nonsense'"),
        ("a.epd", "rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBA1ABNR w", "line 1: FEN"),
        ("a.epd", "3k1a3/4a4/9/9/9/9/9/9/3r5/3rK4 w", "line 1: the game is over"),
        ("a.pgn", '[Game "Chinese Chess"]\n\n1. 炮二平五 车一进九 *\n', "game 1: "),
        ("a.pgn", "", "there is no game in the file"),
    ],
)
def test_bad_files_are_refused_with_the_place(tmp_path, name, text, words):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadConfig, match="^" + str(file).replace("\\", r"\\")) as caught:
        openings.load(file)
    assert words in str(caught.value)


def test_the_fingerprint_covers_moves_and_positions_but_not_names():
    line = (Move.from_iccs("h2e2"), Move.from_iccs("h9g7"))
    one = [openings.Opening("a", "", None, line)]
    assert openings.fingerprint(one) == openings.fingerprint([openings.Opening("b", "c", None, line)])
    assert openings.fingerprint(one) != openings.fingerprint([openings.Opening("a", "", None, line[:1])])
    assert openings.fingerprint(one) != openings.fingerprint([openings.Opening("a", "", Board().fen(), line)])
