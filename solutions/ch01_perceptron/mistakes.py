"""Wrong answers to chapter 1 that real people give, and what a good teacher says.

Each is complete in itself: it is called on the inputs on which a learner's answer failed.
"""

import jax
import jax.numpy as jnp
import numpy as np

from deepbook.course.mistakes import mistake

# ------------------------------------------------------------------ by_hand


@mistake("by_hand", "You left out the bias: after 2·1 and (−1)·4 there is still b to add.")
def by_hand_without_bias():
    return -2.0, 0.0, 0.0


@mistake("by_hand", "ReLU is not the absolute value: it does not turn a negative number round, it replaces it by 0.")
def by_hand_relu_as_absolute():
    return -1.5, 1.5, 0.0


@mistake("by_hand", "Your step says −1 for no. In this chapter the step answers 1 or 0; ±1 is the sign function.")
def by_hand_step_as_sign():
    return -1.5, 0.0, -1.0


@mistake("by_hand", "One weight is −1: the second input counts against, so its product is −4.")
def by_hand_minus_lost():
    return 6.5, 6.5, 1.0


@mistake("by_hand", "Your z is right, but ReLU lets a negative z pass. It keeps what is positive, and only that.")
def by_hand_relu_does_nothing():
    return -1.5, -1.5, 0.0


# ------------------------------------------------------------------ weighted_sum


@mistake("weighted_sum", "The bias is missing: begin the sum at b in place of 0.")
def weighted_sum_without_bias(W, x, b):
    if len(W) != len(x):
        raise ValueError
    return sum(weight * value for weight, value in zip(W, x, strict=True))


@mistake("weighted_sum", "You add the bias once for each input. It is added once, so keep it out of the loop.")
def weighted_sum_bias_in_the_loop(W, x, b):
    if len(W) != len(x):
        raise ValueError
    return sum(weight * value + b for weight, value in zip(W, x, strict=True))


@mistake(
    "weighted_sum",
    "zip stops silently at the end of the shorter list. Compare the two lengths yourself, before the loop.",
)
def weighted_sum_of_the_shorter(W, x, b):
    return b + sum(weight * value for weight, value in zip(W, x, strict=False))


@mistake("weighted_sum", "`return` stands inside the loop, so only the first product is added. Move it to the left.")
def weighted_sum_returns_early(W, x, b):
    if len(W) != len(x):
        raise ValueError
    return b + W[0] * x[0] if len(W) else None


@mistake("weighted_sum", "You add weight and input; a weight multiplies its input.")
def weighted_sum_plus_for_times(W, x, b):
    if len(W) != len(x):
        raise ValueError
    return b + sum(weight + value for weight, value in zip(W, x, strict=True))


@mistake(
    "weighted_sum", "Each turn of the loop forgets the one before: write += in place of =, so that the products add up."
)
def weighted_sum_only_the_last(W, x, b):
    if len(W) != len(x):
        raise ValueError
    return b + W[-1] * x[-1] if len(W) else b


# ------------------------------------------------------------------ majority


@mistake(
    "majority",
    "You ask for one vote too many: W·x is a whole number, so −n/2 alone is enough. With half a vote more, two of three are not.",
)
def majority_asks_too_much(n):
    return np.ones(n), -n / 2 - 0.5


@mistake(
    "majority", "With this bias one vote is enough: that is OR. Ask what W·x is when exactly half of the votes are 1."
)
def majority_is_or(n):
    return np.ones(n), -0.5


@mistake("majority", "With this bias all votes must be 1: that is AND. More than half is enough.")
def majority_is_and(n):
    return np.ones(n), 0.5 - n


@mistake(
    "majority", "A tie counts as a majority here: two of four votes give W·x + b > 0. At a tie it has to be 0, or less."
)
def majority_with_ties(n):
    return np.ones(n), 0.5 - n / 2


@mistake(
    "majority", "The bias is positive, so the neuron says yes before anyone has voted. It has to pull the sum down."
)
def majority_bias_turned(n):
    return np.ones(n), n / 2


@mistake(
    "majority", "Weights of 1/n make W·x the fraction of ones. Good idea, but then the bias has to be −1/2, not −n/2."
)
def majority_of_a_mean(n):
    return np.ones(n) / n, -n / 2


# ------------------------------------------------------------------ xor

OR, NAND, AND = (np.array([1, 1]), -0.5), (np.array([-1, -1]), 1.5), (np.array([1, 1]), -1.5)


