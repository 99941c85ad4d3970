"""A page's Markdown in pieces that a notebook can show: plain Markdown, headings, and the blocks that are run.

The book's own fences and figures become ordinary text with a link to the page, where they work. Formulas stay as they
are, `$…$` and `$$…$$`: notebooks set them.
"""

import html
import re
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent, indent

from markdown.extensions.toc import slugify, unique

from deepbook.course.stubs import stub
from deepbook.site import exercise, quiz, show
from deepbook.site.fences import PACKAGE
from deepbook.site.language import target, words

FENCE = re.compile(r"^( *)(`{3,}|~{3,}) *(.*)$")
OPTION = re.compile(r"""(\w+)(?:=(?:"([^"]*)"|'([^']*)'|(\S+)))?""")
BOX = re.compile(r"""^(?:!!!|\?\?\?\+?|===\+?) *([\w -]*?) *(?:"(.*)")?$""")
HEADING = re.compile(r"^(#{1,6}) +(.*?)\s*#*$")
ATTRIBUTES = re.compile(r"[ \t]*\{(?::|[#.][\w-])[^{}\n]*\}")
IDENTITY = re.compile(r"\{[^{}\n]*#([\w-]+)[^{}\n]*\}")
FIGURE = r"<figure\b[^>]*\bdata-widget=.*?</figure>"
KEPT = re.compile(rf"{FIGURE}|(`+)(?!`).+?(?<!`)\1(?!`)|\$\$.+?\$\$|\$(?!\s)[^$]+?(?<!\s)\$", re.S)  # code, formulas
LABEL = re.compile(r"\s*\\label\{[\w-]+\}")  # two cells with one label are an error there
TARGET = re.compile(r"""(\]\(|\b(?:href|src)=")([^)\s"]+)""")


@dataclass(frozen=True)
class Piece:
    """A part of the page. kind: "text", "heading", or "run", the code of a block; then `options` are its fence's."""

    kind: str
    text: str
    options: dict[str, str] = field(default_factory=dict, hash=False)


@dataclass
class Page:
    """Where a page stands, and what was met on it so far.

    name: its file relative to `chapters/`. book: the folder with `exercises/`. base: what leads from the notebook to
    the folder of the page, "../" or an address. verdicts: which options of its quizzes are right, where that is known.
    """

    name: str
    book: Path
    base: str = "../"
    section: str = ""
    sections: set[str] = field(default_factory=set)
    quizzes: int = 0
    verdicts: dict[int, tuple[bool, ...]] = field(default_factory=dict)

    @property
    def say(self):
        """The site's own words, in the language of the page."""
        return words(self.book, self.name)

    def address(self, anchor=""):
        """The page itself, or a place on it."""
        return f"{self.base}{Path(self.name).stem}.html" + (f"#{anchor}" if anchor else "")

    def link(self, to):
        """A link of the page as it must be in the notebook."""
        if re.match(r"[a-z][a-z0-9+.-]*:|/", to):
            return to
        if to.startswith("#"):
            return self.address(to[1:])
        return self.base + re.sub(r"\.md(?=#|$)", ".html", target(self.book, self.name, to))


def pieces(source: str, page: Page) -> list[Piece]:
    """The pieces of a page's Markdown (without its front matter), in order."""
    found, waiting, lines = [], [], source.splitlines()

    def flush():
        if text := prose("\n".join(waiting), page):
            found.append(Piece("text", text))
        waiting.clear()

    while lines:
        line = lines.pop(0)
        if fence := FENCE.match(line):
            body = fenced(lines, fence[2])
            inside = "\n".join(each.removeprefix(fence[1]) for each in body)
            flush()
            found += of_fence(fence, inside, page)
        elif (box := BOX.match(line)) and lines and (not lines[0].strip() or lines[0].startswith("    ")):
            flush()
            found.append(Piece("text", f"**{box[2] or box[1].capitalize()}**"))
            found += pieces(dedent("\n".join(indented(lines))), page)
        elif heading := HEADING.match(line):
            flush()
            found.append(heading_piece(heading, page))
        else:
            waiting.append(line)
    flush()
    return found


def fenced(lines, marks):
    """Take the lines of a fence, to its end, off the list."""
    body = []
    while lines:
        line = lines.pop(0)
        if line.strip().startswith(marks) and not line.strip().strip(marks[0]):
            break
        body.append(line)
    return body


def indented(lines):
    """Take the lines of an indented block off the list."""
    body = []
    while lines and (not lines[0].strip() or lines[0].startswith("    ")):
        body.append(lines.pop(0))
    return body


def heading_piece(heading, page):
    """A heading without its id; the id is where links to this part of the page lead."""
    words = prose(heading[2], page)
    identity = IDENTITY.search(heading[2])
    page.section = identity[1] if identity else unique(slugify(re.sub(r"[*_`$]", "", words), "-"), page.sections)
    page.sections.add(page.section)
    return Piece("heading", f"{heading[1]} {words}")


