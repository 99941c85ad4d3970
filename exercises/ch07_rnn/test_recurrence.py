"""What chapter 7, set 1 asks for: forwards number by number, backwards compared with finite differences."""

from functools import cache

import jax.numpy as jnp
import numpy as np
import pytest
from ch07_rnn.recurrence import bptt, clip_global, count_parameters, predict_fading, unroll

from deepbook.course.checks import check, check_that


def test_count_parameters():
    """Four layers, four numbers."""
    blocks = np.array([1, 1, 4, 3])
    check(count_parameters, gives=tuple(map(int, blocks * np.size(np.empty((5 + 3 + 1, 3))))), secret=True)


def states(params, x, h):
    """The states, one number of one sequence at a time."""
    Wx, Wh, b = params["Wx"], params["Wh"], params["b"]
    found = np.zeros((*x.shape[:2], len(b)))
    for row, t, unit in np.ndindex(found.shape):
        before = found[row, t - 1] if t else h[row]
        found[row, t, unit] = np.tanh(sum(x[row, t] * Wx[:, unit]) + sum(before * Wh[:, unit]) + b[unit])
    return found


def check_unroll(params, x, h):
    check(unroll, params, x, h, gives=states(params, x, h))


def test_unroll_two_by_two():
    """Two sequences, two steps, two inputs and two units: no shape gives a wrong axis away. h does not begin at 0."""
    params = {"Wx": np.array([[0.5, -0.3], [0.2, 0.4]]), "Wh": np.array([[0.6, -0.7], [0.3, 0.1]])}
    x = np.array([[[1.0, -0.5], [0.3, 0.8]], [[-0.9, 0.4], [0.7, 0.2]]])
    check_unroll(params | {"b": np.array([0.1, -0.2])}, x, np.array([[0.5, -0.4], [0.2, 0.9]]))


def test_unroll_one_step():
    """One sequence of one step: one state."""
    params = {"Wx": np.array([[0.5], [1.0]]), "Wh": np.array([[-1.0]]), "b": np.array([0.25])}
    check_unroll(params, np.array([[[1.0, 0.5]]]), np.array([[0.5]]))


@pytest.mark.parametrize("sizes", [(3, 5, 2, 4), (2, 7, 3, 1), (1, 4, 1, 3)])
def test_unroll_random(rng, sizes):
    """Other numbers of sequences, steps, inputs and units."""
    batch, time, n_in, n = sizes
    params = {"Wx": rng.normal(size=(n_in, n)), "Wh": rng.normal(size=(n, n)), "b": rng.normal(size=n)}
    check_unroll(params, rng.normal(size=(batch, time, n_in)), rng.normal(size=(batch, n)))


def through_time(w, u, x, h0, dh):
    """The gradient by w, u and h0, by trying."""

    def loss(numbers):
        w, u, h = numbers
        total = 0
        for x_t, weight in zip(x, dh, strict=True):
            h = np.tanh(w * x_t + u * h)
            total += weight * h
        return total

    at, nudges = np.array([w, u, h0]), 1e-5 * np.eye(3)
    return tuple((loss(at + nudge) - loss(at - nudge)) / 2e-5 for nudge in nudges)


def check_bptt(*inputs):
    check(bptt, *inputs, gives=through_time(*inputs))


def test_bptt_three_steps():
    """Three steps; the loss uses all three states."""
    check_bptt(0.9, -1.3, np.array([1.0, -0.5, 0.8]), 0.5, np.array([0.7, -1.0, 2.0]))


def test_bptt_of_the_last_state():
    """The loss uses only the last of four states: everything comes back through time."""
    check_bptt(-0.7, 1.5, np.array([0.5, -1.0, 0.25, 0.1]), -0.3, np.array([0.0, 0.0, 0.0, 1.0]))


def test_bptt_one_step():
    """One step: nothing comes from later."""
    check_bptt(0.5, 0.8, np.array([2.0]), 0.6, np.array([-1.5]))


@pytest.mark.parametrize("time", [2, 6, 12])
def test_bptt_random(rng, time):
    """Other weights, inputs and losses."""
    w, u, h0 = map(float, rng.normal(size=3))
    check_bptt(w, u, rng.normal(size=time), h0, rng.normal(size=time))


def straight_small(h, x):
    return x + 0.5 * h


def straight_large(h, x):
    return x + 2 * h


def bent_large(h, x):
    return jnp.tanh(x + 2 * h)


def leaky(h, x):
    return 0.9 * h + 0.1 * jnp.tanh(x + h)


def sizes_by_trying(step, x):
    """|d last h / d x[t]| for each t, in double precision; `step` is one of those above or below, in NumPy."""

    def last(x):
        h = 0.0
        for x_t in x:
            h = step(h, x_t)
        return h

    return np.array([abs(last(x + nudge) - last(x - nudge)) / 2e-5 for nudge in 1e-5 * np.eye(len(x))])


