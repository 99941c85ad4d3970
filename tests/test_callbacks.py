"""deepbook.callbacks: when to stop, what to keep, what to show; with histories written by hand."""

import os
import signal
import threading

import jax.numpy as jnp
import numpy as np
import pytest

from deepbook.callbacks import Checkpoint, EarlyStopping, ctrl_c, progress_bar

# Early stopping


@pytest.mark.parametrize(
    ("stopping", "values", "best", "over"),
    [
        (EarlyStopping(2), [3, 2, 1], 2, False),
        (EarlyStopping(2), [3, 1, 2], 1, False),
        (EarlyStopping(2), [3, 1, 2, 2], 1, True),
        (EarlyStopping(2), [3, 1, 2, 0.9], 3, False),
        (EarlyStopping(2), [3, 1, 1, 1], 1, True),  # as good is not better
        (EarlyStopping(2, min_delta=0.5), [3, 2.6, 2.7], 0, True),
        (EarlyStopping(2, min_delta=0.5), [3, 2.6, 2.4], 2, False),  # against the last that counted, 3
        (EarlyStopping(1, "val_accuracy"), [0.5, 0.7, 0.6], 1, True),  # what is no loss should rise
        (EarlyStopping(1, "val_accuracy"), [0.5, 0.7, 0.8], 2, False),
        (EarlyStopping(2), [float("nan"), float("nan")], 0, False),
        (EarlyStopping(2), [float("nan"), 5.0, 4.0], 2, False),
        (EarlyStopping(2), [2.0, float("nan"), float("nan")], 0, True),
    ],
)
def test_early_stopping_worked_by_hand(stopping, values, best, over):
    history = {"val_loss": values} if stopping.monitor == "val_loss" else {stopping.monitor: values}
    assert stopping.best(history) == best
    assert stopping(len(values), None, history) is over


def test_early_stopping_watches_what_it_was_told():
    history = {"loss": [3, 2, 1], "val_loss": [1, 2, 3]}
    assert EarlyStopping(2, "loss").best(history) == 2
    assert EarlyStopping(2).best(history) == 0


def test_early_stopping_needs_what_it_watches():
    message = r'EarlyStopping: got a history of loss, seconds; needs "val_loss"; try fit\(..., validation_split=0.1\)'
    with pytest.raises(ValueError, match=message):
        EarlyStopping().best({"loss": [1.0], "seconds": [0.1]})


# Checkpoints

STATE = {"params": ({"W": jnp.arange(6.0).reshape(2, 3)}, {}), "opt_state": {"t": jnp.array(7)}, "best": {}}
LIKE = {"params": ({"W": jnp.zeros((2, 3))}, {}), "opt_state": {"t": jnp.array(0)}, "best": {}}
HISTORY = {"loss": [1 / 3, float("nan")], "val_loss": [0.1 + 0.2, 1e-30]}


def test_a_checkpoint_comes_back_to_the_bit(tmp_path):
    checkpoint = Checkpoint(tmp_path / "new" / "file")
    assert checkpoint.read(LIKE, "this") is None
    checkpoint.write(STATE, HISTORY, "this")
    state, history = checkpoint.read(LIKE, "this")
    np.testing.assert_array_equal(state["params"][0]["W"], STATE["params"][0]["W"])
    assert state["params"][1] == state["best"] == {}
    assert (state["opt_state"]["t"], state["opt_state"]["t"].dtype) == (7, jnp.int32)
    assert str(history) == str(HISTORY)


def test_a_checkpoint_never_ends_a_training(tmp_path):
    assert Checkpoint(tmp_path / "file")(3, None, {"loss": [1.0]}) is False


def test_a_checkpoint_of_another_training_is_refused(tmp_path):
    Checkpoint(tmp_path / "file").write(STATE, HISTORY, "that training")
    with pytest.raises(ValueError, match=r"fit: .*file belongs to another training:\s+that training\s.*") as raised:
        Checkpoint(tmp_path / "file").read(LIKE, "this training")
    assert "this training" in str(raised.value)
    assert "Take another path, or delete the file" in str(raised.value)


def test_a_file_of_weights_is_no_checkpoint(tmp_path):
    from deepbook import weights

    weights.save(tmp_path / "file", STATE["params"])
    with pytest.raises(ValueError, match="belongs to another training"):
        Checkpoint(tmp_path / "file").read(LIKE, "this training")


# Ctrl-C


def test_the_first_ctrl_c_is_noted_and_the_second_interrupts():
    with ctrl_c() as pressed:
        assert not pressed.is_set()
        os.kill(os.getpid(), signal.SIGINT)
        assert pressed.is_set()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("error", [None, ZeroDivisionError])
def test_afterwards_ctrl_c_interrupts_as_before(error):
    try:
        with ctrl_c():
            assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
            if error:
                raise error
    except ZeroDivisionError:
        pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_program_with_its_own_way_keeps_it():
    seen = []
    before = signal.signal(signal.SIGINT, lambda *_: seen.append("own"))
    try:
        with ctrl_c() as pressed:
            os.kill(os.getpid(), signal.SIGINT)
            assert not pressed.is_set()
        assert seen == ["own"]
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_changes_nothing():
    result = []

    def work():
        with ctrl_c() as pressed:
            result.append(pressed.is_set())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert result == [False]


# The progress bar


def test_the_bar_says_the_epoch_and_the_last_numbers(capsys):
    with progress_bar(True, 3) as show:
        show(1.5, ["loss", "accuracy"], np.array([[9.0, 0.0], [0.25, 0.75]]))
    said = capsys.readouterr().err
    assert "epoch 2/3" in said
    assert "loss 0.2500  accuracy 0.7500" in said


@pytest.mark.parametrize("wanted", [False, None])
def test_no_bar_is_shown_to_nobody(wanted, capsys):
    with progress_bar(wanted, 3) as show:
        show(1.5, ["loss"], np.array([[9.0]]))
    assert capsys.readouterr() == ("", "")
