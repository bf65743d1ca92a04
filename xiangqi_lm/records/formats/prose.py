"""Text around the moves of a record: titles, frames, names, advertisements.

XQWizard ends a game with a line of `=` and its address, XQStudio frames it with lines of `-` and adds its name; others
begin with `红方：… 黑方：…` and end with `红胜`. If a game cannot be read with such text, the text is removed: names
and results become tags, other words a comment.
"""

from __future__ import annotations

import re

from .parsed import result_of

_LABELS = {
    "Red": "红方 紅方 红方棋手 紅方棋手 先手 先手方",
    "Black": "黑方 黑方棋手 后手 後手 后手方",
    "Event": "赛事 賽事 赛事名称 比赛名称 比赛 比賽 標題 标题 棋局名称 对局标题",
    "Date": "日期 比赛日期 比賽日期 比赛时间 对局日期 对局时间",
    "Site": "地点 地點 比赛地点 比賽地點 对局地点",
    "Round": "轮次 輪次 比赛轮次",
    "Result": "结果 結果 比赛结果 比賽結果 对局结果",
    "Opening": "布局 佈局 布局类型 开局",
    "RedTeam": "红方单位 红方团体 紅方單位",
    "BlackTeam": "黑方单位 黑方团体 黑方單位",
    "Annotator": "评注 评注人 评注人员 讲评",
    "FEN": "开局Fen串 局面 fen",
}
_TAGS = {label: tag for tag, labels in _LABELS.items() for label in labels.split()}
_SPACED = "|".join(r"[ \u3000]{0,8}".join(label) for label in sorted(_TAGS, key=len, reverse=True))  # 红　方
_LABEL = re.compile(rf"(?:(?<=\s)|^)({_SPACED}|[^\s\W\d_]{{1,6}})[ \u3000]*[:：][ \u3000]*")
_RED_LINE = re.compile(r"\s*[红紅][ \u3000]*方[ \u3000]*[:：]")
_FRAME = re.compile(r"[\s=\-_*~#+—－＝─━]{3,}")
_NUMBERED = re.compile(r"(?<![\w.])[0-9]{1,3}\s*[.．、]\s*(?=[^\W\d_]|[+.\-0-9])")
_ADVERT = re.compile(r"https?://|\bwww\.|XQStudio|XQWizard|象棋巫师|象棋百科全书|象棋演播室", re.IGNORECASE)
_MOVE = re.compile(
    r"""[a-iA-I](?:10|[0-9])-?[a-iA-I](?:10|[0-9])
    | [A-Za-z1-5+.\-][A-Ea-e1-9+.\-][+.=\-][1-9]
    | [KAEBHNRCP]?[a-i]?(?:10|[0-9])?[-x:]?[a-i](?:10|[0-9])[+\#!?]*
    | \w{2,3}[進进退平上下][一二三四五六七八九1-9１-９]""",
    re.VERBOSE,
)
_WORD = re.compile(r"\S{1,24}")
_LONGEST = 1 << 20  # characters; a longer text is a book with tags


def begins_game(line: str) -> bool:
    """Return whether a line names Red like the head of a game without tags: `红方：…`."""
    return line.lstrip()[:1] in ("红", "紅") and _RED_LINE.match(line) is not None


def has_moves(text: str) -> bool:
    """Return whether any word of a text has the form of a move or a move number."""
    return any(_MOVE.fullmatch(word[0]) for word in _WORD.finditer(text)) or _NUMBERED.search(text) is not None


def is_move(text: str) -> bool:
    """Return whether a text has the form of a move."""
    return _MOVE.fullmatch(text) is not None


def is_moves(text: str) -> bool:
    """Return whether most words of a text have the form of moves, not counting numbers."""
    words = [
        word
        for word in re.sub(r"\{[^{}]*\}|(?<!\w)[0-9]{1,3}\s*[.．、]+", " ", text).split()
        if not _FRAME.fullmatch(word)
    ]
    return sum(_MOVE.fullmatch(word) is not None for word in words[:60]) > 0.6 * min(60, len(words)) > 0


def strip(text: str) -> str:
    """Return the text of a game without tags, cleaned of the words around its moves.

    Names and results become tags, other words comments; frames and advertisements are dropped. The text is returned
    unchanged if there is nothing to remove or nothing would remain.
    """
    lines = text.split("\n")
    moves = [i for i, line in enumerate(lines) if _starts_moves(line)]
    if not moves or len(text) > _LONGEST:
        return text
    first, last = moves[0], moves[-1]
    tags: dict[str, str] = {}
    start, _, end = lines[last].rstrip().rpartition(" ")
    if start and (result := _spoken_result(end)):
        tags["Result"], lines[last] = result, start
    body = [line for line in lines[first : last + 1] if not _FRAME.fullmatch(line)]
    before = [line for line in lines[:first] if not line.lstrip().startswith("[")]
    if head := _head(body[0]):
        before, body[0] = [*before, head], body[0][len(head) :]
    words = [_words(part, tags) for part in (before, lines[last + 1 :])]
    kept = [line for line in lines[:first] if line.lstrip().startswith("[")]
    comments = ["{" + part.replace("{", "(").replace("}", ")") + "}" if part else "" for part in words]
    made = [f'[{tag} "{value}"]' for tag, value in tags.items()]
    return "\n".join([*kept, *made, "", comments[0], *body, comments[1]])


def _starts_moves(line: str) -> bool:
    """Return whether a line holds moves, perhaps after names; a single word of 2 characters (`e4`) is no evidence."""
    if _FRAME.fullmatch(line) or _ADVERT.search(line) or line.lstrip()[:1] == "[":
        return False
    if _NUMBERED.search(line) and not _LABEL.match(line.strip()):
        return True
    return any(len(word) > 2 and _MOVE.fullmatch(word) for word in line.split()) or (
        _NUMBERED.search(line) is not None and _head(line) != ""
    )


def _head(line: str) -> str:
    """Return the text before the first move of a line that begins with a name: `红方：甲 黑方：乙 红胜 1. 炮二平五`."""
    if not _LABEL.match(line.lstrip()):
        return ""
    found = _NUMBERED.search(line)
    if found is None or not has_moves(line[found.start() :]):
        return ""
    return line[: found.start()]


def _words(lines: list[str], tags: dict[str, str]) -> str:
    """Return the words of lines without moves as a comment; names and results go into `tags`."""
    words = []
    for line in lines:
        text = line.strip()
        if _FRAME.fullmatch(text) or _ADVERT.search(text) or not text or text[0] == "[":
            continue
        if result := _spoken_result(text):
            tags.setdefault("Result", result)
        elif _LABEL.match(text):
            words += _labelled(text, tags)
        else:
            words.append(text)
    return " ".join(words)


def _spoken_result(text: str) -> str | None:
    return result_of(text.strip("()（）[]【】。.!！ \u3000")) if len(text) <= 12 else None


def _labelled(text: str, tags: dict[str, str]) -> list[str]:
    """Put the values of known labels into `tags`; return those with other labels, and a heading before the first."""
    marks = list(_LABEL.finditer(text))
    others = []
    for mark, end in zip(marks, [*(m.start() for m in marks[1:]), len(text)], strict=True):
        value, label = text[mark.end() : end].strip(), "".join(mark[1].split())
        rest, _, last = value.rpartition(" ")
        if (result := _spoken_result(last)) and label not in _LABELS["Result"].split():
            tags.setdefault("Result", result)
            value = rest.strip()
        if (tag := _TAGS.get(label)) and value:
            tags.setdefault(tag, value.replace('"', "'"))
        elif value:
            others.append(f"{label}：{value}")
    return others
