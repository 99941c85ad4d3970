"""Wrong answers to chapter 3 that real people give, and what a good teacher says.

Each is complete in itself: it is called on the inputs on which a learner's answer failed.
"""

import jax
import jax.numpy as jnp
import numpy as np

from deepbook.course.mistakes import mistake

# ------------------------------------------------------------------ partials


@mistake(
    "partials",
    "The slopes lack the chain rule's last factor: e² has the slope 2e, times what stands in front of the parameter.",
)
def partials_without_the_inner_slope():
    return (-2.0, -2.0, -2.0), (2.2, 1.2, -0.8)


@mistake("partials", "The 2 of the square is missing: the slope of e² is 2e, not e.")
def partials_without_the_two():
    return (-2.0, 1.0, -1.0), (2.2, 0.9, -0.9)


@mistake("partials", "w2 stands with a minus in the brackets, so its slope has the other sign.")
def partials_minus_lost():
    return (-4.0, -2.0, -2.0), (2.4, 1.2, -0.8)


@mistake(
    "partials", "All your slopes have the wrong sign. Fill the brackets once more: b1 + 2·w1 − w2 − 3, with b1 = −1."
)
def partials_brackets_turned():
    return (4.0, -2.0, 2.0), (1.6, 1.2, -1.2)


@mistake("partials", "Your three slopes are right. The step goes uphill: subtract 0.1 times the slope.")
def partials_uphill():
    return (-4.0, 2.0, -2.0), (1.6, 1.2, -1.2)


@mistake("partials", "Your three slopes are right. In the step the learning rate is missing: move by 0.1 of the slope.")
def partials_without_rate():
    return (-4.0, 2.0, -2.0), (6.0, -1.0, 1.0)


@mistake("partials", "The right numbers in another order: both answers go w1, w2, b1.")
def partials_bias_first():
    return (-2.0, -4.0, 2.0), (-0.8, 2.4, 0.8)


@mistake("partials", "Your second result is how far the step goes. Return where it leads.")
def partials_step_alone():
    return (-4.0, 2.0, -2.0), (0.4, -0.2, 0.2)


# ------------------------------------------------------------------ largest_rate


@mistake(
    "largest_rate",
    "With this rate the steepest parameter is at 0 after one step: the best rate for it, not the edge. Go on: beyond it w "
    "jumps over 0, and still comes nearer.",
)
def largest_rate_lands_at_once(curvatures):
    return 1 / (2 * np.max(curvatures))


@mistake("largest_rate", "The slope of c·w² is 2·c·w. The 2 is missing in yours, so your edge is twice too high.")
def largest_rate_slope_without_two(curvatures):
    return 2 / np.max(curvatures)


@mistake(
    "largest_rate",
    "The flattest axis could bear this rate. But there is one rate for all, and the steepest axis flies away first.",
)
def largest_rate_of_the_flattest(curvatures):
    return 1 / np.min(curvatures)


@mistake("largest_rate", "The mean of the curvatures does not decide: each axis walks by itself, and one is enough.")
def largest_rate_of_the_mean(curvatures):
    return 1 / np.mean(curvatures)


@mistake("largest_rate", "You add up the curvatures. The axes do not disturb one another: each has an edge of its own.")
def largest_rate_of_the_sum(curvatures):
    return 1 / np.sum(curvatures)


@mistake("largest_rate", "One number is wanted, for all parameters at once; you give an edge for each of them.")
def largest_rate_for_each(curvatures):
    return 1 / curvatures


@mistake("largest_rate", "The steeper the valley, the smaller the steps must be: turn the fraction round.")
def largest_rate_upside_down(curvatures):
    return np.max(curvatures)


# ------------------------------------------------------------------ momentum


def ball(slope, w, lr, r, steps, move):
    """The path of a ball; move(slope, w, v, lr, r) gives the new (w, v)."""
    v, path = np.zeros(len(w)), [w]
    for _ in range(steps):
        w, v = move(slope, w, v, lr, r)
        path.append(w)
    return np.array(path)


@mistake("momentum", "Your ball rolls uphill: the slope is subtracted from the speed, lr times.")
def momentum_uphill(slope, w, lr, r, steps):
    return ball(slope, w, lr, r, steps, lambda s, w, v, lr, r: (w + r * v + lr * s(w), r * v + lr * s(w)))


@mistake(
    "momentum",
    "This is plain gradient descent: nothing of the old speed is left. Is v set to zero inside the loop, or r·v missing?",
)
def momentum_forgets(slope, w, lr, r, steps):
    return ball(slope, w, lr, 0.0, steps, lambda s, w, v, lr, r: (w - lr * s(w), v))


@mistake("momentum", "The ball moves with the old speed. First v changes, then w moves with the new v.")
def momentum_moves_first(slope, w, lr, r, steps):
    return ball(slope, w, lr, r, steps, lambda s, w, v, lr, r: (w + v, r * v - lr * s(w)))


@mistake("momentum", "The learning rate is used twice: it is in v already, so w moves by v itself.")
def momentum_rate_twice(slope, w, lr, r, steps):
    return ball(
        slope, w, lr, r, steps, lambda s, w, v, lr, r: (w + lr * (r * v - lr * s(w)), r * v - lr * s(w))
    )  # fmt: skip


@mistake(
    "momentum", "Your v is a running mean, with (1 − r) before the slope, as in Adam. Here the slope counts in full."
)
def momentum_as_a_mean(slope, w, lr, r, steps):
    def move(s, w, v, lr, r):
        v = r * v - (1 - r) * lr * s(w)
        return w + v, v

    return ball(slope, w, lr, r, steps, move)


@mistake(
    "momentum",
    "You take the slope where the ball would be after r·v: that is Nesterov's momentum. Here it is taken where the ball is.",
)
def momentum_of_nesterov(slope, w, lr, r, steps):
    def move(s, w, v, lr, r):
        v = r * v - lr * s(w + r * v)
        return w + v, v

    return ball(slope, w, lr, r, steps, move)


