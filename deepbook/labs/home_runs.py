"""How many home runs will a player hit next season? An LSTM reads ten seasons of baseball."""

import sys
from dataclasses import dataclass

import jax
import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from deepbook import corpora, labs, plots
from deepbook.activations import softmax
from deepbook.layers import Dense, Layer, Masked, Sequential, count
from deepbook.losses import accuracy, confusion_matrix
from deepbook.optim import Adam
from deepbook.rnn import LSTM
from deepbook.train import EarlyStopping, fit, predict

ASKED, WINDOW = 2017, 10
SUMS = ("G", "PA", "AB", "R", "H", "2B", "3B", "HR", "RBI", "SB", "BB", "SO", "TB")
FEATURES = ("Age", *SUMS[:-1], "OPS+", "TB")
BINS = ("0-9", "10-19", "20-29", "30-39", "40+")
SAME, LEAST = "same bin as last season", "always 0-9"
REGULAR = 300  # plate appearances in the season before: a regular player, and hardly ever a pitcher
PLAYERS = {
    "troutmi01": "M. Trout",
    "bettsmo01": "M. Betts",
    "altuvjo01": "J. Altuve",
    "bryankr01": "K. Bryant",
    "murphda08": "D. Murphy",
    "seageco01": "C. Seager",
}

# ------------------------------------------------------------------ from the tables to numbers


def seasons(batting, people) -> dict:
    """Each player's seasons: {player: {year: (15,) floats in the order of FEATURES}}; stints of a season are added.

    PA, TB, OPS+ and Age are not in the tables. PA = AB + BB + HBP + SH + SF. TB = H + 2B + 2 · 3B + 3 · HR. OPS+ is a
    stand-in: 100 (OBP / league's + SLG / league's − 1) without the corrections for parks and pitchers, between 0 and
    250, and 0 for who was never at bat. Age is that at the end of June.
    """
    raw = {name: batting[name].astype(float) for name in (*SUMS, "HBP", "SF", "SH") if name in batting}
    raw["PA"] = raw["AB"] + raw["BB"] + raw["HBP"] + raw["SH"] + raw["SF"]
    raw["TB"] = raw["H"] + raw["2B"] + 2 * raw["3B"] + 3 * raw["HR"]
    rows, which = np.unique(
        np.rec.fromarrays([batting["playerID"], batting["yearID"]], names="player,year"), return_inverse=True
    )
    raw = {name: np.bincount(which, column) for name, column in raw.items()}
    on_base, slugging = raw["H"] + raw["BB"] + raw["HBP"], raw["TB"]
    chances = raw["AB"] + raw["BB"] + raw["HBP"] + raw["SF"]
    ops = np.zeros(len(rows))
    for year in np.unique(rows.year):
        now = rows.year == year
        got = now & (raw["AB"] > 0)
        league_obp, league_slg = on_base[now].sum() / chances[now].sum(), slugging[now].sum() / raw["AB"][now].sum()
        relative = on_base[got] / chances[got] / league_obp + slugging[got] / raw["AB"][got] / league_slg - 1
        ops[got] = np.clip(100 * relative, 0, 250)
    born = dict(zip(people["playerID"], people["birthYear"] + (people["birthMonth"] > 6), strict=True))
    age = rows.year - np.array([born[player] for player in rows.player])
    columns = np.stack([{**raw, "OPS+": ops, "Age": age}[name] for name in FEATURES], axis=1)
    found = {}
    for player, year, row in zip(rows.player.tolist(), rows.year.tolist(), columns, strict=True):
        found.setdefault(player, {})[year] = row
    return found


def windows(careers, year):
    """What is known before a season, and what happened: (players, x, y), for all who play in it and played before.

    x: (players, 10, 16), the ten seasons before `year`, the last one last: the 15 FEATURES, and 1 for a season that
    was played. A season without a row is a gap: all zeros. y: (players,), the bin of the home runs in `year`.
    """
    players = [player for player, each in careers.items() if year in each and any(0 < year - y <= WINDOW for y in each)]
    x = np.zeros((len(players), WINDOW, len(FEATURES) + 1), np.float32)
    for row, player in zip(x, players, strict=True):
        for back in range(1, WINDOW + 1):
            if (season := careers[player].get(year - back)) is not None:
                row[-back] = *season, 1
    return players, x, bins([careers[player][year][FEATURES.index("HR")] for player in players])


