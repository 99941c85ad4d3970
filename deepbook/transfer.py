"""Chapter 5: transfer learning. What one network has learned, put to use in another.

Symbols, the same throughout the chapter:
    backbone   the first layers of a trained network, which turn x into features; frozen, or trained with care
    head       the last layers, new for the new task
    flags      True for a layer that learns, False for a frozen one; nested as the model is: `fit(..., trainable=flags)`
    n          how many: layers, counted from the front by `cut`, from the top by `thaw`; examples of each class
"""

import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jax
import numpy as np

from deepbook import weights
from deepbook.data import generator
from deepbook.layers import Frozen, Layer, Sequential, label
from deepbook.losses import accuracy
from deepbook.optim import Adam
from deepbook.train import evaluate, fit

# ------------------------------------------------------------------ which layers


def cut(model, n):
    """A model in two: (backbone, head), the first n layers and the rest.

    Cut its parameters alike: params[:n] are the backbone's, params[n:] the head's.

    model: a Sequential. n: from 1 to one less than it has layers; negative, counted from the end: −1 cuts the last off.
    Raises ValueError if a part would be empty. Chapter 5, "Features".

    >>> from deepbook.layers import Dense, Relu
    >>> backbone, head = cut(Sequential([Dense(8), Relu(), Dense(2)]), 2)
    >>> [layer.n_out for layer in head.layers]
    [2]
    """
    layers = _layers("cut", model)
    if not 0 < (n if n >= 0 else n + len(layers)) < len(layers):
        raise ValueError(
            f"cut: got n={n} for {len(layers)} layers; needs one in each part at least; "
            f"try n={len(layers) - 1} for all but the last"
        )
    return Sequential(layers[:n]), Sequential(layers[n:])


def thaw(model, n):
    """The flags for `fit(..., trainable=)` with which only the last n layers learn, of those that have parameters.

    model: a Sequential; those in it are counted layer by layer, any other layer (a Residual, a Fire) as one.
    Layers without parameters are frozen with the part before them: a Dropout before the thawed part is off.
    Returns True or False, or a tuple of flags. Raises ValueError if n is more than there are, or below 0.
    Chapter 5, "Fine-tuning".

    >>> from deepbook.layers import Dense, Relu
    >>> thaw(Sequential([Dense(8), Relu(), Dense(4), Relu(), Dense(2)]), 2)
    (False, False, True, True, True)
    """
    _layers("thaw", model)
    most = _weighted(model)
    if not 0 <= n <= most:
        raise ValueError(f"thaw: got n={n}; needs 0 to {most}, as many as have parameters in this model; try n=1")
    return _flags(model, n)


def _flags(model, n):
    """The flags of a layer in which the last n with parameters learn; n may be more than it has."""
    if not isinstance(model, Sequential):
        return n > 0 and not isinstance(model, Frozen)
    flags = []
    for layer in reversed(model.layers):
        flags.append(_flags(layer, n))
        n = max(n - _weighted(layer), 0)
    return flags[0] if len({*flags}) == 1 and isinstance(flags[0], bool) else tuple(reversed(flags))


def _weighted(layer):
    """How many layers with parameters there are in a layer: a layer has some if it says how to make them."""
    if isinstance(layer, Sequential):
        return sum(map(_weighted, layer.layers))
    return int(type(layer).init is not Layer.init and not isinstance(layer, Frozen))


def _layers(name, model):
    if not isinstance(model, Sequential):
        raise ValueError(f"{name}: got {label(model)}; needs a Sequential; try Sequential([{label(model)}, Dense(2)])")
    return model.layers


# ------------------------------------------------------------------ rates by depth


