"""What do the gates of an LSTM do? Three units read "the film is not very good, but …". No download."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from deepbook import cells, labs
from deepbook.activations import sigmoid
from deepbook.embeddings import Embedding
from deepbook.layers import Dense, Sequential, count
from deepbook.losses import accuracy
from deepbook.optim import AdamW
from deepbook.rnn import LSTM
from deepbook.train import evaluate, fit

WORDS = (".", "the", "film", "plot", "music", "is", "not", "very", "good", "great", "bad", "dull", "but")
WORDS += ("my", "friend", "says")
OPINIONS = ("none yet", "bad", "good")
LENGTH = 14  # words of the longest sentence; shorter ones end in full stops
SHOWN = "the film is not very good but the plot is great says my friend"


def clause(rng):
    """Words that say an opinion with the last of them, and which opinion: 1 bad, 2 good."""
    word = rng.choice(WORDS[8:12])
    middle = ["not"] * (rng.random() < 0.4) + ["very"] * (rng.random() < 0.4)
    is_good = (word in ("good", "great")) != ("not" in middle)
    return ["the", rng.choice(WORDS[2:5]), "is", *middle, word], 1 + is_good


def sentence(rng):
    """Words, and after each of them the last opinion that was said. Both have LENGTH entries."""
    words, opinion = clause(rng)
    if quoted := rng.random() < 0.3:
        words = ["my", "friend", "says", *words]
    said = [0] * (len(words) - 1) + [opinion]
    if rng.random() < 0.5:
        more, last = clause(rng)
        words, said = [*words, "but", *more], [*said, *[opinion] * len(more), last]
    if not quoted and rng.random() < 0.5:
        words = [*words, "says", "my", "friend"]
    words, said = words[:LENGTH], said[:LENGTH]
    said += [said[-1]] * (LENGTH - len(said))
    return words + ["."] * (LENGTH - len(words)), said


def sentences(seed, n):
    """(ids, opinions), each (n, LENGTH) int32."""
    rng = np.random.default_rng(seed)
    words, said = zip(*(sentence(rng) for _ in range(n)), strict=True)
    return encode(words), np.array(said, np.int32)


def encode(rows):
    return np.array([[WORDS.index(word) for word in words] for words in rows], np.int32)


def network(n_units):
    """Ids → as many features as units → LSTM → a score for each opinion, after each word."""
    return Sequential([Embedding(len(WORDS), n_units), LSTM(n_units, sequence=True), Dense(len(OPINIONS))])


@jax.jit
def gates(params, ids):
    """All that goes on in the LSTM along sentences: {"i", "f", "g", "o", "c", "h"}, each (batch, words, units).

    ids: (batch, words).
    """
    x, p = params[0]["W"][ids], params[1]

    def step(carry, x):
        z = x @ p["Wx"] + carry[0] @ p["Wh"] + p["b"]
        i, f, g, o = jnp.split(z, 4, axis=-1)
        (h, c), _ = cells.lstm_step(p, carry, x)
        return (h, c), {"i": sigmoid(i), "f": sigmoid(f), "g": jnp.tanh(g), "o": sigmoid(o), "c": c, "h": h}

    nothing = jnp.zeros((len(ids), len(p["Wh"])))
    seen = jax.lax.scan(step, (nothing, nothing), x.swapaxes(0, 1))[1]
    return {name: each.swapaxes(0, 1) for name, each in seen.items()}


def learn(seed, n, units, epochs):
    """(params, right): a network after training on n sentences, and its part of right opinions on new ones."""
    model, (first_key, key) = network(units), jax.random.split(jax.random.key(seed))
    (ids, said), test = sentences(seed, n), sentences(1000 + seed, 500)
    settings = {"optimizer": AdamW(0.02, weight_decay=0.3), "epochs": epochs, "batch_size": 50}
    params, _ = fit(model, model.init(first_key, ids[:1]), (ids, said), key=key, progress=False, **settings)
    return params, evaluate(model, params, test, metrics=[accuracy])["accuracy"]


def run(seeds, out, quick=False, units=3, epochs=30) -> dict:
    """Train one network a seed, and keep the weights of the best. quick: one epoch of a few sentences."""
    n, epochs = (100, 1) if quick else (2500, epochs)
    learned = [learn(seed, n, units, epochs) for seed in seeds]
    params, _ = max(learned, key=lambda each: each[1])
    names = ("embedding", "lstm", "dense")
    found = {
        "words": WORDS,
        "opinions": OPINIONS,
        "right": [right for _, right in learned],
        "parameters": count(params),
        "weights": dict(zip(names, jax.tree.map(np.asarray, params), strict=True)),
        "shown": SHOWN,
        "gates": {name: each[0] for name, each in gates(params, encode([SHOWN.split()])).items()},
    }
    show(found)
    labs.save_figure(draw(found), out, "gates")
    return found


def show(found):
    """The gates after each word, in the terminal."""
    table = Table("word", *found["gates"], title=f"right opinions: {', '.join(f'{r:.1%}' for r in found['right'])}")
    for t, word in enumerate(found["shown"].split()):
        table.add_row(word, *(" ".join(f"{u:5.2f}" for u in each[t]) for each in found["gates"].values()))
    Console().print(table)


def draw(found):
    """Each gate over the sentence: dark is open; cell and hidden state blue above 0, red below."""
    fig = Figure(figsize=(8, 6), layout="constrained")
    words = found["shown"].split()
    for ax, (name, values) in zip(fig.subplots(6, 1, sharex=True), found["gates"].items(), strict=True):
        signed = name in "gch"
        top = max(1, np.abs(values).max())
        ax.imshow(values.T, cmap="RdBu" if signed else "Blues", vmin=-top if signed else 0, vmax=top, aspect="auto")
        ax.set(ylabel=name, yticks=[])
    ax.set_xticks(range(len(words)), words, rotation=45)
    return fig


def main(argv=None) -> int:
    return labs.start("opinions", run, argv, seeds=6, units=3, epochs=30)


if __name__ == "__main__":
    sys.exit(main())
