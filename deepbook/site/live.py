"""What the book's page asks of a running `deepbook learn`: how the exercises stand, a learner's file, a check, a hint.

Only the book's own page can ask. Requests under another name than this machine's (DNS rebinding) or from another site
are refused; so are those without the token, which stands in the pages that this server hands out, where no other site
can read it. All answers are JSON; a problem is {"problem": a sentence}.
"""

import asyncio
import html
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from deepbook.course.errors import Problem, from_os
from deepbook.course.session import LARGEST, Changed, Session, sentence
from deepbook.site.build import is_draft

HEARTBEAT_S, RETRY_MS = 5, 1000
OPEN = ("01", "04", "05")  # states of a connection in /proc/net/tcp: established, or about to end
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


class OnlyOurselves:
    """Refuses what does not come from this machine's own address, before anything else looks at it."""

    def __init__(self, app, port: int):
        self.app = app
        self.hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        if not of_our_user(scope.get("client")):
            await PlainTextResponse("Only who started `deepbook learn` can open its book.", 403)(scope, receive, send)
        elif headers.get("host") not in self.hosts:
            await PlainTextResponse("This address is not the book's own.", 400)(scope, receive, send)
        elif not self.from_us(scope, headers):
            await PlainTextResponse("Another site asks. The book answers only its own page.", 403)(scope, receive, send)
        else:
            await self.app(scope, receive, self.safely(send))

    def from_us(self, scope, headers) -> bool:
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
        if origin is not None and origin not in {f"http://{host}" for host in self.hosts}:
            return False
        opened = scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"  # a link to the book is fine
        return opened or site in ("none", "same-origin")

    def safely(self, send):
        async def with_headers(message):
            if message["type"] == "http.response.start":
                extra = [(name.lower().encode(), value.encode()) for name, value in SAFE.items()]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        return with_headers


def of_our_user(client, table: str = "/proc/net/tcp", us: int | None = None) -> bool:
    """Whether the other end of a connection is ours: on a shared computer everybody can reach 127.0.0.1.

    client: (address, port). Where the system does not say whose connection it is (not Linux), it is taken to be ours.
    The system's own user is let in: it forwards ports of containers, and can read our files anyway.
    """
    try:
        with open(table) as file:
            rows = [line.split() for line in file][1:]
    except OSError:
        return True
    end, users = f"0100007F:{client[1]:04X}", {os.getuid() if us is None else us, 0}
    return any(row[1] == end and row[3] in OPEN and int(row[7]) in users for row in rows)


class Book(StaticFiles):
    """The built site; its pages carry the token."""

    def __init__(self, directory, token: str):
        super().__init__(directory=directory, html=True, check_dir=False)
        self.start = f'<html data-token="{html.escape(token)}"' if token else "<html"

    def file_response(self, full_path, stat_result, scope, status_code=200):
        if not str(full_path).endswith(".html"):
            response = super().file_response(full_path, stat_result, scope, status_code)
            response.headers["Cache-Control"] = "no-cache"  # asked for again each time: a new page needs its new script
            return response
        with open(full_path, encoding="utf-8") as file:
            page = file.read().replace("<html", self.start, 1)
        return HTMLResponse(page, status_code, headers={"Cache-Control": "no-store"})


class Live:
    """The addresses below /_live/."""

    def __init__(self, session: Session, site: Path):
        self.session, self.site, self.token = session, site, secrets.token_urlsafe(32)
        self.wakes, self.over = set(), False  # what wakes each stream; whether all are to end

    def close(self):
        """End the streams."""
        self.over = True
        for wake in list(self.wakes):
            wake()

    def app(self) -> Starlette:
        routes = [
            Route("/state", self.state, methods=["GET"]),
            self.route("GET", "/source", self.source),
            self.route("POST", "/save", self.save),
            self.route("POST", "/aside", lambda asked: {"kept": self.session.set_aside(asked["file"], asked["text"])}),
            self.route("POST", "/check", lambda asked: self.session.check(asked["what"])),
            self.route("POST", "/hint", lambda asked: self.session.open_hints(asked["exercise"], asked["number"])),
            self.route("POST", "/reset", lambda asked: {"said": self.session.reset(asked["what"])}),
        ]
        return Starlette(routes=routes)

    def route(self, method: str, path: str, answer: Callable[[dict], dict | None]) -> Route:
        """An address that gives the JSON that `answer` makes of the question's."""

        async def endpoint(request: Request) -> Response:
            if not self.knows(request.headers.get("x-deepbook-token", "")):
                return problem("This page is from an earlier `deepbook learn`. Load it again.", 403)
            try:
                asked = dict(request.query_params) if method == "GET" else await body(request)
                return JSONResponse(await run_in_threadpool(answer, asked) or {})
            except Changed as changed:
                return JSONResponse({"text": changed.text, "hash": changed.hash, "problem": str(changed)}, 409)
            except TooLarge:
                return problem("That is too large to be an exercise.", 413)
            except Problem as error:
                return problem(str(error), 400)
            except OSError as error:
                return problem(str(from_os(error)), 500)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                return problem(f"The page asked for something odd ({type(error).__name__}: {error}).", 400)

        return Route(path, endpoint, methods=[method])

    def knows(self, token: str) -> bool:
        return secrets.compare_digest(token.encode(), self.token.encode())

    def source(self, asked):
        text, hash = self.session.source(asked["file"])
        return {"file": asked["file"], "text": text, "hash": hash}

    def save(self, asked):
        text = asked["text"]
        if not isinstance(text, str):
            raise TypeError("text")
        hash, kept = self.session.save(asked["file"], text, asked["base"], asked.get("over") is True)
        return {"hash": hash, "kept": kept}

    def shown(self, before: dict | None) -> dict:
        """The session's state, and whether the site is still the draft; while there is none, the one before."""
        try:
            state = self.session.state()
        except Exception as error:
            if before is None:
                raise
            state = {**before, "problem": sentence(error)}
        return {**state, "draft": is_draft(self.site)}

    async def state(self, request: Request) -> Response:
        """The state, now and after each change, as server-sent events."""
        if not self.knows(request.query_params.get("token", "")):
            return problem("This page is from an earlier `deepbook learn`. Load it again.", 403)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self.states(), media_type="text/event-stream", headers=headers)

    async def states(self):
        loop, changed = asyncio.get_running_loop(), asyncio.Event()

        def wake():
            if not loop.is_closed():
                loop.call_soon_threadsafe(changed.set)

        self.session.listen(wake)
        self.wakes.add(wake)
        try:
            yield f"retry: {RETRY_MS}\n\n"
            state = None
            while not self.over:
                changed.clear()
                state = await run_in_threadpool(self.shown, state)
                yield f"data: {json.dumps(state)}\n\n"
                while not changed.is_set():
                    try:
                        await asyncio.wait_for(changed.wait(), HEARTBEAT_S)
                    except TimeoutError:
                        yield ": still here\n\n"
                        if state["draft"] != is_draft(self.site):
                            break
        finally:
            self.session.unlisten(wake)
            self.wakes.discard(wake)


class TooLarge(Exception):
    """A body of more bytes than an exercise has."""


async def body(request: Request) -> dict:
    """The JSON object that was sent. Raises TooLarge, or ValueError if it is no such thing."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise ValueError("no JSON")
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > 2 * LARGEST:
            raise TooLarge
    asked = json.loads(content)
    if not isinstance(asked, dict):
        raise ValueError("no object")
    return asked


def problem(sentence: str, status: int) -> JSONResponse:
    return JSONResponse({"problem": sentence}, status)
