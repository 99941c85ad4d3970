"""What `deepbook learn` shows in a terminal: from a session's state to the rows of a window of any size."""

import re
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.segment import Segment
from rich.style import Style
from rich.syntax import ANSISyntaxTheme, Syntax, Token
from rich.text import Text

from deepbook.course import tell
from deepbook.course.errors import short
from deepbook.course.index import section_in_words
from deepbook.course.runner import LIMIT_S

KEYS = (
    ("n", "next", "go to the next exercise that does not pass"),
    ("h", "hint", "show a hint; again, one more"),
    ("l", "list", "list all exercises, and go to one of them"),
    ("o", "open", "open the exercise in your editor ($VISUAL, $EDITOR, or VS Code)"),
    ("c", "check", "test the file again; saving it does the same"),
    ("r", "reset", "hand the exercise out again; what you wrote is kept as a backup"),
    ("s", "solution", "show the book's answer"),
    ("?", "help", "show this"),
    ("q", "quit", "end; so does Ctrl-C. `deepbook learn` goes on where you stopped"),
)
FOOTERS = {
    "exercise": [key[:2] for key in KEYS],
    "list": [("↑↓", "move"), ("Enter", "go there"), ("l", "close")],
    "solution": [("↑↓", "scroll"), ("q", "close")],
    "help": [("↑↓", "scroll"), ("q", "close")],
    "question": [("y", "yes"), ("n", "no")],
}
CODE = ANSISyntaxTheme(  # the terminal's own colours, those that can be read on black and on white
    {
        Token: Style(),
        Token.Comment: Style(italic=True),
        Token.Keyword: Style(bold=True, color="magenta"),
        Token.Name.Function: Style(bold=True),
        Token.Literal.String: Style(color="green"),
        Token.Literal.Number: Style(color="cyan"),
    }
)
PATIENCE_S = 3  # a run that takes longer says how long
ASCII = str.maketrans("↑↓–—…━─“”·⏎▸", '^v--~#-""->>')
ERROR_AT = re.compile(r"(\S+), line (\d+)[,:]")  # how a message begins that knows where the error is
COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass
class Look:
    """What the learner looks at."""

    page: str = "exercise"  # or "list", "solution", "help"
    exercise: str | None = None  # the one that is shown
    chosen: bool = False  # whether the learner asked for it; if not, it is the one that the last run was about
    news: bool = True  # whether what the last run passed is still worth saying
    cursor: int = 0  # the exercise of the list that the cursor is on, counted from 0
    top: int = 0  # how many rows are scrolled away
    seek: str = ""  # what the next frame must show, wherever it is: the mark of a piece
    note: str = ""  # a sentence, until the next key or the next verdict
    question: str = ""  # a sentence to be answered by y or n
    checked: str = ""  # what the last run tested, and when
    seconds: int = 0  # how long the run under way has been going on
    answer: tuple[str, str] = ("", "")  # the name and the code that the page "solution" shows


@dataclass
class Frame:
    """The rows of a window, and what of the page they show."""

    rows: list[list[Segment]]
    top: int = 0
    room: int = 1  # rows that the page has
    length: int = 0  # rows that it needs


def harmless(text: str) -> str:
    """`text` from a learner's code, with nothing in it that moves a cursor, hides letters or colours a terminal."""
    text = COLOUR.sub("", text).replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    return UNSEEN.sub(lambda match: chr(0x2400 + ord(match[0])) if match[0] < "\x20" else "\ufffd", text)


def current(look: Look, state: dict) -> dict | None:
    """The exercise that is shown; None if there is none in the book."""
    return state["exercises"].get(look.exercise)


def word(exercise: dict) -> tuple[str, str]:
    """Its state, in words and as a colour."""
    if exercise["status"] == "passed" and not exercise["fresh"]:
        return tell.PASSED_BEFORE
    return tell.WORDS[exercise["status"]]


def spot(workspace, exercise: dict) -> tuple[str, int]:
    """(file, line) of what is to be done: of the error if it is known, or else of the function."""
    found = ERROR_AT.match(exercise["message"]) if exercise["status"] not in ("passed", "todo") else None
    if found and found[1] in {each.file for each in workspace.index.sets}:
        return found[1], int(found[2])
    return exercise["file"], exercise["line"]


