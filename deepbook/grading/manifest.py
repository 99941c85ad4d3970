"""What is scored: the tests of each exercise, as the trusted copy and the instructor's hidden folder have them.

The list is made without any submission. A test of it without a result counts as not passed.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from deepbook.course.errors import MachineProblem, Problem, short
from deepbook.grading.job import Job, hidden_files
from deepbook.grading.lend import Lender
from deepbook.grading.trusted import STARTER

LIST_S = 120  # seconds in which all tests can be listed, on a slow machine


@dataclass(frozen=True)
class Check:
    """One test that is scored."""

    name: str  # "test_pocket_on_overlapping_clouds[0]"
    kind: str  # "visible", "drawn": the same with this student's own inputs, or "hidden"


def manifest(assignment) -> dict[str, tuple[Check, ...]]:
    """By exercise id its checks, in the order in which they run.

    Raises Problem if a hidden test belongs to no exercise, if a test file does not work, or an exercise has no test.
    """
    hidden = tuple((path, path.stat().st_mtime_ns) for path in hidden_files(assignment.hidden))
    return _listed(assignment.index, assignment.hidden, hidden)


@lru_cache(maxsize=8)
def _listed(index, hidden: Path | None, _) -> dict[str, tuple[Check, ...]]:
    found = {exercise.id: [] for exercise in index.exercises}
    for event in _events(Job(index, {}, {}, hidden, 60, LIST_S, 0, only_list=True)):
        if event["event"] == "bad test file":
            raise Problem(f"The test file {event['file']} does not work:\n{event['message']}")
        if event["event"] == "stray":
            names = ", ".join(exercise.name for exercise in index.exercises[:4])
            raise Problem(
                f"{short(event['file'])}: {event['test']} belongs to no exercise. Call it test_<exercise>_<fact> "
                f"({names}, …), and import the exercise in that file: `from chNN_name.set import exercise`."
            )
        if event["event"] == "test":
            check = Check(event["test"], event["kind"])
            if check in found[event["exercise"]]:
                raise Problem(f"Two hidden tests are called {check.name}. Give one of them another name.")
            found[event["exercise"]].append(check)
    if empty := [name for name, checks in found.items() if not checks]:
        raise MachineProblem(
            f"No test was found for {', '.join(empty)}. Is deepbook installed whole? Install it again."
        )
    return {name: tuple(checks) for name, checks in found.items()}


def _events(job):
    process = STARTER.start(job)
    try:
        events = list(Lender(None).follow(process, LIST_S))
    finally:
        process.stop()
    if not events or events[-1]["event"] != "end":
        raise MachineProblem("The tests could not be listed: their process ended. Is there enough memory and disk?")
    return events
