# 第二組:感知器學習規則
import sys

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def predict(W: Array, b: float, x: Array) -> int:
    z = float(np.sum(W * x) + b)
    return 1 if z > 0.0 else 0


def update(W: Array, b: float, x: Array, y: int, lr: float) -> tuple[Array, float, bool]:
    y_hat = predict(W, b, x)
    if y_hat == y:
        return W.copy(), b, False
    W_new = W.copy()
    if y == 1:  # 應該說是,卻說不是:靠近 x
        W_new += lr * x
        b_new = b + lr
    else:  # 遠離 x
        W_new -= lr * x
        b_new = b - lr
    return W_new, b_new, True


def learn(x: Array, y: npt.NDArray[np.int64], epochs: int, lr: float) -> tuple[Array, float, list[int]]:
    n_examples, n_features = x.shape
    W: Array = np.zeros(n_features)
    b: float = 0.0
    mistakes: list[int] = []
    for epoch in range(1, epochs + 1):
        wrong: int = 0
        for i in range(n_examples):
            W, b, m = update(W, b, x[i], y[i], lr)
            wrong += 1 if m else 0
        print(f"epoch {epoch}/{epochs}: {wrong} mistakes", file=sys.stderr)
        mistakes.append(wrong)
    return W, b, mistakes


def mend(x, y, epochs):
    W, b, history = np.zeros(x.shape[1]), 0.0, []
    for _ in range(epochs):
        mistakes = 0
        for i in range(len(x)):
            answer = 1 if W @ x[i] + b > 0 else 0
            # error = answer - y[i]    <- was wrong
            error = int(y[i]) - answer
            W = W + error * x[i]
            b = b + 1.0 * error
            mistakes += abs(int(error))
        print("錯誤次數", mistakes)
        history.append(mistakes)
    return W, b, history


def predict_rate():
    """一樣多;八倍長。"""
    return ("same", float(1.0 / 0.125))


def pocket(x, y, epochs):
    def accuracy(W, b):
        answers = np.array([predict(W, b, row) for row in x])
        return int(np.count_nonzero(answers == y))

    W, b = np.zeros(x.shape[1]), 0.0
    best_W, best_b, best_right = W.copy(), b, accuracy(W, b)
    for epoch in range(epochs):
        for row, label in zip(x, y):
            W, b, m = update(W, b, row, label, 1.0)
            if not m:
                continue
            right = accuracy(W, b)
            if right > best_right:
                print(f"new best: {right}")
                best_W, best_b, best_right = W.copy(), b, right
    return best_W, best_b, best_right


if __name__ == "__main__":
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
    print(learn(X, np.array([0, 0, 0, 1]), 6, 1.0))
