"""The built site's pages as trees, without what only a screen can do: what the PDF and the EPUB are made of.

The pages come in the order of `nav` in `mkdocs.yml`. What is folded on the page stands at the end of its chapter: the
answers of the self-tests and the hints of the exercises, each with a link there and back.
"""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, SubElement, TreeBuilder

from deepbook.site.build import BuildError

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
ONLY_ON_SCREEN = {"headerlink", "md-content__button", "md-clipboard", "notebook-link", "term-note"}
ONLY_ON_SCREEN |= {"mkdocstrings-source", "doc-labels", "unseen"}
DROPPED = {"aria-describedby", "aria-live", "tabindex", "download"}


@dataclass
class Page:
    """One page of the site."""

    name: str  # its file, for example "api/mlp.html"
    title: str
    part: str  # what the navigation files it under; "" for nothing
    article: Element

    @property
    def slug(self) -> str:
        return self.name.removesuffix(".html").replace("/", "-")

    def sections(self) -> list[tuple[str, str]]:
        """The id and the title of each section, without the functions of the reference."""
        return [(each.get("id"), text(each)) for each in self.article.iter("h2") if "doc-heading" not in classes(each)]


# Trees


class Reader(HTMLParser):
    """Builds a tree from our own HTML, in which every element is closed; the names of SVG keep their capitals."""

    def __init__(self):
        super().__init__()
        self.builder, self.open = TreeBuilder(), []

    def handle_starttag(self, tag, attributes):
        written = {name.lower(): name for name in re.findall(r"[\s<]([A-Za-z][\w:.-]*)", self.get_starttag_text())}
        tag = written[tag]
        self.builder.start(tag, {written[name]: value or "" for name, value in attributes})
        if tag in VOID:
            self.builder.end(tag)
        else:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open[-1].lower() != tag:
            raise BuildError(f"line {self.getpos()[0]}: </{tag}> ends {self.open[-1:] or 'nothing'}")
        self.builder.end(self.open.pop())

    def handle_data(self, data):
        self.builder.data(data)


