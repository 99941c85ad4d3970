"""The fence that sets an exercise: what to write, in which file, how to check it, and hints one by one.

    ```exercise
    update
    ```

What is said comes from `exercises/index.toml` and from the stub, cut anew from the book's solution: a learner may have
edited the one in `exercises/`. The box has the id `exercise-<name>`, which the commands link to. An unknown name, or an
exercise of another chapter's page, stops the build.
"""

import html
from dataclasses import replace

from deepbook.course.index import UnknownName, load_index
from deepbook.course.stubs import stub
from deepbook.site.fences import (
    FenceError,
    add_anchor,
    book_folder,
    check_options,
    highlight,
    literal,
    markdown_inline,
    markdown_inside,
    page_name,
    stops_the_build,
)
from deepbook.site.language import split, table, words_of
from deepbook.site.show import NoSuchName, cut_from


def find(name, book, page=None):
    """The exercise of this name.

    book: the folder with `exercises/index.toml`. page: the chapter's file, for example "01-perceptron.md"; None: any.
    On a translated page, title and hints are in its language, as far as its `exercises.toml` has them.
    Raises UnknownName if there is none, if it is a whole set, or if another page sets it.
    """
    exercises = load_index(book / "exercises").find(name)
    if len(exercises) != 1 or name not in (exercises[0].name, exercises[0].id):
        raise UnknownName(f"“{name}” is a set of exercises; name one of {', '.join(each.name for each in exercises)}")
    language, original = split(page or "")
    if page and exercises[0].page != original:
        raise UnknownName(f"the exercise “{name}” belongs to {exercises[0].page}, not to {page}")
    said = table(book, language, "exercises").get(exercises[0].id, {})
    return replace(exercises[0], **{field: said[field] for field in ("title", "hints") if field in said})


def validator(language, inputs, options, attrs, md):
    """An exercise has no options."""
    check_options(f"{page_name(md)}, an exercise fence", inputs, ())
    return True


@stops_the_build
def formatter(source, language, css_class, options, md, **_):
    """The exercise as HTML."""
    page = page_name(md)
    try:
        exercise = find(source.strip(), book_folder(md), None if page == "page" else page)
        solution = (book_folder(md) / "solutions" / exercise.file).read_text(encoding="utf-8")
        empty = cut_from(stub(solution), (exercise.name,), file=exercise.file)
    except (UnknownName, NoSuchName, OSError, ValueError) as error:
        raise FenceError(f"{page}: {error}") from None
    anchor = f"exercise-{exercise.name.replace('_', '-')}"
    add_anchor(md, anchor)
    say = words_of(md)
    facts = f"{points(say, exercise)} · {minutes(say, exercise)}"
    task = say("In {file}, complete:", file=f"<code>{html.escape(exercise.file)}</code>")
    return (
        f'<div class="exercise" data-exercise="{exercise.id}" data-file="{html.escape(exercise.file)}" '
        f'role="group" aria-labelledby="{anchor}-title">'
        f'<p class="exercise-head" id="{anchor}"><span class="exercise-title" id="{anchor}-title">'
        f'<span class="exercise-kind">{say("Exercise")}</span> {markdown_inline(md, exercise.title)}</span>'
        f'<span class="exercise-facts">{facts}</span></p>'
        f"<p>{task}</p>"
        f"{highlight(md, empty, 'python')}"
        f"{highlight(md, f'deepbook check {exercise.name}', 'console')}"
        f"{hints(md, exercise.hints)}</div>"
    )


def points(say, exercise):
    """What it counts, in words."""
    return say("1 point") if exercise.points == 1 else say("{points} points", points=exercise.points)


def minutes(say, exercise):
    """How long it takes, in words."""
    return say("about 1 minute") if exercise.minutes == 1 else say("about {minutes} minutes", minutes=exercise.minutes)


def hints(md, texts):
    """Hints that unfold one after the other: each is within reach once the one before it is open."""
    say, inside = words_of(md), ""
    for number in range(len(texts), 0, -1):
        text = markdown_inside(md, literal(texts[number - 1]))
        summary = say("Hint {number} of {total}", number=number, total=len(texts))
        inside = f'<details class="hint"><summary>{summary}</summary>{text}{inside}</details>'
    return inside
