"""The opponent's thread: answers with their tickets, faults as words, restarts."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from xiangqi_lm.errors import EngineFailure, XiangqiError
from xiangqi_lm.gui.game.controller import Controller
from xiangqi_lm.gui.game.scripted import ScriptedPlayer
from xiangqi_lm.gui.game.settings import Settings
from xiangqi_lm.gui.game.thinker import Thinker, Ticket
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move


def wait_answers(thinker: Thinker, count: int, seconds: float = 10) -> list:
    answers: list = []
    end = time.monotonic() + seconds
    while len(answers) < count:
        assert time.monotonic() < end
        answers += thinker.poll()[1]
        time.sleep(0.005)
    return answers


def ticket(board: Board, serial: int = 1) -> Ticket:
    return Ticket(1, board.key, "move", serial)


def test_answers_carry_their_ticket_and_wake_the_window():
    woken = threading.Event()
    thinker = Thinker(lambda: ScriptedPlayer({"moves": ["h2e2"]}), woken.set)
    board = Board()
    thinker.ask(ticket(board, 7), board, "club")
    (answer,) = wait_answers(thinker, 1)
    assert answer.ticket.serial == 7 and answer.choice.move is Move.from_iccs("h2e2")
    assert sum(share for _, share in answer.choice.probabilities) == pytest.approx(1)
    assert woken.is_set() and thinker.state == "ready" and board.ply == 0
    thinker.close()


@pytest.mark.parametrize(("fault", "words"), [("crash", "the script says"), ("illegal", "illegal move")])
def test_faults_become_words_and_the_next_answer_comes(fault, words):
    thinker = Thinker(lambda: ScriptedPlayer({"faults": {"1": fault}}))
    board = Board()
    thinker.ask(ticket(board, 1), board, "club")
    (answer,) = wait_answers(thinker, 1)
    assert answer.choice is None and words in answer.fault and "\n" not in answer.fault
    thinker.ask(ticket(board, 2), board, "club")
    assert wait_answers(thinker, 1)[0].choice is not None
    thinker.close()


def test_a_player_that_does_not_load():
    thinker = Thinker(lambda: ScriptedPlayer({"faults": {"load": "yes"}}))
    thinker.start()
    end = time.monotonic() + 10
    while thinker.state == "loading":
        assert time.monotonic() < end
        time.sleep(0.005)
    assert thinker.state == "failed" and "loading fails" in thinker.fault and not thinker.busy


def test_a_player_that_hangs_is_left_behind():
    scripts = [{"faults": {"1": "hang"}}, {"moves": ["h2e2"]}]
    thinker = Thinker(lambda: ScriptedPlayer(scripts.pop(0)))
    board = Board()
    thinker.ask(ticket(board, 1), board, "club")
    time.sleep(0.1)
    assert thinker.busy
    thinker.start()
    thinker.ask(ticket(board, 2), board, "club")
    assert [answer.ticket.serial for answer in wait_answers(thinker, 1)] == [2]
    assert thinker.lingering and not thinker.busy
    thinker.close()


def test_stop_and_continue_replace_a_player_that_hangs():
    scripts = [{"faults": {"1": "hang"}}, {"moves": ["h9g7"]}]
    controller = Controller(Thinker(lambda: ScriptedPlayer(scripts.pop(0))), Settings(language="en"), pace=0)
    controller.start()
    controller.type_move("h2e2")

    def live_until(holds: Callable[[], bool]) -> None:
        end = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < end
            controller.tick()
            time.sleep(0.005)

    live_until(lambda: controller._opponent._thinker.state == "ready" and controller._opponent._thinker.busy)
    controller.action()
    assert controller.view().action == "continue"
    controller.action()
    live_until(lambda: controller.state.game.cursor == 2)
    assert scripts == [] and controller.view().blocks[1].name == "马８进７"
    controller.close()


def test_stop_and_continue_keep_a_player_that_is_free():
    made = []
    thinker = Thinker(lambda: made.append(1) or ScriptedPlayer({}))
    controller = Controller(thinker, Settings(), pace=3600)
    controller.start()
    controller.type_move("h2e2")
    end = time.monotonic() + 10
    while thinker.state != "ready" or thinker.busy or not controller._opponent._early:
        assert time.monotonic() < end
        controller.tick()
        time.sleep(0.005)
    controller.action()
    controller.action()
    assert made == [1]
    controller.close()


def test_a_cancelled_question_is_skipped():
    thinker = Thinker(lambda: ScriptedPlayer({"seconds": 0.1}))
    board = Board()
    thinker.start()
    for serial in (1, 2, 3):
        thinker.ask(ticket(board, serial), board, "club")
    answers = wait_answers(thinker, 1)
    while answers[-1].ticket.serial != 3:
        answers += wait_answers(thinker, 1)
    assert 2 not in [answer.ticket.serial for answer in answers]
    thinker.close()


def test_each_level_has_its_player_made_once():
    made = []

    def make_level(name):
        made.append(name)
        return ScriptedPlayer({"moves": {"club": ["h2e2", "b2e2"], "expert": ["c3c4"]}[name]})

    thinker = Thinker(lambda: ScriptedPlayer({"moves": ["a3a4", "i3i4"]}), make_level=make_level)
    board, moves = Board(), []
    asked = (("club", "move"), ("expert", "move"), ("club", "move"), ("spec", "move"), ("spec", "look"))
    for serial, (level, purpose) in enumerate(asked):
        keep = frozenset({"club", "expert"})
        thinker.ask(Ticket(1, board.key, purpose, serial), board, level, keep=keep)
        moves.append(wait_answers(thinker, 1)[0].choice.move.iccs())
    assert moves == ["h2e2", "c3c4", "b2e2", "a3a4", "i3i4"] and made == ["club", "expert"]
    thinker.close()


def test_a_level_that_does_not_load_is_a_message():
    def make_level(name):
        raise XiangqiError("no such model")

    thinker = Thinker(lambda: ScriptedPlayer({}), make_level=make_level)
    thinker.ask(ticket(Board()), Board(), "club")
    (answer,) = wait_answers(thinker, 1)
    assert answer.choice is None and answer.fault == "no such model"
    thinker.close()


def test_a_question_no_longer_wanted_stops_the_thinking():
    stopped = []

    class Patient(ScriptedPlayer):
        def choose(self, board, limit=None):
            stopped.append(limit.stop.wait(10))
            return super().choose(board, limit)

    thinker = Thinker(lambda: Patient({}))
    board = Board()
    thinker.ask(ticket(board), board, "spec")
    while not thinker.busy or thinker.state != "ready":
        time.sleep(0.005)
    time.sleep(0.05)
    thinker.cancel()
    wait_answers(thinker, 1)
    assert stopped == [True]
    thinker.close()


def test_script_files(tmp_path: Path):
    path = tmp_path / "script.json"
    path.write_text(json.dumps({"name": "x", "moves": ["h2e2"]}))
    assert ScriptedPlayer.from_file(path).choose(Board()).move.iccs() == "h2e2"
    for bad in ("[]", "{", '{"speed": 3}', '{"moves": ["zz"]}'):
        path.write_text(bad)
        with pytest.raises(XiangqiError):
            ScriptedPlayer.from_file(path)
    with pytest.raises(EngineFailure):
        ScriptedPlayer({"faults": {"load": "yes"}})
