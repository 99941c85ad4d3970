"""deepbook.architectures: published numbers of parameters, and parts side by side, worked by hand."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deepbook import weights
from deepbook.architectures import (
    Basic,
    Bottleneck,
    Branches,
    Concat,
    Fire,
    Inception,
    Residual,
    alexnet,
    conv_pool,
    inception,
    lenet,
    resnet,
    squeezenet,
    vgg,
)
from deepbook.cnn import Conv, GlobalAvgPool, MaxPool
from deepbook.layers import BatchNorm, Dense, Dropout, Flatten, Frozen, Relu, Sequential, count, freeze, label, summary
from deepbook.losses import cross_entropy
from deepbook.optim import AdamW
from deepbook.train import fit

KEY = jax.random.key(0)
RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 6, 6, 3)).astype(np.float32)
LARGE = (224, 224, 3)


@cache
def shapes(model, shape):
    """Parameters and output, without a number in them."""
    x = jax.ShapeDtypeStruct((1, *shape), jnp.float32)
    params = jax.eval_shape(model.init, KEY, x)
    return params, jax.eval_shape(model.apply, params, x).shape[1:]


def running(params):
    """How many of the numbers are running means and variances."""
    leaves = jax.tree_util.tree_leaves_with_path(params)
    return sum(a.size for path, a in leaves if getattr(path[-1], "key", None) in ("mean", "var"))


# Published numbers
#
# torchvision: "num_params" in the documentation of each model's weights, https://docs.pytorch.org/vision/stable/models
# Keras: "Total params" of keras.applications.VGG16(include_top=False)

PUBLISHED = {
    "AlexNet": (alexnet(), 61_100_840),
    "VGG-11": (vgg(11), 132_863_336),
    "VGG-13": (vgg(13), 133_047_848),
    "VGG-16": (vgg(16), 138_357_544),
    "VGG-19": (vgg(19), 143_667_240),
    "GoogLeNet": (inception(), 6_624_904),
    "ResNet-18": (resnet(18), 11_689_512),
    "ResNet-34": (resnet(34), 21_797_672),
    "ResNet-50": (resnet(50), 25_557_032),
    "SqueezeNet 1.0": (squeezenet(), 1_248_424),
    "SqueezeNet 1.1": (squeezenet("1.1"), 1_235_496),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_numbers_of_parameters(name):
    model, number = PUBLISHED[name]
    params, out = shapes(model, LARGE)
    assert count(params) - running(params) == number
    assert out == (1000,)


@pytest.mark.parametrize(
    ("model", "shape", "number"),
    [
        (lenet(), (28, 28, 1), 61_706),
        (conv_pool(), (32, 32, 3), 896_522),
        (resnet(20, 10, small=True), (32, 32, 3), 272_474),  # He et al., table 6: 0.27 million
    ],
)
def test_numbers_of_parameters_of_small_networks(model, shape, number):
    params, out = shapes(model, shape)
    assert count(params) - running(params) == number
    assert out == (10,)


def test_googlenet_with_the_filters_of_the_paper():
    """5 × 5 has 16 places more than 3 × 3, for each pair of channels of table 1's columns "#5×5 reduce" and "#5×5"."""
    pairs = [(16, 32), (32, 96), (16, 48), (24, 64), (24, 64), (32, 64), (32, 128), (32, 128), (48, 128)]
    ours, torchvision = (count(shapes(inception(widest=widest), LARGE)[0]) for widest in (5, 3))
    assert ours - torchvision == 16 * sum(few * n for few, n in pairs)


def test_vgg16_without_its_top_and_with_one_for_dogs_and_cats():
    body = vgg(16, None)
    params, out = shapes(body, LARGE)
    assert count(params) == 14_714_688
    assert out == (7, 7, 512)
    model = Sequential([body, GlobalAvgPool(), Dense(64), Relu(), Dense(2)])
    both, _ = shapes(model, LARGE)
    assert count(both) == 14_747_650
    assert count(both[1:]) == 32_962


@pytest.mark.parametrize(
    ("model", "out"),
    [(alexnet(None), (6, 6, 256)), (inception(None), (7, 7, 1024)), (resnet(50, None), (7, 7, 2048))],
    ids=["alexnet", "inception", "resnet"],
)
def test_without_a_top_the_last_maps_come_out(model, out):
    assert shapes(model, LARGE)[1] == out


