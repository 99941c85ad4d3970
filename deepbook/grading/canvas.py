"""A gradebook for Canvas: the course's own export with our column filled in, or one made anew.

Canvas finds a student by the column ID, then by SIS User ID and SIS Login ID, then by the name.
"""

import csv
import io
import re
from collections import Counter
from pathlib import Path

from deepbook.course.errors import Problem, short
from deepbook.grading import safe, table

KEYS = ("ID", "SIS User ID", "SIS Login ID")
NAMES = ("Student", "LastName", "FirstName")
MOST = 20  # names that a note gives
TEST_STUDENTS = ("student, test", "test student")  # whom Canvas adds for the teacher's own tries


def maximum(records, assignment=None) -> tuple[int | float, list[str]]:
    """(the points of the assignment, the ids of those whose record is about other points, or about no result).

    assignment: says what counts now, if it has the exercises of the records; else what most records say.
    """
    counts = Counter(record["max"] for record in records if record.get("key", "") is not None)
    most = max(counts, key=lambda each: (counts[each], each), default=0)
    points = [{each["id"]: each["points"] for each in record["exercises"]} for record in records]
    now = {each.id: each.points for each in assignment.exercises} if assignment else {}
    if known := any(now.keys() == each.keys() for each in points):
        most = sum(now.values())
    others = []
    for record, here in zip(records, points, strict=True):
        if record.get("key", "") is None or record["max"] != most or (known and here != now):
            others.append(record["student"]["id"])
    return safe.number(most), others


def anew(records, assignment=None) -> tuple[str, list[str]]:
    """(a gradebook of our records alone, notes). The number of a student in Canvas is not known here."""
    title = records[0]["assignment"] if records else "deepbook"
    most, others = maximum(records, assignment)
    rows = [["Student", *KEYS, "Section", title], ["    Points Possible", "", "", "", "", most]]
    for record in records:
        student = record["student"]
        known = [student.get("name") or student["id"], "", student["id"], student.get("email") or student["id"], ""]
        rows.append([*known, "" if student["id"] in others else safe.number(record["score"])])
    notes = ["Canvas finds these students by their ids or names. It is surer to fill in the course's own gradebook:"]
    notes.append("in Canvas Grades → Export, then `deepbook export --to canvas --from FILE`.")
    return table.as_csv(rows), [" ".join(notes), *other_points(most, others)]


def other_points(most, others: list[str]) -> list[str]:
    """The warning about those whose score would be wrong."""
    warned = named(f"graded with other points than the {most} of now, or not graded, and left out", others)
    return [f"{warned[0]} `deepbook regrade --changed` grades them."] if warned else []


def fill(records, path: Path, assignment=None) -> tuple[bytes, list[str]]:
    """(the gradebook of a course with our scores in it, notes: who was not found). All other cells stay as they are.

    Only names that a spreadsheet would run as a formula are guarded. Raises Problem if the file is no such gradebook.
    """
    book = Gradebook(path)
    title = records[0]["assignment"] if records else "deepbook"
    most, others = maximum(records, assignment)
    column, new = book.column(title)
    rows, by_name = match(records, book)
    notes, excused = [], []
    for record in records:
        if (name := record["student"]["id"]) not in rows:
            continue
        cells = book.rows[rows[name]]
        if name in others:
            continue
        if cells[column].strip().upper() == "EX":
            excused.append(name)
        else:
            cells[column] = str(safe.number(record["score"]))
    if new:
        notes.append(
            f"The gradebook has no column “{safe.line(title)}”, so one was added; Canvas will make the assignment."
        )
        book.set_points(column, most)
    elif (theirs := book.points(column)) not in (None, most):
        notes.append(f"In Canvas this assignment has {theirs} points, here {most}. Set it to {most} in Canvas.")
    lost = [record["student"]["id"] for record in records if record["student"]["id"] not in rows]
    empty = [book.rows[row][0] for row in book.students if row not in rows.values()]
    empty = [name for name in empty if _plain(name) not in TEST_STUDENTS]
    notes += other_points(most, others)
    notes += named("excused in Canvas, which stays so", excused)
    notes += named("found by their names only, so look whether they are the right ones", by_name)
    notes += named("not found in the gradebook, or not for certain, and left out", lost)
    notes += named("in the gradebook have no grade here", empty)
    return book.text(), notes


def match(records, book) -> tuple[dict[str, int], list[str]]:
    """({a student's id: the row in the gradebook}, the ids of those who were found by their names only).

    A row that two students fit belongs to neither, but an id goes before a name.
    """
    found: dict[str, int] = {}
    by_name = []
    for rows_of in (book.with_key, book.with_name):
        fits = {each["student"]["id"]: set(rows_of(each["student"])) - set(found.values()) for each in records}
        counts = Counter(row for name, rows in fits.items() if name not in found for row in rows)
        sure = {
            n: min(rows) for n, rows in fits.items() if n not in found and len(rows) == 1 and counts[min(rows)] == 1
        }
        by_name = list(sure)
        found |= sure
    return found, by_name


