import numpy as np
from ch01_perceptron.learning import Perceptron, Trainer


class UntilRight(Trainer):
    """Trains until an epoch has no mistake, or until patience ends."""

    def epoch(self):
        self.history.append(0)
        for example, label in zip(self.x, self.y):
            error = label - (example @ self.model.weights + self.model.bias > 0)
            if error:
                self.model = self.model.moved(example, error)
                self.history[-1] += 1

    def run(self, most):
        for _ in range(most):
            self.epoch()
            if not self.history[-1]:
                break
        return self.model


def train(x, y) -> tuple[np.ndarray, float]:
    model: Perceptron = UntilRight(x, y).run(500)
    return model.weights, model.bias


class Ten:
    def __init__(self, x, y):
        self.models = [UntilRight(x, (y == digit).astype(int)).run(12) for digit in range(10)]

    @property
    def W(self):
        return np.column_stack([each.weights for each in self.models])

    @property
    def b(self):
        return np.array([each.bias for each in self.models])


def train_ten(x, y):
    ten = Ten(x, y)
    return ten.W, ten.b
