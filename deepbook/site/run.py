"""The fence that runs a block of Python while the site is built and shows what came out below it.

    ```python run
    ```python run hide                       only what came out
    ```python run alt="…" caption="…"        for a block that leaves a figure; alt is a must, caption is shown below it
    ```python run alt="…" id="fig-…"         a figure to which the text refers; numbers.py says how
    ```python run raises="TypeError"         must raise; the first lines of the message are shown

The blocks of a page share one namespace, in a process of their own. A block that fails, or leaves a figure without
alternative text, stops the build. What came out is kept in `.cache/run` (or in the folder that DEEPBOOK_CACHE names)
under a hash of the page's blocks so far, the modules of the book that they import, the recorded results of the labs (if
they import `deepbook.labs`) and the versions of the libraries. So a page in which nothing changed runs nothing.

While the variable DEEPBOOK_DRAFT names pages, only the blocks of these are run. On the others a block whose result is
not kept yet shows a line that says so: the first pages of a new book are there before all of it has been computed.
"""

import ast
import contextlib
import hashlib
import html
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import weakref
from functools import cache
from importlib import metadata
from pathlib import Path

from deepbook.course import unchanged
from deepbook.site import palette, store
from deepbook.site.fences import (
    PACKAGE,
    FenceError,
    book_folder,
    check_options,
    highlight,
    markdown_inline,
    page_name,
    stops_the_build,
)

OPTIONS = ("run", "hide", "alt", "caption", "id", "raises", "title")
LIBRARIES = ("jax", "numpy", "matplotlib", "scikit-learn")
MACHINERY = tuple(PACKAGE / "site" / name for name in ("run.py", "worker.py", "palette.py"))
NOT_THE_BOOK = ("course", "grading", "site", "cli")

version = cache(metadata.version)
_pages = weakref.WeakKeyDictionary()


LATER = '<p class="run-later">What comes out here is being computed. Load this page again in a minute or two.</p>'


class NotYet(Exception):
    """This result is not kept, and this build is a draft that does not compute it."""


class Page:
    """The blocks of one page so far, and the process that ran some of them."""

    def __init__(self, md):
        self.name, self.folder, self.results = page_name(md), book_folder(md), store.folder(md)
        drafted = os.environ.get("DEEPBOOK_DRAFT")
        self.waits = bool(drafted) and self.name not in drafted.split(",")
        self.blocks = []  # (code, raises)
        self.digests = {}  # for key_of
        self.ran = 0  # how many of them the process knows
        self.process = None

    def ask(self, question):
        """Send the process one question and read its answer."""
        if self.process is None:
            self.process = start_worker(self.folder)
            weakref.finalize(self, stop_worker, self.process)
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
        if not (line := self.process.stdout.readline()):
            self.process.log.seek(0)
            end = self.process.log.read()[-2000:]
            raise FenceError(f"{self.name}: the process that runs its blocks ended\n{end}")
        return json.loads(line)

    def run_to(self, end):
        """Run the blocks that the process does not know yet; return what came out of the last."""
        result = None
        while self.ran < end:
            code, raises = self.blocks[self.ran]
            self.ran += 1
            result = self.ask({"name": f"<block {self.ran}>", "code": code})
            self.check(result, code, raises)
        return result

    def check(self, result, code, raises):
        """Stop the build if a block did not do what its fence says."""
        error = result["error"]
        where = f"{self.name}, block {self.ran}"
        if error and raises not in error["names"]:
            raise FenceError(f"{where} failed:\n\n{textwrap.indent(code, '    ')}\n\n{error['traceback']}")
        if raises and not error:
            raise FenceError(f"{where} should raise {raises}, but did not:\n\n{textwrap.indent(code, '    ')}")
        if len(result["figures"]) > 1:
            raise FenceError(f"{where} leaves {len(result['figures'])} figures; show one in a block")


def page_of(md):
    """The state of the page that this Markdown object turns into HTML."""
    if md not in _pages:
        _pages[md] = Page(md)
    return _pages[md]


def start_worker(folder):
    """Start the process: on the CPU, with the book's style for figures, its warnings kept out of the page."""
    log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 (lives as long as the process)
    style = tempfile.TemporaryDirectory(prefix="deepbook-")
    style_file = Path(style.name, "matplotlibrc")
    style_file.write_text(palette.matplotlibrc(), encoding="utf-8")
    env = os.environ | {
        "JAX_PLATFORMS": "cpu",
        "MATPLOTLIBRC": str(style_file),
        "MPLBACKEND": "svg",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "XLA_FLAGS": "",  # compiled as on a reader's machine, also where tests build the book: rounding differs
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "deepbook.site.worker"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8", cwd=folder, env=env,
    )  # fmt: skip
    process.log, process.style = log, style
    return process


def stop_worker(process):
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout, process.log):
        with contextlib.suppress(OSError):
            stream.close()
    process.style.cleanup()


# What a result depends on


@cache
def imported(code):
    """The dotted names that a piece of Python imports."""
    if "import" not in code:
        return frozenset()
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return frozenset()
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def book_modules(*codes, package=PACKAGE):
    """The files of the book's modules that these pieces of code import, and those that they import in turn."""
    found, seen, todo = set(), set(), set().union(*map(imported, codes))
    while todo:
        seen.add(name := todo.pop())
        first, *rest = name.split(".")
        if first != package.name or not rest or rest[0] in NOT_THE_BOOK:
            continue
        file = package.joinpath(*rest)
        for candidate in (file.with_suffix(".py"), file / "__init__.py"):
            if candidate not in found and candidate.is_file():
                found.add(candidate)
                todo |= imports_of(candidate) - seen
    return found


