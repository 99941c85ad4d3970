"""A Markdown extension: a function or class of the book that the text names in code, `fit` or `Dense(128)`, is a link.

It leads to the reference, as the links below a listing do. `perceptron.fit` is the one of that module; `fit` alone is
the one that the page imports, or else the only one in the modules that the page's code uses. In each section the first
use is a link. Headings and links are left as they are.
"""

import ast
import re
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element

from markdown import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE

from deepbook.site.fences import PACKAGE, book_folder, page_name
from deepbook.site.numbers import CHAPTER

NAMED = re.compile(r"(?:deepbook\.)?(?:([a-z]\w*)\.)?([A-Za-z]\w*)(?:\(.*\))?", re.S)
DOCUMENTED = re.compile(r"^::: deepbook\.(\w+)$(?:\n    options:\n      members: \[(.*?)\]$)?", re.M)
METHODS = {"init", "apply", "update", "observe"}  # of every layer or optimizer; alone they are no function's name
LEFT_ALONE = {"a", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "summary", "button", "autoref", "th"}


@cache
def documented(book: Path) -> dict[str, frozenset[str]]:
    """The modules that the reference documents, and the functions and classes in each."""
    found = {}
    for page in sorted((book / "chapters" / "api").glob("*.md")):
        for module, members in DOCUMENTED.findall(page.read_text(encoding="utf-8")):
            file = PACKAGE / f"{module}.py"
            tree = ast.parse(file.read_text(encoding="utf-8")) if file.exists() else ast.Module([], [])
            names = {each.name for each in tree.body if isinstance(each, (ast.FunctionDef, ast.ClassDef))}
            names = {each for each in names if not each.startswith("_")}
            found[module] = frozenset(names & set(re.split(r",\s*", members)) if members else names)
    return found


def used(source: str) -> tuple[dict[str, str], set[str]]:
    """Of a page's code: the module of each name that it imports, and all the book's modules that it uses."""
    imports = {}
    for module, names in re.findall(r"^from deepbook\.(\w+) import (\([^)]*\)|.*)$", source, re.M):
        imports |= dict.fromkeys(re.findall(r"\w+", names), module)
    modules = set(re.findall(r"\bdeepbook\.(\w+)", source))
    for names in re.findall(r"^from deepbook import (\([^)]*\)|.*)$", source, re.M):
        modules |= set(re.findall(r"\w+", names))
    return imports, modules


def meant(code: str, modules: dict[str, frozenset[str]], imports: dict[str, str], mentioned: set[str]) -> str | None:
    """The dotted name of what a piece of code names, or None.

    >>> meant("fit(model)", {"train": {"fit"}, "perceptron": {"fit"}}, {"fit": "train"}, {"perceptron"})
    'deepbook.train.fit'
    """
    found = NAMED.fullmatch(code)
    if not found:
        return None
    module, name = found.groups()
    if not module and name not in METHODS:
        having = [each for each in mentioned if name in modules.get(each, ())]
        module = imports.get(name) or (having[0] if len(having) == 1 else None)
    return f"deepbook.{module}.{name}" if name in modules.get(module, ()) else None


class Names(Treeprocessor):
    """Make the first use in each section a link."""

    def run(self, root):
        if not CHAPTER.fullmatch(page_name(self.md)):
            return
        self.modules = documented(book_folder(self.md))
        self.used, self.seen = used(self.md.preprocessors["deepbook-source"].text), set()
        self.walk(root)

    def walk(self, element):
        for place, child in enumerate(list(element)):
            if child.tag in ("h1", "h2", "h3"):
                self.seen = set()
            if child.tag == "code" and (name := meant(self.text(child), self.modules, *self.used)):
                if name not in self.seen:
                    self.seen.add(name)
                    link = Element("autoref", {"identifier": name})
                    link.tail, child.tail = child.tail, None
                    element[place] = link
                    link.append(child)
            elif child.tag not in LEFT_ALONE:
                self.walk(child)

    def text(self, code):
        """What stands in a piece of code; other extensions have put it aside."""
        stashed = HTML_PLACEHOLDER_RE.fullmatch(code.text or "")
        return str(self.md.htmlStash.rawHtmlBlocks[int(stashed[1])]) if stashed else code.text or ""


class NamesExtension(Extension):
    def extendMarkdown(self, md):
        md.treeprocessors.register(
            Names(md), "deepbook-names", 4.2
        )  # after the citations (4.5), before the glossary (4)


def makeExtension(**options):
    return NamesExtension(**options)
