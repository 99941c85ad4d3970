"""How fast are recurrent networks, beside Keras, PyTorch and Flax? One network, one data set, one run.

    python benchmarks/recurrence.py classifier      # needs keras, torch, flax and optax; what is missing is left out
    python benchmarks/recurrence.py characters --rounds 21 --out result.json

classifier  100 ids, Embedding(10,000→32), LSTM(64), Dense(2): batches of 64, an epoch is 20 of them
characters  50 ids, Embedding(65→64), LSTM(128) after every step, Dense(65): batches of 32, an epoch is 40 of them

SGD, float32, noise for text: what it says does not change the time. `fit` of Keras and of this book are timed as users
call them, without a progress bar; they shuffle. PyTorch and Flax get their batches one after the other. "Plain scan" is
this book's layer with the three lines that one reads, in place of the fast form.
--record writes the rows to chapters/results/recurrence.json, which chapter 7 shows.
"""

import others
import turns
from turns import imported

LR = 0.01
# tokens, numbers a token, units, outputs, whether after every step, length, batch, batches an epoch
NETWORKS = {
    "classifier": (10_000, 32, 64, 2, False, 100, 64, 20),
    "characters": (65, 64, 128, 65, True, 50, 32, 40),
}


def forms(network):
    n_tokens, n_embedding, n_out, n_classes, sequence, length, batch, _ = NETWORKS[network]

    def deepbook(plain):
        def form(x, y, after):
            import jax

            from deepbook import cells
            from deepbook.embeddings import Embedding
            from deepbook.layers import Dense, Sequential
            from deepbook.optim import SGD
            from deepbook.rnn import LSTM
            from deepbook.train import fit

            imported()
            if plain:
                LSTM._scan = lambda self, *arguments: cells.scan(cells.lstm_step, *arguments)
            model = Sequential([Embedding(n_tokens, n_embedding), LSTM(n_out, sequence=sequence), Dense(n_classes)])
            fit(
                model,
                model.init(jax.random.key(0), x[:1]),
                (x, y),
                key=jax.random.key(1),
                optimizer=SGD(LR),
                epochs=10**6,
                batch_size=batch,
                callbacks=[lambda epoch, params, history: after(history["seconds"][-1], history["loss"][-1])],
            )

        return form

    def flax(x, y, after):
        import optax
        from flax import nnx

        class Network(nnx.Module):
            def __init__(self, rngs):
                self.table = nnx.Embed(n_tokens, n_embedding, rngs=rngs)
                self.lstm = nnx.RNN(nnx.OptimizedLSTMCell(n_embedding, n_out, rngs=rngs))
                self.top = nnx.Linear(n_out, n_classes, rngs=rngs)

            def __call__(self, x):
                h = self.lstm(self.table(x))
                return self.top(h if sequence else h[:, -1])

        imported()
        others.flax(Network(nnx.Rngs(0)), optax.sgd(LR), x, y, others.in_order(len(x), batch), after)

    def of_keras(keras):
        table, lstm = keras.layers.Embedding(n_tokens, n_embedding), keras.layers.LSTM
        layers = [table, lstm(n_out, return_sequences=sequence), keras.layers.Dense(n_classes)]
        return [keras.Input((length,), dtype="int32"), *layers], keras.optimizers.SGD(LR)

    def torch(x, y, after):
        import torch
        from torch import nn

        imported()
        device = others.torch_device()

        class Network(nn.Module):
            def __init__(self):
                super().__init__()
                self.table = nn.Embedding(n_tokens, n_embedding)
                self.lstm = nn.LSTM(n_embedding, n_out, batch_first=True)
                self.top = nn.Linear(n_out, n_classes)

            def forward(self, x):
                h, _ = self.lstm(self.table(x))
                return self.top(h if sequence else h[:, -1]).flatten(0, -2)

        network = Network().to(device)
        xs, ys = (torch.from_numpy(a).long().to(device) for a in (x, y))
        others.torch(
            network, [torch.optim.SGD(network.parameters(), LR)], xs, ys, others.in_order(len(x), batch), after
        )

    return {
        "deepbook": (deepbook(plain=False), "jax"),
        "deepbook, plain scan": (deepbook(plain=True), "jax"),
        "PyTorch": (torch, "torch"),
        "Flax, jitted step": (flax, "flax", "optax"),
        "Keras on JAX": (others.keras("jax", of_keras, batch), "keras"),
    }


def texts(network):
    import numpy as np

    n_tokens, _, _, n_classes, sequence, length, batch, steps = NETWORKS[network]
    random, n = np.random.default_rng(0), batch * steps
    x = random.integers(0, n_tokens, (n, length), dtype=np.int32)
    return x, random.integers(0, n_classes, (n, length) if sequence else n, dtype=np.int32), "noise"


if __name__ == "__main__":
    parser = turns.parser(__doc__, forms("classifier"), rounds=15)
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("--record", action="store_true", help="keep the rows as those that the book shows")
    options = parser.parse_args()
    title = f"{options.network}, batches of {NETWORKS[options.network][6]}"
    rows = turns.main(
        options, forms(options.network), lambda: texts(options.network), title, against="PyTorch", what="texts"
    )
    if rows and options.record:
        turns.record("recurrence", options.network, rows)
