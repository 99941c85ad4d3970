"""Chapter 3, set 4: a training loop of your own.

    deepbook check ch03/training

Fair here: numpy, jax (jit, grad, lax.scan, jax.random and jax.numpy, but not jax.nn, jax.scipy or
jax.example_libraries), what comes with Python, and your own files, for example:

    from ch03_optimization.optimizers import adam
"""

import jax
import jax.numpy as jnp


def train_epoch(key, step, state, x, y, batch_size):
    """One epoch in one lax.scan, for any model and any optimizer.

    key: a random key. state: any tree, for example (params, the optimizer's memory).
    step: a function (state, x, y) → (state, value) that learns from one batch. x: (n,
    …) and y: (n,): all examples, as JAX arrays. batch_size: an int.
    Shuffle the rows with the key, cut them into n // batch_size batches, and scan
    `step` over them, each batch with the state that the one before has left. Rows that
    are left over wait: another epoch's key will choose others. It must work inside
    jax.jit, where the test counts the calls of `step`.
    Returns two things: the last state, and the values of all batches, stacked.

    >>> x, y = jnp.arange(7.0), jnp.arange(7)
    >>> step = lambda seen, x, y: (seen + len(x), jnp.sum(x - y))
    >>> state, values = train_epoch(jax.random.key(0), step, 0, x, y, 2)
    >>> int(state), values.tolist()
    (6, [0.0, 0.0, 0.0])

    Chapter 3: 03-optimization.html#one-scan
    """
    raise NotImplementedError("train_epoch: put your answer here")


def mend_loop(key, x, y, epochs):
    """Delete the `raise` line, then mend the four wrong lines below it.

    This loop runs and its losses fall, and still it deceives its author. One neuron
    with a sigmoid should learn from the first three quarters of the rows, with
    momentum, and with dropout on its inputs. After each epoch it is asked about the
    last quarter, the validation rows, which no step may have seen.

    key: a random key. x: (batch, features). y: (batch,) labels, 0 or 1.
    Returns three things: the W and the b of the epoch with the lowest validation loss,
    and a list of the validation losses, one after each epoch.
    The learning rate, the momentum, the dropout rate, the splitting of the key and the
    function `loss` are right as they are.

    Chapter 3: 03-optimization.html#the-clinic
    """
    raise NotImplementedError("mend_loop: put four lines right, then delete this one")

    def loss(params, x, y, key=None):
        """Binary cross-entropy; with a key, 20 % of the inputs are dropped."""
        W, b = params
        if key is not None:
            x = jnp.where(jax.random.bernoulli(key, 0.8, x.shape), x / 0.8, 0)
        z = x @ W + b
        return jnp.mean(jnp.logaddexp(0, z) - y * z)

    n = len(x) * 3 // 4
    x_train, y_train = x, y
    x_val, y_val = x[n:], y[n:]
    params = (jnp.zeros(x.shape[1]), jnp.zeros(()))
    best, losses = params, []
    for _ in range(epochs):
        v = (jnp.zeros(x.shape[1]), jnp.zeros(()))
        key, dropout_key = jax.random.split(key)
        grads = jax.grad(loss)(params, x_train, y_train, dropout_key)
        v = jax.tree.map(lambda v, g: 0.9 * v - 0.5 * g, v, grads)
        params = jax.tree.map(lambda w, v: w + v, params, v)
        losses.append(float(loss(params, x_val, y_val, dropout_key)))
        if losses[-1] == min(losses):
            best = params
    return *params, losses


def own_optimizer(key, x, y):
    """Make it learn: your own optimizer trains a network that reads digits.

    key: a random key, for the first weights and the shuffling. x: (batch, 64) pixels
    from 0 to 1. y: (batch,) the digits, 0 to 9.
    Returns the trained params ((W1, b1), (W2, b2)): W1 is (64, hidden), W2 is (hidden,
    10), with as many hidden units as you like. The test asks it about digits that it
    has never seen, scored as relu(x @ W1 + b1) @ W2 + b2: at least 96 of 100 must be
    right, for every key.
    The optimizer is yours (`adam`, `lion` or another), and so is the loop:
    `train_epoch` above, with all epochs in one more lax.scan, takes a few seconds.

    Chapter 3: 03-optimization.html#lab-the-race
    """
    raise NotImplementedError("own_optimizer: put your answer here")
