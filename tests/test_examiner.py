"""One submission examined: what passes at home passes here, nothing else does, and nothing said gives a test away."""

import importlib.util
import os
import re
import socket
import threading

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deepbook.course.checks import Counted, InputChanged
from deepbook.course.errors import Problem
from deepbook.course.index import book_root, load_index
from deepbook.grading import batch, doubts, failures, feedback, jail, job, standin, travel, wire
from deepbook.grading.course import Limits, Student, Submission, default
from deepbook.grading.examiner import DRAWN, examine
from deepbook.grading.manifest import Check, manifest
from deepbook.grading.talk import BrokenProtocol, Clock, OutOfMemory, Side, TooLong

TIERS = [tier for tier, reason in jail.available().items() if not reason]
pytestmark = pytest.mark.skipif(importlib.util.find_spec("flatbuffers") is None, reason="needs flatbuffers")
SECRET = b"a secret of thirty-two bytes, yes"


def book(folder: str, what) -> dict[str, bytes]:
    """The files of a folder of the book, and of what they import."""
    left, found = [each.file for each in default(what, SECRET).index.sets], {}
    while left:
        name = left.pop()
        if name not in found:
            found[name] = (book_root() / folder / name).read_bytes()
            left += [f"{a}/{b}.py" for a, b in re.findall(r"from (ch\d\d_\w+)\.(\w+) import", found[name].decode())]
    return found


def examined(files, what=("ch01",), assignment=None, student="ana", **how):
    return examine(Submission(Student(student), files), assignment or default(what, SECRET), **how)


def statuses(record) -> dict[str, str]:
    return {each["name"]: each["status"] for each in record["exercises"]}


def messages(record) -> dict[str, str]:
    return {each["name"]: each["message"] for each in record["exercises"]}


def with_answer(set_name: str, answer: str) -> dict[str, bytes]:
    """Chapter 1's solutions, with one function written anew at the end of its file."""
    files = book("solutions", ["ch01"])
    return files | {f"ch01_perceptron/{set_name}.py": files[f"ch01_perceptron/{set_name}.py"] + answer.encode()}


# ------------------------------------------------------------------ whole submissions


def test_the_solutions_of_chapter_1_take_full_marks():
    record = examined(book("solutions", ["ch01"]))
    assert set(statuses(record).values()) == {"passed"}, messages(record)
    assert record["status"] == "ok" and record["jail"] == jail.best()
    kinds = {test["kind"] for each in record["exercises"] for test in each["tests"]}
    assert kinds == {"visible", "drawn"} and all(t["passed"] for e in record["exercises"] for t in e["tests"])
    assert [each["points"] for each in record["exercises"]] == [each.points for each in default(["ch01"]).exercises]


def test_the_empty_exercises_of_chapter_1_are_to_do():
    record = examined(book("exercises", ["ch01"]))
    assert set(statuses(record).values()) == {"todo"} and record["status"] == "ok"


@pytest.mark.long
@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("chapter", [each.folder for each in load_index(book_root() / "exercises").chapters])
def test_all_solutions_take_full_marks_and_stubs_none(chapter, tier):
    right = examined(book("solutions", [chapter[:4]]), [chapter[:4]], isolation=tier)
    assert set(statuses(right).values()) == {"passed"}, messages(right)
    empty = examined(book("exercises", [chapter[:4]]), [chapter[:4]], isolation=tier)
    assert not [test for each in empty["exercises"] for test in each["tests"] if test["passed"]]


