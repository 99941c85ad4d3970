"""Chapter 4, set 3: networks that see.

    deepbook check networks

Fair here: numpy, jax (jit, grad, lax, jax.random and jax.numpy, but not jax.nn, jax.scipy or jax.example_libraries),
what comes with Python, and your own files, for example:

    from ch04_cnn.channels import max_pool
"""

import jax
import jax.numpy as jnp
import numpy as np


def receptive_field(layers):
    """How many pixels of the image does one number of the last map depend on?

    layers: a list of (size, stride), from the image to the last map; a layer is a
    convolution or a pooling, with filters or windows of size × size.
    Returns an int: along one axis, how many pixels from the first to the last one that
    the number can see, far away from the borders. Without layers it is 1.

    >>> receptive_field([(3, 1), (3, 1)]), receptive_field([(2, 2), (3, 1)])
    (5, 6)

    Chapter 4: 04-cnn.html#receptive-field
    """
    raise NotImplementedError("receptive_field: put your answer here")


def residual(f, x, P=None, stride=1):
    """A residual block: what the layers make of x, plus x itself.

    f: a function, some layers: f(x) is their output. x: (batch, height, width, n_in).
    The short cut goes past f. In most blocks it is x itself. Where f changes the shape,
    the short cut takes every stride-th row and column, beginning with the first, and
    then mixes the channels at each place by P, (n_in, n_out), as a 1 × 1 filter does.
    Without P the channels stay as they are.
    Returns relu(f(x) + short cut), of the shape of f(x).

    >>> x = np.array([1.0, 2.0, 3.0]).reshape(1, 1, 3, 1)
    >>> residual(lambda x: 5 - 4 * x, x).ravel().tolist()
    [2.0, 0.0, 0.0]
    >>> P = np.array([[10.0]])
    >>> residual(lambda x: x[:, ::2, ::2], x, P, stride=2).ravel().tolist()
    [11.0, 33.0]

    Source: He, Zhang, Ren and Sun (2015), "Deep residual learning for image
    recognition".
    Chapter 4: 04-cnn.html#the-imagenet-story
    """
    raise NotImplementedError("residual: put your answer here")


def mend_cnn(params, photos):
    """Delete the `raise` line, then mend the four wrong lines below it.

    This network runs on every photo, and its scores are worth nothing. It should be:
    the photos with their channels last; a convolution with four filters; batch
    normalization by the statistics of the batch, with one mean and one variance for
    each channel; ReLU; the largest of each 2 × 2; the mean of each map; the scores.
    params: a dict with "W" (3, 3, 3, 4), "scale" and "shift" (4,), "W_out" (4, n_out)
    and "b_out" (n_out,). photos: (batch, 3, 8, 8), as cameras' files often come: three
    colours, 8 rows, 8 columns.
    Returns the scores, (batch, n_out).
    The function `conv`, the 1e-5, and the lines with scale and W_out are right as they
    are. Print shapes, and ask of every axis what it means.

    Chapter 4: 04-cnn.html#batch-normalization-in-practice
    """
    raise NotImplementedError("mend_cnn: put four lines right, then delete this one")

    def conv(x, W):
        """The scores of all filters, with a border of zeros: (batch, 8, 8, 4)."""
        x = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        return sum(x[:, i : i + 8, j : j + 8] @ W[i, j] for i in range(3) for j in range(3))

    n = len(photos)
    x = photos.reshape(n, 8, 8, 3)
    x = conv(x, params["W"])
    mean, var = x.mean(0), x.var(0)
    x = params["scale"] * (x - mean) / np.sqrt(var + 1e-5) + params["shift"]
    x = np.maximum(x, 0)
    x = x.reshape(n, 4, 4, 2, 2, 4).max((3, 4))
    x = x.mean((2, 3))
    return x @ params["W_out"] + params["b_out"]


def shifted(read, x, y, most):
    """Predict, then measure: what does it cost if all digits move a little?

    Two networks read digits in the middle of a larger sheet, on which a move loses no
    ink. "mlp" is a multilayer perceptron. "cnn" is conv 3 × 3 – ReLU – max pooling
    2 × 2 – conv 3 × 3 – ReLU, then the largest number of each whole map, then scores.
    Think before you run anything:
    - if all digits move 2 pixels to the right, who loses more accuracy, "mlp" or "cnn"?
    - and what costs the cnn more, a move of 1 pixel or one of 2?
    Then write what measures it.
    read: a function, a trained network: from images to scores (batch, 10). x: (batch,
    height, width, 1) images. y: (batch,) their digits. most: an int, the longest move.
    When an image moves s pixels to the right, s columns of zeros come in at the left,
    and the s columns at the right are lost.
    Returns two things: your prediction, always the same tuple, such as ("cnn", 2); and
    a list of most + 1 numbers: the accuracies, from 0 to 1, of `read` on images that
    have moved by 0, 1, …, most pixels.

    >>> x = np.eye(10)[:4].reshape(4, 1, 10, 1)  # the 1 is at the place of the digit
    >>> read = lambda x: x.reshape(-1, 10)       # and is read from there
    >>> shifted(read, x, np.array([0, 1, 2, 9]), 1)[1]
    [0.75, 0.0]

    Chapter 4: 04-cnn.html#pooling
    """
    raise NotImplementedError("shifted: put your answer here")


def train_cnn(key, x, y):
    """Make it learn: a convolutional network of your own reads digits.

    key: a random key, for the first weights and the shuffling. x: (batch, 8, 8, 1)
    pixels from 0 to 1. y: (batch,) the digits, 0 to 9.
    Returns the trained params ((W1, b1), (W2, b2), (W3, b3)): filters W1 (3, 3, 1, n1)
    and W2 (3, 3, n1, n2), and W3 (4 · n2, 10), with as many filters n1 and n2 as you
    like. The test asks it about digits that it has never seen; at least 96 of 100 must
    be right. It scores them so:

        x = pool(relu(conv(x, W1) + b1))  # (batch, 4, 4, n1)
        x = pool(relu(conv(x, W2) + b2))  # (batch, 2, 2, n2)
        logits = x.reshape(len(x), -1) @ W3 + b3

    conv(x, W) is jax.lax.conv_general_dilated(x, W, (1, 1), "SAME",
    dimension_numbers=("NHWC", "HWIO", "NHWC")), and pool takes the largest number of
    each 2 × 2. The loss, its gradient and the steps are yours to choose. A good answer
    takes a few seconds, and 20 are the limit.

    Source: LeCun et al. (1998), "Gradient-based learning applied to document
    recognition".
    Chapter 4: 04-cnn.html#lab-digits
    """
    raise NotImplementedError("train_cnn: put your answer here")
