"""The built site in a real browser, opened from the folder (file://): what a reader sees, hears and can do.
(All pages, one like the other: test_site_pages.py.)

Without Chromium or the developers' node_modules these tests skip; where CI is set they fail instead.
"""

import re

import pytest
from browsers import PHONE, WIDE, need

pytestmark = pytest.mark.browser
HOMES = {"perceptron": "01-perceptron.html", "gates": "01-perceptron.html"}  # each widget's page
HOMES |= {"playground": "02-mlp.html", "softmax": "02-mlp.html", "graph": "02-mlp.html", "race": "03-optimization.html"}
HOMES |= {"filter": "04-cnn.html", "thaw": "05-transfer.html"}
HOMES |= {"words": "06-embeddings.html"}
HOMES |= {"lstm": "07-rnn.html", "distance": "07-rnn.html"}


@pytest.fixture
def figure(visit, site):
    """A function that opens the page of a widget and gives both."""

    def open_it(name, hash="", **options):
        need((site / HOMES[name]).exists(), HOMES[name])
        page = visit(HOMES[name] + hash, **options)
        widget = page.locator(f"[data-widget={name}]")
        if not hash:
            widget.scroll_into_view_if_needed()
        return page, widget

    return open_it


# The book as a whole


@pytest.mark.parametrize(
    ("start", "words", "address"),
    [
        ("index.html", "perceptron", "01-perceptron.html"),
        ("zh-TW/index.html", "感知器", "zh-TW/01-perceptron.html"),
        ("zh-TW/01-perceptron.html", "獨熱向量", "zh-TW/00-start.html#tensors"),
        ("02-mlp.html", "決策邊界", "zh-TW/01-perceptron.html#a-neuron-that-decides"),
    ],
)
def test_search_works_from_a_folder(visit, start, words, address):
    page = visit(start)
    page.keyboard.press("f")
    box, found = page.locator("input.md-search__input"), page.locator(".md-search-result__link")
    for _ in range(20):  # what is typed before the index is loaded is lost
        box.fill("")
        box.press_sequentially(words)
        page.keyboard.press("End")  # what is no key here, such as a Chinese word, comes without the event of one
        page.wait_for_timeout(500)
        if found.count():
            break
    addresses = [re.sub(r"\?[^#]*", "", each.get_attribute("href")) for each in found.all()]
    assert any(each.endswith(f"/site/{address}") for each in addresses), addresses
    assert page.complaints == []


# Another language


def switch(page, name):
    page.locator(".md-select").hover()
    page.locator(".md-select__link", has_text=name).click()
    page.wait_for_load_state()


def test_switch_of_languages_keeps_the_page_and_the_place(visit):
    page = visit("01-perceptron.html#gates")
    switch(page, "繁體中文")
    assert page.url.endswith("/zh-TW/01-perceptron.html#gates")
    assert page.evaluate("document.documentElement.lang") == "zh-TW"
    switch(page, "English")
    assert page.url.endswith("site/01-perceptron.html#gates")
    assert page.evaluate("document.documentElement.lang") == "en"


def test_switch_of_languages_leads_to_the_start_where_a_page_is_not_translated(visit):
    page = visit("api/layers.html")
    switch(page, "首頁")
    assert page.url.endswith("/zh-TW/index.html")


def test_navigation_of_a_translated_page_is_in_its_language_and_says_what_is_english(visit):
    page = visit("zh-TW/01-perceptron.html")
    links = page.locator(".md-nav--primary > .md-nav__list a.md-nav__link:not([href^='#'])")
    named = {each.evaluate("e => e.href").partition("/site/")[2]: each.inner_text() for each in links.all()}
    assert named["zh-TW/index.html"] == "首頁" and named["zh-TW/00-start.html"] == "開始之前"
    assert named["02-mlp.html"].endswith("（英文）")
    assert "zh-TW/01-perceptron.html" in named and "index.html" not in named and "01-perceptron.html" not in named
    english = visit("01-perceptron.html").locator(".md-nav--primary > .md-nav__list a.md-nav__link:not([href^='#'])")
    assert len(named) == english.count()
    following = page.locator(".md-footer__link--next")
    assert following.evaluate("e => e.href").endswith("site/02-mlp.html") and "（英文）" in following.inner_text()
    assert page.locator(".md-footer__link--prev").evaluate("e => e.href").endswith("zh-TW/00-start.html")


def test_widgets_of_a_translated_page_speak_its_language(visit):
    page = visit("zh-TW/01-perceptron.html")
    widget = page.locator("[data-widget=perceptron]")
    widget.get_by_role("button", name="一步", exact=True).click()
    assert "直線說" in said(widget)
    for name in ("perceptron", "gates"):
        shown = page.locator(f"[data-widget={name}]").inner_text()
        assert not re.search(r"[a-z]{3}", shown), shown


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


# The home page, numbers, links


@pytest.mark.parametrize(
    ("viewport", "last"), [({"width": 1280, "height": 720}, ".example"), (PHONE, ".start + p")], ids=["wide", "phone"]
)
def test_home_says_in_one_screen_what_the_book_is_and_how_to_start(visit, viewport, last):
    page = visit("index.html", viewport)
    for part in ("h1", ".start a[href='00-start.html']", last):
        box = page.locator(part).first.bounding_box()
        assert box["y"] + box["height"] <= viewport["height"], part


def test_a_reference_leads_to_its_figure_and_its_equation(visit):
    page = visit("01-perceptron.html")
    for name in ("fig-gates", "eq-rosenblatt"):
        link = page.locator(f"a[href='#{name}']").first
        words = link.inner_text()
        link.click()
        assert page.locator(f"#{name}").evaluate("each => each.getBoundingClientRect().top") < 400
        number = page.locator(f"#{name} :is(figcaption strong, .equation-number)").inner_text()
        assert number.strip("().").rpartition(" ")[2] == words.rpartition(" ")[2]


