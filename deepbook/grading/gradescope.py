"""`deepbook gradescope`: an autograder.zip for Gradescope, and what runs in its container.

The zip holds two scripts (deepbook/grading/autograder), the assignment (course.toml and the hidden tests) and which
deepbook to install. Gradescope unpacks it to /autograder/source, runs setup.sh once, and run_autograder for each
submission. The book and its tests come with the installed deepbook. As read in Gradescope's documentation in November
2026: https://gradescope-autograders.readthedocs.io/en/latest/specs/.
"""

import hashlib
import hmac
import json
import os
import re
import sys
import tempfile
import traceback
import zipfile
from dataclasses import replace
from pathlib import Path

from deepbook.course import files
from deepbook.course.errors import PASSED, MachineProblem, Problem, short
from deepbook.course.index import book_root
from deepbook.grading.course import FILE, Assignment, Student, as_moment, default, load, users_secret
from deepbook.grading.manifest import manifest

SCRIPTS = Path(__file__).resolve().parent / "autograder"
WHEEL = re.compile(r"(?i)deepbook-([^-]+)(-\d[^-]*)?-py3-none-any\.whl")
MOST = 50 << 20  # bytes of the instructor's own files
MINUTES = range(2, 41)  # Gradescope allows 40
SPARE = 60  # seconds of Gradescope's time that we leave unused, to write down what there is

# ------------------------------------------------------------------ the zip


def gradescope(
    chapter: str | None, course: Path | None, out: Path, wheel: Path | None, minutes: int, isolation: str
) -> int:
    """The command: write the zip, and say what to do with it."""
    from rich.markup import escape

    from deepbook.course import tell

    if chapter and course:
        raise Problem(
            "Give a chapter, or a folder with --course, but not both: a course.toml names its chapters itself."
        )
    if not chapter and not course and not Path(FILE).is_file():
        raise Problem(
            "Name a chapter, for example `deepbook gradescope 1`, or a folder of `deepbook release` with --course DIR."
        )
    content = contents(chapter, course or Path(), wheel, minutes, isolation)
    pack(content, out)
    console = tell.console()
    console.print(
        f"{escape(short(out))} is ready. It holds the course's secret and the hidden tests: hand it to Gradescope only."
    )
    console.print(
        "On Gradescope: a Programming Assignment, then Configure Autograder, upload the zip, Update Autograder."
    )
    console.print(f"In Autograder Settings: at least 3 GB of memory, and a timeout of {minutes} minutes.")
    return PASSED


def contents(chapter: str | None, course: Path, wheel: Path | None, minutes: int, isolation: str) -> dict[str, bytes]:
    """The files of the zip by their names; the scripts among them are made executable by `pack`.

    Raises Problem for an unknown chapter, a course.toml that cannot be read, or a file that is no wheel of deepbook.
    """
    from deepbook import __version__

    if minutes not in MINUTES:
        raise Problem(f"--minutes is Gradescope's timeout, from {MINUTES[0]} to {MINUTES[-1]}, not {minutes}.")
    found = {name: unix((SCRIPTS / name).read_bytes()) for name in ("setup.sh", "run_autograder")}
    found["seconds.txt"] = f"{minutes * 60 - SPARE // 2}\n".encode()
    found["settings.json"] = json.dumps({"whole_s": minutes * 60 - SPARE, "isolation": isolation}).encode()
    found["constraints.txt"] = constraints()
    found["deepbook.txt"] = f"deepbook=={__version__}\n".encode()
    if wheel:
        found |= {"deepbook.txt": f"{wheel.name}\n".encode(), wheel.name: whole_wheel(wheel)}
    described = of_chapter(chapter) if chapter else of_course(course)
    return found | {f"assignment/{name}": content for name, content in described.items()}


def unix(text: bytes) -> bytes:
    """With the line ends that bash wants; Git may have given a script others."""
    return text.replace(b"\r\n", b"\n")


def constraints() -> bytes:
    """The versions that were tested together: the project's requirements.lock."""
    lock = book_root() / "requirements.lock"
    if not lock.is_file():
        raise Problem(
            f"{lock} is missing: install deepbook again, so that the versions are known that belong together."
        )
    return lock.read_bytes()


def whole_wheel(path: Path) -> bytes:
    """A wheel's bytes. Raises Problem if it is not one of deepbook."""
    if not (WHEEL.fullmatch(path.name) and path.is_file() and zipfile.is_zipfile(path)):
        raise Problem(
            f"{short(path)} is no wheel of deepbook. In a copy of the project `python -m build --wheel` makes one."
        )
    return path.read_bytes()


def of_chapter(chapter: str) -> dict[str, bytes]:
    """The assignment of a whole chapter with the book's points. Its secret follows from the user's own."""
    assignment = default([name.strip() for name in chapter.split(",") if name.strip()], secret=b"-")
    sets = list(assignment.sets)
    secret = hmac.new(users_secret(), "\n".join(["gradescope", *sets]).encode(), hashlib.sha256).hexdigest()
    name = ", ".join(each.title for each in assignment.index.chapters)
    lines = [f"name = {json.dumps(name, ensure_ascii=False)}", f"chapters = {json.dumps(sets)}", f'secret = "{secret}"']
    return {FILE: ("\n".join(lines) + "\n").encode()}


