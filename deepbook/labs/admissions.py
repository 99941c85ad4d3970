"""Who is admitted to a graduate school? Logistic regression on test score, grade and college, cut in many ways."""

import sys

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from deepbook import data, labs, perceptron
from deepbook.downloads import catalogue, files

FEATURES = ("gre", "gpa", "rank 1", "rank 2", "rank 3", "rank 4")
N_TEST = 79


def features(rows, like):
    """gre and gpa less the means and divided by the deviations of the rows `like`; the rank as one of four columns."""
    mean, deviation = like[:, :2].mean(axis=0), like[:, :2].std(axis=0)
    one_hot = rows[:, 2:] == np.arange(1, 5)  # (rows, 4)
    return np.hstack([(rows[:, :2] - mean) / deviation, one_hot], dtype=np.float32)


def cut(rows, y, seed):
    """One way to cut the table: fit on the rest, ask about N_TEST rows. Returns the scores, and p and y of these."""
    order = np.random.default_rng(seed).permutation(len(rows))
    train, test = order[:-N_TEST], order[-N_TEST:]
    x, y_test = features(rows[test], rows[train]), y[test]
    x_train, y_train = features(rows[train], rows[train]), y[train]
    params, _ = perceptron.fit_logistic(perceptron.init(6), x_train, y_train)
    share = y_train.mean()  # what one can say who knows nothing of a student
    scores = {
        "accuracy": perceptron.accuracy(params, x, y_test),
        "always_no": np.mean(y_test == 0),
        "loss": perceptron.loss(params, x, y_test),
        "loss_of_the_share": -np.mean(np.log(np.where(y_test, share, 1 - share))),
    }
    return scores, perceptron.neuron(params, x, perceptron.sigmoid), y_test


def run(seeds, out, quick=False) -> dict:
    """Cut the table once for each seed, then fit all rows for the weights. quick: three cuts."""
    rows, y = data.read_admissions(files(catalogue()["admissions"])["student_data.csv"])
    cuts = [cut(rows, y, seed) for seed in (seeds[:3] if quick else seeds)]
    scores = {name: [each[0][name] for each in cuts] for name in cuts[0][0]}
    p, true = (np.concatenate([each[k] for each in cuts]) for k in (1, 2))
    fifths = np.array_split(np.argsort(p), 5)
    (W, b), _ = perceptron.fit_logistic(perceptron.init(6), features(rows, rows), y)
    result = {
        "rows": len(rows),
        "admitted": y.sum(),
        "n_test": N_TEST,
        **scores,
        "fifths": [{"p": p[part].mean(), "admitted": true[part].mean()} for part in fifths],
        "weights": dict(zip(FEATURES, W, strict=True)),
        "bias": b,
        "mean": rows[:, :2].mean(axis=0),
        "deviation": rows[:, :2].std(axis=0),
    }
    show(result)
    labs.save_figure(draw(result), out, "chances")
    return result


def show(result):
    """The tables, in the terminal."""
    console = Console()
    table = Table("", "right", "surprise (nats)", title=f"rows held out, mean of {len(result['accuracy'])} cuts")
    for name, right, surprise in (
        ("logistic regression", "accuracy", "loss"),
        ("always “no”, and always the share of the admitted", "always_no", "loss_of_the_share"),
    ):
        table.add_row(name, f"{np.mean(result[right]):.1%}", f"{np.mean(result[surprise]):.3f}")
    console.print(table)
    table = Table("weight of", "", title="all rows")
    for name, weight in result["weights"].items():
        table.add_row(name, f"{weight:+.3f}")
    console.print(table)


def draw(result):
    """Whether what was promised came true: the admitted of each fifth, beside the probabilities that it was given."""
    fig = Figure(figsize=(4.5, 4))
    ax = fig.subplots()
    ax.plot([0, 1], [0, 1], ":", color="black")
    ax.plot([each["p"] for each in result["fifths"]], [each["admitted"] for each in result["fifths"]], "o-")
    ax.set(xlabel="mean probability given", ylabel="share admitted", xlim=(0, 0.8), ylim=(0, 0.8), aspect="equal")
    return fig


def main(argv=None) -> int:
    return labs.start("admissions", run, argv, seeds=100)


if __name__ == "__main__":
    sys.exit(main())
