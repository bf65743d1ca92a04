"""Specs, the random and the greedy player, and the language model as a player."""

import pickle

import pytest
import torch

from xiangqi_lm.config import ModelConfig
from xiangqi_lm.engine.baselines import exchange
from xiangqi_lm.engine.lm import LanguageModelPlayer
from xiangqi_lm.engine.player import Limit, Player
from xiangqi_lm.engine.spec import Spec, make_player, parse_spec, with_device
from xiangqi_lm.errors import BadCheckpoint, BadConfig
from xiangqi_lm.model import checkpoint, device
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import HALF_TURN_ID, Move
from xiangqi_lm.rules.squares import BLACK, RED, parse_square


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("model")
    checkpoint.save(path, Gpt(ModelConfig(width=32, layers=2, heads=2, context=32)), {})
    return path


def player(folder, **options) -> LanguageModelPlayer:
    return LanguageModelPlayer.load(folder, device="cpu", seed=1, **options)


def boards() -> list[Board]:
    after = Board()
    for text in ("h2e2", "h9g7", "h0g2"):
        after.push_text(text)
    return [
        Board(),
        after,
        Board("3ak4/4a4/9/9/9/9/4P4/9/3R5/4K4 w - - 0 1"),
        Board("3ak4/4a4/9/9/9/9/4P4/9/3R5/4K4 b"),
    ]


@pytest.mark.parametrize("conditions", [False, True])
def test_the_mass_on_illegal_moves_is_what_no_legal_move_has_without_the_mask(folder, tmp_path, conditions):
    if conditions:
        torch.manual_seed(2)
        config = ModelConfig(width=32, layers=1, heads=2, context=32, conditions=True)
        checkpoint.save(tmp_path, Gpt(config), {})
        folder = tmp_path
    sampler = player(folder, **({"result": "win"} if conditions else {}))
    seen = {}
    logits = sampler._model.logits
    sampler._model.logits = lambda hidden, *more: seen.setdefault(len(seen), logits(hidden, *more))
    for board in boards():
        seen.clear()
        choice = sampler.choose(board)
        free = seen[0].float().softmax(-1)[0]  # the first is of the position itself
        mine = [m.id if board.turn is RED else int(HALF_TURN_ID[m.id]) for m in board.legal_moves]
        assert choice.illegal == pytest.approx(1 - float(free[mine].sum()), abs=1e-5)
        assert 0.5 < choice.illegal < 1  # nothing was learned
        assert sum(share for _, share in choice.probabilities) == pytest.approx(1, abs=1e-5)
    assert sampler.choose(Board(), Limit(root_moves=tuple(Board().legal_moves)[:2])).illegal is None


def test_a_model_computes_with_the_threads_it_is_given(folder, monkeypatch):
    device.use_threads(0)
    usual = torch.get_num_threads()
    monkeypatch.setattr(device, "usable_cores", lambda: usual + 2)
    for thinking in (player(folder), make_player(f"mcts:{folder}?nodes=2")):
        for count, used in ((usual + 1, usual + 1), (16 + usual, usual + 2), (0, usual)):
            thinking.use_threads(count)
            assert torch.get_num_threads() == used


def test_spec_round_trip_and_pickle():
    spec = parse_spec("lm:assets/models/default?temperature=0.6&top_p=0.9")
    assert spec == Spec("lm", "assets/models/default", (("temperature", "0.6"), ("top_p", "0.9")))
    assert parse_spec(str(spec)) == spec
    assert pickle.loads(pickle.dumps(spec)) == spec
    assert str(with_device(parse_spec("lm:x?device=cpu"), "cuda")) == "lm:x?device=cuda"
    assert str(with_device(parse_spec("random"), "cuda")) == "random"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("lmm:default", "did you mean 'lm'"),
        ("random:7", "is written without a colon"),
        ("lm:default?temprature=1", "did you mean 'temperature'"),
        ("lm:default?temperature", "name=value"),
        ("random?seed=1", "known are resign, draw"),
        ("lm:default?temperature=hot", "temperature: expected .*, found 'hot'"),
        ("lm:default?top_p=0", "top_p: expected .*, found '0'"),
        ("greedy:deep", "is written without a colon"),
        ("mtcs:default", "did you mean 'mcts'"),
        ("mcts?node=3", "did you mean 'nodes'"),
        ("lm:default?taylor=3", "taylor: expected an even number from 2 to 100, found '3'"),
        ("mcts?nodes=0", "nodes: expected .*, found '0'"),
        ("mcts?nodes=4.5", "nodes: expected .*, found '4.5'"),
        ("mcts?temperature=nan", "temperature: expected .*, found 'nan'"),
        ("mcts?history=maybe", "history: expected .*, found 'maybe'"),
        ("mcts?noise=2", "noise: expected .*, found '2'"),
        ("alphabeta:x", "is written without a colon"),
        ("alphabeta?deapth=4", "did you mean 'depth'"),
        ("alphabeta?movetime=0", "movetime: expected .*, found '0'"),
        ("uci", "uci needs a program"),
        ("ucci: ?nodes=4", "ucci needs a program"),
        ("uci:engine?nodes=many", "nodes: expected .*, found 'many'"),
        ("uci:engine?ranks=2", "ranks: expected .*, found '2'"),
        ("uci:'engine", "no closing quotation"),
        ("uci:engine?Hash", "name=value"),
        ("uci:engine?=3", "name=value"),
        ("uci:engine?Hash=3%0Aquit", "name=value"),
        ("lm?top_p=1&temperature=1&temperature=2", "temperature is given twice"),
    ],
)
def test_bad_specs(text, says):
    with pytest.raises(BadConfig, match=says):
        parse_spec(text)


