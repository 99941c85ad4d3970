"""Chapter 6: word2vec, a vector for each word from the company it keeps; and fastText, also for words never seen.

Symbols, the same throughout the chapter:
    ids     (n,) one long row of text: integers, 0 between texts, 1 for a word without a number; see Vocabulary.stream
    counts  (n_rows,) how often each id comes
    W       (n_rows, n_out) the vector of each word: what is kept
    C       (n_rows, n_out) its vector as somebody's company
    h       a word that is looked at; c a word of its company; k words drawn at random, the noise
    window  how far the company reaches, in words; for each word anew a number from 1 to window
"""

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from deepbook.activations import sigmoid
from deepbook.data import generator
from deepbook.embeddings import neighbours
from deepbook.text import UNKNOWN, Vocabulary, ngrams

BLOCK = 32  # so many words in a row share as many words of noise
FARTHEST = 11  # a word's rate times its pairs in one step: more, and the steps grow without bound (found by trying)
LARGEST = 1000  # no number in a useful vector comes near it

# ------------------------------------------------------------------ the parts


def training_pairs(ids, window=5):
    """Each word with each word of its company, at most `window` steps away: (n_pairs, 2), in the order of the text.

    Pairs do not reach over a 0; words with id 1 have none. Training uses a window of changing size, and never this
    list, which is long. Chapter 6, "The company it keeps".

    >>> training_pairs([2, 3, 0, 4, 5], window=1).tolist()
    [[2, 3], [3, 2], [4, 5], [5, 4]]
    """
    ids, text = _kept(np.asarray(ids), None, None)
    steps = np.array([step for step in range(-window, window + 1) if step])
    there = np.arange(len(ids))[:, None] + steps  # (n, 2 window)
    inside = (there >= 0) & (there < len(ids))
    near = inside & (text[np.where(inside, there, 0)] == text[:, None])
    return np.stack([np.repeat(ids, near.sum(1)), ids[there[near]]], axis=1)


def noise_rates(counts, power=0.75):
    """How likely each word is drawn as noise: its count, to a power that helps rare words a little; they sum to 1.

    counts: (n_rows,); those of ids 0 and 1 do not count. Returns (n_rows,) floats.
    Raises ValueError if no word comes at all. Chapter 6, "Negative sampling"; Mikolov et al. (2013).
    """
    counts = _counts("noise_rates", counts)
    return counts**power / np.sum(counts**power)


def keep_rates(counts, sample=1e-3):
    """The chance that a word stays in the text, each time it comes: min(1, √(s/f) + s/f); f is its share of all words.

    So the most frequent words, which keep everyone's company, are mostly left out. sample: s; 0 keeps all words.
    counts: (n_rows,). Returns (n_rows,) floats; 0 for ids 0 and 1. Chapter 6, "Subsampling". The paper has √(s/f);
    this is the formula of the authors' program.
    """
    counts = _counts("keep_rates", counts)
    ratio = np.full(len(counts), np.inf) if sample == 0 else sample * counts.sum() / np.maximum(counts, 1)
    return np.where(counts > 0, np.minimum(1, np.sqrt(ratio) + ratio), 0)


def negative_loss(h, c, noise):
    """−log σ(h·c) − Σ log σ(−h·k): a word and its true company should agree, the word and the noise should not.

    h, c: (n_out,). noise: (negative, n_out). Returns a scalar. Chapter 6, "Negative sampling".
    """
    return jax.nn.softplus(-(h @ c)) + jax.nn.softplus(noise @ h).sum()


def _counts(name, counts):
    counts = np.array(counts, float)
    counts[: UNKNOWN + 1] = 0
    if counts.ndim != 1 or not counts.sum() > 0 or counts.min() < 0:
        raise ValueError(
            f"{name}: got counts of shape {counts.shape} that sum to {counts.sum():g} without ids 0 and 1; "
            "needs a count for each id; try np.bincount(ids, minlength=len(vocab))"
        )
    return counts


def _kept(ids, keep, rng):
    """The words that stay, and in which text each of them is: two rows of equal length."""
    stay = ids > UNKNOWN if keep is None else rng.random(len(ids), np.float32) < keep[ids]
    return ids[stay], np.cumsum(ids == 0, dtype=np.int32)[stay]


# ------------------------------------------------------------------ one step, by hand


