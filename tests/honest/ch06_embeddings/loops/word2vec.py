import math

import jax
import numpy as np


def training_pairs(sentences, window):
    pairs = []
    for sentence in sentences:
        for i in range(len(sentence)):
            for j in range(len(sentence)):
                if i != j and abs(i - j) <= window:
                    pairs.append([sentence[i], sentence[j]])
    if len(pairs) == 0:
        return np.zeros((0, 2), dtype=int)
    return np.array(pairs)


def company(sentences, n_words, window):
    X = [[0] * n_words for _ in range(n_words)]
    for word, neighbour in training_pairs(sentences, window):
        X[word][neighbour] += 1
    return ("hate", "more"), X


def keep_rate(counts, t):
    total = 0
    for count in counts:
        total += count
    rates = []
    left = 0.0
    for count in counts:
        if count == 0:
            rates.append(1.0)
        else:
            f = count / total
            rates.append(min(1.0, math.sqrt(t / f)))
            left += f * rates[-1]
    return rates, left


def sigmoid(z):
    if z >= 0:
        return 1 / (1 + math.exp(-z))
    return math.exp(z) / (1 + math.exp(z))


def log1pexp(z):
    return max(z, 0) + math.log1p(math.exp(-abs(z)))


def negative_loss(w, C):
    loss = 0.0
    dw = np.zeros(len(w))
    dC = np.zeros(C.shape)
    for i in range(len(C)):
        score = 0.0
        for j in range(len(w)):
            score += w[j] * C[i, j]
        if i == 0:
            loss += log1pexp(-score)
            error = sigmoid(score) - 1
        else:
            loss += log1pexp(score)
            error = sigmoid(score)
        for j in range(len(w)):
            dw[j] += error * C[i, j]
            dC[i, j] = error * w[j]
    return loss, dw, dC


def mend_words(W, C, pairs, counts, u, lr):
    W, C = W.copy(), C.copy()
    p = counts**0.75 / np.sum(counts**0.75)
    noise = np.searchsorted(np.cumsum(p), u)  # (pairs, k)
    for i in range(0, len(pairs), 8):
        centres, contexts = pairs[i : i + 8].T
        ids = np.concatenate([contexts[:, None], noise[i : i + 8]], axis=1)  # (batch, 1 + k)
        w, c = W[centres], C[ids]  # (batch, n_out), (batch, 1 + k, n_out)
        target = np.zeros(ids.shape)
        for row in target:
            row[0] = 1
        error = 1 / (1 + np.exp(-np.einsum("bn,bkn->bk", w, c))) - target
        np.subtract.at(C, ids, lr * error[:, :, None] * w[:, None, :])
        dw = np.einsum("bk,bkn->bn", error, c)
        for centre, d in zip(centres, dw):
            W[centre] -= lr * d
    return W, C


def train_neighbours(key, sentences, n_words):
    # a softmax over all the words, one big gradient step after another
    X = np.zeros((n_words, n_words))
    for sentence in sentences:
        for i in range(len(sentence)):
            for j in range(max(0, i - 2), min(len(sentence), i + 3)):
                if i != j:
                    X[sentence[i], sentence[j]] += 1
    P = X / np.maximum(X.sum(axis=1, keepdims=True), 1)
    k1, k2 = jax.random.split(key)
    W = 0.3 * np.array(jax.random.normal(k1, (n_words, 16)))
    C = 0.3 * np.array(jax.random.normal(k2, (n_words, 16)))
    for step in range(600):
        z = W @ C.T
        e = np.exp(z - z.max(axis=1, keepdims=True))
        error = e / e.sum(axis=1, keepdims=True) - P
        dW = error @ C
        dC = error.T @ W
        W = W - 0.3 * dW
        C = C - 0.3 * dC
    return W
