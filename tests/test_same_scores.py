"""The real examiner gives the same records, bit for bit: again, in parallel, and on a Dask cluster."""

import sys
from pathlib import Path

import pytest
from attacks import load, wrong
from small_class import dask_cluster, timeless

from deepbook.grading import batch
from deepbook.grading.course import default

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="the jails are Linux's")]
HONEST = Path(__file__).resolve().parent / "honest" / "ch01_perceptron"
FILE = "ch01_perceptron/learning.py"
NAMES = {"os_exit_in_a_call", "garbage", "loop_without_signals"}


def hand_in(folder: Path) -> int:
    """Right, wrong and hostile work. Gives the number of submissions."""
    texts = {style.name: (style / "learning.py").read_text(encoding="utf-8") for style in HONEST.glob("*/")}
    texts |= {"wrong": wrong("learning"), "broken": "def update(:\n", "stub": "raise SystemExit\n"}
    texts |= {attack.name: attack.files[FILE] for attack in load() if attack.name in NAMES and FILE in attack.files}
    for student, text in texts.items():
        path = folder / student / FILE
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    return len(texts)


def test_scores_are_equal_again_in_parallel_and_on_a_cluster(tmp_path):
    number, assignment = hand_in(tmp_path / "class"), default(("ch01/learning",), secret=b"secret")
    outs = [tmp_path / name for name in ("one", "again", "two", "cluster")]
    with dask_cluster() as cluster:
        ways = ({"jobs": 1}, {"jobs": 1}, {"jobs": 2}, {"scheduler": cluster.scheduler_address})
        for out, way in zip(outs, ways, strict=True):
            outcome = batch.grade(tmp_path / "class", assignment, out, **way)
            assert not outcome.failures and len(outcome.examined) == number >= 9
    first, *others = map(timeless, outs)
    assert all(other == first for other in others)
    scores = {record["student"]["id"]: record["score"] for record in outcome.records}
    assert scores["loops"] == scores["vectorised"] == 9 and scores["broken"] == 0
