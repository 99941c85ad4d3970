"""One running `deepbook learn`: what is being tested, how each exercise stands. The terminal and the page show it.

All methods may be called from any thread. After each change every listener is called, without arguments.
"""

import contextlib
import os
import threading
import time
from pathlib import Path

from deepbook.course import files, renew, splice, warm
from deepbook.course.errors import Problem, from_os, short
from deepbook.course.index import Exercise, ExerciseSet, Index
from deepbook.course.progress import Progress
from deepbook.course.results import Report, Result
from deepbook.course.runner import Cancelled, run
from deepbook.course.workspace import Workspace

LARGEST = 1_000_000  # bytes of a file that the page may save
TWICE_S = 2.0  # within this time the same content is not tested a second time


class Changed(Problem):
    """A file on disk is not the one that was read before."""

    def __init__(self, text: str, hash: str):
        super().__init__("This file was changed meanwhile by another program. Both versions are kept: choose one.")
        self.text, self.hash = text, hash


def sentence(error: Exception) -> str:
    """What went wrong, for a learner."""
    if isinstance(error, Problem):
        return str(error)
    if isinstance(error, OSError):
        return str(from_os(error))
    return f"deepbook itself failed ({type(error).__name__}: {error}). Save again to retry."


class Session:
    """The learner's work on one folder, from `deepbook learn` to its end."""

    def __init__(self, workspace: Workspace, starter=None):
        self.workspace = workspace
        workspace.index  # noqa: B018  a broken index is said before anything starts
        self.starter = starter or warm.starter()
        self.progress = Progress(workspace)
        self.running: list[ExerciseSet] = []  # what the run under way tests; empty when it is done
        self.report: Report | None = None  # of the last run that ended
        self.early: dict[str, Result] = {}  # of the run under way, as they come
        self.newly: list[Exercise] = []
        self.about: list[ExerciseSet] = []  # what the last run was about
        self.problem = ""
        self._cancel, self._thread = threading.Event(), None
        self._asked: set[str] = set()  # the files that the last run was begun for; others were left by the run before
        self._tested: dict[str, tuple[str, float]] = {}  # file -> the hash of what the last run tested, and when
        self._listeners = []
        # three locks: to begin a run takes as long as the one before needs to end, and nobody else has to wait for that
        self._beginning, self._lock, self._listening = threading.RLock(), threading.RLock(), threading.Lock()
        self._writing = threading.Lock()  # a learner's files: one page after the other

    @property
    def index(self) -> Index:
        return self.workspace.index

    # -------------------------------------------------------------- who is told

    def listen(self, function):
        with self._listening:
            self._listeners.append(function)

    def unlisten(self, function):
        with self._listening, contextlib.suppress(ValueError):
            self._listeners.remove(function)

    def _changed(self):
        with self._listening:
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    # -------------------------------------------------------------- testing

    def first_sets(self) -> list[ExerciseSet]:
        """What to test at the start: what changed since it was checked, and the next exercise to do."""
        stale = [e for e in self.index.exercises if self.progress.checked(e) and not self.progress.fresh(e)]
        todo = self.progress.next()
        names = {each.file for each in (*stale, *([todo] if todo else []))}
        return [each for each in self.index.sets if each.file in names]

    def check(self, what: str = "all"):
        """Test the files of what this names again. Raises Problem if there is no such thing."""
        exercises = self.index.exercises if what == "all" else self.workspace.named(what)
        names = {each.file for each in exercises}
        self.begin([each for each in self.index.sets if each.file in names])

    def saved(self, paths: set[Path]):
        """Files were saved: test their sets."""
        names = {self._inside(path) for path in paths} - {None}
        if "index.toml" in names:
            self._read_index()
        sets = [s for s in self.index.sets if {s.file, s.test_file} & names]
        if names & {".deepbook/progress.json", ".deepbook/hints.json"} and not self.running:
            self.progress = Progress(self.workspace)  # another deepbook command has written
            self._changed()
        if sets := [each for each in sets if not self._tested_just_now(each)]:
            self.begin(sets)

    def _read_index(self):
        """Take the new index; while it is broken, say so and go on with the old one."""
        renewed = Workspace(self.workspace.folder)
        try:
            renewed.index  # noqa: B018
        except Problem as problem:
            self.problem = str(problem)
        else:
            self.workspace, self.progress, self.problem = renewed, Progress(renewed), ""
        self._changed()

    def _inside(self, path: Path) -> str | None:
        try:
            return Path(os.path.abspath(path)).relative_to(self.workspace.folder).as_posix()  # a link is not followed
        except ValueError:
            return None

    def _tested_just_now(self, each: ExerciseSet) -> bool:
        hash, when = self._tested.get(each.file, ("", 0.0))
        return time.monotonic() - when < TWICE_S and hash == self.progress.hashes(each.exercises[:1]).popitem()[1]

    def begin(self, sets: list[ExerciseSet]):
        """Test `sets`, and those of a run that is not done yet, which is stopped."""
        with self._beginning:
            self.halt()
            asked, names = {each.file for each in sets}, {each.file for each in (*sets, *self.running)}
            sets = [each for each in self.index.sets if each.file in names]
            exercises = tuple(exercise for each in sets for exercise in each.exercises)
            hashes = self.progress.hashes(exercises)
            for each in sets:
                self._tested[each.file] = (hashes[each.exercises[0].id], time.monotonic())
            with self._lock:
                self._cancel, self.running, self.early, self.problem = threading.Event(), sets, {}, ""
                self._asked = asked
            self._thread = threading.Thread(
                target=self._test, args=(sets, exercises, hashes, self._cancel), daemon=True
            )
            self._thread.start()
        self._changed()

    def wait(self):
        """Until the run under way is done."""
        if self._thread:
            self._thread.join()

    def halt(self):
        """Stop the run under way, if there is one."""
        self._cancel.set()
        if self._thread and self._thread is not threading.current_thread():
            self._thread.join(timeout=10)

    def stop(self):
        self.halt()
        self.starter.close()

    def _test(self, sets, exercises, hashes, cancel):
        try:
            report = run(
                self.workspace,
                exercises,
                cancel=cancel,
                starter=self.starter,
                on_result=lambda r: self._early(r, cancel),
            )
            newly = self.progress.record(report, hashes)
            with self._lock:
                self.newly, self.report, self.about, self.running, self.early = newly, report, sets, [], {}
            self._changed()
        except Cancelled:
            pass
        except Exception as error:  # a thread's traceback helps nobody; the next save tries again
            if not cancel.is_set():
                self.say(sentence(error))

    def _early(self, result, cancel):
        if not cancel.is_set():
            self.early[result.exercise.id] = result
            self._changed()

    def say(self, problem: str):
        """A sentence about what does not work; whatever was running is given up."""
        with self._lock:
            self.problem, self.running, self.early = problem, [], {}
        self._changed()

    # -------------------------------------------------------------- hints, reset

    def hint(self, id: str) -> int:
        """Open one more hint. Returns how many are open now."""
        exercise = self._exercise(id)
        number = min(self.progress.hint_shown(exercise) + 1, len(exercise.hints))
        self.open_hints(id, number)
        return number

    def open_hints(self, id: str, number: int):
        """So many hints are open at least."""
        exercise = self._exercise(id)
        if self.progress.hint_shown(exercise) < number <= len(exercise.hints):
            self.progress.show_hint(exercise, number)
            self._changed()

    def reset(self, what: str) -> str:
        """Hand it out again, after a dated backup. Returns what was done, in a sentence."""
        said = []
        with self._writing:
            every = renew.reset(self.workspace, what)
        for done in every:
            thing = f"`{done.function}` in {done.file}" if done.function else done.file
            kept = f" What you had written is kept in {short(done.backup)}." if done.backup else ""
            said.append(f"Reset {thing}.{kept}" if done.changed else f"{thing} is as it was handed out.")
        self.check(what)
        return " ".join(said)

    def _exercise(self, id) -> Exercise:
        for exercise in self.index.exercises:
            if exercise.id == id:
                return exercise
        raise Problem(f"There is no exercise {id!r}.")

    # -------------------------------------------------------------- the learner's files

    def source(self, file: str) -> tuple[str, str]:
        """(text, hash) of one of the files that the learner edits. Raises Problem if it is none, or not there."""
        content = self._path(file).read_bytes()
        try:
            return content.decode(), files.digest(content)
        except UnicodeDecodeError as error:
            raise Problem(f"{file} is not text in UTF-8, so it cannot be shown here.") from error

    def save(self, file: str, text: str, base: str, over: bool = False) -> tuple[str, str]:
        """Write a learner's file. Returns (its hash, where the backup is or "").

        base: the hash of what was read. If the disk holds something else by now, raises Changed; with `over` that is
        kept as a backup, and overwritten.
        """
        path, content = self._path(file), text.encode()
        if len(content) > LARGEST:
            raise Problem(f"{file} would be larger than {LARGEST // 1_000_000} MB; that is no exercise any more.")
        with self._writing:
            old, kept = path.read_bytes() if path.exists() else None, ""
            if old is not None and files.digest(old) != base:
                if not over:
                    raise Changed(old.decode(errors="replace"), files.digest(old))
                kept = short(files.back_up(self.workspace.memory / "backups", file, old))
            files.write(path, content, instead_of=old)
        self.begin([each for each in self.index.sets if each.file == file])
        return files.digest(content), kept

    def set_aside(self, file: str, text: str) -> str:
        """Keep a text that was not saved as a dated backup. Returns where."""
        self._path(file)
        return short(files.back_up(self.workspace.memory / "backups", file, text.encode()[:LARGEST]))

    def _path(self, file: str) -> Path:
        if file not in {each.file for each in self.index.sets}:
            raise Problem(f"{file!r} is no file of the exercises.")
        return self.workspace.folder / file

    # -------------------------------------------------------------- what is shown

    def state(self) -> dict:
        """Everything that a view shows, as plain data."""
        with self._lock:
            running = {exercise.id for each in self.running for exercise in each.exercises} - set(self.early)
            texts = {each.file: self._text(each.file) for each in self.index.sets}
            exercises = {e.id: self._row(e, texts[e.file]) for e in self.index.exercises}
            passed = {id for id, row in exercises.items() if row["status"] == "passed"}
            todo = next((id for id in exercises if id not in passed), None)
            return {
                "folder": str(self.workspace.folder),
                "passed": len(passed),
                "total": len(exercises),
                "points": sum(exercises[id]["points"] for id in passed),
                "all_points": sum(row["points"] for row in exercises.values()),
                "running": sorted(running),
                "next": todo,
                "focus": self._focus(exercises) or todo,
                "newly": [exercise.id for exercise in self.newly],
                "problem": self.problem,
                "chapters": [
                    {
                        "folder": chapter.folder,
                        "title": chapter.title,
                        "page": f"{Path(chapter.page).stem}.html",
                        "passed": sum(e.id in passed for e in chapter.exercises),
                        "total": len(chapter.exercises),
                    }
                    for chapter in self.index.chapters
                ],
                "exercises": exercises,
                "files": {file: None if text is None else files.digest(text) for file, text in texts.items()},
            }

    def _focus(self, rows) -> str | None:
        """The first failing exercise of the last run, or of what is known of the run under way."""
        sets = sorted(self.running or self.about, key=lambda each: each.file not in self._asked)
        known = [e.id for each in sets for e in each.exercises if not self.running or e.id in self.early]
        return next((id for id in known if id in rows and rows[id]["status"] != "passed"), None)

    def _row(self, exercise: Exercise, text: bytes | None) -> dict:
        result = self.early.get(exercise.id) or self.progress.result(exercise)
        return {
            "id": exercise.id,
            "name": exercise.name,
            "title": exercise.title,
            "chapter": exercise.chapter,
            "page": exercise.page,
            "address": exercise.address,
            "section": exercise.section,
            "file": exercise.file,
            "line": splice.head(text.decode(errors="replace") if text else "", exercise.name),
            "points": exercise.points,
            "minutes": exercise.minutes,
            "status": result.status,
            "fresh": exercise.id in self.early or self.progress.fresh(exercise),
            "about": result.about,
            "message": result.message,
            "mistake": result.mistake,
            "printed": result.printed,
            "hints": list(exercise.hints[: self.progress.hint_shown(exercise)]),
            "all_hints": len(exercise.hints),
        }

    def _text(self, file) -> bytes | None:
        try:
            return (self.workspace.folder / file).read_bytes()
        except OSError:
            return None
