"""Honest work is never hurt: right answers in many styles, none of them ours, pass the tests and take full marks.

`tests/honest/<chapter>/<style>/` holds a student's files for one chapter, with what else a student leaves there.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deepbook.course.index import book_root, load_index
from deepbook.grading import course, intake, jail
from deepbook.grading.examiner import examine
from deepbook.grading.score import score

ROOT, HONEST = book_root(), Path(__file__).parent / "honest"
CHAPTERS = {chapter.folder: chapter for chapter in load_index().chapters}
MARKS = {"ch01": (), "ch04": pytest.mark.slow}  # of the others there are many minutes
STYLES = [
    pytest.param(folder.parent.name, folder.name, id=f"{folder.parent.name[:4]}-{folder.name}",
                 marks=MARKS.get(folder.parent.name[:4], pytest.mark.long))
    for folder in sorted(HONEST.glob("*/*/"))
]  # fmt: skip
TIER = next((tier for tier, why in jail.available().items() if not why), None)  # the best that this machine has


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """What is compiled for one style is not compiled again for the next."""
    settings = {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0", "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1"}
    return settings | {"JAX_COMPILATION_CACHE_DIR": str(tmp_path_factory.mktemp("cache"))}


@pytest.mark.parametrize(("chapter", "least"), [(folder, 5 if folder[:4] == "ch01" else 3) for folder in CHAPTERS])
def test_each_set_is_there_in_many_styles(chapter, least):
    folders = [folder for folder in (HONEST / chapter).iterdir() if folder.is_dir()]
    assert len(folders) >= least
    for folder in folders:
        for each in CHAPTERS[chapter].sets:
            text = (folder / f"{each.name}.py").read_text(encoding="utf-8")
            assert all(f"{exercise.name}" in text for exercise in each.exercises)


@pytest.mark.parametrize(("chapter", "style"), STYLES)
def test_honest_work_passes_plain_pytest(tmp_path, cache, chapter, style):
    folder = tmp_path / "book"
    shutil.copytree(ROOT / "exercises", folder, ignore=shutil.ignore_patterns("__pycache__", ".deepbook"))
    shutil.copytree(HONEST / chapter / style, folder / chapter, dirs_exist_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", chapter]
    environment = {**os.environ, **cache, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, env=environment)
    assert done.returncode == 0, done.stdout[-5000:]
    assert "skipped" not in done.stdout


@pytest.mark.skipif(TIER is None, reason="needs a machine that can run a jail, or go without one")
@pytest.mark.parametrize(("chapter", "style"), STYLES)
def test_honest_work_takes_full_marks(tmp_path, chapter, style):
    shutil.copytree(HONEST / chapter / style, tmp_path / "work" / chapter)
    assignment = course.default([chapter[:4]], secret=b"a secret of this test")
    submission = intake.read(tmp_path / "work", assignment, course.Student(f"{chapter}-{style}"))
    record = score(examine(submission, assignment, isolation=TIER), assignment, None)
    refused = {t["name"]: t["message"] for e in record["exercises"] for t in e["tests"] if not t["passed"]}
    assert refused == {}
    assert (record["status"], record["score"]) == ("ok", record["max"])
