"""XQF, CBR, CBL and CBF files, decoded by the `cchess` package, which only this module imports.

cchess turns bytes into a tree of moves. It plays them on its own board, which drops moves it considers impossible and
knows neither check nor facing kings. It is therefore given a board that accepts and records every move, and the moves
are then replayed on our own.
"""

from __future__ import annotations

import importlib.util
import struct
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.sax.saxutils import quoteattr

from ...errors import BadRecord
from ..game import DEEPEST, GameRecord
from . import markup, xqf
from .markup import Element
from .parsed import ParsedGame, ParsedLine, understand

CBR = b"CCBridge Record\0"
_RESULTS = {1: "1-0", 2: "0-1", 3: "1/2-1/2", 4: "1/2-1/2"}
_CBR_FIELDS = {  # header -> offset and length in bytes of its UTF-16 text
    "Title": (180, 128), "Event": (692, 64), "Date": (884, 64), "Site": (948, 64), "Red": (1076, 64),
    "Black": (1300, 64),
}  # fmt: skip
_CBR_HEADER = 2214
_CBF_FIELDS = {
    "Name": "Title", "Contest": "Event", "Date": "Date", "Site": "Site", "Round": "Round", "Red": "Red",
    "RedTeam": "RedTeam", "RedRating": "RedElo", "Black": "Black", "BlackTeam": "BlackTeam", "BlackRating": "BlackElo",
    "Commentator": "Annotator", "ECCO": "ECCO", "TimeRule": "TimeControl", "FEN": "FEN",
}  # fmt: skip
_DAMAGE = (EOFError, struct.error, IndexError, KeyError, ValueError, TypeError, AttributeError)


class _Step:
    """One move as stored in the file: squares as (file, rank), which may be off the board."""

    def __init__(self, board: _Notes, start: tuple[int, int], end: tuple[int, int]):
        self.board, self.start, self.end = board, start, end
        self.annote: str | None = None
        self.following: list[_Step] = []

    def append_next_move(self, step: _Step) -> None:
        self.following.append(step)


class _Notes:
    """A replacement for cchess's board, which tracks the pieces and accepts every move."""

    def __init__(self, fen: str = "") -> None:
        self.pieces: dict[tuple[int, int], str] = {}
        self.move_player: Any = None

    def copy(self) -> _Notes:
        return self

    def put_fench(self, piece: str, square: tuple[int, int]) -> None:
        if square in self.pieces:
            raise ValueError(f"two pieces on one square: {square}")
        self.pieces[square] = piece

    def get_fench(self, square: tuple[int, int]) -> str:
        return self.pieces.get(square, "P")

    def next_turn(self) -> None:
        pass

    def is_valid_move(self, start: tuple[int, int], end: tuple[int, int]) -> bool:
        return True

    def move(self, start: tuple[int, int], end: tuple[int, int]) -> _Step:
        return _Step(self, start, end)


class _Tree:
    """A replacement for cchess's game: the comment before the first move, and the first moves."""

    def __init__(self, board: _Notes, annote: str | None):
        self.board = self.init_board = board
        self.annote = annote
        self.info: dict[str, Any] = {"branchs": 1}
        self.following: list[_Step] = []

    def append_first_move(self, step: _Step) -> None:
        self.following.append(step)

    @property
    def first_move(self) -> _Step | None:
        return self.following[0] if self.following else None


def _utf16(data: bytes) -> str:
    """Return a text up to its first zero character; cchess returns None if there is none."""
    return data.decode("utf-16-le", errors="replace").split("\0", 1)[0]


def _decoder(name: str, made: list[_Tree]) -> ModuleType:
    """Return a copy of a cchess module that uses our board and game; cchess's own module stays unchanged.

    Every game is added to `made` before it is filled.
    """
    found = importlib.util.find_spec(f"cchess.{name}")
    assert found is not None and found.origin is not None
    spec = importlib.util.spec_from_file_location(f"cchess.{name}_of_xiangqi_lm", found.origin)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def make(board: _Notes, annote: str | None) -> _Tree:
        made.append(_Tree(board, annote))
        return made[-1]

    module.__dict__.update(ChessBoard=_Notes, Game=make, cut_bytes_to_str=_utf16)
    if name == "read_cbf":
        return module
    if name == "read_xqf":
        _read_exactly(module.XQFBuffDecoder, partial(bytes.decode, encoding="gb18030", errors="replace"))
    else:
        _read_exactly(module.CbrBuffDecoder, _utf16)
        module.CbrBuffDecoder.is_end = lambda self: False  # it mistakes a single remaining byte for the end
    return module


