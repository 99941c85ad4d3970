"""Can an encoder and a decoder learn to rewrite dates? "Mar 14, 2019" becomes 2019-03-14. No download."""

import sys

import jax
import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from deepbook import labs
from deepbook.layers import count
from deepbook.optim import Adam, Clip, Cosine
from deepbook.rnn import LSTM
from deepbook.seq2seq import FORMS, Seq2Seq, Task, answer, dates, exact
from deepbook.train import fit

# What nobody taught it: forms and days that are not in the task.
ASKED = ("14 march 2019", "14/3/2019", "14.3.19", "2019 March 14", "March 2019", "30 February 2019", "1 May 2525")
FEW = 1000  # examples of a second training, which has as many steps


def tasks(seed, n, n_test):
    """(train, test): n_test texts that are not among the n of train, out of enough of them."""
    train_key, test_key = jax.random.split(jax.random.key(seed))
    train, test = dates(train_key, n), dates(test_key, 2 * n_test)
    known = {train.text(row) for row in train.source}
    new = [i for i, row in enumerate(test.source) if test.text(row) not in known][:n_test]
    return train, Task(test.source[new], test.y[new], test.tokens)


def encode(task, texts):
    """Texts as rows of ids, like the source of the task. Characters that it lacks are left out."""
    ids = {token: i for i, token in enumerate(task.tokens) if token}
    rows = np.zeros((len(texts), task.source.shape[1]), np.int32)
    for row, text in zip(rows, texts, strict=True):
        found = [ids[letter] for letter in text if letter in ids][: len(row)]
        row[: len(found)] = found
    return rows


def form(text):
    """Which of FORMS a text has."""
    if text[0].isdigit():
        if "." in text or "/" in text:
            return FORMS.index("{d}.{m}.{y}" if "." in text else "{m}/{d}/{y}")
        month = text.split()[1]
        names = {True: "{d} {MONTH} {y}", False: "{d} {mon} {y}" if len(month) == 3 else "{d} {month} {y}"}
        return FORMS.index(names[month.isupper()])
    if "the" in text:
        return FORMS.index("{month} {y}, the {d}.")
    return FORMS.index("{mon} {d}, {y}" if text.index(" ") == 3 else "{month} {d}, {y}")


def run(seeds, out, quick=False, examples=10000, tests=1000, units=128, epochs=15) -> dict:
    """Train once for each seed, and once from a few examples; the first one's answers are kept. quick: one epoch."""
    few = FEW
    if quick:
        seeds, examples, tests, units, epochs, few = seeds[:1], 200, 50, 16, 1, 100
    runs, first = [], None
    for seed in seeds:
        train, test = tasks(seed, examples, tests)
        model = Seq2Seq(len(train.tokens), train.source.shape[1], LSTM(units))
        learned = learn(model, train, test, epochs, seed)
        runs.append(learned[1])
        first = first or (model, learned[0], test)
    model, params, test = first
    rows = answered(model, params, test)
    train, _ = tasks(seeds[0], examples, tests)
    less = Task(train.source[:few], train.y[:few], train.tokens)
    poor, learned = learn(model, less, test, epochs * examples // few, seeds[0])
    told = map(test.text, np.asarray(answer(model, params, encode(test, ASKED), test.y.shape[1])))
    found = {
        "examples": {"train": examples, "test": len(rows)},
        "parameters": count(params),
        "settings": {"units": units, "epochs": epochs},
        "exact": [each["exact"][-1] for each in runs],
        "runs": runs,
        "by_form": {
            FORMS[i]: [sum(each["right"] for each in some), len(some)]
            for i in range(len(FORMS))
            if (some := [each for each in rows if form(each["text"]) == i])
        },
        "right": [each for each in rows if each["right"]][:8],
        "wrong": [each for each in rows if not each["right"]][:12],
        "few": {
            "examples": few,
            "exact": learned["exact"][-1],
            "loss": learned["loss"][-1],
            "wrong": [each for each in answered(model, poor, test) if not each["right"]][:12],
        },
        "asked": [{"text": text, "answer": each} for text, each in zip(ASKED, told, strict=True)],
    }
    show(found)
    labs.save_figure(draw(found), out, "exact")
    return found


def answered(model, params, task):
    """What the model writes for each text of a task, and what is right: a list of dicts."""
    said = np.asarray(answer(model, params, task.source, task.y.shape[1]))
    texts = [tuple(map(task.text, rows)) for rows in zip(task.source, task.y, said, strict=True)]
    return [{"text": text, "true": true, "answer": told, "right": true == told} for text, true, told in texts]


def learn(model, train, test, epochs, seed):
    """One training. Returns (params, {"loss", "exact", …}): whole answers right on the test, after each 15th of it."""
    init_key, fit_key = jax.random.split(jax.random.key(seed))
    x, right, batch_size, every = train.x, [], 64, max(1, epochs // 15)

    def look(epoch, params, history):
        if epoch % every == 0 or epoch == epochs:
            right.append(exact(model, params, test.source, test.y))

    steps = epochs * max(1, len(x) // batch_size)
    params, history = fit(
        model,
        model.init(init_key, x[:1]),
        (x, train.y),
        key=fit_key,
        optimizer=Clip(Adam(Cosine(5e-3, steps)), 1.0),
        epochs=epochs,
        batch_size=batch_size,
        callbacks=[look],
    )
    return params, {"seed": seed, "loss": history["loss"], "exact": right, "seconds": sum(history["seconds"])}


def show(found):
    """The tables, in the terminal."""
    right = ", ".join(f"{each:.1%}" for each in found["exact"])
    table = Table(
        "form", "whole answers right", title=f"{found['examples']['test']:,} dates that it never read: {right}"
    )
    for name, (good, n) in found["by_form"].items():
        table.add_row(name, f"{good} of {n}")
    some = Table("it reads", "it writes", "right is")
    for each in found["right"][:4] + found["wrong"][:4]:
        some.add_row(each["text"], each["answer"], each["true"])
    for each in found["asked"]:
        some.add_row(each["text"], each["answer"], "not taught")
    few = found["few"]
    less = Table(
        "it reads", "it writes", "right is", title=f"after {few['examples']:,} examples: {few['exact']:.1%} right"
    )
    for each in few["wrong"][:6]:
        less.add_row(each["text"], each["answer"], each["true"])
    Console().print(table, some, less)


def draw(found):
    """Whole answers that are right on the test, after each epoch, of every seed."""
    fig = Figure(figsize=(6, 4), layout="constrained")
    ax = fig.subplots()
    for each, style in zip(found["runs"], ("-", "--", ":", "-.") * len(found["runs"]), strict=False):
        n, epochs = len(each["exact"]), found["settings"]["epochs"]
        ax.plot(np.linspace(epochs / n, epochs, n), each["exact"], f"C4{style}", label=f"seed {each['seed']}")
    ax.set(xlabel="epoch", ylabel="whole answers right", ylim=(0, 1.02))
    ax.legend()
    return fig


def main(argv=None) -> int:
    return labs.start("dates", run, argv, seeds=3, examples=10000, tests=1000, units=128, epochs=15)


if __name__ == "__main__":
    sys.exit(main())
