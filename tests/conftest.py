"""A small book of three exercises, for the tests of commands: they depend on no real chapter."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from browsers import FLAGS, NAMES, WIDE, need

from deepbook.course.runner import xla_flags

os.environ.setdefault("XLA_FLAGS", xla_flags())  # with XLA_FLAGS= the tests compile as a reader's machine does
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module", autouse=True)
def forget_what_was_compiled():
    """After each file of tests: else the programs of all of them fill gigabytes."""
    yield
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()


INDEX = """
[[chapters]]
folder = "ch01_small"
title = "Small"
page = "01-small.md"

[[chapters.sets]]
name = "sums"
title = "Sums"
imports = ["numpy"]

[[chapters.sets.exercises]]
name = "add"
title = "Add"
section = "adding"
points = 1
minutes = 2
hints = ["first hint", "second hint", "third hint", "fourth hint"]

[[chapters.sets.exercises]]
name = "double"
title = "Double"
section = "doubling"
points = 2
minutes = 3
hints = ["a", "b", "c", "d"]

[[chapters.sets]]
name = "late"
title = "Later"
imports = ["numpy"]

[[chapters.sets.exercises]]
name = "triple"
title = "Triple"
section = "tripling"
points = 3
minutes = 4
hints = ["a", "b", "c", "d"]
"""
SUMS = '''"""Sums."""


def add(a, b):
    """The sum."""
    # BEGIN SOLUTION
    return a + b
    # END SOLUTION


def double(a):
    """Twice a."""
    # BEGIN SOLUTION
    return 2 * a
    # END SOLUTION
'''
LATE = '''"""Later."""


def triple(a):
    """Three times a."""
    # BEGIN SOLUTION
    return 3 * a
    # END SOLUTION
'''
TEST_SUMS = '''from ch01_small.sums import add, double
from deepbook.course.checks import check


def test_add():
    """The sum of two numbers."""
    check(add, 2, 3, gives=5)


def test_double():
    """Twice a number."""
    check(double, 4, gives=8)
'''
TEST_LATE = '''from ch01_small.late import triple
from deepbook.course.checks import check


def test_triple():
    """Three times a number."""
    check(triple, 4, gives=12)
'''
MISTAKES = """from deepbook.course.mistakes import mistake


@mistake("add", "You subtract: look at the sign.")
def subtracts(a, b):
    return a - b
"""


class SmallBook:
    """The book, and how to call deepbook with it."""

    def __init__(self, root: Path):
        self.root = root
        files = {
            "exercises/index.toml": INDEX,
            "exercises/ch01_small/test_sums.py": TEST_SUMS,
            "exercises/ch01_small/test_late.py": TEST_LATE,
            "solutions/ch01_small/sums.py": SUMS,
            "solutions/ch01_small/late.py": LATE,
            "solutions/ch01_small/mistakes.py": MISTAKES,
            "chapters/index.md": "# Small\n",
        }
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        for name in ("conftest.py", "pytest.ini"):
            shutil.copy(ROOT / "exercises" / name, root / "exercises" / name)

    @property
    def environment(self):
        drop = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "DEEPBOOK_DEBUG")
        kept = {name: value for name, value in os.environ.items() if name not in drop}
        cache = str(self.root.parent / "cache")
        return {**kept, "DEEPBOOK_BOOK": str(self.root), "XDG_CACHE_HOME": cache, "PYTHONUTF8": "1"}

    def solve(self, folder: Path, *names: str):
        """Put the book's answers into a workspace."""
        for name in names or ("sums", "late"):
            shutil.copy(self.root / f"solutions/ch01_small/{name}.py", folder / f"ch01_small/{name}.py")

    def call(self, *arguments, cwd, **environment):
        """Run `deepbook …`; returns the finished process."""
        command = [sys.executable, "-m", "deepbook.cli", *map(str, arguments)]
        env = {**self.environment, **environment}
        return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=100, stdin=-3)


@pytest.fixture(scope="session")
def chromium():
    """The browser, for all tests."""
    path = need(next(filter(None, map(shutil.which, NAMES)), None), "Chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The whole book, built; once, also for tests in processes side by side."""
    from deepbook.course.index import book_root
    from deepbook.site.build import build

    run = tmp_path_factory.getbasetemp()
    folder = run.parent if "PYTEST_XDIST_WORKER" in os.environ else run
    with open(folder / "site.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        build(folder / "built" / "site", book_root())
    return folder / "built" / "site"


@pytest.fixture
def visit(chromium, site):
    """A function that opens a page and collects in `page.complaints` whatever should not happen."""
    contexts = []

    def outside(address):
        return not address.startswith((site.as_uri(), "data:", "blob:", "about:"))

    def visit(name, viewport=WIDE, scheme="light", script=True, **options):
        context = chromium.new_context(viewport=viewport, color_scheme=scheme, java_script_enabled=script, **options)
        contexts.append(context)
        context.set_default_timeout(120_000)  # the longest pages, on a machine that is busy
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda said: said.type in ("error", "warning") and page.complaints.append(said.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("requestfailed", lambda request: page.complaints.append(f"failed: {request.url}"))
        page.on("request", lambda request: outside(request.url) and page.complaints.append(request.url))
        page.goto(f"{site.as_uri()}/{name}")
        if script:
            page.wait_for_timeout(300)  # for what the page's scripts start; to wait for "networkidle" may hang
        return page

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture
def small_book(tmp_path, monkeypatch):

    book = SmallBook(tmp_path / "book")
    monkeypatch.setenv("DEEPBOOK_BOOK", str(book.root))
    monkeypatch.setenv("XDG_CACHE_HOME", book.environment["XDG_CACHE_HOME"])
    return book


@pytest.fixture
def learner(small_book, tmp_path):
    """A fresh workspace of the small book."""
    from deepbook.course.workspace import start

    return start(tmp_path / "mine").workspace


def data_folder() -> Path | None:
    """Where the real data lie: DEEPBOOK_DATA, else `../shared/data` beside the clone."""
    named = os.environ.get("DEEPBOOK_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    return folder.resolve() if folder.is_dir() else None


@pytest.fixture
def real_data(monkeypatch) -> Path:
    """The folder of real data, and DEEPBOOK_DATA set to it; without one the test is skipped."""
    if (folder := data_folder()) is None:
        pytest.skip("needs the real data sets: set DEEPBOOK_DATA to their folder")
    monkeypatch.setenv("DEEPBOOK_DATA", str(folder))
    return folder


@pytest.fixture
def transforms():
    """A check that `call` gives the same under jit and vmap as without, and has a finite gradient."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    def check(call, W, grad=True):
        def total(W):
            return sum(jnp.sum(jnp.asarray(leaf, float)) for leaf in jax.tree.leaves(call(W)))

        @jax.jit
        def transformed(W):
            both = jax.tree.map(lambda leaf: jnp.stack([leaf, 2 * leaf]), W)
            return call(W), jax.vmap(call)(both), jax.grad(total)(W) if grad else 0.0

        plain = jax.tree.leaves(call(W))
        jitted, mapped, grads = map(jax.tree.leaves, transformed(W))
        for a, b, c in zip(plain, jitted, mapped, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
            np.testing.assert_allclose(a, c[0], rtol=1e-5, atol=1e-6)
        assert all(np.isfinite(leaf).all() for leaf in grads)

    return check
