"""Training with the program's own loop, resuming, checkpoints, evaluation, and the commands."""

import json
import math
import random

import pytest
import torch
from click.testing import CliRunner

from xiangqi_lm.cli.word_problems import word_problems
from xiangqi_lm.config_fields import with_settings
from xiangqi_lm.errors import BadCheckpoint, BadConfig
from xiangqi_lm.model import checkpoint
from xiangqi_lm.tasks.word_problems import measuring, problems, solving
from xiangqi_lm.tasks.word_problems import run as runs
from xiangqi_lm.tasks.word_problems.batches import hide, of_examples
from xiangqi_lm.tasks.word_problems.config import PRESETS, SolverConfig
from xiangqi_lm.tasks.word_problems.decoding import Hypothesis
from xiangqi_lm.tasks.word_problems.expression import parse
from xiangqi_lm.tasks.word_problems.feed import ProblemFeed
from xiangqi_lm.tasks.word_problems.generator import generate
from xiangqi_lm.tasks.word_problems.model import Solver
from xiangqi_lm.tasks.word_problems.objective import step_losses
from xiangqi_lm.tasks.word_problems.problems import Problem
from xiangqi_lm.tasks.word_problems.questions import read
from xiangqi_lm.tasks.word_problems.solving import part_labels
from xiangqi_lm.tasks.word_problems.vocabulary import HIDDEN, Vocabulary, filled
from xiangqi_lm.training import loop

TINY = PRESETS["tiny"]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("problems") / "p.jsonl"
    dice = random.Random(0)
    problems.write(path, [generate(dice, ("times", "chickens")) for _ in range(60)])
    return path


def weights(folder):
    return checkpoint.read_tensors(folder / loop.LAST / checkpoint.WEIGHTS)


def test_a_run_learns_and_resuming_changes_nothing(file, tmp_path):
    config = with_settings(
        TINY, ["steps=4", "batch=8", "evaluate_every=4", "evaluate_problems=4", "ema=0.5", "model.dropout=0.1"]
    )
    lines = []
    whole = runs.begin(config, [file], tmp_path / "whole", "cpu")
    loop.train(whole, file, lines.append, runs.WORD_PROBLEMS)
    assert [line["step"] for line in lines] == [1, 2, 3, 4]
    assert lines[-1]["validation"]["problems"] == len(whole.validation)

    first = runs.begin(config, [file], tmp_path / "parts", "cpu")

    def stop(line):
        if line["step"] == 2:
            raise StopIteration

    with pytest.raises(StopIteration):
        loop.train(first, file, stop, runs.WORD_PROBLEMS)
    loop.save(first, runs.card(first, file))
    second = runs.resume(tmp_path / "parts", [file], "cpu")
    assert second.step == 2 and second.feed.taken == 2
    loop.train(second, file, lambda line: None, runs.WORD_PROBLEMS)
    one, other = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert all(torch.equal(one[name], other[name]) for name in one)

    about = runs.finish(second)
    solver = runs.load(tmp_path / "parts" / runs.SOLVER)
    assert 0 < about["threshold"] <= 1 and solver.card["threshold"] == about["threshold"]
    assert not solver.training
    with pytest.raises(BadConfig, match="holds a run already"):
        runs.begin(config, [file], tmp_path / "parts", "cpu")
    with pytest.raises(BadConfig, match="not the problem files"):
        runs.resume(tmp_path / "parts", [], "cpu")


def test_a_batch_can_be_learned(tmp_path):
    run = runs.begin(TINY, [], tmp_path / "run", "cpu")
    batch = run.feed.take()
    run.model.train()
    losses = []
    for _ in range(25):
        loss, terms = run.objective(batch)
        loss.backward()
        losses.append(terms["expression"].item())
        for optimizer in run.optimizers:
            optimizer.step()
            optimizer.zero_grad()
    assert losses[-1] < 0.7 * losses[0]


