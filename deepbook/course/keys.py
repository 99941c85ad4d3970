"""The terminal, taken over for a while: single keys, the alternate screen, no cursor. It is given back as it was."""

import codecs
import contextlib
import os
import re
import select
import signal
import socket
import sys
import threading
import time

# The alternate screen; no cursor; no wrapping of lines that are too long; pasted text comes in brackets.
TAKE = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h"
# The last line: where a terminal without an alternate screen goes on after what we have drawn.
GIVE_BACK = "\x1b[?2004l\x1b[?7h\x1b[0m\x1b[?25h\x1b[999;1H\x1b[?1049l"
AT_ONCE = "\x1b[?2026h{}\x1b[?2026l"  # what is between is shown in one go, by terminals that can
NAMES = {
    **dict.fromkeys(("\r", "\n"), "enter"),
    **dict.fromkeys(("\x1b[A", "\x1bOA"), "up"),
    **dict.fromkeys(("\x1b[B", "\x1bOB"), "down"),
    **dict.fromkeys(("\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~"), "home"),
    **dict.fromkeys(("\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~"), "end"),
    "\x1b[5~": "pageup",
    "\x1b[6~": "pagedown",
    " ": "pagedown",
    "\x04": "pagedown",
    "\x15": "pageup",
    "\x0c": "redraw",
}
KEY = re.compile(
    r"""\x1b\[200~.*?\x1b\[201~           # pasted
      | \x1b\[(?!200~)[0-?]*[ -/]*[@-~]   # up, down, …
      | \x1bO[@-~]
      | \x1b[^\[O\x1b]                    # Alt and a letter
      | [^\x1b]""",
    re.VERBOSE | re.DOTALL,
)
MSVCRT = {"H": "up", "P": "down", "I": "pageup", "Q": "pagedown", "G": "home", "O": "end"}


def decode(text: str) -> tuple[list[str], str]:
    """The keys in what a terminal sent, by name, and the rest that is not complete. Pasted text is no key.

    >>> decode("n\\x1b[A\\x1b[200~quit\\x1b[201~\\x1b[")
    (['n', 'up'], '\\x1b[')
    """
    keys, place = [], 0
    while match := KEY.match(text, place):
        key, place = match[0], match.end()
        if name := NAMES.get(key) or (key if key.isprintable() else ""):
            keys.append(name)
    return keys, text[place:]


@contextlib.contextmanager
def taken():
    """The terminal, from now to the end of the block. For the main thread only: signals are caught."""
    tty = Windows() if os.name == "nt" else Posix()
    try:
        tty.catch()
        tty.take()
        yield tty
    finally:
        tty.close()


class Terminal:
    """What both kinds of terminal have in common."""

    def __init__(self):
        self.out, self.caught = sys.stdout, {}
        self.shown, self.repaint = [], True
        self.stop_asked = self.resumed = False

    def size(self) -> tuple[int, int]:
        """(columns, rows) now."""
        try:
            columns, rows = os.get_terminal_size(self.out.fileno())
        except (OSError, ValueError):
            columns = rows = 0
        return columns or 80, rows or 24  # some terminals say 0

    def take(self):
        self.repaint = True
        self.write(TAKE)

    def give_back(self):
        with contextlib.suppress(OSError, ValueError):  # the window may be gone
            self.write(GIVE_BACK)

    def write(self, text):
        self.out.write(text)
        self.out.flush()

    def draw(self, rows: list[str]):
        """Show these rows from the top of the window; only those that changed are written."""
        repaint, self.repaint = self.repaint, False
        shown = [None] * len(rows) if repaint or len(self.shown) != len(rows) else self.shown
        changed = [f"\x1b[{n};1H\x1b[2K{row}" for n, row in enumerate(rows, 1) if row != shown[n - 1]]
        if repaint:
            changed.insert(0, "\x1b[0m\x1b[2J")
        if changed:
            self.write(AT_ONCE.format("".join(changed)))
        self.shown = rows

    @contextlib.contextmanager
    def lent(self):
        """Step aside while another program works in the terminal: it has the keys, also Ctrl-C and Ctrl-Z."""
        self.give_back()
        handlers = {signal.SIGINT: lambda *_: None}  # not SIG_IGN, which the program would inherit
        if os.name != "nt":
            handlers |= {signal.SIGQUIT: lambda *_: None, signal.SIGTSTP: signal.SIG_DFL}
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self.resumed = False  # the program was, perhaps; we take the terminal here
            if not isinstance(sys.exception(), SystemExit):  # then we end, and its window may be gone
                self.take()

    def _handle(self, number, handler):
        self.caught.setdefault(number, signal.signal(number, handler))

    def catch(self):
        """End in order on SIGTERM and SIGHUP, also where nobody asked for it."""
        for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
            if signal.getsignal(number) == signal.SIG_DFL:
                self._handle(number, self._end)

    def _end(self, number, _):
        for each in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
            if each in self.caught:  # a window that is closed says so twice: the second must not stop us half-way
                signal.signal(each, lambda *_: None)
        sys.exit(128 + number)

    def close(self):
        self._handle(signal.SIGINT, lambda *_: None)  # a second Ctrl-C must not stop us half-way
        self.give_back()
        for number, handler in self.caught.items():
            signal.signal(number, handler)


