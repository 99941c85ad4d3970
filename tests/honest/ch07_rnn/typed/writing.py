from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Tree = Any


def shift_targets(ids: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
    count, rest = divmod(len(ids) - 1, length)
    if count < 1:
        raise ValueError(f"太短:{len(ids)} 個字")
    print(f"{count} windows, {rest} ids left over")
    x = np.array([ids[i * length : (i + 1) * length] for i in range(count)])
    y = np.array([ids[i * length + 1 : (i + 1) * length + 1] for i in range(count)])
    return x, y


def bits_per_character(p: np.ndarray, mask: np.ndarray) -> tuple[float, float]:
    bits = np.where(mask, np.log2(1.0 / p), 0.0).sum() / np.count_nonzero(mask)
    return float(bits), float(np.power(2.0, bits))


def sample_next(logits: np.ndarray, u: np.ndarray, temperature: float = 1.0, k: int | None = None) -> np.ndarray:
    z = np.asarray(logits, dtype=np.float64) / temperature
    if k is not None:
        threshold = sorted(z.tolist(), reverse=True)[k - 1]
        z[z < threshold] = -np.inf
    p = np.exp(z - np.max(z))
    p /= p.sum()
    edges = np.cumsum(p)
    return np.array([int(np.argmax(number < edges)) for number in u])


def mend_language_model(params, ids, n):
    def step(h, i):
        """The state after reading id i, and the probabilities of the next id."""
        h = np.tanh(params["Wx"][i] + h @ params["Wh"] + params["b"])
        z = h @ params["W_out"] + params["b_out"]
        p = np.exp(z - z.max())
        return h, p / p.sum()

    h, chances = np.zeros(len(params["b"])), []
    for t in range(len(ids) - 1):
        h, p = step(h, ids[t])
        chances.append(p[ids[t + 1]])
    bits = float(np.mean([-np.log2(chance) for chance in chances]))
    written, i = [], int(ids[-1])
    while len(written) < n:
        h, p = step(h, i)
        i = int(np.argmax(p))
        written.append(i)
    print("寫出來的:", written)
    return bits, written


@dataclass(frozen=True)
class Adam:
    lr: float
    b1: float = 0.9
    b2: float = 0.999

    def init(self, params: Tree):
        zeros = jax.tree.map(jnp.zeros_like, params)
        return zeros, zeros, jnp.zeros(())

    def update(self, params: Tree, grads: Tree, state):
        m, v, t = state
        t = t + 1
        m = jax.tree.map(lambda m, g: self.b1 * m + (1 - self.b1) * g, m, grads)
        v = jax.tree.map(lambda v, g: self.b2 * v + (1 - self.b2) * g**2, v, grads)
        scale = self.lr * jnp.sqrt(1 - self.b2**t) / (1 - self.b1**t)
        return jax.tree.map(lambda w, m, v: w - scale * m / (jnp.sqrt(v) + 1e-8), params, m, v), (m, v, t)


class Model:
    def __init__(self, n: int):
        self.n = n

    def init(self, key: jax.Array) -> dict[str, jax.Array]:
        keys = dict(zip(("Wx", "Wh", "W_out"), jax.random.split(key, 3)))
        return {
            "Wx": 0.5 * jax.random.normal(keys["Wx"], (8, self.n)),
            "Wh": jax.random.orthogonal(keys["Wh"], self.n),
            "b": jnp.zeros(self.n),
            "W_out": jax.random.normal(keys["W_out"], (self.n, 2)) / np.sqrt(self.n),
            "b_out": jnp.zeros(2),
        }

    def logits(self, params, x):
        one_hot = jnp.eye(8)[x]  # (batch, time, 8)
        h = jnp.zeros((x.shape[0], self.n))
        for t in range(x.shape[1]):
            h = jnp.tanh(one_hot[:, t] @ params["Wx"] + h @ params["Wh"] + params["b"])
        return h @ params["W_out"] + params["b_out"]

    def loss(self, params, x, y):
        z = self.logits(params, x)
        z = z - z.max(axis=1, keepdims=True)
        return (jnp.log(jnp.exp(z).sum(axis=1)) - z[jnp.arange(len(y)), y]).mean()


def learn_order(key: jax.Array, x: np.ndarray, y: np.ndarray) -> dict[str, jax.Array]:
    model, optimizer = Model(16), Adam(0.01)

    @jax.jit
    def step(params, state, x, y):
        value, grads = jax.value_and_grad(model.loss)(params, x, y)
        return *optimizer.update(params, grads, state), value

    init_key, key = jax.random.split(key)
    params = model.init(init_key)
    state = optimizer.init(params)
    for epoch, k in enumerate(jax.random.split(key, 16)):
        order = np.asarray(jax.random.permutation(k, len(x)))
        for rows in order[: len(x) // 50 * 50].reshape(-1, 50):
            params, state, value = step(params, state, x[rows], y[rows])
        print(f"第 {epoch} 輪:{float(value):.3f}")
    return params
