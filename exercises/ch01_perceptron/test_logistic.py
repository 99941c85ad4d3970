"""What chapter 1, set 3 asks for."""

import jax
import jax.numpy as jnp
import numpy as np
from ch01_perceptron.logistic import descend, gradient, log_loss

from deepbook.course.checks import Counted, check, check_that


def cross_entropy(W, b, x, y):
    p = 1 / (1 + np.exp(-(x @ W + b)))
    return np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p))


def test_log_loss_knowing_nothing():
    """z = 0 means p = 1/2: a surprise of log 2, whatever the label."""
    check(log_loss, np.zeros(4), np.array([0.0, 1.0, 1.0, 0.0]), gives=np.log(2))


def test_log_loss_worked():
    """p = 0.8, 0.6 and 0.1 for the labels 1, 0 and 0."""
    p, y = np.array([0.8, 0.6, 0.1]), np.array([1.0, 0.0, 0.0])
    surprise = np.where(y == 1, -np.log(p), -np.log(1 - p))
    check(log_loss, np.log(p / (1 - p)), y, gives=surprise.mean())


def test_log_loss_quite_sure_and_wrong():
    """z = 100 and the label is 0: the surprise is 100."""
    check(log_loss, np.array([100.0]), np.array([0.0]), gives=100.0)


def test_log_loss_sure_and_wrong():
    """z = ±1000 with the wrong label: the surprise is 1000, a number."""
    check(log_loss, np.array([1000.0, -1000.0]), np.array([0.0, 1.0]), gives=1000.0)


def test_log_loss_sure_and_right():
    """z = ±1000 with the right label: no surprise at all."""
    check(log_loss, np.array([1000.0, -1000.0]), np.array([1.0, 0.0]), gives=0.0)


def test_log_loss_random(rng):
    """Any weighted sums, any labels."""
    z, y = 4 * rng.normal(size=9), rng.integers(2, size=9).astype(float)
    p = 1 / (1 + np.exp(-z))
    check(log_loss, z, y, gives=np.where(y == 1, -np.log(p), -np.log(1 - p)).mean())


def slopes(W, b, x, y, h=1e-6):
    """The gradient by finite differences: move each weight a little, both ways."""
    at = np.r_[W, b]
    moves = h * np.eye(len(at))
    ups = [cross_entropy((at + move)[:-1], (at + move)[-1], x, y) for move in moves]
    downs = [cross_entropy((at - move)[:-1], (at - move)[-1], x, y) for move in moves]
    slope = (np.array(ups) - np.array(downs)) / (2 * h)
    return slope[:-1], slope[-1]


def test_gradient_like_finite_differences(rng):
    """Five examples, three features, random weights."""
    W, b, x = rng.normal(size=3), 0.3, rng.normal(size=(5, 3))
    y = np.array([1.0, 0.0, 1.0, 1.0, 0.0])
    check(gradient, W, b, x, y, gives=slopes(W, b, x, y), rtol=1e-3)


def test_gradient_at_zero():
    """With zero weights p is 1/2 everywhere: the gradient points from one class to the other."""
    x, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 0.0])
    check(gradient, np.zeros(2), 0.0, x, y, gives=slopes(np.zeros(2), 0.0, x, y))


def parabola(w):
    return (w - 3.0) ** 2


def test_descend_on_a_parabola():
    """(w − 3)² has the slope 2(w − 3): follow four steps by hand."""
    w, ws = 0.0, []
    for _ in range(4):
        ws.append(w)
        w = w - 0.25 * 2 * (w - 3)
    check(descend, parabola, jnp.array(0.0), 0.25, 4, gives=(w, [(w - 3) ** 2 for w in ws]))


def bowl(params):
    W, b = params
    return jnp.sum((W - jnp.array([1.0, -2.0])) ** 2) + 2 * (b - 0.5) ** 2


def test_descend_with_weights_and_bias():
    """params may be a tuple of arrays; each moves along its own slope."""
    W, b = np.zeros(2), 0.0
    for _ in range(3):
        W, b = W - 0.1 * 2 * (W - [1, -2]), b - 0.1 * 4 * (b - 0.5)
    check_that(
        descend, bowl, (jnp.zeros(2), jnp.array(0.0)), 0.1, 3,
        holds=lambda found: np.allclose(found[0][0], W, atol=1e-5) and np.allclose(found[0][1], b, atol=1e-5),
        expected=f"W = {W.round(3)} and b = {b:.3f} after three steps",
    )  # fmt: skip


def test_descend_random(rng):
    """Another valley, as steep and as far away as it comes."""
    steep, lowest = rng.uniform(0.5, 2, size=3), rng.normal(size=3)
    w, losses, lr = rng.normal(size=3), [], float(rng.uniform(0.05, 0.2))
    start = jnp.array(w)
    for _ in range(7):
        losses.append(sum(steep * (w - lowest) ** 2))
        w = w - lr * 2 * steep * (w - lowest)

    def valley(w):
        return jnp.sum(steep * (w - lowest) ** 2)

    check(descend, valley, start, lr, 7, gives=(w, losses), rtol=1e-3, atol=1e-4)


def test_descend_scans():
    """A hundred steps are traced once, inside jax.jit: `lax.scan` does the loop, not Python."""
    loss = Counted(parabola)
    check_that(
        jax.jit(descend, static_argnums=(0, 2, 3)), loss, jnp.array(0.0), 0.1, 100,
        holds=lambda found: abs(found[0] - 3) < 1e-3 and 0 < loss.calls < 20,
        expected="w = 3, with fewer than 20 calls of the loss, and not none: is your loop a `lax.scan`?",
        found=lambda _: f"Calls of the loss: {loss.calls}.",
    )  # fmt: skip
