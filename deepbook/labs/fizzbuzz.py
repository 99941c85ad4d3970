"""Can a network learn FizzBuzz from examples, and does a deeper one learn it better?"""

import sys

import jax
import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from deepbook import labs
from deepbook.layers import Dense, Relu, Sequential
from deepbook.losses import L2, accuracy
from deepbook.optim import Adam
from deepbook.train import evaluate, fit, predict

CLASSES = ("number", "fizz", "buzz", "fizzbuzz")
BITS = 10
PENALTY = L2(1e-3)
NETWORKS = {"no hidden layer": (), "one of 100": (100,), "two of 100": (100, 100), "three of 100": (100, 100, 100)}


def examples(numbers):
    """Numbers as rows of bits, the lowest first, and what to say: 0 the number, 1 fizz, 2 buzz, 3 fizzbuzz."""
    numbers = np.asarray(numbers)
    x = (numbers[:, None] >> np.arange(BITS)) & 1
    y = (numbers % 3 == 0) + 2 * (numbers % 5 == 0)
    return x.astype(np.float32), y.astype(np.int32)


def network(hidden):
    """Dense layers of so many units, each followed by ReLU; four scores at the end."""
    layers = [layer for n in hidden for layer in (Dense(n), Relu())]
    return Sequential([*layers, Dense(len(CLASSES))])


def run(seeds, out, quick=False, epochs=1000) -> dict:
    """Learn from 101 to 1023, then answer 1 to 100, which no network has seen. quick: two epochs, one seed.

    Each network learns twice: as it is, and with a penalty on large weights (chapter 3).
    """
    seeds, epochs = (seeds[:1], 2) if quick else (seeds, epochs)
    train, test = examples(range(101, 2**BITS)), examples(range(1, 101))
    found = []
    for name, hidden in NETWORKS.items():
        for penalty in (None, PENALTY):
            runs = [learn(network(hidden), train, test, penalty, epochs, seed) for seed in seeds]
            found.append(
                {
                    "hidden": name,
                    "penalty": penalty.rate if penalty else 0,
                    "train_accuracy": [history["accuracy"][-1] for _, history, _ in runs],
                    "test_accuracy": [right for right, _, _ in runs],
                    "history": runs[0][1]["accuracy"][:: max(1, epochs // 100)],
                    "answers": runs[0][2],
                }
            )
    always = float(np.mean(test[1] == 0))
    show(found, always)
    labs.save_figure(draw(found, epochs), out, "curves")
    return {"networks": found, "always_the_number": always, "truth": test[1], "epochs": epochs}


def learn(model, train, test, penalty, epochs, seed):
    """One training. Returns the share of right answers on `test`, the history, and the answers."""
    init_key, fit_key = jax.random.split(jax.random.key(seed))
    params, history = fit(
        model,
        model.init(init_key, train[0][:1]),
        train,
        key=fit_key,
        optimizer=Adam(),
        epochs=epochs,
        penalty=penalty,
        metrics=[accuracy],
    )
    right = evaluate(model, params, test, metrics=[accuracy])["accuracy"]
    return right, history, np.asarray(predict(model, params, test[0])).argmax(1)


def show(found, always):
    """The table, in the terminal."""
    table = Table("hidden layers", "penalty", "learned", "1 to 100, mean", "worst", title="FizzBuzz")
    for each in found:
        learned, right = each["train_accuracy"], each["test_accuracy"]
        numbers = f"{np.mean(learned):.1%}", f"{np.mean(right):.1%}", f"{min(right):.0%}"
        table.add_row(each["hidden"], f"{each['penalty']:g}", *numbers)
    table.add_row("always the number", "", "", f"{always:.1%}", "")
    Console().print(table)


def draw(found, epochs):
    """Training accuracy, epoch by epoch, of the networks without a penalty."""
    fig = Figure(figsize=(6, 4))
    ax = fig.subplots()
    plain = [each for each in found if not each["penalty"]]
    for each, style in zip(plain, (":", "-.", "--", "-"), strict=True):
        ax.plot(np.linspace(1, epochs, len(each["history"])), each["history"], style, label=each["hidden"])
    ax.set(xlabel="epoch", ylabel="training accuracy")
    ax.legend()
    return fig


def main(argv=None) -> int:
    return labs.start("fizzbuzz", run, argv, seeds=3, epochs=1000)


if __name__ == "__main__":
    sys.exit(main())
