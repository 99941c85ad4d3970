"""Writing files so that a kill at any instant loses nothing: write aside, force it to the disk, rename."""

import contextlib
import hashlib
import json
import os
import re
import threading
import time
from datetime import datetime
from pathlib import Path

from deepbook.course.errors import Problem

ASIDE = "deepbook-new"  # the ending of a file that is not whole yet


def digest(content: bytes) -> str:
    """A hash of a text file, the same whichever line ends an editor or Git gave it."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def write(path: Path, content: bytes, instead_of: bytes | None = None):
    """Put `content` into `path`: afterwards the file is the old one or the new one, never a part.

    instead_of: what the file held when we read it. Raises Problem if somebody has saved it since.
    """
    path = path.resolve()  # a link stays a link
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.{ASIDE}")
    try:
        with open(aside, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            os.chmod(aside, path.stat().st_mode & 0o777)
        if instead_of is not None and path.read_bytes() != instead_of:
            raise Problem(f"{path.name} was saved by somebody else at this moment. Nothing was changed; try again.")
        os.replace(aside, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            aside.unlink()
        if isinstance(error, OSError) and error.filename in (None, str(aside)):
            error.filename = str(path)
        raise
    sync_folder(path.parent)
    sweep(path)


def sync_folder(folder: Path):
    """Force the names in a folder to the disk, where the platform can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sweep(path: Path):
    """Remove what a killed `write` of this file left behind more than a minute ago."""
    with contextlib.suppress(OSError):
        for left in path.parent.glob(f".{path.name}.*.{ASIDE}"):
            if time.time() - left.stat().st_mtime > 60:
                left.unlink()


def back_up(backups: Path, name: str, content: bytes) -> Path:
    """Keep `content` as `<backups>/<date and time>/<name>`, on the disk for sure before this returns."""
    stamp = datetime.now().strftime("%Y-%m-%dT%H-%M-%S")
    for number in range(1, 10_000):
        folder = backups / (stamp if number == 1 else f"{stamp}-{number}")
        try:
            folder.mkdir(parents=True)
            break
        except FileExistsError:
            continue
    kept = folder / name
    write(kept, content)
    for each in (*kept.parents[: len(Path(name).parts)], backups, backups.parent, backups.parent.parent):
        sync_folder(each)
    return kept


def read_notes(path: Path) -> tuple[dict, str]:
    """What a JSON file of ours holds, and a sentence if it was broken ("" if not): then it is moved aside."""
    try:
        notes = json.loads(path.read_bytes())
        if isinstance(notes, dict):
            return notes, ""
    except FileNotFoundError:
        return {}, ""
    except ValueError:
        pass
    stamp = re.sub(r"\W", "-", datetime.now().isoformat(timespec="microseconds"))
    aside = path.with_name(f"{path.name}.broken-{stamp}")
    os.replace(path, aside)
    return {}, f"{path.name} could not be read, so it starts afresh; the old one is kept as {aside.name}."


def write_notes(path: Path, notes: dict):
    write(path, (json.dumps(notes, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode())
