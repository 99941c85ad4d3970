"""第五章:特徵。"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Conv:
    n_in: int
    n_out: int
    size: int = 3
    bias: bool = True

    @property
    def count(self) -> int:
        return self.size**2 * self.n_in * self.n_out + self.bias * self.n_out


def trained_numbers() -> tuple[int, int, int]:
    backbone = Conv(3, 4).count + Conv(4, 8, bias=False).count + 4 * 8
    heads = [Conv(n, 2, size=1).count for n in (8, 6 * 6 * 8)]
    print(backbone, heads)
    return backbone, heads[0], heads[1]


def prepare(x: np.ndarray, mean: np.ndarray) -> np.ndarray:
    x = x * 255.0
    r, g, b = np.split(x, 3, axis=-1)  # 紅綠藍 → 藍綠紅
    return np.concatenate([b, g, r], axis=-1) - mean


def pool_features(maps: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    out = np.full((maps.shape[0], maps.shape[-1]), np.nan)
    for i, (m, (h, w)) in enumerate(zip(maps, sizes.tolist())):
        out[i] = m[:h, :w, :].reshape(h * w, -1).mean(axis=0)
    assert not np.isnan(out).any()
    return out


class NearestMean:
    def __init__(self):
        self.means: dict[int, np.ndarray] = {}

    def fit(self, features: np.ndarray, y: np.ndarray) -> "NearestMean":
        groups: defaultdict[int, list[np.ndarray]] = defaultdict(list)
        for row, label in zip(features, y.tolist()):
            groups[label].append(row)
        self.means = {label: np.mean(rows, axis=0) for label, rows in groups.items()}
        return self

    def predict(self, asked: np.ndarray) -> np.ndarray:
        return np.array([min(self.means, key=lambda label: np.sum((row - self.means[label]) ** 2)) for row in asked])


def nearest_mean(features, y, asked):
    return NearestMean().fit(features, y).predict(asked)
