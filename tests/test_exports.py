"""The table and the exports, each read by a checker of its format; the class has names and texts that mean harm."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path

import junitparser
import pytest
import records as made_up
import schemas
from junitparser import JUnitXml

from deepbook.course.errors import Problem
from deepbook.grading import canvas, export, safe, store, table
from deepbook.grading.course import Assignment
from deepbook.grading.late import Late

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
DUE = datetime.fromisoformat("2026-12-01T23:59:00+08:00")


@pytest.fixture
def class_records():
    return made_up.records()


@pytest.fixture
def assignment():
    return Assignment("Homework 1", ("ch01/neuron",), due=DUE, late=Late.parse("10% a day, at most 5 days"))


def rows_of(text):
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def columns(text):
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def no_formulas(text, between=","):
    """Whether a spreadsheet runs none of the cells that are no numbers."""
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=between):
        for cell in row:
            pieces = cell.replace("\r", "\n").replace(";", "\n").split("\n")
            assert not any(piece.strip().startswith(FORMULAS) for piece in pieces) or is_number(cell), row
    return True


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


# ------------------------------------------------------------------ grades.csv


def test_the_table_has_a_row_for_every_student_in_a_stable_order(class_records, assignment, tmp_path):
    path = table.write(list(reversed(class_records)), assignment, tmp_path)
    assert path.read_bytes() == table.write(class_records, assignment, tmp_path / "again").read_bytes()
    found = columns(path.read_text(encoding="utf-8-sig"))
    assert [each["id"] for each in found] == sorted(student[0] for student in made_up.STUDENTS)
    bo = next(each for each in found if each["id"] == "bo")
    assert (bo["score"], bo["max"], bo["percent"], bo["days late"], bo["status"]) == ("0.5", "6", "8.3", "2", "ok")
    assert (bo["ch01/weighted_sum"], bo["ch01/xor"], bo["ch01/update"]) == ("1", "0", "0")
    assert next(each for each in found if each["id"] == "none")["score"] == "0"


def test_the_table_opens_in_excel_and_in_programs(class_records, assignment, tmp_path):
    """Excel needs the mark for 王小明; what is exported for programs has none."""
    assert table.write(class_records, assignment, tmp_path).read_bytes().startswith(b"\xef\xbb\xbf")
    [path] = export.write(class_records, assignment, tmp_path, "csv").paths
    assert path.read_bytes().startswith(b'"id"')


def test_the_table_is_text_to_a_spreadsheet(class_records, assignment):
    text = table.text(class_records, assignment)
    assert no_formulas(text)
    names = {each["id"]: each["name"] for each in columns(text)}
    assert names["cmd"].startswith("'=cmd") and names["plus"] == "'+1" and names["at-x"].startswith("'@x;'=1+1")
    assert names["ana"] == "Ana O'Neil, Jr." and names["bo"] == 'Bo "the best" =cmd()' and names["王小明"] == "王小明"
    assert "\x1b" not in text and "\u202e" not in text and "\x00" not in text
    text.encode()  # no half letters


def test_the_table_counts_hours_where_the_policy_does(class_records):
    hourly = Assignment("x", (), late=Late.parse("1% an hour"))
    assert table.text(class_records, hourly).splitlines()[0].split(",")[5] == '"hours late"'


@pytest.mark.parametrize("text", ["=cmd()", "+1", "-1", "@x", "\t=1", " =1", "a\n=1", "a;=1", "＝1", "\r=1"])
def test_cell_disarms_a_formula(text):
    assert no_formulas(table.as_csv([[text]]))


def test_cell_leaves_other_texts_and_numbers():
    assert safe.cells(["Ana-Maria, O'Neil", "王小明", "a = b", 'say "x"', -1, 0.5]) == [
        *("Ana-Maria, O'Neil", "王小明", "a = b", 'say "x"', -1, 0.5)
    ]
    assert safe.number(0.1 + 0.2) == 0.3 and safe.number(3.0) == 3 and isinstance(safe.number(3.0), int)


def test_file_name_is_safe_and_its_own():
    names = [
        "ana",
        "Ana B.",
        "../x",
        "..",
        "",
        ".hidden",
        "a/b",
        "a_b",
        "CON",
        "con.txt",
        "王小明",
        "x" * 300,
        "\udcff",
        "-rf",
    ]
    names += [safe.file_name("../x"), "王" * 200, "a\nb", "a\x00b", "e\u0301", "é"]
    made = [safe.file_name(name) for name in names]
    assert len(set(made)) == len(made)
    assert all(Path(name).name == name and 0 < len(name.encode()) < 100 for name in made)
    assert not any(name.startswith((".", "-")) or name.split(".")[0].lower() in safe.RESERVED for name in made)
    assert made[0] == "ana" and made[10] == "王小明"


# ------------------------------------------------------------------ Canvas

GRADEBOOK = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Homework 0 (11),Homework 1: neurons & <gates> (12),Current Score\n"
    "\n"
    ",,,,,Manual Posting,,\n"
    "    Points Possible,,,,,10,6,(read only)\n"
    '"O\'Neil, Ana",101,ana,ana@school.example,A,9.5,,95\n'
    '"Bo, ""the best""",102,sis-2,BO@school.example,A,-,5,80\n'
    "王小明,103,sis-3,x3,B,7,,70\n"
    "=cmd|' /C calc'!A0,104,cmd,x4,B,7,,70\n"
    '"Kim, ""Mina""\nline",105,sis-5,x5,B,7,,70\n'
    "+1,106,sis-6,plus@school.example,B,7,EX,70\n"
    "Twin One,107,long,x7,B,1,4,1\n"
    "Twin Two,108,long,x8,B,1,4,1\n"
    '"Student, Test",109,,abc,B,,,\n'
)


