"""What chapter 4, set 3 asks for: vary, mend, predict, and learn on real handwriting, 8 by 8 pixels."""

from functools import cache

import jax
import numpy as np
import pytest
from ch04_cnn.networks import mend_cnn, receptive_field, residual, shifted, train_cnn
from numpy.lib.stride_tricks import sliding_window_view

from deepbook.course.checks import check, check_that, once
from deepbook.data import load


def seen_from(layers):
    """Asked from the back: which pixels does one number need, and which do they need in turn?"""
    pixels = {0}
    for size, stride in reversed(layers):
        pixels = {stride * i + j for i in pixels for j in range(size)}
    return max(pixels) - min(pixels) + 1


def check_receptive_field(layers):
    check(receptive_field, layers, gives=seen_from(layers))


def test_receptive_field_of_three_layers():
    """A convolution with a stride, a pooling, and a convolution without."""
    check_receptive_field([(3, 2), (2, 3), (4, 1)])


def test_receptive_field_of_no_layer():
    """Nothing but the image: a number sees itself."""
    check_receptive_field([])


@pytest.mark.parametrize("layers", [[(7, 3)], [(3, 1), (2, 2)] * 3, [(1, 2), (3, 1)]])
def test_receptive_field_of_other_networks(layers):
    """One layer; convolutions and poolings in turns; a layer that sees one pixel and skips one."""
    check_receptive_field(layers)


def test_receptive_field_random(rng):
    """Many networks."""
    for _ in range(5):
        check_receptive_field([tuple(map(int, rng.integers(1, 5, size=2))) for _ in range(4)])


def some_layers(x):
    """Stands for the layers of a block."""
    return x**2 - 3


def some_layers_of_stride_2(x):
    """Stands for layers that halve the rows and the columns, and exchange two channels."""
    return 2 - x[:, ::2, ::2, ::-1]


def test_residual_with_x_itself():
    """An ordinary block: f(x) and x have the same shape."""
    x = np.array([-4.0, 1, 3, -1.5, 0.5, -0.5]).reshape(1, 1, 3, 2)
    check(residual, some_layers, x, gives=np.maximum(x * x - 3 + x, 0))


def picked(x):
    """Every second row and column, put together one by one."""
    return np.stack([np.stack([x[:, i, j] for j in range(0, x.shape[2], 2)], 1) for i in range(0, x.shape[1], 2)], 1)


def test_residual_with_a_stride():
    """f halves the image, so the short cut takes every second row and column, and P mixes its channels."""
    x, P = np.array([1.0, 4, -2, 3, 0, -1, 2, 5]).reshape(1, 2, 2, 2), np.array([[2.0, -1], [1, 3]])
    wanted = np.maximum(2 - picked(x)[..., ::-1] + np.einsum("nijc,ck->nijk", picked(x), P), 0)
    check(residual, some_layers_of_stride_2, x, P, 2, gives=wanted)


def test_residual_with_a_stride_alone(rng):
    """An odd number of rows and columns, and no P."""
    x = rng.normal(size=(2, 5, 3, 2))
    check(residual, some_layers_of_stride_2, x, None, 2, gives=np.maximum(2 - picked(x)[..., ::-1] + picked(x), 0))


def test_residual_with_more_channels(rng):
    """Two channels become three, and the image keeps its size."""
    x, P = rng.normal(size=(2, 3, 3, 2)), rng.normal(size=(2, 3))
    wanted = np.maximum(x[..., [0, 1, 1]] + np.einsum("nijc,ck->nijk", x, P), 0)
    check(residual, lambda x: x[..., [0, 1, 1]], x, P, gives=wanted)


def scores_of(params, photos):
    """The network of `mend_cnn`, one channel of one map at a time."""
    padded = np.pad(photos, ((0, 0), (0, 0), (1, 1), (1, 1)))  # (batch, 3, 10, 10)
    windows = sliding_window_view(padded, (3, 3), axis=(2, 3))  # (batch, 3, 8, 8, 3, 3)
    means = []
    for k in range(4):
        map_k = np.einsum("ncrsij,ijc->nrs", windows, params["W"][..., k])
        map_k = (map_k - np.mean(map_k)) / np.sqrt(np.var(map_k) + 1e-5)
        map_k = np.maximum(params["scale"][k] * map_k + params["shift"][k], 0)
        largest = sliding_window_view(map_k, (2, 2), axis=(1, 2))[:, ::2, ::2].max((-2, -1))
        means.append(largest.mean((1, 2)))
    return np.stack(means, axis=1) @ params["W_out"] + params["b_out"]


