"""The path through the book: how long each chapter takes, and which it needs. A fence, and a Markdown extension.

    ```path
    chapter | the question | needs | to read | exercises
    01-perceptron.md | How can a machine learn from its mistakes?
    About {reading} hours to read, and {doing} for the {exercises} exercises.
    ```

makes a table: the first line names the columns, each other line with bars is a chapter. The fence adds the title, what
the chapter needs, and the time. A line without bars is a sentence below the table, with the sums. The extension puts
the same facts below a chapter's title. Reading takes as long as the words and the code on the page do, the exercises as
long as `exercises/index.toml` says. What a chapter needs stands in its front matter: `needs: 01-perceptron.md`.
"""

import posixpath
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from markdown import Extension
from markdown.preprocessors import Preprocessor

from deepbook.course.index import load_index
from deepbook.site.fences import FenceError, book_folder, check_options, markdown_inside, page_name, stops_the_build
from deepbook.site.language import target, titled, words_of
from deepbook.site.numbers import CHAPTER, PIECE
from deepbook.site.plain import listing

WORDS_A_MINUTE = 150  # of a text with formulas and code
STEP = 5  # minutes are rounded to this
HAN = 0.6  # a Chinese character, in words
FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.S)
TITLE = re.compile(r"^# +(.*?)\s*(?:\{[^}]*\})?\s*$", re.M)


@dataclass(frozen=True)
class Chapter:
    """What a reader wants to know before a chapter. Times are in minutes."""

    page: str
    title: str
    reading: int
    exercises: int  # how many
    doing: int
    needs: tuple[str, ...]  # pages


def words(source: str) -> float:
    """How much there is to read in a page's Markdown: prose and code, each formula as one word, no exercise."""
    text = PIECE.sub(readable, FRONT.sub("", source))
    text = re.sub(r"\$\$.*?\$\$|\$[^$\n]+\$", " x ", text, flags=re.S)
    text = re.sub(r"</?[a-zA-Z][^<>]*>|\]\([^)]*\)|\{[#.:][^}]*\}", " ", text)
    han = len(re.findall(r"[一-鿿]", text))
    return HAN * han + len(re.findall(r"[^\W_一-鿿]+", text))


def readable(found):
    """What of a fence is read; other pieces stay as they are."""
    if not found["fence"]:
        return found[0]
    head, body = found["head"].strip(), found["body"]
    if head.startswith("python show"):
        return listing(body, str.format, "nodoc" not in head)
    if head.startswith(("exercise", "path", "reference")) or re.match(r"python run hide\b", head):
        return " "
    return body


def rounded(minutes: float) -> int:
    return max(STEP, STEP * round(minutes / STEP))


def chapter_of(page: str, book: Path) -> Chapter:
    """The facts of a page. Raises FenceError if it needs a page that is not there."""
    files = book / "chapters" / page, book / "exercises" / "index.toml"
    return _chapter(page, book, *(file.stat().st_mtime_ns if file.exists() else 0 for file in files))


@cache
def _chapter(page, book, *changed):  # `mkdocs serve` builds a changed page anew
    source = (book / "chapters" / page).read_text(encoding="utf-8")
    front = FRONT.match(source)
    stated = re.search(r"^needs: *(\S.*)$", front[1] if front else "", re.M)
    needs = tuple(re.split(r", *", stated[1].strip())) if stated else ()
    folder = PurePosixPath(page).parent
    for each in needs:
        if not CHAPTER.fullmatch((folder / each).as_posix()) or not (book / "chapters" / folder / each).exists():
            raise FenceError(f"{page} needs {each}, which is no chapter")
    minutes = exercise_minutes(Path(page).name, book)
    title = TITLE.search(FRONT.sub("", source))
    reading = rounded(words(source) / WORDS_A_MINUTE)
    return Chapter(page, title[1] if title else page, reading, len(minutes), sum(minutes), needs)


def exercise_minutes(page, book):
    """The minutes of each exercise of a page."""
    if not (book / "exercises" / "index.toml").exists():
        return []
    return [each.minutes for each in load_index(book / "exercises").exercises if each.page == page]


