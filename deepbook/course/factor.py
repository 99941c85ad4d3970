"""What wrong numbers have in common with the right ones: a factor, or that their fractions are gone.

Both say nothing rather than something that may be chance.
"""

import numpy as np

NEAR = 1e-6  # two numbers as near as this, relatively, are the same


def factor(got: np.ndarray, expected: np.ndarray) -> str:
    """ "times −1", "divided by 32", … where all of `got` is `expected` times that; "" if not, or if it may be chance.

    Both are rows of floats. Three expected numbers of different size prove any factor. One or two prove −1, and a
    whole factor up to 100 unless they are round: that 2 is twice 1 says little.
    """
    if got.shape != expected.shape or not got.size or not np.all(np.isfinite([got, expected])):
        return ""
    largest = int(np.argmax(np.abs(expected)))
    if expected[largest] == 0 or got[largest] == 0:
        return ""
    ratio = got[largest] / expected[largest]
    scale = np.abs(got).max()
    if abs(ratio - 1) < 1e-4 or not 1e-6 < abs(ratio) < 1e6:
        return ""
    if not np.allclose(got, ratio * expected, rtol=NEAR, atol=0.1 * NEAR * scale):
        return ""
    sizes = _different_sizes(expected)
    sign, whole = ("−" if ratio < 0 else ""), _whole(abs(ratio)) or _whole(1 / abs(ratio))
    if whole is None:
        return f"times {sign}{abs(ratio):.6g}" if sizes > 2 else ""
    if whole > 1 and sizes < 3 and (whole > 100 or _are_round(expected)):
        return ""
    return f"times {sign}{whole}" if abs(ratio) > 0.999 else f"divided by {sign}{whole}"


def without_fractions(got: np.ndarray, expected: np.ndarray) -> str:
    """A sentence where `got` are integers, or lost their fractions, and `expected` has fractions; else ""."""
    if not got.size or not np.all(np.isfinite(expected)) or np.allclose(expected, np.round(expected)):
        return ""
    cut = np.array_equal(got, np.trunc(expected)) or np.array_equal(got, np.round(expected))
    different = len(np.unique(got))
    if cut and (different > 2 or (got.dtype.kind in "iu" and np.any(got))):
        return "These are the expected numbers as integers: is an array of integers written into, or something rounded?"
    if got.dtype.kind in "iub" and got.ndim:
        what = "True and False" if got.dtype.kind == "b" else f"integers ({got.dtype})"
        return f"These are {what}; the expected numbers have fractions."
    return ""


def _whole(ratio):
    """`ratio` as an integer from 1 on, or None if it is none."""
    near = round(ratio)
    return near if near >= 1 and abs(ratio - near) < NEAR * near else None


def _different_sizes(numbers):
    """How many different sizes the numbers have that are not 0."""
    sizes = np.sort(np.abs(numbers[numbers != 0]))
    return 1 + int(np.sum(np.diff(sizes) > 1e-3 * sizes[1:]))


def _are_round(numbers):
    """Whether all the numbers have few digits, or are simple fractions: then a factor may be chance."""
    multiples = np.abs(numbers) * np.array([1, 3, 7, 9, 11, 16, 100])[:, None]
    return bool(np.all(np.any(np.abs(multiples - np.round(multiples)) < NEAR * np.maximum(multiples, 1), axis=0)))
