"""The autograder.zip: what is in it, and what run_autograder writes in a folder that plays Gradescope's /autograder."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from deepbook.course.errors import Problem
from deepbook.grading import gradescope
from deepbook.grading.course import load

ROOT = Path(__file__).resolve().parent.parent
METADATA = {
    "id": 123456,
    "created_at": "2026-11-30T14:22:32.365935-07:00",
    "assignment": {"due_date": "2026-12-01T23:00:00-07:00", "id": 25828, "course_id": 1234, "title": "Week 1"},
    "submission_method": "upload",
    "users": [{"email": "ana@example.com", "id": 1234, "name": "Ana Đỗ"}],
    "previous_submissions": [],
}
COURSE = """
name = "Week 1"
chapters = ["ch01/neuron"]
due = 2026-12-01T23:59:00+00:00
late = "10% a day, at most 5 days"
secret = "{secret}"
hidden = "hidden"
"""
HIDDEN = '''"""Our own."""

from ch01_perceptron.neuron import majority


def test_majority_of_one():
    """A single vote decides."""
    W, b = majority(1)
    assert (W[0] + b > 0) and not (b > 0)
'''


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """An instructor's folder, with a hidden test and things beside it that nobody should get."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "course.toml").write_text(COURSE.format(secret="5" * 64), encoding="utf-8")
    (folder / "hidden" / "__pycache__").mkdir(parents=True)
    (folder / "hidden" / "test_more.py").write_text(HIDDEN, encoding="utf-8")
    (folder / "hidden" / "__pycache__" / "test_more.pyc").write_bytes(b"x")
    (folder / "hidden" / ".notes").write_text("x", encoding="utf-8")
    (folder / "hidden" / "link.py").symlink_to("/etc/passwd")
    (folder / "grades.csv").write_text("ana,12\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def archive(course, tmp_path_factory):
    out = tmp_path_factory.mktemp("zip") / "autograder.zip"
    assert gradescope.gradescope(None, course, out, None, 10, "best") == 0
    return out


class Container:
    """A folder with what Gradescope puts into /autograder, and its run_autograder."""

    def __init__(self, folder: Path, archive: Path):
        self.folder, self.results = folder, folder / "results" / "results.json"
        zipfile.ZipFile(archive).extractall(folder / "source")
        shutil.copy(folder / "source" / "run_autograder", folder / "run_autograder")  # as the image's build does
        self.hand_in(ROOT / "solutions")
        self.describe(METADATA)

    def hand_in(self, folder: Path | None):
        shutil.rmtree(self.folder / "submission", ignore_errors=True)
        (self.folder / "submission").mkdir()
        if folder:
            shutil.copy(folder / "ch01_perceptron" / "neuron.py", self.folder / "submission")

    def describe(self, metadata):
        (self.folder / "submission_metadata.json").write_text(json.dumps(metadata), encoding="utf-8")

    def run(self, *prefix, **env):
        """Run it; the parsed results.json."""
        self.results.unlink(missing_ok=True)
        env = {**os.environ, "DEEPBOOK_AUTOGRADER": str(self.folder), "DEEPBOOK_PYTHON": sys.executable, **env}
        command = [*prefix, "bash", str(self.folder / "run_autograder")]
        self.done = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, timeout=300)
        return json.loads(self.results.read_text(encoding="utf-8"))


@pytest.fixture
def container(tmp_path, archive):
    return Container(tmp_path / "autograder", archive)


# ---------------------------------------------------------------- the zip


def test_the_zip_has_the_scripts_at_its_root_and_they_may_be_run(archive):
    with zipfile.ZipFile(archive) as found:
        modes = {info.filename: info.external_attr >> 16 & 0o777 for info in found.infolist()}
        assert modes["setup.sh"] == modes["run_autograder"] == 0o755
        assert found.read("run_autograder").startswith(b"#!/usr/bin/env bash\n")
        assert found.read("deepbook.txt") == b"deepbook==%s\n" % gradescope_version()
        assert b"\njax==" in found.read("constraints.txt")
    for name in ("setup.sh", "run_autograder"):
        assert subprocess.run(["bash", "-n", str(gradescope.SCRIPTS / name)]).returncode == 0


