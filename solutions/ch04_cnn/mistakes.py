"""Wrong answers to chapter 4 that real people give, and what a good teacher says.

Each is complete in itself: it is called on the inputs on which a learner's answer failed.
"""

import jax
import jax.numpy as jnp
import numpy as np

from deepbook.course.mistakes import mistake

# ------------------------------------------------------------------ scores

IMAGE = np.array([[2, 0, 1, 3], [1, 4, 0, 1], [0, 2, 1, 0]])
FILTER = np.array([[1, 2], [0, -1]])


def slid(image, W, stride=1, score=lambda patch, W: np.sum(patch * W)):
    """What `score` says of each place."""
    (h, w), (rows, columns) = W.shape, image.shape
    return np.array(
        [
            [score(image[i : i + h, j : j + w], W) for j in range(0, columns - w + 1, stride)]
            for i in range(0, rows - h + 1, stride)
        ]
    )


@mistake(
    "scores",
    "You turn the filter round, as mathematics does for a convolution. Here it is laid on as it is: top left on top left.",
)
def scores_turned():
    return slid(IMAGE, FILTER[::-1, ::-1])


@mistake("scores", "Rows and columns of the filter have changed places: its first row is 1, 2, not 1, 0.")
def scores_transposed():
    return slid(IMAGE, FILTER.T)


@mistake("scores", "One of the weights is negative: −1. What lies under it is taken away.")
def scores_minus_lost():
    return slid(IMAGE, abs(FILTER))


@mistake("scores", "There is no ReLU here: a negative score stays negative.")
def scores_through_relu():
    return np.maximum(slid(IMAGE, FILTER), 0)


@mistake("scores", "A score is the sum of the four products, not their mean.")
def scores_mean():
    return slid(IMAGE, FILTER) / 4


@mistake("scores", "You move the filter by two pixels. It moves by one: neighbouring places share pixels.")
def scores_side_by_side():
    return slid(IMAGE, FILTER, 2)


@mistake("scores", "The right scores, on their side: each row holds the scores of one height, from left to right.")
def scores_on_their_side():
    return slid(IMAGE, FILTER).T


@mistake(
    "scores",
    "You laid the filter beyond the border, on zeros. Here it lies wholly on the image: count its places across and down.",
)
def scores_padded():
    return slid(np.pad(IMAGE, ((0, 1), (0, 1))), FILTER)


@mistake(
    "scores",
    "You laid the filter beyond all four borders, on zeros. Here it lies wholly on the image: count its places.",
)
def scores_padded_all_round():
    return slid(np.pad(IMAGE, 1), FILTER)


@mistake("scores", "All the scores in one row. Write a row of scores for each height of the filter.")
def scores_in_one_row():
    return slid(IMAGE, FILTER).ravel()


# ------------------------------------------------------------------ output_length


def checked(room, reach, places):
    """`places`, where the filter has room."""
    if reach > room:
        raise ValueError("no place")
    return places


