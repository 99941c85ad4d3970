"""The terminal's view of a session: what it draws, what the keys do, and that the terminal is given back."""

import io
import os
import re
import threading
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from deepbook.course import tell, terminal
from deepbook.course.errors import Problem
from deepbook.course.index import Chapter, Exercise, ExerciseSet, Index
from deepbook.course.results import Report, Result
from deepbook.course.screen import ASCII, KEYS, harmless
from deepbook.course.terminal import View
from deepbook.course.workspace import Workspace

ADDRESS = "http://127.0.0.1:8000"
SIZES = [(200, 60), (100, 30), (80, 24), (40, 15), (20, 6), (9, 3), (1, 1)]
STYLE = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")


class Session:
    """What the view needs of a session; `state_` is for the tests to change."""

    def __init__(self, folder: Path, index: Index):
        self.workspace, self.index = Workspace(folder), index
        self.workspace.__dict__["index"] = index
        self.asked, self.listeners, self.report = [], [], None
        self.state_ = {
            "folder": str(folder),
            "passed": 0,
            "total": len(index.exercises),
            "points": 0,
            "all_points": sum(each.points for each in index.exercises),
            "running": [],
            "next": index.exercises[0].id,
            "focus": index.exercises[0].id,
            "newly": [],
            "problem": "",
            "chapters": [
                {"folder": c.folder, "title": c.title, "page": c.page, "passed": 0, "total": len(c.exercises)}
                for c in index.chapters
            ],
            "exercises": {each.id: exercise_state(each) for each in index.exercises},
            "files": {},
        }

    def state(self):
        return self.state_

    def set(self, exercise_id, **fields):
        self.state_["exercises"][exercise_id].update(fields)
        exercises = self.state_["exercises"].values()
        left = [each["id"] for each in exercises if each["status"] != "passed"]
        self.state_["passed"] = len(exercises) - len(left)
        self.state_["next"] = left[0] if left else None

    def listen(self, function):
        self.listeners.append(function)

    def unlisten(self, function):
        self.listeners.remove(function)

    def check(self, what):
        self.asked.append(("check", what))

    def reset(self, what):
        self.asked.append(("reset", what))
        return f"Reset {what}. What you had written is kept in .deepbook/backups/neuron.py."

    def hint(self, exercise_id):
        every = next(each.hints for each in self.index.exercises if each.id == exercise_id)
        shown = self.state_["exercises"][exercise_id]["hints"]
        shown.extend(every[len(shown) : len(shown) + 1])
        return len(shown)


def exercise_state(each: Exercise) -> dict:
    fixed = {name: getattr(each, name) for name in ("id", "name", "title", "chapter", "page", "address", "section")}
    result = {"status": "todo", "fresh": True, "about": "", "message": "", "mistake": None, "printed": "", "hints": []}
    return {**fixed, "file": each.file, "line": 12, "points": each.points, "minutes": 5, **result, "all_hints": 4}


def an_index(*numbers: int) -> Index:
    """One chapter for each number: so many exercises, three in a set."""
    chapters = []
    for c, number in enumerate(numbers, 1):
        folder, page, sets = f"ch{c:02}_c{c}", f"{c:02}-c{c}.md", []
        for first in range(0, number, 3):
            exercises = tuple(
                Exercise(
                    f"c{c}e{n}",
                    f"Exercise {n} of {c}",
                    "here",
                    2,
                    5,
                    ("A?", "B.", "C.", "D."),
                    folder,
                    page,
                    f"s{first}",
                )
                for n in range(first, min(first + 3, number))
            )
            sets.append(ExerciseSet(f"s{first}", f"Set {first}", (), folder, exercises))
        chapters.append(Chapter(folder, f"Chapter {c}", page, tuple(sets)))
    return Index(tuple(chapters))


class Tty:
    """A terminal that keeps what it is shown."""

    def __init__(self, width=80, height=24):
        self.width, self.height, self.rows, self.repaint = width, height, [], False

    def size(self):
        return self.width, self.height

    def draw(self, rows):
        self.rows = rows

    def wake(self):
        pass


