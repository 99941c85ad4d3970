"""Whatever a class hands in: each student gets a row, and nothing that a student made does harm."""

import os
import random
import socket
import stat
import struct
import tracemalloc
import unicodedata
import zipfile
from collections import defaultdict
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from deepbook.course.errors import Problem
from deepbook.grading import intake, layouts, tree
from deepbook.grading.course import Assignment, Student
from deepbook.grading.intake import choose, collect, plain_id
from deepbook.grading.tree import Item

SUMS, LATE = "ch01_small/sums.py", "ch01_small/late.py"
BOTH = {SUMS: b"def add(a, b):\n    return a + b\n", LATE: b"def triple(a):\n    return 3 * a\n"}


@pytest.fixture
def assignment(small_book):
    return Assignment("hw", ("ch01/sums", "ch01/late"), secret=b"s" * 32)


@pytest.fixture
def inbox(tmp_path):
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def put(folder: Path, files=BOTH):
    """Write files: {name: bytes or text}."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def zipped(files=BOTH, how=zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of (name or ZipInfo, bytes) pairs, or of a dict."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", how) as file:
        for name, content in files.items() if isinstance(files, dict) else files:
            file.writestr(name, content)
    return made.getvalue()


def only(submissions):
    (one,) = submissions
    return one


def told(submission) -> str:
    return " ".join(submission.notes)


# ------------------------------------------------------------------ one folder or zip a student


def test_a_folder_and_a_zip_for_each_student(assignment, inbox):
    put(inbox / "ana")
    put(inbox, {"Bo Lee.zip": zipped()})
    ana, bo = sorted(collect(inbox, assignment), key=lambda each: each.student.id.lower())
    assert (ana.student, ana.files, ana.problem, ana.notes) == (Student("ana", "ana"), BOTH, None, ())
    assert (bo.student, bo.files, bo.problem, bo.notes) == (Student("Bo-Lee", "Bo Lee"), BOTH, None, ())
    assert ana.submitted is None  # nothing says it that nobody can set


@pytest.mark.parametrize("above", ["", "handout/", "my homework/exercises/", "a/b/c/d/"])
def test_the_chapters_folders_are_found_at_any_depth(assignment, inbox, above):
    put(inbox, {"ana.zip": zipped({above + name: content for name, content in BOTH.items()})})
    put(inbox / "bo" / above)
    assert [each.files for each in collect(inbox, assignment)] == [BOTH, BOTH]


def test_files_without_their_folder(assignment, inbox):
    put(inbox / "ana", {"sums.py": BOTH[SUMS], "late (1).py": BOTH[LATE]})
    assert only(collect(inbox, assignment)).files == BOTH


def test_the_whole_class_in_one_zip(assignment, tmp_path):
    content = {f"submissions/{who}/{name}": text for who in ("ana", "bo") for name, text in BOTH.items()}
    for name, files in {
        "flat.zip": {k.removeprefix("submissions/"): v for k, v in content.items()},
        "deep.zip": content,
    }.items():
        put(tmp_path, {name: zipped(files)})
        assert [(s.student.id, s.files) for s in collect(tmp_path / name, assignment)] == [("ana", BOTH), ("bo", BOTH)]


def test_one_students_own_folder_or_zip(assignment, tmp_path):
    put(tmp_path / "ana")
    put(tmp_path, {"bo.zip": zipped(), "cy.zip": zipped({f"handout/{k}": v for k, v in BOTH.items()})})
    put(tmp_path / "dee", {"sums.py": BOTH[SUMS]})
    for name, who in {"ana": "ana", "bo.zip": "bo", "cy.zip": "cy"}.items():
        one = only(collect(tmp_path / name, assignment))
        assert (one.student.id, one.files) == (who, BOTH)
    assert list(only(collect(tmp_path / "dee", assignment)).files) == [SUMS]


def test_a_known_student(assignment, tmp_path):
    when = datetime(2026, 12, 1, tzinfo=UTC)
    one = intake.read(put(tmp_path / "submission"), assignment, Student("7", "Ana"), when)
    assert (one.student, one.files, one.submitted) == (Student("7", "Ana"), BOTH, when)
    assert intake.read(tmp_path / "nothing", assignment, Student("7")).problem


def test_a_zip_in_a_folder_counts_if_there_is_nothing_else(assignment, inbox):
    put(inbox / "ana", {"homework.zip": zipped()})
    put(inbox / "bo", {"handout.zip": zipped({SUMS: b"stub"}), SUMS: BOTH[SUMS]})
    ana, bo = collect(inbox, assignment)
    assert ana.files == BOTH
    assert bo.files == {SUMS: BOTH[SUMS]}


def test_backups_and_clutter_are_not_looked_into(assignment, inbox):
    old = {f"{where}/{SUMS}": b"old" for where in (".deepbook/backups/2026-11-01", "__MACOSX", ".git", "venv/lib")}
    put(inbox / "ana", {**BOTH, **old, ".DS_Store": b"x", "ch01_small/__pycache__/sums.pyc": b"x"})
    put(inbox, {"bo.zip": zipped({**old, **BOTH})})
    for one in collect(inbox, assignment):
        assert (one.files, one.notes) == (BOTH, ())


def test_two_copies_the_folder_with_more_answers_counts(assignment, inbox):
    put(inbox / "ana", {**BOTH, f"old/{SUMS}": b"old"})
    put(inbox / "bo", {f"hw/{SUMS}": BOTH[SUMS], f"hw/{LATE}": BOTH[LATE], SUMS: b"old"})
    for one in collect(inbox, assignment):
        assert one.files == BOTH and "there 2 times" in told(one)


def test_the_same_name_in_two_chapters_needs_its_folder():
    item, notes = Item(("training.py",), 1), []
    files = intake.Files(("ch02_mlp/training.py", "ch03_optimization/training.py", "ch01_perceptron/neuron.py"))
    assert choose([item], files, notes) == {}
    assert "ch02_mlp or ch03_optimization" in notes[0]
    assert choose([Item(("ch05_x", "neuron.py"), 1)], files, []) == {}  # it is in the folder of another chapter


def test_a_folder_and_a_zip_of_the_same_student_the_more_complete_counts(assignment, inbox):
    put(inbox / "ana", {SUMS: b"old"})
    put(inbox, {"ana.zip": zipped()})
    one = only(collect(inbox, assignment))
    assert one.files == BOTH and "Handed in 2 times; ana.zip counts." in one.notes


def test_an_earlier_answer_that_is_not_asked_for_comes_along(small_book, inbox):
    later = Assignment("hw", ("ch01/late",))
    put(inbox / "ana")
    put(inbox / "bo", {"sums.py": b"", LATE: b""})
    put(inbox / "cy", {SUMS: b""})
    ana, bo, cy = collect(inbox, later)
    assert (ana.files, ana.notes) == (BOTH, ())
    assert list(bo.files) == [LATE] and "sums.py" in told(bo)
    assert cy.files == {} and LATE in cy.problem


def test_what_is_missing_and_what_is_ignored_is_said(assignment, inbox):
    put(inbox / "ana", {SUMS: BOTH[SUMS], "helper.py": b"", "notes.pdf": b"", "work.ipynb": b"{}", "test_sums.py": b""})
    one = only(collect(inbox, assignment))
    assert f"Not handed in: {LATE}." in one.notes
    assert "helper.py, notes.pdf" in told(one) and "A notebook is no answer file" in told(one)
    assert "test_sums" not in told(one)


@pytest.mark.parametrize(
    "files, says",
    [
        ({}, "It is empty."),
        ({"work.ipynb": b"{}"}, "A notebook is no answer file: hand in the .py files, such as ch01_small/sums.py."),
        ({"essay.pdf": b"x"}, f"It holds none of the files that are asked for ({SUMS}, {LATE})."),
        ({"hw.rar": b"x"}, "hw.rar is not read: hand in a folder or a zip."),
        ({"hw.zip": b"no zip"}, "hw.zip: The zip cannot be opened: it is damaged or no zip. Pack the folder again."),
    ],
)
def test_nothing_to_read_is_a_row_that_says_why(assignment, inbox, files, says):
    (inbox / "ana").mkdir()
    put(inbox / "ana", files)
    one = only(collect(inbox, assignment))
    assert (one.files, one.problem) == ({}, says)


@pytest.mark.parametrize("files, says", [({}, "It is empty."), ({"a.ipynb": b""}, "A notebook is no answer file")])
def test_why_somebody_is_missing_reaches_the_record(assignment, inbox, files, says, monkeypatch):
    from deepbook.grading import examiner

    monkeypatch.setattr(examiner, "manifest", lambda _: defaultdict(tuple))  # no test runs
    (inbox / "ana").mkdir()
    put(inbox / "ana", files)
    record = examiner.examine(only(collect(inbox, assignment)), assignment, "none")
    assert record["status"] == "missing" and record["notes"][0].startswith(says)
    assert len(record["notes"]) == len(set(record["notes"]))


@pytest.mark.parametrize("name", ["ana.py", "ana.rar", "ana.pdf", "ana.zip"])
def test_a_lone_file_of_a_student_is_a_row(assignment, inbox, name):
    put(inbox, {name: b"x", "grades.csv": b"", "README.md": b"", ".DS_Store": b""})
    one = only(collect(inbox, assignment))
    assert one.student.id == "ana" and one.problem


@pytest.mark.parametrize("path", ["nowhere", "empty", "file.txt"])
def test_no_submissions_at_all(assignment, tmp_path, path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("x")
    with pytest.raises(Problem, match="submissions"):
        collect(tmp_path / path, assignment)


# ------------------------------------------------------------------ identities


def test_odd_names_of_students_become_plain_and_stay_different(assignment, inbox):
    decomposed = unicodedata.normalize("NFD", "Zoë")
    names = ["Ana", "ana", "王小明", decomposed, "=cmd()", "a" * 200, "a\nb", "\u202egnp", "🎉", "CON"]
    for name in names:
        put(inbox / name, {SUMS: b""})
    found = collect(inbox, assignment)
    ids = [each.student.id for each in found]
    assert len({tree.same(one) for one in ids}) == len(names) and ids == sorted(ids)
    assert {"王小明", "Zoë", "cmd", "a-b", "student", "CON"} <= set(ids)
    assert all(len(one.encode()) <= 120 and "/" not in one and one.isprintable() for one in ids)
    assert all(each.student.name.isprintable() for each in found)


def test_names_that_are_no_utf8(assignment, inbox):
    os.mkdir(os.path.join(os.fsencode(inbox), b"ana\xff"))
    put(inbox / os.fsdecode(b"ana\xff"), {SUMS: b"", os.fsdecode(b"x\xfe.txt"): b""})
    one = only(collect(inbox, assignment))
    told(one).encode()  # no lone surrogates
    one.student.id.encode()
    assert one.files == {SUMS: b""}


@pytest.mark.parametrize("raw", ["..", ".", "", "/", "-rf", "@x", "\0", "a/../b", "\ud800"])
def test_an_id_leads_nowhere(raw):
    found = plain_id(raw)
    assert found and found[0].isalnum() and not set(found) & set("/\\\0") and ".." not in found.strip(".")[:2]


def test_a_roster_gives_names_times_and_rows_for_those_who_handed_in_nothing(assignment, inbox):
    put(inbox / "ANA")
    put(
        inbox,
        {"students.csv": '\ufeffID,Name,Email,Submitted\nana,"Lin, Ana",a@x.edu,2026-12-01T10:00:00+08:00\nbo,Bo,,\n'},
    )
    ana, bo = collect(inbox, assignment)
    assert ana.student == Student("ANA", "Lin, Ana", "a@x.edu") and ana.files == BOTH
    assert ana.submitted.isoformat() == "2026-12-01T10:00:00+08:00"
    assert (bo.student.id, bo.problem, bo.files) == ("bo", "Nothing was handed in.", {})


@pytest.mark.parametrize("between, encoding", [(";", "utf-8-sig"), ("\t", "utf-8"), ("\t", "utf-16")])
def test_a_roster_as_excel_writes_it(assignment, inbox, between, encoding):
    rows = "id,name,email,submitted\nana,王,,2026-12-01T10:00:00+08:00\n\nbo,Bo,,\nbo,Bo,,\n".replace(",", between)
    put(inbox / "ana")
    put(inbox, {"students.csv": rows.encode(encoding)})
    ana, bo = collect(inbox, assignment)
    assert (ana.student.name, bo.student.id) == ("王", "bo") and ana.submitted.hour == 10


@pytest.mark.parametrize(
    "text, says",
    [
        ("id,submitted\nana,yesterday\n", "yesterday"),
        (b"id\n\xff", "is not text in UTF-8, so the names in it cannot be read[.] Save"),
        ("id,name\n王,王\n".encode("gbk"), "is not text in UTF-8"),
        ("who,mail\nana,a@x\n", "id,name,email,submitted .*who,mail"),
        ("id,name\nana,Ana\nbo,Bo\nANA,Ana B\n", "two rows for ANA that differ"),
    ],
)
def test_a_roster_with_a_mistake_says_so(assignment, inbox, text, says):
    put(inbox / "ana")
    put(inbox, {"students.csv": text})
    with pytest.raises(Problem, match=says):
        collect(inbox, assignment)


# ------------------------------------------------------------------ what platforms export


def test_canvas(assignment, inbox):
    put(
        inbox,
        {
            "linana_123_4567_sums.py": BOTH[SUMS],
            "linana_123_4570_late-1.py": BOTH[LATE],
            "linana_123_4569_late.py": b"the first upload",
            "王小明_LATE_124_4571_homework.zip": zipped({f"homework/{k}": v for k, v in BOTH.items()}),
            "leebo_125_text.html": b"<p>my answer</p>",
            "dee_126_4572_sums.py": BOTH[SUMS],
            "dee_126_4573_essay.pdf": b"",
        },
    )
    found = {each.student.id: each for each in collect(inbox, assignment)}
    assert list(found) == ["123", "124", "125", "126"]
    assert found["123"].files == BOTH and found["123"].student.name == "linana"
    assert (
        found["124"].files == BOTH
        and found["124"].student.name == "王小明"
        and "marks it as late" in told(found["124"])
    )
    assert "an answer is a file" in found["125"].problem
    assert list(found["126"].files) == [SUMS] and "essay.pdf" in told(found["126"])


def test_canvas_with_hidden_names_and_as_one_zip(assignment, tmp_path):
    files = {"anon_aB3xZ_456_sums.py": BOTH[SUMS], "LATE_anon_Qq12z_457_sums.py": b""}
    put(tmp_path, {"submissions.zip": zipped(files)})
    found = collect(tmp_path / "submissions.zip", assignment)
    assert [each.student.id for each in found] == ["Qq12z", "aB3xZ"] and found[1].files == {SUMS: BOTH[SUMS]}


def test_dates_in_names_are_no_canvas(assignment, inbox):
    put(inbox, {"ana_2026_12_01.zip": zipped(), "bo_2026_12_01.zip": zipped()})
    put(inbox, {"hw_1_2_cy.zip": zipped(), "hx_1_2_dee.zip": zipped()})
    assert len(collect(inbox, assignment)) == 4
    for path in sorted(inbox.iterdir())[1:]:
        path.unlink()
    assert only(collect(inbox, assignment)).student.id == "ana_2026_12_01"


@pytest.mark.parametrize("ending", ["", "_"])
def test_moodle(assignment, inbox, ending):
    put(inbox / f"Ana Lin_3001_assignsubmission_file{ending}", {"handout.zip": zipped()})
    put(inbox / f"Ana Lin_3001_assignsubmission_onlinetext{ending}", {"onlinetext.html": b"hello"})
    put(inbox / f"Group A-王小明_3002_assignsubmission_file{ending}", BOTH)
    put(inbox / f"Bo_3003_assignsubmission_onlinetext{ending}", {"onlinetext.html": b"hello"})
    put(
        inbox,
        {f"Dee_3004_assignsubmission_file_{name}": BOTH[file] for name, file in (("sums.py", SUMS), ("late.py", LATE))},
    )
    ana, ming, bo, dee = collect(inbox, assignment)
    assert (ana.student, ana.files) == (Student("3001", "Ana Lin"), BOTH) and "typed into Moodle" in told(ana)
    assert (ming.student.name, ming.files) == ("Group A-王小明", BOTH)
    assert "typed into Moodle" in bo.problem
    assert dee.files == BOTH


METADATA = """submission_901:
  :submitters:
  - :name: Ana Lin
    :sid: '100'
    :email: ana@x.edu
  :created_at: 2026-12-01 15:59:00.123456000 Z
  :score: 3.0
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    output: |
      submission_902:
        :submitters: !!python/object/apply:os.system ["true"]
  :history:
  - :created_at: 2026-11-01 00:00:00.000000000 Z
    :submitters: nobody
