"""The book's cover: points of two classes, and between them the line that the book's own perceptron has learned."""

import io

from deepbook.site.palette import DARK

ALT = (
    "Cover of deepbook, a textbook of deep learning that you complete until it passes: circles and squares, and a "
    "line between them."
)
TITLE, BELOW = "deepbook", "A textbook of deep learning\nthat you complete until it passes"
GROUND = "#123a52"  # as the site's header


def picture() -> bytes:
    """The cover as PNG, 1200 pixels wide and 1800 high."""
    import jax
    from matplotlib.figure import Figure

    from deepbook import data, perceptron

    x, y = data.blobs(jax.random.key(3), n=60, centers=((-1.1, -0.9), (1.1, 0.9)), spread=0.55)
    (W, b), _ = perceptron.fit(perceptron.init(2), x, y, epochs=50)
    figure = Figure(figsize=(6, 9), dpi=200, facecolor=GROUND)
    axes = figure.add_axes((0, 0, 1, 0.72))
    axes.set(xlim=(-2.7, 2.7), ylim=(-2.9, 2.9), aspect="equal")
    axes.axis("off")
    for label, marker, colour in ((0, "o", DARK["class-0"]), (1, "s", DARK["class-1"])):
        axes.plot(*x[y == label].T, marker, color=colour, markersize=11, markerfacecolor="none", markeredgewidth=2.5)
    axes.axline((0, float(-b / W[1])), slope=float(-W[0] / W[1]), color="white", linewidth=3)
    words = {"color": "white", "family": "DejaVu Sans", "va": "top"}
    figure.text(0.08, 0.93, TITLE, size=54, weight="bold", **words)
    figure.text(0.085, 0.81, BELOW, size=17, linespacing=1.5, **words)
    figure.savefig(file := io.BytesIO(), format="png", metadata={"Software": None})
    return file.getvalue()
