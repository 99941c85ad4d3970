"""Chapter 6: a vector for each word, and what can be read from such vectors.

Symbols, the same throughout the chapter:
    ids     (batch, time) integers below n_rows; 0 is padding
    W       (n_rows, n_out) the table: its row i is the vector of id i. A row of zeros belongs to no word
    a, b    (..., n_out) vectors
    mask    (batch, time) True where there is a word
"""

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from deepbook.data import generator
from deepbook.layers import Layer, Masked
from deepbook.text import UNKNOWN

# ------------------------------------------------------------------ layers


def small(key, shape):
    """Evenly between −0.05 and 0.05: a row is read alone, not summed over all rows, so their number does not count."""
    if isinstance(key, jax.core.Tracer):
        return jax.random.uniform(key, shape, jnp.float32, -0.05, 0.05)
    return jnp.asarray(generator(key).uniform(-0.05, 0.05, shape).astype(np.float32))


def standard(key, shape):
    """Normal, with deviation 1: what a recurrent layer hears from the first step on; `small` is a whisper to it."""
    if isinstance(key, jax.core.Tracer):
        return jax.random.normal(key, shape)
    return jnp.asarray(generator(key).standard_normal(shape, np.float32))


@dataclass(frozen=True)
class Embedding(Layer):
    """Each id's row of a table: the product of a one-hot vector and W, without the multiplications.

    n_rows: how many ids there are, len(vocab). n_out: numbers a word. mask: True passes on a Masked, in which id 0 is
    padding; False the array alone. initializer: of W, `small` or `standard`.
    x: (batch, time) integers; the output is (batch, time, n_out). params: {"W": (n_rows, n_out)}.
    Raises ValueError for ids that are no integers, and for ids out of range; so do `fit` and `predict`. Under your own
    `jit`, where values are not known, an id out of range gets a row of zeros. Chapter 6, "A lookup is a product".
    """

    n_rows: int
    n_out: int
    mask: bool = False
    initializer: Callable = small

    def init(self, key, x):
        return {"W": self.initializer(key, (self.n_rows, self.n_out))}

    def check(self, x):
        _checked(f"Embedding({self.n_rows}, {self.n_out})", x, self.n_rows)

    def apply(self, params, x, key=None):
        ids = _checked(f"Embedding({self.n_rows}, {self.n_out})", x, len(params["W"]))
        rows = lookup(params["W"], ids)
        return Masked(rows, ids != 0) if self.mask else rows


def lookup(W, ids):
    """The rows of W that ids name: (..., n_out). An id out of range gets zeros; plain W[ids] would take another row."""
    return W.at[ids].get(mode="fill", fill_value=0, wrap_negative_indices=False)


def _checked(name, ids, n_rows):
    ids = ids.x if isinstance(ids, Masked) else jnp.asarray(ids)
    if not jnp.issubdtype(ids.dtype, jnp.integer):
        raise ValueError(f"{name}: got ids of type {ids.dtype}; needs integers; try pad(…), which gives int32")
    if not isinstance(ids, jax.core.Tracer) and ids.size:
        least, most = int(ids.min()), int(ids.max())
        if least < 0 or most >= n_rows:
            raise ValueError(
                f"{name}: got the id {least if least < 0 else most}; needs ids from 0 to {n_rows - 1}; "
                "try Embedding(len(vocab), …)"
            )
    return ids


@dataclass(frozen=True)
class MeanPool(Layer):
    """The mean of the vectors of a sequence, padding left out: (batch, time, features) becomes (batch, features).

    x: a Masked, or an array, all of whose steps count. A sequence that is all padding gives zeros.
    Chapter 6, "Words to sentences".
    """

    takes_mask = True

    def apply(self, params, x, key=None):
        if not isinstance(x, Masked):
            return x.mean(1) if x.shape[1] else jnp.zeros((len(x), *x.shape[2:]), x.dtype)
        there = x.mask[..., None].astype(x.x.dtype)
        # where, not a product: 0 · infinity in the padding would be NaN
        return jnp.where(x.mask[..., None], x.x, 0).sum(1) / jnp.maximum(there.sum(1), 1)


@dataclass(frozen=True)
class MaxPoolTime(Layer):
    """The largest number of each feature in a sequence, padding left out: (batch, features).

    x: a Masked, or an array, all of whose steps count. A sequence that is all padding gives zeros.
    """

    takes_mask = True

    def apply(self, params, x, key=None):
        x = x if isinstance(x, Masked) else Masked(x, jnp.ones(x.shape[:2], bool))
        largest = jnp.max(x.x, 1, where=x.mask[..., None], initial=-jnp.inf)
        return jnp.where(x.mask.any(1)[:, None], largest, 0)


# ------------------------------------------------------------------ how alike


def cosine(a, b):
    """The cosine of the angle between two vectors: 1 same direction, 0 at right angles, −1 opposite.

    a, b: (..., n_out). Returns (...). With a vector of zeros, which has no direction, 0.
    Chapter 6, "Cosine similarity".

    >>> float(cosine(jnp.array([1.0, 2.0]), jnp.array([-2.0, 1.0])))
    0.0
    """
    return jnp.sum(unit(a) * unit(b), axis=-1)


def unit(a):
    """a with length 1: (..., n_out). A vector of zeros stays as it is."""
    a = jnp.asarray(a)
    largest = jax.lax.stop_gradient(jnp.max(jnp.abs(a), axis=-1, keepdims=True, initial=0))
    a = a / jnp.where(largest > 0, largest, 1)  # so that no square is too large, or too small, for a float32
    square = jnp.sum(a * a, axis=-1, keepdims=True)
    return a / jnp.sqrt(jnp.where(square > 0, square, 1))


