"""Wrong answers to chapter 7 that real people give, and what a good teacher says.

Each is complete in itself: it is called on the inputs on which a learner's answer failed.
"""

import jax
import jax.numpy as jnp
import numpy as np

from deepbook.course.mistakes import mistake

# ------------------------------------------------------------------ count_parameters


@mistake(
    "count_parameters",
    "You count the weights once for each hour. They are shared: every hour meets the same Wx, Wh and b, so no number grows "
    "with time.",
)
def count_parameters_each_hour():
    return 27 * 24, 27 * 48, 108 * 24, 81 * 24


@mistake(
    "count_parameters",
    "Twice as many hours need no more weights: the layer reads the 25th hour with the same Wx, Wh and b as the first.",
)
def count_parameters_twice_the_hours():
    return 27, 54, 108, 81


@mistake("count_parameters", "Wh is missing: each of the 3 units also hears all 3 units of the step before.")
def count_parameters_without_wh():
    return 18, 18, 72, 54


@mistake("count_parameters", "Wx is missing: each of the 3 units hears all 5 numbers of the hour.")
def count_parameters_without_wx():
    return 12, 12, 48, 36


@mistake("count_parameters", "b is missing: one number for each of the 3 units.")
def count_parameters_without_b():
    return 24, 24, 96, 72


@mistake(
    "count_parameters",
    "You let each unit hear only itself of the step before: 3 numbers. It hears all 3 units, so Wh is 3 × 3.",
)
def count_parameters_only_itself():
    return 21, 21, 84, 63


@mistake(
    "count_parameters",
    "Two biases for each unit: so PyTorch keeps them, one for Wx and one for Wh. Here it is one b.",
)
def count_parameters_two_biases():
    return 30, 30, 120, 90


@mistake(
    "count_parameters",
    "The first three are right. Each block of your GRU has two biases, as PyTorch and Keras keep them. Here it has one b.",
)
def count_parameters_two_biases_in_gru():
    return 27, 27, 108, 90


@mistake(
    "count_parameters",
    "The plain layer is right. In the others you count the gates alone: each of them has a candidate besides, with weights of "
    "its own.",
)
def count_parameters_gates_only():
    return 27, 27, 81, 54


@mistake("count_parameters", "The LSTM is right. The GRU has a candidate besides its two gates: three blocks.")
def count_parameters_gru_of_two():
    return 27, 27, 108, 54


@mistake("count_parameters", "The first, second and fourth are right. The LSTM has three gates and a candidate.")
def count_parameters_lstm_of_three():
    return 27, 27, 81, 81


@mistake("count_parameters", "LSTM and GRU have changed places: the GRU is the smaller one.")
def count_parameters_swapped():
    return 27, 27, 81, 108


@mistake(
    "count_parameters",
    "The plain layer is right. Each gate, and the candidate, has weights of its own: four such blocks, and three.",
)
def count_parameters_gates_share():
    return 27, 27, 27, 27


@mistake(
    "count_parameters",
    "You let the gates share one b. Each has its own: a block has 15 + 9 + 3 numbers.",
)
def count_parameters_one_bias_for_all():
    return 27, 27, 99, 75


@mistake("count_parameters", "The days are no weights: one day or 64 days, the layer is the same.")
def count_parameters_each_day():
    return 27 * 64, 27 * 64, 108 * 64, 81 * 64


# ------------------------------------------------------------------ unroll


def unrolled(x, h, new, steps=None, carried=lambda h, new: new):
    """Every state; `new` says what becomes of (x_t, h), `carried` what the next step is given."""
    states = []
    for t in range(x.shape[1]) if steps is None else steps:
        state = new(x[:, t], h)
        states.append(state)
        h = carried(h, state)
    return np.stack(states, axis=1)


def plain(params, turned=False):
    """What a plain cell makes of an input and a state, before the tanh."""
    Wh = params["Wh"].T if turned else params["Wh"]
    return lambda x, h: x @ params["Wx"] + h @ Wh + params["b"]


@mistake(
    "unroll",
    "Every step begins with the h that you were given. It should begin with the state that the step before has left: "
    "h must change in the loop.",
)
def unroll_forgets(params, x, h):
    return unrolled(x, h, lambda x, h: np.tanh(plain(params)(x, h)), carried=lambda h, new: h)


@mistake("unroll", "The tanh is missing: without it the state has no bounds.")
def unroll_without_tanh(params, x, h):
    return unrolled(x, h, plain(params))


@mistake("unroll", "You use the sigmoid. Here it is tanh, from -1 to 1.")
def unroll_sigmoid(params, x, h):
    return unrolled(x, h, lambda x, h: 1 / (1 + np.exp(-plain(params)(x, h))))


@mistake("unroll", "You use ReLU. Here it is tanh.")
def unroll_relu(params, x, h):
    return unrolled(x, h, lambda x, h: np.maximum(plain(params)(x, h), 0))


@mistake(
    "unroll",
    "tanh is applied to what you keep, but the next step is given the sum without it. Both are the same state: tanh first, "
    "then keep it and hand it on.",
)
def unroll_tanh_for_show(params, x, h):
    return np.tanh(unrolled(x, h, plain(params)))


@mistake("unroll", "The b is missing.")
def unroll_without_b(params, x, h):
    return unrolled(x, h, lambda x, h: np.tanh(plain(params)(x, h) - params["b"]))


@mistake("unroll", "b is added after the tanh. It belongs inside, to the sum.")
def unroll_b_outside(params, x, h):
    return unrolled(x, h, lambda x, h: np.tanh(plain(params)(x, h) - params["b"]) + params["b"])


@mistake(
    "unroll",
    "You leave h · Wh out: each state depends on its own input alone, so there is no memory.",
)
def unroll_without_wh(params, x, h):
    return unrolled(x, h, lambda x, h: np.tanh(x @ params["Wx"] + params["b"]))


@mistake("unroll", "Wh is turned: it is h @ Wh, a row of h times the columns of Wh.")
def unroll_wh_turned(params, x, h):
    return unrolled(x, h, lambda x, h: np.tanh(plain(params, turned=True)(x, h)))


@mistake("unroll", "Wx is turned: it is x_t @ Wx.")
def unroll_wx_turned(params, x, h):
    return unrolled(x, h, lambda x, h: np.tanh(plain(params | {"Wx": params["Wx"].T})(x, h)))


@mistake(
    "unroll",
    "x[t] is sequence number t with all its steps. Step number t of all the sequences is x[:, t].",
)
def unroll_along_the_batch(params, x, h):
    return np.swapaxes(unrolled(np.swapaxes(x, 0, 1), h, lambda x, h: np.tanh(plain(params)(x, h))), 0, 1)


@mistake(
    "unroll",
    "The states are right, but the first axis is time. Here it is the batch: `np.stack(states, axis=1)`.",
)
def unroll_time_first(params, x, h):
    return np.swapaxes(unrolled(x, h, lambda x, h: np.tanh(plain(params)(x, h))), 0, 1)


@mistake("unroll", "You read from the last step to the first. Begin with x[:, 0].")
def unroll_from_the_end(params, x, h):
    steps = range(x.shape[1])[::-1]
    return unrolled(x, h, lambda x, h: np.tanh(plain(params)(x, h)), steps)[:, ::-1]


@mistake("unroll", "This is the last state alone. Keep the state of every step.")
def unroll_last_only(params, x, h):
    return unrolled(x, h, lambda x, h: np.tanh(plain(params)(x, h)))[:, -1]


@mistake("unroll", "The state before the first step is in your list too. Keep only what comes after each step.")
def unroll_with_the_first(params, x, h):
    states = unrolled(x, h, lambda x, h: np.tanh(plain(params)(x, h)))
    return np.concatenate([h[:, None], states], axis=1)


@mistake(
    "unroll",
    "Your list is one step late: it begins with the h that you were given. Compute the new state first, then keep it.",
)
def unroll_one_late(params, x, h):
    states = unrolled(x, h, lambda x, h: np.tanh(plain(params)(x, h)))
    return np.concatenate([h[:, None], states], axis=1)[:, :-1]


