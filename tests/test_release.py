"""A handout holds what learners may see and nothing else, works at once, and loses nobody's edits."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from io import BytesIO

import pytest

from deepbook.course import files, renew
from deepbook.course.errors import Problem
from deepbook.course.index import book_root, load_index
from deepbook.course.stubs import PART
from deepbook.course.workspace import Workspace, find, start
from deepbook.grading import course, handout
from deepbook.grading.release import release, said


def tree(folder):
    """{name: bytes} of all files below."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def unpacked(packed: bytes):
    with zipfile.ZipFile(BytesIO(packed)) as file:
        return {name.partition("/")[2]: file.read(name) for name in file.namelist()}


@pytest.fixture
def made(small_book, tmp_path):
    """A release of the small book."""
    return release(tmp_path / "hw", name="Week 1", due="2026-12-01", points="add=4,double=2.5", late="10% a day")


# ------------------------------------------------------------------ what is in it


def test_the_handout_holds_these_files(made):
    names = {"README.md", "conftest.py", "index.toml", "pytest.ini"}
    names |= {f"ch01_small/{name}.py" for name in ("sums", "late", "test_sums", "test_late")}
    assert set(tree(made.folder / "handout")) == names
    assert unpacked((made.folder / "handout.zip").read_bytes()) == tree(made.folder / "handout")


def test_the_index_has_the_instructors_points_and_all_else_of_the_book(made):
    handed, book = load_index(made.folder / "handout"), load_index(book_root() / "exercises")
    assert [e.points for e in handed.exercises] == [4, 2.5, 3]
    assert [(e.id, e.title, e.hints, e.minutes, e.forbids) for e in handed.exercises] == [
        (e.id, e.title, e.hints, e.minutes, e.forbids) for e in book.exercises
    ]
    assert [(s.id, s.imports) for s in handed.sets] == [(s.id, s.imports) for s in book.sets]
    head = tomllib.loads((made.folder / "handout/index.toml").read_text())["handout"]
    assert head["name"] == "Week 1" and head["due"].startswith("Tuesday, 1 December 2026, 23:59 (UTC")


def test_the_real_index_survives_being_written(tmp_path):
    text = handout.index_toml(course.Assignment("“x” \\ \n\x7f", course.chosen([])), "")
    (tmp_path / "index.toml").write_text(text, encoding="utf-8")
    assert load_index(tmp_path) == load_index(book_root() / "exercises")


def answers(root):
    """(file, answer) for each part of the book's solutions that learners are to write."""
    for each in load_index(book_root() / "exercises").sets:
        for _, part in PART.findall((root / "solutions" / each.file).read_text()):
            yield each.file, part.partition("# BEGIN STUB")[0].strip()


def test_nothing_in_the_handout_that_students_may_not_see(tmp_path):
    done = release(tmp_path / "hw", chapters="1,2", name="All")
    root, place = book_root(), tmp_path / "hw"
    (place / "hidden/test_mine.py").write_text("def test_update_of_mine():\n    assert 'my hidden test'\n")
    release(place)
    secret = done.assignment.secret.hex()
    everything = {**tree(place / "handout"), **unpacked((place / "handout.zip").read_bytes())}
    every = "\n".join(text.decode() for text in everything.values())
    parts = list(answers(root))
    assert len(parts) > 90
    assert [file for file, part in parts if part in everything.get(file, b"").decode()] == []
    assert [file for file, part in parts if part.count("\n") > 1 and part in every] == []
    assert "SOLUTION" not in every and "mistake(" not in every and "my hidden test" not in every
    assert secret not in every and not any(secret in str(path) for path in place.rglob("*"))
    for path in (root / "solutions").rglob("mistakes.py"):
        sentences = re.findall(r'@mistake\([^)]*?"([^"]{40,})"', path.read_text())
        assert not [each for each in sentences if each in every]
    assert {name.split("/")[0] for name in everything if "/" in name} == {"ch01_perceptron", "ch02_mlp"}


def test_only_some_sets(small_book, tmp_path):
    release(tmp_path / "hw", chapters="late")
    names = [name for name in tree(tmp_path / "hw/handout") if "/" in name]
    assert names == ["ch01_small/late.py", "ch01_small/test_late.py"]
    assert course.load(tmp_path / "hw").sets == ("ch01/late",)


def test_the_readme_says_what_to_do(made):
    text = (made.folder / "handout/README.md").read_text()
    words = ["# Week 1", "Tuesday, 1 December 2026, 23:59", "deepbook check", "pytest --points", "ch01_small/sums.py"]
    words += ["| `ch01_small/sums.py` | `double` | 2.5 | Double |", "10% a day begun", "hint add", "9.5 points"]
    assert [word for word in words if word not in text] == []
    assert "{" not in text


