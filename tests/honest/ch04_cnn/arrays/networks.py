from functools import partial, reduce

import jax
import jax.numpy as jnp
import numpy as np
from ch04_cnn.channels import max_pool
from jax import lax, random

receptive_field = lambda layers: reduce(lambda seen, layer: layer[0] + layer[1] * (seen - 1), reversed(layers), 1)


def residual(f, x, P=None, stride=1):
    cut = x[:, slice(None, None, stride), slice(None, None, stride), :]
    short = cut if P is None else np.einsum("nijc,ck->nijk", cut, P)
    return np.clip(short + f(x), 0, None)


def mend_cnn(params, photos):
    def conv(x, W):
        """The scores of all filters, with a border of zeros: (batch, 8, 8, 4)."""
        x = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        return sum(x[:, i : i + 8, j : j + 8] @ W[i, j] for i in range(3) for j in range(3))

    x = np.einsum("ncij->nijc", photos)
    x = conv(x, params["W"])
    mean, var = x.mean((0, 1, 2)), x.var((0, 1, 2))
    x = params["scale"] * (x - mean) / np.sqrt(var + 1e-5) + params["shift"]
    x = max_pool(np.maximum(x, 0), 2).mean((1, 2))
    return x @ params["W_out"] + params["b_out"]


def shifted(read, x, y, most):
    wide = np.pad(x, [(0, 0), (0, 0), (most, 0), (0, 0)])
    width = x.shape[2]
    moved = (wide[:, :, most - s : most - s + width] for s in range(most + 1))
    return ("mlp", 1), [np.mean(read(each).argmax(-1) == y) for each in moved]


conv = partial(
    lax.conv_general_dilated, window_strides=(1, 1), padding="SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
)


def scores(params, x):
    *filters, (W, b) = params
    for F, c in filters:
        x = jnp.maximum(conv(x, F) + c, 0)
        x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    return x.reshape(x.shape[0], -1) @ W + b


def loss(params, x, y):
    z = scores(params, x)
    return (jnp.log(jnp.sum(jnp.exp(z - z.max(1, keepdims=True)), 1)) + z.max(1) - z[jnp.arange(y.size), y]).mean()


@jax.jit
def step(carry, x, y, rate):
    params, v = carry
    v = jax.tree.map(lambda v, g: 0.9 * v + g, v, jax.grad(loss)(params, x, y))
    return jax.tree.map(lambda w, v: w - rate * v, params, v), v


def train_cnn(key, x, y):
    shapes = (3, 3, 1, 10), (3, 3, 10, 16), (64, 10)
    *keys, key = random.split(key, 4)
    params = tuple(
        (random.normal(k, s) * (2 / np.prod(s[:-1])) ** 0.5, jnp.zeros(s[-1])) for k, s in zip(keys, shapes)
    )
    carry = params, jax.tree.map(jnp.zeros_like, params)
    for epoch, k in enumerate(random.split(key, 16)):
        order = np.asarray(random.permutation(k, len(x)))
        for rows in np.array_split(order[: len(x) // 32 * 32], len(x) // 32):
            carry = step(carry, x[rows], y[rows], 0.03 if epoch < 11 else 0.006)
    return carry[0]
