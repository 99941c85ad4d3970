"""The fence that shows what the book says to a wrong answer: the answer, and the real message of its tests.

    ```example
    def update(W, b, x, y, lr):
        ...
    ```

The function stands in for the learner's in a folder like a learner's, and the tests of its exercise are run while the
site is built. What they say is kept like the results of the pages' blocks. An answer that passes stops the build.
"""

import hashlib
import html
import re
import tempfile
from pathlib import Path

from deepbook.course import splice
from deepbook.course.index import Exercise
from deepbook.course.runner import run
from deepbook.course.workspace import start
from deepbook.site.exercise import find
from deepbook.site.fences import PACKAGE, FenceError, book_folder, check_options, highlight, page_name, stops_the_build
from deepbook.site.language import words_of
from deepbook.site.run import LATER, NotYet, kept, page_of


def validator(language, inputs, options, attrs, md):
    """An example has no options."""
    check_options(f"{page_name(md)}, an example fence", inputs, ())
    return True


@stops_the_build
def formatter(source, language, css_class, options, md, **_):
    """The answer and the message, side by side where there is room."""
    named = re.match(r"def (\w+)\(", source)
    if not named:
        raise FenceError(f"{page_name(md)}: an example begins with the `def` of its function")
    exercise = find(named[1], book_folder(md))
    try:
        said = kept(page_of(md), key_of(exercise, source, book_folder(md)), lambda: tested(exercise, source))
    except NotYet:
        return LATER
    if said["status"] != "failed":
        raise FenceError(f"{page_name(md)}: the wrong answer to {exercise.name} is {said['status']}, not failed")
    say = words_of(md)
    parts = [f'<p class="example-head"><b>{exercise.name}: failed</b></p>']
    parts += [f"<p>{html.escape(each)}</p>" for each in (said["about"], *said["message"].splitlines()) if each]
    return (
        f'<div class="example"><div class="example-answer"><p class="example-name">{say("You write")}</p>'
        f'{highlight(md, source.rstrip(), "python")}</div><div class="example-said">'
        f'<p class="example-name">{say("The book answers")}</p><div class="example-words" lang="en">{"".join(parts)}'
        "</div></div></div>"
    )


def key_of(exercise: Exercise, source: str, book: Path) -> str:
    """A hash of all that decides what is said."""
    folder = book / "exercises"
    files = [
        folder / "index.toml",
        folder / exercise.test_file,
        *sorted((book / "solutions").glob(f"{exercise.chapter}/*.py")),
    ]
    files += sorted((PACKAGE / "course").glob("*.py"))
    digest = hashlib.sha256(f"{exercise.id}\n{source}".encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def tested(exercise: Exercise, source: str) -> dict:
    """What the tests say to this answer, as JSON has it."""
    with tempfile.TemporaryDirectory(prefix="deepbook-") as folder:
        workspace = start(Path(folder) / "answers").workspace
        file = workspace.folder / exercise.file
        file.write_text(splice.replaced(file.read_text(encoding="utf-8"), exercise.name, source), encoding="utf-8")
        result = run(workspace, (exercise,)).results[exercise.id]
    return {"status": result.status, "about": result.about, "message": result.message}
