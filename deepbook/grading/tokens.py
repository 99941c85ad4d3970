"""A text's own tokens: what a student wrote, without what every text has, and without what the handout said.

Comments, docstrings, imports and layout are left out; every name that a student may choose becomes `v`, every string
`s`, so that another name is no disguise. Texts are cut into tokens, never run; a broken one goes as far as it goes.
"""

import builtins
import io
import keyword
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

LONGEST = 6_000  # tokens of one text that are looked at
LINE, MENDED = 8, 0.7  # a statement of 8 tokens that are for 70 % those of a given one is that one, mended
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER}
INSIDE_TEXT = {getattr(tokenize, name, None) for name in ("FSTRING_MIDDLE", "FSTRING_END")}  # Python 3.12 and later
TEXT = {tokenize.STRING, getattr(tokenize, "FSTRING_START", tokenize.STRING)}
FIXED = {*keyword.kwlist, *dir(builtins)}


class Token(NamedTuple):
    """One normalised token, and the line of the file that it stands in (from 1)."""

    text: str
    line: int


def raw_tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    """Python's tokens, as far as they go; behind an error each further line by itself."""
    line = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            line = token.end[0]
            yield token
        return
    except (tokenize.TokenError, SyntaxError, ValueError):
        pass
    for number, rest in enumerate(source.split("\n")[line:], line + 1):
        try:
            for token in tokenize.generate_tokens(io.StringIO(rest.strip() + "\n").readline):
                yield token._replace(start=(number, token.start[1]), end=(number, token.end[1]))
        except (tokenize.TokenError, SyntaxError, ValueError):
            continue


def statements(source: str) -> Iterator[list[tokenize.TokenInfo]]:
    """The tokens of each simple statement or header, without layout and comments."""
    source = source.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ").replace("\0", " ")
    statement, seen = [], 0
    for token in raw_tokens(source):
        if token.type == tokenize.NEWLINE or token.string == ";":
            if statement:
                yield statement
            statement = []
        elif token.type not in LAYOUT and token.type not in INSIDE_TEXT:
            statement.append(token)
            seen += 1
            if seen == LONGEST:
                break
    if statement:
        yield statement


def imported(statement: list[tokenize.TokenInfo]) -> dict[str, str]:
    """What an import binds: {"jnp": "jax.numpy"} for `import jax.numpy as jnp`."""
    words = [token.string for token in statement]
    at = words.index("import") if "import" in words else len(words)
    origin = "".join(words[1:at]) + "." if words[0] == "from" else ""
    bound = {}
    for part in " ".join(words[at + 1 :]).replace("(", "").replace(")", "").split(","):
        name, _, alias = part.partition(" as ")
        name = name.replace(" ", "")
        bound[alias.strip() or name.split(".")[0]] = origin + (name if alias else name.split(".")[0])
    return bound


def normal(statement, modules: Mapping[str, str], kept: frozenset[str]) -> list[Token]:
    """A statement's tokens with chosen names, strings and ways to write a number taken out.

    modules: what the text's imports bind. kept: functions of the handout, which have their names where they are called.
    """
    header = statement[0].string in ("def", "class", "async", "lambda")
    depth, before, tokens = 0, "", []
    for token, after in zip(statement, [*statement[1:], None], strict=True):
        text = token.string
        depth += (text in "([{") - (text in ")]}") if token.type == tokenize.OP else 0
        if token.type in TEXT:
            text = "s"
        elif token.type == tokenize.NUMBER:
            text = number(text)
        elif token.type == tokenize.NAME and before != "." and text not in FIXED:
            follows = after.string if after else ""
            known = (follows == "=" and depth > 0 and not header) or (follows == "(" and text in kept)
            text = modules.get(text) or (text if known else "v")
        tokens.append(Token(text, token.start[0]))
        before = token.string
    return tokens


def number(text: str) -> str:
    """1, 1.0 and 1e0 are the same number."""
    try:
        return repr(float(text))
    except ValueError:
        return text


def blocks(source: str, kept: frozenset[str] = frozenset()) -> list[tuple[str, list[list[Token]]]]:
    """The top-level pieces of a text: (name of the function or class, its statements); "" between them."""
    found, modules, name, decorated = [("", [])], {}, "", False
    for statement in statements(source):
        first, words = statement[0].string, [token.string for token in statement[:3]]
        if first in ("import", "from"):
            modules |= imported(statement)
            continue
        if all(token.type in TEXT for token in statement):
            continue
        if statement[0].start[1] == 0:
            defines = next((b for a, b in pairwise(words) if a in ("def", "class")), None)
            name = defines or ""
            if defines and decorated:
                found[-1] = (name, found[-1][1])
            elif first == "@" or name != found[-1][0] or defines:
                found.append((name, []))
            decorated = first == "@"
        found[-1][1].append(normal(statement, modules, kept))
    return found


@dataclass
class Stub:
    """What the handout says already: the names of its functions, and of each its statements."""

    names: frozenset[str] = frozenset()
    says: dict[str, set[tuple[str, ...]]] = field(default_factory=dict)

    @classmethod
    def of(cls, source: str) -> "Stub":
        names = frozenset(name for name, _ in blocks(source) if name)
        says = defaultdict(set)
        for name, body in blocks(source, names):
            says[name] |= {tuple(token.text for token in statement) for statement in body}
        return cls(names, dict(says))

    def gives(self, name: str, statement: list[Token]) -> bool:
        """Whether a statement of this function was handed out, as it is or (in code to mend) nearly so."""
        words, given = tuple(token.text for token in statement), self.says.get(name, set())
        return words in given or (len(words) >= LINE and any(nearly(words, other) for other in given))


def nearly(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two statements have most of their tokens in common: the one may be the other one mended."""
    longer = max(len(one), len(other))
    if min(len(one), len(other)) < MENDED * longer:
        return False
    return (Counter(one) & Counter(other)).total() >= MENDED * longer


def own_runs(source: str, stub: Stub) -> Iterator[list[Token]]:
    """The runs of tokens between which a function begins or a line of the stub stands."""
    for name, body in blocks(source, stub.names):
        run = []
        for statement in body:
            if stub.gives(name, statement):
                yield run
                run = []
            else:
                run += statement
        yield run
