"""docs/coming-from-python-chess.md is true: its examples and every row of its first table run."""

import doctest
import re
from pathlib import Path

import pytest

import xiangqi_lm

PAGE = Path(__file__).parents[2] / "docs" / "coming-from-python-chess.md"
SECTION = PAGE.read_text(encoding="utf-8").split("## The same names")[1].split("\n## ")[0]
ROWS = re.findall(r"^\| `(.+?)` \| (.+?) \|$", SECTION, re.MULTILINE)


def test_examples():
    outcome = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert outcome.attempted >= 12 and outcome.failed == 0


@pytest.mark.parametrize("code, gives", ROWS, ids=[code for code, _ in ROWS])
def test_rows(code, gives):
    names = {name: getattr(xiangqi_lm, name) for name in xiangqi_lm.__all__} | {"board": xiangqi_lm.Board()}
    if gives.startswith("refused: "):
        with pytest.raises(ValueError, match=re.escape(gives.removeprefix("refused: "))):
            eval(code, names)
    else:
        assert repr(eval(code, names)) == gives.strip("`")


def test_the_table_is_read():
    assert len(ROWS) >= 30
