"""What the book's mistakes give is worked out once for the same inputs, in all processes of a class."""

import numpy as np
import pytest

from deepbook.course import mistakes
from deepbook.course.mistakes import Mistake, outcome


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    monkeypatch.setattr(mistakes, "KEPT", {})


def counted(answer):
    calls = []

    def count(*inputs):
        calls.append(inputs)
        return answer(*inputs)

    return Mistake("double", "ch01/update", "Twice as much.", count), calls


def several(x):
    return [x, x]


def test_outcome_runs_once_for_equal_inputs():
    mistake, calls = counted(lambda x, n: n * x)
    for _ in range(3):
        value, error = outcome(mistake, (np.array([1.0, 2.0]), 2))
        assert value.tolist() == [2, 4] and error is None
    assert len(calls) == 1


@pytest.mark.parametrize("other", [np.array([1.0, 3.0]), np.array([1.0, 2.0], np.float32), [1.0, 2.0]])
def test_outcome_tells_inputs_apart(other):
    mistake, calls = counted(lambda x: x)
    outcome(mistake, (np.array([1.0, 2.0]),))
    outcome(mistake, (other,))
    assert len(calls) == 2


def test_outcome_is_the_class_of_an_error():
    mistake, calls = counted(lambda x: [][x])
    assert [outcome(mistake, (0,)) for _ in range(2)] == 2 * [(None, IndexError)]
    assert len(calls) == 1


def test_outcome_of_a_function_among_the_inputs_is_not_kept():
    """Who says that another process has the same function by that name?"""
    mistake, calls = counted(lambda f, x: f(x))
    for _ in range(2):
        assert outcome(mistake, (several, 2)) == ([2, 2], None)
        assert outcome(mistake, (abs, -2)) == (2, None)
    assert len(calls) == 4 and not mistakes.KEPT


def test_outcome_that_cannot_be_kept_is_worked_out_again():
    mistake, calls = counted(lambda: lambda: 1)
    assert callable(outcome(mistake, ())[0]) and callable(outcome(mistake, ())[0])
    assert len(calls) == 2
