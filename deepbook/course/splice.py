"""One function of a file, by its lines: find it, put another in its place."""

import ast
import io

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def lines_of(text: str) -> list[str]:
    """The lines as Python counts them, with their ends."""
    return list(io.StringIO(text, newline=""))


def span(text: str, name: str) -> tuple[int, int] | None:
    """The lines [first, last) of the last function or class `name` at the top level, with its decorators.

    None if there is none. Raises SyntaxError if Python cannot read the text.
    """
    try:
        body = ast.parse(text).body
    except ValueError as error:  # a NUL in the text
        raise SyntaxError(str(error)) from error
    found = [node for node in body if isinstance(node, DEFINITIONS) and node.name == name]
    if not found:
        return None
    first = min([found[-1].lineno, *(each.lineno for each in found[-1].decorator_list)])
    return first - 1, found[-1].end_lineno


def function(text: str, name: str) -> str | None:
    """The source of one function; None if it is not there, or if Python cannot read the text."""
    try:
        place = span(text, name)
    except SyntaxError:
        return None
    return "".join(lines_of(text)[slice(*place)]) if place else None


def line_number(text: str, name: str) -> int:
    """The line where a function starts, counted from 1; 1 if it cannot be found."""
    try:
        place = span(text, name)
    except SyntaxError:
        place = None
    return place[0] + 1 if place else head(text, name)


def head(text: str, name: str) -> int:
    """The line of the last `def name(`, counted from 1, also where Python cannot read the text; 1 if there is none."""
    at = max(text.rfind(f"\ndef {name}("), text.rfind(f"\nclass {name}"))
    return text.count("\n", 0, at + 1) + 1 if at >= 0 else 1


def replaced(text: str, name: str, source: str) -> str:
    """`text` with its function `name` replaced by `source`, or with `source` at its end if it has none.

    Raises SyntaxError if Python cannot read the text.
    """
    place = span(text, name)
    lines = lines_of(text)
    end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    new = "".join(line.rstrip("\r\n") + end for line in lines_of(source))
    if place:
        result = "".join(lines[: place[0]]) + new + "".join(lines[place[1] :])
    else:
        result = text.rstrip() + (end * 3 if text.strip() else "") + new
    ast.parse(result)
    return result
