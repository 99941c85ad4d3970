"""The widgets in the page: their arithmetic is the book's, and the script that pages load is made of their modules."""

import json
import os
import re
import shutil
import subprocess
from itertools import pairwise, product
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deepbook import activations, labs, losses, mlp, transfer
from deepbook.cnn import MaxPool, conv
from deepbook.embeddings import analogy, neighbours
from deepbook.labs import opinions as opinions_lab
from deepbook.labs import thaw as thaw_lab
from deepbook.layers import count
from deepbook.optim import SGD, AdaGrad, Adam, Momentum, RMSProp, minimize
from deepbook.perceptron import fit, init, update
from deepbook.rnn import GRU, LSTM, RNN, gradient_by_distance, orthogonal

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "tests" / "js"
JS = ROOT / "chapters" / "assets" / "js"


def need(there, what):
    """Skip where a tool of the developers is absent; on the build server that is a failure."""
    if not there:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"needs {what}")


def presets():
    """The points that the widget starts from, as its source writes them."""
    source = (JS / "perceptron-core.mjs").read_text(encoding="utf-8")
    found = re.findall(r"^  (\w+): points\((.*)\),$", source, flags=re.M)
    return {name: json.loads(f"[{rows}]") for name, rows in found}


def case(name, rows, epochs=12):
    """Points, and what the book's functions make of them."""
    data = np.array(rows, np.float32)
    x, y = data[:, :2], data[:, 2]
    (W, b), mistakes = fit(init(2), x, y, epochs=epochs)
    params, steps = init(2), []
    for _ in range(2):
        for one_x, one_y in zip(x, y, strict=True):
            params, _ = update(params, one_x, one_y)
            steps.append([np.asarray(params[0]).tolist(), float(params[1])])
    points = [{"x": [float(a), float(c)], "y": int(label)} for a, c, label in rows]
    return {
        "name": name, "points": points, "epochs": epochs,
        "W": np.asarray(W).tolist(), "b": float(b), "mistakes": np.asarray(mistakes).tolist(), "steps": steps,
    }  # fmt: skip


def cases():
    rng = np.random.default_rng(0)
    x = rng.integers(-32, 33, (12, 2)) / 16  # the widget's grid
    random = [[*point, int(label)] for point, label in zip(x.tolist(), rng.integers(0, 2, 12), strict=True)]
    return [case(name, rows) for name, rows in (*presets().items(), ("random", random))]


def test_fixture_is_what_python_computes():
    got = json.dumps(cases(), indent=1) + "\n"
    file = FIXTURES / "perceptron.json"
    if os.environ.get("DEEPBOOK_REGENERATE"):
        file.write_text(got, encoding="utf-8")
    assert json.loads(file.read_text(encoding="utf-8")) == json.loads(got), "DEEPBOOK_REGENERATE=1 writes it anew"


def numbers(array):
    """An array as a flat list for a JSON file: seven digits, and words for what JSON has no number for."""
    flat = np.ravel(np.asarray(array, np.float64))
    return [float(f"{each:.7g}") if np.isfinite(each) else {np.inf: "Infinity"}.get(each, "NaN") for each in flat]


def flat(tree):
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(tree)])


def playground_case(name, sizes, activation, rng):
    """A network and points on a grid of 1/64, and what the book's functions make of them."""
    coarse = lambda *shape: np.float32(rng.integers(-96, 97, shape) / 64)  # noqa: E731
    params = [(coarse(*pair), coarse(pair[1])) for pair in pairwise(sizes)]
    x, y = coarse(12, 2), np.float32(rng.integers(0, 2, 12))
    answer = lambda params: mlp.forward(params, x, activation)[:, 0]  # noqa: E731
    cost = jax.value_and_grad(lambda params: losses.binary_cross_entropy(answer(params), y))
    made = {"activation": name, "sizes": sizes, "params": numbers(flat(params)), "x": numbers(x), "y": numbers(y)}
    logits, (loss, grads) = answer(params), cost(params)
    made |= {"logits": numbers(logits), "loss": float(loss), "accuracy": float(losses.binary_accuracy(logits, y))}
    made |= {"grads": numbers(flat(grads)), "steps": []}
    optimizer = Adam(lr=0.03)
    opt_state = optimizer.init(params)
    for _ in range(3):
        updates, opt_state = optimizer.update(cost(params)[1], opt_state, params)
        params = jax.tree.map(jnp.add, params, updates)
        made["steps"].append(numbers(flat(params)))
    return made


