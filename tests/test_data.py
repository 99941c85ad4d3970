"""deepbook.data: shapes, ranges and splits of what comes with the install, and of the real data sets."""

import gzip
import time

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
    pictures, texts = {"mnist", "fashion-mnist", "cifar10", "dogs-cats"}, {"imdb", "polarity", "movie_reviews", "names"}
    assert set(data.names()) == {*SHAPES, "admissions", *pictures, *texts}


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
    with pytest.raises(ValueError, match='try "fashion-mnist"'):
        data.load("fashion_mnist")
    with pytest.raises(ValueError, match=r'load: got "squeezenet".*try deepbook.published.load_squeezenet\(\)'):
        data.load("squeezenet")


# Labels and pixels as their authors state them.
@pytest.mark.parametrize(
    ("name", "labels", "mean", "deviation", "first", "last"),
    [
        ("mnist", [5, 0, 4, 1, 9], 33.318, 78.567, "0", "9"),
        ("fashion-mnist", [9, 0, 0, 3, 0], 72.940, 90.021, "T-shirt/top", "Ankle boot"),
    ],
)
def test_load_gives_the_real_pictures(real_data, name, labels, mean, deviation, first, last):
    data.load.cache_clear()
    began = time.process_time()
    (x, y), (x_test, y_test), classes = data.load(name)
    assert time.process_time() - began < 3  # 0.5 to 0.9 s when measured; a busy machine takes longer
    assert (x.shape, x_test.shape) == ((60000, 28, 28, 1), (10000, 28, 28, 1))
    assert (x.dtype, y.dtype, x_test.dtype, y_test.dtype) == (np.float32, np.int32, np.float32, np.int32)
    assert (x.min(), x.max(), x_test.min(), x_test.max()) == (0, 1, 0, 1)
    assert y[:5].tolist() == labels
    assert set(y) == set(y_test) == set(range(10))
    assert len(classes) == 10 and (classes[0], classes[-1]) == (first, last)
    np.testing.assert_allclose((x.mean(dtype=float) * 255, x.std(dtype=float) * 255), (mean, deviation), atol=1e-3)
    with pytest.raises(ValueError, match="read-only"):
        x[0] = 1


