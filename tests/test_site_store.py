"""What a build keeps for the next: the same result for the same inputs, a new one for others."""

from types import SimpleNamespace
from xml.etree.ElementTree import Element, tostring

import pytest

from deepbook.site import colours, mathematics, rendered
from deepbook.site.preview import converter
from deepbook.site.store import hashed, kept


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPBOOK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def coloured(monkeypatch):
    """The pieces of code that were coloured, in turn."""
    pieces, colour = [], colours.colour
    monkeypatch.setattr(colours, "colour", lambda self, src, *args, **options: (
        pieces.append(src) or colour(self, src, *args, **options)
    ))  # fmt: skip
    return pieces


@pytest.fixture
def formulas(monkeypatch):
    """The formulas that KaTeX was asked for, in turn, by builds that know only what is in files."""
    asked, render = [], mathematics.render
    monkeypatch.setattr(mathematics, "formula", mathematics.formula.__wrapped__)
    monkeypatch.setattr(mathematics, "render", lambda tex, block: asked.append(tex) or render(tex, block))
    return asked


def test_kept_computes_what_is_not_there_or_broken(tmp_path):
    key = hashed("a page")
    assert [kept(tmp_path / "new", key, lambda n=n: n) for n in (1, 2)] == [1, 1]
    assert kept(tmp_path / "new", hashed("another"), lambda: 3) == 3
    (tmp_path / "new" / f"{key}.json").write_text("[")
    assert kept(tmp_path / "new", key, lambda: 4) == 4


def test_kept_gives_the_result_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    assert kept(tmp_path / "file", "key", lambda: 1) == 1


@pytest.mark.parametrize("page", ["```python\nx = 1\n```\n", "```python show\ndeepbook.losses.cross_entropy\n```\n"])
def test_code_is_coloured_once(coloured, page):
    pages = [converter().convert(page) for _ in range(2)]
    assert pages[0] == pages[1] and '<span class="' in pages[0]
    assert len(coloured) == 1


def test_other_code_language_title_or_pygments_is_coloured_anew(coloured, monkeypatch):
    pages = ["```python\nx = 1\n```", "```python\nx = 2\n```", "```text\nx = 1\n```", '```python title="t"\nx = 1\n```']
    assert len({converter().convert(page) for page in pages}) == len(coloured) == 4
    monkeypatch.setattr(colours, "VERSIONS", ["another", "another"])
    converter().convert(pages[0])
    assert len(coloured) == 5


def test_code_has_the_colours_that_it_had_without_the_extension():
    page = "```python\ndef f(x):\n    return 'a' + x  # why\n```\n\n    $ indented\n\n`#!python x = 1`\n"
    with_it = converter().convert(page)
    colours.Highlight.highlight = colours.colour  # the next converter takes its place again
    without = converter()
    colours.Highlight.highlight = colours.colour
    assert without.convert(page) == with_it


def test_a_formula_is_rendered_once_and_another_anew(formulas, monkeypatch):
    pages = [converter().convert(page) for page in ("$x$ and $y$", "$x$ and $y$", "$$\nx\n$$")]
    assert pages[0] == pages[1] and formulas == ["x", "y", "x"]
    monkeypatch.setattr(mathematics, "RENDERER", "another KaTeX")
    assert converter().convert("$x$ and $y$") == pages[0] and formulas == ["x", "y", "x", "x", "y"]


def test_a_formula_that_is_wrong_is_not_kept(cache):
    for _ in range(2):
        with pytest.raises(mathematics.BadTeX):
            converter().convert(r"$\frac{1$")
    assert not list(cache.rglob("*.json"))


def test_a_page_of_the_reference_is_made_anew_when_what_it_depends_on_changed(tmp_path, monkeypatch):
    made = []

    def make(handler, data, options, locale):
        made.append(data.path)
        handler._headings.append(heading := Element("h2", {"id": data.path, "data-toc-label": "<f>"}))
        heading.text = "f & <code>g</code>"
        return f"<p>{data.path}</p>"

    def page(module="deepbook.losses", **options):
        """The HTML, and the headings behind the one that was there before."""
        handler = SimpleNamespace(_headings=[Element("h1")], base_dir=tmp_path, md=None)
        data = SimpleNamespace(path=module, package=SimpleNamespace(filepath=tmp_path / "__init__.py"))
        html = rendered.render(handler, data, options)
        return html, [tostring(each) for each in handler._headings[1:]]

    files = [
        tmp_path / name for name in ("losses.py", "mkdocs.yml", "chapters/bibliography.toml", "chapters/api/mlp.md")
    ]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    monkeypatch.setattr(rendered, "make", make)
    monkeypatch.setattr(rendered, "PACKAGE", tmp_path)
    assert page() == page() and len(page()[1]) == 1
    assert made == ["deepbook.losses"]
    assert page("deepbook.mlp") != page()
    page(members=["f"])
    assert made == ["deepbook.losses", "deepbook.mlp", "deepbook.losses"]
    for number, file in enumerate(files, 4):
        file.write_text("changed")
        page()
        assert len(made) == number
    monkeypatch.setattr(rendered, "VERSIONS", ["another"])
    page()
    assert len(made) == 8


def test_the_reference_depends_on_every_module_and_on_katex(tmp_path):
    (tmp_path / "documented.py").write_text("")
    names = {file.name for file in rendered.sources(tmp_path, tmp_path)}
    assert {"documented.py", "docstrings.py", "katex.min.js"} <= names
