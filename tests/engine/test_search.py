"""How the search tree grows: exact visits with handmade evaluations, what is kept, seeds."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from searching import CHECKED, CHECKING, MATES, SHUFFLE, by_key, flat, plain_search, played

from xiangqi_lm.engine.mcts.node import PRIOR, VALUE, VISITS, Facts
from xiangqi_lm.engine.mcts.player import SearchPlayer
from xiangqi_lm.engine.mcts.search import SearchSettings
from xiangqi_lm.engine.mcts.tree import Tree
from xiangqi_lm.engine.player import Limit
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import MOVES

ALONE = SearchSettings(batch=1, cpuct=1.0, fpu=0.0)


@pytest.mark.parametrize(("cpuct", "fpu"), [(1.7, 0.0), (1.0, 0.4), (4.0, 0.2)])
@pytest.mark.parametrize(
    ("fen", "moves"),
    [
        (None, ""),
        (None, "h2e2 h9g7 h0g2 i9h9"),
        *((fen, "") for fen, _ in MATES),
        ("3k5/9/4P4/9/9/9/9/9/8r/R3K4 b", ""),  # moves that are refuted at once
        ("4k4/9/4P4/9/9/9/9/9/9/3K5 w - - 115 90", ""),  # the move limit is near
        (CHECKED, CHECKING[:14]),
        (SHUFFLE, ""),
        (SHUFFLE, "e1f2 e8f9 f2e1 f9e8 e1f2 e8f9 f2e1"),
        ("r2ak4/4a4/9/9/9/9/9/9/4A4/R2AK4 w", "a0b0 a9b9 b0a0"),
    ],
)
def test_visits_are_those_of_the_plain_algorithm(fen, moves, cpuct, fpu):
    """Including proofs and repetitions; the plain search shares nothing and evaluates one leaf after another."""
    board = played(moves, fen)
    wanted = plain_search(board, 120, cpuct, fpu)
    player = SearchPlayer(by_key, settings=SearchSettings(batch=1, cpuct=cpuct, fpu=fpu))
    choice = player.choose(board, Limit(nodes=120))
    (tree,) = player.kept.values()
    root = tree.root
    assert dict(zip(board.legal_moves, root.edges[VISITS].tolist(), strict=True)) == wanted.counts
    assert (root.proof and root.proof.score) == wanted.proof()
    assert choice.info.nodes == root.visits == wanted.n
    assert root.wins - root.losses == pytest.approx(wanted.w, abs=1e-4)
    assert board.move_stack == played(moves, fen).move_stack


def test_a_golden_tree():
    """Three moves with priors 0.6, 0.3, 0.1; visits computed by hand."""
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


def test_a_batch_spreads_over_leaves_and_visits_add_up():
    tree = Tree(Board(), 1.5, 0.2, {})
    leaves, visits = tree.select_leaves(4, 10)
    assert len(leaves) == 1 and visits == 1  # only the root can be evaluated
    expand(tree, leaves)
    leaves, visits = tree.select_leaves(8, 100)
    assert len({leaf.board.key for leaf in leaves}) == len(leaves) == visits == 8
    assert tree.root.edges[3].sum() == 8
    expand(tree, leaves)
    assert tree.root.edges[3].sum() == 0 and tree.root.edges[VISITS].sum() == 8 and tree.root.visits == 9
    assert tree.board == Board() and tree.board.ply == 0


def expand(tree, leaves):
    priors, values = by_key([leaf.board for leaf in leaves])
    rows = zip(leaves, priors, values, strict=True)
    tree.expand(leaves, [Facts(leaf.board.legal_ids(), p, tuple(v)) for leaf, p, v in rows])


def test_sums_hold_everywhere_in_the_tree():
    """A node's visits are one more than those of its edges, and its values those of its children, negated."""
    player = SearchPlayer(by_key, settings=SearchSettings(batch=8))
    player.choose(played("h2e2 h9g7"), Limit(nodes=500))
    (tree,) = player.kept.values()
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


def test_a_position_is_evaluated_once_for_all_move_orders():
    asked = []

    def counting(boards):
        asked.extend(board.key for board in boards)
        return flat(boards)

    player = SearchPlayer(counting, settings=SearchSettings(batch=1, cpuct=3.0))
    choice = player.choose(Board("3k5/9/9/9/9/9/4P4/9/9/4K4 w"), Limit(nodes=400))
    assert len(asked) == len(set(asked)) < 300 and choice.info.nodes == 400


def test_the_tree_is_kept_between_moves():
    asked = []

    def counting(boards):
        asked.append(len(boards))
        return by_key(boards)

    player, board = SearchPlayer(counting, settings=ALONE), Board()
    first = player.choose(board, Limit(nodes=400))
    for move in first.lines[0][:2]:
        board.push(move)
    (tree,) = player.kept.values()
    inherited = tree.root.children[first.info and tree.root.facts.ids.tolist().index(board.move_stack[0].id)].visits
    assert inherited > 20
    asked.clear()
    second = player.choose(board, Limit(nodes=50))
    assert tree is next(iter(player.kept.values())) and second.info.nodes == 50 and sum(asked) <= 50
    other = player.choose(played("a3a4"), Limit(nodes=30))
    assert other.move in played("a3a4").legal_moves and tree is not next(iter(player.kept.values()))


def test_after_a_failed_evaluation_the_next_search_is_complete():
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


def test_games_side_by_side_are_searched_as_each_alone():
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
    (tree,) = player.kept.values()
    plain = tree.root.facts.priors
    noisy = tree.root.edges[PRIOR]
    assert noisy.sum() == pytest.approx(1, abs=1e-5) and (noisy >= 0.75 * plain - 1e-9).all()
    assert not np.allclose(noisy, plain)


def test_a_search_of_one_node_is_the_policy():
    choice = SearchPlayer(by_key).choose(Board(), Limit(nodes=1))
    (priors,), (value,) = by_key([Board()])
    assert dict(choice.probabilities)[choice.move] == pytest.approx(priors.max(), abs=1e-5)
    assert choice.score.as_wdl() == pytest.approx(tuple(value)) and choice.info.nodes == 1


def test_limits_and_choices_cross_processes():
    limit = Limit(nodes=40, multipv=3, root_moves=tuple(Board().legal_moves)[:9], ruleset="asian")
    choice = SearchPlayer(by_key).choose(Board(), limit)
    assert pickle.loads(pickle.dumps(limit)) == limit
    again = pickle.loads(pickle.dumps(choice))
    assert again == choice and again.move is choice.move
