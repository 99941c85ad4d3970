"""Wrong answers to chapter 6 that real people give, and what a good teacher says.

Each is complete in itself: it is called on the inputs on which a learner's answer failed.
"""

import re

import jax
import numpy as np

from deepbook.course.mistakes import mistake

# ------------------------------------------------------------------ cosines

CAT = np.array([3.0, 4.0])
OTHERS = np.array([[8.0, 6.0], [4.0, -3.0], [0.6, 0.8], [-6.0, -8.0]])  # dog, salt, kitten, stone
LENGTHS = np.array([10.0, 5.0, 1.0, 10.0])


def four(numbers):
    return tuple(map(float, numbers))


@mistake("cosines", "These are the dot products. Divide each by the lengths of both vectors: cat is 5 long.")
def cosines_dot_products():
    return four(OTHERS @ CAT)


@mistake("cosines", "You divide by the length of cat only. Divide by the length of the other vector as well.")
def cosines_by_cat_only():
    return four(OTHERS @ CAT / 5)


@mistake("cosines", "You divide by the other vector's length only. Divide by that of cat, 5, as well.")
def cosines_by_the_other_only():
    return four(OTHERS @ CAT / LENGTHS)


@mistake(
    "cosines",
    "You divide by the squares of the lengths: the root is missing. The length of (3, 4) is √(3² + 4²) = 5, not 25.",
)
def cosines_without_root():
    return four(OTHERS @ CAT / (5 * LENGTHS) ** 2)


@mistake("cosines", "You add the two lengths and divide by the sum. Divide by the one, then by the other.")
def cosines_by_sum_of_lengths():
    return four(OTHERS @ CAT / (5 + LENGTHS))


@mistake("cosines", "(3, 4) is not 3 + 4 = 7 long. As the crow flies: √(3² + 4²) = 5.")
def cosines_sum_as_length():
    return four(OTHERS @ CAT / (7 * np.abs(OTHERS).sum(axis=1)))


@mistake("cosines", "These are the angles in degrees. Their cosines are wanted, from −1 to 1.")
def cosines_degrees():
    return four(np.degrees(np.arccos(np.clip(OTHERS @ CAT / (5 * LENGTHS), -1, 1))))


@mistake("cosines", "This is 1 − cosine, a distance: 0 for the same direction. The cosine itself is 1 there.")
def cosines_as_distance():
    return four(1 - OTHERS @ CAT / (5 * LENGTHS))


@mistake("cosines", "All right but the last: stone points just the other way, and the cosine says so by its sign.")
def cosines_without_sign():
    return 0.96, 0, 1, 1


@mistake("cosines", "All right but the last: a cosine goes down to −1, and 0 means a right angle.")
def cosines_never_negative():
    return 0.96, 0, 1, 0


@mistake(
    "cosines", "These are the distances between the points. A cosine looks at directions alone, whatever the lengths."
)
def cosines_distances():
    return four(np.linalg.norm(OTHERS - CAT, axis=1))


@mistake(
    "cosines",
    "All right but one: kitten is shorter than cat, and has exactly its direction. So what is the cosine?",
)
def cosines_kitten_is_shorter():
    return 0.96, 0, 0.2, -1


@mistake("cosines", "The minus of salt (4, −3) is lost: 3·4 − 4·3 = 0.")
def cosines_salt_without_minus():
    return 0.96, 0.96, 1, -1


# ------------------------------------------------------------------ lookup


def in_range(W, ids):
    if ids.min() < 0 or ids.max() >= len(W):
        raise ValueError("no such row")
    return ids


def table_gradient(W, ids, dy):
    dW = np.zeros(W.shape)
    np.add.at(dW, ids, dy)
    return dW


@mistake(
    "lookup",
    "A word that occurs twice gets the gradient of one place only: `dW[ids] = …` and also `dW[ids] += …` write each row once. "
    "Add up over its places: a loop, or `np.add.at`.",
)
def lookup_last_one_counts(W, ids, dy):
    dW = np.zeros(W.shape)
    dW[in_range(W, ids)] = dy
    return W[ids], dW


@mistake("lookup", "A word that occurs twice gets the mean of its two gradients. What comes back is added up.")
def lookup_mean_of_places(W, ids, dy):
    times = np.bincount(in_range(W, ids).ravel(), minlength=len(W))
    return W[ids], table_gradient(W, ids, dy) / np.maximum(times, 1)[:, None]


@mistake("lookup", "Your second result is dy itself. W has a row for each word of the vocabulary, and so has dW.")
def lookup_gives_dy(W, ids, dy):
    return W[in_range(W, ids)], dy


@mistake(
    "lookup",
    "dW has rows only for the words that occur. It needs the shape of W: the gradient of all the other rows is 0.",
)
def lookup_compact(W, ids, dy):
    return W[in_range(W, ids)], table_gradient(W, ids, dy)[np.unique(ids)]


@mistake("lookup", "You divide dW by the number of texts. If the loss is a mean, that is in dy already: add up.")
def lookup_mean_of_batch(W, ids, dy):
    return W[in_range(W, ids)], table_gradient(W, ids, dy) / len(ids)


@mistake("lookup", "Your second result is a step downhill, W − dW. Only the gradient is wanted.")
def lookup_takes_a_step(W, ids, dy):
    return W[in_range(W, ids)], W - table_gradient(W, ids, dy)


@mistake("lookup", "You begin dW with the numbers of W. The sum over the places begins with zeros.")
def lookup_begins_with_W(W, ids, dy):
    return W[in_range(W, ids)], W + table_gradient(W, ids, dy)


@mistake("lookup", "You add up the vectors of a text. Here every place keeps its own: (batch, time, n_out).")
def lookup_summed_over_time(W, ids, dy):
    return W[in_range(W, ids)].sum(axis=1), table_gradient(W, ids, dy)


@mistake("lookup", "The right rows, all in one long list: y is (batch, time, n_out), as `W[ids]` gives it.")
def lookup_flat(W, ids, dy):
    return W[in_range(W, ids)].reshape(-1, W.shape[1]), table_gradient(W, ids, dy)


@mistake("lookup", "The first two axes of y have changed places: a text after the other, and in each word after word.")
def lookup_time_first(W, ids, dy):
    return W[in_range(W, ids).T], table_gradient(W, ids, dy)


@mistake(
    "lookup",
    "The word 0 got no gradient. This layer does not know what padding is: where a place is masked, its dy is 0 already.",
)
def lookup_without_row_0(W, ids, dy):
    dW = table_gradient(W, in_range(W, ids), dy)
    dW[0] = 0
    return W[ids], dW


@mistake("lookup", "The one-hot row itself came out: 1 where the word stands. The layer multiplies it by W.")
def lookup_one_hot(W, ids, dy):
    return np.eye(len(W))[in_range(W, ids)], table_gradient(W, ids, dy)


@mistake("lookup", "Your ids begin with 1: row 0 of W belongs to the id 0.")
def lookup_from_one(W, ids, dy):
    shifted = in_range(W, ids) - 1
    return W[shifted], table_gradient(W, shifted, dy)


@mistake(
    "lookup",
    "NumPy counts −1 from the end, so a wrong id takes the last word without a sound. Look at the ids first, and raise "
    "ValueError.",
)
def lookup_from_the_end(W, ids, dy):
    return W[ids], table_gradient(W, ids, dy)


@mistake(
    "lookup",
    "An id beyond the last row takes the nearest row, as JAX does it. That hides a mistake for ever: raise ValueError.",
)
def lookup_clipped(W, ids, dy):
    ids = np.clip(ids, 0, len(W) - 1)
    return W[ids], table_gradient(W, ids, dy)


