"""What chapter 5, set 2 asks for: which layers learn, and how fast."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ch05_transfer.finetune import fewer_or_more, freeze_updates, frozen_batchnorm, rates_by_depth, thaw_top

from deepbook.course.checks import check, check_that
from deepbook.data import load


def layers(*rows):
    """Params of a small network: a list of numbers is a layer's W and b, None a layer without parameters."""
    return tuple({} if row is None else {"W": jnp.array(row[:-1]), "b": jnp.array(row[-1])} for row in rows)


PARAMS = layers([4.0, -2.0, 1.0], None, [3.0, 5.0, -1.0], [2.0, -6.0, 8.0])
GRADS = layers([1.0, 2.0, -3.0], None, [2.0, -1.0, 4.0], [-5.0, 3.0, 1.0])
SPEED = layers([0.5, 1.5, -1.0], None, [2.5, 0.5, 1.0], [-1.5, 2.0, 3.0])


def rolling(grads, state, params):
    """Momentum, and all weights decay: an optimizer that moves them even where the gradient is 0."""
    state = jax.tree.map(lambda v, g: 0.5 * v + g, state, grads)
    return jax.tree.map(lambda v, w: -0.1 * v - 0.02 * w, state, params), state


def rolled(on, i):
    """Where `rolling` leads layer i, and its new speed; the arithmetic is NumPy's."""
    w, g, v = ({name: np.asarray(a) for name, a in tree[i].items()} for tree in (PARAMS, GRADS, SPEED))
    v = {name: 0.5 * v[name] + g[name] for name in w}
    return ({name: 0.98 * w[name] - 0.1 * v[name] for name in w} if on else w), v


def check_freeze_updates(trainable):
    new, speed = zip(*(rolled(on, i) for i, on in enumerate(trainable)), strict=True)
    check(freeze_updates, PARAMS, GRADS, SPEED, rolling, trainable, gives=(new, speed))


def test_freeze_updates_all_but_the_last():
    """Four layers, of which the last one learns; the optimizer has momentum, and lets weights decay."""
    check_freeze_updates((False, False, False, True))


def test_freeze_updates_others():
    """Any layers may be frozen, or none of them."""
    check_freeze_updates((True, False, False, False))
    check_freeze_updates((True, True, True, True))


def drawn_layers(rng, n):
    """Random params, and gradients and moments of the same form, for n layers; the second has no parameters."""
    sizes = rng.integers(2, 5, size=n)
    return [layers(*(None if i == 1 else rng.normal(size=s).tolist() for i, s in enumerate(sizes))) for _ in range(3)]


def test_freeze_updates_random(rng):
    """Other layers, any of them frozen."""
    params, grads, speed = drawn_layers(rng, 6)
    trainable = tuple(map(bool, rng.permutation([True, False, True, False, True, False])))
    speeds = jax.tree.map(lambda v, g: 0.5 * np.asarray(v) + np.asarray(g), speed, grads)
    new = tuple(
        {name: 0.98 * np.asarray(w[name]) - 0.1 * v[name] if on else np.asarray(w[name]) for name in w}
        for w, v, on in zip(params, speeds, trainable, strict=True)
    )
    check(freeze_updates, params, grads, speed, rolling, trainable, gives=(new, speeds))


def broken(grads, state, params):
    """An optimizer whose updates for the first layer are NaN: in a long frozen network that can happen."""
    return (jax.tree.map(lambda w: w * jnp.nan, params[0]), *jax.tree.map(jnp.ones_like, params[1:])), state


def test_freeze_updates_whatever_they_are():
    """The updates of the frozen layer are NaN. It stays what it is: nobody needs to know."""
    params = layers([4.0, -2.0, 1.0], [2.0, -6.0, 8.0])
    new = ({"W": [4.0, -2.0], "b": 1.0}, {"W": [3.0, -5.0], "b": 9.0})
    check(freeze_updates, params, params, 0, broken, (False, True), gives=(new, 0))


def test_freeze_updates_in_jit():
    """A training step is compiled; `trainable` is no array and stays outside."""
    (first, *_), _ = jax.jit(lambda *tree: freeze_updates(*tree, rolling, (True, False, False, True)))(
        PARAMS, GRADS, SPEED
    )
    check_that(
        freeze_updates, PARAMS, GRADS, SPEED, rolling, (True, False, False, True), expected="the same inside jax.jit",
        holds=lambda found: np.allclose(found[0][0]["W"], first["W"]),
    )  # fmt: skip


W = {"W": jnp.ones((2, 2)), "b": jnp.zeros(2)}
NETWORK = W, {}, W, {}, {}, W, {}, W  # Dense, ReLU, Dense, ReLU, Dropout, Dense, ReLU, Dense


def flags(lowest, of):
    return [False] * lowest + [True] * (of - lowest)


def test_thaw_top_two():
    """Dense, ReLU, Dense, ReLU, Dropout, Dense, ReLU, Dense: thaw two of the four."""
    check(thaw_top, NETWORK, 2, gives=flags(5, of=8))


