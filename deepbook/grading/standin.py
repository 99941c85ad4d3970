"""Stands for a student's files in the trusted process: modules whose functions run elsewhere.

A call with values goes to the jailed worker. A call with what JAX traces (inside jax.jit, jax.grad, jax.vmap) lets the
worker export the function as a program; a second jail, without the student's Python, runs it. The tests notice nothing.
"""

import functools
import importlib.abc
import importlib.util
import inspect
import sys
from pathlib import Path

from deepbook.course.checks import Counted
from deepbook.grading import failures, wire
from deepbook.grading.talk import BrokenProtocol, Clock, Ended, Side
from deepbook.grading.traced import Program
from deepbook.grading.travel import (
    NotReturned,
    changed_input,
    is_plain,
    is_tracer,
    jax_value,
    key_kind,
    no_value,
    special,
)

MANY = 500  # names of a module


class NotLoaded(Exception):
    """A test called a function of a file that could not be loaded. The text names the file and says why."""

    def __init__(self, text: str, status: str):
        super().__init__(text)
        self.status = status


class Student:
    """A submission that runs in jails. Workers start when they are needed, and a dead one is replaced.

    files: text by name. start(program): a jail for "worker" or "program". folder: the files, to be read as text.
    """

    def __init__(self, files: dict[str, bytes], start, clock: Clock, folder: Path):
        self.files, self.start, self.clock, self.folder = files, start, clock, folder
        self.worker, self.evaluator, self.loaded = None, None, set()
        self.sides = []  # all jails that there were
        self.endings = []  # how they were lost: statuses
        self.pending = None  # what ended a call inside a program of JAX, which would hide it

    # ---------------------------------------------------------------- asking

    def ask_worker(self, op, **request):
        if self.worker is None:
            self.worker, self.loaded = Side(lambda: self.start("worker"), self.clock, jax_value, special), set()
            self.sides.append(self.worker)
            self.ask(self.worker, "files", files=self.files)
        return self.ask(self.worker, op, **request)

    def ask_evaluator(self, op, **request):
        if self.evaluator is None:
            self.evaluator = Side(lambda: self.start("program"), self.clock)
            self.sides.append(self.evaluator)
        return self.ask(self.evaluator, op, **request)

    def ask(self, side, op, **request):
        try:
            answer = side.ask(op, **request)
        except Ended as error:
            self.endings.append(error.status)
            self.forget(side)
            raise
        if "ok" in answer:
            return answer["ok"]
        if type(why := answer.get("not plain")) is str:
            raise NotReturned(wire.clean(why, 200))
        error = failures.rebuilt(answer.get("error"), self.folder, self.files)
        error.of_student = True  # its text is the student's
        raise error

    def forget(self, side):
        if side is self.worker:
            self.worker = None
        if side is self.evaluator:
            self.evaluator = None

    def broken(self, side, why):
        """The side gave something of another form than it must."""
        side.close()
        self.endings.append(BrokenProtocol.status)
        self.forget(side)
        return BrokenProtocol(why)

    def close(self):
        for side in self.sides:
            side.close()

    def printed(self) -> str:
        """What the student's code has printed so far, in all workers."""
        return "".join(side.jail.printed() for side in self.sides)

    # ---------------------------------------------------------------- modules and functions

    def load(self, module: str) -> tuple[list[str], list[str]]:
        """Import a file in the worker. Gives the names of what can be called, and the other names."""
        answer = self.ask_worker("load", module=module)
        try:
            functions, others = ([name for name in names[:MANY] if is_plain(name)] for names in answer)
        except (TypeError, ValueError, AttributeError):
            raise self.broken(self.worker, "it gave no list of names") from None
        self.loaded.add(module)
        return functions, others

    def call(self, module, name, args, kwargs):
        """What the student's function gives."""
        tracers = []
        if "jax" in sys.modules:
            tree = wire.take_out([args, kwargs], is_tracer, tracers)
        if tracers:
            return self.traced(module, name, tree, tracers)
        self.ensure(module)
        try:
            answer = self.ask_worker("call", module=module, name=name, args=args, kwargs=kwargs)
        except NotReturned as error:
            raise no_value(name, error) from None
        if type(answer) is not list or len(answer) != 2:
            raise self.broken(self.worker, "it gave no value")
        value, changed = answer
        if changed is not None:
            raise changed_input(name, args, changed)
        return value

    def ensure(self, module):
        """A worker that has imported the module."""
        if self.worker is None or module not in self.loaded:
            self.load(module)

    def traced(self, module, name, tree, tracers):
        """The same inside a function that JAX traces: a program takes the student's place."""
        import jax

        kinds = [key_kind(each) or "j" for each in tracers]
        leaves = [jax.random.key_data(each) if key_kind(each) else each for each in tracers]
        avals = [
            [k, x.dtype.name, list(x.shape), bool(getattr(x, "weak_type", 0))]
            for k, x in zip(kinds, leaves, strict=True)
        ]
        counters = []
        wire.take_out(tree, lambda each: isinstance(each, Counted), counters)
        program = Program(self, module, name, tree, avals)
        for counter in counters:
            counter.calls += program.marks
        return program(leaves)


