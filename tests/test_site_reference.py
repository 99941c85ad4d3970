"""What a reader looks up: the glossary, the notation, the bibliography, the exercises by topic."""

import json
import re
import shutil
import tomllib
from functools import cache

import pytest

from deepbook.course.index import book_root, load_index
from deepbook.site.build import BuildError, build
from deepbook.site.citations import citations, cited, load_works
from deepbook.site.fences import FenceError
from deepbook.site.glossary import CHAPTERS, finder, load_terms
from deepbook.site.preview import converter

FOLDER = book_root() / "chapters"
PAGES = tuple(sorted(page.name for page in FOLDER.glob("*.md") if CHAPTERS.fullmatch(page.name)))
IN_PRINT = {"firth-1957", "linnainmaa-1970", "nida-1975", "novikoff-1962", "werbos-1974", "zipf-1949"}
GLOSSARY = """
weight = {zh = "權重", says = "The number < 1 by which an input is multiplied.", at = "01-one.md#weights"}
"learning rate" = {zh = "學習率", says = "How far to step.", at = "01-one.md#weights"}
"""
WORKS = """works = [
{authors = "O. Levy and Y. Goldberg", year = 2014, title = "Embedding", doi = "10.1016/0893-6080(89)90020-8"},
{authors = "T. Mikolov, K. Chen, G. Corrado and J. Dean", year = 2013, title = "Efficient", arxiv = "1301.3781"},
{authors = "T. Mikolov, I. Sutskever and K. Chen", year = 2013, title = "Both", id = "mikolov-2013-negative"},
{authors = "K. He et al.", year = 2015, title = "Delving", arxiv = "1502.01852", pages = ["02-two.md"]},
{authors = "J. Grus", year = 2016, title = "Fizz", url = "https://www.joelgrus.com/fizz/"},
]
"""


@cache
def prose(page):
    """A page without its fences, its title block and, at the end, its reading list; and the reading list."""
    text = re.sub(r"^````?.*?^````?$", "", (FOLDER / page).read_text(encoding="utf-8"), flags=re.S | re.M)
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.S)
    before, _, after = text.partition("## What to read next")
    return before, after


@cache
def section(page, anchor):
    """The text of a section, its sections included; None if the page has no such section."""
    text = "".join(prose(page))
    head = re.search(rf"^(#+) .* \{{#{anchor}\}}$", text, flags=re.M)
    if head is None:
        return None
    end = re.search(rf"^#{{1,{len(head[1])}}} ", text[head.end() :], flags=re.M)
    return text[head.end() :][: end.start() if end else None]


@pytest.fixture
def small(tmp_path):
    """A book of two terms and some works; a function turns the text of its page into HTML."""
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters" / "glossary.toml").write_text(GLOSSARY, encoding="utf-8")
    (tmp_path / "chapters" / "bibliography.toml").write_text(WORKS, encoding="utf-8")
    (tmp_path / "chapters" / "01-one.md").write_text("# One\n\n## The weights {#weights}\n", encoding="utf-8")
    return lambda text, page="01-one.md": converter(page, root=tmp_path, settings=book_root() / "mkdocs.yml").convert(
        text
    )


# The words on a page


def test_glossary_marks_the_first_use_of_a_term_and_says_what_it_means(small):
    html = small("Weights and *weights*. The learning\nrate, the weight.")
    assert html.count("<dfn") == html.count('role="tooltip"') == 2
    assert html.startswith('<p><dfn aria-describedby="term-weight" class="term" tabindex="0">Weights</dfn><span ')
    assert 'id="term-weight"' in html and "<em>weights</em>" in html and "learning\nrate</dfn>" in html
    assert '<bdi lang="zh-Hant-TW">權重</bdi> The number &lt; 1 by which' in html


@pytest.mark.parametrize(
    "text",
    [
        "# A weight",
        "`weight`",
        "[a weight](x.md)",
        r"$\text{weight}$",
        "```\nweight\n```",
        "| weight |\n|---|\n| weight |",
        "A half-weight, a weight-loss, weightless.",
        "## What to read next {#what-to-read-next}\n\n*A weight*",
    ],
)
def test_glossary_leaves_alone(small, text):
    assert "<dfn" not in small(text)


def test_glossary_keeps_every_word_of_the_page(small):
    text = "a weight, *the weight* and **a learning rate** of `x`\n\n- one\n- no weight, $w$, learning rates\n"
    without = re.sub(r'<span class="term-note".*?</span>|<[^>]+>', "", small(text), flags=re.S)
    assert " ".join(without.split()).startswith("a weight, the weight and a learning rate of x one no weight, ")


def test_glossary_and_citations_are_for_chapters_only(small):
    html = small("A weight, Grus (2016).", "bibliography.md")
    assert "<dfn" not in html and "<a " not in html


