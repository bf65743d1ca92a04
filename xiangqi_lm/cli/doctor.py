"""`xiangqi-lm doctor`: the installation, its folders, and what is wrong with them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from .. import paths
from ..errors import EngineFailure, XiangqiError
from ..files import write_json
from ..version import __version__
from .table import show

NEEDED = (
    "torch", "numpy", "numba", "pygame-ce", "pygame_gui", "cchess", "click", "rich", "platformdirs", "safetensors",
    "filelock",
)  # fmt: skip
EXTRAS = {"matplotlib": "train", "tensorboard": "train", "huggingface_hub": "hub", "ray": "cluster"}
ENGINES = {  # programs to look for, and their protocols
    "fairy-stockfish": "uci:{}?UCI_Variant=xiangqi",
    "fairy-stockfish-largeboard": "uci:{}?UCI_Variant=xiangqi",
    "pikafish": "uci:{}",
    "eleeye": "ucci:{}",
}
PLACES = ("/usr/games", "/usr/local/games")  # where Debian installs them; not always in PATH
LITTLE = 1 << 30  # bytes of free disk space
WAIT = 10.0  # seconds to wait for an engine's answer


@dataclass(frozen=True)
class Line:
    """A line of the report; `wrong` means that the program, or a part of it, does not work because of it."""

    part: str
    name: str
    value: str
    advice: str = ""
    wrong: bool = False


@click.command(short_help="Show what is installed, where files are and what is wrong.")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the same to this file as JSON."
)
def doctor(json_file: Path | None) -> None:
    """Show versions, processor, engines, display, sound, folders and models, and say what is wrong and what to do.

    The exit status is 1 if something does not work. A missing display or sound device is mentioned but does not count.

    Example: xiangqi-lm doctor
    """
    lines: list[Line] = []
    for part, find in PARTS.items():
        if sys.stderr.isatty():
            compiles = " (the first time the rules compile, for half a minute)" * (part == "Machine")
            click.echo(f"looking at {part.lower()}{compiles} ...", err=True)
        lines += find()
    for part in PARTS:
        show(part, ["", ""], [[line.name, line.value] for line in lines if line.part == part])
    wrong = [line for line in lines if line.wrong]
    for line in lines:
        if line.advice:
            click.echo(f"{'wrong' if line.wrong else 'note'}: {line.name}: {line.advice}")
    click.echo(f"{len(wrong)} thing{'s' * (len(wrong) != 1)} wrong" if wrong else "nothing is wrong")
    if json_file:
        write_json(json_file, {"version": __version__, "wrong": len(wrong), "lines": [asdict(line) for line in lines]})
    if wrong:
        sys.exit(1)


# ------------------------------------------------------------------------------------------------ versions


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def versions() -> Iterator[Line]:
    """Return the versions of this program, Python and the packages."""
    part = "Versions"
    yield Line(part, "xiangqi-lm", f"{__version__} in {Path(__file__).resolve().parents[1]}")
    fine = (3, 10) <= sys.version_info < (3, 15)
    advice = "" if fine else "Python 3.10 to 3.14 is needed: make an environment with one of them"
    yield Line(part, "Python", f"{platform.python_version()}, {platform.platform()}", advice, not fine)
    for package in NEEDED:
        found = _version(package)
        advice = "" if found else f"it is missing: pip install {package}"
        yield Line(part, package, found or "missing", advice, not found)
    if _version("pygame") and _version("pygame-ce"):
        advice = "it overwrites files of pygame-ce: pip uninstall pygame pygame-ce, then pip install pygame-ce"
        yield Line(part, "pygame", f"{_version('pygame')}", advice, True)
    for package, extra in EXTRAS.items():
        yield Line(part, package, _version(package) or f'not installed (pip install "xiangqi-lm[{extra}]")')


# ------------------------------------------------------------------------------------------------ the machine


def machine() -> Iterator[Line]:
    """Return processor, threads and compiled rules, and whether the terminal shows Chinese."""
    part = "Machine"
    try:
        from ..model.device import pick_device, processor
        from ..processes import usable_cores

        device = pick_device()
        yield Line(part, "processor", str(processor("cpu")))
        if device != "cpu":
            yield Line(part, "GPU", str(processor(device)))
        asked = os.environ.get("OMP_NUM_THREADS")
        yield Line(
            part, "cores", f"{usable_cores()} of {os.cpu_count()} usable" + (f", OMP_NUM_THREADS={asked}" * bool(asked))
        )
    except (ImportError, OSError, RuntimeError, XiangqiError) as fault:
        yield Line(
            part, "processor", platform.processor(), f"torch cannot be used: {_first(fault)}: reinstall it", True
        )
    yield _compiled(part)
    encoding = getattr(sys.stdout, "encoding", None) or "unknown"
    fine = encoding.lower().replace("-", "") in ("utf8", "utf16", "gb18030", "gbk", "big5")
    advice = "" if fine else "Chinese moves are shown as question marks: set PYTHONIOENCODING=utf-8 or a UTF-8 locale"
    yield Line(part, "terminal's encoding", encoding, advice)


def _compiled(part: str) -> Line:
    """Compile the rules, or load them from the cache, and return the line on it."""
    began = time.monotonic()
    try:
        from ..rules import jit
        from ..rules.board import Board

        jit.compiled().warm()
        assert len(Board().legal_moves) == 44
    except Exception as fault:  # numba and LLVM fail in many ways on unusual machines
        return Line(part, "compiled rules", "none", f"{_first(fault)}: the rules run slowly; reinstall numba", True)
    return Line(part, "compiled rules", f"ready in {time.monotonic() - began:.1f} s")


def _first(fault: BaseException) -> str:
    return (str(fault).strip() or type(fault).__name__).splitlines()[0][:200]


# ------------------------------------------------------------------------------------------------ window


def window() -> Iterator[Line]:
    """Return the lines on display and sound."""
    part = "Window"
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    try:
        from ..gui import sounds
        from ..gui.window import describe_display
    except ImportError as fault:
        yield Line(
            part, "pygame-ce", "cannot be imported", f"{_first(fault)}: pip install --force-reinstall pygame-ce", True
        )
        return
    try:
        yield Line(part, "display", describe_display())
    except XiangqiError as fault:
        advice = f"{fault}; `play` needs one, over SSH try ssh -X; all other commands work without"
        yield Line(part, "display", "none", advice)
    driver = sounds.describe_device()
    yield Line(part, "sound", driver or "none", "" if driver else "no sound device can be opened: the window is silent")


# ------------------------------------------------------------------------------------------------ engines


def engines() -> Iterator[Line]:
    """Return the lines on engines installed on this machine and those added in the window, each asked for an answer."""
    part = "Engines"
    found = {name: at for name in ENGINES if (at := _program(name))}
    for name, at in found.items():
        yield _asked(part, name, ENGINES[name].format(at))
    for name, spec in _added():
        yield _asked(part, f"{name} (of the window)", spec)
    if not found:
        yield Line(part, "in PATH", f"none of {', '.join(ENGINES)}; the built-in ones work without")


def _program(name: str) -> str | None:
    places = os.pathsep.join((os.environ.get("PATH", ""), *PLACES))
    return shutil.which(name, path=places) or shutil.which(name.upper(), path=places)


def _added() -> list[tuple[str, str]]:
    """Return names and specs of the engines in the window's settings; `folders` reports faults in these."""
    try:
        stored = json.loads(paths.settings_file().read_text(encoding="utf-8"))["engines"]
        return [(str(name), str(spec)) for name, spec in stored]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _asked(part: str, name: str, spec: str) -> Line:
    from ..engine.spec import make_player

    try:
        make_player(spec + ("&" if "?" in spec else "?") + f"timeout={WAIT:g}" * ("timeout=" not in spec)).close()
    except (XiangqiError, EngineFailure, OSError) as fault:
        return Line(part, name, spec, f"it does not answer: {_first(fault)}", True)
    return Line(part, name, f"answers; play it as {spec}")


