"""Texts for people: plain words, no home-made English, help that fits a terminal."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "SECURITY.md",
    ROOT / "benchmarks" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "assets" / "models").glob("*/README.md")),
    *sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")),
    ROOT / "assets" / "review" / "page.html",
]
SOURCES = sorted((ROOT / "xiangqi_lm").rglob("*.py"))

AVOIDED = re.compile(  # phrases that make readers stop; comments say what to write instead
    r"""\b(?:
      # "is not a …", "must be …"
      (?<!there\ )(?:is|are|was)\ no\ (?!longer|more|less|better|worse|different|need|way|limit|reason|doubt)[a-z]+
    | which\ is\ said | as\ said\ of
    | so\ many | so\ hot
    | by\ (?:itself|themselves)
    | whatever\ all
    | go(?:es|ne)?\ (?:round|on\ with)
    | foretells? | foretold
    | told\ (?:right|of)
    | m[ae]n  # piece, pieces
    | crossings?(?!\ the\ river)  # point, square
    | (?:is|are|was|were)\ told(?!\ apart)
    | can\ never\ stand | (?:stands?|stood)\ there | things\ lie
    | whatever | anew | for\ ever | no\ good | dice | looked\ at | in\ silence | under\ way | above\ all
    )\b""",
    re.VERBOSE | re.IGNORECASE,
)


def prose(page: str) -> str:
    """Return a page without its code, where names of options and of variables may read as they like."""
    return re.sub(r"```.*?```|`[^`\n]*`|\]\([^)]*\)", "", page, flags=re.DOTALL)


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of what a module can show: strings of errors, help and messages."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and " " in node.value
            and id(node) not in docstrings
        ):
            yield node.lineno, node.value


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_avoid_home_made_english(page):
    found = [m.group() for m in AVOIDED.finditer(prose(page.read_text(encoding="utf-8")))]
    assert found == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "xiangqi_lm")))
def test_messages_avoid_home_made_english(path):
    assert [f"{line}: {text}" for line, text in texts(path) if AVOIDED.search(text)] == []


def test_texts_of_the_window_avoid_home_made_english():
    english = json.loads((ROOT / "assets" / "texts" / "en.json").read_text(encoding="utf-8"))
    assert {key: text for key, text in english.items() if AVOIDED.search(str(text))} == {}


def commands() -> list[tuple[str, ...]]:
    """Return the path of every command and group of the command line."""
    import click

    from xiangqi_lm.cli import program

    def walk(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield path
        if isinstance(command, click.Group):
            with click.Context(command) as context:
                for name in command.list_commands(context):
                    found = command.get_command(context, name)
                    assert found is not None
                    yield from walk(found, (*path, name))

    return list(walk(program, ()))


@pytest.mark.parametrize("path", commands(), ids=lambda path: " ".join(path) or "xiangqi-lm")
def test_help_fits_a_terminal_and_has_an_example(path):
    from click.testing import CliRunner

    from xiangqi_lm.cli import program

    shown = CliRunner().invoke(program, [*path, "--help"], terminal_width=80, prog_name="xiangqi-lm")
    assert shown.exit_code == 0
    assert [line for line in shown.output.splitlines() if len(line) > 80] == []
    assert not AVOIDED.search(shown.output), AVOIDED.search(shown.output)
    assert "xiangqi-lm " + " ".join(path) in shown.output.split("Usage:", 1)[1].split("\n", 1)[1] or not path
