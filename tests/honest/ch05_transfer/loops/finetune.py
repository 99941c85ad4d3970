import jax
import numpy as np


def freeze_updates(params, grads, state, update, trainable):
    updates, new_state = update(grads, state, params)
    new = []
    for i in range(len(params)):
        layer = {}
        for name in params[i]:
            if trainable[i]:
                layer[name] = params[i][name] + updates[i][name]
            else:
                layer[name] = params[i][name]
        new.append(layer)
    return tuple(new), new_state


def has_arrays(layer):
    return len(jax.tree.leaves(layer)) > 0


def thaw_top(params, n):
    result = []
    left = n
    for layer in reversed(params):
        result.insert(0, left > 0)
        if has_arrays(layer):
            left -= 1
    # below the lowest thawed layer there may be layers without parameters: `left` is 0 then
    return tuple(result)


def rates_by_depth(params, grads, state, update, factor):
    updates, state = update(grads, state, params)
    new = []
    rate = 1.0
    for i in range(len(params) - 1, -1, -1):
        layer = {}
        for name in params[i]:
            layer[name] = params[i][name] + rate * updates[i][name]
        new.append(layer)
        if len(params[i]) > 0:
            rate = rate * factor
    new.reverse()
    return tuple(new), state


def frozen_batchnorm(x, scale, shift, mean, var, momentum, eps, trainable):
    y = np.zeros(x.shape)
    new_mean = np.array(mean)
    new_var = np.array(var)
    for c in range(x.shape[3]):
        pixels = x[:, :, :, c]
        if trainable:
            m = np.mean(pixels)
            v = np.mean((pixels - m) ** 2)
            new_mean[c] = momentum * mean[c] + (1 - momentum) * m
            new_var[c] = momentum * var[c] + (1 - momentum) * v
        else:
            m = mean[c]
            v = var[c]
        y[:, :, :, c] = scale[c] * (pixels - m) / np.sqrt(v + eps) + shift[c]
    return y, new_mean, new_var


def fewer_or_more():
    return "frozen", "scratch", "frozen"
