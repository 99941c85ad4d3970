"""What chapter 6, set 1 asks for. `check` calls your function and compares; see deepbook.course.checks."""

import numpy as np
import pytest
from ch06_embeddings.vectors import analogy, cosines, lookup, nearest

from deepbook.course.checks import check, check_raises


def cosine(a, b):
    """One cosine, by the law of cosines: from the lengths of a, of b and of what lies between them."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    if not a.any() or not b.any():
        return 0.0
    return ((a**2).sum() + (b**2).sum() - ((a - b) ** 2).sum()) / (2 * np.sqrt((a**2).sum() * (b**2).sum()))


def test_cosines():
    """Four pairs of vectors, four numbers."""
    others = (8, 6), (4, -3), (0.6, 0.8), (-6, -8)
    check(cosines, gives=tuple(cosine((3, 4), each) for each in others), secret=True)


def embedded(W, ids, dy):
    """The same by one-hot vectors: (batch, time, words) @ (words, n_out)."""
    hot = (ids[..., None] == np.arange(len(W))).astype(float)
    return hot @ W, np.einsum("btw,btn->wn", hot, dy)


def check_lookup(W, ids, dy):
    check(lookup, W, ids, dy, gives=embedded(W, ids, dy))


def test_lookup_with_a_word_twice():
    """Two texts of three words; the word 3 is there three times, the words 1 and 4 never."""
    W = np.array([[1.0, -2], [3, 5], [-4, 6], [7, 0.5], [2, 8]])
    dy = np.array([[[1.0, 2], [-3, 5], [4, 0.5]], [[6, -1], [2.5, 7], [-8, 3]]])
    check_lookup(W, np.array([[3, 0, 3], [2, 0, 3]]), dy)


def test_lookup_of_one_word():
    """A batch of one text with one word, and a table of two rows."""
    check_lookup(np.array([[1.0, 2, 3], [4, 5, 6]]), np.array([[1]]), np.array([[[0.5, -1, 2]]]))


@pytest.mark.parametrize("sizes", [(4, 7, 5, 3), (1, 20, 6, 1), (3, 2, 50, 4)])
def test_lookup_random(rng, sizes):
    """Other numbers of texts, of places, of rows and of columns."""
    batch, time, words, n_out = sizes
    ids, dy = rng.integers(words, size=(batch, time)), rng.normal(size=(batch, time, n_out))
    check_lookup(rng.normal(size=(words, n_out)), ids, dy)


@pytest.mark.parametrize("wrong", [-1, 7, 4])
def test_lookup_without_a_row(wrong):
    """One of the ids has no row in the table."""
    ids = np.array([[0, 3, wrong], [1, 1, 2]])
    check_raises(
        lookup, np.ones((4, 2)), ids, np.ones((2, 3, 2)), because=f"the rows are 0 to 3, and one id is {wrong}"
    )


def likest(W, i, n):
    """Sorted by hand: all the others with their cosines."""
    others = sorted(((-cosine(row, W[i]), j) for j, row in enumerate(W) if j != i))[:n]
    return np.array([j for _, j in others]), np.array([-score for score, _ in others])


def check_nearest(W, i, n):
    check(nearest, W, i, n, gives=likest(W, i, n))


def test_nearest_three():
    """Six words, three of them asked for: long and short vectors, and one that points away."""
    check_nearest(np.array([[0.3, 0.9], [-3, 8], [3, 7], [9, -1], [1, 7], [0.2, -0.2]]), 3, 3)


def test_nearest_with_padding():
    """Row 0 is the padding's, all zeros, and another word points the other way."""
    check_nearest(np.array([[0.0, 0], [1, 2], [-2, -5], [3, 1], [-1, 4]]), 1, 4)


def test_nearest_all_of_them():
    """As many as there are, in a table of two columns."""
    check_nearest(np.array([[1.0, 0], [1, 1], [0, 1], [-1, 2], [-3, 0.5]]), 2, 4)


@pytest.mark.parametrize("n", [1, 5, 12])
def test_nearest_random(rng, n):
    """More words, in more dimensions."""
    check_nearest(rng.normal(size=(30, 4)) * rng.uniform(0.1, 9, size=(30, 1)), int(rng.integers(30)), n)


def answer(W, a, b, c):
    """Every word but the three, with its cosine."""
    unit = np.array([row / np.sqrt((row**2).sum()) for row in W])
    scores = {i: cosine(row, unit[b] - unit[a] + unit[c]) for i, row in enumerate(W) if i not in (a, b, c)}
    best = max(scores, key=scores.get)
    return best, scores[best]


def check_analogy(W, a, b, c):
    check(analogy, W, a, b, c, gives=answer(W, a, b, c))


def test_analogy_of_six_words():
    """Word 0 is to word 2 as word 3 is to which of the other three? Some vectors are long, some are short."""
    check_analogy(np.array([[-3.0, 3], [0.7, 0.8], [6, 5], [5, -1], [0, -5], [0.5, 0.5]]), 0, 2, 3)


def test_analogy_where_b_is_nearest():
    """The answer is not b, even if its cosine is the largest of all."""
    W = np.array([[1.0, 0.1], [-0.6, 0.9], [2, 0.3], [-1, -2], [-4, 3]])
    check_analogy(W, 0, 1, 2)


@pytest.mark.parametrize("n_out", [2, 3, 6])
def test_analogy_random(rng, n_out):
    """Twenty words, three of them drawn."""
    W = rng.normal(size=(20, n_out)) * rng.uniform(0.1, 9, size=(20, 1))
    check_analogy(W, *map(int, rng.permutation(20)[:3]))
