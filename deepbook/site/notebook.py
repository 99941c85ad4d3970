"""A notebook of each chapter: the page's text, and the same code in the same order, for Jupyter and cloud notebooks.

As a Markdown extension in `mkdocs.yml` it writes `notebooks/01-perceptron.ipynb` beside the page `01-perceptron.html`
while that is built, and links to it below the page's title. If the notebook's code is not what the page runs, the build
stops. Nothing is run for it, and no outputs are in it.
"""

import hashlib
import json
import re
from pathlib import Path
from xml.etree import ElementTree

from markdown import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from deepbook import __version__
from deepbook.site import palette, run
from deepbook.site.fences import FenceError, _relpath, book_folder, page_name, stops_the_build
from deepbook.site.language import words_of
from deepbook.site.numbers import CHAPTER
from deepbook.site.plain import Page, pieces

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
INTRODUCTION = (
    """\
This notebook is made from the page [{name}]({page}) of *deepbook*: its text, and its code in the same order. The page
has what a notebook has not: figures to move, self-tests that answer, and boxes for the exercises.""",
    """\
Run the next cell first. Where the book is not installed, as on a cloud notebook, it installs it; that takes a minute or
two.""",
)
SET_UP = """\
# The page {html} of deepbook {version}
import importlib.util

if importlib.util.find_spec("deepbook") is None:
    %pip install -q "deepbook=={version}"

from deepbook.site.notebook import use_style

use_style()  # figures as in the book"""
END = """\
- Do the exercises of [the page]({page}). `deepbook start my-deepbook` makes a folder with all of them, and in that
  folder `deepbook check` tells you what is right and what is not. (In a terminal; in a cell, write a `!` before it.) On
  your own computer, `deepbook learn` shows the book and the exercises side by side."""
NEXT = "- Read on: [{next}]({page}), as a notebook [{file}]({file})."
LINK = ". On a cloud notebook, its first cell installs the book."


def use_style():
    """Draw Matplotlib's figures as the book does: its colours, sizes and axes."""
    import matplotlib as mpl

    lines = [line.partition(": ") for line in palette.matplotlibrc().splitlines()]
    mpl.rcParams.update({name: value for name, _, value in lines if name != "backend"})


def file_name(page: str) -> str | None:
    """The notebook of a chapter's page: "01-perceptron.ipynb" of "01-perceptron.md"; None if it is no chapter's."""
    if not CHAPTER.fullmatch(page):
        return None
    return f"{Path(page).stem}.ipynb"


def chapters(book: Path, folder: str = ".") -> list[str]:
    """The pages of a folder that have a notebook, in the order of the book: chapters with code to run."""
    root = Path(book) / "chapters"
    found = [path for path in (root / folder).glob("*.md") if "``python run" in path.read_text(encoding="utf-8")]
    return sorted(filter(file_name, (path.relative_to(root).as_posix() for path in found)), key=file_name)


def title_of(source: str, page: str) -> str:
    """The page's first heading."""
    found = re.search(r"^# +(.*?)\s*(?:\{[^}]*\})?\s*$", source, re.M)
    return found[1] if found else Path(page).stem


def notebook(source: str, name: str, book: Path, base: str = "../", verdicts: dict | None = None) -> dict:
    """The notebook of a page, as nbformat 4.5 wants it.

    source: the page's Markdown without its front matter. name: its file relative to `chapters/`. book: the folder with
    `mkdocs.yml`. base: what leads from the notebook to the page's folder: "../", or an address. verdicts: for a quiz's
    number on the page, which of its options are right; without, only what the page's Markdown says is known.
    """
    page = Page(name, Path(book), base, verdicts=verdicts or {})
    found = pieces(source, page)
    title = title_of(source, name)
    if found and found[0].kind == "heading":
        found = found[1:]
    html = Path(name).with_suffix(".html").name
    start = [page.say(part, name=title, page=page.address()) for part in INTRODUCTION]
    cells = [text_cell([f"# {title}", *start]), code_cell(SET_UP.format(html=html, version=__version__), {})]
    text = []
    for piece in found:
        if piece.kind != "text" and text:
            cells.append(text_cell(text))
            text = []
        if piece.kind == "run":
            cells.append(code_cell(piece.text, piece.options))
        else:
            text.append(piece.text)
    cells += [text_cell(text)] if text else []
    cells.append(text_cell([f"## {page.say('Where to go on')}", "\n".join(onward(page))]))
    number(cells)
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}, "title": title}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def onward(page):
    """Lines that say where to go on: to the exercises, and to the next chapter, if there is one."""
    lines = [page.say(END, page=page.address())]
    order = chapters(page.book, Path(page.name).parent.as_posix())
    after = order[order.index(page.name) + 1 :] if page.name in order else []
    if not after:
        return lines
    title = title_of((page.book / "chapters" / after[0]).read_text(encoding="utf-8"), after[0])
    html = f"{page.base}{Path(after[0]).stem}.html"
    return [*lines, page.say(NEXT, next=title, page=html, file=file_name(after[0]))]


