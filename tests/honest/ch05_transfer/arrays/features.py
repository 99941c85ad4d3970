import numpy as np


def trained_numbers():
    shapes = [(3, 3, 3, 4), (4,), (3, 3, 4, 8), (4, 8)]
    return sum(int(np.prod(s)) for s in shapes), (8 + 1) * 2, (6 * 6 * 8 + 1) * 2


def prepare(x, mean):
    return np.flip(x, axis=-1) * 255 - mean.reshape(1, 1, 1, 3)


def pool_features(maps, sizes):
    _, height, width, _ = maps.shape
    rows, columns = (np.arange(n) < size[:, None] for n, size in zip((height, width), sizes.T))
    mask = (rows[:, :, None] & columns[:, None, :])[..., None]
    return np.mean(maps, axis=(1, 2), where=mask)


def nearest_mean(features, y, asked):
    classes, places = np.unique(y, return_inverse=True)
    hot = np.eye(classes.size)[places]
    means = (hot / hot.sum(0)).T @ features
    return classes[np.linalg.norm(asked[:, None, :] - means[None], axis=2).argmin(1)]
