r"""A Markdown extension: the first use of a symbol on a chapter's page is a link to the notation, with its meaning.

A symbol is a formula in the text that is one of `chapters/notation.md`, such as $\eta$, in the table for every chapter
or in the chapter's own. In the section that introduces it there is no link: there the text itself says what it means.
A page in another language has such links once the notation is there in that language.
"""

import re
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element

from markdown import Extension
from markdown.treeprocessors import Treeprocessor

from deepbook.site.fences import book_folder, page_name
from deepbook.site.language import split

ROW = re.compile(r"^\| (?P<symbols>\$.+?) \| (?P<meaning>.+?) \|.*\]\((?P<page>[\w.-]+)#(?P<section>[\w-]+)\) \|$")
SECTION = re.compile(r"^## .* \{#(?P<id>[\w-]+)\}$")
LEFT_ALONE = {"a", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "summary", "button", "table"}


@cache
def notation(file: Path, changed: int) -> dict[str, tuple]:
    """For each section of the notation: (symbol, meaning in plain words, page, section) of its rows. Empty: no file."""
    found, section = {}, ""
    for line in file.read_text(encoding="utf-8").splitlines() if changed else ():
        if head := SECTION.match(line):
            section = head["id"]
        elif row := ROW.match(line):
            meaning = plain(row["meaning"])
            rows = [
                (tex(each), meaning, row["page"], row["section"]) for each in re.findall(r"\$([^$]+)\$", row["symbols"])
            ]
            found.setdefault(section, []).extend(rows)
    return found


def tex(symbol: str) -> str:
    """TeX without what only changes how it looks."""
    return re.sub(r"[\s{}]|\\,", "", symbol)


def plain(text: str) -> str:
    """A meaning without Markdown, as far as it goes without a formula; plain letters are none."""
    text = re.sub(r"[`*]", "", re.sub(r"\$([\w' ]+)\$", r"\1", text.replace("^2", "²")))
    words, formula, _ = text.partition("$")
    return (re.sub(r"[;,:(][^;,:(]*$", "", words) if formula else words).strip()


class Symbols(Treeprocessor):
    """Make the first use of each symbol a link."""

    def run(self, root):
        language, self.page = split(page_name(self.md))
        file = book_folder(self.md) / "chapters" / language / "notation.md"
        if not re.fullmatch(r"\d\d-[\w-]+\.md", self.page):
            return
        tables = notation(file, file.stat().st_mtime_ns if file.exists() else 0)
        own = [
            name for name, rows in tables.items() if name != "everywhere" and all(row[2] == self.page for row in rows)
        ]
        self.known = {}
        for name in ("everywhere", *own):  # the chapter's own meaning comes last, and counts
            self.known |= {symbol: (name, *rest) for symbol, *rest in tables.get(name, ())}
        self.section = ""
        self.walk(root)

    def walk(self, element):
        for place, child in enumerate(list(element)):
            if child.tag in ("h2", "h3"):
                self.section = child.get("id", "")
            if child.tag == "span" and child.get("class") == "arithmatex":
                self.link(element, place, child)
            elif child.tag not in LEFT_ALONE:
                self.walk(child)

    def link(self, element, place, formula):
        """Put the link around a formula, if it is a symbol that was not met before."""
        found = self.known.pop(tex((formula.text or "")[2:-2]), None)  # between \( and \)
        if not found or found[2:] == (self.page, self.section):
            return
        link = Element("a", {"class": "symbol", "href": f"notation.md#{found[0]}", "title": found[1]})
        link.tail, formula.tail = formula.tail, None
        element[place] = link
        link.append(formula)


class SymbolsExtension(Extension):
    def extendMarkdown(self, md):
        md.treeprocessors.register(Symbols(md), "deepbook-symbols", 4.1)  # toc, which gives headings their ids, is 5


def makeExtension(**options):
    return SymbolsExtension(**options)
