"""A Griffe extension: the house's docstrings, where each line says something of its own, as Markdown for API pages.

Lines such as "W: (features,) floats", "Returns …" and "Chapter 1, …" become a list, examples (>>>) and indented tables
become blocks of code.
"""

import re

import griffe

from deepbook.site.fences import literal

ITEM = re.compile(r"(\w+(?:, \w+)*): +(?=\S)|(?=(?:Returns|Raises|Chapter) )")


def to_markdown(docstring):
    """The same text, with a list item or a line of code for each line that must not run into the next."""
    first, *rest = docstring.splitlines() or [""]
    out, kind = [literal(first)], "text"
    for line in rest:
        if not line.strip():
            new, text = "blank", ""
        elif line.startswith(">>>") or kind == "code":
            new, text = "code", line
        elif found := ITEM.match(line):
            names = ", ".join(f"`{name}`" for name in (found[1] or "").split(", ") if name)
            new, text = "item", f"- {names}{': ' * bool(names)}{line[found.end() :]}"
        elif kind == "item":
            new, text = "item", "    " + line.strip()  # the item goes on
        elif line.startswith(" "):
            new, text = "table", line
        else:
            new, text = "text", line
        if kind == "code" and new != "code":
            out.append("```")
        if new != kind and new != "blank":
            out.append("")
        if kind != "code" and new == "code":
            out.append("```pycon")
        out.append(text if new in ("code", "table") else literal(text))
        kind = new
    return "\n".join([*out, "```"] if kind == "code" else out)


class HouseDocstrings(griffe.Extension):
    """Rewrites each docstring as it is read."""

    def on_instance(self, *, obj, **_):
        if obj.docstring:
            obj.docstring.value = to_markdown(obj.docstring.value)
