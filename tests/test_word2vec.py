"""deepbook.word2vec: steps are the gradient of the stated loss; a grammar's neighbours are found."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deepbook.embeddings import cosine, neighbours
from deepbook.text import Vocabulary, vocabulary
from deepbook.word2vec import (
    BLOCK,
    Subwords,
    Words2Vec,
    keep_rates,
    look,
    negative_loss,
    noise_rates,
    put,
    recovered,
    small_grammar,
    train_pass,
    train_words,
    training_pairs,
)

KEY = jax.random.key(0)
RNG = np.random.default_rng(0)


def tables(n_rows, n_out=4, seed=0):
    rng = np.random.default_rng(seed)
    return tuple(rng.normal(size=(n_rows, n_out)).astype(np.float32) for _ in range(2))


# The parts


def test_training_pairs_worked_by_hand():
    ids = [2, 3, 4, 0, 5, 1, 6, 0, 7]
    assert training_pairs(ids, 1).tolist() == [[2, 3], [3, 2], [3, 4], [4, 3], [5, 6], [6, 5]]
    assert training_pairs(ids[:3], 2).tolist() == [[2, 3], [2, 4], [3, 2], [3, 4], [4, 2], [4, 3]]


@pytest.mark.parametrize("ids", [[], [0], [5], [1, 1], [5, 0, 6]])
def test_training_pairs_of_short_texts_are_none(ids):
    assert training_pairs(np.array(ids, int), 2).shape == (0, 2)


def test_noise_rates_worked_by_hand():
    rates = noise_rates([9, 9, 1, 16, 81])
    np.testing.assert_allclose(rates, np.array([0, 0, 1, 8, 27]) / 36)


def test_keep_rates_worked_by_hand():
    counts = np.array([50, 50, 900, 90, 9, 1])
    share = counts[2:] / 1000
    expected = np.minimum(1, np.sqrt(0.01 / share) + 0.01 / share)
    np.testing.assert_allclose(keep_rates(counts, 0.01), [0, 0, *expected])
    assert keep_rates(counts, 0).tolist() == [0, 0, 1, 1, 1, 1]


def test_negative_loss_of_zeros_is_one_coin_a_word():
    zero = jnp.zeros(3)
    assert float(negative_loss(zero, zero, jnp.zeros((4, 3)))) == pytest.approx(5 * np.log(2))
    h, c = jnp.array([1.0, 2, 0]), jnp.array([0.5, 1, 9])
    by_hand = -np.log(1 / (1 + np.exp(-2.5))) - np.log(1 / (1 + np.exp(-1.0)))
    assert float(negative_loss(h, c, jnp.array([[1.0, -1, 0]]))) == pytest.approx(by_hand)


# The step


def block_loss(W, C, ids, text, radius, noise, negative, model):
    """The loss of a block, all pairs of it: what a step must go down."""
    apart = np.abs(np.subtract.outer(np.arange(len(ids)), np.arange(len(ids))))
    near = (apart > 0) & (apart <= radius[:, None]) & (text[:, None] == text)
    loss = jax.vmap(partial(negative_loss, noise=jnp.zeros((0, W.shape[1]))), (0, 0))
    if model == "cbow":
        some = near.any(1)
        h, c = near[some] / near[some].sum(1, keepdims=True) @ W[ids], C[ids[some]]
    else:
        i, j = near.nonzero()
        h, c = W[ids[i]], C[ids[j]]
    return loss(h, c).sum() + negative / len(noise) * jax.nn.softplus(h @ C[noise].T).sum()


@pytest.mark.parametrize("model", ["skip-gram", "cbow"])
def test_train_pass_takes_the_step_of_the_gradient(model):
    window, negative, n = 2, 3, BLOCK
    ids, text = RNG.integers(2, 9, n), np.repeat([0, 1, 2], [5, 1, n - 6])
    radius, noise = RNG.integers(1, window + 1, n), RNG.integers(2, 9, BLOCK)
    W, C = tables(9)
    wide = (np.pad(row, window, constant_values=fill) for row, fill in ((ids, 0), (text, -1), (radius, 0)))
    loss = partial(block_loss, ids=ids, text=text, radius=radius, noise=noise, negative=negative, model=model)
    grads = jax.jit(jax.grad(loss, (0, 1)))(W, C)
    setup, rate = Words2Vec(model, window, negative), 0.01
    after = train_pass(
        setup,
        jnp.array(W),
        jnp.array(C),
        *(jnp.asarray(row) for row in wide),
        jnp.zeros((1, 1), jnp.int32),
        jnp.asarray(noise)[None, None],
        jnp.array([rate]),
    )
    for before, now, grad in zip((W, C), after, grads, strict=True):
        np.testing.assert_allclose(now, before - rate * grad, atol=1e-5)


def test_train_pass_changes_only_rows_that_are_read():
    text, _ = small_grammar(KEY, 20)
    vocab = vocabulary(text)
    ids = vocab.stream(text)
    counts = np.bincount(ids, minlength=len(vocab) + 10)  # ten words that never come
    W, C = train_words(KEY, ids, counts, n_out=4, epochs=1, sample=0)
    assert not C[len(vocab) :].any() and not C[:2].any() and not W[:2].any()
    assert C[2 : len(vocab)].any(1).all()


def test_parts_look_and_put_are_each_other_s_transpose():
    W, _ = tables(7)
    parts = jnp.array([[0, 0, 0], [0, 0, 0], [2, 5, 6], [3, 0, 0], [4, 6, 0]])
    ids, steps = jnp.array([2, 4, 4]), RNG.normal(size=(3, 4)).astype(np.float32)
    np.testing.assert_allclose(look(W, jnp.array([3]), parts)[0], W[3])
    np.testing.assert_allclose(look(W, jnp.array([2]), parts)[0], (W[2] + W[5] + W[6]) / np.sqrt(3), rtol=1e-6)
    _, pull = jax.vjp(lambda W: look(W, ids, parts), jnp.array(W))
    np.testing.assert_allclose(put(jnp.array(W), ids, steps, parts) - W, pull(steps)[0], atol=1e-6)


# Training


@pytest.fixture(scope="module")
def grammar():
    texts, groups = small_grammar(KEY, 2000)
    vocab = vocabulary(texts)
    ids = vocab.stream(texts)
    return vocab, ids, np.bincount(ids, minlength=len(vocab)), groups


def test_small_grammar_is_the_same_for_the_same_key():
    one, groups = small_grammar(KEY, 50)
    assert one == small_grammar(KEY, 50)[0] != small_grammar(jax.random.key(1), 50)[0]
    assert len({word for some in groups.values() for word in some}) == sum(map(len, groups.values()))


@pytest.mark.parametrize("model", ["skip-gram", "cbow"])
def test_train_words_finds_the_neighbours_of_a_grammar(grammar, model):
    vocab, ids, counts, groups = grammar
    W, C = train_words(KEY, ids, counts, n_out=16, sample=0, model=model)
    assert W.shape == C.shape == (len(vocab), 16) and W.dtype == np.float32
    assert recovered(vocab, W, groups) >= 0.9
    assert recovered(vocab, RNG.normal(size=W.shape), groups) < 0.5


def test_train_words_is_the_same_for_the_same_key(grammar):
    _, ids, counts, _ = grammar
    one, two, other = (train_words(jax.random.key(k), ids[:500], counts, n_out=4, epochs=2)[0] for k in (0, 0, 1))
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


@pytest.mark.parametrize("text", [[5], [5, 0, 6], [1, 5, 1], [5, 5, 5]])
def test_train_words_of_almost_nothing_is_finite(text):
    W, C = train_words(KEY, np.array(text, np.int32), np.full(8, 3), n_out=4, sample=0, blocks=1)
    assert np.isfinite(W).all() and np.isfinite(C).all()


def test_train_words_bears_a_word_that_is_everywhere():
    """In language one word in twenty is the same; without subsampling its pairs in a step are many."""
    rng = np.random.default_rng(0)
    share = 1 / np.arange(1, 301)
    ids = 2 + rng.choice(300, 40_000, p=share / share.sum()).astype(np.int32)
    W, _ = train_words(KEY, ids, np.bincount(ids, minlength=302), n_out=16, epochs=1, sample=0)
    assert np.abs(np.asarray(W)).max() < 10


def test_recovered_of_unknown_words_is_zero():
    assert recovered(Vocabulary(["x"]), np.ones((3, 2)), {"a": ("b", "c")}) == 0.0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ids": np.zeros(0, int)}, "no word that has a number"),
        ({"ids": np.array([0, 1, 1])}, "no word that has a number"),
        ({"ids": np.array([2, 9])}, "the id 9; needs ids from 0 to 7"),
        ({"ids": np.array([2, -3])}, "the id -3"),
        ({"ids": np.array([[2, 3]])}, r"shape \(1, 2\)"),
        ({"ids": np.array([2.0, 3.0])}, "type float64"),
        ({"counts": np.zeros(8)}, "np.bincount"),
        ({"counts": np.array([5, 5, 0, 0])}, "np.bincount"),
        ({"model": "skipgram"}, "skip-gram"),
        ({"window": 0}, "window=0"),
        ({"window": 33}, "window=33"),
        ({"epochs": 0}, "epochs=0"),
        ({"rate": 1e4, "epochs": 9}, "grew without bound"),
        ({"rate": np.nan, "blocks": 1}, "grew without bound"),
        ({"subwords": Subwords(Vocabulary(["a"]))}, "counts of 8 ids and subwords of 3"),
    ],
)
def test_train_words_says_what_is_wrong(change, says):
    given = {"ids": np.array([2, 3, 4, 0, 5, 6, 7] * 9), "counts": np.full(8, 3), "n_out": 4, "sample": 0} | change
    with pytest.raises(ValueError, match=says):
        train_words(KEY, **given)


# Words that were never seen


def test_subwords_rows_worked_by_hand():
    words = Subwords(Vocabulary(["cat"]), n_buckets=10)
    assert words.rows("cat")[0] == 2 and len(words.rows("cat")) == 1 + 5
    assert words.rows("cats")[0] != 2 and all(3 <= row < 13 for row in words.rows("cats"))
    assert words.rows("a") == words.rows("") == []  # shorter than any n-gram
    parts = words.parts()
    assert parts.shape == (3, 6) and not parts[:2].any()


def test_subwords_hash_is_fnv():
    from deepbook.word2vec import _hash

    assert _hash("") == 0x811C9DC5 and _hash("a") == 0xE40C292C and _hash("foobar") == 0xBF9CF968


def test_subwords_give_an_unseen_word_its_family():
    """Words that begin alike keep the same company; so does the unseen one of their family."""
    rng = np.random.default_rng(0)
    families = {"kindly": "slow quick calm", "runner": "far wide long"}
    stems = {name: [name[:4] + end for end in ("a", "o", "us", "ing", "ed")] for name in families}
    texts = [f"{rng.choice(stems[n])} {rng.choice(families[n].split())}" for n in rng.choice(list(families), 1500)]
    vocab = vocabulary(texts)
    ids = vocab.stream(texts)
    words = Subwords(vocab, 200)
    counts = np.bincount(ids, minlength=len(vocab))
    W, C = train_words(KEY, ids, counts, n_out=8, sample=0, subwords=words)
    assert W.shape == (len(vocab) + 200, 8) and C.shape == (len(vocab), 8)
    table = words.table(W)
    np.testing.assert_allclose(table[vocab.ids["kinda"]], words.vector(W, "kinda"), atol=1e-6)
    for name, others in (("kindly", stems["kindly"]), ("runner", stems["runner"])):
        assert name not in vocab
        nearest = vocab.tokens[neighbours(table, words.vector(W, name), 1)[0][0]]
        assert nearest in others
    assert not words.vector(W, "a").any()
    kindly, kinda, runner = (words.vector(W, word) for word in ("kindly", "kinda", "runner"))
    assert float(cosine(kindly, kinda)) > float(cosine(kindly, runner)) + 0.2
