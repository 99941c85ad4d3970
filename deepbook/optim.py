"""Chapter 3: optimizers, each a pair of pure functions.

An optimizer is a frozen recipe with
    init(params) -> opt_state                              what it remembers, at the start
    update(grads, opt_state, params) -> updates, opt_state

and `params + updates` is the step. Symbols, the same throughout the chapter:
    w, g    a parameter and its gradient
    lr      the learning rate η: a number, or a schedule, a function of the step count
    t       the step count, starting at 0
    v, h, m what an optimizer remembers of earlier gradients, one number for each parameter
"""

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

# ------------------------------------------------------------------ optimizers


@dataclass(frozen=True)
class SGD:
    """The plain step downhill: −η g. Robbins and Monro (1951). Chapter 3, "Downhill"."""

    lr: float = 0.01

    def init(self, params):
        return {"t": _zero()}

    def update(self, grads, opt_state, params=None):
        t = opt_state["t"]
        return jax.tree.map(lambda g: -_at(self.lr, t) * g, grads), {"t": t + 1}


@dataclass(frozen=True)
class Momentum:
    """A ball with inertia: v ← r v − η g, and the step is v. Polyak (1964). Chapter 3, "Momentum".

    momentum: r, the part of the speed that is kept. nesterov: the step is r v − η g with the new v, as if the
    gradient had been taken one step ahead: Nesterov (1983), in the form of Sutskever et al. (2013).
    """

    lr: float = 0.01
    momentum: float = 0.9
    nesterov: bool = False

    def init(self, params):
        return {"v": _zeros(params), "t": _zero()}

    def update(self, grads, opt_state, params=None):
        lr, r = _at(self.lr, opt_state["t"]), self.momentum
        v = jax.tree.map(lambda v, g: r * v - lr * g, opt_state["v"], grads)
        updates = v
        if self.nesterov:
            updates = jax.tree.map(lambda v, g: r * v - lr * g, v, grads)
        return updates, {"v": v, "t": opt_state["t"] + 1}


@dataclass(frozen=True)
class AdaGrad:
    """A rate for each parameter: h ← h + g², and the step is −η g / (√h + ε). Duchi et al. (2011).

    h only grows, so the steps only shrink. Chapter 3, "Steps that adapt".
    """

    lr: float = 0.01
    eps: float = 1e-8

    def init(self, params):
        return {"h": _zeros(params), "t": _zero()}

    def update(self, grads, opt_state, params=None):
        lr = _at(self.lr, opt_state["t"])
        h = jax.tree.map(lambda h, g: h + g**2, opt_state["h"], grads)
        eps = self.eps
        updates = jax.tree.map(lambda h, g: -lr * g / (jnp.sqrt(h) + eps), h, grads)
        return updates, {"h": h, "t": opt_state["t"] + 1}


@dataclass(frozen=True)
class RMSProp:
    """AdaGrad that forgets: h ← 0.9 h + 0.1 g², a running mean of g². Tieleman and Hinton (2012).

    decay: the 0.9. Chapter 3, "Steps that adapt".
    """

    lr: float = 0.001
    decay: float = 0.9
    eps: float = 1e-8

    def init(self, params):
        return {"h": _zeros(params), "t": _zero()}

    def update(self, grads, opt_state, params=None):
        lr, decay, eps = _at(self.lr, opt_state["t"]), self.decay, self.eps
        h = opt_state["h"]
        h = jax.tree.map(lambda h, g: decay * h + (1 - decay) * g**2, h, grads)
        updates = jax.tree.map(lambda h, g: -lr * g / (jnp.sqrt(h) + eps), h, grads)
        return updates, {"h": h, "t": opt_state["t"] + 1}


