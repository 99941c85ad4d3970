"""What chapter 4, set 1 asks for. `check` calls your function and compares; see deepbook.course.checks."""

import numpy as np
import pytest
from ch04_cnn.filters import correlate, output_length, pad_same, scores
from numpy.lib.stride_tricks import sliding_window_view

from deepbook.course.checks import check, check_raises, check_that


def slid(image, W, stride=1):
    """The scores: each window of the image, times the filter, summed up."""
    windows = sliding_window_view(image, W.shape)[::stride, ::stride]
    return np.einsum("ijab,ab->ij", windows, W)


def test_scores():
    """Six places, six scores."""
    image = np.array([[2, 0, 1, 3], [1, 4, 0, 1], [0, 2, 1, 0]])
    check(scores, gives=slid(image, np.array([[1, 2], [0, -1]])), secret=True)


def places(n, k, stride, padding, dilation):
    """Counted: where may the filter begin? Only every stride-th of these places is visited."""
    end = n + 2 * padding
    return len([i for i in range(end) if i + dilation * (k - 1) < end][::stride])


def check_output_length(*sizes):
    check(output_length, *sizes, gives=places(*sizes))


def test_output_length_of_a_plain_filter():
    """No padding, no dilation, stride 1."""
    check_output_length(28, 3, 1, 0, 1)


def test_output_length_with_everything():
    """Stride, padding and dilation at once, and the last move would lead beyond the end."""
    check_output_length(40, 7, 2, 8, 5)


@pytest.mark.parametrize("sizes", [(5, 5, 1, 0, 1), (3, 2, 2, 2, 6), (1, 1, 3, 0, 4)])
def test_output_length_that_just_fits(sizes):
    """The filter reaches from the first pixel, or the first zero, to the last: one place."""
    check_output_length(*sizes)


@pytest.mark.parametrize("sizes", [(2, 7, 2, 0, 1), (3, 3, 1, 1, 3), (4, 9, 2, 2, 1)])
def test_output_length_without_room(sizes):
    """The filter reaches over more pixels than there are."""
    n, k, _, padding, dilation = sizes
    check_raises(
        output_length, *sizes,
        because=f"the filter reaches over {dilation * (k - 1) + 1} pixels, and with its padding the axis has "
        f"{n + 2 * padding}",
    )  # fmt: skip


def test_output_length_random(rng):
    """Many sizes."""
    for _ in range(20):
        n, (k, stride, dilation), padding = rng.integers(21, 60), rng.integers(1, 6, size=3), rng.integers(0, 5)
        check_output_length(*map(int, (n, k, stride, padding, dilation)))


def zeros_around(n, k, stride):
    """Tried: with how few zeros are there ceil(n / stride) places? As (before, after)."""
    zeros = next(z for z in range(100) if len(range(0, n + z - k + 1, stride)) >= np.ceil(n / stride))
    return zeros // 2, zeros - zeros // 2


def check_pad_same(image, size, stride):
    ends = [zeros_around(n, k, stride) for n, k in zip(image.shape, size, strict=True)]
    (top, bottom), (left, right) = ends
    wanted = np.zeros((top + len(image) + bottom, left + image.shape[1] + right))
    wanted[top : top + len(image), left : left + image.shape[1]] = image
    check(pad_same, image, size, stride, gives=wanted)


def test_pad_same_with_a_stride():
    """A filter of four rows and two columns, which moves by 2: three rows of zeros are missing, and no column."""
    check_pad_same(np.array([[1, 2]]), (4, 2), 2)


def test_pad_same_with_an_even_size():
    """Stride 1 and a filter of one row and two columns: one column of zeros."""
    check_pad_same(np.array([[1, 2, 3], [4, 5, 6]]), (1, 2), 1)


def test_pad_same_with_an_odd_size():
    """The usual case: a 3 × 3 filter, and a border of one zero all round."""
    check_pad_same(np.array([[1.0, 2.0]]), (3, 3), 1)


def test_pad_same_with_a_stride_larger_than_the_filter():
    """A 1 × 1 filter that moves by 2 leaves pixels out: nothing is missing, and nothing is cut off."""
    check_pad_same(np.arange(1, 9).reshape(2, 4), (1, 1), 2)


def test_pad_same_random(rng):
    """Many sizes and strides."""
    for _ in range(10):
        image = rng.integers(1, 10, size=rng.integers(1, 8, size=2))
        check_pad_same(image, tuple(map(int, rng.integers(1, 6, size=2))), int(rng.integers(1, 4)))


def test_correlate_with_fractions():
    """An image of whole numbers, a filter with fractions, and no two of its weights alike."""
    image, W = np.array([[4, 0, 2], [1, 3, 0], [2, 5, 1]]), np.array([[1.0, 0.5], [-2.0, 0.25]])
    check(correlate, image, W, 1, gives=slid(image, W))


def test_correlate_with_a_stride():
    """A filter of two rows and three columns, which moves by 2: two places down and two across."""
    image, W = np.array([[3, 1, 0, 2, 7, 1], [0, 2, 5, 1, 1, 4], [6, 1, 2, 0, 3, 2], [1, 0, 4, 8, 2, 5]]), np.eye(2, 3)
    check(correlate, image, W, 2, gives=slid(image, W, 2))


def test_correlate_as_large_as_the_image():
    """One place: one score, in an array of shape (1, 1)."""
    image = np.array([[1.0, 2.0], [3.0, 4.0]])
    check(correlate, image, image, 3, gives=[[30]])


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_correlate_random(rng, stride):
    """A larger image, and a filter that is no square."""
    image, W = rng.normal(size=(11, 8)), rng.normal(size=(3, 2))
    check(correlate, image, W, stride, gives=slid(image, W, stride))


def shape_of_correlate(image, W, stride):
    return np.shape(correlate(image, W, stride))


def test_correlate_has_the_places_that_you_counted():
    """`output_length` and `correlate` must agree: 28 pixels, a filter of 5, stride 3."""
    check_that(
        shape_of_correlate, np.ones((28, 10)), np.ones((5, 4)), 3, holds=lambda shape: shape == (8, 3),
        expected="8 rows and 3 columns of scores",
    )  # fmt: skip
