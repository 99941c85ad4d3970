"""Wrong answers to chapter 2 that real people give, and what a good teacher says.

Each is complete in itself: it is called on the inputs on which a learner's answer failed.
"""

import jax
import jax.numpy as jnp
import numpy as np

from deepbook.course.mistakes import mistake

# ------------------------------------------------------------------ layers_by_hand


@mistake(
    "layers_by_hand", "The ReLU of the hidden units is missing: one of their sums is negative, and ReLU makes it 0."
)
def layers_by_hand_without_relu():
    return 4.0, -2.0, -8.0


@mistake(
    "layers_by_hand",
    "The output has no activation, so it may be negative. ReLU is for the hidden units.",
)
def layers_by_hand_relu_at_the_end():
    return 4.0, 0.0, 0.0


@mistake(
    "layers_by_hand",
    "You read W1 by rows. The weights of a unit are a column: the first unit multiplies x1 by 1 and x2 by 3.",
)
def layers_by_hand_by_rows():
    return 0.0, 8.0, 14.0


@mistake("layers_by_hand", "The biases of the hidden units are missing: add −1 to the first sum and 1 to the second.")
def layers_by_hand_without_hidden_biases():
    return 5.0, 0.0, 0.0


@mistake("layers_by_hand", "The hidden units are right. The output has a bias too: add −10 at the end.")
def layers_by_hand_without_output_bias():
    return 4.0, 0.0, 8.0


@mistake("layers_by_hand", "Nothing has its bias yet: each hidden unit has one, and so has the output.")
def layers_by_hand_without_biases():
    return 5.0, 0.0, 10.0


@mistake("layers_by_hand", "ReLU is not the absolute value: it replaces a negative number by 0.")
def layers_by_hand_relu_as_absolute():
    return 4.0, 2.0, 4.0


@mistake(
    "layers_by_hand",
    "The output is right. But the second hidden unit is asked for after its ReLU, and −2 is before it.",
)
def layers_by_hand_before_relu():
    return 4.0, -2.0, -2.0


# ------------------------------------------------------------------ curve


def slopes_between(x, y):
    return np.diff(y) / np.diff(x)


@mistake(
    "curve",
    "Your v are the slopes themselves. But the units further left are still on and add theirs: v[i] is by how much the "
    "slope CHANGES at x[i].",
)
def curve_of_slopes(x, y):
    return np.append(slopes_between(x, y), 0), y[0]


@mistake(
    "curve", "The slopes are right. But c is missing: left of the first point no unit is on, and the height is y[0]."
)
def curve_without_start(x, y):
    return np.diff(slopes_between(x, y), prepend=0, append=0), 0.0


@mistake(
    "curve",
    "After the last point your curve goes on with its last slope. It should be level there, so the last unit takes that "
    "slope away.",
)
def curve_goes_on(x, y):
    return np.append(np.diff(slopes_between(x, y), prepend=0), 0), y[0]


@mistake("curve", "There is a unit for the last point too: it makes the curve level after it. v has the shape (n,).")
def curve_without_the_last_unit(x, y):
    return np.diff(slopes_between(x, y), prepend=0), y[0]


@mistake(
    "curve",
    "Before the first point the slope is 0, so the first change is the whole first slope. Yours has one unit too few there.",
)
def curve_without_the_first_unit(x, y):
    return np.diff(slopes_between(x, y), append=0), y[0]


@mistake(
    "curve", "You take differences of the heights only. A slope is a height divided by a width, and the widths differ."
)
def curve_with_even_widths(x, y):
    return np.diff(np.diff(y), prepend=0, append=0), y[0]


@mistake("curve", "The sign of v is turned: a change is the slope AFTER the corner minus the slope before it.")
def curve_turned_round(x, y):
    return -np.diff(slopes_between(x, y), prepend=0, append=0), y[0]


@mistake("curve", "These would be the weights of step units, which jump by a height. A ReLU changes the slope.")
def curve_of_steps(x, y):
    return np.diff(y, prepend=y[0]), y[0]


@mistake("curve", "You use the heights as weights. Sum them up on paper at the second point: do you get y[1]?")
def curve_of_heights(x, y):
    return np.array(y, float), 0.0


@mistake(
    "curve",
    "The slope changes at the first and at the last point too: there it comes from 0 and goes back to 0. v has the shape (n,).",
)
def curve_without_both_ends(x, y):
    return np.diff(slopes_between(x, y)), y[0]


@mistake("curve", "Your slopes are upside down: a slope is the change of y divided by the change of x.")
def curve_upside_down(x, y):
    with np.errstate(all="ignore"):
        return np.diff(np.diff(x) / np.diff(y), prepend=0, append=0), y[0]


# ------------------------------------------------------------------ forward


def relu(z):
    return np.maximum(z, 0)


def run_through(params, x, hidden=lambda z: np.maximum(z, 0), last=lambda z: z):
    for number, (W, b) in enumerate(params):
        x = x @ W + b
        x = hidden(x) if number < len(params) - 1 else last(x)
    return x


@mistake("forward", "ReLU comes after the last layer too. There the scores must be free to be negative.")
def forward_relu_at_the_end(params, x):
    return run_through(params, x, last=relu)


@mistake(
    "forward", "There is no ReLU between the layers, so the whole network is one line: two products are one product."
)
def forward_without_relu(params, x):
    return run_through(params, x, hidden=lambda z: z)


@mistake("forward", "The biases are missing: each layer computes h @ W + b.")
def forward_without_biases(params, x):
    return run_through([(W, 0 * b) for W, b in params], x)


@mistake("forward", "You turn W round. It is (inputs, units) already: h @ W, without .T.")
def forward_turned(params, x):
    return run_through([(W.T, b) for W, b in params], x)


@mistake(
    "forward", "Only the first and the last layer are used. There may be more between them: walk through all of params."
)
def forward_of_two(params, x):
    return run_through([params[0], params[-1]], x)


@mistake("forward", "Every layer of yours sees x. Only the first one does: the others see what the layer before gave.")
def forward_always_x(params, x):
    for W, b in params[:-1]:
        h = relu(x @ W + b)  # noqa: F841
    W, b = params[-1]
    return x @ W + b


@mistake("forward", "The last layer is missing: you return the hidden units that it should see.")
def forward_stops_early(params, x):
    for W, b in params[:-1]:
        x = relu(x @ W + b)
    return x


@mistake("forward", "The first layer is missing: x itself is what it sees.")
def forward_starts_late(params, x):
    return run_through(params[1:], x)


