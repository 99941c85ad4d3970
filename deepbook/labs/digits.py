"""How well does a small network read handwritten digits? 64 pixels each, and no download."""

import sys

import jax
import numpy as np
from rich.console import Console
from rich.table import Table

from deepbook import data, labs, plots
from deepbook.layers import Dense, Dropout, Flatten, Relu, Sequential, summary
from deepbook.losses import accuracy, confusion_matrix
from deepbook.optim import Adam
from deepbook.train import evaluate, fit, predict

MODEL = Sequential([Flatten(), Dense(128), Relu(), Dropout(0.2), Dense(10)])
ADAM = Adam()


def run(seeds, out, quick=False, epochs=60) -> dict:
    """Train once for each seed. quick: two epochs."""
    return train_and_show(MODEL, "digits", seeds, out, 2 if quick else epochs, batch_size=32)


def train_and_show(model, name, seeds, out, epochs, batch_size, callbacks=(), optimizer=ADAM) -> dict:
    """Train a classifier of images once for each seed, with 10 % of the rows for validation; table, curves, mistakes.

    The first seed's history, confusion matrix and mistakes are kept as examples.
    """
    (x, y), (x_test, y_test), classes = data.load(name)
    print(summary(model, x[:1]))
    runs, first = [], None
    for seed in seeds:
        init_key, fit_key = jax.random.split(jax.random.key(seed))
        params, history = fit(
            model,
            model.init(init_key, x[:1]),
            (x, y),
            key=fit_key,
            optimizer=optimizer,
            epochs=epochs,
            batch_size=batch_size,
            validation_split=0.1,
            metrics=[accuracy],
            callbacks=callbacks,
        )
        scores = evaluate(model, params, (x_test, y_test), metrics=[accuracy])
        runs.append({"seed": seed, **scores, "epochs": len(history["loss"]), "seconds": sum(history["seconds"])})
        if first is None:
            first = history, np.asarray(predict(model, params, x_test))
    history, logits = first
    matrix = np.asarray(confusion_matrix(logits, y_test))
    show(runs, name)
    labs.save_figure(plots.curves(history, ("loss", "accuracy")).figure, out, "curves")
    labs.save_figure(plots.confusion(matrix, classes).figure, out, "confusion")
    labs.save_figure(plots.gallery(x_test, y_test, logits.argmax(1), classes), out, "mistakes")
    return {
        "test_accuracy": [each["accuracy"] for each in runs],
        "runs": runs,
        "history": history,
        "confusion": matrix,
        "classes": classes,
        "mistakes": mistakes(x_test, y_test, logits),
    }


def mistakes(x, y, logits, n=12):
    """The first n wrong answers, with their pixels in 256 steps, for a gallery on a page."""
    answers = logits.argmax(1)
    wrong = np.flatnonzero(answers != y)[:n]
    pixels = np.round(np.squeeze(x[wrong], -1) * 255).astype(int)
    return [{"true": y[i], "answer": answers[i], "pixels": p} for i, p in zip(wrong, pixels, strict=True)]


def show(runs, name):
    """The table, in the terminal."""
    table = Table("seed", "test loss", "test accuracy", "epochs", "seconds", title=name)
    for each in runs:
        loss, right, seconds = f"{each['loss']:.4f}", f"{each['accuracy']:.2%}", f"{each['seconds']:.1f}"
        table.add_row(str(each["seed"]), loss, right, str(each["epochs"]), seconds)
    mean = np.mean([each["accuracy"] for each in runs])
    table.add_row("mean", "", f"{mean:.2%}", "", "")
    Console().print(table)


def main(argv=None) -> int:
    return labs.start("digits", run, argv, seeds=3, epochs=60)


if __name__ == "__main__":
    sys.exit(main())