@mistake(
    "xor", "Your third neuron is OR. OR and NAND are together true for just one input being 1: join them with AND."
)
def xor_joined_by_or():
    return OR, NAND, OR


@mistake(
    "xor", "Your second neuron is AND, so the third asks for “either, and both”. You want “either, and NOT both”: NAND."
)
def xor_without_not():
    return OR, AND, AND


@mistake("xor", "Your third neuron is NAND: every answer is turned round. Join the first two with AND.")
def xor_turned_round():
    return OR, NAND, NAND


@mistake("xor", "Your first neuron is AND. “Both, and not both” is never true; the first has to be OR.")
def xor_never():
    return AND, NAND, AND


# ------------------------------------------------------------------ update


def answer_of(W, b, x):
    return 1 if W @ x + b > 0 else 0


@mistake(
    "update",
    "The sign of your step is turned: a missed example pushes W away from it. The error is y − answer, in this order.",
)
def update_sign_turned(W, b, x, y, lr):
    error = answer_of(W, b, x) - y
    return W + lr * error * x, b + lr * error, error != 0


@mistake("update", "The bias never learns. It is a weight whose input is always 1: it moves by lr times the error.")
def update_bias_forgotten(W, b, x, y, lr):
    error = y - answer_of(W, b, x)
    return W + lr * error * x, b, error != 0


@mistake(
    "update",
    "You multiply by y, and y is 0 for one of the classes: from its mistakes nothing is learned. Use the error y − answer.",
)
def update_with_label_for_error(W, b, x, y, lr):
    mistake = y != answer_of(W, b, x)
    return (W + lr * y * x, b + lr * y, True) if mistake else (W, b, False)


@mistake(
    "update",
    "W moves by the same amount in every direction. Multiply by x: only inputs that took part share the blame.",
)
def update_without_x(W, b, x, y, lr):
    error = y - answer_of(W, b, x)
    return W + lr * error, b + lr * error, error != 0


@mistake("update", "The learning rate is missing: every step has size 1.")
def update_without_rate(W, b, x, y, lr):
    error = y - answer_of(W, b, x)
    return W + error * x, b + error, error != 0


@mistake("update", "On the line itself W·x + b is 0 and the answer is 0: write > 0, not >= 0.")
def update_line_belongs_to_one(W, b, x, y, lr):
    error = y - (1 if W @ x + b >= 0 else 0)
    return W + lr * error * x, b + lr * error, error != 0


# ------------------------------------------------------------------ learn


def passes(x, y, epochs, lr, fresh=False):
    """The rule, and W, b after each example; `fresh` begins every epoch at zero."""
    W, b, mistakes = np.zeros(x.shape[1]), 0.0, []
    for _ in range(epochs):
        if fresh:
            W, b = np.zeros(x.shape[1]), 0.0
        count = 0
        for example, label in zip(x, y, strict=True):
            error = label - answer_of(W, b, example)
            W, b, count = W + lr * error * example, b + lr * error, count + abs(int(error))
        mistakes.append(count)
    return W, b, mistakes


@mistake(
    "learn",
    "Every epoch begins again at zero, so nothing is kept. Set W and b to zero once, before the loop over epochs.",
)
def learn_forgets(x, y, epochs, lr):
    return passes(x, y, epochs, lr, fresh=True)


@mistake("learn", "Your counts grow from epoch to epoch: set the count to 0 at the beginning of each.")
def learn_counts_on(x, y, epochs, lr):
    W, b, mistakes = passes(x, y, epochs, lr)
    return W, b, np.cumsum(mistakes).tolist()


@mistake("learn", "The mistakes should be a list with one number for each epoch; you return their sum.")
def learn_sums_up(x, y, epochs, lr):
    W, b, mistakes = passes(x, y, epochs, lr)
    return W, b, sum(mistakes)


@mistake(
    "learn",
    "You answer the whole batch first and then learn from all mistakes at once. In this rule the next example already "
    "meets the new W and b.",
)
def learn_in_batches(x, y, epochs, lr):
    W, b, mistakes = np.zeros(x.shape[1]), 0.0, []
    for _ in range(epochs):
        error = y - (x @ W + b > 0)
        W, b = W + lr * error @ x, b + lr * error.sum()
        mistakes.append(int(np.abs(error).sum()))
    return W, b, mistakes


@mistake("learn", "`return` stands inside the loop over epochs: only the first one is run. Move it to the left.")
def learn_one_epoch(x, y, epochs, lr):
    return passes(x, y, 1, lr)


