"""deepbook.optim against Optax, formulas written with NumPy in float64, and numbers worked by hand."""

import inspect
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from scipy.optimize import rosen

from deepbook import mlp, optim
from deepbook.losses import cross_entropy
from deepbook.optim import (
    SGD,
    AdaGrad,
    Adam,
    AdamW,
    Clip,
    Cosine,
    Exponential,
    Momentum,
    RMSProp,
    StepDecay,
    Warmup,
    minimize,
)

STEPS = 50
KEY = jax.random.key(0)
RNG = np.random.default_rng(0)


def weights_only(params):
    return jax.tree.map(lambda w: jnp.ndim(w) >= 2, params)


# Ours and Optax's, which are to walk the same way. Optax's AdaGrad has its eps inside the root, √(h + ε), where ours
# has √h + ε: compared without it here, and with it in `test_updates_equal_the_formulas_of_the_book`. With a schedule
# our momentum keeps the rates of earlier steps in v, as Keras does; Optax and PyTorch apply today's to all.
PAIRS = {
    "SGD": (SGD(0.1), optax.sgd(0.1)),
    "SGD, Cosine": (SGD(Cosine(0.3, 40, 0.01)), optax.sgd(optax.cosine_decay_schedule(0.3, 40, 0.01 / 0.3))),
    "Momentum": (Momentum(0.05, 0.8), optax.sgd(0.05, 0.8)),
    "Nesterov": (Momentum(0.05, 0.8, nesterov=True), optax.sgd(0.05, 0.8, nesterov=True)),
    "AdaGrad": (AdaGrad(0.2, eps=0.0), optax.adagrad(0.2, initial_accumulator_value=0.0, eps=0.0)),
    "RMSProp": (RMSProp(0.02, 0.85, eps=1e-3), optax.rmsprop(0.02, 0.85, eps=1e-3, eps_in_sqrt=False)),
    "Adam": (Adam(0.03, 0.8, 0.95, 1e-3), optax.adam(0.03, 0.8, 0.95, 1e-3)),
    "Adam as it comes": (Adam(), optax.adam(1e-3)),
    "Adam, Warmup": (Adam(Warmup(9, Cosine(0.1, 30))), optax.adam(optax.warmup_cosine_decay_schedule(0, 0.1, 9, 39))),
    "AdamW": (AdamW(0.03, weight_decay=0.1), optax.adamw(0.03, weight_decay=0.1, mask=weights_only)),
    "AdamW, StepDecay": (
        AdamW(StepDecay(0.1, 10, 0.5), weight_decay=0.2),
        optax.adamw(optax.exponential_decay(0.1, 10, 0.5, staircase=True), weight_decay=0.2, mask=weights_only),
    ),
    "Clip": (Clip(Momentum(0.1), 0.5), optax.chain(optax.clip_by_global_norm(0.5), optax.sgd(0.1, 0.9))),
}
PARAMS = {"W": mlp.he(KEY, (4, 5)), "V": mlp.he(jax.random.key(1), (5, 3)), "b": jnp.zeros(3)}
X, Y = RNG.normal(size=(12, 4)).astype(np.float32), RNG.integers(0, 3, 12)
NOISE = jax.tree.map(lambda w: (0.2 * RNG.normal(size=(STEPS, *w.shape))).astype(np.float32), PARAMS)


def loss(params):
    return cross_entropy(jnp.tanh(X @ params["W"]) @ params["V"] + params["b"], Y)


def walk(optimizer, params, noise):
    """The params after each of 50 steps in a small network, whose gradients are disturbed by random numbers."""

    def step(carry, noise):
        params, state = carry
        grads = jax.tree.map(jnp.add, jax.grad(loss)(params), noise)
        updates, state = optimizer.update(grads, state, params)
        params = jax.tree.map(jnp.add, params, updates)
        return (params, state), params

    return jax.lax.scan(step, (params, optimizer.init(params)), noise)[1]


