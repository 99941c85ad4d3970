from functools import partial

import jax
import jax.numpy as jnp

each = jax.tree_util.tree_map


def adam(params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    mean = lambda b: partial(each, lambda old, new: old + (1 - b) * (new - old))
    m, v, t = mean(b1)(state[0], grads), mean(b2)(state[1], each(jnp.square, grads)), state[2] + 1
    rate = lr * jnp.sqrt(1 - jnp.power(b2, t)) / (1 - jnp.power(b1, t))
    small = eps * jnp.sqrt(1 - jnp.power(b2, t))
    return each(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + small), params, m, v), (m, v, t)


@jax.jit
def lion(params, grads, m, lr=1e-4, b1=0.9, b2=0.99, decay=0.0):
    blend = lambda b: each(lambda m, g: b * m + (1 - b) * g, m, grads)
    return each(lambda w, c: (1 - lr * decay) * w - lr * jnp.sign(c), params, blend(b1)), blend(b2)


def warmup_cosine(t, lr, warmup, total):
    t = jnp.asarray(t)
    angle = jnp.pi * (t - warmup) / (total - warmup)
    return lr * jnp.select([t < warmup, t < total], [(t + 1) / warmup, jnp.cos(angle / 2) ** 2], 0.0)
