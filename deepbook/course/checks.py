"""The three sentences that an exercise's test is made of: `check`, `check_that` and `check_raises`.

Each calls the learner's function on a copy of the inputs, writes the call down (for the recogniser of
mistakes), and fails with one short paragraph: what went in, what came out, what was expected.
"""

import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deepbook.course.show import show


@dataclass
class Call:
    """One call of a learner's function: what went in, and the value or the exception that came out."""

    function: str
    inputs: tuple
    value: Any = None
    error: BaseException | None = None


@dataclass
class Log:
    """The calls of the exercise that is being tested; the plug-in empties it between exercises."""

    calls: list[Call] = field(default_factory=list)


log = Log()


class CheckFailed(AssertionError):
    """An answer is wrong. The message is one paragraph for the learner."""


class InputChanged(CheckFailed):
    """An answer wrote into its inputs, so what it gave says nothing about other mistakes."""


def check(function, *inputs, gives, rtol=1e-4, atol=1e-6, secret=False):
    """`function(*inputs)` must give `gives`: the same shapes, numbers as near as rtol and atol say.

    secret: do not show what was expected (for exercises done by hand).
    """
    got = _call(function, inputs)
    if problem := difference(got, gives, rtol, atol):
        expected = "" if secret else f"; expected {show(gives)}"
        about_the_form = problem.startswith(("Did you forget", "It should be", "The shape"))
        detail = f" {problem}" if about_the_form or not secret else ""
        raise CheckFailed(f"{written(function, inputs)} gave {show(got)}{expected}.{detail}")


def check_that(function, *inputs, holds, expected):
    """`function(*inputs)` must make `holds(value)` true; `expected` says in words what that means."""
    got = _call(function, inputs)
    try:
        good = bool(holds(got))
    except Exception as error:
        hint = " Did you forget `return`?" if got is None else f" Checking it raised {type(error).__name__}: {error}."
        raise CheckFailed(f"{written(function, inputs)} gave {show(got)}; expected {ended(expected)}{hint}") from error
    if not good:
        raise CheckFailed(f"{written(function, inputs)} gave {show(got)}; expected {ended(expected)}")


def check_raises(function, *inputs, error=ValueError, because):
    """`function(*inputs)` must raise `error`, because … (a clause that says what is wrong with the inputs)."""
    try:
        got = _call(function, inputs)
    except error as raised:
        if isinstance(raised, NotImplementedError):
            raise
        return
    except Exception as raised:
        if isinstance(raised, NotImplementedError):
            raise
        raise CheckFailed(
            f"{written(function, inputs)} raised {type(raised).__name__}; expected {error.__name__}, because {because}."
        ) from raised
    if isinstance(got, type) and issubclass(got, BaseException):
        raise CheckFailed(f"{written(function, inputs)} returned {got.__name__} itself: write `raise`, not `return`.")
    raise CheckFailed(f"{written(function, inputs)} gave {show(got)}; expected {error.__name__}, because {because}.")


def ended(text: str) -> str:
    """`text` as a sentence that ends."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _call(function, inputs):
    call = Call(_name(function), copy.deepcopy(inputs))
    given = copy.deepcopy(inputs)
    log.calls.append(call)
    try:
        call.value = function(*given)
    except BaseException as error:
        call.error = error
        raise
    for number, (before, after) in enumerate(zip(inputs, given, strict=True)):
        if isinstance(before, np.ndarray | list) and difference(after, before, 0, 0):
            raise InputChanged(
                f"{written(function, inputs)} changed its input number {number + 1} in place to {show(after)}. "
                "The caller still needs it: make a copy, or write `w = w + …` in place of `w += …`."
            )
    return call.value


def _name(function):
    return getattr(function, "__name__", "your function")


def written(function, inputs) -> str:
    """A call of a function (or of a name), as one would write it."""
    name = function if isinstance(function, str) else _name(function)
    return f"{name}({', '.join(show(each) for each in inputs)})"


def difference(got, expected, rtol=1e-4, atol=1e-6) -> str:
    """In what `got` differs from `expected`, as a sentence; "" where they agree.

    A tuple means several results; a list means an array.
    """
    if got is None and expected is not None:
        return "Did you forget `return`?"
    if isinstance(expected, tuple):
        return _difference_of_parts(got, expected, rtol, atol)
    a, b = _array(got), _array(expected)
    if a is None or b is None:
        same_kind = type(got) is type(expected)
        if same_kind:
            return "" if got == expected else "They are not the same."
        return f"It is of type {type(got).__name__} and should be {type(expected).__name__}."
    if a.shape != b.shape:
        if b.ndim == 0:
            return f"It should be one number; it is an array of shape {a.shape}."
        return f"The shape is {a.shape} and should be {b.shape}."
    if np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=True):
        return ""
    if np.isnan(a).any() and not np.isnan(b).any():
        return "NaN means “not a number”: look for 0/0, log(0), or infinity minus infinity."
    if np.isinf(a).any() and not np.isinf(b).any():
        return "inf means infinity: look for log(0), a division by 0, or exp of a large number."
    with np.errstate(invalid="ignore"):
        error = np.nan_to_num(np.abs(a - b), nan=np.inf)
    if a.ndim == 0:
        return f"The difference is {float(error):.3g}."
    worst = tuple(int(i) for i in np.unravel_index(np.argmax(error), error.shape))
    place = worst[0] if len(worst) == 1 else worst
    return f"The largest difference, {error[worst]:.3g}, is at index {place}."


def _array(value):
    """`value` as an array of float64, or None if it is not made of numbers."""
    try:
        array = np.asarray(value)
    except Exception:
        return None
    return array.astype(np.float64) if array.dtype.kind in "fiub" else None


def _difference_of_parts(got, expected, rtol, atol):
    if not isinstance(got, tuple | list) or len(got) != len(expected):
        return f"It should be {len(expected)} results, with commas between them: `return a, b, …`."
    for number, (a, b) in enumerate(zip(got, expected, strict=True), 1):
        if problem := difference(a, b, rtol, atol):
            return f"Look at result {number} of {len(expected)}. {problem}"
    return ""