submission_902:
  :submitters:
  - :name: Bo
    :sid: '101'
    :email: bo@x.edu
  - :name: Cy
    :sid:
    :email: cy@x.edu
  :created_at: 2026-12-02 00:00:00.000000000 +08:00
submission_903:
  :submitters:
  - :name: Ana Lin
    :sid: '100'
    :email: ana@x.edu
  :created_at: 2026-12-01 16:00:00.000000000 Z
"""


@pytest.mark.parametrize("above", ["", "assignment_77_export/"])
def test_gradescope(assignment, inbox, above):
    where = inbox / above
    put(where / "submission_901", {SUMS: b"first attempt", LATE: b""})
    put(where / "submission_902")
    put(where / "submission_903", {SUMS: b"last attempt"})
    put(where, {"submission_metadata.yml": METADATA})
    found = {each.student.id: each for each in collect(inbox, assignment)}
    assert list(found) == ["100", "101", "cy@x.edu"]
    assert found["100"].files == {SUMS: b"last attempt"} and "Handed in 2 times" in told(found["100"])
    assert found["100"].submitted == datetime(2026, 12, 1, 16, tzinfo=UTC)
    assert found["101"].submitted == datetime(2026, 12, 1, 16, tzinfo=UTC)
    assert found["101"].files == found["cy@x.edu"].files == BOTH and "together with Cy" in told(found["101"])
    assert found["cy@x.edu"].student == Student("cy@x.edu", "Cy", "cy@x.edu")


@pytest.mark.parametrize("text", ["submission_1: [", "- 1", "a: !!python/object/apply:os.mkdir ['ran']\n", "\x00"])
def test_gradescope_metadata_that_is_broken_runs_nothing(assignment, inbox, text, monkeypatch):
    monkeypatch.chdir(inbox.parent)
    put(inbox / "submission_1")
    put(inbox, {"submission_metadata.yml": text})
    try:
        assert only(collect(inbox, assignment)).student.id == "submission_1"
    except Problem as problem:
        assert "submission_metadata.yml" in str(problem)
    assert not Path("ran").exists()


def test_clones_of_classroom_50(assignment, inbox):
    for who in ("ana", "bo-lee", "cy"):
        put(
            inbox / f"cs101-hw1-{who}",
            {**BOTH, ".git/HEAD": "ref: refs/heads/main\n", ".classroom50.yml": "", "result.json": "{}"},
        )
    assert [each.student.id for each in collect(inbox, assignment)] == ["ana", "bo-lee", "cy"]
    put(inbox, {"scores.csv": "username,first_name,last_name,email,section,score,max_score,datetime\n"
                "Ana,Ana,Lin,a@x.edu,1,3,6,2026-12-01T10:00:00Z\nlee,,,,,,,\ndee,Dee,,,,,,\n"})  # fmt: skip
    found = {each.student.id: each for each in collect(inbox, assignment)}
    assert found["ana"].student.name == "Ana Lin" and found["ana"].submitted == datetime(2026, 12, 1, 10, tzinfo=UTC)
    assert found["dee"].problem and found["cy"].files == BOTH


# ------------------------------------------------------------------ hostile folders


def hostile(folder: Path, name: str):
    """Make `name` something that is no plain file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


