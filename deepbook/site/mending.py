"""A Markdown extension: below each page, where a reader can mend it: edit it, report a mistake, see the errata.

The addresses stand in `mkdocs.yml`, under `extra`, with `{page}` for the page's file relative to `chapters/`:

    extra:
      edit_page: https://github.com/NAME/deepbook/edit/main/chapters/{page}
      report_mistake: https://github.com/NAME/deepbook/issues/new?title={page}

Where one is empty, no link is shown. The pages of the reference are made from the code, so they have no link to edit.
"""

import posixpath
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement

from markdown import Extension
from markdown.treeprocessors import Treeprocessor

from deepbook.site.fences import _relpath, book_folder, page_name
from deepbook.site.language import words_of


def addresses(extra: dict, page: str) -> list[str]:
    """Where to edit the page and where to report a mistake on it; "" where that is not known."""
    edit = "" if page.startswith("api/") else extra.get("edit_page") or ""
    return [each.replace("{page}", quote(page)) for each in (edit, extra.get("report_mistake") or "")]


class Mending(Treeprocessor):
    """A line at the end of the page."""

    def run(self, root):
        relpath, page = _relpath(self.md), page_name(self.md)
        extra = getattr(relpath.config, "extra", None) or {} if relpath else {}
        errata = ""
        if page != "errata.md" and (book_folder(self.md) / "chapters" / "errata.md").exists():
            errata = posixpath.relpath("errata.md", posixpath.dirname(page) or ".")
        say = words_of(self.md)
        words = (say("Edit this page"), say("Report a mistake"), say("Errata"))
        links = [each for each in zip(words, (*addresses(extra, page), errata), strict=True) if each[1]]
        if not links:
            return
        line = SubElement(root, "p", {"class": "mending", "data-search-exclude": ""})
        for text, address in links:
            link = Element("a", {"href": address})
            link.text, link.tail = text, " · "
            line.append(link)
        link.tail = None


class MendingExtension(Extension):
    def extendMarkdown(self, md):
        md.treeprocessors.register(Mending(md), "deepbook-mending", 0.5)  # before the check of links (0)


def makeExtension(**options):
    return MendingExtension(**options)
