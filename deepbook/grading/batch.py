"""Grade a batch: every submission gets a row, whatever happens; a batch that was killed goes on where it was.

The examiners are processes of this machine (bench.py) or of a Dask cluster (cluster.py). Only this process writes into
the folder of results: first the record, then the student's feedback, at the end the table.
"""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deepbook.course.errors import MachineProblem, Problem, short
from deepbook.course.explain import near
from deepbook.grading import bench, fingerprint
from deepbook.grading.bench import EXAMINER, Job
from deepbook.grading.compiled import compiled
from deepbook.grading.course import Assignment, Submission
from deepbook.grading.store import Store, file_name, now

FORMAT = "deepbook/grade/1"


class Watcher:
    """Who wants to see how a batch goes. Here: nobody."""

    def listed(self, hidden: dict[str, int], folder: Path):
        """hidden: by exercise id, how many tests of the instructor's own were found in `folder`."""

    def begins(self, total: int, kept: int):
        """total: all submissions; kept: those whose record is still right."""

    def prepares(self):
        """What all submissions need is compiled; the first time that takes a minute."""

    def graded(self, record: dict):
        """One more is done."""


@dataclass
class Outcome:
    """What a batch came to."""

    records: list[dict]  # all in the folder, by the students' ids
    done: list[str]  # the ids of this run's submissions
    examined: set[str] = field(default_factory=set)  # those of them that were examined now
    before: dict[str, float] | None = None  # the scores before a regrade
    failures: list[str] = field(default_factory=list)  # sentences about our own failures
    table: Path | None = None

    @property
    def mine(self) -> list[dict]:
        """The records of this run's submissions."""
        ids = set(self.done)
        return [record for record in self.records if record["student"]["id"] in ids]

    @property
    def statuses(self) -> Counter:
        return Counter(record["status"] for record in self.mine)

    @property
    def jails(self) -> list[str]:
        return sorted({record["jail"] for record in self.mine if record.get("jail")})

    def differences(self) -> list[tuple[str, float | None, float]]:
        """(student, old score or None, new score) where a regrade changed it."""
        old, new = self.before or {}, {r["student"]["id"]: r["score"] for r in self.mine}
        return [(who, old.get(who), score) for who, score in new.items() if old.get(who) != score]


def grade(
    path: Path,
    assignment: Assignment,
    out: Path,
    jobs: int | None = None,
    scheduler: str | None = None,
    isolation: str = "best",
    only=(),
    again: bool = False,
    compare: bool = False,
    watcher: Watcher | None = None,
    facts: dict | None = None,
    examiner: str = EXAMINER,
) -> Outcome:
    """Grade the submissions in `path` into the folder `out`. Records that are still right are kept.

    jobs: processes, by default one a core. scheduler: a Dask scheduler's address, in place of processes here.
    isolation: "best" or a tier's name. only: ids, names or emails of students; without any: all.
    again: examine all anew. compare: keep the old table and the old scores. facts: what batch.json notes besides.
    examiner: "module:function", called as examiner.examine.
    Raises Problem (nothing to grade, another grader, no such jail, a hidden test that is none) and OSError (a full
    disk); what is done stays.
    """
    submissions = chosen(collected(path, assignment, out), only)
    watcher = watcher or Watcher()
    if examiner == EXAMINER:
        look_at_tests(assignment, watcher)
    with Store(out) as store:
        facts = {"assignment": assignment.name, "submissions": str(Path(path).resolve()), **(facts or {})}
        store.begin(again, compare, **facts)
        book = fingerprint.of_book(assignment)
        run = _Run(assignment, store, watcher, isolation, book)
        left = [each for each in submissions if not store.current(each.student.id, run.key(each))]
        run.watcher.begins(len(submissions), len(submissions) - len(left))
        run.examine(left, jobs, scheduler, examiner)
        return run.finish([each.student.id for each in submissions])


def grade_one(
    submission: Submission, assignment: Assignment, isolation: str = "best", examiner: str = EXAMINER
) -> dict:
    """The scored record of one submission, examined in this process; whatever fails becomes a record too.

    Raises Problem if the machine, or a hidden test, is in the way.
    """
    job = Job(submission, assignment, isolation, fingerprint.of_book(assignment), examiner)
    return scored(submission, assignment, bench.work(job), isolation)


def look_at_tests(assignment: Assignment, watcher: Watcher):
    """List all tests once, before anything is graded. Raises Problem for a hidden test that is none."""
    from deepbook.grading.manifest import hidden_tests, manifest

    if assignment.hidden:
        watcher.listed(hidden_tests(manifest(assignment)), assignment.hidden)


def collected(path: Path, assignment: Assignment, out: Path) -> list[Submission]:
    """The submissions, each student once. Raises Problem if there is none."""
    from deepbook.grading import intake

    path, out = Path(path), Path(out)
    if out.resolve().is_relative_to(path.resolve()):
        raise Problem(
            f"The results would be among the submissions ({short(out)}). Name a folder outside of them with --to."
        )
    submissions = intake.collect(path, assignment)
    names = Counter(file_name(each.student.id).casefold() for each in submissions)
    if twice := [each for each in submissions if names[file_name(each.student.id).casefold()] > 1]:
        raise Problem(f"Two submissions are of {twice[0].student.id}. Leave one of them in {short(path)}.")
    if not submissions:
        raise Problem(f"There is no submission in {short(path)}: it needs a folder or a zip for each student.")
    return submissions


