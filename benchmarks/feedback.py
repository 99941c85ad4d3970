"""How long from a saved file to its verdict? `deepbook learn` beside a cold pytest of the same file, in one run.

    python benchmarks/feedback.py                    # 30 saves over all exercise sets
    python benchmarks/feedback.py --saves 60 --only ch01

Each save puts into a learner's file the book's answers, and in every second save a well-known wrong answer in place of
the last function. Timed is from the save to the line with the verdict on the output of a running `deepbook learn`; then
`python -m pytest` of that set's tests, as a learner would call it. By turns, so that a busy machine is busy for both.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from deepbook.course import splice
from deepbook.course.index import book_root, load_index
from deepbook.course.mistakes import mistakes_of


def answers(each, wrong: bool) -> str:
    """The book's answers to one set; `wrong`: the last function returns what the book knows to be a mistake."""
    text = (book_root() / "solutions" / each.file).read_text(encoding="utf-8")
    if not wrong:
        return text
    name = each.exercises[-1].name
    mistake = next(m for m in mistakes_of(each.chapter) if m.exercise == name)
    source = (book_root() / "solutions" / each.chapter / "mistakes.py").read_text(encoding="utf-8")
    body = splice.function(source, mistake.name).partition("\ndef ")[2] or splice.function(source, mistake.name)[4:]
    helpers = "\n".join(
        line for line in source.splitlines() if line.startswith(("import ", "from ")) and "deepbook" not in line
    )
    return f"{text}\n\n{helpers}\n\n\ndef {body}\n\n{name} = {mistake.name}\n{name}.__name__ = {name!r}\n"


class Learn:
    """A running `deepbook learn`; `verdict` waits for its next one."""

    def __init__(self, folder: Path):
        command = [sys.executable, "-u", "-m", "deepbook.cli", "learn", "--no-book"]
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
        self.seen, self.lines = threading.Condition(), []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            with self.seen:
                self.lines.append((time.perf_counter(), line))
                self.seen.notify_all()

    def verdict(self, after: int, seconds: float = 60):
        """The moment of the next line that counts the exercises, and how many lines there are then."""
        end = time.perf_counter() + seconds
        with self.seen:
            while time.perf_counter() < end:
                for place in range(after, len(self.lines)):
                    if "exercises pass" in self.lines[place][1]:
                        return self.lines[place][0], place + 1
                self.seen.wait(0.2)
        raise TimeoutError("".join(line for _, line in self.lines[-30:]))


def cold(folder: Path, each) -> float:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JAX_")}
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", each.test_file], cwd=folder, env=environment, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - started


def measure(saves: int, only: str, rest: float) -> list[dict]:
    sets = [each for each in load_index().sets if each.chapter.startswith(only)]
    rows = []
    with tempfile.TemporaryDirectory(prefix="deepbook-feedback-") as temporary:
        folder = Path(temporary) / "mine"
        subprocess.run(
            [sys.executable, "-m", "deepbook.cli", "start", str(folder)], check=True, stdout=subprocess.DEVNULL
        )
        learn = Learn(folder)
        try:
            _, place = learn.verdict(0)
            for each in sets:  # once, so that what compiles is in the cache, as after the first minutes of work
                place = save(learn, folder, each, False, place)[1]
                place = save(learn, folder, each, True, place)[1]
            for number in range(saves):
                each, wrong = sets[number % len(sets)], number // len(sets) % 2 == 0
                time.sleep(rest)  # a learner thinks between two saves
                seconds, place = save(learn, folder, each, wrong, place)
                rows.append({"set": each.file, "wrong": wrong, "learn": seconds, "pytest": cold(folder, each)})
                print(f"{each.file:36} {'wrong' if wrong else 'right'}  {seconds:6.2f} s  {rows[-1]['pytest']:6.2f} s")
        finally:
            learn.process.terminate()
            learn.process.wait()
    return rows


def save(learn, folder, each, wrong, place):
    (folder / each.file).write_text(answers(each, wrong), encoding="utf-8")
    saved = time.perf_counter()
    told, place = learn.verdict(place)
    return told - saved, place


def percentile(values, share):
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--saves", type=int, default=30)
    parser.add_argument("--only", default="", help="a chapter, for example ch02")
    parser.add_argument("--rest", type=float, default=1.0, help="seconds between two saves (%(default)s)")
    parser.add_argument("--out", help="a file for the numbers, JSON")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f} at the start")
    rows = measure(options.saves, options.only, options.rest)
    for name in ("learn", "pytest"):
        values = [row[name] for row in rows]
        print(f"{name:7} p50 {percentile(values, 50):.2f} s   p95 {percentile(values, 95):.2f} s")
    ratios = [row["pytest"] / row["learn"] for row in rows]
    print(
        f"pytest / learn: median of the pairs {statistics.median(ratios):.1f}; load {os.getloadavg()[0]:.2f} at the end"
    )
    if options.out:
        Path(options.out).write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
