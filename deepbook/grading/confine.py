"""Runs first in a jail: closes every door that a process can close on itself, then runs the grader's script.

Standalone: the standard library only. The order matters.
    1 resource limits, another user, Landlock        before JAX is imported: threads inherit these
    2 import JAX and start its backend               it starts its threads now
    3 the system call filter (seccomp)               for all threads; from now on there is no fork and no exec
    4 say that we are ready, then run the script     worker.py or program.py, the first line that may meet foreign code
The one argument is a list of descriptors; the job in the first was written by jail.py.
"""

import ctypes
import fcntl
import importlib.abc
import importlib.util
import json
import os
import platform
import resource
import struct
import sys
import time

REQUESTS, ANSWERS, READY = 3, 4, 5  # the script's descriptors: it reads the one and writes the other
READ_FILE, READ_DIR, MAKE_DIR, MAKE_REG, WRITE_FILE, TRUNCATE = 1 << 2, 1 << 3, 1 << 7, 1 << 8, 1 << 1, 1 << 14
SETTABLE = {"memory": "DATA", "address": "AS", "cpu": "CPU", "file": "FSIZE", "descriptors": "NOFILE"}
SETTABLE["threads"] = "NPROC"
PDEATHSIG, DUMPABLE, KEEPCAPS, BOUNDING_DROP, NO_NEW_PRIVS, AMBIENT = 1, 4, 8, 24, 38, 47  # options of prctl
FOUND = "/found"  # what stands in sys.path for the Finder
READ_ANYTHING = 2  # the capability CAP_DAC_READ_SEARCH


def enter(fds: list[int], holder: int | None = None):
    """Close all doors and run the script. Ends with SystemExit or the script's error.

    fds: the job (written by jail.py), requests, answers, and where to say that we are ready.
    holder: a process in bubblewrap whose namespaces to enter; None if we are inside already, or need none.
    """
    began = time.process_time()
    job = json.loads(os.pread(fds[0], 1 << 24, 0))["confine"]
    inside = job["inside"] if holder is None else None  # where the scripts are, if we are in bubblewrap already
    sources = {name: read(f"{inside}/{name}.py" if inside else path) for name, path in job["sources"].items()}
    if holder:
        from keeper import join

        join(holder, "net", "ipc", "uts", "mnt")
    arrange_descriptors(fds[1:])
    os.environ.clear()
    os.environ.update(job["environment"])
    find(sources, job["modules"])
    if job["tier"] != "none":
        change_user(job["user"], job["read_anything"])
    set_limits(job["limits"])
    if job["tier"] != "none":
        landlock(job["rules"], job["scratch"], job["landlock"])
    os.chdir(job["scratch"])
    start_backend(job["cache"])
    if job["tier"] != "none":
        seccomp()
    os.write(READY, json.dumps({"cpu": time.process_time() - began}).encode())
    os.close(READY)
    name = job["program"]
    sys.argv = [name + ".py", str(REQUESTS), str(ANSWERS)]
    exec(compile(sources[name], name + ".py", "exec"), fresh_main())
    sys.exit()


def read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def fresh_main() -> dict:
    """A new `__main__`: nothing of this module is left in it."""
    module = type(sys)("__main__")
    sys.modules["__main__"] = module
    return vars(module)


def arrange_descriptors(fds: list[int]):
    """Requests at 3, answers at 4, the word that we are ready at 5; all others but 0, 1, 2 are closed."""
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100) for fd in fds]
    for index, fd in enumerate(high):
        os.dup2(fd, REQUESTS + index, inheritable=False)
    os.closerange(READY + 1, 1 << 16)


def find(sources: dict[str, bytes], modules: dict[str, str]):
    """Make these modules importable: the grader's own, from memory, and the packages where they are."""
    sys.dont_write_bytecode = True
    sys.path[:] = [FOUND, *(path for path in sys.path if os.path.isdir(path))]
    sys.path_importer_cache[FOUND] = Finder(sources, modules)


class Finder(importlib.abc.PathEntryFinder, importlib.abc.InspectLoader):
    """Stands in sys.path in place of site-packages, of which the rest may not even be listed."""

    def __init__(self, sources: dict[str, bytes], modules: dict[str, str]):
        self.sources, self.modules = sources, modules

    def find_spec(self, name, target=None):
        if name in self.sources:
            return importlib.util.spec_from_loader(name, self)
        if name not in self.modules:
            return None
        place = self.modules[name]
        if not os.path.isdir(place):
            return importlib.util.spec_from_file_location(name, place)
        init = os.path.join(place, "__init__.py")
        return importlib.util.spec_from_file_location(name, init, submodule_search_locations=[place])

    def get_source(self, name):
        return self.sources[name].decode()

    def is_package(self, name):
        return False


