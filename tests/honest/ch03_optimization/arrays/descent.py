import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, vmap

largest_rate = lambda curvatures: np.reciprocal(np.asarray(curvatures, float)).min()


def partials():
    here, direction = np.array([2.0, 1.0, -1.0]), np.array([2.0, -1.0, 1.0])
    slopes = 2 * (direction @ here - 3) * direction
    return slopes, here - slopes / 10


def restarts(loss, starts, lr, steps):
    slopes = vmap(jax.grad(loss))
    ends, _ = lax.scan(lambda ws, _: (ws - lr * slopes(ws), None), starts, None, steps)
    values = vmap(loss)(ends)
    order = jnp.argsort(values)  # NaN comes last
    return ends[order[0]], values[order[0]]


def momentum(slope, w, lr, r, steps):
    path = np.empty((steps + 1, w.size))
    path[0], v = w, np.zeros(w.size)
    for t in range(steps):
        v = r * v - lr * slope(path[t])
        path[t + 1] = path[t] + v
    return path
