"""The jail: what is tried from inside fails, limits end it, and nothing of it stays."""

import errno
import json
import os
import platform
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import deepbook
from deepbook.course.errors import Problem
from deepbook.grading import cgroups, jail, syscalls, tiers
from deepbook.grading.jail import Jail, Limits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="jails are Linux's")
INMATE = Path(__file__).parent / "helpers/inmate.py"
PROJECT = Path(deepbook.__file__).parent
WAIT_S = 120  # for a busy machine; nothing here takes long
HERE = [tier for tier in jail.TIERS[:-1] if sys.platform == "linux" and not jail.available()[tier]]
REFUSED = {errno.EPERM, errno.EACCES, errno.ENOENT, errno.ENOSYS, errno.EROFS}


class Box(Jail):
    """A jail that runs lines of Python."""

    def do(self, code: str) -> dict:
        """What became of `code`: {"value": repr of `value`} or {"error": name, "number": errno}; {} if it died."""
        self.ready()
        if code:
            os.write(self.requests, json.dumps(code).encode() + b"\n")
        text = b""
        while not text.endswith(b"\n"):
            assert select.select([self.answers], [], [], WAIT_S)[0], f"no answer to {code!r}"
            piece = os.read(self.answers, 1 << 16)
            if not piece:
                return {}
            text += piece
        return json.loads(text)


def box(tier, **limits):
    return Box(tier, INMATE, Limits(**limits))


@pytest.fixture(scope="module", params=[(tier, start) for tier in HERE for start in ("warm", "cold")], ids="-".join)
def inside(request):
    """One jail for many attempts, for each tier and each way to start it."""
    tier, start = request.param
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET_OF_THE_GRADER", "1")
        patch.setenv("DEEPBOOK_JAIL", start)
        with box(tier) as one:
            one.ready()
            assert one.warm == (start == "warm")
            yield one


@pytest.fixture
def outside(tmp_path):
    """A folder outside of the jail that anybody may enter and write, with a file that anybody may read and write."""
    place = Path("/tmp") / f"outside-{os.getpid()}-{tmp_path.name}"
    place.mkdir()
    place.chmod(0o777)
    (place / "other.py").write_text("another submission")
    (place / "other.py").chmod(0o666)
    yield place
    for path in place.iterdir():
        path.unlink()
    place.rmdir()


def wait_until(done):
    end = time.monotonic() + WAIT_S
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


def refused(told):
    assert "error" in told, told
    assert told["number"] in REFUSED or told["error"] in ("PermissionError", "FileNotFoundError"), told


# ------------------------------------------------------------------ honest work


def test_jax_works_inside(inside):
    code = "import jax, jax.numpy as jnp, numpy as np, scipy.special, cloudpickle\n"
    code += "slope = jax.jit(jax.grad(lambda x: (x @ x).sum()))(jnp.ones((3, 3)))\n"
    code += "value = float(slope[0, 0]), np.linalg.inv(np.eye(2))[0, 0]"
    assert inside.do(code) == {"value": "(6.0, np.float64(1.0))"}
    code = "from jax import lax, export; powers = jax.jit(lambda x: lax.scan(lambda c, _: (c * x, c), x, None, 9)[0])\n"
    code += "value = len(export.export(powers)(1.).serialize()) > 9"
    assert inside.do(code) == {"value": "True"}
    told = inside.do("value = jax.jit(lambda x: jnp.sum(x * x, axis=0).max())(jnp.ones((512, 512)))")
    assert "512" in told["value"] and "cpuinfo" not in inside.printed()


def test_the_script_gets_two_pipes_and_a_clean_environment(inside):
    told = inside.do("import sys, os; value = sys.argv, os.environ['HOME']")
    assert told == {"value": f"(['inmate.py', '3', '4'], {inside.scratch!r})"}
    told = inside.do("value = {'PATH', 'PWD', 'USER', 'SECRET_OF_THE_GRADER'} & set(os.environ)")
    assert told == {"value": "set()"}
    code = "def is_open(fd):\n try: os.fstat(fd)\n except OSError: return False\n return True\n"
    code += "value = [fd for fd in range(2000) if is_open(fd)], os.get_inheritable(3), os.read(0, 9)"
    assert inside.do(code) == {"value": "([0, 1, 2, 3, 4], False, b'')"}


