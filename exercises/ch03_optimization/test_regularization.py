"""What chapter 3, set 3 asks for."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ch03_optimization.regularization import batch_norm, dropout, early_stop, l1_step

from deepbook.course.checks import check, check_that


def test_early_stop_stops():
    """Epoch 2 is the best. Epoch 4 only equals it, and is the second in a row without a new best."""
    check(early_stop, [0.9, 0.9, 0.5, 0.6, 0.5, 0.4, 0.4, 0.9, 0.8, 0.2], 2, gives=(4, 2))


def test_early_stop_never():
    """The loss falls to the end, so all epochs are run."""
    check(early_stop, [5.0, 4.0, 3.0], 3, gives=(2, 2))


def test_early_stop_patience_not_used_up():
    """Two epochs without a new best, and the third would have been the last straw."""
    check(early_stop, [5.0, 1.0, 3.0, 2.0], 3, gives=(3, 1))


def test_early_stop_one_epoch():
    """A single epoch is the best of all."""
    check(early_stop, [0.7], 1, gives=(0, 0))


def test_early_stop_rising_from_the_start():
    """Nothing ever beats epoch 0."""
    check(early_stop, [1.0, 2.0, 3.0, 4.0, 5.0], 3, gives=(3, 0))


def test_early_stop_nan_is_no_new_best():
    """A loss of NaN is a training that has broken, not one that has become better."""
    check(early_stop, [2.0, 1.0, float("nan"), float("nan"), 0.5], 2, gives=(3, 1))


def test_early_stop_random(rng):
    """Try where it ends: no `patience` epochs in a row before that may lack a new best."""
    for patience in (1, 2, 3, 5):
        losses = rng.normal(size=12).round(2).tolist()
        lowest = np.minimum.accumulate(losses)
        bests = [0] + [e for e in range(1, 12) if losses[e] < lowest[e - 1]]
        stop = min([b + patience for b, after in zip(bests, [*bests[1:], 99], strict=True) if after > b + patience])
        check(early_stop, losses, patience, gives=(min(stop, 11), max(b for b in bests if b <= stop)))


def test_l1_step_with_a_gradient():
    """First the loss, then the penalty, which pulls by 0.25 · 2 here: what counts is where the plain step leads."""
    w, gradient = np.array([1.0, 1.0, 0.1, -0.5, 2.0, -3.0]), np.array([2.0, 8.0, -6.0, -0.5, 7.0, 0.0])
    check(l1_step, w, gradient, 0.25, 2.0, gives=[0, -0.5, 1.1, 0, 0, -2.5])


def test_l1_step_without_a_gradient():
    """Only the penalty pulls, by 0.5 · 2: far from 0, near 0 and on it, on both sides."""
    w = np.array([3.0, -3.0, 0.75, -0.25, 0.0, 1.0])
    check(l1_step, w, np.zeros(6), 0.5, 2.0, gives=[2, -2, 0, 0, 0, 0])


def test_l1_step_without_a_penalty(rng):
    """rate = 0: the plain step."""
    w, gradient = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    check(l1_step, w, gradient, 0.1, 0.0, gives=w - 0.1 * gradient)


def walk_with_l1_step(x, y, rate):
    """Three hundred of your steps on the mean squared error / 2 of a line with noise, from ones."""
    w = np.ones(x.shape[1])
    for _ in range(300):
        w = np.asarray(l1_step(w, x.T @ (x @ w - y) / len(y), 0.3, rate))
    return w


def test_l1_step_ends_at_zero(rng):
    """Five inputs, and y depends on two of them: the weights of the others come to rest at 0, exactly."""
    x = np.linalg.qr(rng.normal(size=(50, 5)))[0] * np.sqrt(50)
    y = x @ np.array([2.0, 0.0, -1.0, 0.0, 0.0]) + 0.05 * rng.normal(size=50)
    check_that(
        walk_with_l1_step, x, y, 0.2,
        holds=lambda w: np.all(w[[1, 3, 4]] == 0) and np.allclose(w[[0, 2]], [1.8, -0.8], atol=0.05),
        expected="weights near 1.8, 0, −0.8, 0, 0, and the zeros exactly 0",
    )  # fmt: skip


NUMBERS = jnp.arange(1.0, 20_001.0).reshape(400, 50) / 1000


def kept(found, x=NUMBERS):
    found, x = np.asarray(found), np.asarray(x)
    return found[found != 0] / x[found != 0]


def test_dropout_scales_what_it_keeps():
    """Each number is dropped, or kept and scaled up, so that the mean stays."""
    check_that(
        dropout, NUMBERS, 0.2, jax.random.key(0),
        holds=lambda found: np.shape(found) == NUMBERS.shape and np.allclose(kept(found), 1 / 0.8),
        expected="x's shape, and in each place either 0 or what x has there, divided by 0.8",
    )  # fmt: skip


def test_dropout_drops_the_rate():
    """rate is the part that is dropped, not the part that is kept."""
    check_that(
        dropout, NUMBERS, 0.2, jax.random.key(1), holds=lambda found: abs(np.mean(np.asarray(found) == 0) - 0.2) < 0.02,
        expected="about 20 of 100 numbers to be 0",
    )  # fmt: skip


def test_dropout_draws_for_each_number():
    """Every number on its own: neither whole rows nor whole columns."""

    def uneven(found):
        zero = np.asarray(found) == 0
        return np.all(zero.mean(axis=0) < 0.9) and np.all(zero.mean(axis=1) < 0.9) and zero.any(axis=0).all()

    check_that(
        dropout, NUMBERS, 0.2, jax.random.key(2), holds=uneven,
        expected="each number to be drawn on its own, so that no column (or row) is dropped or kept as a whole",
    )  # fmt: skip


def test_dropout_listens_to_its_key():
    """The same key drops the same numbers; another key drops others."""
    first = np.asarray(dropout(NUMBERS, 0.5, jax.random.key(3))) == 0

    def good(found):
        again = np.asarray(dropout(NUMBERS, 0.5, jax.random.key(3))) == 0
        return np.all(first == again) and np.any(first != (np.asarray(found) == 0))

    check_that(
        dropout, NUMBERS, 0.5, jax.random.key(4), holds=good,
        expected="others dropped than with jax.random.key(3), which must drop the same ones each time",
    )  # fmt: skip


def test_dropout_without_a_key():
    """No key, no training: nothing is dropped and nothing is scaled."""
    check(dropout, jnp.array([1.0, -2.0, 3.0]), 0.5, None, gives=[1.0, -2.0, 3.0])


def test_dropout_rate_zero():
    """Dropping nothing leaves x as it is."""
    check(dropout, jnp.array([1.0, -2.0, 3.0]), 0.0, jax.random.key(5), gives=[1.0, -2.0, 3.0])


def test_dropout_random(rng):
    """Other numbers, another rate, another key."""
    x, rate = jnp.array(rng.normal(size=(200, 60))), round(float(rng.uniform(0.1, 0.7)), 2)

    def good(found):
        zero = np.asarray(found) == 0
        return np.allclose(kept(found, x), 1 / (1 - rate), rtol=1e-3) and abs(zero.mean() - rate) < 0.03

    check_that(
        dropout, x, rate, jax.random.key(int(rng.integers(10_000))), holds=good,
        expected=f"about {100 * rate:.0f} of 100 numbers to be 0, and the others to be x's, divided by {1 - rate:.2g}",
    )  # fmt: skip


def dropout_in_jit(x, key):
    """Your dropout inside jit, where the key is not a number yet."""
    return jax.jit(lambda x, key: dropout(x, 0.5, key))(x, key)


def test_dropout_in_jit():
    """Training runs inside jit."""
    check_that(
        dropout_in_jit, NUMBERS, jax.random.key(6), holds=lambda found: np.allclose(kept(found), 2),
        expected="in each place either 0 or twice what x has there",
    )  # fmt: skip


def centred(x, scale, shift, mean, var, momentum, eps):
    """The same by the centred columns, and by how far the running statistics are from the batch's."""
    away = x - np.ones((len(x), len(x))) @ x / len(x)
    spread = np.einsum("nf,nf->f", away, away) / len(x)
    y = away * (scale * (spread + eps) ** -0.5) + shift
    return y, mean + (1 - momentum) * (x[0] - away[0] - mean), var + (1 - momentum) * (spread - var)