def test_load_gives_cifar10(real_data, memory):
    """All 10,000 test images, and of the 50,000 training images as many as there are."""
    began = time.process_time()
    (x, y), (x_test, y_test), classes = data.load("cifar10")
    assert time.process_time() - began < 10  # 2.6 s when measured
    assert len(x) in (30_000, 50_000) and x.shape[1:] == (32, 32, 3) and x_test.shape == (10_000, 32, 32, 3)
    assert (x.dtype, y.dtype, x_test.dtype, y_test.dtype) == (np.float32, np.int32, np.float32, np.int32)
    assert (x.min(), x.max(), x_test.min(), x_test.max()) == (0, 1, 0, 1)
    assert np.bincount(y).tolist() == [len(x) // 10] * 10 and np.bincount(y_test).tolist() == [1000] * 10
    assert np.bincount(y[:1000]).min() > 70  # mixed
    assert (classes[0], classes[3], classes[9]) == ("airplane", "cat", "truck")
    # the channels' means that are used everywhere to scale CIFAR-10; the last is blue
    np.testing.assert_allclose(x.mean(axis=(0, 1, 2), dtype=float), (0.4914, 0.4822, 0.4465), atol=5e-3)
    assert x.flags.c_contiguous and not x.flags.writeable


def test_load_gives_the_photos(real_data, memory):
    (x, y), (x_test, y_test), classes = data.load("dogs-cats")
    assert len(x) in (300, 1000) and len(x_test) in (100, 200) and classes == ("cat", "dog")
    assert x.shape[1:] == x_test.shape[1:] == (227, 227, 3) and (x.dtype, y.dtype) == (np.float32, np.int32)
    assert (x.min(), x.max()) == (0, 1)
    assert np.bincount(y).tolist() == [len(y) // 2] * 2 and np.bincount(y_test).tolist() == [len(y_test) // 2] * 2
    assert 30 < y[:100].sum() < 70  # mixed
    assert len(np.unique(x[:, 100, 100], axis=0)) > 0.9 * len(x)  # no photo twice


@pytest.fixture
def memory():
    """Large data sets are not kept after the test."""
    data.load.cache_clear()
    yield
    data.load.cache_clear()


def test_load_gives_the_admissions(real_data):
    (x, y), (x_test, y_test), classes = data.load("admissions")
    assert (x.shape, x_test.shape, classes) == ((318, 6), (79, 6), ("refused", "admitted"))
    assert (x.dtype, y.dtype) == (np.float32, np.int32)
    assert len((real_data / "admissions/student_data.csv").read_text().splitlines()) == 401  # three have empty cells
    np.testing.assert_allclose(x[:, :2].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(x[:, :2].std(axis=0), 1, atol=1e-5)
    assert abs(x_test[:, :2].mean(axis=0)).max() > 1e-3  # scaled by the training rows, not by its own
    for part in (x, x_test):
        assert set(np.unique(part[:, 2:])) == {0, 1} and (part[:, 2:].sum(axis=1) == 1).all()
    ranks = (x[:, 2:].sum(axis=0) + x_test[:, 2:].sum(axis=0)).tolist()
    assert ranks == [61, 148, 121, 67] and y.sum() + y_test.sum() == 126


def test_read_admissions_leaves_out_what_is_not_whole(tmp_path):
    file = tmp_path / "table.csv"
    file.write_text("admit,gre,gpa,rank\n0,380,3.61,3\n1,660,,1\n0,,,\n1,800,4,1\n")
    x, y = data.read_admissions(file)
    np.testing.assert_allclose(x, [[380, 3.61, 3], [800, 4, 1]])
    assert y.tolist() == [0, 1] and (x.dtype, y.dtype) == (np.float32, np.int32)


WHOLE = b"\0\0\x08\x02" + (2).to_bytes(4) + (3).to_bytes(4) + bytes(range(6))


def test_read_idx_gives_the_array(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(WHOLE))
    x = data.read_idx(tmp_path / "a.gz")
    assert x.tolist() == [[0, 1, 2], [3, 4, 5]] and x.dtype == np.uint8


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (WHOLE, "gzip cannot read"),
        (gzip.compress(WHOLE)[:-9], "gzip cannot read"),
        (gzip.compress(WHOLE)[:-8] + bytes(8), "gzip cannot read"),
        (gzip.compress(WHOLE[:-1]), r"5 bytes after its header; needs 6, for the shape \(2, 3\)"),
        (gzip.compress(WHOLE + b"!"), "7 bytes after its header; needs 6"),
        (gzip.compress(b"\0\0\x0d" + WHOLE[3:]), "begins with 00000d02; needs 000008"),
        (gzip.compress(WHOLE[:7]), "needs 000008, then the axes"),
        (gzip.compress(b""), "needs 000008"),
    ],
    ids=["plain", "cut", "sums", "short", "long", "magic", "head", "empty"],  # gzip writes the time: no name to give
)
def test_read_idx_says_what_is_wrong(tmp_path, content, words):
    (tmp_path / "a.gz").write_bytes(content)
    with pytest.raises(ValueError, match=words):
        data.read_idx(tmp_path / "a.gz")


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


@pytest.mark.parametrize("make", [data.blobs, data.moons, data.spirals])
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


def test_spirals_wind_and_no_line_tells_them_apart():
    from sklearn.linear_model import LogisticRegression

    x, y = data.spirals(jax.random.key(0), 1000, turns=1.5, noise=0)
    far = np.hypot(*x.T)
    assert far.min() >= 0.1 and far.max() <= 1
    turned = np.arctan2(x[:, 1], x[:, 0]) - np.pi * y - 2 * np.pi * 1.5 * far  # 0 but for whole turns
    np.testing.assert_allclose(np.cos(turned), 1, atol=1e-4)
    assert LogisticRegression().fit(x, y).score(x, y) < 0.7


def test_spirals_shifts_by_the_noise():
    (x, y), (smooth, _) = (data.spirals(jax.random.key(0), 4000, noise=noise) for noise in (0.1, 0))
    np.testing.assert_allclose((x - smooth).std(axis=0), 0.1, rtol=0.05)
    assert set(y) == {0, 1}
