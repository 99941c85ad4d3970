"""What chapter 7, set 2 asks for: each cell compared with its equations, number by number."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ch07_rnn.gates import both_ways, gru_cell, lstm_cell, masked_scan

from deepbook.course.checks import Counted, check, check_that


def sigmoid(z):
    return (1 + np.tanh(z / 2)) / 2


def block(params, k, unit, x, h):
    """What block k of the weights says for one unit: x · Wx + h · Wh + b."""
    column = k * params["Wh"].shape[0] + unit
    return x @ params["Wx"][:, column] + h @ params["Wh"][:, column] + params["b"][column]


def weights(rng, n_in, n, blocks):
    """Weights that are large enough for each part to show."""
    shapes = {"Wx": (n_in, blocks * n), "Wh": (n, blocks * n), "b": (blocks * n,)}
    return {name: rng.normal(size=shape).round(1) for name, shape in shapes.items()}


def lstm(params, carry, x):
    """One step, one number at a time."""
    h, c = carry
    new_h, new_c = np.zeros(h.shape), np.zeros(h.shape)
    for row, unit in np.ndindex(h.shape):
        i, f, g, o = (block(params, k, unit, x[row], h[row]) for k in range(4))
        new_c[row, unit] = sigmoid(f) * c[row, unit] + sigmoid(i) * np.tanh(g)
        new_h[row, unit] = sigmoid(o) * np.tanh(new_c[row, unit])
    return new_h, new_c


def check_lstm_cell(rng, batch, n_in, n):
    params = weights(rng, n_in, n, 4)
    h, c, x = (rng.normal(size=shape).round(1) for shape in ((batch, n), (batch, n), (batch, n_in)))
    check(lstm_cell, params, (h, c), x, gives=lstm(params, (h, c), x))


def test_lstm_cell_of_one_unit():
    """One example, one input, one unit: every number is there to be followed by hand."""
    params = {"Wx": np.array([[0.5, -1.0, 2.0, 1.0]]), "Wh": np.array([[1.0, 0.5, -1.0, -0.5]])}
    params["b"] = np.array([-0.5, 1.0, 0.5, 0.2])
    carry, x = (np.array([[0.4]]), np.array([[-1.5]])), np.array([[0.8]])
    check(lstm_cell, params, carry, x, gives=lstm(params, carry, x))


def test_lstm_cell_keeps():
    """The forget gate is wide open, the input gate shut: the cell state stays, whatever is read."""
    params = {"Wx": np.zeros((1, 4)), "Wh": np.zeros((1, 4)), "b": np.array([-50.0, 50.0, 1.0, 0.0])}
    h, c = np.array([[0.1]]), np.array([[2.0]])
    check(lstm_cell, params, (h, c), np.array([[3.0]]), gives=([[np.tanh(2) / 2]], [[2.0]]))


@pytest.mark.parametrize("sizes", [(2, 2, 2), (3, 2, 4), (4, 1, 3)])
def test_lstm_cell_random(rng, sizes):
    """Other numbers of examples, inputs and units."""
    check_lstm_cell(rng, *sizes)


def gru(params, h, x):
    """One step, one number at a time."""
    new, n = np.zeros(h.shape), h.shape[1]
    for row, unit in np.ndindex(h.shape):
        r = sigmoid(np.array([block(params, 0, k, x[row], h[row]) for k in range(n)]))
        u = sigmoid(block(params, 1, unit, x[row], h[row]))
        g = np.tanh(block(params, 2, unit, x[row], r * h[row]))
        new[row, unit] = u * h[row, unit] + (1 - u) * g
    return new


def check_gru_cell(rng, batch, n_in, n):
    params = weights(rng, n_in, n, 3)
    h, x = rng.normal(size=(batch, n)).round(1), rng.normal(size=(batch, n_in)).round(1)
    check(gru_cell, params, h, x, gives=gru(params, h, x))


def test_gru_cell_of_two_units():
    """One example, one input, two units: enough to see whether r comes before the product or after it."""
    check_gru_cell(np.random.default_rng(2), 1, 1, 2)


def test_gru_cell_keeps():
    """The update gate is wide open: h stays, whatever is read."""
    params = {"Wx": np.ones((1, 3)), "Wh": np.ones((1, 3)), "b": np.array([0.0, 50.0, 0.0])}
    check(gru_cell, params, np.array([[0.7]]), np.array([[2.0]]), gives=[[0.7]])


@pytest.mark.parametrize("sizes", [(2, 2, 2), (3, 2, 4), (4, 1, 3)])
def test_gru_cell_random(rng, sizes):
    """Other numbers of examples, inputs and units."""
    check_gru_cell(rng, *sizes)


def two_states(carry, x):
    """A small cell whose h and c both move at every step, and whose output is never 0."""
    h, c = carry
    h, c = 0.5 * h + x + c, c - 2 * x - 1
    return (h, c), h * h + 3


def run(carry, x, mask):
    """Sequence after sequence; a padded step is left out."""
    h, c = (np.array(each, float) for each in carry)
    y = np.zeros((*np.shape(mask), h.shape[1]))
    for row, t in np.argwhere(np.asarray(mask)):
        (h[row], c[row]), y[row, t] = two_states((h[row], c[row]), np.asarray(x)[row, t])
    return (h, c), y


def check_masked_scan(carry, x, mask):
    carry = tuple(jnp.array(each, float) for each in carry)
    x, mask = jnp.array(x, float), jnp.array(mask, bool)
    check(masked_scan, two_states, carry, x, mask, gives=run(carry, x, mask))


def test_masked_scan_two_by_two():
    """Two sequences of two steps; only the second step of the first one is padding."""
    check_masked_scan(([[1], [2]], [[0.5], [-3]]), [[[1], [2]], [[3], [-1]]], [[1, 0], [1, 1]])


def test_masked_scan_three_by_three():
    """Three sequences of three steps, padded at the end, in the middle, and at the start."""
    x, mask = [[[1], [2], [5]], [[3], [-1], [4]], [[7], [-2], [6]]], [[1, 1, 0], [1, 0, 1], [0, 1, 1]]
    check_masked_scan(([[1], [2], [-1]], [[0.5], [-3], [4]]), x, mask)


def test_masked_scan_all_padding(rng):
    """One sequence holds nothing but padding: its carry stays as it was. The other has no padding at all."""
    carry = rng.normal(size=(2, 2, 2))
    check_masked_scan(tuple(carry), rng.normal(size=(2, 4, 2)), [[0] * 4, [1] * 4])


def adding(carry, x):
    """A cell that adds up what it reads."""
    return (carry[0] + x,), x


def test_masked_scan_scans():
    """A hundred steps, but inside jax.jit `step` is called a few times only: lax.scan traces it."""
    step = Counted(adding)
    check_that(
        jax.jit(masked_scan, static_argnums=0), step, (jnp.zeros((1, 1)),), jnp.ones((1, 100, 1)),
        jnp.ones((1, 100), bool),
        holds=lambda found: np.allclose(found[0][0], 100) and 0 < step.calls < 10,
        expected="the carry ([[100]],), with fewer than 10 calls of `step`, and not none: is your loop a `lax.scan`?",
        found=lambda _: f"Calls of `step`: {step.calls}.",
    )  # fmt: skip


def running_sum(x):
    """A layer: each state is the sum of what it has read."""
    return np.cumsum(x, axis=0)


def digits_so_far(x):
    """A layer: each state is ten times the one before, plus what it reads. Reading 1, 2, 3 it says 1, 12, 123."""
    states = np.zeros(x.shape)
    for t in range(len(x)):
        states[t] = x[t] + (10 * states[t - 1] if t else 0)
    return states


def read_both_ways(there, back, x, lengths):
    """Each place by itself: what has been read up to here, and what from the end up to here."""
    batch, time, _ = x.shape
    n = there(x[0, :1]).shape[1]
    states, summary = np.zeros((batch, time, 2 * n)), np.zeros((batch, 2 * n))
    for row, length in enumerate(lengths):
        for t in range(length):
            states[row, t, :n] = there(x[row, : t + 1])[t]
            states[row, t, n:] = back(x[row, t:length][::-1])[length - 1 - t]
        summary[row] = *states[row, length - 1, :n], *states[row, 0, n:]
    return states, summary


def check_both_ways(there, back, x, lengths):
    check(both_ways, there, back, x, lengths, gives=read_both_ways(there, back, x, lengths))


def test_both_ways_unequal_lengths():
    """Two sequences, of two inputs and of three; what is padding stands as 9, so that it shows who reads it."""
    x = np.array([[[1.0, 2], [3, 5], [9, 9]], [[4, 0], [2, 7], [6, 1]]])
    check_both_ways(digits_so_far, running_sum, x, np.array([2, 3]))


def test_both_ways_of_one_input():
    """A sequence of one input reads the same from both ends."""
    x = np.array([[[2.0], [9.0]]])
    check_both_ways(digits_so_far, running_sum, x, np.array([1]))


@pytest.mark.parametrize("shape", [(3, 5, 2), (2, 6, 1), (4, 3, 3)])
def test_both_ways_random(rng, shape):
    """Other numbers of sequences, steps and inputs; any lengths."""
    lengths = rng.integers(1, shape[1] + 1, size=shape[0])
    check_both_ways(running_sum, digits_so_far, rng.normal(size=shape), lengths)
