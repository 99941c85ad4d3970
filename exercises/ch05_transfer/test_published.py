"""What chapter 5, set 3 asks for: other people's weights, a few examples, and digits that were never met."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ch05_transfer.published import few_shot, match_names, mend_transfer, to_our_axes, transfer_digits

from deepbook.course.checks import check, check_raises, check_that, once
from deepbook.data import load


def test_to_our_axes_dense():
    """A square W: no shape would tell that it lies on its side."""
    check(to_our_axes, np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), gives=[[1, 4, 7], [2, 5, 8], [3, 6, 9]])


def by_places(W):
    """Number for number: what stands at (out, in, row, column) goes to (row, column, in, out)."""
    ours = np.zeros((W.shape[2], W.shape[3], W.shape[1], W.shape[0]))
    for out, into, row, column in np.ndindex(W.shape):
        ours[row, column, into, out] = W[out, into, row, column]
    return ours


def test_to_our_axes_filters():
    """Three filters of 2 × 2 on two channels: not every wrong order shows in the shape."""
    W = np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4]).reshape(3, 2, 2, 2)
    check(to_our_axes, W, gives=by_places(W))


def test_to_our_axes_bias():
    """A bias has only one axis."""
    check(to_our_axes, np.array([1.0, 2.0, 3.0]), gives=[1.0, 2.0, 3.0])


def after_flatten(W, maps):
    """Image for image: which input of the file's layer is it, that our Flatten puts here?"""
    height, width, channels = maps
    return np.array([
        W[:, channel * height * width + row * width + column]
        for row in range(height) for column in range(width) for channel in range(channels)
    ])  # fmt: skip


def test_to_our_axes_after_flatten():
    """A Dense layer on maps of 2 × 3 with two channels: its inputs are counted in another order."""
    W = np.stack([np.arange(12), 10 * np.arange(12)])
    check(to_our_axes, W, (2, 3, 2), gives=after_flatten(W, (2, 3, 2)))


@pytest.mark.parametrize("shape", [(4, 3, 5, 2), (2, 7, 1, 3), (6, 2)])
def test_to_our_axes_random(rng, shape):
    """Other filters and another Dense layer."""
    W = rng.normal(size=shape)
    check(to_our_axes, W, gives=by_places(W[..., None, None])[0, 0] if len(shape) == 2 else by_places(W))


def test_to_our_axes_gives_the_same_network(rng):
    """A Dense layer on flattened maps scores an image the same, whichever way the numbers lie."""
    images, W = rng.normal(size=(3, 4, 2, 5)), rng.normal(size=(6, 40))
    scores = images.transpose(0, 3, 1, 2).reshape(3, -1) @ W.T
    check_that(
        to_our_axes, W, (4, 2, 5), holds=lambda ours: np.allclose(images.reshape(3, -1) @ ours, scores),
        expected="weights that score three images as the file's own library scores them",
    )  # fmt: skip


MODEL = {
    "stem.weight": (8, 3, 3, 3), "stem.bias": (8,), "norm.weight": (8,), "body.weight": (4, 8), "body.bias": (4,),
    "fc.weight": (2, 4), "fc.bias": (2,), "extra.weight": (4, 4),
}  # fmt: skip
FILE = {
    "stem.weight": (8, 3, 3, 3), "norm.weight": (8, 1), "norm.num_batches_tracked": (), "body.weight": (8, 4),
    "body.bias": (4,), "fc.weight": (1000, 4), "fc.bias": (1000,), "old.weight": (4, 4), "aux.bias": (2,),
}  # fmt: skip


def test_match_names_of_a_file_that_does_not_fit():
    """Two names are missing, two are too many, four shapes differ, one of them only turned."""
    missing, extra = ["extra.weight", "stem.bias"], ["aux.bias", "old.weight"]
    check(match_names, FILE, MODEL, gives=(missing, extra, ["body.weight", "fc.bias", "fc.weight", "norm.weight"]))


def test_match_names_of_a_file_that_fits():
    """The order of the names does not matter."""
    check(match_names, dict(reversed(MODEL.items())), MODEL, gives=([], [], []))


