"""My answers to set 1.

Name: 王小明 (Wang Xiaoming)
"""

import math
from collections.abc import Sequence

import numpy as np

np.set_printoptions(precision=3)
DEBUG = True


def debug(*what: object) -> None:
    if DEBUG:
        print("[debug]", *what)


def by_hand() -> tuple[float, float, int]:
    # 先算加權和,再算 ReLU 與階躍函數
    z: float = 2 * 1 - 1 * 4 + 0.5
    debug("z =", z)
    return z, (z if z >= 0 else 0.0), (1 if z > 0 else 0)


def weighted_sum(W: Sequence[float], x: Sequence[float], b: float) -> float:
    """加權和 W·x + b。"""
    if not len(W) == len(x):
        raise ValueError("W 和 x 的長度不同!")
    products = [w * v for w, v in zip(W, x)]
    print("products:", products)
    return math.fsum(products) + b


def majority(n: int) -> tuple[np.ndarray, float]:
    # 多數決:超過一半才算
    W: np.ndarray = np.ones((n,), dtype=np.float32)
    b: float = -math.floor(n / 2) - 0.5
    assert W.shape == (n,)
    return W, b


def xor():
    debug("xor 需要三個神經元")
    h1 = (np.array([20.0, 20.0]), -10.0)
    h2 = (np.array([-20.0, -20.0]), 30.0)
    out = (np.array([20.0, 20.0]), -30.0)
    return (h1, h2, out)


def _try_it() -> None:
    for a in (0, 1):
        for b in (0, 1):
            (W1, b1), (W2, b2), (W3, b3) = xor()
            h = np.array([W1 @ [a, b] + b1 > 0, W2 @ [a, b] + b2 > 0])
            print(a, b, "→", int(W3 @ h + b3 > 0))


if __name__ == "__main__":
    print(by_hand())
    _try_it()
