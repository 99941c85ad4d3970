"""Wrong answers to chapter 5 that real people give, and what a good teacher says.

Each is complete in itself: it is called on the inputs on which a learner's answer failed.
"""

import jax
import jax.numpy as jnp
import numpy as np

from deepbook.course.mistakes import mistake

# ------------------------------------------------------------------ trained_numbers


@mistake("trained_numbers", "The head's biases are missing: a Dense layer has one for each of its 2 outputs.")
def trained_numbers_head_without_biases():
    return 432, 16, 576


@mistake(
    "trained_numbers",
    "Your filters are flat. Each of them reaches through all the channels of what it lies on: 3 · 3 · 3 weights, then 3 · 3 · 4.",
)
def trained_numbers_flat_filters():
    return 144, 18, 578


@mistake("trained_numbers", "The first convolution has biases: one for each of its 4 filters.")
def trained_numbers_conv_without_biases():
    return 428, 18, 578


@mistake(
    "trained_numbers", "You gave the second convolution biases. It has none: the BatchNorm after it shifts anyway."
)
def trained_numbers_eight_too_many():
    return 440, 18, 578


@mistake("trained_numbers", "BatchNorm is missing: it holds four numbers for each of its 8 channels.")
def trained_numbers_without_batchnorm():
    return 400, 18, 578


@mistake(
    "trained_numbers",
    "You counted two numbers a channel in BatchNorm. Its running mean and var come from no gradient, but they are in the file "
    "as well, and frozen too.",
)
def trained_numbers_batchnorm_halved():
    return 416, 18, 578


@mistake("trained_numbers", "MaxPool has made 6 × 6 of the 12 × 12 pixels before Flatten comes.")
def trained_numbers_without_pooling():
    return 432, 18, 2306


@mistake("trained_numbers", "MaxPool halves both sides: 6 × 6 places are left for Flatten, not 12 × 6.")
def trained_numbers_one_side_halved():
    return 432, 18, 1154


@mistake(
    "trained_numbers", "The last two have changed places: GlobalAvgPool leaves one number for each map, Flatten all."
)
def trained_numbers_heads_swapped():
    return 432, 578, 18


@mistake(
    "trained_numbers",
    "Your second and third number count the whole network. The backbone is frozen: only the head learns.",
)
def trained_numbers_all_of_it():
    return 432, 450, 1010


# ------------------------------------------------------------------ prepare


@mistake("prepare", "Your x still goes from 0 to 1, and the means up to 255: multiply x by 255 first.")
def prepare_without_255(x, mean):
    return x[..., ::-1] - mean


@mistake(
    "prepare",
    "The colours are still red, green, blue. Nothing will complain: a network sees an orange as something blue, and guesses.",
)
def prepare_red_first(x, mean):
    return 255 * x - mean


@mistake(
    "prepare", "The means are those of blue, green, red: turn the colours round before you subtract, not after it."
)
def prepare_turned_too_late(x, mean):
    return (255 * x - mean)[..., ::-1]


@mistake("prepare", "You turned the photo and not the colours: left is right now. The colours are the LAST axis.")
def prepare_mirrored(x, mean):
    return 255 * x[:, :, ::-1] - mean


@mistake("prepare", "You turned the photos upside down. The colours are the LAST axis: x[..., ::-1].")
def prepare_upside_down(x, mean):
    return 255 * x[:, ::-1] - mean


@mistake(
    "prepare", "You turned the batch: the photos have changed places. The colours are the LAST axis: x[..., ::-1]."
)
def prepare_batch_turned(x, mean):
    return 255 * x[::-1] - mean


@mistake(
    "prepare",
    "You subtract the mean of YOUR photos. The network knows nothing of them: it wants what it was trained with, `mean`.",
)
def prepare_own_mean(x, mean):
    x = 255 * x[..., ::-1]
    return x - x.mean(axis=(0, 1, 2))


@mistake(
    "prepare",
    "You bring your photos to mean 0 and deviation 1 with their own statistics. The network wants those it was trained with.",
)
def prepare_own_statistics(x, mean):
    x = 255 * x[..., ::-1]
    return (x - x.mean(axis=(0, 1, 2))) / (x.std(axis=(0, 1, 2)) + 1e-7)


@mistake("prepare", "All of it is 255 times too small: you divided the means by 255 in place of multiplying x by it.")
def prepare_means_made_small(x, mean):
    return x[..., ::-1] - mean / 255


@mistake("prepare", "The means are added. Subtract them: a photo as bright as usual should come out around 0.")
def prepare_added(x, mean):
    return 255 * x[..., ::-1] + mean


@mistake("prepare", "You moved the channels to the front, as PyTorch wants them. Here they stay in the last axis.")
def prepare_channels_first(x, mean):
    return (255 * x[..., ::-1] - mean).transpose(0, 3, 1, 2)


@mistake("prepare", "The colours and 255 are right. Now subtract the means.")
def prepare_without_mean(x, mean):
    return 255 * x[..., ::-1]


# ------------------------------------------------------------------ pool_features


def pooled(maps, sizes, how):
    return np.array([how(image[:rows, :columns]) for image, (rows, columns) in zip(maps, sizes, strict=True)])


