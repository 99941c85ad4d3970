"""What a student gets back: one page in Markdown and in HTML. Short, kind, and what to mend first.

What the student's code said is shown, never obeyed. Of tests that a student does not have (drawn inputs, the
instructor's own) nothing is shown that came from the student's code, for that would tell the inputs.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from deepbook.course import files
from deepbook.grading import safe, table
from deepbook.grading.course import NOTHING

WORDS = {
    "passed": "passes",
    "failed": "does not pass yet",
    "todo": "not begun",
    "broken": "cannot run",
    "stuck": "did not end",
    "memory": "took too much memory",
    "crashed": "crashed",
    "protocol": "gave what cannot be read",
    "missing": "not handed in",
}
HOW_IT_WENT = re.compile(r"\s*Your answer (?:passes|does|is|cannot|takes|ends|disturbs|was)\b[^.]*\.$")
NEEDS = "It needs another of your files."
ENDS = (".", "!", "?", "…", "。", "！", "？")
REST = "The other exercises were tested as always, as far as the time allowed."
WHOLE = {
    "timeout": f"In one test your code took longer than it may and was stopped. {REST}",
    "memory": f"In one test your code asked for more memory than it may have and was stopped. {REST}",
    "crash": f"In one test your code ended Python itself. {REST}",
    "protocol": f"In one test your code wrote where the grader listens, and was stopped. {REST}",
    "missing": "No file of this assignment was found in what you handed in.",
    "late": "This came after the last day that counts, so the score is 0. The rest of this page is still for you.",
}
NO_WORK = "Nothing of yours has arrived. If you did hand something in, tell your instructor."
JAILS = {"none": "Your code ran without a jail.", "": "Your code did not have to run."}


@dataclass(frozen=True)
class Item:
    """One exercise as the student reads it."""

    id: str
    title: str
    points: str  # "1 of 2"
    status: str
    about: str  # what the test asks for
    message: str  # what went wrong, in words that the student may read
    home: str  # what to type at home to see the same


def write(record, assignment, out: Path) -> tuple[Path, Path]:
    """Write `feedback/<student>.md` and `.html` into the folder `out`; returns both paths."""
    folder, name = out / "feedback", safe.file_name(record["student"]["id"])
    paths = folder / f"{name}.md", folder / f"{name}.html"
    files.write(paths[0], markdown(record, assignment).encode())
    files.write(paths[1], html(record, assignment).encode())
    return paths


def items(record) -> list[Item]:
    return [item(each) for each in record["exercises"]]


def item(each) -> Item:
    """What one exercise of a record may tell its student."""
    points = f"{safe.number(each['score'])} of {safe.number(each['points'])}"
    known = each["id"], each.get("title") or each["name"], points, each["status"]
    if each["status"] in ("passed", "missing"):
        return Item(*known, "", each.get("message") or "" if each["status"] == "missing" else "", "")
    at_home = f"pytest --only {each['id']}"
    failing = [test for test in each.get("tests", ()) if not test["passed"]]
    first = next((test for test in failing if test["kind"] == "visible"), None)
    if first or not failing:
        message = (first or {}).get("message") or each.get("message") or ""
        return Item(*known, each.get("about") or "", message, at_home if first else "")
    return Item(*known, "", unseen(failing), f"{at_home} --seed 1" if failing[0]["kind"] == "drawn" else "")


def unseen(failing) -> str:
    """What may be said where only tests fail that the student does not have."""
    if failing[0]["kind"] == "drawn":
        return (
            "It passes the tests that you have, but not the same tests with other inputs. Does it work for all inputs, "
            "of every size, or only for those that you saw?"
        )
    said = safe.line(
        (failing[0].get("message") or "").split("\n")[0]
    )  # what the test's docstring says, and how it went
    said, needs, why = said.partition(NEEDS)
    asked = HOW_IT_WENT.sub("", said).strip()
    says = f" It asks: {asked}{'' if asked.endswith(ENDS) else '.'}" if asked else ""
    rest = f" {needs}{why}" if needs else ""
    return f"It passes the tests that you have, but not one of your instructor's own.{says}{rest}"


def first_to_mend(shown: list[Item]) -> Item | None:
    """The first that was begun and does not pass, else the first that was not begun, else one not handed in."""
    for kinds in (WORDS.keys() - {"passed", "todo", "missing"}, {"todo"}, {"missing"}):
        if found := next((each for each in shown if each.status in kinds), None):
            return found
    return None


def sentences(record, assignment) -> list[str]:
    """What the page says first: score, count, what happened, when it was handed in. Nothing of it is a student's."""
    exercises, score = record["exercises"], safe.number(record["score"])
    passed = sum(each["status"] == "passed" for each in exercises)
    said = [
        f"{score} of {safe.number(record['max'])} points ({table.percent(record)}%).",
        f"{passed} of {len(exercises)} exercise{'' if len(exercises) == 1 else 's'} "
        f"pass{'es' if 1 in (passed, len(exercises)) else ''}.",
    ]
    if record["max"] and record["score"] == record["max"]:
        said.append("All of it is right. Well done.")
    return [*said, *filter(None, (whole(record), when(record, assignment)))]


