from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

Params = dict[str, np.ndarray]


class Carry(NamedTuple):
    h: np.ndarray
    c: np.ndarray


def sigmoid(z: np.ndarray) -> np.ndarray:
    return np.exp(-np.logaddexp(0.0, -z))


def part(params: Params, k: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """第 k 塊的權重。"""
    at = slice(k * n, (k + 1) * n)
    return params["Wx"][:, at], params["Wh"][:, at], params["b"][at]


def lstm_cell(params: Params, carry: tuple[np.ndarray, np.ndarray], x: np.ndarray) -> Carry:
    h, c = carry
    n = h.shape[-1]
    z = {}
    for k, name in enumerate(("input", "forget", "candidate", "output")):
        Wx, Wh, b = part(params, k, n)
        z[name] = x @ Wx + h @ Wh + b
    new_c = sigmoid(z["forget"]) * c + sigmoid(z["input"]) * np.tanh(z["candidate"])
    return Carry(h=sigmoid(z["output"]) * np.tanh(new_c), c=new_c)


def gru_cell(params: Params, h: np.ndarray, x: np.ndarray) -> np.ndarray:
    n = h.shape[-1]

    def affine(k: int, state: np.ndarray) -> np.ndarray:
        Wx, Wh, b = part(params, k, n)
        return x @ Wx + state @ Wh + b

    reset, update = sigmoid(affine(0, h)), sigmoid(affine(1, h))
    candidate = np.tanh(affine(2, reset * h))
    print("reset", reset.mean(), "update", update.mean())
    return update * h + (1.0 - update) * candidate


def masked_scan(step, carry, x: jax.Array, mask: jax.Array):
    class Input(NamedTuple):
        x: jax.Array
        real: jax.Array

    def body(carry, now: Input):
        stepped, y = step(carry, now.x)
        choose = lambda new, old: jnp.where(jnp.expand_dims(now.real, -1), new, old)
        return jax.tree.map(choose, stepped, carry), choose(y, jnp.zeros_like(y))

    inputs = Input(jnp.moveaxis(x, 1, 0), jnp.moveaxis(mask, 1, 0))
    last, outputs = jax.lax.scan(body, carry, inputs)
    print("masked_scan:", outputs.shape)
    return last, jnp.moveaxis(outputs, 0, 1)


def both_ways(there, back, x: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    states: np.ndarray | None = None
    summary: list[np.ndarray] = []
    for i, length in enumerate(map(int, lengths)):
        real = x[i, :length]
        f, b = np.asarray(there(real)), np.asarray(back(np.flip(real, axis=0)))
        if states is None:
            states = np.zeros((*x.shape[:2], f.shape[1] + b.shape[1]))
        states[i, :length] = np.concatenate([f, np.flip(b, axis=0)], axis=-1)
        summary.append(np.concatenate([f[-1], b[-1]]))
    return states, np.stack(summary)
