"""deepbook.perceptron against numbers worked by hand, finite differences, jax.grad and scikit-learn."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.linear_model import LogisticRegression
from sklearn.linear_model import Perceptron as Reference
from sklearn.metrics import log_loss

from deepbook import data, perceptron


def clouds(seed, n=60, features=3, apart=1.0):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % 2)
    x = rng.normal(size=(n, features)) + apart * (y[:, None] - 0.5)
    return x.astype(np.float32), y.astype(np.float32)


def test_neuron_worked_by_hand():
    params = jnp.array([1.0, 2.0]), 1.0
    assert perceptron.neuron(params, jnp.array([1.0, 3.0]), perceptron.relu) == 8
    assert perceptron.neuron(params, jnp.array([[1.0, -3.0], [0, 0]]), perceptron.relu).tolist() == [0, 1]


def test_step_says_no_on_the_line():
    assert perceptron.step(jnp.array([-1.0, 0.0, 1e-6])).tolist() == [0, 0, 1]


@pytest.mark.parametrize("name", ["NOT", "AND", "OR", "NAND"])
def test_gates_answer_their_truth_table(name):
    x, y = data.gate(name)
    assert perceptron.predict(getattr(perceptron, name), x).tolist() == y.tolist()


def test_update_worked_by_hand():
    start = jnp.array([1.0, 1.0]), jnp.array(1.0)
    (W, b), mistake = perceptron.update(start, jnp.array([3.0, 1.0]), 0.0, lr=0.5)
    assert (W.tolist(), float(b), float(mistake)) == ([-0.5, 0.5], 0.5, 1.0)
    (W, b), mistake = perceptron.update(start, jnp.array([3.0, 1.0]), 1.0, lr=0.5)
    assert (W.tolist(), float(b), float(mistake)) == ([1, 1], 1, 0)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("lr", [1.0, 0.25])
def test_fit_equals_scikit_learns_perceptron(seed, lr):
    """From the same non-zero start: at z = 0 exactly scikit-learn counts a mistake for both classes, we only for 1."""
    x, y = clouds(seed)
    W, b = np.full(3, 0.1), 0.05
    reference = Reference(shuffle=False, tol=None, max_iter=7, eta0=lr)
    reference.fit(x.astype(float), y, coef_init=W[None].copy(), intercept_init=np.array([b]))
    params, _ = perceptron.fit((W, b), x, y, epochs=7, lr=lr)
    np.testing.assert_allclose(params[0], reference.coef_[0], atol=1e-4)
    np.testing.assert_allclose(params[1], reference.intercept_[0], atol=1e-4)


def test_fit_goes_on_where_it_stopped():
    x, y = clouds(1)
    once, mistakes = perceptron.fit(perceptron.init(3), x, y, epochs=6)
    half, first = perceptron.fit(perceptron.init(3), x, y, epochs=2)
    twice, rest = perceptron.fit(half, x, y, epochs=4)
    assert jnp.concatenate([first, rest]).tolist() == mistakes.tolist()
    assert jnp.array_equal(once[0], twice[0])


def test_fit_never_rests_on_xor():
    _, mistakes = perceptron.fit(perceptron.init(2), *data.gate("XOR"), epochs=200)
    assert int(mistakes.min()) > 0


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), apart=st.floats(3.0, 8.0))
def test_mistakes_stay_under_the_bound(seed, apart):
    x, y = clouds(seed, n=30, features=2, apart=apart)
    params, mistakes = perceptron.fit(perceptron.init(2), x, y, epochs=100)
    if mistakes[-1] == 0:
        assert mistakes.sum() <= perceptron.mistake_bound(params, x, y)


def test_mistake_bound_without_a_separating_line_is_infinite():
    assert perceptron.mistake_bound(perceptron.AND, *data.gate("XOR")) == jnp.inf


def test_mistake_bound_worked_by_hand():
    x, y = jnp.array([[3.0], [-3.0]]), jnp.array([1, 0])
    assert perceptron.mistake_bound((jnp.array([1.0]), 0.0), x, y) == pytest.approx((9 + 1) / 3**2)


@settings(deadline=None)
@given(arrays(np.float32, 5, elements=st.floats(-1e4, 1e4, width=32)))
def test_sigmoid_equals_a_float64_reference(z):
    from scipy.special import expit

    np.testing.assert_allclose(perceptron.sigmoid(z), expit(z.astype(float)), rtol=2e-5, atol=1e-37)
    slopes = jax.vmap(jax.grad(perceptron.sigmoid))(z)
    assert np.isfinite(slopes).all()
    assert (slopes <= 0.25 + 1e-6).all()


def test_loss_equals_scikit_learns():
    x, y = clouds(2)
    params = jnp.array([0.5, -1.0, 2.0]), jnp.array(0.3)
    p = perceptron.neuron(params, x, perceptron.sigmoid)
    assert perceptron.loss(params, x, y) == pytest.approx(log_loss(y, np.asarray(p, float)), rel=1e-5)


def test_loss_of_a_sure_mistake_is_finite():
    assert perceptron.loss((jnp.array([1000.0]), 0.0), jnp.array([[1.0]]), jnp.array([0])) == pytest.approx(1000)


@settings(deadline=None, max_examples=20)
@given(n=st.integers(1, 9), features=st.integers(1, 6), seed=st.integers(0, 1000))
def test_gradient_equals_jax_grad_and_finite_differences(n, features, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, features)), rng.integers(0, 2, n)
    params = rng.normal(size=features), float(rng.normal())
    by_hand = perceptron.gradient(params, x, y)
    by_jax = jax.grad(perceptron.loss)(jax.tree.map(jnp.asarray, params), x, y)
    for a, b in zip(by_hand, by_jax, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    with jax.enable_x64(True):
        moved = [perceptron.loss((params[0], params[1] + h), x, y) for h in (1e-5, -1e-5)]
        np.testing.assert_allclose(by_hand[1], (moved[0] - moved[1]) / 2e-5, rtol=1e-3, atol=1e-5)
        for j in range(features):
            h = 1e-5 * np.eye(features)[j]
            up, down = (perceptron.loss((params[0] + move, params[1]), x, y) for move in (h, -h))
            np.testing.assert_allclose(by_hand[0][j], (up - down) / 2e-5, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_fit_logistic_finds_scikit_learns_coefficients(seed):
    x, y = clouds(seed, n=200)
    reference = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(x, y)
    params, steps = perceptron.fit_logistic(perceptron.init(3), x, y, tol=1e-6)
    assert steps < 100_000
    np.testing.assert_allclose(params[0], reference.coef_[0], atol=1e-3)
    np.testing.assert_allclose(params[1], reference.intercept_[0], atol=1e-3)


def test_fit_logistic_says_when_it_did_not_converge():
    x, y = data.gate("AND")
    _, steps = perceptron.fit_logistic(perceptron.init(2), x, y, max_steps=50)
    assert steps == 50


def test_digits_are_told_apart():
    (x, y), (x_test, y_test), _ = data.load("digits")
    train, test = (y == 3) | (y == 8), (y_test == 3) | (y_test == 8)
    params, mistakes = perceptron.fit(perceptron.init(64), x[train].reshape(-1, 64), y[train] == 8, epochs=30)
    assert mistakes[-1] == 0
    assert perceptron.accuracy(params, x_test[test].reshape(-1, 64), y_test[test] == 8) >= 0.95


# jit, grad and vmap on every public function

W, B = jnp.array([0.5, -1.0]), jnp.array(0.25)
X, Y = jnp.array([[1.0, 2.0], [-1.0, 0.5], [0.3, 0.1]]), jnp.array([1.0, 0.0, 1.0])
CALLS = {
    "weighted_sum": lambda W: perceptron.weighted_sum((W, B), X),
    "neuron": lambda W: perceptron.neuron((W, B), X, perceptron.relu),
    "relu": perceptron.relu,
    "step": perceptron.step,
    "predict": lambda W: perceptron.predict((W, B), X),
    "accuracy": lambda W: perceptron.accuracy((W, B), X, Y),
    "update": lambda W: perceptron.update((W, B), X[0], Y[0]),
    "fit": lambda W: perceptron.fit((W, B), X, Y, epochs=3),
    "mistake_bound": lambda W: perceptron.mistake_bound((W, B), X, Y),
    "sigmoid": perceptron.sigmoid,
    "loss": lambda W: perceptron.loss((W, B), X, Y),
    "gradient": lambda W: perceptron.gradient((W, B), X, Y),
    "fit_logistic": lambda W: perceptron.fit_logistic((W, B), X, Y, max_steps=5),
}


def test_every_public_function_is_transformed():
    import inspect

    public = {n for n, f in inspect.getmembers(perceptron, inspect.isroutine) if f.__module__ == perceptron.__name__}
    assert {name for name in public if name[0] != "_"} - set(CALLS) == {"init", "check_shapes", "check_examples"}


@pytest.mark.parametrize("name", CALLS)
def test_jit_vmap_and_grad(name):
    call = CALLS[name]
    plain = jax.tree.leaves(call(W))
    for a, b in zip(plain, jax.tree.leaves(jax.jit(call)(W)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    for a, b in zip(plain, jax.tree.leaves(jax.vmap(call)(jnp.stack([W, 2 * W]))), strict=True):
        np.testing.assert_allclose(a, b[0], rtol=1e-5, atol=1e-6)
    if name != "fit_logistic":  # JAX does not differentiate a while_loop backwards
        total = jax.grad(lambda W: sum(jnp.sum(jnp.asarray(each, float)) for each in jax.tree.leaves(call(W))))(W)
        assert np.isfinite(total).all()


def test_examples_are_learned_inside_jit():
    inside = jax.jit(lambda x, y: perceptron.fit(perceptron.init(2), x, y)[0])(X, Y)
    outside = perceptron.fit(perceptron.init(2), X, Y)[0]
    assert jnp.array_equal(inside[0], outside[0])


# Bad input

BAD = [
    (X, Y[:2], "3 examples and labels of shape (2,)"),
    (X[0], Y, "got x of shape (2,)"),
    (X, Y[:, None], "labels of shape (3, 1)"),
    (X.at[1, 0].set(jnp.nan), Y, "NaN or infinity in x, first in row 1"),
    (X.at[2, 0].set(jnp.inf), Y, "NaN or infinity in x, first in row 2"),
    (X, 2 * Y - 1, "the label -1 in row 1"),
    (X, Y.at[0].set(0.5), "the label 0.5 in row 0"),
    (X, Y.at[0].set(jnp.nan), "the label nan in row 0"),
    (X[:0], Y[:0], "no examples"),
]


@pytest.mark.parametrize("fit", [perceptron.fit, perceptron.fit_logistic, perceptron.mistake_bound])
@pytest.mark.parametrize(("x", "y", "message"), BAD, ids=[message for *_, message in BAD])
def test_bad_examples_are_refused_in_words(fit, x, y, message):
    with pytest.raises(ValueError, match=fit.__name__) as raised:
        fit(perceptron.init(2), x, y)
    assert message in str(raised.value)
    assert "needs" in str(raised.value)


@pytest.mark.parametrize("function", [perceptron.loss, perceptron.gradient, perceptron.accuracy])
def test_shapes_are_checked_while_tracing(function):
    with pytest.raises(ValueError, match=f"{function.__name__}: got 3 examples"):
        jax.jit(function)(perceptron.init(2), X, Y[:2])


def test_weighted_sum_refuses_the_wrong_number_of_features():
    with pytest.raises(ValueError, match=r"x of shape \(3, 2\) and W of shape \(5,\)"):
        perceptron.predict(perceptron.init(5), X)
