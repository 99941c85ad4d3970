"""The grader is killed, the disk is full, two grade at once, a cluster's worker dies: no result is lost or doubled."""

import errno
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import fake_examiner
import pytest
from small_class import Class, dask_cluster, timeless

from deepbook.course.errors import MachineProblem, from_os
from deepbook.course.zygote import children_of
from deepbook.grading import batch, store

COMMAND = """
import functools
from deepbook import cli
from deepbook.grading import batch
batch.grade = functools.partial(batch.grade, examiner="fake_examiner:examine")
cli.main()
"""
PATIENCE_S = 60  # for what takes a moment


@pytest.fixture
def small_class(small_book, tmp_path, monkeypatch):
    return Class(tmp_path, monkeypatch)


def start(of: Class, *more: str, out=None, **rest) -> subprocess.Popen:
    """The command `deepbook grade`, with an examiner that runs nothing."""
    (of.folder / "course.toml").write_text(f'chapters = ["1"]\nsecret = "{b"sixteen bytes or".hex()}"\n')
    command = [sys.executable, "-c", COMMAND, "grade", of.submissions, "--course", of.folder, "--to", out or of.out]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": environment, **rest}
    return subprocess.Popen([*command, "--isolation", "none", *more], **pipes)


def until(what):
    """The first true value of what()."""
    end = time.monotonic() + PATIENCE_S
    while not (found := what()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)
    return found


