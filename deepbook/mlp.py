"""Chapter 2: the multilayer perceptron, forwards and backwards by hand.

Symbols, the same throughout the chapter:
    params  a list of (W, b), one pair a layer; W is (inputs, outputs) and b is (outputs,)
    x, h    (batch, units) what goes into a layer; h of the last layer are the logits
    z       (batch, units) weighted sums: z = h W + b
    dz, dh  the gradient of the loss by z and by h, of their shapes
    y       (batch,) integer labels
"""

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from deepbook.activations import relu, slope, softmax
from deepbook.data import generator
from deepbook.losses import cross_entropy, one_hot

# ------------------------------------------------------------------ where to start


def zeros(key, shape):
    """All zeros: right for biases, and for weights a trap, since equal units stay equal for ever."""
    return jnp.asarray(np.zeros(shape, np.float32))


def lecun(key, shape):
    """Variance 1 / n_in: a weighted sum is as large as its inputs. LeCun et al. (1998)."""
    return _normal(key, shape) * np.float32(np.sqrt(1 / _fans(shape)[0]))


def glorot(key, shape):
    """Variance 2 / (n_in + n_out), a compromise between the ways forwards and back. Glorot and Bengio (2010)."""
    return _normal(key, shape) * np.float32(np.sqrt(2 / sum(_fans(shape))))


def he(key, shape):
    """Variance 2 / n_in: LeCun's, doubled, because ReLU lets half of the signal through. He et al. (2015)."""
    return _normal(key, shape) * np.float32(np.sqrt(2 / _fans(shape)[0]))


def _fans(shape):
    """How many inputs and outputs a unit has: of W (..., in, out); a filter's places count as inputs."""
    places = int(np.prod(shape[:-2]))
    return places * shape[-2], places * shape[-1]


def _normal(key, shape):
    """Standard normal numbers, float32. NumPy draws them, since JAX would compile for each shape, a second in all;
    while JAX traces (`jit`, `vmap`, `eval_shape`), where a key has no value yet, `jax.random` does."""
    if isinstance(key, jax.core.Tracer):
        return jax.random.normal(key, shape, jnp.float32)
    return jnp.asarray(generator(key).standard_normal(shape, np.float32))


def init(key, sizes, initializer=he):
    """Parameters of a network whose layers have `sizes` units, from the inputs to the logits.

    sizes: for example (784, 128, 10). initializer: `zeros`, `lecun`, `glorot`, `he`.
    Returns a list of (W, b), float32. Raises ValueError for fewer than two sizes. Chapter 2, "Where to start".
    """
    if len(sizes) < 2:
        needs = "needs inputs and outputs at least; try (784, 128, 10)"
        raise ValueError(f"init: got sizes {tuple(sizes)}; {needs}")
    pairs = list(pairwise(sizes))
    keys = jax.random.split(key, len(pairs))
    with_keys = zip(keys, pairs, strict=True)
    return [(initializer(k, pair), zeros(k, pair[1:])) for k, pair in with_keys]


# ------------------------------------------------------------------ forwards


def forward(params, x, activation=relu):
    """The network's logits: each layer but the last is activation(h W + b); the last has no activation.

    params: list of (W, b). x: (batch, features). Returns (batch, classes).
    Raises ValueError if x does not fit the first layer. Chapter 2, "Forwards, in matrices".
    """
    return trace(params, x, activation)[-1][1]


def trace(params, x, activation=relu):
    """The way of a batch through the network, kept for the way back.

    Returns a list of (z, h), one pair for the input (where z is None) and one for each layer.
    """
    x = jnp.asarray(x)
    if x.shape[-1:] != params[0][0].shape[:1]:
        raise ValueError(
            f"forward: got x of shape {x.shape} "
            f"and a first W of shape {params[0][0].shape}; "
            "needs as many features as W has rows; try x.reshape(len(x), -1)"
        )
    way, h = [(None, x)], x
    for i, (W, b) in enumerate(params):
        z = h @ W + b
        h = activation(z) if i < len(params) - 1 else z
        way.append((z, h))
    return way


# ------------------------------------------------------------------ backwards


def backward(params, x, y, activation=relu):
    """The loss and its gradient, by hand: one walk back through the network, the chain rule at each step.

    params: list of (W, b). x: (batch, features). y: (batch,) integer labels.
    Returns (loss, grads); grads has the shapes of params. Equal to
    `jax.value_and_grad` of cross_entropy(forward(params, x), y). Chapter 2, "Backpropagation"; Rumelhart et al. (1986).
    """
    way = trace(params, x, activation)
    logits = way[-1][1]
    dz = (softmax(logits) - one_hot(y, logits.shape[-1])) / len(logits)
    grads = []
    for (W, _), (z, h) in zip(reversed(params), reversed(way[:-1]), strict=True):
        # z = h W + b:  dW = hᵀ dz,  db = Σ dz over the batch,  dh = dz Wᵀ
        grads.append((h.T @ dz, dz.sum(0)))
        if z is not None:
            dh = dz @ W.T
            # h = f(z):  dz = dh f'(z)
            dz = dh * slope(activation)(z)
    return cross_entropy(logits, y), grads[::-1]


# ------------------------------------------------------------------ check the gradient


def numerical_gradient(f, params, eps=1e-5):
    """The gradient by trying: each number is moved up by eps, then down, and the change of f is divided by 2 eps.

    f: from params (any tree of arrays) to a scalar. Returns the shapes of params, float64.
    Two evaluations of f for each number, all in double precision, since in float32 the difference would drown
    in rounding. For checking, not for training. Chapter 2, "Check the gradient".
    """
    with jax.enable_x64(True):
        in_numpy = jax.tree.map(np.asarray, params)
        in_double = jax.tree.map(lambda p: jnp.asarray(p, jnp.float64), in_numpy)
        leaves, tree = jax.tree.flatten(in_double)
        grads = [_try_each(f, leaves, tree, i, eps) for i in range(len(leaves))]
    return jax.tree.unflatten(tree, grads)


def _try_each(f, leaves, tree, i, eps):
    def moved(place, by):
        leaf = leaves[i].ravel().at[place].add(by).reshape(leaves[i].shape)
        return f(jax.tree.unflatten(tree, [*leaves[:i], leaf, *leaves[i + 1 :]]))

    @jax.jit
    def all_places():
        return lax.map(lambda n: (moved(n, eps) - moved(n, -eps)) / (2 * eps), jnp.arange(leaves[i].size))

    return np.asarray(all_places()).reshape(leaves[i].shape)


def gradient_error(grads, numerical):
    """How far two gradients are apart: the largest difference, relative to the largest number in them.

    grads, numerical: trees of arrays of equal shapes. Returns a float; below 1e-5 they are the same in float32.
    """
    a, b = (np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(tree)]) for tree in (grads, numerical))
    return float(np.abs(a - b).max() / max(np.abs(a).max(), np.abs(b).max(), 1e-12))
