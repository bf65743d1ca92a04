"""When a player resigns, offers a draw or accepts one; and that the same rules apply wherever it plays."""

from __future__ import annotations

import pytest
from serving import Fixed, dialogue

from xiangqi_lm.arena.match import Game, Participant, play_batch, play_games
from xiangqi_lm.arena.selfplay import SelfPlay
from xiangqi_lm.engine.manners import ACCEPTS_PLY, EVEN_MOVES, EVEN_PLY, HOPELESS_MOVES, Temper
from xiangqi_lm.engine.player import Choice, Limit, Manners
from xiangqi_lm.engine.protocol import ucci
from xiangqi_lm.engine.spec import make_player, manners_of, parse_spec
from xiangqi_lm.errors import BadConfig
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.outcome import Termination
from xiangqi_lm.rules.score import Score, WinDrawLoss

BOTH = Manners(resign=True, draw=True)
LOST, EVEN, WON = WinDrawLoss(0.0, 0.02, 0.98), WinDrawLoss(0.1, 0.8, 0.1), WinDrawLoss(0.9, 0.1, 0.0)
# 119 more plies are possible without a capture, and neither king can be reached
LATE = "3k5/9/9/p8/9/9/P8/9/9/5K3 w - - 0 {}"


def at(ply: int) -> Board:
    return Board(LATE.format(ply // 2 + 1).replace(" w ", " b " if ply % 2 else " w "))


def choice(board: Board, wdl: WinDrawLoss | None, **said) -> Choice:
    return Choice(board.legal_list()[0], (), None if wdl is None else Score(board.turn, wdl=wdl), **said)


def judged(temper: Temper, ply: int, wdl: WinDrawLoss | None, manners: Manners = BOTH, **said) -> Choice:
    return temper.judged(at(ply), choice(at(ply), wdl, **said), manners)


class Sure(Fixed):
    """Always has the same expectation, and plays the first legal move that is not a capture."""

    def __init__(self, wdl: WinDrawLoss, manners: Manners = BOTH):
        super().__init__()
        self.wdl, self.manners = wdl, manners

    def choose(self, board, limit=None):
        self.limits.append(limit)
        quiet = [move for move in board.legal_list() if not board.is_capture(move)]
        return Choice(quiet[len(board.move_stack) % len(quiet)], (), Score(board.turn, wdl=self.wdl))


# ------------------------------------------------------------------------------------------------ the rules


def test_it_resigns_after_several_hopeless_moves_in_a_row():
    temper = Temper()
    said = [judged(temper, 10 + 2 * i, LOST).resigns for i in range(HOPELESS_MOVES)]
    assert said == [False] * (HOPELESS_MOVES - 1) + [True]
    temper = Temper()
    for i, wdl in enumerate([LOST] * (HOPELESS_MOVES - 1) + [EVEN] + [LOST] * (HOPELESS_MOVES - 1)):
        assert not judged(temper, 10 + 2 * i, wdl).resigns
        assert not judged(temper, 11 + 2 * i, WON).resigns  # the other side is counted separately


def test_moves_taken_back_and_positions_judged_again_count_once():
    temper = Temper()
    for _ in range(3 * HOPELESS_MOVES):
        assert not judged(temper, 20, LOST).resigns
    assert not judged(temper, 22, LOST).resigns
    assert not judged(temper, 20, LOST).resigns  # two plies earlier
    for ply in (22, 24):
        assert not judged(temper, ply, LOST).resigns
    assert judged(temper, 26, LOST).resigns
    assert not judged(temper, 60, LOST).resigns  # after a gap


def test_it_offers_a_draw_in_a_long_even_game_but_not_at_every_move():
    temper = Temper()
    assert not any(judged(temper, ply, EVEN).draw == "offers" for ply in range(0, EVEN_PLY, 2))
    plies = range(EVEN_PLY, EVEN_PLY + 4 * EVEN_MOVES, 2)
    offers = [ply for ply in plies if judged(temper, ply, EVEN).draw == "offers"]
    assert offers == [EVEN_PLY + 2 * EVEN_MOVES - 2, EVEN_PLY + 4 * EVEN_MOVES - 2]


@pytest.mark.parametrize(("wdl", "accepts"), [(EVEN, True), (LOST, True), (WON, False), (None, False)])
def test_it_accepts_a_draw_unless_it_is_better(wdl, accepts):
    assert (judged(Temper(), ACCEPTS_PLY, wdl).draw == "accepts") is accepts
    assert judged(Temper(), ACCEPTS_PLY - 1, wdl).draw == ""


@pytest.mark.parametrize("manners", [Manners(), Manners(False, False), Manners().where(resign=False, draw=False)])
def test_with_both_switched_off_it_does_neither(manners):
    said = judged(Temper(), 100, LOST, manners, resigns=True, draw="offers")
    assert (said.resigns, said.draw) == (False, "")


def test_what_another_program_says_counts():
    said = judged(Temper(), 6, None, resigns=True, draw="offers")
    assert said.resigns and said.draw == "offers"


# ------------------------------------------------------------------------------------------------ specs


def test_every_kind_of_player_reads_both_switches():
    assert manners_of(parse_spec("level:club?resign=no&draw=yes")) == Manners(False, True)
    assert manners_of(parse_spec("uci:engine?resign=yes&Hash=4")) == Manners(True, None)
    with make_player("greedy?draw=no") as player:
        assert player.manners == Manners(None, False)
    with make_player("random") as player:
        assert player.manners == Manners()
    with pytest.raises(BadConfig, match="resign: expected yes or no, found 'perhaps'"):
        parse_spec("mcts:default?resign=perhaps")
    with pytest.raises(BadConfig, match="did you mean 'resign'"):
        parse_spec("random?resing=yes")


# ------------------------------------------------------------------------------------------------ games


def play(red: Fixed, black: Fixed, fen: str = LATE.format(50)):
    seats = Participant("red", lambda seed: red), Participant("black", lambda seed: black)
    (game,) = play_games([Game(0, *seats, Board(fen))])
    (beside,) = play_batch(red, black, [Board(fen)])
    assert beside.outcome == game.outcome  # self-play ends games in the same way
    return game


def test_a_game_is_resigned_by_the_hopeless_side():
    game = play(Sure(WON), Sure(LOST))
    assert (game.outcome.termination, game.outcome.result) == (Termination.RESIGNATION, "1-0")
    assert game.outcome.reason == "Black resigned" and game.board.ply == 2 * HOPELESS_MOVES - 1
    assert len(game.thoughts) == game.board.ply
    game = play(Sure(WON), Sure(LOST, Manners(resign=False)))
    assert game.outcome.termination is not Termination.RESIGNATION


def test_a_draw_is_agreed_by_offer_and_acceptance():
    black = Sure(EVEN)
    game = play(Sure(EVEN), black)
    assert (game.outcome.termination, game.outcome.winner) == (Termination.AGREEMENT, None)
    assert game.board.ply == 2 * EVEN_MOVES - 1
    assert [limit.draw_offered for limit in black.limits[:EVEN_MOVES]] == [False] * (EVEN_MOVES - 1) + [True]
    for other in (Sure(EVEN, Manners(True, None)), Sure(WON)):
        game = play(Sure(EVEN), other)
        assert game.outcome.termination is not Termination.AGREEMENT


def test_a_model_plays_itself_in_lockstep_only_if_it_plays_to_the_end():
    assert SelfPlay(parse_spec("lm:default?resign=no&draw=no&device=cpu"))._in_lockstep()
    assert not SelfPlay(parse_spec("lm:default?resign=yes&device=cpu"))._in_lockstep()


# ------------------------------------------------------------------------------------------------ protocols


def served(protocol: str, wdl: WinDrawLoss, *options: str, plies: int = 4, offered: str = "") -> list[str]:
    """Return a player's answers at every second ply of a quiet game from move 60 on."""
    lines, moves = [f"setoption {option}" for option in options], []
    board = Board(LATE.format(60))
    for _ in range(plies):
        lines += [f"position fen {LATE.format(60)} moves {' '.join(moves)}", f"go {offered} depth 1"]
        for _ in range(2):
            quiet = [move for move in board.legal_list() if not board.is_capture(move)]
            moves.append(quiet[board.ply % len(quiet)].iccs())
            board.push_text(moves[-1])
    said = dialogue(protocol, *lines, player=Sure(wdl), protocol=protocol)
    return [line for line in said if line.startswith(("bestmove", "info string", "info message"))]


def test_ucci_resigns_if_an_option_allows_it():
    answers = served("ucci", LOST, "resign true")
    assert [line.endswith(" resign") for line in answers] == [False] * (HOPELESS_MOVES - 1) + [True]
    assert not any(line.endswith(" resign") for line in served("ucci", LOST))


def test_ucci_offers_draws_and_answers_offers_unless_an_option_forbids_it():
    answers = served("ucci", EVEN, plies=EVEN_MOVES)
    assert [line.endswith(" draw") for line in answers] == [False] * (EVEN_MOVES - 1) + [True]
    assert all(line.endswith(" draw") for line in served("ucci", LOST, plies=2, offered="draw"))
    assert not any(line.endswith(" draw") for line in served("ucci", WON, plies=2, offered="draw"))
    for plies, offered in ((EVEN_MOVES, ""), (1, "draw")):
        assert not any(
            line.endswith(" draw") for line in served("ucci", EVEN, "draw false", plies=plies, offered=offered)
        )


def test_uci_reports_it_in_a_line_of_its_own():
    said = served("uci", LOST, "name Resign value true")
    assert said[-2:] == ["info string resign", said[-1]] and said[-1].startswith("bestmove ")
    assert "info string draw" in served("uci", EVEN, plies=EVEN_MOVES)


def test_another_program_is_sent_the_offer():
    assert ucci.format_go(Limit(depth=3, draw_offered=True)) == "go draw depth 3"
    assert ucci.format_go(Limit(depth=3)) == "go depth 3"
