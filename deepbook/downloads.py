"""Where the files of a data set are: in a folder of yours, in the cache, or one download away.

`catalogue.toml` lists the data sets. A file of one is looked for as `<data set>/<file>` in the folder that the
variable DEEPBOOK_DATA names, then in the cache (the variable DEEPBOOK_CACHE names another); if it is in neither, it
is downloaded into the cache. Wherever it lies, its sha256 is compared before it is used.

A data set may have a second edition, which is never downloaded: where all its files lie in DEEPBOOK_DATA, they are
read instead.
"""

import csv
import difflib
import hashlib
import os
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TIMEOUT_S = 30  # for the connection, and for each pause of the server
RETRIES = 2
FEW = 8  # more files than that are small ones: they are fetched some at a time, with one bar for all
AT_ONCE = 4
STALE_S = 3600  # an unfinished download of that age belongs to a process that was killed


class DataNotFound(OSError):
    """The files of a data set are not on this machine and could not be had. The message says what to do."""


@dataclass(frozen=True)
class File:
    """One file of a data set: what it is called, where it is downloaded from, its bytes and their hash.

    Those of a second edition have no address.
    """

    name: str
    address: str
    size: int
    sha256: str


@dataclass(frozen=True)
class DataSet:
    """An entry of the catalogue; without files it comes with the install. `catalogue.toml` explains the fields.

    instead: the files of the second edition. folder: where its files lie, in DEEPBOOK_DATA and in the cache.
    """

    name: str
    contents: str = ""
    licence: str = ""
    citation: str = ""
    loader: str = ""
    read: str = ""
    classes: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    instead: tuple[File, ...] = ()
    folder: str = ""

    def __post_init__(self):
        object.__setattr__(self, "folder", self.folder or self.name)

    @property
    def size(self) -> int:
        """Bytes to download."""
        return sum(file.size for file in self.files)


@cache
def catalogue(path: Path | None = None) -> dict[str, DataSet]:
    """The data sets by their names, as `catalogue.toml` lists them."""
    path = path or Path(__file__).with_name("catalogue.toml")
    text = path.read_text(encoding="utf-8")
    return {name: _data_set(name, path.parent, **fields) for name, fields in tomllib.loads(text).items()}


def _data_set(name, beside, files=(), instead=(), base="", classes=(), **fields):
    files, instead = _listed(files, beside, base), _listed(instead, beside, "")
    return DataSet(name, classes=tuple(classes), files=files, instead=instead, **fields)


def _listed(files, beside, base):
    """The files of an entry, which names them one by one, or a table of them that lies beside the catalogue."""
    if isinstance(files, str):
        with open(beside / files, encoding="utf-8", newline="") as table:
            files = list(csv.DictReader(table))
    return tuple(
        File(each["name"], base + each.get("address", ""), int(each["size"]), each["sha256"]) for each in files
    )


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
    these = _edition(wanted)
    found = [_find(wanted, file) for file in these]
    if any(path is None or path.stat().st_size != file.size for path, file in zip(found, these, strict=True)):
        return ""
    return "cache" if any(path.is_relative_to(cache_folder()) for path in found) else "DEEPBOOK_DATA"


def _edition(wanted):
    """The files to read: the first edition, unless the own folder has all of the second and not all of the first."""
    folder = own_folder()

    def whole(these):
        return all(Path(folder, wanted.folder, file.name).is_file() for file in these)

    if folder and wanted.instead and whole(wanted.instead) and not whole(wanted.files):
        return wanted.instead
    return wanted.files


def _find(wanted, file):
    folders = (own_folder(), cache_folder())
    paths = [Path(folder, wanted.folder, file.name) for folder in folders if folder]
    return next((path for path in paths if path.is_file()), None)


def files(wanted: DataSet, timeout_s: float = TIMEOUT_S, retries: int = RETRIES) -> dict[str, Path]:
    """The checked files of a data set, by their names. What is missing is downloaded, with a progress bar on stderr.

    Raises DataNotFound if a download fails, or if a file in DEEPBOOK_DATA is not the one that the catalogue describes.
    """
    these = _edition(wanted)
    found = {file.name: _find(wanted, file) for file in these}
    missing = []
    for file in these:
        path = found[file.name]
        if path is not None and _sha256(path) == file.sha256:
            continue
        if path is not None and not path.is_relative_to(cache_folder()):
            rather = f", or put in its place what lies at {file.address}" if file.address else ", and try again"
            raise DataNotFound(
                f"{path} is not the file that the book was tested with: its sha256 differs. Delete it{rather}"
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

    folder = cache_folder() / wanted.folder
    for file in missing:  # now, since pooch fails where two downloads make one folder at the same time
        (folder / file.name).parent.mkdir(parents=True, exist_ok=True)
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
    many = len(missing) > FEW
    with Progress(*columns, console=Console(stderr=True)) as bars:
        if many:
            whole = bars.add_task(f"{wanted.name}, {len(missing)} files", total=sum(file.size for file in missing))

        def fetch(file):
            task = whole if many else bars.add_task(f"{wanted.folder}/{file.name}", total=file.size)
            bar = _Bar(bars, task, file.size)
            try:
                store.fetch(file.name, downloader=pooch.HTTPDownloader(bar, chunk_size=2**16, timeout=timeout_s))
            except (RequestException, ValueError) as error:
                raise DataNotFound(_advice(wanted, file, _reason(error, timeout_s))) from None

        if many:
            _at_once(fetch, missing)
        else:
            for file in missing:
                fetch(file)
    return {file.name: folder / file.name for file in missing}


def _at_once(fetch, files):
    """Fetch some at a time. After the first failure, or Ctrl-C, none is begun; those that have come stay."""
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for done in [pool.submit(fetch, file) for file in files]:
            done.result()
    finally:
        pool.shutdown(cancel_futures=True)


class _Bar:
    """What pooch tells the progress bar of a file, told to Rich, whose bar may stand for other files too."""

    def __init__(self, bars, task, size):
        self.bars, self.task, self.size, self.done = bars, task, size, 0

    @property
    def total(self):
        return self.size

    @total.setter
    def total(self, size):  # each attempt begins with this
        self.reset()

    def update(self, size):
        self._to(self.done + size)

    def reset(self):
        self._to(0)

    def close(self):
        self._to(self.size)

    def _to(self, done):
        self.bars.advance(self.task, done - self.done)
        self.done = done


def _sweep(folder):
    """Delete what processes that were killed have left: pooch's unfinished files."""
    for file in folder.rglob("tmp*"):
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
        f"to a folder of yours and put the file there as {wanted.folder}/{file.name}. "
        f"These need no download: {along}."
    )
