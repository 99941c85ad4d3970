"""Texts and tables: reviews with their labels, whole corpora, pairs of words, questions, columns of numbers.

What reads a file takes its path; what takes a name looks the file up in `catalogue.toml`, and it is downloaded once
if it is not here. Texts come in NumPy arrays of strings (dtype object), so that `x[rows]` picks some of them.
"""

import csv
import json
import lzma
import re
import tarfile
import zipfile
import zlib
from functools import cache
from pathlib import Path

import numpy as np

from deepbook.downloads import catalogue, files

CORPORA = {"shakespeare": ("shakespeare", "input.txt"), "brown": ("brown", "brown.zip")}
PAIRS = {
    "wordsim": ("wordsim", "EN-WS-353-ALL.txt"),
    "wordsim-similar": ("wordsim", "EN-WS-353-SIM.txt"),
    "wordsim-related": ("wordsim", "EN-WS-353-REL.txt"),
    "simlex": ("simlex", "EN-SIMLEX-999.txt"),
}
TABLES = {
    "batting": ("baseball", "Batting_2000_2020.csv"),
    "people": ("baseball", "People.csv"),
    "sp500": ("timeseries", "sp500-2000.csv"),
    "co2": ("timeseries", "co2-concentration.csv"),
    "weather": ("timeseries", "seattle-weather.csv"),
}

# ------------------------------------------------------------------ by name


@cache
def corpus(name: str) -> str:
    """A text to learn a language from.

    name: "shakespeare", 1,115,394 characters of his plays, 65 different ones; or "brown", American English of 1961,
    a sentence a line and a space between its words and marks, 1,161,192 in all (Francis and Kučera, 1964).
    Raises ValueError for another name, DataNotFound if the file is neither here nor to be had.
    """
    path = _file("corpus", name, CORPORA)
    return read_tagged(path) if path.suffix == ".zip" else path.read_text(encoding="utf-8")


@cache
def pairs(name: str = "wordsim") -> tuple[tuple[str, str, float], ...]:
    """Pairs of words, and how close people find them: what word vectors are judged by. Chapter 6, "Lab: words".

    name: "wordsim", the 353 pairs of WordSim-353 (Finkelstein et al., 2002); "wordsim-similar" and "wordsim-related",
    its parts after Agirre et al. (2009), 203 and 252; or "simlex", the 999 of SimLex-999 (Hill et al., 2015), where
    only what means the same is close.
    Returns (word, word, score from 0 to 10) for each, in lower case. Raises as `corpus` does.
    """
    lines = _file("pairs", name, PAIRS).read_text(encoding="utf-8").splitlines()
    rows = [line.lower().split() for line in lines if line.strip()]
    return tuple((a, b, float(score)) for a, b, score in rows)


@cache
def questions() -> dict[str, tuple[tuple[str, str, str, str], ...]]:
    """19,544 questions "a is to b as c is to …" with their answers, by section: (a, b, c, answer), in lower case.

    Raises DataNotFound if the file is neither here nor to be had. Mikolov et al. (2013).
    """
    found = {}
    for line in _file("questions", "analogies", {"analogies": ("analogies", "questions-words.txt")}).open("rb"):
        first, *words = line.decode().lower().split()
        if first == ":":
            found[section := " ".join(words)] = []
        else:
            found[section].append((first, *words))
    return {section: tuple(rows) for section, rows in found.items()}


@cache
def table(name: str) -> dict[str, np.ndarray]:
    """The columns of a table, by the names in its first line.

    name: "batting", who hit what in 2000 to 2020, a row for each player, season and stint, and "people", the players'
    names by playerID (Lahman); "sp500", "co2" and "weather": the S&P 500 daily, CO₂ on Mauna Loa monthly, Seattle's
    weather daily, each with a column of dates such as "2000-01-03".
    A column of whole numbers is int64, one with other numbers or empty cells float64 (an empty cell is NaN), and the
    others are strings. Raises as `corpus` does.
    """
    return read_columns(_file("table", name, TABLES))


def _file(caller, name, known):
    if name not in known:
        raise ValueError(f'{caller}: got "{name}"; needs one of {", ".join(known)}; try "{next(iter(known))}"')
    entry, file = known[name]
    return next(path for each, path in files(catalogue()[entry]).items() if Path(each).name == file)


def _kept(array):
    array.flags.writeable = False
    return array


# ------------------------------------------------------------------ out of files


def read_columns(path) -> dict[str, np.ndarray]:
    """The columns of a CSV file with a line of names, as `table` describes them; the arrays are read-only."""
    with open(path, encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    if bad := next((i for i, row in enumerate(rows, 2) if len(row) != len(head)), None):
        raise ValueError(f"read_columns: got {path} with other than {len(head)} cells in row {bad}; fetch it again")
    return {name: _kept(_column([row[i] for row in rows])) for i, name in enumerate(head)}


def _column(cells):
    for kind in (np.int64, np.float64):
        try:
            return np.array([cell or "nan" for cell in cells]).astype(kind)
        except ValueError:
            pass
    return np.array(cells)


def read_admissions(path) -> tuple[np.ndarray, np.ndarray]:
    """The student admissions as they were written down, without the rows that have an empty cell.

    Returns x (rows, 3), float32: gre (220 to 800), gpa (up to 4) and the rank of the college (1 to 4, 1 is best);
    and y (rows,), int32: 1 for admitted.
    """
    with open(path, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if all(row.values())]
    x = np.float32([[row[name] for name in ("gre", "gpa", "rank")] for row in rows])
    return x, np.int32([row["admit"] for row in rows])


def read_tagged(path) -> str:
    """The Brown corpus out of its zip: a sentence a line, the words without their tags ("jury/nn" is "jury")."""
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if re.fullmatch(r"brown/c[a-r]\d\d", name))
        lines = [line.split() for name in names for line in archive.read(name).decode().splitlines()]
    return "".join(" ".join(word.rpartition("/")[0] for word in line) + "\n" for line in lines if line)


