"""`deepbook similarity`: which submissions share passages, set by set. Evidence for a person to look at, no verdict.

The algorithm is in deepbook.grading.winnow and deepbook.grading.tokens. Nothing that a student handed in is run.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from deepbook.course.errors import PASSED, Problem, short
from deepbook.course.files import write
from deepbook.course.index import ExerciseSet, book_root
from deepbook.grading import safe
from deepbook.grading.tokens import Stub
from deepbook.grading.winnow import Match, Text, compare

THRESHOLD = 50  # per cent of one text
LEAST = 40  # tokens, about five lines: less is chance
SHOWN = 20  # rows in the terminal
BOOK = "the book's answer"
COLUMNS = ("student_a", "student_b", "set", "file", "share_of_a", "share_of_b", "tokens", "lines_a", "lines_b")
NO_VERDICT = (
    "This is evidence, no verdict: read the two texts, and speak with the students. Short exercises look alike in "
    "honest work."
)


class Pair(NamedTuple):
    """Two students whose answers to one set share passages."""

    set: ExerciseSet
    match: Match
    left: Text
    right: Text


def similarity(
    submissions: Path,
    course: Path | None,
    chapters: str | None,
    out: Path,
    threshold: float = THRESHOLD,
    book: bool = False,
) -> int:
    """The command: compare all submissions, print a table, write similarity.csv and similarity.html into `out`.

    threshold: per cent of one text that must be in the other. book: the book's own answers count as one more student.
    Raises Problem where there are no two submissions to compare.
    """
    from deepbook.grading.commands import assigned
    from deepbook.grading.intake import collect

    assignment, _ = assigned(submissions, course, chapters)
    if not 1 <= threshold <= 100:
        raise Problem(f"--threshold is a number of per cent from 1 to 100, not {threshold:g}.")
    handed_in = {each.student.id: each.files for each in collect(submissions, assignment)}
    if len(handed_in) < 2 - book:
        raise Problem(f"{short(submissions)} holds {len(handed_in)} submission; there is nothing to compare.")
    pairs = find_pairs(handed_in, assignment.index.sets, threshold / 100, book)
    from deepbook.grading.sidebyside import page

    write(out / "similarity.csv", as_csv(pairs).encode("utf-8-sig"))
    write(out / "similarity.html", page(pairs, assignment.name, len(handed_in), threshold).encode("utf-8", "replace"))
    show(pairs, len(handed_in), threshold, out)
    return PASSED


def find_pairs(
    handed_in: Mapping[str, Mapping[str, bytes]],
    sets: Iterable[ExerciseSet],
    threshold: float,
    book: bool = False,
    root: Path | None = None,
) -> list[Pair]:
    """The pairs of all sets, the most alike first.

    handed_in: by a student's id the files, by their name ("ch01_perceptron/neuron.py"). threshold: 0 to 1.
    root: the book's folder.
    """
    root, pairs = root or book_root(), []
    for each in sets:
        stub = Stub.of((root / "exercises" / each.file).read_text(encoding="utf-8"))
        texts = {who: Text.of(decode(files[each.file]), stub) for who, files in handed_in.items() if each.file in files}
        if book:
            texts[BOOK] = Text.of((root / "solutions" / each.file).read_text(encoding="utf-8"), stub)
        pairs += [Pair(each, m, texts[m.a], texts[m.b]) for m in compare(texts, threshold, LEAST)]
    return sorted(pairs, key=lambda pair: -pair.match.tokens * max(pair.match.share_a, pair.match.share_b))


def decode(content: bytes) -> str:
    """A file's text; what is not UTF-8 in it becomes a question mark in a diamond."""
    return content.decode("utf-8-sig", "replace")


def as_csv(pairs: list[Pair]) -> str:
    """The table for a spreadsheet: no cell of it is taken for a formula."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for each, match, *_ in pairs:
        lines = [ranges(line[side] for line in match.lines) for side in (0, 1)]
        shares = round(match.share_a, 3), round(match.share_b, 3)
        rows.writerow(safe.cells([match.a, match.b, each.id, each.file, *shares, match.tokens, *lines]))
    return text.getvalue()


def ranges(lines: Iterable[tuple[int, int]]) -> str:
    """Ranges of lines as people write them, merged: "3-8 14-20"."""
    merged: list[list[int]] = []
    for first, last in sorted(lines):
        if merged and first <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    return " ".join(f"{first}-{last}" if last > first else f"{first}" for first, last in merged)


def show(pairs: list[Pair], students: int, threshold: float, out: Path):
    """The table in the terminal."""
    from rich.table import Table
    from rich.text import Text as Line

    from deepbook.course import tell

    console = tell.console()
    if not pairs:
        console.print(f"{students} submissions: no pair shares {threshold:g} % of its own code in any set.")
        return
    table = Table("student", "share", "student", "share", "set", "tokens", box=None, pad_edge=False)
    for each, match, *_ in pairs[:SHOWN]:
        cells = (match.a, f"{match.share_a:.0%}", match.b, f"{match.share_b:.0%}", each.id, str(match.tokens))
        table.add_row(*(Line(safe.line(cell)) for cell in cells))
    console.print(table)
    rest = f" Here are the first {SHOWN}." if len(pairs) > SHOWN else ""
    console.print(
        f"{students} submissions, {tell.plural(len(pairs), 'pair')} with {threshold:g} % or more in a set.{rest}"
    )
    console.print(
        f"The texts side by side: {short(out / 'similarity.html')}; all pairs: {short(out / 'similarity.csv')}",
        markup=False,
    )
    console.print(NO_VERDICT)