@mistake("unroll", "You begin with a state of zeros. Begin with the h that you are given.")
def unroll_from_zeros(params, x, h):
    return unrolled(x, np.zeros_like(h), lambda x, h: np.tanh(plain(params)(x, h)))


# ------------------------------------------------------------------ bptt


def back_through(w, u, x, h0, dh, slope=lambda h: 1 - h * h, back=lambda dz, u, h: dz * u, seen=0, last=None):
    """The way back; each name is a part that some people get wrong."""
    h = [h0]
    for x_t in x:
        h.append(np.tanh(w * x_t + u * h[-1]))
    dw = du = later = 0.0
    steps = list(reversed(range(len(x))))
    for t in steps[:last]:
        dz = (dh[t] + later) * slope(h[t + 1])
        dw, du, later = dw + dz * x[t], du + dz * h[t + seen], back(dz, u, h[t])
    return float(dw), float(du), float(later)


@mistake(
    "bptt",
    "Only what comes back from later steps is counted, and of the loss only the last state. Each h_t is also used by the "
    "loss directly: add dh[t] at every step.",
)
def bptt_without_the_direct_part(w, u, x, h0, dh):
    return back_through(w, u, x, h0, np.where(np.arange(len(x)) == len(x) - 1, dh, 0))


@mistake(
    "bptt",
    "Each step is only told what the loss says directly. What h_t does to the NEXT state, dz · u of the step after it, "
    "must be added to dh[t].",
)
def bptt_without_the_later_part(w, u, x, h0, dh):
    h = [h0]
    for x_t in x:
        h.append(np.tanh(w * x_t + u * h[-1]))
    dz = dh * (1 - np.array(h[1:]) ** 2)
    return float(dz @ x), float(dz @ h[:-1]), float(dz[0] * u)


@mistake("bptt", "The slope of tanh is missing: at each step, times 1 - h_t².")
def bptt_without_slopes(w, u, x, h0, dh):
    return back_through(w, u, x, h0, dh, slope=lambda h: 1)


@mistake("bptt", "h(1 - h) is the slope of the sigmoid. That of tanh is 1 - h².")
def bptt_slope_of_sigmoid(w, u, x, h0, dh):
    return back_through(w, u, x, h0, dh, slope=lambda h: h * (1 - h))


@mistake("bptt", "Your slope is 1 - h. It is 1 - h²: the square is missing.")
def bptt_slope_without_square(w, u, x, h0, dh):
    return back_through(w, u, x, h0, dh, slope=lambda h: 1 - h)


@mistake("bptt", "You take tanh of h once more in the slope. h is tanh of something already: the slope is 1 - h².")
def bptt_tanh_twice(w, u, x, h0, dh):
    return back_through(w, u, x, h0, dh, slope=lambda h: 1 - np.tanh(h) ** 2)


@mistake("bptt", "The slope is that of the step before: at step t it is 1 - h_t², of the state that this step made.")
def bptt_slope_too_early(w, u, x, h0, dh):
    h = [h0]
    for x_t in x:
        h.append(np.tanh(w * x_t + u * h[-1]))
    dw = du = back = 0.0
    for t in reversed(range(len(x))):
        dz = (dh[t] + back) * (1 - h[t] ** 2)
        dw, du, back = dw + dz * x[t], du + dz * h[t], dz * u
    return float(dw), float(du), float(back)


@mistake("bptt", "From step to step the gradient goes through u as well: back = dz · u.")
def bptt_without_u(w, u, x, h0, dh):
    return back_through(w, u, x, h0, dh, back=lambda dz, u, h: dz)


@mistake("bptt", "From step to step you multiply by w. The states hang together by u; w belongs to the inputs.")
def bptt_through_w(w, u, x, h0, dh):
    return back_through(w, u, x, h0, dh, back=lambda dz, u, h: dz * w)


@mistake(
    "bptt",
    "How the loss changes with u: at step t, u was multiplied by the state of the step BEFORE, h_{t-1}, not by h_t.",
)
def bptt_u_meets_the_new_state(w, u, x, h0, dh):
    return back_through(w, u, x, h0, dh, seen=1)


@mistake(
    "bptt",
    "The gradient goes back one step only: this is the last step alone. w and u are used at every step; add up what each "
    "of them says.",
)
def bptt_last_step_only(w, u, x, h0, dh):
    return back_through(w, u, x, h0, dh, last=1)


@mistake(
    "bptt",
    "For w and u you return what the first step says. They are used at every step: add all of it up, with +=.",
)
def bptt_first_step_only(w, u, x, h0, dh):
    h = [h0]
    for x_t in x:
        h.append(np.tanh(w * x_t + u * h[-1]))
    dw = du = back = 0.0
    for t in reversed(range(len(x))):
        dz = (dh[t] + back) * (1 - h[t + 1] ** 2)
        dw, du, back = dz * x[t], dz * h[t], dz * u
    return float(dw), float(du), float(back)


@mistake("bptt", "w and u are right. From the first step to h0 the gradient goes through u once more: times u.")
def bptt_h0_without_u(w, u, x, h0, dh):
    dw, du, back = back_through(w, u, x, h0, dh)
    return dw, du, back / u


@mistake("bptt", "w and u are right, but h0 is not: take what comes back out of the FIRST step.")
def bptt_h0_from_the_last_step(w, u, x, h0, dh):
    dw, du, _ = back_through(w, u, x, h0, dh)
    return dw, du, back_through(w, u, x, h0, dh, last=1)[2]


@mistake("bptt", "The first two have changed places: w belongs to the inputs x, u to the states.")
def bptt_swapped(w, u, x, h0, dh):
    dw, du, back = back_through(w, u, x, h0, dh)
    return du, dw, back


@mistake("bptt", "These are means over the steps. The gradient is the sum: each step adds its part.")
def bptt_means(w, u, x, h0, dh):
    dw, du, back = back_through(w, u, x, h0, dh)
    return dw / len(x), du / len(x), back


@mistake(
    "bptt",
    "You go through the steps from the first to the last. The gradient begins at the end: what the last step says, the "
    "step before needs.",
)
def bptt_forwards(w, u, x, h0, dh):
    h = [h0]
    for x_t in x:
        h.append(np.tanh(w * x_t + u * h[-1]))
    dw = du = back = 0.0
    for t in range(len(x)):
        dz = (dh[t] + back) * (1 - h[t + 1] ** 2)
        dw, du, back = dw + dz * x[t], du + dz * h[t], dz * u
    return float(dw), float(du), float(back)


# ------------------------------------------------------------------ predict_fading

TRUE_FATES = ("gone", "exploded", "gone", "there")


SLOPES = {}  # what each cell's steps say on each input, found once for all the mistakes


def slopes(step, x):
    """At each step: the new h, how it changes with the h before it, and how with x."""
    name = step, tuple(np.asarray(x).tolist())
    if name not in SLOPES:
        by_h_and_x, h, found = jax.jit(jax.grad(step, (0, 1))), 0.0, []
        for x_t in name[1]:
            found.append([float(step(h, x_t)), *map(float, by_h_and_x(h, x_t))])
            h = found[-1][0]
        SLOPES[name] = np.array(found).T
    return SLOPES[name]


def measured(step, x, last=None):
    """How the state after each input changes the last one, times how the input changes that state."""
    _, by_h, by_x = (row[:last] for row in slopes(step, x))
    return np.append(np.cumprod(by_h[:0:-1])[::-1], 1) * by_x


@mistake("predict_fading", "These have signs. The size is wanted: jnp.abs.")
def predict_fading_signed(step, x):
    return TRUE_FATES, measured(step, x)


@mistake(
    "predict_fading",
    "The right numbers, from the end: yours begins with the last input. Place t belongs to x[t].",
)
def predict_fading_by_distance(step, x):
    return TRUE_FATES, np.abs(measured(step, x))[::-1]


def of_all_states(step, x):
    """How the sum of all the states changes with each input."""
    return sum(np.pad(measured(step, x, n), (0, len(x) - n)) for n in range(1, len(x) + 1))


@mistake("predict_fading", "You let the sum of all the states be differentiated. The last state alone is wanted.")
def predict_fading_of_the_sum(step, x):
    return TRUE_FATES, np.abs(of_all_states(step, x))


