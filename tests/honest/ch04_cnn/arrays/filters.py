import numpy as np
from numpy.lib.stride_tricks import sliding_window_view as windows_of


def scores():
    image, W = np.array([[2, 0, 1, 3], [1, 4, 0, 1], [0, 2, 1, 0]]), np.array([[1, 2], [0, -1]])
    return np.tensordot(windows_of(image, W.shape), W, 2).tolist()


def output_length(n, k, stride, padding, dilation):
    firsts = np.arange(0, n + 2 * padding - dilation * (k - 1), stride)
    if firsts.size == 0:
        raise ValueError("no place")
    return firsts.size


def pad_same(image, size, stride):
    n, k = np.array(image.shape), np.array(size)
    zeros = np.maximum((np.ceil(n / stride).astype(int) - 1) * stride + k - n, 0)
    return np.pad(image, np.stack([zeros // 2, -(-zeros // 2)], axis=1))


def correlate(image, W, stride):
    return np.tensordot(windows_of(image, W.shape)[::stride, ::stride], W, axes=2).astype(float)
