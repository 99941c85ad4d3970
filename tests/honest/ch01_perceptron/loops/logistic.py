import math

import jax
import jax.numpy as jnp


def log_loss(z, y):
    total = 0.0
    for i in range(len(z)):
        # -log p of the class that is right
        s = z[i] if y[i] == 1 else -z[i]
        if s > 0:
            total += math.log1p(math.exp(-s))
        else:
            total += -s + math.log1p(math.exp(s))
    return total / len(z)


def gradient(W, b, x, y):
    n = len(x)
    dW = [0.0 for _ in W]
    db = 0.0
    for i in range(n):
        z = b
        for j in range(len(W)):
            z += W[j] * x[i][j]
        error = 1 / (1 + math.exp(-z)) - y[i]
        for j in range(len(W)):
            dW[j] += error * x[i][j] / n
        db += error / n
    return dW, db


def descend(loss, params, lr, steps):
    slope = jax.grad(loss)

    def body(i, carry):
        params, losses = carry
        losses = losses.at[i].set(loss(params))
        grads = slope(params)
        params = jax.tree_util.tree_map(lambda p, g: p - lr * g, params, grads)
        return params, losses

    return jax.lax.fori_loop(0, steps, body, (params, jnp.zeros(steps)))
