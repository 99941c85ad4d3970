"""How long does a recurrent network remember? A symbol, many others, and the question which was first. No download."""

import sys

import jax
import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from deepbook import labs
from deepbook.layers import Dense, Sequential, count
from deepbook.losses import accuracy
from deepbook.optim import Adam, Clip
from deepbook.rnn import GRU, LSTM, RNN, gradient_by_distance
from deepbook.seq2seq import copy_memory
from deepbook.train import evaluate, fit

CELLS = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}
DISTANCES = (20, 40, 80)
KEEPS = 1  # the block of b whose gate keeps what is remembered: f of i, f, g, o in an LSTM, u of r, u, n in a GRU
SYMBOLS = 4
BATCH, LOOK = 64, 40  # examples a step, steps between two looks at the accuracy
STYLES = {"RNN": "C1:", "LSTM": "C0-", "GRU": "C4--"}


def run(seeds, out, quick=False, units=32, steps=800) -> dict:
    """Each kind of cell at each distance, once for each seed. quick: a short distance, a few steps.

    The gradients are those at the longest distance, before the training and after it. There, the LSTM and the GRU also
    learn with another bias of the gate that keeps what is remembered: 0 in place of 1, and 3 in place of 0.
    """
    distances = DISTANCES
    if quick:
        seeds, distances, units, steps = seeds[:1], (5,), 8, LOOK
    learned, gradients, sizes = [], {}, {}
    for name, cell in CELLS.items():
        model = Sequential([cell(units), Dense(SYMBOLS)])
        for distance in distances:
            runs = [learn(model, distance, steps, seed) for seed in seeds]
            right = last(runs)
            learned.append({"cell": name, "distance": distance, "accuracy": right, "right": [r["right"] for r in runs]})
            print(f"{name}, {distance} steps: {', '.join(f'{r:.0%}' for r in right)}", flush=True)
        gradients[name] = {when: np.array([each[when] for each in runs]) for when in ("start", "trained")}
        sizes[name] = count(runs[0]["params"])
    biases = {}
    for name, usual, other in (("LSTM", 1, 0), ("GRU", 0, 3)):
        model = Sequential([CELLS[name](units), Dense(SYMBOLS)])
        as_is = next(each["accuracy"] for each in learned[::-1] if each["cell"] == name)
        again = last([learn(model, distances[-1], steps, seed, bias=other) for seed in seeds])
        biases[name] = {str(usual): as_is, str(other): again}
        print(f"{name}, {distances[-1]} steps, bias {other}: {', '.join(f'{r:.0%}' for r in again)}", flush=True)
    found = {
        "chance": 1 / SYMBOLS,
        "symbols": SYMBOLS,
        "units": units,
        "steps": steps,
        "look": LOOK,
        "distances": distances,
        "parameters": sizes,
        "learned": learned,
        "gradients": gradients,
        "biases": biases,
    }
    show(found)
    labs.save_figure(draw(found), out, "gradients")
    return found


def last(runs):
    """The accuracy at the end of each run."""
    return [each["right"][-1] for each in runs]


def learn(model, distance, steps, seed, bias=None):
    """One training. Returns {"params", "right": accuracy on new examples after each LOOK steps, "start", "trained"}.

    "start" and "trained" are the layer's gradients by distance, (distance + 1,), before and after.
    bias: what the bias of the gate that keeps begins with, or None to leave it as it is.
    """
    init_key, task_key, test_key, fit_key = jax.random.split(jax.random.key(seed), 4)
    x, y = copy_memory(task_key, LOOK * BATCH, distance, SYMBOLS)
    test, right = copy_memory(test_key, 500, distance, SYMBOLS), []
    start = model.init(init_key, x[:1])
    if bias is not None:
        units = model.layers[0].n_out
        start[0]["b"] = start[0]["b"].at[KEEPS * units : (KEEPS + 1) * units].set(bias)
    params, _ = fit(
        model,
        start,
        (x, y),
        key=fit_key,
        optimizer=Clip(Adam(3e-3), 1.0),
        epochs=max(1, steps // LOOK),
        batch_size=BATCH,
        callbacks=[
            lambda epoch, params, _: right.append(evaluate(model, params, test, metrics=[accuracy])["accuracy"])
        ],
    )
    reach = jax.jit(lambda p: gradient_by_distance(model.layers[0], p, test[0][:16]))
    return {"params": params, "right": right, "start": reach(start[0]), "trained": reach(params[0])}


def show(found):
    """The table, in the terminal."""
    title = f"new examples right after {found['steps']} steps; by chance {found['chance']:.0%}"
    table = Table("cell", *(f"{distance} steps" for distance in found["distances"]), title=title)
    for name in CELLS:
        rows = [each["accuracy"] for each in found["learned"] if each["cell"] == name]
        table.add_row(name, *(", ".join(f"{right:.0%}" for right in row) for row in rows))
    far = found["distances"][-1]
    reach = Table("cell", "at the start", "trained", title=f"gradient {far} steps away / at the last step")
    for name, each in found["gradients"].items():
        reach.add_row(name, *(f"{np.median(each[when][:, -1] / each[when][:, 0]):.1e}" for when in each))
    begun = Table(
        "cell", "bias of the gate that keeps", f"{far} steps", title="the same with another bias at the start"
    )
    for name, each in found["biases"].items():
        for bias, rights in sorted(each.items()):
            begun.add_row(name, bias, ", ".join(f"{right:.0%}" for right in rights))
    Console().print(table, reach, begun)


def draw(found):
    """The gradient's size against the distance, before and after the training, of the first seed."""
    fig = Figure(figsize=(8, 4), layout="constrained")
    axes = fig.subplots(1, 2, sharey=True)
    for ax, when, said in zip(axes, ("start", "trained"), ("before the training", "after it"), strict=True):
        for name, each in found["gradients"].items():
            ax.semilogy(np.maximum(each[when][0], 1e-20), STYLES[name], label=name)
        ax.set(xlabel="steps before the end", title=said)
    axes[0].set_ylabel("size of the gradient")
    axes[0].legend()
    return fig


def main(argv=None) -> int:
    return labs.start("memory", run, argv, seeds=3, units=32, steps=800)


if __name__ == "__main__":
    sys.exit(main())
