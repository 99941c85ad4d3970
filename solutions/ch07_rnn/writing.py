"""Chapter 7, set 3: language models, and a task where order decides.

    deepbook check writing

Fair here: numpy, jax (jit, grad, lax.scan, jax.random and jax.numpy, but not jax.nn, jax.scipy or
jax.example_libraries), what comes with Python, and your own files, for example:

    from ch03_optimization.optimizers import adam
"""

import jax
import jax.numpy as jnp
import numpy as np


def shift_targets(ids, length):
    """Cut a text into windows: what a language model reads, and what it should say.

    At each place the model reads one id and should say the next one of the text; at the
    last place of a window, the first id of the window after it.
    ids: (n,), the ids of a text. length: how many ids a window has.
    The windows lie side by side and do not overlap. Take as many as have all their
    targets, and leave out the rest of the text.
    Returns two arrays (windows, length): x, what is read, and y, the targets.
    Raises ValueError if there is not one window.

    >>> x, y = shift_targets(np.array([1, 2, 3, 4, 5, 6]), 2)
    >>> x.tolist(), y.tolist()
    ([[1, 2], [3, 4]], [[2, 3], [4, 5]])

    Chapter 7: 07-rnn.html#teacher-forcing
    """
    # BEGIN SOLUTION
    n = (len(ids) - 1) // length * length  # the last id of a text can only be a target
    if n <= 0:
        raise ValueError(f"shift_targets: got {len(ids)} ids; needs {length + 1} for one window")
    return ids[:n].reshape(-1, length), ids[1 : n + 1].reshape(-1, length)
    # END SOLUTION


def bits_per_character(p, mask):
    """How surprised was a language model, on the whole?

    One character that came with the probability p is a surprise of log2(1/p) bits: 1
    bit for 1/2, 3 bits for 1/8.
    p: (batch, time): at each place, the probability that the model had given to the
    character that then came, above 0. mask: (batch, time), True for a real character,
    False for padding, which does not count.
    Returns two numbers: the mean surprise of all real characters, in bits; and the
    perplexity, 2 to this power: between how many equally probable characters such a
    model would have to choose.

    >>> p = np.array([[0.5, 0.125, 0.5], [0.125, 1.0, 1.0]])
    >>> mask = np.array([[True, True, False], [True, False, False]])
    >>> bits, perplexity = bits_per_character(p, mask)
    >>> round(bits, 3), round(perplexity, 3)  # (1 + 3 + 3) / 3 bits
    (2.333, 5.04)

    Source: Shannon (1951), "Prediction and entropy of printed English".
    Chapter 7: 07-rnn.html#perplexity
    """
    # BEGIN SOLUTION
    bits = float(np.mean(-np.log2(p[mask])))
    return bits, 2**bits
    # END SOLUTION


def sample_next(logits, u, temperature=1.0, k=None):
    """Draw the next character: by temperature, from the k most probable ones.

    logits: (n,) scores, all different; they may be as large as 1000. temperature: a
    number above 0; the scores are divided by it before the softmax. k: how many
    characters may be drawn, those with the largest scores; None means all of them. The
    probabilities of those that may be drawn sum up to 1.
    u: (m,) random numbers from 0 to 1. Each of them draws one character, so: lay the
    probabilities end to end on a line from 0 to 1, in the order of the ids, and take
    the id on whose piece u falls. (With the probabilities 0.2, 0.5, 0.3, u = 0.3 draws
    id 1.)
    Returns (m,) ids.

    >>> logits = np.log([0.2, 0.5, 0.3])
    >>> sample_next(logits, np.array([0.1, 0.3, 0.6, 0.8])).tolist()
    [0, 1, 1, 2]
    >>> sample_next(logits, np.array([0.1, 0.3, 0.6, 0.8]), k=2).tolist()
    [1, 1, 1, 2]

    Chapter 7: 07-rnn.html#sampling
    """
    # BEGIN SOLUTION
    z = logits / temperature
    z = z - z.max()
    if k is not None:
        z = np.where(z >= np.sort(z)[-k], z, -np.inf)  # exp(-inf) is 0: never drawn
    p = np.exp(z) / np.exp(z).sum()
    return np.searchsorted(np.cumsum(p)[:-1], u, side="right")
    # END SOLUTION


