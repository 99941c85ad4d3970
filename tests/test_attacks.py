"""Hostile submissions get no credit, leave no trace, and the next submission is graded as if they had not been there.

What they try stands in tests/attacks, one file for each kind; how they are judged, in tests/helpers.
"""

import html.parser
import json
import subprocess
import sys
import tempfile
from itertools import groupby
from pathlib import Path

import archives
import pytest
import recall
from arena import Arena
from attacks import load, solution, wrong
from outcomes import graded, let_loose, under_pytest

from deepbook.course.errors import Problem
from deepbook.grading import batch, feedback, intake, jail, table
from deepbook.grading.course import Student, Submission, default

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the jails are Linux's")
ATTACKS = load()
KINDS = {kind: list(several) for kind, several in groupby(ATTACKS, key=lambda attack: attack.kind)}
FULL = {"learning": 9, "logistic": 7, "neuron": 5}


@pytest.fixture(scope="module")
def arena():
    with tempfile.TemporaryDirectory(prefix="deepbook-arena-") as folder, Arena(Path(folder)) as arena:
        yield arena


def failures(attacks, arena, tier) -> dict:
    """What the attacks got that they should not, by their names."""
    found = {attack.id: let_loose(attack, arena, tier) for attack in attacks}
    return {name: each for name, each in found.items() if each.credit or (each.traces and tier != "none")}


def full_marks(arena, tier, name="learning") -> bool:
    record = graded(arena.honest(name), arena.assignment(name), tier)
    return (record["score"], record["status"]) == (FULL[name], "ok")


def test_there_are_many_attacks_of_all_kinds():
    assert len(ATTACKS) >= 100 and len({attack.name for attack in ATTACKS}) == len(ATTACKS)
    assert all(attack.tries and attack.files for attack in ATTACKS)


def test_the_stub_takes_no_points_and_the_solution_all(arena):
    """Else the attacks would show nothing. (After each kind the solution takes full marks again.)"""
    for name in ("logistic", "neuron"):
        assert graded(arena.stub(name), arena.assignment(name), jail.best())["score"] == 0
        assert full_marks(arena, jail.best(), name)
    assert graded(arena.stub("learning"), arena.assignment("learning"), jail.best())["score"] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_no_credit_no_trace_and_the_batch_goes_on(kind, arena):
    attacks = [attack for attack in KINDS[kind] if not attack.slow]
    assert failures(attacks, arena, jail.best()) == {}
    assert full_marks(arena, jail.best())


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_the_other_attacks_get_nothing_either(kind, arena):
    attacks = [attack for attack in KINDS[kind] if attack.slow]
    assert failures(attacks, arena, jail.best()) == {}
    assert full_marks(arena, jail.best())


@pytest.mark.parametrize(
    "tier", [pytest.param("landlock", marks=pytest.mark.slow), pytest.param("none", marks=pytest.mark.long)]
)
@pytest.mark.parametrize("kind", KINDS)
def test_every_tier_holds(kind, tier, arena):
    """Without a jail only this: no credit. (All attacks against all tiers: benchmarks/attacks.py.)"""
    if reason := jail.available().get(tier):
        pytest.skip(reason)
    attacks = [attack for attack in KINDS[kind] if not attack.slow and not (attack.walls and tier == "none")]
    assert failures(attacks, arena, tier) == {}
    assert full_marks(arena, tier)


# ------------------------------------------------------------------ the attacks are real


def test_plain_pytest_gives_credit_away(arena, tmp_path):
    """The control: where pytest runs the student's code itself, the same files take full marks or leave something."""
    for name in ("numpy_comparisons", "os_exit_at_import", "solutions_on_disk", "late_writes"):
        attack = next(each for each in ATTACKS if each.name == name)
        assert attack.plain in under_pytest(attack, arena, tmp_path / name), name


@pytest.mark.long
@pytest.mark.parametrize("attack", [a for a in ATTACKS if a.plain and not a.walls], ids=lambda attack: attack.id)
def test_plain_pytest_falls(attack, arena, tmp_path):
    assert attack.plain in under_pytest(attack, arena, tmp_path / "exercises")


# ------------------------------------------------------------------ answers by heart


def by_heart(chapter, folder, arena) -> list[set[str]]:
    """What a submission gets that knows all results of the visible tests.

    Returns the exercises that pass, those with drawn inputs, and those whose visible tests all pass.
    """
    files = recall.submissions(chapter, folder)
    files = {name: content for name, content in files.items() if len(content) < intake.LARGEST}
    record = graded(Submission(Student("parrot"), files), default((chapter,), secret=b"secret"), jail.best())
    known = [each for each in record["exercises"] if f"{each['chapter']}/{each['set']}.py" in files]
    chosen = [
        [each["status"] == "passed" for each in known],
        [any(test["kind"] == "drawn" for test in each["tests"]) for each in known],
        [all(test["passed"] for test in each["tests"] if test["kind"] == "visible") for each in known],
    ]
    return [{each["id"] for each, yes in zip(known, some, strict=True) if yes} for some in chosen]


