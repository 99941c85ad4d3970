"""The import table: it is the architecture (design: two wings and one door)."""

import ast
from pathlib import Path

import pytest

import deepbook

PACKAGE = Path(deepbook.__file__).parent
SCHOOL = ("deepbook.course", "deepbook.site", "deepbook.grading", "deepbook.cli")
# The book wing in the order of the book: a module imports only modules before it.
BOOK = ("downloads", "pictures", "corpora", "data", "perceptron", "activations", "losses", "mlp", "layers", "optim")
BOOK += ("weights", "callbacks", "augment", "train", "plots", "winograd", "cnn", "architectures", "photos")
BOOK += ("published", "transfer", "text", "embeddings", "word2vec", "attention", "sentences")
BOOK += ("cells", "rnn", "language", "seq2seq")
HEAVY = ("jax", "pytest", "starlette", "uvicorn", "watchfiles", "matplotlib", "mkdocs", "sklearn")
# These run inside the tests' or the site's own process, where what they import is there already.
INSIDE = ("course/plugin.py", "site/run.py", "site/worker.py", "site/show.py", "site/palette.py", "site/preview.py")
INSIDE += ("course/points.py",)
INSIDE += ("grading/exam.py",)  # in the process of one submission
INSIDE += ("site/live.py",)  # in the server's


def imports(path: Path, everywhere: bool) -> set[str]:
    """The modules that a file imports: at its top level, or everywhere in it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree) if everywhere else top_level(tree.body):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def top_level(body):
    for node in body:
        yield node
        for name in ("body", "orelse", "handlers", "finalbody"):
            if isinstance(node, ast.If | ast.Try | ast.With | ast.ExceptHandler):
                yield from top_level(getattr(node, name, []))


def named(path):
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=named)
def test_the_book_wing_knows_nothing_of_the_school(path):
    name = path.stem
    if name in ("cli", "__init__"):
        return
    assert name in BOOK, f"{path.name} has no place in the order of the book"
    used = imports(path, everywhere=True)
    assert not [module for module in used if module.startswith((*SCHOOL, "deepbook.labs"))]
    later = BOOK[BOOK.index(name) :]
    assert not [module for module in used if module.removeprefix("deepbook.") in later and module != name]


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("labs/*.py")), ids=named)
def test_labs_use_the_book_and_nothing_of_the_school(path):
    used = {module for module in imports(path, everywhere=True) if module.startswith("deepbook.")}
    assert not [module for module in used if module.startswith(SCHOOL)]
    assert {module.split(".")[1] for module in used} <= {"labs", *BOOK}


def test_labs_are_listed_without_what_they_run():
    heavy = {module.split(".")[0] for module in imports(PACKAGE / "labs/__init__.py", everywhere=False)} & set(HEAVY)
    assert not heavy


@pytest.mark.parametrize(
    "path",
    sorted({PACKAGE / "cli.py", PACKAGE / "downloads.py", *PACKAGE.glob("*/*.py")} - {*PACKAGE.glob("labs/*.py")}),
    ids=named,
)
def test_the_school_wing_imports_nothing_heavy_when_it_starts(path):
    heavy = {module.split(".")[0] for module in imports(path, everywhere=False)} & set(HEAVY)
    assert "jax" not in heavy
    assert not heavy or named(path) in INSIDE


def test_the_door_opens_only_what_a_command_needs():
    """cli.py itself imports of deepbook only the errors; the rest is imported by the command that runs."""
    used = {module for module in imports(PACKAGE / "cli.py", everywhere=False) if module.startswith("deepbook")}
    assert {module for module in used if module.count(".") == 2} == {"deepbook.course.errors"}