def test_wrong_answers_of_all_kinds_in_one_submission():
    """One exercise fails, one never ends, one ends Python: each is charged for itself, and the others pass."""
    files = book("solutions", ["ch01"])
    files["ch01_perceptron/neuron.py"] += b"""
from math import prod

def majority(n):
    print("so far", n)
    return [1.0] * n, -0.5

def weighted_sum(W, x, b):
    while True:
        pass

def xor():
    import os
    os._exit(0)
"""
    del files["ch01_perceptron/digits.py"]
    files["ch01_perceptron/learning.py"] = b"def update(W, b, x, y, lr:\n    return W\n"
    files["../outside.py"] = b"raise SystemExit"
    assignment = default(["ch01"], SECRET)
    record = examined(files, assignment=replaced(assignment, limits=Limits(test_s=3, whole_s=300)))
    found, said = statuses(record), messages(record)
    assert [found[name] for name in ("by_hand", "weighted_sum", "majority", "xor")] == [
        *("passed", "stuck", "failed", "crashed"),
    ]
    assert found["update"] == found["pocket"] == "broken" and found["train"] == found["train_ten"] == "missing"
    assert found["log_loss"] == found["gradient"] == found["descend"] == "passed"
    assert record["status"] == "crash"
    assert "did not end within 3 seconds" in said["weighted_sum"] and "_exit" in said["xor"]
    assert "learning.py, line 1" in said["update"] and "not handed in" in said["train"]
    majority = next(each for each in record["exercises"] if each["name"] == "majority")
    assert majority["mistake"] == "majority_is_or" and "that is OR" in majority["message"]
    assert "so far 3" in record["printed"] and record["printed_in"] == "visible"


def replaced(assignment, **how):
    from dataclasses import replace

    return replace(assignment, **how)


def test_nothing_handed_in():
    record = examined({})
    assert record["status"] == "missing" and set(statuses(record).values()) == {"missing"}


def test_an_unknown_tier_is_refused():
    with pytest.raises(Problem if "landlock" not in TIERS else KeyError):
        examined(book("solutions", ["ch01/neuron"]), ["ch01/neuron"], isolation="castle")


HIDDEN = '''"""An instructor's own tests."""

import numpy as np
from ch01_perceptron.neuron import majority, weighted_sum


def test_majority_of_one():
    """One voter decides alone."""
    W, b = majority(1)
    assert np.dot(W, [1]) + b > 0 >= b


def test_weighted_sum_hidden(rng):
    """Numbers that nobody has seen."""
    W, x = rng.normal(size=9), rng.normal(size=9)
    assert np.isclose(weighted_sum(W.tolist(), x.tolist(), 1.0), W @ x + 1), "do not tell 12345"
'''
REMEMBERS = """
seen = []

def weighted_sum(W, x, b):
    seen.append((W, x, b))
    print(seen)
    if len(seen) > 8:
        raise ValueError(f"what was asked: {seen}")
    if len(W) != len(x):
        raise ValueError(str(seen))
    return b + sum(w * v for w, v in zip(W, x)) if len(W) < 7 else 7.25
"""


def test_drawn_and_hidden_tests_say_only_their_outcome(tmp_path):
    (tmp_path / "test_more.py").write_text(HIDDEN)
    assignment = replaced(default(["ch01/neuron"], SECRET), hidden=tmp_path)
    files = {"ch01_perceptron/neuron.py": book("solutions", ["ch01/neuron"])["ch01_perceptron/neuron.py"]}
    good = examined(files, assignment=assignment)
    assert set(statuses(good).values()) == {"passed"}
    assert {test["name"] for each in good["exercises"] for test in each["tests"] if test["kind"] == "hidden"} == {
        *("test_majority_of_one", "test_weighted_sum_hidden"),
    }
    files = {name: text + REMEMBERS.encode() for name, text in files.items()}
    bad = next(each for each in examined(files, assignment=assignment)["exercises"] if each["name"] == "weighted_sum")
    secret = [test for test in bad["tests"] if test["kind"] != "visible"]
    assert [test["passed"] for test in secret] == [False, False]
    assert not any(re.search(r"\d{2}|asked", test["message"]) for test in secret)
    hidden = next(test for test in bad["tests"] if test["kind"] == "hidden")
    assert hidden["message"].startswith("Numbers that nobody has seen.")
    assert hidden["for_instructor"] == "AssertionError: do not tell 12345 (test_more.py, line 16)"
    assert "asked" not in str(secret)  # what the student's code says there is kept nowhere


