"""deepbook.seq2seq: the made tasks, teacher forcing, greedy answers."""

import datetime

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deepbook.layers import Dense, Masked, count
from deepbook.optim import Adam
from deepbook.rnn import GRU, LSTM, RNN
from deepbook.seq2seq import MONTHS, START, Seq2Seq, additions, answer, copy_memory, dates, exact, with_answers
from deepbook.train import fit

KEY = jax.random.key(0)
RNG = np.random.default_rng(0)
MODEL = Seq2Seq(7, 4, LSTM(6), 3)
SOURCE = np.array([[2, 3, 4, 0], [5, 6, 2, 2], [0, 0, 0, 0]], np.int32)
ANSWER = np.array([[4, 3], [6, 5], [2, 2]], np.int32)
PARAMS = MODEL.init(KEY, with_answers(SOURCE, ANSWER))


# The tasks


def read(text):
    """A date as people write it, by other means than the task's own."""
    for form in ("%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y", "%d.%m.%Y", "%m/%d/%Y", "%B %Y, the %d."):
        try:
            return datetime.datetime.strptime(text, form).date().isoformat()
        except ValueError:
            continue
    raise AssertionError(text)


def test_dates_mean_what_they_say():
    task = dates(KEY, 400)
    texts = [task.text(row) for row in task.source]
    assert [read(text) for text in texts] == [task.text(row) for row in task.y]
    assert len({text.strip("0123456789") for text in texts}) > 40 and any(
        month.upper() in " ".join(texts) for month in MONTHS
    )
    assert task.source.max() < len(task.tokens) and not (task.y == 0).any() and not (task.source[:, 0] == 0).any()


def test_tasks_are_the_same_for_the_same_key_and_have_one_set_of_tokens():
    one, again, other = dates(KEY, 50), dates(KEY, 50), dates(jax.random.key(1), 50)
    assert (one.source == again.source).all() and not (one.y == other.y).all() and one.tokens == other.tokens


@pytest.mark.parametrize("digits", [1, 3])
def test_additions_add(digits):
    task = additions(KEY, 200, digits)
    for source, y in zip(task.source, task.y, strict=True):
        a, b = map(int, task.text(source).split("+"))
        assert task.text(y) == str(a + b)[::-1] and max(a, b) < 10**digits
    assert task.source.shape == (200, 2 * digits + 1) and task.y.shape == (200, digits + 1)


def test_copy_memory_asks_for_the_marked_symbol():
    x, y = copy_memory(KEY, 300, 6, n_symbols=3)
    assert x.shape == (300, 7, 4) and x.dtype == np.float32 and y.dtype == np.int32
    assert (x[..., :3].sum(-1) == 1).all() and (x[:, 0, 3] == 1).all() and not x[:, 1:, 3].any()
    assert (x[:, 0, :3].argmax(-1) == y).all() and set(y.tolist()) == {0, 1, 2}
    others = x[:, 1:, :3].argmax(-1)
    assert abs(np.mean(others == y[:, None]) - 1 / 3) < 0.05  # the others know nothing of it
    assert copy_memory(KEY, 2, 0)[0].shape == (2, 1, 5)


# What the model hears


def test_with_answers_shifts_by_one():
    assert with_answers(SOURCE, ANSWER)[0].tolist() == [2, 3, 4, 0, START, 4]
    task = additions(KEY, 5)
    assert (task.x == with_answers(task.source, task.y)).all()


@pytest.mark.parametrize("answer", [ANSWER[0], ANSWER[:2]])
def test_with_answers_wants_pairs(answer):
    with pytest.raises(ValueError, match="with_answers: got shapes"):
        with_answers(SOURCE, answer)


# The model


def test_counts_of_its_parts():
    assert count(PARAMS) == 7 * 3 + 2 * (4 * 6 * (3 + 6 + 1)) + 6 * 7 + 7
    assert list(PARAMS) == ["embedding", "encoder", "decoder", "top"]


@pytest.mark.parametrize("cell", [RNN(6), LSTM(6), GRU(6), LSTM(6, reverse=True)])
def test_apply_is_the_encoder_then_the_decoder_step_by_step(cell):
    model = Seq2Seq(7, 4, cell, 3)
    x = with_answers(SOURCE, ANSWER)
    params = model.init(KEY, x)
    table = params["embedding"]["W"]
    carry, _ = cell.run(params["encoder"], cell.start(3), Masked(table[SOURCE], SOURCE != 0))
    scores = []
    for heard in x[:, 4:].T:
        carry, h = cell.run(params["decoder"], carry, table[heard][:, None])
        scores.append(h @ params["top"]["W"] + params["top"]["b"])
    np.testing.assert_allclose(model.apply(params, x), jnp.stack(scores, 1), rtol=1e-5, atol=1e-6)


def test_padding_of_the_source_does_not_count():
    wide = np.concatenate([SOURCE[:1], np.zeros((1, 3), np.int32)], axis=1)
    np.testing.assert_array_equal(answer(MODEL, PARAMS, SOURCE[:1], 5), answer(MODEL, PARAMS, wide, 5))


def test_answer_hears_what_it_said():
    """Given its own answer as the teacher's, the model's likeliest tokens are that answer."""
    told = answer(MODEL, PARAMS, SOURCE, 6)
    assert told.shape == (3, 6)
    np.testing.assert_array_equal(MODEL.apply(PARAMS, with_answers(SOURCE, told)).argmax(-1), told)
    assert exact(MODEL, PARAMS, SOURCE, np.asarray(told)) == 1
    assert exact(MODEL, PARAMS, SOURCE, np.asarray(told).copy() * [[1], [1], [0]]) == pytest.approx(2 / 3)


def test_an_empty_source_gives_numbers():
    logits = MODEL.apply(PARAMS, with_answers(SOURCE, ANSWER))
    assert np.isfinite(logits).all() and answer(MODEL, PARAMS, SOURCE[:, :0], 3).shape == (3, 3)


def test_errors():
    with pytest.raises(ValueError, match=r"Seq2Seq: got x of shape \(3, 4\).*with_answers"):
        MODEL.apply(PARAMS, SOURCE)
    with pytest.raises(ValueError, match=r"Seq2Seq: got Dense.*needs an RNN, LSTM or GRU"):
        Seq2Seq(7, 4, Dense(3))


def test_it_learns_to_copy_two_tokens():
    source = RNG.integers(2, 6, (600, 2)).astype(np.int32)
    model = Seq2Seq(6, 2, GRU(24), 8)
    x = with_answers(source, source)
    params, _ = fit(model, model.init(KEY, x[:1]), (x, source), key=KEY, optimizer=Adam(0.02), epochs=15)
    assert exact(model, params, source, source) > 0.95