@mistake(
    "lookup",
    "One wrong id gets through: with n rows the last id is n − 1, so n has no row either.",
)
def lookup_one_too_many(W, ids, dy):
    if ids.min() < 0 or ids.max() > len(W):
        raise ValueError("no such row")
    return W[np.minimum(ids, len(W) - 1)], table_gradient(W, np.minimum(ids, len(W) - 1), dy)


# ------------------------------------------------------------------ nearest


def unit_rows(W):
    lengths = np.linalg.norm(W, axis=1)
    return W / np.where(lengths == 0, 1, lengths)[:, None]


def ranked(scores, i, n, without=True):
    """The n rows with the highest scores, and the scores."""
    ids = np.argsort(-scores, kind="stable")
    ids = ids[ids != i] if without else ids
    return ids[:n], scores[ids[:n]]


@mistake("nearest", "These are dot products: long vectors win, whatever their direction. Divide by both lengths.")
def nearest_dot_products(W, i, n):
    return ranked(W @ W[i], i, n)


@mistake(
    "nearest",
    "Right order, but the numbers are no cosines yet: they are not divided by the length of row i.",
)
def nearest_not_by_own_length(W, i, n):
    return ranked(unit_rows(W) @ W[i], i, n)


@mistake(
    "nearest", "You divide by the length of row i only. The lengths of the other rows differ: divide by these too."
)
def nearest_by_own_length_only(W, i, n):
    return ranked(W @ unit_rows(W)[i], i, n)


@mistake("nearest", "Word i is most like itself, and comes first. Leave it out.")
def nearest_itself(W, i, n):
    return ranked(unit_rows(W) @ unit_rows(W)[i], i, n, without=False)


@mistake("nearest", "You leave word i out after counting to n, so one word is missing. Leave it out first.")
def nearest_one_short(W, i, n):
    return ranked(unit_rows(W) @ unit_rows(W)[i], i, n - 1)


@mistake("nearest", "These are the words that are least like it. `np.argsort` puts the smallest first: sort −cosines.")
def nearest_the_farthest(W, i, n):
    ids, scores = ranked(-unit_rows(W) @ unit_rows(W)[i], i, n)
    return ids, -scores


@mistake(
    "nearest",
    "The right words, the least similar of them first: [-n:] of a sorted row still rises. Turn it round, with [::-1].",
)
def nearest_rising(W, i, n):
    ids, scores = ranked(unit_rows(W) @ unit_rows(W)[i], i, n)
    return ids[::-1], scores[::-1]


@mistake(
    "nearest", "You take the words at the smallest distance. Two vectors may have one direction and lie far apart."
)
def nearest_by_distance(W, i, n):
    ids, _ = ranked(-np.linalg.norm(W - W[i], axis=1), i, n)
    return ids, (unit_rows(W) @ unit_rows(W)[i])[ids]


@mistake("nearest", "You rank by distances and return them. Rank by cosines: a direction counts, a length does not.")
def nearest_distances(W, i, n):
    ids, scores = ranked(-np.linalg.norm(W - W[i], axis=1), i, n)
    return ids, -scores


@mistake("nearest", "Your second result is 1 − cosine, a distance. The cosines themselves are wanted.")
def nearest_cosine_distance(W, i, n):
    ids, scores = ranked(unit_rows(W) @ unit_rows(W)[i], i, n)
    return ids, 1 - scores


@mistake("nearest", "You take the absolute value: a word that points the other way is not alike. Keep the sign.")
def nearest_absolute(W, i, n):
    return ranked(np.abs(unit_rows(W) @ unit_rows(W)[i]), i, n)


@mistake(
    "nearest",
    "Row i was taken out of W first, so all rows behind it have moved up by one, and their numbers too. Keep W whole, and take "
    "i out of the ids.",
)
def nearest_numbers_moved(W, i, n):
    scores = unit_rows(W) @ unit_rows(W)[i]
    return ranked(np.delete(scores, i), -1, n)


@mistake("nearest", "The ids are right. Their cosines are not sorted: take those of the ids, `cosines[ids]`.")
def nearest_cosines_unsorted(W, i, n):
    scores = unit_rows(W) @ unit_rows(W)[i]
    return ranked(scores, i, n)[0], scores[:n]


@mistake(
    "nearest",
    "You divide each COLUMN by its length. A word is a row: `np.linalg.norm(W, axis=1, keepdims=True)`.",
)
def nearest_columns_to_length_1(W, i, n):
    unit = W / np.linalg.norm(W, axis=0)
    return ranked(unit @ unit[i], i, n)


@mistake(
    "nearest",
    "0/0: the row of zeros has the length 0, and NaN comes first when it is sorted. Divide it by 1 in place of 0.",
)
def nearest_nan_first(W, i, n):
    unit = W / np.linalg.norm(W, axis=1, keepdims=True)
    scores = unit @ unit[i]
    ids = np.argsort(scores, kind="stable")[::-1]  # NaN is sorted to the end
    ids = ids[ids != i][:n]
    return ids, scores[ids]


@mistake("nearest", "0/0: the row of zeros has the length 0, and its cosine is NaN. It should be 0: divide by 1 there.")
def nearest_nan_last(W, i, n):
    unit = W / np.linalg.norm(W, axis=1, keepdims=True)
    return ranked(unit @ unit[i], i, n)


@mistake(
    "nearest",
    "(words, n_out) cannot be divided by (words,): NumPy lays the lengths along the last axis. `keepdims=True` makes them (words, "
    "1).",
)
def nearest_lengths_without_axis(W, i, n):
    unit = W / np.linalg.norm(W, axis=1)
    return ranked(unit @ unit[i], i, n)


# ------------------------------------------------------------------ analogy


def rows_of_length_1(W):
    return W / np.linalg.norm(W, axis=1, keepdims=True)


def best_for(W, there, left_out=()):
    """The row with the largest cosine, and this cosine."""
    scores = rows_of_length_1(W) @ there / np.linalg.norm(there)
    allowed = scores.copy()
    allowed[list(left_out)] = -np.inf
    best = np.argmax(allowed)
    return best, scores[best]


@mistake(
    "analogy",
    "a, b and c are no answers. b − a + c lies near c (or b) most of the time, so leave all three out before you look for the "
    "largest.",
)
def analogy_none_left_out(W, a, b, c):
    unit = rows_of_length_1(W)
    return best_for(W, unit[b] - unit[a] + unit[c])


@mistake("analogy", "Only c is left out. b and a are no answers either.")
def analogy_only_c_left_out(W, a, b, c):
    unit = rows_of_length_1(W)
    return best_for(W, unit[b] - unit[a] + unit[c], [c])


@mistake("analogy", "You go the wrong way: from b to a. What leads from a to b is b − a.")
def analogy_from_b_to_a(W, a, b, c):
    unit = rows_of_length_1(W)
    return best_for(W, unit[a] - unit[b] + unit[c], [a, b, c])


@mistake("analogy", "You take c away. What leads from a to b is ADDED to c: b − a + c.")
def analogy_minus_c(W, a, b, c):
    unit = rows_of_length_1(W)
    return best_for(W, unit[b] - unit[a] - unit[c], [a, b, c])


@mistake("analogy", "You add all three. a is taken away: b − a + c.")
def analogy_sum_of_all(W, a, b, c):
    unit = rows_of_length_1(W)
    return best_for(W, unit[b] + unit[a] + unit[c], [a, b, c])


@mistake("analogy", "You look for what is like b − a alone. Add it to c first: the answer belongs to c.")
def analogy_without_c(W, a, b, c):
    unit = rows_of_length_1(W)
    return best_for(W, unit[b] - unit[a], [a, b, c])


