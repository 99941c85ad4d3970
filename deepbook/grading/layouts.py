"""Who handed in what: folders or zips, one a student, and the layouts that teaching platforms export.

- Canvas ("Download submissions"): `linana_LATE_123_4567_neuron.py`: name, user, number of the upload, file.
- Moodle ("Download all submissions"): folders `Ana Lin_123_assignsubmission_file`, or files that begin so.
- Gradescope ("Export submissions"): folders `submission_<number>` and `submission_metadata.yml`.
- GitHub Classroom, Classroom 50: clones `<assignment>-<user>`; their `scores.csv` says names and times.
- Everywhere: a `students.csv` (id,name,email,submitted) that an instructor adds.
"""

import csv
import io
import os
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from deepbook.course.errors import Problem, short
from deepbook.grading import tree
from deepbook.grading.course import as_moment
from deepbook.grading.tree import Item, Unreadable, same, shown

MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<user>\d+)_assignsubmission_(?P<kind>file|onlinetext)(?:_+(?P<rest>.*))?", re.DOTALL
)
CANVAS = re.compile(
    r"(?:(?P<name>(?!LATE_|anon_)\w+?)_)?(?P<late>LATE_)?(?:(?P<user>\d+)|anon_(?P<anon>\w{5}))_"
    r"(?:(?P<file>\d+)_(?P<rest>.+)|(?P<kind>text|link)\.html)",
    re.DOTALL,
)
DATE = re.compile(r".*?(19|20)\d\d_[01]?\d_[0-3]?\d\D*(\.zip)?", re.DOTALL)
METADATA = "submission_metadata.yml"
ROSTERS = ("students.csv", "scores.csv", "roster.csv", "classroom_roster.csv")
IDS = ("id", "student_id", "username", "github_username", "identifier", "sid", "email")  # columns that say who it is
NO_WORK = (".csv", ".md", ".toml", ".txt", ".html", ".xlsx", ".json", ".log")  # beside the work, not of a student


@dataclass
class Handed:
    """One thing handed in. Several with the same key are of one student."""

    key: str
    parts: list[Callable[[], list[Item]]]  # each raises Unreadable
    name: str = ""
    email: str | None = None
    submitted: datetime | None = None
    notes: list[str] = field(default_factory=list)
    source: Path | None = None


@dataclass
class Child:
    """What lies directly in the folder, or the zip, of all submissions."""

    name: str
    path: Path
    item: Item | None = None  # a file
    folder: Callable[[], list[Item]] | None = None
    clone: bool = False  # a Git repository

    def open(self) -> list[Item]:
        """The files of a folder, or in a zip; a single file as it is."""
        if self.folder:
            return self.folder()
        if self.item.name.lower().endswith(".zip"):
            return tree.archive(self.item.read(tree.LARGEST_ZIP))
        return [self.item]


def look_around(path: Path) -> list[Child]:
    """What lies in the folder or zip of all submissions. Raises Problem if it is neither."""
    if path.is_dir():
        return [_on_disk(path / name) for name in sorted(os.listdir(path)) if not tree.clutter(name)]
    if not path.exists():
        raise Problem(f"{short(path)} does not exist. Name the folder (or the zip) with the submissions.")
    try:
        return _in_zip(tree.listing(open(path, "rb"), tree.MOST_IN_CLASS), path)  # read from until the end
    except Unreadable as error:
        raise Problem(f"{short(path)}: {error} Name the folder (or the zip) with the submissions.") from error


def _on_disk(path: Path) -> Child:
    if path.is_dir() and not path.is_symlink():
        return Child(path.name, path, folder=lambda: tree.folder(path), clone=(path / ".git").exists())
    return Child(path.name, path, item=tree.look(path, (path.name,)))


def _in_zip(items: list[Item], path: Path) -> list[Child]:
    groups = defaultdict(list)
    for item in items:
        groups[item.place[0]].append(item)
    found = []
    for name, inside in groups.items():
        files = [item for item in inside if len(item.place) == 1]
        found += [Child(name, path, item=item) for item in files]
        if rest := [replace(item, place=item.place[1:]) for item in inside if len(item.place) > 1]:
            found.append(Child(name, path, folder=lambda rest=rest: _few(rest)))
    return found


def _few(items):
    tree.few_enough(len(items), tree.MOST_FILES)
    return items


def everything(path: Path) -> list[Item]:
    """All files of one student's folder, or zip. Raises Unreadable."""
    return tree.folder(path) if path.is_dir() else Child(path.name, path, item=tree.look(path, (path.name,))).open()


