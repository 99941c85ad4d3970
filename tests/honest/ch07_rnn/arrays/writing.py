import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, random
from numpy.lib.stride_tricks import sliding_window_view


def shift_targets(ids, length):
    if ids.size <= length:
        raise ValueError(f"{ids.size} ids")
    windows = sliding_window_view(ids, length + 1)[::length]
    return windows[:, :-1], windows[:, 1:]


def bits_per_character(p, mask):
    bits = np.average(-np.log2(p), weights=mask)
    return bits, np.exp2(bits)


def sample_next(logits, u, temperature=1.0, k=None):
    k = k or logits.size
    places = np.sort(np.argpartition(logits, -k)[-k:])
    z = (logits[places] - logits.max()) / temperature
    ends = np.cumsum(np.exp(z))
    return places[np.minimum((u[:, None] * ends[-1] >= ends).sum(1), k - 1)]


def mend_language_model(params, ids, n):
    def step(h, i):
        """The state after reading id i, and the probabilities of the next id."""
        h = np.tanh(params["Wx"][i] + h @ params["Wh"] + params["b"])
        z = h @ params["W_out"] + params["b_out"]
        p = np.exp(z - z.max())
        return h, p / p.sum()

    h, chances = np.zeros(len(params["b"])), []
    for now, following in zip(ids, ids[1:]):
        h, p = step(h, now)
        chances.append(p[following])
    bits = -np.mean(np.log2(chances))
    written = [ids[-1]]
    for _ in range(n):
        h, p = step(h, written[-1])
        written.append(np.argmax(p))
    return bits, written[1:]


def learn_order(key, x, y):
    n, steps = 24, 400
    x, y = jnp.asarray(x), jnp.asarray(y)

    def logits(params, ids):
        h = lax.scan(
            lambda h, i: (jnp.tanh(params["Wx"][i] + h @ params["Wh"] + params["b"]), None), jnp.zeros(n), ids
        )[0]
        return h @ params["W_out"] + params["b_out"]

    def loss(params, x, y):
        z = jax.vmap(lambda ids: logits(params, ids))(x)
        sign = 2 * y - 1
        return jnp.logaddexp(0, -sign * (z[:, 1] - z[:, 0])).mean()

    def step(carry, key):
        params, m, v, t = carry
        rows = random.randint(key, (64,), 0, len(x))
        g, t = jax.grad(loss)(params, x[rows], y[rows]), t + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = jax.tree.map(lambda v, g: 0.99 * v + 0.01 * g * g, v, g)
        rate = 0.01 * jnp.sqrt(1 - 0.99**t) / (1 - 0.9**t)
        return (jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-8), params, m, v), m, v, t), None

    first, second, third, key = random.split(key, 4)
    params = {
        "Wx": random.normal(first, (8, n)) / 2,
        "Wh": jnp.linalg.qr(random.normal(second, (n, n)))[0],
        "b": jnp.zeros(n),
        "W_out": random.normal(third, (n, 2)) / 5,
        "b_out": jnp.zeros(2),
    }
    zeros = jax.tree.map(jnp.zeros_like, params)
    (params, *_), _ = jax.jit(lambda c, keys: lax.scan(step, c, keys))(
        (params, zeros, zeros, 0.0), random.split(key, steps)
    )
    return params