def gone(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(") ")[2][0] in "ZX"
    except OSError:
        return True


def whole(out: Path) -> dict[str, dict]:
    """All records in the folder; each must be a whole one."""
    return {path.stem: json.loads(path.read_bytes()) for path in (out / "records").glob("[!.]*.json")}


def hand_in_many(of: Class, number: int, seconds: float):
    for each in range(number):
        of.hand_in(f"s{each:02}", f"passes: {['add', 'add double', 'triple'][each % 3]}", f"does: sleep {seconds}")


linux = pytest.mark.skipif(sys.platform != "linux", reason="only on Linux do children end with their parent")


# ------------------------------------------------------------------ killed


def killed_often(of: Class, tmp_path, students: int, kills: int, seed: int):
    luck = random.Random(seed)
    hand_in_many(of, students, 0.1)
    clean = start(of, out=tmp_path / "clean")
    assert clean.communicate(timeout=PATIENCE_S)[1] == "" and clean.returncode == 0
    of.examined()
    for _ in range(kills):
        before = set(whole(of.out))
        process = start(of)
        process.stdout.readline()  # one is done, or some were kept
        time.sleep(luck.uniform(0, 0.25))
        children = children_of(process.pid)
        process.kill()
        process.communicate(timeout=PATIENCE_S)
        until(lambda left=children: all(map(gone, left)))
        assert before <= set(whole(of.out))
        assert not before & set(of.examined())  # what was done is not done again
    before = set(whole(of.out))
    last = start(of)
    assert "Table:" in last.communicate(timeout=PATIENCE_S)[0] and last.returncode == 0
    assert set(of.examined()) == {f"s{each:02}" for each in range(students)} - before
    assert timeless(of.out) == timeless(tmp_path / "clean")
    assert (of.out / "grades.csv").read_bytes() == (tmp_path / "clean/grades.csv").read_bytes()


@linux
def test_a_batch_that_is_killed_goes_on(small_class, tmp_path):
    killed_often(small_class, tmp_path, students=10, kills=2, seed=0)


@linux
@pytest.mark.slow
def test_a_batch_that_is_killed_at_twenty_random_moments_goes_on(small_class, tmp_path):
    killed_often(small_class, tmp_path, students=60, kills=20, seed=1)


@linux
def test_examiners_that_are_killed_cost_nobody_anything(small_class):
    """Two kills are fewer than one submission may take."""
    hand_in_many(small_class, 8, 0.2)
    process = start(small_class, "--jobs", "2")
    for _ in range(2):
        assert process.stdout.readline()
        os.kill(until(lambda: children_of(process.pid))[0], signal.SIGKILL)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert {r["status"] for r in whole(small_class.out).values()} == {"ok"} and len(whole(small_class.out)) == 8


@linux
def test_ctrl_c_ends_at_once_and_what_is_done_stays(small_class):
    small_class.hand_in("ana", "passes: add")
    small_class.hand_in("hangs", "does: hang")
    process = start(small_class, "--jobs", "2")
    assert "ana" in process.stdout.readline()
    children = children_of(process.pid)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130 and "Traceback" not in errors
    until(lambda: all(map(gone, children)))
    assert set(whole(small_class.out)) == {"ana"}


# ------------------------------------------------------------------ a full disk


@pytest.mark.parametrize("number", [0, 1, 4, 9])
def test_a_full_disk_leaves_no_half_file_and_the_batch_goes_on_later(small_class, monkeypatch, number):
    """The number of writes that still succeed: at first even the notes fail, then a record, then a feedback."""
    hand_in_many(small_class, 4, 0)
    room, fsync = [number], os.fsync

    def full(handle):
        if room[0] <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        room[0] -= os.fstat(handle).st_size >= 0 and not os.path.isdir(f"/proc/self/fd/{handle}")
        fsync(handle)

    with monkeypatch.context() as patched, pytest.raises(OSError) as caught:
        patched.setattr(os, "fsync", full)
        small_class.grade(jobs=1)
    assert "The disk is full" in str(from_os(caught.value)) and str(small_class.out) in str(from_os(caught.value))
    kept = whole(small_class.out)
    assert not list(small_class.out.rglob("*deepbook-new"))
    small_class.examined()
    small_class.grade()
    assert set(small_class.examined()) == {"s00", "s01", "s02", "s03"} - set(kept)
    assert set(whole(small_class.out)) == {"s00", "s01", "s02", "s03"}


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own with little room; a function that makes it larger."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder)]
    if os.name != "posix" or os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount a disk")
    yield folder, lambda: subprocess.run(["mount", "-o", "remount,size=8m", str(folder)], check=True)
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_is_really_full(small_class, small_disk, tmp_path):
    folder, enlarge = small_disk
    hand_in_many(small_class, 12, 0)
    process = start(small_class, out=folder / "grades")
    errors = process.communicate(timeout=PATIENCE_S)[1]
    assert process.returncode == 3
    assert errors.startswith("The disk is full") and errors.count("\n") == 1
    kept = whole(folder / "grades")
    assert 0 < len(kept) < 12
    assert not [
        path for path in folder.rglob("*") if path.is_file() and path.name != ".lock" and not path.stat().st_size
    ]
    enlarge()
    small_class.examined()
    assert start(small_class, out=folder / "grades").wait(PATIENCE_S) == 0
    assert not set(small_class.examined()) & set(kept)
    assert start(small_class, out=tmp_path / "clean").wait(PATIENCE_S) == 0
    assert timeless(folder / "grades") == timeless(tmp_path / "clean")


# ------------------------------------------------------------------ two graders


def test_the_second_grader_on_a_folder_says_who_the_first_is(small_class):
    small_class.hand_in("ana", "passes: add")
    small_class.hand_in("hangs", "does: hang")
    first = start(small_class, "--jobs", "2")
    try:
        assert "ana" in first.stdout.readline()
        with pytest.raises(MachineProblem, match=rf"process {first.pid} on {socket.gethostname()}, since 20"):
            small_class.grade()
        second = start(small_class)
        assert "Another deepbook grades into" in second.communicate(timeout=PATIENCE_S)[1] and second.returncode == 3
    finally:
        first.kill()
        first.communicate()
    small_class.hand_in("hangs", "passes: triple")
    small_class.grade()  # the lock of the dead one holds nobody up
    assert small_class.scores() == {"ana": 1, "hangs": 3}


def test_where_the_system_has_no_locks_the_owner_is_judged(tmp_path, monkeypatch):
    monkeypatch.setattr(store.Lock, "_taken_from_system", lambda _: False)
    with store.Store(tmp_path / "grades"):
        path = tmp_path / "grades/.lock"
        with pytest.raises(MachineProblem, match=f"process {os.getpid()}"):
            store.Store(tmp_path / "grades")
        mine = store.myself()
    assert path.read_bytes() == b""
    for owner in ({**mine, "start": "1"}, {**mine, "pid": 2**22 + 1}, {}, [], "?"):  # its number came again; dead; torn
        path.write_text(json.dumps(owner))
        store.Store(tmp_path / "grades").lock.release()
    path.write_text(json.dumps({**mine, "host": "elsewhere"}))
    with pytest.raises(MachineProblem, match=r"on elsewhere.* delete .*\.lock"):
        store.Store(tmp_path / "grades")


# ------------------------------------------------------------------ a cluster


@pytest.fixture
def cluster(small_class):
    with dask_cluster() as made:
        yield made


def workers(cluster) -> list[int]:
    """The processes of the workers that are there."""
    from distributed import Client

    with Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=PATIENCE_S)
        return list(client.run(os.getpid).values())


