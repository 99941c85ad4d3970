"""The data sets of the book: real ones, by name, and points made to order.

Every loader gives NumPy arrays in the layouts of the book: images are (batch, height, width, channel), tables
(batch, features), in float32, and texts (batch,) strings; y holds integer classes. Most data sets come with the
install. For the others `deepbook.downloads` finds or fetches the files; nothing is ever unpickled. What is no set of
examples, but a corpus, a table or word pairs, is read by `deepbook.corpora`.
"""

import io
import zipfile
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import jax
import numpy as np

from deepbook.corpora import read_admissions, read_imdb, read_texts, write_reviews
from deepbook.downloads import DataNotFound as DataNotFound  # what `load` raises, for those who catch it
from deepbook.downloads import DataSet, catalogue, files, nearest
from deepbook.pictures import read_cifar10, read_idx, read_pixels, read_sheet

PHOTO = (227, 227, 3)  # what SqueezeNet 1.0, the network for these photos, was trained on


class Data(NamedTuple):
    """A data set, cut in two: `train` to learn from, `test` to be asked about only at the end.

    train, test: pairs (x, y) of arrays. classes: the name of each class; empty for a regression.
    """

    train: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]
    classes: tuple[str, ...]


def names() -> tuple[str, ...]:
    """What `load` knows."""
    return tuple(name for name, each in catalogue().items() if each.loader)


@cache
def load(name: str) -> Data:
    """A data set by its name, always cut in the same way.

    These come with the install:
    "digits":        x (batch, 8, 8, 1) in [0, 1]; 1,437 and 360 handwritten digits (Alpaydin and Kaynak, 1998)
    "iris":          x (batch, 4), in cm; three kinds of iris (Fisher, 1936)
    "wine":          x (batch, 13), chemical analyses of three growers' wines (Aeberhard et al., 1992)
    "breast_cancer": x (batch, 30), measures of cell nuclei; 0 malignant, 1 benign (Street et al., 1993)
    "diabetes":      x (batch, 10); y is a number, the disease's progress after a year (Efron et al., 2004)
    "moons":         x (batch, 2), two half-moons that no line separates

    These are taken from the folder that the variable DEEPBOOK_DATA names, or downloaded once:
    "mnist":         x (batch, 28, 28, 1) in [0, 1]; 60,000 and 10,000 handwritten digits (LeCun et al., 1998)
    "fashion-mnist": the same of ten kinds of garments (Xiao et al., 2017)
    "admissions":    x (batch, 6): gre and gpa, each less its mean and divided by its deviation (both of the training
                     rows), then four columns that say by a 1 which rank, 1 (best) to 4, the college has; y: 0 refused,
                     1 admitted. 318 and 79 rows; the three with empty cells are left out (UCLA's hypothetical data)
    "cifar10":       x (batch, 32, 32, 3) in [0, 1], colours; 50,000 and 10,000 photos of ten kinds (Krizhevsky, 2009).
                     Of a folder of sheets that holds fewer, the training set is smaller: len(x) tells. 740 MB in memory
    "dogs-cats":     x (batch, 227, 227, 3) in [0, 1]: the middle square of 300 and 100 photos, half of them of cats.
                     Where DEEPBOOK_DATA holds 1,000 and 200 that were made smaller, these; then 740 MB in memory
    "imdb":          x (batch,), texts (dtype object); 25,000 and 25,000 film reviews; 0 negative, 1 positive (Maas et
                     al., 2011), in mixed order. A line break is a newline in place of "<br />"
    "polarity":      the same of 9,596 and 1,066 single sentences (Pang and Lee, 2005)
    "movie_reviews": the same of 1,800 and 200 long reviews (Pang and Lee, 2004)
    "names":         x (batch,), 7,150 and 794 first names; 0 female, 1 male (Kantrowitz, 1994)

    The arrays are read-only: copy before you write into one.
    Raises ValueError, with the nearest name, if there is no such data set; DataNotFound, an OSError that says what
    to do, if its files are neither here nor to be had.

    >>> (x, y), test, classes = load("digits")
    >>> x.shape, y.shape, len(classes)
    ((1437, 8, 8, 1), (1437,), 10)
    """
    if name not in names():
        advice = f'try "{near}"' if (near := nearest(name)) else "`deepbook data list` shows them"
        if name in catalogue():
            advice = f"try {catalogue()[name].read}"
        raise ValueError(f'load: got "{name}"; needs one of {", ".join(names())}; {advice}')
    wanted = catalogue()[name]
    data = LOADERS[wanted.loader](wanted)
    for array in (*data.train, *data.test):
        array.flags.writeable = False
    return data


