"""deepbook.plots: what is drawn is what was given."""

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from deepbook import plots


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def lines(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_curves_draws_training_and_validation_against_the_epoch():
    history = {"loss": [3.0, 2.0, 1.0], "val_loss": [3.5, 2.5, 2.0], "accuracy": [0.1, 0.5, 0.9], "seconds": [1, 1, 1]}
    ax = plots.curves(history, ("loss", "accuracy"))
    drawn = lines(ax)
    assert set(drawn) == {"training loss", "validation loss", "training accuracy"}
    assert drawn["validation loss"].get_xydata().tolist() == [[1, 3.5], [2, 2.5], [3, 2.0]]
    assert drawn["training loss"].get_linestyle() != drawn["validation loss"].get_linestyle()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss and accuracy")


def test_curves_draws_on_the_axes_given():
    ax = plt.subplots()[1]
    assert plots.curves({"loss": [1.0]}, ax=ax) is ax


def test_confusion_has_the_true_class_in_the_row():
    ax = plots.confusion([[8, 2], [0, 5]], ["cat", "dog"])
    assert {(text.get_position(), text.get_text()) for text in ax.texts} == {
        ((0, 0), "8"),
        ((1, 0), "2"),
        ((1, 1), "5"),
    }
    np.testing.assert_allclose(ax.images[0].get_array(), [[0.8, 0.2], [0, 1]])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("answer", "true class")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["cat", "dog"]


def test_confusion_of_a_class_that_never_occurs():
    ax = plots.confusion([[3, 0], [0, 0]], "ab")
    np.testing.assert_allclose(ax.images[0].get_array(), [[1, 0], [0, 0]])


def test_gallery_shows_the_wrong_answers_and_only_these():
    x = np.arange(4 * 2 * 2).reshape(4, 2, 2, 1)
    fig = plots.gallery(x, [0, 1, 1, 0], [0, 0, 1, 1], ["cat", "dog"])
    shown = [ax for ax in fig.axes if ax.images]
    assert [ax.get_title() for ax in shown] == ["dog → cat", "cat → dog"]
    np.testing.assert_array_equal(shown[0].images[0].get_array(), x[1, :, :, 0])
    assert not any(ax.axison for ax in fig.axes)


def test_gallery_stops_after_n_and_bears_none():
    wrong = np.zeros((30, 2, 2, 1)), np.zeros(30, int), np.ones(30, int), "ab"
    assert sum(bool(ax.images) for ax in plots.gallery(*wrong, n=7).axes) == 7
    assert not any(ax.images for ax in plots.gallery(wrong[0], wrong[1], wrong[1], "ab").axes)


def test_boundary_runs_where_the_answer_is_one_half():
    x, y = np.array([[-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]), np.array([0, 1, 0])
    ax = plots.boundary(lambda points: 1 / (1 + np.exp(-4 * points[:, 0])), x, y)
    edge = np.concatenate([path.vertices for path in ax.collections[-1].get_paths()])
    np.testing.assert_allclose(edge[:, 0], 0, atol=0.02)
    drawn = lines(ax)
    assert drawn["class 0"].get_xydata().tolist() == [[-1, -1], [-1, 1]]
    assert drawn["class 1"].get_xydata().tolist() == [[1, 1]]
    assert drawn["class 0"].get_marker() != drawn["class 1"].get_marker()


def test_boundary_of_a_model_that_always_says_the_same():
    ax = plots.boundary(lambda points: np.zeros(len(points)), np.zeros((2, 2)), np.array([0, 1]))
    assert ax.get_xlabel() == "$x_1$"


def test_surface_draws_each_walk_and_tells_them_apart_without_colour():
    paths = {"SGD": np.array([[0.5, 0.5], [0.2, 0.1]]), "Adam": np.array([[0.5, 0.5], [0.0, 0.0]])}
    ax = plots.surface(lambda w: w[0] ** 2 / 20 + w[1] ** 2, (-1, 1), (-2, 2), paths)
    drawn = lines(ax)
    np.testing.assert_array_equal(drawn["Adam"].get_xydata(), paths["Adam"])
    assert drawn["SGD"].get_linestyle() != drawn["Adam"].get_linestyle()
    assert (ax.get_xlim(), ax.get_ylim()) == ((-1, 1), (-2, 2))
    assert len(ax.collections[0].get_paths()) > 5
