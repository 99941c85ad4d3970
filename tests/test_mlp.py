"""deepbook.mlp against numbers worked by hand, jax.grad, finite differences and Flax."""

import inspect
from itertools import pairwise

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from deepbook import activations, mlp
from deepbook.losses import cross_entropy
from deepbook.mlp import gradient_error, numerical_gradient

KEY = jax.random.key(0)
BENT = ["relu", "leaky_relu", "selu"]  # their slope jumps at 0, which a finite difference may cross
SMOOTH = {
    "sigmoid": special.expit,
    "tanh": np.tanh,
    "elu": lambda z: np.where(z > 0, z, np.expm1(z)),
    "gelu": lambda z: z * special.ndtr(z),
    "gaussian": lambda z: np.exp(-(z**2)),
}


def network(seed, sizes, n):
    """Parameters with biases that are not 0, a batch, its labels."""
    rng = np.random.default_rng(seed)
    pairs = list(pairwise(sizes))
    params = [(rng.normal(size=pair) / np.sqrt(pair[0]), 0.3 * rng.normal(size=pair[1])) for pair in pairs]
    params = [(W.astype(np.float32), b.astype(np.float32)) for W, b in params]
    return params, rng.normal(size=(n, sizes[0])).astype(np.float32), rng.integers(0, sizes[-1], n)


def loss_of(activation):
    return lambda params, x, y: cross_entropy(mlp.forward(params, x, activation), y)


# The network worked by hand: two inputs, two hidden units, two classes

PARAMS = [
    (jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([0.5, 0.0])),
    (jnp.array([[1.0, -1.0], [2.0, 0.0]]), jnp.array([0.0, 1.0])),
]
X, Y = jnp.array([[1.0, 2.0], [2.0, 0.0]]), jnp.array([0, 1])


def test_forward_worked_by_hand():
    # z = [[7.5, 0], [2.5, 4]], no unit below 0, so h = z
    assert mlp.forward(PARAMS, X).tolist() == [[7.5, -6.5], [10.5, -1.5]]
    assert mlp.forward(PARAMS, -X).tolist() == [[2 * 0, 1], [0, 1]]  # z = [[-6.5, 0], [-1.5, -4]]: all stay silent


def test_forward_uses_the_activation_of_the_hidden_layers_only():
    out = mlp.forward(PARAMS, X, activations.step)
    assert out.tolist() == [[1, 0], [3, 0]]  # h = [[1, 0], [1, 1]]; the outputs are no steps


def test_trace_keeps_what_the_way_back_needs():
    (none, x), (z, h), (logits, out) = mlp.trace(PARAMS, X - 1.0)  # x = [[0, 1], [1, -1]]
    assert none is None
    assert x.tolist() == [[0, 1], [1, -1]]
    assert z.tolist() == [[3.5, -1], [-1.5, 3]]
    assert h.tolist() == [[3.5, 0], [0, 3]]
    assert logits.tolist() == out.tolist() == [[3.5, -2.5], [6, 1]]


def test_backward_worked_by_hand():
    """One unit each: W = 2, b = 1, then two classes whose scores are h and -h; x = 1, so z = h = 3 and dz = p - 1."""
    params = [(jnp.array([[2.0]]), jnp.array([1.0])), (jnp.array([[1.0, -1.0]]), jnp.zeros(2))]
    loss, [(dW1, db1), (dW2, db2)] = mlp.backward(params, jnp.array([[1.0]]), jnp.array([0]))
    q = 1 / (1 + np.exp(6.0))  # the probability of class 1
    assert loss == pytest.approx(-np.log(1 - q), rel=1e-4)
    np.testing.assert_allclose(db2, [-q, q], rtol=1e-4)
    np.testing.assert_allclose(dW2, [[-3 * q, 3 * q]], rtol=1e-4)
    np.testing.assert_allclose(db1, [-2 * q], rtol=1e-4)
    np.testing.assert_allclose(dW1, [[-2 * q]], rtol=1e-4)


