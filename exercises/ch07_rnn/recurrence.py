"""Chapter 7, set 1: one cell, step after step, and the way back through time.

    deepbook check recurrence

Fair here: numpy, jax (grad, lax.scan and jax.numpy, but not jax.nn, jax.scipy or jax.example_libraries), and what comes
with Python. Sequences x are (batch, time, features), states h are (batch, n).
"""

import jax
import jax.numpy as jnp
import numpy as np


def count_parameters():
    """Count the weights of recurrent layers, with pencil and paper.

    Each hour brings 5 numbers. A layer with 3 units reads the 24 hours of a day, for 64
    days at once. How many parameters has it
    - if it is a plain recurrent layer, h ← tanh(x·Wx + h·Wh + b)?
    - and the same layer, if it reads 48 hours in place of 24?
    - if it is an LSTM?
    - if it is a GRU?
    In the LSTM and in the GRU each gate, and the candidate, has a Wx, a Wh and one b of
    its own. Return four numbers, in this order.

    Chapter 7: 07-rnn.html#unrolled
    """
    raise NotImplementedError("count_parameters: put your answer here")


def unroll(params, x, h):
    """Read sequences with a plain recurrent cell, and keep every state.

    At each step the state becomes tanh(x_t · Wx + h · Wh + b), where x_t is this step's
    input and h the state that the step before has left.
    params: {"Wx": (n_in, n), "Wh": (n, n), "b": (n,)}. x: (batch, time, n_in).
    h: (batch, n), the state before the first step.
    Returns the states after each step, an array (batch, time, n).

    >>> params = {"Wx": np.array([[1.0]]), "Wh": np.array([[0.5]]), "b": np.zeros(1)}
    >>> x = np.array([[[0.5], [0.0], [0.0]]])
    >>> unroll(params, x, np.zeros((1, 1))).ravel().round(3).tolist()
    [0.462, 0.227, 0.113]

    Source: Elman (1990), "Finding structure in time".
    Chapter 7: 07-rnn.html#unrolled
    """
    raise NotImplementedError("unroll: put your answer here")


def bptt(w, u, x, h0, dh):
    """Backpropagation through time, by hand, for a cell whose state is one number.

    Forwards, h_t = tanh(w·x_t + u·h_{t-1}), and the first step begins with h0. Every
    state is used twice: by the loss, and by the next step.
    w, u, h0: numbers. x: (time,) inputs. dh: (time,): how the loss changes with h_t
    DIRECTLY, that is, without what h_t does to later states.
    Returns three numbers: how the loss changes with w, with u, and with h0.

    >>> bptt(0.0, 2.0, np.zeros(3), 0.0, np.array([0.0, 0.0, 1.0]))  # all slopes are 1
    (0.0, 0.0, 8.0)

    Source: Werbos (1990), "Backpropagation through time".
    Chapter 7: 07-rnn.html#through-time
    """
    raise NotImplementedError("bptt: put your answer here")


def predict_fading(step, x):
    """Predict, then measure: how much of the first input is left at the end?

    Four cells, each with one number h as its state, begin with h = 0 and read 50 inputs
    x between -1 and 1:
    1. straight, small:  h ← x + 0.5·h
    2. straight, large:  h ← x + 2·h
    3. bent, large:      h ← tanh(x + 2·h)
    4. leaky:            h ← 0.9·h + 0.1·tanh(x + h)
    Think before you run anything. How does the last state change with the FIRST input?
    For each cell say "gone" if |d last h / d x[0]| is below 0.001, "exploded" if it is
    above 1000, else "there". Then write what measures it, for any cell.
    step: a function (h, x) → h of two JAX numbers. x: (time,), an array of floats.
    Returns two things: your prediction, always the same tuple of four words; and an
    array (time,): for each input x[t], the size |d last h / d x[t]|.

    >>> fading = predict_fading(lambda h, x: x - 0.5 * h, jnp.zeros(3))[1]
    >>> fading.tolist()
    [0.25, 0.5, 1.0]

    Source: Jaeger and others (2007), "Optimization and applications of echo state
    networks with leaky-integrator neurons".
    Chapter 7: 07-rnn.html#vanish-or-explode
    """
    raise NotImplementedError("predict_fading: put your answer here")


def clip_global(grads, limit):
    """Shorten the gradient if it is too long, without turning it.

    All arrays together are one long row of numbers. Its length, the norm, is the square
    root of the sum of all their squares.
    grads: a dict of arrays of any shapes, such as {"Wx": …, "Wh": …, "b": …}. limit: a
    number above 0.
    Returns two things: a dict like grads whose norm is at most limit, all its numbers
    shortened by the same factor, or left as they are if the norm was not above limit;
    and the norm as it was before.

    >>> clip_global({"W": np.array([[3.0]]), "b": np.array([-4.0])}, 1.0)
    ({'W': array([[0.6]]), 'b': array([-0.8])}, 5.0)

    Source: Pascanu, Mikolov and Bengio (2013), "On the difficulty of training recurrent
    neural networks".
    Chapter 7: 07-rnn.html#clipping
    """
    raise NotImplementedError("clip_global: put your answer here")
