"""DhtmlXQ, the text format of dpxq.com pages and forums (UBB): read and written, with branches and comments.

`[DhtmlXQ_movelist]` holds four digits a move, files from the left and rows from Black's side; `move_P_N_B` is branch B,
which leaves branch P instead of its move N (counted from the start of the game, as in `commentB_N`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from ...errors import BadRecord
from ...rules.board import Board
from ...rules.pieces import letter
from ...rules.squares import file_of, rank_of
from ..game import DEEPEST, GameRecord, Line
from .parsed import Sheet, Spoken, understand

LONGEST = 1 << 23  # characters of one game
_MARK = re.compile(r"\[(/?)DhtmlXQ_(\w{1,40})\]", re.IGNORECASE)
_BLOCK = re.compile(r"\[(/?)DhtmlXQ(?:HTML|iFrame)?\]", re.IGNORECASE)
_PIECES = "RNBAKABNRCCPPPPPrnbakabnrccppppp"
_TAGS = {
    "title": "Title", "event": "Event", "date": "Date", "place": "Site", "round": "Round", "red": "Red",
    "redteam": "RedTeam", "black": "Black", "blackteam": "BlackTeam", "open": "Opening", "author": "Annotator",
}  # fmt: skip
_RESULTS = {"1-0": "红胜", "0-1": "黑胜", "1/2-1/2": "和棋", "*": "未知"}
_BREAK = "||"


# ------------------------------------------------------------------------------------------------ reading


def is_dhtmlxq(text: str) -> bool:
    """Whether a text holds games of this format."""
    return "[dhtmlxq_movelist]" in text.lower()


def split_games(text: str) -> Iterator[str]:
    """Each game's text: between [DhtmlXQ] (or DhtmlXQHTML, DhtmlXQiFrame) and its end, or up to a second move list."""
    edges = sorted({0, len(text)} | {mark.start() if not mark[1] else mark.end() for mark in _BLOCK.finditer(text)})
    for first, after in pairwise(edges):
        if is_dhtmlxq(part := text[first:after]):
            yield from _halves(part)


def _halves(text: str) -> Iterator[str]:
    """Without [DhtmlXQ] around them games follow one another: after a list of moves, a field seen already begins the
    next game, if another list of moves comes."""
    last = text.lower().rfind("[dhtmlxq_movelist]")
    seen: set[str] = set()
    first = 0
    for mark in _MARK.finditer(text, 0, last + len("[dhtmlxq_movelist]")):
        name = mark[2].lower()
        if not mark[1] and name in seen and "movelist" in seen:
            yield text[first : mark.start()]
            first, seen = mark.start(), set()
        if not mark[1]:
            seen.add(name)
    yield text[first:]


def read_game(text: str, source: str = "", keep_prefix: bool = False) -> GameRecord:
    """The record of one game's text; raises BadRecord."""
    if len(text) > LONGEST:
        raise BadRecord(f"the game's text is longer than {LONGEST >> 20} million characters", source=source)
    fields, fault = _fields(text)
    headers = {tag: " ".join(fields[name].split()) for name, tag in _TAGS.items() if fields.get(name, "").strip()}
    headers["Result"] = fields.get("result", "").strip()
    sheet = Sheet(headers, Spoken(), fault=fault)
    lines = _lines(fields, sheet)
    headers["FEN"] = fields.get("fen", "").strip() or _start_fen(fields.get("binit", ""), lines[0][1], source)
    _add_comments(fields, lines)
    return understand(sheet, source, keep_prefix)


def _fields(text: str) -> tuple[dict[str, str], str]:
    """Field names in lower case and their values, and a fault; of two equal names the first counts, a field that is
    never closed ends where the next begins."""
    fields: dict[str, str] = {}
    name, start = "", 0
    for mark in _MARK.finditer(text):
        if name:
            fields.setdefault(name, text[start : mark.start()])
        name, start = ("" if mark[1] else mark[2].lower()), mark.end()
    if name:
        fields.setdefault(name, _BLOCK.split(text[start:])[0])
    return fields, "a list of moves is never closed" if name.startswith("move") else ""


def _lines(fields: dict[str, str], sheet: Sheet) -> dict[int, tuple[int, Spoken]]:
    """Branch number -> (moves before its first, the line); the branches hang on one another as `move_P_N_B` says."""
    sheet.line.tokens += _moves(fields.get("movelist", ""), sheet)
    lines = {0: (0, sheet.line)}
    waiting: dict[int, list[tuple[int, int, Spoken]]] = {}  # parent -> (ply, number, line)
    for name, digits in fields.items():
        if found := _BRANCH.fullmatch(name):
            parent, ply, number = map(int, found.groups())
            if not number:  # the main line over again
                continue
            waiting.setdefault(parent, []).append((ply, number, Spoken(_moves(digits, sheet))))
    level = [0]
    for _ in range(DEEPEST):
        below = []
        for parent in level:
            before, above = lines[parent]
            for ply, number, line in sorted(waiting.pop(parent, []), key=lambda branch: branch[1]):
                at = ply - 1 - before
                above.variations.append((at if 0 <= at < len(above.tokens) else -1, line))
                if number not in lines:
                    lines[number] = (ply - 1, line)
                    below.append(number)
        level = below
    lost = [line for branches in waiting.values() for _, _, line in branches]  # too deep, or of no parent
    sheet.line.variations += [(-1, line) for line in lost]
    return lines


