"""`deepbook learn`: the book at a local address, the exercises watched, a verdict on every save."""

import threading
import time
from pathlib import Path

from rich.markup import escape

from deepbook.course import tell
from deepbook.course.errors import NOT_PASSED, PASSED, Problem, from_os
from deepbook.course.index import ExerciseSet, load_index
from deepbook.course.progress import Progress
from deepbook.course.runner import Cancelled, run
from deepbook.course.workspace import Workspace, find


def learn(port: int | None, open_book: bool, book: bool, once: bool) -> int:
    """Returns the exit code: with `once` 0 if all exercises pass, else 0 when it is stopped by Ctrl-C."""
    workspace = find()
    workspace.index  # noqa: B018  a broken index is said before anything starts
    out = tell.console()
    server = None
    try:
        if book and not once:
            server = serve(out, port, open_book)
        watcher = Watcher(workspace, out, server.address if server else "")
        total = len(workspace.index.exercises)
        if once:
            watcher.check(watcher.first_sets())
            return PASSED if watcher.progress().done()[0] == total else NOT_PASSED
        out.print(f"Watching {tell.plural(total, 'exercise')} in {escape(str(workspace.folder))}. Ctrl-C ends.")
        watcher.watch()
    except KeyboardInterrupt:
        pass
    finally:
        if server:
            server.stop()
    out.print("\nBye. `deepbook learn` goes on where you stopped.")
    return PASSED


def serve(out, port, open_book):
    """Start the server and the building of the book; say where it is."""
    from deepbook.site.server import FIRST_PORT, Build, Server, listen, open_when_ready, site_folder

    server = Server(listen(port), Build(site_folder()))
    got = int(server.address.rsplit(":", 1)[1])
    busy = "" if port or got == FIRST_PORT else f" (port {FIRST_PORT} is in use)"
    old = "" if server.build.ready else ", being built now"
    out.print(f"The book: [link]{server.address}[/link]{busy}{old}")
    server.build.start()
    server.start()
    if open_book:
        open_when_ready(server)
    return server


class Watcher:
    """Runs the tests of what was saved, one run at a time; a save during a run cancels and restarts it."""

    def __init__(self, workspace: Workspace, out, book: str = ""):
        self.workspace, self.out, self.book = workspace, out, book
        self.cancel, self.thread = threading.Event(), None
        self.running: list[ExerciseSet] = []  # what the run under way tests; empty when it is done

    def progress(self) -> Progress:
        return Progress(self.workspace)

    def first_sets(self) -> list[ExerciseSet]:
        """What to test at the start: what changed since it was checked, and the next exercise to do."""
        progress = self.progress()
        stale = [e for e in self.workspace.index.exercises if progress.checked(e) and not progress.fresh(e)]
        todo = progress.next()
        names = {each.file for each in (*stale, *([todo] if todo else []))}
        return [each for each in self.workspace.index.sets if each.file in names]

    def watch(self):
        """Until Ctrl-C."""
        from watchfiles import watch

        try:
            self.begin(self.first_sets())
            for batch in watch(self.workspace.folder, debounce=200, step=30, watch_filter=None):
                self.saved({Path(path) for _, path in batch})
        finally:
            self.halt()

    def saved(self, paths: set[Path]):
        """Files were saved: test their sets."""
        names = {path.resolve().relative_to(self.workspace.folder).as_posix() for path in paths}
        if "index.toml" in names:
            load_index.cache_clear()
            self.workspace = Workspace(self.workspace.folder)
        try:
            sets = [s for s in self.workspace.index.sets if {s.file, s.test_file} & names]
        except Problem as problem:
            self.out.print(escape(str(problem)))
            return
        if sets:
            self.begin(sets)

    def begin(self, sets: list[ExerciseSet]):
        """Test `sets`, and those of a run that is not done yet."""
        self.halt()
        if unfinished := [each for each in self.running if each not in sets]:
            sets = [each for each in self.workspace.index.sets if each in sets or each in unfinished]
        self.cancel, self.running = threading.Event(), sets
        self.thread = threading.Thread(target=self._check, args=(sets,), daemon=True)
        self.thread.start()

    def halt(self):
        self.cancel.set()
        if self.thread:
            self.thread.join(timeout=10)

    def _check(self, sets):
        try:
            self.check(sets)
            self.running = []
        except Cancelled:
            pass
        except OSError as error:
            self.out.print(escape(str(from_os(error))))
        except Problem as problem:
            self.out.print(escape(str(problem)))
        except Exception as error:  # a thread's traceback helps nobody; the next save tries again
            self.out.print(escape(f"deepbook itself failed ({type(error).__name__}: {error}). Save again to retry."))

    def check(self, sets: list[ExerciseSet]):
        """Test these sets and say how it went. Raises Cancelled."""
        if not sets:
            tell.finished(self.out, self.workspace)
            return
        exercises = tuple(exercise for each in sets for exercise in each.exercises)
        progress = self.progress()
        hashes = progress.hashes(exercises)
        report = run(self.workspace, exercises, cancel=self.cancel)
        newly = progress.record(report, hashes)
        self.say(sets, report, newly, progress)

    def say(self, sets, report, newly, progress):
        out, workspace = self.out, self.workspace
        out.print()
        out.print(f"[dim]{time.strftime('%H:%M:%S')}  {escape(', '.join(each.file for each in sets))}[/dim]")
        if newly:
            out.print(f"[green]passed: {', '.join(each.name for each in newly)}[/green]")
        result, todo = report.first_failing, progress.next()
        if result:
            tell.failure(out, workspace, result, book=self.book)
        elif todo:
            out.print(f"{escape(', '.join(each.file for each in sets))}: all pass.")
            out.print(f"[bold]Next: {todo.name}[/bold] — {escape(todo.title)}, {escape(tell.place(workspace, todo))}")
            if self.book:
                out.print(f"  [dim]In the book: {self.book}/{todo.address}[/dim]")
        if todo is None:
            tell.finished(out, workspace)
        else:
            tell.count(out, *progress.done())
