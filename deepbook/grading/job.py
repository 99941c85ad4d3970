"""What the trusted process of one submission is asked to do, in plain values. Nothing here imports pytest or JAX."""

import hmac
import json
from dataclasses import dataclass, field
from pathlib import Path

from deepbook.course.index import Index
from deepbook.grading.wire import clean


@dataclass(frozen=True)
class Job:
    """What the trusted process is asked to do. It comes from examiner.py, never from a student."""

    index: Index
    files: dict[str, bytes]
    seeds: dict[str, bytes]  # by exercise id, for the drawn inputs
    hidden: Path | None
    test_s: float
    whole_s: float
    memory_mb: int
    cache: Path | None = None  # what JAX has compiled for the book's own tests
    fill: bool = False  # add to it
    done: frozenset = frozenset()  # (exercise id, test, kind) that need not run any more
    sets_done: dict = field(default_factory=dict)  # by file that could not be imported: {"status", "message"}
    only_list: bool = False  # list the tests, run none


def seed_of(secret: bytes, student: str, exercise: str) -> bytes:
    """The seed of one student's drawn inputs for one exercise: nobody can tell it without the course's secret."""
    return hmac.digest(secret, json.dumps([student, exercise]).encode(), "sha256")


def hidden_files(folder: Path | None) -> list[Path]:
    return sorted(folder.rglob("test_*.py")) if folder else []


def normal(content: bytes) -> bytes:
    """A file's text as Python reads it without an encoding of its own: UTF-8, \\n at the end of each line."""
    text = content.decode("utf-8-sig", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").encode()


def said(printed: str) -> str:
    """What the student's code has printed, without what a library says that finds no /proc."""
    return clean("".join(line for line in printed.splitlines(True) if "cpuinfo" not in line).strip("\n"), 20_000)
