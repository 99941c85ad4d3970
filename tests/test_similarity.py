"""Who copied is found, however disguised; who worked alone is not; and nothing that was handed in is run."""

import ast
import csv
import io
import random
import re
import time
from pathlib import Path

import pytest

from deepbook.course.errors import Problem
from deepbook.course.index import load_index
from deepbook.grading import similarity, tokens, winnow
from deepbook.grading.sidebyside import page
from deepbook.grading.tokens import Stub
from deepbook.grading.winnow import WINDOW, K, Text, compare, hashes

ROOT = Path(__file__).resolve().parent.parent
FILE = "ch01_perceptron/learning.py"
STUB = (ROOT / "exercises" / FILE).read_text(encoding="utf-8")
SET = next(each for each in load_index(ROOT / "exercises").sets if each.file == FILE)

ANA = '''"""Chapter 1, set 2."""

import numpy as np


def update(W, b, x, y, lr):
    """One step."""
    answer = 1 if W @ x + b > 0 else 0
    error = y - answer
    return W + lr * error * x, b + lr * error, error != 0


def learn(x, y, epochs, lr):
    """All steps."""
    W, b, mistakes = np.zeros(x.shape[1]), 0.0, []
    for _ in range(epochs):
        count = 0
        for example, label in zip(x, y, strict=True):
            W, b, mistake = update(W, b, example, label, lr)
            count += int(mistake)
        mistakes.append(count)
    return W, b, mistakes


def pocket(x, y, epochs):
    """The best of all."""

    def right(W, b):
        return int(np.sum((x @ W + b > 0) == (y == 1)))

    W, b = np.zeros(x.shape[1]), 0.0
    best = W, b, right(W, b)
    for _ in range(epochs):
        for example, label in zip(x, y, strict=True):
            W, b, mistake = update(W, b, example, label, 1.0)
            if mistake and right(W, b) > best[2]:
                best = W, b, right(W, b)
    return best
'''
BEN = """import numpy as np


def update(W, b, x, y, lr):
    z = np.dot(W, x) + b
    if z > 0:
        wrong = y == 0
        sign = -1.0
    else:
        wrong = y == 1
        sign = 1.0
    if not wrong:
        return W, b, False
    return W + sign * lr * x, b + sign * lr, True


def learn(x, y, epochs, lr):
    n_examples, n_in = x.shape
    state = (np.zeros(n_in), 0.0)
    history = []
    while len(history) < epochs:
        wrong = 0
        for i in range(n_examples):
            new_W, new_b, changed = update(*state, x[i], y[i], lr)
            if changed:
                wrong = wrong + 1
            state = (new_W, new_b)
        history.append(wrong)
    return state[0], state[1], history


def pocket(x, y, epochs):
    def score(W, b):
        predictions = (x.dot(W) + b > 0).astype(int)
        return (predictions == y).mean()

    W = best_W = np.zeros(len(x[0]))
    b = best_b = 0.0
    top = score(W, b)
    for epoch in range(epochs):
        for i in range(len(y)):
            W, b, changed = update(W, b, x[i], y[i], 1.0)
            now = score(W, b)
            if now > top:
                top, best_W, best_b = now, W, b
    return best_W, best_b, int(round(top * len(y)))
"""


def renamed(text: str) -> str:
    """Every name changed that may be changed without changing what it does."""
    names = {"answer": "out", "error": "delta", "mistakes": "log", "count": "n", "example": "row", "label": "target"}
    names |= {
        "mistake": "bad",
        "best": "top",
        "right": "hits",
        "W": "weights",
        "b": "bias",
        "lr": "rate",
        "np": "numpy",
    }
    text = re.sub(rf"\b({'|'.join(names)})\b", lambda found: names[found[0]], text)
    return text.replace("import numpy as numpy", "import numpy")


def commented(text: str) -> str:
    """A comment behind every line, an empty line after it, other docstrings."""
    text = re.sub(r'""".*?"""', '"""All my own work, I swear."""', text)
    return "".join(f"{line}  # my idea {n}\n\n" if line.strip() else "\n" for n, line in enumerate(text.split("\n")))


def reordered(text: str) -> str:
    """The functions in the opposite order."""
    head, *functions = re.split(r"^(?=def )", text, flags=re.MULTILINE)
    return head + "\n\n".join(reversed(functions))


def pairs_of(texts: dict[str, str], threshold=0.5):
    return similarity.find_pairs({who: {FILE: text.encode()} for who, text in texts.items()}, [SET], threshold)


