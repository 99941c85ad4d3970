"""Submissions that answer by memory: they hold the results of all calls that the book's own tests make.

Anyone can make one: run the tests on somebody's solutions and write down what goes in and what comes out.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from deepbook.course.index import book_root

PLUGIN = """
import json, os, pickle, base64, zlib
import pytest
from deepbook.course import checks
seen = {}

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item):
    exec(os.environ["KEY"], globals())
    for call in checks.log.calls:
        if call.error is None:
            seen.setdefault(call.function, {})[key(call.inputs)] = plain(call.value)

def pytest_sessionfinish():
    packed = {name: base64.b85encode(zlib.compress(pickle.dumps(found), 9)).decode() for name, found in seen.items()}
    with open(os.environ["SEEN"], "w") as file:
        json.dump(packed, file)
"""
KEY = """
def plain(value):
    import numpy as np
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(plain, value))
    return np.asarray(value) if "jax" in type(value).__module__ else value

def key(value):
    import hashlib
    import numpy as np
    def text(value):
        if isinstance(value, dict):
            return "d" + "".join(f"{name}{text(each)}" for name, each in value.items())
        if isinstance(value, (list, tuple)):
            return "l" + "".join(map(text, value)) + "."
        if callable(value):
            return "f"
        if "key<" in str(getattr(value, "dtype", "")):
            value = __import__("jax").random.key_data(value)
        array = np.asarray(value)
        return f"{array.shape}{array.astype(float).tobytes() if array.dtype.kind in 'fiub' else value!r}"
    return hashlib.sha256(text(value).encode("utf-8", "replace")).hexdigest()[:24]
"""
TAIL = """
import base64, pickle, zlib
def recalled(packed):
    found = pickle.loads(zlib.decompress(base64.b85decode(packed)))
    def answer(*inputs):
        if key(inputs) not in found:
            raise ValueError("never seen")
        return found[key(inputs)]
    return answer
"""


def submissions(chapter: str, folder: Path) -> dict[str, bytes]:
    """The files of a submission that knows all results of a chapter's visible tests by heart.

    folder: an empty one. Functions that the tests never call raise NotImplementedError.
    """
    (folder / "recall_plugin.py").write_text(PLUGIN)
    environment = {**os.environ, "KEY": KEY, "SEEN": str(folder / "seen.json"), "PYTHONPATH": str(folder)}
    environment |= {"JAX_PLATFORMS": "cpu"}
    tests = book_root() / "exercises" / chapter
    command = [sys.executable, "-m", "pytest", "-q", "-p", "recall_plugin", "-p", "no:cacheprovider"]
    command += ["--answers=solutions", "-c", str(tests.parent / "pytest.ini"), str(tests)]
    subprocess.run(command, env=environment, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    seen = json.loads((folder / "seen.json").read_text())
    from deepbook.course.index import load_index

    found = {}
    for each in next(each for each in load_index(book_root() / "exercises").chapters if each.folder == chapter).sets:
        lines = [KEY, TAIL]
        for exercise in each.exercises:
            packed = seen.get(exercise.name)
            lines.append(f"{exercise.name} = recalled({packed!r})" if packed else _empty(exercise.name))
        found[each.file] = "\n".join(lines).encode()
    return found


def _empty(name):
    return f"def {name}(*_): raise NotImplementedError"
