"""The opponent's thread: answers with their tickets, faults as words, restarts."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from xiangqi_lm.errors import EngineFailure, XiangqiError
from xiangqi_lm.gui.controller import Controller
from xiangqi_lm.gui.levels import LEVELS
from xiangqi_lm.gui.scripted import ScriptedPlayer
from xiangqi_lm.gui.settings import Settings
from xiangqi_lm.gui.thinker import Thinker, Ticket
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
    thinker.ask(ticket(board, 7), board, LEVELS["club"])
    (answer,) = wait_answers(thinker, 1)
    assert answer.ticket.serial == 7 and answer.choice.move is Move.from_iccs("h2e2")
    assert sum(share for _, share in answer.choice.probabilities) == pytest.approx(1)
    assert woken.is_set() and thinker.state == "ready" and board.ply == 0
    thinker.close()


@pytest.mark.parametrize(("fault", "words"), [("crash", "the script says"), ("illegal", "illegal move")])
def test_faults_become_words_and_the_next_answer_comes(fault, words):
    thinker = Thinker(lambda: ScriptedPlayer({"faults": {"1": fault}}))
    board = Board()
    thinker.ask(ticket(board, 1), board, LEVELS["club"])
    (answer,) = wait_answers(thinker, 1)
    assert answer.choice is None and words in answer.fault and "\n" not in answer.fault
    thinker.ask(ticket(board, 2), board, LEVELS["club"])
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
    thinker.ask(ticket(board, 1), board, LEVELS["club"])
    time.sleep(0.1)
    assert thinker.busy
    thinker.start()
    thinker.ask(ticket(board, 2), board, LEVELS["club"])
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
    assert scripts == [] and controller.view().rows[0].black == "马８进７"
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
        thinker.ask(ticket(board, serial), board, LEVELS["club"])
    answers = wait_answers(thinker, 1)
    while answers[-1].ticket.serial != 3:
        answers += wait_answers(thinker, 1)
    assert 2 not in [answer.ticket.serial for answer in answers]
    thinker.close()


def test_levels_set_the_knobs():
    player = ScriptedPlayer({})
    player.temperature, player.top_p = 0.3, 0.77
    thinker = Thinker(lambda: player)
    board = Board()
    thinker.ask(ticket(board), board, LEVELS["greedy"])
    wait_answers(thinker, 1)
    assert (player.temperature, player.top_p) == (0.0, 1.0)
    thinker.ask(ticket(board, 2), board, LEVELS["spec"])
    wait_answers(thinker, 1)
    assert (player.temperature, player.top_p) == (0.3, 0.77)  # as the player was made
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
