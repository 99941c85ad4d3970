import numpy as np


def scores():
    image = [[2, 0, 1, 3], [1, 4, 0, 1], [0, 2, 1, 0]]
    W = [[1, 2], [0, -1]]
    rows = []
    for r in range(2):
        row = []
        for c in range(3):
            s = 0
            for i in range(2):
                for j in range(2):
                    s += image[r + i][c + j] * W[i][j]
            row.append(s)
        rows.append(row)
    return rows


def output_length(n, k, stride, padding, dilation):
    places = 0
    start = 0
    while start + dilation * (k - 1) < n + 2 * padding:
        places += 1
        start += stride
    if places == 0:
        raise ValueError("the filter has no place")
    return places


def zeros_needed(n, k, stride):
    wanted = n // stride
    if n % stride != 0:
        wanted += 1
    zeros = 0
    while (n + zeros - k) // stride + 1 < wanted:
        zeros += 1
    return zeros


def pad_same(image, size, stride):
    rows, columns = image.shape
    down = zeros_needed(rows, size[0], stride)
    across = zeros_needed(columns, size[1], stride)
    padded = np.zeros((rows + down, columns + across))
    for i in range(rows):
        for j in range(columns):
            padded[down // 2 + i, across // 2 + j] = image[i, j]
    return padded


def correlate(image, W, stride):
    result = []
    i = 0
    while i + W.shape[0] <= image.shape[0]:
        row = []
        j = 0
        while j + W.shape[1] <= image.shape[1]:
            total = 0.0
            for a in range(W.shape[0]):
                for b in range(W.shape[1]):
                    total += image[i + a][j + b] * W[a][b]
            row.append(total)
            j += stride
        result.append(row)
        i += stride
    return np.array(result)