TWO_SETS = '''
from ch01_perceptron import logistic
from ch01_perceptron.learning import update
from ch01_perceptron.neuron import majority, weighted_sum, xor


def test_majority_of_one():
    """One voter decides alone."""
    assert majority(1)[1] <= 0


def test_update_of_nothing():
    W, b = update([0.0], 0.0, [1.0], 0, 1.0)
    assert not W.any()


def test_weighted_sum_after_an_update():
    """Two files work together."""
    assert update([0.0], 0.0, [1.0], 0, 1.0) and weighted_sum([0.0], [1.0], 0.0) == 0


def test_descend_is_there():
    assert logistic.descend
'''


@pytest.mark.parametrize("how", ["syntax", "missing", "crashed", "stuck"])
def test_a_broken_file_costs_only_its_own_exercises_their_hidden_tests(tmp_path, how):
    (tmp_path / "test_more.py").write_text(TWO_SETS)
    limits = Limits(test_s=2, whole_s=300)
    assignment = replaced(
        default(["ch01/neuron", "ch01/learning", "ch01/logistic"], SECRET), hidden=tmp_path, limits=limits
    )
    files, broken = book("solutions", ["ch01"]), "ch01_perceptron/learning.py"
    files |= {broken: {"syntax": b"def update(:", "crashed": b"import os; os._exit(3)"}.get(how, b"while True: pass")}
    if how == "missing":
        del files[broken]
    record = examined(files, assignment=assignment)
    found = statuses(record)
    status = "broken" if how == "syntax" else how
    assert found["majority"] == found["xor"] == found["descend"] == "passed" and found["update"] == status
    hidden = {t["name"]: t for e in record["exercises"] for t in e["tests"] if t["kind"] == "hidden"}
    assert hidden["test_majority_of_one"]["passed"] and hidden["test_descend_is_there"]["passed"]
    other = hidden["test_weighted_sum_after_an_update"]
    assert other["status"] == status and broken in other["message"]
    assert other["message"].startswith("Two files work together. It needs another of your files.")


def test_the_instructor_reads_why_a_hidden_test_failed_and_the_student_does_not(tmp_path):
    (tmp_path / "test_more.py").write_text(
        "from ch01_perceptron.neuron import majority, xor\n"
        "def test_majority_a(rgn):\n    assert majority(3)\n"
        "def test_majority_b():\n    assert len(majority(3)[0]) == 77\n"
        "def test_majority_c():\n    assert majorty(3)\n"
        "def test_xor_more():\n    assert xor(1, 2)\n"
    )
    assignment = replaced(default(["ch01/neuron"], SECRET), hidden=tmp_path)
    record = examined(book("solutions", ["ch01/neuron"]), assignment=assignment)
    hidden = {t["name"][5:]: t for e in record["exercises"] for t in e["tests"] if t["kind"] == "hidden"}
    assert hidden["majority_a"]["for_instructor"] == "There is no fixture `rgn`. Did you mean `rng`?"
    assert hidden["majority_b"]["for_instructor"].endswith("== 77 (test_more.py, line 5)")
    assert "majorty" in hidden["majority_c"]["for_instructor"] and "TypeError" in hidden["xor_more"]["for_instructor"]
    assert [name for name, test in hidden.items() if test["of_the_test"]] == ["majority_a", "majority_c", "xor_more"]
    page = feedback.markdown(
        batch.scored(Submission(Student("ana")), assignment, {"record": record}, "none"), assignment
    )
    assert not any(test["for_instructor"] in page or "77" in page for test in hidden.values())
    assert "for_instructor" not in str([t for e in record["exercises"] for t in e["tests"] if t["kind"] == "visible"])
    said = " ".join(doubts.about_tests([record]))
    assert "test_majority_a has a mistake" in said and "test_xor_more has" in said and "test_majority_b" not in said
    assert "test_majority_b failed for all 2" in " ".join(doubts.about_tests([record, record]))


