import numpy as np


def conv_forward(x, W, b):
    n, height, width, n_in = x.shape
    h, w, _, n_out = W.shape
    y = np.zeros((n, height - h + 1, width - w + 1, n_out))
    for image in range(n):
        for r in range(height - h + 1):
            for c in range(width - w + 1):
                for k in range(n_out):
                    y[image, r, c, k] = np.sum(x[image, r : r + h, c : c + w, :] * W[:, :, :, k]) + b[k]
    return y


def conv_backward(x, W, dy):
    dx = np.zeros(x.shape)
    dW = np.zeros(W.shape)
    db = np.zeros(W.shape[3])
    h = W.shape[0]
    w = W.shape[1]
    for image in range(dy.shape[0]):
        for r in range(dy.shape[1]):
            for c in range(dy.shape[2]):
                for k in range(dy.shape[3]):
                    d = dy[image, r, c, k]
                    dx[image, r : r + h, c : c + w, :] += d * W[:, :, :, k]
                    dW[:, :, :, k] += d * x[image, r : r + h, c : c + w, :]
                    db[k] += d
    return dx, dW, db


def max_pool(x, size):
    n, height, width, channels = x.shape
    y = np.zeros((n, height // size, width // size, channels))
    for image in range(n):
        for r in range(height // size):
            for c in range(width // size):
                for k in range(channels):
                    best = -float("inf")
                    for i in range(size):
                        for j in range(size):
                            value = x[image, r * size + i, c * size + j, k]
                            if value > best:
                                best = value
                    y[image, r, c, k] = best
    return y


def max_pool_backward(x, dy, size):
    dx = np.zeros(x.shape)
    for image in range(dy.shape[0]):
        for r in range(dy.shape[1]):
            for c in range(dy.shape[2]):
                for k in range(dy.shape[3]):
                    best = None
                    place = None
                    for i in range(r * size, (r + 1) * size):
                        for j in range(c * size, (c + 1) * size):
                            if best is None or x[image, i, j, k] > best:
                                best = x[image, i, j, k]
                                place = i, j
                    dx[image, place[0], place[1], k] = dy[image, r, c, k]
    return dx


def depthwise(x, D, P):
    n, height, width, channels = x.shape
    h, w, _ = D.shape
    maps = np.zeros((n, height - h + 1, width - w + 1, channels))
    for r in range(height - h + 1):
        for c in range(width - w + 1):
            for channel in range(channels):
                window = x[:, r : r + h, c : c + w, channel]
                maps[:, r, c, channel] = (window * D[:, :, channel]).sum(axis=1).sum(axis=1)
    return np.dot(maps, P)
