"""The two files of a handout that are written for it: README.md and index.toml."""

import json

from deepbook.course.tell import plural
from deepbook.grading.course import Assignment

README = """# {name}

{due}{count}: {points}.

## Begin

You need Python 3.11 or newer. In this folder:

    python -m venv .venv
    source .venv/bin/activate        (Windows: .venv\\Scripts\\activate)
    pip install deepbook

## Work

You write the functions below, in these files. The files `test_…` beside them test what you wrote; they are not yours to
change.

{table}

    deepbook learn        open the book and see the result of every save
    deepbook check        test everything: a short list, and what to mend first
    {hint} a hint for an exercise; asked again, the next one
    pytest --points       the same tests, and the points

## Hand in

Pack this folder as a zip, or hand in these files in their folders:

{files}

Only these files are read. Functions of your own are welcome in them; other files are ignored. An answer may import what
its file names at the top and what comes with Python.

## How it is graded

{rule} Tests that draw their inputs run again with others
than you see here, and there may be further tests: an answer must work, not remember.
{late}"""


def readme(assignment: Assignment, due: str) -> str:
    """README.md for the students, in Markdown."""
    exercises = assignment.exercises
    rows = ["| file | function | points | |", "|---|---|--:|---|"]
    rows += [f"| `{e.file}` | `{e.name}` | {e.points} | {_cell(e.title)} |" for e in exercises]
    whole = "An exercise earns its points if all its tests pass."
    part = "An exercise earns the part of its points that belongs to the tests that pass."
    late = str(assignment.late)
    return README.format(
        name=assignment.name,
        due=f"Due: **{due}**\n\n" if due else "",
        count=plural(len(exercises), "exercise"),
        points=plural(sum(each.points for each in exercises), "point"),
        table="\n".join(rows),
        files="\n".join(f"    {each.file}" for each in assignment.index.sets),
        rule=part if assignment.partial else whole,
        late=f"\nAfter the due date: {late}.\n" if due else "",
        hint=f"deepbook hint {exercises[0].name}".ljust(21),
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def index_toml(assignment: Assignment, due: str) -> str:
    """index.toml with the exercises of the assignment and the instructor's points."""
    lines = ["# What exercises there are. Written by `deepbook release`.", ""]
    lines += _table("[handout]", {"name": assignment.name, "due": due})
    for chapter in assignment.index.chapters:
        facts = {"folder": chapter.folder, "title": chapter.title, "page": chapter.page}
        lines += _table("[[chapters]]", facts)
        for each in chapter.sets:
            facts = {"name": each.name, "title": each.title, "imports": list(each.imports)}
            lines += _table("[[chapters.sets]]", facts)
            for exercise in each.exercises:
                names = ("name", "title", "section", "points", "minutes", "hints", "forbids")
                facts = {name: getattr(exercise, name) for name in names}
                lines += _table("[[chapters.sets.exercises]]", {k: v for k, v in facts.items() if v != ()})
    return "\n".join(lines)


def _table(head: str, facts: dict) -> list[str]:
    return [head, *(f"{name} = {toml_value(value)}" for name, value in facts.items()), ""]


def toml_value(value) -> str:
    """A bool, number, text, or list of these, as TOML writes it."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)
