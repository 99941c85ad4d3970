"""The short commands: start, next, hint, list, reset, diff, solution, update, data, lab. `deepbook.cli` calls them."""

import json
import os
import sys
from pathlib import Path

from rich.markup import escape

from deepbook.course import renew, splice, tell
from deepbook.course import workspace as folders
from deepbook.course.errors import ENVIRONMENT, PASSED, Problem, short
from deepbook.course.index import book_root
from deepbook.course.progress import Progress
from deepbook.course.workspace import find


def start(folder: Path) -> int:
    done = folders.start(folder)
    out, where = tell.console(), done.workspace.folder
    if done.new:
        total = tell.plural(len(done.workspace.index.exercises), "exercise")
        out.print(f"{escape(str(where))} is ready: {total}.")
    elif done.added:
        out.print(f"Added what was missing: {escape(', '.join(done.added))}. Everything else is as it was.")
    else:
        out.print(f"{escape(str(where))} is complete already; nothing was changed.")
    go = "" if where == Path.cwd() else f"`cd {escape(short(where))}`, then "
    out.print(f"Now {go}`deepbook learn`.")
    return PASSED


def next_() -> int:
    workspace = find()
    out, exercise = tell.console(), Progress(workspace).next()
    if exercise is None:
        tell.finished(out, workspace)
        return PASSED
    out.print(f"[bold]{exercise.name}[/bold] — {escape(exercise.title)}")
    out.print(f"  File    {escape(tell.place(workspace, exercise))}")
    out.print(f"  Book    {escape(book_address(exercise))}")
    out.print(f"  Time    about {tell.plural(exercise.minutes, 'minute')}, {tell.plural(exercise.points, 'point')}")
    out.print(f"  Check   deepbook check {exercise.name}")
    out.print(f"  Hint    deepbook hint {exercise.name}")
    return PASSED


def book_address(exercise) -> str:
    """The page in the built site, if there is one; else where `deepbook learn` will show it."""
    from deepbook.site.server import site_folder

    page, _, anchor = exercise.address.partition("#")
    file = site_folder() / page
    return f"{file.as_uri()}#{anchor}" if file.exists() else f"{exercise.address} (`deepbook learn` opens the book)"


def hint(what: str | None, every: bool) -> int:
    workspace = find()
    out, progress = tell.console(), Progress(workspace)
    exercise = one(workspace, what) if what else progress.next()
    if exercise is None:
        out.print("All exercises pass. For a hint all the same, name one: `deepbook hint NAME`.")
        return PASSED
    total = len(exercise.hints)
    first = 1 if every else min(progress.hint_shown(exercise) + 1, total)
    progress.show_hint(exercise, total if every else first)  # remembered even if `| head` stops the printing
    for number in range(first, total + 1 if every else first + 1):
        out.print(f"[bold]{exercise.name}[/bold], hint {number} of {total}: ", end="")
        out.print(exercise.hints[number - 1], markup=False)
    if every or first == total:
        out.print(f"[dim]That was the last one. The answer: deepbook solution {exercise.name}[/dim]")
    else:
        out.print("[dim]Ask again for the next one.[/dim]")
    return PASSED


def one(workspace, what):
    """The single exercise that `what` names; of a set or a chapter the first that does not pass."""
    progress, found = Progress(workspace), workspace.named(what)
    return next((each for each in found if not progress.passed(each)), found[0])


def list_(as_json: bool) -> int:
    workspace = find()
    progress, exercises = Progress(workspace), workspace.index.exercises
    if as_json:
        print(json.dumps([_row(progress, each) for each in exercises], indent=1, ensure_ascii=False))
        return PASSED
    out, rows = tell.console(), []
    for each in exercises:
        changed = progress.passed(each) and not progress.fresh(each)
        word = tell.PASSED_BEFORE if changed else tell.WORDS[progress.status(each)]
        rows.append((each, word, f"{tell.plural(each.points, 'point')}, {each.minutes} min  {each.title}"))
    tell.table(out, workspace, rows)
    out.print()
    tell.count(out, *progress.done())
    points = sum(each.points for each in exercises)
    out.print(f"{sum(e.points for e in exercises if progress.passed(e))} of {tell.plural(points, 'point')}.")
    return PASSED


def _row(progress, exercise) -> dict:
    return {
        "id": exercise.id,
        "name": exercise.name,
        "title": exercise.title,
        "chapter": exercise.chapter,
        "file": exercise.file,
        "status": progress.status(exercise),
        "fresh": progress.fresh(exercise),
        "when": progress.when(exercise),
        "mistake": progress.result(exercise).mistake,
        "hints": progress.hint_shown(exercise),
        "points": exercise.points,
        "minutes": exercise.minutes,
    }


def reset(what: str) -> int:
    workspace = find()
    out = tell.console()
    for done in renew.reset(workspace, what):
        thing = f"`{done.function}` in {done.file}" if done.function else f"the whole file {done.file}"
        if not done.changed:
            out.print(escape(f"{thing} is as it was handed out; nothing to do.").capitalize())
            continue
        out.print(escape(f"Reset {thing}."))
        if done.backup:
            out.print(escape(f"  What you had written is kept in {short(done.backup)}"))
    return PASSED


