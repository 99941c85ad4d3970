"""Stands between the grader and one jail: starts it, and takes all of it away again, whatever happens to either.

Standalone: the standard library only. It runs outside of the jail, as the grader's user. The end of the pipe `control`
means "end it", whether the grader said so or was killed. As the subreaper of all that it starts it finds every process
that tried to get away. It writes lines of JSON to `report`: who it is, what it started, and at the end what it saw.
Its one argument is a list of descriptors; the job in the first was written by jail.py.
"""

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import sys
import time

FDS = ("job", "requests", "answers", "ready", "control", "report")  # in this order; the first four go on to the jail
INSIDE = FDS[:4]
NS_GET_USERNS = 0xB701  # from <linux/nsfs.h>
SUBREAPER = 36  # option of prctl, from <linux/prctl.h>
SWEEP_S = 10  # how long we chase what does not want to die
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def keep(fds: dict[str, int], enter=None):
    """From the start of a jail to the end of all that was in it.

    fds: by the names of FDS. enter: None to start a new Python; else a function that becomes the jail in a fork of this
    process, which has imported everything already (warm.py).
    """
    job = json.loads(os.pread(fds["job"], 1 << 24, 0))
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # only `control` ends us, or SIGKILL
    woken = wake_on_death()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    say(fds["report"], keeper=os.getpid())
    prepare(job)
    pid, dead = start(job, fds, enter), {}
    say(fds["report"], program=pid)
    if pid:
        wait(pid, fds["control"], woken, dead)
    ended = pid in dead  # by itself
    end_all(pid, job["cgroups"]["folders"], dead)
    status, usage = dead.get(pid, (-signal.SIGKILL, None))
    told = {name: read_number(path) for name, path in job["cgroups"]["read"].items()}
    clean(job)
    cpu, kb = (usage.ru_utime + usage.ru_stime, usage.ru_maxrss) if usage else (0.0, 0)
    say(fds["report"], ended=ended, status=status, cpu=cpu, kb=kb, **told)


def say(report: int, **what):
    with contextlib.suppress(OSError):
        os.write(report, json.dumps(what).encode() + b"\n")


def prepare(job: dict):
    """Make the jail's folder and its cgroups."""
    if job["folder"]:
        os.mkdir(job["folder"], 0o755)
        os.mkdir(job["scratch"], 0o700)
        if job["user"] is not None:
            os.chown(job["scratch"], job["user"], job["user"])
    for folder in job["cgroups"]["folders"]:
        with contextlib.suppress(OSError):
            os.mkdir(folder)
    for path, value in job["cgroups"]["limits"]:
        with contextlib.suppress(OSError):
            write(path, value)


def clean(job: dict):
    """Remove the folder and the cgroups. A cgroup can be removed once its last process is quite gone."""
    if job["folder"]:
        shutil.rmtree(job["folder"], ignore_errors=True)
    end = time.monotonic() + SWEEP_S
    for folder in job["cgroups"]["folders"]:
        while os.path.isdir(folder) and time.monotonic() < end:
            with contextlib.suppress(OSError):
                os.rmdir(folder)
                break
            time.sleep(0.002)


# ------------------------------------------------------------------ the start


def start(job: dict, fds: dict[str, int], enter) -> int:
    """Start the jail's program. Returns its process id; 0 if its surroundings did not come up."""
    holder = None
    if enter and job["holder"]:
        holder = hold(job)
        if not holder:
            return 0
        join(holder, "pid", user=job["user"] is None)  # for our next child
    pid = os.fork()
    if pid == 0:
        become(job, fds, enter, holder)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)
    for name in INSIDE:
        os.close(fds[name])
    return pid


