"""Games and files that several tests of records share."""

import random
from pathlib import Path

from xiangqi_lm.records.game import GameRecord, Line
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move

FOLDER = Path(__file__).parent / "data" / "records"
ENDGAME = "3ak4/4a4/9/9/9/9/4P4/9/3R5/4K4 w - - 0 1"


def moves(text: str) -> tuple[Move, ...]:
    return tuple(Move.from_iccs(word) for word in text.split())


def random_moves(seed: int, plies: int, fen: str | None = None, opening: str = "") -> tuple[Move, ...]:
    """Return a random line that begins with the moves of `opening`; shorter if the game ends."""
    chance = random.Random(seed)
    board = Board(fen) if fen else Board()
    for move in moves(opening):
        board.push(move)
    while board.ply < plies and board.legal_moves:
        board.push(chance.choice(list(board.legal_moves)))
    return tuple(board.move_stack)


def game(
    seed: int = 0, plies: int = 30, result: str = "*", fen: str | None = None, opening: str = "", **headers: str
) -> GameRecord:
    return GameRecord(dict(headers), fen, random_moves(seed, plies, fen, opening), result)


def mirrored(record: GameRecord) -> GameRecord:
    fen = Board(record.start_fen).mirror().fen() if record.start_fen else None
    return GameRecord(record.headers, fen, tuple(move.mirror() for move in record.moves), record.result)


def tree() -> GameRecord:
    """Return a game with comments and variations two levels deep, at the first and at the last move."""
    deep = Line(moves("b0c2 h9g7"), {2: "最深"}, {1: (Line(moves("c6c5")),)})
    variations = {
        0: (Line(moves("c3c4 h7e7"), {0: "先", 2: "end"}),),
        1: (Line(moves("b9c7 h0g2 h7e7"), {}, {1: (deep,)}), Line(moves("h7e7"), {1: "顺炮"})),
        3: (Line(moves("g6g5")),),
    }
    comments = {0: "开始", 2: "第一行", 4: "last"}
    headers = {"Event": "测试", "Date": "2001", "Site": "北京", "Red": "甲", "Black": "乙"}
    return GameRecord(headers, None, moves("h2e2 h9g7 h0g2 i9h9"), "1-0", comments, variations)


def games_of(name: str, count: int, first: int = 0, **headers: str) -> list:
    """Return games of a player, who has Red in games with even numbers."""
    found = []
    for i in range(first, first + count):
        red, black = (name, "someone else") if i % 2 == 0 else ("someone else", name)
        result = ("1-0", "0-1", "1/2-1/2", "*")[i % 4]
        found.append(game(i, 24 + i % 7, result, opening="h2e2 h9g7", Red=red, Black=black, **headers))
    return found