def test_scratch_files_can_be_written_and_read(inside):
    inside.do("import numpy as np")
    assert inside.do("open('a.txt', 'w').write('hello'); value = open('a.txt').read()") == {"value": "'hello'"}
    assert inside.do("np.save('b.npy', np.ones(3)); value = np.load('b.npy').sum()") == {"value": "np.float64(3.0)"}
    assert inside.do("open('a.txt', 'w').write('bye'); value = open('a.txt').read()") == {"value": "'bye'"}


def test_threads_can_be_made(inside):
    code = "import threading; t = threading.Thread(target=print); t.start(); t.join(); value = 1"
    assert inside.do(code) == {"value": "1"}


# ------------------------------------------------------------------ what it may not read

SECRETS = ["/etc/passwd", "/etc/shadow", "/etc/hostname", "/proc/self/environ", "/proc/1/environ", "/proc/1/cmdline"]
SECRETS += ["/proc/meminfo", "/root/.bashrc", str(PROJECT / "__init__.py"), str(PROJECT / "grading/jail.py")]
SECRETS += [
    str(PROJECT.parent / "pyproject.toml"),
    pytest.__file__,
    __file__,
    "/grader/worker.py",
    "/grader/confine.py",
]


FOLDERS = (
    "/",
    "/home",
    "/root",
    "/tmp",
    "/tmp/..",
    "/proc",
    "/proc/self/fd",
    "/etc",
    "/usr",
    "/var",
    "/dev",
    "/grader",
)
FORBIDDEN = ("deepbook", "sklearn", "torch", "flax", "optax", "pytest", "solutions", "dask", "pip")


def test_files_and_folders_outside_cannot_be_read(inside):
    for path in SECRETS:
        refused(inside.do(f"value = {path!r}, open({path!r}).read()"))
    for folder in FOLDERS:
        refused(inside.do(f"import os; value = {folder!r}, os.listdir({folder!r})"))


def test_another_submission_and_the_grader_cannot_be_read(inside, outside):
    refused(inside.do(f"value = open({str(outside / 'other.py')!r}).read()"))
    refused(inside.do(f"value = os.listdir({str(outside)!r})"))
    for name in ("environ", "mem", "maps", "cmdline", "status"):
        refused(inside.do(f"value = open('/proc/{os.getpid()}/{name}').read(1)"))
        refused(inside.do(f"value = open(f'/proc/{{os.getppid()}}/{name}').read(1)"))


def test_nothing_but_the_allowed_packages_can_be_imported(inside):
    for name in FORBIDDEN:
        assert inside.do(f"import {name}")["error"] == "ModuleNotFoundError"
    told = inside.do(f"import sys; sys.path.append({str(PROJECT.parent)!r}); import deepbook")
    assert told["error"] == "ModuleNotFoundError"
    told = inside.do(f"sys.path.append({str(Path(pytest.__file__).parents[1])!r}); import pytest")
    assert told["error"] in ("ModuleNotFoundError", "PermissionError")


def test_bubblewrap_shows_nothing_of_the_rest(inside):
    if inside.tier != "bubblewrap":
        pytest.skip("of bubblewrap")
    for path in (*SECRETS[:10], str(PROJECT), "/home", "/sys/kernel", "/proc/self", "/bin/sh", "/run", "/var"):
        assert inside.do(f"import os; value = os.path.lexists({path!r})") == {"value": "False"}, path
    assert inside.do("value = os.getpid() < 10, os.getppid(), os.uname().nodename")["value"].startswith("(True, ")


@pytest.mark.parametrize("start", ["warm", "cold"])
def test_bubblewrap_has_namespaces_of_its_own(monkeypatch, start):
    if "bubblewrap" not in HERE or os.geteuid() != 0:
        pytest.skip("only root can look at a process that may not be looked into")
    monkeypatch.setenv("DEEPBOOK_JAIL", start)
    with box("bubblewrap") as one:
        one.ready()
        for kind in ("net", "pid", "mnt", "ipc", "uts"):
            assert os.readlink(f"/proc/{one.worker}/ns/{kind}") != os.readlink(f"/proc/self/ns/{kind}"), kind


