"""What a class knows: how the scores lie, which exercises are hard, which mistakes many people make."""

import ast
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from deepbook.course import files
from deepbook.course.index import book_root
from deepbook.grading import feedback, safe, table

STEP = 10  # percent of the maximum in one bar of the distribution
MOST = 15  # exercises and mistakes that are shown
BAR = 30  # letters of the longest bar in a terminal
MEANINGS = {
    "ok": "all tests ran",
    "timeout": "the code took too long and was stopped",
    "memory": "the code asked for too much memory and was stopped",
    "crash": "the code ended Python",
    "protocol": "the code wrote where the grader talks to it: look at it yourself",
    "missing": "nothing was handed in, or no file of the assignment: see below",
    "late": "after the last day that counts",
}
BLUE, GREY = "#0072B2", "#767676"  # of the book's palette, safe for colour-blind readers


@dataclass(frozen=True)
class Table:
    title: str
    head: tuple[str, ...]
    rows: list[tuple]


def write(records, assignment, out: Path) -> Path:
    """Write `report.md`, and its plot as `report.png` and `report.svg`, into the folder `out`; returns the first."""
    path = out / "report.md"
    for ending, content in plot(records).items():
        files.write(out / f"report.{ending}", content)
    files.write(path, markdown(records).encode())
    return path


def show(records):
    """Print the report in the terminal."""
    from rich.table import Table as Rich

    from deepbook.course import tell

    out = tell.console()
    out.print(summary(records), markup=False)
    for each in tables(records):
        if out.soft_wrap:  # not a terminal: lines that a program can read
            lines = [f"\n{each.title}", *("  ".join(map(str, row)) for row in (each.head, *each.rows))]
            out.print("\n".join(lines), markup=False)
            continue
        shown = Rich(title=each.title, title_justify="left", title_style="bold", box=None, header_style="dim")
        for number, name in enumerate(each.head):
            shown.add_column(name, justify="left" if number == 0 or name in ("", "what it is", "why") else "right")
        for row in each.rows:
            shown.add_row(*map(_plain, row))
        out.print()
        out.print(shown)


def _plain(value):
    from rich.text import Text

    return Text(str(value))


# ------------------------------------------------------------------ what is known


def summary(records) -> str:
    """One line: how many, and how well."""
    people = f"{len(records)} student{'' if len(records) == 1 else 's'}"
    if others := sum(each["status"] == "missing" and bool(feedback.notes(each)) for each in records):
        people += f" ({others} handed in no file of the assignment)"
    if not (given := handed_in(records)):
        return f"{people}; nobody has handed in yet."
    percents = [table.percent(each) for each in given]
    return (
        f"{people}, {len(given)} handed in. Of these the mean score is {mean(percents):.0f}%, "
        f"the median {median(percents):.0f}%."
    )


def handed_in(records) -> list[dict]:
    return [each for each in table.ordered(records) if each["status"] != "missing"]


def tables(records) -> list[Table]:
    return [
        each
        for each in (distribution(records), hardest(records), mistakes(records), statuses(records), missing(records))
        if each.rows
    ]