def mend_language_model(params, ids, n):
    """Delete the `raise` line, then mend the four wrong lines below it.

    A plain recurrent network reads a text, says how surprised it was, and writes on.
    Nothing raises an error; but its bits are the wrong number, and it writes as if it
    had hardly read anything.
    It should: read the ids from left to right, each with the state that the one before
    has left; at each place give the NEXT id a probability; take the mean of the bits
    of all these; then go on from the last id of the text, n times, each time with
    the most probable id, which is read in its turn.
    params: {"Wx": (n_chars, hidden), "Wh": (hidden, hidden), "b": (hidden,), "W_out":
    (hidden, n_chars), "b_out": (n_chars,)}. ids: (time,), at least two. n: an int.
    Returns two things: the mean bits per character of ids[1:], a number; and a list of
    n new ids.
    The function `step`, and the first state, are right as they are.

    Chapter 7: 07-rnn.html#a-language-model
    """

    # BEGIN SOLUTION
    def step(h, i):
        """The state after reading id i, and the probabilities of the next id."""
        h = np.tanh(params["Wx"][i] + h @ params["Wh"] + params["b"])
        z = h @ params["W_out"] + params["b_out"]
        p = np.exp(z - z.max())
        return h, p / p.sum()

    h, chances = np.zeros(len(params["b"])), []
    for t in range(len(ids) - 1):
        h, p = step(h, ids[t])
        chances.append(p[ids[t + 1]])
    bits = np.mean(-np.log2(chances))
    written, i = [], ids[-1]
    for _ in range(n):
        h, p = step(h, i)
        i = int(np.argmax(p))
        written.append(i)
    return bits, written
    # BEGIN STUB
    # raise NotImplementedError("mend_language_model: put four lines right, then delete this one")

    # def step(h, i):
    #     """The state after reading id i, and the probabilities of the next id."""
    #     h = np.tanh(params["Wx"][i] + h @ params["Wh"] + params["b"])
    #     z = h @ params["W_out"] + params["b_out"]
    #     p = np.exp(z - z.max())
    #     return h, p / p.sum()

    # h, chances = np.zeros(len(params["b"])), []
    # for t in range(len(ids) - 1):
    #     _, p = step(h, ids[t])
    #     chances.append(p[ids[t]])
    # bits = -np.log2(np.mean(chances))
    # written, i = [], ids[-1]
    # for _ in range(n):
    #     h, p = step(h, ids[-1])
    #     i = int(np.argmax(p))
    #     written.append(i)
    # return bits, written
    # END SOLUTION


def learn_order(key, x, y):
    """Make it learn: a recurrent network of your own, on a task where order decides.

    Each sequence holds eight symbols, 0 to 7. There is one 0 and one 1 in it,
    somewhere; the others mean nothing. The label is 1 if the 0 comes before the 1, else
    0. A network that only counts symbols, and forgets their order, can do no better
    than to guess.
    key: a random key, for the first weights and the shuffling. x: (batch, 8) ids. y:
    (batch,) labels.
    Returns the trained params, {"Wx": (8, n), "Wh": (n, n), "b": (n,), "W_out": (n, 2),
    "b_out": (2,)}, with as many units n as you like. The test asks it about sequences
    that it has never seen; at least 95 of 100 must be right (and at least 90 when it
    learns once more, with another key and from other sequences). It scores them so,
    with h = 0 before the first step:

        h = tanh(Wx[x[:, t]] + h @ Wh + b)  # for t = 0, 1, …, 7
        logits = h @ W_out + b_out          # after the last step; the larger one wins

    The loss, its gradient and the steps are yours to choose. A good answer takes a few
    seconds, and 20 are the limit.

    Chapter 7: 07-rnn.html#order-matters
    """

    # BEGIN SOLUTION
    def loss(params, x, y):
        def step(h, i):
            return jnp.tanh(params["Wx"][i] + h @ params["Wh"] + params["b"]), None

        h, _ = jax.lax.scan(step, jnp.zeros((len(x), n)), x.T)
        logits = h @ params["W_out"] + params["b_out"]
        logits = logits - jnp.max(logits, axis=1, keepdims=True)
        return jnp.mean(jnp.log(jnp.sum(jnp.exp(logits), axis=1)) - logits[jnp.arange(len(y)), y])

    def learn(carry, rows):
        params, m, v, t = carry
        grads, t = jax.grad(loss)(params, x[rows], y[rows]), t + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, grads)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g**2, v, grads)
        rate = 0.01 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        return (jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-8), params, m, v), m, v, t), None

    n, batch, epochs = 16, 50, 15
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    x, y = jnp.asarray(x), jnp.asarray(y)
    params = {"Wx": rng.normal(size=(8, n)) / 2, "Wh": np.linalg.qr(rng.normal(size=(n, n)))[0], "b": np.zeros(n)}
    params |= {"W_out": rng.normal(size=(n, 2)) / np.sqrt(n), "b_out": np.zeros(2)}
    params = jax.tree.map(lambda w: jnp.asarray(w, jnp.float32), params)
    zeros = jax.tree.map(jnp.zeros_like, params)
    rows = np.stack([rng.permutation(len(x))[: len(x) // batch * batch] for _ in range(epochs)])
    carry = params, zeros, zeros, jnp.zeros(())
    return jax.jit(lambda carry, rows: jax.lax.scan(learn, carry, rows)[0][0])(carry, rows.reshape(-1, batch))
    # END SOLUTION
