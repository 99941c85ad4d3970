"""Does a film review praise or blame? Words in their places, the mean of words, an encoder that has read more."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from deepbook import data, labs
from deepbook.callbacks import EarlyStopping
from deepbook.downloads import DataNotFound
from deepbook.embeddings import Embedding, MeanPool, cosine
from deepbook.layers import Dense, Dropout, Flatten, Layer, Masked, Relu, Sequential, count
from deepbook.losses import accuracy
from deepbook.optim import Adam
from deepbook.sentences import embed, minilm
from deepbook.text import pad, vocabulary
from deepbook.train import evaluate, fit, predict
from deepbook.transfer import cut, features

N_WORDS, LENGTH = 2999, 256  # the most frequent words; how many words, or pieces of words, of a review are read
SHOTS = (100, 300, 1000, 5000)  # labelled reviews to learn from
BLOCKS = 5  # of MiniLM's six: the last one is about topics
ENCODER = "MiniLM, frozen"
SENTENCES = (
    "The film was a delight.",
    "I enjoyed every minute of the movie.",
    "What a waste of two hours.",
    "I want my money back.",
    "The dog sleeps on the sofa.",
    "A puppy is napping on the couch.",
    "Dog bites man.",
    "Man bites dog.",
)
BANKS = (
    "She sat on the bank of the river.",
    "They rowed to the other bank.",
    "The bank raised its interest rates.",
    "He opened an account at the bank.",
)


# ------------------------------------------------------------------ three networks


@dataclass(frozen=True)
class Way:
    """A network and how it is trained."""

    model: Sequential
    lr: float
    batch_size: int
    patience: int


@dataclass(frozen=True)
class Stretches(Layer):
    """The mean of each `n` steps in a row: (batch, time, features) becomes (batch, time / n, features).

    x: a Masked; its padding does not count. A stretch that is all padding becomes zeros.
    """

    n: int

    takes_mask = True

    def apply(self, params, x, key=None):
        batch, time, wide = x.x.shape
        there = x.mask.reshape(batch, time // self.n, self.n, 1)
        total = jnp.sum(x.x.reshape(batch, time // self.n, self.n, wide) * there, axis=2)
        return total / jnp.maximum(there.sum(axis=2), 1)


@dataclass(frozen=True)
class Present(Layer):
    """Stretches as a Masked: those that are all zeros are padding."""

    def apply(self, params, x, key=None):
        return Masked(x, (x != 0).any(-1))


def ways(n_rows):
    """The networks, by name; only the first two learn their word vectors here. n_rows: len(vocab)."""
    in_places = [Embedding(n_rows, 64), Flatten(), Dense(128), Relu(), Dropout(0.25), Dense(2)]
    mean = [Embedding(n_rows, 7, mask=True), MeanPool(), Dense(2)]
    head = [Present(), Dropout(0.3), Dense(32), Relu(), MeanPool(), Dropout(0.3), Dense(2)]
    return {
        "flatten": Way(Sequential(in_places), lr=5e-4, batch_size=128, patience=1),
        "mean pooling": Way(Sequential(mean), lr=3e-3, batch_size=64, patience=2),
        ENCODER: Way(Sequential(head), lr=1e-3, batch_size=64, patience=3),
    }


def learn(way, train, seed, epochs, **settings):
    """One training, ended when the held-out tenth is no longer answered better. Returns (params, history)."""
    init_key, fit_key = jax.random.split(jax.random.key(seed))
    settings = {"batch_size": way.batch_size, "validation_split": 0.1, **settings}
    return fit(
        way.model,
        way.model.init(init_key, train[0][:1]),
        train,
        key=fit_key,
        optimizer=Adam(way.lr),
        epochs=epochs,
        metrics=[accuracy],
        callbacks=[EarlyStopping(patience=way.patience)],
        **settings,
    )


def right(way, params, test):
    return evaluate(way.model, params, test, metrics=[accuracy])["accuracy"]


# ------------------------------------------------------------------ what they read


def texts(source):
    """The reviews: IMDb's, or "small", 4,000 and 1,000 that are made here and need no download."""
    if source == "imdb":
        return data.load("imdb")
    if source != "small":
        raise SystemExit(f"--source is imdb or small, not {source}")
    x, y = data.small_reviews(jax.random.key(0), 5000)
    return data.Data((x[:4000], y[:4000]), (x[4000:], y[4000:]), ("negative", "positive"))


