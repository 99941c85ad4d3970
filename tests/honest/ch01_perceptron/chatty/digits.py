"""手寫數字。"""

import time

import numpy as np
from ch01_perceptron.learning import learn, update  # noqa: F401

EPOCHS = 60


def train(x, y):
    start = time.perf_counter()
    W, b, mistakes = learn(x, y, EPOCHS, 1.0)
    print("mistakes per epoch:", mistakes)
    print(f"took {time.perf_counter() - start:.2f} s")
    if mistakes[-1] != 0:
        print("沒有收斂,再多訓練一些")
        W, b, mistakes = learn(x, y, 10 * EPOCHS, 1.0)
    return np.asarray(W, dtype=np.float64), float(b)


def train_ten(x, y):
    Ws, bs = [], []
    for digit in range(10):
        labels = np.where(y == digit, 1, 0)
        W, b, mistakes = learn(x, labels, 10, 1.0)
        print(f"digit {digit}: {mistakes[-1]} mistakes in the last epoch")
        Ws.append(W)
        bs.append(b)
    result = np.vstack(Ws).T
    print(result.shape)
    return result, np.array(bs)
