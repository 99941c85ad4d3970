import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, random


def to_our_axes(W, maps=None):
    if maps:
        height, width, channels = maps
        return np.einsum("ochw->hwco", W.reshape(-1, channels, height, width)).reshape(-1, len(W))
    return np.moveaxis(W, (2, 3, 1, 0), (0, 1, 2, 3)) if W.ndim == 4 else np.transpose(W)


def match_names(file, model):
    file = dict(filter(lambda item: not item[0].endswith("num_batches_tracked"), file.items()))
    both = file.keys() & model.keys()
    return (
        sorted(model.keys() - both),
        sorted(file.keys() - both),
        sorted(name for name in both if tuple(file[name]) != tuple(model[name])),
    )


def few_shot(key, y, n):
    y = jnp.asarray(y)
    classes, counts = np.unique(y, return_counts=True)
    if counts.min() < n:
        raise ValueError(f"needs {n} of each class, got {dict(zip(classes.tolist(), counts.tolist()))}")
    noise = random.uniform(key, y.shape)
    ranked = jax.vmap(lambda label: jnp.argsort(jnp.where(y == label, noise, 2.0))[:n])(jnp.asarray(classes))
    return ranked.ravel()


def mend_transfer(old, mean, std, x, y, x_new, steps):
    def scores(params, x):
        (W1, b1), (W2, b2) = params["backbone"], params["head"]
        return jnp.maximum(x @ W1 + b1, 0) @ W2 + b2

    def loss(params, x, places):
        logits = scores(params, x)
        right = jnp.sum(logits * jnp.eye(len(classes))[places], axis=1)
        return jnp.mean(jnp.log(jnp.sum(jnp.exp(logits), axis=1)) - right)

    x, x_new = ((each - mean) / std for each in (x, x_new))
    classes, places = np.unique(y, return_inverse=True)
    head = jax.tree.map(jnp.zeros_like, (old["head"][0][:, :1] * np.ones(len(classes)), np.zeros(len(classes))))

    @jax.jit
    def step(head, _):
        grads = jax.grad(lambda head: loss({"backbone": old["backbone"], "head": head}, x, places))(head)
        return jax.tree.map(lambda w, g: w - 0.5 * (g + 0.02 * w), head, grads), None

    head, _ = lax.scan(step, head, None, length=steps)
    params = {"backbone": old["backbone"], "head": head}
    return params, classes[np.argmax(scores(params, x_new), axis=1)]


def transfer_digits(backbone, x, y):
    """Ridge regression on the features, in closed form."""
    h = np.asarray(backbone(x), np.float64)
    target = (np.asarray(y)[:, None] == np.arange(5, 10)) - 0.2
    middle = h.mean(0)
    c = h - middle
    gram = c @ c.T
    W = c.T @ np.linalg.solve(gram + 0.1 * np.trace(gram) / len(h) * np.eye(len(h)), target)
    return W, -middle @ W