def neighbours(W, word, n=10):
    """The n rows of W that point most nearly in a direction.

    word: an id, which is then left out, or a vector (n_out,). Rows of zeros are left out, so fewer than n may be found.
    Returns (ids, similarities), NumPy arrays (n,), the nearest first.
    Raises ValueError for an id out of range, a vector of another length, and n below 1.

    >>> W = jnp.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [3.0, 1.0]])
    >>> neighbours(W, 1, n=2)[0].tolist()
    [3, 2]
    """
    W = np.asarray(W)
    if np.ndim(word) == 0:
        vector, left_out = W[_ids("neighbours", W, [word])[0]], [int(word)]
    else:
        vector, left_out = np.asarray(word), []
    if vector.shape != W.shape[1:]:
        raise ValueError(f"neighbours: got a vector of shape {vector.shape}; needs {W.shape[1:]}, as the rows of W")
    return _nearest("neighbours", W, vector, left_out, n)


def analogy(W, a, b, c, n=1):
    """a is to b as c is to what? The n rows nearest to b − a + c, each of length 1; a, b and c are left out.

    a, b, c: ids. Returns (ids, similarities), as `neighbours` does. Raises ValueError for ids out of range.
    Chapter 6, "Analogies"; Mikolov et al. (2013).
    """
    W = np.asarray(W)
    one, two, three = np.asarray(unit(W[_ids("analogy", W, [a, b, c])]))
    return _nearest("analogy", W, two - one + three, [int(a), int(b), int(c)], n)


def _ids(name, W, ids):
    ids = np.asarray(ids)
    if not np.issubdtype(ids.dtype, np.integer) or (ids < 0).any() or (ids >= len(W)).any():
        raise ValueError(f"{name}: got {ids.tolist()}; needs ids from 0 to {len(W) - 1}; try vocab.ids[word]")
    return ids


def _nearest(name, W, vector, left_out, n):
    if n < 1:
        raise ValueError(f"{name}: got n={n}; needs at least 1")
    lengths = np.linalg.norm(W, axis=1)
    direction = vector / max(np.linalg.norm(vector), 1e-30)
    similar = W @ direction / np.where(lengths > 0, lengths, 1)
    similar[lengths == 0] = -np.inf
    similar[left_out] = -np.inf
    order = np.argsort(-similar, kind="stable")[:n]
    order = order[np.isfinite(similar[order])]
    return order, similar[order]


# ------------------------------------------------------------------ how good


def rank_correlation(x, y):
    """Spearman's: whether what is larger in x is larger in y; 1 the same order, −1 the opposite, 0 none.

    x, y: (n,) numbers; equal ones share the mean of their ranks. Returns a float; 0 where all of x or y are equal.
    Raises ValueError unless they are two vectors of one length, two or more.

    >>> round(rank_correlation([1, 2, 3, 4], [10, 30, 20, 99]), 3)
    0.8
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    if x.ndim != 1 or x.shape != y.shape or len(x) < 2:
        raise ValueError(
            f"rank_correlation: got shapes {x.shape} and {y.shape}; needs two vectors of one length, 2 or more"
        )
    a, b = _ranks(x), _ranks(y)
    spread = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / spread) if spread > 0 else 0.0


def _ranks(x):
    """The rank of each number, less the mean rank."""
    _, which, counts = np.unique(x, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[which] - (len(x) + 1) / 2


def judge(vocab, W, pairs):
    """How well cosines order pairs of words as people did: (rank correlation, how many pairs were used).

    pairs: a list of (word, word, score), as WordSim-353. Pairs with a word that vocab lacks are left out, and so many
    are used that the number belongs beside the correlation; with fewer than two, the answer is (0.0, that number).
    Chapter 6, "Lab: words"; Finkelstein et al. (2002).
    """
    known = [(i, j, float(score)) for a, b, score in pairs if (i := _id(vocab, a)) and (j := _id(vocab, b))]
    if len(known) < 2:
        return 0.0, len(known)
    one, other, scores = (np.array(column) for column in zip(*known, strict=True))
    W = np.asarray(W)
    return rank_correlation(cosine(W[one], W[other]), scores), len(known)


def judge_analogies(vocab, W, questions, most=30_000):
    """The share of analogies that come out right: (accuracy, how many questions were used).

    questions: a list of (a, b, c, d), words: a is to b as c is to d. Those with a word that vocab lacks are left out.
    most: only so many first rows of W, the frequent words, may be answers. (0.0, 0) if no question is left.
    """
    W = np.asarray(unit(np.asarray(W)[:most]))
    asked = [[_id(vocab, word) for word in question] for question in questions]
    asked = np.array([ids for ids in asked if all(ids) and max(ids) < len(W)], int).reshape(-1, 4)
    right = 0
    for ids in np.split(asked, range(500, len(asked), 500)):
        a, b, c, d = ids.T
        similar = (W[b] - W[a] + W[c]) @ W.T
        np.put_along_axis(similar, ids[:, :3], -np.inf, axis=1)
        right += int((similar.argmax(1) == d).sum())
    return right / max(len(asked), 1), len(asked)


def _id(vocab, word):
    """A word's id, if it has one: as it is written, else in lower case; else None."""
    return next((i for w in (word, word.lower()) if (i := vocab.ids.get(w, 0)) > UNKNOWN), None)
