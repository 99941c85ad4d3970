"""The warm parent of the tests' processes: it is used, it recovers, and it leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time

import pytest

from deepbook.course import warm
from deepbook.course.runner import Fresh, FreshProcess, run
from deepbook.course.warm import Spare, Warm
from deepbook.course.zygote import children_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks safely")


class Noting(Warm):
    """A warm starter that remembers what it has started."""

    started = ()

    def start(self, *arguments):
        self.started = (*self.started, super().start(*arguments))
        return self.started[-1]


@pytest.fixture
def starter():
    started = Noting()
    yield started
    started.close()


def test_runs_are_forks_of_one_parent(learner, starter, small_book):
    small_book.solve(learner.folder)
    assert all(run(learner, learner.index.exercises, starter=starter).passed for _ in range(3))
    assert [type(each) for each in starter.started] == [Spare] * 3
    assert len({each.parent.process.pid for each in starter.started}) == 1
    assert len({each.pid for each in starter.started}) == 3


def test_a_run_sees_the_files_of_this_moment(learner, starter, small_book):
    """Nothing of an earlier run, or of the time when the spare was forked, is remembered."""
    assert [r.status for r in run(learner, learner.index.exercises, starter=starter)] == ["todo"] * 3
    small_book.solve(learner.folder)
    (learner.folder / "ch01_small/test_late.py").write_text(
        "from ch01_small.late import triple\n\ndef test_triple():\n    assert triple(2) == 7\n"
    )
    assert [r.status for r in run(learner, learner.index.exercises, starter=starter)] == ["passed", "passed", "failed"]


def test_a_parent_that_was_killed_is_started_again(learner, starter, small_book):
    small_book.solve(learner.folder)
    run(learner, learner.index.exercises, starter=starter)
    with starter.lock:
        spare = starter._get_spare()
    os.kill(starter.parent.process.pid, signal.SIGKILL)
    starter.parent.process.wait()
    gone([spare.pid])
    assert run(learner, learner.index.exercises, starter=starter).passed
    assert run(learner, learner.index.exercises, starter=starter).passed
    assert isinstance(starter.started[-1], Spare)


def test_a_spare_that_died_is_replaced(learner, starter, small_book):
    small_book.solve(learner.folder)
    run(learner, learner.index.exercises, starter=starter)
    with starter.lock:
        spare = starter._get_spare()
    os.kill(spare.pid, signal.SIGKILL)
    assert run(learner, learner.index.exercises, starter=starter).passed


def test_where_no_parent_comes_up_a_new_python_does_it(learner, small_book, monkeypatch):
    monkeypatch.setattr(warm, "Parent", failing)
    starter = Noting()
    small_book.solve(learner.folder)
    assert run(learner, learner.index.exercises, starter=starter).passed
    assert isinstance(starter.started[-1], FreshProcess)


def failing(*_):
    raise warm.NotWarm


def test_the_end_leaves_no_process(learner, small_book):
    before = set(children_of(os.getpid()))
    starter = Noting()
    run(learner, learner.index.exercises, starter=starter)
    with starter.lock:
        spare = starter._get_spare()
    parent = starter.parent.process
    starter.close()
    assert parent.poll() is not None
    assert set(children_of(os.getpid())) == before
    gone([spare.pid])


def test_a_killed_learn_leaves_no_process(tmp_path):
    """The parent ends, with its spare, when the process that started it is gone."""
    code = (
        "import time\nfrom deepbook.course.warm import Warm\n"
        "w = Warm()\nwith w.lock:\n    s = w._get_spare()\n"
        "print(w.parent.process.pid, s.pid, flush=True)\ntime.sleep(100)\n"
    )
    learn = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    pids = [int(word) for word in learn.stdout.readline().split()]
    assert len(pids) == 2
    learn.kill()
    learn.wait()
    gone(pids)


@pytest.mark.parametrize(("parent", "said"), [("os.getppid()", "here"), ("2**22", "")])
def test_a_process_whose_parent_has_ended_already_ends(parent, said):
    """The kernel tells only of a death that is still to come."""
    code = f"import os\nfrom deepbook.course import guard\nguard.die_with_parent({parent})\nprint('here')\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == said


def gone(pids, seconds=30):
    """Wait until none of these processes runs."""
    end = time.monotonic() + seconds
    while alive := [pid for pid in pids if state(pid) not in ("", "Z")]:
        assert time.monotonic() < end, alive
        time.sleep(0.05)


def state(pid):
    """One letter, as in ps; "" if there is no such process."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(") ")[2].split()[0]
    except OSError:
        return ""


@pytest.mark.parametrize(("wanted", "kind"), [("fresh", Fresh), ("warm", Warm)])
def test_the_runner_can_be_chosen(monkeypatch, wanted, kind):
    monkeypatch.setenv("DEEPBOOK_RUNNER", wanted)
    chosen = warm.starter()
    assert type(chosen) is kind
    chosen.close()


@pytest.mark.parametrize(("platform", "kind"), [("linux", Warm), ("darwin", Fresh), ("win32", Fresh)])
def test_the_platform_decides_else(monkeypatch, platform, kind):
    monkeypatch.delenv("DEEPBOOK_RUNNER", raising=False)
    monkeypatch.setattr(warm.sys, "platform", platform)
    monkeypatch.setattr(Warm, "warm_up", lambda self: None)
    assert type(warm.starter()) is kind


def test_the_parent_has_imported_what_is_slow_and_may_still_fork():
    code = (
        "import sys\nfrom deepbook.course import zygote\nzygote.import_all()\n"
        "assert {'jax.numpy', 'pytest', 'sklearn.datasets', 'deepbook.course.plugin'} <= set(sys.modules)\n"
        "assert zygote.safe_to_fork()\nzygote.start_backend()\nassert not zygote.safe_to_fork()\n"
    )
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_forks_do_not_share_their_random_numbers_or_our_settings(learner, starter):
    answer = "import os\nimport numpy as np\n\ndef add(a, b):\n"
    answer += "    print(np.random.rand(), os.environ.get('OPENBLAS_NUM_THREADS'))\n"
    (learner.folder / "ch01_small/sums.py").write_text(answer)
    runs = [run(learner, learner.index.exercises, starter=starter) for _ in range(2)]
    printed = [each.results["ch01/add"].printed.split() for each in runs]
    assert printed[0][0] != printed[1][0]
    assert printed[0][1] == str(os.environ.get("OPENBLAS_NUM_THREADS"))


def test_the_end_does_not_wait_for_a_parent_that_comes_up(monkeypatch):
    monkeypatch.setattr(warm.Parent, "listen", lambda self, seconds: time.sleep(0.05))
    starter = Warm()
    time.sleep(0.3)
    started = time.monotonic()
    starter.close()
    assert time.monotonic() - started < 8
    with pytest.raises(warm.NotWarm):
        starter._get_spare()
