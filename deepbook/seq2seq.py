"""Chapter 7: from one sequence to another, and tasks that are made, not collected.

Symbols, the same throughout the chapter:
    source  (batch, n_source) ids of what is read, padded with 0
    answer  (batch, n_answer) ids of what is to be written, padded with 0 behind its end
    carry   the encoder's last state, all that the decoder knows of the source
Ids: 0 is padding, START comes before an answer, characters follow.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from deepbook.data import generator
from deepbook.embeddings import Embedding, standard
from deepbook.layers import Dense, Layer, label, numbers
from deepbook.mlp import glorot
from deepbook.rnn import LSTM, Recurrent

START = 1  # in place of the token before the first

# ------------------------------------------------------------------ encoder and decoder


@dataclass(frozen=True)
class Seq2Seq(Layer):
    """Two recurrent layers: one reads the source, the other writes the answer, beginning with its last state.

    n_tokens:    how many ids there are. n_source: how many columns of x are the source; the rest is the answer that the
                 decoder hears, shifted by one: START, then the right tokens. That is teacher forcing.
    cell:        an RNN, LSTM or GRU. n_embedding: numbers a token.
    x:           (batch, n_source + n_answer) integers, from `with_answers`; the output is (batch, n_answer, n_tokens).
    params:      {"embedding", "encoder", "decoder", "top"}. Without a teacher: `answer`.
    Chapter 7, "Encoder and decoder"; Cho et al. (2014), Sutskever et al. (2014).
    """

    n_tokens: int
    n_source: int
    cell: Recurrent = LSTM(128)  # noqa: RUF009  (a frozen recipe)
    n_embedding: int = 32

    def __post_init__(self):
        if not isinstance(self.cell, Recurrent):
            raise ValueError(f"Seq2Seq: got {label(self.cell)}; needs an RNN, LSTM or GRU; try LSTM(128)")

    @property
    def parts(self):
        """The recipes of its four parts, by name."""
        read, write = replace(self.cell, sequence=False), replace(self.cell, sequence=True, reverse=False)
        embedding = Embedding(self.n_tokens, self.n_embedding, mask=True, initializer=standard)
        return {"embedding": embedding, "encoder": read, "decoder": write, "top": Dense(self.n_tokens, glorot)}

    def init(self, key, x):
        inputs = jnp.zeros((1, 1, self.n_embedding)), jnp.zeros((1, 1, self.cell.n_out))
        keys = jax.random.split(key, 4)
        like = x, inputs[0], inputs[0], inputs[1]
        return {name: part.init(k, a) for (name, part), k, a in zip(self.parts.items(), keys, like, strict=True)}

    def encode(self, params, source, key=None):
        """What the encoder knows after reading the source: a carry. Padding is not read."""
        words = self.parts["embedding"].apply(params["embedding"], source)
        encoder = self.parts["encoder"]
        return encoder.run(params["encoder"], encoder.start(len(source)), words, key)[0]

    def decode(self, params, carry, heard, key=None):
        """From a carry and what was written so far, heard (batch, time): (carry, logits)."""
        words = numbers(self.parts["embedding"].apply(params["embedding"], heard))
        carry, h = self.parts["decoder"].run(params["decoder"], carry, words, key)
        return carry, self.parts["top"].apply(params["top"], h)

    def apply(self, params, x, key=None):
        if x.ndim != 2 or x.shape[1] <= self.n_source:
            raise ValueError(
                f"Seq2Seq: got x of shape {x.shape}; needs (batch, {self.n_source} columns of source + those of the "
                "answer); try with_answers(source, answer), or answer(model, params, source, length) to have it write"
            )
        one, other = (None, None) if key is None else jax.random.split(key)
        carry = self.encode(params, x[:, : self.n_source], one)
        return self.decode(params, carry, x[:, self.n_source :], other)[1]


def with_answers(source, answer):
    """What a Seq2Seq trains on: the source, START, and the answer without its last token, side by side.

    source: (batch, n_source), answer: (batch, n_answer) integers. Returns (batch, n_source + n_answer); y is `answer`.

    >>> with_answers(np.array([[5, 6, 0]]), np.array([[7, 8]])).tolist()
    [[5, 6, 0, 1, 7]]
    """
    source, answer = np.asarray(source), np.asarray(answer)
    if source.ndim != 2 or answer.ndim != 2 or len(source) != len(answer):
        raise ValueError(
            f"with_answers: got shapes {source.shape} and {answer.shape}; needs (batch, n_source) and (batch, n_answer)"
        )
    start = np.full((len(source), 1), START, np.int32)
    return np.concatenate([source, start, answer[:, :-1]], axis=1).astype(np.int32)


@partial(jax.jit, static_argnames=("model", "length"))
def answer(model, params, source, length):
    """The model's own answers, greedily: at each step the likeliest token, which it hears at the next.

    source: (batch, n_source) integers. length: how many tokens to write. Returns (batch, length) integers.
    Chapter 7, "Encoder and decoder".
    """

    def step(now, _):
        carry, heard = now
        carry, logits = model.decode(params, carry, heard[:, None])
        told = logits[:, 0].argmax(-1)
        return (carry, told), told

    now = model.encode(params, source), jnp.full(len(source), START)
    return lax.scan(step, now, length=length)[1].T


def exact(model, params, source, y):
    """The fraction of answers that are right from the first token to the last. y: (batch, n_answer)."""
    return float((answer(model, params, jnp.asarray(source), y.shape[1]) == y).all(1).mean())


# ------------------------------------------------------------------ tasks


class Task(NamedTuple):
    """Texts as ids: source (n, n_source) and y (n, n_answer), int32, padded with 0; tokens[id] is a character."""

    source: np.ndarray
    y: np.ndarray
    tokens: tuple

    @property
    def x(self):
        """What a Seq2Seq trains on, for fit(model, params, (task.x, task.y), …)."""
        return with_answers(self.source, self.y)

    def text(self, ids):
        """The text that a row of ids stands for, without padding."""
        return "".join(self.tokens[i] for i in np.asarray(ids) if i > START)


MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip
FORMS = (
    "{d} {month} {y}", "{month} {d}, {y}", "{d} {mon} {y}", "{mon} {d}, {y}", "{d}.{m}.{y}", "{m}/{d}/{y}",
    "{d} {MONTH} {y}", "{month} {y}, the {d}.",
)  # fmt: skip


def dates(key, n):
    """Dates as people write them, and as 2019-03-14: a task whose answers have all the same length.

    "14 March 2019", "Mar 14, 2019", "14.3.2019", "3/14/2019" (the month first), ...; from 1900 to 2099.
    Returns a Task of n pairs. Chapter 7, "Dates".

    >>> task = dates(jax.random.key(0), 3)
    >>> task.source.shape, task.y.shape
    ((3, 23), (3, 10))
    """
    random = generator(key)
    days = np.datetime64("1900-01-01") + random.integers(0, 73049, n)
    pairs = []
    for day, form in zip(days.astype(str), random.integers(0, len(FORMS), n), strict=True):
        y, m, d = map(int, day.split("-"))
        month = MONTHS[m - 1]
        told = {"y": y, "m": m, "d": d, "month": month, "mon": month[:3], "MONTH": month.upper()}
        pairs.append((FORMS[form].format(**told), day))
    letters = "".join(sorted({*"".join(MONTHS), *"".join(MONTHS).upper(), *"0123456789 ,./-the"}))
    return _task(pairs, letters, 23, 10)


def additions(key, n, digits=2):
    """Sums such as 48+75, and their values, written backwards: 123 is "321".

    Backwards, since what is carried in an addition goes from the last digit to the first. digits: at most, a number.
    Returns a Task of n pairs. Chapter 7, "Encoder and decoder".
    """
    pairs = [(f"{a}+{b}", str(a + b)[::-1]) for a, b in generator(key).integers(0, 10**digits, (n, 2)).tolist()]
    return _task(pairs, "0123456789+", 2 * digits + 1, digits + 1)


def _task(pairs, letters, n_source, n_answer):
    tokens = ("", "", *letters)
    number = {token: i for i, token in enumerate(tokens) if token}
    sides = []
    for texts, length in zip(zip(*pairs, strict=True), (n_source, n_answer), strict=True):
        ids = np.zeros((len(texts), length), np.int32)
        for row, text in zip(ids, texts, strict=True):
            row[: len(text)] = [number[letter] for letter in text]
        sides.append(ids)
    return Task(*sides, tokens)


def copy_memory(key, n, distance, n_symbols=4):
    """Remember the first symbol, read `distance` others, say the first: what a memory is for, and nothing else.

    The first carries a mark; the others are of the same kinds, so they must not get in. A small form of the task of
    Hochreiter and Schmidhuber (1997), section 5.
    Returns (x, y): x (n, distance + 1, n_symbols + 1) float32, each symbol as a one-hot vector and the mark as its last
    number; y (n,) int32. Chapter 7, "Vanish or explode".
    """
    symbols = generator(key).integers(0, n_symbols, (n, distance + 1))
    mark = np.broadcast_to(np.arange(distance + 1) == 0, symbols.shape)[..., None]
    x = np.concatenate([np.eye(n_symbols)[symbols], mark], axis=-1).astype(np.float32)
    return x, symbols[:, 0].astype(np.int32)
