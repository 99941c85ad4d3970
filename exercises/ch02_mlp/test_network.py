"""What chapter 2, set 1 asks for."""

from itertools import pairwise

import numpy as np
import pytest
from ch02_mlp.network import curve, forward, layers_by_hand

from deepbook.course.checks import check


def test_layers_by_hand():
    """Two hidden units, then the output: three numbers."""
    W1, b1 = np.array([[1, -2], [3, 1]]), np.array([-1, 1])
    (h1, h2) = hidden = np.maximum(np.array([2, 1]) @ W1 + b1, 0)
    check(layers_by_hand, gives=(h1, h2, hidden @ np.array([2, 3]) - 10), secret=True)


def relu_units(t, x):
    """What the hidden units give for the inputs t: (inputs, units), and a 1 for c."""
    return np.c_[np.maximum(t[:, None] - x, 0), np.ones(len(t))]


def through(x, y):
    """v and c from a system of equations: the curve meets every point, and is level after the last one."""
    solved = np.linalg.solve(relu_units(np.r_[x, x[-1] + 1], x), np.r_[y, y[-1]])
    return solved[:-1], solved[-1]


def test_curve_with_a_shelf():
    """Up from 1 to 3, level for a while, then steeply down to 0."""
    x, y = np.array([0.0, 1.0, 3.0, 3.5]), np.array([1.0, 3.0, 3.0, 0.0])
    check(curve, x, y, gives=through(x, y))


def test_curve_that_is_a_bump():
    """The bump of the chapter: 0, then 2 between 1 and 2, then 0 again. Many bumps make any curve."""
    x, y = np.array([0.5, 1.0, 2.0, 2.25]), np.array([0.0, 2.0, 2.0, 0.0])
    check(curve, x, y, gives=through(x, y))


def test_curve_that_is_xor():
    """Let t be x1 + x2. Then XOR is the curve through (0, 0), (1, 1) and (2, 0)."""
    x, y = np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 0.0])
    check(curve, x, y, gives=through(x, y))


@pytest.mark.parametrize("points", [2, 12])
def test_curve_through_random_points(rng, points):
    """Any points will do."""
    x, y = np.cumsum(rng.uniform(0.3, 1.0, points)), rng.normal(size=points)
    check(curve, x, y, gives=through(x, y))


def answer(params, x):
    """The network once more, for one example, unit by unit."""
    for W, b in params:
        z = [sum(weight * number for weight, number in zip(unit, x, strict=True)) for unit in W.T]
        sums = [each + bias for each, bias in zip(z, b, strict=True)]
        x = [each if each > 0 else 0 for each in sums]
    return sums


def answers(params, x):
    return [answer(params, example) for example in x]


def network(rng, *sizes):
    return [(rng.normal(size=(n, m)), rng.normal(size=m)) for n, m in pairwise(sizes)]


def test_forward_three_layers():
    """Three layers of two units: some of the hidden sums are negative, and so are some of the outputs."""
    first = np.array([[1.0, -2.0], [3.0, 1.0]]), np.array([-1.0, 1.0])
    second = np.array([[2.0, -1.0], [3.0, 1.0]]), np.array([-7.0, 0.5])
    third = np.array([[1.0, -1.0], [0.5, 2.0]]), np.array([0.25, -1.0])
    x = np.array([[2.0, 1.0], [-1.0, 0.5], [0.5, -1.0]])
    check(forward, [first, second, third], x, gives=answers([first, second, third], x))


def test_forward_two_layers(rng):
    """One hidden layer."""
    params, x = network(rng, 3, 4, 2), rng.normal(size=(4, 3))
    check(forward, params, x, gives=answers(params, x))


def test_forward_layers_of_many_sizes(rng):
    """Five layers, each of another size."""
    params, x = network(rng, 2, 5, 4, 6, 3, 1), rng.normal(size=(7, 2))
    check(forward, params, x, gives=answers(params, x))


def test_forward_a_single_layer(rng):
    """Without hidden layers nothing is cut off: the first layer is the last one."""
    params, x = network(rng, 3, 2), rng.normal(size=(5, 3))
    check(forward, params, x, gives=answers(params, x))


def test_forward_one_example(rng):
    """A single example, of shape (features,)."""
    params, x = network(rng, 3, 4, 2), rng.normal(size=3)
    check(forward, params, x, gives=answer(params, x))
