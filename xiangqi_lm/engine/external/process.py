"""A child process that exchanges lines with us: writes never block, reads have a deadline, and it is always ended.

Threads do the reading and writing, as no other way of waiting for pipes with a deadline works on every system. When our
own process dies, the child reaches the end of its input.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any

from ...errors import EngineFailure

LONGEST_LINE = 1 << 16  # bytes
LINES_AHEAD = 1000  # lines buffered before they are read; after that the child must wait
MOST_LINES, MOST_LINES_A_SECOND = 50_000, 2_000  # in reply to one line of ours
TAIL = 10  # lines of its stderr to keep

# A process group of its own: Ctrl-C is for us to handle, and the children of a script end with it.
_APART: dict[str, Any] = (
    {"creationflags": getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if os.name == "nt"
    else {"start_new_session": True}
)


class Child:
    """The process; any method may be called at any time from any thread, except `read`, which belongs to one thread.

    Raises EngineFailure when it cannot be started; `read` raises it when the child has ended or floods us with output.
    """

    def __init__(self, command: Sequence[str]):
        try:
            self.process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                **_APART,
            )
        except (OSError, ValueError) as fault:
            why = getattr(fault, "strerror", None) or str(fault)
            raise EngineFailure(f"cannot start {command[0]!r}: {why}") from None
        assert self.process.stdin and self.process.stdout and self.process.stderr
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._lines: queue.Queue[bytes | None] = queue.Queue(LINES_AHEAD)
        self._to_write: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._complaints: deque[str] = deque(maxlen=TAIL)
        self._asked, self._heard, self._over = time.monotonic(), 0, False
        self._threads = [
            threading.Thread(target=pump, args=(stream,), name=f"engine {pump.__name__}", daemon=True)
            for pump, stream in (
                (self._read_answers, self.process.stdout),
                (self._read_complaints, self.process.stderr),
                (self._write, self.process.stdin),
            )
        ]
        for thread in self._threads:
            thread.start()

    # -------------------------------------------------------------------------------------------- threads

    def _read_answers(self, stream: IO[bytes]) -> None:
        with stream:
            try:
                while not self._ending.is_set() and (line := stream.readline(LONGEST_LINE)):
                    self._pass_on(line)
            except (OSError, ValueError):  # the pipe broke
                pass
            self._pass_on(None)

    def _pass_on(self, line: bytes | None) -> None:
        while not self._ending.is_set():
            with suppress(queue.Full):
                return self._lines.put(line, timeout=0.1)

    def _read_complaints(self, stream: IO[bytes]) -> None:
        with stream:
            try:
                while line := stream.readline(LONGEST_LINE):
                    if text := _clean(line):
                        self._complaints.append(text)
            except (OSError, ValueError):
                pass

    def _write(self, stream: IO[bytes]) -> None:
        try:
            with stream:
                while (line := self._to_write.get()) is not None:
                    stream.write(line.encode() + b"\n")
                    stream.flush()
        except (OSError, ValueError):  # the child is gone; the reader will notice
            pass

    # -------------------------------------------------------------------------------------------- talking

    def send(self, line: str) -> None:
        """Queue a line for writing; never blocks."""
        self._asked, self._heard = time.monotonic(), 0
        self._to_write.put(line)

    def read(self, seconds: float) -> str | None:
        """Return the next line, or None if none comes in time; raises EngineFailure when the child has ended or sends
        too much.
        """
        if self._over:
            raise EngineFailure(self._last_words())
        try:
            line = self._lines.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None
        if line is None:
            self._over = True
            raise EngineFailure(self._last_words())
        self._heard += 1
        spent = time.monotonic() - self._asked
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            raise EngineFailure(f"it floods us: a line of more than {LONGEST_LINE:,} bytes")
        if self._heard > MOST_LINES + MOST_LINES_A_SECOND * spent:
            raise EngineFailure(f"it floods us: {self._heard:,} lines in {spent:.1f} s")
        return _clean(line)

    def _last_words(self) -> str:
        try:
            code = self.process.wait(1)
        except subprocess.TimeoutExpired:
            return "it closed its output"
        return f"it ended with exit code {code}" if code >= 0 else f"it was ended by signal {-code}"

    def complaints(self) -> str:
        """Return the last lines of its stderr."""
        if self.process.poll() is not None:
            self._threads[1].join(0.5)  # its last output may still be on its way
        return " / ".join(self._complaints)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    # -------------------------------------------------------------------------------------------- ending

    def end(self, farewell: str = "", patience: float = 1.0) -> None:
        """End the process: send a farewell and close its input, then SIGTERM, then SIGKILL; returns once it is gone."""
        with self._lock:
            if self._ending.is_set():
                return
            if farewell:
                self._to_write.put(farewell)
            self._to_write.put(None)
            for seconds, harsher in ((patience if farewell else 0.0, "SIGTERM"), (patience, "SIGKILL")):
                try:
                    self.process.wait(seconds)
                    break
                except subprocess.TimeoutExpired:
                    self._signal(harsher)
            self.process.wait()
            self._signal("SIGKILL")  # any children it left behind
            self._ending.set()

    def _signal(self, name: str) -> None:
        """Send a signal to the child and, where there are process groups, to its children."""
        if os.name == "nt":
            self.process.kill()
            return
        try:
            os.killpg(self.process.pid, getattr(signal, name))
        except (ProcessLookupError, PermissionError):
            self.process.kill()


def _clean(line: bytes) -> str:
    """Return a line without control characters that a terminal would act on."""
    text = line.decode("utf-8", "replace").strip()
    return text if text.isprintable() else "".join(c if c.isprintable() or c == "\t" else "?" for c in text)
