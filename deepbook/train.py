"""Chapter 3: training. One epoch is one compiled scan over its batches; `fit` repeats it and keeps the history.

Symbols, the same throughout the chapter:
    model      a layer, mostly a Sequential; params are its parameters
    x, y       all examples and their labels; a batch is a few rows of them
    rows       (steps, batch) integers: which examples make up each batch of an epoch
    opt_state  what the optimizer remembers
    key        from jax.random.key: the same key gives the same training, bit by bit
"""

import time
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from deepbook.augment import Flip, Shift
from deepbook.callbacks import Checkpoint, EarlyStopping, ctrl_c, progress_bar
from deepbook.data import generator
from deepbook.layers import freeze, label, learning, numbers
from deepbook.losses import cross_entropy
from deepbook.optim import Adam, add, mask

__all__ = ["Checkpoint", "EarlyStopping", "Flip", "Setup", "Shift", "evaluate", "fit", "predict", "train_epoch"]

# ------------------------------------------------------------------ one epoch


@dataclass(frozen=True)
class Setup:
    """All that stays the same during a training: a recipe, so that equal trainings are compiled once."""

    model: Any
    loss: Callable = cross_entropy
    optimizer: Any = None
    metrics: tuple = ()
    penalty: Callable | None = None
    augment: Callable | None = None
    class_weight: tuple | None = None
    mesh: Mesh | None = None

    def cost(self, params, x, y, key):
        """What is to be made small, and what is measured on the way: (loss, *metrics)."""
        outputs = self.model.apply(params, x, key)
        if self.class_weight is None:
            loss = self.loss(outputs, y)
        else:
            each = jax.vmap(lambda one, label: self.loss(one[None], label[None]))(outputs, y)
            labels = y if y.ndim < outputs.ndim else y.argmax(-1)
            loss = jnp.mean(each * jnp.asarray(self.class_weight)[labels])
        cost = loss if self.penalty is None else loss + self.penalty(params)
        return cost, jnp.stack([loss, *(metric(outputs, y) for metric in self.metrics)])

    def step(self, params, opt_state, x, y, key):
        """One step of training on one batch. Returns (params, opt_state, measured)."""
        apply_key, augment_key = jax.random.split(key)
        if self.augment is not None:
            x = self.augment(augment_key, x)
        slopes = jax.value_and_grad(self.cost, has_aux=True)
        (_, measured), grads = slopes(params, x, y, apply_key)
        updates, opt_state = self.optimizer.update(grads, opt_state, params)
        seen = self.model.observe(params, x, apply_key)
        return add(seen, mask(updates, learning(self.model))), opt_state, measured


@partial(jax.jit, static_argnames="setup", donate_argnames=("params", "opt_state"))
def train_epoch(setup, params, opt_state, x, y, rows, key, first=0):
    """One step for each row of `rows`, in one compiled scan.

    x, y: all examples. rows: (steps, batch) integers. first: the number of the first step, for its randomness.
    Returns (params, opt_state, measured); measured is (steps, 1 + metrics), the loss first.
    params and opt_state are donated: the arrays that go in cannot be used again. Chapter 3, "One scan".
    """

    def step(carry, batch):
        i, rows = batch
        x_batch, y_batch = x[rows], y[rows]
        if setup.mesh is not None:
            # without this, every device would compute the whole batch
            sharding = NamedSharding(setup.mesh, P("data"))
            batch = lax.with_sharding_constraint((x_batch, y_batch), sharding)
            x_batch, y_batch = batch
        step_key = jax.random.fold_in(key, i)
        *state, measured = setup.step(*carry, x_batch, y_batch, step_key)
        return tuple(state), measured

    steps = first + jnp.arange(len(rows))
    (params, opt_state), measured = lax.scan(step, (params, opt_state), (steps, rows))
    return params, opt_state, measured


# ------------------------------------------------------------------ fit


