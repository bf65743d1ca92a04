"""Makes XQF, CBR and CBL files from descriptions of these formats, with code independent of the program's."""

from __future__ import annotations

import struct

from xiangqi_lm.records.game import GameRecord, Line
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.pieces import letter
from xiangqi_lm.rules.squares import file_of, rank_of

ORDER = "RNBAKABNRCCPPPPPrnbakabnrccppppp"
CBR_PIECES = {**{p: 0x11 + i for i, p in enumerate("RNBAKCP")}, **{p: 0x21 + i for i, p in enumerate("rnbakcp")}}
RESULTS = {"*": 0, "1-0": 1, "0-1": 2, "1/2-1/2": 3}
Node = tuple[int, int, str, list]  # from, to, comment, what follows


def nodes(line: Line, ply: int = 0) -> list[Node]:
    """Return the moves playable after `ply` moves of a line, main line first."""
    if ply == len(line.moves):
        return []
    first = "\n".join(filter(None, [line.comments.get(0, "") if not ply else "", line.comments.get(ply + 1, "")]))
    move = line.moves[ply]
    here = (move.from_square, move.to_square, first, nodes(line, ply + 1))
    return [here] + [node for below in line.variations.get(ply, ()) for node in nodes(below)]


def roots(record: GameRecord) -> list[Node]:
    """Return the tree of a record without its first comment."""
    return nodes(Line(record.moves, {n: t for n, t in record.comments.items() if n}, record.variations))


def pascal(text: str, most: int) -> bytes:
    data = text.encode("gb18030")
    return bytes([len(data)]) + data.ljust(most, b"\0")


def xqf_square(sq: int) -> int:
    return file_of(sq) * 10 + rank_of(sq)


def places(board: Board) -> list[int]:
    left = {sq: letter(piece) for sq, piece in board.piece_map().items()}
    out = []
    for piece in ORDER:
        sq = next((s for s in left if left[s] == piece), None)
        out.append(255 if sq is None else xqf_square(sq))
        left.pop(sq, None)
    return out


def xqf(record: GameRecord, version: int = 10, keys: tuple[int, int, int, int] = (7, 33, 91, 240)) -> bytes:
    """Return an XQF file: plain (version 10) or with scrambled squares and comment lengths (from 11); `keys` are the
    header's sum, placement, from and to keys; its mask bytes are zero, and so is the key stream."""
    total, k_xy, k_from, k_to = keys if version > 10 else (0, 0, 0, 0)
    grow = lambda k, m: (54 * k * k + 221) * m & 255  # noqa: E731
    xy = grow(k_xy, k_xy)
    start = grow(k_from, xy)
    end = grow(k_to, start)
    remark = ((total * 256 + k_xy) % 32000 + 767) & 0xFFFF
    pieces = places(record.start())
    if version > 10:
        turned = [pieces[(xy + i + 1) & 31] for i in range(32)] if version >= 12 else pieces
        pieces = [(sq + xy) & 255 for sq in turned]
    head = bytearray(1024)
    head[0:3] = b"XQ" + bytes([version])
    head[12:16] = bytes([total, k_xy, k_from, k_to])
    head[16:48] = bytes(pieces)
    head[50] = record.start().turn < 0
    head[51] = RESULTS[record.result]
    fields = (("Event", 208, 63), ("Date", 272, 15), ("Site", 288, 15), ("Red", 304, 15), ("Black", 320, 15))
    for name, at, most in fields:
        head[at : at + most + 1] = pascal(record.headers.get(name, ""), most)

    def step(a: int, b: int, following: bool, sibling: bool, comment: str) -> bytes:
        text = comment.encode("gb18030")
        if version <= 10:
            flags = (0xF0 if following else 0) | (0x0F if sibling else 0)
            return bytes([a + 0x18 & 255, b + 0x20 & 255, flags, 0]) + struct.pack("<i", len(text)) + text
        flags = 0x80 * following | 0x40 * sibling | 0x20 * bool(text)
        squares = bytes([a + 0x18 + start & 255, b + 0x20 + end & 255, flags, 0])
        return squares + (struct.pack("<i", len(text) + remark) + text if text else b"")

    def steps(following: list[Node]) -> bytes:
        out = b""
        for i, (a, b, comment, after) in enumerate(following):
            out += step(xqf_square(a), xqf_square(b), bool(after), i + 1 < len(following), comment) + steps(after)
        return out

    return bytes(head) + step(0, 0, bool(record.moves), False, record.comments.get(0, "")) + steps(roots(record))


def cbr(record: GameRecord, version: int = 2) -> bytes:
    """Return a CBR file."""
    head = bytearray(2214)
    head[0:16] = b"CCBridge Record\0"
    head[19] = version
    board = record.start()
    for name, at in (("Event", 692), ("Date", 884), ("Site", 948), ("Red", 1076), ("Black", 1300)):
        text = record.headers.get(name, "").encode("utf-16-le")
        head[at : at + len(text)] = text
    head[2076] = RESULTS[record.result]
    head[2112] = 1 if board.turn > 0 else 2
    struct.pack_into("<H", head, 2116, 1)
    for sq, piece in board.piece_map().items():
        head[2120 + (9 - rank_of(sq)) * 9 + file_of(sq)] = CBR_PIECES[letter(piece)]

    def text(comment: str) -> bytes:
        data = (comment + "\0").encode("utf-16-le")
        return struct.pack("<i", len(data)) + data

    def corner(sq: int) -> int:
        return (9 - rank_of(sq)) * 9 + file_of(sq)

    def steps(following: list[Node]) -> bytes:
        out = b""
        for i, (a, b, comment, after) in enumerate(following):
            flags = (not after) | 2 * (i + 1 < len(following)) | 4 * bool(comment)
            out += bytes([flags, 0, corner(a), corner(b)]) + (text(comment) if comment else b"") + steps(after)
        return out

    first = record.comments.get(0, "")
    root = bytes([4, 0, 0, 0]) + text(first) if first else bytes(4)
    return bytes(head) + root + steps(roots(record))


def cbl(records: list[GameRecord]) -> bytes:
    """Return a CBL library: slots of 4,096 bytes."""
    head = b"CCBridgeLibrary\0".ljust(60, b"\0") + struct.pack("<i", 128) + "库".encode("utf-16-le")
    body = b"".join(data + b"\0" * (-len(data) % 4096) for data in map(cbr, records))
    return head.ljust(101952, b"\0") + body