@mistake("predict_fading", "You let the mean of all the states be differentiated. The last state alone is wanted.")
def predict_fading_of_the_mean(step, x):
    return TRUE_FATES, np.abs(of_all_states(step, x)) / len(x)


@mistake(
    "predict_fading", "These are the sizes of the states. How the last one CHANGES with each input is wanted: jax.grad."
)
def predict_fading_states(step, x):
    return TRUE_FATES, np.abs(slopes(step, x)[0])


@mistake("predict_fading", "You give the squares of the sizes.")
def predict_fading_squares(step, x):
    return TRUE_FATES, measured(step, x) ** 2


@mistake(
    "predict_fading",
    "You measure what each input does to its OWN state, h_t. What is left of it at the end?",
)
def predict_fading_own_state(step, x):
    return TRUE_FATES, np.abs(slopes(step, x)[2])


@mistake(
    "predict_fading", "You measure the change with the state before each input. The change with the input is asked for."
)
def predict_fading_by_states(step, x):
    return TRUE_FATES, np.abs(np.cumprod(slopes(step, x)[1][::-1])[::-1])


def foreseen(step, x, *fates):
    return fates, np.abs(measured(step, x))


@mistake(
    "predict_fading",
    "Three are right. The third cell: without tanh it would explode. But where |h| is near 1, tanh is flat: the slope is "
    "2 · (1 - h²). How large is that for h = 0.95?",
)
def predict_fading_bent_explodes(step, x):
    return foreseen(step, x, "gone", "exploded", "exploded", "there")


@mistake(
    "predict_fading",
    "Three are right. The third cell does not keep the first input: where |h| is near 1, the slope 2 · (1 - h²) is far below 1.",
)
def predict_fading_bent_stays(step, x):
    return foreseen(step, x, "gone", "exploded", "there", "there")


@mistake(
    "predict_fading",
    "Three are right. The leaky cell: at each step h keeps 0.9 of what it was, and a bit of the tanh comes on top. Which "
    "number near 1 is multiplied 49 times, and what is 0.97 to the power 49?",
)
def predict_fading_leaky_gone(step, x):
    return foreseen(step, x, "gone", "exploded", "gone", "gone")


@mistake(
    "predict_fading",
    "Three are right. The leaky cell: its slope is 0.9 + 0.1 · (1 - tanh²), which never gets above 1. Can that explode?",
)
def predict_fading_leaky_explodes(step, x):
    return foreseen(step, x, "gone", "exploded", "gone", "exploded")


@mistake(
    "predict_fading",
    "Two are right. Now the bent cell, where tanh is flat, and the leaky one, whose slope is between 0.9 and 1: look at "
    "the slope of one step of each.",
)
def predict_fading_bent_and_leaky(step, x):
    return foreseen(step, x, "gone", "exploded", "exploded", "gone")


@mistake(
    "predict_fading",
    "The first cell halves what it holds at each step. What is left after 49 halvings: more than a thousandth?",
)
def predict_fading_half_stays(step, x):
    return foreseen(step, x, "there", "exploded", "gone", "there")


@mistake("predict_fading", "The second cell doubles what it holds at each step, 49 times. That is more than 1000.")
def predict_fading_double_stays(step, x):
    return foreseen(step, x, "gone", "there", "gone", "there")


# ------------------------------------------------------------------ clip_global


def length(grads):
    return float(np.sqrt(sum(np.sum(np.square(g)) for g in grads.values())))


def scaled(grads, factor):
    return {name: g * factor for name, g in grads.items()}


def allowed(norm, limit):
    """The factor for a gradient of this norm."""
    return limit / norm if norm > limit else 1.0


@mistake(
    "clip_global",
    "You cut each array by its own length: some are shortened and others are not, so the gradient turns. One length and one "
    "factor for all of them.",
)
def clip_global_each_array(grads, limit):
    return {name: g * allowed(float(np.linalg.norm(g)), limit) for name, g in grads.items()}, length(grads)


@mistake(
    "clip_global",
    "You cut each number to the limit, so the gradient turns: large numbers shrink, small ones stay. One factor for all.",
)
def clip_global_each_number(grads, limit):
    return {name: np.clip(g, -limit, limit) for name, g in grads.items()}, length(grads)


@mistake("clip_global", "You make a short gradient longer. Below the limit it stays as it is: the factor is at most 1.")
def clip_global_lengthens(grads, limit):
    return scaled(grads, limit / length(grads)) if length(grads) else grads, length(grads)


@mistake("clip_global", "The square root is missing: this is the sum of the squares.")
def clip_global_without_root(grads, limit):
    norm = length(grads) ** 2
    return scaled(grads, allowed(norm, limit)), norm


@mistake(
    "clip_global", "The numbers are right; the norm should be that BEFORE the shortening, so that one can watch it."
)
def clip_global_norm_after(grads, limit):
    return scaled(grads, allowed(length(grads), limit)), min(length(grads), limit)


@mistake(
    "clip_global",
    "You add the lengths of the arrays. The length of all together is the root of the sum of their SQUARES.",
)
def clip_global_sum_of_lengths(grads, limit):
    norm = float(sum(np.linalg.norm(g) for g in grads.values()))
    return scaled(grads, allowed(norm, limit)), norm


@mistake("clip_global", "You add the sizes of the numbers. The length is the root of the sum of their squares.")
def clip_global_sum_of_sizes(grads, limit):
    norm = float(sum(np.sum(np.abs(g)) for g in grads.values()))
    return scaled(grads, allowed(norm, limit)), norm


@mistake("clip_global", "Your norm is the largest number. It should be the length of all of them together.")
def clip_global_largest_number(grads, limit):
    norm = float(max(np.max(np.abs(g)) for g in grads.values()))
    return scaled(grads, allowed(norm, limit)), norm


@mistake("clip_global", "Your norm is that of the longest array alone. Take all the arrays together.")
def clip_global_longest_array(grads, limit):
    norm = float(max(np.linalg.norm(g) for g in grads.values()))
    return scaled(grads, allowed(norm, limit)), norm


@mistake("clip_global", "You take the mean of the squares. The length is the root of their sum.")
def clip_global_mean(grads, limit):
    norm = length(grads) / np.sqrt(sum(np.size(g) for g in grads.values()))
    return scaled(grads, allowed(norm, limit)), float(norm)


@mistake("clip_global", "You multiply by the limit and do not divide by the norm: the factor is limit / norm.")
def clip_global_times_limit(grads, limit):
    norm = length(grads)
    return scaled(grads, limit if norm > limit else 1.0), norm


@mistake("clip_global", "You divide by the norm only: that gives the length 1. The factor is limit / norm.")
def clip_global_unit(grads, limit):
    norm = length(grads)
    return scaled(grads, 1 / norm if norm > limit else 1.0), norm


@mistake(
    "clip_global",
    "A long gradient becomes 0 in yours. It should become shorter, and keep its direction.",
)
def clip_global_drops(grads, limit):
    norm = length(grads)
    return scaled(grads, 0.0 if norm > limit else 1.0), norm


@mistake("clip_global", "The factor is upside down: limit / norm, which is below 1 if the norm is above the limit.")
def clip_global_upside_down(grads, limit):
    norm = length(grads)
    return scaled(grads, norm / limit if norm > limit else 1.0), norm


@mistake(
    "clip_global", "A gradient of zeros has the norm 0, and 0 / 0 is NaN. Divide only if the norm is above the limit."
)
def clip_global_nan(grads, limit):
    norm = length(grads)
    with np.errstate(all="ignore"):
        return scaled(grads, np.minimum(1, np.float64(limit) / norm) if norm else np.nan), norm


# ------------------------------------------------------------------ lstm_cell


def logistic(z):
    return 1 / (1 + np.exp(-z))


def lstm_of(
    params, carry, x, order="ifgo", gate=None, candidate=np.tanh, output=np.tanh,
    new=lambda i, f, g, c, h: f * c + i * g, sums=lambda params, h, x: x @ params["Wx"] + h @ params["Wh"] + params["b"],
):  # fmt: skip
    """One step; each name is a part that some people get wrong."""
    h, c = carry
    blocks = dict(zip(order, np.split(sums(params, h, x), 4, axis=-1), strict=True))
    i, f, o = ((gate or logistic)(blocks[name]) for name in "ifo")
    c = new(i, f, candidate(blocks["g"]), c, h)
    return o * output(c), c


