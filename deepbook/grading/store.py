"""The folder of results: one record a student, written so that a kill at any moment loses none and doubles none.

    grades/batch.json            the run: what was graded, when it began and ended, the scores before it
    grades/records/ana.json      one record (deepbook/grade/1), the old one or the new one, never a part
    grades/old/2026-12-01T…/     the tables before each regrade
    grades/.lock                 who grades into this folder now

Two graders on one folder would write each other's records: the second one says who the first is, and stops.
"""

import contextlib
import errno
import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

from deepbook.course import files
from deepbook.course.errors import MachineProblem, Problem, short
from deepbook.grading.safe import file_name

BATCH = "deepbook/batch/1"
OURS = ("batch.json", "records", "feedback", "grades.csv", ".lock")  # by one of these we know our folder
NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}  # the file system cannot lock


def now() -> str:
    """This moment, UTC: such times sort as text."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


class Store:
    """The results in one folder, as long as we hold its lock. Use it in a `with`."""

    def __init__(self, folder: Path):
        """Raises Problem if the folder holds something else, or if another grader is at work in it."""
        self.folder = Path(folder)
        if self.folder.exists() and not self.folder.is_dir():
            raise Problem(f"{short(self.folder)} is a file. Name a folder for the results with --to.")
        if self.folder.is_dir() and any(self.folder.iterdir()) and not any((self.folder / n).exists() for n in OURS):
            raise Problem(
                f"{short(self.folder)} holds something else. Name a new folder for the results, for example "
                "`--to grades`."
            )
        self.records_folder.mkdir(parents=True, exist_ok=True)
        self.lock = Lock(self.folder / ".lock")
        self.notes = read_batch(self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lock.release()

    @property
    def records_folder(self) -> Path:
        return self.folder / "records"

    def path(self, student: str) -> Path:
        return self.records_folder / f"{file_name(student)}.json"

    def write(self, record: dict):
        """Keep one record. Raises OSError, with what was there before untouched, if it cannot be written."""
        files.write(self.path(record["student"]["id"]), as_json(record))

    def record(self, student: str) -> dict | None:
        return read_record(self.path(student))

    def records(self) -> list[dict]:
        """All records, by the students' ids."""
        return read_records(self.folder)

    # -------------------------------------------------------------- the run

    def begin(self, again: bool, back_up: bool, **facts):
        """Note that a run begins, or goes on if the last one did not end.

        again: what was examined before this moment does not count. back_up: keep the old table, and the old scores.
        """
        goes_on = self.notes.get("ended", "") is None
        notes = {"format": BATCH, **facts, "started": now(), "ended": None, "since": None, "before": None}
        if goes_on:
            notes |= {name: self.notes.get(name) for name in ("started", "since", "before")}
        if again and not notes["since"]:
            notes["since"] = now()
        if back_up and notes["before"] is None:
            self.keep_table()
            notes["before"] = {r["student"]["id"]: r["score"] for r in self.records()}
        self._note(notes)

    def end(self, **facts):
        """Note that all is done."""
        self._note({**self.notes, **facts, "ended": now()})

    def _note(self, notes):
        files.write_notes(self.folder / "batch.json", notes)
        self.notes = notes

    def keep_table(self):
        """A dated copy of the table, if there is one."""
        table = self.folder / "grades.csv"
        if table.is_file():
            files.back_up(self.folder / "old", table.name, table.read_bytes())

    def current(self, student: str, key: str) -> dict | None:
        """The student's record, if it is about the very same work and belongs to the run that is under way."""
        record = self.record(student)
        if record is None or record.get("key") != key:
            return None
        since = self.notes.get("since")
        return record if not since or str(record.get("examined")) >= since else None