@pytest.mark.parametrize("disguise", [str, renamed, commented, reordered, lambda t: renamed(reordered(commented(t)))])
def test_a_copy_is_found_in_every_disguise(disguise):
    (pair,) = pairs_of({"ana": ANA, "ben": BEN, "cleo": disguise(ANA)})
    assert (pair.match.a, pair.match.b) == ("ana", "cleo")
    assert pair.match.share_a > 0.9 and pair.match.share_b > 0.9
    first, last = pair.match.lines[0][0]
    assert "def update" in ANA.split("\n")[first - 1 - 2] and last > first


def test_a_copy_inside_of_other_work_is_found_from_its_side():
    pocket = ANA[ANA.index("def pocket") :]
    mixed = BEN[: BEN.index("def pocket")] + pocket
    (pair,) = pairs_of({"ana": ANA, "zoe": mixed}, 0.3)
    assert 0.3 < pair.match.share_a < 0.8
    here, there = max(pair.match.lines, key=lambda lines: lines[0][1] - lines[0][0])
    starts = [text.split("\n").index("def pocket(x, y, epochs):") + 1 for text in (ANA, mixed)]
    assert here[0] - starts[0] == there[0] - starts[1] > 0, "the same lines of the same function"


def test_who_worked_alone_is_not_found():
    assert pairs_of({"ana": ANA, "ben": BEN}, 0.2) == []


def other_names(text: str) -> str:
    """Each argument and variable under another name."""
    tree = ast.parse(text)
    names = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names -= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return re.sub(rf"(?<![.\w])(?:{'|'.join(sorted(names))})\b(?!=[^=])", lambda found: f"my_{found[0]}", text)


@pytest.mark.parametrize("known", load_index(ROOT / "exercises").sets, ids=lambda known: known.id)
def test_in_every_set_a_copy_under_other_names_is_found_and_honest_work_is_not(known):
    """The honest answers of tests/honest are of different people in the sense that matters: each its own way."""
    stub = Stub.of((ROOT / "exercises" / known.file).read_text(encoding="utf-8"))
    book = (ROOT / "solutions" / known.file).read_text(encoding="utf-8")
    texts = {"book": Text.of(book, stub), "copy": Text.of(reordered(other_names(book)), stub)}
    assert texts["book"].size >= similarity.LEAST
    (match,) = compare(texts, 0.9, similarity.LEAST)
    assert match.share_a == match.share_b == 1
    files = ROOT.glob(f"tests/honest/{known.chapter}/*/{known.name}.py")
    honest = {file.parent.name: Text.of(file.read_text(encoding="utf-8"), stub) for file in files}
    assert compare({**honest, "book": texts["book"]}, 0.45, similarity.LEAST) == []


def test_given_code_that_was_mended_is_still_given():
    """Everybody who mends a script hands in the same lines; they are not theirs."""
    given = "def mend(x):\n    raise NotImplementedError\n    y = np.exp(x) / np.sum(np.exp(x), axis=0)\n    return y\n"
    stub = Stub.of(given)
    assert not [run for run in tokens.own_runs(given.replace("axis=0", "axis=1, keepdims=True"), stub) if run]
    (own,) = [run for run in tokens.own_runs(given.replace("    return y", "    return y * x.mean()"), stub) if run]
    assert [token.text for token in own] == ["return", "v", "*", "v", ".", "mean", "(", ")"]


def test_the_stub_alone_matches_nothing():
    """Two who handed in nothing of their own, and one whose mended lines stand in what was given."""
    text = Text.of(STUB, Stub.of(STUB))
    assert text.size == 0 and not text.prints
    assert pairs_of({"ana": STUB, "ben": STUB, "cleo": commented(STUB)}, 0.01) == []


def test_what_a_third_of_a_class_has_is_common_knowledge():
    """Thirty honest answers that are alike are no evidence; two that are alike in another way still are."""
    crowd = {f"s{n:02}": ANA for n in range(10)} | {f"t{n:02}": STUB for n in range(10)}
    assert pairs_of(crowd) == []
    (pair,) = pairs_of(crowd | {"ben": BEN, "kim": renamed(BEN)})
    assert {pair.match.a, pair.match.b} == {"ben", "kim"}
    assert len(pairs_of({f"s{n}": ANA for n in range(4)})) == 6, "four of four is no crowd"


