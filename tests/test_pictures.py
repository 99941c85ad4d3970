"""deepbook.pictures: archives, sheets and photos that are made here, good ones and others."""

import io
import tarfile

import numpy as np
import pytest
from PIL import Image

from deepbook import data, downloads, pictures


def archive(path, leave_out=(), size=10_000, mode="w:gz", folder="cifar-10-batches-bin/"):
    """An archive like CIFAR-10's: image i of file f has the label (f + i) % 10, and planes of i, f and 7."""
    with tarfile.open(path, mode, compresslevel=1) if "gz" in mode else tarfile.open(path, mode) as tar:
        for f, name in enumerate(("readme.html", *pictures.CIFAR10)):
            if name in leave_out:
                continue
            i = np.arange(size)
            records = np.zeros((size, pictures.RECORD), np.uint8)
            records[:, 0] = (f + i) % 10
            records[:, 1:] = np.repeat(np.stack([i % 256, np.full(size, f), np.full(size, 7)], axis=1), 1024, axis=1)
            records[0, 1 : 1 + 32] = 200  # red in the first row of the first image
            member = tarfile.TarInfo(folder + name)
            member.size = records.size
            tar.addfile(member, io.BytesIO(records.tobytes()))
    return path


def test_read_cifar10_reads_the_official_layout(tmp_path):
    images, labels = pictures.read_cifar10(archive(tmp_path / "a.tar.gz"))
    assert images.shape == (60_000, 32, 32, 3) and (images.dtype, labels.dtype) == (np.uint8, np.uint8)
    assert images[1, 5, 5].tolist() == [1, 1, 7] and images[-1, 31, 31].tolist() == [9999 % 256, 6, 7]
    assert images[0, 0, :, 0].tolist() == [200] * 32 and images[0, 1, 0, 0] == 0
    assert labels[:3].tolist() == [1, 2, 3] and labels[-1] == (6 + 9999) % 10
    assert [file.name for file in tmp_path.iterdir()] == ["a.tar.gz"]  # nothing was unpacked


def test_read_cifar10_writes_nothing_whatever_the_names(tmp_path):
    images, _ = pictures.read_cifar10(archive(tmp_path / "a.tar.gz", folder="../../"))
    assert len(images) == 60_000
    assert [file.name for file in tmp_path.iterdir()] == ["a.tar.gz"]


def test_read_cifar10_says_what_is_wrong(tmp_path):
    file = archive(tmp_path / "a.tar.gz", leave_out=pictures.CIFAR10[1:])
    with pytest.raises(ValueError, match=r"data_batch_2.bin, .*test_batch.bin of 30730000 bytes is missing"):
        pictures.read_cifar10(file)
    with pytest.raises(ValueError, match=r"data_batch_1.bin, .* is missing"):
        pictures.read_cifar10(archive(tmp_path / "few.tar.gz", size=10))
    (tmp_path / "half.tar.gz").write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    (tmp_path / "text.tar.gz").write_text("<html>moved</html>")
    for name in ("half.tar.gz", "text.tar.gz"):
        with pytest.raises(ValueError, match=rf"{name}, which tarfile cannot read .* fetch it again"):
            pictures.read_cifar10(tmp_path / name)


def test_load_takes_the_whole_archive_where_it_lies(tmp_path, monkeypatch):
    """cifar10 from the archive: 50,000 images in the archive's order, scaled, the test batch apart."""
    file = archive(tmp_path / "a.tar.gz")
    monkeypatch.setattr(data, "files", lambda wanted: {"cifar-10-binary.tar.gz": file})
    (x, y), (x_test, y_test), _ = data.LOADERS["cifar10"](downloads.catalogue()["cifar10"])
    assert (x.shape, x_test.shape, x.dtype, y.dtype) == ((50_000, 32, 32, 3), (10_000, 32, 32, 3), "float32", "int32")
    np.testing.assert_allclose(x[3, 3, 3] * 255, [3, 1, 7], rtol=1e-6)
    np.testing.assert_allclose(x_test[3, 3, 3] * 255, [3, 6, 7], rtol=1e-6)
    assert y[:2].tolist() == [1, 2] and y_test[:2].tolist() == [6, 7]


def test_read_sheet_cuts_row_by_row(tmp_path):
    images = np.arange(6, dtype=np.uint8)[:, None, None, None] * np.ones((6, 4, 4, 3), np.uint8)
    images[:, 0, 1, 2] = 99
    rows = [np.concatenate(images[i : i + 3], axis=1) for i in (0, 3)]
    Image.fromarray(np.concatenate(rows)).save(tmp_path / "a.webp", lossless=True)
    np.testing.assert_array_equal(pictures.read_sheet(tmp_path / "a.webp", 4), images)


def test_photos_are_read_one_by_one_and_from_a_zip(tmp_path, monkeypatch):
    """The two editions of dogs-cats: whichever lies there, each photo has its label."""
    import zipfile

    wanted = downloads.catalogue()["dogs-cats"]
    red, blue = Image.new("RGB", (300, 200), (255, 0, 0)), Image.new("L", (90, 120), 0)
    paths = {}
    for i, (part, kind) in enumerate([("train", "cat"), ("train", "dog"), ("train", "dog"), ("test", "cat")]):
        name = f"{part}/{kind}/{kind}.{i}.jpg"
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (red if kind == "cat" else blue).save(tmp_path / name)
        paths[name] = tmp_path / name
    with zipfile.ZipFile(tmp_path / "resized160_1200.zip", "w") as together:
        for name, path in paths.items():
            together.write(path, name)
    for found in (paths, {"resized160_1200.zip": tmp_path / "resized160_1200.zip"}):
        monkeypatch.setattr(data, "files", lambda wanted, found=found: found)
        (x, y), (x_test, y_test), _ = data.LOADERS["photos"](wanted)
        assert x.shape == (3, *data.PHOTO) and sorted(y.tolist()) == [0, 1, 1] and y_test.tolist() == [0]
        np.testing.assert_allclose(x[:, 9, 9, 0], 1 - y, atol=0.02)  # cats are red here
        np.testing.assert_allclose(x_test[0, 9, 9], [1, 0, 0], atol=0.02)
