"""The trusted process of one submission: pytest over the trusted copy's tests, with stand-ins in the student's place.

First every test of the handout runs once, with the handout's own seed: what the student's code prints and raises may be
shown. Only then come the drawn inputs and the hidden tests, of which nothing but their outcome may be shown: so no
output can carry what these ask. What is found goes to examiner.py as lines of JSON.
"""

import contextlib
import importlib
import os
import re
import signal
import sys
import tempfile
import time
import traceback
import zlib
from pathlib import Path

import numpy as np
import pytest
from _pytest.fixtures import FixtureLookupError
from _pytest.runner import pytest_make_collect_report, runtestprotocol

from deepbook.course import checks
from deepbook.course.explain import Missing, Unfair, explain, near, unfair_import
from deepbook.course.index import ExerciseSet, book_root
from deepbook.course.mistakes import recognise, try_mistakes
from deepbook.course.plugin import Course, missing_or_unfair, refusing
from deepbook.grading import compiled, standin
from deepbook.grading.job import Job, hidden_files, normal, said
from deepbook.grading.lend import Borrower
from deepbook.grading.standin import NotLoaded
from deepbook.grading.talk import Clock, Ended, TooLong
from deepbook.grading.wire import clean

LONGEST = 4000  # letters of a message
SHORT = 300  # letters of a reason that only the instructor reads
PHASES = (("visible",), ("drawn", "hidden"))
NO_TEXT = (
    "{file} is no UTF-8 text, so Python cannot read it. Save it again as UTF-8: in VS Code a click on the encoding, at "
    "the lower right, offers “Save with Encoding”; Notepad asks for it under “Save as”."
)
WORDS = {
    "memory": "took more memory than the {memory_mb} MB that it may use: is an array far larger than you meant?",
    "crashed": "ended Python itself in the middle of a test: is there an exit(), os._exit() or a crash in it?",
    "protocol": "disturbed what the grader and your code say to each other, and was stopped.",
}


def run(job: Job, results: int):
    """Run the job; `results` is the descriptor of a socket to the grader, which nobody else holds."""
    out = Borrower(results)
    clock = Clock(job.test_s, job.whole_s)
    with tempfile.TemporaryDirectory(prefix="deepbook-exam-") as folder, contextlib.ExitStack() as stack:
        if job.cache:
            stack.enter_context(compiled.used(job.cache, job.fill))
        os.chdir(folder)  # nothing of the submission lies here, only below
        folder = Path(folder) / "handed-in"
        folder.mkdir()
        student = NoStudent(job.index) if job.only_list else a_student(job, clock, folder, out)
        stack.callback(student.close)
        exam = Exam(job, student, clock, folder, out)
        tests = book_root() / "exercises"
        arguments = ["-q", "--no-header", "--capture=no", "--noconftest", "-p", "no:cacheprovider", "--assert=plain"]
        arguments += ["-p", "no:unraisableexception", "-p", "no:threadexception"]  # they collect garbage all the time
        arguments += ["--tb=no"]  # nobody sees pytest's own words, and they take most of the time of a wrong answer
        arguments += ["-c", str(tests / "pytest.ini"), "--rootdir", str(tests), "--continue-on-collection-errors"]
        arguments += [str(tests / each.test_file) for each in job.index.sets if each.file not in job.sets_done]
        arguments += map(str, hidden_files(job.hidden))
        if pytest.main(arguments, plugins=[exam]) == pytest.ExitCode.INTERNAL_ERROR:
            return  # without a word of its end: the tests that are left run in another process
        out.say("end", cpu=time.process_time(), endings=student.endings, printed=exam.printed)


def a_student(job, clock, folder, out):
    files = {name: normal(content) for name, content in job.files.items()}
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return standin.Student(files, out.jail, clock, folder)


class NoStudent:
    """Knows all functions and runs none: with it the tests can be listed."""

    def __init__(self, index):
        self.names = {}
        for each in index.sets:
            module = f"{each.chapter}.{each.name}"
            self.names[module] = [name for _, name in standin.signatures(book_root() / "exercises" / each.file, module)]
        self.endings, self.files = [], {}

    def load(self, module):
        return self.names[module], []

    def close(self):
        pass


