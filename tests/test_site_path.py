"""How long a chapter takes and what it needs; the home page."""

import re

import pytest

from deepbook.course.index import book_root
from deepbook.site import example, run
from deepbook.site.fences import FenceError
from deepbook.site.numbers import CHAPTER
from deepbook.site.path import WORDS_A_MINUTE, chapter_of, rounded, told, words
from deepbook.site.preview import converter
from deepbook.site.run import imported

FOLDER = book_root() / "chapters"
PAGES = sorted(page.name for page in FOLDER.glob("*.md") if CHAPTER.fullmatch(page.name))
MODULES = (  # what each chapter builds, as the README has it
    "", "perceptron", "activations losses mlp layers", "optim weights callbacks augment train",
    "winograd cnn architectures photos", "published transfer", "text embeddings word2vec attention sentences",
    "cells rnn language seq2seq",
)  # fmt: skip
AHEAD = {"02-mlp.md": {3}}  # its lab trains with `fit` before chapter 3 builds it, and says so
WRONG = "```example\ndef majority(n):\n    return [1.0] * n, -0.5\n```"


@pytest.fixture
def book(tmp_path):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "exercises").mkdir()
    page = "---\ntitle: One\nneeds: 00-zero.md\n---\n\n# 1. One\n\n" + "word " * 1500
    (tmp_path / "chapters" / "00-zero.md").write_text("# Zero\n", encoding="utf-8")
    (tmp_path / "chapters" / "01-one.md").write_text(page, encoding="utf-8")
    sets = "\n".join(
        f'[[chapters.sets.exercises]]\nname = "{name}"\ntitle = "T"\nsection = "s"\npoints = 1\nminutes = {minutes}\n'
        'hints = ["a", "b", "c", "d"]\n'
        for name, minutes in (("a", 40), ("b", 52))
    )
    head = '[[chapters]]\nfolder = "ch01_one"\ntitle = "One"\npage = "01-one.md"\n[[chapters.sets]]\nname = "s"\n'
    (tmp_path / "exercises" / "index.toml").write_text(f'{head}title = "S"\nimports = []\n{sets}', encoding="utf-8")
    return tmp_path


def convert(book, text, page):
    return converter(page, root=book, settings=book_root() / "mkdocs.yml").convert(text)


def test_times_come_from_the_words_and_from_the_index(book):
    chapter = chapter_of("01-one.md", book)
    assert (chapter.title, chapter.reading, chapter.exercises, chapter.doing) == ("1. One", 10, 2, 92)
    assert chapter.needs == ("00-zero.md",)


def test_words_are_prose_and_code_that_is_shown():
    assert words("---\ntitle: no word of it\n---\n# One two\n\nthree *four* [five](six.md#seven) $x_1 + y$\n") == 6
    assert words('```python run alt="no word"\na = b\n```\n\n```python run hide alt="no"\nx\n```\n') == 2
    assert words("```exercise\nby_hand\n```\n") == 0
    assert words("```python show nodoc\ndeepbook.perceptron.step\n```\n") > 5
    assert words("深度學習") == pytest.approx(2.4)
    assert rounded(0.2) == 5 and rounded(62.4) == 60 and rounded(63) == 65
    assert (told(45), told(125), told(120)) == ("45 min", "2 h 5 min", "2 h")


def test_the_head_of_a_chapter_says_it(book):
    html = convert(book, "# 1. One\n\nHello.", "01-one.md")
    assert "About 10 min to read, 1 h 30 min for the 2 exercises. Needs chapter " in html
    assert html.index("</h1>") < html.index("chapter-facts") < html.index("Hello")
    assert 'Needs chapter <a href="00-zero.md">0</a>.' in html
    assert "chapter-facts" not in convert(book, "# Words", "glossary.md")


PATH = (
    "```path\nchapter | asks | needs | to read | exercises\n01-one.md | what?\n{reading} h, {doing} h, {exercises}\n```"
)


def test_the_path_is_computed(book):
    html = convert(book, PATH, "index.md")
    cells = [re.sub(r"<[^>]+>", "", each) for each in re.findall(r"<td.*?</td>", html)]
    assert cells == ["1. One", "what?", "0", "10 min", "2, 1 h 30 min"]
    assert re.findall(r'data-label="(.*?)"', html) == ["chapter", "asks", "needs", "to read", "exercises"]
    assert "<p>0 h, 2 h, 2</p>" in html


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("01-one.md", "02-two.md", "no chapter"),
        (" | what?", " | what? | more", "columns"),
        ("path\n", "path x\n", "option"),
    ],
)
def test_a_path_that_is_wrong_stops_the_build(book, old, new, says):
    with pytest.raises(FenceError, match=says):
        convert(book, PATH.replace(old, new), "index.md")


