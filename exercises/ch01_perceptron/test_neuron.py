"""What chapter 1, set 1 asks for. `check` calls your function and compares; see deepbook.course.checks."""

import itertools

import numpy as np
from ch01_perceptron.neuron import by_hand, majority, weighted_sum, xor

from deepbook.course.checks import check, check_raises, check_that


def fires(neuron, x):
    """What a neuron with a step answers: 1 where W·x + b > 0, otherwise 0."""
    W, b = neuron
    return int(np.dot(np.asarray(W), x) + b > 1e-9)  # not by a rounding error


def test_by_hand():
    """One neuron, three numbers: z, ReLU of z, step of z."""
    z = np.dot([2, -1], [1, 4]) + 0.5
    check(by_hand, gives=(z, np.maximum(z, 0), np.where(z > 0, 1, 0)), secret=True)


def test_weighted_sum_with_a_negative_weight():
    """The second input counts against: 3·1 + (−2)·4 + 0.5."""
    check(weighted_sum, [3, -2], [1, 4], 0.5, gives=np.dot([3, -2], [1, 4]) + 0.5)


def test_weighted_sum_of_the_chapter():
    """The example of the chapter: 1·1 + 2·3 + 1."""
    check(weighted_sum, [1, 2], [1, 3], 1, gives=8)


def test_weighted_sum_without_inputs_is_the_bias():
    """A neuron that sees nothing still has its bias."""
    check(weighted_sum, [], [], 3, gives=3)


def test_weighted_sum_like_numpy(rng):
    """Many weights, some of them negative."""
    W, x, b = rng.normal(size=7).round(2), rng.normal(size=7).round(2), 0.25
    check(weighted_sum, W.tolist(), x.tolist(), b, gives=W @ x + b)


def test_weighted_sum_of_unequal_lists():
    """A weight without an input is a mistake somewhere else: say so at once."""
    check_raises(weighted_sum, [1, 2, 3], [1, 2], 0, because="there are 3 weights and 2 inputs")


def votes_rightly(neuron, n):
    return all(fires(neuron, np.array(x)) == (sum(x) > n / 2) for x in itertools.product([0, 1], repeat=n))


def test_majority_of_three():
    """Two of three votes are enough; one is not."""
    check_that(
        majority,
        3,
        holds=lambda neuron: votes_rightly(neuron, 3),
        expected="yes when two or three inputs are 1, else no",
    )


def test_majority_of_four():
    """Two of four are a tie, and a tie is no majority."""
    check_that(
        majority,
        4,
        holds=lambda neuron: votes_rightly(neuron, 4),
        expected="yes when three or four inputs are 1, else no",
    )


def test_majority_of_nine():
    """Five of nine votes."""
    check_that(
        majority,
        9,
        holds=lambda neuron: votes_rightly(neuron, 9),
        expected="yes when five or more inputs are 1, else no",
    )


def test_majority_has_a_weight_for_each_input():
    """One vote, one weight."""
    check_that(majority, 5, holds=lambda neuron: np.shape(neuron[0]) == (5,), expected="W of shape (5,)")


def test_majority_of_many(rng):
    """More voters: half of them say yes, one more, nearly all, or any number of them."""
    for n in map(int, rng.integers(10, 60, size=3)):
        votes = [rng.permutation(n) < ones for ones in (0, n // 2, n // 2 + 1, n - 1, int(rng.integers(n)))]

        def counts_rightly(neuron, votes=votes, n=n):
            return all(fires(neuron, each) == (sum(each) > n / 2) for each in votes)

        check_that(majority, n, holds=counts_rightly, expected=f"yes when more than {n / 2:g} inputs are 1, else no")


def test_xor():
    """Wire the three neurons together and try all four inputs."""

    def table(neurons):
        first, second, third = neurons
        inputs = [np.array(x) for x in ((0, 0), (0, 1), (1, 0), (1, 1))]
        return [fires(third, np.array([fires(first, x), fires(second, x)])) for x in inputs]

    check_that(
        xor, holds=lambda neurons: table(neurons) == [0, 1, 1, 0], expected="answers 0, 1, 1, 0 to 00, 01, 10, 11"
    )
