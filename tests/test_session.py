"""One running `deepbook learn`, without terminal and page: saves, verdicts, hints, files."""

import sys
import threading
import time

import pytest

from deepbook.course import warm
from deepbook.course.errors import Problem
from deepbook.course.progress import Progress
from deepbook.course.runner import Fresh
from deepbook.course.session import Changed, Session
from deepbook.course.workspace import Workspace

SUMS = "ch01_small/sums.py"
SOLVED = "def add(a, b):\n    return a + b\n\n\ndef double(a):\n    return 2 * a\n"


@pytest.fixture(scope="module")
def starter():
    started = warm.Warm() if sys.platform == "linux" else Fresh()
    yield started
    started.close()


@pytest.fixture
def session(learner, starter):
    started = Session(learner, starter)
    yield started
    started.halt()


def settled(session, seconds=20):
    """Wait for the end of the run under way."""
    end = time.monotonic() + seconds
    while session.running:
        assert time.monotonic() < end, session.state()
        time.sleep(0.01)
    return session.state()


def save(session, text, file=SUMS):
    _, base = session.source(file)
    session.save(file, text, base)
    return settled(session)


def test_a_save_is_tested_and_remembered(session, learner):
    state = save(session, SOLVED.replace("a + b", "a - b"))
    add = state["exercises"]["ch01/add"]
    assert (add["status"], add["mistake"], add["fresh"]) == ("failed", "subtracts", True)
    assert add["about"] == "The sum of two numbers." and "look at the sign" in add["message"]
    assert (state["focus"], state["next"], state["newly"]) == ("ch01/add", "ch01/add", ["ch01/double"])
    assert (learner.folder / SUMS).read_text() == SOLVED.replace("a + b", "a - b")
    state = save(session, SOLVED)
    assert state["newly"] == ["ch01/add"] and state["next"] == state["focus"] == "ch01/triple"
    assert (state["passed"], state["total"], state["points"], state["all_points"]) == (2, 3, 3, 6)
    assert state["chapters"][0] == {
        "folder": "ch01_small",
        "title": "Small",
        "page": "01-small.html",
        "passed": 2,
        "total": 3,
    }


def test_what_was_said_is_there_after_a_new_start(session, learner, starter):
    before = save(session, SOLVED.replace("a + b", "print('a is', a)"))["exercises"]["ch01/add"]
    after = Session(learner, starter).state()["exercises"]["ch01/add"]
    assert after == before and after["printed"] == "a is 2" and "return" in after["message"]


def test_results_come_one_by_one(session, learner):
    (learner.folder / SUMS).write_text(
        "import time\n\ndef add(a, b):\n    return a - b\n\ndef double(a):\n    time.sleep(1)\n    return 2 * a\n"
    )
    seen = []
    session.listen(lambda: seen.append((dict(session.early), bool(session.running))))
    session.check(SUMS)
    settled(session)
    early = [set(results) for results, running in seen if running]
    assert {"ch01/add"} in early, early
    assert not session.early


def test_a_save_during_a_run_cancels_it_and_keeps_what_was_left(session, learner):
    endless = "def add(a, b):\n    while True:\n        pass\n\ndef double(a):\n    return 2 * a\n"
    (learner.folder / SUMS).write_text(endless)
    session.check("all")
    end = time.monotonic() + 10
    while len(session.running) != 2 and time.monotonic() < end:
        time.sleep(0.01)
    started = time.monotonic()
    state = save(session, SOLVED)
    assert time.monotonic() - started < 5
    assert [state["exercises"][f"ch01/{name}"]["status"] for name in ("add", "double", "triple")] == [
        "passed",
        "passed",
        "todo",
    ]
    assert state["exercises"]["ch01/triple"]["fresh"], "the other file of the cancelled run was forgotten"


def test_the_watcher_does_not_test_the_pages_save_again(session, learner):
    save(session, SOLVED)
    report = session.report
    session.saved({learner.folder / SUMS})
    assert session.report is report and not session.running
    (learner.folder / SUMS).write_text(SOLVED + "\n")
    session.saved({learner.folder / SUMS})
    assert session.running
    settled(session)


