"""A Markdown extension that sets mathematics with KaTeX while the site is built.

The page needs no script, only KaTeX's style sheet and fonts: nothing jumps, it works from a folder and without
JavaScript, screen readers get MathML, and bad TeX stops the build. It takes what `pymdownx.arithmatex` found:
`$a + b$` in a line, `$$ … $$` as a paragraph. An equation with a label (numbers.py) has its number beside it.
"""

import atexit
import html
import re
from functools import cache
from pathlib import Path

from markdown import Extension
from markdown.postprocessors import Postprocessor

from deepbook.site.fences import page_name
from deepbook.site.store import folder, hashed, kept

FOUND = re.compile(r'<(span|div) class="arithmatex">\s*\\[(\[](.*?)\\[)\]]\s*</\1>([,.;:!?)，。；：！？）]*)', re.S)
NUMBER = re.compile(r"\s*\\label\{([\w-]+)\}\s*\\tag\{([\d.]+)\}")
SHORT = 30  # signs of TeX: such a formula and the comma after it stay on one line
KATEX = Path(__file__).with_name("vendor") / "katex" / "katex.min.js"
RENDERER = hashed(*(file.read_text(encoding="utf-8") for file in (KATEX, Path(__file__))))


class BadTeX(ValueError):
    """KaTeX cannot read a formula."""


@cache
def _katex():
    from py_mini_racer import MiniRacer

    context = MiniRacer()
    atexit.register(context.close)  # left to the interpreter's last breath it can hang (seen with Python 3.12)
    context.eval(KATEX.read_text(encoding="utf-8"))
    context.eval("""function render(tex, block) {
        try { return "=" + katex.renderToString(tex, {displayMode: block, output: "htmlAndMathml", strict: "ignore"}) }
        catch (error) { return "!" + error.message } }""")
    return context


@cache
def formula(tex, block, results):
    """As render, but kept in the folder `results`: KaTeX is started only for a formula that was never seen."""
    return kept(results / "tex", hashed(tex, block, RENDERER), lambda: render(tex, block))


def render(tex, block=False):
    """A formula as HTML for the eye and MathML for the ear.

    Raises BadTeX, with the place that KaTeX could not read.
    """
    answer = _katex().call("render", tex, block)
    if answer[0] == "!":
        raise BadTeX(f"{answer[1:]}\n  in: {tex}")
    return answer[1:]


class Mathematics(Postprocessor):
    """Replace each formula of the finished page."""

    def run(self, text):
        return FOUND.sub(self.one, text)

    def one(self, found):
        tag, tex, after = found[1], html.unescape(found[2]).strip(), found[3]
        number = NUMBER.search(tex)
        tex = NUMBER.sub("", tex)
        try:
            rendered = formula(tex, tag == "div", folder(self.md))
        except BadTeX as error:
            raise BadTeX(f"{page_name(self.md)}: {error}") from None
        block = f'<{tag} class="math">{rendered}</{tag}>'
        if not number:
            together = tag == "span" and after and len(tex) <= SHORT
            return f'<span class="together">{block}{after}</span>' if together else block + after
        return f'<div class="equation" id="{number[1]}">{block}<span class="equation-number">({number[2]})</span></div>'


class MathematicsExtension(Extension):
    def extendMarkdown(self, md):
        md.postprocessors.register(Mathematics(md), "deepbook-mathematics", -10)  # after raw HTML came back


def makeExtension(**options):
    return MathematicsExtension(**options)