@mistake(
    "forward",
    "ReLU comes before the product here, so it cuts off the negative inputs. It belongs after the weighted sum.",
)
def forward_relu_first(params, x):
    for W, b in params:
        x = relu(x) @ W + b
    return x


@mistake("forward", "`return` stands inside the loop, so only the first layer runs. Move it to the left.")
def forward_returns_early(params, x):
    W, b = params[0]
    return relu(x @ W + b)


@mistake("forward", "You use the sigmoid between the layers. In this network the hidden units are ReLUs.")
def forward_with_sigmoids(params, x):
    return run_through(params, x, hidden=lambda z: 1 / (1 + np.exp(-z)))


@mistake("forward", "The bias comes too late: ReLU is given the whole weighted sum, h @ W + b.")
def forward_bias_after_relu(params, x):
    for W, b in params[:-1]:
        x = relu(x @ W) + b
    W, b = params[-1]
    return x @ W + b


@mistake("forward", "It is the other way round: ReLU in all layers but the last, and none there.")
def forward_relu_in_the_last_only(params, x):
    return run_through(params, x, hidden=lambda z: z, last=relu)


@mistake("forward", "You put a softmax at the end. Here the scores themselves are wanted.")
def forward_with_a_softmax(params, x):
    z = run_through(params, x)
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# ------------------------------------------------------------------ softmax


def share(e, axis=-1):
    return e / e.sum(axis=axis, keepdims=True)


def stable_softmax(z):
    return share(np.exp(z - z.max(axis=-1, keepdims=True)))


@mistake(
    "softmax",
    "The formula is right on paper. But exp(1000) is infinity, and infinity divided by infinity is not a number. First "
    "subtract each row's maximum: it cancels.",
)
def softmax_overflows(z):
    return share(np.exp(z))


@mistake("softmax", "All numbers together sum to 1. Each row should, on its own: sum along the last axis only.")
def softmax_over_everything(z):
    e = np.exp(z - z.max())
    return e / e.sum()


@mistake("softmax", "Your columns sum to 1. The classes are along the last axis: axis=-1, so that each row sums to 1.")
def softmax_over_columns(z):
    return share(np.exp(z - z.max(axis=0)), axis=0)


@mistake(
    "softmax",
    "The sums of the rows have the shape (rows,), so NumPy lays them along the columns. keepdims=True keeps them upright.",
)
def softmax_without_keepdims(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1)


@mistake(
    "softmax",
    "Both the maxima and the sums of the rows have the shape (rows,), so NumPy lays them along the columns. Use "
    "keepdims=True in both places.",
)
def softmax_without_any_keepdims(z):
    e = np.exp(z - z.max(axis=-1))
    return e / e.sum(axis=-1)


@mistake(
    "softmax",
    "You subtract the maximum of the whole array. In a row that lies far below it every exp becomes 0, and 0/0 is not a "
    "number: subtract each row's own maximum.",
)
def softmax_with_one_maximum(z):
    return share(np.exp(z - z.max()))


@mistake("softmax", "axis=1 is the last axis of a batch only. For one row, or for more axes, it is axis=-1.")
def softmax_of_axis_one(z):
    return share(np.exp(z - z.max(axis=1, keepdims=True)), axis=1)


@mistake("softmax", "The exponential is missing: you divide the scores themselves by their sum.")
def softmax_without_exp(z):
    return share(z)


@mistake("softmax", "Nothing is divided: the exponentials alone do not sum to 1.")
def softmax_without_sum(z):
    return np.exp(z)


@mistake("softmax", "This is the logarithm of the softmax. Here the probabilities themselves are wanted.")
def softmax_in_logarithms(z):
    return np.log(stable_softmax(z))


@mistake("softmax", "This is a sigmoid of each score: a yes or no for each class. Softmax makes them share one 1.")
def softmax_as_sigmoid(z):
    return 1 / (1 + np.exp(-z))


@mistake(
    "softmax",
    "You subtract the scores from the maximum, so the largest score becomes the least likely: z − max, in this order.",
)
def softmax_turned_round(z):
    return share(np.exp(z.max(axis=-1, keepdims=True) - z))


@mistake(
    "softmax",
    "The sums of the rows have the shape (rows,), so NumPy lays them along the columns: keepdims=True keeps them upright. And "
    "subtract each row's maximum, so that nothing overflows.",
)
def softmax_bare_without_keepdims(z):
    e = np.exp(z)
    return e / e.sum(axis=-1)


@mistake(
    "softmax",
    "The maximum goes along the last axis, and the sum goes along the first. Both belong to the row: axis=-1.",
)
def softmax_with_two_axes(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=0)


@mistake(
    "softmax",
    "You clip the scores, so 1000 and 1002 become the same number. Subtract each row's maximum: that changes nothing but the "
    "size of the exponents.",
)
def softmax_clipped(z):
    return share(np.exp(np.clip(z, -700, 700)))


# ------------------------------------------------------------------ cross_entropy


def log_probabilities(logits):
    z = logits - logits.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def surprises(logits, y):
    return -log_probabilities(logits)[np.arange(len(y)), y]


def mean_surprise(p, y):
    return -np.mean(np.log(p[np.arange(len(y)), y]))


@mistake("cross_entropy", "You add up the surprises of the batch; the loss is their mean.")
def cross_entropy_sum(logits, y):
    return np.sum(surprises(logits, y))


@mistake("cross_entropy", "You return one surprise for each example; the loss is their mean, one number.")
def cross_entropy_of_each(logits, y):
    return surprises(logits, y)


@mistake("cross_entropy", "Your loss is negative: a surprise is MINUS the log of a probability.")
def cross_entropy_without_minus(logits, y):
    return -np.mean(surprises(logits, y))


@mistake(
    "cross_entropy",
    "You divide by the number of classes as well. Each example has one true class, so divide by the batch only.",
)
def cross_entropy_over_all(logits, y):
    return np.sum(surprises(logits, y)) / logits.size


@mistake(
    "cross_entropy",
    "Your formula never takes the log of 0. But exp(1000) overflows: subtract each row's maximum before exp, and add it "
    "again after the log.",
)
def cross_entropy_overflows(logits, y):
    return np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y])


@mistake(
    "cross_entropy",
    "Your softmax overflows at exp(1000), and then takes the log of not-a-number. Work on the formula: log of exp cancels.",
)
def cross_entropy_through_a_bare_softmax(logits, y):
    return mean_surprise(share(np.exp(logits)), y)