@mistake("learn", "The learning rate does not reach `update`: hand it on.")
def learn_without_rate(x, y, epochs, lr):
    return passes(x, y, epochs, 1.0)


# ------------------------------------------------------------------ mend


def script(x, y, epochs, sign=1, bias=lambda b, error: b + error, count=abs):
    """The script of the exercise, with its three lines open."""
    W, b, history = np.zeros(x.shape[1]), 0.0, []
    for _ in range(epochs):
        mistakes = 0
        for i in range(len(x)):
            error = sign * (y[i] - (1 if W @ x[i] + b > 0 else 0))
            W = W + error * x[i]
            b = bias(b, error)
            mistakes += count(int(error))
        history.append(mistakes)
    return W, b, history


@mistake("mend", "The direction of the step is still turned round: look at the line that computes the error.")
def mend_sign_left(x, y, epochs):
    return script(x, y, epochs, sign=-1)


@mistake("mend", "The bias still never moves: it begins at 0, and 0 times anything stays 0.")
def mend_bias_left(x, y, epochs):
    return script(x, y, epochs, bias=lambda b, error: b + error * b)


@mistake("mend", "W and b are right now. The count is not: an error of −1 takes away from it.")
def mend_count_left(x, y, epochs):
    return script(x, y, epochs, count=lambda error: error)


@mistake("mend", "One line is mended; the bias still never moves, and the count still goes down at an error of −1.")
def mend_only_the_sign(x, y, epochs):
    return script(x, y, epochs, bias=lambda b, error: b + error * b, count=lambda error: error)


@mistake(
    "mend", "Nothing but the first line was taken out: three lines below it are still wrong. Begin with the error."
)
def mend_nothing(x, y, epochs):
    return script(x, y, epochs, sign=-1, bias=lambda b, error: b + error * b, count=lambda error: error)


# ------------------------------------------------------------------ pocket


def stroll(x, y, epochs):
    """W and b after every update, and whether an epoch ends there."""
    W, b = np.zeros(x.shape[1]), 0.0
    for _ in range(epochs):
        for place, (example, label) in enumerate(zip(x, y, strict=True)):
            error = label - answer_of(W, b, example)
            W, b = W + error * example, b + error
            yield W, b, place == len(x) - 1


def rights(W, b, x, y):
    return int(np.sum((x @ W + b > 0) == (y == 1)))


def best_of(candidates, x, y, better=lambda new, old: new > old):
    W, b = np.zeros(x.shape[1]), 0.0
    best = W, b, rights(W, b, x, y)
    for W, b in candidates:
        if better(rights(W, b, x, y), best[2]):
            best = W, b, rights(W, b, x, y)
    return best


@mistake(
    "pocket", "You return the last weights. The pocket is there because an earlier W and b were better: return those."
)
def pocket_returns_the_last(x, y, epochs):
    W, b = np.zeros(x.shape[1]), 0.0
    for W, b, _ in stroll(x, y, epochs):  # noqa: B007
        pass
    return W, b, rights(W, b, x, y)


@mistake(
    "pocket",
    "You look into the pocket once an epoch. The best weights often live for a few examples only: look after each update.",
)
def pocket_once_an_epoch(x, y, epochs):
    return best_of([(W, b) for W, b, end in stroll(x, y, epochs) if end], x, y)


@mistake(
    "pocket",
    "Equally good weights replace what is in your pocket. Take new ones only if strictly more answers are right: >, not >=.",
)
def pocket_takes_equals(x, y, epochs):
    return best_of([(W, b) for W, b, _ in stroll(x, y, epochs)], x, y, better=lambda new, old: new >= old)


@mistake(
    "pocket",
    "The weights are the right ones, but the third result should be how many examples they answer rightly, not wrongly.",
)
def pocket_counts_wrong_ones(x, y, epochs):
    W, b, right = best_of([(W, b) for W, b, _ in stroll(x, y, epochs)], x, y)
    return W, b, len(y) - right


@mistake("pocket", "The third result should be a number of examples, such as 3; yours is a fraction, such as 0.75.")
def pocket_gives_a_fraction(x, y, epochs):
    W, b, right = best_of([(W, b) for W, b, _ in stroll(x, y, epochs)], x, y)
    return W, b, right / len(y)


@mistake(
    "pocket",
    "Two things. You look only after each epoch: look after every update. And the third result is a share; return how many, "
    "an int.",
)
def pocket_share_once_an_epoch(x, y, epochs):
    W, b, right = best_of([(W, b) for W, b, end in stroll(x, y, epochs) if end], x, y)
    return W, b, right / len(y)


