"""The tree search: exact visits under a hand-made evaluation, mates, repetitions, limits, reports, and the network."""

from __future__ import annotations

import math
import threading
import time

import numpy as np
import pytest
import torch

from xiangqi_lm.config import ModelConfig
from xiangqi_lm.engine.network import NetworkEvaluator
from xiangqi_lm.engine.player import Clock, Limit
from xiangqi_lm.engine.search import SearchPlayer, SearchSettings, advised
from xiangqi_lm.engine.tree import PRIOR, VALUE, VISITS, Facts, Tree, cycle, once_more
from xiangqi_lm.errors import BadConfig, IllegalMove
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import MOVES, Move
from xiangqi_lm.rules.squares import RED

ALONE = SearchSettings(batch=1, cpuct=1.0, fpu=0.0)


def flat(boards):
    """Every move alike, every position even."""
    priors = [np.full(len(b.legal_ids()), 1 / len(b.legal_ids()), np.float32) for b in boards]
    return priors, np.tile(np.array([0.3, 0.4, 0.3], np.float32), (len(boards), 1))


def by_key(boards):
    """Priors and values that only depend on the position, as if a network had made them."""
    priors, values = [], []
    for board in boards:
        rng = np.random.default_rng(board.key)
        priors.append(rng.dirichlet(np.ones(len(board.legal_ids()))).astype(np.float32))
        values.append(rng.dirichlet(np.ones(3)).astype(np.float32))
    return priors, np.array(values)


def played(moves: str, fen: str | None = None) -> Board:
    board = Board(fen) if fen else Board()
    for text in moves.split():
        board.push_text(text)
    return board


# ------------------------------------------------------------------------------------------------ golden trees


def plain_puct(board: Board, evaluate, visits: int, cpuct: float, fpu: float) -> dict[Move, int]:
    """The search as the papers write it, one leaf at a time on copies of the board; how often each move was visited."""

    class Spot:
        def __init__(self, board):
            self.board, self.below = board, {}
            (priors,), (value,) = evaluate([board])
            self.priors = dict(zip((MOVES[i] for i in board.legal_ids()), priors.tolist(), strict=True))
            self.value, self.n, self.w = float(value[0] - value[2]), 0, 0.0

    def visit(spot):
        if spot.n == 0:
            result = spot.value
        else:
            total = sum(below.n for below in spot.below.values())
            seen = sum(spot.priors[move] for move in spot.below)

            def score(move):
                below = spot.below.get(move)
                q = -below.w / below.n if below else spot.w / spot.n - fpu * math.sqrt(seen)
                return q + cpuct * spot.priors[move] * math.sqrt(max(total, 1)) / (1 + (below.n if below else 0))

            best = max(spot.priors, key=score)
            if best not in spot.below:
                after = spot.board.copy()
                after.push(best)
                spot.below[best] = Spot(after)
            result = -visit(spot.below[best])
        spot.n += 1
        spot.w += result
        return result

    root = Spot(board)
    for _ in range(visits):
        visit(root)
    return {move: below.n for move, below in root.below.items()}


@pytest.mark.parametrize("fpu", [0.0, 0.4])
@pytest.mark.parametrize("moves", ["", "h2e2 h9g7 h0g2 i9h9"])
def test_visits_are_those_of_the_plain_algorithm(moves, fpu):
    board = played(moves)
    wanted = plain_puct(board, by_key, 150, 1.7, fpu)
    player = SearchPlayer(by_key, settings=SearchSettings(batch=1, cpuct=1.7, fpu=fpu))
    choice = player.choose(board, Limit(nodes=150))
    total = sum(wanted.values())
    assert {move: round(share * total) for move, share in choice.probabilities if share} == wanted
    assert choice.move is max(wanted, key=lambda move: wanted[move])
    assert board.move_stack == played(moves).move_stack


