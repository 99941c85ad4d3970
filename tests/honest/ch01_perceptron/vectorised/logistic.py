import jax
import jax.numpy as jnp
import numpy as np


def log_loss(z, y):
    return np.logaddexp(0, np.where(y > 0.5, -z, z)).mean()


def gradient(W, b, x, y):
    rows = np.c_[x, np.ones(len(x))]
    error = 0.5 * (1 + np.tanh((x @ W + b) / 2)) - y
    slopes = np.einsum("nf,n->f", rows, error) / len(error)
    return slopes[:-1], slopes[-1]


def descend(loss, params, lr, steps):
    vag = jax.value_and_grad(loss)

    def one(w, _):
        value, g = vag(w)
        return jax.tree.map(jnp.subtract, w, jax.tree.map(lambda s: lr * s, g)), value

    last, losses = jax.lax.scan(one, params, jnp.arange(steps))
    return last, losses
