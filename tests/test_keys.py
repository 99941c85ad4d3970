"""Single keys; and the terminal is given back as it was, whatever happens: tried in pseudo-terminals."""

import codecs
import os
import re
import signal
import struct
import subprocess
import sys
import threading
import time
import types
from pathlib import Path

import pytest

from deepbook.course import keys

WHOLE = re.compile(r"\x1b\[[?0-9;]*[A-Za-z]|\x1b\][^\x1b]*\x1b\\|\x1b\\")  # an escape sequence that is complete
STYLE = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")


def test_keys_are_read_whole():
    assert keys.decode("aB é\x1b[A\x1bOB\x1b[5~\r\x7f\x01") == (
        ["a", "B", "pagedown", "é", "up", "down", "pageup", "enter"],
        "",
    )
    assert keys.decode("n\x1b") == (["n"], "\x1b")
    assert keys.decode("\x1b[1;5C\x1bxn") == (["n"], "")


def test_pasted_text_is_no_key():
    assert keys.decode("\x1b[200~rysq\nn\x1b[A\x1b[201~h") == (["h"], "")
    assert keys.decode("\x1b[200~rys") == ([], "\x1b[200~rys")


# ------------------------------------------------------------------ Windows


def test_keys_under_windows(monkeypatch):
    waiting = list("n\xe0H\x00Q\x1b\r\x03")
    fake = types.SimpleNamespace(kbhit=lambda: bool(waiting), getwch=lambda: waiting.pop(0))
    monkeypatch.setitem(sys.modules, "msvcrt", fake)
    tty = keys.Windows()
    assert [tty.wait() for _ in range(5)] == [["n"], ["up"], ["pagedown"], ["esc"], ["enter"]]
    with pytest.raises(KeyboardInterrupt):
        tty.wait()
    tty.wake()
    assert tty.wait() == []
    assert tty.wait(0.01) == []
    tty.last = (1, 1)
    tty.repaint = False
    assert tty.wait() == [] and tty.repaint


# ------------------------------------------------------------------ a real terminal

posix = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are of POSIX")
CONTROL = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
FAKE = (
    CONTROL
    + """
sys.path.insert(0, sys.argv[1])
import threading
from pathlib import Path
from test_terminal import Session, an_index, ADDRESS
from deepbook.course import terminal
from deepbook.course.results import Report
session = Session(Path(sys.argv[2]), an_index(2, 2))
def obey():
    for line in open(sys.argv[2] + "/orders"):  # a named pipe: what the test wants to happen
        exec(line)
        for each in list(session.listeners):
            each()
threading.Thread(target=obey, daemon=True).start()
terminal.run(session, ADDRESS)
print("over")
"""
)
SHELL = (
    CONTROL
    + """
import signal
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
child = os.fork()
if child == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    code = sys.argv.pop(1).replace("fcntl.ioctl(0, termios.TIOCSCTTY, 0)", "")
    exec(code)
    sys.exit()
while True:
    _, status = os.waitpid(child, os.WUNTRACED)
    os.tcsetpgrp(0, os.getpgrp())
    if not os.WIFSTOPPED(status):
        break
    print("stopped", "ECHO" if termios.tcgetattr(0)[3] & termios.ECHO else "no echo", flush=True)
    sys.stdin.readline()
    os.tcsetpgrp(0, child)
    os.killpg(child, signal.SIGCONT)
print("ended", status, flush=True)
"""
)


class Window:
    """A Python program in a terminal of its own, and what that shows."""

    def __init__(self, arguments, size=(80, 24), **options):
        import fcntl
        import pty
        import termios

        self.fcntl, self.termios = fcntl, termios
        self.ours, self.theirs = pty.openpty()
        self.resize(*size)
        self.before = termios.tcgetattr(self.theirs)
        self.modes, self.rows, self.row, self.rest, self.said = {}, {}, 0, "", ""
        self.changed = threading.Condition()
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=self.theirs,
            start_new_session=True,
            **options,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while True:
            try:
                got = os.read(self.ours, 65536)
            except OSError:
                return
            with self.changed:
                self._show(decoder.decode(got))
                self.changed.notify_all()

    def _show(self, text):
        self.said += text
        text = self.rest + text
        last = text.rfind("\x1b")
        cut = len(text) if last < 0 or WHOLE.match(text, last) else last
        text, self.rest = STYLE.sub("", text[:cut]), text[cut:]
        for sequence, word in re.findall(r"(\x1b\[[?0-9;]*[A-Za-z])|([^\x1b]+)", text):
            if word:
                self.rows[self.row] = self.rows.get(self.row, "") + word
            elif sequence[-1] in "hl":
                self.modes[sequence[2:-1]] = sequence[-1] == "h"
            elif sequence[-1] == "H":
                self.row = int(sequence[2:-1].split(";")[0] or 1)
            elif sequence.endswith("2J"):
                self.rows.clear()
            elif sequence.endswith("2K"):
                self.rows.pop(self.row, None)

    @property
    def text(self):
        return "\n".join(self.rows[each].rstrip() for each in sorted(self.rows))

    def wait_for(self, words, gone=False, seconds=20):
        with self.changed:
            met = self.changed.wait_for(lambda: (words in " ".join(self.text.split())) != gone, timeout=seconds)
        assert met, f"{words!r} {'still' if gone else 'not'} in\n{self.text}"

    def type(self, text):
        os.write(self.ours, text.encode())

    def resize(self, width, height):
        self.fcntl.ioctl(self.theirs, self.termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def is_as_before(self):
        assert self.termios.tcgetattr(self.theirs) == self.before
        with self.changed:
            assert self.changed.wait_for(lambda: not self.modes.get("?1049"), timeout=5)
        assert self.modes["?25"] and self.modes["?7"] and not self.modes["?2004"]

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.theirs)
        self.reader.join(5)  # nobody has the terminal any more: its reading ends
        os.close(self.ours)