def look(parts, out, length=LENGTH):
    """What the frozen encoder makes of reviews: numbers for each stretch of 16 pieces of words. They are kept in `out`.

    parts: (train, test) texts. Returns their numbers, (reviews, length / 16, 384), scaled by those of the first part.
    """
    model, params, pieces = minilm()
    backbone, _ = cut(model, 3 + BLOCKS)  # Embedding, Positions and LayerNorm come before the blocks
    backbone, params = Sequential([*backbone.layers, Stretches(16)]), (*params[: 3 + BLOCKS], {})
    seen = []
    for name, x in zip(("train", "test"), parts, strict=True):
        whole = replace(pieces, longest=100_000).encode_all(x)
        ids = pad([[first, *inner[2 - length :], end] for first, *inner, end in whole], length)
        seen.append(features(backbone, params, ids, Path(out, f"features-{name}.safetensors")))
    there = seen[0][(seen[0] != 0).any(-1)]
    mean, deviation = there.mean(axis=0), there.std(axis=0)
    return [np.where((x != 0).any(-1, keepdims=True), (x - mean) / deviation, 0) for x in seen]


def sentences():
    """What the page tells about MiniLM: how alike it finds some sentences, and one word in four of them."""
    model, params, pieces = minilm()
    vectors = embed(SENTENCES, (model, params, pieces))
    before, _ = cut(model, -2)  # a vector for each piece
    ids = pad(pieces.encode_all(BANKS))
    tokens = np.asarray(before.apply(params[:-2], ids).x)
    (bank,) = set(pieces.encode("bank")[1:-1])
    words = tokens[ids == bank]
    return {
        "texts": SENTENCES,
        "cosines": vectors @ vectors.T,
        "pieces": {text: pieces.tokens(text) for text in (SENTENCES[5], "Unhappily, the film flopped.", "deepbook")},
        "parameters": count(params),
        "banks": BANKS,
        "contexts": cosine(words[:, None], words[None]),
    }


# ------------------------------------------------------------------ what comes out


def run(seeds, out, quick=False, source="imdb", epochs=20, few=5000, asked=2000) -> dict:
    """Each network on all reviews, then all three on few. quick: 400 reviews, one seed, two epochs.

    source: "imdb" or "small". few: how many training reviews the encoder reads; asked: how many of the test reviews.
    """
    (x, y), (x_test, y_test), _ = texts(source)
    if quick:
        seeds, epochs, few, asked = seeds[:1], 2, 100, 100
        x, y, x_test, y_test = x[:300], y[:300], x_test[:100], y_test[:100]
    vocab = vocabulary(x, N_WORDS)
    longest = LENGTH if source == "imdb" else max(len(vocab.encode(text)) for text in x)
    ids, ids_test = (pad([vocab.encode(text) for text in each], longest, "start", "start") for each in (x, x_test))
    found = {
        "source": source,
        "n_words": len(vocab) - 2,
        "length": longest,
        "training": len(y),
        "test": len(y_test),
        "networks": {},
    }
    parts = {name: (way, ids, ids_test) for name, way in ways(len(vocab)).items() if name != ENCODER}
    trained = {}
    for name, (way, *_) in parts.items():
        trained[name] = [learn(way, (ids, y), seed, epochs) for seed in seeds]
        found["networks"][name] = {
            "parameters": count(trained[name][0][0]),
            "test_accuracy": [right(way, params, (ids_test, y_test)) for params, _ in trained[name]],
            "history": trained[name][0][1],
        }
        print(f"{name}: {found['networks'][name]['test_accuracy']}", flush=True)
    if source == "imdb":
        try:
            parts[ENCODER] = (ways(len(vocab))[ENCODER], *look((x[:few], x_test[:asked]), out))
            found["sentences"] = sentences()
        except (DataNotFound, ImportError) as missing:
            print(missing, file=sys.stderr)
    shots = [n for n in SHOTS if n < few] + [few]
    found["few"] = {"shots": shots, "test": asked, "accuracy": {}, "all": {}}
    test = y_test[:asked]
    for name, (way, seen, seen_test) in parts.items():
        curve, params = few_curve(way, (seen, y), (seen_test[:asked], test), shots, seeds)
        found["few"]["accuracy"][name] = curve
        print(f"{name}, after {shots} reviews: {np.mean(curve, axis=1)}", flush=True)
        if name in trained:
            found["few"]["all"][name] = [right(way, p, (ids_test[:asked], test)) for p, _ in trained[name]]
        else:
            logits = np.asarray(predict(way.model, params, seen_test))
            found["networks"][name] = {"parameters": count(params), "test_accuracy": curve[-1], "training": few}
            found["mistakes"] = mistakes(x_test[:asked], test, logits)
    show(found)
    labs.save_figure(draw(found), out, "few")
    return found


