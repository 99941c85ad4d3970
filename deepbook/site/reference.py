"""The fence that makes the book's lists from their data: the glossary, the bibliography, the exercises of a topic.

    ```reference
    glossary
    ```

It knows `glossary` (from `chapters/glossary.toml`), `bibliography` (from `chapters/bibliography.toml`), `errata` (from
`chapters/errata.toml`: where, what it said, what it should say, when it was found), and
`exercises hand`, the exercises of the topic that `chapters/topics.toml` calls "hand", with what `exercises/index.toml`
says of each. Each term and each work has an id, to which the chapters link.
"""

import html
import re
import tomllib

from deepbook import __version__
from deepbook.course.index import load_index
from deepbook.site.citations import load_works, plain
from deepbook.site.fences import (
    FenceError,
    add_anchor,
    book_folder,
    check_options,
    markdown_inside,
    page_name,
    stops_the_build,
)
from deepbook.site.glossary import TAIWAN, load_terms


def validator(language, inputs, options, attrs, md):
    """A list has no options."""
    check_options(f"{page_name(md)}, a reference fence", inputs, ())
    return True


@stops_the_build
def formatter(source, language, css_class, options, md, **_):
    """The list as HTML."""
    what, *arguments = source.split()
    if what == "exercises" and len(arguments) == 1:
        return exercises(md, arguments[0])
    if what in LISTS and not arguments:
        return LISTS[what](md)
    raise FenceError(
        f"{page_name(md)}: no list is called {source.strip()!r}; there are {', '.join(LISTS)}, exercises …"
    )


def glossary(md):
    """Each term with its Chinese one, its definition and the place in the book that introduces it."""
    terms = load_terms(book_folder(md) / "chapters" / "glossary.toml")
    places = phrases(md, [f"[{place(md, term.at)}]({term.at})" for term in terms])
    entries = []
    for term, link in zip(terms, places, strict=True):
        add_anchor(md, term.slug)
        chinese = f' <span lang="{TAIWAN}">{html.escape(term.zh)}</span>' if term.zh != term.en else ""
        entries.append(
            f'<div><dt id="{term.slug}">{html.escape(term.en)}{chinese}</dt>'
            f"<dd>{html.escape(term.says)} <span class='reference-at'>{link}</span></dd></div>"
        )
    return f'<dl class="reference">{"".join(entries)}</dl>'


def bibliography(md):
    """Each work with its authors, year, title, venue and address."""
    works = load_works(book_folder(md) / "chapters" / "bibliography.toml")
    entries = []
    for work in sorted(works, key=lambda work: (plain(work.surnames[0]).lower(), work.year, work.title)):
        add_anchor(md, work.slug)
        year = f" ({work.year})" if work.year else ""
        venue = f", {html.escape(work.venue)}" if work.venue else ""
        found = f'<a href="{html.escape(work.address)}">{html.escape(work.label)}</a>' if work.address else ""
        entries.append(
            f'<li id="{work.slug}">{html.escape(work.authors)}{year}, <cite>{html.escape(work.title)}</cite>{venue}. '
            f"{found or html.escape(work.print)}</li>"
        )
    return f'<ul class="reference">{"".join(entries)}</ul>'


def errata(md):
    """Each mistake that was found: where, what it said, what it says now, when, and thanks to whom."""
    file = book_folder(md) / "chapters" / "errata.toml"
    found = tomllib.loads(file.read_text(encoding="utf-8")).get("errata", [])
    if not found:
        return f"<p>No mistake is known in this edition, {__version__}.</p>"
    rows = ["| where | it said | it should say | found |", "|---|---|---|---|"]
    for each in sorted(found, key=lambda each: each["found"], reverse=True):
        if unknown := set(each) - {"at", "said", "says", "found", "by"}:
            raise FenceError(f"{page_name(md)}: errata.toml says {', '.join(sorted(unknown))}; nobody knows what it is")
        by = f", by {each['by']}" if each.get("by") else ""
        where = f"[{place(md, each['at'])}]({each['at']})"
        rows.append(f"| {where} | {each['said']} | {each['says']} | {each['found']}{by} |")
    return markdown_inside(md, "\n".join(rows))


LISTS = {"glossary": glossary, "bibliography": bibliography, "errata": errata}


def exercises(md, topic):
    """A table of a topic's exercises, in the order of the book, and what they come to."""
    book = book_folder(md)
    topics = tomllib.loads((book / "chapters" / "topics.toml").read_text(encoding="utf-8"))
    if topic not in topics:
        raise FenceError(f"{page_name(md)}: there is no topic {topic!r}; there are {', '.join(topics)}")
    index = load_index(book / "exercises")
    of_topic = [each for each in index.exercises if each.id in topics[topic]]
    if missing := set(topics[topic]) - {each.id for each in of_topic}:
        raise FenceError(
            f"{page_name(md)}: the topic {topic!r} names {', '.join(sorted(missing))}, which is no exercise"
        )
    chapters = {chapter.folder: (int(chapter.page[:2]), chapter.title) for chapter in index.chapters}
    rows = ["| exercise | chapter | points | minutes |", "|---|---|--:|--:|"]
    for each in of_topic:
        number, title = chapters[each.chapter]
        link = f"{each.page}#exercise-{each.name.replace('_', '-')}"
        rows.append(f"| [{each.title}]({link}) | {number}. {title} | {each.points} | {each.minutes} |")
    points, minutes = (sum(getattr(each, name) for each in of_topic) for name in ("points", "minutes"))
    total = f"{len(of_topic)} exercises, {points} points, about {minutes} minutes."
    return markdown_inside(md, f"{total}\n\n" + "\n".join(rows))


def phrases(md, texts):
    """Phrases of Markdown as HTML, all at once: a converter for each would take seconds."""
    found = re.findall(r"<p>(.*?)</p>", markdown_inside(md, "\n\n".join(texts)), flags=re.S)
    if len(found) != len(texts):
        raise FenceError(f"{page_name(md)}: an entry is no single phrase")
    return found


def place(md, at):
    """What a place in the book is called: "01-perceptron.md#one-neuron" is "chapter 1, One neuron"."""
    page, _, anchor = at.partition("#")
    file = book_folder(md) / "chapters" / page
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    found = re.search(rf"^#+ (.+?) \{{#{re.escape(anchor)}\}}$", text, flags=re.M)
    if not found:
        raise FenceError(f"{page_name(md)}: it names {at}, and there is no such section")
    number = int(page[:2]) if page[:2].isdigit() else 0
    return f"chapter {number}, {found[1]}"
