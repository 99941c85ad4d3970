"""deepbook.train: one step against numbers worked by hand, whole trainings against themselves, and all it refuses."""

import inspect
import os
import signal
import subprocess
import sys
import threading
import warnings
from dataclasses import dataclass
from itertools import chain

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from deepbook import data, train, weights
from deepbook.layers import BatchNorm, Dense, Dropout, Flatten, Relu, Sequential, freeze
from deepbook.losses import L1, L2, accuracy, binary_cross_entropy, cross_entropy, mse, one_hot
from deepbook.optim import SGD, Adam, AdamW, Cosine, Momentum
from deepbook.train import Checkpoint, EarlyStopping, evaluate, fit, predict

KEY = jax.random.key(0)
RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 4)).astype(np.float32)
Y = (X[:, 0] + X[:, 1] ** 2 > 0.5).astype(np.int32) + (X[:, 2] > 0.7)  # three classes
MODEL = Sequential([Dense(8), Relu(), Dense(3)])
FULL = Sequential([Dense(8), BatchNorm(), Relu(), Dropout(0.3), Dense(3)])
START = jax.tree.map(np.asarray, MODEL.init(KEY, X))
FULL_START = jax.tree.map(np.asarray, FULL.init(KEY, X))


def same(a, b):
    """Equal to the bit."""
    assert jax.tree.structure(a) == jax.tree.structure(b)
    for one, other in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        np.testing.assert_array_equal(one, other)


def near(a, b, atol=1e-6):
    jax.tree.map(lambda one, other: np.testing.assert_allclose(one, other, rtol=1e-5, atol=atol), a, b)


def differ(a, b):
    return [not np.array_equal(one, other) for one, other in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)]


def without_seconds(history):
    return {name: values for name, values in history.items() if name != "seconds"}


# What it reaches, and what it says of it


@pytest.fixture(scope="module")
def digits():
    (x, y), test, _ = data.load("digits")
    model = Sequential([Flatten(), Dense(64), Relu(), Dense(10)])
    params, history = fit(
        model, model.init(KEY, x[:1]), (x, y), key=KEY, optimizer=Adam(0.01), epochs=12, metrics=(accuracy,),
        validation_split=0.1,
    )  # fmt: skip
    return model, params, history, test


def test_fit_reads_digits(digits):
    model, params, history, test = digits
    assert evaluate(model, params, test, metrics=(accuracy,))["accuracy"] > 0.95
    assert history["val_accuracy"][-1] > 0.9


def test_the_history_has_a_number_for_each_epoch(digits):
    _, _, history, _ = digits
    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy", "seconds"]
    assert {len(values) for values in history.values()} == {12}
    assert all(type(value) is float for values in history.values() for value in values)
    assert history["loss"][0] > 5 * history["loss"][-1]
    assert min(history["seconds"]) > 0


def test_evaluate_is_the_loss_and_the_metrics_over_all_examples(digits):
    """Whatever the batch size: the last batch may be smaller."""
    model, params, _, (x, y) = digits
    outputs = model.apply(params, x)
    expected = {"loss": float(cross_entropy(outputs, y)), "accuracy": float(accuracy(outputs, y))}
    for size in (1000, 360, 100, 90):
        measured = evaluate(model, params, (x, y), metrics=(accuracy,), batch_size=size)
        assert list(measured) == list(expected)
        assert measured == pytest.approx(expected, rel=1e-5)
    assert evaluate(model, params, (x, one_hot(y, 10)), loss=mse)["loss"] == pytest.approx(
        float(mse(outputs, one_hot(y, 10))), rel=1e-5
    )


@pytest.mark.parametrize("size", [1000, 7, 10, 40])
def test_predict_gives_the_outputs_of_all_examples_in_order(size):
    np.testing.assert_allclose(predict(MODEL, START, X, size), MODEL.apply(START, X), rtol=1e-5, atol=1e-6)


def test_predict_and_evaluate_are_not_training():
    np.testing.assert_allclose(predict(FULL, FULL_START, X), FULL.apply(FULL_START, X), rtol=1e-5, atol=1e-6)
    expected = float(cross_entropy(FULL.apply(FULL_START, X), Y))
    assert evaluate(FULL, FULL_START, (X, Y))["loss"] == pytest.approx(expected, rel=1e-5)


