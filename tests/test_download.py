"""deepbook.downloads: what a good, a bad and a dying server do, and what is left afterwards."""

import csv
import hashlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deepbook import data, downloads
from deepbook.downloads import DataNotFound, DataSet, File

BODY = bytes(range(256)) * 2000
SHA256 = hashlib.sha256(BODY).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves BODY, each address in its own way; `asked` counts the requests."""

    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked, self.over, self.both = [], threading.Event(), threading.Barrier(2)

    def set_of(self, *ways, **fields):
        """A data set "tiny" with one file for each way of serving it."""
        address = f"http://127.0.0.1:{self.server_port}"
        files = tuple(File(f"{way}.bin", f"{address}/{way}", len(BODY), SHA256) for way in ways)
        return DataSet("tiny", files=files, **fields)

    def handle_error(self, request, client_address):
        pass  # a client that was killed


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        way = self.path.strip("/")
        self.server.asked.append(way)
        if way == "silent":
            self.server.over.wait(10)
            return
        if way == "absent" or (way == "second_time" and self.server.asked.count(way) == 1):
            self.send_error(404 if way == "absent" else 500)
            return
        if way == "together":
            self.server.both.wait(60)
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        body = b"!" + BODY[1:] if way == "wrong" else BODY
        half = way in ("broken_off", "stalls")
        self.wfile.write(body[: len(body) // 2] if half else body)
        if way == "stalls":
            self.wfile.flush()
            self.server.over.wait(60)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, and no DEEPBOOK_DATA; returns the folder of the data set "tiny"."""
    monkeypatch.setenv("DEEPBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("DEEPBOOK_DATA", raising=False)
    return tmp_path / "cache" / "data" / "tiny"


def left(folder):
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


def test_files_downloads_once(server, cache, capsys):
    wanted = server.set_of("good", "too")
    assert downloads.place(wanted) == ""
    found = downloads.files(wanted)
    assert found == {"good.bin": cache / "good.bin", "too.bin": cache / "too.bin"}
    assert all(path.read_bytes() == BODY for path in found.values())
    assert left(cache) == ["good.bin", "too.bin"]
    assert downloads.place(wanted) == "cache"
    assert downloads.files(wanted) == found
    assert server.asked == ["good", "too"]
    out, err = capsys.readouterr()
    assert out == "" and "tiny/good.bin" in err and "512.0/512.0 kB" in err


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        ("wrong", "its sha256 differs"),
        ("broken_off", "broke off in the middle"),
        ("silent", "silent for 0.3 s"),
        ("stalls", "silent for 0.3 s"),
        ("absent", "answered 404"),
    ],
)
def test_files_says_what_went_wrong_and_leaves_nothing(server, cache, way, reason):
    wanted, began = server.set_of(way), time.monotonic()
    with pytest.raises(DataNotFound, match=reason) as caught:
        downloads.files(wanted, timeout_s=0.3, retries=0)
    assert time.monotonic() - began < 3
    message = str(caught.value)
    assert wanted.files[0].address in message and f"tiny/{way}.bin" in message and "DEEPBOOK_DATA" in message
    assert "deepbook data fetch tiny" in message and "digits, iris" in message
    assert caught.value.__cause__ is None and caught.value.__suppress_context__  # one error, not a tower of them
    assert left(cache) == [] and downloads.place(wanted) == ""


def test_files_without_a_connection(server, cache):
    wanted = server.set_of("good")
    server.server_close()
    with pytest.raises(DataNotFound, match="there is no connection"):
        downloads.files(wanted, retries=0)
    assert left(cache) == []


def test_files_tries_again(server, cache):
    downloads.files(server.set_of("second_time"), retries=1)
    assert server.asked == ["second_time"] * 2 and left(cache) == ["second_time.bin"]


def test_files_replaces_a_spoilt_file_of_the_cache(server, cache):
    cache.mkdir(parents=True)
    (cache / "good.bin").write_bytes(BODY[:-1] + b"!")
    assert downloads.files(server.set_of("good"))["good.bin"].read_bytes() == BODY


def test_files_never_takes_a_spoilt_file_when_offline(server, cache):
    cache.mkdir(parents=True)
    (cache / "absent.bin").write_bytes(BODY[:-1] + b"!")
    with pytest.raises(DataNotFound):
        downloads.files(server.set_of("absent"), retries=0)


