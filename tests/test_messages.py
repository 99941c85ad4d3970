"""What a learner reads when an exercise fails: short, about the place that counts, and never misleading."""

import importlib.util
import math
import re
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from clarity import unclear

from deepbook.course.checks import CheckFailed, InputChanged, check, check_that, log
from deepbook.course.compare import compare, difference, without_guess
from deepbook.course.explain import explain, near, unfair_import
from deepbook.course.index import UnknownName, load_index, section_in_words
from deepbook.course.show import show
from deepbook.course.tips import TIPS, tip_for

INDEX = load_index()


def message(function, *inputs, **rest):
    """What `check` says of a function that fails."""
    with pytest.raises(CheckFailed) as failed:
        check(function, *inputs, **rest)
    assert unclear(str(failed.value)) == []
    return str(failed.value)


def gives(value):
    def answer(*_):
        return value

    return answer


# ------------------------------------------------------------------ arrays


def test_a_short_array_is_shown_whole_with_its_worst_place():
    said = message(gives(np.array([1.0, 2.0, 3.0])), 1, gives=[1.0, 2.0, 4.0])
    assert said == (
        "answer(1) gave [1, 2, 3]; expected [1, 2, 4]. Only 1 of the 3 numbers differs, at index 2: 3 in place of 4."
    )


def test_a_long_array_is_shown_where_it_differs():
    expected = np.arange(6400, dtype=np.float32).reshape(100, 64)
    got = expected.copy()
    got[3, 5] = -1
    got[90, :11] += 1
    said = message(gives(got), gives=expected)
    assert said == (
        "answer() gave array of shape (100, 64), float32, from -1 to 6399. 12 of the 6,400 numbers differ, most at "
        "index (3, 5): -1 in place of 197. There [3, 3:8] is [195, 196, -1, 198, 199] and should be "
        "[195, 196, 197, 198, 199]."
    )


@pytest.mark.parametrize(
    ("shape", "worst", "place"),
    [
        ((20,), (0,), "[0:5]"),
        ((20,), (19,), "[15:20]"),
        ((20, 1), (7, 0), "[5:10, 0]"),
        ((7, 3), (6, 2), "[6, 0:3]"),
        ((2, 5, 4), (1, 0, 3), "[1, 0, 0:4]"),
    ],
)
def test_the_window_lies_round_the_worst_number(shape, worst, place):
    expected = np.arange(np.prod(shape), dtype=float).reshape(shape) + 1
    got = expected.copy()
    got[worst] += 1000
    found = compare(got, expected)
    assert found.worst == worst
    assert f"There {place} is [" in found.window()
    assert show(got[worst]) in found.window()


def test_near_numbers_are_told_apart():
    assert "1.0000004 in place of 1 (an error of 4e-07)" in difference(np.array([1 + 4e-7]), np.ones(1), 0, 1e-8)
    assert "9.999 in place of 10 (an error of 0.001)" in difference(np.array([9.999, 1]), np.array([10, 1.0]), 1e-6)


@pytest.mark.parametrize(
    ("got", "expected", "words"),
    [
        (np.ones((3, 1)), np.ones(3), "The shape is (3, 1) and should be (3,). The numbers are right."),
        (np.arange(6.0).reshape(3, 2).T, np.arange(6.0).reshape(3, 2), "Turned round (`.T`), it is right."),
        (np.ones((3, 2)), np.zeros((2, 3)), "The shape is (3, 2) and should be (2, 3)."),
        (2.0, np.ones(3), "It is one number; it should be an array of shape (3,)."),
        (np.ones(3), 3.0, "It should be one number; it is an array of shape (3,)."),
        (np.full((4, 5), np.nan), np.ones((4, 5)), "All 20 numbers are NaN (“not a number”): look for 0/0"),
        (np.array([0, np.inf, -np.inf]), np.ones(3), "2 of the 3 numbers are infinite, the first at index 1: look for"),
        (np.inf, 1.0, "It is infinite: look for log(0)"),
        ((1, np.nan), (1, 2), "In result 2 of 2: it is NaN (“not a number”): look for 0/0"),
        (np.array([np.nan, np.nan]), np.ones(2), "Both numbers are NaN"),
        (np.array([np.nan, 1.0]), np.array([np.nan, 2.0]), "Only 1 of the 2 numbers differs, at index 1: 1 in place"),
        (
            np.array([0.0, 1.0]),
            np.array([np.nan, 1.0]),
            "Only 1 of the 2 numbers differs, at index 0: 0 in place of nan",
        ),
        (np.array([1, 2, 3]), np.array([1.5, 2.5, 3.7]), "These are the expected numbers as integers"),
        (np.array([0, 1, 0]), np.array([0.3, 0.9, 0.2]), "is an array of integers"),
        (np.array([0, 4, 0]), np.array([0.3, 0.9, 0.2]), "These are integers (int64); the expected numbers have"),
        (np.array([True, False]), np.array([0.3, 0.2]), "These are True and False; the expected numbers have"),
        (np.float32([1, 2, 3]), np.array([1.5, 2.5, 3.7]), "These are the expected numbers as integers"),
    ],
)
def test_difference_says_what_kind_it_is(got, expected, words):
    assert words in difference(got, expected)