class Seen:
    """A view of a session, its keys and its window."""

    def __init__(self, session, width=80, height=24, **console):
        console = {"force_terminal": True, "highlight": False, "file": io.StringIO(), **console}
        self.session, self.tty = session, Tty(width, height)
        self.view = View(session, ADDRESS, self.tty, Console(**console))
        self.look()

    def look(self) -> str:
        self.view.see()
        self.view.draw()
        return self.text

    def press(self, *names) -> str:
        for name in names:
            self.view.press(name)
            self.look()
        return self.text

    @property
    def rows(self):
        return [STYLE.sub("", row) for row in self.tty.rows]

    @property
    def text(self):
        return "\n".join(row.rstrip() for row in self.rows)

    @property
    def unwrapped(self):
        """The text without the ends of lines: where a long path is cut depends on its length."""
        return "".join(row.strip() for row in self.rows)


@pytest.fixture
def session(tmp_path):
    return Session(tmp_path, an_index(14, 12, 9))


@pytest.fixture
def seen(session):
    return Seen(session)


LONG = "\n".join(f"line {n} of the message" for n in range(60))


# ------------------------------------------------------------------ what is drawn


@pytest.mark.parametrize("status", tell.WORDS)
def test_every_state_is_said_in_words(session, status):
    session.set("ch01/c1e0", status=status, message="why", about="what is asked")
    text = Seen(session).text
    if status == "passed":
        assert "Next: c1e1" in text or "c1e0" in text
        text = Seen(session).press("l")
    assert tell.WORDS[status][0] in text
    assert ("why" in text and "what is asked" in text) == (status not in ("passed", "todo"))


def test_the_window_shows_progress_place_and_book(session):
    session.set("ch01/c1e0", status="passed")
    session.state_["focus"] = "ch01/c1e1"
    session.state_["chapters"][0]["passed"] = 1
    text = Seen(session, 100, 30).text
    assert "1 of 35 exercises passes" in text and ADDRESS in text
    assert "1 Chapter 1" in text and "1/14" in text and "0/9" in text
    assert "Next: c1e1 — Exercise 1 of 1" in text and "ch01_c1/s0.py:12" in text
    assert f"In the book: {ADDRESS}/01-c1.html#exercise-c1e1" in text
    for key, name, _ in KEYS:
        assert f"{key} {name}" in text


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fields", [{}, {"message": LONG, "printed": LONG}, {"message": "漢字カナ 😀 " * 40}])
def test_every_page_fits_every_window(session, size, fields):
    session.set("ch01/c1e0", **{"status": "failed", "about": "é" * 50, **fields})
    session.state_["problem"] = "The disk is full. " * 4
    seen = Seen(session, *size)
    for pressed in ("h", "l", "down", "l", "?", "q", "r", "n", "end"):
        seen.press(pressed)
        assert len(seen.rows) == size[1]
        assert all(cell_len(row) <= size[0] for row in seen.rows)


@pytest.mark.parametrize("size", [(80, 24), (40, 15), (20, 6)])
def test_a_long_message_can_be_read_to_its_end(session, size):
    session.set("ch01/c1e0", status="failed", message=LONG, printed="the last word")
    seen = Seen(session, *size)
    pages = {seen.text, *(seen.press("down") for _ in range(150))}
    every = re.sub(r"\s+", " ", "\n".join(pages))
    assert all(f"line {n} of" in every for n in range(60))
    assert "the last" in every
    assert "c1e0 —" in seen.press("home") and "c1e0 —" not in seen.press("end")


def test_a_long_note_can_be_read_too(session):
    session.reset = lambda what: "word " * 60 + "the end"
    seen = Seen(session, 20, 6)
    assert "Reset" in seen.press("end", "r") and "Reset" not in seen.press("end")
    assert "word" in seen.press("y")
    pages = {seen.press("down") for _ in range(40)}
    assert any("the end" in page for page in pages)


