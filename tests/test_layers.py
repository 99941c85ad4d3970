"""deepbook.layers against numbers worked by hand, Flax, and the functions behind the layers."""

import inspect
from dataclasses import dataclass, fields

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepbook import activations, layers, mlp
from deepbook.layers import (
    BatchNorm,
    Dense,
    Dropout,
    Elu,
    Flatten,
    Frozen,
    Gelu,
    Layer,
    LeakyRelu,
    Masked,
    Relu,
    Sequential,
    Softmax,
    Tanh,
    count,
    freeze,
    label,
    numbers,
    summary,
)

KEY = jax.random.key(0)
RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 3)).astype(np.float32)
IMAGES = (2 * RNG.normal(size=(4, 5, 6, 3)) + 1).astype(np.float32)
EVERY = [f for _, f in inspect.getmembers(layers, inspect.isclass) if f.__module__ == layers.__name__]
SIMPLE = {
    "Step": activations.step,
    "Sigmoid": activations.sigmoid,
    "Tanh": activations.tanh,
    "Relu": activations.relu,
    "LeakyRelu": activations.leaky_relu,
    "Elu": activations.elu,
    "Selu": activations.selu,
    "Gelu": activations.gelu,
    "Gaussian": activations.gaussian,
    "Softmax": activations.softmax,
}
NUMBERS = {"n_out": 2, "rate": 0.5, "layers": (Dense(2), Relu()), "layer": Dense(2)}


def example(cls):
    """One layer of each class."""
    return cls(**{field.name: NUMBERS[field.name] for field in fields(cls) if field.name in NUMBERS})


LAYERS = [example(cls) for cls in EVERY if issubclass(cls, Layer) and cls is not Layer]


# Each layer


@pytest.mark.parametrize("name", SIMPLE)
def test_activation_layers_are_their_functions(name):
    layer = getattr(layers, name)()
    assert layer.init(KEY, X) == {}
    for key in (None, KEY):
        np.testing.assert_array_equal(layer.apply({}, X, key), SIMPLE[name](X))


def test_settings_of_activation_layers_are_used():
    x = jnp.array([-2.0, 3.0])
    assert LeakyRelu(0.25).apply({}, x).tolist() == [-0.5, 3]
    assert Elu(2.0).apply({}, x).tolist() == pytest.approx([2 * (np.exp(-2) - 1), 3])


def test_dense_worked_by_hand():
    params = {"W": jnp.array([[1.0, 2, 3], [4, 5, 6]]), "b": jnp.array([0.5, 0, -1])}
    assert Dense(3).apply(params, jnp.array([[1.0, 10.0], [0, 0]])).tolist() == [[41.5, 52, 62], [0.5, 0, -1]]


def test_dense_begins_as_it_says():
    params = Dense(300).init(KEY, jnp.ones((7, 200)))
    assert {name: array.shape for name, array in params.items()} == {"W": (200, 300), "b": (300,)}
    assert float(params["W"].var()) == pytest.approx(2 / 200, rel=0.02)
    assert not params["b"].any()
    assert float(Dense(300, mlp.lecun).init(KEY, jnp.ones((7, 200)))["W"].var()) == pytest.approx(1 / 200, rel=0.02)


@pytest.mark.parametrize("shape", [(3,), (6, 3), (2, 5, 3)])
def test_dense_works_along_the_last_axis_and_equals_flax(shape):
    x = RNG.normal(size=shape).astype(np.float32)
    params = {"W": RNG.normal(size=(3, 4)).astype(np.float32), "b": RNG.normal(size=4).astype(np.float32)}
    flax = nn.Dense(4).apply({"params": {"kernel": params["W"], "bias": params["b"]}}, x)
    np.testing.assert_allclose(Dense(4).apply(params, x), flax, rtol=1e-5, atol=1e-6)


def test_flatten_makes_a_row_of_each_example():
    x = jnp.arange(24).reshape(2, 3, 2, 2)
    assert Flatten().apply({}, x).tolist() == [list(range(12)), list(range(12, 24))]


