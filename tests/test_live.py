"""The live part of the server: what the book's page may ask, and that nobody else may ask anything."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import pytest

from deepbook.course.runner import Fresh
from deepbook.course.session import Session
from deepbook.course.warm import Warm
from deepbook.site.live import of_our_user
from deepbook.site.server import Build, Server, listen

SUMS = "ch01_small/sums.py"
SOLVED = "def add(a, b):\n    return a + b\n\n\ndef double(a):\n    return 2 * a\n"
PAGE = '<!doctype html><html><head><meta charset="utf-8"><title>t</title></head><body>the book</body></html>'


@pytest.fixture(scope="module")
def starter():
    started = Warm() if sys.platform == "linux" else Fresh()
    yield started
    started.close()


@pytest.fixture
def server(learner, starter, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text(PAGE)
    (tmp_path / "site/plain.txt").write_text("<html> is no page")
    started = Server(listen(None), Build(tmp_path / "site"), Session(learner, starter))
    started.start()
    yield started
    started.session.halt()
    started.stop()


def ask(server, path, data=None, **headers):
    """(status, headers, text) of one request."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if data is not None:
        headers.setdefault("Content-Type", "application/json")
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
    request = urllib.request.Request(server.address + path, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def token(server):
    return re.search(r'<html data-token="([^"]+)"', ask(server, "/")[2])[1]


def call(server, path, data=None):
    status, _, text = ask(server, f"/_live{path}", data, X_Deepbook_Token=token(server))
    return status, json.loads(text)


class Stream:
    """The states that one page hears."""

    def __init__(self, server):
        self.answer = urllib.request.urlopen(f"{server.address}/_live/state?token={token(server)}", timeout=20)

    def __iter__(self):
        for line in self.answer:
            if line.startswith(b"data: "):
                yield json.loads(line[6:])

    def until(self, good):
        return next(state for state in self if good(state))


def test_only_pages_carry_the_token(server):
    status, headers, text = ask(server, "/")
    assert status == 200 and text.count("data-token") == 1 and "the book" in text
    assert headers["Cache-Control"] == "no-store"
    assert (headers["X-Frame-Options"], headers["Cross-Origin-Resource-Policy"]) == ("DENY", "same-origin")
    assert ask(server, "/plain.txt")[2] == "<html> is no page"
    assert len(token(server)) > 30


def test_a_page_saves_and_hears_the_verdict_and_so_does_another(server, learner):
    one, two = Stream(server), Stream(server)
    assert next(iter(one))["exercises"]["ch01/add"]["status"] == "todo"
    status, got = call(server, f"/source?file={SUMS}")
    assert status == 200 and got["text"] == (learner.folder / SUMS).read_text()
    status, saved = call(server, "/save", {"file": SUMS, "text": SOLVED, "base": got["hash"]})
    assert status == 200 and (learner.folder / SUMS).read_text() == SOLVED
    for page in (one, two):
        state = page.until(lambda state: not state["running"] and state["passed"] == 2)
        assert state["files"][SUMS] == saved["hash"] and state["next"] == "ch01/triple"


def test_a_conflict_is_told_and_both_are_kept(server, learner):
    base = call(server, f"/source?file={SUMS}")[1]["hash"]
    (learner.folder / SUMS).write_text("# other\n")
    status, conflict = call(server, "/save", {"file": SUMS, "text": SOLVED, "base": base})
    assert status == 409 and conflict["text"] == "# other\n" and "Both versions" in conflict["problem"]
    status, kept = call(server, "/aside", {"file": SUMS, "text": SOLVED})
    assert status == 200 and "sums.py" in kept["kept"]
    assert call(server, "/save", {"file": SUMS, "text": SOLVED, "base": base, "over": True})[0] == 200
    backups = {each.read_text() for each in (learner.memory / "backups").rglob("sums.py")}
    assert backups == {"# other\n", SOLVED}


def test_check_hint_and_reset(server, learner):
    assert call(server, "/hint", {"exercise": "ch01/add", "number": 2}) == (200, {})
    assert call(server, "/check", {"what": "ch01/add"}) == (200, {})
    state = Stream(server).until(lambda state: not state["running"])
    assert state["exercises"]["ch01/add"]["hints"] == ["first hint", "second hint"]
    (learner.folder / SUMS).write_text(SOLVED)
    status, said = call(server, "/reset", {"what": "ch01/add"})
    assert status == 200 and "kept in" in said["said"]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/check", {"what": "nonsense"}),
        ("/check", {}),
        ("/check", []),
        ("/check", b"no json"),
        ("/hint", {"exercise": "ch01/add", "number": "two"}),
        ("/hint", {"exercise": 7, "number": 1}),
        ("/save", {"file": SUMS, "text": 7, "base": ""}),
        ("/save", {"file": "conftest.py", "text": "", "base": ""}),
        ("/save", {"file": "../../outside.py", "text": "", "base": "", "over": True}),
        ("/save", {"file": SUMS, "text": "\ud800", "base": ""}),
        ("/aside", {"file": "/etc/passwd", "text": ""}),
        ("/source?file=conftest.py", None),
        ("/source?file=../../etc/passwd", None),
        ("/source", None),
    ],
)
def test_odd_questions_are_answered_by_a_sentence(server, learner, path, data):
    before = {each: each.read_bytes() for each in learner.folder.rglob("*.py")}
    status, answer = call(server, path, data)
    assert status == 400 and len(answer["problem"]) > 20
    assert {each: each.read_bytes() for each in learner.folder.rglob("*.py")} == before


def test_too_much_is_refused_before_it_is_read(server):
    assert call(server, "/save", {"file": SUMS, "text": "x" * 3_000_000, "base": ""})[0] == 413