def fit(
    model,
    params,
    data,
    *,
    key,
    loss=cross_entropy,
    optimizer=Adam(),  # noqa: B008  (a frozen recipe)
    epochs=1,
    batch_size=32,
    metrics=(),
    validation_split=0.0,
    validation=None,
    callbacks=(),
    trainable=True,
    penalty=None,
    augment=None,
    class_weight=None,
    devices=None,
    progress=None,
):
    """Train a model: `epochs` times through the data, in batches of mixed order.

    params:           where to start: model.init(key, x[:1]).
    data:             (x, y), arrays with one row an example.
    key:              decides the order, the dropout and the validation rows.
    loss:             loss(outputs, y) -> scalar, for example `cross_entropy`, `mse`.
    batch_size:       an epoch has len(x) // batch_size steps; the few rows left over are others in each epoch.
    metrics:          functions like `accuracy`, for the history.
    validation_split: the fraction of rows, taken at random, that is only looked at after each epoch.
    validation:       (x, y) for the same purpose.
    callbacks:        EarlyStopping(...), Checkpoint(...), or functions of (epoch, params, history); True ends training.
    trainable:        True, or one flag a layer: (False, True) trains only the second. A layer that is Frozen stays so.
    penalty:          a function of params, added to the loss: L1(1e-4), L2(1e-4).
    augment:          augment(key, x) -> x, for each training batch: Shift(2).
    class_weight:     one number a class: how much its examples count.
    devices:          a list such as jax.devices(): each computes its part of every batch.
    progress:         True or False for a progress bar; None means on a terminal or in a notebook only.

    Returns (params, history). history is a dict of lists, a number for each epoch: "loss" (without penalty), the
    metrics by name, "val_loss" and so on, "seconds". Ctrl-C ends training cleanly, with the parameters of that moment.
    Raises ValueError for data that do not fit. Chapter 2, "From Keras"; chapter 3, "One scan".
    """
    weight = None if class_weight is None else tuple(map(float, class_weight))
    mesh = None if devices is None else Mesh(np.array(devices), ("data",))
    setup = Setup(
        freeze(model, trainable), _function("loss", loss), _recipe(optimizer), _functions(metrics),
        penalty, augment, weight, mesh,
    )  # fmt: skip
    data, validation = _hold_out(*check_examples("fit", setup, params, *data), validation_split, validation, key)
    if validation is not None:
        validation = check_examples("fit, validation", setup, params, *validation)
    batches = _Batches(len(data[0]), batch_size, mesh)
    stopping = next((c for c in callbacks if isinstance(c, EarlyStopping)), None)
    checkpoint = next((c for c in callbacks if isinstance(c, Checkpoint)), None)

    # a copy of the parameters: train_epoch gives away the arrays that it is given
    state = _placed({"params": params, "opt_state": optimizer.init(params), "best": params if stopping else {}}, mesh)
    history, training = {}, _identity(setup, batch_size, key, data, validation) if checkpoint else ""
    if checkpoint and (saved := checkpoint.read(state, training)):
        state, history = saved
    data = _placed(data, mesh)
    epoch = len(history.get("loss", ()))
    over = bool(stopping and epoch and stopping(epoch, None, history))

    with progress_bar(progress, epochs) as show, ctrl_c() as interrupted:
        while epoch < epochs and not over:
            started = time.perf_counter()
            numbers = _one_epoch(setup, state, data, batches, jax.random.fold_in(key, epoch), epoch, show, interrupted)
            if numbers is None:  # Ctrl-C
                return state["params"], history
            if validation is not None:
                seen = evaluate(model, state["params"], validation, loss=loss, metrics=setup.metrics)
                numbers |= {f"val_{name}": value for name, value in seen.items()}
            epoch += 1
            for name, value in (numbers | {"seconds": time.perf_counter() - started}).items():
                history.setdefault(name, []).append(value)
            if stopping and stopping.best(history) == epoch - 1:
                state["best"] = jax.tree.map(jnp.copy, state["params"])
            answers = [callback(epoch, state["params"], history) for callback in callbacks]
            over = any(answers) or epoch == epochs
            if checkpoint and (over or epoch % checkpoint.every == 0):
                checkpoint.write(state, history, training)
    return state["best"] if stopping else state["params"], history


