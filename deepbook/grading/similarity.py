"""`deepbook similarity`: which submissions share passages, set by set. Evidence for a person to look at, no verdict.

The algorithm is in deepbook.grading.winnow and deepbook.grading.tokens. Nothing that a student handed in is run.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from deepbook.course import tell
from deepbook.course.errors import PASSED, Problem, short
from deepbook.course.files import write
from deepbook.course.index import ExerciseSet, book_root
from deepbook.grading import safe
from deepbook.grading.tokens import Stub
from deepbook.grading.winnow import Match, Text, compare, left_out

THRESHOLD = 50  # per cent of one text
LEAST = 40  # tokens, about five lines: less is chance
SHOWN = 20  # rows in the terminal
COMMON_SHOWN, MANY, NAMED = 5, 8, 3  # of what is left out as common: sentences, people in one, functions in one
DEF = re.compile(r"(?:async\s+)?(?:def|class)\s+(\w{1,60})")
BOOK = "the book's answer"
COLUMNS = ("student_a", "student_b", "set", "file", "share_of_a", "share_of_b", "tokens", "lines_a", "lines_b")
NO_VERDICT = (
    "This is evidence, no verdict: read the two texts, and speak with the students. Short exercises look alike in "
    "honest work."
)


LOOK = "Many may have found that by themselves, or a group copied it: read one of the texts."


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
    if out.exists() and not out.is_dir():
        raise Problem(f"{short(out)} is a file. Name a folder with --to.")
    handed_in = {each.student.id: each.files for each in collect(submissions, assignment)}
    if len(handed_in) < 2 - book:
        raise Problem(f"{short(submissions)} holds {len(handed_in)} submission; there is nothing to compare.")
    sets = assignment.index.sets
    pairs = find_pairs(handed_in, sets, threshold / 100, book)
    common = shared_by_many(handed_in, sets, book)
    from deepbook.grading.sidebyside import page

    write(out / "similarity.csv", as_csv(pairs).encode("utf-8-sig"))
    shown = page(pairs, assignment.name, len(handed_in), threshold, common)
    write(out / "similarity.html", shown.encode("utf-8", "replace"))
    show(pairs, len(handed_in), threshold, out, common)
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
        texts = texts_of(handed_in, each, book, root)
        pairs += [Pair(each, m, texts[m.a], texts[m.b]) for m in compare(texts, threshold, LEAST)]
    return sorted(pairs, key=lambda pair: -pair.match.tokens * max(pair.match.share_a, pair.match.share_b))


def texts_of(handed_in, known: ExerciseSet, book: bool, root: Path) -> dict[str, Text]:
    """All answers to one set, by whose they are."""
    stub = Stub.of((root / "exercises" / known.file).read_text(encoding="utf-8"))
    texts = {who: Text.of(decode(files[known.file]), stub) for who, files in handed_in.items() if known.file in files}
    if book:
        texts[BOOK] = Text.of((root / "solutions" / known.file).read_text(encoding="utf-8"), stub)
    return texts


def shared_by_many(handed_in, sets: Iterable[ExerciseSet], book: bool = False, root: Path | None = None) -> list[str]:
    """What was left out as common, in sentences: many may have found it by themselves, or one group copied it."""
    found = []
    for each in sets:
        texts = texts_of(handed_in, each, book, root or book_root())
        for names, lines, tokens in left_out(texts):
            functions = functions_at(texts[names[0]].source, lines)
            of = f" of {', '.join(functions[:NAMED])}{', …' if len(functions) > NAMED else ''}" if functions else ""
            who = ", ".join(safe.line(name, 40) for name in names[:MANY]) + (", …" if len(names) > MANY else "")
            same = f"the same {tell.plural(len(lines), 'line')}{of} in {each.file}"
            found.append((tokens, f"{same}, shared by {len(names)} of {len(texts)}: {who}"))
    return [sentence for _, sentence in sorted(found, key=lambda pair: -pair[0])]


def functions_at(source: str, lines: Iterable[int]) -> list[str]:
    """The functions at the margin in which the lines stand, in the order of the text."""
    text = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found, wanted, now = [], set(lines), None
    for number, line in enumerate(text, 1):
        if line[:1].strip() and (match := DEF.match(line)):
            now = match[1]
        if number in wanted and now and now not in found:
            found.append(now)
    return found


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


def show(pairs: list[Pair], students: int, threshold: float, out: Path, common: Sequence[str] = ()):
    """The table in the terminal, and what was left out."""
    from rich.table import Table
    from rich.text import Text as Line

    console = tell.console()
    if not pairs:
        console.print(f"{students} submissions: no pair shares {threshold:g} % of its own code in any set.")
        show_common(console, common, out)
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
    show_common(console, common, out)
    console.print(NO_VERDICT)


def show_common(console, common: Sequence[str], out: Path):
    """What many share does not count; a group that copied is seen here."""
    for sentence in common[:COMMON_SHOWN]:
        console.print(f"Left out as common: {sentence}.", markup=False)
    if len(common) > COMMON_SHOWN:
        console.print(f"{len(common) - COMMON_SHOWN} more such: {short(out / 'similarity.html')}", markup=False)
    if common:
        console.print(LOOK)
