"""Serves the built book at a local address, and until it is built a small page that says so.

Only this machine can ask (127.0.0.1), and only under its local names; live.py says what else is refused.
"""

import contextlib
import html
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from deepbook.course.errors import MachineProblem
from deepbook.course.index import book_root
from deepbook.course.runner import stop

FIRST_PORT, PORTS = 8000, 11
BUILD = """
import os, pathlib, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what is half built is cleared away
if hasattr(os, "nice"):
    os.nice(5)  # the learner's own tests come first
from deepbook.course.index import load_index
from deepbook.site.build import BuildError, build
try:
    site = pathlib.Path(sys.argv[1])
    if not (site / "index.html").exists():  # the first pages within seconds, the rest when it is computed
        build(site, draft=("index.md", "00-start.md", load_index().chapters[0].page))
    build(site)
except BuildError as error:
    sys.exit(str(error))
"""
WAITING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>deepbook</title>
{refresh}<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1rem}}
pre{{white-space:pre-wrap;font-size:.9rem}}</style><h1>{title}</h1>{text}</html>"""


def site_folder() -> Path:
    """Where the built book is, or will be."""
    from deepbook.site.build import default_site

    return default_site(book_root())


def listen(port: int | None) -> socket.socket:
    """A socket at `port`; without one, at the first free port from 8000.

    Raises MachineProblem if it is in use.
    """
    for number in [port] if port else range(FIRST_PORT, FIRST_PORT + PORTS):
        listener = socket.socket()
        if os.name == "posix":  # a port that was left a moment ago is free; on Windows this would share it
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", number))
            listener.listen(64)
            return listener
        except PermissionError as error:
            raise MachineProblem(f"Port {number} is reserved for the system. Take one above 1024.") from error
        except OSError:
            listener.close()
    which = f"Port {port} is" if port else f"The ports {FIRST_PORT} to {FIRST_PORT + PORTS - 1} are all"
    raise MachineProblem(
        f"{which} in use: does another `deepbook learn` run? Name a free one (`deepbook learn --port 8100`), or do "
        "without the page (`--no-book`)."
    )


class Build:
    """The book being built by a process in the background."""

    def __init__(self, site: Path):
        self.site, self.problem, self.process = site, "", None

    def start(self):
        command = [sys.executable, "-c", BUILD, str(self.site)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        threading.Thread(target=self._wait, daemon=True).start()

    def _wait(self):
        words = self.process.stderr.read().decode(errors="replace")
        if self.process.wait() > 0:
            self.problem = words[-3000:] or "The builder ended without a word."

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=2)
            stop(self.process)

    @property
    def ready(self) -> bool:
        return (self.site / "index.html").exists()


def book_app(build: Build, port: int, live=None):
    """The ASGI application: the site's files, or the page that waits for them; `live`: a live.Live, beside them."""
    from starlette.applications import Starlette
    from starlette.responses import HTMLResponse
    from starlette.routing import Mount

    from deepbook.site.live import Book, OnlyOurselves

    files = Book(build.site, live.token if live else "")

    async def book(scope, receive, send):
        await (files if build.ready else HTMLResponse(waiting(build), 503))(scope, receive, send)

    routes = [Mount("/_live", app=live.app())] if live else []
    return OnlyOurselves(Starlette(routes=[*routes, Mount("/", app=book)]), port)


def waiting(build: Build) -> str:
    if build.problem:
        text = f"<p>The exercises work all the same.</p><pre>{html.escape(build.problem)}</pre>"
        return WAITING.format(title="The book could not be built", text=text, refresh="")
    text = "<p>This happens once. The page comes by itself; you can begin with the exercises meanwhile.</p>"
    return WAITING.format(
        title="The book is being built …", text=text, refresh='<meta http-equiv="refresh" content="1">'
    )


class Server:
    """uvicorn in a thread, on a socket that listens already."""

    def __init__(self, listener: socket.socket, build: Build, session=None):
        self.listener, self.build, self.session = listener, build, session
        self.uvicorn, self.live = None, None
        self.thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def start(self):
        self.thread.start()

    def _serve(self):
        import uvicorn

        from deepbook.site.live import Live

        self.live = Live(self.session, self.build.site) if self.session else None
        app = book_app(self.build, self.listener.getsockname()[1], self.live)
        config = uvicorn.Config(app, log_config=None, log_level="critical", access_log=False, lifespan="off")
        self.uvicorn = uvicorn.Server(config)
        self.uvicorn.run(sockets=[self.listener])

    def stop(self):
        self.build.stop()
        if self.live:
            self.live.close()
        if self.uvicorn:
            self.uvicorn.should_exit = self.uvicorn.force_exit = True
        self.thread.join(timeout=2)
        with contextlib.suppress(OSError):
            self.listener.close()


def open_when_ready(server: Server, wait_s: float = 300):
    """Open the book in the browser at once; the waiting page turns into the book by itself."""
    if not has_desktop():
        return

    def go():
        import webbrowser

        deadline = time.monotonic() + wait_s
        while server.uvicorn is None and time.monotonic() < deadline:
            time.sleep(0.1)
        webbrowser.open(server.address)

    threading.Thread(target=go, daemon=True).start()


def has_desktop() -> bool:
    """Whether a browser window can open here, and a person would see it."""
    desktop = sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(desktop) and sys.stdout.isatty()
