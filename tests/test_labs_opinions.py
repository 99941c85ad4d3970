"""deepbook.labs.opinions: sentences with their opinions, and what its recorded gates show."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deepbook import labs
from deepbook.labs import opinions


def test_sentences_say_the_last_opinion():
    ids, said = opinions.sentences(seed=0, n=200)
    assert ids.shape == said.shape == (200, opinions.LENGTH)
    for row, right in zip(ids, said, strict=True):
        words, opinion = [opinions.WORDS[i] for i in row], 0
        for t, word in enumerate(words):
            if word in ("good", "great", "bad", "dull"):
                turned = "not" in words[max(0, t - 2) : t]
                opinion = 1 + ((word in ("good", "great")) != turned)
            assert right[t] == opinion, " ".join(words)


def test_gates_are_those_of_the_layer():
    model = opinions.network(3)
    ids, _ = opinions.sentences(seed=0, n=4)
    params = model.init(jax.random.key(0), ids)
    seen = opinions.gates(params, ids)
    h = model.layers[1].apply(params[1], model.layers[0].apply(params[0], ids))
    np.testing.assert_allclose(seen["h"], h, atol=1e-6)
    np.testing.assert_allclose(seen["h"], seen["o"] * jnp.tanh(seen["c"]), atol=1e-6)


def test_recorded_opinions_show_what_the_page_says():
    """The best training gets every opinion right; at "not" the third unit forgets, at "very" it keeps."""
    found = labs.result("opinions")
    assert max(found["right"]) > 0.995 and min(found["right"]) < 0.9 and len(found["right"]) == 6
    words, f = found["shown"].split(), np.array(found["gates"]["f"])
    assert f[words.index("not"), 2] < 0.1 < 0.7 < f[words.index("very"), 2]
    assert (f[words.index("good")] < 0.3).all() and np.median(f) > 0.8
    assert np.min(found["gates"]["o"]) > 0.9


@pytest.mark.slow
def test_opinions_lab_quickly(tmp_path, capsys):
    assert opinions.main(["--quick", "--seeds", "1", "--out", str(tmp_path)]) == 0
    assert {file.name for file in tmp_path.iterdir()} == {"gates.png", "opinions.json"}
    assert "right opinions" in capsys.readouterr().out
