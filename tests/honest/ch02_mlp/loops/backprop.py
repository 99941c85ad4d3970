import numpy as np


def graph_by_hand():
    a = 2
    b = 3
    c = -1
    u = a * b
    v = u + c
    w = max(v, 0)
    f = w * a
    df_dw = a
    df_dv = df_dw if v > 0 else 0
    df_du = df_dv
    df_da = w + df_du * b
    return f, df_da, df_du * a, df_dv


def dense_backward(x, W, dz):
    batch = len(x)
    n_in, n_out = W.shape
    dx = np.zeros((batch, n_in))
    dW = np.zeros((n_in, n_out))
    db = np.zeros(n_out)
    for n in range(batch):
        for j in range(n_out):
            db[j] += dz[n, j]
            for i in range(n_in):
                dx[n, i] += dz[n, j] * W[i, j]
                dW[i, j] += dz[n, j] * x[n, i]
    return dx, dW, db


def backward(params, x, y):
    hs = [x]
    for W, b in params[:-1]:
        z = np.dot(hs[-1], W) + b
        z[z < 0] = 0
        hs.append(z)
    W, b = params[-1]
    scores = np.dot(hs[-1], W) + b
    dz = np.zeros(scores.shape)
    for n in range(len(y)):
        e = np.exp(scores[n] - max(scores[n]))
        dz[n] = e / sum(e)
        dz[n, y[n]] -= 1
        dz[n] /= len(y)
    grads = []
    i = len(params) - 1
    while i >= 0:
        dh, dW, db = dense_backward(hs[i], params[i][0], dz)
        grads.insert(0, (dW, db))
        if i > 0:
            for n in range(dh.shape[0]):
                for j in range(dh.shape[1]):
                    if hs[i][n, j] == 0:
                        dh[n, j] = 0
        dz = dh
        i -= 1
    return grads


def numerical_gradient(f, x, h):
    copy = np.array(x, dtype=float)
    result = np.zeros(copy.shape)
    flat = copy.reshape(-1)
    out = result.reshape(-1)
    for i in range(len(flat)):
        old = flat[i]
        flat[i] = old + h
        up = f(copy)
        flat[i] = old - h
        down = f(copy)
        flat[i] = old
        out[i] = (up - down) / (2 * h)
    return result
