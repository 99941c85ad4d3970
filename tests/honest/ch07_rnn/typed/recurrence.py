"""第七章:遞迴網路。"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def size_of(n_in: int, n: int, blocks: int = 1) -> int:
    return blocks * (n_in * n + n * n + n)


def count_parameters() -> tuple[int, int, int, int]:
    return size_of(5, 3), size_of(5, 3), size_of(5, 3, blocks=4), size_of(5, 3, blocks=3)


@dataclass
class Cell:
    params: dict[str, np.ndarray]

    def __call__(self, h: np.ndarray, x: np.ndarray) -> np.ndarray:
        return np.tanh(x @ self.params["Wx"] + h @ self.params["Wh"] + self.params["b"])


def unroll(params: dict[str, np.ndarray], x: np.ndarray, h: np.ndarray) -> np.ndarray:
    cell = Cell(params)
    states = np.zeros((x.shape[0], x.shape[1], h.shape[1]))
    for t, x_t in enumerate(x.swapaxes(0, 1)):
        states[:, t] = h = cell(h, x_t)
        print(f"t = {t}: |h| = {np.abs(h).max():.3f}")
    return states


def bptt(w: float, u: float, x: np.ndarray, h0: float, dh: np.ndarray) -> tuple[float, float, float]:
    """遞迴寫法:先走到底,再一步一步回來。"""

    def walk(t: int, h: float) -> tuple[float, float, float]:
        if t == len(x):
            return 0.0, 0.0, 0.0
        new = np.tanh(w * x[t] + u * h)
        dw, du, d_new = walk(t + 1, new)
        dz = (d_new + dh[t]) * (1 - new**2)
        return dw + dz * x[t], du + dz * h, dz * u

    return walk(0, h0)


def predict_fading(step: Callable, x: jax.Array) -> tuple[list[str], jax.Array]:
    def run(x):
        def one(h, x_t):
            h = step(h, x_t)
            return h, h

        _, states = jax.lax.scan(one, jnp.float32(0), x)
        return states[-1]

    value, slopes = jax.value_and_grad(run)(jnp.asarray(x))
    print("last state:", value)
    return ["gone", "exploded", "gone", "there"], jnp.where(slopes < 0, -slopes, slopes)


def clip_global(grads: dict[str, Any], limit: float):
    flat = np.concatenate([np.asarray(g).reshape(-1) for g in grads.values()])
    norm = np.linalg.norm(flat)
    if norm <= limit:
        return dict(grads), norm
    return {name: np.multiply(g, limit / norm) for name, g in grads.items()}, norm
