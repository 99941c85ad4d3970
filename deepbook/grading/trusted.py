"""Starts the trusted process of each submission: a fork of a warm parent that has imported everything slow.

The parent has one thread and no JAX backend, so forking it is safe; each child starts its own. Where there is no fork
(Windows) or it is not safe (macOS), a new Python does the same. Nothing of a submission is in the parent, ever.
"""

import atexit
import contextlib
import gc
import os
import pickle
import socket
import subprocess
import sys
import threading
import time

from deepbook.course.runner import environment, stop, xla_flags
from deepbook.course.warm import BORN_S, NotWarm, Parent, Spare

LEAVE_S = 5  # for what a killed child leaves behind: its jails end by themselves


class WarmParent(Parent):
    """The process of `main` below, seen from the grader."""

    MODULE = "deepbook.grading.trusted"

    def environment(self):
        return clean_environment()

    def fork(self) -> Spare:
        """A child that waits for its job; its `output` is a socket to it."""
        job, job_end = os.pipe()
        output, theirs = socket.socketpair()
        try:
            self.say({"fork": True}, [job, theirs.fileno()])
            pid = self.hear("born", BORN_S)
        except NotWarm:
            os.close(job_end)
            output.close()
            raise
        finally:
            os.close(job)
            theirs.close()
        return Spare(self, pid, open(job_end, "wb"), output)


def clean_environment() -> dict[str, str]:
    """No compile cache of other programs, one thread for each sum."""
    kept = {name: value for name, value in environment(60).items() if not name.startswith(("JAX_", "DEEPBOOK_LIMIT"))}
    return kept | {
        "JAX_PLATFORMS": "cpu",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "XLA_FLAGS": xla_flags("--xla_cpu_multi_thread_eigen=false"),
    }


class Starter:
    """Starts trusted processes; keeps one warm parent for this process, and a spare child of it."""

    def __init__(self):
        self.parent, self.spare, self.lock, self.pid = None, None, threading.Lock(), os.getpid()

    def start(self, job):
        """A process that works on `job`; its results come from `.output`. Ask it to `.stop()` in the end."""
        text = pickle.dumps(job)
        if sys.platform == "linux":
            with self.lock:
                try:
                    return self.warm(text)
                except (NotWarm, OSError):
                    self.parent = self.spare = None
        return Fresh(text)

    def warm(self, text):
        if self.pid != os.getpid():  # we have been forked: the parent is not ours
            self.parent, self.spare, self.pid = None, None, os.getpid()
        if self.parent is None or not self.parent.alive:
            self.parent, self.spare = WarmParent(), None
            atexit.register(self.parent.close)
        spare, self.spare = self.spare, None
        if spare is None or spare.poll() is not None:
            spare = self.parent.fork()
        with spare.job:
            spare.job.write(text)
        return spare

    def prepare(self):
        """A spare for the next submission."""
        with self.lock:
            if self.parent is not None and self.parent.alive and self.spare is None:
                try:
                    self.spare = self.parent.fork()
                except (NotWarm, OSError):
                    self.parent = self.spare = None


STARTER = Starter()


class Fresh:
    """A new Python, where there is no warm parent."""

    def __init__(self, text):
        command = [sys.executable, "-P", "-m", "deepbook.grading.trusted", "fresh"]
        self.output, theirs = socket.socketpair()
        pipes = {"stdin": subprocess.PIPE, "stdout": theirs, "stderr": subprocess.DEVNULL}
        with theirs:
            self.process = subprocess.Popen(command, env=clean_environment(), start_new_session=True, **pipes)
        threading.Thread(target=self.give, args=(text,), daemon=True).start()

    def give(self, text):
        try:
            self.process.stdin.write(text)
            self.process.stdin.close()
        except OSError:
            pass

    def stop(self):
        stop(self.process)


# ------------------------------------------------------------------ the warm parent and its children


def work(text: bytes) -> int:
    """A child's job. What it says goes to what was standard output; what anybody prints goes nowhere."""
    results = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    from deepbook.grading import exam

    job = pickle.loads(text)  # from the grader, our own parent
    exam.run(job, results)
    return 0


def start_backend():
    """JAX's backend and its threads, in a child. Nothing is compiled: many submissions need nothing of it."""
    import jax

    jax.devices()


def import_all():
    """Everything slow that a test may need; none of it starts a thread or a JAX backend."""
    import cloudpickle  # noqa: F401
    import jax.numpy  # noqa: F401
    import pytest  # noqa: F401
    from jax import export  # noqa: F401

    import deepbook.data
    from deepbook.grading import exam, warm  # noqa: F401

    warm.share_context()
    deepbook.data.load("digits")


def main():
    if sys.argv[1:] == ["fresh"]:
        sys.exit(work(sys.stdin.buffer.read()))
    from deepbook.course import guard, zygote

    class Warm(zygote.Zygote):
        def sweep(self):
            """A child that was killed leaves keepers of jails, which end by themselves: give them time."""
            end = time.monotonic() + LEAVE_S
            while self.strangers() and time.monotonic() < end:
                time.sleep(0.01)
                for pid in self.strangers():
                    with contextlib.suppress(ChildProcessError):
                        os.waitpid(pid, os.WNOHANG)
            super().sweep()

    zygote.start_backend = start_backend
    control = socket.socket(fileno=int(sys.argv[1]))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    zygote.adopt_orphans()
    guard.die_with_parent()
    import_all()
    gc.collect()
    gc.freeze()  # the children share these pages
    gc.set_threshold(100_000, 50, 100)  # as in warm.py
    Warm(control, work).serve()


if __name__ == "__main__":
    main()
