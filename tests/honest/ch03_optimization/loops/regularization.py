import jax
import jax.numpy as jnp
import numpy as np


def early_stop(losses, patience):
    best = 0
    waited = 0
    epoch = 0
    while True:
        if epoch > 0:
            if losses[epoch] < losses[best]:
                best = epoch
                waited = 0
            else:
                waited += 1
        if waited == patience:
            break
        if epoch == len(losses) - 1:
            break
        epoch += 1
    return epoch, best


def l1_step(w, gradient, lr, rate):
    new = np.array(w, dtype=float)
    for place in np.ndindex(new.shape):
        value = new[place] - lr * gradient[place]
        if value > lr * rate:
            new[place] = value - lr * rate
        elif value < -lr * rate:
            new[place] = value + lr * rate
        else:
            new[place] = 0.0
    return new


def dropout(x, rate, key=None):
    if key is None:
        return x
    u = jax.random.uniform(key, x.shape)
    return (u >= rate) * x / (1 - rate)


def batch_norm(x, scale, shift, mean, var, momentum, eps):
    n, features = x.shape
    y = np.zeros((n, features))
    new_mean = []
    new_var = []
    for j in range(features):
        m = sum(x[:, j]) / n
        s = 0.0
        for i in range(n):
            s += (x[i, j] - m) ** 2 / n
        for i in range(n):
            y[i, j] = scale[j] * (x[i, j] - m) / (s + eps) ** 0.5 + shift[j]
        new_mean.append(momentum * mean[j] + (1 - momentum) * m)
        new_var.append(momentum * var[j] + (1 - momentum) * s)
    return y, new_mean, new_var
