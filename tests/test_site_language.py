"""The pages in another language: they say the same with the same code, and every word of the site is translated."""

import ast
import json
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from markdown.extensions.toc import slugify, unique

from deepbook.course import tell
from deepbook.course.index import book_root, load_index
from deepbook.site import notebook
from deepbook.site.citations import citations, cited, load_works
from deepbook.site.glossary import in_chinese, load_terms
from deepbook.site.language import split, table, target, words
from deepbook.site.numbers import numbered
from deepbook.site.path import FRONT
from deepbook.site.plain import FENCE, FIGURE, HEADING, IDENTITY, OPTION, fenced
from deepbook.site.preview import converter
from deepbook.site.quiz import parse

BOOK = book_root()
CHAPTERS = BOOK / "chapters"
PAGES = sorted(page.relative_to(CHAPTERS).as_posix() for page in CHAPTERS.glob("[a-z][a-z]-[A-Z][A-Z]/**/*.md"))
LANGUAGES = sorted({split(page)[0] for page in PAGES})
CHINESE = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"


def read(page):
    return (CHAPTERS / page).read_text(encoding="utf-8")


def blocks(source):
    """The page's blocks of code, exercises and self-tests, as what must be the same in each language."""
    lines, found = source.splitlines(), []
    while lines:
        if not (fence := FENCE.match(lines.pop(0))):
            continue
        kind, _, rest = fence[3].partition(" ")
        body = "\n".join(fenced(lines, fence[2]))
        options = {name: a or b or c for name, a, b, c in OPTION.findall(rest)}
        said = {name: bool(options.pop(name, "")) for name in ("alt", "caption", "title")}
        if kind == "quiz":
            quiz = parse(body)
            body = [quiz.key, bool(quiz.answer), [option.right for option in quiz.options]]
        if kind == "path":
            rows = [line.split(" | ") for line in body.splitlines()]
            body = [(row[0] if ".md" in row[0] else "", len(row), sorted(re.findall("{.*?}", row[0]))) for row in rows]
        found.append((kind, options, said, body))
    return found


def text(source):
    """The page without its blocks."""
    lines, kept = source.splitlines(), []
    while lines:
        line = lines.pop(0)
        if fence := FENCE.match(line):
            fenced(lines, fence[2])
        else:
            kept.append(line)
    return "\n".join(kept)


def headings(source):
    """The level and the id of each heading, and whether it is written there."""
    found, ids = [], set()
    for line in text(source).splitlines():
        if heading := HEADING.match(line):
            identity = IDENTITY.search(heading[2])
            slug = identity[1] if identity else unique(slugify(re.sub(r"[*_`$]", "", heading[2]), "-"), ids)
            ids.add(slug)
            found.append((len(heading[1]), slug, bool(identity)))
    return found


def references(source, page):
    """What the page links to and cites, in any order."""
    works = load_works(CHAPTERS / "bibliography.toml")
    links = Counter(re.findall(r"(\[?\]\([^)\s]+)\)", text(source)))  # a reference has no words of its own
    found = (cited(each, works, page) for each in citations(text(source)))
    return links, Counter(work.slug for work in found if work)


def differences(source, english, page):
    """What of a translation is not as in English, in words."""
    ours, theirs = blocks(source), blocks(english)
    wrong = [f"block {i}: {a} for {b}" for i, (a, b) in enumerate(zip(ours, theirs, strict=False), 1) if a != b]
    wrong += [f"{len(ours)} blocks for {len(theirs)}"] * (len(ours) != len(theirs))
    ids, wanted = ([(level, slug) for level, slug, _ in headings(each)] for each in (source, english))
    wrong += [f"the headings {ids} for {wanted}"] * (ids != wanted)
    wrong += [f"no id written at {slug}" for _, slug, written in headings(source) if not written]
    for name, pattern in {"figures": FIGURE, "formulas": r"(?s)\$\$.+?\$\$"}.items():
        a, b = (re.findall(pattern, each, re.S) for each in (source, english))
        keys = [re.findall(r"\b(?:id|data-widget)=[\w\"-]+", each) or each for each in a + b]
        wrong += [f"other {name}"] * (keys[: len(a)] != keys[len(a) :])
    needs, their_needs = (re.findall(r"^needs:.*", FRONT.match(each)[1], re.M) for each in (source, english))
    wrong += [f"{needs} for {their_needs}"] * (needs != their_needs)
    (links, works), (their_links, their_works) = references(source, page), references(english, page)
    wrong += [f"other links: {links - their_links} {their_links - links}"] * (links != their_links)
    wrong += [f"other works: {works - their_works} {their_works - works}"] * (works != their_works)
    wrong += [f"a space in the page: {found}" for found in re.findall(rf".*{CHINESE}\n(?!\n){CHINESE}.*", text(source))]
    return wrong


