"""deepbook.weights: what was saved comes back to the bit, and what does not fit is named."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import load_file

from deepbook import weights
from deepbook.layers import BatchNorm, Dense, Relu, Sequential
from deepbook.weights import load, save

KEY = jax.random.key(0)
MODEL = Sequential([Dense(4), Relu(), Sequential([BatchNorm(), Dense(2)])])
PARAMS = MODEL.init(KEY, np.ones((1, 3), np.float32))
LIKE = MODEL.init(jax.random.key(1), np.ones((1, 3), np.float32))


def equal(a, b):
    assert jax.tree.structure(a) == jax.tree.structure(b)
    for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        np.testing.assert_array_equal(x, y)
        assert x.dtype == y.dtype


def test_what_was_saved_comes_back_to_the_bit(tmp_path):
    save(tmp_path / "model.safetensors", PARAMS)
    loaded = load(tmp_path / "model.safetensors", like=LIKE)
    equal(loaded, PARAMS)
    assert all(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(loaded))


def test_arrays_are_named_by_their_path_and_others_can_read_them(tmp_path):
    save(tmp_path / "model.safetensors", PARAMS)
    arrays = load_file(tmp_path / "model.safetensors")
    assert set(arrays) == {"0.W", "0.b", "2.0.scale", "2.0.shift", "2.0.mean", "2.0.var", "2.1.W", "2.1.b"}
    np.testing.assert_array_equal(arrays["2.1.W"], PARAMS[2][1]["W"])


@pytest.mark.parametrize(
    "params",
    [
        {"a": jnp.array(3.0)},
        [(jnp.ones((2, 3)), jnp.zeros(3))],
        ({"n": jnp.arange(3)}, {}),
        {"part": jnp.arange(12.0).reshape(3, 4).T},  # not in memory order
        {"none": jnp.zeros((0, 4))},
        {"half": jnp.ones(3, jnp.float16)},
        {"odd": jnp.array([jnp.nan, jnp.inf, -0.0])},
    ],
    ids=["scalar", "list", "integers", "transposed", "empty", "float16", "nan"],
)
def test_any_tree_of_arrays(params, tmp_path):
    save(tmp_path / "params", params)
    equal(load(tmp_path / "params", like=jax.tree.map(jnp.zeros_like, params)), params)


def test_names_worked_by_hand():
    named = weights.named(({"W": 1.0}, [{"b": 2.0}]), "params/")
    assert named == {"params/0.W": 1.0, "params/1.0.b": 2.0}


def test_a_file_is_replaced_as_a_whole_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "deep" / "er" / "model"
    save(path, LIKE)
    save(str(path), PARAMS)
    equal(load(path, like=LIKE), PARAMS)
    assert [file.name for file in path.parent.iterdir()] == ["model"]


def test_a_failed_write_leaves_the_file_that_was_there(tmp_path, monkeypatch):
    path = tmp_path / "model"
    save(path, PARAMS)

    def broken(descriptor):
        raise OSError("no space left")

    monkeypatch.setattr(weights.os, "fsync", broken)
    with pytest.raises(OSError, match="no space left"):
        save(path, LIKE)
    equal(load(path, like=LIKE), PARAMS)
    assert [file.name for file in tmp_path.iterdir()] == ["model"]


def test_a_file_is_on_the_disk_before_it_takes_its_name(tmp_path, monkeypatch):
    done = []
    for name in ("fsync", "replace"):
        real = getattr(weights.os, name)
        monkeypatch.setattr(weights.os, name, lambda *a, name=name, real=real: (done.append(name), real(*a))[1])
    save(tmp_path / "model", PARAMS)
    assert done == ["fsync", "replace"]


def test_notes_come_back(tmp_path):
    weights.write(tmp_path / "file", {"a": np.ones(2)}, {"history": '{"loss": [1.0]}'})
    arrays, notes = weights.read(tmp_path / "file")
    assert notes == {"history": '{"loss": [1.0]}'}
    assert arrays["a"].tolist() == [1, 1]
    save(tmp_path / "file", {"a": np.ones(2)})
    assert weights.read(tmp_path / "file")[1] == {}


# Bad input


@pytest.mark.parametrize(
    ("like", "message"),
    [
        (PARAMS[:2], "2.0.mean is not in the model"),
        ((*PARAMS, {"W": jnp.ones(2)}), "3.W is missing"),
        (({"W": jnp.ones((3, 5)), "b": PARAMS[0]["b"]}, *PARAMS[1:]), "0.W has shape (3, 4) in place of (3, 5)"),
    ],
)
def test_parameters_of_another_model_are_named(like, message, tmp_path):
    save(tmp_path / "model", PARAMS)
    with pytest.raises(ValueError, match=r"load: .*model does not fit the model: .*; try the model that was") as raised:
        load(tmp_path / "model", like)
    assert message in str(raised.value)


def test_of_many_differences_five_are_named(tmp_path):
    save(tmp_path / "model", PARAMS)
    with pytest.raises(ValueError, match=r"is not in the model; .* and 3 more; try") as raised:
        load(tmp_path / "model", like=({},))
    assert str(raised.value).count("not in the model") == 5


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"load: there is no file .*nothing; write one with save\(path, params\)"
    ):
        load(tmp_path / "nothing", like=PARAMS)


@pytest.mark.parametrize("part", [0, 4, 100, -1])
def test_a_file_that_was_cut_off_is_named(part, tmp_path):
    save(tmp_path / "model", PARAMS)
    (tmp_path / "model").write_bytes((tmp_path / "model").read_bytes()[:part])
    with pytest.raises(ValueError, match=r"load: .*model is no whole safetensors file .*; it may have been cut off"):
        load(tmp_path / "model", like=PARAMS)
