"""What does a convolutional network recognize in small photos, and what do normalization and augmentation add?"""

import sys
from dataclasses import dataclass
from pathlib import Path

import jax
import numpy as np
from rich.console import Console
from rich.table import Table

from deepbook import data, labs, plots, weights
from deepbook.architectures import conv_pool, normed
from deepbook.cnn import MaxPool
from deepbook.layers import BatchNorm, Dense, Dropout, Flatten, Relu, Sequential, count, summary
from deepbook.losses import accuracy, confusion_matrix
from deepbook.optim import Adam, Cosine
from deepbook.photos import predict_image
from deepbook.train import EarlyStopping, Flip, Shift, evaluate, fit, predict

BATCH = 100
SHAPE = (32, 32, 3)


@dataclass(frozen=True)
class Moved:
    """Each photo of a batch shifted by up to `pixels`, and half of them mirrored."""

    pixels: int = 4

    def __call__(self, key, x):
        shift_key, flip_key = jax.random.split(key)
        return Flip()(flip_key, Shift(self.pixels)(shift_key, x))


def normalized(n_classes=10, widths=(64, 128, 256)):
    """`conv_pool` with a BatchNorm after each convolution, and after the first dense layer."""
    features = [layer for n in widths for layer in (*normed(n, (3, 3)), MaxPool((2, 2)))]
    return Sequential([*features, Flatten(), Dense(128), BatchNorm(), Relu(), Dropout(0.25), Dense(n_classes)])


NETWORKS = {"plain": conv_pool(10), "better": normalized(10)}


def run(seeds, out, quick=False, epochs=40, better_epochs=24, patience=3, only="both") -> dict:
    """Train both networks once for each seed, with 10 % of the training photos for validation.

    epochs, patience: "plain" stops when the validation loss has not improved for so many epochs, at the latest after
    so many. better_epochs: "better" has a rate that falls to 0 in so many, so it stops there, or after 2 × patience
    without improvement. Both keep their best epoch. only: "plain" or "better" trains one of them.
    quick: one seed, one epoch, 600 photos.
    """
    if only not in ("both", *NETWORKS):
        sys.exit(f"--only is {' or '.join(NETWORKS)}, not {only}")
    (x, y), (x_test, y_test), classes = data.load("cifar10")
    if quick:
        seeds, epochs, better_epochs = seeds[:1], 1, 1
        x, y, x_test, y_test = x[:600], y[:600], x_test[:300], y_test[:300]
    steps = better_epochs * ((len(x) - round(0.1 * len(x))) // BATCH)
    ways = {
        "plain": {"epochs": epochs, "optimizer": Adam(1e-3), "callbacks": [EarlyStopping(patience)]},
        "better": {
            "epochs": better_epochs,
            "optimizer": Adam(Cosine(2e-3, steps)),
            "callbacks": [EarlyStopping(2 * patience)],
            "augment": Moved(),
        },
    }
    found = {"training_photos": len(x), "test_photos": len(x_test), "classes": classes, "networks": {}}
    for name in NETWORKS if only == "both" else [only]:
        print(summary(NETWORKS[name], x[:1]))
        found["networks"][name] = train(name, (x, y), (x_test, y_test), seeds, ways[name], out, classes)
    show(found)
    kept = Path(out, f"{name}.safetensors")
    print(f"parameters: {kept}; with them, a photo of your own:\n  from deepbook.labs.cifar import classify")
    print(f'  for kind, p in classify("photo.jpg", "{kept}", "{name}"):\n      print(f"{{kind}}: {{p:.0%}}")')
    return found


def train(name, train, test, seeds, way, out, classes) -> dict:
    """One network, once for each seed. Of the first seed the parameters, the figures and some mistakes are kept."""
    model, runs, first = NETWORKS[name], [], None
    for seed in seeds:
        init_key, fit_key = jax.random.split(jax.random.key(seed))
        params, history = fit(
            model,
            model.init(init_key, train[0][:1]),
            train,
            key=fit_key,
            batch_size=BATCH,
            validation_split=0.1,
            metrics=[accuracy],
            **way,
        )
        scores = evaluate(model, params, test, metrics=[accuracy])
        runs.append({"seed": seed, **scores, "epochs": len(history["loss"]), "seconds": sum(history["seconds"])})
        print(f"{name}, seed {seed}: {scores['accuracy']:.2%}, {runs[-1]['epochs']} epochs", flush=True)
        first = first or (params, history)
    params, history = first
    weights.save(Path(out, f"{name}.safetensors"), params)
    x, y = test
    logits = np.asarray(predict(model, params, x))
    matrix = np.asarray(confusion_matrix(logits, y))
    draw(name, history, matrix, params, (x, y, logits), out, classes)
    return {
        "parameters": count(params),
        "test_accuracy": [each["accuracy"] for each in runs],
        "runs": runs,
        "history": history,
        "confusion": matrix,
        "filters": params[0]["W"],
        "mistakes": mistakes(x, y, logits),
    }


def mistakes(x, y, logits, n=6):
    """The first n wrong answers, with their pixels in 256 steps, 32 rows of 32 × 3 numbers."""
    answers = logits.argmax(1)
    wrong = np.flatnonzero(answers != y)[:n]
    pixels = np.round(x[wrong] * 255).astype(int).reshape(-1, SHAPE[0], SHAPE[1] * SHAPE[2])
    return [{"true": y[i], "answer": answers[i], "pixels": p} for i, p in zip(wrong, pixels, strict=True)]


def draw(name, history, matrix, params, answered, out, classes):
    """The figures of one network: its learning, its confusions and mistakes, its first filters."""
    x, y, logits = answered
    labs.save_figure(plots.curves(history, ("loss", "accuracy")).figure, out, f"{name}-curves")
    labs.save_figure(plots.confusion(matrix, classes).figure, out, f"{name}-confusion")
    labs.save_figure(plots.gallery(x, y, logits.argmax(1), classes), out, f"{name}-mistakes")
    labs.save_figure(plots.filters(params[0]["W"]), out, f"{name}-filters")


def show(found):
    """The table, in the terminal."""
    title = f"CIFAR-10, {found['training_photos']:,} training and {found['test_photos']:,} test photos"
    table = Table("network", "seed", "test loss", "test accuracy", "epochs", "seconds", title=title)
    for name, each in found["networks"].items():
        for one in each["runs"]:
            loss, right, seconds = f"{one['loss']:.3f}", f"{one['accuracy']:.2%}", f"{one['seconds']:.0f}"
            table.add_row(name, str(one["seed"]), loss, right, str(one["epochs"]), seconds)
        table.add_row(name, "mean", "", f"{np.mean(each['test_accuracy']):.2%}", "", "")
    Console().print(table)


def classify(photo, file, name="better"):
    """What the network with the parameters in `file` takes a photo for: its best guesses, each (class, probability)."""
    model = NETWORKS[name]
    params = weights.load(file, model.init(jax.random.key(0), np.zeros((1, *SHAPE), np.float32)))
    return predict_image(model, params, photo, SHAPE, data.catalogue()["cifar10"].classes)


def main(argv=None) -> int:
    return labs.start("cifar", run, argv, seeds=3, epochs=40, better_epochs=24, patience=3, only="both")


if __name__ == "__main__":
    sys.exit(main())