def told(minutes: int, say=str.format) -> str:
    """Minutes as people say them: "45 min", "2 h 5 min"; `say` puts it in another language.

    >>> told(45), told(125), told(120)
    ('45 min', '2 h 5 min', '2 h')
    """
    hours, rest = divmod(minutes, 60)
    parts = [say("{hours} h", hours=hours)] * bool(hours)
    return " ".join(parts + [say("{minutes} min", minutes=rest)] * bool(rest or not hours))


def links(needs: tuple[str, ...], say) -> str:
    """The numbers of the chapters, each with a link."""
    return say(", ").join(f"[{int(CHAPTER.fullmatch(each)['number'])}]({each})" for each in needs)


# The table


def validator(language, inputs, options, attrs, md):
    """The path has no options."""
    check_options(f"{page_name(md)}, a path fence", inputs, ())
    return True


@stops_the_build
def formatter(source, language, css_class, options, md, **_):
    """The table as HTML."""
    book, name, say = book_folder(md), page_name(md), words_of(md)
    columns, *lines = [[each.strip() for each in line.split("|")] for line in source.splitlines() if line.strip()]
    chapters, rows, below = [], [], ""
    for first, *said in lines:
        if not said:
            below = first
            continue
        place = posixpath.normpath(posixpath.join(posixpath.dirname(name), target(book, name, first)))
        if not CHAPTER.fullmatch(place) or not (book / "chapters" / place).exists():
            raise FenceError(f"{name}: {first!r} in the path is no chapter")
        chapter = chapter_of(place, book)
        chapters.append(chapter)
        time = told(rounded(chapter.doing), say)
        doing = say("{exercises}, {time}", exercises=chapter.exercises, time=time) if chapter.exercises else "–"
        cells = [*said, links(chapter.needs, say) or "–", told(chapter.reading, say), doing]
        if len(cells) != len(columns) - 1:
            raise FenceError(f"{name}: the path's line of {first} has not the columns of its first line")
        rows.append(f"| [{titled(md, place, chapter.title)}]({first}) | {' | '.join(cells)} |")
    reading, doing = (round(sum(getattr(each, name) for each in chapters) / 60) for name in ("reading", "doing"))
    below = below.format(reading=reading, doing=doing, exercises=sum(each.exercises for each in chapters))
    head = f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}"
    table = markdown_inside(md, "\n".join([head, *rows]) + f"\n\n{below}")
    return f'<div class="path">{labelled(table, columns)}</div>'


def labelled(table, columns):
    """On a phone a row becomes a block; there each cell says by itself what it is."""
    place = iter(range(table.count("<td>")))

    def label(found):
        nothing = ' class="nothing"' if found[1] else ""
        return f'<td data-label="{columns[next(place) % len(columns)]}"{nothing}>{found[1]}'

    return re.sub("<td>(–?)", label, table)


# The head of a chapter


class Facts(Preprocessor):
    """A line below the title: the time, and what comes before."""

    def run(self, lines):
        page, book = page_name(self.md), book_folder(self.md)
        titles = [place for place, line in enumerate(lines) if line.startswith("# ")]
        if not CHAPTER.fullmatch(page) or not titles or not (book / "chapters" / page).exists():
            return lines
        facts = chapter_of(page, book)
        say = words_of(self.md)
        reading, doing = told(facts.reading, say), told(rounded(facts.doing), say)
        said = say("About {reading} to read.", reading=reading)
        if facts.exercises:
            said = say("About {reading} to read, {doing} for the {exercises} exercises.",
                       reading=reading, doing=doing, exercises=facts.exercises)  # fmt: skip
        if facts.needs:
            said += say(" Needs chapter {needs}.", needs=links(facts.needs, say))
        line = ["", said, '{: .chapter-facts data-search-exclude="" }', ""]
        return [*lines[: titles[0] + 1], *line, *lines[titles[0] + 1 :]]


class PathExtension(Extension):
    def extendMarkdown(self, md):
        md.preprocessors.register(Facts(md), "deepbook-path", 28.5)  # the notebook reads the page before it (29)


def makeExtension(**options):
    return PathExtension(**options)
