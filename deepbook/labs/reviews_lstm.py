"""Does the order of words help to tell good reviews from bad? An LSTM beside the mean of the words, on IMDb."""

import sys
import time

import jax
import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from deepbook import data, labs
from deepbook.activations import softmax
from deepbook.embeddings import Embedding, MeanPool
from deepbook.layers import Dense, Sequential, count
from deepbook.losses import accuracy
from deepbook.optim import Adam, Clip
from deepbook.rnn import LSTM
from deepbook.text import pad, vocabulary
from deepbook.train import EarlyStopping, evaluate, fit, predict

WORDS = 2999  # the most frequent ones; with padding and "unknown" 3,001
# Pairs with the same words in both; the first praises, the second blames.
PAIRS = (
    ("i thought it would be bad but it was good", "i thought it would be good but it was bad"),
    ("the critics hated this film but i loved it", "the critics loved this film but i hated it"),
    ("the acting is awful but the film is wonderful", "the film is awful but the acting is wonderful"),
    ("i expected the worst and got the best", "i expected the best and got the worst"),
    ("it is good and not bad", "it is bad and not good"),
    ("it was not boring it was great", "it was not great it was boring"),
    ("always funny and never boring", "always boring and never funny"),
    ("it starts as a terrible film and ends as a great one", "it starts as a great film and ends as a terrible one"),
    ("it could have been terrible and it is excellent", "it could have been excellent and it is terrible"),
    ("others call it poor and i call it perfect", "others call it perfect and i call it poor"),
    ("if you want a bad film look elsewhere this is good", "if you want a good film look elsewhere this is bad"),
    ("i hate most comedies but i love this", "i love most comedies but i hate this"),
)


def networks(n_rows, units):
    """What is compared, by name; each reads ids, 0 where there is no word, and gives two scores."""
    return {
        "mean pooling": Sequential([Embedding(n_rows, 16, mask=True), MeanPool(), Dense(2)]),
        "LSTM": Sequential([Embedding(n_rows, units, mask=True), LSTM(units), Dense(2)]),
    }


def prepared(parts, length):
    """(vocab, [(ids, y) of train, of test]): the last `length` words of each, where most verdicts stand."""
    vocab = vocabulary(list(parts[0][0]), WORDS)
    return vocab, [(pad(map(vocab.encode, x), length, cut="start"), y) for x, y in parts]


def shuffled(ids, seed=0):
    """The same words in each row in another order; padding stays at the end."""
    order = np.random.default_rng(seed).random(ids.shape)
    order[ids == 0] = 2
    return np.take_along_axis(ids, order.argsort(axis=1), axis=1)


def learn(model, train, test, epochs, seed):
    """Train until a tenth of the rows, held back, is no longer predicted better. Returns (params, what was found)."""
    init_key, fit_key = jax.random.split(jax.random.key(seed))
    began = time.perf_counter()
    params, history = fit(
        model,
        model.init(init_key, train[0][:1]),
        train,
        key=fit_key,
        optimizer=Clip(Adam(3e-3), 1.0),
        epochs=epochs,
        batch_size=64,
        validation_split=0.1,
        metrics=[accuracy],
        callbacks=[EarlyStopping(patience=1)],
    )
    seconds = time.perf_counter() - began
    return params, {
        "test_accuracy": evaluate(model, params, test, metrics=[accuracy])["accuracy"],
        "shuffled": evaluate(model, params, (shuffled(test[0]), test[1]), metrics=[accuracy])["accuracy"],
        "val_accuracy": history["val_accuracy"],
        "epochs": len(history["loss"]),
        "seconds": seconds,
    }


def asked(model, params, vocab):
    """The chance of praise that a model sees in both sentences of each of PAIRS: (pairs, 2)."""
    ids = pad([vocab.encode(sentence) for pair in PAIRS for sentence in pair])
    return np.asarray(softmax(predict(model, params, ids)))[:, 1].reshape(-1, 2)


