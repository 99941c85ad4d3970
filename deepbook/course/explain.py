"""From an exception to a short paragraph for a learner."""

import ast
import builtins
import difflib
import importlib.util
import re
import sys
import traceback
from pathlib import Path

from deepbook.course.checks import CheckFailed, ended, log, written
from deepbook.course.index import ExerciseSet
from deepbook.course.show import in_short, shortest
from deepbook.course.tips import tip_for

LINE = 160  # letters of a line of code that are shown
PIECE = 30  # letters of it that are named as the place to look at
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


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
        return _unreadable(error, known, file)
    if isinstance(error, SystemExit):
        return f"{known.file} calls exit(), which ends Python itself. Take that line out; a function ends by `return`."
    if isinstance(error, KeyboardInterrupt):
        return "Stopped by Ctrl-C."
    place, line = _place(error, known, file)
    code, without = _code(line), _not_used(known, file)
    call = written(log.calls[-1].function, log.calls[-1].inputs) if log.calls else ""
    called = call if call and log.calls[-1].error is error else ""  # the call that failed
    how = f" It was called as {called}." if called else ""
    if type(error).__name__ == "TooLong":
        return (
            f"{place or 'The test '}did not end within {limit_s:g} seconds and was stopped.{how} "
            f"Look for a loop whose condition never becomes false, or one with too many steps.{code}"
        )
    if not place and isinstance(error, AssertionError):
        return f"{type(error).__name__}: {error}"
    text = f"{ended(in_short(error))}{_near_name(error)}"
    if place:
        return f"{place}raised {text}{how}{tip_for(error, line, without)}{code}"
    if called and "positional argument" in text:
        return f"{called} raised {text} Leave the `def` line as it was given to you."
    if called:
        return f"{called} raised {text}{tip_for(error, without=without)}"
    last = f" The last call was {call}." if call else ""
    return f"The test could not use what your code gave: {text}{last}"


def _near_name(error):
    """ " Did you mean `length`?" for a name that does not exist; Python itself says that only in a traceback."""
    if not isinstance(error, NameError | AttributeError) or not getattr(error, "name", None):
        return ""
    if isinstance(error, AttributeError):
        known = dir(error.obj)
    else:
        frame = list(traceback.walk_tb(error.__traceback__))[-1][0]
        known = {*frame.f_locals, *frame.f_globals, *dir(builtins)}
    found = near(error.name, known)
    return f" Did you mean `{found}`?" if found else ""


def near(name: str, names, cutoff: float = 0.6) -> str:
    """The one of the names that is spelled most like `name`; "" if none is near."""
    return next(iter(difflib.get_close_matches(name, sorted(names), n=1, cutoff=cutoff)), "")


def _not_used(known, file):
    """The names that a tip should not speak of: jax where the file does without, and what the exercise forbids."""
    forbidden = {e.name: e.forbids for e in known.exercises}.get(log.calls[-1].function, ()) if log.calls else ()
    return forbidden if "jax" in _source(file) else ("jax", *forbidden)


def _source(path):
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _unreadable(error, known, file):
    """A line that Python cannot read, in this file or in another of the learner's that it imports."""
    path = Path(error.filename or file)
    folder = file.parent.parent
    name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else known.file
    source, line = _source(path), (error.text or "").strip()
    if isinstance(error, TabError):
        tip = " Begin lines with spaces only, four for each level."
    elif isinstance(error, IndentationError):
        line = (error.text or "").rstrip().expandtabs(8)
        tip = f"{_indented(source, error.lineno)} The spaces at the start of a line say what it belongs to: "
        tip += "four for each level."
    else:
        tip = _where(error)
    if source.count('"""') % 2:
        tip += ' Is a `"""` missing above?'
    return f"{name}, line {error.lineno}: Python cannot read this line: {ended(error.msg)}{tip}{_code(line)}"


def _indented(source, number):
    """How many spaces a line begins with, beside the line above it that is not empty."""
    *above, line = source.splitlines()[:number] or [""]
    before = next((each for each in reversed(above) if each.strip()), None)
    if before is None:
        return ""
    spaces = [len(each.expandtabs(8)) - len(each.expandtabs(8).lstrip()) for each in (line, before)]
    return f" It begins with {spaces[0]} space{'' if spaces[0] == 1 else 's'}, the line above with {spaces[1]}."


def _where(error):
    """The place in its line that Python cannot read, in words: " Look at the second `)`."."""
    text, start = (error.text or "").rstrip(), (error.offset or 0) - 1
    if start < 0 or not text.strip():
        return ""
    if start >= len(text):
        return " Look at the end of the line."
    piece = re.match(r"\w+|\"{3}|\S|\s+", text[start:])[0]
    if error.end_lineno == error.lineno and error.end_offset:
        piece = max(piece, text[start : error.end_offset - 1][:PIECE], key=len)
    times = len(re.findall(_alone(piece), text))
    if not piece.strip() or (times == 1 and f"'{piece}'" in error.msg):
        return ""
    before = len(re.findall(_alone(piece), text[:start]))
    which = "" if times == 1 else f"the {ORDINALS[before]} " if before < len(ORDINALS) else "a "
    return f" Look at {which}`{piece}`."


def _alone(piece):
    """A pattern for a word or a sign, not inside a longer word."""
    return rf"(?<!\w){piece}(?!\w)" if piece.isidentifier() else re.escape(piece)


def _place(error, known, file):
    """("ch01/neuron.py, line 12, ", "the code of that line"), or twice "" if it was elsewhere."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).resolve() == file.resolve()]
    if not frames:
        return "", ""
    return f"{known.file}, line {frames[-1].lineno}, ", frames[-1].line or ""


def _code(line):
    """A line of code under the paragraph; "" if there is none."""
    return f"\n    {shortest([line], LINE)}" if line else ""


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
                if meant := _misspelled(name.split(".")[0], allowed):
                    return f"Line {node.lineno}: there is no module {name.split('.')[0]}. Did you mean {meant}?"
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


def _misspelled(package, allowed):
    """The package that was meant where there is none of that name; "" if there is one, or none is near."""
    if package in sys.modules or importlib.util.find_spec(package):
        return ""
    return near(package, {each.split(".")[0] for each in allowed}) or near(package, sys.stdlib_module_names, 0.8)


def _fair(name, allowed):
    if name.split(".")[0] in sys.stdlib_module_names or (name[:2] == "ch" and name[2:4].isdigit()):
        return True
    if name.startswith(("jax.nn", "jax.scipy", "jax.example_libraries", "jax.experimental")):
        return False
    return any(name == each or name.startswith(f"{each}.") for each in allowed)