@mistake(
    "analogy",
    "You add vectors as they are. Make each 1 long first, so that frequent words, with long vectors, do not rule.",
)
def analogy_raw_sum(W, a, b, c):
    return best_for(W, W[b] - W[a] + W[c], [a, b, c])


@mistake(
    "analogy",
    "The sum is right, and then long vectors win: you compare it with rows of W that are not made 1 long.",
)
def analogy_raw_rows(W, a, b, c):
    unit = rows_of_length_1(W)
    there = unit[b] - unit[a] + unit[c]
    scores = W @ there / np.linalg.norm(there)
    scores[[a, b, c]] = -np.inf
    return np.argmax(scores), scores.max()


@mistake("analogy", "The right word. Its cosine is not: the sum b − a + c is not 1 long, so divide by its length.")
def analogy_sum_not_divided(W, a, b, c):
    unit = rows_of_length_1(W)
    there = unit[b] - unit[a] + unit[c]
    best, score = best_for(W, there, [a, b, c])
    return best, score * np.linalg.norm(there)


@mistake(
    "analogy",
    "You take the word at the smallest distance, with vectors as they are. Make them 1 long, and use cosines.",
)
def analogy_by_distance(W, a, b, c):
    there = W[b] - W[a] + W[c]
    far = np.linalg.norm(W - there, axis=1)
    far[[a, b, c]] = np.inf
    best = np.argmin(far)
    return best, rows_of_length_1(W)[best] @ there / np.linalg.norm(there)


@mistake(
    "analogy",
    "a, b and c were taken out of W first, so the rows behind them have other numbers. Keep W whole: set their cosines to −∞.",
)
def analogy_numbers_moved(W, a, b, c):
    unit = rows_of_length_1(W)
    return best_for(np.delete(W, [a, b, c], axis=0), unit[b] - unit[a] + unit[c])


@mistake("analogy", "You divide the columns by their lengths. A word is a row: axis=1.")
def analogy_columns_to_length_1(W, a, b, c):
    unit = W / np.linalg.norm(W, axis=0)
    there = unit[b] - unit[a] + unit[c]
    return best_for(unit, there, [a, b, c])


@mistake(
    "analogy",
    "(words, n_out) cannot be divided by (words,): NumPy lays the lengths along the last axis. `keepdims=True` makes them (words, "
    "1).",
)
def analogy_lengths_without_axis(W, a, b, c):
    unit = W / np.linalg.norm(W, axis=1)
    return best_for(unit, unit[b] - unit[a] + unit[c], [a, b, c])


# ------------------------------------------------------------------ build_vocabulary


def split_into_words(text):
    return re.findall(r"\w+", text.lower())


def counted(split):
    counts = {}
    for word in (word for words in split for word in words):
        counts[word] = counts.get(word, 0) + 1
    return counts


def by_count(counts):
    return sorted(counts, key=lambda word: -counts[word])


def numbered(split, words, first=2, unknown=1):
    """The vocabulary of `words`, and the texts in it; unknown=None leaves unknown words out."""
    vocab = {word: i + first for i, word in enumerate(words)}
    texts = [[vocab.get(word, unknown) for word in words] for words in split]
    return vocab, [[i for i in ids if i is not None] for ids in texts]


@mistake("build_vocabulary", "“The” and “the” have become two words. Write `text.lower()` first.")
def build_vocabulary_with_capitals(texts, n):
    split = [re.findall(r"\w+", text) for text in texts]
    return numbered(split, by_count(counted(split))[:n])


@mistake(
    "build_vocabulary",
    "Points and commas stick to your words: `split()` cuts at spaces only. `re.findall` finds the runs of letters and digits.",
)
def build_vocabulary_split_at_spaces(texts, n):
    split = [text.lower().split() for text in texts]
    return numbered(split, by_count(counted(split))[:n])


@mistake("build_vocabulary", "Your ids begin with 0. 0 is for padding and 1 for unknown words: begin with 2.")
def build_vocabulary_from_0(texts, n):
    split = list(map(split_into_words, texts))
    return numbered(split, by_count(counted(split))[:n], first=0)


@mistake("build_vocabulary", "Your ids begin with 1, but 1 is for unknown words: begin with 2.")
def build_vocabulary_from_1(texts, n):
    split = list(map(split_into_words, texts))
    return numbered(split, by_count(counted(split))[:n], first=1)


@mistake("build_vocabulary", "Two of your n places are kept for 0 and 1. n words get an id, besides these two.")
def build_vocabulary_two_short(texts, n):
    split = list(map(split_into_words, texts))
    return numbered(split, by_count(counted(split))[: n - 2])


@mistake("build_vocabulary", "All words have ids. Only the n most frequent ones get one; all others are the word 1.")
def build_vocabulary_of_all(texts, n):
    split = list(map(split_into_words, texts))
    return numbered(split, by_count(counted(split)))


@mistake(
    "build_vocabulary", "You take the first n words of the texts. Count them: the n most frequent ones are wanted."
)
def build_vocabulary_first_ones(texts, n):
    split = list(map(split_into_words, texts))
    return numbered(split, list(counted(split))[:n])


@mistake("build_vocabulary", "The rarest words come first. Sort by −count, or with `reverse=True`.")
def build_vocabulary_rarest(texts, n):
    split = list(map(split_into_words, texts))
    counts = counted(split)
    return numbered(split, sorted(counts, key=lambda word: counts[word])[:n])


@mistake("build_vocabulary", "The right words with ids by the alphabet. The most frequent one gets 2, the next one 3.")
def build_vocabulary_ids_by_alphabet(texts, n):
    split = list(map(split_into_words, texts))
    return numbered(split, sorted(by_count(counted(split))[:n]))


@mistake(
    "build_vocabulary",
    "Equally frequent words stand in the order of the alphabet. Here the first in the texts goes first.",
)
def build_vocabulary_ties_by_alphabet(texts, n):
    split = list(map(split_into_words, texts))
    counts = counted(split)
    return numbered(split, sorted(counts, key=lambda word: (-counts[word], word))[:n])


@mistake(
    "build_vocabulary", "Of equally frequent words, the one that comes LAST goes first: a sorted list was turned round."
)
def build_vocabulary_ties_turned(texts, n):
    split = list(map(split_into_words, texts))
    counts = counted(split)
    return numbered(split, sorted(counts, key=lambda word: counts[word])[::-1][:n])


@mistake("build_vocabulary", "You count in how many texts a word occurs. Count every time it occurs.")
def build_vocabulary_counts_texts(texts, n):
    split = list(map(split_into_words, texts))
    return numbered(split, by_count(counted([list(dict.fromkeys(words)) for words in split]))[:n])


@mistake("build_vocabulary", "Only the words of the first text are counted. Count those of all the texts together.")
def build_vocabulary_of_the_first(texts, n):
    split = list(map(split_into_words, texts))
    return numbered(split, by_count(counted(split[:1]))[:n])


@mistake(
    "build_vocabulary", "The vocabulary is right. In the texts the unknown words are missing: each of them is a 1."
)
def build_vocabulary_drops_unknown(texts, n):
    split = list(map(split_into_words, texts))
    return numbered(split, by_count(counted(split))[:n], unknown=None)


@mistake("build_vocabulary", "The vocabulary is right. An unknown word is a 1, not a 0: 0 means that there is no word.")
def build_vocabulary_unknown_is_0(texts, n):
    split = list(map(split_into_words, texts))
    return numbered(split, by_count(counted(split))[:n], unknown=0)