def check_mend_cnn(rng, n, n_out):
    """Photos with three unlike colours, brighter at one border."""
    photos = rng.random((n, 3, 8, 8)) * np.array([1.0, 0.5, 0.2])[:, None, None] + np.linspace(0, 1, 8)
    params = {"W": rng.normal(size=(3, 3, 3, 4)), "scale": rng.uniform(0.5, 2, size=4), "shift": rng.normal(size=4)}
    params |= {"W_out": rng.normal(size=(4, n_out)), "b_out": rng.normal(size=n_out)}
    check(mend_cnn, params, photos, gives=scores_of(params, photos))


def test_mend_cnn_two_photos(rng):
    """Two photos, three scores for each."""
    check_mend_cnn(rng, 2, 3)


def test_mend_cnn_more_photos(rng):
    """Nine photos, ten scores for each."""
    check_mend_cnn(rng, 9, 10)


(X, Y), (X_TEST, Y_TEST), _ = load("digits")


def brightest_column(x):
    """A small reader: the digit is the place of the column with the most ink. Scores (batch, 10)."""
    return x.sum((1, 3))


def moved_by(x, s):
    """Column j of the moved images is column j − s of x, if there is one."""
    return np.stack([x[:, :, j - s] if j >= s else 0 * x[:, :, 0] for j in range(x.shape[2])], axis=2)


def accuracies(read, x, y, most):
    return [np.mean(read(moved_by(x, s)).argmax(1) == y) for s in range(most + 1)]


def holds_for(wanted):
    """A condition on the second result."""
    return lambda found: np.shape(found[1]) == np.shape(wanted) and np.allclose(found[1], wanted)