class Exam(Course):
    """The plug-in: as in the course, but the answers run in a jail and the results go to examiner.py."""

    def __init__(self, job: Job, student, clock, folder, out):
        self.job, self.student, self.clock, self.out = job, student, clock, out
        self.index, self.answers, self.limit_s = job.index, folder, job.test_s
        self.folder = book_root() / "exercises"
        self.sets = {self.folder / each.test_file: each for each in job.index.sets}
        self.explained = set()  # exercises of which a test has failed
        self.lost = set()  # exercises of which a test lost its process: the others are not tried
        self.kind, self.printed, self.current, self.events = "visible", "", None, None
        stubs = {}
        for each in job.index.sets:
            stubs |= standin.signatures(self.folder / each.file, f"{each.chapter}.{each.name}")
        self.finder = standin.StandIns(student, job.index.sets, stubs)
        for file, event in job.sets_done.items():
            self.cannot_load(file, event["status"], event["message"])
        sys.meta_path.insert(0, self.finder)

    def cannot_load(self, file: str, status: str, message: str):
        """From now on the functions of this file refuse to be called, and say why."""
        module = file.removesuffix(".py").replace("/", ".")
        told = message if file in message else f"{file} could not be loaded. {message}"
        self.finder.failed.setdefault(module, NotLoaded(told, status))
        self.finder.told[module] = told, status

    @pytest.fixture
    def rng(self, request):
        """The handout's random inputs, or this student's own."""
        name = zlib.crc32(request.node.name.encode())
        if self.kind == "visible":
            return np.random.default_rng([0, name])
        seed = self.job.seeds[self.exercise(request.node).id]
        return np.random.default_rng([int.from_bytes(seed, "big"), name])

    def exercise(self, item):
        known = self.sets.get(item.path)
        if known is not None:
            return super().exercise(item)
        name = getattr(item, "originalname", item.name).removeprefix("test_")
        fits = [e for e in self.hidden_exercises(item.path) if f"{name}_".startswith(f"{e.name}_")]
        return max(fits, key=lambda e: len(e.name), default=None)

    def hidden_exercises(self, path: Path):
        """The exercises of the sets that a hidden test file names."""
        text = path.read_text(encoding="utf-8", errors="replace")
        return [e for each in self.index.sets if names(text, each) for e in each.exercises]

    # -------------------------------------------------------------- collecting

    @pytest.hookimpl(tryfirst=True)
    def pytest_make_collect_report(self, collector):
        """Load the student's file before its tests do."""
        if not isinstance(collector, pytest.Module):
            return None
        known = self.sets.get(collector.path)
        if known is None:
            return self.collect_hidden(collector)
        self.out.say("load", file=known.file)
        self.clock.begin()
        try:
            with self.alarm():
                self.load(known)
        except BaseException as error:
            status = self.status(error)
            status = "missing" if isinstance(error, Missing) else "broken" if status in ("failed", "todo") else status
            message = self.message(error, known)
            self.cannot_load(known.file, status, message)
            self.out.say("set", file=known.file, status=status, message=message)
            return pytest.CollectReport(collector.nodeid, "failed", "", [])
        return None

    def load(self, known: ExerciseSet):
        file = self.answers / known.file
        if isinstance(self.student, NoStudent):
            return
        if known.file not in self.student.files:
            raise Missing(f"{known.file} was not handed in.")
        if b"\0" in self.student.files[known.file]:
            raise Unfair(NO_TEXT.format(file=known.file))
        source = file.read_text(encoding="utf-8")
        try:
            sentence = unfair_import(source, known.imports)
        except (RecursionError, MemoryError, ValueError) as error:
            raise Unfair(f"{known.file} cannot be read: {type(error).__name__}.") from error
        if sentence:
            raise Unfair(f"{known.file}: {sentence}")
        module = importlib.import_module(f"{known.chapter}.{known.name}")
        if error := self.finder.failed.get(module.__name__):
            raise error
        for exercise in known.exercises:
            if problem := missing_or_unfair(exercise, module, source):
                setattr(module, exercise.name, refusing(exercise, problem))
        self.finder.complete(module)

    def collect_hidden(self, collector):
        """One of the instructor's files: where it does not work, manifest.py says so."""
        report = pytest_make_collect_report(collector)
        if report.failed:
            error = report.call.excinfo.value
            error = error.__cause__ or error  # pytest tells a SyntaxError and an ImportError in its own words
            places = [f.lineno for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == collector.path]
            line = error.lineno if isinstance(error, SyntaxError) else (places or [None])[-1]
            text = error.msg if isinstance(error, SyntaxError) else str(error).replace(" (unknown location)", "")
            known = {"file": str(collector.path), "line": line, "kind": type(error).__name__}
            self.out.say("bad hidden file", **known, message=clean(text, SHORT))
            report.longrepr = ""
        return report

    def pytest_collectreport(self, report):
        """A test file of the book that does not work: its exercises count as not tested, and manifest.py says so."""
        if report.failed and report.longrepr:
            self.out.say("bad test file", file=str(report.nodeid), message=str(report.longrepr)[-LONGEST:])

    @pytest.hookimpl(hookwrapper=True)
    def pytest_pycollect_makemodule(self, module_path, parent):
        """Functions of the test modules travel by value: in the jail there are no tests."""
        yield

    def pytest_collection_modifyitems(self, config, items):
        order = {exercise: place for place, exercise in enumerate(self.index.exercises)}
        items.sort(key=lambda item: order.get(self.exercise(item), len(order)))

    # -------------------------------------------------------------- running

    def pytest_runtestloop(self, session):
        """All tests of the first phase, then all of the second."""
        import cloudpickle

        for name, module in list(sys.modules.items()):
            if getattr(module, "__file__", None) and Path(module.__file__).name.startswith("test_") and name.count("."):
                with contextlib.suppress(ValueError):
                    cloudpickle.register_pickle_by_value(module)
        plan = [
            (item, kind) for kinds in PHASES for item in session.items for kind in self.kinds(item) if kind in kinds
        ]
        for place, (item, kind) in enumerate(plan):
            if kind != "visible" and self.kind == "visible" and not self.job.only_list:
                self.printed = said(self.student.printed())
            self.one(item, kind, plan[place + 1][0] if place + 1 < len(plan) else None)
        if self.kind == "visible" and not self.job.only_list:
            self.printed = said(self.student.printed())
        return True

    def kinds(self, item):
        if item.path not in self.sets:
            return ("hidden",)
        return ("visible", "drawn") if "rng" in item.fixturenames else ("visible",)

    def one(self, item, kind, after):
        """Run one test once."""
        exercise, self.kind = self.exercise(item), kind
        if exercise is None and self.job.only_list:
            self.out.say("stray", **place(item), test=item.name)
        if exercise is None or (exercise.id, item.name, kind) in self.job.done:
            return
        named = {"exercise": exercise.id, "test": item.name, "kind": kind}
        if self.job.only_list:
            self.out.say("test", **named, **place(item))
            return
        self.out.say("start", **named)
        if exercise is not self.current:
            self.current = exercise
            checks.log.calls.clear()
        item._initrequest()
        skipped = {"for_instructor": "The test was skipped.", "of_the_test": True}
        self.found = {"status": "failed", "message": "The test was skipped.", **skipped}
        runtestprotocol(item, log=False, nextitem=after)
        self.out.say("result", **named, **self.found)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item, nextitem):
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        exercise = self.exercise(item)
        if exercise in self.lost:
            raise self.lost_error
        self.clock.begin()
        self.clock.check()  # the whole submission may have had its time
        self.student.pending = None
        try:
            with self.alarm():
                return (yield)
        except BaseException:
            if self.student.pending is not None:  # what a call inside a program of JAX really was
                raise self.student.pending from None
            raise

    @contextlib.contextmanager
    def alarm(self):
        """The clock also runs where a test loops over what came back."""

        def ring(*_):
            self.clock.check()

        before = signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, 3 * self.limit_s + 1, 1)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        if report.when == "call" and report.passed:
            self.found = {"status": "passed", "message": ""}
            if self.job.fill and self.kind == "visible":
                try_mistakes(self.exercise(item), checks.log.calls)
                checks.log.calls.clear()
        elif report.failed:
            self.found = self.failure(item, call.excinfo.value)
        return report

    def failure(self, item, error) -> dict:
        exercise = self.exercise(item)
        status = self.status(error)
        if isinstance(error, Ended):
            self.lost.add(exercise)
            self.lost_error = error
        about = " ".join((item.function.__doc__ or "").strip().split("\n\n")[0].split())
        if self.kind != "visible":
            needs = str(error) if isinstance(error, NotLoaded) else ""
            known = {"status": status, "message": "", "about": about, "mistake": None, "needs": needs}
            return {**known, **for_instructor(item, error)}
        text = self.message(error, next(each for each in self.index.sets if each.file == exercise.file))
        calls = [each for each in checks.log.calls if not isinstance(each.error, NotImplementedError)]
        telling = not isinstance(error, checks.InputChanged | Ended) and exercise not in self.explained
        self.explained.add(exercise)  # its first failure is what the student is told
        found = recognise(exercise.chapter, exercise.name, calls) if telling else None
        text = f"{text}\n{found.sentence}" if found else text
        return {"status": status, "message": text[:LONGEST], "about": about, "mistake": found.name if found else None}

    def status(self, error) -> str:
        if isinstance(error, Ended | NotLoaded):
            return error.status
        return {"NotImplementedError": "todo", "Missing": "broken"}.get(type(error).__name__, "failed")

    def message(self, error, known) -> str:
        """What the student is told: as at home."""
        if isinstance(error, NotLoaded):
            return clean(str(error), LONGEST)
        if isinstance(error, Ended) and error.status in WORDS:
            call = checks.log.calls[-1] if checks.log.calls and self.current in known.exercises else None
            who = checks.written(call.function, call.inputs) if call else known.file
            return f"{who} {WORDS[error.status].format(memory_mb=self.job.memory_mb)}"
        if isinstance(error, TooLong) and error.args == ("the whole submission",):
            return f"The whole submission used up its {self.job.whole_s:g} seconds before this test."
        return clean(explain(error, known, self.answers / known.file, self.limit_s), LONGEST)


