import math

import jax
import jax.numpy as jnp
import numpy as np


def sigmoid(z):
    if z > 0:
        return 1 / (1 + math.exp(-z))
    e = math.exp(z)
    return e / (1 + e)


def sums(params, h, x, column):
    z = params["b"][column]
    for i in range(len(x)):
        z += x[i] * params["Wx"][i, column]
    for i in range(len(h)):
        z += h[i] * params["Wh"][i, column]
    return z


def lstm_cell(params, carry, x):
    h, c = carry
    batch, n = h.shape
    new_h = np.zeros((batch, n))
    new_c = np.zeros((batch, n))
    for row in range(batch):
        for k in range(n):
            i = sigmoid(sums(params, h[row], x[row], k))
            f = sigmoid(sums(params, h[row], x[row], n + k))
            g = math.tanh(sums(params, h[row], x[row], 2 * n + k))
            o = sigmoid(sums(params, h[row], x[row], 3 * n + k))
            new_c[row, k] = f * c[row, k] + i * g
            new_h[row, k] = o * math.tanh(new_c[row, k])
    return new_h, new_c


def gru_cell(params, h, x):
    batch, n = h.shape
    new = np.zeros((batch, n))
    for row in range(batch):
        reset = []
        for k in range(n):
            reset.append(sigmoid(sums(params, h[row], x[row], k)) * h[row, k])
        for k in range(n):
            u = sigmoid(sums(params, h[row], x[row], n + k))
            g = math.tanh(sums(params, reset, x[row], 2 * n + k))
            new[row, k] = u * h[row, k] + (1 - u) * g
    return new


def masked_scan(step, carry, x, mask):
    def body(carry, t):
        real = mask[:, t].reshape(-1, 1)
        new_carry, y = step(carry, x[:, t])
        kept = []
        for new, old in zip(new_carry, carry):
            kept.append(jnp.where(real, new, old))
        return tuple(kept), jnp.where(real, y, 0.0)

    carry, ys = jax.lax.scan(body, carry, jnp.arange(x.shape[1]))
    return carry, jnp.transpose(ys, (1, 0, 2))


def both_ways(there, back, x, lengths):
    all_states = []
    summaries = []
    for row in range(len(x)):
        length = lengths[row]
        real = [x[row, t] for t in range(length)]
        forwards = there(np.array(real))
        backwards = back(np.array(real[::-1]))
        n = len(forwards[0])
        states = np.zeros((x.shape[1], 2 * n))
        for t in range(length):
            states[t, :n] = forwards[t]
            states[t, n:] = backwards[length - 1 - t]
        all_states.append(states)
        summaries.append(list(forwards[length - 1]) + list(backwards[length - 1]))
    return np.array(all_states), np.array(summaries)