SECRET_FILE = b"def add(a, b):\n    return 'the reference'\n"


def make_link(path, outside):
    path.symlink_to(outside)


def make_hard_link(path, outside):
    os.link(outside, path)


def make_fifo(path, outside):
    os.mkfifo(path)


def make_socket(path, outside):
    here = os.getcwd()
    os.chdir(path.parent)  # the name of a socket may only be short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def make_device(path, outside):
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero
    except PermissionError:
        pytest.skip("may not make devices here")


def make_folder(path, outside):
    path.mkdir()
    (path / "inside.txt").write_text("")


@pytest.mark.parametrize(
    "make",
    [make_link, make_hard_link, make_fifo, make_socket, make_device, make_folder],
    ids=lambda make: make.__name__,
)
@pytest.mark.parametrize("alone", [True, False])
def test_what_is_no_plain_file_is_never_read(assignment, inbox, tmp_path, make, alone):
    (tmp_path / "outside.py").write_bytes(SECRET_FILE)
    make(hostile(inbox / "ana", SUMS), tmp_path / "outside.py")
    if not alone:
        put(inbox / "ana", {LATE: BOTH[LATE]})
    one = only(collect(inbox, assignment))
    assert one.files == ({} if alone else {LATE: BOTH[LATE]})
    assert one.problem if alone else SUMS in told(one)