def chosen(submissions: list[Submission], only) -> list[Submission]:
    """Those of the students who are named. Raises Problem for a name that is nobody's."""
    found = {}
    names = {
        name.casefold(): each.student.id
        for each in submissions
        for name in (each.student.email, each.student.name, each.student.id)
        if name
    }
    for asked in only:
        if asked.casefold() not in names:
            meant = near(asked.casefold(), names)
            hint = f"Did you mean “{names[meant]}”?" if meant else "Names are as in the submissions' folder."
            raise Problem(f"There is no submission of “{asked}”. {hint}")
        found[names[asked.casefold()]] = True
    return [each for each in submissions if each.student.id in found] if only else submissions


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Run:
    """One batch, while we hold the folder."""

    def __init__(self, assignment, store, watcher, isolation, book):
        self.assignment, self.store, self.watcher = assignment, store, watcher
        self.isolation, self.book = isolation, book
        self.examined, self.told, self.failures = set(), set(), []

    def key(self, submission):
        return fingerprint.of_submission(submission, self.assignment, self.isolation, self.book)

    def examine(self, submissions, jobs, scheduler, examiner):
        if not submissions:
            return
        cache = None
        if examiner == EXAMINER and not scheduler:
            self.watcher.prepares()
            cache = compiled(self.assignment, self.isolation, self.book, len(submissions))
        work = [Job(each, self.assignment, self.isolation, self.book, examiner, cache) for each in submissions]
        if scheduler:
            from deepbook.grading.cluster import there

            answers = there(scheduler, work)
        else:
            answers = bench.here(work, jobs or cores())
        try:
            for job, reply in answers:
                self.keep(job, reply)
        finally:
            answers.close()

    def keep(self, job, reply):
        """One answer has come: record, feedback."""
        submission = job.submission
        record = scored(submission, self.assignment, reply, self.isolation)
        record = {"key": self.key(submission), **record, "examined": now()}
        if record["key"] is None:
            self.failures.append(f"{submission.student.id}: {record['notes'][-1]}")
        self.store.write(record)
        self.examined.add(submission.student.id)
        self.tell(record)
        self.watcher.graded(record)

    def tell(self, record):
        """Write the student's feedback; a failure of ours there is noted."""
        from deepbook.grading import feedback

        who = record["student"]["id"]
        self.told.add(who)
        self.try_to(f"the feedback for {who}", feedback.write, record, self.assignment, self.store.folder)

    def try_to(self, what: str, write: Callable, *arguments):
        try:
            return write(*arguments)
        except (OSError, Problem):
            raise
        except Exception as error:
            self.failures.append(f"{what} could not be written ({bench.in_short(error)})")
            return None

    def finish(self, done):
        from deepbook.grading import table

        records = self.store.records()
        for record in records:
            if record["student"]["id"] not in self.told:  # a run that was killed may not have told
                self.tell(record)
        path = self.try_to("the table", table.write, records, self.assignment, self.store.folder)
        before = self.store.notes["before"]
        outcome = Outcome(records, done, self.examined, before, self.failures, path)
        self.store.end(jail=outcome.jails, statuses=dict(outcome.statuses))
        return outcome


# ------------------------------------------------------------------ one record


def scored(submission: Submission, assignment: Assignment, reply: dict, isolation: str) -> dict:
    """From a bench's answer to a record with its score. Raises Problem if the answer is to stop."""
    from deepbook.grading import score

    if "stop" in reply:
        raise (Problem if reply.get("mend") else MachineProblem)(reply["stop"])
    if "crash" in reply:
        return crashed(submission, assignment, reply["crash"], isolation)
    try:
        return score.score(reply["record"], assignment, submission.submitted)
    except Exception as error:
        return crashed(submission, assignment, f"the score could not be computed ({bench.in_short(error)})", isolation)


def crashed(submission: Submission, assignment: Assignment, why: str, isolation: str) -> dict:
    """The row of a submission on which our own code failed; the next run examines it again."""
    note = (
        "deepbook itself failed on this submission, so it is not graded yet; that is no fault of the code handed in. "
        f"Run `deepbook grade` again; if it fails again, please report it with this sentence: {why}."
    )
    return {
        "format": FORMAT,
        "key": None,
        "assignment": assignment.name,
        "student": {n: getattr(submission.student, n) for n in ("id", "name", "email")},
        "status": "crash",
        "submitted": submission.submitted.isoformat() if submission.submitted else None,
        "late": {"days": 0, "penalty": 0.0},
        "jail": isolation,
        "score": 0.0,
        "raw": 0.0,
        "max": float(sum(each.points for each in assignment.exercises)),
        "exercises": [],
        "files": {},
        "notes": [*submission.notes, note],
        "seconds": 0.0,
        "cpu": 0.0,
        "peak_mb": 0,
        "printed": "",
    }