def playground_cases():
    rng = np.random.default_rng(0)
    functions = {"tanh": activations.tanh, "ReLU": activations.relu, "sigmoid": activations.sigmoid}
    networks = [("tanh", (2, 1)), ("tanh", (2, 3, 1)), ("ReLU", (2, 4, 3, 1)), ("sigmoid", (2, 3, 2, 2, 1))]
    return [playground_case(name, sizes, functions[name], rng) for name, sizes in networks]


def softmax_case(logits, temperature, y):
    """Logits, and what the book's functions make of them; `naive` without subtracting the maximum."""
    z = jnp.array(logits, jnp.float32) / np.float32(temperature)
    e = jnp.exp(z)
    return {
        "logits": logits, "temperature": temperature, "y": y, "p": numbers(activations.softmax(z)),
        "loss": numbers(losses.cross_entropy(z[None], jnp.array([y]))),
        "exponentials": numbers(e), "naive": numbers(e / e.sum()),
    }  # fmt: skip


def softmax_cases():
    start = [1.9, 1.1, 0.2]
    return [
        softmax_case(*each)
        for each in (
            (start, 1, 0), (start, 0.25, 1), (start, 10, 2), ([z + 1000 for z in start], 1, 0),
            ([0, -200, 5], 1, 1), ([-3, 0, 2.5, 4], 2, 1), ([6, -6, 0.1, 3, 3], 0.5, 3), ([95, 2, 1, 0], 1, 2),
        )
    ]  # fmt: skip


def assigned(file, name):
    """What the source of a module gives a constant, read as JSON: numbers, lists and flat records."""
    (found,) = re.findall(rf"^(?:export const| *) ?{name}\b ?[=:] (.*)[;,]$", file, flags=re.M)
    return json.loads(re.sub(r"(\w+):", r'"\1":', found))


def network(leaves):
    """The loss of the graph's network, by the book's own functions."""
    of = lambda *names: jnp.array([leaves[name] for name in names])  # noqa: E731
    params = [(of("w1", "w2")[:, None], of("b1")), (of("w3")[:, None], of("b2"))]
    return losses.mse(mlp.forward(params, of("x1", "x2")[None])[0], of("y"))


def graph_case(leaves, lr):
    """Numbers for the graph: its loss, every gradient, and the parameters after one step of SGD."""
    leaves = {name: float(value) for name, value in leaves.items()}
    loss, grads = jax.value_and_grad(network)(leaves)
    sgd = SGD(lr)
    updates, _ = sgd.update(grads, sgd.init(leaves))
    after = {name: float(leaves[name] + updates[name]) for name in ("w1", "w2", "b1", "w3", "b2")}
    return {"leaves": leaves, "loss": float(loss), "grads": jax.tree.map(float, grads), "after": after}


def graph_cases():
    source = (JS / "graph-core.mjs").read_text(encoding="utf-8")
    start, lr = assigned(source, "START"), assigned(source, "LR")
    rng = np.random.default_rng(0)
    some = [start, start | {"b1": -4}, start | {"b1": -1.5}]  # z is positive, negative, 0
    some += [{name: rng.integers(-16, 17) / 4 for name in start} for _ in range(8)]
    return [graph_case(leaves, lr) for leaves in some]


