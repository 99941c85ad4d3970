"""The commands, as a person or a script calls them: words, exit codes, no traceback."""

import json
import os
import resource
import subprocess
import sys

import pytest

from deepbook.course.runner import user_cache

COMMANDS = [
    "",
    "learn",
    "start",
    "check",
    "next",
    "hint",
    "list",
    "reset",
    "diff",
    "solution",
    "update",
    "doctor",
    "data",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_quick_and_imports_nothing_heavy(small_book, tmp_path, command):
    code = (
        "import atexit, sys\n"
        "heavy = ('jax', 'numpy', 'pytest', 'starlette', 'uvicorn', 'watchfiles', 'mkdocs', 'matplotlib')\n"
        "atexit.register(lambda: print('HEAVY', [m for m in heavy if m in sys.modules]))\n"
        f"sys.argv = ['deepbook', {command!r}, '--help']\n"
        "sys.argv = [a for a in sys.argv if a]\n"
        "from deepbook.cli import main\n"
        "main()"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", code], env=small_book.environment, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert done.returncode == 0 and "HEAVY []" in done.stdout
    assert "Exit codes" in done.stdout
    assert seconds < 0.6  # 0.15 s when measured; a busy machine takes longer


def test_a_learners_way_through(small_book, tmp_path):
    done = small_book.call("start", "mine", cwd=tmp_path)
    mine = tmp_path / "mine"
    assert done.returncode == 0 and "cd mine" in done.stdout
    done = small_book.call("check", cwd=mine)
    assert done.returncode == 1 and "Next: add" in done.stdout and "0 of 3 exercises pass." in done.stdout
    done = small_book.call("next", cwd=mine)
    assert "ch01_small/sums.py:4" in done.stdout and "2 minutes" in done.stdout
    assert [small_book.call("hint", cwd=mine).stdout.split("\n")[0] for _ in range(2)] == [
        "add, hint 1 of 4: first hint",
        "add, hint 2 of 4: second hint",
    ]
    assert small_book.call("hint", "--all", cwd=mine).stdout.count("hint") >= 8
    small_book.solve(mine, "sums")
    done = small_book.call("check", "sums", cwd=mine)
    assert done.returncode == 0 and "2 of 2 exercises pass." in done.stdout
    assert "triple" in small_book.call("next", cwd=mine).stdout
    rows = json.loads(small_book.call("list", "--json", cwd=mine).stdout)
    assert [row["status"] for row in rows] == ["passed", "passed", "todo"]
    (mine / "ch01_small/sums.py").write_text("def add(a, b): return a + b\ndef double(a): return a + a  # better\n")
    assert "changed since" in small_book.call("list", cwd=mine).stdout
    assert "+def double(a): return a + a  # better" in small_book.call("diff", "sums", cwd=mine).stdout
    done = small_book.call("reset", "double", cwd=mine)
    assert "Reset `double`" in done.stdout and ".deepbook/backups/" in done.stdout
    small_book.solve(mine)
    done = small_book.call("check", cwd=mine)
    assert done.returncode == 0 and "All 3 exercises pass" in done.stdout


def test_check_json_names_everything(small_book, learner):
    done = small_book.call("check", "late", "--json", cwd=learner.folder)
    data = json.loads(done.stdout)
    assert done.returncode == 1 and data["total"] == 1
    assert data["exercises"][0] | {"seconds": 0} == {
        "id": "ch01/triple",
        "name": "triple",
        "title": "Triple",
        "file": "ch01_small/late.py",
        "line": 4,
        "points": 3,
        "status": "todo",
        "about": "Three times a number.",
        "message": "NotImplementedError: triple: put your answer here",
        "mistake": None,
        "printed": "",
        "seconds": 0,
    }


def test_check_takes_paths_from_where_one_stands(small_book, learner):
    below = learner.folder / "ch01_small"
    for what in ("late.py", "test_late.py", str(below / "late.py"), "../ch01_small/late.py", "triple"):
        assert "0 of 1 exercise" in small_book.call("check", what, cwd=below).stdout
    assert "0 of 3 exercises" in small_book.call("check", ".", cwd=below).stdout


def test_check_solutions_leaves_progress_alone(small_book, learner):
    assert small_book.call("check", "--answers", "solutions", cwd=learner.folder).returncode == 0
    assert "0 of 3 exercises pass." in small_book.call("list", cwd=learner.folder).stdout


def test_solution_asks_first(small_book, learner):
    done = small_book.call("solution", "add", cwd=learner.folder)
    assert done.returncode == 2 and "--yes" in done.stderr and "return a + b" not in done.stdout
    done = small_book.call("solution", "add", "--yes", cwd=learner.folder)
    assert done.returncode == 0 and "    return a + b\n" in done.stdout and "SOLUTION" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "tripel"], "Did you mean “triple”?"),
        (["reset", "tripel"], "Did you mean “triple”?"),
        (["hint", "qqqqqqqq"], "deepbook list"),
        (["check", "--answers", "mine"], "exercises"),
        (["chekc"], "check"),
        (["learn", "--port", "99999999"], "65535"),
        (["data", "fetch", "digit"], "Did you mean “digits”?"),
    ],
)
def test_unknown_names_exit_2_and_name_the_nearest(small_book, learner, arguments, words):
    done = small_book.call(*arguments, cwd=learner.folder)
    assert done.returncode == 2
    assert words in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["check", "next", "hint", "list", "learn", "update"])
