import operator

import numpy as np

GATES = {"or": np.array([1.0, 1.0, -0.5]), "nand": np.array([-1.0, -1.0, 1.5]), "and": np.array([1.0, 1.0, -1.5])}


def by_hand():
    z = np.dot(np.array([2.0, -1.0]), np.array([1.0, 4.0])) + 0.5
    return z, np.maximum(z, 0.0), np.heaviside(z, 0.0)


def weighted_sum(W, x, b):
    if len(W) - len(x):
        raise ValueError(f"lengths {len(W)} and {len(x)}")
    return sum(map(operator.mul, W, x)) + b


def majority(n):
    return np.full(n, 1.0 / n), np.float64(-0.5)


def xor():
    return tuple((GATES[name][:2], GATES[name][2]) for name in ("or", "nand", "and"))