def _one_epoch(setup, state, data, batches, key, epoch, show, interrupted):
    """Train for one epoch: the params and opt_state in `state` are replaced. Returns the means of what was measured.

    The scan runs in a few equal pieces, so that the progress bar moves and Ctrl-C need not wait for the whole epoch:
    where it comes before the last piece, the answer is None.
    """
    names, measured = ["loss", *(metric.__name__ for metric in setup.metrics)], []
    for first, rows in batches.pieces(key):
        if interrupted.is_set():
            return None
        state["params"], state["opt_state"], numbers = train_epoch(
            setup, state["params"], state["opt_state"], *data, rows, key, first
        )
        measured.append(numbers)
        show(epoch + (first + len(rows)) / batches.steps, names, numbers)
    means = np.concatenate([np.asarray(numbers, np.float64) for numbers in measured]).mean(axis=0)
    if not np.isfinite(means[0]):
        warnings.warn(
            f"fit: the loss became {means[0]} in epoch {epoch + 1}; "
            "try a smaller learning rate, and inputs between -1 and 1",
            stacklevel=3,
        )
    return dict(zip(names, means.tolist(), strict=True))


class _Batches:
    """Which rows make up the batches of an epoch: whole batches in a new order each time."""

    def __init__(self, n, size, mesh):
        if size < 1:
            raise ValueError(f"fit: got batch_size={size}; needs at least 1; try 32")
        self.n, self.size, self.mesh = n, min(size, n), mesh
        if mesh is not None and self.size % mesh.size:
            raise ValueError(
                f"fit: got batches of {self.size} for {mesh.size} devices; needs a multiple; "
                f"try batch_size={max(self.size // mesh.size, 1) * mesh.size}"
            )
        self.steps = n // self.size
        parts = [steps for steps in range(20, 101) if self.steps % steps == 0]
        self.piece = max(parts, default=self.steps)  # equal pieces, since each length is compiled once

    def pieces(self, key):
        order = generator(key).permutation(self.n).astype(np.int32)
        rows = order[: self.steps * self.size].reshape(self.steps, self.size)
        for first in range(0, self.steps, self.piece):
            yield first, _placed(rows[first : first + self.piece], self.mesh, None, "data")


# ------------------------------------------------------------------ ask the model


def predict(model, params, x, batch_size=1000):
    """The model's outputs for all of x, computed in batches, not training. Returns a JAX array, one row an example."""
    model.check(x)
    return _outputs(model, params, jnp.asarray(x), batch_size)


def evaluate(model, params, data, *, loss=cross_entropy, metrics=(), batch_size=1000):
    """How good the model is on (x, y): {"loss": …} and each metric by its name, over all examples, not training.

    Raises ValueError for data that do not fit.
    """
    setup = Setup(model, _function("loss", loss), metrics=_functions(metrics))
    x, y = check_examples("evaluate", setup, params, *data)
    numbers = np.asarray(_measure(setup, params, jnp.asarray(x), jnp.asarray(y), batch_size), np.float64)
    return dict(zip(["loss", *(metric.__name__ for metric in setup.metrics)], numbers.tolist(), strict=True))


@partial(jax.jit, static_argnames=("model", "batch_size"))
def _outputs(model, params, x, batch_size):
    whole = len(x) // batch_size * batch_size
    parts = []
    if whole:
        batches = x[:whole].reshape(-1, batch_size, *x.shape[1:])
        outputs = lax.map(lambda batch: model.apply(params, batch), batches)
        parts.append(jax.tree.map(lambda rows: rows.reshape(whole, *rows.shape[2:]), outputs))
    if whole < len(x):
        parts.append(model.apply(params, x[whole:]))
    return jax.tree.map(lambda *rows: jnp.concatenate(rows), *parts)


@partial(jax.jit, static_argnames=("setup", "batch_size"))
def _measure(setup, params, x, y, batch_size):
    outputs = _outputs(setup.model, params, x, batch_size)
    return jnp.stack([setup.loss(outputs, y), *(metric(outputs, y) for metric in setup.metrics)])


# ------------------------------------------------------------------ what comes in


