"""Run exercises' tests in a fresh pytest, and say for each exercise how it went.

The learner's code runs in a process of its own: it may hang, exit or crash, print without end, and nothing here is
hurt. The plug-in in that process writes events to a file; we read them as they come.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from deepbook.course.errors import MachineProblem
from deepbook.course.index import Exercise
from deepbook.course.output import Output
from deepbook.course.results import Report, gather
from deepbook.course.workspace import Workspace

LIMIT_S = float(os.environ.get("DEEPBOOK_LIMIT_S", 20))  # for one test; the plug-in reads the same variable
GRACE_S = 5  # after the limit: for code that no signal can stop
START_S = 60  # until the first event: Python and JAX are read from a cold disk
EVENTS = 16_000_000  # bytes of events that are read


class Cancelled(Exception):
    """The run was stopped because its result is no longer wanted."""


def user_cache() -> Path:
    """Where things are kept that can be made again."""
    from platformdirs import user_cache_path

    return user_cache_path("deepbook", appauthor=False)


def run(
    workspace: Workspace,
    exercises: tuple[Exercise, ...],
    answers: str = "exercises",
    full: bool = False,
    limit_s: float = LIMIT_S,
    on_event: Callable[[dict], None] = lambda event: None,
    cancel: threading.Event | None = None,
) -> Report:
    """Test `exercises`. When one hangs or kills its process, the others still run, in another process.

    on_event: called with each event as it comes. cancel: set it to stop; then Cancelled is raised.
    """
    report = Report()
    left = list(exercises)
    for exercise in exercises:
        if not (workspace.folder / exercise.test_file).exists():
            sentence = f"{exercise.test_file} is missing. {workspace.mend(exercise.test_file)}"
            report.add(exercise, "broken", sentence)
    while left := [exercise for exercise in left if exercise.id not in report.results]:
        once = _Once(workspace, left, answers, full, limit_s)
        ending = once.go(on_event, cancel or threading.Event())
        gather(report, left, once.events, once.output, ending, workspace)
    report.sort(exercises)
    return report


class _Once:
    """One pytest process."""

    def __init__(self, workspace, exercises, answers, full, limit_s):
        self.workspace, self.limit_s = workspace, limit_s
        self.events, self.output = [], Output()
        self.arguments = [
            *("--only", ",".join(each.id for each in exercises)),
            *(("--full",) if full else ()),
            *("--answers", answers),
            *dict.fromkeys(str(workspace.folder / each.test_file) for each in exercises),
        ]

    def go(self, on_event, cancel) -> str:
        """Run to the end. Returns how it ended: "end", "stuck" or "exit <code>"."""
        with tempfile.TemporaryDirectory(prefix="deepbook-") as folder:
            self.file = Path(folder) / "events"
            self.file.touch()
            process = self._start()
            try:
                return self._follow(process, on_event, cancel)
            finally:
                stop(process)
                self.output.close()

    def _start(self):
        folder = str(self.workspace.folder)
        command = [sys.executable, "-P", "-m", "pytest", "-q", "--no-header", "--capture=no", "-p", "no:cacheprovider"]
        command += ["--continue-on-collection-errors"]
        command += ["-c", f"{folder}/pytest.ini", "--rootdir", folder, "--events", str(self.file), *self.arguments]
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment(self.limit_s),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise MachineProblem(f"Python could not be started for the tests: {error.strerror}.") from error
        self.output.read(process.stdout)
        return process

    def _follow(self, process, on_event, cancel):
        patience, last, place = START_S, time.monotonic(), 0
        while True:
            ended = process.poll() is not None  # asked first, so that no last event is missed
            place, fresh = self._news(place)
            for event in fresh:
                self.events.append(event)
                on_event(event)
                patience, last = self.limit_s + GRACE_S, time.monotonic()
            if cancel.is_set():
                raise Cancelled
            if self.events and self.events[-1]["event"] == "end":
                return "end"
            if ended:
                return f"exit {process.returncode}"
            if time.monotonic() - last > patience:
                return "stuck"
            time.sleep(0.02)

    def _news(self, place):
        with open(self.file, "rb") as file:
            file.seek(place)
            text = file.read(EVENTS - place)
        whole = text[: text.rfind(b"\n") + 1]
        fresh = []
        for line in whole.splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and isinstance(event.get("event"), str):
                fresh.append(event)
        return place + len(whole), fresh


def environment(limit_s: float) -> dict[str, str]:
    """The variables of the tests' process. JAX keeps what it compiled, so that the next run is faster."""
    drop = ("PYTEST_ADDOPTS", "PYTHONSTARTUP", "PYTHONINSPECT")
    kept = {name: value for name, value in os.environ.items() if name not in drop}
    cache = {
        "JAX_COMPILATION_CACHE_DIR": str(user_cache() / "jax"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "0",
    }
    return {
        **cache,
        **kept,
        "DEEPBOOK_LIMIT_S": f"{limit_s:g}",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }


def stop(process: subprocess.Popen):
    """End a process and what it started."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except (ProcessLookupError, PermissionError):
        pass
    process.wait()