@dataclass(frozen=True)
class Words2Vec:
    """What stays the same during a training of word vectors: a recipe, so that equal trainings compile once."""

    model: str = "skip-gram"
    window: int = 5
    negative: int = 5

    def gradients(self, near, h, c, k):
        """Downhill, for one block: the steps of the words, of their company, and of the noise, at a rate of 1.

        near: (block, reach) 1 where a word of the reach, which is the block and `window` words on both sides, is in
        the company of a word of the block. h: (block, n_out), c: (reach, n_out), k: (noise, n_out).
        Each word meets all of the block's noise, which counts as `negative` words for each word of its company.
        """
        n = near.sum(1, keepdims=True)
        true = near * sigmoid(-(h @ c.T))  # −∂loss/∂(h·c) = 1 − σ(h·c) = σ(−h·c)
        false = -n * self.negative / len(k) * sigmoid(h @ k.T)  # −∂loss/∂(h·k) = −σ(h·k)
        return true @ c + false @ k, true.T @ h, false.T @ h

    def cbow_gradients(self, near, w, c, k):
        """The same where the mean of the company, taken from W, tells the word in the middle.

        near: (block, reach). w: (reach, n_out) of W; c: (block, n_out) and k: (noise, n_out) of C.
        """
        near = near / jnp.maximum(near.sum(1, keepdims=True), 1)
        some = near.sum(1, keepdims=True)  # 0 for a word without company
        h = near @ w
        true = some * sigmoid(-jnp.sum(h * c, 1, keepdims=True))
        false = -some * self.negative / len(k) * sigmoid(h @ k.T)
        return near.T @ (true * c + false @ k), true * h, false.T @ h


@partial(jax.jit, static_argnames="setup", donate_argnames=("W", "C"))
def train_pass(setup, W, C, ids, text, radius, firsts, noise, rates, parts=None):
    """One time through a text: for each row of `firsts` a step with so many blocks at once, in one compiled scan.

    Only the rows of the words in these blocks are read and changed, by `.at[].add`, whatever the size of W.
    ids, text, radius: (n + 2 window,) the words, the number of their text, the reach of their company.
    firsts: (steps, blocks) where each block begins. noise: (steps, blocks, n_noise) ids. rates: (steps,).
    parts: None, or (n_rows, n_parts): of which rows of W each word is made, filled up with 0 (fastText).
    Returns W, C; the arrays that go in are donated. Chapter 6, "Sparse updates".
    """
    w = setup.window
    reach = jnp.arange(BLOCK + 2 * w)
    apart = jnp.abs(reach - w - jnp.arange(BLOCK)[:, None])  # (block, reach)

    def step(tables, batch):
        W, C = tables
        first, k, rate = batch
        there = first[:, None] + reach  #  (blocks, reach)
        j, t, r = ids[there], text[there], radius[there][:, w:-w, None]
        i, within = j[:, w:-w], t[:, w:-w, None] == t[:, None, :]
        near = ((apart > 0) & (apart <= r) & within).astype(W.dtype)
        if setup.model == "cbow":
            seen = look(W, j, parts)
            dW, dC, dk = jax.vmap(setup.cbow_gradients)(near, seen, C[i], C[k])
            W, C = put(W, j, rate * dW, parts), put(C, i, rate * dC)
        else:
            seen = look(W, i, parts)
            dW, dC, dk = jax.vmap(setup.gradients)(near, seen, C[j], C[k])
            W, C = put(W, i, rate * dW, parts), put(C, j, rate * dC)
        return (W, put(C, k, rate * dk)), None

    return lax.scan(step, (W, C), (firsts, noise, rates))[0]


def look(W, ids, parts=None):
    """The vectors of words: rows of W; where a word has parts, their sum, divided by the root of their number."""
    if parts is None:
        return W[ids]
    rows = parts[ids]  # (..., n_parts)
    share = (rows > 0) / jnp.sqrt(jnp.maximum((rows > 0).sum(-1, keepdims=True), 1))
    return jnp.einsum("...p,...pd->...d", share, W[rows])


def put(W, ids, steps, parts=None):
    """W after a step of each word. The root in `look` makes a word with many parts move as far as one with one."""
    if parts is not None:
        rows = parts[ids]
        share = (rows > 0) / jnp.sqrt(jnp.maximum((rows > 0).sum(-1, keepdims=True), 1))
        ids, steps = rows, share[..., None] * steps[..., None, :]
    return W.at[ids.reshape(-1)].add(steps.reshape(-1, W.shape[1]))


# ------------------------------------------------------------------ training


