"""Points are exact, the late policy says what it does, and nothing is ever taken twice."""

import copy
import json
import random
from datetime import datetime, timedelta
from fractions import Fraction

import pytest

from deepbook.course.errors import Problem
from deepbook.grading import course
from deepbook.grading.course import Assignment
from deepbook.grading.late import Late
from deepbook.grading.score import score, share

DUE = datetime.fromisoformat("2026-12-01T23:59:00+08:00")


def outcome(kind, passed):
    return {"name": "test_x", "kind": kind, "passed": passed, "status": "passed" if passed else "failed", "message": ""}


def record(student="ana", **exercises):
    """A record in which each named exercise of the small book has these tests."""
    found = []
    for name, tests in exercises.items():
        found.append({"id": f"ch01/{name}", "name": name, "tests": tests, "status": "?", "message": "m"})
    return {"student": {"id": student, "name": "", "email": None}, "status": "ok", "exercises": found}


def all_pass(student="ana"):
    return record(student, **{name: [outcome("visible", True)] for name in ("add", "double", "triple")})


@pytest.fixture
def assignment(small_book):
    """The small book: 1, 2 and 3 points."""
    return Assignment("hw", ("ch01/sums", "ch01/late"), due=DUE, secret=b"s" * 32)


def with_late(assignment, text, **changes):
    return Assignment(**{**vars(assignment), "late": Late.parse(text), **changes})


# ------------------------------------------------------------------ points


def test_an_exercise_earns_its_points_only_if_all_its_tests_pass(assignment):
    half = [outcome("visible", True), outcome("visible", False)]
    done = score(record(add=[outcome("visible", True)], double=half), assignment, None)
    assert [each["score"] for each in done["exercises"]] == [1.0, 0.0, 0.0]
    assert (done["raw"], done["score"], done["max"]) == (1.0, 1.0, 6.0)


def test_an_exercise_that_the_record_lacks_counts_nothing_and_has_a_row(assignment):
    done = score(record(add=[outcome("visible", True)]), assignment, None)
    assert [(each["id"], each["status"]) for each in done["exercises"]][1:] == [
        ("ch01/double", "missing"),
        ("ch01/triple", "missing"),
    ]


def test_exercises_without_tests_and_foreign_exercises_earn_nothing(assignment):
    done = score(record(add=[], foreign=[outcome("visible", True)]), assignment, None)
    assert done["raw"] == 0.0
    assert "ch01/foreign" not in [each["id"] for each in done["exercises"]]


@pytest.mark.parametrize("passed", [1, "yes", None, "False"])
def test_only_true_is_passed(passed):
    assert share([{"kind": "visible", "passed": passed}], partial=True) == 0


def test_the_instructors_points_count(assignment):
    assignment.points.update({"ch01/add": 0.1, "ch01/double": 0.2, "ch01/triple": 0})
    done = score(all_pass(), assignment, None)
    assert (done["raw"], done["max"]) == (0.3, 0.3)  # 0.1 + 0.2 in floats is more


@pytest.mark.parametrize(
    "tests, expected",
    [
        ([("visible", True), ("visible", False)], Fraction(1, 2)),
        ([("visible", True), ("visible", True), ("drawn", False)], 0),  # a list of remembered answers
        ([("visible", True), ("visible", False), ("drawn", True)], Fraction(2, 3)),
        ([("visible", False), ("hidden", True), ("drawn", False)], Fraction(1, 3)),
        ([("visible", False)], 0),
        ([("visible", True), ("drawn", True)], 1),
        ([], 0),
    ],
)
def test_partial_credit_needs_one_test_with_unknown_inputs(tests, expected):
    assert share([outcome(*each) for each in tests], partial=True) == expected


def test_thirds_add_up_to_the_whole(assignment):
    partial = Assignment(**{**vars(assignment), "partial": True, "points": dict.fromkeys(("ch01/add",), 1)})
    third = [outcome("visible", True), outcome("visible", False), outcome("visible", False)]
    done = score(record(add=third, double=third, triple=third), partial, None)
    assert done["raw"] == 2.0  # (1 + 2 + 3) / 3


# ------------------------------------------------------------------ late