def test_a_golden_tree():
    """Three moves with priors 0.6, 0.3, 0.1; visits worked out by hand."""
    board = Board("3k5/9/9/9/9/9/4P4/9/9/4K4 w")
    assert {MOVES[i].iccs() for i in board.legal_ids()} == {"e3e4", "e0e1", "e0f0"}

    def evaluate(boards):
        priors = {"e3e4": 0.6, "e0e1": 0.3, "e0f0": 0.1}
        values = {"e3e4": (0.6, 0.0, 0.4), "e0e1": (0.2, 0.0, 0.8), "e0f0": (0.5, 0.0, 0.5)}  # Black's
        out = []
        for b in boards:
            names = [MOVES[i].iccs() for i in b.legal_ids()]
            out.append(np.array([priors.get(name, 1 / len(names)) if not b.ply else 1 / len(names) for name in names]))
        return out, np.array([values[b.move_stack[0].iccs()] if b.ply else (0.5, 0.0, 0.5) for b in boards])

    # 1 the root; 2 e3e4 by its prior: q -0.2; 3 u(e3e4) = -0.2 + 0.3, u(e0e1) = -0.1 + 0.3: e0e1, q 0.6;
    # 4 e0e1 again, as 0.6 + 0.3 * sqrt(2) / 2 is more than -0.2 + 0.6 * sqrt(2) / 2
    for nodes, shares in ((2, {"e3e4": 1.0}), (3, {"e3e4": 0.5, "e0e1": 0.5}), (4, {"e3e4": 1 / 3, "e0e1": 2 / 3})):
        fresh = SearchPlayer(evaluate, settings=ALONE)
        found = {move.iccs(): share for move, share in fresh.choose(board, Limit(nodes=nodes)).probabilities if share}
        assert found == pytest.approx(shares)


def test_a_batch_spreads_and_adds_up():
    tree = Tree(Board(), 1.5, 0.2, {})
    leaves, visits = tree.gather(4, 10)
    assert len(leaves) == 1 and visits == 1  # the root alone can be evaluated
    absorb(tree, leaves)
    leaves, visits = tree.gather(8, 100)
    assert len({leaf.board.key for leaf in leaves}) == len(leaves) == visits == 8
    assert tree.root.edges[3].sum() == 8
    absorb(tree, leaves)
    assert tree.root.edges[3].sum() == 0 and tree.root.edges[VISITS].sum() == 8 and tree.root.visits == 9
    assert tree.board == Board() and tree.board.ply == 0


def absorb(tree, leaves):
    priors, values = by_key([leaf.board for leaf in leaves])
    rows = zip(leaves, priors, values, strict=True)
    tree.absorb(leaves, [Facts(leaf.board.legal_ids(), p, tuple(v)) for leaf, p, v in rows])


def test_sums_hold_everywhere_in_the_tree():
    """Visits of a node are one more than its edges', and its values those of its children turned round."""
    player = SearchPlayer(by_key, settings=SearchSettings(batch=8))
    player.choose(played("h2e2 h9g7"), Limit(nodes=500))
    (tree,) = player._kept.values()
    nodes, count = [tree.root], 0
    while nodes:
        node = nodes.pop()
        count += 1
        if node.edges is None or node.proof:
            continue
        assert node.visits == 1 + node.edges[VISITS].sum()
        assert not node.edges[3].any()
        for i, child in enumerate(node.children):
            assert (child.visits if child else 0) == node.edges[VISITS, i]
            if child and not child.proof:
                assert node.edges[VALUE, i] == pytest.approx(child.losses - child.wins)
                nodes.append(child)
    assert count > 400


def test_a_position_is_evaluated_once_whatever_led_to_it():
    asked = []

    def counting(boards):
        asked.extend(board.key for board in boards)
        return flat(boards)

    player = SearchPlayer(counting, settings=SearchSettings(batch=1, cpuct=3.0))
    choice = player.choose(Board("3k5/9/9/9/9/9/4P4/9/9/4K4 w"), Limit(nodes=400))
    assert len(asked) == len(set(asked)) < 300 and choice.info.nodes == 400


