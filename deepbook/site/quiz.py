"""The fence for self-tests: a question whose options explain themselves, or an open question with its worked answer.

    ```quiz
    What does the perceptron answer on the line itself, at $z = 0$?

    - [ ] 1 :: The rule is `z > 0`, and 0 is not.
    - [x] 0 :: Only a positive sum says 1.
    - [ ] It depends. :: On what? The rule has no other input.
    ```

An option is one list item; a line that continues it is indented. After `::` stands what a teacher would say to somebody
who chose it; every option needs that. More than one may be right. The right ones may instead be computed in the page's
namespace: the options are then `- text :: why`, and a line `key: …` holds an expression that gives the right option's
number, counted from 0, or the set of the right numbers.

    ```quiz
    How many mistakes does the first epoch make?

    key: int(mistakes[0])
    - none :: …
    - one :: …
    ```

An open question has `answer:` on a line of its own, and the answer, as many paragraphs as it needs, below.

    ```quiz
    Why can no single neuron compute XOR?

    answer:
    Add the two inequalities …
    ```

Every explanation unfolds without JavaScript; `quiz.mjs` adds the verdict in words for screen readers.
"""

import re
from dataclasses import dataclass

from deepbook.site import run
from deepbook.site.fences import (
    FenceError,
    check_options,
    count,
    markdown_inline,
    markdown_inside,
    page_name,
    stops_the_build,
)
from deepbook.site.language import words_of

OPTION = re.compile(r"- (?:\[([ xX])\] )?(.*)")


@dataclass(frozen=True)
class Option:
    """One answer to choose; `right` is None where a key computes it."""

    text: str
    why: str
    right: bool | None


@dataclass(frozen=True)
class Quiz:
    question: str
    options: tuple[Option, ...] = ()
    key: str = ""
    answer: str = ""


def parse(source):
    """Read the text of a fence.

    Raises ValueError, with what is missing.
    """
    question, found, answer = re.split(r"^answer:[ \t]*", source, maxsplit=1, flags=re.M)[0], [], ""
    if question != source:
        answer = re.split(r"^answer:[ \t]*", source, maxsplit=1, flags=re.M)[1].strip()
        if not question.strip() or not answer:
            raise ValueError("an open question needs its question above `answer:` and the answer below")
        return Quiz(question.strip(), answer=answer)
    lines, key, items = [], "", []
    for line in source.splitlines():
        if line.startswith("key:"):
            key = line.removeprefix("key:").strip()
        elif found := OPTION.match(line):
            items.append([found[1], found[2]])
        elif items and line.startswith("  "):
            items[-1][1] += " " + line.strip()
        elif items and line.strip():
            raise ValueError(f"the line {line!r} stands after the options; indent it if it continues one")
        else:
            lines.append(line)
    quiz = Quiz("\n".join(lines).strip(), tuple(_option(mark, text, key) for mark, text in items), key)
    if not quiz.question or len(quiz.options) < 2:
        raise ValueError("a quiz needs a question and at least two options, or `answer:`")
    if not key and not any(option.right for option in quiz.options):
        raise ValueError("no option is marked [x], and there is no key")
    return quiz


def _option(mark, text, key):
    text, separator, why = text.partition(" :: ")
    if not separator or not why.strip():
        raise ValueError(f"the option {text!r} has no explanation after ' :: '")
    if key and mark is not None:
        raise ValueError("with a key the options have no [ ] and [x]")
    if not key and mark is None:
        raise ValueError(f"the option {text!r} has neither [ ] nor [x], and there is no key")
    return Option(text.strip(), why.strip(), None if key else mark in "xX")


def validator(language, inputs, options, attrs, md):
    """A quiz has no options."""
    check_options(f"{page_name(md)}, a quiz fence", inputs, ())
    return True


@stops_the_build
def formatter(source, language, css_class, options, md, **_):
    """The question as HTML."""
    try:
        quiz = parse(source)
    except ValueError as error:
        raise FenceError(f"{page_name(md)}: {error}, in the quiz\n{source}") from None
    number, say = f"quiz-{count(md, 'quiz')}", words_of(md)
    words = markdown_inside(md, quiz.question).replace("<p>", f'<p id="{number}">', 1)
    question = f'<div class="quiz-question">{words}</div>'
    if quiz.answer:
        inside = f"<summary>{say('Answer')}</summary>{markdown_inside(md, quiz.answer)}"
        answer = f'<details class="quiz-answer">{inside}</details>'
        return f'<div class="quiz quiz-open">{question}{answer}</div>'
    try:
        right = _right(md, quiz)
    except run.NotYet:
        return f'<div class="quiz">{question}{run.LATER}</div>'
    several = f'<p class="quiz-several">{say("More than one is right.")}</p>' if len(right) > 1 else ""
    items = "".join(_item(md, option, i, i in right) for i, option in enumerate(quiz.options))
    return (
        f'<div class="quiz" role="group" aria-labelledby="{number}" data-quiz>{question}{several}'
        f'<ul class="quiz-options">{items}</ul><p class="quiz-said unseen" aria-live="polite"></p></div>'
    )


def _right(md, quiz):
    """The numbers of the right options, marked or computed."""
    if not quiz.key:
        return [i for i, option in enumerate(quiz.options) if option.right]
    right = run.evaluate(md, quiz.key)
    if not right or not set(right) <= set(range(len(quiz.options))):
        raise FenceError(f"{page_name(md)}: the key {quiz.key!r} gives {right}; there are {len(quiz.options)} options")
    return right


def _item(md, option, i, right):
    say = words_of(md)
    kind, verdict = ("right", say("Right.")) if right else ("wrong", say("Not this one."))
    why = f'<p class="quiz-verdict">{verdict}</p> {markdown_inside(md, option.why)}'
    spoken = say("Option {number}: ", number=i + 1)  # a formula alone is no name for a screen reader
    name = f'<span class="unseen">{spoken}</span>'
    text = markdown_inline(md, option.text)
    return (
        f'<li><details class="quiz-option" data-verdict="{kind}"><summary>{name}{text}</summary>'
        f'<div class="quiz-why">{why}</div></details></li>'
    )
