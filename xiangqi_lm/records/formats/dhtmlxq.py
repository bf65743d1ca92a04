"""DhtmlXQ, the text format of dpxq.com pages and forums (UBB): read and written, with branches and comments.

`[DhtmlXQ_movelist]` holds four digits per move, with files from the left and rows from Black's side. `move_P_N_B` is
branch B, which replaces move N of branch P (counted from the start of the game, as in `commentB_N`). Also read: the
digits alone, and DHJHtmlXQ of the Guangdong xiangqi site, which numbers its fields and counts rows from Red's side.
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
from .parsed import ParsedGame, ParsedLine, escape, understand, unescape

LONGEST = 1 << 23  # characters of one game
_MARK = re.compile(r"\[(/?)(?:D(?:HJ)?HtmlXQ_|game_(?=comment)|(?<=/)(?=comment))(\w{1,40})\]", re.IGNORECASE)
_BLOCK = re.compile(r"\[(/?)D(?:HJ)?HtmlXQ(?:HTML|iFrame)?\]", re.IGNORECASE)
_MOVELIST = re.compile(r"\[(?:DHJ|D)HtmlXQ_(?:movelist|34)\]", re.IGNORECASE)
_SQUARE = "[0-8][0-9]"
_PIECES = "RNBAKABNRCCPPPPPrnbakabnrccppppp"
_TAGS = {
    "title": "Title", "event": "Event", "date": "Date", "place": "Site", "round": "Round", "red": "Red",
    "redteam": "RedTeam", "black": "Black", "blackteam": "BlackTeam", "open": "Opening", "author": "Annotator",
    "redrating": "RedElo", "blackrating": "BlackElo", "timerule": "TimeControl",
}  # fmt: skip
_NUMBERED = {  # the fields of DHJHtmlXQ
    "10": "title", "11": "event", "13": "date", "14": "place", "15": "round", "17": "redteam", "18": "red",
    "20": "redrating", "21": "blackteam", "22": "black", "24": "blackrating", "28": "result", "36": "open",
    "41": "author",
}  # fmt: skip
_RESULTS = {"1-0": "红胜", "0-1": "黑胜", "1/2-1/2": "和棋", "*": "未知"}
_BREAK = "||"


# ------------------------------------------------------------------------------------------------ reading


def is_dhtmlxq(text: str) -> bool:
    """Return whether a text holds games of this format."""
    return _MOVELIST.search(text) is not None


def split_games(text: str) -> Iterator[str]:
    """Yield each game's text: from [DhtmlXQ] (or DhtmlXQHTML, DhtmlXQiFrame) to its closing tag, or up to a second move
    list."""
    edges = sorted({0, len(text)} | {mark.start() if not mark[1] else mark.end() for mark in _BLOCK.finditer(text)})
    for first, after in pairwise(edges):
        if is_dhtmlxq(part := text[first:after]):
            yield from _halves(part)


def _halves(text: str) -> Iterator[str]:
    """Yield consecutive games that have no [DhtmlXQ] around them.

    After a list of moves, a repeated field begins the next game if another list of moves follows.
    """
    *_, last = (mark.end() for mark in _MOVELIST.finditer(text))
    seen: set[str] = set()
    first = 0
    for mark in _MARK.finditer(text, 0, last):
        name = mark[2].lower()
        if not mark[1] and name in seen and seen & {"movelist", "34"}:
            yield text[first : mark.start()]
            first, seen = mark.start(), set()
        if not mark[1]:
            seen.add(name)
    yield text[first:]


def read_game(text: str, source: str = "", keep_prefix: bool = False) -> GameRecord:
    """Return the record of one game's text; raises BadRecord."""
    if len(text) > LONGEST:
        raise BadRecord(f"the game's text is longer than {LONGEST >> 20} million characters", source=source)
    fields, fault = _fields(text)
    if "34" in fields:
        _translate_numbered(fields)
    for side in ("red", "black"):
        if not fields.get(side, "").strip():
            fields[side] = fields.get(f"{side}name", "")
    headers = {tag: " ".join(fields[name].split()) for name, tag in _TAGS.items() if fields.get(name, "").strip()}
    headers["Result"] = fields.get("result", "").strip()
    game = ParsedGame(headers, ParsedLine(), fault=fault)
    lines = _lines(fields, game)
    headers["FEN"] = fields.get("fen", "").strip() or _start_fen(fields.get("binit", ""), lines[0][1], source)
    _add_comments(fields, lines)
    return understand(game, source, keep_prefix)