@pytest.mark.parametrize("name", ["ana", "ana.zip", "ch"])
def test_a_link_instead_of_a_folder_is_not_followed(assignment, inbox, tmp_path, name):
    put(tmp_path / "outside", {SUMS: SECRET_FILE})
    put(tmp_path, {"outside.zip": zipped({SUMS: SECRET_FILE})})
    target = tmp_path / ("outside.zip" if name.endswith(".zip") else "outside")
    if name == "ch":
        (inbox / "ana").mkdir()
        (inbox / "ana/ch01_small").symlink_to(target / "ch01_small")
    else:
        (inbox / name).symlink_to(target)
    one = only(collect(inbox, assignment))
    assert one.files == {} and "link" in one.problem and one.student.id == "ana"


def test_a_plain_copy_goes_before_a_link(assignment, inbox):
    put(inbox / "ana", {f"copy/{SUMS}": BOTH[SUMS], LATE: b""})
    (inbox / "ana" / SUMS).symlink_to("late.py")
    assert only(collect(inbox, assignment)).files == {SUMS: BOTH[SUMS], LATE: b""}


def test_a_class_of_hard_links_is_said_at_once(assignment, inbox, tmp_path):
    for who in ("ana", "bo", "cy"):
        put(tmp_path / who)
        for name in BOTH:
            (inbox / who / name).parent.mkdir(parents=True, exist_ok=True)
            os.link(tmp_path / who / name, inbox / who / name)
    with pytest.raises(Problem, match="Copy the folder first"):
        collect(inbox, assignment)


