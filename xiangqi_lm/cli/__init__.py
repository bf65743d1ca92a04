"""The program `xiangqi-lm`: each command is imported when it is called, so that the window opens fast."""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys
import threading
from typing import Any

import click
from click.shell_completion import CompletionItem

from ..errors import EngineFailure, Terminated, XiangqiError
from ..version import __version__
from .completing import complete_names

COMMANDS = {  # command -> one line of help; module `cli.<command>` holds a click command `<command>`, with _ for -
    "play": "Open the window and play against a player.",
    "uci": "Serve the UCI protocol on stdin and stdout.",
    "ucci": "Serve the UCCI protocol on stdin and stdout.",
    "selfplay": "Play games of a player against itself, many at once.",
    "tournament": "Play a tournament and rate the players.",
    "train": "Train a model on shards.",
    "pretrain": "Pretrain a board encoder on positions, without labels.",
    "data": "Import records, build shards, label positions.",
    "library": "Keep games in one file; find them by position, player or text.",
    "learn": "Make an opponent from your own games.",
    "models": "List, show and remove models.",
    "evaluate": "Measure a model on game records.",
    "review": "Review games: what moves were worth, and why.",
    "export": "Write a trained model and its figures to a folder, to share.",
    "word-problems": "Solve grade-school word problems in Chinese.",
    "doctor": "Show what is installed, where files are and what is wrong.",
    "perft": "Count the paths of legal moves, to check the move generator.",
}


class LazyGroup(click.Group):
    """A click group whose commands live in modules that are imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = name.replace("-", "_")
        command = getattr(importlib.import_module(f".{module}", __name__), module)
        _prepare(command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete commands without importing them."""
        found = [CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


class _NamedPath(click.Path):
    """A path that must not be the empty text, which would mean the current folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("the name is empty.", param, ctx)
        return super().convert(value, param, ctx)


def _prepare(command: click.Command) -> None:
    """Make every path of a command and its subcommands a `_NamedPath`; enable shell completion of players and
    models.
    """
    for param in command.params:
        complete_names(param)
        if type(param.type) is click.Path:
            named = _NamedPath()
            named.__dict__.update(param.type.__dict__)
            param.type = named
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        _prepare(inner)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="xiangqi-lm")
def program() -> None:
    """Chinese chess (xiangqi) against a language model.

    Example: xiangqi-lm play
    """


def _terminated(*_: object) -> None:
    """End as on Ctrl-C; ignore a repeated signal, as from `timeout`, which signals both the process and its group."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated


def _asked_again(lost: sys.UnraisableHookArgs) -> None:
    """Repeat a request to stop that came while an object was finalised: Python drops such exceptions with a warning.

    The window has handlers of its own, which remember the request.
    """
    if isinstance(lost.exc_value, Terminated) and signal.getsignal(signal.SIGTERM) is signal.SIG_IGN:
        signal.signal(signal.SIGTERM, _terminated)
        number = signal.SIGTERM
    elif (
        isinstance(lost.exc_value, KeyboardInterrupt) and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    ):
        number = signal.SIGINT
    else:
        sys.__unraisablehook__(lost)
        return
    threading.Timer(0.02, os.kill, (os.getpid(), number)).start()  # once the finaliser has ended


def _described(fault: Exception) -> str:
    """Return an error's message; that of the system without its number: `games.pgn: No such file or directory`."""
    if isinstance(fault, OSError) and isinstance(fault.filename, (str, bytes)) and fault.strerror:
        blocks = isinstance(fault, FileExistsError) and os.path.isfile(fault.filename)
        return f"{os.fsdecode(fault.filename)}: {'a file; expected a folder' if blocks else fault.strerror}"
    return str(fault)


def main(args: list[str] | None = None) -> None:
    """Run the program; expected errors become one line on stderr and exit code 1, wrong usage exit code 2.

    On Ctrl-C and SIGTERM every command saves what it has; the exit codes are then 130 and 143.
    """
    if threading.current_thread() is threading.main_thread():  # signal handlers can only be set there
        signal.signal(signal.SIGTERM, _terminated)
        sys.unraisablehook = _asked_again
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal or pipe that cannot show 炮 gets a question mark
            stream.reconfigure(errors="replace")
    try:
        sys.exit(program.main(args, prog_name="xiangqi-lm", standalone_mode=False) or 0)
    except click.ClickException as fault:
        fault.show()
        sys.exit(fault.exit_code)
    except (click.Abort, KeyboardInterrupt) as stop:
        terminated = Terminated in (type(stop), type(stop.__cause__), type(stop.__context__))  # click raises its own
        click.echo("terminated" if terminated else "interrupted", err=True)
        sys.exit(143 if terminated else 130)
    except BrokenPipeError:  # the reader of our output has gone: nothing more can be printed
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (
        XiangqiError,
        EngineFailure,
        OSError,
        MemoryError,
        RuntimeError,
        UnicodeError,
    ) as fault:  # torch raises RuntimeError
        words = _described(fault).strip() or type(fault).__name__
        click.echo(f"xiangqi-lm: {words.splitlines()[0]}", err=True)
        sys.exit(1)