def gate(name: str) -> tuple[np.ndarray, np.ndarray]:
    """The truth table of a logic gate: x, all inputs of 0 and 1, and y, what the gate answers.

    name: "NOT" (one input) or "AND", "OR", "NAND", "NOR", "XOR" (two inputs).
    Returns x (4, 2) and y (4,); for NOT (2, 1) and (2,). Both float32.
    Raises ValueError for another name. Chapter 1, "Gates".

    >>> gate("AND")[1].tolist()
    [0.0, 0.0, 0.0, 1.0]
    """
    if name == "NOT":
        return np.float32([[0], [1]]), np.float32([1, 0])
    if name not in GATES:
        raise ValueError(f'gate: got "{name}"; needs NOT, {", ".join(GATES)}; try "XOR"')
    x = np.float32([[0, 0], [0, 1], [1, 0], [1, 1]])
    return x, np.float32([GATES[name](a, b) for a, b in x.astype(bool)])


GATES: dict[str, Callable[[bool, bool], bool]] = {
    "AND": lambda a, b: a and b,
    "OR": lambda a, b: a or b,
    "NAND": lambda a, b: not (a and b),
    "NOR": lambda a, b: not (a or b),
    "XOR": lambda a, b: a != b,
}


def blobs(key, n=100, centers=((-1.0, -1.0), (1.0, 1.0)), spread=0.5):
    """Round clouds of points, one cloud a class, in mixed order.

    key: from `jax.random.key`. n: points in all. centers: the middle of each cloud. spread: its standard deviation.
    Returns x (n, features), float32, and y (n,), int32.
    """
    rng = generator(key)
    y = rng.permutation(np.arange(n) % len(centers))
    x = np.asarray(centers)[y] + spread * rng.normal(size=(n, np.shape(centers)[1]))
    return x.astype(np.float32), y.astype(np.int32)