_BRANCH = re.compile(r"move_([0-9]{1,6})_([0-9]{1,6})_([0-9]{1,6})")
_COMMENT = re.compile(r"comment(?:([0-9]{1,6})_)?([0-9]{1,6})")


def _moves(digits: str, sheet: Sheet) -> list[str]:
    """Move texts of four digits each; whatever is no square stays as it is, to be refused at its place."""
    clean = "".join(digits.split())
    if len(clean) % 4 and not sheet.fault:
        sheet.fault = f"a list of moves breaks off: ...{clean[-8:]!r}"
    return [_iccs(clean[i : i + 4]) for i in range(0, len(clean) - len(clean) % 4, 4)]


def _iccs(digits: str) -> str:
    if not re.fullmatch(r"[0-8][0-9][0-8][0-9]", digits):
        return digits
    a, b, c, d = map(int, digits)
    return f"{'abcdefghi'[a]}{9 - b}{'abcdefghi'[c]}{9 - d}"


def _start_fen(binit: str, line: Spoken, source: str) -> str:
    """The FEN of 32 squares, Red's men first; the side to move is that of the first man moved."""
    clean = "".join(binit.split())
    if not clean:
        return ""
    if not re.fullmatch(r"(?:[0-9][0-9]){32}", clean):
        raise BadRecord(f"no 32 squares of a position: {clean[:64]!r}", source=source)
    squares = [clean[2 * i : 2 * i + 2] for i in range(32) if clean[2 * i : 2 * i + 2] != "99"]
    if len(set(squares)) < len(squares):
        raise BadRecord(f"two men on one square: {clean!r}", source=source)
    men = {clean[2 * i : 2 * i + 2]: piece for i, piece in enumerate(_PIECES)}
    rows = ["".join(men.get(f"{file}{row}", "1") for file in range(9)) for row in range(10)]
    first = line.tokens[0] if line.tokens else ""
    told = re.fullmatch("([a-i])([0-9])[a-i][0-9]", first)
    mover = men.get(f"{'abcdefghi'.index(told[1])}{9 - int(told[2])}", "R") if told else "R"
    return f"{'/'.join(rows)} {'w' if mover.isupper() else 'b'}"


def _add_comments(fields: dict[str, str], lines: dict[int, tuple[int, Spoken]]) -> None:
    for name, text in fields.items():
        if (found := _COMMENT.fullmatch(name)) and (clean := text.replace(_BREAK, "\n").strip()):
            before, line = lines.get(int(found[1] or 0), lines[0])
            at = min(max(0, int(found[2]) - before), len(line.tokens))
            line.comments[at] = f"{line.comments[at]}\n{clean}" if at in line.comments else clean


# ------------------------------------------------------------------------------------------------ writing


def write_game(record: GameRecord) -> str:
    """The record as DhtmlXQ text, with a blank line at its end."""
    board = record.start()
    fields = {name: record.headers.get(tag, "") for name, tag in _TAGS.items()}
    fields |= {"result": _RESULTS[record.result], "binit": _binit(board)}
    if record.start_fen:
        fields["fen"] = record.start_fen
    _add_lines(fields, [(record.line, 0, "movelist")])
    text = "".join(f"[DhtmlXQ_{name}]{_plain(value)}[/DhtmlXQ_{name}]\n" for name, value in fields.items() if value)
    return f"[DhtmlXQ]\n{text}[/DhtmlXQ]\n\n"


def _plain(value: str) -> str:
    """Text that cannot close or open a field, on one line."""
    return " ".join(re.sub(r"\[(?=/?DhtmlXQ)", "(", value, flags=re.IGNORECASE).split())


def _binit(board: Board) -> str:
    places: dict[str, list[str]] = {}
    for sq, man in board.piece_map().items():
        places.setdefault(letter(man), []).append(f"{file_of(sq)}{9 - rank_of(sq)}")
    return "".join(places[piece].pop() if places.get(piece) else "99" for piece in _PIECES)


def _add_lines(fields: dict[str, str], waiting: list[tuple[Line, int, str]]) -> None:
    """The move lists and comments of lines, each with the moves before it and its field; branches count on."""
    for number, (line, before, name) in enumerate(waiting):  # it grows: lines of lines
        fields[name] = "".join(_digits(move.from_square) + _digits(move.to_square) for move in line.moves)
        for ply, text in sorted(line.comments.items()):
            at = f"{number}_{before + ply}" if number else f"{ply}"
            fields["comment" + at] = _BREAK.join(part.strip() for part in text.split("\n"))
        for ply, lines in sorted(line.variations.items()):
            for below in lines:
                waiting.append((below, before + ply, f"move_{number}_{before + ply + 1}_{len(waiting)}"))


def _digits(sq: int) -> str:
    return f"{file_of(sq)}{9 - rank_of(sq)}"
