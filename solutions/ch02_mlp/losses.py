"""Chapter 2, set 2: probabilities from scores, and what an error costs.

    deepbook check losses

Fair here: numpy, jax (with jax.numpy, but not jax.nn or jax.scipy), and what comes with Python.
"""

import jax.numpy as jnp
import numpy as np


def softmax(z):
    """Scores to probabilities, safe for every score: exp(z) / sum of exp(z).

    z: (..., classes) array; there may be no leading axis, one, or more. Each row along
    the LAST axis is a question of its own.
    Returns the same shape; the numbers along the last axis are positive and sum to 1.
    Scores of 1000 must not overflow.

    >>> softmax(np.array([1.9, 1.1, 0.2])).round(2).tolist()
    [0.61, 0.28, 0.11]

    Chapter 2: 02-mlp.html#softmax
    """
    # BEGIN SOLUTION
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
    # END SOLUTION


def cross_entropy(logits, y):
    """The mean surprise at the true classes, in nats, straight from the scores.

    It is the mean over the batch of -log p, where p is the probability that softmax
    gives to the true class.

    logits: (batch, classes) array of scores, up to ±1000 and beyond. y: (batch,)
    integers, the true class of each example.
    Returns one number. Scores (1000, 0) with y = 1 cost 1000: not infinity, not NaN.
    A way: write -log p as a difference, so that a logarithm of a sum of exp is left.

    >>> round(float(cross_entropy(np.zeros((1, 10)), np.array([3]))), 4)  # log 10
    2.3026

    Chapter 2: 02-mlp.html#what-an-error-costs
    """
    # BEGIN SOLUTION
    m = logits.max(axis=1)
    log_sum = m + np.log(np.exp(logits - m[:, None]).sum(axis=1))
    return np.mean(log_sum - logits[np.arange(len(y)), y])
    # END SOLUTION


def huber(pred, y, delta):
    """The mean Huber loss: a squared error for small errors, a straight line for large.

    With e = pred - y, an example costs e²/2 where |e| <= delta, and
    delta (|e| - delta/2) elsewhere. So its slope is never larger than delta, and one
    outlier cannot rule the others.
    pred, y: arrays of the same shape. delta: a positive number. Returns one number.
    Raises ValueError if the shapes differ: (4, 1) against (4,) would become (4, 4).
    It must work inside jax.jit and under jax.grad, so use jnp here, and no `if` on
    values.

    >>> float(huber(jnp.array([1.0, 5.0]), jnp.array([0.0, 0.0]), 2.0))  # 0.5 and 8
    4.25

    Source: Huber (1964), "Robust estimation of a location parameter".
    Chapter 2: 02-mlp.html#what-an-error-costs
    """
    # BEGIN SOLUTION
    if pred.shape != y.shape:
        raise ValueError(f"huber: got shapes {pred.shape} and {y.shape}; needs two equal shapes")
    size = jnp.abs(pred - y)
    return jnp.mean(jnp.where(size <= delta, size**2 / 2, delta * (size - delta / 2)))
    # END SOLUTION
