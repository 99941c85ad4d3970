from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import jax
import numpy as np

Sentences = Sequence[Sequence[int]]


def pairs_of(sentence: Sequence[int], window: int) -> Iterator[tuple[int, int]]:
    for i, word in enumerate(sentence):
        left = sentence[max(0, i - window) : i]
        right = sentence[i + 1 : i + 1 + window]
        yield from ((word, other) for other in [*left, *right])


def training_pairs(sentences: Sentences, window: int) -> np.ndarray:
    rows = [pair for sentence in sentences for pair in pairs_of(sentence, window)]
    print(len(rows), "pairs")
    return np.asarray(rows, dtype=np.int64).reshape(len(rows), 2)


@dataclass(frozen=True)
class Prediction:
    nearest: str = "hate"
    wider_window: str = "more"

    def __iter__(self):
        return iter((self.nearest, self.wider_window))


def company(sentences: Sentences, n_words: int, window: int):
    X = np.zeros((n_words, n_words), dtype=np.float32)
    for sentence in sentences:
        for a, b in pairs_of(sentence, window):
            X[a, b] += 1.0
    return tuple(Prediction()), X


def keep_rate(counts: np.ndarray, t: float):
    total = counts.sum()
    rates = np.ones(len(counts))
    seen = counts > 0
    rates[seen] = np.minimum(1.0, (t * total / counts[seen]) ** 0.5)
    return rates, np.average(rates, weights=counts)


def log_sigmoid(z: np.ndarray) -> np.ndarray:
    return -np.logaddexp(0.0, -z)


def negative_loss(w: np.ndarray, C: np.ndarray):
    """損失與梯度。"""
    true, noise = C[:1] @ w, C[1:] @ w
    loss = -log_sigmoid(true).sum() - log_sigmoid(-noise).sum()
    error = np.concatenate([np.exp(log_sigmoid(true)) - 1.0, np.exp(log_sigmoid(noise))])
    return float(loss), C.T @ error, np.outer(error, w)


def mend_words(W, C, pairs, counts, u, lr):
    W, C = W.copy(), C.copy()
    p = np.power(counts, 0.75)
    p /= p.sum()
    noise = np.searchsorted(np.cumsum(p), u)  # (pairs, k)
    for i in range(0, len(pairs), 8):
        centres, contexts = pairs[i : i + 8].T
        ids = np.concatenate([contexts[:, None], noise[i : i + 8]], axis=1)  # (batch, 1 + k)
        w, c = W[centres], C[ids]  # (batch, n_out), (batch, 1 + k, n_out)
        target = np.zeros(ids.shape)
        target[:, 0] = 1.0
        error = 1 / (1 + np.exp(-np.einsum("bn,bkn->bk", w, c))) - target
        np.subtract.at(C, ids, lr * error[:, :, None] * w[:, None, :])
        dw = np.einsum("bk,bkn->bn", error, c)  # c:移動之前的 C
        np.subtract.at(W, centres, lr * dw)
    return W, C


def train_neighbours(key: jax.Array, sentences: Sentences, n_words: int) -> np.ndarray:
    seed = np.asarray(jax.random.key_data(key)).tolist()
    rng = np.random.default_rng(seed)
    pairs = training_pairs(sentences, 2)
    counts = np.bincount(pairs[:, 1], minlength=n_words) ** 0.75
    W = rng.uniform(-0.5, 0.5, size=(n_words, 12)) / 12
    C = np.zeros((n_words, 12))
    epochs = 6
    for epoch in range(epochs):
        lr = 0.06 * (1 - epoch / epochs)
        order = rng.permutation(len(pairs))
        total = 0.0
        for rows in np.array_split(order, len(order) // 50):
            centres, contexts = pairs[rows].T
            noise = rng.choice(n_words, size=(len(rows), 6), p=counts / counts.sum())
            ids = np.column_stack([contexts, noise])
            w, c = W[centres], C[ids]
            scores = (c * w[:, None]).sum(axis=-1)
            error = 1 / (1 + np.exp(-scores))
            total += -np.log(error[:, 0]).sum() - np.log(1 - error[:, 1:]).sum()
            error[:, 0] -= 1
            np.add.at(W, centres, -lr * (error[..., None] * c).sum(axis=1))
            np.add.at(C, ids, -lr * error[..., None] * w[:, None])
        print(f"epoch {epoch}: {total / len(pairs):.3f}")
    return W