def holds_for(wanted):
    """A condition on the second result."""
    return lambda found: np.shape(found[1]) == np.shape(wanted) and np.allclose(found[1], wanted, rtol=1e-2)


def curved(h, x):
    """A cell that is no line, and whose gradient has both signs."""
    return x * x / 2 - 0.8 * h + 0.1 * h * h


def test_predict_fading_measures():
    """A cell that is neither straight nor leaky, and four inputs: only what you measure is looked at here."""
    x = np.array([0.5, -1.0, 0.75, 2.0])
    wanted = sizes_by_trying(curved, x)
    said = ", ".join(f"{size:.3g}" for size in wanted)
    check_that(
        predict_fading, curved, jnp.array(x), holds=holds_for(wanted),
        expected=f"as the second result [{said}], for x[0], x[1], x[2] and x[3]",
    )  # fmt: skip


def test_predict_fading_measures_random(rng):
    """Other cells, other inputs."""
    a, b, x = float(rng.uniform(0.3, 0.9)), float(rng.uniform(-0.2, 0.2)), rng.normal(size=5)

    def cell(h, x):
        return x + a * h + b * h * x

    wanted = sizes_by_trying(cell, x)
    check_that(
        predict_fading, cell, jnp.array(x), holds=holds_for(wanted),
        expected=f"as the second result [{', '.join(f'{size:.3g}' for size in wanted)}]",
    )  # fmt: skip


@cache
def inputs():
    return np.random.default_rng(7).uniform(-1, 1, size=50)


def fates():
    """What becomes of the first input in each of the four cells, by the chain rule: one slope for each step."""
    products = [0.5**49, 2.0**49]
    h = product = 0.0
    for t, x in enumerate(inputs()):
        h = np.tanh(x + 2 * h)
        product = (2 * product if t else 1) * (1 - h * h)
    products.append(product)
    h = 0.0
    for t, x in enumerate(inputs()):
        bend = 1 - np.tanh(x + h) ** 2
        h, product = 0.9 * h + 0.1 * np.tanh(x + h), (product * (0.9 + 0.1 * bend) if t else 0.1 * bend)
    products.append(product)
    return products, tuple("gone" if p < 1e-3 else "exploded" if p > 1e3 else "there" for p in map(abs, products))


def test_predict_fading_foresees_what_it_measures():
    """Fifty inputs from -1 to 1, and the four cells: is it as you predicted?"""
    _, truth = fates()
    check_that(
        predict_fading, leaky, jnp.array(inputs()),
        holds=lambda found: tuple(word.lower() for word in found[0]) == truth,
        expected="a prediction that agrees with what is measured: run your own function on each of the four cells, "
        "with 50 inputs from -1 to 1, and look at its first number",
    )  # fmt: skip


def test_predict_fading_measures_what_it_foresees():
    """The bent cell on the same fifty inputs: do you measure what its slopes say?"""
    size = abs(fates()[0][2])
    check_that(
        predict_fading, bent_large, jnp.array(inputs()), expected=f"{size:.1e} as the size for x[0]",
        holds=lambda found: np.isclose(found[1][0], size, rtol=1e-2, atol=0),
    )  # fmt: skip


def shortened(grads, limit):
    """All numbers in one row, and the row cut to the limit."""
    row = np.concatenate([np.ravel(g) for g in grads.values()])
    norm = float(np.linalg.norm(row))
    row = row * min(1, limit / norm) if norm else row
    ends = np.cumsum([np.size(g) for g in grads.values()])[:-1]
    parts = np.split(row, ends)
    return {name: part.reshape(g.shape) for (name, g), part in zip(grads.items(), parts, strict=True)}, norm


def check_clip_global(grads, limit):
    check(clip_global, grads, limit, gives=shortened(grads, limit))


def test_clip_global_a_long_one():
    """Three arrays, together of length 13. One of them alone is longer than the limit, two are not."""
    grads = {"Wx": np.array([[2.0, -5.0]]), "Wh": np.array([[0.0, 2.0]]), "b": np.array([10.0, 6.0])}
    check_clip_global(grads, 6.5)


def test_clip_global_a_short_one():
    """Shorter than the limit: it stays as it is."""
    check_clip_global({"W": np.array([[0.3, 0.0]]), "b": np.array([-0.4])}, 2.0)


def test_clip_global_zeros():
    """A gradient of zeros has the length 0, and it stays zeros."""
    check_clip_global({"W": np.zeros((2, 1)), "b": np.zeros(1)}, 1.0)


@pytest.mark.parametrize("limit", [0.1, 5.0, 100.0])
def test_clip_global_random(rng, limit):
    """Arrays of other shapes; two of the limits are below the length, the third is above it."""
    grads = {"E": rng.normal(size=(7, 4)), "W": rng.normal(size=(2, 3, 4)), "s": rng.normal(size=()), "b": np.ones(3)}
    check_clip_global(grads, limit)
