"""The direction of imports: they point down, heavy packages stay in their rooms, and importing has no effects."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "xiangqi_lm"
FILES = sorted(PACKAGE.rglob("*.py"))

GROUND = {
    "errors",
    "config",
    "config_fields",
    "paths",
    "files",
    "jobs",
    "processes",
    "figures",
    "version",
    "assets",
}  # what every room may use
BELOW = {  # room -> the rooms it may import from, besides itself and the ground
    "rules": set(),
    "records": {"rules"},
    "dataset": {"rules", "records"},
    "model": {"rules", "records", "dataset"},
    "training": {"rules", "records", "dataset", "model"},
    "tasks": {"rules", "records", "dataset", "model", "training"},
    "library": {"rules", "records"},
    "engine": {"rules", "records", "dataset", "model"},
    "review": {"rules", "records", "dataset", "library", "model", "engine"},
    "arena": {"rules", "records", "dataset", "library", "model", "engine", "review"},
    "gui": {"rules", "records", "dataset", "library", "model", "engine", "review"},
    "learning": {"rules", "records", "dataset", "library", "model", "training", "engine", "arena"},
    "cli": {
        "rules",
        "records",
        "dataset",
        "library",
        "model",
        "training",
        "tasks",
        "engine",
        "review",
        "arena",
        "learning",
        "gui",
    },
}
KEPT = {  # heavy or restricted package -> whether a module (path below the package) may import it
    "torch": lambda path: (
        path.parts[0] not in ("rules", "records", "dataset", "library") or path == Path("rules/batched.py")
    ),
    "numba": lambda path: path.parts[0] in ("rules", "engine"),
    "pygame": lambda path: path.parts[0] == "gui" and path.parts[1] != "game",
    "pygame_gui": lambda path: path.parts[0] == "gui" and path.parts[1] != "game",
    "ray": lambda path: path == Path("arena/backends.py"),
    "cchess": lambda path: path == Path("records/formats/cchess.py"),
    "huggingface_hub": lambda path: path == Path("model/hub.py"),
    "pyffish": lambda path: False,
}


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Return line and full dotted name of everything a module imports, at its top or inside functions."""
    package = ["xiangqi_lm", *path.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join(base + ([node.module] if node.module else []))
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def room(dotted: str) -> str | None:
    """Return the room of a name in our package: `xiangqi_lm.rules.board.Board` -> `rules`; None for other packages."""
    parts = dotted.split(".")
    return parts[1] if parts[0] == "xiangqi_lm" and len(parts) > 1 else None


def faults(path: Path) -> list[str]:
    """Return a module's imports that violate the plan."""
    place = path.relative_to(PACKAGE)
    here = place.parts[0] if len(place.parts) > 1 else place.stem
    found = []
    for line, name in imported(path):
        there = room(name)
        if there is not None and here in BELOW and there not in BELOW[here] | GROUND | {here}:
            found.append(f"{place}:{line}: {here} may not import {name}")
        if there is not None and here in GROUND and there not in GROUND:
            found.append(f"{place}:{line}: the ground may not import {name}")
        top = name.split(".")[0]
        if top in KEPT and not KEPT[top](place):
            found.append(f"{place}:{line}: {top} may not be imported here")
    return found


def test_every_room_is_in_the_plan():
    rooms = {path.relative_to(PACKAGE).parts[0] for path in FILES if len(path.relative_to(PACKAGE).parts) > 1}
    assert rooms <= set(BELOW)


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(PACKAGE)) for path in FILES])
def test_imports_point_down(path):
    assert faults(path) == []


def test_the_parser_sees_an_upward_import(tmp_path, monkeypatch):
    """Absolute, relative and hidden imports are all found, so the test above can fail."""
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
    bad = tmp_path / "rules" / "bad.py"
    bad.parent.mkdir()
    bad.write_text(
        "import torch.nn\nfrom ..model import gpt\nfrom .. import engine\nfrom ..errors import XiangqiError\n"
        "from . import squares\nimport numpy\ndef f():\n    from xiangqi_lm.gui.app import main\n    import pygame\n",
        encoding="utf-8",
    )
    assert len(faults(bad)) == 5
    play = tmp_path / "cli" / "play.py"
    play.parent.mkdir()
    play.write_text("import pygame\nfrom ..gui import app\n", encoding="utf-8")
    assert faults(play) == [f"{Path('cli/play.py')}:1: pygame may not be imported here"]


# ------------------------------------------------------------------------------------------------ circles


def graph() -> dict[str, set[str]]:
    """Return each of our modules with the modules it imports, at its top or inside functions."""
    modules = {}
    for path in FILES:
        *parts, last = path.relative_to(PACKAGE.parent).with_suffix("").parts
        modules[".".join(parts if last == "__init__" else [*parts, last])] = path
    edges: dict[str, set[str]] = {module: set() for module in modules}
    for module, path in modules.items():
        for _, name in imported(path):
            while name and name not in modules:
                name = name.rpartition(".")[0]
            if name and name not in (module, "xiangqi_lm"):
                edges[module].add(name)
    return edges


def circles(edges: dict[str, set[str]]) -> list[set[str]]:
    """Return the sets of modules that reach one another."""
    reached: dict[str, set[str]] = {}
    for start in edges:
        seen, todo = set(), [start]
        while todo:
            for module in edges[todo.pop()] - seen:
                seen.add(module)
                todo.append(module)
        reached[start] = seen
    found = {frozenset(other for other in seen if start in reached[other]) for start, seen in reached.items()}
    return sorted((set(circle) for circle in found if circle), key=sorted)


def test_only_the_board_and_its_helpers_import_one_another():
    edges = graph()
    assert [all(room(module) == "rules" for module in circle) for circle in circles(edges)] == [True]
    for modules in edges.values():  # Board is a facade over its helpers: without it there is no circle
        modules -= {"xiangqi_lm.rules.board", "xiangqi_lm.rules.base_board", "xiangqi_lm.rules.played_board"}
    assert circles(edges) == [{"xiangqi_lm.rules.repetition", "xiangqi_lm.rules.reasons"}]


def test_circles_are_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}) == [{"a", "b", "c"}]


def loaded_by(code: str) -> set[str]:
    """Return the top-level packages in memory after some code has run in a fresh interpreter."""
    tail = "\nimport sys\nprint(' '.join({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True)
    return set(done.stdout.split("\n")[-2].split())


HEAVY = {"torch", "numba", "pygame", "pygame_gui", "ray", "cchess", "matplotlib"}


def test_importing_the_package_loads_nothing_heavy():
    assert not loaded_by("import xiangqi_lm") & (HEAVY | {"numpy"})


def test_a_board_needs_no_compiler():
    assert not loaded_by("from xiangqi_lm import Board, Move, RED, BLACK; Board()") & HEAVY


def test_the_command_line_opens_light():
    assert not loaded_by("import xiangqi_lm.cli") & HEAVY
