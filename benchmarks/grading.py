"""How many submissions a minute? `deepbook grade` beside one cold pytest process a submission, in one run.

    python benchmarks/grading.py                                   # 200 submissions of chapters 1 to 3
    python benchmarks/grading.py --submissions 20 --sample 5       # smaller

The class is made with a seed: half of it is right (each chapter as in the book or a little different, or, as often, as
somebody else wrote it: tests/honest), some is partly done, some has mistakes that the book knows, some was never begun,
some means harm (in ways that a pytest without a jail survives). The grader takes all of it, with a process for each
core; `pytest --points`, as a teaching assistant would run it, takes a sample with the same mix and as many processes at
a time. Memory is what the process that grades and all below it hold at most, shared pages once. The grader begins with
an empty compile cache; filling it is counted in.

Goal: at least three times as fast as pytest, under 2 GB. --record writes the rows to chapters/results/grading.json.
"""

import argparse
import ast
import contextlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import turns

from deepbook.course import splice, stubs
from deepbook.course.explain import unfair_import
from deepbook.course.index import book_root
from deepbook.course.mistakes import mistakes_of
from deepbook.grading import batch, course

MIX = {"right": 50, "partly done": 20, "wrong": 15, "not begun": 8, "hostile": 7}  # of 100
HARM = (
    "while True: pass",
    "globals().clear()",
    "raise SystemExit",
    "print('x' * 1000000)",
    "return bytearray(1 << 50)",
    "import numpy; numpy.allclose = numpy.array_equal = lambda *a, **k: True",
    "return type('Always', (), {'__eq__': lambda a, b: True, '__array__': lambda a, *_: 1 / 0})()",
)
HONEST = Path(__file__).resolve().parent.parent / "tests" / "honest"
SLOWEST_S = 900  # for one pytest

# ------------------------------------------------------------------ the class


def class_of(number: int, assignment, seed: int) -> dict[str, tuple[str, dict[str, str]]]:
    """For each student's name the kind of work and its files."""
    kinds = [kind for kind, share in MIX.items() for _ in range(round(number * share / 100))]
    kinds = (kinds + ["right"] * number)[:number]
    luck = random.Random(seed)
    luck.shuffle(kinds)
    return {f"student{n:03}": (kind, work(kind, assignment, luck)) for n, kind in enumerate(kinds)}


def work(kind, assignment, luck) -> dict[str, str]:
    """The files of one student."""
    files, others = {}, {}  # others: by chapter the folder of somebody else's work, whose files belong together
    for each in assignment.index.chapters if kind == "right" else ():
        styles = sorted(path.parent for path in (HONEST / each.folder).glob(f"*/{each.sets[0].name}.py"))
        others[each.folder] = luck.choice(styles) if luck.random() < 0.5 else None
    for each in assignment.index.sets:
        text = (book_root() / "solutions" / each.file).read_text(encoding="utf-8")
        unsolved = stubs.stub(text)
        style = luck.choice((as_in_the_book, without_comments, with_a_helper))
        text = unsolved if kind == "not begun" else style(text)
        if folder := others.get(each.chapter):
            text = (folder / f"{each.name}.py").read_text(encoding="utf-8")
        for exercise in each.exercises:
            chance = luck.random()
            if kind == "partly done" and chance < 0.4:
                text = splice.replaced(text, exercise.name, splice.function(unsolved, exercise.name))
            elif kind == "wrong" and chance < 0.4:
                text = mistaken(text, each, exercise.name, luck)
            elif kind == "hostile" and chance < 0.15:
                text = splice.replaced(
                    text, exercise.name, f"def {exercise.name}(*_, **__):\n    {luck.choice(HARM)}\n"
                )
        files[each.file] = text
    return files


def as_in_the_book(text):
    return text


def without_comments(text):
    return ast.unparse(ast.parse(text)) + "\n"


def with_a_helper(text):
    return f"{text}\n\ndef show(x):\n    print('so far:', x)\n    return x\n"


def mistaken(text, each, name, luck):
    """The text with one of the mistakes that the book knows in place of the function."""
    known = [mistake for mistake in mistakes_of(each.chapter) if mistake.exercise == name]
    if not known:
        return text
    source = (book_root() / "solutions" / each.chapter / "mistakes.py").read_text(encoding="utf-8")
    chosen = luck.choice(known).name
    body = splice.function(source, chosen).partition("\ndef ")[2] or splice.function(source, chosen)[4:]
    changed = (
        f"{text}\n\n{imports_for(body, source)}\n\n\ndef {body}\n\n{name} = {chosen}\n{name}.__name__ = {name!r}\n"
    )
    return text if unfair_import(changed, each.imports) else changed  # an import would cost the whole file


def imports_for(body, source):
    """The imports of a module, of libraries only, whose names a function uses."""
    found = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    used = set(re.findall(r"\w+", body))
    lines = [ast.unparse(node) for node in found if used & {each.asname or each.name for each in node.names}]
    return "\n".join(line for line in lines if "deepbook" not in line)


def hand_in(students, folder: Path):
    for name, (_, files) in students.items():
        for file, text in files.items():
            path = folder / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


# ------------------------------------------------------------------ the two


