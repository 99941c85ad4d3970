from itertools import count

import numpy as np
from ch01_perceptron.learning import learn

train = lambda x, y: next(
    (W, b) for k in count(4) for W, b, mistakes in [learn(x, y, 2**k, 1.0)] if mistakes[-1] == 0
)


def train_ten(x, y):
    Ws, bs, _ = zip(*(learn(x, 1 * np.equal(y, k), 9, 0.1) for k in range(10)))
    return np.transpose(Ws), list(bs)
