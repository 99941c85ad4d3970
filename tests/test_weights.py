"""deepbook.weights: what was saved comes back to the bit, and what does not fit is named."""

import json
import os
import pickle
import resource
import time
import tracemalloc
import zipfile

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

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


# Files that others wrote


def entry(start, end, shape=(2,), dtype="F32"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}


def raw(header, body=b"", announced=None):
    """A file with just this header, whatever it says."""
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(header) if announced is None else announced).to_bytes(8, "little") + header + body


HOSTILE = {
    "empty": b"",
    "seven bytes": b"1234567",
    "zeros": bytes(1000),
    "10 GB of header": raw({"a": entry(0, 8)}, bytes(8), announced=10 * 2**30),
    "2**63 of header": raw({}, announced=2**63),
    "header beyond the end": raw({"a": entry(0, 8)}, announced=5_000_000),
    "no JSON": raw(b"{" * 1000),
    "deep JSON": raw(b"[" * 100_000),
    "a list": raw([1, 2]),
    "no UTF-8": raw(b'{"\xff\xfe": 1}'),
    "overlap": raw({"a": entry(0, 8), "b": entry(4, 12)}, bytes(12)),
    "outside": raw({"a": entry(0, 8), "b": entry(8, 16)}, bytes(12)),
    "backwards": raw({"a": entry(8, 0)}, bytes(8)),
    "a gap": raw({"a": entry(0, 8), "b": entry(12, 20)}, bytes(20)),
    "more behind": raw({"a": entry(0, 8)}, bytes(20)),
    "shape and bytes differ": raw({"a": entry(0, 8, (3,))}, bytes(8)),
    "shape beyond all bounds": raw({"a": entry(0, 8, (2**40, 2**40))}, bytes(8)),
    "negative shape": raw({"a": entry(0, 8, (-2,))}, bytes(8)),
    "unknown type": raw({"a": entry(0, 8, dtype="F7")}, bytes(8)),
    "text": b"# my notes\n" * 100,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_before_anything_is_read(name, tmp_path):
    (tmp_path / "file").write_bytes(HOSTILE[name])
    tracemalloc.start()
    started, most = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValueError, match=r"^load: .*file is no whole safetensors file .*; it may have been cut off"):
        load(tmp_path / "file", PARAMS)
    assert time.process_time() - started < 1
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - most < 20_000  # kB
    tracemalloc.stop()


def test_a_long_header_is_refused_although_its_bytes_are_there(tmp_path):
    with open(tmp_path / "file", "wb") as file:
        file.write((50_000_000).to_bytes(8, "little"))
        file.truncate(100_000_000)
    with pytest.raises(ValueError, match=r"no whole safetensors file \(it announces a header of 50,000,000 bytes\)"):
        load(tmp_path / "file", PARAMS)


class Trap:
    """A pickle that, where it is opened, leaves a folder behind."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickle_is_not_opened(protocol, tmp_path):
    (tmp_path / "model.bin").write_bytes(pickle.dumps(Trap(tmp_path / "trapped"), protocol))
    with pytest.raises(ValueError, match=r"load: .*model.bin is a pickle; needs safetensors, .*; try the .safetensors"):
        load(tmp_path / "model.bin", PARAMS)
    assert not (tmp_path / "trapped").exists()


def test_a_file_of_pytorch_is_named_and_not_opened(tmp_path):
    """torch.save writes a zip archive with a pickle in it."""
    with zipfile.ZipFile(tmp_path / "model.pt", "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps(Trap(tmp_path / "trapped")))
    with pytest.raises(ValueError, match=r"load: .*model.pt is a zip archive, as .pt and .npz are; needs safetensors"):
        load(tmp_path / "model.pt", PARAMS)
    assert not (tmp_path / "trapped").exists()


def test_a_header_of_512_bytes_begins_like_a_pickle_and_is_none(tmp_path):
    """b"\x80\x02" is 640 as a length: only what is no safetensors file is taken for something else."""
    header = json.dumps({"a": entry(0, 8)}).encode()
    (tmp_path / "file").write_bytes(raw(header + b" " * (0x0280 - len(header)), np.float32([1, 2]).tobytes()))
    assert (tmp_path / "file").read_bytes()[:2] == b"\x80\x02"
    assert load(tmp_path / "file", {"a": jnp.zeros(2)})["a"].tolist() == [1, 2]


def test_a_folder_and_a_note_of_git_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"load: .* is a folder; needs a file; try the .safetensors file in it"):
        load(tmp_path, PARAMS)
    (tmp_path / "file").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    with pytest.raises(ValueError, match=r"load: .*file is a note of Git LFS about the file; needs safetensors"):
        load(tmp_path / "file", PARAMS)


def test_a_large_file_that_does_not_fit_is_not_read(tmp_path):
    with open(tmp_path / "file", "wb") as file:
        file.write(raw({"0.W": entry(0, 100_000_000, (25_000_000,))}))
        file.truncate(file.tell() + 100_000_000)
    before, most = jax.tree.map(np.array, PARAMS), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValueError, match=r"0\.b is missing; .* and 3 more; try"):
        load(tmp_path / "file", PARAMS)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - most < 20_000  # kB; the file has 100,000
    jax.tree.map(np.testing.assert_array_equal, PARAMS, before)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_other_floats_become_those_of_the_model(dtype, tmp_path):
    save_file({"W": np.ones((2, 3), jnp.dtype(dtype))}, tmp_path / "file")
    loaded = load(tmp_path / "file", {"W": jnp.zeros((2, 3))})
    equal(loaded, {"W": jnp.ones((2, 3))})


@pytest.mark.parametrize("dtype", ["I8", "I64", "U8", "BOOL", "F8_E4M3"])
def test_other_types_are_refused(dtype, tmp_path):
    size = 16 if dtype == "I64" else 2
    (tmp_path / "file").write_bytes(raw({"W": entry(0, size, dtype=dtype)}, bytes(size)))
    with pytest.raises(ValueError, match=r"load: .* does not fit the model: W holds .* in place of float32; try"):
        load(tmp_path / "file", {"W": jnp.zeros(2)})


def test_read_refuses_numbers_that_numpy_does_not_have(tmp_path):
    (tmp_path / "file").write_bytes(raw({"W": entry(0, 2, dtype="F8_E4M3")}, bytes(2)))
    with pytest.raises(ValueError, match=r"load: .* has numbers that NumPy has no type for: W holds F8_E4M3; try"):
        weights.read(tmp_path / "file")


def test_a_strange_name_is_shown_as_it_is_safe_to_print(tmp_path):
    save_file({"\x1b[2Jcleared": np.zeros(1), "a" * 1000: np.zeros(1)}, tmp_path / "file")
    with pytest.raises(ValueError) as raised:
        load(tmp_path / "file", ())
    assert "\x1b" not in str(raised.value)
    assert len(str(raised.value)) < 600


def test_shapes_alone_are_enough_to_load(tmp_path):
    save(tmp_path / "model", PARAMS)
    like = jax.eval_shape(MODEL.init, KEY, jax.ShapeDtypeStruct((1, 3), jnp.float32))
    equal(load(tmp_path / "model", like), PARAMS)
    assert weights.shapes(like) == weights.shapes(PARAMS)
    assert weights.shapes(like)["0.W"] == ((3, 4), "float32")