def graded(folder: Path, out: Path, assignment, jobs: int):
    """Seconds that `deepbook grade` takes, and how many rows are of which status."""
    began = time.perf_counter()
    outcome = batch.grade(folder, assignment, out, jobs)
    return time.perf_counter() - began, outcome


def tested(folder: Path, assignment, jobs: int) -> float:
    """Seconds for a cold pytest of each submission, `jobs` at a time."""
    exercises, names = book_root() / "exercises", [each.test_file for each in assignment.index.sets]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("JAX_", "PYTEST_"))}

    def one(student: Path):
        with tempfile.TemporaryDirectory(prefix="deepbook-pytest-") as place:
            for name in ("conftest.py", "pytest.ini", "index.toml", *names):
                Path(place, name).parent.mkdir(exist_ok=True)
                shutil.copy(exercises / name, Path(place, name))
            shutil.copytree(student, place, dirs_exist_ok=True)
            command = [sys.executable, "-m", "pytest", "-q", "--points", *names]
            with contextlib.suppress(subprocess.TimeoutExpired):
                subprocess.run(
                    command, cwd=place, env=environment, timeout=SLOWEST_S, stdout=subprocess.DEVNULL, stderr=-3
                )

    began = time.perf_counter()
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, sorted(folder.iterdir())))
    return time.perf_counter() - began


class Memory(threading.Thread):
    """Looks once a second at what this process and all below it hold; `peak` in MB."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peak, self.ended = 0.0, threading.Event()
        self.start()

    def run(self):
        while not self.ended.wait(1):
            self.peak = max(self.peak, sum(map(held, family(os.getpid()))))

    def stop(self) -> float:
        self.ended.set()
        self.join()
        return self.peak


def family(pid: int) -> list[int]:
    """A process and all below it."""
    children = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            parent = int(Path("/proc", name, "stat").read_bytes().rpartition(b") ")[2].split()[1])
            children.setdefault(parent, []).append(int(name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def held(pid: int) -> float:
    """MB of a process: of shared pages the part that falls to it, where the system says that."""
    with contextlib.suppress(OSError):
        for name, line in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
            with open(f"/proc/{pid}/{name}") as file:
                found = [int(each.split()[1]) for each in file if each.startswith(line)]
            if found:
                return found[0] / 1024
    return 0.0


# ------------------------------------------------------------------ the table


def measure(options) -> list[dict]:
    assignment = course.default(options.chapters.split(","), secret=b"only for this benchmark")
    students = class_of(options.submissions, assignment, options.seed)
    by_kind = sorted(students, key=lambda name: (students[name][0], name))
    every = max(1, len(by_kind) // options.sample)
    sample = by_kind[every // 2 :: every][: options.sample]
    rows = []
    with tempfile.TemporaryDirectory(prefix="deepbook-grading-") as temporary:
        whole, part = Path(temporary, "whole"), Path(temporary, "part")
        hand_in(students, whole)
        hand_in({name: students[name] for name in sample}, part)
        memory = Memory()
        os.environ["XDG_CACHE_HOME"] = temporary
        seconds, outcome = graded(whole, Path(temporary, "grades"), assignment, options.jobs)
        rows.append(row("deepbook grade", options.jobs, len(students), seconds, memory.stop()))
        rows.append(row("pytest", options.jobs, len(sample), tested(part, assignment, options.jobs)))
    print(f"statuses: {dict(outcome.statuses)}; jail: {', '.join(outcome.jails)}")
    if outcome.failures:
        print("failures of the grader:", *outcome.failures, sep="\n  ")
    right = [r["score"] / r["max"] for r in outcome.records if students[r["student"]["id"]][0] == "right"]
    print(f"right work with full marks: {sum(share == 1 for share in right)} of {len(right)}")
    rows[0]["times_as_fast"] = rows[0]["a_minute"] / rows[1]["a_minute"]
    return rows


def row(how, jobs, number, seconds, peak=None):
    a_minute = 60 * number / seconds
    return {"how": how, "jobs": jobs, "submissions": number, "seconds": seconds, "a_minute": a_minute, "peak_mb": peak}


def show(rows, chapters):
    from rich.console import Console
    from rich.table import Table

    columns = "how", "at a time", "submissions", "seconds", "a minute", "times as fast", "peak memory"
    shown = Table(*columns, title=f"Submissions of chapters {chapters}; pytest: a cold process each, a sample")
    for each in rows:
        peak = f"{each['peak_mb']:,.0f} MB" if each["peak_mb"] else ""
        faster = f"{each['times_as_fast']:.1f}" if "times_as_fast" in each else ""
        numbers = f"{each['seconds']:.1f}", f"{each['a_minute']:.1f}", faster, peak
        shown.add_row(each["how"], str(each["jobs"]), str(each["submissions"]), *numbers)
    Console(width=110).print(shown)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--sample", type=int, default=40, help="submissions that pytest takes (%(default)s)")
    parser.add_argument("--chapters", default="1,2,3")
    parser.add_argument("--jobs", type=int, default=batch.cores(), help="processes at a time (%(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--record", action="store_true", help="keep the rows as those that the book shows")
    options = parser.parse_args()
    rows = measure(options)
    show(rows, options.chapters)
    if options.record:
        turns.record("grading", "rows", rows)


if __name__ == "__main__":
    main()