def test_a_need_that_is_not_there_stops_the_build(book):
    (book / "chapters" / "01-one.md").write_text("---\nneeds: 07-no.md\n---\n# One\n", encoding="utf-8")
    with pytest.raises(FenceError, match=r"01-one.md needs 07-no.md"):
        chapter_of("01-one.md", book)


def closure(page):
    """The numbers of the chapters that a page needs, directly and through others, and its own."""
    needs = chapter_of(page, book_root()).needs
    return {int(page[:2])}.union(*map(closure, needs))


@pytest.mark.parametrize("page", PAGES)
def test_a_chapter_uses_the_code_of_no_chapter_that_it_does_not_need(page):
    text = (FOLDER / page).read_text(encoding="utf-8")
    code = re.findall(r"^```python (run|show).*?\n(.*?)^```", text, re.M | re.S)
    names = {name for kind, body in code for name in (imported(body) if kind == "run" else body.split())}
    modules = {name.split(".")[1] for name in names if name.startswith("deepbook.")}
    built_in = {module: number for number, each in enumerate(MODULES) for module in each.split()}
    used = {built_in[module] for module in modules if module in built_in}
    assert used <= closure(page) | AHEAD.get(page, set())


@pytest.mark.parametrize("page", PAGES[1:])
def test_a_chapter_needs_an_earlier_one_and_is_no_longer_than_a_morning(page):
    chapter = chapter_of(page, book_root())
    assert chapter.needs and all(each < page for each in chapter.needs)
    assert 30 <= chapter.reading <= 120 and chapter.exercises >= 8
    assert chapter.reading == rounded(words((FOLDER / page).read_text(encoding="utf-8")) / WORDS_A_MINUTE)


# The home page


def test_the_home_page_names_every_chapter_and_leads_on():
    text = (FOLDER / "index.md").read_text(encoding="utf-8")
    rows = re.findall(r"^(\d\d-[\w-]+\.md) \|", text, re.M)
    assert rows == PAGES
    assert text.index("(00-start.md)") < text.index("## The path")
    assert len(re.sub(r"^```.*?^```$", "", text.partition("## ")[0], flags=re.S | re.M).split()) < 150


def test_the_home_page_shows_what_the_tests_really_say(monkeypatch, tmp_path):
    monkeypatch.setenv("DEEPBOOK_CACHE", str(tmp_path))
    text = (FOLDER / "index.md").read_text(encoding="utf-8")
    fence = re.search(r"^```example\n.*?^```$", text, re.S | re.M)[0]
    html = converter("index.md").convert(fence)
    assert "update: failed" in html and "The sign of your step is turned" in html
    monkeypatch.setattr(example, "run", lambda *_: pytest.fail("what is kept is not computed again"))
    assert converter("index.md").convert(fence) == html


def test_what_the_tests_say_depends_on_answer_tests_and_course(book, monkeypatch):
    exercise = example.find("majority", book_root())
    key = example.key_of(exercise, "def majority(n): pass", book_root())
    assert key == example.key_of(exercise, "def majority(n): pass", book_root())
    assert key != example.key_of(exercise, "def majority(n): return n", book_root())


@pytest.mark.parametrize(
    ("fence", "says"),
    [
        (WRONG.replace("-0.5", "-n / 2"), "is passed, not failed"),
        (WRONG.replace("majority", "nothing"), "nothing"),
        ("```example\nx = 1\n```", "begins with the `def`"),
    ],
)
def test_an_example_that_is_none_stops_the_build(fence, says, monkeypatch, tmp_path):
    monkeypatch.setenv("DEEPBOOK_CACHE", str(tmp_path))
    with pytest.raises(FenceError, match=says):
        converter("index.md").convert(fence)


def test_a_draft_does_not_wait_for_an_example(monkeypatch, tmp_path):
    monkeypatch.setenv("DEEPBOOK_CACHE", str(tmp_path))
    monkeypatch.setenv("DEEPBOOK_DRAFT", "01-perceptron.md")
    assert run.LATER in converter("index.md").convert(WRONG)
