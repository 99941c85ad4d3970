"""Chapter 7: recurrent cells. A cell reads one step, (params, carry, x) -> (carry, y); a scan makes it read a sequence.

Symbols, the same throughout the chapter:
    x       (batch, n_in) what comes in at one step; xs (time, batch, n_in) are all steps, the time first
    h       (batch, n) the hidden state: what the cell answers, and what it hands to its next step
    c       (batch, n) the cell state of an LSTM
    carry   all that goes from a step to the next: h, or (h, c)
    z       (batch, gates · n) weighted sums, before the sigmoids and tanhs of the gates
    params  {"Wx": (n_in, gates · n), "Wh": (n, gates · n), "b": (gates · n,)}, the gates side by side

The steps below are for reading. `fast_scan` gives what `scan` gives with them, in half the time or less.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from deepbook.activations import sigmoid, tanh

# ------------------------------------------------------------------ three cells


def rnn_step(params, h, x):
    """One step of a plain recurrent cell: tanh(x Wx + h Wh + b) is the new state. Elman (1990).

    params: one block of columns. Chapter 7, "One cell".
    """
    h = tanh(x @ params["Wx"] + h @ params["Wh"] + params["b"])
    return h, h


def lstm_step(params, carry, x):
    """One step of an LSTM: the forget gate says what stays in the cell, the input gate what comes in, the output gate
    what is told. Hochreiter and Schmidhuber (1997); Gers et al. (2000) for the forget gate.

    params: four blocks of columns, in the order i (input), f (forget), g (candidate), o (output), that of PyTorch and
    Keras. carry: (h, c). Chapter 7, "LSTM".
    """
    h, c = carry
    i, f, g, o = jnp.split(x @ params["Wx"] + h @ params["Wh"] + params["b"], 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    h = sigmoid(o) * tanh(c)
    return (h, c), h


def gru_step(params, h, x, reset_after=True):
    """One step of a GRU: the new state lies between the old one and a candidate. Cho et al. (2014).

    params: three blocks of columns, in the order r (reset), u (update), g (candidate), that of PyTorch; Keras puts u
    first. reset_after: the reset gate acts on h Wh + bh (PyTorch, Keras; there is a second bias, "bh", of the size of
    b), or on h before the product (the paper; one bias). Chapter 7, "GRU".
    """
    zx = x @ params["Wx"] + params["b"]
    Wh, Wg = jnp.split(params["Wh"], [2 * h.shape[-1]], axis=1)
    bh, bg = jnp.split(params["bh"], [2 * h.shape[-1]]) if reset_after else (0, 0)
    r, u = jnp.split(sigmoid(zx[..., : -h.shape[-1]] + h @ Wh + bh), 2, axis=-1)
    zh = r * (h @ Wg + bg) if reset_after else (r * h) @ Wg
    g = tanh(zx[..., -h.shape[-1] :] + zh)
    h = u * h + (1 - u) * g
    return h, h


@partial(jax.jit, static_argnames=("step", "reverse"))
def scan(step, params, carry, xs, mask=None, reverse=False):
    """A cell along a sequence: each step gets what the step before it has left. Returns (carry, hs).

    step: a cell, such as `lstm_step`. xs: (time, batch, n_in).
    mask: (time, batch), True where there is something; elsewhere the carry stays as it is. reverse: from the end to the
    start; hs[t] still belongs to xs[t]. Returns the last carry, and hs, (time, batch, n): with no steps, the carry that
    came in. Chapter 7, "Unrolled".
    """

    def one(carry, now):
        x, there = now
        new, _ = step(params, carry, x)
        if there is not None:
            still = there[:, None]
            new = jax.tree.map(lambda new, old: jnp.where(still, new, old), new, carry)
        return new, jax.tree.leaves(new)[0]  # h comes first

    return lax.scan(one, carry, (xs, mask), reverse=reverse)


# ------------------------------------------------------------------ the same, fast

# What costs time is the gradient. JAX's own adds to the weights' gradient at every step, one small product and one walk
# through the weights each; here a scan backwards gives only dz, and the weights' gradient is one large product after it
# (one for each chunk, where the dz of all steps would not stay in the processor's cache). Forwards, x and h stand side
# by side, so that a step is one product; what the gates said is kept. Chapter 7, "Fast on a CPU", measures it.


@partial(jax.jit, static_argnames=("cell", "reverse"))
def fast_scan(cell, params, carry, xs, mask=None, reverse=False):
    """What `scan` gives for a cell, fast. cell: "rnn", "lstm" or "gru", the one with reset_after; the rest as there.

    jit, vmap and grad work, and grad of grad. The gradient is our own, so forward mode (jax.jvp, jax.jacfwd) raises
    TypeError: take jax.jacrev. Chapter 7, "Fast on a CPU".
    """
    W, b = _side_by_side(params) if cell == "gru" else (jnp.concatenate([params["Wx"], params["Wh"]]), params["b"])
    states, hs = _fast(cell, reverse, W, b, jax.tree.leaves(carry), xs, mask)
    return jax.tree.unflatten(jax.tree.structure(carry), states), hs


def _rnn_mix(h, states):
    return [h]


def _lstm_mix(i, f, g, o, states):
    c = f * states[1] + i * g
    return [o * jnp.tanh(c), c]


def _gru_mix(r, u, g, hg, states):
    return [u * states[0] + (1 - u) * jnp.tanh(g + r * hg)]


# Each gate's activation beside its slope, which is computed from what the activation gave.
SIGMOID, TANH, SAME = (
    (lax.logistic, lambda a: a * (1 - a)),
    (jnp.tanh, lambda a: 1 - a * a),
    (lambda z: z, lambda a: 1.0),
)
CELLS = {
    "rnn": ((TANH,), _rnn_mix),
    "lstm": ((SIGMOID, SIGMOID, TANH, SIGMOID), _lstm_mix),
    "gru": ((SIGMOID, SIGMOID, SAME, SAME), _gru_mix),
}


def _side_by_side(params):
    """A GRU's weights for one product with [x, h]: the columns of r and u, then those of g for x alone and h alone."""
    Wx, Wh, b, bh = (params[name] for name in ("Wx", "Wh", "b", "bh"))
    n = Wh.shape[0]
    above = jnp.concatenate([Wx, jnp.zeros((len(Wx), n), Wx.dtype)], axis=1)
    below = jnp.concatenate([Wh[:, : 2 * n], jnp.zeros((n, n), Wh.dtype), Wh[:, 2 * n :]], axis=1)
    return jnp.concatenate([above, below]), jnp.concatenate([b[: 2 * n] + bh[: 2 * n], b[2 * n :], bh[2 * n :]])