def test_another_message_is_seen_from_its_top(session):
    session.set("ch01/c1e0", status="failed", message=LONG)
    seen = Seen(session)
    assert "line 0" not in seen.press("end")
    session.set("ch01/c1e0", message="another\n" + LONG)
    assert "another" in seen.look()


@pytest.mark.parametrize("height", [6, 15, 24])
def test_the_cursor_of_the_list_is_always_seen(session, height):
    seen = Seen(session, 60, height)
    seen.press("l")
    for number, each in enumerate(session.index.exercises):
        marked = [row for row in seen.rows if "▸" in row]
        assert len(marked) == 1 and each.name in marked[0], number
        seen.press("down")
    assert "c3e8" in next(row for row in seen.press("down").split("\n") if "▸" in row)
    assert "c1e0" in next(row for row in seen.press("home").split("\n") if "▸" in row)


def test_the_list_scrolls_no_more_than_it_must(seen):
    assert "1 Chapter 1  0/14" in seen.press("l", "down", "down", "down", "down")
    bottom = seen.press(*["down"] * 20)
    assert "▸" not in bottom.split("\n")[8] and seen.press("up", "down") == bottom


def test_the_list_names_chapters_sets_and_states(session):
    session.set("ch01/c1e0", status="passed", fresh=False)
    text = Seen(session, 100, 60).press("l")
    assert "1 Chapter 1  0/14" in text and "Set 3  ch01_c1/s3.py" in text
    assert "passed, changed since  c1e0" in text and "to do" in text


def test_all_pass(session):
    for each in session.index.exercises:
        session.set(each.id, status="passed")
    session.state_.update(focus=None, newly=["ch03/c3e8"])
    seen = Seen(session)
    assert "Passed: c3e8." in seen.text and "All 35 exercises pass: 70 points." in seen.text
    assert "deepbook solution NAME" in seen.text
    assert "All exercises pass. l lists them." in seen.press("n")
    assert "Choose one first." in seen.press("s") and "▸ passed" in seen.press("l", "l")
    seen.press("l")
    assert "c1e1 — Exercise 1 of 1\npassed" in seen.press("l", "down", "enter")


def test_a_pass_says_what_passed_and_what_is_next(session, seen):
    session.state_["running"] = ["ch01/c1e0"]
    seen.look()
    session.set("ch01/c1e0", status="passed")
    session.state_.update(running=[], newly=["ch01/c1e0"], focus="ch01/c1e1")
    text = seen.look()
    assert "Passed: c1e0." in text and "Next: c1e1" in text and "s0.py: all pass at" in text


def test_while_tests_run_the_last_message_stays(session, seen):
    session.set("ch01/c1e0", status="failed", message="got 1, expected 0")
    session.state_["running"] = ["ch01/c1e0", "ch01/c1e1"]
    assert "checking s0.py …" in seen.look() and "got 1, expected 0" in seen.text
    session.state_["running"] = []
    assert "s0.py: checked at" in seen.look() and "checking" not in seen.text


@pytest.mark.parametrize("width", [80, 40, 30])
def test_where_one_is_in_a_long_message_is_always_said(session, width):
    session.set("ch01/c1e0", status="failed", message=LONG)
    seen = Seen(session, width, 15)
    run_of(seen, "ch01/c1e0", "ch01/c1e1")
    assert re.search(r"s0.py: c.*↑↓ \S*.?1–\d+", seen.text)


def test_a_result_of_an_older_file_says_so(session):
    session.set("ch01/c1e0", status="failed", message="why", fresh=False)
    seen = Seen(session)
    assert "You have changed the file since" in seen.text
    session.state_["running"] = ["ch01/c1e0"]
    assert "You have changed" not in seen.look()


def test_a_problem_of_deepbook_is_seen(session):
    session.state_["problem"] = "index.toml is broken."
    assert "index.toml is broken." in Seen(session).text


