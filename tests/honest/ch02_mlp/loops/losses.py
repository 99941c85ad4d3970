import math

import jax.numpy as jnp
import numpy as np


def softmax_row(row):
    m = max(row)
    e = [math.exp(value - m) for value in row]
    total = sum(e)
    return [value / total for value in e]


def softmax(z):
    if z.ndim == 1:
        return np.array(softmax_row(list(z)))
    rows = []
    for part in z:
        rows.append(softmax(part))
    return np.array(rows)


def cross_entropy(logits, y):
    total = 0.0
    for i in range(len(y)):
        biggest = max(logits[i])
        s = 0.0
        for score in logits[i]:
            s += math.exp(score - biggest)
        total += math.log(s) + biggest - logits[i][y[i]]
    return total / len(y)


def huber(pred, y, delta):
    if pred.shape != y.shape:
        raise ValueError("shapes differ")
    e = pred - y
    small = e**2 / 2
    large = delta * (jnp.abs(e) - delta / 2)
    return jnp.where(jnp.abs(e) <= delta, small, large).sum() / e.size
