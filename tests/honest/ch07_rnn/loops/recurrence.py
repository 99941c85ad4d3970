import math

import jax
import jax.numpy as jnp
import numpy as np


def count_parameters():
    n_in = 5
    n = 3
    one = n_in * n + n * n + n
    return one, one, one * 4, one * 3


def unroll(params, x, h):
    Wx = params["Wx"]
    Wh = params["Wh"]
    b = params["b"]
    batch, time, n_in = x.shape
    n = len(b)
    states = np.zeros((batch, time, n))
    for row in range(batch):
        before = h[row]
        for t in range(time):
            now = []
            for k in range(n):
                z = b[k]
                for i in range(n_in):
                    z += x[row, t, i] * Wx[i, k]
                for i in range(n):
                    z += before[i] * Wh[i, k]
                now.append(math.tanh(z))
            states[row, t] = now
            before = now
    return states


def bptt(w, u, x, h0, dh):
    h = h0
    states = []
    for value in x:
        h = math.tanh(w * value + u * h)
        states.append(h)
    dw = 0
    du = 0
    back = 0
    t = len(x) - 1
    while t >= 0:
        total = dh[t] + back
        dz = total * (1 - states[t] * states[t])
        dw += dz * x[t]
        if t > 0:
            du += dz * states[t - 1]
        else:
            du += dz * h0
        back = dz * u
        t -= 1
    return dw, du, back


def predict_fading(step, x):
    def last(x):
        h = 0.0
        for t in range(len(x)):
            h = step(h, x[t])
        return h

    return ("gone", "exploded", "gone", "there"), jnp.abs(jax.jit(jax.grad(last))(x))


def clip_global(grads, limit):
    total = 0.0
    for name in grads:
        for number in np.ravel(grads[name]):
            total += float(number) ** 2
    norm = math.sqrt(total)
    new = {}
    for name in grads:
        if norm > limit:
            new[name] = grads[name] * limit / norm
        else:
            new[name] = grads[name]
    return new, norm