def bins(home_runs):
    """0 for 0 to 9 home runs, 1 for 10 to 19, …, 4 for 40 and more."""
    return np.minimum(np.asarray(home_runs) // 10, len(BINS) - 1).astype(np.int32)


def scaling(x):
    """(mean, deviation) of each feature over the seasons played in x."""
    played = x[x[..., -1] == 1][:, :-1]
    return played.mean(0), played.std(0)


def scaled(x, scale):
    """x with each feature less its mean, divided by its deviation; gaps stay 0."""
    mean, deviation = scale
    there = x[..., -1:]
    return np.concatenate([(x[..., :-1] - mean) / deviation * there, there], axis=-1).astype(np.float32)


def last_bin(x):
    """The bin of the last season played before."""
    at = WINDOW - 1 - np.argmax(x[:, ::-1, -1], axis=1)
    return bins(x[np.arange(len(x)), at, FEATURES.index("HR")])


# ------------------------------------------------------------------ learn


@dataclass(frozen=True)
class Gaps(Layer):
    """The last feature says which seasons there are: it becomes the mask."""

    def apply(self, params, x, key=None):
        return Masked(x[..., :-1], x[..., -1] > 0)


def network(n_units):
    return Sequential([Gaps(), LSTM(n_units, dropout=0.2), Dense(len(BINS))])


def learn(model, train, validation, epochs, seed):
    """Train until the loss on `validation` has not fallen for 5 epochs, then anew on all for as many epochs as that.

    Returns (params, epochs, accuracy on `validation` of the first training).
    """
    init_key, fit_key = jax.random.split(jax.random.key(seed))
    settings = {"key": fit_key, "optimizer": Adam(1e-3), "batch_size": 128, "metrics": [accuracy]}
    start = model.init(init_key, train[0][:1])
    stop = EarlyStopping(patience=5)
    _, history = fit(model, start, train, validation=validation, epochs=epochs, callbacks=[stop], **settings)
    best = int(np.argmin(history["val_loss"]))
    whole = [np.concatenate(each) for each in zip(train, validation, strict=True)]
    params, _ = fit(model, start, whole, epochs=best + 1, **settings)
    return params, best + 1, history["val_accuracy"][best]


def linear(x, y):
    """scikit-learn's logistic regression with five classes on the same numbers side by side, with its usual penalty."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=5000).fit(x.reshape(len(x), -1), y)


def answers_for(asked, careers, seeds, first, units, epochs):
    """Learn from the seasons `first` to asked − 1, the last of them to know when to stop; then answer for `asked`.

    Nothing of the season asked for is used but its answers, at the end; the scaling is that of the training windows.
    Returns a dict: what was asked (players, x as raw numbers, y, regular), how it was learned (runs, rows, parameters)
    and, by the name of who answers, chances: a list of (players, bins), one for each seed.
    """
    parts = [windows(careers, year) for year in range(first, asked + 1)]
    raw, ys = [part[1] for part in parts], [part[2] for part in parts]
    scale = scaling(np.concatenate(raw[:-1]))
    xs = [scaled(x, scale) for x in raw]
    train, validation = (np.concatenate(xs[:-2]), np.concatenate(ys[:-2])), (xs[-2], ys[-2])
    x, y, model = xs[-1], ys[-1], network(units)
    runs, lstm = [], []
    for seed in seeds:
        params, best, right = learn(model, train, validation, epochs, seed)
        lstm.append(np.asarray(softmax(predict(model, params, x))))
        runs.append({"seed": seed, "epochs": best, "validation_accuracy": right})
    lines = linear(np.concatenate(xs[:-1]), np.concatenate(ys[:-1])).predict_proba(x.reshape(len(x), -1))
    sure = np.eye(len(BINS))
    return {
        "players": parts[-1][0],
        "x": raw[-1],
        "y": y,
        "regular": raw[-1][:, -1, FEATURES.index("PA")] >= REGULAR,
        "runs": runs,
        "rows": sum(map(len, ys[:-1])),
        "parameters": count(params),
        "chances": {"LSTM": lstm, "linear": [lines], SAME: [sure[last_bin(raw[-1])]], LEAST: [sure[0 * y]]},
        "shares": {year: np.bincount(each, minlength=len(BINS)) / len(each) for year, each in enumerate(ys, first)},
    }


def rights(told, rows=slice(None)):
    """The accuracy of each who answers, a number for each seed, over some of the players."""
    y = told["y"][rows]
    return {name: [np.mean(p[rows].argmax(1) == y) for p in each] for name, each in told["chances"].items()}


def run(seeds, out, quick=False, first=2010, units=32, epochs=60) -> dict:
    """Asked for 2017, and, to see how much is luck, for 2015 and 2016 in the same way. quick: 2017, one epoch."""
    if quick:
        seeds, first, epochs = seeds[:1], 2015, 1
    careers = seasons(corpora.table("batting"), corpora.table("people"))
    told = answers_for(ASKED, careers, seeds, first, units, epochs)
    y, regular, chances = told["y"], told["regular"], told["chances"]
    lstm, line = chances["LSTM"], chances["linear"][0]
    surprise = {name: [-np.log(p[np.arange(len(y)), y]).mean() for p in chances[name]] for name in ("LSTM", "linear")}
    found = {
        "asked": ASKED,
        "first": first,
        "bins": BINS,
        "features": FEATURES,
        "rows": {"train": told["rows"], "test": len(y), "regulars": int(regular.sum())},
        "regular": REGULAR,
        "whole_windows": int((told["x"][..., -1].sum(1) == WINDOW).sum()),
        "parameters": told["parameters"],
        "runs": told["runs"],
        "accuracy": rights(told),
        "accuracy_regulars": rights(told, regular),
        "loss": surprise,
        "confusion": np.asarray(confusion_matrix(lstm[0], y)),
        "confusion_same": np.asarray(confusion_matrix(chances[SAME][0], y)),
        "shares": {str(year): share for year, share in told["shares"].items()},
        "players": [],
        "before": {},
    }
    for player, name in PLAYERS.items():
        i, hit = told["players"].index(player), FEATURES.index("HR")
        found["players"].append(
            {
                "name": name,
                "seasons": int(told["x"][i, :, -1].sum()),
                "last": int(told["x"][i, -1, hit]),
                "hit": int(careers[player][ASKED][hit]),
                "true": y[i],
                "answers": [p[i].argmax() for p in lstm],
                "chances": np.mean([p[i] for p in lstm], axis=0),
                "linear": line[i].argmax(),
                "same": chances[SAME][0][i].argmax(),
            }
        )
    for asked in () if quick else (ASKED - 2, ASKED - 1):
        earlier = answers_for(asked, careers, seeds, first, units, epochs)
        found["before"][str(asked)] = {"all": rights(earlier), "regulars": rights(earlier, earlier["regular"])}
    show(found)
    labs.save_figure(plots.confusion(found["confusion"], BINS).figure, out, "confusion")
    labs.save_figure(draw(found), out, "players")
    return found


def show(found):
    """The tables, in the terminal."""
    rows, asked = found["rows"], found["asked"]
    title = f"{rows['test']:,} players, {rows['regulars']} of them regulars; learned from {rows['train']:,} windows"
    table = Table(
        "right", f"{asked}, all", f"{asked}, regulars", *(f"{year}, all" for year in found["before"]), title=title
    )
    for name in found["accuracy"]:
        each = found["accuracy"], found["accuracy_regulars"], *(then["all"] for then in found["before"].values())
        table.add_row(name, *(", ".join(f"{right:.1%}" for right in some[name]) for some in each))
    six = Table("player", "seasons", "2016", "2017", "LSTM, each seed", "linear", "as 2016")
    for each in found["players"]:
        said = [" ".join(BINS[i] for i in each["answers"]), BINS[each["linear"]], BINS[each["same"]]]
        six.add_row(each["name"], str(each["seasons"]), str(each["last"]), str(each["hit"]), *said)
    Console().print(table, six)


def draw(found):
    """The chances that the LSTM gives each bin, for the six players; a dot marks the true bin."""
    fig = Figure(figsize=(7, 3.5), layout="constrained")
    ax = fig.subplots()
    chances = np.array([each["chances"] for each in found["players"]])
    ax.imshow(chances, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (i, j), p in np.ndenumerate(chances):
        ax.text(j, i, f"{p:.0%}", ha="center", va="center", color="#fefefe" if p > 0.5 else "#222222")
    for i, each in enumerate(found["players"]):
        ax.plot(each["true"] + 0.4, i, "o", color="C1")
    ax.set_xticks(range(len(BINS)), BINS)
    ax.set_yticks(range(len(chances)), [f"{each['name']}: {each['hit']}" for each in found["players"]])
    ax.set(xlabel="home runs in 2017")
    return fig


def main(argv=None) -> int:
    return labs.start("home_runs", run, argv, seeds=3, first=2010, units=32, epochs=60)


if __name__ == "__main__":
    sys.exit(main())
