"""Chapter 2: layers, as recipes.

A layer is a frozen recipe: it never changes and holds no numbers. `init` makes its parameters, `apply` uses them:
    params  plain data: a dict of arrays for a layer, a tuple of those for a Sequential
    x       (batch, features) or (batch, height, width, channels), the layer's input
    key     from jax.random.key; where it is given, the layer is being trained; without it `apply` is deterministic
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from deepbook import activations
from deepbook.mlp import he, zeros


class Masked(NamedTuple):
    """Sequences of unequal length, padded to one: the numbers, and which steps are there. Chapter 6, "Masks".

    x: (batch, time, ...). mask: (batch, time), True where there is something.
    """

    x: jax.Array
    mask: jax.Array


class Layer:
    """What every layer can do. One without parameters needs to say only `apply`.

    To write your own, make it a frozen dataclass, so that equal recipes are compiled once.
    takes_mask: True for a layer that wants a Masked as it is. The others get its numbers; the mask goes past them.
    """

    takes_mask = False

    def init(self, key, x):
        """The parameters to start from. x: a batch of one example or more; only its shape is used."""
        return {}

    def apply(self, params, x, key=None):
        """The output for a batch x. A key means training."""
        raise NotImplementedError(f"{label(self)}: write apply(self, params, x, key=None)")

    def observe(self, params, x, key):
        """What a layer learns by looking at a batch, not from a gradient: new params. Most layers learn nothing so."""
        return params

    def check(self, x):
        """Raises ValueError for values that the layer cannot take; `fit` asks before it compiles. Most take any."""


@dataclass(frozen=True)
class Sequential(Layer):
    """Layers one after the other: the output of each is the input of the next.

    layers: a list of layers; it becomes a tuple. Its params are a tuple, one entry a layer.
    Raises ValueError for anything in it that is not a layer. Chapter 2, "Layers as recipes".

    >>> model = Sequential([Dense(4), Relu(), Dense(2)])
    >>> params = model.init(jax.random.key(0), jnp.ones((1, 3)))
    >>> model.apply(params, jnp.ones((5, 3))).shape
    (5, 2)
    """

    layers: tuple
    takes_mask = True

    def __post_init__(self):
        object.__setattr__(self, "layers", tuple(self.layers))
        for i, layer in enumerate(self.layers):
            if isinstance(layer, type) and issubclass(layer, Layer):
                raise ValueError(
                    f"Sequential: got the class {layer.__name__} at {i}; needs a layer; write {layer.__name__}()"
                )
            if not isinstance(layer, Layer):
                raise ValueError(f"Sequential: got {layer!r} at {i}; needs layers, such as Dense(10) or Relu()")

    def init(self, key, x):
        params = []
        for layer, k in zip(self.layers, self._keys(key), strict=True):
            params.append(layer.init(k, wanted(layer, x)))
            x = jax.eval_shape(partial(through, layer), params[-1], x)
        return tuple(params)

    def apply(self, params, x, key=None):
        self._check(params)
        for layer, p, k in zip(self.layers, params, self._keys(key), strict=True):
            x = through(layer, p, x, k)
        return x

    def observe(self, params, x, key):
        seen = []
        for layer, p, k in zip(self.layers, params, self._keys(key), strict=True):
            seen.append(layer.observe(p, wanted(layer, x), k))
            x = through(layer, p, x, k)
        return tuple(seen)

    def check(self, x):
        for layer in self.layers[:1]:
            layer.check(x)

    def _keys(self, key):
        n = len(self.layers)
        return [None] * n if key is None else list(jax.random.split(key, n))

    def _check(self, params):
        if len(params) != len(self.layers):
            raise ValueError(
                f"Sequential: got parameters for {len(params)} layers; needs {len(self.layers)}; "
                "try model.init(key, x[:1]) of this very model"
            )


def through(layer, params, x, key=None):
    """What comes out of a layer, Masked or not: a mask goes past a layer that does not take one.

    It does so as long as there is a vector at each step, and ends where the steps do, as in Flatten.
    """
    out = layer.apply(params, wanted(layer, x), key)
    past = isinstance(x, Masked) and not layer.takes_mask and out.ndim > 2 and out.shape[:2] == x.mask.shape
    return Masked(out, x.mask) if past else out


def wanted(layer, x):
    """x as the layer takes it: without its mask, for most."""
    return x if layer.takes_mask else numbers(x)


def numbers(x):
    """x without its mask, if it has one."""
    return x.x if isinstance(x, Masked) else x


@dataclass(frozen=True)
class Dense(Layer):
    """Each output is a weighted sum of all inputs, and a bias: x W + b, over the last axis of x.

    n_out: how many outputs. initializer: of W; biases begin at 0.
    params: {"W": (n_in, n_out), "b": (n_out,)}.
    Raises ValueError if x has not as many features as W has rows. Chapter 2, "Layers as recipes".
    """

    n_out: int
    initializer: Callable = he

    def init(self, key, x):
        W = self.initializer(key, (x.shape[-1], self.n_out))
        return {"W": W, "b": zeros(key, (self.n_out,))}

    def apply(self, params, x, key=None):
        if x.shape[-1] != params["W"].shape[0]:
            raise ValueError(
                f"Dense({self.n_out}): got x of shape {x.shape}; "
                f"needs {params['W'].shape[0]} features in its last axis; "
                "the parameters were made for another input, or Flatten() is missing"
            )
        return x @ params["W"] + params["b"]


@dataclass(frozen=True)
class Flatten(Layer):
    """Each example as one row of numbers: (batch, 28, 28, 1) becomes (batch, 784)."""

    def apply(self, params, x, key=None):
        return x.reshape(len(x), -1)


@dataclass(frozen=True)
class Dropout(Layer):
    """While training, each number becomes 0 with probability `rate`; the others are divided by 1 − rate.

    So the mean stays, and without training nothing needs to be done.

    rate: the fraction dropped, in [0, 1). Raises ValueError for another.
    Chapter 3, "Dropout"; Srivastava et al. (2014).
    """

    rate: float

    def __post_init__(self):
        if not 0 <= self.rate < 1:
            needs = "needs the fraction to drop, from 0 to below 1; try 0.25"
            raise ValueError(f"Dropout: got the rate {self.rate}; {needs}")

    def apply(self, params, x, key=None):
        if key is None:
            return x
        kept = jax.random.bernoulli(key, 1 - self.rate, x.shape)
        return jnp.where(kept, x / (1 - self.rate), 0)


@dataclass(frozen=True)
class BatchNorm(Layer):
    """Each feature (the last axis) shifted and scaled to mean 0, variance 1, then by a learned scale and shift.

    While training the mean and variance are the batch's own; otherwise they are running means over the batches seen:
    old · momentum + new · (1 − momentum). eps keeps the root from 0.
    params: {"scale", "shift", "mean", "var"}, each (features,).
    Chapter 3, "Batch normalization"; Ioffe and Szegedy (2015).
    """

    momentum: float = 0.9
    eps: float = 1e-5

    def init(self, key, x):
        zero, one = zeros(key, x.shape[-1:]), zeros(key, x.shape[-1:]) + 1
        return {"scale": one, "shift": zero, "mean": zero, "var": one}

    def apply(self, params, x, key=None):
        seen = params["mean"], params["var"]
        mean, var = seen if key is None else self._of_batch(x)
        factor = lax.rsqrt(var + self.eps)
        return params["scale"] * (x - mean) * factor + params["shift"]

    def observe(self, params, x, key):
        mean, var = self._of_batch(x)
        return params | {
            "mean": self.momentum * params["mean"] + (1 - self.momentum) * mean,
            "var": self.momentum * params["var"] + (1 - self.momentum) * var,
        }

    def _of_batch(self, x):
        axes = tuple(range(x.ndim - 1))
        return x.mean(axes), x.var(axes)


# ------------------------------------------------------------------ activations, as layers


@dataclass(frozen=True)
class Step(Layer):
    """1 where x is positive, otherwise 0: nothing before it can be learned by a gradient."""

    def apply(self, params, x, key=None):
        return activations.step(x)


@dataclass(frozen=True)
class Sigmoid(Layer):
    """1 / (1 + exp(−x)), between 0 and 1."""

    def apply(self, params, x, key=None):
        return activations.sigmoid(x)


@dataclass(frozen=True)
class Tanh(Layer):
    """tanh(x), between −1 and 1."""

    def apply(self, params, x, key=None):
        return activations.tanh(x)


@dataclass(frozen=True)
class Relu(Layer):
    """x where it is positive, otherwise 0."""

    def apply(self, params, x, key=None):
        return activations.relu(x)


@dataclass(frozen=True)
class LeakyRelu(Layer):
    """x where it is positive, otherwise slope · x."""

    slope: float = 0.01

    def apply(self, params, x, key=None):
        return activations.leaky_relu(x, self.slope)


@dataclass(frozen=True)
class Elu(Layer):
    """x where it is positive, otherwise alpha (exp(x) − 1)."""

    alpha: float = 1.0

    def apply(self, params, x, key=None):
        return activations.elu(x, self.alpha)


@dataclass(frozen=True)
class Selu(Layer):
    """ELU with the constants of Klambauer et al. (2017); start its Dense layers with the initializer `lecun`."""

    def apply(self, params, x, key=None):
        return activations.selu(x)


@dataclass(frozen=True)
class Gelu(Layer):
    """x times the chance that a standard normal number is below x."""

    def apply(self, params, x, key=None):
        return activations.gelu(x)


@dataclass(frozen=True)
class Gaussian(Layer):
    """exp(−x²)."""

    def apply(self, params, x, key=None):
        return activations.gaussian(x)


@dataclass(frozen=True)
class Softmax(Layer):
    """Probabilities over the last axis. Not for training: `cross_entropy` takes logits and has its own softmax."""

    def apply(self, params, x, key=None):
        return activations.softmax(x)


# ------------------------------------------------------------------ frozen parts


@dataclass(frozen=True)
class Frozen(Layer):
    """A layer that is used and not trained: no gradient reaches its parameters, it is never in training mode."""

    layer: Layer

    @property
    def takes_mask(self):
        return self.layer.takes_mask

    def init(self, key, x):
        return self.layer.init(key, x)

    def apply(self, params, x, key=None):
        return self.layer.apply(lax.stop_gradient(params), x)

    def check(self, x):
        self.layer.check(x)


def freeze(model, trainable):
    """The same model with some layers Frozen: its parameters keep their structure.

    trainable: True, False, or one of these for each layer of a Sequential, nested as the model is.
    Raises ValueError if it does not fit the model. Chapter 3, "One scan"; chapter 5.
    """
    if isinstance(trainable, bool):
        return model if trainable else Frozen(model)
    if not isinstance(model, Sequential) or len(trainable) != len(model.layers):
        raise ValueError(
            f"freeze: got trainable={trainable} for {label(model)}; "
            "needs True or False, or one of them for each layer of a Sequential"
        )
    return Sequential([freeze(layer, on) for layer, on in zip(model.layers, trainable, strict=True)])


def learning(model):
    """Which layers of a model are not Frozen: True, False, or a tuple of these, one for each layer of a Sequential."""
    if isinstance(model, Sequential):
        return tuple(map(learning, model.layers))
    return not isinstance(model, Frozen)


# ------------------------------------------------------------------ what is in it


def count(params):
    """How many numbers the parameters hold. They may be arrays or only shapes."""
    return sum(array.size for array in jax.tree.leaves(params))


def summary(model, x):
    """A table of the model: each layer, the shape of its output, how many parameters it has. Computes nothing.

    x: a batch to infer the sizes from, for example x[:1]. Returns a string, to print.
    Chapter 2, "Layers as recipes".

    >>> print(summary(Sequential([Dense(4), Relu()]), jnp.ones((1, 3))))
    layer     output      parameters
    Dense(4)  (batch, 4)          16
    Relu()    (batch, 4)           0
    total                         16
    """
    params = jax.eval_shape(model.init, jax.random.key(0), x)
    layers, parts = (model.layers, params) if isinstance(model, Sequential) else ((model,), (params,))
    rows = [("layer", "output", "parameters")]
    for layer, p in zip(layers, parts, strict=True):
        x = jax.eval_shape(partial(through, layer), p, x)
        sizes = numbers(x).shape[1:]
        shape = ", ".join(["batch", *map(str, sizes)])
        rows.append((label(layer), f"({shape})" if sizes else "(batch,)", f"{count(p):,}"))
    rows.append(("total", "", f"{count(params):,}"))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return "\n".join(f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}" for a, b, c in rows)


def label(recipe):
    """How a recipe was written: its name and what differs from the defaults, for example Dense(128)."""
    if not dataclasses.is_dataclass(recipe):
        return getattr(recipe, "__name__", None) or repr(recipe)
    said, positional = [], True
    for field in dataclasses.fields(recipe):
        value = getattr(recipe, field.name)
        if value == field.default:
            positional = False
            continue
        text = f"[{', '.join(map(label, value))}]" if isinstance(value, tuple) else label(value)
        said.append(text if positional else f"{field.name}={text}")
    return f"{type(recipe).__name__}({', '.join(said)})"
