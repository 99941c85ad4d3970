import numpy as np


def graph_by_hand():
    return [np.float64(number) for number in (10, 11, 4, 2)]


def dense_backward(x, W, dz):
    return np.einsum("bo,io->bi", dz, W), np.einsum("bi,bo->io", x, dz), np.einsum("bo->o", dz)


def backward(params, x, y):
    masks, inputs, h = [], [], x
    for number, (W, b) in enumerate(params, 1):
        inputs.append(h)
        z = h @ W + b
        masks.append(z > 0)
        h = z * masks[-1] if number < len(params) else z
    exp = np.exp(h - h.max(1, keepdims=True))
    dz = (exp / exp.sum(1, keepdims=True) - np.eye(h.shape[1])[y]) / y.size
    grads = []
    for (W, _), into, mask in zip(params[::-1], inputs[::-1], [np.True_, *masks[-2::-1]], strict=True):
        dz = dz * mask
        dz, *grad = dense_backward(into, W, dz)
        grads.append(tuple(grad))
    return list(reversed(grads))


def numerical_gradient(f, x, h):
    moves = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([f(x + move) - f(x - move) for move in moves]).reshape(x.shape) / (2 * h)
