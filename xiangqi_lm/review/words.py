"""The wording of reviews in Chinese and English: marks, phases and reasons."""

from __future__ import annotations

import re
from typing import Any

from ..library.departures import Departure
from ..rules import pieces
from ..rules.board import Board
from ..rules.file_notation import HAN_DIGITS, number_of_file
from ..rules.notation import COORDINATES
from ..rules.squares import BLACK, file_of, square_name
from .motifs import played
from .reasons import Reason

MARKS = {  # mark -> (Chinese, English)
    "brilliant": ("妙着", "brilliant"),
    "good": ("好着", "good move"),
    "inaccuracy": ("疑问手", "inaccuracy"),
    "mistake": ("失着", "mistake"),
    "blunder": ("漏着", "blunder"),
}
PHASES = {"opening": ("开局", "opening"), "middlegame": ("中局", "middlegame"), "endgame": ("残局", "endgame")}
REASONS = {  # kind -> (Chinese, English); fields in braces come from the reason, {capture} is the move that takes
    "rule": ("{later_zh}违例：{outcome_zh}", "against the rules {later}: {outcome}"),
    "mated": ("对方{mate_zh}成杀", "allows mate in {moves}"),
    "missed_mate": ("错过{mate_zh}杀", "misses mate in {moves}"),
    "missed_rule": ("错过按规则取胜：{outcome_zh}", "misses a win by the rules: {outcome}"),
    "must_break": ("须变着：再走 {move} 则{outcome_zh}", "must vary: if {move} is played again, {outcome}"),
    "drawn": ("{later_zh}成和：{outcome_zh}", "lets the game be drawn {later}: {outcome}"),
    "missed_draw": ("错过和棋：{outcome_zh}", "misses a draw: {outcome}"),
    "walks_into": ("{piece_zh}送入{by_zh}口（{capture}）", "puts the {piece} where the {by} takes it ({capture})"),
    "defence_left": (
        "离开防守，{lost_zh}失根被吃（{capture}）",
        "gives up the defence of the {lost}: the {by} takes it ({capture})",
    ),
    "left_hanging": ("{lost_zh}被捉未应（{capture}）", "leaves the {lost} to the {by} ({capture})"),
    "exposed": (
        "让出线路，{lost_zh}被{by_zh}吃（{capture}）",
        "opens the way for the {by} to take the {lost} ({capture})",
    ),
    "fork": (
        "被{by_zh}{double_zh}（{targets_zh}），{later_zh}丢{lost_zh}（{capture}）",
        "the {by} forks {targets}: the {lost} is lost {later} ({capture})",
    ),
    "mate_threat": (
        "被叫杀兼捉{lost_zh}，{later_zh}被{by_zh}吃（{capture}）",
        "a threat of mate and on the {lost} at once: the {by} takes it {later} ({capture})",
    ),
    "discovered": (
        "被{by_zh}闪击，{later_zh}丢{lost_zh}（{capture}）",
        "a discovered attack by the {by}: the {lost} is lost {later} ({capture})",
    ),
    "discovered_check": (
        "{later_zh}被{by_zh}闪将吃{lost_zh}（{capture}）",
        "the {by} takes the {lost} with a discovered check {later} ({capture})",
    ),
    "pinned": (
        "{lost_zh}被牵制，{later_zh}被{by_zh}吃（{capture}）",
        "the {lost} is pinned and lost to the {by} {later} ({capture})",
    ),
    "defender_pinned": (
        "{lost_zh}的根子被牵制，{later_zh}被{by_zh}吃（{capture}）",
        "what defends the {lost} is pinned: the {by} takes it {later} ({capture})",
    ),
    "trapped": (
        "{lost_zh}被捉死，{later_zh}被{by_zh}吃（{capture}）",
        "the {lost} is trapped: the {by} takes it {later} ({capture})",
    ),
    "loses": ("{later_zh}丢{lost_zh}，被{by_zh}吃（{capture}）", "loses the {lost} to the {by} {later} ({capture})"),
    "missed_capture": (
        "错过得子：{later_zh}可用{by_zh}吃{lost_zh}（{capture}）",
        "misses winning the {lost}: the {by} takes it {later} ({capture})",
    ),
    "missed_fork": (
        "错过{by_zh}{double_zh}（{targets_zh}）：{later_zh}可得{lost_zh}（{capture}）",
        "misses a fork of {targets} by the {by}, which wins the {lost} {later} ({capture})",
    ),
    "missed_discovered": (
        "错过闪击：{later_zh}可用{by_zh}吃{lost_zh}（{capture}）",
        "misses a discovered attack: the {by} wins the {lost} {later} ({capture})",
    ),
    "missed_discovered_check": (
        "错过闪将：{later_zh}可用{by_zh}吃{lost_zh}（{capture}）",
        "misses a discovered check, with which the {by} takes the {lost} {later} ({capture})",
    ),
    "missed_mate_threat": (
        "错过叫杀兼捉{lost_zh}：{later_zh}可用{by_zh}吃（{capture}）",
        "misses a threat of mate and on the {lost} at once: the {by} wins it {later} ({capture})",
    ),
    "missed_trap": (
        "错过捉死{lost_zh}：{later_zh}可用{by_zh}吃（{capture}）",
        "misses trapping the {lost}: the {by} wins it {later} ({capture})",
    ),
    "threat": ("让对方 {move} 叫杀{soon_zh}", "allows {move}{soon}, which threatens mate"),
    "hollow_cannon": (
        "让对方成空头炮（{when_zh}{move}）",
        "allows a hollow cannon{soon} ({move}): nothing stands between it and the king",
    ),
    "missed_hollow_cannon": (
        "错过空头炮（{when_zh}{move}）",
        "misses a hollow cannon{soon} ({move}): nothing stands between it and the king then",
    ),
}
KINDS = {  # kind -> (Chinese, English): what such a mistake is called in a list
    "rule": ("违例", "against the rules"),
    "mated": ("被杀", "allows mate"),
    "missed_mate": ("漏杀", "misses mate"),
    "missed_rule": ("错过判胜", "misses a win by the rules"),
    "must_break": ("须变着", "must vary"),
    "drawn": ("被逼和", "allows a draw"),
    "missed_draw": ("错过和棋", "misses a draw"),
    "walks_into": ("送吃", "puts a piece where it is taken"),
    "defence_left": ("失根", "gives up a defence"),
    "left_hanging": ("被捉未应", "leaves a piece hanging"),
    "exposed": ("让出线路", "opens a line"),
    "fork": ("被捉双", "allows a fork"),
    "mate_threat": ("被叫杀兼捉", "allows a double threat with mate"),
    "discovered": ("被闪击", "allows a discovered attack"),
    "discovered_check": ("被闪将", "allows a discovered check"),
    "pinned": ("被牵制", "loses a pinned piece"),
    "defender_pinned": ("根子被牵制", "defender pinned"),
    "trapped": ("被捉死", "piece trapped"),
    "loses": ("丢子", "loses a piece"),
    "missed_capture": ("错过吃子", "misses winning a piece"),
    "missed_fork": ("错过捉双", "misses a fork"),
    "missed_discovered": ("错过闪击", "misses a discovered attack"),
    "missed_discovered_check": ("错过闪将", "misses a discovered check"),
    "missed_mate_threat": ("错过叫杀兼捉", "misses a double threat with mate"),
    "missed_trap": ("错过捉死", "misses trapping a piece"),
    "threat": ("让对方叫杀", "allows a threat of mate"),
    "hollow_cannon": ("让对方成空头炮", "allows a hollow cannon"),
    "missed_hollow_cannon": ("错过空头炮", "misses a hollow cannon"),
    "unexplained": ("原因未明", "unexplained"),
}
_SQUARES = re.compile(r" ?[（(][^（）()]*[a-i][0-9][^（）()]*[）)]|(?: on)? [a-i][0-9](?:, [a-i][0-9])*")  # in rulings
_AFTER_MARK = re.compile("([，、：（]) +")
_SHOWN = 3  # most library moves listed
_DIGITS = "零一二三四五六七八九十"


