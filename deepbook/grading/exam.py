"""The trusted process of one submission: pytest over the trusted copy's tests, with stand-ins in the student's place.

First every test of the handout runs once, with the handout's own seed: what the student's code prints and raises may be
shown. Only then come the drawn inputs and the hidden tests, of which nothing but their outcome may be shown: so no
output can carry what these ask. What is found goes to examiner.py as lines of JSON.
"""

import contextlib
import importlib
import os
import signal
import sys
import tempfile
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from _pytest.runner import runtestprotocol

from deepbook.course import checks
from deepbook.course.explain import Missing, Unfair, explain, unfair_import
from deepbook.course.index import ExerciseSet, book_root
from deepbook.course.mistakes import recognise
from deepbook.course.plugin import Course, missing_or_unfair, refusing
from deepbook.grading import standin
from deepbook.grading.job import Job, hidden_files, normal, said
from deepbook.grading.lend import Borrower
from deepbook.grading.talk import Clock, Ended, TooLong
from deepbook.grading.wire import clean

LONGEST = 4000  # letters of a message
PHASES = (("visible",), ("drawn", "hidden"))
WORDS = {
    "memory": "took more memory than the {memory_mb} MB that it may use: is an array far larger than you meant?",
    "crashed": "ended Python itself in the middle of a test: is there an exit(), os._exit() or a crash in it?",
    "protocol": "disturbed what the grader and your code say to each other, and was stopped.",
}


def run(job: Job, results: int):
    """Run the job; `results` is the descriptor of a socket to the grader, which nobody else holds."""
    out = Borrower(results)
    if job.cache:
        use_cache(job.cache, job.fill)
    clock = Clock(job.test_s, job.whole_s)
    with tempfile.TemporaryDirectory(prefix="deepbook-exam-") as folder, contextlib.ExitStack() as stack:
        os.chdir(folder)  # nothing of the submission lies here, only below
        folder = Path(folder) / "handed-in"
        folder.mkdir()
        student = NoStudent(job.index) if job.only_list else a_student(job, clock, folder, out)
        stack.callback(student.close)
        exam = Exam(job, student, clock, folder, out)
        tests = book_root() / "exercises"
        arguments = ["-q", "--no-header", "--capture=no", "--noconftest", "-p", "no:cacheprovider", "--assert=plain"]
        arguments += ["-p", "no:unraisableexception", "-p", "no:threadexception"]  # they collect garbage all the time
        arguments += ["-c", str(tests / "pytest.ini"), "--rootdir", str(tests), "--continue-on-collection-errors"]
        arguments += [str(tests / each.test_file) for each in job.index.sets if each.file not in job.sets_done]
        arguments += map(str, hidden_files(job.hidden))
        if pytest.main(arguments, plugins=[exam]) == pytest.ExitCode.INTERNAL_ERROR:
            return  # without a word of its end: the tests that are left run in another process
        out.say("end", cpu=time.process_time(), endings=student.endings, printed=exam.printed)


def use_cache(folder: Path, fill: bool):
    """From now on JAX looks up there what it would compile."""
    import jax
    from jax.experimental.compilation_cache import compilation_cache

    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0 if fill else 1e9)  # 1e9: nothing is written
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
    jax.config.update("jax_persistent_cache_enable_xla_caches", "none")  # else the folder's path is part of each key
    compilation_cache.reset_cache()


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
        self.names = {f"{each.chapter}.{each.name}": [e.name for e in each.exercises] for each in index.sets}
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
        self.lost = set()  # exercises of which a test lost its process: the others are not tried
        self.kind, self.printed, self.current, self.events = "visible", "", None, None
        stubs = {}
        for each in job.index.sets:
            stubs |= standin.signatures(self.folder / each.file, f"{each.chapter}.{each.name}")
        sys.meta_path.insert(0, standin.StandIns(student, job.index.sets, stubs))

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
        text = path.read_text(encoding="utf-8")
        return [e for each in self.index.sets if f"{each.chapter}.{each.name}" in text for e in each.exercises]

    # -------------------------------------------------------------- collecting

    @pytest.hookimpl(tryfirst=True)
    def pytest_make_collect_report(self, collector):
        """Load the student's file before its tests do."""
        if not isinstance(collector, pytest.Module):
            return None
        known = self.sets.get(collector.path)
        if known is None:
            return None
        self.out.say("load", file=known.file)
        self.clock.begin()
        try:
            with self.alarm():
                self.load(known)
        except BaseException as error:
            status = self.status(error)
            status = "missing" if isinstance(error, Missing) else "broken" if status in ("failed", "todo") else status
            self.out.say("set", file=known.file, status=status, message=self.message(error, known))
            return pytest.CollectReport(collector.nodeid, "failed", "", [])
        return None

    def load(self, known: ExerciseSet):
        file = self.answers / known.file
        if isinstance(self.student, NoStudent):
            return
        if known.file not in self.student.files:
            raise Missing(f"{known.file} was not handed in.")
        source = file.read_text(encoding="utf-8")
        try:
            sentence = unfair_import(source, known.imports)
        except (RecursionError, MemoryError, ValueError) as error:
            raise Unfair(f"{known.file} cannot be read: {type(error).__name__}.") from error
        if sentence:
            raise Unfair(f"{known.file}: {sentence}")
        module = importlib.import_module(f"{known.chapter}.{known.name}")
        for exercise in known.exercises:
            if problem := missing_or_unfair(exercise, module, source):
                setattr(module, exercise.name, refusing(exercise, problem))

    def pytest_collectreport(self, report):
        """A test file that does not work is the book's, or the instructor's, fault: examiner.py says so."""
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
            self.out.say("stray", file=str(item.path), test=item.name)
        if exercise is None or (exercise.id, item.name, kind) in self.job.done:
            return
        named = {"exercise": exercise.id, "test": item.name, "kind": kind}
        if self.job.only_list:
            self.out.say("test", **named)
            return
        self.out.say("start", **named)
        if exercise is not self.current:
            self.current = exercise
            checks.log.calls.clear()
        item._initrequest()
        self.found = {"status": "failed", "message": "The test was skipped."}
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
            return {"status": status, "message": "", "about": about, "mistake": None}
        text = self.message(error, next(each for each in self.index.sets if each.file == exercise.file))
        calls = [each for each in checks.log.calls if not isinstance(each.error, NotImplementedError)]
        telling = not isinstance(error, checks.InputChanged | Ended)
        found = recognise(exercise.chapter, exercise.name, calls) if telling else None
        text = f"{text}\n{found.sentence}" if found else text
        return {"status": status, "message": text[:LONGEST], "about": about, "mistake": found.name if found else None}

    def status(self, error) -> str:
        if isinstance(error, Ended):
            return error.status
        return {"NotImplementedError": "todo", "Missing": "broken"}.get(type(error).__name__, "failed")

    def message(self, error, known) -> str:
        """What the student is told: as at home."""
        if isinstance(error, Ended) and error.status in WORDS:
            call = checks.log.calls[-1] if checks.log.calls and self.current in known.exercises else None
            who = checks.written(call.function, call.inputs) if call else known.file
            return f"{who} {WORDS[error.status].format(memory_mb=self.job.memory_mb)}"
        if isinstance(error, TooLong) and error.args == ("the whole submission",):
            return f"The whole submission used up its {self.job.whole_s:g} seconds before this test."
        return clean(explain(error, known, self.answers / known.file, self.limit_s), LONGEST)