def test_what_is_left_out_as_common_is_said(tmp_path, capsys):
    """Five who copied in a class of eight are no pairs, and still seen."""
    crew = ["ana", "bob", "cy", "dee", "eve"]
    handed_in = {name: {FILE: (renamed(ANA) if name == "cy" else ANA).encode()} for name in crew}
    handed_in |= {"kim": {FILE: BEN.encode()}, "lee": {FILE: STUB.encode()}, "mo": {FILE: b""}}
    assert similarity.find_pairs(handed_in, [SET], 0.5) == []
    sentence, *others = similarity.shared_by_many(handed_in, [SET])
    copied = rf"the same \d\d lines of update, learn, pocket in {FILE}, shared by 5 of 8: ana, bob, cy, dee, eve"
    assert re.fullmatch(copied, sentence) and all("shared by 6 of 8" in other for other in others)  # with kim
    similarity.show([], 8, 50, tmp_path, [sentence] * 7)
    said = " ".join(capsys.readouterr().out.split())
    assert said.count("Left out as common: the same") == 5 and "2 more such" in said and "a group copied" in said
    assert sentence in page([], "week", 8, 50, [sentence]) and "Left out" not in page([], "week", 8, 50)
    assert similarity.shared_by_many({"ana": handed_in["ana"], "kim": handed_in["kim"]}, [SET]) == []


@pytest.mark.parametrize(
    "broken",
    [
        ANA + '\n"""never closed\n',
        ANA + "\n  strange\n indentation\n",
        ANA + "\n(((((\n",
        "x = $ ? !\n" + ANA,
        ANA.replace("\n", "\r\n") + "\0\0",
        ANA + "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
        ANA.replace("count = 0", "count = = 0 'unclosed"),
    ],
)
def test_a_broken_file_is_compared_as_far_as_it_goes(broken):
    (pair,) = pairs_of({"ana": ANA, "bad": broken})
    assert pair.match.share_a > 0.7


def test_files_that_hold_no_python_end_no_run():
    junk = random.Random(0).randbytes(20_000)
    files = {"ana": {FILE: ANA.encode()}, "bin": {FILE: junk}, "none": {}, "empty": {FILE: b""}}
    assert similarity.find_pairs(files, [SET], 0.5) == []
    assert similarity.find_pairs({"a": {FILE: b"(" * 50_000}, "b": {FILE: b"(" * 50_000}}, [SET], 0.5) is not None


def test_nothing_of_a_submission_is_run(tmp_path):
    mark = tmp_path / "ran"
    text = f"open({str(mark)!r}, 'w')\n" + ANA
    assert pairs_of({"ana": ANA, "eve": text}) and not mark.exists()


# ---------------------------------------------------------------- the algorithm


def test_winnowing_keeps_its_guarantee():
    """A shared passage of K + WINDOW - 1 tokens is always found, and none of K - 1 ever is."""
    draw = random.Random(1)

    def text(passage):
        words = [f"{draw.randrange(9**9)}" for _ in range(120)]
        at = draw.randrange(20, 90)
        return [*words[:at], *passage, *words[at:]]

    def prints(words):
        return {value for _, value in winnow.winnow(hashes(words))}

    for _ in range(100):
        passage = [f"p{draw.randrange(9**9)}" for _ in range(K + WINDOW - 1)]
        assert prints(text(passage)) & prints(text(passage))
        assert not prints(text(passage[: K - 1])) & prints(text(passage[: K - 1]))


def test_hashes_are_those_of_each_gram_alone():
    words = [str(n * n % 7) for n in range(60)]
    assert hashes(words) == [hashes(words[n : n + K])[0] for n in range(len(words) - K + 1)]


def test_names_of_libraries_and_arguments_stay():
    """np.zeros(n, dtype=int) and np.ones(m, order=x) are not the same thing."""
    (name, [line, *_]), *_ = tokens.blocks("import numpy as np\ny = np.zeros(n, dtype=int) ; z = 'a' + 1e0\n")
    assert name == "" and " ".join(token.text for token in line) == "v = numpy . zeros ( v , dtype = int )"


def test_docstrings_comments_and_imports_are_no_tokens():
    text = '"""Mine."""\nimport os\n@cache\ndef f(x):  # why\n    """What."""\n    "more"\n    return x\n'
    found = {name: [[token.text for token in line] for line in body] for name, body in tokens.blocks(text) if body}
    assert found == {"f": [["@", "v"], ["def", "v", "(", "v", ")", ":"], ["return", "v"]]}


