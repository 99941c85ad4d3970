"""The `python run` fence: what it shows, what stops the build, what it keeps."""

import json
import re
import shutil
import subprocess
import sys

import pytest

from deepbook.site import run
from deepbook.site.fences import FenceError
from deepbook.site.preview import converter
from deepbook.site.worker import describe, tidy


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPBOOK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def text(html):
    return re.sub(r"<[^>]*>", "", html).replace("&gt;", ">").replace("&lt;", "<").replace("&quot;", '"')


def block(code, options=""):
    return f"```python run {options}\n{code}\n```\n"


def page(*blocks):
    return converter().convert("\n".join(blocks))


def shown(html):
    return [text(out).strip() for out in re.findall(r'<div class="run-out.*?</pre>', html, flags=re.S)]


FIGURE = (
    "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([0, 1], label='a')\nax.set_xlabel('time (s)')"
)


def test_run_shows_prints_and_the_last_value():
    html = page(block("print('hello')\n1 + 1"))
    assert "print" in text(html) and "hello\n2" in text(html)


def test_run_shares_a_namespace_in_a_page_and_not_between_pages():
    assert "42" in text(page(block("a = 41"), "words between", block("a + 1", "hide")))
    with pytest.raises(FenceError, match="NameError"):
        page(block("a + 1"))


