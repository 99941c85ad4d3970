"""The exercise fence, on a small book of its own."""

import re

import pytest

from deepbook.course.index import book_root
from deepbook.site.fences import FenceError
from deepbook.site.preview import converter

INDEX = """
[[chapters]]
folder = "ch01_lines"
title = "Lines"
page = "01-lines.md"

[[chapters.sets]]
name = "first"
title = "First steps"
imports = ["numpy"]

[[chapters.sets.exercises]]
name = "draw_line"
title = "Draw a `line` $y$"
section = "a"
points = 2
minutes = 1
hints = ["What is $x$?", "Look at `f`.", "Write <cat> on paper.", "Fourth."]

[[chapters.sets.exercises]]
name = "other"
title = "Other"
section = "a"
points = 1
minutes = 5
hints = ["a", "b", "c", "d"]
"""
SOLUTION = '''import numpy as np


def draw_line(x, y):
    """The line.

    >>> draw_line(1, 2)
    """
    # BEGIN SOLUTION
    return x + y
    # END SOLUTION


def other():
    # BEGIN SOLUTION
    return 1
    # END SOLUTION
'''


@pytest.fixture
def book(tmp_path):
    folder = tmp_path / "solutions" / "ch01_lines"
    folder.mkdir(parents=True)
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "index.toml").write_text(INDEX)
    (folder / "first.py").write_text(SOLUTION)
    return tmp_path


def exercise(book, name, page="01-lines.md"):
    return converter(page, root=book, settings=book_root() / "mkdocs.yml").convert(f"```exercise\n{name}\n```")


def test_exercise_says_what_to_do(book):
    html = exercise(book, "draw_line")
    text = re.sub(r"<[^>]*>", "", html)
    assert 'id="exercise-draw-line"' in html and "2 points · about 1 minute<" in html
    assert "ch01_lines/first.py" in text and "deepbook check draw_line" in text
    assert "def draw_line(x, y):" in text and "The line." in text and "x + y" not in text
    assert "draw_line: put your answer here" in text
    assert "<code>line</code>" in html and "<math" in html


def test_exercise_says_to_the_page_which_it_is(book):
    assert '<div class="exercise" data-exercise="ch01/draw_line" data-file="ch01_lines/first.py"' in exercise(
        book, "draw_line"
    )


def test_exercise_hints_unfold_one_after_the_other(book):
    html = exercise(book, "draw_line")
    summaries = [html.index(f"<summary>Hint {i} of 4</summary>") for i in range(1, 5)]
    assert summaries == sorted(summaries)
    assert html[summaries[0] :].count("</details>") == 4 and "</details>" not in html[: summaries[3]]
    assert "<code>f</code>" in html and "Write &lt;cat&gt; on paper" in html


def test_exercise_twice_counts_in_the_plural(book):
    assert "1 point · about 5 minutes" in exercise(book, "other")


@pytest.mark.parametrize("name", ["draw_lime", "first", "", "ch01_lines"])
def test_exercise_unknown_name_stops_the_build(book, name):
    with pytest.raises(FenceError, match=r"01-lines\.md"):
        exercise(book, name)


def test_exercise_of_another_page_stops_the_build(book):
    with pytest.raises(FenceError, match=r"belongs to 01-lines\.md"):
        exercise(book, "other", page="02-planes.md")


def test_exercise_without_its_solution_stops_the_build(book):
    (book / "solutions" / "ch01_lines" / "first.py").write_text("")
    with pytest.raises(FenceError, match="draw_line"):
        exercise(book, "draw_line")
    (book / "solutions" / "ch01_lines" / "first.py").unlink()
    with pytest.raises(FenceError, match=r"first\.py"):
        exercise(book, "draw_line")
