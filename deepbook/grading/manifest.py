"""What is scored: the tests of each exercise, as the trusted copy and the instructor's hidden folder have them.

The list is made without any submission. A test of it without a result counts as not passed.
"""

import ast
import contextlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from deepbook.course.errors import MachineProblem, Problem, short
from deepbook.grading.job import Job, hidden_files
from deepbook.grading.lend import Lender
from deepbook.grading.trusted import STARTER

MEND = "Mend it, or move the file to another folder, then give the same command again."
LIST_S = 120  # seconds in which all tests can be listed, on a slow machine


@dataclass(frozen=True)
class Check:
    """One test that is scored."""

    name: str  # "test_pocket_on_overlapping_clouds[0]"
    kind: str  # "visible", "drawn": the same with this student's own inputs, or "hidden"


def manifest(assignment) -> dict[str, tuple[Check, ...]]:
    """By exercise id its checks, in the order in which they run.

    Raises Problem if a hidden test belongs to no exercise, if a test file does not work, or an exercise has no test:
    with the file, the line, and what to do.
    """
    hidden = tuple((path, path.stat().st_mtime_ns) for path in hidden_files(assignment.hidden))
    return _listed(assignment.index, assignment.hidden, hidden)


@lru_cache(maxsize=8)
def _listed(index, hidden: Path | None, files) -> dict[str, tuple[Check, ...]]:
    found, places = {exercise.id: [] for exercise in index.exercises}, {}
    for path, _ in files:
        _not_twice(path)
    for event in _events(Job(index, {}, {}, hidden, 60, LIST_S, 0, only_list=True)):
        if event["event"] == "bad test file":
            raise MachineProblem(
                f"The book's test file {event['file']} does not work. Install deepbook again.\n{event['message']}"
            )
        if event["event"] == "bad hidden file":
            raise Problem(
                f"The hidden test file {where(event)} does not work: {event['kind']}: {event['message']}. {MEND}"
            )
        if event["event"] == "stray":
            names = ", ".join(exercise.name for exercise in index.exercises[:4])
            raise Problem(
                f"{where(event)}: {event['test']} belongs to no exercise of this assignment. Call it "
                f"test_<exercise>_<fact> ({names}, …), and import the exercise in that file: "
                "`from chNN_name.set import exercise`. Then give the same command again."
            )
        if event["event"] == "test":
            check = Check(event["test"], event["kind"])
            if check in found[event["exercise"]]:
                raise Problem(_twice(check.name, where(places[check]), where(event)))
            found[event["exercise"]].append(check)
            places[check] = event
    if empty := [name for name, checks in found.items() if not checks]:
        raise MachineProblem(
            f"No test was found for {', '.join(empty)}. Is deepbook installed whole? Install it again."
        )
    return {name: tuple(checks) for name, checks in found.items()}


def hidden_tests(checks: dict[str, tuple[Check, ...]]) -> dict[str, int]:
    """By exercise id, how many hidden tests it has; without those that have none."""
    counts = {name: sum(check.kind == "hidden" for check in its) for name, its in checks.items()}
    return {name: number for name, number in counts.items() if number}


def where(event) -> str:
    return f"{short(event['file'])}, line {event['line']}" if event["line"] else short(event["file"])


def _not_twice(path: Path):
    """Raises Problem where a file has two tests of one name: Python forgets the first."""
    seen = {}
    with contextlib.suppress(SyntaxError, ValueError, RecursionError):  # it does not work: that is said better later
        for node in ast.parse(path.read_bytes()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                if node.name in seen:
                    first, second = (where({"file": path, "line": line}) for line in (seen[node.name], node.lineno))
                    raise Problem(_twice(node.name, first, second))
                seen[node.name] = node.lineno


def _twice(name: str, first: str, second: str) -> str:
    return (
        f"Two hidden tests are called {name} ({first}; {second}). Give one of them another name, then give the same "
        "command again."
    )


def _events(job):
    process = STARTER.start(job)
    try:
        events = list(Lender(None).follow(process, LIST_S))
    finally:
        process.stop()
    if not events or events[-1]["event"] != "end":
        raise MachineProblem("The tests could not be listed: their process ended. Is there enough memory and disk?")
    return events
