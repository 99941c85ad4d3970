"""What chapter 2, set 3 asks for."""

from itertools import pairwise

import numpy as np
import pytest
from ch02_mlp.backprop import backward, dense_backward, graph_by_hand, numerical_gradient

from deepbook.course.checks import check


def slopes(f, array, h=1e-6):
    """How f() changes with each number of `array`, by trying."""
    found = np.zeros(array.size)
    for i, kept in enumerate(array.ravel()):
        array.flat[i] = kept + h
        up = f()
        array.flat[i] = kept - h
        found[i] = (up - f()) / (2 * h)
        array.flat[i] = kept
    return found.reshape(array.shape)


def test_graph_by_hand():
    """Forwards, then backwards: four numbers."""
    inputs = np.array([2.0, 3.0, -1.0])

    def f():
        a, b, c = inputs
        return np.maximum(a * b + c, 0) * a

    check(graph_by_hand, gives=(f(), *slopes(f, inputs)), secret=True)


def gradients_of_a_layer(x, W, dz):
    b = np.zeros(W.shape[1])
    return tuple(slopes(lambda: np.sum((x @ W + b) * dz), array) for array in (x, W, b))


def test_dense_backward_as_wide_as_deep():
    """Three examples, three inputs, three outputs: no shape gives a wrong product away."""
    x = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, -1.0], [3.0, 0.0, 1.0]])
    W = np.array([[1.0, 0.0, 2.0], [-1.0, 1.0, 0.0], [0.0, 3.0, 1.0]])
    dz = np.array([[1.0, 0.0, -1.0], [0.0, 2.0, 1.0], [1.0, 1.0, 0.0]])
    check(dense_backward, x, W, dz, gives=gradients_of_a_layer(x, W, dz))


@pytest.mark.parametrize("sizes", [(5, 3, 2), (1, 2, 4)])
def test_dense_backward_of_any_shape(rng, sizes):
    """Another batch, other numbers of inputs and outputs."""
    batch, n_in, n_out = sizes
    x, W, dz = rng.normal(size=(batch, n_in)), rng.normal(size=(n_in, n_out)), rng.normal(size=(batch, n_out))
    check(dense_backward, x, W, dz, gives=gradients_of_a_layer(x, W, dz))


def mean_surprise(params, x, y):
    h = x
    for W, b in params:
        z = h @ W + b
        h = np.maximum(z, 0)
    return np.mean([-np.log(np.e ** row[label] / np.sum(np.e**row)) for row, label in zip(z, y, strict=True)])


def tried(params, x, y):
    """The gradient by every W and b, by trying."""
    return [tuple(slopes(lambda: mean_surprise(params, x, y), array) for array in layer) for layer in params]


def network(rng, *sizes):
    return [(rng.normal(size=(n, m)), 0.3 * rng.normal(size=m)) for n, m in pairwise(sizes)]


def test_backward_one_layer(rng):
    """A single layer: scores, softmax, cross-entropy, and no ReLU."""
    params, x, y = network(rng, 3, 3), rng.normal(size=(4, 3)), np.array([2, 0, 1, 1])
    check(backward, params, x, y, gives=tried(params, x, y))


def test_backward_two_layers(rng):
    """One hidden layer of ReLUs: some are on and some are off."""
    params, x, y = network(rng, 3, 3, 3), rng.normal(size=(6, 3)), np.array([2, 0, 1, 1, 0, 2])
    check(backward, params, x, y, gives=tried(params, x, y))


def test_backward_three_layers(rng):
    """One layer more, as wide as the others."""
    params, x, y = network(rng, 3, 3, 3, 3), rng.normal(size=(6, 3)), np.array([1, 0, 1, 2, 0, 2])
    check(backward, params, x, y, gives=tried(params, x, y))


def test_backward_layers_of_many_sizes(rng):
    """Four layers, each of another size, and five classes."""
    params, x, y = network(rng, 2, 6, 4, 3, 5), rng.normal(size=(7, 2)), rng.integers(5, size=7)
    check(backward, params, x, y, gives=tried(params, x, y))


def weights(x):
    return np.arange(1, x.size + 1).reshape(x.shape)


def cube(x):
    """(1·x[0] + 2·x[1] + 3·x[2] + …)³: how it changes with one number depends on all the others."""
    return float(np.sum(weights(x) * x)) ** 3


def differences_of_cube(x, h):
    # ((s + wh)³ - (s - wh)³) / 2h = w (3s² + w²h²): with a large h the last term shows
    w, s = weights(x), np.sum(weights(x) * x)
    return w * (3 * s**2 + w**2 * h**2)


def test_numerical_gradient_of_a_matrix():
    """Six numbers in two rows, and a large h, so that the way of taking the difference shows."""
    x, h = np.array([[1.0, -2.0, 0.5], [0.25, 3.0, -1.5]]), 0.5
    check(numerical_gradient, cube, x, h, gives=differences_of_cube(x, h))


def test_numerical_gradient_of_a_vector(rng):
    """A vector, and a small h."""
    x, h = rng.integers(-16, 16, size=5) / 8, 2.0**-10
    check(numerical_gradient, cube, x, h, gives=differences_of_cube(x, h))


def test_numerical_gradient_of_three_axes(rng):
    """An array of shape (2, 2, 3)."""
    x, h = rng.integers(-16, 16, size=(2, 2, 3)) / 8, 0.25
    check(numerical_gradient, cube, x, h, gives=differences_of_cube(x, h))
