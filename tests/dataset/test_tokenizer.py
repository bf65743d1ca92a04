"""Moves as tokens: spelled as written, turned to the mover's view, and the placement as tokens."""

import numpy as np
import pytest

from xiangqi_lm.config import ModelConfig
from xiangqi_lm.dataset.layout import Layout, columns, layout_of, window_start, windows
from xiangqi_lm.dataset.loader import LEVELS, level_of, view
from xiangqi_lm.dataset.tokenizer import MOST_PIECES, TOKENIZERS
from xiangqi_lm.errors import BadConfig
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import MOVES, Move

CHARACTERS = "0123456789abcdefghi"
SPELLED = {
    "move": lambda move: [move.id],
    "square": lambda move: [move.from_square, move.to_square],
    "char": lambda move: [CHARACTERS.index(c) for c in move.iccs()],
}


@pytest.mark.parametrize(("name", "tokens", "size"), [("move", 1, 2086), ("square", 2, 90), ("char", 4, 19)])
def test_every_move_is_spelled_as_it_is_written(name, tokens, size):
    tokenizer = TOKENIZERS[name]
    assert (tokenizer.name, tokenizer.per_move, tokenizer.size) == (name, tokens, size)
    for move in MOVES:
        assert tokenizer.spelling[move.id].tolist() == SPELLED[name](move)
    assert len(np.unique(tokenizer.spelling, axis=0)) == len(MOVES)
    assert (tokenizer.moves(tokenizer.spelling) == np.arange(len(MOVES))).all()


@pytest.mark.parametrize("name", TOKENIZERS)
def test_turned_tokens_spell_the_turned_move(name):
    tokenizer = TOKENIZERS[name]
    for move in MOVES:
        turned = tokenizer.half_turn[tokenizer.spelling[move.id]]
        assert turned.tolist() == SPELLED[name](move.half_turn())
    assert (tokenizer.following[:-1] == np.arange(tokenizer.size)).all()
    assert (tokenizer.following[-1] == tokenizer.half_turn).all()


def test_texts_that_are_not_moves_are_refused():
    with pytest.raises(AssertionError, match="spell no move"):
        TOKENIZERS["square"].moves(np.array([[0, 0]]))


@pytest.mark.parametrize("name", TOKENIZERS)
def test_pieces_are_tokens_of_their_own(name):
    tokenizer = TOKENIZERS[name]
    board = Board()
    placement = tokenizer.placement(board.array)
    assert len(set(placement.tolist())) == len(placement) == 32 == MOST_PIECES
    assert placement.min() > tokenizer.bos
    assert placement.max() < tokenizer.read(placement=True)
    assert tokenizer.read(placement=False) == tokenizer.size + 1
    every = set()
    for piece in (*range(-7, 0), *range(1, 8)):
        for square in range(90):
            alone = np.zeros(90, np.int8)
            alone[square] = piece
            every.add(int(tokenizer.placement(alone)[0]))
    assert every == set(range(tokenizer.bos + 1, tokenizer.read(placement=True)))


# ------------------------------------------------------------------------------------------------ columns


def played(*texts: str) -> Board:
    board = Board()
    for text in texts:
        board.push_text(text)
    return board


def read(board: Board, layout: Layout, first: int = 0, placement: bool = False):
    ids = np.array([move.id for move in board.move_stack], np.int64)
    _, boards, seen = view(ids, board.root().array, int(board.root().turn))
    return columns(seen, boards, first, placement, layout)


def test_a_game_in_characters_as_each_mover_sees_it():
    """h2e2 h9g7: Black sees the last character of Red's move from its own side (rank 2 is its rank 7) and plays its
    horse as Red would, b0c2."""
    found = read(played("h2e2", "h9g7"), Layout(TOKENIZERS["char"]))
    text = [CHARACTERS[i] if i < 19 else "^" for i in found.tokens]
    assert text == ["^", *"h2e", "7", *"b0c", "7"]
    assert found.parts.tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 0]
    assert found.plies.tolist() == [0] * 4 + [1] * 4 + [2]


def test_a_game_in_squares_and_in_moves():
    board = played("h2e2", "h9g7")
    square = lambda text: Move.from_iccs(text).to_square  # noqa: E731
    start = lambda text: Move.from_iccs(text).from_square  # noqa: E731
    found = read(board, Layout(TOKENIZERS["square"]))
    assert found.tokens.tolist() == [90, start("h2e2"), 89 - square("h2e2"), start("b0c2"), square("h9g7")]
    found = read(board, Layout())
    assert found.tokens.tolist() == [2086, Move.from_iccs("h2e2").half_turn().id, Move.from_iccs("h9g7").id]


def test_the_pieces_come_before_a_window():
    """From the second move on: Black's position, turned, then the start of a line."""
    board, tokenizer = played("h2e2", "h9g7", "h0g2"), TOKENIZERS["square"]
    found = read(board, Layout(tokenizer, placement=True), first=1, placement=True)
    assert found.tokens[:32].tolist() == tokenizer.placement(-played("h2e2").array[::-1]).tolist()
    assert found.tokens[32:34].tolist() == [tokenizer.bos, Move.from_iccs("b0c2").from_square]
    assert found.parts.tolist() == [-1] * 32 + [0, 1, 0, 1, 0]
    assert found.plies.tolist() == [1] * 32 + [1, 1, 2, 2, 3]


# ------------------------------------------------------------------------------------------------ windows


@pytest.mark.parametrize("name", TOKENIZERS)
@pytest.mark.parametrize("placement", [False, True])
@pytest.mark.parametrize("set_up", [False, True])
@pytest.mark.parametrize("plies", [1, 8, 16, 17, 63, 64, 65, 200])
def test_windows_count_every_ply_once_and_fit_the_context(name, placement, set_up, plies):
    layout = Layout(TOKENIZERS[name], 64, placement)
    counted = []
    for w in windows(0, plies, layout, set_up):
        assert w.columns(layout) <= 64
        assert w.placement == (placement and (set_up or w.first > 0))
        assert all(window_start(ply, layout, set_up) == w.first for ply in range(w.counted, w.stop))
        back = layout.room(placement) // 2
        assert w.first == 0 or w.counted - w.first >= back  # at least half a window of history
        counted += range(w.counted, w.stop)
    assert counted == list(range(plies))


def test_a_context_must_hold_two_plies():
    with pytest.raises(BadConfig, match="context: 38 tokens are too few for this model, at least 40"):
        layout_of(ModelConfig(context=38, tokenizer="char", board="none"))
    assert layout_of(ModelConfig(context=40, tokenizer="char", board="none")).room(True) == 2


def test_levels_are_bands_of_ratings():
    assert [level_of(rating) for rating in (0, 1000, 1399, 1400, 1800, 2399, 2400, 2900)] == [0, 1, 1, 2, 4, 6, 7, 7]
    assert len(LEVELS) == 6
