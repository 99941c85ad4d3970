"""deepbook.augment: every picture that comes out is one that could, all of them come, and equally often."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deepbook.augment import Flip, Shift

KEY = jax.random.key(0)
IMAGE = np.arange(1, 13, dtype=np.float32).reshape(3, 4, 1)  # no number twice, no 0
MANY = np.broadcast_to(IMAGE, (2000, 3, 4, 1))


def moved(down, right, fill):
    out = np.full_like(IMAGE, fill)
    for i, j in np.ndindex(3, 4):
        if 0 <= i - down < 3 and 0 <= j - right < 4:
            out[i, j] = IMAGE[i - down, j - right]
    return out


@pytest.mark.parametrize("fill", [0.0, -1.0])
def test_shift_moves_each_image_to_one_of_all_places_equally_often(fill):
    out = np.asarray(jax.jit(Shift(1, fill))(KEY, MANY))
    assert out.shape == MANY.shape
    counts = []
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            counts.append((out == moved(down, right, fill)).all(axis=(1, 2, 3)).sum())
    assert sum(counts) == 2000
    assert min(counts) > 2000 / 9 * 0.75


def test_shift_by_0_changes_nothing():
    np.testing.assert_array_equal(jax.jit(Shift(0))(KEY, MANY[:5]), MANY[:5])


def test_shift_moves_all_channels_together():
    image = np.concatenate([IMAGE, 10 * IMAGE], axis=-1)
    out = np.asarray(jax.jit(Shift(2))(KEY, np.stack([image] * 20)))
    np.testing.assert_array_equal(out[..., 1], 10 * out[..., 0])


def test_flip_mirrors_half_of_the_images_left_to_right():
    out = np.asarray(jax.jit(Flip())(KEY, MANY))
    mirrored = (out == IMAGE[:, ::-1]).all(axis=(1, 2, 3))
    same = (out == IMAGE).all(axis=(1, 2, 3))
    assert (mirrored | same).all()
    assert mirrored.mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("augment", [Shift(1), Flip()])
def test_the_key_decides(augment):
    x = jnp.asarray(MANY[:50])
    one, same, other = (jax.jit(augment)(jax.random.key(seed), x) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not jnp.array_equal(one, other)


@pytest.mark.parametrize("make", [lambda: Shift(2, 0.5), Flip])
def test_augmentations_are_recipes(make):
    assert make() == make()
    assert hash(make()) == hash(make())
    assert Shift(2) != Shift(3)


@pytest.mark.parametrize("augment", [Shift(1), Flip()])
def test_jit_vmap_and_grad(augment, transforms):
    transforms(lambda x: augment(KEY, x), jnp.asarray(MANY[:6]))