@pytest.mark.parametrize(
    "text",
    [
        "mcts:default?nodes=400&batch=8&cpuct=1.5&fpu=0.3&noise=0.25&temperature=1&history=no&device=cpu",
        "mcts?movetime=0.5",
        "alphabeta?depth=4",
        "alphabeta?nodes=10000&hash=64",
        "uci:/usr/games/fairy-stockfish?UCI_Variant=xiangqi&nodes=1000&Threads=1",
        "uci:'/a folder/engine' --fast?Skill Level=3&Book=a%26b%3D100%25&ranks=1&timeout=5",
        "ucci:engine?usemillisec=true",
        "greedy",
        "level:club",
    ],
)
def test_specs_of_every_kind_round_trip(text):
    spec = parse_spec(text)
    assert str(spec) == text and parse_spec(str(spec)) == spec
    assert pickle.loads(pickle.dumps(spec)) == spec


def test_options_of_other_engines_are_passed_on_and_ours_kept(monkeypatch):
    made = []
    monkeypatch.setattr(
        "xiangqi_lm.engine.external.player.ExternalPlayer",
        lambda *args, **named: made.append((args, named)) or Player(),
    )
    make_player("uci:'/a folder/engine' -x?Hash=16&nodes=7&movetime=0.5&ranks=1&timeout=3&Skill Level=2")
    ((command, protocol, options, limit), named), *_ = made
    assert command == ["/a folder/engine", "-x"] and protocol == "uci"
    assert options == {"Hash": "16", "Skill Level": "2"}
    assert limit == Limit(nodes=7, movetime=0.5)
    assert named["ranks"] == 1 and named["timeout"] == 3.0