def start_backend(cache: str | None):
    """Import what every submission needs and start JAX's backend, so that it has its threads."""
    import random

    import jax
    import numpy

    if cache:
        jax.config.update("jax_compilation_cache_dir", cache)
        seconds = 0 if os.access(cache, os.W_OK) else 1e9  # 1e9: nothing is written, nor prepared for it
        jax.config.update("jax_persistent_cache_min_compile_time_secs", seconds)
        jax.config.update("jax_persistent_cache_enable_xla_caches", "none")  # else the folder's path is in each key
    random.seed()  # in a fork: else all of them would draw the same numbers
    numpy.random.seed()
    jax.devices()


# ------------------------------------------------------------------ the kernel's doors

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


def check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def prctl(option: int, *values: int):
    check(libc.prctl(option, *(ctypes.c_ulong(v) for v in (*values, 0, 0, 0, 0)[:4])), f"prctl {option}")


def set_limits(limits: dict[str, int]):
    """Limits of the process. CPU: a signal at the limit, and the end one second later for who ignores it."""
    for name, value in limits.items():
        if name in SETTABLE:
            lower(SETTABLE[name], value, value + (name == "cpu"))
    fixed = {"CORE": 0, "MEMLOCK": 1 << 16, "STACK": 8 << 20, "MSGQUEUE": 0, "RTPRIO": 0, "NICE": 0}
    for name, value in fixed.items():
        lower(name, value, value)


def lower(name: str, soft: int, hard: int):
    kind = getattr(resource, "RLIMIT_" + name, None)
    if kind is None:
        return
    allowed = resource.getrlimit(kind)[1]
    if allowed != resource.RLIM_INFINITY:
        soft, hard = min(soft, allowed), min(hard, allowed)
    try:
        resource.setrlimit(kind, (soft, hard))
    except (OSError, ValueError):
        if sys.platform == "linux":  # elsewhere some limits cannot be set
            raise


def change_user(user: int | None, read_anything: bool):
    """Become a user that nobody else is, without any right. `read_anything` keeps the right to enter closed folders:
    Landlock still says which. After this, no program can give rights back."""
    last = int(read("/proc/sys/kernel/cap_last_cap")) if os.path.exists("/proc/sys/kernel/cap_last_cap") else 40
    if user is not None:
        prctl(KEEPCAPS, int(read_anything))
        for capability in range(last + 1):
            libc.prctl(BOUNDING_DROP, capability, 0, 0, 0)
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    kept = 1 << READ_ANYTHING if user is not None and read_anything else 0
    header = struct.pack("=Ii", 0x20080522, 0)
    rights = struct.pack("=6I", kept, kept, 0, 0, 0, 0)
    check(libc.capset(header, rights), "capset")
    libc.prctl(AMBIENT, 4, 0, 0, 0)  # clear all
    prctl(PDEATHSIG, 9)
    prctl(DUMPABLE, 0)
    prctl(NO_NEW_PRIVS, 1)


def landlock(rules, scratch: str, version: int):
    """Only what `rules` lists may be read; only `scratch` may be written, without links, deletion or special files.

    version: of the kernel's Landlock, from jail.py; 0 if there is none (bubblewrap alone holds then).
    """
    import syscalls

    if not version:
        return
    files = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    network, scoped = (3 if version >= 4 else 0), (3 if version >= 6 else 0)
    attributes = struct.pack("=QQQ", files, network, scoped)[: 24 if version >= 6 else 16 if version >= 4 else 8]
    ruleset = check(
        libc.syscall(syscalls.LANDLOCK["create"], attributes, ctypes.c_size_t(len(attributes)), 0), "landlock"
    )
    kinds = {"read": READ_FILE | READ_DIR, "list": READ_DIR, "open": READ_FILE}  # open: by name, no listing
    kinds["write"] = READ_FILE | READ_DIR | WRITE_FILE | MAKE_REG | MAKE_DIR | TRUNCATE
    for path, kind in [*rules, (scratch, "write"), ("/dev/null", "write")]:
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        only = files if os.path.isdir(path) else READ_FILE | WRITE_FILE | TRUNCATE
        rule = struct.pack("=Qi", kinds[kind] & only & files, place)
        check(libc.syscall(syscalls.LANDLOCK["add"], ruleset, 1, rule, 0), f"landlock: {path}")
        os.close(place)
    prctl(NO_NEW_PRIVS, 1)
    check(libc.syscall(syscalls.LANDLOCK["restrict"], ruleset, 0), "landlock")
    os.close(ruleset)


def seccomp():
    """Set the filter of system calls for all threads of this process."""
    import syscalls

    machine = platform.machine()
    steps, code = syscalls.encoded(machine, os.getpid())
    raw = ctypes.create_string_buffer(code)
    head = struct.pack("HxxxxxxP", steps, ctypes.addressof(raw))
    prctl(NO_NEW_PRIVS, 1)
    check(libc.syscall(syscalls.DENIED["seccomp"][syscalls.MACHINES[machine][1]], 1, 1, head), "seccomp")


if __name__ == "__main__":
    enter(json.loads(sys.argv[1]))
