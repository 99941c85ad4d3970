"""Chapter 4: 3 × 3 filters with fewer multiplications (Winograd, 1980; Lavin and Gray, 2016).

Two neighbouring scores of a filter of three, y0 = x0 w0 + x1 w1 + x2 w2 and y1 = x1 w0 + x2 w1 + x3 w2, share so much
that four products are enough where the formulas have six:
    m0 = (x0 − x2) w0                        y0 = m0 + m1 + m2
    m1 = (x1 + x2) (w0 + w1 + w2) / 2        y1 = m1 − m2 − m3
    m2 = (x2 − x1) (w0 − w1 + w2) / 2
    m3 = (x1 − x3) w2
The matrices below say this, y = A (G w · B x). Along both axes of an image, each 4 × 4 of its pixels gives 2 × 2 scores
with 16 products where a convolution has 36. The factors of all tiles and channels make 16 matrix products.

Sums in another order round otherwise: the results are equal to about 1e-6 of their size. Where a pixel is infinite, so
are its neighbours' differences, and NaN comes out.
    x     (batch, height, width, channels_in)
    W     (3, 3, channels_in, channels_out)
    ends  ((top, bottom), (left, right)): zeros around the image
    grid  a list of lists of arrays: one for each place in a tile, with all tiles in its first axis
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

B = ((1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, 1, 0, -1))
G = np.float32([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
A = ((1, 1, 1, 0), (0, 1, -1, -1))


@partial(jax.jit, static_argnames="ends")
def conv(x, W, ends):
    """What `deepbook.cnn.conv` gives for 3 × 3 filters and a stride of 1: (batch, height', width', channels_out)."""
    n, (rows, columns), n_out = len(x), _places(x, ends), W.shape[-1]
    tiles, filters = _both_sides(B, _tiles(x, ends)), jnp.einsum("ai,bj,ij...->ab...", G, G, W)
    y = [[tile @ filters[i, j] for j, tile in enumerate(row)] for i, row in enumerate(tiles)]
    y = _both_sides(A, y)  # 2 × 2 of (tiles, n_out)
    y = [[part.reshape(n, -(-rows // 2), -(-columns // 2), n_out) for part in row] for row in y]
    y = jnp.stack([jnp.stack(row, 3) for row in y], 2)  # (batch, tiles, 2, tiles, 2, n_out)
    return y.reshape(n, rows + rows % 2, columns + columns % 2, n_out)[:, :rows, :columns]


@partial(jax.jit, static_argnames="ends")
def filter_gradient(x, dy, ends):
    """The gradient of W, from that of the scores: the steps of `conv` backwards, each with its matrix transposed."""
    (rows, columns), n_out = dy.shape[1:3], dy.shape[-1]
    dy = jnp.pad(dy, ((0, 0), (0, rows % 2), (0, columns % 2), (0, 0)))
    dy = [[dy[:, i::2, j::2].reshape(-1, n_out) for j in range(2)] for i in range(2)]
    pairs = zip(_both_sides(B, _tiles(x, ends)), _both_sides(_transposed(A), dy), strict=True)
    products = [jnp.stack([x.T @ d for x, d in zip(*row, strict=True)]) for row in pairs]
    return jnp.einsum("ai,bj,ab...->ij...", G, G, jnp.stack(products))


def _places(x, ends):
    """How many scores there are from top to bottom and from left to right."""
    return tuple(n + sum(pair) - 2 for n, pair in zip(x.shape[1:3], ends, strict=True))


def _tiles(x, ends):
    """The 4 × 4 pixels of each tile, as a grid of (tiles, n_in). Tiles begin at every second pixel and overlap."""
    rows, columns = _places(x, ends)
    (top, bottom), (left, right) = ends
    along = ((0, 0, 0), (top, bottom + rows % 2, 0), (left, right + columns % 2, 0), (0, 0, 0))
    x = lax.pad(x, jnp.zeros((), x.dtype), along)  # below 0 it cuts off
    return [[x[:, i : i + rows : 2, j : j + columns : 2].reshape(-1, x.shape[-1]) for j in range(4)] for i in range(4)]


def _both_sides(M, grid):
    """M · grid · Mᵀ: M along the columns of the grid and along its rows."""
    rows = [_combine(M, row) for row in grid]
    return _transposed([_combine(M, column) for column in _transposed(rows)])


def _combine(M, parts):
    return [sum(weight * part for weight, part in zip(row, parts, strict=True) if weight) for row in M]


def _transposed(M):
    return list(zip(*M, strict=True))
