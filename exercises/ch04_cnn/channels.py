"""Chapter 4, set 2: many channels, many filters, forwards and backwards.

    deepbook check channels

Fair here: numpy, what comes with Python, and your own files. No jax: it would do the work for you. Images and feature
maps x are (batch, height, width, channels); filters W are (h, w, channels_in, channels_out).
"""

import numpy as np


def conv_forward(x, W, b):
    """A convolutional layer, forwards: every filter at every place of every image.

    x: (batch, height, width, n_in). W: (h, w, n_in, n_out). b: (n_out,).
    There is no padding, the stride is 1, and no ReLU follows. At each place, filter k
    sums up over its h · w pixels and over all channels, W[i, j, c, k] times the pixel's
    channel c; then b[k] is added, once.
    Returns (batch, height - h + 1, width - w + 1, n_out).

    >>> x = np.array([[[[1.0, 10.0], [2.0, 20.0]]]])  # one image of 1 × 2, two channels
    >>> W, b = np.ones((1, 2, 2, 1)), np.array([0.5])
    >>> conv_forward(x, W, b).tolist()
    [[[[33.5]]]]

    Chapter 4: 04-cnn.html#channels
    """
    raise NotImplementedError("conv_forward: put your answer here")


def conv_backward(x, W, dy):
    """The way back through `conv_forward`.

    x: (batch, height, width, n_in), what went in. W: (h, w, n_in, n_out). dy: (batch,
    height - h + 1, width - w + 1, n_out), how the loss changes with each number of y.
    Returns three things, each the gradient of the loss: dx, by x; dW, by W; db, by b.
    A gradient has the shape of what it belongs to; b is (n_out,). The test compares
    with finite differences.

    >>> x = np.array([1.0, 2.0, 3.0]).reshape(1, 1, 3, 1)
    >>> W = np.array([10.0, 20.0]).reshape(1, 2, 1, 1)
    >>> dx, dW, db = conv_backward(x, W, np.array([1.0, 5.0]).reshape(1, 1, 2, 1))
    >>> dx.ravel().tolist(), dW.ravel().tolist(), db.tolist()
    ([10.0, 70.0, 100.0], [11.0, 17.0], [6.0])

    Source: LeCun et al. (1989), "Backpropagation applied to handwritten zip code
    recognition".
    Chapter 4: 04-cnn.html#the-gradient-of-a-filter
    """
    raise NotImplementedError("conv_backward: put your answer here")


def max_pool(x, size):
    """Max pooling: of each window, the largest number.

    x: (batch, height, width, channels). size: an int; a window has size × size pixels.
    The windows lie side by side and do not overlap. Each channel is pooled on its own.
    Rows and columns at the end that do not fill a window are left out.
    Returns (batch, height // size, width // size, channels).

    >>> x = np.arange(20).reshape(1, 4, 5, 1)
    >>> max_pool(x, 2).reshape(2, 2).tolist()
    [[6, 8], [16, 18]]

    Chapter 4: 04-cnn.html#pooling
    """
    raise NotImplementedError("max_pool: put your answer here")


def max_pool_backward(x, dy, size):
    """The way back through `max_pool`: only the winners hear of the loss.

    x: (batch, height, width, channels), what went in. dy: (batch, height // size, width
    // size, channels), how the loss changes with each window's largest number. size: an
    int, as in `max_pool`.
    In each window, dy goes to the place of the largest number, and all others get 0. If
    several are largest, the first of them gets it all: first in the uppermost row, and
    there the leftmost. (Other rules are as good; the book's `MaxPool` lets them share.)
    Returns dx, of x's shape.

    >>> x = np.array([[4.0, 1.0, 0.0, 5.0], [2.0, 3.0, 7.0, 6.0]]).reshape(1, 2, 4, 1)
    >>> dy = np.array([10.0, 20.0]).reshape(1, 1, 2, 1)
    >>> max_pool_backward(x, dy, 2)[0, ..., 0].tolist()
    [[10.0, 0.0, 0.0, 0.0], [0.0, 0.0, 20.0, 0.0]]

    Chapter 4: 04-cnn.html#pooling
    """
    raise NotImplementedError("max_pool_backward: put your answer here")


def depthwise(x, D, P):
    """A convolution with far fewer weights: each channel alone, then all channels.

    Step 1, depthwise: channel c of x is scored with the filter D[..., c], which sees no
    other channel. That gives as many maps as there were channels.
    Step 2, pointwise: at each place, output k is the sum of all these maps there, map c
    times P[c, k].
    x: (batch, height, width, channels). D: (h, w, channels). P: (channels, n_out).
    There is no padding, no stride and no bias, and nothing between the two steps.
    Returns (batch, height - h + 1, width - w + 1, n_out).

    >>> x = np.array([[[[1.0, 10.0], [2.0, 20.0]]]])  # one image of 1 × 2, two channels
    >>> D, P = np.array([[[1.0, 0.0], [1.0, 1.0]]]), np.array([[1.0, 2.0], [1.0, 0.0]])
    >>> depthwise(x, D, P).tolist()  # the maps after step 1: 3 and 20
    [[[[23.0, 6.0]]]]

    Source: Howard et al. (2017), "MobileNets".
    Chapter 4: 04-cnn.html#local-and-shared
    """
    raise NotImplementedError("depthwise: put your answer here")
