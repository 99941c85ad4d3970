"""A result that is written in a page's prose comes from the page's code: nobody typed it."""

import tomllib
from pathlib import Path

import pytest
from typed import typed_results

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = tomllib.loads((ROOT / "tests" / "typed_numbers.toml").read_text(encoding="utf-8"))
PAGES = sorted((ROOT / "chapters").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_result_is_typed(page):
    found = typed_results(page.read_text(encoding="utf-8"))
    allowed = ALLOWED.get(page.name, {})
    assert [each for each in found if not any(part in each for part in allowed)] == [], "let code print it"
    assert [part for part in allowed if not any(part in each for each in found)] == [], "allowed, but no longer there"


@pytest.mark.parametrize(
    "sentence",
    [
        "It gets 97.3 % right.",
        "It gets 97.3\u00a0% of them.",
        "An epoch takes 0.8 seconds.",
        "An epoch takes 12\u00a0s.",
        "The network has 896,522 parameters.",
        "It has 11.7 million numbers.",
        "One number in 450 learns.",
        "Ours is 3 times faster.",
        "The loss falls to 0.02.",
        "It comes to 2.1 bits a character.",
        "The accuracy on the test set is 0.97.",
        "| Adam | 12 s |",
    ],
)
def test_typed_results_are_found(sentence):
    assert typed_results(f"# Title 1\n\nBefore it. {sentence}\nAfter it.")


@pytest.mark.parametrize(
    "text",
    [
        "Each picture has 28 × 28 pixels.",
        "Chapter 3 has the proof (Hinton, 2012).",
        "The loss is $0.02$ at $w = 1.5$.",
        "A rate of `0.001` s.",
        "In the 1990s people wrote two 2s.",
        "```python run\nprint(0.97, '% right')  # 12 seconds\n```",
        '<figure aria-label="The loss falls to 0.02">',
    ],
)
def test_what_is_no_result_is_not_found(text):
    assert typed_results(text) == []
