"""Incremental reading and choosing moves token by token, compared with reading everything again for each candidate."""

import contextlib
import random

import numpy as np
import pytest
import torch

from xiangqi_lm.config import ModelConfig
from xiangqi_lm.dataset.division import pack
from xiangqi_lm.dataset.layout import layout_of, windows
from xiangqi_lm.dataset.loader import legal_moves, make_batch
from xiangqi_lm.dataset.tokenizer import TOKENIZERS
from xiangqi_lm.model.decode import Decoder, Line, read
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.model.inputs import Inputs
from xiangqi_lm.model.prefixes import PrefixTree
from xiangqi_lm.model.rnn import CELLS
from xiangqi_lm.model.scoring import score
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import MOVES, Move

ENDGAME = "3ak4/4a4/4b4/9/2b6/9/4P4/9/3R5/4K4 b - - 0 1"
KINDS = [  # tokenizer, board, attention or a recurrent trunk, positions
    ("move", "sum", "softmax", "learned"),
    ("move", "none", "softmax", "rotary"),
    ("square", "sum", "softmax", "rotary"),
    ("square", "none", "performer", "rotary"),
    ("char", "none", "softmax", "learned"),
    ("char", "sum", "taylor", "learned"),
    ("char", "none", "performer", "learned"),
    ("move", "sum", "lstm", "learned"),
    ("square", "none", "output_gated", "none"),
]


@pytest.fixture(autouse=True)
def in_float32(monkeypatch):
    for module in ("decode", "scoring"):
        monkeypatch.setattr(f"xiangqi_lm.model.{module}.autocast", lambda device: contextlib.nullcontext())


def make_model(tokenizer: str, board: str, attention: str, positions: str, context: int = 96, **more) -> Gpt:
    """Return a model with clearer preferences than a fresh one, so that differences show."""
    trunk, attention = (attention, "softmax") if attention in CELLS else ("transformer", attention)
    config = ModelConfig(
        width=32, layers=2, heads=2, context=context, dropout=0.0, tokenizer=tokenizer, board=board,
        trunk=trunk, attention=attention, positions=positions, **more,
    )  # fmt: skip
    torch.manual_seed(0)
    model = Gpt(config).eval()
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(5 if p.ndim > 1 else 1)
    return model


@pytest.fixture(scope="module", params=KINDS, ids="-".join)
def model(request) -> Gpt:
    return make_model(*request.param)


def board_after(seed: int, plies: int, fen: str = "") -> Board:
    """Return the board after random moves; the endgame cannot end that soon."""
    dice, board = random.Random(seed), Board(fen) if fen else Board()
    for _ in range(plies):
        board.push(dice.choice(list(board.legal_moves)))
    return board


def line_of(board: Board) -> Line:
    root = board.root()
    return Line(root.array, int(root.turn), np.array([move.id for move in board.move_stack], np.int64))


def legal_of(boards: list[Board]) -> np.ndarray:
    legal = np.zeros((len(boards), len(MOVES)), bool)
    for i, board in enumerate(boards):
        legal[i, [(move if board.turn == 1 else move.half_turn()).id for move in board.legal_moves]] = True
    return legal


@torch.no_grad()
def by_candidates(model: Gpt, line: Line, legal: np.ndarray, wanted=(0, 0)) -> tuple[torch.Tensor, torch.Tensor]:
    """Return each legal move's log-probability with and without mask, read afresh for each: float64 [M]."""
    layout = layout_of(model.config)
    spelled = layout.tokenizer.spelling[np.flatnonzero(legal)]  # [M, K]
    rows = []
    for tokens in spelled:
        rows.append(read(line, layout, wanted))
        for token in tokens[:-1]:
            rows[-1] = rows[-1].followed_by(token)
    tokens, parts, boards, conditions = (np.stack(x) for x in zip(*rows, strict=True))
    moves = np.repeat(legal_moves(boards[:1]), len(rows), 0)
    given = (torch.from_numpy(x) for x in (tokens, boards, moves, conditions, parts))
    k = spelled.shape[1]
    logits = model(Inputs(*given)).logits[:, -k:].double()  # [M, K, V]
    allowed = torch.zeros(logits.shape, dtype=torch.bool)
    for mine, tokens in zip(allowed, spelled, strict=True):
        for other in spelled:
            for j in range(k):
                mine[j, other[j]] |= bool((other[:j] == tokens[:j]).all())
    at = torch.from_numpy(spelled)[..., None]
    return tuple(
        logs.log_softmax(-1).gather(-1, at).sum((1, 2)) for logs in (logits.masked_fill(~allowed, -np.inf), logits)
    )