@pytest.mark.parametrize("name", sorted(set(HOMES.values())))
def test_every_figure_has_a_number_and_words_for_who_cannot_see_it(visit, name):
    page = visit(name)
    numbers = page.locator(".md-typeset figure figcaption > strong:first-child").all_inner_texts()
    chapter = int(name[:2])
    assert numbers == [f"Figure {chapter}.{i + 1}." for i in range(page.locator(".md-typeset figure").count())]
    words = "[role=img][aria-label], [role=group][aria-label], [aria-live], table"
    silent = f"[...document.querySelectorAll('.md-typeset figure')].filter(each => !each.querySelector('{words}'))"
    assert page.evaluate(f"{silent}.map(each => each.textContent.slice(0, 60))") == []


def test_names_and_symbols_lead_to_what_they_mean(visit, site):
    page = visit("03-optimization.html")
    fit = page.locator("p a > code", has_text=re.compile("^fit$")).first.locator("..")
    assert fit.get_attribute("href") == "api/train.html#deepbook.train.fit"
    assert 'id="deepbook.train.fit"' in (site / "api" / "train.html").read_text(encoding="utf-8")
    rate = page.locator("a.symbol").first
    assert rate.get_attribute("href").startswith("notation.html#") and len(rate.get_attribute("title")) > 5


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
    assert after[0] - before[0] > 0.4 and before[1] - after[1] > 0.4  # all the way: the page did not scroll instead
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


@pytest.mark.parametrize("name", HOMES)
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_widgets_do_not_move_the_page(figure, name, viewport):
    page, widget = figure(name, viewport=viewport)
    heights = {round(widget.bounding_box()["height"])}
    for button in widget.get_by_role("button").filter(has_text=re.compile("Step|Epoch|Run|Reset")).all_inner_texts():
        widget.get_by_role("button", name=button, exact=True).click()
        heights.add(round(widget.bounding_box()["height"]))
    for choice in widget.locator("select").all():
        for option in choice.locator("option").all_inner_texts():
            choice.select_option(option)
            heights.add(round(widget.bounding_box()["height"]))
    assert len(heights) == 1, heights
    shifts = """new Promise(done => new PerformanceObserver(list =>
        done(list.getEntries().reduce((sum, each) => sum + (each.hadRecentInput ? 0 : each.value), 0))
    ).observe({type: "layout-shift", buffered: true}) || setTimeout(() => done(0), 300))"""
    assert page.evaluate(shifts) < 0.1


@pytest.mark.parametrize("name", HOMES)
def test_widgets_say_something_without_a_script(figure, name):
    _, widget = figure(name, script=False)
    assert len(widget.inner_text()) > 20


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


# The playground


def numbers_of(widget):
    """Epoch, training loss, held-out loss and accuracy (in percent), as the figure shows them."""
    return [float(each.rstrip("\u00a0%")) for each in widget.locator("dd").all_inner_texts()]


def more_units(widget, layer, by=1):
    for _ in range(by):
        widget.get_by_role("button", name=f"One unit more in hidden layer {layer}").click()


PICTURE = "document.querySelector('.db-plane canvas').toDataURL()"


def picture(page):
    """The playground's map, as text: equal only if every pixel is."""
    return page.evaluate(PICTURE)


def test_playground_starts_with_a_line_that_does_not_help(figure):
    page, widget = figure("playground")
    assert "no hidden layer, 3 parameters" in said(widget) and "no line does better" in said(widget)
    epoch, loss, _, right = numbers_of(widget)
    assert epoch == 100 and 0.68 < loss < 0.7 and right < 75
    page.wait_for_timeout(300)
    assert numbers_of(widget)[0] == 100  # nothing runs by itself
    assert "#" not in page.url
    assert "held-out loss" in widget.locator(".db-plane").get_attribute("aria-label")


def test_playground_by_mouse(figure):
    page, widget = figure("playground")
    more_units(widget, 1, 4)
    assert "Epoch 0, 1 hidden layer (4), 17 parameters" in said(widget)
    assert widget.locator(".db-units canvas:not(.empty)").count() == 4
    press = lambda name: widget.get_by_role("button", name=name, exact=True).click()  # noqa: E731
    press("Step")
    assert numbers_of(widget)[0] == 1
    before = picture(page)
    press("Run")
    page.wait_for_function("Number(document.querySelector('[data-widget=playground] dd').textContent) > 150")
    press("Pause")
    epoch, loss, _, right = numbers_of(widget)
    assert loss < 0.1 and right > 90 and f"Epoch {epoch:.0f}," in said(widget)
    page.wait_for_function(f"before => {PICTURE} !== before", arg=before)
    assert numbers_of(widget)[0] == epoch
    press("Other weights")
    assert "seed:2" in page.url and numbers_of(widget)[0] == 0
    assert page.complaints == []


def test_playground_by_keyboard(figure):
    page, widget = figure("playground")
    widget.get_by_role("button", name="One unit more in hidden layer 1").focus()
    for _ in range(10):
        page.keyboard.press("Enter")
    assert "room for 8 units" in said(widget)  # and the focus was not lost
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert "1 hidden layer (7)" in said(widget)
    widget.get_by_role("button", name="One unit more in hidden layer 3").focus()
    page.keyboard.press("Enter")
    assert "First give hidden layer 2 a unit" in said(widget)
    widget.get_by_role("combobox", name="Data").focus()
    page.keyboard.type("spir")
    assert "data:spirals" in page.url and "spirals" in widget.locator(".db-plane").get_attribute("aria-label")
    widget.get_by_role("button", name="Step").focus()
    page.keyboard.press("Space")
    assert numbers_of(widget)[0] == 1


def test_playground_by_touch(figure):
    _, widget = figure("playground", viewport=PHONE, has_touch=True, is_mobile=True)
    widget.get_by_role("button", name="One unit more in hidden layer 1").tap()
    widget.get_by_role("button", name="Step").tap()
    assert "Epoch 1, 1 hidden layer (1), 5 parameters" in said(widget)


