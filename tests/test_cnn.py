"""deepbook.cnn against numbers worked by hand, loops, SciPy, finite differences and Flax."""

import flax.linen as nn
import jax
import jax.export
import jax.numpy as jnp
import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax import lax
from jax.test_util import check_grads
from scipy import signal

from deepbook import mlp
from deepbook.cnn import (
    AvgPool,
    Conv,
    GlobalAvgPool,
    MaxPool,
    conv,
    conv_im2col,
    conv_loops,
    correlate2d,
    im2col,
    output_size,
)
from deepbook.layers import BatchNorm, Flatten, Sequential, label, summary

matplotlib.use("agg")

KEY = jax.random.key(0)
RNG = np.random.default_rng(0)
VERTICAL = np.float32([[0, 1, 0]] * 3)


def drawn(*shape):
    return RNG.normal(size=shape).astype(np.float32)


# How large the output is


@pytest.mark.parametrize(
    ("arguments", "places"),
    [
        ((28, 3), 26),
        ((28, 3, 1, "same"), 28),
        ((28, 3, 2, "same"), 14),
        ((27, 3, 2, "same"), 14),
        ((224, 7, 2, 3), 112),
        ((224, 11, 4, 2), 55),
        ((32, 3, 1, (1, 0)), 31),
        ((32, 3, 1, 0, 2), 28),
        ((3, 3), 1),
    ],
)
def test_output_size_of_known_layers(arguments, places):
    assert output_size(*arguments) == places


@settings(deadline=None, max_examples=100, derandomize=True)
@given(*[st.integers(1, n) for n in (12, 5, 3)], st.tuples(st.integers(0, 3), st.integers(0, 3)), st.integers(1, 3))
def test_output_size_counts_the_places_where_the_filter_fits(n, k, stride, padding, dilation):
    n += dilation * (k - 1)
    starts = range(0, n + sum(padding), stride)
    fits = [start for start in starts if start + dilation * (k - 1) < n + sum(padding)]
    assert output_size(n, k, stride, padding, dilation) == len(fits)


