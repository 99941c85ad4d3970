"""Whatever a learner's file does, the runner says one sentence about it, and the others are tested all the same."""

import os
import sys
import threading
import time

import pytest

from deepbook.course.output import SHARE, Output
from deepbook.course.runner import Cancelled, Fresh, run
from deepbook.course.warm import Warm

GOOD_DOUBLE = "\n\ndef double(a):\n    return 2 * a\n"


def answer(learner, add, rest=GOOD_DOUBLE):
    (learner.folder / "ch01_small/sums.py").write_text(add + rest)


@pytest.fixture(scope="module", params=["fresh", "warm"])
def starter(request):
    """Who starts the tests' processes: every test here holds for both."""
    if request.param == "warm" and sys.platform != "linux":
        pytest.skip("only Linux forks safely")
    started = Fresh() if request.param == "fresh" else Warm()
    yield started
    started.close()


@pytest.fixture
def check(learner, starter):
    """A function that tests all exercises of the learner and gives the results."""

    def check(**settings):
        return run(learner, learner.index.exercises, starter=starter, **settings).results

    return check


def test_statuses_of_stubs_answers_and_a_known_mistake(learner, check):
    answer(learner, "def add(a, b):\n    print('a is', a)\n    return a - b\n")
    results = check()
    add = results["ch01/add"]
    assert [r.status for r in results.values()] == ["failed", "passed", "todo"]
    assert (add.mistake, add.about, add.printed) == ("subtracts", "The sum of two numbers.", "a is 2")
    assert "look at the sign" in add.message and "gave -1; expected 5" in add.message


@pytest.mark.parametrize(("add", "status", "asked_again"), [("a - b", "failed", False), ("a + b", "passed", True)])
def test_after_the_failure_that_is_shown_no_time_is_spent_on_others(learner, check, add, status, asked_again):
    tests, sign = learner.folder / "ch01_small/test_sums.py", learner.folder / "asked_again"
    more = f"def test_add_again():\n    open({str(sign)!r}, 'w').close()\n    check(add, 1, 1, gives=2)\n"
    tests.write_text(f"{tests.read_text()}\n\n{more}")
    answer(learner, f"def add(a, b):\n    return {add}\n")
    results = check()
    assert (results["ch01/add"].status, results["ch01/double"].status) == (status, "passed")
    assert sign.exists() == asked_again


def test_solutions_pass(learner, starter):
    assert run(learner, learner.index.exercises, answers="solutions", starter=starter).passed


@pytest.mark.parametrize(
    ("add", "status", "words"),
    [
        ("def add(a, b:\n", "broken", "line 1: Python cannot read this line"),
        ("import numpi\n\ndef add(a, b):\n    return 1\n", "broken", "numpi"),
        ("exit()\n", "broken", "exit"),
        ("from deepbook import perceptron\n", "broken", "not fair"),
        ("raise KeyboardInterrupt\n", "crashed", "ended Python itself"),
        ("import os\nos._exit(0)\n", "crashed", "ended Python itself"),
        ("while True:\n    pass\n", "broken", "did not end within"),
    ],
)
def test_a_file_that_cannot_be_read(learner, check, add, status, words):
    answer(learner, add)
    results = check(limit_s=1)
    assert results["ch01/add"].status == results["ch01/double"].status == status
    assert words in results["ch01/add"].message
    assert results["ch01/triple"].status == "todo"


LEAVE = "import os\n\ndef add(a, b):\n    os._exit(0)\n"
CRASH = "import os\n\ndef add(a, b):\n    os.kill(os.getpid(), 11)\n"
ENDLESS = "def add(a, b):\n    while True:\n        pass\n"
# a loop that not even an alarm stops, as one inside compiled code
STUBBORN = "def add(a, b):\n    while True:\n        try:\n            while True:\n                pass\n"
STUBBORN += "        except BaseException:\n            pass\n"


@pytest.mark.parametrize(
    ("add", "status", "words"),
    [
        ("def add(a, b):\n    exit()\n", "failed", "exit"),
        ("def add(a, b):\n    raise KeyboardInterrupt\n", "crashed", "ended Python itself"),
        (LEAVE, "crashed", "ended Python itself"),
        (CRASH, "crashed", "SIGSEGV"),
        (ENDLESS, "stuck", "did not end within 1 seconds"),
        (STUBBORN, "stuck", "did not come to an end"),
        ("def sub(a, b):\n    return a\n", "broken", "deepbook reset add"),
    ],
)
def test_a_function_that_misbehaves_hurts_no_other(learner, check, add, status, words, monkeypatch):
    monkeypatch.setattr("deepbook.course.runner.GRACE_S", 1)
    answer(learner, add)
    results = check(limit_s=1)
    assert results["ch01/add"].status == status, results["ch01/add"]
    assert words in results["ch01/add"].message
    assert results["ch01/double"].status == "passed" and results["ch01/triple"].status == "todo"


def test_missing_files(learner, check):
    (learner.folder / "ch01_small/sums.py").unlink()
    (learner.folder / "ch01_small/test_late.py").unlink()
    results = check()
    assert "deepbook reset ch01/sums" in results["ch01/add"].message
    assert "deepbook update" in results["ch01/triple"].message


