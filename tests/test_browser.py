"""The built site in a real browser, opened from the folder (file://): what a reader sees, hears and can do.

Without Chromium or the developers' node_modules these tests skip; where CI is set they fail instead.
"""

import os
import re
import shutil
from pathlib import Path

import pytest

from deepbook.course.index import book_root
from deepbook.site.build import build

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(str(page.relative_to(ROOT / "chapters").with_suffix(".html")) for page in ROOT.glob("chapters/**/*.md"))
FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
FLAGS = [*FLAGS.split(), "--disable-component-update", "--disable-sync"]
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


def need(there, what):
    """What is there, or else a skip; on the build server a failure."""
    if not there:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"needs {what}")
    return there


@pytest.fixture(scope="session")
def chromium():
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    path = need(next(filter(None, map(shutil.which, names)), None), "Chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory, chromium):
    out = tmp_path_factory.mktemp("built") / "site"
    build(out, book_root())
    return out


@pytest.fixture
def visit(chromium, site):
    """A function that opens a page and collects in `page.complaints` whatever should not happen."""
    contexts = []

    def visit(name, viewport=WIDE, scheme="light", script=True, **options):
        context = chromium.new_context(viewport=viewport, color_scheme=scheme, java_script_enabled=script, **options)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda said: said.type in ("error", "warning") and page.complaints.append(said.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("requestfailed", lambda request: page.complaints.append(f"failed: {request.url}"))
        page.on("request", lambda request: outside(request.url, site) and page.complaints.append(request.url))
        page.goto(f"{site.as_uri()}/{name}")
        if script:
            page.wait_for_load_state("networkidle")
        return page

    yield visit
    for context in contexts:
        context.close()


def outside(address, site):
    return not address.startswith((site.as_uri(), "data:", "blob:", "about:"))


# Every page


@pytest.mark.parametrize("name", PAGES)
def test_page_asks_nobody_for_anything_and_complains_of_nothing(visit, name):
    page = visit(name)
    assert page.complaints == []
    assert page.locator("img:not([alt])").count() == 0
    assert page.locator("svg[role=img]:not([aria-label])").count() == 0
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(each => each.id)")
    assert len(ids) == len(set(ids)), sorted({each for each in ids if ids.count(each) > 1})


@pytest.mark.parametrize("name", PAGES)
def test_page_does_not_scroll_sideways_on_a_phone(visit, name):
    page = visit(name, PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_serious_barrier(visit, name, scheme):
    axe = need(ROOT / "node_modules" / "axe-core" / "axe.min.js", "axe-core: run `npm ci`")
    need(axe.exists(), "axe-core: run `npm ci`")
    page = visit(name, scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    page.wait_for_timeout(400)  # Material fades some things in
    page.evaluate(axe.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document)")["violations"]
    serious = [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]
    assert not serious, "\n".join(serious[:10])


def test_search_works_from_a_folder(visit):
    page = visit("index.html")
    page.keyboard.press("f")
    box, found = page.locator("input.md-search__input"), page.locator(".md-search-result__link")
    for _ in range(20):  # what is typed before the index is loaded is lost
        box.fill("")
        box.press_sequentially("perceptron")
        page.wait_for_timeout(500)
        if found.count():
            break
    assert "perceptron" in found.first.inner_text().lower()
    assert page.complaints == []


def test_mathematics_is_set_and_can_be_heard(visit):
    page = visit("01-perceptron.html", script=False)  # it needs no script
    assert page.locator(".katex-html").count() == page.locator(".katex-mathml math").count() > 3
    assert page.locator(".katex-error, .arithmatex").count() == 0
    assert page.evaluate("document.fonts.check('16px KaTeX_Main')")


def test_colours_of_figures_follow_the_scheme(visit):
    script = "getComputedStyle(document.querySelector('.run-figure svg [style*=--db-class-0]')).fill"
    seen = set()
    for scheme in ("light", "dark"):
        page = visit("01-perceptron.html", scheme=scheme)
        seen.add(page.evaluate(script) + page.evaluate(script.replace("fill", "stroke")))
    assert len(seen) == 2


# The perceptron


@pytest.fixture
def perceptron(visit):
    def open_it(**options):
        page = visit("01-perceptron.html", **options)
        widget = page.locator("[data-widget=perceptron]")
        widget.scroll_into_view_if_needed()
        return page, widget

    return open_it


def said(widget):
    return widget.locator("[aria-live]").inner_text()


def place(widget, index):
    """Where a point is, in the plane."""
    label = widget.locator("g.point").nth(index).get_attribute("aria-label")
    return [float(each) for each in re.search(r"at \(([^)]*)\)", label)[1].replace("−", "-").split(", ")]


def test_perceptron_starts_where_there_is_something_to_see(perceptron):
    _, widget = perceptron()
    assert "a mistake" in said(widget)
    assert widget.locator("line.boundary").is_visible()
    widget.get_by_role("button", name="Step").click()
    assert "becomes" in said(widget)


def test_perceptron_buttons(perceptron):
    page, widget = perceptron()
    press = lambda name: widget.get_by_role("button", name=name, exact=True).click()  # noqa: E731
    press("Epoch")
    assert "is over" in said(widget)
    press("Run until no mistakes")
    assert "without a mistake" in said(widget)
    for preset in ("XOR", "overlapping"):
        widget.locator("select").select_option(preset)
        press("Run until no mistakes")
        assert "Stopped after 100 more epochs" in said(widget)
    press("Reset")
    assert "a mistake" in said(widget)
    press("Add a point")
    assert widget.locator("g.point").count() == 7
    press("Flip its class")
    assert "class 1" in said(widget)
    press("Remove it")
    assert widget.locator("g.point").count() == 6
    assert page.complaints == []


def test_perceptron_by_mouse(perceptron):
    page, widget = perceptron()
    before = place(widget, 4)
    box = widget.locator("g.point").nth(4).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] - 40, steps=5)
    page.mouse.up()
    after = place(widget, 4)
    assert after[0] > before[0] and after[1] > before[1]
    page.mouse.move(box["x"], box["y"])
    assert place(widget, 4) == after  # let go
    assert "Point 5 is at" in said(widget)


def test_perceptron_by_touch(perceptron):
    page, widget = perceptron(viewport=PHONE, has_touch=True, is_mobile=True)
    before = place(widget, 0)
    box = widget.locator("g.point").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger = page.context.new_cdp_session(page)
    touch = lambda kind, *at: finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(at)})  # noqa: E731
    touch("touchStart", {"x": x, "y": y})
    for i in range(1, 6):
        touch("touchMove", {"x": x + 8 * i, "y": y + 8 * i})
    touch("touchEnd")
    after = place(widget, 0)
    assert after[0] > before[0] and after[1] < before[1]
    widget.get_by_role("button", name="Step").tap()
    assert "the line said" in said(widget)


