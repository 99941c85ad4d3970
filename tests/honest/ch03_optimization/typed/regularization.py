from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np


@dataclass
class Stopper:
    patience: int
    best: int = 0
    best_loss: float = float("inf")
    seen: int = -1

    def tell(self, loss: float) -> bool:
        """True: 該停了。"""
        self.seen += 1
        if self.seen == 0 or loss < self.best_loss:
            self.best, self.best_loss = self.seen, loss
        return self.seen - self.best >= self.patience


def early_stop(losses: list[float], patience: int) -> tuple[int, int]:
    stopper = Stopper(patience)
    any(stopper.tell(loss) for loss in losses)
    print(stopper)
    return stopper.seen, stopper.best


def l1_step(w: np.ndarray, gradient: np.ndarray, lr: float, rate: float) -> np.ndarray:
    w = w - lr * gradient
    shrink = lr * rate
    return np.where(np.abs(w) <= shrink, 0.0, w - shrink * np.sign(w))


def dropout(x: jax.Array, rate: float, key: jax.Array | None = None) -> jax.Array:
    match key:
        case None:
            return x
        case _:
            keep = 1.0 - rate
            mask = jax.random.bernoulli(key, p=keep, shape=x.shape).astype(x.dtype)
            return x * mask / keep


@dataclass
class Running:
    mean: np.ndarray
    var: np.ndarray
    momentum: float

    def update(self, mean: np.ndarray, var: np.ndarray) -> "Running":
        m = self.momentum
        return Running(m * self.mean + (1 - m) * mean, m * self.var + (1 - m) * var, m)


def batch_norm(x, scale, shift, mean, var, momentum, eps):
    mu = np.average(x, axis=0)
    sigma2 = np.average(np.square(x), axis=0) - np.square(mu)
    sigma2 = np.maximum(sigma2, 0.0)  # 避免捨入誤差
    running = Running(mean, var, momentum).update(mu, sigma2)
    return scale * ((x - mu) * (sigma2 + eps) ** -0.5) + shift, running.mean, running.var


if __name__ == "__main__":
    print(early_stop([5.0, 3.0, 4.0, 3.5, 1.0], patience=2))
    print(dropout(jnp.ones(8), 0.5, jax.random.key(1)))
