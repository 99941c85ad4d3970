"""Chapter 7: language models. After each token of a text, a guess of the next one.

Symbols, the same throughout the chapter:
    ids     (time,) integers, a text; `deepbook.text` makes them
    x, y    a text and the same, one step ahead: y[t] is what should be guessed after x[t]
    carry   what the model remembers of the text so far
    logits  (batch, time, n_tokens) a score for each possible next token
"""

import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from deepbook.callbacks import ctrl_c, progress_bar
from deepbook.embeddings import Embedding, standard
from deepbook.layers import Dense, Dropout, Sequential, numbers
from deepbook.losses import cross_entropy
from deepbook.mlp import glorot
from deepbook.optim import Adam, add
from deepbook.rnn import LSTM, run, start


def language_model(n_tokens, n_out=128, n_embedding=64, cell=LSTM, layers=1, dropout=0.0):
    """A model that reads tokens and, after each, scores all tokens as the next one.

    cell: RNN, LSTM or GRU, of n_out units; layers: how many of them, one upon the other. dropout: before the last layer
    and between them, while training. Returns a Sequential; its output is (batch, time, n_tokens).
    Chapter 7, "A language model".
    """
    first = Embedding(n_tokens, n_embedding, initializer=standard)
    layer = [cell(n_out, sequence=True), *[Dropout(dropout)] * (dropout > 0)]
    return Sequential([first, *layer * layers, Dense(n_tokens, glorot)])


# ------------------------------------------------------------------ what is read, and what should be guessed


def windows(ids, length):
    """A text cut into pieces, for `fit`: (x, y), each (pieces, length), where y is one token ahead of x.

    What is left over at the end is not used. Raises ValueError if the text has not length + 1 tokens.
    Chapter 7, "Teacher forcing".

    >>> x, y = windows([1, 2, 3, 4, 5], 2)
    >>> x.tolist(), y.tolist()
    ([[1, 2], [3, 4]], [[2, 3], [4, 5]])
    """
    x, y = streams(ids, 1, length, "windows")
    return x[:, 0], y[:, 0]


def streams(ids, batch_size, length, name="streams"):
    """A text laid out for a model that remembers: (x, y), each (steps, batch_size, length), y one token ahead.

    The text is cut into batch_size long parts; row b of each step goes on where row b of the step before has ended.
    What is left over is not used. Raises ValueError if the text is too short for one step. Chapter 7, "Truncated".
    """
    ids = np.asarray(ids)
    if ids.ndim != 1 or not np.issubdtype(ids.dtype, np.integer):
        raise ValueError(f"{name}: got ids of shape {ids.shape}, type {ids.dtype}; needs a list of integers")
    steps = (len(ids) - 1) // (batch_size * length) if batch_size > 0 and length > 0 else 0
    if steps < 1:
        raise ValueError(
            f"{name}: got {len(ids)} tokens for batches of {batch_size} × {length}; needs at least "
            f"{batch_size * length + 1}, and both from 1 up; try a longer text or smaller batches"
        )
    part = (len(ids) - 1) // batch_size
    rows = np.arange(batch_size)[:, None] * part + np.arange(steps * length)  # where each row's tokens are
    cut = (batch_size, steps, length)
    return tuple(ids[rows + ahead].astype(np.int32).reshape(cut).swapaxes(0, 1) for ahead in (0, 1))


# ------------------------------------------------------------------ how surprised a model is


def perplexity(loss):
    """exp(loss): among how many equally likely tokens a model seems to choose. loss: in nats, as cross_entropy gives.

    >>> float(perplexity(np.log(50)))
    50.0...
    """
    return jnp.exp(loss)


def bits_per_character(loss):
    """A loss in nats, in bits: loss / log 2, the yes-or-no questions that each character still needs.

    >>> float(bits_per_character(np.log(8)))
    3.0
    """
    return loss / np.log(2)


