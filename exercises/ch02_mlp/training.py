"""Chapter 2, set 4: train a network of your own.

    deepbook check ch02/training

Fair here: numpy, jax (jit, grad, jax.numpy and jax.random, but not jax.nn or jax.scipy), what comes with Python, and
your own files, for example:

    from ch02_mlp.backprop import backward

A network is a list params of pairs (W, b), as in network.py; hidden units are ReLUs, the last layer gives scores.
"""

import jax
import jax.numpy as jnp
import numpy as np


def initialize(key, sizes):
    """Where to start: random weights after He, and zero biases.

    key: a random key, from jax.random.key. sizes: how many units each layer has, from
    the input to the output, for example (64, 32, 10).
    Returns a list of (W, b), one pair for each layer after the input: W is (n_in,
    n_out), normally distributed with mean 0 and VARIANCE 2 / n_in; b is (n_out,),
    zeros. No two layers may get the same random numbers, and another key gives other
    numbers.

    >>> params = initialize(jax.random.key(0), (64, 32, 10))
    >>> [(W.shape, b.shape) for W, b in params]
    [((64, 32), (32,)), ((32, 10), (10,))]

    Source: He, Zhang, Ren and Sun (2015), "Delving deep into rectifiers".
    Chapter 2: 02-mlp.html#where-to-start
    """
    raise NotImplementedError("initialize: put your answer here")


def predict_vanishing():
    """Predict, then measure: what is left of a slope after five layers?

    Think before you run anything. Five sigmoids stand in a row, y = σ(σ(σ(σ(σ(x))))),
    with all weights 1 and all biases 0. Return three things:
    - the largest that dy/dx could be, if every sigmoid stood where it is steepest: a
      number;
    - the same for five ReLUs in a row: a number;
    - is the true dy/dx of the five sigmoids at x = 0 "larger" than your first number,
      "smaller", or "equal"?

    The test measures it with jax.grad. So can you.

    Chapter 2: 02-mlp.html#vanishing-gradients
    """
    raise NotImplementedError("predict_vanishing: put your answer here")


def mend_training(x, y, epochs):
    """Delete the `raise` line, then mend the four wrong lines below it.

    A network with 32 hidden ReLUs should learn to read digits: pixels between 0 and 1,
    He's weights, cross-entropy, and gradient descent in batches of 50, shuffled anew in
    each epoch.
    x: (batch, 64) pixels from 0 to 255; batch is a multiple of 50. y: (batch,) the
    digits, 0 to 9.
    Returns two things: params, and a list with the mean loss of each epoch.
    The learning rate, the batches and the seeds are right as they are.

    Chapter 2: 02-mlp.html#scale-the-inputs
    """
    raise NotImplementedError("mend_training: mend four lines, then delete this one")
    keys = jax.random.split(jax.random.key(0))
    x, y = jnp.asarray(x), jnp.asarray(y)
    params = [
        (jnp.zeros((64, 32)), jnp.zeros(32)),
        (jax.random.normal(keys[1], (32, 10)) * jnp.sqrt(2 / 32), jnp.zeros(10)),
    ]

    def log_softmax(z):
        z = z - jnp.max(z, axis=1, keepdims=True)
        return z - jnp.log(jnp.sum(jnp.exp(z), axis=1, keepdims=True))

    def loss(params, x, y):
        (W1, b1), (W2, b2) = params
        z = x @ W1 + b1
        logits = jnp.where(z > 0, z, 0) @ W2 + b2  # ReLU: its slope at 0 is 0
        log_p = log_softmax(jnp.exp(log_softmax(logits)))
        return -jnp.mean(log_p[jnp.arange(len(y)), y])

    @jax.jit
    def step(params, x, y):
        value, grads = jax.value_and_grad(loss)(params, x, y)
        return jax.tree.map(lambda w, g: w - 0.2 * g, params, grads), value

    rng, losses = np.random.default_rng(0), []
    for _ in range(epochs):
        x = x[rng.permutation(len(x))]
        values = []
        for i in range(0, len(x), 50):
            params, value = step(params, x[i : i + 50], y[i : i + 50])
            values.append(float(value))
        losses.append(sum(values) / len(values))
    return params, losses


def learn_digits(params, x, y):
    """Make it learn: train this network until it reads digits that it has never seen.

    params: list of (W, b) with random weights, where to start: 64 inputs, some hidden
    ReLUs, ten scores. x: (batch, 64) pixels from 0 to 1. y: (batch,) the digits, 0 to
    9.
    Returns the trained params, in the same form and with the same shapes. The answer to
    a digit is the class with the highest score; at least 95 of 100 unseen digits must
    be right.
    How is yours to choose: mini-batches, the learning rate, how many epochs; the
    gradient by your own `backward` or by jax.grad. A good answer takes a second or two,
    and 20 are the limit.

    Chapter 2: 02-mlp.html#lab-digits
    """
    raise NotImplementedError("learn_digits: put your answer here")
