from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


@jax.jit
def log_loss(z, y):
    sign = 2 * y - 1
    return jnp.mean(jnp.logaddexp(0.0, -sign * z))


sigmoid = lambda z: np.exp(-np.logaddexp(0, -z))


def gradient(W, b, x, y):
    return (lambda e: (e @ x / e.size, e.sum() / e.size))(sigmoid(np.matmul(x, W) + b) - y)


def descend(loss, params, lr, steps):
    step = partial(jax.tree.map, lambda w, g: w - lr * g)
    body = lambda w, _: (step(w, jax.grad(loss)(w)), loss(w))
    return lax.scan(body, params, xs=None, length=steps)
