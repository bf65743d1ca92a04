"""The opponent's thread: answers with their tickets, faults as messages, restarts."""

from __future__ import annotations

import json
import threading
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


class Watched(Thinker):
    """A thinker whose calls of `wake` can be waited for."""

    def __init__(self, make: Callable[[], ScriptedPlayer], **more):
        self.woken = threading.Event()
        super().__init__(make, self.woken.set, **more)

    def until(self, holds: Callable[[], object]) -> None:
        """Wait until a condition holds, checking again at each call of `wake`."""
        while not holds():
            assert self.woken.wait(20), "waited in vain"
            self.woken.clear()


class Hanging(ScriptedPlayer):
    """A player that never answers; `begun` tells that it was asked."""

    def __init__(self):
        super().__init__({"faults": {"1": "hang"}})
        self.begun = threading.Event()

    def choose(self, board, limit=None):
        self.begun.set()
        return super().choose(board, limit)


def wait_answers(thinker: Watched, count: int) -> list:
    answers: list = []

    def enough() -> bool:
        answers.extend(thinker.poll()[1])
        return len(answers) >= count

    thinker.until(enough)
    return answers


def ticket(board: Board, serial: int = 1) -> Ticket:
    return Ticket(1, board.key, "move", serial)


def test_answers_carry_their_ticket_and_wake_the_window():
    thinker = Watched(lambda: ScriptedPlayer({"moves": ["h2e2"]}))
    board = Board()
    thinker.ask(ticket(board, 7), board, "club")
    (answer,) = wait_answers(thinker, 1)
    assert answer.ticket.serial == 7 and answer.choice.move is Move.from_iccs("h2e2")
    assert sum(share for _, share in answer.choice.probabilities) == pytest.approx(1)
    assert thinker.state == "ready" and board.ply == 0
    thinker.close()


@pytest.mark.parametrize(("fault", "words"), [("crash", "the script says"), ("illegal", "illegal move")])
def test_faults_become_words_and_the_next_answer_comes(fault, words):
    thinker = Watched(lambda: ScriptedPlayer({"faults": {"1": fault}}))
    board = Board()
    thinker.ask(ticket(board, 1), board, "club")
    (answer,) = wait_answers(thinker, 1)
    assert answer.choice is None and words in answer.fault and "\n" not in answer.fault
    thinker.ask(ticket(board, 2), board, "club")
    assert wait_answers(thinker, 1)[0].choice is not None
    thinker.close()


def test_a_player_that_does_not_load():
    thinker = Watched(lambda: ScriptedPlayer({"faults": {"load": "yes"}}))
    thinker.start()
    thinker.until(lambda: thinker.state != "loading")
    assert thinker.state == "failed" and "loading fails" in thinker.fault and not thinker.busy


def test_a_player_that_hangs_is_left_behind():
    hanging = Hanging()
    players = [hanging, ScriptedPlayer({"moves": ["h2e2"]})]
    thinker = Watched(lambda: players.pop(0))
    board = Board()
    thinker.ask(ticket(board, 1), board, "club")
    assert hanging.begun.wait(20) and thinker.busy
    thinker.start()
    thinker.ask(ticket(board, 2), board, "club")
    assert [answer.ticket.serial for answer in wait_answers(thinker, 1)] == [2]
    assert thinker.lingering and not thinker.busy
    thinker.close()


def test_stop_and_continue_replace_a_player_that_hangs():
    hanging = Hanging()
    players = [hanging, ScriptedPlayer({"moves": ["h9g7"]})]
    thinker = Watched(lambda: players.pop(0))
    controller = Controller(thinker, Settings(language="en"), pace=0)
    controller.start()
    controller.type_move("h2e2")
    assert hanging.begun.wait(20)
    controller.tick()
    controller.programs.action()
    assert controller.view().action == "continue"
    controller.programs.action()

    def answered() -> bool:
        controller.tick()
        return controller.state.game.cursor == 2

    thinker.until(answered)
    assert players == [] and controller.view().blocks[1].name == "马８进７"
    controller.close()


def test_stop_and_continue_keep_a_player_that_is_free():
    made = []
    thinker = Watched(lambda: made.append(1) or ScriptedPlayer({}))
    controller = Controller(thinker, Settings(), pace=3600)
    controller.start()
    controller.type_move("h2e2")

    def waits_to_be_shown() -> bool:
        controller.tick()
        return controller.impatient and not thinker.busy

    thinker.until(waits_to_be_shown)
    controller.programs.action()
    controller.programs.action()
    assert made == [1]
    controller.close()


def test_a_cancelled_question_is_skipped():
    thinker = Watched(lambda: ScriptedPlayer({"seconds": 0.1}))
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

    thinker = Watched(lambda: ScriptedPlayer({"moves": ["a3a4", "i3i4"]}), make_level=make_level)
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

    thinker = Watched(lambda: ScriptedPlayer({}), make_level=make_level)
    thinker.ask(ticket(Board()), Board(), "club")
    (answer,) = wait_answers(thinker, 1)
    assert answer.choice is None and answer.fault == "no such model"
    thinker.close()


def test_a_question_no_longer_wanted_stops_the_thinking():
    stopped, begun = [], threading.Event()

    class Patient(ScriptedPlayer):
        def choose(self, board, limit=None):
            begun.set()
            stopped.append(limit.stop.wait(10))
            return super().choose(board, limit)

    thinker = Watched(lambda: Patient({}))
    board = Board()
    thinker.ask(ticket(board), board, "spec")
    assert begun.wait(20)
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
