"""The chapters' notebooks: the page's code in the page's order, in a file that any notebook program reads."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pytest
from mkdocs.utils.meta import get_data

from deepbook import __version__
from deepbook.course.index import book_root
from deepbook.site import exercise, mathematics, notebook, quiz, run, show
from deepbook.site.build import build
from deepbook.site.fences import FenceError
from deepbook.site.numbers import numbered
from deepbook.site.plain import Page, pieces
from deepbook.site.preview import converter

ROOT = Path(__file__).resolve().parent.parent
PAGES = notebook.chapters(book_root())
EXECUTE = r"""
import json, os, re, sys
import matplotlib.pyplot as plt
namespace, ran = {"__name__": "__main__"}, 0
with open(sys.argv[1], encoding="utf-8") as file:
    cells = json.load(file)["cells"]
for number, cell in enumerate(cells):
    if cell["cell_type"] == "code":
        fails = "raises-exception" in cell["metadata"].get("tags", [])
        code = re.sub(r"^( *)%.*$", r"\1pass", "".join(cell["source"]), flags=re.M)
        try:
            exec(compile(code, f"<cell {number}>", "exec"), namespace)
        except Exception:
            if not fails:
                raise
        else:
            assert not fails, f"cell {number} should have failed"
        plt.close("all")
        ran += 1
print("ran", ran)
"""


def source_of(page):
    """A chapter's Markdown as the notebook gets it: without its front matter, figures and equations numbered."""
    text = get_data((book_root() / "chapters" / page).read_text(encoding="utf-8"))[0]
    return numbered(text, page, book_root())[0]


def made(page):
    return notebook.notebook(source_of(page), page, book_root())


def small(source, **more):
    return notebook.notebook(source, "01-small.md", book_root(), **more)


def texts(source, **more):
    """What a notebook shows of a small page, without what stands before and after it."""
    cells = small(source, **more)["cells"][2:-1]
    return "\n\n".join("".join(cell["source"]) for cell in cells)


@pytest.fixture
def nothing_is_run(tmp_path, monkeypatch):
    """The site's converter as it is in a build, but no block is run and nothing is set by KaTeX."""
    monkeypatch.setenv("DEEPBOOK_DRAFT", "none")
    monkeypatch.setenv("DEEPBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(mathematics, "render", lambda tex, block=False: "")
    return monkeypatch


@pytest.fixture
def only_run_fences(nothing_is_run):
    nothing_is_run.setattr(run, "key_of", lambda *_, **__: "unknown")
    for module in (exercise, quiz, show):
        nothing_is_run.setattr(module, "formatter", lambda *_, **__: "")


def without_magic(code):
    """Code as Python reads it: lines for the notebook program itself do nothing."""
    return re.sub(r"^( *)%.*$", r"\1pass", code, flags=re.M)


def test_every_chapter_has_a_notebook():
    named = {path.name for path in (book_root() / "chapters").glob("[0-9][0-9]-*.md")}
    assert named == set(PAGES) and len(PAGES) >= 8
    assert [notebook.file_name(page)[:3] for page in PAGES] == [f"{number:02}-" for number in range(len(PAGES))]
    assert notebook.file_name("zh-TW/01-perceptron.md") == "01-perceptron.ipynb"
    assert not any(map(notebook.file_name, ("index.md", "api/index.md", "api/layers.md", "glossary.md")))


@pytest.mark.parametrize("page", PAGES)
def test_a_notebook_has_the_blocks_of_its_page_in_their_order(page, only_run_fences):
    md, source = converter(page), source_of(page)
    html = md.convert(source)
    blocks = run.page_of(md).blocks
    book = notebook.notebook(source, page, book_root())
    assert blocks and notebook.code_of(book) == [(code, bool(raises)) for code, raises in blocks]
    own = re.escape(f"../{Path(page).stem}.html#")
    text = "".join("".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "markdown")
    anchors = set(re.findall(rf"\]\({own}([^)]+)\)", text)) - set(re.findall(r"\b(?:quiz|exercise)-[\w-]+", text))
    assert anchors <= set(re.findall(r'\bid="([^"]+)"', html))
    assert "```quiz" not in text and "```exercise" not in text and "```reference" not in text
    assert "data-widget" not in text and not re.search(r"^#.*\{", text, re.M) and "../../" not in text


@pytest.mark.parametrize("page", PAGES)
def test_a_notebook_is_what_nbformat_wants_and_its_code_compiles(page):
    book = json.loads(json.dumps(made(page)))
    assert set(book) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert book["metadata"]["kernelspec"] == {"display_name": "Python 3", "language": "python", "name": "python3"}
    ids = [cell["id"] for cell in book["cells"]]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", each) for each in ids)
    for cell in book["cells"]:
        keys, code = {"id", "cell_type", "metadata", "source"}, cell["cell_type"] == "code"
        assert set(cell) == (keys | {"execution_count", "outputs"} if code else keys)
        assert code or cell["cell_type"] == "markdown"
        assert not code or (cell["outputs"] == [] and cell["execution_count"] is None)
        assert cell["source"] and all(line.endswith("\n") for line in cell["source"][:-1])
    code = ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]
    compile(without_magic(code[0]), "<set up>", "exec")
    for each in code[1:]:
        compile(each, "<cell>", "exec")
        assert not re.search(r"^\s*[%!]", each, re.M)  # a notebook program would read such a line otherwise


