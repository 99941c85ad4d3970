"""How fast does a classifier of texts train, beside PyTorch, Keras and Flax? One model, one data set, one run.

    python benchmarks/embeddings.py                # needs keras, torch, flax and optax; what is missing is left out

4,096 texts of 256 tokens, 10,000 different; Embedding(10,000, 32), the mean over the text, Dense(2); Adam at 0.001,
batches of 128, float32. The tokens are drawn so that they tell the class. Each form runs in a process of its own; they
take turns, an epoch each, while the others wait. `fit` of Keras and of this book are timed as users call them, without
a progress bar; PyTorch and Flax by the loop that their tutorials show. PyTorch has two ways: Embedding and a mean, and
EmbeddingBag, which does both at once; its gradient can also be sparse, with SparseAdam for the table.
"""

import others
import turns
from turns import imported

N, LENGTH, ROWS, N_OUT, BATCH, LR = 4096, 256, 10_000, 32, 128, 1e-3

# ------------------------------------------------------------------ the forms: each trains until `after` says stop


def deepbook(x, y, after):
    import jax

    from deepbook.embeddings import Embedding, MeanPool
    from deepbook.layers import Dense, Sequential
    from deepbook.optim import Adam
    from deepbook.train import fit

    imported()
    model = Sequential([Embedding(ROWS, N_OUT), MeanPool(), Dense(2)])
    params = model.init(jax.random.key(0), x[:1])

    def callback(epoch, params, history):
        return after(history["seconds"][-1], history["loss"][-1])

    setup = {"optimizer": Adam(LR), "epochs": 10**6, "batch_size": BATCH, "callbacks": [callback]}
    fit(model, params, (x, y), key=jax.random.key(1), **setup)


def flax(x, y, after):
    import numpy as np
    import optax
    from flax import nnx

    class Network(nnx.Module):
        def __init__(self, rngs):
            self.embed, self.dense = nnx.Embed(ROWS, N_OUT, rngs=rngs), nnx.Linear(N_OUT, 2, rngs=rngs)

        def __call__(self, x):
            return self.dense(self.embed(x).mean(1))

    random = np.random.default_rng(0)
    imported()
    others.flax(Network(nnx.Rngs(0)), optax.adam(LR), x, y, lambda: random.permutation(N).reshape(-1, BATCH), after)


def of_keras(keras):
    layers = [keras.layers.Embedding(ROWS, N_OUT), keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(2)]
    return [keras.Input((LENGTH,), dtype="int32"), *layers], keras.optimizers.Adam(LR)


def torch(bag, sparse=False):
    def form(x, y, after):
        import torch

        imported()
        device = others.torch_device()
        kind = torch.nn.EmbeddingBag if bag else torch.nn.Embedding
        embed = kind(ROWS, N_OUT, sparse=sparse, **({"mode": "mean"} if bag else {})).to(device)
        dense = torch.nn.Linear(N_OUT, 2).to(device)
        if sparse:
            optimizers = [torch.optim.SparseAdam(embed.parameters(), LR), torch.optim.Adam(dense.parameters(), LR)]
        else:
            optimizers = [torch.optim.Adam([*embed.parameters(), *dense.parameters()], LR)]
        xs, ys = torch.from_numpy(x).long().to(device), torch.from_numpy(y).long().to(device)

        def forward(x):
            h = embed(x)
            return dense(h if bag else h.mean(1))

        others.torch(forward, optimizers, xs, ys, lambda: torch.randperm(N, device=device).reshape(-1, BATCH), after)

    return form


FORMS = {
    "deepbook": (deepbook, "jax"),
    "Flax and Optax, jitted step": (flax, "flax"),
    "Keras on JAX": (others.keras("jax", of_keras, BATCH), "keras"),
    "PyTorch, Embedding": (torch(False), "torch"),
    "PyTorch, EmbeddingBag": (torch(True), "torch"),
    "PyTorch, EmbeddingBag, sparse": (torch(True, sparse=True), "torch"),
}


def texts():
    import numpy as np

    random = np.random.default_rng(0)
    y = random.integers(0, 2, N, dtype=np.int32)
    x = random.integers(0, ROWS, (N, LENGTH), dtype=np.int32)
    x[:, ::4] = x[:, ::4] // 2 + ROWS // 2 * y[:, None]
    return x, y, f"made, {LENGTH} tokens"


if __name__ == "__main__":
    options = turns.parser(__doc__, FORMS).parse_args()
    turns.main(options, FORMS, texts, f"batches of {BATCH}", against="PyTorch, EmbeddingBag", what="texts")
