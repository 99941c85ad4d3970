"""What a learner wrote is never overwritten or lost."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deepbook.course import files, renew, splice
from deepbook.course.errors import MachineProblem, Problem, from_os
from deepbook.course.progress import Progress
from deepbook.course.workspace import find, start

MINE = '"""Sums."""\n\n\ndef add(a, b):\n    return a + b  # mine\n\n\ndef double(a):\n    return a * 2  # mine too\n'


def texts(folder: Path) -> list[str]:
    """The content of every file that a learner could find again."""
    return [path.read_text() for path in folder.rglob("*.py") if path.is_file()]


def edit(learner, text=MINE, name="sums"):
    (learner.folder / f"ch01_small/{name}.py").write_text(text)


def publish(book, **new):
    """A newer edition of the small book: `sums` has one exercise more, the tests changed."""
    index, sums = book.root / "exercises/index.toml", book.root / "solutions/ch01_small/sums.py"
    head = '[[chapters.sets]]\nname = "late"'
    more = '[[chapters.sets.exercises]]\nname = "halve"\ntitle = "Halve"\nsection = "s"\npoints = 1\nminutes = 1\n'
    index.write_text(index.read_text().replace(head, f'{more}hints = ["a", "b", "c", "d"]\n\n{head}'))
    sums.write_text(
        f"{sums.read_text()}\n\ndef halve(a):\n    # BEGIN SOLUTION\n    return a / 2\n    # END SOLUTION\n"
    )
    late = book.root / "solutions/ch01_small/late.py"
    late.write_text(late.read_text().replace("Three times", "Thrice"))
    tests = book.root / "exercises/ch01_small/test_sums.py"
    tests.write_text(tests.read_text().replace("add, double", "add, double, halve") + "\n\ndef test_halve():\n")
    tests.write_text(tests.read_text() + '    """Half."""\n    check(halve, 4, gives=2)\n')


# ------------------------------------------------------------------ find, start


def test_find_walks_up(learner):
    assert find(learner.folder / "ch01_small").folder == learner.folder


def test_find_knows_a_clone_from_its_root_and_below(small_book):
    (small_book.root / "chapters/deep").mkdir()
    assert find(small_book.root).folder == small_book.root / "exercises"
    assert find(small_book.root / "chapters/deep").is_clone


def test_find_says_how_to_start(tmp_path):
    with pytest.raises(Problem, match="deepbook start my-deepbook"):
        find(tmp_path)


def test_start_twice_adds_only_what_is_missing(learner):
    edit(learner)
    (learner.folder / "ch01_small/late.py").unlink()
    again = start(learner.folder)
    assert again.added == ["ch01_small/late.py"]
    assert (learner.folder / "ch01_small/sums.py").read_text() == MINE
    assert start(learner.folder).added == []


def test_start_in_a_folder_with_other_things_leaves_them(small_book, tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there/README.md").write_text("mine")
    start(tmp_path / "there")
    assert (tmp_path / "there/README.md").read_text() == "mine"


@pytest.mark.parametrize("name", ["index.toml", "ch01_small"])
def test_start_says_what_is_in_the_way_and_writes_nothing(small_book, tmp_path, name):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / name).write_text("mine")
    with pytest.raises(Problem, match=name):
        start(tmp_path / "there")
    assert os.listdir(tmp_path / "there") == [name]


def test_start_refuses_a_file_and_a_clone(small_book, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(Problem, match="is a file"):
        start(tmp_path / "file")
    with pytest.raises(Problem, match="clone"):
        start(small_book.root / "exercises")


# ------------------------------------------------------------------ reset, diff


def test_reset_of_an_exercise_replaces_only_its_function(learner):
    edit(learner)
    (done,) = renew.reset(learner, "double")
    text = (learner.folder / done.file).read_text()
    assert "# mine\n" in text and "mine too" not in text and "NotImplementedError" in text
    assert done.backup.read_text() == MINE


def test_reset_of_one_exercise_in_a_file_that_python_cannot_read_changes_nothing(learner):
    edit(learner, "def add(a, b:\n")
    with pytest.raises(Problem, match=r"cannot be read by Python \(line 1\).*deepbook reset ch01_small/sums.py"):
        renew.reset(learner, "add")
    assert (learner.folder / "ch01_small/sums.py").read_text() == "def add(a, b:\n"
    (done,) = renew.reset(learner, "sums")
    assert done.function is None and done.backup.read_text() == "def add(a, b:\n"


def test_reset_of_a_set_and_of_nothing(learner):
    edit(learner)
    (done,) = renew.reset(learner, "sums")
    assert done.function is None and done.changed
    assert not renew.reset(learner, "sums")[0].changed


def test_reset_brings_a_missing_file_and_a_missing_function_back(learner):
    (learner.folder / "ch01_small/late.py").unlink()
    assert renew.reset(learner, "triple")[0].backup is None
    edit(learner, "def double(a):\n    return 2 * a\n")
    renew.reset(learner, "add")
    assert "def add" in (learner.folder / "ch01_small/sums.py").read_text()


def test_backups_of_one_second_are_all_kept(learner):
    for number in range(5):
        edit(learner, f"# {number}\n")
        renew.reset(learner, "sums")
    kept = [path.read_text() for path in (learner.memory / "backups").rglob("*.py")]
    assert sorted(kept) == [f"# {number}\n" for number in range(5)]


def test_reset_keeps_permissions_links_and_line_ends(learner, tmp_path):
    file = learner.folder / "ch01_small/sums.py"
    real = tmp_path / "real.py"
    real.write_bytes(MINE.replace("\n", "\r\n").encode())
    real.chmod(0o640)
    file.unlink()
    file.symlink_to(real)
    renew.reset(learner, "double")
    assert file.is_symlink() and stat.S_IMODE(real.stat().st_mode) == 0o640
    assert real.read_bytes().count(b"\n") == real.read_bytes().count(b"\r\n")


def test_reset_stops_if_the_file_is_saved_meanwhile(learner, monkeypatch):
    edit(learner)
    kept = files.back_up

    def back_up_and_save(*arguments):
        edit(learner, "# saved just now\n")
        return kept(*arguments)

    monkeypatch.setattr(files, "back_up", back_up_and_save)
    with pytest.raises(Problem, match="saved by somebody else"):
        renew.reset(learner, "sums")
    assert "saved just now" in (learner.folder / "ch01_small/sums.py").read_text()


def test_diff_shows_the_exercise_only(learner):
    assert renew.diff(learner, "sums") == ""
    edit(learner)
    assert "mine too" in renew.diff(learner, "double") and "# mine\n" not in renew.diff(learner, "double")


def test_function_span_includes_decorators():
    text = "x = 1\n\n\n@one\n@two\ndef f():\n    return 1\n\n\ny = 2\n"
    assert splice.span(text, "f") == (3, 7)
    assert splice.replaced(text, "f", "def f():\n    pass\n") == "x = 1\n\n\ndef f():\n    pass\n\n\ny = 2\n"


# ------------------------------------------------------------------ update


def test_update_leaves_edited_files_and_names_their_new_exercises(small_book, learner):
    edit(learner)
    publish(small_book)
    done = renew.update(learner)
    assert done.kept == {"ch01_small/sums.py": ["halve"]}
    assert (learner.folder / "ch01_small/sums.py").read_text() == MINE
    assert "Thrice" in (learner.folder / "ch01_small/late.py").read_text()
    assert "halve" in (learner.folder / "index.toml").read_text()
    renew.reset(find(learner.folder), "halve")
    text = (learner.folder / "ch01_small/sums.py").read_text()
    assert text.startswith(MINE.rstrip()) and "def halve" in text


def test_update_keeps_an_edited_test_as_a_backup(small_book, learner):
    (learner.folder / "ch01_small/test_sums.py").write_text("# my test\n")
    done = renew.update(learner)
    assert [path.read_text() for path in done.backups] == ["# my test\n"]
    assert "check(add" in (learner.folder / "ch01_small/test_sums.py").read_text()


def test_update_twice_does_nothing(small_book, learner):
    publish(small_book)
    assert renew.update(learner).renewed
    again = renew.update(find(learner.folder))
    assert not (again.renewed or again.added or again.kept or again.backups)


def test_update_without_memory_takes_no_risk(small_book, learner):
    (learner.memory / "handed.json").write_text("broken{")
    edit(learner)
    publish(small_book)
    assert "ch01_small/sums.py" in renew.update(learner).kept
    assert list(learner.memory.glob("handed.json.broken-*"))


def test_update_in_a_clone_says_git_pull(small_book):
    with pytest.raises(Problem, match="git pull"):
        renew.update(find(small_book.root))


# ------------------------------------------------------------------ killed at any instant

KILLED = """
import os, sys
from pathlib import Path
calls, last = 0, int(sys.argv[1])