def test_a_file_that_is_no_text_is_told_how_to_be_saved():
    files = {"ch01_perceptron/neuron.py": "def xor():\n    pass\n".encode("utf-16")}
    said = messages(examined(files, ["ch01/neuron"]))["xor"]
    assert said.startswith("ch01_perceptron/neuron.py is no UTF-8 text") and "Save" in said and "None" not in said


def test_an_answer_that_knows_the_handouts_numbers_gets_nothing():
    """It gives what the test with the public seed wants, and is wrong for everybody else's numbers."""
    known = with_answer("learning", "\nright = update\ndef pocket(x, y, epochs):\n    raise ValueError\n")
    text = book("solutions", ["ch01"])["ch01_perceptron/learning.py"].decode()
    trick = "\nreal = learn\ndef learn(x, y, epochs, lr):\n    W, b, m = real(x, y, epochs, lr)\n"
    trick += "    return (W, b, m) if abs(float(x[0, 0])) in (0.0, SEEN) else (W + 1, b, m)\n"
    x = public_cloud()
    known["ch01_perceptron/learning.py"] = (text + trick.replace("SEEN", repr(abs(float(x[0, 0]))))).encode()
    learn = next(each for each in examined(known)["exercises"] if each["name"] == "learn")
    tests = {(test["name"], test["kind"]): test for test in learn["tests"]}
    assert tests["test_learn_random_points", "visible"]["passed"]
    assert not tests["test_learn_random_points", "drawn"]["passed"]
    assert tests["test_learn_random_points", "drawn"]["message"] == DRAWN and learn["status"] == "failed"


def public_cloud():
    import zlib

    rng = np.random.default_rng([0, zlib.crc32(b"test_learn_random_points")])
    y = rng.permutation(np.arange(40) % 2)
    return rng.normal(size=(40, 3)) + 2.0 * (y[:, None] - 0.5)


def test_drawn_inputs_belong_to_the_student_and_the_secret():
    seeds = {
        job.seed_of(*each) for each in [(b"s", "ana", "e"), (b"s", "ben", "e"), (b"t", "ana", "e"), (b"s", "ana", "f")]
    }
    assert len(seeds) == 4 and job.seed_of(b"s", "ana", "e") == job.seed_of(b"s", "ana", "e")


# ------------------------------------------------------------------ the manifest


def test_the_manifest_lists_every_test_of_the_book():
    checks = manifest(default(["ch01"], SECRET))
    assert checks["ch01/xor"] == (Check("test_xor", "visible"),)
    names = [check.name for check in checks["ch01/pocket"] if check.kind == "drawn"]
    assert names == [f"test_pocket_on_overlapping_clouds[{i}]" for i in range(3)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def test_majority_of_one():\n    pass\n", "belongs to no exercise"),
        ("from ch01_perceptron.neuron import majority\ndef test_most():\n    pass\n", "belongs to no exercise"),
        ("import nothing_of_this_name\n", r"test_mine\.py, line 1 does not work: ModuleNotFoundError.* Mend it"),
        ("\ndef test_(:\n", r"test_mine\.py, line 2 does not work: SyntaxError"),
        (
            "from ch01_perceptron.neuron import majorty\n",
            r"line 1 does not work: ImportError: cannot import name .majorty",
        ),
        (
            2 * "from ch01_perceptron.neuron import xor\ndef test_xor_a():\n    pass\n",
            r"line 2; .*test_mine\.py, line 5",
        ),
        ("def test_\0:\n", r"test_mine\.py does not work"),
    ],
    ids=["no set", "no exercise", "import", "syntax", "name", "twice", "null"],
)
def test_a_hidden_test_that_is_none_is_told_to_the_instructor(tmp_path, text, said):
    (tmp_path / "test_mine.py").write_text(text)
    with pytest.raises(Problem, match=said):
        manifest(replaced(default(["ch01/neuron"], SECRET), hidden=tmp_path))


# ------------------------------------------------------------------ stand-ins

