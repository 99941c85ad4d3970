"""Links to edit a page and to report a mistake; the errata."""

import shutil

import pytest

from deepbook import __version__
from deepbook.course.index import book_root
from deepbook.site.fences import FenceError
from deepbook.site.mending import addresses
from deepbook.site.preview import converter

EXTRA = {"edit_page": "https://a.org/edit/chapters/{page}", "report_mistake": "https://a.org/new?title={page}"}
MISTAKE = """[[errata]]
at = "01-perceptron.md#one-neuron"
said = "the input $(1, 3)$"
says = "the input $(3, 1)$"
found = 2026-11-22
by = "a reader"
"""


def convert(page, **extra):
    md = converter(page)
    md.treeprocessors["relpath"].config.extra = extra
    return md.convert("# A\n\nHello.")


def test_a_page_has_the_links_whose_addresses_are_set():
    html = convert("glossary.md", **EXTRA)
    assert html.index("Hello") < html.index("https://a.org/edit/chapters/glossary.md") < html.index("Report a mistake")
    assert "https://a.org/new?title=glossary.md" in html and '<a href="errata.md">Errata</a>' in html


def test_no_link_is_shown_where_no_address_is_known():
    html = convert("glossary.md", edit_page="", report_mistake="")
    assert "Edit this page" not in html and "Report" not in html and '<a href="errata.md">Errata</a></p>' in html
    assert "mending" not in convert("errata.md", edit_page="")


def test_a_page_of_the_reference_is_made_from_code_and_leads_up_to_the_errata():
    assert addresses(EXTRA, "api/layers.md") == ["", "https://a.org/new?title=api/layers.md"]
    assert '<a href="../errata.md">Errata</a>' in convert("api/layers.md")


def test_the_books_settings_name_the_addresses_once():
    settings = (book_root() / "mkdocs.yml").read_text(encoding="utf-8")
    assert settings.count("edit_page:") == settings.count("report_mistake:") == 1
    assert "repo_url" not in settings  # with it the theme would ask the repository's server for its stars


@pytest.fixture
def errata(tmp_path):
    (tmp_path / "chapters").mkdir()
    shutil.copy(book_root() / "chapters" / "01-perceptron.md", tmp_path / "chapters")

    def convert(toml):
        (tmp_path / "chapters" / "errata.toml").write_text(toml, encoding="utf-8")
        md = converter("errata.md", root=tmp_path, settings=book_root() / "mkdocs.yml")
        return md.convert("```reference\nerrata\n```")

    return convert


def test_errata_says_where_what_and_when(errata):
    html = errata(MISTAKE + MISTAKE.replace("11-22", "12-01").replace('by = "a reader"', ""))
    assert '<a href="01-perceptron.md#one-neuron">chapter 1, One neuron</a>' in html
    assert html.index("2026-12-01") < html.index("2026-11-22, by a reader") and "<math" in html


def test_errata_without_a_mistake_says_so(errata):
    assert f"No mistake is known in this edition, {__version__}." in errata("errata = []\n")


@pytest.mark.parametrize(("old", "new", "says"), [("said", "sayd", "sayd"), ("#one-neuron", "#x", "no such section")])
def test_errata_that_are_wrong_stop_the_build(errata, old, new, says):
    with pytest.raises(FenceError, match=says):
        errata(MISTAKE.replace(old, new, 1))
