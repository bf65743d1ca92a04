"""Decoding under a grammar: whatever an untrained solver prefers, the output parses."""

import random

import pytest
import torch

from xiangqi_lm.tasks.word_problems.config import SolverConfig
from xiangqi_lm.tasks.word_problems.decoding import State, allowed, decode
from xiangqi_lm.tasks.word_problems.expression import parse
from xiangqi_lm.tasks.word_problems.generator import generate
from xiangqi_lm.tasks.word_problems.model import Solver
from xiangqi_lm.tasks.word_problems.normal import normal
from xiangqi_lm.tasks.word_problems.questions import read
from xiangqi_lm.tasks.word_problems.vocabulary import LONGEST, SIGNS, Vocabulary, filled


@pytest.fixture(scope="module")
def config():
    dice = random.Random(0)
    shape = SolverConfig(width=16, layers=1, heads=2, dropout=0.0)
    return filled(shape, [generate(dice) for _ in range(300)])


def solver(config, seed, sharp=30.0):
    torch.manual_seed(seed)
    model = Solver(config).eval()
    with torch.no_grad():  # an untrained head with clear preferences
        model.signs.weight.mul_(sharp)
        model.query.weight.mul_(sharp)
    return model


QUESTIONS = ["共35个头，94只脚，各几只？", "比25%多(1/4)是多少？", "没有数的问题", "12(7/8)和12(7/8)之和，再加12"]


@pytest.mark.parametrize("beams", [1, 3])
def test_whatever_is_decoded_parses(config, beams):
    for seed in range(4):
        model = solver(config, seed)
        questions = [read(text) for text in QUESTIONS]
        for question, found in zip(questions, decode(model, questions, beams), strict=True):
            assert 1 <= len(found) <= beams
            for hypothesis in found:
                assert len(hypothesis.outputs) < LONGEST
                for text in model.vocabulary.text(hypothesis.outputs, question.numbers):
                    parse(text)


def test_random_walks_through_the_grammar_end_and_parse(config):
    vocabulary = Vocabulary(config)
    numbers = read("3个和4个，共5个").numbers
    dice = random.Random(5)
    longest = 0
    for _ in range(200):
        state, outputs = State(), []
        while not state.done:
            open_ = [i for i, may in enumerate(allowed(state, vocabulary, len(numbers))) if may]
            assert open_
            if dice.random() < 0.9:  # prefer continuing to ending
                open_ = [i for i in open_ if i >= len(SIGNS) or SIGNS[i] in "+*("] or open_
            outputs.append(dice.choice(open_))
            state = state.after(SIGNS[outputs[-1]] if outputs[-1] < len(SIGNS) else None)
        assert len(outputs) <= LONGEST
        longest = max(longest, len(outputs))
        for text in vocabulary.text(outputs, numbers):
            parse(text)
    assert longest == LONGEST


def test_beams_contain_the_likeliest_hypothesis(config):
    """Without pruning errors, more beams never find a less likely best hypothesis."""
    for seed in range(3):
        model = solver(config, seed, sharp=5.0)
        questions = [read(text) for text in QUESTIONS]
        few, many = decode(model, questions, 2), decode(model, questions, 8)
        for a, b in zip(few, many, strict=True):
            assert b[0].score >= a[0].score - 1e-5
            assert [h.score for h in b] == sorted((h.score for h in b), reverse=True)


def test_a_batch_decodes_as_single_questions_do(config):
    model = solver(config, 7, sharp=5.0)
    questions = [read(text) for text in QUESTIONS]
    together = decode(model, questions, 3)
    for question, found in zip(questions, together, strict=True):
        (alone,) = decode(model, [question], 3)
        assert [h.outputs for h in alone] == [h.outputs for h in found]
        assert [h.score for h in alone] == pytest.approx([h.score for h in found], abs=1e-4)


def test_scores_are_those_of_the_training_forward_pass(config):
    """The scores with the cache equal those of one pass over question and expression."""
    from xiangqi_lm.tasks.word_problems.batches import expression_columns, of_examples
    from xiangqi_lm.tasks.word_problems.model import prefix_mask
    from xiangqi_lm.tasks.word_problems.objective import rows_of, step_losses
    from xiangqi_lm.tasks.word_problems.problems import Problem

    model = solver(config, 2, sharp=3.0)
    vocabulary = model.vocabulary
    question = read("共35个头，94只脚，各几只？")
    (best, *_) = decode(model, [question], 2)[0]
    texts = vocabulary.text(best.outputs, question.numbers)
    columns, places = vocabulary.question(question)
    prefix = len(columns.tokens)
    for output in best.outputs:
        columns.add(*vocabulary.column(output, question.numbers))
    from xiangqi_lm.tasks.word_problems.vocabulary import END, Example

    targets = tuple((o,) for o in (*best.outputs, vocabulary.signs[END]))
    batch = of_examples([Example(columns, prefix, places, targets)])
    hidden = model.encode(rows_of(batch), prefix_mask(batch.prefixes, batch.tokens.shape[1]))
    at = expression_columns(batch).unsqueeze(-1).expand(-1, -1, hidden.shape[-1])
    logits = model.logits(hidden.gather(1, at), model.keys(hidden, batch.numbers))
    state = State()
    for i, output in enumerate((*best.outputs, vocabulary.signs[END])):
        closed = ~torch.tensor(allowed(state, vocabulary, len(question.numbers)))
        logits[0, i].masked_fill_(closed, -torch.inf)
        state = state.after(SIGNS[output] if output < len(SIGNS) else None)
    assert Problem("", tuple(texts), tuple(texts)).expressions  # it spells something
    assert -step_losses(logits, batch.targets).sum().item() == pytest.approx(best.score, abs=1e-3)


def test_the_question_attends_to_itself_but_not_to_the_expression(config):
    from xiangqi_lm.tasks.word_problems.model import prefix_mask

    mask = prefix_mask(torch.tensor([3, 2]), 5)
    expected = torch.tensor(
        [[1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 1, 0], [1, 1, 1, 1, 1]], dtype=torch.bool
    )
    assert torch.equal(mask[0], expected)
    assert mask[1].tolist()[1] == [True, True, False, False, False]


def test_examples_spell_their_expressions(config):
    vocabulary = Vocabulary(config)
    dice = random.Random(9)
    for _ in range(100):
        problem = generate(dice)
        example = vocabulary.example(problem)
        if example is None:
            continue
        numbers = read(problem.question).numbers
        trees = vocabulary.trees([right[0] for right in example.targets[:-1]], numbers)
        assert trees == [normal(parse(text), numbers) for text in problem.expressions]


def test_a_number_given_twice_may_be_copied_from_either_place(config):
    vocabulary = Vocabulary(config)
    numbers = read("甲12个，乙12个，丙2个").numbers
    first = vocabulary.pointers_from
    assert vocabulary.sources(numbers[0].value, numbers)[:2] == (first, first + 1)
    assert len(vocabulary.sources(numbers[2].value, numbers)) == 2  # the pointer and the constant 2
    assert vocabulary.groups(numbers)[first + 1] == first
    assert vocabulary.sources(numbers[2].value * 999, numbers) == ()