@mistake(
    "pocket",
    "The zero weights lie in your pocket, but their count is 0. They answer some examples rightly: count those first.",
)
def pocket_begins_with_no_count(x, y, epochs):
    if not epochs:
        return np.zeros(x.shape[1]), 0.0, 0
    return best_of([(W, b) for W, b, _ in stroll(x, y, epochs)], x, y)


# ------------------------------------------------------------------ predict_rate


@mistake(
    "predict_rate",
    "“More” is what most people expect, since each step is smaller. But b and W shrink together, so the line is the same: "
    "only its length in numbers changes.",
)
def predict_more():
    return "more", 8.0


@mistake(
    "predict_rate",
    "Smaller steps do not save mistakes here: only the direction of W decides an answer, not its length.",
)
def predict_fewer():
    return "fewer", 8.0


@mistake("predict_rate", "The mistakes are the same, and each adds lr·x to W. So how can both W be equally long?")
def predict_equal_weights():
    return "same", 1.0


@mistake("predict_rate", "The other way round: the question is how many times longer W is with the LARGER rate.")
def predict_upside_down():
    return "same", 0.125


# ------------------------------------------------------------------ log_loss


def probability(z):
    return 1 / (1 + np.exp(-z))


@mistake(
    "log_loss",
    "The formula is right on paper and breaks in numbers: already at z = 100, 1 − p is exactly 0, and log(0) is −infinity. "
    "Never form p: work from z.",
)
def log_loss_through_p(z, y):
    p = probability(z)
    return np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p))


@mistake(
    "log_loss",
    "Your formula is right, and p is never formed. What breaks is exp(1000), which overflows. Write log(1 + exp(z)) as "
    "max(z, 0) + log(1 + exp(−|z|)).",
)
def log_loss_exp_overflows(z, y):
    return np.mean(np.log(1 + np.exp(z)) - y * z)


@mistake("log_loss", "The sign of y·z is turned: a large z with y = 1 must make the surprise small. Subtract y·z.")
def log_loss_sign_of_the_label(z, y):
    return np.mean(np.logaddexp(0, z) + y * z)


@mistake("log_loss", "You add up the surprises; the loss is their mean.")
def log_loss_sum(z, y):
    return np.sum(np.logaddexp(0, z) - y * z)


@mistake("log_loss", "Examples with y = 0 cost nothing in your loss. Their surprise is −log(1 − p).")
def log_loss_one_class(z, y):
    return np.mean(y * np.logaddexp(0, -z))


@mistake("log_loss", "Your loss is negative: a surprise is MINUS the log of a probability.")
def log_loss_without_minus(z, y):
    return -np.mean(np.logaddexp(0, z) - y * z)


@mistake("log_loss", "Your surprise is in bits (log2). In this book it is in nats: use the natural logarithm, np.log.")
def log_loss_in_bits(z, y):
    return np.mean(np.logaddexp(0, z) - y * z) / np.log(2)


@mistake(
    "log_loss",
    "You clip p, so a wrong answer can never cost more than about 16 nats, and its gradient dies there. Work from z "
    "and there is nothing to clip.",
)
def log_loss_clipped(z, y):
    p = np.clip(probability(z), 1e-7, 1 - 1e-7)
    return np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p))


# ------------------------------------------------------------------ gradient


@mistake(
    "gradient",
    "You add up over the batch and forget to divide by its size: the loss is a mean, so its gradient is too.",
)
def gradient_of_the_sum(W, b, x, y):
    error = probability(x @ W + b) - y
    return x.T @ error, np.sum(error)


@mistake(
    "gradient",
    "The sign is turned: this points downhill. The gradient points uphill, it is p − y, and `descend` subtracts it.",
)
def gradient_sign_turned(W, b, x, y):
    error = y - probability(x @ W + b)
    return x.T @ error / len(y), np.mean(error)


@mistake(
    "gradient",
    "There is a factor p(1 − p) too many: that is the slope of the sigmoid alone. In the cross-entropy it cancels "
    "against the 1/p of the logarithm.",
)
def gradient_of_squared_error(W, b, x, y):
    p = probability(x @ W + b)
    error = (p - y) * p * (1 - p)
    return x.T @ error / len(y), np.mean(error)


@mistake("gradient", "dW is a mean, but db is a sum: divide it by the batch size as well.")
def gradient_bias_summed(W, b, x, y):
    error = probability(x @ W + b) - y
    return x.T @ error / len(y), np.sum(error)


