r"""A Markdown extension: figures and equations of a chapter are numbered, and references to them are links.

Every figure of a chapter's page has a number: the ones that a block leaves, and the ones to move. A figure to which the
text refers has an id that begins with `fig-`: `id="fig-gates"`, an option of the fence or an attribute of the tag.
An equation has a number if it has a label, which stands in its formula, as in LaTeX:

    $$
    z = \mathbf w \cdot \mathbf x + b . \label{eq-neuron}
    $$

A reference is a link without words, `[](#fig-gates)` or `[](01-perceptron.md#eq-neuron)`. It becomes "Figure 1.2" or
"Equation 1.1", in the language of the page. If there is no such figure or equation, the build stops.

All this is done to the page's Markdown before anything else reads it, so the notebook has the same numbers.
"""

import posixpath
import re
from functools import cache

from markdown import Extension
from markdown.preprocessors import Preprocessor

from deepbook.site.fences import FenceError, add_anchor, book_folder, page_name
from deepbook.site.language import target, words

CHAPTER = re.compile(r"(?:[a-z]{2}-[A-Z]{2}/)?(?P<number>\d\d)-[\w-]+\.md")
PIECE = re.compile(
    r"""
    ^(?P<fence>[ ]*(?P<marks>`{3,}|~{3,}))(?P<head>[^\n]*)\n(?P<body>.*?)^[ ]*(?P=marks)[ ]*$
    |(?P<code>(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))
    |(?P<figure><figure\b(?P<tag>[^>]*\bdata-widget=[^>]*)>(?:(?!</figure>).)*?<figcaption>)
    |(?P<label>\\label\{(?P<equation>[\w-]+)\})
    |(?P<reference>\[\]\((?P<page>[^()\s\#]*)\#(?P<target>[\w-]+)\))
    """,
    re.M | re.S | re.X,
)
ID = re.compile(r"""\bid=["'](fig-[\w-]+)["']""")


class Numbering:
    """Counts the figures and equations of one page; `labels` says what each id is called."""

    def __init__(self, page, book):
        self.page, self.chapter = page, int(CHAPTER.fullmatch(page)["number"])
        self.say = words(book, page)
        self.counts, self.labels = [0, 0], {}

    def name(self, kind, label):
        """The number of the next figure (kind 0) or equation (1), "2.3", and what it is called, "Figure 2.3"."""
        self.counts[kind] += 1
        number, say = f"{self.chapter}.{self.counts[kind]}", self.say
        name = say("Equation {number}", number=number) if kind else say("Figure {number}", number=number)
        if label in self.labels:
            raise FenceError(f"{self.page}: two figures or equations have the id {label}")
        if label:
            self.labels[label] = name
        return number, name

    def number(self, source):
        """The page's Markdown with the number of each figure and equation written in."""
        return PIECE.sub(self.piece, source)

    def piece(self, found):
        if found["figure"]:
            label = ID.search(found["tag"])
            return f"{found[0]}<strong>{self.say('{name}.', name=self.name(0, label and label[1])[1])}</strong> "
        if found["label"]:
            return f"{found[0]}\\tag{{{self.name(1, found['equation'])[0]}}}"
        if found["fence"] and re.match(r" *python\s.*\balt=", found["head"]):
            label = ID.search(found["head"])
            name = self.say("{name}.", name=self.name(0, label and label[1])[1])
            return found[0].replace(found["head"], captioned(found["head"], name), 1)
        return found[0]


def captioned(head, name):
    """The first line of a fence, with the figure's name at the start of its caption."""
    if re.search(r"\bcaption=[\"']", head):
        return re.sub(r"(\bcaption=[\"'])", rf"\1**{name}** ", head, count=1)
    return f'{head.rstrip()} caption="**{name}**"'


def numbered(source, page, book):
    """A page's Markdown with its numbers and references, and what each id on it is called.

    page: its file relative to `chapters/`. book: the folder with `chapters/`, for references to other pages.
    Raises FenceError if a reference leads to no figure or equation.
    """
    labels = {}
    if CHAPTER.fullmatch(page):
        numbering = Numbering(page, book)
        source, labels = numbering.number(source), numbering.labels

    def refer(found):
        if found["reference"]:
            return f"[{called(found['page'], found['target'])}]({found['page']}#{found['target']})"
        if not found["fence"]:
            return found[0]
        if found["head"].strip() == "quiz":
            return found[0].replace(found["body"], PIECE.sub(refer, found["body"]), 1)
        return found[0].replace(found["head"], PIECE.sub(refer, found["head"]), 1)  # a caption; no code

    def called(where, label):
        other = posixpath.join(posixpath.dirname(page), target(book, page, where))
        known = labels_of(book, posixpath.normpath(other)) if where else labels
        if label not in known:
            raise FenceError(f"{page}: the reference []({where}#{label}) leads to no numbered figure or equation")
        return known[label]

    return PIECE.sub(refer, source), labels


def labels_of(book, page):
    """What each id of a page is called; nothing if there is no such chapter."""
    file = book / "chapters" / page
    if not CHAPTER.fullmatch(page) or not file.exists():
        return {}
    return read_labels(book, page, file.stat().st_mtime_ns)  # `mkdocs serve` builds a changed page anew


@cache
def read_labels(book, page, changed):
    numbering = Numbering(page, book)
    numbering.number((book / "chapters" / page).read_text(encoding="utf-8"))
    return numbering.labels


class Numbers(Preprocessor):
    """Write the numbers and the references into the page."""

    def run(self, lines):
        source, labels = numbered("\n".join(lines), page_name(self.md), book_folder(self.md))
        for label in labels:
            add_anchor(self.md, label)
        return source.split("\n")


class NumbersExtension(Extension):
    def extendMarkdown(self, md):
        md.preprocessors.register(
            Numbers(md), "deepbook-numbers", 29.5
        )  # before the notebook (29) and superfences (25)


def makeExtension(**options):
    return NumbersExtension(**options)
