"""Reads what a class handed in: of each student the files that the assignment names, into memory; nothing is run.

Whatever somebody hands in gets a row: where nothing can be read, its `problem` says why.
"""

import hashlib
import re
import unicodedata
from collections import defaultdict
from datetime import datetime
from pathlib import Path

from deepbook.course.errors import Problem, short
from deepbook.grading import tree
from deepbook.grading.choice import Files, choose
from deepbook.grading.course import NOTHING, Assignment, Student, Submission
from deepbook.grading.layouts import Handed, everything, handed_in
from deepbook.grading.tree import LARGEST_ZIP, Item, Unreadable, archive, same, shown

LARGEST = 256 << 10  # bytes of one answer file
LARGEST_ALL = 2 << 20  # of all answer files of a student
MOST_NAMED = 5  # files that a note names
OURS = re.compile(r"(test_\w+|conftest|__init__)\.py|pytest\.ini|index\.toml|README\.md|pyproject\.toml", re.IGNORECASE)
OTHER_ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")


def collect(path: Path, assignment: Assignment) -> list[Submission]:
    """One submission for each student, in the order of their ids.

    path: the folder (or zip) of all submissions, in any layout that `deepbook.grading.layouts` names.
    A submission's files may also hold the book's other exercise files, where they lie in their folders: an answer may
    build on an earlier one.
    Raises Problem if there is no such folder, nothing in it, or if most of it is hard links; nothing that a single
    student made raises anything.
    """
    path = Path(path)
    files = Files.of(assignment)
    handed, rosters = handed_in(path, files.asked)
    students = defaultdict(list)
    for each in handed:
        students[each.key].append(each)
    found = {key: _latest([_read(each, files) for each in several]) for key, several in students.items()}
    spelled = {same(key): key for key in found}
    for person, row in rosters.items():
        student = Student(row["id"], row["name"] or row["id"], row["email"])
        if (key := spelled.get(person)) is not None:
            one = found[key]
            student = Student(one.student.id, row["name"] or one.student.name, row["email"] or one.student.email)
            found[key] = _with(one, student=student, submitted=row["submitted"] or one.submitted)
        else:
            found[row["id"]] = Submission(student, problem=NOTHING, source=path)
    if not found:
        raise Problem(f"{short(path)} holds no submissions. Put a folder or a zip for each student into it.")
    linked = [one for one in found.values() if tree.HARD_LINK in f"{one.problem} {' '.join(one.notes)}"]
    if len(linked) > max(1, len(found) // 2):
        raise Problem(
            f"Most of {short(path)} is hard links, which are not read: any of them may be a file of somebody else. "
            f"Copy the folder first: `cp -r {short(path)} copy`."
        )
    return _named(list(found.values()))


def read(path: Path, assignment: Assignment, student: Student, submitted: datetime | None = None) -> Submission:
    """What lies in the folder (or zip) of one student whom the caller knows. Raises nothing that a student causes."""
    files = Files.of(assignment)
    handed = Handed(student.id, [lambda: everything(Path(path))], submitted=submitted, source=Path(path))
    return _with(_read(handed, files)[0], student=student)


def _with(submission: Submission, **changes) -> Submission:
    return Submission(**{**vars(submission), **changes})


# ------------------------------------------------------------------ one thing handed in


def _read(handed: Handed, files: Files) -> tuple[Submission, float]:
    """What was handed in, and the time of its newest file. Whatever happens, it is a row."""
    notes, content, newest, problem = list(handed.notes), {}, 0.0, None
    try:
        items = _opened(handed, notes)
        chosen = choose(items, files, notes)
        if not set(chosen) & set(files.asked):
            items = [*items, *_inside_zips(items, notes)]
            chosen = choose(items, files, notes)
        content = _contents(chosen, notes)
        newest = max((item.time for item in chosen.values()), default=0.0)
        if not set(content) & set(files.asked):
            problem = _problem(items, set(chosen) & set(files.asked), files.asked, notes)
            content = {}
        _tell_extras(items, chosen, notes)
    except Unreadable as error:
        problem = str(error)
    except Exception as error:  # a row all the same
        problem = f"It could not be read ({type(error).__name__}). Hand it in again as a folder or a zip."
    if content:
        lacking = [file for file in files.asked if file not in content]
        notes += [f"Not handed in: {', '.join(lacking)}."] if lacking else []
    student = Student(handed.key, handed.name or handed.key, handed.email)
    clean = tuple(dict.fromkeys(notes))
    return Submission(student, content, handed.submitted, clean, problem, handed.source), newest


def _opened(handed: Handed, notes: list[str]) -> list[Item]:
    """The files of all parts. A part that cannot be read is noted; raises Unreadable if it is the only one."""
    found = []
    for part in handed.parts:
        try:
            found += part()
        except Unreadable as error:
            if len(handed.parts) == 1:
                raise
            notes.append(str(error))
    return found


def _inside_zips(items: list[Item], notes: list[str]) -> list[Item]:
    """The files in zips that lie beside no answers, but not in zips within these."""
    found, left = [], LARGEST_ZIP
    for item in [item for item in items if item.name.lower().endswith(".zip")][:MOST_NAMED]:
        try:
            content = item.read(left)
            left -= len(content)
            inside = archive(content)
        except Unreadable as error:
            notes.append(str(error) if item.path in str(error) else f"{item.path}: {error}")
            continue
        for each in inside:
            each.place = (*item.place, *each.place)
        found += inside
    return found


def _contents(chosen: dict[str, Item], notes: list[str]) -> dict[str, bytes]:
    """The bytes of the chosen files; what is not read is noted."""
    found, left = {}, LARGEST_ALL
    for file, item in chosen.items():
        try:
            content = item.read(LARGEST)
        except Unreadable as error:
            notes.append(str(error))
            continue
        if len(content) > left:
            notes.append(f"{file} is not read: all files together may have {LARGEST_ALL:,} bytes.")
            continue
        left -= len(content)
        found[file] = content
        try:
            content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            notes.append(f"{file} is not text in UTF-8 (line {line}): save it with that encoding.")
    return found


def _problem(items, chosen, files, notes) -> str:
    """Why nothing could be read, in one sentence."""
    if chosen:
        return next(note for note in reversed(notes) if note)
    if notes and not items:
        return notes[-1]
    if not items:
        return "It is empty."
    endings = {Path(item.name.lower()).suffix for item in items}
    if ".ipynb" in endings:
        return f"A notebook is no answer file: hand in the .py files, such as {files[0]}."
    if packed := [item for item in items if item.name.lower().endswith(OTHER_ARCHIVES)]:
        return f"{packed[0].path} is not read: hand in a folder or a zip."
    if refused := [item for item in items if item.refused]:
        return f"{refused[0].path} {refused[0].refused}."
    if zips := [note for note in notes if "zip" in note.lower()]:
        return zips[0]
    named = ", ".join(files[:3]) + (", …" if len(files) > 3 else "")
    return f"It holds none of the files that are asked for ({named})."


def _tell_extras(items, chosen, notes):
    """Note what else was handed in, and is ignored."""
    used = {id(item) for item in chosen.values()}
    others = [item for item in items if id(item) not in used and not OURS.fullmatch(item.name)]
    told = " ".join(notes)
    for item in [item for item in others if item.refused and item.path not in told][:MOST_NAMED]:
        notes.append(f"{item.path} {item.refused}.")
    if any(item.name.lower().endswith(".ipynb") for item in others) and chosen:
        notes.append("A notebook is no answer file: it is ignored.")
    answers = {file.rsplit("/")[-1] for file in chosen}
    plain = [i for i in others if not i.refused and not i.name.lower().endswith((".ipynb", ".zip"))]
    if extras := [item.path for item in plain if item.name not in answers]:
        more = f" and {len(extras) - MOST_NAMED} more" if len(extras) > MOST_NAMED else ""
        notes.append(f"Ignored, since the assignment does not ask for it: {', '.join(extras[:MOST_NAMED])}{more}.")
        if any(path.endswith(".py") for path in extras):
            notes.append("An answer that imports such a file will fail: everything belongs into the answer files.")


# ------------------------------------------------------------------ one student


def _latest(read: list[tuple[Submission, float]]) -> Submission:
    """Of what one student handed in: the last whose time is known; else the most complete, and of these the newest."""

    def rank(pair):
        submission, newest = pair
        known = submission.submitted.timestamp() if submission.submitted else 0.0
        return (bool(submission.files), known, len(submission.files), newest, str(submission.source))

    *others, (best, _) = sorted(read, key=rank)
    if not others:
        return best
    taken = shown(best.source.name) if best.source else "the last"
    return _with(best, notes=(*best.notes, f"Handed in {len(read)} times; {taken} counts."))


def _named(submissions: list[Submission]) -> list[Submission]:
    """Give each student an id that is unique and can name a file; sorted by it."""
    ids = defaultdict(list)
    for each in submissions:
        ids[same(plain_id(each.student.id))].append(each)
    found = []
    for several in ids.values():
        for each in several:
            raw = each.student.id
            own = plain_id(raw)
            if len(several) > 1:
                own = f"{own}-{hashlib.sha256(raw.encode('utf-8', 'surrogatepass')).hexdigest()[:6]}"
            student = Student(own, shown(unicodedata.normalize("NFC", each.student.name)), each.student.email)
            found.append(_with(each, student=student))
    return sorted(found, key=lambda each: each.student.id)


def plain_id(raw: str) -> str:
    """`raw` in letters and digits of any alphabet and `._-@+`, not longer than 120 bytes.

    >>> plain_id("Ana Lin"), plain_id("../../etc"), plain_id("王小明"), plain_id("")
    ('Ana-Lin', 'etc', '王小明', 'student')
    """
    text = unicodedata.normalize("NFC", raw)
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" or c in "._-@+" else "-" for c in text)
    kept = re.sub(r"-{2,}", "-", kept).encode()[:120].decode("utf-8", "ignore").strip("._-@+")
    return kept or "student"
