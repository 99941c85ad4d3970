import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def conv_forward(x, W, b):
    h, w, n_in, n_out = W.shape
    columns = np.moveaxis(sliding_window_view(x, (h, w), (1, 2)), 3, -1)  # im2col: (n, rows, columns, h, w, n_in)
    return columns.reshape(*columns.shape[:3], -1) @ W.reshape(-1, n_out) + b


def conv_backward(x, W, dy):
    h, w = W.shape[:2]
    seen = sliding_window_view(x, (h, w), (1, 2))
    dW = np.einsum("nrscij,nrsk->ijck", seen, dy)
    wide = np.pad(dy, [(0, 0), (h - 1, h - 1), (w - 1, w - 1), (0, 0)])
    turned = W[::-1, ::-1].swapaxes(2, 3)
    dx = conv_forward(wide, turned, 0.0)
    return dx, dW, np.einsum("nrsk->k", dy)


def max_pool(x, size):
    return sliding_window_view(x, (size, size), (1, 2))[:, ::size, ::size].max((-1, -2))


def max_pool_backward(x, dy, size):
    n, rows, columns, channels = dy.shape
    whole = x[:, : rows * size, : columns * size].reshape(n, rows, size, columns, size, channels)
    windows = whole.transpose(0, 1, 3, 5, 2, 4).reshape(n, rows, columns, channels, size * size)
    winners = windows.argmax(-1)[..., None] == np.arange(size * size)
    back = (winners * dy[..., None]).reshape(n, rows, columns, channels, size, size).transpose(0, 1, 4, 2, 5, 3)
    dx = np.zeros_like(x)
    dx[:, : rows * size, : columns * size] = back.reshape(n, rows * size, columns * size, channels)
    return dx


def depthwise(x, D, P):
    windows = sliding_window_view(x, D.shape[:2], (1, 2))
    return np.einsum("nrscij,ijc,ck->nrsk", windows, D, P, optimize=True)
