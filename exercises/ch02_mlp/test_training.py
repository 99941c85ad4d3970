"""What chapter 2, set 4 asks for: start, predict, mend, and learn on real handwriting, 8 by 8 pixels."""

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ch02_mlp.training import initialize, learn_digits, mend_training, predict_vanishing

from deepbook.course.checks import check, check_that, once
from deepbook.data import load

(X, Y), (X_TEST, Y_TEST), _ = load("digits")
X, X_TEST = X.reshape(-1, 64).astype(float), X_TEST.reshape(-1, 64).astype(float)


def shapes(params):
    """The shapes of each pair (W, b); nothing where these are no pairs of arrays."""
    try:
        return [(np.shape(W), np.shape(b)) for W, b in params]
    except (TypeError, ValueError):
        return []


def test_initialize_has_the_right_shapes():
    """Three sizes, two layers."""
    check_that(
        initialize, jax.random.key(0), (5, 4, 3),
        holds=lambda params: shapes(params) == [((5, 4), (4,)), ((4, 3), (3,))],
        expected="two pairs (W, b), of the shapes (5, 4), (4,) and (4, 3), (3,)",
    )  # fmt: skip


def test_initialize_biases_at_zero():
    """Random weights make the units differ; the biases need not."""
    check_that(
        initialize, jax.random.key(1), (5, 4, 3),
        holds=lambda params: all(not np.any(np.asarray(b)) for _, b in params), expected="zeros in every b",
    )  # fmt: skip


def deviations_of_W(key, sizes):
    return [float(np.std(W)) for W, _ in initialize(key, sizes)]


def means_of_W(key, sizes):
    return [float(np.mean(W)) for W, _ in initialize(key, sizes)]


def test_initialize_variance():
    """Measured on large layers: the standard deviation, the root of the variance 2 / n_in."""
    wanted = [(2 / 400) ** 0.5, (2 / 300) ** 0.5]
    check(deviations_of_W, jax.random.key(2), (400, 300, 200), gives=wanted, rtol=0.03)


def test_initialize_means():
    """As many weights above 0 as below."""
    check(means_of_W, jax.random.key(2), (400, 300, 200), gives=[0, 0], atol=0.003)


def test_initialize_layers_differ():
    """Two layers of the same shape must not get the same numbers."""
    check_that(
        initialize, jax.random.key(3), (4, 4, 4), holds=lambda params: not np.allclose(params[0][0], params[1][0]),
        expected="two different W",
    )  # fmt: skip


def test_initialize_keys_differ():
    """Another key gives other numbers, and the same key gives the same."""
    (first, _), *_ = initialize(jax.random.key(4), (5, 4, 3))

    def good(params):
        (again, _), *_ = initialize(jax.random.key(4), (5, 4, 3))
        return np.allclose(first, again) and not np.allclose(first, params[0][0])

    check_that(
        initialize, jax.random.key(5), (5, 4, 3), holds=good,
        expected="numbers that the key decides: the same key gives the same ones, and another key gives others",
    )  # fmt: skip


def test_initialize_random(rng):
    """Other sizes, another key: the shapes, the deviations and the zeros."""
    sizes = tuple(map(int, rng.permutation([150, 200, 250])))
    key = jax.random.key(int(rng.integers(1, 10_000)))
    wanted = [((n, m), (m,)) for n, m in pairwise(sizes)]
    check_that(
        initialize, key, sizes, holds=lambda params: shapes(params) == wanted and not any(np.any(b) for _, b in params),
        expected="a pair (W, b) for each layer after the input, W (n_in, n_out) and b (n_out,), with zeros in every b",
    )  # fmt: skip
    check(deviations_of_W, key, sizes, gives=[(2 / n) ** 0.5 for n in sizes[:-1]], rtol=0.04)


def row_of(activation, x):
    for _ in range(5):
        x = activation(x)
    return x


def test_predict_vanishing():
    """Your prediction, beside what jax.grad measures."""
    steepest = float(jax.grad(jax.nn.sigmoid)(0.0))
    at_most, through_relus = steepest**5, float(jax.grad(lambda x: row_of(jax.nn.relu, x))(1.0))
    true = float(jax.grad(lambda x: row_of(jax.nn.sigmoid, x))(0.0))
    relation = "smaller" if true < 0.99 * at_most else "larger" if true > 1.01 * at_most else "equal"

    def foresaw(prediction):
        sigmoids, relus, word = prediction
        near = abs(sigmoids - at_most) < 0.01 * at_most and abs(relus - through_relus) < 0.01
        return near and word.lower() == relation

    check_that(
        predict_vanishing, holds=foresaw,
        expected=f"what jax.grad measures: one sigmoid's steepest slope is {steepest:g}, five ReLUs have "
        f"{through_relus:g}, and five sigmoids at x = 0 have {true:.3g}. How large could five slopes be, multiplied?",
    )  # fmt: skip