def test_files_looks_into_the_own_folder_first(server, cache, tmp_path, monkeypatch):
    own = tmp_path / "own" / "tiny" / "good.bin"
    own.parent.mkdir(parents=True)
    monkeypatch.setenv("DEEPBOOK_DATA", str(tmp_path / "own"))
    wanted = server.set_of("good")
    own.write_bytes(BODY)
    assert downloads.place(wanted) == "DEEPBOOK_DATA"
    assert downloads.files(wanted) == {"good.bin": own}
    own.write_bytes(BODY[:-1] + b"!")
    with pytest.raises(DataNotFound, match=rf"{re.escape(str(own))} is not the file.*Delete it"):
        downloads.files(wanted)
    assert server.asked == []
    own.unlink()
    assert downloads.files(wanted) == {"good.bin": cache / "good.bin"}


# ------------------------------------------------------------------ many files, and two editions

MANY = tuple(f"photos/{i}" for i in range(30))


def test_files_downloads_many_with_one_bar(server, cache, capsys):
    found = downloads.files(server.set_of(*MANY))
    assert list(found) == [f"{name}.bin" for name in MANY]
    assert all(path.read_bytes() == BODY for path in found.values())
    assert sorted(server.asked) == sorted(MANY) and left(cache / "photos") == sorted(f"{i}.bin" for i in range(30))
    said = capsys.readouterr().err
    assert said.count("tiny, 30 files") == 1 and "15.4/15.4 MB" in said and "photos/3.bin" not in said


def test_files_goes_on_where_a_failure_has_stopped_it(server, cache):
    with pytest.raises(DataNotFound, match=r"answered 404(.|\n)*/absent\n"):
        downloads.files(server.set_of(*MANY[:10], "absent", *MANY[10:]), retries=0)
    came = set(server.asked) - {"absent"}
    assert {*MANY[:7]} <= came and len(came) < 20  # it gave up soon, and keeps what had come
    server.asked.clear()
    assert len(downloads.files(server.set_of(*MANY))) == 30
    assert {*server.asked} == {*MANY} - came


def test_files_replaces_one_spoilt_of_many(server, cache):
    wanted = server.set_of(*MANY)
    downloads.files(wanted)
    (cache / "photos" / "7.bin").write_bytes(b"")
    assert downloads.place(wanted) == ""
    server.asked.clear()
    assert downloads.files(wanted)["photos/7.bin"].read_bytes() == BODY and server.asked == ["photos/7"]


def test_the_second_edition_is_read_where_all_of_it_lies(server, cache, tmp_path, monkeypatch):
    """Two sheets in place of good.bin: of a folder of one's own, whole, and as long as good.bin is not there too."""
    sheets = tuple(File(name, "", 3, hashlib.sha256(b"abc").hexdigest()) for name in ("sheets/a", "sheets/b"))
    wanted = server.set_of("good", instead=sheets, folder="elsewhere")
    cache, own = cache.with_name("elsewhere"), tmp_path / "own" / "elsewhere"
    (own / "sheets").mkdir(parents=True)
    monkeypatch.setenv("DEEPBOOK_DATA", str(tmp_path / "own"))
    (own / "sheets/a").write_text("abc")
    assert downloads.place(wanted) == "" and downloads.files(wanted) == {"good.bin": cache / "good.bin"}
    (own / "sheets/b").write_text("abc")
    assert downloads.place(wanted) == "DEEPBOOK_DATA"
    assert downloads.files(wanted) == {name: own / name for name in ("sheets/a", "sheets/b")}
    (own / "sheets/b").write_text("abd")
    with pytest.raises(DataNotFound, match=r"sheets/b is not the file .* Delete it, and try again"):
        downloads.files(wanted)
    (own / "good.bin").write_bytes(BODY)
    assert downloads.files(wanted) == {"good.bin": own / "good.bin"}
    assert wanted.size == len(BODY) and server.asked == ["good"]
    monkeypatch.delenv("DEEPBOOK_DATA")
    assert downloads.place(wanted) == "cache"


def test_the_catalogue_may_keep_its_files_in_a_table(tmp_path):
    (tmp_path / "many.csv").write_text("name,address,size,sha256\na/1.jpg,there/1.jpg,12,ff\n")
    (tmp_path / "few.csv").write_text("name,size,sha256\nsheet,3,00\n")
    (tmp_path / "c.toml").write_text('[some]\nfiles = "many.csv"\ninstead = "few.csv"\nbase = "https://server/"\n')
    some = downloads.catalogue(tmp_path / "c.toml")["some"]
    assert some.files == (File("a/1.jpg", "https://server/there/1.jpg", 12, "ff"),)
    assert some.instead == (File("sheet", "", 3, "00"),) and some.folder == "some"