SURFACES = {
    "ravine": lambda w: w[0] ** 2 / 20 + w[1] ** 2,
    "Beale": lambda w: sum((c - w[0] + w[0] * w[1] ** k) ** 2 for k, c in ((1, 1.5), (2, 2.25), (3, 2.625))),
    "saddle": lambda w: w[0] ** 2 / 2 + (w[1] ** 2 - 1) ** 2 / 4,
    "two minima": lambda w: (w[0] ** 2 - 4) ** 2 / 16 + (w[0] + 2) ** 2 / 16 + w[1] ** 2 / 2,
}
RACERS = {
    "SGD": SGD, "Momentum": Momentum, "Nesterov": lambda lr: Momentum(lr, nesterov=True),
    "AdaGrad": AdaGrad, "RMSProp": RMSProp, "Adam": Adam,
}  # fmt: skip
SEEN = (1, 2, 3, 10, 20, 50)  # steps


def race_cases():
    """Fifty steps of each optimizer down each map, from the start and with the learning rates of the widget."""
    source = (JS / "race-core.mjs").read_text(encoding="utf-8").split("SURFACES = ")[1]
    made = []
    with jax.enable_x64(True):  # the widget's precision: small differences grow on the way
        for block, (name, f) in zip(source.split("    formula: ")[1:], SURFACES.items(), strict=True):
            start, rates = assigned(block, "start"), assigned(block, "lr")
            for racer, recipe in RACERS.items():
                path, values = minimize(f, jnp.array(start, float), recipe(rates[racer]), SEEN[-1])
                steps = [{"step": k, "w": numbers(path[k]), "loss": numbers(values[k])[0]} for k in SEEN]
                made.append({"surface": name, "optimizer": racer, "start": start, "lr": rates[racer], "steps": steps})
    return made


def filter_cases():
    """The board of every filter on every picture of the widget, with and without padding, stride 2 and pooling."""
    source = (JS / "filter-core.mjs").read_text(encoding="utf-8")
    pictures = re.findall(r'^  "?([\w ]+)"?: (\["[0-4]{8}".*\]),$', source, flags=re.M)
    filters = re.findall(r'^  "?([\w ,]+)"?: (\[-?\d.*\]),$', source, flags=re.M)
    made = []
    for (picture, rows), (name, weights) in product(pictures, filters):
        pixels = jnp.array([[int(quarters) / 4 for quarters in row] for row in json.loads(rows)], jnp.float32)
        W = jnp.array(json.loads(weights), jnp.float32).reshape(3, 3, 1, 1)
        for padding, stride in product((0, 1), (1, 2)):
            board = conv(pixels[None, :, :, None], W, stride, padding)
            pooled = MaxPool((2, 2)).apply({}, board)
            made.append({
                "picture": picture, "filter": name, "padding": padding, "stride": stride,
                "n": board.shape[1], "scores": numbers(board), "pooled": numbers(pooled),
            })  # fmt: skip
    assert len(made) == 6 * 5 * 4
    return made


def thaw_cases():
    """What the library says of the layers that learn, and the means of the lab's record."""
    found, model = labs.result("thaw"), thaw_lab.network(5)
    params = model.init(jax.random.key(0), jnp.ones((1, 8, 8, 1)))
    made = []
    for parts, n in enumerate(found["thawed"], 1):
        flags = np.broadcast_to(transfer.thaw(model, n), len(params))
        learn = [count({k: v for k, v in p.items() if k not in ("mean", "var")}) for p in params]
        cells = [
            {"rate": rate, "shots": shots, **{
                which: float(np.mean(found[which][str(n)][rate][i])) for which in ("new", "old")
            }, "scratch": float(np.mean(found["scratch"][rate][i]))}
            for rate in found["rates"] for i, shots in enumerate(found["shots"])
        ]  # fmt: skip
        heads = [bool(flag) for flag, p in zip(flags, params, strict=True) if "W" in p]
        made.append({"thawed": parts, "learns": heads, "parameters": int(np.dot(learn, flags)), "cells": cells})
    return made


