"""What chapter 6, set 2 asks for. `check` calls your function and compares; see deepbook.course.checks."""

from collections import Counter

import numpy as np
import pytest
from ch06_embeddings.text import build_vocabulary, char_ngrams, masked_mean, pad_ids

from deepbook.course.checks import check, check_that


def split(text):
    """The words, letter by letter."""
    return "".join(letter if letter.isalnum() or letter == "_" else " " for letter in text.lower()).split()


def check_build_vocabulary(texts, n):
    words = [split(text) for text in texts]
    counts = Counter(word for each in words for word in each)
    vocab = {word: i for i, (word, _) in enumerate(counts.most_common(n), start=2)}
    check(build_vocabulary, texts, n, gives=(vocab, [[vocab.get(word, 1) for word in each] for each in words]))


def test_build_vocabulary_of_three_texts():
    """Three texts of seven different words: four of them get an id."""
    texts = ["He said: is the sea the sea?", "The sky is, is sky…", "No sea; no, no no!"]
    check_build_vocabulary(texts, 4)


def test_build_vocabulary_of_few_words():
    """There are fewer words than asked for, one text is empty, and a number is a word too."""
    check_build_vocabulary(["Ja. 2 x ja!", "", "x"], 10)


def test_build_vocabulary_of_none():
    """No text at all, and texts without a word."""
    check(build_vocabulary, [], 3, gives=({}, []))
    check(build_vocabulary, ["…", ""], 3, gives=({}, [[], []]))


def test_build_vocabulary_random(rng):
    """Longer texts, with words in many languages."""
    words = ["Über", "naïve", "été", "the", "The", "貓", "don", "x1", "of", "OF", "a_b", "été"]
    texts = [" ".join(rng.choice(words, size=rng.integers(1, 12))) + "?" for _ in range(6)]
    check_build_vocabulary(texts, 5)


def lines(sequences, length, cut, side):
    """The same with lists: too many zeros first, then what does not fit is left out."""
    found = []
    for s in sequences:
        kept = s[max(len(s) - length, 0) :] if cut == "start" else s[:length]
        zeros = [0] * (length - len(kept))
        found.append(kept + zeros if side == "end" else zeros + kept)
    return np.array(found)


def check_pad_ids(sequences, length, cut, side):
    check(pad_ids, sequences, length, cut, side, gives=lines(sequences, length, cut, side))


def test_pad_ids_at_the_end():
    """Too long, too short, just right and empty: cut and padded at the end."""
    check_pad_ids([[4, 7, 2, 9, 5], [8], [3, 1, 6], []], 3, "end", "end")


def test_pad_ids_cut_at_the_start():
    """Cut at the start, padded at the end."""
    check_pad_ids([[4, 7, 2, 9, 5], [8]], 3, "start", "end")


def test_pad_ids_at_the_start():
    """Padded at the start: as it is done where the last words matter most."""
    check_pad_ids([[4, 7, 2, 9, 5], [8], []], 3, "start", "start")
    check_pad_ids([[4, 7, 2, 9, 5], [8, 6]], 4, "end", "start")


def test_pad_ids_of_integers():
    """Ids are numbers of rows: integers."""
    check_that(
        pad_ids, [[5, 6, 7], [2]], 2, "end", "end", holds=lambda ids: np.asarray(ids).dtype.kind in "iu",
        expected="an array of integers, because ids are to be numbers of rows",
    )  # fmt: skip


def test_pad_ids_random(rng):
    """Many lengths, both ends."""
    for cut in ("start", "end"):
        sequences = [rng.integers(2, 99, size=n).tolist() for n in rng.integers(0, 9, size=6)]
        check_pad_ids(sequences, 5, cut, str(rng.choice(["start", "end"])))


def means(vectors, ids):
    """Sentence by sentence, word by word."""
    found = np.zeros((len(ids), vectors.shape[2]))
    for s, (sentence, row) in enumerate(zip(vectors, ids, strict=True)):
        words = [v for v, i in zip(sentence, row, strict=True) if i]
        for v in words:
            found[s] += v / len(words)
    return found


def check_masked_mean(vectors, ids):
    check(masked_mean, vectors, ids, gives=means(vectors, ids))


def test_masked_mean_of_two_sentences():
    """Sentences of three words and of one; the word 5 is there twice, and the padding's vector is not zero."""
    vectors = np.array([[[1.0, 6], [4, -2], [1, 6]], [[7, 3], [8, 8], [8, 8]]])
    check_masked_mean(vectors, np.array([[5, 3, 5], [4, 0, 0]]))


def test_masked_mean_of_padding_at_the_start():
    """Zeros may stand at the start, and also between words."""
    vectors = np.array([[[8.0, 8], [8, 8], [2, 9]], [[7, 0], [8, 8], [1, 6]]])
    check_masked_mean(vectors, np.array([[0, 0, 2], [4, 0, 5]]))


def test_masked_mean_of_nothing():
    """The second sentence has no word at all."""
    check_masked_mean(np.array([[[1.0, 2], [3, 4]], [[5, 6], [7, 8]]]), np.array([[4, 2], [0, 0]]))


def test_masked_mean_of_nan():
    """At the padding stands NaN: nobody has computed anything there."""
    check_masked_mean(np.array([[[1.0, 2], [3, 4], [np.nan, np.nan]]]), np.array([[4, 2, 0]]))


def test_masked_mean_random(rng):
    """More sentences, of all lengths."""
    ids = rng.integers(1, 50, size=(6, 9)) * (np.arange(9) < rng.integers(0, 10, size=(6, 1)))
    check_masked_mean(rng.normal(size=(6, 9, 3)), ids)


def pieces(word, low, high):
    """All runs of letters, and of these the ones with so many."""
    word = list("<" + word + ">")
    runs = ["".join(word[i:j]) for i in range(len(word)) for j in range(i + 1, len(word) + 1)]
    return [run for n in range(low, high + 1) for run in runs if len(run) == n]


def check_char_ngrams(word, low, high):
    check(char_ngrams, word, low, high, gives=pieces(word, low, high))


def test_char_ngrams_of_papa():
    """Pieces of two to four letters, one of them twice."""
    check_char_ngrams("papa", 2, 4)


@pytest.mark.parametrize(("word", "low", "high"), [("a", 3, 5), ("貓頭鷹", 2, 4), ("embeddings", 3, 6), ("no", 1, 1)])
def test_char_ngrams_of_other_words(word, low, high):
    """A word of one letter; one of three characters; a long one; pieces of a single letter."""
    check_char_ngrams(word, low, high)


def test_char_ngrams_of_a_word_too_short():
    """With its brackets the word has three letters: there are no pieces of four."""
    check(char_ngrams, "a", 4, 6, gives=[])


def test_char_ngrams_random(rng):
    """Any letters, any lengths."""
    for _ in range(4):
        word = "".join(rng.choice(list("abcdeéß貓"), size=int(rng.integers(1, 9))))
        low = int(rng.integers(1, 5))
        check_char_ngrams(word, low, low + int(rng.integers(4)))