@pytest.mark.parametrize(
    "text, after, penalty",
    [
        ("none", timedelta(days=100), 0),
        ("10% a day", timedelta(0), 0),
        ("10% a day", timedelta(seconds=1), 0.6),
        ("10% a day", timedelta(days=1), 0.6),
        ("10% a day", timedelta(days=1, seconds=1), 1.2),
        ("10% a day", -timedelta(days=3), 0),
        ("10% a day", timedelta(days=50), 6),
        ("10% a day, at most 25%", timedelta(days=50), 1.5),
        ("10% a day, grace 15 minutes", timedelta(minutes=15), 0),
        ("10% a day, grace 15 minutes", timedelta(minutes=15, seconds=1), 0.6),
        ("2.5% an hour", timedelta(hours=3, minutes=1), 0.6),
        ("10% A DAY;  at most 5 days", timedelta(days=5), 3),
        ("10%/day, up to 5 days", timedelta(days=5), 3),
    ],
)
def test_what_lateness_costs(assignment, text, after, penalty):
    done = score(all_pass(), with_late(assignment, text), DUE + after)
    assert done["late"]["penalty"] == penalty
    assert done["score"] == float(Fraction(6) - Fraction(str(penalty)))
    assert done["raw"] == 6.0 and done["status"] == "ok"


@pytest.mark.parametrize("text", ["10% a day, at most 5 days", "at most 5 days"])
def test_after_the_last_day_nothing_counts(assignment, text):
    done = score(all_pass(), with_late(assignment, text), DUE + timedelta(days=5, seconds=1))
    assert (done["status"], done["score"], done["raw"], done["late"]["days"]) == ("late", 0.0, 6.0, 6)


def test_late_work_that_is_not_accepted(assignment):
    policy = with_late(assignment, "not accepted, grace 1 hour")
    assert score(all_pass(), policy, DUE + timedelta(minutes=60))["score"] == 6.0
    assert score(all_pass(), policy, DUE + timedelta(minutes=61))["status"] == "late"


def test_the_penalty_never_takes_more_than_was_earned(assignment):
    done = score(record(add=[outcome("visible", True)]), with_late(assignment, "30% a day"), DUE + timedelta(days=1))
    assert (done["raw"], done["score"], done["late"]["penalty"]) == (1.0, 0.0, 1.0)


def test_a_time_that_nobody_knows_costs_nothing(assignment):
    assert score(all_pass(), with_late(assignment, "not accepted"), None)["score"] == 6.0
    assert score(all_pass(), with_late(assignment, "not accepted", due=None), DUE)["score"] == 6.0


def test_time_zones_are_compared_not_clocks(assignment):
    policy = with_late(assignment, "10% a day")
    assert score(all_pass(), policy, datetime.fromisoformat("2026-12-01T15:59:00+00:00"))["late"]["days"] == 0
    assert score(all_pass(), policy, datetime.fromisoformat("2026-12-01T15:59:01+00:00"))["late"]["days"] == 1


@pytest.mark.parametrize("who", ["ANA", "ana@x.edu", "Ana Lin"])
def test_an_extension_is_for_one_student(assignment, who):
    policy = with_late(assignment, "not accepted", extensions={who: DUE + timedelta(days=4)})
    ana = all_pass()
    ana["student"].update(name="Ana Lin", email="ana@x.edu")
    assert score(ana, policy, DUE + timedelta(days=4))["score"] == 6.0
    assert score(all_pass("bo"), policy, DUE + timedelta(days=4))["score"] == 0.0


@pytest.mark.parametrize(
    "text", ["ten percent", "10 % a week", "110% a day", "10% a day, 5% a day", "-5% a day", "1e9% a day"]
)
def test_a_policy_that_is_not_understood_shows_examples(text):
    with pytest.raises(ValueError, match="10% a day, at most 5 days"):
        Late.parse(text)


@pytest.mark.parametrize(
    "text, clause",
    [
        ("none", "late work costs nothing"),
        ("not accepted", "late work is not accepted"),
        ("10% a day, at most 5 days", "10% a day begun, accepted for 5 days"),
        ("2.5% an hour, at most 50%, grace 15 min", "2.5% an hour begun, at most 50%, 15 minutes of grace"),
    ],
)
def test_a_policy_in_words(text, clause):
    assert str(Late.parse(text)) == clause


# ------------------------------------------------------------------ pure


def test_scoring_again_changes_nothing(assignment):
    policy = with_late(assignment, "10% a day, at most 2 days")
    for after in (0, 1, 5):
        once = score(all_pass(), policy, DUE + timedelta(days=after))
        assert score(once, policy, DUE + timedelta(days=after)) == once
        assert json.loads(json.dumps(once)) == once


def test_a_later_due_date_brings_the_status_back(assignment):
    broken = {**all_pass(), "status": "timeout"}
    policy = with_late(assignment, "not accepted")
    refused = score(broken, policy, DUE + timedelta(days=1))
    assert refused["status"] == "late"
    later = with_late(assignment, "not accepted", due=DUE + timedelta(days=1))
    assert score(refused, later, DUE + timedelta(days=1)) == score(broken, later, DUE + timedelta(days=1))