@mistake(
    "pool_features",
    "What was filled up counts in your means. Cut each image to its own rows and columns before the mean.",
)
def pool_features_with_the_filling(maps, sizes):
    return maps.mean(axis=(1, 2))


@mistake("pool_features", "These are sums: a larger photo gets larger features. Divide by how many pixels were summed.")
def pool_features_sums(maps, sizes):
    return pooled(maps, sizes, lambda image: image.sum(axis=(0, 1)))


@mistake(
    "pool_features", "The sums are right, but you divide by all pixels of the batch's maps. Divide by the photo's own."
)
def pool_features_divided_by_all(maps, sizes):
    return pooled(maps, sizes, lambda image: image.sum(axis=(0, 1))) / (maps.shape[1] * maps.shape[2])


@mistake("pool_features", "This is the largest number of each map. GlobalAvgPool takes the mean.")
def pool_features_largest(maps, sizes):
    return pooled(maps, sizes, lambda image: image.max(axis=(0, 1)))


@mistake("pool_features", "Rows and columns have changed places: sizes has rows first, and so have the maps.")
def pool_features_turned(maps, sizes):
    return pooled(maps, sizes[:, ::-1], lambda image: image.mean(axis=(0, 1)))


@mistake("pool_features", "All photos are cut to the size of the first one. Each has a size of its own.")
def pool_features_one_size(maps, sizes):
    return pooled(maps, sizes[:1].repeat(len(maps), axis=0), lambda image: image.mean(axis=(0, 1)))


@mistake("pool_features", "All photos are cut to the smallest. Nothing need be lost: each has a size of its own.")
def pool_features_smallest_size(maps, sizes):
    return maps[:, : sizes[:, 0].min(), : sizes[:, 1].min()].mean(axis=(1, 2))


@mistake(
    "pool_features",
    "You cut at the wrong end: the photo begins in the top left corner, and the filling is at the bottom and on the right.",
)
def pool_features_from_the_end(maps, sizes):
    return np.array([image[-r:, -c:].mean(axis=(0, 1)) for image, (r, c) in zip(maps, sizes, strict=True)])


@mistake(
    "pool_features", "There is one mean for each image. A mean for each channel is wanted: not over the last axis."
)
def pool_features_over_the_channels(maps, sizes):
    return pooled(maps, sizes, lambda image: image.mean())


@mistake(
    "pool_features", "A size is a number of rows, not the number of the last one: `image[:rows]` has rows of them."
)
def pool_features_one_more(maps, sizes):
    return pooled(maps, sizes + 1, lambda image: image.mean(axis=(0, 1)))


# ------------------------------------------------------------------ nearest_mean


def means_of(features, y):
    return np.array([features[y == label].mean(axis=0) for label in np.unique(y)])


def squared(asked, means):
    return ((asked[:, None] - means) ** 2).sum(axis=-1)


@mistake("nearest_mean", "These are places in the row of classes, 0, 1, …. Labels are wanted: `classes[place]`.")
def nearest_mean_gives_places(features, y, asked):
    return squared(asked, means_of(features, y)).argmin(axis=1)


@mistake("nearest_mean", "The FARTHEST mean wins in yours: argmin, not argmax.")
def nearest_mean_farthest(features, y, asked):
    return np.unique(y)[squared(asked, means_of(features, y)).argmax(axis=1)]


@mistake(
    "nearest_mean",
    "You take the nearest example. One odd example decides then; take the mean of each class first, and compare with that.",
)
def nearest_mean_nearest_example(features, y, asked):
    return y[squared(asked, features).argmin(axis=1)]


@mistake(
    "nearest_mean",
    "The largest product wins in yours, so a mean that lies far out wins again and again. What counts is the distance to it.",
)
def nearest_mean_products(features, y, asked):
    return np.unique(y)[(asked @ means_of(features, y).T).argmax(axis=1)]


@mistake("nearest_mean", "You compare angles (cosines). Here it is the distance that counts.")
def nearest_mean_cosines(features, y, asked):
    means = means_of(features, y)
    means = means / np.linalg.norm(means, axis=1, keepdims=True)
    return np.unique(y)[(asked @ means.T).argmax(axis=1)]


@mistake("nearest_mean", "You add the examples of a class up. Divide by how many they are: a mean.")
def nearest_mean_of_sums(features, y, asked):
    sums = np.array([features[y == label].sum(axis=0) for label in np.unique(y)])
    return np.unique(y)[squared(asked, sums).argmin(axis=1)]


@mistake(
    "nearest_mean", "The differences are neither squared nor taken as sizes, so those to the left cancel the others."
)
def nearest_mean_without_squares(features, y, asked):
    return np.unique(y)[(asked[:, None] - means_of(features, y)).sum(axis=-1).argmin(axis=1)]


@mistake(
    "nearest_mean", "You add up sizes, |a − b|. Near the middle another class may win then: square the differences."
)
def nearest_mean_of_sizes(features, y, asked):
    return np.unique(y)[np.abs(asked[:, None] - means_of(features, y)).sum(axis=-1).argmin(axis=1)]


@mistake(
    "nearest_mean", "The distances come back. Which class is the nearest: argmin over the classes, then its label."
)
def nearest_mean_distances(features, y, asked):
    return squared(asked, means_of(features, y))


