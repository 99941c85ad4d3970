"""Chapter 6: from text to numbers, and back.

Symbols, the same throughout the chapter:
    token   a piece of text that has a number of its own: mostly a word, sometimes a character
    vocab   which token has which number
    ids     integers, one for each token: 0 is padding, 1 stands for every token that the vocabulary lacks
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

PADDING, UNKNOWN = 0, 1
SPECIAL = ("<padding>", "<unknown>")

# ------------------------------------------------------------------ from text to tokens

# Chinese and Japanese write no spaces between words: each of their characters is a token.
SPACELESS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
MARKS = "\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0900-\u0903\u093a-\u094f"  # accents and vowel signs: inside a word
LETTER = rf"(?![{SPACELESS}])[^\W_][{MARKS}]*"
WORD = re.compile(rf"[{SPACELESS}]|(?:{LETTER})+(?:'(?:{LETTER})+)*")


def words(text):
    """The words of a text, in lower case: letters and digits, and apostrophes inside; no punctuation.

    text: a str in any script. A Chinese or Japanese character is a word of its own.
    Returns a list of str; empty if there is no word. Chapter 6, "Words to numbers".

    >>> words("Don't panic, 世界!")
    ["don't", 'panic', '世', '界']
    """
    return WORD.findall(unicodedata.normalize("NFC", text).replace("’", "'").lower())


def characters(text):
    """The characters of a text as they are, spaces and capital letters too. Returns a list of str."""
    return list(text)


def ngrams(word, shortest=3, longest=6):
    """The parts of a word, with "<" before it and ">" behind it: what fastText knows of a word that it never saw.

    Returns a list of str, the short ones first; the whole word with its marks is not among them.
    Chapter 6, "Unseen words"; Bojanowski et al. (2017).

    >>> ngrams("where", 3, 4)
    ['<wh', 'whe', 'her', 'ere', 're>', '<whe', 'wher', 'here', 'ere>']
    """
    marked = f"<{word}>"
    sizes = range(shortest, min(longest, len(marked) - 1) + 1)
    return [marked[i : i + n] for n in sizes for i in range(len(marked) - n + 1)]


# ------------------------------------------------------------------ from tokens to numbers


@dataclass(frozen=True)
class Vocabulary:
    """Which token has which number: id 0 is padding, id 1 every token that is not in it, id 2 the first token.

    tokens: the tokens, most frequent first; afterwards `tokens[id]` is the token with that id, so the first two are
            "<padding>" and "<unknown>". split: what makes tokens of a text: `words`, `characters` or yours.
    Raises ValueError if a token comes twice. Chapter 6, "Words to numbers".

    >>> vocab = Vocabulary(["the", "cat"])
    >>> len(vocab), vocab.encode("The cat sat"), vocab.decode([2, 3, 1, 0])
    (4, [2, 3, 1], 'the cat <unknown>')
    """

    tokens: tuple
    split: Callable = words

    def __post_init__(self):
        if isinstance(self.tokens, str):
            raise ValueError('Vocabulary: got a str; needs a list of tokens; try list("abc") for characters')
        tokens = tuple(self.tokens)
        tokens = tokens if tokens[:2] == SPECIAL else SPECIAL + tokens
        object.__setattr__(self, "tokens", tokens)
        if len(self.ids) < len(tokens):
            twice = Counter(tokens).most_common(1)[0][0]
            raise ValueError(f"Vocabulary: got the token {twice!r} twice; needs each once; try vocabulary(texts, n)")

    @cached_property
    def ids(self):
        """The id of each token, as a dict."""
        return {token: i for i, token in enumerate(self.tokens)}

    def __len__(self):
        return len(self.tokens)

    def __contains__(self, token):
        return token in self.ids

    def encode(self, text):
        """The ids of a text's tokens: a list of int, as long as the text has tokens; 1 for those not in here."""
        return [self.ids.get(token, UNKNOWN) for token in self.split(text)]

    def decode(self, ids):
        """The text that ids stand for, without padding: words with spaces between them, characters without.

        ids: (time,) integers. Raises ValueError for an id that no token has.
        """
        ids = np.asarray(ids, int).ravel().tolist()
        if wrong := [i for i in ids if not 0 <= i < len(self)]:
            raise ValueError(f"decode: got the id {wrong[0]}; needs ids from 0 to {len(self) - 1}")
        between = "" if self.split is characters else " "
        return between.join(self.tokens[i] for i in ids if i != PADDING)

    def stream(self, texts):
        """All texts one after the other, a 0 after each: int32, one long row. Words are trained on this."""
        return np.fromiter(chain.from_iterable((*self.encode(text), PADDING) for text in _several(texts)), np.int32)


def vocabulary(texts, n=None, split=words, least=1):
    """The n most frequent tokens of some texts, the most frequent first; of equally frequent ones the earlier.

    texts: a list of str. n: how many tokens at most, so that len is n + 2; None takes all.
    least: how often a token must come to be taken.
    Raises ValueError if the texts are one str, or hold no token. Chapter 6, "Words to numbers".

    >>> vocabulary(["a rose is a rose", "is it?"], 3).tokens
    ('<padding>', '<unknown>', 'a', 'rose', 'is')
    """
    if n is not None and n < 1:
        raise ValueError(f"vocabulary: got n={n}; needs at least 1; None takes all tokens")
    counts = Counter(chain.from_iterable(map(split, _several(texts))))
    found = [token for token, count in counts.most_common(n) if count >= least]
    if not found:
        raise ValueError(f"vocabulary: got texts without a token that comes {least} times; needs one at least")
    return Vocabulary(found, split)


def _several(texts):
    if isinstance(texts, str):
        raise ValueError("vocabulary: got one str; needs a list of texts; try [text], or text.splitlines()")
    return texts


# ------------------------------------------------------------------ to one length


def pad(sequences, length=None, cut="end", side="end"):
    """Sequences of unequal length as one array: what is too long is cut, what is too short is filled up with 0.

    sequences: a list of lists of ids. length: of each row; None takes the longest.
    cut:  "end" or "start", where ids are taken away. side: "end" or "start", where zeros are put.
    Returns (batch, length) int32. Raises ValueError for another cut or side, a length below 1, and negative ids.
    Chapter 6, "Padding and masks".

    >>> pad([[5, 6, 7], [8], []], 2).tolist(), pad([[5, 6, 7], [8]], 2, cut="start", side="start").tolist()
    ([[5, 6], [8, 0], [0, 0]], [[6, 7], [0, 8]])
    """
    for name, value in (("cut", cut), ("side", side)):
        if value not in ("end", "start"):
            raise ValueError(f'pad: got {name}={value!r}; needs "end" or "start"')
    sequences = [np.asarray(ids, np.int32) for ids in sequences]
    length = max((len(ids) for ids in sequences), default=1) or 1 if length is None else length
    if length < 1:
        raise ValueError(f"pad: got length={length}; needs at least 1")
    rows = np.zeros((len(sequences), length), np.int32)
    for row, ids in zip(rows, sequences, strict=True):
        if ids.ndim != 1 or (len(ids) and ids.min() < 0):
            raise ValueError(f"pad: got {ids.tolist()}; needs lists of ids, 0 or above; try vocab.encode(text) first")
        ids = ids[:length] if cut == "end" else ids[-length:]
        row[slice(None, len(ids)) if side == "end" else slice(length - len(ids), None)] = ids
    return rows


def mask(ids):
    """Where there is a token, and not padding: True and False, in the shape of ids."""
    return ids != PADDING