@mistake(
    "cross_entropy",
    "Your softmax is safe, but a probability of exp(−1000) is exactly 0 in a computer, and log 0 is minus infinity. "
    "Simplify log(softmax) on paper before you compute.",
)
def cross_entropy_through_softmax(logits, y):
    return mean_surprise(stable_softmax(logits), y)


@mistake(
    "cross_entropy",
    "You clip the probability, so no answer can cost more than about 16 nats, and its gradient dies there. From the scores "
    "there is nothing to clip.",
)
def cross_entropy_clipped(logits, y):
    return mean_surprise(np.clip(stable_softmax(logits), 1e-7, 1), y)


@mistake(
    "cross_entropy",
    "You add a tiny number inside the log, so no answer can cost more than about 28 nats. From the scores no tiny number is "
    "needed.",
)
def cross_entropy_with_a_tiny_number(logits, y):
    return mean_surprise(stable_softmax(logits) + 1e-12, y)


@mistake(
    "cross_entropy",
    "logits[:, y] takes whole columns: a table of (batch, batch). One score from each row is logits[np.arange(len(y)), y].",
)
def cross_entropy_of_columns(logits, y):
    return -np.mean(log_probabilities(logits)[:, y])


@mistake(
    "cross_entropy",
    "logits[y] takes whole rows: y chooses among the examples there. One score from each row is logits[np.arange(len(y)), y].",
)
def cross_entropy_of_rows(logits, y):
    return -np.mean(log_probabilities(logits)[y % len(logits)])


@mistake("cross_entropy", "The sum of exp goes along the batch here. It goes along the classes: axis=1.")
def cross_entropy_along_the_batch(logits, y):
    z = logits - logits.max(axis=0)
    log_p = z - np.log(np.exp(z).sum(axis=0))
    return -np.mean(log_p[np.arange(len(y)), y])


@mistake(
    "cross_entropy",
    "The softmax is missing: these are scores, not probabilities, and may be negative. Their log means nothing.",
)
def cross_entropy_of_scores(logits, y):
    return mean_surprise(logits, y)


@mistake("cross_entropy", "A softmax too many: the scores go through it twice.")
def cross_entropy_after_softmax(logits, y):
    return np.mean(surprises(stable_softmax(logits), y))


@mistake(
    "cross_entropy", "Your surprise is in bits (log2). In this book it is in nats: use the natural logarithm, np.log."
)
def cross_entropy_in_bits(logits, y):
    return np.mean(surprises(logits, y)) / np.log(2)


@mistake("cross_entropy", "You subtract the maximum before exp and do not add it again after the log.")
def cross_entropy_maximum_lost(logits, y):
    z = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(z).sum(axis=1)) - logits[np.arange(len(y)), y])


@mistake(
    "cross_entropy",
    "You subtract the maximum of the whole batch. In a row that lies far below it every exp becomes 0, and the log of 0 is "
    "minus infinity: each row has its own maximum.",
)
def cross_entropy_with_one_maximum(logits, y):
    m = logits.max()
    return np.mean(m + np.log(np.exp(logits - m).sum(axis=1)) - logits[np.arange(len(y)), y])


@mistake(
    "cross_entropy",
    "The maxima have the shape (batch,), so NumPy lays them along the columns. In `logits - m` they must stand upright: "
    "m[:, None], or keepdims=True.",
)
def cross_entropy_without_keepdims(logits, y):
    m = logits.max(axis=1)
    return np.mean(m + np.log(np.exp(logits - m).sum(axis=1)) - logits[np.arange(len(y)), y])


# ------------------------------------------------------------------ huber


def checked(pred, y):
    if jnp.shape(pred) != jnp.shape(y):
        raise ValueError
    return pred - y


@mistake(
    "huber",
    "The formula is right. What is missing is a check of the two shapes: (4, 1) minus (4,) silently becomes (4, 4), and "
    "len() would not notice. Raise ValueError unless they are equal.",
)
def huber_without_the_check(pred, y, delta):
    size = jnp.abs(pred - y)
    return jnp.mean(jnp.where(size <= delta, size**2 / 2, delta * (size - delta / 2)))


@mistake("huber", "A small error costs e²/2, not e²: only then do the two pieces meet with the same slope.")
def huber_without_the_half(pred, y, delta):
    size = jnp.abs(checked(pred, y))
    return jnp.mean(jnp.where(size <= delta, size**2, delta * (size - delta / 2)))


@mistake("huber", "Your loss jumps at |e| = delta: the line is delta·(|e| − delta/2), not delta·|e|.")
def huber_with_a_jump(pred, y, delta):
    size = jnp.abs(checked(pred, y))
    return jnp.mean(jnp.where(size <= delta, size**2 / 2, delta * size))


@mistake("huber", "The two pieces are exchanged: the square belongs to the small errors.")
def huber_exchanged(pred, y, delta):
    size = jnp.abs(checked(pred, y))
    return jnp.mean(jnp.where(size <= delta, delta * (size - delta / 2), size**2 / 2))


@mistake(
    "huber",
    "A large negative error counts as small, since you compare e itself with delta. Compare its absolute value.",
)
def huber_without_absolute(pred, y, delta):
    e = checked(pred, y)
    return jnp.mean(jnp.where(e <= delta, e**2 / 2, delta * (e - delta / 2)))


@mistake(
    "huber",
    "For a large negative error your line gives a negative cost: it needs |e|, not e.",
)
def huber_line_without_absolute(pred, y, delta):
    e = checked(pred, y)
    return jnp.mean(jnp.where(jnp.abs(e) <= delta, e**2 / 2, delta * (e - delta / 2)))


@mistake("huber", "You add up; the loss is the mean over all errors.")
def huber_sum(pred, y, delta):
    size = jnp.abs(checked(pred, y))
    return jnp.sum(jnp.where(size <= delta, size**2 / 2, delta * (size - delta / 2)))


@mistake("huber", "You return one cost for each error; the loss is their mean, one number.")
def huber_of_each(pred, y, delta):
    size = jnp.abs(checked(pred, y))
    return jnp.where(size <= delta, size**2 / 2, delta * (size - delta / 2))


@mistake(
    "huber",
    "The smaller of the two is always the line: it only touches the parabola at |e| = delta. Choose by the size of the "
    "error, with jnp.where.",
)
def huber_as_a_minimum(pred, y, delta):
    size = jnp.abs(checked(pred, y))
    return jnp.mean(jnp.minimum(size**2 / 2, delta * (size - delta / 2)))


