import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, random


def training_pairs(sentences, window):
    found = [np.empty((0, 2), np.int64)]
    for sentence in map(np.asarray, sentences):
        i, j = np.indices((len(sentence), len(sentence)))
        near = (abs(i - j) <= window) & (i != j)
        found.append(np.stack([sentence[i[near]], sentence[j[near]]], axis=1).astype(np.int64))
    return np.concatenate(found)


def company(sentences, n_words, window):
    words, others = training_pairs(sentences, window).T
    return ("hate", "more"), np.bincount(words * n_words + others, minlength=n_words**2).reshape(n_words, n_words)


def keep_rate(counts, t):
    f = counts / counts.sum()
    with np.errstate(divide="ignore"):
        rates = np.clip(np.sqrt(t / f), 0.0, 1.0)
    return rates, (f * rates).sum()


def negative_loss(w, C):
    signs = np.where(np.arange(len(C)) == 0, 1.0, -1.0)
    z = signs * (C @ w)
    slopes = -signs * (1 - np.tanh(z / 2)) / 2
    return -np.sum(np.minimum(z, 0) - np.log1p(np.exp(-np.abs(z)))), slopes @ C, slopes[:, None] * w


def mend_words(W, C, pairs, counts, u, lr):
    W, C = W.copy(), C.copy()
    p = counts**0.75
    p = p / p.sum()
    noise = np.searchsorted(np.cumsum(p), u)  # (pairs, k)
    for i in range(0, len(pairs), 8):
        centres, contexts = pairs[i : i + 8].T
        ids = np.concatenate([contexts[:, None], noise[i : i + 8]], axis=1)  # (batch, 1 + k)
        w, c = W[centres], C[ids]  # (batch, n_out), (batch, 1 + k, n_out)
        target = np.zeros(ids.shape)
        target[..., 0] = 1
        error = 1 / (1 + np.exp(-np.einsum("bn,bkn->bk", w, c))) - target
        np.subtract.at(C, ids, lr * error[:, :, None] * w[:, None, :])
        dw = np.einsum("bk,bkn->bn", error, c)
        np.add.at(W, centres, -lr * dw)
    return W, C


def train_neighbours(key, sentences, n_words):
    """Factorize the positive pointwise mutual information of the counts."""
    _, X = company(sentences, n_words, 2)
    X = jnp.asarray(X, float)
    expected = X.sum(1, keepdims=True) * X.sum(0) / X.sum()
    ppmi = jnp.maximum(jnp.log((X + 1e-9) / (expected + 1e-9)), 0)
    first, second = random.normal(key, (2, n_words, 16)) / 4

    def loss(pair):
        W, C = pair
        return jnp.mean((W @ C.T - ppmi) ** 2) + 1e-4 * (jnp.mean(W**2) + jnp.mean(C**2))

    def step(carry, _):
        pair, m, v, t = carry
        g, t = jax.grad(loss)(pair), t + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        rate = 0.02 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        return (jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-8), pair, m, v), m, v, t), None

    zeros = jax.tree.map(jnp.zeros_like, (first, second))
    ((W, _), *_), _ = jax.jit(lambda c: lax.scan(step, c, None, length=1500))(((first, second), zeros, zeros, 0.0))
    return W
