"""Values as a learner wants to see them: short, with shape and dtype where an array is long."""

import numpy as np

LONG = 12  # arrays with more elements are cut


def show(value) -> str:
    """`value` in a few words, however large it is.

    >>> show(np.array([1.0, 2.5]))
    '[1, 2.5]'
    >>> show((np.zeros((100, 64)), 3))
    '(array of shape (100, 64), float64, from 0 to 0, 3)'
    """
    if isinstance(value, tuple):
        return f"({', '.join(show(each) for each in value)}{',' if len(value) == 1 else ''})"
    if isinstance(value, list) and len(value) <= LONG and not _is_array(value):
        return f"[{', '.join(show(each) for each in value)}]"
    if callable(value) and hasattr(value, "__name__"):
        return value.__name__
    if isinstance(value, bool | str | None):
        return repr(value) if len(repr(value)) < 80 else repr(value)[:77] + "…"
    if "key<" in str(getattr(value, "dtype", "")):
        return "a random key" if value.ndim == 0 else f"{value.size} random keys"
    if not _is_array(value):
        text = repr(value)
        return text if len(text) < 80 else text[:77] + "…"
    array = np.asarray(value)
    if array.ndim == 0:
        return _number(array[()])
    if array.size <= LONG:
        return _nested(array)
    finite = array[np.isfinite(array)]
    reach = f", from {_number(finite.min())} to {_number(finite.max())}" if finite.size else ""
    bad = f", {array.size - finite.size} of them NaN or infinite" if finite.size < array.size else ""
    return f"array of shape {array.shape}, {array.dtype}{reach}{bad}"


def _is_array(value):
    try:
        return np.asarray(value).dtype.kind in "fiub"
    except Exception:
        return False


def _nested(array):
    if array.ndim == 0:
        return _number(array[()])
    return f"[{', '.join(_nested(each) for each in array)}]"


def _number(x):
    return str(bool(x)) if np.asarray(x).dtype.kind == "b" else f"{x:.6g}"
