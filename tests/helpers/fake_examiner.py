"""An examiner that runs nothing: a submission's text says how it goes. For tests of the batch around the real one.

# passes: add double      these exercises pass
# does: sleep 0.1         or another of the words below
"""

import errno
import os
import re
import time
from pathlib import Path


def examine(submission, assignment, isolation="best"):
    """A record as the real one writes it. The variable EXAMINED names a file that gets a line for each call."""
    if path := os.environ.get("EXAMINED"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{submission.student.id}\n")
    text = b"\n".join(submission.files.values()).decode("utf-8", "replace")
    status = ""
    for what, rest in re.findall(r"^# does: (\w+) ?(.*)$", text, re.M):
        status = does(what, rest) or status
    passing = set(" ".join(re.findall(r"^# passes: (.*)$", text, re.M)).split())
    if assignment.hidden:
        passing &= set(Path(assignment.hidden, "passing.txt").read_text().split())
    return record(submission, assignment, isolation, passing, status)


def does(what, rest):
    """One of the things that go wrong: most of them in the examiner, not in the submission."""
    if what == "sleep":
        time.sleep(float(rest))
    elif what == "hang":
        time.sleep(600)
    elif what == "die":
        os._exit(3)  # the process
    elif what == "kill":  # who started the process
        os.kill(os.getppid(), 9)
        time.sleep(600)
    elif what == "once":  # it dies the first time
        try:
            os.close(os.open(rest, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return None
        os.kill(os.getpid(), 9)
    elif what == "leave":
        raise SystemExit(0)
    elif what == "raise":
        raise RecursionError("too deep [red]")
    elif what == "full":
        raise OSError(errno.ENOSPC, "No space left on device", "/tmp/x")
    elif what == "talk":
        return {1, 2}  # no JSON
    return None


def record(submission, assignment, isolation, passing, status=""):
    exercises = []
    for each in assignment.exercises:
        passed = each.name in passing
        state = "passed" if passed else "failed"
        test = {"name": f"test_{each.name}", "kind": "visible", "passed": passed, "status": state, "message": ""}
        exercises.append(
            {
                **{"id": each.id, "name": each.name, "title": each.title, "chapter": each.chapter, "set": each.set},
                **{"points": each.points, "score": 0.0, "status": state, "message": "", "about": "", "mistake": None},
                "tests": [test],
            }
        )
    student = submission.student
    return {
        "format": "deepbook/grade/1",
        "student": {"id": student.id, "name": student.name, "email": student.email},
        "status": status or ("missing" if not submission.files else "ok"),
        "submitted": submission.submitted.isoformat() if submission.submitted else None,
        "jail": isolation,
        "max": float(sum(each.points for each in assignment.exercises)),
        "assignment": assignment.name,
        "exercises": exercises,
        "files": {},
        "notes": list(submission.notes),
        "seconds": time.perf_counter(),
        "cpu": time.process_time(),
        "peak_mb": os.getpid(),
        "printed": "\ud800 half a letter",
    }


def forget_the_book():
    """On a worker of a cluster: now it has another book."""
    os.environ.pop("DEEPBOOK_BOOK")