def text_cell(parts):
    return {"cell_type": "markdown", "metadata": {}, "source": "\n\n".join(parts).splitlines(keepends=True)}


def code_cell(code, options):
    """A block of the page. One that fails on purpose is tagged, lest it end "Run all"; one hidden there is folded."""
    metadata = {}
    if options.get("raises"):
        metadata["tags"] = ["raises-exception"]
    if "hide" in options:
        metadata["jupyter"] = {"source_hidden": True}
    source = code.splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": source}


def number(cells):
    """Give each cell an id that it keeps as long as its own text stays."""
    seen = {}
    for cell in cells:
        kind = cell["cell_type"]
        digest = hashlib.sha256("".join([kind, *cell["source"]]).encode()).hexdigest()[:12]
        seen[digest] = seen.get(digest, 0) + 1
        cell["id"] = f"{kind}-{digest}" + (f"-{seen[digest]}" if seen[digest] > 1 else "")


def write(made: dict, file: Path):
    """Write a notebook; the same one is the same bytes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def code_of(made: dict) -> list[tuple[str, bool]]:
    """The code cells after the one that sets up, each with whether it fails on purpose."""
    cells = [cell for cell in made["cells"] if cell["cell_type"] == "code"][1:]
    return [("".join(cell["source"]), "tags" in cell["metadata"]) for cell in cells]


# The extension


class Source(Preprocessor):
    """Keeps the page's Markdown as the fences will read it."""

    text = ""

    def run(self, lines):
        self.text = "\n".join(lines)
        return lines


def verdicts(md):
    """Which options of each quiz the page calls right; the keys of some were computed by its code."""
    found = {}
    for block in md.htmlStash.rawHtmlBlocks:
        if isinstance(block, str) and (quiz := re.match(r'<div class="quiz"[^>]* aria-labelledby="quiz-(\d+)"', block)):
            found[int(quiz[1])] = tuple(each == "right" for each in re.findall(r'data-verdict="(\w+)"', block))
    return found


class Notebook(Treeprocessor):
    """Writes the notebook and links to it."""

    @stops_the_build
    def run(self, root):
        relpath, name = _relpath(self.md), page_name(self.md)
        folder = getattr(relpath.config, "site_dir", None) if relpath else None
        if not folder or not (file := file_name(name)):
            return
        above = Path(name).parent
        address = getattr(relpath.config, "site_url", None)
        base = f"{address.rstrip('/')}/{above.as_posix()}/".replace("/./", "/") if address else "../"
        source = self.md.preprocessors["deepbook-source"].text
        made = notebook(source, name, book_folder(self.md), base, verdicts(self.md))
        self.compare(made, name)
        if not code_of(made):
            return
        write(made, Path(folder) / above / "notebooks" / file)
        self.link(root, f"notebooks/{file}")

    def compare(self, made, name):
        """Stop the build if the page runs other code than the notebook."""
        runs = [(code, bool(raises)) for code, raises in run.page_of(self.md).blocks]
        if runs != code_of(made):
            raise FenceError(f"{name}: the {len(code_of(made))} blocks of its notebook are not the page's {len(runs)}")

    def link(self, root, target):
        """A line below the page's title and what path.py says there."""
        line = ElementTree.Element("p", {"class": "notebook-link", "data-search-exclude": ""})
        link = ElementTree.SubElement(line, "a", {"href": target, "download": ""})
        say = words_of(self.md)
        link.text, link.tail = say("Open as a notebook"), say(": ")
        file = ElementTree.SubElement(line, "code")  # a browser may only show the file of a page opened from a folder
        file.text, file.tail = AtomicString(target), say(LINK)
        above = [n for n, each in enumerate(root) if each.tag == "h1" or each.get("class") == "chapter-facts"]
        root.insert(above[-1] + 1 if above else 0, line)


class NotebookExtension(Extension):
    def extendMarkdown(self, md):
        md.preprocessors.register(Source(md), "deepbook-source", 29)  # after the tabs are spaces, before superfences
        md.treeprocessors.register(Notebook(md), "deepbook-notebook", -10)  # after the check of links


def makeExtension(**options):
    return NotebookExtension(**options)
