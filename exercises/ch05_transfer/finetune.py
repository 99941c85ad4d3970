"""Chapter 5, set 2: which layers learn, and how fast.

    deepbook check finetune

Fair here: numpy, jax (jit, grad, tree.map, tree.leaves and jax.numpy, but not jax.nn or jax.example_libraries), and
what comes with Python. params, grads and updates are tuples with an entry for each layer, from the first to the last:
a dict of arrays, or {} for a layer without parameters, such as ReLU. An optimizer is a function `update(grads, state,
params)` that returns (updates, state); the updates are what is to be ADDED to the params, of the same form.
"""

import jax
import jax.numpy as jnp
import numpy as np


def freeze_updates(params, grads, state, update, trainable):
    """One step of any optimizer, with some layers frozen.

    params, grads: tuples, a dict of arrays for each layer. state: what the optimizer
    remembers. update(grads, state, params) returns (updates, state), and may do more
    than follow the gradient: it may let all weights decay.
    trainable: a tuple with True or False for each layer.
    Take the step in the layers with True. The numbers of the others stay what they are,
    bit by bit, whatever their updates are, NaN too.
    Returns two things: the new params, and the optimizer's new state as `update` gave
    it.

    >>> half = lambda w: -w / 2
    >>> shrink = lambda grads, t, params: (jax.tree.map(half, params), t + 1)
    >>> params = {"W": jnp.array([4.0])}, {"W": jnp.array([8.0])}
    >>> new, state = freeze_updates(params, params, 0, shrink, (False, True))
    >>> [layer["W"].tolist() for layer in new], state
    ([[4.0], [4.0]], 1)

    Chapter 5: 05-transfer.html#fine-tuning
    """
    raise NotImplementedError("freeze_updates: put your answer here")


def thaw_top(params, n):
    """Which layers learn if the last n are thawed?

    params: a tuple with the parameters of each layer: a dict of arrays, or tuples of
    these if the layer is made of others. A layer without any array, as {} or ({}, {}),
    has nothing to learn and is not counted.
    n: how many layers with parameters are thawed, from 0 to all of them, counted from
    the last one.
    From the lowest thawed layer on all layers get True, those without parameters too: a
    Dropout in the frozen part would be switched off. All below it get False.
    Returns a tuple with True or False for each layer.

    >>> W = jnp.ones((2, 2))
    >>> thaw_top(({"W": W}, {}, {"W": W}, {}, {"W": W}), 2)
    (False, False, True, True, True)

    Chapter 5: 05-transfer.html#fine-tuning
    """
    raise NotImplementedError("thaw_top: put your answer here")


def rates_by_depth(params, grads, state, update, factor):
    """One step of any optimizer in which deeper layers move less.

    The first layers of a borrowed network know what every picture is made of; the last
    ones know the old task. So the last layer moves by its whole update, the layer
    before it by factor times its update, the one before that by factor², and so on.
    Layers without parameters do not count.
    params, grads: tuples, a dict of arrays for each layer. update(grads, state, params)
    returns (updates, state). factor: between 0 and 1.
    Returns two things: the new params, and the optimizer's new state as `update` gave
    it.

    >>> grow = lambda grads, state, params: (jax.tree.map(jnp.ones_like, params), state)
    >>> params = {"W": jnp.zeros(1)}, {}, {"W": jnp.zeros(1)}
    >>> new, _ = rates_by_depth(params, params, None, grow, 0.5)
    >>> new[0]["W"].tolist(), new[2]["W"].tolist()
    ([0.5], [1.0])

    Source: Howard and Ruder (2018), "Universal language model fine-tuning for text
    classification".
    Chapter 5: 05-transfer.html#rates-by-depth
    """
    raise NotImplementedError("rates_by_depth: put your answer here")


def frozen_batchnorm(x, scale, shift, mean, var, momentum, eps, trainable):
    """Batch normalization for maps, which may be frozen, while the network is trained.

    x: (batch, height, width, channels). scale, shift, mean, var: (channels,). momentum:
    the part of the running mean and var that is kept. eps: a small number.
    y = scale · (x - m) / √(v + eps) + shift, where m and v are of each channel:
    - trainable is True: the mean and the variance of this batch, over all its images
      and all their pixels; and running ← momentum · running + (1 - momentum) · batch.
      The variance is the mean squared distance from the mean.
    - trainable is False: the running mean and var, and these stay as they are.
    Returns three things: y, of x's shape, the new mean and the new var.

    >>> x, one = np.array([1.0, 3.0]).reshape(1, 1, 2, 1), np.ones(1)
    >>> numbers = one, 0 * one, 5 * one, 4 * one, 0.5, 0.0
    >>> y, mean, var = frozen_batchnorm(x, *numbers, trainable=False)
    >>> y.ravel().tolist(), mean.tolist(), var.tolist()
    ([-2.0, -1.0], [5.0], [4.0])

    Source: Ioffe and Szegedy (2015), "Batch normalization", section 3.2.
    Chapter 5: 05-transfer.html#frozen-statistics
    """
    raise NotImplementedError("frozen_batchnorm: put your answer here")


def fewer_or_more():
    """Predict, then measure: freeze, fine-tune, or begin anew?

    Think before you run anything. A network with 48 hidden ReLUs has learned the
    digits 0 to 4, under lamps that make each image brighter or darker, and one side of
    it brighter than the other. Now it shall read 5 to 9, under such lamps. Three ways,
    with equally many steps:
    - "frozen": the hidden layer stays as it is, and a new head learns;
    - "tuned": a new head and the borrowed hidden layer learn, both at the same rate;
    - "scratch": a network of the same size learns from random weights.

    Return three of these words:
    - which way reads the most unseen digits if there are 2 examples of each class;
    - which way reads the fewest then;
    - which way reads the fewest if there are all the examples, about 140 of each.

    The test measures it. So can you.

    Chapter 5: 05-transfer.html#when-transfer-hurts
    """
    raise NotImplementedError("fewer_or_more: put your answer here")
