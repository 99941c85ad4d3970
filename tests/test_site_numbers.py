"""Numbers of figures and equations, and references to them."""

import re

import pytest

from deepbook.course.index import book_root
from deepbook.site.fences import FenceError
from deepbook.site.numbers import CHAPTER, Numbering, labels_of, numbered
from deepbook.site.plain import Page, pieces
from deepbook.site.preview import converter

FOLDER = book_root() / "chapters"
PAGES = sorted(page.name for page in FOLDER.glob("*.md") if CHAPTER.fullmatch(page.name))
RUN = '```python run id="fig-line" alt="A line that rises."\nplot([1, 2])\n```\n'
WIDGET = (
    '<figure id="fig-gates" data-widget="gates"><p>Points.</p><figcaption>Question: how many?</figcaption></figure>\n'
)
EQUATION = "$$\nz = x . \\label{eq-one}\n$$\n"
POINTS_BACK = re.compile(
    r"\b(figure|picture|drawing|plot|map|formula|equation)s? (above|below)"
    r"|\b(next|above|following|last|previous) (figure|equation|formula)\b|first figure"
)


@pytest.fixture
def book(tmp_path):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters" / "02-two.md").write_text(f"# Two\n\n{WIDGET}\n{RUN}", encoding="utf-8")
    return tmp_path


def test_figures_count_together_and_equations_by_themselves(book):
    without = RUN.replace(' id="fig-line"', "")
    source = f"# One\n\n{WIDGET}\n{RUN}\n{EQUATION}\n{without}"
    text, labels = numbered(source, "01-one.md", book)
    assert labels == {"fig-gates": "Figure 1.1", "fig-line": "Figure 1.2", "eq-one": "Equation 1.1"}
    assert "<figcaption><strong>Figure 1.1.</strong> Question: how many?" in text
    assert 'alt="A line that rises." caption="**Figure 1.2.**"' in text and "**Figure 1.3.**" in text
    assert "\\label{eq-one}\\tag{1.1}" in text


def test_a_caption_begins_with_the_number(book):
    source = '```python run alt="A line." caption="It rises."\nx\n```'
    assert 'caption="**Figure 1.1.** It rises."' in numbered(source, "01-one.md", book)[0]


@pytest.mark.parametrize(
    "where", ["See [](#fig-line).", "```quiz\n[](#fig-line)?\n\n- [x] a :: b\n- [ ] c :: [](#fig-line)\n```"]
)
def test_a_reference_becomes_a_link_with_words(book, where):
    text, _ = numbered(f"{where}\n\n{RUN}", "01-one.md", book)
    assert "[Figure 1.1](#fig-line)" in text and "[]" not in text


def test_a_reference_to_another_chapter_and_in_a_caption(book):
    source = '```python run alt="A." caption="As [](02-two.md#fig-line)."\nx\n```\n'
    text, _ = numbered(source, "01-one.md", book)
    assert 'caption="**Figure 1.1.** As [Figure 2.2](02-two.md#fig-line)."' in text
    assert "[Figure 2.1](02-two.md#fig-gates)" in numbered("[](02-two.md#fig-gates)", "glossary.md", book)[0]


@pytest.mark.parametrize("target", ["#fig-no", "#top", "02-two.md#fig-no", "03-no.md#fig-line", "glossary.md#fig-line"])
def test_a_reference_to_nothing_stops_the_build(book, target):
    with pytest.raises(FenceError, match=f"01-one.md: the reference .*{target.partition('#')[2]}"):
        numbered(f"# One {{#top}}\n\n[]({target})", "01-one.md", book)


def test_an_id_stands_for_one_thing(book):
    with pytest.raises(FenceError, match="two figures or equations have the id fig-line"):
        numbered(RUN + "\n" + RUN, "01-one.md", book)


def test_code_is_left_as_it_is(book):
    source = '`[](#fig-x)`\n\n```python\nx = "[](#fig-x)"\n```\n\n````markdown\n' + RUN + "````\n"
    assert numbered(source, "01-one.md", book) == (source, {})


