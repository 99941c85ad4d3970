"""deepbook.losses against Optax, scikit-learn, SciPy, finite differences and numbers worked by hand."""

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats
from sklearn import metrics

from deepbook import losses as eager


class Compiled:
    """The module, each function compiled as a whole: faster, and `test_jit_vmap_and_grad` shows that it is the same."""

    def __getattr__(self, name):
        f = getattr(eager, name)
        if inspect.isclass(f) or name == "weights_of":
            return f
        static = {"one_hot": 1, "smooth_labels": (1, 2), "top_k_accuracy": 2}
        self.__dict__[name] = jax.jit(f, static_argnums=static.get(name))
        return self.__dict__[name]


losses = Compiled()
LN2, LN3 = np.log(2), np.log(3)


def scores(seed, n=6, classes=4, scale=3.0):
    """Logits, labels, and rows of probabilities."""
    rng = np.random.default_rng(seed)
    logits = (scale * rng.normal(size=(n, classes))).astype(np.float32)
    return logits, rng.integers(0, classes, n), rng.dirichlet(np.ones(classes), n).astype(np.float32)


# Worked by hand


def test_mse_worked_by_hand():
    assert losses.mse(jnp.array([1.0, 2.0, 3.0]), jnp.array([1, 0, 6])) == pytest.approx((0 + 4 + 9) / 3)
    assert losses.mse(jnp.array([[1.0, 2.0]]), jnp.array([[0.0, 0.0]])) == 2.5  # the mean, over everything


def test_binary_cross_entropy_worked_by_hand():
    assert losses.binary_cross_entropy(jnp.zeros(3), jnp.array([0, 1, 1])) == pytest.approx(LN2)
    logits = jnp.array([LN3, -LN3])  # p = 3/4 and 1/4
    assert losses.binary_cross_entropy(logits, jnp.array([1, 1])) == pytest.approx((np.log(4 / 3) + np.log(4)) / 2)
    assert losses.binary_cross_entropy(logits[:1], jnp.array([0.25])) == pytest.approx(
        0.25 * np.log(4 / 3) + 0.75 * np.log(4)
    )


def test_cross_entropy_worked_by_hand():
    logits = jnp.log(jnp.array([[1.0, 2.0, 3.0], [2.0, 5.0, 1.0]]))  # p = 1/6 2/6 3/6 and 2/8 5/8 1/8
    assert losses.cross_entropy(logits, jnp.array([2, 0])) == pytest.approx((LN2 + np.log(4)) / 2)
    rows = jnp.array([[0.5, 0.0, 0.5], [1.0, 0.0, 0.0]])
    assert losses.cross_entropy(logits, rows) == pytest.approx(((np.log(6) + LN2) / 2 + np.log(4)) / 2)


def test_entropy_and_kl_divergence_worked_by_hand():
    p, q = jnp.array([[0.5, 0.5], [1.0, 0.0]]), jnp.array([[0.25, 0.75], [0.5, 0.5]])
    np.testing.assert_allclose(losses.entropy(p), [LN2, 0], rtol=1e-6)
    np.testing.assert_allclose(losses.kl_divergence(p, q), [LN2 - LN3 / 2, LN2], rtol=1e-6)
    assert losses.kl_divergence(q[0], p[0]) == pytest.approx(0.25 * np.log(0.5) + 0.75 * np.log(1.5), rel=1e-6)