@mistake(
    "lstm_cell",
    "The forget gate and the input gate have changed places: f says what is kept of the old c, i what is taken in.",
)
def lstm_cell_gates_swapped(params, carry, x):
    return lstm_of(params, carry, x, order="figo")


@mistake("lstm_cell", "c is right. The tanh on the way out is missing: h is o of tanh(c).")
def lstm_cell_without_last_tanh(params, carry, x):
    return lstm_of(params, carry, x, output=lambda c: c)


@mistake("lstm_cell", "Your blocks are in the order i, f, o, g. Here the candidate is the third: i, f, g, o.")
def lstm_cell_order_ifog(params, carry, x):
    return lstm_of(params, carry, x, order="ifog")


@mistake("lstm_cell", "Your blocks are in the order i, g, f, o, as in some older programs. Here it is i, f, g, o.")
def lstm_cell_order_igfo(params, carry, x):
    return lstm_of(params, carry, x, order="igfo")


@mistake("lstm_cell", "The forget gate is applied to h. It is the cell state c that is kept.")
def lstm_cell_keeps_h(params, carry, x):
    return lstm_of(params, carry, x, new=lambda i, f, g, c, h: f * h + i * g)


@mistake(
    "lstm_cell",
    "In the sums before the gates you use c where h is meant: they hear x and h, the OUTPUT of the step before.",
)
def lstm_cell_gates_hear_c(params, carry, x):
    return lstm_of(params, carry, x, sums=lambda params, h, x: x @ params["Wx"] + carry[1] @ params["Wh"] + params["b"])


@mistake("lstm_cell", "You took the carry apart as (c, h). It is (h, c): the output first, then the cell state.")
def lstm_cell_carry_swapped(params, carry, x):
    return lstm_of(params, carry[::-1], x)


@mistake("lstm_cell", "The right two, in the other order: the carry is (h, c).")
def lstm_cell_result_swapped(params, carry, x):
    return lstm_of(params, carry, x)[::-1]


@mistake("lstm_cell", "The candidate went through σ, like a gate. It goes through tanh: it may also be negative.")
def lstm_cell_candidate_sigmoid(params, carry, x):
    return lstm_of(params, carry, x, candidate=logistic)


@mistake("lstm_cell", "The candidate has no tanh: i of tanh(g) is taken in.")
def lstm_cell_candidate_straight(params, carry, x):
    return lstm_of(params, carry, x, candidate=lambda g: g)


@mistake("lstm_cell", "The gates went through tanh. A gate is between 0, shut, and 1, open: σ.")
def lstm_cell_gates_tanh(params, carry, x):
    return lstm_of(params, carry, x, gate=np.tanh)


@mistake("lstm_cell", "Nothing is forgotten in yours: c keeps all it was. Multiply the old c by the forget gate.")
def lstm_cell_never_forgets(params, carry, x):
    return lstm_of(params, carry, x, new=lambda i, f, g, c, h: c + i * g)


@mistake("lstm_cell", "The input gate is not used: the cell takes in i of the candidate.")
def lstm_cell_without_input_gate(params, carry, x):
    return lstm_of(params, carry, x, new=lambda i, f, g, c, h: f * c + g)


@mistake("lstm_cell", "You take in 1 - f of the candidate, as a GRU would. The LSTM has a gate of its own for that, i.")
def lstm_cell_one_minus_f(params, carry, x):
    return lstm_of(params, carry, x, new=lambda i, f, g, c, h: f * c + (1 - f) * g)


@mistake("lstm_cell", "f is applied to the sum, the new part included. It belongs to the old c alone.")
def lstm_cell_forgets_the_new(params, carry, x):
    return lstm_of(params, carry, x, new=lambda i, f, g, c, h: f * (c + i * g))


@mistake("lstm_cell", "c is right. For h you used the OLD c: it is o of tanh of the new one.")
def lstm_cell_output_of_the_old(params, carry, x):
    h, c = lstm_of(params, carry, x)
    o = h / np.tanh(c)
    return o * np.tanh(carry[1]), c


@mistake("lstm_cell", "c is right. The output gate is missing in h: o of tanh(c).")
def lstm_cell_without_output_gate(params, carry, x):
    _, c = lstm_of(params, carry, x)
    return np.tanh(c), c


@mistake("lstm_cell", "b is missing in the sums before the gates.")
def lstm_cell_without_b(params, carry, x):
    return lstm_of(params, carry, x, sums=lambda params, h, x: x @ params["Wx"] + h @ params["Wh"])


@mistake("lstm_cell", "h · Wh is missing: the gates hear the output of the step before, too.")
def lstm_cell_without_wh(params, carry, x):
    return lstm_of(params, carry, x, sums=lambda params, h, x: x @ params["Wx"] + params["b"])


@mistake(
    "lstm_cell", "You add 1 to the forget gate's sum. That 1 is where b BEGINS before training; b holds it already."
)
def lstm_cell_forget_bias_again(params, carry, x):
    n = len(params["b"]) // 4
    return lstm_of(params | {"b": params["b"] + np.repeat([0, 1, 0, 0], n)}, carry, x)


# ------------------------------------------------------------------ gru_cell


def gru_of(
    params, h, x, order=(0, 1, 2), gate=None, bend=np.tanh, reset=lambda r, h, W: (r * h) @ W,
    new=lambda u, h, g: u * h + (1 - u) * g, bias=1,
):  # fmt: skip
    """One step; each name is a part that some people get wrong."""
    Wx, Wh, b = (np.split(params[name], 3, axis=-1) for name in ("Wx", "Wh", "b"))
    x_r, x_u, x_g = (x @ Wx[k] + bias * b[k] for k in order)
    r, u = ((gate or logistic)(z) for z in (x_r + h @ Wh[order[0]], x_u + h @ Wh[order[1]]))
    return new(u, h, bend(x_g + reset(r, h, Wh[order[2]])))


@mistake(
    "gru_cell",
    "u and 1 - u have changed places: here u says how much of the OLD h is kept. (Some books have it the other way round.)",
)
def gru_cell_update_turned(params, h, x):
    return gru_of(params, h, x, new=lambda u, h, g: (1 - u) * h + u * g)


@mistake(
    "gru_cell",
    "You apply r after the product: r of (h · Wh_g), as PyTorch and Keras do. Here r is applied to h first, before Wh_g mixes it.",
)
def gru_cell_reset_after(params, h, x):
    return gru_of(params, h, x, reset=lambda r, h, W: r * (h @ W))


@mistake(
    "gru_cell",
    "The reset gate and the update gate have changed places: r comes first in Wx, Wh and b. (In Keras, u does.)",
)
def gru_cell_order_urg(params, h, x):
    return gru_of(params, h, x, order=(1, 0, 2))


@mistake("gru_cell", "Your first block is the candidate. The order is r, u, g.")
def gru_cell_order_gru(params, h, x):
    return gru_of(params, h, x, order=(1, 2, 0))


@mistake("gru_cell", "The reset gate is not used: the candidate hears r of h.")
def gru_cell_without_reset(params, h, x):
    return gru_of(params, h, x, reset=lambda r, h, W: h @ W)


@mistake("gru_cell", "You let 1 - r through. r is what the candidate may hear of h.")
def gru_cell_reset_turned(params, h, x):
    return gru_of(params, h, x, reset=lambda r, h, W: ((1 - r) * h) @ W)


@mistake("gru_cell", "The candidate went through σ. It goes through tanh: it may also be negative.")
def gru_cell_candidate_sigmoid(params, h, x):
    return gru_of(params, h, x, bend=logistic)


@mistake("gru_cell", "The gates went through tanh. A gate is between 0, shut, and 1, open: σ.")
def gru_cell_gates_tanh(params, h, x):
    return gru_of(params, h, x, gate=np.tanh)


@mistake("gru_cell", "You add the whole candidate. Only 1 - u of it comes in.")
def gru_cell_adds_all(params, h, x):
    return gru_of(params, h, x, new=lambda u, h, g: u * h + g)