@pytest.mark.parametrize(("n", "lowest"), [(0, 8), (1, 7), (3, 2), (4, 0)])
def test_thaw_top_others(n, lowest):
    """None of them, one, three, all four."""
    check(thaw_top, NETWORK, n, gives=flags(lowest, of=8))


def test_thaw_top_layers_of_layers():
    """A block of ReLU and pooling, ({}, {}), holds no array; one with a Dense in it does."""
    check(thaw_top, (W, (W, {}), ({}, {}), W, ({}, ({},))), 2, gives=flags(1, of=5))


def test_thaw_top_random(rng):
    """Any order of layers with parameters and without, any number of them thawed."""
    for _ in range(4):
        filled = rng.permutation([True] * 4 + [False] * 4)
        n, places = int(rng.integers(1, 5)), np.flatnonzero(filled)
        check(thaw_top, tuple(W if has else {} for has in filled), n, gives=flags(int(places[-n]), of=8))


def leveling(grads, state, params):
    """Like Adam, each gradient is divided by its usual size: only its sign is left of it here."""
    state = jax.tree.map(lambda v, g: 0.5 * v + 0.5 * g**2, state, grads)
    return jax.tree.map(lambda v, g: -0.1 * g / jnp.sqrt(2 * v), state, grads), state


def leveled(params, grads, rates):
    """What the first step from v = 0 comes to: every weight moves by 0.1 times its layer's rate."""
    new = tuple(
        {name: np.asarray(w[name]) - 0.1 * rate * np.sign(g[name]) for name in w}
        for w, g, rate in zip(params, grads, rates, strict=True)
    )
    return new, jax.tree.map(lambda g: 0.5 * np.asarray(g) ** 2, grads)


def test_rates_by_depth_worked():
    """Three layers with parameters and one without, and an optimizer that, like Adam, levels the gradients."""
    zeros = jax.tree.map(jnp.zeros_like, PARAMS)
    check(
        rates_by_depth, PARAMS, GRADS, zeros, leveling, 0.4, gives=leveled(PARAMS, GRADS, (0.16, 0, 0.4, 1)), rtol=1e-5
    )


@pytest.mark.parametrize("factor", [1.0, 0.0, 0.5])
def test_rates_by_depth_other_factors(factor):
    """1: all move alike. 0: only the last layer moves. 0.5; and layers without parameters here and there."""
    params, grads = (tree[:1] + tree[1:2] + tree[1:] + tree[1:2] for tree in (PARAMS, GRADS))
    zeros = jax.tree.map(jnp.zeros_like, params)
    wanted = leveled(params, grads, (factor**2, 0, 0, factor, 1, 0))
    check(rates_by_depth, params, grads, zeros, leveling, factor, gives=wanted, rtol=1e-5)


def test_rates_by_depth_random(rng):
    """Other layers, another factor."""
    params, grads, _ = drawn_layers(rng, 5)
    factor = round(float(rng.uniform(0.2, 0.9)), 2)
    zeros = jax.tree.map(jnp.zeros_like, params)
    wanted = leveled(params, grads, (factor**3, 0, factor**2, factor, 1))
    check(rates_by_depth, params, grads, zeros, leveling, factor, gives=wanted, rtol=1e-4)


def away(x, here, spread, scale, shift, eps):
    """The same, each channel by itself."""
    channels = [
        (x[..., i] - here[i]) * (scale[i] * (spread[i] + eps) ** -0.5) + shift[i] for i in range(x.shape[-1])
    ]  # fmt: skip
    return np.stack(channels, axis=-1)


def statistics(x):
    """Each channel's mean and variance: every pixel of every image counts as one example."""
    rows = x.reshape(-1, x.shape[-1])
    mean = np.ones(len(rows)) @ rows / len(rows)
    return mean, np.einsum("nc,nc->c", rows, rows) / len(rows) - mean**2


SCALE, SHIFT, MEAN, VAR = np.array([[2.0, 0.5], [1.0, -1.0], [0.5, 3.0], [4.0, 0.25]])
IMAGES = np.array([1, 4, 0, 2, 5, 1, 2, 7, 3, 0, 6, 2, 9, 1, 4, 5], float).reshape(2, 2, 2, 2)


def check_trained(x, scale, shift, mean, var, momentum, eps):
    here, spread = statistics(x)
    moved = mean + (1 - momentum) * (here - mean), var + (1 - momentum) * (spread - var)
    wanted = away(x, here, spread, scale, shift, eps), *moved
    check(frozen_batchnorm, x, scale, shift, mean, var, momentum, eps, True, gives=wanted, rtol=1e-3)


def test_frozen_batchnorm_trained():
    """Two images of 2 × 2 pixels with two channels, and the layer learns."""
    check_trained(IMAGES, SCALE, SHIFT, MEAN, VAR, 0.75, 0.5)


def test_frozen_batchnorm_frozen():
    """The same maps, and the layer is frozen: nothing may move."""
    y = away(IMAGES, MEAN, VAR, SCALE, SHIFT, 0.5)
    check(frozen_batchnorm, IMAGES, SCALE, SHIFT, MEAN, VAR, 0.75, 0.5, False, gives=(y, MEAN, VAR))