@mistake("output_length", "Zeros are put at EACH end, so the axis grows by 2 · padding.")
def output_length_padding_once(n, k, stride, padding, dilation):
    reach = dilation * (k - 1) + 1
    return checked(n + padding, reach, (n + padding - reach) // stride + 1)


@mistake("output_length", "One place is missing: the filter has a place before its first move. Add 1 to the moves.")
def output_length_moves_only(n, k, stride, padding, dilation):
    room, reach = n + 2 * padding, dilation * (k - 1) + 1
    return checked(room, reach, (room - reach) // stride)


@mistake(
    "output_length",
    "You round up, so the last move leads beyond the end. A move that is too long is not made: round down, with //.",
)
def output_length_rounded_up(n, k, stride, padding, dilation):
    room, reach = n + 2 * padding, dilation * (k - 1) + 1
    return checked(room, reach, -(-(room - reach) // stride) + 1)


@mistake("output_length", "Your number of places has a fraction. There are no half places: round down, with //.")
def output_length_fraction(n, k, stride, padding, dilation):
    room, reach = n + 2 * padding, dilation * (k - 1) + 1
    return checked(room, reach, (room - reach) / stride + 1)


@mistake("output_length", "The dilation is not used: the filter reaches farther than its k weights.")
def output_length_without_dilation(n, k, stride, padding, dilation):
    return checked(n + 2 * padding, k, (n + 2 * padding - k) // stride + 1)


@mistake(
    "output_length",
    "You let the filter reach over dilation · k pixels. Between k weights there are k − 1 steps: it is "
    "dilation · (k − 1) + 1.",
)
def output_length_reach_too_long(n, k, stride, padding, dilation):
    room, reach = n + 2 * padding, dilation * k
    return checked(room, reach, (room - reach) // stride + 1)


@mistake(
    "output_length",
    "You count dilation pixels between two weights. A dilation of 2 means that the next weight is 2 pixels on.",
)
def output_length_gap_too_wide(n, k, stride, padding, dilation):
    room, reach = n + 2 * padding, k + dilation * (k - 1)
    return checked(room, reach, (room - reach) // stride + 1)


@mistake(
    "output_length",
    "You let the filter reach over dilation · (k − 1) pixels: from its first weight to its last. Both ends count, so add 1.",
)
def output_length_reach_too_short(n, k, stride, padding, dilation):
    room, reach = n + 2 * padding, dilation * (k - 1)
    return checked(room, reach, (room - reach) // stride + 1)


@mistake("output_length", "The stride is not used: with a stride of 2 there are about half as many places.")
def output_length_without_stride(n, k, stride, padding, dilation):
    room, reach = n + 2 * padding, dilation * (k - 1) + 1
    return checked(room, reach, room - reach + 1)


@mistake(
    "output_length",
    "You divide all places by the stride and round down; the place before the first move is lost in it. Divide the "
    "moves, then add 1.",
)
def output_length_all_divided(n, k, stride, padding, dilation):
    room, reach = n + 2 * padding, dilation * (k - 1) + 1
    return checked(room, reach, (room - reach + 1) // stride)


@mistake("output_length", "A filter that reaches over more pixels than there are has no place: raise ValueError.")
def output_length_never_raises(n, k, stride, padding, dilation):
    return (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1


@mistake("output_length", "No place means ValueError here, not 0.")
def output_length_zero(n, k, stride, padding, dilation):
    return max((n + 2 * padding - dilation * (k - 1) - 1) // stride + 1, 0)


@mistake("output_length", "A filter that just fits has one place: that is no error.")
def output_length_raises_too_soon(n, k, stride, padding, dilation):
    room, reach = n + 2 * padding, dilation * (k - 1) + 1
    return checked(room, reach + 1, (room - reach) // stride + 1)


@mistake("output_length", "You compare the filter with the image alone. Its padding gives it room as well.")
def output_length_raises_without_padding(n, k, stride, padding, dilation):
    room, reach = n + 2 * padding, dilation * (k - 1) + 1
    return checked(n, reach, (room - reach) // stride + 1)


@mistake("output_length", "You ask whether k weights have room. With dilation they reach over more than k pixels.")
def output_length_raises_by_weights(n, k, stride, padding, dilation):
    room, reach = n + 2 * padding, dilation * (k - 1) + 1
    return checked(room, k, (room - reach) // stride + 1)


# ------------------------------------------------------------------ pad_same


def missing(n, k, stride):
    """How many zeros "same" needs along one axis."""
    return max((-(-n // stride) - 1) * stride + k - n, 0)


@mistake("pad_same", "The odd zero stands before the image. It goes after it: at the bottom, or at the right.")
def pad_same_odd_one_first(image, size, stride):
    gaps = [missing(n, k, stride) for n, k in zip(image.shape, size, strict=True)]
    return np.pad(image, [(m - m // 2, m // 2) for m in gaps])


@mistake("pad_same", "All the zeros stand after the image. Half of them go before it.")
def pad_same_all_after(image, size, stride):
    return np.pad(image, [(0, missing(n, k, stride)) for n, k in zip(image.shape, size, strict=True)])


@mistake(
    "pad_same",
    "You put size // 2 zeros at both ends. That is right for odd sizes and stride 1; work out how many are missing.",
)
def pad_same_half_the_size(image, size, stride):
    return np.pad(image, [(k // 2, k // 2) for k in size])


@mistake("pad_same", "The stride is not used: with a stride of 2 there are fewer places, and fewer zeros are missing.")
def pad_same_without_stride(image, size, stride):
    gaps = [missing(n, k, 1) for n, k in zip(image.shape, size, strict=True)]
    return np.pad(image, [(m // 2, m - m // 2) for m in gaps])


@mistake(
    "pad_same", "You round the number of places down: n // stride. “same” rounds it up, so that no pixel is left out."
)
def pad_same_rounded_down(image, size, stride):
    gaps = [max((n // stride - 1) * stride + k - n, 0) for n, k in zip(image.shape, size, strict=True)]
    return np.pad(image, [(m // 2, m - m // 2) for m in gaps])


@mistake("pad_same", "You keep as many places as pixels. With a stride there are only ceil(n / stride).")
def pad_same_as_many_as_pixels(image, size, stride):
    gaps = [(n - 1) * stride + k - n for n, k in zip(image.shape, size, strict=True)]
    return np.pad(image, [(m // 2, m - m // 2) for m in gaps])


@mistake("pad_same", "The size is (h, w): the first is for the rows, the second for the columns. Yours are exchanged.")
def pad_same_size_exchanged(image, size, stride):
    gaps = [missing(n, k, stride) for n, k in zip(image.shape, size[::-1], strict=True)]
    return np.pad(image, [(m // 2, m - m // 2) for m in gaps])


@mistake("pad_same", "You repeat the pixels at the border. Put zeros there.")
def pad_same_edge(image, size, stride):
    gaps = [missing(n, k, stride) for n, k in zip(image.shape, size, strict=True)]
    return np.pad(image, [(m // 2, m - m // 2) for m in gaps], mode="edge")


@mistake("pad_same", "You put all the missing zeros at both ends: they are twice too many.")
def pad_same_twice(image, size, stride):
    gaps = [missing(n, k, stride) for n, k in zip(image.shape, size, strict=True)]
    return np.pad(image, [(m, m) for m in gaps])


@mistake(
    "pad_same",
    "Where the stride is larger than the filter, fewer than 0 zeros are “missing”. Take 0 then: max(…, 0).",
)
def pad_same_negative(image, size, stride):
    gaps = [(-(-n // stride) - 1) * stride + k - n for n, k in zip(image.shape, size, strict=True)]
    return np.pad(image, [(m // 2, m - m // 2) for m in gaps])


@mistake("pad_same", "These are the scores of a filter of ones. Only the padded image is wanted.")
def pad_same_scores(image, size, stride):
    gaps = [missing(n, k, stride) for n, k in zip(image.shape, size, strict=True)]
    return slid(np.pad(image, [(m // 2, m - m // 2) for m in gaps]), np.ones(size), stride)


# ------------------------------------------------------------------ correlate


@mistake(
    "correlate",
    "Your filter is turned by 180°: that is the convolution of mathematics. Here it is laid on as it is.",
)
def correlate_turned(image, W, stride):
    return slid(image, W[::-1, ::-1], stride)


@mistake("correlate", "Your filter lies on its side: rows of W go with rows of the image.")
def correlate_transposed(image, W, stride):
    return slid(image, W.T, stride)


@mistake(
    "correlate",
    "The fractions are cut off: an array of ints cannot hold them. `np.zeros(shape)` makes one of floats.",
)
def correlate_of_ints(image, W, stride):
    return slid(image, W, stride).astype(int)


@mistake("correlate", "You take the largest product under the filter. The score is the sum of all of them.")
def correlate_largest(image, W, stride):
    return slid(image, W, stride, lambda patch, W: np.max(patch * W))


@mistake("correlate", "You take the mean of the products. The score is their sum.")
def correlate_mean(image, W, stride):
    return slid(image, W, stride, lambda patch, W: np.mean(patch * W))


@mistake(
    "correlate",
    "The last place is missing, down and across: n pixels and k weights give n − k + 1 places, with stride 1.",
)
def correlate_one_short(image, W, stride):
    rows, columns = ((n - k - 1) // stride + 1 for n, k in zip(image.shape, W.shape, strict=True))
    return slid(image, W, stride)[:rows, :columns]


@mistake("correlate", "The right scores on their side: rows go down, columns go across.")
def correlate_on_its_side(image, W, stride):
    return slid(image, W, stride).T


@mistake("correlate", "Only the weights of one row count: `patch * W` has two axes, and all of it is to be summed.")
def correlate_last_row(image, W, stride):
    return slid(image, W, stride, lambda patch, W: np.sum((patch * W)[-1]))


@mistake("correlate", "There are zeros round your image. Here the filter lies wholly on the image.")
def correlate_padded(image, W, stride):
    return slid(np.pad(image, [(k // 2, k - 1 - k // 2) for k in W.shape]), W, stride)


@mistake("correlate", "There is no ReLU here: a negative score stays negative.")
def correlate_through_relu(image, W, stride):
    return np.maximum(slid(image, W, stride), 0)


@mistake("correlate", "The stride is not used: the filter moves by one pixel.")
def correlate_without_stride(image, W, stride):
    return slid(image, W, 1)


@mistake(
    "correlate",
    "The number of places is right, but they are neighbours: place i begins at pixel i · stride, not at pixel i.",
)
def correlate_places_without_stride(image, W, stride):
    rows, columns = ((n - k) // stride + 1 for n, k in zip(image.shape, W.shape, strict=True))
    return slid(image, W, 1)[:rows, :columns]


@mistake("correlate", "The stride holds downwards, but not across: it is used in both directions.")
def correlate_stride_down_only(image, W, stride):
    return slid(image, W, 1)[::stride]


@mistake("correlate", "The stride holds across, but not downwards: it is used in both directions.")
def correlate_stride_across_only(image, W, stride):
    return slid(image, W, 1)[:, ::stride]


# ------------------------------------------------------------------ conv_forward


def windows(x, h, w):
    """For each place (i, j) of a filter: what it lies on, at all places at once."""
    rows, columns = x.shape[1] - h + 1, x.shape[2] - w + 1
    return [((i, j), x[:, i : i + rows, j : j + columns]) for i in range(h) for j in range(w)]


def convolved(x, W, b=0.0):
    return sum(seen @ W[place] for place, seen in windows(x, *W.shape[:2])) + b


@mistake("conv_forward", "The filters are turned by 180°. They are laid on as they are.")
def conv_forward_turned(x, W, b):
    return convolved(x, W[::-1, ::-1], b)


@mistake("conv_forward", "The filters lie on their side: W's first axis goes with the rows of x.")
def conv_forward_on_its_side(x, W, b):
    return convolved(x, W.swapaxes(0, 1), b)


@mistake("conv_forward", "The biases are missing.")
def conv_forward_without_bias(x, W, b):
    return convolved(x, W)


@mistake("conv_forward", "The bias is added at every place of the filter, h · w times. Add it once, after the loop.")
def conv_forward_bias_each_place(x, W, b):
    return convolved(x, W, W.shape[0] * W.shape[1] * b)


@mistake("conv_forward", "The bias is added for every channel of x. Filter k has one bias: add it once.")
def conv_forward_bias_each_channel(x, W, b):
    return convolved(x, W, W.shape[2] * b)


@mistake("conv_forward", "You add the bias for each channel and each weight of the filter. Add it once.")
def conv_forward_bias_each_weight(x, W, b):
    return convolved(x, W, np.prod(W.shape[:3]) * b)


@mistake("conv_forward", "Only the first channel is seen. A filter sums up over all channels of x.")
def conv_forward_first_channel(x, W, b):
    return convolved(x[..., :1], W[:, :, :1], b)


@mistake(
    "conv_forward",
    "Only the last channel is left: each channel overwrites the one before. Add them up, with +=.",
)
def conv_forward_last_channel(x, W, b):
    return convolved(x[..., -1:], W[:, :, -1:], b)


@mistake("conv_forward", "You take the mean over the channels. Their scores are added up.")
def conv_forward_mean_of_channels(x, W, b):
    return convolved(x, W) / W.shape[2] + b


@mistake(
    "conv_forward",
    "Your channels do not mix: output k has seen only channel k. Every filter has weights for all channels, W[:, :, c, k].",
)
def conv_forward_channels_apart(x, W, b):
    return convolved(x, W * np.eye(*W.shape[2:]), b)


@mistake("conv_forward", "W's last two axes are exchanged: W[i, j, c, k] leads from channel c to output k.")
def conv_forward_in_and_out_exchanged(x, W, b):
    return convolved(x, W.swapaxes(2, 3), b)


@mistake("conv_forward", "Only the last place of the filter counts: in the loop, y is overwritten. Add to it, with +=.")
def conv_forward_last_place(x, W, b):
    place, seen = windows(x, *W.shape[:2])[-1]
    return seen @ W[place] + b


@mistake("conv_forward", "No ReLU follows here: it is a layer of its own.")
def conv_forward_relu(x, W, b):
    return np.maximum(convolved(x, W, b), 0)


@mistake("conv_forward", "The right numbers, with the channels first. Here they are the last axis.")
def conv_forward_channels_first(x, W, b):
    return np.moveaxis(convolved(x, W, b), -1, 1)


@mistake("conv_forward", "You padded x with zeros. Here there is no padding, so the output is smaller than x.")
def conv_forward_padded(x, W, b):
    h, w = W.shape[:2]
    ends = (0, 0), ((h - 1) // 2, h // 2), ((w - 1) // 2, w // 2), (0, 0)
    return convolved(np.pad(x, ends), W, b)


# ------------------------------------------------------------------ conv_backward


def gradients(x, W, dy):
    """dx, dW and db, as they should be."""
    h, w = W.shape[:2]
    dx, dW, (rows, columns) = np.zeros(x.shape), np.zeros(W.shape), dy.shape[1:3]
    for (i, j), seen in windows(x, h, w):
        dW[i, j] = np.einsum("nrsc,nrsk->ck", seen, dy)
        dx[:, i : i + rows, j : j + columns] += dy @ W[i, j].T
    return dx, dW, dy.sum((0, 1, 2))


@mistake(
    "conv_backward",
    "dW and db are right. In dx, each place of the filter overwrites the one before: a pixel lies under the filter many "
    "times, so add up, with +=.",
)
def conv_backward_overwrites(x, W, dy):
    dx, (rows, columns) = np.zeros(x.shape), dy.shape[1:3]
    for i, j in np.ndindex(W.shape[:2]):
        dx[:, i : i + rows, j : j + columns] = dy @ W[i, j].T
    return dx, *gradients(x, W, dy)[1:]


def full(dy, W):
    """dy with a border of zeros, scored with W: turned and transposed, W gives dx."""
    h, w = W.shape[:2]
    return convolved(np.pad(dy, ((0, 0), (h - 1, h - 1), (w - 1, w - 1), (0, 0))), W)


@mistake(
    "conv_backward",
    "dW and db are right. dx is the wrong way round: W[i, j] met the pixel i rows below and j columns right of its place, so "
    "what comes back goes there, to dx[:, i:…, j:…]. Scored with a filter, dy wants one that is turned by 180°.",
)
def conv_backward_not_turned(x, W, dy):
    return full(dy, W.swapaxes(2, 3)), *gradients(x, W, dy)[1:]


@mistake("conv_backward", "dW and db are right. In dx, W[i, j] leads from n_in to n_out, so the way back needs its .T.")
def conv_backward_without_transposing(x, W, dy):
    return gradients(x, W.swapaxes(2, 3), dy)[0], *gradients(x, W, dy)[1:]


@mistake("conv_backward", "dW comes out turned by 180°. W[i, j] has met x[:, i:…, j:…]: so has its gradient.")
def conv_backward_dW_turned(x, W, dy):
    dx, dW, db = gradients(x, W, dy)
    return dx, dW[::-1, ::-1], db


@mistake("conv_backward", "dW's last two axes are exchanged: first n_in, then n_out.")
def conv_backward_dW_transposed(x, W, dy):
    dx, dW, db = gradients(x, W, dy)
    return dx, dW.swapaxes(2, 3), db


@mistake(
    "conv_backward",
    "You divide dW and db by the batch size. It is in dy already, if the loss was a mean: add up.",
)
def conv_backward_mean_of_batch(x, W, dy):
    dx, dW, db = gradients(x, W, dy)
    return dx, dW / len(x), db / len(x)


@mistake(
    "conv_backward",
    "You take a mean over all places. The filter's weights are used at each of them, and what comes back is added up.",
)
def conv_backward_mean_of_places(x, W, dy):
    dx, dW, db = gradients(x, W, dy)
    places = dy[..., 0].size
    return dx, dW / places, db / places


@mistake("conv_backward", "dx and dW are right. db is a sum, over the batch and all places, not a mean.")
def conv_backward_db_mean(x, W, dy):
    dx, dW, db = gradients(x, W, dy)
    return dx, dW, db / dy[..., 0].size


@mistake(
    "conv_backward",
    "dx and dW are right. db has the shape of b, (n_out,): b[k] was added at every place too, so add up over the batch, "
    "the rows and the columns.",
)
def conv_backward_db_of_batch(x, W, dy):
    dx, dW, _ = gradients(x, W, dy)
    return dx, dW, dy.sum(0)


@mistake("conv_backward", "In dW only the last image counts: add up over the batch.")
def conv_backward_last_image(x, W, dy):
    dx, _, db = gradients(x, W, dy)
    return dx, gradients(x[-1:], W, dy[-1:])[1], db


@mistake("conv_backward", "The right gradients in another order: dx, dW, db.")
def conv_backward_order(x, W, dy):
    dx, dW, db = gradients(x, W, dy)
    return dW, db, dx


@mistake("conv_backward", "The sign is turned: all three point downhill. Return the gradients themselves.")
def conv_backward_downhill(x, W, dy):
    return tuple(-g for g in gradients(x, W, dy))


# ------------------------------------------------------------------ max_pool


def tiles(x, size):
    """The windows: (batch, rows, size, columns, size, channels)."""
    rows, columns = x.shape[1] // size, x.shape[2] // size
    whole = x[:, : rows * size, : columns * size]
    return whole.reshape(len(x), rows, size, columns, size, x.shape[3])


@mistake("max_pool", "You take the mean of each window: that is average pooling.")
def max_pool_mean(x, size):
    return tiles(x, size).mean((2, 4))


@mistake("max_pool", "You take the smallest number of each window.")
def max_pool_smallest(x, size):
    return tiles(x, size).min((2, 4))


@mistake("max_pool", "You take every window's first number, whatever it is. Compare it with the others.")
def max_pool_first(x, size):
    return tiles(x, size)[:, :, 0, :, 0]


@mistake(
    "max_pool",
    "Windows of negative numbers give 0: the search for the largest begins at 0. Begin with the first number.",
)
def max_pool_from_zero(x, size):
    return np.maximum(tiles(x, size).max((2, 4)), 0)


@mistake("max_pool", "You compare the channels with each other too. Each is pooled on its own.")
def max_pool_across_channels(x, size):
    return tiles(x, size).max((2, 4, 5))


@mistake("max_pool", "Every channel has the largest number of all of them. Each is pooled on its own.")
def max_pool_across_channels_kept(x, size):
    return np.broadcast_to(tiles(x, size).max((2, 4, 5))[..., None], tiles(x, size)[:, :, 0, :, 0].shape)


@mistake(
    "max_pool",
    "Your windows overlap: they move by one pixel. They lie side by side, so they move by `size`.",
)
def max_pool_overlapping(x, size):
    rows, columns = x.shape[1] - size + 1, x.shape[2] - size + 1
    return np.max([seen[:, :rows, :columns] for _, seen in windows(x, size, size)], axis=0)


@mistake(
    "max_pool",
    "The number of windows is right, but they overlap: window i begins at row i · size, not at row i.",
)
def max_pool_neighbours(x, size):
    rows, columns = x.shape[1] // size, x.shape[2] // size
    return np.max([seen[:, :rows, :columns] for _, seen in windows(x, size, size)], axis=0)


@mistake(
    "max_pool",
    "The reshape cuts wrongly: in memory the numbers of one row lie together. A row is cut into (columns, size), "
    "so the axes are (batch, rows, size, columns, size, channels).",
)
def max_pool_reshaped_wrongly(x, size):
    n, rows, _, columns, _, channels = tiles(x, size).shape
    whole = x[:, : rows * size, : columns * size]
    return whole.reshape(n, rows, columns, size, size, channels).max((3, 4))


@mistake("max_pool", "You pool one direction only. A window has `size` rows and `size` columns.")
def max_pool_across_only(x, size):
    n, rows, columns, channels = x.shape
    return x[:, :, : columns // size * size].reshape(n, rows, columns // size, size, channels).max(3)


@mistake("max_pool", "One number for the whole map: that is global max pooling. Give one for each window.")
def max_pool_global(x, size):
    return x.max((1, 2))


@mistake("max_pool", "The rows and columns that do not fill a window are pooled as well. Here they are left out.")
def max_pool_keeps_the_rest(x, size):
    ends = [(0, 0), (0, -x.shape[1] % size), (0, -x.shape[2] % size), (0, 0)]
    return tiles(np.pad(x.astype(float), ends, constant_values=-np.inf), size).max((2, 4))


@mistake("max_pool", "Your windows are always 2 × 2. Use `size`.")
def max_pool_always_two(x, size):
    return tiles(x, 2).max((2, 4))


# ------------------------------------------------------------------ max_pool_backward


def back(x, dy, size, share):
    """dx, where share(window) says which part of dy each of its places gets."""
    dx = np.zeros(x.shape)
    for n, i, j, c in np.ndindex(dy.shape):
        place = n, slice(i * size, (i + 1) * size), slice(j * size, (j + 1) * size), c
        dx[place] = share(x[place]) * dy[n, i, j, c]
    return dx


def winner(window, last=False):
    place = np.argmax(window)
    if last:
        place = window.size - 1 - np.argmax(window.ravel()[::-1])
    return (np.arange(window.size) == place).reshape(window.shape)


@mistake(
    "max_pool_backward",
    "Where several are largest, each of them gets all of dy: together more than there was. Only the first gets it.",
)
def max_pool_backward_to_all(x, dy, size):
    return back(x, dy, size, lambda window: window == window.max())


@mistake(
    "max_pool_backward",
    "Where several are largest, you let them share. The book's MaxPool does so too, and that is as good; here the first "
    "gets it all.",
)
def max_pool_backward_shared(x, dy, size):
    return back(x, dy, size, lambda window: (window == window.max()) / np.sum(window == window.max()))


@mistake(
    "max_pool_backward", "Where several are largest, the last gets dy. Here it is the first. Is it >= in place of >?"
)
def max_pool_backward_last(x, dy, size):
    return back(x, dy, size, lambda window: winner(window, last=True))


@mistake(
    "max_pool_backward",
    "You read the windows column by column. The first is looked for row by row: uppermost, then leftmost.",
)
def max_pool_backward_by_columns(x, dy, size):
    return back(x, dy, size, lambda window: winner(window.T).T)


@mistake(
    "max_pool_backward",
    "All places of a window share dy: that is the way back through average pooling. The others did not count, so they get 0.",
)
def max_pool_backward_of_the_mean(x, dy, size):
    return back(x, dy, size, lambda window: 1 / window.size)


@mistake(
    "max_pool_backward", "Every place of a window gets dy. Only the largest number was passed on: only it gets it."
)
def max_pool_backward_to_everyone(x, dy, size):
    return back(x, dy, size, lambda window: 1)


@mistake("max_pool_backward", "dy goes to the first place of each window, whatever is there. Where is the largest?")
def max_pool_backward_to_the_corner(x, dy, size):
    return back(x, dy, size, lambda window: np.eye(window.size)[0].reshape(window.shape))


@mistake(
    "max_pool_backward",
    "You multiply dy by the largest number. The largest number is passed on as it is: its slope is 1.",
)
def max_pool_backward_times_x(x, dy, size):
    return back(x, dy, size, lambda window: winner(window) * window.max())


@mistake("max_pool_backward", "You return the largest numbers at their places. What belongs there is dy.")
def max_pool_backward_gives_x(x, dy, size):
    return back(x, np.ones(dy.shape), size, lambda window: winner(window) * window.max())


@mistake("max_pool_backward", "The 1s show where the largest are. Put dy there in place of 1.")
def max_pool_backward_mask(x, dy, size):
    return back(x, np.ones(dy.shape), size, winner)


@mistake(
    "max_pool_backward", "Rows and columns that fill no window have a gradient too: it is 0. dx has the shape of x."
)
def max_pool_backward_cropped(x, dy, size):
    rows, columns = dy.shape[1] * size, dy.shape[2] * size
    return back(x, dy, size, winner)[:, :rows, :columns]


@mistake(
    "max_pool_backward",
    "You look for the largest number in the first channel, and take its place in all of them. Each channel has its own.",
)
def max_pool_backward_one_channel(x, dy, size):
    return back(np.repeat(x[..., :1], x.shape[3], axis=3), dy, size, winner)


# ------------------------------------------------------------------ depthwise


def each_alone(x, D):
    """Step 1."""
    return sum(seen * D[place] for place, seen in windows(x, *D.shape[:2]))


@mistake("depthwise", "Step 2 is missing: these are the maps, each made of one channel. Mix them by P.")
def depthwise_without_P(x, D, P):
    return each_alone(x, D)


@mistake(
    "depthwise",
    "In step 1 you add up the channels. Each has a map of its own; they come together in step 2 only.",
)
def depthwise_adds_up_first(x, D, P):
    return np.repeat(each_alone(x, D).sum(-1, keepdims=True), D.shape[2], axis=-1) @ P


@mistake("depthwise", "Step 1 is missing: P mixes the channels of x itself. First score each channel with its filter.")
def depthwise_without_D(x, D, P):
    rows, columns = x.shape[1] - D.shape[0] + 1, x.shape[2] - D.shape[1] + 1
    return x[:, :rows, :columns] @ P


@mistake("depthwise", "All channels get the filter of channel 0. Channel c has D[..., c].")
def depthwise_one_filter(x, D, P):
    return each_alone(x, np.repeat(D[..., :1], D.shape[2], axis=-1)) @ P


@mistake("depthwise", "P is turned: P[c, k] leads from map c to output k, so it is maps @ P.")
def depthwise_P_turned(x, D, P):
    return each_alone(x, D) @ P.T


@mistake("depthwise", "First each channel alone, then the mixing: you mix first, and score afterwards.")
def depthwise_mixes_first(x, D, P):
    return each_alone(x @ P, D)


@mistake("depthwise", "The filters are turned by 180°. They are laid on as they are.")
def depthwise_turned(x, D, P):
    return each_alone(x, D[::-1, ::-1]) @ P


@mistake("depthwise", "The filters lie on their side: D's first axis goes with the rows of x.")
def depthwise_on_its_side(x, D, P):
    return each_alone(x, D.swapaxes(0, 1)) @ P


@mistake("depthwise", "There is a ReLU between your two steps. MobileNet has one; here there is none.")
def depthwise_relu_between(x, D, P):
    return np.maximum(each_alone(x, D), 0) @ P


@mistake(
    "depthwise", "Your outputs are all the same, each mixed by all of P. For output k, map c counts P[c, k] times."
)
def depthwise_sums_outputs(x, D, P):
    return np.repeat((each_alone(x, D) @ P).sum(-1, keepdims=True), P.shape[1], axis=-1)


# ------------------------------------------------------------------ receptive_field


@mistake(
    "receptive_field",
    "The strides are not used. After a stride of 2 neighbours of the map lie 2 pixels apart, and every layer after it "
    "sees twice as far.",
)
def receptive_field_without_strides(layers):
    return 1 + sum(size - 1 for size, _ in layers)


@mistake(
    "receptive_field",
    "A layer's own stride does not widen its own view, only that of the layers after it: add first, then multiply.",
)
def receptive_field_own_stride(layers):
    seen, step = 1, 1
    for size, stride in layers:
        step *= stride
        seen += (size - 1) * step
    return seen


@mistake(
    "receptive_field",
    "In yours, a layer's view is widened by the strides AFTER it. It is the strides before it that do so. Did you take the "
    "formula for the way back from the last map?",
)
def receptive_field_reversed(layers):
    seen, step = 1, 1
    for size, stride in reversed(layers):
        seen += (size - 1) * step
        step *= stride
    return seen


@mistake(
    "receptive_field",
    "Each layer adds size steps in yours. The first pixel is counted already, so it adds size − 1.",
)
def receptive_field_whole_size(layers):
    seen, step = 1, 1
    for size, stride in layers:
        seen += size * step
        step *= stride
    return seen


@mistake("receptive_field", "One pixel is missing: without layers a number sees 1 pixel, not 0.")
def receptive_field_from_zero(layers):
    return receptive_field_of(layers) - 1


def receptive_field_of(layers):
    seen = 1
    for size, stride in reversed(layers):
        seen = (seen - 1) * stride + size
    return seen


@mistake(
    "receptive_field",
    "You multiply the sizes. Neighbouring windows overlap: from one to the next it is only a stride.",
)
def receptive_field_product(layers):
    return int(np.prod([size for size, _ in layers]))


@mistake("receptive_field", "You add up the sizes. Two layers of 3 see 5 pixels, not 6: their windows overlap.")
def receptive_field_sum(layers):
    return sum(size for size, _ in layers)


@mistake("receptive_field", "You add the strides up. They multiply: 2 and then 3 put neighbours 6 pixels apart, not 5.")
def receptive_field_strides_added(layers):
    seen, step = 1, 0
    for size, stride in layers:
        seen += (size - 1) * max(step, 1)
        step += stride
    return seen


@mistake("receptive_field", "Only the stride of the layer just before counts in yours. All strides before it multiply.")
def receptive_field_last_stride(layers):
    seen, step = 1, 1
    for size, stride in layers:
        seen += (size - 1) * step
        step = stride
    return seen


@mistake(
    "receptive_field", "This is how far apart neighbours of the last map are, in pixels. How far does one of them see?"
)
def receptive_field_step(layers):
    return int(np.prod([stride for _, stride in layers]))


@mistake("receptive_field", "You count pixels of an area. One axis is wanted.")
def receptive_field_area(layers):
    return receptive_field_of(layers) ** 2


# ------------------------------------------------------------------ residual


def past(x, P, stride):
    """The short cut."""
    return x[:, ::stride, ::stride] if P is None else x[:, ::stride, ::stride] @ P


@mistake("residual", "The ReLU is missing: it comes after the sum.")
def residual_without_relu(f, x, P=None, stride=1):
    return f(x) + past(x, P, stride)


@mistake("residual", "Your ReLU comes before the sum, on f(x) alone. Here it comes after it.")
def residual_relu_first(f, x, P=None, stride=1):
    return np.maximum(f(x), 0) + past(x, P, stride)


@mistake("residual", "Both parts go through a ReLU of their own. There is one, after the sum.")
def residual_relu_of_each(f, x, P=None, stride=1):
    return np.maximum(f(x), 0) + np.maximum(past(x, P, stride), 0)


@mistake("residual", "The short cut is missing: this is an ordinary layer. Add x.")
def residual_no_shortcut(f, x, P=None, stride=1):
    return np.maximum(f(x), 0)


@mistake("residual", "You multiply f(x) and the short cut. They are added.")
def residual_product(f, x, P=None, stride=1):
    return np.maximum(f(x) * past(x, P, stride), 0)


@mistake("residual", "You subtract x. The name says what f learns, the difference; the block adds x to it.")
def residual_subtracts(f, x, P=None, stride=1):
    return np.maximum(f(x) - past(x, P, stride), 0)


@mistake("residual", "You put x beside f(x), as more channels. That is a DenseNet; here they are added.")
def residual_concatenates(f, x, P=None, stride=1):
    return np.maximum(np.concatenate([f(x), past(x, P, stride)], axis=-1), 0)


@mistake("residual", "You call f twice, f(f(x)). One call, and then the sum.")
def residual_twice(f, x, P=None, stride=1):
    return np.maximum(f(f(x)) + past(x, P, stride), 0)


@mistake("residual", "The short cut is added before f as well. f is given x itself.")
def residual_inside(f, x, P=None, stride=1):
    return np.maximum(f(x + past(x, P, stride)), 0)


@mistake("residual", "The stride is not used: the short cut takes only every stride-th row and column.")
def residual_without_stride(f, x, P=None, stride=1):
    return np.maximum(f(x) + (x if P is None else x @ P), 0)


@mistake(
    "residual", "The short cut begins with the second row and column. Begin with the first: x[:, ::stride, ::stride]."
)
def residual_begins_late(f, x, P=None, stride=1):
    shortcut = x[:, stride - 1 :: stride, stride - 1 :: stride]
    return np.maximum(f(x) + (shortcut if P is None else shortcut @ P), 0)


@mistake("residual", "The short cut pools: the mean of each window. Here it takes every stride-th pixel as it is.")
def residual_pools(f, x, P=None, stride=1):
    shortcut = tiles(x, stride).mean((2, 4))
    return np.maximum(f(x) + (shortcut if P is None else shortcut @ P), 0)


@mistake("residual", "P is not used: it mixes the channels of the short cut, shortcut @ P.")
def residual_without_P(f, x, P=None, stride=1):
    return np.maximum(f(x) + past(x, None, stride), 0)


@mistake("residual", "P is turned: P[c, k] leads from channel c of x to channel k, so it is shortcut @ P.")
def residual_P_turned(f, x, P=None, stride=1):
    return np.maximum(f(x) + past(x, None if P is None else P.T, stride), 0)


@mistake("residual", "You mix the sum by P. Only the short cut is mixed; f(x) has the right channels already.")
def residual_P_of_the_sum(f, x, P=None, stride=1):
    both = f(x) + past(x, None, stride)
    return np.maximum(both if P is None else both @ P, 0)


# ------------------------------------------------------------------ mend_cnn


def through(
    params, photos, layout=False, norm=False, pool=False, mean=False, turn=(0, 2, 3, 1), average=np.max, axes=(0, 1, 2)
):
    """The network of the exercise; each name is a line that is still wrong."""
    n, W = len(photos), params["W"]
    x = photos.reshape(n, 8, 8, 3) if layout else photos.transpose(turn)
    x = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    x = convolved(x, W)
    axes = 0 if norm else axes
    keep = axes not in (0, (0, 1, 2))
    x = (x - x.mean(axes, keepdims=keep)) / np.sqrt(x.var(axes, keepdims=keep) + 1e-5)
    x = np.maximum(params["scale"] * x + params["shift"], 0)
    x = average(x.reshape(n, 4, 4, 2, 2, 4), (3, 4)) if pool else average(x.reshape(n, 4, 2, 4, 2, 4), (2, 4))
    return x.mean((2, 3) if mean else (1, 2)) @ params["W_out"] + params["b_out"]


@mistake(
    "mend_cnn", "Nothing but the `raise` was taken out: four lines below it are still wrong. Begin with the photos."
)
def mend_cnn_nothing(params, photos):
    return through(params, photos, layout=True, norm=True, pool=True, mean=True)


@mistake(
    "mend_cnn",
    "Three lines are right now. Left are the photos: reshape only deals the numbers out anew, and mixes colours and places. "
    "Axes change their order by transpose.",
)
def mend_cnn_layout_left(params, photos):
    return through(params, photos, layout=True)


@mistake(
    "mend_cnn",
    "Three lines are right now. Left is the batch normalization: mean(0) gives a mean for each pixel, and each channel "
    "should have one.",
)
def mend_cnn_norm_left(params, photos):
    return through(params, photos, norm=True)


@mistake(
    "mend_cnn",
    "Three lines are right now. Left is the pooling: after the rows come the two rows of a window, and only then the columns.",
)
def mend_cnn_pool_left(params, photos):
    return through(params, photos, pool=True)


@mistake(
    "mend_cnn",
    "Three lines are right now. Left is the last mean: it goes over columns and channels. Which axes hold one map?",
)
def mend_cnn_mean_left(params, photos):
    return through(params, photos, mean=True)


@mistake("mend_cnn", "The photos are right now. Three lines are left: which axes does a channel's mean go over?")
def mend_cnn_layout_done(params, photos):
    return through(params, photos, norm=True, pool=True, mean=True)


@mistake(
    "mend_cnn", "The batch normalization is right now. Three lines are left: look at the photos, and after the ReLU."
)
def mend_cnn_norm_done(params, photos):
    return through(params, photos, layout=True, pool=True, mean=True)


@mistake("mend_cnn", "The pooling is right now. Three lines are left: the photos, the normalization, the last mean.")
def mend_cnn_pool_done(params, photos):
    return through(params, photos, layout=True, norm=True, mean=True)


@mistake("mend_cnn", "The last mean is right now. Three lines are left: the photos, the normalization, the pooling.")
def mend_cnn_mean_done(params, photos):
    return through(params, photos, layout=True, norm=True, pool=True)


@mistake("mend_cnn", "Two lines are right now, the photos and the normalization. Look at what comes after the ReLU.")
def mend_cnn_first_two(params, photos):
    return through(params, photos, pool=True, mean=True)


@mistake("mend_cnn", "Pooling and the last mean are right now. Two lines are left, before the ReLU.")
def mend_cnn_last_two(params, photos):
    return through(params, photos, layout=True, norm=True)


@mistake("mend_cnn", "The photos and the last mean are right now. Left are the normalization and the pooling.")
def mend_cnn_outer_two(params, photos):
    return through(params, photos, norm=True, pool=True)


@mistake("mend_cnn", "The normalization and the pooling are right now. Left are the photos and the last mean.")
def mend_cnn_inner_two(params, photos):
    return through(params, photos, layout=True, mean=True)


@mistake("mend_cnn", "The photos and the pooling are right now. Left are the normalization and the last mean.")
def mend_cnn_photos_and_pool(params, photos):
    return through(params, photos, norm=True, mean=True)


@mistake("mend_cnn", "The normalization and the last mean are right now. Left are the photos and the pooling.")
def mend_cnn_norm_and_mean(params, photos):
    return through(params, photos, layout=True, pool=True)


@mistake("mend_cnn", "Your photos lie on their side: (batch, 3, rows, columns) becomes (batch, rows, columns, 3).")
def mend_cnn_on_its_side(params, photos):
    return through(params, photos, turn=(0, 3, 2, 1))


@mistake(
    "mend_cnn",
    "Your normalization takes a mean for each photo by itself. The batch counts too: axes 0, 1 and 2.",
)
def mend_cnn_each_photo(params, photos):
    return through(params, photos, axes=(1, 2))


# ------------------------------------------------------------------ shifted


def measured(read, x, y, moves):
    """The accuracy for each of the moved images."""
    return [float(np.mean(np.argmax(read(moved), axis=1) == y)) for moved in moves]


def right(x, s):
    return np.pad(x, ((0, 0), (0, 0), (s, 0), (0, 0)))[:, :, : x.shape[2]]


ROLLED = "np.roll brings back at the left what leaves at the right. Zeros come in there, and what leaves is lost."


def rolled(read, x, y, most):
    return measured(read, x, y, [np.roll(x, s, axis=2) for s in range(most + 1)])


@mistake("shifted", ROLLED)
def shifted_rolled(read, x, y, most):
    return ("mlp", 1), rolled(read, x, y, most)


@mistake("shifted", ROLLED + " Your prediction is tested after that.")
def shifted_rolled_predicts_two(read, x, y, most):
    return ("mlp", 2), rolled(read, x, y, most)


@mistake("shifted", ROLLED + " The prediction has a test of its own.")
def shifted_rolled_predicts_cnn(read, x, y, most):
    return ("cnn", 1), rolled(read, x, y, most)


@mistake("shifted", ROLLED + " What you predict is tested later.")
def shifted_rolled_predicts_both_wrongly(read, x, y, most):
    return ("cnn", 2), rolled(read, x, y, most)


@mistake("shifted", "Your images move to the left: pixel j goes to place j + s.")
def shifted_left(read, x, y, most):
    return ("mlp", 1), measured(read, x, y, [right(x[:, :, ::-1], s)[:, :, ::-1] for s in range(most + 1)])


@mistake("shifted", "Your images move down: axis 1 holds the rows. To the right is along axis 2.")
def shifted_down(read, x, y, most):
    turned = x.swapaxes(1, 2)
    return ("mlp", 1), measured(read, x, y, [right(turned, s).swapaxes(1, 2) for s in range(most + 1)])


@mistake("shifted", "The first accuracy is that of a move by 1. Begin with 0, the images as they are.")
def shifted_without_zero(read, x, y, most):
    return ("mlp", 1), measured(read, x, y, [right(x, s) for s in range(1, most + 1)])


@mistake("shifted", "The last move is missing: range(n) ends at n − 1.")
def shifted_one_short(read, x, y, most):
    return ("mlp", 1), measured(read, x, y, [right(x, s) for s in range(most)])


@mistake("shifted", "You move images that have moved already: 0, 1, then 1 + 2. Begin every move with x itself.")
def shifted_again_and_again(read, x, y, most):
    return ("mlp", 1), measured(read, x, y, [right(x, min(s * (s + 1) // 2, x.shape[2])) for s in range(most + 1)])


@mistake("shifted", "These are the shares that are read WRONGLY. The accuracy is what is read rightly.")
def shifted_errors(read, x, y, most):
    return ("mlp", 1), [1 - a for a in measured(read, x, y, [right(x, s) for s in range(most + 1)])]


@mistake("shifted", "You count how many are read rightly. The accuracy is their share: np.mean.")
def shifted_counts(read, x, y, most):
    return ("mlp", 1), [len(y) * a for a in measured(read, x, y, [right(x, s) for s in range(most + 1)])]


@mistake("shifted", "You repeat the left column. What comes in at the left is zeros.")
def shifted_edge(read, x, y, most):
    ends = [((0, 0), (0, 0), (s, 0), (0, 0)) for s in range(most + 1)]
    return ("mlp", 1), measured(read, x, y, [np.pad(x, e, mode="edge")[:, :, : x.shape[2]] for e in ends])


@mistake("shifted", "The labels must not move: the digit on an image is the same wherever it stands.")
def shifted_labels(read, x, y, most):
    answers = [np.argmax(read(right(x, s)), axis=1) for s in range(most + 1)]
    return ("mlp", 1), [float(np.mean(a == np.roll(y, s))) for s, a in enumerate(answers)]


def predicted(read, x, y, most, *prediction):
    return prediction, measured(read, x, y, [right(x, s) for s in range(most + 1)])


@mistake(
    "shifted",
    "The mlp is right. Now the cnn: its pooling takes pixels 0 and 1 together, 2 and 3, 4 and 5. Which of the two moves brings "
    "the same pixels together again, one window on?",
)
def shifted_predicts_two(read, x, y, most):
    return predicted(read, x, y, most, "mlp", 2)


@mistake(
    "shifted",
    "Your second answer is right. The first: each weight of the mlp belongs to one pixel for ever. What does a hidden unit see "
    "when the ink has moved to other pixels?",
)
def shifted_predicts_cnn(read, x, y, most):
    return predicted(read, x, y, most, "cnn", 1)


@mistake(
    "shifted",
    "Both are the other way round. Draw a row of 8 pixels, pool it by twos, and move it: once by 1, once by 2. And which weights "
    "of an mlp meet the ink after a move?",
)
def shifted_predicts_both_wrongly(read, x, y, most):
    return predicted(read, x, y, most, "cnn", 2)


# ------------------------------------------------------------------ train_cnn


def first_weights(key):
    keys = jax.random.split(key, 3)
    shapes = (3, 3, 1, 8), (3, 3, 8, 16), (64, 10)
    return tuple(
        (jax.random.normal(k, s) * np.sqrt(2 / np.prod(s[:-1])), jnp.zeros(s[-1]))
        for k, s in zip(keys, shapes, strict=True)
    )


@mistake("train_cnn", "These are the random weights that you began with. Return the ones after training.")
def train_cnn_untrained(key, x, y):
    return first_weights(key)


@mistake(
    "train_cnn",
    "All filters are 0: every map is 0, so no gradient gets through. Begin with random ones.",
)
def train_cnn_zeros(key, x, y):
    return jax.tree.map(jnp.zeros_like, first_weights(key))


@mistake(
    "train_cnn",
    "All is NaN. Print the losses: where does the first NaN stand? At once: the log of 0, or exp of a large number; subtract "
    "the largest score. Later: the steps are too large.",
)
def train_cnn_nan(key, x, y):
    return jax.tree.map(lambda w: w * jnp.nan, first_weights(key))


@mistake(
    "train_cnn",
    "Your filters are (out, in, height, width), as PyTorch keeps them. With “HWIO” they are (height, width, in, out).",
)
def train_cnn_filters_of_pytorch(key, x, y):
    (W1, b1), (W2, b2), last = first_weights(key)
    return (W1.transpose(3, 2, 0, 1), b1), (W2.transpose(3, 2, 0, 1), b2), last


@mistake(
    "train_cnn",
    "Your W3 fits maps of 8 × 8: nothing was pooled. After two poolings each map has 2 × 2 numbers.",
)
def train_cnn_without_pooling(key, x, y):
    *convolutions, (W3, b3) = first_weights(key)
    return *convolutions, (jnp.tile(W3, (16, 1)), b3)


@mistake(
    "train_cnn",
    "Your W3 fits maps of 4 × 4: only one pooling was done. There are two, one after each convolution.",
)
def train_cnn_pooled_once(key, x, y):
    *convolutions, (W3, b3) = first_weights(key)
    return *convolutions, (jnp.tile(W3, (4, 1)), b3)


@mistake(
    "train_cnn",
    "All filters of a layer are alike: one number was drawn for all of them, so they learn the same for ever. Draw each weight.",
)
def train_cnn_filters_alike(key, x, y):
    (W1, b1), (W2, b2), last = first_weights(key)
    return (jnp.ones_like(W1) * W1[0, 0, 0, 0], b1), (jnp.ones_like(W2) * W2[0, 0, 0, 0], b2), last