def test_answers_by_heart_do_not_pass(arena, tmp_path):
    """What is right for the handout's numbers alone earns nothing, wherever an answer is a function of numbers."""
    passed, drawn, at_home = by_heart("ch01_perceptron", tmp_path, arena)
    assert {"ch01/weighted_sum", "ch01/update", "ch01/learn", "ch01/log_loss"} <= drawn & at_home
    assert {"ch01/by_hand", "ch01/xor"} <= passed, "a fixed answer is an answer"
    assert passed & drawn <= {"ch01/predict_rate"}, "its answer is fixed; what is drawn only judges it"


@pytest.mark.long
@pytest.mark.parametrize("chapter", ["ch02_mlp", "ch03_optimization"])
def test_answers_by_heart_do_not_pass_in(chapter, arena, tmp_path):
    passed, drawn, at_home = by_heart(chapter, tmp_path, arena)
    assert drawn & at_home and not passed & drawn


# ------------------------------------------------------------------ files that lie


@pytest.fixture
def place():
    """A folder that takes trees too deep for pytest, which stumbles on them when it clears tmp_path."""
    folder = tempfile.mkdtemp(prefix="deepbook-archives-")
    yield Path(folder)
    subprocess.run(["rm", "-rf", folder], check=True)


@pytest.mark.parametrize("build", archives.BUILDERS, ids=lambda build: build.__name__)
def test_intake_reads_only_what_was_handed_in(build, place):
    goal = {"secret": place / "secret.txt", "outside": place / "outside"}
    goal["zoe"] = place / "class" / "zoe" / archives.ANSWERS
    goal["zoe"].parent.mkdir(parents=True)
    goal["outside"].mkdir()
    goal["secret"].write_text("LEAK")
    goal["zoe"].write_text(solution("learning"))
    build(place / "class", goal)
    assignment = default(("ch01/learning",), secret=b"secret")
    if build is archives.hard_links:  # half of this class
        with pytest.raises(Problem, match="hard links"):
            intake.collect(place / "class", assignment)
        return
    found = intake.collect(place / "class", assignment)
    assert len({each.student.id.casefold() for each in found}) == len(found) >= 2
    for each in found:
        if each.student.name == "zoe":
            assert each.files
        else:
            assert each.problem or all(content.startswith(archives.STUB) for content in each.files.values())
            assert b"LEAK" not in b"".join(each.files.values())
    assert not list(goal["outside"].iterdir())


# ------------------------------------------------------------------ what people read


class Tags(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found |= {tag, *(name for name, _ in attributes)}


def test_what_people_read_is_harmless(arena, tmp_path):
    """Script, formulas, escapes and hidden inputs in messages and output: pages and tables stay as they are."""
    assignment = arena.assignment("learning")
    attacks = [attack for attack in KINDS["feedback"] if attack.set == "learning"]
    submissions = [arena.submission(attack) for attack in attacks]
    names = ['=1+1", <b>', "<script>alert(1)</script>", "@x", "-1", "\x1b[2J", "\u202egnp", "a\nb"]
    submissions = [
        Submission(Student(each.student.id, name), each.files) for each, name in zip(submissions, names, strict=False)
    ]
    records = [graded(each, assignment, jail.best()) for each in [arena.stub("learning"), *submissions]]
    pages = [[path.read_text(encoding="utf-8") for path in feedback.write(r, assignment, tmp_path)] for r in records]
    usual = Tags(pages[0][1]).found | {"pre", "code", "details", "summary", "class", "h3"}
    for page in pages[1:]:
        assert Tags(page[1]).found <= usual
        for text in page:
            assert "TOLD" not in text and not {"\x1b", "\x07", "\x00", "\x1e", "\u202e"} & set(text)
    import csv

    rows = list(csv.reader(table.write(records, assignment, tmp_path).open(encoding="utf-8-sig", newline="")))
    assert len({len(row) for row in rows}) == 1 and len(rows) == len(records) + 1
    assert not [cell for row in rows for cell in row if cell[:1] in "=@\t\r" and cell]


# ------------------------------------------------------------------ a whole batch


def test_a_batch_goes_on(arena, tmp_path, monkeypatch):
    """Honest work before, between and after attacks takes full marks; everybody has a row."""
    monkeypatch.setattr("deepbook.grading.compiled.WORTH", 100)  # else the grader's own cache would look like a trace
    chosen = ("os_exit_in_a_call", "loop_without_signals", "garbage", "results_folder")
    attacks = [attack for attack in ATTACKS if attack.name in chosen]
    files = {f"m-{attack.name}": arena.files(attack) for attack in attacks}
    honest = {"ch01_perceptron/learning.py": solution("learning").encode()}
    files |= {"a-honest": honest, "m-i-honest": honest, "z-honest": honest}
    files["b-stub"] = {"ch01_perceptron/learning.py": wrong("learning").encode()}
    for student, content in files.items():
        for name, text in content.items():
            path = tmp_path / "class" / student / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)
    outcome = batch.grade(tmp_path / "class", arena.assignment("learning"), tmp_path / "grades", jobs=2)
    scores = {record["student"]["id"]: record["score"] for record in outcome.records}
    assert scores == {student: 9 if "honest" in student else 0 for student in files}
    assert not outcome.failures
    told = json.dumps(outcome.records)
    assert [trace for attack in attacks for trace in arena.traces(attack, told)] == []