def place(workspace, exercise: dict) -> str:
    file, line = spot(workspace, exercise)
    return f"{short(workspace.folder / file)}:{line}"


def shortened(note: str, width: int) -> str:
    """`note` with no path in it that is too long for a line: the folders at its left go."""

    def fitting(match):
        parts = re.split(r"(?<=[/\\])", match[0])
        while len(parts) > 2 and sum(map(len, parts)) > room - 2:
            del parts[0]
        return "…/" + "".join(parts)

    room = max(width - 10, 12)
    return re.sub(r"\S*[/\\]\S*", lambda match: fitting(match) if len(match[0]) > room else match[0], note)


# ------------------------------------------------------------------ the whole window


def frame(look: Look, state: dict, workspace, address: str, console: Console, width: int, height: int) -> Frame:
    """The window, row by row, however small it is: what has no room is left out, or scrolled to."""
    options = console.options.update(width=width, height=None, highlight=False)

    def rows(thing, no_wrap=False):
        some = options.update(no_wrap=True, overflow="ellipsis") if no_wrap else options
        return console.render_lines(thing, some, pad=False)

    foot = rows(_footer("question" if look.question else look.page, width, height))
    words = Text(harmless(look.question or shortened(look.note, width)), "bold")
    said = rows(words) if words else []
    pieces = list(PAGES[look.page](look, state, workspace, address, console))
    if len(said) > max(height - 4, 1) // 2:  # too long to stand still: it is read as part of the page
        pieces, said = [("said", words), ("", Text()), *pieces], []
    room = height - len(foot) - len(said)
    head = rows(_header(state, address, width, room > 10), no_wrap=True) if room > 3 else []
    if look.page == "exercise" and room > 9:
        head += rows(_chapters(look, state, width, room // 3 if room > 18 else 1), no_wrap=True)
    head += [[]] if room > 12 else []
    room = max(room - len(head) - (room > 2), 1)

    page, marks = [], {}
    for mark, thing in pieces:
        new = rows(thing)
        marks[mark] = len(page), len(page) + len(new)
        page += new
    top = _scroll(look, marks, len(page), room)
    seen = page[top : top + room]
    seen += [[]] * (room - len(seen))
    status = rows(_status(look, state, width, top, room, len(page)), no_wrap=True)
    whole = [*head, *seen, *status, *said, *foot] if height > len(foot) + len(said) + 2 else [*seen, *said, *foot]
    return Frame(whole[:height], top, room, len(page))


def _scroll(look, marks, length, room) -> int:
    top = look.top
    if look.seek and look.seek in marks:
        first, last = marks[look.seek]
        top = min(max(top, last - room), first)
    return max(min(top, length - room), 0)


def _bar(passed, total, width) -> Text:
    full = width * passed // max(total, 1)
    return Text.assemble(("━" * full, "green"), ("─" * (width - full), "dim"))


def _header(state, address, width, second) -> Text:
    passed, total = state["passed"], state["total"]
    count = f"{passed} of {tell.plural(total, 'exercise')} {'passes' if passed == 1 else 'pass'}"
    left = len(f"deepbook    {count}")
    bar = min(width - left - (len(address) + 3 if address and width - left - len(address) > 13 else 0), 30)
    line = Text.assemble(("deepbook", "bold"), "  ")
    if bar > 3:
        line.append(_bar(passed, total, bar)).append("  ")
    line.append(count if width >= left else f"{passed} of {total}")
    if address:
        gap = width - line.cell_len - len(address)
        if gap > 1:
            line.append(" " * gap).append(address, f"dim link {address}")
        elif second:
            line.append("\n").append(address, f"dim link {address}")
    return line


def _chapters(look, state, width, most) -> Text:
    """A line for each chapter; if that is more than `most`, one for the chapter of the exercise."""
    chapters = state["chapters"]
    if len(chapters) > most:
        exercise = current(look, state)
        chapters = [each for each in chapters if exercise and each["folder"] == exercise["chapter"]]
    names = [f"{int(each['folder'][2:4])} {each['title']}" for each in chapters]
    longest = min(max(map(cell_len, names), default=0), max(width - 20, 10))
    lines = []
    for name, each in zip(names, chapters, strict=True):
        line = Text(name, overflow="ellipsis", no_wrap=True)
        line.truncate(longest, overflow="ellipsis", pad=True)
        line.append("  ").append(_bar(each["passed"], each["total"], min(max(width - longest - 10, 0), 20)))
        lines.append(line.append(f"  {each['passed']}/{each['total']}"))
    return Text("\n").join(lines)


def _status(look, state, width, top, room, length) -> Text:
    """The line under the page: what is being tested, or when it was; and which lines of the page are seen."""
    running = [state["exercises"][each]["file"] for each in state["running"] if each in state["exercises"]]
    left = f"checking {files(running)} …" if running else look.checked
    if running and look.seconds >= PATIENCE_S:
        left += f" {look.seconds} s"
        more = f"{left}; an endless loop is stopped after {LIMIT_S:g} s"
        left = more if len(more) + (28 if length > room else 4) < width else left
    right = f"↑↓ lines {top + 1}–{min(top + room, length)} of {length}" if length > room else ""
    if right and len(left) + len(right) + 12 > width:
        right = f"↑↓ {top + 1}–{min(top + room, length)}/{length}"
        left = left if len(left) + len(right) + 10 < width else left[: max(width - len(right) - 12, 0)] + "…"
    line = Text("── ", "dim") if left else Text()
    line.append(f"{left} " if left else "", "bold" if running else "dim")
    line.append("─" * max(width - line.cell_len - (len(right) + 4 if right else 0), 2), "dim")
    return line.append(f" {right} ").append("──", "dim") if right else line


def files(names) -> str:
    """`neuron.py`, or how many there are."""
    every = sorted({name.rsplit("/", 1)[-1] for name in names})
    return " and ".join(every) if len(every) < 3 else tell.plural(len(set(names)), "file")


def _footer(page, width, height) -> Text:
    """The keys, in one line or two; only their letters where there is no room for more."""
    lines = [Text()]
    for key, name in FOOTERS[page]:
        if lines[-1].cell_len and lines[-1].cell_len + len(f"{key} {name}") + 2 > width:
            lines.append(Text())
        lines[-1].append("  " if lines[-1].cell_len else "").append(key, "bold").append(f" {name}")
    if len(lines) > (2 if height > 12 else 1):
        return Text(" ".join(key for key, _ in FOOTERS[page]), "bold", no_wrap=True, overflow="crop")
    return Text("\n").join(lines)


# ------------------------------------------------------------------ the pages: pieces, each with a mark


def _exercise(look, state, workspace, address, console):
    if state["problem"]:
        yield "problem", Text(harmless(state["problem"]), "red")
        yield "", Text()
    newly = [state["exercises"][each]["name"] for each in state["newly"] if each in state["exercises"]]
    if newly and look.news:
        yield "newly", Text(f"Passed: {', '.join(newly)}.", "bold green")
        yield "", Text()
    exercise = current(look, state)
    if exercise is None:
        yield "", Text("There are no exercises here.")
    elif state["next"] is None and not look.chosen:
        yield from _finished(workspace, console)
    else:
        yield from _one(exercise, state, workspace, address)


def _one(exercise, state, workspace, address):
    """One exercise: what it is, how it stands, its hints, and where it is in the book."""
    said, colour = word(exercise)
    following = "Next: " if exercise["status"] == "todo" and exercise["id"] == state["next"] else ""
    yield "title", Text.assemble((f"{following}{exercise['name']}", "bold"), f" — {exercise['title']}")
    effort = f"{tell.plural(exercise['points'], 'point')}, about {tell.plural(exercise['minutes'], 'minute')}"
    yield "state", Text.assemble((said, colour), (f"  ·  {effort}", "dim"))
    yield "place", Text(place(workspace, exercise))
    yield "", Text()
    if exercise["status"] == "passed":
        go_on = "n goes to the next one that does not pass. " if state["next"] else ""
        yield "message", Text(f"{go_on}s shows the book's answer, to compare with yours.")
        yield "", Text()
    elif exercise["status"] == "todo":
        yield "message", Text("Write your answer there (o opens it) and save: the tests run by themselves.")
        yield "", Text()
    else:
        yield from _failure(exercise, state)
    total = exercise["all_hints"]
    for number, hint in enumerate(exercise["hints"], 1):
        yield f"hint {number}", Text.assemble((f"Hint {number} of {total}: ", "bold"), hint, "\n")
    words = section_in_words(exercise["page"], exercise["section"])
    book = f"{address}/{exercise['address']}" if address else words
    yield "book", Text.assemble(("In the book: ", "dim"), (book, f"dim link {book}" if address else "dim"))


def _failure(exercise, state):
    if not exercise["fresh"] and exercise["id"] not in state["running"]:
        yield "", Text("You have changed the file since; c checks it again.\n", "dim")
    if exercise["about"]:
        yield "about", Padding(Text(harmless(exercise["about"]), "dim"), (0, 0, 0, 2), expand=False)
    message = Text(harmless(exercise["message"]) or "c checks it and says why.")
    if exercise["mistake"]:
        message.stylize("bold", message.plain.rfind("\n") + 1)
    yield "message", Padding(message, (0, 0, 0, 2), expand=False)
    if exercise["printed"]:
        yield "", Text("\n  Your code printed:", "dim")
        yield "printed", Padding(Text(harmless(exercise["printed"].rstrip())), (0, 0, 0, 4), expand=False)
    yield "", Text()


def _finished(workspace, console):
    with console.capture() as caught:
        tell.finished(console, workspace)
    yield "finished", Text.from_ansi(caught.get())
    yield "", Text("\nHere: l lists the exercises; s shows the book's answer to the one that you go to.")


def ordered(workspace, state) -> list[str]:
    """The ids of the exercises, in the order of the book."""
    return [each.id for each in workspace.index.exercises if each.id in state["exercises"]]


def _list(look, state, workspace, address, console):
    ids = ordered(workspace, state)
    here = ids[look.cursor] if look.cursor < len(ids) else None
    names = max((len(each["name"]) for each in state["exercises"].values()), default=0)
    words = max((len(word(each)[0]) for each in state["exercises"].values()), default=0)
    for chapter, stand in zip(workspace.index.chapters, state["chapters"], strict=False):
        heading = Text(f"{int(chapter.folder[2:4])} {chapter.title}", "bold", no_wrap=True, overflow="ellipsis")
        yield f"chapter {chapter.folder}", heading.append(f"  {stand['passed']}/{stand['total']}", "not bold")
        for each in chapter.sets:
            line = Text.assemble(f"  {each.title}  ", (each.file, "dim"), no_wrap=True, overflow="ellipsis")
            yield f"set {each.file}", line
            for exercise in (state["exercises"][e.id] for e in each.exercises if e.id in state["exercises"]):
                said, colour = word(exercise)
                marker, style = ("▸ ", "reverse") if exercise["id"] == here else ("  ", "")
                line = Text.assemble(f"  {marker}", (f"{said:<{words}}", colour), f"  {exercise['name']:<{names}}  ")
                line.append(exercise["title"]).no_wrap, line.overflow = True, "ellipsis"
                line.stylize(style)
                yield exercise["id"], line


def _solution(look, state, workspace, address, console):
    name, code = look.answer
    yield "", Text.assemble("The book's answer to ", (name, "bold"), "\n")
    yield "", Syntax(code, "python", theme=CODE, word_wrap=True, background_color="default")


def _help(look, state, workspace, address, console):
    yield "", Text("Write your answer in the file and save it: its tests run, and their result is shown here.\n")
    for key, name, meaning in KEYS:
        yield key, Padding(Text.assemble((f"{key}  {name}", "bold"), f": {meaning}"), (0, 0, 0, 2), expand=False)
    yield "", Text("\n↑ and ↓ (or k and j), PgUp and PgDn, Home and End scroll.")
    yield "", Text("q closes this page; the other keys work here, too.")
    yield "", Text(f"Your exercises are in {workspace.folder}")


PAGES = {"exercise": _exercise, "list": _list, "solution": _solution, "help": _help}