@mistake(
    "huber",
    "Beyond delta every error costs the same in yours, so its slope is 0 and nothing is learned from it. The cost has to "
    "go on growing, as a straight line.",
)
def huber_flat(pred, y, delta):
    return jnp.mean(jnp.minimum(jnp.abs(checked(pred, y)), delta) ** 2 / 2)


@mistake("huber", "This is half the squared error, for every size: a large error should cost a straight line.")
def huber_always_squared(pred, y, delta):
    return jnp.mean(checked(pred, y) ** 2 / 2)


@mistake("huber", "The line lacks its factor: it is delta·(|e| − delta/2), so that its slope is delta.")
def huber_line_without_factor(pred, y, delta):
    size = jnp.abs(checked(pred, y))
    return jnp.mean(jnp.where(size <= delta, size**2 / 2, size - delta / 2))


# ------------------------------------------------------------------ graph_by_hand


@mistake("graph_by_hand", "a reaches f on two ways. You took the direct one only; the other leads through u.")
def graph_by_hand_direct_way():
    return 10.0, 5.0, 4.0, 2.0


@mistake("graph_by_hand", "a reaches f on two ways. You took the one through u only; a is also a factor of f itself.")
def graph_by_hand_way_through_u():
    return 10.0, 6.0, 4.0, 2.0


@mistake("graph_by_hand", "Where two ways meet, what comes back along them is added, not multiplied.")
def graph_by_hand_ways_multiplied():
    return 10.0, 30.0, 4.0, 2.0


@mistake(
    "graph_by_hand",
    "Going back through ReLU you multiply by its value, 5. Multiply by its slope: 1, where its input is positive.",
)
def graph_by_hand_value_of_relu():
    return 10.0, 35.0, 20.0, 10.0


@mistake("graph_by_hand", "The last product is missing on your way back: df/dw is a, not 1.")
def graph_by_hand_without_the_last_product():
    return 10.0, 8.0, 2.0, 1.0


@mistake("graph_by_hand", "At a product each factor gets the OTHER one: df/dw is a, and du/da is b.")
def graph_by_hand_own_factor():
    return 10.0, 12.0, 15.0, 5.0


@mistake("graph_by_hand", "c is negative, but f still grows with c: a sum hands back what it gets, without a sign.")
def graph_by_hand_sign_of_c():
    return 10.0, 11.0, 4.0, -2.0


@mistake("graph_by_hand", "The way back is right. But f is w times a: you stopped at w.")
def graph_by_hand_stops_at_w():
    return 5.0, 11.0, 4.0, 2.0


@mistake(
    "graph_by_hand", "What comes back to u is 2. On its way to b it is multiplied by the other factor of u, which is a."
)
def graph_by_hand_b_gets_it_all():
    return 10.0, 11.0, 2.0, 2.0


# ------------------------------------------------------------------ dense_backward


@mistake("dense_backward", "dx needs W turned round: dz is (batch, n_out) and dx is (batch, n_in), so multiply by W.T.")
def dense_backward_W_not_turned(x, W, dz):
    return dz @ W, x.T @ dz, dz.sum(axis=0)


@mistake("dense_backward", "Your dW is turned round: it must have the shape of W, (n_in, n_out). That is x.T @ dz.")
def dense_backward_dW_turned(x, W, dz):
    return dz @ W.T, dz.T @ x, dz.sum(axis=0)


@mistake("dense_backward", "dW adds up over the batch: turn x round, so that the product's inner axis is the batch.")
def dense_backward_x_not_turned(x, W, dz):
    return dz @ W.T, x @ dz, dz.sum(axis=0)


@mistake(
    "dense_backward", "db has a row for each example. The one b is added to all of them, so add dz up over the batch."
)
def dense_backward_db_not_summed(x, W, dz):
    return dz @ W.T, x.T @ dz, dz


@mistake("dense_backward", "db is a mean here, and should be a sum: what dz says of each example counts in full.")
def dense_backward_db_mean(x, W, dz):
    return dz @ W.T, x.T @ dz, dz.mean(axis=0)


@mistake("dense_backward", "db adds up along the units. It adds up over the batch: axis=0.")
def dense_backward_db_wrong_axis(x, W, dz):
    return dz @ W.T, x.T @ dz, dz.sum(axis=1)


@mistake(
    "dense_backward", "db is one number here. b has a number for each unit, so add up over the batch only: axis=0."
)
def dense_backward_db_one_number(x, W, dz):
    return dz @ W.T, x.T @ dz, dz.sum()


@mistake("dense_backward", "db has one axis too many: b is (n_out,), so leave keepdims out.")
def dense_backward_db_with_keepdims(x, W, dz):
    return dz @ W.T, x.T @ dz, dz.sum(axis=0, keepdims=True)


@mistake("dense_backward", "You divide by the batch size. The loss has done that already, and dz brings it along.")
def dense_backward_divided(x, W, dz):
    return dz @ W.T, x.T @ dz / len(x), dz.mean(axis=0)


@mistake("dense_backward", "Your three results are right, but in another order: dx, dW, db are wanted.")
def dense_backward_other_order(x, W, dz):
    return x.T @ dz, dz.sum(axis=0), dz @ W.T


@mistake("dense_backward", "dx is dz here. On its way back it goes through the weights, as x did on its way forwards.")
def dense_backward_dx_is_dz(x, W, dz):
    return dz, x.T @ dz, dz.sum(axis=0)


@mistake("dense_backward", "`*` multiplies number by number. Here a product of matrices is wanted: `@`.")
def dense_backward_number_by_number(x, W, dz):
    return dz * W.T, x.T * dz, dz.sum(axis=0)


@mistake(
    "dense_backward", "You divide everything by the batch size. The loss was a mean already, and dz brings that along."
)
def dense_backward_all_divided(x, W, dz):
    return dz @ W.T / len(x), x.T @ dz / len(x), dz.sum(axis=0) / len(x)


@mistake("dense_backward", "dx is (batch, n_in): dz comes first, with its batch, and then W turned round: dz @ W.T.")
def dense_backward_W_first(x, W, dz):
    return W @ dz, x.T @ dz, dz.sum(axis=0)


# ------------------------------------------------------------------ backward


