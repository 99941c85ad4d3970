"""Bring a newer deepbook's files into a workspace (`update`), hand one out again (`reset`), compare (`diff`)."""

import difflib
import re
from dataclasses import dataclass, field
from pathlib import Path

from deepbook.course import files, splice
from deepbook.course.errors import Problem
from deepbook.course.index import Exercise
from deepbook.course.workspace import Workspace, book_files, handed, prepare_memory, remember, stub_of, stubs_of_book


@dataclass
class Updated:
    """What `update` did, by the names of the files."""

    added: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    kept: dict[str, list[str]] = field(default_factory=dict)  # edited, left alone -> the exercises that are new there
    backups: list[Path] = field(default_factory=list)  # of the book's own files that had been edited here


def update(workspace: Workspace) -> Updated:
    """Renew everything that the learner has not edited. An edited exercise file is left as it is, to the byte.

    The tests, the settings and the index are the book's: they are always renewed, and kept as a backup if they had
    been edited. Killed at any instant, it can be run again.
    """
    if workspace.is_clone:
        raise Problem("This is a clone of the book: `git pull` brings its news, and Git keeps what you wrote.")
    if workspace.is_handout:
        raise Problem(
            "These are your instructor's exercises, and only the instructor renews them. "
            "`deepbook start my-deepbook` makes a folder with all exercises of the book."
        )
    done, hashes = Updated(), handed(workspace)
    learners = stubs_of_book()
    for name, new in {**learners, **book_files()}.items():
        path = workspace.folder / name
        old = path.read_bytes() if path.exists() else None
        edited = old is not None and files.digest(old) not in (files.digest(new), hashes.get(name))
        if edited and name in learners:
            done.kept[name] = missing_functions(old, new)
            continue
        if edited:
            prepare_memory(workspace)
            done.backups.append(files.back_up(workspace.memory / "backups", name, old))
        if old is None or files.digest(old) != files.digest(new):
            files.write(path, new, instead_of=old)
            (done.added if old is None else done.renewed).append(name)
        hashes[name] = files.digest(new)
    if hashes != handed(workspace):
        remember(workspace, hashes)
    return done


def missing_functions(old: bytes, new: bytes) -> list[str]:
    """The functions of the book's file `new` that the learner's file `old` lacks."""
    names = re.findall(r"^def (\w+)\(", new.decode(), re.MULTILINE)
    text = old.decode(errors="replace")
    return [name for name in names if not re.search(rf"^(def {name}\(|{name}\s*=|class {name}\b)", text, re.MULTILINE)]


# ------------------------------------------------------------------ reset


@dataclass
class Reset:
    file: str
    function: str | None  # None: the whole file
    backup: Path | None  # None: nothing had to be kept
    changed: bool


def reset(workspace: Workspace, what: str) -> list[Reset]:
    """Hand out again what `what` names, after a dated backup of each file that changes.

    An exercise: only its function; a set or a chapter: its files.
    Raises Problem, and changes nothing, if one function is named and Python cannot read its file.
    """
    exercises = workspace.named(what)
    if len(exercises) == 1 and names_one(what, exercises[0]):
        return [_reset_file(workspace, exercises[0].file, exercises[0].name)]
    return [_reset_file(workspace, file, None) for file in dict.fromkeys(e.file for e in exercises)]


def names_one(what: str, exercise: Exercise) -> bool:
    """Whether `what` is an exercise's name, not that of its file."""
    return what.strip().split("/")[-1] == exercise.name


def _reset_file(workspace, file, function):
    path, new = workspace.folder / file, stub_of(file)
    old = path.read_bytes() if path.exists() else None
    if old is not None and function:
        try:
            text = old.decode()
            new = splice.replaced(text, function, splice.function(new.decode(), function) or "").encode()
        except (SyntaxError, UnicodeDecodeError) as error:
            line = f" (line {error.lineno})" if isinstance(error, SyntaxError) and error.lineno else ""
            raise Problem(
                f"{file} cannot be read by Python{line}, so `{function}` alone cannot be reset. Nothing was changed. "
                f"Mend that line first, or reset the file (a backup is kept): `deepbook reset {file}`."
            ) from error
    elif old is None:
        function = None
    if old is not None and files.digest(old) == files.digest(new):
        return Reset(file, function, None, changed=False)
    prepare_memory(workspace)
    backup = files.back_up(workspace.memory / "backups", file, old) if old is not None else None
    files.write(path, new, instead_of=old)
    return Reset(file, function, backup, changed=True)


# ------------------------------------------------------------------ diff


def diff(workspace: Workspace, what: str) -> str:
    """What the learner changed against the empty exercise, as a unified diff; "" if nothing."""
    exercises = workspace.named(what)
    one = exercises[0].name if len(exercises) == 1 and names_one(what, exercises[0]) else None
    parts = []
    for file in dict.fromkeys(e.file for e in exercises):
        path = workspace.folder / file
        if not path.exists():
            name = workspace.set_of(exercises[0]).id
            raise Problem(f"{file} is missing. `deepbook reset {name}` brings the empty exercise back.")
        old, new = stub_of(file).decode(), path.read_bytes().decode(errors="replace").replace("\r\n", "\n")
        if one and splice.function(old, one) and splice.function(new, one):
            old, new = splice.function(old, one), splice.function(new, one)
        head = (f"{file} as handed out", f"{file} as it is now")
        parts += difflib.unified_diff(old.splitlines(), new.splitlines(), *head, lineterm="")
    return "\n".join(parts)