def test_an_index_that_breaks_meanwhile(session, seen):
    def broken():
        raise Problem("index.toml is broken.")

    good, session.state = session.state, broken
    session.workspace = Workspace(session.workspace.folder)  # its index cannot be read
    assert "index.toml is broken." in seen.look() and "Next: c1e0" in seen.text
    assert "c3e8" in seen.press("l", "end", "enter")
    session.state = good
    assert "broken" not in seen.look()


def test_an_error_of_our_own_ends_nothing(session, seen):
    def wrong():
        raise ValueError("not so")

    good, session.state = session.state, wrong
    text = seen.look().replace("\n", " ")
    assert "deepbook itself failed (ValueError: not so)" in text and "Next: c1e0" in text
    session.state = good
    assert "ValueError" not in seen.look()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "utf-8"])
def test_any_letter_can_be_printed_in_any_encoding(session, encoding):
    session.set("ch01/c1e0", status="failed", message="3 ≈ π, 漢 é", printed="≈ \udcff")
    seen = Seen(session, file=io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    "".join(seen.tty.rows).encode(encoding)
    assert ("3 ≈ π" in seen.text) == (encoding in ("cp437", "utf-8"))


def test_a_long_run_says_how_long(session, seen, monkeypatch):
    now = 100.0
    monkeypatch.setattr(terminal.time, "monotonic", lambda: now)
    session.state_["running"] = ["ch01/c1e0", "ch01/c1e1"]
    seen.look()
    now = 102.9
    assert "checking s0.py … ──" in seen.look()
    session.state_["running"] = ["ch01/c1e1"]
    now = 105.5
    assert "checking s0.py … 5 s; an endless loop is stopped after 20 s ──" in seen.look()
    seen.tty.width = 40
    assert "checking s0.py … 5 s ──" in seen.look()
    session.state_["running"] = []
    assert "5 s" not in seen.look()


def test_a_book_without_exercises(tmp_path):
    session = Session(tmp_path, an_index(1))
    session.state_.update(exercises={}, chapters=[], next=None, focus=None, total=0)
    seen = Seen(session)
    assert "no exercises" in seen.text
    for key in "nhlocrs?jk":
        seen.press(key, "esc")


HOSTILE = "a\x1b[2Jb\x1b]0;title\x07c\x1b[31mred\x1b[0m\rd\x08\x9b5A\u202ee\x00[bold]f[/bold] [/]\udcff"


def test_what_code_prints_controls_nothing(session):
    session.set("ch01/c1e0", status="failed", message=HOSTILE, about=HOSTILE, printed=HOSTILE)
    session.state_["problem"] = HOSTILE
    seen = Seen(session)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202e\udcff]", "".join(seen.rows))
    assert seen.text.count("␛[2Jb␛]0;title␇cred") == 4
    assert seen.text.count("[bold]f[/bold] [/]") == 4


def test_harmless_keeps_what_harms_nothing():
    assert harmless("a\tb\r\nc\rd é 漢\n") == "a   b\nc\nd é 漢\n"


def test_without_colour_nothing_is_lost(session, monkeypatch):
    session.set("ch01/c1e0", status="failed", message="why")
    coloured = Seen(session)
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Seen(session)
    assert plain.rows == coloured.rows
    assert any("\x1b[31m" in row for row in coloured.tty.rows)
    assert not re.search(r"\x1b\[[0-9;]*(3[0-7]|9[0-7])m", "".join(plain.tty.rows))


def test_a_terminal_without_unicode(session):
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="replace")
    seen = Seen(session, file=file)
    own = "".join(seen.rows) + "".join(seen.press("l"))
    assert not set(own) & {chr(each) for each in ASCII}


# ------------------------------------------------------------------ keys


def test_next_goes_on_and_around(session, seen):
    for each in session.index.exercises:
        session.set(each.id, status="passed")
    for each in ("ch01/c1e3", "ch02/c2e0"):
        session.set(each, status="failed")
    session.state_["focus"] = "ch01/c1e3"
    assert "c1e3 —" in seen.look()
    assert "c2e0 —" in seen.press("n")
    assert "c1e3 —" in seen.press("n")
    session.set("ch02/c2e0", status="passed")
    assert "This is the only one left." in seen.press("n") and "c1e3 —" in seen.text