def test_playground_in_a_link(figure):
    page, widget = figure("playground")
    widget.get_by_role("combobox", name="Activation").select_option("ReLU")
    more_units(widget, 1, 3)
    more_units(widget, 2, 2)
    widget.get_by_role("combobox", name="Learning rate").select_option("0.1")
    widget.get_by_role("button", name="Copy the link").click()
    page.wait_for_function("/link is/.test(document.querySelector('[data-widget=playground] .db-said').textContent)")
    hash = "#playground=data:XOR,points:200,units:3-2,activation:ReLU,lr:0.1,seed:1"
    assert page.url.endswith(hash)
    other, copy = figure("playground", hash)
    assert copy.get_by_role("combobox", name="Learning rate").input_value() == "0.1"
    assert numbers_of(copy)[0] == 0
    for each in (widget, copy):
        for _ in range(5):
            each.get_by_role("button", name="Step").click()
    assert numbers_of(copy) == numbers_of(widget)
    assert copy.bounding_box()["y"] < WIDE["height"] / 2  # the page opened at the figure
    other.evaluate("location.hash = '#softmax'")  # an anchor changes nothing
    assert numbers_of(copy)[0] == 5
    other.evaluate("location.hash = '#playground=data:moons,units:1-1-1,lr:nonsense'")
    other.wait_for_function(
        "/3 hidden layers .1, 1, 1./.test(document.querySelector('[data-widget=playground] .db-said').textContent)"
    )
    assert page.complaints == other.complaints == []


def test_playground_follows_the_scheme(figure):
    page, _ = figure("playground", "#playground=units:4")
    light = picture(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"light => {PICTURE} !== light", arg=light)


def test_playground_without_motion(figure):
    page, widget = figure("playground", reduced_motion="reduce")
    more_units(widget, 1, 3)
    widget.get_by_role("button", name="Run").click()
    assert numbers_of(widget)[0] == 100 and "Epoch 100" in said(widget)
    page.wait_for_timeout(200)
    assert numbers_of(widget)[0] == 100


def test_playground_does_not_run_unseen(figure):
    page, widget = figure("playground", viewport={"width": 1280, "height": 500})
    widget.get_by_role("button", name="Run").click()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(300)
    assert widget.get_by_role("button", name="Run", exact=True).count() == 1


# Softmax


def probabilities(widget):
    return [row.locator("td").nth(2).inner_text() for row in widget.locator("tbody tr").all()[:-1]]


def test_softmax_starts_with_the_example_of_the_book(figure):
    _, widget = figure("softmax")
    assert probabilities(widget) == ["0.61", "0.28", "0.11"]
    assert "cross-entropy is −log\u00a00.61 = 0.49" in said(widget)
    assert "class 1 0.28" in widget.locator("svg[role=img]").get_attribute("aria-label")


def test_softmax_overflows_until_the_maximum_is_subtracted(figure):
    page, widget = figure("softmax")
    widget.get_by_role("button", name="Add 1000 to all").click()
    assert probabilities(widget) == ["NaN"] * 3 and "∞ / ∞ is NaN" in said(widget)
    widget.get_by_role("switch").check()
    assert probabilities(widget) == ["0.61", "0.28", "0.11"]
    assert "exp(z − max)" in widget.locator("thead").inner_text()
    widget.get_by_role("button", name="Take 1000 from all").click()
    assert probabilities(widget) == ["0.61", "0.28", "0.11"]
    field = widget.get_by_role("spinbutton").nth(2)
    field.fill("1000")
    assert probabilities(widget) == ["0.00", "0.00", "1.00"]
    assert "computed from the logits, is 998" in said(widget)
    assert page.complaints == []


def test_softmax_by_mouse(figure):
    page, widget = figure("softmax")
    handle = widget.get_by_role("slider", name="Logit of class 2")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 60, steps=5)
    page.mouse.up()
    after = float(handle.get_attribute("aria-valuenow"))
    assert 2 < after < 6 and float(probabilities(widget)[2]) > 0.5
    page.mouse.move(x, y)
    assert float(handle.get_attribute("aria-valuenow")) == after  # let go
    widget.get_by_role("combobox", name="True class").select_option("2")
    assert "Class 2 is the true one" in said(widget)
    for count in (4, 5, 5):
        widget.get_by_role("button", name="Add a class").click()
        assert len(probabilities(widget)) == count
    widget.get_by_role("button", name="Start again").click()
    assert probabilities(widget) == ["0.61", "0.28", "0.11"]


def test_softmax_by_touch(figure):
    page, widget = figure("softmax", viewport=PHONE, has_touch=True, is_mobile=True)
    handle = widget.get_by_role("slider", name="Logit of class 0")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger = page.context.new_cdp_session(page)
    touch = lambda kind, *at: finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(at)})  # noqa: E731
    touch("touchStart", {"x": x, "y": y})
    for i in range(1, 6):
        touch("touchMove", {"x": x, "y": y + 8 * i})
    touch("touchEnd")
    assert float(handle.get_attribute("aria-valuenow")) < 1


def test_softmax_by_keyboard(figure):
    page, widget = figure("softmax")
    handle = widget.get_by_role("slider", name="Logit of class 1")
    handle.focus()
    for key in ("ArrowUp", "ArrowUp", "PageUp", "ArrowLeft"):
        page.keyboard.press(key)
    assert handle.get_attribute("aria-valuenow") == "2.2"
    assert widget.get_by_role("spinbutton").nth(1).input_value() == "2.2"
    widget.get_by_role("slider", name="Temperature").focus()
    page.keyboard.press("Home")
    assert probabilities(widget)[1] == "0.95" and "exp(z/T)" in widget.locator("thead").inner_text()
    page.keyboard.press("End")
    assert all(0.25 < float(each) < 0.4 for each in probabilities(widget))


# The graph


