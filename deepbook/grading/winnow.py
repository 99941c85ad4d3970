"""Which two texts of Python share passages: winnowing (Schleimer, Wilkerson and Aiken 2003) on normalised tokens.

deepbook.grading.tokens says which tokens count. Each run of K of them (a *k-gram*) gets a hash; of every WINDOW hashes
in a row the smallest is kept, the rightmost of equals: these are the *fingerprints*. The paper's guarantee: a passage
of at least K + WINDOW - 1 tokens that two texts share leaves a fingerprint in both, and nothing shorter than K tokens
is ever found. Functions are cut apart first, so their order does not matter.

S. Schleimer, D. S. Wilkerson, A. Aiken: Winnowing: local algorithms for document fingerprinting. SIGMOD 2003.
"""

import zlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

from deepbook.grading.tokens import Stub, Token, own_runs

K, WINDOW = 12, 9  # so every shared passage of 20 tokens is found
COMMON = 1 / 3  # a fingerprint in more than this part of the texts, and in more than FEW of them, is common knowledge
FEW = 4
OFTEN = 4  # places in one text at which a fingerprint is followed up
BASE, PRIME = 1_000_003, (1 << 61) - 1


@dataclass
class Text:
    """One student's version of one file, ready to be compared."""

    source: str
    runs: list[list[Token]]  # the student's own tokens, cut where a function or a given line stands
    prints: dict[int, list[tuple[int, int]]]  # of each fingerprint: (run, place in it)
    common: set[tuple[int, int]] = field(default_factory=set)  # (run, place) of tokens that count for nothing

    @classmethod
    def of(cls, source: str, stub: Stub) -> "Text":
        runs = [run for run in own_runs(source, stub) if len(run) >= K]
        prints = defaultdict(list)
        for number, run in enumerate(runs):
            for place, value in winnow(hashes([token.text for token in run])):
                prints[value].append((number, place))
        return cls(source, runs, dict(prints))

    @property
    def size(self) -> int:
        """How many tokens count."""
        return sum(len(run) for run in self.runs) - len(self.common)


# ---------------------------------------------------------------- fingerprints


def hashes(words: list[str], k: int = K) -> list[int]:
    """A hash of each k-gram, rolled along (Karp and Rabin 1987); the same on every machine."""
    codes = [zlib.crc32(word.encode("utf-8", "backslashreplace")) + 1 for word in words]
    value, drop, found = 0, pow(BASE, k, PRIME), []
    for place, code in enumerate(codes):
        value = (value * BASE + code - (codes[place - k] * drop if place >= k else 0)) % PRIME
        if place >= k - 1:
            found.append(value)
    return found


def winnow(values: list[int], window: int = WINDOW) -> list[tuple[int, int]]:
    """(place, value) of the smallest hash in each window of hashes, the rightmost of equals.

    >>> winnow([77, 74, 42, 17, 98, 50, 17, 98, 8, 88, 67, 39, 77, 74, 42, 17, 98], 4)
    [(3, 17), (6, 17), (8, 8), (11, 39), (15, 17)]
    """
    found = {}
    for end in range(min(window, len(values)), len(values) + 1):
        places = range(max(0, end - window), end)
        place = min(places, key=lambda at: (values[at], -at), default=None)
        if place is not None:
            found[place] = values[place]
    return sorted(found.items())


# ---------------------------------------------------------------- pairs


class Match(NamedTuple):
    """Two texts, what part of each is in the other, and where: pairs of line ranges, both ends included."""

    a: str
    b: str
    share_a: float  # 0 to 1: the part of a's own tokens that b has too
    share_b: float
    tokens: int  # how many matched, in the text that has more of them
    lines: list[tuple[tuple[int, int], tuple[int, int]]]


