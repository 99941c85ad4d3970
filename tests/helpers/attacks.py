"""The hostile submissions of tests/attacks, read from files that describe them.

An attack is data: it becomes files of a submission, never a module of ours. `@NAME@` in its text stands for something
that it should not reach; an Arena (arena.py) fills these in and says afterwards what was reached.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from deepbook.course.index import book_root, load_index

FOLDER = Path(__file__).resolve().parent.parent / "attacks"
SETS = {"update": "learning", "predict_rate": "learning", "log_loss": "logistic", "descend": "logistic"}
SETS["weighted_sum"] = "neuron"
WRONG = {
    "learning": "def update(W, b, x, y, lr): return W * 0 + 7, 7.0, 2.0",
    "logistic": "def log_loss(z, y): return 7.0 + 0 * (z * y).sum()",
    "neuron": "def weighted_sum(W, x, b): return 777.0",
}
TRACED = """
def log_loss(z, y):
    z, y = jnp.asarray(z, jnp.float32), jnp.asarray(y, jnp.float32)
    return jnp.mean(jnp.maximum(z, 0) - z * y + jnp.log1p(jnp.exp(-jnp.abs(z))))
"""
# A process that an attack starts bears the attack's mark as its name, so that it is found wherever it hides.
BRAND = """
def _brand():
    try:
        import ctypes
        ctypes.CDLL(None).prctl(15, b"@TOKEN@", 0, 0, 0)
    except Exception:
        pass
_brand()
"""


@dataclass(frozen=True)
class Attack:
    """One hostile submission."""

    kind: str
    name: str
    tries: str  # what it tries, as the end of a sentence that begins with its name
    files: dict[str, str] = field(hash=False)  # by their paths in the submission
    aims: str = "update"  # the exercise that it wants credit for
    plain: str = ""  # what it gets from plain pytest: "credit", "trace", "stops" (the tests of others do not run)
    walls: bool = False  # not without a jail
    slow: bool = False

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def set(self) -> str:
        return SETS[self.aims]


def load() -> list[Attack]:
    """All attacks, in the order of the files and in them."""
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        found += [_attack(data["kind"], before=data.get("before", ""), **entry) for entry in data["attack"]]
    return found


def _attack(kind, before="", code=None, files=(), bare=False, aims="update", **rest) -> Attack:
    """code: the beginning of the file of answers; the functions that it does not define give a wrong answer.

    before: comes before the code of each attack of its kind. bare: the code is the whole file, to the letter.
    """
    files = {name: _text(each) for name, each in dict(files).items()}
    answers = f"ch01_perceptron/{SETS[aims]}.py"
    if bare and code:
        files[answers] = code
    elif answers not in files:
        files[answers] = BRAND + wrong(SETS[aims]) + before + (code or "")
    return Attack(kind, files=files, aims=aims, **rest)


def _text(entry):
    """A file's text; of a long one its pieces, with how often each comes: {repeat = [["(", 100000]]}."""
    if isinstance(entry, str):
        return entry
    return "".join(piece * times for piece, times in entry["repeat"])


def wrong(name: str) -> str:
    """Answers of the right form that are wrong everywhere."""
    known = next(each for each in load_index(book_root() / "exercises").sets if each.id == f"ch01/{name}")
    todo = [f"def {each.name}(*_): raise NotImplementedError" for each in known.exercises]
    return "\n".join(["import numpy as np", *todo, WRONG[name]]) + "\n"


def solution(name: str) -> str:
    """Right answers: the book's; of log_loss one that JAX can trace, for the hidden tests."""
    text = (book_root() / "solutions" / "ch01_perceptron" / f"{name}.py").read_text(encoding="utf-8")
    return text + (TRACED if name == "logistic" else "")
