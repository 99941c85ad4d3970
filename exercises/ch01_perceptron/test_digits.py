"""What chapter 1, set 4 asks for: real handwriting, 8 by 8 pixels."""

import numpy as np
from ch01_perceptron.digits import train, train_ten

from deepbook.course.checks import check_that, once
from deepbook.data import load

trained, trained_ten = once(train), once(train_ten)
(X, Y), (X_TEST, Y_TEST), _ = load("digits")
X, X_TEST = X.reshape(-1, 64).astype(float), X_TEST.reshape(-1, 64).astype(float)


def threes_and_eights(x, y):
    chosen = (y == 3) | (y == 8)
    return x[chosen], (y[chosen] == 8).astype(int)


def right(params, x, y):
    W, b = params
    return np.mean((x @ np.asarray(W) + b > 0) == y)


def test_train_has_the_right_shapes():
    """One weight for each pixel, one bias."""
    check_that(
        trained, *threes_and_eights(X, Y), expected="W of shape (64,) and one number b",
        holds=lambda params: np.shape(params[0]) == (64,) and np.ndim(params[1]) == 0,
    )  # fmt: skip


def test_train_makes_no_mistake_on_the_training_digits():
    """These threes and eights can be told apart by a line: go on until they are."""
    x, y = threes_and_eights(X, Y)
    check_that(
        trained, x, y, holds=lambda params: right(params, x, y) == 1,
        expected="every training digit answered rightly (are there enough epochs?)",
        found=lambda params: f"It answers {round(len(y) * right(params, x, y))} of {len(y)} rightly.",
    )  # fmt: skip


def test_train_reads_unseen_digits():
    """What counts: digits that no weight has ever seen."""
    x, y = threes_and_eights(X_TEST, Y_TEST)
    check_that(
        trained, *threes_and_eights(X, Y), holds=lambda params: right(params, x, y) >= 0.95,
        expected="at least 95 of 100 unseen digits answered rightly",
        found=lambda params: f"It answers {100 * right(params, x, y):.3g} of 100 rightly.",
    )  # fmt: skip


def test_train_other_images(rng):
    """The same digits with their 64 pixels in another order, and one row in ten left out."""
    x, y = threes_and_eights(X, Y)
    kept, order = rng.permutation(len(x))[len(x) // 10 :], rng.permutation(64)
    x, y, (x_new, y_new) = x[np.sort(kept)][:, order], y[np.sort(kept)], threes_and_eights(X_TEST, Y_TEST)
    check_that(
        train, x, y, holds=lambda params: right(params, x, y) >= 0.99 and right(params, x_new[:, order], y_new) >= 0.93,
        expected="at least 99 of 100 training digits answered rightly, and at least 93 of 100 unseen ones",
    )  # fmt: skip


def test_train_ten_has_the_right_shapes():
    """A column of weights and a bias for each digit."""
    check_that(
        trained_ten, X, Y, holds=lambda params: np.shape(params[0]) == (64, 10) and np.shape(params[1]) == (10,),
        expected="W of shape (64, 10) and b of shape (10,)",
    )  # fmt: skip


def test_train_ten_trains_all_ten():
    """No column of W is left at zero."""
    check_that(
        trained_ten, X, Y, holds=lambda params: np.all(np.any(np.asarray(params[0]) != 0, axis=0)),
        expected="weights that are not all zero for each of the ten digits",
    )  # fmt: skip


def test_train_ten_reads_unseen_digits():
    """The digit whose perceptron is surest wins."""

    def reads(params):
        W, b = params
        return 100 * np.mean(np.argmax(X_TEST @ W + b, axis=1) == Y_TEST)

    check_that(
        trained_ten, X, Y, holds=lambda params: reads(params) >= 90,
        expected="at least 90 of 100 unseen digits read rightly",
        found=lambda params: f"It reads {reads(params):.3g} of 100 rightly.",
    )  # fmt: skip


def test_train_ten_other_images(rng):
    """The digits with their pixels in another order and with other names: what was a 3 may be a 7."""
    order, names = rng.permutation(64), rng.permutation(10)

    def reads(params):
        W, b = params
        return 100 * np.mean(np.argmax(X_TEST[:, order] @ W + b, axis=1) == names[Y_TEST])

    check_that(
        train_ten, X[:, order], names[Y], holds=lambda params: reads(params) >= 88,
        expected="at least 88 of 100 unseen digits read rightly",
        found=lambda params: f"It reads {reads(params):.3g} of 100 rightly.",
    )  # fmt: skip
