"""What a search knows for certain: mates, stalemates and rulings, by each ruleset, and how they are reported."""

from __future__ import annotations

import numpy as np
import pytest
from searching import CHECKED, CHECKING, MATES, SHUFFLE, by_key, flat, played

from xiangqi_lm.engine.mcts.node import VIRTUAL_LOSS, VISITS, Node
from xiangqi_lm.engine.mcts.player import SearchPlayer
from xiangqi_lm.engine.mcts.search import SearchSettings
from xiangqi_lm.engine.mcts.tree import Tree, cycle, once_more
from xiangqi_lm.engine.player import Clock, Limit
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.rulesets import CHOICES
from xiangqi_lm.rules.squares import RED


def forced(board: Board, plies: int) -> bool:
    """Return whether the side to move can force the end within `plies` plies, by exhaustive search."""
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
        assert choice.score.as_wdl() == (1.0, 0.0, 0.0) and choice.info.variations[0].score.mate is not None
        left = min(left, choice.info.variations[0].score.mate)
        assert choice.info.variations[0].score.mate == left > 0  # never longer than announced
        board.push(choice.move)
        if board.legal_moves:
            lost = player.choose(board, Limit(nodes=20_000))
            assert lost.info.variations[0].score.mate == 1 - left and lost.score.as_wdl() == (0.0, 0.0, 1.0)
            board.push(lost.move)
            left -= 1
    assert board.is_checkmate() or board.is_stalemate()


def test_a_refuted_move_is_not_played_whatever_its_prior():
    """The evaluation puts everything on the one rook move that allows mate."""
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
def test_a_refuted_move_is_not_drawn_while_another_is_unvisited(nodes):
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


OPENING = played("h0g2 a9a8 d0e1 a8e8 b2b4 b9c7 b4g4 b7a7").fen()  # g4g9 mates at once


@pytest.mark.parametrize("batch", [1, 8])
@pytest.mark.parametrize(("fen", "mates"), [(OPENING, {1}), (MATES[2][0], {2, 3, 4})])
def test_with_several_lines_a_proven_move_leaves_the_others_to_be_searched(fen, mates, batch):
    board, player = Board(fen), SearchPlayer(by_key, settings=SearchSettings(batch=batch))
    choice = player.choose(board, Limit(nodes=600, multipv=5))
    first, *others = choice.info.variations
    assert choice.info.nodes == 600 and first.score.mate in mates and len(others) == 4
    assert first.moves[0] is choice.move is choice.probabilities[0][0] and choice.score.as_wdl() == (1.0, 0.0, 0.0)
    assert all(sum(line.score.as_wdl()) == pytest.approx(1) for line in others)
    assert sum(share for _, share in choice.probabilities) == pytest.approx(1)
    (tree,) = player.kept.values()
    edges = tree.root.edges
    assert not edges[VIRTUAL_LOSS].any() and edges[VISITS].sum() == 599
    mating = [i for i, move in enumerate(board.legal_moves) if move in board.final_moves()]
    assert not edges[VISITS, mating].any()  # only the other moves are visited
    assert max(len(line.moves) for line in others) > 2


def test_with_several_lines_a_search_ends_when_all_moves_are_proven():
    choice = SearchPlayer(by_key).choose(Board(MATES[0][0]), Limit(nodes=5000, multipv=60))
    assert 20 < choice.info.nodes < 5000
    assert all(line.score.mate is not None or line.score.as_wdl() == (0.0, 1.0, 0.0) for line in choice.info.variations)
    mates = [line.score.mate for line in choice.info.variations if (line.score.mate or 0) > 0]
    assert mates == sorted(mates) and mates[0] == 1


def test_one_line_or_a_clock_ends_a_search_that_is_proven():
    board = Board(MATES[0][0])
    final = tuple(board.final_moves())
    limits = (Limit(nodes=50), Limit(multipv=3, clock=Clock(60, 60)), Limit(nodes=50, multipv=3, root_moves=final))
    assert [SearchPlayer(by_key).choose(board, limit).info.nodes for limit in limits] == [1, 1, 1]


def test_perpetual_check_is_proven_to_lose():
    board = played(CHECKING, CHECKED)
    fatal = Move.from_iccs("e2f2")
    player = SearchPlayer(flat)
    choice = player.choose(board, Limit(nodes=300))
    assert choice.move is not fatal and dict(choice.probabilities)[fatal] == 0
    alone = player.choose(board, Limit(nodes=300, root_moves=(fatal,)))
    assert alone.move is fatal and alone.score.as_wdl() == (0.0, 0.0, 1.0) and alone.info.variations[0].score.mate == -1
    first = played("e9f9 e2f2 f9e9 f2e2 e9f9 e2f2 f9e9", CHECKED.replace("w", "b").replace("5R3", "4R4"))
    lost = SearchPlayer(flat).choose(first, Limit(nodes=50, root_moves=(Move.from_iccs("f2e2"),)))
    assert lost.score.as_wdl() == (0.0, 0.0, 1.0) and lost.info.variations[0].score.mate == -1


