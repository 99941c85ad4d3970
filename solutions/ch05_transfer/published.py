"""Chapter 5, set 3: other people's weights, a few examples of your own, and a whole transfer.

    deepbook check published

Fair here: numpy, jax (jit, grad, lax.scan, tree.map, jax.random and jax.numpy, but not jax.nn, jax.scipy or
jax.example_libraries), and what comes with Python.
"""

import jax
import jax.numpy as jnp
import numpy as np


def to_our_axes(W, maps=None):
    """An array of a PyTorch file, with its axes in the order of this book.

    PyTorch keeps the filters of a convolution as (out, in, height, width), the weights
    of a Dense layer as (out, in), a bias as (out,), and images with their channels
    first. This book has (height, width, in, out), (in, out), (out,), and channels last.
    W: a NumPy array with 4, 2 or 1 axes.
    maps: None, or (height, width, channels), if W belongs to a Dense layer after a
    Flatten of such maps. There the inputs have another order too: in the file they are
    counted channel by channel, each of them row by row; our Flatten goes row by row,
    pixel by pixel, and takes all the channels of a pixel together.
    Returns the array as this book wants it.

    >>> to_our_axes(np.array([[1, 2], [3, 4]])).tolist()
    [[1, 3], [2, 4]]
    >>> to_our_axes(np.array([[1, 2, 3, 4]]), maps=(1, 2, 2)).ravel().tolist()
    [1, 3, 2, 4]

    Source: the documentation of PyTorch, `torch.nn.Conv2d` and `torch.nn.Linear`.
    Chapter 5: 05-transfer.html#weights-from-a-file
    """
    # BEGIN SOLUTION
    if maps is not None:
        height, width, channels = maps
        W = W.reshape(-1, channels, height, width).transpose(0, 2, 3, 1).reshape(len(W), -1)
    return W.transpose(2, 3, 1, 0) if W.ndim == 4 else W.T
    # END SOLUTION


def match_names(file, model):
    """Does a file fit the model? Compare by name, before anything is loaded.

    file, model: dicts from a name, such as "layer1.0.conv1.weight", to the shape of its
    array, a tuple. Both use the names and shapes of the file's own library. A name in
    the file that ends in "num_batches_tracked" only counts steps: pass over it.
    Returns three lists of names, each sorted:
    - what the model needs and the file lacks;
    - what the file holds and the model does not know;
    - what both have, but with different shapes.

    >>> match_names({"fc.bias": (5,), "conv.weight": (8, 3, 3, 3)}, {"fc.bias": (2,)})
    ([], ['conv.weight'], ['fc.bias'])

    Chapter 5: 05-transfer.html#weights-from-a-file
    """
    # BEGIN SOLUTION
    file = {name: shape for name, shape in file.items() if not name.endswith("num_batches_tracked")}
    differ = [name for name in model if name in file and file[name] != model[name]]
    return sorted(set(model) - set(file)), sorted(set(file) - set(model)), sorted(differ)
    # END SOLUTION


def few_shot(key, y, n):
    """Draw n examples of each class.

    key: a random key. y: (batch,) labels, integers in any order, for example 5 to 9; a
    class may have more examples than another. n: how many of each class.
    Returns an array of row numbers, as many as n times the classes, in any order: n
    different rows of each class, each class drawn on its own. The same key draws the
    same rows, another key others.
    Raises ValueError if a class has fewer than n rows.

    >>> y = np.array([7, 5, 7, 5, 7])
    >>> y[few_shot(jax.random.key(0), y, 2)].tolist()
    [5, 5, 7, 7]

    (Yours may come in another order, and be right as well.)

    Chapter 5: 05-transfer.html#few-examples
    """
    # BEGIN SOLUTION
    order = np.asarray(jax.random.permutation(key, len(y)))
    rows = []
    for label in np.unique(y):
        of_class = order[np.asarray(y)[order] == label]
        if len(of_class) < n:
            raise ValueError(f"few_shot: got {len(of_class)} examples of class {label}; needs {n}")
        rows.append(of_class[:n])
    return np.concatenate(rows)
    # END SOLUTION