def test_glossary_names_an_entry_that_it_cannot_read(tmp_path):
    (tmp_path / "glossary.toml").write_text('[weight]\nzh = "權重"\nsay = "x"\n')
    with pytest.raises(FenceError, match=r"weight.*say"):
        load_terms(tmp_path / "glossary.toml")


def test_finder_prefers_the_longest_form_and_the_pages_of_a_term():
    terms = load_terms(FOLDER / "glossary.toml")
    find, meant = finder(terms, "02-mlp.md")
    assert meant[find.search("the learning rate schedule")[0]].en == "learning rate"
    assert meant[find.search("a hidden layer")[0]].en == "hidden layer"
    assert find.search("a head") is None and finder(terms, "05-transfer.md")[0].search("a head")


# Citations on a page


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("(Levy\nand Goldberg, 2014).", '(<a href="bibliography.md#levy-2014">Levy\nand Goldberg, 2014</a>).'),
        ("VGG. O. Levy and Y. Goldberg (2014)", 'VGG. <a href="bibliography.md#levy-2014">O. Levy and Y. Gold'),
        ("Mikolov et al. (2013) and", '<a href="bibliography.md#mikolov-2013">Mikolov et al. (2013)</a> and'),
        ("T. Mikolov, I. Sutskever and K. Chen (2013)", "bibliography.md#mikolov-2013-negative"),
        ("Joel Grus\n(2016) made", '<a href="bibliography.md#grus-2016">Joel Grus\n(2016)</a> made'),
    ],
)  # fmt: skip
def test_citation_links_to_its_work(small, text, link):
    assert link in small(text)


@pytest.mark.parametrize(
    "text",
    ["Levy (2015)", "Goldberg (2014)", "Levy and Miller (2014)", "`Levy (2014)`", "He et al. (2015)", "# Levy (2014)"],
)
def test_citation_of_another_work_is_no_link(small, text):
    assert "bibliography.md" not in small(text)


def test_citation_means_the_work_of_its_page(small):
    assert "bibliography.md#he-2015" in small("(He and others, 2015)", "02-two.md")


# The fence


def test_reference_fence_lists_terms_and_works(small):
    html = small("```reference\nglossary\n```", "glossary.md")
    assert html.index('<dt id="learning-rate">') < html.index('<dt id="weight">')
    assert '<a href="01-one.md#weights">chapter 1, The weights</a>' in html
    html = small("```reference\nbibliography\n```", "bibliography.md")
    assert '<li id="grus-2016">J. Grus (2016), <cite>Fizz</cite>. ' in html and ">joelgrus.com/fizz</a>" in html
    assert 'href="https://doi.org/10.1016/0893-6080%2889%2990020-8">doi:10.1016/0893-6080(89)90020-8<' in html


def test_reference_fence_lists_the_exercises_of_a_topic():
    html = converter("exercises.md").convert("```reference\nexercises design\n```")
    assert "3 exercises, 6 points, about 38 minutes." in html
    assert '<a href="01-perceptron.md#exercise-majority">A neuron that counts votes</a>' in html


@pytest.mark.parametrize("body", ["", "words", "glossary all", "exercises", "exercises nothing"])
def test_reference_fence_that_is_wrong_stops_the_build(body):
    with pytest.raises(FenceError):
        converter().convert(f"```reference\n{body}\n```")


@pytest.mark.parametrize(
    ("place", "says"),
    [("01-one.md#weights", ""), ("01-one.md#nothing", "no such section"), ("02-two.md#x", "no such section")],
)
def test_a_small_site_holds_the_links_between_chapters_and_lists(small, tmp_path, place, says):
    root = tmp_path
    settings = (book_root() / "mkdocs.yml").read_text(encoding="utf-8")
    before, _, after = settings.partition("nav:\n")
    (root / "mkdocs.yml").write_text(before + "theme:" + after.partition("\ntheme:")[2], encoding="utf-8")
    shutil.copytree(FOLDER / "assets", root / "chapters" / "assets")
    chapters = {"index": "# Home", "glossary": "# Glossary\n\n```reference\nglossary\n```"}
    chapters["bibliography"] = "# Works\n\n```reference\nbibliography\n```"
    for name, text in chapters.items():
        (root / "chapters" / f"{name}.md").write_text(text, encoding="utf-8")
    with (root / "chapters" / "01-one.md").open("a", encoding="utf-8") as file:
        file.write("\nA weight. Levy and Goldberg (2014) have weights.\n")
    (root / "chapters" / "glossary.toml").write_text(GLOSSARY.replace("01-one.md#weights", place, 1), encoding="utf-8")
    if says:
        with pytest.raises(BuildError, match=says):
            build(tmp_path / "site", root)
        return
    build(tmp_path / "site", root)
    page = (tmp_path / "site" / "01-one.html").read_text(encoding="utf-8")
    assert 'href="bibliography.html#levy-2014"' in page and "<dfn" in page
    assert 'href="01-one.html#weights"' in (tmp_path / "site" / "glossary.html").read_text(encoding="utf-8")
    index = json.loads((tmp_path / "site" / "search" / "search_index.json").read_text(encoding="utf-8"))["docs"]
    told = {each["location"].partition("#")[0] for each in index if "by which an input" in each["text"]}
    assert told == {"glossary.html"}  # the notes on the pages are not searched
    assert not [*(tmp_path / "site").rglob("*.toml")]


