"""How fast is training, beside Keras, PyTorch and Flax? One model, one data set, one run.

    python benchmarks/train.py                       # needs keras, torch, flax and optax; what is missing is left out
    python benchmarks/train.py --rounds 30 --out result.json

784-100-100-10 with ReLU, Adam at 0.001, batches of 128, 59,904 images (of MNIST where it is at hand, else noise of the
same shape), float32. Each form runs in a process of its own. They take turns, an epoch each, while the others wait, so
that a machine that is busy for a moment is busy for all. `fit` of Keras and of this book are timed as users call them,
without a progress bar; PyTorch and Flax by the loop that their tutorials show, with batches cut by index, which is
faster than a DataLoader.
"""

import os
import time
from itertools import pairwise

import turns
from turns import imported, repeat

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
    "Keras on PyTorch": (keras("torch"), "keras", "torch"),
    "PyTorch, eager": (torch(False), "torch"),
    "PyTorch, eager, fused Adam": (torch(False, fused=True), "torch"),
    "PyTorch, compiled, fused Adam": (torch(True, fused=True), "torch"),
}


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


if __name__ == "__main__":
    options = turns.parser(__doc__, FORMS).parse_args()
    turns.main(options, FORMS, images, f"batches of {BATCH}", against="PyTorch, eager")