@settings(deadline=None, max_examples=100, derandomize=True)
@given(*[st.integers(1, n) for n in (20, 7, 4, 3)])
def test_same_gives_one_place_for_each_stride_begun(n, k, stride, dilation):
    assert output_size(n, k, stride, "same", dilation) == -(-n // stride)


def test_output_size_refuses_a_filter_that_is_larger_than_the_image():
    with pytest.raises(ValueError, match=r'output_size: got 4 pixels, .* reaches over 5; needs .*; try padding="same"'):
        output_size(2, 3, padding=1, dilation=2)


# By hand


def test_a_vertical_filter_scores_3_on_a_vertical_line_and_1_on_a_diagonal():
    assert correlate2d(VERTICAL, VERTICAL).tolist() == [[3]]
    assert correlate2d(np.eye(3), VERTICAL).tolist() == [[1]]


def test_correlate2d_worked_by_hand():
    image = np.arange(12).reshape(3, 4)
    W = np.array([[1, 0], [0, -2]])  # image[i, j] − 2 image[i + 1, j + 1]
    assert correlate2d(image, W).tolist() == [[-10, -11, -12], [-14, -15, -16]]
    assert correlate2d(image, W, stride=2).tolist() == [[-10, -12]]


def test_correlate2d_equals_scipy_and_is_no_convolution_of_mathematics():
    image, W = drawn(6, 7), drawn(3, 2)
    np.testing.assert_allclose(correlate2d(image, W), signal.correlate2d(image, W, "valid"), rtol=1e-4, atol=1e-5)
    turned = signal.convolve2d(image, W[::-1, ::-1], "valid")
    np.testing.assert_allclose(correlate2d(image, W), turned, rtol=1e-4, atol=1e-5)


def test_without_padding_a_line_at_the_border_is_missed():
    image = np.zeros((1, 5, 5, 1), np.float32)
    image[:, :, 0] = 1
    W = VERTICAL[..., None, None]
    assert conv(image, W, padding="valid").max() == 0
    assert conv(image, W, padding="same")[0, :, 0, 0].tolist() == [2, 3, 3, 3, 2]


def test_im2col_lays_each_patch_in_a_row():
    x = np.arange(18, dtype=np.float32).reshape(1, 3, 3, 2)
    rows = np.asarray(im2col(x, (2, 2), padding="valid"))
    assert rows.shape == (1, 2, 2, 8)
    assert rows[0, 0, 1].tolist() == [2, 3, 4, 5, 8, 9, 10, 11]
    assert rows[0, 1, 0].tolist() == x[0, 1:, :2].ravel().tolist()


@pytest.mark.parametrize(
    ("size", "stride", "padding"),
    [
        ((3, 3), 1, "same"),
        ((4, 4), 2, "same"),
        ((2, 3), 1, "valid"),
        ((3, 3), 3, 2),
        ((2, 3), 2, ((0, 1), (2, 1))),
        ((1, 1), 2, 0),
    ],
)
def test_all_forms_of_convolution_are_one(size, stride, padding):
    x, W = drawn(2, 5, 6, 3), drawn(*size, 3, 4)
    expected = conv_loops(x, W, stride, padding)
    for form in (conv_im2col, conv):
        np.testing.assert_allclose(form(x, W, stride, padding), expected, rtol=1e-4, atol=1e-5)


# Convolution and its gradients against Flax

CASES = [
    # channels in, out, size, stride, padding, dilation, groups
    (1, 3, (3, 3), 1, "same", 1, 1),
    (2, 3, (3, 3), 1, "valid", 1, 1),
    (3, 2, (2, 4), 1, "same", 1, 1),
    (3, 2, (5, 5), 1, "same", 1, 1),
    (2, 3, (1, 1), 1, "same", 1, 1),
    (2, 3, (1, 1), 1, 1, 1, 1),  # its input gradient has a negative padding
    (2, 2, (2, 2), 1, 3, 1, 1),
    (2, 3, (3, 2), 1, ((2, 0), (1, 3)), 1, 1),
    (1, 2, (7, 8), 1, "same", 1, 1),  # more than 49 places
    (8, 5, (3, 3), 1, "same", 1, 1),  # too many channels for patches, too few for Winograd's form
    (32, 33, (3, 3), 1, "same", 1, 1),  # Winograd's, and all below
    (32, 32, (3, 3), 1, "valid", 1, 1),
    (33, 32, (3, 3), 1, 3, 1, 1),  # its input gradient has a negative padding
    (32, 32, (3, 3), 1, ((2, 0), (1, 3)), 1, 1),
    (32, 32, (3, 3), 2, "same", 1, 1),
    (2, 3, (3, 3), 2, "same", 1, 1),
    (2, 3, (3, 3), (2, 3), "valid", 1, 1),
    (2, 3, (3, 3), 2, 1, 1, 1),
    (2, 3, (1, 1), 2, "same", 1, 1),
    (2, 3, (3, 3), 1, "same", 2, 1),
    (2, 3, (3, 2), 1, "valid", (2, 3), 1),
    (4, 6, (3, 3), 1, "same", 1, 2),
    (4, 8, (3, 3), 1, "same", 1, 4),
    (4, 4, (3, 3), 2, 2, 2, 2),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_conv_and_its_gradients_equal_flax(case):
    n_in, n_out, size, stride, padding, dilation, groups = case
    ours = Conv(n_out, size, stride, padding, dilation, groups)
    flax_padding = padding.upper() if isinstance(padding, str) else padding
    theirs = nn.Conv(n_out, size, stride, flax_padding, kernel_dilation=dilation, feature_group_count=groups)
    x = drawn(2, 7, 8, n_in)
    params = ours.init(KEY, x) | {"b": drawn(n_out)}

    def flax(params, x):
        return theirs.apply({"params": {"kernel": params["W"], "bias": params["b"]}}, x)

    weights = np.cos(np.arange(ours.apply(params, x).size))

    @jax.jit
    def both(params, x):
        def all_of(apply):
            y, back = jax.vjp(apply, params, x)
            return y, back(jnp.asarray(weights, y.dtype).reshape(y.shape))

        return all_of(ours.apply), all_of(flax)

    a, b = both(params, x)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4), a, b)


