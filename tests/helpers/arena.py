"""Where attacks are let loose: files, sockets and a process that they should not reach, and who looks after them."""

import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from attacks import FOLDER, SETS, Attack, solution, wrong

from deepbook.course.index import book_root
from deepbook.grading.course import Assignment, Limits, Student, Submission, default

SCRATCH = ("/tmp", "/var/tmp", "/dev/shm", "/run", str(Path.home()))
PATIENCE_S = 5  # until the processes of a jail must have gone


class Arena:
    """What an attack should not reach, and who watches it. A context manager."""

    def __init__(self, root: Path):
        self.root, self.secret = root, f"LEAK-{secrets.token_hex(8)}"
        self.heard, self.sockets, self.tokens = [], [], {}
        root.chmod(0o755)
        for name in ("canary", "results/records", "others/zoe/ch01_perceptron", "course", "cache"):
            (root / name).mkdir(parents=True)
        record = f'{{"student": "zoe", "score": 3.0, "word": "{self.secret}"}}'
        self.write("canary/secret.txt", self.secret)
        self.write("results/records/zoe.json", record)
        self.write("results/grades.csv", "student,score\nzoe,3\n")
        self.write("others/zoe/ch01_perceptron/learning.py", solution("learning"))
        for name in set(SETS.values()):
            self.write(f"course/{name}/course.toml", f'name = "a"\nchapters = ["ch01/{name}"]  # {self.secret}\n')
            hidden = (FOLDER / "hidden" / f"{name}.txt").read_text(encoding="utf-8")
            self.write(f"course/{name}/hidden/test_hidden.py", hidden.replace("@SECRET@", self.secret))
        for path in root.rglob("*"):  # what holds an attack back is the jail, not the rights of these files
            path.chmod(0o777 if path.is_dir() else 0o666)

    def write(self, name, text):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text, encoding="utf-8")

    def __enter__(self):
        self.environment = {"DEEPBOOK_WORD": self.secret, "XDG_CACHE_HOME": str(self.root / "cache")}
        self.before = {name: os.environ.get(name) for name in self.environment}
        os.environ.update(self.environment)
        self.ports = {"TCP": self.listen(socket.SOCK_STREAM), "UDP": self.listen(socket.SOCK_DGRAM)}
        self.abstract = f"deepbook-{secrets.token_hex(4)}"
        self.unix = str(self.root / "socket")
        for place in (self.unix, f"\0{self.abstract}"):
            self.watch(socket.socket(socket.AF_UNIX), place)
        os.chmod(self.unix, 0o666)
        with socket.socket() as line:
            line.bind(("127.0.0.1", 0))
            self.free = line.getsockname()[1]
        keep = f"import time; word = {self.secret!r} * 2; time.sleep(3600)"
        self.victim = subprocess.Popen([sys.executable, "-S", "-c", keep])
        self.state = self.look()
        return self

    def __exit__(self, *_):
        for line in self.sockets:
            line.close()
        self.victim.kill()
        self.victim.wait()
        for name, value in self.before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})

    def listen(self, kind) -> int:
        line = socket.socket(socket.AF_INET, kind)
        self.watch(line, ("127.0.0.1", 0))
        return line.getsockname()[1]

    def watch(self, line, place):
        line.bind(place)
        self.sockets.append(line)
        threading.Thread(target=self.hear, args=(line,), daemon=True).start()

    def hear(self, line):
        """Keep what comes in at a socket until it is closed."""
        try:
            if line.type == socket.SOCK_STREAM:
                line.listen()
                while True:
                    other = line.accept()[0]
                    other.settimeout(1)
                    self.heard.append(other.recv(100) or b"a connection")
            while True:
                self.heard.append(line.recv(100))
        except OSError:
            return

    # -------------------------------------------------------------- what goes in

    def assignment(self, name: str) -> Assignment:
        """One set of chapter 1, with small limits and hidden tests."""
        seconds = 8 if name == "logistic" else 2  # JAX compiles
        limits = Limits(test_s=seconds, whole_s=60, memory_mb=1024)
        hidden = self.root / "course" / name / "hidden"
        chosen = default((f"ch01/{name}",), secret=self.secret.encode())
        return replace(chosen, name="attacks", hidden=hidden, limits=limits)

    def files(self, attack: Attack) -> dict[str, bytes]:
        """The attack's files, aimed at this arena."""
        token = f"dbk-{hashlib.sha256((self.secret + attack.id).encode()).hexdigest()[:8]}"
        self.tokens[attack.id] = token
        book = book_root()
        marks = {
            **{"TOKEN": token, "CANARY": self.root / "canary", "RESULTS": self.root / "results"},
            **{"OTHERS": self.root / "others", "COURSE": self.root / "course" / attack.set / "course.toml"},
            **{"HIDDEN": self.root / "course" / attack.set / "hidden", "CACHE": self.root / "cache"},
            **{"BOOK": book, "ROOT": book, "TCP": self.ports["TCP"], "UDP": self.ports["UDP"], "FREE": self.free},
            **{"UNIX": self.unix, "ABSTRACT": self.abstract, "VICTIM": self.victim.pid, "REPORT": "report.xml"},
        }
        found = {}
        for name, text in attack.files.items():
            for mark, value in marks.items():
                text = text.replace(f"@{mark}@", str(value))
            found[name] = text.encode("utf-8", "surrogatepass")
        return found

    def submission(self, attack: Attack) -> Submission:
        """As if the student's folder had been read whole, with the files that the assignment does not ask for."""
        return Submission(Student(attack.name), self.files(attack))

    def honest(self, name: str) -> Submission:
        return Submission(Student("honest"), {f"ch01_perceptron/{name}.py": solution(name).encode()})

    def stub(self, name: str) -> Submission:
        """The same submission with nothing in it."""
        return Submission(Student("honest"), {f"ch01_perceptron/{name}.py": wrong(name).encode()})

    # -------------------------------------------------------------- what came out

    def look(self) -> dict[str, str]:
        """The arena's files, by what is in them."""
        names = sorted(path for path in self.root.rglob("*") if path.is_file() or path.is_symlink())
        names = [path for path in names if "cache" not in path.parts or not path.is_symlink()]
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in names}

    def traces(self, attack: Attack, told: str = "") -> list[str]:
        """What the attack reached outside of its jail; told: all that was said of it. Afterwards all is as before."""
        token, found = self.tokens[attack.id], []
        now = self.look()
        for name in sorted(set(now) ^ set(self.state)) + [n for n in now if self.state.get(n, now[n]) != now[n]]:
            found.append(f"changed {Path(name).relative_to(self.root)}")
        found += [f"heard {message!r}" for message in self.heard]
        found += [f"process {pid} goes on" for pid in lasting(token)]
        for folder in SCRATCH:
            found += [f"left {path}" for path in Path(folder).glob(f"{token}*")]
        if self.victim.poll() is not None or state_of(self.victim.pid) in "TtZ":
            found.append("stopped another process")
        if listens(self.free):
            found.append("listens at a port")
        if self.secret in told or "LEAK-" in told:
            found.append("read a secret")
        if "TOLD" in told:
            found.append("told hidden inputs")
        if found:
            self.mend(attack)
        return found

    def mend(self, attack):
        """Take away what an attack left, so that the next one is seen for itself."""
        for pid in processes(self.tokens[attack.id]):
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                continue
        for folder in SCRATCH:
            for path in Path(folder).glob(f"{self.tokens[attack.id]}*"):
                path.unlink(missing_ok=True)
        for name in set(self.look()) - set(self.state):
            Path(name).unlink(missing_ok=True)
        self.write("results/records/zoe.json", f'{{"student": "zoe", "score": 3.0, "word": "{self.secret}"}}')
        self.write("results/grades.csv", "student,score\nzoe,3\n")
        self.heard.clear()
        self.state = self.look()


def processes(token: str) -> list[int]:
    """The processes of which a thread bears the attack's mark as its name."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            names = {(task / "comm").read_text().strip() for task in (folder / "task").iterdir()}
        except OSError:
            continue
        if token in names:
            found.append(int(folder.name))
    return found


def lasting(token: str) -> list[int]:
    """Of these the ones that do not go away by themselves within a few seconds."""
    end = time.monotonic() + PATIENCE_S
    while (found := [pid for pid in processes(token) if state_of(pid) != "Z"]) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def state_of(pid: int) -> str:
    """The kernel's letter for what a process does: T is stopped, Z is dead and not buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def listens(port: int) -> bool:
    tables = [Path("/proc/net/tcp").read_text(), Path("/proc/net/udp").read_text()]
    return any(line.split()[1].endswith(f":{port:04X}") for table in tables for line in table.splitlines()[1:])
