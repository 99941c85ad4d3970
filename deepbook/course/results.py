"""From the events of a run to one result for each exercise."""

import signal
from dataclasses import dataclass, field

from deepbook.course.index import Exercise
from deepbook.course.output import FLOOD

STATUSES = ("passed", "failed", "todo", "broken", "stuck", "crashed")


@dataclass
class Result:
    """How one exercise went; about, message … belong to its first failing test."""

    exercise: Exercise
    status: str  # one of STATUSES
    message: str = ""  # what is wrong, and what a known mistake's teacher says
    about: str = ""  # what the test asks for
    mistake: str | None = None  # the name of a recognised mistake
    full: str = ""  # the whole traceback
    printed: str = ""  # what the learner's code printed during that test
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return self.status == "passed"


@dataclass
class Report:
    """The results by the exercises' ids, in the order of the book."""

    results: dict[str, Result] = field(default_factory=dict)

    def add(self, exercise, status, message="", **rest):
        self.results[exercise.id] = Result(exercise, status, message, **rest)

    def sort(self, exercises):
        self.results = {e.id: self.results[e.id] for e in exercises}

    def __iter__(self):
        return iter(self.results.values())

    @property
    def passed(self) -> bool:
        return all(result.passed for result in self)

    @property
    def first_failing(self) -> Result | None:
        return next((result for result in self if not result.passed), None)


def settled(exercises, events, output, ended: bool) -> list[Result]:
    """The exercises of which all is known by now; `ended`: no more will come, and the process ended well."""
    open_now, found = unfinished(events), []
    for exercise in exercises:
        results = [e for e in events if e.get("exercise") == exercise.id and e["event"] == "result"]
        if not results or open_now in (exercise.id, exercise.file):
            continue
        if ended or _was_left(exercise, events) or _failure(results):
            found.append(_result(exercise, results, output))
    return found


def gather(report: Report, exercises, events, output, ending, workspace):
    """Add to `report` what one process said. It settles at least one of `exercises`, so that the next can go on."""
    open_now = unfinished(events)
    for result in settled(exercises, events, output, ending == "end"):
        report.results[result.exercise.id] = result
    if ending == "end" and open_now is None:
        for exercise in exercises:
            if exercise.id not in report.results:
                sentence = f"No test was found for it in {exercise.test_file}. {workspace.mend(exercise.test_file)}"
                report.add(exercise, "broken", sentence)
        return
    if open_now is not None or not any(each.id in report.results for each in exercises):
        _blame(report, exercises, open_now, ending, output, workspace)


def _result(exercise, results, output) -> Result:
    seconds = round(sum(e.get("seconds", 0) for e in results), 3)
    bad = _failure(results)
    if bad is None:
        return Result(exercise, "passed", seconds=seconds)
    status = {"NotImplementedError": "todo", "Missing": "broken", "TooLong": "stuck"}.get(bad.get("error"), "failed")
    if bad["outcome"] == "broken":
        status = "broken"
    return Result(
        exercise,
        status,
        bad.get("message") or "The test was skipped.",
        about=bad.get("about", ""),
        mistake=bad.get("mistake"),
        full=bad.get("full", ""),
        printed=output.of(f"{exercise.id} {bad['test']}") or output.of(exercise.file),
        seconds=seconds,
    )


def _failure(results):
    return next((e for e in results if e.get("outcome") != "passed"), None)


def unfinished(events):
    """The id of the exercise whose test had started, or the file that was being read, when the process ended."""
    now = None
    for event in events:
        if event["event"] == "start":
            now = event.get("exercise")
        elif event["event"] == "load":
            now = event.get("file")
        elif event["event"] in ("result", "loaded"):
            now = None
    return now


def _was_left(exercise, events):
    """Whether a test of another exercise started after this one's."""
    ids = [e.get("exercise") for e in events if e["event"] in ("start", "result")]
    return bool(ids) and ids[-1] != exercise.id


def _blame(report, exercises, open_now, ending, output, workspace):
    """The process hung or died: say so for the exercise that was under way."""
    left = [e for e in exercises if e.id not in report.results]
    guilty = [e for e in left if open_now in (e.id, e.file)]
    if not guilty:
        if ending == "stuck":
            sentence = "The tests did not start in time. Is this machine very busy? Try again."
        else:
            sentence = f"The tests could not start. {workspace.mend('conftest.py')}\n{output.last_words()[-1500:]}"
        for exercise in left:
            report.add(exercise, "crashed", sentence)
        return
    for exercise in guilty:
        if ending == "stuck":
            sentence = (
                f"{exercise.file} did not come to an end and was stopped. Look for a loop that never ends, "
                "also inside a jitted function."
            )
            report.add(exercise, "stuck", sentence, printed=output.of(exercise.file))
        elif ending == "flood":
            sentence = (
                f"{exercise.file} printed more than {FLOOD // 1_000_000} MB and was stopped. "
                "Look for a print in a loop that never ends."
            )
            report.add(exercise, "stuck", sentence, printed=output.of(exercise.file))
        else:
            report.add(exercise, "crashed", f"{exercise.file} {_death(ending)}", printed=output.of(exercise.file))


def _death(ending):
    code = int(ending.split()[1]) if ending != "end" else 0
    if code == -signal.SIGKILL:
        return "was killed by the system. Most often that means that memory ran out: is an array far too large?"
    if code < 0:
        return f"ended Python by a crash ({signal.Signals(-code).name}). Undo your last change and try a smaller step."
    return "ended Python itself in the middle of a test: is there an exit(), os._exit() or KeyboardInterrupt in it?"