def test_a_run_can_start_from_a_solver_of_another_vocabulary(file, tmp_path):
    first = runs.begin(TINY, [file], tmp_path / "first", "cpu")
    checkpoint.save(tmp_path / "solver", first.model, {})
    other = tmp_path / "other.jsonl"
    problems.write(other, [Problem("龘龘有3个，每个7元，买8个共几元？", ("3+7*8-3",), ("56",))] * 3)
    second = runs.begin(TINY, [other], tmp_path / "second", "cpu", init=tmp_path / "solver")
    old, new = first.model.vocabulary, second.model.vocabulary
    assert "龘" in new.characters and "龘" not in old.characters
    shared = "鸡兔头脚?"
    rows = [[v.characters_from + v.characters[c] for c in shared] for v in (old, new)]
    assert torch.equal(first.model.embed.token.weight[rows[0]], second.model.embed.token.weight[rows[1]])
    assert torch.equal(first.model.blocks[0].mlp.up.weight, second.model.blocks[0].mlp.up.weight)
    question = "鸡兔同笼，共35个头，94只脚，鸡兔各几只？"
    answers = [solving.solve(run.model.eval(), [question], 2)[0] for run in (first, second)]
    assert answers[0].parts == answers[1].parts
    wide = with_settings(TINY, ["model.width=64"])
    with pytest.raises(BadConfig, match="another shape"):
        runs.begin(wide, [other], tmp_path / "third", "cpu", init=tmp_path / "solver")


def test_solvers_and_players_are_not_confused(file, tmp_path):
    run = runs.begin(TINY, [], tmp_path / "run", "cpu")
    checkpoint.save(tmp_path / "solver", run.model, {})
    with pytest.raises(BadCheckpoint, match="word problems, which does not play"):
        checkpoint.load(tmp_path / "solver")
    with pytest.raises(BadCheckpoint, match="not a solver"):
        runs.load("default")
    with pytest.raises(BadCheckpoint, match="no model here"):
        runs.load(tmp_path / "nowhere")
    for text, reason in (("[]", "not a solver"), ("{", "damaged"), ('{"task": "word problems"}', "damaged")):
        (tmp_path / "solver" / checkpoint.CONFIG).write_text(text)
        with pytest.raises(BadCheckpoint, match=reason):
            runs.load(tmp_path / "solver")


@pytest.mark.parametrize(
    "setting", ["steps=0", "batch=1", "generated_share=1.5", "precision=half", "families=ducks", "model.heads=3"]
)
def test_settings_are_checked(setting):
    with pytest.raises(BadConfig):
        with_settings(TINY, [setting])


def test_the_loss_counts_every_right_output():
    logits = torch.tensor([[[1.0, 2.0, 3.0, -torch.inf], [0.0, 0.0, 0.0, 0.0]]])
    targets = torch.tensor([[[0, 1, -1], [-1, -1, -1]]])
    losses = step_losses(logits, targets)
    chances = logits[0, 0].softmax(-1)
    assert losses[0, 0].item() == pytest.approx(-(chances[0] + chances[1]).log().item())
    assert losses[0, 1] == 0


def test_hiding_spares_numbers_and_expressions():
    dice = random.Random(1)
    made = [generate(dice) for _ in range(40)]
    vocabulary = Vocabulary(filled(SolverConfig(), made))
    batch = of_examples([e for p in made if (e := vocabulary.example(p))])
    torch.manual_seed(0)
    shown, chosen = hide(batch, 0.5, vocabulary.characters_from)
    assert (shown.tokens[chosen] == HIDDEN).all() and torch.equal(shown.tokens[~chosen], batch.tokens[~chosen])
    assert not chosen[batch.places > 0].any()
    columns = torch.arange(batch.tokens.shape[1])
    assert not chosen[columns >= batch.prefixes.unsqueeze(1) - 1].any()
    assert 0.3 < chosen.sum() / (batch.tokens >= vocabulary.characters_from).sum() < 0.7


