"""What lies in a folder or a zip that a stranger made: listed and read in memory, nothing followed, nothing unpacked.

Folders: links, hard links, fifos and devices are listed with the reason why they are not read. A file is opened
without following a link and without waiting (so that a fifo cannot hold us), and looked at again once it is open.
Zips: only plain and deflated entries with a harmless name are read, never more of one than its limit.
"""

import os
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path, PurePosixPath

MOST_FILES = 2_000  # in one submission
MOST_IN_CLASS = 200_000  # in one zip of a whole class
LARGEST_ZIP = 32 << 20  # bytes of a submission's zip
DEEPEST = 16  # folders within folders
LONGEST = 200  # letters of a name
HARD_LINK = "is a hard link, and so may be a file of somebody else; hand in a copy"
# What editors, systems and tools put beside the work: not looked into, not told about.
CLUTTER = ("__MACOSX", "__pycache__", "node_modules", "site-packages", "venv", "env", "Thumbs.db", "desktop.ini")
BAD_ZIP = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError)


class Unreadable(Exception):
    """A folder, zip or file is not read; the message is a sentence that says why and what to hand in instead."""


@dataclass
class Item:
    """One file. `place` is where it lies, below the folder or zip that it came in."""

    place: tuple[str, ...]
    size: int
    time: float = 0.0  # seconds since 1970 as the file system or zip has it: anyone can set it
    refused: str = ""  # why it is not read: "is a link"
    opened: object = field(default=None, repr=False)  # limit -> bytes

    @property
    def name(self) -> str:
        return self.place[-1]

    @property
    def path(self) -> str:
        return shown("/".join(self.place))

    def read(self, limit: int) -> bytes:
        """The bytes, if there are at most `limit`. Raises Unreadable."""
        if self.refused:
            raise Unreadable(f"{self.path} {self.refused}.")
        if self.size > limit:
            raise Unreadable(f"{self.path} has {self.size:,} bytes; at most {limit:,} are read.")
        try:
            content = self.opened(limit + 1)
        except OSError as error:
            raise Unreadable(f"{self.path} cannot be read: {error.strerror or type(error).__name__}.") from error
        except BAD_ZIP as error:
            raise Unreadable(f"{self.path} cannot be unpacked: its zip is damaged.") from error
        if len(content) > limit:
            raise Unreadable(f"{self.path} is larger than it says; at most {limit:,} bytes are read.")
        return content


def shown(name: str) -> str:
    """A name for people: letters that do not print become codes, a long one is cut in the middle."""
    text = "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in name)
    return text if len(text) <= 120 else f"{text[:60]}…{text[-50:]}"


def same(name: str) -> str:
    """Names that some file systems take for one give the same text."""
    return unicodedata.normalize("NFC", name).casefold()


def clutter(name: str) -> bool:
    return (name.startswith(".") and name != "..") or name in CLUTTER


# ------------------------------------------------------------------ folders


def folder(root: Path, most: int = MOST_FILES) -> list[Item]:
    """All files below a folder, in the order of their names. Raises Unreadable if there are too many."""
    found: list[Item] = []
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        place = waiting.pop()
        try:
            with os.scandir(root.joinpath(*place)) as entries:
                for entry in entries:
                    below = (*place, entry.name)
                    if clutter(entry.name):
                        continue
                    if entry.is_dir(follow_symlinks=False) and len(below) <= DEEPEST:
                        waiting.append(below)
                    else:
                        found.append(look(Path(entry.path), below))
                    few_enough(len(found) + len(waiting), most)
        except OSError as error:
            if not place:
                raise Unreadable(f"The folder cannot be read: {error.strerror or 'an error'}.") from error
            found.append(Item(place, 0, refused=f"cannot be read: {error.strerror or 'an error'}"))
    return sorted(found, key=lambda item: item.place)


def few_enough(count: int, most: int):
    if count > most:
        raise Unreadable(f"It holds more than {most:,} files. Hand in the exercise files only.")