def read_texts(path, classes, lines=False) -> tuple[list[str], np.ndarray, np.ndarray]:
    """The texts in a zip whose file or folder names say their class: "neg/cv000.txt", "rt-polarity.neg", "male.txt".

    classes: their names; the first three letters of one do too. lines: True if each line is a text of its own.
    Returns the file that each text is from, the texts (n,) and the labels (n,), int32, in the order of the names.
    """
    found = []
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            parts = re.split(r"[/.]", name)
            label = [i for i, each in enumerate(classes) if each in parts or each[:3] in parts]
            if label and not name.endswith("/"):
                text = archive.read(name).decode()
                found += [(name, each.strip(), *label) for each in (text.splitlines() if lines else [text])]
    names, texts, labels = zip(*[row for row in found if row[1]], strict=True)
    return list(names), as_texts(texts), np.int32(labels)


def as_texts(texts) -> np.ndarray:
    """Strings as an array of objects, (n,)."""
    return np.array([*texts, None], object)[:-1]  # None, since NumPy would cut up a list of lists


def read_imdb(path) -> list[tuple[np.ndarray, np.ndarray]]:
    """The labelled reviews of IMDb, (x, y) for train and for test: negative ones first, in the order of their numbers.

    path: aclImdb_v1.tar.gz, which is read without being unpacked, or a .jsonl.xz of the same reviews: a line of JSON
    for each, with "split", "label", "id" and "text". A line break is a newline here, not "<br />".
    Raises ValueError if it is something else, or not whole.
    """
    read = _imdb_lines if str(path).endswith(".xz") else _imdb_files
    try:
        rows = sorted(read(path))
    except (tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, OSError, KeyError, ValueError) as error:
        raise ValueError(f"read_imdb: got {path}, which cannot be read ({error}); fetch it again") from None
    parts = [[row for row in rows if row[0] == part] for part in ("train", "test")]
    if not all(parts):
        raise ValueError(f"read_imdb: got {path} without reviews of train or test; needs both; fetch it again")
    breaks = re.compile(r"\s*(<br\s*/?>\s*)+")
    return [(as_texts(breaks.sub("\n", row[3]) for row in part), np.int32([row[1] for row in part])) for part in parts]


def _imdb_lines(path):
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield row["split"], int(row["label"]), int(row["id"]), row["text"]


def _imdb_files(path):
    """Members are called "aclImdb/train/neg/123_4.txt": the review's number, and how many stars it gave."""
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            if named := re.fullmatch(r".*\b(train|test)/(neg|pos)/(\d+)_\d+\.txt", member.name):
                text = archive.extractfile(member).read().decode("utf-8")
                yield named[1], int(named[2] == "pos"), int(named[3]), text


# ------------------------------------------------------------------ made to order

THINGS = ["film", "plot", "cast", "music", "story", "acting", "ending", "script", "camera", "hero", "dialogue", "pace"]
PRAISE = ["good", "great", "lovely", "funny", "clever", "moving", "brilliant", "fresh", "warm", "superb"]
BLAME = ["bad", "awful", "boring", "weak", "silly", "flat", "terrible", "stale", "cold", "dreadful"]
LIKES, DISLIKES = ["loved", "enjoyed", "admired"], ["hated", "disliked", "resented"]
NOT, VERY, WHO = ("not", "never", "hardly"), ("", "very ", "really ", "so "), ("i", "we", "my friends")


def write_reviews(rng, n) -> tuple[np.ndarray, np.ndarray]:
    """n short reviews, half of them of each kind, in mixed order; see `deepbook.data.small_reviews`."""
    y = rng.permutation(np.arange(n) % 2)
    return as_texts(_review(rng, bool(label)) for label in y), y.astype(np.int32)


def _review(rng, good):
    clauses = [_clause(rng, good) for _ in range(rng.integers(1, 4))]
    if rng.random() < 0.15:  # what comes after "but" is what counts
        return f"{_clause(rng, not good)} but {clauses[0]}"
    return " and ".join(clauses)


def _clause(rng, good):
    turned = rng.random() < 0.12
    said = good != turned  # a word of the other kind, and "not" before it
    thing, no = rng.choice(THINGS), f"{rng.choice(NOT)} " if turned else ""
    if rng.random() < 0.7:
        return f"the {thing} was {no}{rng.choice(VERY)}{rng.choice(PRAISE if said else BLAME)}"
    no = "never " if turned else ""
    return f"{rng.choice(WHO)} {no}{rng.choice(LIKES if said else DISLIKES)} the {thing}"
