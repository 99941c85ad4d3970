"""Chapter 1: the perceptron.

Symbols, the same throughout the chapter:
    x       (batch, features) inputs; one example is (features,)
    y       (batch,) labels, 0 or 1
    W, b    (features,) weights and a scalar bias; `params` is the pair (W, b)
    z       W·x + b, the weighted sum; in logistic regression it is called the logit
    p       sigmoid(z), the probability of class 1
    lr      the learning rate
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

# ------------------------------------------------------------------ one neuron


def init(n_in):
    """The parameters that know nothing: all weights zero, and the bias zero.

    n_in: how many features an example has.
    Returns (W, b), float32 arrays of shapes (n_in,) and ().
    """
    return jnp.asarray(np.zeros(n_in, np.float32)), jnp.asarray(np.float32(0))


def weighted_sum(params, x):
    """How strongly `x` speaks for class 1: W·x + b.

    params: (W, b), of shapes (features,) and ().
    x:      (..., features) floats, one example or a batch of them.
    Returns z, of shape (...).
    Raises ValueError if x has not as many features as there are weights.
    Chapter 1, "One neuron".

    >>> float(weighted_sum((jnp.array([1., 2.]), 1.), jnp.array([1., 3.])))
    8.0
    """
    W, b = params
    x = jnp.asarray(x)
    if x.shape[-1:] != jnp.shape(W):
        raise ValueError(
            f"weighted_sum: got x of shape {x.shape} and W of shape {jnp.shape(W)}; "
            "needs as many features (the last axis of x) as weights; "
            "try init(x.shape[-1])"
        )
    return x @ W + b


def neuron(params, x, activation):
    """One artificial neuron: an activation of the weighted sum of its inputs.

    params:     (W, b), of shapes (features,) and ().
    x:          (..., features) floats.
    activation: a function of the weighted sum: `relu`, `step`, `sigmoid`.
    Returns an array of shape (...).
    Chapter 1, "One neuron"; McCulloch and Pitts (1943).

    >>> float(neuron((jnp.array([1., 2.]), 1.), jnp.array([1., 3.]), relu))
    8.0
    """
    return activation(weighted_sum(params, x))


def relu(z):
    """The positive part: z where z is positive, otherwise 0. Any shape in, the same shape out."""
    return jnp.where(jnp.asarray(z) <= 0, 0.0, z)  # at 0 the slope is 0, and NaN stays NaN


def step(z):
    """Yes or no: 1.0 where z is positive, otherwise 0.0. Any shape in, the same shape out.

    Its slope is 0 wherever it has one, so `jax.grad` through it gives only zeros.
    Chapter 1, "A neuron that decides"; Rosenblatt (1957).
    """
    return jnp.where(jnp.asarray(z) > 0, 1.0, 0.0)


def predict(params, x):
    """The perceptron's answer, 0.0 or 1.0, to one example or to a batch.

    params: (W, b). x: (..., features) floats. Returns an array of shape (...).
    Chapter 1, "A neuron that decides".
    """
    return neuron(params, x, step)


def accuracy(params, x, y):
    """The fraction of examples that are answered rightly, between 0 and 1.

    params: (W, b). x: (batch, features) floats. y: (batch,) labels, 0 or 1.
    Returns a scalar. A logistic neuron that says yes at p > 1/2 scores the same: its boundary is the same.
    Raises ValueError if x and y do not match. Chapter 1, "When it does not stop".
    """
    x, y = check_shapes("accuracy", x, y)
    return jnp.mean(predict(params, x) == y)


# The gates, as perceptrons: someone chose these weights by hand. Inputs are 0 or 1.
AND = np.array([1, 1], np.float32), np.float32(-1.5)
OR = np.array([1, 1], np.float32), np.float32(-0.5)
NAND = np.array([-1, -1], np.float32), np.float32(1.5)
NOT = np.array([-1], np.float32), np.float32(0.5)


# ------------------------------------------------------------------ Rosenblatt's rule


def update(params, x, y, lr=1.0):
    """One step of Rosenblatt's rule: no change if the answer was right, else turn towards the example.

    params: (W, b). x: (features,), one example. y: its label, 0 or 1. lr: the size of the step.
    Returns (params, mistake), where mistake is 1.0 if the answer had been wrong, else 0.0.
    Chapter 1, "Learning from mistakes"; Rosenblatt (1958).
    """
    W, b = params
    # 1: said no, was yes.  -1: said yes, was no.  0: right
    error = y - predict(params, x)
    return (W + lr * error * x, b + lr * error), jnp.abs(error)


@partial(jax.jit, static_argnames="epochs")
def _fit(params, x, y, lr, epochs):
    def learn(params, example):
        return update(params, *example, lr)

    def epoch(params, _):
        params, mistakes = lax.scan(learn, params, (x, y))
        return params, mistakes.sum().astype(jnp.int32)

    return lax.scan(epoch, params, length=epochs)


def fit(params, x, y, epochs=10, lr=1.0):
    """Rosenblatt's rule on every example in its given order, `epochs` times over.

    params: (W, b), where to start: init(n_in).
    x:      (batch, features) floats. y: (batch,) labels, 0 or 1.
    Returns (params, mistakes); mistakes is (epochs,) ints. A 0 means that the classes are told apart:
    from then on nothing changes.
    Raises ValueError if x and y do not match, a label is not 0 or 1, or x holds NaN or infinity.
    Chapter 1, "Learning from mistakes"; Rosenblatt (1958).

    >>> x, y = jnp.array([[0., 0.], [0., 1.], [1., 0.], [1., 1.]]), jnp.array([0., 0., 0., 1.])
    >>> params, mistakes = fit(init(2), x, y, epochs=6)
    >>> mistakes.tolist()
    [1, 3, 3, 2, 1, 0]
    """
    x, y = check_examples("fit", x, y)
    return _fit(_floats(params), x, y, lr, epochs)


def mistake_bound(params, x, y):
    """The most mistakes that Rosenblatt's rule can make, ever, from zero weights: (R/γ)².

    params: (W, b) that separate the classes; the bound is best where their margin γ is widest.
    R is the length of the longest example and γ the distance from the boundary to the nearest, both
    measured with a 1 appended to each example, for the bias.
    Returns a scalar; infinity if params do not separate the classes.
    Raises as `fit` does. Chapter 1, "Why it stops"; Novikoff (1962).
    """
    x, y = check_examples("mistake_bound", x, y)
    W, b = params
    radius2 = jnp.max(jnp.sum(x**2, axis=-1) + 1)
    signed = jnp.where(y == 1, 1.0, -1.0) * weighted_sum(params, x)
    margin = jnp.min(signed) / jnp.sqrt(jnp.sum(W**2) + b**2)
    return jnp.where(margin > 0, radius2 / margin**2, jnp.inf)


# ------------------------------------------------------------------ logistic regression


def sigmoid(z):
    """From evidence to probability: 1 / (1 + exp(-z)), between 0 and 1. Any shape in, the same shape out.

    Written as exp(-log(1 + exp(-z))), so that z = ±1000 is as safe as ±1, and so is the gradient.
    Its slope is p (1 - p), at most 1/4. Chapter 1, "From yes or no to how sure".

    >>> float(sigmoid(0.0))
    0.5
    """
    return jnp.exp(-jnp.logaddexp(0.0, -jnp.asarray(z, float)))


def loss(params, x, y):
    """Binary cross-entropy: the mean surprise, in nats, at the true labels.

    params: (W, b). x: (batch, features) floats. y: (batch,) labels, 0 or 1.
    Returns a scalar >= 0: the mean of -log p where y is 1 and of -log(1 - p) where y is 0.
    Zero weights score log 2 = 0.693. Computed from the logit as log(1 + exp(z)) - y z, which cannot overflow.
    Raises ValueError if x and y do not match. Chapter 1, "What surprise costs".

    >>> round(float(loss(init(2), jnp.ones((4, 2)), jnp.array([0., 1., 1., 0.]))), 3)
    0.693
    """
    x, y = check_shapes("loss", x, y)
    z = weighted_sum(params, x)
    return jnp.mean(jnp.logaddexp(0.0, z) - y * z)


def gradient(params, x, y):
    """The gradient of `loss`, derived by hand: the mean of (p - y)·x, and of p - y.

    Takes what `loss` takes; returns (dW, db), of the shapes of W and b. Equal to `jax.grad(loss)`.
    Chapter 1, "Its gradient".
    """
    x, y = check_shapes("gradient", x, y)
    error = sigmoid(weighted_sum(params, x)) - y  # (batch,)
    return error @ x / len(y), jnp.mean(error)


@jax.jit
def _descend(params, x, y, lr, tol, max_steps):
    def steep(state):
        _, (dW, db), steps = state
        return (steps < max_steps) & (jnp.sqrt(jnp.sum(dW**2) + db**2) > tol)

    def step_down(state):
        params, grads, steps = state
        params = jax.tree.map(lambda w, g: w - lr * g, params, grads)
        return params, jax.grad(loss)(params, x, y), steps + 1

    start = params, jax.grad(loss)(params, x, y), jnp.zeros((), jnp.int32)
    params, _, steps = lax.while_loop(steep, step_down, start)
    return params, steps


def fit_logistic(params, x, y, lr=1.0, tol=1e-5, max_steps=100_000):
    """Logistic regression by gradient descent, until the gradient is shorter than `tol`.

    params: (W, b), where to start. x: (batch, features) floats, best of mean 0 and deviation 1.
    y: (batch,) labels, 0 or 1.
    Returns (params, steps). steps == max_steps means that it did not converge: lr too large, or classes
    that a line separates completely, where the best weights are infinite.
    Raises ValueError as `fit` does. Chapter 1, "Downhill".
    """
    x, y = check_examples("fit_logistic", x, y)
    return _descend(_floats(params), x, y, lr, tol, max_steps)


# ------------------------------------------------------------------ bad input


def _floats(params):
    """`params` as float32 JAX arrays: a scan must give back the types that it was given."""
    return jax.tree.map(lambda p: jnp.asarray(p, jnp.float32), tuple(params))


def check_shapes(name, x, y):
    """`x` and `y` as arrays of floats, after making sure that they belong together. Costs nothing under `jit`.

    Raises ValueError, beginning with `name`, unless x is (batch, features) and y is (batch,).
    """
    x, y = jnp.asarray(x, float), jnp.asarray(y, float)
    if x.ndim != 2:
        raise ValueError(
            f"{name}: got x of shape {x.shape}; needs (batch, features); "
            "try x.reshape(len(x), -1) for a batch, x[None] for one example"
        )
    if y.shape != x.shape[:1]:
        raise ValueError(
            f"{name}: got {x.shape[0]} examples and labels of shape {y.shape}; "
            f"needs one label for each example, shape ({x.shape[0]},); check how x and y were cut"
        )
    return x, y


def check_examples(name, x, y):
    """As `check_shapes`, and looks at the values too, where they are known (they are not inside `jit`).

    Raises ValueError, beginning with `name`, if there is no example, x holds NaN or infinity,
    or a label is neither 0 nor 1.
    """
    x, y = check_shapes(name, x, y)
    if len(y) == 0:
        raise ValueError(f"{name}: got no examples; needs at least one; check how x was cut")
    if not isinstance(x, jax.core.Tracer) and not (finite := np.isfinite(x).all(axis=1)).all():
        row = int(np.argmin(finite))
        raise ValueError(f"{name}: got NaN or infinity in x, first in row {row}; needs numbers; drop or fill such rows")
    if not isinstance(y, jax.core.Tracer) and not (known := np.isin(y, (0, 1))).all():
        row = int(np.argmin(known))
        raise ValueError(
            f"{name}: got the label {float(y[row]):g} in row {row}; needs 0 or 1; for -1 and 1 try (y > 0)"
        )
    return x, y
