"""How Flax, Keras and PyTorch train: the same in every benchmark, as their guides show it."""

import os
import time

from turns import imported, repeat


def flax(network, transform, x, y, rows, after):
    """A jitted step for each batch. network: of nnx; transform: of optax; rows(): those of each batch of an epoch."""
    import jax
    import optax
    from flax import nnx

    optimizer = nnx.Optimizer(network, transform, wrt=nnx.Param)

    def cost(network, x, y):
        return optax.softmax_cross_entropy_with_integer_labels(network(x), y).mean()

    @nnx.jit
    def step(network, optimizer, x, y):
        loss, grads = nnx.value_and_grad(cost)(network, x, y)
        optimizer.update(network, grads)
        return loss

    cached = nnx.cached_partial(step, network, optimizer)  # as Flax's guide to performance advises

    def epoch():
        return float(jax.numpy.stack([cached(x[some], y[some]) for some in rows()]).mean())

    repeat(epoch, after)


def keras(backend, build, batch):
    """A form: `fit`, without a progress bar. build(keras): the layers, an Input first, and the optimizer."""

    def form(x, y, after):
        os.environ["KERAS_BACKEND"] = backend
        import keras

        imported()
        layers, optimizer = build(keras)
        model = keras.Sequential(layers)
        model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))

        class Turns(keras.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                self.began = time.perf_counter()

            def on_epoch_end(self, epoch, logs=None):
                self.model.stop_training = after(time.perf_counter() - self.began, logs["loss"])

        model.fit(x, y, batch_size=batch, epochs=10**6, verbose=0, callbacks=[Turns()])

    return form


def torch_device():
    """The graphics card, if there is one and the benchmark is for it; else the processor. Sets the seed."""
    import torch

    torch.manual_seed(0)
    return "cuda" if torch.cuda.is_available() and os.environ.get("JAX_PLATFORMS") != "cpu" else "cpu"


def torch(forward, optimizers, x, y, rows, after):
    """The usual loop. forward: from a batch to logits (batch, classes). rows(): the rows of each batch of an epoch."""
    import torch

    cost = torch.nn.CrossEntropyLoss()

    def epoch():
        losses = torch.zeros((), device=x.device)
        n = 0
        for some in rows():
            loss = cost(forward(x[some]), y[some].flatten())
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
            losses += loss.detach()
            n += 1
        return float(losses) / n

    repeat(epoch, after)


def in_order(n, batch):
    """The rows of each batch, as they lie: a function for `rows`."""
    return lambda: (slice(i, i + batch) for i in range(0, n, batch))
