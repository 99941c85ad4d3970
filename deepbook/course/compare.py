"""In what a result differs from what was expected, as a sentence: where, by how much, and what it looks like.

A result is a number, an array, or several of these: a tuple, a list such as [(W, b), …], or a dict by name.
A list of numbers, and of arrays of one shape, means an array.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deepbook.course.factor import factor, without_fractions
from deepbook.course.show import LONG, as_array, indices, number, show

AROUND = 2  # how many neighbours of the worst number are shown on each side
NAN = "look for 0/0, log(0), or infinity minus infinity."
INFINITE = "look for log(0), a division by 0, or exp of a large number."


@dataclass(frozen=True)
class Difference:
    """The first part that differs: what it is (`got`), what it should be, and a sentence about that."""

    sentence: str
    got: Any
    expected: Any
    path: tuple[str, ...] = ()  # ("result 2 of 3", "part 1 of 2")
    of_form: bool = False  # about number, type or shape: gives no expected number away
    of_all: bool = False  # the sentence is about all of the result, not only about this part
    worst: tuple[int, ...] | None = None  # the index of the worst number

    def __str__(self):
        if not self.place or self.of_all:
            return self.sentence
        return f"In {self.place}: {self.sentence[0].lower()}{self.sentence[1:]}"

    @property
    def place(self) -> str:
        """The path in words: "result 2 of 3", or "result 2, part 1"; "" where there is nothing to tell apart."""
        if len(self.path) > 1:
            return ", ".join(each.partition(" of ")[0] for each in self.path)
        return "".join(each for each in self.path if not each.endswith(" 1 of 1"))

    def window(self) -> str:
        """The numbers round the worst one, beside those expected; "" where there is none."""
        if not self.worst:
            return ""
        got, expected = as_array(self.got), as_array(self.expected)
        along = max((axis for axis, size in enumerate(got.shape) if size > 1), default=0)
        first = max(0, min(self.worst[along] - AROUND, got.shape[along] - 2 * AROUND - 1))
        run = slice(first, min(first + 2 * AROUND + 1, got.shape[along]))
        place = (*self.worst[:along], run, *self.worst[along + 1 :])
        written = ", ".join(f"{i.start}:{i.stop}" if isinstance(i, slice) else str(i) for i in place)
        return f"There [{written}] is {show(got[place])} and should be {show(expected[place])}."


def difference(got, expected, rtol=1e-4, atol=1e-6) -> str:
    """The sentence of `compare`; "" where the two agree."""
    return str(compare(got, expected, rtol, atol) or "")


def compare(got, expected, rtol=1e-4, atol=1e-6) -> Difference | None:
    """The first difference between two results, or None: numbers agree that are as near as rtol and atol say."""
    with np.errstate(all="ignore"):
        found = _compare(got, expected, rtol, atol)
        all_of_it = found and found.path and not found.of_form
        words = factor(_numbers(got), _numbers(expected)) if all_of_it else ""
    if words:
        return replace(found, sentence=f"Everything is the expected result {words}.", of_all=True, worst=None)
    return found


def _compare(got, expected, rtol, atol, depth=0):
    if got is None and expected is not None:
        sentence = "It is None." if depth else "Did you forget `return`?"
        return Difference(sentence, got, expected, of_form=True)
    if _has_parts(got, expected):
        return _compare_parts(got, expected, rtol, atol, depth)
    a, b = as_array(got), as_array(expected)
    if a is None or b is None:
        if type(got) is type(expected):
            same = got is expected or np.all(got == expected)
            return None if same else Difference("They are not the same.", got, expected)
        return Difference(f"It is {_kind(got)} and should be {_kind(expected)}.", got, expected, of_form=True)
    if a.shape != b.shape:
        return Difference(_of_shape(a, b, rtol, atol), got, expected, of_form=True)
    return _compare_arrays(got, expected, a, b, rtol, atol)


# ------------------------------------------------------------------ several results


def _has_parts(got, expected):
    """Whether `expected` is several results; a list of numbers, or of arrays of one shape, is one array."""
    if isinstance(expected, tuple | dict):
        return True
    if not isinstance(expected, list):
        return False
    if as_array(expected) is None:
        return True
    mixed = any(isinstance(each, tuple | dict) for each in expected)
    return isinstance(got, list | tuple) and (mixed or as_array(got) is None)


def _compare_parts(got, expected, rtol, atol, depth):
    if isinstance(expected, dict):
        if not isinstance(got, dict) or set(got) != set(expected):
            return Difference(_of_names(got, expected), got, expected, of_form=True)
        pairs = [(f"“{name}”", got[name], expected[name]) for name in expected]
    else:
        if not isinstance(got, tuple | list) or len(got) != len(expected):
            return Difference(_of_number(got, expected, depth), got, expected, of_form=True)
        word = "item" if isinstance(expected, list) else "part" if depth else "result"
        words = [f"{word} {i} of {len(expected)}" for i in range(1, len(expected) + 1)]
        pairs = zip(words, got, expected, strict=True)
    for place, a, b in pairs:
        if found := _compare(a, b, rtol, atol, depth + 1):
            return replace(found, path=(place, *found.path))
    return None


def _of_names(got, expected):
    names = ", ".join(f"“{name}”" for name in expected)
    if not isinstance(got, dict):
        return f"It is {_kind(got)} and should be a dict with {names}."
    missing = [f"“{name}”" for name in expected if name not in got]
    if missing:
        return f"It is a dict without {', '.join(missing)}."
    return f"It is a dict with more in it than {names}."


def _of_number(got, expected, depth):
    n = len(expected)
    if isinstance(got, tuple | list) and (depth or isinstance(expected, list) or isinstance(got, list)):
        return f"It has {_parts(len(got))} and should have {n}."
    if depth or isinstance(expected, list):
        return f"It is {_kind(got)} and should have {_parts(n)}."
    return several(n)


def several(n: int) -> str:
    """What a function should give that gives something else than n results."""
    if n == 1:
        return "It should be a tuple of one result, with a comma after it: `return a,`."
    return f"It should be {n} results, with commas between them: `return a, b{', …' if n > 2 else ''}`."


def _parts(n):
    return f"{n} part{'' if n == 1 else 's'}"


def _kind(value):
    """What `value` is, in a word or two."""
    if as_array(value) is not None and not isinstance(value, list | tuple):
        return "one number" if np.ndim(value) == 0 else "an array"
    words = {"list": "a list", "tuple": "a tuple", "dict": "a dict", "str": "a text", "NoneType": "None"}
    name = type(value).__name__
    return words.get(name, "a function" if callable(value) else f"of type {name}")


def _numbers(value):
    """All the numbers of a result in one row."""
    if isinstance(value, dict):
        value = list(value.values())
    array = as_array(value)
    if array is not None:
        return array.ravel().astype(float)
    if isinstance(value, list | tuple):
        return np.concatenate([_numbers(each) for each in value])
    return np.array([np.nan])


# ------------------------------------------------------------------ one array


def _of_shape(a, b, rtol, atol):
    if b.ndim == 0:
        return f"It should be one number; it is an array of shape {a.shape}."
    if a.ndim == 0:
        return f"It is one number; it should be an array of shape {b.shape}."
    sentence = f"The shape is {a.shape} and should be {b.shape}."
    if a.size and a.size == b.size and np.allclose(a.ravel(), b.ravel(), rtol=rtol, atol=atol):
        return f"{sentence} The numbers are right."
    if a.ndim > 1 and a.T.shape == b.shape and np.allclose(a.T, b, rtol=rtol, atol=atol):
        return f"{sentence} Turned round (`.T`), it is right."
    return sentence


def _compare_arrays(got, expected, a, b, rtol, atol):
    """Two arrays of one shape."""
    exact_a, exact_b = a.astype(float), b.astype(float)
    wrong = ~np.isclose(exact_a, exact_b, rtol=rtol, atol=atol, equal_nan=True)
    if not wrong.any():
        return None
    if b.dtype.kind == "b" and not np.isin(a, (0, 1)).all():
        sentence = "It should be True or False." if b.ndim == 0 else "All of them should be True or False."
        return Difference(sentence, got, expected, of_form=True)
    for bad, name, advice in (
        (np.isnan(exact_a) & ~np.isnan(exact_b), "NaN", NAN),
        (np.isinf(exact_a) & ~np.isinf(exact_b), "infinite", INFINITE),
    ):
        if bad.any():
            return Difference(_of_bad_numbers(bad, name, advice), got, expected, worst=_first(bad))
    error = np.where(wrong, np.nan_to_num(np.abs(exact_a - exact_b), nan=np.inf), -1)
    worst = tuple(int(i) for i in np.unravel_index(np.argmax(error), error.shape))
    integers = f" {words}" if (words := without_fractions(a, b)) else ""
    ratio = f" It is the expected result {words}." if (words := factor(exact_a.ravel(), exact_b.ravel())) else ""
    if a.ndim == 0:
        by = f"The difference is {number(error[()])}." if np.isfinite(error) else "They are not the same."
        return Difference(f"{by}{ratio}{integers}", got, expected)
    if ratio and a.size <= LONG:
        return Difference(ratio.strip(), got, expected)
    said = f"{_how_many(wrong)}{indices(worst)}: {_instead(exact_a[worst], exact_b[worst])}."
    return Difference(f"{said}{ratio}{integers}", got, expected, worst=None if ratio else worst)


def _of_bad_numbers(bad, name, advice):
    count, of = int(bad.sum()), f"of the {bad.size:,} numbers"
    if bad.ndim == 0:
        many = "It is"
    elif count == bad.size:
        many = {1: "The number is", 2: "Both numbers are"}.get(count, f"All {count:,} numbers are")
    else:
        many = f"1 {of} is" if count == 1 else f"{count:,} {of} are"
    where = "" if count == bad.size else f", {'the first ' if count > 1 else ''}at index {indices(_first(bad))}"
    meaning = " (“not a number”)" if name == "NaN" else ""
    return f"{many} {name}{meaning}{where}: {advice}"


def without_guess(message):
    """A message without the general advice on NaN and infinity, for where the true cause is known."""
    return message.replace(f": {NAN}", ".").replace(f": {INFINITE}", ".")


def _first(bad):
    return tuple(int(i) for i in np.argwhere(bad)[0]) if bad.ndim else ()


def _how_many(wrong):
    count = int(wrong.sum())
    if wrong.size == 1:
        return "It differs at index "
    if count == wrong.size == 2:
        return "Both numbers differ, most at index "
    if count == 1:
        return f"Only 1 of the {wrong.size:,} numbers differs, at index "
    if count == wrong.size:
        return f"All {count:,} numbers differ, most at index "
    return f"{count:,} of the {wrong.size:,} numbers differ, most at index "


def _instead(a, b):
    """Two different numbers with as many digits as it takes to tell them apart; and the error, where it is small."""
    digits = next((n for n in (6, 9, 12) if number(a, n) != number(b, n)), 17)
    small = np.isfinite(a - b) and abs(a - b) < 0.01 * abs(b)
    error = f" (an error of {number(abs(a - b), 2)})" if small else ""
    return f"{number(a, digits)} in place of {number(b, digits)}{error}"