# ------------------------------------------------------------------ modules


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds `chNN_name.<set>`: a module of stand-ins.

    Also a file that cannot be loaded gives a module, whose functions refuse: a test that needs no other file runs.
    signatures: of the functions as they were handed out, by module and name.
    """

    def __init__(self, student: Student, sets, signatures):
        self.student, self.signatures = student, signatures
        self.modules = {f"{each.chapter}.{each.name}" for each in sets}
        self.packages = {each.chapter for each in sets}
        self.failed = {}  # by module, the error that keeps it from being loaded
        self.told = {}  # by module, that error's text and status

    def find_spec(self, name, path=None, target=None):
        if name in self.modules or name in self.packages:
            return importlib.util.spec_from_loader(name, self, is_package=name in self.packages)
        return None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__name__
        if name not in self.modules:
            return
        functions, others = [], []
        if name not in self.failed:
            try:
                functions, others = self.student.load(name)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # also that its process is lost
                self.failed[name] = error
        for each in others:
            setattr(module, each, None)
        for each in functions:
            setattr(module, each, stand_in(self.student, name, each, self.signatures.get((name, each))))
        if name in self.failed:
            self.complete(module)

    def complete(self, module):
        """Functions that were handed out and are not there refuse to be called; who imports them is not harmed."""
        for place, name in self.signatures:
            if place == module.__name__ and not hasattr(module, name):
                setattr(module, name, self.refusing(place, name))

    def refusing(self, module, name):
        def function(*_, **__):
            file = f"{module.replace('.', '/')}.py"
            what = "could not be loaded" if module in self.failed else f"has no function `{name}`"
            raise NotLoaded(*self.told.get(module, (f"{file} {what}.", "broken")))

        function.__name__ = function.__qualname__ = name
        function.__module__ = module
        function.student_place = module, name
        function.__signature__ = self.signatures[module, name]
        return function


def stand_in(student, module, name, signature=None):
    """A function here for a function there."""

    def function(*args, **kwargs):
        try:
            return student.call(module, name, args, kwargs)
        except TypeError as error:
            if signature is not None and not binds(signature, args, kwargs):
                error.misused = name  # the test does not call it as it was handed out
            raise

    function.__name__ = function.__qualname__ = name
    function.__module__ = module
    function.student_place = module, name
    if signature is not None:
        function.__signature__ = signature
    return function


def binds(signature, args, kwargs) -> bool:
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        return False
    return True


@functools.cache
def signatures(path: Path, module: str) -> dict:
    """The signatures of a file's functions, without running it: what their inputs are called."""
    import ast

    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
            names = [each.arg for each in node.args.args]
            optional = len(names) - len(node.args.defaults)
            found[module, node.name] = inspect.Signature(
                inspect.Parameter(each, kind, default=inspect.Parameter.empty if i < optional else None)
                for i, each in enumerate(names)
            )
    return found