def test_a_file_that_turns_into_a_fifo_while_we_look(tmp_path):
    path = tmp_path / "sums.py"
    path.write_bytes(b"x")
    item = tree.look(path, ("sums.py",))
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(tree.Unreadable, match="cannot be read"):
        item.read(100)


def test_folders_without_permission_and_without_end(assignment, inbox, monkeypatch):
    deep = inbox / "ana" / "/".join(["d"] * 60)
    put(deep, BOTH)
    put(inbox / "bo")
    whole = os.scandir

    def scandir(path):
        if str(path).endswith("bo"):
            raise PermissionError(13, "Permission denied")
        return whole(path)

    monkeypatch.setattr(os, "scandir", scandir)
    ana, bo = collect(inbox, assignment)
    assert "too deep" in ana.problem
    assert bo.problem == "The folder cannot be read: Permission denied."


def test_too_many_files_too_large_files_and_too_much(assignment, inbox, monkeypatch):
    monkeypatch.setattr(tree, "MOST_FILES", 50)
    monkeypatch.setattr(tree.folder, "__defaults__", (50,))
    monkeypatch.setattr(tree.archive, "__defaults__", (50,))
    put(inbox / "many", {f"{n}.txt": b"" for n in range(60)})
    put(inbox, {"manyzip.zip": zipped({f"{n}.txt": b"" for n in range(60)})})
    put(inbox / "large", {SUMS: b"#" * (intake.LARGEST + 1), LATE: BOTH[LATE]})
    with open(put(inbox / "sparse", {LATE: b""}) / SUMS, "wb") as file:
        file.truncate(1 << 40)
    monkeypatch.setattr(intake, "LARGEST_ALL", 100)
    put(inbox / "much", {SUMS: b"#" * 80, LATE: b"#" * 80})
    large, many, manyzip, much, sparse = collect(inbox, assignment)
    assert "more than 50 files" in many.problem and "more than 50 files" in manyzip.problem
    assert list(large.files) == [LATE] and "at most 262,144 are read" in told(large)
    assert list(sparse.files) == [LATE]
    assert list(much.files) == [SUMS] and "all files together" in told(much)