def whole(record) -> str:
    """What befell all of it; "" if all tests ran."""
    said = WHOLE.get(record["status"], "")
    if record["status"] != "missing":
        return said
    if NOTHING in (record.get("notes") or ()):
        return NO_WORK
    return f"{said} {'See the notes below, then hand' if record.get('notes') else 'Hand'} in again."


def notes(record) -> list[str]:
    """What the intake says to the student; that nothing has come is said already."""
    return [note for note in record.get("notes") or () if note != NOTHING]


def when(record, assignment) -> str:
    """When it was handed in, and what the late policy made of that."""
    days, taken = table.days_late(record), safe.number(record.get("raw", record["score"]) - record["score"])
    given = moment(record.get("submitted"))
    if not days:
        return f"Handed in {given}, in time." if given and assignment and assignment.due else ""
    unit = table.late_unit(assignment)
    late = (
        f"{days} {unit}{'' if days == 1 else 's'} late ({'an' if unit == 'hour' else 'a'} {unit} begun counts as one)"
    )
    rule = f" The rule for late work is: {assignment.late.text}." if assignment else ""
    cost = f" The score was {safe.number(record['raw'])} before that." if taken else " It costs nothing."
    return f"Handed in {given + ', ' if given else ''}{late}.{rule}{cost}"


def moment(iso) -> str:
    """ "2026-12-01 23:10 (UTC+08:00)"; "" for none."""
    try:
        given = datetime.fromisoformat(iso)
    except (TypeError, ValueError):
        return ""
    return f"{given:%Y-%m-%d %H:%M}{f' ({given.tzname()})' if given.tzinfo else ''}"


def jail(record) -> str:
    """Where the code ran."""
    name = safe.line(record.get("jail") or "")
    return JAILS.get(name, f"Your code ran in a jail (“{name}”), apart from the tests and from all other files.")


def may_show_printed(record) -> bool:
    """Whether what the code printed may be shown: not where tests ran that the student does not have."""
    kinds = {test["kind"] for each in record["exercises"] for test in each.get("tests", ())}
    return kinds <= {"visible"} or record.get("printed_in") == "visible"


def name_of(student) -> str:
    """ "Ana (ana)": the name and the id, where they differ."""
    name, known = safe.line(student.get("name") or ""), safe.line(student["id"])
    return f"{name} ({known})" if name and name != known else known


# ------------------------------------------------------------------ the page, part by part


def parts(record, assignment) -> list[tuple]:
    """The page as (kind, text): the kinds are the functions of Markdown and HTML below."""
    shown, said = items(record), sentences(record, assignment)
    first = first_to_mend(shown) if record["status"] != "missing" else None
    page = [("title", record["assignment"]), ("student", name_of(record["student"])), ("score", " ".join(said[:2]))]
    if said[2:]:
        page.append(("text", " ".join(said[2:])))
    if first:
        word = "Next" if first.status in ("todo", "missing") else "Mend first"
        page += [("head", f"{word}: {first.title}"), *_about(first, shown)]
    if shown:
        page += [("head", "All exercises"), ("rows", shown)]
    told = {first.message} if first else set()
    for each in shown:
        if each.message and each.message not in told and each.status not in ("todo", "missing"):
            told.add(each.message)
            page += [("small", each.title), *_about(each, shown)]
    if record.get("printed"):
        page.append(("head", "What your code printed"))
        hidden = ("text", "It is not shown here: it could tell the inputs of tests that you do not have.")
        page.append(("quote", record["printed"]) if may_show_printed(record) else hidden)
    if told := notes(record):
        page += [("head", "Notes"), ("notes", told)]
    if record["status"] != "missing":
        page.append(("text", jail(record)))
    return page