def labels(widget, kind):
    """The numbers at the edges of the graph: its values or its gradients."""
    return widget.locator(f".edge .{kind}").all_inner_texts()


def test_graph_starts_half_way_back(figure):
    _, widget = figure("graph")
    assert "has come to the ReLU" in said(widget)
    assert len(labels(widget, "value")) == 16 and len(labels(widget, "grad")) == 8
    heard = widget.locator("svg").get_attribute("aria-label")
    assert "L is 2.25" in heard and "h is −1.5" in heard and "w₁ is −3" not in heard


def test_graph_by_mouse(figure):
    page, widget = figure("graph")
    press = lambda name: widget.get_by_role("button", name=name, exact=True).click()  # noqa: E731
    press("Backward")
    assert said(widget) == "ReLU: z = 2 is positive, so its local derivative is 1. Times −1.5: −1.5 goes back to z."
    assert widget.locator(".op.active").count() == 1
    press("All")
    assert "gradient by w₁ is −3" in said(widget) and len(labels(widget, "grad")) == 16
    press("Gradient descent step")
    assert "falls from 2.25 to 0.152" in said(widget)
    assert widget.get_by_role("slider", name="w₁").get_attribute("aria-valuetext") == "1.15"
    press("Reset")
    assert len(labels(widget, "value")) == 8 and labels(widget, "grad") == []
    press("Backward")
    assert "First go forward" in said(widget)
    for _ in range(8):
        press("Forward")
    assert "This is the loss L" in said(widget) and len(labels(widget, "value")) == 16
    assert page.complaints == []


def test_graph_by_keyboard(figure):
    page, widget = figure("graph")
    widget.get_by_role("slider", name="b₁").focus()
    page.keyboard.press("ArrowRight")
    assert said(widget) == "b₁ is 0.75. The loss is 1.89."
    page.keyboard.press("Home")
    assert "b₁ is −4. z is −2.5 now: the ReLU gives 0." in said(widget)
    widget.get_by_role("button", name="Backward").focus()
    page.keyboard.press("Enter")
    assert said(widget) == "ReLU: z = −2.5 is negative, so its local derivative is 0: nothing flows back."
    for _ in range(3):
        page.keyboard.press("Space")
    assert widget.locator(".edge.zero").count() == 9  # w₃, and all that lies before the ReLU
    widget.get_by_role("button", name="Gradient descent step").focus()
    page.keyboard.press("Enter")
    assert "b₂" in said(widget) and "The others have gradient 0 and stay" in said(widget)


def test_graph_on_a_phone(figure):
    page, widget = figure("graph", viewport=PHONE, has_touch=True, is_mobile=True)
    picture = widget.locator("svg").bounding_box()
    assert picture["height"] > 1.4 * picture["width"]
    widget.get_by_role("button", name="All").tap()
    for text in widget.locator("svg text").all():
        box = text.bounding_box()
        assert picture["x"] <= box["x"] and box["x"] + box["width"] <= picture["x"] + picture["width"]
    slider = widget.get_by_role("slider", name="y")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.touchscreen.tap(box["x"] + 4, box["y"] + box["height"] / 2)
    assert "y is −4" in said(widget)
    page.set_viewport_size(WIDE)
    page.wait_for_function("document.querySelector('.db-graph').clientWidth > 500")
    assert widget.locator("svg").bounding_box()["width"] > 2 * widget.locator("svg").bounding_box()["height"]


# The race


def row_of(widget, optimizer):
    """What the table says of an optimizer: where it is, its loss, and when it arrived or left."""
    cells = widget.locator("tr", has_text=optimizer).locator("td").all_inner_texts()
    return " ".join(" ".join(cells).split())


def balls(widget):
    return [ball.get_attribute("transform") for ball in widget.locator(".db-surface .ball").all()]


def start_of(widget):
    label = widget.locator(".db-surface .point").get_attribute("aria-label")
    return [float(each) for each in re.search(r"at \(([^)]*)\)", label)[1].replace("−", "-").split(", ")]


def test_race_starts_where_there_is_something_to_see_and_nothing_moves(figure):
    page, widget = figure("race")
    assert "Step 25. AdaGrad wins" in said(widget)
    assert row_of(widget, "SGD").startswith("(−0.66, −0.02) loss 0.022")
    assert row_of(widget, "AdaGrad").endswith("✓ 17")
    before = balls(widget)
    page.wait_for_timeout(300)
    assert balls(widget) == before and len(set(before)) == 6
    assert "the minimum at (0, 0)" in widget.locator(".db-surface").get_attribute("aria-label")


def test_race_runs_and_pauses(figure):
    page, widget = figure("race")
    press = lambda name: widget.get_by_role("button", name=name, exact=True).click()  # noqa: E731
    press("Reset")
    assert "back at the start" in said(widget) and len(set(balls(widget))) == 1
    press("Step")
    assert said(widget).startswith("Step 1.")
    press("Run")
    moved = "now => document.querySelector('.db-surface .ball').getAttribute('transform') !== now"
    page.wait_for_function(moved, arg=balls(widget)[0])
    press("Pause")
    before = balls(widget)
    assert re.match(r"Step \d+\.", said(widget))
    page.wait_for_timeout(100)
    assert balls(widget) == before
    widget.locator("select").select_option("two minima")
    press("Run")
    page.wait_for_function("document.querySelector('[data-widget=race] [aria-live]').textContent.includes('over')")
    assert "Nesterov wins: its loss stays below 0.01 from step 34 on. Then Momentum (58)." in said(widget)
    assert "SGD, AdaGrad, RMSProp and Adam are near the higher minimum." in said(widget)
    assert widget.get_by_role("button", name="Run", exact=True).count() == 1
    assert page.complaints == []


def test_race_without_motion(figure):
    _, widget = figure("race", reduced_motion="reduce")
    widget.get_by_role("button", name="Run", exact=True).click()
    assert "the race is over" in said(widget)  # at once


