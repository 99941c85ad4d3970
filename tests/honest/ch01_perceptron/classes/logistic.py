from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np


class Loss:
    """Binary cross-entropy of weighted sums."""

    def __call__(self, z, y):
        positive = np.clip(z, 0, None)
        return float(np.mean(positive - z * y + np.log1p(np.exp(z - 2 * positive))))


def log_loss(z, y):
    return Loss()(z, y)


class Model:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def probability(self, x):
        return np.reciprocal(1 + np.exp(-self.b - x @ self.W))

    def slopes(self, x, y):
        residual = self.probability(x) - y
        return np.mean(residual[:, None] * x, axis=0), residual.mean()


def gradient(W, b, x, y):
    return Model(W, b).slopes(x, y)


class State(NamedTuple):
    params: object
    step: jax.Array


class Descent:
    def __init__(self, loss, lr):
        self.slopes, self.lr = jax.value_and_grad(loss), lr

    def __call__(self, state, _):
        value, grads = self.slopes(state.params)
        flat, form = jax.tree.flatten(state.params)
        moved = [w - self.lr * g for w, g in zip(flat, jax.tree.leaves(grads))]
        return State(jax.tree.unflatten(form, moved), state.step + 1), value


def descend(loss, params, lr, steps):
    state, losses = jax.lax.scan(Descent(loss, lr), State(params, jnp.zeros((), int)), None, length=steps)
    return state.params, losses