@mistake(
    "nearest_mean",
    "The means are in the order in which the classes come first in y, and the labels in the order of their size. Use one order.",
)
def nearest_mean_two_orders(features, y, asked):
    seen = list(dict.fromkeys(y.tolist()))
    means = np.array([features[y == label].mean(axis=0) for label in seen])
    return np.unique(y)[squared(asked, means).argmin(axis=1)]


# ------------------------------------------------------------------ freeze_updates


def added(params, updates, trainable):
    """The params with the updates of the layers that learn."""
    layers = zip(params, updates, trainable, strict=True)
    return tuple(jax.tree.map(jnp.add, p, u) if on else p for p, u, on in layers)


def times(tree, flags):
    """Each layer's arrays times its flag."""
    return tuple(jax.tree.map(lambda a, on=on: a * on, layer) for layer, on in zip(tree, flags, strict=True))


@mistake(
    "freeze_updates",
    "You set the gradients of the frozen layers to 0, and still they move: weight decay and the speed from before need no "
    "gradient. Mask what is added.",
)
def freeze_updates_masks_gradients(params, grads, state, update, trainable):
    updates, state = update(times(grads, trainable), state, params)
    return jax.tree.map(jnp.add, params, updates), state


@mistake(
    "freeze_updates",
    "The params are right. But the optimizer was shown zeros in place of gradients, so it remembers something else than asked.",
)
def freeze_updates_masks_both(params, grads, state, update, trainable):
    updates, state = update(times(grads, trainable), state, params)
    return added(params, updates, trainable), state


@mistake("freeze_updates", "The wrong layers stand still: True means that a layer learns.")
def freeze_updates_turned(params, grads, state, update, trainable):
    updates, state = update(grads, state, params)
    return added(params, updates, tuple(not on for on in trainable)), state


@mistake("freeze_updates", "All layers take the step in yours: the flags are not used.")
def freeze_updates_all_learn(params, grads, state, update, trainable):
    updates, state = update(grads, state, params)
    return jax.tree.map(jnp.add, params, updates), state


@mistake("freeze_updates", "What you return first are the updates alone. Add them to the params.")
def freeze_updates_gives_the_updates(params, grads, state, update, trainable):
    updates, state = update(grads, state, params)
    return times(updates, trainable), state


@mistake(
    "freeze_updates",
    "You subtract the updates. The minus of “downhill” is in them already: they are what is to be added.",
)
def freeze_updates_subtracts(params, grads, state, update, trainable):
    updates, state = update(grads, state, params)
    return added(params, jax.tree.map(jnp.negative, updates), trainable), state


@mistake("freeze_updates", "The frozen layers are 0 now: what they knew is gone. Their params stay as they are.")
def freeze_updates_wipes(params, grads, state, update, trainable):
    updates, state = update(grads, state, params)
    return times(added(params, updates, trainable), trainable), state


@mistake("freeze_updates", "The params are right. The state is the old one: return what `update` gave.")
def freeze_updates_old_state(params, grads, state, update, trainable):
    updates, _ = update(grads, state, params)
    return added(params, updates, trainable), state


@mistake("freeze_updates", "Only the params come back. The next step needs the state too: `return params, state`.")
def freeze_updates_params_only(params, grads, state, update, trainable):
    updates, _ = update(grads, state, params)
    return added(params, updates, trainable)


@mistake(
    "freeze_updates",
    "You multiply the updates by 0, and 0 · NaN is NaN. Choose in place of multiplying: a frozen layer keeps its params.",
)
def freeze_updates_multiplies(params, grads, state, update, trainable):
    updates, state = update(grads, state, params)
    return jax.tree.map(jnp.add, params, times(updates, trainable)), state


# ------------------------------------------------------------------ thaw_top


def counted(params):
    """The places of the layers that hold an array."""
    return [i for i, layer in enumerate(params) if jax.tree.leaves(layer)]


@mistake(
    "thaw_top", "You thaw from the bottom. The first layers know what all pictures share: the LAST ones learn anew."
)
def thaw_top_from_the_bottom(params, n):
    highest = counted(params)[n - 1] if n else -1
    return tuple(i <= highest for i in range(len(params)))


@mistake(
    "thaw_top", "You count all layers. ReLU and its like hold no array, so there is nothing in them to thaw: skip them."
)
def thaw_top_counts_all(params, n):
    return tuple(i >= len(params) - n for i in range(len(params)))


@mistake("thaw_top", "Only one layer learns in yours. The last n do: all from that one up.")
def thaw_top_one_layer(params, n):
    return tuple(n > 0 and i == counted(params)[-n] for i in range(len(params)))


@mistake(
    "thaw_top",
    "Among the thawed layers those without parameters are frozen in yours, and a frozen Dropout drops nothing. They get True.",
)
def thaw_top_stops_dropout(params, n):
    thawed = counted(params)[-n:] if n else []
    return tuple(i in thawed for i in range(len(params)))


@mistake("thaw_top", "Your flags say what is frozen. They should say what learns: True above, False below.")
def thaw_top_turned(params, n):
    lowest = counted(params)[-n] if n else len(params)
    return tuple(i < lowest for i in range(len(params)))