@pytest.fixture
def windows():
    opened = []

    def open_(*arguments, **options):
        opened.append(Window(*arguments, **options))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


@pytest.fixture
def fake(windows, tmp_path):
    """A view of a session that does what it is told, in a window."""
    os.mkfifo(tmp_path / "orders")

    def start(shell=(), **environ):
        env = {**os.environ, "TERM": "xterm-256color", **environ}
        arguments = ["-c", *shell, FAKE, str(Path(__file__).parent), str(tmp_path)]
        window = windows(arguments, cwd=tmp_path, env=env)
        orders = open(tmp_path / "orders", "w")  # noqa: SIM115  as long as the program runs

        def order(line):
            orders.write(line + "\n")
            orders.flush()

        window.order = order
        window.wait_for("Next: c1e0")
        return window

    return start


@posix
def test_a_session_in_a_terminal(fake):
    window = fake()
    assert window.modes["?1049"] and not window.modes["?25"]
    window.type("\x13\x1ch")  # Ctrl-S stops nothing, Ctrl-\ ends nothing
    window.wait_for("Hint 1 of 4: A?")
    window.type("l")
    window.wait_for("▸ to do c1e0")
    window.type("\x1b[B\x1b")
    window.wait_for("▸", gone=True)
    window.type("n")
    window.wait_for("c1e1 —")
    window.type("\x1b[200~q\x1b[201~")  # pasted
    window.resize(40, 10)
    window.wait_for("1 Chapter 1", gone=True)
    assert max(window.rows) == 10
    window.order("session.set('ch01/c1e1', status='failed', message='why not')")
    window.wait_for("why not")
    window.type("q")
    assert window.process.wait(10) == 0
    window.is_as_before()
    window.wait_for("over")


@posix
@pytest.mark.parametrize(
    ("end", "code"),
    [("\x03", 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129), ("session.state_.clear()", 1)],
)
def test_the_terminal_is_given_back_whatever_happens(fake, end, code):
    window = fake()
    if isinstance(end, int):
        window.process.send_signal(end)
    elif end == "\x03":
        window.type(end)
    else:
        window.order(end)  # an error in the program
    assert window.process.wait(10) == code
    window.is_as_before()
    assert ("Traceback" in window.said) == (code == 1)


@posix
def test_ctrl_z_and_fg(fake):
    window = fake(shell=[SHELL])
    window.type("\x1a")
    window.wait_for("stopped ECHO")
    assert not window.modes["?1049"] and window.modes["?25"]
    window.resize(50, 12)
    window.type("go on\n")
    window.wait_for("stopped", gone=True)
    window.wait_for("Next: c1e0")
    assert window.modes["?1049"] and max(window.rows) == 12
    window.type("q")
    window.wait_for("ended 0")
    window.is_as_before()


@posix
def test_ctrl_z_without_a_shell(fake):
    window = fake()  # nobody could say fg: the system does not stop it
    window.type("\x1a")
    with window.changed:
        assert window.changed.wait_for(lambda: window.said.count("\x1b[?1049h") == 2, timeout=10)
    window.wait_for("q quit")
    window.type("h")
    window.wait_for("Hint 1")


@posix
def test_an_editor_in_the_terminal_has_it_for_itself(fake, tmp_path):
    program = tmp_path / "vi"
    program.write_text(
        f"#!{sys.executable}\nimport sys, termios\n"
        "try:\n"
        "    print('editing', sys.argv[1:], bool(termios.tcgetattr(0)[3] & termios.ECHO), flush=True)\n"
        "    while True: sys.stdin.readline()\n"
        "except KeyboardInterrupt: sys.exit(5)\n"
    )
    program.chmod(0o755)
    window = fake(VISUAL=str(program))
    window.type("o")
    window.wait_for(f"editing ['+12', '{tmp_path}/ch01_c1/s0.py'] True")
    assert not window.modes["?1049"]
    window.order("session.set('ch01/c1e0', status='failed', message='seen afterwards')")
    window.type("\x03")  # the editor's, not ours
    window.wait_for("ended with an error (code 5)")
    window.wait_for("seen afterwards")
    assert window.modes["?1049"]
    window.type("q")
    assert window.process.wait(10) == 0
    window.is_as_before()


