"""A training with a Checkpoint that is killed, at any moment and often, ends in the same bits as one left alone."""

import random
import signal
import subprocess
import sys
import time
from itertools import pairwise

import numpy as np
import pytest

from deepbook import weights

TRAINING = """
import sys, time
import jax, numpy as np
from deepbook.layers import BatchNorm, Dense, Dropout, Relu, Sequential
from deepbook.losses import accuracy
from deepbook.optim import AdamW, Cosine
from deepbook.train import Checkpoint, EarlyStopping, fit
from deepbook.weights import save

path, result, epochs = sys.argv[1:]
rng, key = np.random.default_rng(0), jax.random.key(0)
x = rng.normal(size=(200, 6)).astype(np.float32)
y = (x[:, 0] * x[:, 1] > 0).astype(int)
model = Sequential([Dense(16), BatchNorm(), Relu(), Dropout(0.2), Dense(2)])

def pause(epoch, params, history):
    print(epoch, flush=True)
    time.sleep(0.005)

params, history = fit(
    model, model.init(key, x[:1]), (x, y), key=key, optimizer=AdamW(Cosine(0.01, 600)), epochs=int(epochs),
    batch_size=16, metrics=(accuracy,), validation_split=0.2, callbacks=[EarlyStopping(1000), Checkpoint(path), pause],
)
save(result, {"params": params, "history": {name: np.array(v) for name, v in history.items() if name != "seconds"}})
"""


def start(folder, epochs):
    command = [sys.executable, "-c", TRAINING, folder / "checkpoint", folder / "result", str(epochs)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def left_alone(folder, epochs):
    process = start(folder, epochs)
    ran = process.communicate(timeout=300)[0].split()
    assert process.returncode == 0
    return ran


def left_alone_here(folder, epochs, monkeypatch, capsys):
    """The same in this process, which saves the start of another."""
    monkeypatch.setattr(sys, "argv", ["-c", str(folder / "checkpoint"), str(folder / "result"), str(epochs)])
    exec(TRAINING, {})
    return capsys.readouterr().out.split()


def killed(folder, epochs, moments, seed):
    """Start the training, kill it at a random moment, and so on; then let it end. Returns the epochs each one ran."""
    luck = random.Random(seed)
    ran = []
    for _ in range(moments):
        process = start(folder, epochs)
        first = process.stdout.readline()  # its first epoch is about to be written
        time.sleep(luck.uniform(0, 0.1))
        process.send_signal(signal.SIGKILL)
        ran.append([*first.split(), *process.communicate(timeout=60)[0].split()])
        assert process.returncode == -signal.SIGKILL, "it had ended: give it more epochs"
    return [*ran, left_alone(folder, epochs)]


def the_same_in_the_end(tmp_path, monkeypatch, capsys, epochs, moments, seed):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir()
    parts.mkdir()
    assert left_alone_here(whole, epochs, monkeypatch, capsys) == [str(epoch) for epoch in range(1, epochs + 1)]
    ran = killed(parts, epochs, moments, seed)
    assert int(ran[-1][0]) > 1  # it went on, and did not start anew
    for one, after in pairwise(ran):
        assert int(after[0]) in (int(one[-1]), int(one[-1]) + 1)  # at most the epoch that was not yet written is lost
    for name in ("result", "checkpoint"):
        (expected, _), (arrays, _) = weights.read(whole / name), weights.read(parts / name)
        assert set(arrays) == set(expected)
        for path, array in expected.items():
            np.testing.assert_array_equal(arrays[path], array)


def test_killed_twice(tmp_path, monkeypatch, capsys):
    the_same_in_the_end(tmp_path, monkeypatch, capsys, epochs=60, moments=2, seed=0)


@pytest.mark.slow
def test_killed_at_twenty_random_moments(tmp_path, monkeypatch, capsys):
    the_same_in_the_end(tmp_path, monkeypatch, capsys, epochs=500, moments=20, seed=1)