def way_back(
    params, x, y, first=None, through=lambda dh, h: dh * (h > 0), db=lambda dz: dz.sum(axis=0), last=lambda z: z
):
    """Backpropagation with open places: the gradient by the scores, ReLU, db, and what follows the last layer."""
    inputs, h = [], x
    for W, b in params:
        inputs.append(h)
        z = h @ W + b
        h = np.maximum(z, 0)
    one_hot = np.eye(z.shape[1])[y]
    z = last(z)
    dz = first(z, one_hot) if first else (stable_softmax(z) - one_hot) / len(y)
    grads = []
    for (W, _), h in zip(reversed(params), reversed(inputs), strict=True):
        grads.append((h.T @ dz, db(dz)))
        dz = through(dz @ W.T, h)
    return tuple(grads[::-1])


@mistake(
    "backward", "The loss is a mean, so its gradient is divided by the batch size too. Do it once, in the first dz."
)
def backward_of_the_sum(params, x, y):
    return way_back(params, x, y, first=lambda z, one_hot: stable_softmax(z) - one_hot)


@mistake(
    "backward",
    "The ReLUs stop nothing on your way back: where one gave 0, no gradient passes. (If you wrote h >= 0: that is always true.)",
)
def backward_without_relu(params, x, y):
    return way_back(params, x, y, through=lambda dh, h: dh)


@mistake(
    "backward", "You multiply by what ReLU gave. Going back, multiply by its slope: 1 where it gave something, else 0."
)
def backward_value_of_relu(params, x, y):
    return way_back(params, x, y, through=lambda dh, h: dh * h)


@mistake(
    "backward",
    "Your ReLU looks at the gradient that comes back. It must look at what it gave on the way forwards: dz = dh * (h > 0).",
)
def backward_relu_of_the_gradient(params, x, y):
    return way_back(params, x, y, through=lambda dh, h: np.maximum(dh, 0))


@mistake("backward", "The sign is turned: the first dz is p − one_hot, in this order.")
def backward_sign_turned(params, x, y):
    return way_back(params, x, y, first=lambda z, one_hot: (one_hot - stable_softmax(z)) / len(z))


@mistake("backward", "The softmax is missing: you subtract the labels from the scores, not from the probabilities.")
def backward_without_softmax(params, x, y):
    return way_back(params, x, y, first=lambda z, one_hot: (z - one_hot) / len(z))


@mistake("backward", "The labels are missing: the first dz is p − one_hot, and you begin with p alone.")
def backward_without_labels(params, x, y):
    return way_back(params, x, y, first=lambda z, one_hot: stable_softmax(z) / len(z))


@mistake(
    "backward",
    "You divide by the number of classes as well. The mean is over the batch, so divide by len(y).",
)
def backward_over_all(params, x, y):
    return way_back(params, x, y, first=lambda z, one_hot: (stable_softmax(z) - one_hot) / z.size)


@mistake(
    "backward",
    "There is a factor p(1 − p) too many. In cross-entropy after softmax it cancels: p − one_hot is all.",
)
def backward_with_a_slope_too_many(params, x, y):
    def first(z, one_hot):
        p = stable_softmax(z)
        return (p - one_hot) * p * (1 - p) / len(z)

    return way_back(params, x, y, first=first)


@mistake("backward", "Each pair is right, but they come last layer first. Turn the list round before you return it.")
def backward_in_reverse(params, x, y):
    return way_back(params, x, y)[::-1]


@mistake("backward", "db is a mean here. Add dz up over the batch: the division is in dz already.")
def backward_db_mean(params, x, y):
    return way_back(params, x, y, db=lambda dz: dz.mean(axis=0))


@mistake("backward", "There is a ReLU after the last layer. Scores may be negative: only hidden layers have one.")
def backward_relu_at_the_end(params, x, y):
    return way_back(params, x, y, last=relu)


@mistake("backward", "You divide by the batch size at every layer. Once is enough: it travels back with dz.")
def backward_divides_everywhere(params, x, y):
    return way_back(params, x, y, through=lambda dh, h: dh * (h > 0) / len(h))


@mistake(
    "backward",
    "Your ReLU comes a layer late: dz of a layer stops where that layer's own ReLU gave 0, which is what went into the NEXT "
    "layer.",
)
def backward_relu_late(params, x, y):
    inputs, h = [], x
    for W, b in params:
        inputs.append(h)
        z = h @ W + b
        h = np.maximum(z, 0)
    dz, grads = (stable_softmax(z) - np.eye(z.shape[1])[y]) / len(y), []
    for i in range(len(params) - 1, -1, -1):
        grads.append((inputs[i].T @ dz, dz.sum(axis=0)))
        dz = (dz @ params[i][0].T) * (inputs[max(i - 1, 0)] > 0)
    return tuple(grads[::-1])


@mistake("backward", "db has a row for each example. The one b is added to all of them, so add dz up over the batch.")
def backward_db_not_summed(params, x, y):
    return way_back(params, x, y, db=lambda dz: dz)


@mistake(
    "backward",
    "p[:, y] takes whole columns, so each example loses a 1 in many classes. One place in each row is p[np.arange(len(y)), y].",
)
def backward_columns(params, x, y):
    def first(z, one_hot):
        dz = stable_softmax(z)
        dz[:, y] -= 1
        return dz / len(z)

    return way_back(params, x, y, first=first)


@mistake("backward", "Your softmax shares one 1 among all examples. Each row should sum to 1: axis=1.")
def backward_softmax_over_everything(params, x, y):
    def first(z, one_hot):
        e = np.exp(z - z.max())
        return (e / e.sum() - one_hot) / len(z)

    return way_back(params, x, y, first=first)


@mistake(
    "backward",
    "You subtract the number of the class from every probability. Subtract 1, in the column of the class only.",
)
def backward_labels_as_numbers(params, x, y):
    return way_back(params, x, y, first=lambda z, one_hot: (stable_softmax(z) - y[:, None]) / len(z))


@mistake("backward", "You go from the first layer to the last. The way back begins at the last one: use reversed().")
def backward_from_the_front(params, x, y):
    inputs, h = [], x
    for W, b in params:
        inputs.append(h)
        z = h @ W + b
        h = np.maximum(z, 0)
    dz, grads = (stable_softmax(z) - np.eye(z.shape[1])[y]) / len(y), []
    for (W, _), h in zip(params, inputs, strict=True):
        grads.append((h.T @ dz, dz.sum(axis=0)))
        dz = (dz @ W.T) * (h > 0)
    return tuple(grads)