def test_run_compiles_as_on_a_reader_s_machine(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_force_host_platform_device_count=2")
    assert shown(page(block("import jax\njax.device_count()"))) == ["1"]


def test_run_hide_leaves_the_code_out():
    html = text(page(block("print(6 * 7)", "hide")))
    assert "42" in html and "print" not in html


def test_run_in_an_admonition():
    assert "42" in text(page("!!! note\n\n    ```python run hide\n    print(6 * 7)\n    ```\n"))


def test_run_that_fails_stops_the_build_and_says_where():
    with pytest.raises(FenceError, match=r"(?s)page\.md, block 2 failed.*1 / 0.*ZeroDivisionError"):
        page(block("1"), block("1 / 0"))


def test_run_exit_is_a_failure():
    with pytest.raises(FenceError, match="SystemExit"):
        page(block("raise SystemExit"))


def test_run_process_that_dies_stops_the_build():
    with pytest.raises(FenceError, match="ended"):
        page(block("import os\nos._exit(1)"))


def test_run_raises_shows_the_message():
    html = text(page(block("import numpy as np\nnp.ones(2) + np.ones(3)", 'raises="ValueError"')))
    assert "ValueError: operands could not be broadcast" in html


def test_run_raises_shows_the_true_name_of_a_subclass():
    assert "ZeroDivisionError: division by zero" in text(page(block("1 / 0", 'raises="ArithmeticError"')))


@pytest.mark.parametrize("code", ["1", "1 / 0"])
def test_run_raises_stops_the_build_if_it_does_not_raise_that(code):
    with pytest.raises(FenceError, match=r"TypeError|ZeroDivisionError"):
        page(block(code, 'raises="TypeError"'))


def test_run_unknown_option_and_broken_header_stop_the_build():
    with pytest.raises(FenceError, match="unknown option captoin"):
        page(block("1", 'captoin="x"'))
    with pytest.raises(FenceError, match="quote"):
        page(block("1", 'alt="x'))


def test_run_leaves_plain_blocks_alone():
    html = converter().convert("```python\n1 / 0\n```\n\n````markdown\n```python run\n1 / 0\n```\n````")
    assert "run-out" not in html


def test_run_figure_needs_alternative_text_of_its_own():
    with pytest.raises(FenceError, match="needs alt"):
        page(block(FIGURE))
    with pytest.raises(FenceError, match="needs alt"):
        page(block(FIGURE, 'alt="A line." caption="A line."'))
    with pytest.raises(FenceError, match="no figure"):
        page(block("1", 'alt="A line."'))
    with pytest.raises(FenceError, match="2 figures"):
        page(block(FIGURE + "\nplt.figure()", 'alt="A line."'))


def test_run_figure_is_a_picture_in_the_page():
    html = page(block(FIGURE, 'alt="A line from 0, 0 to 1, 1" caption="It *rises* by $x$."'))
    assert 'role="img" aria-label="A line from 0, 0 to 1, 1"' in html
    assert "<em>rises</em>" in html and "<math" in html.partition("<figcaption>")[2]
    assert "var(--db-class-0)" in html and "currentColor" in html and "#000000" not in html
    assert "time (s)" in html and "Text(" not in html  # words stay words; no value beside a figure


def test_run_words_on_a_picture_keep_their_colour():
    code = "import matplotlib.pyplot as plt\nplt.imshow([[0, 1]])\nplt.text(0, 0, 'here')\nplt.title('above')"
    code += "\nplt.text(-0.6, 0, 'beside', ha='right')\nplt.text(0.5, -0.1, 'below', transform=plt.gca().transAxes)"
    html = page(block(code, 'alt="x"'))
    fill = {word: re.search(rf"<text[^>]*>{word}", html)[0] for word in ("here", "above", "beside", "below")}
    assert [word for word in fill if "#010101" in fill[word]] == ["here"]


def test_run_figures_have_ids_of_their_own():
    html = page(block(FIGURE, 'alt="one"'), block(FIGURE, 'alt="two"'))
    ids = re.findall(r'\bid="([^"]*)"', html)
    assert len(ids) == len(set(ids)) > 10
    assert set(re.findall(r'(?:href="#|url\(#)([^")]*)', html)) <= set(ids)


def test_run_twice_gives_the_same_page(tmp_path, monkeypatch):
    blocks = block("print({'b', 'a'}, object())"), block(FIGURE, 'alt="x"')
    first = page(*blocks)
    monkeypatch.setenv("DEEPBOOK_CACHE", str(tmp_path / "another"))
    assert page(*blocks) == first


def test_run_keeps_results(cache):
    blocks = block("a = 1"), block("print(a + 1)"), block("print(a + 2)")
    first = page(*blocks)
    assert len(list(cache.glob("*.json"))) == 3
    for file in cache.glob("*.json"):  # what is shown the second time comes from here
        file.write_text(file.read_text().replace('"text": "2"', '"text": "two"'))
    second = page(*blocks)
    assert shown(first) == ["2", "3"] and shown(second) == ["two", "3"]


def test_run_replays_the_kept_blocks_for_a_new_one(cache):
    page(block("a = 1"), block("a"))
    assert "11" in text(page(block("a = 1"), block("a + 10")))


def test_run_reads_a_labs_result_again_when_it_was_recorded_again(tmp_path, monkeypatch):
    from deepbook import labs
    from deepbook.course.index import book_root

    shutil.copy(book_root() / "mkdocs.yml", tmp_path)
    monkeypatch.setenv("DEEPBOOK_BOOK", str(tmp_path))
    blocks = block("from deepbook import labs"), block("print(labs.result('some')['found'])")
    for found in ("first", "second"):
        labs.save_result("some", {"found": found})
        assert shown(page(*blocks)) == [found]


def test_run_survives_a_broken_cache_file(cache):
    page(block("print(6 * 7)"))
    for file in cache.rglob("*.json"):
        file.write_text('{"text"')
    assert "42" in text(page(block("print(6 * 7)")))
    assert json.loads(next(cache.glob("*.json")).read_text())["text"] == "42"


def test_run_warnings_stay_out_of_the_page():
    html = text(page(block("import sys, warnings\nwarnings.warn('boo')\nprint('to stderr', file=sys.stderr)\n1")))
    assert "UserWarning" not in html.partition("1")[2] and html.count("to stderr") == 1


def test_key_depends_on_the_modules_that_the_page_imports(tmp_path):
    package = tmp_path / "book"
    (package / "site").mkdir(parents=True)
    (package / "one.py").write_text("from book import two\nfrom book.site import run")
    (package / "two.py").write_text("import book.one")
    (package / "three.py").write_text("")
    (package / "site" / "run.py").write_text("")
    found = run.book_modules("from book.one import f", "import numpy", package=package)
    assert {file.name for file in found} == {"one.py", "two.py"}
    assert {file.name for file in run.book_modules("from book import three", package=package)} == {"three.py"}


def test_key_depends_on_the_blocks_before():
    one, two = [("a = 1", None), ("a", None)], [("a = 2", None), ("a", None)]
    assert run.key_of(one) != run.key_of(two) and run.key_of(one) == run.key_of(list(one))


def test_builder_imports_no_jax():
    code = "import sys, deepbook.site.preview as p; p.converter(); print(*{'jax', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_tidy_hides_addresses():
    assert tidy("<object at 0x7f12aa34bb>\n") == "<object at 0x…>"


def test_describe_shows_the_first_lines_of_a_long_message():
    shown = describe(ValueError("one\ntwo\nthree\nfour\nfive\n\nmore"))["text"]
    assert shown == "ValueError: one\ntwo\nthree\nfour …"
