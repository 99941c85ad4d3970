from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from ch03_optimization.optimizers import adam
from ch03_optimization.optimizers import warmup_cosine as schedule


def train_epoch(key: jax.Array, step, state, x: jax.Array, y: jax.Array, batch_size: int):
    """一個 epoch。"""
    batches = len(x) // batch_size
    shuffled = jax.random.permutation(key, jnp.arange(len(x)))
    index = jnp.resize(shuffled, (batches, batch_size))

    def body(carry, rows):
        new, value = step(carry, jnp.take(x, rows, axis=0), jnp.take(y, rows, axis=0))
        return new, value

    print("batches:", batches)
    final, values = jax.lax.scan(body, state, index)
    return final, values


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
    v = (jnp.zeros(x.shape[1]), jnp.zeros(()))
    best, losses = params, []
    for epoch in range(epochs):
        key, dropout_key = jax.random.split(key)
        value, grads = jax.value_and_grad(loss)(params, x_train, y_train, dropout_key)
        v = jax.tree.map(lambda v, g: 0.9 * v - 0.5 * g, v, grads)
        params = jax.tree.map(lambda w, v: w + v, params, v)
        losses.append(float(loss(params, x_val, y_val)))
        print(f"epoch {epoch}: train {value:.4f}, validation {losses[-1]:.4f}")
        if losses[-1] == min(losses):
            best = params
    return *best, losses


class Memory(NamedTuple):
    params: tuple
    adam: tuple


def own_optimizer(key, x, y):
    epochs, batch_size, n_hidden = 35, 64, 128
    total = epochs * (len(x) // batch_size)
    init_key, key = jax.random.split(key)

    def init(key):
        keys = jax.random.split(key)
        return (
            (jnp.sqrt(2 / 64) * jax.random.normal(keys[0], (64, n_hidden)), jnp.zeros(n_hidden)),
            (jnp.sqrt(2 / n_hidden) * jax.random.normal(keys[1], (n_hidden, 10)), jnp.zeros(10)),
        )

    def loss(params, x, y):
        (W1, b1), (W2, b2) = params
        logits = jnp.where((h := x @ W1 + b1) > 0, h, 0.0) @ W2 + b2
        peak = logits.max(axis=1)
        log_sum = peak + jnp.log(jnp.exp(logits - peak[:, None]).sum(axis=1))
        return (log_sum - (logits * jnp.eye(10)[y]).sum(axis=1)).mean()

    def step(memory, x, y):
        value, grads = jax.value_and_grad(loss)(memory.params, x, y)
        rate = schedule(memory.adam[2], 5e-3, 50, total)
        return Memory(*adam(memory.params, grads, memory.adam, rate)), value

    params = init(init_key)
    zeros = jax.tree.map(jnp.zeros_like, params)
    memory = Memory(params, (zeros, zeros, jnp.int32(0)))
    x, y = jnp.asarray(x), jnp.asarray(y)
    one = jax.jit(lambda key, memory: train_epoch(key, step, memory, x, y, batch_size))
    for epoch, k in enumerate(jax.random.split(key, epochs)):
        memory, values = one(k, memory)
        if epoch % 10 == 0:
            print(f"第 {epoch} 輪,損失 {np.mean(values):.3f}")
    return memory.params
