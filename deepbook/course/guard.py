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
MEMORY = 0.75  # of the machine's memory, for one run
_STDLIB = tuple({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), "<frozen"})


def watch(folder: Path, refuse: Callable[[str], Exception]):
    """From now on refuse what code in `folder` must not do, by raising refuse(sentence). It cannot be taken back."""
    inside = f"{folder.resolve()}{os.sep}"

    def hook(event, arguments):
        if event in STARTS and _caller().startswith(inside):
            raise refuse("Your code starts another process. An exercise runs in one: take that out.")
        if event in SIGNALS and arguments[0] != os.getpid() and _caller().startswith(inside):
            raise refuse("Your code sends a signal to another process. Take that out.")

    sys.addaudithook(hook)


def _caller() -> str:
    """The file of the innermost function that does not come with Python."""
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith(_STDLIB) or "site-packages" in name:
            return name
        frame = frame.f_back
    return ""


def limit_memory():
    """Asking for more than most of the machine's memory raises MemoryError, and a crash writes no core file."""
    if sys.platform != "linux":
        return
    import resource

    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = int(total * MEMORY)
    if hard == resource.RLIM_INFINITY or limit < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
