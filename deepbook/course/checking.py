"""`deepbook check`: test exercises and say what to mend first."""

import json
import sys

from deepbook.course import tell
from deepbook.course.errors import NOT_PASSED, PASSED
from deepbook.course.progress import Progress
from deepbook.course.runner import run
from deepbook.course.workspace import Workspace, find


def check(what: list[str], full: bool, as_json: bool, answers: str) -> int:
    """Returns the exit code."""
    workspace = find()
    exercises = chosen(workspace, what)
    out = tell.console()
    progress = Progress(workspace)
    hashes = progress.hashes(exercises)
    report = run_showing(workspace, exercises, answers, full)
    if answers == "exercises":
        progress.record(report, hashes)
    if as_json:
        print(json.dumps(as_data(workspace, report), indent=1, ensure_ascii=False))
    else:
        show(out, workspace, report, full, everything=not what)
    return PASSED if report.passed else NOT_PASSED


def chosen(workspace: Workspace, what: list[str]):
    """The exercises that the words name, each once, in the book's order; all of them for no word."""
    if not what:
        return workspace.index.exercises
    ids = {exercise.id for each in what for exercise in workspace.named(each)}
    return tuple(e for e in workspace.index.exercises if e.id in ids)


def run_showing(workspace, exercises, answers, full):
    """Run, with a line that counts along in a terminal."""
    out = tell.console(stderr=True)
    if not out.is_terminal:
        return run(workspace, exercises, answers, full)
    with out.status(f"Checking {tell.plural(len(exercises), 'exercise')} …") as status:
        seen = set()

        def count(event):
            if event["event"] == "start":
                seen.add(event.get("exercise"))
                status.update(f"Checking {len(seen)} of {tell.plural(len(exercises), 'exercise')} …")

        return run(workspace, exercises, answers, full, on_event=count)


def show(out, workspace, report, full, everything):
    """The list, then the first exercise that fails; with --full every one that fails."""
    tell.table(out, workspace, tell.report_rows(report))
    failing = [result for result in report if not result.passed]
    for result in failing if full else failing[:1]:
        out.print()
        tell.failure(out, workspace, result, full)
    out.print()
    passed = sum(result.passed for result in report)
    if everything and not failing:
        tell.finished(out, workspace)
    else:
        tell.count(out, passed, len(report.results))
    sys.stdout.flush()


def as_data(workspace, report) -> dict:
    """A report for other programs."""
    return {
        "passed": sum(result.passed for result in report),
        "total": len(report.results),
        "exercises": [
            {
                "id": result.exercise.id,
                "name": result.exercise.name,
                "title": result.exercise.title,
                "file": result.exercise.file,
                "line": tell.line_of(workspace, result.exercise),
                "points": result.exercise.points,
                "status": result.status,
                "about": result.about,
                "message": result.message,
                "mistake": result.mistake,
                "printed": result.printed,
                "seconds": result.seconds,
            }
            for result in report
        ],
    }
