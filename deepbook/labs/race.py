"""Which optimizer is fastest in a ravine, on Beale's function and on digits, each at its best learning rate?"""

import sys
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from deepbook import data, labs
from deepbook.layers import Dense, Flatten, Relu, Sequential
from deepbook.losses import accuracy, cross_entropy
from deepbook.optim import SGD, AdaGrad, Adam, Momentum, RMSProp, add
from deepbook.plots import STYLES
from deepbook.train import predict

MODEL = Sequential([Flatten(), Dense(64), Relu(), Dense(10)])
BATCH = 32
OPTIMIZERS = {  # from a learning rate to an optimizer; AdamW is missing, since without decay it is Adam
    "SGD": SGD,
    "Momentum": Momentum,
    "Nesterov": partial(Momentum, nesterov=True),
    "AdaGrad": AdaGrad,
    "RMSProp": RMSProp,
    "Adam": Adam,
}


def ravine(w):
    """A hundred times as steep across as along; lowest at (0, 0)."""
    return w[0] ** 2 / 100 + w[1] ** 2


def beale(w):
    """Beale's function: steep walls, and a curved valley that is lowest, 0, at (3, 0.5)."""
    x, y = w
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


# each: the function, the start, and the loss below which a walk has arrived
SURFACES = {"ravine": (ravine, (-7.0, 2.0), 0.02), "Beale": (beale, (1.0, 1.5), 0.02)}


def grid(low=-4, high=1, per_decade=3):
    """Learning rates, equally far apart in factors: 10^low to 10^high."""
    return jnp.logspace(low, high, (high - low) * per_decade + 1)


# ------------------------------------------------------------------ on a map


@partial(jax.jit, static_argnames=("f", "make", "steps"))
def walks(f, start, make, rates, steps):
    """Walks downhill on f as `optim.minimize` does, one for each rate: paths (rates, steps + 1, 2) and values."""

    def walk(lr):
        optimizer = make(lr)  # made inside jit, where the rate need not be known: one compilation for all rates

        def step(carry, _):
            w, opt_state = carry
            updates, opt_state = optimizer.update(jax.grad(f)(w), opt_state, w)
            return (add(w, updates), opt_state), w

        (last, _), path = lax.scan(step, (start, optimizer.init(start)), length=steps)
        path = jnp.concatenate([path, last[None]])
        return path, jax.vmap(f)(path)

    return jax.vmap(walk)(rates)


def fastest(surface, make, rates, steps):
    """The walk that arrives first, for good, among all learning rates: {"lr", "arrived", "path", "values"}."""
    f, start, goal = SURFACES[surface]
    paths, values = map(np.asarray, walks(f, jnp.array(start), make, rates, steps))
    above = ~(values <= goal)  # NaN counts as above
    arrived = (steps + 1) - np.argmax(above[:, ::-1], axis=1)
    arrived[~above.any(axis=1)] = 0
    best = int(np.argmin(arrived))
    return {
        "lr": rates[best],
        "arrived": arrived[best] if arrived[best] <= steps else None,
        "path": paths[best],
        "values": values[best],
    }


# ------------------------------------------------------------------ on a network


@partial(jax.jit, static_argnames="make")
def train(make, rates, start, x, y, batches):
    """The network trained once for each learning rate, all of them from the same start and on the same batches.

    batches: (epochs, steps, batch) integers, the rows of each batch.
    Returns (params, losses): params with a leading axis of rates, losses (rates, epochs), the mean of each epoch.
    """

    def run(lr):
        optimizer = make(lr)

        def step(carry, rows):
            params, opt_state = carry
            value, grads = jax.value_and_grad(lambda p: cross_entropy(MODEL.apply(p, x[rows]), y[rows]))(params)
            updates, opt_state = optimizer.update(grads, opt_state, params)
            return (add(params, updates), opt_state), value

        def epoch(carry, rows):
            carry, values = lax.scan(step, carry, rows)
            return carry, values.mean()

        (params, _), losses = lax.scan(epoch, (start, optimizer.init(start)), batches)
        return params, losses

    return jax.vmap(run)(rates)


