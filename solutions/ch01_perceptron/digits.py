"""Chapter 1, set 4: make it learn. Your own perceptron reads real handwriting.

    deepbook check digits

Fair here: numpy, what comes with Python, and your own files, for example:

    from ch01_perceptron.learning import learn

The digits are 8 by 8 pixels, laid out as 64 numbers from 0 to 1.
"""

import numpy as np
from ch01_perceptron.learning import learn


def train(x, y):
    """Train a perceptron to tell an 8 from a 3, until no training digit is wrong.

    x: (batch, 64) pixels. y: (batch,) labels: 1 for an eight, 0 for a three.
    Returns W, of shape (64,), and b, a number.
    The test asks it about digits that it has never seen: at least 95 of 100 must be
    right.

    Chapter 1: 01-perceptron.html#lab-two-digits
    """
    # BEGIN SOLUTION
    W, b, _ = learn(x, y, 50, 1.0)
    return W, b
    # END SOLUTION


def train_ten(x, y):
    """Ten perceptrons, one for each digit, each trained to say "that is mine".

    x: (batch, 64) pixels. y: (batch,) the digits, 0 to 9.
    Returns W, of shape (64, 10), column k for the digit k, and b, of shape (10,). The
    answer to a new digit is the k with the largest x @ W + b. At least 90 of 100 must
    be right.

    Chapter 1: 01-perceptron.html#lab-two-digits
    """
    # BEGIN SOLUTION
    each = [learn(x, y == digit, 10, 1.0) for digit in range(10)]
    return np.stack([W for W, _, _ in each], axis=1), np.array([b for _, b, _ in each])
    # END SOLUTION