def test_there_are_translated_pages():
    assert {"zh-TW/index.md", "zh-TW/00-start.md", "zh-TW/01-perceptron.md"} <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_a_translation_has_the_same_blocks_ids_figures_links_and_citations(page):
    original = split(page)[1]
    assert differences(read(page), read(original), original) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("perceptron.fit(perceptron.init(2), x, y, epochs=8)", "perceptron.fit(perceptron.init(2), x, y, epochs=9)"),
        ("```exercise\nmend\n```\n", ""),
        ("- [x] 「至少有一個是 0」", "- [ ] 「至少有一個是 0」"),
        ("- 減少 0.5。 ::", "- 減少 0.5。 :: 是。\n- 增加 1。 ::"),
        ("{#gates}", ""),
        ("{#gates}", "{#gate}"),
        ('data-widget="gates"', 'data-widget="perceptron"'),
        ("e^{-z}} .", "e^{z}} ."),
        ('id="fig-gates"', 'id="fig-gate"'),
        ("\\label{eq-neuron}", ""),
        ("[](#eq-neuron)", "[式 1.1](#eq-neuron)"),
        ("needs: 00-start.md", ""),
        ("bibliography.md#ucla", "bibliography.md#ucl"),
        ("Novikoff, 1962", "Novikoff"),
        ("不會發生。如果", "不會發生。\n如果"),
    ],
)
def test_a_difference_is_found(old, new):
    page = "01-perceptron.md"
    source = read(f"zh-TW/{page}")
    assert old in source
    assert differences(source.replace(old, new, 1), read(page), page)


# Words


def phrases(folder=Path(notebook.__file__).parent):
    """The English phrases that the site's modules say: what they give to a function called `say`."""
    found = {" ".join(part.split()) for part in notebook.INTRODUCTION}
    for file in folder.glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        constants = {
            node.targets[0].id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "say":
                said = node.args[0]
                said = said.value if isinstance(said, ast.Constant) else constants.get(getattr(said, "id", ""))
                found |= {" ".join(said.split())} if said else set()
    return found


def said_by_scripts():
    """The same of the page's scripts: what stands in phrase("…")."""
    sources = [file.read_text(encoding="utf-8") for file in (CHAPTERS / "assets" / "js").glob("*.mjs")]
    found = {json.loads(each) for source in sources for each in re.findall(r'\bphrase\(("(?:[^"\\]|\\.)*")', source)}
    return found | {word for word, _ in tell.WORDS.values()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_site_is_translated_and_no_other(language):
    said = table(BOOK, language, "words")
    assert set(said["pages"]) == phrases()
    assert set(said.get("scripts", {})) == said_by_scripts()
    for english, ours in [*said["pages"].items(), *said.get("scripts", {}).items()]:
        assert set(re.findall(r"{\w+}", ours)) == set(re.findall(r"{\w+}", english)) - {"{a}"}, english  # an article


@pytest.mark.parametrize("page", PAGES)
def test_every_exercise_of_a_translated_page_has_its_title_and_hints(page):
    language, original = split(page)
    said = table(BOOK, language, "exercises")
    for exercise in load_index(BOOK / "exercises").exercises:
        if exercise.page == original:
            ours = said[exercise.id]
            assert re.search(CHINESE, ours["title"]) and len(ours["hints"]) == len(exercise.hints)
            code = [re.findall(r"`(\w+)", each) for each in exercise.hints]
            assert [re.findall(r"`(\w+)", each) for each in ours["hints"]] == code, exercise.id


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("zh-TW/")])
def test_a_chinese_page_uses_the_glossarys_words_and_can_say_what_they_mean(page):
    original = split(page)[1]
    english, chinese = text(read(original)), text(read(page))
    for term in load_terms(CHAPTERS / "glossary.toml"):
        introduced = term.at.partition("#")[0] == original
        if introduced and any(re.search(rf"\b{re.escape(form)}\b", english) for form in term.forms):
            assert any(form in chinese for form in in_chinese(term)), term.en