@pytest.mark.parametrize("path", ["/save", "/aside", "/check", "/hint", "/reset", "/source?file=" + SUMS, "/state"])
@pytest.mark.parametrize("wrong", ["", "wrong", "ünïcode"])
def test_nothing_without_the_token(server, learner, path, wrong):
    data = None if path.startswith(("/source", "/state")) else {"what": "add", "file": SUMS, "text": "", "base": ""}
    status, _, text = ask(server, f"/_live{path}", data, X_Deepbook_Token=wrong.encode().decode("latin-1"))
    assert status == 403 and "Load it again" in json.loads(text)["problem"]
    assert (learner.folder / SUMS).read_text().startswith('"""Sums."""')


EVIL = [
    {"Host": "evil.example"},
    {"Host": "evil.example:8000"},
    {"Host": "127.0.0.1"},
    {"Host": "127.0.0.1:1"},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
]


@pytest.mark.parametrize("headers", EVIL, ids=str)
def test_other_sites_are_refused_even_with_the_token(server, learner, headers):
    known = token(server)
    for path, data in (("/_live/save", {"file": SUMS, "text": "", "base": "", "over": True}), ("/", None)):
        status, answered, text = ask(server, path, data, X_Deepbook_Token=known, **headers)
        assert status in (400, 403) and known not in text
        assert "Access-Control-Allow-Origin" not in answered
    assert (learner.folder / SUMS).read_text().startswith('"""Sums."""')


def test_a_link_from_another_site_may_open_the_book(server):
    assert ask(server, "/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate")[0] == 200


def test_a_form_of_another_site_cannot_ask(server, learner):
    """A form sends no JSON, and a browser adds its origin."""
    data = json.dumps({"file": SUMS, "text": "", "base": "", "over": True}).encode()
    status, _, _ = ask(server, "/_live/save", data, Content_Type="text/plain", X_Deepbook_Token=token(server))
    assert status == 400
    assert (learner.folder / SUMS).read_text().startswith('"""Sums."""')


def test_a_preflight_is_granted_nothing(server):
    with socket.create_connection(("127.0.0.1", int(server.address.rsplit(":", 1)[1])), timeout=10) as raw:
        host = server.address.removeprefix("http://")
        raw.sendall(
            f"OPTIONS /_live/save HTTP/1.1\r\nHost: {host}\r\nOrigin: http://evil.example\r\n"
            "Access-Control-Request-Method: POST\r\nConnection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: raw.recv(4096), b"")).decode().lower()
    assert " 403 " in answer.splitlines()[0] and "access-control-allow" not in answer


def test_a_page_that_leaves_is_forgotten(server):
    page = Stream(server)
    next(iter(page))
    assert len(server.session._listeners) == 1
    page.answer.close()
    gone = threading.Event()
    for _ in range(200):
        server.session._changed()  # the server notices when it next has something to say
        if not server.session._listeners:
            return
        gone.wait(0.05)
    raise AssertionError("a page that has left is still told")


def test_the_end_with_a_page_open_says_nothing(server, capfd):
    page = Stream(server)
    next(iter(page))
    server.stop()
    assert not server.thread.is_alive()
    assert capfd.readouterr() == ("", "")


def test_scripts_are_asked_for_again(server, tmp_path):
    (tmp_path / "site/book.js").write_text("1")
    assert ask(server, "/book.js")[1]["Cache-Control"] == "no-cache"


def test_a_page_hears_when_the_whole_book_is_there(server, tmp_path, monkeypatch):
    monkeypatch.setattr("deepbook.site.live.HEARTBEAT_S", 0.1)
    stamp = tmp_path / "site/.deepbook-build.json"
    stamp.write_text('{"inputs": "a draft of 1234"}')
    page = Stream(server)
    assert next(iter(page))["draft"] is True
    stamp.write_text('{"inputs": "1234"}')
    assert page.until(lambda state: not state["draft"])


TABLE = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0
   1: 0100007F:C350 0100007F:1F40 01 00000000:00000000 00:00000000 00000000  1000        0 2 1 0
   2: 0100007F:C351 0100007F:1F40 01 00000000:00000000 00:00000000 00000000  1001        0 3 1 0
   3: 0100007F:C352 0100007F:1F40 06 00000000:00000000 00:00000000 00000000     0        0 0 1 0
   4: 0100007F:C353 0100007F:1F40 01 00000000:00000000 00:00000000 00000000     0        0 4 1 0
"""


@pytest.mark.parametrize(
    ("port", "ours"), [(50000, True), (50001, False), (50002, False), (50003, True), (50004, False)]
)
def test_only_our_own_user_is_let_in(tmp_path, port, ours):
    (tmp_path / "tcp").write_text(TABLE)
    assert of_our_user(("127.0.0.1", port), tmp_path / "tcp", us=1000) is ours
    assert of_our_user(("127.0.0.1", port), tmp_path / "no such table", us=1000)


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="needs to become another user")
def test_another_user_of_the_machine_gets_nothing(server):
    code = f"import socket\ns = socket.create_connection(('127.0.0.1', {server.address.rsplit(':', 1)[1]}))\n"
    code += f"s.sendall(b'GET / HTTP/1.1\\r\\nHost: {server.address[7:]}\\r\\nConnection: close\\r\\n\\r\\n')\n"
    code += "print(b''.join(iter(lambda: s.recv(4096), b'')).decode())\n"
    command = ["/usr/bin/env", "python3", "-c", code]
    own = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert "the book" in own.stdout, own.stderr
    become = "import encodings.idna, os, socket, sys; os.setgroups([])"
    become += "; os.setgid(65534); os.setuid(65534); exec(sys.argv[1])"
    other = subprocess.run([sys.executable, "-c", become, code], capture_output=True, text=True, timeout=30)
    assert " 403 " in other.stdout and token(server) not in other.stdout, other.stderr
