"""What chapter 7, set 3 asks for: language models, and sequences whose order decides."""

import jax
import numpy as np
import pytest
from ch07_rnn.writing import bits_per_character, learn_order, mend_language_model, sample_next, shift_targets

from deepbook.course.checks import check, check_raises, check_that, once


def windows(ids, length):
    """Window after window, as long as there is a target for each place."""
    starts = [i for i in range(0, len(ids), length) if i + length < len(ids)]
    x = np.array([[ids[i + t] for t in range(length)] for i in starts])
    return x, np.array([[ids[i + t + 1] for t in range(length)] for i in starts])


def check_shift_targets(ids, length):
    check(shift_targets, ids, length, gives=windows(ids, length))


def test_shift_targets_of_nine():
    """Nine ids, windows of three: the third window lacks its last target."""
    check_shift_targets(np.array([5, 3, 8, 1, 9, 2, 7, 4, 6]), 3)


def test_shift_targets_that_just_fit():
    """Seven ids, windows of three: the last id is the last target."""
    check_shift_targets(np.array([4, 1, 7, 3, 3, 9, 2]), 3)


def test_shift_targets_one_at_a_time():
    """Windows of one id."""
    check_shift_targets(np.array([2, 5, 4]), 1)


@pytest.mark.parametrize("n", [1, 4])
def test_shift_targets_without_a_window(n):
    """A window of four needs five ids."""
    check_raises(shift_targets, np.arange(n), 4, because=f"a window of 4 needs 5 ids, the last as a target, not {n}")


@pytest.mark.parametrize("length", [2, 5, 8])
def test_shift_targets_random(rng, length):
    """A longer text."""
    check_shift_targets(rng.integers(0, 30, size=int(rng.integers(20, 60))), length)


def surprise(p, mask):
    """One real character after the other, in bits by the powers of 2."""
    bits = [np.log(1 / p[place]) / np.log(2) for place in map(tuple, np.argwhere(mask))]
    return sum(bits) / len(bits), 2 ** (sum(bits) / len(bits))


def check_bits_per_character(p, mask):
    check(bits_per_character, p, mask, gives=surprise(p, mask))


def test_bits_per_character_unequal_lengths():
    """Two texts, of three characters and of one; at the padding stands 0.9."""
    p = np.array([[0.5, 0.25, 0.2], [0.1, 0.9, 0.9]])
    check_bits_per_character(p, np.array([[1, 1, 1], [1, 0, 0]], bool))


def test_bits_per_character_of_a_coin():
    """Every character had the probability 1/2: one bit each, and a choice between two."""
    check_bits_per_character(np.full((2, 3), 0.5), np.ones((2, 3), bool))


def test_bits_per_character_without_surprise():
    """A model that was sure, and right: 0 bits, and a choice between one."""
    check_bits_per_character(np.ones((1, 4)), np.ones((1, 4), bool))


@pytest.mark.parametrize("shape", [(1, 30), (8, 5)])
def test_bits_per_character_random(rng, shape):
    """Other texts, padded anywhere."""
    mask = rng.random(shape) < 0.7
    mask[0, 0] = True
    check_bits_per_character(rng.uniform(0.01, 1, size=shape), mask)


def drawn(logits, u, temperature=1.0, k=None):
    """The pieces of the line one by one, in Python's own numbers."""
    scores = [score / temperature for score in logits.tolist()]
    kept = sorted(range(len(scores)), key=lambda i: -scores[i])[:k]
    largest = max(scores)
    pieces = [np.e ** (score - largest) if i in kept else 0.0 for i, score in enumerate(scores)]
    ids = []
    for number in u * sum(pieces):
        ends = np.add.accumulate(pieces)
        ids.append(next(i for i, end in enumerate(ends) if number < end))
    return ids


U = np.array([0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95])


def check_sample_next(logits, u, *rest):
    check(sample_next, logits, u, *rest, gives=drawn(logits, u, *rest))


def test_sample_next_with_everything():
    """Five characters, a temperature of 2, the three most probable ones, and ten numbers u."""
    check_sample_next(np.array([0.5, 2.0, 0.3, 3.0, 1.0]), U, 2.0, 3)


def test_sample_next_cold():
    """A low temperature: the most probable one wins nearly always."""
    check_sample_next(np.array([0.5, 2.0, 0.3, 3.0, 1.0]), U, 0.5)


def test_sample_next_plain():
    """Temperature 1, and all characters."""
    check_sample_next(np.array([-0.5, 0.75, 0.0, -1.25]), U)


def test_sample_next_the_most_probable():
    """k = 1: one character is left, whatever u is."""
    check_sample_next(np.array([-2.0, -1.0, -3.0]), U[:4], 5.0, 1)


def test_sample_next_large_scores():
    """Scores near 1000: exp of them is infinite, exp of their differences is not."""
    check_sample_next(np.array([1000.0, 999.0, 998.0]), U, 1.0)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_sample_next_random(rng, temperature):
    """Twelve characters, fifty numbers, and any k."""
    check_sample_next(rng.normal(size=12), rng.random(50), temperature, int(rng.integers(1, 13)))


def read_all(params, ids):
    """The probabilities of the next id after all these, read from the start."""
    h = np.zeros(len(params["b"]))
    for i in ids:
        h = np.tanh(params["Wx"][i] + params["Wh"].T @ h + params["b"])
    z = params["W_out"].T @ h + params["b_out"]
    return np.e**z / sum(np.e**z)