@mistake("thaw_top", "Below the lowest thawed layer all is frozen, layers without parameters too: they get False.")
def thaw_top_thaws_relu(params, n):
    thawed = counted(params)[-n:] if n else []
    return tuple(i in thawed or not jax.tree.leaves(layer) for i, layer in enumerate(params))


@mistake("thaw_top", "You thaw one layer too few: the last n are n layers, the place −n of the list.")
def thaw_top_one_too_few(params, n):
    lowest = [*counted(params), len(params)][-n] if n else len(params)
    return tuple(i >= lowest for i in range(len(params)))


@mistake(
    "thaw_top", "With n = 0 everything learns in yours: −0 is 0, the first place of the list. Nothing should learn."
)
def thaw_top_of_zero(params, n):
    lowest = counted(params)[-n]
    return tuple(i >= lowest for i in range(len(params)))


@mistake(
    "thaw_top",
    "({}, {}) is a block of layers without arrays; as a tuple it is not empty, so `if layer` counts it. See jax.tree.leaves.",
)
def thaw_top_counts_empty_blocks(params, n):
    places = [i for i, layer in enumerate(params) if layer]
    lowest = places[-n] if n else len(params)
    return tuple(i >= lowest for i in range(len(params)))


# ------------------------------------------------------------------ rates_by_depth


def layers_above(params):
    """How many layers with parameters stand above each."""
    return [len(counted(params[i + 1 :])) for i in range(len(params))]


def stepped(params, grads, state, update, rates):
    updates, state = update(grads, state, params)
    return jax.tree.map(jnp.add, params, times(updates, rates)), state


@mistake(
    "rates_by_depth",
    "You scale the gradients. This optimizer divides them by their size, as Adam does, and the factor is gone: scale the "
    "updates.",
)
def rates_by_depth_scales_gradients(params, grads, state, update, factor):
    updates, state = update(times(grads, [factor**n for n in layers_above(params)]), state, params)
    return jax.tree.map(jnp.add, params, updates), state


@mistake(
    "rates_by_depth", "The rates are in the wrong order: the FIRST layers know the most, and should move the least."
)
def rates_by_depth_turned(params, grads, state, update, factor):
    n = len(counted(params))
    return stepped(params, grads, state, update, [factor ** (n - 1 - above) for above in layers_above(params)])


@mistake("rates_by_depth", "You count the layers without parameters too, so the deep ones move far too little.")
def rates_by_depth_counts_all(params, grads, state, update, factor):
    return stepped(params, grads, state, update, [factor**i for i in reversed(range(len(params)))])


@mistake("rates_by_depth", "The last layer moves by its whole update, without factor. Yours begins one power too late.")
def rates_by_depth_one_too_many(params, grads, state, update, factor):
    return stepped(params, grads, state, update, [factor ** (n + 1) for n in layers_above(params)])


@mistake(
    "rates_by_depth", "All layers but the last have the same rate in yours. Each is factor times the one above it."
)
def rates_by_depth_two_rates(params, grads, state, update, factor):
    return stepped(params, grads, state, update, [factor if n else 1.0 for n in layers_above(params)])


@mistake(
    "rates_by_depth", "Deeper layers move MORE in yours: multiply by factor, which is below 1; do not divide by it."
)
def rates_by_depth_divides(params, grads, state, update, factor):
    return stepped(params, grads, state, update, [factor**-n for n in layers_above(params)])


@mistake("rates_by_depth", "Your rates are factor · depth. It is a power: factor, factor², factor³.")
def rates_by_depth_linear(params, grads, state, update, factor):
    return stepped(params, grads, state, update, [factor * n if n else 1.0 for n in layers_above(params)])


@mistake("rates_by_depth", "All layers move by their whole update: factor is not used.")
def rates_by_depth_without_factor(params, grads, state, update, factor):
    return stepped(params, grads, state, update, [1.0] * len(params))


@mistake(
    "rates_by_depth", "Only W is scaled. The bias of a deep layer is a part of what it knows, and gets its rate too."
)
def rates_by_depth_not_the_biases(params, grads, state, update, factor):
    new, _ = stepped(params, grads, state, update, [factor**n for n in layers_above(params)])
    full, state = stepped(params, grads, state, update, [1.0] * len(params))
    return tuple({**b, **{k: v for k, v in a.items() if k == "W"}} for a, b in zip(new, full, strict=True)), state


@mistake("rates_by_depth", "You scale the new params in place of the updates, so the deep weights shrink towards 0.")
def rates_by_depth_scales_params(params, grads, state, update, factor):
    new, state = stepped(params, grads, state, update, [1.0] * len(params))
    return times(new, [factor**n for n in layers_above(params)]), state


@mistake("rates_by_depth", "What you return first are the updates alone. Add them to the params.")
def rates_by_depth_gives_the_updates(params, grads, state, update, factor):
    updates, state = update(grads, state, params)
    return times(updates, [factor**n for n in layers_above(params)]), state


@mistake("rates_by_depth", "The params are right. The state is the old one: return what `update` gave.")
def rates_by_depth_old_state(params, grads, state, update, factor):
    new, _ = stepped(params, grads, state, update, [factor**n for n in layers_above(params)])
    return new, state


