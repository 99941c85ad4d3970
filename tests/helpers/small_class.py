"""A class of students who hand in the small book of conftest.py, graded by the fake examiner."""

import contextlib
import json
import os
from pathlib import Path

import pytest

from deepbook.grading import batch, course, store

FAKE = "fake_examiner:examine"
TIMES = ("examined", "seconds", "cpu", "peak_mb")


class Class:
    """A class of students who hand in the small book, and a course of it."""

    def __init__(self, folder: Path, monkeypatch):
        self.folder, self.submissions, self.out = folder, folder / "submissions", folder / "grades"
        self.log = folder / "examined"
        monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
        monkeypatch.setenv("EXAMINED", str(self.log))

    def hand_in(self, student: str, *lines: str, set="sums"):
        path = self.submissions / student / "ch01_small" / f"{set}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(f"# {line}" for line in lines) + "\n")

    @property
    def assignment(self):
        return course.default(secret=b"sixteen bytes or")

    def grade(self, out=None, jobs=2, assignment=None, **rest):
        rest = {"examiner": FAKE, **rest}
        return batch.grade(self.submissions, assignment or self.assignment, out or self.out, jobs, **rest)

    def examined(self) -> list[str]:
        """Whose submissions were examined since we last asked."""
        names = self.log.read_text().split() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return sorted(names)

    def scores(self, out=None) -> dict[str, float]:
        return {r["student"]["id"]: r["score"] for r in store.read_records(out or self.out)}


def timeless(out: Path) -> bytes:
    """All records of a folder, without what a clock says."""
    records = store.read_records(out)
    kept = [{name: value for name, value in record.items() if name not in TIMES} for record in records]
    return json.dumps(kept, sort_keys=True).encode()


@contextlib.contextmanager
def dask_cluster(workers=2, threads=1):
    """Worker processes that start again when they are killed, as those of `dask worker` do."""
    dask = pytest.importorskip("dask")
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": workers, "threads_per_worker": threads, "processes": True, "dashboard_address": None}
    with (
        dask.config.set({"distributed.worker.daemon": False}),
        distributed.LocalCluster(**options, silence_logs=50) as made,
    ):
        yield made
