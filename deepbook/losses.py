"""Chapter 2: losses, what an error costs; metrics, what people count; penalties, what large weights cost.

Symbols, the same throughout the chapter:
    x       (batch, features) inputs
    y       (batch,) integer labels, or (batch, classes) rows of probabilities: one-hot, smoothed, another network's
    logits  (batch, classes) scores before the softmax; `pred` where they are numbers and not scores
    p, q    rows of probabilities

A loss is the mean over the batch, in nats (natural logarithms). It takes logits: softmax and logarithm belong together.
There may be more leading axes than the batch, for example time.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from deepbook.activations import log_softmax

# ------------------------------------------------------------------ losses


def mse(pred, y):
    """Mean squared error: the mean of (pred − y)², over everything.

    pred, y: floats of the same shape. Returns a scalar >= 0, in the square of y's unit.
    Raises ValueError if the shapes differ: (4,) and (4, 1) would silently become (4, 4).
    Chapter 2, "What an error costs".

    >>> float(mse(jnp.array([1., 2.]), jnp.array([1., 4.])))
    2.0
    """
    pred, y = same_shape("mse", pred, y)
    return jnp.mean((pred - y) ** 2)


def binary_cross_entropy(logits, y):
    """Mean surprise at yes-or-no answers: −log p where y is 1, −log(1 − p) where y is 0, with p = sigmoid(logits).

    logits, y: floats of the same shape; y is 0 or 1, or a probability.
    Returns a scalar >= 0; saying 1/2 always scores log 2. Raises ValueError if the shapes differ.
    Chapter 1, "What surprise costs"; chapter 2, "What an error costs".
    """
    logits, y = same_shape("binary_cross_entropy", logits, y)
    return jnp.mean(jnp.logaddexp(0.0, logits) - y * logits)


def cross_entropy(logits, y):
    """Mean surprise, in nats, at the true classes: the mean of −log p[y].

    logits: (batch, classes) floats; the softmax happens here, so pass raw scores.
    y:      (batch,) integers in [0, classes), or (batch, classes) rows of probabilities.
    Returns a scalar >= 0; guessing uniformly scores log(classes).
    Raises ValueError if the shapes do not fit. A label out of range cannot be seen under `jit`; `fit` looks before.
    Chapter 2, "What an error costs"; Goodfellow et al. (2016), section 6.2.2.

    >>> float(cross_entropy(jnp.zeros((1, 2)), jnp.array([1])))  # doctest: +ELLIPSIS
    0.693...
    """
    logits, y = scores_and_labels("cross_entropy", logits, y)
    log_p = log_softmax(logits)
    if y.ndim == logits.ndim:
        return -jnp.mean(jnp.sum(y * log_p, axis=-1))
    return -jnp.mean(jnp.take_along_axis(log_p, y[..., None], axis=-1))


def entropy(p):
    """The surprise that a distribution holds for someone who knows it: the sum of −p log p, in nats.

    p: (..., classes) probabilities. Returns (...); 0 for certainty, log(classes) for uniform guessing.
    Chapter 2, "What an error costs"; Shannon (1948).
    """
    p = jnp.asarray(p)
    return -jnp.sum(p * _log(p, p), axis=-1)


def kl_divergence(p, q):
    """The extra surprise of someone who believes q while p is true: the sum of p log(p / q), in nats.

    p, q: (..., classes) probabilities.
    Returns (...) >= 0; 0 only if they are equal, infinite where q rules out what p allows.
    Cross-entropy is entropy plus this. Chapter 2, "What an error costs"; Kullback and Leibler (1951).
    """
    p, q = same_shape("kl_divergence", p, q)
    return jnp.sum(p * (_log(p, p) - _log(q, p)), axis=-1)


def _log(q, p):
    """log q; where p is 0 the value does not count and must not be infinite."""
    return jnp.log(jnp.where(p > 0, q, 1.0))


# ------------------------------------------------------------------ labels


def one_hot(y, n_classes):
    """Each label as a row of zeros with a one at its place.

    y: (...) integers in [0, n_classes). Returns (..., n_classes) floats; a label out of range becomes a row of zeros.

    >>> one_hot(jnp.array([2, 0]), 3).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    return (jnp.asarray(y)[..., None] == jnp.arange(n_classes)).astype(float)


def smooth_labels(y, n_classes, rate=0.1):
    """One-hot labels that admit a doubt: 1 − rate on the label, and `rate` shared out evenly among all classes.

    y: (...) integers. Returns (..., n_classes) floats whose rows sum to 1.
    Chapter 3, "Label smoothing"; Szegedy et al. (2016).
    """
    return (1 - rate) * one_hot(y, n_classes) + rate / n_classes


