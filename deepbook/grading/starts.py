"""Two ways to start a jail's keeper: in a new Python, or as a fork of a warm parent (warm.py): far cheaper."""

import json
import os
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

from deepbook.grading import tiers
from deepbook.grading.packages import readable

HERE = Path(__file__).parent


def cold(fds: dict[str, int], output: int):
    """A keeper in a new Python."""
    command = [readable().python, "-I", "-S", "-B", str(HERE / "keeper.py"), json.dumps(list(fds.values()))]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=list(fds.values()),
        start_new_session=True,
        cwd="/",
        env={},
    )
    threading.Thread(target=process.wait, daemon=True).start()  # so that no dead process stays


class Warm:
    """The warm parent of this process's jails (warm.py), started when it is first needed."""

    def __init__(self):
        self.control, self.lock, self.failed = None, threading.Lock(), False

    def start(self, fds: list[int]) -> bool:
        """Have a keeper forked. False if there is no warm parent."""
        with self.lock:
            if self.failed:
                return False
            try:
                if self.control is None:
                    self.come_up()
                socket.send_fds(self.control, [b"jail"], fds)
            except OSError:
                self.failed = True
        return not self.failed

    def come_up(self):
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        what = readable()
        options = ["-P", "-s", "-S", "-B", "-u", str(HERE / "warm.py"), str(theirs.fileno()), json.dumps(what.modules)]
        process = subprocess.Popen(
            [what.python, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
            cwd="/",
            env=tiers.environment("/"),
        )
        theirs.close()
        threading.Thread(target=process.wait, daemon=True).start()

    def close(self, failed: bool = False):
        """End the warm parent. The next jail starts another, unless it `failed`."""
        with self.lock:
            if self.control is not None:
                self.control.close()
            self.control, self.failed = None, failed


WARM = Warm()


def memory_file(job: dict) -> int:
    """A descriptor of a nameless file with the job in it, for which the command line is too short."""
    with open(os.memfd_create("job"), "wb") if hasattr(os, "memfd_create") else tempfile.TemporaryFile() as file:
        file.write(json.dumps(job).encode())
        file.flush()
        return os.dup(file.fileno())
