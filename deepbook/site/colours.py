"""A Markdown extension: code is coloured when it is new; the next build takes what was kept.

Our fences, superfences for plain code, and mkdocstrings all have their code coloured by one method of pymdownx, for
which there is no option to keep anything. So this takes the place of that method. Without the extension the pages are
the same, only later.
"""

from importlib.metadata import version

from markdown import Extension
from pymdownx.highlight import Highlight

from deepbook.site.store import folder, hashed, kept

VERSIONS = [version("Pygments"), version("pymdown-extensions")]
colour = Highlight.highlight


def highlight(self, src, language, *args, **options):
    """As pymdownx's, but only what was never seen is coloured."""
    if options.get("inline"):  # gives an element, not text
        return colour(self, src, language, *args, **options)
    settings = {name: value for name, value in vars(self).items() if name != "md"}
    key = hashed(src, language, args, options, settings, VERSIONS)
    return kept(folder(self.md) / "code", key, lambda: colour(self, src, language, *args, **options))


class ColoursExtension(Extension):
    def extendMarkdown(self, md):
        Highlight.highlight = highlight


def makeExtension(**options):
    return ColoursExtension(**options)
