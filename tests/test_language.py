"""deepbook.language: windows, training that remembers, sampling."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from deepbook import language
from deepbook.embeddings import Embedding
from deepbook.language import choose, language_model, sample, streams, surprise, train_stateful, windows
from deepbook.layers import Dense, Dropout, Frozen, Sequential, label
from deepbook.losses import cross_entropy
from deepbook.optim import SGD, Adam
from deepbook.rnn import GRU, LSTM, RNN, Bidirectional

KEY = jax.random.key(0)
SONG = np.tile([2, 3, 2, 4], 100)  # what follows 2 depends on what was before it
MODEL = language_model(5, 16, 8)
PARAMS = MODEL.init(KEY, np.array([[2, 3]]))
HALVES = jnp.log(jnp.array([0.5, 0.25, 0.15, 0.1]))


@pytest.fixture(scope="module")
def singer():
    return train_stateful(MODEL, PARAMS, SONG, key=KEY, optimizer=Adam(0.03), epochs=15, batch_size=4, length=10)


# The model


def test_language_model_is_an_embedding_cells_and_scores():
    assert label(MODEL) == "Sequential([Embedding(5, 8, initializer=standard), LSTM(16, True), Dense(5, glorot)])"
    deep = language_model(5, 4, 3, cell=GRU, layers=2, dropout=0.1)
    kinds = [type(layer) for layer in deep.layers]
    assert kinds == [Embedding, GRU, Dropout, GRU, Dropout, Dense]
    assert deep.apply(deep.init(KEY, np.array([[1]])), np.array([[1, 2, 3]])).shape == (1, 3, 5)


# Windows


def test_windows_and_streams_by_hand():
    x, y = streams(range(12), 2, 2)
    assert x.tolist() == [[[0, 1], [5, 6]], [[2, 3], [7, 8]]]
    assert y.tolist() == [[[1, 2], [6, 7]], [[3, 4], [8, 9]]]
    x, y = windows(np.arange(8), 3)
    assert x.tolist() == [[0, 1, 2], [3, 4, 5]] and y.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert x.dtype == y.dtype == np.int32


@settings(max_examples=30, deadline=None)
@given(some.integers(2, 200), some.integers(1, 5), some.integers(1, 9))
def test_streams_go_on_where_they_ended(n, batch_size, length):
    if n <= batch_size * length:
        with pytest.raises(ValueError, match=f"streams: got {n} tokens for batches of {batch_size} × {length}"):
            streams(range(n), batch_size, length)
        return
    x, y = streams(range(n), batch_size, length)
    rows = x.swapaxes(0, 1).reshape(batch_size, -1)
    assert (np.diff(rows) == 1).all() and (y == x + 1).all() and y.max() < n
    assert len(np.unique(rows)) == rows.size > n - 1 - batch_size * (length + 1)


@pytest.mark.parametrize("ids", [[[1, 2], [3, 4]], [0.5, 1.5, 2.5]])
def test_windows_want_a_row_of_integers(ids):
    with pytest.raises(ValueError, match="windows: got ids of shape"):
        windows(ids, 1)


@pytest.mark.parametrize("batch_size, length", [(0, 2), (2, 0), (2, -1)])
def test_streams_want_sizes(batch_size, length):
    with pytest.raises(ValueError, match="streams: got 9 tokens"):
        streams(range(9), batch_size, length)


# How surprised


def test_perplexity_and_bits_of_guessing_among_all():
    logits = jnp.zeros((1, 3, 32))
    loss = cross_entropy(logits, jnp.array([[0, 5, 31]]))
    assert float(language.perplexity(loss)) == pytest.approx(32, rel=1e-5)
    assert float(language.bits_per_character(loss)) == pytest.approx(5, rel=1e-5)


@pytest.mark.parametrize("n", [2, 7, 150])
def test_surprise_of_one_part_is_the_loss_of_the_whole(n):
    x, y = SONG[None, : n - 1], SONG[None, 1:n]
    used = (n - 1) // 100 * 100 or n - 1
    whole = cross_entropy(MODEL.apply(PARAMS, x)[:, :used], y[:, :used])
    assert surprise(MODEL, PARAMS, SONG[:n], batch_size=1) == pytest.approx(float(whole), rel=1e-5)


def test_surprise_remembers_from_window_to_window():
    first = surprise(MODEL, PARAMS, SONG[:41], batch_size=1, length=40)
    assert surprise(MODEL, PARAMS, SONG[:41], batch_size=1, length=4) == pytest.approx(first, rel=1e-5)


@pytest.mark.parametrize("ids", [[], [3]])
def test_surprise_wants_two_tokens(ids):
    with pytest.raises(ValueError, match="surprise: got"):
        surprise(MODEL, PARAMS, np.array(ids, int))


# Training


def test_train_stateful_learns_what_needs_a_memory(singer):
    params, history = singer
    assert history["loss"][0] > 0.7 > 0.1 > history["loss"][-1]  # without a memory it would stay above 0.5 log 2
    assert len(history["loss"]) == len(history["seconds"]) == 15
    assert surprise(MODEL, params, SONG) < 0.1
    assert PARAMS[1]["Wx"].shape == (8, 64)  # what was given is still there
    written = sample(MODEL, params, [2, 3, 2], 8, KEY, temperature=0)
    assert written.tolist() == [4, 2, 3, 2, 4, 2, 3, 2]


def test_the_carry_goes_on_and_the_gradient_does_not():
    """Two steps of SGD by hand: the second window begins with the state of the first, taken as a number."""
    x, y = streams(SONG[:9], 1, 4)
    params, loss = PARAMS, []
    carry = language.start(MODEL, 1)

    @jax.jit
    def step(params, carry, x, y):
        def cost(params):
            new, logits = language.run(MODEL, params, carry, x)
            return cross_entropy(logits, y), new

        (value, carry), grads = jax.value_and_grad(cost, has_aux=True)(params)
        return jax.tree.map(lambda p, g: p - 0.5 * g, params, grads), carry, value

    for window, answer in zip(x, y, strict=True):
        params, carry, value = step(params, carry, window, answer)
        loss.append(float(value))
    ours, history = train_stateful(MODEL, PARAMS, SONG[:9], key=KEY, optimizer=SGD(0.5), batch_size=1, length=4)
    assert history["loss"] == [pytest.approx(np.mean(loss), rel=1e-5)]
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6), ours, params)


def test_callbacks_see_every_epoch_and_can_end_it():
    seen = []

    def callback(epoch, params, history):
        seen.append((epoch, len(history["loss"])))
        return epoch == 2

    _, history = train_stateful(
        MODEL, PARAMS, SONG[:50], key=KEY, epochs=5, batch_size=2, length=5, callbacks=[callback]
    )
    assert seen == [(1, 1), (2, 2)] and len(history["loss"]) == 2


def test_a_frozen_part_reads_and_remembers_too():
    frozen = Sequential([MODEL.layers[0], Frozen(MODEL.layers[1]), MODEL.layers[2]])
    assert surprise(frozen, PARAMS, SONG) == pytest.approx(surprise(MODEL, PARAMS, SONG))
    trained, _ = train_stateful(frozen, PARAMS, SONG[:50], key=KEY, optimizer=SGD(1), batch_size=2, length=5)
    assert (trained[1]["Wx"] == PARAMS[1]["Wx"]).all() and not (trained[2]["W"] == PARAMS[2]["W"]).all()


# Sampling


def frequencies(n=4000, **settings):
    drawn = jax.vmap(lambda key: choose(key, HALVES, **settings))(jax.random.split(KEY, n))
    return np.bincount(drawn, minlength=4) / n


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_choose_draws_with_the_softmax(temperature):
    expected = jax.nn.softmax(HALVES / temperature)
    np.testing.assert_allclose(frequencies(temperature=temperature), expected, atol=0.025)


def test_choose_among_the_likeliest_only():
    np.testing.assert_allclose(frequencies(top_k=2), [2 / 3, 1 / 3, 0, 0], atol=0.025)
    turned = jax.vmap(lambda key: choose(key, HALVES[::-1], top_k=1))(jax.random.split(KEY, 50))
    assert (turned == 3).all()


@pytest.mark.parametrize("temperature", [0, 1e-30, 1e-6])
def test_choose_without_warmth_takes_the_likeliest(temperature):
    logits = jnp.array([[1.0, 50.0, -3.0], [9.0, 8.9, 0.0]])
    for top_k in (None, 2):
        assert choose(KEY, logits, temperature, top_k).tolist() == [1, 0]


def test_sample_reads_its_own_words(singer):
    """Greedily, each token is the likeliest after all before it, as `apply` scores them."""
    params, written = singer[0], [2, 4]
    for _ in range(6):
        written.append(int(MODEL.apply(params, np.array([written]))[0, -1].argmax()))
    assert sample(MODEL, params, [2, 4], 6, KEY, temperature=0).tolist() == written[2:]


def test_sample_of_several_texts_is_one_scan():
    ids = sample(MODEL, PARAMS, np.array([[2, 3], [4, 2]]), 5, KEY)
    assert ids.shape == (2, 5) and ((ids >= 0) & (ids < 5)).all()
    assert sample(MODEL, PARAMS, [2], 0, KEY).shape == (0,)
    assert (sample(MODEL, PARAMS, [2], 5, KEY) == sample(MODEL, PARAMS, [2], 5, KEY)).all()
    program = str(jax.make_jaxpr(lambda p: language._sample(MODEL, p, jnp.ones((1, 1), int), 50, KEY, 1.0, 2))(PARAMS))
    assert "length=50" in program and program.count("length=50") == 1


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"prompt": []}, r"sample: got a prompt of shape \(0,\); needs at least one token"),
        ({"prompt": np.zeros((2, 0), int)}, r"sample: got a prompt of shape \(2, 0\)"),
        ({"temperature": -1}, "sample: got temperature=-1; needs a number from 0 up"),
        ({"temperature": float("nan")}, "sample: got temperature=nan"),
        ({"temperature": float("inf")}, "sample: got temperature=inf"),
        ({"top_k": 0}, "sample: got top_k=0; needs 1 to 5"),
        ({"top_k": 6}, "sample: got top_k=6; needs 1 to 5"),
        ({"n": -1}, "sample: got n=-1"),
    ],
)
def test_sample_says_what_does_not_fit(settings, message):
    given = {"prompt": [2], "n": 3, "key": KEY, **settings}
    with pytest.raises(ValueError, match=message):
        sample(MODEL, PARAMS, **given)


def test_sample_wants_a_model_that_scores_each_step_and_reads_forwards():
    last = Sequential([Embedding(5, 3), RNN(4), Dense(5)])
    with pytest.raises(ValueError, match=r"sample: got a model whose output is \(1, 5\).*sequence=True"):
        sample(last, last.init(KEY, np.array([[1]])), [1], 3, KEY)
    both = Sequential([Embedding(5, 3), Bidirectional(LSTM(4, sequence=True)), Dense(5)])
    with pytest.raises(ValueError, match="start: got Bidirectional"):
        sample(both, both.init(KEY, np.array([[1]])), [1], 3, KEY)
