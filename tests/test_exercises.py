"""The gates that every chapter's exercises pass: stubs fail, solutions pass, mistakes are caught and named."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from clarity import unclear

from deepbook.course import stubs
from deepbook.course.index import book_root, load_index
from deepbook.course.mistakes import mistakes_of
from deepbook.course.output import Output
from deepbook.course.results import settled
from deepbook.course.runner import Fresh
from deepbook.course.runner import run as run_for_learner
from deepbook.course.warm import Warm
from deepbook.course.workspace import Workspace

ROOT = book_root()
INDEX = load_index()
TWICE = 4  # so many mistakes of each exercise are made under `deepbook learn` as well: it differs in the process alone
MISTAKES = [(chapter, each) for chapter in INDEX.chapters for each in mistakes_of(chapter.folder)]


def run(folder, *arguments, **environment):
    """Run the exercises' own pytest as a learner does; returns (exit code, results by exercise and test, output)."""
    events = Path(folder) / f"events-{abs(hash(arguments))}.jsonl"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--events", str(events), *arguments]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, env=environment)
    lines = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    return done.returncode, [line for line in lines if line["event"] == "result"], done.stdout + done.stderr


def workspace(folder):
    shutil.copytree(ROOT / "exercises", folder, ignore=shutil.ignore_patterns("__pycache__", ".deepbook"))
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def plain(tmp_path_factory, cache):
    """A function that runs pytest as a learner does on the stubs, or on the solutions with a seed; each once."""
    known = {}

    def plain(*arguments):
        if arguments not in known:
            folder = workspace(tmp_path_factory.mktemp("plain") / "book")
            known[arguments] = run(folder, ".", *arguments, **compile_cache(cache))
        return known[arguments]

    return plain


def test_stubs_are_cut_from_the_solutions():
    assert stubs.main(check=True) == 0


def test_every_test_of_a_stub_fails_with_not_implemented(plain):
    code, results, _ = plain()
    assert code == 1
    assert {(r["outcome"], r["error"]) for r in results} == {("failed", "NotImplementedError")}
    assert {r["exercise"] for r in results} == {e.id for e in INDEX.exercises}


@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_solutions_pass(plain, seed):
    code, results, output = plain("--answers=solutions", "--seed", seed)
    assert code == 0, output
    assert {r["exercise"] for r in results} == {e.id for e in INDEX.exercises}
    assert max(r["seconds"] for r in results) < 10