@pytest.mark.parametrize(
    "page", [page if page[:2] == "01" else pytest.param(page, marks=pytest.mark.long) for page in PAGES]
)
def test_a_notebook_runs_from_the_first_cell_to_the_last(page, tmp_path):
    book = made(page)
    notebook.write(book, tmp_path / "book.ipynb")
    env = {**os.environ, "MPLBACKEND": "agg", "JAX_PLATFORMS": "cpu", "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", EXECUTE, str(tmp_path / "book.ipynb")]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines()[-1] == f"ran {len(notebook.code_of(book)) + 1}"


def test_the_first_cells_say_the_page_and_install_the_version_where_it_is_missing():
    start, code = ("".join(cell["source"]) for cell in made("01-perceptron.md")["cells"][:2])
    assert start.startswith("# 1. The perceptron\n") and "(../01-perceptron.html)" in start
    assert "01-perceptron.html" in code and f'    %pip install -q "deepbook=={__version__}"\n' in code
    assert code.index('find_spec("deepbook") is None') < code.index("%pip")


def test_the_last_cell_leads_to_the_next_chapter():
    assert "[2. The multilayer" in "".join(made("01-perceptron.md")["cells"][-1]["source"])
    last = "".join(made(PAGES[-1])["cells"][-1]["source"])
    assert "deepbook start" in last and "Read on" not in last


def test_a_block_that_fails_is_tagged_and_one_that_is_hidden_is_folded():
    source = '# A\n\n```python run raises="ValueError"\nint("a")\n```\n\n```python run hide\nx = 1\n```'
    cells = small(source)["cells"][2:-1]
    assert [cell["metadata"] for cell in cells] == [
        {"tags": ["raises-exception"]},
        {"jupyter": {"source_hidden": True}},
    ]
    assert cells[0]["source"] == ['int("a")']


def test_an_id_changes_with_its_own_cell_alone():
    source = "# A\n\none\n\n```python run\nx = 1\n```\n\ntwo\n\n```python run\nx = 1\n```\n\nthree"
    before, after = (
        [cell["id"] for cell in small(each)["cells"]] for each in (source, source.replace("two", "another"))
    )
    assert len(before) == len(set(before))
    assert [number for number, (a, b) in enumerate(zip(before, after, strict=True)) if a != b] == [4]


