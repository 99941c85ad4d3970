"""Examines one submission: runs all tests of the manifest on it and says how each went.

The trusted process does the work and may be lost to whatever a submission does to it; here, in the grader's own
process, nothing of a submission is ever touched but its bytes. What has no result has not passed.
"""

import hashlib
import time
from dataclasses import replace
from pathlib import Path

from deepbook.course.index import book_root, load_index
from deepbook.grading import jail
from deepbook.grading.job import Job, seed_of
from deepbook.grading.lend import Lender
from deepbook.grading.manifest import manifest
from deepbook.grading.trusted import STARTER
from deepbook.grading.wire import clean

FORMAT = "deepbook/grade/1"
LARGEST_FILE = 1 << 20  # bytes of a file that is read at all
GRACE_S = 30  # beyond the submission's own limit, for what is ours
DRAWN = "Passes with the numbers of your handout, not with others: does your answer depend on the particular numbers?"
DRAWN_TOO = "Does not pass with other numbers either."
LOST = "The tests were stopped here. Everything that comes after counts as not passed."
HOW = {
    "passed": "passes",
    "failed": "does not pass",
    "todo": "is still to do",
    "broken": "cannot run",
    "stuck": "does not come to an end",
    "memory": "takes too much memory",
    "crashed": "ends Python itself",
    "protocol": "disturbs the grader",
    "missing": "was not handed in",
}
WORST = ("protocol", "crashed", "memory", "stuck")
WHOLE = {"protocol": "protocol", "crashed": "crash", "memory": "memory", "stuck": "timeout"}


def examine(submission, assignment, isolation: str = "best", cache: Path | None = None, fill: bool = False) -> dict:
    """The record of one submission, without late policy and points (score.py adds them).

    isolation: "best", or one of jail.TIERS. cache: a folder with what JAX has compiled, `worker` for the jails and
    `trusted` for the trusted processes, which only read it; fill: they also write it (for the book's own answers).
    Raises Problem if the machine has no such jail or a hidden test is no test; whatever a submission does is in the
    record.
    """
    tier = jail.best() if isolation == "best" else isolation
    checks = manifest(assignment)
    began = time.monotonic()
    found = Found()
    if submission.files:
        found = _examined(submission, assignment, tier, cache, fill)
    exercises = [_exercise(each, checks[each.id], found, assignment.hidden) for each in assignment.exercises]
    lost = [status for status in WORST if status in found.endings]
    status = "missing" if not submission.files else WHOLE[lost[0]] if lost else "ok"
    student = submission.student
    return {
        "format": FORMAT,
        "student": {"id": student.id, "name": student.name, "email": student.email},
        "assignment": assignment.name,
        "status": status,
        "submitted": submission.submitted.isoformat() if submission.submitted else None,
        "jail": tier,
        "exercises": exercises,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(submission.files.items())},
        "notes": [clean(note, 500) for note in dict.fromkeys((submission.problem, *submission.notes)) if note],
        "seconds": round(time.monotonic() - began, 1),
        "cpu": round(found.cpu, 1),
        "peak_mb": round(found.peak / 1e6),
        "printed": found.printed,
        "printed_in": "visible",
    }


class Found:
    """What the trusted processes of one submission have said."""

    def __init__(self):
        self.results = {}  # by (exercise id, test, kind)
        self.sets = {}  # by file, what keeps all of its exercises from being tested
        self.endings, self.cpu, self.peak, self.printed = set(), 0.0, 0, ""
        self.now, self.ended = None, False

    def hear(self, event: dict):
        kind = event["event"]
        if kind == "load":
            self.now = event["file"]
        elif kind == "start":
            self.now = event["exercise"], event["test"], event["kind"]
        elif kind == "result":
            self.results[event["exercise"], event["test"], event["kind"]] = event
            self.now = None
        elif kind == "set":
            self.sets[event["file"]] = event
            self.now = None
            if event["status"] in WORST:
                self.endings.add(event["status"])
        elif kind == "end":
            self.ended = True
            self.endings |= set(event["endings"])
            self.cpu += event["cpu"]
            self.printed = self.printed or event["printed"]

    def blame(self, status):
        """The trusted process was lost: whatever was under way has not passed."""
        self.endings.add(status)
        if isinstance(self.now, tuple):
            self.results[self.now] = {"status": status, "message": LOST, "about": "", "mistake": None}
        elif self.now:
            self.sets[self.now] = {"status": status, "message": LOST}
        self.now = None


