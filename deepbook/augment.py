"""Augmentation: each batch a little different each time, so that a network cannot learn the pictures by heart.

An augmentation is a frozen recipe, called as augment(key, x) on a batch x of images, (batch, height, width, channels);
`fit` calls it while training and never otherwise. Chapter 3, "More data from the same data".
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax import lax


@dataclass(frozen=True)
class Shift:
    """Each image moved by up to `pixels` up or down and left or right; the border is filled with `fill`."""

    pixels: int
    fill: float = 0.0

    def __call__(self, key, x):
        n = self.pixels
        padded = jnp.pad(x, ((0, 0), (n, n), (n, n), (0, 0)), constant_values=self.fill)
        corners = jax.random.randint(key, (len(x), 2), 0, 2 * n + 1)

        def cut(image, corner):
            return lax.dynamic_slice(image, (*corner, 0), x.shape[1:])

        return jax.vmap(cut)(padded, corners)


@dataclass(frozen=True)
class Flip:
    """Each image mirrored, left to right, with probability 1/2. Not for digits: a mirrored 2 is no 2."""

    def __call__(self, key, x):
        mirrored = jax.random.bernoulli(key, 0.5, (len(x), 1, 1, 1))
        return jnp.where(mirrored, x[:, :, ::-1], x)
