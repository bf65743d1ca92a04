"""Names, dates and texts in the form used for comparison."""

import os

import pytest

from xiangqi_lm.library.library import Library
from xiangqi_lm.library.names import folded, name_key, parse_date


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2001.12.03", "2001-12-03"), ("2001-12-3", "2001-12-03"), ("2001/1/2 10:30", "2001-01-02"),
        ("2001年12月3日", "2001-12-03"), ("20011203", "2001-12-03"), ("2001", "2001"), ("2001.??.??", "2001"),
        ("2001.05.??", "2001-05"), ("2001年5月", "2001-05"), ("????.??.??", ""), ("", ""), ("2001.13.01", "2001"),
        ("2001.02.40", "2001-02"), ("约1999年", "1999"), ("12345", ""), ("2001-2002", "2001"),
    ],
)  # fmt: skip
def test_dates(text, date):
    assert parse_date(text) == date


def test_one_name_in_both_scripts_widths_and_spacings():
    assert name_key("許 銀川") == name_key("许银川 ") == name_key("許　銀川")
    assert name_key("ＬＥＥ Kai") == name_key("lee kai") != name_key("lee ka")
    assert name_key("?") == name_key(" ") == name_key("不詳") == ""
    assert folded("馬後炮 車") == "马后炮 车"


def test_folding_twice_is_folding_once():
    every = "".join(chr(code) for code in range(0x4E00, 0xA000))
    assert folded(folded(every)) == folded(every) and len(folded(every)) == len(every)


def test_files_whose_names_are_not_utf_8_are_added(tmp_path):
    path = tmp_path / os.fsdecode(b"\xff\xfe.pgn")
    try:
        path.write_text('[Result "*"]\n\n1. h2e2 h9g7 *\n', encoding="utf-8")
    except (OSError, UnicodeError):
        pytest.skip("the file system wants names in UTF-8")
    with Library(tmp_path / "games.sqlite", create=True) as store:
        assert store.add([path]).games == 1
        assert store.add([path]).unchanged == [path]
