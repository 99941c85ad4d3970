"""Chapter 7: recurrent layers. They read (batch, time, features), one step after the other, and carry a state.

Symbols, the same throughout the chapter:
    x       (batch, time, n_in), or a Masked of it: steps that are not there leave the state as it is
    h, c    (batch, n_out) the hidden state and, in an LSTM, the cell state
    carry   h, or (h, c): what goes from a step to the next, and from a piece of a long text to the next
"""

from dataclasses import dataclass, replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from deepbook import cells
from deepbook.layers import Dropout, Frozen, Layer, Masked, Sequential, label, numbers, through
from deepbook.mlp import glorot, lecun, zeros


def orthogonal(key, shape):
    """Rows of length 1, at right angles to each other: what is multiplied by it many times keeps its length.

    shape: (n, k · n) gives k square blocks, each orthogonal. Saxe et al. (2014). Chapter 7, "Vanish or explode".
    """
    n, columns = shape
    blocks = lecun(key, (columns // n, n, n))
    if isinstance(blocks, jax.core.Tracer):
        q, r = jnp.linalg.qr(blocks)
    else:
        q, r = np.linalg.qr(blocks)  # JAX would compile for a second
    q = q * jnp.sign(jnp.diagonal(r, axis1=1, axis2=2))[:, None]
    return jnp.concatenate(list(q), axis=1)


@dataclass(frozen=True)
class Recurrent(Layer):
    """What RNN, LSTM and GRU share.

    n_out:    how many numbers the state h has.
    sequence: True gives h after every step, (batch, time, n_out); False the last one, (batch, n_out).
    reverse:  reads from the end to the start; the last h is then the one after the first step.
    dropout:  while training, so many of the inputs' features become 0, the same at all steps of a sequence:
              Gal and Ghahramani (2016).
    x may be a Masked: padded steps leave the state as it is, and a sequence comes out Masked again. Where a row has no
    step at all, h is that of the start: zeros. Raises ValueError if x is not (batch, time, features).
    """

    n_out: int
    sequence: bool = False
    reverse: bool = False
    dropout: float = 0.0

    takes_mask = True

    def __post_init__(self):
        Dropout(self.dropout)  # is it a rate?

    def init(self, key, x):
        x_key, h_key = jax.random.split(key)
        n_in, columns = self._features(x), self.gates * self.n_out
        b = zeros(key, (columns,))
        return {"Wx": glorot(x_key, (n_in, columns)), "Wh": orthogonal(h_key, (self.n_out, columns)), "b": b}

    def start(self, batch_size):
        """The carry before the first step: zeros, (batch, n_out)."""
        return jnp.zeros((batch_size, self.n_out))

    def run(self, params, carry, x, key=None):
        """From a carry on: returns (carry, y), the carry after the last step and the layer's output."""
        n_in, (x, mask) = params["Wx"].shape[0], x if isinstance(x, Masked) else (x, None)
        if self._features(x) != n_in:
            raise ValueError(
                f"{label(self)}: got x of shape {x.shape}; needs {n_in} features in its last axis; "
                "the parameters were made for another input"
            )
        x = jnp.asarray(x, jnp.result_type(x, params["Wx"]))
        if key is not None and self.dropout:
            x = x * Dropout(self.dropout).apply({}, jnp.ones_like(x[:, :1]), key)
        steps = None if mask is None else mask.astype(bool).T
        carry, hs = self._scan(params, carry, x.swapaxes(0, 1), steps, self.reverse)
        if not self.sequence:
            return carry, jax.tree.leaves(carry)[0]
        y = hs.swapaxes(0, 1)  # (batch, time, n_out)
        return carry, y if mask is None else Masked(y, mask)

    def apply(self, params, x, key=None):
        return self.run(params, self.start(len(numbers(x))), x, key)[1]

    def _features(self, x):
        x = numbers(x)
        if len(x.shape) != 3:
            raise ValueError(
                f"{label(self)}: got x of shape {x.shape}; needs (batch, time, features); try x[..., None] for one "
                "number a step, an Embedding before it for ids, and sequence=True in a recurrent layer before it"
            )
        return x.shape[-1]


@dataclass(frozen=True)
class RNN(Recurrent):
    """The plain recurrent layer: h ← tanh(x Wx + h Wh + b). Elman (1990).

    Arguments as for LSTM. params: {"Wx": (n_in, n_out), "Wh": (n_out, n_out), "b": (n_out,)}: n (n_in + n + 1) numbers.
    Chapter 7, "One cell".
    """

    gates = 1
    _scan = staticmethod(partial(cells.fast_scan, "rnn"))


@dataclass(frozen=True)
class LSTM(Recurrent):
    """Long short-term memory: a cell state that gates write to, keep and read. Hochreiter and Schmidhuber (1997).

    n_out:    how many numbers the state h has, and the cell state c.
    sequence: True gives h after every step, (batch, time, n_out); False the last one, (batch, n_out).
    reverse:  reads from the end to the start; the last h is then the one after the first step.
    dropout:  while training, so many of the inputs' features become 0, the same at all steps of a sequence:
              Gal and Ghahramani (2016).
    params: {"Wx": (n_in, 4 n), "Wh": (n, 4 n), "b": (4 n,)}, 4 n (n_in + n + 1) numbers; gates in the order i, f, g, o.
    The bias of the forget gate f begins at 1, so that a new cell remembers: Jozefowicz et al. (2015).
    x may be a Masked: padded steps leave the state as it is, and a sequence comes out Masked again. Where a row has no
    step at all, h is that of the start: zeros. Raises ValueError if x is not (batch, time, features).
    Chapter 7, "LSTM".

    >>> layer = LSTM(5)
    >>> layer.apply(layer.init(jax.random.key(0), jnp.ones((1, 7, 3))), jnp.ones((2, 7, 3))).shape
    (2, 5)
    """

    gates = 4
    _scan = staticmethod(partial(cells.fast_scan, "lstm"))

    def init(self, key, x):
        params = super().init(key, x)
        return params | {"b": params["b"].at[self.n_out : 2 * self.n_out].set(1)}

    def start(self, batch_size):
        """The carry before the first step: (h, c), zeros, each (batch, n_out)."""
        return super().start(batch_size), super().start(batch_size)


@dataclass(frozen=True)
class GRU(Recurrent):
    """Gated recurrent unit: nearly an LSTM's memory with three blocks of weights in place of four. Cho et al. (2014).

    Arguments as for LSTM, and reset_after: where the reset gate acts; see `deepbook.cells.gru_step`.
    params: {"Wx": (n_in, 3 n), "Wh": (n, 3 n), "b": (3 n,), "bh": (3 n,)}, 3 n (n_in + n + 2) numbers, as in Keras and
    PyTorch; without reset_after no "bh", and 3 n (n_in + n + 1). Gates in the order r, u, g. Chapter 7, "GRU".
    """

    reset_after: bool = True
    gates = 3

    def init(self, key, x):
        params = super().init(key, x)
        return params | {"bh": params["b"]} if self.reset_after else params

    def _scan(self, *arguments):
        if self.reset_after:
            return cells.fast_scan("gru", *arguments)
        return cells.scan(partial(cells.gru_step, reset_after=False), *arguments)


@dataclass(frozen=True)
class Bidirectional(Layer):
    """The same recipe twice, one reading forwards and one backwards; their outputs stand side by side.

    layer: for example LSTM(32, sequence=True), which makes 64 features. params: {"forward": …, "backward": …}.
    Chapter 7, "Both ways"; Schuster and Paliwal (1997).
    """

    layer: Recurrent
    takes_mask = True

    def __post_init__(self):
        if not isinstance(self.layer, Recurrent):
            raise ValueError(f"Bidirectional: got {label(self.layer)}; needs an RNN, LSTM or GRU; try LSTM(32)")

    @property
    def _back(self):
        return replace(self.layer, reverse=not self.layer.reverse)

    def init(self, key, x):
        one, other = jax.random.split(key)
        return {"forward": self.layer.init(one, x), "backward": self._back.init(other, x)}

    def apply(self, params, x, key=None):
        one, other = (None, None) if key is None else jax.random.split(key)
        forward = self.layer.apply(params["forward"], x, one)
        backward = self._back.apply(params["backward"], x, other)
        out = jnp.concatenate([numbers(forward), numbers(backward)], axis=-1)
        return Masked(out, forward.mask) if isinstance(forward, Masked) else out


# ------------------------------------------------------------------ a whole model, from a carry on


def start(model, batch_size):
    """The carry of a model before the first step: that of a recurrent layer, a tuple of them for a Sequential.

    Raises ValueError for a Bidirectional: what reads from the end cannot go on from there.
    """
    if isinstance(model, Sequential):
        return tuple(start(layer, batch_size) for layer in model.layers)
    if isinstance(model, Frozen):
        return start(model.layer, batch_size)
    if isinstance(model, Bidirectional):
        raise ValueError(f"start: got {label(model)}; needs layers that read forwards; try {label(model.layer)}")
    return model.start(batch_size) if isinstance(model, Recurrent) else ()


def run(model, params, carry, x, key=None):
    """A model from a carry on: returns (carry, y). With the carry of `start`, y is that of `model.apply`.

    So a long text is read in pieces, or written one character at a time. Chapter 7, "Truncated".
    """
    if isinstance(model, Recurrent):
        return model.run(params, carry, x, key)
    if isinstance(model, Frozen):
        return run(model.layer, lax.stop_gradient(params), carry, x)
    if not isinstance(model, Sequential):
        return (), through(model, params, x, key)
    keys, after = [None] * len(params) if key is None else jax.random.split(key, len(params)), []
    for layer, p, before, k in zip(model.layers, params, carry, keys, strict=True):
        new, x = run(layer, p, before, x, k)
        after.append(new)
    return tuple(after), x


# ------------------------------------------------------------------ how far a gradient reaches


def gradient_by_distance(model, params, x):
    """How much the last output depends on each input: the size of the gradient, by how many steps it is away.

    model: a recurrent layer, or a model whose output is (batch, n) or (batch, time, n). x: (batch, time, features).
    Returns (time,): the norm of all d output / d input, the mean over the batch; [0] is for the last step's input, [d]
    for the one d steps before. Chapter 7, "Vanish or explode"; Bengio et al. (1994).
    """

    def last(one):
        y = numbers(model.apply(params, one[None]))[0]
        return y[-1] if y.ndim == 2 else y

    slopes = jax.vmap(jax.jacrev(last))(x)  # (batch, n, time, features)
    return jnp.sqrt((slopes**2).sum((1, 3))).mean(0)[::-1]
