"""What a learner is told: deepbook.course.checks, show and explain, sentence by sentence."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deepbook.course.checks import CheckFailed, Counted, check, check_raises, check_that, once
from deepbook.course.compare import difference
from deepbook.course.explain import forbidden_name, unfair_import
from deepbook.course.show import show


def double(x):
    return 2 * x


@pytest.mark.parametrize(
    ("got", "expected", "words"),
    [
        (1.0, 1.0 + 1e-9, ""),
        (np.float32(2), 2, ""),
        (True, np.bool_(True), ""),
        ((1, [2.0, 3.0]), (1.0, np.array([2, 3])), ""),
        (jnp.ones(3), np.ones(3), ""),
        ("same", "same", ""),
        (np.nan, np.nan, ""),
        (None, 1.0, "Did you forget `return`?"),
        (None, (1, 2), "Did you forget `return`?"),
        (np.ones((3, 1)), np.ones(3), "The shape is (3, 1) and should be (3,)."),
        ([1.0, 5.0], np.array([1.0, 2.0]), "Only 1 of the 2 numbers differs, at index 1: 5 in place of 2."),
        (np.eye(2), np.zeros((2, 2)), "2 of the 4 numbers differ, most at index (0, 0): 1 in place of 0."),
        (3, 1, "The difference is 2."),
        (np.nan, 0.0, "It is NaN (“not a number”): look for"),
        (np.array([1.0, np.nan]), np.zeros(2), "1 of the 2 numbers is NaN (“not a number”), at index 1: look for 0/0"),
        (np.inf, 0.0, "It is infinite: look for log(0)"),
        ("more", "fewer", "They are not the same."),
        (1, "same", "It is one number and should be a text."),
        (5.0, (1, 2), "It should be 2 results"),
        ([1.0, 2.0], 1.0, "It should be one number; it is an array of shape (2,)."),
        ((1, 2), (1, 3), "In result 2 of 2: the difference is 1."),
        ([1, [2]], np.zeros(2), "It is a list and should be an array."),
    ],
)
def test_difference_says_what_is_wrong(got, expected, words):
    found = difference(got, expected)
    assert found == "" if words == "" else found.startswith(words)


def test_check_says_what_went_in_and_what_came_out():
    with pytest.raises(CheckFailed) as failed:
        check(double, np.array([1.0, 2.0]), gives=np.array([1.0, 2.0]))
    assert str(failed.value).startswith("double([1, 2]) gave [2, 4]; expected [1, 2].")


def test_check_keeps_a_secret():
    with pytest.raises(CheckFailed) as failed:
        check(double, 1, gives=3, secret=True)
    assert str(failed.value) == "double(1) gave 2."


def test_check_notices_an_input_changed_in_place():
    def spoil(x):
        x += 1
        return x

    with pytest.raises(CheckFailed, match="changed its input `x` in place"):
        check(spoil, np.zeros(2), gives=np.ones(2))


def test_check_that_with_a_value_that_cannot_be_judged():
    with pytest.raises(CheckFailed, match=r"expected a pair\. Did you forget `return`\?"):
        check_that(lambda: None, holds=lambda pair: pair[0] > 0, expected="a pair")


def test_check_raises_wants_the_error():
    with pytest.raises(CheckFailed, match="expected ValueError, because 1 is too small"):
        check_raises(double, 1, because="1 is too small")
    with pytest.raises(CheckFailed, match="raised TypeError; expected ValueError"):
        check_raises(double, object(), because="it is no number")
    with pytest.raises(CheckFailed, match="write `raise`, not `return`"):
        check_raises(lambda: ValueError, because="…")
    with pytest.raises(NotImplementedError):
        check_raises(lambda: (_ for _ in ()).throw(NotImplementedError()), error=RuntimeError, because="…")


def test_show_is_short_whatever_comes():
    values = [np.zeros((1000, 1000)), "x" * 10_000, {i: i for i in range(10_000)}, list(range(10_000)), object()]
    assert all(len(show(value)) < 120 for value in values)
    assert show((1, None, "a", [True, 2.5])) == "(1, None, 'a', [1, 2.5])"
    assert "1 of them NaN" in show(np.array([np.nan, *range(20)]))


def test_forbidden_names_are_found_in_their_function_only():
    source = "import jax\n\ndef f(x):\n    return jax.grad(abs)(x)\n\ndef g(x):\n    return x\n"
    assert forbidden_name(source, "f", ("jax",)) == "jax"
    assert forbidden_name(source, "g", ("jax",)) == forbidden_name(source, "f", ()) == ""


@pytest.mark.parametrize(
    ("line", "fair"),
    [
        ("import numpy as np", True),
        ("from math import exp", True),
        ("import os, time", True),
        ("from ch01_perceptron.learning import learn", True),
        ("import jax.numpy as jnp", True),
        ("from jax import grad, lax", True),
        ("from jax.nn import sigmoid", False),
        ("import jax.scipy.special", False),
        ("from jax import nn", False),
        ("import jax\njax.nn.sigmoid(0.0)", False),
        ("from deepbook.perceptron import update", False),
        ("import deepbook", False),
        ("from sklearn.linear_model import Perceptron", False),
        ("import optax", False),
    ],
)
def test_unfair_imports_are_refused_in_words(line, fair):
    sentence = unfair_import(line, ("numpy", "jax"))
    assert (sentence == "") == fair
    assert fair or "not fair" in sentence


def test_counted_counts_a_traced_loop_once_and_a_python_loop_each_time():
    def scanned(f, x):
        return jax.lax.scan(lambda x, _: (f(x), None), x, length=50)[0]

    def looped(f, x):
        for _ in range(50):
            x = f(x)
        return x

    counts = []
    for walk in (scanned, looped):
        counted = Counted(double)
        check_that(jax.jit(walk, static_argnums=0), counted, jnp.ones(()), holds=jnp.isfinite, expected="a number")
        counts.append(counted.calls)
    assert 0 < counts[0] < 5
    assert counts[1] == 50
    assert show(counted) == "double"


def test_once_works_once_for_the_same_inputs():
    asked = []

    @once
    def train(key, x, rows=None):
        asked.append(key)
        if rows == 13:
            raise ValueError
        return len(asked)

    x = np.arange(6.0)
    key = jax.random.key(0)
    assert train(key, x) == train(jax.random.key(0), x.copy()) == 1
    assert train(jax.random.key(1), x) == 2 and train(key, x.reshape(2, 3)) == 3 and train(key, x.astype("f4")) == 4
    assert train(key, [x, (x, {"W": x})]) == train(key, [x, (x, {"W": x.copy()})]) == 5
    assert train(key, [x, (x, {"b": x})]) == 6 and train(key, np.sum) == train(key, np.sum) == 7 != train(key, np.max)
    for _ in range(2):
        with pytest.raises(ValueError):
            train(key, x, 13)
    assert len(asked) == 10, "an error is not kept"
    assert train(key, jnp.arange(6.0)) == 11 and train(key, np.arange(6, dtype="f4")) == 4
    assert train(key, [1, 2]) == 12 and train(key, (1, 2)) == 13
    assert train.__name__ == "train"


def test_once_keeps_nothing_of_what_it_cannot_tell_apart():
    class Box:
        __hash__ = None

    count = once(lambda box: asked.append(box) or len(asked))
    asked = []
    assert [count(Box()), count(Box())] == [1, 2]
