"""A model is trained, stopped, resumed, evaluated and kept."""

import json

import numpy as np
import pytest
import torch
from record_samples import games_of

from xiangqi_lm.errors import BadConfig, XiangqiError
from xiangqi_lm.learning import lesson, measuring
from xiangqi_lm.model import checkpoint, named
from xiangqi_lm.training import loop
from xiangqi_lm.training.evaluate import Plies


@pytest.fixture
def prepared(user, base):
    asked = lesson.Request("me", base, "me", pairs=1)
    return lesson.prepare(lesson.folder_of("me"), asked, games_of("Me", 40), None, [("a.pgn", "12")])


def run_to_its_end(request):
    folder = lesson.folder_of(request.name)
    run = lesson.started(folder, request, "cpu")
    lesson.train(run, folder, lambda line: None)
    return lesson.keep(folder, request, lesson.measured(folder, request, "cpu"), None)


def test_from_games_to_a_model_of_ones_own(prepared, base, user):
    assert (prepared.train, prepared.stopping, prepared.measured) == (30, 4, 6)
    assert prepared.players == {"Me": 40} and lesson.unfinished() == ["me"]
    assert lesson.read_request(lesson.folder_of("me")) == prepared
    target = run_to_its_end(prepared)
    assert target == named.find("me") and named.own() == ["me"] and lesson.unfinished() == []
    learned = checkpoint.read_card("me")["learned"]
    before, after = checkpoint.load(base), checkpoint.load("me")
    assert any(not torch.equal(a, b) for a, b in zip(before.parameters(), after.parameters(), strict=True))
    gain = learned["gain"]["bits_per_move"]
    assert gain == pytest.approx(learned["after"]["bits_per_move"] - learned["before"]["bits_per_move"], abs=2e-6)
    low, high = learned["gain"]["intervals"]["bits_per_move"]
    assert low <= gain <= high
    assert (learned["games"], learned["train"], learned["whose"]) == (6, 30, "me")
    page = (target / "README.md").read_text(encoding="utf-8")
    assert "from 30 games, moves of me" in page and f"{learned['gain']['top1']:+.4f}" in page
    assert "xiangqi-lm train" not in page


