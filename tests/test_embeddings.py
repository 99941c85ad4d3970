"""deepbook.embeddings: a lookup is a product; similarities and their judges are worked by hand and by SciPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from deepbook.embeddings import (
    Embedding,
    MaxPoolTime,
    MeanPool,
    analogy,
    cosine,
    judge,
    judge_analogies,
    lookup,
    neighbours,
    rank_correlation,
    small,
    standard,
    unit,
)
from deepbook.layers import Dense, Dropout, Flatten, Frozen, Masked, Sequential, count
from deepbook.text import Vocabulary
from deepbook.train import fit, predict

KEY = jax.random.key(0)
IDS = jnp.array([[2, 1, 0], [3, 0, 0], [0, 0, 0]])
RNG = np.random.default_rng(0)


# Embedding


def test_embedding_is_a_product_with_one_hot_vectors():
    layer = Embedding(4, 3)
    params = layer.init(KEY, IDS)
    assert params["W"].shape == (4, 3)
    rows = layer.apply(params, IDS)
    np.testing.assert_allclose(rows, jax.nn.one_hot(IDS, 4) @ params["W"], atol=1e-7)


def test_embedding_gradient_is_by_rows():
    W = jnp.zeros((5, 2))
    grads = jax.grad(lambda W: (lookup(W, jnp.array([[1, 3, 1]])) * jnp.array([1.0, 10.0])).sum())(W)
    assert grads.tolist() == [[0, 0], [2, 20], [0, 0], [1, 10], [0, 0]]


def test_embedding_passes_a_mask_on():
    model = Sequential([Embedding(4, 3, mask=True), Dense(2), MeanPool()])
    params = model.init(KEY, IDS)
    out = model.apply(params, IDS)
    h = model.layers[1].apply(params[1], params[0]["W"])
    np.testing.assert_allclose(out, jnp.stack([(h[2] + h[1]) / 2, h[3], jnp.zeros(2)]), atol=1e-6)
    assert count(params) == 4 * 3 + 3 * 2 + 2


def test_embedding_in_the_network_of_the_lab():
    """Embedding 3001→64, Flatten, Dense 128, Dropout 0.25, 2, on 256 tokens; and with the mean in place of Flatten."""
    ids = jax.ShapeDtypeStruct((1, 256), jnp.int32)
    top = [Dense(128), Dropout(0.25), Dense(2)]
    flat = Sequential([Embedding(3001, 64), Flatten(), *top])
    mean = Sequential([Embedding(3001, 64, mask=True), MeanPool(), Dense(2)])
    assert count(jax.eval_shape(flat.init, KEY, ids)) == 2_289_602
    assert count(jax.eval_shape(mean.init, KEY, ids)) == 3001 * 64 + 64 * 2 + 2


def test_embedding_starts_small_in_and_out_of_jit():
    W = np.asarray(small(KEY, (1000, 4)))
    assert -0.05 <= W.min() < -0.04 and 0.04 < W.max() <= 0.05
    traced = jax.jit(lambda key: small(key, (10, 4)))(KEY)
    assert np.abs(traced).max() <= 0.05


def test_standard_is_normal_with_deviation_1():
    for W in (standard(KEY, (100, 100)), jax.jit(lambda key: standard(key, (100, 100)))(KEY)):
        assert abs(W.mean()) < 0.05 and abs(W.std() - 1) < 0.03


@pytest.mark.parametrize("shape", [(2, 0), (0, 3), (1, 1)])
def test_embedding_of_short_and_of_no_sequences(shape):
    layer = Embedding(4, 3, mask=True)
    params = layer.init(KEY, IDS)
    out = MeanPool().apply({}, layer.apply(params, jnp.zeros(shape, jnp.int32)))
    assert out.shape == (shape[0], 3) and not out.any()


@pytest.mark.parametrize(
    ("ids", "says"),
    [
        ([[1, 4]], "the id 4; needs ids from 0 to 3"),
        ([[1, -1]], "the id -1"),
        ([[1.0, 2.0]], "type float32; needs integers"),
    ],
)
def test_embedding_says_what_is_wrong(ids, says):
    layer = Embedding(4, 3)
    params = layer.init(KEY, IDS)
    with pytest.raises(ValueError, match=says):
        layer.apply(params, jnp.array(ids))


def test_embedding_gives_zeros_for_ids_out_of_range_under_jit():
    layer = Embedding(4, 3)
    params = layer.init(KEY, IDS)
    out = jax.jit(layer.apply)(params, jnp.array([[1, 4, -1]]))
    np.testing.assert_array_equal(out[0, 0], params["W"][1])
    assert not out[0, 1:].any()


def test_fit_and_predict_refuse_ids_out_of_range():
    model = Sequential([Frozen(Embedding(4, 3)), MeanPool(), Dense(2)])
    params, wrong, y = model.init(KEY, IDS), np.array([[1, 4]]), np.array([0])
    for use in (lambda: fit(model, params, (wrong, y), epochs=1, key=KEY), lambda: predict(model, params, wrong)):
        with pytest.raises(ValueError, match=r"Embedding\(4, 3\): got the id 4; needs ids from 0 to 3"):
            use()


# Pools


def test_mean_pool_without_a_mask_is_the_mean():
    x = jnp.arange(12.0).reshape(2, 3, 2)
    np.testing.assert_array_equal(MeanPool().apply({}, x), x.mean(1))
    assert not MeanPool().apply({}, jnp.zeros((2, 0, 3))).any()


def test_pools_do_not_look_at_padding():
    x = jnp.array([[[1.0, -5.0], [3.0, -7.0], [jnp.inf, jnp.nan]], [[jnp.nan] * 2] * 3])
    there = jnp.array([[True, True, False], [False] * 3])
    assert MeanPool().apply({}, Masked(x, there)).tolist() == [[2, -6], [0, 0]]
    assert MaxPoolTime().apply({}, Masked(x, there)).tolist() == [[3, -5], [0, 0]]
    grads = jax.grad(lambda x: MeanPool().apply({}, Masked(x, there)).sum())(jnp.nan_to_num(x, posinf=0))
    assert np.isfinite(grads).all() and not grads[1].any()


# Similarity


def test_cosine_worked_by_hand():
    a = jnp.array([[1.0, 0], [1, 1], [1, 2], [0, 0], [1e-30, 0], [3e30, 4e30]])
    b = jnp.array([[2.0, 0], [-2, -2], [-2, 1], [1, 1], [1e-30, 0], [3e30, 4e30]])
    np.testing.assert_allclose(cosine(a, b), [1, -1, 0, 0, 1, 1], atol=1e-6)
    assert np.isfinite(jax.grad(lambda a: cosine(a, b).sum())(a)).all()
    np.testing.assert_allclose(np.linalg.norm(unit(a[:3]), axis=1), 1, rtol=1e-6)


W = np.array([[0.0, 0], [0, 0], [1, 0], [2, 0.1], [0, 1], [-1, 0]])


def test_neighbours_of_an_id_and_of_a_vector():
    ids, similar = neighbours(W, 2, 10)
    assert ids.tolist() == [3, 4, 5]  # not itself, and no row of zeros
    np.testing.assert_allclose(similar, cosine(W[2], W[ids]), atol=1e-6)
    assert neighbours(W, np.array([0.0, 3.0]), 1)[0].tolist() == [4]
    assert neighbours(W, jnp.array([1.0, 0.0]), 1)[0].tolist() == [2]


def test_neighbours_of_a_vector_of_zeros_are_finite():
    assert not np.isnan(neighbours(W, 0, 3)[1]).any()


def test_analogy_worked_by_hand():
    # man, woman, king, queen, apple
    table = np.array([[1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1], [-1, 0, 0.2]])
    assert analogy(table, 0, 1, 2)[0].tolist() == [3]
    assert analogy(table, 0, 1, 2, n=2)[0].tolist() == [3, 4]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: neighbours(W, 6), "needs ids from 0 to 5"),
        (lambda: neighbours(W, -1), "needs ids from 0 to 5"),
        (lambda: neighbours(W, "cat"), "try vocab.ids"),
        (lambda: neighbours(W, np.ones(3)), r"shape \(3,\)"),
        (lambda: neighbours(W, 2, 0), "n=0"),
        (lambda: analogy(W, 1, 2, 6), "needs ids from 0 to 5"),
        (lambda: rank_correlation([1], [1]), "2 or more"),
        (lambda: rank_correlation([1, 2], [1, 2, 3]), "one length"),
    ],
)
def test_similarity_says_what_is_wrong(call, says):
    with pytest.raises(ValueError, match=says):
        call()


# Judges


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=2, max_size=30))
def test_rank_correlation_is_that_of_scipy(pairs):
    x, y = zip(*pairs, strict=True)
    theirs = 0 if len(set(x)) == 1 or len(set(y)) == 1 else spearmanr(x, y).statistic
    assert rank_correlation(x, y) == pytest.approx(theirs, abs=1e-12)


VOCAB = Vocabulary(["man", "woman", "king", "queen", "apple"])
TABLE = np.vstack([np.zeros((2, 3)), [[1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1], [-1, 0, 0.2]]])


def test_judge_uses_the_pairs_that_it_knows_in_either_case():
    pairs = [("Man", "woman", 9), ("king", "QUEEN", 8), ("man", "apple", "1"), ("man", "pear", 3)]
    correlation, used = judge(VOCAB, TABLE, pairs)
    assert used == 3
    angles = [1 / np.sqrt(2), 2 / np.sqrt(6), -1 / np.sqrt(1.04)]
    assert correlation == pytest.approx(spearmanr(angles, [9, 8, 1]).statistic)


def test_judge_of_too_few_pairs_is_no_nan():
    assert judge(VOCAB, TABLE, [("man", "king", 3), ("pear", "plum", 3)]) == (0.0, 1)
    assert judge(VOCAB, TABLE, []) == (0.0, 0)


def test_judge_analogies_agrees_with_analogy():
    questions = [("man", "woman", "king", "queen"), ("man", "woman", "king", "apple"), ("a", "b", "c", "d")]
    assert judge_analogies(VOCAB, TABLE, questions) == (0.5, 2)
    assert judge_analogies(VOCAB, TABLE, questions, most=5) == (0.0, 0)
    table = np.vstack([np.zeros((2, 8)), RNG.normal(size=(50, 8))])
    vocab = Vocabulary([f"w{i}" for i in range(50)])
    quads = [tuple(f"w{i}" for i in RNG.choice(50, 4, replace=False)) for _ in range(600)]
    right = [vocab.tokens[analogy(table, *(vocab.ids[w] for w in q[:3]))[0][0]] == q[3] for q in quads]
    assert judge_analogies(vocab, table, quads) == (pytest.approx(np.mean(right)), 600)
    assert judge_analogies(vocab, table, []) == (0.0, 0)
