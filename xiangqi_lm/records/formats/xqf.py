"""XQF, the files of XQStudio, written in their plain first version (1.0), which every program reads.

Names and comments are GB18030; a header field too long for its space is cut at a character. The layout follows public
descriptions of the format; the `cchess` module reads it.
"""

from __future__ import annotations

from ...errors import XiangqiError
from ...rules.pieces import letter
from ...rules.squares import file_of, rank_of
from ..game import GameRecord, Line

_PIECES = "RNBAKABNRCCPPPPPrnbakabnrccppppp"
_RESULTS = {"*": 0, "1-0": 1, "0-1": 2, "1/2-1/2": 3}
FIELDS = {  # header -> offset of its length byte, maximum bytes of its text
    "Title": (80, 63), "Event": (208, 63), "Date": (272, 15), "Site": (288, 15), "Red": (304, 15), "Black": (320, 15),
    "Annotator": (464, 15),
}  # fmt: skip
HEADER = 1024
_NEXT, _SIBLING = 0xF0, 0x0F


def write_game(record: GameRecord) -> bytes:
    """Return the record as an XQF file; raises XiangqiError if a comment exceeds 4 GiB."""
    head = bytearray(HEADER)
    head[0:3] = b"XQ\x0a"
    head[16:48] = _squares(record)
    head[50] = record.start().turn < 0
    head[51] = _RESULTS[record.result]
    for name, (at, most) in FIELDS.items():
        text = _fitting(record.headers.get(name, ""), most)
        head[at : at + 1 + len(text)] = bytes([len(text)]) + text
    root = _step(0x18, 0x20, _NEXT if record.moves else 0, record.comments.get(0, ""))
    return bytes(head) + root + b"".join(_steps(record.line, False))


def _squares(record: GameRecord) -> bytes:
    """Return 32 squares in the order of _PIECES: ten times the file plus the rank; 255 for a missing piece."""
    places: dict[str, list[int]] = {}
    for sq, piece in record.start().piece_map().items():
        places.setdefault(letter(piece), []).append(10 * file_of(sq) + rank_of(sq))
    return bytes(places[piece].pop() if places.get(piece) else 255 for piece in _PIECES)


def _fitting(text: str, most: int) -> bytes:
    return text.encode("gb18030", errors="replace")[:most].decode("gb18030", errors="ignore").encode("gb18030")


def _step(a: int, b: int, flags: int, comment: str) -> bytes:
    text = comment.replace("\n", "\r\n").encode("gb18030", errors="replace")
    if len(text) >= 1 << 31:
        raise XiangqiError("a comment is too long for an XQF file")
    return bytes([a & 255, b & 255, flags, 0]) + len(text).to_bytes(4, "little") + text


def _steps(line: Line, sibling: bool) -> list[bytes]:
    """Return the moves of a line, then the variations of each move from the last to the first, depth first.

    The format has no place for a comment before the first move of a variation; it comes after that move instead.
    """
    steps = []
    for ply, move in enumerate(line.moves):
        beside = ply in line.variations or (sibling and not ply)
        flags = (_NEXT if ply + 1 < len(line.moves) else 0) | (_SIBLING if beside else 0)
        comment = line.comments.get(ply + 1, "")
        squares = [10 * file_of(sq) + rank_of(sq) for sq in (move.from_square, move.to_square)]
        steps.append(_step(squares[0] + 0x18, squares[1] + 0x20, flags, comment))
    for ply in sorted(line.variations, reverse=True):
        lines = line.variations[ply]
        for i, below in enumerate(lines):
            last = i + 1 == len(lines) and not (sibling and not ply)
            steps += _steps(_with_first_comment_moved(below), not last)
    return steps


def _with_first_comment_moved(line: Line) -> Line:
    if 0 not in line.comments:
        return line
    first = "\n".join(filter(None, (line.comments[0], line.comments.get(1))))
    return Line(line.moves, line.comments | {1: first}, line.variations, line.nags)
