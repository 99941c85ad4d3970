"""Chapter 3, set 2: optimizers of your own, one step at a time.

    deepbook check optimizers

Fair here: numpy, jax (jit, grad, lax.scan, tree.map and jax.numpy, but not jax.nn, jax.scipy or jax.example_libraries),
and what comes with Python. Params may be any tree: an array, or tuples and dicts of arrays; gradients and moments have
the same form. All of this must also work inside jax.jit and lax.scan, so compute with jnp.
"""

import jax
import jax.numpy as jnp


def adam(params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    """One step of Adam.

    params, grads: trees of the same form. state: (m, v, t): the running mean of the
    gradients and that of their squares, both trees like params, and t, how many steps
    were taken before this one; at the beginning m and v are zeros and t is 0.

        t ← t + 1
        m ← b1·m + (1 - b1)·g          v ← b2·v + (1 - b2)·g²
        w ← w - lr · (m / (1 - b1ᵗ)) / (√(v / (1 - b2ᵗ)) + eps)

    Returns two things: the new params and the new state (m, v, t), with m and v as in
    the second line.

    >>> start = jnp.zeros(()), jnp.zeros(()), 0
    >>> w, (m, v, t) = adam(jnp.array(1.0), jnp.array(4.0), start, 0.5)
    >>> float(w), round(float(m), 4), round(float(v), 4), t
    (0.5, 0.4, 0.016, 1)

    Source: Kingma and Ba (2015), "Adam: a method for stochastic optimization".
    Chapter 3: 03-optimization.html#adam
    """
    raise NotImplementedError("adam: put your answer here")


def lion(params, grads, m, lr=1e-4, b1=0.9, b2=0.99, decay=0.0):
    """One step of Lion, which `deepbook` does not have: found by a search over programs.

    It remembers one number for each weight where Adam remembers two, and every weight
    moves equally far. With the m from before the step:

        w ← w - lr · (sign(b1·m + (1 - b1)·g) + decay·w)
        m ← b2·m + (1 - b2)·g

    params, grads, m: trees of the same form; m begins with zeros.
    Returns two things: the new params and the new m.

    >>> w, m = lion(jnp.array(1.0), jnp.array(4.0), jnp.array(-0.5), 0.25)
    >>> float(w), round(float(m), 4)
    (1.25, -0.455)

    Source: Chen et al. (2023), "Symbolic discovery of optimization algorithms".
    Chapter 3: 03-optimization.html#adam
    """
    raise NotImplementedError("lion: put your answer here")


def warmup_cosine(t, lr, warmup, total):
    """A learning rate that climbs in a line and falls along half a cosine.

    t: the number of the step, 0 for the first: a number or an array of numbers. lr: the
    highest rate. warmup, total: numbers of steps, 0 < warmup < total.
    The first `warmup` steps climb in equal stairs up to lr: step 0 has the rate
    lr / warmup (not 0: it should not be wasted) and step warmup - 1 has lr. From step
    `warmup`, with lr, to step `total`, with 0, the rate follows half a cosine. After
    that it stays 0.
    Returns the rate, or an array of rates. Inside jit the value of t is not known, so
    there can be no `if` on it.

    >>> [round(float(rate), 2) for rate in warmup_cosine(jnp.arange(7), 1.0, 2, 6)]
    [0.5, 1.0, 1.0, 0.85, 0.5, 0.15, 0.0]

    Source: Goyal et al. (2017); Loshchilov and Hutter (2017).
    Chapter 3: 03-optimization.html#schedules
    """
    raise NotImplementedError("warmup_cosine: put your answer here")