PIXELS, ANSWERS = np.round(255 * X[:1400]), Y[:1400]


def losses_of_mend_training(x, y, epochs):
    _, losses = mend_training(x, y, epochs)
    return losses


def test_mend_training_has_different_units():
    """Two hidden units with the same weights do the same work for ever."""
    check_that(
        mend_training, PIXELS[:200], ANSWERS[:200], 2, holds=lambda found: np.ptp(found[0][0][0], axis=1).max() > 1e-3,
        expected="a first W whose columns, one for each hidden unit, differ",
    )  # fmt: skip


def test_mend_training_begins_well():
    """Who knows nothing of ten digits pays log 10 = 2.3 in the first batch. What makes a network pay far more?"""
    check_that(
        losses_of_mend_training, PIXELS[:50], ANSWERS[:50], 1, holds=lambda losses: losses[0] < 5,
        expected="a first loss not far from log 10 = 2.3: how large are the numbers that go in?",
    )  # fmt: skip


def test_mend_training_can_become_sure():
    """Fifty threes and nothing else: a network that always says three, and is sure, pays next to nothing."""
    threes = ANSWERS == 3
    check_that(
        losses_of_mend_training, PIXELS[threes][:50], ANSWERS[threes][:50], 20, holds=lambda losses: losses[-1] < 0.5,
        expected="a last loss near 0: can your loss get there at all, however sure the scores are?",
    )  # fmt: skip


def test_mend_training_ends_well():
    """All ten digits: ten epochs are enough to read most of them, if each is told its own answer."""
    check_that(
        losses_of_mend_training, PIXELS, ANSWERS, 10, holds=lambda losses: len(losses) == 10 and losses[-1] < 0.3,
        expected="ten mean losses, the last one below 0.3: does y[0] still say what is on x[0]?",
    )  # fmt: skip


def test_mend_training_reads_unseen_digits(rng):
    """The rows in another order, and other names for the digits: the params must read digits never seen."""
    rows, names = rng.permutation(len(PIXELS)), rng.permutation(10)

    def reads(found):
        return 100 * right(found[0], X_TEST, names[Y_TEST])

    check_that(
        mend_training, PIXELS[rows], names[ANSWERS[rows]], 10,
        holds=lambda found: found[1][-1] < 0.4 and reads(found) >= 85,
        expected="params that read at least 85 of 100 unseen digits, and a last loss below 0.4",
        found=lambda found: f"The params read {reads(found):.0f} of 100.",
    )  # fmt: skip


def start(rng, *sizes):
    return [(rng.normal(size=(n, m)) * np.sqrt(2 / n), np.zeros(m)) for n, m in pairwise(sizes)]


def numbers(params):
    return np.concatenate([np.ravel(array) for pair in params for array in pair])


def right(params, x, y):
    for number, (W, b) in enumerate(params):
        x = (np.maximum(x, 0) if number else x) @ np.asarray(W) + np.asarray(b)
    return np.mean(np.argmax(x, axis=1) == y)


START = start(np.random.default_rng(0), 64, 20, 10)
learned = once(learn_digits)


def test_learn_digits_keeps_the_shapes():
    """What comes out has the form of what went in: pairs (W, b) of the same shapes."""
    check_that(
        learned, START, X[:200], Y[:200], holds=lambda found: shapes(found) == shapes(START),
        expected="pairs (W, b) of the shapes (64, 20), (20,) and (20, 10), (10,), and nothing else",
    )  # fmt: skip


def test_learn_digits_gives_numbers():
    """NaN or infinity: the steps were too large, or went uphill."""
    check_that(
        learned, START, X[:200], Y[:200],
        holds=lambda found: np.all(np.isfinite(numbers(found))), expected="numbers, none of them NaN or infinite",
    )  # fmt: skip


def test_learn_digits_moves_every_layer():
    """Every W and every b has a gradient, so each of them moves."""
    check_that(
        learned, START, X[:200], Y[:200],
        holds=lambda found: all(
            np.any(np.asarray(new) != old)
            for after, before in zip(found, START, strict=True)
            for new, old in zip(after, before, strict=True)
        ),
        expected="that both W and both b have moved",
    )  # fmt: skip


def rightly_read_after_learn_digits(params, x, y):
    """The share of unseen digits."""
    return right(learn_digits(params, x, y), X_TEST, Y_TEST)


@pytest.mark.parametrize("hidden", [(32,), (48, 24)])
def test_learn_digits_reads_unseen_digits(rng, hidden):
    """What counts: digits that no weight has ever seen. With one hidden layer, and with two."""
    check_that(
        rightly_read_after_learn_digits, start(rng, 64, *hidden, 10), X, Y, holds=lambda share: share >= 0.95,
        expected="at least 0.95. Near 0.1 is guessing: do the steps go downhill, are they small enough, do the labels "
        "belong to their rows? From 0.5 on it learns: take more steps, or larger ones",
    )  # fmt: skip
