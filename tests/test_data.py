"""deepbook.data: shapes, ranges and splits of what comes with the install."""

import jax
import numpy as np
import pytest

from deepbook import data

SHAPES = {
    "digits": ((1437, 8, 8, 1), (360, 8, 8, 1), 10),
    "iris": ((120, 4), (30, 4), 3),
    "wine": ((143, 13), (35, 13), 3),
    "breast_cancer": ((456, 30), (113, 30), 2),
    "diabetes": ((354, 10), (88, 10), 0),
    "moons": ((400, 2), (100, 2), 2),
}


def test_every_name_has_its_shapes():
    assert set(data.names()) == set(SHAPES)


@pytest.mark.parametrize("name", SHAPES)
def test_load_gives_the_documented_arrays(name):
    (x, y), (x_test, y_test), classes = data.load(name)
    assert (x.shape, x_test.shape, len(classes)) == SHAPES[name]
    assert x.dtype == np.float32
    assert len(x) == len(y)
    assert len(x_test) == len(y_test)
    assert np.isfinite(x).all()
    if classes:
        assert y.dtype == np.int32
        assert set(y) == set(y_test) == set(range(len(classes)))


def test_digits_are_scaled_to_one_and_are_scikit_learns():
    from sklearn.datasets import load_digits

    (x, y), (x_test, y_test), _ = data.load("digits")
    assert (x.min(), x.max()) == (0, 1)
    ours = sorted((int(label), *(16 * image).astype(int).ravel()) for image, label in
                  [*zip(x, y, strict=True), *zip(x_test, y_test, strict=True)])  # fmt: skip
    table = load_digits()
    theirs = sorted((int(t), *row.astype(int)) for row, t in zip(table.data, table.target, strict=True))
    assert ours == theirs  # nothing lost, nothing twice


def test_load_always_gives_the_same_and_cannot_be_written_to():
    x = data.load("digits").train[0]
    assert x is data.load("digits").train[0]
    with pytest.raises(ValueError, match="read-only"):
        x[0] = 1


def test_load_suggests_the_nearest_name():
    with pytest.raises(ValueError, match='try "digits"'):
        data.load("digit")


TABLES = {
    "NOT": [1, 0],
    "AND": [0, 0, 0, 1],
    "OR": [0, 1, 1, 1],
    "NAND": [1, 1, 1, 0],
    "NOR": [1, 0, 0, 0],
    "XOR": [0, 1, 1, 0],
}


@pytest.mark.parametrize("name", TABLES)
def test_gate_gives_its_truth_table(name):
    assert data.gate(name)[1].tolist() == TABLES[name]


def test_gate_refuses_another_name():
    with pytest.raises(ValueError, match="needs NOT, AND"):
        data.gate("XNOR")


@pytest.mark.parametrize("make", [data.blobs, data.moons])
def test_made_points_follow_their_key(make):
    x, y = make(jax.random.key(0), 101)
    assert (x.shape, x.dtype, y.dtype) == ((101, 2), np.float32, np.int32)
    assert abs(int((y == 0).sum()) - 50) <= 1
    assert np.array_equal(x, make(jax.random.key(0), 101)[0])
    assert not np.array_equal(x, make(jax.random.key(1), 101)[0])


def test_blobs_lie_around_their_centers():
    centers = ((0.0, 5.0), (3.0, 0.0), (-4.0, 1.0))
    x, y = data.blobs(jax.random.key(0), 3000, centers, spread=0.5)
    for label, center in enumerate(centers):
        np.testing.assert_allclose(x[y == label].mean(axis=0), center, atol=0.1)
        np.testing.assert_allclose(x[y == label].std(axis=0), 0.5, atol=0.05)
