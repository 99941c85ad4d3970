import numpy as np


def trained_numbers():
    conv1 = 3 * 3 * 3 * 4 + 4
    conv2 = 3 * 3 * 4 * 8
    norm = 4 * 8
    return conv1 + conv2 + norm, 8 * 2 + 2, 6 * 6 * 8 * 2 + 2


def prepare(x, mean):
    result = np.zeros(x.shape)
    for n in range(x.shape[0]):
        for i in range(x.shape[1]):
            for j in range(x.shape[2]):
                red, green, blue = x[n, i, j]
                result[n, i, j, 0] = blue * 255 - mean[0]
                result[n, i, j, 1] = green * 255 - mean[1]
                result[n, i, j, 2] = red * 255 - mean[2]
    return result


def pool_features(maps, sizes):
    features = []
    for n in range(len(maps)):
        rows, columns = sizes[n]
        row = []
        for channel in range(maps.shape[3]):
            total = 0.0
            for i in range(rows):
                for j in range(columns):
                    total += maps[n, i, j, channel]
            row.append(total / (rows * columns))
        features.append(row)
    return features


def nearest_mean(features, y, asked):
    sums = {}
    counts = {}
    for row, label in zip(features, y):
        label = int(label)
        if label not in sums:
            sums[label] = 0
            counts[label] = 0
        sums[label] = sums[label] + row
        counts[label] += 1
    answers = []
    for row in asked:
        best = None
        for label in sums:
            difference = row - sums[label] / counts[label]
            distance = 0
            for d in difference:
                distance += d * d
            if best is None or distance < best_distance:
                best = label
                best_distance = distance
        answers.append(best)
    return answers
