"""What chapter 6, set 3 asks for: pairs, counts, noise, a script to mend, and vectors that find their neighbours."""

from functools import cache

import jax
import numpy as np
import pytest
from ch06_embeddings.word2vec import (
    company,
    keep_rate,
    mend_words,
    negative_loss,
    train_neighbours,
    training_pairs,
)

from deepbook.course.checks import check, check_that, once


def neighbours(sentences, window):
    """All (word, neighbour): for each word what is to its left, then what is to its right."""
    pairs = []
    for sentence in sentences:
        for i, word in enumerate(sentence):
            left = sentence[:i][-window:]
            pairs += [(word, other) for other in left + sentence[i + 1 :][:window]]
    return np.array(pairs, dtype=int).reshape(-1, 2)


def check_training_pairs(sentences, window):
    wanted = neighbours(sentences, window)
    check_that(
        training_pairs, sentences, window, holds=lambda pairs: np.array_equal(pairs, wanted),
        expected=f"an array of shape {wanted.shape}{begins(wanted)}",
        found=lambda pairs: where_pairs_differ(np.asarray(pairs), wanted),
    )  # fmt: skip


def begins(pairs):
    return f" that begins with {pairs[:5].tolist()}" if len(pairs) else ""


def where_pairs_differ(pairs, wanted):
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        return ""
    for i, (pair, other) in enumerate(zip(pairs.tolist(), wanted.tolist(), strict=False)):
        if pair != other:
            return f"Row {i} of yours is {pair} and should be {other}."
    return f"The first {min(len(pairs), len(wanted))} rows are right."


def test_training_pairs_of_two_sentences():
    """Eight words and then two, window 3; the word 8 is there twice, side by side, and 5 and 3 meet again."""
    check_training_pairs([[5, 3, 8, 8, 2, 9, 1, 4], [5, 3]], 3)


def test_training_pairs_of_single_words():
    """Sentences of one word, and none: nobody has a neighbour."""
    check_training_pairs([[4], [], [7]], 3)
    check_training_pairs([], 1)


def test_training_pairs_in_a_wide_window():
    """The window is wider than the sentence."""
    check_training_pairs([[1, 0, 2]], 5)


@pytest.mark.parametrize("window", [1, 3])
def test_training_pairs_random(rng, window):
    """More sentences."""
    check_training_pairs([rng.integers(6, size=n).tolist() for n in rng.integers(1, 8, size=4)], window)


def counts(sentences, n_words, window):
    """X as a sum over distances: each sentence beside itself, moved by d places."""
    X = np.zeros((n_words, n_words))
    for s in sentences:
        for d in range(1, window + 1):
            for a, b in zip(s, s[d:], strict=False):
                X[a, b] += 1
                X[b, a] += 1
    return X


def check_company(sentences, n_words, window):
    wanted = counts(sentences, n_words, window)

    def holds(found):
        _, X = found
        return np.shape(X) == wanted.shape and np.allclose(X, wanted)

    said = f"the counts {wanted.astype(int).tolist()}" if n_words < 5 else "the counts of all neighbours"
    check_that(
        company, sentences, n_words, window, holds=holds, expected=f"as the second result {said}",
        found=lambda found: where_counts_differ(found[1], wanted),
    )  # fmt: skip


def where_counts_differ(X, wanted):
    if np.shape(X) != wanted.shape:
        return f"The shape of yours is {np.shape(X)}."
    a, b = np.argwhere(~np.isclose(X, wanted))[0].tolist()
    return f"Your X[{a}, {b}] is {np.asarray(X)[a, b]:g} and should be {wanted[a, b]:g}."


def test_company_counts():
    """Two sentences, four words, window 2; in each sentence a word stands twice."""
    check_company([[0, 1, 1, 2, 3], [2, 0, 2]], 4, 2)


def test_company_counts_random(rng):
    """Other sentences, and a word that is nowhere."""
    sentences = [rng.integers(6, size=n).tolist() for n in rng.integers(1, 9, size=5)]
    check_company(sentences, 7, int(rng.integers(1, 4)))


WHO, WHOM, WHOSE = (
    ["i", "you", "we", "they"],
    ["you", "him", "her", "us", "them"],
    ["my", "your", "his", "our", "their"],
)


@cache
def hearts():
    """The text about love, hate and the heart, as lists of ids; and the number of each word."""
    rng, texts = np.random.default_rng(0), []
    for _ in range(150):
        who, whom, whose, feel = (str(rng.choice(words)) for words in (WHO, WHOM, WHOSE, ["love", "hate"]))
        texts += [f"{who} {feel} {whom}", f"{whose} heart is full of {feel}"]
    vocab = {word: i for i, word in enumerate(sorted(set(" ".join(texts).split())))}
    return [[vocab[word] for word in text.split()] for text in texts], vocab


