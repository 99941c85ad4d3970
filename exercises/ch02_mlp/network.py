"""Chapter 2, set 1: layers upon layers, forwards.

    deepbook check network

Fair here: numpy, and what comes with Python. A network is a list params of pairs (W, b), one a layer, from the input to
the output. W is (inputs, units): column j holds the weights of unit j. b is (units,). Hidden units are ReLUs; the last
layer has no activation.
"""

import numpy as np


def layers_by_hand():
    """Compute two layers with pencil and paper.

    The input is x = (2, 1). Two hidden units with ReLU have

        W1 = [[1, -2],        b1 = (-1, 1)
              [3,  1]]

    One output unit without an activation has the weights (2, 3) and the bias -10.
    Return three numbers: the first hidden unit after its ReLU; the second one after its
    ReLU; the output.

    Chapter 2: 02-mlp.html#layers
    """
    raise NotImplementedError("layers_by_hand: put your answer here")


def curve(x, y):
    """A network through given points, without any training: one ReLU unit a point.

    The hidden unit i is relu(t - x[i]) for an input t. The network answers
    c + v[0] relu(t - x[0]) + … + v[n-1] relu(t - x[n-1]). Find v and c so that it goes
    through every point (x[i], y[i]), straight from each point to the next. Before the
    first point and after the last one it is level.
    x: (n,) array, in growing order, not evenly spaced. y: (n,) array. n is at least 2.
    Returns two things: v, of shape (n,), and c, a number.

    >>> v, c = curve(np.array([0.0, 1.0]), np.array([5.0, 7.0]))  # a ramp from 5 to 7
    >>> v.tolist(), float(c)
    ([2.0, -2.0], 5.0)

    Chapter 2: 02-mlp.html#any-curve
    """
    raise NotImplementedError("curve: put your answer here")


def forward(params, x):
    """What a network of any number of layers answers.

    params: list of (W, b), one pair a layer, at least one. x: (batch, features), or one
    example of shape (features,).
    Each layer computes h @ W + b from what the layer before gave; after each layer but
    the last comes ReLU. Returns (batch, units of the last layer), or (units,) for one
    example.

    >>> one, two = np.array([[1.0, -1.0]]), np.array([[1.0], [1.0]])
    >>> params = [(one, np.zeros(2)), (two, np.zeros(1))]  # relu(x) + relu(-x) = |x|
    >>> forward(params, np.array([[3.0], [-4.0]])).tolist()
    [[3.0], [4.0]]

    Chapter 2: 02-mlp.html#forward
    """
    raise NotImplementedError("forward: put your answer here")