def names(text: str, known: ExerciseSet) -> bool:
    """Whether a test's text imports this set."""
    return f"{known.chapter}.{known.name}" in text or bool(
        re.search(rf"^\s*from {known.chapter} import .*\b{known.name}\b", text, re.MULTILINE)
    )


def place(item) -> dict:
    """Where a test is written."""
    return {"file": str(item.path), "line": item.function.__code__.co_firstlineno}


def for_instructor(item, error) -> dict:
    """Why a test failed that students do not have, in short, and whether the test itself is wrong.

    No student may read it: it can tell what the test asks. What the student's own code said is not in it.
    """
    if isinstance(error, FixtureLookupError):
        meant = " Did you mean `rng`?" if near(str(error.argname), ["rng"]) else ""
        return {"for_instructor": f"There is no fixture `{clean(str(error.argname), 80)}`.{meant}", "of_the_test": True}
    frames = traceback.extract_tb(error.__traceback__)
    mine = [frame for frame in frames if Path(frame.filename) == item.path]
    where = f" ({item.path.name}, line {mine[-1].lineno})" if mine else ""
    kind, said = type(error).__name__, str(error) or (mine[-1].line if mine else "")
    misused = getattr(error, "misused", "")
    if misused:
        said = f"`{misused}` is called with other inputs than it has in the handout"
    elif getattr(error, "of_student", False):
        kind = next(each.__name__ for each in type(error).__mro__ if each.__module__ == "builtins")
        said = "raised by the code that was handed in"
    text = f"{kind}: {said}" if said else kind
    why = clean(" ".join(text.split()), SHORT) + where
    here = bool(frames) and Path(frames[-1].filename) == item.path
    wrong = here and isinstance(error, NameError | ImportError)
    return {"for_instructor": why, "of_the_test": bool(wrong or misused)}
