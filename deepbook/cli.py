"""The one door: `deepbook …`. Each command imports what it needs when it runs, so that help answers at once."""

import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from deepbook.course.errors import CODES, MachineProblem, Problem, from_os

What = Annotated[str, typer.Argument(help="An exercise, a set, a file or a chapter, for example: xor, neuron, ch01.")]


class Door(TyperGroup):
    """The one place where an error becomes a sentence and an exit code."""

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except (Problem, OSError, KeyboardInterrupt) as error:
            if isinstance(error, BrokenPipeError) or debugging(ctx):
                raise
            sys.exit(say(error))
        except Exception as error:
            if debugging(ctx) or type(error).__module__.startswith(("click", "typer")):
                raise
            sys.exit(say_unexpected(error))


def debugging(ctx) -> bool:
    return bool(ctx.params.get("debug")) or os.environ.get("DEEPBOOK_DEBUG", "") not in ("", "0")


def say(error) -> int:
    if isinstance(error, KeyboardInterrupt):
        return 130
    problem = from_os(error) if isinstance(error, OSError) else error
    print(problem, file=sys.stderr)
    return problem.code


def say_unexpected(error) -> int:
    print(
        f"Something unexpected happened in deepbook itself ({type(error).__name__}: {str(error)[:300]}). "
        "Your files are as they were.\nPlease report it: run the same command as `deepbook --debug …` and send what it "
        "prints, with the output of `deepbook doctor`.",
        file=sys.stderr,
    )
    return MachineProblem.code


app = typer.Typer(
    cls=Door,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=CODES,
)
data = typer.Typer(no_args_is_help=True, help="The data sets of the book.")
app.add_typer(data, name="data", epilog=CODES)


def command(name: str):
    return app.command(name, epilog=CODES)


def _version(wanted: bool):
    if wanted:
        from deepbook import __version__

        print(f"deepbook {__version__}")
        raise typer.Exit


@app.callback()
def door(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
):
    """A textbook of deep learning that you complete until it passes. Begin with `deepbook learn`."""


@command("learn")
def learn(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Serve the book at this port; else 8000.")] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the book in a browser.")] = False,
    no_book: Annotated[bool, typer.Option("--no-book", help="Only watch the exercises.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Check what changed, then stop.")] = False,
):
    """Open the book and watch your exercises: every save shows its result."""
    from deepbook.course.watch import learn

    sys.exit(learn(port, not no_open, not no_book, once))


@command("build")
def build(
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="The folder to write to.")] = Path("book"),
    pdf: Annotated[bool, typer.Option("--pdf", help="Also one PDF of it all; needs Chromium or Chrome.")] = False,
    epub: Annotated[bool, typer.Option("--epub", help="Also an EPUB of the whole book.")] = False,
):
    """Write the book: pages that open from a folder, without a server or network; a PDF; an EPUB."""
    from deepbook.site.build import command

    command(to.absolute(), pdf, epub)