# ------------------------------------------------------------------ what it may not change


def test_nothing_outside_can_be_written(inside, outside):
    other = str(outside / "other.py")
    before = [(path.name, path.read_text(), path.stat().st_mode, path.stat().st_mtime) for path in outside.iterdir()]
    for code in (
        f"open({str(outside / 'new')!r}, 'w')",
        f"open({other!r}, 'a').write('x')",
        f"os.open({other!r}, os.O_RDONLY | os.O_TRUNC)",
        f"os.truncate({other!r}, 0)",
        f"os.chmod({other!r}, 0)",
        f"os.utime({other!r}, (0, 0))",
        f"os.unlink({other!r})",
        f"os.rename({other!r}, 'mine')",
        f"os.rename('a.txt', {other!r})",
        f"os.mkdir({str(outside / 'new')!r})",
        f"os.mkfifo({str(outside / 'new')!r})",
        f"os.setxattr({other!r}, 'user.x', b'1')",
        f"os.symlink({other!r}, 'link')",
        f"os.link({other!r}, 'link')",
        "os.mkfifo('pipe')",
        "os.mknod('device', 0o600 | 0o020000, os.makedev(1, 1))",
        "open('/dev/shm/x', 'w')",
        "open('/var/tmp/x', 'w')",
        "open('../../x', 'w')",
        "os.open('.', os.O_TMPFILE | os.O_RDWR)",
        f"open({os.__file__!r}, 'a')",
        "open(np.__file__, 'a')",
        "os.mkdir(os.path.dirname(jax.__file__) + '/new')",
    ):
        refused(inside.do("import os, jax, numpy as np; open('a.txt', 'w').close(); " + code))
    after = [(path.name, path.read_text(), path.stat().st_mode, path.stat().st_mtime) for path in outside.iterdir()]
    assert before == after


# ------------------------------------------------------------------ the kernel


def test_system_calls_are_refused(inside):
    column = syscalls.MACHINES[platform.machine()][1]
    for table, answer in ((syscalls.DENIED, errno.EPERM), (syscalls.UNKNOWN, errno.ENOSYS)):
        for name, numbers in table.items():
            if (number := numbers[column]) is not None:
                code = ""
                code += f"value = {name!r}, libc.syscall({number}, -1, -1, -1, -1, -1, -1), ctypes.get_errno()"
                assert inside.do(code) == {"value": f"('{name}', -1, {answer})"}


def test_no_process_and_no_program_can_be_started(inside):
    refused(inside.do("import os; os.fork()"))
    refused(inside.do("import subprocess; subprocess.run(['/bin/true'])"))
    refused(inside.do("os.posix_spawn('/bin/true', ['true'], {})"))
    refused(inside.do("os.execv('/bin/true', ['true'])"))
    assert inside.do("value = os.system('true')")["value"] != "0"
    refused(inside.do("import multiprocessing as m; m.get_context('fork').Process(target=print).start()"))


def test_every_thread_is_confined(inside):
    inside.do("import jax.numpy as jnp; jnp.ones(9).block_until_ready()")
    tasks = list(Path(f"/proc/{inside.worker}/task").iterdir())
    assert len(tasks) > 2  # JAX has threads
    for task in tasks:
        said = dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines() if ":\t" in line)
        assert said["Seccomp"].strip() == "2" and said["NoNewPrivs"].strip() == "1"
        assert int(said["CapPrm"], 16) in (0, 4) and int(said["CapEff"], 16) in (0, 4)  # 4: to enter closed folders
        assert inside.job["user"] is None or said["Uid"].split() == [str(inside.job["user"])] * 4