# ------------------------------------------------------------------ frozen_batchnorm


def normalized(x, scale, shift, mean, var, momentum, eps, by_batch, moves, axes=(0, 1, 2)):
    """by_batch: whether y uses the batch's statistics; moves: whether the running ones follow them."""
    here, spread = x.mean(axis=axes), x.var(axis=axes)
    m, v = (here, spread) if by_batch else (mean, var)
    y = scale * (x - m) / np.sqrt(v + eps) + shift
    if moves:
        mean, var = momentum * mean + (1 - momentum) * here, momentum * var + (1 - momentum) * spread
    return y, mean, var


@mistake(
    "frozen_batchnorm",
    "Frozen or not, yours learns: y uses the batch's statistics, and the running ones move. So a “frozen” network forgets.",
)
def frozen_batchnorm_always_learns(x, scale, shift, mean, var, momentum, eps, trainable):
    return normalized(x, scale, shift, mean, var, momentum, eps, True, True)


@mistake(
    "frozen_batchnorm",
    "y is right, but the running statistics move though the layer is frozen: after some batches it is another network.",
)
def frozen_batchnorm_moves(x, scale, shift, mean, var, momentum, eps, trainable):
    return normalized(x, scale, shift, mean, var, momentum, eps, trainable, True)


@mistake(
    "frozen_batchnorm",
    "The statistics stand still, but y uses those of the batch. Frozen, it uses the running ones: those the weights know.",
)
def frozen_batchnorm_by_the_batch(x, scale, shift, mean, var, momentum, eps, trainable):
    return normalized(x, scale, shift, mean, var, momentum, eps, True, trainable)


@mistake("frozen_batchnorm", "The two cases have changed places: trainable=False is the frozen one.")
def frozen_batchnorm_turned(x, scale, shift, mean, var, momentum, eps, trainable):
    return normalized(x, scale, shift, mean, var, momentum, eps, not trainable, not trainable)


@mistake("frozen_batchnorm", "Frozen does not mean skipped: it still normalizes, by the running mean and var.")
def frozen_batchnorm_skips(x, scale, shift, mean, var, momentum, eps, trainable):
    return normalized(x, scale, shift, mean, var, momentum, eps, True, True) if trainable else (x, mean, var)


@mistake("frozen_batchnorm", "Frozen, scale and shift are used as well: they are a part of what the layer has learned.")
def frozen_batchnorm_without_scale(x, scale, shift, mean, var, momentum, eps, trainable):
    scale, shift = (scale, shift) if trainable else (1.0, 0.0)
    return normalized(x, scale, shift, mean, var, momentum, eps, trainable, trainable)


@mistake(
    "frozen_batchnorm", "eps stands outside the root, or is missing where the layer is frozen: √(var + eps) in both."
)
def frozen_batchnorm_without_eps(x, scale, shift, mean, var, momentum, eps, trainable):
    return normalized(x, scale, shift, mean, var, momentum, eps if trainable else 0.0, trainable, trainable)


@mistake(
    "frozen_batchnorm",
    "While learning, your mean is over the batch alone: one for each pixel. Maps have three axes to go over: axis=(0, 1, 2).",
)
def frozen_batchnorm_for_each_pixel(x, scale, shift, mean, var, momentum, eps, trainable):
    return normalized(x, scale, shift, mean, var, momentum, eps, trainable, trainable, axes=0)


@mistake("frozen_batchnorm", "While the layer learns, y uses the batch's own statistics, not the running ones.")
def frozen_batchnorm_always_running(x, scale, shift, mean, var, momentum, eps, trainable):
    return normalized(x, scale, shift, mean, var, momentum, eps, False, trainable)


@mistake(
    "frozen_batchnorm", "y is right. While the layer learns, the running statistics should move towards the batch's."
)
def frozen_batchnorm_never_moves(x, scale, shift, mean, var, momentum, eps, trainable):
    return normalized(x, scale, shift, mean, var, momentum, eps, trainable, False)


@mistake(
    "frozen_batchnorm", "y is right. In the running statistics, momentum is the part of the OLD ones that is kept."
)
def frozen_batchnorm_momentum_turned(x, scale, shift, mean, var, momentum, eps, trainable):
    return normalized(x, scale, shift, mean, var, 1 - momentum, eps, trainable, trainable)


# ------------------------------------------------------------------ fewer_or_more


@mistake(
    "fewer_or_more",
    "The first two are right. With all the examples, scratch can learn the lamps by itself. Who is not allowed to learn?",
)
def fewer_or_more_scratch_stays_last():
    return "frozen", "scratch", "scratch"


@mistake(
    "fewer_or_more",
    "Ten images, and you let all 3,400 weights learn from them: they learn these ten lamps by heart. What needs the fewest "
    "examples?",
)
def fewer_or_more_tuned_wins():
    return "tuned", "scratch", "scratch"


@mistake(
    "fewer_or_more",
    "The last two are right. With ten images the borrowed layer is as good as it will be: tuned to so few, it gets worse.",
)
def fewer_or_more_tuned_wins_with_few():
    return "tuned", "scratch", "frozen"


