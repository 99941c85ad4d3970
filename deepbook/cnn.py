"""Chapter 4: convolutional networks, from one filter to layers.

Symbols, the same throughout the chapter:
    x        (batch, height, width, channels) images, and what layers make of them: feature maps
    W        (h, w, channels_in / groups, channels_out) filters: W[..., k] is the k-th
    stride   how many pixels a filter moves at a time; a pair says it for height and width
    padding  "same", "valid", pixels of zeros around the image, or ((top, bottom), (left, right))
    ends     ((top, bottom), (left, right)): what a padding comes to, in pixels
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from numbers import Integral

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from deepbook import winograd
from deepbook.layers import Layer
from deepbook.mlp import he, zeros

LAYOUT = ("NHWC", "HWIO", "NHWC")  # how lax names the axes of x, W and the output
FEW = 49  # filters of more places than 7 × 7 keep lax's own gradient: one product a place would be too many

# ------------------------------------------------------------------ how large the output is


def output_size(n, k, stride=1, padding="valid", dilation=1):
    """How many places a filter has along one axis: floor((n + low + high − reach) / stride) + 1.

    n, k:    pixels of the image and of the filter along this axis; the filter's reach is dilation (k − 1) + 1.
    padding: zeros at the low and the high end: "valid" none, "same" as many as give ceil(n / stride) places, a number
    so many at each end, a pair (low, high).
    Raises ValueError if the filter is larger than the padded image. Chapter 4.

    >>> output_size(28, 3), output_size(28, 3, padding="same"), output_size(224, 7, stride=2, padding=3)
    (26, 28, 112)
    """
    _padding("output_size", padding if isinstance(padding, str | Integral) else (padding, padding))
    low, high = _ends("output_size", n, k, stride, padding, dilation)
    return (n + low + high - dilation * (k - 1) - 1) // stride + 1


def _ends(name, n, k, stride, padding, dilation=1):
    """The zeros before and after one axis, as (low, high)."""
    reach = dilation * (k - 1) + 1
    if padding == "same":
        missing = max((-(-n // stride) - 1) * stride + reach - n, 0)
        low, high = missing // 2, missing - missing // 2  # an odd one goes to the end, as in TensorFlow
    elif padding == "valid":
        low, high = 0, 0
    else:
        low, high = (padding, padding) if isinstance(padding, Integral) else padding
    if n + low + high < reach:
        raise ValueError(
            f"{name}: got {n + low + high} pixels, with padding, for a filter that reaches over {reach}; needs at "
            'least as many; try padding="same", a larger image, or fewer layers that shrink it'
        )
    return low, high


def _both_ends(name, x, size, stride, padding, dilation=(1, 1)):
    """The same for height and width."""
    padding = _padding(name, padding)
    each = padding if isinstance(padding, tuple) else (padding, padding)
    return tuple(_ends(name, *axis) for axis in zip(x.shape[1:3], size, stride, each, dilation, strict=True))


def _padding(name, value):
    """A padding, hashable, after a look at it."""
    pairs = [(one, one) if isinstance(one, Integral) else _tuple(one) for one in _tuple(value)]
    fits = [len(pair) for pair in pairs] == [2, 2] and all(isinstance(n, Integral) and n >= 0 for n in sum(pairs, ()))
    if isinstance(value, Integral):
        fits = value >= 0
    if not fits and value not in ("same", "valid"):
        raise ValueError(
            f'{name}: got padding={value!r}; needs "same", "valid", a number of pixels or '
            '((top, bottom), (left, right)); try "same"'
        )
    return tuple(pairs) or value


def _pair(name, what, value):
    """A number, or two of them for height and width, as two."""
    pair = (value, value) if isinstance(value, Integral) else _tuple(value)
    if len(pair) != 2 or not all(isinstance(n, Integral) and n >= 1 for n in pair):
        raise ValueError(f"{name}: got {what}={value}; needs whole numbers from 1 up; try one, or (height, width)")
    return pair


def _tuple(value):
    return tuple(value) if isinstance(value, list | tuple) else ()


def _images(name, x):
    """x as floats, after a look at its axes."""
    _check_axes(name, x)
    return jnp.asarray(x, x.dtype if jnp.issubdtype(x.dtype, jnp.floating) else jnp.float32)


def _check_axes(name, x):
    if len(x.shape) != 4:
        advice = "x[..., None], if a grey image lacks the axis of channels" if len(x.shape) == 3 else "images"
        raise ValueError(f"{name}: got x of shape {x.shape}; needs (batch, height, width, channels); try {advice}")


# ------------------------------------------------------------------ convolution by hand


def correlate2d(image, W, stride=1):
    """The score of a filter at each place of an image: the sum of what lies under it, each pixel times its weight.

    image: (height, width). W: (h, w), laid on it as it is; in mathematics it is turned by 180° for a *convolution*,
    without for a *cross-correlation*, and networks, which learn W, call this one convolution.
    Returns a NumPy array, a number for each place. For reading, not for speed. Chapter 4.

    >>> line = np.array([[0, 1, 0], [0, 1, 0], [0, 1, 0]])
    >>> correlate2d(line, line).tolist(), correlate2d(np.eye(3), line).tolist()
    ([[3.0]], [[1.0]])
    """
    h, w = W.shape
    sides = zip(image.shape, W.shape, strict=True)
    rows, columns = (output_size(n, k, stride) for n, k in sides)
    scores = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            patch = image[i * stride : i * stride + h, j * stride : j * stride + w]
            scores[i, j] = np.sum(patch * W)
    return scores


def conv_loops(x, W, stride=1, padding="same"):
    """Many images, channels and filters: each filter sums its scores over the channels.

    x: (batch, height, width, channels_in). W: (h, w, channels_in, channels_out).
    Returns (batch, height', width', channels_out), the same as `conv` with this stride and padding. Chapter 4.
    """
    ends = _both_ends("conv_loops", x, W.shape[:2], (stride, stride), padding)
    padded = np.pad(x, ((0, 0), *ends, (0, 0)))
    channels, filters = range(W.shape[2]), range(W.shape[3])

    def score(image, k):
        return sum(correlate2d(image[..., c], W[..., c, k], stride) for c in channels)

    maps = np.array([[score(image, k) for k in filters] for image in padded])
    return np.moveaxis(maps, 1, -1)  # (batch, channels_out, height', width') before


def im2col(x, size, stride=1, padding="same"):
    """Each place's patch as a row, so that a convolution is one matrix product.

    x: (batch, height, width, channels). size: (h, w) of the filter.
    Returns (batch, height', width', h · w · channels), in the order of W.reshape(-1, channels_out). Chapter 4.
    """
    stride = _pair("im2col", "stride", stride)
    return _patches(x, size, _both_ends("im2col", x, size, stride, padding), stride)


def _patches(x, size, ends, stride=(1, 1)):
    return jnp.concatenate(_shifted(x, size, ends, stride), axis=-1)


def _shifted(x, size, ends, stride):
    """What lies under each of a filter's h · w weights, wherever it stands: each (batch, height', width', channels)."""
    x, (h, w), (down, across) = _padded(x, ends), size, stride
    last_row, last_column = x.shape[1] - h + 1, x.shape[2] - w + 1
    return [
        x[:, i : i + last_row : down, j : j + last_column : across]  # under W[i, j]
        for i in range(h)
        for j in range(w)
    ]


