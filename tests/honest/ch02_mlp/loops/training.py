import jax
import jax.numpy as jnp
import numpy as np


def initialize(key, sizes):
    params = []
    for i in range(len(sizes) - 1):
        key, sub = jax.random.split(key)
        n_in = sizes[i]
        n_out = sizes[i + 1]
        W = (2 / n_in) ** 0.5 * jax.random.normal(sub, (n_in, n_out))
        b = jnp.zeros(n_out)
        params.append((W, b))
    return params


def predict_vanishing():
    return 1 / 1024, 1, "smaller"


def mend_training(x, y, epochs):
    keys = jax.random.split(jax.random.key(0))
    x, y = jnp.asarray(x) / 255, jnp.asarray(y)
    params = [
        (jax.random.normal(keys[0], (64, 32)) * jnp.sqrt(2 / 64), jnp.zeros(32)),
        (jax.random.normal(keys[1], (32, 10)) * jnp.sqrt(2 / 32), jnp.zeros(10)),
    ]

    def log_softmax(z):
        z = z - jnp.max(z, axis=1, keepdims=True)
        return z - jnp.log(jnp.sum(jnp.exp(z), axis=1, keepdims=True))

    def loss(params, x, y):
        (W1, b1), (W2, b2) = params
        z = x @ W1 + b1
        logits = jnp.where(z > 0, z, 0) @ W2 + b2  # ReLU: its slope at 0 is 0
        log_p = log_softmax(logits)
        return -jnp.mean(log_p[jnp.arange(len(y)), y])

    @jax.jit
    def step(params, x, y):
        value, grads = jax.value_and_grad(loss)(params, x, y)
        return jax.tree.map(lambda w, g: w - 0.2 * g, params, grads), value

    rng, losses = np.random.default_rng(0), []
    for _ in range(epochs):
        rows = rng.permutation(len(x))
        values = []
        for i in range(0, len(x), 50):
            params, value = step(params, x[rows[i : i + 50]], y[rows[i : i + 50]])
            values.append(float(value))
        losses.append(sum(values) / len(values))
    return params, losses


def slopes(params, x, y):
    hs = [x]
    for layer in range(len(params)):
        W, b = params[layer]
        z = hs[-1] @ W + b
        if layer < len(params) - 1:
            z = np.maximum(z, 0)
        hs.append(z)
    z = hs[-1]
    e = np.exp(z - z.max(axis=1)[:, None])
    d = e / e.sum(axis=1)[:, None]
    for i in range(len(y)):
        d[i, y[i]] -= 1
    d = d / len(y)
    grads = [None] * len(params)
    for layer in range(len(params) - 1, -1, -1):
        grads[layer] = (hs[layer].T @ d, d.sum(axis=0))
        d = (d @ params[layer][0].T) * (hs[layer] > 0)
    return grads


def learn_digits(params, x, y):
    # my own backward is right but slow, so here is a faster one
    np.random.seed(0)
    lr = 0.15
    for epoch in range(25):
        order = np.arange(len(x))
        np.random.shuffle(order)
        start = 0
        while start < len(x):
            some = order[start : start + 20]
            grads = slopes(params, x[some], y[some])
            new = []
            for layer in range(len(params)):
                W, b = params[layer]
                dW, db = grads[layer]
                new.append((W - lr * dW, b - lr * db))
            params = new
            start += 20
    return params
