"""The recogniser: which well-known wrong answer gives just what the learner's gives?

`solutions/chNN_name/mistakes.py` holds wrong answers that real people give, each a function marked
with `@mistake(exercise, sentence)`. Where one of them agrees with the learner's function on every call
that the tests made, its sentence is shown.
"""

import contextlib
import copy
import hashlib
import importlib.util
import io
import pickle
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from deepbook.course.checks import Call, told_apart
from deepbook.course.compare import compare
from deepbook.course.index import book_root

KEPT: dict[bytes, bytes] = {}  # what mistakes gave, by their names and inputs; the grader keeps it for the next process


@dataclass(frozen=True)
class Mistake:
    """A wrong answer with a name, and what a good teacher says when seeing it."""

    name: str
    exercise: str
    sentence: str
    answer: Callable


def mistake(exercise: str, sentence: str):
    """Mark the function below as a wrong answer to `exercise`, and say what to tell its author."""

    def mark(function):
        function.mistake = Mistake(function.__name__, exercise, " ".join(sentence.split()), function)
        return function

    return mark


@cache
def mistakes_of(chapter: str) -> tuple[Mistake, ...]:
    """All the mistakes that the book knows for a chapter's folder, in the order of the file."""
    path: Path = book_root() / "solutions" / chapter / "mistakes.py"
    if not path.exists():
        return ()
    spec = importlib.util.spec_from_file_location(f"deepbook_mistakes_{chapter}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return tuple(value.mistake for value in vars(module).values() if hasattr(value, "mistake"))


def recognise(chapter: str, exercise: str, calls: list[Call]) -> Mistake | None:
    """The first mistake that agrees with the learner on all `calls` of the function `exercise`."""
    calls = [call for call in calls if call.function == exercise]
    if not calls:
        return None
    known = (each for each in mistakes_of(chapter) if each.exercise == exercise)
    return next((each for each in known if all(_agrees(each, call) for call in reversed(calls))), None)


def try_mistakes(exercise, calls: list[Call]):
    """Run all mistakes of an exercise on these inputs, to know what they give when somebody is wrong."""
    for call in calls:
        for each in mistakes_of(exercise.chapter):
            if each.exercise == exercise.name == call.function:
                outcome(each, call.inputs)


def _agrees(mistake: Mistake, call: Call) -> bool:
    value, error = outcome(mistake, call.inputs)
    if error:
        return error is type(call.error)
    return call.error is None and (_same(call.value, value) or _same(value, call.value))


def outcome(mistake: Mistake, inputs):
    """The value and None, or None and the class of the error. It runs once for the same inputs: some mistakes train."""
    name = _name(mistake, inputs)
    if name in KEPT:
        return pickle.loads(KEPT[name])
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            found = mistake.answer(*copy.deepcopy(inputs)), None
        except Exception as error:
            found = None, type(error)
    if name:
        with contextlib.suppress(Exception):  # not everything can be pickled
            KEPT[name] = pickle.dumps(found)
    return found


def _name(mistake: Mistake, inputs) -> bytes | None:
    """The same for the same inputs in every process; None if there is a function among them."""
    file = io.BytesIO()
    try:
        _WithoutFunctions(file).dump((mistake.name, told_apart(inputs)))
    except (TypeError, AttributeError, pickle.PicklingError):
        return None
    return hashlib.sha256(file.getvalue()).digest()


class _WithoutFunctions(pickle.Pickler):
    def reducer_override(self, value):
        if callable(value) and not isinstance(value, type):
            raise TypeError
        return NotImplemented


def _same(a, b):
    try:
        return compare(a, b, rtol=1e-4, atol=1e-6) is None
    except Exception:
        return False
