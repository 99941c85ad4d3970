"""What a learner's code prints, kept within bounds, sorted by the test that printed it."""

import threading

MARK = b"\x1e"  # the plug-in writes this and a name, on a line of its own
SHARE = 4_000  # bytes that are kept for each test
OWNERS = 2_000  # tests for which anything is kept
FLOOD = 64_000_000  # bytes after which a run is stopped
TAIL = 4_000  # last bytes that belong to nobody: pytest's own words


class Output:
    """Reads a pipe to its end in a thread; beyond the bounds, what comes is dropped."""

    def __init__(self):
        self.parts: dict[str, bytearray] = {}
        self.tail = bytearray()
        self.owner = ""
        self.total = 0  # bytes that came
        self._line = b""  # the start of a line that may become a mark

    def read(self, pipe):
        self.pipe = pipe
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        try:
            while chunk := self.pipe.read1(65536):
                self.feed(chunk)
        except (OSError, ValueError):
            pass

    @property
    def flooded(self) -> bool:
        return self.total > FLOOD

    def feed(self, chunk: bytes):
        self.total += len(chunk)
        chunk = self._line + chunk
        self._line = b""
        while chunk:
            at = chunk.find(b"\n" + MARK)
            if at < 0:
                # a mark may be cut in two by the end of the chunk
                if chunk.endswith(b"\n"):
                    self._line = b"\n"
                    chunk = chunk[:-1]
                self._keep(chunk)
                return
            end = chunk.find(b"\n", at + 2)
            if end < 0:
                self._keep(chunk[:at])
                self._line = chunk[at:] if len(chunk) - at < 1000 else b""
                return
            self._keep(chunk[:at])
            self.owner = chunk[at + 2 : end].decode(errors="replace").strip()
            chunk = chunk[end + 1 :]

    def _keep(self, text: bytes):
        if not self.owner:
            self.tail = (self.tail + text)[-TAIL:]
        elif self.owner in self.parts or len(self.parts) < OWNERS:
            part = self.parts.setdefault(self.owner, bytearray())
            part += text[: SHARE + 1 - len(part)]

    def close(self):
        self.thread.join(timeout=1)

    def of(self, owner: str) -> str:
        """What was printed under one name."""
        text = bytes(self.parts.get(owner, b""))
        words = text[:SHARE].decode(errors="replace").strip("\r\n")
        return f"{words}\n… and more" if len(text) > SHARE else words

    def last_words(self) -> str:
        """The end of what pytest itself said."""
        return bytes(self.tail).decode(errors="replace").strip()
