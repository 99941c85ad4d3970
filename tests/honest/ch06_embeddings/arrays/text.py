import re
from collections import Counter
from itertools import chain

import numpy as np


def build_vocabulary(texts, n):
    split = [re.findall(r"\w+", text.lower()) for text in texts]
    common = Counter(chain(*split)).most_common(n)
    vocab = dict(zip((word for word, _ in common), range(2, n + 2)))
    return vocab, [[vocab.get(word, 1) for word in words] for words in split]


def pad_ids(sequences, length, cut, side):
    kept = [s[:length] if cut == "end" else s[max(0, len(s) - length) :] for s in sequences]
    zeros = [[0] * (length - len(s)) for s in kept]
    return np.array([s + z if side == "end" else z + s for s, z in zip(kept, zeros)], dtype=np.int64)


def masked_mean(vectors, ids):
    real = ids != 0
    sums = np.einsum("bt,btn->bn", real.astype(float), np.where(real[..., None], vectors, 0.0))
    return sums / np.clip(real.sum(1, keepdims=True), 1, None)


char_ngrams = lambda word, low, high: [
    "".join(piece)
    for n in range(low, high + 1)
    for piece in zip(*(f"<{word}>"[i:] for i in range(n)))
]