def test_hints_come_one_by_one(seen):
    assert "Hint 1 of 4: A?" in seen.press("h")
    text = seen.press("h", "h")
    assert "Hint 3 of 4: C." in text and "last hint" not in text
    assert "That was the last hint. s shows the book's answer." in seen.press("h")
    assert "All 4 hints are open." in seen.press("h")
    assert "All 4 hints" not in seen.press("n")


def test_a_new_hint_is_scrolled_to(session):
    session.set("ch01/c1e0", status="failed", message=LONG)
    seen = Seen(session, 80, 15)
    assert "Hint 1 of 4" in seen.press("h") and "line 59" in seen.text


def test_reset_asks_first(session, seen):
    assert "Reset c1e0? What you wrote is kept as a backup." in seen.press("r")
    assert "y yes  n no" in seen.text
    assert "Reset" not in seen.press("n") and session.asked == []
    assert "Reset" in seen.press("r", "x", "down")  # only y and n answer
    assert ".deepbook/backups/neuron.py" in seen.press("y")
    assert session.asked == [("reset", "ch01/c1e0")]


@pytest.mark.parametrize("error", [Problem("Not so."), PermissionError(13, "no", "neuron.py")])
def test_what_stands_in_the_way_is_said(session, seen, error):
    def fail(what):
        raise error

    session.check = session.reset = fail
    words = "Not so." if isinstance(error, Problem) else "no permission to write or read neuron.py"
    assert words in seen.press("c").replace("\n", " ")
    assert words in seen.press("r", "y").replace("\n", " ")


def test_the_solution_asks_while_the_exercise_does_not_pass(small_book, learner):
    session = Session(learner.folder, learner.index)
    seen = Seen(session)
    assert "add does not pass yet. Show the book's answer all the same?" in seen.press("s")
    assert "return a + b" not in seen.press("n")
    text = seen.press("s", "y")
    assert "The book's answer to add" in text and "return a + b" in text and "SOLUTION" not in text
    assert "Next: add" in seen.press("q") and not seen.view.over
    session.set("ch01/add", status="passed")
    seen.view.go("ch01/add")
    assert "return a + b" in seen.press("s")
    (small_book.root / "solutions/ch01_small/sums.py").unlink()
    assert "sums.py" in seen.press("q", "s")


@pytest.mark.parametrize("size", SIZES)
def test_the_solution_can_be_read_in_every_window(small_book, learner, size):
    session = Session(learner.folder, learner.index)
    session.set("ch01/add", status="passed")
    seen = Seen(session, *size)
    seen.view.go("ch01/add")
    pages = [seen.press("s")]
    for _ in range(seen.view.frame.length):
        assert all(cell_len(row) <= size[0] for row in seen.rows)
        pages.append(seen.press("down"))
    assert size[0] < 20 or any("return" in page for page in pages)


def test_check_list_help_quit(session, seen):
    seen.press("c")
    assert session.asked == [("check", "ch01/c1e0")]
    assert "c1e3 —" in seen.press("l", "j", "j", "down", "k", "j", "enter")
    assert "go to the next exercise" in seen.press("?")
    assert "c1e3 —" in seen.press("esc")
    assert "c1e3 —" in seen.press("l", "l") and "c1e3 —" in seen.press("L", "Q")
    seen.press("x", "é", "enter")
    assert not seen.view.over
    seen.press("q")
    assert seen.view.over


def test_the_keys_of_the_help_work_there(session, seen):
    assert "Hint 1 of 4" in seen.press("?", "h")
    assert "c1e1 —" in seen.press("?", "n")
    assert "▸ to do" in seen.press("?", "l") and "c1e1 —" in seen.press("l")
    assert "Reset c1e1?" in seen.press("?", "r") and "c1e1 —" in seen.press("n")
    assert "Show the book's answer" in seen.press("?", "s") and "c1e1 —" in seen.press("n", "?", "c")
    assert session.asked == [("check", "ch01/c1e1")]
    assert "c1e1 —" in seen.press("?", "?") and "c1e1 —" in seen.press("?", "q")
    assert "go to the next exercise" in seen.press("?", "x", "enter") and not seen.view.over