@pytest.mark.parametrize("shape", [(3, 4, 5, 2), (1, 6, 2, 3), (5, 1, 1, 4)])
def test_frozen_batchnorm_random(rng, shape):
    """Batches of other shapes, frozen and learning."""
    x, (scale, shift, mean), var = (
        rng.normal(size=shape) + 1,
        rng.normal(size=(3, shape[-1])),
        rng.uniform(1, 2, shape[-1]),
    )
    wanted = away(x, mean, var, scale, shift, 1e-5), mean, var
    check(frozen_batchnorm, x, scale, shift, mean, var, 0.9, 1e-5, False, gives=wanted)
    check_trained(x, scale, shift, mean, var, 0.9, 1e-5)


# ------------------------------------------------------------------ fewer_or_more, measured

ACROSS = np.linspace(-1, 1, 8)


def under_lamps(x, rng):
    """Images (batch, 8, 8, 1) with a brightness of their own and a slope across and down; as rows of 64."""
    level, across, down = 0.5 * rng.normal(size=(3, len(x), 1, 1))
    return (x[..., 0] + level + across * ACROSS + down * ACROSS[:, None]).reshape(len(x), 64).astype(np.float32)


def fit(params, batch_of, steps, rng, first=0):
    """Adam on a network with one hidden layer. batch_of: draws a batch (x, y). first: 2 leaves the hidden layer."""
    weights = [w.copy() for w in params]
    m, v = ([np.zeros_like(w) for w in weights] for _ in range(2))
    for t in range(1, steps + 1):
        (x, y), (W1, b1, W2, b2) = batch_of(rng), weights
        hidden = np.maximum(x @ W1 + b1, 0)
        p = np.exp(hidden @ W2 + b2)
        p /= p.sum(axis=1, keepdims=True)
        p[np.arange(len(y)), y] -= 1
        error = p / len(y)
        grads = [hidden.T @ error, error.sum(axis=0)]
        if not first:
            back = error @ W2.T * (hidden > 0)
            grads = [x.T @ back, back.sum(axis=0), *grads]
        for i, g in enumerate(grads, first):
            m[i], v[i] = 0.9 * m[i] + 0.1 * g, 0.999 * v[i] + 0.001 * g**2
            rate = 3e-3 * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t)
            weights[i] -= rate * m[i] / (np.sqrt(v[i]) + 1e-8)
    return weights


def random_hidden(rng):
    return [(rng.normal(size=(64, 48)) / np.sqrt(32)).astype(np.float32), np.zeros(48, np.float32)]


def new_head():
    return [np.zeros((48, 5), np.float32), np.zeros(5, np.float32)]


def right(weights, x, y):
    W1, b1, W2, b2 = weights
    return np.mean(np.argmax(np.maximum(x @ W1 + b1, 0) @ W2 + b2, axis=1) == y)


@cache
def measured(n, draws, steps):
    """The part of unseen digits 5 to 9 that each way reads, with n examples a class: the mean of some draws."""
    rng = np.random.default_rng(1)
    (x, y), (x_test, y_test), _ = load("digits")
    old = y < 5
    old_x, old_y = x[old], y[old]

    def old_batch(rng):
        rows = rng.integers(0, len(old_y), 32)
        return under_lamps(old_x[rows], rng), old_y[rows]

    borrowed = fit([*random_hidden(rng), *new_head()], old_batch, 400, rng)[:2]
    x, y = under_lamps(x[~old], rng), y[~old] - 5
    x_test, y_test = np.tile(x_test[y_test >= 5], (3, 1, 1, 1)), np.tile(y_test[y_test >= 5] - 5, 3)
    x_test = under_lamps(x_test, rng)
    found = {"frozen": [], "tuned": [], "scratch": []}
    for _ in range(draws):
        rows = np.concatenate([rng.permutation(np.flatnonzero(y == place))[:n] for place in range(5)])

        def batch(rng, rows=rows):
            some = rng.choice(rows, 32)
            return x[some], y[some]

        for way, parts in found.items():
            hidden = random_hidden(rng) if way == "scratch" else borrowed
            weights = fit([*hidden, *new_head()], batch, steps, rng, 2 if way == "frozen" else 0)
            parts.append(right(weights, x_test, y_test))
    return {way: float(np.mean(parts)) for way, parts in found.items()}


def test_fewer_or_more():
    """Your prediction, beside what three real trainings come to."""
    few, many = measured(2, 3, 100), measured(1000, 1, 200)
    truth = max(few, key=few.get), min(few, key=few.get), min(many, key=many.get)

    def foresaw(prediction):
        best, worst, last = prediction
        return (best.lower(), worst.lower(), last.lower()) == truth

    check_that(
        fewer_or_more, holds=foresaw, expected="what was just measured with real digits. "
        "How many weights must the examples teach in each of the three ways? And how many examples are there?",
    )  # fmt: skip