def test_every_title_of_the_navigation_is_translated():
    settings = (BOOK / "mkdocs.yml").read_text(encoding="utf-8")
    nav = settings.partition("\nnav:\n")[2].partition("\n\n")[0]
    titles = re.findall(r"- ([\w ]+):", nav)
    for page in re.findall(r"- (?:[\w ]+: )?([\w-]+\.md)$", nav, flags=re.M):
        if f"zh-TW/{page}" in PAGES:
            titles = [title for title in titles if f"- {title}: {page}" not in nav]
        else:
            titles.append(re.search(r"^title: (.+)$", read(page), flags=re.M)[1])
    known = settings.partition("      words:\n")[2].partition("\nextra_css")[0]
    missing = [title for title in titles if f"        {title}: " not in known]
    assert not missing


@pytest.mark.parametrize("page", PAGES)
def test_the_notebook_of_a_translation_has_the_same_code_and_no_english_words(page):
    source, original = numbered(FRONT.sub("", read(page)), page, BOOK)[0], split(page)[1]
    made = notebook.notebook(source, page, BOOK)
    assert notebook.code_of(made) == notebook.code_of(notebook.notebook(read(original), original, BOOK))
    shown = "".join("".join(cell["source"]) for cell in made["cells"] if cell["cell_type"] == "markdown")
    for english in (
        "Question",
        "Answer",
        "Exercise",
        "In words",
        "JavaScript",
        "Where to go on",
        "hints",
        "Figure",
        "Equation",
    ):
        assert english not in shown
    for link in re.findall(r"\]\(\.\./([^)#]+)\.html", shown):
        assert (CHAPTERS / split(page)[0] / f"{link}.md").exists(), link


# The extension

CITING = "多個感知器，又是感知器。Minsky 與 Papert（1969）和（Novikoff, 1962）。"


@pytest.fixture
def book(tmp_path):
    """A book with a page in Chinese that nobody else has."""
    folder = tmp_path / "chapters" / "zh-TW"
    folder.mkdir(parents=True)
    (folder / "01-one.md").write_text("# 一 {#one}\n", encoding="utf-8")
    said = '[pages]\n"Answer" = "解答"\n[scripts]\n"Step" = "</script>"\n'
    (folder / "words.toml").write_text(said, encoding="utf-8")
    return tmp_path


def test_a_link_leads_to_the_translation_or_to_the_english_page(book):
    page = "zh-TW/01-one.md"
    assert target(book, page, "01-one.md#one") == "01-one.md#one"
    assert target(book, page, "02-two.md#two") == "../02-two.md#two"
    for link in ("#here", "https://example.org/a.md", "../02-two.md", "/a.md", "picture.svg"):
        assert target(book, page, link) == link
    assert target(book, "02-two.md", "03-three.md") == "03-three.md"
    made = converter(page, root=book).convert("[二](02-two.md)\n\n```quiz\n問\n\nanswer:\n[二](02-two.md)\n```\n")
    assert made.count('href="../02-two.md"') == 2


def test_words_are_of_the_pages_language_and_else_english(book):
    assert words(book, "zh-TW/01-one.md")("Answer") == "解答"
    assert words(book, "zh-TW/01-one.md")("Hint {n}", n=1) == "Hint 1"
    assert words(book, "01-one.md")("Answer") == words(book, "fr-FR/01-one.md")("Answer") == "Answer"


def test_scripts_get_their_words_on_translated_pages_only(book):
    md = converter("zh-TW/01-one.md", root=book)
    made = md.convert("# 一 {#one}") + str(md.toc_tokens)
    held = re.search(r'<script id="deepbook-words"[^>]*>(.*?)</script>', made)[1]
    assert json.loads(held) == {"Step": "</script>"} and made.count("Step") == 1
    assert "deepbook-words" not in converter("01-one.md", root=book).convert("# One")


def test_a_chinese_term_shows_its_english_name_and_what_it_means():
    made = converter("zh-TW/01-perceptron.md").convert(CITING)
    assert made.count("<dfn") == 1 and ">感知器</dfn>" in made and '<bdi lang="en">perceptron</bdi>' in made
    for work in ("minsky-1969", "novikoff-1962"):
        assert f'href="../bibliography.md#{work}"' in made


def test_an_exercise_speaks_the_pages_language():
    made = converter("zh-TW/01-perceptron.md").convert("```exercise\nby_hand\n```\n")
    assert "用紙筆算一個神經元" in made and "提示 1" in made and "Hint" not in made and "1 分" in made


def test_the_table_of_words_is_toml():
    for language in LANGUAGES:
        for file in (CHAPTERS / language).glob("*.toml"):
            assert tomllib.loads(file.read_text(encoding="utf-8"))
