"""Several forms of one training, side by side: each in a process of its own, and they take turns, an epoch each.

While one runs the others wait, so that a machine that is busy for a moment is busy for all. A benchmark hands its forms
to `main`: for each name a function, and the library that it needs. The function gets x, y and `after(seconds, loss)`,
which it calls after each epoch and which says when to stop; it calls `imported()` when its imports are done.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from importlib.util import find_spec

STARTED = time.perf_counter()


def repeat(epoch, after):
    over = False
    while not over:
        began = time.perf_counter()
        loss = epoch()
        over = after(time.perf_counter() - began, loss)


# ------------------------------------------------------------------ one form, in its process


def imported():
    say("imported", time.perf_counter() - STARTED)


def say(what, *numbers):
    print(json.dumps([what, *numbers]), flush=True)


def work(form, data):
    """Train by turns: an epoch for each line that comes in, until there are no more."""
    x, y, of = data()
    say("data", of, len(x))
    global STARTED
    STARTED = time.perf_counter()  # reading the data is the same for all and does not count

    def after(seconds, loss):
        say("epoch", seconds, loss, time.perf_counter() - STARTED)
        return not sys.stdin.readline()

    form(x, y, after)


# ------------------------------------------------------------------ all of them, by turns


class Worker:
    def __init__(self, name, environment):
        command = [sys.executable, *sys.argv, "--form", name]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        self.of, self.n = self.hear("data")
        (self.imported,) = self.hear("imported")
        self.first_epoch, _, self.first_result = self.hear("epoch")
        self.seconds, self.loss = [], None

    def hear(self, what):
        for line in self.process.stdout:  # libraries print things of their own
            if line.startswith(f'["{what}"'):
                return json.loads(line)[1:]
        raise RuntimeError("it ended before its turn")

    def turn(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        seconds, self.loss, _ = self.hear("epoch")
        self.seconds.append(seconds)

    def stop(self):
        self.process.stdin.close()
        self.process.kill()  # Keras would train on to the end of an epoch


def run(forms, rounds, device, only):
    environment = {**os.environ, "JAX_PLATFORMS": "cpu"} if device == "cpu" else dict(os.environ)
    workers = {}
    for name, (_, *libraries) in forms.items():
        if only and name not in only:
            continue
        if missing := [library for library in libraries if find_spec(library) is None]:
            print(f"left out: {name}, {missing[0]} is not installed", file=sys.stderr)
            continue
        try:
            workers[name] = Worker(name, environment)
        except RuntimeError as error:
            print(f"left out: {name}, {error}", file=sys.stderr)
    for _ in range(rounds):
        for worker in workers.values():
            worker.turn()
    for worker in workers.values():
        worker.stop()
    return workers


def table(workers, title, against, what="images", measured="loss"):
    from rich.console import Console
    from rich.table import Table

    first = next(iter(workers.values()))
    columns = "form", "s an epoch", "(quartiles)", "examples/s", "speed", "import", "compile", "first result", measured
    shown = Table(*columns, title=f"{first.n:,} {what} ({first.of}), {title}; speed: {against} = 1")
    base = statistics.median(workers[against].seconds) if against in workers else None
    rows = []
    for name, worker in workers.items():
        middle = statistics.median(worker.seconds)
        low, _, high = statistics.quantiles(worker.seconds, n=4)
        row = {
            "form": name,
            "seconds": middle,
            "quartiles": (low, high),
            "examples_a_second": worker.n / middle,
            "speed": base / middle if base else None,
            "import": worker.imported,
            "compile": max(0.0, worker.first_epoch - middle),
            "first_result": worker.first_result,
            "loss": worker.loss,
        }
        rows.append(row)
        speed = f"{row['speed']:.2f}" if base else ""
        numbers = f"{middle:.3f}", f"{low:.3f} {high:.3f}", f"{worker.n / middle:,.0f}", speed
        starts = (f"{row[key]:.1f} s" for key in ("import", "compile", "first_result"))
        shown.add_row(name, *numbers, *starts, f"{worker.loss:.4f}")
    Console(width=130).print(shown)
    return rows


def parser(doc, forms, rounds=15):
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=rounds, help="epochs of each form that are timed (%(default)s)")
    parser.add_argument("--device", choices=("cpu", "gpu"), default="cpu")
    parser.add_argument("--only", nargs="*", choices=forms, help="some of the forms")
    parser.add_argument("--out", help="a file for the numbers, JSON")
    parser.add_argument("--form", help=argparse.SUPPRESS)
    return parser


def main(options, forms, data, title, against, **words):
    """One form's process, or all of them by turns. Returns a row of numbers for each form, None in a form's process.

    words: of the table, what the examples are and what is measured.
    """
    if options.form:
        return work(forms[options.form][0], data)
    rows = table(run(forms, options.rounds, options.device, options.only), title, against, **words)
    if options.out:
        with open(options.out, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)
    return rows


def record(name, what, rows):
    """Keep the rows under `what` in chapters/results/NAME.json, beside what is there: a page of the book shows them."""
    from deepbook import labs

    try:
        known = labs.result(name)
    except FileNotFoundError:
        known = {}
    command = " ".join(["python", f"benchmarks/{os.path.basename(sys.argv[0])}", *sys.argv[1:]])
    run = {"command": command.replace(" --record", ""), **labs.where(time.perf_counter() - STARTED)}
    print(f"recorded: {labs.save_result(name, {**known, what: rows, 'run': run})}")