def check(model: Gpt, decoder: Decoder, boards: list[Board], only: slice = slice(None)) -> None:
    lines, legal = [line_of(board) for board in boards], legal_of(boards)
    found = decoder.scores(decoder.encode(lines), legal)
    for i in range(len(boards))[only]:
        masked, free = by_candidates(model, lines[i], legal[i])
        torch.testing.assert_close(found.masked[i][legal[i]].double(), masked, atol=1e-4, rtol=0)
        torch.testing.assert_close(found.free[i][legal[i]].double(), free, atol=1e-4, rtol=0)
        assert found.masked[i][~legal[i]].isneginf().all()
        assert found.masked[i].exp().sum().item() == pytest.approx(1, abs=1e-5)


def test_every_legal_move_has_the_probability_found_by_reading_it_afresh(model):
    """Games of different lengths from different starts in one batch, each also extended by one move and by two."""
    decoder = Decoder(model)
    boards = [board_after(1, 5), board_after(2, 0), board_after(3, 9), board_after(4, 3, ENDGAME), Board(ENDGAME)]
    check(model, decoder, boards)
    dice = random.Random(5)
    for moves in (1, 2):
        for board in boards[:4]:
            for _ in range(moves):
                board.push(dice.choice(list(board.legal_moves)))
        check(model, decoder, boards, slice(moves, moves + 2))
    boards[2].pop(), boards[2].pop()
    check(model, decoder, [boards[3], boards[2], board_after(7, 2)], slice(0, 2))


def test_sampled_moves_are_legal_and_have_the_right_frequency(model):
    decoder, dice = Decoder(model), torch.Generator().manual_seed(0)
    board = board_after(6, 4)
    line, legal = line_of(board), legal_of([board])
    p = decoder.log_probabilities([line], legal)[0].exp().numpy()
    picks = decoder.sample([line] * 1000, np.repeat(legal, 1000, 0), dice)
    assert legal[0][picks].all()
    found = np.bincount(picks, minlength=len(p)) / len(picks)
    assert np.abs(found - p).max() < 5 * np.sqrt(0.25 / 1000)
    assert np.abs(found - p).sum() < 0.4  # at most 2; 1000 draws of some 40 moves differ by about 0.15
    greedy = decoder.sample([line], legal, dice, temperature=0.0)
    assert legal[0][greedy].all()


def test_continuing_after_sampling_equals_reading_afresh(model):
    decoder, dice = Decoder(model), torch.Generator().manual_seed(1)
    boards = [board_after(1, 5), board_after(2, 0), board_after(3, 9)]
    for _ in range(3):
        lines = [line_of(board) for board in boards]
        for board, move in zip(boards, decoder.sample(lines, legal_of(boards), dice), strict=True):
            chosen = MOVES[move] if board.turn == 1 else MOVES[move].half_turn()
            board.push(chosen)  # raises IllegalMove
            board.push(next(iter(board.legal_moves)))
        lines = [line_of(board) for board in boards]
        found = decoder.encode(lines)
        torch.testing.assert_close(found, Decoder(model).encode(lines), atol=1e-4, rtol=1e-4)
        assert torch.equal(decoder.encode(lines), found)  # asked the same again


@pytest.mark.parametrize(("tokenizer", "board"), [("square", "none"), ("char", "sum"), ("char", "none")])
def test_past_the_context(tokenizer, board):
    """A growing game and a fresh one agree at every ply, and no window begins inside a move."""
    model = make_model(tokenizer, board, "softmax", "learned", context=48)
    line, decoder = line_of(board_after(5, 40)), Decoder(model)
    for n in range(40):
        now = [line._replace(ids=line.ids[:n])]
        torch.testing.assert_close(decoder.encode(now), Decoder(model).encode(now), atol=1e-4, rtol=1e-4)
        row = read(now[0], layout_of(model.config), (0, 0))
        assert len(row.tokens) <= 48
        assert row.parts[-1] == 0


@pytest.mark.parametrize("trunk", CELLS)
def test_a_recurrent_game_of_600_plies_takes_no_more_memory_and_work_than_a_short_one(trunk, monkeypatch):
    """The game shuttles its horses; a player is asked at every second ply, and reads the two new moves alone."""
    model = make_model("move", "sum", trunk, "none", context=1024)
    for block in model.blocks:  # five times as large weights let rounding errors grow with every ply
        block.recurrence.reset()
    shuttle = [Move.from_iccs(move).id for move in ("h0g2", "h9g7", "g2h0", "g7h9")]
    line = line_of(Board())._replace(ids=np.array(shuttle * 150, np.int64))
    decoder, encode, seen = Decoder(model), model.encode, []

    def watched(inputs, cache=None, branches=None):
        found = encode(inputs, cache, branches)
        held = sum(x.numel() for part in cache for x in vars(part).values() if isinstance(x, torch.Tensor))
        seen.append((inputs.tokens.shape[1], held))
        return found

    monkeypatch.setattr(model, "encode", watched)
    for ply in range(2, 601, 2):
        found = decoder.encode([line._replace(ids=line.ids[:ply])])
    assert len(seen) == 300 and set(seen[1:]) == {(2, seen[0][1])}
    torch.testing.assert_close(found, Decoder(model).encode([line]), atol=1e-4, rtol=1e-4)
    assert seen[-1] == (601, seen[0][1])