@pytest.fixture(scope="module")
def starter(cache):
    """What `deepbook learn` starts its runs with on this platform; its compilations are kept in the same cache."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in compile_cache(cache).items():
            patch.setenv(name, value)
        started = Warm() if sys.platform == "linux" else Fresh()
        yield started
        started.close()


def verdicts(events):
    """(exercise, status, mistake, message) of each exercise, from a plain pytest."""
    return {r.exercise.id: verdict(r) for r in settled(INDEX.exercises, events, Output(), ended=True)}


def verdict(result):
    return result.status, result.mistake, result.message


@pytest.mark.parametrize("answers", ["exercises", "solutions"])
def test_learn_and_plain_pytest_say_the_same(tmp_path, plain, starter, answers):
    report = run_for_learner(Workspace(workspace(tmp_path / "book")), INDEX.exercises, answers=answers, starter=starter)
    arguments = () if answers == "exercises" else ("--answers=solutions", "--seed", "0")
    expected = verdicts(plain(*arguments)[1])
    assert {r.exercise.id: verdict(r) for r in report} == expected
    assert len(expected) == len(INDEX.exercises)


@pytest.fixture(scope="module")
def mistake_results(tmp_path_factory, cache, starter):
    """For each mistake the first failure that a learner who made it is shown, by pytest and by `deepbook learn`.

    The second only for the first mistakes of each exercise (TWICE); for the others it is None. They run in rounds: in
    each round every exercise is answered by one of its mistakes. Where exercises of one file call each other, one may
    be failed by another's mistake; such a one has a second try, with all else solved.
    """
    mistakes = {
        e.id: [m for c, m in MISTAKES if (c.folder, m.exercise) == (e.chapter, e.name)] for e in INDEX.exercises
    }
    rounds = [
        {exercise: found[i] for exercise, found in mistakes.items() if i < len(found)}
        for i in range(max(map(len, mistakes.values())))
    ]
    sources = {each.name: as_a_learner_writes_it(chapter, each) for chapter, each in MISTAKES}

    def answered(wrong, twice=True):
        folder = workspace(tmp_path_factory.mktemp("mistakes") / "book")
        for each in (each for chapter in INDEX.chapters for each in chapter.sets):  # all else is solved
            text = (ROOT / "solutions" / each.file).read_text(encoding="utf-8")
            texts = [text, *(sources[wrong[e.id].name] for e in each.exercises if e.id in wrong)]
            (folder / each.file).write_text("\n\n".join(texts), encoding="utf-8")
        # only the chapters' own tests of these exercises, in a fresh process, as `deepbook check` runs them
        files = {e.test_file for e in INDEX.exercises if e.id in wrong}
        _, results, output = run(folder, *sorted(files), "--only", ",".join(wrong), **compile_cache(cache))
        failures = [r for r in results if r["outcome"] != "passed"]
        learn = {}
        if twice:
            asked = tuple(e for e in INDEX.exercises if e.id in wrong)
            learn = run_for_learner(Workspace(folder), asked, starter=starter).results
        return {
            m.name: (next((r for r in failures if r["exercise"] == e), None), output, learn.get(e))
            for e, m in wrong.items()
        }

    def right(name, failure):
        return failure is not None and failure["mistake"] == name

    also_by_learn = [i < TWICE for i in range(len(rounds))]
    with ThreadPoolExecutor(2) as pool:
        found = {name: shown for one in pool.map(answered, rounds, also_by_learn) for name, shown in one.items()}
        again = [{e: m} for e, all_of in mistakes.items() for m in all_of if not right(m.name, found[m.name][0])]
        return found | {name: shown for one in pool.map(answered, again) for name, shown in one.items()}


def compile_cache(folder):
    """What is compiled in one process is not compiled again in the next."""
    settings = {"JAX_COMPILATION_CACHE_DIR": str(folder), "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}
    return {**settings, "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1"}


def as_a_learner_writes_it(chapter, mistake):
    """The mistake's source under the exercise's name, with the helpers of mistakes.py that it needs."""
    tree = ast.parse((ROOT / "solutions" / chapter.folder / "mistakes.py").read_text(encoding="utf-8"))
    functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
    answer = functions[mistake.name]
    answer.decorator_list, answer.name = [], mistake.exercise
    parts, needed = [n for n in tree.body if isinstance(n, ast.Assign)], [answer]
    while needed:
        part = needed.pop()
        parts.append(part)
        names = {n.id for n in ast.walk(part) if isinstance(n, ast.Name)}
        needed += [functions[name] for name in names & set(functions) if functions[name] not in parts]
    body = textwrap.indent("\n".join(ast.unparse(part) for part in parts), "    ")
    return f"def _wrong():\n{body}\n    return {mistake.exercise}\n\n\n{mistake.exercise} = _wrong()\n"


@pytest.mark.parametrize("mistake", [each for _, each in MISTAKES], ids=lambda m: m.name)
def test_mistake_is_caught_and_named(mistake_results, mistake):
    failure, output, learn = mistake_results[mistake.name]
    assert failure, f"no test fails on {mistake.name}\n{output}"
    assert failure["mistake"] == mistake.name, failure["message"]
    assert mistake.sentence in failure["message"]
    assert unclear(failure["message"], mistake.sentence) == []
    if learn is not None:
        assert (learn.mistake, learn.message) == (failure["mistake"], failure["message"]), "learn says something else"


@pytest.mark.parametrize("exercise", INDEX.exercises, ids=lambda e: e.id)
def test_each_exercise_is_whole(exercise):
    known = [m for chapter, m in MISTAKES if chapter.folder == exercise.chapter and m.exercise == exercise.name]
    assert len(known) >= 3
    assert len({m.sentence for m in known}) == len(known)
    assert len(exercise.hints) == 4
    assert all(len(hint) > 20 for hint in exercise.hints)
    assert exercise.points > 0
    assert exercise.minutes > 0


@pytest.mark.parametrize("exercise", INDEX.exercises, ids=lambda e: e.id)
def test_each_exercise_is_linked_from_its_chapter_and_links_back(exercise):
    page = (ROOT / "chapters" / exercise.page).read_text(encoding="utf-8")
    fences = re.findall(r"^```exercise\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert exercise.name in {name for fence in fences for name in fence.split()}
    assert re.search(rf"^##+ .*\{{ *#{exercise.section} *\}}$", page, re.MULTILINE), "the section has no such id"
    tree = ast.parse((ROOT / "exercises" / exercise.file).read_text(encoding="utf-8"))
    function = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == exercise.name)
    assert f"{Path(exercise.page).stem}.html#{exercise.section}" in ast.get_docstring(function)


def test_chapters_have_two_to_four_sets_and_eight_to_fourteen_exercises():
    for chapter in INDEX.chapters:
        assert 2 <= len(chapter.sets) <= 4
        assert 8 <= len(chapter.exercises) <= 14


def test_tests_never_read_the_solutions():
    for each in INDEX.sets:
        text = (ROOT / "exercises" / each.test_file).read_text(encoding="utf-8")
        assert "solutions" not in text
        assert "book_root" not in text


def test_the_module_under_test_is_the_learners_file(tmp_path):
    folder = workspace(tmp_path / "book")
    for each in INDEX.sets:
        first = each.exercises[0].name
        (folder / each.test_file).write_text(
            f"import {each.chapter}.{each.name} as mine\n\n"
            f"def test_{first}():\n    assert mine.__file__ == {str(folder / each.file)!r}\n"
        )
    code, results, output = run(folder, ".")
    assert code == 0, output
    assert len(results) == len(INDEX.sets)


def test_forbidden_names_are_refused_and_the_rest_is_tested(tmp_path):
    folder = workspace(tmp_path / "book")
    for each in INDEX.sets:
        text = (ROOT / "solutions" / each.file).read_text(encoding="utf-8")
        for exercise in each.exercises:
            for name in exercise.forbids[:1]:
                text = re.sub(rf"(def {exercise.name}\(.*\n)", rf"\1    {name}\n", text)
        (folder / each.file).write_text(text, encoding="utf-8")
    _, results, _ = run(folder, ".")
    refused = {r["exercise"] for r in results if r["outcome"] == "failed" and "do without it" in r["message"]}
    assert (
        refused
        == {e.id for e in INDEX.exercises if e.forbids}
        == {r["exercise"] for r in results if r["outcome"] != "passed"}
    )
    assert refused


def test_seeds_change_what_the_tests_draw(tmp_path):
    folder = workspace(tmp_path / "book")
    each = INDEX.sets[0]
    test = f"def test_{each.exercises[0].name}(rng):\n    assert rng.random() == {{}}\n"
    (folder / each.test_file).write_text(test.format(-1))
    messages = {run(folder, each.test_file, "--full", "--seed", str(seed))[1][0]["message"] for seed in range(3)}
    assert len(messages) == 3


def test_a_stub_without_an_end_is_refused():
    with pytest.raises(ValueError, match="no END SOLUTION"):
        stubs.stub("def f():\n    # BEGIN SOLUTION\n    return 1\n")
    with pytest.raises(ValueError, match="function g has no part"):
        stubs.stub("def g():\n    return 1\n")