def alike(a, b, window):
    """The cosine of two words' counts."""
    sentences, vocab = hearts()
    X = counts(sentences, len(vocab), window)
    x, y = X[vocab[a]], X[vocab[b]]
    return x @ y / np.sqrt(x @ x * (y @ y))


def test_company_foresees_what_it_measures():
    """300 sentences such as those four: is it as you predicted?"""
    sentences, vocab = hearts()
    hate, heart, near = alike("love", "hate", 4), alike("love", "heart", 4), alike("love", "heart", 1)
    truth = "hate" if hate > heart else "heart", "more" if heart > near else "less"
    check_that(
        company, sentences, len(vocab), 4, holds=lambda found: tuple(map(str.lower, found[0])) == truth,
        expected=f"a prediction that agrees with what is measured. The cosine of love and hate is {hate:.2f}; that of "
        f"love and heart is {near:.2f} with the window 1 and {heart:.2f} with the window 4",
    )  # fmt: skip


def check_keep_rate(counts, t):
    """Word by word."""
    total = sum(counts.tolist())
    rates = [1.0 if total * t >= n else (total * t / n) ** 0.5 for n in counts.tolist()]
    check(keep_rate, counts, t, gives=(rates, sum(r * n / total for r, n in zip(rates, counts.tolist(), strict=True))))


def test_keep_rate_of_five_words():
    """1,000 words of text; the last two words are rarer than t."""
    check_keep_rate(np.array([700, 200, 90, 8, 2]), 0.02)


def test_keep_rate_of_a_word_that_is_not_there():
    """The count of one word is 0: as id 0, that of the padding."""
    check_keep_rate(np.array([0, 60, 30, 10]), 0.05)


def test_keep_rate_of_a_whole_vocabulary(rng):
    """Counts as in a real text: the word number r occurs about 1 / r times as often as the first one."""
    check_keep_rate((60_000 / np.arange(1, 2001) + rng.integers(5, size=2000)).astype(int), 1e-3)


def slopes(w, C, h=1e-5):
    """The loss as the docstring says it, and how it changes with each number, by trying."""

    def loss(w, C):
        p = 1 / (1 + np.exp(-(C * w).sum(axis=1)))
        return -np.log(p[0]) - np.log(1 - p[1:]).sum()

    def by(array, i):
        step = np.zeros(array.size)
        step[i] = h
        return step.reshape(array.shape)

    dw = [(loss(w + by(w, i), C) - loss(w - by(w, i), C)) / (2 * h) for i in range(w.size)]
    dC = [(loss(w, C + by(C, i)) - loss(w, C - by(C, i))) / (2 * h) for i in range(C.size)]
    return loss(w, C), np.array(dw), np.array(dC).reshape(C.shape)


def test_negative_loss_of_three_noise_words():
    """A vector of two numbers, a true neighbour and three noise words."""
    w, C = np.array([0.5, -1.0]), np.array([[0.4, 0.9], [-1.2, 0.3], [2.0, 1.0], [0.2, -0.7]])
    check(negative_loss, w, C, gives=slopes(w, C))


def test_negative_loss_of_large_scores():
    """Scores of 1,000 and −1,000, on the right side and on the wrong one."""
    w, C = np.array([10.0, 0.0]), np.array([[-100.0, 3], [100, 1], [-100, 2]])
    check(negative_loss, w, C, gives=(2000.0, np.array([200.0, -2.0]), np.array([[-10.0, 0], [10, 0], [0, 0]])))


@pytest.mark.parametrize("k", [0, 1, 5])
def test_negative_loss_random(rng, k):
    """No noise word, one and five."""
    w, C = rng.normal(size=3), rng.normal(size=(1 + k, 3))
    check(negative_loss, w, C, gives=slopes(w, C))


def mended(W, C, pairs, counts, u, lr):
    """One pass: the gradients of a batch are added up pair by pair, and then W and C move."""
    weights = [n**0.75 for n in counts.tolist()]
    ends = [sum(weights[: i + 1]) / sum(weights) for i in range(len(weights))]
    W, C = W.copy(), C.copy()
    for start in range(0, len(pairs), 8):
        dW, dC = np.zeros(W.shape), np.zeros(C.shape)
        for (word, other), drawn in zip(pairs[start : start + 8], u[start : start + 8], strict=True):
            noise = [next(i for i, end in enumerate(ends) if r <= end) for r in drawn]
            for i, true in [(other, 1), *((i, 0) for i in noise)]:
                error = 1 / (1 + np.exp(-sum(W[word] * C[i]))) - true
                dW[word] += error * C[i]
                dC[i] += error * W[word]
        W, C = W - lr * dW, C - lr * dC
    return W, C


def check_mend_words(rng, n_pairs, k, lr):
    """Six words, some frequent and some rare."""
    W, C = rng.normal(size=(2, 6, 3))
    counts = np.array([50, 1, 12, 30, 3, 4])
    pairs, u = rng.integers(6, size=(n_pairs, 2)), rng.uniform(0, 0.99, size=(n_pairs, k))
    check(mend_words, W, C, pairs, counts, u, lr, gives=mended(W, C, pairs, counts, u, lr))


