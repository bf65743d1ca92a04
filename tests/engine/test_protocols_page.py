"""The table of options in docs/protocols.md is what the program declares."""

from __future__ import annotations

from pathlib import Path

import pytest

from xiangqi_lm.engine.server.options import declared
from xiangqi_lm.engine.spec import parse_spec

PAGE = Path(__file__).parents[2] / "docs" / "protocols.md"


def rows() -> list[list[str]]:
    text = PAGE.read_text(encoding="utf-8").partition("| UCI | UCCI |")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.split("\n")[2:]]


@pytest.mark.parametrize(("protocol", "column"), [("uci", 0), ("ucci", 1)])
def test_the_table_of_options(protocol, column):
    said = {row[column]: (row[2], row[3]) for row in rows() if row[column]}
    real = {option.name: option for option in declared(parse_spec("lm:default"), protocol)}
    assert list(said) == list(real)
    for name, (values, default) in said.items():
        option = real[name]
        assert default == option.default, name
        if option.type == "spin":
            assert values == f"{option.least} to {option.most}", name
        elif option.type in ("check", "button"):
            assert values == option.type, name
        elif option.type == "combo" and name.lower() != "level":
            assert values == ", ".join(option.choices), name
