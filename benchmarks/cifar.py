"""Does the network of chapter 4 learn as much as the same one in Keras? The same photos, the same settings, one run.

    KERAS_BACKEND=torch python benchmarks/cifar.py --photos 10000 --seeds 3 --out result.json

conv64-pool-conv128-pool-conv256-pool-dense128-dropout0.25-dense10 on CIFAR-10; Adam at 0.001, batches of 100, every
tenth photo for validation, at most 40 epochs, stopped after 3 without improvement, the best weights kept; the test
accuracy of each seed, by turns. Each library draws its own first weights, orders and dropout.
"""

import argparse
import json
import statistics
import time

BATCH, EPOCHS, PATIENCE = 100, 40, 3


def deepbook(seed, train, validation, test):
    import jax

    from deepbook.architectures import conv_pool
    from deepbook.losses import accuracy
    from deepbook.optim import Adam
    from deepbook.train import EarlyStopping, evaluate, fit

    init_key, fit_key = jax.random.split(jax.random.key(seed))
    model = conv_pool(10)
    params, history = fit(
        model,
        model.init(init_key, train[0][:1]),
        train,
        key=fit_key,
        optimizer=Adam(1e-3),
        epochs=EPOCHS,
        batch_size=BATCH,
        validation=validation,
        callbacks=[EarlyStopping(PATIENCE)],
    )
    return evaluate(model, params, test, metrics=[accuracy])["accuracy"], len(history["loss"])


def keras(seed, train, validation, test):
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((32, 32, 3))])
    for n in (64, 128, 256):
        model.add(layers.Conv2D(n, 3, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D(2))
    for layer in (layers.Flatten(), layers.Dense(128, "relu"), layers.Dropout(0.25), layers.Dense(10)):
        model.add(layer)
    assert model.count_params() == 896_522
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-3), loss, metrics=["accuracy"])
    stop = keras.callbacks.EarlyStopping(patience=PATIENCE, restore_best_weights=True)
    said = model.fit(*train, BATCH, EPOCHS, verbose=0, validation_data=validation, callbacks=[stop])
    return model.evaluate(*test, batch_size=1000, verbose=0)[1], len(said.history["loss"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=10_000, help="how many training photos (%(default)s)")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", help="a file for the numbers, JSON")
    options = parser.parse_args()
    from deepbook import data

    (x, y), test, _ = data.load("cifar10")
    x, y = x[: options.photos], y[: options.photos]
    held = [i % 10 == 0 for i in range(len(x))]
    rest = [not each for each in held]
    found = {"deepbook": [], "Keras": []}
    for seed in range(options.seeds):
        for name, form in (("deepbook", deepbook), ("Keras", keras)):
            began = time.perf_counter()
            accuracy, epochs = form(seed, (x[rest], y[rest]), (x[held], y[held]), test)
            found[name].append({"seed": seed, "accuracy": accuracy, "epochs": epochs})
            seconds = time.perf_counter() - began
            print(f"{name}, seed {seed}: {accuracy:.2%} after {epochs} epochs, {seconds:.0f} s", flush=True)
    for name, each in found.items():
        numbers = [one["accuracy"] for one in each]
        print(f"{name}: mean {statistics.mean(numbers):.2%}, from {min(numbers):.2%} to {max(numbers):.2%}")
    if options.out:
        with open(options.out, "w", encoding="utf-8") as file:
            json.dump({"photos": len(x), **found}, file, indent=1)


if __name__ == "__main__":
    main()