def gradebook(tmp_path, text=GRADEBOOK, encoding="utf-8"):
    path = tmp_path / "gradebook.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_canvas_fills_its_own_column_and_nothing_else(class_records, tmp_path):
    text, _ = canvas.fill(class_records, gradebook(tmp_path))
    before, after = rows_of(GRADEBOOK), rows_of(text.decode())
    assert [len(row) for row in after] == [8] * len(before)
    scores = {row[1]: row[6] for row in after if len(row) > 1 and row[1]}
    assert scores["101"] == "6" and scores["102"] == "0.5"  # by SIS User ID; by the email, whatever its case
    assert scores["103"] == "1" and scores["104"] == "1"
    assert scores["106"] == "EX"  # excused stays excused
    assert scores["107"] == scores["108"] == "4"  # an id that fits two rows fits none
    for old, new in zip(before, after, strict=True):
        kept = [new[place] for place in range(len(old)) if place not in (0, 6)]
        assert kept == [old[place] for place in range(len(old)) if place not in (0, 6)]
    assert [row[0] for row in after if row[1:2] == ["104"]] == ["'=cmd|' /C calc'!A0"]
    assert after[8][0] == 'Kim, "Mina"\nline'


def test_canvas_says_who_was_not_found(class_records, tmp_path):
    _, notes = canvas.fill(class_records, gradebook(tmp_path))
    said = "\n".join(notes)
    lost = next(note for note in notes if "not found" in note)
    assert "long" in lost and "html" in lost and "none" in lost and "ana" not in lost.split(":")[1]
    assert "王小明" in next(note for note in notes if "by their names only" in note)
    empty = next(note for note in notes if "no grade here" in note)
    assert "Twin One; Twin Two" in empty and "Student, Test" not in empty  # Canvas's own
    assert "plus" in next(note for note in notes if "excused" in note)
    assert "\x1b" not in said and "column" not in said


def test_canvas_a_name_never_takes_the_row_of_an_id(tmp_path):
    """Who calls himself like another gets nothing; the other gets her own score."""
    ana, thief = made_up.by_id("ana"), made_up.by_id("王小明")
    thief["student"] = {"id": "thief", "name": "Ana O'Neil", "email": None}
    for order in ([ana, thief], [thief, ana]):
        text, notes = canvas.fill(order, gradebook(tmp_path))
        assert next(row for row in rows_of(text.decode()) if row[1:2] == ["101"])[6] == "6"
        assert any("not found" in note and "thief" in note for note in notes)
    ana["student"]["id"], ana["student"]["email"], ana["student"]["name"] = "a", None, "Ana O'Neil"
    text, notes = canvas.fill([ana, thief], gradebook(tmp_path))
    assert next(row for row in rows_of(text.decode()) if row[1:2] == ["101"])[6] == ""
    assert any(note.startswith("2 not found") for note in notes)


