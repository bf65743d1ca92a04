"""Games as JSON lines: one object a line with event, date, red, black, result, fen and moves (ICCS, spaces between)."""

from __future__ import annotations

import json

from ..errors import BadRecord
from .game import RESULTS, GameRecord
from .pgn import read_moves, start_board, start_fen_of

_TAGS = {"event": "Event", "site": "Site", "date": "Date", "round": "Round", "red": "Red", "black": "Black"}


def read_line(line: str, source: str = "") -> GameRecord:
    """The record of one line; raises BadRecord."""
    try:
        fields = json.loads(line)
    except json.JSONDecodeError as fault:
        raise BadRecord(f"no JSON: {fault}", source=source) from fault
    if not isinstance(fields, dict) or not isinstance(fields.get("moves"), str):
        raise BadRecord('no game: expected an object with "moves"', source=source)
    board = start_board(str(fields.get("fen") or ""), source)
    start_fen = start_fen_of(board)
    moves = read_moves(board, fields["moves"].split(), source)
    headers = {tag: str(fields[name]) for name, tag in _TAGS.items() if fields.get(name)}
    result = fields.get("result")
    return GameRecord(headers, start_fen, moves, result if result in RESULTS else "*", {}, source)