def test_race_by_mouse(figure):
    page, widget = figure("race")
    box = widget.locator(".db-surface").bounding_box()
    at = lambda x, y: (box["x"] + x * box["width"], box["y"] + y * box["height"])  # noqa: E731
    before = balls(widget)
    page.mouse.click(*at(0.75, 0.25))
    assert start_of(widget) == pytest.approx([4, 3], abs=0.15) and said(widget).startswith("From (")
    assert balls(widget) != before
    page.mouse.move(*at(0.75, 0.25))
    page.mouse.down()
    page.mouse.move(*at(0.5, 0.75), steps=5)
    page.mouse.up()
    assert start_of(widget) == pytest.approx([0, -3], abs=0.15)
    page.mouse.move(*at(0.1, 0.1))
    assert start_of(widget) == pytest.approx([0, -3], abs=0.15)  # let go
    widget.get_by_role("checkbox", name="Nesterov").uncheck()
    assert widget.locator(".db-surface .ball.racer-2").is_hidden() and "Nesterov" not in said(widget)
    assert page.complaints == []


def test_race_by_keyboard(figure):
    page, widget = figure("race")
    widget.locator(".db-surface .point").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert start_of(widget) == [-6.8, 3.8] and "From (−6.8, 3.8)" in said(widget)
    widget.get_by_role("slider", name="learning rates").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert "left the map" in said(widget) and "SGD (step" in said(widget)
    assert row_of(widget, "SGD").startswith("left the map ✗")
    momentum = row_of(widget, "Momentum")
    widget.get_by_role("slider", name="momentum r").focus()
    page.keyboard.press("Home")
    assert row_of(widget, "Momentum") != momentum
    widget.get_by_role("button", name="Step").focus()
    page.keyboard.press("Space")
    assert said(widget).startswith("Step 26.")
    for name in ("SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam"):
        widget.get_by_role("checkbox", name=name).focus()
        page.keyboard.press("Space")
    assert said(widget) == "No optimizer is switched on."


def test_race_by_touch(figure):
    page, widget = figure("race", viewport=PHONE, has_touch=True, is_mobile=True)
    widget.locator(".db-surface").evaluate("each => each.scrollIntoView({block: 'center'})")
    box = widget.locator(".db-surface .point").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger = page.context.new_cdp_session(page)
    touch = lambda kind, *at: finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(at)})  # noqa: E731
    touch("touchStart", {"x": x, "y": y})
    for i in range(1, 6):
        touch("touchMove", {"x": x + 8 * i, "y": y + 8 * i})
    touch("touchEnd")
    moved = start_of(widget)
    assert moved[0] > -5.2 and moved[1] < 2.2  # all the way: the page did not scroll instead
    box = widget.locator(".db-surface").bounding_box()
    page.touchscreen.tap(box["x"] + 0.75 * box["width"], box["y"] + 0.75 * box["height"])
    assert start_of(widget) == pytest.approx([4, -3], abs=0.15)
    widget.get_by_role("button", name="Run", exact=True).tap()
    widget.get_by_role("button", name="Pause", exact=True).tap()


# The filter


def board_of(widget, which=0):
    """The numbers on the board, row by row; 1 is the board after pooling."""
    label = widget.locator(".db-board").nth(which).get_attribute("aria-label")
    return [row.split(", ") for row in re.findall(r"row \d+: ([^;]*)", label.replace("−", "-"))]


def corner_of(widget):
    """Row and column of the filter's upper left pixel, counted from 1."""
    label = widget.locator(".db-picture .frame").get_attribute("aria-label").replace("−", "-")
    return [int(each) for each in re.findall(r"(?:rows|columns) (-?\d+) to", label)]


def test_filter_starts_where_there_is_something_to_see_and_nothing_moves(figure):
    page, widget = figure("filter")
    assert "the score is 1·1 + 1·1 + 1·1 = 3." in said(widget) and "21 of 36 places are filled" in said(widget)
    before = board_of(widget)
    assert before[0] == ["0", "0", "3", "0", "0", "0"] and before[5] == ["empty"] * 6
    page.wait_for_timeout(300)
    assert board_of(widget) == before
    assert "pooling is off" in widget.inner_text()


def test_filter_runs_and_pauses(figure):
    page, widget = figure("filter")
    press = lambda name: widget.get_by_role("button", name=name, exact=True).click()  # noqa: E731
    press("Reset")
    assert "1 of 36 places" in said(widget) and corner_of(widget) == [1, 1]
    press("Step")
    assert "2 of 36 places" in said(widget) and corner_of(widget) == [1, 2]
    press("Run")
    page.wait_for_function("document.querySelector('[data-widget=filter] .frame').ariaLabel.includes('rows 2')")
    press("Pause")
    before = board_of(widget)
    assert "places are filled" in said(widget)
    page.wait_for_timeout(200)
    assert board_of(widget) == before
    press("Run")
    page.wait_for_function("document.querySelector('[data-widget=filter] [aria-live]').textContent.includes('full')")
    assert "the highest score is 3, at 6 of 36 places" in said(widget)
    widget.get_by_role("switch", name="padding").check()
    assert len(board_of(widget)) == 8 and "full" in said(widget)
    widget.get_by_role("switch", name="max pooling").check()
    assert len(board_of(widget, 1)) == 4 and "Pooling keeps 16 of the 64 numbers." in said(widget)
    widget.get_by_role("switch", name="stride 2").check()
    assert len(board_of(widget)) == 4 and len(board_of(widget, 1)) == 2
    assert page.complaints == []


def test_filter_without_motion(figure):
    _, widget = figure("filter", reduced_motion="reduce")
    widget.get_by_role("button", name="Run", exact=True).click()
    assert "The board is full" in said(widget)  # at once


