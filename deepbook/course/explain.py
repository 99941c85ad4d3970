"""From an exception to a short paragraph for a learner."""

import ast
import sys
import traceback
from pathlib import Path

from deepbook.course.checks import CheckFailed, log, written
from deepbook.course.index import ExerciseSet

# What the message of a well-known error is really about: (part of the error's text, what to say).
TIPS = (
    ("JAX arrays are immutable", "Write `x = x.at[i].set(value)` in place of `x[i] = value`."),
    ("TracerBoolConversionError", "Inside jit the values are not known yet: use `jnp.where` in place of `if`."),
    ("TracerArrayConversionError", "Inside jit the values are not known yet: use `jnp` in place of `np`."),
    ("ConcretizationTypeError", "Inside jit the values are not known yet: shapes and `range` must not depend on them."),
    ("unhashable type", "A list cannot be a key of a dict or a set; a tuple can."),
    ("'NoneType' object", "Something is None: does a function that you call lack its `return`?"),
    ("truth value of an array", "`if` needs one yes or no, and this is an array: use `np.where`, or index it."),
    ("core dimension", "The shapes do not fit for @. Print both just above that line; `.T` turns a matrix round."),
    ("shapes", "Print the shapes of both arrays just above that line."),
    ("could not be broadcast", "Print the shapes of both arrays just above that line."),
    ("division by zero", "What if there is nothing to divide by?"),
    ("object is not callable", "Two names clash: you called a value as if it were a function."),
)


class Unfair(Exception):
    """An answer imports what it should build."""


class Missing(Exception):
    """A learner's file, or a function in it, is not there."""


def explain(error: BaseException, known: ExerciseSet, file: Path, limit_s: float) -> str:
    """One short paragraph on why a test of `known` failed; `file` holds the answers."""
    if isinstance(error, CheckFailed | Unfair | Missing):
        return str(error)
    if isinstance(error, NotImplementedError):
        return f"NotImplementedError: {error}"
    if isinstance(error, SyntaxError):
        line = (error.text or "").strip()
        return f"{known.file}, line {error.lineno}: Python cannot read this line: {error.msg}.\n    {line}"
    if isinstance(error, SystemExit):
        return f"{known.file} calls exit(), which ends Python itself. Take that line out; a function ends by `return`."
    if type(error).__name__ == "TooLong":
        return (
            f"{_place(error, known, file)[0]}did not end within {limit_s:g} seconds and was stopped. "
            "Look for a loop whose condition never becomes false."
        )
    if isinstance(error, KeyboardInterrupt):
        return "Stopped by Ctrl-C."
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    place, code = _place(error, known, file)
    if not place and isinstance(error, AssertionError):
        return text
    if not place and log.calls:  # the call itself failed: wrong number of arguments
        return f"{written(log.calls[-1].function, log.calls[-1].inputs)} raised {' '.join(text.split())[:300]}."
    call = f" It was called as {written(log.calls[-1].function, log.calls[-1].inputs)}." if place and log.calls else ""
    tip = next((f" {advice}" for part, advice in TIPS if part in text), "")
    return f"{place}raised {' '.join(text.split())[:300]}.{call}{tip}{code}"


def _place(error, known, file):
    """("ch01/neuron.py, line 12, ", "\\n    the code of that line"), or twice "" if it was elsewhere."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).resolve() == file.resolve()]
    if not frames:
        return "", ""
    return f"{known.file}, line {frames[-1].lineno}, ", f"\n    {frames[-1].line}"


def unfair_import(source: str, allowed: tuple[str, ...]) -> str:
    """A friendly sentence about the first import in `source` that an answer may not use; "" if all are fair.

    allowed: packages ("numpy") or modules ("jax.numpy"). `jax` allows jit, grad and vmap, not what it ships in jax.nn.
    What comes with Python, and a learner's own exercise files (ch01_…), are always fair.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return ""  # importing the file will say so, better
    for node in ast.walk(tree):
        for name in _imported(node):
            if not _fair(name, allowed):
                fair = ", ".join(allowed)
                return (
                    f"Line {node.lineno} uses {name}. Here you build that piece yourself, so it is not fair; "
                    f"fair are {fair} and what comes with Python."
                )
    return ""


def forbidden_name(source: str, function: str, forbids: tuple[str, ...]) -> str:
    """The first of the names in `forbids` that the function uses; "" if none."""
    nodes = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == function)
    used = {each.id for node in nodes for each in ast.walk(node) if isinstance(each, ast.Name)}
    return next((name for name in forbids if name in used), "")


def _imported(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "jax":
        return [f"jax.{node.attr}"]
    return []


def _fair(name, allowed):
    if name.split(".")[0] in sys.stdlib_module_names or (name[:2] == "ch" and name[2:4].isdigit()):
        return True
    if name.startswith(("jax.nn", "jax.scipy", "jax.example_libraries", "jax.experimental")):
        return False
    return any(name == each or name.startswith(f"{each}.") for each in allowed)