@command("start")
def start(folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")] = Path("my-deepbook")):
    """Make a folder of your own with all exercises. Nothing that exists is changed."""
    from deepbook.course import commands

    sys.exit(commands.start(folder))


@command("check")
def check(
    what: Annotated[
        list[str] | None, typer.Argument(help="Exercises, sets, files or chapters; without any: everything.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Show every failure with its traceback.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
    answers: Annotated[str, typer.Option(help="Whose answers to test: exercises (yours) or solutions.")] = "exercises",
):
    """Test your answers: a short list, and what to mend first."""
    from deepbook.course.checking import check

    if answers not in ("exercises", "solutions"):
        raise Problem(f"--answers is “exercises” or “solutions”, not “{answers}”.")
    sys.exit(check(what or [], full, as_json, answers))


@command("next")
def next_():
    """Name the next exercise: file and line, page, time."""
    from deepbook.course import commands

    sys.exit(commands.next_())


@command("hint")
def hint(
    what: Annotated[str | None, typer.Argument(help="An exercise; without: the next unsolved one.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Show all its hints.")] = False,
):
    """Show a hint; asked again, the next one."""
    from deepbook.course import commands

    sys.exit(commands.hint(what, every))


@command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False):
    """List all exercises with their state, points and time."""
    from deepbook.course import commands

    sys.exit(commands.list_(as_json))


@command("reset")
def reset(what: What):
    """Hand out an exercise (or a whole file) again. What you wrote is kept as a dated backup."""
    from deepbook.course import commands

    sys.exit(commands.reset(what))


@command("diff")
def diff(what: What):
    """Show what you changed against the empty exercise."""
    from deepbook.course import commands

    sys.exit(commands.diff(what))


@command("solution")
def solution(
    what: What,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
):
    """Show the book's answer; asks first while yours does not pass."""
    from deepbook.course import commands

    sys.exit(commands.solution(what, yes))


@command("update")
def update():
    """Bring the exercises of a newer deepbook into your folder. Files that you edited stay as they are."""
    from deepbook.course import commands

    sys.exit(commands.update())


@command("doctor")
def doctor():
    """Look at this machine: Python, JAX, folders, disk, data, network."""
    from deepbook.course.doctor import doctor

    sys.exit(doctor())


@app.command("lab", epilog=CODES, context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def lab(
    name: Annotated[str | None, typer.Argument(help="A lab; without: list them.")] = None,
    options: Annotated[
        list[str] | None, typer.Argument(help="Its options; `deepbook lab NAME --help` names them.")
    ] = None,
):
    """Run a chapter's lab: an experiment on real data. Its figures and numbers go to a folder `lab-NAME`."""
    from deepbook.course import commands

    sys.exit(commands.lab(name, options or []))


Submissions = Annotated[
    Path, typer.Argument(metavar="SUBMISSIONS", help="A folder or zip of submissions: a folder or zip a student.")
]
CourseFolder = Annotated[
    Path | None, typer.Option("--course", metavar="DIR", help="The folder with course.toml; else here or beside them.")
]
Chapters = Annotated[str | None, typer.Option(help="Without a course.toml: the chapters or sets, for example 1,2.")]
Grades = Annotated[Path, typer.Option("--to", metavar="DIR", help="The folder of results.")]
Jobs = Annotated[int | None, typer.Option(min=1, help="How many at a time; else one for each core.")]
Scheduler = Annotated[str | None, typer.Option(metavar="ADDRESS", help="Use the Dask cluster of this scheduler.")]
Isolation = Annotated[str, typer.Option(help="The jail: best, bubblewrap, landlock, or none (not safe).")]
Only = Annotated[list[str] | None, typer.Option(metavar="STUDENT", help="Only this student; may be repeated.")]


@command("release")
def release(
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="The folder of the assignment.")] = Path("homework"),
    chapters: Annotated[
        str | None, typer.Option(help="Chapters or sets, for example 1,ch02/backprop; without: the whole book.")
    ] = None,
    due: Annotated[str | None, typer.Option(metavar="TIME", help="The due time: 2026-12-01T23:59, or a date.")] = None,
    points: Annotated[str | None, typer.Option(help="Points unlike the book's, for example update=3,xor=2.")] = None,
    late: Annotated[str | None, typer.Option(help="What late work costs: “10% a day, at most 5 days”, …")] = None,
    partial: Annotated[bool, typer.Option("--partial", help="Some points where only some tests pass.")] = False,
    name: Annotated[str | None, typer.Option(help="The assignment's name.")] = None,
):
    """Make a handout for a class, and course.toml for its instructor. Again, after edits there: renew the handout."""
    from deepbook.grading.release import command

    sys.exit(command(to, chapters, due, points, late, partial, name))


@command("grade")
def grade(
    submissions: Submissions,
    course: CourseFolder = None,
    chapters: Chapters = None,
    to: Grades = Path("grades"),
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    isolation: Isolation = "best",
    only: Only = None,
):
    """Grade a class: a record and feedback for each student, and one table. Run again, it goes on where it was."""
    from deepbook.grading import commands

    sys.exit(commands.grade(submissions, course, chapters, to, jobs, scheduler, isolation, only or []))


@command("regrade")
def regrade(
    submissions: Annotated[
        Path | None, typer.Argument(metavar="SUBMISSIONS", help="The folder or zip; else the one graded last.")
    ] = None,
    changed: Annotated[bool, typer.Option("--changed", help="Only where work, tests or settings changed.")] = False,
    course: CourseFolder = None,
    chapters: Chapters = None,
    to: Grades = Path("grades"),
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    isolation: Isolation = "best",
    only: Only = None,
):
    """Grade again and show which scores changed. The old table is kept, with its date."""
    from deepbook.grading import commands

    sys.exit(commands.regrade(submissions, course, chapters, to, jobs, scheduler, isolation, only or [], changed))


@command("report")
def report(to: Grades = Path("grades")):
    """Show how a class did: scores, the hardest exercises, the commonest mistakes. Also writes report.md and a plot."""
    from deepbook.grading import report, store

    records, assignment = store.read(to)
    report.show(records)
    print(f"\nWritten: {report.write(records, assignment, to)}")


@command("export")
def export(
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="FORMAT",
            help="csv, canvas, gradescope, classroom50, junit, nbgrader, otter, exercism, check50 or prairielearn.",
        ),
    ],
    grades: Annotated[Path, typer.Option(metavar="DIR", help="The folder of results.")] = Path("grades"),
    from_: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="For canvas: the gradebook exported there, to be filled in."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to write; else `export` in the folder of results.")
    ] = None,
):
    """Write the scores for another program: a table, a gradebook, or a file for each student."""
    from deepbook.grading import export, store

    records, assignment = store.read(grades)
    export.say(export.write(records, assignment, out or grades / "export", to, from_))