@mistake("gru_cell", "The old h is lost: u of it is kept, and 1 - u of the candidate comes in.")
def gru_cell_forgets(params, h, x):
    return gru_of(params, h, x, new=lambda u, h, g: (1 - u) * g)


@mistake("gru_cell", "What is kept is reset too, in yours. u keeps h itself; r is for the candidate only.")
def gru_cell_keeps_the_reset(params, h, x):
    Wx, Wh, b = (np.split(params[name], 3, axis=-1) for name in ("Wx", "Wh", "b"))
    r = logistic(x @ Wx[0] + h @ Wh[0] + b[0])
    return gru_of(params, h, x, new=lambda u, h, g: u * (r * h) + (1 - u) * g)


@mistake("gru_cell", "There is one tanh too many: the LSTM has one on its way out, the GRU has none.")
def gru_cell_tanh_on_the_way_out(params, h, x):
    return np.tanh(gru_of(params, h, x))


@mistake("gru_cell", "b is missing in the sums.")
def gru_cell_without_b(params, h, x):
    return gru_of(params, h, x, bias=0)


@mistake("gru_cell", "The gates do not hear h: h · Wh_r and h · Wh_u are missing.")
def gru_cell_gates_deaf(params, h, x):
    Wx, Wh, b = (np.split(params[name], 3, axis=-1) for name in ("Wx", "Wh", "b"))
    r, u = (logistic(x @ Wx[k] + b[k]) for k in (0, 1))
    return u * h + (1 - u) * np.tanh(x @ Wx[2] + (r * h) @ Wh[2] + b[2])


@mistake("gru_cell", "This is the candidate. The new h is u of the old h and 1 - u of this.")
def gru_cell_candidate_alone(params, h, x):
    return gru_of(params, h, x, new=lambda u, h, g: g)


# ------------------------------------------------------------------ masked_scan


def scanned(step, carry, x, mask, keep=None, out=None, give=None, steps=None):
    """A loop in place of the scan. keep(real, new, old), out(real, y) and give(real, x_t) are what may go wrong."""
    keep = keep or (lambda real, new, old: tuple(np.where(real, a, b) for a, b in zip(new, old, strict=True)))
    out = out or (lambda real, y: np.where(real, y, 0))
    carry, x, mask = tuple(map(np.asarray, carry)), np.asarray(x), np.asarray(mask)
    ys = []
    for t in steps or range(x.shape[1]):
        real = mask[:, t][:, None]
        new, y = step(carry, give(real, x[:, t]) if give else x[:, t])
        carry = keep(real, new, carry)
        ys.append(out(real, y))
    return carry, np.stack(ys, axis=1)


@mistake(
    "masked_scan",
    "The outputs are masked, but the carry is not: it goes on reading the padding. Where the mask is False, take the old "
    "carry.",
)
def masked_scan_only_the_output(step, carry, x, mask):
    return scanned(step, carry, x, mask, keep=lambda real, new, old: new)


@mistake("masked_scan", "The carry is right. At padded steps the output should be 0.")
def masked_scan_only_the_carry(step, carry, x, mask):
    return scanned(step, carry, x, mask, out=lambda real, y: y)


@mistake("masked_scan", "The mask is not used.")
def masked_scan_without_mask(step, carry, x, mask):
    return scanned(step, carry, x, mask, keep=lambda real, new, old: new, out=lambda real, y: y)


@mistake(
    "masked_scan",
    "You set padded inputs to 0 and let the cell run on. It moves all the same: h changes even if x is 0. Keep the carry.",
)
def masked_scan_zero_inputs(step, carry, x, mask):
    return scanned(step, carry, x, mask, lambda real, new, old: new, None, lambda real, x_t: np.where(real, x_t, 0))


@mistake("masked_scan", "The mask is turned round: True is what is REAL.")
def masked_scan_turned(step, carry, x, mask):
    return scanned(step, carry, x, ~np.asarray(mask))


@mistake(
    "masked_scan", "h is kept, but c is not: all parts of the carry stay as they were. `jax.tree.map` reaches them all."
)
def masked_scan_only_h(step, carry, x, mask):
    return scanned(step, carry, x, mask, lambda real, new, old: (np.where(real, new[0], old[0]), *new[1:]))


@mistake(
    "masked_scan", "c is kept, but h is not: all parts of the carry stay as they were. `jax.tree.map` reaches them all."
)
def masked_scan_only_c(step, carry, x, mask):
    return scanned(
        step, carry, x, mask, lambda real, new, old: (new[0], *map(lambda a, b: np.where(real, a, b), new[1:], old[1:]))
    )


@mistake(
    "masked_scan", "At a padded step your carry becomes 0: all that was read is forgotten. It should stay as it was."
)
def masked_scan_resets(step, carry, x, mask):
    return scanned(step, carry, x, mask, lambda real, new, old: tuple(np.where(real, a, 0) for a in new))


@mistake(
    "masked_scan",
    "The outputs have time as their first axis, as lax.scan stacks them. Turn them back: `jnp.swapaxes(y, 0, 1)`.",
)
def masked_scan_time_first(step, carry, x, mask):
    carry, y = scanned(step, carry, x, mask)
    return carry, np.swapaxes(y, 0, 1)


@mistake(
    "masked_scan",
    "lax.scan goes through the FIRST axis, and here that is the batch: your steps are whole sequences. Turn x and mask with "
    "`jnp.swapaxes(…, 0, 1)` first.",
)
def masked_scan_through_the_batch(step, carry, x, mask):
    x, mask = np.swapaxes(np.asarray(x), 0, 1), np.swapaxes(np.asarray(mask), 0, 1)
    carry, y = scanned(step, carry, x, mask)
    return carry, np.swapaxes(y, 0, 1)


@mistake(
    "masked_scan", "x is turned, but the mask is not: lax.scan takes a row of the mask, one sequence, for one step."
)
def masked_scan_mask_not_turned(step, carry, x, mask):
    return scanned(step, carry, x, np.swapaxes(np.asarray(mask), 0, 1))


@mistake(
    "masked_scan",
    "At padded steps your output repeats the last one. That is another habit, and a good one too; here it is 0.",
)
def masked_scan_repeats(step, carry, x, mask):
    carry, y = scanned(step, carry, x, mask)
    mask = np.asarray(mask)
    for row, t in np.argwhere(~mask):
        y[row, t] = y[row, t - 1] if t else 0
    return carry, y


@mistake("masked_scan", "You read from the end. lax.scan with reverse=True is for the way back of `both_ways`.")
def masked_scan_from_the_end(step, carry, x, mask):
    carry, y = scanned(step, carry, x, mask, steps=range(x.shape[1])[::-1])
    return carry, y[:, ::-1]


@mistake(
    "masked_scan",
    "Your loop gives the right numbers, but it calls `step` once for each of the 100 steps. Give the loop to `jax.lax.scan`.",
)
def masked_scan_loop(step, carry, x, mask):
    ys = []
    for t in range(x.shape[1]):
        real = mask[:, t][:, None]
        new, y = step(carry, x[:, t])
        carry = tuple(jnp.where(real, a, b) for a, b in zip(new, carry, strict=True))
        ys.append(jnp.where(real, y, 0))
    return carry, jnp.stack(ys, axis=1)


# ------------------------------------------------------------------ both_ways


def read_twice(there, back, x, lengths, give=lambda row, n: row[:n][::-1], turn=lambda y: y[::-1], join=None, end=-1):
    """Both layers over each sequence; each name is a part that some people get wrong."""
    join = join or (lambda a, b: np.concatenate([a, b], axis=-1))
    states, summary = [], []
    for row, n in zip(x, lengths, strict=True):
        a, b = there(row[:n]), back(give(row, n))
        both = join(a, turn(b)[:n])
        states.append(np.pad(both, ((0, len(row) - n), (0, 0))))
        summary.append(join(a[-1:], b[[end]])[0])
    return np.stack(states), np.stack(summary)


@mistake(
    "both_ways",
    "The states of `back` are in the order in which it read: the first one belongs to the LAST input. Turn them back, so "
    "that both halves speak of the same input.",
)
def both_ways_not_turned_back(there, back, x, lengths):
    return read_twice(there, back, x, lengths, turn=lambda y: y)


