"""Plots that people expect from a training. Each draws on the axes `ax`, or on new ones, and returns them.

Colours follow the book: C0 and C1 for classes 0 and 1, C2 for a loss, C4 for the rest; where colour says something, a
line style or a number says it too.
"""

from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np

STYLES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)))
MARKERS = "osv^D*P"


def curves(history, names=("loss",), ax=None):
    """What happened to the loss, or to another number of the history, epoch by epoch; validation dashed.

    history: as `fit` returns it. names: "loss", "accuracy", …; "val_" of each is drawn too where it is there.
    """
    ax = ax or plt.subplots()[1]
    others = cycle(("C4", "C3", "C0"))
    for name in names:
        colour = "C2" if name.endswith("loss") else next(others)
        for prefix, style, said in (("", "-", "training"), ("val_", "--", "validation")):
            if values := history.get(prefix + name):
                epochs = np.arange(1, len(values) + 1)
                ax.plot(epochs, values, style, color=colour, label=f"{said} {name}")
    ax.set(xlabel="epoch", ylabel=" and ".join(names))
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend()
    return ax


def confusion(matrix, classes, ax=None):
    """Who is taken for whom: row = true class, column = answer. The darker, the larger the share of its row.

    matrix: (classes, classes) counts, from `confusion_matrix`. classes: a name for each.
    """
    ax = ax or plt.subplots(figsize=(1.5 + 0.5 * len(classes),) * 2)[1]
    matrix = np.asarray(matrix)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (true, answer), n in np.ndenumerate(matrix):
        if n:
            dark = shares[true, answer] > 0.5  # no pure white: on the book's pages that is the page's own colour
            ax.text(answer, true, n, ha="center", va="center", fontsize=8, color="#fefefe" if dark else "#222222")
    upright = all(len(str(name)) < 4 for name in classes)
    ax.set_xticks(range(len(classes)), classes, rotation=0 if upright else 90)
    ax.set_yticks(range(len(classes)), classes)
    ax.set(xlabel="answer", ylabel="true class")
    return ax


