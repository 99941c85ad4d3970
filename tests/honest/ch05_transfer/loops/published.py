import jax
import jax.numpy as jnp
import numpy as np


def to_our_axes(W, maps=None):
    if W.ndim == 1:
        return W
    if W.ndim == 4:
        n_out, n_in, height, width = W.shape
        ours = np.zeros((height, width, n_in, n_out))
        for i in range(height):
            for j in range(width):
                ours[i, j] = W[:, :, i, j].T
        return ours
    ours = np.transpose(W)
    if maps is None:
        return ours
    height, width, channels = maps
    rows = []
    for i in range(height):
        for j in range(width):
            for c in range(channels):
                rows.append(ours[c * height * width + i * width + j])
    return np.array(rows)


def match_names(file, model):
    missing = []
    extra = []
    differ = []
    for name in model:
        if name not in file:
            missing.append(name)
        elif file[name] != model[name]:
            differ.append(name)
    for name in file:
        if name[-19:] == "num_batches_tracked":
            continue
        if name not in model:
            extra.append(name)
    missing.sort()
    extra.sort()
    differ.sort()
    return missing, extra, differ


def few_shot(key, y, n):
    rows = []
    for label in sorted(set(np.array(y).tolist())):
        places = [i for i in range(len(y)) if y[i] == label]
        if len(places) < n:
            raise ValueError("too few examples of class " + str(label))
        key, sub = jax.random.split(key)
        chosen = jax.random.choice(sub, len(places), (n,), replace=False)
        for i in chosen:
            rows.append(places[int(i)])
    return np.array(rows)


def mend_transfer(old, mean, std, x, y, x_new, steps):
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
    places = np.array([list(classes).index(label) for label in y])
    W2, b2 = old["head"]
    params = {"backbone": old["backbone"], "head": (jnp.zeros((W2.shape[0], len(classes))), jnp.zeros(len(classes)))}
    slope = jax.jit(jax.grad(loss))
    for _ in range(steps):
        grads = slope(params, x, places)
        params = jax.tree.map(lambda w, g: w - 0.5 * (g + 0.02 * w), params, grads)
        params["backbone"] = old["backbone"]
    return params, classes[np.argmax(scores(params, x_new), axis=1)]


def transfer_digits(backbone, x, y):
    features = np.array(backbone(x))
    largest = features.max()
    features = features / largest
    W = np.zeros((256, 5))
    b = np.zeros(5)
    for step in range(400):
        z = features @ W + b
        for i in range(len(z)):
            z[i] = np.exp(z[i] - max(z[i]))
            z[i] = z[i] / sum(z[i])
            z[i, int(y[i]) - 5] -= 1
        z = z / len(z)
        W = W - 0.5 * (features.T @ z)
        b = b - 0.5 * z.sum(axis=0)
    return W / largest, b