CODE = b"""
import jax, jax.numpy as jnp, numpy as np
from typing import NamedTuple

class Pair(NamedTuple):
    a: float
    b: object

class LengthError(ValueError):
    pass

def same(*args, **kwargs):
    return (*args, kwargs) if kwargs else args if len(args) > 1 else args[0]

def kinds(x):
    return type(x).__module__, str(x.dtype)

def square_sum(x, scale=1.0):
    return scale * jnp.sum(x ** 2)

def two(tree, n):
    return {"a": tree["a"] * n, "n": n, "none": None}, [tree["b"]]

def noise(x, key):
    return x + jax.random.normal(key, x.shape), jax.random.split(key)[0]

def scanned(f, x, n):
    return jax.lax.scan(lambda c, _: (f(c), c), x, length=n)

def unrolled(f, x, n):
    for _ in range(n):
        x = f(x)
    return x

def sly(f, x, n):
    return unrolled(f.__wrapped__, f(x), n - 1)

def branching(x):
    return x if x > 0 else -x

def spoils(x):
    x += 1
    return x

def own():
    raise LengthError("too long")

def asks(d):
    return d["nothing"]

def misspells(lenght):
    return length

def pair():
    return Pair(1.5, np.ones(2))

def apply(f, *args):
    return f(*args)

def evil():
    return {1, 2}

def loops():
    while True:
        pass

def eats():
    return np.ones(1 << 33)

def huge():
    return np.ones(10 << 20)

def forges():
    import os
    os.write(4, b"book" + bytes(8) + b"null" * 100)
    return 1
"""


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    (folder / "ch01_perceptron").mkdir()
    (folder / "ch01_perceptron/neuron.py").write_bytes(CODE)
    bounds = jail.Limits(memory=1 << 30, cpu=60)

    def start(program):
        box = jail.Jail(jail.best(), program, bounds)
        box.ready()
        return box

    student = standin.Student({"ch01_perceptron/neuron.py": CODE}, start, Clock(20, 600), folder)
    student.load("ch01_perceptron.neuron")
    yield student
    student.close()


@pytest.fixture
def neuron(student):
    student.clock.begin()
    return lambda name: standin.stand_in(student, "ch01_perceptron.neuron", name)


def test_values_come_back_as_they_went(neuron):
    same, x = neuron("same"), np.arange(6.0).reshape(2, 3)
    value = (1, 2.5, None, "貓", [x, {"W": np.float32(3)}], True)
    found = same(*value, key="word")
    assert found[:4] == value[:4] and np.array_equal(found[4][0], x) and found[6] == {"key": "word"}
    assert found[4][0].dtype == np.float64 and type(found[4][1]["W"]) is np.float32
    array, key = same(jnp.arange(3), jax.random.key(7))
    assert isinstance(array, jax.Array) and array.dtype == jnp.int32
    assert jnp.array_equal(jax.random.key_data(key), jax.random.key_data(jax.random.key(7)))
    assert neuron("kinds")(x) == ("numpy", "float64") and neuron("kinds")(jnp.ones(2))[0].startswith("jax")
    a, b = neuron("pair")()
    assert a == 1.5 and b.tolist() == [1, 1]


def test_functions_of_the_tests_run_there(neuron):
    assert neuron("apply")(lambda x: 2 * x, 21) == 42
    assert neuron("apply")(neuron("same"), 7) == 7
    three = 3
    assert neuron("apply")(lambda x: neuron_of_closure(x) + three, 1) == 5


def neuron_of_closure(x):
    return 2 * x


import cloudpickle  # noqa: E402

cloudpickle.register_pickle_by_value(__import__("sys").modules[__name__])


def test_a_stand_in_under_jit_grad_and_vmap(neuron):
    f, x = neuron("square_sum"), jnp.arange(3.0)
    assert jax.jit(f)(x) == 5 and jax.jit(lambda x: f(x, 2.0) + 1)(x) == 11
    assert jnp.array_equal(jax.grad(f)(x), 2 * x) and jax.grad(f, argnums=1)(x, 2.0) == 5
    assert jnp.array_equal(jax.vmap(f)(jnp.stack([x, 2 * x])), jnp.array([5.0, 20.0]))
    assert jnp.array_equal(jax.jit(jax.value_and_grad(f))(x)[1], 2 * x)