def read_and_written(params, ids, n):
    """Each place by itself: all that stands before it is read anew."""
    bits = [-np.log2(read_all(params, ids[:t])[ids[t]]) for t in range(1, len(ids))]
    text = list(ids)
    for _ in range(n):
        text.append(int(np.argmax(read_all(params, text))))
    return sum(bits) / len(bits), text[len(ids) :]


def check_mend_language_model(rng, time, n):
    """A network that does not write the same id for ever."""
    n_chars, hidden = 6, 5
    while True:
        shapes = {"Wx": (n_chars, hidden), "Wh": (hidden, hidden), "b": (hidden,), "W_out": (hidden, n_chars)}
        params = {name: 1.5 * rng.normal(size=shape) for name, shape in shapes.items()} | {"b_out": np.zeros(n_chars)}
        ids = rng.integers(0, n_chars, size=time)
        bits, written = read_and_written(params, ids, n)
        if len(set(written)) >= min(4, n):
            break
    check(mend_language_model, params, ids, n, gives=(bits, written))


def test_mend_language_model_seven(rng):
    """A text of seven ids is read, and ten are written."""
    check_mend_language_model(rng, 7, 10)


def test_mend_language_model_two(rng):
    """The shortest text: one id to read, one to foresee. Then one is written."""
    check_mend_language_model(rng, 2, 1)


def test_mend_language_model_twenty(rng):
    """A longer text."""
    check_mend_language_model(rng, 20, 12)


def sequences(rng, n):
    """n sequences of eight symbols with one 0 and one 1; the label says whether the 0 comes first."""
    x = rng.integers(2, 8, size=(n, 8))
    places = rng.permuted(np.tile(np.arange(8), (n, 1)), axis=1)
    x[np.arange(n), places[:, 0]], x[np.arange(n), places[:, 1]] = 0, 1
    return x, (places[:, 0] < places[:, 1]).astype(int)


X, Y = sequences(np.random.default_rng(0), 1000)
X_NEW, Y_NEW = sequences(np.random.default_rng(1), 500)
trained = once(learn_order)


def shaped(params):
    n = np.shape(params["Wx"])[1]
    wanted = {"Wx": (8, n), "Wh": (n, n), "b": (n,), "W_out": (n, 2), "b_out": (2,)}
    return {name: np.shape(a) for name, a in params.items()} == wanted


def answers(params, x):
    """The label that the network of these params gives to each sequence."""
    params = {name: np.asarray(a) for name, a in params.items()}
    h = np.zeros((len(x), len(params["b"])))
    for symbols in x.T:
        h = np.tanh(params["Wx"][symbols] + h @ params["Wh"] + params["b"])
    return np.argmax(h @ params["W_out"] + params["b_out"], axis=1)


def right(params, x, y):
    """The share of sequences that get their label."""
    return np.mean(answers(params, x) == y)


def test_learn_order_has_the_right_shapes():
    """A recurrent cell and a dense layer: five arrays."""
    check_that(
        trained, jax.random.key(0), X, Y, holds=shaped,
        expected="a dict of Wx (8, n), Wh (n, n), b (n,), W_out (n, 2) and b_out (2,)",
    )  # fmt: skip


def test_learn_order_gives_numbers():
    """NaN or infinity: a step too large, or a gradient that exploded."""
    check_that(
        trained, jax.random.key(0), X, Y, expected="numbers, none of them NaN or infinite",
        holds=lambda params: all(np.all(np.isfinite(a)) for a in params.values()),
    )  # fmt: skip


def test_learn_order_has_a_memory():
    """Without Wh the state is a function of the last symbol alone."""
    check_that(
        trained, jax.random.key(0), X, Y, expected="a Wh that is not 0: it carries what was read before",
        holds=lambda params: np.abs(params["Wh"]).max() > 1e-3,
    )  # fmt: skip


def test_learn_order_learns_the_training_sequences():
    """First of all, the sequences that it is trained on."""
    found = right(trained(jax.random.key(0), X, Y), X, Y)
    check_that(
        trained, jax.random.key(0), X, Y, holds=lambda params: right(params, X, Y) >= 0.95,
        expected=f"at least 95 of 100 TRAINING sequences labelled rightly; with these weights it is {100 * found:.0f}. "
        "Is the last loss far below log 2 = 0.69? If it is, your own scores differ from those of the docstring: they "
        "begin with h = 0, and each step is tanh(Wx[x] + h @ Wh + b). Does your forward pass do the same?",
    )  # fmt: skip


def test_learn_order_labels_unseen_sequences():
    """What counts: sequences that no weight has ever seen."""
    found = right(trained(jax.random.key(0), X, Y), X_NEW, Y_NEW)
    check_that(
        trained, jax.random.key(0), X, Y, holds=lambda params: right(params, X_NEW, Y_NEW) >= 0.95,
        expected=f"at least 95 of 100 unseen sequences labelled rightly; with these weights it is {100 * found:.1f}",
    )  # fmt: skip


def test_learn_order_of_other_sequences(rng):
    """Other sequences and another key."""
    (x, y), (x_new, y_new) = sequences(rng, 1000), sequences(rng, 500)
    check_that(
        learn_order, jax.random.key(int(rng.integers(1, 10_000))), x, y,
        holds=lambda params: right(params, x_new, y_new) >= 0.9,
        expected="at least 90 of 100 unseen sequences labelled rightly",
        found=lambda params: f"It labels {100 * right(params, x_new, y_new):.1f} rightly.",
    )  # fmt: skip
