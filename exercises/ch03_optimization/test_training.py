"""What chapter 3, set 4 asks for: an epoch, a loop to mend, and real handwriting, 8 by 8 pixels."""

import jax
import jax.numpy as jnp
import numpy as np
from ch03_optimization.training import mend_loop, own_optimizer, train_epoch

from deepbook.course.checks import Counted, check, check_that, once
from deepbook.data import load

TEN = jnp.stack([jnp.arange(10), -jnp.arange(10)], axis=1), jnp.arange(10)  # row i is (i, −i), with the label i


def show_batch(state, x, y):
    """A step that learns nothing: its value is the batch that it was given."""
    return state + 1, (x, y)


def holds_for_batches(good):
    """A condition on the batches x (3, 3, 2) and y (3, 3) that `show_batch` has been given."""
    return lambda found: good(*map(np.asarray, found[1]))


def test_train_epoch_cuts_batches():
    """Ten rows in batches of 3: three batches, and one row is left over."""
    check_that(
        train_epoch, jax.random.key(0), show_batch, 0, *TEN, 3, expected="three batches of three rows, stacked",
        holds=holds_for_batches(lambda x, y: x.shape == (3, 3, 2) and y.shape == (3, 3)),
    )  # fmt: skip


def test_train_epoch_takes_no_row_twice():
    """An epoch sees every row once; here nine of ten."""
    check_that(
        train_epoch, jax.random.key(1), show_batch, 0, *TEN, 3, expected="nine different labels in the three batches",
        holds=holds_for_batches(lambda x, y: len(np.unique(y)) == 9 and len(np.unique(x[..., 0])) == 9),
    )  # fmt: skip


def test_train_epoch_keeps_labels_with_their_rows():
    """Row i of these examples has the label i: after the shuffling too."""
    check_that(
        train_epoch, jax.random.key(2), show_batch, 0, *TEN, 3, expected="every row to come with its own label",
        holds=holds_for_batches(lambda x, y: np.all(x[..., 0] == y) and np.all(x[..., 1] == -y)),
    )  # fmt: skip


def test_train_epoch_shuffles():
    """The key decides the order, and which row is left over."""
    x, y = jnp.arange(40.0), jnp.arange(40)
    _, (_, first) = train_epoch(jax.random.key(3), show_batch, 0, x, y, 10)

    def good(found):
        _, (_, again) = train_epoch(jax.random.key(3), show_batch, 0, x, y, 10)
        return np.all(first == again) and np.any(first != found[1][1])

    check_that(
        train_epoch, jax.random.key(4), show_batch, 0, x, y, 10, holds=good,
        expected="another order than with jax.random.key(3), which must give the same one each time",
    )  # fmt: skip


def test_train_epoch_leaves_out_other_rows():
    """Ten rows in batches of 3: which row is left over depends on the key."""
    batches = [np.asarray(train_epoch(jax.random.key(k), show_batch, 0, *TEN, 3)[1][1]) for k in range(3)]
    waiting = {each for labels in batches for each in range(10) if each not in labels}
    check_that(
        train_epoch, jax.random.key(0), show_batch, 0, *TEN, 3, holds=lambda _: len(waiting) > 1,
        expected=f"another row left over with another key; with the keys 0 to 2 it is always row {min(waiting)}",
    )  # fmt: skip


def test_train_epoch_mixes_the_rows():
    """Neighbours must not stay together: it is the rows that are shuffled, not whole batches."""
    check_that(
        train_epoch, jax.random.key(8), show_batch, 0, jnp.arange(43.0), jnp.arange(43), 10,
        expected="batches that are not runs of neighbours, such as 10 to 19",
        holds=lambda found: np.all(np.ptp(np.asarray(found[1][1]), axis=1) > 9),
    )  # fmt: skip


def count_examples(state, x, y):
    """A step that counts: its value is how many examples came before this batch."""
    return state + len(y), state


def test_train_epoch_hands_the_state_on():
    """What one batch has learned, the next one knows."""
    check(train_epoch, jax.random.key(5), count_examples, 100, *TEN, 2, gives=(110, [100, 102, 104, 106, 108]))


def line(params, x):
    W, b = params
    return x @ W + b


def descend(params, x, y):
    """A step of plain gradient descent on the mean squared error."""
    value, grads = jax.value_and_grad(lambda params: jnp.mean((line(params, x) - y) ** 2))(params)
    return jax.tree.map(lambda w, g: w - 0.2 * g, params, grads), value


def test_train_epoch_trains(rng):
    """A straight line without noise: one epoch of 100 batches finds its W and its b."""
    x = rng.normal(size=(400, 2))
    start, y = (jnp.zeros(2), jnp.zeros(())), x @ [2.0, -1.0] + 0.5
    check_that(
        train_epoch, jax.random.key(6), descend, start, jnp.array(x), jnp.array(y), 4,
        holds=lambda found: np.allclose(found[0][0], [2, -1], atol=0.05) and np.shape(found[1]) == (100,),
        expected="W near (2, −1), and the losses of 100 batches",
    )  # fmt: skip


def add_up(state, x, y):
    """A step that counts batches: its value is the sum of the batch."""
    return state + 1, jnp.sum(x)


def test_train_epoch_scans():
    """A hundred batches, but inside jax.jit `step` is called a few times only: lax.scan traces it."""
    step = Counted(add_up)
    check_that(
        jax.jit(train_epoch, static_argnums=(1, 5)), jax.random.key(7), step, 0, jnp.arange(200.0), jnp.arange(200), 2,
        holds=lambda found: found[0] == 100 and 0 < step.calls < 10,
        expected="the state 100, with fewer than 10 calls of `step`, and not none: is your loop a `lax.scan`?",
        found=lambda _: f"Calls of `step`: {step.calls}.",
    )  # fmt: skip


