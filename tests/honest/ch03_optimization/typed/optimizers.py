from typing import Any

import jax
import jax.numpy as jnp

Tree = Any


def ema(old: jax.Array, new: jax.Array, beta: float) -> jax.Array:
    """指數移動平均。"""
    return beta * old + (1.0 - beta) * new


def adam(
    params: Tree,
    grads: Tree,
    state: tuple[Tree, Tree, int],
    lr: float = 1e-3,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[Tree, tuple[Tree, Tree, int]]:
    first, second, count = state
    count += 1
    first = jax.tree.map(lambda m, g: ema(m, g, b1), first, grads)
    second = jax.tree.map(lambda v, g: ema(v, g * g, b2), second, grads)
    first_hat = jax.tree.map(lambda m: m / (1.0 - b1**count), first)
    second_hat = jax.tree.map(lambda v: v / (1.0 - b2**count), second)
    new = jax.tree.map(lambda w, m, v: w - lr * m / (v**0.5 + eps), params, first_hat, second_hat)
    return new, (first, second, count)


def lion(params, grads, m, lr=1e-4, b1=0.9, b2=0.99, decay=0.0):
    def one(w, g, m):
        update = jnp.sign(ema(m, g, b1)) + decay * w
        return w - lr * update, ema(m, g, b2)

    pairs = jax.tree.map(one, params, grads, m)
    inner = jax.tree.structure((0, 0))
    return jax.tree.transpose(jax.tree.structure(params), inner, pairs)


def warmup_cosine(t, lr: float, warmup: int, total: int):
    def climbing(t):
        return lr * (t + 1) / warmup

    def falling(t):
        progress = jnp.minimum((t - warmup) / (total - warmup), 1.0)
        return 0.5 * lr * (1.0 + jnp.cos(jnp.pi * progress))

    def rate(t):
        return jax.lax.cond(t < warmup, lambda t: jnp.float32(climbing(t)), lambda t: jnp.float32(falling(t)), t)

    t = jnp.asarray(t)
    return jax.vmap(rate)(t) if t.ndim else rate(t)
