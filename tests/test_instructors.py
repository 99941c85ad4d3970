"""The instructor's guide: its commands exist, with these options, and what it shows is what they print."""

import importlib.util
import re
import shlex
from pathlib import Path

import pytest
import typer

from deepbook import labs
from deepbook.cli import app
from deepbook.grading.course import load

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "chapters" / "instructors.md"


def follower():
    """benchmarks/instructors.py, which follows the guide."""
    path = ROOT / "benchmarks" / "instructors.py"
    spec = importlib.util.spec_from_file_location("instructors", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


guide = follower()


def commands(text):
    """Each `deepbook …` of a page, as words: in blocks of a shell, and in running text."""
    blocks = re.findall(r"^```(?:bash|sh)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    found = [line for line in lines if re.match(r"\s*deepbook\s", line)]
    found += re.findall(r"`(deepbook [a-z][^`…]*)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return list(dict.fromkeys(found))


def parse(line):
    """ "", or what kind of mistake the command line is. Nothing is run."""
    words, group = shlex.split(line.split("|")[0].split(">")[0])[1:], "deepbook"
    command = typer.main.get_command(app)
    try:
        while hasattr(command, "get_command"):
            group = words.pop(0)
            command = command.get_command(command.context_class(command, info_name="deepbook"), group)
        command.make_context(group, words)
    except Exception as error:  # of Click, or of the copy of it in Typer
        return "no command" if command is None else type(error).__name__
    return ""


@pytest.mark.parametrize("line", commands(PAGE.read_text(encoding="utf-8")))
def test_each_command_of_the_guide_is_one(line):
    assert parse(line) in ("", "MissingParameter"), "in running text a command may stand without what it works on"


@pytest.mark.parametrize("line", commands((ROOT / "README.md").read_text(encoding="utf-8")))
def test_each_command_of_the_readme_is_one(line):
    assert parse(line) in ("", "MissingParameter")


def test_what_is_no_command_is_found():
    assert parse("deepbook graade x") == "no command"
    assert parse("deepbook grade x --colour") == parse("deepbook export --to canvas --nope") == "NoSuchOption"
    assert parse("deepbook gradescope 1 --minutes soon") == "BadParameter"


def test_the_guide_names_every_command_for_instructors():
    text = PAGE.read_text(encoding="utf-8")
    for name in ("release", "grade", "regrade", "report", "export", "gradescope", "similarity"):
        assert re.search(rf"^deepbook {name}\b", text, re.MULTILINE), f"{name} is in no block"


def test_what_the_guide_shows_is_of_its_own_commands():
    """Else: python benchmarks/instructors.py --record"""
    recorded = [each["commands"] for each in labs.result("instructors")["blocks"]]
    assert recorded == guide.blocks("bash")
    shown = re.findall(r'^said\("(.*?)"\)$', PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    for start in shown:
        assert sum(block.startswith(start) for block in recorded) == 1 or start == "deepbook grade", start


def test_the_settings_of_the_guide_can_be_read(tmp_path):
    (toml,) = guide.blocks("toml")
    (tmp_path / "course.toml").write_text(f'secret = "{"0" * 64}"\n{toml}', encoding="utf-8")
    assignment = load(tmp_path)
    points = {exercise.id: exercise.points for exercise in assignment.exercises}
    assert points["ch01/update"] == 3 and points["ch01/by_hand"] == 0 and assignment.partial


@pytest.mark.slow
def test_a_new_instructor_who_follows_the_guide_gets_through(tmp_path):
    said = {}
    for block, code, output in guide.follow(tmp_path):
        assert code == 0, f"{block}\n{output}"
        said[block.split("\n")[0]] = output
    (graded,) = (output for first, output in said.items() if first.startswith("deepbook grade "))
    assert "4 submissions: 4 examined" in graded
    table = (tmp_path / "grades" / "grades.csv").read_text(encoding="utf-8-sig")
    assert len(table.splitlines()) == 5 and "cleo" in table
    assert (tmp_path / "similarity" / "similarity.html").exists() and (tmp_path / "autograder.zip").exists()
