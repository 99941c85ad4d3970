"""Examine submissions on a Dask cluster: each worker has a bench (bench.py), as the batch has on one machine.

The workers need the same deepbook, installed. A submission is sent as bytes, with the hidden tests. One that kills
workers must not take the others' scores, nor all workers: after RETRIES more attempts it is given up.
"""

import contextlib
import threading
import uuid
from collections import Counter
from concurrent.futures import CancelledError
from dataclasses import replace

from deepbook.course.errors import MachineProblem, Problem
from deepbook.grading import fingerprint
from deepbook.grading.bench import RETRIES, Bench, Job, in_short

CONNECT_S = 20
WORKERS_S = 60  # until the first worker is there
here = threading.local()  # a bench dies with the thread that started it, so each thread has its own


def examine(job: Job) -> dict:
    """On a worker: one submission, in this thread's bench."""
    if not hasattr(here, "bench"):
        here.bench = Bench()
    return here.bench.examine(job)


def there(address: str, jobs: list[Job]):
    """(job, answer) for all jobs as they are done on the cluster of the scheduler at `address`.

    Raises Problem without Dask, MachineProblem if the cluster cannot be used.
    """
    try:
        from distributed import Client
        from distributed.client import ClosedClientError
        from distributed.comm import CommClosedError
    except ImportError as error:
        raise Problem("--scheduler needs Dask. Install it: `pip install 'deepbook[cluster]'`.") from error
    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False, name="deepbook")
    except (OSError, ValueError) as error:
        raise MachineProblem(
            f"There is no Dask scheduler at {address} ({in_short(error)}). Start one with `dask scheduler`, which "
            "prints its address, and workers with `dask worker ADDRESS`."
        ) from error
    try:
        look_at_workers(client, jobs[0])
        yield from _Flow(client, jobs).results()
    except (CommClosedError, ClosedClientError) as error:
        raise MachineProblem("The scheduler is gone. Run the same command again; it goes on from here.") from error
    finally:
        with contextlib.suppress(Exception):
            client.close()


def look_at_workers(client, job: Job):
    """Raise MachineProblem if there is no worker, or one with another deepbook."""
    try:
        client.wait_for_workers(1, timeout=WORKERS_S)
    except TimeoutError as error:
        raise MachineProblem(
            f"The cluster has had no worker for {WORKERS_S} seconds. Start one: `dask worker ADDRESS`."
        ) from error
    for worker, found in client.run(_book, _with_hidden(job), on_error="return").items():
        if isinstance(found, Exception):
            raise MachineProblem(
                f"The worker {worker} cannot grade ({in_short(found)}). Install this deepbook there too."
            )
        if found != job.book:
            raise MachineProblem(
                f"The worker {worker} has another deepbook, or other versions of its libraries; its scores could "
                "differ. Install the same there as here."
            )


def _book(job: Job) -> str:
    with job.here() as assignment:
        return fingerprint.of_book(assignment)


def _with_hidden(job: Job) -> Job:
    """The job with the hidden tests' bytes, without paths of this machine."""
    hidden = fingerprint.hidden(job.assignment)
    assignment = replace(job.assignment, hidden=None, folder=None)
    return replace(job, assignment=assignment, hidden=hidden or None)


class _Flow:
    """Submissions on the cluster, one for each thread.

    When a worker dies, nobody can tell which of its submissions killed it: it may have several threads, or one that
    kills may just have come from another worker. So all of them are called back, and examined at the end, one at a time
    with nothing else on the cluster: then only the one that kills loses its score.
    """

    def __init__(self, client, jobs):
        self.client, self.left, self.deaths = client, list(reversed(jobs)), Counter()
        self.futures, self.jobs = {}, {}  # by the task's key
        self.suspects, self.retries = [], 0
        self.prefix = f"deepbook-{uuid.uuid4().hex}"  # else another run's results would be taken for ours

    def results(self):
        from distributed import as_completed

        self.client.subscribe_topic("all", self.hear)
        try:
            done = as_completed(self.submit(self.room()), loop=self.client.loop)
            for future in done:
                key = future.key
                del self.futures[key]
                reply = self.reply(future)
                if "crash" in reply and self.deaths[key]:
                    self.suspects.append(key)
                else:
                    yield self.jobs[key], reply
                done.update(self.submit(self.room() - len(self.futures)))
            self.retries = RETRIES
            for key in self.suspects:
                alone = self.send(f"{key}-alone", self.jobs[key], deaths=1)
                for future in as_completed([alone], loop=self.client.loop):
                    yield self.jobs[key], self.reply(future)
        finally:
            with contextlib.suppress(Exception):  # the scheduler may be gone
                self.client.unsubscribe_topic("all")
                self.client.cancel(list(self.futures.values()), force=True)

    def room(self) -> int:
        return max(1, sum(self.client.nthreads().values()))

    def submit(self, number: int) -> list:
        """Send the next submissions."""
        jobs = [self.left.pop() for _ in range(min(number, len(self.left)))]
        return [self.send(f"{self.prefix}-{len(self.jobs)}", job) for job in jobs]

    def send(self, key, job, deaths=0):
        self.jobs[key], self.deaths[key] = job, deaths
        self.futures[key] = self.client.submit(examine, _with_hidden(job), key=key, pure=False, retries=0)
        return self.futures[key]

    def reply(self, future) -> dict:
        from distributed import KilledWorker
        from distributed.comm import CommClosedError

        key = future.key
        try:
            return future.result()
        except CancelledError as error:
            if self.deaths[key] <= self.retries:  # it was not called back
                raise CommClosedError(in_short(error)) from error
        except CommClosedError:
            raise
        except KilledWorker:
            self.deaths[key] = max(1, self.deaths[key])
        except Exception as error:
            return {"crash": f"the cluster failed on it ({in_short(error)})"}
        return {"crash": f"workers of the cluster died over it {self.deaths[key]} times"}

    async def hear(self, event):
        """What the scheduler tells: a worker is gone, and what it was at."""
        _, message = event
        if not isinstance(message, dict) or message.get("action") != "remove-worker" or message.get("expected"):
            return
        for key in message.get("processing-tasks", ()):
            self.deaths[key] += 1
            if self.deaths[key] > self.retries and key in self.futures:
                await self.client.cancel([self.futures[key]], asynchronous=True, force=True)
