"""Chapter 3, set 3: learn the rule, not the examples.

    deepbook check regularization

Fair here: numpy, jax (jit, grad, jax.random and jax.numpy, but not jax.nn or jax.scipy), and what comes with Python.
"""

import jax
import jax.numpy as jnp
import numpy as np


def early_stop(losses, patience):
    """When would early stopping have stopped, and which epoch's weights would it keep?

    losses: the validation loss after each epoch, a list of at least one number; epochs
    count from 0. patience: how many epochs in a row may pass without a new best.
    An epoch is a new best if its loss is less than every loss before it; epoch 0 is
    one. NaN is not less than anything. Training ends after the first epoch that makes
    `patience` epochs in a row without a new best; if there is none, after the last.
    Returns two ints: the last epoch that is run, and the best epoch up to there.

    >>> early_stop([5.0, 3.0, 4.0, 3.5, 1.0], patience=2)
    (3, 1)

    Source: Prechelt (1998), "Early stopping: but when?".
    Chapter 3: 03-optimization.html#early-stopping
    """
    raise NotImplementedError("early_stop: put your answer here")


def l1_step(w, gradient, lr, rate):
    """One step downhill on loss + rate · Σ|w|, in which weights can come to rest at 0.

    The slope of |w| is 1 or -1 however small w is, so a plain step would jump over 0
    and back for ever. Take the two parts one after the other:
    - a plain step on the loss alone: w - lr · gradient;
    - then move every weight lr · rate towards 0; one that would reach or cross 0 stops
    there, at exactly 0.

    w, gradient: arrays of the same shape; gradient is that of the loss alone. lr: the
    learning rate. rate: how strong the penalty is.
    Returns the new w.

    >>> w, gradient = np.array([1.0, -1.0, 0.25]), np.array([0.0, 2.0, 0.0])
    >>> l1_step(w, gradient, 0.5, 1.0).tolist()
    [0.5, -1.5, 0.0]

    Source: Daubechies, Defrise and De Mol (2004), "An iterative thresholding algorithm
    for linear inverse problems with a sparsity constraint".
    Chapter 3: 03-optimization.html#large-weights
    """
    raise NotImplementedError("l1_step: put your answer here")


def dropout(x, rate, key=None):
    """While training, switch off each unit with probability `rate`.

    x: array of any shape. rate: the part to drop, 0 <= rate < 1. key: a random key, or
    None, which means that you are not training.
    Returns an array of x's shape. With a key, each number on its own becomes 0 with
    probability rate, and the others are scaled up, so that the mean over many draws is
    x. The same key drops the same numbers. Without a key, x comes back as it is.

    >>> dropout(jnp.ones(8), 0.5, jax.random.key(1)).tolist()
    [2.0, 0.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0]

    (Your draw from this key may be another one, and right as well.)

    Source: Srivastava et al. (2014), "Dropout: a simple way to prevent neural networks
    from overfitting".
    Chapter 3: 03-optimization.html#dropout
    """
    raise NotImplementedError("dropout: put your answer here")


def batch_norm(x, scale, shift, mean, var, momentum, eps):
    """Batch normalization, forwards, while training.

    x: (batch, features). scale, shift: (features,), learned. mean, var: (features,),
    the running statistics, for the time after training. momentum: the part of them
    that is kept. eps: a small number.
    Each feature has its batch mean subtracted and is divided by √(batch variance +
    eps); then comes scale, then shift. The running ones move towards those of the
    batch: running ← momentum · running + (1 - momentum) · batch. The variance is the
    mean squared distance from the mean, divided by the batch size.
    Returns three things: y, of x's shape, the new mean and the new var.

    >>> x, one = np.array([[1.0], [3.0]]), np.ones(1)
    >>> y, mean, var = batch_norm(x, 10 * one, 5 * one, 0 * one, one, 0.75, 0.0)
    >>> y.tolist(), mean.tolist(), var.tolist()
    ([[-5.0], [15.0]], [0.5], [1.0])

    Source: Ioffe and Szegedy (2015), "Batch normalization".
    Chapter 3: 03-optimization.html#batch-normalization
    """
    raise NotImplementedError("batch_norm: put your answer here")
