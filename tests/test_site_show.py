"""The `python show` fence: code cut from the package."""

import inspect
import re

import pytest

from deepbook import perceptron
from deepbook.site.fences import FenceError
from deepbook.site.preview import converter
from deepbook.site.show import NoSuchName, cut, find_module

SOURCE = '''"""A module."""

import functools

A, B = 1, 2
C: int = (
    3
)


@functools.cache
@functools.wraps(len)
def f(x):
    """Says what f is.

    More.
    """
    return x


class Layer:
    """A layer."""

    size: int

    @property
    def apply(self):
        """Applies."""
        return 1


def only_docstring():
    """Nothing else."""
'''


@pytest.fixture
def file(tmp_path):
    (tmp_path / "m.py").write_text(SOURCE)
    return tmp_path / "m.py"


def test_cut_has_decorators_and_docstring(file):
    assert cut(file, ("f",)).startswith("@functools.cache\n@functools.wraps(len)\ndef f(x):\n")
    assert "More." in cut(file, ("f",)) and cut(file, ("f",)).endswith("return x")


def test_cut_can_leave_docstrings_out(file):
    assert cut(file, ("f",), docstring=False).endswith("def f(x):\n    return x")
    assert cut(file, ("only_docstring",), docstring=False).endswith('"""Nothing else."""')
    assert '"""' not in cut(file, ("Layer",), docstring=False)


def test_cut_finds_constants_methods_and_the_whole_file(file):
    assert cut(file, ("A",)) == cut(file, ("B",)) == "A, B = 1, 2"
    assert cut(file, ("C",)) == "C: int = (\n    3\n)"
    assert cut(file, ("Layer", "apply")).startswith("@property\ndef apply(self):\n")
    assert cut(file, ()) == SOURCE.strip()


@pytest.mark.parametrize("names", [("g",), ("f", "x"), ("Layer", "init"), ("A", "b")])
def test_cut_says_what_is_not_there(file, names):
    with pytest.raises(NoSuchName, match=re.escape(".".join(names))):
        cut(file, names)


def test_cut_agrees_with_inspect():
    assert cut(*find_module("deepbook.perceptron.predict")) == inspect.getsource(perceptron.predict).strip()


def test_show_prints_the_source_with_a_link_to_the_reference():
    html = converter().convert("```python show nodoc\ndeepbook.perceptron.step\ndeepbook.perceptron.AND\n```")
    text = re.sub(r"<[^>]*>", "", html)
    assert "def step(z):" in text and "AND = " in text and "deepbook/perceptron.py" in text and '"""' not in text
    assert '<autoref identifier="deepbook.perceptron.step" optional>' in html


@pytest.mark.parametrize("name", ["deepbook.perceptron.nothing", "deepbook.nothing.f", "numpy.sum", "", "deepbook"])
def test_show_unknown_name_stops_the_build(name):
    with pytest.raises(FenceError):
        converter().convert(f"```python show\n{name}\n```")