@mistake(
    "fewer_or_more",
    "You expect little of frozen weights. Yet a layer that knows lamps and strokes is worth more than ten images can teach.",
)
def fewer_or_more_frozen_always_last():
    return "tuned", "frozen", "frozen"


@mistake(
    "fewer_or_more",
    "You trust in beginning anew. From ten images, nobody learns what a lamp is; with 140 of each, this is another matter.",
)
def fewer_or_more_scratch_wins():
    return "scratch", "frozen", "frozen"


@mistake(
    "fewer_or_more",
    "Your second word: tuned begins with the borrowed layer, scratch with random numbers. Who is behind after ten images?",
)
def fewer_or_more_tuned_is_worst():
    return "frozen", "tuned", "frozen"


@mistake(
    "fewer_or_more",
    "Your third word: with many examples, tuning does no harm any more. It is what stands still that is left behind.",
)
def fewer_or_more_tuned_ends_last():
    return "frozen", "scratch", "tuned"


# ------------------------------------------------------------------ to_our_axes


def dense_after(W, maps):
    """The inputs of a Dense layer, from the file's order to ours."""
    height, width, channels = maps
    return W.reshape(-1, channels, height, width).transpose(0, 2, 3, 1).reshape(len(W), -1)


def to_ours(W, maps, filters=lambda W: W.transpose(2, 3, 1, 0), dense=lambda W: W.T, inputs=None):
    W = W if maps is None else (inputs or dense_after)(W, maps)
    return filters(W) if W.ndim == 4 else dense(W)


@mistake(
    "to_our_axes",
    "The Dense layer still lies on its side. It is square, so no check of shapes would tell you, and its scores are nonsense.",
)
def to_our_axes_square_forgotten(W, maps=None):
    return to_ours(W, maps, dense=lambda W: W)


@mistake("to_our_axes", "You `reshape` where axes must change places: that only counts the same numbers in new rows.")
def to_our_axes_reshaped(W, maps=None):
    return to_ours(W, maps, filters=lambda W: W.reshape(*W.shape[2:], *W.shape[1::-1]))


@mistake("to_our_axes", "The filters are as they were in the file: (out, in, height, width).")
def to_our_axes_filters_forgotten(W, maps=None):
    return to_ours(W, maps, filters=lambda W: W)


@mistake(
    "to_our_axes",
    "`.T` turns ALL axes round, so height and width have changed places too: every filter is mirrored along its diagonal.",
)
def to_our_axes_all_turned(W, maps=None):
    return to_ours(W, maps, filters=lambda W: W.T)


@mistake(
    "to_our_axes", "Height and width are right. In and out have changed places: ours are (height, width, in, out)."
)
def to_our_axes_in_and_out(W, maps=None):
    return to_ours(W, maps, filters=lambda W: W.transpose(2, 3, 0, 1))


@mistake(
    "to_our_axes",
    "You also turned the filters by 180°. In both libraries a filter lies on the image as it is (a cross-correlation).",
)
def to_our_axes_by_half_a_turn(W, maps=None):
    return to_ours(W, maps, filters=lambda W: W.transpose(2, 3, 1, 0)[::-1, ::-1])


@mistake("to_our_axes", "The bias got a second axis. One axis it has, and one it keeps.")
def to_our_axes_bias_as_a_column(W, maps=None):
    return W[:, None] if W.ndim == 1 else to_ours(W, maps)


@mistake(
    "to_our_axes",
    "`maps` is not used: the layer's inputs are still counted channel by channel. Its shape is right, its scores are not.",
)
def to_our_axes_flatten_forgotten(W, maps=None):
    return to_ours(W, None)


@mistake(
    "to_our_axes",
    "You open the inputs as (height, width, channels). In the FILE they lie channel by channel: open them as (channels, height, "
    "width), then move the channels to the end.",
)
def to_our_axes_flatten_the_other_way(W, maps=None):
    return to_ours(W, maps, inputs=lambda W, maps: W.reshape(-1, *maps).transpose(0, 3, 1, 2).reshape(len(W), -1))


@mistake(
    "to_our_axes", "Width and height have changed places after the Flatten: in the file, too, rows come one by one."
)
def to_our_axes_flatten_by_columns(W, maps=None):
    def by_columns(W, maps):
        height, width, channels = maps
        return W.reshape(-1, channels, height, width).transpose(0, 3, 2, 1).reshape(len(W), -1)

    return to_ours(W, maps, inputs=by_columns)


# ------------------------------------------------------------------ match_names


def without_counters(file):
    return {name: shape for name, shape in file.items() if not name.endswith("num_batches_tracked")}


def three_lists(file, model, differ):
    file = without_counters(file)
    both = [name for name in model if name in file and differ(file[name], model[name])]
    return sorted(set(model) - set(file)), sorted(set(file) - set(model)), sorted(both)


def unequal(a, b):
    return a != b


def size_of(shape):
    return int(np.prod(shape))


@mistake("match_names", "The first two lists have changed places: first what the FILE lacks, then what only it has.")
def match_names_swapped(file, model):
    missing, extra, differ = three_lists(file, model, unequal)
    return extra, missing, differ