def test_shifted_moves_the_images():
    """A small reader and 24 images of 2 × 10 pixels; the labels fit some of them as they are, and others when moved."""
    rng = np.random.default_rng(2)
    x = rng.integers(0, 9, size=(24, 2, 10, 1)) / 8
    y = (brightest_column(x).argmax(1) + np.arange(24) % 5 // 2) % 10
    wanted = accuracies(brightest_column, x, y, 3)
    said = ", ".join(f"{a:.3g}" for a in wanted)
    check_that(
        shifted, brightest_column, x, y, 3, holds=holds_for(wanted),
        expected=f"as the second result [{said}], the accuracies for moves by 0, 1, 2 and 3",
    )  # fmt: skip


def test_shifted_without_a_move():
    """most = 0: the images as they are, and a list of one accuracy."""
    x = np.eye(10)[[0, 2, 5, 9]].reshape(4, 1, 10, 1)
    check_that(
        shifted, brightest_column, x, np.array([0, 2, 5, 8]), 0, holds=holds_for([0.75]),
        expected="[0.75] as the second result",
    )  # fmt: skip


def test_shifted_random(rng):
    """Other images, other labels, and a reader that looks at rows and columns."""
    weights = rng.integers(-4, 5, size=(3 * 7, 10)).astype(float)
    x, y = rng.integers(0, 9, size=(30, 3, 7, 1)) / 8, rng.integers(10, size=30)

    def read(x):
        return np.asarray(x).reshape(len(x), -1) @ weights

    y[::2] = read(moved_by(x, 2)).argmax(1)[::2]
    wanted = accuracies(read, x, y, 4)
    check_that(
        shifted, read, x, y, 4, holds=holds_for(wanted),
        expected=f"as the second result [{', '.join(f'{a:.3g}' for a in wanted)}]",
    )  # fmt: skip


def on_a_sheet(x):
    """Digits with a margin of two pixels all round, on which a move by two loses no ink."""
    return np.pad(x, ((0, 0), (2, 2), (2, 2), (0, 0)))


def convolution(x, W):
    """A 3 × 3 convolution with a border of zeros."""
    rows, columns = x.shape[1:3]
    x = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return sum(x[:, i : i + rows, j : j + columns] @ W[i, j] for i in range(3) for j in range(3))


@cache
def networks():
    """An MLP and a convolutional network. Their first layers are random, and the last is fitted by least squares."""
    rng = np.random.default_rng(0)
    W, b = rng.normal(size=(144, 400)) / 8, rng.normal(size=400) / 2
    W1 = rng.normal(size=(3, 3, 1, 8)).astype(np.float32)
    W2 = rng.normal(size=(3, 3, 8, 128)).astype(np.float32)

    def hidden_of_mlp(x):
        return np.maximum(x.reshape(len(x), -1) @ W + b, 0)

    def hidden_of_cnn(x):
        x = np.maximum(convolution(x.astype(np.float32), W1), 0)
        x = x.reshape(len(x), 6, 2, 6, 2, 8).max((2, 4))
        return np.maximum(convolution(x, W2), 0).max((1, 2))

    return fitted(hidden_of_mlp), fitted(hidden_of_cnn)


def fitted(hidden):
    """A reader of digits: the scores that fit the training digits best, made of `hidden` and a bias."""

    def features(x):
        return np.c_[hidden(x), np.ones(len(x))]

    h = features(on_a_sheet(X))
    W = np.linalg.solve(h.T @ h + 0.1 * np.eye(h.shape[1]), h.T @ np.eye(10)[Y])
    return lambda x: features(x) @ W


def test_shifted_foresees_what_it_measures():
    """An MLP and a convolutional network that read unseen digits: is it as you predicted?"""
    mlp, cnn = networks()
    x, y = on_a_sheet(X_TEST), Y_TEST
    a, c = accuracies(mlp, x, y, 2), accuracies(cnn, x, y, 2)
    truth = "mlp" if a[0] - a[2] > c[0] - c[2] else "cnn", 1 if c[1] < c[2] else 2
    said = [", ".join(f"{100 * each:.0f}" for each in measured) for measured in (a, c)]
    check_that(
        shifted, cnn, x, y, 2, holds=lambda found: (found[0][0].lower(), found[0][1]) == truth,
        expected="a prediction that agrees with what is measured. Of 100 unseen digits, moved by 0, 1 and 2 pixels, "
        f"the mlp reads {said[0]}, the cnn {said[1]}",
    )  # fmt: skip


trained = once(train_cnn)


def shaped(params):
    (W1, b1), (W2, b2), (W3, b3) = params
    n1, n2 = np.shape(W1)[-1], np.shape(W2)[-1]
    wanted = [(3, 3, 1, n1), (n1,), (3, 3, n1, n2), (n2,), (4 * n2, 10), (10,)]
    return [np.shape(a) for a in (W1, b1, W2, b2, W3, b3)] == wanted


def right(params, x, y):
    """The share of digits that the network of these params reads."""
    *convolutions, (W3, b3) = jax.tree.map(np.asarray, params)
    for W, b in convolutions:
        x = np.maximum(convolution(x, W) + b, 0)
        n, rows, columns, channels = x.shape
        x = x.reshape(n, rows // 2, 2, columns // 2, 2, channels).max((2, 4))
    return np.mean(np.argmax(x.reshape(len(x), -1) @ W3 + b3, axis=1) == y)


def test_train_cnn_has_the_right_shapes():
    """Two layers of filters and a dense one, each a W and a b."""
    check_that(
        trained, jax.random.key(0), X, Y, holds=shaped,
        expected="((W1, b1), (W2, b2), (W3, b3)), with W1 (3, 3, 1, n1), W2 (3, 3, n1, n2) and W3 (4 · n2, 10); each b "
        "has as many numbers as the last axis of its W",
    )  # fmt: skip


def test_train_cnn_gives_numbers():
    """NaN or infinity: a step too large, or the log of 0."""
    check_that(
        trained, jax.random.key(0), X, Y, expected="numbers, none of them NaN or infinite",
        holds=lambda params: all(np.all(np.isfinite(a)) for a in jax.tree.leaves(params)),
    )  # fmt: skip


def test_train_cnn_has_different_filters():
    """Filters that begin alike stay alike: random weights make them differ."""
    check_that(
        trained, jax.random.key(0), X, Y, expected="filters whose weights differ, in W1 and in W2",
        holds=lambda params: all(np.std(np.asarray(W), axis=-1).max() > 1e-3 for W, _ in params[:2]),
    )  # fmt: skip


def test_train_cnn_learns_the_training_digits():
    """First of all, the digits that it is trained on."""
    found = right(trained(jax.random.key(0), X, Y), X, Y)
    check_that(
        trained, jax.random.key(0), X, Y, holds=lambda params: right(params, X, Y) >= 0.97,
        expected=f"at least 97 of 100 TRAINING digits read rightly; these weights read {100 * found:.0f}. "
        "Is the last loss far below 0.1? If it is, your own scores differ from those of the docstring",
    )  # fmt: skip


def test_train_cnn_reads_unseen_digits():
    """What counts: digits that no weight has ever seen."""
    found = right(trained(jax.random.key(0), X, Y), X_TEST, Y_TEST)
    check_that(
        trained, jax.random.key(0), X, Y, holds=lambda params: right(params, X_TEST, Y_TEST) >= 0.96,
        expected=f"at least 96 of 100 unseen digits read rightly; these weights read {100 * found:.1f}",
    )  # fmt: skip


def test_train_cnn_other_digits(rng):
    """Another key, and other names for the digits: what was a 3 may be a 7."""
    names, key = rng.permutation(10), jax.random.key(int(rng.integers(1, 10_000)))
    check_that(
        train_cnn, key, X, names[Y], holds=lambda params: right(params, X_TEST, names[Y_TEST]) >= 0.94,
        expected="at least 94 of 100 unseen digits read rightly",
        found=lambda params: f"It reads {100 * right(params, X_TEST, names[Y_TEST]):.1f}.",
    )  # fmt: skip
