"""The instructor's `course.toml`: read, with a sentence for every mistake in it; and written for the first time."""

import difflib
import math
import tomllib
from dataclasses import fields
from pathlib import Path

from deepbook.course.errors import Problem, short
from deepbook.course.index import UnknownName, book_root, load_index
from deepbook.grading import handout
from deepbook.grading.course import Assignment, Limits, as_moment, chosen, new_secret
from deepbook.grading.late import Late


def read(path: Path) -> Assignment:
    """The assignment that `path` describes. Raises Problem, with the key and what to write."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Problem(
            f"{short(path)} is missing. `deepbook release --to {short(path.parent)}` makes one; without one, "
            "`deepbook grade SUBMISSIONS --chapters 1` grades a chapter of the book as it is."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Problem(f"{short(path)} cannot be read: {error}. Mend that line; see https://toml.io.") from error
    return Reader(path).assignment(data)


class Reader:
    """Turns the TOML of one file into an Assignment; says which key is wrong."""

    KEYS = ("name", "chapters", "due", "late", "partial", "secret", "hidden", "points", "extensions", "limits")

    def __init__(self, path: Path):
        self.path = path

    def wrong(self, key: str, needs: str) -> Problem:
        return Problem(f"{short(self.path)}: `{key}` needs {needs}.")

    def assignment(self, data: dict) -> Assignment:
        self.known(data, self.KEYS, "")
        chapters = data.get("chapters")
        if not isinstance(chapters, list) or not chapters or not all(isinstance(c, str | int) for c in chapters):
            raise self.wrong("chapters", 'a list of chapters or sets, for example `chapters = ["ch01"]`')
        try:
            sets = chosen([str(each) for each in chapters])
        except Problem as error:
            raise Problem(f"{short(self.path)}: `chapters`: {error}") from error
        hidden = self.text(data, "hidden", "hidden")
        return Assignment(
            name=self.text(data, "name", "deepbook"),
            sets=sets,
            points=self.points(data.get("points", {}), sets),
            due=self.moment("due", data["due"]) if "due" in data else None,
            late=self.late(self.text(data, "late", "none")),
            partial=self.flag(data, "partial"),
            secret=self.secret(data),
            hidden=self.hidden(hidden, "hidden" in data),
            limits=self.limits(data.get("limits", {})),
            extensions=self.extensions(data.get("extensions", {})),
            folder=self.path.parent.resolve(),
        )

    def known(self, table, names, where):
        if not isinstance(table, dict):
            raise self.wrong(where.strip("."), f"to be a table: write `[{where.strip('.')}]` above its lines")
        for key in table:
            if key not in names:
                meant = next(iter(difflib.get_close_matches(key, names, n=1)), "")
                hint = f" Did you mean `{meant}`?" if meant else f" It may have: {', '.join(names)}."
                raise Problem(f"{short(self.path)}: there is no setting `{where}{key}`.{hint}")

    def text(self, data, key, otherwise):
        value = data.get(key, otherwise)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, f'text in quotes, for example `{key} = "{otherwise}"`')
        return value.strip()

    def flag(self, data, key):
        value = data.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false, without quotes")
        return value

    def secret(self, data):
        try:
            secret = bytes.fromhex(data["secret"])
        except (KeyError, TypeError, ValueError):
            secret = b""
        if len(secret) < 16:
            raise self.wrong(
                "secret", f'at least 32 hexadecimal digits; here is a new one: `secret = "{new_secret()}"`'
            )
        return secret

    def hidden(self, name, must_exist):
        folder = self.path.parent.resolve() / name
        if folder.is_dir():
            return folder
        if must_exist:
            raise self.wrong("hidden", f"the name of a folder, and {short(folder)} is none: make it or drop the line")
        return None

    def late(self, text):
        try:
            return Late.parse(text)
        except ValueError as error:
            raise Problem(f"{short(self.path)}: `late`: {error}") from error

    def points(self, table, sets):
        if not isinstance(table, dict):
            raise self.wrong("points", "to be a table: `[points]`, then lines such as `update = 3`")
        index, found = load_index(book_root() / "exercises"), {}
        for name, value in flat(table):
            try:
                exercises = [each for each in index.find(name) if f"{each.chapter[:4]}/{each.set}" in sets]
            except UnknownName as error:
                raise Problem(f"{short(self.path)}: `points`: {error}") from error
            if len(exercises) != 1:
                raise self.wrong(f"points.{name}", "the name of one exercise of the chapters above")
            found[exercises[0].id] = self.number(f"points.{name}", value)
        return found

    def number(self, key, value):
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            raise self.wrong(key, "a number, 0 or more")
        return value

    def limits(self, table):
        self.known(table, [each.name for each in fields(Limits)], "limits.")
        for key, value in table.items():
            if not self.number(f"limits.{key}", value):
                raise self.wrong(f"limits.{key}", "a number above 0")
        return Limits(**table)

    def extensions(self, table):
        if not isinstance(table, dict):
            raise self.wrong("extensions", "to be a table: `[extensions]`, then lines such as `ana = 2026-12-05`")
        return {name: self.moment(f"extensions.{name}", value) for name, value in flat(table, ".")}

    def moment(self, key, value):
        moment = as_moment(value)
        if moment is None:
            raise self.wrong(key, "a date and time without quotes, for example `2026-12-01T23:59:00+08:00`")
        return moment


def flat(table: dict, between: str = "/"):
    """(name, value) of a table; a dotted key that TOML took apart is joined again."""
    for name, value in table.items():
        if isinstance(value, dict):
            for rest, inner in flat(value, between):
                yield f"{name}{between}{rest}", inner
        else:
            yield name, value


# ------------------------------------------------------------------ written


def course_toml(chapters="", due=None, points="", late="none", partial=False, name="") -> str:
    """The text of course.toml, for a person to edit. Raises Problem for an option that is not understood."""
    sets = chosen([each.strip() for each in chapters.split(",") if each.strip()])
    whole = load_index(book_root() / "exercises")
    own = _points(points, Assignment("", sets).index)
    try:
        Late.parse(late)
    except ValueError as error:
        raise Problem(f"--late: {error}") from error
    when = as_moment(due) if due else None
    if due and when is None:
        raise Problem(
            f"--due: “{due}” is no time. Write it as 2026-12-01T23:59, or 2026-12-01 for the end of that day."
        )
    covered, title = [], []
    for chapter in whole.chapters:
        ids = [each.id for each in chapter.sets if each.id in sets]
        if ids:
            covered += [chapter.folder[:4]] if len(ids) == len(chapter.sets) else ids
            title.append(chapter.title)
    lines = []
    for exercise in Assignment("", sets).exercises:
        changed = own.get(exercise.id)
        mark = "" if changed is not None else "# "
        was = f"  # the book: {exercise.points}" if changed is not None else ""
        lines.append(f'{mark}"{exercise.id}" = {exercise.points if changed is None else changed}{was}')
    return TEMPLATE.format(
        name=handout.toml_value(name or ", ".join(title)),
        chapters=handout.toml_value(covered),
        due=f"due = {when.isoformat()}" if when else "# due = 2026-12-01T23:59:00+00:00",
        late=handout.toml_value(late),
        partial=handout.toml_value(bool(partial)),
        secret=new_secret(),
        points="\n".join(lines),
    )


def _points(text: str, index) -> dict[str, int | float]:
    """ "update=3,ch02/xor=2.5" by ids. Raises Problem."""
    found = {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, sign, number = part.partition("=")
        try:
            (exercise,) = index.find(name)
            value = float(number)
            found[exercise.id] = int(value) if value.is_integer() else value
        except UnknownName as error:
            raise Problem(f"--points: {error}") from error
        except (ValueError, OverflowError):
            value = -1.0
        if not sign or not 0 <= value < 1e9:
            raise Problem(f"--points: “{part}” is not understood. Write exercises with numbers: update=3,xor=2.")
    return found


TEMPLATE = """\
# The assignment, as `deepbook grade` reads it. Keep this file to yourself: whoever has the secret knows which inputs
# the tests draw. After a change `deepbook release` renews the handout (the secret stays), and
# `deepbook regrade --changed` the grades.

name = {name}

# Chapters ("ch01") or single sets of exercises ("ch02/backprop").
chapters = {chapters}

# The last moment to hand in. A date alone means the end of that day.
{due}

# What late work costs, in per cent of all points. For example "none", "not accepted", "10% a day, at most 5 days",
# "5% an hour, at most 50%, grace 15 minutes".
late = {late}

# true: an exercise of which some tests pass earns a part of its points.
partial = {partial}

# The folder of your own tests.
hidden = "hidden"

secret = "{secret}"

# Points that differ from the book's: take away the # and change the number. 0 takes an exercise out of the score.
[points]
{points}

# A later due date for single students, by id, email or name.
[extensions]
# "ana" = 2026-12-05T23:59:00+00:00

# What one submission may use of the machine.
[limits]
# test_s = 20        # seconds of CPU for one test
# whole_s = 600      # seconds by the clock for all of it
# memory_mb = 2048
"""