# ------------------------------------------------------------------ factors


VALUES = np.array([0.7, -1.3, 2.9, 0.0])


@pytest.mark.parametrize(
    ("got", "expected", "words"),
    [
        (-VALUES, VALUES, "It is the expected result times −1."),
        (32 * VALUES, VALUES, "It is the expected result times 32."),
        (VALUES / 4, VALUES, "It is the expected result divided by 4."),
        (VALUES / -4, VALUES, "It is the expected result divided by −4."),
        (np.float32(3) * np.float32(VALUES), VALUES, "It is the expected result times 3."),
        (0.9 * VALUES, VALUES, "It is the expected result times 0.9."),
        (-3, 3, "The difference is 6. It is the expected result times −1."),
        (np.array([2.1234, 4.6912]), np.array([1.0617, 2.3456]), "It is the expected result times 2."),
        (5 * 0.6931472, 0.6931472, "It is the expected result times 5."),
        (0.6931472 / 5, 0.6931472, "It is the expected result divided by 5."),
        ((-VALUES, -0.3), (VALUES, 0.3), "Everything is the expected result times −1."),
        ([(2 * VALUES, 2 * VALUES[:2])], [(VALUES, VALUES[:2])], "Everything is the expected result times 2."),
        ((1.0, -VALUES), (1.0, VALUES), "In result 2 of 2: it is the expected result times −1."),
    ],
)
def test_a_factor_is_named(got, expected, words):
    assert words in difference(got, expected)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (4, 8),  # a half, by chance
        (0.5, 0.25),
        (3.0, 1.5),
        (1 / 3, 2 / 3),
        (0, 8),  # nothing times 0
        (8, 0),
        (np.array([0.0, 4.0]), np.array([0.0, 2.0])),  # one number is no pattern
        (np.array([1.8, 0.9]), np.array([2.0, 1.0])),  # nor two
        ((4, 2), (8, 4)),
        (0.9 * VALUES[:2], VALUES[:2]),
        (1.00005 * VALUES, VALUES),  # nearly right is not "times 1.00005"
        (VALUES + 0.001, 2 * VALUES),
        (np.array([-0.7, -1.3, -2.9]), np.array([0.7, 1.3, -2.9])),
        (np.array([np.nan, 1.0]), np.array([np.nan, -1.5])),
        (np.inf, 1.0),
        (-1e-30, 3.0),
        (5e-324, 3.0),
        (3.0, 5e-324),
        (1e308 * VALUES[:2], -1e308 * VALUES[:2] / 1e200),
        (5.0, np.ones(2)),
    ],
)
def test_no_factor_is_named_that_may_be_chance(got, expected):
    assert not re.search("times|divided", difference(got, expected, 1e-7))


def test_random_numbers_never_have_a_factor(rng=np.random.default_rng(0)):  # noqa: B008
    for _ in range(2000):
        got, expected = rng.normal(size=2) * 10.0 ** rng.integers(-3, 3, size=2)
        assert "times" not in difference(got, expected)


# ------------------------------------------------------------------ several results