def test_canvas_adds_a_column_where_there_is_none(class_records, tmp_path):
    for record in class_records:
        record["assignment"] = "Homework 2"
    text, notes = canvas.fill(class_records, gradebook(tmp_path))
    rows = rows_of(text.decode())
    assert rows[0][-1] == "Homework 2" and next(row for row in rows if "Points" in "".join(row))[-1] == "6"
    assert {len(row) for row in rows} == {9}
    assert any("no column “Homework 2”" in note for note in notes)


def test_canvas_says_when_it_counts_other_points(class_records, tmp_path):
    _, notes = canvas.fill(class_records, gradebook(tmp_path, GRADEBOOK.replace(",10,6,", ",10,20,")))
    assert any("has 20 points, here 6" in note for note in notes)


def test_canvas_takes_no_score_of_another_maximum(class_records, assignment, tmp_path):
    """Points were changed and only some were graded again; of one there is no result."""
    class_records[0] |= {"max": 20.0, "score": 17.0}
    class_records[1]["key"] = None
    names = [record["student"]["id"] for record in class_records[:2]]
    text, notes = canvas.fill(class_records, gradebook(tmp_path))
    assert b",17," not in text
    warning = next(note for note in notes if "other points than the 6" in note)
    assert all(name in warning for name in names) and "regrade --changed" in warning
    text, notes = canvas.anew(class_records)
    assert rows_of(text)[1][5] == "6" and rows_of(text)[2][5] == "" and "regrade" in notes[1]


def test_canvas_asks_the_assignment_what_counts_now(tmp_path):
    now = Assignment("Homework 1", ("ch01/neuron",))
    exercises = [{"id": each.id, "points": each.points, "score": 1} for each in now.exercises]
    record = {**made_up.by_id("ana"), "exercises": exercises, "max": sum(each["points"] for each in exercises)}
    assert canvas.maximum([record], now) == (record["max"], [])
    more = Assignment("Homework 1", ("ch01/neuron",), points={exercises[0]["id"]: 9})
    assert canvas.maximum([record], more) == (record["max"] + 9 - exercises[0]["points"], ["ana"])


def test_canvas_a_gradebook_that_is_not_there_is_said(class_records, tmp_path):
    with pytest.raises(Problem, match="There is no file"):
        canvas.fill(class_records, tmp_path / "nowhere.csv")


def test_canvas_keeps_mark_delimiter_and_ends_of_lines(class_records, tmp_path):
    text = (
        'Student;ID;Section;Homework 1: neurons & <gates> (12)\r\n    Points Possible;;;6\r\n"O;Neil, Ana";ana;A;\r\n'
    )
    raw, _ = canvas.fill(class_records, gradebook(tmp_path, text, "utf-8-sig"))
    assert raw.startswith(b"\xef\xbb\xbfStudent;ID") and raw.endswith(b'"O;Neil, Ana";ana;A;6\r\n')
    assert raw.count(b"\r\n") == 3


@pytest.mark.parametrize(
    "text, encoding, says",
    [
        ("a,b\n1,2\n", "utf-8", "does not begin with the columns"),
        ("", "utf-8", "does not begin with the columns"),
        (GRADEBOOK, "utf-16", "is not in UTF-8"),
        ('Student,ID,Section\n"open', "utf-8", "cannot be read"),
        (GRADEBOOK.replace("Homework 0 (11)", "Homework 1: neurons & <gates> (13)"), "utf-8", "has 2 columns"),
    ],
)
def test_canvas_says_what_is_wrong_with_a_gradebook(class_records, tmp_path, text, encoding, says):
    with pytest.raises(Problem, match=says):
        canvas.fill(class_records, gradebook(tmp_path, text, encoding))


