"""Chapter 1, set 2: Rosenblatt's rule, built in NumPy.

    deepbook check learning

Fair here: numpy, and what comes with Python. Labels y are 0 or 1. The perceptron answers
1 where W·x + b > 0, otherwise 0.
"""

import numpy as np


def update(W, b, x, y, lr):
    """One step of the perceptron learning rule, on one example.

    W: (features,) array. b: a number. x: (features,) array. y: its label, 0 or 1. lr:
    the learning rate.
    If the answer to x is right, nothing changes. If not, W and b move by lr times the
    error y - answer, so that x would be answered better.
    Returns three things: the new W, the new b, and True if the answer had been a
    mistake (else False).

    >>> W, b, mistake = update(np.array([0.0, 0.0]), 0.0, np.array([1.0, 2.0]), 1, 0.5)
    >>> W.tolist(), b, mistake
    ([0.5, 1.0], 0.5, True)

    Chapter 1: 01-perceptron.html#learning-from-mistakes
    """
    raise NotImplementedError("update: put your answer here")


def learn(x, y, epochs, lr):
    """The perceptron learning rule over all examples in their order, `epochs` times.

    Start from zero weights and a zero bias. Use your `update` from above.
    x: (batch, features) array. y: (batch,) labels. epochs: how many times to go through
    all examples.
    Returns three things: W, b, and a list with the number of mistakes made during each
    epoch.

    >>> x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 0, 0, 1])
    >>> W, b, mistakes = learn(x, y, 6, 1.0)
    >>> mistakes
    [1, 3, 3, 2, 1, 0]

    Chapter 1: 01-perceptron.html#learning-from-mistakes
    """
    raise NotImplementedError("learn: put your answer here")


def mend(x, y, epochs):
    """Delete the `raise` line, then mend the three wrong lines below it.

    It should do what `learn` does with a learning rate of 1: return W, b, and the list
    of mistakes of each epoch. Do not call `learn`: the point is to find what is wrong.

    Chapter 1: 01-perceptron.html#learning-from-mistakes
    """
    raise NotImplementedError("mend: delete this line, then put three lines right")
    W, b, history = np.zeros(x.shape[1]), 0.0, []
    for _ in range(epochs):
        mistakes = 0
        for i in range(len(x)):
            answer = 1 if W @ x[i] + b > 0 else 0
            error = answer - y[i]
            W = W + error * x[i]
            b = b + error * b
            mistakes += int(error)
        history.append(mistakes)
    return W, b, history


def predict_rate():
    """Predict, then measure: what does a smaller learning rate change?

    Think before you run anything. One perceptron learns with lr = 1, another with lr =
    0.125, from the same examples in the same order, both from zero weights. Return two
    things:
    - how many mistakes the second makes in all, beside the first: "more", "fewer" or
      "same";
    - how many times longer the first one's final W is than the second one's: a number.

    The test measures it. So can you, with your own `learn`.

    Chapter 1: 01-perceptron.html#learning-from-mistakes
    """
    raise NotImplementedError("predict_rate: put your answer here")


def pocket(x, y, epochs):
    """The perceptron with a pocket: for classes that no line separates.

    Run the learning rule as `learn` does, with a learning rate of 1. Keep the best
    weights seen so far in your pocket: the ones that answer the most of ALL the
    examples rightly. Look after every update, and begin with the zero weights in your
    pocket. Put new weights there only if they are strictly better.
    Returns three things: the W and b from the pocket, and how many examples they answer
    rightly (an int).

    Source: Gallant (1990), "Perceptron-based learning algorithms".
    Chapter 1: 01-perceptron.html#when-it-does-not-stop
    """
    raise NotImplementedError("pocket: put your answer here")