@pytest.mark.parametrize(
    ("got", "expected", "words"),
    [
        (((1, 2), (3, 5)), ((1, 2), (3, 4)), "In result 2, part 2: the difference is 1."),
        ((1, {"W": [1.0], "b": 2}), (1, {"W": [1.0], "b": 3}), "In result 2, “b”: the difference is 1."),
        ({"W": 1}, {"W": 1, "b": 2}, "It is a dict without “b”."),
        ({"W": 1, "b": 2, "c": 3}, {"W": 1, "b": 2}, "It is a dict with more in it than “W”, “b”."),
        ([1, 2], {"W": 1, "b": 2}, "It is a list and should be a dict with “W”, “b”."),
        (1.0, ((1, 2),), "It should be a tuple of one result"),
        ((1, 2, 3), (1, 2), "It should be 2 results, with commas between them: `return a, b`."),
        ([1, 2, 3], (1, 2), "It has 3 parts and should have 2."),
        ((1, 2), (1, (2, 3)), "In result 2 of 2: it is one number and should have 2 parts."),
        ((1, None), (1, 2), "In result 2 of 2: it is None."),
        ((1, (2,)), (1, (2, 3)), "In result 2 of 2: it has 1 part and should have 2."),
        ([(np.ones(2), 1)], [(np.ones(2), 1), (np.ones(3), 2)], "It has 1 part and should have 2."),
        ([np.ones(2), np.ones(2)], [np.ones(2), np.ones(3)], "In item 2 of 2: the shape is (2,) and should be (3,)."),
        (zip([1], [2], strict=True), [(1, np.ones(3))], "It is of type zip and should have 1 part."),
        (([1, 2],), ([1, "a"],), "In result 1, item 2: it is one number and should be a text."),
        (jnp.ones(2), (1.0, 1.0), "It should be 2 results"),
    ],
)
def test_difference_of_several_results_names_the_path(got, expected, words):
    found = difference(got, expected)
    assert words in found
    assert unclear(found) == []


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        ([(jnp.ones((3, 2)), jnp.zeros(2))], [(np.ones((3, 2)), np.zeros(2))]),
        (((np.ones((3, 2)), np.zeros(2)),), [(np.ones((3, 2)), np.zeros(2))]),
        ([[np.ones((3, 2)), np.zeros(2)]], [(np.ones((3, 2)), np.zeros(2))]),
        (({"b": 0, "W": jnp.ones(2)},), ({"W": np.ones(2), "b": 0.0},)),
        (np.ones((2, 2)), [(1, 1), (1, 1)]),
        ([jnp.ones(2), jnp.ones(2)], np.ones((2, 2))),
        ([1, [2, "a", None]], [1, [2, "a", None]]),
        ([], []),
        (jnp.ones(3, jnp.bfloat16), np.ones(3)),
        (jax.random.key(1), jax.random.key(1)),
    ],
)
def test_equal_results_have_no_difference(got, expected):
    assert difference(got, expected) == ""


def test_of_a_long_result_only_the_part_that_differs_is_shown():
    params = [(np.ones((64, 20)), np.zeros(20)), (np.ones((20, 3)), np.array([0.1, 0.2, 0.3]))]
    wrong = [params[0], (params[1][0], np.array([0.1, 0.2, 0.4]))]
    assert message(gives(wrong), params, gives=params) == (
        "answer([(array of shape (64, 20) all 1, array of shape (20,) all 0), (array of shape (20, 3) all 1, [0.1, "
        "0.2, 0.3])]) gave [0.1, 0.2, 0.4] as item 2, part 2; expected [0.1, 0.2, 0.3]. Only 1 of the 3 "
        "numbers differs, at index 2: 0.4 in place of 0.3."
    )


def test_by_hand_only_the_place_is_named():
    assert message(gives((4, 5)), gives=(4, 6), secret=True) == "answer() gave (4, 5). Result 2 of 2 is not right yet."
    assert message(gives(4), gives=(4, 6), secret=True).endswith("with commas between them: `return a, b`.")


# ------------------------------------------------------------------ what went in


