"""The options of our server, and the player that they make."""

from __future__ import annotations

import time

import pytest
from serving import RANDOM, Fixed, Session

from xiangqi_lm import paths
from xiangqi_lm.engine.player import TEMPERATURE, TOP_P
from xiangqi_lm.engine.server.options import Settings, changed, declared
from xiangqi_lm.engine.server.server import serve
from xiangqi_lm.engine.spec import parse_spec
from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.rules.moves import Move


def test_options_become_a_spec():
    start = Settings(parse_spec("lm:default?top_p=0.8"))
    assert start.spec() == start.base
    hot = changed(start, "uci", "temperature", "75")
    assert str(hot.spec()) == "lm:default?top_p=0.8&temperature=0.75"
    assert str(changed(hot, "uci", "Model", "my model").spec()) == "lm:my model?top_p=0.8&temperature=0.75"
    assert changed(hot, "uci", "Hash", "64").spec() == hot.spec()  # a language model has no table
    assert changed(start, "uci", "MultiPV", "5").lines == 5
    with pytest.raises(XiangqiError, match="unknown option 'Elo'"):
        changed(start, "uci", "Elo", "5")


def test_the_declared_values_are_those_in_force():
    by_name = {option.name: option for option in declared(parse_spec("lm:default?temperature=0.2"), "uci")}
    assert by_name["Temperature"].default == "20"
    assert by_name["TopP"].default == str(round(100 * TOP_P))
    plain = {option.name: option.default for option in declared(parse_spec("lm"), "uci")}
    assert (plain["Temperature"], plain["Model"]) == (str(round(100 * TEMPERATURE)), "default")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("mcts:default?nodes=100", "mcts:default?nodes=100&temperature=0"),
        ("mcts:default?temperature=1", "mcts:default?temperature=1"),
        ("alphabeta?hash=64", "alphabeta?hash=64"),
        ("lm:default?top_p=0.5", f"lm:default?top_p=0.5&temperature={TEMPERATURE:g}"),
    ],
)
def test_sending_back_the_declared_values_changes_nothing(text, kept):
    settings = Settings(parse_spec(text))
    for option in declared(settings.base, "uci"):
        if option.type != "button":
            settings = changed(settings, "uci", option.name, option.default)
    assert str(settings.spec()) == kept


def test_a_level_overrides_other_options_until_it_is_left():
    start = Settings(parse_spec("lm:default"))
    option = next(option for option in declared(start.base, "uci") if option.name == "Level")
    for name in option.choices[1:]:
        levelled = changed(changed(start, "uci", "Temperature", "5"), "uci", "Level", name.upper())
        assert levelled.spec() == parse_spec(f"level:{name}")
    assert changed(levelled, "uci", "Level", option.default).spec() == changed(start, "uci", "Temperature", "5").spec()


@pytest.mark.parametrize(("protocol", "option"), [("uci", "name Ruleset value WXF"), ("ucci", "ruleset wxf")])
def test_the_ruleset_is_an_option_and_reaches_the_player(protocol, option):
    default = {option.name.lower(): option.default for option in declared(RANDOM, protocol, "chinese")}["ruleset"]
    assert default == "chinese"
    with Session(protocol=protocol) as session:
        session.send(protocol, "position startpos", "go depth 1")
        session.until("bestmove")
        session.send(f"setoption {option}", "go depth 1")
        session.until("bestmove")
        assert [limit.ruleset for limit in session.player.limits] == ["computer", "wxf"]


def test_a_level_keeps_its_own_limit():
    with Session() as session:
        name = next(option for option in declared(RANDOM, "uci") if option.name == "Level").choices[-1]
        session.send(f"setoption name Level value {name}", "go wtime 60000 btime 60000 searchmoves h2e2")
        assert session.until("bestmove")[-1] == "bestmove h2e2"
        assert session.built == [f"level:{name}"]
        assert (session.player.limits[0].clock, session.player.limits[0].root_moves) == (
            None,
            (Move.from_iccs("h2e2"),),
        )
        session.send("go infinite")
        session.until("info depth 1")
        assert not session.player.limits[1].infinite
        session.send("stop")
        session.until("bestmove")


def test_the_player_is_built_when_needed_and_rebuilt_only_when_it_changes():
    with Session(base=parse_spec("lm:default")) as session:
        session.send("uci", "ucinewgame")
        session.until("uciok")
        assert not session.built
        session.send("isready", "go nodes 1", "setoption name MultiPV value 2", "go nodes 1")
        session.until("bestmove")
        session.until("bestmove")
        assert session.built == ["lm:default"]
        session.send("setoption name Temperature value 0", "isready", "isready")
        session.until("readyok")
        session.until("readyok")
        assert session.built == ["lm:default", "lm:default?temperature=0"]
        assert session.player.closed


def test_a_model_that_cannot_be_loaded_is_a_message_and_the_old_player_stays():
    def make(spec):
        if "nowhere" in str(spec):
            raise XiangqiError("no model here: nowhere")
        return Fixed()

    said: list[str] = []
    lines = ["isready", "setoption name Model value nowhere", "isready", "go nodes 1"]
    serve(make, parse_spec("lm:default"), lines, said.append, time.monotonic)
    assert said[:3] == ["readyok", "info string no model here: nowhere; fixed stays", "readyok"]
    assert said[-1] == "bestmove b2e2"


def test_without_any_player_there_is_a_message_and_no_move():
    def broken(spec):
        raise XiangqiError("no such model")

    said: list[str] = []
    serve(broken, RANDOM, ["isready", "go"], said.append, time.monotonic)
    message = "info string no such model; there is no player"
    assert said == [message, "readyok", message, "bestmove (none)"]


def test_models_of_the_user_are_listed(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "models_folder", lambda: tmp_path)
    (tmp_path / "me").mkdir()
    (tmp_path / "me" / "config.json").write_text("{}")
    settings = Settings(parse_spec("lm:default"))
    (model,) = (option for option in declared(settings.base, "uci") if option.name == "Model")
    assert (model.type, model.default, model.choices) == ("combo", "default", ("default", "me"))
    assert changed(settings, "ucci", "model", "ME").spec().target == "me"
    assert changed(settings, "uci", "Model", "/some/folder").spec().target == "/some/folder"
