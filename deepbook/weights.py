"""Parameters in a file: safetensors, which hold arrays and names and cannot run code.

Each array is named by its path in the tree: "0.W" is W of the first layer, "3.b" the bias of the fourth.
A file begins with a header: names, shapes and types. It is compared with what is wanted before any array is read.
Chapter 3, "Keep what you trained"; chapter 5, "Weights from a file".
"""

import os
from contextlib import contextmanager
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_bytes

LONGEST_HEADER = 10_000_000  # bytes; that of a network of a thousand arrays has about a hundred thousand
# How safetensors call the types, and what NumPy calls them; bfloat16 comes with JAX.
TYPES = {f"{code}{bits}": f"{name}{bits}" for code, name in (("I", "int"), ("U", "uint")) for bits in (8, 16, 32, 64)}
TYPES |= {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "BOOL": "bool", "C64": "complex64"}
# How a file begins that is something else.
FOREIGN = {
    b"PK\x03\x04": "a zip archive, as .pt and .npz are",
    b"\x80\x02": "a pickle",
    b"\x80\x03": "a pickle",
    b"\x80\x04": "a pickle",
    b"\x80\x05": "a pickle",
    b"\x89HDF": "an HDF5 file",
    b"version ": "a note of Git LFS about the file",
}


def save(path, params):
    """Write parameters to `path`, all or nothing: a kill in the middle leaves the file that was there before.

    params: a tree (dicts, tuples, lists) of arrays.
    """
    write(path, named(params))


def load(path, like):
    """Parameters from a file of `save`.

    like: parameters of the same model, for their structure and shapes, for example model.init(key, x[:1]).
    Returns a tree like `like`. Raises FileNotFoundError if there is no such file, and ValueError, which names what
    is missing, what is too much and what has another shape, if it does not fit; then no array has been read.
    """
    with opened(path) as file:
        _check(contents(file), like, path)
        return _tree({name: file.get_tensor(name) for name in contents(file)}, like)


def named(params, prefix=""):
    """The arrays of a tree, as a dict from their path to NumPy arrays."""
    return {
        prefix + jax.tree_util.keystr(path, simple=True, separator="."): np.asarray(array)
        for path, array in jax.tree_util.tree_leaves_with_path(params)
    }


def shapes(tree):
    """What `named` would give, as shapes and types only: a dict from each path to (shape, type)."""
    leaves = jax.tree_util.tree_leaves_with_path(jax.eval_shape(lambda tree: tree, tree))
    return {
        jax.tree_util.keystr(path, simple=True, separator="."): (leaf.shape, leaf.dtype.name) for path, leaf in leaves
    }


def restore(arrays, like, path="the file"):
    """A tree like `like`, made of the arrays of `named`. Raises ValueError as `load` does."""
    _check({name: (array.shape, array.dtype.name) for name, array in arrays.items()}, like, path)
    return _tree(arrays, like)


def differences(found, wanted):
    """What keeps named arrays from fitting, each in a few words: an empty list if they fit.

    found, wanted: dicts from names to (shape, type). A float fits any other float, an integer any other integer.
    """
    wrong = [f"{plain(name)} is missing" for name in wanted if name not in found]
    wrong += [f"{plain(name)} is not in the model" for name in found if name not in wanted]
    for name, (shape, kind) in wanted.items():
        if name in found and found[name][0] != shape:
            wrong.append(f"{plain(name)} has shape {found[name][0]} in place of {shape}")
        elif name in found and _family(found[name][1]) != _family(kind):
            wrong.append(f"{plain(name)} holds {found[name][1]} in place of {kind}")
    return wrong


def some(wrong, most=5):
    """The first few of many, as a part of a sentence."""
    more = f" and {len(wrong) - most} more" if len(wrong) > most else ""
    return "; ".join(wrong[:most]) + more


def plain(name):
    """A name from a file that others wrote, safe to print."""
    return name if name.isprintable() and len(name) <= 100 else repr(name[:100])


def write(path, arrays, notes=None):
    """Named arrays and `notes` (a dict of strings) as one file: written aside, flushed to the disk, then renamed."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(aside, "wb") as file:
            file.write(to_bytes({name: np.asarray(array, order="C") for name, array in arrays.items()}, notes))
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def read(path):
    """The named arrays and the notes of a file of `write`. Raises FileNotFoundError or ValueError."""
    with opened(path) as file:
        strange = [f"{plain(name)} holds {kind}" for name, (_, kind) in contents(file).items() if not _family(kind)]
        if strange:
            raise ValueError(f"load: {path} has numbers that NumPy has no type for: {some(strange)}; try float32")
        return {name: file.get_tensor(name) for name in contents(file)}, file.metadata() or {}


# ------------------------------------------------------------------ what is in a file, before it is read


@contextmanager
def opened(path, caller="load", advice="write one with save(path, params)"):
    """A safetensors file, for `with`. Only its header has been read, and found to describe just the bytes that follow.

    caller: the function that the errors name. advice: what to do if there is no such file.
    Raises FileNotFoundError if there is none, and ValueError if it is something else, or not whole.
    """
    path = Path(path)
    if path.is_dir():
        raise ValueError(f"{caller}: {path} is a folder; needs a file; try the .safetensors file in it")
    if not path.is_file():
        raise FileNotFoundError(f"{caller}: there is no file {path}; {advice}")
    with open(path, "rb") as file:
        start = file.read(8)
    try:
        if (n := int.from_bytes(start, "little")) > LONGEST_HEADER:
            raise SafetensorError(f"it announces a header of {n:,} bytes")
        file = safe_open(path, framework="numpy")
    except SafetensorError as error:
        if what := next((what for sign, what in FOREIGN.items() if start.startswith(sign)), None):
            raise ValueError(
                f"{caller}: {path} is {what}; needs safetensors, since a pickle can run code and is never opened here; "
                "try the .safetensors file of the same model"
            ) from None
        raise ValueError(f"{caller}: {path} is no whole safetensors file ({error}); it may have been cut off") from None
    with file:
        yield file


def contents(file):
    """The names in an opened file, with the (shape, type) of each; no array is read."""
    slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118, it has keys and is no dict
    return {name: (tuple(one.get_shape()), TYPES.get(one.get_dtype(), one.get_dtype())) for name, one in slices.items()}


def _check(found, like, path):
    if wrong := differences(found, shapes(like)):
        raise ValueError(f"load: {path} does not fit the model: {some(wrong)}; try the model that was saved")


def _tree(arrays, like):
    leaves = [np.asarray(arrays[name], kind) for name, (_, kind) in shapes(like).items()]
    return jax.tree.unflatten(jax.tree.structure(like), jax.device_put(leaves))


def _family(kind):
    """What may become what: floats, integers, truth values. Empty for a type that NumPy does not have."""
    known = jnp.dtype(kind) if kind in TYPES.values() else None
    families = (jnp.floating, jnp.signedinteger, jnp.unsignedinteger, jnp.bool_, jnp.complexfloating)
    return next((family.__name__ for family in families if known is not None and jnp.issubdtype(known, family)), "")