def handed_in(path: Path, files: tuple[str, ...]) -> tuple[list[Handed], dict[str, dict]]:
    """All that was handed in, and the rows of the rosters by their id.

    files: what is asked for: "ch01_perceptron/neuron.py", …
    Raises Problem for a roster that cannot be read.
    """
    path = path.expanduser().resolve()
    children = look_around(path)
    chapters = {Path(file).parts[0] for file in files}
    if any(child.name in chapters | {Path(file).name for file in files} for child in children):  # one student's work
        return [Handed(path.name if path.is_dir() else path.stem, [lambda: everything(path)], source=path)], {}
    if len(children) == 1 and children[0].folder:
        children = _below(children[0], path, chapters)
    rosters = _rosters(children)
    exported = _gradescope(children) if any(child.name == METADATA for child in children) else {}
    found = [handed for several in exported.values() for handed in several]
    rest = [child for child in children if child.name not in (METADATA, *ROSTERS, *exported)]
    platforms = {**_canvas(rest), **_moodle(rest)}
    prefix = _prefix([child.name for child in rest if child.clone])
    for child in rest:
        if child.name in platforms:
            continue
        found += [each] if (each := _plain(child, prefix, rosters)) else []
    return [*found, *{id(each): each for each in platforms.values()}.values()], rosters


def _below(child: Child, path: Path, chapters) -> list[Child]:
    """The children of the only folder, if it is the class's; else that folder itself (in a zip, by the zip's name)."""
    try:
        items = child.folder()
    except Unreadable:
        items = []
    inner = look_around(child.path) if path.is_dir() else _in_zip(items, path)
    names = {item.place[0] for item in items if set(item.place[1:-1]) & set(chapters)}
    known = any(each.name == METADATA or each.clone for each in inner) or _moodle(inner) or _canvas(inner)
    if (known or len(names) > 1) and not any(each.name in chapters for each in inner):
        return inner
    return [child] if path.is_dir() else [replace(child, name=path.stem)]


# ------------------------------------------------------------------ the layouts


def _plain(child: Child, prefix: str, rosters) -> Handed | None:
    """A folder, a zip or a lone file named for its student."""
    stem, ending = os.path.splitext(child.name)
    if child.item and ending.lower() in NO_WORK:
        return None
    key = child.name if child.folder else stem
    key = re.sub(r"(?<=\S) ?\(\d+\)$", "", key)  # a browser's second download
    if child.clone:
        known = [name for name in rosters if same(key).endswith(f"-{name}")]
        key = key[-len(max(known, key=len)) :] if known else key.removeprefix(prefix)
    return Handed(key, [child.open], name=key, source=child.path)


def _prefix(names: list[str]) -> str:
    """What the names of all clones begin with, up to a hyphen: "hw1-" of hw1-ana, hw1-bo."""
    first, last = (min(names), max(names)) if len(names) > 1 else ("", "")
    alike = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[: first.rfind("-", 0, alike) + 1]


def _moodle(children: list[Child]) -> dict[str, Handed]:
    """By the children's names; all that is of one student is one thing."""
    found, students = {}, {}
    for child in children:
        if not (match := MOODLE.fullmatch(child.name)):
            continue
        handed = students.setdefault(match["user"], Handed(match["user"], [], match["name"], source=child.path))
        found[child.name] = handed
        if match["kind"] == "onlinetext":
            handed.notes.append("Text that was typed into Moodle is not read; an answer is a file.")
        else:
            handed.parts.append(_renamed(child, match["rest"] or child.name) if child.item else child.open)
    return found


def _canvas(children: list[Child]) -> dict[str, Handed]:
    """By the children's names, where they are all as Canvas makes them: one name for each user."""
    matches = {c.name: m for c in children if not DATE.fullmatch(c.name) and (m := CANVAS.fullmatch(c.name))}
    names, found, students = defaultdict(set), {}, {}
    for match in matches.values():
        names[match["user"] or match["anon"]].add(match["name"])
    if any(len(each) > 1 for each in names.values()):
        return {}
    for child in (child for child in children if child.name in matches):
        match = matches[child.name]
        key = match["user"] or match["anon"]
        handed = students.setdefault(key, Handed(key, [], match["name"] or key, source=child.path))
        found[child.name] = handed
        if match["late"]:
            handed.notes.append(
                "Canvas marks it as late, and the download does not say by how much (`students.csv` may)."
            )
        if match["kind"]:
            handed.notes.append("Text or a link that was typed into Canvas is not read; an answer is a file.")
        elif child.item:
            name = re.sub(r"-\d+(?=\.\w+$)", "", match["rest"])  # Canvas numbers uploads of the same name
            handed.parts.append(_renamed(child, name, upload=int(match["file"])))
        else:
            handed.parts.append(child.open)
    return found