def test_inputs_are_shown_as_far_as_there_is_room():
    assert show((np.zeros(3), {"W": [1.5, 2]}, lambda: 0)) == "([0, 0, 0], {'W': [1.5, 2]}, a function)"
    assert show(list(range(10_000))) == "[0, 1, …, 9999] (10,000 numbers)"
    assert show([(1, 2), (3, 4)]) == "[(1, 2), (3, 4)]"
    assert show([list(range(10_000))] * 7, 100) == "array of shape (7, 10000) from 0 to 9999"
    assert show((np.full(99, np.nan), np.zeros(99))) == ("(array of shape (99,) all NaN, array of shape (99,) all 0)")
    assert show(np.float32([np.inf, *range(20)])) == "array of shape (21,), float32, 1 of them infinite"
    assert show([(np.zeros((9, 9)), np.zeros(9))] * 9, 100).endswith("(array (9, 9), array (9,)), … 9 in all]")
    assert show(np.array([-0.0, 1234567])) == "[0, 1.23457e+06]"
    assert show(12345678) == "12345678"
    assert "0x" not in show([object(), math.sqrt, gives(1)])
    many = [np.linspace(0, 1, 12)] * 20
    assert message(gives(1.0), *many, gives=2.0) == "answer(…) gave 1; expected 2. The difference is 1."


def test_an_input_changed_anywhere_is_noticed_and_named():
    def spoil(params, x):
        params[0][1][0] = 7
        return 0

    with pytest.raises(InputChanged, match=r"changed its input `params` in place to \[\(1, \[7, 0\]\)\]"):
        check(spoil, [(1, np.zeros(2))], 0, gives=0)
    with pytest.raises(InputChanged):
        check(lambda params: params.update(b=2), {"b": 1}, gives=None)
    with pytest.raises(InputChanged):
        check(lambda params: params.pop(), [(np.zeros(2), 1)], gives=None)
    check(lambda x: x, np.array([np.nan, 1]), gives=np.array([np.nan, 1]))


# ------------------------------------------------------------------ exceptions

LEAKED = []


def function_of_two(a, b):
    return a


def two_of(values):
    a, b = values
    return a, b


def written_to_a_read_only_array():
    np.asarray(jnp.ones(3))[0] = 2


def local_without_a_value(x):
    if x > 5:
        found = 1
    return found


def leaked():
    jax.jit(lambda a: LEAKED.append(a) or a)(1.0)
    return LEAKED[-1] + 1


def halve(n):
    return halve(n / 2)


