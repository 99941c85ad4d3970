"""A Markdown extension: what a chapter cites, "Cybenko (1989)" or "(He and others, 2015)", links to the bibliography.

The works are in `chapters/bibliography.toml`. A citation is the first author's surname, the others or "et al.", and the
year; it is the work whose authors these are. Code, links, headings and formulas are left as they are.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from xml.etree.ElementTree import Element

from markdown import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from deepbook.site.fences import FenceError, book_folder, page_name
from deepbook.site.glossary import CHAPTERS, LEFT_ALONE, slug
from deepbook.site.language import split

NAME = r"[A-ZÀ-Ž][\w’-]+"
SURNAME = rf"(?<!\w){NAME}"
INITIALS = r"(?:[A-ZÀ-Ž]\.[\s-]*)*"
SEPARATOR = r"(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*[與、]\s*|\s+)"
CITATION = re.compile(
    rf"(?<![\w.])(?P<who>{INITIALS}{NAME}(?:{SEPARATOR}(?:et\s+al\.|others|等人|{INITIALS}{NAME}))*),?\s*"
    r"(?:[(（](?P<year>\d{4})[)）]|\s(?P<bare>\d{4})(?!\d))"
)


@dataclass(frozen=True)
class Work:
    """Something to read."""

    authors: str  # "F. Rosenblatt", "Y. LeCun et al."
    year: int
    title: str
    venue: str = ""
    doi: str = ""
    arxiv: str = ""
    url: str = ""
    print: str = ""  # where no address is known: how to find it
    pages: tuple[str, ...] = ()  # the pages on which this citation means this work; () is all
    id: str = ""  # where surname and year do not do

    @cached_property
    def surnames(self) -> tuple[str, ...]:
        return tuple(re.findall(SURNAME, self.authors))

    @property
    def slug(self) -> str:
        return self.id or f"{slug(plain(self.surnames[0]))}-{self.year}"

    @property
    def address(self) -> str:
        if self.doi:
            return f"https://doi.org/{self.doi.replace('(', '%28').replace(')', '%29')}"
        return f"https://arxiv.org/abs/{self.arxiv}" if self.arxiv else self.url

    @property
    def label(self) -> str:
        if self.doi or self.arxiv:
            return f"doi:{self.doi}" if self.doi else f"arXiv:{self.arxiv}"
        return re.sub(r"^https?://(www\.)?|/$", "", self.url)


def plain(name):
    """A name without its accents, for an id."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()


def load_works(file: Path) -> tuple[Work, ...]:
    """The bibliography, as in its file; empty if there is no such file. Raises FenceError on a bad entry."""
    if not file.exists():
        return ()
    works = []
    for entry in tomllib.loads(file.read_text(encoding="utf-8"))["works"]:
        try:
            works.append(Work(**entry | {"pages": tuple(entry.get("pages", ()))}))
        except TypeError as error:
            raise FenceError(f"{file.name}, {entry.get('title', entry)}: {error}") from None
    return tuple(works)


def cited(found, works, page):
    """The work that a citation means, or None. Of two that fit, the first in the file."""
    names = re.findall(SURNAME, found["who"])
    year = int(found["year"] or found["bare"])
    for work in works:
        fits = work.year == year and (not work.pages or page in work.pages)
        first = names.index(work.surnames[0]) if work.surnames[0] in names else -1
        in_full = first == 1 and re.match(rf"{NAME}\s+{NAME}\Z", found["who"])  # "Joel Grus"
        if fits and (first == 0 or in_full) and set(names[first:]) <= set(work.surnames):
            return work
    return None


class Citations(Treeprocessor):
    """Make each citation a link."""

    def run(self, root):
        self.page = split(page_name(self.md))[1]
        if CHAPTERS.fullmatch(self.page):
            self.works = load_works(book_folder(self.md) / "chapters" / "bibliography.toml")
            if self.works:
                self.walk(root)

    def walk(self, element):
        if element.tag in LEFT_ALONE - {"table"} or "arithmatex" in element.get("class", ""):
            return
        at, children = 0, list(element)
        if element.text and not isinstance(element.text, AtomicString):
            element.text, at = self.link(element, element.text, at)
        for child in children:
            self.walk(child)
            at += 1
            if child.tail:
                child.tail, at = self.link(element, child.tail, at)

    def link(self, element, text, at):
        """Put a text's links into the element, from place `at` on; give what stands before them and the next place."""
        before, last, link = text, 0, None
        for found in citations(text):
            work = cited(found, self.works, self.page)
            if work is None:
                continue
            if link is None:
                before = text[: found.start()]
            else:
                link.tail = text[last : found.start()]
            link = Element("a", {"href": f"bibliography.md#{work.slug}"})
            link.text, last = found[0], found.end()
            element.insert(at, link)
            at += 1
        if link is not None:
            link.tail = text[last:]
        return before, at


def citations(text):
    """All that looks like a citation, each as a match of CITATION that begins at its first author."""
    place = 0
    while found := CITATION.search(text, place):
        yield found
        place = found.end()


class CitationsExtension(Extension):
    def extendMarkdown(self, md):
        md.treeprocessors.register(Citations(md), "deepbook-citations", 4.5)  # the glossary is 4, the link check 0


def makeExtension(**options):
    return CitationsExtension(**options)