@mistake("build_vocabulary", "All the texts have become one list. Each text has its own.")
def build_vocabulary_one_list(texts, n):
    split = list(map(split_into_words, texts))
    vocab, ids = numbered(split, by_count(counted(split))[:n])
    return vocab, [i for each in ids for i in each]


@mistake(
    "build_vocabulary",
    "A dict has nothing for a word that it has not met. `counts.get(word, 0)` and `vocab.get(word, 1)` give a number all the same.",
)
def build_vocabulary_without_get(texts, n):
    split = list(map(split_into_words, texts))
    vocab, _ = numbered(split, by_count(counted(split))[:n])
    return vocab, [[vocab[word] for word in words] for words in split]


# ------------------------------------------------------------------ pad_ids


def padded(sequences, length, cut, side, fill=0, dtype=int):
    ids = np.full((len(sequences), length), fill, dtype=dtype)
    for row, sequence in zip(ids, sequences, strict=True):
        kept = sequence[:length] if cut == "end" else sequence[len(sequence) - min(length, len(sequence)) :]
        first = 0 if side == "end" else length - len(kept)
        row[first : first + len(kept)] = kept
    return ids


OPPOSITE = {"start": "end", "end": "start"}


@mistake("pad_ids", "`cut` says which end is LOST. You keep that end, and lose the other.")
def pad_ids_keeps_the_cut_end(sequences, length, cut, side):
    return padded(sequences, length, OPPOSITE[cut], side)


@mistake("pad_ids", "The zeros stand at the wrong end: `side` says where they go.")
def pad_ids_other_side(sequences, length, cut, side):
    return padded(sequences, length, cut, OPPOSITE[side])


@mistake("pad_ids", "Both ends are taken the wrong way round: at `cut` ids are lost, at `side` zeros are added.")
def pad_ids_both_turned(sequences, length, cut, side):
    return padded(sequences, length, OPPOSITE[cut], OPPOSITE[side])


@mistake("pad_ids", "You pad with 1. That is the id of an unknown word: a text would end with a row of unknown words.")
def pad_ids_with_1(sequences, length, cut, side):
    return padded(sequences, length, cut, side, fill=1)


@mistake("pad_ids", "You pad with −1. Here 0 means that there is no word.")
def pad_ids_with_minus_1(sequences, length, cut, side):
    return padded(sequences, length, cut, side, fill=-1)


@mistake("pad_ids", "All rows are as long as the longest sequence. They shall have `length` ids, and no more.")
def pad_ids_to_the_longest(sequences, length, cut, side):
    return padded(sequences, max(map(len, sequences)), cut, side)


@mistake("pad_ids", "Nothing was cut to `length`: rows of different lengths are no array.")
def pad_ids_never_cut(sequences, length, cut, side):
    return [
        [*sequence, *zeros] if side == "end" else [*zeros, *sequence]
        for sequence, zeros in ((s, [0] * (length - len(s))) for s in sequences)
    ]


@mistake("pad_ids", "Short sequences are repeated until they are long enough. Zeros come in there.")
def pad_ids_repeated(sequences, length, cut, side):
    ids = padded(sequences, length, cut, side)
    for row, sequence in zip(ids, sequences, strict=True):
        if 0 < len(sequence) < length:
            row[:] = np.resize(sequence, length)
    return ids


@mistake("pad_ids", "`cut` is not used: the end is always lost.")
def pad_ids_always_cuts_the_end(sequences, length, cut, side):
    return padded(sequences, length, "end", side)


@mistake("pad_ids", "`side` is not used: the zeros always stand at the end.")
def pad_ids_always_pads_the_end(sequences, length, cut, side):
    return padded(sequences, length, cut, "end")


@mistake("pad_ids", "`cut` and `side` have changed places: you cut at the one and pad at the other.")
def pad_ids_exchanged(sequences, length, cut, side):
    return padded(sequences, length, side, cut)


@mistake("pad_ids", "Sequences that are too long are left out. Cut them, and keep a row for each.")
def pad_ids_leaves_long_ones_out(sequences, length, cut, side):
    return padded([s for s in sequences if len(s) <= length], length, cut, side)


@mistake(
    "pad_ids", "An empty sequence has lost its row. It is a row of zeros: or labels and texts no longer fit together."
)
def pad_ids_leaves_empty_ones_out(sequences, length, cut, side):
    return padded([s for s in sequences if len(s)], length, cut, side)


@mistake("pad_ids", "These are floats. An id is the number of a row, an integer: `np.zeros(shape, dtype=int)`.")
def pad_ids_floats(sequences, length, cut, side):
    return padded(sequences, length, cut, side, dtype=float)


@mistake(
    "pad_ids",
    "If the sequence is empty, `row[-len(s):]` is `row[-0:]`, and that is the whole row. Count from the left: `row[length - len(s):]`.",
)
def pad_ids_minus_zero(sequences, length, cut, side):
    ids = padded(sequences, length, cut, "end")
    for row, kept in zip(ids, (ids[i, : len(s)].copy() for i, s in enumerate(sequences)), strict=True):
        if side == "start":
            row[:] = 0
            row[-len(kept) :] = kept
    return ids


# ------------------------------------------------------------------ masked_mean


def words_of(vectors, ids):
    """The vectors with zeros at the padding, and how many words there are."""
    return np.where((ids != 0)[..., None], vectors, 0), (ids != 0).sum(axis=1)[:, None]


@mistake("masked_mean", "The padding is counted in: this is the mean over all places.")
def masked_mean_of_all(vectors, ids):
    return vectors.mean(axis=1)


@mistake(
    "masked_mean", "The padding adds nothing, but it is counted: you divide by `time`, not by the number of words."
)
def masked_mean_by_time(vectors, ids):
    return words_of(vectors, ids)[0].mean(axis=1)


@mistake("masked_mean", "This is the sum. Divide it by the number of words of each sentence.")
def masked_mean_sum(vectors, ids):
    return words_of(vectors, ids)[0].sum(axis=1)


@mistake("masked_mean", "You divide by the words of the whole batch. Every sentence has its own number of words.")
def masked_mean_by_words_of_batch(vectors, ids):
    seen, n_words = words_of(vectors, ids)
    return seen.sum(axis=1) / n_words.sum()


@mistake("masked_mean", "You divide by one word too many. To keep from 0/0, take the larger of the number and 1.")
def masked_mean_one_more(vectors, ids):
    seen, n_words = words_of(vectors, ids)
    return seen.sum(axis=1) / (n_words + 1)


@mistake("masked_mean", "The mask is turned round: this is the mean of the padding. Words are where the id is NOT 0.")
def masked_mean_of_padding(vectors, ids):
    seen, n_words = words_of(vectors, ids == 0)
    return seen.sum(axis=1) / np.maximum(n_words, 1)


@mistake("masked_mean", "This is the largest number, not the mean.")
def masked_mean_largest(vectors, ids):
    return np.where((ids != 0)[..., None], vectors, -np.inf).max(axis=1)


@mistake("masked_mean", "You weight each word by its id. An id is a name, not a size: each word counts 1.")
def masked_mean_weighted_by_id(vectors, ids):
    return (vectors * ids[..., None]).sum(axis=1) / np.maximum(words_of(vectors, ids)[1], 1)


@mistake("masked_mean", "You take the mean over the numbers of a vector. The places of a sentence are axis 1.")
def masked_mean_over_features(vectors, ids):
    return words_of(vectors, ids)[0].mean(axis=2)


@mistake("masked_mean", "A word that stands there twice counts once. The mean is over places: it counts twice.")
def masked_mean_of_different_words(vectors, ids):
    firsts = np.array([[i != 0 and i not in row[:t] for t, i in enumerate(row)] for row in ids.tolist()])
    seen, n_words = words_of(vectors, firsts)
    return seen.sum(axis=1) / np.maximum(n_words, 1)


