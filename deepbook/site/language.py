"""Pages in another language: which page they translate, the site's own words in it, and where their links lead.

`chapters/zh-TW/01-perceptron.md` is the translation of `chapters/01-perceptron.md`. Beside it, `words.toml` translates
every word that the fences, the notebooks and the scripts put into a page; what it lacks stays English. As a Markdown
extension in `mkdocs.yml`, this makes a link of a translated page lead to the English page where there is no
translation yet, and hands the scripts their words.
"""

import json
import re
import tomllib
from pathlib import Path
from xml.etree.ElementTree import SubElement

from markdown import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from deepbook.course import unchanged
from deepbook.site.fences import _relpath, book_folder, page_name

FOLDER = re.compile(r"([a-z]{2}-[A-Z]{2})/(.+)")
PAGE = re.compile(r"(?![a-z][a-z0-9+.-]*:|/|\.\./)[^#]+\.md(?=#|$)")


def split(page: str) -> tuple[str, str]:
    """The language of a page, "" for English, and the page that it translates.

    >>> split("zh-TW/01-perceptron.md")
    ('zh-TW', '01-perceptron.md')
    >>> split("api/layers.md")
    ('', 'api/layers.md')
    """
    found = FOLDER.fullmatch(page)
    return (found[1], found[2]) if found else ("", page)


def table(book: Path, language: str, name: str) -> dict:
    """The table `name`.toml of a language; empty if there is none, as for English."""
    file = Path(book, "chapters", language, f"{name}.toml")
    return _read(file) if language and file.exists() else {}


@unchanged.kept
def _read(file):
    return tomllib.loads(file.read_text(encoding="utf-8"))


def words(book: Path, page: str):
    """A function that says an English phrase in the language of a page; names in braces are filled in afterwards.

    In the table a phrase is one line, whatever its line breaks here.
    """
    said = table(book, split(page)[0], "words").get("pages", {})
    return lambda english, **values: said.get(" ".join(english.split()), english).format(**values)


def words_of(md):
    """The same for the page that this Markdown object turns into HTML."""
    return words(book_folder(md), page_name(md))


def target(book: Path, page: str, link: str) -> str:
    """A link as the page must have it: to a translation in the same folder, else to the English page above.

    link: as the chapters write it, "02-mlp.md#layers"; any other is left as it is.
    """
    language = split(page)[0]
    found = PAGE.match(link) if language else None
    return f"../{link}" if found and not Path(book, "chapters", language, found[0]).exists() else link


def titled(md, page: str, title: str) -> str:
    """A page's title in a list on the page that `md` makes: of a page not translated, in its language and marked so."""
    language = split(page_name(md))[0]
    settings = (getattr(_relpath(md).config, "extra", None) or {}).get("languages", {}).get(language, {})
    if not language or split(page)[0]:
        return title
    return settings.get("words", {}).get(title, title) + settings.get("untranslated", "")


class Links(Treeprocessor):
    """Make the links lead to pages that exist."""

    def run(self, root):
        book, page = book_folder(self.md), page_name(self.md)
        for link in root.iter("a"):
            if href := link.get("href"):
                link.set("href", target(book, page, href))


class Words(Treeprocessor):
    """Put the scripts' words at the end of a translated page."""

    def run(self, root):
        if said := table(book_folder(self.md), split(page_name(self.md))[0], "words").get("scripts"):
            held = SubElement(root, "script", {"type": "application/json", "id": "deepbook-words"})
            held.text = AtomicString(json.dumps(said, ensure_ascii=False).replace("<", r"\u003c"))


class LanguageExtension(Extension):
    def extendMarkdown(self, md):
        md.treeprocessors.register(Links(md), "deepbook-links", 1)  # the link check is 0
        md.treeprocessors.register(Words(md), "deepbook-words", 0.5)  # nothing reads them as Markdown


def makeExtension(**options):
    return LanguageExtension(**options)