@dataclass(frozen=True)
class Adam:
    """Momentum and RMSProp at once, both as means that are corrected for their start at 0. Kingma and Ba (2015).

    m ← b1 m + (1 − b1) g;  v ← b2 v + (1 − b2) g²;  the step is −η m̂ / (√v̂ + ε),
    with m̂ = m / (1 − b1ᵗ) and v̂ = v / (1 − b2ᵗ) after t steps. Chapter 3, "Adam".
    """

    lr: float = 1e-3
    b1: float = 0.9
    b2: float = 0.999
    eps: float = 1e-8

    def init(self, params):
        return {"m": _zeros(params), "v": _zeros(params), "t": _zero()}

    def update(self, grads, opt_state, params=None):
        lr, t = _at(self.lr, opt_state["t"]), opt_state["t"] + 1
        b1, b2, eps = self.b1, self.b2, self.eps
        m, v = opt_state["m"], opt_state["v"]
        m = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, m, grads)
        v = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g**2, v, grads)
        # m̂ = m / m_part and v̂ = v / v_part; dividing the two numbers first
        # saves two divisions for each parameter
        m_part, v_part = 1 - b1**t, 1 - b2**t
        rate, root = -lr / m_part, lax.rsqrt(v_part)
        updates = jax.tree.map(lambda m, v: rate * m / (jnp.sqrt(v) * root + eps), m, v)
        return updates, {"m": m, "v": v, "t": t}


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam whose weights also shrink by η · weight_decay · w, apart from the gradient. Loshchilov and Hutter (2019).

    Only arrays of two axes and more shrink: weights, and no biases. Chapter 3, "Adam".
    """

    weight_decay: float = 0.01

    def update(self, grads, opt_state, params):
        lr = _at(self.lr, opt_state["t"])
        updates, opt_state = super().update(grads, opt_state)
        shrink = lr * self.weight_decay

        def shrunk(u, w):
            return u - shrink * w if jnp.ndim(w) >= 2 else u

        return jax.tree.map(shrunk, updates, params), opt_state


# ------------------------------------------------------------------ learning rates that change


@dataclass(frozen=True)
class StepDecay:
    """lr, times `factor` after every `every` steps. Chapter 3, "Schedules"."""

    lr: float
    every: int
    factor: float = 0.1

    def __call__(self, t):
        return self.lr * self.factor ** (t // self.every)


@dataclass(frozen=True)
class Exponential:
    """lr, falling smoothly to `factor` of itself in every `steps` steps. Chapter 3, "Schedules"."""

    lr: float
    steps: int
    factor: float = 0.1

    def __call__(self, t):
        return self.lr * self.factor ** (t / self.steps)


@dataclass(frozen=True)
class Cosine:
    """From lr down to `final` along half a cosine, in `steps` steps; then it stays. Loshchilov and Hutter (2017)."""

    lr: float
    steps: int
    final: float = 0.0

    def __call__(self, t):
        done = jnp.minimum(t / self.steps, 1)
        return self.final + (self.lr - self.final) * (1 + jnp.cos(np.pi * done)) / 2


@dataclass(frozen=True)
class Warmup:
    """Up from 0 in a straight line for `steps` steps, then `after`, a number or a schedule, counted from there.

    Goyal et al. (2017). For example Warmup(100, after=Cosine(1e-3, steps=900)).
    """

    steps: int
    after: float

    def __call__(self, t):
        rising = _at(self.after, 0) * t / self.steps
        return jnp.where(t < self.steps, rising, _at(self.after, jnp.maximum(t - self.steps, 0)))


# ------------------------------------------------------------------ gradients that are too long; parts that stay


def norm(tree):
    """The length of all numbers of a tree, taken as one long vector. Returns a scalar."""
    return jnp.sqrt(sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(tree)))


def clip(grads, max_norm):
    """The gradient, shortened to `max_norm` if it is longer; its direction stays. Pascanu et al. (2013)."""
    factor = max_norm / jnp.maximum(norm(grads), max_norm)
    return jax.tree.map(lambda g: g * factor, grads)


@dataclass(frozen=True)
class Clip:
    """An optimizer that sees gradients no longer than `max_norm`, for example Clip(Adam(1e-3), 1.0)."""

    optimizer: Adam
    max_norm: float

    def init(self, params):
        return self.optimizer.init(params)

    def update(self, grads, opt_state, params=None):
        return self.optimizer.update(clip(grads, self.max_norm), opt_state, params)


def mask(updates, trainable):
    """The updates, with zeros for the parts that are not trainable.

    trainable: True, False, or a tuple of these, as deep as it needs to be: (False, True) holds the first of two layers.
    It masks updates and not gradients, since AdamW moves a weight whose gradient is 0.
    """
    return jax.tree.map(lambda on, u: u if on else jax.tree.map(jnp.zeros_like, u), trainable, updates)


def add(params, updates):
    """params + updates, leaf by leaf."""
    return jax.tree.map(jnp.add, params, updates)


# ------------------------------------------------------------------ a whole descent


@partial(jax.jit, static_argnames=("f", "optimizer", "steps"))
def minimize(f, params, optimizer, steps):
    """A walk downhill on f, as one compiled scan.

    f: from params (any tree of floats) to a scalar. steps: how many.
    Returns (path, values): the params of every moment, stacked, (steps + 1, ...), the start first; and f there,
    (steps + 1,).
    Chapter 3, "Downhill".
    """

    def step(carry, _):
        params, opt_state = carry
        value, grads = jax.value_and_grad(f)(params)
        updates, opt_state = optimizer.update(grads, opt_state, params)
        return (add(params, updates), opt_state), (params, value)

    params = jax.tree.map(lambda p: jnp.asarray(p, float), params)
    (last, _), (path, values) = lax.scan(step, (params, optimizer.init(params)), length=steps)
    path = jax.tree.map(lambda some, end: jnp.concatenate([some, end[None]]), path, last)
    return path, jnp.append(values, f(last))


def _at(lr, t):
    """The learning rate at step t: a schedule is asked, a number is itself."""
    return lr(t) if callable(lr) else lr


def _zeros(params):
    return jax.tree.map(jnp.zeros_like, params)


def _zero():
    """A count of steps. A Python 0 would be of another type than the count after one step, and compile twice."""
    return jnp.zeros((), jnp.int32)