def _mixed(mix, gates, states, there):
    """The states after a step; where there is nothing, those before it."""
    new = mix(*gates, states)
    return new if there is None else [jnp.where(there[:, None], a, b) for a, b in zip(new, states, strict=True)]


@partial(jax.custom_vjp, nondiff_argnums=(0, 1))
def _fast(cell, reverse, W, b, states, xs, mask):
    return _fast_forward(cell, reverse, W, b, states, xs, mask)[0]


def _fast_forward(cell, reverse, W, b, states, xs, mask):
    bends, mix = CELLS[cell]

    def step(states, now):
        x, there = now
        xh = jnp.concatenate([x, states[0]], axis=-1)
        z = jnp.split(xh @ W + b, len(bends), axis=-1)
        gates = [bend(part) for (bend, _), part in zip(bends, z, strict=True)]
        new = _mixed(mix, gates, states, there)
        return new, (new[0], (xh, gates, states[1:]))

    last, (hs, kept) = lax.scan(step, states, (xs, mask), reverse=reverse)
    return (last, hs), (W, mask, kept)


def _fast_backward(cell, reverse, saved, slopes):
    (W, mask, kept), (last, dhs), (bends, mix) = saved, slopes, CELLS[cell]
    n = last[0].shape[-1]
    front, back = W[:-n].T, W[-n:].T

    def step(slopes, now):
        dh, (xh, gates, others), there = now
        _, pull = jax.vjp(partial(_mixed, mix, there=there), gates, [xh[:, -n:], *others])
        dgates, (first, *rest) = pull([slopes[0] + dh, *slopes[1:]])
        dz = [dgate * slope(gate) for dgate, gate, (_, slope) in zip(dgates, gates, bends, strict=True)]
        dz = jnp.concatenate(dz, axis=-1)
        return [first + dz @ back, *rest], dz

    def chunk(slopes, now):
        slopes, dW, db = slopes
        slopes, dz = lax.scan(step, slopes, now, reverse=not reverse)
        rows = dz.reshape(steps * batch, dz.shape[-1])
        xh = now[1][0].reshape(steps * batch, len(W))
        return (slopes, dW + xh.T @ rows, db + rows.sum(0)), dz @ front

    time, batch = dhs.shape[:2]
    steps = _chunk(time, batch)
    now = jax.tree.map(lambda a: a.reshape(time // steps, steps, *a.shape[1:]), (dhs, kept, mask))
    start = last, jnp.zeros_like(W), jnp.zeros_like(W[0])
    (states, dW, db), dx = lax.scan(chunk, start, now, reverse=not reverse)
    return dW, db, states, dx.reshape(time, batch, len(W) - n), None


def _chunk(time, batch):
    """How many steps a chunk has: so that its rows are at most ROWS, but all if the time has no fitting divisor."""
    fitting = [steps for steps in range(8, time) if time % steps == 0 and steps * batch <= ROWS]
    return max(fitting, default=max(time, 1)) if time * batch > ROWS else max(time, 1)


ROWS = 2048  # measured: more leave the cache, fewer make small products
_fast.defvjp(_fast_forward, _fast_backward)

# ------------------------------------------------------------------ backwards through time, by hand


def bptt(w, u, b, xs, y, h=0.0):
    """The gradient of a cell of one unit, by hand: h ← tanh(w x + u h + b) at each step, then ½ (h − y)².

    w, u, b: numbers. xs: a list of numbers. y: the number that h should be at the end. h: where it starts.
    Returns (loss, (dw, du, db), dhs): the loss, its gradient, and the gradient by the state after each step, whose
    factors u (1 − h²) make it vanish or explode. Chapter 7, "Through time"; Werbos (1990).

    >>> loss, _, dhs = bptt(1.0, 0.5, 0.0, [1.0, 0.0, 0.0], 1.0)
    >>> [round(dh, 3) for dh in dhs]
    [-0.172, -0.397, -0.82]
    """
    hs = [h]
    for x in xs:
        hs.append(float(np.tanh(w * x + u * hs[-1] + b)))
    dw, du, db, dh, dhs = 0.0, 0.0, 0.0, hs[-1] - y, []
    for x, before, h in zip(xs[::-1], hs[-2::-1], hs[:0:-1], strict=True):
        dhs.append(dh)
        dz = dh * (1 - h**2)
        # the same weights at every step: their gradients add up
        dw, du, db = dw + dz * x, du + dz * before, db + dz
        dh = dz * u
    return (hs[-1] - y) ** 2 / 2, (dw, du, db), dhs[::-1]