# ------------------------------------------------------------------------------------------------ certain results

MATES = [  # position, moves to mate: shown by trying everything below
    ("3k5/9/9/4R4/9/9/9/9/4R4/5K3 w", 1),
    ("3k5/4P4/9/9/9/9/9/9/9/R3K4 w", 1),
    ("5P3/3k5/9/9/9/9/R8/9/9/5K3 w", 2),
    ("9/4Nk3/9/5P3/9/9/3C5/9/9/5K3 w", 2),
    ("4kN3/9/9/5P1N1/9/6n2/9/9/9/3K5 w", 3),
]


def forced(board: Board, plies: int) -> bool:
    """Whether the side to move can force the end within so many plies, by trying everything."""
    for move in list(board.legal_moves) if plies > 0 else ():
        board.push_unchecked(move)
        won = not board.legal_moves
        if not won and plies > 2:
            won = True
            for reply in list(board.legal_moves):
                board.push_unchecked(reply)
                won = forced(board, plies - 2)
                board.pop()
                if not won:
                    break
        board.pop()
        if won:
            return True
    return False


@pytest.mark.parametrize("side", ["red", "black"])
@pytest.mark.parametrize(("fen", "moves"), MATES)
def test_mates_are_found_proven_and_played_out(fen, moves, side):
    board = Board(fen) if side == "red" else Board(fen).transform()
    assert forced(board.copy(), 2 * moves - 1) and not forced(board.copy(), 2 * moves - 3)
    player = SearchPlayer(flat, settings=SearchSettings(batch=4))
    left = moves
    while board.outcome() is None:
        choice = player.choose(board, Limit(nodes=20_000))
        assert choice.value == (1.0, 0.0, 0.0) and choice.info.variations[0].mate is not None
        left = min(left, choice.info.variations[0].mate)
        assert choice.info.variations[0].mate == left > 0  # never longer than promised
        board.push(choice.move)
        if board.legal_moves:
            lost = player.choose(board, Limit(nodes=20_000))
            assert lost.info.variations[0].mate == 1 - left and lost.value == (0.0, 0.0, 1.0)
            board.push(lost.move)
            left -= 1
    assert board.is_checkmate() or board.is_stalemate()


def test_a_refuted_move_is_not_played_whatever_its_prior():
    """The evaluation puts everything on the one move of the rook that lets the king be mated."""
    board = Board("3k5/9/4P4/9/9/9/9/9/8r/R3K4 b")
    moves = list(board.legal_moves)
    fatal = [move for move in moves if played(move.iccs(), board.fen()).final_moves()]
    assert fatal and len(fatal) < len(moves)

    def praising(boards):
        priors, values = flat(boards)
        for p, b in zip(priors, boards, strict=True):
            if b.ply == 0:
                p[:] = [0.999 / len(fatal) if move in fatal else 0.001 / len(moves) for move in b.legal_moves]
        return priors, values

    choice = SearchPlayer(praising).choose(board, Limit(nodes=200))
    assert choice.move not in fatal
    assert all(share == 0 for move, share in choice.probabilities if move in fatal)


@pytest.mark.parametrize("nodes", [2, 3, 10])
def test_a_refuted_move_is_not_drawn_while_another_was_not_even_visited(nodes):
    board = Board("3k5/9/4P4/9/9/9/9/9/8r/R3K4 b")
    fatal = [move for move in board.legal_moves if played(move.iccs(), board.fen()).final_moves()]

    def praising(boards):
        priors, values = flat(boards)
        for p, b in zip(priors, boards, strict=True):
            if b.ply == 0:
                p[:] = [0.9 / len(fatal) if move in fatal else 0.001 for move in b.legal_moves]
        return priors, values

    for seed in range(5):
        choice = SearchPlayer(praising, temperature=1.0, seed=seed).choose(board, Limit(nodes=nodes))
        assert choice.move not in fatal
        assert sum(share for _, share in choice.probabilities) == pytest.approx(1)
        assert all(share == 0 for move, share in choice.probabilities if move in fatal)


