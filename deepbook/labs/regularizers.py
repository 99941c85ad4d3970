"""What does each remedy against overfitting bring? Few pictures of Fashion-MNIST, with and without."""

import sys

import jax
import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from deepbook import data, labs
from deepbook.layers import BatchNorm, Dense, Dropout, Flatten, Relu, Sequential
from deepbook.losses import L1, L2, accuracy, smooth_labels
from deepbook.optim import Adam
from deepbook.train import EarlyStopping, Flip, Shift, evaluate, fit

N_VALIDATION = 2000


def network(hidden=256, normalize=(), drop=()):
    """784-256-128-10, with other layers before or after each ReLU; hidden: the size of the first of them."""
    return Sequential(
        [Flatten(), Dense(hidden), *normalize, Relu(), *drop, Dense(hidden // 2), *normalize, Relu(), *drop, Dense(10)]
    )


PLAIN = network()
# what is different from the training without any remedy: the model, the arguments of fit, and `smooth` for the labels
REMEDIES = {
    "none": {},
    "smaller network": {"model": network(hidden=32)},
    "early stopping": {"callbacks": [EarlyStopping(patience=3)]},
    "L2": {"penalty": L2(1e-3)},
    "L1": {"penalty": L1(1e-4)},
    "dropout": {"model": network(drop=[Dropout(0.5)])},
    "shift by a pixel": {"augment": Shift(1)},
    "mirror": {"augment": Flip()},
    "batch normalization": {"model": network(normalize=[BatchNorm()])},
    "label smoothing": {"smooth": 0.1},
    "shift and smoothing": {"augment": Shift(1), "smooth": 0.1},
}


def train(seed, examples, epochs, model=PLAIN, smooth=0.0, **settings):
    """One training on the first `examples` pictures. Returns the history and the scores on the test pictures."""
    (x, y), test, _ = data.load("fashion-mnist")
    few, held_out = (x[:examples], y[:examples]), (x[-N_VALIDATION:], y[-N_VALIDATION:])
    if smooth:
        few = few[0], smooth_labels(few[1], 10, smooth)
    init_key, fit_key = jax.random.split(jax.random.key(seed))
    params, history = fit(
        model,
        model.init(init_key, x[:1]),
        few,
        key=fit_key,
        optimizer=Adam(),
        epochs=epochs,
        batch_size=100,
        validation=held_out,
        metrics=[accuracy],
        **settings,
    )
    on_few = evaluate(model, params, (x[:examples], y[:examples]), metrics=[accuracy])
    return history, on_few, evaluate(model, params, test, metrics=[accuracy])


def run(seeds, out, quick=False, examples=6000, epochs=40) -> dict:
    """Train with each remedy, and with none, once for each seed. quick: one seed, one epoch, 500 pictures."""
    seeds, epochs, examples = (seeds[:1], 1, 500) if quick else (seeds, epochs, examples)
    found = {"examples": examples, "epochs": epochs, "remedies": {}}
    for name, settings in REMEDIES.items():
        runs = [train(seed, examples, epochs, **settings) for seed in seeds]
        found["remedies"][name] = {
            "training": [on_few["accuracy"] for _, on_few, _ in runs],
            "test": [on_test["accuracy"] for _, _, on_test in runs],
            "test_loss": [on_test["loss"] for _, _, on_test in runs],
            "epochs": [len(history["loss"]) for history, _, _ in runs],
            "val_loss": runs[0][0]["val_loss"],
            "seconds": np.mean([sum(history["seconds"]) for history, _, _ in runs]),
        }
    many = 2 * examples if quick else 60_000 - N_VALIDATION
    runs = [train(seed, many, max(1, epochs * examples // many)) for seed in seeds]  # as many steps
    found["more pictures"] = {"n": many, "test": [on_test["accuracy"] for _, _, on_test in runs]}
    show(found)
    labs.save_figure(draw(found), out, "curves")
    return found


def show(found):
    """The table, in the terminal."""
    title = f"Fashion-MNIST, {found['examples']:,} pictures, {found['epochs']} epochs"
    table = Table("remedy", "training", "test", "test loss", "epochs", "seconds", title=title)
    for name, each in found["remedies"].items():
        means = [np.mean(each[key]) for key in ("training", "test", "test_loss", "epochs")]
        right, test, loss, epochs = means
        table.add_row(name, f"{right:.1%}", f"{test:.1%}", f"{loss:.3f}", f"{epochs:.0f}", f"{each['seconds']:.0f}")
    table.add_row(f"{found['more pictures']['n']:,} pictures", "", f"{np.mean(found['more pictures']['test']):.1%}")
    Console().print(table)


def draw(found):
    """The validation loss, epoch by epoch, for a few of the remedies."""
    fig = Figure(figsize=(6, 4), layout="constrained")
    ax = fig.subplots()
    for name in ("none", "L2", "dropout", "shift by a pixel"):
        losses = found["remedies"][name]["val_loss"]
        ax.plot(range(1, len(losses) + 1), losses, label=name)
    ax.set(xlabel="epoch", ylabel="validation loss (nats)")
    ax.legend()
    return fig


def main(argv=None) -> int:
    return labs.start("regularizers", run, argv, seeds=3, examples=6000, epochs=40)


if __name__ == "__main__":
    sys.exit(main())
