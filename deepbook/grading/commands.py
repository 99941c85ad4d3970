"""The commands `deepbook grade` and `deepbook regrade`: what they print, and how they end."""

from pathlib import Path

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from deepbook.course import tell
from deepbook.course.errors import NOT_PASSED, PASSED, Problem, short
from deepbook.grading import batch, course, doubts, store
from deepbook.grading.safe import visible

MOST = 10  # lines of a list in the terminal


def grade(
    submissions: Path,
    folder: Path | None,
    chapters: str | None,
    to: Path,
    jobs: int | None,
    scheduler: str | None,
    isolation: str,
    only: list[str],
) -> int:
    """Grade a folder of submissions; records that are still right are kept."""
    assignment, facts = assigned(submissions, folder, chapters)
    isolation = tier(isolation, scheduler)
    return run(submissions, assignment, to, jobs, scheduler, isolation, only, facts=facts)


def regrade(
    submissions: Path | None,
    folder: Path | None,
    chapters: str | None,
    to: Path,
    jobs: int | None,
    scheduler: str | None,
    isolation: str,
    only: list[str],
    changed: bool,
) -> int:
    """Grade again, all or what changed, and say which scores are others now."""
    notes = store.read_batch(to)
    if not notes.get("submissions"):
        raise Problem(f"Nothing was graded into {short(to)} yet. `deepbook grade SUBMISSIONS` does it.")
    submissions = submissions or Path(notes["submissions"])
    if folder or chapters:
        assignment, facts = assigned(submissions, folder, chapters)
    else:
        assignment, facts = store.assignment_of(notes), {n: notes.get(n) for n in ("course", "chapters")}
    isolation = tier(isolation, scheduler)
    return run(submissions, assignment, to, jobs, scheduler, isolation, only, not changed, True, facts)


def run(submissions, assignment, to, jobs, scheduler, isolation, only, again=False, compare=False, facts=None) -> int:
    out = tell.console()
    with Shown(out) as shown:
        outcome = batch.grade(
            submissions, assignment, to, jobs, scheduler, isolation, only, again, compare, shown, facts
        )
    summary(out, outcome, to)
    timeless(out, outcome, assignment)
    called = [name for each in outcome.records for name in each["student"].values()]
    if not only and (sentence := course.unknown_extensions(assignment, called)):
        out.print(escape(visible(sentence)), soft_wrap=True)
    for sentence in doubts.about_tests(outcome.mine)[:MOST]:
        out.print(f"[yellow]{escape(visible(sentence))}[/yellow]", soft_wrap=True)
    return NOT_PASSED if outcome.failures else PASSED


def assigned(submissions: Path, folder: Path | None, chapters: str | None):
    """(the assignment, what batch.json notes about it): --course, --chapters, or a course.toml here or beside."""
    if folder and chapters:
        raise Problem("--course and --chapters both say what to grade. Give one of them.")
    if chapters:
        names = [name.strip() for name in chapters.split(",") if name.strip()]
        return course.default(names), {"course": None, "chapters": names}
    if not folder:
        inside = Path(submissions).resolve()  # a course.toml in there may be a student's
        near_by = [place for place in (Path.cwd(), inside.parent) if not place.is_relative_to(inside)]
        folder = next((place for place in near_by if (place / course.FILE).is_file()), near_by[0])
    return course.load(folder), {"course": str(Path(folder).resolve()), "chapters": None}


def tier(isolation: str, scheduler: str | None) -> str:
    """The jail to use: "best" becomes the best of this machine's. Raises Problem if there is none such."""
    from deepbook.grading import jail

    found = jail.available()  # why not, by the tier's name; "" if it works
    if isolation not in ("best", *found):
        raise Problem(f"There is no isolation “{isolation}”. There are: best, {', '.join(found)}.")
    if scheduler:
        return isolation  # the workers' machines decide
    if isolation == "best":
        return jail.best()
    if found[isolation]:
        raise Problem(f"The isolation “{isolation}” does not work on this machine: {found[isolation]}")
    return isolation


