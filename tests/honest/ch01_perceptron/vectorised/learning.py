import numpy as np


def update(W, b, x, y, lr):
    delta = lr * (y - np.heaviside(np.inner(W, x) + b, 0))
    return W + delta * x, b + delta, np.not_equal(delta, 0)


def with_bias(x):
    return np.hstack([x, np.ones((x.shape[0], 1))])


def walk(x, y, epochs, lr=1.0):
    """Yield (weights and bias in one vector, whether it had been wrong) after each example."""
    v, rows = np.zeros(x.shape[1] + 1), with_bias(x)
    for _ in range(epochs):
        for row, label in zip(rows, y):
            error = int(label) - int(row @ v > 0)
            v = v + lr * error * row
            yield v, error != 0


def learn(x, y, epochs, lr):
    steps = list(walk(x, y, epochs, lr))
    mistakes = np.array([wrong for _, wrong in steps]).reshape(epochs, len(x)).sum(axis=1)
    v = steps[-1][0]
    return v[:-1], v[-1], mistakes.tolist()


def mend(x, y, epochs):
    W, b, history = np.zeros(x.shape[1]), 0.0, []
    for _ in range(epochs):
        mistakes = 0
        for i in range(len(x)):
            answer = 1 if W @ x[i] + b > 0 else 0
            error = y[i] - answer
            W = W + error * x[i]
            b = b + error
            mistakes += int(error != 0)
        history.append(mistakes)
    return W, b, history


def predict_rate():
    return ("same", 1 / 0.125)


def pocket(x, y, epochs):
    path = np.array([np.zeros(x.shape[1] + 1), *(v for v, _ in walk(x, y, epochs))])
    right = ((with_bias(x) @ path.T > 0) == (y[:, None] == 1)).sum(axis=0)
    best = right.argmax()
    return path[best, :-1], path[best, -1], right[best]
