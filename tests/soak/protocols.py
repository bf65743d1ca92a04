"""UCI and UCCI spoken at random: games checked by an independent referee, pyffish, among lines of nonsense.

Every `go` must get exactly one legal move, and every `isready` one `readyok`, whatever came before.
"""

from __future__ import annotations

import queue
import random
import subprocess
import threading
import time
from pathlib import Path

from .running import Counts, command, environment

PLAYERS = ("random", "greedy", "alphabeta?nodes=200")
PATIENCE = 300.0  # seconds for one answer
NONSENSE = [
    "", " ", "position", "position fen", "position fen x w", "position startpos moves", "position startpos moves a0a0",
    "position startpos moves h2e2 h2e2", "setoption", "setoption name", "setoption name Hash value -1",
    "setoption name Nothing value 3", "setoption name MultiPV value 99999999999999999999", "go depth", "ponderhit",
    "stop", "stop stop", "banmoves", "banmoves x", "fen", "probe", "uci uci", "ucci", "uci", "isready isready", "\x00",
    "\u70ae\u4e8c\u5e73\u4e94", "debug on", "register later", "go perft x", "x" * 5000, "position " + "moves " * 2000,
    "position fen rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR w - - 0 1 moves zzzz",
    "position fen 9/9/9/9/9/9/9/9/9/9 w", "position fen " + "k" * 90 + " w", "setoption name Ranks value 7",
]  # fmt: skip


def soak(counts: Counts, folder: Path, seconds: float, seed: int, size: int = 1) -> None:
    """Alternate protocols and players until the time is up; each protocol is used at least once."""
    try:
        import pyffish
    except ImportError:
        counts.skipped = "needs pyffish"
        return
    end, rng = time.monotonic() + seconds, random.Random(seed)
    for number in range(10**6):
        protocol = ("uci", "ucci")[number % 2]
        Session(counts, folder, protocol, rng, pyffish).run(end if number else None, 150 * size)
        if number and time.monotonic() > end:
            return


class Session:
    """A process that serves a protocol, and what was sent to it."""

    def __init__(self, counts: Counts, folder: Path, protocol: str, rng: random.Random, referee: object):
        self._counts, self._protocol, self._rng, self._referee = counts, protocol, rng, referee
        self._player = rng.choice(PLAYERS)
        self._errors = open(folder / "stderr", "w+b")  # noqa: SIM115  # closed in `run`
        self._process = subprocess.Popen(
            command(protocol, "--player", self._player), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._errors, env=environment(folder),
        )  # fmt: skip
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        self._ucci, self._moves = protocol == "ucci", list[str]()

    def run(self, end: float | None, lines: int) -> None:
        """Talk until the time is up or `lines` lines were sent, then send `quit` and check what is left."""
        self._say(self._protocol)
        self._wait(f"{self._protocol}ok")
        for _ in range(lines):
            if end is not None and time.monotonic() > end:
                break
            if not self._turn():
                break
        self._say("quit")
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._counts.fault("others", f"{self._protocol}: does not quit")
            self._process.kill()
        while (line := self._lines.get()) is not None:
            self._unasked(line)
        self._errors.seek(0)
        code, said = self._process.returncode, self._errors.read().decode(errors="replace")
        self._errors.close()
        self._counts.look(self._protocol, code, said)
        if code:
            self._counts.fault("others", f"{self._protocol}: exit code {code}: {said.strip()[-200:]}")

    # -------------------------------------------------------------------------------------------- lines

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.decode(errors="replace").strip())
        self._lines.put(None)

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._counts.did("lines said")
        try:
            self._process.stdin.write(line.encode("utf-8", "surrogateescape") + b"\n")
            self._process.stdin.flush()
        except OSError:
            self._counts.fault("others", f"{self._protocol}: gone after {line[:60]!r}")

    def _wait(self, *starts: str) -> str | None:
        """Return the next line that begins with one of these words; an answer nobody asked for is a fault."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                self._counts.fault("lost", f"{self._protocol}: no {' or '.join(starts)}")
                return None
            if line.startswith(starts):
                return line
            self._unasked(line)

    def _unasked(self, line: str) -> None:
        if line.startswith(("bestmove", "nobestmove", "readyok")):
            self._counts.fault("doubled", f"{self._protocol}: {line[:60]!r} was not asked for")

    # -------------------------------------------------------------------------------------------- a turn

    def _turn(self) -> bool:
        """Send some nonsense, or play one move of a game; return False once an answer is missing."""
        rng = self._rng
        if rng.random() < 0.5:
            self._nonsense()
            self._say("isready")
            return self._wait("readyok") is not None
        legal = self._legal()
        if not legal or len(self._moves) > 120 or rng.random() < 0.02:
            self._moves = []
            self._say("ucinewgame")
            return True
        if rng.random() < 0.5:
            self._moves.append(rng.choice(legal))
            return True
        self._say("position startpos" + (" moves " + " ".join(map(_ours, self._moves)) if self._moves else ""))
        go = rng.choice(("go nodes 20", "go depth 1", "go", "go depth infinite" if self._ucci else "go infinite"))
        self._say(go)
        if rng.random() < 0.3:
            self._nonsense(("position", "fen", "go"))
        if go.endswith("infinite"):  # otherwise it may have been answered, and UCCI answers every `stop`
            self._say("stop")
        answer = self._wait("bestmove", "nobestmove")
        return answer is not None and self._judge(answer, legal)

    def _nonsense(self, but: tuple[str, ...] = ("go ",)) -> None:
        rng = self._rng
        line = rng.choice(NONSENSE)
        if rng.random() < 0.3:
            line = "".join(chr(rng.choice((rng.randrange(32, 127), rng.randrange(0x80, 0x3000)))) for _ in range(60))
        if line.startswith(but) or line.split()[:1] in (["quit"], ["isready"], ["probe"]) or line.startswith("stop"):
            return
        # it would print eight lines per answer
        if line in ("uci", "ucci") or line.startswith("setoption name MultiPV"):
            return
        self._say(line.replace("\n", " ").replace("\r", " "))

    def _legal(self) -> list[str]:
        start = self._referee.start_fen("xiangqi")  # type: ignore[attr-defined]
        return list(self._referee.legal_moves("xiangqi", start, self._moves))  # type: ignore[attr-defined]

    def _judge(self, answer: str, legal: list[str]) -> bool:
        move = answer.split()[1] if len(answer.split()) > 1 else ""
        self._counts.did("moves judged")
        if move not in map(_ours, legal):
            self._counts.fault("others", f"{self._protocol} {self._player}: {answer!r} after {self._moves}")
            return False
        self._moves.append(legal[list(map(_ours, legal)).index(move)])
        return True


def _ours(move: str) -> str:
    """Return pyffish's move (ranks 1 to 10) with ranks 0 to 9."""
    files = [i for i, c in enumerate(move) if c.isalpha()]
    parts = move[: files[1]], move[files[1] :]
    return "".join(f"{part[0]}{int(part[1:]) - 1}" for part in parts)
