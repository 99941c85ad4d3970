"""deepbook.photos: pictures written here and read back."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from deepbook.layers import Dense, Flatten, Sequential
from deepbook.photos import predict_image, read_image

RED, BLUE = (255, 0, 0), (0, 0, 255)
MODEL = Sequential([Flatten(), Dense(2)])
PARAMS = ({}, {"W": jnp.array([[4.0, 0], [0, 0], [0, 4]]), "b": jnp.zeros(2)})  # one pixel: red or blue


def picture(path, pixels):
    Image.fromarray(np.asarray(pixels, np.uint8)).save(path)
    return path


def test_the_middle_of_a_photo_is_cut_and_shrunk(tmp_path):
    wide = np.zeros((10, 30, 3))
    wide[:, 10:20] = RED
    x = read_image(picture(tmp_path / "wide.png", wide), (5, 5, 3))
    assert x.shape == (1, 5, 5, 3)
    assert x.dtype == np.float32
    np.testing.assert_allclose(x[0, 2, 2], [1, 0, 0])
    assert (x[..., 1:] == 0).all()


def test_rows_stay_rows(tmp_path):
    half = np.zeros((8, 8, 3))
    half[:4] = 255
    x = read_image(picture(tmp_path / "half.png", half), (8, 8, 1))
    assert x.shape == (1, 8, 8, 1)
    np.testing.assert_array_equal(x[0, :, 0, 0], [1] * 4 + [0] * 4)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1"])
def test_every_kind_of_picture_is_read(tmp_path, mode):
    Image.new("RGB", (6, 6), "white").convert(mode).save(tmp_path / "any.png")
    assert (read_image(tmp_path / "any.png", (4, 4, 3)) == 1).all()


def test_a_photo_is_turned_as_the_phone_was_held(tmp_path):
    upright = np.zeros((8, 8, 3), np.uint8)
    upright[:4] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned clockwise by 90°
    Image.fromarray(upright).save(tmp_path / "held.png", exif=exif)
    assert read_image(tmp_path / "held.png", (8, 8, 1))[0, 0, :, 0].tolist() == [0] * 4 + [1] * 4


def test_the_likeliest_class_comes_first(tmp_path):
    path = picture(tmp_path / "blue.png", np.full((4, 4, 3), BLUE))
    (first, p), (second, q) = predict_image(MODEL, PARAMS, path, (1, 1, 3), ("red", "blue"))
    assert (first, second) == ("blue", "red")
    assert p == pytest.approx(1 / (1 + np.exp(-4)))
    assert p + q == pytest.approx(1)
    turned = predict_image(MODEL, PARAMS, path, (1, 1, 3), ("red", "blue"), prepare=lambda x: 1 - x, best=1)
    assert [name for name, _ in turned] == ["red"]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda d: read_image(d / "none.png", (4, 4, 3)),
            FileNotFoundError,
            r"read_image: there is no file .*none",
        ),
        (lambda d: read_image(d / "text.png", (4, 4, 3)), ValueError, r"read_image: .*text.png is no picture .*; try"),
        (lambda d: read_image(d / "cut.png", (4, 4, 3)), ValueError, r"read_image: .*cut.png is no picture"),
        (lambda d: read_image(d / "good.png", (4, 4)), ValueError, r"got shape \(4, 4\); needs .*; try x.shape\[1:\]"),
        (lambda d: read_image(d / "good.png", (1, 4, 4)), ValueError, r"read_image: got shape \(1, 4, 4\); needs"),
        (
            lambda d: predict_image(MODEL, PARAMS, d / "good.png", (1, 1, 3), "abc"),
            ValueError,
            r"predict_image: got 3 classes for a network of 2 outputs; needs a name for each; try",
        ),
    ],
)
def test_wrong_input_is_refused_in_words(tmp_path, call, error, message):
    good = picture(tmp_path / "good.png", np.random.default_rng(0).integers(0, 255, (40, 40, 3))).read_bytes()
    (tmp_path / "cut.png").write_bytes(good[: len(good) // 2])
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(error, match=message):
        call(tmp_path)


def test_jit_is_no_hindrance(tmp_path):
    path = picture(tmp_path / "red.png", np.full((4, 4, 3), RED))
    params = jax.jit(lambda: PARAMS)()
    assert predict_image(MODEL, params, path, (1, 1, 3), ("red", "blue"))[0][0] == "red"
