"""Text of students on its way into a terminal, a table, Markdown, HTML, XML or a file's name: shown, never obeyed."""

import hashlib
import html
import re
import textwrap
import unicodedata

KEPT = "\n\t\u200c\u200d"  # the last two join letters of Persian and pieces of emoji
FORMULA = re.compile(r"(^|[;\t\r\n])(\s*)([=+\-@＝＋－＠])")
MARK = r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"  # letters that lie on the one before
MARKS = re.compile(rf"({MARK}{{4}}){MARK}+")  # so many would cover the neighbours
RESERVED = {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(10))}
HASHED = re.compile("-[0-9a-f]{12}$")  # so nobody can take the name that another is given
LONGEST = 80  # bytes of a file's name


def visible(text, most: int | None = None) -> str:
    """The text with all that a terminal or a browser would obey made visible: "\\x1b[2J" becomes "␛[2J".

    That is control characters, characters that turn the direction of writing, half characters that no file can hold.
    most: letters to keep; how many are left out is said.
    """
    text = str(text if text is not None else "").replace("\r\n", "\n")
    if most is not None and len(text) > most:
        text = f"{text[:most]}… ({len(text) - most:,} letters more)"
    shown = "".join(c if c in KEPT or not _obeyed(c) else _named(c) for c in text)
    return MARKS.sub(r"\1", shown)


def _obeyed(c):
    code = ord(c)
    if 0x20 <= code < 0x7F:
        return False
    return (
        unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code < 0xFDF0
    )


def _named(c):
    code = ord(c)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


def line(text, most: int | None = 300) -> str:
    """The text in one line."""
    return " ".join(visible(text, most).split())


def number(value) -> int | float:
    """A score as people write it: 3, not 3.0; at most four decimals."""
    rounded = round(float(value or 0), 4)
    return int(rounded) if rounded == int(rounded) else rounded


def cell(text) -> str:
    """A cell of a table that a spreadsheet takes for text: what would begin a formula gets an apostrophe before it.

    Also after a semicolon or in a later line, where a spreadsheet of another country would begin a new cell.
    """
    return FORMULA.sub(r"\1\2'\3", visible(text))


def cells(row) -> list:
    """A row of such cells; numbers stay numbers."""
    return [each if isinstance(each, int | float) else cell(each) for each in row]


def code(text) -> str:
    """A piece of a line of Markdown in which nothing is markup: not HTML, a link, an image or a name that is called."""
    text = line(text) or "(empty)"
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def block(text, most: int = 2000, width: int = 96) -> str:
    """A paragraph of Markdown of its own in which nothing is markup: every line is indented. "" for an empty text."""
    lines = [piece for each in visible(text, most).expandtabs(4).split("\n") for piece in _wrapped(each, width)]
    return textwrap.indent("\n".join(lines).strip("\n"), "    ", lambda _: True) if "".join(lines).strip() else ""


def _wrapped(text, width):
    indent = " " * min(len(text) - len(text.lstrip()), width // 2)
    return textwrap.wrap(text, width, subsequent_indent=indent, drop_whitespace=True, replace_whitespace=False) or [""]


def page(text, most: int | None = 2000) -> str:
    """The text for a place in HTML, in quotes too."""
    return html.escape(visible(text, most), quote=True)


def file_name(name: str) -> str:
    """A file's name for any name, without its ending. Names that differ get others, except by their case.

    >>> file_name("王小明"), file_name("ana")
    ('王小明', 'ana')
    >>> file_name("../etc/passwd")
    'etc_passwd-7fef78f53440'
    """
    raw = str(name).encode("utf-8", "surrogatepass")
    clean = "".join(c if c.isalnum() or c in "-_.@" else "_" for c in unicodedata.normalize("NFC", str(name)))
    clean = clean.encode("utf-8", "ignore")[:LONGEST].decode("utf-8", "ignore").strip("._- ")
    if clean.split(".")[0].lower() in RESERVED:  # of Windows
        clean = f"_{clean}"
    if clean and clean == name and not HASHED.search(clean):
        return clean
    return f"{clean.strip('.') or 'student'}-{hashlib.sha256(raw).hexdigest()[:12]}"
