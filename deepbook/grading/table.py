"""One table for the class, `grades.csv`: a row a student, for a spreadsheet."""

import csv
import io
from pathlib import Path

from deepbook.course import files
from deepbook.grading.safe import cells, number

FIRST = ("id", "name", "email", "status", "submitted")
THEN = ("score", "max", "percent")


def write(records, assignment, out: Path) -> Path:
    """Write `grades.csv` into the folder `out`; returns its path.

    It begins with a byte order mark: people open this file by a double click, and without the mark Excel takes 王 for
    three letters. `deepbook export --to csv` writes the same table for programs, without it.
    """
    path = out / "grades.csv"
    files.write(path, text(records, assignment).encode("utf-8-sig"))
    return path


def text(records, assignment=None) -> str:
    """The table as CSV: FIRST, how late, THEN, and the score of each exercise. All texts are safe from formulas."""
    names = exercises(records)
    rows = [[*FIRST, f"{late_unit(assignment)}s late", *THEN, *names]]
    for record in ordered(records):
        student, scores = record["student"], {each["id"]: number(each["score"]) for each in record["exercises"]}
        rows.append(
            [
                *(student["id"], student.get("name") or "", student.get("email") or "", record["status"]),
                *(record.get("submitted") or "", days_late(record)),
                *(number(record["score"]), number(record["max"]), percent(record)),
                *(scores.get(name, 0) for name in names),
            ]
        )
    return as_csv(rows)


def as_csv(rows) -> str:
    """Rows as CSV, guarded against formulas."""
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_NONNUMERIC).writerows(map(cells, rows))
    return written.getvalue()


def ordered(records) -> list[dict]:
    """The records by the students' ids, whatever order they came in."""
    return sorted(records, key=lambda record: str(record["student"]["id"]))


def exercises(records) -> list[str]:
    """The ids of the exercises, in the order in which the first record that names one has them."""
    return list(dict.fromkeys(each["id"] for record in ordered(records) for each in record["exercises"]))


def late_unit(assignment) -> str:
    """What the policy counts: "day" or "hour"."""
    return assignment.late.each if assignment else "day"


def days_late(record) -> int | float:
    """The days (or hours) begun after the due time."""
    return number((record.get("late") or {}).get("days"))


def percent(record) -> int | float:
    """The score in percent of the maximum, to a tenth; 100 if there is nothing to earn."""
    return number(round(100 * record["score"] / record["max"], 1)) if record["max"] else 100
