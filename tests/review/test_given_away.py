"""What moves give away: a hanging rook compared with sound moves, by a real judge; and the command."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
from click.testing import CliRunner

from xiangqi_lm.cli.evaluate import evaluate
from xiangqi_lm.dataset.division import pack
from xiangqi_lm.engine.levels import LEVELS
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.review.given_away import given_away, moves_of, sampled, summary
from xiangqi_lm.review.verdicts import Cache, Judge
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move

OPENING = "h2e2 h9g7 h0g2 i9h9 b0c2 b9c7 a0b0 a9b9"
JUDGE = "alphabeta?nodes=500"


def record() -> GameRecord:
    return GameRecord(moves=tuple(Move.from_iccs(text) for text in OPENING.split()))


def test_a_hanging_rook_gives_away_more_than_a_sound_move_and_nothing_is_negative():
    board = Board("1r2k4/9/4b4/9/p7p/9/P3P3P/4B4/4A4/R2K1A3 w")
    sound, rook = Move.from_iccs("a0a1"), Move.from_iccs("a0b0")
    assert board.is_legal(sound) and board.is_legal(rook)
    lost = given_away([board], {"sound": [sound], "rook": [rook]}, Judge(JUDGE), lambda n: None)
    assert lost["rook"][0] > 0.3 > lost["sound"][0] >= 0


def test_a_mate_gives_away_nothing_and_missing_it_does():
    board = Board("3k5/9/9/9/9/9/9/4R4/R8/4K4 w")
    mate, other = Move.from_iccs("a1d1"), Move.from_iccs("a1a0")
    lost = given_away([board], {"mate": [mate], "other": [other]}, Judge(JUDGE), lambda n: None)
    assert lost["mate"][0] == 0 <= lost["other"][0] < 0.1  # still winning


def test_positions_are_drawn_with_the_moves_that_were_made():
    found = sampled(pack([record(), record()]), [0, 1], 10, np.random.default_rng(1))
    assert len(found) == 10 == len({(board.ply, id(board)) for board, _ in found})
    for board, move in found:
        assert move.iccs() == OPENING.split()[board.ply] and board.is_legal(move)


def test_verdicts_are_not_asked_for_twice():
    cache, boards = Cache(), [board for board, _ in sampled(pack([record()]), [0], 4, np.random.default_rng(2))]
    moves = moves_of("random", boards, 5, cache, lambda n: None)
    assert moves_of("random", boards, 5, cache, lambda n: None) == moves
    first, again = Judge(JUDGE, cache=cache), Judge(JUDGE, cache=cache)
    one, two = (given_away(boards, {"random": moves}, judge, lambda n: None)["random"] for judge in (first, again))
    assert (one == two).all() and first.asked > 4 and again.asked == 0


def test_moves_that_were_kept_of_a_level_do_not_outlive_it(monkeypatch):
    cache, boards = Cache(), [board for board, _ in sampled(pack([record()]), [0], 4, np.random.default_rng(2))]
    found = []
    for spec in ("random", "greedy"):
        monkeypatch.setitem(LEVELS, "club", replace(LEVELS["club"], spec=spec))
        found.append(moves_of("level:club", boards, 5, cache, lambda n: None))
        assert found[-1] == moves_of(spec, boards, 5, Cache(), lambda n: None)
    assert found[0] != found[1]


def test_figures():
    found = summary(np.array([0.0, 0.1, 0.5, 0.0]), np.array([True, False, False, True]))
    assert (found["given_away"], found["mistakes"], found["blunders"], found["same_move"]) == (0.15, 0.5, 0.25, 0.5)


def test_the_command_measures_players_and_games_by_two_judges(tmp_path):
    game, out = tmp_path / "game.pgn", tmp_path / "report.json"
    game.write_text(f'[Event "?"]\n[Format "ICCS"]\n[Result "*"]\n\n{OPENING} *\n')
    command = ["evaluate", str(game), "--player", "random", "--judge", JUDGE, "--judge", "alphabeta?nodes=200"]
    command += ["--judged", "4", "--json", str(out), "--verdicts", str(tmp_path / "verdicts.sqlite")]
    done = CliRunner().invoke(evaluate, command[1:])
    assert done.exit_code == 0, done.output
    judges = json.loads(out.read_text())["given_away"]["judges"]
    assert list(judges) == [JUDGE, "alphabeta?nodes=200"]
    for players in judges.values():
        assert players["as played"]["same_move"] == 1 and players["random"]["positions"] == 4
        assert min(one["given_away"] for one in players.values()) >= 0
    assert "expected score given away in 4 positions" in done.output


def test_players_need_a_judge(tmp_path):
    game = tmp_path / "game.pgn"
    game.write_text(f'[Format "ICCS"]\n\n{OPENING} *\n')
    done = CliRunner().invoke(evaluate, [str(game), "--player", "random"])
    assert done.exit_code == 2 and "--player needs a --judge" in done.output
