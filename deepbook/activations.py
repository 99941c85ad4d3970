"""Chapter 2: activations, each with its slope.

Without an activation between them, two layers are one: a product of two matrices is a matrix. Each function stands here
beside its derivative, and both take an array of any shape and give one of the same shape:
    z       the weighted sums of a layer
    slope   of f at z: how much f(z) changes for a small change of z

`step`, `sigmoid` and `relu` come from chapter 1. `softmax` is no function of single numbers and has a Jacobian in place
of a slope; where it is used, its gradient is that of the cross-entropy (chapter 2, "Backpropagation").
"""

import jax.numpy as jnp
import numpy as np
from jax import lax

from deepbook.perceptron import relu, sigmoid, step

__all__ = [
    "elu",
    "gaussian",
    "gelu",
    "leaky_relu",
    "log_softmax",
    "relu",
    "selu",
    "sigmoid",
    "slope",
    "softmax",
    "step",
    "tanh",
]

# The two numbers for which a layer's outputs keep mean 0 and variance 1: Klambauer et al. (2017), equation 14.
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


def step_slope(z):
    """Zero everywhere: a small change of z changes nothing, so nothing can be learned through a step."""
    return jnp.zeros_like(_floats(z))


def sigmoid_slope(z):
    """σ(z) (1 − σ(z)): at most 1/4, at z = 0."""
    p = sigmoid(z)
    return p * (1 - p)


def tanh(z):
    """A sigmoid that is stretched to go from −1 to 1, through 0. Chapter 2, "Activations"."""
    return jnp.tanh(z)


def tanh_slope(z):
    """1 − tanh²(z): at most 1, at z = 0."""
    return 1 - jnp.tanh(z) ** 2


def relu_slope(z):
    """1 where z is positive, otherwise 0. At 0 itself, where there is no slope, we choose 0."""
    return jnp.where(_floats(z) > 0, 1.0, 0.0)


def leaky_relu(z, slope=0.01):
    """ReLU that lets a little through: z where positive, otherwise slope·z. Maas et al. (2013).

    slope: the slope on the negative side; it is never 0, so no unit is dead.
    """
    z = _floats(z)
    return jnp.where(z > 0, z, slope * z)


def leaky_relu_slope(z, slope=0.01):
    """1 where z is positive, otherwise `slope`."""
    return jnp.where(_floats(z) > 0, 1.0, slope)


def elu(z, alpha=1.0):
    """z where positive, otherwise alpha (eᶻ − 1): bends smoothly towards −alpha. Clevert et al. (2016)."""
    z = _floats(z)
    return jnp.where(z > 0, z, alpha * jnp.expm1(_negative(z)))


def elu_slope(z, alpha=1.0):
    """1 where z is positive, otherwise alpha eᶻ."""
    z = _floats(z)
    return jnp.where(z > 0, 1.0, alpha * jnp.exp(_negative(z)))


def selu(z):
    """ELU with the two constants that keep a deep network's signals at mean 0, variance 1. Klambauer et al. (2017)."""
    return SELU_SCALE * elu(z, SELU_ALPHA)


def selu_slope(z):
    """The slope of `elu`, with SELU's two constants."""
    return SELU_SCALE * elu_slope(z, SELU_ALPHA)


def gelu(z):
    """z times the chance that a standard normal number is below z: ReLU, rounded off. Hendrycks and Gimpel (2016)."""
    z = _floats(z)
    return z * _normal_below(z)


def gelu_slope(z):
    """Φ(z) + z φ(z), with the normal distribution Φ and its density φ."""
    z = _floats(z)
    return _normal_below(z) + z * jnp.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def gaussian(z):
    """exp(−z²): a bump. It says yes near 0 and no far away, on both sides."""
    return jnp.exp(-(_floats(z) ** 2))


def gaussian_slope(z):
    """−2z exp(−z²)."""
    return -2 * z * gaussian(z)


def softmax(z):
    """From scores to probabilities: exp(z) divided by its sum over the last axis.

    z: (..., classes) floats. Returns the same shape; each row is positive and sums to 1.
    The largest score is subtracted first: that changes nothing, and exp can no longer overflow.
    Chapter 2, "From scores to probabilities"; Bridle (1990).

    >>> softmax(jnp.array([1.9, 1.1, 0.2])).round(2).tolist()  # doctest: +ELLIPSIS
    [0.6..., 0.2..., 0.1...]
    """
    e = jnp.exp(_shifted(z))
    return e / e.sum(-1, keepdims=True)


def log_softmax(z):
    """The logarithm of `softmax`, computed without it: log of a probability that has become 0 would be −∞.

    z: (..., classes) floats. Returns the same shape, all values at most 0.
    """
    z = _shifted(z)
    return z - jnp.log(jnp.exp(z).sum(-1, keepdims=True))


SLOPES = {
    step: step_slope,
    sigmoid: sigmoid_slope,
    tanh: tanh_slope,
    relu: relu_slope,
    leaky_relu: leaky_relu_slope,
    elu: elu_slope,
    selu: selu_slope,
    gelu: gelu_slope,
    gaussian: gaussian_slope,
}


def slope(activation):
    """The derivative of an activation of this module, as a function of z.

    Raises ValueError for a function that is not in this module. Chapter 2, "Activations".

    >>> float(slope(sigmoid)(0.0))
    0.25
    """
    if activation not in SLOPES:
        known = ", ".join(f.__name__ for f in SLOPES)
        raise ValueError(
            f"slope: got {getattr(activation, '__name__', activation)}; needs one of {known}; for others try jax.grad"
        )
    return SLOPES[activation]


def _floats(z):
    z = jnp.asarray(z)
    return z if jnp.issubdtype(z.dtype, jnp.floating) else z.astype(float)


def _negative(z):
    """z where it is negative, otherwise 0: the branch that `where` does not take must not overflow either."""
    return jnp.where(z > 0, 0.0, z)


def _normal_below(z):
    return (1 + lax.erf(z / np.sqrt(2))) / 2


def _shifted(z):
    z = _floats(z)
    return z - lax.stop_gradient(z.max(-1, keepdims=True))
