"""The records as JUnit XML, which build servers and editors read: a suite a student, a case a test."""

from collections import Counter
from datetime import UTC, datetime
from xml.etree import ElementTree

from deepbook.grading import feedback, safe

FAILURES = ("failed", "todo")  # the test ran and said no; all else is an error


def junit(records) -> bytes:
    """One file for the class. Only characters that XML 1.0 allows are in it."""
    suites, total = ElementTree.Element("testsuites"), Counter()
    for record in records:
        suite, counts = _suite(record)
        suites.append(suite)
        total += counts
    _set(suites, name=records[0]["assignment"] if records else "deepbook", **_counted(total))
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)


def _suite(record):
    suite, counts = ElementTree.Element("testsuite"), Counter()
    properties = ElementTree.SubElement(suite, "properties")
    facts = {"score": safe.number(record["score"]), "max": safe.number(record["max"]), "status": record["status"]}
    for name, value in {**facts, "jail": record.get("jail") or "none was needed"}.items():
        _set(ElementTree.SubElement(properties, "property"), name=name, value=value)
    for each, shown in zip(record["exercises"], feedback.items(record), strict=True):
        for test in each.get("tests") or [
            {"name": each["name"], "kind": "visible", "passed": False, "status": each["status"]}
        ]:
            case = ElementTree.SubElement(suite, "testcase")
            kind = "" if test["kind"] == "visible" else f" ({test['kind']})"
            _set(case, classname=f"{each['chapter']}.{each['set']}", name=f"{test['name']}{kind}")
            counts["tests"] += 1
            if test["passed"]:
                continue
            what = "failure" if test["status"] in FAILURES else "error"
            counts[what] += 1
            said = ElementTree.SubElement(case, what)
            text = _message(test, shown, each)
            said.text = safe.visible(text, 2000)
            _set(said, type=test["status"], message=safe.line(text) or feedback.WORDS.get(test["status"], ""))
    _set(suite, name=feedback.name_of(record["student"]), time=f"{record.get('seconds') or 0:.3f}", **_counted(counts))
    if began := record.get("examined"):
        suite.set("timestamp", datetime.fromisoformat(began).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"))
    return suite, counts


def _message(test, shown, exercise) -> str:
    if test["kind"] == "visible":
        return test.get("message") or shown.message
    if any(other["kind"] == "visible" and not other["passed"] for other in exercise["tests"]):
        return "So does a test that students have."
    return feedback.unseen([test])


def _counted(counts):
    return {"tests": counts["tests"], "failures": counts["failure"], "errors": counts["error"], "skipped": 0}


def _set(element, **values):
    for name, value in values.items():
        element.set(name, safe.line(value))