def _fields(text: str) -> tuple[dict[str, str], str]:
    """Return the fields by lower-case name, and a fault, if any.

    If a name occurs twice, the first counts; a field without its closing tag ends where the next begins.
    """
    fields: dict[str, str] = {}
    name, start = "", 0
    for mark in _MARK.finditer(text):
        if name:
            fields.setdefault(name, unescape(text[start : mark.start()]))
        name, start = ("" if mark[1] else mark[2].lower()), mark.end()
    if name:
        fields.setdefault(name, unescape(_BLOCK.split(text[start:])[0]))
    return fields, "a list of moves is never closed" if name.startswith("move") else ""


def _translate_numbered(fields: dict[str, str]) -> None:
    """Convert names and rows of DHJHtmlXQ fields to DhtmlXQ; 31 is a board of 90 letters, 32 the side to move."""
    for number, name in _NUMBERED.items():
        fields.setdefault(name, fields.get(number, ""))
    digits = "".join(fields["34"].split())
    if re.fullmatch("[0-9]+", digits):  # every second digit is a row
        digits = "".join(str(9 - int(digit)) if i % 2 else digit for i, digit in enumerate(digits))
    fields.setdefault("movelist", digits)
    board = "".join(fields.get("31", "").split())
    if len(board) == 90:
        side = "b" if fields.get("32", "").strip() == "1" else "w"
        rows = (re.sub(r"[^A-Za-z]", "1", board[i : i + 9]) for i in range(0, 90, 9))
        fields.setdefault("fen", f"{'/'.join(rows)} {side}")
    for name in [name for name in fields if name.startswith("comment_")]:  # comment_0_3
        fields.setdefault(name.replace("comment_", "comment", 1), fields[name])


def _lines(fields: dict[str, str], game: ParsedGame) -> dict[int, tuple[int, ParsedLine]]:
    """Return branch number -> (moves before its first, the line), with branches attached according to `move_P_N_B`."""
    game.line.texts += _moves(fields.get("movelist", ""), game)
    lines = {0: (0, game.line)}
    waiting: dict[int, list[tuple[int, int, ParsedLine]]] = {}  # parent -> (ply, number, line)
    for name, digits in fields.items():
        if found := _BRANCH.fullmatch(name):
            parent, ply, number = map(int, found.groups())
            if not number:  # the main line once more
                continue
            waiting.setdefault(parent, []).append((ply, number, ParsedLine(_moves(digits, game))))
    level = [0]
    for _ in range(DEEPEST):
        below = []
        for parent in level:
            before, above = lines[parent]
            for ply, number, line in sorted(waiting.pop(parent, []), key=lambda branch: branch[1]):
                at = ply - 1 - before
                above.variations.append((at if 0 <= at < len(above.texts) else -1, line))
                if number not in lines:
                    lines[number] = (ply - 1, line)
                    below.append(number)
        level = below
    lost = [line for branches in waiting.values() for _, _, line in branches]  # too deep, or without parent
    game.line.variations += [(-1, line) for line in lost]
    return lines


_BRANCH = re.compile(r"move_([0-9]{1,6})_([0-9]{1,6})_([0-9]{1,6})")
_COMMENT = re.compile(r"comment(?:([0-9]{1,6})_)?([0-9]{1,6})")


def _moves(digits: str, game: ParsedGame) -> list[str]:
    """Return the move texts of four digits each; digits that are not squares stay, to be refused when replayed."""
    clean = "".join(digits.split())
    if len(clean) % 4 and not game.fault:
        game.fault = f"a list of moves breaks off: ...{clean[-8:]!r}"
    return [_iccs(clean[i : i + 4]) for i in range(0, len(clean) - len(clean) % 4, 4)]


def _iccs(digits: str) -> str:
    if not re.fullmatch(f"({_SQUARE}){{2}}", digits):
        return digits
    a, b, c, d = map(int, digits)
    return f"{'abcdefghi'[a]}{9 - b}{'abcdefghi'[c]}{9 - d}"


def _start_fen(binit: str, line: ParsedLine, source: str) -> str:
    """Return the FEN of 32 squares, Red's pieces first; the side of the first piece moved is to move."""
    clean = "".join(binit.split())
    if not clean:
        return ""
    if not re.fullmatch(r"(?:[0-9][0-9]){32}", clean):
        raise BadRecord(f"expected the 32 squares of a position, found {clean[:64]!r}", source=source)
    squares = [clean[2 * i : 2 * i + 2] for i in range(32) if clean[2 * i : 2 * i + 2] != "99"]
    if len(set(squares)) < len(squares):
        raise BadRecord(f"two pieces on one square: {clean!r}", source=source)
    pieces = {clean[2 * i : 2 * i + 2]: piece for i, piece in enumerate(_PIECES)}
    rows = ["".join(pieces.get(f"{file}{row}", "1") for file in range(9)) for row in range(10)]
    first = line.texts[0] if line.texts else ""
    told = re.fullmatch("([a-i])([0-9])[a-i][0-9]", first)
    mover = pieces.get(f"{'abcdefghi'.index(told[1])}{9 - int(told[2])}", "R") if told else "R"
    return f"{'/'.join(rows)} {'w' if mover.isupper() else 'b'}"


