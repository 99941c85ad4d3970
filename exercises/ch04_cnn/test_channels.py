"""What chapter 4, set 2 asks for: forwards compared with one large sum, backwards with finite differences."""

import numpy as np
import pytest
from ch04_cnn.channels import conv_backward, conv_forward, depthwise, max_pool, max_pool_backward
from numpy.lib.stride_tricks import sliding_window_view

from deepbook.course.checks import check


def convolved(x, W, b):
    """The layer as one sum over the filter's rows i and columns j and over the channels c."""
    windows = sliding_window_view(x, W.shape[:2], axis=(1, 2))  # (batch, rows, columns, channels, h, w)
    return np.einsum("nrscij,ijck->nrsk", windows, W) + b


X = np.arange(1.0, 19).reshape(1, 3, 3, 2) % 7
W = np.array([3.0, -1, 0, 2, 1, 1, -2, 0, 0, 5, 1, -1, 2, 0, -3, 1]).reshape(2, 2, 2, 2)


def test_conv_forward_two_channels_two_filters():
    """One image of 3 × 3 with two channels, two filters of 2 × 2, and a bias for each."""
    b = np.array([0.5, -2.0])
    check(conv_forward, X, W, b, gives=convolved(X, W, b))


def test_conv_forward_of_one_pixel():
    """Filters of 1 × 1 mix the channels of each pixel, as a dense layer would."""
    x, W, b = (
        np.arange(6.0).reshape(1, 1, 2, 3),
        np.array([[1.0, -1], [10, 0], [100, 2]]).reshape(1, 1, 3, 2),
        np.zeros(2),
    )
    check(conv_forward, x, W, b, gives=(x.reshape(2, 3) @ W.reshape(3, 2)).reshape(1, 1, 2, 2))


@pytest.mark.parametrize("sizes", [(2, 5, 4, 3, 4, 3, 2), (3, 4, 6, 1, 2, 3, 3), (1, 3, 3, 4, 1, 3, 3)])
def test_conv_forward_random(rng, sizes):
    """Other numbers of images, rows, columns, channels and filters; filters that are no squares."""
    n, height, width, n_in, n_out, h, w = sizes
    x, W, b = rng.normal(size=(n, height, width, n_in)), rng.normal(size=(h, w, n_in, n_out)), rng.normal(size=n_out)
    check(conv_forward, x, W, b, gives=convolved(x, W, b))


def slopes(f, array, h=1e-4):
    """How f() changes with each number of `array`, by trying."""
    found = np.zeros(array.size)
    for i, kept in enumerate(array.ravel()):
        array.flat[i] = kept + h
        up = f()
        array.flat[i] = kept - h
        found[i] = (up - f()) / (2 * h)
        array.flat[i] = kept
    return found.reshape(array.shape)


def gradients(x, W, dy):
    x, W, b = x.copy(), W.copy(), np.zeros(W.shape[3])
    return tuple(slopes(lambda: np.sum(convolved(x, W, b) * dy), array) for array in (x, W, b))


def test_conv_backward_along_a_line():
    """Two images of one row, three pixels and one channel; one filter of two weights."""
    x = np.array([[1.0, 2, 3], [0, 5, -1]]).reshape(2, 1, 3, 1)
    W, dy = np.array([10.0, 20]).reshape(1, 2, 1, 1), np.array([[1.0, 5], [-2, 3]]).reshape(2, 1, 2, 1)
    check(conv_backward, x, W, dy, gives=gradients(x, W, dy))


def test_conv_backward_two_channels_two_filters():
    """An image of 3 × 3 with two channels, two filters of 2 × 2: no shape gives a wrong product away."""
    dy = np.array([1.0, 0, -1, 2, 3, 1, 0, -2]).reshape(1, 2, 2, 2)
    check(conv_backward, X, W, dy, gives=gradients(X, W, dy))


@pytest.mark.parametrize("sizes", [(3, 4, 5, 2, 3, 2, 3), (2, 3, 3, 3, 1, 3, 3), (1, 2, 4, 1, 2, 1, 1)])
def test_conv_backward_random(rng, sizes):
    """Other numbers of images, rows, columns, channels and filters."""
    n, height, width, n_in, n_out, h, w = sizes
    x, W = rng.normal(size=(n, height, width, n_in)), rng.normal(size=(h, w, n_in, n_out))
    dy = rng.normal(size=(n, height - h + 1, width - w + 1, n_out))
    check(conv_backward, x, W, dy, gives=gradients(x, W, dy))


