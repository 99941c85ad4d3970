import re
from collections import Counter
from typing import Literal

import numpy as np

PAD, UNKNOWN, FIRST = 0, 1, 2
WORD = re.compile(r"\w+")
End = Literal["start", "end"]


class Vocabulary(dict):
    """字 → 編號;不認識的字是 1。"""

    def __missing__(self, word: str) -> int:
        return UNKNOWN


def words_of(text: str) -> list[str]:
    return WORD.findall(text.lower())


def build_vocabulary(texts: list[str], n: int) -> tuple[dict[str, int], list[list[int]]]:
    counter: Counter[str] = Counter()
    for text in texts:
        counter.update(words_of(text))
    vocabulary = Vocabulary()
    for word, count in counter.most_common(n):
        vocabulary[word] = FIRST + len(vocabulary)
    print(vocabulary)
    return vocabulary, [[vocabulary[word] for word in words_of(text)] for text in texts]


def pad_ids(sequences: list[list[int]], length: int, cut: End, side: End) -> np.ndarray:
    ids = np.full((len(sequences), length), PAD, dtype=np.uint16)
    for i, sequence in enumerate(sequences):
        if (extra := len(sequence) - length) > 0:
            sequence = sequence[extra:] if cut == "start" else sequence[:-extra]
        match side:
            case "end":
                ids[i, : len(sequence)] = sequence
            case "start":
                ids[i, length - len(sequence) :] = sequence
    return ids


def masked_mean(vectors: np.ndarray, ids: np.ndarray) -> np.ndarray:
    rows = []
    for sentence, row in zip(vectors, ids):
        words = sentence[row > PAD]
        rows.append(words.mean(axis=0) if len(words) else np.zeros(vectors.shape[-1]))
    return np.stack(rows)


def char_ngrams(word: str, low: int, high: int) -> list[str]:
    marked = f"<{word}>"

    def of(n: int):
        for i, _ in enumerate(marked):
            if len(piece := marked[i : i + n]) == n:
                yield piece

    return [piece for n in range(low, high + 1) for piece in of(n)]
