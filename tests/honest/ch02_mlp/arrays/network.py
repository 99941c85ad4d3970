from functools import reduce

import numpy as np

relu = lambda z: z * (z > 0)


def layers_by_hand():
    h = relu(np.array([2.0, 1.0]) @ np.array([[1.0, -2.0], [3.0, 1.0]]) + np.array([-1.0, 1.0]))
    return *h, h @ np.array([2.0, 3.0]) - 10.0


def curve(x, y):
    kinks = np.r_[0.0, np.diff(y) / np.diff(x), 0.0]
    return np.diff(kinks), np.asarray(y, float)[0]


def forward(params, x):
    *hidden, (W, b) = params
    return np.matmul(reduce(lambda h, layer: relu(np.matmul(h, layer[0]) + layer[1]), hidden, x), W) + b
