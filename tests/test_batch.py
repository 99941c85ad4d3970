"""A batch: a row for everyone, whatever happens; what is done is kept; scores are the same however it was run."""

import functools
import io
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from small_class import FAKE, Class, timeless

from deepbook.course.errors import MachineProblem, Problem
from deepbook.grading import batch, bench, commands, course, doubts, fingerprint, jail, manifest, store


@pytest.fixture
def small_class(small_book, tmp_path, monkeypatch):
    return Class(tmp_path, monkeypatch)


def test_every_submission_gets_a_row_whatever_happens(small_class):
    for name, *lines in (
        ("ana", "passes: add double triple"),
        ("bo", "passes: add"),
        ("dies", "does: die"),
        ("leaves", "does: leave"),
        ("raises", "does: raise"),
        ("talks", "does: talk"),
        ("zoe", "passes: double"),
    ):
        small_class.hand_in(name, *lines)
    (small_class.submissions / "empty").mkdir()
    outcome = small_class.grade()
    rows = {r["student"]["id"]: (r["status"], r["score"]) for r in outcome.records}
    assert {n: s for n, (s, _) in rows.items() if s != "crash"} == {
        "ana": "ok", "bo": "ok", "zoe": "ok", "empty": "missing",
    }  # fmt: skip
    assert [rows[name] for name in ("dies", "leaves", "raises", "talks")] == [("crash", 0)] * 4
    assert (rows["ana"], rows["bo"], rows["zoe"]) == (("ok", 6), ("ok", 1), ("ok", 2))
    assert len(outcome.failures) == 4 and "RecursionError: too deep" in " ".join(outcome.failures)
    assert outcome.table.read_text(encoding="utf-8-sig").count("\n") == 1 + 8
    assert len(list((small_class.out / "feedback").glob("*.md"))) == 8
    assert small_class.examined().count("dies") == 1 + bench.RETRIES

    small_class.hand_in("raises", "passes: add")
    outcome = small_class.grade()
    assert small_class.examined() == sorted(["dies"] * 3 + ["leaves", "raises", "talks"])  # what failed of ours
    assert outcome.examined == {"dies", "leaves", "raises", "talks"} and small_class.scores()["raises"] == 1


def test_a_bench_that_dies_once_costs_nobody_anything(small_class, tmp_path):
    small_class.hand_in("ana", "passes: add", f"does: once {tmp_path / 'died'}")
    small_class.hand_in("bo", "passes: add double")
    assert not small_class.grade(jobs=1).failures
    assert small_class.scores() == {"ana": 1, "bo": 3}
    assert small_class.examined() == ["ana", "ana", "bo"]


def test_scores_are_equal_run_twice_and_in_parallel(small_class, tmp_path):
    for number in range(6):
        small_class.hand_in(f"s{number}", f"passes: {['add', 'double', 'triple'][number % 3]}")
    small_class.grade(tmp_path / "one", jobs=1)
    small_class.grade(tmp_path / "two", jobs=3)
    small_class.grade(tmp_path / "two", jobs=2, again=True)
    assert timeless(tmp_path / "one") == timeless(tmp_path / "two")
    assert small_class.examined() == sorted([f"s{number}" for number in range(6)] * 3)


def test_a_second_run_keeps_what_nothing_changed(small_class):
    small_class.hand_in("ana", "passes: add")
    small_class.hand_in("bo", "passes: add")
    small_class.grade()
    assert small_class.examined() == ["ana", "bo"]
    outcome = small_class.grade()
    assert small_class.examined() == [] and outcome.examined == set() and len(outcome.records) == 2
    small_class.hand_in("bo", "passes: add double")
    small_class.hand_in("cy", "passes: triple")
    assert small_class.grade().examined == {"bo", "cy"}
    assert small_class.scores() == {"ana": 1, "bo": 3, "cy": 3}