def _renamed(child: Child, name: str, upload: int = 0):
    """Opens a file that carries its student's name under the name that the student gave it."""
    item = replace(child.item, place=(name,), time=float(upload) if upload else child.item.time)
    return lambda: replace(child, item=item).open()


def _gradescope(children: list[Child]) -> dict[str, list[Handed]]:
    """By the folders' names one for each submitter: a group hands in one folder for several students."""
    text = next(child for child in children if child.name == METADATA).item.read(1 << 30).decode("utf-8", "replace")
    facts, found = _metadata(text), defaultdict(list)
    for child in children:
        about = facts.get(child.name)
        if not isinstance(about, dict):
            continue
        people = [p for p in about.get(":submitters") or () if isinstance(p, dict)] or [{}]
        when = about.get(":created_at")
        when = when.replace(tzinfo=when.tzinfo or UTC) if isinstance(when, datetime) else as_moment(str(when))
        for person in people:
            name, email, sid = (str(person.get(f":{key}") or "").strip() for key in ("name", "email", "sid"))
            key = sid or email or name or child.name
            handed = Handed(key, [child.open], name or key, email or None, when, source=child.path)
            if others := [shown(str(p.get(":name"))) for p in people if p is not person]:
                handed.notes.append(f"Handed in together with {', '.join(others)}.")
            found[child.name].append(handed)
    return found


def _metadata(text: str) -> dict:
    """Of Gradescope's YAML who and when; the results and histories in it, which may be long, are left out."""
    import yaml

    kept, wanted = [], False
    for line in text.splitlines():
        if line[:1] not in (" ", "-", "#", ""):
            wanted = True
        elif key := re.match(r" {2}(:\w+):", line):
            wanted = key[1] in (":submitters", ":created_at")
        if wanted:
            kept.append(line)
    try:
        found = yaml.safe_load("\n".join(kept))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        where = getattr(error, "problem_mark", None)
        at = f" (near its line {where.line + 1})" if where else ""
        raise Problem(f"{METADATA} cannot be read{at}. Export the submissions from Gradescope again.") from error
    return found if isinstance(found, dict) else {}


# ------------------------------------------------------------------ rosters


def _rosters(children: list[Child]) -> dict[str, dict]:
    """By the id as `same` writes it: {"id", "name", "email", "submitted"} from the rosters that lie beside the work."""
    found = {}
    for child in (child for name in ROSTERS for child in children if child.name == name and child.item):
        try:
            people = [_person(row, child) for row in _rows(child)]
        except UnicodeDecodeError as error:
            raise Problem(
                f"{shown(child.name)} is not text in UTF-8, so the names in it cannot be read. Save it again as “CSV "
                "UTF-8”, as Excel calls it."
            ) from error
        except (Unreadable, csv.Error) as error:
            why = str(error).rstrip(".")
            raise Problem(f"{shown(child.name)} cannot be read: {why}. Save it as CSV in UTF-8.") from error
        here = {}
        for person in filter(lambda each: each["id"], people):
            if here.setdefault(same(person["id"]), person) != person and child.name == ROSTERS[0]:
                raise Problem(f"{child.name} has two rows for {shown(person['id'])} that differ. Leave one of them.")
        found = {**here, **found}
    return found


def _rows(child: Child) -> list[dict]:
    """The rows of a roster, with its columns in small letters; between them a comma, a semicolon or a tab."""
    content = child.item.read(1 << 24)
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))  # as Excel writes its “Unicode text”
    text = content.decode("utf-16" if wide else "utf-8-sig")
    first = next((line for line in text.splitlines() if line.strip()), "")
    between = max(",;\t", key=first.count)
    rows = csv.DictReader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=between)
    columns = {(name or "").strip().lower() for name in rows.fieldnames or ()}
    if first and not columns & set(IDS):
        raise Problem(
            f"{shown(child.name)} has no column `id`. Its first line names the columns: id,name,email,submitted (only "
            f"id has to be there). Here it is: {shown(first[:100])}"
        )
    return [{(k or "").strip().lower(): (v or "") for k, v in row.items() if isinstance(k, str)} for row in rows]


def _person(row: dict, child: Child) -> dict:
    def first(*names):
        return next((row[name].strip() for name in names if isinstance(row.get(name), str) and row[name].strip()), "")

    when = first("submitted", "datetime", "time")
    moment = as_moment(when.replace("Z", "+00:00")) if when else None
    if when and moment is None:
        raise Problem(
            f"{shown(child.name)}: “{shown(when)}” is no time. Write it as 2026-12-01T23:59:00+08:00, or not at all."
        )
    name = first("name") or f"{first('first_name')} {first('last_name')}".strip()
    key = first(*IDS)
    return {"id": key, "name": name, "email": first("email") or None, "submitted": moment}
