"""Which hidden tests may be wrong themselves: an instructor's mistake there would cost the whole class its points.

Only the instructor reads these sentences: a reason can tell what a test asks.
"""

from collections import Counter, defaultdict

NOT_RUN = {"todo", "missing", "broken"}  # these say nothing about a test
FEW = 2  # submissions: one that fails is no sign yet


def about_tests(records: list[dict]) -> list[str]:
    """A sentence for each hidden test that failed by its own fault, or for every submission that ran it."""
    results = defaultdict(list)  # by (exercise id, test): (the test's result, does the handout's own pass?)
    for record in records:
        for exercise in record["exercises"]:
            tests = exercise.get("tests", ())
            rest = all(test["passed"] for test in tests if test["kind"] == "visible")
            for test in tests:
                ran = (test["passed"] or "for_instructor" in test) and test["status"] not in NOT_RUN
                if test["kind"] == "hidden" and ran:
                    results[exercise["id"], test["name"]].append((test, rest))
    return [sentence for (_, name), its in results.items() if (sentence := _about(name, its))]


def _about(name, results) -> str:
    wrong = [test for test, _ in results if test.get("of_the_test")]
    failed = [test for test, _ in results if not test["passed"]]
    if wrong:
        return f"The hidden test {name} has a mistake of its own: {_most_said(wrong)} Mend it, then grade again."
    if len(failed) < max(FEW, len(results)):
        return ""
    good = sum(rest for _, rest in results)
    return (
        f"The hidden test {name} failed for all {len(results)} submissions that ran it; {good} of them pass the "
        f"handout's tests of that exercise. Is it right? The reason was mostly: {_most_said(failed)}"
    )


def _most_said(tests) -> str:
    """The reason that was given most often, as a sentence."""
    text = Counter(test["for_instructor"] for test in tests).most_common(1)[0][0]
    return text if text.endswith((".", "?", "!")) else f"{text}."
