"""What the exercises' `conftest.py` adds to pytest: which answers are tested, and what is said when one fails.

- `--answers=solutions` tests the book's own answers in place of the learner's.
- `--seed N` draws other random inputs (the fixture `rng`).
- `--full` shows pytest's whole traceback.
- `--events FILE` writes a line of JSON for each test that starts or ends: how `deepbook check` listens. What is
  printed between two marks then belongs to the test (or the file) that the first mark names. Once an exercise has
  failed a test, its others are skipped: only the first failure is shown.
- `--only a,b` runs only the tests of these exercises.
- `--points` prints the points that are reached: see points.py.
"""

import importlib.util
import json
import os
import signal
import sys
import threading
import traceback
import zlib
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path

import numpy as np
import pytest

from deepbook.course import checks, guard, points
from deepbook.course.compare import without_guess
from deepbook.course.explain import Missing, Unfair, explain, forbidden_name, near, unfair_import
from deepbook.course.index import Exercise, ExerciseSet, book_root, load_index
from deepbook.course.mistakes import recognise

os.environ.setdefault("JAX_PLATFORMS", "cpu")  # the same numbers everywhere; small arrays need no accelerator
MARK = "\x1e"  # begins a line of output that says whose the next lines are
LONGEST = 20_000  # letters of a message or traceback that are passed on


class TooLong(BaseException):
    """A test ran out of time. Not an Exception, so that a learner's `except Exception` cannot swallow it."""


def add_options(parser):
    group = parser.getgroup("deepbook")
    group.addoption("--answers", default="exercises", choices=["exercises", "solutions"], help="whose answers to test")
    group.addoption("--seed", type=int, default=0, help="draw the random inputs with another seed")
    group.addoption("--full", action="store_true", help="show the whole traceback of a failure")
    group.addoption("--only", default=None, help="the exercises to test, for example ch01/update,ch01/xor")
    group.addoption("--events", default=None, help="write each test's start and result to this file, as lines of JSON")
    points.add_option(group)


class Answers:
    """Finds `chNN_name.<set>` in the folder of the answers under test, whatever sys.path says."""

    def __init__(self, folder: Path, sets: tuple[ExerciseSet, ...]):
        self.files = {f"{each.chapter}.{each.name}": folder / each.file for each in sets}
        self.chapters = {each.chapter: folder / each.chapter for each in sets}

    def find_spec(self, name, path=None, target=None):
        if name in self.chapters:
            spec = ModuleSpec(name, None, is_package=True)
            spec.submodule_search_locations = [str(self.chapters[name])]
            return spec
        if name in self.files and self.files[name].exists():
            loader = FromSource(name, str(self.files[name]))
            return importlib.util.spec_from_file_location(name, self.files[name], loader=loader)
        return None


class FromSource(SourceFileLoader):
    """Reads the file itself, never the bytecode that a notebook may have left: that may be of an earlier save."""

    def get_code(self, fullname):
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


