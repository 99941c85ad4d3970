"""The command line that opens a file at a line, in each editor."""

import os
import sys
from pathlib import Path

import pytest

from deepbook.course import editor
from deepbook.course.errors import Problem


def programs(folder, *names):
    """A folder with empty programs; returns what PATH should be."""
    folder.mkdir()
    for name in names:
        (folder / name).touch(0o755)
    return str(folder)


@pytest.mark.parametrize(
    ("set_to", "arguments", "inside"),
    [
        ("vi", "+7 F", True),
        ("vim", "+7 F", True),
        ("nvim -p", "-p +7 F", True),
        ("nano", "+7 F", True),
        ("emacs -nw", "-nw +7 F", True),
        ("emacs", "+7 F", True),
        ("emacsclient -t", "-t +7 F", True),
        ("micro", "+7 F", True),
        ("hx", "F:7", True),
        ("helix", "F:7", True),
        ("kak", "+7 F", True),
        ("code --wait", "--wait --goto F:7", False),
        ("codium", "--goto F:7", False),
        ("cursor", "--goto F:7", False),
        ("subl -n", "-n F:7", False),
        ("zed", "F:7", False),
        ("gvim", "+7 F", False),
        ("gedit", "+7 F", False),
        ("kate", "-l 7 F", False),
        ("pycharm", "--line 7 F", False),
        ("notepad++", "-n7 F", False),
        ("thonny", "F", False),
        ("myed --x 'a b'", "--x|a b|F", True),
        ("'my ed'/vim", None, True),
    ],
)
def test_the_command_of_each_editor(tmp_path, set_to, arguments, inside):
    names = {set_to.split()[0], "vim"}
    path = programs(tmp_path / "bin", *(name for name in names if "/" not in name and "'" not in name))
    environ = {"EDITOR": set_to, "PATH": path}
    file = Path("/f/a b.py")
    if arguments is None:
        with pytest.raises(Problem, match="my ed/vim"):
            editor.command(file, 7, environ)
        return
    words, is_inside = editor.command(file, 7, environ)
    expected = [each.replace("F", str(file)) for each in arguments.split("|" if "|" in arguments else " ")]
    assert words == [f"{path}/{set_to.split()[0]}", *expected] and is_inside is inside


def test_an_editor_in_a_folder_with_a_space(tmp_path):
    path = programs(tmp_path / "my tools", "code")
    words, _ = editor.command(Path("f.py"), 1, {"EDITOR": f"{path}/code", "PATH": "/nowhere"})
    assert words == [f"{path}/code", "--goto", "f.py:1"]
    words, _ = editor.command(Path("f.py"), 1, {"EDITOR": f"'{path}/code' -n", "PATH": "/nowhere"})
    assert words == [f"{path}/code", "-n", "--goto", "f.py:1"]


def test_which_editor_is_taken(tmp_path, monkeypatch):
    path = programs(tmp_path / "bin", "vim", "nano", "code", "xdg-open")

    def name(**environ):
        return Path(editor.command(Path("f.py"), 1, {"PATH": path, **environ})[0][0]).name

    monkeypatch.setattr(sys, "platform", "linux")
    assert name(VISUAL="vim", EDITOR="nano") == "vim"
    assert name(VISUAL=" ", EDITOR="nano") == "nano"
    assert name() == "code"
    assert name(TERM_PROGRAM="vscode") == "code"
    os.unlink(f"{path}/code")
    assert name(DISPLAY=":0") == "xdg-open"
    assert name() == "nano"
    assert editor.command(Path("f.py"), 1, {"PATH": path, "DISPLAY": ":0"})[1] is False


@pytest.mark.skipif(os.name == "nt", reason="export is of the POSIX shells")
@pytest.mark.parametrize(
    ("environ", "here", "sentences"),
    [
        ({}, [], ["No editor was found.", "set it to your editor"]),
        ({"EDITOR": "nano"}, [], ["$EDITOR is “nano”", "set it to your editor"]),
        ({"EDITOR": "nano"}, ["vi", "vim"], ["$EDITOR is “nano”", "`export EDITOR=vim`"]),
        ({"EDITOR": "vi", "VISUAL": "my-ed -x"}, ["vi", "nano"], ["$VISUAL is “my-ed”", "`export VISUAL=nano`"]),
    ],
)
def test_an_editor_that_is_here_is_suggested(tmp_path, monkeypatch, environ, here, sentences):
    monkeypatch.setattr(sys, "platform", "linux")
    path = programs(tmp_path / "bin", *here)
    with pytest.raises(Problem) as error:
        editor.command(Path("f.py"), 7, {"PATH": path, **environ})
    said = str(error.value)
    for each in (*sentences, "quit", "start", "open f.py yourself, line 7."):
        assert each in said
    assert ("export" in said) == bool(here)


def test_emacs_opens_a_window_where_it_can(tmp_path):
    path = programs(tmp_path / "bin", "emacs")
    assert editor.command(Path("f"), 1, {"EDITOR": "emacs", "PATH": path, "DISPLAY": ":0"})[1] is False
    assert editor.command(Path("f"), 1, {"EDITOR": "emacs -nw", "PATH": path, "DISPLAY": ":0"})[1] is True
