"""From results of tests to points: exact fractions until the end, so that a score is the same wherever it is made."""

from datetime import datetime
from fractions import Fraction

from deepbook.grading.course import Assignment, Student

SECRET_KINDS = ("drawn", "hidden")  # tests whose inputs a student does not know


def score(record: dict, assignment: Assignment, submitted: datetime | None) -> dict:
    """A new record with points, late penalty and score; scored again, it is the same.

    record:    what the examiner found: of each exercise its tests, and whether they passed.
    submitted: when it was handed in, with its time zone; None (not known) costs nothing.
    An exercise that the record lacks counts 0. `penalty` is in points, and never more than was earned.
    """
    by_id = {each["id"]: each for each in record.get("exercises") or ()}
    exercises = [_exercise(exercise, by_id.get(exercise.id), assignment.partial) for exercise in assignment.exercises]
    raw = sum((earned for _, earned in exercises), Fraction(0))
    most = sum((exact(each.points) for each in assignment.exercises), Fraction(0))
    student = record["student"]
    due = assignment.due_for(Student(student["id"], student.get("name") or "", student.get("email")))
    penalty = min(raw, most * assignment.late.share(submitted, due))
    before = (record.get("late") or {}).get("status") or record.get("status")
    late = {"days": assignment.late.days(submitted, due), "penalty": float(penalty)}
    if refused := not assignment.late.accepts(submitted, due):
        late["status"] = before  # so that a later due date brings it back
    return {
        **record,
        "status": "late" if refused else before,
        "submitted": submitted.isoformat() if submitted else None,
        "late": late,
        "score": float(raw - penalty),
        "raw": float(raw),
        "max": float(most),
        "exercises": [told for told, _ in exercises],
    }


def exact(number: int | float) -> Fraction:
    """The number as a person writes it: 0.1 is a tenth."""
    return Fraction(str(number))


def _exercise(exercise, found: dict | None, partial: bool) -> tuple[dict, Fraction]:
    """An exercise of the record with its points and its score, and the score exactly."""
    found = found or {
        "id": exercise.id,
        "name": exercise.name,
        "title": exercise.title,
        "chapter": exercise.chapter,
        "set": exercise.set,
        "status": "missing",
        "message": "",
        "about": "",
        "mistake": None,
        "tests": [],
    }
    earned = exact(exercise.points) * share(found["tests"], partial)
    return {**found, "points": exercise.points, "score": float(earned)}, earned


def share(tests: list[dict], partial: bool) -> Fraction:
    """How much of its points an exercise earns: all or nothing; with `partial`, the part of its tests that passed.

    A test with inputs that everybody can read earns a part only if one with unknown inputs passed, where there is any:
    else a list of remembered answers would earn points.
    """
    passed = [test for test in tests if test["passed"] is True]
    if len(passed) == len(tests):
        return Fraction(bool(tests))
    unknown = [test for test in tests if test["kind"] in SECRET_KINDS]
    if not partial or (unknown and not any(test["passed"] is True for test in unknown)):
        return Fraction(0)
    return Fraction(len(passed), len(tests))
