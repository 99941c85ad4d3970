"""Chapter 7, set 2: cells with gates, sequences of unequal length, and reading both ways.

    deepbook check gates

Fair here: numpy, jax (lax.scan, tree.map and jax.numpy, but not jax.nn, jax.scipy or jax.example_libraries), and what
comes with Python. σ(z) = 1 / (1 + exp(-z)), the sigmoid.
"""

import jax
import jax.numpy as jnp
import numpy as np


def lstm_cell(params, carry, x):
    """One step of an LSTM.

    Four blocks of n numbers come from x · Wx + h · Wh + b, in this order: the input
    gate i, the forget gate f, the candidate g, the output gate o. The gates go through
    σ, the candidate through tanh. The cell state keeps f of what it was and takes in i
    of the candidate; the new h is o of tanh of the new cell state. “Of” means: times,
    number by number.
    params: {"Wx": (n_in, 4n), "Wh": (n, 4n), "b": (4n,)}. carry: (h, c), both (batch,
    n), from the step before. x: (batch, n_in).
    Returns the new carry, (h, c).

    >>> params = {"Wx": np.zeros((1, 4)), "Wh": np.zeros((1, 4)), "b": np.zeros(4)}
    >>> lstm_cell(params, (np.array([[0.0]]), np.array([[8.0]])), np.array([[1.0]]))[1]
    array([[4.]])

    Source: Hochreiter and Schmidhuber (1997); the forget gate: Gers, Schmidhuber and
    Cummins (2000), "Learning to forget".
    Chapter 7: 07-rnn.html#lstm
    """
    # BEGIN SOLUTION
    h, c = carry
    i, f, g, o = np.split(x @ params["Wx"] + h @ params["Wh"] + params["b"], 4, axis=-1)
    i, f, o = (1 / (1 + np.exp(-z)) for z in (i, f, o))
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c
    # END SOLUTION


def gru_cell(params, h, x):
    """One step of a GRU, a smaller relative of the LSTM with one state only.

    Three blocks of n columns in Wx, Wh and b belong, in this order, to: the reset gate
    r, the update gate u, the candidate g.

        r = σ(x · Wx_r + h · Wh_r + b_r)
        u = σ(x · Wx_u + h · Wh_u + b_u)
        g = tanh(x · Wx_g + (r of h) · Wh_g + b_g)

    The new h is u of the old h and 1 - u of the candidate. “Of” means: times, number by
    number. (PyTorch and Keras apply r after the product with Wh_g; here, as in the
    paper, before it.)
    params: {"Wx": (n_in, 3n), "Wh": (n, 3n), "b": (3n,)}. h: (batch, n), from the step
    before. x: (batch, n_in).
    Returns the new h, (batch, n).

    >>> params = {"Wx": np.zeros((1, 3)), "Wh": np.zeros((1, 3)), "b": np.zeros(3)}
    >>> gru_cell(params, np.array([[8.0]]), np.array([[1.0]]))
    array([[4.]])

    Source: Cho and others (2014), "Learning phrase representations using RNN
    encoder–decoder".
    Chapter 7: 07-rnn.html#gru
    """
    # BEGIN SOLUTION
    Wx_r, Wx_u, Wx_g = np.split(params["Wx"], 3, axis=1)
    Wh_r, Wh_u, Wh_g = np.split(params["Wh"], 3, axis=1)
    b_r, b_u, b_g = np.split(params["b"], 3)
    r = 1 / (1 + np.exp(-(x @ Wx_r + h @ Wh_r + b_r)))
    u = 1 / (1 + np.exp(-(x @ Wx_u + h @ Wh_u + b_u)))
    g = np.tanh(x @ Wx_g + (r * h) @ Wh_g + b_g)
    return u * h + (1 - u) * g
    # END SOLUTION


def masked_scan(step, carry, x, mask):
    """Run any cell over padded sequences, in one lax.scan.

    At a padded step the cell must not notice anything: its carry stays as it was, all
    of it. Such a step's output is 0.
    step: a function (carry, x_t) → (carry, y): x_t is (batch, n_in), y (batch, n_out).
    carry: a tuple of arrays (batch, n), such as (h, c), before the first step.
    x: (batch, time, n_in). mask: (batch, time), True for what is real, False for
    padding, which may stand anywhere.
    Returns two things: the last carry, and the outputs, (batch, time, n_out).
    The test counts, inside jax.jit, how often `step` is called: lax.scan calls it once
    or twice, however many steps there are. In there compute with jnp, not with np.

    >>> step = lambda carry, x: ((carry[0] + x,), 10 * x)  # adds up what it reads
    >>> x = jnp.array([[[1.0], [2.0], [4.0]]])
    >>> mask = jnp.array([[True, True, False]])
    >>> (total,), y = masked_scan(step, (jnp.zeros((1, 1)),), x, mask)
    >>> total.tolist(), y.ravel().tolist()
    ([[3.0]], [10.0, 20.0, 0.0])

    Chapter 7: 07-rnn.html#padding-and-dropout
    """

    # BEGIN SOLUTION
    def masked(carry, inputs):
        x_t, real = inputs[0], inputs[1][:, None]  # (batch, n_in), (batch, 1)
        new, y = step(carry, x_t)
        carry = jax.tree.map(lambda new, old: jnp.where(real, new, old), new, carry)
        return carry, jnp.where(real, y, 0)

    carry, y = jax.lax.scan(masked, carry, (jnp.swapaxes(x, 0, 1), jnp.swapaxes(mask, 0, 1)))
    return carry, jnp.swapaxes(y, 0, 1)
    # END SOLUTION


def both_ways(there, back, x, lengths):
    """Read each sequence forwards with one layer and backwards with another.

    there, back: functions, two layers: each reads one sequence, (time, n_in) of any
    length, and gives its states (time, n), the first of them after the first input that
    it met. x: (batch, time, n_in). lengths: (batch,), how many inputs of each sequence
    are real, at least 1; they stand at the start, and padding after them, which no
    layer may see.
    Returns two things:
    - states (batch, time, 2n): at each real place first the n numbers of `there`, then
      the n numbers of `back` that belong to THE SAME input; 0 at padding;
    - summary (batch, 2n): what each of the two had in mind when it had read the whole
      sequence, first `there`, then `back`.

    >>> sums = lambda x: np.cumsum(x, axis=0)
    >>> states, summary = both_ways(sums, sums, np.array([[[1.0], [20], [300]]]), [3])
    >>> states.tolist()
    [[[1.0, 321.0], [21.0, 320.0], [321.0, 300.0]]]

    Source: Schuster and Paliwal (1997), "Bidirectional recurrent neural networks".
    Chapter 7: 07-rnn.html#both-ways
    """
    # BEGIN SOLUTION
    states, summary = [], []
    for row, n in zip(x, lengths, strict=True):
        forwards, backwards = there(row[:n]), back(row[:n][::-1])
        joined = np.concatenate([forwards, backwards[::-1]], axis=1)  # (n, 2n_out)
        states.append(np.pad(joined, ((0, len(row) - n), (0, 0))))
        summary.append(np.concatenate([forwards[-1], backwards[-1]]))
    return np.stack(states), np.stack(summary)
    # END SOLUTION