@pytest.mark.parametrize(("version", "size"), [("1.0", 13), ("1.1", 14)])
def test_squeezenet_for_227_pixels_without_a_top(version, size):
    """The heights that Caffe gives, whose pooling rounds up: 111, 55, 27, 13; and 113, 56, 28, 14."""
    params, out = shapes(squeezenet(version, None), (227, 227, 3))
    assert out == (size, size, 512)
    assert count(params) == {"1.0": 1_248_424, "1.1": 1_235_496}[version] - 513_000
    assert shapes(squeezenet(version, 10), (227, 227, 3))[1] == (10,)


@pytest.mark.parametrize("n", range(3, 20))
def test_squeezenets_pooling_rounds_up_and_sees_no_zeros(n):
    """A pixel of padding at the end: ceil((n − 3) / 2) + 1 windows, the last of them cut off where n is even."""
    pool = squeezenet().layers[2]
    x = -1 - np.arange(n * n, dtype=np.float32).reshape(1, n, n, 1)
    expected = [[x[0, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3].max() for j in range(n // 2)] for i in range(n // 2)]
    np.testing.assert_array_equal(pool.apply({}, x)[0, :, :, 0], expected)


def test_fire_squeezes_and_lays_both_sizes_side_by_side():
    block = Fire(2, 5)
    params = block.init(KEY, X)
    few = np.maximum(Conv(2, (1, 1)).apply(params[0], X), 0)
    one, three = Conv(5, (1, 1)).apply(params[2][0], few), Conv(5, (3, 3)).apply(params[2][1], few)
    np.testing.assert_allclose(block.apply(params, X), np.maximum(np.concatenate([one, three], -1), 0), atol=1e-6)


def test_resnet_counts_running_means_too():
    assert running(shapes(resnet(50), LARGE)[0]) == 53_120


SMALL = {
    "lenet": lenet(7),
    "conv_pool": conv_pool(7),
    "alexnet": alexnet(7, small=True),
    "vgg": vgg(16, 7, small=True),
    "inception": inception(7, small=True),
    "resnet": resnet(18, 7, small=True),
    "resnet50": resnet(50, 7, small=True),
}


@pytest.mark.parametrize("name", SMALL)
def test_small_networks_take_small_images(name):
    for shape in ((28, 28, 1), (32, 32, 3)):
        params, out = shapes(SMALL[name], shape)
        assert out == (7,)
        assert count(params) < 2_000_000


@pytest.mark.parametrize("name", ["alexnet", "vgg", "resnet"])
def test_small_networks_have_a_gradient(name):
    model = SMALL[name]
    params, _ = shapes(model, (28, 28, 1))
    x, y = jax.ShapeDtypeStruct((2, 28, 28, 1), jnp.float32), jax.ShapeDtypeStruct((2,), jnp.int32)
    grads = jax.eval_shape(jax.grad(lambda p, x, y: cross_entropy(model.apply(p, x, KEY), y)), params, x, y)
    assert jax.tree.map(jnp.shape, grads) == jax.tree.map(jnp.shape, params)


def test_lenet_learns_in_a_few_steps():
    """Two classes of noise: dark above, or dark below."""
    y = np.arange(32) % 2
    x = RNG.normal(size=(32, 28, 28, 1)).astype(np.float32)
    x[y == 0, :14] += 1
    x[y == 1, 14:] += 1
    model = lenet()
    _, history = fit(model, model.init(KEY, x[:1]), (x, y), key=KEY, epochs=6, batch_size=16)
    assert np.isfinite(history["loss"]).all()
    assert history["loss"][-1] < 0.5 < history["loss"][0]


def test_summary_of_a_resnet_has_a_line_for_each_block():
    lines = summary(resnet(18, 10, small=True), np.zeros((1, 32, 32, 3), np.float32)).splitlines()
    assert [line.split("  ")[0] for line in lines[4:8]] == ["Basic(16)", "Basic(16)", "Basic(32, 2)", "Basic(32)"]
    assert max(map(len, lines)) < 75


# Side by side


def by_hand(*layers):
    return [layer.init(key, X) for layer, key in zip(layers, jax.random.split(KEY, len(layers)), strict=True)]


def test_concat_lays_the_maps_one_behind_the_other():
    layers = Conv(2, (1, 1)), Sequential([Conv(4, (3, 3)), Relu()]), MaxPool((3, 3), 1, "same")
    model = Concat(list(layers))
    params = model.init(KEY, X)
    jax.tree.map(np.testing.assert_array_equal, params, tuple(by_hand(*layers)))
    expected = [layer.apply(p, X) for layer, p in zip(layers, params, strict=True)]
    assert model.apply(params, X).shape == (4, 6, 6, 9)
    np.testing.assert_array_equal(model.apply(params, X), np.concatenate(expected, axis=-1))


def test_residual_adds_to_what_it_was_given():
    body = [Conv(3, (3, 3)), Relu()]
    model = Residual(body)
    params = model.init(KEY, X)
    np.testing.assert_allclose(model.apply(params, X), X + Sequential(body).apply(params[0], X), rtol=1e-6)
    assert params[1] == ()


def test_residual_with_a_shortcut():
    body, shortcut = [Conv(5, (3, 3), 2), Relu()], [Conv(5, (1, 1), 2)]
    model = Residual(body, shortcut)
    params = model.init(KEY, X)
    expected = Sequential(body).apply(params[0], X) + Sequential(shortcut).apply(params[1], X)
    np.testing.assert_allclose(model.apply(params, X), expected, rtol=1e-6)


def test_the_gradient_has_a_way_around_a_body_that_lets_nothing_through():
    model = Residual([Conv(3, (3, 3)), Relu()])
    params = jax.tree.map(jnp.zeros_like, model.init(KEY, X))
    slopes = jax.grad(lambda x: model.apply(params, x).sum())(jnp.asarray(X))
    assert (slopes == 1).all()


def test_a_key_reaches_each_branch_and_each_gets_its_own():
    model = Concat([Dropout(0.5), Dropout(0.5)])
    x = jnp.ones((2, 20, 20, 1))
    first, second = np.moveaxis(np.asarray(model.apply(({}, {}), x, KEY)), -1, 0)
    assert (first != second).any()
    assert set(first.ravel()) == {0, 2}
    np.testing.assert_array_equal(model.apply(({}, {}), x), np.ones((2, 20, 20, 2)))


@pytest.mark.parametrize("block", [Basic(3), Basic(5), Basic(4, 2), Bottleneck(4), Bottleneck(4, 2)], ids=label)
def test_a_block_projects_where_the_shape_changes(block):
    params = block.init(KEY, X)
    n_out = block.apply(params, X).shape[-1]
    _, shortcut = params[0]
    assert bool(shortcut) == (block != Basic(3))
    assert n_out == {Basic: lambda b: b.n_out, Bottleneck: lambda b: 4 * b.n}[type(block)](block)
    assert block.apply(params, X).shape[1] == (3 if block.stride == 2 else 6)


def test_an_inception_block_has_the_channels_it_says():
    block = Inception(2, (1, 3), (1, 4), 5, widest=5)
    params = block.init(KEY, X)
    assert block.apply(params, X).shape == (4, 6, 6, 14)
    assert [branch[-3]["W"].shape for branch in params] == [(1, 1, 3, 2), (3, 3, 1, 3), (5, 5, 1, 4), (1, 1, 3, 5)]


NESTED = Sequential([
    Conv(4, (3, 3), bias=False), BatchNorm(),
    Residual([Concat([Conv(2, (1, 1)), Sequential([BatchNorm(), Conv(2, (3, 3))])]), BatchNorm()]),
    Basic(6, 2), GlobalAvgPool(), Dropout(0.25), Dense(3),
])  # fmt: skip


def test_names_of_parameters_lead_through_branches(tmp_path):
    params = NESTED.init(KEY, X)
    names = weights.named(params)
    assert {"2.0.0.0.W", "2.0.0.1.0.mean", "2.0.1.scale", "3.0.0.0.W", "3.0.1.1.var", "6.b"} < set(names)
    weights.save(tmp_path / "nested.safetensors", params)
    again = weights.load(tmp_path / "nested.safetensors", jax.tree.map(jnp.zeros_like, params))
    assert jax.tree.structure(again) == jax.tree.structure(params)
    jax.tree.map(np.testing.assert_array_equal, again, params)


def test_training_moves_weights_and_running_means_inside_branches_and_nothing_that_is_frozen():
    y = np.arange(4) % 3
    start = NESTED.init(KEY, X)
    before = jax.tree.map(np.asarray, start)
    trainable = (True, True, True, False, True, True, True)
    params, history = fit(
        NESTED, start, (X, y), key=KEY, batch_size=4, optimizer=AdamW(0.01, weight_decay=0.1), trainable=trainable
    )
    assert np.isfinite(history["loss"]).all()
    moved = {name: not np.array_equal(a, weights.named(before)[name]) for name, a in weights.named(params).items()}
    assert {name for name, did in moved.items() if not did} == {name for name in moved if name.startswith("3.")}


def test_observe_sees_in_a_branch_what_training_sees_there():
    model = Concat([Sequential([Dropout(0.5), BatchNorm(momentum=0.0)]), Dropout(0.5)])
    params = model.init(KEY, X)
    seen = model.observe(params, X, KEY)
    assert jax.tree.structure(seen) == jax.tree.structure(params)
    first, _ = jax.random.split(KEY)
    dropped = Dropout(0.5).apply({}, X, jax.random.split(first)[0])
    np.testing.assert_allclose(seen[0][1]["mean"], dropped.mean((0, 1, 2)), rtol=1e-5)


def test_freeze_holds_a_branch_as_a_whole_and_says_that_it_cannot_hold_half_of_one():
    model = freeze(NESTED, (True, True, False, True, True, True, True))
    assert model.layers[2] == Frozen(NESTED.layers[2])
    params = NESTED.init(KEY, X)
    np.testing.assert_array_equal(model.apply(params, X), NESTED.apply(params, X))
    with pytest.raises(ValueError, match=r"freeze: got trainable=\(True, False\) for Residual"):
        freeze(NESTED, (True, True, (True, False), True, True, True, True))


def test_summary_and_recipes():
    assert [line.split("  ")[0] for line in summary(NESTED, X).splitlines()] == [
        "layer",
        "Conv(4, [3, 3], bias=False)",
        "BatchNorm()",
        "Residual([Concat([Conv(2, [1, 1]), Sequential([BatchNorm(), Conv(2, [3, 3])])]), BatchNorm()])",
        "Basic(6, 2)",
        "GlobalAvgPool()",
        "Dropout(0.25)",
        "Dense(3)",
        "total",
    ]
    assert hash(Concat([Relu()])) == hash(Concat((Relu(),)))
    assert Residual([Relu()], []) == Residual((Relu(),))
    assert resnet(18) == resnet(18)
    assert hash(inception()) == hash(inception())


@pytest.mark.parametrize(
    "layer", [Concat([Conv(2, (1, 1)), Conv(2, (3, 3))]), Residual([Conv(3, (3, 3))]), Basic(4)], ids=label
)
def test_jit_vmap_and_grad(layer, transforms):
    x = jnp.asarray(X[:2])
    transforms(lambda both: layer.apply(*both), (layer.init(KEY, x), x))


def test_a_join_of_ones_own():
    class Largest(Branches):
        layers = (Relu(), Flatten())

        def join(self, outputs):
            return outputs[0].sum() + outputs[1].sum()

    model = Largest()
    assert float(model.apply(model.init(KEY, X), X)) == pytest.approx(X[X > 0].sum() + X.sum(), rel=1e-3)


# Bad input


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: vgg(12), r"vgg: got depth 12; needs one of 11, 13, 16, 19; try vgg\(11\)"),
        (lambda: resnet(101), r"resnet: got depth 101; needs one of 18, 34, 50; try resnet\(18\)"),
        (lambda: resnet(20), r"resnet: got depth 20; needs one of 18, 34, 50; try"),
        (lambda: squeezenet("2"), r"squeezenet: got version '2'; needs one of 1.0, 1.1; try \"1.0\""),
        (lambda: resnet(19, small=True), r"resnet: got depth 19; needs one of 18, 20, 34, 50; try"),
        (lambda: Concat([]), r"Concat: got no layers; needs one at least; try Concat"),
        (lambda: Concat([Relu]), r"got the class Relu at 0; needs a layer; write Relu\(\)"),
        (lambda: Residual(["relu"]), r"got 'relu' at 0; needs layers"),
        (
            lambda: Concat([MaxPool((2, 2)), Relu()]).apply(({}, {}), X),
            r"Concat: got outputs of shapes \(4, 3, 3, 3\), \(4, 6, 6, 3\); needs equal heights.*; try padding",
        ),
        (
            lambda: shapes(Residual([Conv(5, (3, 3))]), X.shape[1:]),
            r"Residual: got \(1, 6, 6, 5\) from the body and \(1, 6, 6, 3\) from .*; try shortcut=\[Conv\(5, \(",
        ),
        (lambda: Concat([Relu()]).apply(({}, {}), X), r"Concat: got parameters for 2 layers; needs 1; try model.init"),
        (lambda: shapes(vgg(16), (16, 16, 3)), r"MaxPool: got 1 pixels, .*; needs .*; try .* a larger image"),
    ],
)
def test_wrong_input_is_refused_in_words(call, message):
    with pytest.raises(ValueError, match=message):
        call()
