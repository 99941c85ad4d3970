"""deepbook.activations against SciPy in float64, Flax, jax.grad, finite differences and numbers worked by hand."""

from functools import cache, partial

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import special, stats

from deepbook import activations
from deepbook.activations import slope

SELU = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717  # from the paper's own program


def elu(z, alpha=1.0):
    return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))


REFERENCE = {  # in float64, written another way
    "step": lambda z: np.heaviside(z, 0.0),
    "sigmoid": special.expit,
    "tanh": lambda z: 2 * special.expit(2 * z) - 1,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.maximum(z, 0.01 * z),
    "elu": elu,
    "selu": lambda z: SELU[0] * elu(z, SELU[1]),
    "gelu": lambda z: z * special.ndtr(z),
    "gaussian": lambda z: np.sqrt(np.pi) * stats.norm.pdf(z, scale=np.sqrt(0.5)),
}
FLAX = {
    "sigmoid": nn.sigmoid,
    "tanh": nn.tanh,
    "relu": nn.relu,
    "leaky_relu": nn.leaky_relu,
    "elu": nn.elu,
    "selu": nn.selu,
    "gelu": lambda z: nn.gelu(z, approximate=False),
    "softmax": nn.softmax,
    "log_softmax": nn.log_softmax,
}
BENDS = {"step", "relu", "leaky_relu", "selu"}  # at 0, where the slope is our choice
Z = np.linspace(-6, 6, 49, dtype=np.float32)  # holds 0 exactly
VECTORS = arrays(np.float32, 6, elements=st.floats(-30, 30, width=32, allow_subnormal=False))


def f(name):
    return getattr(activations, name)


@cache
def compiled(g):
    """One small program in place of many: `test_jit_vmap_and_grad` shows that this makes no difference."""
    return jax.jit(g)


def test_every_activation_is_tested():
    assert {*REFERENCE, "softmax", "log_softmax", "slope"} == set(activations.__all__)
    assert set(activations.SLOPES) == {f(name) for name in REFERENCE}