@pytest.mark.parametrize("padding", ["same", "valid", 2, ((3, 0), (1, 2))])
def test_gradients_once_and_twice_by_finite_differences_in_double_precision(padding):
    with jax.enable_x64(True):
        x, W = RNG.normal(size=(2, 4, 5, 2)), RNG.normal(size=(2, 3, 2, 2))
        check_grads(lambda x, W: jnp.sin(conv(x, W, padding=padding)), (x, W), 2, modes=["rev"], atol=1e-4, rtol=1e-4)


def test_gradients_in_double_precision_number_by_number():
    x = RNG.normal(size=(2, 4, 4, 2))
    params = {"W": RNG.normal(size=(3, 3, 2, 2)), "b": RNG.normal(size=2), "x": x}

    def loss(params):
        return jnp.sum(jnp.tanh(Conv(2, (3, 3)).apply(params, params["x"])))

    with jax.enable_x64(True):
        grads = jax.jit(jax.grad(loss))(params)
    assert mlp.gradient_error(grads, mlp.numerical_gradient(loss, params)) < 1e-8


def test_the_gradient_inside_a_scan_is_the_one_outside():
    layer, x = Conv(4, (3, 3)), drawn(3, 2, 6, 6, 2)
    params = layer.init(KEY, x[0])
    grad = jax.jit(jax.grad(lambda params, x: jnp.sum(jnp.sin(layer.apply(params, x)))))
    inside = jax.jit(lambda params: lax.scan(lambda carry, x: (carry, grad(params, x)), None, x)[1])(params)
    outside = jax.tree.map(lambda *each: jnp.stack(each), *[grad(params, batch) for batch in x])
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5), inside, outside)


@pytest.mark.parametrize(
    ("layer", "n_in", "how"),
    [
        (Conv(32, (3, 3)), 32, "winograd"),
        (Conv(32, (3, 3)), 31, "products"),
        (Conv(31, (3, 3)), 32, "products"),
        (Conv(4, (3, 3)), 3, "patches"),
        (Conv(4, (1, 1), padding="valid"), 8, "products"),
        (Conv(32, (3, 3), stride=2), 32, "products"),
        (Conv(4, (7, 7)), 8, "products"),
        (Conv(4, (8, 8)), 8, "xla"),
        (Conv(4, (3, 3), dilation=2), 8, "xla"),
        (Conv(4, (3, 3), groups=2), 8, "xla"),
    ],
    ids=label,
)
def test_on_a_cpu_the_weight_gradient_is_made_of_matrix_products(layer, n_in, how):
    h, w = layer.size
    n = {"winograd": 2 * (16 + 2), "products": h * w, "patches": 2, "xla": 0}[how]  # the scores' too, but XLA's own
    assert lowered(layer, n_in, "cpu").count("stablehlo.dot_general") == n


def test_elsewhere_convolutions_are_left_to_xla():
    text = lowered(Conv(32, (3, 3)), 32, "cuda")
    assert "dot_general" not in text and text.count("stablehlo.convolution") == 2


def lowered(layer, n_in, platform):
    """What XLA gets to compile for the scores of a layer and the gradient of its parameters."""
    both = jax.jit(lambda params, x: jax.value_and_grad(lambda params: (layer.apply(params, x) ** 2).sum())(params))
    x = jax.ShapeDtypeStruct((2, 12, 12, n_in), jnp.float32)
    params = jax.eval_shape(layer.init, KEY, x)
    return str(jax.export.export(both, platforms=[platform])(params, x).mlir_module())


