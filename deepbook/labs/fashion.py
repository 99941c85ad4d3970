"""Shirts, shoes and bags: does dropout and stopping in time help a network on Fashion-MNIST?"""

import sys

from deepbook import labs
from deepbook.labs.digits import train_and_show
from deepbook.layers import Dense, Dropout, Flatten, Relu, Sequential
from deepbook.optim import Adam, Exponential
from deepbook.train import EarlyStopping

MODEL = Sequential([Flatten(), Dense(512), Relu(), Dropout(0.25), Dense(10)])
# The rate falls to 0.4 of itself in every 10 epochs of 270 steps: the later steps settle (chapter 3, "Schedules").
OPTIMIZER = Adam(Exponential(1e-3, steps=2700, factor=0.4))


def run(seeds, out, quick=False, epochs=60, patience=3) -> dict:
    """Train until the validation loss has not improved for `patience` epochs. quick: one epoch, one seed."""
    seeds, epochs = (seeds[:1], 1) if quick else (seeds, epochs)
    stop = EarlyStopping(patience=patience)
    return train_and_show(MODEL, "fashion-mnist", seeds, out, epochs, 200, callbacks=[stop], optimizer=OPTIMIZER)


def main(argv=None) -> int:
    return labs.start("fashion", run, argv, seeds=3, epochs=60, patience=3)


if __name__ == "__main__":
    sys.exit(main())
