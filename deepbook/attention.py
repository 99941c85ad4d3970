"""Chapter 6: attention, by which each word takes up something of the others; and an encoder block, as in BERT.

Symbols, the same throughout the chapter:
    x        (batch, time, features) a vector for each word, or a Masked with which of them are there
    q, k, v  (..., time, features) what a word asks for, what it is found by, what it gives
    heads    attentions side by side, each over features / heads numbers
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax import lax

from deepbook.activations import gelu
from deepbook.embeddings import small
from deepbook.layers import Dense, Dropout, Layer, Masked, numbers
from deepbook.mlp import glorot, zeros


def attend(q, k, v, mask=None):
    """Each word's mean of all v, weighted by how well its q fits their k: softmax(q kᵀ / √features) v.

    q: (..., time, features). k: (..., keys, features). v: (..., keys, n_out).
    mask: True where a key may be looked at, (..., keys) for all words or (..., time, keys); None allows all.
    Returns (..., time, n_out); zeros for a word that may look at nothing. Raises ValueError if q does not fit k.
    Chapter 6, "Attention in one page"; Vaswani et al. (2017).

    >>> v = jnp.array([[1.0], [3.0]])
    >>> attend(jnp.zeros((1, 4)), jnp.ones((2, 4)), v).tolist()
    [[2.0]]
    """
    if q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ValueError(
            f"attend: got q {q.shape}, k {k.shape}, v {v.shape}; needs q and k of as many features, and as many k as v"
        )
    return attention_weights(q, k, mask) @ v


def attention_weights(q, k, mask=None):
    """How much each word looks at each other: (..., time, keys); each row sums to 1, or is 0 where all is masked."""
    scores = q @ k.swapaxes(-1, -2) / jnp.sqrt(q.shape[-1]).astype(q.dtype)
    mask = jnp.ones(k.shape[:-1], bool) if mask is None else jnp.asarray(mask)
    if mask.ndim < scores.ndim and mask.shape != k.shape[:-1]:
        raise ValueError(
            f"attend: got a mask of shape {mask.shape}; needs {k.shape[:-1]}, a flag "
            f"for each key, or as many axes as the weights {scores.shape}; try mask[None]"
        )
    # the same keys for each word
    mask = mask if mask.ndim == scores.ndim else mask[..., None, :]
    largest = jnp.max(scores, -1, keepdims=True, where=mask, initial=-1e30)
    below = jnp.where(mask, scores - lax.stop_gradient(largest), 0)
    fits = jnp.where(mask, jnp.exp(below), 0)
    return fits / jnp.maximum(fits.sum(-1, keepdims=True), 1e-30)


@dataclass(frozen=True)
class LayerNorm(Layer):
    """Each vector by itself shifted and scaled to mean 0, variance 1; then by a learned scale and shift.

    So nothing depends on the batch. eps keeps the root from 0. params: {"scale", "shift"}, each (features,).
    Chapter 6, "Attention in one page"; Ba, Kiros and Hinton (2016).
    """

    eps: float = 1e-5

    def init(self, key, x):
        zero = zeros(key, x.shape[-1:])
        return {"scale": zero + 1, "shift": zero}

    def apply(self, params, x, key=None):
        mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return params["scale"] * (x - mean) * lax.rsqrt(var + self.eps) + params["shift"]


@dataclass(frozen=True)
class Positions(Layer):
    """A learned vector for each place, added: attention itself does not know the order of its words.

    n_positions: how long a sequence may be. params: {"W": (n_positions, features)}.
    Raises ValueError for a longer sequence. Chapter 6, "Attention in one page".
    """

    n_positions: int

    def init(self, key, x):
        return {"W": small(key, (self.n_positions, x.shape[-1]))}

    def apply(self, params, x, key=None):
        time = x.shape[1]
        if time > self.n_positions:
            raise ValueError(f"Positions({self.n_positions}): got {time} steps; needs no more; try pad(ids, length)")
        return x + params["W"][:time]


@dataclass(frozen=True)
class SelfAttention(Layer):
    """The words of a sequence look at each other, in several heads: q, k and v are all made from x.

    n_heads: divides the features. causal: a word looks only at itself and what is before it, as in GPT.
    x: (batch, time, features) or a Masked, whose padding is not looked at; the output is the same.
    params: "q", "k", "v" and "out", each {"W": (features, features), "b": (features,)}.
    Raises ValueError if n_heads does not divide the features. Chapter 6, "Attention in one page".
    """

    n_heads: int
    causal: bool = False

    takes_mask = True

    def init(self, key, x):
        x = numbers(x)
        if x.shape[-1] % self.n_heads:
            raise ValueError(
                f"SelfAttention: got {self.n_heads} heads for {x.shape[-1]} features; needs a divisor of them; try 1"
            )
        dense = Dense(x.shape[-1], glorot)
        return {
            name: dense.init(k, x) for name, k in zip(("q", "k", "v", "out"), jax.random.split(key, 4), strict=True)
        }

    def apply(self, params, x, key=None):
        numbers_, (batch, time, features) = numbers(x), numbers(x).shape
        dense = Dense(features)

        def heads(name):
            split = dense.apply(params[name], numbers_).reshape(batch, time, self.n_heads, features // self.n_heads)
            return split.swapaxes(1, 2)  # (batch, heads, time, features / heads)

        seen = attend(heads("q"), heads("k"), heads("v"), self._mask(x, time))
        out = dense.apply(params["out"], seen.swapaxes(1, 2).reshape(batch, time, features))
        return Masked(out, x.mask) if isinstance(x, Masked) else out

    def _mask(self, x, time):
        """(batch or 1, 1, time or 1, time): one for all heads."""
        there = x.mask[:, None, None, :] if isinstance(x, Masked) else jnp.ones((1, 1, 1, time), bool)
        return there & jnp.tril(jnp.ones((time, time), bool)) if self.causal else there


@dataclass(frozen=True)
class EncoderBlock(Layer):
    """Attention, then two Dense layers at each word; after each a sum with what went in, and a LayerNorm: as in BERT.

    n_heads: of the attention. n_hidden: units between the Dense layers, mostly 4 · features. causal: as GPT looks.
    rate: the fraction dropped in training, after the attention and at the end. eps: of the norms.
    x: (batch, time, features) or a Masked; the output is the same.
    params: "attention", "norm", "hidden", "out", "norm_out". Chapter 6, "BERT and GPT"; Devlin et al. (2019).
    """

    n_heads: int
    n_hidden: int
    causal: bool = False
    rate: float = 0.0
    eps: float = 1e-5

    takes_mask = True

    def _parts(self, features):
        norm = LayerNorm(self.eps)
        return {
            "attention": SelfAttention(self.n_heads, self.causal),
            "norm": norm,
            "hidden": Dense(self.n_hidden, glorot),
            "out": Dense(features, glorot),
            "norm_out": norm,
        }

    def init(self, key, x):
        x = numbers(x)
        parts = self._parts(x.shape[-1])
        wide = jnp.zeros((1, 1, self.n_hidden))
        keys = jax.random.split(key, len(parts))
        return {
            name: part.init(k, wide if name == "out" else x)
            for (name, part), k in zip(parts.items(), keys, strict=True)
        }

    def apply(self, params, x, key=None):
        parts, drop = self._parts(numbers(x).shape[-1]), Dropout(self.rate)
        one, other = (None, None) if key is None else jax.random.split(key, 2)

        def through(name, x):
            return parts[name].apply(params[name], x)

        heard = numbers(through("attention", x))
        h = through("norm", numbers(x) + drop.apply({}, heard, one))
        wide = gelu(through("hidden", h))
        out = through("norm_out", h + drop.apply({}, through("out", wide), other))
        return Masked(out, x.mask) if isinstance(x, Masked) else out
