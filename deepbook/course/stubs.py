"""Cuts the exercises out of the solutions, so that nothing is written twice.

In `solutions/chNN_name/<set>.py` a learner's part stands between `# BEGIN SOLUTION` and `# END SOLUTION`.
In the exercise it becomes `raise NotImplementedError(…)`, or, after a line `# BEGIN STUB`, the commented lines
that follow it, uncommented (for scripts to mend).

    python -m deepbook.course.stubs            write the exercises
    python -m deepbook.course.stubs --check    exit 1 if they are not what would be written
"""

import ast
import re
import sys
from functools import cache
from pathlib import Path

from deepbook.course.index import book_root, load_index

PART = re.compile(r"^( *)# BEGIN SOLUTION\n(.*?)^\1# END SOLUTION\n", re.MULTILINE | re.DOTALL)


@cache  # a page asks for each of its exercises, and its notebook again
def stub(solution: str) -> str:
    """The exercise that belongs to a solution's text.

    Raises ValueError if a part has no end, or a function has no part.
    """

    def cut(match: re.Match) -> str:
        indent, body = match[1], match[2]
        _, marker, kept = body.partition(f"{indent}# BEGIN STUB\n")
        if marker:
            return re.sub(rf"^{indent}# ?", indent, kept, flags=re.MULTILINE)
        name = re.findall(r"^def (\w+)", solution[: match.start()], re.MULTILINE)[-1]
        return f'{indent}raise NotImplementedError("{name}: put your answer here")\n'

    text = re.sub(r'("""\n)\n( +raise NotImplementedError)', r"\1\2", PART.sub(cut, solution))
    if "SOLUTION" in text:
        raise ValueError("a BEGIN SOLUTION has no END SOLUTION at the same indentation")
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and "NotImplementedError" not in ast.dump(node):
            raise ValueError(f"the function {node.name} has no part between BEGIN SOLUTION and END SOLUTION")
    return without_idle_imports(text)


def without_idle_imports(text: str) -> str:
    """`text` without imports of a learner's own files: they are part of the answer."""
    return re.sub(r"^from ch\d\d_\w+\.\w+ import .*\n", "", text, flags=re.MULTILINE).replace("\n\n\n\n", "\n\n\n")


def main(check: bool = False, root: Path | None = None) -> int:
    root = root or book_root()
    stale = 0
    for each in load_index(root / "exercises").sets:
        target, text = (
            root / "exercises" / each.file,
            stub((root / "solutions" / each.file).read_text(encoding="utf-8")),
        )
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        if check:
            print(
                f"{target} is not what `python -m deepbook.course.stubs` makes of solutions/{each.file}",
                file=sys.stderr,
            )
        else:
            target.write_text(text, encoding="utf-8")
            print(f"wrote exercises/{each.file}")
    return int(check and stale > 0)


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