CHECKING = "f2e2 e9f9 e2f2 f9e9 f2e2 e9f9"  # Red checks on every move; the third time would lose
CHECKED = "4k4/9/9/9/9/9/9/5R3/9/3K5 w"


def test_a_perpetual_check_is_known_to_lose():
    board = played(CHECKING, CHECKED)
    fatal = Move.from_iccs("e2f2")
    player = SearchPlayer(flat)
    choice = player.choose(board, Limit(nodes=300))
    assert choice.move is not fatal and dict(choice.probabilities)[fatal] == 0
    alone = player.choose(board, Limit(nodes=300, among=(fatal,)))
    assert alone.move is fatal and alone.value == (0.0, 0.0, 1.0) and alone.info.variations[0].mate == -1
    first = played("e9f9 e2f2 f9e9 f2e2 e9f9 e2f2 f9e9", CHECKED.replace("w", "b").replace("5R3", "4R4"))
    lost = SearchPlayer(flat).choose(first, Limit(nodes=50, among=(Move.from_iccs("f2e2"),)))
    assert lost.value == (0.0, 0.0, 1.0) and lost.info.variations[0].mate == -1


SHUFFLE = "3ak4/4a4/9/9/4p4/4P4/9/9/4A4/3AK4 w"  # nobody can win


@pytest.mark.parametrize(
    ("fen", "moves", "verdict"),
    [
        (CHECKED, "f2e2 e9f9 e2f2 f9e9", (0.0, 0.0, 1.0)),  # Red to move, who checked all the way
        (CHECKED.replace("w", "b").replace("5R3", "4R4"), "e9f9 e2f2 f9e9 f2e2", (1.0, 0.0, 0.0)),
        (SHUFFLE, "e1f2 e8f9 f2e1 f9e8", (0.0, 1.0, 0.0)),
    ],
)
def test_a_cycle_in_the_tree_is_judged_as_if_it_went_on(fen, moves, verdict):
    board = Board(fen)
    keys = []
    for text in moves.split():
        assert cycle(board, keys) == 0
        keys.append(board.key)
        board.push_text(text)
    assert board.outcome() is None and board.repetitions() == 2
    assert cycle(board, keys) == 4 and cycle(board, keys[2:]) == 0  # its first time lies above the root
    before = board.move_stack
    assert once_more(board, 4) == verdict
    assert board.move_stack == before


def test_a_drawn_repetition_is_chosen_when_lost_and_shunned_when_won():
    """Both shuffle; the third occurrence draws."""
    board = played("e1f2 e8f9 f2e1 f9e8 e1f2 e8f9 f2e1", SHUFFLE)
    drawing = Move.from_iccs("f9e8")
    gloomy = lambda boards: (flat(boards)[0], np.array([  # noqa: E731
        (0.05, 0.05, 0.9) if b.turn is not RED else (0.9, 0.05, 0.05) for b in boards], np.float32))  # fmt: skip
    cheerful = lambda boards: (flat(boards)[0], gloomy(boards)[1][:, ::-1])  # noqa: E731
    assert SearchPlayer(gloomy).choose(board, Limit(nodes=60)).move is drawing
    assert SearchPlayer(cheerful).choose(board, Limit(nodes=60)).move is not drawing


# ------------------------------------------------------------------------------------------------ limits


def slow(boards):
    time.sleep(0.02)
    return by_key(boards)


def test_stop_is_answered_at_once_with_the_best_so_far():
    stop = threading.Event()
    player = SearchPlayer(slow)
    threading.Timer(0.4, stop.set).start()
    began = time.monotonic()
    choice = player.choose(Board(), Limit(infinite=True, stop=stop))
    assert 0.35 < time.monotonic() - began < 0.4 + 0.02 + 0.1 + 0.5  # a batch, the promise, a busy machine
    assert choice.move in Board().legal_moves and choice.info.nodes > 1