def _about(each: Item, shown: list[Item]) -> list[tuple]:
    """One exercise that does not pass, and the others of which the same is to be said."""
    same = [other.title for other in shown if other is not each and each.message and other.message == each.message]
    told = [("text", f"{each.id}: {each.points} points, {WORDS[each.status]}."), ("asks", each.about)]
    told += [("quote", each.message), ("home", each.home)]
    if same:
        told.append(("text", f"The same goes for: {'; '.join(same)}."))
    return [part for part in told if part[1]]


# ------------------------------------------------------------------ Markdown


def markdown(record, assignment) -> str:
    """The page as Markdown. A student's text stands in code, where nothing is markup."""
    return "\n\n".join(MARKDOWN[kind](text) for kind, text in parts(record, assignment)) + "\n"


def _markdown_rows(shown) -> str:
    rows = [f"| {each.title} | {each.points} | {WORDS[each.status]} |" for each in shown]
    return "\n".join(["| exercise | points | result |", "| --- | --- | --- |", *rows])


MARKDOWN = {
    "title": lambda text: f"# Feedback: {safe.code(text)}",
    "student": lambda text: f"For {safe.code(text)}",
    "score": lambda text: f"**{text}**",
    "text": str,
    "head": lambda text: f"## {text}",
    "small": lambda text: f"### {text}",
    "asks": lambda text: f"The test asks: {safe.code(text)}",
    "quote": safe.block,
    "home": lambda text: f"See it at home: {safe.code(text)}",
    "rows": _markdown_rows,
    "notes": lambda notes: "\n".join(f"- {safe.code(note)}" for note in notes),
}

# ------------------------------------------------------------------ HTML

STYLE = """\
:root { color-scheme: light dark; --text: #1b1e26; --page: #fff; --soft: #f1f2f5; --good: #00664b; --bad: #a83c00; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e6ec; --page: #1e2129; --soft: #2b2f3a; --good: #3cc9a0; --bad: #ff9457; }
}
body { max-width: 44rem; margin: 0 auto; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--text);
  background: var(--page); overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin-top: 2rem; } h3 { font-size: 1rem; }
pre { background: var(--soft); padding: .7rem; border-radius: .3rem; white-space: pre-wrap; font-size: .9rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .5rem .3rem 0; border-bottom: 1px solid var(--soft); vertical-align: top; }
td:nth-child(2), th:nth-child(2) { white-space: nowrap; padding-right: 1rem; }
.score { font-size: 1.2rem; font-weight: 600; } .good { color: var(--good); } .bad { color: var(--bad); }"""
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def html(record, assignment) -> str:
    """The page as HTML that needs nothing else: no script, nothing from another server."""
    body = "\n".join(HTML[kind](text) for kind, text in parts(record, assignment))
    return PAGE.format(title=f"Feedback: {safe.page(safe.line(record['assignment']))}", style=STYLE, body=body)


def _html_rows(shown) -> str:
    rows = [
        f"<tr><td>{safe.page(each.title)}</td><td>{safe.page(each.points)}</td>"
        f'<td class="{"good" if each.status == "passed" else "bad"}">{WORDS[each.status]}</td></tr>'
        for each in shown
    ]
    head = '<tr><th scope="col">exercise</th><th scope="col">points</th><th scope="col">result</th></tr>'
    return "\n".join([f"<table>\n<thead>{head}</thead>\n<tbody>", *rows, "</tbody>\n</table>"])


HTML = {
    "title": lambda text: f"<h1>Feedback: {safe.page(safe.line(text))}</h1>",
    "student": lambda text: f"<p>For <bdi>{safe.page(text)}</bdi></p>",
    "score": lambda text: f'<p class="score">{safe.page(text)}</p>',
    "text": lambda text: f"<p>{safe.page(text)}</p>",
    "head": lambda text: f"<h2>{safe.page(text)}</h2>",
    "small": lambda text: f"<h3>{safe.page(text)}</h3>",
    "asks": lambda text: f"<p>The test asks: {safe.page(text)}</p>",
    "quote": lambda text: f'<pre dir="auto">{safe.page(text)}</pre>',
    "home": lambda text: f"<p>See it at home: <code>{safe.page(text)}</code></p>",
    "rows": _html_rows,
    "notes": lambda notes: "<ul>\n" + "\n".join(f"<li>{safe.page(safe.line(note))}</li>" for note in notes) + "\n</ul>",
}