@mistake("both_ways", "`back` was given the sequence as it stands. Turn it round first: [::-1] along time.")
def both_ways_not_reversed(there, back, x, lengths):
    return read_twice(there, back, x, lengths, give=lambda row, n: row[:n], turn=lambda y: y)


@mistake(
    "both_ways", "`back` was given the sequence as it stands, and then its states were turned. Turn both, or neither."
)
def both_ways_turned_only_after(there, back, x, lengths):
    return read_twice(there, back, x, lengths, give=lambda row, n: row[:n], end=0)


@mistake(
    "both_ways",
    "You turn the row with its padding, so `back` begins with the padding. Cut to the length first, then turn.",
)
def both_ways_reads_the_padding(there, back, x, lengths):
    return read_twice(there, back, x, lengths, give=lambda row, n: row[::-1])


@mistake("both_ways", "You turn the features, not the time: time is the first axis of one sequence.")
def both_ways_features_turned(there, back, x, lengths):
    return read_twice(there, back, x, lengths, give=lambda row, n: row[:n, ::-1], turn=lambda y: y[:, ::-1])


@mistake(
    "both_ways",
    "The states are right. The summary takes what `back` says of the LAST input, when it has read one input only. It has "
    "read everything when it comes to the first.",
)
def both_ways_summary_at_the_end(there, back, x, lengths):
    return read_twice(there, back, x, lengths, end=0)


@mistake(
    "both_ways",
    "The summary takes the last place of each row, and in shorter sequences that is padding. `there` is done at the last "
    "REAL place, `back` at the first.",
)
def both_ways_summary_at_the_padding(there, back, x, lengths):
    states, _ = read_twice(there, back, x, lengths)
    return states, states[:, -1]


@mistake(
    "both_ways",
    "Yours takes both halves of the summary at the first input. `there` has read everything at the last one.",
)
def both_ways_summary_at_the_start(there, back, x, lengths):
    states, _ = read_twice(there, back, x, lengths)
    return states, states[:, 0]


@mistake("both_ways", "The halves have changed places: first `there`, then `back`.")
def both_ways_halves_swapped(there, back, x, lengths):
    return read_twice(there, back, x, lengths, join=lambda a, b: np.concatenate([b, a], axis=-1))


@mistake("both_ways", "You add the two. Here they stand side by side: 2n numbers at each place.")
def both_ways_added(there, back, x, lengths):
    return read_twice(there, back, x, lengths, join=lambda a, b: a + b)


@mistake("both_ways", "The lengths are not used: padding is read as if it were real.")
def both_ways_without_lengths(there, back, x, lengths):
    return read_twice(there, back, x, np.full(len(x), x.shape[1]))


@mistake("both_ways", "You use `there` for both directions. `back` is a layer with weights of its own.")
def both_ways_one_layer(there, back, x, lengths):
    return read_twice(there, there, x, lengths)


@mistake("both_ways", "The two layers have changed places: `there` reads forwards.")
def both_ways_layers_swapped(there, back, x, lengths):
    return read_twice(back, there, x, lengths)


@mistake("both_ways", "All sequences are cut to the shortest one. Each has its own length.")
def both_ways_shortest(there, back, x, lengths):
    return read_twice(there, back, x, np.full(len(x), min(lengths)))


@mistake(
    "both_ways",
    "A layer reads ONE sequence, (time, n_in). You give it the whole batch, so it takes the sequences for the steps. Go "
    "through the batch in a loop.",
)
def both_ways_whole_batch(there, back, x, lengths):
    states = np.concatenate([there(x), back(x[:, ::-1])[:, ::-1]], axis=-1)
    return states, states[:, -1]


@mistake("both_ways", "`back` reads what `there` has made of the sequence. That is a second layer; here both read x.")
def both_ways_stacked(there, back, x, lengths):
    states, summary = [], []
    for row, n in zip(x, lengths, strict=True):
        a = there(row[:n])
        b = back(a[::-1])
        states.append(np.pad(np.concatenate([a, b[::-1]], axis=1), ((0, len(row) - n), (0, 0))))
        summary.append(np.concatenate([a[-1], b[-1]]))
    return np.stack(states), np.stack(summary)


# ------------------------------------------------------------------ shift_targets


def cut(ids, length, n):
    """n windows of a text; a ValueError if there is none."""
    if n < 1:
        raise ValueError("too short")
    return ids[: n * length].reshape(n, length)


