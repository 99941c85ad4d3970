"""Open a file at a line in the learner's own editor."""

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from deepbook.course.errors import Problem

PLUS = ("+{line}", "{file}")
COLON = ("{file}:{line}",)
GOTO = ("--goto", "{file}:{line}")
JETBRAINS = ("--line", "{line}", "{file}")
FILE = ("{file}",)
TOLD_S = 1  # a window that is closed tells the editor, too; vim would give up its rescue at a second signal
RESCUE_S = 5  # an editor's time to end
IN_TERMINAL = {
    **dict.fromkeys(("vi", "vim", "nvim", "view", "nano", "pico", "emacs", "emacsclient", "mg", "joe", "ne"), PLUS),
    **dict.fromkeys(("kak", "micro", "mcedit", "editor"), PLUS),
    **dict.fromkeys(("hx", "helix"), COLON),
}
IN_WINDOW = {
    **dict.fromkeys(("code", "code-insiders", "codium", "vscodium", "cursor", "windsurf"), GOTO),
    **dict.fromkeys(("subl", "sublime_text", "zed", "zeditor", "atom", "pulsar"), COLON),
    **dict.fromkeys(("gvim", "mvim", "gedit", "pluma", "xed", "bbedit"), PLUS),
    **dict.fromkeys(("kate", "kwrite", "mate", "geany", "mousepad"), ("-l", "{line}", "{file}")),
    **dict.fromkeys(("pycharm", "charm", "idea"), JETBRAINS),
    **dict.fromkeys(("notepad", "thonny", "spyder", "gnome-text-editor", "xdg-open", "open"), FILE),
    "notepad++": ("-n{line}", "{file}"),
}


def command(file: Path, line: int, environ: Mapping[str, str] = os.environ) -> tuple[list[str], bool]:
    """What opens `file` at `line`, and whether it works inside this terminal (so that we must step aside).

    $VISUAL, $EDITOR, VS Code, and last what the system has. An editor that we do not know is taken to work in the
    terminal, and gets the file without a line.
    Raises Problem if there is none.
    """
    words, said_by = _chosen(environ)
    program = shutil.which(os.path.expanduser(words[0]), path=environ.get("PATH"))
    if program is None:
        raise Problem(f"{_missing(words[0], said_by, environ)} Or open {file} yourself, line {line}.")
    name = _name(words[0])
    inside = name not in IN_WINDOW and not _has_window(name, words, environ)
    pattern = IN_TERMINAL.get(name) or IN_WINDOW.get(name, FILE)
    return [program, *words[1:], *(part.format(file=file, line=line) for part in pattern)], inside


def _chosen(environ) -> tuple[list[str], str]:
    """The editor's command, split into words, and where it was set."""
    for variable in ("VISUAL", "EDITOR"):
        if environ.get(variable, "").strip():
            return _split(environ[variable], f"${variable}"), f"${variable}"
    if found := _first(environ, "code", "code-insiders", "codium", "cursor"):
        return [found], "The editor"
    if sys.platform == "win32":
        return ["notepad"], "The editor"
    if sys.platform == "darwin":
        return ["open", "-t"], "The editor"  # -t: the editor of texts, for `open` alone might run a .py
    if (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")) and (found := _first(environ, "xdg-open")):
        return [found], "The editor"
    return [_first(environ, "editor", "nano", "vim", "vi") or "nano"], "The editor"


def _missing(program, said_by, environ) -> str:
    """What to do about an editor that is not there. A running program cannot see what its shell sets."""
    variable = said_by.removeprefix("$") if said_by.startswith("$") else "EDITOR"
    wrong = f"{said_by} is “{program}”, and no such program was found." if said_by[0] == "$" else "No editor was found."
    here = _first(environ, "nano", "editor", "vim", "vi", "micro", "emacs")
    if here and os.name != "nt":
        how = f"{here} is here: quit, type `export {variable}={here}`, and start `deepbook learn` again."
    else:
        how = f"{variable} is set before `deepbook learn` is started: quit, set it to your editor, and start again."
    return f"{wrong} {how}"


def _first(environ, *names) -> str | None:
    return next((name for name in names if shutil.which(name, path=environ.get("PATH"))), None)


def _split(text, variable) -> list[str]:
    if os.path.isfile(text):  # one path, with spaces in it
        return [text]
    try:
        words = shlex.split(text, posix=os.name != "nt")
    except ValueError as error:
        raise Problem(f"{variable} cannot be understood ({error}): {text}") from error
    return [word.strip('"') for word in words] if os.name == "nt" else words


def _name(program) -> str:
    """`C:\\…\\Code.cmd` → `code`."""
    name = program.replace("\\", "/").rsplit("/", 1)[-1].lower()
    return name.rsplit(".", 1)[0] if name.endswith((".exe", ".cmd", ".bat")) else name


def _has_window(name, words, environ) -> bool:
    """Emacs is both: it opens a window if it can and was not told otherwise."""
    if name not in ("emacs", "emacsclient"):
        return False
    in_terminal = {"-nw", "--no-window-system", "-t", "--tty"} & set(words[1:])
    display = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY") or sys.platform == "win32"
    return bool(display) and not in_terminal


def in_terminal(words: list[str]) -> str:
    """Run an editor in this terminal until it ends. Returns "" or a sentence.

    If we have to end meanwhile, it is asked to end too, and gets the time to rescue what is not saved.
    """
    try:
        process = subprocess.Popen(words)
    except OSError as error:
        return f"{words[0]} could not be started: {error.strerror}."
    try:
        code = process.wait()
    except BaseException:
        try:
            process.wait(TOLD_S)
        except subprocess.TimeoutExpired:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(RESCUE_S)
        raise
    return f"{words[0]} ended with an error (code {code})." if code else ""


def in_window(words: list[str], failed: Callable[[str], None] = lambda sentence: None):
    """Start an editor that has a window of its own; `failed` is called, in another thread, if it ends with an error.

    Raises Problem if it cannot be started.
    """
    quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    try:
        process = subprocess.Popen(words, start_new_session=True, **quiet)
    except OSError as error:
        raise Problem(f"{words[0]} could not be started: {error.strerror}.") from error

    def wait():
        if code := process.wait():
            failed(f"{words[0]} ended with an error (code {code}).")

    threading.Thread(target=wait, daemon=True).start()