def check_examples(name, setup, params, x, y):
    """x and y as arrays, after looking at everything that JAX would be silently wrong about.

    Raises ValueError, beginning with `name`: no or unequally many examples, NaN or infinity, labels out of range.
    """
    x, y = (a if isinstance(a, jax.Array) else np.asarray(a) for a in (x, y))
    if len(x) != len(y) or len(x) == 0:
        raise ValueError(f"{name}: got {len(x)} examples and {len(y)} labels; needs as many, and at least one")
    for what, array in (("x", x), ("y", y)):
        if not (jnp.issubdtype(array.dtype, np.number) or array.dtype == bool):
            raise ValueError(f"{name}: got {what} of type {array.dtype}; needs numbers; number the names, from 0")
        if np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
            row = int(np.argmin(np.isfinite(np.asarray(array)).reshape(len(array), -1).all(axis=1)))
            raise ValueError(
                f"{name}: got NaN or infinity in {what}, first in row {row}; needs numbers; drop or fill such rows"
            )
    setup.model.check(x)
    row = jax.ShapeDtypeStruct((1, *x.shape[1:]), jnp.result_type(x))
    outputs = numbers(jax.eval_shape(setup.model.apply, params, row))
    if setup.class_weight is not None and outputs.shape[1:] != (len(setup.class_weight),):
        raise ValueError(
            f"{name}: got {len(setup.class_weight)} class weights for outputs of shape {outputs.shape[1:]}; "
            "needs one weight for each output; for yes or no, try two outputs and cross_entropy"
        )
    if np.issubdtype(y.dtype, np.integer) and outputs.ndim == y.ndim + 1:
        wrong = (y < 0) | (y >= outputs.shape[-1])
        if wrong.any():
            row = int(np.argmax(np.asarray(wrong).reshape(len(y), -1).any(axis=1)))
            hint = f"; for a number or a yes or no, try y.reshape({(*y.shape, 1)})" if outputs.shape[-1] == 1 else ""
            raise ValueError(
                f"{name}: got the label {np.asarray(y[row]).ravel()[0]} in row {row} and {outputs.shape[-1]} outputs; "
                f"needs labels from 0 to {outputs.shape[-1] - 1}; look at y and at the last layer{hint}"
            )
    return x, y


def _function(name, value):
    if not callable(value) or isinstance(value, type):
        raise ValueError(
            f"fit: got {value!r} for {name}; needs a function; try cross_entropy, mse or accuracy, without quotes"
        )
    return value


def _functions(metrics):
    if isinstance(metrics, str) or callable(metrics):
        raise ValueError(f"fit: got {label(metrics)} for metrics; needs several in a tuple; try metrics=(accuracy,)")
    return tuple(_function("metrics", metric) for metric in metrics)


def _recipe(optimizer):
    if isinstance(optimizer, type) or not hasattr(optimizer, "update"):
        raise ValueError(f"fit: got {optimizer!r} for optimizer; needs a recipe; try Adam(1e-3)")
    return optimizer


def _hold_out(x, y, fraction, validation, key):
    """((x, y), validation): if a fraction is asked for, so many rows, drawn at random, become the validation set."""
    if not fraction:
        return (x, y), validation
    n = round(fraction * len(x))
    if validation is not None or not 0 < n < len(x):
        both = " and validation" if validation is not None else ""
        raise ValueError(
            f"fit: got validation_split={fraction} of {len(x)} examples{both}; "
            "needs one of the two, and rows left for both parts; try validation_split=0.1"
        )
    order = generator(key).permutation(len(x))
    held, rest = order[:n], order[n:]
    return (x[rest], y[rest]), (x[held], y[held])


def _placed(tree, mesh, *spec):
    """A copy of the arrays on the device, or on all of them: whole on each, unless `spec` says what is divided."""
    if mesh is None:
        return jax.tree.map(jnp.array, tree)
    return jax.device_put(jax.tree.map(jnp.array, tree), NamedSharding(mesh, P(*spec)))


def _identity(setup, batch_size, key, data, validation):
    """What makes a training this training, for checkpoints: its recipe, its key, a sample of its data."""
    sums = [zlib.crc32(np.ascontiguousarray(a[:: max(1, len(a) // 1000)])) for a in jax.tree.leaves((data, validation))]
    shapes = [a.shape for a in data]
    return f"{label(setup)}, batch_size={batch_size}, key={jax.random.key_data(key).tolist()}, data {shapes} {sums}"
