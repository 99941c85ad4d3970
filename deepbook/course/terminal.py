"""`deepbook learn` in a terminal: one of the two views of a session. What is drawn is in screen.py."""

import contextlib
import io
import re
import sys
import time
from pathlib import Path

from rich.segment import Segment, Segments

from deepbook.course import commands, editor, keys, tell
from deepbook.course.errors import Problem, from_os
from deepbook.course.screen import ASCII, KEYS, Frame, Look, current, files, frame, ordered, place, spot
from deepbook.course.session import sentence

LINK = re.compile(r"\x1b\]8;id=[^;]*;")


def run(session, address: str) -> None:
    """Show the session until the learner quits; the terminal is then as it was before.

    session: see session.py; address: of the book, "" if it is not served. Call it in the main thread, and only if
    stdin and stdout are a terminal.
    """
    said = io.StringIO()  # a word to stderr would spoil the screen: it comes afterwards
    try:
        console = tell.console()
        with keys.taken() as tty, contextlib.redirect_stderr(said):
            View(session, address, tty, console).run()
    except KeyboardInterrupt:
        pass
    finally:
        sys.stderr.write(said.getvalue())


class View:
    """The session as one learner sees it, and what the keys do."""

    def __init__(self, session, address, tty, console):
        self.session, self.address, self.tty, self.console = session, address, tty, console
        self.look, self.frame, self.over = Look(), Frame([]), False
        self.state, self.workspace, self.shown = session.state(), session.workspace, None
        self.tested: set[str] = set()  # the exercises of the run under way
        self.left: set[str] = set()  # those of them that have no result yet
        self.runs, self.chosen_in = 0, 0  # runs so far, and the one during which the exercise was chosen
        self.began = 0.0  # when the run under way did
        self.report = None  # of the last run that the learner was told of
        self.heard = None, ""  # the last report there is, and when it came
        self.spared = ""  # a note that the next verdict leaves, for it came with its run
        self.yes = lambda: None  # what y does

    def run(self):
        """Until q. Sleeps while nothing happens."""
        self.session.listen(self.hear)
        try:
            while not self.over:
                self.see()
                self.draw()
                for key in self.tty.wait(1 if self.left else None):  # while tests run their seconds are shown
                    self.press(key)
        finally:
            self.session.unlisten(self.hear)

    def hear(self):
        """The session has changed; in any thread, also while an editor has the terminal and nobody looks."""
        report = self.session.report
        if report is not self.heard[0]:
            self.heard = report, time.strftime("%H:%M:%S")
        self.tty.wake()

    def see(self):
        """Look at the session again."""
        look = self.look
        try:
            self.state, self.workspace = self.session.state(), self.session.workspace
        except Exception as error:  # the book's index is broken just now, say: what was known stays
            self.state = {**self.state, "problem": sentence(error), "running": []}
        running, report = set(self.state["running"]), self.session.report
        if not running <= self.left:  # a run has begun
            self.tested, self.runs, self.began = running, self.runs + 1, time.monotonic()
        elif not running and report is not self.report:
            if not self.left:  # it began and ended while nobody looked
                self.runs += 1
            self.tested = set(report.results)
            self.run_ended()
        elif self.left and not running:
            self.run_ended()
        if self.state["problem"]:
            look.checked = ""
        self.left, look.seconds = running, int(time.monotonic() - self.began) if running else 0
        if look.exercise not in self.state["exercises"] or not look.chosen:
            look.chosen, look.exercise = False, self.followed(running)
        exercise = current(look, self.state)
        shown = exercise and (exercise["id"], exercise["status"], exercise["message"])
        if shown != self.shown and look.page == "exercise":
            look.top, look.seek = 0, ""
        self.shown = shown

    def followed(self, running) -> str | None:
        """The exercise that the last run was about. During a run that is not known yet: the one that is shown stays.

        So does one that was tested and does not pass: it is what the learner is working on.
        """
        state, shown = self.state, current(self.look, self.state)
        if shown and shown["id"] in self.tested and shown["status"] != "passed":
            return shown["id"]
        focus = state["focus"] or state["next"] or next(iter(state["exercises"]), None)
        stays = self.look.exercise in state["exercises"] and running and focus not in self.tested - running
        return self.look.exercise if stays else focus

    def run_ended(self):
        """Say it; and follow the learner to what fails in the file that was saved, unless something else was chosen."""
        look, state = self.look, self.state
        self.report = self.session.report
        when = self.heard[1] if self.heard[0] is self.report else ""
        if look.note != self.spared:
            look.note = ""
        self.spared = ""
        exercises = [state["exercises"][each] for each in self.tested if each in state["exercises"]]
        all_pass = all(each["status"] == "passed" for each in exercises)
        verdict = f"{'all pass' if all_pass else 'checked'} at {when or time.strftime('%H:%M:%S')}"
        names = files(each["file"] for each in exercises)
        look.checked = f"{names}: {verdict}" if exercises else ""
        if look.exercise in self.tested:
            passes = current(look, state) and current(look, state)["status"] == "passed"
            stays = not passes or (all_pass and not state["newly"])
        else:
            stays = self.chosen_in == self.runs
        look.chosen, look.news = look.chosen and stays, True

    def draw(self):
        width, height = self.tty.size()
        console = self.console
        console.size = (width, height)
        self.frame = frame(self.look, self.state, self.workspace, self.address, console, width, height)
        self.look.top, self.look.seek = self.frame.top, ""
        with console.capture() as caught:
            console.print(Segments([each for row in self.frame.rows for each in (*row, Segment.line())]))
        text = LINK.sub("\x1b]8;id=deepbook;", caught.get())  # Rich numbers links, so that no two frames are equal
        if not console.encoding.startswith("utf"):
            text = text.translate(ASCII)
        text = text.encode(console.encoding, "replace").decode(console.encoding)  # what code prints may be any letter
        self.tty.draw(text.split("\n")[:height])

    # ------------------------------------------------------------------ keys

    def press(self, key):
        """One key, by name: a letter, or "up", "enter" …"""
        look, step = self.look, self.step(key)
        key = key.lower()
        if key == "closed":
            self.over = True
        elif key == "redraw":
            self.tty.repaint = True
        elif step is None:
            self.guarded(self.answer if look.question else self.act, key)
            look.seek = look.seek or "said"  # a long note is part of the page, and may be out of sight
        elif look.page == "list":
            self.move(step)
        else:
            look.top += step

    def guarded(self, action, *arguments):
        """Do it; what stands in the way is said."""
        try:
            action(*arguments)
        except OSError as error:
            self.look.note = str(from_os(error))
        except Problem as problem:
            self.look.note = str(problem)

    def step(self, key) -> int | None:
        """How many rows this key goes down."""
        page, all_ = max(self.frame.room - 1, 1), self.frame.length
        steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -page, "pagedown": page}
        return (steps | {"home": -all_, "g": -all_, "end": all_, "G": all_}).get(key)

    def move(self, step):
        """Move the cursor of the list."""
        ids, look = ordered(self.workspace, self.state), self.look
        look.cursor = max(min(look.cursor + step, len(ids) - 1), 0)
        look.seek = ids[look.cursor] if ids else ""
        if look.cursor == 0:  # with the headings above it
            look.top, look.seek = 0, ""

    def act(self, key):
        look, exercise = self.look, current(self.look, self.state)
        look.note = ""
        if look.page == "exercise":
            if key in ACTIONS and (exercise or key in ("q", "?")):
                self.do(key, exercise)
        elif key in ("enter", "c") and look.page == "list":
            if ids := ordered(self.workspace, self.state):
                self.go(ids[min(look.cursor, len(ids) - 1)])
        elif key in CLOSE[look.page]:
            self.turn("exercise")
        elif key in ACTIONS and look.page == "help":  # each of the keys that it explains
            self.turn("exercise")
            self.act(key)

    def do(self, key, exercise):
        if key in "hocrs" and self.state["next"] is None and not self.look.chosen:  # no exercise is shown
            self.list(exercise)
            self.look.note = "All exercises pass. Choose one first."
        else:
            ACTIONS[key](self, exercise)

    def answer(self, key):
        if key in ("y", "n", "esc", "q"):
            self.look.question = ""
            if key == "y":
                self.yes()

    def ask(self, question, yes):
        self.look.question, self.yes = question, yes

    def turn(self, page):
        """To another page, seen from its top."""
        self.look.page, self.look.top, self.look.seek = page, 0, ""

    def go(self, exercise_id):
        self.turn("exercise")
        self.look.exercise, self.look.chosen, self.look.news = exercise_id, True, False
        self.chosen_in = self.runs if self.left else 0

    def next(self, exercise):
        """The first that does not pass after this one, or else from the start."""
        ids = ordered(self.workspace, self.state)
        place = ids.index(exercise["id"]) if exercise["id"] in ids else 0
        left = [e for e in ids[place + 1 :] + ids[:place] if self.state["exercises"][e]["status"] != "passed"]
        if left:
            self.go(left[0])
        elif exercise["status"] == "passed":
            self.look.note = "All exercises pass. l lists them."
            self.look.chosen = False
        else:
            self.look.note = "This is the only one left."

    def hint(self, exercise):
        total, before = exercise["all_hints"], len(exercise["hints"])
        shown = self.session.hint(exercise["id"]) if before < total else before
        self.look.seek = f"hint {shown}"
        if before == total:
            self.look.note = f"All {tell.plural(total, 'hint')} are open. s shows the book's answer."
        elif shown == total:
            self.look.note = "That was the last hint. s shows the book's answer."

    def list(self, exercise):
        ids = ordered(self.workspace, self.state)
        self.turn("list")
        self.look.cursor = ids.index(exercise["id"]) if exercise["id"] in ids else 0
        self.move(0)

    def open(self, exercise):
        file, line = spot(self.workspace, exercise)
        words, inside = editor.command(self.workspace.folder / file, line)
        if inside:
            with self.tty.lent():
                self.look.note = self.spared = editor.in_terminal(words)
        else:
            self.look.note = f"Opened {place(self.workspace, exercise)} with {Path(words[0]).name}."
            editor.in_window(words, self.tell)  # which may have another word on it

    def tell(self, sentence):
        """Say something; from any thread."""
        self.look.note = sentence
        self.tty.wake()

    def check(self, exercise):
        self.session.check(exercise["id"])

    def reset(self, exercise):
        def yes():
            self.look.note = self.spared = self.session.reset(exercise["id"])

        self.ask(f"Reset {exercise['name']}? What you wrote is kept as a backup.", yes)

    def solution(self, exercise):
        def yes():
            known = next(each for each in self.workspace.index.exercises if each.id == exercise["id"])
            self.look.answer = known.name, commands.answer(known)
            self.turn("solution")

        if exercise["status"] == "passed":
            yes()
        else:
            self.ask(f"{exercise['name']} does not pass yet. Show the book's answer all the same?", yes)

    def help(self, exercise):
        self.turn("help")

    def quit(self, exercise):
        self.over = True


ACTIONS = {key: getattr(View, name) for key, name, _ in KEYS}
CLOSE = {"list": ("l", "q", "esc"), "solution": ("s", "q", "esc"), "help": ("?", "q", "esc")}
