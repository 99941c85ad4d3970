"""The widgets in the page: their arithmetic is the book's, and the script that pages load is made of their modules."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from deepbook.perceptron import fit, init, update

ROOT = Path(__file__).resolve().parent.parent
FIXTURE = ROOT / "tests" / "js" / "perceptron.json"
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
    if os.environ.get("DEEPBOOK_REGENERATE"):
        FIXTURE.write_text(got, encoding="utf-8")
    assert json.loads(FIXTURE.read_text(encoding="utf-8")) == json.loads(got), "DEEPBOOK_REGENERATE=1 writes it anew"


def test_widgets_pass_their_own_tests():
    need(shutil.which("node"), "node")
    files = sorted(str(file) for file in (ROOT / "tests" / "js").glob("*.test.mjs"))
    done = subprocess.run(["node", "--test", *files], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


def test_bundle_is_made_of_the_modules(tmp_path):
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    need(esbuild.exists(), "esbuild: run `npm ci`")
    command = json.loads((ROOT / "package.json").read_text())["scripts"]["bundle"].split()
    command = [str(esbuild), *command[1:-1], f"--outfile={tmp_path / 'book.js'}"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert (tmp_path / "book.js").read_text() == (JS / "book.js").read_text(), "run `npm run bundle`"


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
