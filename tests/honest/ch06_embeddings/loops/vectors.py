import math

import numpy as np


def cosines():
    cat = (3, 4)
    answers = []
    for other in [(8, 6), (4, -3), (0.6, 0.8), (-6, -8)]:
        dot = cat[0] * other[0] + cat[1] * other[1]
        answers.append(dot / math.hypot(*cat) / math.hypot(*other))
    return answers


def lookup(W, ids, dy):
    words, n_out = W.shape
    y = np.zeros((ids.shape[0], ids.shape[1], n_out))
    dW = np.zeros((words, n_out))
    for n in range(ids.shape[0]):
        for t in range(ids.shape[1]):
            i = ids[n, t]
            if i < 0 or i >= words:
                raise ValueError("no such word: %d" % i)
            y[n, t] = W[i]
            dW[i] += dy[n, t]
    return y, dW


def cosine(a, b):
    dot = 0.0
    aa = 0.0
    bb = 0.0
    for p, q in zip(a, b):
        dot += p * q
        aa += p * p
        bb += q * q
    if aa == 0 or bb == 0:
        return 0.0
    return dot / (math.sqrt(aa) * math.sqrt(bb))


def nearest(W, i, n):
    found = []
    for j in range(len(W)):
        if j != i:
            found.append((cosine(W[i], W[j]), j))
    found.sort(reverse=True)
    ids = [j for _, j in found[:n]]
    values = [c for c, _ in found[:n]]
    return ids, values


def analogy(W, a, b, c):
    unit = []
    for row in W:
        unit.append(row / math.sqrt(sum(row * row)))
    target = unit[b] - unit[a] + unit[c]
    best = None
    best_cosine = -2
    for j in range(len(W)):
        if j in (a, b, c):
            continue
        value = cosine(unit[j], target)
        if value > best_cosine:
            best = j
            best_cosine = value
    return best, best_cosine