# ------------------------------------------------------------------ metrics


def accuracy(logits, y):
    """The fraction of examples whose highest score stands at the true class.

    logits: (batch, classes) scores or probabilities. y: (batch,) labels, or rows of probabilities.
    Returns a scalar between 0 and 1. Raises ValueError if the shapes do not fit.
    """
    logits, y = scores_and_labels("accuracy", logits, y)
    return jnp.mean(jnp.argmax(logits, axis=-1) == _labels(logits, y))


def binary_accuracy(logits, y):
    """The fraction of yes-or-no answers that are right; a logit above 0 says yes.

    logits, y: as in `binary_cross_entropy`. Returns a scalar between 0 and 1.
    """
    logits, y = same_shape("binary_accuracy", logits, y)
    return jnp.mean((logits > 0) == (y > 0.5))


def top_k_accuracy(logits, y, k=5):
    """The fraction of examples whose true class is among the k highest scores. Arguments as in `accuracy`."""
    logits, y = scores_and_labels("top_k_accuracy", logits, y)
    true_score = jnp.take_along_axis(logits, _labels(logits, y)[..., None], axis=-1)
    return jnp.mean(jnp.sum(logits > true_score, axis=-1) < k)


def confusion_matrix(logits, y):
    """How often each class was taken for each: row = true class, column = answer.

    logits: (batch, classes) scores. y: (batch,) labels, or rows of probabilities.
    Returns (classes, classes) integers that sum to the batch; what is right stands on the diagonal.
    """
    logits, y = scores_and_labels("confusion_matrix", logits, y)
    n = logits.shape[-1]
    rows = jnp.ravel(_labels(logits, y)) * n + jnp.ravel(jnp.argmax(logits, axis=-1))
    return jnp.bincount(rows, length=n * n).reshape(n, n)


def _labels(logits, y):
    return jnp.argmax(y, axis=-1) if y.ndim == logits.ndim else y


# ------------------------------------------------------------------ penalties


@dataclass(frozen=True)
class L1:
    """`rate` times the sum of |W| over all weights (arrays of two axes and more, so no biases). Tibshirani (1996).

    Its pull does not fade near 0, so many weights end at 0. Chapter 3, "Large weights".
    """

    rate: float

    def __call__(self, params):
        return self.rate * sum(jnp.sum(jnp.abs(W)) for W in weights_of(params))


@dataclass(frozen=True)
class L2:
    """`rate` times the sum of W² over all weights (arrays of two axes and more, so no biases).

    Its pull grows with the weight: large ones shrink, small ones stay. Chapter 3, "Large weights".
    """

    rate: float

    def __call__(self, params):
        return self.rate * sum(jnp.sum(W**2) for W in weights_of(params))


def weights_of(params):
    """The arrays of two axes and more among the parameters: weights, and no biases, scales or running means."""
    return [array for array in jax.tree.leaves(params) if jnp.ndim(array) >= 2]


# ------------------------------------------------------------------ bad input


def same_shape(name, a, b):
    """Both as arrays of floats. Raises ValueError, beginning with `name`, if their shapes differ."""
    a, b = jnp.asarray(a, float), jnp.asarray(b, float)
    if a.shape != b.shape:
        raise ValueError(f"{name}: got shapes {a.shape} and {b.shape}; needs two equal shapes; try reshape({a.shape})")
    return a, b


def scores_and_labels(name, logits, y):
    """Both as arrays, after making sure that they belong together: y has no class axis, or is a row for each example.

    Raises ValueError, beginning with `name`, for any other pair of shapes, and for labels that are not integers.
    """
    logits, y = jnp.asarray(logits), jnp.asarray(y)
    if y.shape == logits.shape and y.ndim > 1:
        return logits, y.astype(float)
    if logits.ndim < 2 or y.shape != logits.shape[:-1]:
        advice = "try Flatten() before the last layers" if logits.ndim > 2 else "look at the last layer and at y"
        raise ValueError(
            f"{name}: got logits of shape {logits.shape} and y of shape {y.shape}; "
            f"needs (batch, classes) and (batch,), or twice the same; {advice}"
        )
    if not jnp.issubdtype(y.dtype, jnp.integer):
        raise ValueError(f"{name}: got labels of type {y.dtype}; needs integers; try y.astype(int)")
    return logits, y
