"""`deepbook release`: the handout for a class, and the instructor's own `course.toml` beside it.

    DIR/handout/, DIR/handout.zip   for the students: empty exercises, their tests, README.md
    DIR/course.toml                 for the instructor alone: due date, points, late policy, the secret
    DIR/hidden/                     the instructor's own tests

What exists stays: course.toml and hidden/ are written once; of the handout only what nobody edited is renewed.
"""

import io
import json
import zipfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from rich.markup import escape

from deepbook.course import files, tell
from deepbook.course.errors import PASSED, Problem, short
from deepbook.course.index import book_root, load_index
from deepbook.course.workspace import book_files, stub_of
from deepbook.grading import coursefile, handout
from deepbook.grading.course import FILE, Assignment, load, write_private
from deepbook.grading.intake import plain_id

MEMORY = ".deepbook/released.json"  # the hashes of the handout's files and of the zip as we wrote them
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the time of all entries of the zip: the same files make the same zip


EXAMPLE = '''"""Your own tests: plain pytest. Name a file test_more.py, for example, and its tests count; not so here.

A test belongs to the exercise that its name begins with, test_<exercise>_<what>, of a set that the file imports. The
exercise's points come only if it passes too. Of a hidden test that fails, students see the first line of its docstring
and nothing else.
`rng` draws inputs that differ from student to student, and are the same at every grading.
"""

from ch01_perceptron.neuron import weighted_sum

from deepbook.course.checks import check


def test_weighted_sum_of_inputs_that_nobody_knows(rng):
    """A weighted sum of five inputs."""
    W, x = rng.normal(size=5), rng.normal(size=5)
    check(weighted_sum, W.tolist(), x.tolist(), 1.0, gives=W @ x + 1.0)
'''


@dataclass
class Released:
    """What `release` did, by the names of the files."""

    assignment: Assignment
    folder: Path
    new: bool  # course.toml was written
    written: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # edited by somebody, and left so
    removed: list[str] = field(default_factory=list)  # no longer part of the assignment


def command(to: Path, chapters, due, points, late, partial, name) -> int:
    """`deepbook release`: make the files and say what to do with them. Returns the exit code."""
    given = {"chapters": chapters, "due": due, "points": points, "late": late, "partial": partial, "name": name}
    done = release(to, **{key: value for key, value in given.items() if value not in (None, False)})
    out, where, one = tell.console(), short(done.folder), done.assignment
    total = sum(each.points for each in one.exercises)
    out.print(f"{escape(one.name)}: {tell.plural(len(one.exercises), 'exercise')}, {tell.plural(total, 'point')}.")
    out.print(f"Due: {said(one.due)}; {one.late}." if one.due else "Without a due date.")
    out.print(f"  {escape(where)}/handout.zip   for your students; {escape(where)}/handout/ is the same, unpacked")
    out.print(f"  {escape(where)}/{FILE}   yours alone: due date, points, late policy, and the secret")
    out.print(f"  {escape(where)}/hidden/   for your own tests; see example.py there")
    for file in done.kept:
        other = "and in the zip" if file == "README.md" else "but the zip holds the book's"
        out.print(f"  handout/{escape(file)} was edited: it stays as it is, {other}.")
    for file in lacking(one):
        out.print(f"  Not handed out, though an exercise mentions it: {escape(file)}.")
    out.print(
        f"Never publish or commit {escape(where)}/ (it holds the secret), nor your folders of submissions and grades."
    )
    go = f"deepbook grade SUBMISSIONS --course {escape(where)}"
    out.print(f"After a change in {FILE}: deepbook release --to {escape(where)}. When they have handed in: {go}.")
    return PASSED


def release(folder: Path, **options) -> Released:
    """Make the handout of the assignment in `folder`; without a course.toml there, write one from the options.

    options: chapters ("1,ch02/backprop"), due, points ("update=3,xor=2"), late, partial, name.
    Raises Problem, and writes nothing, for an option that is not understood, if course.toml exists and options are
    given as well, or if the handout's place is taken by something else.
    """
    folder = Path(folder).expanduser().resolve()
    new = not (folder / FILE).exists()
    if options and not new:
        raise Problem(
            f"{short(folder / FILE)} exists and stays as it is. Edit it, then call `deepbook release --to "
            f"{short(folder)}` without other options; or name another folder."
        )
    _free(folder)
    if new:
        text = coursefile.course_toml(**options)
        if not (folder / "hidden").exists():
            files.write(folder / "hidden" / "example.py", EXAMPLE.encode())
        write_private(folder / FILE, text.encode())
    done = Released(load(folder), folder, new)
    content = contents(done.assignment)
    _renew(done, content)
    if (folder / "handout" / "README.md").is_file():
        content["README.md"] = (folder / "handout" / "README.md").read_bytes()
    packed = zipped(content, plain_id(done.assignment.name))
    known = _memory(folder)
    _remember(folder, known["files"], [*known["zips"], files.digest(packed)])
    files.write(folder / "handout.zip", packed)
    _remember(folder, known["files"], [files.digest(packed)])
    return done


