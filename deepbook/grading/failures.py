"""A student's exception, told by the jailed side, as an exception here: the same class, text and line.

Nothing is believed. The class is a built-in one or a new one of that name, texts are cleaned, and the line of code is
read from the files that were handed in.
"""

import builtins
from pathlib import Path

from deepbook.grading.wire import clean

LONGEST = 1500  # letters of a text
# Built-in exceptions that are made again as they were. Not KeyboardInterrupt or GeneratorExit: they steer Python.
SAME = {
    name: found
    for name, found in vars(builtins).items()
    if isinstance(found, type)
    and issubclass(found, Exception)
    and not issubclass(found, Warning | UnicodeError | StopAsyncIteration | BaseExceptionGroup)
} | {"SystemExit": SystemExit}


class StudentError(Exception):
    """An exception of no class that we know; `type(error).__name__` is the name that it has in the student's code."""


class Anything:
    """Stands for an object in the jail, of which only the names of its attributes are known."""

    def __init__(self, names):
        self._names = names

    def __dir__(self):
        return self._names


def rebuilt(said, folder: Path, files: dict[str, bytes]) -> BaseException:
    """The exception, with a traceback that ends in the student's line.

    said: what worker.py's `described` gave, or anything else. folder: where the files lie, to be read as text.
    """
    said = said if isinstance(said, dict) else {}
    names = [name for name in texts(said.get("names"), 400) if name.isidentifier()]
    error = made(said, folder, files)
    if isinstance(error, NameError | AttributeError) and isinstance(said.get("name"), str):
        error.name = clean(said["name"], 100)
        if isinstance(error, AttributeError):
            error.obj = Anything(names)
    place = said.get("place")
    if isinstance(place, list) and len(place) == 2 and place[0] in files and type(place[1]) is int:
        lines = files[place[0]].count(b"\n") + 1
        return placed(error, str(folder / place[0]), min(max(place[1], 1), lines), names)
    return error


def made(said, folder, files) -> BaseException:
    classes = [name for name in texts(said.get("classes"), 20) if name.isidentifier()] or ["Exception"]
    text = clean(said["text"], LONGEST) if isinstance(said.get("text"), str) else ""
    known = next((SAME[name] for name in classes if name in SAME), None)
    if known is not None and issubclass(known, SyntaxError) and classes[0] in SAME:
        return syntax_error(known, said, folder, files)
    args = said.get("args")
    args = [plain(each) for each in args] if isinstance(args, list) else [text]
    try:
        if known is not None and classes[0] in SAME:
            return known(*args)
        return type(
            classes[0], (StudentError, known) if known not in (None, Exception, SystemExit) else (StudentError,), {}
        )(text)
    except (TypeError, ValueError):
        return type(classes[0], (StudentError,), {})(text)


def syntax_error(known, said, folder, files):
    found = said.get("syntax")
    if not isinstance(found, list) or len(found) != 6:
        found = [None] * 6
    file, line, offset, text, end_line, end_offset = found
    numbers = [n if type(n) is int and 0 <= n < 10**6 else None for n in (line, offset, end_line, end_offset)]
    file = str(folder / file) if file in files else None
    text = clean(text, 500) if isinstance(text, str) else None
    message = (texts(said.get("args"), 1) or ["invalid syntax"])[0]
    return known(message, (file, numbers[0], numbers[1], text, numbers[2], numbers[3]))


def texts(value, most) -> list[str]:
    """The texts in a list of strangers, cleaned."""
    return [clean(each, 300) for each in value[:most] if isinstance(each, str)] if isinstance(value, list) else []


def plain(value):
    return clean(value, LONGEST) if isinstance(value, str) else value if type(value) in (int, float, bool) else None


def placed(error, file: str, line: int, names) -> BaseException:
    """The error, as if that line had raised it."""
    code = compile("\n" * (line - 1) + "raise error", file, "exec")
    try:
        exec(code, {**dict.fromkeys(names), "error": error})
    except BaseException as raised:
        return raised.with_traceback(raised.__traceback__.tb_next)