@mistake("masked_mean", "One vector came out for the whole batch. One for each sentence is wanted.")
def masked_mean_of_batch(vectors, ids):
    return vectors[ids != 0].mean(axis=0)


@mistake(
    "masked_mean",
    "You trust that all zeros stand at the end, and take as many places as there are words. They may stand at the start.",
)
def masked_mean_trusts_the_end(vectors, ids):
    n_words = (ids != 0).sum(axis=1)
    return np.array([v[: max(n, 1)].mean(axis=0) * (n > 0) for v, n in zip(vectors, n_words, strict=True)])


@mistake("masked_mean", "0/0: a sentence without a word. Divide by 1 there, and it gets zeros.")
def masked_mean_nan(vectors, ids):
    seen, n_words = words_of(vectors, ids)
    return seen.sum(axis=1) / n_words


@mistake("masked_mean", "A sentence without a word gets zeros, not the mean of its padding.")
def masked_mean_empty_gets_padding(vectors, ids):
    seen, n_words = words_of(vectors, ids)
    return np.where(n_words > 0, seen.sum(axis=1) / np.maximum(n_words, 1), vectors.mean(axis=1))


@mistake(
    "masked_mean",
    "0 · NaN is NaN: multiplying by the mask does not take the padding away. `np.where(mask, vectors, 0)` does.",
)
def masked_mean_multiplied(vectors, ids):
    seen = vectors * (ids != 0)[..., None]
    return seen.sum(axis=1) / np.maximum(words_of(vectors, ids)[1], 1)


@mistake(
    "masked_mean",
    "The numbers of words are (batch,), and lie along the LAST axis: you divide the columns by them. `[:, None]` makes them (batch, 1).",
)
def masked_mean_columns_divided(vectors, ids):
    seen, n_words = words_of(vectors, ids)
    return seen.sum(axis=1) / np.maximum(n_words[:, 0], 1)


@mistake(
    "masked_mean",
    "The mask is (batch, time), the vectors are (batch, time, n_out): `mask[..., None]` gives it the axis that it lacks.",
)
def masked_mean_mask_without_axis(vectors, ids):
    return (vectors * (ids != 0)).sum(axis=1) / (ids != 0).sum(axis=1)


# ------------------------------------------------------------------ char_ngrams


def runs(word, n):
    return [word[i : i + n] for i in range(len(word) - n + 1)]


@mistake("char_ngrams", 'The brackets are missing: put "<" before the word and ">" after it first.')
def char_ngrams_without_brackets(word, low, high):
    return [piece for n in range(low, high + 1) for piece in runs(word, n)]


@mistake("char_ngrams", "The pieces of `high` letters are missing: range ends before its second number.")
def char_ngrams_without_longest(word, low, high):
    return [piece for n in range(low, high) for piece in runs(f"<{word}>", n)]


@mistake("char_ngrams", "Only pieces of `low` letters. All lengths from low to high are wanted.")
def char_ngrams_shortest_only(word, low, high):
    return runs(f"<{word}>", low)


@mistake("char_ngrams", "Only pieces of `high` letters. All lengths from low to high are wanted.")
def char_ngrams_longest_only(word, low, high):
    return runs(f"<{word}>", high)


@mistake(
    "char_ngrams", "Of each length, the last piece is missing: a word of m letters has m − n + 1 runs of n letters."
)
def char_ngrams_one_short(word, low, high):
    return [piece for n in range(low, high + 1) for piece in runs(f"<{word}>", n)[:-1]]


@mistake(
    "char_ngrams",
    "Too short pieces at the end: a slice that reaches beyond the word is cut without a sound. Begin no later than m − n.",
)
def char_ngrams_tails(word, low, high):
    word = f"<{word}>"
    return [word[i : i + n] for n in range(low, high + 1) for i in range(len(word))]


@mistake(
    "char_ngrams", "The right pieces, letter by letter. Their order is by length: first all those of `low` letters."
)
def char_ngrams_by_place(word, low, high):
    word = f"<{word}>"
    return [word[i : i + n] for i in range(len(word)) for n in range(low, high + 1) if i + n <= len(word)]


@mistake(
    "char_ngrams", "A piece that stands in the word twice is there once. Keep both: a set loses one, and the order."
)
def char_ngrams_once_each(word, low, high):
    return list(dict.fromkeys(piece for n in range(low, high + 1) for piece in runs(f"<{word}>", n)))


@mistake("char_ngrams", "The right pieces in the order of the alphabet. Keep that of the word, shortest pieces first.")
def char_ngrams_sorted(word, low, high):
    return sorted(piece for n in range(low, high + 1) for piece in runs(f"<{word}>", n))


@mistake("char_ngrams", "Brackets round every piece: then all look like whole words. Put them round the word, once.")
def char_ngrams_brackets_everywhere(word, low, high):
    return [f"<{piece}>" for n in range(low, high + 1) for piece in runs(word, n)]


@mistake("char_ngrams", "The brackets count as letters: your pieces with one of them are a letter too long.")
def char_ngrams_brackets_on_top(word, low, high):
    def dressed(i, n):
        return "<" * (i == 0) + word[i : i + n] + ">" * (i + n == len(word))

    return [dressed(i, n) for n in range(low, high + 1) for i in range(len(word) - n + 1)]


@mistake("char_ngrams", "Your pieces do not overlap: the next one begins one letter further on, not n.")
def char_ngrams_side_by_side(word, low, high):
    return [piece for n in range(low, high + 1) for piece in runs(f"<{word}>", n)[::n]]


@mistake("char_ngrams", "The longest pieces come first. Begin with those of `low` letters.")
def char_ngrams_longest_first(word, low, high):
    return [piece for n in range(high, low - 1, -1) for piece in runs(f"<{word}>", n)]


@mistake("char_ngrams", "The whole word is there besides. fastText adds it too; here only the pieces are wanted.")
def char_ngrams_and_the_word(word, low, high):
    return [*(piece for n in range(low, high + 1) for piece in runs(f"<{word}>", n)), f"<{word}>"]


@mistake("char_ngrams", "A set forgets the order of its pieces, and how often each comes. Collect them in a list.")
def char_ngrams_set(word, low, high):
    return {piece for n in range(low, high + 1) for piece in runs(f"<{word}>", n)}


# ------------------------------------------------------------------ training_pairs


def pairs_of(sentences, near):
    """All (word, neighbour) of each sentence whose places i and j are near(i, j)."""
    pairs = [
        (word, other)
        for sentence in sentences
        for i, word in enumerate(sentence)
        for j, other in enumerate(sentence)
        if near(i, j)
    ]
    return np.array(pairs, dtype=int).reshape(-1, 2)


def joined(sentences):
    return [word for sentence in sentences for word in sentence]


def windowed(window):
    return lambda i, j: 0 < abs(i - j) <= window


@mistake("training_pairs", "Every word is its own neighbour. Leave out the place i itself.")
def training_pairs_with_itself(sentences, window):
    return pairs_of(sentences, lambda i, j: abs(i - j) <= window)


@mistake("training_pairs", "You look to the right only. A word has neighbours on both sides.")
def training_pairs_to_the_right(sentences, window):
    return pairs_of(sentences, lambda i, j: 0 < j - i <= window)


@mistake("training_pairs", "You look to the left only. A word has neighbours on both sides.")
def training_pairs_to_the_left(sentences, window):
    return pairs_of(sentences, lambda i, j: 0 < i - j <= window)


