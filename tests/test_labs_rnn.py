"""The labs of chapter 7: what they make of their data, and that the recorded numbers say what the page says."""

import jax
import numpy as np
import pytest

from deepbook import labs
from deepbook.labs import dates as dates_lab
from deepbook.labs import home_runs, memory, reviews_lstm, shakespeare, stock
from deepbook.seq2seq import FORMS
from deepbook.text import words


def test_home_runs_adds_stints_and_counts_age_at_the_end_of_june():
    names = ("G", "AB", "R", "H", "2B", "3B", "HR", "RBI", "SB", "BB", "SO", "HBP", "SH", "SF")
    batting = {name: np.ones(3, int) for name in names} | {"AB": np.array([4, 6, 10]), "H": np.array([4, 4, 4])}
    batting |= {"playerID": np.array(["a", "a", "b"]), "yearID": np.array([2001, 2001, 2001])}
    people = {"playerID": np.array(["a", "b"]), "birthYear": np.array([1980.0, 1980]), "birthMonth": np.array([6.0, 7])}
    found = home_runs.seasons(batting, people)
    a, b = (dict(zip(home_runs.FEATURES, found[player][2001], strict=True)) for player in "ab")
    assert a["Age"] == 21 and b["Age"] == 20
    assert (a["G"], a["AB"], a["HR"], a["PA"], a["TB"]) == (2, 10, 2, 18, 8 + 2 + 2 * 2 + 3 * 2)
    # the league: on base 18 of 29 chances, 30 bases in 20 at-bats
    assert a["OPS+"] == pytest.approx(100 * ((12 / 16) / (18 / 29) + (20 / 10) / (30 / 20) - 1))


def test_home_runs_windows_have_gaps_and_no_future():
    season = lambda n: np.full(15, n, float)  # noqa: E731
    careers = {"here": {2010: season(12), 2016: season(25), 2017: season(31)}, "new": {2017: season(3)}}
    players, x, y = home_runs.windows(careers, 2017)
    assert players == ["here"] and y.tolist() == [3] and x.shape == (1, 10, 16)
    assert x[0, :, -1].tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 0, 1]
    assert x[0, 3, 0] == 12 and x[0, 9, 0] == 25 and x.max() == 25
    assert home_runs.last_bin(x).tolist() == [2] and home_runs.bins([9, 10, 39, 40, 73]).tolist() == [0, 1, 3, 4, 4]
    even = home_runs.scaled(x, home_runs.scaling(x))
    np.testing.assert_allclose(even[0, [3, 9], 0], [-1, 1])
    assert (even[0, [0, 4, 8]] == 0).all()


def test_home_runs_network_reads_over_gaps():
    model = home_runs.network(4)
    x = np.random.default_rng(0).normal(size=(1, 10, 16)).astype(np.float32)
    x[..., -1] = np.arange(10) > 6
    params = model.init(jax.random.key(0), x)
    other = np.where(x[..., -1:] > 0, x, np.where(np.arange(16) < 15, 9, 0)).astype(np.float32)
    np.testing.assert_allclose(model.apply(params, x), model.apply(params, other), atol=1e-6)


