"""The three sentences that an exercise's test is made of: `check`, `check_that` and `check_raises`.

Each calls the learner's function on a copy of the inputs, writes the call down (for the recogniser of
mistakes), and fails with one short paragraph: what went in, what came out, what was expected.
"""

import copy
import functools
import inspect
import linecache
import re
import traceback
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deepbook.course.compare import compare, several
from deepbook.course.show import ROOM, as_array, in_short, is_whole, show, show_inputs

SEVERAL = 80  # letters that several results may take, to be shown together


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


class Counted:
    """A function that counts how often it is called, for tests of answers that should leave a loop to lax.scan.

    function: what is counted. calls: how often Python has called it; what JAX traces is called once or twice, however
    often the compiled program runs it. Call the answer under jax.jit, with this as a static argument: a grader sees
    only what is traced. A copy of it is the same counter, so it may be an input of a check.
    """

    def __init__(self, function):
        functools.update_wrapper(self, function)
        self.function, self.calls = function, 0

    def __call__(self, *inputs):
        self.calls += 1
        return self.function(*inputs)

    def __deepcopy__(self, memo):
        return self


def once(function):
    """`function`, which works once for the same inputs however many tests ask: for answers that train.

    An error is not kept: each test that asks has it anew.
    """
    kept = {}

    @functools.wraps(function)
    def first(*inputs):
        try:
            hash(name := told_apart(inputs))
        except TypeError:  # something that cannot be told apart
            return function(*inputs)
        if name not in kept:
            kept[name] = function(*inputs)
        return kept[name]

    return first


def told_apart(value):
    """What is equal for equal inputs only: kind and numbers of arrays and of random keys, other things themselves."""
    kind = type(value)
    if isinstance(value, dict):
        return tuple((name, told_apart(each)) for name, each in value.items())
    if isinstance(value, list | tuple):
        return kind, tuple(map(told_apart, value))
    if callable(value):
        return value
    if str(getattr(value, "dtype", "")).startswith("key<"):
        import jax

        value = jax.random.key_data(value)
    array = np.asarray(value)
    return value if array.dtype == object else (kind, array.dtype.str, array.shape, array.tobytes())


def check(function, *inputs, gives, rtol=1e-4, atol=1e-6, secret=False):
    """`function(*inputs)` must give `gives`: the same shapes, numbers as near as rtol and atol say.

    Both may be a number, an array, or several: a tuple, a list such as [(W, b), …], a dict of arrays.
    secret: do not show what was expected (for exercises done by hand).
    """
    got = _call(function, inputs)
    if found := compare(got, gives, rtol, atol):
        call = written(function, inputs)
        raise CheckFailed(_without_the_answer(call, got, found) if secret else _in_words(call, got, gives, found))


def check_that(function, *inputs, holds, expected, found=None):
    """`function(*inputs)` must make `holds(value)` true; `expected` says in words what that means.

    found: a function of the value that says in a sentence what it does instead.
    """
    got = _call(function, inputs)
    try:
        good = bool(holds(got))
    except Exception as error:
        hint = _why_not_judged(got, error)
        raise CheckFailed(f"{written(function, inputs)} gave {show(got)}; expected {ended(expected)} {hint}") from error
    if not good:
        instead = f" {found(got)}" if found else ""
        raise CheckFailed(f"{written(function, inputs)} gave {show(got)}; expected {ended(expected)}{instead}")


def _why_not_judged(got, error):
    """What a test could not do with a value: most often, take its results apart."""
    if got is None:
        return "Did you forget `return`?"
    wanted = re.search(r"values to unpack \(expected (\d+)", str(error))
    if wanted and _is_unpacked(got, error):
        return several(int(wanted[1]))
    if "cannot unpack non-iterable" in str(error) and _is_unpacked(got, error):
        return "It should be several results, with commas between them: `return a, b`."
    return f"Checking it raised {ended(in_short(error))}"


def _is_unpacked(got, error):
    """Whether the line that failed is `a, b = name`, and the name's value is `got`."""
    frame, number = list(traceback.walk_tb(error.__traceback__))[-1]
    line = linecache.getline(frame.f_code.co_filename, number)
    name = re.search(r", *\w+ *= *(\w+)$", line.strip())
    return bool(name) and frame.f_locals.get(name[1]) is got


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
        if _changed(before, after):
            raise input_changed(function, inputs, number, after)
    return call.value


def input_changed(function, inputs, number, after) -> InputChanged:
    """What is said of an answer that wrote into its input with that number."""
    return InputChanged(
        f"{written(function, inputs)} changed {_input(function, number)} in place to {show(after)}. The caller still "
        "needs it: work on a copy (`list(…)`, `….copy()`), or write `w = w + …` in place of `w += …`."
    )


def _name(function):
    return getattr(function, "__name__", "your function")


def _input(function, number):
    """What an input of the function is called."""
    try:
        return f"its input `{list(inspect.signature(function).parameters)[number]}`"
    except (TypeError, ValueError, IndexError):
        return f"its input number {number + 1}"


def written(function, inputs) -> str:
    """A call of a function (or of a name), as one would write it; what is long is described."""
    name = function if isinstance(function, str) else _name(function)
    return f"{name}({show_inputs(inputs)})"


def _in_words(call, got, expected, found):
    """What came out, what was expected, where they differ: all of it if it is short, else the part that differs."""
    where, sentence, room = "", str(found), SEVERAL if found.path else ROOM
    if not (is_whole(got, room) and is_whole(expected, room)):
        got, expected, sentence = found.got, found.expected, found.sentence
        where = f" as {found.place}" if found.place else ""
    if found.worst and not (is_whole(got) and is_whole(expected)):
        return f"{call} gave {show(got)}{where}. {sentence} {found.window()}".strip()
    return f"{call} gave {show(got)}{where}; expected {show(expected)}. {sentence}"


def _without_the_answer(call, got, found):
    """What came out and which result is wrong, but not what it should be."""
    if found.of_form:
        return f"{call} gave {show(got)}. {found}"
    where = f" {found.place[0].upper()}{found.place[1:]} is not right yet." if found.place else ""
    return f"{call} gave {show(got)}.{where}"


def _changed(before, after) -> bool:
    """Whether an input was written into: an array, or one anywhere in a list, a tuple or a dict."""
    if isinstance(before, dict):
        return list(before) != list(after) or any(_changed(before[name], after[name]) for name in before)
    if isinstance(before, list | tuple):
        return len(before) != len(after) or any(map(_changed, before, after))
    a, b = as_array(before), as_array(after)
    return a is not None and (b is None or not np.array_equal(a, b, equal_nan=True))
