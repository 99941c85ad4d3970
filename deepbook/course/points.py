"""`pytest --points`: a table of the points that the answers reach, after the run.

Nothing else of the run changes, except that a file that cannot be read does not keep the others from being tested.
An exercise's points count when all its tests passed, not only those that were chosen with -k, --only or a name.
"""

from types import SimpleNamespace

import pytest

from deepbook.course.index import Exercise


def add_option(group):
    group.addoption("--points", action="store_true", help="print the points that each exercise reaches")


def count(course):
    """Count in this run, if that was asked for. course: the plugin's Course."""
    if course.config.getoption("--points", False):
        # a file that cannot be read costs only its own points
        course.config.option.continue_on_collection_errors = True
        course.config.pluginmanager.register(Points(course))


class Points:
    """Listens to one run of pytest."""

    def __init__(self, course):
        self.course = course
        self.tests: dict[Exercise, set[str]] = {}  # the names of all tests, chosen or not
        self.chosen: dict[Exercise, dict[str, str]] = {}  # the chosen tests: their node ids and what became of them

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items):
        """Note all tests in the files that were read, before any are left out."""
        for path, module in {item.path: item.module for item in items if item.path in self.course.sets}.items():
            for name in vars(module):
                exercise = self.course.exercise(SimpleNamespace(path=path, name=name))
                if exercise and name.startswith("test_"):
                    self.tests.setdefault(exercise, set()).add(name)

    def pytest_collection_finish(self, session):
        for item in session.items:
            if exercise := self.course.exercise(item):
                self.chosen.setdefault(exercise, {})[item.nodeid] = "not run"

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        exercise = self.course.exercise(item)
        if exercise and (report.when == "call" or not report.passed):
            todo = call.excinfo is not None and isinstance(call.excinfo.value, NotImplementedError)
            known = self.chosen.setdefault(exercise, {})
            if known.get(item.nodeid) in (None, "not run", "passed"):  # a failure stays, whatever comes after it
                known[item.nodeid] = "to do" if todo and report.failed else report.outcome
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self):
        result = yield  # pytest's own last lines come first
        terminal = self.course.config.pluginmanager.get_plugin("terminalreporter")
        if terminal and getattr(self.course.config.option, "numprocesses", None):
            terminal.write_line("Points are counted in a run without -n only.")
        elif terminal:
            self.show(terminal)
        return result

    def show(self, terminal):
        """Print the table."""
        rows = [(exercise, self.word(exercise)) for exercise in self.course.index.exercises]
        shown = [(exercise, word) for exercise, word in rows if word]
        terminal.write_sep("=", "points")
        width = max((len(exercise.id) for exercise, _ in shown), default=8)
        write = terminal.write_line
        write(f"{'exercise':<{width}}  points  reached")
        for exercise, word in shown:
            reached, why = (exercise.points, "") if word == "passed" else (0, word)
            write(f"{exercise.id:<{width}}  {exercise.points:>6g}  {reached:>7g}  {why}".rstrip())
        reached = sum(exercise.points for exercise, word in shown if word == "passed")
        write(f"{'total':<{width}}  {sum(exercise.points for exercise, _ in shown):>6g}  {reached:>7g}")
        if len(shown) < len(rows):
            write(f"Not all tests ran: {len(rows) - len(shown)} of {len(rows)} exercises are not in this table.")
        elif any(word in ("not run", "not all its tests ran") for _, word in rows):
            write("Not all tests ran.")

    def word(self, exercise: Exercise) -> str:
        """What became of an exercise; "passed" if its points count, "" if none of its tests was chosen."""
        chosen = self.chosen.get(exercise, {})
        if exercise.file in self.course.refused:
            return "cannot run"
        for word in ("failed", "to do", "skipped", "not run"):
            if word in chosen.values():
                return word
        if not chosen:
            return ""
        ran = {node.split("::")[-1].split("[")[0] for node in chosen}
        single = any("[" in argument for argument in self.course.config.args)  # one case of a test with several
        return "not all its tests ran" if self.tests.get(exercise, set()) - ran or single else "passed"