@posix
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGHUP])
def test_an_editor_can_rescue_its_text_when_we_are_ended(fake, tmp_path, end):
    program, rescued = tmp_path / "vi", tmp_path / "rescued"
    program.write_text(
        f"#!{sys.executable}\nimport signal, sys, time\nfrom pathlib import Path\n"
        "def rescue(*_):\n"
        "    time.sleep(0.3)\n"
        f"    Path({str(rescued)!r}).write_text('what was not saved')\n"
        "    sys.exit(1)\n"
        "signal.signal(signal.SIGTERM, rescue)\n"
        "print('editing', flush=True)\n"
        "while True: signal.pause()\n"
    )
    program.chmod(0o755)
    window = fake(VISUAL=str(program))
    window.type("o")
    window.wait_for("editing")
    window.process.send_signal(end)
    window.process.send_signal(end)
    assert window.process.wait(10) == 128 + end
    assert rescued.read_text() == "what was not saved"
    window.is_as_before()
    assert "Traceback" not in window.said


@posix
def test_after_an_editor_the_run_that_it_caused_is_told(fake, tmp_path):
    program = tmp_path / "vi"
    program.write_text(
        f"#!{sys.executable}\nimport os\nos.set_blocking(0, False)\nprint('editing', flush=True)\nopen('go').read()\n"
    )
    program.chmod(0o755)
    os.mkfifo(tmp_path / "go")
    window = fake(VISUAL=str(program))
    window.type("o")
    window.wait_for("editing")
    window.order("session.report = Report(dict.fromkeys(e.id for e in session.index.sets[1].exercises))")
    window.order("import os; os.mkdir('seen')")  # after the other was obeyed, and before the editor ends
    while not (tmp_path / "seen").exists():
        time.sleep(0.01)
    (tmp_path / "go").write_text("go")
    window.wait_for("s0.py: checked at")
    window.type("h")  # the editor left the keyboard in a state in which reading does not wait
    window.wait_for("Hint 1 of 4")
    window.type("q")
    assert window.process.wait(10) == 0


@posix
def test_ctrl_z_in_an_editor_and_fg(fake, tmp_path):
    program = tmp_path / "vi"
    program.write_text("#!/bin/sh\necho editing\nread line\necho edited\n")
    program.chmod(0o755)
    window = fake(shell=[SHELL], VISUAL=str(program))
    window.type("o")
    window.wait_for("editing")
    window.type("\x1a")
    window.wait_for("stopped ECHO")
    window.type("go on\nsave\n")
    window.wait_for("ch01_c1/s0.py:12")
    window.wait_for("editing", gone=True)
    window.type("q")
    window.wait_for("ended 0")
    window.is_as_before()


@posix
def test_an_idle_view_writes_nothing_and_sleeps(fake):
    window = fake()
    window.type("h")
    window.wait_for("Hint 1")
    said = len(window.said)
    for _ in range(20):
        window.order("pass")  # told of a change that shows nothing
    window.order("session.state_['problem'] = 'the last order'")
    window.wait_for("the last order")
    assert window.said.count("exercises pass") == 1 and len(window.said) - said < 2000
    window.type("q")
    assert window.process.wait(10) == 0


@posix
def test_while_tests_run_the_seconds_are_counted(fake):
    window = fake()
    window.order("session.state_['running'] = ['ch01/c1e0']")
    window.wait_for("checking s0.py … 3 s; an endless loop is stopped after 20 s")
    window.wait_for("checking s0.py … 4 s;")
    window.order("session.state_['running'] = []")
    window.wait_for("s0.py: checked at")


LEARN = (
    CONTROL
    + "import runpy; sys.argv[:] = ['deepbook', 'learn', *sys.argv[1:]]\n"
    + "runpy.run_module('deepbook.cli', None, '__main__')"
)


@posix
def test_deepbook_learn_in_a_terminal(small_book, learner, windows):
    file = learner.folder / "ch01_small/sums.py"
    window = windows(["-c", LEARN, "--no-book"], cwd=learner.folder, env={**small_book.environment, "TERM": "xterm"})
    window.wait_for("Next: add — Add")
    window.wait_for("sums.py: checked at")
    window.type("hs")
    window.wait_for("Hint 1 of 4: first hint")
    window.type("y")
    window.wait_for("The book's answer to add")
    window.type("q")
    file.write_text("def add(a, b):\n    return a - b\n\n\ndef double(a):\n    return 2 * a\n")
    window.wait_for("You subtract: look at the sign.")
    window.type("rn")
    small_book.solve(learner.folder, "sums")
    window.wait_for("Passed: add.")
    window.wait_for("Next: triple")
    window.type("l")
    window.wait_for("passed double Double")
    window.type("\x03")
    assert window.process.wait(20) == 0
    window.is_as_before()
    assert window.said.count("goes on where you stopped") == 1 and "Traceback" not in window.said