def test_a_note_ends_with_the_next_verdict(session, seen):
    assert "That was the last hint." in seen.press("h", "h", "h", "h")
    session.state_["running"] = ["ch01/c1e0"]
    assert "That was the last hint." in seen.look()
    session.state_["running"] = []
    assert "That was the last hint." not in seen.look()


def test_what_a_reset_kept_is_said_until_the_verdict_after_its_own(session, seen):
    assert "is kept in" in seen.press("r", "y")
    assert "is kept in" in run_of(seen, "ch01/c1e0")
    assert "is kept in" not in run_of(seen, "ch01/c1e0")


def test_a_long_path_in_a_note_loses_its_first_folders(session):
    path = "/home/somebody/courses/.deepbook/backups/2026-11-21T12-07-50/ch01_perceptron/neuron.py"
    session.reset = lambda what: f"Reset `fire` in ch01/neuron.py. What you had written is kept in {path}."
    assert "…/2026-11-21T12-07-50/ch01_perceptron/neuron.py." in Seen(session, 60).press("r", "y")
    assert path in Seen(session, 100).press("r", "y")


def test_a_run_that_nobody_saw_is_told_with_its_time(session, seen, monkeypatch):
    """As it happens while an editor has the terminal."""
    run_of(seen, "ch01/c1e0", "ch01/c1e1")
    exercises = session.index.exercises
    monkeypatch.setattr(terminal.time, "strftime", lambda form: "12:34:56")
    session.report = Report({each.id: Result(each, "todo") for each in exercises[3:6]})
    seen.view.hear()
    monkeypatch.setattr(terminal.time, "strftime", lambda form: "23:59:59")
    session.state_.update(focus="ch01/c1e3", newly=[])
    assert "s3.py: checked at 12:34:56" in seen.look() and "c1e3 —" in seen.text
    seen.view.hear()
    assert "s3.py: checked at 12:34:56" in seen.look()
    session.state_["problem"] = "The disk is full."
    assert "checked at" not in seen.look()


def run_of(seen, *ids, **after):
    """A run of the tests of these exercises, result by result; then the state is as `after` says."""
    state = seen.session.state_
    for first in range(len(ids)):
        state["running"] = list(ids[first:])
        seen.look()
    state.update({"running": [], "newly": [], **after})
    return seen.look()


def test_an_exercise_that_was_chosen_stays_until_its_run_is_over(session, seen):
    seen.press("n", "n")
    same_file = "ch01/c1e0", "ch01/c1e1", "ch01/c1e2"
    session.set("ch01/c1e2", status="failed", message="why")
    assert "c1e2 —" in run_of(seen, *same_file, focus="ch01/c1e0")  # it fails: still the one to do
    session.set("ch01/c1e2", status="passed")
    assert "Passed: c1e2." in run_of(seen, *same_file, focus="ch01/c1e0", newly=["ch01/c1e2"])
    assert "Next: c1e0" in seen.text
    assert "Passed" not in seen.press("n")
    text = run_of(seen, *same_file, focus="ch01/c1e0", newly=["ch01/c1e0"])
    assert "c1e1 —" in text and "Passed: c1e0." in text


def test_another_file_that_is_saved_is_followed(session, seen):
    seen.press("n")
    assert "c2e0 —" in run_of(seen, "ch02/c2e0", "ch02/c2e1", focus="ch02/c2e0")


def test_an_exercise_chosen_during_a_run_stays(session, seen):
    session.state_["running"] = ["ch01/c1e0"]
    seen.look()
    seen.press("n")
    session.state_["running"] = []
    assert "c1e1 —" in seen.look()


