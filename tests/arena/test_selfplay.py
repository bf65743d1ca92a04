"""Games played side by side, by any players and by one model in lockstep on its device."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from click.testing import CliRunner

from xiangqi_lm.arena import devicerules
from xiangqi_lm.arena.game_batch import GameBatch, SamplingConfig, drawn, random_numbers
from xiangqi_lm.arena.lockstep import judged, lockstep
from xiangqi_lm.arena.match import play_batch
from xiangqi_lm.arena.selfplay import SelfPlay, record_of, selfplay
from xiangqi_lm.cli.selfplay import played_in, seed_of
from xiangqi_lm.cli.selfplay import selfplay as selfplay_command
from xiangqi_lm.config import ModelConfig
from xiangqi_lm.dataset.shards import Shards
from xiangqi_lm.engine.baselines import RandomPlayer
from xiangqi_lm.engine.lm import LanguageModelPlayer
from xiangqi_lm.engine.player import Choice
from xiangqi_lm.engine.spec import parse_spec
from xiangqi_lm.errors import BadConfig, EngineFailure, XiangqiError
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.records.formats.pgn import read_games, write_game
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import MOVE_COUNT, MOVES, Move
from xiangqi_lm.rules.outcome import Termination


def test_games_are_legal_finished_and_survive_pgn():
    plies = []
    games = list(selfplay(RandomPlayer(1), RandomPlayer(2), games=7, batch=3, progress=plies.append))
    assert sorted(game.number for game in games) == list(range(7))
    assert max(plies) <= 3
    assert sum(plies) == sum(game.outcome.plies for game in games)
    for game in games:
        board = Board()
        for move in game.board.move_stack:
            assert board.outcome() is None
            board.push(move)  # raises if illegal
        assert board.outcome() == game.outcome
        record = record_of(game, "a", "b")
        assert record.headers["Termination"].startswith(game.outcome.termination.value)
        (again,) = read_games(write_game(record))
        assert again.moves == record.moves
        assert again.result == game.outcome.result


def test_each_colour_is_played_by_its_player():
    class Watcher(RandomPlayer):
        def choose_many(self, boards, limit=None):
            self.seen = getattr(self, "seen", set()) | {board.turn for board in boards}
            return super().choose_many(boards, limit)

    red, black = Watcher(1), Watcher(2)
    starts = [Board(), Board("3ak4/4a4/9/9/9/9/4P4/9/3R5/4K4 b")]
    games = list(play_batch(red, black, starts))
    assert len(games) == 2
    assert {int(side) for side in red.seen} == {1}
    assert {int(side) for side in black.seen} == {-1}


def test_a_finished_position_is_yielded_at_once():
    mated = Board("3k1a3/4a4/9/9/9/9/9/9/3r5/3rK4 w")
    (game,) = play_batch(RandomPlayer(), RandomPlayer(), [mated])
    assert (game.outcome.termination, game.outcome.result) == (Termination.CHECKMATE, "0-1")


def test_games_are_judged_by_their_ruleset():
    """A rook chases two pieces in turn: allowed by the computer rule, forbidden by the Chinese one."""

    class Chaser(RandomPlayer):
        laps = [Move.from_iccs(text) for text in ["a0b0", "d9d8", "b0a0", "d8d9"]]

        def choose_many(self, boards, limit=None):
            assert limit.ruleset == ruleset
            return [Choice(self.laps[board.ply % 4]) for board in boards]

    for ruleset, result in (("computer", "1/2-1/2"), ("chinese", "0-1")):
        board = Board("3k5/9/9/cn7/9/9/9/9/9/R4K3 w")
        (game,) = play_batch(Chaser(), Chaser(), [board], ruleset=ruleset)
        assert (game.outcome.result, game.board.ply) == (result, 8)


def test_an_illegal_move_names_player_and_position():
    class Cheat(RandomPlayer):
        name = "cheat"

        def choose_many(self, boards, limit=None):
            return [Choice(MOVES[-1]) for _ in boards]

    with pytest.raises(EngineFailure, match=r"cheat played the illegal move i9h9 in rnbakabnr"):
        list(play_batch(Cheat(), RandomPlayer(), [Board()]))


# ------------------------------------------------------------------------------------------------ lockstep


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(4)
    model = Gpt(ModelConfig(width=32, layers=2, heads=2, context=16, dropout=0.0)).eval()
    torch.nn.init.normal_(model.policy.weight, std=0.3)  # so that the net has clear preferences
    return model


@pytest.fixture
def exact(monkeypatch):
    """Make the arithmetic depend on nothing but the game."""
    monkeypatch.setattr("xiangqi_lm.model.device.fast_bf16", lambda device: False)


def game_of(game):
    return game.board.start_fen, tuple(move.id for move in game.board.move_stack), game.outcome


def test_games_in_lockstep_are_whole_and_depend_on_neither_batch_nor_device(tiny, exact, monkeypatch):
    sampling = SamplingConfig(0.9, 0.95, seed=7, opening_plies=4, opening_temperature=3.0)
    openings = {number: Board() for number in range(6)}
    for number in (1, 4):
        openings[number].push(Move.from_iccs("h2e2"))
        openings[number].push(Move.from_iccs("h9g7"))
    openings[5] = Board("3ak4/4a4/9/9/9/9/4P4/9/3R5/4K4 b")
    plies = []
    games = {game.number: game for game in lockstep(tiny, sampling, openings, 3, plies.append)}
    assert sorted(games) == list(range(6))
    for number, game in games.items():
        board = openings[number].copy()
        assert game.board.move_stack[: board.ply] == board.move_stack
        for move in game.board.move_stack[board.ply :]:
            assert board.outcome() is None
            board.push(move)  # raises if it is illegal
        assert board.outcome() == game.outcome
    monkeypatch.setattr(devicerules, "compiled", lambda device: False)
    monkeypatch.setattr(devicerules, "_TRIED", MOVE_COUNT)
    again = {game.number: game for game in lockstep(tiny, sampling, openings, 64)}
    assert {n: game_of(g) for n, g in again.items()} == {n: game_of(g) for n, g in games.items()}
    other = lockstep(tiny, replace(sampling, seed=8), {0: Board()}, 64)
    assert game_of(next(other)) != game_of(games[0])
    assert sum(plies) >= sum(game.outcome.plies - openings[n].ply for n, game in games.items())


def test_the_model_is_asked_in_the_same_way_as_by_the_player(tiny, exact):
    """Past several windows, with games dropped on the way."""
    group = GameBatch(
        tiny, SamplingConfig(0.0, 1.0, seed=1, opening_plies=30, opening_temperature=1.0), [3, 5, 9], [Board()] * 3
    )
    player = LanguageModelPlayer(tiny, "the same", temperature=0.0)
    compared = 0
    for ply in range(70):
        group.step()
        if ply == 41:
            group.keep(torch.tensor([0, 2]))
        if ply < 30:
            continue
        for row in group.moves[:, : group.ply].tolist():
            board = Board()
            for move_id in row[:-1]:
                if move_id != MOVE_COUNT:
                    board.push(MOVES[move_id])
            if row[-1] == MOVE_COUNT or board.repeating_moves(times=2) or board.final_moves():
                continue
            assert player.choose(board).move.id == row[-1]
            compared += 1
    assert compared > 40


def test_draws_follow_the_chances_and_never_pick_a_zero():
    throws = torch.cat([random_numbers(5, torch.arange(500), ply) for ply in range(20)])
    assert 0 <= float(throws.min()) < 0.001
    assert 0.999 < float(throws.max()) < 1
    assert abs(float(throws.mean()) - 0.5) < 0.01
    assert len(throws.unique()) > 9900
    assert not torch.equal(random_numbers(5, torch.arange(500), 1), random_numbers(6, torch.arange(500), 1))
    chances = torch.tensor([[0.0, 0.25, 0.0, 0.75, 0.0]]).expand(10_000, 5)
    columns = drawn(chances, throws)
    assert set(columns.tolist()) == {1, 3}
    assert abs(float((columns == 1).float().mean()) - 0.25) < 0.02
    assert drawn(chances[:2], torch.tensor([0.0, 1 - 2**-24])).tolist() == [1, 3]


def test_a_game_is_cut_where_the_rules_end_it():
    bare = Board("3ak4/4a4/9/9/9/9/9/9/4A4/3AK4 w")  # no attackers are left: the device goes on for a while
    board = Board("3ak4/4a4/9/9/9/9/9/3p5/4A4/3AK4 w")
    take = next(move for move in board.legal_moves if board.is_capture(move))
    after = board.copy()
    after.push(take)
    further = [take.id, after.legal_list()[0].id]
    game = judged(3, board, further)
    assert (game.number, game.outcome.termination, game.board.ply) == (3, Termination.MATERIAL, 1)
    assert judged(0, bare, [move.id for move in bare.legal_list()[:1]]).outcome.plies == 0


# ------------------------------------------------------------------------------------------------ the command


def command(*args):
    env = {**os.environ, "PYTHONPATH": os.getcwd(), "OMP_NUM_THREADS": "1"}
    args = [sys.executable, "-m", "xiangqi_lm", "selfplay", *map(str, args)]
    return subprocess.run(args, env=env, capture_output=True, text=True, check=False)


def test_a_command_resumes_with_the_games_of_a_killed_one(tmp_path, tiny):
    checkpoint.save(tmp_path / "model", tiny, {})
    book, out = tmp_path / "book.epd", tmp_path / "games.pgn"
    book.write_text("3ak4/4a4/9/9/9/9/4P4/9/3R5/4K4 b - - 0 1\n5k3/9/9/9/9/9/4P4/9/3R5/4K4 w - - 0 1\n", "utf-8")
    spec = f"lm:{tmp_path / 'model'}"
    args = ("--player", spec, "--out", out, "--openings", book, "--seed", 3, "--opening-plies", 4)
    assert command(*args, "--games", 2).returncode == 0
    whole = out.read_text("utf-8")
    (tmp_path / "games.pgn.part").write_text(whole + whole[:60], "utf-8")
    done = command(*args, "--games", 5, "--json", tmp_path / "f.json", "--force")  # replaces the first games
    assert done.returncode == 0, done.stderr
    assert "holds 2 games" in done.stderr
    assert "5 games" in done.stdout
    assert out.read_text("utf-8").startswith(whole)
    records = list(read_games(out.read_text("utf-8")))
    assert sorted(int(record.headers["Round"]) for record in records) == [1, 2, 3, 4, 5]
    assert {record.start_fen for record in records} == set(book.read_text("utf-8").splitlines())
    assert [path.name for path in tmp_path.glob("games.pgn*")] == ["games.pgn"]
    (tmp_path / "games.pgn.part").write_text(whole, "utf-8")
    with pytest.raises(XiangqiError, match="other players"):
        played_in(tmp_path / "games.pgn.part", ("random", "random"))


def test_games_begun_with_other_settings_are_not_mixed(tmp_path):
    part = tmp_path / "games.pgn.part"
    seed = seed_of(part, {"openings": None}, None)
    part.write_text("")
    assert seed_of(part, {"openings": None}, None) == seed_of(part, {"openings": None}, seed) == seed
    with pytest.raises(XiangqiError, match="openings = None, not x"):
        seed_of(part, {"openings": "x"}, None)
    with pytest.raises(XiangqiError, match=f"seed = {seed}, not {seed + 1}"):
        seed_of(part, {"openings": None}, seed + 1)
    part.unlink()
    assert seed_of(part, {"openings": "x"}, 7) == 7  # no trace of the other games is left


def test_fewer_games_than_exist_and_impossible_outputs_are_refused(tmp_path):
    out = tmp_path / "games.pgn"

    def invoke(place, games, *more):
        words = ("--player", "random", "--games", games, "--out", place, "--seed", 1, *more)
        return CliRunner().invoke(selfplay_command, [str(word) for word in words])

    assert invoke(out, 3).exit_code == 0
    out.rename(tmp_path / "games.pgn.part")
    refused = invoke(out, 2)
    assert isinstance(refused.exception, XiangqiError)
    assert "holds game 3: ask for at least" in str(refused.exception)
    assert invoke(out, 3).exit_code == 0
    for place, more in (
        (tmp_path / "games.pgn.xz", ()),
        (tmp_path / "v1.2", ()),
        (out, ("--opening-temperature", "nan")),
    ):
        assert invoke(place, 2, *more).exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["games.pgn"]


@pytest.mark.parametrize("black", [None, parse_spec("random")])
def test_a_seed_gives_the_same_games_however_they_are_spread_or_interrupted(black):
    def games(*calls):
        work = SelfPlay(parse_spec("random"), black, batch=2, seed=5)
        records = [record for numbers in calls for record in work.play(numbers)]
        return {int(record.headers["Round"]): record.moves for record in records}

    whole = games(range(6))
    assert len(set(whole.values())) == 6
    assert games([2, 3], [4, 5], [0, 1]) == games([0, 1], range(2, 6)) == whole


def test_only_a_model_against_itself_is_sampled_by_a_schedule():
    with pytest.raises(BadConfig, match="language model"):
        next(SelfPlay(parse_spec("random"), opening_plies=2).play([0]))


def test_a_folder_gets_shards_and_workers_share_the_games(tmp_path):
    out = tmp_path / "shards"
    done = command("--player", "random", "--out", out, "--games", 3, "--batch", 2, "--jobs", 2, "--seed", 1)
    assert done.returncode == 0, done.stderr
    assert sum(len(Shards.open(out).split(name)) for name in ("train", "validation")) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["shards"]


@pytest.mark.parametrize("player", ["random", "greedy", "alphabeta?nodes=30"])
def test_a_resumed_run_plays_the_games_it_would_have_played(player):
    """Whichever games of a batch are missing, they come out as in an uninterrupted run."""
    work = SelfPlay(parse_spec(player), parse_spec("random"), batch=4, seed=5, total=6)
    whole = {int(record.headers["Round"]) - 1: record.moves for record in work.play(range(6))}
    for missing in ([2], [1, 3, 5], [0, 4]):
        again = {int(record.headers["Round"]) - 1: record.moves for record in work.play(missing)}
        assert again == {number: whole[number] for number in missing}
    work.close()


def test_a_batch_that_shares_random_numbers_is_replayed_whole(monkeypatch):
    def choose_many(self, boards, limit=None):
        return [Choice(board.legal_list()[self._dice.randrange(len(board.legal_list()))]) for board in boards]

    monkeypatch.setattr(RandomPlayer, "choose_many", choose_many)
    work = SelfPlay(parse_spec("random"), None, batch=3, seed=5, total=5)
    whole = {int(record.headers["Round"]) - 1: record.moves for record in work.play(range(5))}
    assert len(set(whole.values())) == 5
    for missing in ([2], [0, 3], [1, 4]):
        again = {int(record.headers["Round"]) - 1: record.moves for record in work.play(missing)}
        assert again == {number: whole[number] for number in missing}