def test_a_file_changed_meanwhile_is_not_overwritten(session, learner):
    path = learner.folder / SUMS
    _, base = session.source(SUMS)
    path.write_text("# written in another editor\n")
    with pytest.raises(Changed) as raised:
        session.save(SUMS, SOLVED, base)
    assert raised.value.text == path.read_text() == "# written in another editor\n"
    _, kept = session.save(SUMS, SOLVED, base, over=True)
    assert kept.endswith("sums.py")
    assert path.read_text() == SOLVED
    backups = [each.read_text() for each in (learner.memory / "backups").rglob("sums.py")]
    assert backups == ["# written in another editor\n"]
    where = session.set_aside(SUMS, "# mine\n")
    assert any(each.read_text() == "# mine\n" for each in (learner.memory / "backups").rglob("sums.py")), where
    settled(session)


def test_a_file_that_is_missing_can_be_written_again(session, learner):
    (learner.folder / SUMS).unlink()
    with pytest.raises(OSError):
        session.source(SUMS)
    assert session.state()["files"][SUMS] is None
    session.save(SUMS, SOLVED, "the hash of what was there")
    assert settled(session)["exercises"]["ch01/add"]["status"] == "passed"


@pytest.mark.parametrize(
    "file", ["../outside.py", "/etc/passwd", "conftest.py", "ch01_small/test_sums.py", "ch01_small/../conftest.py", ""]
)
def test_only_the_learners_files_can_be_written(session, learner, file):
    for act in (session.source, lambda f: session.save(f, "x", "y", over=True), lambda f: session.set_aside(f, "x")):
        with pytest.raises(Problem):
            act(file)


def test_too_large_a_file_is_refused(session):
    _, base = session.source(SUMS)
    with pytest.raises(Problem, match="larger than 1 MB"):
        session.save(SUMS, "#" * 1_000_001, base)


def test_hints_are_opened_one_by_one_and_remembered(session, learner):
    assert session.hint("ch01/add") == 1
    session.open_hints("ch01/add", 3)
    session.open_hints("ch01/add", 2)
    assert session.state()["exercises"]["ch01/add"]["hints"] == ["first hint", "second hint", "third hint"]
    assert [session.hint("ch01/add") for _ in range(3)] == [4, 4, 4]
    session.open_hints("ch01/add", 99)
    assert Progress(learner).hint_shown(learner.index.exercises[0]) == 4


def test_reset_keeps_a_backup_and_tests_again(session, learner):
    save(session, SOLVED)
    said = session.reset("add")
    assert "Reset `add`" in said and "kept in" in said
    assert settled(session)["exercises"]["ch01/add"]["status"] == "todo"
    assert "as it was handed out" in session.reset("add")
    settled(session)


def test_other_commands_are_seen(session, learner):
    told = threading.Event()
    session.listen(told.set)
    other = Progress(learner)
    other.show_hint(learner.index.exercises[0], 2)
    session.saved({learner.memory / "hints.json"})
    assert told.is_set() and len(session.state()["exercises"]["ch01/add"]["hints"]) == 2


def test_a_broken_index_is_a_sentence_and_mends_itself(session, learner):
    index = learner.folder / "index.toml"
    whole = index.read_text()
    index.write_text("[[broken")
    session.saved({index})
    assert "index.toml is broken" in session.problem
    assert "index.toml is broken" in session.state()["problem"]
    index.write_text(whole)
    session.saved({index, learner.folder / SUMS})
    settled(session)
    assert session.state()["problem"] == ""


