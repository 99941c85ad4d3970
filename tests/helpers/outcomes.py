"""What an attack gets: from the grader, and from plain pytest, where it should get something."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from arena import Arena
from attacks import Attack

from deepbook.course.index import book_root
from deepbook.grading import examiner, score
from deepbook.grading.course import Submission


@dataclass(frozen=True)
class Outcome:
    """How a grader fared."""

    credit: float  # points more than the same submission with nothing in it
    status: str  # of the record
    traces: tuple[str, ...]  # what the attack reached outside of its jail
    cpu: float  # seconds that the jailed processes took


def graded(submission: Submission, assignment, tier: str) -> dict:
    """The record with its points."""
    return score.score(examiner.examine(submission, assignment, isolation=tier), assignment, None)


def let_loose(attack: Attack, arena: Arena, tier: str) -> Outcome:
    """Grade the attack in a jail of that tier, and look for what it left."""
    record = graded(arena.submission(attack), arena.assignment(attack.set), tier)
    traces = arena.traces(attack, json.dumps(record))
    return Outcome(record["score"], record["status"], tuple(traces), record["cpu"])


def under_pytest(attack: Attack, arena: Arena, folder: Path) -> set[str]:
    """What the attack gets where the student's files are laid into the book's exercises and pytest is run.

    Any of "credit" (status 0, or a test of the exercise that passes in the JUnit report), "trace", "stops".
    """
    shutil.copytree(book_root() / "exercises", folder, ignore=shutil.ignore_patterns("ch0[2-7]*", "__pycache__"))
    shutil.copy(arena.root / "course" / attack.set / "hidden" / "test_hidden.py", folder / "test_hidden.py")
    for name, content in arena.files(attack).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    tests = [f"ch01_perceptron/test_{attack.set}.py", "test_hidden.py"]
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "--junitxml=report.xml", *tests]
    limits = "ulimit -t 10; ulimit -v 6000000; ulimit -f 200000; exec "
    process = subprocess.Popen(
        ["sh", "-c", limits + '"$@"', "sh", *command, "-k", f"test_{attack.aims}"],
        **{"cwd": folder, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "start_new_session": True},
        env={**os.environ, "DEEPBOOK_LIMIT_S": "4", "JAX_PLATFORMS": "cpu"},
    )
    keeper = threading.Timer(20, os.killpg, (process.pid, signal.SIGKILL))
    keeper.start()
    said = process.stdout.read(1 << 20)
    if len(said) == 1 << 20:
        os.killpg(process.pid, signal.SIGKILL)
    process.stdout.close()
    code = process.wait()
    keeper.cancel()
    found = {"credit"} if code == 0 or _passed(folder / "report.xml") else set()
    found |= {"stops"} if code not in (0, 1) else set()
    return found | ({"trace"} if arena.traces(attack, said.decode("utf-8", "replace")) else set())


def _passed(report: Path) -> int:
    try:
        cases = ElementTree.parse(report).iter("testcase")
        return sum(1 for case in cases if not {each.tag for each in case} & {"failure", "error", "skipped"})
    except (OSError, ElementTree.ParseError):
        return 0