@mistake(
    "backward",
    "Your ReLU comes a layer early: the scores have none, so the last layer's dz is not stopped anywhere.",
)
def backward_relu_early(params, x, y):
    inputs, h = [], x
    for W, b in params:
        inputs.append(h)
        z = h @ W + b
        h = np.maximum(z, 0)
    dz, grads = (stable_softmax(z) - np.eye(z.shape[1])[y]) / len(y), []
    for (W, b), h in zip(reversed(params), reversed(inputs), strict=True):
        dz = dz * (h @ W + b > 0)
        grads.append((h.T @ dz, dz.sum(axis=0)))
        dz = dz @ W.T
    return tuple(grads[::-1])


@mistake("backward", "On its way back dz meets W turned round: dz @ W.T.")
def backward_W_not_turned(params, x, y):
    inputs, h = [], x
    for W, b in params:
        inputs.append(h)
        z = h @ W + b
        h = np.maximum(z, 0)
    dz, grads = (stable_softmax(z) - np.eye(z.shape[1])[y]) / len(y), []
    for i in range(len(params) - 1, -1, -1):
        W, h = params[i][0], inputs[i]
        grads.append((h.T @ dz, dz.sum(axis=0)))
        dz = (dz @ W) * (h > 0) if i else dz
    return tuple(grads[::-1])


@mistake("backward", "You return the loss as well. Only the gradients are wanted here: a list of pairs (dW, db).")
def backward_with_the_loss(params, x, y):
    h = x
    for W, b in params:
        z = h @ W + b
        h = np.maximum(z, 0)
    return np.mean(surprises(z, y)), way_back(params, x, y)


# ------------------------------------------------------------------ numerical_gradient


def at_each_place(x, ask):
    x = np.array(x, float)
    found = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        move = np.zeros(x.shape)
        move[place] = 1
        found[place] = ask(x, move)
    return found


@mistake(
    "numerical_gradient",
    "You go one way only, from x to x + h. Take the difference between both sides of x: its error is far smaller.",
)
def numerical_gradient_one_way(f, x, h):
    return at_each_place(x, lambda x, move: (f(x + h * move) - f(x)) / h)


@mistake("numerical_gradient", "From x − h to x + h it is 2h, not h: your slopes are twice too large.")
def numerical_gradient_over_h(f, x, h):
    return at_each_place(x, lambda x, move: (f(x + h * move) - f(x - h * move)) / h)


@mistake(
    "numerical_gradient",
    "`/ 2 * h` divides by 2 and then multiplies by h. Put brackets round the distance: `/ (2 * h)`.",
)
def numerical_gradient_brackets(f, x, h):
    return at_each_place(x, lambda x, move: (f(x + h * move) - f(x - h * move)) / 2 * h)


@mistake(
    "numerical_gradient", "The difference is not divided by anything: a slope is a change per step, so divide by 2h."
)
def numerical_gradient_undivided(f, x, h):
    return at_each_place(x, lambda x, move: f(x + h * move) - f(x - h * move))


@mistake("numerical_gradient", "Your slopes are turned round: it is f a little above minus f a little below.")
def numerical_gradient_turned_round(f, x, h):
    return at_each_place(x, lambda x, move: (f(x - h * move) - f(x + h * move)) / (2 * h))


@mistake(
    "numerical_gradient",
    "You move all numbers at once, so you get one slope for all of them. Move one number, and leave the others where they are.",
)
def numerical_gradient_all_at_once(f, x, h):
    return np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))


