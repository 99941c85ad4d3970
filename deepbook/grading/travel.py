"""How values go to the student's side and come back, as the trusted process makes and takes them."""

import contextlib
import importlib
import inspect
import io
import sys

import numpy as np

from deepbook.course.checks import CheckFailed, Counted, InputChanged, _changed, input_changed
from deepbook.grading import wire

KEYS = {"fry": "threefry2x32", "rbg": "rbg", "urbg": "unsafe_rbg"}  # JAX's kinds of random keys: short and full name
PLAIN = "numbers, texts, arrays, and lists, tuples and dicts of them"


class NotReturned(Exception):
    """The worker could not send a value."""


class NoValue(CheckFailed):
    """A function gave something that is no number, text, array, list, tuple or dict."""


def no_value(name, error) -> NoValue:
    return NoValue(f"{name} gave {error}; expected plain values: {PLAIN}.")


def is_tracer(value):
    return isinstance(value, sys.modules["jax"].core.Tracer)


def key_kind(value) -> str:
    name = str(getattr(value, "dtype", ""))
    return name[4:-1] if name.startswith("key<") else ""


def jax_value(found: wire.JaxArray):
    """What the worker sends as an array of JAX. Where this JAX has no such dtype it stays NumPy's."""
    import jax

    if found.kind == "j":
        plain = jax.dtypes.canonicalize_dtype(found.array.dtype) == found.array.dtype
        return jax.numpy.asarray(found.array) if plain else found.array
    try:
        return jax.random.wrap_key_data(found.array, impl=KEYS[found.kind])
    except (TypeError, ValueError):
        raise wire.WireError("random keys of no possible shape") from None


def special(value):
    """Arrays of JAX, and the tests' functions, in the form in which they travel."""
    if isinstance(value, Counted):
        return wire.Function(pickled(value.function), True)
    if callable(value):
        return wire.Function(pickled(value))
    jax = sys.modules.get("jax")
    if jax is not None and isinstance(value, jax.Array):
        kind = key_kind(value)
        return wire.JaxArray(np.asarray(jax.random.key_data(value) if kind else value), kind or "j")
    return None


class TheirModule:
    """A student's module: unpickled in the worker, it is the module itself."""

    def __init__(self, name):
        self.name = name

    def __reduce__(self):
        return importlib.import_module, (self.name,)


def pickled(function) -> bytes:
    """A function of the tests, by value; a student's own function by its name."""
    import cloudpickle

    class Pickler(cloudpickle.Pickler):
        def reducer_override(self, value):
            place = getattr(value, "student_place", None) if inspect.isfunction(value) else None
            if place:
                return getattr, (TheirModule(place[0]), place[1])
            return super().reducer_override(value)

    file = io.BytesIO()
    Pickler(file).dump(function)
    return file.getvalue()


def changed_input(name, args, changed) -> InputChanged:
    """What is said of a function that wrote into its inputs. The inputs themselves stay as they were.

    changed: the worker's word on what they have become; only shown.
    """
    after = changed[0] if type(changed) is list and changed and type(changed[0]) is tuple else ()
    for number, (old, new) in enumerate(zip(args, after, strict=False)):
        if callable(old) or callable(new):
            continue
        with contextlib.suppress(Exception):  # old and new may be of different forms
            if not _changed(old, new):
                continue
        return input_changed(name, args, number, new)
    return input_changed(name, args, 0, None)


def is_plain(name) -> bool:
    return type(name) is str and len(name) < 100 and name.isidentifier() and not name.startswith("_")