# ------------------------------------------------------------------ hostile zips


def info(name, mode=0, **changes):
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, mode << 16
    for key, value in changes.items():
        setattr(entry, key, value)
    return entry


@pytest.mark.parametrize(
    "name",
    [f"../{SUMS}", f"../../../../../../etc/{SUMS}", f"/etc/{SUMS}", f"C:/{SUMS}", f"..\\..\\{SUMS}", f"a/../../{SUMS}",
     f"\\\\server\\share\\..\\{SUMS}", f"{'d/' * 30}{SUMS}", f"{'x' * 300}/{SUMS}"],
)  # fmt: skip
def test_names_that_lead_out_of_a_zip_are_refused(assignment, inbox, name):
    put(inbox, {"ana.zip": zipped([(name, SECRET_FILE), (LATE, BOTH[LATE])])})
    one = only(collect(inbox, assignment))
    assert one.files == {LATE: BOTH[LATE]} and "has a name that" in told(one)


def test_backslashes_are_folders_and_a_nul_does_not_end_a_name(assignment, inbox):
    packed = zipped([(SUMS.replace("/", "#"), BOTH[SUMS]), ("ch01_small/late.py#.txt", b"hidden")])
    packed = packed.replace(b"ch01_small#sums.py", b"ch01_small\\sums.py").replace(b"late.py#.txt", b"late.py\0.txt")
    put(inbox, {"ana.zip": packed})
    one = only(collect(inbox, assignment))
    assert one.files == {SUMS: BOTH[SUMS]} and "\0" not in told(one) and "has a name that" in told(one)


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices_in_a_zip_are_refused(assignment, inbox, mode):
    put(inbox, {"ana.zip": zipped([(info(SUMS, mode | 0o777), b"/etc/passwd")])})
    one = only(collect(inbox, assignment))
    assert one.files == {} and "not a plain file" in one.problem