def test_trees_keys_and_statics_under_jit(neuron):
    two, tree = neuron("two"), {"a": jnp.ones(2), "b": jnp.arange(2)}
    (first, (second,)) = jax.jit(lambda tree: two(tree, 3))(tree)
    assert first["a"].tolist() == [3, 3] and first["n"] == 3 and first["none"] is None and second.tolist() == [0, 1]
    key, x = jax.random.key(3), jnp.zeros(4)
    y, split = jax.jit(neuron("noise"))(x, key)
    assert jnp.allclose(y, jax.random.normal(key, (4,)))
    assert jnp.array_equal(jax.random.key_data(split), jax.random.key_data(jax.random.split(key)[0]))


@pytest.mark.parametrize(("name", "fair"), [("scanned", True), ("unrolled", False), ("sly", False)])
def test_calls_are_counted_in_the_program(neuron, name, fair):
    counted = Counted(lambda x: 0.9 * x)
    value = jax.jit(neuron(name), static_argnums=(0, 2))(counted, jnp.ones(()), 50)
    assert jnp.allclose(value[0] if fair else value, 0.9**50, atol=1e-5)
    assert (0 < counted.calls < 10) == fair


@pytest.mark.parametrize(
    ("name", "args", "kind", "line"),
    [
        ("own", (), ValueError, "raise LengthError"), ("asks", ({},), KeyError, 'return d["nothing"]'),
        ("misspells", (1,), NameError, "return length"), ("apply", (1, 2), TypeError, "return f(*args)"),
        ("same", (), IndexError, "return"),
    ],
)  # fmt: skip
def test_errors_come_back_with_their_class_and_line(neuron, name, args, kind, line):
    import traceback

    with pytest.raises(kind) as error:
        neuron(name)(*args)
    last = traceback.extract_tb(error.value.__traceback__)[-1]
    assert last.filename.endswith("ch01_perceptron/neuron.py") and line in last.line
    if name == "own":
        assert type(error.value).__name__ == "LengthError" and str(error.value) == "too long"


def test_errors_of_jax_keep_their_name(neuron):
    with pytest.raises(Exception) as error:
        jax.jit(neuron("branching"))(1.0)
    assert type(error.value).__name__ == "TracerBoolConversionError"


def test_an_input_that_was_written_into_is_told_and_stays(neuron):
    x = np.zeros(2)
    with pytest.raises(InputChanged, match=r"changed its input .* in place to \[1, 1\]"):
        neuron("spoils")(x)
    assert not x.any()


def test_what_is_no_plain_value_is_named(neuron):
    with pytest.raises(travel.NoValue, match="evil gave a set; expected plain values"):
        neuron("evil")()
    with pytest.raises(travel.NoValue, match="84 MB"):
        neuron("huge")()


@pytest.mark.parametrize(("name", "ending"), [("loops", TooLong), ("eats", MemoryError), ("forges", BrokenProtocol)])
def test_a_lost_worker_is_replaced(student, neuron, name, ending):
    student.clock.limit_s = 1.5
    with pytest.raises(ending):
        neuron(name)()
        neuron("same")(1)
    student.clock.limit_s = 20
    student.clock.begin()
    assert neuron("same")(5) == 5


# ------------------------------------------------------------------ hostile answers