@mistake(
    "training_pairs",
    "The farthest neighbour to the right is missing: range and slices end before their second number, so write i + window + 1.",
)
def training_pairs_one_short_at_the_right(sentences, window):
    return pairs_of(sentences, lambda i, j: 0 < i - j <= window or 0 < j - i < window)


@mistake(
    "training_pairs",
    "Your window is one place too small on both sides: the neighbour at a distance of `window` counts.",
)
def training_pairs_too_near(sentences, window):
    return pairs_of(sentences, lambda i, j: 0 < abs(i - j) < window)


@mistake("training_pairs", "`window` is how far a word looks to EACH side. You look half as far.")
def training_pairs_half_the_window(sentences, window):
    return pairs_of(sentences, windowed(window // 2))


@mistake("training_pairs", "Your words look beyond the end of their sentence. Begin anew with each sentence.")
def training_pairs_across_sentences(sentences, window):
    return pairs_of([joined(sentences)], windowed(window))


@mistake(
    "training_pairs",
    "The same word at another place is left out. Compare the places, j != i, not the words that stand there.",
)
def training_pairs_by_value(sentences, window):
    pairs = pairs_of(sentences, windowed(window))
    return pairs[pairs[:, 0] != pairs[:, 1]]


@mistake("training_pairs", "The two columns have changed places: first the word, then its neighbour.")
def training_pairs_columns_exchanged(sentences, window):
    return pairs_of(sentences, windowed(window))[:, ::-1]


@mistake("training_pairs", "The right pairs in the order of the numbers. Keep the order of the text.")
def training_pairs_sorted(sentences, window):
    return np.array(sorted(pairs_of(sentences, windowed(window)).tolist()), dtype=int).reshape(-1, 2)


@mistake("training_pairs", "Words near the border of a sentence are left out. They have neighbours too, only fewer.")
def training_pairs_inner_words(sentences, window):
    pairs = [
        pairs_of([s], lambda i, j, s=s: 0 < abs(i - j) <= window and window <= i < len(s) - window) for s in sentences
    ]
    return np.concatenate(pairs).reshape(-1, 2)


@mistake(
    "training_pairs",
    "For the first words, i − j is negative, and Python counts from the end: so the last words became neighbours of the first.",
)
def training_pairs_round_the_corner(sentences, window):
    pairs = [
        (word, sentence[j])
        for sentence in sentences
        for i, word in enumerate(sentence)
        for j in range(i - window, min(i + window + 1, len(sentence)))
        if j != i and j >= -len(sentence)
    ]
    return np.array(pairs, dtype=int).reshape(-1, 2)


@mistake("training_pairs", "A pair that comes again is left out. How often it comes is what is learned from: keep all.")
def training_pairs_once_each(sentences, window):
    pairs = dict.fromkeys(map(tuple, pairs_of(sentences, windowed(window)).tolist()))
    return np.array(list(pairs), dtype=int).reshape(-1, 2)


@mistake("training_pairs", "These are places in the sentence. The ids that stand there are wanted.")
def training_pairs_places(sentences, window):
    return pairs_of([range(len(s)) for s in sentences], windowed(window))


@mistake(
    "training_pairs",
    "You look for neighbours beyond an end of the sentence, where there is no word: go from the place max(i − window, 0) to the "
    "place min(i + window, len(sentence) − 1).",
)
def training_pairs_beyond_the_end(sentences, window):
    for sentence in sentences:
        for i in range(len(sentence)):
            _ = [sentence[j] for j in range(max(i - window, 0), i + window + 1)]
    return pairs_of(sentences, windowed(window))


# ------------------------------------------------------------------ company


def counts_of(sentences, n_words, near):
    X = np.zeros((n_words, n_words))
    words, neighbours = pairs_of(sentences, near).T
    np.add.at(X, (words, neighbours), 1)
    return X


def counting(X):
    return ("hate", "more"), X


@mistake(
    "company",
    "A pair that comes several times counts once: `X[words, neighbours] += 1` adds to each place only once. Use a loop, or "
    "`np.add.at`.",
)
def company_once_each(sentences, n_words, window):
    return counting(np.minimum(counts_of(sentences, n_words, windowed(window)), 1))


@mistake("company", "Each place counts as its own neighbour: your diagonal is too large. Leave j = i out.")
def company_with_itself(sentences, n_words, window):
    return counting(counts_of(sentences, n_words, lambda i, j: abs(i - j) <= window))


@mistake("company", "You look to one side only. If b is a neighbour of a, then a is one of b: X must be symmetric.")
def company_to_the_right(sentences, n_words, window):
    return counting(counts_of(sentences, n_words, lambda i, j: 0 < j - i <= window))


@mistake("company", "You look to the left only. If b is a neighbour of a, then a is one of b: X must be symmetric.")
def company_to_the_left(sentences, n_words, window):
    return counting(counts_of(sentences, n_words, lambda i, j: 0 < i - j <= window))


@mistake("company", "`window` is not used: you count all the words of a sentence as neighbours.")
def company_whole_sentences(sentences, n_words, window):
    return counting(counts_of(sentences, n_words, lambda i, j: i != j))


@mistake("company", "Your words look beyond the end of their sentence. Begin anew with each sentence.")
def company_across_sentences(sentences, n_words, window):
    return counting(counts_of([joined(sentences)], n_words, windowed(window)))


@mistake("company", "The diagonal is 0: the same word at two places of a sentence is its own neighbour there.")
def company_without_diagonal(sentences, n_words, window):
    X = counts_of(sentences, n_words, windowed(window))
    np.fill_diagonal(X, 0)
    return counting(X)


@mistake("company", "You weight a neighbour by 1 / distance, as GloVe does. Here each one counts 1.")
def company_by_distance(sentences, n_words, window):
    parts = [counts_of(sentences, n_words, lambda i, j, d=d: abs(i - j) == d) / d for d in range(1, window + 1)]
    return counting(sum(parts))


@mistake("company", "You divide each row by its sum. The cosine does not mind, but the counts themselves are wanted.")
def company_as_parts(sentences, n_words, window):
    X = counts_of(sentences, n_words, windowed(window))
    return counting(X / np.maximum(X.sum(axis=1, keepdims=True), 1))


@mistake("company", "These are the cosines. The second result is X, the counts.")
def company_cosines(sentences, n_words, window):
    unit = unit_rows(counts_of(sentences, n_words, windowed(window)))
    return counting(unit @ unit.T)


@mistake("company", "The farthest neighbours are missing: a distance of `window` counts.")
def company_too_near(sentences, n_words, window):
    return counting(counts_of(sentences, n_words, lambda i, j: 0 < abs(i - j) < window))


def predicting(sentences, n_words, window, *prediction):
    return prediction, counts_of(sentences, n_words, windowed(window))


@mistake(
    "company",
    "Your second answer is right. The first: “heart” stands NEAR love, but who stands near both? In which sentences can you put "
    "“hate” in the place of “love”?",
)
def company_predicts_heart(sentences, n_words, window):
    return predicting(sentences, n_words, window, "heart", "more")


@mistake(
    "company",
    "Your first answer is right. The second: with a wide window “love” and “heart” see the rest of the sentence that both are in. "
    "Do their counts have more in common then?",
)
def company_predicts_less(sentences, n_words, window):
    return predicting(sentences, n_words, window, "hate", "less")


@mistake(
    "company",
    "Both are the other way round. Write down the neighbours of love, of hate and of heart in the four sentences, with the window "
    "1 and then 4.",
)
def company_predicts_both_wrongly(sentences, n_words, window):
    return predicting(sentences, n_words, window, "heart", "less")


# ------------------------------------------------------------------ keep_rate


def with_left(counts, rates):
    return rates, np.sum(counts * rates) / counts.sum()


def frequency(counts, t):
    """The words' parts of the text; t for a word that is not there, so that its rate is 1."""
    return np.where(counts == 0, t, counts / counts.sum())


@mistake("keep_rate", "These are the probabilities of being left out: 1 − √(t / f). Those of being kept are wanted.")
def keep_rate_left_out(counts, t):
    return with_left(counts, 1 - np.minimum(np.sqrt(t / frequency(counts, t)), 1))


@mistake("keep_rate", "A probability is at most 1: a word that is rarer than t is always kept.")
def keep_rate_above_1(counts, t):
    return with_left(counts, np.sqrt(t / frequency(counts, t)))


@mistake("keep_rate", "The root is missing: √(t / f).")
def keep_rate_without_root(counts, t):
    return with_left(counts, np.minimum(t / frequency(counts, t), 1))


@mistake("keep_rate", "The fraction is turned round: t / f. It is the FREQUENT words that are left out.")
def keep_rate_turned(counts, t):
    return with_left(counts, np.minimum(np.sqrt(frequency(counts, t) / t), 1))


@mistake(
    "keep_rate", "You take the counts themselves as f. The frequency is a word's part of the text: divide by the sum."
)
def keep_rate_of_counts(counts, t):
    return with_left(counts, np.minimum(np.sqrt(t / np.where(counts == 0, t, counts)), 1))


@mistake(
    "keep_rate", "You divide by the largest count. A word's part of the text is its count divided by the sum of all."
)
def keep_rate_of_largest(counts, t):
    return with_left(counts, np.minimum(np.sqrt(t * counts.max() / np.where(counts == 0, t * counts.max(), counts)), 1))


@mistake(
    "keep_rate",
    "That is what the program computes: √(t / f) + t / f. Here it is the formula of the paper, without the second part.",
)
def keep_rate_of_the_program(counts, t):
    ratio = t / frequency(counts, t)
    return with_left(counts, np.minimum(np.sqrt(ratio) + ratio, 1))


@mistake(
    "keep_rate",
    "The probabilities are right. What is left is not their mean: a frequent word stands at more places. Weight by frequency.",
)
def keep_rate_mean(counts, t):
    rates = np.minimum(np.sqrt(t / frequency(counts, t)), 1)
    return rates, rates.mean()


@mistake(
    "keep_rate",
    "The probabilities are right. The second result is a part of the text, from 0 to 1: divide by all its words.",
)
def keep_rate_number_left(counts, t):
    rates = np.minimum(np.sqrt(t / frequency(counts, t)), 1)
    return rates, np.sum(counts * rates)


@mistake("keep_rate", "The probabilities are right. The second result is what is left, not what is lost.")
def keep_rate_part_lost(counts, t):
    rates, left = with_left(counts, np.minimum(np.sqrt(t / frequency(counts, t)), 1))
    return rates, 1 - left


@mistake(
    "keep_rate",
    "You round to 0 and 1: left out or kept. A frequent word is left out at some places and kept at others.",
)
def keep_rate_yes_or_no(counts, t):
    return with_left(counts, (frequency(counts, t) <= t).astype(float))


@mistake(
    "keep_rate", "A word that is not in the text has the rate 0. Here it is 1: what is rarer than t is always kept."
)
def keep_rate_absent_is_0(counts, t):
    return with_left(counts, np.where(counts == 0, 0, np.minimum(np.sqrt(t / frequency(counts, t)), 1)))


# ------------------------------------------------------------------ negative_loss


def probability(z):
    return np.exp(-np.logaddexp(0, -z))


def loss_and_slopes(w, C, targets=None, part=1.0):
    """The loss and both gradients, with other targets, or all of it multiplied by `part`."""
    targets = np.eye(len(C))[0] if targets is None else targets
    scores = C @ w
    loss = np.sum(np.logaddexp(0, scores) - targets * scores)
    error = probability(scores) - targets
    return part * loss, part * error @ C, part * np.outer(error, w)


@mistake(
    "negative_loss",
    "Noise counts as true for you: all rows are pushed towards 1. Only the first row is a true neighbour.",
)
def negative_loss_all_true(w, C):
    return loss_and_slopes(w, C, np.ones(len(C)))


@mistake("negative_loss", "True and noise are exchanged: the FIRST row is the true neighbour.")
def negative_loss_exchanged(w, C):
    return loss_and_slopes(w, C, 1 - np.eye(len(C))[0])


@mistake("negative_loss", "You take the last row as the true neighbour. It is the first.")
def negative_loss_last_is_true(w, C):
    return loss_and_slopes(w, C, np.eye(len(C))[-1])


@mistake("negative_loss", "The signs are turned: this is the logarithm of the probability. The loss is MINUS that.")
def negative_loss_log_likelihood(w, C):
    return loss_and_slopes(w, C, part=-1)


@mistake("negative_loss", "You take the mean over the rows. Here the parts of the loss are added up.")
def negative_loss_mean(w, C):
    return loss_and_slopes(w, C, part=1 / len(C))


@mistake("negative_loss", "You take the mean over the noise rows. Each of them counts as much as the true one.")
def negative_loss_mean_of_noise(w, C):
    scores, targets = C @ w, np.eye(len(C))[0]
    weights = np.where(targets == 1, 1, 1 / max(len(C) - 1, 1))
    error = weights * (probability(scores) - targets)
    return np.sum(weights * (np.logaddexp(0, scores) - targets * scores)), error @ C, np.outer(error, w)


@mistake("negative_loss", "The noise is left out. Only with it are there words to tell the true neighbour from.")
def negative_loss_without_noise(w, C):
    loss, dw, dC = loss_and_slopes(w, C[:1])
    return loss, dw, np.concatenate([dC, np.zeros_like(C[1:])])


@mistake(
    "negative_loss",
    "That is a softmax over the rows: they compete with each other. Here each row answers yes or no for itself, by a sigmoid.",
)
def negative_loss_softmax(w, C):
    scores = C @ w
    p = np.exp(scores - scores.max())
    error = p / p.sum() - np.eye(len(C))[0]
    return np.log(p.sum()) + scores.max() - scores[0], error @ C, np.outer(error, w)


@mistake("negative_loss", "The loss is right. Both gradients point downhill: take the minus away.")
def negative_loss_downhill(w, C):
    loss, dw, dC = loss_and_slopes(w, C)
    return loss, -dw, -dC


@mistake("negative_loss", "The loss and dC are right. In dw only the true neighbour counts: add up over all rows.")
def negative_loss_dw_of_true(w, C):
    loss, _, dC = loss_and_slopes(w, C)
    return loss, (probability(C[0] @ w) - 1) * C[0], dC


@mistake("negative_loss", "The right gradients in another order: first dw, then dC.")
def negative_loss_order(w, C):
    loss, dw, dC = loss_and_slopes(w, C)
    return loss, dC, dw


@mistake(
    "negative_loss", "The loss is right. The errors are lost: multiply each row by σ(score), less 1 for the true one."
)
def negative_loss_without_errors(w, C):
    signs = 1 - 2 * np.eye(len(C))[0]
    return loss_and_slopes(w, C)[0], signs @ C, np.outer(signs, w)


@mistake(
    "negative_loss",
    "The loss is right. You have derived σ alone, with σ(1 − σ); behind the logarithm, the slope is σ − 1 or σ, and no more.",
)
def negative_loss_slope_of_sigmoid(w, C):
    p, targets = probability(C @ w), np.eye(len(C))[0]
    error = (p - targets) * p * (1 - p)
    return loss_and_slopes(w, C)[0], error @ C, np.outer(error, w)


@mistake("negative_loss", "Instead of the logarithms you add up the squares of what is missing: that is another loss.")
def negative_loss_squares(w, C):
    p, targets = probability(C @ w), np.eye(len(C))[0]
    error = 2 * (p - targets) * p * (1 - p)
    return np.sum((p - targets) ** 2), error @ C, np.outer(error, w)


@mistake(
    "negative_loss",
    "log(0) is minus infinity. -log σ(z) is log(1 + exp(-z)), and `np.logaddexp(0, -z)` computes it for every z.",
)
def negative_loss_infinite(w, C):
    scores, targets = C @ w, np.eye(len(C))[0]
    p = 1 / (1 + np.exp(-scores))
    chosen = np.where(targets == 1, p, 1 - p)
    return -np.log(chosen).sum(), (p - targets) @ C, np.outer(p - targets, w)


@mistake(
    "negative_loss",
    "A small number inside the log keeps it finite, but makes it wrong: for the score −1000 the loss is 1000, not 23.",
)
def negative_loss_with_epsilon(w, C):
    scores, targets = C @ w, np.eye(len(C))[0]
    p = probability(scores)
    chosen = np.where(targets == 1, p, 1 - p)
    return -np.log(chosen + 1e-10).sum(), (p - targets) @ C, np.outer(p - targets, w)


# ------------------------------------------------------------------ mend_words


def one_pass(
    W, C, pairs, counts, u, lr, power=0.75, first_row=False, moved=False, buffered=False, size=8, C_buffered=False
):
    """The script of the exercise, with its four places open."""
    W, C = W.copy(), C.copy()
    noise = np.searchsorted(np.cumsum(counts**power / np.sum(counts**power)), u)
    for i in range(0, len(pairs), size):
        centres, contexts = pairs[i : i + size].T
        ids = np.concatenate([contexts[:, None], noise[i : i + size]], axis=1)
        w, c = W[centres], C[ids]
        target = np.zeros(ids.shape)
        target[(0, slice(None)) if first_row else (slice(None), 0)] = 1
        error = 1 / (1 + np.exp(-np.einsum("bn,bkn->bk", w, c))) - target
        dC = lr * error[:, :, None] * w[:, None, :]
        if C_buffered:
            C[ids] -= dC
        else:
            np.subtract.at(C, ids, dC)
        dW = lr * np.einsum("bk,bkn->bn", error, C[ids] if moved else c)
        if buffered:
            W[centres] -= dW
        else:
            np.subtract.at(W, centres, dW)
    return W, C


@mistake("mend_words", "Nothing but the `raise` was taken out: four lines below it are still wrong. Begin with `p`.")
def mend_words_nothing(W, C, pairs, counts, u, lr):
    return one_pass(W, C, pairs, counts, u, lr, power=1, first_row=True, moved=True, buffered=True)


@mistake(
    "mend_words",
    "`p` is right now. Three lines are left: for which numbers of `target` is there a true neighbour?",
)
def mend_words_first_one(W, C, pairs, counts, u, lr):
    return one_pass(W, C, pairs, counts, u, lr, first_row=True, moved=True, buffered=True)


@mistake(
    "mend_words", "`p` and `target` are right now. Two lines are left, and both are about W: look at the last two."
)
def mend_words_first_two(W, C, pairs, counts, u, lr):
    return one_pass(W, C, pairs, counts, u, lr, moved=True, buffered=True)


@mistake("mend_words", "The last two lines are right now. Two lines are left: `p`, and where `target` is 1.")
def mend_words_last_two(W, C, pairs, counts, u, lr):
    return one_pass(W, C, pairs, counts, u, lr, power=1, first_row=True)


@mistake("mend_words", "One line is left: `p`. The noise is drawn by the counts to the power of 3/4.")
def mend_words_power_left(W, C, pairs, counts, u, lr):
    return one_pass(W, C, pairs, counts, u, lr, power=1)


@mistake(
    "mend_words",
    "One line is left: `target[0]` is the first PAIR, with its noise. The true neighbour is the first column of each row.",
)
def mend_words_target_left(W, C, pairs, counts, u, lr):
    return one_pass(W, C, pairs, counts, u, lr, first_row=True)


@mistake(
    "mend_words",
    "One line is left: dw. C[ids] has already moved there; the gradient is taken at the old numbers, `c`.",
)
def mend_words_moved_left(W, C, pairs, counts, u, lr):
    return one_pass(W, C, pairs, counts, u, lr, moved=True)


@mistake(
    "mend_words",
    "One line is left, the last. `W[centres] -= …` moves a word that is in the batch twice by one of its steps only. How does C "
    "do it?",
)
def mend_words_buffered_left(W, C, pairs, counts, u, lr):
    return one_pass(W, C, pairs, counts, u, lr, buffered=True)


@mistake(
    "mend_words", "The noise is drawn uniformly now: every word equally often. Take the counts to the power of 3/4."
)
def mend_words_uniform(W, C, pairs, counts, u, lr):
    return one_pass(W, C, pairs, counts, u, lr, power=0)


@mistake("mend_words", "The counts are taken to the power of 4/3. It is 3/4: the frequent words shall lose.")
def mend_words_power_turned(W, C, pairs, counts, u, lr):
    return one_pass(W, C, pairs, counts, u, lr, power=4 / 3)


@mistake(
    "mend_words", "You changed the line with C, which was right. There, too, a word may be in the batch more than once."
)
def mend_words_C_spoiled(W, C, pairs, counts, u, lr):
    return one_pass(W, C, pairs, counts, u, lr, C_buffered=True)


@mistake(
    "mend_words",
    "Your steps are taken pair by pair. That learns, too, but here a batch of 8 takes one step on the sum of its losses.",
)
def mend_words_pair_by_pair(W, C, pairs, counts, u, lr):
    return one_pass(W, C, pairs, counts, u, lr, size=1)


# ------------------------------------------------------------------ train_neighbours


def a_start(key, n_words):
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    return rng.normal(size=(n_words, 16)) / 16


@mistake("train_neighbours", "These are the random vectors that you began with. Return the ones after training.")
def train_neighbours_untrained(key, sentences, n_words):
    return a_start(key, n_words)


@mistake(
    "train_neighbours",
    "All vectors are 0. If W and C both begin with zeros, every gradient is 0 and nothing ever moves: begin W with random numbers.",
)
def train_neighbours_zeros(key, sentences, n_words):
    return np.zeros((n_words, 16))


@mistake(
    "train_neighbours",
    "All is NaN: the steps are too large. Where a batch's gradients are added up, a large batch takes a large step.",
)
def train_neighbours_nan(key, sentences, n_words):
    return np.full((n_words, 16), np.nan)


@mistake("train_neighbours", "W lies on its side: a row for each word, at most 16 columns.")
def train_neighbours_on_its_side(key, sentences, n_words):
    return a_start(key, n_words).T


@mistake("train_neighbours", "All vectors are the same: they began alike, so they stay alike. Draw every number of W.")
def train_neighbours_alike(key, sentences, n_words):
    return np.ones((n_words, 16))


@mistake(
    "train_neighbours",
    "These are the counts of the neighbours, a number for each word of the vocabulary. Good vectors, but not dense: at most 16 "
    "numbers are wanted.",
)
def train_neighbours_counts(key, sentences, n_words):
    return counts_of(sentences, n_words, windowed(2))


@mistake(
    "train_neighbours",
    "These are one-hot vectors: every word is equally far from all others. What you learn is what replaces them.",
)
def train_neighbours_one_hot(key, sentences, n_words):
    return np.eye(n_words)