# The book's own data


@pytest.mark.parametrize("term", load_terms(FOLDER / "glossary.toml"), ids=lambda term: term.en)
def test_term_is_used_and_its_section_exists(term):
    assert section(*term.at.split("#")) is not None, f"{term.at} is no section"
    assert re.search(r"[一-鿿]", term.zh) or term.zh.lower() == term.en.lower()
    assert term.says.endswith(".") and 15 < len(term.says) < 200 and not re.search(r"[`*$\[\]]", term.says)
    found = [page for page in PAGES if (find := finder((term,), page)[0]) and find.search(prose(page)[0])]
    assert found or not term.forms, f"no chapter says {', '.join(term.forms)}"


def test_glossary_is_in_order_and_of_one_form_for_one_sense():
    terms = load_terms(FOLDER / "glossary.toml")
    assert len(terms) >= 120 and len({term.slug for term in terms}) == len(terms)
    forms = [(form, page) for term in terms for form in term.forms for page in term.pages or PAGES]
    assert len(forms) == len(set(forms)), sorted({each for each in forms if forms.count(each) > 1})


@pytest.mark.parametrize("page", PAGES)
def test_every_citation_of_a_chapter_is_in_the_bibliography(page):
    works = load_works(FOLDER / "bibliography.toml")
    unknown = [found[0] for found in citations("".join(prose(page))) if not cited(found, works, page)]
    assert [each for each in unknown if not re.match(r"In \d|SPIE ", each)] == []


def test_every_work_is_cited_and_can_be_found():
    works = load_works(FOLDER / "bibliography.toml")
    assert len({work.slug for work in works}) == len(works)
    seen = set()
    for page in PAGES:
        text = "".join(prose(page))
        seen |= {work.slug for found in citations(text) if (work := cited(found, works, page))}
        seen |= set(re.findall(r"\(bibliography\.md#([\w-]+)\)", text))
        seen |= {work.slug for work in works if not work.year and work.address in text}
    assert {work.slug for work in works} - seen == set()
    assert {work.slug for work in works if not work.address} == IN_PRINT
    assert all(work.print for work in works if not work.address)


def test_addresses_of_the_bibliography_are_those_of_the_chapters():
    """An address in a reading list stands in the bibliography as well, and not under another work."""
    known = {work.address.rstrip("/") for work in load_works(FOLDER / "bibliography.toml")}
    told = {each for page in PAGES for each in re.findall(r"\]\((https?://(?:[^()\s]|\([^()]*\))+)\)", prose(page)[1])}
    told = {each.replace("(", "%28").replace(")", "%29").rstrip("/") for each in told}
    assert told - known == set()


def test_every_exercise_stands_under_one_topic_and_every_topic_on_the_page():
    topics = tomllib.loads((FOLDER / "topics.toml").read_text(encoding="utf-8"))
    named = [each for names in topics.values() for each in names]
    assert sorted(named) == sorted(each.id for each in load_index(book_root() / "exercises").exercises)
    page = (FOLDER / "exercises.md").read_text(encoding="utf-8")
    assert re.findall(r"^exercises (\w+)$", page, flags=re.M) == list(topics)


def formula(tex):
    """TeX without what only changes how it looks."""
    tex = re.sub(r"[\s{}]|\\,|\\big[lr]", "", tex.replace(r"\mathsf T", r"\top"))
    return tex.replace(r"\|", r"\Vert").replace(r"\dfrac", r"\frac")


def test_every_symbol_of_the_notation_is_used_in_the_section_that_it_names():
    rows = re.findall(
        r"^\| (.+?) \|.*\]\(([\w.-]+)#([\w-]+)\) \|$", (FOLDER / "notation.md").read_text("utf-8"), flags=re.M
    )
    assert len(rows) > 75
    for symbols, page, anchor in rows:
        text = section(page, anchor)
        assert text is not None, f"{page}#{anchor} is no section"
        used = "".join(formula(a or b) for a, b in re.findall(r"\$\$(.*?)\$\$|\$([^$]+)\$", text, flags=re.S))
        for symbol in re.findall(r"\$([^$]+)\$", symbols):
            assert formula(symbol) in used, f"{symbol} is not in {page}#{anchor}"
