"""deepbook.labs: what a lab leaves, what the pages read, and that the recorded numbers are still what comes out."""

import json

import jax.numpy as jnp
import numpy as np
import pytest

from deepbook import labs
from deepbook.downloads import DataNotFound
from deepbook.labs import admissions, digits, fashion, fizzbuzz, mnist, race, regularizers


def test_names_gives_each_lab_its_question():
    assert labs.names()["admissions"].startswith("Who is admitted")
    assert all(question and "\n" not in question for question in labs.names().values())


@pytest.mark.parametrize("name", labs.names())
def test_every_lab_is_recorded(name):
    run = labs.result(name)["run"]
    assert run["command"].startswith(f"deepbook lab {name}") and "--quick" not in run["command"]
    assert set(run) == {"command", "date", "seconds", "processor", "cores", "device", "versions"}
    assert labs.told(labs.result(name)).startswith(f"{run['command']}, {run['date']}\n")


def test_result_says_how_it_is_made(tmp_path):
    with pytest.raises(FileNotFoundError, match="run `deepbook lab race --record`"):
        labs.result("race", tmp_path)


def test_save_result_keeps_numbers_in_six_digits_and_lists_in_one_line(tmp_path):
    found = {"a": np.float32(1 / 3), "b": [jnp.float32(1), 2], "c": np.arange(3), "d": ["x [ y", {"e": (1e-9, None)}]}
    file = labs.save_result("some", found, tmp_path)
    assert labs.result("some", tmp_path) == {
        "a": 0.333333,
        "b": [1, 2],
        "c": [0, 1, 2],
        "d": ["x [ y", {"e": [1e-9, None]}],
    }
    assert '"c": [0, 1, 2]' in file.read_text()
    assert [each.name for each in tmp_path.iterdir()] == ["some.json"]