# ------------------------------------------------------------------ other processes

LOAD = """
import sys
from deepbook.downloads import DataSet, File, files
wanted = DataSet("tiny", files=(File(sys.argv[1] + ".bin", sys.argv[2], int(sys.argv[3]), sys.argv[4]),))
print(files(wanted))
"""


def process(wanted):
    """Another Python that loads a data set of one file."""
    (file,) = wanted.files
    way = file.name.removesuffix(".bin")
    command = [sys.executable, "-c", LOAD, way, file.address, str(file.size), file.sha256]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_killed_download_is_never_taken_for_a_whole_file(server, cache):
    half = server.set_of("stalls")
    victim = process(half)
    until = time.monotonic() + 60
    while not any(file.stat().st_size for file in cache.glob("*")):
        assert victim.poll() is None and time.monotonic() < until
        time.sleep(0.01)
    victim.send_signal(signal.SIGKILL)
    victim.communicate()
    (aside,) = left(cache)
    assert aside != "stalls.bin" and downloads.place(half) == ""
    address = half.files[0].address.replace("stalls", "good")
    again = DataSet("tiny", files=(File("stalls.bin", address, len(BODY), SHA256),))
    assert downloads.files(again)["stalls.bin"].read_bytes() == BODY
    assert left(cache) == ["stalls.bin", aside]  # another process might still write there
    os.utime(cache / aside, (0, 0))
    downloads.files(server.set_of("good"))
    assert left(cache) == ["good.bin", "stalls.bin"]


def test_two_processes_at_once_both_get_the_file(server, cache):
    wanted = server.set_of("together")
    both = [process(wanted) for _ in range(2)]
    said = [each.communicate(timeout=100) for each in both]
    assert [each.returncode for each in both] == [0, 0], said
    assert server.asked == ["together"] * 2  # the server waited for both, so they did overlap
    assert left(cache) == ["together.bin"] and (cache / "together.bin").read_bytes() == BODY


def test_downloads_imports_nothing_heavy():
    code = (
        "import sys; from deepbook.downloads import catalogue, place; [place(each) for each in catalogue().values()];"
        "print([m for m in ('jax', 'numpy', 'pooch', 'requests', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


# ------------------------------------------------------------------ the catalogue

WITH_FILES = [each for each in downloads.catalogue().values() if each.files]


@pytest.mark.parametrize("entry", downloads.catalogue().values(), ids=lambda entry: entry.name)
def test_the_catalogue_says_all_about_each(entry):
    assert entry.contents and entry.licence and entry.citation
    assert entry.loader in data.LOADERS or re.fullmatch(r"deepbook\.\w+\.\w+\(.*\)", entry.read)
    for file in (*entry.files, *entry.instead):
        commit = re.fullmatch(r"https://raw\.githubusercontent\.com/[^/]+/[^/]+/[0-9a-f]{40}/.+", file.address)
        assert commit or entry.name in ("cifar10", "imdb", "minilm") or file in entry.instead
        assert not file.name.startswith("/") and ".." not in file.name.split("/")
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256) and file.size > 0


@pytest.mark.parametrize("entry", WITH_FILES, ids=lambda entry: entry.name)
def test_the_catalogue_describes_the_real_files(entry, real_data):
    if entry.name == "minilm" and not (real_data / entry.folder / entry.files[0].name).is_file():
        pytest.skip("the folder of real data is without these weights")
    for file in entry.instead or entry.files:
        content = (real_data / entry.folder / file.name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.size, file.sha256)
    assert downloads.place(entry) == "DEEPBOOK_DATA"


def test_readme_says_how_much_is_fetched():
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    said = re.search(r"`deepbook data fetch --all` \((\d+) MB\)", readme)
    assert int(said[1]) == round(sum(each.size for each in WITH_FILES) / 1e6)


def test_what_reads_an_entry_exists():
    from importlib import import_module

    for entry in WITH_FILES:
        if entry.read:
            module, function = entry.read.partition("(")[0].rsplit(".", 1)
            assert callable(getattr(import_module(module), function))


def test_the_photos_are_those_of_the_real_index(real_data):
    with open(real_data / "dogs-cats" / "originals_400.csv", newline="") as table:
        real = {(r["zip_path"], r["raw_url"], int(r["bytes"]), r["sha256"]) for r in csv.DictReader(table)}
    assert {(f.name, f.address, f.size, f.sha256) for f in downloads.catalogue()["dogs-cats"].files} == real