X = jnp.arange(3.0)
ZERO, NUMBER, NOTHING = int(X[0]), 1.5, None
PARAMS = (np.ones(2), np.ones(3))
FAILURES = {
    "Output was None": lambda: jax.grad(lambda a: None)(1.0),
    "'NoneType' object": lambda: NOTHING[0],
    "NoneType object": lambda: two_of(None),
    "object is not callable": lambda: NUMBER(2),
    "can't multiply sequence": lambda: 0.1 * PARAMS,
    "and 'tuple'": lambda: (X, X) - (X, X),
    "'tuple' and": lambda: (X, X) - X[0],
    "'tuple'> at position": lambda: jnp.exp((X, X)),
    "'list' and 'list'": lambda: [1.0] - [2.0],
    "'list'> at position": lambda: jnp.exp([1.0]),
    "'tuple' object has no attribute": lambda: PARAMS.shape,
    "'list' object has no attribute": lambda: [1].shape,
    "'float' object is not": lambda: NUMBER[ZERO],
    "'int' object is not": lambda: list(3),
    "over a 0-d array": lambda: list(jnp.array(1.0)),
    "values to unpack": lambda: two_of((1, 2, 3)),
    "cannot unpack": lambda: two_of(1),
    "unhashable type": lambda: {[1]: 2},
    "required positional argument": lambda: function_of_two(1),
    "positional arguments but": lambda: function_of_two(1, 2, 3),
    "NameError": lambda: jnpp.ones(3),  # noqa: F821
    "UnboundLocalError": lambda: local_without_a_value(1),
    "KeyError": lambda: {"W": 1}["b"],
    "out of bounds for array of dimension": lambda: np.sum(np.ones(3), axis=1),
    "list indices must be": lambda: [1, 2][X[0].item()],
    "used as indices": lambda: np.ones(3)[np.array([1.0])],
    "valid indices": lambda: np.ones(3)[1.0],
    "Indexer must": lambda: X[1.0],
    "NonConcreteBooleanIndexError": lambda: jax.jit(lambda a: a[a > 0])(X),
    "IndexError": lambda: [1][3],
    "only integer scalar arrays": lambda: range(np.array([1, 2])),
    "truth value of an array": lambda: 1 if np.ones(2) > 0 else 2,
    "to Python scalars": lambda: float(np.ones(3)),
    "core dimension": lambda: np.ones(3) @ np.ones(2),
    "dot_general requires": lambda: X @ jnp.ones(2),
    "inhomogeneous": lambda: np.array(PARAMS),
    "cannot reshape": lambda: np.ones(6).reshape(4, 2),
    "broadcast": lambda: X + jnp.ones(2),
    "JAX arrays are immutable": lambda: X.__setitem__(0, 1),
    "read-only": written_to_a_read_only_array,
    "Cannot cast ufunc": lambda: np.ones(3, int).__iadd__(0.5),
    "division by zero": lambda: 1.0 / ZERO,
    "math domain error": lambda: math.log(ZERO),
    "math range error": lambda: math.exp(1000),
    "RecursionError": lambda: halve(1.0),
    "MemoryError": lambda: np.empty((10**9, 10**6)),  # more than there are addresses
    "grad requires real- or complex-valued inputs": lambda: jax.grad(lambda a: a * 2.0)(3),
    "grad requires real-valued outputs": lambda: jax.grad(lambda a: jnp.sum(a > 0))(X),
    "Gradient only defined for scalar-output": lambda: jax.grad(lambda a: a * 2)(X),
    "vmap got inconsistent sizes": lambda: jax.vmap(lambda a, b: a + b)(X, jnp.ones(4)),
    "vmap was requested to map": lambda: jax.vmap(lambda a: a)(1.0),
    "carry input and carry output": lambda: jax.lax.scan(lambda c, _: (c * X, None), 0.0, length=3),
    "scan body output must be a pair": lambda: jax.lax.scan(lambda c, _: c, 0.0, length=3),
    "branches must have equal output": lambda: jax.lax.cond(ZERO == 0, lambda: 1.0, lambda: 1),
    "different types at key path": lambda: jax.tree.map(lambda a, b: a + b, (X, X), [X, X]),
    "pytree structure error": lambda: jax.tree.map(lambda a, b: a + b, (X, X), (X,)),
    "invalid PRNG key": lambda: jax.random.normal(0, (3,)),
    "accepts a single key": lambda: jax.random.normal(jax.random.split(jax.random.key(0)), (3,)),
    "TracerBoolConversionError": lambda: jax.jit(lambda a: 1 if a > 0 else 2)(1.0),
    "TracerArrayConversionError": lambda: jax.grad(lambda a: np.log(a))(1.0),
    "TracerIntegerConversionError": lambda: jax.jit(lambda n: [1, 2][n])(1),
    "UnexpectedTracerError": leaked,
    "Shapes must be 1D sequences of concrete": lambda: jax.jit(lambda n: jnp.zeros(n))(3),
    "ConcretizationTypeError": lambda: jax.grad(lambda a: float(a))(1.0),
    "interpreting argument": lambda: jnp.sum("text"),
    "shapes": lambda: np.ones((2, 3)).dot(np.ones((2, 3))),
    "same shape": lambda: np.stack(PARAMS),
    "of dimensions": lambda: np.concatenate([np.ones(2), np.ones((2, 2))]),
}


def test_every_tip_has_its_failure():
    assert list(FAILURES) == list(dict.fromkeys(part for parts, _ in TIPS for part in parts.split("|")))


@pytest.mark.parametrize("part", FAILURES)
def test_a_tip_meets_the_error_it_is_for(part):
    with pytest.raises(Exception) as raised:
        FAILURES[part]()
    tip = next(tip for parts, tip in TIPS if part in parts.split("|"))
    assert tip_for(raised.value) == f" {tip}"