def test_no_gradient_passes_a_silent_unit():
    params = [(jnp.array([[2.0]]), jnp.array([1.0])), (jnp.array([[1.0, -1.0]]), jnp.zeros(2))]
    _, [(dW1, db1), (dW2, db2)] = mlp.backward(params, jnp.array([[-1.0]]), jnp.array([0]))  # z = -1
    assert (dW1.tolist(), db1.tolist(), dW2.tolist()) == ([[0]], [0], [[0, 0]])
    assert db2.tolist() == [-0.5, 0.5]


# The gradient by hand against two others


def loss_in_float64(params, x, y, f):
    """The whole network and its loss, written with NumPy: nothing is shared with the library."""
    h = x.astype(float)
    for i, (W, b) in enumerate(params):
        h = h @ W + b if i == len(params) - 1 else f(h @ W + b)
    return np.mean(np.log(np.exp(h).sum(1)) - h[range(len(y)), y])


def by_moving(loss, params):
    """The gradient by finite differences, with NumPy."""
    params = [[np.array(leaf, float) for leaf in pair] for pair in params]
    grads = [[np.empty_like(leaf) for leaf in pair] for pair in params]
    for leaf, slopes in zip(jax.tree.leaves(params), jax.tree.leaves(grads), strict=True):
        for place in np.ndindex(leaf.shape):
            old = leaf[place]
            leaf[place] = old + 1e-5
            up = loss(params)
            leaf[place] = old - 1e-5
            slopes[place] = (up - loss(params)) / 2e-5
            leaf[place] = old
    return grads


@settings(deadline=None, max_examples=16, derandomize=True)
@given(
    hidden=st.lists(st.integers(1, 5), max_size=3),
    ends=st.tuples(st.integers(1, 5), st.integers(2, 5)),
    n=st.integers(1, 6),
    activation=st.sampled_from([*SMOOTH, *BENT]),
    seed=st.integers(0, 10_000),
)
def test_backward_equals_jax_grad_and_finite_differences(hidden, ends, n, activation, seed):
    f = getattr(activations, activation)
    params, x, y = network(seed, (ends[0], *hidden, ends[1]), n)

    @jax.jit
    def both(params, x, y):
        return mlp.backward(params, x, y, f), jax.value_and_grad(loss_of(f))(params, x, y)

    by_hand, by_jax = both(params, x, y)
    assert jax.tree.map(jnp.shape, by_hand) == jax.tree.map(jnp.shape, by_jax)
    assert by_hand[0] == pytest.approx(float(by_jax[0]), rel=1e-6)
    assert gradient_error(by_hand[1], by_jax[1]) < 1e-5
    if activation in SMOOTH:
        assert by_hand[0] == pytest.approx(loss_in_float64(params, x, y, SMOOTH[activation]), rel=1e-5, abs=1e-6)
        numerical = by_moving(lambda p: loss_in_float64(p, x, y, SMOOTH[activation]), params)
        assert gradient_error(by_hand[1], numerical) < 1e-5


@pytest.fixture(scope="module")
def checked():
    """A gradient by hand, and the book's own check of it."""
    params, x, y = network(3, (4, 5, 3), 6)
    _, grads = mlp.backward(params, x, y)
    return params, grads, numerical_gradient(lambda p: loss_of(activations.relu)(p, x, y), params)


def test_the_books_own_check_passes_the_gradient_by_hand(checked):
    params, grads, numerical = checked
    assert jax.tree.map(np.shape, numerical) == jax.tree.map(np.shape, params)
    assert {leaf.dtype for leaf in jax.tree.leaves(numerical)} == {np.dtype(np.float64)}
    assert gradient_error(grads, numerical) < 1e-5


def test_the_books_own_check_sees_a_wrong_gradient(checked):
    _, grads, numerical = checked
    forgotten = [(grads[0][0], 6 * grads[0][1]), *grads[1:]]  # a sum in place of a mean, in one bias
    assert gradient_error(forgotten, numerical) > 0.1