@mistake(
    "match_names",
    "You compare how many numbers there are. (8, 4) and (4, 8) have equally many, and one of them lies on its side.",
)
def match_names_by_size(file, model):
    return three_lists(file, model, lambda a, b: size_of(a) != size_of(b))


@mistake("match_names", "You compare how many axes there are. Their lengths must be the same, too.")
def match_names_by_axes(file, model):
    return three_lists(file, model, lambda a, b: len(a) != len(b))


@mistake("match_names", "The counters that end in num_batches_tracked are no weights: pass over them.")
def match_names_with_counters(file, model):
    missing, _, differ = three_lists(file, model, unequal)
    return missing, sorted(set(file) - set(model)), differ


@mistake(
    "match_names",
    "You go through both in their order, one beside the other. The order of a file means nothing, and one missing name shifts "
    "all the others: go by name.",
)
def match_names_by_order(file, model):
    missing, extra, _ = three_lists(file, model, unequal)
    pairs = zip(without_counters(file).items(), model.items(), strict=False)
    return missing, extra, sorted(b for (_, shape), (b, wanted) in pairs if shape != wanted)


@mistake("match_names", "Your third list also has what is missing. It is for names that both have.")
def match_names_missing_differ(file, model):
    missing, extra, differ = three_lists(file, model, unequal)
    return missing, extra, sorted(missing + differ)


@mistake("match_names", "The right names. Sort each list, so that a long report can be read, and is always the same.")
def match_names_unsorted(file, model):
    file = without_counters(file)
    missing, extra = [a for a in model if a not in file], [a for a in file if a not in model]
    return missing, extra, [name for name in model if name in file and file[name] != model[name]]


@mistake("match_names", "Your third list has the names that fit. Those with DIFFERENT shapes are wanted.")
def match_names_those_that_fit(file, model):
    return three_lists(file, model, lambda a, b: a == b)


@mistake("match_names", "Your third list is always empty: the shapes of what both have are not compared.")
def match_names_without_shapes(file, model):
    return three_lists(file, model, lambda a, b: False)


# ------------------------------------------------------------------ few_shot


def shuffled(key, y):
    return np.asarray(jax.random.permutation(key, len(y)))


def of_each(y, take):
    """take(rows of a class, which class it is) for each class, all in one array."""
    return np.concatenate([take(np.flatnonzero(y == label), i) for i, label in enumerate(np.unique(y))])


@mistake(
    "few_shot",
    "You draw from all rows at once, so a class gets as many as chance gives it; a rare one perhaps none. Draw in each class.",
)
def few_shot_from_all(key, y, n):
    return shuffled(key, y)[: n * len(np.unique(y))]


@mistake("few_shot", "You draw n rows in all. n of EACH class are wanted.")
def few_shot_n_in_all(key, y, n):
    return shuffled(key, y)[:n]


@mistake(
    "few_shot",
    "You draw with replacement: some rows come twice, and a class of n examples has fewer than n. See replace=False.",
)
def few_shot_with_replacement(key, y, n):
    keys = jax.random.split(key, len(np.unique(y)))
    return of_each(y, lambda rows, i: np.asarray(jax.random.choice(keys[i], rows, (n,))))


@mistake(
    "few_shot", "The first n of each class are taken, whatever the key: the same hand may have written all of them."
)
def few_shot_the_first(key, y, n):
    return of_each(y, lambda rows, i: rows[:n])


@mistake("few_shot", "You make a key of your own, so it is always the same draw. Use the key that you are given.")
def few_shot_own_key(key, y, n):
    return few_shot_of_the_class(jax.random.key(0), y, n)


def few_shot_of_the_class(key, y, n):
    keys = jax.random.split(key, len(np.unique(y)))
    return of_each(y, lambda rows, i: rows[shuffled(keys[i], rows)[:n]])


@mistake(
    "few_shot",
    "Every class is drawn with the same key, so each gives the rows at the same places. Split the key, or shuffle all rows once.",
)
def few_shot_one_key_for_all(key, y, n):
    return of_each(y, lambda rows, i: rows[shuffled(key, rows)[:n]])


@mistake("few_shot", "These are labels. Row numbers are wanted: with those, images and labels can be taken together.")
def few_shot_gives_labels(key, y, n):
    return y[few_shot_of_the_class(key, y, n)]


@mistake("few_shot", "These are numbers of rows within each class. Numbers of rows of y are wanted.")
def few_shot_within_the_class(key, y, n):
    keys = jax.random.split(key, len(np.unique(y)))
    return of_each(y, lambda rows, i: shuffled(keys[i], rows)[:n])


@mistake(
    "few_shot",
    "Where a class has fewer than n rows, yours gives fewer without a word, and the comparison is off. Raise ValueError.",
)
def few_shot_says_nothing(key, y, n):
    order = shuffled(key, y)
    return np.concatenate([order[y[order] == label][:n] for label in np.unique(y)])


# ------------------------------------------------------------------ mend_transfer


