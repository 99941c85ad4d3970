"""What is graded: the instructor's `course.toml`, a student, and what a student handed in."""

import contextlib
import difflib
import os
import secrets
import tempfile
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path

from deepbook.course import files
from deepbook.course.errors import Problem
from deepbook.course.index import Chapter, Exercise, Index, UnknownName, book_root, load_index
from deepbook.grading.late import Late

FILE = "course.toml"
NOTHING = "Nothing was handed in."


@dataclass(frozen=True)
class Limits:
    """How much a submission may use of the machine."""

    test_s: float = 20  # seconds of CPU for one test
    whole_s: float = 600  # seconds by the clock for a whole submission
    memory_mb: int = 2048


@dataclass(frozen=True)
class Assignment:
    """What to grade, and how. Plain values: it can be pickled and sent to another machine, whose book it then reads."""

    name: str
    sets: tuple[str, ...]  # ids of exercise sets in the order of the book: "ch01/neuron"
    points: dict[str, int | float] = field(default_factory=dict, hash=False)  # by id of the exercise; else the book's
    due: datetime | None = None  # with its time zone
    late: Late = field(default_factory=Late)
    partial: bool = False  # credit by check: an exercise's points in parts
    secret: bytes = field(default=b"", repr=False)  # decides the drawn inputs of the tests
    hidden: Path | None = None  # the folder of the instructor's own tests
    limits: Limits = Limits()
    extensions: dict[str, datetime] = field(default_factory=dict, hash=False)  # by a student's id or email: a later due
    folder: Path | None = None  # where course.toml is

    @property
    def index(self) -> Index:
        """The book's index, cut to what is graded, with the instructor's points."""
        whole = load_index(book_root() / "exercises")
        chapters = []
        for chapter in whole.chapters:
            sets = tuple(self._pointed(each) for each in chapter.sets if each.id in self.sets)
            if sets:
                chapters.append(Chapter(chapter.folder, chapter.title, chapter.page, sets))
        return Index(tuple(chapters))

    def _pointed(self, known):
        return replace(
            known, exercises=tuple(replace(e, points=self.points.get(e.id, e.points)) for e in known.exercises)
        )

    @property
    def chapters(self) -> tuple[str, ...]:
        """The chapters' folders: ("ch01_perceptron", …)."""
        return tuple(chapter.folder for chapter in self.index.chapters)

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        return self.index.exercises

    def due_for(self, student: "Student") -> datetime | None:
        """The due time of one student: an extension goes before the common one."""
        own = {name.casefold(): when for name, when in self.extensions.items()}
        names = (student.id, student.email or "", student.name or "")
        return next((own[name.casefold()] for name in names if name.casefold() in own), self.due)


@dataclass(frozen=True)
class Student:
    """Whose work it is. The id is unique in a batch, also where case does not count: letters, digits and `._-@+`."""

    id: str
    name: str = ""
    email: str | None = None


@dataclass(frozen=True)
class Submission:
    """What one student handed in, read into memory. Nothing of it was run."""

    student: Student
    files: dict[str, bytes] = field(default_factory=dict, hash=False)  # "ch01_perceptron/neuron.py": its bytes
    submitted: datetime | None = None  # with its time zone; None where nothing trustworthy says it
    notes: tuple[str, ...] = ()  # sentences for the instructor and the student: what was ignored, and why
    problem: str | None = None  # one sentence, if nothing could be read
    source: Path | None = None


# ------------------------------------------------------------------ without a course.toml


def default(what=(), secret: bytes | None = None) -> Assignment:
    """An assignment straight from the book: whole chapters or sets by any of their names ("1", "ch02", "neuron").

    Without a name: the whole book. The secret is this user's own, drawn once and kept, so that scores repeat.
    Raises Problem for an unknown name.
    """
    sets = chosen(what)
    return Assignment("deepbook", sets, secret=users_secret() if secret is None else secret)


def chosen(what) -> tuple[str, ...]:
    """The ids of the sets that the names mean, in the order of the book; of all sets without a name."""
    index = load_index(book_root() / "exercises")
    ids = set() if what else {each.id for each in index.sets}
    for name in what:
        ids |= {each.id for each in index.sets if set(each.exercises) & set(_find(index, str(name), whole=True))}
    return tuple(each.id for each in index.sets if each.id in ids)


def _find(index: Index, name: str, whole: bool = False) -> tuple[Exercise, ...]:
    try:
        found = index.find(name)
    except UnknownName as error:
        raise Problem(str(error)) from error
    if whole and len(found) == 1 and name.strip().split("/")[-1] == found[0].name:
        raise Problem(
            f"“{name}” is one exercise, and a set is handed out whole: name {found[0].chapter[:4]}/{found[0].set}, and "
            "give 0 points to the exercises that should not count."
        )
    return found


def users_secret() -> bytes:
    """The secret of this user on this machine, drawn when it is first asked for."""
    from platformdirs import user_data_path

    path = user_data_path("deepbook", appauthor=False) / "grading-secret"
    try:
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (FileNotFoundError, ValueError):
        write_private(path, f"{new_secret()}\n".encode())
    return bytes.fromhex(path.read_text(encoding="ascii").strip())


def new_secret() -> str:
    return secrets.token_hex(32)


def write_private(path: Path, content: bytes):
    """Write a file that only its owner may read, from its first byte on; whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # of mode 0600
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(aside)
        raise
    files.sync_folder(path.parent)


# ------------------------------------------------------------------ course.toml


def load(folder: Path) -> Assignment:
    """Read `course.toml` in `folder` (or that file itself).

    Raises Problem, with the key and what to write, for anything that does not fit.
    """
    from deepbook.grading.coursefile import read

    path = Path(folder)
    return read(path if path.suffix == ".toml" else path / FILE)


def unknown_extensions(assignment: Assignment, ids) -> str:
    """A sentence about extensions for nobody of the class; "" if there are none.

    ids: all that the students are called: their ids, emails and names.

    >>> later = {"cloe": datetime(2026, 12, 8)}
    >>> unknown_extensions(Assignment("hw", (), extensions=later), ["ana", "cleo"])
    '`[extensions]` names cloe, who is not among the students; is it cleo?'
    """
    known = {str(name).casefold(): str(name) for name in ids if name}
    told = []
    for name in assignment.extensions:
        if name.casefold() not in known:
            meant = next(iter(difflib.get_close_matches(name.casefold(), known, n=1)), None)
            hint = f"; is it {known[meant]}?" if meant else "."
            told.append(f"`[extensions]` names {name}, who is not among the students{hint}")
    return " ".join(told)


def as_moment(value) -> datetime | None:
    """An aware time. A date means the last second of that day; without a zone, this machine's is meant."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(23, 59, 59))
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.astimezone()