def compare(texts: Mapping[str, Text], threshold: float, least: int) -> list[Match]:
    """All pairs that share at least `threshold` of one text and `least` tokens, the most alike first.

    Fingerprints that more than a third of the texts have (and more than four of them) are common knowledge: an answer
    that many find by themselves is no sign of copying. They count neither as matches nor as text.
    """
    holders = holders_of(texts)
    known = known_to_many(holders, len(texts))
    shared = Counter()
    for value, names in holders.items():
        if value not in known:
            shared.update(combinations(names, 2))
    for text in texts.values():
        places = [place for value in known & text.prints.keys() for place in text.prints[value]]
        text.common = {(run, at + step) for run, at in places for step in range(K)}
    found = []
    for (a, b), count in shared.items():
        smaller = min(len(texts[a].prints.keys() - known), len(texts[b].prints.keys() - known))
        if count >= threshold / 2 * smaller:  # else not even all passages around these could be enough
            match = overlap(a, b, texts[a], texts[b], known)
            if max(match.share_a, match.share_b) >= threshold and match.tokens >= least:
                found.append(match)
    return sorted(found, key=lambda match: (-match.tokens * max(match.share_a, match.share_b), match.a, match.b))


def holders_of(texts: Mapping[str, Text]) -> dict[int, list[str]]:
    """Of each fingerprint: who has it."""
    holders = defaultdict(list)
    for name, text in texts.items():
        for value in text.prints:
            holders[value].append(name)
    return holders


def known_to_many(holders: Mapping[int, list[str]], texts: int) -> set[int]:
    """The fingerprints that are common knowledge."""
    return {value for value, names in holders.items() if len(names) > max(FEW, COMMON * texts)}


class Common(NamedTuple):
    """What many texts share, and is therefore left out: who has it, and where it stands in the text of the first."""

    names: tuple[str, ...]
    lines: tuple[int, ...]
    tokens: int


def left_out(texts: Mapping[str, Text], least: int = K + WINDOW - 1) -> list[Common]:
    """The passages of `least` tokens and more that `compare` takes for common knowledge, the longest first."""
    holders, groups = holders_of(texts), defaultdict(list)
    for value in known_to_many(holders, len(texts)):
        groups[tuple(holders[value])].append(value)
    found = []
    for names, values in groups.items():
        text = texts[names[0]]
        places = {(run, at + step) for value in values for run, at in text.prints[value] for step in range(K)}
        lines = {text.runs[run][at].line for run, at in places}
        if len(places) >= least:
            found.append(Common(names, tuple(sorted(lines)), len(places)))
    return sorted(found, key=lambda each: (-each.tokens, each.names))


def overlap(a: str, b: str, left: Text, right: Text, known: set[int]) -> Match:
    """What two texts share: each common fingerprint grown to both sides as far as the tokens are equal."""
    in_left, in_right, lines, grown = set(), set(), set(), set()
    for value in left.prints.keys() & right.prints.keys() - known:
        for i, at in left.prints[value][:OFTEN]:
            for j, other in right.prints[value][:OFTEN]:
                if (i, at, j, other) in grown:
                    continue
                one, two = left.runs[i], right.runs[j]
                start = end = 0
                while at - start > 0 and other - start > 0 and one[at - start - 1].text == two[other - start - 1].text:
                    start += 1
                while at + end < len(one) and other + end < len(two) and one[at + end].text == two[other + end].text:
                    end += 1
                if end < K:  # two k-grams with one hash
                    continue
                grown |= {(i, at + step, j, other + step) for step in range(-start, end)}
                in_left |= {(i, at + step) for step in range(-start, end)}
                in_right |= {(j, other + step) for step in range(-start, end)}
                ends = (
                    (one[at - start].line, one[at + end - 1].line),
                    (two[other - start].line, two[other + end - 1].line),
                )
                lines.add(ends)
    mine, yours = len(in_left - left.common), len(in_right - right.common)
    share_a, share_b = (mine / left.size if left.size else 0.0), (yours / right.size if right.size else 0.0)
    return Match(a, b, share_a, share_b, max(mine, yours), sorted(lines))
