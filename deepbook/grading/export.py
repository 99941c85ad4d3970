"""The scores in the formats of other programs. What a student may not see is left out of what students see."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deepbook.course import files
from deepbook.course.errors import Problem, short
from deepbook.grading import canvas, feedback, others, safe, table
from deepbook.grading.junit import junit


@dataclass(frozen=True)
class Exported:
    """What was written, and what an instructor should know about it."""

    paths: list[Path]
    notes: list[str]


def write(records, assignment, out: Path, to: str, gradebook: Path | None = None) -> Exported:
    """Write the records into the folder `out` in the format `to`, one of FORMATS.

    gradebook: the course's own export from Canvas, which is filled in.
    Raises Problem for an unknown format, or if the gradebook is none, or if `out` is a file.
    """
    if to not in FORMATS:
        raise Problem(f"There is no format “{to}”. There are: {', '.join(FORMATS)}.")
    if gradebook and to != "canvas":
        raise Problem("--from names a gradebook of Canvas, so it goes with `--to canvas` only.")
    if out.exists() and not out.is_dir():
        raise Problem(f"{short(out)} is a file. Name a folder with --out.")
    records = table.ordered(records)
    if to == "canvas":
        text, notes = canvas.fill(records, gradebook, assignment) if gradebook else canvas.anew(records, assignment)
        return _one(out / "canvas.csv", text, notes)
    return FORMATS[to](records, assignment, out)


def say(exported: Exported):
    """Tell what was written."""
    paths = exported.paths
    if len(paths) > 1:
        print(f"{len(paths)} files in {short(paths[0].parent.parent)}")
    elif paths:
        print(short(paths[0]))
    for note in exported.notes:
        print(note)


def _one(path: Path, text: str | bytes, notes=()) -> Exported:
    files.write(path, text if isinstance(text, bytes) else text.encode())
    return Exported([path], list(notes))


def _each(records, folder: Path, name: str, content: Callable[[dict], dict], notes=()) -> Exported:
    """A file of JSON for each student: folder/<student>/<name>."""
    paths = []
    for record in records:
        paths.append(folder / safe.file_name(record["student"]["id"]) / name)
        files.write(paths[-1], json.dumps(content(record), indent=1).encode())
    return Exported(paths, list(notes))


# ------------------------------------------------------------------ tables


def _csv(records, assignment, out):
    return _one(out / "grades.csv", table.text(records, assignment))


def _nbgrader(records, assignment, out):
    return _one(out / "nbgrader.csv", nbgrader(records, assignment))


NBGRADER = "assignment duedate timestamp student_id last_name first_name email raw_score late_submission_penalty score"


def nbgrader(records, assignment) -> str:
    """The table that `nbgrader export` writes; times are UTC without saying so, as there. Here all texts are quoted."""
    rows = [[*NBGRADER.split(), "max_score"]]
    due = _utc(assignment.due, "%Y-%m-%d %H:%M:%S") if assignment else ""
    for record in records:
        student, raw = record["student"], record.get("raw", record["score"])
        first, last = names(student)
        rows.append(
            [
                *(record["assignment"], due, _utc(record.get("submitted"), "%Y-%m-%d %H:%M:%S")),
                *(student["id"], last, first, student.get("email") or "", safe.number(raw)),
                *(safe.number(raw - record["score"]), safe.number(record["score"]), safe.number(record["max"])),
            ]
        )
    return table.as_csv(rows)


def names(student) -> tuple[str, str]:
    """(first name, last name); a name in one word is the last."""
    name = " ".join(str(student.get("name") or "").split())
    if ", " in name:
        last, first = name.split(", ", 1)
        return first, last
    first, _, last = name.rpartition(" ")
    return first, last


def _utc(when, form) -> str:
    """A time, or its ISO form, in UTC; "" for none."""
    if isinstance(when, str):
        try:
            when = datetime.fromisoformat(when)
        except ValueError:
            when = None
    return when.astimezone(UTC).strftime(form) if when else ""


# ------------------------------------------------------------------ a file a student


def _gradescope(records, assignment, out):
    return _each(records, out / "gradescope", "results.json", lambda record: gradescope(record, assignment))


def gradescope(record, assignment=None, hidden: str = "hidden") -> dict:
    """Gradescope's results.json: an entry with points for each exercise, which its student sees.

    The tests that students do not have get entries without points, of which only instructors see how they went.
    hidden: who sees these: "hidden" (nobody but instructors), "after_due_date", "after_published" or "visible".
    Gradescope shows no total to a student from whom an entry is held back until later.
    https://gradescope-autograders.readthedocs.io/en/latest/specs/
    """
    said = [*feedback.sentences(record, assignment), *(safe.line(note) for note in record.get("notes") or ())]
    if record["status"] != "missing":
        said.append(feedback.jail(record))
    tests = []
    for number, (each, shown) in enumerate(zip(record["exercises"], feedback.items(record), strict=True), 1):
        tests.append(
            {
                **{"name": f"{shown.id}: {shown.title}", "number": str(number), "status": _status(each["status"])},
                **{"score": safe.number(each["score"]), "max_score": safe.number(each["points"])},
                **{"output": _said(shown), "visibility": "visible"},
            }
        )
    for each in record["exercises"]:
        for test in (test for test in each.get("tests", ()) if test["kind"] != "visible"):
            name, status = f"{each['id']}: {test['name']} ({test['kind']})", "passed" if test["passed"] else "failed"
            tests.append({"name": name, "score": 0, "max_score": 0, "status": status, "visibility": hidden})
    return {
        **{"score": safe.number(record["score"]), "execution_time": round(record.get("seconds") or 0)},
        **{
            "output": "\n".join(said),
            "output_format": "text",
            "test_output_format": "text",
            "test_name_format": "text",
        },
        **{"visibility": "visible", "stdout_visibility": "hidden", "tests": tests},
    }


def _status(status):
    return "passed" if status == "passed" else "failed"


def _said(shown) -> str:
    """What a student reads about one exercise, as plain text."""
    home = f"See it at home: {shown.home}" if shown.home else ""
    lines = (f"{shown.points} points, {feedback.WORDS[shown.status]}.", shown.about, shown.message, home)
    return "\n".join(safe.visible(each, 2000) for each in lines if each)


def _classroom50(records, assignment, out):
    given = [record for record in records if record["status"] != "missing"]
    factor = 1 if all(map(_whole, given)) else 100
    notes = []
    if factor > 1:
        notes.append("Classroom 50 takes whole numbers only, so all scores and maxima are in hundredths of a point.")
    if len(given) < len(records):
        notes.append("Who handed in nothing has no result.json: there is no submission that it could be about.")
    return _each(given, out / "classroom50", "result.json", lambda record: classroom50(record, factor), notes)


def _whole(record) -> bool:
    numbers = [
        record["score"],
        record["max"],
        *(n for each in record["exercises"] for n in (each["score"], each["points"])),
    ]
    return all(float(number).is_integer() for number in numbers)


def classroom50(record, factor: int = 1, known=os.environ) -> dict:
    """Classroom 50's result.json, of the schema classroom50/result/v1.

    factor: by which scores are multiplied to be whole. known: the variables of its runner (CLASSROOM, ASSIGNMENT,
    SUBMISSION_TAG, COMMIT_URL, …); what it does not say is marked as not known, for each field must be there.
    https://github.com/foundation50/classroom50/blob/main/schemas/result-v1.schema.json
    """
    handed_in = _utc(record.get("submitted"), "%Y-%m-%dT%H:%M:%SZ") or f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    commit = known.get("COMMIT_URL") or "not known"
    tests = [
        {
            **{"test-name": f"{shown.id}: {shown.title}", "passed": each["status"] == "passed"},
            **{"score": round(each["score"] * factor), "max-score": round(each["points"] * factor)},
            **{"output": _said(shown)},
        }
        for each, shown in zip(record["exercises"], feedback.items(record), strict=True)
    ]
    return {
        **{"schema": "classroom50/result/v1", "classroom": known.get("CLASSROOM") or "not known"},
        **{"assignment": known.get("ASSIGNMENT") or safe.line(record["assignment"]) or "deepbook"},
        **{"assignment_type": known.get("ASSIGNMENT_TYPE") or "individual"},
        **{"owner": known.get("OWNER") or known.get("USERNAME") or safe.line(record["student"]["id"]) or "not known"},
        **{"submission": known.get("SUBMISSION_TAG") or f"submit/{handed_in.replace(':', '-')}"},
        **{"commit": commit, "release": known.get("RELEASE_URL") or "not known"},
        **{"review": known.get("REVIEW_URL") or commit, "datetime": handed_in},
        **{"score": round(record["score"] * factor), "max-score": round(record["max"] * factor), "tests": tests},
    }


def _junit(records, assignment, out):
    return _one(out / "junit.xml", junit(records))


def _otter(records, assignment, out):
    return _one(out / "otter.csv", others.otter(records))


FORMATS: dict[str, Callable] = {
    "csv": _csv,
    "canvas": _csv,  # see write
    "gradescope": _gradescope,
    "classroom50": _classroom50,
    "junit": _junit,
    "nbgrader": _nbgrader,
    "otter": _otter,
    "exercism": lambda records, _, out: _each(records, out / "exercism", "results.json", others.exercism),
    "check50": lambda records, _, out: _each(records, out / "check50", "results.json", others.check50),
    "prairielearn": lambda records, _, out: _each(records, out / "prairielearn", "results.json", others.prairielearn),
}