def parse(html: str) -> Element:
    """The tree of one HTML element. Raises BuildError where an element is not closed."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    if reader.open:
        raise BuildError(f"<{reader.open[-1]}> is not closed")
    return reader.builder.close()


def make(tag: str, inside: str | tuple = (), **attributes) -> Element:
    """An element with text or with children; `cls` is its class."""
    element = Element(tag, {"class" if name == "cls" else name: value for name, value in attributes.items()})
    if isinstance(inside, str):
        element.text = inside
    else:
        element.extend(inside)
    return element


def classes(element: Element) -> set[str]:
    return set(element.get("class", "").split())


def having(root: Element, name: str) -> list[Element]:
    """The elements of a class."""
    return [each for each in root.iter() if name in classes(each)]


def text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def replace(root: Element, change: Callable[[Element], Element | None]):
    """Put `change(child)` in the place of every element below the root, from the top; None takes it away."""
    for place, child in reversed(list(enumerate(root))):
        tail, child.tail = child.tail, None
        new = change(child)
        if new is None:
            del root[place]
            before = root[place - 1] if place else None
            if tail and before is not None:
                before.tail = (before.tail or "") + tail
            elif tail:
                root.text = (root.text or "") + tail
        else:
            new.tail = tail
            root[place] = new
            replace(new, change)


# The pages


def load(site: Path, root: Path) -> list[Page]:
    """The pages of a built site, in order and tidied.

    site: the folder that `build` made. root: the folder with the book's `mkdocs.yml`.
    """
    pages = []
    for part, title, name in in_order(navigation(root / "mkdocs.yml")):
        html = (site / name).read_text(encoding="utf-8")
        found = re.search(r"<article\b.*</article>", html, re.S)
        if not found:
            raise BuildError(f"{name}: the built page has no <article>")
        try:
            page = Page(name, title, part, parse(found[0]))
        except BuildError as error:
            raise BuildError(f"{name}: {error}") from None
        tidy(page)
        pages.append(page)
    return pages


def navigation(settings: Path) -> list:
    """What `nav` in `mkdocs.yml` lists."""
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("tag:yaml.org,2002:python/name:", lambda *_: None)
    return yaml.load(settings.read_text(encoding="utf-8"), Loader)["nav"]


def in_order(entries: list, part: str = "") -> list[tuple[str, str, str]]:
    """Of each page its part, its title ("" is the page's own) and its built file."""
    found = []
    for entry in entries:
        title, target = next(iter(entry.items())) if isinstance(entry, dict) else ("", entry)
        if isinstance(target, list):
            found += in_order(target, title)
        else:
            found.append((part, title, target.removesuffix(".md") + ".html"))
    return found


def tidy(page: Page):
    """Take away what only a screen can do, and put what is folded at the end."""
    article = page.article
    article.set("class", "md-typeset")
    replace(article, tidied)
    heading = next(article.iter("h1"))
    page.title = page.title or text(heading)
    if text(heading) != page.title:
        heading[:], heading.text = [], page.title
    for title, entries in (("Answers", answers(article)), ("Hints", hints(article))):
        if entries:
            article.append(make("h2", title, id=f"the-{title.lower()}"))
            article.extend(entries)


def tidied(element):
    if classes(element) & ONLY_ON_SCREEN or element.tag in ("script", "button", "template"):
        return None
    if element.tag == "dfn":
        slug = element.get("aria-describedby", "").removeprefix("term-")
        element.tag, element.attrib = "a", {"class": "term", "href": f"/glossary.html#{slug}"}
    if element.tag == "details":
        element.set("open", "open")
    for name in DROPPED & set(element.attrib):
        del element.attrib[name]
    return element


def answers(article: Element) -> list[Element]:
    """Number the questions and letter their options; the explanations, cut out."""
    found = []
    for number, quiz in enumerate(having(article, "quiz"), 1):
        question = having(quiz, "quiz-question")[0]
        home = next((each.get("id") for each in question.iter("p") if each.get("id")), None)
        answer = make("div", (back(f"#{home}", f"Question {number}"),), cls="answer", id=f"answer-{number}")
        if options := having(quiz, "quiz-option"):
            right = [chr(65 + place) for place, each in enumerate(options) if each.get("data-verdict") == "right"]
            answer[0][0].tail = f": {' and '.join(right)}"
            answer.append(make("ol", tuple(make("li", tuple(having(each, "quiz-why"))) for each in options), type="A"))
            asked = make("ol", tuple(renamed(each[0], "li") for each in options), type="A", cls="quiz-options")
            quiz[:] = [question, *having(quiz, "quiz-several"), asked]
        else:
            answer.extend(having(quiz, "quiz-answer")[0][1:])
            quiz[:] = [question]
        question.insert(0, make("p", f"Question {number}", cls="quiz-name"))
        quiz.append(make("p", (make("a", "Answer", href=f"#answer-{number}"),), cls="to-the-end"))
        found.append(answer)
    return found


def hints(article: Element) -> list[Element]:
    """The hints of each exercise, cut out."""
    found = []
    for box in having(article, "exercise"):
        folded = having(box, "hint")
        if not folded:
            continue
        home, anchor = having(box, "exercise-head")[0].get("id"), f"hints-{len(found) + 1}"
        title = text(having(box, "exercise-title")[0])
        items = tuple(make("li", tuple(each for each in hint[1:] if each not in folded)) for hint in folded)
        found.append(make("div", (back(f"#{home}", title), make("ol", items)), cls="answer", id=anchor))
        box.remove(folded[0])
        box.append(make("p", (make("a", "Hints", href=f"#{anchor}"),), cls="to-the-end"))
    return found


def back(href, words):
    return make("p", (make("a", words, href=href),), cls="answer-to")


def renamed(element, tag):
    element.tag, element.attrib = tag, {}
    return element


# Links


def link(pages: list[Page], address: Callable[[Page, str], str], file: Callable[[str], str]):
    """Rewrite every link: to a page of the book as `address(page, id)`, an image's as `file(path in the site)`.

    A link to anything else of the site, such as a notebook, becomes plain text.
    Raises BuildError if a link goes to an id that no page has.
    """
    named = {page.name: page for page in pages}
    ids = {page.name: {each.get("id") for each in page.article.iter()} for page in pages}
    for page in pages:
        for element in page.article.iter():
            if element.tag == "img" and not element.get("src", "").startswith("data:"):
                element.set("src", file(target(page, element.get("src"))[0]))
            if element.tag != "a" or "href" not in element.attrib or urlsplit(element.get("href")).scheme:
                continue
            name, fragment = target(page, element.get("href"))
            if name not in named:
                element.tag, element.attrib = "span", {}
            elif fragment and fragment not in ids[name]:
                raise BuildError(f"{page.name}: the link {element.get('href')} goes nowhere")
            else:
                element.set("href", address(named[name], fragment))


def target(page: Page, href: str) -> tuple[str, str]:
    """The file of the site that a relative link means, and the id in it."""
    parts = urlsplit(href)
    path = posixpath.join("/", posixpath.dirname(page.name), unquote(parts.path))
    return (posixpath.normpath(path).lstrip("/") if parts.path else page.name), unquote(parts.fragment)


def contents(pages: list[Page]) -> Element:
    """A table of contents, as nested lists; the links are to be rewritten with the pages'."""
    outer = make("ol")
    lists = {"": outer}
    for page in pages:
        if page.part not in lists:
            item = SubElement(outer, "li")
            item.append(make("span", page.part))
            lists[page.part] = SubElement(item, "ol")
        entry = SubElement(lists[page.part], "li")
        entry.append(make("a", page.title, href=f"/{page.name}"))
        if sections := page.sections():
            items = (make("li", (make("a", title, href=f"/{page.name}#{id}"),)) for id, title in sections)
            entry.append(make("ol", tuple(items)))
    return outer
