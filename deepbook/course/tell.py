"""How results are said in a terminal: a compact list, and one failing exercise in full."""

import os
import shutil
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from deepbook.course import splice
from deepbook.course.errors import short
from deepbook.course.index import Exercise, section_in_words
from deepbook.course.results import Report, Result
from deepbook.course.workspace import Workspace

WORDS = {
    "passed": ("passed", "green"),
    "failed": ("failed", "red"),
    "todo": ("to do", "default"),
    "broken": ("cannot run", "red"),
    "stuck": ("never ended", "red"),
    "crashed": ("crashed", "red"),
}
PASSED_BEFORE = ("passed, changed since", "green")


def console(stderr: bool = False) -> Console:
    """Where we write: with colour and animation only in a terminal, and without NO_COLOR."""
    stream = sys.stderr if stderr else sys.stdout
    plain = not stream.isatty()
    width = 100_000 if plain and "COLUMNS" not in os.environ else None
    return Console(file=stream, highlight=False, soft_wrap=plain, width=width, no_color=plain or None)


def how_to_call() -> str:
    """What to do in a terminal that does not find `deepbook`; "" where it does."""
    if shutil.which("deepbook"):
        return ""
    windows = os.name == "nt"
    script = Path(sys.prefix) / ("Scripts\\Activate.ps1" if windows else "bin/activate")
    if not script.exists():
        return ""
    return f"(To call `deepbook` by its name, once in each terminal: `{'' if windows else 'source '}{short(script)}`)"


def plural(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def place(workspace: Workspace, exercise: Exercise) -> str:
    """`ch01_perceptron/neuron.py:34`: a path from here and the line of the function, as editors open it."""
    path = workspace.folder / exercise.file
    return f"{short(path)}:{line_of(workspace, exercise)}"


def line_of(workspace: Workspace, exercise: Exercise) -> int:
    try:
        text = (workspace.folder / exercise.file).read_bytes().decode(errors="replace")
    except OSError:
        return 1
    return splice.line_number(text, exercise.name)


def table(out: Console, workspace: Workspace, rows: list[tuple[Exercise, tuple[str, str], str]]):
    """Exercises by chapter and set: (exercise, (word, colour), what is said last in its line)."""
    names = max((len(exercise.name) for exercise, _, _ in rows), default=0)
    words = max((len(word) for _, (word, _), _ in rows), default=0)
    for chapter in workspace.index.chapters:
        for each in chapter.sets:
            mine = [row for row in rows if row[0].file == each.file]
            if mine:
                out.print(f"[bold]{escape(each.title)}[/bold]  [dim]{escape(each.file)}[/dim]")
            for exercise, (word, colour), last in mine:
                line = Text.assemble((f"  {word:<{words}}  ", colour), f"{exercise.name:<{names}}  ", (last, "dim"))
                line.rstrip()
                out.print(line, no_wrap=True, overflow="ellipsis")


def report_rows(report: Report):
    return [(result.exercise, WORDS[result.status], result.exercise.title) for result in report]


def failure(out: Console, workspace: Workspace, result: Result, full: bool = False, book: str = ""):
    """One exercise that does not pass yet: why, and where to look.

    book: the book's local address, if it is served.
    """
    exercise = result.exercise
    if result.status == "todo":
        out.print(f"[bold]Next: {exercise.name}[/bold] — {escape(exercise.title)}")
        out.print(f"  Your answer goes here: {escape(place(workspace, exercise))}")
    else:
        word, colour = WORDS[result.status]
        out.print(f"[bold {colour}]{exercise.name}: {word}[/bold {colour}]  [dim]{place(workspace, exercise)}[/dim]")
        if result.about:
            _paragraph(out, result.about, "dim")
        _paragraph(out, result.full if full and result.full else result.message)
        if result.printed:
            out.print("  [dim]Your code printed:[/dim]")
            _paragraph(out, result.printed, indent=4)
    where = f"{book}/{exercise.address}" if book else section_in_words(exercise.page, exercise.section)
    out.print(f"  [dim]In the book: {escape(where)}[/dim]")
    out.print(f"  [dim]A hint: deepbook hint {exercise.name}[/dim]")


def _paragraph(out, text, style="default", indent=2):
    if out.soft_wrap:
        out.print("\n".join(" " * indent + line for line in text.splitlines()), style=style, markup=False)
    else:
        out.print(Padding(Text(text, style), (0, 0, 0, indent), expand=False))


def count(out: Console, passed: int, total: int):
    out.print(f"{passed} of {plural(total, 'exercise')} {'passes' if 1 in (passed, total) else 'pass'}.")


def finished(out: Console, workspace: Workspace):
    """All exercises pass: say so, and what one may do now."""
    total = len(workspace.index.exercises)
    points = sum(each.points for each in workspace.index.exercises)
    out.print(f"[bold green]All {plural(total, 'exercise')} pass: {plural(points, 'point')}. Well done.[/bold green]")
    out.print("What now: compare your answers with the book's (`deepbook solution NAME`),")
    if workspace.is_clone:
        out.print("or fetch new chapters with `git pull`.")
    else:
        out.print("or fetch new chapters: `pip install --upgrade deepbook`, then `deepbook update`.")
