"""Games under conditions: clocks, failures, restarts, adjudication, scores."""

import json
import random
from dataclasses import dataclass, field

import pytest

from xiangqi_lm.arena import adjudication, match, timecontrol
from xiangqi_lm.arena.adjudication import Adjudication, Referee
from xiangqi_lm.arena.match import Conditions, Game, MoveStats, Participant, play_games
from xiangqi_lm.arena.timecontrol import TimeControl
from xiangqi_lm.engine.baselines import RandomPlayer
from xiangqi_lm.engine.player import Choice, Info, Player, PrincipalVariation
from xiangqi_lm.errors import BadConfig, EngineFailure
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import MOVES, Move
from xiangqi_lm.rules.outcome import Termination
from xiangqi_lm.rules.score import Score, WinDrawLoss
from xiangqi_lm.rules.squares import BLACK, RED


class Clock:
    """A clock that advances when a player says so."""

    now = 0.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture(autouse=True)
def time(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(match, "time", clock)
    return clock


@dataclass
class Scripted(Player):
    """Plays some legal move, and misbehaves at its n-th."""

    name: str = "scripted"
    odd_at: int = -1
    oddity: str = ""
    score: int | None = None
    seconds: float = 0.0
    clock: Clock | None = None
    asked: int = 0
    closed: bool = False
    limits: list = field(default_factory=list)
    warm: bool = False

    def choose(self, board, limit=None):
        if limit == match.WARM:
            self.warm = True
            return Choice(next(iter(board.legal_moves)))
        self.asked += 1
        self.limits.append(limit)
        if self.clock:
            self.clock.sleep(self.seconds)
        if self.asked == self.odd_at:
            if self.oddity == "fail":
                raise EngineFailure(f"{self.name} crashed\nwith much to say")
            return Choice(Move.from_iccs("a0a9"))
        move = random.Random(self.asked).choice(list(board.legal_moves))
        if self.score is None:
            return Choice(move, ((move, 1.0),))
        lines = (PrincipalVariation((move,), Score(board.turn, self.score)),)
        return Choice(move, ((move, 1.0),), info=Info(3, 42, 0.1, lines))

    def choose_many(self, boards, limit=None):
        return [self.choose(board, limit) for board in boards]

    def close(self):
        self.closed = True


def seat(*players, control=None):
    """Return a participant whose maker returns the given players in turn."""
    waiting = list(players)
    return Participant(players[0].name, lambda seed: waiting.pop(0), control)


def play(red, black, board=None, **conditions):
    (table,) = play_games([Game(0, red, black, board or Board(), Conditions(**conditions))])
    return table


SHORT = Adjudication(max_plies=12)


def test_a_game_ends_by_the_rules_and_every_move_has_stats():
    table = play(seat(RandomPlayer(1)), seat(RandomPlayer(2)))
    board = Board()
    for move in table.board.move_stack:
        assert board.outcome() is None
        board.push(move)
    assert board.outcome() == table.outcome
    assert len(table.thoughts) == board.ply
    assert all(thought.probability and thought.seconds >= 0 for thought in table.thoughts)


def test_opening_moves_have_no_stats_and_black_may_begin():
    board = Board()
    for text in ("h2e2", "h9g7", "h0g2"):
        board.push_text(text)
    table = play(seat(Scripted()), seat(Scripted()), board, adjudication=SHORT)
    assert table.thoughts[:3] == [None] * 3
    assert None not in table.thoughts[3:]
    black = Scripted()
    play(seat(RandomPlayer()), seat(black), Board("3ak4/4a4/9/9/9/9/4P4/9/3R5/4K4 b"), adjudication=SHORT)
    assert black.asked


def test_a_finished_position_is_not_played():
    table = play(seat(Scripted()), seat(Scripted()), Board("3k1a3/4a4/9/9/9/9/9/9/3r5/3rK4 w"))
    assert (table.outcome.termination, table.outcome.result) == (Termination.CHECKMATE, "0-1")


@pytest.mark.parametrize(
    ("oddity", "termination", "words"),
    [
        ("fail", Termination.FAILURE, "Black failed: scripted crashed"),
        ("illegal", Termination.ILLEGAL, "Black played the illegal move a0a9"),
    ],
)
def test_a_failing_player_loses_that_game_and_is_rebuilt(oddity, termination, words):
    bad, good = Scripted(odd_at=3, oddity=oddity), Scripted()
    black = seat(bad, good)
    table = play(seat(RandomPlayer(1)), black)
    assert (table.outcome.termination, table.outcome.result, table.outcome.reason) == (termination, "1-0", words)
    assert table.outcome.plies == 5
    assert bad.closed
    assert play(seat(RandomPlayer(1)), black, adjudication=SHORT).outcome.termination is Termination.ADJUDICATION
    assert good.asked == 6


def test_a_player_that_cannot_be_built_loses():
    def make(seed):
        raise EngineFailure("no such program")

    table = play(Participant("gone", make), seat(Scripted()))
    assert (table.outcome.result, table.outcome.reason) == ("0-1", "Red failed: no such program")


def test_in_a_batch_only_the_failing_game_is_lost():
    bad, good = Scripted(odd_at=2, oddity="fail"), Scripted(odd_at=1, oddity="fail")
    red, black = seat(Scripted()), seat(bad, good, Scripted())
    tables = [Game(n, red, black, Board(), Conditions(SHORT)) for n in range(3)]
    ends = {table.number: table.outcome.termination for table in play_games(tables)}
    assert ends == {0: Termination.FAILURE, 1: Termination.ADJUDICATION, 2: Termination.ADJUDICATION}


def test_a_batch_asks_once_a_ply_for_all_games():
    class Counter(Scripted):
        calls = 0

        def choose_many(self, boards, limit=None):
            self.calls += 1
            return super().choose_many(boards, limit)

    one, two = Counter("one"), Counter("two")
    first, second = seat(one), seat(two)
    tables = [Game(n, *((first, second) if n % 2 else (second, first)), Board(), Conditions(SHORT)) for n in range(8)]
    assert len(list(play_games(tables))) == 8
    assert (one.calls, two.calls) == (12, 12)
    assert one.asked == 8 * 6


# ------------------------------------------------------------------------------------------------ time


def test_the_flag_falls(time):
    slow = Scripted(seconds=0.6, clock=time)
    table = play(seat(slow, control=TimeControl(base=1)), seat(Scripted()), margin=0.0)
    assert (table.outcome.termination, table.outcome.result) == (Termination.TIME, "0-1")
    assert (table.outcome.plies, slow.asked, slow.closed) == (2, 2, True)
    assert table.outcome.reason == "Red ran out of time"
    assert slow.warm  # it had loaded everything before its clock ran


def test_the_increment_gives_back(time):
    def moves(control):
        slow = Scripted(seconds=0.6, clock=time)
        play(seat(slow, control=control), seat(Scripted()), adjudication=Adjudication(max_plies=40), margin=0.0)
        return slow.asked

    assert moves(TimeControl(base=1.5)) == 3
    assert moves(TimeControl(base=1.55, increment=0.3)) == 5  # 1.25, 0.95, 0.65, 0.35 are left, then the flag falls
    assert moves(TimeControl(base=1.5, increment=0.6)) == 20
    assert moves(TimeControl(base=1.5, moves=2)) == 20


@pytest.mark.parametrize(("seconds", "margin", "late"), [(0.5, 0.5, False), (0.7, 0.5, False), (0.8, 0.5, True)])
def test_a_move_may_take_its_time_plus_the_margin(time, seconds, margin, late):
    red = seat(Scripted(seconds=seconds, clock=time), control=TimeControl(movetime=0.25))
    outcome = play(red, seat(Scripted()), adjudication=SHORT, margin=margin).outcome
    assert (outcome.termination is Termination.TIME) == late


def test_a_clock_overrun_within_the_margin_gets_its_increment(time):
    """Below 0 but within the margin, the game goes on and the clock keeps counting."""
    for control in (TimeControl(base=0.5, increment=0.6), TimeControl(base=1.19, moves=2)):
        slow = Scripted(seconds=0.6, clock=time)
        table = play(seat(slow, control=control), seat(Scripted()), adjudication=Adjudication(max_plies=40), margin=0.2)
        assert (table.outcome.termination, slow.asked) == (Termination.ADJUDICATION, 20)


def test_beside_a_clock_a_time_per_move_still_applies(time):
    slow = Scripted(seconds=0.6, clock=time)
    red = seat(slow, control=TimeControl(movetime=0.25, base=60))
    assert play(red, seat(Scripted()), adjudication=SHORT, margin=0.1).outcome.termination is Termination.TIME


def test_building_a_player_is_not_on_its_clock(time):
    def make(seed):
        time.sleep(10)
        return Scripted()

    red = Participant("slow to start", make, TimeControl(base=1))
    assert play(red, seat(Scripted()), adjudication=SHORT, margin=0.0).outcome.termination is Termination.ADJUDICATION


def test_players_get_both_clocks():
    red, black = Scripted(), Scripted()
    play(
        seat(red, control=TimeControl(base=60, increment=0.6, moves=3)),
        seat(black, control=TimeControl(base=30)),
        adjudication=SHORT,
    )
    clock = red.limits[0].clock
    assert (clock.mine, clock.theirs, clock.my_increment, clock.moves_to_go) == (60, 30, 0.6, 3)
    assert red.limits[2].clock.moves_to_go == 1
    assert red.limits[2].clock.mine == pytest.approx(60 + 2 * 0.6)  # before the session ends, only increments are added
    assert red.limits[3].clock.mine == pytest.approx(60 * 2 + 3 * 0.6)  # the next session's time has been added
    assert (black.limits[0].clock.my_increment, black.limits[0].clock.their_increment) == (0, 0.6)
    assert black.limits[0].clock.moves_to_go is None


@pytest.mark.parametrize(
    ("text", "control"),
    [
        ("60+0.6", TimeControl(base=60, increment=0.6)),
        ("40/60", TimeControl(base=60, moves=40)),
        ("0.5", TimeControl(base=0.5)),
        ("nodes=1000", TimeControl(nodes=1000)),
        ("depth=5,movetime=0.25", TimeControl(depth=5, movetime=0.25)),
    ],
)
def test_time_controls_are_read_and_written(text, control):
    assert timecontrol.parse(text) == control
    assert timecontrol.parse(str(control)) == control


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "60+", "-5", "nodes=0", "nodes=1.5", "0", "moves=3", "40/", "depth", "1e3", "movetime=nan",
        "movetime=inf", "nodes=99999999999999999999", "nodes=1,nodes=2", "60+1,40/60",
    ],
)  # fmt: skip
def test_bad_time_controls_are_refused(text):
    with pytest.raises(BadConfig, match="time control"):
        timecontrol.parse(text)


