"""What chapter 5, set 1 asks for. `check` calls your function and compares; see deepbook.course.checks."""

import jax
import numpy as np
import pytest
from ch05_transfer.features import nearest_mean, pool_features, prepare, trained_numbers

from deepbook.cnn import Conv, GlobalAvgPool, MaxPool
from deepbook.course.checks import check
from deepbook.layers import BatchNorm, Dense, Flatten, Relu, Sequential, count

BACKBONE = [Conv(4, (3, 3)), Relu(), MaxPool((2, 2)), Conv(8, (3, 3), bias=False), BatchNorm(), Relu()]


def numbers_of(layers):
    """How many numbers each layer holds, without computing any of them."""
    x = jax.ShapeDtypeStruct((1, 12, 12, 3), np.float32)
    return [count(each) for each in jax.eval_shape(Sequential(layers).init, jax.random.key(0), x)]


def test_trained_numbers():
    """The same network, built of the book's layers and counted."""
    frozen = sum(numbers_of(BACKBONE))
    pooled, flat = (numbers_of([*BACKBONE, layer, Dense(2)])[-1] for layer in (GlobalAvgPool(), Flatten()))
    check(trained_numbers, gives=(frozen, pooled, flat), secret=True)


def as_it_was_trained(x, mean):
    """Pixel by pixel: what is wanted of each of the three colours."""
    blue, green, red = (255 * x[..., i] - mean[2 - i] for i in (2, 1, 0))
    return np.stack([blue, green, red], axis=-1)


def test_prepare_worked():
    """Two photos of two by two pixels."""
    x = np.arange(24).reshape(2, 2, 2, 3) ** 2 / 529
    mean = np.array([104.0, 117.0, 123.0])
    check(prepare, x, mean, gives=as_it_was_trained(x, mean))


def test_prepare_three_by_three(rng):
    """Three by three pixels with three colours: a turned axis does not show in the shape."""
    x, mean = rng.random((1, 3, 3, 3)), rng.uniform(90, 130, size=3)
    check(prepare, x, mean, gives=as_it_was_trained(x, mean))


def test_prepare_a_dark_photo():
    """A black photo must not come out as if it were a grey one: the means are the network's, not the photo's."""
    check(prepare, np.zeros((1, 1, 2, 3)), np.array([1.0, 2.0, 3.0]), gives=[[[[-1, -2, -3], [-1, -2, -3]]]])


def over_the_photos(maps, sizes):
    """The same with weights: 1 where the photo is, 0 where it was filled up."""
    _, height, width, _ = maps.shape
    here = (np.arange(height) < sizes[:, :1])[:, :, None] & (np.arange(width) < sizes[:, 1:])[:, None]
    return np.einsum("nhwc,nhw->nc", maps, here / here.sum(axis=(1, 2), keepdims=True))


MAPS = (np.arange(48) * 7 % 31).reshape(2, 4, 3, 2) / 2


def test_pool_features_worked():
    """Two photos, of 3 × 1 and of 2 × 2, in maps of 4 × 3 with two channels."""
    sizes = np.array([[3, 1], [2, 2]])
    check(pool_features, MAPS, sizes, gives=over_the_photos(MAPS, sizes))


def test_pool_features_nothing_filled_up():
    """A batch of photos of one size: plain global average pooling."""
    maps = np.array([[[[1.0, 5.0], [3.0, 9.0]]]])
    check(pool_features, maps, np.array([[1, 2]]), gives=[[2, 7]])


@pytest.mark.parametrize("shape", [(4, 5, 6, 3), (1, 1, 1, 1), (3, 7, 2, 5)])
def test_pool_features_random(rng, shape):
    """Other batches, with other numbers of channels."""
    maps = rng.normal(size=shape)
    sizes = np.stack([rng.integers(1, 1 + side, size=shape[0]) for side in shape[1:3]], axis=1)
    check(pool_features, maps, sizes, gives=over_the_photos(maps, sizes))


def by_scores(features, y, asked):
    """The nearest mean is also the one with the highest score 2 m·x − m·m: a Dense layer, in fact."""
    sums = np.array([(y == label) @ features for label in sorted(set(y.tolist()))])
    m = sums / np.array([(y == label).sum() for label in sorted(set(y.tolist()))])[:, None]
    return np.array(sorted(set(y.tolist())))[np.argmax(2 * asked @ m.T - (m * m).sum(axis=1), axis=1)]


FEATURES = np.array([[1.0, 1.0], [1.0, 4.0], [4.0, 1.0], [6.0, 6.0], [6.0, 3.0], [9.0, 2.0]])
LABELS = np.array([9, 9, 9, 5, 5, 7])
ASKED = np.array([[3.5, 3.5], [1.0, 1.0], [9.0, 9.0], [3.0, 0.0], [8.0, 4.0], [4.5, 0.5], [1.0, 8.0], [7.0, 1.0]])


def test_nearest_mean_worked():
    """Three classes of different sizes, with two features, and eight examples in question."""
    check(nearest_mean, FEATURES, LABELS, ASKED, gives=by_scores(FEATURES, LABELS, ASKED))


def test_nearest_mean_one_example_each(rng):
    """With one example a class, it is the nearest example."""
    features, asked = rng.normal(size=(5, 3)), rng.normal(size=(9, 3))
    y = rng.permutation([5, 6, 7, 8, 9])
    check(nearest_mean, features, y, asked, gives=by_scores(features, y, asked))


def test_nearest_mean_random(rng):
    """More examples, more features; the labels come as they come."""
    y = rng.permutation([2, 2, 2, 3, 3, 8, 8, 8, 8, 4])
    features, asked = rng.normal(size=(10, 6)) + y[:, None] / 2, rng.normal(size=(30, 6)) + 2
    check(nearest_mean, features, y, asked, gives=by_scores(features, y, asked))