def test_forward_mode_is_refused_for_our_own_gradient_and_works_elsewhere():
    x, W = drawn(1, 4, 4, 1), drawn(2, 2, 1, 1)
    with pytest.raises(TypeError, match="forward-mode"):
        jax.jvp(lambda W: conv(x, W), (W,), (W,))
    slope = jax.jvp(lambda W: conv(x, W, dilation=2), (W,), (W,))[1]
    np.testing.assert_allclose(slope, conv(x, W, dilation=2), rtol=1e-6)
    curved = jax.jacrev(jax.jacrev(lambda W: jnp.sum(conv(x, W) ** 2)))(W)
    patches = im2col(x, (2, 2)).reshape(-1, 4)
    np.testing.assert_allclose(curved.reshape(4, 4), 2 * patches.T @ patches, rtol=1e-4, atol=1e-5)


def test_an_image_that_is_moved_has_its_map_moved():
    x, W = drawn(1, 8, 8, 2), drawn(3, 3, 2, 4)
    moved = np.roll(x, (1, 2), (1, 2))
    kept = conv(x, W, padding="valid")[:, :-1, :-2]
    np.testing.assert_allclose(conv(moved, W, padding="valid")[:, 1:, 2:], kept, rtol=1e-4, atol=1e-5)


# The layer


def test_conv_begins_as_it_says():
    params = Conv(64, (3, 5), groups=2).init(KEY, jnp.ones((1, 8, 8, 20)))
    assert {name: a.shape for name, a in params.items()} == {"W": (3, 5, 10, 64), "b": (64,)}
    assert float(params["W"].var()) == pytest.approx(2 / 150, rel=0.05)
    assert not params["b"].any()
    assert Conv(3, (1, 1), bias=False).init(KEY, jnp.ones((1, 8, 8, 2))).keys() == {"W"}
    lecun = Conv(64, (3, 3), initializer=mlp.lecun).init(KEY, jnp.ones((1, 8, 8, 20)))["W"]
    assert float(lecun.var()) == pytest.approx(1 / 180, rel=0.05)


def test_conv_adds_its_bias_and_takes_whole_numbers_as_pixels():
    x = np.full((1, 2, 2, 1), 255, np.uint8)
    params = {"W": jnp.ones((1, 1, 1, 2)), "b": jnp.array([0.5, -1])}
    y = Conv(2, (1, 1)).apply(params, x)
    assert y.dtype == jnp.float32
    assert y[0, 0, 0].tolist() == [255.5, 254]
    assert MaxPool((2, 2)).apply({}, x).tolist() == [[[[255]]]]
    half = jnp.ones((1, 2, 2, 1), jnp.bfloat16)
    assert Conv(2, (1, 1)).apply(jax.tree.map(lambda p: p.astype(jnp.bfloat16), params), half).dtype == jnp.bfloat16


@pytest.mark.parametrize(
    ("one", "same"),
    [
        (Conv(4, (3, 3)), Conv(4, 3)),
        (Conv(4, (3, 3)), Conv(4, [3, 3], stride=(1, 1), dilation=[1, 1])),
        (Conv(4, (3, 3), padding=[[1, 0], [2, 2]]), Conv(4, (3, 3), padding=((1, 0), (2, 2)))),
        (Conv(4, (3, 3), padding=(1, 2)), Conv(4, (3, 3), padding=((1, 1), (2, 2)))),
        (MaxPool((2, 2)), MaxPool(2)),
        (AvgPool((3, 3), [2, 2]), AvgPool(3, 2)),
    ],
    ids=lambda layer: label(layer),
)
def test_equal_layers_are_equal_recipes(one, same):
    assert one == same
    assert hash(one) == hash(same)
    with pytest.raises(AttributeError):
        one.size = (1, 1)