def test_there_is_no_network(inside):
    refused(inside.do("import socket; socket.create_connection(('127.0.0.1', 22), 1)"))
    for kind in (
        "AF_INET, socket.SOCK_DGRAM",
        "AF_UNIX, socket.SOCK_STREAM",
        "AF_NETLINK, socket.SOCK_RAW",
        "AF_INET6",
    ):
        refused(inside.do(f"socket.socket(socket.{kind})"))
    refused(inside.do("socket.socketpair()"))


def test_other_processes_cannot_be_signalled(inside):
    for pid in (os.getpid(), 1, 0, -1, inside.told["keeper"], "os.getppid()"):
        refused(inside.do(f"import os; os.kill({pid}, 0)"))
    refused(inside.do(f"os.killpg({os.getpgid(0)}, 0)"))
    assert inside.do("value = os.kill(os.getpid(), 0)") == {"value": "None"}
    for option in (1, 4, 22):  # its death signal, whether it can be looked into, its filter
        assert inside.do(f"value = libc.prctl({option}, 1, 0, 0, 0)") == {"value": "-1"}


def test_rights_are_gone(inside):
    assert "error" in inside.do("os.setuid(0)")
    if os.geteuid() == 0:
        told = inside.do("value = os.getuid() == os.geteuid() == os.getgid() and os.getuid() > 1000, os.getgroups()")
        assert told == {"value": "(True, [])"}
    code = "import struct; head = struct.pack('=Ii', 0x20080522, 0); data = ctypes.create_string_buffer(24)\n"
    code += "libc.syscall({'x86_64': 125, 'aarch64': 90}[os.uname().machine], head, data)\n"
    code += "value = struct.unpack('=6I', data.raw)[::3], libc.prctl(39, 0, 0, 0, 0)"
    reads = 4 if os.geteuid() == 0 and inside.tier == "landlock" and not tiers.readable().open_to_all else 0
    assert inside.do(code) == {"value": f"(({reads}, 0), 1)"}  # at most: to enter closed folders. No new privileges.


# ------------------------------------------------------------------ limits


def test_limits_are_errors_that_a_program_survives(inside):
    assert inside.do("x = bytearray(3 << 30)")["error"] == "MemoryError"
    told = inside.do("with open('big', 'wb') as f: [f.write(bytes(1 << 20)) for _ in range(9)]")
    assert told["number"] == errno.EFBIG
    told = inside.do("kept = []\nwhile len(kept) < 9999: kept.append(os.dup(3))")
    assert told["number"] == errno.EMFILE
    assert inside.do("value = [os.close(fd) for fd in kept] and len(kept) < 64") == {"value": "True"}
    code = "import threading; end = threading.Event(); made = []\n"
    code += "while len(made) < 999:\n t = threading.Thread(target=end.wait); t.start(); made.append(t)"
    assert "thread" in inside.do(code)["text"]
    assert inside.do("end.set(); [t.join() for t in made]; value = len(made) < 64") == {"value": "True"}
    for name in ("CPU", "AS", "DATA", "NPROC", "NOFILE", "FSIZE"):
        code = f"import resource as r; n = r.RLIMIT_{name}; value = r.setrlimit(n, (r.getrlimit(n)[1] + 1,) * 2)"
        assert inside.do(code)["error"] in ("ValueError", "PermissionError")


def test_who_prints_without_end_is_not_kept(inside):
    code = "import sys\nfor i in range(200): sys.stdout.write('x' * 50_000)\nprint('end', file=sys.stderr); value = 1"
    assert inside.do(code) == {"value": "1"}
    assert len(inside.printed()) == Limits.output and inside.printed().endswith("xxx")


@pytest.mark.parametrize("tier", HERE)
def test_shared_memory_counts(tier):
    code = "import mmap\nm = mmap.mmap(-1, 1 << 30)\nfor i in range(0, 1 << 30, 4096): m[i] = 1"
    with box(tier, memory=400 << 20) as one:
        assert one.do(code) == {}
        assert one.ended.wait(WAIT_S) and one.ending() == "memory"
        assert one.peak_memory() > 200 << 20
        assert one.told["oom"] if one.job["cgroups"]["bounded"] else one.reason == "memory"