def gallery(x, y, predicted, classes, n=12, columns=6):
    """The first n wrong answers: each image with "true → answer" above it. Returns the figure.

    x: (batch, height, width, 1 or 3) images. y, predicted: (batch,) labels. classes: a name for each.
    """
    y, predicted = np.asarray(y), np.asarray(predicted)
    wrong = np.flatnonzero(y != predicted)[:n]
    rows = max(1, -(-len(wrong) // columns))
    longest = max(len(f"{classes[y[i]]} → {classes[predicted[i]]}") for i in wrong) if len(wrong) else 0
    fig, axes = plt.subplots(rows, columns, figsize=(max(1.3, 0.09 * longest) * columns, 1.6 * rows), squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for ax, i in zip(axes.flat, wrong, strict=False):
        ax.imshow(np.squeeze(x[i]), cmap="gray_r")
        ax.set_title(f"{classes[y[i]]} → {classes[predicted[i]]}", fontsize=9)
    return fig


def boundary(predict, x, y, ax=None, margin=0.3, resolution=200):
    """Where a model changes its mind: the plane coloured by its answer for class 1, with the points of both classes.

    predict: from (n, 2) points to (n,) numbers, the probability of class 1 or its logit's sign in 0 and 1.
    x: (n, 2) points. y: (n,) labels 0 and 1.
    """
    ax = ax or plt.subplots()[1]
    x, y = np.asarray(x), np.asarray(y)
    (left, low), (right, high) = x.min(axis=0) - margin, x.max(axis=0) + margin
    across, up = np.meshgrid(np.linspace(left, right, resolution), np.linspace(low, high, resolution))
    points = np.stack([across.ravel(), up.ravel()], axis=1).astype(np.float32)
    p = np.asarray(predict(points)).reshape(across.shape)
    ax.contourf(across, up, p, levels=[-np.inf, 0.5, np.inf], colors=["C0", "C1"], alpha=0.2)
    if p.min() < 0.5 < p.max():
        ax.contour(across, up, p, levels=[0.5], colors="black", linewidths=1)
    for label, colour, marker in ((0, "C0", "o"), (1, "C1", "s")):
        ax.plot(*x[y == label].T, marker, color=colour, markersize=4, label=f"class {label}")
    ax.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(left, right), ylim=(low, high))
    ax.legend()
    return ax


def surface(f, xlim, ylim, paths=None, ax=None, levels=20, resolution=200):
    """A loss of two parameters as lines of equal height, on a logarithmic scale, and walks upon it.

    f: from an array (2,) to a scalar; it is called under `vmap`. xlim, ylim: the part of the plane.
    paths: a dict from a name to the (steps, 2) points of a walk, for example of `optim.minimize`.
    """
    import jax

    ax = ax or plt.subplots()[1]
    across, up = np.meshgrid(np.linspace(*xlim, resolution), np.linspace(*ylim, resolution))
    points = np.stack([across.ravel(), up.ravel()], axis=1).astype(np.float32)
    height = np.asarray(jax.vmap(f)(points)).reshape(across.shape)
    floor = height.min()
    spaced = floor + np.geomspace(1e-3, 1, levels) * (height.max() - floor)
    ax.contour(across, up, height, levels=spaced, colors="C5", linewidths=0.6)
    for i, (name, path) in enumerate((paths or {}).items()):
        style, marker = STYLES[i % len(STYLES)], MARKERS[i % len(MARKERS)]
        ax.plot(*np.asarray(path).T, linestyle=style, color=f"C{i}", label=name)
        ax.plot(*np.asarray(path)[-1], marker, color=f"C{i}")
    ax.set(xlim=xlim, ylim=ylim, xlabel="$w_1$", ylabel="$w_2$")
    if paths:
        ax.legend()
    return ax


def filters(W, n=64, columns=8):
    """The filters of a convolution, each as a small image. Returns the figure.

    W: (h, w, channels, n_out). Of 3 channels in colour, where grey is 0; otherwise the first channel, where white is 0,
    blue a weight above it and red one below. All share one scale. n: how many at most.
    """
    if np.ndim(W) != 4:
        raise ValueError(f'filters: got W of shape {np.shape(W)}; needs (h, w, channels, n_out); try params[0]["W"]')
    W = np.asarray(W)[..., :n]
    largest = max(np.abs(W).max(), 1e-12)
    coloured = W.shape[2] == 3
    tiles = np.moveaxis(W / largest / 2 + 0.5 if coloured else W[:, :, 0], -1, 0)
    return _tiles(tiles, columns, **({} if coloured else {"cmap": "RdBu", "vmin": -largest, "vmax": largest}))


def feature_maps(maps, n=64, columns=8):
    """What a layer sees in one image: each of its feature maps, the darker, the larger. Returns the figure.

    maps: (height, width, channels), for example Sequential(model.layers[:2]).apply(params[:2], x)[0]. n: how many
    at most. Each map has its own scale, from 0 (or its smallest number, if that is below 0) to its largest.
    """
    if np.ndim(maps) != 3:
        raise ValueError(
            f"feature_maps: got maps of shape {np.shape(maps)}; needs (height, width, channels); try maps[0]"
        )
    maps = np.moveaxis(np.asarray(maps), -1, 0)[:n]
    low = np.minimum(maps.min((1, 2), keepdims=True), 0)
    return _tiles((maps - low) / np.maximum((maps - low).max((1, 2), keepdims=True), 1e-12), columns, "gray_r", 0, 1)


def _tiles(images, columns, cmap=None, vmin=None, vmax=None):
    rows = -(-len(images) // columns)
    fig, axes = plt.subplots(rows, columns, figsize=(0.8 * columns, 0.8 * rows), squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for i, (ax, image) in enumerate(zip(axes.flat, images, strict=False)):
        ax.imshow(image, cmap=cmap, vmin=vmin, vmax=vmax)
        ax.text(0.5, -0.05, i, transform=ax.transAxes, ha="center", va="top", fontsize=8)
    return fig
