"""Boards to PGN and back."""

import pytest

from xiangqi_lm import BadRecord, Board, from_pgn, to_pgn

ENDGAME = "3k5/9/9/9/9/9/9/9/R8/4K4 w - - 0 1"


@pytest.mark.parametrize("notation", ["iccs", "chinese", "wxf"])
@pytest.mark.parametrize("fen, moves", [(Board().fen(), "h2e2 h9g7 h0g2"), (ENDGAME, "a1a9"), (ENDGAME, "")])
def test_round_trip(notation, fen, moves):
    board = Board(fen)
    for text in moves.split():
        board.push_text(text)
    text = to_pgn(board, notation, {"Red": "胡荣华", "Black": "B"})
    twin = from_pgn(text)
    assert twin == board and twin.move_stack == board.move_stack and twin.start_fen == board.start_fen
    assert '[Red "胡荣华"]' in text and f'[Result "{board.result()}"]' in text


def test_the_first_game_without_its_variations():
    text = '[Event "one"]\n\n1. 炮二平五 (1. 兵七进一) 马８进７ *\n\n[Event "two"]\n\n1. h0g2 *\n'
    assert [move.iccs() for move in from_pgn(text).move_stack] == ["h2e2", "h9g7"]


def test_refused():
    for text in ("", "1. h2h9 h9h8 *", '[FEN "nonsense"]\n\n1. h2e2 *'):
        with pytest.raises(BadRecord):
            from_pgn(text)
    for call in (lambda: from_pgn(None), lambda: to_pgn("h2e2"), lambda: to_pgn(ENDGAME)):
        with pytest.raises(TypeError):
            call()
    with pytest.raises(ValueError, match="expected one of iccs"):
        to_pgn(Board(), "morse")