def update() -> int:
    workspace = find()
    out, done = tell.console(), renew.update(workspace)
    for words, names in (("New", done.added), ("Renewed", done.renewed)):
        if names:
            out.print(escape(f"{words}: {', '.join(names)}"))
    for name, fresh in done.kept.items():
        out.print(escape(f"Left as you wrote it: {name}"))
        for function in fresh:
            out.print(f"  New in the book: {function}. `deepbook reset {function}` adds it to your file.")
    for backup in done.backups:
        out.print(escape(f"A file of the book had been changed here; the changed one is kept in {short(backup)}"))
    if not (done.added or done.renewed):
        from deepbook import __version__

        out.print(
            f"Nothing is newer in deepbook {__version__}. (`pip install --upgrade deepbook` fetches a newer one.)"
        )
    return PASSED


def diff(what: str) -> int:
    workspace = find()
    text, out = renew.diff(workspace, what), tell.console()
    if not text:
        out.print("No change: this is as it was handed out.")
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in text.splitlines():
        out.print(line, style=colours.get(line[:1], "default"), markup=False)
    return PASSED


def solution(what: str, yes: bool) -> int:
    workspace = find()
    exercises, progress = workspace.named(what), Progress(workspace)
    unsolved = [each.name for each in exercises if not progress.passed(each)]
    if unsolved and not yes:
        names = ", ".join(unsolved[:3]) + (" …" if len(unsolved) > 3 else "")
        if not sys.stdin.isatty():
            raise Problem(f"Not solved yet: {names}. To see the solution all the same, add --yes.")
        import typer

        if not typer.confirm(f"Not solved yet: {names}. Show the solution all the same?"):
            print("Good. `deepbook hint` has a hint instead.")
            return PASSED
    for exercise in exercises:
        print(answer(exercise).rstrip() + "\n")
    return PASSED


def answer(exercise) -> str:
    """The book's answer: the source of one function, without the marks for the generator of stubs."""
    text = (book_root() / "solutions" / exercise.file).read_text(encoding="utf-8")
    source, shown, kept = splice.function(text, exercise.name) or text, [], True
    for line in source.splitlines():
        mark = line.strip()
        if mark in ("# BEGIN SOLUTION", "# END SOLUTION", "# BEGIN STUB"):
            kept = mark != "# BEGIN STUB"
        elif kept:
            shown.append(line)
    return "\n".join(shown)


PLACES = {
    "install": "comes with deepbook",
    "DEEPBOOK_DATA": "in DEEPBOOK_DATA",
    "cache": "in the cache",
    "": "not here",
}


def data_list() -> int:
    from deepbook.downloads import catalogue, place

    out, entries = tell.console(), catalogue().values()
    names = max(len(each.name) for each in entries)
    for each in entries:
        size = f"{amount(each)}, " if each.files else ""
        out.print(f"[bold]{each.name:<{names}}[/]  {escape(each.contents)}")
        out.print(f"{'':{names}}  [dim]{size}{PLACES[place(each)]}; licence: {escape(each.licence)}[/]")
    if any(not place(each) for each in entries):
        out.print("\n`deepbook data fetch NAME` downloads one, `deepbook data fetch --all` all of them.")
    return PASSED


def amount(each) -> str:
    if each.size >= 100_000:
        return f"{each.size / 1e6:.1f} MB"
    return f"{each.size / 1e3:.0f} kB" if each.size >= 1000 else f"{each.size} bytes"


def data_fetch(names: list[str], every: bool, entries=None) -> int:
    """entries: the data sets by their names, if not those of the catalogue."""
    from deepbook import downloads

    entries = entries or downloads.catalogue()
    if not names and not every:
        raise Problem("Which data set? `deepbook data list` shows them; `deepbook data fetch --all` fetches all.")
    for name in names:
        if name not in entries:
            near = downloads.nearest(name)
            advice = f"Did you mean “{near}”?" if near else "`deepbook data list` shows all names."
            raise Problem(f"There is no data set called “{name}”. {advice}")
    code = PASSED
    for each in [entries[name] for name in names] if names else [each for each in entries.values() if each.files]:
        code = max(code, fetch(each))
    return code


def fetch(each) -> int:
    from deepbook import downloads

    out = tell.console()
    if not each.files:
        out.print(escape(f"{each.name} comes with deepbook and needs no download."))
        return PASSED
    was = downloads.place(each)
    try:
        paths = downloads.files(each)
    except downloads.DataNotFound as missing:
        tell.console(stderr=True).print(str(missing), markup=False)
        return ENVIRONMENT
    folders = ", ".join(sorted({str(path.parent) for path in paths.values()}))
    done = "is here already" if was else "downloaded"
    out.print(escape(f"{each.name}: {done}, {tell.plural(len(paths), 'file')}, {amount(each)}, in {folders}"))
    return PASSED


def lab(name: str | None, options: list[str]) -> int:
    import difflib
    import importlib

    from deepbook import labs
    from deepbook.course.runner import user_cache

    known = labs.names()
    if name is None:
        out = tell.console()
        for each, question in known.items():
            out.print(f"[bold]{each:<{max(map(len, known))}}[/]  {escape(question)}")
        out.print("\n`deepbook lab NAME` runs one; `deepbook lab NAME --help` shows its options.")
        return PASSED
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        advice = f"Did you mean “{near[0]}”?" if near else "`deepbook lab` lists them."
        raise Problem(f"There is no lab called “{name}”. {advice}")
    # before JAX is imported: what a lab compiles is kept, so that its second run need not wait for it
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(user_cache() / "jax"))
    return importlib.import_module(f"deepbook.labs.{name}").main(options)