@pytest.mark.parametrize(
    ("fen", "moves", "verdict"),
    [
        (CHECKED, "f2e2 e9f9 e2f2 f9e9", (0.0, 0.0, 1.0)),  # Red is to move and has checked throughout
        (CHECKED.replace("w", "b").replace("5R3", "4R4"), "e9f9 e2f2 f9e9 f2e2", (1.0, 0.0, 0.0)),
        (SHUFFLE, "e1f2 e8f9 f2e1 f9e8", (0.0, 1.0, 0.0)),
    ],
)
def test_a_cycle_in_the_tree_is_judged_as_if_repeated(fen, moves, verdict):
    board = Board(fen)
    keys = []
    for text in moves.split():
        assert cycle(board, keys) == 0
        keys.append(board.key)
        board.push_text(text)
    assert board.outcome() is None and board.repetitions() == 2
    assert cycle(board, keys) == 4 and cycle(board, keys[2:]) == 0  # its first occurrence lies above the root
    before = board.move_stack
    assert once_more(board, 4) == verdict
    assert board.move_stack == before


def test_a_drawn_repetition_is_chosen_when_lost_and_avoided_when_won():
    """Both sides shuffle; the third occurrence draws."""
    board = played("e1f2 e8f9 f2e1 f9e8 e1f2 e8f9 f2e1", SHUFFLE)
    drawing = Move.from_iccs("f9e8")
    gloomy = lambda boards: (flat(boards)[0], np.array([  # noqa: E731
        (0.05, 0.05, 0.9) if b.turn is not RED else (0.9, 0.05, 0.05) for b in boards], np.float32))  # fmt: skip
    cheerful = lambda boards: (flat(boards)[0], gloomy(boards)[1][:, ::-1])  # noqa: E731
    assert SearchPlayer(gloomy).choose(board, Limit(nodes=60)).move is drawing
    assert SearchPlayer(cheerful).choose(board, Limit(nodes=60)).move is not drawing


def test_a_recurring_root_has_all_its_moves():
    """Red may not mate at once, but may after a detour: that is a win, and not a repetition."""
    board = Board(CHECKED)
    assert board.final_moves()
    tree, keys = Tree(board, 1.5, 0.3, {}, frozenset({Move.from_iccs("f2e2").id})), []
    for text in CHECKING.split()[:4]:
        keys.append(tree.board.key)
        tree.board.push_text(text)
    node = Node()
    assert cycle(tree.board, keys) == 4
    assert tree.look(node, tree.board, keys, []) == (1.0, 0.0, 0.0)
    assert node.proof is not None and node.proof.score == 1


@pytest.mark.parametrize(
    ("ruleset", "worth"), [(name, (0.0, 1.0, 0.0) if name == "simple" else (0.0, 0.0, 1.0)) for name in CHOICES]
)
def test_repetitions_are_judged_by_the_rules_of_the_game(ruleset, worth):
    """The move completes the third occurrence, with checks throughout; proofs under other rules are not kept."""
    board = played("e9f9 e2f2 f9e9 f2e2 e9f9 e2f2 f9e9", CHECKED.replace("w", "b").replace("5R3", "4R4"))
    move, player = Move.from_iccs("f2e2"), SearchPlayer(flat)
    choice = player.choose(board, Limit(nodes=50, root_moves=(move,), ruleset=ruleset))
    assert choice.info.variations[0].score.as_wdl() == worth
    before = played(CHECKING, CHECKED)
    fatal = Move.from_iccs("e2f2")
    assert dict(player.choose(before, Limit(nodes=300)).probabilities)[fatal] == 0
    choice = player.choose(before, Limit(nodes=300, multipv=60, ruleset=ruleset))
    line = next(line for line in choice.info.variations if line.moves[0] is fatal)
    assert (line.score.mate == -1) == (ruleset != "simple")


@pytest.mark.parametrize(("ruleset", "limit"), [("computer", 120), ("asian", 100), ("simple", 120)])
def test_the_move_limit_is_that_of_the_rules(ruleset, limit):
    """The last ply before it: every move that does not mate draws."""
    board = Board(f"3ak4/4a4/R8/9/9/9/9/9/9/3K5 w - - {limit - 1} 100")
    drawn = SearchPlayer(flat).choose(board, Limit(nodes=200, ruleset=ruleset))
    assert drawn.score.as_wdl() == (0.0, 1.0, 0.0)
    board = Board(f"3ak4/4a4/R8/9/9/9/9/9/9/3K5 w - - {limit - 7} 100")
    assert SearchPlayer(flat).choose(board, Limit(nodes=200, ruleset=ruleset)).score.as_wdl().draw < 1


def test_a_cycle_draws_where_every_repetition_does():
    board = played(CHECKING[:19], CHECKED)
    assert once_more(board, 4) == (0.0, 0.0, 1.0) and once_more(board, 4, "simple") == (0.0, 1.0, 0.0)