class Posix(Terminal):
    def __init__(self):
        import termios

        super().__init__()
        self.termios, self.keyboard = termios, sys.stdin.fileno()
        self.before = termios.tcgetattr(self.keyboard)
        self.bell, self.ear = socket.socketpair()  # to wake the main thread from others, and from signals
        self.bell.setblocking(False)
        self.ear.setblocking(False)
        self.decoder, self.rest = codecs.getincrementaldecoder("utf-8")("replace"), ""
        self.wakeup = -1

    def catch(self):
        super().catch()
        # Without it a signal that comes just before select() would not end that sleep.
        self.wakeup = signal.set_wakeup_fd(self.bell.fileno(), warn_on_full_buffer=False)
        self._handle(signal.SIGWINCH, lambda *_: self._ask("repaint"))
        self._handle(signal.SIGTSTP, lambda *_: self._ask("stop_asked"))
        self._handle(signal.SIGCONT, lambda *_: self._ask("resumed"))

    def _ask(self, what):
        setattr(self, what, True)
        self.wake()

    def take(self):
        """Keys one by one and unseen. Ctrl-C and Ctrl-Z stay signals; Ctrl-S and Ctrl-\\ do nothing."""
        termios, (i, o, c, local, ispeed, ospeed, cc) = self.termios, self.before
        local &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
        cc = list(cc)
        cc[termios.VMIN], cc[termios.VTIME], cc[termios.VQUIT] = 1, 0, b"\0"
        os.set_blocking(self.keyboard, True)  # a program that had the terminal may have left it otherwise
        termios.tcsetattr(
            self.keyboard, termios.TCSAFLUSH, [i & ~termios.IXON, o, c, local | termios.ISIG, ispeed, ospeed, cc]
        )
        super().take()

    def give_back(self):
        super().give_back()
        with contextlib.suppress(self.termios.error, OSError):
            self.termios.tcsetattr(self.keyboard, self.termios.TCSAFLUSH, self.before)

    def close(self):
        super().close()
        signal.set_wakeup_fd(self.wakeup)
        self.bell.close()
        self.ear.close()

    def wake(self):
        """Let wait() return. From any thread, also after the end."""
        with contextlib.suppress(OSError):
            self.bell.send(b"!")

    def wait(self, seconds: float | None = None) -> list[str]:
        """The keys that were pressed, by name; none after wake(), another size, or `seconds`. It sleeps until then."""
        ready, _, _ = select.select([self.keyboard, self.ear], [], [], seconds)
        if self.ear in ready:
            self.ear.recv(4096)
        if self.stop_asked:
            self._stop()
        if self.resumed:
            self.resumed = False
            self.take()  # which forgets what was typed
            return []
        return self._read() if self.keyboard in ready else []

    def _stop(self):
        """Ctrl-Z: the shell gets its terminal; we go on after `fg`."""
        self.stop_asked = False
        self.give_back()
        handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, handler)
        self.resumed = True

    def _read(self):
        keys = []
        while True:
            try:
                got = os.read(self.keyboard, 4096)
            except OSError:
                got = b""
            if not got:
                return [*keys, "closed"]
            more, self.rest = decode(self.rest + self.decoder.decode(got))
            keys += more
            if not self.rest:
                return keys
            pasting = self.rest.startswith("\x1b[200~")
            if not select.select([self.keyboard], [], [], 1 if pasting else 0.05)[0]:
                alone, self.rest = self.rest, ""  # nothing follows: it was the key Esc
                return keys if alone[1:] else [*keys, "esc"]


class Windows(Terminal):
    def __init__(self):
        import msvcrt

        super().__init__()
        self.msvcrt, self.woken, self.last = msvcrt, threading.Event(), self.size()

    def take(self):
        with contextlib.suppress(AttributeError, OSError):  # let older consoles understand escape sequences
            from ctypes import windll

            windll.kernel32.SetConsoleMode(windll.kernel32.GetStdHandle(-11), 7)
        super().take()

    def wake(self):
        self.woken.set()

    def wait(self, seconds: float | None = None) -> list[str]:
        """As Posix.wait; there is nothing to sleep on here, so it looks twenty times a second."""
        until = None if seconds is None else time.monotonic() + seconds
        while not self.msvcrt.kbhit():
            if until is not None and time.monotonic() >= until:
                return []
            if self.last != self.size():
                self.last, self.repaint = self.size(), True
                return []
            if self.woken.wait(0.05):
                self.woken.clear()
                return []
        key = self.msvcrt.getwch()
        if key in ("\x00", "\xe0"):
            return [MSVCRT.get(self.msvcrt.getwch(), "")]
        if key == "\x03":
            raise KeyboardInterrupt
        return ["esc"] if key == "\x1b" else decode(key)[0]
