"""Every page of the built site: in its files, without a browser, and then in one visit each in a browser."""

import random
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from browsers import PHONE, WIDE, need
from crawl import crawl, wrong

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    page.relative_to(ROOT / "chapters").with_suffix(".html").as_posix() for page in ROOT.glob("chapters/**/*.md")
)
DARK = {"runOnly": ["color-contrast"]}  # nothing else depends on the colours

# What axe need not read: the drawn half of each formula, which is hidden from screen readers, the inside of a figure
# that is one picture with its words, and of the coloured pieces of listings those that look as one before them does.
THIN_OUT = """() => {
  document.querySelectorAll(".katex-html, svg[role=img] > *").forEach(each => each.remove());
  const look = each => {
    const { color, backgroundColor, fontWeight, opacity } = getComputedStyle(each);
    return [color, backgroundColor, fontWeight, opacity];
  };
  const pieces = [...document.querySelectorAll(".highlight code span:not(:has(*))")];
  const looks = pieces.map(each => [each, each.closest("code"), each.closest("pre")].map(look).join());
  pieces.forEach((each, i) => looks.indexOf(looks[i]) < i && each.remove());
}"""
SERIOUS = """async rules => {
  const found = await axe.run(document, {resultTypes: ["violations"], preload: false, ...rules});
  return found.violations.filter(each => ["serious", "critical"].includes(each.impact)).flatMap(each =>
    each.nodes.map(node => `${each.id}: ${node.target} ${node.failureSummary}`)).slice(0, 10);
}"""


def test_crawl_finds_all_pages_and_nothing_wrong(site):
    found = crawl(site)
    assert {name: complaints for name, complaints in found.items() if complaints} == {}
    assert sorted(name for name in found if name.endswith(".html")) == PAGES


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('<a href="other.html">', ""),
        ('<a href="other.html#there">', ""),
        ('<a href="other.html#playground=units:3">', ""),
        ('<a href="https://doi.org/10.1">', ""),
        ('<img src="data:image/png;base64,AA" alt="A line">', ""),
        ('<a href="other.html#gone">', "no such anchor"),
        ('<a href="other.html#race=lr:1">', "no such anchor"),
        ('<a href="#gone">', "no such anchor"),
        ('<a href="gone.html">', "gone.html is not there"),
        ('<a href="notebooks/gone.ipynb">', "gone.ipynb is not there"),
        ('<a href=".">', "is not there"),
        ('<a href="/etc/passwd">', "outside"),
        ('<script src="gone.js"></script>', "gone.js is not there"),
        ('<script src="https://example.org/a.js"></script>', "outside"),
        ('<p style="background: url(gone.png)">', "gone.png is not there"),
        ('<svg role="img" aria-label="A line"><use xlink:href="#gone"/></svg>', "no such anchor"),
        ('<img src="other.html">', "no words"),
        ('<figure><svg aria-label=""></svg></figure>', "no words"),
        ('<p id="there"></p>', "id there twice"),
    ],
)
def test_crawl_says_what_is_wrong(tmp_path, line, complaint):
    (tmp_path / "index.html").write_text(f'<h1 id="there">One</h1>{line}')
    (tmp_path / "other.html").write_text('<h1 id="there">Two</h1><figure data-widget="playground"></figure>')
    complaints = crawl(tmp_path)["index.html"]
    assert complaint in "".join(complaints) and len(complaints) == bool(complaint)


def test_crawl_reads_style_sheets(tmp_path):
    (tmp_path / "index.html").write_text("")
    (tmp_path / "a.css").write_text("a { src: url(gone.woff2), url('https://example.org/b.woff2') }")
    assert len(crawl(tmp_path)["a.css"]) == 2


@pytest.fixture(scope="module")
def scales():
    """benchmarks/pages.py, which weighs pages."""
    spec = spec_from_file_location("pages", ROOT / "benchmarks" / "pages.py")
    spec.loader.exec_module(module := module_from_spec(spec))
    return module


@pytest.mark.parametrize("name", PAGES)
def test_page_is_light(scales, site, name):
    """At most 150 KB of our own text, style and script, gzipped. All of them: python benchmarks/pages.py site."""
    weighed = scales.weight(site / name)
    assert scales.own(weighed) <= scales.LIMIT, weighed
    assert min(weighed[part] for part in ("text", "style", "script")) > 1000


def test_weight_is_that_of_text_and_named_files_without_figures(scales, tmp_path):
    noise = random.Random(0).randbytes(3000).hex()  # 3,000 bytes, which nothing makes smaller
    (tmp_path / "assets" / "js").mkdir(parents=True)
    (tmp_path / "assets" / "js" / "a.js").write_text(noise)
    (tmp_path / "assets" / "js" / "b.js").write_text(noise)
    page = tmp_path / "page.html"
    page.write_text(
        f'<script src="assets/js/a.js"></script><p>Hello<svg role="img" aria-label="A"><path d="{noise}"/></svg>'
    )
    weighed = scales.weight(page)
    assert 3000 < weighed["script"] < 3600 and 3000 < weighed["figures"] < 3600
    assert weighed["text"] < 100 and weighed["style"] == 0
    assert scales.own(weighed) == weighed["text"] + weighed["script"]


@pytest.fixture(scope="module")
def axe():
    file = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    return need(file.exists() and file.read_text(encoding="utf-8"), "axe-core: run `npm ci`")


def settle(page, scheme):
    """Wait until the page has its colours and what Material fades in: half of that has too little contrast."""
    page.emulate_media(color_scheme=scheme)
    theme = {"light": "default", "dark": "slate"}[scheme]
    page.wait_for_function("name => document.body.dataset.mdColorScheme === name", arg=theme)
    page.wait_for_timeout(400)
    page.wait_for_function("document.getAnimations().every(each => each.playState !== 'running')")


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_page_in_a_browser(visit, site, axe, name):
    """In one visit, because the longest take seconds: on a phone, then wide and light, then dark."""
    page = visit(name, PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    links = page.evaluate("[...document.querySelectorAll('a[href]')].map(each => each.getAttribute('href'))")
    page.complaints += filter(None, {wrong(site, name, each) for each in links})
    page.evaluate(THIN_OUT)
    page.set_viewport_size(WIDE)
    page.evaluate(axe)
    settle(page, "light")
    page.complaints += page.evaluate(SERIOUS, {})
    settle(page, "dark")
    page.complaints += page.evaluate(SERIOUS, DARK)
    assert page.complaints == []


@pytest.mark.browser
def test_barriers_are_found_in_what_is_left(chromium, axe):
    """Of pieces of a listing that look alike one is left; one that looks different is not taken for them."""
    pieces = "".join(f"<span>{each}</span>" for each in ("for", "in", "if")) + '<span style="color: #ddd">None</span>'
    page = chromium.new_page()
    page.set_content(f'<main><pre class="highlight"><code>{pieces}</code></pre><img src="data:,"></main>')
    page.evaluate(THIN_OUT)
    page.evaluate(axe)
    assert page.locator("span").all_inner_texts() == ["for", "None"]
    assert {each.partition(":")[0] for each in page.evaluate(SERIOUS, {})} >= {"color-contrast", "image-alt"}
    assert "span" in "".join(page.evaluate(SERIOUS, DARK))
    page.close()
