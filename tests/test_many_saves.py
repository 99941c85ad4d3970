"""A long evening: 200 saves in a row, 50 of them hostile. Every verdict is right, and nothing is left over or grows."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from deepbook.course import files

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="counts processes in /proc")]

DOUBLE = "\n\ndef double(a):\n    return 2 * a\n"
SHELL = "import ctypes\n\ndef add(a, b):\n    ctypes.CDLL(None).system(b{!r})\n    return a + b\n"
HOSTILE = {  # what `add` does: (its code, what is said of it)
    "endless loop": ("def add(a, b):\n    while True:\n        pass\n", "stuck"),
    "loop that swallows": (
        "def add(a, b):\n    while True:\n        try:\n            while True:\n                pass\n"
        "        except Exception:\n            pass\n",
        "stuck",
    ),
    "loop without signals": (
        "import signal\n\ndef add(a, b):\n    signal.setitimer(signal.ITIMER_REAL, 0)\n    while True:\n        pass\n",
        "stuck",
    ),
    "leaves": ("import os\n\ndef add(a, b):\n    os._exit(0)\n", "crashed"),
    "leaves with an error": ("import os\n\ndef add(a, b):\n    os._exit(3)\n", "crashed"),
    "exit": ("def add(a, b):\n    raise SystemExit(0)\n", "failed"),
    "crash": ("import ctypes\n\ndef add(a, b):\n    return ctypes.string_at(0)\n", "crashed"),
    "abort": ("import os\n\ndef add(a, b):\n    os.abort()\n", "crashed"),
    "kills itself": ("import os\n\ndef add(a, b):\n    os.kill(os.getpid(), 9)\n", "crashed"),
    "kills its parent": ("import os\n\ndef add(a, b):\n    os.kill(os.getppid(), 9)\n", "failed"),
    "fork bomb": ("import os\n\ndef add(a, b):\n    while True:\n        os.fork()\n", "failed"),
    "pool": ("from multiprocessing import Pool\n\ndef add(a, b):\n    return Pool(9).map(abs, [a])[0]\n", "failed"),
    "daemon": (SHELL.format("setsid sh -c 'sleep 1000 & sleep 1000' > /dev/null 2>&1 &"), "passed"),
    "shell bomb": (SHELL.format("for i in 1 2 3 4 5 6 7 8; do (sleep 1000 & sleep 1000) & done"), "passed"),
    "two gigabytes of output": (
        "def add(a, b):\n    for _ in range(2000):\n        print('x' * 1_000_000)\n    return a + b\n",
        "stuck",
    ),
    "all the memory": ("def add(a, b):\n    return [0] * 10**13\n", "failed"),
    "recursion": ("def add(a, b):\n    return add(b, a)\n", "failed"),
    "closes its output": (
        "import os\n\ndef add(a, b):\n    os.close(1)\n    os.close(2)\n    return a + b\n",
        "passed",
    ),
    "thread without end": (
        "import threading, time\n\ndef add(a, b):\n"
        "    threading.Thread(target=time.sleep, args=(1000,)).start()\n    return a + b\n",
        "passed",
    ),
    "hangs at the end": (
        "import atexit, time\natexit.register(time.sleep, 1000)\n\ndef add(a, b):\n    return a + b\n",
        "passed",
    ),
    "endless import": ("while True:\n    pass\n\ndef add(a, b):\n    return a + b\n", "broken"),
    "nonsense": ("def add(a, b:\n", "broken"),
}
TAME = {
    "right": ("def add(a, b):\n    return a + b\n", "passed"),
    "wrong": ("def add(a, b):\n    return a - b\n", "failed"),
    "empty": ("def add(a, b):\n    raise NotImplementedError\n", "todo"),
}


def test_two_hundred_saves(small_book, learner):
    random.seed(0)
    names = [*list(HOSTILE) * 3][:50] + random.choices(list(TAME), k=150)
    random.shuffle(names)
    file = learner.folder / "ch01_small/sums.py"
    environment = {**small_book.environment, "DEEPBOOK_LIMIT_S": "1"}
    command = [sys.executable, "-m", "deepbook.cli", "learn", "--no-book"]
    learn = subprocess.Popen(
        command, cwd=learner.folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        memory, worst = [], 0.0
        for number, name in enumerate(names):
            code, expected = {**HOSTILE, **TAME}[name]
            text = f"{code}{DOUBLE}# {number}\n"
            file.write_text(text)
            started = time.monotonic()
            found = verdict(learner, text)
            worst = max(worst, time.monotonic() - started)
            assert found["ch01/add"] == expected, f"save {number}: {name}"
            also = ("broken", "passed") if expected == "broken" else ("passed",)
            assert found["ch01/double"] in also, f"save {number}: {name}"
            if number in (20, 199):
                time.sleep(3)  # until the next spare is whole
                memory.append(sum(map(resident, family(learn.pid))))
        left = family(learn.pid)
        words = {open(f"/proc/{pid}/cmdline").read().replace("\0", " ") for pid in left}  # noqa: SIM115
        assert len(left) == 3, words  # learn itself, the warm parent and its spare
        print(f"memory {memory[0] / 1e6:.0f} to {memory[1] / 1e6:.0f} MB, longest {worst:.1f} s")
        assert memory[1] - memory[0] < 50e6
    finally:
        learn.send_signal(signal.SIGINT)
        said = learn.communicate(timeout=20)[1].decode()
    assert "Traceback" not in said, said
    assert not [pid for pid in everyone() if environment_of(pid).get("DEEPBOOK_BOOK") == str(small_book.root)]


def verdict(learner, text, seconds=40):
    """The statuses, as soon as they are about this text."""
    notes = learner.memory / "progress.json"
    test = (learner.folder / "ch01_small/test_sums.py").read_bytes()
    wanted = files.digest(text.encode() + b"\0" + test + b"\0")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            known = json.loads(notes.read_bytes())
        except FileNotFoundError:
            known = {}
        add, double = (known.get(f"ch01/{name}", {}) for name in ("add", "double"))
        kept = add.get("status") == "broken" and double.get("status") == "passed"  # see Progress.record
        if add.get("files") == wanted and (kept or double.get("files") == wanted):
            return {name: note["status"] for name, note in known.items()}
        time.sleep(0.01)
    raise AssertionError(f"no verdict on {text}")


def everyone():
    me = os.getpid()
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != me]


def family(ancestor):
    """A process and all below it."""
    parents = {pid: parent for pid in everyone() if (parent := parent_of(pid)) is not None}
    found = {ancestor}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def parent_of(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(") ")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[1])


def resident(pid):
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def environment_of(pid):
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            pairs = [part.partition(b"=") for part in file.read().split(b"\0")]
    except OSError:
        return {}
    return {name.decode(errors="replace"): value.decode(errors="replace") for name, _, value in pairs}