def named(what: str, who: list[str]) -> list[str]:
    """[a sentence that counts and names some people], or []."""
    more = f"; and {len(who) - MOST} more" if len(who) > MOST else ""
    return [f"{len(who)} {what}: {'; '.join(safe.line(each, 60) for each in who[:MOST])}{more}."] if who else []


class Gradebook:
    """A gradebook as Canvas exports it: its rows, and how it was written."""

    def __init__(self, path: Path):
        self.path = path
        if not path.is_file():
            raise Problem(f"There is no file {short(path)}. Name the gradebook that you exported from Canvas.")
        raw = path.read_bytes()
        self.mark = b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b""
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise self.wrong("is not in UTF-8") from error
        first = text.split("\n", 1)[0]
        self.end = "\r\n" if first.endswith("\r") else "\n"
        self.between = ";" if first.count(";") > first.count(",") else ","
        try:
            self.rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=self.between, strict=True))
        except csv.Error as error:
            raise self.wrong(f"cannot be read ({error})") from error
        self.head = self.rows[0] if self.rows else []
        if not ("Student" in self.head[:1] and "ID" in self.head) and self.head[:2] != ["LastName", "FirstName"]:
            raise self.wrong("does not begin with the columns Student and ID")
        for row in self.rows:
            row += [""] * (len(self.head) - len(row))
        self.possible = next((n for n, row in enumerate(self.rows) if row and "Points Possible" in row[0]), None)
        after = 1 if self.possible is None else self.possible + 1
        self.students = [n for n in range(after, len(self.rows)) if self.rows[n] and self.rows[n][0].strip()]

    def wrong(self, what) -> Problem:
        return Problem(
            f"{short(self.path)} {what}, so it is not a gradebook of Canvas. In Canvas: Grades → Export → Export "
            "Entire Gradebook; then name that file."
        )

    def column(self, title: str) -> tuple[int, bool]:
        """(the place of the column of an assignment, whether it is new). Canvas writes "Homework 1 (12345)"."""
        wanted = _plain(title)
        fits = [n for n, name in enumerate(self.head) if _plain(re.sub(r"\s*\(\d+\)$", "", name)) == wanted]
        fits = [n for n in fits if self.head[n] not in (*KEYS, *NAMES, "Section")]
        if len(fits) > 1:
            raise Problem(
                f"{short(self.path)} has {len(fits)} columns for “{safe.line(title)}”. Rename them in Canvas "
                "so that one has this name."
            )
        if fits:
            return fits[0], False
        for row in self.rows:
            row.append("")
        self.head[-1] = safe.cell(title)
        return len(self.head) - 1, True

    def with_key(self, student) -> list[int]:
        """The rows with the student's id or email in one of Canvas's own three columns."""
        known = {_plain(each) for each in (student["id"], student.get("email")) if each}
        places = [self.head.index(name) for name in KEYS if name in self.head]
        return [n for n in self.students if known & {_plain(self.rows[n][place]) for place in places}]

    def with_name(self, student) -> list[int]:
        """The rows with the student's name: "Lin, Ana" is "Ana Lin"."""
        wanted = _words(student.get("name") or student["id"])
        last_first = self.head[0] == "LastName"
        return [n for n in self.students if wanted & _words(" ".join(self.rows[n][: 1 + last_first]))]

    def points(self, column):
        """The points of a column; None if it does not say."""
        try:
            return safe.number(self.rows[self.possible][column].replace(",", "."))
        except (TypeError, ValueError):
            return None

    def set_points(self, column, most):
        if self.possible is not None:
            self.rows[self.possible][column] = str(most)

    def text(self) -> bytes:
        """The file again, with the marks, ends of lines and delimiter that it had."""
        guarded = [place for place, name in enumerate(self.head) if name in NAMES]
        for number in self.students:
            for place in guarded:
                self.rows[number][place] = safe.FORMULA.sub(r"\1\2'\3", self.rows[number][place])
        written = io.StringIO()
        csv.writer(written, delimiter=self.between, lineterminator=self.end).writerows(self.rows)
        return self.mark + written.getvalue().encode()


def _plain(text) -> str:
    return " ".join(str(text or "").split()).casefold()


def _words(name) -> set[str]:
    """The ways to write a name without regard to order, case and punctuation; Chinese names are one word or two."""
    words = ["".join(c for c in word if c.isalnum()) for word in str(name).casefold().replace(",", " ").split()]
    words = [word for word in words if word]
    if not words:
        return set()
    if any(c.isascii() for c in "".join(words)):
        return {" ".join(sorted(words))}
    return {"".join(words), "".join(reversed(words))}
