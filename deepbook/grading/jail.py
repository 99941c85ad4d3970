"""Runs the grader's worker, which imports a student's code, where that code can do no harm.

Tiers, best first; `best()` takes the first that this machine allows, `available()` says why not:
    bubblewrap  its own view of the file system, processes and network (bwrap), and all of the next tier
    landlock    another user where we are root, Landlock, the filter of system calls, limits: works inside containers
    none        limits and a session of its own: holds off mistakes, not malice; only on demand
Three processes: the grader (here) -> keeper.py, which takes everything away at the end -> confine.py in the jail, which
closes the doors from inside and then runs worker.py or program.py. On Linux the latter two are forks of warm.py.
"""

import contextlib
import json
import os
import secrets
import select
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from deepbook.course.errors import MachineProblem, Problem
from deepbook.grading import cgroups, tiers
from deepbook.grading.keeper import FDS, clean, used
from deepbook.grading.packages import others_can_read, readable
from deepbook.grading.starts import WARM, cold, memory_file
from deepbook.grading.tiers import TIERS, available, best  # noqa: F401

HERE = Path(__file__).parent
SCRIPTS = ("confine", "syscalls", "wire", "worker", "program")  # what the jailed side may import of ours
READY_S, END_S, LOOK_S = 120, 20, 0.1
XCPU = 24  # the signal at the limit of CPU time


@dataclass(frozen=True)
class Limits:
    """What a jail may use. Sizes in bytes, time in seconds of CPU."""

    memory: int = 2 << 30  # of the whole jail
    address: int = 4 << 30  # of address space; JAX itself takes 1.5 GB
    cpu: int = 300  # for its whole life
    file: int = 8 << 20  # for each file
    scratch: int = 64 << 20  # for all files
    files: int = 1000
    descriptors: int = 64
    threads: int = 64
    output: int = 64 << 10  # what we keep of what it prints


