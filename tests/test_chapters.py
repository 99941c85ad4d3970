"""What every chapter has: goals, a summary, a self-test; and words for each figure."""

import re

import pytest

from deepbook.course.index import book_root

FOLDER = book_root() / "chapters"
CHAPTERS = sorted(FOLDER.glob("[0-9][0-9]-*.md"))
LESSONS = [page for page in CHAPTERS if page.name[:2] != "00"]  # chapter 0 prepares; it teaches what the others use
NO_PLAIN_WORDS = re.compile(r"[$\\`{}_]|\b(subplot|axvline|imshow|plt|ndarray|colormap|alpha=)\b")
INSIDE = r"^```.*?^```$"


def lacking(text):
    """What a chapter's page lacks."""
    prose = re.sub(INSIDE, "", text, flags=re.S | re.M)
    goals = re.search(r"^After this chapter you can\n\n((?:- .*\n(?:  .*\n)*)+)", prose, re.M)
    summary = re.search(r"^## Summary\b.*?\n+((?:\d\. .*\n(?: .*\n)*)+)", prose, re.M)
    test = text.partition("\n## Check yourself")[2].partition("\n## ")[0]
    found = {
        "“After this chapter you can” with three goals": goals and goals[1].count("\n- ") >= 2,
        "a summary with four points": summary and len(re.findall(r"^\d\. ", summary[1], re.M)) >= 4,
        "a self-test with five questions": test.count("```quiz\n") >= 5,
        "an open question in its self-test": "\nanswer:\n" in test,
        "a list of what to read next": "\n## What to read next" in text,
    }
    return [name for name, there in found.items() if not there]


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.name)
def test_a_chapter_has_goals_a_summary_and_a_self_test(page):
    assert lacking(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("old", "names"),
    [("After this chapter you can", "goals"), ("## Summary", "summary"), ("## Check yourself", "self-test"),
     ("\nanswer:\n", "open question"), ("## What to read next", "read next")],
)  # fmt: skip
def test_the_test_names_what_is_lacking(old, names):
    text = LESSONS[0].read_text(encoding="utf-8").replace(old, "")
    assert any(names in each for each in lacking(text))


def figures(page):
    """The words for each figure of a page: (line, words)."""
    text = page.read_text(encoding="utf-8")
    alt = re.compile(
        r'^```python run.* alt="([^"]*)"|<figure [^>]*data-widget.*?<p class="widget-fallback">(.*?)</p>', re.M
    )
    return [(text.count("\n", 0, found.start()) + 1, found[1] or found[2]) for found in alt.finditer(text)]


def unplain(words):
    """What is wrong with the words for a figure; "" if nothing."""
    if len(words.split()) < 8:
        return "too few to draw from"
    if found := NO_PLAIN_WORDS.search(words):
        return f"{found[0]!r} is no plain word"
    return "" if words[0].isupper() and words[-1] in ".?" else "no sentence"


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.name)
def test_every_figure_is_told_in_plain_words(page):
    wrong = [f"{page.name}:{line}: {why}: {words}" for line, words in figures(page) if (why := unplain(words))]
    assert figures(page) and wrong == []


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.name)
def test_every_figure_to_move_asks_a_question(page):
    found = re.findall(r"<figure [^>]*data-widget=.*?</figure>", page.read_text(encoding="utf-8"), re.S)
    assert [each for each in found if not re.search(r"<figcaption>Question: .*\?</figcaption>", each)] == []


def test_the_test_of_words_sees_what_is_wrong():
    assert unplain("A line.") and unplain("A line $x$ that rises from left to right over all of it.")
    assert unplain("a line that rises from the left to the right.") and not unplain(
        "A line that rises from the lower left to the upper right."
    )


def test_no_picture_of_the_book_is_without_words():
    for page in FOLDER.rglob("*.md"):
        text = re.sub(INSIDE, "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
        assert not re.search(r"!\[\s*\]|<img\b(?![^>]*\balt=\"[^\"]{10,})", text), page.name
