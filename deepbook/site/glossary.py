"""A Markdown extension: the first use of a term on a chapter's page shows what the glossary says of it.

The terms are in `chapters/glossary.toml`. The note stands right behind its term and is shown by the style sheet alone,
under the mouse, at the keyboard's focus or at a touch; a screen reader reads it as the term's description. Headings,
code, links, formulas, tables and the reading list are left as they are, and so are pages that are no chapter.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from markdown import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from deepbook.site.fences import FenceError, book_folder, page_name
from deepbook.site.language import split

CHAPTERS = re.compile(r"\d\d-[\w-]+\.md")
LEFT_ALONE = {"a", "code", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "table", "summary", "button", "script", "dfn"}
TAIWAN = "zh-Hant-TW"


@dataclass(frozen=True)
class Term:
    """A word of the field."""

    en: str
    zh: str  # as it is called in Taiwan
    says: str  # one or two sentences, plain text
    at: str  # where the book introduces it, for example "01-perceptron.md#one-neuron"
    forms: tuple[str, ...]  # how the pages write it; () where the word has too many other senses
    pages: tuple[str, ...] = ()  # only on these pages it has this sense; () is all
    zh_says: str = ""  # the same for the Chinese pages, which mark only terms that have it
    zh_forms: tuple[str, ...] = ()  # how the Chinese pages write it, if otherwise than zh

    @property
    def slug(self) -> str:
        return slug(self.en)


def slug(words):
    """Words as an id: "L2 regularization" is "l2-regularization"."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def load_terms(file: Path) -> tuple[Term, ...]:
    """The glossary, in the order of the alphabet; empty if there is no such file.

    Raises FenceError if an entry lacks something or holds something unknown.
    """
    if not file.exists():
        return ()
    terms = []
    for en, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
        lists = {"forms": (en, f"{en}s"), "pages": (), "zh_forms": ()}
        lists = {name: tuple(entry.pop(name, default)) for name, default in lists.items()}
        try:
            terms.append(Term(en, **lists, **entry))
        except TypeError as error:
            raise FenceError(f"{file.name}, “{en}”: {error}") from None
    return tuple(sorted(terms, key=lambda term: term.slug))


def finder(terms, page, chinese=False):
    """A pattern that finds each form on that page, the longest first, and what each form means."""
    meant = {}
    for term in terms:
        if not term.pages or page in term.pages:
            for form in in_chinese(term) if chinese else term.forms:
                meant[form] = meant[form[0].upper() + form[1:]] = term
    longest = sorted(meant, key=len, reverse=True)
    words = "|".join(r"\s+".join(map(re.escape, form.split())) for form in longest)
    part = "[A-Za-z0-9-]" if chinese else r"[\w-]"  # between two Chinese words stands nothing
    return re.compile(rf"(?<!{part})(?:{words})(?!{part})") if words else None, meant


def in_chinese(term):
    """How a Chinese page writes a term; () if it cannot say what it means, or the word has too many other senses."""
    return (term.zh_forms or ((term.zh,) if term.forms else ())) if term.zh_says else ()


class Terms(Treeprocessor):
    """Mark the first use of each term."""

    def run(self, root):
        language, page = split(page_name(self.md))
        if CHAPTERS.fullmatch(page):
            self.chinese = language == "zh-TW"
            terms = load_terms(book_folder(self.md) / "chapters" / "glossary.toml")
            self.find, self.meant = finder(terms, page, self.chinese)
            self.seen = set()
            if self.find:
                self.walk(root)

    def walk(self, element):
        """Go through an element in the order in which it is read."""
        if element.tag in LEFT_ALONE or "arithmatex" in element.get("class", ""):
            return
        at, children = 0, list(element)
        if element.text and not isinstance(element.text, AtomicString):
            element.text, new = self.cut(element.text)
            at = self.insert(element, at, new)
        for child in children:
            if child.tag == "h2" and child.get("id") == "what-to-read-next":
                return
            self.walk(child)
            at += 1
            if child.tail:
                child.tail, new = self.cut(child.tail)
                at = self.insert(element, at, new)

    def insert(self, element, at, new):
        for each in new:
            element.insert(at, each)
            at += 1
        return at

    def cut(self, text):
        """Text as what stands before the first new term, and the elements from there on, each with its tail."""
        before, elements, last = text, [], 0
        for found in self.find.finditer(text):
            term = self.meant[" ".join(found[0].split())]
            if term in self.seen:
                continue
            self.seen.add(term)
            if elements:
                elements[-1].tail = text[last : found.start()]
            else:
                before = text[: found.start()]
            elements += marked(term, found[0], self.chinese)
            last = found.end()
        if elements:
            elements[-1].tail = text[last:]
        return before, elements


def marked(term, written, chinese=False):
    """A term as the page writes it, and its note: the term, its name in the other language, what it means."""
    ours, theirs, lang = (term.zh, term.en, "en") if chinese else (term.en, term.zh, TAIWAN)
    word = Element("dfn", {"class": "term", "tabindex": "0", "aria-describedby": f"term-{term.slug}"})
    word.text = written
    note = Element("span", {"class": "term-note", "role": "tooltip", "id": f"term-{term.slug}"})
    note.set("data-search-exclude", "")
    name = last = Element("b")
    name.text = ours
    note.append(name)
    if theirs != ours:
        name.tail = " "
        last = Element("bdi", {"lang": lang})  # with a span inside the note, search would no longer leave it out
        last.text = theirs
        note.append(last)
    last.tail = f" {term.zh_says if chinese else term.says}"
    return [word, note]


class GlossaryExtension(Extension):
    def extendMarkdown(self, md):
        md.treeprocessors.register(Terms(md), "deepbook-glossary", 4)  # toc, which gives headings their ids, is 5


def makeExtension(**options):
    return GlossaryExtension(**options)
