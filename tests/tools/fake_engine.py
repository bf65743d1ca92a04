"""Engines that behave, or do not: `python fake_engine.py MODE [--log FILE]`; see MODES. Not a test itself."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path


def say(text: str) -> None:
    print(text, flush=True)


def rules():
    """Return our own rules, interpreted, as a fake engine must start fast."""
    from xiangqi_lm.engine.protocol import uci
    from xiangqi_lm.rules import jit

    jit.kernels = jit.interpreted
    return uci


class Engine:
    """An obedient engine: UCI, ranks from 0, always the first legal move. The others change one thing each."""

    ranks = 0
    protocol = "uci"

    def __init__(self) -> None:
        self.log = Path(sys.argv[sys.argv.index("--log") + 1]) if "--log" in sys.argv else None
        self.words = ["startpos"]
        self.goes = 0

    def run(self) -> None:
        for line in sys.stdin:
            if self.log:
                with self.log.open("a", encoding="utf-8") as file:
                    file.write(line)
            word, *rest = line.split() or [""]
            if word == "quit":
                return
            getattr(self, f"on_{word}", lambda rest: None)(rest)

    def on_uci(self, rest: list[str]) -> None:
        say("id name fake\noption name Hash type spin default 16 min 1 max 64\noption name MultiPV type spin default 1")
        say("uciok")

    def on_isready(self, rest: list[str]) -> None:
        say("readyok")

    def on_position(self, rest: list[str]) -> None:
        self.words = rest

    def on_go(self, rest: list[str]) -> None:
        self.goes += 1
        self.answer(rest)

    def legal(self) -> list[str]:
        uci = rules()
        return [uci.write_move(m, self.ranks) for m in uci.parse_position(self.words, self.ranks).legal_moves]

    def answer(self, rest: list[str]) -> None:
        wanted = rest[rest.index("searchmoves") + 1 :] if "searchmoves" in rest else self.legal()
        move = next(move for move in self.legal() if move in wanted)
        say(f"info depth 1 score cp 12 nodes 1 time 1 pv {move}\nbestmove {move}")


class Threaded(Engine):
    """Can think with up to four threads."""

    def on_uci(self, rest: list[str]) -> None:
        say("option name Threads type spin default 1 min 1 max 4\nuciok")


class Random(Engine):
    def answer(self, rest: list[str]) -> None:
        say(f"bestmove {random.choice(self.legal())}")


class FromOne(Engine):
    """Counts ranks from 1, and plays many games, of which xiangqi must be selected."""

    ranks = 1
    variant = "chess"

    def on_uci(self, rest: list[str]) -> None:
        say("option name UCI_Variant type combo default chess var chess var xiangqi\nuciok")

    def on_setoption(self, rest: list[str]) -> None:
        if rest[:3] == ["name", "UCI_Variant", "value"]:
            self.variant = rest[3]

    def answer(self, rest: list[str]) -> None:
        if self.variant == "xiangqi":
            super().answer(rest)
        else:
            say("bestmove e2e4")


class Chess(Engine):
    """Plays another game."""

    def answer(self, rest: list[str]) -> None:
        say("bestmove e2e4")


class Ucci(Engine):
    """The minimum that UCCI requires: no options, no `isready`."""

    def on_ucci(self, rest: list[str]) -> None:
        say("id name fake\nucciok")

    def on_isready(self, rest: list[str]) -> None:
        pass

    def on_banmoves(self, rest: list[str]) -> None:
        self.banned = rest

    def answer(self, rest: list[str]) -> None:
        move = next(move for move in self.legal() if move not in getattr(self, "banned", ()))
        say(f"info depth 1 score 12 pv {move}\nbestmove {move}{self.more(rest)}")

    def more(self, rest: list[str]) -> str:
        return ""


class Polite(Ucci):
    """Takes every draw, and resigns otherwise."""

    def more(self, rest: list[str]) -> str:
        return " draw" if "draw" in rest else " resign"


class Silent(Engine):
    """Says nothing at all."""

    def on_uci(self, rest: list[str]) -> None:
        pass


class Deaf(Engine):
    """Does not even read its input."""

    def run(self) -> None:
        time.sleep(600)


class Stubborn(Engine):
    """Never answers `go`, and cannot be ended politely; nor can its child process."""

    def run(self) -> None:
        if os.name != "nt":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        print(f"helper {helper.pid}", file=sys.stderr, flush=True)
        while True:
            super().run()
            time.sleep(0.01)

    def answer(self, rest: list[str]) -> None:
        print("I am thinking, leave me alone", file=sys.stderr, flush=True)


class Slow(Engine):
    """Thinks until it is stopped."""

    def answer(self, rest: list[str]) -> None:
        say(f"info depth 3 score cp 5 nodes 77 pv {self.legal()[1]}")

    def on_stop(self, rest: list[str]) -> None:
        say(f"bestmove {self.legal()[1]}")


class Illegal(Engine):
    def answer(self, rest: list[str]) -> None:
        say("bestmove e0e9")


class Wilful(Engine):
    """Plays whatever it likes, even outside the moves allowed."""

    def answer(self, rest: list[str]) -> None:
        say(f"bestmove {self.legal()[0]}")


class Nonsense(Engine):
    def answer(self, rest: list[str]) -> None:
        say("bestmove checkmate!")


class Moveless(Engine):
    def answer(self, rest: list[str]) -> None:
        say("bestmove (none)")


class Wordless(Engine):
    """Answers without a move, but with a reason."""

    def answer(self, rest: list[str]) -> None:
        say("info string no network\nbestmove 0000")


class Crashing(Engine):
    """Crashes at its second `go`, with a message on stderr."""

    def answer(self, rest: list[str]) -> None:
        if self.goes > 1:
            print("out of luck", file=sys.stderr, flush=True)
            os._exit(3)
        super().answer(rest)


class Stillborn(Engine):
    def run(self) -> None:
        sys.exit("cannot find my network file")


class Garbage(Engine):
    """Sends random bytes instead of an answer."""

    def answer(self, rest: list[str]) -> None:
        dice = random.Random(5)
        for _ in range(50):
            sys.stdout.buffer.write(dice.randbytes(200) + b"\n")
        sys.stdout.buffer.flush()


class Noisy(Engine):
    """Sends random bytes and near-miss answers, then the answer."""

    def answer(self, rest: list[str]) -> None:
        Garbage.answer(self, rest)
        say("info depth x score cp nan pv\ninfo pv z9z9\ninfo depth 4 score cp 99999999999999 pv a0a1 a0a1")
        say("Bestmove a0a1")
        super().answer(rest)


class Flooding(Engine):
    def answer(self, rest: list[str]) -> None:
        for i in itertools.count():
            say(f"info depth {i} currmove a0a1 currmovenumber {i}")


class Torrent(Engine):
    """Sends endless bytes without a line end."""

    def answer(self, rest: list[str]) -> None:
        while True:
            sys.stdout.write("x" * 4096)


class Twice(Engine):
    """Answers every question twice, the second time late."""

    def on_position(self, rest: list[str]) -> None:
        say("bestmove a9a9")
        super().on_position(rest)

    def answer(self, rest: list[str]) -> None:
        super().answer(rest)
        say("bestmove i9i9")


MODES = {
    engine.__name__.lower(): engine
    for engine in (
        Engine, Threaded, Random, FromOne, Chess, Ucci, Polite, Silent, Deaf, Stubborn, Slow, Illegal, Wilful, Nonsense,
        Moveless, Wordless, Crashing, Stillborn, Garbage, Noisy, Flooding, Torrent, Twice,
    )
}  # fmt: skip

if __name__ == "__main__":
    MODES[sys.argv[1]]().run()
