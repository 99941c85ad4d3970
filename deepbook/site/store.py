"""What the build works out once and keeps: each result is a file, under a hash of all that it depends on.

The files lie in `.cache/run` of the book, or in the folder that the variable DEEPBOOK_CACHE names.
"""

import contextlib
import hashlib
import json
import os
from pathlib import Path

from deepbook.site.fences import book_folder


def folder(md) -> Path:
    """Where the results for the page that this Markdown object turns into HTML are kept."""
    return Path(os.environ.get("DEEPBOOK_CACHE") or book_folder(md) / ".cache" / "run")


def hashed(*inputs) -> str:
    """A hash of plain data: text, numbers, lists, dictionaries.

    >>> hashed("a", 1) == hashed("a", 1), hashed("a", 1) == hashed("a", "1")
    (True, False)
    """
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()


def kept(folder: Path, key: str, compute):
    """The result under this key; computed and written aside first if it is not there yet."""
    file = folder / f"{key}.json"
    with contextlib.suppress(OSError, ValueError):
        return json.loads(file.read_text(encoding="utf-8"))
    result = compute()
    with contextlib.suppress(OSError):  # a full disk or a read-only book costs time, nothing else
        file.parent.mkdir(parents=True, exist_ok=True)
        aside = file.with_suffix(f".{os.getpid()}")
        aside.write_text(json.dumps(result), encoding="utf-8")
        os.replace(aside, file)
    return result