class Jail:
    """One jail with one program in it. A context manager.

    tier: of TIERS. program: "worker" or "program", or the path of another script.
    requests: the descriptor to write to, which the script reads as 3; answers: the one to read, which it writes as 4.
    The start goes on in the background; `ready()` waits for it. A process that forks after it has made a jail must not
    keep it: both would hold it alive. cache: JAX's compile cache, a folder that the jail may read (writable: also fill;
    only for code that one trusts). Raises Problem if the machine does not allow the tier.
    """

    def __init__(self, tier: str, program="worker", limits: Limits | None = None, cache=None, writable=False):
        if why := available()[tier]:
            raise Problem(f"--isolation={tier} is not possible on this machine: {why}.")
        self.tier, self.limits = tier, limits or Limits()
        self.reason, self.worker, self.start_cpu = None, None, 0.0
        self.cpu, self.peak, self.resident, self.kept = 0.0, 0, 0, bytearray()
        self.name = f"deepbook-jail-{os.getpid()}-{secrets.token_hex(6)}"
        self.job = self.order(Path(program), str(Path(cache).resolve()) if cache else None, writable)
        self.lock = threading.Lock()
        self.begin(warm=sys.platform == "linux" and os.environ.get("DEEPBOOK_JAIL") != "cold")

    def order(self, program: Path, cache: str | None, writable: bool) -> dict:
        """What keeper.py and confine.py are to do."""
        what, bubble = readable(), self.tier == "bubblewrap"
        self.folder = None if bubble else os.path.join(tempfile.gettempdir(), self.name)
        self.scratch = tiers.SCRATCH if bubble else f"{self.folder}/scratch"
        scripts = {name: HERE / f"{name}.py" for name in SCRIPTS if (HERE / f"{name}.py").exists()}
        if program.suffix:
            scripts[program.stem] = program.resolve()
        cached = [(cache, "write" if writable else "open")] if cache else []
        binds = [("--bind" if writable else "--ro-bind", cache, cache)] if cache else []
        options, _ = tiers.bubblewrap() if bubble else ((), "")
        other = self.tier != "none" and "--unshare-user" not in options and not writable  # who fills a cache owns it
        user = tiers.spare_user() if other else None
        to_all = what.open_to_all and (cache is None or others_can_read(Path(cache)))
        around = [*options, *tiers.view(scripts, self.limits.scratch, binds)] if bubble else []
        environment = tiers.environment(self.scratch)
        confine = f"{tiers.INSIDE}/confine.py" if bubble else str(scripts["confine"])
        return {
            "folder": self.folder,
            "scratch": self.scratch,
            "user": user,
            "cgroups": cgroups.plan(self.name, self.limits.memory, self.limits.threads + 16),
            "environment": environment,
            "command": [*around, what.python, "-P", "-s", "-S", "-B", "-u", confine],
            "holder": tiers.holder(around) if bubble else None,
            "confine": {
                "tier": self.tier,
                "program": program.stem,
                "sources": {name: str(path) for name, path in scripts.items()},
                "inside": tiers.INSIDE if bubble else None,
                "modules": what.modules,
                "rules": [*what.rules, *((path, "read") for path in tiers.DEVICES), *cached],
                "scratch": self.scratch,
                "user": user,
                "read_anything": not bubble and not to_all,
                "landlock": tiers.landlock_version(),
                "limits": asdict(self.limits),
                "environment": environment,
                "cache": cache,
            },
        }

    def begin(self, warm: bool):
        """Start the keeper, and a thread that looks after it."""
        self.warm = warm and not (self.tier == "bubblewrap" and self.job["holder"] is None)
        self.told, self.introduced, self.ended = {}, threading.Event(), threading.Event()
        theirs, self.requests = os.pipe()
        self.answers, theirs_out = os.pipe()
        self.is_ready, ready = os.pipe()
        control, self.control = os.pipe()
        self.report, report = os.pipe()
        self.output, output = os.pipe()
        fds = dict(zip(FDS, (memory_file(self.job), theirs, theirs_out, ready, control, report), strict=True))
        try:
            self.warm = self.warm and WARM.start([*fds.values(), output])
            if not self.warm:
                cold(fds, output)
        finally:
            for fd in (*fds.values(), output):
                os.close(fd)
        self.watcher = threading.Thread(target=self.watch, daemon=True, name=self.name)
        self.watcher.start()

    def ready(self, seconds: float = READY_S) -> float:
        """Wait until the jail is closed and JAX is up. Returns the seconds of CPU that took. Raises MachineProblem."""
        if self.worker is None:
            came = select.select([self.is_ready], [], [], seconds)[0]
            text = os.read(self.is_ready, 4096) if came else b""
            if not text:
                self.kill()
                if self.warm and not self.told.get("program"):  # the warm parent, or its way in, does not work here
                    WARM.close(failed=True)
                    self.begin(warm=False)
                    return self.ready(seconds)
                said = self.printed().strip()[-500:] or "no answer"
                raise MachineProblem(f"The jail ({self.tier}) did not start: {said}")
            self.start_cpu = json.loads(text)["cpu"]
            self.introduced.wait(END_S)
            self.worker = last_descendant(self.told["program"])
        return self.start_cpu

    def kill(self, why: str | None = None):
        """End it and all that is in it. why: "timeout", "memory" or "crash", for `ending`. Twice does no harm."""
        self.look()
        self.reason = self.reason or why
        self.let_go("control", "requests", "answers", "is_ready")
        self.ended.wait(END_S)
        self.watcher.join(END_S)

    def let_go(self, *names: str):
        with self.lock:
            for name in names:
                if (fd := getattr(self, name)) is not None:
                    setattr(self, name, None)
                    os.close(fd)

    def cpu_seconds(self) -> float:
        """Seconds of CPU that the program has used since its start."""
        self.look()
        return self.cpu

    def peak_memory(self) -> int:
        """The most memory that it has used, in bytes."""
        self.look()
        return self.peak

    def printed(self) -> str:
        """The first part of what it printed."""
        return bytes(self.kept).decode(errors="replace")

    def ending(self) -> str:
        """How it ended: "timeout", "memory", "crash"; "ok" while it runs, and if `kill` ended it without a reason."""
        if self.told.get("oom"):
            return "memory"
        if self.reason or not self.told.get("ended"):
            return self.reason or "ok"
        late = self.cpu >= self.limits.cpu or self.told["status"] in (-XCPU, 128 + XCPU)
        return "timeout" if late else "crash"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    # -------------------------------------------------------------- the watcher's thread

    def watch(self):
        """Take in what the jail prints and look at what it uses, until the keeper says that it is over."""
        os.set_blocking(self.output, False)
        told, open_ends = b"", {self.output, self.report}
        while self.report in open_ends:
            for fd in select.select(list(open_ends), [], [], LOOK_S)[0]:
                if fd == self.output:
                    if self.drain() == b"":
                        open_ends.discard(fd)
                elif text := os.read(fd, 4096):
                    told += text
                    self.told = what_it_said(told)
                    if "program" in self.told:
                        self.introduced.set()
                else:
                    open_ends.discard(fd)
            self.look()
            self.stop_if_too_much()
        if "ended" not in self.told:  # the keeper was killed, and what it kept died with it
            clean(self.job)
        while self.drain():
            pass
        os.close(self.output)
        os.close(self.report)
        self.told = {"ended": True, "status": -9, **self.told}
        self.cpu = max(self.cpu, self.told.get("cpu", 0.0))
        self.peak = max(self.peak, self.told.get("peak", 0), self.told.get("kb", 0) * 1024)
        self.introduced.set()
        self.ended.set()

    def drain(self) -> bytes | None:
        """Read a piece of what was printed and keep it if there is room; None if there is nothing just now."""
        try:
            piece = os.read(self.output, 1 << 16)
        except BlockingIOError:
            return None
        room = self.limits.output - len(self.kept)
        self.kept += piece[:room] if room > 0 else b""
        if room <= 0:
            time.sleep(0.001)  # who prints without end waits, and not we
        return piece

    def look(self):
        """Note the CPU time and memory of the program, as the kernel tells them."""
        if self.worker is None or self.ended.is_set():
            return
        cpu, self.resident = used(self.worker)
        self.cpu, self.peak = max(self.cpu, cpu), max(self.peak, self.resident)

    def stop_if_too_much(self):
        """The limits that the kernel does not hold for us: memory without cgroups, and the size of the scratch."""
        if self.resident > self.limits.memory and not self.job["cgroups"]["bounded"]:
            self.reason = self.reason or "memory"
        elif too_full(self.scratch if self.folder else f"/proc/{self.worker}/root{tiers.SCRATCH}", self.limits):
            self.reason = self.reason or "crash"
        else:
            return
        self.let_go("control")


def what_it_said(told: bytes) -> dict:
    """All that the keeper has said so far."""
    lines = told.split(b"\n")[:-1]
    return {name: value for line in lines for name, value in json.loads(line).items()}


def last_descendant(pid: int) -> int:
    """The end of the chain of children below `pid`."""
    children = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            parent = int(Path(f"/proc/{name}/stat").read_bytes().rpartition(b") ")[2].split()[1])
            children.setdefault(parent, []).append(int(name))
    while pid in children:
        pid = max(children[pid])
    return pid


def too_full(folder: str, limits: Limits) -> bool:
    """Whether the files below `folder` are too many or too large."""
    size = count = 0
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            with contextlib.suppress(OSError):
                count, size = count + 1, size + os.lstat(os.path.join(place, name)).st_blocks * 512
            if count > limits.files or size > limits.scratch:
                return True
    return False