def distribution(records) -> Table:
    """How many scored how much, in steps of STEP percent; a full score has a row of its own."""
    counts = Counter(int(table.percent(each) // STEP) for each in handed_in(records))
    most = max(counts.values(), default=1)
    rows = []
    for place in range(100 // STEP + 1) if counts else ():
        name = "100%" if place == 100 // STEP else f"{place * STEP}–{place * STEP + STEP - 1}%"
        rows.append((name, counts[place], "█" * round(BAR * counts[place] / most)))
    return Table("Scores", ("score", "students", ""), rows)


def hardest(records) -> Table:
    """The exercises that fewest of those who handed in pass, with how many of them began it."""
    given, found = handed_in(records), {}
    for each in (exercise for record in given for exercise in record["exercises"]):
        passed, begun, title = found.get(each["id"], (0, 0, ""))
        found[each["id"]] = (
            passed + (each["status"] == "passed"),
            begun + (each["status"] != "todo"),
            title or each["title"],
        )
    rows = [
        (name, f"{100 * passed / len(given):.0f}%", f"{100 * begun / len(given):.0f}%", title)
        for name, (passed, begun, title) in sorted(found.items(), key=lambda item: item[1][0])
        if passed < len(given)
    ]
    return Table("Hardest exercises", ("exercise", "passed", "begun", "what it is"), rows[:MOST])


def mistakes(records) -> Table:
    """The recognised mistakes that most people make."""
    counts = Counter(
        (each["id"], each["chapter"], each["mistake"])
        for record in handed_in(records)
        for each in record["exercises"]
        if each.get("mistake")
    )
    rows = [
        (f"{name} ({exercise})", count, sentences(chapter).get(name, ""))
        for (exercise, chapter, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    return Table("Commonest mistakes", ("mistake", "students", "what it is"), rows[:MOST])


def statuses(records) -> Table:
    counts = Counter(each["status"] for each in records)
    most_first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rows = [(name, count, MEANINGS.get(name, "")) for name, count in most_first]
    return Table("What happened", ("status", "students", "what it is"), rows)


def missing(records) -> Table:
    """Who has no answers, and why."""
    rows = [
        (safe.line(each["student"]["id"]), safe.line(next(iter(each.get("notes") or ()), ""), 120))
        for each in table.ordered(records)
        if each["status"] == "missing"
    ]
    return Table("Missing", ("student", "why"), rows)


def sentences(chapter: str) -> dict[str, str]:
    """What a teacher says to each known mistake of a chapter, by its name. The file is read, not run."""
    try:
        tree = ast.parse((book_root() / "solutions" / chapter / "mistakes.py").read_text(encoding="utf-8"))
    except (OSError, SyntaxError):
        return {}
    found = {}
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        for mark in function.decorator_list:
            if isinstance(mark, ast.Call) and len(mark.args) == 2 and isinstance(mark.args[1], ast.Constant):
                found[function.name] = " ".join(str(mark.args[1].value).split())
    return found


# ------------------------------------------------------------------ Markdown and the plot


def markdown(records) -> str:
    parts = ["# Report", summary(records), "![The distribution of the scores, and the hardest exercises](report.png)"]
    for each in tables(records):
        rows = [each.head, ("---",) * len(each.head), *each.rows]
        lines = ("| " + " | ".join(safe.line(cell).replace("|", "\\|") for cell in row) + " |" for row in rows)
        parts += [f"## {each.title}", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def plot(records) -> dict[str, bytes]:
    """The distribution and the hardest exercises, drawn: {"png": …, "svg": …}; equal records, equal bytes."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    scores, hard = distribution(records).rows, hardest(records).rows
    with matplotlib.rc_context({"svg.hashsalt": "deepbook", "font.size": 9}):
        figure = Figure(figsize=(9, max(3, 0.9 + 0.27 * len(hard))), dpi=150, layout="constrained")
        FigureCanvasAgg(figure)
        left, right = figure.subplots(1, 2)
        _bars(left, [name for name, *_ in scores], [count for _, count, _ in scores], upright=True)
        left.set(xlabel="score", ylabel="students", title="Scores")
        left.yaxis.get_major_locator().set_params(integer=True)
        _bars(right, [name for name, *_ in hard][::-1], [int(row[1][:-1]) for row in hard][::-1], upright=False)
        right.set(xlabel="students who pass it, in %", xlim=(0, 100), title="Hardest exercises")
        return {kind: _drawn(figure, kind) for kind in ("png", "svg")}


def _bars(ax, names, heights, upright):
    (ax.bar if upright else ax.barh)(range(len(names)), heights, color=BLUE)
    if upright:
        ax.set_xticks(range(len(names)), names, rotation=60, ha="right", rotation_mode="anchor")
    else:
        ax.set_yticks(range(len(names)), names)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(color=GREY)


def _drawn(figure, kind):
    written = io.BytesIO()
    figure.savefig(written, format=kind, metadata={"Date": None} if kind == "svg" else {"Software": None})
    return written.getvalue()