def _number(count: int) -> str:
    return _DIGITS[count] if count <= 10 else f"{count} "


def words(reason: Reason, language: str, notation: str = "iccs") -> str:
    """Return a reason in `"zh"` or `"en"`, with moves and places in a notation.

    A piece is named by where it stands when the reason's line begins, in a fork by where it stands then: by its square
    in ICCS, else by its owner's number of the file, as the boards of readers of Chinese and WXF moves show no squares.
    """
    start, shown = Board(reason.start, strict=False), reason.shown
    last = played(start, shown[:-1])  # before the last move that is shown
    here = played(start, shown) if reason.kind == "must_break" else last
    piece, by = reason.piece or 0, reason.by or 0
    targets = dict(reason.targets)
    outcome = reason.outcome or ("", "")
    if notation not in COORDINATES:
        outcome = _SQUARES.sub("", outcome[0]), _SQUARES.sub("", outcome[1])
    values: dict[str, Any] = {
        "piece": pieces.NAMES[abs(piece)], "piece_zh": pieces.han_name(piece) if piece else "",
        "by": pieces.NAMES[abs(by)], "by_zh": pieces.han_name(by) if by else "",
        "lost": "" if reason.origin is None else place(start, reason.origin, "en", notation),
        "lost_zh": "" if reason.origin is None else place(start, reason.origin, "zh", notation),
        "capture": last.write(shown[-1], notation) if piece else "",
        "double_zh": "将军抽子" if pieces.KING in map(abs, targets.values()) else "捉双",
        "moves": reason.moves, "move": here.write(reason.move, notation) if reason.move else "",
        "mate_zh": "两步" if reason.moves == 2 else f"{_number(reason.moves or 0)}步",
        "soon": "" if reason.ply <= 1 else f" after {reason.ply} plies",
        "soon_zh": "" if reason.ply <= 1 else f"（{_number(reason.ply)}着后）",
        "when_zh": "" if reason.ply <= 1 else f"{_number(reason.ply)}着后 ",
        "later": "at once" if reason.ply <= 1 else f"after {reason.ply} plies",
        "later_zh": "立即" if reason.ply <= 1 else f"{_number(reason.ply)}着后",
        "outcome": outcome[0], "outcome_zh": outcome[1],
    }  # fmt: skip
    if targets and reason.square is not None:  # a fork: pieces are named by where they stand then
        forked = played(start, shown[:-2])
        values |= {"lost": place(forked, reason.square, "en", notation)}
        values |= {"lost_zh": place(forked, reason.square, "zh", notation)}
        values["targets"] = " and ".join("the " + place(forked, square, "en", notation) for square in targets)
        values["targets_zh"] = "、".join(place(forked, square, "zh", notation) for square in targets)
    text = REASONS[reason.kind][0 if language == "zh" else 1].format(**values).strip()
    return _AFTER_MARK.sub(r"\1", text)