def test_recorded_home_runs_are_what_was_hit():
    found = labs.result("home_runs")
    assert [each["hit"] for each in found["players"]] == [33, 24, 24, 29, 23, 22]
    assert all(each["true"] == min(each["hit"] // 10, 4) and sum(each["chances"]) > 0.999 for each in found["players"])
    assert found["rows"]["test"] == np.sum(found["confusion"]) == np.sum(found["confusion_same"]) == 1096
    assert found["whole_windows"] == 115
    right = np.trace(found["confusion"]) / np.sum(found["confusion"])
    assert right == pytest.approx(found["accuracy"]["LSTM"][0], abs=1e-5)
    same = np.mean(found["accuracy"]["same bin as last season"])
    assert abs(np.mean(found["accuracy"]["LSTM"]) - same) < 0.03 and same > found["accuracy"]["always 0-9"][0]


def test_recorded_memory_shows_what_the_page_says():
    """At the longest distance the LSTM remembers and the plain cell does not; its gradient is far smaller there."""
    found = labs.result("memory")
    far = {each["cell"]: np.mean(each["accuracy"]) for each in found["learned"] if each["distance"] == 80}
    assert far["LSTM"] > 0.95 and far["RNN"] < 0.6
    start = {name: np.median(each["start"], axis=0) for name, each in found["gradients"].items()}
    assert all(len(each) == 81 for each in start.values())
    assert start["LSTM"][-1] / start["LSTM"][0] > 100 * start["RNN"][-1] / start["RNN"][0]
    biases = {name: {bias: np.mean(each) for bias, each in some.items()} for name, some in found["biases"].items()}
    assert biases["LSTM"]["0"] < 0.6 < biases["LSTM"]["1"] and biases["GRU"]["0"] < 0.6 < biases["GRU"]["3"]


def test_dates_knows_the_form_of_each_text():
    for i, form in enumerate(FORMS):
        told = {"d": 3, "m": 9, "y": 1999, "month": "September", "mon": "Sep", "MONTH": "SEPTEMBER"}
        assert FORMS[dates_lab.form(form.format(**told))] == FORMS[i]
    train, test = dates_lab.tasks(0, 200, 50)
    assert len(test.source) == 50 and not set(map(train.text, train.source)) & set(map(test.text, test.source))
    text = train.text(train.source[0])
    np.testing.assert_array_equal(dates_lab.encode(train, [text])[0], train.source[0])


def test_recorded_dates_are_mostly_right():
    found = labs.result("dates")
    assert np.mean(found["exact"]) > 0.99 > found["few"]["exact"] + 0.05
    assert all(each["answer"] != each["true"] for each in found["wrong"] + found["few"]["wrong"])
    asked = sum(n for _, n in found["by_form"].values())
    assert asked == found["examples"]["test"]
    assert sum(right for right, _ in found["by_form"].values()) / asked == pytest.approx(found["exact"][0], abs=1e-5)


def test_stock_windows_end_on_the_day_before():
    x, y = stock.windows(np.arange(6.0), 3)
    assert x[:, :, 0].tolist() == [[0, 1, 2], [1, 2, 3], [2, 3, 4]] and y[:, 0].tolist() == [3, 4, 5]


def test_stock_judges_prices_and_directions():
    yesterday, price = np.array([100.0, 100, 100, 100]), np.array([110.0, 90, 110, 90])
    found = stock.judged(np.array([101.0, 101, 100, 99]), price, yesterday)
    assert found["direction"] == (1 + 0 + 0.5 + 1) / 4
    assert stock.judged(price, price, yesterday) == {"price_error": 0, "return_error": 0, "direction": 1}
    assert stock.judged(yesterday, price, yesterday)["price_error"] == 10


def test_recorded_stock_is_not_told_in_advance():
    found = labs.result("stock")
    error = {name: np.mean([each["return_error"] for each in some]) for name, some in found["scores"].items()}
    assert error["returns"] == pytest.approx(error["same"], rel=0.05) and error["prices"] > 2 * error["same"]
    right = [each["direction"] for each in found["scores"]["returns"]]
    assert np.mean(right) < found["always_up"] + 2 * found["chance_error"]


def test_shakespeare_counts_as_by_hand():
    # "abab": a comes twice in four, and is followed by b each time
    train, test = np.array([0, 1, 0, 1]), np.array([0, 1])
    alone = (2 + 5 / 2) / (4 + 5)
    assert shakespeare.counted(train, test, 2, 0) == pytest.approx(-np.log2(alone))
    assert shakespeare.counted(train, test, 2, 1) == pytest.approx(-np.log2((2 + 5 * alone) / (2 + 5)))
    assert shakespeare.known_words("to be or", {"to", "be", "or"}) == 1
    assert shakespeare.known_words("to bex or", {"to", "be"}) == 0.5


def test_recorded_shakespeare_is_as_good_as_pytorch():
    found = labs.result("shakespeare")
    assert found["characters"]["different"] == 65
    assert found["torch"]["bits"][-1] == pytest.approx(found["bits"][0], abs=0.05)
    assert found["bits"][0] < found["counted"]["2"] < found["uniform"]
    assert found["perplexity"][0] == pytest.approx(2 ** found["bits"][0], rel=1e-4)
    known = [each["known_words"] for each in found["samples"]]
    assert known == sorted(known, reverse=True)


def test_reviews_lstm_pairs_differ_by_their_order_alone():
    for praise, blame in reviews_lstm.PAIRS:
        assert praise != blame and sorted(words(praise)) == sorted(words(blame))


def test_reviews_lstm_shuffles_words_and_no_padding():
    ids = np.array([[5, 6, 7, 8, 9, 0, 0], [3, 0, 0, 0, 0, 0, 0]])
    mixed = reviews_lstm.shuffled(ids)
    assert np.sort(mixed[0, :5]).tolist() == [5, 6, 7, 8, 9] and (mixed[:, 5:] == 0).all() and mixed[1, 0] == 3
    assert mixed[0].tolist() != ids[0].tolist()


def test_recorded_reviews_show_where_order_decides():
    found = labs.result("reviews_lstm")
    made = {name: np.mean(each["test_accuracy"]) for name, each in found["generated"]["networks"].items()}
    assert made["LSTM"] > made["mean pooling"] + 0.05
    for part in ("generated", "imdb"):
        mean = found[part]["networks"]["mean pooling"]
        np.testing.assert_allclose(mean["test_accuracy"], mean["shuffled"], atol=1e-3)
        assert mean["sentences_right"][0] == 0.5 and mean["pairs_in_order"][0] == 0


@pytest.mark.slow
@pytest.mark.parametrize("lab", [memory, dates_lab, reviews_lstm], ids=["memory", "dates", "reviews_lstm"])
def test_recurrent_labs_quickly(lab, tmp_path):
    assert lab.main(["--quick", "--out", str(tmp_path)]) == 0


@pytest.mark.slow
@pytest.mark.parametrize("lab", [home_runs, stock, shakespeare], ids=["home_runs", "stock", "shakespeare"])
def test_recurrent_labs_with_data_quickly(lab, real_data, tmp_path):
    assert lab.main(["--quick", "--out", str(tmp_path)]) == 0
