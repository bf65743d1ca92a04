"""What a file holds of a game: the bytes of each format that is written, and what such a file would lose."""

from __future__ import annotations

from ...errors import BadRecord
from ...records.formats import detect, dhtmlxq, pgn, xqf
from ...records.formats.companions import Companions
from ...records.formats.sources import Blob
from ...records.game import GameRecord, Line

WRITTEN = (".pgn", ".xqf", ".ubb", ".dhtmlxq", ".txt")


def encoded(record: GameRecord, suffix: str, notation: str) -> bytes:
    """Return a record as the content of a file with that suffix; raises BadRecord for an unsupported suffix."""
    suffix = suffix.lower()
    if suffix not in WRITTEN:
        raise BadRecord(f"files that end in {suffix!r} cannot be written; known are {', '.join(WRITTEN)}")
    if suffix == ".xqf":
        return xqf.write_game(record)
    if suffix in (".ubb", ".dhtmlxq"):
        return dhtmlxq.write_game(record).encode("utf-8")
    if suffix == ".txt":
        return move_text(record, "iccs" if record.start_fen else notation).encode("utf-8")
    return pgn.write_game(record, notation).encode("utf-8")


def move_text(record: GameRecord, notation: str) -> str:
    """Return the main line as numbered moves, one pair per line, after the FEN of a set-up position."""
    board = record.start()
    lines = [f'[FEN "{record.start_fen}"]\n'] if record.start_fen else []
    number, pair = board.fullmove, []
    if board.turn < 0 and record.moves:
        pair.append("…")
    for move in record.moves:
        pair.append(board.write(move, notation))
        board.push_unchecked(move)
        if len(pair) == 2:
            lines.append(f"{number}. {'  '.join(pair)}")
            number, pair = number + 1, []
    if pair:
        lines.append(f"{number}. {pair[0]}")
    return "\n".join(lines) + "\n"


def losses(record: GameRecord, suffix: str, notation: str) -> tuple[str, ...]:
    """Return what a file with that suffix would lose of a record: variations, comments, marks, headers or the result.

    It is found by reading back what would be written.
    """
    content = encoded(record, suffix, notation)
    try:
        blob = Blob("x" + suffix, content)
        again = next(iter(detect.split(blob, detect.form_of(blob, True) or "text", Companions())))
        back = detect.understand(again, False)
    except (BadRecord, StopIteration):  # a game without moves, which some formats cannot represent
        back = GameRecord()
    lost = []
    for name, part in (("variations", shape_of), ("comments", comments_of), ("marks", _marks)):
        if part(record.line) != part(back.line):
            lost.append(name)
    if any(" ".join(back.headers.get(name, "").split()) != " ".join(value.split()) for name, value in kept(record)):
        lost.append("headers")
    if back.result != record.result:
        lost.append("result")
    return tuple(lost)


def kept(record: GameRecord) -> list[tuple[str, str]]:
    """Return the headers that the user would miss."""
    passing = ("Game", "Termination", "Format", "Opening", "Variation", "ECCO", "TimeControl", "Round")
    return [(name, v) for name, v in record.headers.items() if name not in passing and v.strip("? ")]


def shape_of(line: Line) -> tuple:
    """Return the moves of a tree for comparison."""
    return line.moves, {n: tuple(map(shape_of, below)) for n, below in line.variations.items()}


def comments_of(line: Line) -> tuple:
    """Return the comments of a tree, joining those before and after a variation's first move."""
    words = [(max(n, 1) if n < 2 else n, " ".join(text.split())) for n, text in sorted(line.comments.items())]
    joined: dict[int, str] = {}
    for n, text in words:
        joined[n] = f"{joined[n]} {text}" if n in joined else text
    below = {n: tuple(map(comments_of, lines)) for n, lines in line.variations.items()}
    return tuple(joined.items()), {n: c for n, c in below.items() if any(map(_any, c))}


def _any(comments: tuple) -> bool:
    return bool(comments[0] or comments[1])


def _marks(line: Line) -> tuple:
    below = {n: tuple(map(_marks, lines)) for n, lines in line.variations.items()}
    return line.nags, {n: m for n, m in below.items() if any(map(_any, m))}