def conv_im2col(x, W, stride=1, padding="same"):
    """Convolution as one matrix product; its patches need h · w times the memory of x. Arguments as for `conv`."""
    return im2col(x, W.shape[:2], stride, padding) @ W.reshape(-1, W.shape[-1])


# ------------------------------------------------------------------ convolution


def conv(x, W, stride=1, padding="same", dilation=1, groups=1):
    """The scores of all filters at all places: what `conv_loops` gives, fast.

    x:        (batch, height, width, channels_in). W: (h, w, channels_in / groups, channels_out).
    stride:   with 2, every other place; "same" then gives ceil(n / 2) of them, and networks of PyTorch say padding=1.
    dilation: with 2, a 3 × 3 filter looks at every other pixel of 5 × 5.
    groups:   channels and filters are cut into so many parts; each filter sees only the channels of its part.
    Returns (batch, height', width', channels_out); `output_size` says how large.
    Raises ValueError if the filter is larger than the padded image, and for other paddings than these.
    Chapter 4; Dumoulin and Visin (2016).

    jit, vmap and grad work, and grad of grad. Where dilation and groups are 1 the gradient is our own, and forward
    mode (jax.jvp, jax.jacfwd, jax.hessian) raises TypeError: for second derivatives take jacrev(jacrev(f)).
    """
    stride, dilation = _pair("conv", "stride", stride), _pair("conv", "dilation", dilation)
    dtype = jnp.result_type(x, W)
    x, W = jnp.asarray(x, dtype), jnp.asarray(W, dtype)
    ends = _both_ends("conv", x, W.shape[:2], stride, padding, dilation)
    if dilation == (1, 1) and groups == 1 and W.shape[0] * W.shape[1] <= FEW:
        return _conv(x, W, ends, stride)
    return lax.conv_general_dilated(x, W, stride, ends, None, dilation, LAYOUT, groups)


# What XLA makes of a convolution is good on a GPU. On a CPU it is slow, and its gradient of W is 20 times slower inside
# of lax.scan, where our epochs run, than outside: a convolution there with a filter as large as the image. So for a CPU
# we write the same sums as matrix products. Chapter 4, "What it costs", measures them.


@partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _conv(x, W, ends, stride):
    how = {"ends": ends, "stride": stride}
    return lax.platform_dependent(x, W, cpu=partial(_conv_cpu, **how), default=partial(_conv_xla, **how))


def _conv_forward(x, W, ends, stride):
    return _conv(x, W, ends, stride), (x, W)


def _conv_backward(ends, stride, saved, dy):
    how = {"ends": ends, "stride": stride}
    return lax.platform_dependent(*saved, dy, cpu=partial(_back_cpu, **how), default=partial(_back_xla, **how))


_conv.defvjp(_conv_forward, _conv_backward)


def _conv_xla(x, W, ends, stride):
    return lax.conv_general_dilated(x, W, stride, ends, dimension_numbers=LAYOUT)


def _back_xla(x, W, dy, ends, stride):
    return jax.vjp(partial(_conv_xla, ends=ends, stride=stride), x, W)[1](dy)


def _conv_cpu(x, W, ends, stride):
    form = _form(W, stride)
    if form == "patches":
        return _patches(x, W.shape[:2], ends) @ W.reshape(-1, W.shape[-1])
    return winograd.conv(x, W, ends) if form == "winograd" else _conv_xla(x, W, ends, stride)


def _back_cpu(x, W, dy, ends, stride):
    (h, w), form = W.shape[:2], _form(W, stride)
    if form == "patches":
        dW = jnp.tensordot(_patches(x, (h, w), ends), dy, ((0, 1, 2), (0, 1, 2)))
    elif form == "winograd":
        dW = winograd.filter_gradient(x, dy, ends)
    else:
        # dW[i] = Σ x[s p + i − low]ᵀ dy[p] over p: one matrix product for each place i of the filter
        seen, flat = _shifted(x, (h, w), ends, stride), dy.reshape(-1, dy.shape[-1])
        dW = jnp.stack([part.reshape(-1, part.shape[-1]).T @ flat for part in seen])
    # y[p] = Σ x[s p + i − low] W[i] over i. With dy spread out, s − 1 zeros between its places, dx is a convolution of
    # it with the filter turned round: dx[q] = Σ dy[q − i + low] W[i].
    dy = _padded(dy, ((0, 0), (0, 0)), between=(stride[0] - 1, stride[1] - 1))
    low = [k - 1 - pair[0] for k, pair in zip((h, w), ends, strict=True)]
    high = [n + k - 1 - m - first for n, k, m, first in zip(x.shape[1:3], (h, w), dy.shape[1:3], low, strict=True)]
    dx = _conv(dy, jnp.flip(W, (0, 1)).swapaxes(2, 3), tuple(zip(low, high, strict=True)), (1, 1))
    return dx, dW.reshape(W.shape)


def _form(W, stride):
    """Which way is fastest on a CPU: measured, see benchmarks/convolutions.py."""
    h, w, n_in, n_out = W.shape
    if stride == (1, 1) and n_in <= 4:
        return "patches"
    exact = W.dtype in (jnp.float32, jnp.float64)
    return "winograd" if stride == (1, 1) and (h, w) == (3, 3) and min(n_in, n_out) >= 32 and exact else "products"


def _padded(x, ends, between=(0, 0)):
    """x with zeros around and between its pixels; below 0, pixels are cut off."""
    around = [(*pair, gap) for pair, gap in zip(ends, between, strict=True)]
    return lax.pad(x, jnp.zeros((), x.dtype), ((0, 0, 0), *around, (0, 0, 0)))


# ------------------------------------------------------------------ layers