@pytest.mark.parametrize("what", ["test", "points", "secret", "hidden test", "jail"])
def test_what_decides_a_score_makes_all_be_examined_again(small_class, small_book, tmp_path, what):
    assignment = replace(small_class.assignment, hidden=tmp_path / "hidden")
    assignment.hidden.mkdir()
    (assignment.hidden / "passing.txt").write_text("add double")
    small_class.hand_in("ana", "passes: add triple")
    small_class.grade(assignment=assignment)
    small_class.grade(assignment=assignment)
    assert small_class.examined() == ["ana"] and small_class.scores() == {"ana": 1}
    rest = {}
    if what == "test":
        path = small_book.root / "exercises/ch01_small/test_sums.py"
        path.write_text(path.read_text() + "\n# another\n")
    elif what == "hidden test":
        (assignment.hidden / "passing.txt").write_text("add triple")
    elif what == "jail":
        rest = {"isolation": "none"}
    else:
        changed = {"points": {"ch01/add": 5}, "secret": b"another sixteen b"}
        assignment = replace(assignment, **{what: changed[what]})
    small_class.grade(assignment=assignment, **rest)
    assert small_class.examined() == ["ana"]
    assert small_class.scores() == {"ana": {"points": 5, "hidden test": 4}.get(what, 1)}


def test_a_regrade_says_what_changed_and_keeps_the_old_table(small_class):
    small_class.hand_in("ana", "passes: add")
    small_class.hand_in("bo", "passes: add")
    old = small_class.grade().table.read_bytes()
    small_class.examined()
    small_class.hand_in("bo", "passes: add triple")
    small_class.hand_in("cy")
    outcome = small_class.grade(compare=True)
    assert outcome.differences() == [("bo", 1, 4), ("cy", None, 0)]
    assert small_class.examined() == ["bo", "cy"]
    (kept,) = small_class.out.glob("old/*/grades.csv")
    assert kept.read_bytes() == old != outcome.table.read_bytes()
    assert small_class.grade(compare=True, again=True).differences() == []
    assert small_class.examined() == ["ana", "bo", "cy"]


def test_a_regrade_that_was_stopped_goes_on(small_class):
    """Also its comparison is with the scores before it began."""
    for name in ("ana", "bo", "cy"):
        small_class.hand_in(name, "passes: add")
    small_class.grade()
    small_class.examined()

    class Stop(batch.Watcher):
        def graded(self, record):
            raise KeyboardInterrupt

    small_class.hand_in("ana", "passes: triple")
    with pytest.raises(KeyboardInterrupt):
        small_class.grade(jobs=1, compare=True, again=True, watcher=Stop())
    assert small_class.examined()[0] == "ana"
    outcome = small_class.grade(compare=True, again=True)
    assert outcome.examined == {"bo", "cy"}
    assert outcome.differences() == [("ana", 1, 3)]
    assert len(list(small_class.out.glob("old/*"))) == 1
    assert small_class.grade(again=True).examined == {"ana", "bo", "cy"}  # that one had ended: this is another


def test_only_some_students(small_class):
    for name in ("ana", "bo", "cy"):
        small_class.hand_in(name, "passes: add")
    small_class.grade(only=["BO"])
    assert small_class.examined() == ["bo"]
    outcome = small_class.grade(only=["cy"])
    assert outcome.done == ["cy"] and [r["student"]["id"] for r in outcome.records] == ["bo", "cy"]
    with pytest.raises(Problem, match=r"no submission of “anna”\. Did you mean “ana”"):
        small_class.grade(only=["anna"])


def test_results_lie_outside_of_the_submissions_and_in_a_folder_of_ours(small_class, tmp_path):
    small_class.hand_in("ana", "passes: add")
    with pytest.raises(Problem, match="among the submissions"):
        small_class.grade(small_class.submissions / "grades")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/diary.txt").write_text("dear diary")
    with pytest.raises(Problem, match="holds something else"):
        small_class.grade(tmp_path / "mine")
    assert os.listdir(tmp_path / "mine") == ["diary.txt"]
    with pytest.raises(Problem, match="is a file"):
        small_class.grade(tmp_path / "mine/diary.txt")


