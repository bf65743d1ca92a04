"""docs/rules.md is true: its examples run, and its pictures and list of differences match the code."""

import doctest
import re
from pathlib import Path

import pytest
from vectors import load

from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.squares import parse_square

DOCS = Path(__file__).parents[2] / "docs"
PICTURES = {  # name -> position, arrows, circled squares
    "chase": ("3k4n/9/9/9/9/9/9/9/9/4K2R1 w", ["h0i0", "i9h7"], ["i9"]),
    "fake-root": ("4k4/4c4/9/4p4/9/9/3rn4/3NR4/4K4/9 b", ["e3g4", "e1f1"], ["d2"]),
    "pairs": ("2c1kab2/4a4/4b4/9/9/9/P1p5P/2r1N1cC1/4A4/3ACK3 w", ["e2d4", "g2g1"], ["c2"]),
}


def picture(name: str) -> str:
    fen, arrows, marks = PICTURES[name]
    return Board(fen).svg([Move.from_iccs(text) for text in arrows], [parse_square(text) for text in marks])


def test_examples():
    outcome = doctest.testfile(str(DOCS / "rules.md"), module_relative=False, encoding="utf-8")
    assert outcome.attempted >= 15 and outcome.failed == 0


@pytest.mark.parametrize("name", PICTURES)
def test_pictures(name):
    path = DOCS / "pictures" / f"rules-{name}.svg"
    assert path.read_text(encoding="utf-8") == picture(name), "write the picture anew"
    assert f"pictures/rules-{name}.svg" in (DOCS / "rules.md").read_text(encoding="utf-8")


def asian_verdict(row) -> str:
    board = Board(row["fen"])
    end = board.outcome("asian")
    for text in row["moves"].split():
        if end is not None:
            break
        board.push_text(text)
        end = board.outcome("asian")
    return {1: "Red wins", -1: "Black wins", None: "draw"}[end.winner]


def test_differences_from_fairy_stockfish_are_all_named():
    table = re.findall(r"^\| ([\d, ]+) \|", (DOCS / "rules.md").read_text(encoding="utf-8"), re.MULTILINE)
    named = {int(number) for cell in table for number in cell.split(", ")}
    rows = load("repetition.json")
    assert named == {i for i, row in enumerate(rows) if asian_verdict(row) != row["fairy"]}
