"""Building the site from Python, on a small book of its own."""

import os
import shutil
import subprocess
import sys

import pytest

from deepbook.course.index import book_root
from deepbook.site.build import STAMP, BuildError, build, cache_folder, fingerprint, run_mkdocs, swap


@pytest.fixture
def book(tmp_path, monkeypatch):
    monkeypatch.delenv("DEEPBOOK_CACHE", raising=False)
    root = tmp_path / "book"
    (root / "chapters").mkdir(parents=True)
    settings = (book_root() / "mkdocs.yml").read_text(encoding="utf-8")
    before, _, after = settings.partition("nav:\n")
    (root / "mkdocs.yml").write_text(before + "theme:" + after.partition("\ntheme:")[2], encoding="utf-8")
    (root / "chapters" / "index.md").write_text("# Hello\n\n```python run hide\nprint(6 * 7)\n```\n")
    shutil.copytree(book_root() / "chapters" / "assets", root / "chapters" / "assets")
    return root


def test_build_makes_the_site_and_then_has_nothing_to_do(book, tmp_path):
    out = tmp_path / "site"
    assert build(out, book) is True
    assert "42" in (out / "index.html").read_text() and (out / "assets" / "js" / "book.js").exists()
    assert build(out, book) is False
    (book / "chapters" / "index.md").write_text("# Changed")
    assert build(out, book) is True
    assert "Changed" in (out / "index.html").read_text()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["book", "site"]  # nothing is left aside


def test_a_draft_runs_the_first_pages_and_keeps_what_is_known(book, tmp_path):
    out, other = tmp_path / "site", book / "chapters" / "other.md"
    other.write_text(
        "# Other\n\n```python run\nx = 6 * 7 + 100\nprint(x)\n```\n\n"
        '```python run alt="A line that rises"\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\n```\n\n'
        "```quiz\nWhat is x?\n\nkey: 0 if x == 142 else 1\n- 142 :: Yes.\n- 41 :: No.\n```\n"
    )
    assert build(out, book, draft=("index.md",)) is True
    page = (out / "other.html").read_text()
    assert "42" in (out / "index.html").read_text() and "run-later" not in (out / "index.html").read_text()
    assert page.count("run-later") == 3 and "6" in page and "142</code>" not in page and "<svg role" not in page
    assert build(out, book) is True  # the draft does not count as the book
    page = (out / "other.html").read_text()
    assert "run-later" not in page and "<svg role" in page and "quiz-options" in page
    (out / STAMP).unlink()
    shutil.rmtree(out)
    assert build(out, book, draft=("index.md",)) is True  # what is kept is shown in a draft too
    assert "run-later" not in (out / "other.html").read_text()


WRONG = [
    ("# A\n\n[b](nothing.md)", "nothing.md"),
    ("# A\n\n[b](#nothing)", "nothing"),
    ("# A\n\n```python run\n1 / 0\n```", "ZeroDivisionError"),
    ("# A\n\n$\\nothing$", "Undefined control sequence"),
    ("# A\n\n```python show\ndeepbook.nothing\n```", "deepbook.nothing"),
]


@pytest.mark.parametrize(("page", "says"), WRONG)
def test_build_fails_with_the_reason_and_keeps_the_old_site(book, tmp_path, page, says):
    out = tmp_path / "site"
    out.mkdir()
    (out / STAMP).write_text('{"inputs": "old"}')
    (book / "chapters" / "index.md").write_text(page)
    with pytest.raises(BuildError, match=says):
        build(out, book)
    assert [each.name for each in out.iterdir()] == [STAMP]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["book", "site"]


def test_build_leaves_a_folder_of_other_files_alone(book, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(BuildError, match="empty folder"):
        build(tmp_path / "mine", book)
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"


def test_swap_that_fails_leaves_the_old_site(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "page").write_text("old")
    with pytest.raises(OSError):
        swap(tmp_path / "nothing", tmp_path / "site", tmp_path / "aside")
    assert (tmp_path / "site" / "page").read_text() == "old"


def test_fingerprint_sees_pages_settings_and_exercises(book):
    seen = {fingerprint(book)}
    (book / "exercises").mkdir()
    (book / "solutions").mkdir()
    (book / "exercises" / "mine.py").write_text("a learner's answer")
    assert fingerprint(book) in seen
    for file in ("chapters/new.md", "exercises/index.toml", "solutions/a.py", "mkdocs.yml"):
        with open(book / file, "a") as f:
            f.write("\n# more\n")
        seen.add(fingerprint(book))
    assert len(seen) == 5


def test_cache_of_a_read_only_book_is_the_users(book, monkeypatch):
    assert cache_folder(book) == book / ".cache"
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert book not in cache_folder(book).parents


def test_build_imports_nothing_heavy():
    code = "import sys, deepbook.site.build; print(*{'jax', 'matplotlib', 'mkdocs', 'numpy'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == ""


def test_build_that_never_ends_is_stopped(tmp_path, book, monkeypatch):
    monkeypatch.setattr("deepbook.site.build.LIMIT_S", 0.1)
    with pytest.raises(BuildError, match="not built after"):
        build(tmp_path / "site", book)


# ProperDocs takes the same settings, for the day when MkDocs 1 no longer runs


@pytest.mark.parametrize(("page", "says"), WRONG[:3])
def test_properdocs_is_as_strict(tmp_path, book, page, says):
    (book / "chapters" / "index.md").write_text(page)
    with pytest.raises(BuildError, match=says):
        run_mkdocs(book, tmp_path / "site", builder="properdocs")


def test_properdocs_builds_the_same_pages(tmp_path, book):
    page = "# A\n\n[Exercise](#there) $x^2$\n\n<p id='there'></p>\n\n```python run\nprint(6 * 7)\n```\n"
    (book / "chapters" / "index.md").write_text(page)
    sites = [tmp_path / builder for builder in ("mkdocs", "properdocs")]
    for site in sites:
        run_mkdocs(book, site, builder=site.name)
    contents = [(site / "index.html").read_text().partition("<article")[2].partition("</article")[0] for site in sites]
    assert contents[0] == contents[1] and ">42" in contents[0]


@pytest.mark.slow
def test_properdocs_builds_the_whole_book(tmp_path, site):
    """`site` first: then the results of the pages' code are kept already."""
    run_mkdocs(book_root(), tmp_path / "site", builder="properdocs")
    pages = {file.relative_to(site) for file in site.rglob("*.html")}
    assert pages == {file.relative_to(tmp_path / "site") for file in (tmp_path / "site").rglob("*.html")}
