import re

import numpy as np


def build_vocabulary(texts, n):
    all_words = []
    order = []
    counts = {}
    for text in texts:
        words = re.findall(r"\w+", text.lower())
        all_words.append(words)
        for word in words:
            if word in counts:
                counts[word] = counts[word] + 1
            else:
                counts[word] = 1
                order.append(word)
    vocabulary = {}
    while len(vocabulary) < n and len(vocabulary) < len(order):
        best = None
        for word in order:
            if word not in vocabulary and (best is None or counts[word] > counts[best]):
                best = word
        vocabulary[best] = len(vocabulary) + 2
    ids = []
    for words in all_words:
        row = []
        for word in words:
            if word in vocabulary:
                row.append(vocabulary[word])
            else:
                row.append(1)
        ids.append(row)
    return vocabulary, ids


def pad_ids(sequences, length, cut, side):
    result = []
    for sequence in sequences:
        row = list(sequence)
        while len(row) > length:
            if cut == "start":
                row.pop(0)
            else:
                row.pop()
        while len(row) < length:
            if side == "start":
                row.insert(0, 0)
            else:
                row.append(0)
        result.append(row)
    return result


def masked_mean(vectors, ids):
    result = np.zeros((vectors.shape[0], vectors.shape[2]))
    for s in range(len(ids)):
        n = 0
        for t in range(len(ids[s])):
            if ids[s][t] != 0:
                result[s] += vectors[s, t]
                n += 1
        if n > 0:
            result[s] /= n
    return result


def char_ngrams(word, low, high):
    word = "<" + word + ">"
    pieces = []
    length = low
    while length <= high:
        start = 0
        while start + length <= len(word):
            pieces.append(word[start : start + length])
            start += 1
        length += 1
    return pieces