def features(rng, n):
    return rng.normal(size=n), rng.normal(size=n), rng.normal(size=n), rng.uniform(1, 2, size=n)


def test_batch_norm_worked():
    """Three examples with three features, and a large eps, so that you see where it goes."""
    x = np.array([[1.0, 0.0, 5.0], [3.0, 4.0, 5.0], [5.0, -1.0, 2.0]])
    scale, shift, mean, var = np.array([[1, 2, 3], [0, 1, -1], [4, 0, 1], [2, 3, 0.5]])
    inputs = x, scale, shift, mean, var, 0.75, 0.5
    check(batch_norm, *inputs, gives=centred(*inputs))


@pytest.mark.parametrize("shape", [(20, 4), (5, 1), (2, 6)])
def test_batch_norm_random(rng, shape):
    """Batches of other shapes."""
    inputs = 3 * rng.normal(size=shape) + 1, *features(rng, shape[1]), 0.9, 1e-5
    check(batch_norm, *inputs, gives=centred(*inputs), rtol=1e-3)


def test_batch_norm_of_equals(rng):
    """A feature that is the same in all the batch: eps keeps it from 0/0."""
    x = np.array([[2.0, 1.0], [2.0, 3.0]])
    inputs = x, *features(rng, 2), 0.9, 1e-3
    check(batch_norm, *inputs, gives=centred(*inputs), rtol=1e-3)
