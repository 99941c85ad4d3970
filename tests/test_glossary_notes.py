"""A term's note in a real browser: by mouse, by keyboard, by touch, and for a screen reader."""

import pytest
from browsers import PHONE, WIDE

from deepbook.course.index import book_root
from deepbook.site.preview import converter

pytestmark = pytest.mark.browser
ASSETS = book_root() / "chapters" / "assets"
TEXT = "Far from the left side of this line there stands, not as the last word of it, a perceptron. And a *neuron*.\n"
HEAD = '<!doctype html><meta name="viewport" content="width=device-width"><link rel="stylesheet" href="{css}">'
STYLE = "<style>body { max-width: 46rem; margin: 8px } * { overflow-wrap: break-word }</style>"


@pytest.fixture
def visit(chromium, tmp_path):
    """A function that opens two paragraphs with terms; it gives the page, the two terms and their notes."""
    contexts = []

    def visit(viewport, **options):
        context = chromium.new_context(viewport=viewport, **options)
        contexts.append(context)
        body = converter("01-perceptron.md").convert(f"{TEXT}\nAnother paragraph, to touch.\n")
        script = f'<script defer src="{(ASSETS / "js" / "glossary.js").as_uri()}"></script>'
        head = HEAD.format(css=(ASSETS / "css" / "book.css").as_uri())
        file = tmp_path / "page.html"
        file.write_text(f'{head}{STYLE}{script}<div class="md-typeset">{body}</div>', encoding="utf-8")
        page = context.new_page()
        page.goto(file.as_uri())
        return page, page.locator("dfn.term"), page.locator("[role=tooltip]")

    yield visit
    for context in contexts:
        context.close()


def test_note_is_shown_under_the_mouse_and_can_be_reached(visit):
    page, terms, notes = visit(WIDE)
    height = page.evaluate("document.querySelector('p').offsetHeight")
    terms.first.hover()
    term, note = terms.first.bounding_box(), notes.first.bounding_box()
    assert term["y"] < note["y"] < term["y"] + term["height"] + 12
    assert note["x"] - 1 <= term["x"] < note["x"] + note["width"]
    page.mouse.move(note["x"] + 9, note["y"] + 9, steps=9)
    assert notes.first.is_visible() and page.evaluate("document.querySelector('p').offsetHeight") == height
    page.mouse.move(2, 500)
    assert not notes.first.is_visible()


def test_note_is_shown_to_the_keyboard_and_shut_by_escape(visit):
    page, terms, notes = visit(WIDE)
    page.keyboard.press("Tab")
    assert notes.first.is_visible() and not notes.nth(1).is_visible()
    page.keyboard.press("Escape")
    assert not notes.first.is_visible()
    page.keyboard.press("Tab")
    assert notes.nth(1).is_visible()
    terms.first.hover()
    assert notes.first.is_visible() and not notes.nth(1).is_visible()  # never two
    told = "e => document.getElementById(e.getAttribute('aria-describedby')).textContent"
    assert "感知器" in terms.first.evaluate(told) and "Rosenblatt" in terms.first.evaluate(told)


def test_note_is_shown_at_a_touch_and_stays_on_the_screen(visit):
    page, terms, notes = visit(PHONE, has_touch=True, is_mobile=True)
    for i in range(2):
        terms.nth(i).tap()
        note = notes.nth(i).bounding_box()
        assert note["x"] >= 0 and note["x"] + note["width"] <= PHONE["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        page.touchscreen.tap(100, 700)
        assert not notes.nth(i).is_visible()