def tune(make, rates, seeds, epochs):
    """Train at every rate and from every seed; the best rate is the one whose mean loss in the last epoch is lowest.

    Returns {"lr", "curve", "last", "test_accuracy"}: the best rate and the mean loss of each epoch there; the loss of
    the last epoch at every rate (None where it is no number); the accuracy on the test digits at the best rate, for
    each seed.
    """
    (x, y), (x_test, y_test), _ = data.load("digits")
    runs = []
    for seed in seeds:
        orders = [np.random.default_rng((seed, epoch)).permutation(len(x)) for epoch in range(epochs)]
        batches = np.stack([order[: len(x) // BATCH * BATCH].reshape(-1, BATCH) for order in orders])
        start = MODEL.init(jax.random.key(seed), x[:1])
        runs.append(train(make, rates, start, jnp.asarray(x), jnp.asarray(y), batches))
    losses = np.mean([values for _, values in runs], axis=0)
    best = int(np.nanargmin(losses[:, -1]))
    at_best = [jax.tree.map(lambda p: p[best], params) for params, _ in runs]
    return {
        "lr": rates[best],
        "curve": losses[best],
        "last": [value if np.isfinite(value) else None for value in losses[:, -1]],
        "test_accuracy": [accuracy(predict(MODEL, params, x_test), y_test) for params in at_best],
    }


# ------------------------------------------------------------------ the lab


def run(seeds, out, quick=False, epochs=20, steps=300) -> dict:
    """The race on each map and on the digits. quick: three rates, one seed, one epoch."""
    seeds, epochs, rates = (seeds[:1], 1, grid(-3, -1, 1)) if quick else (seeds, epochs, grid())
    found = {"rates": rates, "epochs": epochs}
    for surface in SURFACES:
        found[surface] = {name: fastest(surface, make, rates, steps) for name, make in OPTIMIZERS.items()}
    found["digits"] = {name: tune(make, rates, seeds, epochs) for name, make in OPTIMIZERS.items()}
    show(found)
    labs.save_figure(draw(found), out, "race")
    for surface in SURFACES:  # the walks are drawn and not kept: they are long, and quickly made again
        found[surface] = {name: {k: walk[k] for k in ("lr", "arrived")} for name, walk in found[surface].items()}
    return found


def show(found):
    """The table, in the terminal."""
    table = Table("", *SURFACES, "digits: last loss", "test accuracy", title="each at its best learning rate")
    for name in OPTIMIZERS:
        maps = [found[surface][name] for surface in SURFACES]
        cells = [f"step {each['arrived']} (lr {each['lr']:.2g})" for each in maps]
        digits = found["digits"][name]
        right = f"{np.mean(digits['test_accuracy']):.2%}"
        table.add_row(name, *cells, f"{digits['curve'][-1]:.4f} (lr {digits['lr']:.2g})", right)
    Console().print(table)


def draw(found):
    """Three panels of losses, one curve for each optimizer; and what the last epoch's loss was at every rate."""
    fig = Figure(figsize=(14, 3.6), layout="constrained")
    *maps, digits, rates = fig.subplots(1, 4)
    for i, name in enumerate(OPTIMIZERS):
        look = {"color": f"C{i}", "linestyle": STYLES[i % len(STYLES)], "label": name}
        for ax, surface in zip(maps, SURFACES, strict=True):
            ax.semilogy(found[surface][name]["values"], **look)
            ax.set(title=surface, xlabel="step", ylabel="loss", xlim=(0, 100), ylim=(1e-5, None))
        digits.semilogy(range(1, found["epochs"] + 1), found["digits"][name]["curve"], **look)
        rates.loglog(found["rates"], [value or np.nan for value in found["digits"][name]["last"]], **look)
    digits.set(title="digits", xlabel="epoch", ylabel="training loss (nats)")
    rates.set(title="digits", xlabel="learning rate", ylabel="loss of the last epoch (nats)", ylim=(None, 20))
    digits.legend()
    return fig


def main(argv=None) -> int:
    return labs.start("race", run, argv, seeds=3, epochs=20, steps=300)


if __name__ == "__main__":
    sys.exit(main())