# ------------------------------------------------------------------ what is shown


class Shown(batch.Watcher):
    """A bar in a terminal, a line for each submission elsewhere."""

    def __init__(self, out):
        self.out, self.bar, self.total, self.done = out, None, 0, 0

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.bar:
            self.bar.stop()
        if kind is KeyboardInterrupt and self.total:
            self.out.print(f"Stopped. {self.done} of {self.total} are done; give the same command again to go on.")
        elif kind is KeyboardInterrupt:
            self.out.print("Stopped. Nothing was graded; give the same command again to go on.")

    def listed(self, hidden, folder):
        if hidden:
            names = ", ".join(f"{each.split('/')[-1]}{f' ({n})' if n > 1 else ''}" for each, n in hidden.items())
            self.out.print(f"{tell.plural(sum(hidden.values()), 'hidden test')}: {escape(names)}.")
        else:
            self.out.print(f"No hidden test: {escape(short(folder))} holds no file test_*.py with a test.")

    def begins(self, total, kept):
        self.total, self.done = total, kept
        if kept:
            self.out.print(f"{tell.plural(kept, 'record')} of {total} kept: nothing changed since.")
        if kept < total and self.out.is_terminal:
            columns = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}")
            self.bar = Progress(*columns, console=self.out, transient=True)
            self.task = self.bar.add_task("", total=total, completed=kept)
            self.bar.start()

    def prepares(self):
        if self.out.is_terminal:
            self.out.print("Preparing what every submission needs; the first time that takes a minute.")

    def graded(self, record):
        self.done += 1
        who, points = escape(named(record)), of(record)
        if self.bar:
            self.bar.update(self.task, advance=1, description=f"{who} {points}")
            if record["status"] == "ok":
                return
        self.out.print(f"{self.done:4} of {self.total}  {record['status']:<9} {points:>12}  {who}")


def named(record) -> str:
    return visible(str(record["student"]["id"]))


def of(record) -> str:
    return f"{record['score']:g} of {record['max']:g}"


def summary(out, outcome, to: Path):
    """At the end: how many, in which jail, what was not ok, where the table is."""
    mine, counts = outcome.mine, outcome.statuses
    jails = f" Jail: {', '.join(outcome.jails)}." if outcome.jails else ""
    kept = len(mine) - len(outcome.examined)
    rest = f", {kept} as before" if kept else ""
    out.print(f"{tell.plural(len(mine), 'submission')}: {len(outcome.examined)} examined{rest}.{jails}")
    if bad := {status: n for status, n in counts.items() if status != "ok"}:
        out.print(f"Not ok: {', '.join(f'{n} {status}' for status, n in sorted(bad.items()))}.")
    if strangers := len(outcome.records) - len(mine):
        out.print(f"The table also has {tell.plural(strangers, 'row')} of earlier runs (other students).")
    if outcome.before is not None:
        differences(out, outcome)
    for sentence in outcome.failures[:MOST]:
        out.print(f"[red]{escape(visible(sentence))}[/red]")
    if outcome.table:
        out.print(f"Table: {escape(short(outcome.table))}   Feedback: {escape(short(Path(to) / 'feedback'))}")


def timeless(out, outcome, assignment):
    """Whose lateness could not be counted."""
    number = sum(each["submitted"] is None and each["status"] != "missing" for each in outcome.mine)
    if assignment.due and number:
        out.print(
            f"For {tell.plural(number, 'submission')} nothing says when it was handed in, so lateness was not counted. "
            "A file students.csv (id,name,email,submitted) in their folder can say it."
        )


def differences(out, outcome):
    """Old → new of each score that changed."""
    changed = outcome.differences()
    equal = len(outcome.mine) - len(changed)
    out.print(f"{tell.plural(len(changed), 'score')} changed, {equal} as before.")
    most = {r["student"]["id"]: r["max"] for r in outcome.mine}
    for who, old, new in changed:
        before = "new" if old is None else f"{old:g}"
        out.print(f"  {escape(visible(who))}: {before} → {new:g} of {most[who]:g}", soft_wrap=True)