@mistake(
    "numerical_gradient",
    "x + h moves all numbers at once and gives one slope. Each number of x has a slope of its own.",
)
def numerical_gradient_one_number(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


@mistake(
    "numerical_gradient",
    "x[i] is a whole row of a matrix, and you move all of it. `np.ndindex(x.shape)` gives the place of each single number.",
)
def numerical_gradient_by_rows(f, x, h):
    found = np.zeros(x.shape)
    for i in range(len(x)):
        move = np.zeros(x.shape)
        move[i] = h
        found[i] = (f(x + move) - f(x - move)) / (2 * h)
    return found


@mistake(
    "numerical_gradient",
    "A number that you have moved stays where you left it, so the next slopes are taken elsewhere. Put it back.",
)
def numerical_gradient_not_put_back(f, x, h):
    x, found = np.array(x, float), np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        x[place] += h
        up = f(x)
        x[place] -= 2 * h
        found[place] = (up - f(x)) / (2 * h)
    return found


@mistake(
    "numerical_gradient",
    "After going up by h you go down by h only: that is where you began. To get to x − h, go down by 2h from there.",
)
def numerical_gradient_back_to_x(f, x, h):
    return at_each_place(x, lambda x, move: (f(x + h * move) - f(x)) / (2 * h))


@mistake("numerical_gradient", "The slopes are right, but in a row. Give them the shape of x.")
def numerical_gradient_in_a_row(f, x, h):
    return at_each_place(x, lambda x, move: (f(x + h * move) - f(x - h * move)) / (2 * h)).ravel()


@mistake(
    "numerical_gradient",
    "`up = x` makes no copy: up, down and x are one and the same array, so both answers of f are equal. Write x.copy().",
)
def numerical_gradient_of_one_array(f, x, h):
    return np.zeros(x.shape)


# ------------------------------------------------------------------ initialize


def drawn(keys, sizes, scale=lambda n_in, n_out: (2 / n_in) ** 0.5, draw=jax.random.normal):
    return tuple(
        (draw(k, (n_in, n_out)) * scale(n_in, n_out), jnp.zeros(n_out))
        for k, n_in, n_out in zip(keys, sizes[:-1], sizes[1:], strict=True)
    )


@mistake(
    "initialize", "2 / n_in is the variance. Random numbers are multiplied by its square root, the standard deviation."
)
def initialize_variance_for_deviation(key, sizes):
    return drawn(jax.random.split(key, len(sizes) - 1), sizes, lambda n_in, n_out: 2 / n_in)


@mistake("initialize", "The numbers are not scaled at all: their variance is 1, whatever n_in is.")
def initialize_unscaled(key, sizes):
    return drawn(jax.random.split(key, len(sizes) - 1), sizes, lambda n_in, n_out: 1)


@mistake("initialize", "You divide by n_out. What adds up in a weighted sum are the inputs: 2 / n_in.")
def initialize_by_outputs(key, sizes):
    return drawn(jax.random.split(key, len(sizes) - 1), sizes, lambda n_in, n_out: (2 / n_out) ** 0.5)


@mistake("initialize", "This is 2 / (n_in + n_out), after Glorot. He's variance is 2 / n_in.")
def initialize_glorot(key, sizes):
    return drawn(jax.random.split(key, len(sizes) - 1), sizes, lambda n_in, n_out: (2 / (n_in + n_out)) ** 0.5)


@mistake("initialize", "Your variance is 1 / n_in. ReLU lets half of the signal through, so He doubles it.")
def initialize_lecun(key, sizes):
    return drawn(jax.random.split(key, len(sizes) - 1), sizes, lambda n_in, n_out: (1 / n_in) ** 0.5)


@mistake("initialize", "The root goes over the 2 only in yours. It goes over the whole fraction, 2 / n_in.")
def initialize_root_of_two(key, sizes):
    return drawn(jax.random.split(key, len(sizes) - 1), sizes, lambda n_in, n_out: 2**0.5 / n_in)


@mistake("initialize", "A fixed factor of 0.01 does not ask how many inputs there are. He's variance is 2 / n_in.")
def initialize_a_hundredth(key, sizes):
    return drawn(jax.random.split(key, len(sizes) - 1), sizes, lambda n_in, n_out: 0.01)


@mistake("initialize", "The weights are zeros, so all units of a layer are alike and stay alike. They have to differ.")
def initialize_zeros(key, sizes):
    return drawn(jax.random.split(key, len(sizes) - 1), sizes, lambda n_in, n_out: 0)


@mistake(
    "initialize",
    "Every layer draws from the same key, and the same key gives the same numbers. Split it: jax.random.split(key, n).",
)
def initialize_with_one_key(key, sizes):
    return drawn([key] * (len(sizes) - 1), sizes)


@mistake("initialize", "jax.random.uniform gives numbers from 0 to 1, none of them negative. Use jax.random.normal.")
def initialize_uniform(key, sizes):
    return drawn(jax.random.split(key, len(sizes) - 1), sizes, draw=jax.random.uniform)


@mistake("initialize", "Your W are turned round: (n_in, n_out) is wanted, so that x @ W works.")
def initialize_turned(key, sizes):
    keys = jax.random.split(key, len(sizes) - 1)
    return tuple(
        (jax.random.normal(k, (n_out, n_in)) * (2 / n_in) ** 0.5, jnp.zeros(n_out))
        for k, n_in, n_out in zip(keys, sizes[:-1], sizes[1:], strict=True)
    )


@mistake("initialize", "Your biases are random too. They begin at zero: the weights alone make the units differ.")
def initialize_random_biases(key, sizes):
    keys = jax.random.split(key, len(sizes) - 1)
    return tuple((W, jax.random.normal(k, b.shape)) for k, (W, b) in zip(keys, drawn(keys, sizes), strict=True))


@mistake(
    "initialize",
    "You draw from NumPy with a fixed seed, so the key changes nothing. All randomness should come from the key.",
)
def initialize_without_the_key(key, sizes):
    rng = np.random.default_rng(0)
    return tuple(
        (rng.normal(size=(n_in, n_out)) * (2 / n_in) ** 0.5, np.zeros(n_out))
        for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True)  # noqa: RUF007
    )


# ------------------------------------------------------------------ predict_vanishing


@mistake("predict_vanishing", "Slopes in a row are multiplied, not added: that is the chain rule.")
def predict_vanishing_added():
    return 1.25, 1.0, "smaller"


@mistake("predict_vanishing", "Slopes in a row are multiplied, not added. That holds for the ReLUs, too.")
def predict_vanishing_all_added():
    return 1.25, 5.0, "smaller"


@mistake("predict_vanishing", "1/2 is the sigmoid's value in the middle. Its slope there is p(1 − p).")
def predict_vanishing_value_for_slope():
    return 0.5**5, 1.0, "smaller"


@mistake("predict_vanishing", "0.25 is the steepest slope of one sigmoid. There are five of them in a row.")
def predict_vanishing_one_layer():
    return 0.25, 1.0, "smaller"


@mistake(
    "predict_vanishing",
    "The numbers are right. But only the first sigmoid is given 0. The second is given 1/2, where it is flatter.",
)
def predict_vanishing_equal():
    return 0.25**5, 1.0, "equal"


@mistake("predict_vanishing", "The first number is the largest that there can be, so the true slope cannot be larger.")
def predict_vanishing_larger():
    return 0.25**5, 1.0, "larger"


@mistake("predict_vanishing", "ReLU does not halve anything on its way: where its input is positive, its slope is 1.")
def predict_vanishing_relu_halves():
    return 0.25**5, 0.5**5, "smaller"


@mistake("predict_vanishing", "A ReLU's slope is 0 only where its input is negative. The question is the largest.")
def predict_vanishing_dead_relu():
    return 0.25**5, 0.0, "smaller"


@mistake("predict_vanishing", "Small, but not 0: multiply the five slopes.")
def predict_vanishing_nothing_left():
    return 0.0, 1.0, "smaller"


# ------------------------------------------------------------------ mend_training


def script(x, y, epochs, scaled=True, random=True, once=True, together=True, twice=False):
    """The script of the exercise, with its four lines open."""
    keys = jax.random.split(jax.random.key(0))
    x, y = jnp.asarray(x) / 255 if scaled else jnp.asarray(x), jnp.asarray(y)
    params = [
        (jax.random.normal(keys[0], (64, 32)) * jnp.sqrt(2 / 64) if random else jnp.zeros((64, 32)), jnp.zeros(32)),
        (jax.random.normal(keys[1], (32, 10)) * jnp.sqrt(2 / 32), jnp.zeros(10)),
    ]

    def log_softmax(z):
        z = z - jnp.max(z, axis=1, keepdims=True)
        return z - jnp.log(jnp.sum(jnp.exp(z), axis=1, keepdims=True))

    def loss(params, x, y):
        (W1, b1), (W2, b2) = params
        z = x @ W1 + b1
        logits = jnp.where(z > 0, z, 0) @ W2 + b2
        log_p = log_softmax(logits) if once else log_softmax(jnp.exp(log_softmax(logits)))
        return -jnp.mean(log_p[jnp.arange(len(y)), y])

    @jax.jit
    def step(params, x, y):
        value, grads = jax.value_and_grad(loss)(params, x, y)
        return jax.tree.map(lambda w, g: w - 0.2 * g, params, grads), value

    rng, losses = np.random.default_rng(0), []
    for _ in range(epochs):
        order = rng.permutation(len(x))
        x, y = x[order], y[order] if together else y
        y = y[rng.permutation(len(y))] if twice else y
        values = []
        for i in range(0, len(x), 50):
            params, value = step(params, x[i : i + 50], y[i : i + 50])
            values.append(float(value))
        losses.append(sum(values) / len(values))
    return tuple(params), losses