class Liar:
    """A jail that gives the answer it likes. speak(question, tell)."""

    def __init__(self, speak):
        theirs_in, self.requests = os.pipe()
        self.answers, theirs_out = os.pipe()
        self.thread = threading.Thread(target=self.serve, args=(theirs_in, theirs_out, speak), daemon=True)
        self.thread.start()

    def serve(self, theirs_in, theirs_out, speak):
        import contextlib

        with contextlib.suppress(OSError, EOFError, ValueError):
            header, body = wire.read_frame(lambda size: wire.read(theirs_in, size))
            speak(wire.decode(header, body), lambda content: wire.write(theirs_out, content))
        with contextlib.suppress(OSError):
            os.close(theirs_out)

    def cpu_seconds(self):
        return 0.0

    def kill(self, why=None):
        os.close(self.requests)
        os.close(self.answers)

    def ending(self):
        return "crash"


def dribble(question, tell):
    tell(wire.PREFIX.pack(wire.MAGIC, 1000, 0))
    while True:
        tell(b"b")
        threading.Event().wait(0.02)


LIES = {
    "another nonce": lambda q, tell: tell(wire.pack({"nonce": bytes(16), "ok": 1})),
    "an array as nonce": lambda q, tell: tell(wire.pack({"nonce": np.array([]), "ok": 1})),
    "no dict": lambda q, tell: tell(wire.pack([q["nonce"], 1])),
    "more than asked": lambda q, tell: tell(wire.pack({"nonce": q["nonce"], "ok": 1, "passed": True})),
    "noise": lambda q, tell: tell(os.urandom(4000)),
    "too large": lambda q, tell: tell(wire.PREFIX.pack(wire.MAGIC, 10, 1 << 31) + bytes(100)),
    "a function": lambda q, tell: tell(wire.pack({"nonce": q["nonce"], "ok": wire.Function(b"cos\nsystem\n.")})),
    "bytes after bytes": lambda q, tell: [tell(wire.pack({"nonce": q["nonce"], "ok": 1})[:-1] + bytes(50_000))],
}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_ends_the_process(name):
    side = Side(lambda: Liar(LIES[name]), Clock(5, 60))
    with pytest.raises(BrokenProtocol):
        side.ask("call")
    with pytest.raises(BrokenProtocol):
        side.ask("call")  # and it stays ended


def test_an_answer_before_its_question_is_a_lie():
    answered = threading.Event()

    def early(question, tell):
        answer = wire.pack({"nonce": question["nonce"], "ok": 1})
        tell(answer + answer)
        answered.set()

    side = Side(lambda: Liar(early), Clock(5, 60))
    assert side.ask("call") == {"ok": 1} and answered.wait(10)
    with pytest.raises(BrokenProtocol, match="without being asked"):
        side.ask("call")


@pytest.mark.parametrize("speak", [dribble, lambda q, tell: threading.Event().wait(30)], ids=["dribble", "silence"])
def test_endless_answers_are_cut_by_the_clock(speak):
    side = Side(lambda: Liar(speak), Clock(0.3, 60))
    with pytest.raises(TooLong):
        side.ask("call")


@pytest.mark.parametrize(
    "said",
    [
        None, [], {"classes": 7}, {"classes": ["KeyboardInterrupt"]}, {"classes": ["Ended", "BaseException"]},
        {"classes": ["UnicodeDecodeError", "ValueError"], "args": [1]}, {"classes": ["OSError"], "args": [1, "x", "y"]},
        {"classes": ["SyntaxError"], "syntax": ["/etc/passwd", -1, "x", 5, None, {}]},
        {"classes": ["x" * 10_000, "\x1b[2J", "ValueError"], "text": "\x1b[2J"},
        {"classes": ["ValueError"], "place": ["ch01_perceptron/neuron.py", 10**9]},
        {"classes": ["AttributeError"], "name": "a", "names": ["__class__", 7, "b"], "place": ["/etc/passwd", 1]},
    ],
    ids=range(11),
)  # fmt: skip
def test_a_strange_exception_is_still_an_exception(said, tmp_path):
    error = failures.rebuilt(said, tmp_path, {"ch01_perceptron/neuron.py": b"pass\n"})
    assert isinstance(error, Exception) and "\x1b" not in f"{type(error).__name__} {error}"


def test_memory_is_told_apart():
    assert OutOfMemory.status == "memory" and socket.AF_UNIX
