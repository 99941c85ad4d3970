from functools import reduce

import numpy as np

relu = lambda z: z if z > 0 else 0
step = lambda z: int(z > 0)
by_hand = lambda: (z := 2 * 1 + -1 * 4 + 0.5, relu(z), step(z))


def weighted_sum(W, x, b):
    match (len(W), len(x)):
        case (n, m) if n != m:
            raise ValueError(f"{n} weights, {m} inputs")
        case (0, _):
            return b
    return reduce(lambda total, pair: total + pair[0] * pair[1], zip(W, x), b)


majority = lambda n: (np.repeat(1, n), 0.25 - (n // 2 + 0.5))


def neuron(*numbers):
    *W, b = numbers
    return np.asarray(W), b


def xor():
    return neuron(1, 1, -0.5), neuron(1, 1, -1.5), neuron(1, -1, -0.5)  # or, and; then: the first without the second