@pytest.mark.parametrize("name", PAIRS)
def test_fifty_steps_equal_optax(name):
    both = jax.jit(lambda *given: [walk(optimizer, *given) for optimizer in PAIRS[name]])
    ours, theirs = both(PARAMS, NOISE)
    for a, b in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)
    assert all(np.abs(a[-1] - a[0]).max() > 0.005 for a in jax.tree.leaves(ours))  # and went somewhere


# Each optimizer by its formula, with an eps that one can see

g = RNG.normal(size=(STEPS, 3)) * [1.0, 0.1, 5.0]


def momentum_by_hand(lr, r, nesterov):
    v = np.zeros(3)
    for t in range(STEPS):
        v = r * v - lr(t) * g[t]
        yield r * v - lr(t) * g[t] if nesterov else v


def adagrad_by_hand(lr, eps):
    h = np.zeros(3)
    for t in range(STEPS):
        h = h + g[t] ** 2
        yield -lr(t) * g[t] / (np.sqrt(h) + eps)


def rmsprop_by_hand(lr, decay, eps):
    h = np.zeros(3)
    for t in range(STEPS):
        h = decay * h + (1 - decay) * g[t] ** 2
        yield -lr(t) * g[t] / (np.sqrt(h) + eps)


def adam_by_hand(lr, b1, b2, eps):
    m, v = np.zeros(3), np.zeros(3)
    for t in range(STEPS):
        m, v = b1 * m + (1 - b1) * g[t], b2 * v + (1 - b2) * g[t] ** 2
        m_hat, v_hat = m / (1 - b1 ** (t + 1)), v / (1 - b2 ** (t + 1))
        yield -lr(t) * m_hat / (np.sqrt(v_hat) + eps)