def surprise(model, params, ids, batch_size=32, length=100):
    """The mean loss, in nats a token, along a whole text, the model remembering what it has read.

    The text is cut as in `streams`, so each of its batch_size parts begins without memory; batches that are too large
    for a short text are made smaller. Raises ValueError for fewer than two tokens.
    """
    batch_size = max(1, min(batch_size, (len(ids) - 1) // length))
    x, y = streams(ids, batch_size, max(1, min(length, len(ids) - 1)), "surprise")
    return float(_surprise(model, params, x, y))


@partial(jax.jit, static_argnames="model")
def _surprise(model, params, x, y):
    def step(carry, batch):
        carry, logits = run(model, params, carry, batch[0])
        return carry, cross_entropy(numbers(logits), batch[1])

    return lax.scan(step, start(model, x.shape[1]), (x, y))[1].mean()


# ------------------------------------------------------------------ training that remembers


def train_stateful(
    model, params, ids, *, key, optimizer=Adam(), epochs=1, batch_size=32, length=50, callbacks=(), progress=None  # noqa: B008
):  # fmt: skip
    """Train on a long text in order: the state goes from window to window, the gradient stays in its window.

    This is truncated backpropagation through time. Every epoch begins at the start of the text, without memory.
    model:      reads ids and gives logits, for example a `language_model`. params: model.init(key, x).
    ids:        (time,) integers. batch_size, length: how the text is laid out, see `streams`.
    optimizer:  for example Clip(Adam(1e-3), 1.0), which keeps a gradient that explodes from doing harm.
    callbacks:  functions of (epoch, params, history); True ends the training. progress: as in `fit`.
    Returns (params, history): history["loss"] in nats, a number for each epoch, and history["seconds"]. Ctrl-C ends the
    training after the epoch. Chapter 7, "Truncated"; Williams and Peng (1990).
    """
    x, y = map(jnp.asarray, streams(ids, batch_size, length, "train_stateful"))
    params = jax.tree.map(jnp.copy, params)  # an epoch gives away what it is given
    opt_state, history = optimizer.init(params), {"loss": [], "seconds": []}
    with progress_bar(progress, epochs) as show, ctrl_c() as interrupted:
        for epoch in range(epochs):
            began = time.perf_counter()
            epoch_key = jax.random.fold_in(key, epoch)
            params, opt_state, losses = train_along(model, optimizer, params, opt_state, x, y, epoch_key)
            history["loss"].append(float(losses.mean()))
            history["seconds"].append(time.perf_counter() - began)
            show(epoch + 1, ["loss"], losses[:, None])
            answers = [callback(epoch + 1, params, history) for callback in callbacks]
            if any(answers) or interrupted.is_set():
                break
    return params, history


@partial(
    jax.jit,
    static_argnames=("model", "optimizer"),
    donate_argnames=("params", "opt_state"),
)
def train_along(model, optimizer, params, opt_state, x, y, key):
    """One epoch of `train_stateful` as one scan. x, y: as from `streams`. Returns (params, opt_state, losses)."""

    def cost(params, carry, x, y, key):
        carry, logits = run(model, params, carry, x, key)
        return cross_entropy(numbers(logits), y), carry

    cost_and_grads = jax.value_and_grad(cost, has_aux=True)

    def step(now, batch):
        params, opt_state, carry = now
        (loss, carry), grads = cost_and_grads(params, carry, *batch)
        updates, opt_state = optimizer.update(grads, opt_state, params)
        return (add(params, updates), opt_state, carry), loss

    now = params, opt_state, start(model, x.shape[1])
    batches = x, y, jax.random.split(key, len(x))
    (params, opt_state, _), losses = lax.scan(step, now, batches)
    return params, opt_state, losses


# ------------------------------------------------------------------ writing


def choose(key, logits, temperature=1.0, top_k=None):
    """Draw a token: each with the probability that softmax(logits / temperature) gives it.

    logits: (..., n_tokens). temperature: below 1 the likely ones come more often, above 1 less; 0 always takes the
    likeliest. top_k: only the k likeliest can be drawn. Returns (...) integers. Chapter 7, "Sampling".
    """
    if top_k is not None:
        logits, ids = lax.top_k(logits, top_k)
    # the largest becomes 0, so that a tiny temperature makes no infinity
    below = logits - logits.max(-1, keepdims=True)
    sharp = below / jnp.where(temperature > 0, temperature, 1)
    drawn = jax.random.categorical(key, sharp)
    drawn = jnp.where(temperature > 0, drawn, logits.argmax(-1))
    if top_k is None:
        return drawn
    return jnp.take_along_axis(ids, drawn[..., None], -1)[..., 0]


def sample(model, params, prompt, n, key, temperature=1.0, top_k=None):
    """Write on: n tokens after a prompt, each drawn and then read by the model. One compiled scan.

    prompt: (time,) integers, or (batch, time) for several texts at once; at least one token.
    temperature, top_k: as in `choose`. Returns (n,) or (batch, n) integers, the prompt not among them.
    Raises ValueError for an empty prompt, a negative temperature, a top_k not from 1 to n_tokens.
    Chapter 7, "Sampling".
    """
    prompt = np.asarray(prompt)
    prompt = prompt[None] if (single := prompt.ndim == 1) else prompt
    if prompt.ndim != 2 or 0 in prompt.shape:
        raise ValueError(
            f"sample: got a prompt of shape {prompt.shape[single:]}; needs at least one token, (time,) or "
            '(batch, time); try vocab.encode("\\n")'
        )
    if not (np.isscalar(temperature) and 0 <= temperature < np.inf):
        raise ValueError(f"sample: got temperature={temperature}; needs a number from 0 up; 0 takes the likeliest")
    logits = numbers(jax.eval_shape(model.apply, params, jax.ShapeDtypeStruct(prompt.shape, jnp.int32)))
    if logits.shape[:-1] != prompt.shape:
        raise ValueError(f"sample: got a model whose output is {logits.shape}; needs scores after each token; try "
                         "sequence=True in its recurrent layers")  # fmt: skip
    if top_k is not None and not 1 <= top_k <= logits.shape[-1]:
        raise ValueError(f"sample: got top_k={top_k}; needs 1 to {logits.shape[-1]}, or None for all tokens")
    if n < 0:
        raise ValueError(f"sample: got n={n}; needs the number of tokens to write, from 0 up")
    ids = _sample(model, params, jnp.asarray(prompt, jnp.int32), n, key, float(temperature), top_k)
    return ids[0] if single else ids


@partial(jax.jit, static_argnames=("model", "n", "top_k"))
def _sample(model, params, prompt, n, key, temperature, top_k):
    def step(now, key):
        carry, logits = now
        ids = choose(key, logits, temperature, top_k)
        carry, logits = run(model, params, carry, ids[:, None])
        return (carry, numbers(logits)[:, 0]), ids

    carry, logits = run(model, params, start(model, len(prompt)), prompt)
    return lax.scan(step, (carry, numbers(logits)[:, -1]), jax.random.split(key, n))[1].T