def test_fit_learns_numbers_too():
    x, y = X, X @ np.array([[1.0], [-2.0], [0.5], [3.0]], np.float32) + 1
    params, history = fit(
        Dense(1), Dense(1).init(KEY, x), (x, y), key=KEY, loss=mse, optimizer=SGD(0.1), epochs=60, batch_size=20
    )
    np.testing.assert_allclose(np.ravel(params["W"]), [1, -2, 0.5, 3], atol=1e-3)
    assert history["loss"][-1] < 1e-4


# One step, worked by hand: as many examples as the batch holds, so that their order does not count


def loss_of(params, penalty=None):
    loss = cross_entropy(MODEL.apply(params, X), Y)
    return loss if penalty is None else loss + penalty(params)


@pytest.mark.parametrize("penalty", [None, L1(0.1), L2(0.1)], ids=str)
def test_a_step_goes_down_the_gradient_of_loss_and_penalty(penalty):
    params, history = fit(MODEL, START, (X, Y), key=KEY, optimizer=SGD(0.5), batch_size=40, penalty=penalty)
    grads = jax.jit(jax.grad(loss_of), static_argnums=1)(START, penalty)
    near(params, jax.tree.map(lambda w, g: w - 0.5 * np.asarray(g), START, grads))
    assert history["loss"] == pytest.approx([float(loss_of(START))], rel=1e-5)  # without the penalty


def test_many_steps_equal_those_of_optax():
    params, history = fit(
        MODEL, START, (X, Y), key=KEY, optimizer=Adam(Cosine(0.05, 20)), batch_size=40, epochs=20, metrics=(accuracy,)
    )
    theirs = optax.adam(optax.cosine_decay_schedule(0.05, 20))

    def step(carry, _):
        w, state = carry
        value, grads = jax.value_and_grad(loss_of)(w)
        updates, state = theirs.update(grads, state, w)
        return (optax.apply_updates(w, updates), state), (value, accuracy(MODEL.apply(w, X), Y))

    start = jax.tree.map(jnp.asarray, START)
    (expected, _), measured = jax.jit(lambda w: jax.lax.scan(step, (w, theirs.init(w)), length=20))(start)
    near(params, expected, atol=1e-5)
    np.testing.assert_allclose([history["loss"], history["accuracy"]], measured, rtol=1e-4)


def test_class_weights_equal_weighting_by_hand():
    weight = jnp.array([0.5, 1.0, 3.0])

    def by_hand(outputs, y):
        return -jnp.mean(weight[y] * jnp.take_along_axis(jax.nn.log_softmax(outputs), y[:, None], -1)[:, 0])

    settings = {"key": KEY, "optimizer": Momentum(0.1), "batch_size": 8, "epochs": 2}
    expected, history = fit(MODEL, START, (X, Y), loss=by_hand, **settings)
    for y in (Y, np.asarray(one_hot(Y, 3))):
        params, ours = fit(MODEL, START, (X, y), class_weight=[0.5, 1, 3], **settings)
        near(params, expected)
        assert ours["loss"] == pytest.approx(history["loss"], rel=1e-5)


