"""How fast is training, beside Keras, PyTorch and Flax? One model, one data set, one run.

    python benchmarks/train.py                       # needs keras, torch, flax and optax; what is missing is left out
    python benchmarks/train.py --rounds 30 --out result.json

784-100-100-10 with ReLU, Adam at 0.001, batches of 128, 59,904 images (of MNIST where it is at hand, else noise of the
same shape), float32. Each form runs in a process of its own. They take turns, an epoch each, while the others wait, so
that a machine that is busy for a moment is busy for all. `fit` of Keras and of this book are timed as users call them,
without a progress bar; PyTorch and Flax by the loop that their tutorials show, with batches cut by index, which is
faster than a DataLoader.
"""

from itertools import pairwise

import others
import turns
from turns import imported

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
    import numpy as np
    import optax
    from flax import nnx

    class Network(nnx.Module):
        def __init__(self, rngs):
            self.a, self.b, self.c = (nnx.Linear(*pair, rngs=rngs) for pair in pairwise(SIZES))

        def __call__(self, x):
            return self.c(nnx.relu(self.b(nnx.relu(self.a(x)))))

    random = np.random.default_rng(0)
    imported()
    others.flax(Network(nnx.Rngs(0)), optax.adam(LR), x, y, lambda: random.permutation(N).reshape(-1, BATCH), after)


def of_keras(keras):
    layers = [keras.layers.Dense(100, "relu"), keras.layers.Dense(100, "relu"), keras.layers.Dense(10)]
    return [keras.Input((784,)), *layers], keras.optimizers.Adam(LR)


def torch(compiled, **options):
    def form(x, y, after):
        import torch

        imported()
        device = others.torch_device()
        pairs = [torch.nn.Linear(*pair) for pair in pairwise(SIZES)]
        network = torch.nn.Sequential(pairs[0], torch.nn.ReLU(), pairs[1], torch.nn.ReLU(), pairs[2]).to(device)
        optimizer = torch.optim.Adam(network.parameters(), LR, **options)
        forward = torch.compile(network) if compiled else network
        xs, ys = torch.from_numpy(x).to(device), torch.from_numpy(y).long().to(device)

        others.torch(forward, [optimizer], xs, ys, lambda: torch.randperm(N, device=device).reshape(-1, BATCH), after)

    return form


FORMS = {
    "deepbook": (deepbook, "jax"),
    "Flax and Optax, jitted step": (flax, "flax"),
    "Keras on JAX": (others.keras("jax", of_keras, BATCH), "keras"),
    "Keras on PyTorch": (others.keras("torch", of_keras, BATCH), "keras", "torch"),
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