def test_mend_words_two_batches(rng):
    """Twenty pairs: two batches of 8, and one of 4; three noise words for each pair."""
    check_mend_words(rng, 20, 3, 0.3)


def test_mend_words_one_batch(rng):
    """Other numbers: five pairs, one noise word for each."""
    check_mend_words(rng, 5, 1, 0.1)


FORMS = """the animal eats the food · the person eats food · the person uses the tool · the size animal eats
· the size tool feels the person · the person moves to the place · the animal moves to place · person feels the animal
· the tool and the place · person and person uses tool · the food and the tool · the animal feels size"""
KINDS = sorted(set(FORMS.replace("·", "").split()) - {"the", "to", "and"})  # animal, eats, feels, food …
EACH = 6  # words of each kind; besides them "the", "to" and "and", which are not judged


@cache
def grammar(seed):
    """800 sentences, the number of words, and the kind of each word (−1 where it is not judged)."""
    rng = np.random.default_rng(seed)
    n_words = EACH * len(KINDS) + 3
    order = rng.permutation(n_words)
    words = {kind: order[EACH * k : EACH * (k + 1)] for k, kind in enumerate(KINDS)}
    words |= {"the": order[-3:-2], "to": order[-2:-1], "and": order[-1:]}
    kinds = np.full(n_words, -1)
    for k, kind in enumerate(KINDS):
        kinds[words[kind]] = k
    forms = [form.split() for form in FORMS.split("·")]
    often = np.cumsum(1 / np.arange(1, EACH + 1))
    ranks = np.searchsorted(often / often[-1], rng.random((800, 6)))  # of each kind, some words are frequent
    chosen = rng.integers(len(forms), size=800)
    sentences = [
        [int(words[w][r % len(words[w])]) for w, r in zip(forms[f], row, strict=False)]
        for f, row in zip(chosen, ranks, strict=True)
    ]
    return sentences, n_words, kinds


trained = once(train_neighbours)


def found_neighbours(W, kinds):
    """The part of the judged words whose nearest word is of the same kind."""
    W = np.asarray(W, float)
    unit = W / np.sqrt((W**2).sum(axis=1, keepdims=True))
    cosines = unit @ unit.T - 9 * np.eye(len(W))
    return float(np.mean((kinds[cosines.argmax(axis=1)] == kinds)[kinds >= 0]))


def how_many(found):
    """The words whose nearest is right, and what to try if they are as few as with random vectors."""
    n = round(60 * found)
    hint = "hardly more than with random vectors: try a rate ten times larger, then ten times smaller, and more passes"
    return f"{n}" if n > 15 else f"{n}, {hint}"


def test_train_neighbours_has_the_right_shape():
    """A row for each word, and few columns."""
    sentences, n_words, _ = grammar(0)
    check_that(
        trained, jax.random.key(0), sentences, n_words, expected=f"W with {n_words} rows and at most 16 columns",
        holds=lambda W: np.ndim(W) == 2 and np.shape(W)[0] == n_words and np.shape(W)[1] <= 16,
        found=lambda W: f"The shape of yours is {np.shape(W)}.",
    )  # fmt: skip


def test_train_neighbours_gives_vectors():
    """NaN, or a vector of nothing but zeros, has no direction."""
    sentences, n_words, _ = grammar(0)
    check_that(
        trained, jax.random.key(0), sentences, n_words,
        expected="vectors of numbers, none of them NaN or infinite, and no vector all zeros",
        holds=lambda W: np.all(np.isfinite(W)) and np.all(np.any(np.asarray(W) != 0, axis=1)),
    )  # fmt: skip


def test_train_neighbours_finds_the_kinds():
    """63 words, 60 of them in kinds of six: who is the nearest of each?"""
    sentences, n_words, kinds = grammar(0)
    found = found_neighbours(trained(jax.random.key(0), sentences, n_words), kinds)
    check_that(
        trained, jax.random.key(0), sentences, n_words, holds=lambda W: found_neighbours(W, kinds) >= 0.9,
        expected=f"the nearest word to be of the same kind for at least 54 of 60 words; it is for {how_many(found)}",
    )  # fmt: skip


def test_train_neighbours_of_another_text(rng):
    """Other words and other sentences of the same grammar."""
    sentences, n_words, kinds = grammar(int(rng.integers(1, 10_000)))
    found = found_neighbours(trained(jax.random.key(1), sentences, n_words), kinds)
    check_that(
        trained, jax.random.key(1), sentences, n_words, holds=lambda W: found_neighbours(W, kinds) >= 0.9,
        expected=f"the nearest word to be of the same kind for at least 54 of 60 words; it is for {how_many(found)}",
    )  # fmt: skip