def test_a_page_that_is_no_chapter_has_no_numbers_and_a_language_has_its_words(book):
    assert numbered(RUN, "instructors.md", book) == (RUN, {})
    (book / "chapters" / "zh-TW").mkdir()
    said = '[pages]\n"Figure {number}" = "圖 {number}"\n"{name}." = "{name}。"\n'
    (book / "chapters" / "zh-TW" / "words.toml").write_text(said, encoding="utf-8")
    text, labels = numbered(f"{RUN}[](02-two.md#fig-line)", "zh-TW/01-one.md", book)
    assert labels == {"fig-line": "圖 1.1"} and 'caption="**圖 1.1。**"' in text
    assert "[Figure 2.2](02-two.md#fig-line)" in text  # no translation: what the English page says there


def test_the_page_shows_number_link_and_id(monkeypatch, tmp_path):
    monkeypatch.setenv("DEEPBOOK_CACHE", str(tmp_path))
    html = converter("01-small.md").convert(f"# A\n\nBy [](#eq-one) and [](#fig-gates).\n\n{EQUATION}\n{WIDGET}")
    assert '<a href="#eq-one">Equation 1.1</a>' in html and '<a href="#fig-gates">Figure 1.1</a>' in html
    assert re.search(
        r'<div class="equation" id="eq-one"><div class="math">.*<span class="equation-number">\(1\.1\)', html
    )
    assert "label" not in re.sub(r"<[^>]*>", "", html)


def test_a_label_without_a_number_stops_the_build():
    with pytest.raises(ValueError, match="label"):
        converter("instructors.md").convert(EQUATION)


def test_a_notebook_has_the_same_numbers(book):
    source = f"# One\n\n{WIDGET}\n{RUN}\n{EQUATION}\nSee [](#fig-line).\n"
    text, _ = numbered(source, "01-one.md", book)
    told = "\n".join(piece.text for piece in pieces(text, Page("01-one.md", book)))
    assert "**Figure 1.1.** Points. You can move it" in told and "**Figure 1.2.**" in told
    assert "[Figure 1.2](../01-one.html#fig-line)" in told
    assert "\\tag{1.1}" in told and "\\label" not in told


@pytest.mark.parametrize("page", PAGES)
def test_every_label_of_a_chapter_is_referred_to_from_somewhere(page):
    pages = {name: (FOLDER / name).read_text(encoding="utf-8") for name in PAGES}
    referred = {f"{target or name}#{label}" for name, text in pages.items()
                for target, label in re.findall(r"\[\]\(([^()#]*)#([\w-]+)\)", text)}  # fmt: skip
    labels = labels_of(book_root(), page)
    own = {label for label in labels if f"{page}#{label}" not in referred and not label.startswith("fig-")}
    assert own == set()
    numbered(pages[page], page, book_root())  # and every reference leads somewhere


@pytest.mark.parametrize("page", PAGES)
def test_prose_names_a_figure_by_its_number_and_not_by_its_place(page):
    text = re.sub(r"^(`{3,})(?!quiz).*?^\1$", "", (FOLDER / page).read_text(encoding="utf-8"), flags=re.S | re.M)
    assert [found[0] for found in POINTS_BACK.finditer(text)] == []


def test_every_figure_of_the_book_has_a_number():
    counts = {}
    for page in PAGES:
        numbering = Numbering(page, book_root())
        numbering.number((FOLDER / page).read_text(encoding="utf-8"))
        counts[page] = numbering.counts
    source = {page: (FOLDER / page).read_text(encoding="utf-8") for page in PAGES}
    figures = {page: len(re.findall(r'^```python run.* alt="|<figure ', text, re.M)) for page, text in source.items()}
    assert figures == {page: each[0] for page, each in counts.items()} and sum(figures.values()) > 100
    assert all(each[0] for each in counts.values())