def test_an_infinite_search_that_is_over_waits_for_stop():
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    began = time.monotonic()
    choice = SearchPlayer(flat).choose(Board(MATES[0][0]), Limit(infinite=True, stop=stop))
    assert time.monotonic() - began >= 0.3 and choice.info.variations[0].mate == 1


def test_movetime_and_clock_are_kept():
    for limit in (Limit(movetime=0.3), Limit(clock=Clock(9.0, 9.0))):
        began = time.monotonic()
        choice = SearchPlayer(slow).choose(Board(), limit)
        assert 0.05 < time.monotonic() - began < 0.3 + 0.5
        assert 0.05 < choice.info.seconds < 0.8 and choice.info.nodes > 1


def test_limits_are_looked_at_where_nothing_is_left_to_evaluate():
    """In a small ending every position is known after a while, and no visit waits for an evaluation any more."""
    board = Board("P8/4k4/9/9/9/9/9/9/9/3K5 w")
    player, todo = SearchPlayer(flat), [board.copy()]
    while todo:
        known = todo.pop()
        if known.key in player._table or known.outcome() is not None:
            continue
        ((priors,), _) = flat([known])
        player._table[known.key] = Facts(known.legal_ids(), priors, (0.3, 0.4, 0.3))
        for move in known.legal_list():
            below = Board(known.fen())
            below.push(move)
            todo.append(Board(" ".join(below.fen().split()[:2])))
    stop = threading.Event()
    for limit in (Limit(movetime=0.2), Limit(infinite=True, stop=stop)):
        if limit.stop:
            threading.Timer(0.2, stop.set).start()
        began = time.monotonic()
        assert player.choose(board, limit).info.nodes > 256
        assert time.monotonic() - began < 2


def test_an_infinite_search_knows_no_clock():
    stop, player = threading.Event(), SearchPlayer(slow)
    player.choose(Board(), Limit(nodes=5))  # compiles
    threading.Timer(0.5, stop.set).start()
    choice = player.choose(Board(), Limit(infinite=True, clock=Clock(0.01, 0.01), movetime=0.01, stop=stop))
    assert choice.info.nodes > 5


def test_with_one_legal_move_the_clock_is_saved():
    board = played(CHECKING + " e2f2", CHECKED)
    assert len(board.legal_moves) == 1
    began = time.monotonic()
    SearchPlayer(slow).choose(board, Limit(clock=Clock(100.0, 100.0)))
    assert time.monotonic() - began < 1


def test_among_lines_and_reports():
    reports = []
    allowed = tuple(Move.from_iccs(text) for text in ("a0a1", "b2e2", "h2e2", "g3g4"))
    limit = Limit(nodes=600, among=allowed, lines=3, report=reports.append)
    choice = SearchPlayer(slow).choose(Board(), limit)
    assert {move for move, _ in choice.probabilities} == set(allowed) and choice.move in allowed
    assert sum(share for _, share in choice.probabilities) == pytest.approx(1)
    assert [line[0] for line in choice.lines] == [move for move, _ in choice.probabilities][:3]
    assert choice.lines[0][0] is choice.move and choice.info.nodes == 600
    assert reports and all(1 <= len(info.variations) <= 3 and info.nodes <= 600 for info in reports)
    board = Board()
    for move in choice.lines[0]:
        board.push(move)  # raises if the line is illegal
    assert choice.info.depth == max(len(line) for line in choice.lines) >= 3


def test_without_a_move_to_choose_it_says_so():
    with pytest.raises(IllegalMove, match="none of the moves"):
        SearchPlayer(flat).choose(Board(), Limit(nodes=5, among=(Move.from_iccs("a0a9"),)))
    mated = played("e6d6", MATES[0][0])
    with pytest.raises(IllegalMove, match="none of the moves"):
        SearchPlayer(flat).choose(mated, Limit(nodes=5))


