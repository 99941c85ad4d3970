"""A process of ours that examines one submission after another, and what starts it.

The batch stays alive whatever happens to a bench. Jobs go in as pickles (both ends are ours), answers come out as JSON:

    {"record": …}    what the examiner found
    {"crash": …}     our own code failed on this submission: the sentence
    {"stop": …}      no submission can be examined: the machine is in the way (a full disk, another version), or, with
                     "mend", the instructor has to mend something (a hidden test)
"""

import contextlib
import errno
import importlib
import json
import os
import pickle
import queue
import select
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path

from deepbook.course import guard
from deepbook.course.errors import MachineProblem, Problem, from_os
from deepbook.grading.course import Assignment, Submission

EXAMINER = "deepbook.grading.examiner:examine"
RETRIES = 2  # of a submission whose bench died
END_S = 5
PATIENCE_S = 60  # beyond a submission's own limit; then the bench itself hangs
LARGEST = 64 << 20  # bytes of an answer
MACHINE = {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EROFS}


@dataclass(frozen=True)
class Job:
    """One submission to examine; it can be sent to another machine."""

    submission: Submission
    assignment: Assignment
    isolation: str
    book: str  # the fingerprint of tests and grader that the record will be about
    examiner: str = EXAMINER
    cache: Path | None = None  # what JAX has compiled before
    fill: bool = False  # write into the cache: only for the book's own answers
    hidden: dict[str, bytes] | None = field(default=None, hash=False)  # the hidden tests, where the folder is far away

    @property
    def limit_s(self) -> float:
        """Seconds by the clock after which the bench is given up."""
        return self.assignment.limits.whole_s + PATIENCE_S

    @contextlib.contextmanager
    def here(self):
        """The assignment, with its hidden tests in a folder of this machine."""
        if self.hidden is None:
            yield self.assignment
            return
        with tempfile.TemporaryDirectory(prefix="deepbook-hidden-") as folder:
            for name, content in self.hidden.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            yield replace(self.assignment, hidden=Path(folder), folder=Path(folder))


# ------------------------------------------------------------------ in the bench


def work(job: Job) -> dict:
    """Examine one submission. Whatever happens becomes an answer."""
    from deepbook.grading.fingerprint import of_book

    module, _, name = job.examiner.partition(":")
    try:
        examine = getattr(importlib.import_module(module), name)
    except Exception as error:
        return {"stop": f"The grader does not start ({type(error).__name__}: {error}). Install deepbook again."}
    try:
        with job.here() as assignment:
            if of_book(assignment) != job.book:
                return {"stop": "The tests, or deepbook itself, changed while it graded. Run the same command again."}
            cached = {"cache": job.cache, "fill": job.fill} if job.cache else {}
            return {"record": examine(job.submission, assignment, isolation=job.isolation, **cached)}
    except KeyboardInterrupt:
        raise
    except MachineProblem as error:
        return {"stop": str(error)}
    except Problem as error:
        return {"stop": str(error), "mend": True}
    except BaseException as error:
        if isinstance(error, OSError) and error.errno in MACHINE:
            return {"stop": str(from_os(error))}
        return {"crash": in_short(error), "traceback": traceback.format_exc()[-4000:]}


def in_short(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error)[:300]}"


def main():
    """Jobs from standard input, answers to what was standard output; until the input ends."""
    guard.die_with_parent()
    answers = os.dup(1)
    os.dup2(2, 1)  # what anybody prints is no answer
    with contextlib.suppress(EOFError):
        while True:
            job = pickle.loads(read_frame(0))
            write_frame(answers, answer(work(job)))


def answer(reply: dict) -> bytes:
    try:
        return json.dumps(reply).encode()
    except (TypeError, ValueError, RecursionError) as error:
        return json.dumps({"crash": f"the record is no JSON: {in_short(error)}"}).encode()


# ------------------------------------------------------------------ the pipes


def write_frame(handle: int, content: bytes):
    view = memoryview(struct.pack(">Q", len(content)) + content)
    while view:
        view = view[os.write(handle, view) :]


def read_frame(handle: int, until: float | None = None) -> bytes:
    """One frame. Raises EOFError if the other end closes, TimeoutError at the moment `until` (of time.monotonic)."""
    (length,) = struct.unpack(">Q", _read(handle, 8, until))
    if until is not None and length > LARGEST:
        raise EOFError
    return _read(handle, length, until)


def _read(handle, number, until):
    parts = []
    while number:
        if until is not None and not select.select([handle], [], [], max(0, until - time.monotonic()))[0]:
            raise TimeoutError
        part = os.read(handle, min(number, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        number -= len(part)
    return b"".join(parts)


# ------------------------------------------------------------------ from outside


class Bench:
    """A bench process, started anew when it has died. For one thread, and only as long as that thread lives."""

    def __init__(self):
        self.process, self.closed = None, False

    def examine(self, job: Job) -> dict:
        """The answer to one job, after at most RETRIES more attempts if the process dies over it."""
        for _ in range(1 + RETRIES):
            try:
                return self._ask(job)
            except TimeoutError:
                self.kill()
                return {"crash": f"the grader gave no answer in {job.limit_s:g} seconds"}
            except (EOFError, BrokenPipeError):
                code = self.kill()
                if self.closed:
                    break
        return {"crash": f"the grader's own process died over it {1 + RETRIES} times (the last time with {code})"}

    def _ask(self, job):
        if self.process is None or self.process.poll() is not None:
            self._start()
        write_frame(self.process.stdin.fileno(), pickle.dumps(job))
        return json.loads(read_frame(self.process.stdout.fileno(), time.monotonic() + job.limit_s))

    def _start(self):
        self.kill()
        errors = None if os.environ.get("DEEPBOOK_DEBUG", "") not in ("", "0") else subprocess.DEVNULL
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "deepbook.grading.bench"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            bufsize=0,
            start_new_session=True,  # Ctrl-C in the terminal is for the batch alone
        )
        if self.closed:
            self.kill()

    def kill(self) -> int | None:
        """End it and all of its group. Returns its exit code."""
        process, self.process = self.process, None
        if process is None:
            return None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        code = process.wait()
        process.stdin.close()
        process.stdout.close()
        return code

    def retire(self):
        """Let it clean up and end; then end it."""
        if self.process is not None and not self.closed:
            self.process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=END_S)
        self.kill()

    def close(self):
        """From another thread: end it; it is not started again."""
        self.closed = True
        if (process := self.process) is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)


def here(jobs: list[Job], processes: int):
    """(job, answer) for all jobs as they are done, in so many processes of this machine; to close it ends them all."""
    left, done, benches = deque(jobs), queue.Queue(), []

    def serve(bench):
        try:
            while not bench.closed:
                job = left.popleft()
                done.put((job, bench.examine(job)))
        except IndexError:
            pass
        except BaseException as error:
            done.put((None, {"stop": f"A process of the grader could not be started ({in_short(error)})."}))
        finally:
            bench.retire()

    for _ in range(min(processes, len(jobs))):
        benches.append(Bench())
        threading.Thread(target=serve, args=[benches[-1]], daemon=True).start()
    try:
        for _ in jobs:
            yield done.get()
    finally:
        for bench in benches:
            bench.close()


if __name__ == "__main__":
    from deepbook.grading import bench

    bench.main()  # not this module's own main: pickles name deepbook.grading.bench