def test_prose_keeps_formulas_and_code_and_leads_to_the_page():
    text = texts(
        "# A\n\n## One {#one}\n\nSee [below](#two), [there](04-cnn.md#x) and [far](https://a.org/b.md). "
        "`[a](b.md) {#c}` and $x_{[a](b.md)}$, $$\n\\{.5\\}\n$$ <!-- not\nsaid --> end. {: .wide}"
    )
    assert text == (
        "## One\n\nSee [below](../01-small.html#two), [there](../04-cnn.html#x) and [far](https://a.org/b.md). "
        "`[a](b.md) {#c}` and $x_{[a](b.md)}$, $$\n\\{.5\\}\n$$  end."
    )
    assert "(https://a.org/01-small.html#two)" in texts("# A\n\n[b](#two)", base="https://a.org/")


def test_boxes_open_and_the_code_in_them_is_run():
    box = "before\n\n```python run\nif True:\n    x = 1\n```\n\nafter\n"
    source = f'# A\n\n!!! note "Look"\n{indent(box, "    ")}\nend'
    cells = small(source)["cells"][2:-1]
    assert ["".join(cell["source"]) for cell in cells] == ["**Look**\n\nbefore", "if True:\n    x = 1", "after\n\nend"]


def test_other_fences_stay_and_hold_no_headings_and_no_links():
    fence = "```bash\n# no heading\n[a](b.md)\n```"
    assert texts(f"# A\n\n{fence}") == fence
    inside = "````markdown\n```python run\nx = 1\n```\n````"
    assert texts(f"# A\n\n{inside}") == inside


def test_a_figure_is_told_in_words():
    text = texts('# A\n\n```python run alt="A line that rises" caption="**Figure 1.1.** See [b](b.md)."\nx = 1\n```')
    assert "**Figure 1.1.** See [b](../b.html)." in text and "A line that rises" in text
    figure = '<figure data-widget="gates"><p class="widget-fallback">Points.\nWith JavaScript you move them.</p>'
    text = texts(f"# A\n\n## Part\n\n{figure}<figcaption>Question: which?</figcaption></figure>")
    assert text.endswith(
        "**A figure to move.** Points. You can move it [on the page](../01-small.html#part). Question: which?"
    )


QUIZ = "```quiz\nWhat is x?\n\n- [ ] 41 :: Count again.\n- [x] 42 :: Yes.\n```\n"
KEYED = "```quiz\nWhat is x?\n\nkey: [41, 42].index(x)\n- 41 :: Count again.\n- 42 :: Yes.\n```\n"


def test_a_quiz_explains_every_option():
    text = texts(f"# A\n\n{QUIZ}")
    assert "- **a.** 41\n- **b.** 42\n\n<details>" in text and "(../01-small.html#quiz-1)" in text
    assert "- **a.** Not this one. Count again.\n- **b.** Right. Yes." in text
    assert "- **a.** Count again.\n" in texts(f"# A\n\n{KEYED}")
    text = texts(f"# A\n\n{QUIZ}\n{KEYED}", verdicts={2: (False, True)})
    assert text.count("- **b.** Right. Yes.") == 2 and "#quiz-2" in text


def test_an_exercise_says_what_to_complete_and_where():
    text = notebook.notebook("# A\n\n```exercise\nxor\n```", "01-perceptron.md", book_root())["cells"][2]["source"]
    assert "In `ch01_perceptron/neuron.py`, complete:" in "".join(text) and "def xor():\n" in text
    assert "(../01-perceptron.html#exercise-xor)" in "".join(text)


def test_all_pieces_of_a_page_are_known():
    kinds = {piece.kind for page in PAGES for piece in pieces(source_of(page), Page(page, book_root()))}
    assert kinds == {"text", "heading", "run"}


def site_converter(folder, page="01-small.md", **config):
    md = converter(page)
    for name, value in {"site_dir": str(folder), **config}.items():
        setattr(md.treeprocessors["relpath"].config, name, value)
    return md