def answers(folder, source):
    """A learner's file of chapter 1, set 1, in `folder`, and what happens when it is imported."""
    known = INDEX.sets[0]
    file = folder / known.file
    file.parent.mkdir(parents=True)
    file.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("answers", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def explained(folder, source, *inputs):
    """What is said of the function `f` in a learner's file."""
    log.calls.clear()
    known = INDEX.sets[0]
    with pytest.raises(BaseException) as raised:
        check(answers(folder, source).f, *inputs, gives=0)
    said = explain(raised.value, known, Path(folder) / known.file, 20)
    assert unclear(said) == []
    return said


@pytest.mark.parametrize(
    ("source", "inputs", "words"),
    [
        (
            "def f(x):\n    y = x + lenght\n    return y\n\n\nlength = 3\n", (1,),
            "ch01_perceptron/neuron.py, line 2, raised NameError: name 'lenght' is not defined. Did you mean `length`? "
            "It was called as f(1). Is it spelled as where you made it, or is an import missing?\n    y = x + lenght",
        ),
        (
            "import numpy as np\n\n\ndef f(x):\n    return np.argmx(x)\n", (np.ones(3),),
            "raised AttributeError: module 'numpy' has no attribute 'argmx'. Did you mean `argmax`? It was called",
        ),
        ("def f(x):\nreturn x\n", (1,), "Python cannot read this line: expected an indented block after function"),
        ("def f(x):\n    y = x\n      return y\n", (1,), "unexpected indent. It begins with 6 spaces, the line"),
        ("def f(x):\n    if x:\n\treturn x\n", (1,), "lines with spaces only, four for each level.\n    return x"),
        ("def f(x:\n    return x\n", (1,), "neuron.py, line 1: Python cannot read this line: '(' was never closed."),
        ("def f(x, y):\n    return x\n", (1,), "missing 1 required positional argument: 'y'. Leave the `def` line"),
        ("def f():\n    return 1\n", (1,), "f(1) raised TypeError: f() takes 0 positional arguments but 1 was given."),
        (
            "import jax\n\n\ndef f(x):\n    return jax.jit(lambda n: [1, 2][n])(x)\n", (1,),
            "line 5, raised TracerIntegerConversionError: The __index__() method was called on traced array with shape "
            "int32[]",
        ),
        ("import math\n\n\ndef f(x):\n    return f(x)\n", (1,), "raised RecursionError: maximum recursion depth"),
        ("def f(x):\n    raise SystemExit\n", (1,), "neuron.py calls exit(), which ends Python itself."),
        ("def f(x):\n    assert x == 2, 'what?'\n", (1,), "line 2, raised AssertionError: what? It was called"),
        (f"def f(x):\n    return {'(x + 1) * ' * 50}[1].x\n", (1,), "\n    return (x + 1) * (x + 1) *"),
        ("def f(x):\n    raise ValueError\n", (1,), "line 2, raised ValueError. It was called as f(1).\n    raise"),
    ],
)  # fmt: skip
def test_an_exception_becomes_a_paragraph(tmp_path, source, inputs, words):
    assert words in explained(tmp_path, source, *inputs)


def weighted(line, first=""):
    """A learner's file with an exercise that may not use np."""
    return f"{first}def weighted_sum(W, x, b):\n    {line}\n\n\nf = weighted_sum\n"


@pytest.mark.parametrize(
    ("source", "inputs", "words"),
    [
        (
            weighted("return sum(W*x) + b"), ([1, 2], [3, 4], 1),
            "W and x are lists: multiply them number by number, in a loop.\n    return sum(W*x) + b",
        ),
        (weighted("return sum(W*x) + b", "import jax\n\n\n"), ([1, 2], [3, 4], 1), "W and x are lists: multiply"),
        (weighted("return W @ x + b"), ([1], [3], 1), "Lists do not calculate: go through their numbers in a loop"),
        (weighted("return 0.5 * W"), ([1], [3], 1), "Lists and tuples do not calculate: multiply their numbers one by"),
        (weighted("return W.shape"), ([1], [3], 1), "it has a length, `len(…)`, and no shape"),
        (weighted("return W - x"), ((1,), (3,), 1), "Tuples do not calculate: unpack them, `a, b = …`."),
        ("import jax\n\n\ndef f(p):\n    return 0.1 * p\n", ((1, 2),), "do not calculate: `jax.tree.map("),
        ("import numpy as np\n\n\ndef f(W, x):\n    return W @ x\n", ([1], [2]), "arrays of them with `np.array`"),
    ],
)  # fmt: skip
def test_lists_are_not_told_of_jax_or_of_what_is_forbidden(tmp_path, source, inputs, words):
    said = explained(tmp_path, source, *inputs)
    assert words in said
    assert ("jax" in words) == ("jax" in said)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "return a > 0 == y",
            "Python reads `a > 0 == y` as two questions with `and` between them: use brackets, `(a > 0) ==",
        ),
        ("if 0 < a < 2: y = 3", "two questions with `and` between them: use brackets, `(0 < a) < 2`"),
        ("return max(0, a * y)", "Is `a * y` an array of products? `a @ y` is their sum, one number."),
        ("return 1 if (a + 1) * y > 0 else 0", "Is `(a + 1) * y` an array of products? `(a + 1) @ y` is"),
        ("return a > 0 and y > 0", "`and`, `or` and `not` need one yes or no, and this is an array: `&`"),
        ("return not a", "`and`, `or` and `not` need one yes or no"),
        ("return max(0, 2 * a)", "One yes or no is needed here, and this is an array: `np.maximum`"),
        ("return max(0, a)", "One yes or no is needed here, and this is an array: `np.maximum`"),
        (
            "return 1 if a > 0 else 0",
            "`if` needs one yes or no, and this is an array: use `where` of np or jnp, or index it.",
        ),
    ],
)
def test_an_ambiguous_truth_is_explained_by_its_line(tmp_path, line, words):
    assert words in explained(tmp_path, f"def f(a, y):\n    {line}\n", np.ones(3), np.ones(3))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def f(x):\n    y = x\n      return y\n", "with 4. The spaces at the start of a line say what it belongs to: "
         "four for each level.\n          return y"),
        ("def f(x):\n\n  y = x\n return y\n", "It begins with 1 space, the line above with 2."),
        ("def f(x):\n    return (x + ))\n", "unmatched ')'. Look at the second `)`.\n    return (x + ))"),
        ("def f(x)\n    return x\n", "expected ':'. Look at the end of the line.\n    def f(x)"),
        ("def f(x):\n    if x = 1:\n        return x\n", "instead of '='? Look at `x = 1`.\n"),
        ("def f(x):\n    return [1 2]\n", "Perhaps you forgot a comma? Look at `1 2`.\n"),
        ("def f(x):\n    return x + * 3\n", "invalid syntax. Look at `*`.\n"),
        ("def f(x):\n    return 'abc\n", "unterminated string literal (detected at line 2). Look at `'`.\n"),
        ('def f(x):\n    The sum 007 of.\n    """\n', 'integers. Look at `007`. Is a `""\"` missing above?'),
        ('def f(x):\n    The sum W·x.\n    """\n    return x\n', 'Is a `""\"` missing above?'),
        ('def f(x):\n    """The sum.\n    return x\n', 'Is a `""\"` missing above?'),
        ('def f(x):\n    This is 3rd.\n    """\n    return x\n', 'Is a `""\"` missing above?'),
    ],
)  # fmt: skip
def test_the_place_that_python_cannot_read_is_named(tmp_path, source, words):
    assert words in explained(tmp_path, source, 1)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("import numpi as np", "Line 1: there is no module numpi. Did you mean numpy?"),
        ("from maths import exp", "Line 1: there is no module maths. Did you mean math?"),
        ("from numyp.linalg import norm", "there is no module numyp. Did you mean numpy?"),
        ("import zzzzzz", "not fair"),
        ("import pytest", "not fair"),
    ],
)
def test_a_module_that_does_not_exist_is_a_typo(line, words):
    said = unfair_import(line, ("numpy",))
    assert words in said
    assert unclear(said) == []


