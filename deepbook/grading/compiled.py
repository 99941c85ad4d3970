"""What JAX compiles for nearly every student, compiled once: a cache that jails may read and never write.

It is filled by examining the book's own answers, which are trusted. A jail may open an entry and cannot list them
(jail.py): an entry's name is the hash of the very program, so who can name a solution's program has it already. The
trusted processes have a part of their own, which no jail sees; in it is also what the book's mistakes give.
"""

import contextlib
import os
import pickle
import platform
import shutil
import sys
import tempfile
from pathlib import Path

from deepbook.course import mistakes
from deepbook.course.index import book_root
from deepbook.course.runner import user_cache
from deepbook.grading import fingerprint
from deepbook.grading.bench import Bench, Job
from deepbook.grading.course import Assignment, Student, Submission

PARTS = ("worker", "trusted")
WORTH = 5  # submissions from which on it pays to fill the cache first
KEPT = 4  # caches of earlier assignments and versions


def compiled(assignment: Assignment, isolation: str, book: str, submissions: int) -> Path | None:
    """The folder of the cache for this assignment, filled if that pays; None if there is none."""
    with contextlib.suppress(OSError):
        folder = user_cache() / "grading" / _key(assignment, isolation, book)
        if (folder / "complete").exists():
            os.utime(folder)
            return folder
        if submissions >= WORTH and sys.platform == "linux":
            return fill(folder, assignment, isolation, book)
    return None


def fill(folder: Path, assignment: Assignment, isolation: str, book: str) -> Path | None:
    """Examine the book's answers, and keep what may be kept of what that compiled."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="new-", ignore_cleanup_errors=True) as temporary:
        place = Path(temporary)
        for part in PARTS:
            (place / part).mkdir()
        job = Job(of_the_book(assignment), assignment, isolation, book, cache=place, fill=True)
        bench = Bench()
        try:
            if "record" not in bench.examine(job):
                return None
        finally:
            bench.retire()
        keep(place, folder)
    prune(folder.parent)
    return folder


def of_the_book(assignment: Assignment) -> Submission:
    """The book's own answers, as a student would hand them in."""
    names = [each.file for each in assignment.index.sets]
    return Submission(Student("solutions"), {name: (book_root() / "solutions" / name).read_bytes() for name in names})


@contextlib.contextmanager
def used(folder: Path, fill: bool):
    """In this block JAX looks up there what it would compile, and the recogniser what the book's mistakes give."""
    import jax
    from jax.experimental.compilation_cache import compilation_cache

    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0 if fill else 1e9)  # 1e9: nothing is written
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
    jax.config.update("jax_persistent_cache_enable_xla_caches", "none")  # else the folder's path is part of each key
    compilation_cache.reset_cache()
    given = folder / "mistakes.pickle"  # of our own processes, like what is compiled here: no jail reads it
    if given.exists():
        mistakes.KEPT |= pickle.loads(given.read_bytes())
    yield
    if fill:
        given.write_bytes(pickle.dumps(mistakes.KEPT))


def keep(place: Path, folder: Path):
    """Make of the filled folder the one that jails read: of its own files, which nobody else may write or list."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="kept-", ignore_cleanup_errors=True) as temporary:
        new = Path(temporary, "new")
        for part in PARTS:
            (new / part).mkdir(parents=True)
            for entry in (place / part).iterdir():
                if entry.is_file() and not entry.is_symlink():
                    (new / part / entry.name).write_bytes(entry.read_bytes())
        (new / "complete").touch()
        (new / "worker").chmod(0o111)  # to be opened, not to be listed
        (new / "trusted").chmod(0o700)
        with contextlib.suppress(OSError):  # another batch was faster
            new.rename(folder)


def prune(folder: Path):
    """Remove the caches that were not used for the longest time."""
    by_age = sorted((each for each in folder.iterdir() if each.is_dir()), key=lambda each: each.stat().st_mtime)
    for each in by_age[:-KEPT]:
        with contextlib.suppress(OSError):
            (each / "worker").chmod(0o700)
        shutil.rmtree(each, ignore_errors=True)


def _key(assignment, isolation, book) -> str:
    """Compiled code is for one processor and one JAX."""
    return fingerprint.of(
        book, [each.id for each in assignment.index.sets], isolation, platform.python_version(), flags()
    )


def flags() -> str:
    """What this processor can do."""
    with contextlib.suppress(OSError), open("/proc/cpuinfo") as file:
        return next((line for line in file if line.startswith(("flags", "Features"))), "")
    return platform.processor()
