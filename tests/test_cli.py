"""The commands, as a person or a script calls them: words, exit codes, no traceback."""

import hashlib
import json
import os
import resource
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from deepbook.course import commands
from deepbook.course.runner import user_cache
from deepbook.downloads import DataSet, File, catalogue, place

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
    "lab",
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
        (["data", "fetch", "mnist", "fashion"], "Did you mean “fashion-mnist”?"),
        (["data", "fetch"], "--all"),
        (["lab", "admission"], "Did you mean “admissions”?"),
        (["lab", "admissions", "--seed", "none"], "not a whole number"),
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


# No data of one's own, none in the cache, and no way out to the network.
NOWHERE = "http://127.0.0.1:9"
NOTHING = {"DEEPBOOK_DATA": "", "DEEPBOOK_CACHE": "", "NO_PROXY": "", "HTTPS_PROXY": NOWHERE, "https_proxy": NOWHERE}


def test_data_list_names_what_comes_along(small_book, tmp_path):
    listed = small_book.call("data", "list", cwd=tmp_path, **NOTHING).stdout
    assert "digits" in listed.split()
    assert "comes with deepbook" in listed and "30.9 MB, not here; licence: MIT" in listed
    assert "deepbook data fetch --all" in listed
    assert "no download" in small_book.call("data", "fetch", "digits", cwd=tmp_path).stdout


def test_data_fetch_without_a_network_is_a_sentence(small_book, tmp_path):
    done = small_book.call("data", "fetch", "admissions", cwd=tmp_path, **NOTHING)
    assert done.returncode == 3 and "Traceback" not in done.stderr and done.stdout == ""
    assert "there is no connection" in done.stderr and "DEEPBOOK_DATA" in done.stderr


def test_data_fetch_says_where_what_is_here_lies(small_book, tmp_path, real_data):
    env = NOTHING | {"DEEPBOOK_DATA": str(real_data)}
    here = [name for name, entry in catalogue().items() if entry.files and place(entry)]
    away = [name for name, entry in catalogue().items() if entry.files and name not in here]
    assert away in ([], ["minilm"])  # the folder may be without these weights, a package of 83 MB
    done = small_book.call("data", "fetch", *here, cwd=tmp_path, **env)
    assert done.returncode == 0 and done.stderr == ""
    assert f"mnist: is here already, 4 files, 11.6 MB, in {real_data / 'mnist'}\n" in done.stdout
    listed = small_book.call("data", "list", cwd=tmp_path, **env).stdout
    assert "11.6 MB, in DEEPBOOK_DATA" in listed and listed.count("not here") == len(away)
    said = small_book.call("doctor", cwd=tmp_path, **env).stdout
    assert f"{', '.join(here)}; DEEPBOOK_DATA is {real_data}" in said
    assert ("Not here: minilm" in said) == bool(away)


def test_data_fetch_downloads_all_that_it_can(tmp_path, monkeypatch, capsys):
    """Two data sets: of one the file in DEEPBOOK_DATA is spoilt, the other is on a server."""
    for name, text in (("served/a.txt", "hello"), ("own/b/b.txt", "hallo")):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("DEEPBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("DEEPBOOK_DATA", str(tmp_path / "own"))
    handler = partial(SimpleHTTPRequestHandler, directory=tmp_path / "served")
    sha256 = hashlib.sha256(b"hello").hexdigest()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        entries = {
            name: DataSet(name, files=(File(f"{name}.txt", f"{address}/{name}.txt", 5, sha256),)) for name in ("b", "a")
        }
        assert commands.data_fetch([], True, entries) == 3
        out, err = capsys.readouterr()
        assert out == f"a: downloaded, 1 file, 5 bytes, in {tmp_path / 'cache/data/a'}\n"
        assert "its sha256 differs" in err
        server.shutdown()
    assert commands.data_fetch(["a"], False, entries) == 0
    assert "a: is here already" in capsys.readouterr().out


def test_lab_lists_and_runs(small_book, tmp_path, real_data):
    assert "admissions" in small_book.call("lab", cwd=tmp_path).stdout.split()
    done = small_book.call("lab", "admissions", "--quick", cwd=tmp_path, DEEPBOOK_DATA=str(real_data))
    assert done.returncode == 0, done.stderr
    assert sorted(file.name for file in (tmp_path / "lab-admissions").iterdir()) == ["admissions.json", "chances.png"]


def test_lab_keeps_what_it_compiles(monkeypatch):
    class Lab:
        main = staticmethod(lambda options: places.append(os.environ["JAX_COMPILATION_CACHE_DIR"]) or 0)

    places = []
    monkeypatch.setattr("importlib.import_module", lambda name: Lab)
    for told in (None, "elsewhere"):
        monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", told or "")
        if told is None:
            monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR")
        assert commands.lab("digits", []) == 0
    assert places == [str(user_cache() / "jax"), "elsewhere"]


def test_lab_without_its_data_is_a_sentence(small_book, tmp_path):
    done = small_book.call("lab", "admissions", "--out", "mine", cwd=tmp_path, **NOTHING)
    assert done.returncode == 3 and "Traceback" not in done.stderr
    assert "deepbook data fetch admissions" in done.stderr
    assert not (tmp_path / "mine").exists()


def test_user_cache_is_the_users(small_book):
    assert str(user_cache()).startswith(small_book.environment["XDG_CACHE_HOME"])


def test_a_terminal_without_the_command_is_told_how_to_get_it(tmp_path, monkeypatch):
    from deepbook.course import tell

    monkeypatch.setattr(tell.sys, "prefix", str(tmp_path))
    monkeypatch.setattr(tell.shutil, "which", lambda name: None)
    assert tell.how_to_call() == ""
    script = tmp_path / ("Scripts/Activate.ps1" if os.name == "nt" else "bin/activate")
    script.parent.mkdir()
    script.touch()
    assert script.name in tell.how_to_call()
    monkeypatch.setattr(tell.shutil, "which", lambda name: "/usr/bin/deepbook")
    assert tell.how_to_call() == ""