@pytest.mark.parametrize("name", ["conftest.py", "pytest.ini", "ch01_small/test_late.py"])
def test_a_broken_file_of_the_book_is_said(learner, check, name):
    (learner.folder / name).write_text("import nothing_like_this ((\n")
    result = check()["ch01/triple"]
    assert result.status in ("broken", "crashed")
    assert "deepbook update" in result.message or "a file of the book, does not work" in result.message


def test_endless_prints_are_cut(learner, check):
    answer(learner, "def add(a, b):\n    for i in range(40):\n        print('x' * 1_000_000)\n    return 0\n")
    result = check()["ch01/add"]
    assert result.status == "failed" and len(result.printed) < SHARE + 50


def test_output_finds_marks_that_are_cut_in_two():
    text = b"\n\x1ea\nhello\n\n\x1e\nrest\n\n\x1eb\nyou\n\n\x1e\n"
    for size in range(1, 12):
        output = Output()
        for at in range(0, len(text), size):
            output.feed(text[at : at + size])
        assert (output.of("a"), output.of("b")) == ("hello", "you"), size


def test_cancel_stops_the_process(learner, starter):
    answer(learner, ENDLESS)
    cancel, pids = threading.Event(), []
    threading.Timer(1.0, cancel.set).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        run(learner, learner.index.exercises, cancel=cancel, on_event=pids.append, starter=starter)
    assert time.monotonic() - started < 4


SHELL = "def add(a, b):\n    import ctypes\n    ctypes.CDLL(None).system({command!r}.encode())\n    return a + b\n"


@pytest.mark.parametrize("way", ["({}) &", "setsid sh -c '{}' &"])
def test_a_childs_child_does_not_outlive_the_run(learner, check, starter, tmp_path, way):
    if way.startswith("setsid") and isinstance(starter, Fresh):
        pytest.skip("only the warm parent finds a process that has left its group")
    mark = tmp_path / "alive"
    answer(learner, SHELL.format(command=way.format(f"sleep 3; touch {mark}")))
    assert check()["ch01/add"].status == "passed"
    time.sleep(3.2)
    assert not mark.exists()


FORK_BOMB = "import os\n\ndef add(a, b):\n    while True:\n        os.fork()\n"
POOL = "from multiprocessing import Pool\n\ndef add(a, b):\n    return Pool(2).map(sum, [[a, b]])[0]\n"
PROGRAM = "import subprocess\n\ndef add(a, b):\n    subprocess.run(['true'])\n    return a + b\n"
KILLER = "import os\n\ndef add(a, b):\n    os.kill(os.getppid(), 9)\n    return a + b\n"


@pytest.mark.parametrize("add", [FORK_BOMB, POOL, PROGRAM])
def test_no_answer_starts_processes(learner, check, add):
    answer(learner, add)
    results = check(limit_s=2)
    assert results["ch01/add"].status == "failed" and "another process" in results["ch01/add"].message
    assert results["ch01/double"].status == "passed"


def test_no_answer_kills_others(learner, check):
    answer(learner, KILLER)
    assert "sends a signal to another process" in check()["ch01/add"].message


def test_two_gigabytes_of_output_end_that_run_alone(learner, check):
    answer(learner, "def add(a, b):\n    for i in range(2000):\n        print('x' * 1_000_000)\n    return a + b\n")
    started = time.monotonic()
    results = check()
    assert results["ch01/add"].status == "stuck" and "printed more than 64 MB" in results["ch01/add"].message
    assert results["ch01/double"].status == "passed"
    assert time.monotonic() - started < 15


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_all_the_memory_is_refused(learner, check):
    answer(learner, "def add(a, b):\n    return [0] * 10**12\n")
    assert "MemoryError" in check()["ch01/add"].message


def test_settings_of_the_user_cannot_break_the_run(learner, check, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    assert check()["ch01/triple"].status == "todo"
    assert os.environ["PYTEST_ADDOPTS"]


def test_odd_letters_in_a_message_do_no_harm(learner, check):
    answer(learner, "def add(a, b):\n    print('\\udc80')\n    raise ValueError('x\\udc80y')\n")
    results = check()
    assert r"x\udc80y" in results["ch01/add"].message and results["ch01/double"].status == "passed"


def test_bytecode_that_a_notebook_left_is_not_read(learner, check):
    import py_compile

    file = learner.folder / "ch01_small/sums.py"
    answer(learner, "def add(a, b):\n    return a - b\n")
    py_compile.compile(file, doraise=True)
    stamp = file.stat().st_mtime
    answer(learner, "def add(a, b):\n    return a + b\n")  # as long, and of the same second
    os.utime(file, (stamp, stamp))
    assert check()["ch01/add"].status == "passed"


LIBRARY = "import subprocess\n\ndef ask():\n    return subprocess.run(['true']).returncode\n"


def test_a_library_may_start_what_it_needs_also_in_the_learners_folder(learner, check):
    packages = learner.folder / ".venv/lib/site-packages"
    packages.mkdir(parents=True)
    (packages / "library.py").write_text(LIBRARY)
    code = f"import sys\nsys.path.append({str(packages)!r})\n\ndef add(a, b):\n    import platform\n"
    code += "    platform.processor()\n    return a + b + __import__('library').ask()\n"
    answer(learner, code)
    assert check()["ch01/add"].status == "passed", check()["ch01/add"].message
