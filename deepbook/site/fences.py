"""What the book's own fences share: errors that stop the build, options, Markdown inside a fence, where a page is.

They are plain custom fences of `pymdownx.superfences`. They need no MkDocs hook or plugin, so any builder that takes
the same `mkdocs.yml` will do.
"""

import re
import weakref
from pathlib import Path

from markdown import Extension, Markdown
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from pymdownx.highlight import Highlight
from pymdownx.superfences import SuperFencesException

PACKAGE = Path(__file__).resolve().parent.parent
OURS = re.compile(r"^\s*(?:```+|~~~+)\s*(?:python\s+(?:run|show)|quiz|exercise|example|path|reference)\b.*")
PLAIN = re.compile(r'<span class="[nop]">([^<]*)</span>')  # as Pygments writes them

_anchors: weakref.WeakKeyDictionary[Markdown, set[str]] = weakref.WeakKeyDictionary()
_counters: weakref.WeakKeyDictionary[Markdown, dict[str, int]] = weakref.WeakKeyDictionary()


class FenceError(SuperFencesException):
    """A fence cannot be turned into a piece of the page; the build stops.

    superfences swallows every exception of another kind and prints the fence as text.
    """


def stops_the_build(function):
    """Turn whatever goes wrong in a fence's function into a FenceError."""

    def guarded(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except SuperFencesException:
            raise
        except Exception as error:
            raise FenceError(f"{page_name(kwargs.get('md'))}: {type(error).__name__}: {error}") from error

    return guarded


def check_options(where, given, known):
    """Raise FenceError if a fence has an option that it does not know, which is mostly a slip of the pen."""
    if unknown := sorted(set(given) - set(known)):
        raise FenceError(f"{where}: unknown option {', '.join(unknown)}; it knows {', '.join(known)}")


# Where the fence stands. MkDocs makes one Markdown object a page and leaves the page's file in its "relpath" processor.


def _relpath(md):
    return md.treeprocessors["relpath"] if md is not None and "relpath" in md.treeprocessors else None


def page_name(md):
    """The page's file relative to `chapters/`, for example "01-perceptron.md"; "page" where nobody knows."""
    relpath = _relpath(md)
    return relpath.file.src_uri if relpath else "page"


def book_folder(md):
    """The folder that holds `mkdocs.yml`, `exercises/` and `chapters/`."""
    relpath = _relpath(md)
    if relpath and relpath.config.config_file_path:
        return Path(relpath.config.config_file_path).parent
    from deepbook.course.index import book_root

    return book_root()


def count(md, what):
    """1 for the first `what` of the page, 2 for the next."""
    counter = _counters.setdefault(md, {})
    counter[what] = counter.get(what, 0) + 1
    return counter[what]


def add_anchor(md, anchor):
    """Tell the link check that the page has this id; it does not look into a fence's HTML."""
    _anchors.setdefault(md, set()).add(anchor)


# Pieces of HTML


def highlight(md, source, language, title=""):
    """Code as the page shows it, coloured and with a button that copies it."""
    return Highlight(md, pygments_lang_class=True).highlight(source, language, "highlight", title=title or None)


def markdown_inside(md, text):
    """Markdown that stands in a fence, as HTML: the same mathematics, code and links as on the page."""
    inner = getattr(md, "inside", None) or _inner(md)
    if md is not None:
        md.inside = inner  # to make a converter takes longer than most of what it converts
    return inner.reset().convert(text)


def _inner(md):
    inner = Markdown(
        extensions=[
            "attr_list", "tables", "pymdownx.arithmatex", "pymdownx.highlight", "pymdownx.superfences",
            "deepbook.site.mathematics",
        ],
        extension_configs={
            "pymdownx.arithmatex": {"generic": True},
            "pymdownx.highlight": {"pygments_lang_class": True},
        },
    )  # fmt: skip
    if relpath := _relpath(md):
        inner.treeprocessors.register(relpath, "relpath", 0)  # links are checked and made relative
        if "deepbook-links" in md.treeprocessors:
            inner.treeprocessors.register(md.treeprocessors["deepbook-links"], "deepbook-links", 1)
    return inner


def literal(text):
    """Text whose words in angle brackets, <cat>, are meant as such: outside `code` Markdown takes them for HTML."""
    return re.sub(r"`[^`]*`|<(?=\w+>)", lambda found: "&lt;" if found[0] == "<" else found[0], text)


def markdown_inline(md, text):
    """The same for a phrase: without the paragraph around it."""
    return re.sub(r"\A<p>(.*)</p>\Z", r"\1", markdown_inside(md, text), flags=re.S)


class Guard(Preprocessor):
    """After superfences: no fence of ours may be left as text, and the link check learns of our ids."""

    def run(self, lines):
        for line in lines:
            if OURS.match(line):
                raise FenceError(
                    f"{page_name(self.md)}: cannot read the fence {line.strip()!r}: is a quote or the end missing?"
                )
        for name in ("mkdocs_raw_html", "properdocs_raw_html"):
            if name in self.md.preprocessors:
                self.md.preprocessors[name].present_anchor_ids |= _anchors.get(self.md, set())
        return lines


class Plain(Postprocessor):
    """Names, signs and brackets have the colour of the code around them: half of a page's elements, for nothing."""

    def run(self, text):
        return PLAIN.sub(r"\1", text)


class FencesExtension(Extension):
    """To be listed in `mkdocs.yml` beside the fences."""

    def extendMarkdown(self, md):
        md.postprocessors.register(Plain(md), "deepbook-plain", -20)  # after raw HTML came back
        md.preprocessors.register(Guard(md), "deepbook-fences", 20.5)  # superfences is 25, mkdocs_raw_html 21


def makeExtension(**options):
    return FencesExtension(**options)