def watched(key, x, y, epochs):
    """The weights after every epoch and their validation losses, as they should be; the gradient by hand."""
    n, v, Wb, path = 3 * len(x) // 4, 0, np.zeros(x.shape[1] + 1), []
    x, y = np.asarray(x), np.asarray(y)
    for _ in range(epochs):
        key, dropout_key = jax.random.split(key)
        mask = np.asarray(jax.random.bernoulli(dropout_key, 0.8, (n, x.shape[1]))) / 0.8
        rows = np.c_[x[:n] * mask, np.ones(n)]
        v = 0.9 * v - 0.5 * rows.T @ (1 / (1 + np.exp(-rows @ Wb)) - y[:n]) / n
        Wb, z = Wb + v, x[n:] @ (Wb + v)[:-1] + (Wb + v)[-1]
        path.append((np.mean(np.log(1 + np.exp(z)) - y[n:] * z), Wb))
    return path


def examples_with_a_best(rng, epochs):
    """Rows on which neither the first nor the last epoch is the best one."""
    while True:
        y = rng.permutation(np.arange(40) % 2)
        x = (rng.normal(size=(40, 3)) + y[:, None] * [1.5, 0.5, 0]).astype(np.float32)
        key = jax.random.key(int(rng.integers(1000)))
        path = watched(key, x, y, epochs)
        if 0 < min(range(epochs), key=lambda epoch: path[epoch][0]) < epochs - 1:
            return key, jnp.array(x), jnp.array(y), path


def check_mend_loop(rng, epochs):
    key, x, y, path = examples_with_a_best(rng, epochs)
    losses = [loss for loss, _ in path]
    best = path[int(np.argmin(losses))][1]
    check(mend_loop, key, x, y, epochs, gives=(best[:-1], best[-1], losses), rtol=1e-3, atol=1e-4)


def test_mend_loop_five_epochs(rng):
    """The loop, mended, on rows where the best epoch is neither the first nor the last."""
    check_mend_loop(rng, 5)


def test_mend_loop_twelve_epochs(rng):
    """Other rows, and more epochs."""
    check_mend_loop(rng, 12)


(X, Y), (X_TEST, Y_TEST), _ = load("digits")
X, X_TEST = X.reshape(-1, 64), X_TEST.reshape(-1, 64)
trained = once(own_optimizer)


def right(params, x, y):
    (W1, b1), (W2, b2) = jax.tree.map(np.asarray, params)
    return np.mean(np.argmax(np.maximum(x @ W1 + b1, 0) @ W2 + b2, axis=1) == y)


def shaped(params):
    (W1, b1), (W2, b2) = params
    hidden = np.shape(W1)[1]
    return [np.shape(a) for a in (W1, b1, W2, b2)] == [(64, hidden), (hidden,), (hidden, 10), (10,)]


def test_own_optimizer_has_the_right_shapes():
    """Two layers, each a W and a b."""
    check_that(
        trained, jax.random.key(0), X, Y, holds=shaped,
        expected="((W1, b1), (W2, b2)) of the shapes (64, hidden), (hidden,), (hidden, 10) and (10,)",
    )  # fmt: skip


def test_own_optimizer_gives_numbers():
    """NaN or infinity: a step too large, or the log of 0."""
    check_that(
        trained, jax.random.key(0), X, Y, expected="numbers, none of them NaN or infinite",
        holds=lambda params: all(np.all(np.isfinite(a)) for a in jax.tree.leaves(params)),
    )  # fmt: skip


def test_own_optimizer_has_different_units():
    """Hidden units that begin alike stay alike: random weights make them differ."""
    check_that(
        trained, jax.random.key(0), X, Y, expected="hidden units whose weights in W1 differ",
        holds=lambda params: np.std(np.asarray(params[0][0]), axis=1).max() > 1e-3,
    )  # fmt: skip


def test_own_optimizer_learns_the_training_digits():
    """First of all, the digits that it is trained on."""
    found = right(trained(jax.random.key(0), X, Y), X, Y)
    check_that(
        trained, jax.random.key(0), X, Y, holds=lambda params: right(params, X, Y) >= 0.97,
        expected=f"at least 97 of 100 TRAINING digits read rightly; these weights read {100 * found:.0f}. "
        "Is the last loss far below 0.1? If not: more epochs, or another learning rate",
    )  # fmt: skip


def test_own_optimizer_reads_unseen_digits():
    """What counts: digits that no weight has ever seen."""
    found = right(trained(jax.random.key(0), X, Y), X_TEST, Y_TEST)
    check_that(
        trained, jax.random.key(0), X, Y, holds=lambda params: right(params, X_TEST, Y_TEST) >= 0.96,
        expected=f"at least 96 of 100 unseen digits read rightly; these weights read {100 * found:.1f}",
    )  # fmt: skip


def test_own_optimizer_for_another_key(rng):
    """Not by luck: another key, other weights, and again at least 96 of 100."""
    first = np.asarray(trained(jax.random.key(0), X, Y)[0][0])

    def good(params):
        W1 = np.asarray(params[0][0])
        return (W1.shape != first.shape or not np.all(first == W1)) and right(params, X_TEST, Y_TEST) >= 0.96

    check_that(
        trained, jax.random.key(int(rng.integers(1, 10_000))), X, Y, holds=good,
        expected="other weights than with jax.random.key(0), and again at least 96 of 100 unseen digits",
    )  # fmt: skip