def moons(key, n=200, noise=0.1):
    """Two half-moons, each with a tip in the bend of the other: no line separates them.

    key: from `jax.random.key`. n: points in all. noise: the standard deviation of each point's shift.
    Returns x (n, 2), float32, and y (n,), int32: 0 for the upper moon and 1 for the lower.
    """
    rng = generator(key)
    y = rng.permutation(np.arange(n) % 2)
    angle = np.pi * rng.random(n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    x = np.where(y[:, None] == 0, upper, lower) + noise * rng.normal(size=(n, 2))
    return x.astype(np.float32), y.astype(np.int32)


def spirals(key, n=200, turns=1.0, noise=0.03):
    """Two arms that wind around the middle, one inside the other: what separates them must wind, too.

    key: from `jax.random.key`. n: points in all. turns: how often an arm goes round, in turns, on its way from the
    middle to a distance of 1. noise: the standard deviation of each point's shift.
    Returns x (n, 2), float32, and y (n,), int32: 0 for one arm, and 1 for the other, half a turn ahead.
    """
    rng = generator(key)
    y = rng.permutation(np.arange(n) % 2)
    far = rng.uniform(0.1, 1, size=n)
    angle = 2 * np.pi * turns * far + np.pi * y
    arms = far[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return (arms + noise * rng.normal(size=(n, 2))).astype(np.float32), y.astype(np.int32)


def small_reviews(key, n=1000):
    """Film reviews of one to three clauses, made to order: "the cast was not bad and i loved the plot".

    key: from `jax.random.key`. n: reviews in all, half of them favourable.
    Mostly single words decide; in some reviews their order does: after "not", "never" and "hardly" a word means its
    opposite, and of two halves the one after "but" counts.
    Returns x (n,), texts (dtype object), and y (n,), int32: 0 negative, 1 positive.
    """
    return write_reviews(generator(key), n)


def generator(key) -> np.random.Generator:
    """NumPy's random numbers from a JAX key: the same on every machine, and nothing is compiled for them."""
    return np.random.default_rng(np.asarray(jax.random.key_data(key)))


def _split(x, y, classes, n_test):
    """The last `n_test` of a fixed shuffle are the test set."""
    order = np.random.default_rng(0).permutation(len(x))
    x, y = x[order], y[order]
    return Data((x[:-n_test], y[:-n_test]), (x[-n_test:], y[-n_test:]), tuple(str(name) for name in classes))


def _digits(_: DataSet):
    from sklearn.datasets import load_digits

    table = load_digits()
    return _split(table.images[..., None].astype(np.float32) / 16, table.target.astype(np.int32), range(10), 360)


def _table(wanted):
    from sklearn import datasets

    table = getattr(datasets, f"load_{wanted.name}")()
    x, classes = table.data.astype(np.float32), table.get("target_names", ())
    y = table.target.astype(np.int32 if len(classes) else np.float32)
    return _split(x, y, classes, n_test=len(x) // 5)


def _moons(wanted):
    x, y = moons(jax.random.key(0), 500)
    return _split(x, y, wanted.classes, n_test=100)


def _idx(wanted):
    paths = files(wanted)

    def part(name):
        images = read_idx(paths[f"{name}-images-idx3-ubyte.gz"])
        labels = read_idx(paths[f"{name}-labels-idx1-ubyte.gz"])
        return images[..., None] / np.float32(255), labels.astype(np.int32)

    return Data(part("train"), part("t10k"), wanted.classes)


def _admissions(wanted):
    rows, y = read_admissions(files(wanted)["student_data.csv"])
    (train, y_train), (test, y_test), classes = _split(rows, y, wanted.classes, n_test=len(rows) // 5)
    mean, deviation = train[:, :2].mean(axis=0), train[:, :2].std(axis=0)

    def features(rows):
        return np.hstack([(rows[:, :2] - mean) / deviation, rows[:, 2:] == np.arange(1, 5)], dtype=np.float32)

    return Data((features(train), y_train), (features(test), y_test), classes)


def _cifar10(wanted):
    paths = files(wanted)
    archive = paths.get("cifar-10-binary.tar.gz")
    parts = _archived(archive) if archive else _on_sheets(paths, wanted.classes)
    train, test = ((images / np.float32(255), labels.astype(np.int32)) for images, labels in parts)
    return Data(train, test, wanted.classes)


def _archived(path):
    images, labels = read_cifar10(path)
    return (images[:-10_000], labels[:-10_000]), (images[-10_000:], labels[-10_000:])


def _on_sheets(paths, classes):
    """A sheet is of one class, named in "sheets/train-dog-0.webp"; so they are shuffled, always alike."""
    for seed, part in enumerate(("train", "test")):
        names = sorted(name for name in paths if name.startswith(f"sheets/{part}-"))
        sheets = [read_sheet(paths[name]) for name in names]
        labels = [np.full(len(x), classes.index(name.split("-")[1])) for x, name in zip(sheets, names, strict=True)]
        order = np.random.default_rng(seed).permutation(sum(map(len, sheets)))
        yield np.concatenate(sheets)[order], np.concatenate(labels)[order]


def _photos(wanted):
    """Photos, named as in "train/cat/cat.1.jpg": as files, or together in one zip."""
    paths = files(wanted)
    if list(paths) == [file.name for file in wanted.instead]:
        with zipfile.ZipFile(*paths.values()) as together:
            paths = {name: io.BytesIO(together.read(name)) for name in together.namelist()}

    def part(wanted_part):
        named = sorted(name for name in paths if name.startswith(f"{wanted_part}/"))
        named = [named[i] for i in np.random.default_rng(0).permutation(len(named))]
        x = np.empty((len(named), *PHOTO), np.float32)
        for pixels, name in zip(x, named, strict=True):
            np.divide(read_pixels(paths[name], PHOTO), np.float32(255), out=pixels)
        return x, np.int32([wanted.classes.index(name.split("/")[1]) for name in named])

    return Data(part("train"), part("test"), wanted.classes)


def _mixed(x, y, seed=0):
    order = np.random.default_rng(seed).permutation(len(x))
    return x[order], y[order]


def _imdb(wanted):
    parts = read_imdb(*files(wanted).values())
    return Data(*(_mixed(x, y, seed) for seed, (x, y) in enumerate(parts)), wanted.classes)


def _lines(wanted):
    _, x, y = read_texts(*files(wanted).values(), wanted.classes, lines=True)
    return _split(x, y, wanted.classes, n_test=len(x) // 10)


def _folders(wanted):
    """The last tenth by number, cv900 to cv999 of each class, is the test set: the last of the customary ten."""
    names, x, y = read_texts(*files(wanted).values(), wanted.classes)
    last = np.array(["/cv9" in name for name in names])
    return Data(_mixed(x[~last], y[~last]), _mixed(x[last], y[last]), wanted.classes)


LOADERS: dict[str, Callable[[DataSet], Data]] = {
    "digits": _digits,
    "table": _table,
    "moons": _moons,
    "idx": _idx,
    "admissions": _admissions,
    "cifar10": _cifar10,
    "photos": _photos,
    "imdb": _imdb,
    "lines": _lines,
    "folders": _folders,
}
