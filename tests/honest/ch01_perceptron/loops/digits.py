import numpy as np
from ch01_perceptron.learning import update


def train(x, y):
    W = np.zeros(64)
    b = 0.0
    mistakes = 1
    while mistakes > 0:
        mistakes = 0
        for i in range(len(x)):
            z = W @ x[i] + b
            answer = 1 if z > 0 else 0
            if answer != y[i]:
                mistakes += 1
                W = W + (y[i] - answer) * x[i]
                b = b + (y[i] - answer)
    return W, b


def train_ten(x, y):
    W = np.zeros((64, 10))
    b = np.zeros(10)
    for digit in range(10):
        for epoch in range(8):
            for i in range(len(x)):
                label = 1 if y[i] == digit else 0
                z = x[i].dot(W[:, digit]) + b[digit]
                if z > 0 and label == 0:
                    W[:, digit] -= x[i]
                    b[digit] -= 1
                elif z <= 0 and label == 1:
                    W[:, digit] += x[i]
                    b[digit] += 1
    return W, b