def test_progress_survives_a_newer_book(session, learner, small_book, starter):
    """The book renews a test and adds an exercise: what was passed stays passed, and is tested again."""
    from deepbook.course import renew

    save(session, SOLVED)
    test = small_book.root / "exercises/ch01_small/test_sums.py"
    test.write_text(test.read_text() + "\n\ndef test_add_again():\n    check(add, 1, 1, gives=2)\n")
    index = small_book.root / "exercises/index.toml"
    half = 'name = "half"\ntitle = "Half"\nsection = "halving"\npoints = 1\nminutes = 1\nhints = ["a", "b", "c", "d"]\n'
    index.write_text(f"{index.read_text()}\n[[chapters.sets.exercises]]\n{half}")
    late = small_book.root / "solutions/ch01_small/late.py"
    answer = '\n\ndef half(a):\n    """Half."""\n    # BEGIN SOLUTION\n    return a / 2\n    # END SOLUTION\n'
    late.write_text(late.read_text() + answer)
    renew.update(Workspace(learner.folder))
    newer = Session(Workspace(learner.folder), starter)
    rows = newer.state()["exercises"]
    assert (rows["ch01/add"]["status"], rows["ch01/add"]["fresh"]) == ("passed", False)
    assert rows["ch01/half"]["status"] == "todo"
    assert SUMS in {each.file for each in newer.first_sets()}
    newer.begin(newer.first_sets())
    assert settled(newer)["exercises"]["ch01/add"]["fresh"]


def test_an_exercise_that_is_gone_from_the_index_is_forgotten(session, learner):
    save(session, SOLVED.replace("a + b", "a - b"))
    index = learner.folder / "index.toml"
    index.write_text(index.read_text().replace('name = "add"', 'name = "plus"'))
    session.saved({index})
    assert session.state()["focus"] == "ch01/plus"


def test_a_save_is_not_lost_when_the_index_changes_during_its_run(session, learner):
    (learner.folder / SUMS).write_text("import time\n\ntime.sleep(1)\n" + SOLVED)
    session.check("sums")
    index = learner.folder / "index.toml"
    index.write_text(index.read_text().replace('title = "Sums"', 'title = "Sums and more"'))
    session.saved({index, learner.folder / "ch01_small/late.py"})
    state = settled(session)
    assert state["exercises"]["ch01/add"]["status"] == "passed" and state["exercises"]["ch01/add"]["fresh"]


def test_the_last_save_is_what_one_looks_at(session, learner):
    (learner.folder / SUMS).write_text("import time\n\ntime.sleep(1)\n" + SOLVED.replace("a + b", "a - b"))
    session.check("sums")
    (learner.folder / "ch01_small/late.py").write_text("def triple(a):\n    return a\n")
    session.check("late")
    assert settled(session)["focus"] == "ch01/triple"


def test_a_file_that_comes_and_goes_does_no_harm(session, learner):
    """As an editor does that removes a file and writes it anew."""
    over = threading.Event()

    def hammer():
        path = learner.folder / SUMS
        while not over.is_set():
            path.unlink(missing_ok=True)
            path.write_text(SOLVED)

    thread = threading.Thread(target=hammer)
    thread.start()
    try:
        for _ in range(300):
            session.state()
            session.progress.hashes(learner.index.exercises)
    finally:
        over.set()
        thread.join()


def test_of_two_saves_at_once_one_wins_and_the_other_hears_of_it(session, learner):
    texts = [f"# {'x' * 50_000}{number}\n{SOLVED}" for number in range(8)]
    _, base = session.source(SUMS)
    heard = []

    def write(text):
        try:
            session.save(SUMS, text, base)
            heard.append(text)
        except Changed as changed:
            heard.append(changed)

    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    winners = [each for each in heard if isinstance(each, str)]
    assert len(heard) == 8 and winners == [(learner.folder / SUMS).read_text()]
    settled(session)


def test_what_passed_stays_so_while_another_exercise_breaks_the_file(session):
    save(session, SOLVED.replace("2 * a", "a"))
    state = save(session, SOLVED.replace("return 2 * a", "return (2 * a"))
    add, double = (state["exercises"][f"ch01/{name}"] for name in ("add", "double"))
    assert (add["status"], add["fresh"], double["status"]) == ("passed", False, "broken")
    assert state["passed"] == 1 and state["focus"] == "ch01/double"
    state = save(session, SOLVED)
    assert state["passed"] == 2 and state["exercises"]["ch01/add"]["fresh"]
