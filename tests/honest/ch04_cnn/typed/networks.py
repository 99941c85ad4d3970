from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np


def receptive_field(layers: list[tuple[int, int]]) -> int:
    first, last = 0, 0
    for size, stride in reversed(layers):
        first, last = first * stride, last * stride + size - 1
    return last - first + 1


def residual(f, x: np.ndarray, P: np.ndarray | None = None, stride: int = 1) -> np.ndarray:
    shortcut = x if stride == 1 else x[:, ::stride, ::stride, :]
    if P is not None:
        batch, rows, columns, _ = shortcut.shape
        shortcut = (shortcut.reshape(-1, len(P)) @ P).reshape(batch, rows, columns, -1)
    y = f(x)
    print("residual:", x.shape, "→", y.shape)
    return (y + shortcut).clip(min=0)


def mend_cnn(params, photos):
    def conv(x, W):
        """The scores of all filters, with a border of zeros: (batch, 8, 8, 4)."""
        x = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        return sum(x[:, i : i + 8, j : j + 8] @ W[i, j] for i in range(3) for j in range(3))

    n = len(photos)
    x = np.transpose(photos, (0, 2, 3, 1))  # 通道在最後
    print("photos", x.shape)
    x = conv(x, params["W"])
    mean = x.mean(axis=(0, 1, 2), keepdims=True)
    var = x.var(axis=(0, 1, 2), keepdims=True)
    x = params["scale"] * (x - mean) / np.sqrt(var + 1e-5) + params["shift"]
    x = np.maximum(x, 0)
    x = x.reshape(n, 4, 2, 4, 2, 4).max(axis=(2, 4))
    print("pooled", x.shape)
    x = np.mean(x, axis=(1, 2))
    return x @ params["W_out"] + params["b_out"]


class Prediction(NamedTuple):
    loses_more: str
    costs_more: int


def shifted(read, x: np.ndarray, y: np.ndarray, most: int):
    def accuracy(s: int) -> float:
        moved = np.roll(x, s, axis=2)
        moved[:, :, :s] = 0
        return float(np.count_nonzero(np.argmax(read(moved), axis=-1) == y) / y.size)

    return Prediction("mlp", 1), np.array([accuracy(s) for s in range(most + 1)])


class Params(NamedTuple):
    first: tuple
    second: tuple
    dense: tuple


@dataclass
class Network:
    n1: int = 12
    n2: int = 16

    def init(self, key: jax.Array) -> Params:
        keys = jax.random.split(key, 3)
        he = lambda key, *shape: jax.random.normal(key, shape) * np.sqrt(2 / np.prod(shape[:-1]))
        return Params(
            (he(keys[0], 3, 3, 1, self.n1), jnp.zeros(self.n1)),
            (he(keys[1], 3, 3, self.n1, self.n2), jnp.zeros(self.n2)),
            (he(keys[2], 4 * self.n2, 10), jnp.zeros(10)),
        )

    def __call__(self, params: Params, x: jax.Array) -> jax.Array:
        for W, b in (params.first, params.second):
            padded = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
            rows, columns = x.shape[1:3]
            x = sum(padded[:, i : i + rows, j : j + columns] @ W[i, j] for i in range(3) for j in range(3)) + b
            x = jnp.maximum(x, 0)
            x = x.reshape(len(x), rows // 2, 2, columns // 2, 2, -1).max((2, 4))
        W, b = params.dense
        return x.reshape(len(x), -1) @ W + b


def train_cnn(key: jax.Array, x: np.ndarray, y: np.ndarray) -> Params:
    network = Network()

    def loss(params, x, y):
        z = network(params, x)
        z -= z.max(axis=1, keepdims=True)
        return jnp.mean(jnp.log(jnp.exp(z).sum(axis=1)) - jnp.take_along_axis(z, y[:, None], axis=1).ravel())

    @jax.jit
    def step(params, v, x, y, lr):
        value, grads = jax.value_and_grad(loss)(params, x, y)
        v = jax.tree.map(lambda v, g: 0.9 * v - lr * g, v, grads)
        return jax.tree.map(jnp.add, params, v), v, value

    params = network.init(key)
    v = jax.tree.map(jnp.zeros_like, params)
    rng = np.random.default_rng(0)
    for epoch in range(18):
        for rows in rng.permutation(len(x))[: len(x) // 32 * 32].reshape(-1, 32):
            params, v, value = step(params, v, x[rows], y[rows], 0.04 if epoch < 12 else 0.01)
        print(f"epoch {epoch:2d}  loss {float(value):.4f}")
    return params


if __name__ == "__main__":
    print(receptive_field([(3, 1), (3, 1)]))