@dataclass(frozen=True)
class ByDepth:
    """An optimizer whose steps are longer in some layers than in others: each layer's updates times its rate.

    optimizer: any, such as Adam(1e-3). It scales updates and not gradients, which Adam would scale back.
    rates: a number, or one for each layer of a Sequential, nested as the model is; `by_depth` makes them. A rate of 0
    leaves the weights where they are, but their gradient is computed, and a BatchNorm goes on looking: see `thaw`.
    Raises ValueError for negative rates, and in `update` if there are more or fewer than layers.
    Chapter 5, "Rates by depth"; Howard and Ruder (2018).

    >>> from deepbook.layers import Dense, Relu
    >>> ByDepth(Adam(1e-3), by_depth(Sequential([Dense(8), Relu(), Dense(2)]), 0.1)).rates
    (0.1, 1.0, 1.0)
    """

    optimizer: Adam
    rates: Any

    def __post_init__(self):
        object.__setattr__(self, "rates", _rates(self.rates))

    def init(self, params):
        return self.optimizer.init(params)

    def update(self, grads, opt_state, params=None):
        updates, opt_state = self.optimizer.update(grads, opt_state, params)
        return _scaled(self.rates, updates), opt_state


def by_depth(model, factor):
    """The rates for `ByDepth`: 1 for the last layer that has parameters, and `factor` times less for each one before.

    model: a Sequential; its layers are counted as by `thaw`. factor: above 0 and up to 1, such as 0.5.
    Returns a tuple of numbers, nested as the model is. Raises ValueError for another factor.
    """
    _layers("by_depth", model)
    if not 0 < factor <= 1:
        raise ValueError(f"by_depth: got factor={factor}; needs a number above 0 and up to 1; try 0.5")
    return _depths(model, factor, 0)


def _depths(model, factor, above):
    """The rates of a layer with so many layers above it."""
    if not isinstance(model, Sequential):
        # one without parameters stands with the one above it
        return float(factor) ** (above if _weighted(model) else max(above - 1, 0))
    rates = []
    for layer in reversed(model.layers):
        rates.append(_depths(layer, factor, above))
        above += _weighted(layer)
    return tuple(reversed(rates))


def _rates(rates):
    if isinstance(rates, list | tuple):
        return tuple(map(_rates, rates))
    if not 0 <= rates < float("inf"):
        raise ValueError(f"ByDepth: got the rate {rates}; needs numbers from 0 up; try 0.1")
    return float(rates)


def _scaled(rates, updates):
    if isinstance(rates, float):
        return jax.tree.map(lambda u: rates * u, updates)
    if not isinstance(updates, tuple | list) or len(rates) != len(updates):
        n = len(updates) if isinstance(updates, tuple | list) else 1
        raise ValueError(
            f"ByDepth: got {len(rates)} rates for {n} layers; needs one for each, nested as the model is; "
            "try by_depth(model, 0.5)"
        )
    return tuple(map(_scaled, rates, updates))


# ------------------------------------------------------------------ features, computed once


def features(backbone, params, x, file=None, *, prepare=None, batch_size=50):
    """What a frozen backbone makes of x: computed once, so that each epoch of a head costs next to nothing.

    backbone, params: a layer and its parameters. x: (examples, ...), all of them.
    file: where to keep the features; a file that was made by the same backbone of the same x is read instead.
    prepare: a function for each batch before the backbone, such as `for_squeezenet`; it is part of what is compared.
    Returns a NumPy array, a row for each example. Raises ValueError if `file` is there and holds something else than
    features, so that nothing is overwritten. Chapter 5, "Features".

    Not for training that changes x on the way, as augment does: there the backbone has to see each new x.
    """
    x = np.asarray(x)
    if not len(x):
        raise ValueError("features: got no examples; needs one at least; try x[:1]")
    mark = _fingerprint(backbone, params, x, prepare) if file is not None else ""
    if file is not None and (kept := _kept(file, mark)) is not None:
        return kept
    size, parts = min(batch_size, len(x)), []
    for first in range(0, len(x), size):
        rows = np.arange(first, first + size) % len(x)  # the last batch is filled up: one shape, one compilation
        parts.append(_outputs(backbone, prepare, params, x[rows]))
    seen = np.concatenate(parts)[: len(x)]
    if file is not None:
        weights.write(file, {"features": seen}, {"made of": mark})
    return seen


