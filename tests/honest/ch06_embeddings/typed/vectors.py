"""第六章:字的向量。"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(eq=False)
class Table:
    W: np.ndarray

    @cached_property
    def unit(self) -> np.ndarray:
        norms = np.sqrt((self.W**2).sum(axis=1, keepdims=True))
        norms[norms == 0] = 1.0  # 填充字沒有方向
        return self.W / norms

    def cosines(self, v: np.ndarray) -> np.ndarray:
        norm = np.sqrt(v @ v)
        return self.unit @ (v / norm if norm > 0 else v)


def cosines() -> tuple[float, float, float, float]:
    return 48 / 50, 0.0, 1.0, -1.0


def lookup(W: np.ndarray, ids: np.ndarray, dy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    for i in set(ids.flatten().tolist()):
        if not 0 <= i < W.shape[0]:
            raise ValueError(f"沒有第 {i} 列")
    dW = np.zeros(W.shape, dtype=np.float64)
    for i in np.unique(ids):
        dW[i] = dy[ids == i].sum(axis=0)
    return W[ids, :], dW


def nearest(W: np.ndarray, i: int, n: int):
    scores = Table(W).cosines(W[i])
    ranked = sorted(range(len(W)), key=lambda j: scores[j], reverse=True)
    ranked.remove(i)
    print("nearest:", ranked[:n])
    return np.array(ranked[:n]), np.array([scores[j] for j in ranked[:n]])


def analogy(W: np.ndarray, a: int, b: int, c: int) -> tuple[int, float]:
    table = Table(W)
    scores = table.cosines(table.unit[c] + (table.unit[b] - table.unit[a]))
    candidates = [j for j in range(len(W)) if j not in {a, b, c}]
    winner = max(candidates, key=scores.__getitem__)
    return winner, float(scores[winner])