@command("gradescope")
def gradescope(
    chapter: Annotated[
        str | None,
        typer.Argument(metavar="CHAPTER", help="A chapter of the book as it is, for example 1; or use --course."),
    ] = None,
    course: Annotated[
        Path | None, typer.Option("--course", metavar="DIR", help="The folder with course.toml and the hidden tests.")
    ] = None,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="The zip to write.")] = Path("autograder.zip"),
    wheel: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Install this wheel of deepbook, not the package index's.")
    ] = None,
    minutes: Annotated[int, typer.Option(help="The timeout in Gradescope's settings.")] = 10,
    isolation: Isolation = "best",
):
    """Make an autograder.zip for Gradescope. It grades there without a network, with the same tests and scores."""
    from deepbook.grading.gradescope import gradescope

    sys.exit(gradescope(chapter, course, to, wheel, minutes, isolation))


@command("similarity")
def similarity(
    submissions: Submissions,
    course: CourseFolder = None,
    chapters: Chapters = None,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="The folder for the two files.")] = Path("similarity"),
    threshold: Annotated[
        float, typer.Option(help="Show pairs where this many per cent of one student's own code is in the other's.")
    ] = 50,
    book: Annotated[bool, typer.Option("--book", help="Compare with the book's own answers as well.")] = False,
):
    """Show which submissions share code: a table, and the texts side by side. Evidence to look at, no verdict."""
    from deepbook.grading.similarity import similarity

    sys.exit(similarity(submissions, course, chapters, to, threshold, book))


@data.command("list", epilog=CODES)
def data_list():
    """List the data sets: size, licence, and where each is now."""
    from deepbook.course import commands

    sys.exit(commands.data_list())


@data.command("fetch", epilog=CODES)
def data_fetch(
    names: Annotated[list[str] | None, typer.Argument(help="Names from `deepbook data list`.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Download all that do not come with deepbook.")] = False,
):
    """Download data sets, so that you may be offline later. What is here already is only checked."""
    from deepbook.course import commands

    sys.exit(commands.data_fetch(names or [], every))


def main():
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter shows “?”
    for name in ("SIGTERM", "SIGHUP"):  # end as with Ctrl-C, so that no process is left over
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, _: sys.exit(128 + number))
    app(prog_name="deepbook")


if __name__ == "__main__":
    main()
