"""How well does a network with one hidden layer read the 70,000 digits of MNIST?"""

import sys

from deepbook import labs
from deepbook.labs.digits import train_and_show
from deepbook.layers import Dense, Flatten, Relu, Sequential

# 784-128-10: 101,770 parameters
MODEL = Sequential([Flatten(), Dense(128), Relu(), Dense(10)])


def run(seeds, out, quick=False, epochs=15) -> dict:
    """Train once for each seed, in batches of 200 with Adam, 10 % held out. quick: one epoch, one seed."""
    return train_and_show(MODEL, "mnist", seeds[:1] if quick else seeds, out, 1 if quick else epochs, batch_size=200)


def main(argv=None) -> int:
    return labs.start("mnist", run, argv, seeds=3, epochs=15)


if __name__ == "__main__":
    sys.exit(main())