# ------------------------------------------------------------------------------------------------ adjudication


def judged(rules, scores):
    """Return the outcome after moves of Red and Black in turn with the given scores, and its ply."""
    referee = Referee(rules)
    for ply, score in enumerate(scores, 1):
        side = RED if ply % 2 else BLACK
        if outcome := referee.judge(side, None if score is None else Score(side, score), ply):
            return outcome, ply
    return None, len(scores)


RESIGN = Adjudication(resign_score=500, resign_moves=2)
DRAW = Adjudication(draw_score=10, draw_moves=2, draw_ply=8)


@pytest.mark.parametrize(
    ("rules", "scores", "result", "ply"),
    [
        (RESIGN, [-600, 600, -600, 600], "0-1", 4),
        (RESIGN, [600, -600, 600, -600], "1-0", 4),
        (RESIGN, [-600, 600, -400, 600, -600, 600, -600], "0-1", 7),
        (RESIGN, [-600, 100] * 5, None, 10),  # the other side does not agree
        (RESIGN, [None, 600, None, 600], "0-1", 4),  # one of them gives no scores
        (RESIGN, [None, None] * 5, None, 10),
        (Adjudication(resign_score=500, resign_moves=1), [-600, 100, 0, 100], None, 4),  # Black has not scored yet
        (Adjudication(resign_score=500, resign_moves=1), [-600, None], "0-1", 2),
        (RESIGN, [-600, 600, None, 600, -600, 600], None, 6),
        (Adjudication(), [-30000, 30000] * 5, None, 10),
        (DRAW, [3, -3] * 5, "1/2-1/2", 8),
        (DRAW, [3, -3, 3, -3, 3, -3, 50, -3, 3, -3, 3], "1/2-1/2", 11),
        (DRAW, [3, -50] * 10, None, 20),
        (Adjudication(max_plies=6), [None] * 10, "1/2-1/2", 6),
    ],
)
def test_resignations_and_draws(rules, scores, result, ply):
    outcome, at = judged(rules, scores)
    assert (outcome.result if outcome else None, at) == (result, ply)


