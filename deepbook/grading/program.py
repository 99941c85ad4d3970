"""The second jail's side: evaluates programs that a student's functions were exported to. No student's Python is here.

A program is data (StableHLO), but reading it means running much code of XLA on a stranger's bytes: that is done in a
jail too. Standalone, as worker.py.
"""

import re
import sys
from collections import Counter

import wire

OPERATION = re.compile(
    r"= stablehlo\.(\w+) .*?: (.*?)(?: loc\(.*)?$", re.MULTILINE
)  # its name, and the types in and out
MARK = "optimization_barrier"  # what a counted function leaves wherever Python called it
QUIET = (MARK, "constant", "broadcast_in_dim", "reshape", "convert", "compare")  # these say little of a loop


def main():
    requests, answers = int(sys.argv[1]), int(sys.argv[2])
    programs = Programs()
    while True:
        try:
            header, body = wire.read_frame(lambda size: wire.read(requests, size))
        except EOFError:
            return
        request = wire.decode(header, body, lambda found: found.array)
        nonce = request.pop("nonce")
        try:
            answer = {"nonce": nonce, "ok": getattr(programs, "do_" + request.pop("op"))(**request)}
        except Exception as error:
            text = str(error)[:4000].encode("utf-8", "replace").decode()
            answer = {"nonce": nonce, "error": {"classes": [type(error).__name__, "RuntimeError"], "text": text}}
        wire.write(answers, wire.pack(answer))


class Programs:
    """The programs that were loaded, by number."""

    def __init__(self):
        self.calls, self.pullbacks = [], []

    def do_load(self, program):
        """Gives the program's number, how many marks are in it, and how often its commonest operation stands there."""
        import jax
        from jax import export

        exported = export.deserialize(bytearray(program))
        text = exported.mlir_module()
        self.calls.append(jax.jit(exported.call))
        self.pullbacks.append(jax.jit(lambda inputs, slopes: pull(exported.call, inputs, slopes)))
        kinds = Counter(match.groups() for match in OPERATION.finditer(text) if match[1] not in QUIET)
        return [len(self.calls) - 1, text.count(f".{MARK} "), max(kinds.values(), default=0)]

    def do_run(self, number, inputs):
        import numpy as np

        return [np.asarray(each) for each in self.calls[number](*inputs)]

    def do_pull(self, number, inputs, slopes):
        """The gradient by the inputs that are floats, from the slopes of the outputs that are; None for the others."""
        import numpy as np

        found = self.pullbacks[number](inputs, slopes)
        return [None if each is None else np.asarray(each) for each in found]


def pull(function, inputs, slopes):
    import jax
    import numpy as np

    outputs, back = jax.vjp(function, *inputs)
    slopes = [
        np.zeros(each.shape, jax.dtypes.float0) if slope is None else slope
        for each, slope in zip(outputs, slopes, strict=True)
    ]
    return [None if each.dtype == jax.dtypes.float0 else each for each in back(slopes)]


if __name__ == "__main__":
    main()
