"""The wording of reviews in Chinese and English: marks, phases and reasons."""

from __future__ import annotations

from ..library.departures import Departure
from ..rules import pieces
from ..rules.board import Board
from ..rules.squares import BLACK, square_name
from .reasons import Reason

MARKS = {  # mark -> (Chinese, English)
    "brilliant": ("妙着", "brilliant"),
    "good": ("好着", "good move"),
    "inaccuracy": ("欠准", "inaccuracy"),
    "mistake": ("失着", "mistake"),
    "blunder": ("败着", "blunder"),
}
PHASES = {"opening": ("开局", "opening"), "middlegame": ("中局", "middlegame"), "endgame": ("残局", "endgame")}
REASONS = {  # kind -> (Chinese, English); fields in braces come from the reason
    "rule": ("{where_zh}违例：{outcome_zh}", "against the rules {where}: {outcome}"),
    "mated": ("对方{mate_zh}成杀", "allows mate in {moves}"),
    "missed_mate": ("错过{mate_zh}杀", "misses mate in {moves}"),
    "missed_rule": ("错过按规则取胜：{outcome_zh}", "misses a win by the rules: {outcome}"),
    "must_break": ("须变着：再走 {move} 则{outcome_zh}", "must vary: if {move} is played again, {outcome}"),
    "drawn": ("{where_zh}成和：{outcome_zh}", "lets the game be drawn {where}: {outcome}"),
    "walks_into": ("送吃：{piece_zh}到 {square} 被{by_zh}吃", "puts the {piece} on {square}, where the {by} takes it"),
    "defence_left": (
        "离开防守，{square} {piece_zh}失根，被{by_zh}吃",
        "gives up the defence of the {piece} on {square}: the {by} takes it",
    ),
    "left_hanging": ("未顾及 {square} {piece_zh}，被{by_zh}吃", "leaves the {piece} on {square} to the {by}"),
    "exposed": ("让{by_zh}吃到 {square} {piece_zh}", "opens the way for the {by} to take the {piece} on {square}"),
    "fork": (
        "被{by_zh}捉双（{targets}），{where_zh}丢 {square} {piece_zh}",
        "the {by} forks {targets}: the {piece} on {square} is lost {where}",
    ),
    "pinned": (
        "{square} {piece_zh}被牵制，{where_zh}被{by_zh}吃",
        "the {piece} on {square} is pinned and lost to the {by} {where}",
    ),
    "defender_pinned": (
        "{square} {piece_zh}的保护子被牵制，{where_zh}被{by_zh}吃",
        "what defends the {piece} on {square} is pinned: the {by} takes it {where}",
    ),
    "loses": ("{where_zh}丢 {square} {piece_zh}，被{by_zh}吃", "loses the {piece} on {square} to the {by} {where}"),
    "missed_capture": (
        "错过得子：{where_zh}可用{by_zh}吃 {square} {piece_zh}",
        "misses winning the {piece} on {square} with the {by} {where}",
    ),
}
_SHOWN = 3  # most library moves listed
_DIGITS = "零一二三四五六七八九十"


def _number(count: int) -> str:
    return _DIGITS[count] if count <= 10 else str(count)


def words(reason: Reason, language: str) -> str:
    """Return a reason in `"zh"` or `"en"`."""
    piece, by = reason.piece or 0, reason.by or 0
    outcome = reason.outcome or ("", "")
    values = {
        "square": "" if reason.square is None else square_name(reason.square),
        "piece": pieces.NAMES[abs(piece)], "piece_zh": pieces.han_name(piece) if piece else "",
        "by": pieces.NAMES[abs(by)], "by_zh": pieces.han_name(by) if by else "",
        "targets": ("、" if language == "zh" else " and ").join(map(square_name, reason.targets)),
        "moves": reason.moves, "mate_zh": f"{_number(reason.moves or 0)}步", "move": reason.move,
        "where": "at once" if reason.ply <= 1 else f"after {reason.ply} plies",
        "where_zh": "立即" if reason.ply <= 1 else f"{_number(reason.ply)}着后",
        "outcome": outcome[0], "outcome_zh": outcome[1],
    }  # fmt: skip
    return REASONS[reason.kind][0 if language == "zh" else 1].format(**values)


def departure_words(departure: Departure, board: Board, language: str, notation: str) -> str:
    """Return where a game left the library, in `"zh"` or `"en"`; `board` is the position there."""
    zh = language == "zh"
    if departure.move is None:
        return "全局在棋库中有相同着法" if zh else "other games in the library continued the same way to the end"
    if not departure.instead:
        if departure.plies:
            both = (
                f"走 {departure.plies} 着后棋库中没有此局面",
                f"no other game in the library after {departure.plies} plies",
            )
        else:
            both = "棋库中没有同样开局的对局", "no other game in the library begins like this"
        return both[not zh]
    number = f"{board.fullmove}{'...' if board.turn is BLACK else '.'} {board.write(departure.move, notation)}"
    played = [
        f"{board.write(one.move, notation)} {one.games:,} {'局' if zh else 'game' if one.games == 1 else 'games'}"
        for one in departure.instead[:_SHOWN]
    ]
    if zh:
        return f"{number} 脱离棋库；棋库中走 {'、'.join(played)}"
    return f"left the library with {number}; played there: {', '.join(played)}"