def test_a_resigned_game_says_so():
    table = play(seat(Scripted(score=-900)), seat(Scripted(score=900)), adjudication=RESIGN)
    assert (table.outcome.termination, table.outcome.result) == (Termination.RESIGNATION, "0-1")
    assert table.outcome.plies == 4


def test_adjudication_is_read_from_text():
    read = adjudication.parse("700,5", "15,6,80", 300)
    assert read == Adjudication(700, 5, 15, 6, 80, 300)
    assert adjudication.parse(None, None) == Adjudication()
    for resign, draw in (("x", None), ("1,2,3", None), (None, "-5"), (None, "1,2,3,4")):
        with pytest.raises(BadConfig, match=r"expected SCORE,MOVES"):
            adjudication.parse(resign, draw)
    for resign, draw in (("700,0", None), (None, "15,0")):  # these would end every game at once
        with pytest.raises(BadConfig, match="moves must be above 0"):
            adjudication.parse(resign, draw)


# ------------------------------------------------------------------------------------------------ what players say


def test_stats_have_the_score_of_the_best_line_or_else_of_the_choice():
    line = PrincipalVariation((MOVES[0],), Score(RED, mate=3))
    chances = Score(RED, wdl=WinDrawLoss(0.5, 0.3, 0.2))
    assert MoveStats.of(Choice(MOVES[0], score=chances, info=Info(1, 1, 0.0, (line,))), 1).score == line.score
    assert MoveStats.of(Choice(MOVES[0], score=chances, info=Info(1, 1, 0.0, ())), 1).score == chances
    assert MoveStats.of(Choice(MOVES[0]), 1).score is None


@pytest.mark.parametrize("score", [Score(BLACK, -35), Score(BLACK, mate=-2), None])
def test_stats_survive_json(score):
    thought = MoveStats(0.25, score, 0.5, 7, 1200)
    assert MoveStats.from_json(json.loads(json.dumps(thought.as_json())), BLACK) == thought


def test_journals_of_earlier_versions_are_read():
    assert MoveStats.from_json([0.25, -35, None, None, None], RED).score == Score(RED, -35)


def test_stats_as_a_comment():
    assert (
        MoveStats(0.25, Score(RED, -35), 0.5, 7, 1200).words()
        == "score -35, depth 7, nodes 1200, probability 0.500, time 0.250 s"
    )
    assert MoveStats(0, Score(RED, mate=3)).words() == "score #3, time 0.000 s"
    assert MoveStats(0, Score(RED, wdl=WinDrawLoss(0.5, 0.3, 0.2))).words() == "score +185, time 0.000 s"
    assert MoveStats(0.0).words() == "time 0.000 s"
