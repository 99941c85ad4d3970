"""Formats of other graders, each as its own documentation gives it."""

from deepbook.grading import feedback, safe, table


def otter(records) -> str:
    """The table of Otter-Grader: a first row with the points of each question, then a row a student.

    https://otter-grader.readthedocs.io
    """
    names = table.exercises(records)
    points = {each["id"]: safe.number(each["points"]) for record in records for each in record["exercises"]}
    total = safe.number(records[0]["max"]) if records else 0
    rows = [["file", *names, "total_points_earned", "percent_correct", "grading_status"]]
    rows.append(["points-per-question", *(points[name] for name in names), total, "", ""])
    for record in records:
        scores = {each["id"]: safe.number(each["score"]) for each in record["exercises"]}
        share = round(record["score"] / record["max"], 4) if record["max"] else 1
        status = "Completed" if record["status"] in ("ok", "late") else record["status"]
        row = [record["student"]["id"], *(scores.get(name, 0) for name in names)]
        rows.append([*row, safe.number(record["score"]), share, status])
    return table.as_csv(rows)


def exercism(record) -> dict:
    """Exercism's results.json, version 3: https://exercism.org/docs/building/tooling/test-runners/interface"""
    tests = []
    for each, shown in zip(record["exercises"], feedback.items(record), strict=True):
        status = {"passed": "pass", "failed": "fail", "todo": "fail"}.get(each["status"], "error")
        said = (
            {} if status == "pass" else {"message": safe.visible(shown.message, 2000) or feedback.WORDS[each["status"]]}
        )
        tests.append({"name": f"{shown.id}: {shown.title}", "status": status, **said, "test_code": ""})
    if all(each["status"] == "error" for each in tests):
        why = feedback.WHOLE["missing"] if record["status"] == "missing" or not tests else tests[0]["message"]
        return {"version": 3, "status": "error", "message": why, "tests": tests}
    status = "pass" if all(each["status"] == "pass" for each in tests) else "fail"
    return {"version": 3, "status": status, "tests": tests}


def check50(record) -> dict:
    """What `check50 --output json` writes: https://cs50.github.io/check50/json_specification.html"""
    results = []
    for each, shown in zip(record["exercises"], feedback.items(record), strict=True):
        passed = each["status"] == "passed"
        why = safe.visible(shown.message, 2000) or feedback.WORDS[each["status"]]
        cause = None if passed else {"rationale": why, "help": shown.home or None}
        known = {"name": each["name"], "description": shown.title, "passed": passed}
        results.append({**known, "log": [], "cause": cause, "data": {}, "dependency": None})
    return {"slug": safe.line(record["assignment"]), "version": "1.0.0", "results": results}


def prairielearn(record) -> dict:
    """PrairieLearn's results.json: https://prairielearn.readthedocs.io/en/latest/externalGrading/"""
    tests = [
        {
            **{"name": f"{shown.id}: {shown.title}", "points": safe.number(each["score"])},
            **{"max_points": safe.number(each["points"]), "message": safe.visible(shown.message, 2000)},
        }
        for each, shown in zip(record["exercises"], feedback.items(record), strict=True)
    ]
    share = min(1, round(record["score"] / record["max"], 4)) if record["max"] else 1
    said = " ".join(feedback.sentences(record, None))
    return {"gradable": record["status"] != "missing", "score": share, "message": said, "tests": tests}