def of_course(folder: Path) -> dict[str, bytes]:
    """An instructor's course.toml and hidden tests, as they are. What is wrong with them is said here, not there."""
    assignment = load(folder)
    found, total = {FILE: (assignment.folder / FILE).read_bytes()}, 0
    if assignment.hidden and not assignment.hidden.is_relative_to(assignment.folder):
        raise Problem(f"{short(assignment.hidden)} is not inside of {short(assignment.folder)}: move it there.")
    for path in sorted(assignment.hidden.rglob("*")) if assignment.hidden else ():
        name = path.relative_to(assignment.folder)
        if (
            path.is_file()
            and not path.is_symlink()
            and not any(p.startswith(".") or p == "__pycache__" for p in name.parts)
        ):
            found[name.as_posix()] = path.read_bytes()
            total += path.stat().st_size
    if assignment.hidden:
        found.setdefault(f"{assignment.hidden.relative_to(assignment.folder).as_posix()}/.keep", b"")
    if total > MOST:
        raise Problem(
            f"{short(assignment.hidden)} holds more than {MOST >> 20} MB. Leave only the tests and their data there."
        )
    manifest(assignment)
    return found


def pack(content: dict[str, bytes], out: Path):
    """Write the zip: the same content gives the same bytes."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile() as aside:
        with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(content):
                info = zipfile.ZipInfo(name)  # dated 1980, so that no clock is in it
                info.external_attr = (0o100755 if name in ("setup.sh", "run_autograder") else 0o100644) << 16
                info.create_system, info.compress_type = 3, zipfile.ZIP_DEFLATED  # 3: permissions are of Unix
                archive.writestr(info, content[name])
        aside.seek(0)
        files.write(out, aside.read())


# ------------------------------------------------------------------ in Gradescope's container


def prepared(home: Path) -> tuple[Assignment, str]:
    """The assignment in `home`/source, and which jail is asked for."""
    settings = json.loads((home / "source" / "settings.json").read_text(encoding="utf-8"))
    assignment = load(home / "source" / "assignment")
    whole_s = min(assignment.limits.whole_s, settings["whole_s"])
    return replace(assignment, limits=replace(assignment.limits, whole_s=whole_s)), settings["isolation"]


def users(metadata: dict) -> list[dict]:
    """Who handed in: one student, or a group."""
    listed = metadata.get("users")
    return [user for user in listed if isinstance(user, dict)] if isinstance(listed, list) else []


def who(metadata: dict) -> Student:
    """The student, or the group, of `submission_metadata.json`."""
    group = users(metadata)
    ids = "-".join(sorted(re.sub(r"\W", "", str(user.get("id", ""))) for user in group))[:64]
    names = ", ".join(str(user.get("name") or "") for user in group)
    return Student(ids or "unknown", names, str(group[0].get("email") or "") or None if group else None)


def extended(assignment: Assignment, student: Student, metadata: dict) -> Assignment:
    """The assignment with the student's own due time, where Gradescope gives one that is later (an extension)."""
    due = assignment.due_for(student)
    theirs = [user["assignment"] for user in users(metadata) if isinstance(user.get("assignment"), dict)]
    given = [as_moment(each.get("due_date")) for each in theirs]
    latest = max((moment for moment in given if moment), default=None)
    if due is None or latest is None or latest <= due:
        return assignment
    return replace(assignment, extensions={student.id: latest})


def graded(home: Path) -> dict:
    """Grade the submission in `home`; the content of results.json."""
    from deepbook.grading import batch, export, intake
    from deepbook.grading.commands import tier

    assignment, isolation = prepared(home)
    try:
        metadata = json.loads((home / "submission_metadata.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        metadata = {}
    metadata = metadata if isinstance(metadata, dict) else {}
    student = who(metadata)
    assignment = extended(assignment, student, metadata)
    submitted = as_moment(metadata.get("created_at"))
    submission = intake.read(home / "submission", assignment, student, submitted)
    record = batch.grade_one(submission, assignment, tier(isolation, None))
    return export.gradescope(record, assignment)


def failed(error: BaseException) -> dict:
    """The content of results.json when our own side failed: a sentence for both, the details in the log."""
    sentence = str(error) if isinstance(error, Problem) else f"{type(error).__name__}: {str(error)[:300]}"
    return {
        "score": 0,
        "stdout_visibility": "hidden",
        "tests": [],
        "output": "The grader itself failed, so nothing of your work was judged. That is no fault of your code. Please "
        f"tell your instructor, who will run it again. (For the instructor: {sentence})",
    }


def run(home: Path) -> int:
    """Grade one submission and write results/results.json, whatever happens."""
    target, code = home / "results" / "results.json", PASSED
    try:
        answer = graded(home)
    except BaseException as error:
        traceback.print_exc()  # Gradescope shows what is printed to instructors only
        answer, code = failed(error), MachineProblem.code
    aside = target.with_suffix(".new")
    aside.parent.mkdir(parents=True, exist_ok=True)
    aside.write_text(json.dumps(answer, indent=1), encoding="utf-8")
    os.replace(aside, target)
    return code


def look(home: Path) -> int:
    """At the end of setup.sh: say in Gradescope's log what was set up, and fail the build if it cannot work."""
    from deepbook.grading.commands import tier

    assignment, isolation = prepared(home)
    jail, tests = tier(isolation, None), sum(map(len, manifest(assignment).values()))
    what = f"{assignment.name}, {len(assignment.exercises)} exercises, {tests} tests"
    print(f"Ready: {what}; submissions run in the jail “{jail}”.")
    return PASSED


def main(arguments: list[str]) -> int:
    home = Path(arguments[0])
    try:
        return look(home) if "--check" in arguments else run(home)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return problem.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