def test_labels_worked_by_hand():
    assert losses.one_hot(jnp.array([2, 0]), 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert losses.one_hot(jnp.array([-1, 3]), 3).tolist() == [[0, 0, 0], [0, 0, 0]]
    assert losses.one_hot(jnp.array([[1], [0]]), 2).shape == (2, 1, 2)
    np.testing.assert_allclose(losses.smooth_labels(jnp.array([1]), 4, 0.2), [[0.05, 0.85, 0.05, 0.05]], rtol=1e-6)


def test_metrics_worked_by_hand():
    logits = jnp.array([[3.0, 2, 1], [3, 2, 1], [1, 2, 3], [2, 3, 1]])
    y = jnp.array([0, 1, 0, 1])
    assert losses.accuracy(logits, y) == 0.5
    assert losses.accuracy(logits, losses.smooth_labels(y, 3)) == 0.5
    assert [float(losses.top_k_accuracy(logits, y, k)) for k in (1, 2, 3)] == [0.5, 0.75, 1]
    assert losses.confusion_matrix(logits, y).tolist() == [[1, 0, 1], [1, 1, 0], [0, 0, 0]]  # row = true class
    assert losses.binary_accuracy(jnp.array([0.1, -0.1, 5.0, 0.0]), jnp.array([1, 1, 0, 0])) == 0.5


def test_penalties_worked_by_hand():
    params = ({"W": jnp.array([[1.0, -2.0]]), "b": jnp.array([50.0])}, {}, {"W": jnp.array([[[3.0]]])})
    assert losses.L1(0.5)(params) == pytest.approx(0.5 * 6)
    assert losses.L2(0.5)(params) == pytest.approx(0.5 * 14)
    assert [W.shape for W in losses.weights_of(params)] == [(1, 2), (1, 1, 1)]


def test_penalties_pull_as_the_book_says():
    params = ({"W": jnp.array([[1.0, -2.0]]), "b": jnp.array([50.0])},)
    (l1,), (l2,) = jax.grad(losses.L1(0.5))(params), jax.grad(losses.L2(0.5))(params)
    assert (l1["W"].tolist(), l1["b"].tolist()) == ([[0.5, -0.5]], [0])  # one pull for all
    assert (l2["W"].tolist(), l2["b"].tolist()) == ([[1.0, -2.0]], [0])  # the larger, the stronger


# Against other libraries


@settings(deadline=None, max_examples=25, derandomize=True)
@given(seed=st.integers(0, 10_000), scale=st.sampled_from([0.1, 3.0, 30.0]))
def test_values_equal_scipys_in_float64(seed, scale):
    logits, y, rows = scores(seed, scale=scale)
    log_p = special.log_softmax(logits.astype(float), axis=-1)
    np.testing.assert_allclose(losses.cross_entropy(logits, y), -log_p[np.arange(6), y].mean(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(losses.cross_entropy(logits, rows), -(rows * log_p).sum(-1).mean(), rtol=1e-5)
    p = special.expit(logits.astype(float))
    surprise = -special.xlogy(rows, p) - special.xlogy(1 - rows, special.expit(-logits.astype(float)))
    np.testing.assert_allclose(losses.binary_cross_entropy(logits, rows), surprise.mean(), rtol=1e-5)
    np.testing.assert_allclose(losses.entropy(rows), stats.entropy(rows.astype(float), axis=-1), rtol=1e-5, atol=1e-6)
    kl = special.rel_entr(rows[::-1].astype(float), rows).sum(-1)
    np.testing.assert_allclose(losses.kl_divergence(rows[::-1], rows), kl, rtol=1e-5, atol=1e-5)


OPTAX = {
    "mse": lambda logits, y, rows: optax.squared_error(logits, rows).mean(),
    "binary_cross_entropy": lambda logits, y, rows: optax.sigmoid_binary_cross_entropy(logits, rows).mean(),
    "cross_entropy": lambda logits, y, rows: optax.softmax_cross_entropy(logits, rows).mean(),
    "cross_entropy of labels": lambda logits, y, rows: optax.softmax_cross_entropy_with_integer_labels(
        logits, y
    ).mean(),
}


@pytest.mark.parametrize("name", OPTAX)
def test_values_and_gradients_equal_optax(name):
    logits, y, rows = scores(0)
    loss = getattr(losses, name.split()[0])
    target = y if "labels" in name else rows
    ours = jax.jit(jax.value_and_grad(loss))(logits, target)
    theirs = jax.jit(jax.value_and_grad(OPTAX[name]))(logits, y, rows)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def test_distributions_and_labels_equal_optax():
    logits, y, rows = scores(1)
    np.testing.assert_allclose(losses.one_hot(y, 4), jax.nn.one_hot(y, 4))
    smooth = losses.smooth_labels(y, 4, 0.3)
    np.testing.assert_allclose(smooth, optax.smooth_labels(jax.nn.one_hot(y, 4), 0.3), rtol=1e-6)
    np.testing.assert_allclose(smooth.sum(-1), 1, rtol=1e-6)
    q = jax.nn.softmax(logits)
    ours, theirs = losses.kl_divergence(rows, q), optax.losses.kl_divergence(jnp.log(q), rows)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)


def test_cross_entropy_is_entropy_plus_kl_divergence():
    logits, _, rows = scores(2)
    parts = losses.entropy(rows) + losses.kl_divergence(rows, jax.nn.softmax(logits))
    assert losses.cross_entropy(logits, rows) == pytest.approx(float(parts.mean()), rel=1e-5)


def test_gradients_are_those_of_the_book():
    logits, y, rows = scores(3)
    p = special.softmax(logits.astype(float), axis=-1)
    by_jax = jax.jit(jax.grad(losses.cross_entropy))
    np.testing.assert_allclose(by_jax(logits, y), (p - np.eye(4)[y]) / 6, atol=1e-6)
    np.testing.assert_allclose(by_jax(logits, rows), (p - rows) / 6, atol=1e-6)
    binary = jax.jit(jax.grad(losses.binary_cross_entropy))(logits, rows)
    np.testing.assert_allclose(binary, (special.expit(logits) - rows) / rows.size, atol=1e-6)
    np.testing.assert_allclose(jax.jit(jax.grad(losses.mse))(logits, rows), 2 * (logits - rows) / rows.size, atol=1e-6)


@pytest.mark.parametrize("name", ["mse", "binary_cross_entropy", "cross_entropy"])
def test_gradients_equal_finite_differences(name):
    logits, _, rows = scores(4, n=2, classes=3)
    loss = getattr(losses, name)
    by_jax = jax.grad(loss)(logits, rows)
    with jax.enable_x64(True):
        moves = 1e-5 * np.eye(6).reshape(6, 2, 3)
        values = jax.jit(jax.vmap(lambda z: loss(z, rows.astype(float))))
        up, down = (np.asarray(values(logits + sign * moves)) for sign in (1, -1))
    np.testing.assert_allclose(np.ravel(by_jax), (up - down) / 2e-5, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_metrics_equal_scikit_learns(seed):
    logits, y, _ = scores(seed, n=40)
    y[:4] = range(4)
    answers = logits.argmax(-1)
    assert losses.accuracy(logits, y) == pytest.approx(metrics.accuracy_score(y, answers))
    for k in (1, 2, 3):
        expected = metrics.top_k_accuracy_score(y, logits, k=k)
        assert losses.top_k_accuracy(logits, y, k) == pytest.approx(expected)
        assert losses.top_k_accuracy(logits, losses.one_hot(y, 4), k) == pytest.approx(expected)
    matrix = metrics.confusion_matrix(y, answers, labels=range(4))
    assert losses.confusion_matrix(logits, y).tolist() == matrix.tolist()
    assert losses.confusion_matrix(logits, losses.one_hot(y, 4)).tolist() == matrix.tolist()
    binary = metrics.accuracy_score(y > 1, logits[:, 0] > 0)
    assert losses.binary_accuracy(logits[:, 0], y > 1) == pytest.approx(binary)


def test_top_5_is_what_is_asked_for_without_a_number():
    logits = jnp.array([[7.0, 6, 5, 4, 3, 2, 1], [7, 6, 5, 4, 3, 2, 1]])
    assert losses.top_k_accuracy(logits, jnp.array([4, 5])) == 0.5


def test_there_may_be_more_axes_than_the_batch():
    logits, y, rows = scores(5)
    deep = logits.reshape(2, 3, 4)
    for name in ("cross_entropy", "accuracy", "top_k_accuracy"):
        function = getattr(losses, name)
        assert function(deep, y.reshape(2, 3)) == pytest.approx(float(function(logits, y)))
        assert function(deep, rows.reshape(2, 3, 4)) == pytest.approx(float(function(logits, rows)))
    assert losses.confusion_matrix(deep, y.reshape(2, 3)).tolist() == losses.confusion_matrix(logits, y).tolist()
    np.testing.assert_allclose(losses.entropy(rows.reshape(2, 3, 4)), losses.entropy(rows).reshape(2, 3), rtol=1e-6)


# Values at the edges


@pytest.mark.parametrize("y", [np.array([0]), np.array([[1.0, 0.0]])], ids=["label", "row"])
def test_a_sure_mistake_costs_much_and_has_a_gradient(y):
    value, slope = jax.value_and_grad(losses.cross_entropy)(jnp.array([[-1000.0, 1000.0]]), y)
    assert value == 2000
    assert slope.tolist() == [[-1, 1]]


def test_a_sure_mistake_about_yes_or_no_costs_much_and_has_a_gradient():
    value, slope = jax.value_and_grad(losses.binary_cross_entropy)(jnp.array([1000.0, -1000.0]), jnp.array([0, 1]))
    assert value == 1000
    assert slope.tolist() == [0.5, -0.5]


def test_zeros_among_the_probabilities():
    p, q = jnp.array([0.0, 0.5, 0.5]), jnp.array([0.0, 0.25, 0.75])
    assert losses.kl_divergence(p, q) == pytest.approx(LN2 - LN3 / 2, rel=1e-6)
    assert losses.kl_divergence(p, p) == 0
    assert losses.kl_divergence(p, jnp.array([0.5, 0.5, 0.0])) == jnp.inf
    assert np.isfinite(jax.grad(losses.entropy)(p)).all()
    for place in (0, 1):
        assert np.isfinite(jax.grad(losses.kl_divergence, place)(p, q)).all()


# Recipes, jit, grad and vmap

LOGITS, Y, ROWS = scores(7, n=3)
PAIR = {"W": jnp.array([[1.0, -2.0]]), "b": jnp.array([3.0])}
CALLS = {
    "mse": lambda z: eager.mse(z, ROWS),
    "binary_cross_entropy": lambda z: eager.binary_cross_entropy(z, ROWS),
    "cross_entropy": lambda z: (eager.cross_entropy(z, ROWS), eager.cross_entropy(z, Y)),
    "entropy": lambda z: eager.entropy(jnp.abs(z) / 10),
    "kl_divergence": lambda z: eager.kl_divergence(jnp.abs(z) / 10, ROWS),
    "one_hot": lambda z: eager.one_hot(z.astype(int), 3),
    "smooth_labels": lambda z: eager.smooth_labels(z.astype(int), 3),
    "accuracy": lambda z: eager.accuracy(z, Y),
    "binary_accuracy": lambda z: eager.binary_accuracy(z, ROWS),
    "top_k_accuracy": lambda z: eager.top_k_accuracy(z, Y, 2),
    "confusion_matrix": lambda z: eager.confusion_matrix(z, Y),
    "L1": lambda z: eager.L1(0.1)({"W": z}),
    "L2": lambda z: eager.L2(0.1)({"W": z}),
    "weights_of": lambda z: eager.weights_of({"W": z, "b": z[0]}),
}


def test_every_public_function_is_transformed():
    public = {n for n, f in vars(eager).items() if inspect.getmodule(f) is eager and n[0] != "_"}
    assert public - set(CALLS) == {"same_shape", "scores_and_labels"}


@pytest.mark.parametrize("name", CALLS)
def test_jit_vmap_and_grad(name, transforms):
    transforms(CALLS[name], jnp.asarray(LOGITS))


@pytest.mark.parametrize("penalty", [losses.L1, losses.L2])
def test_penalties_are_recipes(penalty):
    assert penalty(0.1) == penalty(0.1) != penalty(0.2)
    assert hash(penalty(0.1)) == hash(penalty(0.1))


# Bad input


@pytest.mark.parametrize("name", ["mse", "binary_cross_entropy", "kl_divergence", "binary_accuracy"])
def test_different_shapes_are_refused_in_words(name):
    function = getattr(losses, name)
    message = rf"{name}: got shapes \(4,\) and \(4, 1\); needs two equal shapes; try reshape\(\(4,\)\)"
    for call in (function, jax.jit(function)):
        with pytest.raises(ValueError, match=message):
            call(jnp.ones(4), jnp.ones((4, 1)))


BAD = [
    ((3, 4), np.zeros(2, int), "got logits of shape (3, 4) and y of shape (2,); needs (batch, classes) and (batch,)"),
    ((3, 4), np.zeros((3, 1), int), "y of shape (3, 1)"),
    (
        (3, 4),
        np.zeros((3, 5)),
        "y of shape (3, 5); needs (batch, classes) and (batch,), or twice the same; look at the",
    ),
    ((3,), np.zeros(3, int), "got logits of shape (3,) and y of shape (3,)"),
    ((2, 8, 8, 4), np.zeros(2, int), "try Flatten() before the last layers"),
    ((3, 4), np.zeros(3, np.float32), "got labels of type float32; needs integers; try y.astype(int)"),
    ((3, 4), np.zeros(3, bool), "got labels of type bool"),
]


@pytest.mark.parametrize("name", ["cross_entropy", "accuracy", "top_k_accuracy", "confusion_matrix"])
@pytest.mark.parametrize(("shape", "y", "message"), BAD, ids=[message for *_, message in BAD])
def test_labels_that_do_not_fit_are_refused_in_words(name, shape, y, message):
    with pytest.raises(ValueError, match=f"^{name}: ") as raised:
        jax.jit(getattr(losses, name))(np.zeros(shape, np.float32), y)
    assert message in str(raised.value)