def test_near_names_are_found():
    assert near("weighted_sum", {"wieghted_sum": 1, "np": 2}) == "wieghted_sum"
    assert near("weighted_sum", ["np", "xor"]) == ""


def judged(value, holds, **rest):
    with pytest.raises(CheckFailed) as failed:
        check_that(gives(value), holds=holds, expected="weights that fit", **rest)
    assert unclear(str(failed.value)) == []
    return str(failed.value)


def three(value):
    a, b, c = value
    return a + b + c > 100


def one_of_two(value):
    return three(value[0])


@pytest.mark.parametrize(
    ("value", "holds", "words"),
    [
        (
            (1, 2),
            three,
            "expected weights that fit. It should be 3 results, with commas between them: `return a, b, …`.",
        ),
        (np.ones(4), three, "It should be 3 results, with commas between them: `return a, b, …`."),
        (1.5, three, "It should be several results, with commas between them: `return a, b`."),
        (None, three, "Did you forget `return`?"),
        (((1, 2), 3, 4), one_of_two, "Checking it raised ValueError: not enough values to unpack"),
        ((5, 3, 4), one_of_two, "Checking it raised TypeError: cannot unpack non-iterable int object."),
        (((1, 2, 3, 4), 3), one_of_two, "Checking it raised ValueError: too many values to unpack"),
        ((1, 2, 3), three, "gave (1, 2, 3); expected weights that fit."),
    ],
)
def test_a_wrong_number_of_results_is_said_plainly(value, holds, words):
    assert words in judged(value, holds)