def _examined(submission, assignment, tier, cache, fill) -> Found:
    """Run trusted processes until every check has its result, or the submission's time is over."""
    limits, found = assignment.limits, Found()
    known = {each.file for each in load_index(book_root() / "exercises").sets}
    files = {name: submission.files[name] for name in sorted(known & set(submission.files))}
    files = {name: content for name, content in files.items() if len(content) <= LARGEST_FILE}
    seeds = {e.id: seed_of(assignment.secret, submission.student.id, e.id) for e in assignment.exercises}
    end = time.monotonic() + limits.whole_s
    caches = [cache / name for name in ("trusted", "worker")] if cache else [None, None]
    job = Job(
        *(assignment.index, files, seeds, assignment.hidden),
        *(limits.test_s, limits.whole_s, limits.memory_mb, caches[0], fill),
    )
    bounds = jail.Limits(memory=limits.memory_mb << 20, cpu=int(limits.whole_s) + 60)
    while not found.ended and (left := end - time.monotonic()) > 0:
        with Lender(lambda program: jail.Jail(tier, program, bounds, caches[1], fill)) as lender:
            lender.prepare("worker")
            rest = replace(job, done=frozenset(found.results), sets_done=dict(found.sets), whole_s=left)
            process, before = STARTER.start(rest), len(found.results)
            STARTER.prepare()
            try:
                for event in lender.follow(process, left + GRACE_S):
                    found.hear(event)
            finally:
                process.stop()
        found.cpu, found.peak = found.cpu + lender.cpu, max(found.peak, lender.peak)
        if not found.ended:
            if found.now is None and len(found.results) == before:
                found.endings.add("crashed")
                break
            found.blame("stuck" if time.monotonic() > end else "crashed")
    return found


def _exercise(exercise, checks, found: Found, hidden) -> dict:
    """How one exercise went: its first check that did not pass says it."""
    tests = [_test(exercise, check, found) for check in checks]
    order = sorted(range(len(tests)), key=lambda i: ("visible", "drawn", "hidden").index(tests[i]["kind"]))
    bad = next((tests[i] for i in order if not tests[i]["passed"]), None)
    first = found.results.get((exercise.id, bad["name"], bad["kind"]), {}) if bad else {}
    return {
        "id": exercise.id,
        "name": exercise.name,
        "title": exercise.title,
        "chapter": exercise.chapter,
        "set": exercise.set,
        "points": exercise.points,
        "status": bad["status"] if bad else "passed",
        "message": bad["message"] if bad else "",
        "about": first.get("about", "") if bad else "",
        "mistake": first.get("mistake") if bad else None,
        "tests": tests,
    }


def _test(exercise, check, found: Found) -> dict:
    whole = found.sets.get(exercise.file)
    result = whole or found.results.get((exercise.id, check.name, check.kind))
    status = (
        result["status"]
        if result
        else "stuck"
        if "stuck" in found.endings
        else "crashed"
        if found.endings
        else "missing"
    )
    message = (result.get("message") or "") if result else "It was not reached."
    if check.kind == "drawn" and status != "passed" and not whole:
        seen = found.results.get((exercise.id, check.name, "visible"), {})
        message = DRAWN if seen.get("status") == "passed" else DRAWN_TOO
    if check.kind == "hidden" and status != "passed" and not whole:
        about = (result or {}).get("about", "")
        needs = " ".join((result or {}).get("needs", "").split())
        how = f"It needs another of your files. {needs}" if needs else f"Your answer {HOW[status]}."
        message = f"{about} {how}".strip()
    entry = {"name": check.name, "kind": check.kind, "passed": status == "passed", "status": status, "message": message}
    if check.kind != "visible" and status != "passed" and result and not whole and result.get("for_instructor"):
        entry["for_instructor"] = clean(result["for_instructor"], 400)  # and for no student: it tells the inputs
        entry["of_the_test"] = bool(result.get("of_the_test"))
    return entry
