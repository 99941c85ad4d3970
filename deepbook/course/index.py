"""What exercises there are, in which order, and what belongs to each: `exercises/index.toml`."""

import difflib
import os
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


class UnknownName(ValueError):
    """Nothing in the book is called that."""


def book_root() -> Path:
    """The folder that holds `chapters/`, `exercises/`, `solutions/` and `mkdocs.yml`.

    In a clone that is the clone; in an installed wheel it is package data. The variable DEEPBOOK_BOOK names another.
    """
    if other := os.environ.get("DEEPBOOK_BOOK"):
        return Path(other)
    clone = PACKAGE.parent
    return clone if (clone / "exercises" / "index.toml").exists() else PACKAGE / "_book"


def section_in_words(page: str, section: str) -> str:
    """Where a section is: its chapter's number and its heading, or its anchor where the page does not have it."""
    try:
        text = (book_root() / "chapters" / page).read_text(encoding="utf-8")
    except OSError:
        text = ""
    heading = re.search(rf"^#+ (.+) \{{#{re.escape(section)}\}}", text, re.M)
    number = re.match(r"0*(\d+)-", page)
    return f"{f'chapter {number[1]}' if number else page}, section “{heading[1] if heading else section}”"


@dataclass(frozen=True)
class Exercise:
    """One thing to do: a function that the learner writes, and its tests `test_<name>…`."""

    name: str
    title: str
    section: str  # the anchor in the chapter's page
    points: int
    minutes: int
    hints: tuple[str, ...]  # four, from a question to nearly the answer
    chapter: str
    page: str
    set: str
    forbids: tuple[str, ...] = ()  # names that the answer must do without

    @property
    def id(self) -> str:
        """Unique in the book, for example "ch01/update"."""
        return f"{self.chapter[:4]}/{self.name}"

    @property
    def file(self) -> str:
        """The file that the learner edits, relative to the exercises' folder."""
        return f"{self.chapter}/{self.set}.py"

    @property
    def test_file(self) -> str:
        return f"{self.chapter}/test_{self.set}.py"

    @property
    def address(self) -> str:
        """Where the chapter sets it, relative to the site's root."""
        return f"{Path(self.page).stem}.html#exercise-{self.name.replace('_', '-')}"


@dataclass(frozen=True)
class ExerciseSet:
    """One file of exercises."""

    name: str
    title: str
    imports: tuple[str, ...]  # the packages that an answer may import
    chapter: str
    exercises: tuple[Exercise, ...]

    @property
    def id(self) -> str:
        """Unique in the book, for example "ch01/neuron"."""
        return f"{self.chapter[:4]}/{self.name}"

    @property
    def file(self) -> str:
        return f"{self.chapter}/{self.name}.py"

    @property
    def test_file(self) -> str:
        return f"{self.chapter}/test_{self.name}.py"


@dataclass(frozen=True)
class Chapter:
    folder: str
    title: str
    page: str
    sets: tuple[ExerciseSet, ...]

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        return tuple(exercise for each in self.sets for exercise in each.exercises)


@dataclass(frozen=True)
class Index:
    chapters: tuple[Chapter, ...]

    @property
    def sets(self) -> tuple[ExerciseSet, ...]:
        return tuple(each for chapter in self.chapters for each in chapter.sets)

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        return tuple(exercise for each in self.sets for exercise in each.exercises)

    def find(self, what: str) -> tuple[Exercise, ...]:
        """The exercises that `what` names: a chapter ("1", "ch01"), a set ("neuron", a file) or an exercise.

        Raises UnknownName, with the nearest name, if there is none, and with all of them if it fits several.
        """
        asked = what.strip().replace("\\", "/").removeprefix("./").removeprefix("exercises/").rstrip("/")
        asked = re.sub(r"(^|/)test_([^/]+\.py)$", r"\1\2", asked).removesuffix(".py")
        names = self._names()
        found = names.get(asked, {})
        if len(found) == 1:
            return next(iter(found.values()))
        if found:
            raise UnknownName(f"“{what}” fits several: write {' or '.join(found)}.")
        near = difflib.get_close_matches(asked, names, n=1, cutoff=0.4)
        advice = f"Did you mean “{near[0]}”?" if near else "`deepbook list` shows all names."
        raise UnknownName(f"There is no exercise called “{what}”. {advice}")

    def _names(self) -> dict[str, dict[str, tuple[Exercise, ...]]]:
        """By each name what it may mean: the full name, and the exercises of that. An exercise goes before a set."""
        names: dict[str, dict[str, tuple[Exercise, ...]]] = {}
        for number, chapter in ((re.match(r"ch0*(\d+)", c.folder)[1], c) for c in self.chapters):
            for name in (number, f"ch{number}", chapter.folder[:4], chapter.folder):
                names[name] = {chapter.folder: chapter.exercises}
        for exercise in self.exercises:
            for name in (exercise.id, exercise.name):
                names.setdefault(name, {})[exercise.id] = (exercise,)
        single = set(names)
        for each in self.sets:
            for name in {each.name, each.id, f"{each.chapter}/{each.name}"} - single:
                names.setdefault(name, {})[each.id] = each.exercises
        return names


@cache
def load_index(folder: Path | None = None) -> Index:
    """Read `index.toml` in `folder`, by default the book's own.

    Raises OSError or tomllib.TOMLDecodeError if it cannot be read.
    """
    path = (folder or book_root() / "exercises") / "index.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return Index(tuple(_chapter(entry) for entry in data["chapters"]))


def _chapter(entry: dict) -> Chapter:
    folder, page = entry["folder"], entry["page"]
    return Chapter(folder, entry["title"], page, tuple(_set(each, folder, page) for each in entry["sets"]))


def _set(entry: dict, chapter: str, page: str) -> ExerciseSet:
    exercises = tuple(
        Exercise(
            **{**each, "hints": tuple(each["hints"]), "forbids": tuple(each.get("forbids", ()))},
            chapter=chapter,
            page=page,
            set=entry["name"],
        )
        for each in entry["exercises"]
    )
    return ExerciseSet(entry["name"], entry["title"], tuple(entry["imports"]), chapter, exercises)