def test_filter_finds_the_line_at_the_border_with_padding_only(figure):
    _, widget = figure("filter", reduced_motion="reduce")
    widget.locator("select").nth(0).select_option("line at the border")
    widget.get_by_role("button", name="Run", exact=True).click()
    assert "the highest score is 0" in said(widget)
    widget.get_by_role("switch", name="padding").check()
    assert "the highest score is 3" in said(widget)


def test_filter_by_keyboard(figure):
    page, widget = figure("filter")
    widget.locator(".db-picture .frame").focus()
    assert corner_of(widget) == [4, 3]
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert corner_of(widget) == [5, 5] and "the score is nothing but zeros, so 0" in said(widget)
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    assert corner_of(widget) == [5, 6]  # it stays on the picture
    widget.get_by_role("switch", name="padding").focus()
    page.keyboard.press("Space")
    assert "1 of 64 places" in said(widget)
    weight = widget.get_by_role("button", name="Weight in row 1, column 1")
    weight.focus()
    page.keyboard.press("Enter")
    assert weight.inner_text() == "1" and widget.locator("select").nth(1).input_value() == "your own"


def test_filter_by_mouse(figure):
    page, widget = figure("filter")
    box = widget.locator(".db-picture").bounding_box()
    at = lambda i, j: (box["x"] + (j + 0.5) / 10 * box["width"], box["y"] + (i + 0.5) / 10 * box["height"])  # noqa: E731
    page.mouse.click(*at(2, 2))
    assert corner_of(widget) == [1, 1]
    page.mouse.move(*at(2, 2))
    page.mouse.down()
    page.mouse.move(*at(5, 7), steps=8)
    page.mouse.up()
    assert corner_of(widget) == [4, 6]
    page.mouse.move(*at(8, 8))
    assert corner_of(widget) == [4, 6]  # let go
    assert page.complaints == []


def test_filter_by_touch(figure):
    page, widget = figure("filter", viewport=PHONE, has_touch=True, is_mobile=True)
    widget.locator(".db-picture").evaluate("each => each.scrollIntoView({block: 'center'})")
    box = widget.locator(".db-picture .frame").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger = page.context.new_cdp_session(page)
    touch = lambda kind, *at: finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(at)})  # noqa: E731
    touch("touchStart", {"x": x, "y": y})
    for i in range(1, 6):
        touch("touchMove", {"x": x + 6 * i, "y": y + 6 * i})
    touch("touchEnd")
    assert corner_of(widget) == [5, 4]  # all the way: the page did not scroll instead
    box = widget.locator(".db-picture").bounding_box()
    page.touchscreen.tap(box["x"] + 0.25 * box["width"], box["y"] + 0.25 * box["height"])
    assert corner_of(widget) == [1, 1]
    widget.get_by_role("button", name="Step", exact=True).tap()
    assert "The filter" not in said(widget) and corner_of(widget) == [1, 2]


# Freezing and thawing


def learning(widget):
    """The names of the parts that learn."""
    return [key.inner_text().split("\n")[0] for key in widget.locator(".db-part[aria-pressed=true]").all()]


def test_thaw_starts_with_one_example_and_the_head(figure):
    page, widget = figure("thaw")
    assert learning(widget) == ["head"] and "Only the head learns: 1,285 of 4,893 parameters." in said(widget)
    assert "Nothing of the old digits is forgotten." in said(widget)
    assert "5 to 9" in widget.locator("svg.db-thaw").get_attribute("aria-label")
    assert page.complaints == []


def test_thaw_by_mouse(figure):
    page, widget = figure("thaw")
    press = lambda name: widget.locator(".db-part", has_text=name).click()  # noqa: E731
    press("conv 2")
    assert learning(widget) == ["head", "conv 3", "conv 2"]
    assert "Conv 2 and conv 3 and the head learn" in said(widget)
    press("conv 1")
    assert "All layers learn: 4,893 of 4,893" in said(widget)
    widget.get_by_label("Learning rate").select_option("large, 0.03")
    assert "at the large rate" in said(widget) and "are forgotten" in said(widget)
    press("conv 3")
    assert learning(widget) == ["head"]
    press("head")
    assert learning(widget) == ["head"]  # the head always learns
    widget.get_by_label("Examples").select_option("100")
    assert "100 examples of each digit" in said(widget)
    widget.get_by_role("button", name="Reset", exact=True).click()
    assert "one example of each digit, at the small rate" in said(widget)
    assert page.complaints == []


def test_thaw_by_keyboard(figure):
    page, widget = figure("thaw")
    widget.locator(".db-part", has_text="conv 3").focus()
    page.keyboard.press("Enter")
    assert learning(widget) == ["head", "conv 3"]
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert learning(widget) == ["head", "conv 3", "conv 2"]
    assert page.evaluate("document.activeElement.innerText").startswith("conv 2")  # the focus stays


# Words on a plane


def nearest(widget):
    """The words of the list, the nearest first."""
    return widget.locator(".db-near-word").all_inner_texts()


def test_words_start_with_neighbours_and_nothing_moves(figure):
    page, widget = figure("words")
    assert said(widget).startswith("Nearest to “good” among these 16 words: ")
    assert nearest(widget)[:3] == re.findall(r"(\w+), 0\.\d\d", said(widget))
    assert widget.locator(".word.near").count() == 3 and widget.locator(".lines line").count() == 3
    heights = {round(widget.bounding_box()["height"])}
    for name in ("people", "places", "comparisons"):
        widget.get_by_label("Words for").select_option(name)
        for mode in ("b − a + c", "neighbours"):
            widget.get_by_label("Show").select_option(mode)
            heights.add(round(widget.bounding_box()["height"]))
    assert len(heights) == 1, heights
    assert page.complaints == []