def test_elsewhere_than_in_a_workspace(small_book, tmp_path, command):
    done = small_book.call(command, cwd=tmp_path)
    assert done.returncode == 2 and "deepbook start my-deepbook" in done.stderr


@pytest.mark.parametrize("text", ["[[chapters", "x = 1", '[[chapters]]\nfolder = "ch01_small"\n', None])
def test_a_broken_index_is_said_and_update_mends_it(small_book, learner, text):
    index = learner.folder / "index.toml"
    index.write_text(text) if text else index.unlink()
    for command in ("list", "check", "learn"):
        done = small_book.call(command, cwd=learner.folder)
        assert done.returncode == 2 and "index.toml" in done.stderr and "deepbook update" in done.stderr
    assert small_book.call("update", cwd=learner.folder).returncode == 0
    assert small_book.call("list", cwd=learner.folder).returncode == 0


def test_no_permission_is_a_sentence(small_book, learner):
    """Root may write anywhere: a folder where a file must go stands in for a missing permission."""
    (learner.folder / "ch01_small/sums.py").write_text("# mine\n")
    (learner.memory / "backups").write_text("in the way")
    done = small_book.call("reset", "sums", cwd=learner.folder)
    assert done.returncode == 3 and "Traceback" not in done.stderr
    if os.getuid():
        learner.folder.chmod(0o500)
        done = small_book.call("update", cwd=learner.folder)
        learner.folder.chmod(0o700)
        assert done.returncode == 3 and "permission" in done.stderr
    assert (learner.folder / "ch01_small/sums.py").read_text() == "# mine\n"


def test_a_disk_that_is_really_full(small_book, learner, tmp_path):
    """A limit on the size of files: the system refuses the write just as a full disk does."""
    mine = "# mine\n" * 2000
    (learner.folder / "ch01_small/sums.py").write_text(mine)
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "sys.argv = ['deepbook', 'reset', 'sums']\n"
        "from deepbook.cli import main\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=learner.folder,
        env=small_book.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 3 and "disk is full" in done.stderr
    assert (learner.folder / "ch01_small/sums.py").read_text() == mine


def test_an_unexpected_error_is_a_sentence_and_a_traceback_on_demand(small_book, learner):
    (small_book.root / "solutions/ch01_small/sums.py").write_text("# BEGIN SOLUTION\n")
    done = small_book.call("diff", "add", cwd=learner.folder)
    assert done.returncode == 3 and "--debug" in done.stderr and "Traceback" not in done.stderr
    assert "Traceback" in small_book.call("--debug", "diff", "add", cwd=learner.folder).stderr
    assert "Traceback" in small_book.call("diff", "add", cwd=learner.folder, DEEPBOOK_DEBUG="1").stderr


def test_no_colour_in_a_pipe(small_book, learner):
    for command in (["list"], ["check"], ["--help"], ["doctor"]):
        assert "\x1b" not in small_book.call(*command, cwd=learner.folder).stdout


def test_doctor_says_a_line_for_each_thing(small_book, learner):
    done = small_book.call("doctor", cwd=learner.folder)
    assert done.returncode == 0, done.stdout
    assert [word in done.stdout for word in ("Python 3", "JAX 0.", "Your folder", "Cache", "Free disk")] == [True] * 5


def test_data_list_names_what_comes_along(small_book, tmp_path):
    assert "digits" in small_book.call("data", "list", cwd=tmp_path).stdout.split()
    assert "no download" in small_book.call("data", "fetch", "digits", cwd=tmp_path).stdout


def test_user_cache_is_the_users(small_book):
    assert str(user_cache()).startswith(small_book.environment["XDG_CACHE_HOME"])