@pytest.mark.parametrize(
    ("recipe", "written"),
    [
        (Conv(64, (3, 3)), "Conv(64, [3, 3])"),
        (Conv(6, (5, 5), padding="valid"), "Conv(6, [5, 5], padding='valid')"),
        (Conv(64, (7, 7), stride=2, padding=3, bias=False), "Conv(64, [7, 7], 2, 3, bias=False)"),
        (MaxPool((2, 2)), "MaxPool([2, 2])"),
        (MaxPool((3, 3), 2, 1), "MaxPool([3, 3], 2, 1)"),
        (GlobalAvgPool(), "GlobalAvgPool()"),
    ],
)
def test_label_is_how_it_was_written(recipe, written):
    assert label(recipe) == written


def test_summary_shows_the_maps():
    model = Sequential([Conv(8, (3, 3)), MaxPool((2, 2)), Conv(4, (3, 3), 2, "valid"), Flatten()])
    assert summary(model, np.zeros((1, 28, 28, 1), np.float32)).splitlines() == [
        "layer                        output              parameters",
        "Conv(8, [3, 3])              (batch, 28, 28, 8)          80",
        "MaxPool([2, 2])              (batch, 14, 14, 8)           0",
        "Conv(4, [3, 3], 2, 'valid')  (batch, 6, 6, 4)           292",
        "Flatten()                    (batch, 144)                 0",
        "total                                                   372",
    ]


# Pooling


def test_max_and_mean_of_each_window_worked_by_hand():
    x = jnp.array([[1.0, 5, -1, -2], [2, 3, -3, -4]])[None, ..., None]
    assert MaxPool((2, 2)).apply({}, x).ravel().tolist() == [5, -1]
    assert AvgPool((2, 2)).apply({}, x).ravel().tolist() == [2.75, -2.5]
    assert GlobalAvgPool().apply({}, x).tolist() == [[0.125]]


def test_rows_and_columns_that_fill_no_window_are_left_out():
    x = jnp.arange(30.0).reshape(1, 5, 6, 1)
    assert MaxPool((2, 4)).apply({}, x).ravel().tolist() == [9, 21]


def test_padding_is_neither_a_largest_number_nor_part_of_a_mean():
    x = jnp.full((1, 3, 3, 1), -7.0)
    for layer in (MaxPool((2, 2), padding="same"), AvgPool((2, 2), padding="same"), AvgPool((3, 3), 1, 1)):
        assert (layer.apply({}, x) == -7).all()


POOLS = [
    ((2, 2), None, "valid"),
    ((2, 3), None, "valid"),
    ((2, 2), None, "same"),
    ((3, 3), 2, "same"),
    ((3, 3), 1, "same"),
    ((3, 3), 2, 1),
    ((2, 3), (1, 2), ((0, 1), (2, 1))),
    ((2, 2), 3, "valid"),
]


@pytest.mark.parametrize("how", POOLS, ids=str)
def test_pooling_and_its_gradient_equal_flax(how):
    size, stride, padding = how
    x = drawn(2, 7, 8, 3)
    strides = size if stride is None else stride if isinstance(stride, tuple) else (stride, stride)
    pads = padding.upper() if isinstance(padding, str) else ((1, 1), (1, 1)) if padding == 1 else padding
    pairs = (
        (MaxPool(*how), lambda x: nn.max_pool(x, size, strides, pads)),
        (AvgPool(*how), lambda x: nn.avg_pool(x, size, strides, pads, count_include_pad=False)),
    )

    @jax.jit
    def all_of(x):
        out = []
        for ours, theirs in pairs:
            for apply in (lambda x, ours=ours: ours.apply({}, x), theirs):
                y, back = jax.vjp(apply, x)
                out.append((y, back(jnp.cos(jnp.arange(y.size, dtype=y.dtype)).reshape(y.shape))))
        return out

    largest, flax_largest, mean, flax_mean = all_of(x)
    for a, b in ((largest, flax_largest), (mean, flax_mean)):
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6), a, b)


def test_equal_largest_numbers_share_the_gradient():
    grad = jax.grad(lambda x: MaxPool((2, 2)).apply({}, x).sum())(jnp.array([[1.0, 1], [0, 1]])[None, ..., None])
    np.testing.assert_allclose(grad.ravel(), [1 / 3, 1 / 3, 0, 1 / 3], rtol=1e-6)


