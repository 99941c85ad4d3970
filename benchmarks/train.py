"""How fast is training, beside Keras, PyTorch and Flax? One model, one data set, one run.

    python benchmarks/train.py                       # needs keras, torch, flax and optax; what is missing is left out
    python benchmarks/train.py --rounds 30 --out result.json

784-100-100-10 with ReLU, Adam at 0.001, batches of 128, 59,904 images (of MNIST where it is at hand, else noise of the
same shape), float32. Each form runs in a process of its own. They take turns, an epoch each, while the others wait, so
that a machine that is busy for a moment is busy for all. `fit` of Keras and of this book are timed as users call them,
without a progress bar; PyTorch and Flax by the loop that their tutorials show, with batches cut by index, which is
faster than a DataLoader.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from itertools import pairwise

STARTED = time.perf_counter()
BATCH, LR, SIZES = 128, 1e-3, (784, 100, 100, 10)
N = 60_000 // BATCH * BATCH


# ------------------------------------------------------------------ the forms: each trains until `after` says stop


def deepbook(x, y, after):
    import jax

    from deepbook.layers import Dense, Relu, Sequential
    from deepbook.optim import Adam
    from deepbook.train import fit

    imported()
    model = Sequential([Dense(100), Relu(), Dense(100), Relu(), Dense(10)])
    params = model.init(jax.random.key(0), x[:1])

    def callback(epoch, params, history):
        return after(history["seconds"][-1], history["loss"][-1])

    fit(
        model,
        params,
        (x, y),
        key=jax.random.key(1),
        optimizer=Adam(LR),
        epochs=10**6,
        batch_size=BATCH,
        callbacks=[callback],
    )


def flax(x, y, after):
    import jax
    import numpy as np
    import optax
    from flax import nnx

    class Network(nnx.Module):
        def __init__(self, rngs):
            self.a, self.b, self.c = (nnx.Linear(*pair, rngs=rngs) for pair in pairwise(SIZES))

        def __call__(self, x):
            return self.c(nnx.relu(self.b(nnx.relu(self.a(x)))))

    imported()
    network = Network(nnx.Rngs(0))
    optimizer = nnx.Optimizer(network, optax.adam(LR), wrt=nnx.Param)

    def cost(network, x, y):
        return optax.softmax_cross_entropy_with_integer_labels(network(x), y).mean()

    @nnx.jit
    def step(network, optimizer, x, y):
        loss, grads = nnx.value_and_grad(cost)(network, x, y)
        optimizer.update(network, grads)
        return loss

    cached = nnx.cached_partial(step, network, optimizer)  # as Flax's guide to performance advises
    random = np.random.default_rng(0)

    def epoch():
        losses = [cached(x[rows], y[rows]) for rows in random.permutation(N).reshape(-1, BATCH)]
        return float(jax.numpy.stack(losses).mean())

    repeat(epoch, after)


def keras(backend):
    def form(x, y, after):
        os.environ["KERAS_BACKEND"] = backend
        import keras

        imported()
        layers = [keras.layers.Dense(100, "relu"), keras.layers.Dense(100, "relu"), keras.layers.Dense(10)]
        model = keras.Sequential([keras.Input((784,)), *layers])
        model.compile(keras.optimizers.Adam(LR), keras.losses.SparseCategoricalCrossentropy(from_logits=True))

        class Turns(keras.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                self.began = time.perf_counter()

            def on_epoch_end(self, epoch, logs=None):
                self.model.stop_training = after(time.perf_counter() - self.began, logs["loss"])

        model.fit(x, y, batch_size=BATCH, epochs=10**6, verbose=0, callbacks=[Turns()])

    return form


def torch(compiled, **options):
    def form(x, y, after):
        import torch

        imported()
        torch.manual_seed(0)
        device = "cuda" if torch.cuda.is_available() and os.environ.get("JAX_PLATFORMS") != "cpu" else "cpu"
        pairs = [torch.nn.Linear(*pair) for pair in pairwise(SIZES)]
        network = torch.nn.Sequential(pairs[0], torch.nn.ReLU(), pairs[1], torch.nn.ReLU(), pairs[2]).to(device)
        optimizer = torch.optim.Adam(network.parameters(), LR, **options)
        forward = torch.compile(network) if compiled else network
        cost = torch.nn.CrossEntropyLoss()
        xs, ys = torch.from_numpy(x).to(device), torch.from_numpy(y).long().to(device)

        def epoch():
            total = torch.zeros((), device=device)
            for rows in torch.randperm(N, device=device).reshape(-1, BATCH):
                optimizer.zero_grad()
                loss = cost(forward(xs[rows]), ys[rows])
                loss.backward()
                optimizer.step()
                total += loss.detach()
            return float(total) / (N // BATCH)

        repeat(epoch, after)

    return form


FORMS = {
    "deepbook": (deepbook, "jax"),
    "Flax and Optax, jitted step": (flax, "flax"),
    "Keras on JAX": (keras("jax"), "keras"),
    "Keras on PyTorch": (keras("torch"), "keras"),
    "PyTorch, eager": (torch(False), "torch"),
    "PyTorch, eager, fused Adam": (torch(False, fused=True), "torch"),
    "PyTorch, compiled, fused Adam": (torch(True, fused=True), "torch"),
}


def repeat(epoch, after):
    over = False
    while not over:
        began = time.perf_counter()
        loss = epoch()
        over = after(time.perf_counter() - began, loss)


# ------------------------------------------------------------------ one form, in its process


def images():
    import numpy as np

    try:
        from deepbook import data

        x, y = data.load("mnist").train
        return x[:N].reshape(N, -1), y[:N], "MNIST"
    except OSError:
        random = np.random.default_rng(0)
        y = random.integers(0, 10, N, dtype=np.int32)
        x = random.normal(size=(N, SIZES[0])) + 0.3 * random.normal(size=(10, SIZES[0]))[y]
        return x.astype(np.float32), y, "noise"


def imported():
    say("imported", time.perf_counter() - STARTED)


def say(what, *numbers):
    print(json.dumps([what, *numbers]), flush=True)


def work(name):
    """Train by turns: an epoch for each line that comes in, until there are no more."""
    x, y, of = images()
    say("data", of)
    global STARTED
    STARTED = time.perf_counter()  # reading the data is the same for all and does not count

    def after(seconds, loss):
        say("epoch", seconds, loss, time.perf_counter() - STARTED)
        return not sys.stdin.readline()

    FORMS[name][0](x, y, after)


# ------------------------------------------------------------------ all of them, by turns


class Worker:
    def __init__(self, name, environment):
        command = [sys.executable, __file__, "--form", name]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        self.of = self.hear("data")[0]
        (self.imported,) = self.hear("imported")
        self.first_epoch, _, self.first_result = self.hear("epoch")
        self.seconds, self.loss = [], None

    def hear(self, what):
        for line in self.process.stdout:  # libraries print things of their own
            if line.startswith(f'["{what}"'):
                return json.loads(line)[1:]
        raise RuntimeError("it ended before its turn")

    def turn(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        seconds, self.loss, _ = self.hear("epoch")
        self.seconds.append(seconds)

    def stop(self):
        self.process.stdin.close()
        self.process.kill()  # Keras would train on to the end of an epoch


def run(rounds, device, only):
    from importlib.util import find_spec

    environment = {**os.environ, "JAX_PLATFORMS": "cpu"} if device == "cpu" else dict(os.environ)
    workers = {}
    for name, (_, library) in FORMS.items():
        if only and name not in only:
            continue
        if find_spec(library) is None or (name.startswith("Keras on P") and find_spec("torch") is None):
            print(f"left out: {name}, {library} is not installed", file=sys.stderr)
            continue
        try:
            workers[name] = Worker(name, environment)
        except RuntimeError as error:
            print(f"left out: {name}, {error}", file=sys.stderr)
    for _ in range(rounds):
        for worker in workers.values():
            worker.turn()
    for worker in workers.values():
        worker.stop()
    return workers


def table(workers, against="PyTorch, eager"):
    from rich.console import Console
    from rich.table import Table

    of = next(iter(workers.values())).of
    columns = "form", "s an epoch", "(quartiles)", "examples/s", "speed", "import", "compile", "first result", "loss"
    shown = Table(*columns, title=f"{N:,} images ({of}), batches of {BATCH}; speed: {against} = 1")
    base = statistics.median(workers[against].seconds) if against in workers else None
    rows = []
    for name, worker in workers.items():
        middle = statistics.median(worker.seconds)
        low, _, high = statistics.quantiles(worker.seconds, n=4)
        row = {
            "form": name,
            "seconds": middle,
            "quartiles": (low, high),
            "speed": base / middle if base else None,
            "import": worker.imported,
            "compile": max(0.0, worker.first_epoch - middle),
            "first_result": worker.first_result,
            "loss": worker.loss,
        }
        rows.append(row)
        numbers = f"{middle:.3f}", f"{low:.3f} {high:.3f}", f"{N / middle:,.0f}", f"{row['speed']:.2f}" if base else ""
        starts = (f"{row[key]:.1f} s" for key in ("import", "compile", "first_result"))
        shown.add_row(name, *numbers, *starts, f"{worker.loss:.4f}")
    Console(width=130).print(shown)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="epochs of each form that are timed (%(default)s)")
    parser.add_argument("--device", choices=("cpu", "gpu"), default="cpu")
    parser.add_argument("--only", nargs="*", choices=FORMS, help="some of the forms")
    parser.add_argument("--out", help="a file for the numbers, JSON")
    parser.add_argument("--form", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.form:
        return work(options.form)
    rows = table(run(options.rounds, options.device, options.only))
    if options.out:
        with open(options.out, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()