def of_fence(fence, inside, page):
    """The pieces that stand for one fence."""
    language, _, rest = fence[3].partition(" ")
    options = {name: a or b or c for name, a, b, c in OPTION.findall(rest)}
    if language == "python" and "run" in options:
        return [Piece("run", inside, options), *of_figure(options, page)]
    if language == "python" and "show" in options:
        return [Piece("text", listing(inside, page.say, "nodoc" not in options))]
    if language == "quiz":
        page.quizzes += 1
        return [Piece("text", question(quiz.parse(inside), page))]
    if language == "exercise":
        return [Piece("text", task(inside.strip(), page))]
    return [Piece("text", indent(f"{fence[2]}{language}\n{inside}\n{fence[2]}", fence[1]))]


def prose(text, page):
    """Text without what only the site understands; its links lead to the site."""
    parts, at = [], 0
    for kept in KEPT.finditer(text):
        inside = moving(kept[0], page) if kept[0].startswith("<figure") else LABEL.sub("", kept[0])
        parts += [outside(text[at : kept.start()], page), inside]
        at = kept.end()
    return "".join([*parts, outside(text[at:], page)]).strip("\n")


def outside(text, page):
    """The same for a part of the text that is neither code nor a formula."""
    text = ATTRIBUTES.sub("", re.sub(r"<!--.*?-->", "", text, flags=re.S))
    return TARGET.sub(lambda found: found[1] + page.link(found[2]), text)


def details(summary, text):
    """Text that unfolds."""
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def of_figure(options, page):
    """What is said about the figure that a block leaves: its caption, and the words for who cannot see it."""
    said = [prose(options["caption"], page)] if options.get("caption") else []
    if options.get("alt"):
        said.append(details(page.say("The figure in words"), html.escape(options["alt"], quote=False)))
    return [Piece("text", each) for each in said]


def moving(figure, page):
    """A figure that a hand moves: what it shows, its question, and where it is."""
    fallback, caption = (
        found[1] if (found := re.search(rf"<{tag}\b[^>]*>(.*?)</{tag}>", figure, re.S)) else ""
        for tag in ("p", "figcaption")
    )
    name, _, asks = caption.rpartition("</strong>")
    name, asks, fallback = (html.unescape(re.sub(r"<[^>]+>", "", each)).strip() for each in (name, asks, fallback))
    say = page.say
    shows = fallback.partition(say("With JavaScript"))[0].rstrip()
    here = say("You can move it [on the page]({here}).", here=page.address(page.section))
    return f"**{name or say('A figure to move.')}** {shows} {here} {asks}"


def listing(names, say, docstring):
    """The book's own code, as the page shows it."""
    cut = [show.find_module(name) for name in names.split()]
    files = dict.fromkeys(file.relative_to(PACKAGE.parent).as_posix() for file, _ in cut)
    code = show._join([show.cut(file, inside, docstring) for file, inside in cut])
    start = say("From {files}:", files=", ".join(f"`{file}`" for file in files))
    return f"{start}\n\n```python\n{code}\n```"


def question(asked, page):
    """A self-test: the question, its options, and folded away what a teacher says to each."""
    say, address = page.say, page.address(f"quiz-{page.quizzes}")
    start = f"**{say('Question.')}** {prose(asked.question, page)}"
    if asked.answer:
        return f"{start}\n\n{details(say('Answer'), prose(asked.answer, page))}"
    letters = [f"- **{letter}.**" for letter in "abcdefghijklmnopqrstuvwxyz"[: len(asked.options)]]
    both = list(zip(letters, asked.options, strict=True))
    options = "\n".join(f"{letter} {prose(each.text, page)}" for letter, each in both)
    right = page.verdicts.get(page.quizzes) or [each.right for each in asked.options]
    said = [{True: f"{say('Right.')} ", False: f"{say('Not this one.')} ", None: ""}[each] for each in right]
    why = "\n".join(f"{letter} {word}{prose(each.why, page)}" for (letter, each), word in zip(both, said, strict=True))
    here = say("You can also answer it [on the page]({here}).", here=address)
    return f"{start}\n\n{options}\n\n{details(say('Each answer explained'), why)}\n\n{here}"


def task(name, page):
    """An exercise: what to complete, where, and how to check it."""
    found = exercise.find(name, page.book, page.name)
    solution = (page.book / "solutions" / found.file).read_text(encoding="utf-8")
    code = show.cut_from(stub(solution), (found.name,), file=found.file)
    here = page.address(found.address.partition("#")[2])
    say = page.say
    task = say("In {file}, complete:", file=f"`{found.file}`")
    check = say("In a terminal, `{command}` checks your answer.", command=f"deepbook check {found.name}")
    hints = say("Four hints are [on the page]({here}).", here=here)
    return (
        f"**{say('Exercise')}: {prose(found.title, page)}** ({exercise.points(say, found)}, "
        f"{exercise.minutes(say, found)}). {task}\n\n```python\n{code}\n```\n\n{check} {hints}"
    )