def test_windows_side_by_side_are_not_slid():
    x = jnp.ones((1, 6, 6, 2))
    for layer in (MaxPool((2, 2)), AvgPool((3, 3)), MaxPool((2, 2), padding="same")):
        assert "reduce_window" not in str(jax.make_jaxpr(lambda x, layer=layer: layer.apply({}, x))(x))
    assert "reduce_window" in str(jax.make_jaxpr(lambda x: MaxPool((3, 3), 2).apply({}, x))(x))


def test_batchnorm_of_maps_is_over_images_and_places():
    x = conv(drawn(4, 6, 6, 1), drawn(3, 3, 1, 5))
    out = np.asarray(BatchNorm().apply(BatchNorm().init(KEY, x), x, KEY))
    np.testing.assert_allclose(out.mean((0, 1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(out.var((0, 1, 2)), 1, rtol=1e-3)


# jit, grad and vmap


@pytest.mark.parametrize(
    "layer",
    [
        Conv(3, (3, 3)),
        Conv(3, (2, 2), padding="valid", bias=False),
        Conv(3, (3, 3), stride=2),
        Conv(4, (3, 3), dilation=2, groups=2),
        MaxPool((2, 2)),
        MaxPool((3, 3), 2, "same"),
        AvgPool((2, 2)),
        AvgPool((3, 3), 1, 1),
        GlobalAvgPool(),
    ],
    ids=label,
)
def test_jit_vmap_and_grad(layer, transforms):
    x = jnp.asarray(drawn(2, 5, 6, 2))
    transforms(lambda both: layer.apply(*both), (layer.init(KEY, x), x))


@pytest.mark.parametrize("form", [im2col, conv_im2col])
def test_jit_vmap_and_grad_of_the_teaching_forms(form, transforms):
    x, W = jnp.asarray(drawn(2, 5, 6, 2)), jnp.asarray(drawn(3, 3, 2, 4))
    transforms(lambda both: form(both[0], (3, 3) if form is im2col else both[1], 2), (x, W))


# Bad input

IMAGES = jnp.ones((2, 8, 8, 3))
COLOUR = Conv(4, (3, 3)).init(KEY, IMAGES)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Conv(4, (3, 0)), r"Conv: got size=\(3, 0\); needs whole numbers from 1 up; try one, or \(height, wid"),
        (lambda: Conv(4, (3, 3, 3)), r"Conv: got size=\(3, 3, 3\); needs"),
        (lambda: Conv(4, 2.5), r"Conv: got size=2.5; needs"),
        (lambda: Conv(4, (3, 3), stride=0), r"Conv: got stride=0; needs"),
        (lambda: Conv(4, (3, 3), dilation=(1, 0.5)), r"Conv: got dilation=\(1, 0.5\); needs"),
        (
            lambda: Conv(4, (3, 3), padding="full"),
            r"Conv: got padding='full'; needs \"same\", \"valid\".*try",
        ),
        (lambda: Conv(4, (3, 3), padding=-1), r"Conv: got padding=-1; needs"),
        (lambda: Conv(4, (3, 3), padding=((1, 1), (1,))), r"Conv: got padding=\(\(1, 1\), \(1,\)\); needs"),
        (lambda: Conv(4, (3, 3), padding=((1, 1), (1, 0.5))), r"Conv: got padding=.*; needs"),
        (lambda: Conv(4, (3, 3), padding=None), r"Conv: got padding=None; needs"),
        (lambda: Conv(0, (3, 3)), r"Conv: got 0 filters in 1 groups; needs .*; try groups=1"),
        (lambda: Conv(4, (3, 3), groups=3), r"Conv: got 4 filters in 3 groups; needs"),
        (lambda: Conv(4, (3, 3), groups=2).init(KEY, IMAGES), r"Conv: got 3 channels in 2 groups; needs equal groups"),
        (lambda: Conv(4, (3, 3)).init(KEY, IMAGES[0]), r"Conv: got x of shape \(8, 8, 3\); needs \(batch, height, wi"),
        (lambda: Conv(4, (3, 3)).apply(COLOUR, IMAGES[..., 0]), r"Conv: got x of shape .*; try x\[\.\.\., None\]"),
        (
            lambda: jax.jit(Conv(4, (3, 3)).apply)(COLOUR, jnp.ones((2, 3, 8, 8))),
            r"Conv: got x of shape \(2, 3, 8, 8\); needs 3 channels in its last axis; try x.transpose\(0, 2, 3, 1\)",
        ),
        (
            lambda: Conv(4, (3, 3), padding="valid").apply(COLOUR, IMAGES[:, :2]),
            r"conv: got 2 pixels, with padding, for a filter that reaches over 3; needs .*; try padding=\"same\"",
        ),
        (lambda: conv(IMAGES, COLOUR["W"], padding="full"), r"conv: got padding='full'; needs"),
        (lambda: conv_loops(np.asarray(IMAGES), COLOUR["W"], padding=-2), r"conv_loops: got padding=-2; needs"),
        (lambda: im2col(IMAGES, (3, 3), stride=0), r"im2col: got stride=0; needs"),
        (lambda: output_size(9, 3, padding="full"), r"output_size: got padding='full'; needs"),
        (lambda: MaxPool((2, 2), stride=0), r"MaxPool: got stride=0; needs"),
        (
            lambda: MaxPool((2, 2), padding=2),
            r"MaxPool: got padding=2 around .*\(2, 2\); needs less .* try",
        ),
        (lambda: AvgPool((2, 2), padding=((0, 0), (0, 2))), r"AvgPool: got padding=.*; needs less than a window"),
        (lambda: MaxPool((9, 2)).apply({}, IMAGES), r"MaxPool: got 8 pixels, with padding, for a filter that reaches"),
        (lambda: AvgPool((2, 2)).apply({}, IMAGES[0, 0]), r"AvgPool: got x of shape \(8, 3\); needs \(batch, height"),
        (lambda: GlobalAvgPool().apply({}, IMAGES[0]), r"GlobalAvgPool: got x of shape \(8, 8, 3\); needs"),
    ],
)
def test_wrong_input_is_refused_in_words(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# Pictures of filters and maps


def shown(fig):
    return [ax.images[0] for ax in fig.axes if ax.images]


def test_filters_are_drawn_on_one_scale():
    from deepbook import plots

    W = np.stack([2 * VERTICAL, -VERTICAL], axis=-1)[:, :, None]
    drawn_filters = shown(plots.filters(W, columns=3))
    assert [image.get_clim() for image in drawn_filters] == [(-2, 2)] * 2
    np.testing.assert_array_equal(drawn_filters[1].get_array(), -VERTICAL)
    coloured = shown(plots.filters(np.zeros((3, 3, 3, 5)), n=4))
    assert len(coloured) == 4
    assert (np.asarray(coloured[0].get_array()) == 0.5).all()


def test_feature_maps_are_drawn_each_on_its_own_scale():
    from deepbook import plots

    maps = np.stack([VERTICAL, 5 * VERTICAL, VERTICAL - 1, 0 * VERTICAL], axis=-1)
    first, second, below, nothing = (np.asarray(image.get_array()) for image in shown(plots.feature_maps(maps)))
    for one in (first, second, below):
        np.testing.assert_array_equal(one, VERTICAL)
    assert not nothing.any()


def test_pictures_refuse_other_shapes_in_words():
    from deepbook import plots

    with pytest.raises(ValueError, match=r"feature_maps: got .* \(1, 3, 3, 2\); needs \(height, width, cha.*maps\[0\]"):
        plots.feature_maps(np.ones((1, 3, 3, 2)))
    with pytest.raises(ValueError, match=r"filters: got W of shape \(3, 3\); needs \(h, w, channels, n_out\); try par"):
        plots.filters(VERTICAL)
