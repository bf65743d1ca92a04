"""Helpers for the tests of both protocols: players to serve, and a session that waits for answers."""

from __future__ import annotations

import threading
import time

from xiangqi_lm.engine.player import Choice, Info, Limit, Player, PrincipalVariation
from xiangqi_lm.engine.server.server import Server, serve
from xiangqi_lm.engine.spec import parse_spec
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.score import Score, WinDrawLoss

RANDOM = parse_spec("random")


class Fixed(Player):
    """Plays b2e2 or, if that is impossible, the first legal move; answers at once and records its limits."""

    name = "fixed"

    def __init__(self):
        self.limits: list[Limit] = []
        self.closed = False

    def choose(self, board, limit=None):
        self.limits.append(limit)
        move = Move.from_iccs("b2e2")
        allowed = limit.root_moves or tuple(board.legal_moves)
        move = move if move in allowed and board.is_legal(move) else allowed[0]
        score = Score(board.turn, wdl=WinDrawLoss(0.5, 0.3, 0.2))
        return Choice(move, ((move, 1.0),), score, ((move,),))

    def close(self):
        self.closed = True


class Thinker(Fixed):
    """Thinks until it is stopped or its time is up, and reports twice."""

    name = "thinker"

    def __init__(self, ignores_stop: float = 0.0):
        super().__init__()
        self.began = threading.Event()

    def choose(self, board, limit=None):
        self.limits.append(limit)
        lines = [PrincipalVariation((move,), Score(board.turn, 10)) for move in list(board.legal_moves)[:2]]
        for depth in (1, 2):
            limit.report(Info(depth, 10 * depth, 0.5, (lines[depth - 1],)))
        self.began.set()
        seconds = limit.movetime or (limit.clock.mine / 30 if limit.clock else None)
        limit.stop.wait(seconds if seconds is not None else (30 if limit.infinite or not limit.nodes else 0))
        return Choice(lines[1].moves[0], info=Info(2, 20, 0.5, (lines[1],)))


class Faulty(Fixed):
    """Reports once, then fails."""

    def choose(self, board, limit=None):
        limit.report(Info(1, 1, 0.0, (PrincipalVariation((next(iter(board.legal_moves)),)),)))
        raise RuntimeError("out of\nmemory")


class Lying(Fixed):
    """Answers an illegal move."""

    def choose(self, board, limit=None):
        return Choice(Move.from_iccs("e0e9"))


class Session:
    """A server and everything that it has said."""

    def __init__(self, player=None, protocol="uci", base=RANDOM):
        self.said: list[str] = []
        self._changed = threading.Condition()
        self._read = 0
        self.built: list[str] = []
        self.player = player or Fixed()
        self.server = Server(self._make, base, self._write, time.monotonic, protocol)

    def _make(self, spec):
        self.built.append(str(spec))
        return self.player

    def _write(self, line):
        with self._changed:
            self.said.append(line)
            self._changed.notify_all()

    def send(self, *lines: str) -> None:
        for line in lines:
            self.server.handle(line)

    def until(self, start: str, seconds: float = 10.0) -> list[str]:
        """Return the lines since the last call, up to the first that starts so; fail if it does not come."""
        with self._changed:
            deadline = time.monotonic() + seconds
            while True:
                for i in range(self._read, len(self.said)):
                    if self.said[i].startswith(start):
                        lines, self._read = self.said[self._read : i + 1], i + 1
                        return lines
                left = deadline - time.monotonic()
                assert left > 0, f"no {start!r} within {seconds} s; it said {self.said[self._read :]}"
                self._changed.wait(left)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.close()


def dialogue(*lines: str, player=None, protocol="uci", base=RANDOM) -> list[str]:
    """Return everything that is said when all lines come at once and then the input ends."""
    said: list[str] = []
    ticks = iter(range(100_000))
    serve(lambda spec: player or Fixed(), base, lines, said.append, lambda: next(ticks) / 1000, protocol)
    return said