# ------------------------------------------------------------------------------------------------ folders, models


def folders() -> Iterator[Line]:
    """Return the lines on where things are kept, and whether that can be read and written."""
    part = "Folders"
    settings = paths.settings_file()
    yield _place(part, "settings", settings.parent, _settings_fault(settings))
    yield _place(part, "cache", paths.cache_folder())
    yield _place(part, "models", paths.models_folder())
    library = paths.library_file()
    value, fault = f"{library} (none yet)", ""
    if library.exists():
        from ..library.library import Library

        try:
            with Library(library) as store:
                value = f"{store.count():,} games, {library.stat().st_size / 1e6:.1f} MB in {library}"
        except XiangqiError as wrong:
            fault = f"{wrong}; try: xiangqi-lm library check"
    yield Line(part, "library", value, fault, bool(fault))


def _settings_fault(file: Path) -> str:
    try:
        if not isinstance(json.loads(file.read_text(encoding="utf-8")), dict):
            raise ValueError("not an object")
    except FileNotFoundError:
        return ""
    except OSError as fault:
        return f"{file} cannot be read: {fault.strerror}"
    except ValueError as fault:
        return f"{file} is damaged ({_first(fault)}); the window will set it aside and start with its defaults"
    return ""


def _place(part: str, name: str, folder: Path, fault: str = "") -> Line:
    """Return the line on a folder with its size; it, or its nearest parent, must be writable, and the disk not full."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    value = str(folder) if folder.exists() else f"{folder} (none yet)"
    if folder.is_dir():
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        value += f", {size / 1e6:,.1f} MB"
    if not (there.is_dir() and os.access(there, os.W_OK)):
        return Line(part, name, value, f"{there} cannot be written: change its owner or rights", True)
    if (free := shutil.disk_usage(there).free) < LITTLE:
        return Line(
            part, name, value, f"only {free / 1e6:,.0f} MB are free on the disk of {there}", free < LITTLE // 20
        )
    return Line(part, name, value, fault, bool(fault))


def models() -> Iterator[Line]:
    """Return the lines about models with names, each read completely, and about unfinished runs of `learn`."""
    from ..learning import lesson
    from ..model import named

    part = "Models"
    for name in (*named.shipped(), *named.own()):
        yield _model(part, name)
    for name in lesson.unfinished():
        yield Line(part, name, "unfinished", f"continue with: xiangqi-lm learn --name {name} --resume")


def _model(part: str, name: str) -> Line:
    from ..model import checkpoint, named

    try:
        model = checkpoint.load(name)
    except XiangqiError as fault:
        advice = f"remove it: xiangqi-lm models remove {name}" if name in named.own() else "reinstall the program"
        return Line(part, name, "cannot be used", f"{_first(fault)}; {advice}", True)
    return Line(part, name, f"{model.parameter_count():,} parameters in {checkpoint.resolve(name)}")


PARTS: dict[str, Callable[[], Iterator[Line]]] = {
    "Versions": versions,
    "Machine": machine,
    "Window": window,
    "Engines": engines,
    "Folders": folders,
    "Models": models,
}
