"""What chapter 3, set 1 asks for. `check` calls your function and compares; see deepbook.course.checks."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ch03_optimization.descent import largest_rate, momentum, partials, restarts

from deepbook.course.checks import Counted, check, check_that


def brackets(w1, w2, b1):
    return b1 + 2 * w1 - w2 - 3


def test_partials():
    """Three slopes, measured by moving one parameter at a time; then a step against them."""
    here, h = np.array([2.0, 1.0, -1.0]), 1e-6
    moves = h * np.eye(3)
    slopes = [(brackets(*here + move) ** 2 - brackets(*here - move) ** 2) / (2 * h) for move in moves]
    check(partials, gives=(np.array(slopes), here - 0.1 * np.array(slopes)), secret=True)


def end_of_walk(curvatures, lr, steps=50):
    """How far the farthest parameter is from 0 after a walk that starts 1 away."""
    w = np.ones(len(curvatures))
    for _ in range(steps):
        w = w - lr * 2 * curvatures * w
    return np.abs(w).max()


def measured_edge(curvatures):
    """Between a rate that ends well and one that does not, try the middle; again and again."""
    low, high = 0.0, 1000.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if end_of_walk(curvatures, middle) < 1 else (low, middle)
    return low


def check_largest_rate(curvatures):
    edge = measured_edge(curvatures)
    near, far = end_of_walk(curvatures, 0.98 * edge), end_of_walk(curvatures, 1.02 * edge)
    check_that(
        largest_rate, curvatures, holds=lambda rate: np.ndim(rate) == 0 and abs(rate - edge) < 0.005 * edge,
        expected=f"the edge that was just measured: 50 steps with lr = {0.98 * edge:.4g} lead from 1 to {near:.2g}, "
        f"with {1.02 * edge:.4g} to {far:.2g}",
    )  # fmt: skip


def test_largest_rate_one_parameter():
    """J(w) = 4w²: a single parabola."""
    check_largest_rate(np.array([4.0]))


def test_largest_rate_ravine():
    """J(w) = w[0]² + 9·w[1]²: flat along one axis, steep along the other, and one rate for both."""
    check_largest_rate(np.array([1.0, 9.0]))


def test_largest_rate_random(rng):
    """Many axes: with one rate for all of them."""
    check_largest_rate(rng.uniform(0.5, 5, size=6).round(2))


def two_steps_back(slope, w, lr, r, steps):
    """The same walk, written without v: each step repeats a part of the one before."""
    path = [w, w]
    for _ in range(steps):
        path.append(path[-1] + r * (path[-1] - path[-2]) - lr * slope(path[-1]))
    return np.array(path[1:])


def bowl(w):
    return np.array([2.0, 10.0]) * w


def test_momentum_in_a_bowl():
    """A bowl that is steeper along the second axis."""
    w = np.array([4.0, -2.0])
    check(momentum, bowl, w, 0.05, 0.5, 4, gives=two_steps_back(bowl, w, 0.05, 0.5, 4))


def test_momentum_before_the_first_step():
    """No step: the path is the start alone, an array (1, n)."""
    w = np.array([1.0, 2.0])
    check(momentum, bowl, w, 0.05, 0.5, 0, gives=w[None])


def test_momentum_that_forgets_all():
    """r = 0: this is gradient descent as you know it."""
    check(momentum, bowl, np.array([1.0, 1.0]), 0.05, 0.0, 2, gives=[[1.0, 1.0], [0.9, 0.5], [0.81, 0.25]])


def hilly(w):
    return w**3 - 2 * w + 0.3


def test_momentum_random(rng):
    """Another slope, a long way, other numbers."""
    w, lr, r = rng.normal(size=3), 0.02, 0.9
    check(momentum, hilly, w, lr, r, 40, gives=two_steps_back(hilly, w, lr, r, 40), rtol=1e-3)


def valleys(w):
    """Two valleys along each axis; the left one is the deeper."""
    return jnp.sum(w**4 - 3 * w**2 + w)


def ends(starts, lr, steps):
    """What the walks from `starts` come to, with the slope of `valleys` worked out by hand."""
    for _ in range(steps):
        starts = starts - lr * (4 * starts**3 - 6 * starts + 1)
    return starts, np.sum(starts**4 - 3 * starts**2 + starts, axis=1)


def lowest(starts, lr, steps):
    found, values = ends(starts.astype(float), lr, steps)
    return found[np.argmin(values)], values.min()


# The second start has the lowest loss at the beginning, the third one at the end.
STARTS = np.array([[0.4, 1.8], [1.0, 1.2], [-0.2, -0.4], [1.5, 0.1]])


def test_restarts_finds_the_lowest():
    """Four starts, five steps: who starts lowest does not end lowest."""
    check(restarts, valleys, jnp.array(STARTS), 0.05, 5, gives=lowest(STARTS, 0.05, 5), rtol=1e-3)


@pytest.mark.parametrize("n", [1, 3])
def test_restarts_random(rng, n):
    """Twenty random starts, with one axis and with three."""
    starts = rng.uniform(-2, 2, size=(20, n)).round(2)
    check(restarts, valleys, jnp.array(starts), 0.02, 30, gives=lowest(starts, 0.02, 30), rtol=1e-3)


def test_restarts_passes_over_nan():
    """Two of these starts are so high up that they fly away, and their loss ends as NaN."""
    starts = np.array([[90.0, 0.0], [1.0, 1.0], [0.0, 80.0], [-1.0, 1.0]])
    wanted = lowest(starts[[1, 3]], 0.02, 30)
    check(restarts, valleys, jnp.array(starts), 0.02, 30, gives=wanted, rtol=1e-3)


def test_restarts_scans():
    """Twelve starts and thirty steps are traced once, inside jax.jit: no Python loop."""
    loss, starts = Counted(valleys), jnp.linspace(-1.5, 1.5, 12)[:, None]
    check_that(
        jax.jit(restarts, static_argnums=(0, 2, 3)), loss, starts, 0.05, 30,
        holds=lambda found: abs(found[0][0] + 1.3008) < 1e-2 and 0 < loss.calls < 12,
        expected="w near −1.30, with fewer than 12 calls of the loss, and not none: is it a `lax.scan` under a "
        "`jax.vmap`?",
        found=lambda _: f"Calls of the loss: {loss.calls}.",
    )  # fmt: skip
