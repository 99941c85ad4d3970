# 第三組
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Params = Any


def softplus(t: np.ndarray) -> np.ndarray:
    """log(1 + exp(t)),不會溢位。"""
    return np.maximum(t, 0) + np.log1p(np.exp(-np.abs(t)))


def log_loss(z: np.ndarray, y: np.ndarray) -> np.float64:
    z, y = np.asarray(z, dtype=np.float64), np.asarray(y, dtype=np.float64)
    each = y * softplus(-z) + (1 - y) * softplus(z)
    print("loss of each example:", each)
    return np.float64(each.sum() / each.shape[0])


def gradient(W, b, x, y):
    n: int = x.shape[0]
    z = np.array([np.dot(W, xi) + b for xi in x])
    p = np.empty(n)
    for i in range(n):
        p[i] = 1.0 / (1.0 + np.exp(-z[i]))
    dz = (p - y) / n
    return np.dot(x.T, dz), np.float64(np.sum(dz))


def descend(loss: Callable[[Params], jax.Array], params: Params, lr: float, steps: int):
    grad_fn = jax.jit(jax.value_and_grad(loss))

    def one_step(carry: Params, i: jax.Array):
        l, g = grad_fn(carry)
        # jax.debug.print("step {i}: {l}", i=i, l=l)
        return jax.tree.map(lambda p, gp: p - lr * gp, carry, g), l

    print("descend:", steps, "steps")
    final, ls = jax.lax.scan(one_step, params, jnp.arange(steps))
    assert ls.shape == (steps,)
    return final, ls


def main() -> None:
    w, losses = descend(lambda w: (w - 3.0) ** 2, jnp.array(0.0), 0.1, 20)
    print(w, losses)


if __name__ == "__main__":
    main()
