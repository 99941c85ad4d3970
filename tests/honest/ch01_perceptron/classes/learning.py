from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Perceptron:
    weights: np.ndarray
    bias: float = 0.0

    @classmethod
    def blank(cls, n):
        return cls(np.zeros(n))

    def answer(self, x):
        return np.asarray(x @ self.weights + self.bias > 0, dtype=int)

    def moved(self, x, error):
        return replace(self, weights=self.weights + error * x, bias=self.bias + error)

    def score(self, x, y):
        return int((self.answer(x) == y).sum())


class Update:
    """A callable in place of a function."""

    def __call__(self, W, b, x, y, lr):
        before = Perceptron(W, b)
        error = y - before.answer(x)
        after = before.moved(x, lr * error)
        return after.weights, after.bias, bool(error)


update = Update()


class Trainer:
    def __init__(self, x, y, lr=1.0):
        self.x, self.y, self.lr = x, y, lr
        self.model = Perceptron.blank(x.shape[1])
        self.history = []
        self.pocket = self.model

    def epoch(self):
        self.history.append(0)
        for example, label in zip(self.x, self.y, strict=True):
            W, b, mistake = update(self.model.weights, self.model.bias, example, label, self.lr)
            self.model = Perceptron(W, b)
            self.history[-1] += mistake
            if mistake and self.model.score(self.x, self.y) > self.pocket.score(self.x, self.y):
                self.pocket = self.model
        return self

    def run(self, epochs):
        for _ in range(epochs):
            self.epoch()
        return self


def learn(x, y, epochs, lr):
    done = Trainer(x, y, lr).run(epochs)
    return done.model.weights, done.model.bias, done.history


def mend(x, y, epochs):
    done = Trainer(x, y).run(epochs)
    return done.model.weights, done.model.bias, done.history


def predict_rate():
    return "same", 8.0


def pocket(x, y, epochs):
    kept = Trainer(x, y).run(epochs).pocket
    return kept.weights, kept.bias, kept.score(x, y)