def _read_exactly(stream: Any, text: Callable[[bytes], str]) -> None:
    """Make a class that cchess reads bytes with detect the end of data, and keep texts that contain an invalid byte."""
    read = stream.read_bytes

    def read_bytes(self: Any, size: int) -> bytearray:
        data = read(self, size)
        if len(data) < size:
            raise EOFError("it breaks off in the moves")
        return data

    stream.read_bytes = read_bytes
    stream.read_str = lambda self, size: text(bytes(read_bytes(self, size)))


# ------------------------------------------------------------------------------------------------ formats


def read_xqf(data: bytes, source: str = "", keep_prefix: bool = False) -> GameRecord:
    """Return the record of an XQF file; raises BadRecord."""
    if len(data) < xqf.HEADER + 4:
        raise BadRecord(f"an XQF file of {len(data):,} bytes breaks off in its header", source=source)
    known = data[:51] + bytes([data[51] if data[51] <= 4 else 0]) + data[52:]  # for other values cchess prints a line

    def decode(made: list[_Tree]) -> None:
        with tempfile.TemporaryDirectory() as folder:  # cchess can only read files
            path = Path(folder, "game.xqf")
            path.write_bytes(known)
            _decoder("read_xqf", made).read_from_xqf(str(path))

    tree, fault = _decoded("XQF", source, decode)
    headers = {}
    for name, (at, most) in xqf.FIELDS.items():
        headers[name] = _clean(data[at + 1 : at + 1 + min(data[at], most)].decode("gb18030", "replace"))
    headers["Result"] = _RESULTS.get(data[51], "*")
    return _record(tree, headers, "b" if data[50] == 1 else "w", fault, source, keep_prefix)


def read_cbr(data: bytes, source: str = "", keep_prefix: bool = False) -> GameRecord:
    """Return the record of a CBR file, or of one slot of a CBL library; raises BadRecord."""
    if len(data) < _CBR_HEADER:
        raise BadRecord(f"a CBR record of {len(data):,} bytes breaks off in its header", source=source)
    if data[19] == 1:
        raise BadRecord("a CBR record of version 1, which cchess cannot decode", source=source)
    known = data[:2076] + bytes([data[2076] if data[2076] <= 4 else 0]) + data[2077:]

    def decode(made: list[_Tree]) -> None:
        _decoder("read_cbr", made).read_from_cbr_buffer(known)

    tree, fault = _decoded("CBR", source, decode)
    headers = {name: _clean(_utf16(data[at : at + size])) for name, (at, size) in _CBR_FIELDS.items()}
    headers["Result"] = _RESULTS.get(data[2076], "*")
    return _record(tree, headers, "b" if data[2112] == 2 else "w", fault, source, keep_prefix)


