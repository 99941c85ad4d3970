"""Follow the instructor's guide to the letter, in an empty folder, and keep what its commands say.

    python benchmarks/instructors.py            # the commands and what they print
    python benchmarks/instructors.py --record   # chapters/results/instructors.json, from which the guide shows it

Each block of `bash` in chapters/instructors.md is run as it stands there, one after the other; what is not for a first
afternoon stands in blocks of `sh` and is not run. The folder holds the book's answers, as a copy of the project does.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "chapters" / "instructors.md"
WIDTH = 76  # letters of the terminal


def blocks(kind: str, page: Path = PAGE) -> list[str]:
    """The page's blocks of one kind, in order, without their fences."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def follow(folder: Path):
    """Run all blocks in the folder; yields (block, exit code, what it printed)."""
    (folder / "solutions").symlink_to(ROOT / "solutions")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("DEEPBOOK_", "PYTEST_"))}
    env |= {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", "")]),
        "XDG_DATA_HOME": str(folder / ".data"),
        "COLUMNS": str(WIDTH),
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
    for block in blocks("bash"):
        command = ["bash", "-euc", block]
        out = subprocess.PIPE
        done = subprocess.run(command, cwd=folder, env=env, stdout=out, stderr=subprocess.STDOUT, timeout=600)
        yield block, done.returncode, done.stdout.decode("utf-8", "replace").replace(str(folder), "…")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true", help="write chapters/results/instructors.json")
    options = parser.parse_args()
    began, kept, failed = time.perf_counter(), [], False
    with tempfile.TemporaryDirectory() as folder:
        for block, code, output in follow(Path(folder)):
            print("".join(f"$ {line}\n" for line in block.splitlines()), end="")
            print(output, f"[exit code {code}]\n" if code else "", sep="")
            kept.append({"commands": block, "output": output})
            failed |= bool(code)
    if options.record and not failed:
        from deepbook import labs

        run = {"command": "python benchmarks/instructors.py --record", **labs.where(time.perf_counter() - began)}
        print(f"recorded: {labs.save_result('instructors', {'blocks': kept, 'run': run})}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
