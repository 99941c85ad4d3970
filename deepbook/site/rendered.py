"""A Griffe extension: a page of the reference is made anew when the package changed; else what was kept is taken.

mkdocstrings has no option to keep anything, so this takes the place of the method that turns a module into HTML. That
depends on all of the package, for a class shows what it has from others, and the site's own extensions are in it, too;
on the book's tables, such as that of works, and on which functions have a page, for docstrings link to these. Without
the extension the pages are the same, only later.
"""

from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from xml.etree.ElementTree import fromstring, tostring

import griffe
from mkdocstrings_handlers.python import PythonHandler

from deepbook.site.fences import PACKAGE
from deepbook.site.mathematics import KATEX
from deepbook.site.run import hash_of
from deepbook.site.store import folder, hashed, kept

LIBRARIES = ("mkdocstrings", "mkdocstrings-python", "griffelib", "Markdown", "pymdown-extensions", "Pygments", "Jinja2")
VERSIONS = [version(library) for library in LIBRARIES]
VERSIONS += [f"{tool} {version(tool)}" for tool in ("black", "ruff") if find_spec(tool)]  # the first breaks long lines
make = PythonHandler.render


def render(self, data, options, locale=None):
    """As mkdocstrings', but only what changed is made; the headings go into the page's table of contents."""
    before = len(self._headings)

    def made():
        html = make(self, data, options, locale)
        return str(html), [tostring(each, encoding="unicode") for each in self._headings[before:]]

    hashes = [hash_of(file).hex() for file in sources(Path(self.base_dir), data.package.filepath.parent)]
    key = hashed(data.path, repr(options), locale, VERSIONS, hashes)
    html, headings = kept(folder(self.md) / "reference", key, made)
    self._headings[before:] = map(fromstring, headings)
    return html


@cache
def sources(book, package):
    """The documented package's files, which need not be the ones that run, and what else decides about the HTML."""
    pages = book / "chapters"
    tables = [book / "mkdocs.yml", *sorted(pages.glob("*.toml")), *sorted(pages.glob("api/*.md")), KATEX]
    return [*tables, *sorted({*package.rglob("*.py"), *PACKAGE.rglob("*.py")})]


class Rendered(griffe.Extension):
    """Puts our method in its place."""

    def __init__(self):
        PythonHandler.render = render