def look(path: Path, place: tuple[str, ...]) -> Item:
    """A file as it lies on the disk; what is no plain file is refused."""
    try:
        facts = os.lstat(path)
    except OSError as error:
        return Item(place, 0, refused=f"cannot be read: {error.strerror or 'an error'}")
    return Item(place, facts.st_size, facts.st_mtime, kind(facts), lambda most: from_disk(path, facts, most))


def kind(facts: os.stat_result) -> str:
    """Why something of the file system is not read; "" for a plain file."""
    if stat.S_ISLNK(facts.st_mode):
        return "is a link, and links are not followed"
    if stat.S_ISDIR(facts.st_mode):
        return "lies too deep in folders"
    if not stat.S_ISREG(facts.st_mode):
        return "is not a plain file"
    if facts.st_nlink > 1:
        return HARD_LINK
    return ""


def from_disk(path: Path, facts: os.stat_result, most: int) -> bytes:
    """At most `most` bytes of the plain file that `facts` describes. Raises OSError if it is another by now."""
    flags = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
    handle = os.open(path, flags)
    with open(handle, "rb") as file:
        now = os.fstat(handle)
        if kind(now) or (now.st_dev, now.st_ino) != (facts.st_dev, facts.st_ino):
            raise OSError("it changed while it was read")
        return file.read(min(most, now.st_size + 1))  # `read` makes room for all that it is asked for


# ------------------------------------------------------------------ zips


def archive(content: bytes, most: int = MOST_FILES) -> list[Item]:
    """All files of a zip in memory, in the order of their names. Raises Unreadable if it is none, or has too many."""
    few_enough(content.count(b"PK\x01\x02"), 25 * most)  # before zipfile makes an object for each; clutter among them
    return listing(BytesIO(content), most)


def listing(file, most: int) -> list[Item]:
    """All files of an open zip. It is read from while the items live."""
    try:
        opened = zipfile.ZipFile(file)
        entries = [entry for entry in opened.infolist() if not entry.is_dir()]
    except BAD_ZIP as error:
        raise Unreadable("The zip cannot be opened: it is damaged or no zip. Pack the folder again.") from error
    times = Counter(same(entry.orig_filename.replace("\\", "/")) for entry in entries)
    found = [item for entry in entries if not any(map(clutter, (item := _entry(opened, entry, times)).place))]
    few_enough(len(found), most)
    return sorted(found, key=lambda item: item.place)


def _entry(opened, entry, times) -> Item:
    name = entry.orig_filename  # zipfile cuts `filename` at a NUL
    refused = _refused(entry, name)
    if not refused and times[same(name.replace("\\", "/"))] > 1:
        refused = "is in the zip more than once, and which one counts is unclear"
    place = tuple(part for part in name.replace("\\", "/").split("/") if part not in ("", ".")) or (name or "?",)
    return Item(place, entry.file_size, _time(entry), refused, lambda most: _inflated(opened, entry, most))


def _refused(entry, name: str) -> str:
    """Why an entry of a zip is not read; "" for a plain file with a harmless name."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or "\0" in name or ".." in parts or parts[0] == "/" or ":" in parts[0] or len(parts) > DEEPEST + 1:
        return "has a name that leads out of its folder or means nothing"
    if max(map(len, parts)) > LONGEST:
        return "has a name that is too long"
    mode = entry.external_attr >> 16
    if entry.create_system == 3 and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "is a link or a device, not a plain file"
    if entry.flag_bits & 0x1:
        return "is locked with a password; pack it without one"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed by a method that is not read; pack the folder as an ordinary zip"
    return ""


def _time(entry) -> float:
    try:
        return datetime(*entry.date_time).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0


def _inflated(opened, entry, most: int) -> bytes:
    """At most `most` bytes of an entry: a bomb is never unpacked further. Raises zipfile.BadZipFile and the like."""
    with opened.open(entry) as file:
        return file.read(most)