def place(board: Board, square: int, language: str, notation: str) -> str:
    """Return the name of the piece on a square: `horse on file 4` or `六路马`, `front rook on file 1` or `九路前车`; in
    ICCS `horse on d8` or `d8 马`."""
    piece = board.piece_at(square)
    assert piece is not None
    han, name = pieces.han_name(piece), pieces.NAMES[abs(piece)]
    if notation in COORDINATES:
        return f" {square_name(square)} {han}" if language == "zh" else f"{name} on {square_name(square)}"
    if piece.kind == pieces.KING:
        return han if language == "zh" else name
    alike = sorted(board.pieces(piece.kind, piece.color), key=lambda one: -int(piece.color) * one)  # front first
    alike = [one for one in alike if file_of(one) == file_of(square)]
    order = _order(alike.index(square), len(alike))[0 if language == "zh" else 1]
    file = number_of_file(file_of(square), piece.color)
    if language == "zh":
        return f"{HAN_DIGITS[int(piece.color)][file]}路{order}{han}"
    return f"{order} {name} on file {file}".strip()


def _order(index: int, count: int) -> tuple[str, str]:
    """Return what a piece is called among `count` of its kind on a file, in Chinese and English; the front one is 0."""
    if count == 1:
        return "", ""
    if count <= 3 and index in (0, count - 1):
        return ("前", "front") if not index else ("后", "rear")
    return (
        ("中", "middle") if count == 3 else (_DIGITS[index + 1], ("first", "second", "third", "fourth", "fifth")[index])
    )


def departure_words(departure: Departure, board: Board, language: str, notation: str) -> str:
    """Return where a game left the library, in `"zh"` or `"en"`; `board` is the position there."""
    zh = language == "zh"
    if departure.move is None:
        return "全局在棋谱库中有相同着法" if zh else "other games in the library continued the same way to the end"
    if not departure.instead:
        if departure.plies:
            both = (
                f"走 {departure.plies} 着后棋谱库中没有此局面",
                f"no other game in the library after {departure.plies} plies",
            )
        else:
            both = "棋谱库中没有同样开局的对局", "no other game in the library begins like this"
        return both[not zh]
    number = f"{board.fullmove}{'...' if board.turn is BLACK else '.'} {board.write(departure.move, notation)}"
    played = [
        f"{board.write(one.move, notation)} {one.games:,} {'局' if zh else 'game' if one.games == 1 else 'games'}"
        for one in departure.instead[:_SHOWN]
    ]
    if zh:
        return f"{number} 脱离棋谱库；棋谱库中走 {'、'.join(played)}"
    return f"left the library with {number}; played there: {', '.join(played)}"