def test_only_moves_of_the_player_are_measured(prepared, base):
    folder = lesson.folder_of("me")
    split = lesson.Shards.open(folder / "measured").split("validation")
    model = checkpoint.load(base)
    found = measuring.compare(model, model, split)
    assert found["before"]["plies"] == lesson.plies_to_measure(folder)
    lengths = np.diff(split.offsets)
    assert found["before"]["plies"] == sum((n + (split.color(i) > 0)) // 2 for i, n in enumerate(lengths.tolist()))
    assert found["gain"]["top1"] == 0 and found["gain"]["intervals"]["top1"] == [0, 0]


def test_a_stopped_run_is_resumed_to_the_same_weights(user, base, prepared):
    class Stopped(Exception):
        pass

    def stop(line):
        if line["step"] == 3:
            raise Stopped

    folder = lesson.folder_of("me")
    weights = []
    for stopped in (False, True):
        if stopped:
            asked = lesson.Request("me", base, "me", pairs=1)
            lesson.prepare(folder, asked, games_of("Me", 40), None, [("a.pgn", "12")])
            run = lesson.started(folder, prepared, "cpu")
            loop.save(run, {})  # as after Ctrl-C
            with pytest.raises(Stopped):
                loop.train(run, folder / "shards", stop)
            assert lesson.read_request(folder) == prepared
        weights.append(checkpoint.read_tensors(run_to_its_end(prepared) / checkpoint.WEIGHTS))
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_finished_measurements_are_not_repeated(prepared, monkeypatch):
    folder = lesson.folder_of("me")
    lesson.train(lesson.started(folder, prepared, "cpu"), folder, lambda line: None)
    found = lesson.measured(folder, prepared, "cpu")
    monkeypatch.setattr(measuring, "compare", None)
    assert lesson.measured(folder, prepared, "cpu") == found
    (folder / lesson.FOUND).write_text("{")  # damaged, so it is measured again
    with pytest.raises(TypeError):
        lesson.measured(folder, prepared, "cpu")


def test_a_model_without_gain_is_not_kept(prepared, monkeypatch):
    folder = lesson.folder_of("me")
    run = lesson.started(folder, prepared, "cpu")
    run.best_bits = 0.0
    lesson.train(run, folder, lambda line: None)
    assert run.step == run.config.patience * run.config.evaluate_every
    monkeypatch.setattr(lesson, "measure", lambda model, split: plies(1.0 + (model.repertoire is not None)))
    with pytest.raises(XiangqiError, match="nothing is kept"):
        lesson.measured(folder, prepared, "cpu")
    assert named.own() == []


def test_the_repertoire_alone_can_be_what_is_new(prepared, base, monkeypatch):
    folder = lesson.folder_of("me")
    run = lesson.started(folder, prepared, "cpu")
    run.best_bits = 0.0
    lesson.train(run, folder, lambda line: None)
    monkeypatch.setattr(lesson, "measure", lambda model, split: plies(1.0 + (model.repertoire is None)))
    target = lesson.keep(folder, prepared, lesson.measured(folder, prepared, "cpu"), None)
    before, after = checkpoint.load(base), checkpoint.load(target)
    learned = checkpoint.read_card(target)["learned"]
    for one, two in zip(before.parameters(), after.parameters(), strict=True):
        assert torch.allclose(one, two, atol=1e-3)  # half precision
    assert (learned["trained"], learned["repertoire"]) == (False, after.repertoire.positions)
    assert {"name": "a.pgn", "sha256": "12"} in checkpoint.read_card(target)["trained_on"]
    assert "mixed into the policy; the weights are those of the model before" in (target / "README.md").read_text()


def test_the_repertoire_is_tested_on_games_that_it_lacks(prepared, monkeypatch):
    folder = lesson.folder_of("me")
    lesson.train(lesson.started(folder, prepared, "cpu"), folder, lambda line: None)
    data, tested = lesson.Shards.open(folder / "shards"), []

    def bits(model, split):
        tested.append(model.repertoire)
        return plies(-float(len(tested)))

    monkeypatch.setattr(lesson, "measure", bits)
    model, _ = lesson.outcome(folder, prepared, "cpu")
    train, stopping = (lesson.Repertoire.of(data.split(name)) for name in ("train", "validation"))
    assert tested[0] is None and tested[1].counts.sum() == train.counts.sum()
    assert model.repertoire.counts.sum() == train.counts.sum() + stopping.counts.sum()


def plies(bits, games=3):
    """Return figures of two plies of each of some games."""
    return Plies(np.arange(games).repeat(2), np.tile([0, 1], games), {"bits_per_move": np.full(2 * games, bits)})


@pytest.mark.parametrize("best", [(False, True), (True, False), (True, True)])
def test_what_predicts_the_stopping_games_best_is_kept(prepared, base, monkeypatch, best):
    folder = lesson.folder_of("me")
    lesson.train(lesson.started(folder, prepared, "cpu"), folder, lambda line: None)
    known = checkpoint.load(base).policy.weight

    def bits(model, split):
        kind = (not torch.equal(model.policy.weight, known), model.repertoire is not None)
        return plies(3.0 - sum(2 * helps - 1 for helps, there in zip(best, kind, strict=True) if there))

    monkeypatch.setattr(lesson, "measure", bits)
    model, new = lesson.outcome(folder, prepared, "cpu")
    assert (new["trained"], new["repertoire"] > 0) == best
    assert (not torch.equal(model.policy.weight, known), model.repertoire is not None) == best


def test_weights_that_are_not_clearly_better_are_not_kept(prepared, base, monkeypatch):
    folder = lesson.folder_of("me")
    lesson.train(lesson.started(folder, prepared, "cpu"), folder, lambda line: None)
    known = checkpoint.load(base).policy.weight

    def bits(model, split):
        found = plies(2.0 - (model.repertoire is not None))
        if not torch.equal(model.policy.weight, known):
            found.figures["bits_per_move"][:] += [-3, -3, 1, 1, 1, 1]  # better on average, worse in two of three games
        return found

    monkeypatch.setattr(lesson, "measure", bits)
    _, new = lesson.outcome(folder, prepared, "cpu")
    assert not new["trained"] and new["repertoire"]


def test_ratings_become_a_condition(user, base):
    asked = lesson.Request("me", base, "me", rating=True)
    folder = lesson.folder_of("me")
    with pytest.raises(XiangqiError, match="--rating"):
        lesson.prepare(folder, asked, games_of("Me", 40), None, [])
    rated = games_of("Me", 40, RedElo="1900", BlackElo="1500")
    request = lesson.prepare(folder, asked, rated, None, [])
    assert request.rated == 40
    run = lesson.started(folder, request, "cpu")
    assert run.model.config.conditions and not run.model.embed.condition.level.weight.any()
    run_to_its_end(request)
    model = checkpoint.load("me")
    assert model.embed.condition.level.weight.any()


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"name": "me"}'])
def test_a_damaged_request_is_one_line(user, text):
    folder = lesson.folder_of("me")
    folder.mkdir(parents=True)
    (folder / lesson.REQUEST).write_text(text)
    with pytest.raises(XiangqiError, match=r"damaged.*--force"):
        lesson.read_request(folder)


def test_paired_games_count_both_colors(base):
    tally = measuring.paired_games(base, base, 2, seed=1, device="cpu")
    assert tally.games == 4 and sum(tally.pairs) == 2
    told = measuring.as_json(tally)
    assert told["wins"] + told["draws"] + told["losses"] == 4
    assert told["elo_interval"][0] <= told["elo"] <= told["elo_interval"][1]
    json.dumps(told)


def test_models_are_removed_with_their_unfinished_runs(prepared, user):
    run_to_its_end(prepared)
    lesson.folder_of("me").mkdir(exist_ok=True)
    (lesson.folder_of("me") / lesson.REQUEST).write_text("{}")
    lesson.remove("me")
    assert named.own() == lesson.unfinished() == [] and not lesson.folder_of("me").exists()
    for name, words in (("me", "no model of yours"), ("default", "comes with the program"), ("../me", "no model")):
        with pytest.raises(BadConfig, match=words):
            lesson.remove(name)
