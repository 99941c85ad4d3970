"""The grader's end of a jailed process: asks, and believes no byte of the answer.

A question carries a number that nobody can guess, and its answer must carry the same; what comes unasked ends the
process. Time is the jail's own CPU, measured from outside, so a busy machine hurts nobody; for code that sleeps we wait
three times as long.
"""

import os
import secrets
import select
import threading
import time

from deepbook.grading import wire

SLOWER = 3  # seconds by the clock for each second of CPU that a test may use, for code that sleeps
SLOWEST = 10  # the same for code that works, on a machine that is very busy
IDLE = 0.05  # of the time that passes: who uses less CPU is asleep
LOOK_S = 0.1  # between two looks at the CPU that was used


class Ended(BaseException):
    """A jailed process is gone. Not an Exception, so that no test takes it for a student's error."""

    status = "crashed"


class TooLong(Ended):
    status = "stuck"


class OutOfMemory(Ended):
    status = "memory"


class BrokenProtocol(Ended):
    status = "protocol"


class Clock:
    """The time of one test: CPU of all jailed processes together, and seconds by the clock."""

    def __init__(self, limit_s: float, whole_s: float):
        self.limit_s, self.end = limit_s, time.monotonic() + whole_s
        self.sides = []
        self.begin()

    def begin(self):
        """A new test."""
        self.used, self.started = self.cpu(), time.monotonic()

    def cpu(self) -> float:
        return sum(side.cpu() for side in self.sides)

    def check(self):
        """Raises TooLong if the test, or the whole submission, has had its time."""
        now = time.monotonic()
        if now > self.end:
            raise TooLong("the whole submission")
        used, passed = self.cpu() - self.used, now - self.started
        patience = (SLOWER if used < IDLE * passed else SLOWEST) * self.limit_s
        if used > self.limit_s or passed > patience:
            raise TooLong("one test")


class Side:
    """One jailed process. start() gives a jail (see jail.py) that is already running."""

    def __init__(self, start, clock: Clock, build=None, special=None):
        self.clock, self.build, self.special = clock, build, special
        self.lock, self.dead = threading.Lock(), None
        self.spent, self.start = 0.0, 0.0
        self.jail = None
        clock.sides.append(self)
        self.jail = start()
        self.start = self.jail.cpu_seconds()
        self.requests, self.answers = self.jail.requests, self.jail.answers
        os.set_blocking(self.requests, False)
        os.set_blocking(self.answers, False)

    def cpu(self) -> float:
        """Seconds that it has used so far, without its start."""
        if self.jail is not None and self.dead is None:
            self.spent = max(self.spent, self.jail.cpu_seconds() - self.start)
        return self.spent

    def ask(self, op: str, **request):
        """The answer to one question: a dict with "ok", "error" or "not plain". Raises Ended if the process is lost."""
        nonce = secrets.token_bytes(16)
        frame = wire.pack({"op": op, "nonce": nonce, **request}, self.special)
        with self.lock:
            if self.dead:
                raise self.dead
            try:
                if self.ready(self.answers, select.POLLIN, 0):
                    raise BrokenProtocol("it spoke without being asked")
                self.write(frame)
                header, body = wire.read_frame(self.read)
                answer = wire.decode(header, body, self.build)
                if type(answer) is not dict or len(answer) != 2:
                    raise BrokenProtocol("its answer has another form")
                if type(given := answer.pop("nonce", None)) is not bytes or given != nonce:
                    raise BrokenProtocol("its answer belongs to no question")
                return answer
            except wire.WireError as error:
                self.lose(BrokenProtocol(str(error)))
            except Ended as error:
                self.lose(error)
            except (EOFError, BrokenPipeError, ConnectionResetError):
                self.lose(None)

    def lose(self, error):
        """End the process, and raise why it is lost. error: None if it ended itself."""
        ending = self.close({TooLong: "timeout"}.get(type(error), "crash") if error else None)
        if error is None:
            kinds = {"memory": OutOfMemory, "timeout": TooLong}
            error = kinds.get(ending, Ended)("its process ended")
        self.dead = error
        raise error from None

    def close(self, why: str | None = None) -> str:
        """End the process. Gives how it ended: "ok", "timeout", "memory" or "crash"."""
        if self.dead is not None:
            return "ok"
        self.cpu()
        self.dead = Ended("its process was ended")
        self.jail.kill(why)
        self.spent = max(self.spent, self.jail.cpu_seconds() - self.start)
        return self.jail.ending()

    def ready(self, descriptor, event, seconds) -> bool:
        poll = select.poll()
        poll.register(descriptor, event)
        return bool(poll.poll(1000 * seconds))

    def wait(self, descriptor, event):
        """Until the descriptor is ready, or the time is over."""
        while not self.ready(descriptor, event, LOOK_S):
            self.clock.check()

    def write(self, frame):
        view = memoryview(frame)
        while view:
            self.wait(self.requests, select.POLLOUT)
            try:
                view = view[os.write(self.requests, view[: 1 << 20]) :]
            except BlockingIOError:
                continue

    def read(self, size) -> bytearray:
        found, pieces = bytearray(), 0
        while len(found) < size:
            self.wait(self.answers, select.POLLIN)
            try:
                piece = os.read(self.answers, min(size - len(found), 1 << 20))
            except BlockingIOError:
                continue
            if not piece:
                raise EOFError
            found += piece
            pieces += 1
            if pieces % 64 == 0:
                self.clock.check()  # bytes that dribble in keep nobody waiting for ever
        return found
