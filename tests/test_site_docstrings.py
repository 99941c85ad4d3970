"""Docstrings of the house on the API pages."""

from deepbook.site.docstrings import to_markdown

DOCSTRING = """What it means: in a line.

W, b: (features,) and ()
x:    (batch, features) floats,
which go on here.
Returns z.

>>> f(1)
2

    a    table
Words after."""


def test_each_line_that_says_something_keeps_its_place():
    assert [line for line in to_markdown(DOCSTRING).splitlines() if line] == [
        "What it means: in a line.",
        "- `W`, `b`: (features,) and ()",
        "- `x`: (batch, features) floats,",
        "    which go on here.",
        "- Returns z.",
        "```pycon",
        ">>> f(1)",
        "2",
        "```",
        "    a    table",
        "Words after.",
    ]


def test_example_at_the_end_is_closed():
    assert to_markdown("F.\n\n>>> 1\n1").endswith("```pycon\n>>> 1\n1\n```")
    assert to_markdown("") == ""


def test_word_in_angle_brackets_is_no_element():
    assert to_markdown("Numbers: <padding> is 0, `<unknown>` 1.") == "Numbers: &lt;padding> is 0, `<unknown>` 1."
