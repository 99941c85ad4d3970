import jax
import jax.numpy as jnp
import numpy as np
from ch03_optimization.optimizers import adam


def train_epoch(key, step, state, x, y, batch_size):
    order = jax.random.permutation(key, len(x))
    n = len(x) // batch_size
    x = x[order]
    y = y[order]

    def body(state, i):
        xb = jax.lax.dynamic_slice_in_dim(x, i * batch_size, batch_size)
        yb = jax.lax.dynamic_slice_in_dim(y, i * batch_size, batch_size)
        return step(state, xb, yb)

    return jax.lax.scan(body, state, jnp.arange(n))


def mend_loop(key, x, y, epochs):
    def loss(params, x, y, key=None):
        """Binary cross-entropy; with a key, 20 % of the inputs are dropped."""
        W, b = params
        if key is not None:
            x = jnp.where(jax.random.bernoulli(key, 0.8, x.shape), x / 0.8, 0)
        z = x @ W + b
        return jnp.mean(jnp.logaddexp(0, z) - y * z)

    n = len(x) * 3 // 4
    x_train, y_train = x[:n], y[:n]
    x_val, y_val = x[n:], y[n:]
    params = (jnp.zeros(x.shape[1]), jnp.zeros(()))
    best, losses = params, []
    v = (jnp.zeros(x.shape[1]), jnp.zeros(()))
    for _ in range(epochs):
        key, dropout_key = jax.random.split(key)
        grads = jax.grad(loss)(params, x_train, y_train, dropout_key)
        v = jax.tree.map(lambda v, g: 0.9 * v - 0.5 * g, v, grads)
        params = jax.tree.map(lambda w, v: w + v, params, v)
        losses.append(float(loss(params, x_val, y_val)))
        if losses[-1] == min(losses):
            best = params
    W, b = best
    return W, b, losses


def own_optimizer(key, x, y):
    x = jnp.array(x)
    y = jnp.array(y)
    k1, k2, key = jax.random.split(key, 3)
    n_hidden = 80
    params = (
        (jax.random.normal(k1, (64, n_hidden)) * 0.18, jnp.zeros(n_hidden)),
        (jax.random.normal(k2, (n_hidden, 10)) * 0.16, jnp.zeros(10)),
    )

    def loss(params, x, y):
        (W1, b1), (W2, b2) = params
        h = jnp.maximum(0, x @ W1 + b1)
        z = h @ W2 + b2
        return jnp.mean(jnp.log(jnp.sum(jnp.exp(z), axis=1)) - z[jnp.arange(len(y)), y])

    zeros = jax.tree.map(jnp.zeros_like, params)
    state = (params, (zeros, zeros, 0))

    def step(state, x, y):
        params, memory = state
        value, grads = jax.value_and_grad(loss)(params, x, y)
        params, memory = adam(params, grads, memory, 0.003)
        return (params, memory), value

    epoch = jax.jit(lambda key, state: train_epoch(key, step, state, x, y, 32))
    for _ in range(30):
        key, sub = jax.random.split(key)
        state, values = epoch(sub, state)
    return jax.tree.map(np.asarray, state[0])
