"""Run exercises' tests in a process of their own, and say for each exercise how it went.

The learner's code may hang, exit or crash, print without end, and nothing here is hurt. The plug-in in that process
writes events to a file; we read them as they come. Who starts the process is a starter: `Fresh` here, a new Python
each time; `Warm` in warm.py, a fork of a parent that has imported everything.
"""

import functools
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
from deepbook.course.results import Report, Result, gather, settled
from deepbook.course.workspace import Workspace

LIMIT_S = float(os.environ.get("DEEPBOOK_LIMIT_S", 20))  # for one test; the plug-in reads the same variable
GRACE_S = 5  # after the limit: for code that no signal can stop
START_S = 60  # until the first event: Python and JAX are read from a cold disk
# Half the time to compile, for programs that run only a few times. Level 0 computes wrong gradients in XLA 0.10.2.
QUICK_TO_COMPILE = "--xla_cpu_use_fusion_emitters=false --xla_backend_optimization_level=1"
KNOWN_XLA = ("0.10.", "0.11.")  # versions of jaxlib that take these flags; a flag that XLA does not know ends Python
LOOK_S = 0.01  # between two looks at the events
EVENTS = 16_000_000  # bytes of events that are read


class Cancelled(Exception):
    """The run was stopped because its result is no longer wanted."""


def user_cache() -> Path:
    """Where things are kept that can be made again."""
    from platformdirs import user_cache_path

    return user_cache_path("deepbook", appauthor=False)


class Fresh:
    """Starts each run in a new Python."""

    def start(self, arguments: list[str], folder: Path, limit_s: float) -> "FreshProcess":
        """pytest with these arguments. Raises MachineProblem if no process can be started."""
        return FreshProcess([sys.executable, "-P", "-m", "pytest", *arguments], folder, environment(limit_s))

    def close(self):
        """There is nothing to end."""


class FreshProcess:
    """One new Python: its `output` is a pipe."""

    def __init__(self, command, folder, env):
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        try:
            self.process = subprocess.Popen(command, cwd=folder, env=env, start_new_session=True, **pipes)
        except OSError as error:
            raise MachineProblem(f"Python could not be started for the tests: {error.strerror}.") from error
        self.output = self.process.stdout

    def poll(self) -> int | None:
        """The exit code, as subprocess gives it; None while it runs."""
        return self.process.poll()

    def stop(self):
        stop(self.process)


def run(
    workspace: Workspace,
    exercises: tuple[Exercise, ...],
    answers: str = "exercises",
    full: bool = False,
    limit_s: float = LIMIT_S,
    on_event: Callable[[dict], None] = lambda event: None,
    on_result: Callable[[Result], None] = lambda result: None,
    cancel: threading.Event | None = None,
    starter=None,
) -> Report:
    """Test `exercises`. When one hangs or kills its process, the others still run, in another process.

    on_event: called with each event as it comes. on_result: called as soon as one exercise's result is known.
    cancel: set it to stop; then Cancelled is raised. starter: who starts the processes, by default Fresh().
    """
    report, starter, cancel = Report(), starter or Fresh(), cancel or threading.Event()
    left = list(exercises)
    for exercise in exercises:
        if not (workspace.folder / exercise.test_file).exists():
            sentence = f"{exercise.test_file} is missing. {workspace.mend(exercise.test_file)}"
            report.add(exercise, "broken", sentence)
    while left := [exercise for exercise in left if exercise.id not in report.results]:
        once = _Once(workspace, left, answers, full, limit_s, starter)
        ending = once.go(on_event, on_result, cancel)
        if not once.events and not isinstance(starter, Fresh):  # it did not even begin: a new Python may
            once = _Once(workspace, left, answers, full, limit_s, Fresh())
            ending = once.go(on_event, on_result, cancel)
        gather(report, left, once.events, once.output, ending, workspace)
    report.sort(exercises)
    return report


class _Once:
    """One pytest process."""

    def __init__(self, workspace, exercises, answers, full, limit_s, starter):
        self.workspace, self.exercises, self.limit_s, self.starter = workspace, exercises, limit_s, starter
        self.events, self.output, self.told = [], Output(), set()
        folder = str(workspace.folder)
        self.arguments = [
            *("-q", "--no-header", "--capture=no", "-p", "no:cacheprovider", "--continue-on-collection-errors"),
            *("-c", f"{folder}/pytest.ini", "--rootdir", folder),
            *("--only", ",".join(each.id for each in exercises)),
            *(("--full",) if full else ()),
            *("--answers", answers),
            *dict.fromkeys(str(workspace.folder / each.test_file) for each in exercises),
        ]

    def go(self, on_event, on_result, cancel) -> str:
        """Run to the end. Returns how it ended: "end", "stuck", "flood" or "exit <code>"."""
        with tempfile.TemporaryDirectory(prefix="deepbook-") as folder:
            self.file = Path(folder) / "events"
            self.file.touch()
            arguments = [*self.arguments, "--events", str(self.file)]
            process = self.starter.start(arguments, self.workspace.folder, self.limit_s)
            self.output.read(process.output)
            try:
                return self._follow(process, on_event, on_result, cancel)
            finally:
                process.stop()
                self.output.close()

    def _follow(self, process, on_event, on_result, cancel):
        patience, last, place = START_S, time.monotonic(), 0
        while True:
            code = process.poll()  # asked first, so that no last event is missed
            place, fresh = self._news(place)
            for event in fresh:
                self.events.append(event)
                on_event(event)
                patience, last = self.limit_s + GRACE_S, time.monotonic()
            if fresh:
                self._tell(on_result)
            if cancel.is_set():
                raise Cancelled
            if self.events and self.events[-1]["event"] == "end":
                return "end"
            if self.output.flooded:
                return "flood"
            if code is not None:
                return f"exit {code}"
            if time.monotonic() - last > patience:
                return "stuck"
            time.sleep(LOOK_S)

    def _tell(self, on_result):
        for result in settled(self.exercises, self.events, self.output, ended=False):
            if result.exercise.id not in self.told:
                self.told.add(result.exercise.id)
                on_result(result)

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


@functools.cache
def xla_flags(own: str = "") -> str:
    """The value of XLA_FLAGS for a process that tests answers; `own` flags come last, so they win."""
    from importlib.metadata import version

    return " ".join(each for each in (QUICK_TO_COMPILE * version("jaxlib").startswith(KNOWN_XLA), own) if each)


def environment(limit_s: float) -> dict[str, str]:
    """The variables of the tests' process. JAX keeps what it compiled, so that the next run is faster."""
    drop = ("PYTEST_ADDOPTS", "PYTHONSTARTUP", "PYTHONINSPECT")
    kept = {name: value for name, value in os.environ.items() if name not in drop}
    quick = {
        "JAX_PLATFORMS": "cpu",  # small arrays: an accelerator would take longer to start than the tests take
        "JAX_COMPILATION_CACHE_DIR": str(user_cache() / "jax"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "0",
    }
    return {
        **quick,
        **kept,
        "XLA_FLAGS": xla_flags(kept.get("XLA_FLAGS", "")),
        "DEEPBOOK_LIMIT_S": f"{limit_s:g}",
        "PYTHONHASHSEED": "0",  # a set has the same order in each run
        "TF_CPP_MIN_LOG_LEVEL": "3",  # what XLA logs is not what the learner printed
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
