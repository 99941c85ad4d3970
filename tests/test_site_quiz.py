"""The quiz fence: what authors write, and what it makes of it."""

import re

import pytest

from deepbook.site.fences import FenceError
from deepbook.site.preview import converter
from deepbook.site.quiz import parse

CLOSED = """What does it say at $z = 0$?

Look at `step`.

- [ ] 1 :: No: `0 > 0` is false,
  and this goes on.
- [x] 0 :: Yes, $\\hat y = 0$.
"""
OPEN = """Why not XOR?

answer:
Add the two.

- a list is fine here
"""
KEYED = """How many?

key: {key}
- none :: No.
- one :: So it is.
- two :: No.
"""


def page(quiz, before=""):
    return converter().convert(f"{before}\n```quiz\n{quiz}```\n")


def verdicts(html):
    return re.findall(r'data-verdict="(\w+)"', html)


def test_parse_reads_question_options_and_explanations():
    quiz = parse(CLOSED)
    assert quiz.question == "What does it say at $z = 0$?\n\nLook at `step`."
    assert [(each.text, each.right) for each in quiz.options] == [("1", False), ("0", True)]
    assert quiz.options[0].why == "No: `0 > 0` is false, and this goes on."


def test_parse_reads_an_open_question():
    quiz = parse(OPEN)
    assert quiz.question == "Why not XOR?" and quiz.answer.startswith("Add the two.\n\n- a list")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("Q?\n- [x] a :: b", "two options"),
        ("- [x] a :: b\n- [ ] c :: d", "question"),
        ("Q?\n- [ ] a :: b\n- [ ] c :: d", "marked"),
        ("Q?\n- [x] a\n- [ ] c :: d", "explanation"),
        ("Q?\n- a :: b\n- [x] c :: d", "neither"),
        ("Q?\nkey: 1\n- [x] a :: b\n- c :: d", "key"),
        ("Q?\n- [x] a :: b\n- [ ] c :: d\nmore", "indent"),
        ("Q?\nanswer:\n", "answer"),
    ],
)
def test_parse_says_what_is_missing(source, says):
    with pytest.raises(ValueError, match=says):
        parse(source)
    with pytest.raises(FenceError, match=says):
        page(source + "\n")


def test_quiz_is_markdown_that_unfolds():
    html = page(CLOSED)
    assert verdicts(html) == ["wrong", "right"]
    assert html.count("<details") == 2 and html.count("<math") == 2 and "<code>step</code>" in html
    assert 'aria-live="polite"' in html and 'role="group" aria-labelledby="quiz-1"' in html


def test_quiz_with_several_right_options_says_so():
    assert "More than one" in page(CLOSED.replace("[ ]", "[x]"))


def test_quiz_open_question_unfolds():
    html = page(OPEN)
    assert "<summary>Answer</summary><p>Add the two.</p>" in html and "<li>a list" in html


@pytest.mark.parametrize(("key", "right"), [("n - 1", [1]), ("{0, n}", [0, 2]), ("np.array(1)", [1])])
def test_quiz_key_is_computed_by_the_page(key, right, tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPBOOK_CACHE", str(tmp_path))
    before = "```python run\nimport numpy as np\nn = 2\n```\n"
    for _ in range(2):  # computed, then kept
        html = page(KEYED.format(key=key), before)
        assert [i for i, each in enumerate(verdicts(html)) if each == "right"] == right


@pytest.mark.parametrize("key", ["3", "set()", "unknown", "1 +"])
def test_quiz_key_that_names_no_option_stops_the_build(key, tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPBOOK_CACHE", str(tmp_path))
    with pytest.raises(FenceError, match="key"):
        page(KEYED.format(key=key))


def test_quizzes_of_a_page_have_ids_of_their_own():
    html = converter().convert(f"```quiz\n{CLOSED}```\n\n```quiz\n{OPEN}```\n")
    assert re.findall(r'id="(quiz-\d)"', html) == ["quiz-1", "quiz-2"]