@mistake("gradient", "The sigmoid is missing: you subtract y from the weighted sum z, not from the probability p.")
def gradient_without_sigmoid(W, b, x, y):
    error = x @ W + b - y
    return x.T @ error / len(y), np.mean(error)


@mistake("gradient", "You use the perceptron's answer, 0 or 1, in place of the probability p.")
def gradient_of_the_step(W, b, x, y):
    error = (x @ W + b > 0) - y
    return x.T @ error / len(y), np.mean(error)


# ------------------------------------------------------------------ descend


def walk(loss, params, lr, steps, sign=-1.0, fresh=True, before=True):
    grads, losses = jax.grad(loss)(params), []
    for _ in range(min(steps, 20)):
        losses += [loss(params)] if before else []
        grads = jax.grad(loss)(params) if fresh else grads
        params = jax.tree.map(lambda w, g: w + sign * lr * g, params, grads)
        losses += [] if before else [loss(params)]
    return params, jnp.array(losses)


@mistake("descend", "You walk uphill: the gradient points to where the loss grows. Subtract it.")
def descend_uphill(loss, params, lr, steps):
    return walk(loss, params, lr, steps, sign=1.0)


@mistake("descend", "The gradient is taken once, at the beginning. At each step you stand elsewhere: take it there.")
def descend_with_an_old_gradient(loss, params, lr, steps):
    return walk(loss, params, lr, steps, fresh=False)


@mistake(
    "descend",
    "The way down is right, but each loss is taken after its step. Write down the loss where you stand, then step.",
)
def descend_losses_late(loss, params, lr, steps):
    return walk(loss, params, lr, steps, before=False)


@mistake("descend", "The learning rate is missing: your steps are as long as the gradient.")
def descend_without_rate(loss, params, lr, steps):
    return walk(loss, params, 1.0, steps)


# ------------------------------------------------------------------ train


def rosenblatt(x, y, epochs):
    W, b, _ = passes(x, y, epochs, 1.0)
    return W, b


@mistake(
    "train",
    "One epoch is too few: the perceptron still makes mistakes on digits that it has seen. Go on until an epoch has none.",
)
def train_one_epoch(x, y):
    return rosenblatt(x, y, 1)


@mistake("train", "These are the zero weights: was `learn` called, and is it its W and b that you return?")
def train_not_at_all(x, y):
    return np.zeros(x.shape[1]), 0.0


@mistake("train", "Five epochs help, but look at the list of mistakes: it has not reached 0. These digits need more.")
def train_five_epochs(x, y):
    return rosenblatt(x, y, 5)


@mistake("train", "All three results of `learn` come out; here only W and b are wanted: `W, b, mistakes = learn(…)`.")
def train_returns_three(x, y):
    return passes(x, y, 50, 1.0)


# ------------------------------------------------------------------ train_ten


@mistake(
    "train_ten",
    "The W of the digits are rows here. A column for each digit is wanted, so that x @ W works: np.stack(…, axis=1).",
)
def train_ten_in_rows(x, y):
    each = [rosenblatt(x, y == digit, 10) for digit in range(10)]
    return np.stack([W for W, _ in each]), np.array([b for _, b in each])


@mistake(
    "train_ten",
    "All ten learn from y itself, so a label can be 7, and all come out alike. The k-th needs the labels y == k.",
)
def train_ten_on_the_digits(x, y):
    W, b = rosenblatt(x, y, 10)
    return np.stack([W] * 10, axis=1), np.array([b] * 10)


@mistake(
    "train_ten", "Each perceptron says “not mine” for its own digit: the labels are turned. Use y == k, not y != k."
)
def train_ten_turned_round(x, y):
    each = [rosenblatt(x, y != digit, 10) for digit in range(10)]
    return np.stack([W for W, _ in each], axis=1), np.array([b for _, b in each])


@mistake("train_ten", "range(1, 10) begins at 1: the perceptron of the digit 0 has learned nothing.")
def train_ten_without_zero(x, y):
    each = [rosenblatt(x, y == digit, 10) for digit in range(1, 10)]
    none = np.zeros((x.shape[1], 1))
    return np.hstack([none, np.stack([W for W, _ in each], axis=1)]), np.array([0.0] + [b for _, b in each])


@mistake("train_ten", "range(9) stops at 8: there are ten digits, 0 to 9.")
def train_ten_without_nine(x, y):
    each = [rosenblatt(x, y == digit, 10) for digit in range(9)]
    return np.stack([W for W, _ in each], axis=1), np.array([b for _, b in each])
