"""Starts the tests' processes from a warm parent (zygote.py), where the platform can: a save is answered sooner.

Fork is safe on Linux. Elsewhere (Windows has none, macOS forbids much after it), and wherever the warm parent does not
come up, each run starts in a new Python. The variable DEEPBOOK_RUNNER, "warm" or "fresh", decides instead.
"""

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from deepbook.course.runner import LIMIT_S, Fresh, environment, stop

READY_S = 60  # until the warm parent has imported everything from a cold disk
BORN_S = 10
END_S = 5
FAILURES = 3  # after so many in a row we stop trying


class NotWarm(Exception):
    """The warm parent is not there, or does not answer."""


def starter():
    """The best starter for this machine: Warm or Fresh."""
    wanted = os.environ.get("DEEPBOOK_RUNNER", "warm" if sys.platform == "linux" else "fresh")
    return Warm() if wanted == "warm" else Fresh()


class Warm:
    """A warm parent and one spare child of it. When the parent fails, it is started anew; that run is a fresh one."""

    def __init__(self):
        self.parent, self.spare, self.fresh = None, None, Fresh()
        self.failures, self.closed = 0, False  # in a row; for ever
        self.lock = threading.RLock()
        self.warm_up()

    def warm_up(self):
        """Start the parent, or a spare, in the background."""
        threading.Thread(target=self._prepare, daemon=True).start()

    def _prepare(self):
        with contextlib.suppress(NotWarm), self.lock:
            self._get_spare()

    def _get_spare(self):
        if self.closed or self.failures >= FAILURES:
            raise NotWarm
        self.failures += 1
        if self.parent is None or not self.parent.alive:
            self.parent, self.spare = Parent(lambda: self.closed), None
        if self.spare is None or self.spare.poll() is not None:
            self.spare = self.parent.fork()
        self.failures = 0
        return self.spare

    def start(self, arguments: list[str], folder: Path, limit_s: float):
        """pytest with these arguments, in the spare; in a new Python if there is none."""
        with self.lock:
            try:
                spare = self._get_spare()
                self.spare = None
                spare.begin({"arguments": arguments, "folder": str(folder), "environment": environment(limit_s)})
                spare.after = self.warm_up
                return spare
            except NotWarm:
                return self.fresh.start(arguments, folder, limit_s)

    def close(self):
        """End the parent, also while it is coming up; no other follows."""
        self.closed = True
        with self.lock:
            if self.parent:
                self.parent.close()
            self.parent = self.spare = None


class Parent:
    """The process of zygote.py, and what it says of its children."""

    MODULE = "deepbook.course.zygote"

    def __init__(self, closed=lambda: False):
        self.closed = closed  # whether nobody wants it any more
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.codes: dict[int, int] = {}  # of children that have died
        self.inbox: list[dict] = []  # what came while somebody else listened
        self.lock = threading.Lock()
        command = [sys.executable, "-P", "-m", self.MODULE, str(theirs.fileno())]
        env = self.environment()
        try:
            self.process = subprocess.Popen(
                command,
                env=env,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise NotWarm from error
        finally:
            theirs.close()
        self.alive = True
        self.hear("ready", READY_S)

    def environment(self) -> dict[str, str]:
        return {**environment(LIMIT_S), "OPENBLAS_NUM_THREADS": "1"}

    def fork(self) -> "Spare":
        job, job_end = os.pipe()
        output, output_end = os.pipe()
        try:
            self.say({"fork": True}, [job, output_end])
            pid = self.hear("born", BORN_S)
        except NotWarm:
            os.close(job_end)
            os.close(output)
            raise
        finally:
            os.close(job)
            os.close(output_end)
        return Spare(self, pid, open(job_end, "wb"), open(output, "rb", buffering=65536))

    def say(self, message, descriptors=()):
        try:
            socket.send_fds(self.control, [json.dumps(message).encode()], list(descriptors))
        except OSError as error:
            self.close()
            raise NotWarm from error

    def hear(self, what: str, seconds: float):
        """The next word of this kind. Raises NotWarm after `seconds`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.closed():
            self.listen(min(0.2, end - time.monotonic()))
            for message in self.inbox:
                self.inbox.remove(message)
                if what in message:
                    return message[what]
        self.close()
        raise NotWarm

    def listen(self, seconds: float) -> bool:
        """Take in one message if it comes within `seconds`. Returns whether one came."""
        with self.lock:
            if not self.alive:
                raise NotWarm
            if not select.select([self.control], [], [], max(0, seconds))[0]:
                return False
            try:
                text = self.control.recv(4096)
            except OSError:
                text = b""
        if not text:
            self.close()
            raise NotWarm
        message = json.loads(text)
        if "died" in message:
            self.codes[message["died"]] = message["code"]
        else:
            self.inbox.append(message)
        return True

    def close(self):
        """End the parent; it ends its children."""
        self.alive = False
        with contextlib.suppress(OSError):
            self.control.close()
        try:
            self.process.wait(timeout=END_S)
        except subprocess.TimeoutExpired:
            stop(self.process)


class Spare:
    """A child that waits for its job, then the process of one run."""

    def __init__(self, parent: Parent, pid: int, job, output):
        self.parent, self.pid, self.job, self.output = parent, pid, job, output
        self.after = lambda: None  # called when it has been stopped

    def begin(self, job: dict):
        try:
            with self.job:
                self.job.write(json.dumps(job).encode())
        except OSError as error:
            raise NotWarm from error

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        with contextlib.suppress(NotWarm):
            while self.pid not in self.parent.codes and self.parent.listen(0):
                pass
        if self.pid not in self.parent.codes and not self.parent.alive:
            return -9  # the parent is gone, and has taken its children along
        return self.parent.codes.get(self.pid)

    def stop(self):
        """End it and all that it has started."""
        with contextlib.suppress(NotWarm):
            if self.poll() is None:
                self.parent.say({"stop": self.pid})
                end = time.monotonic() + END_S
                while self.poll() is None and time.monotonic() < end:
                    self.parent.listen(0.05)
        self.parent.codes.pop(self.pid, None)
        self.after()
