"""`deepbook learn`: the book at a local address, the exercises watched, a verdict on every save."""

import os
import sys
import threading
import time
from pathlib import Path

from rich.markup import escape

from deepbook.course import tell
from deepbook.course.errors import NOT_PASSED, PASSED
from deepbook.course.session import Session, sentence
from deepbook.course.workspace import find

DEBOUNCE_MS, STEP_MS = 200, 20  # an editor writes a file in several steps


def learn(port: int | None, open_book: bool, book: bool, once: bool) -> int:
    """Returns the exit code: with `once` 0 if all exercises pass, else 0 when it is stopped by Ctrl-C."""
    out, server, session = tell.console(), None, Session(find())
    try:
        if once:
            return check_once(session, out)
        if book:
            server = serve(out, session, port, open_book)
        watch(session, out, server.address if server else "")
    except KeyboardInterrupt:
        pass
    finally:
        if server:
            server.stop()
        session.stop()
    say_goodbye(out, session)
    return PASSED


def say_goodbye(out, session):
    todo = session.progress.next()
    out.print()
    tell.count(out, *session.progress.done())
    following = f" Next: {todo.name}." if todo else ""
    out.print(f"Bye.{following} `deepbook learn` goes on where you stopped.")
    if needed := tell.how_to_call():
        out.print(escape(needed))


def check_once(session, out) -> int:
    """Test what changed and say how it stands. Returns the exit code."""
    plain = Plain(session, out)
    if sets := session.first_sets():
        session.begin(sets)
        session.wait()
    plain.show()
    passed, total = session.progress.done()
    return PASSED if passed == total else NOT_PASSED


def serve(out, session, port, open_book):
    """Start the server and the building of the book; say where it is."""
    from deepbook.site.server import FIRST_PORT, Build, Server, listen, open_when_ready, site_folder

    server = Server(listen(port), Build(site_folder()), session)
    got = int(server.address.rsplit(":", 1)[1])
    busy = "" if port or got == FIRST_PORT else f" (port {FIRST_PORT} is in use)"
    old = "" if server.build.ready else ", being built now"
    out.print(f"The book: [link]{server.address}[/link]{busy}{old}")
    server.build.start()
    server.start()
    if open_book:
        open_when_ready(server)
    return server


def watch(session: Session, out, address: str):
    """Test every save, and show it, until the learner ends it."""
    plain = Plain(session, out, address)
    live = interactive()
    if not live:
        total = len(session.index.exercises)
        out.print(f"Watching {tell.plural(total, 'exercise')} in {escape(str(session.workspace.folder))}. Ctrl-C ends.")
        session.listen(plain.changed)
    over = threading.Event()
    watching = threading.Thread(target=watch_files, args=(session, over), daemon=True)
    watching.start()
    try:
        if sets := session.first_sets():
            session.begin(sets)
        if live:
            from deepbook.course import terminal

            terminal.run(session, address)
        else:
            plain.follow()
    finally:
        over.set()
        watching.join(timeout=2)


def watch_files(session: Session, over: threading.Event):
    """Tell the session of every save, until `over` is set."""
    from watchfiles import watch

    folder, settings = session.workspace.folder, {"debounce": DEBOUNCE_MS, "step": STEP_MS, "watch_filter": None}
    changes = watch(folder, stop_event=over, **settings)
    for batch in changes:
        try:
            session.saved({Path(path) for _, path in batch})
        except Exception as error:  # the next save must be seen all the same
            session.say(sentence(error))


def interactive() -> bool:
    """Whether a person sits at a terminal that can show more than lines."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "") != "dumb"


class Plain:
    """Says the result of each run in lines, for whatever is no terminal."""

    def __init__(self, session: Session, out, address: str = ""):
        self.session, self.out, self.address = session, out, address
        self.said, self.something = None, threading.Event()

    def changed(self):
        self.something.set()

    def follow(self):
        """Until Ctrl-C."""
        if not self.session.running:
            self.show()
        while True:
            self.something.wait(timeout=0.5)
            self.something.clear()
            self.news()

    def news(self):
        """Say what has not been said yet."""
        session = self.session
        if session.problem and session.problem != self.said:
            self.said = session.problem
            self.out.print(escape(session.problem))
        elif session.report is not None and session.report is not self.said and not session.running:
            self.said = session.report
            self.show()

    def show(self):
        """What the last run gave, and what is next."""
        out, session, progress = self.out, self.session, self.session.progress
        if session.report is None:
            tell.finished(out, session.workspace)
            return
        names = escape(", ".join(each.file for each in session.about))
        out.print(f"\n[dim]{time.strftime('%H:%M:%S')}  {names}[/dim]")
        if session.newly:
            out.print(f"[green]passed: {', '.join(each.name for each in session.newly)}[/green]")
        result, todo = session.report.first_failing, progress.next()
        if result:
            tell.failure(out, session.workspace, result, book=self.address)
        elif todo:
            out.print(f"{names}: all pass.")
            out.print(
                f"[bold]Next: {todo.name}[/bold] — {escape(todo.title)}, {escape(tell.place(session.workspace, todo))}"
            )
            if self.address:
                out.print(f"  [dim]In the book: {self.address}/{todo.address}[/dim]")
        if todo is None:
            tell.finished(out, session.workspace)
        else:
            tell.count(out, *progress.done())
