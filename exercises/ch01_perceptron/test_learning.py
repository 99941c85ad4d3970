"""What chapter 1, set 2 asks for."""

import numpy as np
import pytest
from ch01_perceptron.learning import learn, mend, pocket, predict_rate, update

from deepbook.course.checks import check, check_that

GATE_INPUTS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
AND, XOR = np.array([0, 0, 0, 1]), np.array([0, 1, 1, 0])


def rosenblatt(x, y, epochs, lr=1.0):
    """The rule once more, as the chapter states it: the weights after every example, and the mistakes of each epoch."""
    v, path, mistakes = np.zeros(x.shape[1] + 1), [], []
    for _ in range(epochs):
        count = 0
        for example, label in zip(np.c_[x, np.ones(len(x))], y, strict=True):
            error = label - (example @ v > 0)
            v, count = v + lr * error * example, count + abs(int(error))
            path.append(v)
        mistakes.append(count)
    return path, mistakes


def two_clouds(rng, apart=2.0, n=40):
    y = rng.permutation(np.arange(n) % 2)
    return rng.normal(size=(n, 3)) + apart * (y[:, None] - 0.5), y


def test_update_leaves_a_right_answer_alone():
    """Nothing is learned from an answer that was right."""
    W, x = np.array([1.0, -1.0]), np.array([2.0, 1.0])
    check(update, W, 0.5, x, 1, 1.0, gives=(W, 0.5, False))


def test_update_after_a_missed_one():
    """y = 1 was answered 0: W·x + b must become larger, so W moves towards x."""
    check(update, np.zeros(2), 0.0, np.array([1.0, 2.0]), 1, 0.5, gives=(np.array([0.5, 1.0]), 0.5, True))


def test_update_after_a_false_alarm():
    """y = 0 was answered 1: W·x + b must become smaller, so W moves away from x."""
    W, x = np.array([1.0, 1.0]), np.array([3.0, 1.0])
    check(update, W, 1.0, x, 0, 0.5, gives=(np.array([-0.5, 0.5]), 0.5, True))


def test_update_on_the_line():
    """On the line itself W·x + b is 0, and the answer is 0."""
    check(update, np.zeros(3), 0.0, np.ones(3), 0, 1.0, gives=(np.zeros(3), 0.0, False))


def test_update_random(rng):
    """Any neuron, any example, with both labels: one of them is a mistake."""
    (W, x), b, lr = rng.normal(size=(2, 4)).round(2), *rng.uniform(0.1, 2, size=2).round(2).tolist()
    answer = int(sum(W * x) + b > 0)
    for y in (0, 1):
        moved = W + lr * (y - answer) * x, b + lr * (y - answer), y != answer
        check(update, W, b, x, y, lr, gives=moved)


def test_learn_and():
    """AND is learned in five epochs, as the chapter shows."""
    path, mistakes = rosenblatt(GATE_INPUTS, AND, 6)
    check(learn, GATE_INPUTS, AND, 6, 1.0, gives=(path[-1][:2], path[-1][2], mistakes))


def test_learn_random_points(rng):
    """The same rule, other points: they overlap a little."""
    x, y = two_clouds(rng)
    path, mistakes = rosenblatt(x, y, 5, 0.5)
    check(learn, x, y, 5, 0.5, gives=(path[-1][:3], path[-1][3], mistakes))


def test_mend_and():
    """The script, mended, learns AND."""
    path, mistakes = rosenblatt(GATE_INPUTS, AND, 6)
    check(mend, GATE_INPUTS, AND, 6, gives=(path[-1][:2], path[-1][2], mistakes))


def test_mend_random_points(rng):
    """The script, mended, agrees with the rule on other points."""
    x, y = two_clouds(rng)
    path, mistakes = rosenblatt(x, y, 3)
    check(mend, x, y, 3, gives=(path[-1][:3], path[-1][3], mistakes))


def in_the_pocket(x, y, epochs):
    def right(v):
        return int(np.sum((x @ v[:-1] + v[-1] > 0) == y))

    path = [np.zeros(x.shape[1] + 1), *rosenblatt(x, y, epochs)[0]]
    best = max(path, key=right)  # max gives the first of equals
    return best[:-1], best[-1], right(best)


@pytest.mark.parametrize("cloud", range(3))
def test_pocket_on_overlapping_clouds(rng, cloud):
    """Clouds that overlap: the last weights are rarely the best."""
    x, y = two_clouds(rng, apart=0.8)
    check(pocket, x, y, 4, gives=in_the_pocket(x, y, 4))


def test_pocket_on_xor():
    """No line gets all four of XOR right, and the rule walks in circles: see what was best on the way."""
    check(pocket, GATE_INPUTS, XOR, 4, gives=in_the_pocket(GATE_INPUTS, XOR, 4))


def test_pocket_before_any_update():
    """No epoch, no update: the zero weights are all you have seen."""
    check(pocket, GATE_INPUTS, AND, 0, gives=in_the_pocket(GATE_INPUTS, AND, 0))


def test_predict_rate(rng):
    """Your prediction, beside what the rule does."""
    x, y = two_clouds(rng)
    (path, slow), (short, fast) = rosenblatt(x, y, 5, 1.0), rosenblatt(x, y, 5, 0.125)
    relation = "same" if sum(fast) == sum(slow) else "more" if sum(fast) > sum(slow) else "fewer"
    times = np.linalg.norm(path[-1][:-1]) / np.linalg.norm(short[-1][:-1])
    measured = f"what the rule just did: {sum(slow)} mistakes with lr = 1, {sum(fast)} with lr = 0.125"

    def foresaw(prediction):
        word, number = prediction
        return word == relation and abs(number - times) < 0.01 * times

    check_that(predict_rate, holds=foresaw, expected=f"{measured}, and a W {times:.4g} times as long")