def test_match_names_of_an_empty_file():
    """Everything is missing."""
    check(match_names, {}, {"b": (1,), "a": (2,)}, gives=(["a", "b"], [], []))


def test_match_names_of_a_file_of_counters():
    """BatchNorm in PyTorch also counts its steps, in every layer."""
    counters = {f"layer{i}.bn.num_batches_tracked": () for i in range(3)}
    check(match_names, counters, {}, gives=([], [], []))


def test_match_names_random(rng):
    """Other names: each is in the file, in the model or in both, and some shapes differ."""
    file, model, lists = {}, {}, ([], [], [])
    for i in rng.permutation(24):
        name, fate = f"layer{i}.{rng.choice(['weight', 'bias'])}", int(rng.integers(4))
        shape = tuple(map(int, rng.integers(1, 9, size=2)))
        if fate != 0:
            file[name] = shape if fate != 2 else (*shape[::-1], 1)
        if fate != 1:
            model[name] = shape
        if fate < 3:
            lists[fate].append(name)
    file |= {f"layer{i}.num_batches_tracked": () for i in range(3)}
    check(match_names, file, model, gives=tuple(map(sorted, lists)))


def as_ints(rows):
    return np.asarray(rows).astype(int).ravel()


FORTY = np.repeat([5, 6, 7, 8], 10)


def test_few_shot_of_each_class():
    """Four classes of ten rows each, in order: three of each are wanted."""
    check_that(
        few_shot, jax.random.key(0), FORTY, 3, expected="twelve row numbers: three of each class",
        holds=lambda rows: np.shape(rows) == (12,) and np.bincount(FORTY[as_ints(rows)])[5:].tolist() == [3] * 4,
    )  # fmt: skip


def test_few_shot_takes_no_row_twice():
    """Seven of ten rows a class: who draws with replacement draws some of them twice."""
    check_that(
        few_shot, jax.random.key(1), FORTY, 7, expected="28 different row numbers",
        holds=lambda rows: len(set(as_ints(rows).tolist())) == 28,
    )  # fmt: skip


def test_few_shot_listens_to_its_key():
    """The same key draws the same rows; another key draws others."""
    first = set(as_ints(few_shot(jax.random.key(2), FORTY, 3)).tolist())

    def good(rows):
        again = set(as_ints(few_shot(jax.random.key(2), FORTY, 3)).tolist())
        return again == first != set(as_ints(rows).tolist())

    check_that(
        few_shot, jax.random.key(3), FORTY, 3, holds=good,
        expected="other rows than with jax.random.key(2), which must give the same ones each time",
    )  # fmt: skip


def test_few_shot_draws_for_each_class():
    """In a file in order, the classes must not all give their rows number 1, 4 and 7."""
    check_that(
        few_shot, jax.random.key(4), FORTY, 3, expected="each class to be drawn on its own, not the same places",
        holds=lambda rows: len({tuple(sorted(each % 10)) for each in np.sort(as_ints(rows)).reshape(4, 3)}) > 1,
    )  # fmt: skip


def test_few_shot_mixed_labels(rng):
    """Labels in any order, and classes of different sizes."""
    y = rng.permutation(np.repeat([9, 2, 4], [4, 12, 7]))
    check_that(
        few_shot, jax.random.key(int(rng.integers(1000))), y, 4, expected="four of each of the three classes",
        holds=lambda rows: sorted(y[as_ints(rows)]) == [2] * 4 + [4] * 4 + [9] * 4,
    )  # fmt: skip


def test_few_shot_too_few():
    """One class has two rows only."""
    y = np.array([1, 0, 0, 0, 1, 0])
    check_raises(few_shot, jax.random.key(5), y, 3, because="there are only two rows of class 1")


def transferred(old, mean, std, x, y, x_new, steps):
    """What the mended script should come to: W and b of the new head in one matrix, its gradient by hand."""
    W1, b1 = map(np.asarray, old["backbone"])

    def seen(x):
        return np.c_[np.maximum((x - mean) / std @ W1 + b1, 0), np.ones(len(x))]

    classes = np.array(sorted(set(y.tolist())))
    target, head = (y[:, None] == classes) * 1.0, np.zeros((W1.shape[1] + 1, len(classes)))
    for _ in range(steps):
        p = np.exp(seen(x) @ head)
        error = p / p.sum(axis=1, keepdims=True) - target
        head = 0.99 * head - 0.5 * seen(x).T @ error / len(x)
    return {"backbone": (W1, b1), "head": (head[:-1], head[-1])}, classes[np.argmax(seen(x_new) @ head, axis=1)]


