"""deepbook.labs: what a lab leaves, what the pages read, and that the recorded numbers are still what comes out."""

import json
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

from deepbook import labs
from deepbook.downloads import DataNotFound
from deepbook.labs import (
    admissions,
    cifar,
    digits,
    dogs_cats,
    fashion,
    fizzbuzz,
    mnist,
    race,
    regularizers,
    transfer,
)


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
        assert file.stem in labs.names() or (BENCHMARKS / f"{file.stem}.py").exists()


# ------------------------------------------------------------------ chapter 2


BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
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


# ------------------------------------------------------------------ chapter 4


def test_cifar_network_has_the_parameters_of_the_curriculum():
    from deepbook.layers import summary

    table = summary(cifar.NETWORKS["plain"], np.zeros((1, 32, 32, 3), np.float32))
    assert "896,522" in table.splitlines()[-1]


def test_cifar_moves_photos_and_nothing_else():
    import jax

    x = np.zeros((64, 9, 9, 3), np.float32)
    x[:, 4, 4:6] = 0.25, 0.5, 1
    moved = np.asarray(cifar.Moved(2)(jax.random.key(0), x))
    np.testing.assert_allclose(moved.sum(axis=(1, 2)), x.sum(axis=(1, 2)))
    columns = moved[..., 0].sum(axis=1).argmax(axis=1)
    assert set(columns.tolist()) == {1, 2, 3, 4, 5, 6}  # 4 or, mirrored, 3; and up to two pixels more
    assert not np.array_equal(moved, cifar.Moved(2)(jax.random.key(1), x))


def test_cifar_keeps_mistakes_as_whole_numbers():
    x = np.linspace(0, 1, 8 * 32 * 32 * 3, dtype=np.float32).reshape(8, 32, 32, 3)
    y = np.arange(8)
    kept = cifar.mistakes(x, y, np.eye(8)[[0, 1, 7, 3, 2, 5, 6, 7]])
    assert [(each["true"], each["answer"]) for each in kept] == [(2, 7), (4, 2)]
    np.testing.assert_array_equal(kept[0]["pixels"].reshape(32, 32, 3), np.round(x[2] * 255))


def test_cifar_refuses_a_network_that_it_does_not_know(tmp_path):
    with pytest.raises(SystemExit, match="--only is plain or better, not best"):
        cifar.run(range(1), tmp_path, quick=True, only="best")


def test_cifar_classifies_a_photo(tmp_path):
    import jax
    from PIL import Image

    from deepbook import weights

    model = cifar.NETWORKS["better"]
    params = model.init(jax.random.key(0), np.zeros((1, 32, 32, 3), np.float32))
    weights.save(tmp_path / "better.safetensors", (*params[:-1], {"W": 0 * params[-1]["W"], "b": np.eye(10)[3] * 9}))
    Image.new("RGB", (640, 480)).save(tmp_path / "photo.png")
    guesses = cifar.classify(tmp_path / "photo.png", tmp_path / "better.safetensors")
    assert guesses[0][0] == "cat" and guesses[0][1] > 0.99 and len(guesses) == 3


def test_recorded_cifar_shows_what_the_page_says():
    """Better is better, and each number of the record belongs to the others."""
    found = labs.result("cifar")
    plain, better = found["networks"]["plain"], found["networks"]["better"]
    assert plain["parameters"] == 896_522
    assert np.mean(better["test_accuracy"]) > np.mean(plain["test_accuracy"]) + 0.03
    for each in (plain, better):
        assert np.sum(each["confusion"]) == found["test_photos"] == 10_000
        right = np.trace(each["confusion"]) / np.sum(each["confusion"])
        assert right == pytest.approx(each["test_accuracy"][0], abs=1e-5)
        assert np.shape(each["filters"])[-1] == 64 and np.shape(each["mistakes"][0]["pixels"]) == (32, 96)


@pytest.mark.slow
def test_cifar_lab_quickly(real_data, tmp_path, capsys):
    assert cifar.main(["--quick", "--out", str(tmp_path)]) == 0
    kinds = ("curves.png", "confusion.png", "mistakes.png", "filters.png")
    drawn = {f"{name}-{kind}" for name in ("plain", "better") for kind in kinds}
    kept = {"plain.safetensors", "better.safetensors", "cifar.json"}
    assert {file.name for file in tmp_path.iterdir()} == drawn | kept
    assert "classify(" in capsys.readouterr().out


# ------------------------------------------------------------------ chapter 5