@mistake(
    "mend_training",
    "Nothing but the first line was taken out, or almost nothing. Begin with the weights: as long as the first W is zeros, no "
    "hidden unit ever gives anything but 0.",
)
def mend_training_nothing(x, y, epochs):
    return script(x, y, epochs, random=False, once=False, together=False)


@mistake(
    "mend_training",
    "The first W is still zeros: every hidden unit gives 0, its ReLU lets nothing back, and only the last b learns. Whether "
    "the pixels are right cannot be seen before that.",
)
def mend_training_zeros_left(x, y, epochs):
    return script(x, y, epochs, random=False)


@mistake(
    "mend_training",
    "The loss and the first W are still wrong. Zeros as weights: what does each hidden unit give, and what comes back to it?",
)
def mend_training_zeros_and_softmax_left(x, y, epochs):
    return script(x, y, epochs, random=False, once=False)


@mistake(
    "mend_training",
    "The first W is still zeros, and the shuffling is still wrong. Begin with W: hidden units that all give 0 learn nothing.",
)
def mend_training_zeros_and_shuffle_left(x, y, epochs):
    return script(x, y, epochs, random=False, together=False)


@mistake(
    "mend_training",
    "The pixels still go up to 255. Then the weighted sums are in the hundreds, and so are the gradients: bring the pixels to "
    "0 to 1.",
)
def mend_training_pixels_left(x, y, epochs):
    return script(x, y, epochs, scaled=False)


@mistake(
    "mend_training",
    "One line is left, in the loss: the softmax is applied twice. Then the loss cannot get below 1.46, however good the "
    "network is.",
)
def mend_training_softmax_left(x, y, epochs):
    return script(x, y, epochs, once=False)


@mistake(
    "mend_training",
    "One line is left: x is shuffled and y is not, so the network is told wrong answers.",
)
def mend_training_shuffle_left(x, y, epochs):
    return script(x, y, epochs, together=False)


@mistake(
    "mend_training",
    "x and y are both shuffled, but not in the same order: each call of rng.permutation gives another one. Keep one order, "
    "and use it for both.",
)
def mend_training_two_orders(x, y, epochs):
    return script(x, y, epochs, together=False, twice=True)


@mistake("mend_training", "Two lines are left: what goes into the network, and what goes into log_softmax.")
def mend_training_pixels_and_softmax_left(x, y, epochs):
    return script(x, y, epochs, scaled=False, once=False)


@mistake("mend_training", "Two lines are left: the pixels go up to 255, and y does not follow x when x is shuffled.")
def mend_training_pixels_and_shuffle_left(x, y, epochs):
    return script(x, y, epochs, scaled=False, together=False)


@mistake(
    "mend_training", "Two lines are left: one in the loss, and one in the shuffling. Who tells y where its x has gone?"
)
def mend_training_softmax_and_shuffle_left(x, y, epochs):
    return script(x, y, epochs, once=False, together=False)


@mistake("mend_training", "The weights are mended. Three lines are left: the pixels, the loss, the shuffling.")
def mend_training_only_the_weights(x, y, epochs):
    return script(x, y, epochs, scaled=False, once=False, together=False)


# ------------------------------------------------------------------ learn_digits


def trained(params, x, y, lr=0.1, epochs=30, labels=lambda rows, i: rows):
    """Training as the hints suggest it, with places left open."""
    rng = np.random.default_rng(0)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for i in range(0, len(x), 32):
            rows = order[i : i + 32]
            grads = way_back(params, x[rows], y[labels(rows, i)])
            params = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(params, grads, strict=True)]
    return tuple(params)


@mistake(
    "learn_digits", "These are the params that you were given. Is what a step computes kept, and is it what you return?"
)
def learn_digits_not_at_all(params, x, y):
    return tuple(params)


@mistake(
    "learn_digits",
    "Every number became NaN: the steps are too large, or they go uphill. Is the gradient subtracted? Try a smaller lr.",
)
def learn_digits_blows_up(params, x, y):
    return tuple((W * np.nan, b * np.nan) for W, b in params)


@mistake("learn_digits", "These are gradients. A step subtracts lr times the gradient from params; return the params.")
def learn_digits_returns_gradients(params, x, y):
    return way_back(params, x, y)


@mistake(
    "learn_digits",
    "The labels do not belong to the examples: both must be taken from the same shuffled rows, x[rows] and y[rows].",
)
def learn_digits_other_labels(params, x, y):
    return trained(params, x, y, labels=lambda rows, i: slice(i, i + len(rows)))


@mistake(
    "learn_digits",
    "One step with all examples at once is not enough. Many small steps are: two loops, over epochs and over batches.",
)
def learn_digits_one_step(params, x, y):
    grads = way_back(params, x, y)
    return tuple((W - 0.1 * dW, b - 0.1 * db) for (W, b), (dW, db) in zip(params, grads, strict=True))


@mistake(
    "learn_digits",
    "Only the last layer has learned: the others are as they were. Every W and b has its gradient, and moves.",
)
def learn_digits_last_layer_only(params, x, y):
    rng, params = np.random.default_rng(0), list(params)
    for _ in range(30):
        order = rng.permutation(len(x))
        for i in range(0, len(x), 32):
            rows = order[i : i + 32]
            (W, b), (dW, db) = params[-1], way_back(params, x[rows], y[rows])[-1]
            params[-1] = W - 0.1 * dW, b - 0.1 * db
    return tuple(params)


@mistake("learn_digits", "The biases have not moved: each b has a gradient, db, as each W has its dW.")
def learn_digits_without_biases(params, x, y):
    rng = np.random.default_rng(0)
    for _ in range(30):
        order = rng.permutation(len(x))
        for i in range(0, len(x), 32):
            rows = order[i : i + 32]
            grads = way_back(params, x[rows], y[rows])
            params = [(W - 0.1 * dW, b) for (W, b), (dW, _) in zip(params, grads, strict=True)]
    return tuple(params)


@mistake(
    "learn_digits",
    "One epoch is a beginning: your network has seen each digit once. Show them to it again, many times.",
)
def learn_digits_one_epoch(params, x, y):
    return trained(params, x, y, epochs=1)
