from collections.abc import Iterator
from typing import NamedTuple

import numpy as np


class Place(NamedTuple):
    row: int
    column: int


class Layer:
    """一層卷積。"""

    def __init__(self, W: np.ndarray, b: np.ndarray | None = None):
        self.W, self.b = W, np.zeros(W.shape[-1]) if b is None else b

    def places(self, x: np.ndarray) -> Iterator[Place]:
        h, w = self.W.shape[:2]
        for row in range(x.shape[1] - h + 1):
            for column in range(x.shape[2] - w + 1):
                yield Place(row, column)

    def window(self, x: np.ndarray, at: Place) -> np.ndarray:
        h, w = self.W.shape[:2]
        return x[:, at.row : at.row + h, at.column : at.column + w]

    def forward(self, x: np.ndarray) -> np.ndarray:
        h, w, _, n_out = self.W.shape
        y = np.empty((len(x), x.shape[1] - h + 1, x.shape[2] - w + 1, n_out))
        for at in self.places(x):
            y[:, at.row, at.column] = np.tensordot(self.window(x, at), self.W, axes=3) + self.b
        return y

    def backward(self, x: np.ndarray, dy: np.ndarray):
        dx, dW = np.zeros(x.shape), np.zeros(self.W.shape)
        for at in self.places(x):
            d = dy[:, at.row, at.column]
            dW += np.einsum("nijc,nk->ijck", self.window(x, at), d)
            self.window(dx, at)[...] += np.einsum("nk,ijck->nijc", d, self.W)
        return dx, dW, dy.reshape(-1, dy.shape[-1]).sum(axis=0)


def conv_forward(x, W, b):
    return Layer(W, b).forward(x)


def conv_backward(x, W, dy):
    return Layer(W).backward(x, dy)


def max_pool(x: np.ndarray, size: int) -> np.ndarray:
    rows, columns = x.shape[1] // size, x.shape[2] // size
    parts = [x[:, i : rows * size : size, j : columns * size : size] for i in range(size) for j in range(size)]
    print("max_pool:", len(parts), "parts")
    return np.max(np.stack(parts), axis=0)


def max_pool_backward(x: np.ndarray, dy: np.ndarray, size: int) -> np.ndarray:
    dx = np.zeros(x.shape)
    open_ = np.ones(dy.shape, dtype=bool)  # 還沒找到贏家的視窗
    top = max_pool(x, size)
    rows, columns = dy.shape[1] * size, dy.shape[2] * size
    for i in range(size):
        for j in range(size):
            wins = (x[:, i:rows:size, j:columns:size] == top) & open_
            dx[:, i:rows:size, j:columns:size] = np.where(wins, dy, 0.0)
            open_ &= ~wins
    return dx


def depthwise(x: np.ndarray, D: np.ndarray, P: np.ndarray) -> np.ndarray:
    channels = x.shape[-1]
    each = [conv_forward(x[..., c : c + 1], D[:, :, c][:, :, None, None], np.zeros(1)) for c in range(channels)]
    return conv_forward(np.concatenate(each, axis=-1), P[None, None], np.zeros(P.shape[1]))
