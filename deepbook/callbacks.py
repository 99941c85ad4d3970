"""What `fit` does between epochs: stop in time, and keep what it has reached. Chapter 3.

A callback is called as callback(epoch, params, history) after each epoch, epoch counting from 1; where it returns True,
training ends. Any function will do; these two are known to `fit`, which helps them with the parameters.
"""

import contextlib
import json
import signal
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deepbook import weights


@dataclass(frozen=True)
class EarlyStopping:
    """Ends a training that has not improved for `patience` epochs; `fit` then gives back the best epoch's parameters.

    monitor: what to watch in the history; a loss should fall, anything else rise. min_delta: less is no improvement.
    It remembers nothing itself: all is in the history. Chapter 3, "Early stopping"; Prechelt (1998).
    """

    patience: int = 3
    monitor: str = "val_loss"
    min_delta: float = 0.0

    def best(self, history):
        """The index of the best epoch: the last one that improved on all before it."""
        if self.monitor not in history:
            raise ValueError(
                f'EarlyStopping: got a history of {", ".join(history)}; needs "{self.monitor}"; '
                "try fit(..., validation_split=0.1)"
            )
        sign = 1 if self.monitor.endswith("loss") else -1
        best, lowest = 0, float("inf")
        for epoch, value in enumerate(history[self.monitor]):
            if sign * value < lowest - self.min_delta:
                best, lowest = epoch, sign * value
        return best

    def __call__(self, epoch, params, history):
        return epoch - 1 - self.best(history) >= self.patience


@dataclass(frozen=True)
class Checkpoint:
    """After every `every` epochs, all that `fit` needs to go on goes into the file `path`.

    If the file is there when `fit` starts, training goes on from it and ends in the very same bits as if it had never
    been stopped. It belongs to one training: with another model, optimizer, key or data `fit` refuses it. Only `epochs`
    may change. Chapter 3, "Keep what you trained".
    """

    path: str
    every: int = 1

    def __call__(self, epoch, params, history):
        return False

    def write(self, state, history, training):
        """Everything to go on with. state: a dict of trees. training: what identifies this training, a string."""
        arrays = {name: a for part, tree in state.items() for name, a in weights.named(tree, f"{part}/").items()}
        weights.write(self.path, arrays, {"history": json.dumps(history), "training": training})

    def read(self, like, training):
        """(state, history) of the file, or None if there is none.

        like: a dict of trees, for the structure.
        Raises ValueError if the file belongs to another training.
        """
        if not Path(self.path).exists():
            return None
        arrays, notes = weights.read(self.path)
        if notes.get("training") != training:
            raise ValueError(
                f"fit: {self.path} belongs to another training:\n  {notes.get('training')}\nand this one is\n"
                f"  {training}\nTake another path, or delete the file to start anew."
            )
        parts = {
            part: {n.removeprefix(f"{part}/"): a for n, a in arrays.items() if n.startswith(f"{part}/")}
            for part in like
        }
        state = {part: weights.restore(parts[part], like[part], self.path) for part in like}
        return state, json.loads(notes["history"])


# ------------------------------------------------------------------ what a person sees, and how they end it


@contextlib.contextmanager
def progress_bar(wanted, epochs):
    """A function show(done, names, numbers) that moves a bar to `done` epochs and says the last numbers.

    wanted: True, False, or None for "on a terminal or in a notebook only".
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if wanted is None:
        wanted = console.is_terminal or console.is_jupyter
    if not wanted:
        yield lambda done, names, numbers: None
        return
    columns = TextColumn("epoch {task.fields[epoch]}/{task.total:.0f}"), BarColumn(), TextColumn("{task.fields[said]}")
    with Progress(*columns, TimeElapsedColumn(), "left", TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("", total=epochs, epoch=1, said="compiling")

        def show(done, names, numbers):
            said = "  ".join(f"{name} {value:.4f}" for name, value in zip(names, np.asarray(numbers[-1]), strict=True))
            bar.update(task, completed=done, epoch=min(int(done) + 1, epochs), said=said)

        yield show


@contextlib.contextmanager
def ctrl_c():
    """An event that the first Ctrl-C sets, so that work can end in order; the second interrupts as usual.

    Where another thread than the main one trains, or a program has its own way with Ctrl-C, nothing is changed.
    """
    pressed = threading.Event()
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield pressed
        return

    def note(*_):
        signal.signal(signal.SIGINT, signal.default_int_handler)
        pressed.set()

    signal.signal(signal.SIGINT, note)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