def dying(real):
    def call(*arguments, **named):
        global calls
        calls += 1
        if calls == last:
            os._exit(99)
        return real(*arguments, **named)
    return call

for name in ("replace", "fsync", "chmod", "unlink"):
    setattr(os, name, dying(getattr(os, name)))
os.open = dying(os.open)
from deepbook.course import files, renew
from deepbook.course.workspace import Workspace, start
folder = Path(sys.argv[3])
real = open
files.open = dying(open)
{"reset": lambda: renew.reset(Workspace(folder), "add"), "update": lambda: renew.update(Workspace(folder)),
 "start": lambda: start(folder)}[sys.argv[2]]()
"""


@pytest.mark.parametrize("command", ["reset", "update", "start"])
def test_a_kill_at_any_instant_loses_nothing(small_book, learner, command):
    my_test = "# my own test\n"
    edit(learner)
    (learner.folder / "ch01_small/test_late.py").write_text(my_test)
    publish(small_book)
    for number in range(1, 200):
        edit(learner)
        if command == "start":
            (learner.folder / "ch01_small/late.py").unlink(missing_ok=True)
        arguments = [sys.executable, "-c", KILLED, str(number), command, str(learner.folder)]
        code = subprocess.run(arguments, env=small_book.environment).returncode
        found = texts(learner.folder)
        assert MINE in found and my_test in found, (command, number)
        assert code in (0, 99)
        if code == 0:
            break
    assert code == 0 and number > 5
    if command == "update":
        assert "Thrice" in (learner.folder / "ch01_small/late.py").read_text()
        assert "halve" in (learner.folder / "index.toml").read_text()
    if command == "reset":
        assert "NotImplementedError" in (learner.folder / "ch01_small/sums.py").read_text()


# ------------------------------------------------------------------ a full disk, no permission


def test_a_full_disk_leaves_everything(learner, monkeypatch):
    edit(learner)

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError) as raised:
        renew.reset(learner, "add")
    assert "disk is full" in str(from_os(raised.value)) and isinstance(from_os(raised.value), MachineProblem)
    assert (learner.folder / "ch01_small/sums.py").read_text() == MINE
    assert not list(learner.folder.rglob(f"*.{files.ASIDE}"))


def test_progress_survives_a_broken_file_and_a_full_disk(learner, monkeypatch, capsys):
    (learner.memory / "progress.json").write_text('{"ch01/add": ')
    assert Progress(learner).done() == (0, 3)
    assert "starts afresh" in capsys.readouterr().err
    assert len(list(learner.memory.glob("progress.json.broken-*"))) == 1
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    Progress(learner).show_hint(learner.index.exercises[0], 1)
    assert "disk is full" in capsys.readouterr().err


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_no_permission_is_a_sentence_and_leaves_everything(learner, monkeypatch, number):
    edit(learner)

    def refused(*_):
        raise OSError(number, "no")

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(OSError) as raised:
        renew.reset(learner, "add")
    assert "no permission" in str(from_os(raised.value))
    assert (learner.folder / "ch01_small/sums.py").read_text() == MINE