def test_files_of_results_are_named_safely(tmp_path):
    names = ["ana", "../../etc/passwd", "a/b", "", ".", "王小明", "CON", "x" * 300, "a\nb", "=cmd()", "é", "e\u0301"]
    with store.Store(tmp_path / "grades") as kept:
        paths = [kept.path(name) for name in names]
        for name in names:
            kept.write({"student": {"id": name}, "exercises": [], "printed": "\ud800"})
    assert len({str(path).casefold() for path in paths}) == len(names)
    assert {path.resolve().parent for path in paths} == {(tmp_path / "grades/records").resolve()}
    assert all(len(path.name.encode()) < 200 for path in paths)
    assert sorted(r["student"]["id"] for r in store.read_records(tmp_path / "grades")) == sorted(names)


def test_a_broken_record_is_no_result(small_class):
    small_class.hand_in("ana", "passes: add")
    small_class.grade()
    path = small_class.out / "records/ana.json"
    path.write_bytes(path.read_bytes()[:100])
    small_class.grade()
    assert small_class.scores() == {"ana": 1}
    assert small_class.examined() == ["ana", "ana"]


def test_an_examiner_that_is_not_there_stops_the_batch(small_class):
    small_class.hand_in("ana", "passes: add")
    with pytest.raises(MachineProblem, match="The grader does not start"):
        small_class.grade(examiner="nowhere:examine")
    with pytest.raises(MachineProblem, match="disk is full"):
        small_class.hand_in("ana", "does: full")
        small_class.grade()


def test_a_hidden_test_that_is_none_stops_before_anything_is_graded(small_class, call, monkeypatch, capsys):
    grade, regrade = call
    small_class.hand_in("ana", "passes: add")
    assert grade() == 0
    small_class.examined()
    before = {path: path.read_bytes() for path in small_class.out.rglob("*") if path.is_file()}

    def broken(assignment):
        raise Problem("hidden/test_more.py, line 3: no test.")

    (small_class.folder / "hidden").mkdir()
    (small_class.folder / "hidden/test_more.py").write_text("def")
    (small_class.folder / "hidden/passing.txt").write_text("add")
    (small_class.folder / "course.toml").open("a").write('hidden = "hidden"\n')
    monkeypatch.setattr(batch, "EXAMINER", FAKE)
    monkeypatch.setattr(manifest, "manifest", broken)
    for again in (grade, lambda: regrade(changed=False), lambda: regrade(folder=small_class.folder)):
        with pytest.raises(Problem, match="line 3") as error:
            again()
        assert error.value.code == 2
    assert small_class.examined() == []
    assert before == {path: path.read_bytes() for path in small_class.out.rglob("*") if path.is_file()}

    capsys.readouterr()
    hidden, visible = manifest.Check("test_b", "hidden"), manifest.Check("test_a", "visible")
    checks = {"ch01/add": (visible, hidden), "ch01/double": (hidden, hidden), "ch01/triple": (visible,)}
    monkeypatch.setattr(manifest, "manifest", lambda assignment: checks)
    assert grade() == 0
    assert capsys.readouterr().out.startswith("3 hidden tests: add, double (2).\n")
    monkeypatch.setattr(manifest, "manifest", lambda assignment: {"ch01/add": (visible,)})
    grade()
    assert capsys.readouterr().out.startswith("No hidden test: ")


def test_a_problem_that_only_a_bench_meets_stops_the_batch(small_class):
    answer = {"stop": "a hidden test is none", "mend": True}
    with pytest.raises(Problem) as error:
        batch.scored(None, None, answer, "none")
    assert error.value.code == 2