def test_during_a_run_nothing_jumps(session, seen):
    session.set("ch01/c1e3", status="failed", message="why")
    run_of(seen, "ch01/c1e3", "ch01/c1e4", focus="ch01/c1e3")
    assert "c1e3 —" in seen.text
    session.state_.update(running=["ch01/c1e0", "ch01/c1e1"], focus="ch01/c1e0")  # nothing is known of this run yet
    assert "c1e3 —" in seen.look() and "why" in seen.text
    session.set("ch01/c1e0", status="failed", message="early")
    session.state_["running"] = ["ch01/c1e1"]
    assert "c1e0 —" in seen.look() and "early" in seen.text


def test_an_exercise_that_does_not_pass_stays_when_its_file_is_tested(session, seen):
    file = "ch01/c1e0", "ch01/c1e1", "ch01/c1e2"
    session.set(file[0], status="passed")
    session.set(file[1], status="passed")
    assert "c1e2 —" in run_of(seen, *file, focus="ch01/c1e2") and "s0.py:12" in seen.unwrapped
    for each in file:
        session.set(each, status="broken", message="ch01_c1/s0.py, line 68: Python cannot read this line.")
    assert "c1e2 —" in run_of(seen, *file, focus="ch01/c1e0") and "s0.py:68" in seen.unwrapped
    for each in file:
        session.set(each, status="passed")
    assert "c1e3 —" in run_of(seen, *file, focus="ch01/c1e3") and "s3.py:12" in seen.unwrapped


def test_a_message_names_a_place_only_in_a_file_of_the_book(session):
    session.set("ch01/c1e0", status="failed", message="a, line 3: what the learner returned")
    assert "s0.py:12" in Seen(session).unwrapped
    session.set("ch01/c1e0", message="ch01_c1/s3.py, line 5: Python cannot read this line.")
    assert "s3.py:5" in Seen(session).unwrapped


def test_a_run_that_is_restarted_with_more_files(session, seen):
    for running in (["c1e0", "c1e1"], ["c1e1"], ["c1e0", "c1e1", "c1e3"], ["c1e3"], []):
        session.state_["running"] = [f"ch01/{name}" for name in running]
        seen.look()
    assert "s0.py and s3.py: checked at" in seen.text


def test_a_chosen_exercise_that_passes_already_stays(session, seen):
    for name in ("c1e0", "c1e1", "c1e2"):
        session.set(f"ch01/{name}", status="passed")
    seen.press("l", "home", "enter")
    same_file = "ch01/c1e0", "ch01/c1e1", "ch01/c1e2"
    assert "c1e0 —" in run_of(seen, *same_file, focus="ch01/c1e3") and "all pass at" in seen.text
    session.set("ch01/c1e1", status="failed", message="why")
    assert "c1e1 —" in run_of(seen, *same_file, focus="ch01/c1e1")


# ------------------------------------------------------------------ the editor


@pytest.mark.parametrize("wrong", ["nosuch --wait", "vim 'open"])
def test_an_editor_that_is_not_there_is_a_sentence(seen, monkeypatch, wrong):
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", wrong)
    text = seen.press("o").replace("\n", " ")
    assert "$EDITOR" in text and ("no such program" in text or "cannot be understood" in text)


@pytest.mark.skipif(os.name == "nt", reason="a program of the shell")
def test_an_editor_with_a_window_leaves_the_view_alone(session, tmp_path, monkeypatch):
    monkeypatch.delenv("VISUAL", raising=False)
    program = tmp_path / "code"
    os.mkfifo(tmp_path / "go")
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/said\nread line < {tmp_path}/go\nexit 3\n')
    program.chmod(0o755)
    monkeypatch.setenv("EDITOR", f"{program} --wait")
    seen, woken = Seen(session), threading.Event()
    seen.tty.wake = woken.set
    assert "Opened" in seen.press("o")
    (tmp_path / "go").write_text("go\n")
    assert woken.wait(5)
    assert "ended with an error (code 3)" in seen.look().replace("\n", " ")
    assert (tmp_path / "said").read_text() == f"--wait --goto {tmp_path}/ch01_c1/s0.py:12\n"