def test_memory_is_watched_where_there_are_no_cgroups(monkeypatch):
    monkeypatch.setattr(cgroups, "places", dict)
    with box(HERE[0], memory=400 << 20) as one:
        assert (
            one.do("import mmap\nm = mmap.mmap(-1, 1 << 30)\nfor i in range(0, 1 << 30, 4096): m[i] = 1\nwhile 1: 1")
            == {}
        )
        assert one.ended.wait(WAIT_S) and one.ending() == "memory"


@pytest.mark.parametrize("tier", HERE)
def test_time_ends_who_ignores_it(tier):
    with box(tier, cpu=1) as one:
        assert one.do("import signal; signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass") == {}
        assert one.ended.wait(WAIT_S) and one.ending() == "timeout"
        assert 1 <= one.cpu_seconds() < 4


@pytest.mark.parametrize("tier", HERE)
@pytest.mark.parametrize(
    "code", ["for i in range(10**6): open(f'{i}', 'w')", "for i in range(99): open(f'{i}', 'wb').write(bytes(7 << 20))"]
)
def test_the_scratch_folder_is_bounded(tier, code):
    with box(tier, scratch=32 << 20) as one:
        told = one.do(code)
        if told:
            assert told["number"] == errno.ENOSPC  # bubblewrap's own /tmp
        else:
            assert one.ended.wait(WAIT_S) and one.ending() == "crash"
    assert_gone(one)


@pytest.mark.parametrize("tier", HERE)
def test_a_compile_cache_is_read_and_not_written(tier, tmp_path):
    tmp_path.chmod(0o755)
    code = "import jax, jax.numpy as jnp; jax.jit(lambda x: jnp.sin(x) * 17)(jnp.ones(3)).block_until_ready()"
    with Box(tier, INMATE, cache=tmp_path, writable=True) as one:
        assert one.do(code) == {"value": "None"}
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert before
    with Box(tier, INMATE, cache=tmp_path) as one:
        assert one.do(code + "; jax.jit(lambda x: jnp.cos(x) * 18)(jnp.ones(3))") == {"value": "None"}
        one.do("import os")
        assert one.do(f"value = len(open({str(tmp_path / min(before))!r}, 'rb').read()) > 0") == {"value": "True"}
        for attempt in (f"open({str(tmp_path / min(before))!r}, 'w')", f"open({str(tmp_path / 'new')!r}, 'w')"):
            refused(one.do(attempt))
        refused(one.do(f"os.unlink({str(tmp_path / min(before))!r})"))
    assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


@pytest.mark.parametrize("tier", HERE)
@pytest.mark.parametrize("code", ["os._exit(0)", "os.kill(os.getpid(), 9)", "os.close(3); os.close(4)"])
def test_an_end_of_its_own_is_a_crash(tier, code):
    with box(tier) as one:
        told = one.do("import os; " + code)
        assert told == {}
        assert one.ended.wait(WAIT_S) and one.ending() == "crash"


def test_kill_says_why_and_is_quick():
    with box(HERE[0]) as one:
        one.ready()
        os.write(one.requests, json.dumps("while True: pass").encode() + b"\n")
        began = time.monotonic()
        one.kill("timeout")
        assert time.monotonic() - began < 10
        one.kill("crash")
    assert one.ending() == "timeout"
    with box(HERE[0]) as one:
        pass
    assert one.ending() == "ok"


# ------------------------------------------------------------------ nothing stays


def assert_gone(one: Jail):
    """No process, folder or cgroup of this jail is left."""
    assert not one.watcher.is_alive() and not Path(f"/proc/{one.worker}").exists()
    assert one.folder is None or not Path(one.folder).exists()
    assert not [folder for folder in one.job["cgroups"]["folders"] if Path(folder).exists()]
    if one.job["user"]:
        assert not [name for name in os.listdir("/proc") if name.isdigit() and owner(name) == one.job["user"]]
    wait_until(lambda: not Path(f"/proc/{one.told['keeper']}").exists())  # its last word comes just before its end


def owner(name):
    try:
        return os.stat(f"/proc/{name}").st_uid
    except OSError:
        return None


