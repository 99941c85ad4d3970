"""A learner's folder: find it, start one, and bring the book's newer files into it.

The rule: what a learner wrote is never overwritten or lost. Everything that deepbook remembers about a folder
lies in its `.deepbook/`: `handed.json` (the hash of each file as it was handed out), progress, hints, backups.
"""

import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from deepbook.course import files, stubs
from deepbook.course.errors import Problem, short
from deepbook.course.index import Exercise, ExerciseSet, Index, UnknownName, book_root, load_index

README = """# Your exercises

The files that you edit are in the folders `chNN_…`; the files `test_…` beside them are the book's.

    deepbook learn     open the book and see the result of every save
    deepbook next      what to do next
    deepbook --help    everything else

`.deepbook/` holds your progress and the backups that `deepbook reset` makes.
"""


@dataclass(frozen=True)
class Workspace:
    """A folder laid out as the book's `exercises/`."""

    folder: Path

    @property
    def memory(self) -> Path:
        return self.folder / ".deepbook"

    @property
    def is_clone(self) -> bool:
        """Whether this is the `exercises/` of a clone of the book, which Git looks after."""
        return self.folder.name == "exercises" and (self.folder.parent / "solutions").is_dir()

    @property
    def is_handout(self) -> bool:
        """Whether an instructor made this folder by `deepbook release`: then the exercises are the instructor's."""
        try:
            return "handout" in tomllib.loads((self.folder / "index.toml").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False

    @cached_property
    def index(self) -> Index:
        """The exercises. Raises Problem if index.toml cannot be read."""
        try:
            return load_index(self.folder)
        except FileNotFoundError:
            fact = "is missing"
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            fact = f"is broken ({error})"
        except (KeyError, TypeError) as error:
            fact = f"is incomplete ({error})"
        raise Problem(f"{short(self.folder / 'index.toml')} {fact}. {self.mend('index.toml')}")

    def mend(self, file: str) -> str:
        """How to get one of the book's own files back."""
        if self.is_clone:
            return f"`git checkout -- exercises/{file}` brings the book's own back."
        if self.is_handout:
            return "Unpack your instructor's handout again and copy that file from it."
        return "`deepbook update` brings the book's own back; yours is kept as a backup."

    def named(self, what: str) -> tuple[Exercise, ...]:
        """The exercises that `what` names: as Index.find, or a path from where we stand. Raises Problem."""
        try:
            inside = Path(what).resolve().relative_to(self.folder)
        except (ValueError, OSError):
            inside = None
        if inside is not None and Path(what).exists():
            if inside == Path():
                return self.index.exercises
            what = inside.as_posix()
        try:
            return self.index.find(what)
        except UnknownName as error:
            raise Problem(str(error)) from error

    def set_of(self, exercise: Exercise) -> ExerciseSet:
        return next(s for s in self.index.sets if s.file == exercise.file)


def is_workspace(folder: Path) -> bool:
    return (folder / ".deepbook" / "handed.json").exists() or (
        (folder / "index.toml").exists() and (folder / "conftest.py").exists()
    )


def find(start: Path | None = None) -> Workspace:
    """The workspace at `start` (by default: here) or above it; in a clone, its `exercises/`.

    Raises Problem if there is none.
    """
    here = Path(start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if is_workspace(folder):
            return Workspace(folder)
        if is_workspace(folder / "exercises") and (folder / "solutions").is_dir():
            return Workspace(folder / "exercises")
    raise Problem(
        f"{here} is not a deepbook folder, and none is above it. "
        "`deepbook start my-deepbook` makes one; then `cd my-deepbook`."
    )


# ------------------------------------------------------------------ what the book hands out


def stub_of(file: str) -> bytes:
    """An exercise file as the book hands it out, cut from the book's solution."""
    return stubs.stub((book_root() / "solutions" / file).read_text(encoding="utf-8")).encode()


def stubs_of_book() -> dict[str, bytes]:
    """The files that learners edit."""
    return {each.file: stub_of(each.file) for each in load_index(book_root() / "exercises").sets}


def book_files() -> dict[str, bytes]:
    """All the other files of a workspace: tests, settings, and last the index."""
    source = book_root() / "exercises"
    own = {each.file for each in load_index(source).sets}
    found = {}
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source)
        if path.is_file() and name.as_posix() not in own and not any(p[0] in "._" for p in name.parts):
            found[name.as_posix()] = path.read_bytes()
    return {name: found[name] for name in sorted(found, key=lambda n: (n == "index.toml", n))}


def handed(workspace: Workspace) -> dict[str, str]:
    """The hash of each file as it was handed out."""
    return files.read_notes(workspace.memory / "handed.json")[0]


def remember(workspace: Workspace, hashes: dict[str, str]):
    prepare_memory(workspace)
    files.write_notes(workspace.memory / "handed.json", hashes)


def prepare_memory(workspace: Workspace):
    """Make `.deepbook/`, and keep it out of a learner's own Git."""
    if not (workspace.memory / ".gitignore").exists():
        files.write(workspace.memory / ".gitignore", b"*\n")


# ------------------------------------------------------------------ start


@dataclass
class Started:
    workspace: Workspace
    added: list[str] = field(default_factory=list)
    new: bool = True  # False if the folder was a workspace already


def start(folder: Path) -> Started:
    """Make a workspace of `folder`, or add what is missing there. Touches nothing that exists.

    Raises Problem if something is in the way; then nothing is written.
    """
    folder = Path(folder).expanduser().resolve()
    workspace = Workspace(folder)
    if workspace.is_clone:
        raise Problem("These are the exercises of a clone: nothing to start. `deepbook learn` works here at once.")
    if workspace.is_handout:
        raise Problem("These are your instructor's exercises: nothing to start. `deepbook learn` works here at once.")
    if folder.exists() and not folder.is_dir():
        raise Problem(f"{folder} is a file. Name a folder that does not exist yet.")
    new = not is_workspace(folder)
    content = {**stubs_of_book(), "README.md": README.encode(), **book_files()}
    if new and (stranger := _in_the_way(folder, content)):
        raise Problem(
            f"{folder} holds something else: {', '.join(stranger[:3])} would be in the way. Nothing was changed. "
            "Name another folder, for example `deepbook start my-deepbook`."
        )
    hashes = {name: files.digest(text) for name, text in content.items()}
    remember(workspace, {**hashes, **handed(workspace)})
    missing = [name for name in content if not (folder / name).exists()]
    for name in missing:
        files.write(folder / name, content[name])
    return Started(workspace, missing, new)


def _in_the_way(folder: Path, content: dict[str, bytes]) -> list[str]:
    """What exists in `folder` under one of our names and is not what we would write there."""
    ours = [name for name in content if name != "README.md"]
    taken = [name for name in ours if (folder / name).is_file() and (folder / name).read_bytes() != content[name]]
    parents = {str(Path(name).parent) for name in ours} | set(ours)
    wrong_kind = [name for name in parents if (folder / name).is_file() != (name in ours) and (folder / name).exists()]
    return sorted(set(taken + wrong_kind))
