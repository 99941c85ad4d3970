"""Builds the book's site from Python: `deepbook learn` and the tests call this.

It starts MkDocs in a process of its own, and only when something changed. A site is built aside and moved into place
when it is whole, so nobody is ever served half a book. Nothing here imports JAX, Matplotlib or MkDocs.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from deepbook.course.index import PACKAGE, book_root

STAMP = ".deepbook-build.json"  # in the built site: what it was built from
DRAFT = "a draft of "
LIMIT_S = 1800
# Most of MkDocs' millions of objects live until the end: to look for garbage among them all the time costs a twentieth.
START = """import gc, runpy
gc.set_threshold(100_000, 50, 100)
runpy.run_module("{builder}", run_name="__main__", alter_sys=True)"""
LIBRARIES = ("mkdocs", "mkdocs-material", "mkdocstrings-python", "Markdown", "pymdown-extensions", "Pygments")
LIBRARIES += ("jieba", "jax", "numpy", "matplotlib", "scikit-learn", "mini-racer")


class BuildError(RuntimeError):
    """The site cannot be built; the message is what the author has to know."""


def build(out: Path, root: Path | None = None, draft: tuple[str, ...] = ()) -> bool:
    """Build the whole book, strictly, into the folder `out`.

    out:  the site's folder. It is replaced as a whole; it must be empty, absent or a site that this function built.
    root: the folder that holds `mkdocs.yml` and `chapters/`, by default the book's own.
    draft: pages; then only their blocks are run, and the next build replaces this one.
    Returns True if it built, False if the site there was still right.
    Raises BuildError with the end of MkDocs' words, and leaves the old site as it was.
    """
    out, root = Path(out).absolute(), Path(root or book_root()).absolute()
    inputs = fingerprint(root)
    if built_from(out) == inputs:
        return False
    if out.exists() and any(out.iterdir()) and built_from(out) is None:
        raise BuildError(f"{out} holds files that are no site of this book; name an empty folder")
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        run_mkdocs(root, aside / "new", draft)
        stamp = {"inputs": f"{DRAFT}{inputs}" if draft else inputs}
        (aside / "new" / STAMP).write_text(json.dumps(stamp), encoding="utf-8")
        swap(aside / "new", out, aside / "old")
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return True


def command(to: Path, pdf: bool, epub: bool):
    """What `deepbook build` does: the site in `to/site`, and beside it the PDF and the EPUB if they are wanted."""
    from deepbook.course.errors import MachineProblem, short

    try:
        if pdf:
            from deepbook.site.pdf import chromium

            chromium()  # said before the work, if it is missing
        print("Building the site. The first time this runs all code of the book, some minutes long.", flush=True)
        build(to / "site")
        print(f"The site: open {short(to / 'site' / 'index.html')} in a browser.", flush=True)
        if epub:
            from deepbook.site.epub import write

            write(to / "site", book_root(), to / "deepbook.epub")
            print(f"The EPUB: {short(to / 'deepbook.epub')}", flush=True)
        if pdf:
            from deepbook.site.pdf import write

            pages = write(to / "site", book_root(), to / "deepbook.pdf")
            print(f"The PDF: {short(to / 'deepbook.pdf')}, {pages} pages", flush=True)
    except BuildError as error:
        raise MachineProblem(str(error)) from None


def swap(new, out, old):
    """Put the folder `new` in the place of `out`, which moves to `old`; if that fails, `out` is as it was."""
    if out.exists():
        out.rename(old)
    try:
        new.rename(out)
    except BaseException:
        if old.exists() and not out.exists():
            old.rename(out)
        raise


def run_mkdocs(root, out, draft=(), builder="mkdocs"):
    """One strict build; what the pages' code gives is kept in the book, or in the user's cache if that is read-only.

    builder: "mkdocs", or "properdocs", a fork that is kept up and takes the same settings.
    """
    env = os.environ | {"NO_MKDOCS_2_WARNING": "1", "PYTHONUTF8": "1"}
    env.setdefault("DEEPBOOK_CACHE", str(cache_folder(root) / "run"))
    env["DEEPBOOK_DRAFT"] = ",".join(draft)
    command = [sys.executable, "-c", START.format(builder=builder)]
    command += ["build", "--strict"]  # never with -q, which makes it lenient
    command += ["--config-file", str(root / "mkdocs.yml"), "--site-dir", str(out)]
    words = {"capture_output": True, "text": True, "encoding": "utf-8", "errors": "replace"}
    try:
        done = subprocess.run(command, env=env, cwd=root, timeout=LIMIT_S, **words)
    except subprocess.TimeoutExpired:
        raise BuildError(
            f"the book's site was not built after {LIMIT_S} s: does a block on a page never end?"
        ) from None
    if done.returncode:
        raise BuildError(f"the book's site could not be built:\n{summary(done.stderr + done.stdout)}")


def summary(words):
    """What of MkDocs' words is for people: warnings, errors and the end; not the builder's own traceback."""
    lines = [line for line in words.splitlines() if line.strip() and not line.startswith("INFO")]
    if "FenceError: " in words:  # the page, the block and its traceback come last
        return words.rpartition("FenceError: ")[2].strip()
    return "\n".join(lines[-15:])


def built_from(out):
    """The fingerprint of what a site was built from; None if it is no site of ours."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        return json.loads((out / STAMP).read_text(encoding="utf-8"))["inputs"]
    return None


def is_draft(out) -> bool:
    """Whether the site there is a draft, which the whole book will replace."""
    return (built_from(Path(out)) or "").startswith(DRAFT)


def fingerprint(root):
    """A hash of all that the site is made of: pages, settings, solutions, the package, the versions of the tools.

    Not of the exercises: a learner edits them, and the pages show them as they were handed out.
    """
    digest = hashlib.sha256()
    files = [file for file in (root / "mkdocs.yml", root / "exercises" / "index.toml") if file.exists()]
    for folder in (root / "chapters", root / "solutions", root / "results", PACKAGE):
        files += [file for file in folder.rglob("*") if file.is_file() and not skipped(file.relative_to(folder).parts)]
    for file in sorted(set(files)):
        digest.update("/".join(file.parts[-3:]).encode() + hashlib.sha256(file.read_bytes()).digest())
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()


def skipped(parts):
    """Whether a file is no source: caches, hidden folders, the copy of the book in an installed package."""
    return any(part.startswith(".") or part in ("__pycache__", "_book") for part in parts)


def cache_folder(root):
    """Where what can be made again is kept: the book's `.cache`, or the user's cache folder if it is read-only."""
    if os.access(root, os.W_OK) and PACKAGE not in Path(root).parents:
        return Path(root) / ".cache"
    from platformdirs import user_cache_path

    return user_cache_path("deepbook", appauthor=False)


def default_site(root: Path | None = None) -> Path:
    """Where `deepbook learn` keeps the built site."""
    return cache_folder(Path(root or book_root())) / "site"
