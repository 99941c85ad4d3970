"""`deepbook learn` in a process of its own: it watches, serves, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest


class Learn:
    """A running `deepbook learn`, and what it has said so far."""

    def __init__(self, book, folder, *arguments):
        command = [sys.executable, "-u", "-m", "deepbook.cli", "learn", *arguments]
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            command, cwd=folder, env=book.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.said = ""
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            self.said += line

    def wait_for(self, words, times=1, seconds=30):
        end = time.monotonic() + seconds
        while self.said.count(words) < times:
            assert time.monotonic() < end, f"no {words!r} in {self.said}"
            time.sleep(0.05)
        return time.monotonic() - self.started

    def address(self):
        self.wait_for("http://127.0.0.1:")
        return re.search(r"http://127.0.0.1:\d+", self.said)[0]

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self.process.wait(timeout=10)


@pytest.fixture
def learn(small_book, learner):
    started = []

    def start(*arguments):
        started.append(Learn(small_book, learner.folder, *arguments))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()


def processes_of(marker) -> list[str]:
    """Command lines of this machine's processes that belong to a workspace or its book."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else []):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if f"DEEPBOOK_BOOK={marker}".encode() in file.read() and int(pid) != os.getpid():
                    found.append(open(f"/proc/{pid}/cmdline").read())  # noqa: SIM115
        except OSError:
            continue
    return found


def get(address, host=None):
    request = urllib.request.Request(address, headers={"Host": host} if host else {})
    end = time.monotonic() + 15
    while True:
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def test_a_save_is_answered_and_the_end_is_clean(small_book, learner, learn):
    running = learn("--no-book")
    assert running.wait_for("Watching 3 exercises") < 5
    running.wait_for("Next: add")
    small_book.solve(learner.folder, "sums")
    running.wait_for("passed: add, double")
    running.wait_for("2 of 3 exercises pass.")
    assert "Next: triple" in running.said
    small_book.solve(learner.folder, "late")
    running.wait_for("All 3 exercises pass")
    assert running.end() == 0
    assert "Traceback" not in running.said
    assert processes_of(small_book.root) == []


def test_a_save_during_a_run_restarts_it(small_book, learner, learn):
    file = learner.folder / "ch01_small/sums.py"
    running = learn("--no-book")
    running.wait_for("Next: add")
    file.write_text("def add(a, b):\n    while True:\n        pass\n\n\ndef double(a):\n    return 2 * a\n")
    time.sleep(2)
    before = time.monotonic()
    small_book.solve(learner.folder, "sums")
    running.wait_for("passed: add, double")
    assert time.monotonic() - before < 10
    assert "never ended" not in running.said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_during_a_run_leaves_no_process(small_book, learner, learn, number):
    (learner.folder / "ch01_small/sums.py").write_text("while True:\n    pass\n")
    running = learn("--no-open")
    running.address()
    running.wait_for("Watching")
    time.sleep(1.5)
    assert running.end(number) in (0, 128 + number)
    time.sleep(0.3)
    assert processes_of(small_book.root) == []
    assert "Traceback" not in running.said


def test_the_page_answers_only_under_local_names(small_book, learner, learn):
    running = learn("--no-open")
    status, page = get(running.address())
    assert status in (200, 503) and "<h1>" in page
    assert get(running.address(), host="evil.example")[0] == 400


def test_the_server_shows_the_book_when_it_is_built(tmp_path):
    from deepbook.site.server import Build, Server, listen

    server = Server(listen(None), Build(tmp_path / "site"))
    server.start()
    try:
        status, page = get(server.address)
        assert status == 503 and "being built" in page and 'http-equiv="refresh"' in page
        server.build.problem = "chapter <1> is broken"
        assert "chapter &lt;1&gt; is broken" in get(server.address)[1]
        (tmp_path / "site").mkdir()
        (tmp_path / "site/index.html").write_text("the book")
        assert get(server.address) == (200, "the book")
        assert get(f"{server.address}/../../etc/passwd")[0] == 404
    finally:
        server.stop()


def test_a_port_in_use(small_book, learner, learn):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        running = learn("--no-open", "--port", str(port))
        assert running.process.wait(timeout=10) == 3
        time.sleep(0.2)
        assert f"Port {port} is in use" in running.said and "Traceback" not in running.said


def test_the_next_free_port_is_taken(small_book, learner, learn):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", 8000))
            other.listen()
        except OSError:
            pass  # somebody else holds it: just as well
        running = learn("--no-open")
        assert not running.address().endswith(":8000")
        running.wait_for("(port 8000 is in use)")


def test_once_says_how_it_stands(small_book, learner):
    assert small_book.call("learn", "--once", cwd=learner.folder).returncode == 1
    small_book.solve(learner.folder)
    small_book.call("check", cwd=learner.folder)
    done = small_book.call("learn", "--once", cwd=learner.folder)
    assert done.returncode == 0 and "All 3 exercises pass" in done.stdout


def test_a_broken_index_in_between_is_said(small_book, learner, learn):
    index = learner.folder / "index.toml"
    whole = index.read_text()
    running = learn("--no-book")
    running.wait_for("Next: add")
    index.write_text("[[broken")
    running.wait_for("index.toml is broken")
    index.write_text(whole)
    small_book.solve(learner.folder, "sums")
    running.wait_for("passed: add, double")
