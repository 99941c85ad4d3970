"""What chapter 2, set 2 asks for."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ch02_mlp.losses import cross_entropy, huber, softmax

from deepbook.course.checks import check, check_raises, check_that


def shares(scores):
    """The softmax of one row of small scores, number by number."""
    powers = [np.e**score for score in scores]
    return [power / sum(powers) for power in powers]


def test_softmax_of_the_chapter():
    """The chapter's three scores, one row without a batch."""
    check(softmax, np.array([1.9, 1.1, 0.2]), gives=shares([1.9, 1.1, 0.2]))


def test_softmax_of_each_row():
    """Three rows of three scores: each row is a question of its own, and sums to 1."""
    z = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [2.0, -1.0, 0.5]])
    check(softmax, z, gives=[shares(row) for row in z])


def test_softmax_of_large_scores():
    """Only differences between scores count: 1000, 1001, 1002 are like 0, 1, 2."""
    check(softmax, np.array([1000.0, 1001.0, 1002.0]), gives=shares([0, 1, 2]))


def test_softmax_of_small_and_large_rows():
    """One row around 0 and another around 2000: neither may disturb the other."""
    z = np.array([[0.0, 1.0], [2000.0, 2001.0], [-2000.0, -2001.0]])
    check(softmax, z, gives=[shares([0, 1]), shares([0, 1]), shares([1, 0])])


def test_softmax_with_two_leading_axes(rng):
    """Scores of shape (2, 3, 4): the classes are along the last axis."""
    z = rng.normal(size=(2, 3, 4))
    check(softmax, z, gives=[[shares(row) for row in rows] for rows in z])


def surprise(scores, label):
    return -np.log(shares(scores)[label])


def test_cross_entropy_of_three_examples():
    """Three examples, three classes: the mean of three surprises."""
    logits, y = np.array([[2.0, 1.0, -1.0], [0.5, 0.0, 3.0], [-2.0, 0.0, 1.0]]), np.array([0, 1, 1])
    check(cross_entropy, logits, y, gives=np.mean([surprise(row, label) for row, label in zip(logits, y, strict=True)]))


def test_cross_entropy_sure_and_right():
    """Scores around 1000, and the true class far ahead: no surprise at all."""
    check(cross_entropy, np.array([[1000.0, 0.0], [-1000.0, 0.0]]), np.array([0, 1]), gives=0.0)


def test_cross_entropy_sure_and_wrong():
    """The true class lies 1000 behind: the surprise is 1000, a number."""
    check(cross_entropy, np.array([[1000.0, 0.0], [0.0, 0.0]]), np.array([1, 0]), gives=(1000 + np.log(2)) / 2)


def test_cross_entropy_knowing_nothing():
    """Equal scores for ten classes cost log 10, wherever they are."""
    check(cross_entropy, np.full((4, 10), -3000.0), np.array([1, 9, 0, 3]), gives=np.log(10))


@pytest.mark.parametrize("classes", [2, 7])
def test_cross_entropy_of_random_scores(rng, classes):
    """More examples than classes, or fewer."""
    logits, y = rng.normal(size=(5, classes)), rng.integers(classes, size=5)
    check(cross_entropy, logits, y, gives=np.mean([surprise(row, label) for row, label in zip(logits, y, strict=True)]))


def mean_huber(pred, y, delta):
    """One error after the other, in plain numbers, as the exercise defines it."""
    errors = [abs(float(a) - float(b)) for a, b in zip(np.ravel(pred), np.ravel(y), strict=True)]
    return np.mean([e * e / 2 if e <= delta else delta * (e - delta / 2) for e in errors])


def test_huber_small_and_large_errors():
    """Errors of 1, −1, 4 and −5 with delta = 2: two of them are small."""
    pred, y = jnp.array([1.0, 2.0, 4.0, -2.0]), jnp.array([0.0, 3.0, 0.0, 3.0])
    check(huber, pred, y, 2.0, gives=mean_huber(pred, y, 2.0))


def test_huber_random_errors(rng):
    """Any errors, and numbers of shape (batch, 1)."""
    pred, y = (jnp.asarray(rng.normal(size=(9, 1)), float) for _ in range(2))
    check(huber, pred, y, 0.5, gives=mean_huber(pred, y, 0.5))


def test_huber_of_unequal_shapes():
    """Four predictions of shape (4, 1) for four numbers of shape (4,): silently, that would be sixteen errors."""
    check_raises(huber, jnp.ones((4, 1)), jnp.zeros(4), 1.0, because="the shapes are (4, 1) and (4,)")


def test_huber_inside_jit():
    """Compiled by jax.jit: there the errors have no value yet."""
    pred, y = jnp.array([0.5, 7.0, -3.0]), jnp.array([0.0, 0.0, 0.0])
    check(jax.jit(huber), pred, y, 1.0, gives=mean_huber(pred, y, 1.0))


def slope_of_huber(pred, y, delta):
    return jax.grad(huber)(pred, y, delta)


def test_huber_has_a_bounded_slope():
    """Its gradient is the error where that is small, and delta at the most. Where the error is 0, it is 0."""
    pred, y = jnp.array([0.0, 1.0, 100.0, -100.0]), jnp.zeros(4)
    check(slope_of_huber, pred, y, 2.0, gives=np.clip(pred, -2, 2) / 4)