def test_a_check_can_say_what_was_found():
    said = judged((1, 2, 3), three, found=lambda value: f"They add up to {sum(value)}.")
    assert said == "answer() gave (1, 2, 3); expected weights that fit. They add up to 6."


@pytest.mark.parametrize(
    ("got", "expected", "words"),
    [
        (-1, True, "It should be True or False."),
        (-1.0, np.bool_(True), "It should be True or False."),
        (3, False, "It should be True or False."),
        ((VALUES, -1), (VALUES, True), "In result 2 of 2: it should be True or False."),
        (np.array([1, -1]), np.array([True, True]), "All of them should be True or False."),
        (0, True, "The difference is 1."),
        (1, True, ""),
    ],
)
def test_where_true_or_false_is_expected_no_factor_is_named(got, expected, words):
    assert difference(got, expected) == words


def test_an_error_of_the_test_itself_is_not_put_on_the_call():
    log.calls.clear()
    check(gives(3), 1, gives=3)
    with pytest.raises(TypeError) as raised:
        two_of(None)
    said = explain(raised.value, INDEX.sets[0], Path("elsewhere.py"), 20)
    assert said.startswith("The test could not use what your code gave: TypeError: cannot unpack non-iterable")
    assert said.endswith("The last call was answer(1).")


def test_the_general_advice_on_nan_goes_where_the_cause_is_known():
    said = str(compare(np.array([1.0, np.nan]), np.zeros(2)))
    assert "at index 1: look for 0/0" in said and "look for" not in without_guess(said)
    assert "at index 1." in without_guess(said)


# ------------------------------------------------------------------ names


def test_a_name_that_fits_several_sets_is_refused_with_their_full_names():
    with pytest.raises(UnknownName, match="“training” fits several: write ch02/training or ch03/training"):
        INDEX.find("training")
    assert {e.file for e in INDEX.find("ch03/training")} == {"ch03_optimization/training.py"}
    assert INDEX.find("ch02_mlp/test_training.py") == INDEX.find("ch02/training")


@pytest.mark.parametrize("exercise", INDEX.exercises, ids=lambda e: e.id)
def test_a_section_is_named_by_its_heading(exercise):
    assert f"section “{exercise.section}”" not in section_in_words(exercise.page, exercise.section)


def test_a_section_is_named_with_its_chapters_number():
    assert section_in_words("03-optimization.md", "downhill") == "chapter 3, section “How far to step”"
    assert section_in_words("02-mlp.md", "nowhere") == "chapter 2, section “nowhere”"


@pytest.mark.parametrize("exercise", INDEX.exercises, ids=lambda e: e.id)
def test_every_exercise_is_found_by_each_of_its_names(exercise):
    assert INDEX.find(exercise.name) == INDEX.find(exercise.id) == (exercise,)