@pytest.mark.parametrize("rate", [0.0, 0.25, 0.9])
def test_dropout_drops_the_stated_fraction_and_keeps_the_mean(rate):
    x = jnp.full((400, 500), 3.0)
    out = np.asarray(Dropout(rate).apply({}, x, KEY))
    dropped = out == 0
    assert dropped.mean() == pytest.approx(rate, abs=0.005)
    np.testing.assert_allclose(out[~dropped], 3 / (1 - rate), rtol=1e-6)
    assert out.mean() == pytest.approx(3, rel=0.02)


def test_dropout_drops_single_numbers_and_others_for_another_key():
    one, same, other = (np.asarray(Dropout(0.5).apply({}, jnp.ones((50, 40)), jax.random.key(s))) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).mean() == pytest.approx(0.5, abs=0.06)
    assert np.corrcoef(one)[0, 1:].max() < 0.9  # no two examples lose the same units


def test_dropout_sleeps_without_a_key():
    np.testing.assert_array_equal(Dropout(0.9).apply({}, X), X)


def test_dropout_passes_no_gradient_through_what_it_dropped():
    out = Dropout(0.5).apply({}, jnp.asarray(X), KEY)
    slopes = jax.grad(lambda x: Dropout(0.5).apply({}, x, KEY).sum())(jnp.asarray(X))
    np.testing.assert_array_equal(slopes, np.where(out == 0, 0, 2))


# Batch normalization


def test_batchnorm_worked_by_hand():
    layer, x = BatchNorm(momentum=0.75, eps=0.0), jnp.array([[1.0], [5.0]])  # mean 3, variance 4
    start = layer.init(KEY, x)
    assert {name: array.tolist() for name, array in start.items()} == {
        "scale": [1], "shift": [0], "mean": [0], "var": [1],
    }  # fmt: skip
    assert layer.apply(start, x, KEY).tolist() == [[-1], [1]]
    assert layer.apply(start | {"scale": jnp.array([2.0]), "shift": jnp.array([10.0])}, x, KEY).tolist() == [[8], [12]]
    seen = layer.observe(start, x, KEY)
    assert {name: array.tolist() for name, array in seen.items()} == {
        "scale": [1], "shift": [0], "mean": [0.75], "var": [1.75],
    }  # fmt: skip
    np.testing.assert_allclose(layer.apply(seen, x), (np.array([[1], [5]]) - 0.75) / np.sqrt(1.75), rtol=1e-6)


def test_batchnorm_keeps_the_root_from_0():
    assert BatchNorm(eps=1.0).apply(BatchNorm().init(KEY, X), jnp.array([[1.0], [5.0]]), KEY)[1, 0] == pytest.approx(
        2 / np.sqrt(5)
    )
    same = jnp.full((4, 3), 7.0)
    assert BatchNorm().apply(BatchNorm().init(KEY, same), same, KEY).tolist() == np.zeros((4, 3)).tolist()


