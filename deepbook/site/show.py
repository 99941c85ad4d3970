"""The fence that prints the book's own code, cut from its file, so that page and package cannot differ.

    ```python show
    deepbook.perceptron.step
    deepbook.perceptron.predict
    ```

`python show nodoc` leaves the docstrings out. The files are parsed, not imported. An unknown name stops the build.
Below the code stand links to the API page.
"""

import ast
import html
import textwrap
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from deepbook.site.fences import PACKAGE, FenceError, check_options, highlight, page_name, stops_the_build
from deepbook.site.language import words_of


class NoSuchName(LookupError):
    """The file or the name in it is not there."""


def find_module(dotted, package=PACKAGE):
    """Split "deepbook.perceptron.step" into the module's file and the names that remain, ("step",)."""
    first, *names = dotted.split(".")
    if first == package.name:
        for cut in range(len(names), 0, -1):
            file = package.joinpath(*names[:cut]).with_suffix(".py")
            if file.is_file():
                return file, tuple(names[cut:])
    raise NoSuchName(f"there is no module for {dotted!r} in {package.name}")


def cut(file, names, docstring=True):
    """As `cut_from`, from the text of a file."""
    return cut_from(Path(file).read_text(encoding="utf-8"), names, docstring, Path(file).name)


def cut_from(text, names, docstring=True, file="the text"):
    """The source of a function, class, method or constant of a module's text, with its decorators.

    names: where it is, for example ("step",) or ("Dense", "apply"); () is the whole file.
    docstring: False leaves the docstrings out.
    Raises NoSuchName if it is not there.
    """
    node = tree = parsed(text)
    for name in names:
        node = next((each for each in node.body if name in _names(each)), None) if hasattr(node, "body") else None
        if node is None:
            raise NoSuchName(f"{file} has no {'.'.join(names)!r}")
    lines = text.splitlines()
    first, last = (1, len(lines)) if node is tree else _extent(node)
    left_out = set() if docstring else _docstring_lines(node)
    kept = [line for number, line in enumerate(lines[first - 1 : last], first) if number not in left_out]
    return textwrap.dedent("\n".join(kept)).strip("\n")


parsed = lru_cache(maxsize=100)(ast.parse)  # a page shows many pieces of one module


def _names(node):
    """What a statement defines."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {each.id for target in node.targets for each in ast.walk(target) if isinstance(each, ast.Name)}
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    return set()


def _extent(node):
    """First and last line, decorators included."""
    return min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))]), node.end_lineno


def _docstring_lines(node):
    """The lines of all docstrings in a piece of code, and the empty lines after them."""
    lines = set()
    for each in ast.walk(node):
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)):
            if ast.get_docstring(each) is None or len(each.body) == 1:
                continue
            until = _extent(each.body[1])[0] if isinstance(each, ast.Module) else each.body[0].end_lineno + 1
            lines |= set(range(each.body[0].lineno, until))
    return lines


def validator(language, inputs, options, attrs, md):
    """Whether this is our fence, and not a plain block of Python."""
    if "show" not in inputs:
        return False
    check_options(f"{page_name(md)}, a python show fence", inputs, ("show", "nodoc", "title"))
    options.update(inputs)
    return True


@stops_the_build
def formatter(source, language, css_class, options, md, **_):
    """The sources of the names in the fence, one below the other, as HTML."""
    dotted, say = source.split(), words_of(md)
    if not dotted:
        raise FenceError(f"{page_name(md)}: a python show fence without a name")
    pieces, files = [], []
    for name in dotted:
        file, names = find_module(name)
        pieces.append(cut(file, names, docstring="nodoc" not in options))
        files.append(file.relative_to(PACKAGE.parent).as_posix())
    title = options.get("title") or ", ".join(dict.fromkeys(files))
    links = ", ".join(
        f'<autoref identifier="{html.escape(name)}" optional><code>{html.escape(name)}</code></autoref>'
        for name in dotted
    )
    code = highlight(md, _join(pieces), "python", title)
    return f'<div class="show">{code}<p class="show-links" data-search-exclude>{say("Reference: ")}{links}</p></div>'


def _join(pieces):
    """Definitions two lines apart, constants one below the other."""
    text = pieces[0]
    for before, piece in pairwise(pieces):
        short = "\n" not in before and "\n" not in piece
        text += ("\n" if short else "\n\n\n") + piece
    return text