@mistake(
    "shift_targets",
    "The targets are what is read: the model learns to repeat, and its loss falls to 0. y is the text one place further on.",
)
def shift_targets_not_shifted(ids, length):
    x = cut(ids, length, (len(ids) - 1) // length)
    return x, x


@mistake(
    "shift_targets",
    "The right two, the wrong way round: the model should say what comes NEXT, and in yours it should say what came before.",
)
def shift_targets_backwards(ids, length):
    n = (len(ids) - 1) // length
    return cut(ids[1:], length, n), cut(ids, length, n)


@mistake(
    "shift_targets",
    "np.roll brings the first id to the end as a target. What is read last has no target: leave the rest of the text out.",
)
def shift_targets_rolled(ids, length):
    n = len(ids) // length
    return cut(ids, length, n), cut(np.roll(ids, -1), length, n)


@mistake(
    "shift_targets",
    "You shift inside each window, so the last target of a window is its own first id. It should be the first id of the "
    "NEXT window: shift the text, then cut.",
)
def shift_targets_rolled_in_the_window(ids, length):
    x = cut(ids, length, (len(ids) - 1) // length)
    return x, np.roll(x, -1, axis=1)


@mistake(
    "shift_targets",
    "You cut windows first and shift inside them, so each has one id less. Shift the text first: a window keeps its length.",
)
def shift_targets_short_windows(ids, length):
    x = cut(ids, length, len(ids) // length)
    return x[:, :-1], x[:, 1:]


@mistake("shift_targets", "The targets come a whole window later. They come one id later.")
def shift_targets_by_a_window(ids, length):
    n = len(ids) // length - 1
    return cut(ids, length, n), cut(ids[length:], length, n)


@mistake("shift_targets", "You shift by two: y begins with the second id, ids[1].")
def shift_targets_by_two(ids, length):
    n = (len(ids) - 2) // length
    return cut(ids, length, n), cut(ids[2:], length, n)


@mistake(
    "shift_targets",
    "Your windows overlap: each begins one id after the one before. Here the next begins where the last has ended.",
)
def shift_targets_overlapping(ids, length):
    starts = range(len(ids) - length)
    if not len(starts):
        raise ValueError("too short")
    return np.array([ids[i : i + length] for i in starts]), np.array([ids[i + 1 : i + 1 + length] for i in starts])


@mistake("shift_targets", "One target for each window is given. Every place has one: the id after it.")
def shift_targets_last_only(ids, length):
    n = (len(ids) - 1) // length
    return cut(ids, length, n), ids[length : n * length + 1 : length]


@mistake("shift_targets", "The numbers run down the columns. A window is a row: reshape(-1, length).")
def shift_targets_columns(ids, length):
    n = (len(ids) - 1) // length
    x, y = cut(ids, length, n), cut(ids[1:], length, n)
    return x.reshape(length, n).T, y.reshape(length, n).T


@mistake(
    "shift_targets",
    "You filled the last target with 0. 0 never came in the text: leave out a window without all its targets.",
)
def shift_targets_filled(ids, length):
    n = len(ids) // length
    return cut(ids, length, n), cut(np.append(ids[1:], 0), length, n)


@mistake(
    "shift_targets",
    "One window is missing. n ids have n - 1 targets, and every full window of these counts: (n - 1) // length.",
)
def shift_targets_one_less(ids, length):
    n = (len(ids) - 2) // length
    return cut(ids, length, n), cut(ids[1:], length, n)


@mistake(
    "shift_targets", "A text that is too short for one window should raise a ValueError; yours gives empty arrays."
)
def shift_targets_empty(ids, length):
    n = max((len(ids) - 1) // length * length, 0)
    return ids[:n].reshape(-1, length), ids[1 : n + 1].reshape(-1, length)


# ------------------------------------------------------------------ bits_per_character


def told(bits, perplexity=None):
    return float(bits), float(2**bits if perplexity is None else perplexity)


@mistake("bits_per_character", "These are nats, by the natural logarithm. One bit is log 2 = 0.69 nats: use np.log2.")
def bits_per_character_nats(p, mask):
    nats = np.mean(-np.log(p[mask]))
    return told(nats, np.exp(nats))


@mistake(
    "bits_per_character",
    "These are nats, by the natural logarithm, and 2 to their power has no meaning. Bits are by np.log2; then 2 to their power.",
)
def bits_per_character_two_to_the_nats(p, mask):
    return told(np.mean(-np.log(p[mask])))


@mistake("bits_per_character", "The bits are right. The perplexity is 2 to their power: e belongs to nats.")
def bits_per_character_e_to_the_bits(p, mask):
    bits = np.mean(-np.log2(p[mask]))
    return told(bits, np.exp(bits))


@mistake(
    "bits_per_character",
    "The bits are right. Your perplexity is the mean of 1/p, the perplexities of the characters. First the mean of the "
    "bits, then 2 to its power.",
)
def bits_per_character_mean_of_perplexities(p, mask):
    return told(np.mean(-np.log2(p[mask])), np.mean(1 / p[mask]))


def of_rows(p, mask):
    """The mean bits of each text."""
    return np.array([np.mean(-np.log2(row[real])) for row, real in zip(p, mask, strict=True) if np.any(real)])


@mistake(
    "bits_per_character",
    "The bits are right. Your perplexity is the mean over the texts. There is one for all: 2 to the power of the mean bits.",
)
def bits_per_character_mean_of_texts_perplexities(p, mask):
    return told(np.mean(-np.log2(p[mask])), np.mean(2 ** of_rows(p, mask)))


@mistake(
    "bits_per_character",
    "You take the mean of each text, and then the mean of these. So a character of a short text counts more than one of a "
    "long text. Take one mean over all real characters.",
)
def bits_per_character_mean_of_means(p, mask):
    return told(np.mean(of_rows(p, mask)))


@mistake("bits_per_character", "The padding counts in yours. Take the places where the mask is True: p[mask].")
def bits_per_character_with_padding(p, mask):
    return told(np.mean(-np.log2(p)))


@mistake(
    "bits_per_character",
    "The padding is set to 0, but it still counts in the mean: you divide by all places. Divide by how many are real.",
)
def bits_per_character_divided_by_all(p, mask):
    return told(np.mean(np.where(mask, -np.log2(p), 0)))


@mistake(
    "bits_per_character",
    "You set the padding to 0 before the logarithm, and log2(0) is infinite. Leave the padding out first, p[mask], and then "
    "take the logarithm.",
)
def bits_per_character_log_of_zero(p, mask):
    with np.errstate(divide="ignore"):
        return told(np.mean(-np.log2(p * mask)))


@mistake(
    "bits_per_character",
    "You take the mean of the probabilities, then its logarithm. Each character has its own surprise: logarithm first, then "
    "the mean.",
)
def bits_per_character_mean_first(p, mask):
    return told(-np.log2(np.mean(p[mask])))


@mistake("bits_per_character", "This is the sum of the bits. Divide by how many characters are real.")
def bits_per_character_sum(p, mask):
    return told(np.sum(-np.log2(p[mask])))


@mistake(
    "bits_per_character",
    "These are the bits of a whole text. Divide by its real characters, not by the number of texts.",
)
def bits_per_character_per_text(p, mask):
    return told(np.sum(-np.log2(p[mask])) / len(p))


@mistake("bits_per_character", "The sign is missing: log2 of a probability is negative, and a surprise is not.")
def bits_per_character_sign(p, mask):
    return told(np.mean(np.log2(p[mask])))


@mistake(
    "bits_per_character", "The bits are right, and the perplexity is upside down: it is 2 to their power, at least 1."
)
def bits_per_character_upside_down(p, mask):
    bits = np.mean(-np.log2(p[mask]))
    return told(bits, 2**-bits)


@mistake(
    "bits_per_character",
    "You weight each surprise by p, as in the entropy. These characters did come: each counts once.",
)
def bits_per_character_weighted(p, mask):
    return told(np.mean(-p[mask] * np.log2(p[mask])))


@mistake("bits_per_character", "These are decimal digits: log10. For bits it is log2.")
def bits_per_character_decimal(p, mask):
    return told(np.mean(-np.log10(p[mask])))


# ------------------------------------------------------------------ sample_next


def pieces(z):
    p = np.exp(z - np.max(z))
    return p / p.sum()


def kept(z, k, rest=-np.inf):
    """The k largest scores; `rest` in place of the others."""
    return z if k is None else np.where(z >= np.sort(z)[-k], z, rest)


def on_the_line(p, u):
    return np.minimum(np.searchsorted(np.cumsum(p), u, side="right"), len(p) - 1)


@mistake(
    "sample_next", "You multiply by the temperature. The scores are DIVIDED by it: a high temperature makes them alike."
)
def sample_next_multiplied(logits, u, temperature=1.0, k=None):
    return on_the_line(pieces(kept(logits * temperature, k)), u)


@mistake(
    "sample_next",
    "The temperature changes nothing in yours. It is the scores that are divided by it, before the softmax.",
)
def sample_next_without_temperature(logits, u, temperature=1.0, k=None):
    return on_the_line(pieces(kept(logits, k)), u)


@mistake("sample_next", "You keep the k SMALLEST scores.")
def sample_next_smallest(logits, u, temperature=1.0, k=None):
    z = logits / temperature
    return on_the_line(pieces(np.where(z <= np.sort(z)[(k or len(z)) - 1], z, -np.inf)), u)


@mistake(
    "sample_next",
    "Those that are not kept get the score 0 in yours, and exp(0) is 1: they are drawn all the same. Give them -inf, or the "
    "probability 0.",
)
def sample_next_zero_scores(logits, u, temperature=1.0, k=None):
    return on_the_line(pieces(kept(logits / temperature, k, 0.0)), u)


@mistake(
    "sample_next",
    "After you have taken the others out, the probabilities of the k that are left no longer sum up to 1. Divide by their sum.",
)
def sample_next_not_renewed(logits, u, temperature=1.0, k=None):
    z = logits / temperature
    return on_the_line(np.where(kept(z, k) > -np.inf, pieces(z), 0), u)


@mistake("sample_next", "k is not used: all characters may be drawn.")
def sample_next_without_k(logits, u, temperature=1.0, k=None):
    return on_the_line(pieces(logits / temperature), u)


@mistake("sample_next", "One character too few may be drawn: with k = 3 the third one belongs to them (>=, not >).")
def sample_next_one_less(logits, u, temperature=1.0, k=None):
    return on_the_line(pieces(kept(logits / temperature, k if k is None else max(k - 1, 1))), u)


@mistake("sample_next", "One character too many may be drawn: the k largest scores are np.sort(z)[-k:].")
def sample_next_one_more(logits, u, temperature=1.0, k=None):
    return on_the_line(pieces(kept(logits / temperature, k if k is None else min(k + 1, len(logits)))), u)


@mistake("sample_next", "You keep ids 0 to k - 1, whatever their scores. Keep those with the largest scores.")
def sample_next_first_k(logits, u, temperature=1.0, k=None):
    return on_the_line(pieces(np.where(np.arange(len(logits)) < (k or len(logits)), logits / temperature, -np.inf)), u)


@mistake(
    "sample_next",
    "These are places in the sorted row of scores, not ids. Keep the ids in their order, or look up whose place it is.",
)
def sample_next_ranks(logits, u, temperature=1.0, k=None):
    return on_the_line(pieces(np.sort(logits / temperature)[::-1][:k]), u)


@mistake(
    "sample_next",
    "The ids are those of a line on which the most probable one comes first. The line is to be in the order of the ids.",
)
def sample_next_sorted_line(logits, u, temperature=1.0, k=None):
    order = np.argsort(-logits)
    return order[on_the_line(pieces(kept(logits / temperature, k))[order], u)]


@mistake("sample_next", "You always take the most probable one. That is not drawing: it depends on u.")
def sample_next_argmax(logits, u, temperature=1.0, k=None):
    return np.full(len(u), np.argmax(logits))


@mistake(
    "sample_next",
    "You divide the PROBABILITIES by the temperature, so they no longer sum up to 1. Divide the scores, before the softmax.",
)
def sample_next_divides_probabilities(logits, u, temperature=1.0, k=None):
    return on_the_line(pieces(kept(logits, k)) / temperature, u)


@mistake("sample_next", "You lay the pieces from 1 down to 0. Begin at 0 with id 0.")
def sample_next_from_the_other_end(logits, u, temperature=1.0, k=None):
    return on_the_line(pieces(kept(logits / temperature, k)), 1 - u)


@mistake(
    "sample_next",
    "exp of 1000 is infinite, and infinity / infinity is NaN. Subtract the largest score first: the probabilities stay the same.",
)
def sample_next_overflows(logits, u, temperature=1.0, k=None):
    z = kept(logits / temperature, k)
    p = np.exp(z) / np.exp(z).sum()
    return np.searchsorted(np.cumsum(p), u, side="right")


@mistake("sample_next", "There is no exp: scores are no probabilities yet. Softmax first.")
def sample_next_without_exp(logits, u, temperature=1.0, k=None):
    z = kept(logits / temperature, k, 0.0)
    return on_the_line(z / z.sum(), u)


# ------------------------------------------------------------------ mend_language_model


def read_and_write(params, ids, n, state=False, target=False, mean=False, feed=False, anew=False):
    """The script of the exercise; each name is a line that is still wrong."""

    def step(h, i):
        h = np.tanh(params["Wx"][i] + h @ params["Wh"] + params["b"])
        z = h @ params["W_out"] + params["b_out"]
        p = np.exp(z - z.max())
        return h, p / p.sum()

    h, chances = np.zeros(len(params["b"])), []
    for t in range(len(ids) - 1):
        new, p = step(h, ids[t])
        h = h if state else new
        chances.append(p[ids[t] if target else ids[t + 1]])
    bits = -np.log2(np.mean(chances)) if mean else np.mean(-np.log2(chances))
    written, i = [], ids[-1]
    h = np.zeros_like(h) if anew else h
    for _ in range(n):
        h, p = step(h, ids[-1] if feed else i)
        i = int(np.argmax(p))
        written.append(i)
    return bits, written


@mistake(
    "mend_language_model",
    "Nothing but the `raise` was taken out: four lines below it are still wrong. Begin with the first loop: what becomes of "
    "the state?",
)
def mend_language_model_nothing(params, ids, n):
    return read_and_write(params, ids, n, state=True, target=True, mean=True, feed=True)


@mistake(
    "mend_language_model",
    "Three lines are right now. Left is the state: `_` throws it away, so every id is read as if it were the first.",
)
def mend_language_model_state_left(params, ids, n):
    return read_and_write(params, ids, n, state=True)


@mistake(
    "mend_language_model",
    "Three lines are right now. Left is the target: how probable was the id that has just been READ? That is no question. "
    "Ask for the next one.",
)
def mend_language_model_target_left(params, ids, n):
    return read_and_write(params, ids, n, target=True)


@mistake(
    "mend_language_model",
    "Three lines are right now. Left is the mean: each character has its own bits, so take log2 first, and then the mean.",
)
def mend_language_model_mean_left(params, ids, n):
    return read_and_write(params, ids, n, mean=True)


@mistake(
    "mend_language_model",
    "Three lines are right now. Left is the writing: it reads the last id of the text again and again. What has just been "
    "written is to be read next.",
)
def mend_language_model_feed_left(params, ids, n):
    return read_and_write(params, ids, n, feed=True)


@mistake("mend_language_model", "The state is right now. Three lines are left: the target, the mean, and the writing.")
def mend_language_model_state_done(params, ids, n):
    return read_and_write(params, ids, n, target=True, mean=True, feed=True)


@mistake("mend_language_model", "The target is right now. Three lines are left: the state, the mean, and the writing.")
def mend_language_model_target_done(params, ids, n):
    return read_and_write(params, ids, n, state=True, mean=True, feed=True)


@mistake("mend_language_model", "The mean is right now. Three lines are left: the state, the target, and the writing.")
def mend_language_model_mean_done(params, ids, n):
    return read_and_write(params, ids, n, state=True, target=True, feed=True)


@mistake("mend_language_model", "The writing is right now. Three lines are left: the state, the target, and the mean.")
def mend_language_model_feed_done(params, ids, n):
    return read_and_write(params, ids, n, state=True, target=True, mean=True)


@mistake(
    "mend_language_model", "The first loop is right now. Left are the mean of the bits, and what is read while writing."
)
def mend_language_model_loop_done(params, ids, n):
    return read_and_write(params, ids, n, mean=True, feed=True)


@mistake("mend_language_model", "The mean and the writing are right now. Left are two lines of the first loop.")
def mend_language_model_loop_left(params, ids, n):
    return read_and_write(params, ids, n, state=True, target=True)


@mistake(
    "mend_language_model", "The state and the mean are right now. Left are the target, and what is read while writing."
)
def mend_language_model_target_and_feed(params, ids, n):
    return read_and_write(params, ids, n, target=True, feed=True)


@mistake("mend_language_model", "The state and the writing are right now. Left are the target and the mean.")
def mend_language_model_target_and_mean(params, ids, n):
    return read_and_write(params, ids, n, target=True, mean=True)


@mistake(
    "mend_language_model", "The target and the mean are right now. Left are the state, and what is read while writing."
)
def mend_language_model_state_and_feed(params, ids, n):
    return read_and_write(params, ids, n, state=True, feed=True)


@mistake("mend_language_model", "The target and the writing are right now. Left are the state and the mean.")
def mend_language_model_state_and_mean(params, ids, n):
    return read_and_write(params, ids, n, state=True, mean=True)


@mistake(
    "mend_language_model",
    "The reading is right. But the writing begins with a state of zeros, as if nothing had been read: go on with h.",
)
def mend_language_model_anew(params, ids, n):
    return read_and_write(params, ids, n, anew=True)


# ------------------------------------------------------------------ learn_order


def random_weights(key):
    keys = jax.random.split(key, 3)
    params = {"Wx": jax.random.normal(keys[0], (8, 16)) / 2, "Wh": jax.random.normal(keys[1], (16, 16)) / 4}
    return params | {"b": jnp.zeros(16), "W_out": jax.random.normal(keys[2], (16, 2)) / 4, "b_out": jnp.zeros(2)}


@mistake("learn_order", "These are the random weights that you began with. Return the ones after training.")
def learn_order_untrained(key, x, y):
    return random_weights(key)


@mistake("learn_order", "All weights are 0: every state is 0, so no gradient gets through. Begin with random ones.")
def learn_order_zeros(key, x, y):
    return jax.tree.map(jnp.zeros_like, random_weights(key))


@mistake(
    "learn_order",
    "All is NaN. Print the losses: where does the first NaN stand? At once: the log of 0. Later: the steps are too large, or "
    "the gradient exploded; `clip_global` helps.",
)
def learn_order_nan(key, x, y):
    return jax.tree.map(lambda w: w * jnp.nan, random_weights(key))


@mistake(
    "learn_order",
    "Your Wx is (16, 8), as PyTorch keeps it. Here it is (8, n): row i belongs to the symbol i, so that Wx[x[:, t]] looks it up.",
)
def learn_order_wx_turned(key, x, y):
    params = random_weights(key)
    return params | {"Wx": params["Wx"].T}


@mistake("learn_order", "W_out has one column, for a sigmoid. Here there are two scores, one for each label.")
def learn_order_one_score(key, x, y):
    params = random_weights(key)
    return params | {"W_out": params["W_out"][:, :1], "b_out": params["b_out"][:1]}


@mistake(
    "learn_order",
    "Your W_out is (128, 2): it hears the states of all eight steps. Here it hears the last one alone, (n, 2).",
)
def learn_order_all_steps(key, x, y):
    params = random_weights(key)
    return params | {"W_out": jnp.tile(params["W_out"], (8, 1))}


@mistake("learn_order", "Wh is 0: no state hears the one before, so the network sees the last symbol only.")
def learn_order_without_memory(key, x, y):
    params = random_weights(key)
    return params | {"Wh": jnp.zeros_like(params["Wh"])}
