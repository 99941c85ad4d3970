"""What passed when it was last checked, remembered together with the content of the learner's file.

It is only a cache: whatever is lost here comes back with the next `deepbook check`.
"""

import sys
from datetime import datetime

from deepbook.course import files
from deepbook.course.errors import from_os
from deepbook.course.index import Exercise
from deepbook.course.results import STATUSES, Report, Result
from deepbook.course.workspace import Workspace, prepare_memory

PARTS = ("message", "about", "mistake", "printed")  # of a result: what was said, for who comes back
LONGEST = 4_000  # letters of each


class Progress:
    """The results so far of one workspace."""

    def __init__(self, workspace: Workspace):
        self.workspace = workspace
        self.notes = self._read("progress.json")
        self.hints = self._read("hints.json")

    def _read(self, name) -> dict:
        try:
            notes, sentence = files.read_notes(self.workspace.memory / name)
        except OSError as error:
            notes, sentence = {}, str(from_os(error))
        if sentence:
            print(sentence, file=sys.stderr)
        return notes

    def _write(self, name, notes):
        try:
            prepare_memory(self.workspace)
            files.write_notes(self.workspace.memory / name, notes)
        except OSError as error:
            print(f"The progress could not be saved. {from_os(error)}", file=sys.stderr)

    def status(self, exercise: Exercise) -> str:
        """The last result: one of results.STATUSES; "todo" if it was never checked."""
        note = self.notes.get(exercise.id)
        return note.get("status", "todo") if isinstance(note, dict) else "todo"

    def result(self, exercise: Exercise) -> Result:
        """The last result, with what was said; "todo" if it was never checked."""
        note = self.notes.get(exercise.id)
        note = note if isinstance(note, dict) and note.get("status") in STATUSES else {}
        words = {part: note[part] for part in PARTS if isinstance(note.get(part), str)}
        return Result(exercise, note.get("status", "todo"), **words)

    def fresh(self, exercise: Exercise) -> bool:
        """Whether the files are still the ones that this result is about."""
        note = self.notes.get(exercise.id)
        return isinstance(note, dict) and note.get("files") == self._files(exercise)

    def when(self, exercise: Exercise) -> str | None:
        """The moment of the last result, ISO 8601 without a zone; None if it was never checked."""
        note = self.notes.get(exercise.id)
        return note.get("when") if isinstance(note, dict) else None

    def checked(self, exercise: Exercise) -> bool:
        return exercise.id in self.notes

    def passed(self, exercise: Exercise) -> bool:
        return self.status(exercise) == "passed"

    def next(self) -> Exercise | None:
        """The first exercise of the book that has not passed."""
        return next((e for e in self.workspace.index.exercises if not self.passed(e)), None)

    def done(self) -> tuple[int, int]:
        """(exercises that passed, all exercises)."""
        every = self.workspace.index.exercises
        return sum(self.passed(e) for e in every), len(every)

    def _files(self, exercise):
        content = b""
        for name in (exercise.file, exercise.test_file):
            try:
                content += (self.workspace.folder / name).read_bytes() + b"\0"
            except OSError:  # an editor may be writing it at this moment
                content += b"missing\0"
        return files.digest(content)

    def hashes(self, exercises) -> dict[str, str]:
        """What the files hold now; take it before a run, because they may be saved while it runs."""
        return {e.id: self._files(e) for e in exercises}

    def record(self, report: Report, hashes: dict[str, str]) -> list[Exercise]:
        """Remember a report. Returns the exercises that pass now and did not before."""
        self.notes = {**self._read("progress.json")}  # somebody else may have written
        newly = [r.exercise for r in report if r.passed and not self.passed(r.exercise)]
        when = datetime.now().isoformat(timespec="seconds")
        kept = self._keep_while_the_file_is_broken(report)
        for result in report:
            if result.exercise in kept:
                continue
            self.notes[result.exercise.id] = {
                "status": result.status,
                "files": hashes[result.exercise.id],
                "when": when,
                **{part: text[:LONGEST] for part in PARTS if (text := getattr(result, part))},
            }
        self._write("progress.json", self.notes)
        return newly

    def _keep_while_the_file_is_broken(self, report) -> set[Exercise]:
        """What has passed stays so while Python cannot read its file, if another exercise there can say so."""
        broken = [r.exercise for r in report if r.status == "broken"]
        speak = {e.file for e in broken if not self.passed(e)}
        return {e for e in broken if self.passed(e) and e.file in speak}

    def hint_shown(self, exercise: Exercise) -> int:
        """How many hints were shown already."""
        shown = self.hints.get(exercise.id, 0)
        return shown if isinstance(shown, int) and 0 <= shown <= len(exercise.hints) else 0

    def show_hint(self, exercise: Exercise, number: int):
        self.hints[exercise.id] = number
        self._write("hints.json", self.hints)