@unchanged.kept
def imports_of(file):
    return imported(file.read_text(encoding="utf-8"))


@unchanged.kept
def hash_of(file):
    return hashlib.sha256(file.read_bytes()).digest()


@cache
def data_files(package=PACKAGE):
    """The package's own tables and catalogue; the modules of the book read them."""
    kinds = {".csv", ".npy", ".npz", ".toml", ".gz", ".txt"}
    return {
        file
        for file in package.rglob("*")
        if file.suffix in kinds and file.relative_to(package).parts[0] not in (*NOT_THE_BOOK, "_book")
    }


def recorded_results(modules):
    """The recorded results of the labs, for a page that reads them."""
    from deepbook import labs

    return set(labs.results_folder().glob("*.json")) if Path(labs.__file__) in modules else set()


def key_of(blocks, extra="", digests=None):
    """A hash of all that decides what the last of these blocks gives.

    digests: of the files behind what the blocks import, kept from block to block of a page.
    """
    digests, codes = {} if digests is None else digests, [code for code, _ in blocks]
    imports = frozenset().union(*map(imported, codes))
    if imports not in digests:
        digests[imports] = digest_of(book_modules(*codes))
    digest = digests[imports].copy()
    digest.update(json.dumps([blocks, extra]).encode())
    return digest.hexdigest()


def digest_of(modules):
    """A hash, to be continued, of these modules, the data they read, what runs them, and the versions of libraries."""
    digest = hashlib.sha256()
    for file in sorted(modules | set(MACHINERY) | (data_files() if modules else set())):
        digest.update(str(file.relative_to(PACKAGE)).encode() + hash_of(file))
    for file in sorted(recorded_results(modules)):
        digest.update(file.name.encode() + hash_of(file))
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest


def kept(page, key, compute):
    """The result under this key; computed if it is not there yet and this build is no draft that waits."""

    def computed():
        if page.waits:
            raise NotYet
        return compute()

    return store.kept(page.results, key, computed)


# The fence


def validator(language, inputs, options, attrs, md):
    """Whether this is our fence, and not a plain block of Python."""
    if "run" not in inputs:
        return False
    check_options(f"{page_name(md)}, a python run fence", inputs, OPTIONS)
    options.update(inputs)
    return True


@stops_the_build
def formatter(source, language, css_class, options, md, **_):
    """The block and what came out of it, as HTML."""
    page = page_of(md)
    page.blocks.append((source, options.get("raises")))
    key = key_of(page.blocks, digests=page.digests)
    id = f' id="{html.escape(options["id"])}"' if options.get("id") else ""
    parts = [] if "hide" in options else [highlight(md, source, "python", options.get("title", ""))]
    try:
        result = kept(page, key, lambda: page.run_to(len(page.blocks)))
    except NotYet:
        return f'<div class="run"{id}>{"".join(parts)}{LATER}</div>'
    text = "\n".join(filter(None, (result["text"], result["error"] and result["error"]["text"])))
    if text:
        kind = "run-out run-error" if result["error"] else "run-out"
        parts.append(f'<div class="{kind}">{highlight(md, text, "text")}</div>')
    if result["figures"]:
        where = f"{page.name}, block {len(page.blocks)}"
        caption = markdown_inline(md, options.get("caption", ""))
        parts.append(figure(result["figures"][0], options.get("alt", ""), caption, f"f{key[:8]}-", where, id))
    if options.get("alt") and not result["figures"]:
        raise FenceError(f"{page.name}, block {len(page.blocks)} has alt text, but leaves no figure")
    return f'<div class="run">{"".join(parts)}</div>'


def figure(svg, alt, caption, prefix, where, id=""):
    """Matplotlib's SVG as a figure of the page: with alternative text, in the page's colours, its ids its own."""
    if not alt or caption.endswith(alt):
        raise FenceError(
            f'{where} leaves a figure; it needs alt="…" that a blind reader could draw from (not the caption)'
        )
    # Matplotlib's style sheet is for every element of the page: each figure would make the browser style all of it anew
    svg = re.sub(r"(?s)\A.*?(?=<svg)|<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>", "", svg)
    svg = re.sub(r'\b(id="|href="#|url\(#)', lambda found: found[1] + prefix, svg)
    svg = re.sub(r"font: ([^;\"]*?)(?:'[^\"]*)?sans-serif", r"font: \1system-ui, sans-serif", svg)
    svg = palette.as_css_variables(re.sub(r"\s*\n\s*", " ", svg))
    attributes = f'role="img" aria-label="{html.escape(alt)}" stroke-linejoin="round" data-search-exclude'
    svg = svg.replace("<svg ", f"<svg {attributes} ", 1)
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure class="run-figure"{id}>{svg}{below}</figure>'


def evaluate(md, expression):
    """The numbers that an expression gives in the page's namespace: a quiz's key."""
    page = page_of(md)

    def compute():
        page.run_to(len(page.blocks))
        result = page.ask({"expression": expression})
        if result["error"]:
            raise FenceError(f"{page.name}: the quiz's key {expression!r} failed:\n{result['error']['traceback']}")
        return result

    return kept(page, key_of(page.blocks, expression, page.digests), compute)["right"]
