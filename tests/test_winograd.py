"""Winograd's form against the convolution as the book writes it with loops."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from deepbook import winograd
from deepbook.cnn import conv_loops
from deepbook.winograd import A, B, G

RNG = np.random.default_rng(0)


def test_the_three_matrices_give_two_scores_by_hand():
    x, w = np.array([1.0, 2, 4, 8]), np.array([10.0, 100, 1000])
    products = (np.array(G) @ w) * (np.array(B) @ x)
    assert products.tolist() == [(1 - 4) * 10, (2 + 4) * 555, (4 - 2) * 455, (2 - 8) * 1000]
    assert (np.array(A) @ products).tolist() == [10 + 200 + 4000, 20 + 400 + 8000]


end = some.integers(0, 3)
ends = some.tuples(some.tuples(end, end), some.tuples(end, end))


@settings(max_examples=8, deadline=None)
@given(some.tuples(some.integers(3, 9), some.integers(3, 9)), ends, some.integers(0, 1000))
def test_conv_is_that_of_the_loops(shape, ends, seed):
    rng = np.random.default_rng(seed)
    x, W = rng.normal(size=(2, *shape, 3)).astype(np.float32), rng.normal(size=(3, 3, 3, 2)).astype(np.float32)
    np.testing.assert_allclose(winograd.conv(x, W, ends), conv_loops(x, W, padding=ends), rtol=1e-4, atol=1e-4)


@settings(max_examples=8, deadline=None)
@given(some.tuples(some.integers(3, 9), some.integers(3, 9)), ends, some.integers(0, 1000))
def test_filter_gradient_says_how_each_weight_changes_the_scores(shape, ends, seed):
    rng = np.random.default_rng(seed)
    x, W = rng.normal(size=(2, *shape, 2)).astype(np.float32), rng.normal(size=(3, 3, 2, 3)).astype(np.float32)
    y = conv_loops(x, W, padding=ends)
    dy = rng.normal(size=y.shape).astype(np.float32)
    dW = winograd.filter_gradient(x, dy, ends)
    np.testing.assert_allclose(np.sum(dW * W), np.sum(dy * y), rtol=1e-4, atol=1e-2)  # y is linear in W


def test_sixteen_matrix_products_where_a_convolution_needs_thirty_six():
    x, W = jnp.ones((1, 8, 8, 5)), jnp.ones((3, 3, 5, 4))
    steps = str(jax.make_jaxpr(lambda x, W: winograd.conv(x, W, ((1, 1), (1, 1))))(x, W)).splitlines()
    assert len([step for step in steps if "= dot_general" in step and "f32[16,4]" in step]) == 16  # 16 tiles, 4 filters


def test_rounding_is_that_of_other_sums_of_floats():
    x, W = RNG.normal(size=(4, 16, 16, 64)), RNG.normal(size=(3, 3, 64, 64))
    with jax.enable_x64(True):
        exact = np.asarray(winograd.conv(x, W, ((1, 1), (1, 1))))
    close = np.asarray(winograd.conv(x.astype(np.float32), W.astype(np.float32), ((1, 1), (1, 1))))
    assert np.abs(close - exact).max() < 3e-6 * np.abs(exact).max()


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_what_is_not_finite_does_not_stay_hidden(value):
    x = np.ones((1, 6, 6, 1), np.float32)
    x[0, 2, 2] = value
    y = np.asarray(winograd.conv(x, np.ones((3, 3, 1, 1), np.float32), ((0, 0), (0, 0))))
    assert not np.isfinite(y[0, 0:3, 0:3]).any()
