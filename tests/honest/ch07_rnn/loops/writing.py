import math

import jax
import jax.numpy as jnp
import numpy as np


def shift_targets(ids, length):
    x = []
    y = []
    start = 0
    while start + length < len(ids):
        x.append(ids[start : start + length])
        y.append(ids[start + 1 : start + length + 1])
        start += length
    if len(x) == 0:
        raise ValueError("the text is too short")
    return np.array(x), np.array(y)


def bits_per_character(p, mask):
    total = 0.0
    n = 0
    for i in range(len(p)):
        for t in range(len(p[i])):
            if mask[i][t]:
                total -= math.log2(p[i][t])
                n += 1
    bits = total / n
    return bits, 2**bits


def sample_next(logits, u, temperature=1.0, k=None):
    n = len(logits)
    if k is None:
        k = n
    order = sorted(range(n), key=lambda i: logits[i], reverse=True)
    allowed = order[:k]
    top = logits[order[0]]
    weights = [0.0] * n
    for i in allowed:
        weights[i] = math.exp((logits[i] - top) / temperature)
    total = sum(weights)
    drawn = []
    for number in u:
        place = 0.0
        for i in range(n):
            place += weights[i] / total
            if weights[i] > 0 and number < place:
                break
        else:
            i = max(allowed)
        drawn.append(i)
    return drawn


def mend_language_model(params, ids, n):
    def step(h, i):
        """The state after reading id i, and the probabilities of the next id."""
        h = np.tanh(params["Wx"][i] + h @ params["Wh"] + params["b"])
        z = h @ params["W_out"] + params["b_out"]
        p = np.exp(z - z.max())
        return h, p / p.sum()

    h, chances = np.zeros(len(params["b"])), []
    for t in range(len(ids) - 1):
        h, p = step(h, ids[t])
        chances.append(p[ids[t + 1]])
    bits = np.mean(-np.log2(chances))
    written, i = [], ids[-1]
    for _ in range(n):
        h, p = step(h, i)
        i = int(np.argmax(p))
        written.append(i)
    return bits, written


def learn_order(key, x, y):
    n = 20
    keys = jax.random.split(key, 4)
    params = {
        "Wx": 0.5 * jax.random.normal(keys[0], (8, n)),
        "Wh": jnp.eye(n) + 0.01 * jax.random.normal(keys[1], (n, n)),
        "b": jnp.zeros(n),
        "W_out": 0.2 * jax.random.normal(keys[2], (n, 2)),
        "b_out": jnp.zeros(2),
    }

    def loss(params, x, y):
        h = jnp.zeros((len(x), n))
        for t in range(8):
            h = jnp.tanh(params["Wx"][x[:, t]] + h @ params["Wh"] + params["b"])
        z = h @ params["W_out"] + params["b_out"]
        log_p = z - jnp.log(jnp.sum(jnp.exp(z), axis=1, keepdims=True))
        return -jnp.mean(log_p[jnp.arange(len(y)), y])

    @jax.jit
    def step(params, m, v, t, x, y):
        grads = jax.grad(loss)(params, x, y)
        new_p = {}
        new_m = {}
        new_v = {}
        for name in params:
            new_m[name] = 0.9 * m[name] + 0.1 * grads[name]
            new_v[name] = 0.99 * v[name] + 0.01 * grads[name] ** 2
            m_hat = new_m[name] / (1 - 0.9**t)
            v_hat = new_v[name] / (1 - 0.99**t)
            new_p[name] = params[name] - 0.008 * m_hat / (jnp.sqrt(v_hat) + 1e-8)
        return new_p, new_m, new_v

    m = {}
    v = {}
    for name in params:
        m[name] = jnp.zeros(params[name].shape)
        v[name] = jnp.zeros(params[name].shape)
    rng = np.random.default_rng(0)
    t = 0
    for epoch in range(15):
        order = rng.permutation(len(x))
        for start in range(0, len(x), 50):
            rows = order[start : start + 50]
            t += 1
            params, m, v = step(params, m, v, t, x[rows], y[rows])
    return params