def test_the_extension_writes_the_notebook_and_links_to_it(tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPBOOK_CACHE", str(tmp_path / "cache"))
    html = site_converter(tmp_path).convert(f"# A\n\nHello.\n\n```python run\nx = 42\n```\n\n{KEYED}")
    assert re.search(r'</h1>\s*<p class="notebook-link"[^>]*><a[^>]* href="notebooks/01-small.ipynb"', html)
    assert "<code>notebooks/01-small.ipynb</code>" in html and "cloud notebook" in html
    book = json.loads((tmp_path / "notebooks" / "01-small.ipynb").read_text(encoding="utf-8"))
    assert notebook.code_of(book) == [("x = 42", False)]
    assert "**b.** Right. Yes." in "".join(book["cells"][-2]["source"])  # the key was computed by the page


def test_the_extension_knows_the_sites_address(tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPBOOK_CACHE", str(tmp_path / "cache"))
    md = site_converter(tmp_path, site_url="https://a.org/book/")
    md.convert("# A\n\n[b](#c)\n\n```python run\nx = 1\n```")
    assert "https://a.org/book/01-small.html#c" in (tmp_path / "notebooks" / "01-small.ipynb").read_text()


def test_a_page_that_is_no_chapter_or_runs_nothing_has_no_notebook(tmp_path):
    assert "notebook" not in site_converter(tmp_path, "glossary.md").convert("# A")
    assert "notebook" not in site_converter(tmp_path, "00-start.md").convert("# A page without code")
    assert not list(tmp_path.iterdir())


def test_a_notebook_that_is_not_the_page_stops_the_build(tmp_path, nothing_is_run):
    nothing_is_run.setattr(notebook, "pieces", lambda *_: [])
    with pytest.raises(FenceError, match="0 blocks of its notebook are not the page's 1"):
        site_converter(tmp_path).convert("# A\n\n```python run\nx = 1\n```")


def test_the_sites_build_writes_the_notebooks(tmp_path):
    settings = (book_root() / "mkdocs.yml").read_text(encoding="utf-8")
    before, _, after = settings.partition("nav:\n")
    book = tmp_path / "book"
    (book / "chapters").mkdir(parents=True)
    (book / "mkdocs.yml").write_text(before + "theme:" + after.partition("\ntheme:")[2], encoding="utf-8")
    (book / "chapters" / "assets").symlink_to(book_root() / "chapters" / "assets")
    (book / "chapters" / "index.md").write_text("# Hello\n\n[one](01-one.md)\n")
    (book / "chapters" / "00-start.md").write_text("# Start\n\n```python run\nprint(6 * 7)\n```\n")
    (book / "chapters" / "01-one.md").write_text("# One\n\n```python run hide\nx = 1\n```\n")
    assert build(tmp_path / "site", book)
    assert sorted(each.name for each in (tmp_path / "site" / "notebooks").iterdir()) == [
        "00-start.ipynb",
        "01-one.ipynb",
    ]
    assert 'href="notebooks/00-start.ipynb"' in (tmp_path / "site" / "00-start.html").read_text()


def test_figures_are_drawn_in_the_books_style():
    import matplotlib as mpl

    with mpl.rc_context():
        notebook.use_style()
        assert mpl.rcParams["figure.constrained_layout.use"] is True
        assert mpl.rcParams["axes.prop_cycle"].by_key()["color"][0].lstrip("#") == "0072B2"


def test_the_container_is_made_by_the_readmes_command():
    settings = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    command = re.search(r"<!-- learn -->\n```bash\n(.*)\n```", (ROOT / "README.md").read_text(encoding="utf-8"))[1]
    assert command == f"{settings['postCreateCommand']} && .venv/bin/deepbook learn"
    assert settings["forwardPorts"] == [8000] and settings["image"].startswith(
        "mcr.microsoft.com/devcontainers/python:"
    )