def mend_transfer(old, mean, std, x, y, x_new, steps):
    """Delete the `raise` line, then mend the four wrong places below it.

    The hidden layer of a network that knows other classes is borrowed and frozen; a new
    head on it should learn new classes. Nothing raises an error here, and the loss
    falls.
    old: {"backbone": (W, b), "head": (W, b)}, trained on other classes, on inputs less
    `mean` and divided by `std`, which are (features,) and of ITS data.
    x: (batch, features) and y: (batch,): new examples and their labels, for example 5
    to 9. x_new: (m, features), to be labelled.
    The new head begins with zeros. Its weights and biases decay a little; what is
    frozen does not move at all.
    Returns two things: the params, in the form of `old`, and (m,) labels for x_new.
    The function `scores`, the loss, the learning rate, the decay and the last line are
    right as they are.

    Chapter 5: 05-transfer.html#lab-digits
    """

    # BEGIN SOLUTION
    def scores(params, x):
        (W1, b1), (W2, b2) = params["backbone"], params["head"]
        return jnp.maximum(x @ W1 + b1, 0) @ W2 + b2

    def loss(params, x, places):
        logits = scores(params, x)
        right = jnp.sum(logits * jnp.eye(len(classes))[places], axis=1)
        return jnp.mean(jnp.log(jnp.sum(jnp.exp(logits), axis=1)) - right)

    def prepare(x):
        return (x - mean) / std

    x, x_new = prepare(x), prepare(x_new)
    classes = np.unique(y)
    places = np.searchsorted(classes, y)
    head = jnp.zeros((old["head"][0].shape[0], len(classes))), jnp.zeros(len(classes))
    params = {"backbone": old["backbone"], "head": head}
    slope = jax.jit(jax.grad(loss))
    for _ in range(steps):
        grads = slope(params, x, places)
        moved = jax.tree.map(lambda w, g: w - 0.5 * (g + 0.02 * w), params, grads)
        params = {"backbone": params["backbone"], "head": moved["head"]}
    return params, classes[np.argmax(scores(params, x_new), axis=1)]
    # BEGIN STUB
    # raise NotImplementedError("mend_transfer: put four places right, then delete this line")

    # def scores(params, x):
    #     (W1, b1), (W2, b2) = params["backbone"], params["head"]
    #     return jnp.maximum(x @ W1 + b1, 0) @ W2 + b2

    # def loss(params, x, places):
    #     logits = scores(params, x)
    #     right = jnp.sum(logits * jnp.eye(len(classes))[places], axis=1)
    #     return jnp.mean(jnp.log(jnp.sum(jnp.exp(logits), axis=1)) - right)

    # def prepare(x):
    #     return (x - x.mean(axis=0)) / x.std(axis=0)

    # x, x_new = prepare(x), prepare(x_new)
    # classes = np.unique(y)
    # places = y
    # params = {"backbone": old["backbone"], "head": old["head"]}
    # slope = jax.jit(jax.grad(loss))
    # for _ in range(steps):
    #     grads = slope(params, x, places)
    #     grads["backbone"] = jax.tree.map(jnp.zeros_like, grads["backbone"])
    #     params = jax.tree.map(lambda w, g: w - 0.5 * (g + 0.02 * w), params, grads)
    # return params, classes[np.argmax(scores(params, x_new), axis=1)]
    # END SOLUTION


def transfer_digits(backbone, x, y):
    """Make it learn: digits that a network has never met, from ten examples of each.

    backbone: a frozen function, from images (batch, 64) to features (batch, 256): the
    hidden layer of a network that has learned to read 0 to 4. The images were taken
    under lamps of all kinds: each is brighter or darker as a whole, and brighter
    towards one side.
    x: (batch, 64) images of 5, 6, 7, 8 and 9, a few of each. y: (batch,) the digits.
    Returns (W, b), the weights of a head, (256, 5) and (5,): column 0 scores the digit
    5, column 4 the digit 9. The test scores unseen images by backbone(images) @ W + b:
    with ten examples of each, at least 75 of 100 must be right, and with five of each
    more than from scratch.
    It takes less than a second: ask the backbone once, then train on its features.

    Chapter 5: 05-transfer.html#lab-digits
    """
    # BEGIN SOLUTION
    seen, target = np.asarray(backbone(x)), np.eye(5)[np.asarray(y) - 5]
    size = seen.std()
    W, b = np.zeros((seen.shape[1], 5)), np.zeros(5)
    for _ in range(200):
        logits = seen / size @ W + b
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        error = (p / p.sum(axis=1, keepdims=True) - target) / len(x)
        W, b = W - 0.1 * (seen / size).T @ error, b - 0.1 * error.sum(axis=0)
    return W / size, b
    # END SOLUTION
