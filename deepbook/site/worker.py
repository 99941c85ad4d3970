"""A process that runs one page's blocks, so that the builder imports no JAX and each page starts from nothing.

`run.py` starts it (`python -m deepbook.site.worker`) and writes one JSON object a line: {"name", "code"} runs a block,
{"expression"} evaluates one in the same namespace. For each it reads one line back: {"text", "figures", "error"}.
"""

import ast
import contextlib
import io
import json
import linecache
import os
import re
import sys
import traceback

ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


def run_block(namespace, name, code):
    """Execute a block as an interactive session would: a last expression's value is shown, unless there is a figure."""
    linecache.cache[name] = (len(code), None, code.splitlines(True), name)  # tracebacks and inspect find the source
    printed, error, value = io.StringIO(), None, None
    with contextlib.redirect_stdout(printed):
        try:
            tree = ast.parse(code, name)
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, name, "exec"), namespace)
            if last is not None:
                value = eval(compile(ast.Expression(last.value), name, "eval"), namespace)
            if "jax" in sys.modules:
                sys.modules["jax"].effects_barrier()  # what jax.debug.print has still to say
        except BaseException as problem:  # SystemExit in a block is a failure of the block, too
            error = describe(problem)
        figures = draw_figures()
        if value is not None and not figures and not error:
            print(repr(value))
    return {"text": tidy(printed.getvalue()), "figures": figures, "error": error}


def tidy(text):
    """Without what differs from run to run: addresses of objects."""
    return ADDRESS.sub("0x…", text).rstrip()


def describe(error):
    """What is to be known about an exception: its names, its first lines, the end of its traceback."""
    message = str(error).strip().split("\n\n")[0].splitlines()
    shown = "\n".join(message[:4]) + (" …" if len(message) > 4 else "")
    return {
        "names": [kind.__name__ for kind in type(error).__mro__],
        "text": tidy(f"{type(error).__name__}: {shown}"),
        "traceback": "".join(traceback.format_exception(error)[-4:]),
    }


def draw_figures():
    """The figures that the block left open, as SVG."""
    if "matplotlib.pyplot" not in sys.modules:
        return []
    plt = sys.modules["matplotlib.pyplot"]
    figures = []
    for number in plt.get_fignums():
        picture, figure = io.StringIO(), plt.figure(number)
        for text in words_on_images(figure):
            text.set_color("#010101")  # black follows the page's scheme, but a picture under the words does not
        figure.savefig(picture, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
        plt.close(number)
        figures.append(picture.getvalue())
    return figures


def words_on_images(figure):
    """The black texts whose middle lies on an axes with an image; those beside it stand on the page."""
    black = [(axes, text) for axes in figure.axes if axes.images for text in axes.texts if text.get_color() == "black"]
    if black:
        figure.draw_without_rendering()  # only now the places of axes and words are known
    middles = [(axes.bbox, text, text.get_window_extent()) for axes, text in black]
    return [text for box, text, words in middles if box.contains((words.x0 + words.x1) / 2, (words.y0 + words.y1) / 2)]


def evaluate(namespace, expression):
    """The right options that a quiz's key names, as a list of numbers."""
    try:
        value = eval(compile(expression, "<key>", "eval"), namespace)
        right = sorted(int(each) for each in value) if isinstance(value, (set, list, tuple)) else [int(value)]
        return {"right": right, "error": None}
    except BaseException as problem:
        return {"right": [], "error": describe(problem)}


def main():
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what C code prints goes with the warnings, not into the answers
    namespace = {"__name__": "__main__"}
    for line in sys.stdin:
        asked = json.loads(line)
        if "expression" in asked:
            answer = evaluate(namespace, asked["expression"])
        else:
            answer = run_block(namespace, asked["name"], asked["code"])
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