def transfer(old, mean, std, x, y, x_new, steps, own=False, clamped=False, old_head=False, decays=False, decay=0.02):
    """The script of the exercise, with its four places open and the gradient by hand."""
    (W1, b1), (W2, b2) = (tuple(map(np.asarray, old[name])) for name in ("backbone", "head"))
    W2, b2 = (W2, b2) if old_head else (0 * W2, 0 * b2)

    def prepare(x):
        return (x - x.mean(axis=0)) / x.std(axis=0) if own else (x - mean) / std

    classes = np.unique(y)
    places = np.minimum(y, len(classes) - 1) if clamped else np.searchsorted(classes, y)
    shrink = 1 - 0.5 * decay
    for _ in range(steps):
        hidden = np.maximum(prepare(x) @ W1 + b1, 0)
        p = np.exp(hidden @ W2 + b2)
        error = (p / p.sum(axis=1, keepdims=True) - np.eye(len(classes))[places]) / len(x)
        W2, b2 = shrink * W2 - 0.5 * hidden.T @ error, shrink * b2 - 0.5 * error.sum(axis=0)
        W1, b1 = (shrink * W1, shrink * b1) if decays else (W1, b1)
    scores = np.maximum(prepare(x_new) @ W1 + b1, 0) @ W2 + b2
    return {"backbone": (W1, b1), "head": (W2, b2)}, classes[np.argmax(scores, axis=1)]


@mistake(
    "mend_transfer",
    "The inputs are still prepared with their own statistics. The borrowed layer was trained with `mean` and `std`.",
)
def mend_transfer_statistics_left(old, mean, std, x, y, x_new, steps):
    return transfer(old, mean, std, x, y, x_new, steps, own=True)


@mistake(
    "mend_transfer",
    "The labels are still used as places. `jnp.eye(3)[5]` raises nothing and means the last class: so all examples seem to be "
    "of that one.",
)
def mend_transfer_labels_left(old, mean, std, x, y, x_new, steps):
    return transfer(old, mean, std, x, y, x_new, steps, clamped=True)


@mistake(
    "mend_transfer",
    "The new head still begins with the old one's weights, which score other classes. It begins with zeros.",
)
def mend_transfer_head_left(old, mean, std, x, y, x_new, steps):
    return transfer(old, mean, std, x, y, x_new, steps, old_head=True)


@mistake(
    "mend_transfer",
    "The frozen layer still shrinks: its gradient is 0, but the decay needs no gradient. Put its old weights back after the step.",
)
def mend_transfer_decay_left(old, mean, std, x, y, x_new, steps):
    return transfer(old, mean, std, x, y, x_new, steps, decays=True)


@mistake(
    "mend_transfer",
    "Nothing but the `raise` was taken out: four places below it are still wrong. Begin with `prepare`.",
)
def mend_transfer_nothing(old, mean, std, x, y, x_new, steps):
    return transfer(old, mean, std, x, y, x_new, steps, own=True, clamped=True, old_head=True, decays=True)


@mistake("mend_transfer", "`prepare` is right now. Three places are left: what does `jnp.eye(3)[5]` give?")
def mend_transfer_first_one(old, mean, std, x, y, x_new, steps):
    return transfer(old, mean, std, x, y, x_new, steps, clamped=True, old_head=True, decays=True)


@mistake(
    "mend_transfer",
    "The inputs and the labels are right now. Two places are left: where the head begins, and the step.",
)
def mend_transfer_first_two(old, mean, std, x, y, x_new, steps):
    return transfer(old, mean, std, x, y, x_new, steps, old_head=True, decays=True)


@mistake("mend_transfer", "The head and the step are right now. Two places are left: `prepare`, and what `places` is.")
def mend_transfer_last_two(old, mean, std, x, y, x_new, steps):
    return transfer(old, mean, std, x, y, x_new, steps, own=True, clamped=True)


@mistake(
    "mend_transfer", "You took the decay away from the head, too. There it belongs; only the frozen layer is without."
)
def mend_transfer_without_decay(old, mean, std, x, y, x_new, steps):
    return transfer(old, mean, std, x, y, x_new, steps, decay=0.0)


# ------------------------------------------------------------------ transfer_digits


@mistake("transfer_digits", "All is 0: these are the weights that a head begins with. Return the ones after training.")
def transfer_digits_untrained(backbone, x, y):
    return jnp.zeros((256, 5)), jnp.zeros(5)


@mistake(
    "transfer_digits",
    "All is NaN. Look for exp of a large score, or for the log of 0: subtract each row's largest score before exp.",
)
def transfer_digits_nan(backbone, x, y):
    return jnp.full((256, 5), jnp.nan), jnp.full(5, jnp.nan)


@mistake("transfer_digits", "W lies on its side: a row for each of the 256 features, a column for each digit.")
def transfer_digits_on_its_side(backbone, x, y):
    W, b = means_as_a_head(backbone, x, y)
    return W.T, b


def means_as_a_head(backbone, x, y):
    """The nearest mean, as the Dense layer that it is: 2 m·x − m·m."""
    means = means_of(np.asarray(backbone(x)), np.asarray(y))
    return 2 * means.T, -(means**2).sum(axis=1)


@mistake(
    "transfer_digits",
    "This head is the nearest mean, as a Dense layer. That needs no training and reads about 70; a head that learns reads more.",
)
def transfer_digits_nearest_mean(backbone, x, y):
    return means_as_a_head(backbone, x, y)
