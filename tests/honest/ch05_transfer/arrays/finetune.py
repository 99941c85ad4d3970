import jax
import jax.numpy as jnp
import numpy as np


def freeze_updates(params, grads, state, update, trainable):
    updates, state = update(grads, state, params)
    chosen = tuple(
        jax.tree.map(lambda u, on=on: u if on else jnp.zeros_like(u), layer) for layer, on in zip(updates, trainable)
    )
    return jax.tree.map(lambda p, u: p + u, params, chosen), state


def thaw_top(params, n):
    full = np.array([bool(jax.tree.leaves(layer)) for layer in params], int)
    above = np.cumsum(full[::-1])[::-1]  # layers with parameters from here on
    on = (above - full < n) & (above <= n) & (n > 0)
    first = np.flatnonzero(full & on)
    lowest = first[0] if first.size else len(params)
    return tuple((np.arange(len(params)) >= lowest).tolist())


def rates_by_depth(params, grads, state, update, factor):
    updates, state = update(grads, state, params)
    full = jnp.array([bool(layer) for layer in params], int)
    depth = jnp.cumsum(full[::-1])[::-1] - full
    rates = jnp.power(1.0 * factor, depth)
    scaled = tuple(jax.tree.map(lambda u, rate=rate: rate * u, layer) for layer, rate in zip(updates, rates))
    return jax.tree.map(jnp.add, params, scaled), state


def frozen_batchnorm(x, scale, shift, mean, var, momentum, eps, trainable):
    pixels = x.reshape(-1, x.shape[-1])
    stats = np.stack([pixels.mean(0), pixels.var(0)]) if trainable else np.stack([mean, var])
    y = (pixels - stats[0]) * (scale / np.sqrt(stats[1] + eps)) + shift
    keep = momentum if trainable else 1.0
    new = keep * np.stack([mean, var]) + (1 - keep) * stats
    return y.reshape(x.shape), new[0], new[1]


fewer_or_more = lambda: ("frozen", "scratch", "frozen")