def compare(parts, length, units, epochs, mean_epochs, seeds):
    """All networks on the same rows, once for each seed: what was found, by name."""
    vocab, (train, test) = prepared(parts, length)
    found = {"train": len(train[1]), "test": len(test[1]), "length": length, "n_rows": len(vocab), "networks": {}}
    found["whole"] = float((test[0][:, -1] == 0).mean())  # texts of the test that are read from their first word
    for name, model in networks(len(vocab), units).items():
        runs, praise = [], []
        for seed in seeds:
            params, told = learn(model, train, test, mean_epochs if name == "mean pooling" else epochs, seed)
            runs.append({"seed": seed, **told})
            praise.append(asked(model, params, vocab))
            numbers = f"{told['test_accuracy']:.2%}, shuffled {told['shuffled']:.2%}"
            print(f"{name}, seed {seed}: {numbers}, {told['seconds']:.0f} s", flush=True)
        found["networks"][name] = {
            "parameters": count(params),
            "test_accuracy": [each["test_accuracy"] for each in runs],
            "shuffled": [each["shuffled"] for each in runs],
            "runs": runs,
            "praise": praise[0],
            "sentences_right": [np.mean([each[:, 0] > 0.5, each[:, 1] < 0.5]) for each in praise],
            "pairs_in_order": [np.mean(each[:, 0] > each[:, 1] + 1e-6) for each in praise],
        }
    return found


def run(seeds, out, quick=False, length=256, units=32, epochs=4, mean_epochs=12) -> dict:
    """IMDb's reviews, and generated ones. quick: only the generated ones, which need no download, for one epoch."""
    if quick:
        seeds, units, epochs, mean_epochs = seeds[:1], 8, 1, 1
    made = [data.small_reviews(jax.random.key(part), n) for part, n in ((1, 3000), (2, 1000))]
    found = {"pairs": PAIRS, "generated": compare(made, 20, units, 5 * epochs, 5 * mean_epochs, seeds)}
    if not quick:
        *parts, _ = data.load("imdb")
        found["imdb"] = compare(parts, length, units, epochs, mean_epochs, seeds)
    show(found)
    labs.save_figure(draw(found), out, "pairs")
    return found


def show(found):
    """The tables, in the terminal."""
    for source in ("generated", "imdb"):
        if source not in found:
            continue
        title = f"{source}: {found[source]['test']:,} reviews never read, the last {found[source]['length']} words"
        table = Table("network", "parameters", "right", "words shuffled", "sentences", "pairs in order", title=title)
        for name, each in found[source]["networks"].items():
            keys = ("test_accuracy", "shuffled", "sentences_right", "pairs_in_order")
            row = [", ".join(f"{right:.1%}" for right in each[key]) for key in keys]
            table.add_row(name, f"{each['parameters']:,}", *row)
        Console().print(table)


def draw(found):
    """The chance of praise for each sentence of the pairs: the first, which praises, and the second, which blames."""
    fig = Figure(figsize=(8, 5), layout="constrained")
    ax = fig.subplots()
    source = found.get("imdb", found["generated"])
    rows = np.arange(len(found["pairs"]))
    for (name, each), marker, shift in zip(source["networks"].items(), "so", (0.15, -0.15), strict=True):
        ax.plot(each["praise"][:, 0], rows + shift, f"C0{marker}", label=f"{name}: it praises")
        ax.plot(each["praise"][:, 1], rows + shift, f"C1{marker}", label=f"{name}: it blames", fillstyle="none")
    ax.axvline(0.5, color="C5", linewidth=0.8)
    ax.set_yticks(rows, [pair[0] for pair in found["pairs"]], fontsize=7)
    ax.set(xlabel="chance of praise, as the network sees it", xlim=(-0.02, 1.02))
    ax.legend(fontsize=7)
    return fig


def main(argv=None) -> int:
    return labs.start("reviews_lstm", run, argv, seeds=3, length=256, units=32, epochs=4, mean_epochs=12)


if __name__ == "__main__":
    sys.exit(main())