def pooled(x, size):
    """Every size-th of the windows that overlap."""
    return sliding_window_view(x, (size, size), axis=(1, 2))[:, ::size, ::size].max((-2, -1))


def test_max_pool_two_by_two():
    """An image of 4 × 4 with two channels; some windows hold nothing but negative numbers."""
    first = np.array([[1, 2, -5, -3], [4, 0, -4, -9], [6, 6, 2, 1], [-1, 3, 0, 5]])
    second = np.array([[-8, -2, 7, 0], [-6, -7, 8, 9], [3, 1, -1, -2], [2, 4, -4, -6]])
    x = np.stack([first, second], axis=-1)[None]
    check(max_pool, x, 2, gives=pooled(x, 2))


def test_max_pool_with_a_rest():
    """Five rows and three columns: the last row and the last column fill no window."""
    x = np.array([[1, 2, 9], [0, 1, 9], [3, 0, 9], [5, 4, 9], [8, 8, 9]]).reshape(1, 5, 3, 1)
    check(max_pool, x, 2, gives=[[[[2]], [[5]]]])


@pytest.mark.parametrize("size", [1, 2, 3])
def test_max_pool_random(rng, size):
    """Three images, four channels, windows of other sizes."""
    x = rng.normal(size=(3, 6, 9, 4)) - 1
    check(max_pool, x, size, gives=pooled(x, size))


def test_max_pool_backward_with_a_tie():
    """Three windows of 2 × 2. In the first two the largest number stands there more than once."""
    x = np.array([[1.0, 5, 3, 3, 2, 0], [5, 2, 0, 3, 6, 1]]).reshape(1, 2, 6, 1)
    dy = np.array([10.0, -20, 7]).reshape(1, 1, 3, 1)
    wanted = np.array([[0, 10, -20, 0, 0, 0], [0, 0, 0, 0, 7, 0]]).reshape(x.shape)
    check(max_pool_backward, x, dy, 2, gives=wanted)


def test_max_pool_backward_with_a_rest():
    """Three rows: the last one fills no window, and has a gradient all the same."""
    x = np.array([[1.0, 4], [2, 3], [9, 9]]).reshape(1, 3, 2, 1)
    check(
        max_pool_backward,
        x,
        np.array([5.0]).reshape(1, 1, 1, 1),
        2,
        gives=np.array([0, 5, 0, 0, 0, 0]).reshape(x.shape),
    )


def test_max_pool_backward_of_channels():
    """Two channels, each with its largest number elsewhere."""
    x = np.array([[1.0, 8], [6, 2], [3, 0], [4, 5]]).reshape(1, 2, 2, 2)
    dy = np.array([10.0, 1]).reshape(1, 1, 1, 2)
    check(max_pool_backward, x, dy, 2, gives=np.array([[0, 1], [10, 0], [0, 0], [0, 0]]).reshape(x.shape))


@pytest.mark.parametrize("size", [1, 2, 3])
def test_max_pool_backward_random(rng, size):
    """No two numbers alike: compared with finite differences."""
    x = rng.permutation(2 * 4 * 7 * 2).reshape(2, 4, 7, 2) / 10
    dy = rng.normal(size=pooled(x, size).shape)
    moved = x.copy()
    check(max_pool_backward, x, dy, size, gives=slopes(lambda: np.sum(pooled(moved, size) * dy), moved))


def separable(x, D, P):
    """The same as one ordinary convolution: its filter k has the weights D[..., c] · P[c, k]."""
    return convolved(x, np.einsum("ijc,ck->ijck", D, P), 0)


def test_depthwise_two_channels():
    """An image of 3 × 3 with two channels, two outputs: every filter is 2 × 2."""
    D, P = np.array([3.0, -1, 0, 2, 1, 1, -2, 4]).reshape(2, 2, 2), np.array([[1.0, 2], [-3, 0]])
    check(depthwise, X, D, P, gives=separable(X, D, P))


@pytest.mark.parametrize("sizes", [(2, 5, 4, 3, 5, 3, 2), (3, 4, 4, 4, 1, 2, 3), (1, 2, 6, 1, 3, 1, 1)])
def test_depthwise_random(rng, sizes):
    """Other numbers of images, rows, columns, channels and outputs."""
    n, height, width, channels, n_out, h, w = sizes
    x, D, P = (
        rng.normal(size=(n, height, width, channels)),
        rng.normal(size=(h, w, channels)),
        rng.normal(size=(channels, n_out)),
    )
    check(depthwise, x, D, P, gives=separable(x, D, P))