def close(a, b):
    """Whether two results of `mend_transfer` are nearly the same."""
    (one, labels), (other, others) = a, b
    near = all(np.allclose(p, q, atol=1e-4) for p, q in zip(one["head"], other["head"], strict=True))
    return near and np.array_equal(labels, others)


def check_mend_transfer(rng, steps):
    """Two clouds of old data gave mean and std; the new examples lie elsewhere. Not such that rounding errors grow."""
    while True:
        y = rng.permutation(np.arange(12) % 3) + 3
        x, x_new = (rng.normal(size=(len(y), 4)) + 2 + y[:, None] * [0.5, -0.5, 0, 0] for _ in range(2))
        mean, std = rng.normal(size=4), rng.uniform(1, 2, size=4)
        arrays = (rng.normal(size=shape) for shape in ((4, 5), 5, (5, 3), 3))
        W1, b1, W2, b2 = (jnp.array(each) / 2 for each in arrays)
        inputs = {"backbone": (W1, b1), "head": (W2, b2)}, mean, std, x, y, x_new, steps
        nudged = *inputs[:3], x * (1 + 1e-6), y, x_new * (1 + 1e-6), steps
        if close(transferred(*inputs), transferred(*nudged)):
            break
    check(mend_transfer, *inputs, gives=transferred(*inputs), rtol=1e-3, atol=1e-3)


def test_mend_transfer_three_steps(rng):
    """The script, mended: three steps on twelve examples of the classes 3, 4 and 5."""
    check_mend_transfer(rng, 3)


def test_mend_transfer_ten_steps(rng):
    """Other examples, and more steps."""
    check_mend_transfer(rng, 10)


ACROSS = np.linspace(-1, 1, 8)
HIDDEN = 256


def under_lamps(x, rng):
    """Images (batch, 8, 8, 1) with a brightness of their own and a slope across and down; as rows of 64."""
    level, across, down = 0.8 * rng.normal(size=(3, len(x), 1, 1))
    return (x[..., 0] + level + across * ACROSS + down * ACROSS[:, None]).reshape(len(x), 64).astype(np.float32)


def trained(batch_of, steps, rng):
    """W and b of the hidden layer and of the head, after so many steps of Adam on batches (x, y)."""
    weights = [rng.normal(size=(64, HIDDEN)) / np.sqrt(32), np.zeros(HIDDEN), np.zeros((HIDDEN, 5)), np.zeros(5)]
    weights = [w.astype(np.float32) for w in weights]
    m, v = ([np.zeros_like(w) for w in weights] for _ in range(2))
    for t in range(1, steps + 1):
        (x, y), (W1, b1, W2, b2) = batch_of(rng), weights
        hidden = np.maximum(x @ W1 + b1, 0)
        p = np.exp(hidden @ W2 + b2)
        p /= p.sum(axis=1, keepdims=True)
        p[np.arange(len(y)), y] -= 1
        error = p / len(y)
        back = error @ W2.T * (hidden > 0)
        rate = 3e-3 * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t)
        for i, g in enumerate([x.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0)]):
            m[i], v[i] = 0.9 * m[i] + 0.1 * g, 0.999 * v[i] + 0.001 * g**2
            weights[i] -= rate * m[i] / (np.sqrt(v[i]) + 1e-8)
    return weights


@cache
def old_backbone():
    """A frozen function: the hidden layer of a network that reads 0 to 4 under lamps, other ones in every batch."""
    (x, y), _, _ = load("digits")
    x, y = x[y < 5], y[y < 5]

    def batch(rng):
        rows = rng.integers(0, len(y), 32)
        return under_lamps(x[rows], rng), y[rows]

    W1, b1 = trained(batch, 600, np.random.default_rng(0))[:2]

    def backbone(x):
        """What the frozen hidden layer makes of images (batch, 64): (batch, 256)."""
        return np.maximum(np.asarray(x) @ W1 + b1, 0)

    return backbone


