import jax
import jax.numpy as jnp


def adam(params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, t = state
    t = t + 1
    leaves, form = jax.tree.flatten(params)
    g_leaves = jax.tree.leaves(grads)
    m_leaves = jax.tree.leaves(m)
    v_leaves = jax.tree.leaves(v)
    new_w = []
    new_m = []
    new_v = []
    for i in range(len(leaves)):
        mi = b1 * m_leaves[i] + (1 - b1) * g_leaves[i]
        vi = b2 * v_leaves[i] + (1 - b2) * g_leaves[i] * g_leaves[i]
        m_hat = mi / (1 - b1**t)
        v_hat = vi / (1 - b2**t)
        new_w.append(leaves[i] - lr * m_hat / (jnp.sqrt(v_hat) + eps))
        new_m.append(mi)
        new_v.append(vi)
    back = lambda leaves: jax.tree.unflatten(form, leaves)
    return back(new_w), (back(new_m), back(new_v), t)


def lion(params, grads, m, lr=1e-4, b1=0.9, b2=0.99, decay=0.0):
    def new_w(w, g, m):
        c = b1 * m + (1 - b1) * g
        direction = jnp.where(c > 0, 1.0, jnp.where(c < 0, -1.0, 0.0))
        return w - lr * direction - lr * decay * w

    def new_m(g, m):
        return b2 * m + (1 - b2) * g

    return jax.tree.map(new_w, params, grads, m), jax.tree.map(new_m, grads, m)


def warmup_cosine(t, lr, warmup, total):
    up = lr * (t + 1) / warmup
    part = (t - warmup) / (total - warmup)
    down = lr * 0.5 * (1 + jnp.cos(jnp.pi * part))
    rate = jnp.where(t < warmup, up, down)
    return jnp.where(t > total, 0.0, rate)