def test_a_program_s_path_may_hold_spaces(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(
        "xiangqi_lm.engine.external.player.ExternalPlayer", lambda *a, **named: made.append(a) or Player()
    )
    path = tmp_path / "my engine"
    path.touch()
    make_player(f"ucci:{path}")
    assert made[0][:2] == ([str(path)], "ucci") and made[0][3] is None


def test_a_search_is_made_by_its_spec(folder):
    spec = f"mcts:{folder}?nodes=30&batch=4&device=cpu"
    one, two = make_player(spec, 1), make_player(parse_spec(spec), 1)
    choice = one.choose(Board())
    assert choice.info.nodes == 30 and one.name == spec and one.settings.batch == 4
    assert choice.probabilities == two.choose(Board()).probabilities
    assert one.choose(Board(), Limit(nodes=7)).info.nodes == 7
    assert one.choose(Board(), Limit(depth=3)).info.nodes == 30  # a depth has no meaning for it


# ------------------------------------------------------------------------------------------------ the greedy player


def greedy_picks(board: Board) -> set[Move]:
    return {make_player("greedy", seed).choose(board).move for seed in range(20)}


def test_greedy_captures_hanging_pieces_leaves_defended_ones_and_mates():
    hanging = Board("4k4/9/9/4r4/9/9/4R4/9/9/3K5 w")
    assert greedy_picks(hanging) == {hanging.parse("e3e6")}
    covered = Board("3k5/3n5/9/4p4/9/9/4R4/9/9/5K3 w")
    assert not any(covered.is_capture(move) for move in greedy_picks(covered))
    mating = Board("3k5/9/9/4R4/9/9/9/9/4R4/5K3 w")
    assert greedy_picks(mating) == set(mating.final_moves())


def test_greedy_saves_what_is_attacked():
    """Black's rook attacks the undefended horse on a4; Red moves or defends it."""
    board = Board("4k4/9/9/9/r8/N8/9/9/4A4/3AK4 w")
    for seed in range(20):
        board.push(make_player("greedy", seed).choose(board).move)
        taken = [move for move in board.legal_moves if board.is_capture(move)]
        assert all(exchange(board, move.to_square) == 0 for move in taken)
        board.pop()


@pytest.mark.parametrize(
    ("fen", "square", "gain"),
    [
        ("3k5/3n5/9/4p4/9/9/4R4/9/9/5K3 w", "e6", 0.0),  # the rook would be lost to the horse
        ("3k5/9/9/4p4/9/9/4R4/9/9/5K3 w", "e6", 1.0),
        ("3kr4/9/9/4n4/4P4/9/9/9/9/5K3 w", "e6", 2.0),  # a horse for a pawn across the river
        ("3kr4/9/9/4n4/4R4/4R4/9/9/9/5K3 w", "e6", 4.0),  # with a second rook behind, the first is not taken
        ("3k5/9/9/4p4/9/9/R8/9/9/5K3 w", "e6", 0.0),  # nothing attacks it
    ],
)
def test_an_exchange_is_counted_to_its_end(fen, square, gain):
    assert exchange(Board(fen), parse_square(square)) == gain


def test_greedy_is_seeded_and_keeps_to_the_moves_allowed():
    picks = [[make_player("greedy", seed).choose(Board()).move for seed in range(8)] for _ in range(2)]
    assert picks[0] == picks[1] and len(set(picks[0])) > 3
    allowed = (Move.from_iccs("a0a1"), Move.from_iccs("b2b9"))
    for name in ("greedy", "random"):
        assert make_player(name, 1).choose(Board(), Limit(root_moves=allowed)).move in allowed


def test_greedy_follows_the_ruleset():
    """Red's checks complete a third occurrence: a loss, or by the simple rules as good as any other move."""
    board = repeated("4k4/9/9/9/9/9/9/4R4/9/3K5 b", "e9f9 e2f2 f9e9 f2e2 e9f9 e2f2 f9e9")
    among = (Move.from_iccs("f2e2"), Move.from_iccs("f2g2"))
    for ruleset, best in (("computer", {among[1]}), ("simple", set(among))):
        limit = Limit(root_moves=among, ruleset=ruleset)
        assert {make_player("greedy", seed).choose(board, limit).move for seed in range(20)} == best


def test_bad_option_values_and_models(folder):
    with pytest.raises(BadConfig, match=r"temperature: expected .*, found 'hot'"):
        make_player(f"lm:{folder}?temperature=hot")
    with pytest.raises(BadConfig, match=r"top_p: expected .*, found '1\.5'"):
        make_player(f"lm:{folder}?top_p=1.5")
    with pytest.raises(BadCheckpoint, match="no model here"):
        make_player("lm:nowhere")
    with pytest.raises(BadConfig, match="'nonsense' cannot be used"):
        make_player(f"lm:{folder}?device=nonsense")


def test_probabilities_cover_exactly_the_legal_moves(folder):
    for board, choice in zip(boards(), player(folder).choose_many(boards()), strict=True):
        assert {move for move, _ in choice.probabilities} == set(board.legal_moves)
        shares = [p for _, p in choice.probabilities]
        assert sum(shares) == pytest.approx(1, abs=1e-5)
        assert shares == sorted(shares, reverse=True)
        assert choice.move in board.legal_moves
        assert sum(choice.score.as_wdl()) == pytest.approx(1, abs=1e-5)


def test_a_batch_equals_single_games(folder, monkeypatch):
    monkeypatch.setattr("xiangqi_lm.model.decode.autocast", lambda device: torch.no_grad())
    together = player(folder).choose_many(boards())
    for board, choice in zip(boards(), together, strict=True):
        alone = dict(player(folder).choose(board).probabilities)
        for move, p in choice.probabilities:
            assert alone[move] == pytest.approx(p, abs=1e-5)


def test_both_sides_are_seen_alike(folder, monkeypatch):
    """A position and its half turn with colours exchanged get the same policy, with the moves turned."""
    monkeypatch.setattr("xiangqi_lm.model.decode.autocast", lambda device: torch.no_grad())
    red, black = Board("3ak4/4a4/9/2r6/9/9/4P4/9/3R5/4K4 w"), Board("4k4/5r3/9/4p4/9/9/6R2/9/4A4/4KA3 b")
    mine, other = player(folder).choose(red), player(folder).choose(black)
    turned = {move.half_turn(): p for move, p in other.probabilities}
    for move, p in mine.probabilities:
        assert turned[move] == pytest.approx(p, abs=1e-5)


def test_temperature_zero_plays_the_likeliest_and_sampling_follows_the_policy(folder):
    greedy = player(folder, temperature=0.0)
    choice = greedy.choose(Board())
    assert choice.move is choice.probabilities[0][0]
    sampler = player(folder, temperature=1.0, top_p=1.0)
    picks = [c.move for _ in range(8) for c in sampler.choose_many([Board()] * 50)]
    likeliest, p = choice.probabilities[0]
    assert abs(picks.count(likeliest) / len(picks) - p) < 0.06
    assert len(set(picks)) > 20
    narrow = player(folder, temperature=1.0, top_p=0.1)
    allowed, mass = set(), 0.0
    for move, share in choice.probabilities:
        allowed.add(move)
        mass += share
        if mass >= 0.1:
            break
    assert {c.move for c in narrow.choose_many([Board()] * 60)} <= allowed


def test_the_seed_determines_the_moves(folder):
    games = [[c.move for c in player(folder, temperature=1.0).choose_many([Board()] * 20)] for _ in range(2)]
    assert games[0] == games[1]


def test_random_player_is_uniform_and_seeded():
    one, two = make_player("random", 5), make_player("random", 5)
    picks = [one.choose(Board()).move for _ in range(400)]
    assert picks == [two.choose(Board()).move for _ in range(400)]
    assert len(set(picks)) == 44


def repeated(fen: str, moves: str) -> Board:
    board = Board(fen)
    for text in moves.split():
        board.push_text(text)
    return board


def test_a_losing_repetition_is_avoided_and_left_in_the_probabilities(folder):
    """Red has checked on every move of two laps; after e2f2 Black's reply would complete the third occurrence."""
    board = repeated("4k4/9/9/9/9/9/9/5R3/9/3K5 w", "f2e2 e9f9 e2f2 f9e9 f2e2 e9f9")
    fatal = Move.from_iccs("e2f2")
    lost = repeated(board.start_fen, " ".join(m.iccs() for m in board.move_stack) + " e2f2 f9e9")
    assert lost.outcome().winner is BLACK
    sampler = player(folder, temperature=5.0, top_p=1.0)
    picks = [sampler.choose(board) for _ in range(60)]
    assert fatal not in {choice.move for choice in picks}
    assert all(len(choice.probabilities) == len(board.legal_moves) for choice in picks)


@pytest.mark.parametrize(("ruleset", "played"), [("computer", False), ("asian", False), ("simple", True)])
def test_what_a_repetition_is_worth_follows_the_rules(folder, ruleset, played):
    """By the simple rules it only draws, which a model that considers itself lost may do."""
    board = repeated("4k4/9/9/9/9/9/9/5R3/9/3K5 w", "f2e2 e9f9 e2f2 f9e9 f2e2 e9f9")
    sampler = player(folder, temperature=5.0, top_p=1.0)
    fatal, other = among = Move.from_iccs("e2f2"), Move.from_iccs("e2e3")
    lost = sampler.policy([board], among)._replace(value=torch.tensor([[0.1, 0.1, 0.8]]))
    sampler.policy = lambda boards, root_moves=None: lost
    picks = {sampler.choose(board, Limit(root_moves=among, ruleset=ruleset)).move for _ in range(100)}
    assert picks == ({fatal, other} if played else {other})


def test_with_nothing_else_to_play_a_repetition_is_played(folder):
    """Black's only legal moves alternate between two squares."""
    board = repeated("4k4/9/9/9/9/9/9/5R3/9/3K5 w", "f2e2 e9f9 e2f2 f9e9 f2e2 e9f9 e2f2")
    assert len(board.legal_moves) == 1
    assert player(folder).choose(board).move in board.legal_moves


def test_a_mate_in_one_is_played(folder):
    board = Board("3k5/9/9/4R4/9/9/9/9/4R4/5K3 w")
    final = board.final_moves()
    assert [move.iccs() for move in final] == [
        move.iccs() for move in board.legal_moves if not repeated(board.fen(), move.iccs()).legal_moves
    ]
    assert final
    sampler = player(folder, temperature=5.0, top_p=1.0)
    assert {sampler.choose(board).move for _ in range(40)} <= set(final)