def half(t):
    return 0.4 * 0.5 ** (t // 20)


HALF = StepDecay(0.4, 20, 0.5)
FORMULAS = {
    "SGD": (SGD(HALF), (-half(t) * g[t] for t in range(STEPS))),
    "Momentum": (Momentum(HALF, 0.7), momentum_by_hand(half, 0.7, False)),
    "Nesterov": (Momentum(HALF, 0.7, nesterov=True), momentum_by_hand(half, 0.7, True)),
    "AdaGrad": (AdaGrad(HALF, eps=0.5), adagrad_by_hand(half, 0.5)),
    "RMSProp": (RMSProp(HALF, 0.8, eps=0.5), rmsprop_by_hand(half, 0.8, 0.5)),
    "Adam": (Adam(HALF, 0.8, 0.9, eps=0.5), adam_by_hand(half, 0.8, 0.9, 0.5)),
}


def updates_of(optimizer, params, grads):
    def step(state, grads):
        updates, state = optimizer.update(grads, state, params)
        return state, updates

    return jax.jit(lambda grads: jax.lax.scan(step, optimizer.init(params), grads)[1])(grads)


@pytest.mark.parametrize("name", FORMULAS)
def test_updates_equal_the_formulas_of_the_book(name):
    optimizer, by_hand = FORMULAS[name]
    updates = updates_of(optimizer, jnp.zeros(3), g.astype(np.float32))
    np.testing.assert_allclose(updates, list(by_hand), rtol=1e-5, atol=1e-6)


def test_the_settings_that_papers_and_libraries_begin_with():
    assert (SGD().lr, Momentum().momentum, RMSProp().decay, AdaGrad().eps) == (0.01, 0.9, 0.9, 1e-8)
    assert (Adam().lr, Adam().b1, Adam().b2, Adam().eps, AdamW().weight_decay) == (1e-3, 0.9, 0.999, 1e-8, 0.01)


@pytest.mark.parametrize(
    ("optimizer", "first", "second"),
    [
        (SGD(0.5), -1, -2),  # gradients 2 and 4
        (Momentum(0.5, 0.5), -1, -2.5),
        (Momentum(0.5, 0.5, nesterov=True), -1.5, -3.25),
        (AdaGrad(0.5), -0.5, -0.5 * 4 / np.sqrt(20)),
        (RMSProp(0.5, 0.75), -1, -0.5 * 4 / np.sqrt(0.75 + 4)),
        (Adam(0.5, b1=0.5, b2=0.75), -0.5, -0.5 * (2.5 / 0.75) / np.sqrt((0.75 + 4) / 0.4375)),
        (AdamW(0.5, b1=0.5, b2=0.75, weight_decay=0.1), -0.5, -0.5 * (2.5 / 0.75) / np.sqrt((0.75 + 4) / 0.4375)),
    ],
)
def test_two_steps_worked_by_hand(optimizer, first, second):
    updates = updates_of(optimizer, jnp.float32(10.0), jnp.array([2.0, 4.0]))
    assert updates.tolist() == pytest.approx([first, second], rel=1e-6)


def test_adamw_shrinks_weights_and_no_biases():
    params = {"W": jnp.array([[10.0]]), "b": jnp.array([10.0])}
    optimizer = AdamW(0.5, weight_decay=0.1)
    updates, _ = optimizer.update(jax.tree.map(jnp.zeros_like, params), optimizer.init(params), params)
    assert (updates["W"].tolist(), updates["b"].tolist()) == ([[-0.5]], [0])


@pytest.mark.parametrize("name", ["AdaGrad", "RMSProp", "Adam", "Clip"])
def test_a_gradient_of_0_moves_nothing_and_makes_no_nan(name):
    optimizer, zeros = PAIRS[name][0], {"b": jnp.zeros(3)}
    updates, _ = jax.jit(optimizer.update)(zeros, optimizer.init(zeros), zeros)
    if name != "AdaGrad":  # PAIRS has it without eps
        assert updates["b"].tolist() == [0, 0, 0]
    assert AdaGrad().update(zeros, AdaGrad().init(zeros))[0]["b"].tolist() == [0, 0, 0]


@pytest.mark.parametrize("name", PAIRS)
def test_the_state_keeps_its_types(name):
    """Else `update` would be compiled twice, and a scan would refuse it."""
    optimizer = PAIRS[name][0]
    before = optimizer.init(PARAMS)
    _, after = jax.eval_shape(optimizer.update, PARAMS, before, PARAMS)
    assert jax.tree.map(lambda a: (a.shape, a.dtype), before) == jax.tree.map(lambda a: (a.shape, a.dtype), after)


# Schedules

SCHEDULES = {
    "StepDecay": (StepDecay(0.3, 7, 0.5), optax.exponential_decay(0.3, 7, 0.5, staircase=True)),
    "Exponential": (Exponential(0.3, 7, 0.5), optax.exponential_decay(0.3, 7, 0.5)),
    "Cosine": (Cosine(0.3, 40), optax.cosine_decay_schedule(0.3, 40)),
    "Cosine to final": (Cosine(0.3, 40, 0.06), optax.cosine_decay_schedule(0.3, 40, 0.2)),
    "Warmup": (Warmup(10, 0.3), optax.warmup_constant_schedule(0.0, 0.3, 10)),
    "Warmup, Cosine": (
        Warmup(10, Cosine(0.3, 30, 0.06)),
        optax.warmup_cosine_decay_schedule(0.0, 0.3, 10, 40, 0.06),
    ),
    "Warmup, Exponential": (
        Warmup(10, Exponential(0.3, 7, 0.5)),
        optax.warmup_exponential_decay_schedule(0.0, 0.3, 10, 7, 0.5),
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_equal_optax(name):
    ours, theirs = SCHEDULES[name]
    t = jnp.arange(STEPS + 10)
    ours_at_t, expected = jax.jit(lambda t: (jax.vmap(ours)(t), jax.vmap(theirs)(t)))(t)
    np.testing.assert_allclose(ours_at_t, expected, rtol=1e-6, atol=1e-7)
    assert [float(ours(step)) for step in range(0, 60, 13)] == pytest.approx(
        expected[::13].tolist(), rel=1e-5, abs=1e-7
    )


def test_schedules_worked_by_hand():
    assert [float(StepDecay(8.0, 2, 0.5)(t)) for t in range(6)] == [8, 8, 4, 4, 2, 2]
    assert [float(Exponential(8.0, 2, 0.25)(t)) for t in range(5)] == pytest.approx([8, 4, 2, 1, 0.5])
    assert [float(Cosine(8.0, 4, 2.0)(t)) for t in (0, 2, 4, 9)] == pytest.approx([8, 5, 2, 2])
    assert [float(Warmup(4, 8.0)(t)) for t in range(6)] == [0, 2, 4, 6, 8, 8]
    assert [float(Warmup(2, StepDecay(8.0, 2, 0.5))(t)) for t in range(7)] == [0, 4, 8, 8, 4, 4, 2]


@pytest.mark.parametrize("name", [*PAIRS, *SCHEDULES])
def test_optimizers_and_schedules_are_recipes(name):
    recipe = {**PAIRS, **SCHEDULES}[name][0]
    twin = type(recipe)(**vars(recipe))
    assert twin == recipe
    assert hash(twin) == hash(recipe)
    with pytest.raises(AttributeError):
        recipe.lr = 1


def test_equal_optimizers_compile_once():
    traces = []

    def f(w):
        traces.append(w)
        return jnp.sum(w**2)

    for _ in range(3):
        minimize(f, jnp.ones(2), Adam(Warmup(5, Cosine(0.1, 20))), 7)
    once = len(traces)
    minimize(f, jnp.ones(2), Adam(Warmup(5, Cosine(0.1, 20))), 7)
    assert len(traces) == once
    minimize(f, jnp.ones(2), Adam(Warmup(5, Cosine(0.2, 20))), 7)
    assert len(traces) > once


# Clipping, parts that stay

TREE = {"a": jnp.array([[3.0, 0.0]]), "b": (jnp.array([4.0]),)}


def test_norm_and_clip_worked_by_hand():
    assert optim.norm(TREE) == 5
    shorter = optim.clip(TREE, 2.5)
    assert (shorter["a"].tolist(), shorter["b"][0].tolist()) == ([[1.5, 0]], [2])
    for longer in (5.0, 7.0):
        jax.tree.map(np.testing.assert_array_equal, optim.clip(TREE, longer), TREE)


def test_clip_of_no_gradient_is_none():
    zeros = jax.tree.map(jnp.zeros_like, TREE)
    jax.tree.map(np.testing.assert_array_equal, optim.clip(zeros, 1.0), zeros)


def test_norm_and_clip_equal_optax():
    grads = jax.tree.map(lambda g: g[0], NOISE)
    assert optim.norm(grads) == pytest.approx(float(optax.tree.norm(grads)), rel=1e-6)

    @jax.jit
    def both(max_norm):
        return optim.clip(grads, max_norm), optax.clip_by_global_norm(max_norm).update(grads, optax.EmptyState())[0]

    for max_norm in (0.1, 1.0, 1e6):
        ours, theirs = both(max_norm)
        jax.tree.map(partial(np.testing.assert_allclose, rtol=1e-6), ours, theirs)


def test_mask_worked_by_hand():
    updates = ({"W": jnp.ones(2)}, ({"W": jnp.ones(2)}, {}), {"W": jnp.ones(2)})
    masked = optim.mask(updates, (False, (True, True), True))
    assert jax.tree.map(lambda u: u.tolist(), masked) == ({"W": [0, 0]}, ({"W": [1, 1]}, {}), {"W": [1, 1]})
    assert jax.tree.map(lambda u: u.tolist(), optim.mask(updates, False)[2]) == {"W": [0, 0]}
    jax.tree.map(np.testing.assert_array_equal, optim.mask(updates, True), updates)
    jax.tree.map(np.testing.assert_array_equal, optim.mask(updates, (True, False, True))[1], ({"W": jnp.zeros(2)}, {}))


def test_a_mask_holds_parameters_to_the_bit_where_adamw_would_move_them():
    optimizer = AdamW(0.1, weight_decay=0.5)
    trainable = {"W": False, "V": True, "b": False}

    @jax.jit
    def ten_steps(params):
        def step(carry, _):
            params, state = carry
            updates, state = optimizer.update(jax.grad(loss)(params), state, params)
            return (optim.add(params, optim.mask(updates, trainable)), state), None

        return jax.lax.scan(step, (params, optimizer.init(params)), length=10)[0][0]

    end = ten_steps(PARAMS)
    for name, on in trainable.items():
        assert (end[name] != PARAMS[name]).all() if on else jnp.array_equal(end[name], PARAMS[name])


def test_add_worked_by_hand():
    assert jax.tree.map(lambda a: a.tolist(), optim.add(TREE, TREE)) == {"a": [[6, 0]], "b": ([8],)}


# A whole descent


def bowl(w):
    return jnp.sum(jnp.array([1.0, 10.0]) * w**2) / 2


def test_minimize_worked_by_hand():
    path, values = minimize(bowl, jnp.array([8.0, 1.0]), SGD(0.05), 3)
    np.testing.assert_allclose(path, [[8 * 0.95**t, 0.5**t] for t in range(4)], rtol=1e-6)
    np.testing.assert_allclose(values, [32 * 0.95 ** (2 * t) + 5 * 0.25**t for t in range(4)], rtol=1e-6)


@pytest.mark.parametrize("name", ["Momentum", "Adam, Warmup", "AdamW"])
def test_minimize_equals_optax_on_a_quadratic(name):
    ours, theirs = PAIRS[name]
    start = jnp.array([2.0, -1.0])
    path, values = minimize(bowl, start, ours, STEPS)

    def step(carry, _):
        w, state = carry
        updates, state = theirs.update(jax.grad(bowl)(w), state, w)
        return (w + updates, state), w

    expected = jax.jit(lambda w: jax.lax.scan(step, (w, theirs.init(w)), length=STEPS + 1)[1])(start)
    np.testing.assert_allclose(path, expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(values, jax.vmap(bowl)(expected), rtol=1e-5, atol=1e-6)


def test_minimize_takes_any_tree_of_numbers():
    path, values = minimize(lambda p: (p["a"] - 3) ** 2 + (p["b"][0] + 1) ** 2, {"a": 0, "b": (5.0,)}, SGD(0.25), 40)
    assert path["a"].shape == path["b"][0].shape == values.shape == (41,)
    assert float(path["a"][0]) == 0
    assert float(path["a"][-1]) == pytest.approx(3)
    assert float(path["b"][0][-1]) == pytest.approx(-1)
    assert values[0] == 9 + 36


def test_every_optimizer_comes_down_rosenbrocks_valley():
    def valley(w):
        return 100 * (w[1] - w[0] ** 2) ** 2 + (1 - w[0]) ** 2

    start = jnp.array([-1.0, 1.5])
    for optimizer in (SGD(1e-3), Momentum(1e-3), AdaGrad(0.5), RMSProp(Cosine(0.01, 3000)), Adam(0.02)):
        path, values = minimize(valley, start, optimizer, 3000)
        assert values[-1] < 0.06 < values[0]
        assert float(values[-1]) == pytest.approx(rosen(np.asarray(path[-1], float)), rel=1e-3, abs=1e-7)


# jit, grad and vmap: a step of an optimizer is a function of its gradients like any other

CALLS = {type(o).__name__: partial(lambda o, w: o.update(w, o.init(w), w), o) for o, _ in PAIRS.values()}
CALLS |= {name.split(",")[0].split()[0]: schedule for name, (schedule, _) in SCHEDULES.items()}
CALLS |= {
    "norm": optim.norm,
    "clip": lambda w: optim.clip(w, 0.5),
    "mask": lambda w: optim.mask((w, w), (True, False)),
    "add": lambda w: optim.add(w, w),
    "minimize": lambda w: minimize(bowl, w, Momentum(0.01), 3),
}


def test_every_public_function_is_transformed():
    public = {n for n, f in vars(optim).items() if inspect.getmodule(f) is optim and n[0] != "_"}
    assert public == set(CALLS)


@pytest.mark.parametrize("name", CALLS)
def test_jit_vmap_and_grad(name, transforms):
    step_count = name in {key.split(",")[0].split()[0] for key in SCHEDULES}
    transforms(CALLS[name], jnp.float32(3) if step_count else jnp.array([0.7, -1.2]))
