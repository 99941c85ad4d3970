"""Values as a learner wants to see them: short, with shape and dtype where an array is long."""

import re

import numpy as np

LONG = 12  # arrays with more elements are not shown whole
MANY = 4  # of a long list, so many parts are shown
FEW = 6  # numbers of an array are shown with six digits; more of them with four
ROOM = 150  # letters that one value may take
LEVELS = (LONG, 6, 2, 0)  # arrays with more elements than this are described, until the whole is short enough


def show(value, room: int = ROOM) -> str:
    """`value` in a few words, at most about `room` letters, however large it is.

    >>> show(np.array([1.0, 2.5]))
    '[1, 2.5]'
    >>> show((np.eye(64), 3))
    '(array of shape (64, 64) from 0 to 1, 3)'
    """
    array = None if _is_several(value) else as_array(value)
    if array is not None and array.size > LONG:
        return _described(value, array, LONG, getattr(value, "dtype", ""))
    return shortest((_show(value, most) for most in LEVELS), room)


def show_inputs(values, room: int = ROOM) -> str:
    """The inputs of a call, with commas between them; "…" if nothing else is short enough."""
    texts = [", ".join(_show(each, most) for each in values) for most in LEVELS]
    return shortest([*texts, "…"], room)


def is_whole(value, room: int = ROOM) -> bool:
    """Whether `show(value)` shows every number of it."""
    return _is_small(value) and len(_show(value, LONG)) <= room


def shortest(texts, room: int) -> str:
    """The first text that fits into the room, else the last one, cut."""
    for text in texts:
        if len(text) <= room:
            return text
    return text[: room - 1] + "…"


def in_short(error: BaseException) -> str:
    """The type and the first words of an error, without addresses and links."""
    text = re.sub(r"( at 0x[0-9a-f]+|\(?See https?:\S+|https?:\S+)", "", " ".join(str(error).split())).strip()
    if len(text) > ROOM:
        end = text.rfind(". ", 40, ROOM)
        text = text[: end + 1] if end > 0 else f"{text[:ROOM].rpartition(' ')[0]} …"
    name = type(error).__name__.lstrip("_")
    return f"{name}: {text}" if text else name


def number(x, digits: int = 6) -> str:
    """A number with six digits at most; an integer, True and False as they are."""
    kind = np.asarray(x).dtype.kind
    if kind == "b":
        return str(bool(x))
    return str(int(x)) if kind in "iu" else f"{x + 0.0:.{digits}g}"


def indices(place: tuple[int, ...]) -> str:
    """An index as one writes it: 3, or (3, 5)."""
    return str(place[0] if len(place) == 1 else place)


def as_array(value) -> np.ndarray | None:
    """`value` as an array, or None if it is not made of numbers."""
    try:
        array = np.asarray(value)
    except Exception:
        return None
    if array.dtype.kind in "fiub":
        return array
    return array.astype(np.float32) if "float" in array.dtype.name else None  # bfloat16 and its like


def _show(value, most):
    """`value`, with the arrays of more than `most` elements described."""
    if isinstance(value, dict):
        return _several("{}", [f"{key!r}: {_show(each, most)}" for key, each in list(value.items())[:100]], most)
    if _is_several(value):
        brackets = "()" if isinstance(value, tuple) else "[]"
        return _several(brackets, [_show(each, most) for each in value[:100]], most, len(value))
    if callable(value) and hasattr(value, "__name__"):
        return "a function" if value.__name__ == "<lambda>" else value.__name__
    if "key<" in str(getattr(value, "dtype", "")):
        return "a random key" if value.ndim == 0 else f"{value.size} random keys"
    if "Tracer" in type(value).__name__:
        return f"a value that JAX is tracing, of shape {getattr(value, 'shape', '')}"
    if isinstance(value, bool | str | None):
        return _cut(repr(value))
    array = as_array(value)
    if array is not None:
        return _array(value, array, most)
    if isinstance(value, list):
        return _several("[]", [_show(each, most) for each in value[:100]], most, len(value))
    return _cut(re.sub(r" at 0x[0-9a-f]+", "", " ".join(repr(value).split())))


def _is_several(value):
    """Whether a value is several results, even if an array could be made of them."""
    return isinstance(value, tuple) or (isinstance(value, list) and any(isinstance(e, tuple | dict) for e in value))


def _several(brackets, texts, most, n=None):
    """Texts in brackets; of many, where room is short, the first ones."""
    n = len(texts) if n is None else n
    few = MANY if most < 6 else LONG
    if n > few:
        texts = [*texts[: few - 1], f"… {n:,} in all"]
    comma = "," if brackets == "()" and n == 1 else ""
    return f"{brackets[0]}{', '.join(texts)}{comma}{brackets[1]}"


def _array(value, array, most):
    if array.ndim == 0 or 0 < array.size <= max(most, 1):
        return _nested(array)
    return "[]" if array.shape == (0,) else _described(value, array, most)


def _described(value, array, most, dtype=""):
    """An array in words: its shape, and what numbers are in it if there is room. Of a list, both ends."""
    flat_list = isinstance(value, list | tuple) and array.ndim == 1
    if flat_list and most == LONG:
        return f"[{number(array[0])}, {number(array[1])}, …, {number(array[-1])}] ({array.size:,} numbers)"
    shape = f"list of {array.size:,} numbers" if flat_list else f"array {'of shape ' if most else ''}{array.shape}"
    what, comma = (f"{shape}, {dtype}", ", ") if dtype else (shape, " ")
    finite = array[np.isfinite(array)]
    if not array.size:
        return what
    if bad := array.size - finite.size:
        kind = "NaN" if np.isnan(array).any() else "infinite"
        return f"{what}{comma}all {kind}" if bad == array.size else f"{what}{comma}{bad:,} of them {kind}"
    low, high = finite.min(), finite.max()
    if low == high and most:
        return f"{what}{comma}all {number(low)}"
    return f"{what}{comma}from {number(low, 4)} to {number(high, 4)}" if most == LONG else what


def _nested(array, digits=None):
    """The numbers of an array in brackets, with fewer digits if there are more of them."""
    digits = digits or (6 if array.size <= FEW else 4)
    if array.ndim == 0:
        x = array[()]
        return number(x, digits if abs(x) < 1000 else 6)
    return f"[{', '.join(_nested(each, digits) for each in array)}]"


def _cut(text):
    return text if len(text) < 80 else text[:77] + "…"


def _is_small(value):
    if isinstance(value, dict):
        value = list(value.values())
    array = as_array(value)
    if array is None and isinstance(value, list | tuple):
        return len(value) <= LONG and all(_is_small(each) for each in value)
    return array is None or array.size <= LONG
