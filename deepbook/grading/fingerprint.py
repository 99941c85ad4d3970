"""What a record is about, as one number: when it changes, the submission is examined again."""

import hashlib
import json
from dataclasses import fields
from importlib import metadata
from pathlib import Path

import deepbook
from deepbook.course.index import PACKAGE, book_root
from deepbook.grading.course import Assignment, Submission

# Of deepbook.course these decide about a verdict; of deepbook.grading all but those that only read and write.
JUDGES = ("checks", "compare", "explain", "mistakes", "plugin", "show", "tips")
ONLY_WRITE = {"batch", "bench", "canvas", "choice", "cluster", "commands", "compiled", "coursefile", "export"}
ONLY_WRITE |= {"feedback", "fingerprint", "gradescope", "handout", "intake", "junit", "layouts", "others"}
ONLY_WRITE |= {"release", "report", "safe", "sidebyside", "similarity", "store", "table", "tokens", "tree"}
ONLY_WRITE |= {"winnow"}
LIBRARIES = ("jax", "jaxlib", "numpy")


def of_submission(submission: Submission, assignment: Assignment, isolation: str, book: str) -> str:
    """The key of a record: the work, whose and when, the assignment, the tests and the grader."""
    student = submission.student
    return of(
        book,
        "" if isolation == "none" else "confined",
        of_assignment(assignment),
        [student.id, student.name, student.email],
        str(submission.submitted),
        [*submission.notes, submission.problem],
        {name: hashlib.sha256(content).hexdigest() for name, content in submission.files.items()},
    )


def of_assignment(assignment: Assignment) -> str:
    """The settings, wherever their folder is."""
    places = ("folder", "hidden")
    return of({f.name: _text(getattr(assignment, f.name)) for f in fields(assignment) if f.name not in places})


def of_book(assignment: Assignment) -> str:
    """The trusted copy, the hidden tests, and the grader itself: equal on all machines that may grade together."""
    found = {name: metadata.version(name) for name in LIBRARIES} | {"deepbook": deepbook.__version__}
    root = book_root()
    for path in trusted(assignment, root):
        found[path.relative_to(root).as_posix()] = _file(path)
    for path in judges():
        found[path.relative_to(PACKAGE).as_posix()] = _file(path)
    for name, content in hidden(assignment).items():
        found[f"hidden/{name}"] = hashlib.sha256(content).hexdigest()
    return of(found)


def trusted(assignment: Assignment, root: Path) -> list[Path]:
    """The files of the trusted copy that decide about this assignment."""
    index = assignment.index
    names = ["exercises/index.toml", "exercises/conftest.py", "exercises/pytest.ini"]
    names += [f"exercises/{each.test_file}" for each in index.sets]
    names += [f"solutions/{chapter.folder}/mistakes.py" for chapter in index.chapters]
    return [path for name in names if (path := root / name).is_file()]


def judges() -> list[Path]:
    """The modules of deepbook that decide."""
    grading = [path for path in sorted((PACKAGE / "grading").glob("*.py")) if path.stem not in ONLY_WRITE]
    return [*(PACKAGE / "course" / f"{name}.py" for name in JUDGES), *grading]


def hidden(assignment: Assignment) -> dict[str, bytes]:
    """The instructor's own tests: their bytes by name."""
    if assignment.hidden is None:
        return {}
    folder = Path(assignment.hidden)
    names = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    odd = [name for name in names if any(part.startswith(".") or part == "__pycache__" for part in name.parts)]
    return {name.as_posix(): path.read_bytes() for name, path in names.items() if name not in odd}


def _text(value):
    return sorted((str(k), str(v)) for k, v in value.items()) if isinstance(value, dict) else repr(value)


def _file(path):
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def of(*things) -> str:
    """One number for some plain values."""
    return hashlib.sha256(json.dumps(things, sort_keys=True).encode()).hexdigest()