def test_the_tree_is_kept_between_moves():
    asked = []

    def counting(boards):
        asked.append(len(boards))
        return by_key(boards)

    player, board = SearchPlayer(counting, settings=ALONE), Board()
    first = player.choose(board, Limit(nodes=400))
    for move in first.lines[0][:2]:
        board.push(move)
    (tree,) = player._kept.values()
    inherited = tree.root.children[first.info and tree.root.facts.ids.tolist().index(board.move_stack[0].id)].visits
    assert inherited > 20
    asked.clear()
    second = player.choose(board, Limit(nodes=50))
    assert tree is next(iter(player._kept.values())) and second.info.nodes == 50 and sum(asked) <= 50
    other = player.choose(played("a3a4"), Limit(nodes=30))
    assert other.move in played("a3a4").legal_moves and tree is not next(iter(player._kept.values()))


def test_after_an_evaluation_that_fails_the_next_search_is_whole():
    fails = [False]

    def moody(boards):
        if fails[0]:
            raise RuntimeError("out of memory")
        return by_key(boards)

    player = SearchPlayer(moody, settings=SearchSettings(batch=8))
    player.choose(Board(), Limit(nodes=100))
    fails[0] = True
    with pytest.raises(RuntimeError):
        player.choose(Board(), Limit(nodes=100))
    fails[0] = False
    assert player.choose(Board(), Limit(nodes=100)).info.nodes == 100


def test_many_games_side_by_side_are_searched_as_each_alone():
    boards = [played("h2e2"), played("h2e2 h9g7"), played("b2e2"), Board(MATES[2][0])]
    sizes = []

    def sized(boards):
        sizes.append(len(boards))
        return by_key(boards)

    together = SearchPlayer(sized, settings=SearchSettings(batch=4)).choose_many(boards, Limit(nodes=120))
    assert max(sizes) >= 12
    for board, choice in zip(boards, together, strict=True):
        alone = SearchPlayer(by_key, settings=SearchSettings(batch=4)).choose(board, Limit(nodes=120))
        assert choice.probabilities == alone.probabilities and choice.lines == alone.lines


def test_noise_and_temperature_follow_the_seed():
    def picks(seed, **options):
        noisy = SearchSettings(noise=options.pop("noise", 0.0))
        player = SearchPlayer(by_key, settings=noisy, seed=seed, **options)
        return [player.choose(Board(), Limit(nodes=60)).move for _ in range(6)]

    assert picks(1, noise=0.5, temperature=1.0) == picks(1, noise=0.5, temperature=1.0)
    assert len(set(picks(1, temperature=1.0))) > 1
    assert len(set(picks(1))) == 1
    player = SearchPlayer(by_key, settings=SearchSettings(noise=0.5), temperature=1.0, seed=9)
    games = []
    for _ in range(2):
        player.reseed(4)
        games.append([player.choose(Board(), Limit(nodes=60)).probabilities for _ in range(3)])
    assert games[0] == games[1]
    player = SearchPlayer(by_key, settings=SearchSettings(noise=0.25), seed=2)
    player.choose(Board(), Limit(nodes=1))
    (tree,) = player._kept.values()
    plain = tree.root.facts.priors
    noisy = tree.root.edges[PRIOR]
    assert noisy.sum() == pytest.approx(1, abs=1e-5) and (noisy >= 0.75 * plain - 1e-9).all()
    assert not np.allclose(noisy, plain)


def test_one_node_is_the_policy():
    choice = SearchPlayer(by_key).choose(Board(), Limit(nodes=1))
    (priors,), (value,) = by_key([Board()])
    assert dict(choice.probabilities)[choice.move] == pytest.approx(priors.max(), abs=1e-5)
    assert choice.value == pytest.approx(tuple(value)) and choice.info.nodes == 1


# ------------------------------------------------------------------------------------------------ the network


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return Gpt(ModelConfig(width=32, layers=2, heads=2, context=32)).eval()