@cache
def new_digits(n, seed=0):
    """n examples of each of 5 to 9, and all the unseen ones, under lamps."""
    rng = np.random.default_rng(seed)
    (x, y), (x_test, y_test), _ = load("digits")
    rows = np.concatenate([rng.permutation(np.flatnonzero(y == digit))[:n] for digit in range(5, 10)])
    unseen = y_test >= 5
    return (under_lamps(x[rows], rng), y[rows]), (under_lamps(x_test[unseen], rng), y_test[unseen])


trained_head = once(transfer_digits)


def shaped(head):
    W, b = head
    return np.shape(W) == (HIDDEN, 5) and np.shape(b) == (5,)


def read(head, x, y):
    """The part of the images that a head on the backbone reads rightly."""
    W, b = map(np.asarray, head)
    return float(np.mean(np.argmax(old_backbone()(x) @ W + b, axis=1) + 5 == y))


def unfinished(head, x, y):
    """What is to be said of a head that reads even its own examples badly."""
    found = read(head, x, y)
    advice = "It had not finished learning: raise the rate or the steps"
    return "" if found >= 0.95 else f". Of its own {len(y)} examples it reads {len(y) * found:.0f}. {advice}"


def test_transfer_digits_has_the_right_shapes():
    """A head for five classes on 256 features."""
    (x, y), _ = new_digits(10)
    check_that(
        trained_head, old_backbone(), x, y, holds=shaped, expected="(W, b) of the shapes (256, 5) and (5,)"
    )  # fmt: skip


def test_transfer_digits_gives_numbers():
    """NaN or infinity: a step too large, or exp of a large score."""
    (x, y), _ = new_digits(10)
    check_that(
        trained_head, old_backbone(), x, y, expected="numbers, none of them NaN or infinite",
        holds=lambda head: all(np.all(np.isfinite(a)) for a in head),
    )  # fmt: skip


def test_transfer_digits_learns_its_examples():
    """First of all, the fifty that it is trained on."""
    (x, y), _ = new_digits(10)
    found = read(trained_head(old_backbone(), x, y), x, y)
    check_that(
        trained_head, old_backbone(), x, y, holds=lambda head: read(head, x, y) >= 0.9,
        expected=f"at least 45 of its own 50 examples read rightly; this head reads {round(50 * found)}. Are the "
        "columns in the order 5 to 9? If they are, and the last loss is not far below log 5 = 1.6, it had not finished "
        "learning: raise the rate or the steps",
    )  # fmt: skip


def test_transfer_digits_reads_unseen_digits():
    """What counts: digits that neither the backbone nor the head has ever seen."""
    (x, y), unseen = new_digits(10)
    head = trained_head(old_backbone(), x, y)
    check_that(
        trained_head, old_backbone(), x, y, holds=lambda head: read(head, *unseen) >= 0.75,
        expected=f"at least 75 of 100 unseen digits read rightly; this head reads {100 * read(head, *unseen):.0f}"
        + unfinished(head, x, y),
    )  # fmt: skip


def test_transfer_digits_is_ahead_of_scratch(rng):
    """Other examples, five of each. From random weights, the same network learns from the same 25 images."""
    (x, y), (x_new, y_new) = new_digits(5, seed=int(rng.integers(1, 10_000)))
    W1, b1, W2, b2 = trained(lambda rng: (x, y - 5), 150, np.random.default_rng(0))
    scratch = np.mean(np.argmax(np.maximum(x_new @ W1 + b1, 0) @ W2 + b2, axis=1) + 5 == y_new)
    head = trained_head(old_backbone(), x, y)
    check_that(
        trained_head, old_backbone(), x, y, holds=lambda head: read(head, x_new, y_new) >= scratch + 0.03,
        expected=f"at least 3 of 100 unseen digits more than from scratch: that way reads {100 * scratch:.0f}, "
        f"and this head {100 * read(head, x_new, y_new):.0f}" + unfinished(head, x, y),
    )  # fmt: skip