class Kill(batch.Watcher):
    """Kills a process after the first results."""

    def __init__(self, pid):
        self.pid, self.seen = pid, 0

    def graded(self, record):
        self.seen += 1
        if self.seen == 2:
            os.kill(self.pid, signal.SIGKILL)


def test_a_cluster_of_which_a_worker_is_killed_gives_the_same_scores(small_class, cluster, tmp_path):
    hand_in_many(small_class, 8, 0.2)
    small_class.hand_in("dies", "does: die")
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden/passing.txt").write_text("add triple")
    assignment = replace(small_class.assignment, hidden=tmp_path / "hidden")
    small_class.grade(tmp_path / "here", assignment=assignment)
    address, pids = cluster.scheduler_address, workers(cluster)
    outcome = small_class.grade(assignment=assignment, scheduler=address, watcher=Kill(pids[0]))
    assert dict(outcome.statuses) == {"ok": 8, "crash": 1} and outcome.examined == set(outcome.done)
    assert timeless(small_class.out) == timeless(tmp_path / "here")
    assert small_class.scores()["s01"] == 1  # “double” is not among those that the hidden tests let pass


@pytest.mark.slow
def test_a_submission_that_kills_workers_does_not_take_them_all(small_class, cluster):
    small_class.hand_in("kills", "does: kill the worker")
    hand_in_many(small_class, 6, 0.1)
    outcome = small_class.grade(scheduler=cluster.scheduler_address)
    assert 3 <= small_class.examined().count("kills") <= 5  # Dask may send it on before it hears that it is called back
    rows = {r["student"]["id"]: r["status"] for r in outcome.records}
    assert rows == {"kills": "crash", **{f"s{each:02}": "ok" for each in range(6)}}


@pytest.mark.slow
def test_submissions_beside_one_that_kills_their_worker_keep_their_scores(small_class):
    small_class.hand_in("kills", "does: kill the worker")
    hand_in_many(small_class, 3, 0.5)
    with dask_cluster(workers=1, threads=4) as cluster:
        outcome = small_class.grade(scheduler=cluster.scheduler_address)
    assert dict(outcome.statuses) == {"crash": 1, "ok": 3}


@pytest.mark.slow
@pytest.mark.parametrize("alone", [False, True])
def test_a_scheduler_that_dies_takes_no_scores(small_class, alone):
    """It dies after the first result; with `alone`, while those are examined that were beside one that kills."""
    if alone:
        small_class.hand_in("a", "does: kill the worker")
    hand_in_many(small_class, 3, 1.5)
    dask = [sys.executable, "-m", "dask"]
    scheduler = subprocess.Popen([*dask, "scheduler", "--port", "0"], stderr=subprocess.PIPE, text=True)
    address = next(found[0] for line in scheduler.stderr if (found := re.search(r"tcp://\S+", line)))
    command = [*dask, "worker", address, "--nthreads", "4" if alone else "1"]
    worker = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)

    class Gone(batch.Watcher):
        def graded(self, record):
            scheduler.kill()

    try:
        with pytest.raises(MachineProblem, match="The scheduler is gone"):
            small_class.grade(scheduler=address, watcher=Gone())
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        scheduler.kill()
        scheduler.communicate()
    if alone:
        shutil.rmtree(small_class.submissions / "a")  # here it would kill this process
    assert dict(small_class.grade().statuses) == {"ok": 3}


@pytest.mark.slow
def test_a_worker_with_another_book_is_named(small_class, small_book, cluster):
    small_class.hand_in("ana", "passes: add")
    assert len(workers(cluster)) == 2
    from distributed import Client

    with Client(cluster, set_as_default=False) as client:
        client.run(fake_examiner.forget_the_book)
    with pytest.raises(MachineProblem, match=r"The worker tcp://\S+ (cannot grade|has another deepbook)"):
        small_class.grade(scheduler=cluster.scheduler_address)


def test_a_scheduler_that_is_not_there_is_said_so(small_class, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("deepbook.grading.cluster.CONNECT_S", 0.5)
    small_class.hand_in("ana", "passes: add")
    with pytest.raises(MachineProblem, match=r"no Dask scheduler at tcp://127\.0\.0\.1:9 "):
        small_class.grade(scheduler="tcp://127.0.0.1:9")