def gradescope_version():
    from deepbook import __version__

    return __version__.encode()


def test_the_zip_holds_the_assignment_and_nothing_else(archive, course):
    with zipfile.ZipFile(archive) as found:
        names = {name for name in found.namelist() if name.startswith("assignment/")}
        assert names == {"assignment/course.toml", "assignment/hidden/.keep", "assignment/hidden/test_more.py"}
        assert found.read("assignment/course.toml") == (course / "course.toml").read_bytes()
        assert not any("solutions" in name for name in found.namelist())


def test_the_same_course_gives_the_same_bytes(archive, course, tmp_path):
    gradescope.pack(gradescope.contents(None, course, None, 10, "best"), tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_a_hidden_test_that_is_none_is_told_when_the_zip_is_made(course, tmp_path):
    folder = shutil.copytree(course, tmp_path / "course")
    more = folder / "hidden" / "test_more.py"
    more.write_text(HIDDEN.replace("test_majority", "test_majorty"), encoding="utf-8")
    with pytest.raises(Problem, match="test_majorty_of_one belongs to no exercise"):
        gradescope.of_course(folder)
    more.write_text(HIDDEN.replace("import majority", "import majorty"), encoding="utf-8")
    with pytest.raises(Problem, match=r"test_more.py, line 3 does not work: ImportError"):
        gradescope.of_course(folder)


def test_a_chapter_alone_needs_no_release(tmp_path, monkeypatch):
    monkeypatch.setattr(gradescope, "users_secret", lambda: b"mine")
    found = gradescope.of_chapter("1")
    assert found == gradescope.of_chapter("ch01_perceptron"), "the drawn inputs are the same when the zip is made anew"
    (tmp_path / "course.toml").write_bytes(found["course.toml"])
    assignment = load(tmp_path)
    assert assignment.chapters == ("ch01_perceptron",) and len(assignment.exercises) > 10
    assert b"mine".hex() not in found["course.toml"].decode() and gradescope.of_chapter("2") != found


def test_a_wheel_travels_in_the_zip(course, tmp_path):
    wheel = tmp_path / "deepbook-9.9-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("deepbook/__init__.py", "")
    found = gradescope.contents(None, course, wheel, 10, "best")
    assert found[wheel.name] == wheel.read_bytes() and found["deepbook.txt"].decode().strip() == wheel.name


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((None, None, None, 10), "Name a chapter"),
        (("1", Path("c"), None, 10), "not both"),
        (("99", None, None, 10), "no exercise called"),
        ((None, Path("nowhere"), None, 10), "course.toml is missing"),
        (("1", None, Path("numpy.whl"), 10), "no wheel of deepbook"),
        (("1", None, None, 60), "from 2 to 40"),
    ],
)
def test_what_cannot_work_is_said_before_it_is_uploaded(arguments, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    chapter, course, wheel, minutes = arguments
    with pytest.raises(Problem, match=says):
        gradescope.gradescope(chapter, course, Path("a.zip"), wheel, minutes, "best")
    assert not Path("a.zip").exists()


# ---------------------------------------------------------------- who, and when


def test_the_student_is_who_gradescope_says():
    ana = gradescope.who(METADATA)
    assert (ana.id, ana.name, ana.email) == ("1234", "Ana Đỗ", "ana@example.com")
    group = gradescope.who({"users": [{"id": 9, "name": "B", "email": "b@x"}, {"id": 1, "name": "A", "email": "a@x"}]})
    assert group.id == "1-9", "the order in which a group is listed changes no drawn input"
    for odd in ({}, {"users": None}, {"users": ["ana"]}, {"users": [{}]}, {"users": [{"id": "../../x"}]}):
        assert "/" not in gradescope.who(odd).id and gradescope.who(odd).id


def test_an_extension_of_gradescopes_counts(course):
    assignment, ana = load(course), gradescope.who(METADATA)
    due = assignment.due_for(ana)

    def with_due(when):
        return {"users": [{**METADATA["users"][0], "assignment": {"due_date": when}}]}

    later = gradescope.extended(assignment, ana, with_due("2026-12-08T23:59:00+00:00"))
    assert later.due_for(ana) - due == timedelta(days=7) and assignment.due_for(ana) == due
    for none in ("2026-11-01T00:00:00+00:00", None, "soon", 7):
        assert gradescope.extended(assignment, ana, with_due(none)).due_for(ana) == due
    assert gradescope.extended(assignment, ana, METADATA).due_for(ana) == due


# ---------------------------------------------------------------- in the container


def exercises(results):
    return [test for test in results["tests"] if "max_score" in test]


def test_a_right_submission_takes_all_points_without_a_network(container):
    """Under `unshare --net` where this machine allows it: not even the loopback device is up."""
    alone = ["unshare", "--net"]
    if subprocess.run([*alone, "true"], capture_output=True).returncode:
        alone = []
    results = container.run(*alone)
    assert container.done.returncode == 0, container.done.stderr
    assert results["score"] == sum(test["max_score"] for test in exercises(results)) == 5, container.done.stderr
    assert results["stdout_visibility"] == "hidden"
    assert all(test.get("visibility", "visible") in ("visible", "hidden") for test in results["tests"]), (
        "total is shown"
    )
    assert not list(container.folder.glob("results/*.new"))
    assert (container.folder / "source").stat().st_mode & 0o077 == 0, "the hidden tests are readable to root alone"


SPY = """
import os
for folder in ("@", "/autograder", "."):
    for name in ("source/assignment/course.toml", "source/assignment/hidden/test_more.py"):
        try:
            print("SEEN", open(os.path.join(folder, name)).read())
        except OSError:
            pass
    try:
        open(os.path.join(folder, "results/results.json"), "w").write('{"score": 1000}')
    except OSError:
        pass
"""


def test_a_wrong_answer_is_told_and_the_hidden_test_is_not(container):
    """And the code of the submission neither reads the assignment nor writes the results."""
    file = container.folder / "submission" / "neuron.py"
    text = file.read_text(encoding="utf-8").replace("return np.ones(n), -n / 2", "return np.ones(n), -1.5")
    file.write_text(text + SPY.replace("@", str(container.folder)), encoding="utf-8")
    results = container.run()
    assert results["score"] == 4, container.done.stderr
    shown = json.dumps([test for test in results["tests"] if test.get("visibility", "visible") == "visible"])
    assert "W[0] + b > 0" not in shown and "assert " not in shown
    assert "SEEN" not in json.dumps(results) and "5" * 64 not in json.dumps(results)


def test_a_late_submission_loses_what_the_policy_says(container):
    container.describe({**METADATA, "created_at": "2026-12-03T12:00:00+00:00"})
    results = container.run()
    assert results["score"] == 4 and "late" in results["output"].lower(), results["output"]


def test_an_empty_submission_scores_nothing_and_says_why(container):
    container.hand_in(None)
    results = container.run()
    assert results["score"] == 0 and results["output"]
    assert container.done.returncode == 0


@pytest.mark.parametrize("metadata", ["", "[]", "{", '{"users": 7, "created_at": "yesterday"}'])
def test_odd_metadata_cost_no_points(container, metadata, monkeypatch):
    (container.folder / "submission_metadata.json").write_text(metadata, encoding="utf-8")
    seen = run_here(container, monkeypatch)
    assert seen["submission"].student.id == "unknown" and seen["submission"].submitted is None


def run_here(container, monkeypatch):
    """Run it in this process with a grader that only remembers what it was asked."""
    from deepbook.grading import batch, commands, export

    seen = {}

    def grade_one(submission, assignment, isolation="best"):
        seen.update(submission=submission, assignment=assignment, isolation=isolation)
        return {"record": True}

    monkeypatch.setattr(batch, "grade_one", grade_one)
    monkeypatch.setattr(commands, "tier", lambda isolation, _: isolation)
    monkeypatch.setattr(export, "gradescope", lambda record, assignment: record)
    assert gradescope.run(container.folder) == 0
    assert json.loads(container.results.read_text()) == {"record": True}
    return seen


def test_gradescopes_timeout_limits_the_whole_submission(container, monkeypatch):
    assert run_here(container, monkeypatch)["assignment"].limits.whole_s == 540
    (container.folder / "source" / "settings.json").write_text('{"whole_s": 60, "isolation": "none"}', encoding="utf-8")
    seen = run_here(container, monkeypatch)
    assert seen["assignment"].limits.whole_s == 60 and seen["isolation"] == "none"


# ---------------------------------------------------------------- whatever happens


def test_a_results_file_is_there_when_python_is_not(container):
    results = container.run(DEEPBOOK_PYTHON="/no/such/python")
    assert results["score"] == 0 and "tell your instructor" in results["output"]
    assert container.done.returncode == 0


def test_a_results_file_is_there_when_the_time_is_over(container):
    (container.folder / "source" / "seconds.txt").write_text("0.1", encoding="utf-8")
    results = container.run()
    assert results["score"] == 0 and "stopped before it had finished" in results["output"]


def test_a_results_file_is_there_when_the_course_cannot_be_read(container):
    (container.folder / "source" / "assignment" / "course.toml").write_text("chapters = [", encoding="utf-8")
    results = container.run()
    assert results["score"] == 0 and "The grader itself failed" in results["output"]
    assert "course.toml" in results["output"] and "Traceback" not in results["output"]
    assert "Traceback" in container.done.stderr, "for the instructor, in Gradescope's log"


def test_a_results_file_is_there_when_the_grader_breaks(container, monkeypatch):
    monkeypatch.setattr(gradescope, "graded", lambda home: 1 / 0)
    assert gradescope.run(container.folder) != 0
    assert "ZeroDivisionError" in json.loads(container.results.read_text())["output"]


# ---------------------------------------------------------------- setup.sh


@pytest.mark.slow
def test_setup_installs_a_wheel_and_grades_with_it(course, tmp_path):
    """The whole way: wheel, zip, setup.sh in a new environment, run_autograder. JAX is borrowed from this one."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    assert subprocess.run(build, capture_output=True).returncode == 0
    (wheel,) = tmp_path.glob("*.whl")
    out = tmp_path / "autograder.zip"
    gradescope.gradescope(None, course, out, wheel, 10, "best")
    container = Container(tmp_path / "autograder", out)
    tools = tmp_path / "bin"  # all that setup.sh needs, but no apt-get: a test leaves the machine as it is
    tools.mkdir()
    for name in ("bash", "cat", "chmod", "env", "mkdir", "timeout"):
        (tools / name).symlink_to(shutil.which(name))
    import numpy

    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "VIRTUAL_ENV")}
    env |= {
        "PATH": str(tools),
        "DEEPBOOK_AUTOGRADER": str(container.folder),
        "DEEPBOOK_HOME": str(tmp_path / "home"),
        "DEEPBOOK_SETUP_PYTHON": sys.executable,
        "PIP_NO_DEPS": "1",
        "PYTHONPATH": str(Path(numpy.__file__).parent.parent),
    }
    setup = ["bash", str(container.folder / "source" / "setup.sh")]
    done = subprocess.run(setup, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ready: Week 1, 4 exercises, " in done.stdout
    home = {name: env[name] for name in ("DEEPBOOK_HOME", "PYTHONPATH")}
    python = str(tmp_path / "home" / "venv" / "bin" / "python")
    which = [python, "-c", "import deepbook; print(deepbook.__file__)"]
    where = subprocess.run(which, cwd=tmp_path, env=env, capture_output=True, text=True).stdout
    assert where.startswith(str(tmp_path / "home"))
    again = [python, "-m", "deepbook.cli", "gradescope", "1", "--to", "again.zip"]  # the lock file came with the wheel
    made = subprocess.run(
        again, cwd=tmp_path, env=env | {"XDG_DATA_HOME": str(tmp_path)}, capture_output=True, text=True
    )
    assert made.returncode == 0 and (tmp_path / "again.zip").exists(), made.stderr
    assert container.run(**home, DEEPBOOK_PYTHON=python)["score"] == 5, container.done.stderr