def test_hidden_tests_that_may_be_wrong_are_named():
    def record(**tests):
        kept = [{"name": n, "kind": "hidden", "passed": not why, "status": "passed"} for n, why in tests.items()]
        for test in kept:
            if why := tests[test["name"]]:
                test.update(status="failed", for_instructor=why, of_the_test=why.startswith("NameError"))
        kept.append({"name": "seen", "kind": "visible", "passed": True, "status": "passed"})
        return {"exercises": [{"id": "ch01/add", "tests": kept}]}

    one, two = (
        record(test_a="NameError: x", test_b="3 != 4", test_c=""),
        record(test_a="", test_b="3 != 4", test_c="no"),
    )
    first, second = doubts.about_tests([one, two])
    assert first == "The hidden test test_a has a mistake of its own: NameError: x. Mend it, then grade again."
    assert "test_b failed for all 2 submissions that ran it; 2 of them pass" in second and second.endswith("3 != 4.")
    assert len(doubts.about_tests([one])) == 1 and doubts.about_tests([{"exercises": []}]) == []


def test_a_submission_beyond_all_limits_is_given_up(small_class, monkeypatch):
    monkeypatch.setattr(bench, "PATIENCE_S", 0.5)
    small_class.hand_in("ana", "does: hang")
    small_class.hand_in("bo", "passes: add")
    limits = course.Limits(whole_s=1)
    outcome = small_class.grade(assignment=replace(small_class.assignment, limits=limits))
    assert [r["status"] for r in outcome.records] == ["crash", "ok"]
    assert "no answer in 1.5 seconds" in outcome.failures[0]


def test_grade_one_gives_a_record_whatever_happens(small_class, monkeypatch):
    from deepbook.grading.course import Student, Submission

    monkeypatch.setattr(sys, "path", [str(Path(__file__).parent / "helpers"), *sys.path])
    files = {"ch01_small/sums.py": b"# passes: add double\n"}
    one = batch.grade_one(Submission(Student("ana"), files), small_class.assignment, examiner=FAKE)
    assert (one["status"], one["score"]) == ("ok", 3)
    bad = Submission(Student("bo"), {"x": b"# does: raise"})
    record = batch.grade_one(bad, small_class.assignment, examiner=FAKE)
    assert (record["status"], record["score"], record["max"]) == ("crash", 0, 6)


def test_the_fingerprint_does_not_depend_on_places(small_class, tmp_path):
    one, two = (replace(small_class.assignment, folder=tmp_path / n, hidden=tmp_path / n / "hidden") for n in "ab")
    assert fingerprint.of_assignment(one) == fingerprint.of_assignment(two)
    assert fingerprint.of_assignment(one) != fingerprint.of_assignment(replace(one, partial=True))


# ------------------------------------------------------------------ the commands


@pytest.fixture
def call(small_class, monkeypatch):
    """`commands.grade` and `commands.regrade` with the fake examiner, and a course.toml beside the submissions."""
    monkeypatch.setattr(batch, "grade", functools.partial(batch.grade, examiner=FAKE))
    monkeypatch.setattr(jail, "available", lambda: {"bubblewrap": "it is not installed", "landlock": "", "none": ""})
    monkeypatch.setattr(jail, "best", lambda: "landlock")
    (small_class.folder / "course.toml").write_text(f'chapters = ["1"]\nsecret = "{"ab" * 16}"\n')
    common = {"folder": None, "chapters": None, "jobs": None, "scheduler": None, "isolation": "best", "only": []}

    def grade(**rest):
        return commands.grade(**{**common, "submissions": small_class.submissions, "to": small_class.out, **rest})

    def regrade(**rest):
        given = {**common, "submissions": None, "to": small_class.out, "changed": True, **rest}
        return commands.regrade(**given)

    return grade, regrade