def as_json(record: dict) -> bytes:
    """The record as UTF-8; half letters (lone surrogates), which UTF-8 lacks, become the escapes that JSON has."""
    text = json.dumps(record, indent=1, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def read_record(path: Path) -> dict | None:
    """One record; None if there is none. What is no record is moved aside, and its student is examined again."""
    record, _ = files.read_notes(path)
    return record if isinstance(record.get("student"), dict) and isinstance(record.get("exercises"), list) else None


def read_records(folder: Path) -> list[dict]:
    """The records in a folder of results, by the students' ids."""
    paths = sorted(Path(folder, "records").glob("[!.]*.json"))
    found = [record for path in paths if (record := read_record(path))]
    return sorted(found, key=lambda record: str(record["student"].get("id")))


def read_batch(folder: Path) -> dict:
    return files.read_notes(Path(folder, "batch.json"))[0]


def read(folder: Path) -> tuple[list[dict], object]:
    """(all records, the Assignment they are about, None if its folder is gone), for who shows or exports them.

    Raises Problem if nothing was graded there.
    """
    records = read_records(folder)
    if not records:
        raise Problem(
            f"There are no grades in {short(folder)}. Run `deepbook grade SUBMISSIONS` first, or name the folder of "
            "results."
        )
    try:
        return records, assignment_of(read_batch(folder))
    except Problem:
        return records, None


def assignment_of(notes: dict):
    """The assignment that batch.json names. Raises Problem if its course.toml is gone or broken."""
    from deepbook.grading import course

    if notes.get("course"):
        return course.load(Path(notes["course"]))
    return course.default(tuple(notes.get("chapters") or ()))


# ------------------------------------------------------------------ one grader at a time


class Lock:
    """Held by one process; the system takes it back when that process ends, however it ends.

    On a file system without locks, the owner is judged by what it wrote: host, process and its start.
    """

    def __init__(self, path: Path):
        """Raises MachineProblem, which names the owner, if another process holds it."""
        self.path = path
        self.file = open(path, "a+b")  # noqa: SIM115  held until release
        try:
            if not self._taken_from_system() and alive(self._owner()):
                raise self._busy()
            self._sign()
        except BaseException:
            self.file.close()
            raise

    def _taken_from_system(self) -> bool:
        """Whether the system locked the file for us; False where it cannot."""
        try:
            import fcntl
        except ImportError:  # Windows
            return False
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise self._busy() from error
        except OSError as error:
            if error.errno in NO_LOCKS:
                return False
            raise
        return True

    def _owner(self) -> dict:
        try:
            self.file.seek(0)
            owner = json.loads(self.file.read())
            return owner if isinstance(owner, dict) else {}
        except ValueError:
            return {}

    def _sign(self):
        self.file.truncate(0)
        self.file.write(json.dumps(myself()).encode())
        self.file.flush()

    def _busy(self) -> MachineProblem:
        owner = self._owner()
        who = f"process {owner.get('pid', '?')} on {owner.get('host', '?')}, since {owner.get('since', '?')}"
        return MachineProblem(
            f"Another deepbook grades into {short(self.path.parent)} at this moment ({who}). Wait until it has ended, "
            f"or name another folder with --to. If you know that it is dead, delete {short(self.path)}."
        )

    def release(self):
        with contextlib.suppress(OSError):
            self.file.truncate(0)  # the file stays: to remove it would let two in
        self.file.close()


def myself() -> dict:
    host, pid = socket.gethostname(), os.getpid()
    return {"pid": pid, "host": host, "start": start_of(pid), "since": datetime.now().isoformat(timespec="seconds")}


def alive(owner: dict) -> bool:
    """Whether the process that signed a lock still runs; one of another host is taken to."""
    if not owner:
        return False
    if owner.get("host") != socket.gethostname() or os.name == "nt":  # Windows has no signal that only asks
        return True
    try:
        os.kill(int(owner["pid"]), 0)
    except PermissionError:
        pass
    except (OSError, KeyError, TypeError, ValueError):
        return False
    return start_of(owner["pid"]) == owner.get("start")


def start_of(pid: int) -> str | None:
    """When a process started, in the system's ticks since the machine did: a pid that came again has another."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b") ")[2].split()[19].decode()
    except OSError:
        return None