def test_a_name_twice_in_a_zip_is_refused(assignment, inbox):
    with pytest.warns(UserWarning, match="Duplicate"):
        packed = zipped([(SUMS, b"good"), (SUMS, b"evil"), (LATE, BOTH[LATE])])
    put(inbox, {"ana.zip": packed, "bo.zip": zipped([(SUMS, b"good"), ("ch01_small/SUMS.py", b"evil")])})
    ana, bo = collect(inbox, assignment)
    assert list(ana.files) == [LATE] and "more than once" in told(ana)
    assert bo.files == {} and "more than once" in bo.problem


def test_a_name_in_another_case_or_composition_is_the_same_name(assignment, inbox):
    put(inbox, {"ana.zip": zipped({"CH01_Small/Sums.py": BOTH[SUMS]})})
    assert only(collect(inbox, assignment)).files == {SUMS: BOTH[SUMS]}


def test_a_bomb_is_not_unpacked(assignment, inbox):
    bomb = zipped({SUMS: b"#" * (60 << 20), LATE: BOTH[LATE]})
    lying = zipped({SUMS: b"#" * (20 << 20), LATE: BOTH[LATE]})
    real = struct.pack("<L", 20 << 20)
    lying = lying.replace(real, struct.pack("<L", 100))  # both headers say 100 bytes
    put(inbox, {"ana.zip": bomb, "bo.zip": lying, "cy.zip": zipped({"a.zip": bomb, "b.zip": zipped({"c.zip": bomb})})})
    tracemalloc.start()
    ana, bo, cy = collect(inbox, assignment)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert list(ana.files) == list(bo.files) == [LATE]
    assert list(cy.files) == [LATE]  # of the zip in the zip; the one in that is not opened
    assert peak < 8 << 20