def policy(model, board, history):
    """What the model says of the last position, by one pass over the whole line."""
    from xiangqi_lm.model.inputs import Inputs
    from xiangqi_lm.records.loader import legal_moves, view

    ids = np.array([move.id for move in board.move_stack], np.int64)
    tokens, boards, _ = view(ids, board.root().array, int(board.root().turn))
    if not history:
        tokens, boards, _ = view(ids[:0], board.array, int(board.turn))
    inputs = Inputs(torch.from_numpy(tokens[None]), torch.from_numpy(boards[None]))
    inputs = inputs._replace(moves=torch.from_numpy(legal_moves(boards[None])))
    with torch.inference_mode():
        out = model(inputs)
    turned = [move.id if board.turn is RED else move.half_turn().id for move in board.legal_moves]
    return out.logits[0, -1, turned].softmax(-1).numpy(), out.value[0, -1].softmax(-1).numpy()


@pytest.mark.parametrize("history", [True, False])
def test_the_network_reads_what_the_model_would(model, history, monkeypatch):
    """In one batch, below roots of different lengths, on top of a cache: the same as a pass over each whole line."""
    monkeypatch.setattr("xiangqi_lm.engine.network.fast_bf16", lambda device: False)
    evaluator = NetworkEvaluator(model, history)
    roots = [Board(), played("h2e2 h9g7 h0g2"), Board(CHECKED)]
    for round_ in range(2):
        evaluator.begin(roots)
        leaves = []
        for root in roots:
            leaves.append(root.copy())
            for i in range(3):
                leaf = root.copy()
                for step in range(i + 1):
                    leaf.push(list(leaf.legal_moves)[(i + step) % len(leaf.legal_moves)])
                leaves.append(leaf)
        priors, values = evaluator(leaves)
        for board, p, v in zip(leaves, priors, values, strict=True):
            wanted, value = policy(model, board, history)
            assert p == pytest.approx(wanted, abs=2e-5) and v == pytest.approx(value, abs=2e-5)
        for root in roots:  # the games go on by two plies, and the cache with them
            root.push(list(root.legal_moves)[round_])
            root.push(list(root.legal_moves)[round_])


def test_long_games_stay_within_the_model_s_window(model):
    evaluator = NetworkEvaluator(model, True)
    board = Board()
    for ply in range(60):
        board.push(list(board.legal_moves)[ply * 7 % len(board.legal_moves)])
        evaluator.begin([board])
        priors, values = evaluator([board])
        assert priors[0].sum() == pytest.approx(1, abs=1e-3) and np.isfinite(values).all()
        if board.outcome():
            break
    assert board.ply > 32


def test_models_that_cannot_be_searched_are_refused():
    model = Gpt(ModelConfig(width=32, layers=1, heads=2, context=64, tokenizer="square"))
    with pytest.raises(BadConfig, match="tokens are moves"):
        NetworkEvaluator(model, True)


def test_advice_counts_the_material_and_leaves_the_priors_alone():
    """Red is a rook up, which the evaluation does not see; in the third position Black takes it at once."""
    boards = [
        Board("3k5/9/9/9/9/9/9/9/R8/4K4 w"),
        Board("3k5/9/9/9/9/9/9/9/R8/4K4 b"),
        Board("3k5/9/r8/9/9/9/9/9/R8/4K4 b"),
    ]
    priors, values = flat(boards)
    for share in (1.0, 0.5):
        told, mixed = advised(flat, share)(boards)
        assert all((a == b).all() for a, b in zip(told, priors, strict=True))
        assert mixed.sum(1) == pytest.approx(1, abs=1e-5)
        gains = (mixed - values)[:, 0]
        assert gains[0] > 0.1 * share and gains[1] < -0.1 * share and gains[2] > 0.1 * share
        assert mixed[0] == pytest.approx(share * advised(flat, 1.0)(boards)[1][0] + (1 - share) * values[0], abs=1e-6)