def train_words(
    key,
    ids,
    counts,
    n_out=100,
    window=5,
    negative=5,
    sample=1e-3,
    epochs=5,
    rate=None,
    model="skip-gram",
    blocks=None,
    subwords=None,
):
    """Word vectors from a text, by skip-gram or CBOW with negative sampling.

    ids:      (n,) the text: vocab.stream(texts). counts: np.bincount(ids, minlength=len(vocab)).
    negative: words of noise for each pair. sample: see `keep_rates`; 0 for a small text, which has no word to spare.
    epochs:   times through the text.
    rate:     of learning, at the start; it falls to 0. None takes 0.025, and 0.075 for CBOW, as the gradient of a mean
              is smaller (İrsoy et al., 2021).
    model:    "skip-gram", each word tells its company; "cbow", the company tells the word.
    blocks:   of 32 words, how many make one step; None takes 32, fewer where one word is so frequent that, all its
              pairs in a step taken together, it would move too far.
    subwords: a Subwords(vocab), for vectors of words that the text lacks.
    Returns (W, C), both (len(counts), n_out), float32; rows 0 and 1, which are no words, are zeros. With subwords W has
    a row more for each bucket, and is to be read by them: subwords.table(W).
    Raises ValueError for ids out of range, for a text without words, and if the numbers grow without bound.
    Chapter 6, "A small grammar"; Mikolov et al. (2013); shared noise as in Ji et al. (2016).
    """
    ids, counts = _checked(ids, counts, window, model, epochs)
    rng, setup = generator(key), Words2Vec(model, window, negative)
    keep, noise_of = keep_rates(counts, sample).astype(np.float32), _drawer(rng, noise_rates(counts))
    rate = rate or (0.075 if model == "cbow" else 0.025)
    blocks = blocks or _blocks(keep * counts, setup, rate)
    if subwords is not None and len(subwords.vocab) != len(counts):
        raise ValueError(
            f"train_words: got counts of {len(counts)} ids and subwords of {len(subwords.vocab)}; needs one vocabulary"
        )
    parts = None if subwords is None else jnp.asarray(subwords.parts())
    n_rows = len(counts) + (0 if subwords is None else subwords.n_buckets)
    W = rng.uniform(-0.5 / n_out, 0.5 / n_out, (n_rows, n_out)).astype(np.float32)
    W[: UNKNOWN + 1] = 0
    W, C = jax.device_put((W, np.zeros((len(counts), n_out), np.float32)))

    # as many steps in each epoch, whatever the draw, so that one program serves all: the last are empty
    expected = float(keep @ np.bincount(ids, minlength=len(counts)))
    steps = int(np.ceil((expected + 5 * np.sqrt(expected) + 1) / (BLOCK * blocks)))
    size = steps * blocks * BLOCK
    for epoch in range(epochs):
        kept, text = (row[:size] for row in _kept(ids, keep, rng))
        ends = window, size - len(kept) + window
        kept, text = np.pad(kept, ends), np.pad(text, ends, constant_values=-1)
        radius = rng.integers(1, window + 1, len(kept), np.int8)
        radius[kept == 0] = 0  # what is empty has no company
        firsts = (rng.permutation(size // BLOCK) * BLOCK).astype(np.int32).reshape(steps, blocks)
        rates = rate * (1 - (epoch + np.arange(steps, dtype=np.float32) / steps) / epochs)
        W, C = train_pass(
            setup, W, C, kept, text, radius, firsts, noise_of((steps, blocks, BLOCK)), np.float32(rates), parts
        )
    if not all(np.abs(np.asarray(table)).max() < LARGEST for table in (W, C)):  # nor is NaN; XLA's max may miss one
        raise ValueError(
            f"train_words: with rate={rate} and blocks={blocks} the vectors grew without bound; needs smaller steps; "
            "try a tenth of the rate, or blocks=1"
        )
    return W, C


def _checked(ids, counts, window, model, epochs):
    ids, counts = np.asarray(ids), _counts("train_words", counts)
    if ids.ndim != 1 or not np.issubdtype(ids.dtype, np.integer):
        raise ValueError(
            f"train_words: got ids of shape {ids.shape} and type {ids.dtype}; needs one long row of integers; "
            "try vocab.stream(texts)"
        )
    if not (ids > UNKNOWN).any():
        raise ValueError("train_words: got no word that has a number; needs a text in words of the vocabulary")
    if ids.min() < 0 or ids.max() >= len(counts):
        wrong = ids.min() if ids.min() < 0 else ids.max()
        raise ValueError(f"train_words: got the id {wrong}; needs ids from 0 to {len(counts) - 1}, len(counts) − 1")
    if model not in ("skip-gram", "cbow"):
        raise ValueError(f'train_words: got model={model!r}; needs "skip-gram" or "cbow"')
    if not 1 <= window <= BLOCK or epochs < 1:
        raise ValueError(f"train_words: got window={window}, epochs={epochs}; needs 1 to {BLOCK}, and 1 or more")
    return ids.astype(np.int32), counts


def _blocks(kept, setup, rate):
    """How many blocks a step may have, so that its most frequent word moves by FARTHEST rates at most."""
    pairs = (1 + setup.negative) * (1 if setup.model == "cbow" else 1 + setup.window)  # of a word, each time it comes
    often = BLOCK * kept.max() / kept.sum()  # times a block
    return int(np.clip(FARTHEST / (rate * pairs * often), 1, 32))


def _drawer(rng, rates, size=2**20):
    """A function that draws ids as likely as `rates` say, from a table with a place for each millionth."""
    table = np.searchsorted(np.cumsum(rates), (np.arange(size) + 0.5) / size).astype(np.int32)
    return lambda shape: table[rng.integers(0, size, shape, np.int32)]


# ------------------------------------------------------------------ words that were never seen


@dataclass(frozen=True)
class Subwords:
    """fastText: a word is its own row of W and a row for each of its character n-grams; so an unseen word has a vector.

    vocab: the words. n_buckets: rows that the n-grams share, each placed by a hash. shortest, longest: of the n-grams.
    Chapter 6, "Unseen words"; Bojanowski et al. (2017).
    """

    vocab: Vocabulary
    n_buckets: int = 20_000
    shortest: int = 3
    longest: int = 6

    def rows(self, word):
        """The rows of W that make up a word, seen or not: a list of int, its own first if it has one."""
        own = self.vocab.ids.get(word, 0)
        grams = ngrams(word, self.shortest, self.longest)
        buckets = [len(self.vocab) + _hash(gram) % self.n_buckets for gram in grams]
        return [own, *buckets] if own > UNKNOWN else buckets

    def parts(self):
        """The rows of each word in the vocabulary, filled up with 0: (len(vocab), most), int32."""
        lists = [[], [], *map(self.rows, self.vocab.tokens[UNKNOWN + 1 :])]
        parts = np.zeros((len(lists), max(map(len, lists))), np.int32)
        for row, rows in zip(parts, lists, strict=True):
            row[: len(rows)] = rows
        return parts

    def vector(self, W, word):
        """The vector of any word: (n_out,). Zeros for one too short to have a part. W: of `train_subwords`."""
        rows = np.array(self.rows(word), int)
        return np.asarray(W)[rows].sum(0) / np.sqrt(max(len(rows), 1))

    def table(self, W):
        """The vectors of the whole vocabulary, (len(vocab), n_out), for `neighbours` and the judges."""
        return np.asarray(look(jnp.asarray(W), np.arange(len(self.vocab)), jnp.asarray(self.parts())))


def _hash(text):
    """FNV-1a, 32 bits: the same on every machine, unlike Python's own."""
    number = 2166136261
    for byte in text.encode():
        number = (number ^ byte) * 16777619 % 2**32
    return number


# ------------------------------------------------------------------ a text whose answers are known

GROUPS = {
    "people": "anna ben clara david emma felix",
    "animals": "cat dog horse rabbit sheep cow",
    "drinks": "tea coffee milk water juice lemonade",
    "foods": "bread cheese rice soup cake salad",
    "colours": "red green blue yellow black white",
    "cities": "paris rome berlin tokyo vienna taipei",
    "drinking": "drinks sips pours",
    "eating": "eats cooks tastes",
    "moving": "runs sleeps waits",
    "going": "visits leaves reaches",
    "feeling": "loves hates likes",
}
SENTENCES = (
    "people drinking drinks",
    "people eating foods",
    "the colours animals moving",
    "people going cities",
    "people feeling the animals",
    "people feeling drinks",
    "people feeling foods",
    "the animals moving in cities",
    "people drinking drinks with people",
    "people has a colours animals",
)


def small_grammar(key, n=3000):
    """Sentences of a small grammar, whose words come in groups: within one, any word may stand for any other.

    key: from `jax.random.key`. n: sentences. Returns (texts, groups): a list of str, such as "anna drinks tea", and a
    dict from the name of a group to its words. The true neighbours of a word are those of its group.
    Chapter 6, "A small grammar".
    """
    rng = generator(key)
    groups = {name: tuple(some.split()) for name, some in GROUPS.items()}
    texts = []
    for sentence in rng.choice(SENTENCES, n):
        texts.append(" ".join(str(rng.choice(groups[word])) if word in groups else word for word in sentence.split()))
    return texts, groups


def recovered(vocab, W, groups):
    """The share of words whose nearest neighbour is of their own group: 1.0 if the text has told all.

    groups: of `small_grammar`. Words that vocab lacks do not count; 0.0 if there are none.
    """
    group_of = {vocab.ids[word]: name for name, some in groups.items() for word in some if word in vocab}
    nearest = {i: neighbours(W, i, 1)[0] for i in group_of}
    return sum(group_of.get(int(j), "") == group_of[i] for i, found in nearest.items() for j in found) / max(
        len(group_of), 1
    )