def lstm_cases():
    """Every gate of the lab's network on the widget's sentences, with the forget gate as learned, open and shut."""
    found = labs.result("opinions")
    source = (JS / "lstm-core.mjs").read_text(encoding="utf-8")
    sentences = [found["shown"], *re.findall(r'^  "([a-z ]+)",$', source, flags=re.M)]
    arrays = jax.tree.map(jnp.array, found["weights"], is_leaf=lambda each: isinstance(each, list))
    params, made = (arrays["embedding"], arrays["lstm"], arrays["dense"]), []
    n, longest = len(params[1]["Wh"]), opinions_lab.LENGTH
    rows = [sentence.split() for sentence in sentences]
    ids = opinions_lab.encode([row + ["."] * (longest - len(row)) for row in rows])
    for forget in (None, 1, 0):
        p = params
        if forget is not None:  # a bias that leaves the gate no choice
            p = (p[0], p[1] | {"b": p[1]["b"].at[n : 2 * n].set(1e4 if forget else -1e4)}, p[2])
        seen = opinions_lab.gates(p, ids)
        seen["p"] = activations.softmax(opinions_lab.network(n).apply(p, ids))
        for i, row in enumerate(rows):
            of_row = {name: numbers(each[i, : len(row)]) for name, each in seen.items()}
            made.append({"sentence": " ".join(row), "forget": forget, **of_row})
    assert len(made) == 8 * 3
    return made


def distance_draws():
    """Weights of eight units for one input, and sixty-one inputs, with four decimals."""
    recurrent, inputs, x_key = jax.random.split(jax.random.key(7), 3)
    gates, n = ("in", "keep", "candidate", "out"), 8
    Wh = {gate: orthogonal(key, (n, n)) for gate, key in zip(gates, jax.random.split(recurrent, 4), strict=True)}
    Wx = {
        gate: jax.random.normal(key, (n,)) / np.sqrt(n)
        for gate, key in zip(gates, jax.random.split(inputs, 4), strict=True)
    }
    made = {"Wh": Wh, "Wx": Wx, "x": jax.random.normal(x_key, (61,))}
    return jax.tree.map(lambda each: np.asarray(each, float).round(4), made)


def distance_cases():
    """The slopes of the last state by each input, by the book's own layers and `gradient_by_distance`."""
    made, draws = [], distance_draws()
    blocks = {"RNN": ("candidate",), "LSTM": ("in", "keep", "candidate", "out"), "GRU": ("in", "keep", "candidate")}
    layers = {"RNN": RNN(8), "LSTM": LSTM(8), "GRU": GRU(8, reset_after=False)}
    both = {
        name: jax.jit(lambda params, x, layer=layer: (gradient_by_distance(layer, params, x), layer.apply(params, x)))
        for name, layer in layers.items()
    }
    with jax.enable_x64(True):  # the widget's precision: small slopes are products of many numbers
        for (name, gates), (scale, bias, size) in product(
            blocks.items(), ((0.8, 1, 0.5), (1.5, 1, 0.5), (2.5, -3, 2), (0.3, 6, 1), (1.0, 3, 0.1))
        ):
            b = [jnp.full(8, float(bias if gate == "keep" else 0)) for gate in gates]
            params = {
                "Wx": jnp.concatenate([draws["Wx"][gate] for gate in gates])[None],
                "Wh": scale * jnp.concatenate([draws["Wh"][gate] for gate in gates], axis=1),
                "b": jnp.concatenate(b),
            }
            x = size * jnp.array(draws["x"])[None, :, None]
            slopes, last = both[name](params, x)
            settings = {"scale": scale, "bias": bias, "input": size}
            made.append({"cell": name, "settings": settings, "logs": numbers(jnp.log(slopes)), "last": numbers(last)})
    return made


