"""How fast are convolutions, beside Keras, PyTorch and Flax? One network, one data set, one run.

    python benchmarks/convolutions.py small      # needs keras, torch and flax; what is missing is left out
    python benchmarks/convolutions.py cifar --rounds 11 --out result.json
    python benchmarks/convolutions.py lab

small  28 × 28 × 1: conv32-pool-conv64-pool-dense128-dense10
cifar  32 × 32 × 3: conv32-conv32-pool-conv64-conv64-pool-dense512-dense10
lab    32 × 32 × 3: conv64-pool-conv128-pool-conv256-pool-dense128-dense10, chapter 4's, without its dropout

3 × 3 filters with padding, ReLU, 2 × 2 max pooling, SGD, batches of 64, float32, noise for images: what they show does
not change the time. PyTorch gets the layout in which it is fastest on a CPU, channels last, and its batches one after
the other. `fit` of Keras and of this book are timed as users call them, without a progress bar; they shuffle.
--record writes the rows to chapters/results/convolutions.json, which chapter 4 shows.
"""

import others
import turns
from turns import imported

BATCH, LR = 64, 0.01
# the image, how many filters and whether a pooling follows, the dense layers, how many images make an epoch
NETWORKS = {
    "small": ((28, 28, 1), ((32, True), (64, True)), (128, 10), 3200),
    "cifar": ((32, 32, 3), ((32, False), (32, True), (64, False), (64, True)), (512, 10), 1280),
    "lab": ((32, 32, 3), ((64, True), (128, True), (256, True)), (128, 10), 1280),
}


def forms(network):
    shape, convolutions, (hidden, n_classes), _ = NETWORKS[network]

    def deepbook(x, y, after):
        import jax

        from deepbook.cnn import Conv, MaxPool
        from deepbook.layers import Dense, Flatten, Relu, Sequential
        from deepbook.optim import SGD
        from deepbook.train import fit

        imported()
        layers = []
        for n_out, pooled in convolutions:
            layers += [Conv(n_out, (3, 3)), Relu(), *[MaxPool((2, 2))] * pooled]
        model = Sequential([*layers, Flatten(), Dense(hidden), Relu(), Dense(n_classes)])
        fit(
            model,
            model.init(jax.random.key(0), x[:1]),
            (x, y),
            key=jax.random.key(1),
            optimizer=SGD(LR),
            epochs=10**6,
            batch_size=BATCH,
            callbacks=[lambda epoch, params, history: after(history["seconds"][-1], history["loss"][-1])],
        )

    def flax(x, y, after):
        import optax
        from flax import nnx

        class Network(nnx.Module):
            def __init__(self, rngs):
                n_in, size = shape[-1], shape[0]
                self.convolutions = nnx.List()
                for n_out, pooled in convolutions:
                    self.convolutions.append(nnx.Conv(n_in, n_out, (3, 3), rngs=rngs))
                    n_in, size = n_out, size // 2 if pooled else size
                self.hidden = nnx.Linear(size * size * n_in, hidden, rngs=rngs)
                self.top = nnx.Linear(hidden, n_classes, rngs=rngs)

            def __call__(self, x):
                for layer, (_, pooled) in zip(self.convolutions, convolutions, strict=True):
                    x = nnx.relu(layer(x))
                    x = nnx.max_pool(x, (2, 2), (2, 2)) if pooled else x
                return self.top(nnx.relu(self.hidden(x.reshape(len(x), -1))))

        imported()
        others.flax(Network(nnx.Rngs(0)), optax.sgd(LR), x, y, others.in_order(len(x), BATCH), after)

    def of_keras(keras):
        layers = [keras.Input(shape)]
        for n_out, pooled in convolutions:
            layers.append(keras.layers.Conv2D(n_out, 3, padding="same", activation="relu"))
            layers += [keras.layers.MaxPooling2D(2)] * pooled
        layers += [keras.layers.Flatten(), keras.layers.Dense(hidden, "relu"), keras.layers.Dense(n_classes)]
        return layers, keras.optimizers.SGD(LR)

    def torch(x, y, after):
        import torch
        from torch import nn

        imported()
        device = others.torch_device()
        layers, n_in, size = [], shape[-1], shape[0]
        for n_out, pooled in convolutions:
            layers += [nn.Conv2d(n_in, n_out, 3, padding=1), nn.ReLU(), *[nn.MaxPool2d(2)] * pooled]
            n_in, size = n_out, size // 2 if pooled else size
        top = [nn.Flatten(), nn.Linear(size * size * n_in, hidden), nn.ReLU(), nn.Linear(hidden, n_classes)]
        network = nn.Sequential(*layers, *top).to(device, memory_format=torch.channels_last)
        xs = torch.from_numpy(x.transpose(0, 3, 1, 2).copy()).to(device, memory_format=torch.channels_last)
        ys = torch.from_numpy(y).long().to(device)
        others.torch(
            network, [torch.optim.SGD(network.parameters(), LR)], xs, ys, others.in_order(len(x), BATCH), after
        )

    return {
        "deepbook": (deepbook, "jax"),
        "PyTorch, channels last": (torch, "torch"),
        "Flax, jitted step": (flax, "flax", "optax"),
        "Keras on JAX": (others.keras("jax", of_keras, BATCH), "keras"),
        "Keras on PyTorch": (others.keras("torch", of_keras, BATCH), "keras", "torch"),
    }


def images(network):
    import numpy as np

    shape, _, (_, n_classes), n = NETWORKS[network]
    random = np.random.default_rng(0)
    return random.normal(size=(n, *shape)).astype(np.float32), random.integers(0, n_classes, n, dtype=np.int32), "noise"


if __name__ == "__main__":
    parser = turns.parser(__doc__, forms("small"), rounds=11)
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("--record", action="store_true", help="keep the rows as those that the book shows")
    options = parser.parse_args()
    title = f"{options.network}, batches of {BATCH}"
    rows = turns.main(
        options, forms(options.network), lambda: images(options.network), title, against="PyTorch, channels last"
    )
    if rows and options.record:
        turns.record("convolutions", options.network, rows)