def test_the_same_release_makes_the_same_zip(made, tmp_path):
    other = release(tmp_path / "again", name="Week 1", due="2026-12-01", points="add=4,double=2.5", late="10% a day")
    assert (other.folder / "handout.zip").read_bytes() == (made.folder / "handout.zip").read_bytes()
    assert other.assignment.secret != made.assignment.secret


def test_a_zip_of_the_handout_stays_in_one_folder(made):
    with zipfile.ZipFile(made.folder / "handout.zip") as file:
        assert {entry.date_time[0] for entry in file.infolist()} == {1980}
        assert {name.split("/")[0] for name in file.namelist()} == {"Week-1"}


# ------------------------------------------------------------------ it works


def run(small_book, folder, *command):
    environment = {**small_book.environment, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, stdin=-3)


def test_the_handout_works_with_pytest_and_deepbook(small_book, made):
    folder = made.folder / "handout"
    small_book.solve(folder, "late")
    done = run(small_book, folder, sys.executable, "-m", "pytest", "-q")
    assert "2 failed, 1 passed" in done.stdout
    checked = small_book.call("check", cwd=folder)
    assert "1 of 3 exercises passes." in checked.stdout


def test_commands_that_would_mix_the_handout_with_the_book_refuse(made):
    workspace = find(made.folder / "handout")
    before = tree(workspace.folder)
    with pytest.raises(Problem, match="only the instructor renews"):
        renew.update(workspace)
    with pytest.raises(Problem, match="your instructor's exercises"):
        start(workspace.folder)
    assert tree(workspace.folder) == before
    assert "handout" in workspace.mend("index.toml")
    (workspace.folder / "ch01_small/sums.py").write_text("")
    renew.reset(workspace, "add")
    assert "def add" in (workspace.folder / "ch01_small/sums.py").read_text()
    assert not Workspace(book_root() / "exercises").is_handout


# ------------------------------------------------------------------ the instructor's side


def test_course_toml_is_private_and_read_as_it_was_asked_for(made):
    path = made.folder / "course.toml"
    assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o600
    found = course.load(made.folder)
    assert found == made.assignment and len(found.secret) == 32
    assert (found.name, found.points, str(found.late)) == (
        "Week 1",
        {"ch01/add": 4, "ch01/double": 2.5},
        "10% a day begun",
    )
    assert found.hidden == made.folder / "hidden"
    text = path.read_text()
    assert '"ch01/add" = 4  # the book: 1' in text and '# "ch01/triple" = 3' in text


def test_every_commented_line_of_course_toml_can_be_used(made):
    path = made.folder / "course.toml"
    text = re.sub(r"^# (\S+ = \S+).*$", r"\1", path.read_text(), flags=re.MULTILINE)
    path.write_text(text)
    found = course.load(made.folder)
    assert found.limits == course.Limits() and "ana" in found.extensions and found.points["ch01/triple"] == 3


def test_taking_away_the_hash_is_enough(made):
    """Of every setting at once, with what stands behind it on the line."""
    path = made.folder / "course.toml"
    text, number = re.subn(r'^# ("[^"]+"|[a-z_]+)( = .*)$', r"\1\2", path.read_text(), flags=re.MULTILINE)
    path.write_text(text)
    assert number >= 5 and course.load(made.folder).limits == course.Limits()


def test_an_extension_for_nobody_is_said(made):
    one = course.Assignment("hw", (), extensions={"cloe": made.assignment.due, "Ana@x.edu": made.assignment.due})
    assert course.unknown_extensions(one, ["ana", "ana@X.edu", None, "cloe"]) == ""
    assert course.unknown_extensions(one, ["Cleo", "ana@x.edu"]).endswith("not among the students; is it Cleo?")


def test_the_example_of_a_hidden_test_counts_only_when_renamed(tmp_path):
    done = release(tmp_path / "hw", chapters="neuron")
    (example,) = (done.folder / "hidden").iterdir()
    assert not example.name.startswith("test_")
    compile(example.read_text(), "example", "exec")


@pytest.mark.parametrize(
    "options, says",
    [
        ({"chapters": "9"}, "There is no exercise called “9”"),
        ({"chapters": "add"}, "name ch01/sums"),
        ({"due": "soon"}, "--due: “soon” is no time"),
        ({"late": "a bit"}, "--late: “a bit” is not understood"),
        ({"points": "ad=3"}, "--points: There is no exercise called “ad”. Did you mean “add”?"),
        ({"points": "add"}, "--points: “add” is not understood"),
        ({"points": "add=-1"}, "not understood"),
        ({"points": "add=nan"}, "not understood"),
        ({"points": "sums=3"}, "not understood"),
        ({"points": "add=3", "chapters": "late"}, "--points: There is no exercise called “add”"),
    ],
)
def test_an_option_that_is_not_understood_writes_nothing(small_book, tmp_path, options, says):
    with pytest.raises(Problem) as caught:
        release(tmp_path / "hw", **options)
    assert says in str(caught.value)
    assert not (tmp_path / "hw").exists()


