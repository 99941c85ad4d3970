from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np


def to_our_axes(W: np.ndarray, maps: tuple[int, int, int] | None = None) -> np.ndarray:
    match W.ndim, maps:
        case 1, _:
            return W.copy()
        case 2, None:
            return np.ascontiguousarray(W.T)
        case 2, (height, width, channels):
            order = np.arange(W.shape[1]).reshape(channels, height, width).transpose(1, 2, 0).ravel()
            return W[:, order].T
        case 4, _:
            return W.transpose(2, 3, 1, 0)
    raise ValueError(f"沒有這種形狀:{W.shape}")


class Report(NamedTuple):
    missing: list[str]
    extra: list[str]
    differ: list[str]


def match_names(file: dict[str, tuple], model: dict[str, tuple]) -> Report:
    report = Report([], [], [])
    for name in sorted({*file, *model}):
        if name.rpartition(".")[2] == "num_batches_tracked":
            continue
        if name not in file:
            report.missing.append(name)
        elif name not in model:
            report.extra.append(name)
        elif file[name] != model[name]:
            print("different shapes:", name, file[name], model[name])
            report.differ.append(name)
    return report


def few_shot(key: jax.Array, y: np.ndarray, n: int) -> np.ndarray:
    labels = np.unique(y)
    keys = jax.random.split(key, len(labels))
    chosen = []
    for label, k in zip(labels, keys):
        rows = np.flatnonzero(y == label)
        if rows.size < n:
            raise ValueError(f"類別 {label} 只有 {rows.size} 個例子")
        chosen.append(np.asarray(jax.random.permutation(k, rows))[:n])
    return np.hstack(chosen)


def mend_transfer(old, mean, std, x, y, x_new, steps):
    def scores(params, x):
        (W1, b1), (W2, b2) = params["backbone"], params["head"]
        return jnp.maximum(x @ W1 + b1, 0) @ W2 + b2

    def loss(params, x, places):
        logits = scores(params, x)
        right = jnp.sum(logits * jnp.eye(len(classes))[places], axis=1)
        return jnp.mean(jnp.log(jnp.sum(jnp.exp(logits), axis=1)) - right)

    def prepare(x):
        return (x - mean) / std  # 用舊資料的平均與標準差

    x, x_new = prepare(x), prepare(x_new)
    classes = np.unique(y)
    where = {int(label): i for i, label in enumerate(classes)}
    places = jnp.array([where[int(label)] for label in y])
    hidden = old["backbone"][1].shape[0]
    params = dict(old, head=(jnp.zeros((hidden, len(classes))), jnp.zeros((len(classes),))))
    slope = jax.jit(jax.grad(loss))
    for step in range(steps):
        grads = slope(params, x, places)
        head = jax.tree.map(lambda w, g: w - 0.5 * (g + 0.02 * w), params["head"], grads["head"])
        params = {"backbone": old["backbone"], "head": head}
        print("step", step, "loss", loss(params, x, places))
    return params, classes[np.argmax(scores(params, x_new), axis=1)]


def transfer_digits(backbone: Callable, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    features = jnp.asarray(backbone(x), dtype=jnp.float32)
    size = float(jnp.sqrt(jnp.mean(features**2)))
    labels = jnp.asarray(y) - 5

    def loss(head):
        W, b = head
        z = features / size @ W + b
        z = z - z.max(axis=1, keepdims=True)
        log_p = z - jnp.log(jnp.exp(z).sum(axis=1, keepdims=True))
        return -log_p[jnp.arange(len(labels)), labels].mean() + 1e-3 * (W**2).sum()

    @jax.jit
    def train(head):
        step = lambda head, _: (jax.tree.map(lambda w, g: w - 0.05 * g, head, jax.grad(loss)(head)), loss(head))
        return jax.lax.scan(step, head, None, length=300)

    (W, b), losses = train((jnp.zeros((features.shape[1], 5)), jnp.zeros(5)))
    print(f"loss {losses[0]:.3f} → {losses[-1]:.3f}")
    return np.asarray(W) / size, np.asarray(b)
