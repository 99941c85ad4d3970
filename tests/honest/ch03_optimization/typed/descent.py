"""第三章,第一組:下山。"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np


class Ball(NamedTuple):
    w: np.ndarray
    v: np.ndarray

    def roll(self, slope: np.ndarray, lr: float, r: float) -> "Ball":
        v = self.v * r - slope * lr
        return Ball(self.w + v, v)


def largest_rate(curvatures: np.ndarray) -> float:
    # 二階導數 2c,邊界 2 / (2c)
    return float(2.0 / max(2.0 * c for c in curvatures))


def partials():
    e = -1.0 + 2 * 2.0 - 1.0 - 3
    print("e =", e)
    return (4 * e, -2 * e, 2 * e), (2 - 0.1 * 4 * e, 1 + 0.1 * 2 * e, -1 - 0.1 * 2 * e)


def restarts(loss: Callable, starts: jax.Array, lr: float, steps: int) -> tuple[jax.Array, jax.Array]:
    class End(NamedTuple):
        w: jax.Array
        value: jax.Array

    @jax.vmap
    def descend(start):
        def step(w, _):
            return w - lr * jax.grad(loss)(w), ()

        w, _ = jax.lax.scan(step, start, jnp.arange(steps))
        return End(w, loss(w))

    ends = descend(starts)
    winner = jnp.nanargmin(ends.value)
    return jax.tree.map(lambda leaf: leaf[winner], ends)


def momentum(slope: Callable, w: np.ndarray, lr: float, r: float, steps: int) -> np.ndarray:
    balls = [Ball(w, np.zeros(w.shape))]
    while len(balls) <= steps:
        balls.append(balls[-1].roll(slope(balls[-1].w), lr, r))
    print("path of", len(balls), "points")
    return np.stack([ball.w for ball in balls])
