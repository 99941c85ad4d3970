import numpy as np


def cosines():
    V = np.array([[3, 4], [8, 6], [4, -3], [0.6, 0.8], [-6, -8]], float)
    U = V / np.linalg.norm(V, axis=1, keepdims=True)
    return tuple(U[1:] @ U[0])


def lookup(W, ids, dy):
    if np.any((ids < 0) | (ids >= W.shape[0])):
        raise ValueError(f"ids must be in [0, {W.shape[0]})")
    flat = ids.ravel()
    columns = dy.reshape(flat.size, -1).T
    dW = np.stack([np.bincount(flat, weights=column, minlength=len(W)) for column in columns], axis=1)
    return np.take(W, ids, axis=0), dW


def nearest(W, i, n):
    with np.errstate(invalid="ignore", divide="ignore"):
        cosines = np.nan_to_num(W @ W[i] / np.linalg.norm(W, axis=1) / np.linalg.norm(W[i]))
    cosines[i] = -np.inf
    top = np.argpartition(-cosines, n - 1)[:n]
    top = top[np.argsort(-cosines[top])]
    return top, cosines[top]


def analogy(W, a, b, c):
    U = W / np.sqrt(np.einsum("wn,wn->w", W, W))[:, None]
    d = U[b] + U[c] - U[a]
    scores = np.ma.array(U @ (d / np.linalg.norm(d)), mask=np.isin(np.arange(len(W)), [a, b, c]))
    return int(scores.argmax()), float(scores.max())