@mistake(
    "momentum",
    "All points of your path are the same: `w += v` changes the very array that is in the list. Write `w = w + v`.",
)
def momentum_of_one_array(slope, w, lr, r, steps):
    w, v = w.copy(), np.zeros(len(w))
    path = [w]
    for _ in range(steps):
        v = r * v - lr * slope(w)
        w += v
        path.append(w)
    return np.array(path)


def rolled(slope, w, lr, r, steps):
    def move(s, w, v, lr, r):
        v = r * v - lr * s(w)
        return w + v, v

    return ball(slope, w, lr, r, steps, move)


@mistake("momentum", "The path lacks its first point, the start.")
def momentum_without_the_start(slope, w, lr, r, steps):
    return rolled(slope, w, lr, r, steps)[1:]


@mistake("momentum", "You return where the ball ends. The whole path is wanted: keep every w in a list.")
def momentum_only_the_end(slope, w, lr, r, steps):
    return rolled(slope, w, lr, r, steps)[-1]


# ------------------------------------------------------------------ restarts


def ends_of(loss, starts, lr, steps):
    """Where the walks end, and their losses there."""
    slopes = jax.vmap(jax.grad(loss))
    for _ in range(min(steps, 50)):
        starts = starts - lr * slopes(starts)
    return starts, jax.vmap(loss)(starts)


@mistake("restarts", "You choose the end with the HIGHEST loss: argmin, not argmax.")
def restarts_highest(loss, starts, lr, steps):
    ends, values = ends_of(loss, starts, lr, steps)
    return ends[jnp.argmax(values)], jnp.max(values)


@mistake(
    "restarts",
    "You choose by the loss at the start. Where one begins says little about where one ends: take the loss of the ends.",
)
def restarts_by_the_start(loss, starts, lr, steps):
    ends, values = ends_of(loss, starts, lr, steps)
    best = jnp.argmin(jax.vmap(loss)(starts))
    return ends[best], values[best]


@mistake("restarts", "The right one wins, but you return where it started. Return where it ended.")
def restarts_gives_the_start(loss, starts, lr, steps):
    _, values = ends_of(loss, starts, lr, steps)
    return starts[jnp.argmin(values)], jnp.min(values)


@mistake("restarts", "You take the mean of all ends: between two valleys there is a hill. One of the ends is wanted.")
def restarts_mean(loss, starts, lr, steps):
    w = ends_of(loss, starts, lr, steps)[0].mean(axis=0)
    return w, loss(w)


@mistake("restarts", "The first start wins every time: were the losses of the ends compared?")
def restarts_first(loss, starts, lr, steps):
    ends, values = ends_of(loss, starts, lr, steps)
    return ends[0], values[0]


@mistake("restarts", "You walk uphill: subtract lr times the gradient.")
def restarts_uphill(loss, starts, lr, steps):
    ends, values = ends_of(loss, starts, -lr, steps)
    return ends[jnp.nanargmin(values)], jnp.nanmin(values)


@mistake("restarts", "All ends come back. Only the one with the lowest loss is wanted, and its loss.")
def restarts_all(loss, starts, lr, steps):
    return ends_of(loss, starts, lr, steps)


@mistake("restarts", "You return the number of the best start. What is wanted is its end: `ends[best]`.")
def restarts_gives_the_place(loss, starts, lr, steps):
    _, values = ends_of(loss, starts, lr, steps)
    return jnp.argmin(values), jnp.min(values)


@mistake(
    "restarts",
    "This is where the winner was one step before the end: value_and_grad gives the loss BEFORE its step. Take the loss anew, "
    "of the ends.",
)
def restarts_one_step_short(loss, starts, lr, steps):
    ends, values = ends_of(loss, starts, lr, steps - 1)
    best = jnp.nanargmin(values)
    return ends[best], values[best]


@mistake(
    "restarts",
    "A start that ended in NaN has won: jnp.argmin gives the place of a NaN, if there is one. See jnp.nanargmin.",
)
def restarts_nan_wins(loss, starts, lr, steps):
    ends, values = ends_of(loss, starts, lr, steps)
    best = jnp.argmin(values)
    return ends[best], values[best]


# ------------------------------------------------------------------ adam


def moments(grads, state, b1, b2, part=lambda b: 1 - b, square=jnp.square):
    """m, v and t after one more gradient."""
    m, v, t = state
    m = jax.tree.map(lambda m, g: b1 * m + part(b1) * g, m, grads)
    v = jax.tree.map(lambda v, g: b2 * v + part(b2) * square(g), v, grads)
    return m, v, t + 1


