"""Links from functions to the reference, and from symbols to the notation."""

import re

import pytest

from deepbook.course.index import book_root
from deepbook.site.names import documented, meant, used
from deepbook.site.preview import converter
from deepbook.site.symbols import notation

MODULES = {"train": {"fit"}, "perceptron": {"fit", "step"}, "layers": {"Dense"}, "optim": {"init"}}


@pytest.mark.parametrize(
    ("code", "imports", "mentioned", "name"),
    [
        ("fit", {"fit": "train"}, {"perceptron"}, "deepbook.train.fit"),
        ("fit(model, x)", {}, {"perceptron"}, "deepbook.perceptron.fit"),
        ("fit", {}, {"perceptron", "train"}, None),  # which of the two?
        ("fit", {}, set(), None),
        ("perceptron.fit", {}, set(), "deepbook.perceptron.fit"),
        ("deepbook.layers.Dense(128)", {}, set(), "deepbook.layers.Dense"),
        ("jax.fit", {}, {"train"}, None),
        ("init", {}, {"optim"}, None),  # a method of every layer
        ("x @ W + b", {}, {"train"}, None),
    ],
)
def test_meant_knows_what_a_piece_of_code_names(code, imports, mentioned, name):
    assert meant(code, MODULES, imports, mentioned) == name


def test_used_reads_the_imports_of_a_page():
    source = "from deepbook.train import (Setup,\n    fit)\nfrom deepbook import data, optim\n\ndeepbook.mlp.he\n"
    assert used(source) == ({"Setup": "train", "fit": "train"}, {"train", "data", "optim", "mlp"})


def test_the_reference_documents_what_the_links_lead_to():
    modules = documented(book_root())
    assert {"perceptron", "layers", "optim", "train", "cnn", "rnn"} <= set(modules)
    assert "fit" in modules["train"] and "Setup" in modules["train"] and "_fit" not in modules["perceptron"]
    assert "EarlyStopping" not in modules["train"]  # its page lists its own members


def page(text, name="02-mlp.md"):
    return converter(name).convert(f"# A\n\n```python show nodoc\ndeepbook.mlp.trace\n```\n\n{text}")


def test_the_first_use_in_each_section_is_a_link():
    html = page("`trace` and `trace`\n\n## B\n\n*See `mlp.trace`.* [`trace`](x.md)\n\n# `trace`")
    assert re.findall(r'<autoref identifier="([\w.]+)"><code>(.*?)</code>', html) == [
        ("deepbook.mlp.trace", "trace"),
        ("deepbook.mlp.trace", "mlp.trace"),
    ]
    assert '<autoref identifier="deepbook.mlp.trace"><code>' not in page("`trace`", "instructors.md")


def test_a_symbol_is_a_link_once_and_says_what_it_means():
    html = converter("02-mlp.md").convert(
        "# A\n\n$\\eta$ and $\\eta$, $\\eta^2$\n\n## $\\eta$\n\n| $\\odot$ |\n|---|\n| x |"
    )
    assert html.count("notation.md#everywhere") == html.count('class="symbol"') == 1
    assert 'title="the learning rate; in code lr"' in html


def test_a_symbol_has_no_link_where_it_is_introduced():
    text = "# A\n\n## Learning {#learning-from-mistakes}\n\n$\\eta$\n\n## Later {#later}\n\n$\\eta$ and $\\gamma$"
    html = converter("01-perceptron.md").convert(text)
    assert re.findall(r'title="(.*?)"', html.replace("Permanent link", "")).count("the margin") == 1
    assert "learning rate" not in re.sub(r'<span class="term-note.*?</span>', "", html)


def test_the_meaning_of_a_chapter_goes_before_the_one_everywhere():
    html = converter("04-cnn.md").convert("# A\n\n$p$")
    assert 'title="the padding, both sides together"' in html and "notation.md#convolution" in html


def test_every_meaning_is_plain_words():
    file = book_root() / "chapters" / "notation.md"
    rows = [row for rows in notation(file, 1).values() for row in rows]
    assert len(rows) > 80
    assert [row for row in rows if not re.fullmatch(r"[\w ,;:.'’()–-]{5,}", row[1])] == []
    assert [row for row in rows if re.search(r"\b(a|by|for|of|the|to|with)$", row[1])] == []
