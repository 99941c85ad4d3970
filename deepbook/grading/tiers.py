"""Which jail this machine allows, and how bubblewrap is to be called here."""

import ctypes
import os
import platform
import secrets
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from deepbook.course.errors import Problem
from deepbook.course.runner import xla_flags
from deepbook.grading.packages import readable
from deepbook.grading.syscalls import LANDLOCK, MACHINES

TIERS = ("bubblewrap", "landlock", "none")
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
INSIDE, SCRATCH = "/grader", "/scratch"  # where bubblewrap shows the grader's scripts, and what may be written
TRIAL_S = 60


def best() -> str:
    """The best tier of this machine. Raises Problem if there is none that holds off malice."""
    reasons = available()
    for tier in TIERS[:-1]:
        if not reasons[tier]:
            return tier
    why = "; ".join(f"{tier}: {reasons[tier]}" for tier in TIERS[:-1])
    raise Problem(
        f"No jail can be built on this machine ({why}), so a submission would run with all your rights. Grade on "
        "Linux, or, on a machine that you can afford to lose, say --isolation=none."
    )


@cache
def available() -> dict[str, str]:
    """For each tier: "" if this machine allows it, else why it does not."""
    why = ""
    if sys.platform != "linux":
        why = f"only Linux has it, and this is {platform.system()}"
    elif platform.machine() not in MACHINES:
        why = f"there is no filter of system calls for this processor ({platform.machine()})"
    if why:
        windows = "Windows has no pipes to hand on; grade in WSL 2, Windows' own Linux" if os.name == "nt" else ""
        return dict.fromkeys(TIERS[:-1], why) | {"none": windows}
    no_landlock = "this kernel has no Landlock (it came with Linux 5.13), or it is switched off"
    return {"bubblewrap": bubblewrap()[1], "landlock": "" if landlock_version() else no_landlock, "none": ""}


@cache
def landlock_version() -> int:
    """The version of the kernel's Landlock; 0 without."""
    if sys.platform != "linux":
        return 0
    return max(0, ctypes.CDLL(None).syscall(LANDLOCK["create"], None, ctypes.c_size_t(0), 1))


@cache
def bubblewrap() -> tuple[tuple[str, ...], str]:
    """The options with which bwrap works here, and "" or why it does not."""
    program = shutil.which("bwrap")
    if not program:
        return (), "bwrap is not installed (apt-get install bubblewrap, or dnf install bubblewrap)"
    apart = ("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try")
    rights = ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP")
    nobody = ("--unshare-user", "--uid", "65534", "--gid", "65534")
    ways = [(*nobody, "--disable-userns"), nobody]  # before version 0.8 it had no --disable-userns
    if os.geteuid() == 0:
        ways.insert(0, rights)  # no user namespace: confine.py becomes another user, so that all limits bind
    why = "it failed"
    for way in ways:
        options = (program, *apart, "--die-with-parent", "--new-session", "--cap-drop", "ALL", *way)
        command = [*options, *view({}, 1 << 20), readable().python, "-I", "-S", "-c", "print(1)"]
        try:
            trial = subprocess.run(command, capture_output=True, text=True, env={}, timeout=TRIAL_S)
        except (OSError, subprocess.TimeoutExpired) as error:
            why = str(error)
            continue
        if trial.returncode == 0 and trial.stdout == "1\n":
            return options, ""
        why = (trial.stderr.strip().splitlines() or ["it failed"])[-1]
    return (), f"bwrap does not work here: {why}"


def view(scripts: dict[str, Path], scratch: int, extra=()) -> list[str]:
    """bwrap's options for what is seen inside: an empty root, what we list, a small scratch folder, four devices.

    scripts: name -> file, to be seen in INSIDE. scratch: bytes of SCRATCH. extra: more binds (option, path, path).
    """
    what = readable()
    options = ["--perms", "1777", "--size", str(scratch), "--tmpfs", SCRATCH]
    for link in ("/lib", "/lib64"):  # most systems keep both below /usr
        if os.path.islink(link):
            options += ["--symlink", os.readlink(link), link]
    binds = [("--ro-bind", path, path) for path in what.folders]
    binds += [("--tmpfs", path) for path in what.hidden]
    again = [path for path in what.modules.values() if any(path.startswith(f"{one}/") for one in what.hidden)]
    binds += [("--ro-bind", path, path) for path in again]
    binds += [("--ro-bind", str(path), f"{INSIDE}/{name}.py") for name, path in scripts.items()]
    binds += [("--dev-bind", path, path) for path in DEVICES]
    made = {"/", SCRATCH, "/lib", "/lib64"}
    for bind in (*binds, *extra):
        for above in reversed(Path(bind[-1]).parents):  # bwrap would make these for itself alone
            if str(above) not in made:
                options += ["--dir", str(above)]
                made.add(str(above))
        options += bind
        made.add(bind[-1])
    return [*options, "--remount-ro", "/", "--chdir", SCRATCH]


def environment(scratch: str) -> dict[str, str]:
    """All of the environment inside: one thread, a fixed order of sets, nothing of the grader's own."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC"), "1")
    own = {"HOME": scratch, "TMPDIR": scratch, "LANG": "C.UTF-8", "PYTHONHASHSEED": "0", "JAX_PLATFORMS": "cpu"}
    quick = {"XLA_FLAGS": xla_flags("--xla_cpu_multi_thread_eigen=false"), "TF_CPP_MIN_LOG_LEVEL": "2"}
    quick |= {"JAX_INCLUDE_FULL_TRACEBACKS_IN_LOCATIONS": "0"}  # of the source lines in programs, nobody asks
    return own | one | quick


def spare_user() -> int | None:
    """A user id that nobody has, from the end of the ids that exist here; None if we may not become another."""
    if os.geteuid() != 0 or sys.platform != "linux":
        return None
    ranges = [tuple(map(int, line.split())) for line in Path("/proc/self/uid_map").read_text().splitlines()]
    first, _, count = max(ranges)
    last = first + count - 1
    if last > 2_100_000_000:
        return 1_000_000_000 + secrets.randbelow(1_100_000_000)
    return max(first, last - 5000) + secrets.randbelow(min(count, 5000)) or None


def holder(around: list[str]) -> list[str] | None:
    """bwrap with `cat` in it, which holds the namespaces open that a warm start enters; None without `cat`."""
    if not (cat := shutil.which("cat")):
        return None
    end, inside = around.index("--remount-ro"), f"{INSIDE}/hold"
    return [*around[:end], "--ro-bind", cat, inside, *around[end:], "--info-fd", "{info}", inside]