def test_an_epoch_reads_every_problem_once():
    dice = random.Random(2)
    made = [generate(dice) for _ in range(64)]
    config = with_settings(TINY, ["generated_share=0", "batch=8"])
    vocabulary = Vocabulary(filled(SolverConfig(), made, least=1, constant_least=1))
    examples = [e for p in made if (e := vocabulary.example(p))][:64]
    feed = ProblemFeed(examples, vocabulary, generate, config)
    seen = [tuple(row) for _ in range(8) for row in feed.take().targets[:, :, 0].tolist()]
    assert len(seen) == 64 and feed.epoch == 8 * 8 // len(examples)
    again = ProblemFeed(examples, vocabulary, generate, config)
    again.restore({"taken": 5})
    later = ProblemFeed(examples, vocabulary, generate, config)
    for _ in range(5):
        later.take()
    assert torch.equal(again.take().tokens, later.take().tokens)


def test_measures():
    marks = [True] * 80 + [False] * 20
    found = measuring.accuracy(marks)
    assert found["accuracy"] == 0.8 and found["interval"] == [0.7112, 0.8666]
    assert measuring.accuracy([]) == {"problems": 0}
    assert measuring.threshold([0.9, 0.8, 0.7, 0.6], [True, True, False, True], 0.75) == 0.6
    assert measuring.threshold([0.9, 0.8], [False, False], 0.5) == 1.0


def test_labels_of_parts():
    assert part_labels("鸡兔同笼，共35个头，鸡兔各几只？", 2) == ["鸡", "兔"]
    assert part_labels("桃树和梨树各有多少棵？", 2) == ["桃树", "梨树"]
    assert part_labels("一共有多少棵？", 2) == ["", ""]
    assert part_labels("鸡兔各几只？", 1) == [""]
    assert part_labels("停车场里有自行车和三轮车共12辆，问自行车和三轮车各有几辆？", 2) == ["自行车", "三轮车"]
    assert part_labels("长方形长8厘米，它的面积和周长各是多少？", 2) == ["面积", "周长"]
    assert part_labels("甲、乙两数各是多少？", 2) == ["甲", "乙"]
    assert part_labels("甲、乙两人原来各有多少元？", 2) == ["甲", "乙"]
    assert part_labels("中年级和高年级各有多少人？", 2) == ["中年级", "高年级"]
    assert part_labels("里屋和外屋各有几把椅子？", 2) == ["里屋", "外屋"]
    assert part_labels("父亲和儿子今年各多少岁？", 2) == ["父亲", "儿子"]
    assert part_labels("现在小明和小红各有邮票多少张？", 2) == ["小明", "小红"]
    assert part_labels("小明和小亮各拿出同样多的钱，每支多少元？", 2) == ["", ""]
    assert part_labels("每个书架上各有几本书？", 2) == ["", ""]


def test_the_split_depends_on_the_question_alone():
    made = [Problem(f"{i}个", ("1",), ("1",)) for i in range(2000)]
    learned, held = runs.divided(made, 0.1)
    assert 140 < len(held) < 260 and len(learned) + len(held) == 2000
    assert runs.divided(made[::-1], 0.1)[1] == held[::-1]


# ------------------------------------------------------------------------------------------------ commands


def called(*words, status=0, **more):
    result = CliRunner().invoke(word_problems, [str(word) for word in words], **more)
    assert result.exit_code == status, result.output + str(result.exception)
    return result.output


