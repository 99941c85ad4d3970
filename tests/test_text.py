"""deepbook.text: any text becomes ids, and back; nothing is lost in silence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepbook.text import SPECIAL, Vocabulary, characters, mask, ngrams, pad, vocabulary, words

# Tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The cat, the hat.", ["the", "cat", "the", "hat"]),
        ("It's 3pm -- isn’t it?", ["it's", "3pm", "isn't", "it"]),
        ("'quoted' rock'n'roll'", ["quoted", "rock'n'roll"]),
        ("snake_case e-mail", ["snake", "case", "e", "mail"]),
        ("ÉCOLE école Straße", ["école", "école", "straße"]),
        ("e\u0301cole", ["école"]),
        ("深度學習 is 深 learning", ["深", "度", "學", "習", "is", "深", "learning"]),
        ("ひらがなとabc", ["ひ", "ら", "が", "な", "と", "abc"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("Привет, мир", ["привет", "мир"]),
        ("", []),
        (" \n\t…!?—", []),
    ],
)
def test_words_of_many_scripts(text, tokens):
    assert words(text) == tokens


@given(st.text(max_size=40))
def test_words_hold_no_space_and_words_of_a_word_are_itself(text):
    for word in words(text):
        assert word and not any(c.isspace() for c in word)
    assert all(word == word.lower() for word in words(text) if word.isascii())


def test_characters_keep_everything():
    assert characters("A b\n") == ["A", " ", "b", "\n"]


def test_ngrams_worked_by_hand():
    assert ngrams("cat", 3, 6) == ["<ca", "cat", "at>", "<cat", "cat>"]
    assert ngrams("a", 3, 6) == []  # "<a>" is the whole word
    assert ngrams("of", 3, 3) == ["<of", "of>"]


# Vocabulary


def test_vocabulary_takes_the_most_frequent_and_of_equals_the_earlier():
    vocab = vocabulary(["b a b c", "c a d"], 3)
    assert vocab.tokens == (*SPECIAL, "b", "a", "c")
    assert len(vocab) == 5
    assert vocab.encode("a d c") == [3, 1, 4]
    assert "d" not in vocab and "a" in vocab


def test_vocabulary_leaves_out_what_is_too_rare():
    assert vocabulary(["a a b"], least=2).tokens[2:] == ("a",)


def test_vocabulary_of_characters_gives_the_text_back():
    text = "To be, or not\nto be"
    vocab = vocabulary([text], split=characters)
    assert vocab.decode(vocab.encode(text)) == text
    assert len(vocab) == len(set(text)) + 2


def test_vocabulary_is_a_value():
    a, b = vocabulary(["one two"]), vocabulary(["one two"])
    assert a == b and hash(a) == hash(b)
    assert Vocabulary(a.tokens) == a  # not a second <padding>


def test_vocabulary_of_only_unknown_words_and_of_nothing():
    vocab = Vocabulary(["cat"])
    assert vocab.encode("dogs bark") == [1, 1]
    assert vocab.encode("") == [] and vocab.decode([]) == ""


def test_vocabulary_streams_texts_with_a_zero_after_each():
    stream = Vocabulary(["a", "b"]).stream(["a b", "", "c"])
    assert stream.tolist() == [2, 3, 0, 0, 1, 0] and stream.dtype == np.int32


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: vocabulary("one text"), "one str"),
        (lambda: Vocabulary(["a"]).stream("one text"), "one str"),
        (lambda: vocabulary([]), "without a token"),
        (lambda: vocabulary(["", "!?"]), "without a token"),
        (lambda: vocabulary(["a"], 0), "n=0"),
        (lambda: Vocabulary(["a", "b", "a"]), "'a' twice"),
        (lambda: Vocabulary("abc"), "got a str"),
        (lambda: Vocabulary(["a"]).decode([3]), "the id 3; needs ids from 0 to 2"),
        (lambda: Vocabulary(["a"]).decode([-1]), "the id -1"),
        (lambda: pad([[1]], 0), "length=0"),
        (lambda: pad([[1]], 3, cut="pre"), "cut='pre'"),
        (lambda: pad([[1]], 3, side="post"), "side='post'"),
        (lambda: pad([[1, -2]], 3), "-2"),
        (lambda: pad([1, 2], 3), "lists of ids"),
    ],
)
def test_text_says_what_is_wrong(call, says):
    with pytest.raises(ValueError, match=says):
        call()


# One length


def test_pad_cuts_and_fills_at_either_end():
    rows = [[1, 2, 3, 4], [5]]
    assert pad(rows, 3).tolist() == [[1, 2, 3], [5, 0, 0]]
    assert pad(rows, 3, cut="start").tolist() == [[2, 3, 4], [5, 0, 0]]
    assert pad(rows, 3, side="start").tolist() == [[1, 2, 3], [0, 0, 5]]
    assert pad(rows).shape == (2, 4)


def test_pad_takes_sequences_of_length_0_and_1_and_none_at_all():
    assert pad([[], [7]], 2).tolist() == [[0, 0], [7, 0]]
    assert pad([[]]).shape == (1, 1)
    assert pad([], 3).shape == (0, 3)


def test_mask_is_false_where_padding_is():
    assert mask(pad([[3, 1], []], 3)).tolist() == [[True, True, False], [False] * 3]
