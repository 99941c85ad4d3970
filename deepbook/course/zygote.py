"""The warm parent of the tests' processes: it has imported what is slow, and each run is a fork of it.

A spare is forked beforehand: its JAX backend is up and it waits for its job. We fork only while this process has one
thread and no JAX backend, because a fork after the backend has started hangs.

warm.py, at the other end of the socket, sends messages of JSON:
    {"fork": true} and two file descriptors     a spare, that reads its job from the first and writes to the second
    {"stop": pid}                               end it, and whatever it has started
and hears {"ready": true}, {"born": pid}, {"died": pid, "code": n}. When the socket closes, all children end, and this
process too. Only for Linux.
"""

import contextlib
import ctypes
import gc
import json
import os
import select
import signal
import socket
import sys
import time

from deepbook.course import guard

SWEEP_S = 5  # how long we chase what a run left behind


class Zygote:
    """The parent's loop: forks, stops and mourns its children."""

    def __init__(self, control: socket.socket, work=None):
        self.control, self.children = control, set()
        self.work = work or test  # what a child does with its job, given as bytes; gives the exit code
        self.woken, waker = os.pipe()
        os.set_blocking(self.woken, False)
        os.set_blocking(waker, False)
        signal.set_wakeup_fd(waker)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.own = {self.woken, waker, control.fileno()}

    def serve(self):
        """Until the other end closes."""
        self.say(ready=True)
        try:
            while True:
                ready = select.select([self.control, self.woken], [], [])[0]
                if self.woken in ready:
                    os.read(self.woken, 4096)
                    self.mourn()
                if self.control in ready and not self.obey():
                    return
        finally:
            for pid in self.children:
                kill(pid)
            self.children.clear()
            self.sweep()

    def obey(self) -> bool:
        """Do what one message asks; False if the other end has closed."""
        text, descriptors, _, _ = socket.recv_fds(self.control, 4096, 2)
        if not text:
            return False
        message = json.loads(text)
        if message.get("fork"):
            self.fork(*descriptors)
        elif message.get("stop") in self.children:
            kill(message["stop"])
        return True

    def fork(self, job: int, output: int):
        if not safe_to_fork():
            sys.exit("there is a thread or a JAX backend in the warm parent: no fork is safe any more")
        own = os.getpid()
        pid = os.fork()
        if pid == 0:
            child(own, job, output, self.own, self.work)
        os.close(job)
        os.close(output)
        self.children.add(pid)
        self.say(born=pid)

    def mourn(self):
        """Say who of the children has died, after ending what it left behind."""
        for pid in list(self.children):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                self.children.discard(pid)
                self.sweep()
                self.say(died=pid, code=os.waitstatus_to_exitcode(status))

    def sweep(self):
        """End everything that is below us and no child of ours: as their subreaper we are the parent of all orphans."""
        end = time.monotonic() + SWEEP_S
        while (strangers := self.strangers()) and time.monotonic() < end:
            for pid in strangers:
                kill(pid, signal.SIGSTOP)  # so that a fork bomb stands still
            for pid in strangers:
                kill(pid)
                os.waitpid(pid, 0)

    def strangers(self) -> list[int]:
        return [pid for pid in children_of(os.getpid()) if pid not in self.children]

    def say(self, **message):
        try:
            self.control.send(json.dumps(message).encode())
        except OSError:
            sys.exit(0)  # nobody listens any more


def kill(pid: int, number: int = signal.SIGKILL):
    """A signal to a process that we have not waited for yet, and to its group if it leads one."""
    for send in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            send(pid, number)


def children_of(parent: int) -> list[int]:
    """The processes whose parent is `parent`."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    after_name = file.read().rpartition(b") ")[2].split()
            except OSError:
                continue
            if int(after_name[1]) == parent:
                found.append(int(name))
    return found


def safe_to_fork() -> bool:
    """Whether this process has one thread, and no JAX backend."""
    from jax._src import xla_bridge  # there is no public way to ask without starting one

    return len(os.listdir("/proc/self/task")) == 1 and not xla_bridge._backends


# ------------------------------------------------------------------ the child


def child(parent: int, job: int, output: int, descriptors, work):
    """Become a spare, then the run; never returns."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.setsid()
        guard.die_with_parent(parent)
        for descriptor in descriptors:
            os.close(descriptor)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        start_backend()
        with open(job, "rb") as file:
            text = file.read()
        code = work(text) if text else 0  # no job: nobody needs us any more
        sys.stdout.flush()
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


def start_backend():
    """Start JAX's backend and run one small function, so that the first test need not wait for it."""
    import jax
    import jax.numpy as jnp

    jax.jit(lambda x: jnp.tanh(x @ x).sum())(jnp.ones((2, 2))).block_until_ready()


def test(text: bytes) -> int:
    """Run pytest as `python -m pytest` would. Returns its exit code."""
    import numpy
    import pytest

    job = json.loads(text)
    os.chdir(job["folder"])
    os.environ.clear()
    os.environ.update(job["environment"])
    numpy.random.seed()  # else every fork would draw the numbers that the parent would have drawn next
    sys.argv = ["pytest", *job["arguments"]]
    return int(pytest.main(job["arguments"]))


# ------------------------------------------------------------------ the start


def adopt_orphans():
    """Become the parent of all that is below us when its own parent ends."""
    subreaper = 36  # PR_SET_CHILD_SUBREAPER, from <linux/prctl.h>
    ctypes.CDLL(None).prctl(subreaper, 1, 0, 0, 0)


def import_all():
    """Everything slow that a test may need; none of it starts a thread."""
    import jax.numpy  # noqa: F401
    import pytest  # noqa: F401
    import sklearn.datasets  # noqa: F401

    import deepbook.data  # noqa: F401
    from deepbook.course import plugin  # noqa: F401


def main():
    control = socket.socket(fileno=int(sys.argv[1]))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    adopt_orphans()
    import_all()
    gc.collect()
    gc.freeze()  # the children share these pages
    gc.set_threshold(100_000, 50, 100)  # JAX makes many small objects: looking at them took a tenth of the time
    Zygote(control).serve()


if __name__ == "__main__":
    main()