def test_sampling_under_top_p_and_temperature_works_on_tokens():
    """At the first token of a square model only the likeliest squares that reach top-p remain."""
    model = make_model("square", "none", "softmax", "learned")
    decoder, board = Decoder(model), board_after(6, 4)
    line, legal = line_of(board), legal_of([board])
    p = decoder.log_probabilities([line], legal)[0].exp().double()
    starts = {}
    for move in np.flatnonzero(legal[0]):
        square = MOVES[move].from_square
        starts[square] = starts.get(square, 0.0) + p[move].item()
    allowed, mass = set(), 0.0
    for square, share in sorted(starts.items(), key=lambda x: -x[1]):
        if mass < 0.5:
            allowed.add(square)
        mass += share
    picks = decoder.sample([line] * 300, np.repeat(legal, 300, 0), torch.Generator().manual_seed(2), 1.0, 0.5)
    assert {MOVES[i].from_square for i in picks} <= allowed
    assert len(allowed) < len(starts)


def test_conditions_matter_and_unknown_is_the_default():
    model = make_model("square", "none", "softmax", "learned", conditions=True)
    decoder, board = Decoder(model), board_after(6, 5)
    line, legal = line_of(board), legal_of([board])
    for wanted in ((0, 0), (1, 0), (3, 4)):
        found = decoder.log_probabilities([line], legal, wanted)[0][legal[0]].double()
        torch.testing.assert_close(found, by_candidates(model, line, legal[0], wanted)[0], atol=1e-4, rtol=0)
    assert not torch.allclose(
        decoder.log_probabilities([line], legal, (1, 0))[0][legal[0]],
        decoder.log_probabilities([line], legal)[0][legal[0]],
    )
    row = read(line, layout_of(model.config), (1, 4))
    assert row.conditions[-1].tolist() == [1, 4]
    assert row.conditions[-2].tolist() == [3, 4]  # the other player's move: it loses when the mover wins


# ------------------------------------------------------------------------------------------------ whole games at once


def test_scores_of_a_batch_are_those_of_play(model):
    """Teacher forcing over whole games, including windows and set-up positions, against one position at a time."""
    boards = [board_after(1, 30), board_after(2, 7), board_after(4, 12, ENDGAME)]
    split = pack([GameRecord(moves=tuple(b.move_stack), start_fen=b.start_fen if i == 2 else None, result="1-0")
                  for i, b in enumerate(boards)])  # fmt: skip
    layout = layout_of(model.config)
    pieces = [w for i in range(3) for w in windows(i, len(split.moves(i)), layout, i == 2)]
    batch = make_batch(split, pieces, np.zeros(len(pieces), bool), layout)
    found = score(model, batch)
    rows, columns = np.nonzero(batch.asked)
    decoder, played, n = Decoder(model), batch.played(), 0
    for row, column in zip(rows, columns, strict=True):
        game, ply = pieces[row].game, batch.plies[row, column]
        if ply % 5 == 0:
            board = boards[game].root()
            for move in boards[game].move_stack[:ply]:
                board.push(move)
            legal = legal_of([board])
            wanted = decoder.scores(decoder.encode([line_of(board)]), legal)
            torch.testing.assert_close(found.moves.masked[n][legal[0]], wanted.masked[0][legal[0]], atol=1e-4, rtol=0)
            torch.testing.assert_close(found.moves.free[n][legal[0]], wanted.free[0][legal[0]], atol=1e-4, rtol=0)
            assert found.moves.greedy[n] == wanted.greedy[0]
            move = boards[game].move_stack[ply]
            assert played[n] == (move if board.turn == 1 else move.half_turn()).id
        n += 1
    assert n == len(found.value) == sum(len(split.moves(i)) for i in range(3))


def test_the_greedy_way_is_followed_without_a_mask():
    """Handmade logits: the likeliest from square has legal moves, the likeliest to square after it makes none of
    them.
    """
    tokenizer = TOKENIZERS["square"]
    legal = legal_of([Board(), Board()])
    tree = PrefixTree.of(legal, tokenizer)
    logits = torch.zeros(len(tree.where), 90)
    cannon, good, bad = 25, 22, 40  # h2, e2, e4
    logits[:2, cannon] = 5.0
    for node in tree.branches:
        if tree.token[node] == cannon:
            logits[node, good if tree.where[node] == 0 else bad] = 5.0
    scores = tree.scores(logits)
    assert scores.greedy.tolist() == [True, False]
    mass = scores.free.exp().sum(-1)
    assert (mass < 1).all()
    assert mass[1] < mass[0]
    torch.testing.assert_close(scores.masked.exp().sum(-1), torch.ones(2))
