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
    "missed_draw": ("错过和棋：{outcome_zh}", "misses a draw: {outcome}"),
    "walks_into": ("送吃：{piece_zh}到 {square} 被{by_zh}吃", "puts the {piece} on {square}, where the {by} takes it"),
    "defence_left": (
        "离开防守，使{lost_zh}失根，被{by_zh}吃",
        "gives up the defence of the {lost}: the {by} takes it",
    ),
    "left_hanging": ("{lost_zh}被捉未应，遭{by_zh}吃", "leaves the {lost} to the {by}"),
    "exposed": ("让出线路，{lost_zh}被{by_zh}吃", "opens the way for the {by} to take the {lost}"),
    "fork": (
        "被{by_zh}{double_zh}（{targets_zh}），丢{lost_zh}：{taken_zh}",
        "the {by} forks {targets}: the {lost} is lost {where}",
    ),
    "mate_threat": (
        "被叫杀兼捉{lost_zh}，{taken_zh}",
        "a threat of mate and on the {lost} at once: the {by} takes it {where}",
    ),
    "discovered": (
        "被{by_zh}闪击，丢{lost_zh}：{taken_zh}",
        "a discovered attack by the {by}: the {lost} is lost {where}",
    ),
    "discovered_check": (
        "{where_zh}被{by_zh}闪将吃{lost_zh}",
        "the {by} takes the {lost} with a discovered check {where}",
    ),
    "pinned": ("{lost_zh}被牵制，{taken_zh}", "the {lost} is pinned and lost to the {by} {where}"),
    "defender_pinned": (
        "{lost_zh}的根子被牵制，{taken_zh}",
        "what defends the {lost} is pinned: the {by} takes it {where}",
    ),
    "trapped": ("{lost_zh}被捉死，{taken_zh}", "the {lost} is trapped: the {by} takes it {where}"),
    "loses": ("丢{lost_zh}：{taken_zh}", "loses the {lost} to the {by} {where}"),
    "missed_capture": ("错过吃{lost_zh}：{takes_zh}", "misses winning the {lost} with the {by} {where}"),
    "missed_fork": (
        "错过{by_zh}{double_zh}（{targets_zh}），得{lost_zh}：{takes_zh}",
        "misses a fork of {targets} by the {by}, which wins the {lost} {where}",
    ),
    "missed_discovered": (
        "错过闪击{lost_zh}：{takes_zh}",
        "misses a discovered attack: the {by} wins the {lost} {where}",
    ),
    "missed_discovered_check": (
        "错过闪将得{lost_zh}：{takes_zh}",
        "misses a discovered check, with which the {by} takes the {lost} {where}",
    ),
    "missed_mate_threat": (
        "错过叫杀兼捉{lost_zh}：{takes_zh}",
        "misses a threat of mate and on the {lost} at once: the {by} wins it {where}",
    ),
    "missed_trap": ("错过捉死{lost_zh}：{takes_zh}", "misses trapping the {lost}: the {by} wins it {where}"),
    "threat": ("让对方 {move} 叫杀", "allows {move}, which threatens mate"),
    "missed_threat": ("错过 {move} 叫杀", "misses {move}, which threatens mate"),
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
    "missed_threat": ("错过叫杀", "misses a threat of mate"),
    "unexplained": ("原因未明", "unexplained"),
}
_SHOWN = 3  # most library moves listed
_DIGITS = "零一二三四五六七八九十"


def _number(count: int) -> str:
    return _DIGITS[count] if count <= 10 else f"{count} "


def words(reason: Reason, language: str) -> str:
    """Return a reason in `"zh"` or `"en"`; a piece is named by where it stands when the line begins."""
    piece, by = reason.piece or 0, reason.by or 0
    outcome = reason.outcome or ("", "")
    square = "" if reason.square is None else square_name(reason.square)
    stands = square if reason.origin is None else square_name(reason.origin)
    at = "" if stands == square else f" on {square}"
    at_zh = "" if stands == square else f"在 {square} "
    later = "" if reason.ply <= 1 else f"after {reason.ply} plies"
    later_zh = "立即" if reason.ply <= 1 else f"{_number(reason.ply)}着后"
    by_zh = pieces.han_name(by) if by else ""
    values = {
        "square": square, "piece": pieces.NAMES[abs(piece)], "piece_zh": pieces.han_name(piece) if piece else "",
        "by": pieces.NAMES[abs(by)], "by_zh": by_zh,
        "lost": f"{pieces.NAMES[abs(piece)]} on {stands}",
        "lost_zh": f" {stands} {pieces.han_name(piece)}" if piece else "",
        "taken_zh": f"{later_zh}{at_zh}被{by_zh}吃", "takes_zh": f"{later_zh}可用{by_zh}{at_zh}吃去",
        "targets": " and ".join(f"the {pieces.NAMES[abs(one)]} on {square_name(sq)}" for sq, one in reason.targets),
        "targets_zh": "、".join(f"{square_name(sq)} {pieces.han_name(one)}" for sq, one in reason.targets),
        "double_zh": "将军抽子" if any(abs(one) == pieces.KING for _, one in reason.targets) else "捉双",
        "moves": reason.moves, "move": reason.move,
        "mate_zh": "两步" if reason.moves == 2 else f"{_number(reason.moves or 0)}步",
        "where": f"{at.strip()} {later or 'at once'}".strip(), "where_zh": later_zh,
        "outcome": outcome[0], "outcome_zh": outcome[1],
    }  # fmt: skip
    return REASONS[reason.kind][0 if language == "zh" else 1].format(**values).strip()


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