def become(job: dict, fds: dict[str, int], enter, holder: int | None):
    """In the new process: leave the keeper's things behind and become the jail. Never returns."""
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (*SIGNALS, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        for name in ("control", "report"):
            os.close(fds[name])
        join_cgroups(job)
        inside = [fds[name] for name in INSIDE]
        if enter:
            enter(inside, holder)
        else:
            for fd in inside:
                os.set_inheritable(fd, True)
            command = [*job["command"], json.dumps(inside)]
            os.execve(command[0], command, job["environment"])
    except BaseException as error:
        if not isinstance(error, SystemExit):
            sys.excepthook(type(error), error, error.__traceback__)
        os._exit(error.code if isinstance(error, SystemExit) and isinstance(error.code, int) else 1)
    os._exit(0)


def hold(job: dict) -> int:
    """Start bubblewrap with `cat`, to have its namespaces. Returns the process of `cat`, or 0."""
    told, info = os.pipe()
    waits, lives = os.pipe()  # the holder ends when `lives` closes
    echo, echoes = os.pipe()
    if os.fork() == 0:
        try:
            join_cgroups(job)
            os.dup2(waits, 0)
            os.dup2(echoes, 1)
            os.set_inheritable(info, True)
            os.execve(job["holder"][0], [word.replace("{info}", str(info)) for word in job["holder"]], {})
        finally:
            os._exit(127)
    for fd in (info, waits, echoes):
        os.close(fd)
    os.write(lives, b".")
    if not os.read(echo, 1):  # it runs, so all is mounted
        return 0
    with open(told, "rb") as file:
        first = int(json.loads(file.read())["child-pid"])
    return next(iter(below(first)), 0)


def join(pid: int, *kinds: str, user: bool = False):
    """Enter namespaces of another process; first, if `user`, the user namespace that they belong to."""
    libc = ctypes.CDLL(None, use_errno=True)
    places = [os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC) for kind in kinds]
    if user:
        places.insert(0, libc.ioctl(places[0], NS_GET_USERNS))
    for place in places:
        if libc.setns(place, 0) < 0:
            number = ctypes.get_errno()
            raise OSError(number, f"setns: {os.strerror(number)}")
        os.close(place)


def join_cgroups(job: dict):
    for folder in job["cgroups"]["folders"]:
        with contextlib.suppress(OSError):
            write(f"{folder}/cgroup.procs", str(os.getpid()))


# ------------------------------------------------------------------ the end


def wake_on_death() -> int:
    """A descriptor that can be read when a child has died."""
    woken, waker = os.pipe()
    os.set_blocking(waker, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return woken


def wait(pid: int, control: int, woken: int, dead: dict):
    """Until the child has died, or the grader wants the end or is gone."""
    while True:
        bury(dead)
        if pid in dead:
            return
        ready = select.select([control, woken], [], [])[0]
        if control in ready:
            return
        os.read(woken, 4096)


def bury(dead: dict):
    """Take in all children that have died: dead[pid] = (exit code, use of the machine)."""
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if not pid:
                return
            dead[pid] = (os.waitstatus_to_exitcode(status), usage)


def end_all(pid: int, cgroups, dead: dict):
    """Kill every process below us, stopping all first so that a fork bomb stands still."""
    end = time.monotonic() + SWEEP_S
    if pid not in dead and not os.path.isdir("/proc/self"):  # without /proc we know its group only
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
            os.wait()
    while time.monotonic() < end:
        for folder in cgroups:
            with contextlib.suppress(OSError):
                write(f"{folder}/cgroup.kill", "1")  # cgroup v2: all at once
        alive = below(os.getpid()) | members(cgroups)
        if not alive:
            return
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for one in alive:
                with contextlib.suppress(OSError):
                    os.kill(one, number)
        time.sleep(0.002)
        bury(dead)


def members(cgroups) -> set[int]:
    """The processes in these cgroups."""
    found = set()
    for folder in cgroups:
        with contextlib.suppress(OSError), open(f"{folder}/cgroup.procs") as file:
            found.update(map(int, file.read().split()))
    return found


def below(pid: int) -> set[int]:
    """All processes that `pid`, or what it started, has started."""
    found, children = set(), {}
    for name in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else ()):
        with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
            children.setdefault(int(file.read().rpartition(b") ")[2].split()[1]), []).append(int(name))
    todo = [pid]
    while todo:
        new = set(children.get(todo.pop(), ())) - found
        found |= new
        todo += new
    return found


def used(pid: int) -> tuple[float, int]:
    """Seconds of CPU that a process has used, and bytes of memory that it holds; zeros if it is gone."""
    with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{pid}/stat", "rb") as file:
        fields = file.read().rpartition(b") ")[2].split()
        cpu = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
        return cpu, int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    return 0.0, 0


def read_number(path: str) -> int:
    """The number in a cgroup's file: all of it, or the one after `oom_kill`; 0 if there is none."""
    with contextlib.suppress(OSError, ValueError, IndexError), open(path) as file:
        text = file.read()
        return int(text.partition("oom_kill ")[2].split()[0] if "oom_kill " in text else text)
    return 0


def write(path: str, value: str):
    with open(path, "w") as file:
        file.write(value)


if __name__ == "__main__":
    keep(dict(zip(FDS, json.loads(sys.argv[1]), strict=True)))
