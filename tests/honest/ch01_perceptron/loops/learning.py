import numpy as np


def update(W, b, x, y, lr):
    z = b
    for j in range(len(W)):
        z = z + W[j] * x[j]
    if z > 0:
        answer = 1
    else:
        answer = 0
    new_W = []
    for j in range(len(W)):
        new_W.append(W[j] + lr * (y - answer) * x[j])
    new_b = b + lr * (y - answer)
    if answer == y:
        return new_W, new_b, False
    return new_W, new_b, True


def learn(x, y, epochs, lr):
    W = [0.0] * len(x[0])
    b = 0.0
    history = []
    for epoch in range(epochs):
        wrong = 0
        for i in range(len(x)):
            W, b, mistake = update(W, b, x[i], y[i], lr)
            if mistake:
                wrong += 1
        history.append(wrong)
    return np.array(W), b, history


def mend(x, y, epochs):
    W, b, history = np.zeros(x.shape[1]), 0.0, []
    for _ in range(epochs):
        mistakes = 0
        for i in range(len(x)):
            answer = 1 if W @ x[i] + b > 0 else 0
            error = y[i] - answer
            W = W + error * x[i]
            b = b + error
            mistakes += abs(error)
        history.append(mistakes)
    return W, b, history


def predict_rate():
    return "same", 8


def count_right(W, b, x, y):
    right = 0
    for i in range(len(x)):
        z = b
        for j in range(len(W)):
            z += W[j] * x[i][j]
        if (z > 0) == (y[i] == 1):
            right += 1
    return right


def pocket(x, y, epochs):
    W = [0.0] * x.shape[1]
    b = 0.0
    best_W = W
    best_b = b
    best = count_right(W, b, x, y)
    for epoch in range(epochs):
        for i in range(len(x)):
            W, b, mistake = update(W, b, x[i], y[i], 1)
            now = count_right(W, b, x, y)
            if now > best:
                best_W = W
                best_b = b
                best = now
    return best_W, best_b, best
