"""Teaching during play: bad moves are taken back, with hints that grow."""

from __future__ import annotations

import pytest


@pytest.fixture
def taught(make_desk, advisers):
    """Return a game in which moves that lose 10 % are taken back."""
    desk = make_desk(make_reviewer=advisers, teaching=10)
    desk.click("h2", "e2")
    desk.wait(lambda: desk.controller.state.analysis.teaching.order is None)
    desk.reply("h9g7")
    return desk


def judged(desk):
    desk.wait(lambda: desk.controller.state.analysis.teaching.order is None)


def test_a_bad_move_is_taken_back_with_a_hint(taught):
    controller = taught.controller
    asked = len(taught.thinker.asked)
    taught.click("e2", "e6")
    assert len(taught.thinker.asked) == asked  # the program waits for the verdict
    judged(taught)
    view = controller.view()
    assert view.cursor == 2 and "Teaching" in view.message and "cannon" in view.message
    taught.click("h0", "g2")
    judged(taught)
    assert controller.view().cursor == 3 and taught.thinker.asked[-1][0].purpose == "move"
    assert [move.iccs() for move in controller.state.game.record.moves] == ["h2e2", "h9g7", "h0g2"]


def test_hints_grow_and_the_same_move_again_stands(taught):
    controller = taught.controller
    for bad, piece, arrow in (("e2e6", False, False), ("b2b9", True, False), ("a0a2", True, True)):
        taught.click(bad[:2], bad[2:])
        judged(taught)
        view = controller.view()
        assert (view.pointed is not None, view.hint is not None) == (piece, arrow)
    taught.click("e2", "e6")
    assert controller.view().cursor == 3 and controller.state.analysis.teaching.order is None


def test_a_good_move_stands_and_without_teaching_nothing_is_judged(make_desk, advisers):
    desk = make_desk(make_reviewer=advisers, teaching=0)
    desk.click("h2", "e2")
    assert desk.controller.state.analysis.teaching.order is None and desk.controller.state.pending is not None


def test_taking_back_while_a_move_is_judged_drops_the_verdict(taught):
    taught.click("e2", "e6")
    taught.controller.navigation.take_back()
    assert taught.controller.state.analysis.teaching.order is None and taught.controller.view().cursor == 2
    taught.click("h0", "g2")
    judged(taught)
    assert taught.controller.view().cursor == 3 and taught.controller.view().message == ""