def few_curve(way, train, test, shots, seeds):
    """The accuracies after training on few reviews, (shots, seeds), and the parameters of the very last training.

    For each seed other reviews, out of the first max(shots) of train.
    """
    curve, params = [], None
    for n in shots:
        curve.append([])
        for seed in seeds:
            rows = np.random.default_rng(seed).permutation(max(shots))[:n]
            settings = {"batch_size": int(np.clip(n // 10, 10, way.batch_size)), "validation_split": 0.2}
            patient = replace(way, patience=10 * way.patience)  # an epoch is a few steps
            params, _ = learn(patient, (train[0][rows], train[1][rows]), seed, 200, **settings)
            curve[-1].append(right(way, params, test))
    return curve, params


def mistakes(x, y, logits, n=6):
    """The shortest reviews that the encoder's head got wrong."""
    wrong = np.flatnonzero(logits.argmax(axis=1) != y)
    shortest = sorted(wrong, key=lambda i: len(x[i]))[:n]
    return [{"text": x[i], "true": y[i], "answer": 1 - y[i]} for i in shortest]


def show(found):
    """The tables, in the terminal."""
    table = Table("network", "parameters", "test accuracy", title=f"{found['training']:,} training reviews")
    for name, each in found["networks"].items():
        note = f", of {each['training']:,} training reviews" if "training" in each else ""
        accuracy = ", ".join(f"{a:.1%}" for a in each["test_accuracy"])
        table.add_row(name, f"{each['parameters']:,}", accuracy + note)
    few = Table("training reviews", *found["few"]["accuracy"], title=f"the same {found['few']['test']:,} test reviews")
    for i, n in enumerate(found["few"]["shots"]):
        each = [f"{np.mean(a[i]):.1%} ± {np.std(a[i]):.1%}" for a in found["few"]["accuracy"].values()]
        few.add_row(f"{n:,}", *each)
    each = [f"{np.mean(a):.1%}" for a in found["few"]["all"].values()]
    few.add_row(f"{found['training']:,}", *each)
    Console().print(table, few)


def draw(found):
    """Accuracy against the number of labelled reviews."""
    fig = Figure(figsize=(6, 4), layout="constrained")
    ax, few = fig.subplots(), found["few"]
    for i, (name, scores) in enumerate(few["accuracy"].items()):
        ends = [found["training"]] if name in few["all"] else []
        means = [np.mean(each) for each in (*scores, *([few["all"][name]] if ends else []))]
        spread = [np.std(each) for each in (*scores, *([few["all"][name]] if ends else []))]
        style = ("-", "--", ":")[i] + "os^"[i]
        ax.errorbar([*few["shots"], *ends], means, spread, fmt=style, label=name)
    ax.set(xscale="log", xlabel="labelled reviews to learn from", ylabel=f"accuracy on {few['test']:,} test reviews")
    ax.legend(loc="lower right")
    return fig


def main(argv=None) -> int:
    return labs.start("reviews", run, argv, seeds=3, source="imdb", epochs=20, few=5000, asked=2000)


if __name__ == "__main__":
    sys.exit(main())
