"""What an engine reports while it thinks, collected into one `Info`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from ...rules.board import Board
from ..player import Info, Limit, PrincipalVariation
from ..protocol import uci


class InfoCollector:
    """Collects the `info` lines of one search; each complete set of variations is reported as it comes."""

    def __init__(self, board: Board, read: Callable[[str, Board], uci.ParsedInfo | None], limit: Limit, begun: float):
        self._board, self._read, self._limit, self._begun = board, read, limit, begun
        self._variations: dict[int, PrincipalVariation] = {}
        self._shares: dict[int, PrincipalVariation] = {}
        self._depth = self._nodes = 0
        self._wanted = min(limit.multipv, len(board.legal_moves if limit.root_moves is None else limit.root_moves))

    def hear(self, line: str) -> None:
        heard = self._read(line, self._board)
        if heard is None or heard.number > self._limit.multipv:
            return
        self._nodes = heard.nodes if heard.nodes is not None else self._nodes
        variation = heard.variation
        if variation is None:
            return
        if variation.probability is not None:
            self._shares[heard.number] = variation
            return
        share = self._shares.get(heard.number)
        if share is not None and share.moves[0] is variation.moves[0]:
            variation = replace(variation, probability=share.probability)
        self._depth = heard.depth if heard.depth is not None else self._depth
        if heard.number == 1:
            self._variations = {}
        self._variations[heard.number] = variation
        if self._limit.report is not None and heard.number == self._wanted:
            self._limit.report(self.info())

    def info(self) -> Info:
        ordered = tuple(self._variations[number] for number in sorted(self._variations))
        return Info(self._depth, self._nodes, time.monotonic() - self._begun, ordered)
