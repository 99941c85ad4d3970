"""Finds numbers that somebody typed into a sentence that states a result: how right, how lossy, how long, how large.

Such a number has to come out of the page's code, or it is wrong after the next change. What is read is the prose of a
page: no code, no formulas, no self-tests and exercises (their questions set numbers), no tables of contents.
"""

import re

FENCE = re.compile(r"^(`{3,})[^\n]*\n.*?^\1\s*$", re.M | re.S)
NOT_PROSE = (
    FENCE,
    re.compile(r"<!--.*?-->|<svg.*?</svg>|<[^>]+>", re.S),
    re.compile(r"\$\$.*?\$\$|\$[^$]{1,400}\$", re.S),
    re.compile(r"`[^`]+`"),
    re.compile(r"\]\([^)]*\)|\{[^}\n]*\}|https?://\S+"),
    re.compile(r"^#.*$", re.M),
)
SENTENCE = re.compile(r"(?<=[.!?:;|])\s+|\n\s*\n|\n(?=\s*(?:[-*|]|\d+\.) )")
NUMBER = r"(?<![\w.])\d[\d,]*(?:\.\d+)?"
MEASURED = r"%|percent|seconds?|(?<!\d)s|ms|µs|minutes?|hours?|nats?|bits?|MB|GB|points"
COUNTED = "parameters|weights|mistakes|epochs|steps"
RESULT = re.compile(
    rf"{NUMBER}[\s\u00a0]*(?:{MEASURED})(?!\w)"
    rf"|{NUMBER}[\s\u00a0]*(?:(?:million|thousand)\b|(?:{COUNTED})\b)"
    r"|(?<![\w.])\d{1,3}(?:,\d{3})+|\b[Oo]ne (?:\w+ )?in \d+"
    rf"|{NUMBER}[\s\u00a0]*(?:times|fold)[\s\u00a0]+(?:as|faster|slower|more|less|fewer|larger|smaller|longer)\b"
    rf"|\b(?:accuracy|loss|losses|perplexity|error|cosine|BLEU|reaches|right|wrong)\b[^.]{{0,40}}?(?<![\w.])\d+\.\d+"
)


def sentences(markdown: str) -> list[str]:
    """The sentences of a page's prose, each on one line."""
    for what in NOT_PROSE:
        markdown = what.sub(" ", markdown)
    return [" ".join(each.split()) for each in SENTENCE.split(markdown) if each and each.strip()]


def typed_results(markdown: str) -> list[str]:
    """The sentences that state a result with a typed number."""
    return [each for each in sentences(markdown) if RESULT.search(each)]
