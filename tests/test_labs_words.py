"""The labs of chapter 6, `reviews` and `words`: their parts, and that the recorded numbers say what the page says."""

import builtins

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deepbook import labs
from deepbook.labs import reviews, words
from deepbook.layers import Masked, count
from deepbook.text import Vocabulary

# ------------------------------------------------------------------ reviews


def test_reviews_networks_have_the_parameters_of_the_curriculum():
    ways, ids = reviews.ways(3001), jax.ShapeDtypeStruct((1, 256), jnp.int32)
    sizes = {
        name: count(jax.eval_shape(way.model.init, jax.random.key(0), ids))
        for name, way in ways.items()
        if name != reviews.ENCODER
    }
    assert sizes["flatten"] == 2_289_602 and sizes["mean pooling"] < sizes["flatten"] / 100


def test_reviews_stretches_are_means_of_what_is_there():
    x = jnp.arange(12.0).reshape(1, 6, 2)
    mask = jnp.array([[True, True, True, False, False, False]])
    seen = reviews.Stretches(2).apply({}, Masked(x, mask))
    assert seen.tolist() == [[[1, 2], [4, 5], [0, 0]]]
    assert reviews.Present().apply({}, seen).mask.tolist() == [[True, True, False]]


def test_reviews_keeps_the_shortest_mistakes():
    x, y = np.array(["long, and wrong", "right", "wrong"], object), np.array([0, 1, 1])
    kept = reviews.mistakes(x, y, np.array([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0]]))
    assert [(each["text"], each["true"], each["answer"]) for each in kept] == [
        ("wrong", 1, 0),
        ("long, and wrong", 0, 1),
    ]


def test_reviews_lab_quickly_without_a_download(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("DEEPBOOK_DATA", str(tmp_path / "nothing"))
    assert reviews.main(["--quick", "--source", "small", "--out", str(tmp_path)]) == 0
    assert {file.name for file in tmp_path.iterdir()} == {"few.png", "reviews.json"}
    assert "mean pooling" in capsys.readouterr().out
    assert set(labs.result("reviews", tmp_path)["networks"]) == {"flatten", "mean pooling"}


def test_labs_refuse_a_text_that_they_do_not_know(tmp_path):
    with pytest.raises(SystemExit, match="--source is imdb or small, not big"):
        reviews.run(range(1), tmp_path, quick=True, source="big")
    with pytest.raises(SystemExit, match="--corpus is imdb or brown, not web"):
        words.run(range(1), tmp_path, quick=True, corpus="web")


@pytest.mark.slow
def test_reviews_lab_quickly(real_data, tmp_path):
    found = reviews.run(range(1), tmp_path, quick=True)
    assert found["training"] == 300 and found["n_words"] == 2999


def test_recorded_reviews_show_what_the_page_says():
    found = labs.result("reviews")
    flatten, mean, encoder = (found["networks"][name] for name in ("flatten", "mean pooling", reviews.ENCODER))
    assert (found["training"], found["test"], found["n_words"], found["length"]) == (25_000, 25_000, 2999, 256)
    assert flatten["parameters"] == 2_289_602 and np.mean(flatten["test_accuracy"]) >= 0.861
    assert mean["parameters"] < flatten["parameters"] / 100
    assert np.mean(mean["test_accuracy"]) > np.mean(flatten["test_accuracy"])
    few = {name: np.median(scores, axis=1) for name, scores in found["few"]["accuracy"].items()}
    assert len(found["few"]["shots"]) >= 2 and (few[reviews.ENCODER] > few["mean pooling"] + 0.005).all()
    assert encoder["training"] == found["few"]["shots"][-1]
    assert np.shape(found["sentences"]["cosines"]) == (8, 8) and np.shape(found["sentences"]["contexts"]) == (4, 4)


# ------------------------------------------------------------------ words


def test_words_by_rank_counts_the_most_frequent_first():
    found = words.by_rank(np.array([5, 100, 20, 7]))
    assert found["ranks"].tolist() == [1, 2, 3, 4] and found["counts"].tolist() == [100, 20, 7, 5]


def test_words_plane_is_that_of_the_words_drawn():
    rng = np.random.default_rng(0)
    vectors = {word: rng.normal(size=5) for word in ("good", "bad", "movie", "film", "one", "two", "king")}
    vectors["good"] = vectors["bad"] + 100
    found = words.plane(vectors)
    assert set(found) == set(vectors) - {"king"}
    across = {word: xy[0] for word, xy in found.items()}
    assert max(across, key=across.get) == "good" and across["good"] > 100


def test_words_does_without_gensim(monkeypatch):
    real = builtins.__import__

    def without(name, *rest, **more):
        if name.startswith("gensim"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    assert words.gensims(np.array([2, 3, 0]), Vocabulary(["a", "b"]), 0, 1) is None


@pytest.mark.slow
def test_words_lab_quickly(real_data, tmp_path, capsys):
    assert words.main(["--quick", "--out", str(tmp_path)]) == 0
    assert {file.name for file in tmp_path.iterdir()} == {"plane.png", "words.json"}
    assert "WordSim-353" in capsys.readouterr().out


def test_recorded_words_show_what_the_page_says():
    """On at least a million words, vectors as good as gensim's."""
    found = labs.result("words")
    assert found["corpus_words"] > 1_000_000
    judged = found["wordsim"]
    assert judged["pairs"] == 353 and judged["pairs_used"] > 250
    assert np.mean(judged["ours"]) > np.mean(judged["gensim"]) - 0.01 and np.mean(judged["ours"]) > 0.15
    right, asked = found["analogies"]["total"]
    assert asked + found["analogies"]["unknown"] == 19_544 and right > 0.02 * asked
    assert len(found["neighbours"]["good"]) == 10 and "great" in dict(found["neighbours"]["good"])
    lengths = np.linalg.norm([*found["vectors"].values()], axis=1)
    np.testing.assert_allclose(lengths, 1, atol=0.01)
    assert set(found["plane"]) <= set(found["vectors"])
