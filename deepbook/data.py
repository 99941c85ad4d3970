"""The data sets that come with the install: real digits and tables, and points made to order.

Every loader gives NumPy arrays in the layouts of the book: images are (batch, height, width, channel),
tables (batch, features); x is float32 and y holds integer classes.
"""

import difflib
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import jax
import numpy as np


class Data(NamedTuple):
    """A data set, cut in two: `train` to learn from, `test` to be asked about only at the end.

    train, test: pairs (x, y) of arrays. classes: the name of each class; empty for a regression.
    """

    train: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]
    classes: tuple[str, ...]


def names() -> tuple[str, ...]:
    """What `load` knows."""
    return tuple(LOADERS)


@cache
def load(name: str) -> Data:
    """A data set by its name, always cut in the same way; nothing is downloaded.

    "digits":        x (batch, 8, 8, 1) in [0, 1]; 1,437 and 360 handwritten digits (Alpaydin and Kaynak, 1998)
    "iris":          x (batch, 4), in cm; three kinds of iris (Fisher, 1936)
    "wine":          x (batch, 13), chemical analyses of three growers' wines (Aeberhard et al., 1992)
    "breast_cancer": x (batch, 30), measures of cell nuclei; 0 malignant, 1 benign (Street et al., 1993)
    "diabetes":      x (batch, 10); y is a number, the disease's progress after a year (Efron et al., 2004)
    "moons":         x (batch, 2), two half-moons that no line separates

    The arrays are read-only: copy before you write into one.
    Raises ValueError, with the nearest name, if there is no such data set.

    >>> (x, y), test, classes = load("digits")
    >>> x.shape, y.shape, len(classes)
    ((1437, 8, 8, 1), (1437,), 10)
    """
    if name not in LOADERS:
        near = difflib.get_close_matches(str(name), LOADERS, n=1)
        advice = f'try "{near[0]}"' if near else "`deepbook data list` shows them"
        raise ValueError(f'load: got "{name}"; needs one of {", ".join(LOADERS)}; {advice}')
    data = LOADERS[name]()
    for array in (*data.train, *data.test):
        array.flags.writeable = False
    return data


def gate(name: str) -> tuple[np.ndarray, np.ndarray]:
    """The truth table of a logic gate: x, all inputs of 0 and 1, and y, what the gate answers.

    name: "NOT" (one input) or "AND", "OR", "NAND", "NOR", "XOR" (two inputs).
    Returns x (4, 2) and y (4,); for NOT (2, 1) and (2,). Both float32.
    Raises ValueError for another name. Chapter 1, "Gates".

    >>> gate("AND")[1].tolist()
    [0.0, 0.0, 0.0, 1.0]
    """
    if name == "NOT":
        return np.float32([[0], [1]]), np.float32([1, 0])
    if name not in GATES:
        raise ValueError(f'gate: got "{name}"; needs NOT, {", ".join(GATES)}; try "XOR"')
    x = np.float32([[0, 0], [0, 1], [1, 0], [1, 1]])
    return x, np.float32([GATES[name](a, b) for a, b in x.astype(bool)])


GATES: dict[str, Callable[[bool, bool], bool]] = {
    "AND": lambda a, b: a and b,
    "OR": lambda a, b: a or b,
    "NAND": lambda a, b: not (a and b),
    "NOR": lambda a, b: not (a or b),
    "XOR": lambda a, b: a != b,
}


def blobs(key, n=100, centers=((-1.0, -1.0), (1.0, 1.0)), spread=0.5):
    """Round clouds of points, one cloud a class, in mixed order.

    key: from `jax.random.key`. n: points in all. centers: the middle of each cloud. spread: its standard deviation.
    Returns x (n, features), float32, and y (n,), int32.
    """
    rng = _generator(key)
    y = rng.permutation(np.arange(n) % len(centers))
    x = np.asarray(centers)[y] + spread * rng.normal(size=(n, np.shape(centers)[1]))
    return x.astype(np.float32), y.astype(np.int32)


def moons(key, n=200, noise=0.1):
    """Two half-moons, each with a tip in the bend of the other: no line separates them.

    key: from `jax.random.key`. n: points in all. noise: the standard deviation of each point's shift.
    Returns x (n, 2), float32, and y (n,), int32: 0 for the upper moon and 1 for the lower.
    """
    rng = _generator(key)
    y = rng.permutation(np.arange(n) % 2)
    angle = np.pi * rng.random(n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    x = np.where(y[:, None] == 0, upper, lower) + noise * rng.normal(size=(n, 2))
    return x.astype(np.float32), y.astype(np.int32)


def _generator(key) -> np.random.Generator:
    """NumPy's random numbers from a JAX key: the same on every machine, and nothing is compiled for them."""
    return np.random.default_rng(np.asarray(jax.random.key_data(key)))


def _split(x, y, classes, n_test):
    """The last `n_test` of a fixed shuffle are the test set."""
    order = np.random.default_rng(0).permutation(len(x))
    x, y = x[order], y[order]
    return Data((x[:-n_test], y[:-n_test]), (x[-n_test:], y[-n_test:]), tuple(str(name) for name in classes))


def _digits():
    from sklearn.datasets import load_digits

    table = load_digits()
    return _split(table.images[..., None].astype(np.float32) / 16, table.target.astype(np.int32), range(10), 360)


def _table(name):
    from sklearn import datasets

    table = getattr(datasets, f"load_{name}")()
    x, classes = table.data.astype(np.float32), table.get("target_names", ())
    y = table.target.astype(np.int32 if len(classes) else np.float32)
    return _split(x, y, classes, n_test=len(x) // 5)


def _moons():
    x, y = moons(jax.random.key(0), 500)
    return _split(x, y, ("upper", "lower"), n_test=100)


LOADERS: dict[str, Callable[[], Data]] = {
    "digits": _digits,
    "iris": lambda: _table("iris"),
    "wine": lambda: _table("wine"),
    "breast_cancer": lambda: _table("breast_cancer"),
    "diabetes": lambda: _table("diabetes"),
    "moons": _moons,
}
