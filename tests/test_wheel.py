"""The wheel alone is enough for a learner: exercises, solutions and pages travel in it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the unpacked wheel, and a function that runs `deepbook` from it alone."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "lib")
    env = {**os.environ, "PYTHONPATH": str(folder / "lib"), "XDG_CACHE_HOME": str(folder / "cache"), "NO_COLOR": "1"}
    env.pop("DEEPBOOK_CACHE", None)

    def run(*command, cwd=folder):
        return subprocess.run([sys.executable, *command], cwd=cwd, env=env, capture_output=True, text=True, timeout=300)

    return folder, run


def test_a_learner_starts_from_the_wheel_alone(installed):
    folder, run = installed
    where = run("-c", "import deepbook.course.index as i; print(i.book_root())").stdout.strip()
    assert Path(where) == folder / "lib" / "deepbook" / "_book"
    made = run("-m", "deepbook.cli", "start", "mine")
    assert made.returncode == 0, made.stdout + made.stderr
    checked = run("-m", "deepbook.cli", "check", "--answers", "solutions", cwd=folder / "mine")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    checked = run("-m", "deepbook.cli", "check", "by_hand", cwd=folder / "mine")
    assert checked.returncode == 1, checked.stdout + checked.stderr


def test_the_wheel_holds_the_catalogue_and_the_recorded_labs(installed):
    folder, run = installed
    listed = run("-m", "deepbook.cli", "data", "list")
    assert listed.returncode == 0 and "fashion-mnist" in listed.stdout, listed.stderr
    labs = run("-m", "deepbook.cli", "lab")
    assert labs.returncode == 0 and "admissions" in labs.stdout, labs.stderr
    code = "from deepbook import labs; print(labs.results_folder()); print(labs.result('admissions')['rows'])"
    where, rows = run("-c", code).stdout.split()
    assert Path(where) == folder / "lib" / "deepbook" / "_book" / "chapters" / "results" and rows == "397"


def test_the_book_is_built_from_the_wheel_alone(installed):
    """The draft, as `deepbook learn` does first: all pages, and the outputs of chapter 1."""
    folder, run = installed
    code = "from deepbook.site.build import *; out = default_site()"
    code += "; build(out, draft=('index.md', '00-start.md', '01-perceptron.md')); print(out)"
    built = run("-c", code)
    assert built.returncode == 0, built.stderr
    site = Path(built.stdout.strip())
    assert site.is_relative_to(folder / "cache")
    assert "deepbook.perceptron" in (site / "01-perceptron.html").read_text(encoding="utf-8")
