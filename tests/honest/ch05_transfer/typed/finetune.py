from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Layer = dict[str, jax.Array]
Params = tuple[Layer, ...]


def freeze_updates(params: Params, grads: Params, state: Any, update: Callable, trainable: tuple[bool, ...]):
    updates, state = update(grads, state, params)
    return (
        tuple(
            {name: w + u[name] for name, w in p.items()} if t else p for p, u, t in zip(params, updates, trainable)
        ),
        state,
    )


def count(layer: Any) -> int:
    """一層有幾個陣列。"""
    match layer:
        case dict():
            return sum(count(each) for each in layer.values())
        case tuple() | list():
            return sum(count(each) for each in layer)
        case _:
            return 1


def thaw_top(params: tuple, n: int) -> tuple[bool, ...]:
    found = 0
    lowest = len(params)
    for i in range(len(params))[::-1]:
        if found == n:
            break
        if count(params[i]):
            found += 1
            lowest = i
    print("lowest thawed layer:", lowest)
    return (False,) * lowest + (True,) * (len(params) - lowest)


def rates_by_depth(params: Params, grads: Params, state: Any, update: Callable, factor: float):
    updates, state = update(grads, state, params)
    powers: list[int] = []
    power = 0
    for layer in params[::-1]:
        powers.append(power)
        power += bool(layer)
    new = []
    for p, u, power in zip(params, updates, powers[::-1], strict=True):
        new.append({name: jnp.add(p[name], jnp.multiply(factor**power, u[name])) for name in p})
    return tuple(new), state


def frozen_batchnorm(x, scale, shift, mean, var, momentum, eps, trainable: bool):
    def normalize(m, v):
        return (x - m) / np.sqrt(v + eps) * scale + shift

    if not trainable:
        return normalize(mean, var), mean, var
    axes = (0, 1, 2)
    m = np.mean(x, axis=axes)
    v = np.mean((x - m) ** 2, axis=axes)
    lerp = lambda old, new: new + momentum * (old - new)
    return normalize(m, v), lerp(mean, m), lerp(var, v)


def fewer_or_more() -> list[str]:
    # 例子少:凍結最好,從零開始最差;例子多:凍結最差
    return ["frozen", "scratch", "frozen"]