def check_table(name, said, table):
    """A module that a widget reads its numbers from is made of `table`, a row for each of its keys."""
    rows = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in table.items())
    said = f"// {said} tests/test_site_widgets.py: DEEPBOOK_REGENERATE=1 writes it anew."
    got, file = f"{said}\nexport const TABLE = {{\n{rows},\n}};\n", JS / f"{name}-table.mjs"
    if os.environ.get("DEEPBOOK_REGENERATE"):
        file.write_text(got, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == got, "DEEPBOOK_REGENERATE=1 writes it anew"


def test_thaw_table_is_the_record():
    found = {key: value for key, value in labs.result("thaw").items() if key != "run"}
    check_table("thaw", "Made of chapters/results/thaw.json by", found)


def test_lstm_table_is_the_record():
    found = labs.result("opinions")
    kept = {key: found[key] for key in ("words", "opinions", "shown", "weights")}
    check_table("lstm", "Made of chapters/results/opinions.json by", kept)


def test_distance_table_is_drawn_by_jax():
    drawn = jax.tree.map(lambda each: each.tolist(), distance_draws())
    check_table("distance", "Drawn by jax.random in", drawn)


# The maps of the widget "words": words that the lab has recorded the vectors of.
WORD_MAPS = {
    "opinions": "good great excellent wonderful bad terrible awful horrible better worse best worst "
    "love hate loved hated",
    "people": "man woman boy girl king queen actor actress father mother uncle aunt he she hero heroine",
    "places": "france french paris germany german berlin italy italian rome japan japanese tokyo russia russian moscow",
    "comparisons": "big bigger biggest small smaller smallest old older oldest young younger youngest good better best",
}


def word_vectors(names):
    """The recorded vectors of these words, each of length 1."""
    recorded = labs.result("words")["vectors"]
    W = np.array([recorded[name] for name in names])
    return W / np.linalg.norm(W, axis=1, keepdims=True)


def word_map(names):
    """Words, the cosine of each pair, and their places on the plane of the two main directions."""
    W = word_vectors(names)
    _, stretch, axes = np.linalg.svd(W - W.mean(axis=0), full_matrices=False)
    axes = axes[:2] * np.sign(axes[:2].sum(axis=1, keepdims=True))  # an axis has no side of its own
    places = (W - W.mean(axis=0)) @ axes.T
    upper = (W @ W.T)[np.triu_indices(len(names), 1)]
    made = {"words": list(names), "share": round(float(np.sum(stretch[:2] ** 2) / np.sum(stretch**2)), 4)}
    return made | {"places": places.round(4).tolist(), "cosines": upper.round(4).tolist()}


def test_words_table_is_the_record():
    """As the others; but the last digit of a direction may differ from machine to machine."""
    maps = {name: word_map(words.split()) for name, words in WORD_MAPS.items()}
    rows = ",\n".join(f'    "{name}": {json.dumps(made)}' for name, made in maps.items())
    said = "// Made of chapters/results/words.json by tests/test_site_widgets.py: DEEPBOOK_REGENERATE=1 writes it anew."
    dimensions = word_vectors(["good"]).shape[1]
    got = f"{said}\nexport const TABLE = {{\n  dimensions: {dimensions},\n  maps: {{\n{rows},\n  }},\n}};\n"
    file = JS / "words-table.mjs"
    if os.environ.get("DEEPBOOK_REGENERATE"):
        file.write_text(got, encoding="utf-8")
    kept = file.read_text(encoding="utf-8")
    digits = re.compile(r"-?\d+\.\d+")
    assert digits.sub("", kept) == digits.sub("", got), "DEEPBOOK_REGENERATE=1 writes it anew"
    pairs = zip(digits.findall(kept), digits.findall(got), strict=True)
    assert all(float(one) == pytest.approx(float(other), abs=2e-4) for one, other in pairs)


def words_cases():
    """Neighbours of every word of a map, and some b − a + c, by the book's own functions."""
    rng, made = np.random.default_rng(0), []
    for name, words in WORD_MAPS.items():
        W, n = word_vectors(words.split()), len(words.split())
        for one in range(n):
            ids, found = neighbours(W, one, n - 1)
            made.append({"map": name, "of": one, "ids": ids.tolist(), "cosines": numbers(found)})
        for _ in range(12):
            b, a, c = (int(each) for each in rng.choice(n, 3, replace=False))
            ids, found = analogy(W, a, b, c, n - 3)  # a is to b as c is to what?
            made.append({"map": name, "of": [b, a, c], "ids": ids.tolist(), "cosines": numbers(found)})
    return made


MADE_BY_JAX = {"playground": playground_cases, "softmax": softmax_cases, "graph": graph_cases, "race": race_cases}
MADE_BY_JAX |= {"filter": filter_cases, "thaw": thaw_cases, "words": words_cases}
MADE_BY_JAX |= {"lstm": lstm_cases, "distance": distance_cases}


@pytest.mark.parametrize(("name", "make"), MADE_BY_JAX.items())
def test_fixture_is_what_jax_computes(name, make):
    got = json.dumps(make())
    file = FIXTURES / f"{name}.json"
    if os.environ.get("DEEPBOOK_REGENERATE"):
        file.write_text(got.replace("}, {", "},\n{") + "\n", encoding="utf-8")
    kept, got = json.loads(file.read_text(encoding="utf-8")), json.loads(got)
    assert jax.tree.structure(kept) == jax.tree.structure(got), "DEEPBOOK_REGENERATE=1 writes it anew"
    for one, other in zip(jax.tree.leaves(kept), jax.tree.leaves(got), strict=True):
        near = other if isinstance(other, str) else pytest.approx(other, rel=1e-5, abs=1e-5)
        assert one == near, "DEEPBOOK_REGENERATE=1 writes it anew"


def test_widgets_pass_their_own_tests():
    need(shutil.which("node"), "node")
    files = sorted(str(file) for file in (ROOT / "tests" / "js").glob("*.test.mjs"))
    done = subprocess.run(["node", "--test", *files], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("name", ["book", "editor"])
def test_bundle_is_made_of_the_modules(tmp_path, name):
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    need(esbuild.exists(), "esbuild: run `npm ci`")
    command = json.loads((ROOT / "package.json").read_text())["scripts"][f"bundle:{name}"].split()
    command = [str(esbuild), *command[1:-1], f"--outfile={tmp_path / name}.js"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert (tmp_path / f"{name}.js").read_text() == (JS / f"{name}.js").read_text(), "run `npm run bundle`"


@pytest.mark.parametrize("name", ["katex", "iframe-worker"])
def test_vendored_files_are_the_published_ones(name):
    package = ROOT / "node_modules" / name
    need(package.exists(), f"{name}: run `npm ci`")
    shipped, ours = ("dist/katex.min.js", "deepbook/site/vendor/katex/katex.min.js")
    if name == "iframe-worker":
        shipped, ours = ("shim/index.js", "chapters/assets/vendor/iframe-worker/shim.js")
    assert (package / shipped).read_bytes() == (ROOT / ours).read_bytes(), "run `npm run vendor`"
    version = json.loads((package / "package.json").read_text())["version"]
    assert (ROOT / ours).with_name("VERSION").read_text().split() == [name, version]
    assert (ROOT / ours).with_name("LICENSE").exists()


def test_katex_style_names_only_fonts_that_are_there():
    style = ROOT / "chapters" / "assets" / "vendor" / "katex" / "katex.min.css"
    named = set(re.findall(r"url\(([^)]*)\)", style.read_text(encoding="utf-8")))
    assert named == {f"fonts/{file.name}" for file in style.with_name("fonts").iterdir()}
    assert all(name.endswith(".woff2") for name in named)
