"""Chapter 6, set 2: from texts to numbers, and from words to sentences.

    deepbook check text

Fair here: numpy, and what comes with Python. No jax: it would do the work for you. The id 0 is for padding, the id 1
for words that are not in the vocabulary.
"""

import re

import numpy as np


def build_vocabulary(texts, n):
    """Number the most frequent words, and write the texts as numbers.

    texts: a list of texts. n: of how many words the vocabulary is made.
    A text's words are re.findall(r"\\w+", text.lower()): runs of letters and digits.
    Count the words of all the texts together. The most frequent one gets the id 2, the
    next one 3, and so on, until n words have ids (or all have, if there are fewer). Of
    words that are equally frequent, the one that comes first in the texts goes first.
    Returns two things: a dict from each of these words to its id; and for each text
    the list of its words' ids, with 1 for every word that is not in the dict.

    >>> build_vocabulary(["A dog is a dog.", "Is it?"], 3)
    ({'a': 2, 'dog': 3, 'is': 4}, [[2, 3, 4, 2, 3], [4, 1]])

    Chapter 6: 06-embeddings.html#words-to-numbers
    """
    # BEGIN SOLUTION
    split = [re.findall(r"\w+", text.lower()) for text in texts]
    counts = {}
    for word in (word for words in split for word in words):
        counts[word] = counts.get(word, 0) + 1
    frequent = sorted(counts, key=lambda word: -counts[word])  # equal ones keep their order, that of the texts
    vocab = {word: i + 2 for i, word in enumerate(frequent[:n])}
    return vocab, [[vocab.get(word, 1) for word in words] for words in split]
    # END SOLUTION


def pad_ids(sequences, length, cut, side):
    """Cut and pad sequences of ids until all have the same length.

    sequences: a list of lists of ids, of any lengths, 0 too. length: at least 1.
    cut: "start" or "end". A sequence that is too long loses ids at this end.
    side: "start" or "end". A sequence that is too short gets zeros at this end.
    Returns an array of integers, (sequences, length).

    >>> pad_ids([[5, 6, 7, 8], [9]], 3, cut="end", side="start").tolist()
    [[5, 6, 7], [0, 0, 9]]

    Chapter 6: 06-embeddings.html#padding-and-masks
    """
    # BEGIN SOLUTION
    ids = np.zeros((len(sequences), length), dtype=np.int32)
    for row, sequence in zip(ids, sequences, strict=True):
        kept = sequence[:length] if cut == "end" else sequence[-length:]
        first = 0 if side == "end" else length - len(kept)
        row[first : first + len(kept)] = kept
    return ids
    # END SOLUTION


def masked_mean(vectors, ids):
    """One vector for each sentence: the mean of its words' vectors, without padding.

    vectors: (batch, time, n_out), a vector for each place. ids: (batch, time); where
    the id is 0 there is no word, and what stands in `vectors` there means nothing: it
    may be any number, and NaN as well.
    Returns (batch, n_out). A sentence without any word gets zeros.

    >>> vectors = np.array([[[1.0, 4.0], [3.0, 0.0], [9.0, 9.0]]])
    >>> masked_mean(vectors, np.array([[7, 5, 0]])).tolist()
    [[2.0, 2.0]]

    Chapter 6: 06-embeddings.html#words-to-sentences
    """
    # BEGIN SOLUTION
    is_word = (ids != 0)[..., None]  # (batch, time, 1)
    n_words = np.maximum(is_word.sum(axis=1), 1)  # a sum of no vectors is zeros: divided by 1, it stays so
    return np.where(is_word, vectors, 0).sum(axis=1) / n_words
    # END SOLUTION


def char_ngrams(word, low, high):
    """The pieces of a word: all its runs of low to high letters.

    word: a text. Before it a "<" is put and after it a ">", so that a piece tells
    whether it stands at the beginning, in the middle or at the end. Both count as
    letters. low, high: the length of the shortest pieces and that of the longest ones.
    Returns a list: all pieces of low letters, from left to right; then those of
    low + 1; and so on, up to those of high letters, these included. A piece that stands
    in the word twice is there twice.

    >>> char_ngrams("cat", 3, 4)
    ['<ca', 'cat', 'at>', '<cat', 'cat>']

    Source: Bojanowski, Grave, Joulin and Mikolov (2017), "Enriching word vectors with
    subword information".
    Chapter 6: 06-embeddings.html#unseen-words
    """
    # BEGIN SOLUTION
    word = f"<{word}>"
    return [word[i : i + n] for n in range(low, high + 1) for i in range(len(word) - n + 1)]
    # END SOLUTION