def test_of_equal_hashes_the_rightmost_is_kept():
    assert winnow.winnow([5, 5, 5, 9], 3) == [(2, 5)] and winnow.winnow([], 3) == []


def test_two_texts_with_nothing_left_are_not_alike():
    short = Text.of("x = 1\n", Stub())
    assert compare({"a": short, "b": short}, 0.01, 0) == []


# ---------------------------------------------------------------- what is written

HOSTILE = '</pre><script>alert(1)</script>"\x1b[2J'


def test_the_page_shows_and_never_obeys():
    pairs = pairs_of({HOSTILE: ANA + f"\n# {HOSTILE}\n", "=cmd()": ANA})
    text = page(pairs, "<b>week</b>", 2, 50)
    assert "<script" not in text and "\x1b" not in text and "<b>week" not in text
    assert not re.search(r"(?i)\b(?:src|href)=\"(?!#)|url\(|https?:|@import", text), "loads something"
    assert "&lt;script&gt;" in text and text.count("<mark>") >= 40
    assert page([], "week", 2, 50).count("<table") == 0


def test_the_table_is_a_table_and_holds_no_formula():
    (row,) = csv.DictReader(io.StringIO(similarity.as_csv(pairs_of({"=cmd()": ANA, 'b,"q"\n': renamed(ANA)}))))
    assert row["student_b"].startswith("'=") or row["student_a"].startswith("'=")
    assert row["set"] == "ch01/learning" and float(row["share_of_a"]) > 0.9
    assert re.fullmatch(r"\d+-\d+( \d+(-\d+)?)*", row["lines_a"])


def test_ranges_of_lines_are_merged():
    assert similarity.ranges([(3, 5), (9, 9), (6, 7), (4, 4)]) == "3-7 9"


def test_two_hundred_submissions_take_seconds():
    """Each with names and numbers of its own, two of them copies of each other."""
    draw, texts = random.Random(2), {}
    for n in range(200):
        lines = (ANA if n % 2 else BEN).split("\n")
        own = [f"    v{k} = {draw.randrange(99)} * x[{draw.randrange(99)}] {draw.choice('+-*/')} lr" for k in range(9)]
        texts[f"s{n:03}"] = "\n".join([*lines, "", "def helper(x, lr):", *own, ""])
    texts["s100"] = renamed(texts["s007"])
    start = time.process_time()
    found = pairs_of(texts)
    assert time.process_time() - start < 30
    assert {(pair.match.a, pair.match.b) for pair in found} == {("s007", "s100")}


# ---------------------------------------------------------------- the command


def test_the_command_writes_both_files(tmp_path, monkeypatch, capsys):
    for who, text in {"ana": ANA, "ben": BEN, "cleo": renamed(ANA)}.items():
        (tmp_path / "in" / who / "ch01_perceptron").mkdir(parents=True)
        (tmp_path / "in" / who / FILE).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert similarity.similarity(Path("in"), None, "ch01", Path("out"), 60) == 0
    said = capsys.readouterr().out
    assert "ana" in said and "cleo" in said and "ben" not in said and "no verdict" in said
    assert len((tmp_path / "out/similarity.csv").read_text(encoding="utf-8-sig").splitlines()) == 2
    assert "<mark>" in (tmp_path / "out/similarity.html").read_text(encoding="utf-8")


def test_a_copy_of_the_books_answer_is_found_when_asked_for(tmp_path, capsys):
    book = (ROOT / "solutions" / FILE).read_text(encoding="utf-8")
    found = similarity.find_pairs({"ben": {FILE: BEN.encode()}, "eve": {FILE: book.encode()}}, [SET], 0.5, book=True)
    assert [(pair.match.a, pair.match.b) for pair in found] == [("eve", similarity.BOOK)]


def test_one_submission_is_nothing_to_compare(tmp_path):
    (tmp_path / "in" / "ana" / "ch01_perceptron").mkdir(parents=True)
    (tmp_path / "in" / "ana" / FILE).write_text(ANA, encoding="utf-8")
    with pytest.raises(Problem, match="nothing to compare"):
        similarity.similarity(tmp_path / "in", None, "1", tmp_path / "out")
    with pytest.raises(Problem, match="per cent"):
        similarity.similarity(tmp_path / "in", None, "1", tmp_path / "out", threshold=0)
    (tmp_path / "file").touch()
    with pytest.raises(Problem, match="is a file"):
        similarity.similarity(tmp_path / "in", None, "1", tmp_path / "file")