def test_the_record_that_was_given_stays_as_it_is(assignment):
    given = all_pass()
    before = copy.deepcopy(given)
    score(given, assignment, DUE)
    assert given == before


def test_the_order_of_the_record_does_not_matter(assignment):
    assignment.points.update({"ch01/add": 0.7, "ch01/double": 0.1, "ch01/triple": 0.2})
    given, shuffled = all_pass(), all_pass()
    random.Random(1).shuffle(shuffled["exercises"])
    assert score(given, assignment, DUE) == score(shuffled, assignment, DUE)


# ------------------------------------------------------------------ course.toml


def written(folder, text, secret="5" * 64):
    folder.mkdir(exist_ok=True)
    (folder / "course.toml").write_text(f'secret = "{secret}"\n{text}', encoding="utf-8")
    return folder


def test_course_toml_says_everything(small_book, tmp_path):
    (tmp_path / "hw").mkdir()
    (tmp_path / "hw/own").mkdir()
    text = """name = "Homework 1"
chapters = ["late", "sums"]
due = 2026-12-01
late = "10% a day"
partial = true
hidden = "own"
[points]
add = 4
ch01.double = 2.5
[extensions]
ana = 2026-12-05T12:00:00+08:00
"bo@x.edu" = "2026-12-06"
[limits]
test_s = 5
"""
    found = course.load(written(tmp_path / "hw", text))
    assert found.name == "Homework 1" and found.partial and found.hidden == tmp_path / "hw/own"
    assert found.sets == ("ch01/sums", "ch01/late")
    assert [e.points for e in found.exercises] == [4, 2.5, 3]
    assert (found.due.hour, found.due.minute, found.due.second) == (23, 59, 59) and found.due.tzinfo
    assert found.extensions["ana"].isoformat() == "2026-12-05T12:00:00+08:00"
    assert found.extensions["bo@x.edu"].day == 6
    assert found.limits.test_s == 5 and found.limits.memory_mb == 2048
    assert "555" not in repr(found)


@pytest.mark.parametrize(
    "text, says",
    [
        ('chapters = ["late"]\npionts = 3', "Did you mean `points`"),
        ("name = 'x'", "`chapters` needs a list"),
        ('chapters = ["lat"]', "Did you mean “late”"),
        ('chapters = ["add"]', "name ch01/sums"),
        ('chapters = ["late"]\n[points]\nadd = 3', "one exercise of the chapters"),
        ('chapters = ["late"]\n[points]\ntriple = -1', "0 or more"),
        ('chapters = ["late"]\n[points]\ntriple = nan', "0 or more"),
        ('chapters = ["late"]\n[points]\ntriple = true', "0 or more"),
        ('chapters = ["late"]\ndue = "soon"', "date and time"),
        ('chapters = ["late"]\nlate = "a lot"', "10% a day"),
        ('chapters = ["late"]\npartial = "yes"', "true or false"),
        ('chapters = ["late"]\nhidden = "nowhere"', "make it or drop the line"),
        ('chapters = ["late"]\n[limits]\ntest_s = 0', "above 0"),
        ('chapters = ["late"]\nlimits = 3', "[limits]"),
        ("chapters = [", "cannot be read"),
    ],
)
def test_course_toml_with_a_mistake_names_it(small_book, tmp_path, text, says):
    with pytest.raises(Problem) as caught:
        course.load(written(tmp_path, text))
    assert says in str(caught.value) and "course.toml" in str(caught.value)


@pytest.mark.parametrize("secret", ["", "short", "zz" * 32])
def test_course_toml_without_a_good_secret_offers_one(small_book, tmp_path, secret):
    with pytest.raises(Problem, match=r"ere is a new one: .?secret = .[0-9a-f]+"):
        course.load(written(tmp_path, 'chapters = ["late"]', secret))


def test_without_course_toml_it_says_how_to_make_one(small_book, tmp_path):
    with pytest.raises(Problem, match="deepbook release"):
        course.load(tmp_path)


def test_the_book_as_it_is_with_a_secret_that_stays(small_book, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    first = course.default(["1"])
    assert first.sets == ("ch01/sums", "ch01/late") and len(first.secret) == 32
    assert course.default(["1"]) == first
    (kept,) = (tmp_path / "data").rglob("grading-secret")
    assert kept.stat().st_mode & 0o777 == 0o600