@partial(jax.jit, static_argnames=("backbone", "prepare"))
def _outputs(backbone, prepare, params, x):
    return backbone.apply(params, x if prepare is None else prepare(x))


def _fingerprint(backbone, params, x, prepare):
    """A hash of all that the features depend on; of `prepare`, what it does with two examples."""
    arrays = weights.named(params) | {"x": x}
    if prepare is not None:
        arrays["prepared"] = np.asarray(prepare(x[:2]))
    found = hashlib.sha256(label(backbone).encode())
    for name, array in arrays.items():
        found.update(f"{name} {array.shape} {array.dtype}".encode())
        found.update(np.ascontiguousarray(array))
    return found.hexdigest()


def _kept(file, mark):
    """The features in a file, if they were made of the same; None if they were not, or there is no file."""
    if not Path(file).exists():
        return None
    with weights.opened(file, "features") as opened:
        notes = opened.metadata() or {}
        if "made of" not in notes or set(opened.keys()) != {"features"}:
            raise ValueError(
                f"features: got {file}, which holds something else; needs a file of its own; try another path"
            )
        return opened.get_tensor("features") if notes["made of"] == mark else None


# ------------------------------------------------------------------ few examples


def few(key, x, y, n):
    """n examples of each class, drawn at random: (x, y), in mixed order.

    key: from `jax.random.key`; with the same key, those for a larger n contain those for a smaller.
    x: (examples, ...). y: (examples,) integers. Raises ValueError if a class has fewer than n.
    Chapter 5, "Few examples".

    >>> few(jax.random.key(0), np.arange(6), np.array([0, 0, 0, 1, 1, 1]), 2)[1].tolist().count(1)
    2
    """
    y = np.asarray(y)
    classes, sizes = np.unique(y, return_counts=True)
    if not 1 <= n <= sizes.min():
        least = classes[sizes.argmin()]
        raise ValueError(
            f"few: got n={n}; needs 1 to {sizes.min()}, as many as class {least} has; try a smaller n, or more data"
        )
    order = generator(key).permutation(len(y))
    rows = np.concatenate([order[y[order] == c][:n] for c in classes])
    rows = order[np.isin(order, rows)]
    return np.asarray(x)[rows], y[rows]


def few_shot_curve(
    model, params, train, test, *, key, shots=(1, 2, 5, 10), repeats=3, epochs=20, batch_size=32, **settings
):
    """How good a model becomes with few examples: its accuracy on `test` after training on n of each class.

    params:  where each training starts: parameters, or a function that makes them from a key, for one from scratch.
    train, test: (x, y). The same key draws the same examples, whatever the model: compare two curves pair by pair.
    shots:   the numbers n. repeats: how often, each time with other examples.
    epochs, batch_size, settings: for `fit`, such as optimizer and trainable. Few examples are repeated until they are
    as many as those of the largest n, so that each n gets equally many steps.
    Returns a NumPy array (shots, repeats) of accuracies. Chapter 5, "Few examples".
    """
    most = max(shots) * len(np.unique(train[1]))
    scores = np.zeros((len(shots), repeats))
    for j, one in enumerate(jax.random.split(key, repeats)):
        few_key, start_key, fit_key = jax.random.split(one, 3)
        for i, n in enumerate(shots):
            rows = few(few_key, np.arange(len(train[1])), train[1], n)[0]
            rows = np.resize(rows, most)
            start = params(start_key) if callable(params) else params
            data = train[0][rows], train[1][rows]
            learned, _ = fit(
                model, start, data, key=fit_key, epochs=epochs, batch_size=batch_size, progress=False, **settings
            )
            scores[i, j] = evaluate(model, learned, test, metrics=(accuracy,))["accuracy"]
    return scores
