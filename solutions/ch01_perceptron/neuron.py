"""Chapter 1, set 1: one neuron, by hand and in plain Python.

Replace each `raise NotImplementedError(…)` with your answer, save, and look:

    deepbook check neuron

Fair here: numpy (where nothing else is said), and what comes with Python. The weights of a neuron are W, its bias is b.
"""

import numpy as np


def by_hand():
    """Compute one neuron with pencil and paper.

    Its weights are W = (2, -1), its bias is b = 0.5, and its input is x = (1, 4).
    Return three numbers: the weighted sum z; what ReLU makes of z; what the step makes
    of z.

    Chapter 1: 01-perceptron.html#one-neuron
    """
    # BEGIN SOLUTION
    # z = 2·1 + (-1)·4 + 0.5
    return -1.5, 0.0, 0.0
    # END SOLUTION


def weighted_sum(W, x, b):
    """The weighted sum W·x + b, with a loop and without NumPy.

    W, x: lists of numbers, equally long. b: a number. Returns a number.
    Raises ValueError if the lists are not equally long.

    >>> weighted_sum([1, 2], [1, 3], 1)
    8

    Chapter 1: 01-perceptron.html#one-neuron
    """
    # BEGIN SOLUTION
    if len(W) != len(x):
        raise ValueError(f"weighted_sum: got {len(W)} weights for {len(x)} inputs; needs as many of both")
    z = b
    for weight, value in zip(W, x, strict=True):
        z += weight * value
    return z
    # END SOLUTION


def majority(n):
    """A neuron with n inputs that says yes when more than half of them are 1.

    The neuron answers 1 where W·x + b > 0, and 0 otherwise. For n = 4, two ones are not
    more than half.
    Returns (W, b): an array of shape (n,) and a number.

    Chapter 1: 01-perceptron.html#gates
    """
    # BEGIN SOLUTION
    return np.ones(n), -n / 2
    # END SOLUTION


def xor():
    """XOR out of three neurons: no single one can do it.

    x1 XOR x2 is 1 where just one of the two inputs is 1. Two neurons, the first and the
    second, see (x1, x2). The third sees the answers of the first two, (h1, h2). All
    three answer 1 where W·x + b > 0, otherwise 0.
    Returns three pairs: (W, b) of the first, of the second and of the third, each W an
    array of shape (2,).

    Chapter 1: 01-perceptron.html#the-gate-that-no-line-can-draw
    """
    # BEGIN SOLUTION
    either, not_both = (np.array([1, 1]), -0.5), (np.array([-1, -1]), 1.5)
    both_of_them = (np.array([1, 1]), -1.5)
    return either, not_both, both_of_them
    # END SOLUTION
