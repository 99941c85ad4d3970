"""Where the files of a data set are: in a folder of yours, in the cache, or one download away.

`catalogue.toml` lists the data sets. A file of one is looked for as `<data set>/<file>` in the folder that the
variable DEEPBOOK_DATA names, then in the cache (the variable DEEPBOOK_CACHE names another); if it is in neither, it
is downloaded into the cache. Wherever it lies, its sha256 is compared before it is used.
"""

import difflib
import hashlib
import os
import time
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TIMEOUT_S = 30  # for the connection, and for each pause of the server
RETRIES = 2
STALE_S = 3600  # an unfinished download of that age belongs to a process that was killed


class DataNotFound(OSError):
    """The files of a data set are not on this machine and could not be had. The message says what to do."""


@dataclass(frozen=True)
class File:
    """One file of a data set: what it is called, where it is downloaded from, its bytes and their hash."""

    name: str
    address: str
    size: int
    sha256: str


@dataclass(frozen=True)
class DataSet:
    """An entry of the catalogue; without files it comes with the install. `catalogue.toml` explains the fields."""

    name: str
    contents: str = ""
    licence: str = ""
    citation: str = ""
    loader: str = ""
    classes: tuple[str, ...] = ()
    files: tuple[File, ...] = ()

    @property
    def size(self) -> int:
        """Bytes to download."""
        return sum(file.size for file in self.files)


@cache
def catalogue(path: Path | None = None) -> dict[str, DataSet]:
    """The data sets by their names, as `catalogue.toml` lists them."""
    text = (path or Path(__file__).with_name("catalogue.toml")).read_text(encoding="utf-8")
    return {name: _data_set(name, **fields) for name, fields in tomllib.loads(text).items()}


def _data_set(name, files=(), classes=(), **fields):
    return DataSet(name, classes=tuple(classes), files=tuple(File(**file) for file in files), **fields)


def nearest(name: str) -> str | None:
    """The data set whose name is most like this one; None if none is."""
    return next(iter(difflib.get_close_matches(str(name), catalogue(), n=1)), None)


# ------------------------------------------------------------------ where a file lies


def own_folder() -> Path | None:
    """The folder that DEEPBOOK_DATA names."""
    return Path(named) if (named := os.environ.get("DEEPBOOK_DATA")) else None


def cache_folder() -> Path:
    """Where downloads are kept: `data` in the folder that DEEPBOOK_CACHE names, else in the user's cache."""
    if named := os.environ.get("DEEPBOOK_CACHE"):
        return Path(named, "data")
    from platformdirs import user_cache_path

    return user_cache_path("deepbook", appauthor=False) / "data"


def place(wanted: DataSet) -> str:
    """Where a data set is now: "install", "DEEPBOOK_DATA", "cache", or "" if it is not here as a whole.

    A look at the sizes of the files; `files` compares the hashes too.
    """
    if not wanted.files:
        return "install"
    found = [_find(wanted, file) for file in wanted.files]
    if any(path is None or path.stat().st_size != file.size for path, file in zip(found, wanted.files, strict=True)):
        return ""
    return "cache" if any(path.is_relative_to(cache_folder()) for path in found) else "DEEPBOOK_DATA"


def _find(wanted, file):
    folders = (own_folder(), cache_folder())
    paths = [Path(folder, wanted.name, file.name) for folder in folders if folder]
    return next((path for path in paths if path.is_file()), None)


def files(wanted: DataSet, timeout_s: float = TIMEOUT_S, retries: int = RETRIES) -> dict[str, Path]:
    """The checked files of a data set, by their names. What is missing is downloaded, with a progress bar on stderr.

    Raises DataNotFound if a download fails, or if a file in DEEPBOOK_DATA is not the one that the catalogue describes.
    """
    found = {file.name: _find(wanted, file) for file in wanted.files}
    missing = []
    for file in wanted.files:
        path = found[file.name]
        if path is not None and _sha256(path) == file.sha256:
            continue
        if path is not None and not path.is_relative_to(cache_folder()):
            raise DataNotFound(
                f"{path} is not the file that the book was tested with: its sha256 differs. "
                f"Delete it, or put in its place what lies at {file.address}"
            )
        missing.append(file)
    return found | _download(wanted, missing, timeout_s, retries) if missing else found


def _sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ------------------------------------------------------------------ the download


def _download(wanted, missing, timeout_s, retries):
    """Fetch files into the cache. pooch writes each aside, compares its hash, and then gives it its name."""
    import pooch
    from requests import RequestException
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    folder = cache_folder() / wanted.name
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    pooch.get_logger().setLevel("WARNING")
    store = pooch.create(
        path=folder,
        base_url="",
        registry={file.name: f"sha256:{file.sha256}" for file in missing},
        urls={file.name: file.address for file in missing},
        retry_if_failed=retries,
    )
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as bars:
        for file in missing:
            bar = _Bar(bars, f"{wanted.name}/{file.name}", file.size)
            fetch = pooch.HTTPDownloader(progressbar=bar, chunk_size=2**16, timeout=timeout_s)
            try:
                store.fetch(file.name, downloader=fetch)
            except (RequestException, ValueError) as error:
                raise DataNotFound(_advice(wanted, file, _reason(error, timeout_s))) from None
    return {file.name: folder / file.name for file in missing}


class _Bar:
    """What pooch tells a progress bar, told to Rich."""

    def __init__(self, bars, name, size):
        self.bars, self.size = bars, size
        self.task = bars.add_task(name, total=size)

    @property
    def total(self):
        return self.size

    @total.setter
    def total(self, size):  # each attempt begins with this
        self.bars.reset(self.task)

    def update(self, size):
        self.bars.advance(self.task, size)

    def reset(self):
        self.bars.update(self.task, completed=0)

    def close(self):
        self.bars.update(self.task, completed=self.size)


def _sweep(folder):
    """Delete what processes that were killed have left: pooch's unfinished files."""
    for file in folder.glob("tmp*"):
        if time.time() - file.stat().st_mtime > STALE_S:
            file.unlink(missing_ok=True)


def _reason(error, timeout_s):
    """Why a download failed, in a few words."""
    from requests import HTTPError, Timeout
    from requests.exceptions import ChunkedEncodingError

    if isinstance(error, HTTPError):
        return f"the server answered {error.response.status_code}"
    if isinstance(error, Timeout) or "timed out" in str(error):
        return f"the server was silent for {timeout_s:g} s"
    if isinstance(error, ChunkedEncodingError):
        return "the connection broke off in the middle of the file"
    if isinstance(error, ValueError) and not isinstance(error, OSError):
        return "what came is not the file that the book was tested with (its sha256 differs), and was thrown away"
    return "there is no connection to the server"


def _advice(wanted, file, reason):
    along = ", ".join(name for name, each in catalogue().items() if not each.files)
    return (
        f'"{wanted.name}" is not on this machine, and its download failed: {reason}. The address is\n'
        f"  {file.address}\n"
        f"Once you are connected, `deepbook data fetch {wanted.name}` tries again. Or set the variable DEEPBOOK_DATA "
        f"to a folder of yours and put the file there as {wanted.name}/{file.name}. "
        f"These need no download: {along}."
    )
