"""What chapter 3, set 2 asks for: one step at a time, compared with the same thing written otherwise."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ch03_optimization.optimizers import adam, lion, warmup_cosine

from deepbook.course.checks import check, check_that


def mean_of_the_past(values, b):
    """A mean in which what is `age` steps old has the weight b**age."""
    ages = np.arange(len(values))[::-1]
    return np.average(values, axis=0, weights=b**ages)


def after(w, past, lr, b1=0.9, b2=0.999, eps=1e-8):
    """Where Adam's last step leads from w, with all the gradients so far; and m, v, which lack a part of the past."""
    past, t = np.asarray(past, float), len(past)
    m, v = mean_of_the_past(past, b1), mean_of_the_past(past**2, b2)
    return w - lr * m / (np.sqrt(v) + eps), m * (1 - b1**t), v * (1 - b2**t)


def zeros(tree):
    return jax.tree.map(jnp.zeros_like, tree)


def test_adam_first_step():
    """From zero moments: after the correction m is g itself, and v is g²."""
    W, b, gW, gb = np.array([1.0, -2.0]), 0.5, np.array([0.3, -0.04]), 2.0
    params, grads = (jnp.array(W), jnp.array(b)), (jnp.array(gW), jnp.array(gb))
    (W, mW, vW), (b, mb, vb) = after(W, [gW], 0.5, 0.8, 0.9, 0.1), after(b, [gb], 0.5, 0.8, 0.9, 0.1)
    state = (zeros(params), zeros(params), 0)
    check(adam, params, grads, state, 0.5, 0.8, 0.9, 0.1, gives=((W, b), ((mW, mb), (vW, vb), 1)))


@pytest.mark.parametrize("steps", [2, 7])
def test_adam_later_steps(rng, steps):
    """In the middle of a run: the moments hold all the gradients so far, the older the less."""
    w, past = rng.normal(size=4), rng.normal(size=(steps, 4))
    _, m, v = after(w, past[:-1], 0.1)
    new, new_m, new_v = after(w, past, 0.1)
    state = (jnp.array(m), jnp.array(v), steps - 1)
    check(adam, jnp.array(w), jnp.array(past[-1]), state, 0.1, gives=(new, (new_m, new_v, steps)))


def test_adam_with_its_defaults(rng):
    """With nothing but params, grads and state: lr = 0.001, b1 = 0.9, b2 = 0.999, eps = 1e-8."""
    w, g = rng.normal(size=3), rng.normal(size=3)
    new, m, v = after(w, [g], 1e-3)
    check(adam, jnp.array(w), jnp.array(g), (jnp.zeros(3), jnp.zeros(3), 0), gives=(new, (m, v, 1)), rtol=1e-5)


def like(tree, wanted):
    """Whether two trees have the same form, and the same numbers as nearly as float32 can tell."""
    if jax.tree.structure(tree) != jax.tree.structure(wanted):
        return False
    return all(np.allclose(a, b, rtol=1e-4, atol=1e-6) for a, b in zip(*map(jax.tree.leaves, (tree, wanted))))  # noqa: B905


def test_adam_any_tree(rng):
    """Params as a network has them: dicts of arrays in a tuple."""
    params = ({"W": rng.normal(size=(3, 2)), "b": rng.normal(size=2)}, {"W": rng.normal(size=(2, 1))})
    grads = jax.tree.map(lambda w: rng.normal(size=w.shape), params)
    wanted = jax.tree.map(lambda w, g: after(w, [g], 0.1)[0], params, grads)
    params, grads = jax.tree.map(jnp.array, params), jax.tree.map(jnp.array, grads)
    check_that(
        adam, params, grads, (zeros(params), zeros(params), 0), 0.1, holds=lambda found: like(found[0], wanted),
        expected="params of the same form, each of its arrays stepped by itself: is it all `jax.tree.map`?",
    )  # fmt: skip


def adam_in_a_scan(steps):
    """Your `adam` walks down (w − 3)² inside jit and lax.scan, where t is not a number yet."""

    def step(carry, _):
        w, state = carry
        w, (m, v, t) = adam(w, 2 * (w - 3), state, 0.1)
        return (w, (m, v, t)), None

    start = jnp.zeros(()), (jnp.zeros(()), jnp.zeros(()), jnp.zeros((), int))
    return jax.jit(lambda: jax.lax.scan(step, start, length=steps)[0][0])()


def test_adam_in_a_scan():
    """It has to work inside lax.scan, or nobody would wait for it."""
    check_that(
        adam_in_a_scan, 300, holds=lambda w: abs(w - 3) < 0.05,
        expected="w near 3 after 300 steps",
    )  # fmt: skip