def test_transfer_views_are_eight_sides_of_each():
    x = np.arange(2 * 4 * 4, dtype=np.float32).reshape(2, 4, 4, 1)
    seen, y = transfer.views(x, np.array([0, 4]))
    assert seen.shape == (16, 4, 4, 1) and y.dtype == np.int32
    assert y.tolist() == [label + 5 * side for side in range(8) for label in (0, 4)]
    assert len(np.unique(seen.reshape(16, -1), axis=0)) == 16
    np.testing.assert_array_equal(np.sort(seen.reshape(16, -1)), np.sort(np.tile(x.reshape(2, -1), (8, 1))))


def test_transfer_teaches_no_digit_that_it_is_asked_for():
    (x, y), (x_test, y_test) = transfer.digits(5, 10)
    (x_low, y_low), (x_low_test, _) = transfer.digits(0, 5)
    assert set(y) == set(y_test) == set(y_low) == set(range(5))
    assert len(x) + len(x_low) == 1437 and len(x_test) + len(x_low_test) == 360


def test_transfer_unit_gives_all_the_same_length():
    y = transfer.Unit(3.0).apply({}, jnp.array([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]]))
    np.testing.assert_allclose(y, [[1.8, 2.4], [1.8, 2.4], [0, 0]], rtol=1e-4)


def test_recorded_transfer_is_ahead_of_scratch():
    found = labs.result("transfer")
    at = dict(zip(found["shots"], found["ahead"]["mean"], strict=True))
    assert all(at[n] > 0 for n in (1, 2, 5, 10)) and abs(at[50]) < 0.01
    assert min(found["backbone_accuracy"]) > 0.9
    assert np.shape(found["accuracy"]["tuned"]) == np.shape(found["accuracy"]["scratch"]) == (6, 8)
    ahead = np.subtract(found["accuracy"]["frozen"], found["accuracy"]["scratch"]).mean(axis=1)
    np.testing.assert_allclose(ahead, found["ahead"]["mean"], atol=1e-4)


@pytest.mark.slow
def test_transfer_lab_quickly(tmp_path, capsys):
    assert transfer.main(["--quick", "--out", str(tmp_path)]) == 0
    assert {file.name for file in tmp_path.iterdir()} == {"few-shot.png", "transfer.json"}
    assert "from scratch" in capsys.readouterr().out


def test_dogs_cats_shrinks_by_means():
    x = np.arange(5 * 5, dtype=np.float32).reshape(1, 5, 5, 1) * np.ones(3, np.float32)
    assert dogs_cats.shrink(x, by=2)[0, :, :, 0].tolist() == [[3, 5], [13, 15]]
    assert dogs_cats.shrink(np.zeros((2, 227, 227, 3), np.float32)).shape == (2, 32, 32, 3)


def test_dogs_cats_head_has_the_parameters_of_the_curriculum():
    import jax

    from deepbook.layers import count

    assert count(dogs_cats.HEAD.init(jax.random.key(0), np.zeros((1, 512), np.float32))) == 32_962


def test_recorded_dogs_cats_shows_what_the_page_says():
    found = labs.result("dogs_cats")
    assert found["trained"] == 32_962 and len(found["test_accuracy"]) == len(found["from_scratch"]) == 3
    assert np.mean(found["test_accuracy"]) >= 0.949 and found["logistic_regression"] > 0.949
    assert np.mean(found["test_accuracy"]) > np.mean(found["from_scratch"]) + 0.1
    few = {name: np.mean(each, axis=1) for name, each in found["few"].items()}
    assert (few["transfer"] > few["scratch"]).all()


@pytest.mark.slow
def test_dogs_cats_lab_quickly(real_data, tmp_path, capsys):
    assert dogs_cats.main(["--quick", "--out", str(tmp_path)]) == 0
    assert {file.name for file in tmp_path.iterdir()} == {
        "confusion.png",
        "mistakes.png",
        "few-shot.png",
        "dogs_cats.json",
    }
    assert "logistic regression" in capsys.readouterr().out


def test_thaw_shows_what_the_page_says():
    """Freeze with few examples, thaw with many; what is frozen forgets nothing, and a large rate forgets most."""
    found = labs.result("thaw")
    at = lambda table, shots: np.mean(table["small"][found["shots"].index(shots)])  # noqa: E731
    frozen, all_learn, scratch = found["new"]["1"], found["new"]["7"], found["scratch"]
    assert at(frozen, 1) > at(scratch, 1) + 0.2 and at(frozen, 1) > at(all_learn, 1)
    assert at(scratch, 100) > at(frozen, 100) and at(all_learn, 100) > at(frozen, 100)
    assert np.mean(found["old"]["1"]["large"]) > 0.99 > np.mean(found["old"]["7"]["small"]) > 0.95
    assert np.mean(found["old"]["7"]["large"]) < 0.8