def test_grade_says_how_it_went(small_class, call, capsys):
    grade, _ = call
    small_class.hand_in("ana", "passes: add double")
    small_class.hand_in("bo", "passes: [red]")
    assert grade() == 0
    *lines, table = capsys.readouterr().out.splitlines()
    assert sorted(line.split()[3:] for line in lines[:2]) == [
        ["ok", "0", "of", "6", "bo"],
        ["ok", "3", "of", "6", "ana"],
    ]
    assert lines[2:] == ["2 submissions: 2 examined. Jail: landlock."]
    assert table.startswith("Table: ") and table.split()[1].endswith("grades.csv")
    small_class.hand_in("cy", "does: raise")
    assert grade() == 1
    said = capsys.readouterr().out
    assert "2 records of 3 kept: nothing changed since." in said and "Not ok: 1 crash." in said
    assert "report it with this sentence: RecursionError: too deep [red]." in said


def test_ctrl_c_says_how_many_are_done(small_class, call, capsys, monkeypatch):
    grade, _ = call
    for name in ("ana", "bo", "cy"):
        small_class.hand_in(name, "passes: add")

    class Stop(commands.Shown):
        def graded(self, record):
            super().graded(record)
            raise KeyboardInterrupt

    monkeypatch.setattr(commands, "Shown", Stop)
    with pytest.raises(KeyboardInterrupt):
        grade(jobs=1)
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "Stopped. 1 of 3 are done; give the same command again to go on."


def test_regrade_says_which_scores_are_others_now(small_class, call, capsys):
    grade, regrade = call
    with pytest.raises(Problem, match="Nothing was graded into"):
        regrade()
    small_class.hand_in("ana", "passes: add")
    small_class.hand_in("bo", "passes: add")
    grade()
    small_class.hand_in("bo", "passes: add triple")
    capsys.readouterr()
    assert regrade() == 0
    said = capsys.readouterr().out
    assert (
        "1 score changed, 1 as before.\n  bo: 1 → 4 of 6\n" in said
        and "2 submissions: 1 examined, 1 as before." in said
    )
    assert regrade(changed=False) == 0
    said = capsys.readouterr().out
    assert "0 scores changed, 2 as before." in said and "2 submissions: 2 examined." in said


def test_a_course_is_found_here_or_beside_and_never_in_what_was_handed_in(small_class, call, monkeypatch):
    small_class.hand_in("ana", "passes: add")
    hostile = small_class.submissions / "course.toml"
    hostile.write_text(f'chapters = ["1"]\nsecret = "{"cd" * 16}"\npoints = {{ add = 1000 }}\n')
    monkeypatch.chdir(small_class.submissions)
    assignment, facts = commands.assigned(Path("."), None, None)
    assert assignment.secret == b"\xab" * 16 and facts == {"course": str(small_class.folder), "chapters": None}
    (small_class.folder / "course.toml").unlink()
    with pytest.raises(Problem, match=r"course\.toml is missing"):
        commands.assigned(small_class.submissions, None, None)
    with pytest.raises(Problem, match="Give one of them"):
        commands.assigned(small_class.submissions, small_class.folder, "1")
    monkeypatch.setenv("XDG_DATA_HOME", str(small_class.folder))
    assert commands.assigned(small_class.submissions, None, "1")[0].sets == ("ch01/sums", "ch01/late")


def test_a_jail_that_is_not_there_is_said_so_at_once(small_class, call):
    small_class.hand_in("ana", "passes: add")
    grade, _ = call
    with pytest.raises(Problem, match="does not work on this machine: it is not installed"):
        grade(isolation="bubblewrap")
    with pytest.raises(Problem, match="There are: best, bubblewrap, landlock, none"):
        grade(isolation="docker")
    assert small_class.examined() == []


def test_the_bar_of_a_terminal_obeys_no_name(small_class):
    text = io.StringIO()
    out = Console(file=text, force_terminal=True, width=100)
    record = {"student": {"id": "[red]\x1b[2J"}, "status": "timeout", "score": 0.5, "max": 6.0}
    with commands.Shown(out) as shown:
        shown.begins(2, 0)
        shown.graded(record)
        shown.graded({**record, "status": "ok"})
    assert "[red]" in text.getvalue() and "\x1b[2J" not in text.getvalue() and "0.5 of 6" in text.getvalue()
