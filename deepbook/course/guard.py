"""What a learner's code must not do to the machine by mistake: start processes, signal others, take all memory.

This is a railing, no jail: it is in the way of accidents, such as a pool of processes that starts itself again. Only
the grader (deepbook.grading) runs code that means harm.
"""

import os
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

STARTS = frozenset(
    ["os.fork", "os.forkpty", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "subprocess.Popen", "pty.spawn"]
)
SIGNALS = frozenset(["os.kill", "os.killpg"])
PACKAGES = ("site-packages", "dist-packages")  # a library may start what it needs, also one in the learner's folder
HARMLESS = (f"{os.sep}platform.py", f"{os.sep}ctypes{os.sep}util.py")
CGROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
MEMORY = 0.75  # of the machine's memory, for one run
_STDLIB = tuple({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), "<frozen"})


def watch(folder: Path, refuse: Callable[[str], Exception]):
    """From now on refuse what code in `folder` must not do, by raising refuse(sentence). It cannot be taken back."""
    inside = f"{folder.resolve()}{os.sep}"

    def by_learner():
        caller = _caller()
        return caller.startswith(inside) and not any(name in caller for name in PACKAGES)

    def hook(event, arguments):
        if event in STARTS and by_learner():
            raise refuse("Your code starts another process. An exercise runs in one: take that out.")
        if event in SIGNALS and arguments[0] != os.getpid() and by_learner():
            raise refuse("Your code sends a signal to another process. Take that out.")

    sys.addaudithook(hook)


def _caller() -> str:
    """The file of the innermost function that does not come with Python; "" for a harmless look at the system."""
    frame = sys._getframe(3)
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith(_STDLIB) or any(each in name for each in PACKAGES):
            return name
        if name.endswith(HARMLESS):
            return ""
        frame = frame.f_back
    return ""


def limit_memory():
    """Asking for more than most of the machine's memory raises MemoryError, and a crash writes no core file."""
    if sys.platform != "linux":
        return
    import resource

    total = min([os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), *_container_limits()])
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = int(total * MEMORY)
    if hard == resource.RLIM_INFINITY or limit < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _container_limits():
    """The bytes of memory that this container may use, where it says so."""
    for path in CGROUPS:
        try:
            with open(path) as file:
                yield int(file.read())
        except (OSError, ValueError):
            continue


def die_with_parent(parent: int | None = None):
    """End when the process that started this one ends, however that happens.

    parent: its number, where it is known: it may have ended before we asked the kernel to tell us.
    """
    if sys.platform == "linux":
        import ctypes
        import signal

        death_signal = 1  # PR_SET_PDEATHSIG, from <linux/prctl.h>
        ctypes.CDLL(None).prctl(death_signal, int(signal.SIGKILL), 0, 0, 0)
        if parent not in (None, os.getppid()):
            os._exit(1)