@pytest.mark.parametrize("x", [X, IMAGES], ids=["table", "images"])
def test_batchnorm_gives_each_feature_mean_0_and_variance_1(x):
    out = np.asarray(BatchNorm().apply(BatchNorm().init(KEY, x), x, KEY)).reshape(-1, 3)
    np.testing.assert_allclose(out.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(out.var(0), 1, rtol=1e-4)


@pytest.mark.parametrize("x", [X, IMAGES], ids=["table", "images"])
def test_batchnorm_equals_flax(x):
    """Its outputs while training and afterwards, the running means after three batches, and all gradients."""
    ours, theirs = BatchNorm(momentum=0.8, eps=1e-3), nn.BatchNorm(momentum=0.8, epsilon=1e-3)
    params = {"scale": jnp.array([1.5, -1.0, 0.3]), "shift": jnp.array([0.0, 1.0, -2.0])}
    params |= {"mean": jnp.array([0.1, 0.2, 0.3]), "var": jnp.array([1.0, 2.0, 0.5])}

    @jax.jit
    def flax(params, x):
        learned = {"scale": params["scale"], "bias": params["shift"]}
        variables = {"params": learned, "batch_stats": {"mean": params["mean"], "var": params["var"]}}
        trained, seen = theirs.apply(variables, x, use_running_average=False, mutable=["batch_stats"])
        return trained, params | seen["batch_stats"], theirs.apply(variables, x, use_running_average=True)

    @jax.jit
    def book(params, x):
        return ours.apply(params, x, KEY), ours.observe(params, x, KEY), ours.apply(params, x)

    for batch in (x, 2 * x - 1, x**2):
        a, b = book(params, batch), flax(params, batch)
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=2e-5), a, b)
        params = a[1]

    weights = np.cos(np.arange(x.size)).reshape(x.shape)

    def slopes(layer):
        return jax.jit(jax.grad(lambda p, x: sum(jnp.sum(weights * layer(p, x)[i]) for i in (0, 2)), (0, 1)))(params, x)

    for a, b in zip(jax.tree.leaves(slopes(book)), jax.tree.leaves(slopes(flax)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5 * np.abs(b).max())


def test_batchnorm_in_use_does_not_look_at_the_batch():
    layer = BatchNorm()
    params = layer.observe(layer.init(KEY, X), X, KEY)
    np.testing.assert_allclose(layer.apply(params, X)[:1], layer.apply(params, X[:1]), rtol=1e-6)
    assert not np.allclose(layer.apply(params, X, KEY)[:1], layer.apply(params, X[:1], KEY))


def test_running_means_come_to_the_mean_and_variance_of_the_data():
    layer = BatchNorm()
    params = layer.init(KEY, X)
    for _ in range(150):
        params = {name: np.asarray(a) for name, a in layer.observe(params, X, KEY).items()}
    np.testing.assert_allclose(params["mean"], X.mean(0), atol=1e-5)
    np.testing.assert_allclose(params["var"], X.var(0), rtol=1e-5)


# Sequential


def test_sequential_makes_a_tuple_of_its_list_and_is_a_recipe():
    one, same = (Sequential([Dense(4), Relu(), Dense(2)]) for _ in range(2))
    assert one.layers == (Dense(4), Relu(), Dense(2))
    assert one == same
    assert hash(one) == hash(same)
    assert one != Sequential([Dense(4), Tanh(), Dense(2)])


@pytest.mark.parametrize("layer", LAYERS, ids=label)
def test_equal_layers_are_equal_recipes_that_nobody_can_change(layer):
    twin = example(type(layer))
    assert twin == layer
    assert hash(twin) == hash(layer)
    with pytest.raises(AttributeError):
        layer.anything = 1
    for field in fields(layer):
        with pytest.raises(AttributeError):
            setattr(layer, field.name, 1)


def test_three_equal_models_compile_once():
    traces = []

    def forward(model, params, x):
        traces.append(model)
        return model.apply(params, x)

    compiled = jax.jit(forward, static_argnums=0)
    models = [Sequential([Dense(4), BatchNorm(), Relu(), Dropout(0.5), Dense(2)]) for _ in range(3)]
    params = models[0].init(KEY, X)
    for model in models:
        compiled(model, params, X)
    assert len(traces) == 1
    compiled(Sequential([Dense(4), BatchNorm(), Relu(), Dropout(0.4), Dense(2)]), params, X)
    assert len(traces) == 2


def test_sequential_is_one_layer_after_the_other():
    model = Sequential([Flatten(), Dense(4), Sequential([Tanh(), Dense(3)]), Softmax()])
    params = model.init(KEY, IMAGES)
    assert jax.tree.map(jnp.shape, params) == (
        {}, {"W": (90, 4), "b": (4,)}, ({}, {"W": (4, 3), "b": (3,)}), {},
    )  # fmt: skip
    _, first, (_, second), _ = jax.tree.map(np.asarray, params)
    h = np.tanh(IMAGES.reshape(4, -1) @ first["W"] + first["b"]) @ second["W"] + second["b"]
    by_hand = np.exp(h) / np.exp(h).sum(1, keepdims=True)
    np.testing.assert_allclose(jax.jit(model.apply)(params, IMAGES), by_hand, rtol=1e-5, atol=1e-6)


def test_the_layers_of_a_sequential_begin_with_different_numbers():
    first, second = Sequential([Dense(3), Dense(3)]).init(KEY, X)
    assert not jnp.isin(first["W"], second["W"]).any()


def test_the_same_key_makes_the_same_parameters_and_another_key_others():
    model = Sequential([Dense(3), Sequential([Dense(3)])])
    one, same, other = (jax.tree.leaves(model.init(jax.random.key(seed), X)) for seed in (1, 1, 2))
    assert all(jnp.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not any(jnp.isin(a, b).any() for a, b in zip(one, other, strict=True) if a.ndim == 2)


def test_init_uses_only_the_shape_of_x():
    model = Sequential([Dense(3), BatchNorm(), Dense(2)])
    a, b = model.init(KEY, X), model.init(KEY, np.full((1, 3), np.nan, np.float32))
    jax.tree.map(np.testing.assert_array_equal, a, b)


def test_a_key_means_training_for_every_layer_inside():
    model = Sequential([Sequential([Dropout(0.5)]), Dropout(0.5)])
    x = jnp.ones((40, 50))
    kept = np.asarray(model.apply((({},), {}), x, KEY))
    assert np.isin(kept, (0, 4)).all()
    assert (kept > 0).mean() == pytest.approx(0.25, abs=0.04)  # each drops other units: 1/4 pass both
    np.testing.assert_array_equal(model.apply((({},), {}), x), x)


def test_observe_moves_the_running_means_as_training_sees_them_and_nothing_else():
    """The second BatchNorm sees what the first gives while training, and what Dropout has left."""
    model = Sequential([Dense(4), BatchNorm(), Dropout(0.5), Sequential([BatchNorm(momentum=0.0)])])
    params = model.init(KEY, X)
    seen = jax.jit(model.observe)(params, X, KEY)
    assert jax.tree.structure(seen) == jax.tree.structure(params)
    for name in ("W", "b"):
        np.testing.assert_array_equal(seen[0][name], params[0][name])
    for before, after in ((params[1], seen[1]), (params[3][0], seen[3][0])):
        np.testing.assert_array_equal(after["scale"], before["scale"])
        np.testing.assert_array_equal(after["shift"], before["shift"])
        assert (np.asarray(after["mean"]) != 0).any()
    h = Sequential(model.layers[:3])
    keys = jax.random.split(KEY, 4)
    x = X
    for layer, p, key in zip(h.layers, params[:3], keys[:3], strict=True):
        x = layer.apply(p, x, key)
    np.testing.assert_allclose(seen[3][0]["mean"], np.asarray(x).mean(0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(seen[3][0]["var"], np.asarray(x).var(0), rtol=1e-5, atol=1e-6)


@settings(deadline=None, max_examples=20, derandomize=True)
@given(sizes=st.lists(st.integers(1, 6), min_size=1, max_size=4), n_in=st.integers(1, 6))
def test_count_equals_the_formula_of_the_book(sizes, n_in):
    model = Sequential([Dense(n) for n in sizes])
    params = jax.eval_shape(model.init, KEY, jax.ShapeDtypeStruct((1, n_in), jnp.float32))
    assert count(params) == sum((i + 1) * o for i, o in zip([n_in, *sizes[:-1]], sizes, strict=True))


# Frozen parts

SMALL = Sequential([Dense(4), Relu(), Sequential([Dense(3), BatchNorm(), Dropout(0.5)]), Dense(2)])


def test_freeze_keeps_the_structure_and_the_outputs():
    model = freeze(SMALL, (False, True, (True, False, True), True))
    assert model.layers[0] == Frozen(Dense(4))
    assert model.layers[2].layers == (Dense(3), Frozen(BatchNorm()), Dropout(0.5))
    params = SMALL.init(KEY, X)
    jax.tree.map(np.testing.assert_array_equal, model.init(KEY, X), params)
    np.testing.assert_array_equal(model.apply(params, X), SMALL.apply(params, X))


def test_freeze_of_everything_and_of_nothing():
    assert freeze(SMALL, True) == SMALL
    assert freeze(SMALL, False) == Frozen(SMALL)


def test_no_gradient_reaches_frozen_parameters_and_the_others_have_theirs():
    model = freeze(SMALL, (False, True, (False, True, True), True))
    params = SMALL.init(KEY, X)
    weights = np.cos(np.arange(12)).reshape(6, 2)

    def loss(model):
        return jax.jit(jax.grad(lambda params, x: jnp.sum(weights * model.apply(params, x)), (0, 1)))(params, X)

    (frozen, frozen_x), (plain, plain_x) = loss(model), loss(SMALL)
    assert not any(leaf.any() for leaf in jax.tree.leaves((frozen[0], frozen[2][0])))
    jax.tree.map(np.testing.assert_array_equal, (frozen[2][1:], frozen[3]), (plain[2][1:], plain[3]))
    np.testing.assert_array_equal(frozen_x, plain_x)  # it passes through to what is before


def test_a_frozen_part_is_never_in_training_mode():
    layer = Frozen(Sequential([BatchNorm(), Dropout(0.5)]))
    params = layer.init(KEY, X)
    np.testing.assert_array_equal(layer.apply(params, X, KEY), layer.apply(params, X))
    assert layer.observe(params, X, KEY) is params


# What is in it


def test_summary_of_the_network_of_the_book():
    model = Sequential([Flatten(), Dense(128), Relu(), Dense(10)])
    table = summary(model, np.zeros((1, 28, 28, 1), np.float32))
    assert table.splitlines() == [
        "layer       output        parameters",
        "Flatten()   (batch, 784)           0",
        "Dense(128)  (batch, 128)     100,480",
        "Relu()      (batch, 128)           0",
        "Dense(10)   (batch, 10)        1,290",
        "total                        101,770",
    ]


def test_summary_computes_nothing():
    x = jax.ShapeDtypeStruct((1, 100_000), jnp.float32)
    assert "10,000,100,000" in summary(Dense(100_000), x)  # 40 GB, had they been made


def test_summary_of_parts_in_parts():
    table = summary(Sequential([Sequential([Dense(4), BatchNorm()]), Frozen(Dense(2))]), X)
    assert table.splitlines()[1:] == [
        "Sequential([Dense(4), BatchNorm()])  (batch, 4)          32",
        "Frozen(Dense(2))                     (batch, 2)          10",
        "total                                                    42",
    ]


@dataclass(frozen=True)
class Sum(Layer):
    """A learner's own layer: the sum of each example."""

    times: float = 1.0

    def apply(self, params, x, key=None):
        return self.times * x.sum(-1)


def test_a_layer_of_ones_own_needs_only_apply():
    model = Sequential([Dense(4), Sum(2.0)])
    params = model.init(KEY, X)
    assert params[1] == {}
    assert model.observe(params, X, KEY)[1] == {}
    assert model.apply(params, X).shape == (6,)
    assert summary(model, X).splitlines()[2].split() == ["Sum(2.0)", "(batch,)", "0"]


@pytest.mark.parametrize(
    ("recipe", "written"),
    [
        (Dense(128), "Dense(128)"),
        (Dense(3, mlp.lecun), "Dense(3, lecun)"),
        (Relu(), "Relu()"),
        (LeakyRelu(0.2), "LeakyRelu(0.2)"),
        (BatchNorm(), "BatchNorm()"),
        (BatchNorm(0.5), "BatchNorm(0.5)"),
        (BatchNorm(eps=0.001), "BatchNorm(eps=0.001)"),
        (Sequential([Dense(4), Sequential([Gelu()])]), "Sequential([Dense(4), Sequential([Gelu()])])"),
        (activations.relu, "relu"),
        (None, "None"),
    ],
)
def test_label_is_how_a_recipe_was_written(recipe, written):
    assert label(recipe) == written


def test_count_counts_arrays_and_shapes():
    params = ({"W": jnp.ones((3, 4)), "b": jnp.ones(4)}, {}, (jnp.ones(()),))
    assert count(params) == 17
    assert count(jax.eval_shape(lambda: params)) == 17


# jit, grad and vmap


@pytest.mark.parametrize("layer", LAYERS, ids=label)
def test_jit_vmap_and_grad(layer, transforms):
    params = layer.init(KEY, X)

    def everything(both):
        return layer.apply(*both), layer.apply(*both, KEY), layer.observe(*both, KEY)

    transforms(everything, (params, jnp.asarray(X)))


def test_parameters_can_be_made_inside_jit_and_vmap():
    keys = jax.random.split(KEY, 3)
    many = jax.jit(jax.vmap(lambda key: SMALL.init(key, X)))(keys)
    assert {leaf.shape[0] for leaf in jax.tree.leaves(many)} == {3}
    assert jax.vmap(SMALL.apply, (0, None))(many, X).shape == (3, 6, 2)


# Bad input


@pytest.mark.parametrize("rate", [1.0, 1.5, -0.1, float("nan")])
def test_dropout_refuses_other_rates_in_words(rate):
    with pytest.raises(ValueError, match=rf"Dropout: got the rate {rate}; needs .* from 0 to below 1; try 0.25"):
        Dropout(rate)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (Relu, r"Sequential: got the class Relu at 1; needs a layer; write Relu\(\)"),
        (activations.relu, r"Sequential: got <function relu at .* at 1; needs layers, such as Dense\(10\) or Relu\(\)"),
        ("relu", r"Sequential: got 'relu' at 1; needs layers"),
    ],
)
def test_sequential_refuses_what_is_no_layer(wrong, message):
    with pytest.raises(ValueError, match=message):
        Sequential([Dense(3), wrong])


def test_sequential_refuses_the_parameters_of_another_model():
    params = Sequential([Dense(3), Relu()]).init(KEY, X)
    message = r"Sequential: got parameters for 2 layers; needs 3; try model.init\(key, x\[:1\]\)"
    for use in (SMALL_3.apply, jax.jit(SMALL_3.apply)):
        with pytest.raises(ValueError, match=message):
            use(params, X)


SMALL_3 = Sequential([Dense(3), Relu(), Dense(2)])


def test_dense_refuses_other_inputs_than_it_was_made_for():
    params = Dense(4).init(KEY, X)
    message = r"Dense\(4\): got x of shape \(2, 5\); needs 3 features in its last axis; .*or Flatten\(\) is missing"
    with pytest.raises(ValueError, match=message):
        jax.jit(Dense(4).apply)(params, jnp.ones((2, 5)))


@pytest.mark.parametrize(
    ("model", "trainable"),
    [(SMALL_3, (True, False)), (Dense(3), (True,)), (SMALL_3, (True, (True,), False))],
)
def test_freeze_refuses_flags_that_do_not_fit(model, trainable):
    with pytest.raises(
        ValueError, match=r"freeze: got trainable=\(.*\) for .*; needs True or False, or one of them for"
    ):
        freeze(model, trainable)


def test_a_layer_without_apply_says_what_to_write():
    @dataclass(frozen=True)
    class Empty(Layer):
        pass

    with pytest.raises(NotImplementedError, match=r"Empty\(\): write apply\(self, params, x, key=None\)"):
        Empty().apply({}, X)


# Masks


@dataclass(frozen=True)
class Mean(Layer):
    """A layer that takes a mask: the mean of the steps that are there."""

    takes_mask = True

    def apply(self, params, x, key=None):
        weight = x.mask[..., None] / jnp.maximum(x.mask.sum(1), 1)[:, None, None]
        return (x.x * weight).sum(1)


STEPS = Masked(jnp.asarray(RNG.normal(size=(2, 4, 3)), jnp.float32), jnp.array([[1, 1, 1, 0], [1, 0, 0, 0]], bool))


def test_a_mask_goes_past_the_layers_that_take_none_to_the_one_that_does():
    model = Sequential([Sequential([Dense(5), Relu()]), Frozen(Mean()), Dropout(0.5), Dense(2)])
    params = model.init(KEY, STEPS)
    hidden = Sequential([Dense(5), Relu()]).apply(params[0], STEPS.x)
    expected = jnp.stack([hidden[0, :3].mean(0), hidden[1, 0]])
    assert np.allclose(model.apply(params, STEPS), Dense(2).apply(params[3], expected), atol=1e-6)
    assert model.observe(params, STEPS, KEY)[3] is params[3]
    assert [line.split()[-1] for line in summary(model, STEPS).splitlines()[1:]] == ["20", "0", "0", "12", "32"]


def test_a_mask_ends_where_the_steps_end():
    params = Dense(2).init(KEY, STEPS.x)
    out = Sequential([Dense(2)]).apply((params,), STEPS)
    assert isinstance(out, Masked) and out.mask is STEPS.mask and numbers(out).shape == (2, 4, 2)
    flat = Sequential([Flatten()]).apply(({},), STEPS)
    assert flat.shape == (2, 12) and numbers(flat) is flat
