"""Made-up records of a small class, as the grader keeps them: every status, and names and texts that mean harm."""

import copy

EVIL = (
    "<script>alert(1)</script> <img src=x onerror=alert(2)> [click](http://evil.example) ![x](http://evil.example/p) "
    "`code` ``` | **bold** www.evil.example me@evil.example \"quoted\" 'single' & </pre></table></body> "
    "\x1b[2J\x1b]8;;http://evil.example\x1b\\\x00\x07\x9b31m \u202eright to left\u2066 \ud800 \ufffe \U0001f600 ﷽"
)
SECRET = "the drawn input was 0.12345"  # what a hostile student repeats in its message
PASSED, TODO = "passed", "todo"
EXERCISES = (
    ("ch01/weighted_sum", "A weighted sum", 1),
    ("ch01/xor", "XOR from three neurons", 2),
    ("ch01/update", "The update", 3),
)
STUDENTS = (
    # id, name, status of the whole, statuses of the exercises, days late
    ("ana", "Ana O'Neil, Jr.", "ok", (PASSED, PASSED, PASSED), 0),
    ("bo", 'Bo "the best" =cmd()', "ok", (PASSED, "failed", TODO), 2),
    ("王小明", "王小明", "timeout", (PASSED, "stuck", "failed"), 0),
    ("cmd", "=cmd|' /C calc'!A0", "memory", (PASSED, "memory", "broken"), 0),
    ("plus", "+1", "crash", ("crashed", "crashed", "failed"), 0),
    ("at-x", "@x;=1+1\n-2", "protocol", ("protocol", PASSED, PASSED), 1),
    ("long", "Ngozi " + "very long " * 60, "late", (PASSED, PASSED, PASSED), 9),
    ("none", "", "missing", ("missing", "missing", "missing"), 0),
    ("html", EVIL, "ok", ("failed", "failed", PASSED), 0),
)


def test_of(name, kind, passed, status, message=""):
    return {"name": name, "kind": kind, "passed": passed, "status": status, "message": "" if passed else message}


def exercise(known, status, message):
    """One exercise: with a visible and a drawn test, the last exercise also with a hidden one."""
    id, title, points = known
    name = id.split("/")[1]
    passed = status == PASSED
    tests = [test_of(f"test_{name}", "visible", passed, status, message)]
    tests.append(test_of(f"test_{name}_on_many", "drawn", passed, status, f"drawn {SECRET}"))
    if name == "update":
        tests.append(test_of("test_update_far", "hidden", passed, status, "Far points are moved too."))
    score, mistake = (points if passed else 0), ("forgets_the_bias" if status == "failed" else None)
    return {
        **{"id": id, "name": name, "title": title, "chapter": "ch01_perceptron", "set": "neuron", "points": points},
        **{"score": float(score), "status": status, "message": "" if passed else message, "mistake": mistake},
        **{"about": "" if passed else f"What {name} should give.", "tests": [] if status == "missing" else tests},
    }


def record(id, name, status, statuses, days):
    message = EVIL if id == "html" else "" if status == "missing" else f"{id} gave 3; expected 4.\n    return x + 1"
    exercises = [exercise(known, each, message) for known, each in zip(EXERCISES, statuses, strict=True)]
    raw = sum(each["score"] for each in exercises)
    penalty = raw if status == "late" else min(raw, 0.25 * days)
    return {
        **{"format": "deepbook/grade/1", "assignment": "Homework 1: neurons & <gates>", "jail": "bubblewrap"},
        **{"student": {"id": id, "name": name, "email": f"{id}@school.example" if name else None}, "status": status},
        **{"submitted": f"2026-12-{1 + days:02}T23:30:00+08:00" if name else None},
        **{"late": {"days": days, "penalty": penalty}, "score": raw - penalty, "raw": raw, "max": 6.0},
        **{"exercises": exercises, "files": {}, "notes": [f"{EVIL} was ignored."] if id == "html" else []},
        **{"key": "0" * 64, "seconds": 12.3, "cpu": 8.1, "peak_mb": 310, "printed": EVIL if id == "html" else ""},
    }


def records() -> list[dict]:
    """The records of the class; each call gives new ones."""
    return copy.deepcopy([record(*student) for student in STUDENTS])


def by_id(id) -> dict:
    return next(each for each in records() if each["student"]["id"] == id)


def unseen(id="bo") -> dict:
    """The record of a student whose code passes all visible tests, and fails the drawn one and the hidden one."""
    found = by_id(id)
    xor, update = found["exercises"][1:]
    for each in (xor, update):
        each.update(status="failed", score=0.0, message=SECRET, about=f"about {SECRET}")
        for test in each["tests"]:
            test["passed"] = test["kind"] == "visible" or (each is update and test["kind"] == "drawn")
            test["message"] = {"visible": "", "drawn": SECRET, "hidden": f"Far points are moved too.\n{SECRET}"}[
                test["kind"]
            ]
    return found
