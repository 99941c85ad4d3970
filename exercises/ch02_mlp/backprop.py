"""Chapter 2, set 3: backpropagation, built in NumPy.

    deepbook check backprop

Fair here: numpy, what comes with Python, and your own files. No jax: it would do the work for you. A network is a list
params of pairs (W, b), as in network.py; hidden units are ReLUs, the last layer gives scores.
"""

import numpy as np


def graph_by_hand():
    """Go through a small graph with pencil and paper, forwards and then backwards.

        u = a · b
        v = u + c
        w = relu(v)
        f = w · a        (a is used twice)

    The inputs are a = 2, b = 3 and c = -1.
    Return four numbers: f, and how f changes with a, with b and with c, that is df/da,
    df/db and df/dc.

    Chapter 2: 02-mlp.html#the-computational-graph
    """
    raise NotImplementedError("graph_by_hand: put your answer here")


def dense_backward(x, W, dz):
    """The way back through one layer z = x @ W + b.

    x: (batch, n_in), what went in. W: (n_in, n_out). dz: (batch, n_out), how the loss
    changes with each number of z.
    Returns three things, each the gradient of the loss: dx, by x; dW, by W; db, by b.
    A gradient has the shape of what it belongs to; b is (n_out,).

    >>> x, W, dz = np.array([[3.0]]), np.array([[2.0]]), np.array([[1.0]])
    >>> dx, dW, db = dense_backward(x, W, dz)
    >>> dx.tolist(), dW.tolist(), db.tolist()  # one number: W, x and 1
    ([[2.0]], [[3.0]], [1.0])

    Chapter 2: 02-mlp.html#backpropagation
    """
    raise NotImplementedError("dense_backward: put your answer here")


def backward(params, x, y):
    """Backpropagation: the gradient of the mean cross-entropy by every W and b.

    The network is `forward` of network.py: h @ W + b, then ReLU after each layer but the
    last. Its scores go into softmax, and the loss is the mean of -log p of the true
    class.
    params: list of (W, b), any number of layers. x: (batch, features). y: (batch,)
    integers, the true classes.
    Returns a list of (dW, db), in the order and with the shapes of params. The test
    compares with finite differences. `dense_backward` does one layer for you.

    Source: Rumelhart, Hinton and Williams (1986), "Learning representations by
    back-propagating errors".
    Chapter 2: 02-mlp.html#backpropagation
    """
    raise NotImplementedError("backward: put your answer here")


def numerical_gradient(f, x, h):
    """A gradient by trying, without calculus: central differences.

    For each number of x: f with that number larger by h, minus f with it smaller by h,
    divided by the distance 2h between the two. All other numbers stay as they are.
    f: a function from an array to a number. x: array of floats, of any shape; it must
    be unchanged afterwards. h: a small positive number.
    Returns an array of the shape of x.

    >>> numerical_gradient(lambda x: np.sum(x**2), np.array([1.0, -2.0]), 0.1).round(6)
    array([ 2., -4.])

    Chapter 2: 02-mlp.html#check-the-gradient
    """
    raise NotImplementedError("numerical_gradient: put your answer here")