# What comes in, and where b1·m + (1 − b1)·g points with b1 = 0.9: m pulls one way, g the other.
W = np.array([1.0, 1.0, 1.0, -1.0, 2.0, -3.0, 0.5])
G = np.array([1.0, -1.0, 1.0, 1.0, -1.0, 0.5, 0.85])
M = np.array([-0.05, 0.05, -0.2, 0.3, -0.3, -0.055, -0.1])
POINTS = np.array([1, -1, -1, 1, -1, 1, -1])


def test_lion_one_step():
    """Where m and g disagree, the sign of their mean decides; and W decays."""
    new, m = W - 0.1 * POINTS - 0.1 * 0.5 * W, M + 0.01 * (G - M)
    check(lion, *map(jnp.array, (W, G, M)), 0.1, 0.9, 0.99, 0.5, gives=(new, m))


def test_lion_with_its_defaults():
    """With nothing but params, grads and m: lr = 0.0001, b1 = 0.9, b2 = 0.99, no decay."""
    check(lion, *map(jnp.array, (W, G, M)), gives=(W - 1e-4 * POINTS, M + 0.01 * (G - M)), rtol=1e-6)


def test_lion_other_rates(rng):
    """Other means, a weight and a bias."""
    trees = [(rng.normal(size=(2, 3)), rng.normal(size=3)) for _ in range(3)]
    moved = [m + 0.3 * (g - m) for _, g, m in zip(*trees, strict=True)]
    new = [w - 0.1 * ((m + 0.6 * (g - m) > 0) * 2 - 1) - 0.02 * w for w, g, m in zip(*trees, strict=True)]
    check(lion, *(tuple(map(jnp.array, tree)) for tree in trees), 0.1, 0.4, 0.7, 0.2, gives=(tuple(new), tuple(moved)))


def test_lion_any_tree():
    """Params as a network has them: dicts of arrays in a tuple."""
    params, grads, m = (({"W": jnp.array(a[:4]), "b": jnp.array(a[4:])},) for a in (W, G, M))
    moved = M + 0.01 * (G - M)
    wanted = ({"W": (W - 0.1 * POINTS)[:4], "b": (W - 0.1 * POINTS)[4:]},), ({"W": moved[:4], "b": moved[4:]},)
    check_that(
        lion, params, grads, m, 0.1, holds=lambda found: like(tuple(found), wanted),
        expected="params and m of the same form as what came in: is it all `jax.tree.map`?",
    )  # fmt: skip


def lion_in_a_scan(steps):
    """Your `lion` walks down (w − 3)² inside jit and lax.scan."""

    def step(carry, _):
        w, m = carry
        w, m = lion(w, 2 * (w - 3), m, 0.05)
        return (w, m), None

    return jax.jit(lambda: jax.lax.scan(step, (jnp.zeros(()), jnp.zeros(())), length=steps)[0][0])()


def test_lion_in_a_scan():
    """It has to work inside lax.scan, or nobody would wait for it."""
    check_that(lion_in_a_scan, 200, holds=lambda w: abs(w - 3) < 0.6, expected="w near 3 after 200 steps")


def rates(lr, warmup, total, n):
    """The whole schedule: stairs up, then the square of a cosine that goes from 1 to 0, then nothing."""
    falling = np.cos(np.linspace(0, np.pi / 2, total - warmup + 1)) ** 2
    stairs = np.linspace(0, 1, warmup + 1)[1:]
    return lr * np.concatenate([stairs, falling, np.zeros(n)])[:n]


def test_warmup_cosine_all_steps():
    """Four stairs up, six steps down, and then 0."""
    check(warmup_cosine, jnp.arange(14), 0.1, 4, 10, gives=rates(0.1, 4, 10, 14))


@pytest.mark.parametrize("t", [0, 2, 3, 7, 12, 30])
def test_warmup_cosine_one_step(t):
    """A single step, given as a number."""
    check(warmup_cosine, t, 2.0, 3, 12, gives=rates(2.0, 3, 12, 40)[t])


def test_warmup_cosine_random(rng):
    """Other numbers of steps."""
    warmup, total = int(rng.integers(1, 20)), int(rng.integers(21, 60))
    check(warmup_cosine, jnp.arange(70), 1.0, warmup, total, gives=rates(1.0, warmup, total, 70), atol=1e-5)


def warmup_cosine_in_a_scan(lr, warmup, total, n):
    """Your schedule, asked for one t after another inside lax.scan, where t is not a number yet."""
    _, found = jax.lax.scan(lambda t, _: (t + 1, warmup_cosine(t, lr, warmup, total)), 0, length=n)
    return found


def test_warmup_cosine_in_a_scan():
    """It has to work inside lax.scan: no `if` on t."""
    check(warmup_cosine_in_a_scan, 0.1, 4, 10, 14, gives=rates(0.1, 4, 10, 14))
