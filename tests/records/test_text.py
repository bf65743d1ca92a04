"""Encodings, recognised by a byte order mark or by the moves."""

import io

import pytest
from record_samples import FOLDER

from xiangqi_lm.records.formats.pgn import legal_plies
from xiangqi_lm.records.formats.text import decode, lines

TRADITIONAL = '[Event "全國賽 許銀川先勝呂欽"]\n\n1. 炮二平五 馬８進７\n2. 馬二進三 車９平８\n1-0\n'
SIMPLIFIED = '[Event "全国赛 许银川先胜吕钦"]\n\n1. 炮二平五 马8进7\n2. 马二进三 车9平8\n1-0\n'


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        (SIMPLIFIED, "gb18030", "gb18030"),
        (TRADITIONAL, "gb18030", "gb18030"),
        (TRADITIONAL, "big5", "cp950"),
        (TRADITIONAL, "utf-8", "utf-8"),
        (SIMPLIFIED, "utf-8-sig", "utf-8-sig"),
        (SIMPLIFIED, "utf-16", "utf-16"),
        (SIMPLIFIED, "utf-32", "utf-32"),
        (SIMPLIFIED, "utf-16-le", "utf-16-le"),
        (SIMPLIFIED, "utf-16-be", "utf-16-be"),
        (TRADITIONAL.replace("呂欽", "呂㗎"), "big5hkscs", "big5hkscs"),
        ("許㗎先勝紅黑棋手，中國象棋大師賽\n1. H2-E2", "big5hkscs", "big5hkscs"),
        ("㑇許银川先胜红黑棋手，中国象棋大师赛\n1. H2-E2", "gb18030", "gb18030"),
        (TRADITIONAL.replace("炮二平五 馬８進７\n2. 馬二進三 車９平８", "H2-E2 H9-G7"), "big5", "cp950"),
        (SIMPLIFIED.replace("炮二平五 马8进7\n2. 马二进三 车9平8", "H2-E2 H9-G7"), "gb18030", "gb18030"),
    ],
)
def test_the_encoding_is_found(text, encoding, name):
    assert decode(text.encode(encoding), legal_plies) == (text, name)


def test_a_damaged_byte_spoils_one_character_and_not_the_game():
    data = TRADITIONAL.encode("big5").replace("許".encode("big5"), b"\xff")
    text, name = decode(data, legal_plies)
    assert name == "cp950" and "\ufffd" in text and legal_plies(text) == 4


def test_legal_plies_counts_up_to_the_first_bad_move():
    assert legal_plies(TRADITIONAL) == 4
    assert legal_plies(TRADITIONAL.replace("馬二進三", "馬二進四")) == 2
    assert legal_plies('[FEN "x"]\n\n1. h2e2') == 0
    assert legal_plies("") == 0


def test_sample_files_are_in_the_encodings_their_names_say():
    names = {p.name: decode(p.read_bytes(), legal_plies)[1] for p in FOLDER.glob("*.pgn")}
    assert names == {
        "traditional-big5.pgn": "cp950", "simplified-gb18030.pgn": "gb18030", "utf8-bom.pgn": "utf-8-sig",
    }  # fmt: skip


@pytest.mark.parametrize("cut", range(0, 60, 3))
def test_lines_are_complete_or_too_long(cut):
    text = "a\n" + "b" * 25 + "\n\ncc\n" + "d" * 40
    pieces = list(lines(text[:cut], io.StringIO(text[cut:]), 10))
    assert "".join(pieces) == text
    assert all(piece.endswith("\n") or len(piece) >= 10 for piece in pieces[:-1])