def test_a_zip_with_a_huge_directory_is_refused_before_it_is_read(assignment, inbox, monkeypatch):
    monkeypatch.setattr(tree, "listing", lambda *_: pytest.fail("it was opened"))
    put(inbox, {"ana.zip": b"PK\x01\x02" * (25 * tree.MOST_FILES + 1)})
    assert "more than" in only(collect(inbox, assignment)).problem


def test_a_locked_zip_and_other_methods(assignment, inbox):
    locked = bytearray(zipped())
    for start in (b"PK\x03\x04", b"PK\x01\x02"):
        at = -1
        while (at := locked.find(start, at + 1)) >= 0:
            locked[at + (6 if start == b"PK\x03\x04" else 8)] |= 1
    put(
        inbox,
        {"ana.zip": bytes(locked), "bo.zip": zipped(how=zipfile.ZIP_BZIP2), "cy.zip": zipped(how=zipfile.ZIP_LZMA)},
    )
    ana, bo, cy = collect(inbox, assignment)
    assert "password" in ana.problem and "ordinary zip" in bo.problem and "ordinary zip" in cy.problem


def test_damaged_zips_never_raise(assignment, inbox):
    draw, whole = random.Random(0), zipped()
    for number in range(300):
        broken = bytearray(whole)
        for _ in range(draw.randint(1, 8)):
            broken[draw.randrange(len(broken))] = draw.randrange(256)
        put(inbox, {f"s{number:03}.zip": bytes(broken[: draw.choice((len(broken), draw.randrange(len(broken))))])})
    found = collect(inbox, assignment)
    assert len(found) == 300 and all(each.files or each.problem for each in found)


# ------------------------------------------------------------------ odd content


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfx = 1\n", b"x = 1\r\ny = 2\r\n", "x = '王'\n".encode(), b"", b"\0"])
def test_content_is_handed_on_to_the_byte(assignment, inbox, content):
    put(inbox / "ana", {SUMS: content, LATE: b""})
    one = only(collect(inbox, assignment))
    assert one.files[SUMS] == content and one.notes == ()


@pytest.mark.parametrize("content", ["x = 'é'".encode("latin-1"), "x = 1".encode("utf-16")])
def test_content_that_is_not_utf8_is_noted(assignment, inbox, content):
    put(inbox / "ana", {SUMS: content})
    one = only(collect(inbox, assignment))
    assert one.files[SUMS] == content and "is not text in UTF-8 (line 1)" in told(one)


def test_whatever_goes_wrong_inside_is_a_row(assignment, inbox, monkeypatch):
    put(inbox / "ana")
    put(inbox / "bo")
    choose = intake.choose

    def sometimes(items, files, notes):
        if items[0].place[0] == "ch01_small" and not sometimes.raised:
            sometimes.raised = True
            raise RecursionError
        return choose(items, files, notes)

    sometimes.raised = False
    monkeypatch.setattr(intake, "choose", sometimes)
    ana, bo = collect(inbox, assignment)
    assert "RecursionError" in ana.problem and bo.files == BOTH


def test_nothing_is_written_or_left_open(assignment, inbox):
    put(inbox, {"ana.zip": zipped(), "bo.zip": b"no zip"})
    put(inbox / "cy")
    before = sorted(path for path in inbox.rglob("*"))
    opened = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    collect(inbox, assignment)
    assert sorted(path for path in inbox.rglob("*")) == before
    assert not opened or len(os.listdir("/proc/self/fd")) <= opened


def test_layouts_are_named_in_the_docstring():
    for platform in ("Canvas", "Moodle", "Gradescope", "Classroom 50"):
        assert platform in layouts.__doc__