@pytest.mark.parametrize("tier", HERE)
def test_nothing_stays(tier):
    before = set(os.listdir("/proc/self/fd"))
    with box(tier) as one:
        one.do("open('a', 'w').write('x'); import os; os.mkdir('b'); open('b/c', 'w')")
        assert one.folder is None or os.listdir(one.scratch)
    assert_gone(one)
    assert len(set(os.listdir("/proc/self/fd")) - before) <= 1  # the warm parent's socket


GRADER = """
import json, os, time
from deepbook.grading.jail import Jail
one = Jail({tier!r}, {inmate!r})
one.ready()
code = "import signal; signal.signal(15, signal.SIG_IGN)\\nwhile True: pass"
os.write(one.requests, json.dumps(code).encode() + b"\\n")
print(json.dumps([one.worker, one.told["keeper"], one.folder, one.job["cgroups"]["folders"]]), flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("tier", HERE)
def test_a_jail_dies_with_its_grader(tier):
    code = GRADER.format(tier=tier, inmate=str(INMATE))
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as grader:
        worker, keeper, folder, groups = json.loads(grader.stdout.readline())
        assert Path(f"/proc/{worker}").exists()
        grader.send_signal(signal.SIGKILL)
    places = [f"/proc/{worker}", f"/proc/{keeper}", *([folder] if folder else []), *groups]
    wait_until(lambda: not [place for place in places if os.path.exists(place)])


@pytest.mark.parametrize("tier", HERE)
def test_a_jail_dies_with_its_keeper(tier):
    with box(tier) as one:
        one.ready()
        os.kill(one.told["keeper"], signal.SIGKILL)
        wait_until(lambda: not Path(f"/proc/{one.worker}").exists())
    assert_gone(one)


def test_without_a_jail_all_that_was_started_is_found_again():
    code = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
told, tell = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        for fd in range(3, 60):
            if fd != tell:
                try: os.close(fd)
                except OSError: pass
        os.write(tell, str(os.getpid()).encode())
        os.kill(os.getpid(), signal.SIGSTOP)
        while True: time.sleep(9)
    os._exit(0)
value = int(os.read(told, 99))
"""
    with box("none") as one:
        away = int(one.do(code)["value"])
        assert Path(f"/proc/{away}").exists()
    assert_gone(one)
    assert not Path(f"/proc/{away}").exists()


# ------------------------------------------------------------------ choosing a tier


@pytest.fixture
def afresh():
    """The answers about this machine are worked out anew, before and after."""

    def clear():
        for function in (tiers.available, tiers.bubblewrap, tiers.landlock_version):
            function.cache_clear()

    clear()
    yield
    clear()


def test_the_best_tier_comes_first(monkeypatch):
    reasons = {"bubblewrap": "", "landlock": "", "none": ""}
    monkeypatch.setattr(tiers, "available", lambda: reasons)
    assert jail.best() == "bubblewrap"
    reasons["bubblewrap"] = "bwrap is not installed"
    assert jail.best() == "landlock"
    reasons["landlock"] = "this kernel has no Landlock"
    with pytest.raises(Problem, match=r"bwrap is not installed.*no Landlock.*--isolation=none"):
        jail.best()


def test_a_missing_bubblewrap_is_said(monkeypatch, afresh):
    monkeypatch.setattr(tiers.shutil, "which", lambda name: None)
    assert "apt-get install bubblewrap" in jail.available()["bubblewrap"]
    monkeypatch.setattr(jail, "available", tiers.available)
    with pytest.raises(Problem, match="--isolation=bubblewrap is not possible"):
        Jail("bubblewrap", INMATE)


def test_a_bubblewrap_that_may_not_is_said(monkeypatch, afresh, tmp_path):
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho 'No permissions to create new namespace' >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert "No permissions to create new namespace" in jail.available()["bubblewrap"]


def test_other_systems_have_no_jail(monkeypatch, afresh):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert jail.available()["landlock"].startswith("only Linux") and not jail.available()["none"]


@pytest.mark.skipif(not os.environ.get("CI"), reason="of CI")
def test_ci_has_bubblewrap():
    assert shutil.which("bwrap"), jail.available()["bubblewrap"]
    assert HERE, jail.available()