def test_times_in_words():
    assert said(course.as_moment("2026-12-01T09:05:00+08:00")) == "Tuesday, 1 December 2026, 09:05 (UTC+08:00)"
    assert said(course.as_moment("2027-02-28T23:59:59-03:30")) == "Sunday, 28 February 2027, 23:59 (UTC-03:30)"


# ------------------------------------------------------------------ again


def edit(path, old, new):
    path.write_text(path.read_text().replace(old, new))


def test_a_second_release_takes_the_edits_and_keeps_the_secret(made):
    before = made.assignment.secret
    edit(made.folder / "course.toml", '# "ch01/triple" = 3', '"ch01/triple" = 7')
    edit(made.folder / "course.toml", 'late = "10% a day"', 'late = "not accepted"')
    again = release(made.folder)
    assert again.assignment.secret == before and again.assignment.points["ch01/triple"] == 7
    assert "points = 7" in (made.folder / "handout/index.toml").read_text()
    assert again.written == ["README.md", "index.toml"]
    assert unpacked((made.folder / "handout.zip").read_bytes()) == tree(made.folder / "handout")


def test_options_for_an_assignment_that_exists_are_refused(made):
    before = tree(made.folder)
    with pytest.raises(Problem, match="exists and stays as it is"):
        release(made.folder, late="none")
    assert tree(made.folder) == before


def test_what_somebody_edited_stays_and_the_zip_has_no_answers(small_book, made):
    small_book.solve(made.folder / "handout", "sums")
    mine = (made.folder / "handout/ch01_small/sums.py").read_bytes()
    (made.folder / "handout/README.md").write_text("# Our own words\n")
    (made.folder / "handout/data.csv").write_text("1\n")
    (made.folder / "hidden/example.py").write_text("# mine\n")
    again = release(made.folder)
    assert again.kept == ["README.md", "ch01_small/sums.py"]
    assert (made.folder / "handout/ch01_small/sums.py").read_bytes() == mine
    assert (made.folder / "handout/data.csv").exists() and (made.folder / "hidden/example.py").read_text() == "# mine\n"
    packed = unpacked((made.folder / "handout.zip").read_bytes())
    assert b"NotImplementedError" in packed["ch01_small/sums.py"] and packed["README.md"] == b"# Our own words\n"
    assert release(made.folder).kept == again.kept  # and the third time too


def test_a_set_that_is_taken_out_leaves_the_handout(small_book, made):
    (made.folder / "handout/ch01_small/sums.py").write_text("# edited\n")
    text = (made.folder / "course.toml").read_text()
    (made.folder / "course.toml").write_text(re.sub('(?m)^"ch01/.*$', "", text.replace('["ch01"]', '["late"]')))
    again = release(made.folder)
    assert again.removed == ["ch01_small/test_sums.py"] and again.kept == ["ch01_small/sums.py"]
    assert "ch01_small/sums.py" not in unpacked((made.folder / "handout.zip").read_bytes())


@pytest.mark.parametrize("name", ["handout/mine.txt", "handout.zip", "handout"])
def test_what_lies_in_the_way_stays(small_book, tmp_path, name):
    path = tmp_path / "hw" / name
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(Problem, match="Move it away"):
        release(tmp_path / "hw")
    assert tree(tmp_path / "hw") == {name: b"mine"}


def test_a_release_that_was_interrupted_can_be_run_again(small_book, tmp_path, monkeypatch):
    write, count = files.write, 0

    def failing(path, *rest, **named):
        nonlocal count
        count += 1
        if count > stop:
            raise OSError(28, "No space left on device", str(path))
        write(path, *rest, **named)

    for stop in range(14):
        count = 0
        monkeypatch.setattr(files, "write", failing)
        with pytest.raises(OSError):
            release(tmp_path / f"hw{stop}", name="x")
            count = 100
            raise OSError("it was written whole")
        monkeypatch.setattr(files, "write", write)
        begun = (tmp_path / f"hw{stop}/course.toml").exists()
        secret = course.load(tmp_path / f"hw{stop}").secret if begun else None
        again = release(tmp_path / f"hw{stop}")
        assert secret in (None, again.assignment.secret) and again.kept == []
        assert unpacked((again.folder / "handout.zip").read_bytes()) == tree(again.folder / "handout")


def test_the_command(small_book, tmp_path):
    done = small_book.call(
        "release", "--to", "hw", "--chapters", "1", "--due", "2026-12-01", "--points", "add=2", cwd=tmp_path
    )
    assert done.returncode == 0 and "hw/handout.zip" in done.stdout.replace("\\", "/")
    assert "Small: 3 exercises, 7 points." in done.stdout
    assert "Never publish or commit hw" in done.stdout
    assert course.load(tmp_path / "hw").secret.hex() not in done.stdout