def test_words_by_mouse(figure):
    page, widget = figure("words")
    press = lambda word: widget.locator(".word", has=page.locator(f"text='{word}'")).click()  # noqa: E731
    press("love")
    assert said(widget).startswith("Nearest to “love”")
    widget.get_by_label("Words for").select_option("places")
    widget.get_by_label("Show").select_option("b − a + c")
    assert said(widget).startswith("german − germany + japan is nearest to")
    for word in ("paris", "france", "italy"):
        press(word)
    assert said(widget).startswith("paris − france + italy is nearest to") and "Choose a word for b." in said(widget)
    assert not {"paris", "france", "italy"} & set(nearest(widget))
    widget.get_by_role("switch", name="the three may answer").check()
    assert nearest(widget)[0] == "paris" and "one of the three" in said(widget)
    widget.get_by_role("button", name="− france").click()
    assert "Choose a word for a." in said(widget)
    press("germany")
    assert said(widget).startswith("paris − germany + italy")
    dot = widget.locator(".word", has=page.locator("text='moscow'")).locator("circle").bounding_box()
    page.mouse.click(dot["x"] + dot["width"] / 2 + 9, dot["y"] + dot["height"] / 2 - 7)  # near it is near enough
    assert said(widget).startswith("paris − germany + moscow")
    assert page.complaints == []


def test_words_by_keyboard(figure):
    page, widget = figure("words")
    widget.locator(".word[tabindex='0']").focus()
    page.keyboard.press("ArrowUp")
    name = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert name != "good" and "“good”" in said(widget)  # only looked at
    page.keyboard.press("Enter")
    assert said(widget).startswith(f"Nearest to “{name}”")
    assert widget.locator(".word[aria-pressed=true]").get_attribute("aria-label") == name
    widget.get_by_label("Show").select_option("b − a + c")
    widget.locator(".word[tabindex='0']").focus()
    page.keyboard.press("Space")
    assert said(widget).startswith(f"{name} − good + bad") and "Choose a word for a." in said(widget)


def test_words_by_touch(figure):
    page, widget = figure("words", viewport=PHONE, has_touch=True, is_mobile=True)
    widget.locator(".db-words").evaluate("each => each.scrollIntoView({block: 'center'})")
    box = widget.locator(".word", has=page.locator("text='hate'")).locator("circle").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert said(widget).startswith("Nearest to “hate”")


# The gates of an LSTM


def word_of(widget):
    """The word that is being read, counted from 1, and the unit."""
    told = widget.locator(".frame").get_attribute("aria-valuetext")
    return [int(each) for each in re.fullmatch(r"word (\d+), .*, unit (\d)", told).groups()]


def gate_of(widget, unit, column):
    """A number of the table under the chosen word; column 1 is the forget gate."""
    cell = widget.locator(".db-sums tbody tr").nth(unit - 1).locator("th, td").nth(column)
    return float(cell.inner_text().replace("−", "-"))


def test_lstm_starts_at_not_which_wipes_a_unit_clean(figure):
    page, widget = figure("lstm")
    assert word_of(widget) == [4, 3] and "Word 4 of 14, “not”. Unit 3" in said(widget)
    assert gate_of(widget, 3, 1) < 0.1 < gate_of(widget, 1, 1)
    assert "none yet" in said(widget)
    before = said(widget)
    page.wait_for_timeout(300)
    assert said(widget) == before and page.complaints == []


def test_lstm_runs_and_pauses(figure):
    page, widget = figure("lstm")
    press = lambda name: widget.get_by_role("button", name=name, exact=True).click()  # noqa: E731
    press("Step")
    assert word_of(widget) == [5, 3] and "“very”" in said(widget)
    press("Run")
    page.wait_for_function("document.querySelector('[data-widget=lstm] .frame').ariaValueNow > 5")
    press("Pause")
    before = word_of(widget)
    assert "The opinion so far" in said(widget)
    page.wait_for_timeout(900)
    assert word_of(widget) == before
    press("Run")
    page.wait_for_function("document.querySelector('[data-widget=lstm] [aria-live]').textContent.includes('“friend”')")
    assert "The opinion so far: good" in said(widget)
    press("Reset")
    assert word_of(widget) == [4, 3]
    assert page.complaints == []


def test_lstm_without_motion(figure):
    _, widget = figure("lstm", reduced_motion="reduce")
    widget.get_by_role("button", name="Run", exact=True).click()
    assert word_of(widget)[0] == 14 and "“friend”" in said(widget)  # at once


def test_lstm_reads_other_sentences_and_other_words(figure):
    page, widget = figure("lstm", reduced_motion="reduce")
    press = lambda name: widget.get_by_role("button", name=name, exact=True).click()  # noqa: E731
    widget.get_by_label("Sentence").select_option("the film is not good")
    assert word_of(widget)[0] == 1
    press("Run")
    assert "The opinion so far: bad" in said(widget)
    widget.get_by_label("This word").select_option("dull")
    assert widget.get_by_label("Sentence").input_value() == "your own" and "The opinion so far: good" in said(widget)
    widget.get_by_label("This word").select_option("good")
    assert widget.get_by_label("Sentence").input_value() == "the film is not good"
    widget.get_by_label("Sentence").select_option("the plot is great says my friend")
    widget.get_by_label("Forget gate").select_option("always 1: forget nothing")
    press("Run")
    assert gate_of(widget, 2, 1) == 1 and "The opinion so far: none yet" in said(widget)
    assert page.complaints == []


def test_lstm_by_keyboard(figure):
    page, widget = figure("lstm")
    widget.locator(".frame").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
    assert word_of(widget) == [6, 2] and "“good”. Unit 2" in said(widget)
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert word_of(widget) == [14, 1]  # it stays in the sentence


def lstm_place(widget):
    """A function that gives the place of a word's column in a unit's row of the forget gate."""
    box = widget.locator(".db-gates").bounding_box()
    x, y = (float(each) for each in widget.locator(".db-gates").get_attribute("viewBox").split()[2:])
    return lambda word, unit: (
        box["x"] + (18 + 22 * (word - 0.5)) / x * box["width"],
        box["y"] + (50 + 52 + 16 + 12 * (unit - 0.5)) / y * box["height"],
    )