@mistake(
    "adam",
    "The correction is missing: m and v begin at 0, so at first they are far too small. Divide them by 1 − b1ᵗ and 1 − b2ᵗ.",
)
def adam_without_correction(params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, t = moments(grads, state, b1, b2)
    return jax.tree.map(lambda w, m, v: w - lr * m / (jnp.sqrt(v) + eps), params, m, v), (m, v, t)


@mistake("adam", "Only m is corrected. v begins at 0 as well: divide it by 1 − b2ᵗ.")
def adam_corrects_m_only(params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, t = moments(grads, state, b1, b2)
    return jax.tree.map(lambda w, m, v: w - lr * m / (1 - b1**t) / (jnp.sqrt(v) + eps), params, m, v), (m, v, t)


def corrected(params, m, v, t, lr, b1, b2, eps):
    return jax.tree.map(lambda w, m, v: w - lr * (m / (1 - b1**t)) / (jnp.sqrt(v / (1 - b2**t)) + eps), params, m, v)


@mistake("adam", "eps stands inside the root. It belongs outside: √(…) + eps.")
def adam_eps_inside(params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, t = moments(grads, state, b1, b2)

    def step(w, m, v):
        return w - lr * (m / (1 - b1**t)) / jnp.sqrt(v / (1 - b2**t) + eps)

    return jax.tree.map(step, params, m, v), (m, v, t)


@mistake(
    "adam", "The correction uses the old t. At the first step that is 0, and 1 − b⁰ is 0. Take t ← t + 1 before it."
)
def adam_with_the_old_t(params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, t = moments(grads, state, b1, b2)
    return corrected(params, m, v, t - 1, lr, b1, b2, eps), (m, v, t)


@mistake(
    "adam", "The step is right, but the new state still has the old t: the next step will be corrected as the first."
)
def adam_t_stands_still(params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, t = moments(grads, state, b1, b2)
    return corrected(params, m, v, t, lr, b1, b2, eps), (m, v, t - 1)


@mistake("adam", "You walk uphill: the step is subtracted from w.")
def adam_uphill(params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, t = moments(grads, state, b1, b2)
    return corrected(params, m, v, t, -lr, b1, b2, eps), (m, v, t)


@mistake("adam", "The root is missing: v is a mean of squares, so divide by √v.")
def adam_without_root(params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, t = moments(grads, state, b1, b2)
    step = lambda w, m, v: w - lr * (m / (1 - b1**t)) / (v / (1 - b2**t) + eps)  # noqa: E731
    return jax.tree.map(step, params, m, v), (m, v, t)


@mistake(
    "adam", "v should remember the SQUARES of the gradients; yours remembers the gradients, and the root gives NaN."
)
def adam_without_squares(params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, t = moments(grads, state, b1, b2, square=lambda g: g)
    return corrected(params, m, v, t, lr, b1, b2, eps), (m, v, t)


@mistake("adam", "b1 and b2 have changed places: b1 belongs to m, b2 to v.")
def adam_rates_swapped(params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, t = moments(grads, state, b2, b1)
    return corrected(params, m, v, t, lr, b2, b1, eps), (m, v, t)


@mistake(
    "adam",
    "You keep the corrected m and v in the state, so the next step corrects them again. Correct them for the step only.",
)
def adam_keeps_the_corrected(params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, t = moments(grads, state, b1, b2)
    new = corrected(params, m, v, t, lr, b1, b2, eps)
    return new, (jax.tree.map(lambda m: m / (1 - b1**t), m), jax.tree.map(lambda v: v / (1 - b2**t), v), t)


@mistake("adam", "The new gradient counts in full. In a running mean it counts (1 − b1), and its square (1 − b2).")
def adam_adds_up(params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, t = moments(grads, state, b1, b2, part=lambda b: 1)
    return corrected(params, m, v, t, lr, b1, b2, eps), (m, v, t)


@mistake("adam", "What you return first is the change alone. Return the new params: add it to the old ones.")
def adam_gives_the_change(params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, t = moments(grads, state, b1, b2)
    return corrected(jax.tree.map(jnp.zeros_like, params), m, v, t, lr, b1, b2, eps), (m, v, t)


@mistake("adam", "Only the new params come back. The next step needs the new state too: `return params, (m, v, t)`.")
def adam_params_only(params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, t = moments(grads, state, b1, b2)
    return corrected(params, m, v, t, lr, b1, b2, eps)


@mistake("adam", "v remembers with b1, as m does. It has a rate of its own, b2.")
def adam_one_rate(params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, t = moments(grads, state, b1, b1)
    return corrected(params, m, v, t, lr, b1, b2, eps), (m, v, t)


@mistake(
    "adam",
    "The correction is 1 − bᵗ: b to the power of t, taken from 1. Yours is (1 − b)ᵗ, right at the first step only.",
)
def adam_power_of_the_rest(params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, t = moments(grads, state, b1, b2)
    step = lambda w, m, v: w - lr * (m / (1 - b1) ** t) / (jnp.sqrt(v / (1 - b2) ** t) + eps)  # noqa: E731
    return jax.tree.map(step, params, m, v), (m, v, t)


@mistake(
    "adam",
    "You correct the learning rate in place of m and v, a short form from the paper. Its eps is another one: yours is added "
    "to √v before the correction, and here it comes after it.",
)
def adam_short_form(params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, t = moments(grads, state, b1, b2)
    rate = lr * jnp.sqrt(1 - b2**t) / (1 - b1**t)
    return jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + eps), params, m, v), (m, v, t)


# ------------------------------------------------------------------ lion


def mean_of(m, g, b):
    """The running mean of two trees."""
    return jax.tree.map(lambda m, g: b * m + (1 - b) * g, m, g)


def pounce(params, direction, lr, decay):
    """A step of the same length for every weight."""
    return jax.tree.map(lambda w, c: w - lr * (jnp.sign(c) + decay * w), params, direction)


@mistake("lion", "The sign is missing: every weight moves by lr, whether its gradient is large or small.")
def lion_without_sign(params, grads, m, lr=1e-4, b1=0.9, b2=0.99, decay=0.0):
    c = mean_of(m, grads, b1)
    return jax.tree.map(lambda w, c: w - lr * (c + decay * w), params, c), mean_of(m, grads, b2)


@mistake("lion", "You remember the mean with b1. It is for the step only; what is remembered is the mean with b2.")
def lion_one_mean(params, grads, m, lr=1e-4, b1=0.9, b2=0.99, decay=0.0):
    return pounce(params, mean_of(m, grads, b1), lr, decay), mean_of(m, grads, b1)


@mistake("lion", "You take the sign of the new m. The step has a mean of its own, with b1.")
def lion_sign_of_m(params, grads, m, lr=1e-4, b1=0.9, b2=0.99, decay=0.0):
    m = mean_of(m, grads, b2)
    return pounce(params, m, lr, decay), m


@mistake("lion", "m is renewed too early: the step mixes g with the m from before.")
def lion_m_renewed_first(params, grads, m, lr=1e-4, b1=0.9, b2=0.99, decay=0.0):
    m = mean_of(m, grads, b2)
    return pounce(params, mean_of(m, grads, b1), lr, decay), m


@mistake("lion", "b1 and b2 have changed places: b1 is for the step, b2 for what is remembered.")
def lion_rates_swapped(params, grads, m, lr=1e-4, b1=0.9, b2=0.99, decay=0.0):
    return pounce(params, mean_of(m, grads, b2), lr, decay), mean_of(m, grads, b1)


@mistake("lion", "You take the sign of the gradient alone. It is the sign of a mean, in which m has the weight b1.")
def lion_sign_of_g(params, grads, m, lr=1e-4, b1=0.9, b2=0.99, decay=0.0):
    return pounce(params, grads, lr, decay), mean_of(m, grads, b2)


@mistake("lion", "The decay is missing: W also shrinks by lr · decay · w.")
def lion_without_decay(params, grads, m, lr=1e-4, b1=0.9, b2=0.99, decay=0.0):
    return pounce(params, mean_of(m, grads, b1), lr, 0.0), mean_of(m, grads, b2)


@mistake("lion", "The decay stands inside the sign, where its size is lost. Add decay·w after the sign.")
def lion_decay_inside(params, grads, m, lr=1e-4, b1=0.9, b2=0.99, decay=0.0):
    c = jax.tree.map(lambda c, w: c + decay * w, mean_of(m, grads, b1), params)
    return pounce(params, c, lr, 0.0), mean_of(m, grads, b2)


@mistake("lion", "The decay is not multiplied by lr: w would shrink by decay·w at every step. Look at the brackets.")
def lion_decay_in_full(params, grads, m, lr=1e-4, b1=0.9, b2=0.99, decay=0.0):
    new = pounce(params, mean_of(m, grads, b1), lr, 0.0)
    return jax.tree.map(lambda n, w: n - decay * w, new, params), mean_of(m, grads, b2)


@mistake("lion", "You walk uphill: subtract lr times the sign.")
def lion_uphill(params, grads, m, lr=1e-4, b1=0.9, b2=0.99, decay=0.0):
    c = mean_of(m, grads, b1)
    new = jax.tree.map(lambda w, c: w + lr * (jnp.sign(c) - decay * w), params, c)
    return new, mean_of(m, grads, b2)


@mistake("lion", "What you return first is the change alone. Return the new params.")
def lion_gives_the_change(params, grads, m, lr=1e-4, b1=0.9, b2=0.99, decay=0.0):
    new = pounce(params, mean_of(m, grads, b1), lr, decay)
    return jax.tree.map(lambda n, w: n - w, new, params), mean_of(m, grads, b2)


# ------------------------------------------------------------------ warmup_cosine


def schedule(t, lr, warmup, rising, falling):
    return jnp.where(t < warmup, rising, lr * falling)


def half_cosine(done):
    return (1 + jnp.cos(jnp.pi * jnp.clip(done, 0, 1))) / 2


@mistake("warmup_cosine", "Your first step has the rate 0 and is wasted: the stairs are (t + 1) / warmup.")
def warmup_cosine_wastes_the_first(t, lr, warmup, total):
    return schedule(t, lr, warmup, lr * t / warmup, half_cosine((t - warmup) / (total - warmup)))


@mistake(
    "warmup_cosine",
    "Your cosine begins at step 0, so it is no longer at its top when its turn comes. It begins at step `warmup`.",
)
def warmup_cosine_counts_from_zero(t, lr, warmup, total):
    return schedule(t, lr, warmup, lr * (t + 1) / warmup, half_cosine(t / total))


@mistake("warmup_cosine", "The cosine has total − warmup steps to fall, not total: yours has not arrived at 0 by then.")
def warmup_cosine_falls_too_long(t, lr, warmup, total):
    return schedule(t, lr, warmup, lr * (t + 1) / warmup, half_cosine((t - warmup) / total))


@mistake("warmup_cosine", "After `total` your rate climbs again, as a cosine does. Hold what is done at 1.")
def warmup_cosine_climbs_again(t, lr, warmup, total):
    falling = (1 + jnp.cos(jnp.pi * (t - warmup) / (total - warmup))) / 2
    return schedule(t, lr, warmup, lr * (t + 1) / warmup, falling)


@mistake("warmup_cosine", "A cosine goes down to −1, and so does your rate: walking uphill. Use (1 + cos) / 2.")
def warmup_cosine_goes_below_zero(t, lr, warmup, total):
    done = jnp.clip((t - warmup) / (total - warmup), 0, 1)
    return schedule(t, lr, warmup, lr * (t + 1) / warmup, jnp.cos(jnp.pi * done))


@mistake("warmup_cosine", "1 + cos goes from 2 to 0: halve it, or your rate jumps to twice lr after the warm-up.")
def warmup_cosine_twice_as_high(t, lr, warmup, total):
    done = (t - warmup) / (total - warmup)
    return schedule(t, lr, warmup, lr * (t + 1) / warmup, 2 * half_cosine(done))


@mistake(
    "warmup_cosine", "Your curve is a quarter of a cosine's wave, cos from 0 to π/2. Take half: its angle goes to π."
)
def warmup_cosine_quarter(t, lr, warmup, total):
    done = jnp.clip((t - warmup) / (total - warmup), 0, 1)
    return schedule(t, lr, warmup, lr * (t + 1) / warmup, jnp.cos(jnp.pi / 2 * done))


@mistake(
    "warmup_cosine", "Your curve is a whole wave: it falls and climbs back. The angle goes from 0 to π, not to 2π."
)
def warmup_cosine_whole_wave(t, lr, warmup, total):
    done = jnp.clip((t - warmup) / (total - warmup), 0, 1)
    return schedule(t, lr, warmup, lr * (t + 1) / warmup, (1 + jnp.cos(2 * jnp.pi * done)) / 2)


@mistake(
    "warmup_cosine", "Your rate falls in a straight line. It should follow a cosine: flat at first, steep, then flat."
)
def warmup_cosine_straight(t, lr, warmup, total):
    done = jnp.clip((t - warmup) / (total - warmup), 0, 1)
    return schedule(t, lr, warmup, lr * (t + 1) / warmup, 1 - done)


@mistake("warmup_cosine", "The warm-up is missing: the first steps should climb to lr, not begin there.")
def warmup_cosine_cold(t, lr, warmup, total):
    return lr * half_cosine((t - warmup) / (total - warmup))


@mistake(
    "warmup_cosine", "Your cosine is a step ahead: step `warmup` still has the full lr, and only step `total` has 0."
)
def warmup_cosine_a_step_ahead(t, lr, warmup, total):
    return schedule(t, lr, warmup, lr * (t + 1) / warmup, half_cosine((t + 1 - warmup) / (total - warmup)))


# ------------------------------------------------------------------ early_stop


def stop_and_best(losses, patience, better=lambda new, old: new < old):
    best = 0
    for epoch, loss in enumerate(losses):
        if epoch and better(loss, losses[best]):
            best = epoch
        elif epoch - best >= patience:
            return epoch, best
    return len(losses) - 1, best


@mistake(
    "early_stop", "You stop one epoch too late: patience is used up once `patience` epochs have passed. >=, not >."
)
def early_stop_too_late(losses, patience):
    return stop_and_best(losses, patience + 1)


@mistake("early_stop", "You stop one epoch too early. After the best one, `patience` more are run without a new best.")
def early_stop_too_early(losses, patience):
    return stop_and_best(losses, patience - 1)


@mistake(
    "early_stop",
    "You compare each loss with the epoch before it. A loss can fall and still be no new best: compare with the best.",
)
def early_stop_compares_neighbours(losses, patience):
    best = bad = 0
    for epoch in range(1, len(losses)):
        best = epoch if losses[epoch] < losses[best] else best
        bad = 0 if losses[epoch] < losses[epoch - 1] else bad + 1
        if bad >= patience:
            return epoch, best
    return len(losses) - 1, best


@mistake(
    "early_stop", "You keep the last epoch's weights. The best ones are older: that is what early stopping is for."
)
def early_stop_keeps_the_last(losses, patience):
    stop, _ = stop_and_best(losses, patience)
    return stop, stop


@mistake("early_stop", "You look into the future: after the stop no epoch was run, so none of those can be the best.")
def early_stop_sees_the_future(losses, patience):
    return stop_and_best(losses, patience)[0], losses.index(min(losses))


@mistake("early_stop", "You never stop: all epochs are run, whatever `patience` is.")
def early_stop_never_stops(losses, patience):
    return len(losses) - 1, losses.index(min(losses))


@mistake("early_stop", "An equal loss is no new best in this exercise: <, not <=.")
def early_stop_ties(losses, patience):
    return stop_and_best(losses, patience, better=lambda new, old: new <= old)


@mistake(
    "early_stop",
    "You count all epochs without a new best since the beginning. A new best sets the count back: they must be in a row.",
)
def early_stop_never_forgives(losses, patience):
    best = bad = 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        else:
            bad += 1
        if bad >= patience:
            return epoch, best
    return len(losses) - 1, best


@mistake("early_stop", "You count epochs from 1. Here the first one is epoch 0.")
def early_stop_counts_from_one(losses, patience):
    stop, best = stop_and_best(losses, patience)
    return stop + 1, best + 1


@mistake(
    "early_stop", "Your first result is how many epochs were run. The last one's number is wanted, which is one less."
)
def early_stop_how_many(losses, patience):
    stop, best = stop_and_best(losses, patience)
    return stop + 1, best


@mistake("early_stop", "Your two results have changed places: first the last epoch that is run, then the best one.")
def early_stop_swapped(losses, patience):
    return stop_and_best(losses, patience)[::-1]


@mistake("early_stop", "Your second result is the best loss. Its epoch is wanted.")
def early_stop_gives_the_loss(losses, patience):
    stop, best = stop_and_best(losses, patience)
    return stop, losses[best]


@mistake(
    "early_stop",
    "You compute the best epoch as stop − patience. That holds only if patience ran out; here all epochs were run.",
)
def early_stop_subtracts(losses, patience):
    stop, _ = stop_and_best(losses, patience)
    return stop, stop - patience


@mistake(
    "early_stop",
    "NaN counts as a new best in yours. Every comparison with NaN is False: so ask “is it less?”, not “is it as large?”.",
)
def early_stop_likes_nan(losses, patience):
    return stop_and_best(losses, patience, better=lambda new, old: not new >= old)


# ------------------------------------------------------------------ l1_step


@mistake(
    "l1_step",
    "Small weights jump over 0 and change their sign. One that would cross 0 stops there: that is the whole point.",
)
def l1_step_crosses_zero(w, gradient, lr, rate):
    w = w - lr * gradient
    return w - lr * rate * np.sign(w)


@mistake(
    "l1_step",
    "This is the plain step on the whole loss, with the sign of the OLD w as the slope of |w|. Take the two parts one after "
    "the other, and stop at 0.",
)
def l1_step_subgradient(w, gradient, lr, rate):
    return w - lr * (gradient + rate * np.sign(w))


@mistake("l1_step", "Small weights go to 0, but the large ones stay as they are. All move towards 0 by lr · rate.")
def l1_step_hard(w, gradient, lr, rate):
    w = w - lr * gradient
    return np.where(np.abs(w) > lr * rate, w, 0)


@mistake(
    "l1_step",
    "You shrink every weight by a part of itself: that is L2. It makes weights small, and never 0. L1 takes the same from all.",
)
def l1_step_shrinks_like_l2(w, gradient, lr, rate):
    return (w - lr * gradient) * (1 - lr * rate)


@mistake("l1_step", "The penalty pulls by rate here; it is a step as well, so it pulls by lr · rate.")
def l1_step_without_rate(w, gradient, lr, rate):
    w = w - lr * gradient
    return np.sign(w) * np.maximum(np.abs(w) - rate, 0)


@mistake(
    "l1_step", "All negative weights end at 0: you stop them on the wrong side. Shrink |w|, then give the sign back."
)
def l1_step_positive_only(w, gradient, lr, rate):
    return np.maximum(w - lr * gradient - lr * rate, 0)


@mistake("l1_step", "The sign is lost: you return how far each weight is from 0. Multiply by np.sign(w).")
def l1_step_sign_lost(w, gradient, lr, rate):
    return np.maximum(np.abs(w - lr * gradient) - lr * rate, 0)


@mistake(
    "l1_step", "You give back the sign of the OLD w. The plain step may have led across 0: take the sign after it."
)
def l1_step_old_sign(w, gradient, lr, rate):
    return np.sign(w) * np.maximum(np.abs(w - lr * gradient) - lr * rate, 0)


@mistake("l1_step", "This is what the penalty takes away. Return what is left: subtract it from the plain step.")
def l1_step_what_is_taken(w, gradient, lr, rate):
    return np.clip(w - lr * gradient, -lr * rate, lr * rate)


@mistake("l1_step", "You shrink first and step afterwards. The other way round: a weight should END at 0.")
def l1_step_shrinks_first(w, gradient, lr, rate):
    return np.sign(w) * np.maximum(np.abs(w) - lr * rate, 0) - lr * gradient


@mistake("l1_step", "The gradient is added: this step goes uphill.")
def l1_step_uphill(w, gradient, lr, rate):
    w = w + lr * gradient
    return np.sign(w) * np.maximum(np.abs(w) - lr * rate, 0)


# ------------------------------------------------------------------ dropout


@mistake(
    "dropout",
    "What is kept is not scaled up, so the mean falls to 1 − rate of itself. Divide by 1 − rate.",
)
def dropout_not_scaled(x, rate, key=None):
    return x if key is None else jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x, 0)


@mistake(
    "dropout",
    "Your x has become smaller on the whole: what is kept must be divided by 1 − rate, to make up for the rest.",
)
def dropout_by_uniform_not_scaled(x, rate, key=None):
    return x if key is None else jnp.where(jax.random.uniform(key, x.shape) >= rate, x, 0)


@mistake("dropout", "You drop what should be kept: rate is the part that is dropped, so 1 − rate is kept.")
def dropout_keeps_the_rate(x, rate, key=None):
    return x if key is None else jnp.where(jax.random.bernoulli(key, rate, x.shape), x / rate, 0)


@mistake("dropout", "You multiply by 1 − rate where you should divide: what is kept has to become larger.")
def dropout_scaled_down(x, rate, key=None):
    return x if key is None else jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x * (1 - rate), 0)


@mistake("dropout", "You divide by rate. A part of 1 − rate is kept, so divide by that.")
def dropout_divides_by_rate(x, rate, key=None):
    return x if key is None else jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / rate, 0)


@mistake("dropout", "The right numbers are scaled, but the wrong part is dropped: True means kept, with 1 − rate.")
def dropout_drops_the_others(x, rate, key=None):
    return x if key is None else jnp.where(jax.random.bernoulli(key, rate, x.shape), x / (1 - rate), 0)


@mistake("dropout", "All rows lose the same columns: draw for x.shape, so that every example has a mask of its own.")
def dropout_one_mask_for_all(x, rate, key=None):
    return x if key is None else jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape[1:]), x / (1 - rate), 0)


@mistake("dropout", "You draw once for all of x: everything is kept or nothing. Give the draw the shape of x.")
def dropout_all_or_nothing(x, rate, key=None):
    return x if key is None else jnp.where(jax.random.bernoulli(key, 1 - rate), x / (1 - rate), 0)


@mistake(
    "dropout", "You make a key of your own, so the same numbers are dropped every time. Use the key that you are given."
)
def dropout_own_key(x, rate, key=None):
    if key is None:
        return x
    return jnp.where(jax.random.bernoulli(jax.random.key(0), 1 - rate, x.shape), x / (1 - rate), 0)


@mistake(
    "dropout",
    "Without a key you scale by 1 − rate. That belongs to the other kind of dropout; here training has scaled up already.",
)
def dropout_scales_the_test(x, rate, key=None):
    if key is None:
        return x * (1 - rate)
    return jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0)


@mistake("dropout", "You drop even without a key. No key means no training: x comes back as it is.")
def dropout_while_testing(x, rate, key=None):
    key = jax.random.key(0) if key is None else key
    return jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0)


# ------------------------------------------------------------------ batch_norm


def normalized(x, scale, shift, mean, var, momentum, eps, axis=0, ddof=0, root=lambda v, eps: np.sqrt(v + eps)):
    here = x.mean(axis=axis, keepdims=axis == 1)
    spread = x.var(axis=axis, ddof=ddof, keepdims=axis == 1)
    y = scale * (x - here) / root(spread, eps) + shift
    return y, momentum * mean + (1 - momentum) * here, momentum * var + (1 - momentum) * spread


@mistake(
    "batch_norm",
    "You normalize every row: the mean over the features of one example. That is layer normalization. Here the mean of one "
    "feature is taken over the batch: axis 0.",
)
def batch_norm_of_rows(x, scale, shift, mean, var, momentum, eps):
    return normalized(x, scale, shift, mean, var, momentum, eps, axis=1)


@mistake(
    "batch_norm",
    "With axis=1 you get a mean for every row, and then subtract it from the columns. For each feature, take the mean over the "
    "batch: axis 0.",
)
def batch_norm_of_rows_from_columns(x, scale, shift, mean, var, momentum, eps):
    here, spread = x.mean(axis=1), x.var(axis=1)
    y = scale * (x - here) / np.sqrt(spread + eps) + shift
    return y, momentum * mean + (1 - momentum) * here, momentum * var + (1 - momentum) * spread


@mistake(
    "batch_norm", "One mean for the whole batch: yours mixes all features. Each feature has a mean of its own, axis=0."
)
def batch_norm_of_all(x, scale, shift, mean, var, momentum, eps):
    return normalized(x, scale, shift, mean, var, momentum, eps, axis=None)


@mistake("batch_norm", "You divide by the variance. Divide by its root, or a feature's unit is squared.")
def batch_norm_by_the_variance(x, scale, shift, mean, var, momentum, eps):
    return normalized(x, scale, shift, mean, var, momentum, eps, root=lambda v, eps: v + eps)


@mistake("batch_norm", "eps is added to the root. It belongs inside: √(variance + eps).")
def batch_norm_eps_outside(x, scale, shift, mean, var, momentum, eps):
    return normalized(x, scale, shift, mean, var, momentum, eps, root=lambda v, eps: np.sqrt(v) + eps)


@mistake("batch_norm", "eps is missing: where a feature is the same in all the batch, you will divide by 0.")
def batch_norm_without_eps(x, scale, shift, mean, var, momentum, eps):
    return normalized(x, scale, shift, mean, var, momentum, eps, root=lambda v, eps: np.sqrt(v))


@mistake(
    "batch_norm",
    "You normalize by the running statistics. They are for the time after training; while training use the batch's own.",
)
def batch_norm_by_the_running(x, scale, shift, mean, var, momentum, eps):
    _, *new = normalized(x, scale, shift, mean, var, momentum, eps)
    return scale * (x - mean) / np.sqrt(var + eps) + shift, *new


@mistake(
    "batch_norm", "y uses the new running statistics. While training it uses the batch's own, and nothing of the past."
)
def batch_norm_by_the_new_running(x, scale, shift, mean, var, momentum, eps):
    _, mean, var = normalized(x, scale, shift, mean, var, momentum, eps)
    return scale * (x - mean) / np.sqrt(var + eps) + shift, mean, var


@mistake("batch_norm", "y is right. In the running statistics, momentum is the part of the OLD that is kept.")
def batch_norm_momentum_turned(x, scale, shift, mean, var, momentum, eps):
    y, *_ = normalized(x, scale, shift, mean, var, momentum, eps)
    return y, *normalized(x, scale, shift, mean, var, 1 - momentum, eps)[1:]


@mistake("batch_norm", "y is right. The running statistics did not move towards those of the batch.")
def batch_norm_nothing_runs(x, scale, shift, mean, var, momentum, eps):
    return normalized(x, scale, shift, mean, var, momentum, eps)[0], mean, var


@mistake(
    "batch_norm",
    "y is right. What comes back as mean and var are those of the batch alone: mix them with the old ones.",
)
def batch_norm_forgets(x, scale, shift, mean, var, momentum, eps):
    y, *_ = normalized(x, scale, shift, mean, var, momentum, eps)
    return y, x.mean(axis=0), x.var(axis=0)


@mistake("batch_norm", "You divide the squares by n − 1 (ddof=1). Here the variance is their mean: divide by n.")
def batch_norm_by_one_less(x, scale, shift, mean, var, momentum, eps):
    return normalized(x, scale, shift, mean, var, momentum, eps, ddof=1)


@mistake(
    "batch_norm", "scale and shift are not used: they let the network undo the normalization where that is better."
)
def batch_norm_without_scale(x, scale, shift, mean, var, momentum, eps):
    return normalized(x, 1.0, 0.0, mean, var, momentum, eps)


@mistake("batch_norm", "You shift first and scale afterwards, so the shift is scaled too. First scale, then shift.")
def batch_norm_shifts_first(x, scale, shift, mean, var, momentum, eps):
    y, *new = normalized(x, 1.0, 0.0, mean, var, momentum, eps)
    return scale * (y + shift), *new


@mistake("batch_norm", "y and mean are right. The running var moves towards the variance, not towards its root.")
def batch_norm_runs_with_the_root(x, scale, shift, mean, var, momentum, eps):
    y, mean, _ = normalized(x, scale, shift, mean, var, momentum, eps)
    return y, mean, momentum * var + (1 - momentum) * x.std(axis=0)


# ------------------------------------------------------------------ train_epoch


def cut(rows, batch_size):
    n = len(rows) // batch_size
    return rows[: n * batch_size].reshape(n, batch_size)


def looped(step, state, x, y, rows_x, rows_y):
    """What lax.scan would do: nothing is compiled, which takes longer than a few batches."""
    values = []
    for i, j in zip(rows_x, rows_y, strict=True):
        state, value = step(state, x[i], y[j])
        values.append(value)
    return state, jax.tree.map(lambda *values: jnp.stack(values), *values)


@mistake("train_epoch", "The rows come in their old order: shuffle them with the key.")
def train_epoch_in_order(key, step, state, x, y, batch_size):
    rows = cut(jnp.arange(len(x)), batch_size)
    return looped(step, state, x, y, rows, rows)


@mistake(
    "train_epoch",
    "x and y are shuffled apart, so every row has somebody else's label. Draw one order, and use it for both.",
)
def train_epoch_shuffles_apart(key, step, state, x, y, batch_size):
    keys = jax.random.split(key)
    rows_x, rows_y = (cut(jax.random.permutation(k, len(x)), batch_size) for k in keys)
    return looped(step, state, x, y, rows_x, rows_y)


@mistake("train_epoch", "x is shuffled and y is not: use the same row numbers for both.")
def train_epoch_shuffles_x_only(key, step, state, x, y, batch_size):
    rows = cut(jax.random.permutation(key, len(x)), batch_size)
    return looped(step, state, x, y, rows, cut(jnp.arange(len(x)), batch_size))


@mistake(
    "train_epoch",
    "You draw row numbers with replacement: some rows come twice, others never. A permutation has each of them once.",
)
def train_epoch_draws_again(key, step, state, x, y, batch_size):
    rows = jax.random.randint(key, (len(x) // batch_size, batch_size), 0, len(x))
    return looped(step, state, x, y, rows, rows)


@mistake(
    "train_epoch",
    "Every batch begins with the first state: what one has learned, the next one forgets. Carry the new state on.",
)
def train_epoch_forgets(key, step, state, x, y, batch_size):
    done = [step(state, x[rows], y[rows]) for rows in cut(jax.random.permutation(key, len(x)), batch_size)]
    return done[-1][0], jax.tree.map(lambda *values: jnp.stack(values), *(value for _, value in done))


@mistake(
    "train_epoch", "Only the last batch's value comes back. All of them are wanted, stacked, as lax.scan gives them."
)
def train_epoch_last_value(key, step, state, x, y, batch_size):
    rows = cut(jax.random.permutation(key, len(x)), batch_size)
    state, values = looped(step, state, x, y, rows, rows)
    return state, jax.tree.map(lambda v: v[-1], values)


@mistake("train_epoch", "Only the state comes back. The values of the batches are wanted as well: lax.scan gives both.")
def train_epoch_state_only(key, step, state, x, y, batch_size):
    return looped(step, state, x, y, *[cut(jax.random.permutation(key, len(x)), batch_size)] * 2)[0]


@mistake(
    "train_epoch",
    "You shuffle the batches, but their rows stay together for ever, and the rows at the end never come in. Shuffle the rows.",
)
def train_epoch_shuffles_batches(key, step, state, x, y, batch_size):
    rows = cut(jnp.arange(len(x)), batch_size)
    rows = rows[jax.random.permutation(key, len(rows))]
    return looped(step, state, x, y, rows, rows)


@mistake(
    "train_epoch",
    "You cut first and then shuffle, so the rows at the end never come in, whatever the key. Shuffle all rows first, then cut.",
)
def train_epoch_cuts_first(key, step, state, x, y, batch_size):
    rows = cut(jax.random.permutation(key, len(x) // batch_size * batch_size), batch_size)
    return looped(step, state, x, y, rows, rows)


@mistake("train_epoch", "Rows and columns have changed places: there are n batches of batch_size rows each.")
def train_epoch_wrong_way(key, step, state, x, y, batch_size):
    rows = cut(jax.random.permutation(key, len(x)), batch_size)
    rows = rows.reshape(batch_size, -1)
    return looped(step, state, x, y, rows, rows)


@mistake(
    "train_epoch",
    "The right batches, in a Python loop: `step` is called for each of them, and nothing is compiled. Let lax.scan loop.",
)
def train_epoch_in_python(key, step, state, x, y, batch_size):
    rows = cut(jax.random.permutation(key, len(x)), batch_size)
    return looped(step, state, x, y, rows, rows)


# ------------------------------------------------------------------ mend_loop


def loop(key, x, y, epochs, leak=False, resets=False, noisy=False, last=False, dry=False):
    """The loop of the exercise, with its four lines open and the gradient by hand."""

    def dropped(x, key):
        return jnp.where(jax.random.bernoulli(key, 0.8, x.shape), x / 0.8, 0)

    n = len(x) * 3 // 4
    x_train, y_train = (x, y) if leak else (x[:n], y[:n])
    W, b, dW, db, losses = jnp.zeros(x.shape[1]), 0.0, 0.0, 0.0, []
    best = W, b
    for _ in range(epochs):
        dW, db = (0.0, 0.0) if resets else (dW, db)
        key, dropout_key = jax.random.split(key)
        rows = x_train if dry else dropped(x_train, dropout_key)
        error = 1 / (1 + jnp.exp(-(rows @ W + b))) - y_train
        dW, db = 0.9 * dW - 0.5 * (error @ rows) / len(rows), 0.9 * db - 0.5 * jnp.mean(error)
        W, b = W + dW, b + db
        z = (dropped(x[n:], dropout_key) if noisy else x[n:]) @ W + b
        losses.append(float(jnp.mean(jnp.logaddexp(0, z) - y[n:] * z)))
        best = (W, b) if losses[-1] == min(losses) else best
    return *((W, b) if last else best), losses


@mistake("mend_loop", "The validation rows are still among those that you train on: take x[:n] and y[:n] for training.")
def mend_loop_leak_left(key, x, y, epochs):
    return loop(key, x, y, epochs, leak=True)


@mistake("mend_loop", "The speed v is still set to zero in every epoch, so there is no momentum. Move its line up.")
def mend_loop_reset_left(key, x, y, epochs):
    return loop(key, x, y, epochs, resets=True)


@mistake(
    "mend_loop",
    "The validation loss is still taken with dropout: a loss with a key switches inputs off. Asking is not training.",
)
def mend_loop_noise_left(key, x, y, epochs):
    return loop(key, x, y, epochs, noisy=True)


@mistake("mend_loop", "The losses are right now. You still return the last epoch's W and b, not the best ones.")
def mend_loop_last_left(key, x, y, epochs):
    return loop(key, x, y, epochs, last=True)


@mistake(
    "mend_loop", "Two lines are right now: the rows, and the speed. Look at what is asked, and at what is returned."
)
def mend_loop_first_two(key, x, y, epochs):
    return loop(key, x, y, epochs, noisy=True, last=True)


@mistake("mend_loop", "The rows are right now. Three lines are left: what should v still know in the second epoch?")
def mend_loop_first_one(key, x, y, epochs):
    return loop(key, x, y, epochs, resets=True, noisy=True, last=True)


@mistake(
    "mend_loop", "What is asked and what is returned are right now. Two lines are left: look at the rows, and at v."
)
def mend_loop_last_two(key, x, y, epochs):
    return loop(key, x, y, epochs, leak=True, resets=True)


@mistake(
    "mend_loop", "You took the dropout out of the training too. There it belongs: the gradient's loss gets its key."
)
def mend_loop_without_dropout(key, x, y, epochs):
    return loop(key, x, y, epochs, dry=True)


@mistake(
    "mend_loop", "The best weights come back together, as one pair. Three results are wanted: `return *best, losses`."
)
def mend_loop_pair(key, x, y, epochs):
    *best, losses = loop(key, x, y, epochs)
    return tuple(best), losses


@mistake("mend_loop", "Nothing but the `raise` was taken out: four lines below it are still wrong. Begin with x_train.")
def mend_loop_nothing(key, x, y, epochs):
    return loop(key, x, y, epochs, leak=True, resets=True, noisy=True, last=True)


# ------------------------------------------------------------------ own_optimizer


def first_weights(key):
    keys = jax.random.split(key, 3)
    W1 = jax.random.normal(keys[0], (64, 64)) * jnp.sqrt(2 / 64)
    W2 = jax.random.normal(keys[1], (64, 10)) * jnp.sqrt(2 / 64)
    return (W1, jnp.zeros(64)), (W2, jnp.zeros(10))


@mistake("own_optimizer", "These are the random weights that you began with. Return the ones after training.")
def own_optimizer_untrained(key, x, y):
    return first_weights(key)


@mistake(
    "own_optimizer",
    "All weights are 0: no hidden unit ever answers, so no gradient gets through. Begin with random ones.",
)
def own_optimizer_zeros(key, x, y):
    return jax.tree.map(jnp.zeros_like, first_weights(key))


@mistake(
    "own_optimizer",
    "All is NaN. Print the losses: where does the first NaN stand? At once: the log of 0, or exp of a large number; subtract "
    "the largest score. Later: the steps are too large.",
)
def own_optimizer_nan(key, x, y):
    return jax.tree.map(lambda w: w * jnp.nan, first_weights(key))


@mistake(
    "own_optimizer",
    "Each W has a row for each of its inputs, and a column for each of its units. Yours lies on its side.",
)
def own_optimizer_on_its_side(key, x, y):
    (W1, b1), (W2, b2) = first_weights(key)
    return (W1.T, b1), (W2.T, b2)