def test_canvas_makes_a_gradebook_anew(class_records, assignment, tmp_path):
    exported = export.write(class_records, assignment, tmp_path, "canvas")
    text = exported.paths[0].read_text(encoding="utf-8")
    head, possible, *rows = rows_of(text)
    assert head[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"] and len(head) == 6
    assert possible[0] == "    Points Possible" and possible[5] == "6" and len(rows) == len(class_records)
    assert no_formulas(text) and "--from" in exported.notes[0]
    assert canvas.Gradebook(exported.paths[0]).column(class_records[0]["assignment"]) == (5, False)


# ------------------------------------------------------------------ nbgrader, Otter


def test_nbgrader_has_its_columns_and_is_quoted(class_records, assignment):
    text = export.nbgrader(class_records, assignment)
    head = "assignment duedate timestamp student_id last_name first_name email raw_score late_submission_penalty score"
    assert rows_of(text)[0] == [*head.split(), "max_score"] and no_formulas(text)
    found = {each["student_id"]: each for each in columns(text)}
    assert set(found) == {student[0] for student in made_up.STUDENTS}
    assert found["bo"]["duedate"] == "2026-12-01 15:59:00" and found["bo"]["timestamp"] == "2026-12-03 15:30:00"
    assert (found["bo"]["raw_score"], found["bo"]["late_submission_penalty"], found["bo"]["score"]) == (
        "1",
        "0.5",
        "0.5",
    )
    assert (found["ana"]["last_name"], found["ana"]["first_name"]) == ("Ana O'Neil", "Jr.")
    assert found["王小明"]["last_name"] == "王小明" and found["none"]["timestamp"] == ""
    assert found["at-x"]["last_name"] == "'-2" and found["at-x"]["first_name"] == "'@x;'=1+1"


def test_otter_has_the_points_first(class_records, assignment, tmp_path):
    [path] = export.write(class_records, assignment, tmp_path, "otter").paths
    head, points, *rows = rows_of(path.read_text(encoding="utf-8"))
    assert head[0] == "file" and head[-3:] == ["total_points_earned", "percent_correct", "grading_status"]
    assert points == ["points-per-question", "1", "2", "3", "6", "", ""]
    assert len(rows) == len(class_records) and all(len(row) == len(head) for row in rows)


# ------------------------------------------------------------------ a file of JSON a student


@pytest.mark.parametrize("to, name", [("gradescope", "results.json"), ("classroom50", "result.json")])
@pytest.mark.parametrize("whole_points", [True, False])
def test_json_follows_its_schema(class_records, assignment, tmp_path, to, name, whole_points):
    if whole_points:
        class_records = [record for record in class_records if not record["late"]["days"]]
    paths = export.write(class_records, assignment, tmp_path, to).paths
    handed_in = [each for each in class_records if to == "gradescope" or each["status"] != "missing"]
    assert len(paths) == len(handed_in) and {path.name for path in paths} == {name}
    for path in paths:
        written = json.loads(path.read_text(encoding="utf-8"))
        assert schemas.wrong(written, {"gradescope": schemas.GRADESCOPE, "classroom50": schemas.CLASSROOM50}[to]) == []
        assert path.is_relative_to(tmp_path / to)


@pytest.mark.parametrize(
    "to, schema", [("exercism", schemas.EXERCISM), ("check50", schemas.CHECK50), ("prairielearn", schemas.PRAIRIELEARN)]
)
def test_other_json_follows_its_schema(class_records, assignment, tmp_path, to, schema):
    for path in export.write(class_records, assignment, tmp_path, to).paths:
        written = json.loads(path.read_text(encoding="utf-8"))
        assert schemas.wrong(written, schema) == []
        assert to != "exercism" or (written["status"] == "error") == ("message" in written)
        assert to != "prairielearn" or 0 <= written["score"] <= 1


def test_the_checker_of_schemas_finds_faults():
    good = export.gradescope(made_up.by_id("ana"))
    for change in ({"score": "6"}, {"visibility": "secret"}, {"extra": 1}, {"tests": [{"name": 3}]}, {"score": True}):
        assert schemas.wrong({**good, **change}, schemas.GRADESCOPE)
    assert schemas.wrong({name: good[name] for name in good if name != "tests"}, schemas.GRADESCOPE)
    result = export.classroom50(made_up.by_id("ana"))
    for change in ({"datetime": "2026-12-01 23:30"}, {"submission": "main"}, {"score": 1.5}, {"owner": ""}):
        assert schemas.wrong({**result, **change}, schemas.CLASSROOM50)


def test_gradescope_shows_the_total_and_hides_the_tests_that_students_do_not_have():
    written = export.gradescope(made_up.unseen(), None)
    assert written["score"] == 0.5 and written["stdout_visibility"] == "hidden"
    seen = [test for test in written["tests"] if test["visibility"] == "visible"]
    unseen = [test for test in written["tests"] if test["visibility"] != "visible"]
    assert [test["max_score"] for test in seen] == [1, 2, 3] and [test["score"] for test in seen] == [1, 0, 0]
    assert {test["visibility"] for test in unseen} == {"hidden"} and not any(test["max_score"] for test in unseen)
    assert made_up.SECRET not in json.dumps(written)
    later = export.gradescope(made_up.unseen(), None, hidden="after_published")["tests"]
    assert [test["visibility"] for test in later].count("after_published") == len(unseen)


def test_classroom50_scores_are_whole_and_within_bounds(class_records, assignment, tmp_path):
    exported = export.write(class_records, assignment, tmp_path, "classroom50")
    assert "hundredths" in exported.notes[0] and "handed in nothing" in exported.notes[1]
    bo = json.loads((tmp_path / "classroom50/bo/result.json").read_text())
    assert (bo["score"], bo["max-score"], bo["datetime"]) == (50, 600, "2026-12-03T15:30:00Z")
    for path in exported.paths:
        written = json.loads(path.read_text())
        assert 0 <= written["score"] <= written["max-score"]
        assert all(0 <= test["score"] <= test["max-score"] for test in written["tests"])
    whole = export.write([made_up.by_id("ana")], assignment, tmp_path, "classroom50")
    assert whole.notes == [] and json.loads(whole.paths[0].read_text())["max-score"] == 6


def test_classroom50_believes_its_runner():
    known = {
        "CLASSROOM": "cs",
        "ASSIGNMENT": "hw1",
        "SUBMISSION_TAG": "submit/x",
        "COMMIT_URL": "https://c",
        "OWNER": "o",
    }
    written = export.classroom50(made_up.by_id("ana"), known=known)
    assert (written["classroom"], written["assignment"], written["submission"], written["owner"]) == (
        "cs",
        "hw1",
        "submit/x",
        "o",
    )
    assert written["commit"] == written["review"] == "https://c" and written["release"] == "not known"


# ------------------------------------------------------------------ JUnit


def test_junit_is_read_by_a_parser(class_records, assignment, tmp_path):
    class_records[0]["assignment"] = class_records[0]["jail"] = made_up.EVIL
    [path] = export.write(class_records, assignment, tmp_path, "junit").paths
    xml = JUnitXml.fromfile(str(path))
    suites = list(xml)
    assert len(suites) == len(class_records)
    assert sum(suite.tests for suite in suites) == xml.tests == sum(len(list(suite)) for suite in suites)
    results = [result for suite in suites for case in suite for result in case.result]
    assert sum(isinstance(each, junitparser.Failure) for each in results) == xml.failures > 0
    assert sum(isinstance(each, junitparser.Error) for each in results) == xml.errors > 0
    ana = next(suite for suite in suites if suite.name == "Ana O'Neil, Jr. (ana)")
    assert {each.name: each.value for each in ana.properties()}["score"] == "6"
    assert not [result for case in ana for result in case.result]
    assert all(case.classname == "ch01_perceptron.neuron" for suite in suites for case in suite)


def test_junit_says_nothing_of_tests_that_students_do_not_have():
    assert made_up.SECRET.encode() not in export.junit([made_up.unseen()])


# ------------------------------------------------------------------ the command


def test_an_unknown_format_is_named_with_those_there_are(class_records, assignment, tmp_path):
    with pytest.raises(Problem, match=r"no format “xls”\. There are: csv, canvas, gradescope"):
        export.write(class_records, assignment, tmp_path, "xls")
    with pytest.raises(Problem, match="--to canvas"):
        export.write(class_records, assignment, tmp_path, "csv", tmp_path / "x.csv")
    (tmp_path / "file").touch()
    with pytest.raises(Problem, match="is a file"):
        export.write(class_records, assignment, tmp_path / "file", "csv")


def test_the_commands_report_and_export(tmp_path, monkeypatch, capfd):
    from typer.testing import CliRunner

    from deepbook.cli import app

    folder = tmp_path / "grades"
    for record in made_up.records():
        path = folder / "records" / f"{safe.file_name(record['student']['id'])}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(store.as_json(record))
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    for arguments in (["export", "--to", "nbgrader"], ["export", "--to", "gradescope", "--out", "there"]):
        assert run(app, arguments).exit_code == 0
    assert (folder / "export/nbgrader.csv").is_file() and (tmp_path / "there/gradescope/bo/results.json").is_file()
    done = run(app, ["export", "--to", "canvas", "--from", str(gradebook(tmp_path))])
    assert done.exit_code == 0 and "not found in the gradebook" in done.output and "\x1b" not in done.output
    assert run(app, ["report"]).exit_code == 0 and (folder / "report.svg").read_text().count("<svg") == 1
    assert run(app, ["export", "--to", "csv", "--grades", "nowhere"]).exit_code == 2