@pytest.mark.parametrize("name", REFERENCE)
@settings(deadline=None, max_examples=25, derandomize=True)
@given(z=VECTORS)
def test_values_equal_a_float64_reference(name, z):
    np.testing.assert_allclose(compiled(f(name))(z), REFERENCE[name](z.astype(float)), rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("name", REFERENCE)
@settings(deadline=None, max_examples=25, derandomize=True)
@given(z=VECTORS)
def test_slopes_equal_finite_differences_of_the_reference(name, z):
    z = z.astype(float)
    z[np.abs(z) < 1e-3] = 1.0  # a difference across a bend is no slope
    numerical = (REFERENCE[name](z + 1e-6) - REFERENCE[name](z - 1e-6)) / 2e-6
    np.testing.assert_allclose(compiled(slope(f(name)))(z), numerical, rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("name", REFERENCE)
def test_slope_equals_jax_grad(name):
    z = Z[Z != 0] if name in BENDS else Z
    ours, by_jax = jax.jit(lambda z: (slope(f(name))(z), jax.vmap(jax.grad(f(name)))(z)))(z)
    np.testing.assert_allclose(ours, by_jax, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", FLAX)
def test_values_and_gradients_equal_flax(name):
    z = (Z[Z != 0]).reshape(6, 8)  # at 0 itself Flax gives leaky_relu the slope 1
    weights = np.cos(z)

    @partial(jax.jit, static_argnums=0)
    def value_and_slope(g, z):
        value, back = jax.vjp(g, z)
        return value, back(weights)[0]

    for ours, theirs in zip(value_and_slope(f(name), z), value_and_slope(FLAX[name], z), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_values_worked_by_hand():
    z = jnp.array([-2.0, 0.0, 3.0])
    assert activations.step(z).tolist() == [0, 0, 1]
    assert activations.relu(z).tolist() == [0, 0, 3]
    assert activations.leaky_relu(z, slope=0.25).tolist() == [-0.5, 0, 3]
    assert activations.elu(z, alpha=2.0).tolist() == pytest.approx([2 * (np.exp(-2) - 1), 0, 3])
    assert activations.gaussian(z).tolist() == pytest.approx([np.exp(-4), 1, np.exp(-9)])
    assert activations.gelu(jnp.array([1.0, -1.0])).tolist() == pytest.approx([0.8413447, -0.1586553])
    assert activations.sigmoid(jnp.log(3.0)) == pytest.approx(0.75)
    assert activations.tanh(jnp.log(2.0)) == pytest.approx(0.6)


def test_slopes_worked_by_hand():
    assert slope(activations.sigmoid)(0.0) == 0.25
    assert slope(activations.tanh)(0.0) == 1
    assert slope(activations.gelu)(0.0) == 0.5
    assert slope(activations.gaussian)(1.0) == pytest.approx(-2 / np.e)
    assert activations.leaky_relu_slope(jnp.array([-1.0, 2.0]), 0.25).tolist() == [0.25, 1]
    assert activations.elu_slope(jnp.array([-1.0, 2.0]), 3.0).tolist() == pytest.approx([3 / np.e, 1])


def test_softmax_worked_by_hand():
    z = jnp.log(jnp.array([[1.0, 2.0, 3.0], [5.0, 5.0, 10.0]]))
    p = np.array([[1 / 6, 2 / 6, 3 / 6], [0.25, 0.25, 0.5]])
    np.testing.assert_allclose(activations.softmax(z), p, rtol=1e-6)
    np.testing.assert_allclose(activations.log_softmax(z), np.log(p), rtol=1e-6)


@settings(deadline=None, max_examples=25, derandomize=True)
@given(arrays(np.float32, (3, 4), elements=st.floats(-200, 200, width=32)), st.floats(-100, 100, width=32))
def test_softmax_equals_scipys_and_does_not_see_a_shift(z, shift):
    p, log_p = (np.asarray(compiled(g)(z)) for g in (activations.softmax, activations.log_softmax))
    np.testing.assert_allclose(p, special.softmax(z.astype(float), axis=-1), rtol=2e-5, atol=1e-30)
    np.testing.assert_allclose(log_p, special.log_softmax(z.astype(float), axis=-1), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(p.sum(-1), 1, rtol=1e-6)  # and below, z + shift is rounded
    np.testing.assert_allclose(
        compiled(activations.softmax)(z + np.float32(shift)), p, rtol=1e-3, atol=1e-7
    )  # z + shift is rounded


def test_softmax_works_along_the_last_axis():
    z = jnp.arange(24.0).reshape(2, 3, 4) ** 2 / 100
    for name in ("softmax", "log_softmax"):
        each = [[compiled(f(name))(row) for row in table] for table in z]
        np.testing.assert_allclose(compiled(f(name))(z), each, rtol=1e-6)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_of_thousands_is_finite_and_so_is_its_gradient(name):
    z = jnp.array([1000.0, -1000.0, 999.0])
    np.testing.assert_allclose(activations.softmax(z), [1 / (1 + np.exp(-1)), 0, 1 / (1 + np.e)], rtol=1e-6)
    assert activations.log_softmax(z)[1] == pytest.approx(-2000 - np.log1p(np.exp(-1)), rel=1e-6)
    assert np.isfinite(jax.jit(jax.jacobian(f(name)))(z)).all()


def test_softmax_gradient_is_the_jacobian_of_the_book():
    z = jnp.array([0.3, -1.2, 2.0])
    p = np.asarray(activations.softmax(z))
    np.testing.assert_allclose(jax.jit(jax.jacobian(activations.softmax))(z), np.diag(p) - np.outer(p, p), atol=1e-6)


FAR = np.array([-1e4, -100.0, 100.0, 1e4], np.float32)


@pytest.mark.parametrize("name", REFERENCE)
def test_far_away_values_and_slopes_are_finite(name):
    all_of_it = jax.jit(lambda z: (f(name)(z), slope(f(name))(z), jax.vmap(jax.grad(f(name)))(z)))
    value, by_hand, by_jax = all_of_it(FAR)
    np.testing.assert_allclose(value, REFERENCE[name](FAR.astype(float)), rtol=1e-5, atol=1e-30)
    assert np.isfinite(by_hand).all()
    np.testing.assert_allclose(by_hand, by_jax, rtol=1e-5, atol=1e-30)


@pytest.mark.parametrize("name", sorted(REFERENCE.keys() - {"step"}))
def test_nan_stays_nan(name):
    assert np.isnan(f(name)(jnp.nan))


def test_relu_slope_at_0_is_0():
    assert slope(activations.relu)(0.0) == 0
    assert jax.grad(activations.relu)(0.0) == 0


@pytest.mark.parametrize("name", [*REFERENCE, "softmax", "log_softmax"])
def test_integers_are_taken_as_numbers(name):
    z = np.array([-2, 0, 3])
    functions = [f(name)] if "softmax" in name else [f(name), slope(f(name))]
    for g in functions:
        got = jax.jit(g)(z)
        assert got.dtype == jnp.float32
        np.testing.assert_allclose(got, jax.jit(g)(z.astype(np.float32)), rtol=1e-6)


def test_selu_keeps_mean_0_and_variance_1():
    z = np.random.default_rng(0).normal(size=200_000).astype(np.float32)
    h = activations.selu(z)
    assert float(h.mean()) == pytest.approx(0, abs=0.01)
    assert float(h.var()) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("name", [*REFERENCE, "softmax", "log_softmax"])
def test_jit_vmap_and_grad(name, transforms):
    z = jnp.asarray(Z[::7])
    transforms(f(name), z)
    if name in REFERENCE:
        transforms(slope(f(name)), z)


@pytest.mark.parametrize("other", [activations.softmax, np.sin])
def test_slope_of_another_function_is_refused_in_words(other):
    with pytest.raises(ValueError, match=f"slope: got {other.__name__}; needs one of step, sigmoid, .*try jax.grad"):
        slope(other)


def test_slope_of_a_name_is_refused_in_words():
    with pytest.raises(ValueError, match="slope: got relu; needs"):
        slope("relu")