def test_start_hands_the_options_on(tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPBOOK_BOOK", str(tmp_path / "book"))
    asked = []

    def run(seeds, out, quick=False, epochs=1, hidden_units=2):
        asked.append((list(seeds), out, quick, epochs, hidden_units))
        return {"found": 1}

    out = tmp_path / "out"
    assert (
        labs.start("some", run, ["--out", str(out), "--epochs", "7", "--record"], seeds=3, epochs=5, hidden_units=2)
        == 0
    )
    assert labs.start("some", run, ["--out", str(out), "--quick", "--seeds", "1"], seeds=3, epochs=5) == 0
    assert asked == [([0, 1, 2], out, False, 7, 2), ([0], out, True, 5, 2)]
    recorded, quick = labs.result("some"), labs.result("some", out)
    assert recorded["found"] == 1 and recorded["run"]["command"] == "deepbook lab some --epochs 7"
    assert quick["run"]["command"] == "deepbook lab some --seeds 1 --quick"
    for wrong in (["--quick", "--record"], ["--epochs", "0"], ["--epoks", "3"]):
        with pytest.raises(SystemExit, match="2"):
            labs.start("some", run, wrong, epochs=5)


@pytest.mark.parametrize("was_there", [True, False])
def test_start_without_data(tmp_path, capsys, was_there):
    def run(seeds, out, quick=False):
        raise DataNotFound("no such data here")

    if was_there:
        (tmp_path / "out").mkdir()
    assert labs.start("some", run, ["--out", str(tmp_path / "out")]) == 3
    assert capsys.readouterr().err == "no such data here\n"
    assert (tmp_path / "out").exists() == was_there


def test_admissions_still_gives_what_is_recorded(real_data, tmp_path):
    labs.save_result("admissions", admissions.run(range(100), tmp_path), tmp_path)
    again, recorded = labs.result("admissions", tmp_path), labs.result("admissions")
    del recorded["run"]
    assert again.keys() == recorded.keys()
    for name, value in recorded.items():
        np.testing.assert_allclose(_numbers(again[name]), _numbers(value), rtol=1e-3, atol=1e-3, err_msg=name)


def test_admissions_shows_what_the_page_says(real_data):
    """Hardly more right answers than "always no", and yet probabilities that come true."""
    found = labs.result("admissions")
    right, no = np.mean(found["accuracy"]), np.mean(found["always_no"])
    assert no < right < no + 0.03
    assert np.mean(found["loss"]) < np.mean(found["loss_of_the_share"]) - 0.02
    assert all(abs(each["p"] - each["admitted"]) < 0.05 for each in found["fifths"])


def _numbers(thing):
    """All numbers in nested lists and dicts, in order."""
    if isinstance(thing, dict):
        thing = list(thing.values())
    return [number for each in thing for number in _numbers(each)] if isinstance(thing, list) else [thing]


def test_admissions_agrees_with_scikit_learn(real_data):
    from sklearn.linear_model import LogisticRegression

    from deepbook import data

    rows, y = data.read_admissions(real_data / "admissions/student_data.csv")
    reference = LogisticRegression(C=np.inf, tol=1e-8).fit(admissions.features(rows, rows), y)
    np.testing.assert_allclose(list(labs.result("admissions")["weights"].values()), reference.coef_[0], atol=2e-3)


def test_recorded_results_are_tidy_json():
    for file in labs.results_folder().glob("*.json"):
        assert json.loads(file.read_text(encoding="utf-8"))
        assert file.stem in labs.names()


# ------------------------------------------------------------------ chapter 2


BARS = {"digits": 0.97, "mnist": 0.978, "fashion": 0.888}


@pytest.mark.parametrize("name", BARS)
def test_recorded_networks_reach_their_bar(name):
    found = labs.result(name)
    assert len(found["test_accuracy"]) >= 3
    assert np.mean(found["test_accuracy"]) >= BARS[name]
    assert np.sum(found["confusion"]) == {"digits": 360}.get(name, 10_000)
    right = np.trace(found["confusion"]) / np.sum(found["confusion"])
    assert right == pytest.approx(found["test_accuracy"][0], abs=1e-5)
    assert len(found["history"]["val_loss"]) == found["runs"][0]["epochs"]
    assert all(each["true"] != each["answer"] for each in found["mistakes"])


def test_recorded_fashion_stopped_early_and_mnist_did_not():
    assert all(each["epochs"] < 60 for each in labs.result("fashion")["runs"])
    assert all(each["epochs"] == 15 for each in labs.result("mnist")["runs"])


def test_mnist_network_has_the_parameters_of_the_curriculum():
    from deepbook.layers import summary

    table = summary(mnist.MODEL, np.zeros((1, 28, 28, 1), np.float32))
    assert "101,770" in table.splitlines()[-1] and "100,480" in table


def test_digits_lab_quickly(tmp_path, capsys):
    assert digits.main(["--quick", "--seeds", "1", "--out", str(tmp_path)]) == 0
    assert {file.name for file in tmp_path.iterdir()} == {"curves.png", "confusion.png", "mistakes.png", "digits.json"}
    assert "9,610" in (said := capsys.readouterr().out) and "mean" in said


@pytest.mark.parametrize("lab", [mnist, fashion], ids=["mnist", "fashion"])
def test_image_labs_quickly(lab, real_data, tmp_path):
    found = lab.run(range(2), tmp_path, quick=True)
    assert found["test_accuracy"] == [pytest.approx(0.86 if lab is fashion else 0.92, abs=0.04)]


@pytest.mark.slow
def test_digits_lab_reaches_97_percent(tmp_path):
    assert np.mean(digits.run(range(3), tmp_path)["test_accuracy"]) >= 0.97


@pytest.mark.slow
def test_mnist_lab_reaches_97_8_percent(real_data, tmp_path):
    assert np.mean(mnist.run(range(3), tmp_path)["test_accuracy"]) >= 0.978


def test_fizzbuzz_examples_are_what_people_say():
    x, y = fizzbuzz.examples([1, 3, 5, 15, 512])
    assert [fizzbuzz.CLASSES[label] for label in y] == ["number", "fizz", "buzz", "fizzbuzz", "number"]
    assert x[1].tolist() == [1, 1, 0, 0, 0, 0, 0, 0, 0, 0] and x[4].tolist() == [0] * 9 + [1]


def test_fizzbuzz_is_solved_by_depth_with_a_penalty_and_by_neither_alone():
    found = {(each["hidden"], each["penalty"] > 0): each for each in labs.result("fizzbuzz")["networks"]}
    assert np.mean(found["two of 100", True]["test_accuracy"]) == 1
    assert np.mean(found["two of 100", False]["test_accuracy"]) < 0.95
    assert np.mean(found["one of 100", True]["test_accuracy"]) < 1
    assert np.mean(found["no hidden layer", False]["test_accuracy"]) < 0.6


def test_fizzbuzz_lab_quickly(tmp_path, capsys):
    assert fizzbuzz.main(["--quick", "--out", str(tmp_path)]) == 0
    assert len(labs.result("fizzbuzz", tmp_path)["networks"]) == 8
    assert "always the number" in capsys.readouterr().out


@pytest.mark.slow
def test_fizzbuzz_lab_solves_it(tmp_path):
    """The numbers 1 to 100, which it has not seen, all right."""
    train, test = fizzbuzz.examples(range(101, 1024)), fizzbuzz.examples(range(1, 101))
    right, _, _ = fizzbuzz.learn(fizzbuzz.network((100, 100)), train, test, fizzbuzz.PENALTY, 1000, seed=0)
    assert right == 1


# ------------------------------------------------------------------ chapter 3


@pytest.mark.parametrize("name", race.OPTIMIZERS)
def test_race_walks_as_minimize_does(name):
    from deepbook import optim

    make, start = race.OPTIMIZERS[name], jnp.array([1.0, 1.5])
    paths, values = race.walks(race.beale, start, make, jnp.array([0.001, 0.01]), 30)
    path, heights = optim.minimize(race.beale, start, make(0.01), 30)
    np.testing.assert_allclose(paths[1], path, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(values[1], heights, rtol=1e-3, atol=1e-5)


def test_race_surfaces_have_their_minimum_where_they_say():
    assert race.ravine(jnp.zeros(2)) == 0
    assert race.beale(jnp.array([3.0, 0.5])) == 0


def test_race_fastest_counts_from_the_step_that_stays_below(monkeypatch):
    heights = jnp.array([[9.0, 0.0, 9.0, 0.0], [9.0, 9.0, 0.0, 0.0], [9.0, jnp.nan, jnp.nan, jnp.nan]])
    monkeypatch.setattr(race, "walks", lambda *_: (jnp.zeros((3, 4, 2)), heights))
    found = race.fastest("ravine", race.SGD, jnp.array([1.0, 2.0, 3.0]), 3)
    assert found["lr"] == 2 and found["arrived"] == 2
    monkeypatch.setattr(race, "walks", lambda *_: (jnp.zeros((1, 4, 2)), heights[2:]))
    assert race.fastest("ravine", race.SGD, jnp.array([3.0]), 3)["arrived"] is None


def test_race_lab_quickly(tmp_path, capsys):
    assert race.main(["--quick", "--out", str(tmp_path)]) == 0
    assert {file.name for file in tmp_path.iterdir()} == {"race.png", "race.json"}
    assert "Nesterov" in capsys.readouterr().out


def test_recorded_race_shows_what_the_page_says():
    """With the right rate all are about equally good; the rates differ, and SGD's lies close to its cliff."""
    found = labs.result("race")
    digits, rates = found["digits"], found["rates"]
    right = [np.mean(each["test_accuracy"]) for each in digits.values()]
    assert min(right) > 0.975 and max(right) - min(right) < 0.015
    best = {name: each["lr"] for name, each in digits.items()}
    assert best["Adam"] <= 0.1 * best["SGD"] and best["RMSProp"] <= 0.1 * best["SGD"]
    at = rates.index(pytest.approx(0.001, rel=0.01))
    assert digits["Adam"]["last"][at] < 0.2 and digits["SGD"]["last"][at] > 1.5
    cliff = digits["SGD"]["last"][rates.index(best["SGD"]) + 1]
    assert cliff is None or cliff > 2
    np.testing.assert_allclose(digits["Momentum"]["last"][:4], digits["SGD"]["last"][3:7], rtol=0.05)
    assert found["ravine"]["AdaGrad"]["arrived"] == min(each["arrived"] for each in found["ravine"].values())


def test_recorded_regularizers_show_what_the_page_says():
    found = labs.result("regularizers")
    test = {name: np.mean(each["test"]) for name, each in found["remedies"].items()}
    loss = {name: np.mean(each["test_loss"]) for name, each in found["remedies"].items()}
    assert all(len(each["test"]) == 3 for each in found["remedies"].values())
    higher = [name for name in loss if loss[name] > loss["none"]]
    assert higher == ["batch normalization"]
    assert abs(test["L1"] - test["none"]) < 0.01 and abs(test["L2"] - test["none"]) < 0.01
    assert max(test, key=test.get) in ("shift by a pixel", "shift and smoothing")
    assert np.mean(found["more pictures"]["test"]) > max(test.values())


def test_regularizers_lab_quickly(real_data, tmp_path):
    found = regularizers.run(range(2), tmp_path, quick=True)
    assert found["remedies"].keys() == regularizers.REMEDIES.keys()
    assert all(0.1 < each["test"][0] < 0.9 and len(each["test"]) == 1 for each in found["remedies"].values())