def test_perceptron_by_keyboard(perceptron):
    page, widget = perceptron()
    before = place(widget, 2)
    widget.locator("g.point").nth(2).focus()
    for key in ("ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
    assert place(widget, 2) == [before[0] + 0.125, before[1] + 0.125]
    page.keyboard.press("Space")
    assert "class 1 now" in said(widget)
    page.keyboard.press("ArrowLeft")  # the focus is still on the point
    assert place(widget, 2)[0] == before[0]
    page.keyboard.press("Delete")
    assert widget.locator("g.point").count() == 5
    button = widget.get_by_role("button", name="Step")
    button.focus()
    page.keyboard.press("Enter")
    assert "the line said" in said(widget)


@pytest.mark.parametrize("name", ["perceptron", "gates"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_widgets_do_not_move_the_page(visit, name, viewport):
    page = visit("01-perceptron.html", viewport)
    widget = page.locator(f"[data-widget={name}]")
    heights = {round(widget.bounding_box()["height"])}
    for button in widget.get_by_role("button").filter(has_text=re.compile("Step|Epoch|Run|Reset")).all():
        button.click()
        heights.add(round(widget.bounding_box()["height"]))
    for choice in widget.locator("option").all_inner_texts():
        widget.locator("select").select_option(choice)
        heights.add(round(widget.bounding_box()["height"]))
    assert len(heights) == 1, heights
    shifts = """new Promise(done => new PerformanceObserver(list =>
        done(list.getEntries().reduce((sum, each) => sum + (each.hadRecentInput ? 0 : each.value), 0))
    ).observe({type: "layout-shift", buffered: true}) || setTimeout(() => done(0), 300))"""
    assert page.evaluate(shifts) < 0.1


@pytest.mark.parametrize("name", ["perceptron", "gates"])
def test_widgets_say_something_without_a_script(visit, name):
    page = visit("01-perceptron.html", script=False)
    assert len(page.locator(f"[data-widget={name}]").inner_text()) > 20


# The gates


def test_gates_by_keyboard(visit):
    page = visit("01-perceptron.html")
    widget = page.locator("[data-widget=gates]")
    assert "AND: 2 of 4 right" in said(widget)
    widget.locator("input").nth(2).focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    assert "AND: 4 of 4 right" in said(widget)
    widget.locator("select").select_option("XOR")
    assert "of 4 right" in said(widget) and "4 of 4" not in said(widget)
    assert "XOR" in widget.locator("svg").first.get_attribute("aria-label")


def test_gates_by_mouse(visit):
    page = visit("01-perceptron.html")
    widget = page.locator("[data-widget=gates]")
    slider = widget.locator("input").first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.mouse.click(box["x"] + 3, box["y"] + box["height"] / 2)
    assert widget.locator("output").first.inner_text() == "−3"


# Self-tests and exercises


def test_quiz_by_keyboard(visit):
    page = visit("01-perceptron.html")
    quiz = page.locator("[data-quiz]").first
    for kind, word in (("wrong", "Not this one."), ("right", "Right.")):
        option = quiz.locator(f"[data-verdict={kind}]").first
        assert not option.locator(".quiz-why").is_visible()
        option.locator("summary").focus()
        page.keyboard.press("Enter")
        assert option.locator(".quiz-why").is_visible()
        page.wait_for_function("word => document.querySelector('.quiz-said').textContent.startsWith(word)", arg=word)


def test_quiz_and_hints_unfold_without_a_script(visit):
    page = visit("01-perceptron.html", script=False)
    option = page.locator("[data-verdict=right]").first
    option.locator("summary").click()
    assert option.locator(".quiz-why").is_visible()
    hints = page.locator(".exercise").first.locator("summary")
    assert [hint.is_visible() for hint in hints.all()] == [True, False, False, False]
    hints.nth(0).click()
    assert [hint.is_visible() for hint in hints.all()] == [True, True, False, False]


def test_exercise_box_is_where_the_commands_point(visit):
    from deepbook.course.index import load_index

    for exercise in load_index().exercises:
        name, _, anchor = exercise.address.partition("#")
        assert name in PAGES
        if exercise == load_index().exercises[0]:
            page = visit(exercise.address)
        assert page.locator(f"#{anchor}").count() == 1