def read_cbf(text: str, source: str = "", keep_prefix: bool = False) -> GameRecord:
    """Return the record of the text of a CBF file; raises BadRecord.

    cchess decodes the moves of the main line; names and comments are read here.
    """
    root = markup.parse(text, source)
    head = {child.name: " ".join(child.text.split()) for child in root.find("Head").children}
    nodes = [child for child in root.find("MoveList").children if child.name == "Move"]
    if not head.get("FEN") or not nodes:
        raise BadRecord("a CBF file without FEN or MoveList", source=source)
    if nodes[0].attributes.get("value") != "00-00":  # cchess skips it without looking
        nodes.insert(0, Element("Move", {"value": "00-00"}))
    bare = "".join(f"<Move value={quoteattr(node.attributes.get('value', '')[:5].ljust(5))}/>" for node in nodes)
    plain = f"<ChineseChessRecord><Head><FEN>-</FEN></Head><MoveList>{bare}</MoveList></ChineseChessRecord>"
    steps: list[_Step] = []

    def decode(made: list[_Tree]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "game.cbf")
            path.write_text(plain, encoding="utf-8")
            made.append(_Tree(_Notes(), None))
            step = _decoder("read_cbf", made).read_from_cbf(str(path)).first_move
            while step is not None:
                steps.append(step)
                step = step.following[0] if step.following else None

    _, fault = _decoded("CBF", source, decode)
    ends = next((i for i, node in enumerate(nodes) if node.attributes.get("end") == "1"), len(nodes))
    line = ParsedLine([_iccs(step) for step in steps[:ends]])
    line.comments = {ply: text for ply, node in enumerate(nodes[: ends + 1]) if (text := _clean(node.text))}
    headers = {tag: head[name] for name, tag in _CBF_FIELDS.items() if head.get(name)}
    headers["Result"] = _RESULTS.get(int(result) if (result := head.get("RecordResult", "")).isdecimal() else 0, "*")
    notes = (f"{len(nodes) - ends - 1} moves of variations are left out",) if ends + 1 < len(nodes) else ()
    return understand(ParsedGame(headers, line, fault=fault, notes=notes), source, keep_prefix)


def split_cbl(data: bytes) -> Iterator[bytes]:
    """Yield each record of a CBL library, found by the first bytes of a CBR record."""
    first = data.find(CBR)
    while first >= 0:
        after = data.find(CBR, first + len(CBR))
        yield data[first : after if after >= 0 else len(data)]
        first = after


def _decoded(form: str, source: str, decode: Callable[[list[_Tree]], None]) -> tuple[_Tree, str]:
    """Return what could be decoded and the fault that stopped it, if any; raises BadRecord if nothing was decoded."""
    made: list[_Tree] = []
    fault = ""
    try:
        decode(made)
    except RecursionError:
        fault = f"a {form} file of more moves than cchess can decode"
    except _DAMAGE as damage:
        fault = f"a damaged or truncated {form} file: {' '.join(str(damage).split())[:200]}"
    if not made:
        raise BadRecord(
            fault or f"not {'an' if form == 'XQF' else 'a'} {form} file: it does not begin like one", source=source
        )
    return made[0], fault


# ------------------------------------------------------------------------------------------------ trees


def _record(tree: _Tree, told: dict[str, str], side: str, fault: str, source: str, keep_prefix: bool) -> GameRecord:
    headers = {name: text for name, text in told.items() if text}
    if tree.following:  # the side of the first move is to move, even if the header differs
        piece = tree.board.pieces.get(tree.following[0].start)
        side = side if piece is None else "w" if piece.isupper() else "b"
    headers["FEN"] = _fen(tree.board.pieces, side)
    try:
        line = _spoken(tree.following, 0, tree.annote or "")
    except RecursionError:
        raise BadRecord(f"variations are nested deeper than {DEEPEST}", source=source) from None
    return understand(ParsedGame(headers, line, fault=fault if line.texts else ""), source, keep_prefix)


def _spoken(following: list[_Step], depth: int, comment: str = "") -> ParsedLine:
    """Return the line that begins with the first of some moves, with the others as variations."""
    if depth > DEEPEST:
        raise RecursionError
    line = ParsedLine()
    line.comment(_clean(comment))
    while following:
        step, ply = following[0], len(line.texts)
        line.variations += [(ply, _spoken([other], depth + 1)) for other in following[1:]]
        line.texts.append(_iccs(step))
        line.comment(_clean(step.annote or ""))
        following = step.following
    return line


def _iccs(step: _Step) -> str:
    squares = (step.start, step.end)
    if all(0 <= file < 9 and 0 <= rank < 10 for file, rank in squares):
        return "".join(f"{'abcdefghi'[file]}{rank}" for file, rank in squares)
    return f"{step.start}-{step.end}"


def _clean(text: str) -> str:
    return "\n".join(line.strip() for line in text.replace("\0", "").strip().splitlines())


def _fen(pieces: dict[tuple[int, int], str], side: str) -> str:
    rows = ("".join(pieces.get((file, rank), "1") for file in range(9)) for rank in range(9, -1, -1))
    return f"{'/'.join(rows)} {side}"
