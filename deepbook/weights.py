"""Parameters in a file: safetensors, which hold arrays and names and cannot run code.

Each array is named by its path in the tree: "0.W" is W of the first layer, "3.b" the bias of the fourth.
Chapter 3, "Keep what you trained".
"""

import os
from pathlib import Path

import jax
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_bytes


def save(path, params):
    """Write parameters to `path`, all or nothing: a kill in the middle leaves the file that was there before.

    params: a tree (dicts, tuples, lists) of arrays.
    """
    write(path, named(params))


def load(path, like):
    """Parameters from a file of `save`.

    like: parameters of the same model, for their structure and shapes, for example model.init(key, x[:1]).
    Returns a tree like `like`. Raises FileNotFoundError if there is no such file, and ValueError, which names what
    is missing, what is too much and what has another shape, if it does not fit.
    """
    arrays, _ = read(path)
    return restore(arrays, like, path)


def named(params, prefix=""):
    """The arrays of a tree, as a dict from their path to NumPy arrays."""
    return {
        prefix + jax.tree_util.keystr(path, simple=True, separator="."): np.asarray(array)
        for path, array in jax.tree_util.tree_leaves_with_path(params)
    }


def restore(arrays, like, path="the file"):
    """A tree like `like`, made of the arrays of `named`. Raises ValueError as `load` does."""
    wanted = named(like)
    wrong = [f"{name} is missing" for name in wanted if name not in arrays]
    wrong += [f"{name} is not in the model" for name in arrays if name not in wanted]
    wrong += [
        f"{name} has shape {arrays[name].shape} in place of {array.shape}"
        for name, array in wanted.items()
        if name in arrays and arrays[name].shape != array.shape
    ]
    if wrong:
        more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise ValueError(
            f"load: {path} does not fit the model: {'; '.join(wrong[:5])}{more}; try the model that was saved"
        )
    leaves = [np.asarray(arrays[name], array.dtype) for name, array in wanted.items()]
    return jax.tree.unflatten(jax.tree.structure(like), jax.device_put(leaves))


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
    if not Path(path).is_file():
        raise FileNotFoundError(f"load: there is no file {path}; write one with save(path, params)")
    try:
        with safe_open(path, framework="numpy") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(f"load: {path} is no whole safetensors file ({error}); it may have been cut off") from error