class Course:
    """One pytest run over a folder of exercises."""

    def __init__(self, config, folder: Path):
        self.config, self.folder = config, folder.resolve()
        self.limit_s = float(os.environ.get("DEEPBOOK_LIMIT_S", 20))  # for one test, or for importing one file
        answers = config.getoption("--answers")
        self.answers = self.folder if answers == "exercises" else book_root() / answers
        self.index = load_index(self.folder)
        self.sets = {self.folder / each.test_file: each for each in self.index.sets}
        self.events = open(path, "a", encoding="utf-8") if (path := config.getoption("--events")) else None  # noqa: SIM115
        self.endless: set[Exercise] = set()  # exercises with a test that ran out of time
        self.failed: set[Exercise] = set()  # exercises of which the learner is shown a failure already
        self.refused: set[str] = set()  # sets whose file of answers could not be imported
        self.current = None  # the exercise whose calls are in the log
        sys.dont_write_bytecode = True  # a second save within a second must not meet the first one's bytecode
        sys.meta_path.insert(0, Answers(self.answers, self.index.sets))
        guard.watch(self.answers, Unfair)
        points.count(self)
        if self.events:  # a run of deepbook's own, in a process that is for nothing else
            guard.limit_memory()
            guard.die_with_parent()
            sys.stdout = open(os.dup(1), "w", buffering=1, errors="replace")  # noqa: SIM115  os.close(1) does not end it

    @pytest.fixture
    def rng(self, request):
        """Random inputs: the same at every run, others with `--seed`."""
        return np.random.default_rng([self.config.getoption("--seed"), zlib.crc32(request.node.name.encode())])

    def exercise(self, item) -> Exercise | None:
        """The exercise that a test belongs to: the longest name with `test_<name>` at its start."""
        known = self.sets.get(item.path)
        name = getattr(item, "originalname", item.name).removeprefix("test_")
        fits = [e for e in known.exercises if f"{name}_".startswith(f"{e.name}_")] if known else []
        return max(fits, key=lambda e: len(e.name), default=None)

    # -------------------------------------------------------------- collecting

    @pytest.hookimpl(tryfirst=True)
    def pytest_make_collect_report(self, collector):
        """Import the learner's file before its tests do: what is wrong with it is said in our words."""
        known = self.sets.get(collector.path) if isinstance(collector, pytest.Module) else None
        if known is None:
            return None
        self.write({"event": "load", "file": known.file})
        try:
            with self.printing(known.file), time_limit(self.limit_s):
                self.load(known)
            self.write({"event": "loaded"})
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            text = self.text(error, known)[:LONGEST]
            self.refused.add(known.file)
            for exercise in known.exercises:
                self.tell("result", exercise, "", outcome="broken", error=type(error).__name__, message=text)
            return pytest.CollectReport(collector.nodeid, "failed", text, [])
        return None  # pytest goes on

    def load(self, known: ExerciseSet):
        """Import the file of answers, as its tests will; what is wrong with it is found here."""
        file = self.answers / known.file
        if not file.exists():
            raise Missing(f"{known.file} is missing. `deepbook reset {known.id}` brings the empty exercise back.")
        source = file.read_text(encoding="utf-8")
        if sentence := unfair_import(source, known.imports):
            raise Unfair(f"{known.file}: {sentence}")
        module = importlib.import_module(f"{known.chapter}.{known.name}")
        for exercise in known.exercises:
            if problem := missing_or_unfair(exercise, module, source):
                setattr(module, exercise.name, refusing(exercise, problem))

    def text(self, error, known):
        if self.config.getoption("--full"):
            return "".join(traceback.format_exception(error))
        return explain(error, known, self.answers / known.file, self.limit_s)

    def pytest_collectreport(self, report):
        """A test file that cannot be read itself: say so for its exercises."""
        known = next((s for s in self.sets.values() if str(report.nodeid).endswith(s.test_file)), None)
        if report.failed and known and known.file not in self.refused:
            text = f"{known.test_file}, a file of the book, does not work.\n{report.longrepr}"[:LONGEST]
            for exercise in known.exercises:
                self.tell("result", exercise, "", outcome="broken", error="Test", message=text)

    def pytest_collection_modifyitems(self, config, items):
        """Run in the order of the book, with --only nothing else than these."""
        if (only := config.getoption("--only")) is not None:
            items[:] = [item for item in items if (e := self.exercise(item)) and e.id in only.split(",")]
        order = {exercise: place for place, exercise in enumerate(self.index.exercises)}
        items.sort(key=lambda item: order.get(self.exercise(item), len(order)))

    # -------------------------------------------------------------- running

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item, nextitem):
        exercise = self.exercise(item)
        if exercise is not self.current:
            self.current = exercise
            checks.log.calls.clear()
        self.tell("start", exercise, item.name)
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        exercise = self.exercise(item)
        if exercise in self.endless:
            raise TooLong  # its first test never ended: do not wait for the others
        if exercise in self.failed:
            pytest.skip("the first failure is all that is shown")
        with self.printing(f"{exercise.id} {item.name}" if exercise else ""), time_limit(self.limit_s):
            return (yield)

    @contextmanager
    def printing(self, whose):
        """Mark the output of this block as `whose`."""
        if not self.events:
            yield
            return
        mark(whose)
        try:
            yield
        finally:
            mark("")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        exercise = self.exercise(item)
        if exercise is None or (report.passed and report.when != "call"):
            return report
        told = {}
        if report.failed:
            error = call.excinfo.value
            known = self.sets[item.path]
            if isinstance(error, TooLong):
                self.endless.add(exercise)
            elif self.events and not isinstance(error, NotImplementedError):
                self.failed.add(exercise)
            text = explain(error, known, self.answers / known.file, self.limit_s)
            calls = [each for each in checks.log.calls if not isinstance(each.error, NotImplementedError)]
            telling = not isinstance(error, checks.InputChanged)  # else the values say nothing
            found = recognise(exercise.chapter, exercise.name, calls) if telling else None
            if found:
                text = f"{without_guess(text)}\n{found.sentence}"
            about = (item.function.__doc__ or "").strip().split("\n\n")[0]
            told = {
                "error": type(error).__name__,
                "message": text[:LONGEST],
                "mistake": found.name if found else None,
                "about": " ".join(about.split()),
                "full": str(report.longrepr)[-LONGEST:],
            }
            if not self.config.getoption("--full"):
                report.longrepr = f"{told['about']}\n{text}".strip()
        self.tell("result", exercise, item.name, outcome=report.outcome, seconds=round(report.duration, 3), **told)
        return report

    def tell(self, event, exercise, test, **rest):
        if exercise:
            self.write({"event": event, "exercise": exercise.id, "test": test, **rest})

    def write(self, line):
        if self.events:
            clean = {
                k: v.encode("utf-8", "backslashreplace").decode() if isinstance(v, str) else v for k, v in line.items()
            }
            self.events.write(json.dumps(clean) + "\n")
            self.events.flush()

    def pytest_sessionfinish(self, exitstatus):
        if self.events:
            if exitstatus != pytest.ExitCode.INTERNAL_ERROR:  # else the tests that are left run in another process
                self.write({"event": "end"})
            self.events.close()
            self.events = None


def mark(whose: str):
    """From here on what is printed is of `whose`."""
    print(f"\n{MARK}{whose}", flush=True)


def missing_or_unfair(exercise: Exercise, module, source: str) -> Exception | None:
    """What keeps a function from being tested at all."""
    if not callable(getattr(module, exercise.name, None)):
        other = near(exercise.name, vars(module))
        misspelt = f" Is `{other}` meant to be it?" if other else ""
        return Missing(
            f"{exercise.file} has no function `{exercise.name}`.{misspelt} `deepbook reset {exercise.name}` adds the "
            "empty one and leaves your others as they are."
        )
    if name := forbidden_name(source, exercise.name, exercise.forbids):
        return Unfair(f"{exercise.name} uses `{name}`. Here you build that piece yourself, so do without it.")
    return None


def refusing(exercise: Exercise, error: Exception):
    """Stands for a function that is missing or not fair: only its own tests fail, and say so."""

    def function(*_, **__):
        raise error

    function.__name__ = exercise.name
    return function


@contextmanager
def time_limit(seconds: float):
    """Raise TooLong in the block after `seconds`, where the platform can; on Windows only the runner's limit holds."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_):
        raise TooLong

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
