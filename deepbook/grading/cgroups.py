"""Linux control groups: a bound on the memory and the number of processes of a whole jail, where we may make one.

A jail's groups lie below the group in which the grader itself runs, so that limits above it hold too.
"""

import contextlib
import os
from functools import cache
from pathlib import Path

V1 = ("memory", "pids")


@cache
def places() -> dict[str, str]:
    """Where we may make groups: {"memory": folder, "pids": folder} of version 1, {"unified": folder} of version 2."""
    found = {}
    if not os.path.exists("/proc/self/mountinfo"):
        return found
    own = own_groups()
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        root, mount = before.split()[3:5]
        kind, _, options = after.split(" ", 2)
        names = ["unified"] if kind == "cgroup2" else [n for n in V1 if kind == "cgroup" and n in options.split(",")]
        for name in names:
            for folder in (os.path.normpath(f"{mount}/{os.path.relpath(own.get(name, '/'), root)}"), mount):
                if name not in found and can_make(folder):
                    found[name] = folder
    if "unified" in found:
        with contextlib.suppress(OSError):  # refused where our own group holds processes: then there is no limit
            Path(found["unified"], "cgroup.subtree_control").write_text("+memory +pids")
    return found


def own_groups() -> dict[str, str]:
    """The group of this process in each hierarchy."""
    own = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        own.update({name or "unified": path for name in names.split(",")})
    return own


def can_make(folder: str) -> bool:
    """Whether a group can be made in `folder`, and a process moved there."""
    trial = f"{folder}/deepbook-trial-{os.getpid()}"
    with contextlib.suppress(OSError):
        os.mkdir(trial)
        try:
            return os.access(f"{trial}/cgroup.procs", os.W_OK) and os.access(f"{folder}/cgroup.procs", os.W_OK)
        finally:
            os.rmdir(trial)
    return False


def plan(name: str, memory: int, processes: int) -> dict:
    """Groups called `name`, for keeper.py: folders to make, limits to write, files to read at the end;
    "bounded": whether they hold the memory.

    memory: bytes for the whole jail; processes: how many processes and threads.
    """
    folders = {kind: f"{folder}/{name}" for kind, folder in places().items()}
    limits, read = [], {}
    if folder := folders.get("memory"):
        limits += [(f"{folder}/memory.{name}limit_in_bytes", str(memory)) for name in ("", "memsw.")]
        read = {"peak": f"{folder}/memory.max_usage_in_bytes", "oom": f"{folder}/memory.oom_control"}
    if folder := folders.get("pids"):
        limits += [(f"{folder}/pids.max", str(processes))]
    if (folder := folders.get("unified")) and controls_memory(places()["unified"]):
        limits += [(f"{folder}/memory.max", str(memory)), (f"{folder}/memory.swap.max", "0")]
        limits += [(f"{folder}/memory.oom.group", "1"), (f"{folder}/pids.max", str(processes))]
        read = {"peak": f"{folder}/memory.peak", "oom": f"{folder}/memory.events"}
    return {"folders": list(folders.values()), "limits": limits, "read": read, "bounded": bool(read)}


def controls_memory(folder: str) -> bool:
    """Whether groups in `folder`, of version 2, can be given a limit of memory."""
    try:
        return "memory" in Path(folder, "cgroup.subtree_control").read_text().split()
    except OSError:
        return False
