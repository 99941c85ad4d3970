"""Jails for the trusted process: the grader's own process makes them, and lends out their pipes.

So the warm parent of the jails lives as long as the grader, and whatever happens to a trusted process, its jails are
ended by somebody who is well. Both ends are ours; the talk is lines of JSON on one socket, which also carries results.
"""

import json
import os
import select
import socket
import threading
import time

from deepbook.grading.keeper import used

LARGEST = 64 << 20  # bytes that one trusted process may say


class Lender:
    """The grader's end, for one trusted process. make(program): a new jail.

    Ends all its jails when it is left; what they have used is kept.
    """

    def __init__(self, make):
        self.make, self.jails, self.ahead = make, [], {}
        self.cpu, self.peak = 0.0, 0  # seconds of all jails together; bytes of the largest

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for jail in [*self.jails, *self.ahead.values()]:
            jail.kill()
            self.cpu, self.peak = self.cpu + jail.cpu_seconds(), max(self.peak, jail.peak_memory())

    def prepare(self, program: str):
        """Start a jail that will soon be asked for."""
        self.ahead[program] = self.make(program)

    def follow(self, process, seconds: float):
        """The events that a trusted process tells, until it ends or the time is over; its wishes are met on the way."""
        end, rest, size, descriptor = time.monotonic() + seconds, b"", 0, process.output.fileno()
        while (left := end - time.monotonic()) > 0 and size < LARGEST:
            if not select.select([descriptor], [], [], min(left, 1))[0]:
                continue
            try:
                piece = os.read(descriptor, 1 << 16)
            except ConnectionResetError:
                return
            if not piece:
                return
            size += len(piece)
            *whole, rest = (rest + piece).split(b"\n")
            for line in whole:
                event = json.loads(line)
                if "wish" in event:
                    self.meet(process.output, event)
                else:
                    yield event

    def meet(self, peer: socket.socket, event: dict):
        """Answer one wish for a jail, what it printed, or its end."""
        descriptors, answer = [], {}
        if event["wish"] == "jail":
            jail = self.ahead.pop(event["program"], None) or self.make(event["program"])
            self.jails.append(jail)
            jail.ready()
            answer = {"number": len(self.jails) - 1, "worker": jail.worker}
            descriptors = [jail.requests, jail.answers]
        else:
            jail = self.jails[event["number"]]
            if event["wish"] == "end":
                jail.kill(event["why"])
                answer = {"ending": jail.ending(), "cpu": jail.cpu_seconds()}
            if event["wish"] == "printed":
                answer = {"printed": jail.printed()}
        try:
            socket.send_fds(peer, [json.dumps(answer).encode() + b"\n"], descriptors)
        except (BrokenPipeError, ConnectionResetError):
            return  # it will be noticed where we listen


class Borrower:
    """The trusted process's end: tells events, asks for jails."""

    def __init__(self, descriptor: int):
        self.socket, self.lock = socket.socket(fileno=descriptor), threading.Lock()
        self.socket.set_inheritable(False)

    def say(self, event: str, **rest):
        with self.lock:
            self.socket.sendall(json.dumps({"event": event, **rest}).encode() + b"\n")

    def wish(self, wish: str, **rest) -> tuple[dict, list[int]]:
        with self.lock:
            self.socket.sendall(json.dumps({"wish": wish, **rest}).encode() + b"\n")
            text, descriptors, _, _ = socket.recv_fds(self.socket, 1 << 20, 2)
            while text and not text.endswith(b"\n"):
                piece = self.socket.recv(1 << 20)
                text = text + piece if piece else b""
            if not text:
                os._exit(1)  # the grader is gone
        return json.loads(text), descriptors

    def jail(self, program: str) -> "Borrowed":
        return Borrowed(self, *self.wish("jail", program=program))


class Borrowed:
    """A jail that the grader has made: its pipes are here. See jail.Jail."""

    def __init__(self, borrower, answer, descriptors):
        self.borrower, self.number = borrower, answer["number"]
        self.requests, self.answers = descriptors
        self.worker, self.cpu, self.end = answer["worker"], 0.0, None

    def cpu_seconds(self) -> float:
        if self.end is None:
            self.cpu = max(self.cpu, used(self.worker)[0])  # asked very often, so we look ourselves
        return self.cpu

    def printed(self) -> str:
        return self.borrower.wish("printed", number=self.number)[0]["printed"]

    def kill(self, why: str | None = None):
        if self.end is None:
            os.close(self.requests)
            os.close(self.answers)
            self.end = self.borrower.wish("end", number=self.number, why=why)[0]
            self.cpu = self.end["cpu"]

    def ending(self) -> str:
        return self.end["ending"] if self.end else "ok"
