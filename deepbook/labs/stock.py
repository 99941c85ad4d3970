"""Can tomorrow's S&P 500 be told from the days before? Beside "same as yesterday" and "always up"."""

import sys

import jax
import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from deepbook import corpora, labs
from deepbook.layers import Dense, Sequential, count
from deepbook.losses import mse
from deepbook.optim import Adam
from deepbook.rnn import LSTM
from deepbook.train import EarlyStopping, fit, predict

VALIDATION, TEST = "2014-01-01", "2016-01-01"  # before, between and from: in time, never at random
WAYS = {"returns": "LSTM on returns", "prices": "LSTM on prices", "same": "same as yesterday"}


def windows(values, length):
    """(x, y): `length` values in a row, (rows, length, 1), and the one after them, (rows, 1), both float32."""
    x = np.lib.stride_tricks.sliding_window_view(values[:-1], length)
    return np.float32(x[..., None]), np.float32(values[length:, None])


def learn(values, days, length, units, epochs, seed):
    """An LSTM that reads `length` values and says the next one. Returns its answers for the days of the test.

    values: (days,), one for each of `days`; mean and deviation are those of the days before VALIDATION.
    Returns (answers in the unit of values, (rows,), how many epochs it learned, how many parameters it has).
    """
    before = values[days < VALIDATION]
    x, y = windows((values - before.mean()) / before.std(), length)
    day = days[length:]  # the day that is asked for
    train, test = day < VALIDATION, day >= TEST
    between = ~(train | test)
    model = Sequential([LSTM(units), Dense(1)])
    init_key, fit_key = jax.random.split(jax.random.key(seed))
    params, history = fit(
        model,
        model.init(init_key, x[:1]),
        (x[train], y[train]),
        key=fit_key,
        loss=mse,
        optimizer=Adam(1e-3),
        epochs=epochs,
        validation=(x[between], y[between]),
        callbacks=[EarlyStopping(patience=10)],
    )
    answers = np.asarray(predict(model, params, x[test]))[:, 0] * before.std() + before.mean()
    return answers, int(np.argmin(history["val_loss"])) + 1, count(params)


def judged(said, price, yesterday):
    """How far off prices are that were said for days: the errors' root mean square, and how often up or down was right.

    said, price, yesterday: (days,), in points of the index. Days on which nothing was said to move count as wrong half
    of the time.
    """
    up, moved = price > yesterday, said != yesterday
    return {
        "price_error": np.sqrt(np.mean((said - price) ** 2)),
        "return_error": np.sqrt(np.mean((np.log(said) - np.log(price)) ** 2)),
        "direction": np.mean(np.where(moved, (said > yesterday) == up, 0.5)),
    }


def run(seeds, out, quick=False, length=20, units=16, epochs=100) -> dict:
    """Two networks a seed: one reads returns, the other prices, as most examples of it do. quick: one epoch."""
    if quick:
        seeds, epochs = seeds[:1], 1
    table = corpora.table("sp500")
    days, prices = table["date"], table["adjclose"]
    returns = np.diff(np.log(prices))
    asked = days >= TEST
    price, yesterday = prices[asked], prices[:-1][asked[1:]]
    said = {"returns": [], "prices": [], "same": [yesterday]}
    runs = []
    for seed in seeds:
        told, epochs_returns, n = learn(returns, days[1:], length, units, epochs, seed)
        said["returns"].append(yesterday * np.exp(told))
        told, epochs_prices, _ = learn(prices, days, length, units, epochs, seed)
        said["prices"].append(told)
        runs.append({"seed": seed, "epochs": {"returns": epochs_returns, "prices": epochs_prices}})
    calm = days[asked] < "2020-01-01"
    found = {
        "days": {
            "train": int((days < VALIDATION).sum()),
            "validation": int(((days >= VALIDATION) & ~asked).sum()),
            "test": int(asked.sum()),
        },
        "from": {"train": days[0], "validation": VALIDATION, "test": TEST, "to": days[-1]},
        "length": length,
        "units": units,
        "parameters": n,
        "runs": runs,
        "scores": {name: [judged(each, price, yesterday) for each in some] for name, some in said.items()},
        "until_2020": {
            name: [judged(each[calm], price[calm], yesterday[calm]) for each in some] for name, some in said.items()
        },
        "always_up": np.mean(price > yesterday),
        "always_up_until_2020": np.mean((price > yesterday)[calm]),
        "chance_error": 0.5 / np.sqrt(asked.sum()),
        "spread": {name: np.std(np.log(each[0] / yesterday)) for name, each in said.items() if name != "same"}
        | {"true": np.std(np.log(price / yesterday))},
        "shown": {
            "days": days[asked][-330:-70].tolist(),
            "price": price[-330:-70],
            **{name: said[name][0][-330:-70] for name in WAYS},
        },
    }
    show(found)
    labs.save_figure(draw(found), out, "prices")
    return found


def show(found):
    """The table, in the terminal."""
    title = f"{found['days']['test']:,} days from {found['from']['test']} to {found['from']['to']}"
    table = Table("what is said", "error, points", "error of the log return", "up or down right", title=title)
    for name, said in WAYS.items():
        scores = found["scores"][name]
        column = lambda key, form, scores=scores: ", ".join(format(each[key], form) for each in scores)  # noqa: E731
        right = "" if name == "same" else column("direction", ".1%")
        table.add_row(said, column("price_error", ".2f"), column("return_error", ".5f"), right)
    table.add_row("always up", "", "", f"{found['always_up']:.1%}")
    Console().print(table)
    print(f"One deviation of a coin on so many days: {found['chance_error']:.1%}")


def draw(found):
    """Prices of some 60 days, and what was said of them the day before; on the left also from prices alone."""
    fig = Figure(figsize=(9, 4), layout="constrained")
    shown, axes = found["shown"], fig.subplots(1, 2)
    for ax, names in zip(axes, (("prices", "same"), ("returns", "same")), strict=True):
        ax.plot(shown["price"][-60:], "C4-", label="what it was")
        for name in names:
            ax.plot(shown[name][-60:], {"prices": "C0--", "returns": "C1:", "same": "C5-."}[name], label=WAYS[name])
        ax.set(xlabel=f"trading days from {shown['days'][-60]}", ylabel="S&P 500, points")
        ax.legend()
    return fig


def main(argv=None) -> int:
    return labs.start("stock", run, argv, seeds=3, length=20, units=16, epochs=100)


if __name__ == "__main__":
    sys.exit(main())