def test_commands(tmp_path):
    raw = [
        {"original_text": f"每袋{n}个，{n + 1}袋共有多少个？", "equation": f"x=({n}*{n + 1})", "ans": str(n * n + n)}
        for n in range(3, 40)
    ]
    raw.append({"original_text": "？", "equation": "x=1", "ans": "2"})
    (tmp_path / "raw.jsonl").write_text("".join(json.dumps(item) + "\n" for item in raw), encoding="utf-8")
    out = called("clean", tmp_path / "raw.jsonl", "--out", tmp_path / "clean.jsonl", "--json", tmp_path / "counts.json")
    assert "37 of 38 items kept" in out
    assert json.loads((tmp_path / "counts.json").read_text())["dropped"]["differs"] == 1
    called("generate", "--count", 20, "--family", "ages", "--out", tmp_path / "ages.jsonl")
    assert {p.source for p in problems.read(tmp_path / "ages.jsonl")} == {"ages"}
    files = (tmp_path / "clean.jsonl", tmp_path / "ages.jsonl")
    out = called("train", *files, "--out", tmp_path / "run", "--preset", "tiny", "--set", "steps=2", "--limit", 30)
    assert "unsure below" in out
    out = called("train", *files, "--out", tmp_path / "run", "--set", "steps=3", "--resume")
    assert "step 2 of 3" in out
    solver = tmp_path / "run" / "solver"
    out = called("solve", "--model", solver, "--json", tmp_path / "a.json", "甲有3个，乙有4个，共几个？")
    answer = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))[0]
    assert answer["sure"] == (not answer["doubts"]) and ("unsure" in out) == (not answer["sure"])
    assert "甲有3个" in called("solve", "--model", solver, input="甲有3个，乙有4个，共几个？\n")
    out = called("calibrate", tmp_path / "raw.jsonl", "--generated", 20, "--model", solver)
    about = json.loads((solver / "card.json").read_text(encoding="utf-8"))
    assert about["calibrated_on"] == 58 and f"{about['threshold']:.0%}" in out and about["steps"] == 3
    assert "no answer: the question gives no number" in called("solve", "--model", solver, "今天天气好吗？")
    out = called("evaluate", tmp_path / "raw.jsonl", "--generated", 10, "--model", solver, "--beams", "1,2")
    assert out.count("of 48 right") == 2


@pytest.mark.parametrize(
    "words",
    [
        ("clean", "nowhere.jsonl", "--out", "x.jsonl"),
        ("evaluate", "--generated", "5", "--model", "nowhere"),
        ("solve", "--model", "default", "几个？"),
    ],
)
def test_faults_of_the_world_are_one_line(words):
    result = CliRunner().invoke(word_problems, list(words))
    assert isinstance(result.exception, ValueError | OSError) and "\n" not in str(result.exception)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("generate", "--family", "rabbits"), "'rabbits' is unknown; known are chickens"),
        (("evaluate", "--generated", "5", "--beams", "0,2"), "'0,2': expected numbers from 1 to 32"),
        (("evaluate",), "nothing to measure on"),
        (("solve", " "), "a question is needed"),
    ],
)
def test_wrong_usage_has_exit_code_2(words, said):
    assert said in called(*words, status=2)


def test_solving_says_when_it_is_unsure(file, tmp_path):
    run = runs.begin(TINY, [file], tmp_path / "run", "cpu")
    (solution, empty) = solving.solve(run.model.eval(), ["今天天气怎么样？", " "])
    assert not solution.sure and any("no number" in doubt for doubt in solution.doubts)
    assert not empty.sure


@pytest.mark.parametrize(
    ("question", "expressions", "answer", "doubt"),
    [
        (
            "自行车和三轮车共12辆，31个轮子，自行车和三轮车各有几辆？",
            "(12*3-31)/2;(31-12*2)/2",
            "自行车 2.5辆, 三轮车 3.5辆",
            "not whole",
        ),
        ("父子共45岁，父亲比儿子大25岁，父亲和儿子各多少岁？", "(45+25)/2", "35岁", "asks for two values, but one"),
        ("每人5颗多10颗，每人6颗少2颗，有多少个小朋友？多少颗糖？", "10+2", "12颗", "asks for two values, but one"),
        ("小红有15支铅笔，小明有3支，一共有多少支？", "2*4", "8支", "uses no number of the question"),
        ("小红有15支铅笔，用去18支，还剩多少支？", "15-18", "-3支", "negative"),
        ("男生20人，女生25人，男生和女生人数的比是多少？", "20/25", "4:5", ""),
        ("一根绳子长7米，剪成2段，每段长多少米？", "7/2", "3.5米", ""),
    ],
)
def test_doubts_that_need_no_model(question, expressions, answer, doubt, monkeypatch):
    """What is wrong with an answer whatever its probability; the model's hypothesis is given."""
    problem = Problem(question, tuple(expressions.split(";")), ("1",))
    model = Solver(filled(SolverConfig(width=16, layers=1, heads=2), [problem] * 3))
    example = model.vocabulary.example(problem)
    found = Hypothesis(tuple(right[0] for right in example.targets[:-1]), 0.0)
    monkeypatch.setattr(solving, "decode", lambda model, questions, beams, precision: [[found]])
    (solution,) = solving.solve(model.eval(), [question])
    assert ", ".join(part.answer for part in solution.parts) == answer
    assert [doubt in words for words in solution.doubts] == [True] * bool(doubt), solution.doubts


