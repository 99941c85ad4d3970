"""`deepbook doctor`: look at this machine, a line for each thing, and say what to do where something is wrong."""

import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.markup import escape

from deepbook.course import tell
from deepbook.course.errors import ENVIRONMENT, PASSED, Problem
from deepbook.course.runner import user_cache
from deepbook.course.workspace import find

OK, WARNING, PROBLEM = "ok", "warning", "problem"
COLOURS = {OK: "green", WARNING: "yellow", PROBLEM: "red"}
JAX_WAIT_S = 60
LITTLE = 1_000_000_000  # bytes
JAX = """
import jax, jax.numpy as jnp
x = jnp.ones(3).sum().block_until_ready()
kinds = sorted({each.device_kind for each in jax.devices()})
print("JAX", jax.__version__, "on", ", ".join(kinds), f"({len(jax.devices())})")
"""


def doctor() -> int:
    """Returns 3 if there is a problem, else 0."""
    out, worst = tell.console(), PASSED
    for look in (python, package, jax, workspace, cache, data, disk, network):
        state, fact = look()
        out.print(f"[{COLOURS[state]}]{state:<7}[/]  {escape(fact)}")
        worst = ENVIRONMENT if state == PROBLEM else worst
    return worst


def python():
    return OK, f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {sys.executable}"


def package():
    from deepbook import __version__
    from deepbook.course.index import book_root

    root = book_root()
    if not (root / "exercises" / "index.toml").exists():
        return PROBLEM, f"deepbook {__version__}, but its book is missing in {root}. Install it again."
    return OK, f"deepbook {__version__}, book in {root}"


def jax():
    try:
        done = subprocess.run([sys.executable, "-c", JAX], capture_output=True, text=True, timeout=JAX_WAIT_S)
    except subprocess.TimeoutExpired:
        return (
            PROBLEM,
            f"JAX did not answer within {JAX_WAIT_S} s. With a GPU: is its driver well? Try JAX_PLATFORMS=cpu.",
        )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1][:300]
        return PROBLEM, f"JAX does not run: {last} Try JAX_PLATFORMS=cpu, or install deepbook afresh."
    return OK, done.stdout.strip()


def workspace():
    try:
        here = find()
        total = len(here.index.exercises)
    except Problem as problem:
        return WARNING, str(problem)
    if problem := unwritable(here.folder):
        return PROBLEM, f"Your folder {here.folder} cannot be written ({problem})."
    return OK, f"Your folder: {here.folder}, {tell.plural(total, 'exercise')}"


def cache():
    folder = user_cache()
    if problem := unwritable(folder):
        return WARNING, f"The cache {folder} cannot be written ({problem}): everything works, only slower."
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return OK, f"Cache: {folder}, {size / 1e6:.0f} MB; it may be deleted at any time"


def data():
    from deepbook.downloads import catalogue, place

    named = os.environ.get("DEEPBOOK_DATA")
    if named and not Path(named).is_dir():
        return WARNING, f"DEEPBOOK_DATA names {named}, which is no folder. Set it to one, or unset it."
    states = {each.name: place(each) for each in catalogue().values() if each.files}
    here = ", ".join(["what comes with deepbook", *(name for name, state in states.items() if state)])
    fact = f"Data: {here}" + (f"; DEEPBOOK_DATA is {named}" if named else "")
    missing = ", ".join(name for name, state in states.items() if not state)
    return OK, f"{fact}. Not here: {missing}; `deepbook data fetch --all`" if missing else fact


def disk():
    lines = {str(place): shutil.disk_usage(place).free for place in (Path.cwd(), Path(tempfile.gettempdir()))}
    fact = "Free disk: " + ", ".join(f"{free / 1e9:.1f} GB in {place}" for place, free in lines.items())
    return (WARNING, f"{fact}. Make some room.") if min(lines.values()) < LITTLE else (OK, fact)


def network():
    try:
        socket.create_connection(("pypi.org", 443), timeout=2).close()
    except OSError:
        return OK, "Network: no way to pypi.org; the book needs none, only updates do"
    return OK, "Network: pypi.org answers"


def unwritable(folder: Path) -> str:
    """Why nothing can be written there; "" if something can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"0" * 4096)
            file.flush()
    except OSError as error:
        return error.strerror or str(error)
    return ""
