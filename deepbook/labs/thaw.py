"""Which layers may learn? New digits and old ones under lamps, for each number of thawed layers. No download."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from deepbook import labs
from deepbook.architectures import normed
from deepbook.cnn import MaxPool
from deepbook.labs.transfer import digits
from deepbook.layers import Dense, Flatten, Sequential, count
from deepbook.losses import accuracy
from deepbook.optim import Adam
from deepbook.train import evaluate, fit
from deepbook.transfer import few, thaw

SHOTS = (1, 5, 20, 100)
RATES = {"small": 0.003, "large": 0.03}
PARTS = ("conv 1", "conv 2", "conv 3", "head")  # from the picture to the answer; a convolution with its BatchNorm
THAWED = (1, 3, 5, 7)  # for `thaw`: the head, then a convolution and its BatchNorm more each time


def under_lamps(key, x):
    """Images as taken under lamps of all kinds.

    Each is brighter or darker as a whole, and brighter towards one side.
    x: (batch, height, width, 1). Returns the same shape. An `augment` for `fit`.
    """
    level, across, down = 0.5 * jax.random.normal(key, (3, len(x), 1, 1, 1))
    ruler = jnp.linspace(-1, 1, x.shape[1])[:, None]
    return x + level + across * ruler + down * ruler[:, None]


def lit(key, low, high):
    """The digits from `low` up to, not including, `high`, under lamps: (train, test)."""
    parts = zip(jax.random.split(key), digits(low, high), strict=True)
    return [(np.asarray(under_lamps(lamp, x)), y) for lamp, (x, y) in parts]


def network(n_classes):
    """Three convolutions and a head."""
    body = [*normed(8, (3, 3)), *normed(16, (3, 3)), MaxPool((2, 2))]
    return Sequential([*body, *normed(16, (3, 3)), Flatten(), Dense(n_classes)])


def learn_old(key, epochs):
    """Parameters that know the digits 0 to 4, under other lamps in each epoch."""
    x, y = digits(0, 5)[0]
    init_key, fit_key = jax.random.split(key)
    model = network(5)
    ways = {"key": fit_key, "optimizer": Adam(3e-3), "epochs": epochs, "augment": under_lamps}
    return fit(model, model.init(init_key, x[:1]), (x, y), progress=False, **ways)[0]


def sizes(model, params):
    """How many parameters each part has, without the running mean and variance, which no gradient trains."""
    starts = [i for i, p in enumerate(params) if "W" in p]
    ends = [*starts[1:], len(params)]
    parts = [params[first:end] for first, end in zip(starts, ends, strict=True)]
    return [sum(count({k: v for k, v in p.items() if k not in ("mean", "var")}) for p in part) for part in parts]


def right(model, params, data):
    return evaluate(model, params, data, metrics=[accuracy])["accuracy"]


def one_draw(old, key, shots, thawed, epochs):
    """One draw of examples and lamps: how `old` reads the old digits, and the accuracies of all the ways with it,
    {(rate, thawed, n): (new digits, old digits)}.
    """
    lamps, few_key, head_key, fit_key = jax.random.split(key, 4)
    (x, y), test = lit(lamps, 5, 10)
    old_test, model = lit(lamps, 0, 5)[1], network(5)
    fresh = model.init(head_key, x[:1])
    ways = {(rate, n): (Adam(lr), thaw(model, n), (*old[:-1], fresh[-1])) for rate, lr in RATES.items() for n in thawed}
    ways |= {(rate, "scratch"): (Adam(lr), True, fresh) for rate, lr in RATES.items()}
    found = {}
    for (rate, n), (optimizer, trainable, start) in ways.items():
        for shot in shots:
            rows = np.resize(few(few_key, np.arange(len(y)), y, shot)[0], 5 * max(shots))
            settings = {"optimizer": optimizer, "trainable": trainable, "epochs": epochs, "batch_size": 25}
            params, _ = fit(model, start, (x[rows], y[rows]), key=fit_key, progress=False, **settings)
            with_old_head = (*params[:-1], old[-1])
            found[rate, n, shot] = right(model, params, test), right(model, with_old_head, old_test)
    return right(model, old, old_test), found


def run(seeds, out, quick=False, draws=3, old_epochs=30, epochs=10) -> dict:
    """For each seed an old network, and `draws` draws of few examples. quick: one seed, one draw, one epoch."""
    shots, thawed = SHOTS, THAWED
    if quick:
        seeds, draws, old_epochs, epochs, shots, thawed = seeds[:1], 1, 1, 1, SHOTS[:1], THAWED[:2]
    all_found, before = [], []
    for seed in seeds:
        old_key, draw_key = jax.random.split(jax.random.key(seed))
        old = learn_old(old_key, old_epochs)
        for key in jax.random.split(draw_key, draws):
            known, one = one_draw(old, key, shots, thawed, epochs)
            before.append(known)
            all_found.append(one)
            print(f"seed {seed}: {known:.1%} of the old digits were read right before", flush=True)

    def table(which, n):
        """(shots, draws) for one number of thawed layers, for each rate."""
        return {rate: [[one[rate, n, shot][which] for one in all_found] for shot in shots] for rate in RATES}

    one = digits(5, 10)[0][0][:1]
    found = {
        "shots": shots,
        "rates": RATES,
        "parts": PARTS,
        "parameters": sizes(network(5), network(5).init(jax.random.key(0), one)),
        "thawed": thawed,
        "old_before": before,
        "new": {str(n): table(0, n) for n in thawed},
        "old": {str(n): table(1, n) for n in thawed},
        "scratch": table(0, "scratch"),
    }
    show(found)
    labs.save_figure(draw(found), out, "thawed")
    return found


def show(found):
    """The tables, in the terminal."""
    for rate, lr in found["rates"].items():
        names = [f"{n} of each" for n in found["shots"]]
        table = Table("layers that learn", *names, title=f"new digits / old digits, learning rate {lr}")
        for i, n in enumerate(found["thawed"]):
            pairs = zip(*(np.mean(found[which][str(n)][rate], axis=1) for which in ("new", "old")), strict=True)
            table.add_row(", ".join(found["parts"][-1 - i :]), *(f"{a:.1%} / {b:.1%}" for a, b in pairs))
        table.add_row("all, from scratch", *(f"{a:.1%}" for a in np.mean(found["scratch"][rate], axis=1)))
        Console().print(table)


def draw(found):
    """Accuracy over the number of thawed parts, one panel for each rate: new digits and old ones."""
    fig = Figure(figsize=(9, 3.6), layout="constrained")
    for ax, (rate, lr) in zip(fig.subplots(1, 2, sharey=True), found["rates"].items(), strict=True):
        for which, style in (("new", "-"), ("old", "--")):
            for i, shots in enumerate(found["shots"]):
                means = [np.mean(found[which][str(n)][rate][i]) for n in found["thawed"]]
                ax.plot(range(1, 1 + len(means)), means, style + "os^D"[i], color=f"C{i}", label=f"{which}, {shots}")
        ax.set(title=f"learning rate {lr}", xlabel="parts that learn", xticks=range(1, 1 + len(found["thawed"])))
    ax.legend(ncols=2, fontsize=8)
    return fig


def main(argv=None) -> int:
    return labs.start("thaw", run, argv, seeds=2, draws=3, old_epochs=30, epochs=10)


if __name__ == "__main__":
    sys.exit(main())