def _add_comments(fields: dict[str, str], lines: dict[int, tuple[int, ParsedLine]]) -> None:
    for name, text in fields.items():
        if (found := _COMMENT.fullmatch(name)) and (clean := text.replace(_BREAK, "\n").strip()):
            before, line = lines.get(int(found[1] or 0), lines[0])
            at = min(max(0, int(found[2]) - before), len(line.texts))
            line.comments[at] = f"{line.comments[at]}\n{clean}" if at in line.comments else clean


# ------------------------------------------------------------------------------------------------ digits alone


def is_digits(text: str) -> bool:
    """Return whether a text consists of digits that begin with a legal move from the start position."""
    words = text[: 1 << 12].split()
    return bool(words) and all(word.isascii() and word.isdigit() for word in words) and _begins("".join(words[:4]))


def _begins(digits: str) -> bool:
    """Return whether digits begin with a legal move from the start position."""
    if not re.match(f"({_SQUARE}){{2}}", digits):
        return False
    return any(move.iccs() == _iccs(digits[:4]) for move in Board().legal_moves)


def split_digits(text: str) -> Iterator[str]:
    """Yield each game's digits: one game per line if every line begins like a game, else one game in all."""
    lines = [line for line in text.splitlines() if line.strip()]
    whole = all(_begins(clean) and len(clean) % 4 == 0 for clean in map("".join, map(str.split, lines)))
    yield from lines if whole else [text]


def read_digits(text: str, source: str = "", keep_prefix: bool = False) -> GameRecord:
    """Return the game of digits as in `[DhtmlXQ_movelist]`, from the start position; raises BadRecord."""
    game = ParsedGame({}, ParsedLine())
    game.line.texts += _moves(text[:LONGEST], game)
    return understand(game, source, keep_prefix)


# ------------------------------------------------------------------------------------------------ writing


def write_game(record: GameRecord) -> str:
    """Return the record as DhtmlXQ text, with a blank line at its end."""
    board = record.start()
    fields = {name: record.headers.get(tag, "") for name, tag in _TAGS.items()}
    fields |= {"result": _RESULTS[record.result], "binit": _binit(board)}
    if record.start_fen:
        fields["fen"] = record.start_fen
    _add_lines(fields, [(record.line, 0, "movelist")])
    text = "".join(
        f"[DhtmlXQ_{name}]{_plain(escape(value))}[/DhtmlXQ_{name}]\n" for name, value in fields.items() if value
    )
    return f"[DhtmlXQ]\n{text}[/DhtmlXQ]\n\n"


def _plain(value: str) -> str:
    """Return a text on one line that cannot open or close a field."""
    return " ".join(re.sub(r"\[(?=/?DhtmlXQ)", "(", value, flags=re.IGNORECASE).split())


def _binit(board: Board) -> str:
    places: dict[str, list[str]] = {}
    for sq, piece in board.piece_map().items():
        places.setdefault(letter(piece), []).append(f"{file_of(sq)}{9 - rank_of(sq)}")
    return "".join(places[piece].pop() if places.get(piece) else "99" for piece in _PIECES)


def _add_lines(fields: dict[str, str], waiting: list[tuple[Line, int, str]]) -> None:
    """Add the move lists and comments of lines (each with the moves before it and its field), numbering branches."""
    for number, (line, before, name) in enumerate(waiting):  # the list grows by the lines' own variations
        fields[name] = "".join(_digits(move.from_square) + _digits(move.to_square) for move in line.moves)
        for ply, text in sorted(line.comments.items()):
            at = f"{number}_{before + ply}" if number else f"{ply}"
            fields["comment" + at] = _BREAK.join(part.strip() for part in text.split("\n"))
        for ply, lines in sorted(line.variations.items()):
            for below in lines:
                waiting.append((below, before + ply, f"move_{number}_{before + ply + 1}_{len(waiting)}"))


def _digits(sq: int) -> str:
    return f"{file_of(sq)}{9 - rank_of(sq)}"
