"""Chapter 3, set 1: downhill, by hand and with momentum.

    deepbook check descent

Fair here: numpy, jax (jit, grad, vmap, lax.scan and jax.numpy, but not jax.nn, jax.scipy or jax.example_libraries), and
what comes with Python.
"""

import jax
import jax.numpy as jnp
import numpy as np


def largest_rate(curvatures):
    """Predict, then measure: where is the learning rate too large?

    Think before you run anything. J(w) = c[0]·w[0]² + c[1]·w[1]² + …, and you walk down
    with w ← w - lr · slope, from a w without zeros. Each of its numbers goes by its own
    slope, as if it were alone; lr is the same for all.
    curvatures: (n,) array, the numbers c, all positive.
    Returns the edge, a number: with any smaller lr the walk ends at w = 0, with any
    larger one it flies away.

    The test measures it: it walks with many rates. So can you.

    Chapter 3: 03-optimization.html#downhill
    """
    # BEGIN SOLUTION
    return 1 / np.max(curvatures)  # w ← (1 - 2·lr·c) w shrinks while 2·lr·c < 2; the steepest axis decides
    # END SOLUTION


def partials():
    """Three partial derivatives and one step, with pencil and paper.

    The loss is L = (b1 + 2·w1 - w2 - 3)². You stand at w1 = 2, w2 = 1, b1 = -1.
    Return two things, each a tuple of three numbers in the order (w1, w2, b1):
    - the partial derivatives of L where you stand;
    - w1, w2 and b1 after one step downhill with the learning rate 0.1.

    Chapter 3: 03-optimization.html#partial-derivatives
    """
    # BEGIN SOLUTION
    # e = b1 + 2·w1 - w2 - 3 = -1; the slopes are 2e · (2, -1, 1)
    return (-4.0, 2.0, -2.0), (2.4, 0.8, -0.8)
    # END SOLUTION


def restarts(loss, starts, lr, steps):
    """Gradient descent from many starts at once; the lowest end wins.

    A valley that you end in need not be the deepest one. So start in many places.
    loss:   a function of w, an array (n,), that returns a scalar. starts: (k, n) array.
    lr:     the learning rate. steps: how many steps from each start (a Python int).
    Returns two things: the w, of shape (n,), whose loss at the END is the lowest, and
    that loss, a number. A start that ends in NaN never wins.
    Neither starts nor steps may be a Python loop, which would call `loss` again and
    again: write the descent for one start with lax.scan, then jax.vmap it. The test
    counts the calls inside jax.jit, so restarts must work there: jnp, not np, and no
    float(…) or int(…).

    >>> loss = lambda w: jnp.sum(w**2) + 1
    >>> w, value = restarts(loss, jnp.array([[4.0], [2.0]]), 0.25, 1)
    >>> w.tolist(), float(value)
    ([1.0], 2.0)

    Chapter 3: 03-optimization.html#the-landscape
    """

    # BEGIN SOLUTION
    def end_of(start):
        return jax.lax.scan(lambda w, _: (w - lr * jax.grad(loss)(w), None), start, length=steps)[0]

    ends = jax.vmap(end_of)(starts)
    values = jax.vmap(loss)(ends)
    best = jnp.nanargmin(values)
    return ends[best], values[best]
    # END SOLUTION


def momentum(slope, w, lr, r, steps):
    """Gradient descent with momentum: a ball that keeps a part of its speed.

    v ← r·v - lr·(slope at w), then w ← w + v. The ball starts at rest: v = 0.
    slope: a function of w, its gradient. w: (n,) array, where to start. lr: the
    learning rate. r: the part of the speed that is kept. steps: how many steps.
    Returns the path, an array (steps + 1, n): the start first, then w after each step.

    >>> momentum(lambda w: 2 * w, np.array([1.0]), 0.25, 0.5, 2).tolist()
    [[1.0], [0.5], [0.0]]

    Source: Polyak (1964), "Some methods of speeding up the convergence of iteration
    methods".
    Chapter 3: 03-optimization.html#momentum
    """
    # BEGIN SOLUTION
    v, path = np.zeros_like(w), [w]
    for _ in range(steps):
        v = r * v - lr * slope(w)
        w = w + v
        path.append(w)
    return np.array(path)
    # END SOLUTION