def test_lstm_by_mouse(figure):
    page, widget = figure("lstm")
    widget.locator(".db-gates").evaluate("each => each.scrollIntoView({block: 'center'})")
    at = lstm_place(widget)
    page.mouse.click(*at(6, 2))
    assert word_of(widget) == [6, 2]
    page.mouse.move(*at(6, 2))
    page.mouse.down()
    page.mouse.move(*at(11, 3), steps=6)
    page.mouse.up()
    assert word_of(widget) == [11, 3]
    page.mouse.move(*at(2, 1))
    assert word_of(widget) == [11, 3]  # let go
    assert page.complaints == []


def test_lstm_by_touch(figure):
    page, widget = figure("lstm", viewport=PHONE, has_touch=True, is_mobile=True)
    widget.locator(".db-gates").evaluate("each => each.scrollIntoView({block: 'center'})")
    at = lstm_place(widget)
    finger = page.context.new_cdp_session(page)
    touch = lambda kind, *at: finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(at)})  # noqa: E731
    point = lambda *place: dict(zip("xy", at(*place), strict=True))  # noqa: E731
    touch("touchStart", point(4, 3))
    for word in range(5, 9):
        touch("touchMove", point(word, 3))
    touch("touchEnd")
    assert word_of(widget) == [8, 3]  # all the way: the page did not scroll instead
    page.touchscreen.tap(*at(2, 1))
    assert word_of(widget) == [2, 1]
    widget.get_by_role("button", name="Step", exact=True).tap()
    assert word_of(widget) == [3, 1]


# The gradient's size over the distance


def sizes_of(widget):
    """What the table shows for RNN, LSTM and GRU: the size at the cursor, as text, and the factor of each step."""
    rows = [row.locator("td").all_inner_texts() for row in widget.locator(".db-sizes tbody tr").all()]
    return [size for size, _ in rows], [float(factor.removeprefix("× ")) for _, factor in rows]


def test_distance_starts_with_three_curves_that_fall(figure):
    page, widget = figure("distance")
    assert "an input 30 steps back still moves the last state by: RNN" in said(widget)
    assert "The LSTM hears it best." in said(widget)
    rnn, lstm, gru = sizes_of(widget)[1]
    assert rnn < gru < lstm < 1
    assert len({path.get_attribute("d") for path in widget.locator(".db-distance .curve").all()}) == 3
    assert page.complaints == []


def test_distance_by_keyboard(figure):
    page, widget = figure("distance")
    cursor = widget.locator(".cursor")
    cursor.focus()
    for key in ("ArrowRight", "ArrowRight", "PageUp", "ArrowLeft"):
        page.keyboard.press(key)
    assert cursor.get_attribute("aria-valuenow") == "41" and "41 steps back" in said(widget)
    page.keyboard.press("End")
    assert cursor.get_attribute("aria-valuetext") == "60 steps back"
    page.keyboard.press("ArrowRight")
    assert cursor.get_attribute("aria-valuenow") == "60"  # no further
    page.keyboard.press("Home")
    assert cursor.get_attribute("aria-valuenow") == "0"
    bias = widget.locator("input[type=range]").nth(1)
    bias.focus()
    before = sizes_of(widget)[1]
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    after = sizes_of(widget)[1]
    assert "a bias of 4" in said(widget) and after[0] == before[0]  # the plain cell has no gate
    assert after[1] > before[1] and after[2] > before[2] and after[2] > 0.95
    widget.get_by_role("button", name="Reset", exact=True).click()
    assert sizes_of(widget)[1] == before and cursor.get_attribute("aria-valuenow") == "30"


def test_distance_by_mouse(figure):
    page, widget = figure("distance")
    widget.locator(".db-distance").evaluate("each => each.scrollIntoView({block: 'center'})")
    box = widget.locator(".db-distance").bounding_box()
    at = lambda k: (box["x"] + (46 + k / 60 * 346) / 400 * box["width"], box["y"] + 0.4 * box["height"])  # noqa: E731
    page.mouse.click(*at(10))
    assert "an input 10 steps back" in said(widget)
    page.mouse.move(*at(10))
    page.mouse.down()
    page.mouse.move(*at(45), steps=6)
    page.mouse.up()
    assert "an input 45 steps back" in said(widget)
    page.mouse.move(*at(5))
    assert "an input 45 steps back" in said(widget)  # let go
    slider = widget.locator("input[type=range]").first
    knob = slider.bounding_box()
    page.mouse.click(knob["x"] + knob["width"] - 3, knob["y"] + knob["height"] / 2)
    assert "recurrent weights × 2.5" in said(widget) and sizes_of(widget)[1][0] > 1  # it explodes
    assert page.complaints == []


def test_distance_by_touch(figure):
    page, widget = figure("distance", viewport=PHONE, has_touch=True, is_mobile=True)
    widget.locator(".db-distance").evaluate("each => each.scrollIntoView({block: 'center'})")
    box = widget.locator(".db-distance").bounding_box()
    at = lambda k: (box["x"] + (46 + k / 60 * 346) / 400 * box["width"], box["y"] + 0.4 * box["height"])  # noqa: E731
    finger = page.context.new_cdp_session(page)
    touch = lambda kind, *at: finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(at)})  # noqa: E731
    touch("touchStart", dict(zip("xy", at(30), strict=True)))
    for k in range(32, 52, 4):
        touch("touchMove", dict(zip("xy", at(k), strict=True)))
    touch("touchEnd")
    assert "an input 48 steps back" in said(widget)  # all the way: the page did not scroll instead
    page.touchscreen.tap(*at(12))
    assert "an input 12 steps back" in said(widget)


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

    pages = {}
    for exercise in load_index().exercises:
        name, _, anchor = exercise.address.partition("#")
        page = pages[name] = pages.get(name) or visit(exercise.address)
        assert page.locator(f"#{anchor}").count() == 1
