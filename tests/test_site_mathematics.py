"""Mathematics, set while the site is built."""

import pytest

from deepbook.site.mathematics import BadTeX, render
from deepbook.site.preview import converter


def test_mathematics_in_a_line_and_as_a_paragraph():
    html = converter().convert("The sum $z = w < x$ and\n\n$$\n\\sum_i w_i x_i\n$$\n")
    assert html.count("<math") == 2 and "arithmatex" not in html
    assert '<span class="math"><span class="katex">' in html
    assert '<div class="math"><span class="katex-display">' in html


def test_mathematics_leaves_code_and_money_alone():
    html = converter().convert("`$x$` costs 5 dollars\n\n```\n$y$\n```\n")
    assert "<math" not in html


@pytest.mark.parametrize(
    ("text", "after"), [("$x$, y", ","), ("($x$).", ")."), ("$x$ y", ""), (f"${'x' * 31}$, y", ""), ("令 $x$。", "。")]
)
def test_a_short_formula_and_the_comma_after_it_stay_together(text, after):
    page = converter().convert(text)
    assert ('<span class="together">' in page) == bool(after)
    assert f"</span>{after}</span>" in page


def test_bad_tex_stops_the_build_and_says_where():
    with pytest.raises(BadTeX, match=r"(?s)02-x\.md.*\\frac\{1"):
        converter("02-x.md").convert(r"Here $\frac{1$ is wrong")
    with pytest.raises(BadTeX, match="Undefined control sequence"):
        render(r"\nosuchthing")
