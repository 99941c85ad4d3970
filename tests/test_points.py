"""`pytest --points` in a folder of exercises: the table, and that nothing else changes."""

import re
import subprocess
import sys

import pytest

HALF = """def add(a, b):
    return a + b


def double(a):
    return a * a
"""
CASES = """import pytest
from ch01_small.late import triple
from deepbook.course.checks import check


@pytest.mark.parametrize("a", [1, 2])
def test_triple(a):
    check(triple, a, gives=3 * a)
"""
ONE_MORE = """

def test_add_one():
    check(add, 1, 1, gives=2)
"""


@pytest.fixture
def run(small_book, learner):
    """A function that runs plain pytest in the learner's folder; gives (exit code, output)."""

    def run(*arguments):
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
        environment = {**small_book.environment, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COLUMNS": "100"}
        done = subprocess.run(command, cwd=learner.folder, env=environment, capture_output=True, text=True, timeout=200)
        return done.returncode, done.stdout

    return run


def table(output):
    """The lines of the table: {exercise: the rest of its line}, and the lines below it."""
    lines = output.splitlines()
    begin = next(number for number, each in enumerate(lines) if re.fullmatch("=+ points =+", each)) + 2
    end = next(number for number in range(begin, len(lines)) if lines[number].startswith("total"))
    rows = [line.split(None, 1) for line in lines[begin : end + 1]]
    below = [line for line in lines[end + 1 :] if "tests ran" in line]
    return {name: " ".join(rest.split()) for name, rest in rows}, below


def write(learner, sums):
    (learner.folder / "ch01_small/sums.py").write_text(sums)


def test_points_of_fresh_half_done_and_finished_work(run, small_book, learner):
    code, output = run("--points")
    assert table(output) == (
        {"ch01/add": "1 0 to do", "ch01/double": "2 0 to do", "ch01/triple": "3 0 to do", "total": "6 0"},
        [],
    )
    assert code == 1
    write(learner, HALF.replace("def double(a):\n    return a * a", "def double(a:"))
    small_book.solve(learner.folder, "late")
    assert table(run("--points")[1])[0] == {
        **{"ch01/add": "1 0 cannot run", "ch01/double": "2 0 cannot run", "ch01/triple": "3 3", "total": "6 3"}
    }
    write(learner, HALF)
    assert table(run("--points")[1])[0] == {
        **{"ch01/add": "1 1", "ch01/double": "2 0 failed", "ch01/triple": "3 3", "total": "6 4"}
    }
    code, output = run("--points", "--answers=solutions")
    assert code == 0 and table(output)[0]["total"] == "6 6"


def test_points_change_nothing_else(run, learner):
    write(learner, HALF)
    (code, plain), (code_too, output) = run(), run("--points")
    assert code == code_too == 1
    without = re.sub(r"=+ points =+\n.*total +\d+ +\d+\n\Z", "", output, flags=re.DOTALL)  # at the very end
    assert [re.sub(r"in [\d.]+s|=", "", line) for line in without.splitlines()] == [
        re.sub(r"in [\d.]+s|=", "", line) for line in plain.splitlines()
    ]


def test_points_say_when_not_all_tests_ran(run, small_book, learner):
    small_book.solve(learner.folder)
    tests = learner.folder / "ch01_small/test_sums.py"
    tests.write_text(tests.read_text() + ONE_MORE)
    (learner.folder / "ch01_small/test_late.py").write_text(CASES)
    assert table(run("--points")[1]) == (
        {"ch01/add": "1 1", "ch01/double": "2 2", "ch01/triple": "3 3", "total": "6 6"},
        [],
    )
    not_there = "Not all tests ran: {} of 3 exercises are not in this table."
    assert table(run("--points", "--only", "ch01/double")[1]) == (
        {"ch01/double": "2 2", "total": "2 2"},
        [not_there.format(2)],
    )
    part = "1 0 not all its tests ran"
    assert table(run("--points", "-k", "add_one or triple")[1]) == (
        {"ch01/add": part, "ch01/triple": "3 3", "total": "4 3"},
        [not_there.format(1)],
    )
    found, below = table(
        run("--points", "ch01_small/test_sums.py::test_add", "ch01_small/test_late.py::test_triple[1]")[1]
    )
    assert found == {"ch01/add": part, "ch01/triple": "3 0 not all its tests ran", "total": "4 0"}
    assert below == [not_there.format(1)]


def test_points_of_a_run_that_was_broken_off(run, learner):
    found, below = table(run("--points", "-x")[1])
    assert found == {
        "ch01/add": "1 0 to do",
        "ch01/double": "2 0 not run",
        "ch01/triple": "3 0 not run",
        "total": "6 0",
    }
    assert below == ["Not all tests ran."]


def test_points_of_the_index_count_also_where_they_are_fractions(run, small_book, learner):
    small_book.solve(learner.folder)
    index = learner.folder / "index.toml"
    index.write_text(index.read_text().replace("points = 3", "points = 2.5"))
    assert table(run("--points")[1])[0]["total"] == "5.5 5.5"


def test_a_skipped_test_brings_no_points(run, small_book, learner):
    small_book.solve(learner.folder)
    tests = learner.folder / "ch01_small/test_late.py"
    tests.write_text(
        tests.read_text().replace("def test_triple", "import pytest\n\n\n@pytest.mark.skip\ndef test_triple")
    )
    assert table(run("--points")[1])[0]["ch01/triple"] == "3 0 skipped"