# ------------------------------------------------------------------ the handout


def contents(assignment: Assignment) -> dict[str, bytes]:
    """The files of the handout: nothing that the book does not show to every learner."""
    index = assignment.index
    whole = load_index(book_root() / "exercises")
    tests = {each.test_file for each in whole.sets} - {each.test_file for each in index.sets}
    chapters = {chapter.folder for chapter in whole.chapters}
    found = {each.file: stub_of(each.file) for each in index.sets}
    for name, content in book_files().items():
        top = name.split("/")[0]
        if name != "index.toml" and name not in tests and (top not in chapters or top in assignment.chapters):
            found[name] = content
    due = said(assignment.due) if assignment.due else ""
    found["README.md"] = handout.readme(assignment, due).encode()
    found["index.toml"] = handout.index_toml(assignment, due).encode()
    return found


def lacking(assignment: Assignment) -> list[str]:
    """Files of the book that a handed-out exercise mentions ("from ch03_optimization.optimizers import adam")."""
    index, found = load_index(book_root() / "exercises"), []
    stubs = "\n".join(stub_of(each.file).decode() for each in assignment.index.sets)
    for each in index.sets:
        if each.id not in assignment.sets and f"{each.chapter}.{each.name} import" in stubs:
            found.append(each.file)
    return found


def said(when: datetime) -> str:
    """A time in words: "Tuesday, 1 December 2026, 23:59 (UTC+08:00)"."""
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    months = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October")
    months += ("November", "December")
    zone = when.isoformat()[-6:]
    clock = f"{when:%H:%M}" if when.second in (0, 59) else f"{when:%H:%M:%S}"
    return f"{days[when.weekday()]}, {when.day} {months[when.month - 1]} {when.year}, {clock} (UTC{zone})"


def zipped(content: dict[str, bytes], folder: str) -> bytes:
    """A zip of the files in one folder; the same bytes for the same files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name in sorted(content):
            entry = zipfile.ZipInfo(f"{folder}/{name}", LONG_AGO)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, content[name])
    return made.getvalue()


def _free(folder: Path):
    """Raises Problem if something that is not ours lies where the handout goes."""
    if folder.exists() and not folder.is_dir():
        raise Problem(f"{short(folder)} is a file. Name a folder.")
    memory, place = _memory(folder), folder / "handout"
    packed = folder / "handout.zip"
    if packed.exists() and files.digest(packed.read_bytes()) not in memory["zips"]:
        raise Problem(f"{short(packed)} exists and is not as `deepbook release` made it. Move it away, then try again.")
    if place.exists() and not memory["files"] and (not place.is_dir() or any(place.iterdir())):
        raise Problem(f"{short(place)} exists and was not made by `deepbook release`. Move it away, then try again.")


def _renew(done: Released, content: dict[str, bytes]):
    """Write what is missing or was not edited, remove what is no longer part of it; remember the hashes first."""
    place, known = done.folder / "handout", _memory(done.folder)
    memory = known["files"]
    hashes = {name: files.digest(text) for name, text in content.items()}
    _remember(done.folder, {**hashes, **memory}, known["zips"])
    for name in sorted({*content, *memory}):
        path = place / name
        old = path.read_bytes() if path.is_file() else None
        edited = old is not None and files.digest(old) not in (memory.get(name), hashes.get(name))
        if old is None and name not in content:
            continue
        if edited:
            done.kept.append(name)
        elif name not in content:
            path.unlink()
            done.removed.append(name)
        elif old is None or files.digest(old) != hashes[name]:
            files.write(path, content[name], instead_of=old)
            done.written.append(name)
    kept = {name: memory[name] for name in done.kept if name in memory}
    _remember(done.folder, {**hashes, **kept}, known["zips"])


def _memory(folder: Path) -> dict:
    try:
        return {"files": {}, "zips": [], **json.loads((folder / MEMORY).read_bytes())}
    except (OSError, ValueError, TypeError):
        return {"files": {}, "zips": []}


def _remember(folder: Path, hashes: dict[str, str], zips: list[str]):
    files.write_notes(folder / MEMORY, {"files": hashes, "zips": zips})