def test_numerical_gradient_worked_by_hand():
    grads = numerical_gradient(lambda p: p["a"][0] ** 2 * p["b"], {"a": jnp.array([3.0, 7.0]), "b": 2.0})
    np.testing.assert_allclose(grads["a"], [12, 0], atol=1e-8)
    np.testing.assert_allclose(grads["b"], 9, atol=1e-8)


def test_numerical_gradient_moves_by_eps():
    cube = numerical_gradient(lambda p: p**3, jnp.array(1.0), eps=0.5)  # (1.5³ - 0.5³) / 1
    assert cube == pytest.approx(3.25)


def test_gradient_error_worked_by_hand():
    a = [(np.array([[1.0, -4.0]]), np.array([2.0]))]
    b = [(np.array([[1.0, -5.0]]), np.array([2.5]))]
    assert gradient_error(a, b) == pytest.approx(1 / 5)
    assert gradient_error(a, a) == 0
    assert gradient_error([np.zeros(2)], [np.zeros(2)]) == 0


# Against Flax


@pytest.mark.parametrize(("ours", "theirs"), [(activations.relu, nn.relu), (activations.tanh, nn.tanh)])
def test_forward_and_backward_equal_flax(ours, theirs):
    class Network(nn.Module):
        @nn.compact
        def __call__(self, x):
            x = theirs(nn.Dense(6)(x))
            x = theirs(nn.Dense(5)(x))
            return nn.Dense(3)(x)

    params, x, y = network(8, (4, 6, 5, 3), 7)
    named = {f"Dense_{i}": {"kernel": W, "bias": b} for i, (W, b) in enumerate(params)}

    def loss(named):
        return cross_entropy(Network().apply({"params": named}, x), y)

    @jax.jit
    def both(params, named):
        outputs = mlp.forward(params, x, ours), Network().apply({"params": named}, x)
        return outputs, mlp.backward(params, x, y, ours), jax.value_and_grad(loss)(named)

    outputs, (by_hand, grads_by_hand), (value, grads) = both(params, named)
    np.testing.assert_allclose(*outputs, rtol=1e-5, atol=1e-5)
    assert by_hand == pytest.approx(float(value), rel=1e-5)
    for i, (dW, db) in enumerate(grads_by_hand):
        np.testing.assert_allclose(dW, grads[f"Dense_{i}"]["kernel"], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(db, grads[f"Dense_{i}"]["bias"], rtol=1e-5, atol=1e-6)


# Where to start

VARIANCE = {"lecun": (1 / 200, nn.initializers.lecun_normal), "he": (2 / 200, nn.initializers.he_normal)}
VARIANCE["glorot"] = 2 / (200 + 300), nn.initializers.glorot_normal


@pytest.mark.parametrize("name", VARIANCE)
def test_initializers_have_the_variance_of_their_paper_and_of_flax(name):
    variance, flax = VARIANCE[name]
    W = np.asarray(getattr(mlp, name)(KEY, (200, 300)))
    assert W.dtype == np.float32
    assert W.mean() == pytest.approx(0, abs=4 * np.sqrt(variance / W.size))
    assert W.var() == pytest.approx(variance, rel=0.02)
    assert W.var() == pytest.approx(np.asarray(flax()(KEY, (200, 300))).var(), rel=0.03)
    assert stats.kstest(W.ravel() / np.sqrt(variance), "norm").pvalue > 1e-3  # and they are normal


@pytest.mark.parametrize(("name", "variance"), [("lecun", 1 / 90), ("he", 2 / 90), ("glorot", 2 / (90 + 360))])
def test_initializers_count_the_places_of_a_filter(name, variance):
    W = np.asarray(getattr(mlp, name)(KEY, (3, 3, 10, 40)))
    assert W.var() == pytest.approx(variance, rel=0.06)


def test_zeros_are_zeros():
    assert mlp.zeros(KEY, (2, 3)).tolist() == [[0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize("name", VARIANCE)
def test_the_same_key_gives_the_same_weights_and_another_key_others(name):
    a, b, c = (getattr(mlp, name)(jax.random.key(seed), (4, 5)) for seed in (1, 1, 2))
    assert jnp.array_equal(a, b)
    assert not jnp.isin(a, c).any()


@pytest.mark.parametrize("name", VARIANCE)
def test_initializers_work_while_jax_traces(name):
    initializer, (variance, _) = getattr(mlp, name), VARIANCE[name]
    keys = jax.random.split(KEY, 2)
    one, other = jax.jit(jax.vmap(lambda key: initializer(key, (200, 300))))(keys)
    assert np.asarray(one).var() == pytest.approx(variance, rel=0.02)
    assert not jnp.array_equal(one, other)


def test_init_makes_a_pair_for_each_layer():
    params = mlp.init(KEY, (784, 128, 10))
    assert [(W.shape, b.shape) for W, b in params] == [((784, 128), (128,)), ((128, 10), (10,))]
    assert not any(b.any() for _, b in params)
    assert [float(W.var()) for W, _ in params] == pytest.approx([2 / 784, 2 / 128], rel=0.1)
    assert {leaf.dtype for leaf in jax.tree.leaves(params)} == {jnp.dtype("float32")}
    assert float(mlp.init(KEY, (784, 128), mlp.lecun)[0][0].var()) == pytest.approx(1 / 784, rel=0.05)


def test_init_gives_each_layer_its_own_numbers():
    (first, _), (second, _) = mlp.init(KEY, (9, 9, 9))
    assert not jnp.isin(first, second).any()


def test_the_signal_keeps_its_size_through_twenty_layers():
    """The reason for the factors: he for ReLU, lecun and glorot without an activation."""
    x = np.random.default_rng(0).normal(size=(50, 100)).astype(np.float32)

    def through(initializer, activation):
        h = np.asarray(x)
        for W, _ in mlp.init(KEY, (100,) * 21, initializer):
            h = activation(h @ np.asarray(W))
        return h.std()

    assert 0.4 < through(mlp.he, lambda z: np.maximum(z, 0)) < 2
    assert through(mlp.lecun, lambda z: np.maximum(z, 0)) < 0.01
    assert 0.5 < through(mlp.lecun, np.asarray) < 2
    assert 0.5 < through(mlp.glorot, np.asarray) < 2


def test_equal_weights_stay_equal():
    params = [(jnp.full((2, 3), 0.1), jnp.zeros(3)), (jnp.full((3, 2), 0.1), jnp.zeros(2))]
    _, [(dW, _), _] = mlp.backward(params, X, Y)
    assert (dW == dW[:, :1]).all()


# jit, grad and vmap

CALLS = {
    "forward": lambda params: mlp.forward(params, X),
    "trace": lambda params: mlp.trace(params, X),
    "backward": lambda params: mlp.backward(params, X, Y),
}


def test_every_public_function_is_transformed():
    public = {n for n, f in vars(mlp).items() if inspect.getmodule(f) is mlp and n[0] != "_"}
    tested_above = {"init", "zeros", "lecun", "glorot", "he"}
    assert public - set(CALLS) - tested_above == {"numerical_gradient", "gradient_error"}  # for checking only


@pytest.mark.parametrize("name", CALLS)
def test_jit_vmap_and_grad(name, transforms):
    transforms(CALLS[name], PARAMS)


# Bad input


@pytest.mark.parametrize("sizes", [(), (784,)])
def test_init_refuses_less_than_two_sizes(sizes):
    with pytest.raises(ValueError, match=r"init: got sizes \(.*\); needs inputs and outputs at least; try \(784,"):
        mlp.init(KEY, sizes)


@pytest.mark.parametrize("call", [mlp.forward, mlp.trace, lambda params, x: mlp.backward(params, x, Y)])
def test_inputs_that_do_not_fit_are_refused_in_words(call):
    message = r"forward: got x of shape \(2, 3\) and a first W of shape \(2, 2\); .*try x.reshape\(len\(x\), -1\)"
    with pytest.raises(ValueError, match=message):
        jax.jit(call)(PARAMS, jnp.ones((2, 3)))


def test_backward_refuses_an_activation_without_a_slope():
    with pytest.raises(ValueError, match="slope: got softmax"):
        mlp.backward(PARAMS, X, Y, activations.softmax)
