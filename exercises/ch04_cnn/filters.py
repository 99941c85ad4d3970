"""Chapter 4, set 1: one filter and one image.

    deepbook check filters

Fair here: numpy, and what comes with Python. No jax: it would do the work for you. An image is a NumPy array (height,
width), a filter W an array (h, w). A filter is laid on the image as it is, not turned round.
"""

import numpy as np


def scores():
    """Slide a filter over an image, with pencil and paper.

        image            filter
        2  0  1  3       1   2
        1  4  0  1       0  -1
        0  2  1  0

    At each place where the filter lies wholly on the image, its score is the sum of the
    four pixels under it, each times its weight. It moves by one pixel at a time.
    Return all the scores, a list of rows, each a list of numbers from left to right.

    Chapter 4: 04-cnn.html#one-filter
    """
    raise NotImplementedError("scores: put your answer here")


def output_length(n, k, stride, padding, dilation):
    """How many places has a filter along one axis of an image?

    n: pixels of the image along this axis. k: weights of the filter along it.
    stride: by how many pixels the filter moves each time.
    padding: how many zeros are put at EACH end of the axis.
    dilation: the distance from one weight to the next, in pixels; 1 is an ordinary
    filter, and with 2 a filter of 3 weights looks at pixels 0, 2 and 4.
    Every pixel that the filter looks at must lie on the image or on its padding. Pixels
    at the end for which another move is too long are not looked at.
    Returns an int. Raises ValueError if the filter has no place at all.

    >>> output_length(5, 3, 1, 0, 1), output_length(224, 7, 2, 3, 1)
    (3, 112)

    Source: Dumoulin and Visin (2016), "A guide to convolution arithmetic for deep
    learning".
    Chapter 4: 04-cnn.html#stride-and-dilation
    """
    raise NotImplementedError("output_length: put your answer here")


def pad_same(image, size, stride):
    """Put just so many zeros round an image that a filter has the places of "same".

    image: (height, width). size: (h, w) of the filter. stride: by how many pixels it
    moves, in both directions.
    With "same" padding there are ceil(n / stride) places along an axis of n pixels;
    with stride 1, as many as pixels. Take the smallest number of zeros that gives so
    many. Half of them go before the image, half after it; if their number is odd, the
    one more goes after it: at the bottom, or at the right. If no zeros are needed,
    the image comes back as it is: nothing is cut off.
    Returns the image with its zeros, an array.

    >>> image = np.array([[1, 2, 3], [4, 5, 6]])
    >>> pad_same(image, (1, 2), 1).tolist()
    [[1, 2, 3, 0], [4, 5, 6, 0]]
    >>> pad_same(image, (1, 5), 2).tolist()
    [[0, 0, 1, 2, 3, 0, 0], [0, 0, 4, 5, 6, 0, 0]]

    Chapter 4: 04-cnn.html#stride-and-dilation
    """
    raise NotImplementedError("pad_same: put your answer here")


def correlate(image, W, stride):
    """Slide one filter over one image, and write down its score at each place.

    image: (height, width), of ints or floats. W: (h, w), the filter. stride: by how
    many pixels it moves, in both directions. There is no padding: the filter lies
    wholly on the image.
    The score at a place is the sum of the pixels under the filter, each times its
    weight. The first place is the corner at the top left.
    Returns an array of floats: a row for each place down, a column for each place
    across.

    >>> line = np.array([[0, 1, 0], [0, 1, 0], [0, 1, 0]])
    >>> correlate(line, line, 1).tolist(), correlate(np.eye(3), line, 1).tolist()
    ([[3.0]], [[1.0]])
    >>> image, W = np.arange(12).reshape(3, 4), np.array([[0.5, 0], [0, 0.5]])
    >>> correlate(image, W, 2).tolist()
    [[2.5, 4.5]]

    Chapter 4: 04-cnn.html#stride-and-dilation
    """
    raise NotImplementedError("correlate: put your answer here")