def test_a_hypothesis_that_fits_the_question_is_preferred(monkeypatch):
    question = "鸡兔共8只，26条腿，鸡兔各几只？"
    given = [("26/8", -0.1), ("(26-8*2)/2", -0.2), ("(8*4-26)/2;(26-8*2)/2", -2.0)]
    problems = [Problem(question, tuple(text.split(";")), ("1",)) for text, _ in given]
    model = Solver(filled(SolverConfig(width=16, layers=1, heads=2), problems * 3))
    examples = [model.vocabulary.example(problem) for problem in problems]
    found = [
        Hypothesis(tuple(right[0] for right in example.targets[:-1]), score)
        for example, (_, score) in zip(examples, given, strict=True)
    ]
    monkeypatch.setattr(solving, "decode", lambda model, questions, beams, precision: [found])
    (solution,) = solving.solve(model.eval(), [question])
    assert [part.answer for part in solution.parts] == ["鸡 3只", "兔 5只"]


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("鸡兔同笼，共35个头，兔有几只？", True),
        ("每箱12千克，一共有多少千克？", False),
        ("每3人一组，可以分多少个小组？", True),
        ("走了几个小时？", False),
        ("有多少人？每人几元？", False),
        ("前2天看了9页，后3天看了6页，平均每天看几页？", False),
    ],
)
def test_counted_things_are_whole(question, whole):
    assert solving.counts(question.replace("人？每", "人，每")) is whole


@pytest.mark.parametrize(
    ("question", "odds", "value"),
    [
        ("3条船坐8人，还有几条船坐2人？", 3.0, "8/2"),  # 8/3 of a boat is likelier, but boats are whole
        ("3条船坐8人，还有几条船坐2人？", 100.0, "8/3"),  # so much likelier that it is said nevertheless
        ("3千克糖8元，2千克糖几元？", 3.0, "8/3"),
    ],
)
def test_unlikely_values_are_weighed(question, odds, value, monkeypatch):
    model = runs.load("word-problems")
    numbers, vocabulary = read(question).numbers, model.vocabulary
    spelled = [tuple(step[0] for step in vocabulary.write([parse(text)], numbers)[:-1]) for text in ("8/3", "8/2")]
    found = [Hypothesis(spelled[0], math.log(odds)), Hypothesis(spelled[1], 0.0)]
    monkeypatch.setattr(solving, "decode", lambda model, questions, beams, precision: [found])
    (solution,) = solving.solve(model, [question])
    assert solution.parts[0].expression == value


def test_the_shipped_solver_answers():
    asked = {
        "鸡兔同笼，共35个头，94只脚，鸡兔各几只？": ["23", "12"],
        "一件商品进价80元，加价25%出售，售价多少元？": ["100"],
        "小明今年8岁，爸爸36岁，几年后爸爸的年龄是小明的3倍？": ["6"],
    }
    for solution, values in zip(solving.solve(runs.load("word-problems"), list(asked)), asked.values(), strict=True):
        assert [part.text for part in solution.parts] == values and solution.sure
    (told,) = solving.solve(runs.load("word-problems"), ["今天天气好吗？"])
    assert not told.sure
