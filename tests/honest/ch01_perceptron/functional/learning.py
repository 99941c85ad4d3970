from functools import partial, reduce
from itertools import accumulate, chain, repeat

import numpy as np


def update(W, b, x, y, lr):
    if mistake := (error := y - (np.dot(W, x) + b > 0)) != 0:
        return W + lr * error * x, b + lr * error, mistake
    return W, b, mistake


def examples(x, y, epochs):
    return chain.from_iterable(repeat(list(zip(x, y)), epochs))


def states(x, y, epochs, lr=1.0):
    """(W, b, mistake) before the first example and after each of them."""
    step = lambda state, example: update(*state[:2], *example, lr)
    return accumulate(examples(x, y, epochs), step, initial=(np.zeros(x.shape[1]), 0.0, False))


def learn(x, y, epochs, lr):
    first, *rest = states(x, y, epochs, lr)
    W, b, _ = rest[-1] if rest else first
    n = len(x)
    return W, b, [sum(bool(mistake) for *_, mistake in rest[i * n : (i + 1) * n]) for i in range(epochs)]


def mend(x, y, epochs):
    W, b, history = np.zeros(x.shape[1]), 0.0, []
    for _ in range(epochs):
        mistakes = 0
        for i in range(len(x)):
            answer = 1 if W @ x[i] + b > 0 else 0
            error = y[i] - answer
            W = W + error * x[i]
            b = b + error
            mistakes += error**2
        history.append(mistakes)
    return W, b, history


predict_rate = partial(tuple, ["same", 8.0])


def pocket(x, y, epochs):
    def counted(state):
        W, b, _ = state
        return W, b, np.count_nonzero((x @ W + b > 0) == y.astype(bool))

    return reduce(lambda best, new: new if new[2] > best[2] else best, map(counted, states(x, y, epochs)))