def test_batchnorm_is_trained_on_the_batch_and_its_running_means_follow():
    model = Sequential([BatchNorm(), Dense(3)])
    params, _ = fit(model, model.init(KEY, X), (X, Y), key=KEY, optimizer=SGD(0.1), batch_size=40)
    np.testing.assert_allclose(params[0]["mean"], 0.1 * X.mean(0), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(params[0]["var"], 0.9 + 0.1 * X.var(0), rtol=1e-5)
    assert (params[0]["scale"] != 1).all()


# Which examples are seen

SEEN = []


@dataclass(frozen=True)
class Watch:
    """An augmentation that writes down which examples it was given, and makes them all 0."""

    def __call__(self, key, x):
        jax.debug.callback(lambda batch: SEEN.append(np.asarray(batch[:, 0]).astype(int).tolist()), x, ordered=True)
        return 0 * x


def watched(n, **settings):
    """The number of each example that training was given: a list for each batch."""
    x = np.arange(n, dtype=np.float32)[:, None] * np.ones(4, np.float32)
    SEEN.clear()
    params, history = fit(MODEL, START, (x, np.arange(n) % 3), key=KEY, augment=Watch(), **settings)
    jax.effects_barrier()
    return list(SEEN), params, history


def test_validation_rows_are_never_trained_on_and_all_others_are():
    batches, params, history = watched(50, epochs=6, batch_size=10, validation_split=0.3)
    assert [len(batch) for batch in batches] == [10] * 3 * 6  # 35 rows, so 3 whole batches, and 5 are left over
    epochs = [[*chain(*batches[3 * e : 3 * e + 3])] for e in range(6)]
    assert all(len(set(epoch)) == 30 for epoch in epochs)  # none twice in an epoch
    assert len({*chain(*epochs)}) == 35
    assert len({frozenset(epoch) for epoch in epochs}) > 1  # other rows are left over
    assert len({tuple(epoch) for epoch in epochs}) == 6  # in another order

    held = np.array(sorted(set(range(50)) - {*chain(*epochs)}))
    assert len(held) == 15
    assert (np.diff(held) > 1).any()  # at random, not the last rows
    x = held[:, None] * np.ones(4, np.float32)
    assert history["val_loss"][-1] == pytest.approx(evaluate(MODEL, params, (x, held % 3))["loss"], rel=1e-4)


def test_augmentation_is_for_training_only():
    """Watch makes each training example 0, so no weight has a gradient; validation sees the examples as they are."""
    batches, params, history = watched(40, batch_size=10, validation_split=0.5, optimizer=SGD(0.1))
    assert len(batches) == 2
    same((params[0], params[2]["W"]), (START[0], START[2]["W"]))
    assert differ(params[2]["b"], START[2]["b"]) == [True]
    assert history["loss"][0] == pytest.approx(np.log(3), abs=0.1)
    assert history["val_loss"][0] > 2


def test_without_whole_batches_all_rows_make_one():
    batches, *_ = watched(7, batch_size=32)
    assert [sorted(batch) for batch in batches] == [list(range(7))]


def test_a_long_epoch_runs_in_pieces_and_misses_no_batch():
    batches, _, history = watched(120, batch_size=1)
    assert sorted([*chain(*batches)]) == list(range(120))
    assert len(history["loss"]) == 1
    assert train._Batches(120, 1, None).piece == 60


@pytest.mark.parametrize(("n", "size"), [(7, 32), (1000, 1), (997, 1), (60_000, 32), (1437, 32)])
def test_pieces_are_equal_and_together_the_epoch(n, size):
    batches = train._Batches(n, size, None)
    pieces = list(batches.pieces(KEY))
    assert len({rows.shape for _, rows in pieces}) == 1
    rows = np.concatenate([rows for _, rows in pieces])
    assert rows.shape == (n // min(n, size), min(n, size)) == (batches.steps, batches.size)
    assert len(np.unique(rows)) == rows.size
    assert rows.min() >= 0
    assert rows.max() < n
    assert [first for first, _ in pieces] == list(range(0, batches.steps, batches.piece))


def test_validation_may_be_given():
    _, history = fit(MODEL, START, (X, Y), key=KEY, validation=(X[:9].tolist(), Y[:9].tolist()), optimizer=SGD(0.0))
    assert history["val_loss"] == pytest.approx([evaluate(MODEL, START, (X[:9], Y[:9]))["loss"]])


# Same key, same bits

FIT = {
    "key": KEY,
    "optimizer": AdamW(0.01),
    "batch_size": 8,
    "epochs": 3,
    "validation_split": 0.2,
    "metrics": (accuracy,),
}


def test_the_same_key_gives_the_same_bits_and_another_key_others():
    (one, first), (two, second) = (fit(FULL, FULL_START, (X, Y), **FIT) for _ in range(2))
    same(one, two)
    assert without_seconds(first) == without_seconds(second)
    three, _ = fit(FULL, FULL_START, (X, Y), **FIT | {"key": jax.random.key(1)})
    assert all(differ(one, three))


def test_what_was_given_is_not_used_up():
    start = FULL.init(KEY, X)  # JAX arrays: train_epoch gives away the arrays that it is given
    params, _ = fit(FULL, start, (jnp.asarray(X), jnp.asarray(Y)), **FIT)
    same(start, FULL_START)
    assert any(differ(params, start))


def test_equal_trainings_compile_once():
    traces = []

    def counted(outputs, y):
        traces.append(outputs)
        return cross_entropy(outputs, y)

    for _ in range(2):
        model = Sequential([Dense(8), Relu(), Dense(3)])
        fit(model, START, (X, Y), key=KEY, loss=counted, optimizer=Adam(0.01), epochs=2)
    once = len(traces)
    fit(model, START, (X, Y), key=jax.random.key(5), loss=counted, optimizer=Adam(0.01), epochs=3)
    assert len(traces) == once == 1


# Frozen parts


def test_frozen_layers_keep_their_bits_and_the_others_move():
    """AdamW would shrink a weight whose gradient is 0, and BatchNorm would look at the batches."""
    trainable = (False, False, True, True, True)
    params, _ = fit(FULL, FULL_START, (X, Y), **FIT | {"trainable": trainable, "penalty": L2(0.1)})
    same(params[:2], FULL_START[:2])
    assert differ(params[4], FULL_START[4]) == [True, True]


def test_layers_that_are_frozen_in_the_model_keep_their_bits_too():
    model = freeze(FULL, (False, False, True, True, True))
    params, _ = fit(model, FULL_START, (X, Y), **FIT | {"optimizer": AdamW(0.1)})
    same(params[:2], FULL_START[:2])
    assert differ(params[4], FULL_START[4]) == [True, True]


def test_a_frozen_batchnorm_is_used_as_it_is_while_training():
    """Its params are the running means of other data; training and use then see the same outputs."""
    start = (FULL_START[0], FULL_START[1] | {"mean": np.full(8, 2.0, "f")}, *FULL_START[2:])
    model = Sequential([*FULL.layers[:3], FULL.layers[4]])
    start = (*start[:3], start[4])
    _, history = fit(
        model, start, (X, Y), key=KEY, trainable=(True, False, True, True), optimizer=SGD(0.0), batch_size=40
    )
    assert history["loss"] == pytest.approx([evaluate(model, start, (X, Y))["loss"]], rel=1e-5)


@pytest.mark.parametrize("trainable", [[True, [False, True]], (True, (False, True))])
def test_parts_of_parts_may_be_frozen(trainable):
    model = Sequential([Dense(5), Sequential([Dense(4), Dense(3)])])
    start = model.init(KEY, X)
    params, _ = fit(model, start, (X, Y), key=KEY, trainable=trainable)
    assert differ(params, start) == [True, True, False, False, True, True]


def test_nothing_is_trained_where_nothing_is_trainable():
    params, _ = fit(FULL, FULL_START, (X, Y), key=KEY, trainable=False, optimizer=AdamW(0.1))
    same(params, FULL_START)


# Callbacks


def test_early_stopping_gives_back_the_best_epoch():
    kept = []
    callbacks = [EarlyStopping(patience=3), lambda epoch, params, history: kept.append(jax.tree.map(np.array, params))]
    noise = RNG.integers(0, 3, 40)  # nothing to be learned, so what is held back gets worse
    params, history = fit(
        MODEL, START, (X, noise), key=KEY, optimizer=Adam(0.05), epochs=60, validation_split=0.5, callbacks=callbacks
    )
    best = int(np.argmin(history["val_loss"]))
    assert len(kept) == len(history["val_loss"]) == best + 1 + 3 < 60
    same(params, kept[best])
    assert any(differ(params, kept[-1]))
    x_held, y_held = train._hold_out(X, noise, 0.5, None, KEY)[1]
    assert evaluate(MODEL, params, (x_held, y_held))["loss"] == pytest.approx(min(history["val_loss"]), rel=1e-6)


def test_early_stopping_gives_back_the_best_epoch_also_where_all_were_run():
    stopping = EarlyStopping(patience=30, monitor="loss")
    kept = {}
    _, history = fit(
        MODEL, START, (X, Y), key=KEY, optimizer=SGD(20.0), epochs=6,
        callbacks=(stopping, lambda epoch, params, _: kept.update({epoch: jax.tree.map(np.array, params)})),
    )  # fmt: skip
    params, again = fit(MODEL, START, (X, Y), key=KEY, optimizer=SGD(20.0), epochs=6, callbacks=[stopping])
    assert again["loss"] == history["loss"]
    assert len(again["loss"]) == 6
    assert np.argmin(again["loss"]) < 5  # such steps do not go down
    same(params, kept[int(np.argmin(again["loss"])) + 1])


def test_a_callback_sees_each_epoch_and_may_end_the_training():
    calls = []

    def callback(epoch, params, history):
        calls.append((epoch, len(history["loss"]), float(params[2]["b"][0])))
        return epoch == 3

    params, history = fit(MODEL, START, (X, Y), key=KEY, epochs=9, callbacks=[callback])
    assert [call[:2] for call in calls] == [(1, 1), (2, 2), (3, 3)]
    assert calls[-1][2] == params[2]["b"][0]
    assert len(history["loss"]) == 3


def test_no_epoch_is_no_training():
    params, history = fit(MODEL, START, (X, Y), key=KEY, epochs=0)
    same(params, START)
    assert history == {}


def test_a_loss_that_is_no_number_is_said():
    with pytest.warns(
        UserWarning, match="fit: the loss became inf in epoch 2; try a smaller learning rate, and inputs"
    ):
        fit(Dense(1), Dense(1).init(KEY, X), (X, X[:, :1]), key=KEY, loss=mse, optimizer=SGD(1e38), epochs=2)


# Stop, and go on


def files(path):
    arrays, notes = weights.read(path)
    return arrays, notes["training"]


@pytest.mark.parametrize("stops", [(2,), (1, 3, 4)])
def test_a_training_that_was_stopped_ends_in_the_same_bits(stops, tmp_path):
    def until(epochs, path):
        callbacks = [EarlyStopping(patience=50), Checkpoint(path)]
        return fit(FULL, FULL_START, (X, Y), **FIT | {"epochs": epochs, "callbacks": callbacks})

    expected, whole = until(6, tmp_path / "whole")
    for epochs in stops:
        _, part = until(epochs, tmp_path / "parts")
        assert len(part["loss"]) == epochs
    params, history = until(6, tmp_path / "parts")
    same(params, expected)
    assert without_seconds(history) == without_seconds(whole)
    assert len(history["seconds"]) == 6
    (arrays, training), (others, of_whole) = files(tmp_path / "parts"), files(tmp_path / "whole")
    same(arrays, others)  # what the optimizer remembers, too
    assert training == of_whole
    assert {name.split("/")[0] for name in arrays} == {"params", "opt_state", "best"}
    without, _ = fit(FULL, FULL_START, (X, Y), **FIT | {"epochs": 6, "callbacks": [EarlyStopping(50)]})
    same(without, expected)  # a checkpoint changes nothing


def test_a_training_that_is_over_is_not_trained_on(tmp_path):
    callbacks = [Checkpoint(tmp_path / "file"), EarlyStopping(1, monitor="loss", min_delta=0.01)]
    settings = {"key": KEY, "optimizer": SGD(0.0), "callbacks": callbacks}  # stands still: ends after two epochs
    params, history = fit(MODEL, START, (X, Y), epochs=9, batch_size=40, **settings)
    again, same_history = fit(MODEL, START, (X, Y), epochs=9, batch_size=40, **settings)
    assert len(history["loss"]) == 2
    assert same_history == history
    same(again, params)


def test_checkpoints_come_every_so_often_and_at_the_end(tmp_path):
    seen = []

    def look(epoch, params, history):
        if (tmp_path / "file").exists():
            _, notes = weights.read(tmp_path / "file")
            seen.append(notes["history"].count(",") // 2 + 1)  # two lists, of one number an epoch
        else:
            seen.append(0)

    fit(MODEL, START, (X, Y), key=KEY, epochs=7, callbacks=[look, Checkpoint(tmp_path / "file", every=3)])
    assert seen == [0, 0, 0, 3, 3, 3, 6]
    _, history = fit(MODEL, START, (X, Y), key=KEY, epochs=7, callbacks=[Checkpoint(tmp_path / "file", every=3)])
    assert len(history["loss"]) == 7


OTHER = {
    "model": {"model": Sequential([Dense(8), Relu(), Dropout(0.1), Dense(3)])},
    "optimizer": {"optimizer": Adam(0.02)},
    "schedule": {"optimizer": Adam(Cosine(0.01, 9))},
    "key": {"key": jax.random.key(1)},
    "batch_size": {"batch_size": 4},
    "loss": {"loss": lambda outputs, y: cross_entropy(outputs, y)},
    "metrics": {"metrics": (accuracy,)},
    "penalty": {"penalty": L2(0.1)},
    "trainable": {"trainable": (True, True, False)},
    "class_weight": {"class_weight": (1, 2, 3)},
    "labels": {"data": (X, Y[::-1])},
    "examples": {"data": (2 * X, Y)},
    "fewer": {"data": (X[:39], Y[:39])},
    "validation": {"validation": (X, Y)},
    "validation_split": {"validation_split": 0.25},
}


@pytest.fixture(scope="module")
def old_checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp("old") / "file"
    fit(MODEL, START, (X, Y), key=KEY, optimizer=Adam(0.01), callbacks=[Checkpoint(path)])
    return path


@pytest.mark.parametrize("changed", OTHER)
def test_a_checkpoint_of_other_settings_is_refused(changed, old_checkpoint):
    settings = {"model": MODEL, "data": (X, Y), "key": KEY, "optimizer": Adam(0.01), "epochs": 2} | OTHER[changed]
    model, examples = settings.pop("model"), settings.pop("data")
    with pytest.raises(
        ValueError, match=r"(?s)fit: .* belongs to another training:\s.*and this one is\s.*Take another"
    ):
        fit(model, model.init(KEY, X), examples, callbacks=[Checkpoint(old_checkpoint)], **settings)


def test_a_checkpoint_without_a_best_epoch_is_refused_where_one_is_asked_for(old_checkpoint):
    with pytest.raises(ValueError, match=r"file"):
        fit(
            MODEL, START, (X, Y), key=KEY, optimizer=Adam(0.01), epochs=2,
            callbacks=[Checkpoint(old_checkpoint), EarlyStopping(monitor="loss")],
        )  # fmt: skip


# Ctrl-C


@pytest.fixture
def ctrl_c():
    """Ctrl-C interrupts, also where the tests run in a shell's background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_gives_back_the_parameters_of_that_moment():
    kept = []

    def interrupt(epoch, params, history):
        kept.append(jax.tree.map(np.array, params))
        if epoch == 2:
            os.kill(os.getpid(), signal.SIGINT)

    params, history = fit(MODEL, START, (X, Y), key=KEY, epochs=1000, validation_split=0.2, callbacks=[interrupt])
    assert {len(values) for values in history.values()} == {len(kept)} == {2}
    same(params, kept[-1])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_in_an_epoch_ends_it_before_the_next_piece():
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    params, history = fit(MODEL, START, (X, Y), key=KEY, epochs=10**6)
    timer.join()
    assert 0 < len(history["loss"]) < 10**6
    same(params, fit(MODEL, START, (X, Y), key=KEY, epochs=len(history["loss"]))[0])  # here an epoch is one piece


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_between_the_pieces_of_the_first_epoch():
    fired = []

    @dataclass(frozen=True)
    class Interrupt:
        def __call__(self, key, x):
            jax.debug.callback(lambda: fired or (fired.append(1), os.kill(os.getpid(), signal.SIGINT)))
            return x

    x, y = np.tile(X, (10, 1)), np.tile(Y, 10)
    params, history = fit(MODEL, START, (x, y), key=KEY, epochs=3, batch_size=1, augment=Interrupt())
    assert history == {}
    assert any(differ(params, START))


@pytest.mark.usefixtures("ctrl_c")
def test_a_second_ctrl_c_interrupts_as_usual():
    def twice(epoch, params, history):
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        fit(MODEL, START, (X, Y), key=KEY, epochs=5, callbacks=[twice])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_checkpoint_is_there_after_ctrl_c(tmp_path):
    def interrupt(epoch, params, history):
        if epoch == 2:
            os.kill(os.getpid(), signal.SIGINT)

    settings = {"key": KEY, "epochs": 5, "optimizer": Adam(0.01)}
    fit(MODEL, START, (X, Y), callbacks=[interrupt, Checkpoint(tmp_path / "file")], **settings)
    params, history = fit(MODEL, START, (X, Y), callbacks=[Checkpoint(tmp_path / "file")], **settings)
    assert len(history["loss"]) == 5
    same(params, fit(MODEL, START, (X, Y), **settings)[0])


# Several devices

EIGHT = """
import jax, jax.numpy as jnp, numpy as np
from deepbook import train
from deepbook.layers import BatchNorm, Dense, Dropout, Relu, Sequential
from deepbook.losses import accuracy
from deepbook.optim import SGD

devices = jax.devices()
assert len(devices) == 8
rng = np.random.default_rng(0)
x, key = rng.normal(size=(80, 4)).astype(np.float32), jax.random.key(0)
y = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)
model = Sequential([Dense(8), BatchNorm(), Relu(), Dropout(0.3), Dense(3)])
start = jax.tree.map(np.asarray, model.init(key, x))

settings = dict(key=key, optimizer=SGD(0.5), batch_size=16, epochs=3, metrics=(accuracy,))
one, history = train.fit(model, start, (x, y), **settings)
eight, other = train.fit(model, start, (x, y), devices=devices, **settings)
for name in ("loss", "accuracy"):
    np.testing.assert_allclose(history[name], other[name], rtol=1e-5)
for a, b, before in zip(*map(jax.tree.leaves, (one, eight, start)), strict=True):
    np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)  # SGD, so the gradients were equal too
    assert (np.asarray(a) != before).any() and len(b.sharding.device_set) == 8

# and each device really had its part of the batch: 2 of 16 rows
mesh = jax.sharding.Mesh(np.array(devices), ("data",))
setup = train.Setup(model, optimizer=SGD(1.0), mesh=mesh)
state = train._placed({"params": start, "opt_state": SGD(1.0).init(start)}, mesh)
rows = train._placed(np.arange(64, dtype=np.int32).reshape(4, 16), mesh, None, "data")
arguments = setup, state["params"], state["opt_state"], *train._placed((x, y), mesh), rows, key
program = train.train_epoch.lower(*arguments).compile().as_text()
assert "all-reduce" in program
assert "f32[2,8]" in program and "f32[16,8]" not in program
try:
    train.fit(model, start, (x, y), key=key, batch_size=12, devices=devices)
except ValueError as error:
    assert "fit: got batches of 12 for 8 devices; needs a multiple; try batch_size=8" in str(error)
    print("as one")
"""


def test_eight_devices_compute_what_one_does():
    flags = f"{os.environ['XLA_FLAGS']} --xla_force_host_platform_device_count=8"
    environment = os.environ | {"XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    done = subprocess.run([sys.executable, "-c", EIGHT], env=environment, capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "as one", done.stderr


# The parts that JAX transforms


def test_every_public_name_is_listed():
    public = {n for n, f in vars(train).items() if inspect.getmodule(f) is train and n[0] != "_"}
    assert public - {"check_examples"} == set(train.__all__) - {"Checkpoint", "EarlyStopping", "Flip", "Shift"}


def test_a_step_is_a_function_like_any_other(transforms):
    model = Dense(3)
    setup = train.Setup(model, optimizer=SGD(0.1))
    start = model.init(KEY, X)
    transforms(lambda params: setup.step(params, setup.optimizer.init(params), X[:8], Y[:8], KEY), start)


def test_an_epoch_is_one_step_after_the_other():
    """With the randomness of a step decided by its number: so it is the same in one piece and in several."""
    setup, rows = train.Setup(FULL, optimizer=Momentum(0.1)), np.arange(24).reshape(3, 8)
    state = FULL_START, setup.optimizer.init(FULL_START)
    params, _, measured = train.train_epoch(setup, *jax.tree.map(jnp.array, state), X, Y, rows, KEY)
    step = jax.jit(setup.step)
    for i, batch in enumerate(rows):
        *state, one = step(*state, X[batch], Y[batch], jax.random.fold_in(KEY, i))
        np.testing.assert_allclose(measured[i], one, rtol=1e-5)
    near(params, state[0])
    parts = jax.tree.map(jnp.array, (FULL_START, setup.optimizer.init(FULL_START)))
    for first in (0, 1, 2):
        *parts, _ = train.train_epoch(setup, *parts, X, Y, rows[first : first + 1], KEY, first)
    near(params, parts[0])


# Bad input

BAD = [
    ({"data": (X, Y[:30])}, "fit: got 40 examples and 30 labels; needs as many, and at least one"),
    ({"data": (X[:0], Y[:0])}, "fit: got 0 examples and 0 labels"),
    ({"data": (np.where(np.arange(40)[:, None] == 7, np.nan, X), Y)}, "fit: got NaN or infinity in x, first in row 7"),
    ({"data": (np.where(np.arange(40)[:, None] == 0, np.inf, X), Y)}, "fit: got NaN or infinity in x, first in row 0"),
    ({"data": (X, np.where(Y == 2, np.nan, Y))}, f"fit: got NaN or infinity in y, first in row {np.argmax(Y == 2)}"),
    ({"data": (X, np.append(Y[:39], -1))}, "fit: got the label -1 in row 39 and 3 outputs; needs labels from 0 to 2"),
    ({"data": (X, np.append(99, Y[1:]))}, "fit: got the label 99 in row 0 and 3 outputs; needs labels from 0 to 2"),
    ({"data": (X, np.append(3, Y[1:]))}, "fit: got the label 3 in row 0 and 3 outputs"),
    ({"data": (X, jnp.append(Y[:39], 3))}, "fit: got the label 3 in row 39 and 3 outputs"),
    ({"data": (X, Y.astype(float))}, "cross_entropy: got labels of type float32; needs integers; try y.astype(int)"),
    ({"data": (X, Y.astype(str))}, "fit: got y of type <U11; needs numbers; number the names, from 0"),
    ({"data": (X.astype(object), Y)}, "fit: got x of type object; needs numbers"),
    ({"data": (X[:, :3], Y)}, "Dense(8): got x of shape (1, 3); needs 4 features"),
    (
        {"loss": "cross_entropy"},
        "fit: got 'cross_entropy' for loss; needs a function; try cross_entropy, mse or accuracy",
    ),
    ({"loss": L1}, "fit: got <class 'deepbook.losses.L1'> for loss; needs a function"),
    ({"loss": mse}, "mse: got shapes (32, 3) and (32,); needs two equal shapes"),
    (
        {"metrics": ["accuracy"]},
        "fit: got 'accuracy' for metrics; needs a function; try cross_entropy, mse or accuracy",
    ),
    ({"metrics": "accuracy"}, "fit: got 'accuracy' for metrics; needs several in a tuple; try metrics=(accuracy,)"),
    ({"metrics": accuracy}, "fit: got accuracy for metrics; needs several in a tuple; try metrics=(accuracy,)"),
    ({"optimizer": "adam"}, "fit: got 'adam' for optimizer; needs a recipe; try Adam(1e-3)"),
    ({"optimizer": Adam}, "fit: got <class 'deepbook.optim.Adam'> for optimizer; needs a recipe; try Adam(1e-3)"),
    ({"batch_size": 0}, "fit: got batch_size=0; needs at least 1; try 32"),
    ({"validation_split": 1.0}, "fit: got validation_split=1.0 of 40 examples; needs one of the two, and rows left"),
    ({"validation_split": 0.01}, "fit: got validation_split=0.01 of 40 examples; needs"),
    ({"validation_split": -0.5}, "fit: got validation_split=-0.5 of 40 examples; needs"),
    (
        {"validation_split": 0.1, "validation": (X, Y)},
        "fit: got validation_split=0.1 of 40 examples and validation; needs",
    ),
    ({"validation": (X, Y + 5)}, "fit, validation: got the label 5 in row"),
    ({"validation": (X[:5], Y)}, "fit, validation: got 5 examples and 40 labels"),
    ({"trainable": (True, False)}, "freeze: got trainable=(True, False) for Sequential([Dense(8), Relu(), Dense(3)])"),
    ({"class_weight": (1, 2)}, "fit: got 2 class weights for outputs of shape (3,); needs one weight for each output"),
    ({"callbacks": [EarlyStopping()]}, 'EarlyStopping: got a history of loss, seconds; needs "val_loss"'),
]


@pytest.mark.parametrize(("changed", "message"), BAD, ids=[message for _, message in BAD])
def test_what_does_not_fit_is_refused_in_words(changed, message):
    settings = {"data": (X, Y)} | changed
    with pytest.raises(ValueError, match="got") as raised:
        fit(MODEL, START, settings.pop("data"), key=KEY, **settings)
    assert message in str(raised.value)


def test_labels_of_a_single_output_are_refused_with_advice():
    start = Dense(1).init(KEY, X)
    for loss in (mse, binary_cross_entropy):
        with pytest.raises(ValueError, match=r"needs labels from 0 to 0; .*try y.reshape\(\(40, 1\)\)"):
            fit(Dense(1), start, (X, Y), key=KEY, loss=loss)


def test_class_weights_of_a_yes_or_no_are_refused():
    with pytest.raises(ValueError, match=r"got 2 class weights for outputs of shape \(1,\); .*for yes or no, try two"):
        fit(
            Dense(1),
            Dense(1).init(KEY, X),
            (X, Y[:, None] > 0),
            key=KEY,
            loss=binary_cross_entropy,
            class_weight=(1, 2),
        )


@pytest.mark.parametrize(("y", "message"), [(Y[:30], "40 examples and 30 labels"), (Y - 1, "the label -1 in row")])
def test_evaluate_refuses_what_does_not_fit(y, message):
    with pytest.raises(ValueError, match=f"^evaluate: got {message}"):
        evaluate(MODEL, START, (X, y))


def test_kinds_of_numbers_that_are_welcome():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        expected = evaluate(MODEL, START, (np.round(X), Y))["loss"]
        for x, y in [
            (np.round(X).astype(float), Y.astype(np.int64)),
            (np.round(X).astype(np.int8), Y.astype(np.uint8)),
            (np.round(X).tolist(), Y.tolist()),
            (jnp.round(X), jnp.asarray(Y)),
        ]:
            assert evaluate(MODEL, START, (x, y))["loss"] == pytest.approx(expected, rel=1e-6)
            fit(MODEL, START, (x, y), key=KEY)