@dataclass(frozen=True)
class Conv(Layer):
    """Small filters that slide over an image: each output pixel sees a few pixels of x, all with the same weights.

    n_out: how many filters. size: (height, width) of each.
    stride, padding, dilation, groups: as in `conv`.
    bias: False before a BatchNorm, which shifts. initializer: of W; biases begin at 0.
    params: {"W": (h, w, channels_in / groups, n_out), "b": (n_out,)}, without "b" if bias is False.
    Raises ValueError for sizes below 1, groups that do not divide the channels, x of another shape. Chapter 4.

    >>> layer = Conv(8, (3, 3))
    >>> params = layer.init(jax.random.key(0), jnp.ones((1, 28, 28, 1)))
    >>> layer.apply(params, jnp.ones((5, 28, 28, 1))).shape
    (5, 28, 28, 8)
    """

    n_out: int
    size: tuple
    stride: int | tuple = 1
    padding: str | int | tuple = "same"
    dilation: int | tuple = 1
    groups: int = 1
    bias: bool = True
    initializer: Callable = he

    def __post_init__(self):
        _set(self, size=_pair("Conv", "size", self.size), padding=_padding("Conv", self.padding))
        _set(self, stride=_short(_pair("Conv", "stride", self.stride)))
        _set(self, dilation=_short(_pair("Conv", "dilation", self.dilation)))
        if min(self.n_out, self.groups) < 1 or self.n_out % self.groups:
            raise ValueError(
                f"Conv: got {self.n_out} filters in {self.groups} groups; needs at least one filter in each, and "
                "equally many; try groups=1"
            )

    def init(self, key, x):
        _check_axes("Conv", x)
        n_in = x.shape[-1]
        if n_in % self.groups:
            raise ValueError(f"Conv: got {n_in} channels in {self.groups} groups; needs equal groups; try groups=1")
        W = self.initializer(key, (*self.size, n_in // self.groups, self.n_out))
        return {"W": W, "b": zeros(key, (self.n_out,))} if self.bias else {"W": W}

    def apply(self, params, x, key=None):
        x, W = _images("Conv", x), params["W"]
        if x.shape[-1] != W.shape[2] * self.groups:
            raise ValueError(
                f"Conv: got x of shape {x.shape}; needs {W.shape[2] * self.groups} channels in its last axis; "
                "try x.transpose(0, 2, 3, 1), if the channels come first, or the images that `init` was given"
            )
        y = conv(x, W, self.stride, self.padding, self.dilation, self.groups)
        return y + params["b"] if self.bias else y


@dataclass(frozen=True)
class Pool(Layer):
    """What MaxPool and AvgPool share: each window of a map becomes one number.

    size: (height, width) of the window. stride: how far it moves; None means by its size, so that windows do not
    overlap. padding: as in `conv`, below the window's size.
    """

    size: tuple
    stride: int | tuple | None = None
    padding: str | int | tuple = "valid"

    def __post_init__(self):
        name = type(self).__name__
        size, padding = _pair(name, "size", self.size), _padding(name, self.padding)
        ends = padding if isinstance(padding, tuple) else ((0 if isinstance(padding, str) else padding,) * 2,) * 2
        if any(max(pair) >= k for pair, k in zip(ends, size, strict=True)):
            raise ValueError(
                f"{name}: got padding={padding} around windows of {size}; needs less than a window, or some would "
                f'see no pixel at all; try padding="same"'
            )
        _set(self, size=size, padding=padding)
        if self.stride is not None:
            _set(self, stride=_short(_pair(name, "stride", self.stride)))

    def apply(self, params, x, key=None):
        name = type(self).__name__
        x, (h, w) = _images(name, x), self.size
        stride = _pair(name, "stride", self.stride or self.size)
        ends = _both_ends(name, x, self.size, stride, self.padding)
        if stride == self.size and ends == ((0, 0), (0, 0)):  # side by side: a reshape is faster than sliding
            n, rows, columns, channels = len(x), x.shape[1] // h, x.shape[2] // w, x.shape[3]
            tiles = x[:, : rows * h, : columns * w].reshape(n, rows, h, columns, w, channels)
            return self.of_tiles(tiles)
        window, steps = (1, h, w, 1), (1, *stride, 1)
        return self.of_windows(x, lambda x, *how: lax.reduce_window(x, *how, window, steps, ((0, 0), *ends, (0, 0))))


@dataclass(frozen=True)
class MaxPool(Pool):
    """The largest number of each window: whether a filter found its pattern there, not just where.

    size, stride, padding: as in `Pool`. Where windows do not overlap, equal largest numbers share the gradient.
    Chapter 4.

    >>> MaxPool((2, 2)).apply({}, jnp.arange(16.0).reshape(1, 4, 4, 1)).reshape(2, 2).tolist()
    [[5.0, 7.0], [13.0, 15.0]]
    """

    def of_tiles(self, tiles):
        return tiles.max((2, 4))

    def of_windows(self, x, slide):
        return slide(x, -jnp.inf, lax.max)


@dataclass(frozen=True)
class AvgPool(Pool):
    """The mean of each window, over those of its pixels that are in the image (padding does not count).

    size, stride, padding: as in `Pool`. Chapter 4.
    """

    def of_tiles(self, tiles):
        return tiles.mean((2, 4))

    def of_windows(self, x, slide):
        return slide(x, 0.0, lax.add) / slide(jnp.ones_like(x[:1, ..., :1]), 0.0, lax.add)


@dataclass(frozen=True)
class GlobalAvgPool(Layer):
    """The mean of each map: (batch, height, width, channels) becomes (batch, channels). Lin et al. (2013)."""

    def apply(self, params, x, key=None):
        return _images("GlobalAvgPool", x).mean((1, 2))


def _short(pair):
    """(2, 2) as 2, so that equal recipes are equal however they were written."""
    return pair[0] if pair[0] == pair[1] else pair


def _set(recipe, **values):
    for name, value in values.items():
        object.__setattr__(recipe, name, value)