# ------------------------------------------------------------------ the filter, for both processors


def run_filter(machine, number, *arguments, pid=77, name=None):
    """What the filter answers: the kernel's little machine in a few lines."""
    kernel_name, _ = syscalls.MACHINES[machine]
    words = {0: number, 4: name or kernel_name}
    words |= {16 + 8 * i: value & 0xFFFFFFFF for i, value in enumerate(arguments)}
    program, at, value = syscalls.filter_program(machine, pid), 0, 0
    while True:
        code, yes, no, k = program[at]
        at += 1
        if code == syscalls.RETURN:
            return {syscalls.ALLOW: 0, syscalls.REFUSE: errno.EPERM, syscalls.NO_SUCH_CALL: errno.ENOSYS}[k]
        if code == syscalls.LOAD:
            value = words.get(k, 0)
        else:
            true = {syscalls.EQUAL: value == k, syscalls.AT_LEAST: value >= k, syscalls.ANY_BIT: bool(value & k)}[code]
            at += yes if true else no


@pytest.mark.parametrize("machine", syscalls.MACHINES)
def test_the_filter_refuses_by_argument(machine):
    column = syscalls.MACHINES[machine][1]

    def ask(numbers, *arguments):
        return run_filter(machine, numbers[column], *arguments)

    clone, kill, prctl, openat, fcntl = (56, 220), (62, 129), (157, 167), (257, 56), (72, 25)
    assert ask(clone, 0x3D0F00) == 0 and ask(clone, 0x01200011) == errno.EPERM
    assert ask(kill, 77) == 0 and ask(kill, 78) == ask(kill, -1) == ask(kill, 0) == errno.EPERM
    assert ask(prctl, 15) == 0 and ask(prctl, 1) == errno.EPERM
    assert ask(fcntl, 3, 3) == 0 and ask(fcntl, 3, 8) == errno.EPERM
    assert ask(openat, 0, 0, os.O_WRONLY | os.O_TRUNC) == ask(openat, 0, 0, os.O_RDONLY) == 0
    assert ask(openat, 0, 0, os.O_TRUNC) == ask(openat, 0, 0, syscalls.O_TMPFILE | 2) == errno.EPERM
    assert ask((1, 64), 1) == 0  # write
    for table, answer in ((syscalls.DENIED, errno.EPERM), (syscalls.UNKNOWN, errno.ENOSYS)):
        assert {run_filter(machine, pair[column]) for pair in table.values() if pair[column] is not None} == {answer}
    assert run_filter(machine, 1, name=0x40000003) == errno.EPERM  # 32-bit calls
    if machine == syscalls.X86:
        assert run_filter(machine, 0x40000001) == errno.EPERM  # x32


# ------------------------------------------------------------------ older Landlocks

ALONE = """
import os, socket, sys; sys.path.insert(0, {grading!r}); import confine
os.chdir({scratch!r})
confine.landlock([["/usr/lib", "read"]], {scratch!r}, {version})
open("mine", "w").write("x")
tries = [lambda: open({other!r}), lambda: open({other!r}, "a"), lambda: open({new!r}, "w")]
tries += [lambda: os.symlink("a", "b"), lambda: os.unlink("mine"), lambda: os.mkfifo("pipe")]
tries += [lambda: open("/proc/1/cmdline"), lambda: os.execv("/bin/true", ["true"])]
if {version} > 3: tries += [lambda: socket.create_connection(("127.0.0.1", 9))]
if {version} > 5: tries += [lambda: os.kill(os.getppid(), 0)]
for n, attempt in enumerate(tries):
    try: attempt(); print("done", n)
    except PermissionError: pass
"""


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5, 6])
def test_older_landlocks_hold_too(version, outside, tmp_path):
    if tiers.landlock_version() < version:
        pytest.skip("this kernel's is older")
    names = {"grading": str(PROJECT / "grading"), "scratch": str(tmp_path), "version": version}
    code = ALONE.format(**names, other=str(outside / "other.py"), new=str(outside / "new"))
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, timeout=WAIT_S)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
