"""Cat or dog? What a network that knows ImageNet makes of a few hundred photos, against one that knows nothing."""

import sys
from pathlib import Path

import jax
import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from deepbook import data, labs, plots
from deepbook.architectures import squeezenet
from deepbook.cnn import GlobalAvgPool
from deepbook.labs.cifar import Moved, normalized
from deepbook.layers import Dense, Relu, Sequential, count
from deepbook.losses import accuracy, confusion_matrix
from deepbook.optim import Adam
from deepbook.published import for_squeezenet, load_squeezenet
from deepbook.train import evaluate, fit, predict
from deepbook.transfer import features, few_shot_curve

SHOTS = (1, 2, 5, 10, 50)
HEAD = Sequential([Dense(64), Relu(), Dense(2)])  # after the GlobalAvgPool that ends the backbone
SMALL = normalized(2, (16, 32, 64))  # what learns from scratch, from photos of 32 × 32


def look(parts, out, quick):
    """What the frozen network sees in the photos: 512 numbers for each. They are kept in `out`.

    Returns [(features, y)] of the parts, divided by the deviation of the first, and (numbers frozen).
    """
    body = squeezenet(n_classes=None)
    params = (*load_squeezenet()[: len(body.layers)], {})
    backbone = Sequential([*body.layers, GlobalAvgPool()])
    seen = []
    for name, (x, _) in zip(("train", "test"), parts, strict=True):
        file = None if quick else Path(out, f"features-{name}.safetensors")
        seen.append(features(backbone, params, x, file, prepare=for_squeezenet))
    scale = seen[0].std()
    return [(each / scale, y) for each, (_, y) in zip(seen, parts, strict=True)], count(params)


def shrink(x, by=7):
    """Photos made smaller: the mean of each by × by pixels; what does not fill a square at the border is left out."""
    n = x.shape[1] // by
    return x[:, : n * by, : n * by].reshape(len(x), n, by, n, by, 3).mean(axis=(2, 4))


def learn(model, train, test, seed, **settings):
    """One training. Returns the parameters, the history and the accuracy on the test photos."""
    init_key, fit_key = jax.random.split(jax.random.key(seed))
    start = model.init(init_key, train[0][:1])
    params, history = fit(model, start, train, key=fit_key, metrics=[accuracy], **settings)
    return params, history, evaluate(model, params, test, metrics=[accuracy])["accuracy"]


def yardstick(train, test):
    """scikit-learn's logistic regression on the same features."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=2000).fit(*train).score(*test)


def run(seeds, out, quick=False, epochs=30, scratch_epochs=30, draws=4) -> dict:
    """The head and the small network once for each seed, then both with few photos. quick: 40 photos, one epoch."""
    *parts, classes = data.load("dogs-cats")
    shots = SHOTS
    if quick:
        seeds, epochs, scratch_epochs, draws, shots = seeds[:1], 1, 1, 1, (1,)
        parts = [(x[:40], y[:40]) for x, y in parts]
    (seen, seen_test), frozen = look(parts, out, quick)
    small, small_test = [(shrink(x), y) for x, y in parts]
    adam = Adam(1e-3)
    heads = [learn(HEAD, seen, seen_test, s, epochs=epochs, batch_size=20, optimizer=adam) for s in seeds]
    way = {"epochs": scratch_epochs, "batch_size": 20, "optimizer": adam, "augment": Moved()}
    alone = [learn(SMALL, small, small_test, seed, **way) for seed in seeds]
    logits = np.asarray(predict(HEAD, heads[0][0], seen_test[0]))
    found = {
        "training_photos": len(seen[1]),
        "test_photos": len(seen_test[1]),
        "classes": classes,
        "frozen": frozen,
        "trained": count(heads[0][0]),
        "test_accuracy": [right for *_, right in heads],
        "logistic_regression": yardstick(seen, seen_test),
        "from_scratch": [right for *_, right in alone],
        "history": heads[0][1],
        "confusion": np.asarray(confusion_matrix(logits, seen_test[1])),
        "shots": shots,
    }
    ways = {"key": jax.random.key(len(seeds)), "shots": shots, "repeats": draws, "batch_size": 20, "epochs": epochs}
    found["few"] = {
        "transfer": few_shot_curve(HEAD, lambda key: HEAD.init(key, seen[0][:1]), seen, seen_test, **ways),
        "scratch": few_shot_curve(SMALL, lambda key: SMALL.init(key, small[0][:1]), small, small_test, **ways),
    }
    show(found)
    x, y = parts[1]
    labs.save_figure(plots.confusion(found["confusion"], classes).figure, out, "confusion")
    labs.save_figure(plots.gallery(x, y, logits.argmax(1), classes), out, "mistakes")
    labs.save_figure(draw(found), out, "few-shot")
    return found


def show(found):
    """The tables, in the terminal."""
    title = f"{found['training_photos']:,} training and {found['test_photos']:,} test photos"
    table = Table("what", "test accuracy", title=title)
    for what, key in (("frozen network, new head", "test_accuracy"), ("small network from scratch", "from_scratch")):
        table.add_row(what, ", ".join(f"{right:.1%}" for right in found[key]))
    table.add_row("logistic regression on the same features", f"{found['logistic_regression']:.1%}")
    few = Table("photos of each", "frozen network, new head", "from scratch", title="few photos, mean and spread")
    for i, shots in enumerate(found["shots"]):
        few.add_row(str(shots), *(f"{each[i].mean():.1%} ± {each[i].std():.1%}" for each in found["few"].values()))
    Console().print(table, few)


def draw(found):
    """Accuracy against the number of photos, with the spread over the draws."""
    fig = Figure(figsize=(6, 4), layout="constrained")
    ax = fig.subplots()
    for (name, scores), style, marker in zip(found["few"].items(), ("-", "--"), "os", strict=True):
        said = {"transfer": "frozen network, new head", "scratch": "from scratch"}[name]
        ax.errorbar(found["shots"], scores.mean(axis=1), scores.std(axis=1), fmt=style, marker=marker, label=said)
    ax.set(xscale="log", xlabel="photos of each", ylabel="accuracy on the test photos")
    ax.set_xticks(found["shots"], found["shots"])
    ax.legend(loc="upper left")
    return fig


def main(argv=None) -> int:
    return labs.start("dogs_cats", run, argv, seeds=3, epochs=30, scratch_epochs=30, draws=4)


if __name__ == "__main__":
    sys.exit(main())
