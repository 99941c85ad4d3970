"""The labs: experiments on real data that take too long, or need a download, for a page to run them.

A lab is run by a command, `deepbook lab NAME`. It prints its table, draws its figures, and leaves its numbers in a
file of JSON. The page of its chapter reads that file, `labs.result(NAME)`, so that it can be built without the data
and still shows no number that a person typed.

To add one, write `deepbook/labs/NAME.py`:

    \"\"\"The question that the lab asks, in one line; `deepbook lab` shows it.\"\"\"

    def run(seeds, out, quick=False, epochs=15) -> dict:
        data = load("mnist")
        …                             # print a table with rich; `save_figure(fig, out, "curves")`
        return {"test_accuracy": …}   # numbers, texts, lists and dicts of them; nothing else

    def main(argv=None) -> int:
        return labs.start("NAME", run, argv, seeds=3, epochs=15)

    if __name__ == "__main__":
        sys.exit(main())

seeds: whole numbers, one for each repetition.
out: a folder that exists.
quick: do as little as shows that it works.

Each further setting that `main` hands to `start` becomes an option, here `--epochs`, and an argument of `run`.

`start` does the rest: it reads the options, says in one sentence that the data are missing (exit code 3), measures
the time, and writes `out/NAME.json`: what `run` returned and, under "run", when, where and how it was run. Whoever
edits the book adds `--record`, and the file goes to `chapters/results/NAME.json` as well.
"""

import argparse
import ast
import json
import os
import platform
import re
import sys
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
LIBRARIES = ("jax", "numpy")
NO_DATA = 3  # the exit code: something about this machine


def names() -> dict[str, str]:
    """The labs there are, each with the question that it asks. The files are parsed, not imported."""
    files = sorted(file for file in Path(__file__).parent.glob("*.py") if not file.stem.startswith("_"))
    docs = {file.stem: ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) for file in files}
    return {name: (doc or "").partition("\n")[0] for name, doc in docs.items()}


# ------------------------------------------------------------------ results


def results_folder() -> Path:
    """Where the book keeps the recorded results: in a clone `chapters/results`, else beside the installed pages."""
    if other := os.environ.get("DEEPBOOK_BOOK"):
        return Path(other, "chapters", "results")
    clone = PACKAGE.parent
    book = clone if (clone / "exercises" / "index.toml").exists() else PACKAGE / "_book"
    return book / "chapters" / "results"


def result(name: str, folder: Path | None = None) -> dict:
    """The recorded result of a lab: what its `run` returned and, under "run", when, where and how.

    Raises FileNotFoundError, with the command that makes it, if it has not been recorded.
    """
    file = Path(folder or results_folder(), f"{name}.json")
    if not file.is_file():
        raise FileNotFoundError(f'result: got "{name}"; needs {file}; run `deepbook lab {name} --record`')
    return json.loads(file.read_text(encoding="utf-8"))


def save_result(name: str, result: dict, folder: Path | None = None) -> Path:
    """Write a result as `folder/NAME.json`, by default where the pages look for it. Returns the file.

    Numbers of NumPy and JAX may be in it. Floats keep six digits, and a list of numbers stands in one line.
    """
    file = Path(folder or results_folder(), f"{name}.json")
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_suffix(f".{os.getpid()}")
    text = json.dumps(_plain(result), indent=1, ensure_ascii=False)
    text = re.sub(r'\[\s([^][{}"]*)\]', lambda found: f"[{' '.join(found[1].split())}]", text)
    aside.write_text(text + "\n", encoding="utf-8")
    os.replace(aside, file)
    return file


def _plain(thing):
    """The same in what JSON knows."""
    if isinstance(thing, dict):
        return {str(key): _plain(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [_plain(each) for each in thing]
    if hasattr(thing, "tolist"):  # an array, or a number of NumPy or JAX
        return _plain(thing.tolist())
    return float(f"{thing:.6g}") if isinstance(thing, float) else thing


def told(result: dict) -> str:
    """When, where and how a result was made, as two lines for its page."""
    run = result["run"]
    libraries = ", ".join(f"{name} {number}" for name, number in run["versions"].items())
    where = f"{run['processor']}, {run['cores']} cores" + (f", {run['device']}" if run["device"] != "cpu" else "")
    return f"{run['command']}, {run['date']}\n{run['seconds']:.0f} s on {where}; {libraries}"


def save_figure(fig, out: Path, name: str):
    """Write a Matplotlib figure as `out/NAME.png`, and say so."""
    file = Path(out, f"{name}.png")
    fig.savefig(file, dpi=150, bbox_inches="tight")
    print(f"figure: {file}")


# ------------------------------------------------------------------ the command


def start(name: str, run, argv=None, seeds: int = 1, **settings) -> int:
    """What `main` of a lab does: see above. seeds, settings: what holds without an option. Returns the exit code."""
    os.environ.setdefault("MPLBACKEND", "agg")  # figures go to files; no window, no display needed
    options = vars(_parser(name, seeds, settings).parse_args(argv))
    n_seeds, out, quick, record = (options.pop(each) for each in ("seeds", "out", "quick", "record"))
    from deepbook.downloads import DataNotFound

    began, ours = time.perf_counter(), not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    try:
        found = run(range(n_seeds), out, quick, **options)
    except DataNotFound as missing:
        if ours:
            out.rmdir()
        print(missing, file=sys.stderr)
        return NO_DATA
    changed = {key: value for key, value in options.items() if value != settings[key]}
    changed |= {"seeds": n_seeds} if n_seeds != seeds else {}
    command = f"deepbook lab {name}" + "".join(f" --{key.replace('_', '-')} {value}" for key, value in changed.items())
    found = {**found, "run": {"command": command + " --quick" * quick, **where(time.perf_counter() - began)}}
    print(f"result: {save_result(name, found, out)}")
    if record:
        print(f"recorded: {save_result(name, found)}")
    return 0


def _parser(name, seeds, settings):
    parser = argparse.ArgumentParser(prog=f"deepbook lab {name}", description=names().get(name, ""))
    parser.add_argument("--out", type=Path, default=Path(f"lab-{name}"), help="folder of its files; else %(default)s")
    parser.add_argument("--seeds", type=_whole, default=seeds, help="how often it is repeated; else %(default)s")
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument("--quick", action="store_true", help="as little as shows that it works; its numbers mean nothing")
    kept.add_argument("--record", action="store_true", help="keep the result as the one that the book shows")
    for key, value in settings.items():
        kind = _whole if isinstance(value, int) else type(value)
        parser.add_argument(f"--{key.replace('_', '-')}", type=kind, default=value, help="else %(default)s")
    return parser


def _whole(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return int(text)


def where(seconds):
    """Date, machine and versions: what a reader needs to judge a time; no names of hosts or people."""
    import jax

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "date": date.today().isoformat(),
        "seconds": round(seconds, 1),
        "processor": _processor(),
        "cores": cores,
        "device": jax.devices()[0].device_kind,
        "versions": {"Python": platform.python_version(), **{each: version(each) for each in LIBRARIES}},
    }


def _processor():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
