"""Do the digits 0 to 4 help to learn the digits 5 to 9 from a few examples? No download."""

import sys
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from deepbook import data, labs
from deepbook.architectures import normed
from deepbook.cnn import MaxPool
from deepbook.layers import Dense, Flatten, Layer, Sequential
from deepbook.losses import accuracy
from deepbook.optim import Adam, Cosine
from deepbook.train import Shift, fit
from deepbook.transfer import ByDepth, by_depth, cut, features, few_shot_curve

SHOTS = (1, 2, 5, 10, 20, 50)
NAMES = {"frozen": "frozen backbone, new head", "tuned": "the same, fine-tuned", "scratch": "from scratch"}


@dataclass(frozen=True)
class Unit(Layer):
    """Each example's features divided by their length, times `length`: how much ink there is no longer counts."""

    length: float = 10.0

    def apply(self, params, x, key=None):
        return self.length * x / jnp.sqrt(jnp.sum(x**2, axis=-1, keepdims=True) + 1e-6)


def network(n_classes):
    """Three convolutions, and a head of one dense layer."""
    body = [*normed(32, (3, 3)), *normed(64, (3, 3)), MaxPool((2, 2)), *normed(64, (3, 3)), Flatten(), Unit()]
    return Sequential([*body, Dense(n_classes)])


def digits(low, high):
    """The digits from `low` up to, not including, `high`, numbered from 0: (train, test)."""
    parts = data.load("digits")[:2]
    return [(x[(y >= low) & (y < high)], y[(y >= low) & (y < high)] - low) for x, y in parts]


def views(x, y):
    """Each image turned by quarter turns and mirrored: eight, each of a class of its own.

    Five classes can be told apart by little; forty make a network look at strokes, which other digits have too.
    """
    eight = [np.rot90(side, turns, axes=(1, 2)) for side in (x, x[:, :, ::-1]) for turns in range(4)]
    n_classes = y.max() + 1
    return np.concatenate(eight), np.concatenate([y + n_classes * i for i in range(8)]).astype(np.int32)


def learn_backbone(key, epochs, batch_size=64):
    """Train on the digits 0 to 4, seen from eight sides. Returns (backbone, its params, the last accuracy)."""
    (x, y), _ = digits(0, 5)
    x, y = views(x, y)
    init_key, fit_key = jax.random.split(key)
    model = network(n_classes=40)
    optimizer = Adam(Cosine(2e-3, steps=epochs * (len(x) // batch_size)))
    params, history = fit(
        model,
        model.init(init_key, x[:1]),
        (x, y),
        key=fit_key,
        optimizer=optimizer,
        epochs=epochs,
        batch_size=batch_size,
        augment=Shift(1),
        metrics=[accuracy],
    )
    backbone, _ = cut(model, -1)
    return backbone, params[:-1], history["accuracy"][-1]


def compare(key, backbone, params, shots, **settings):
    """The accuracies on the digits 5 to 9, (shots, draws), of three ways to learn from the same few examples."""
    train, test = digits(5, 10)
    model, head = network(n_classes=5), Sequential([Dense(5)])
    seen = [(features(backbone, params, x), y) for x, y in (train, test)]

    def with_new_head(key):
        return (*params, *head.init(key, seen[0][0][:1]))

    def anew(key):
        return model.init(key, train[0][:1])

    def curve(model, start, train, test, optimizer):
        ways = {"key": key, "shots": shots, "batch_size": 25, **settings}
        return few_shot_curve(model, start, train, test, optimizer=optimizer, **ways)

    return {
        "frozen": curve(head, lambda key: with_new_head(key)[-1:], *seen, Adam(3e-3)),
        "tuned": curve(model, with_new_head, train, test, ByDepth(Adam(3e-3), by_depth(model, 0.2))),
        "scratch": curve(model, anew, train, test, Adam(1e-3)),
    }


def run(seeds, out, quick=False, draws=8, backbone_epochs=30, epochs=15) -> dict:
    """For each seed a backbone, and `draws` draws of few examples. quick: one seed, one draw, one epoch."""
    shots = SHOTS
    if quick:
        seeds, draws, backbone_epochs, epochs, shots = seeds[:1], 1, 1, 1, SHOTS[:2]
    found, curves = {"shots": shots, "backbone_accuracy": []}, []
    for seed in seeds:
        backbone_key, draw_key = jax.random.split(jax.random.key(seed))
        backbone, params, right = learn_backbone(backbone_key, backbone_epochs)
        print(f"seed {seed}: the backbone gets {right:.1%} of its training images right", flush=True)
        found["backbone_accuracy"].append(right)
        curves.append(compare(draw_key, backbone, params, shots, repeats=draws, epochs=epochs))
    found["accuracy"] = {name: np.concatenate([each[name] for each in curves], axis=1) for name in NAMES}
    ahead = found["accuracy"]["frozen"] - found["accuracy"]["scratch"]
    found["ahead"] = {"mean": ahead.mean(axis=1), "error": ahead.std(axis=1) / np.sqrt(ahead.shape[1])}
    show(found)
    labs.save_figure(draw(found), out, "few-shot")
    return found


def show(found):
    """The table, in the terminal."""
    n = found["accuracy"]["frozen"].shape[1]
    table = Table("examples of each", *NAMES.values(), "ahead", title=f"digits 5 to 9, mean and spread of {n} draws")
    for i, shots in enumerate(found["shots"]):
        each = [f"{found['accuracy'][name][i].mean():.1%} ± {found['accuracy'][name][i].std():.1%}" for name in NAMES]
        table.add_row(str(shots), *each, f"{100 * found['ahead']['mean'][i]:+.1f} points")
    Console().print(table)


def draw(found):
    """Accuracy against the number of examples, with the spread over the draws."""
    fig = Figure(figsize=(6, 4), layout="constrained")
    ax = fig.subplots()
    for i, (name, said) in enumerate(NAMES.items()):
        scores, style = found["accuracy"][name], ("-", "--", ":")[i]
        ax.errorbar(found["shots"], scores.mean(axis=1), scores.std(axis=1), fmt=style, marker="os^"[i], label=said)
    ax.set(xscale="log", xlabel="examples of each digit", ylabel="accuracy on the test digits 5 to 9")
    ax.set_xticks(found["shots"], found["shots"])
    ax.legend(loc="lower right")
    return fig


def main(argv=None) -> int:
    return labs.start("transfer", run, argv, seeds=1, draws=8, backbone_epochs=30, epochs=15)


if __name__ == "__main__":
    sys.exit(main())
