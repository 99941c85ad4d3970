"""Chapter 1, set 3: from yes or no to how sure.

    deepbook check logistic

Fair here: numpy, jax (jit, grad, lax.scan and jax.numpy, but not jax.nn or jax.scipy),
and what comes with Python. z is the weighted sum W·x + b; p = 1 / (1 + exp(-z)) is the probability of class 1.
"""

import jax
import jax.numpy as jnp
import numpy as np


def log_loss(z, y):
    """Binary cross-entropy from the weighted sums, safe for every z.

    It is the mean of -log p where y is 1, and of -log(1 - p) where y is 0.

    z: (batch,) array of weighted sums, from -1000 to 1000 and beyond. y: (batch,)
    labels, 0 or 1.
    Returns one number, in nats. At z = 1000 with y = 0 the surprise is 1000: not
    infinity, not NaN.
    A way: show on paper that -log p = log(1 + exp(-z)), then look for a form that never
    takes exp of a large number.

    >>> round(float(log_loss(np.array([0.0]), np.array([1.0]))), 4)
    0.6931

    Chapter 1: 01-perceptron.html#what-surprise-costs
    """
    raise NotImplementedError("log_loss: put your answer here")


def gradient(W, b, x, y):
    """The gradient of the mean binary cross-entropy, by hand and in NumPy: how the loss
    changes with W and b.

    W: (features,). b: a number. x: (batch, features). y: (batch,) labels, 0 or 1.
    Returns two things: dW, of shape (features,), and db, a number. No jax here: the
    test compares with finite differences.

    Chapter 1: 01-perceptron.html#its-gradient
    """
    raise NotImplementedError("gradient: put your answer here")


def descend(loss, params, lr, steps):
    """Gradient descent on any loss, with jax.grad and one lax.scan.

    loss:   a function of params that returns a scalar. params: an array, or a tuple,
    list or dict of arrays.
    lr:     the learning rate. steps: how many steps (a Python int).
    Returns two things: the params after the last step, and an array (steps,) with the
    loss BEFORE each step. A Python loop would compile nothing and call `loss` again at
    each step; a scan calls it a few times in all. The test counts the calls inside
    jax.jit, so descend must work there: jnp, not np, and no float(…).

    >>> params, losses = descend(lambda w: (w - 3.0) ** 2, jnp.array(0.0), 0.5, 2)
    >>> float(params), losses.tolist()
    (3.0, [9.0, 0.0])

    Chapter 1: 01-perceptron.html#downhill
    """
    raise NotImplementedError("descend: put your answer here")
