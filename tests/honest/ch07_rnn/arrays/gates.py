from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

sigmoid = lambda z: 0.5 + 0.5 * jnp.tanh(z / 2)


@jax.jit
def lstm_cell(params, carry, x):
    h, c = carry
    z = jnp.concatenate([x, h], axis=1) @ jnp.concatenate([params["Wx"], params["Wh"]]) + params["b"]
    i, f, g, o = z.reshape(len(x), 4, -1).transpose(1, 0, 2)
    c = sigmoid(f) * c + sigmoid(i) * jnp.tanh(g)
    return sigmoid(o) * jnp.tanh(c), c


@jax.jit
def gru_cell(params, h, x):
    n = h.shape[1]
    wx = x @ params["Wx"] + params["b"]
    ru = sigmoid(wx[:, : 2 * n] + h @ params["Wh"][:, : 2 * n])
    r, u = ru[:, :n], ru[:, n:]
    g = jnp.tanh(wx[:, 2 * n :] + (r * h) @ params["Wh"][:, 2 * n :])
    return g + u * (h - g)


def masked_scan(step, carry, x, mask):
    pick = lambda real, new, old: jax.vmap(lambda r, a, b: lax.select(r, a, b))(real, new, old)

    def one(carry, inputs):
        x_t, real = inputs
        new, y = step(carry, x_t)
        return jax.tree.map(partial(pick, real), new, carry), y * real[:, None]

    carry, y = lax.scan(one, carry, (x.swapaxes(0, 1), mask.T))
    return carry, y.swapaxes(0, 1)


def both_ways(there, back, x, lengths):
    time = x.shape[1]
    pairs = [(there(row[:n]), back(row[n - 1 :: -1] if n == len(row) else row[:n][::-1])) for row, n in zip(x, lengths)]
    states = [np.pad(np.hstack([f, b[::-1]]), [(0, time - len(f)), (0, 0)]) for f, b in pairs]
    return np.array(states), np.array([np.r_[f[-1], b[-1]] for f, b in pairs])
