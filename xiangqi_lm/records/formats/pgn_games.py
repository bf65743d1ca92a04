"""Splitting a PGN text into games, and reading its tag lines."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from functools import partial

from . import prose

LONGEST = 1 << 23  # characters of one game; a book of variations has a few hundred thousand
PIECE = 1 << 16  # characters of a line read at once; longer lines come in several pieces

_TAG_HEAD = re.compile(r"\[\s*([A-Za-z]\w*)\s*(?::\s*)?")
_GAME_TAG = re.compile(r'\[\s*(?:Game|Event)\s*(?::\s*)?"', re.IGNORECASE)
TAG_SEAM = re.compile(r'(?<="\])\s*(?=\[\s*[A-Za-z]\w*\s*(?::\s*)?")')
_RESULT_AT_END = re.compile(r"(?:^|\s)(?:1-0|0-1|1/2-1/2|\*)$")
LONGEST_TAG = 1 << 12
_OPEN_TAG = re.compile(r'\s*\[\s*[A-Za-z]\w*\s*(?::\s*)?"[^\]]*')
_TAGS_THEN = re.compile(r'\s*(?:\[\s*[A-Za-z]\w*\s*(?::\s*)?"[^"]*"\s*\]\s*)+')
_RED = "红紅"  # the first character of a game without tags
_TAG_LINES = 8  # the most lines a tag's value may span


def tag_of(line: str) -> tuple[str, str] | None:
    """Return the name and value of a tag line, or None; quotes inside the value and a missing bracket or quote are
    accepted."""
    text = line.strip()
    found = _TAG_HEAD.match(text) if text[:1] == "[" and len(text) <= LONGEST_TAG else None
    if found is None:
        return None
    rest = text[found.end() :]
    if rest[:1] == '"':
        rest = rest[1:]
        rest = rest[:-1].rstrip() if rest.endswith("]") else rest
        return found[1], rest[:-1] if rest.endswith('"') else rest
    rest = rest[:-1].rstrip() if rest.endswith("]") else rest
    return None if set(rest) & set('"[]') else (found[1], rest)


def tags_and_moves(line: str) -> tuple[str, str]:
    """Return the tags of a line that begins with one, and the moves after them, which usually have lines of their
    own."""
    if line.rstrip()[-1:] == "]" or len(line) > PIECE:
        return line, ""
    found = _TAGS_THEN.match(line)
    if found is None or not prose.has_moves(line[found.end() :]):
        return line, ""
    return line[: found.end()], line[found.end() :]


def split_games(lines: Iterable[str]) -> Iterator[str]:
    """Yield each game's text with tags and moves; together the parts have all lines of the text.

    A game ends before a tag that follows moves, before the first of several `[Game` or `[Event` tags anywhere (so an
    unclosed comment spoils one game, not the rest), before a line that names Red without a tag, and after a line that
    ends in a result. A game longer than LONGEST is cut off there. Words between games, such as the footer of XQWizard,
    become empty lines; a text of nothing else is returned unchanged.
    """
    held, games = "", False
    for tags, text in _games(lines):
        if not tags and not prose.has_moves(text):
            held, text = (held, "\n" * text.count("\n")) if games or held else (text, "")
        elif held:
            yield "\n" * held.count("\n")
            held, games = "", True
        else:
            games = True
        if text:
            yield text
    if held:
        yield held


def _games(lines: Iterable[str]) -> Iterator[tuple[bool, str]]:
    """Yield for each game whether it has tags, and its text."""
    game: list[str] = []
    moves = tags = False
    depth = size = checked = 0  # whether in a {comment}; characters kept; lines searched for moves
    whole = True  # whether the last piece ended its line
    for line in _whole_lines(lines):
        first = line.lstrip()[:1]
        is_tag = whole and first == "[" and tag_of(line) is not None
        ends = is_tag and (not depth or _GAME_TAG.match(line.lstrip()))
        if first in _RED and first and moves and not ends and prose.begins_game(line):  # a title alone is not a game
            ends, checked = prose.has_moves("".join(game[checked:])), len(game)
        if moves and ends:
            yield tags, "".join(game)
            game, moves, tags, depth, size, checked = [], False, False, 0, 0, 0
        if size <= LONGEST:
            game.append(line)
            size += len(line)
        whole = line.endswith("\n")
        if is_tag and not depth:
            tags = True
        if first and not (is_tag and not depth and not tags_and_moves(line)[1]):
            moves = True
            if "{" in line or "}" in line:
                depth = _depth_after(line, depth)
            end = line.rstrip()[-9:]
            if end[-1:] in "012*" and not depth and whole and _RESULT_AT_END.search(end):
                yield tags, "".join(game)
                game, moves, tags, size, checked = [], False, False, 0, 0
    if moves or tags:
        yield tags, "".join(game)


def _whole_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines that end in a newline, very long ones in pieces.

    A tag whose value spans several lines becomes one line, followed by empty lines that keep the line count.
    """
    waiting: list[str] = []
    for line in iter(partial(lines.readline, PIECE), "") if isinstance(lines, io.TextIOBase) else lines:
        if line[-1:] != "\n" and len(line) < PIECE:
            line += "\n"
        if waiting:
            if _closes_tag(line):
                yield " ".join(part.strip() for part in (*waiting, line)) + "\n" + "\n" * len(waiting)
                waiting = []
                continue
            if line.lstrip()[:1] != "[" and len(waiting) < _TAG_LINES and not prose.has_moves(line):
                waiting.append(line)
                continue
            yield from waiting
            waiting = []
        if line[:1] == "[" and line[-2:] != "]\n" and _OPEN_TAG.fullmatch(line.rstrip()):
            waiting = [line]
        else:
            yield line
    yield from waiting


def _closes_tag(line: str) -> bool:
    text = line.strip()
    return text[:1] != "[" and (text.endswith('"]') or text == "]")


def _depth_after(line: str, depth: int) -> int:
    """Return 1 if a brace comment is open at the end of the line, else 0; a rest-of-line comment hides braces."""
    for mark in re.findall(r"[{};]", line):
        if mark == ";" and not depth:
            break
        if mark != ";":
            depth = 1 if mark == "{" else 0
    return depth
