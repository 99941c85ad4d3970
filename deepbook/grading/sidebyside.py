"""similarity.html: the texts of each pair side by side. One file that loads nothing, runs nothing and obeys nothing."""

from deepbook.grading import safe

MOST = 200  # pairs on the page; the table in CSV has all
STYLE = """
:root { color-scheme: light dark; --line: #8886; --mark: #ffe08a; --ink: #1a1a1a; }
@media (prefers-color-scheme: dark) { :root { --mark: #6b5300; --ink: #f2f2f2; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 100rem; padding: 0 1rem; }
table.pairs { border-collapse: collapse; } table.pairs :is(td, th) { padding: .2rem .8rem; text-align: left; }
table.pairs tr { border-bottom: 1px solid var(--line); }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; } .two > div { min-width: 0; }
pre { overflow-x: auto; font-size: 13px; line-height: 1.4; border: 1px solid var(--line); padding: .5rem; }
mark { background: var(--mark); color: var(--ink); } i { opacity: .7; font-style: normal; user-select: none; }
"""
WHAT = (
    "Marked is what the two texts share. The stub's own lines, comments, docstrings, imports and the names that a "
    "student chose do not count; nor does what more than a third of all submissions have in common. The share is the "
    "part of a student's own code that the other one has too. This is evidence, no verdict: short exercises look alike "
    "in honest work."
)
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
<h1>{title}</h1>
<p>{students} submissions, compared in pairs, set by set. Pairs that share {threshold:g}&nbsp;% or more: {found}.</p>
<p>{what}</p>
{common}
{pairs}
</html>
"""
HALF = '<div><h3>{who}: {share:.0%}</h3><pre tabindex="0">{text}</pre></div>'


def page(pairs, assignment: str, students: int, threshold: float, common=()) -> str:
    """All pairs as one page of HTML. pairs: deepbook.grading.similarity.Pair; threshold: per cent.

    common: sentences about what many share.
    """
    shown = pairs[:MOST]
    parts = [overview(shown)] if pairs else []
    if len(pairs) > MOST:
        parts.append(f"<p>The {len(pairs) - MOST} pairs that share less are in similarity.csv.</p>")
    parts += [side_by_side(number, pair) for number, pair in enumerate(shown)]
    return PAGE.format(
        title=f"Similarity: {safe.page(assignment)}",
        style=STYLE,
        students=students,
        threshold=threshold,
        found=len(pairs),
        what=WHAT,
        common=left_out(common),
        pairs="\n".join(parts),
    )


def left_out(common) -> str:
    """What does not count because many have it."""
    if not common:
        return ""
    lines = "".join(f"<li>{safe.page(sentence)}</li>" for sentence in common[:MOST])
    return f"<h2>Left out as common</h2><p>Found by many, or copied by a group: read one of them.</p><ul>{lines}</ul>"


def overview(pairs) -> str:
    """The table at the top; each row leads to its texts."""
    heads = ("pair", "set", "the first's share", "the second's share", "tokens")
    rows = ["".join(f'<th scope="col">{head}</th>' for head in heads)]
    for number, (each, match, *_) in enumerate(pairs):
        link = f'<a href="#pair-{number}">{safe.page(match.a)} and {safe.page(match.b)}</a>'
        cells = (link, safe.page(each.id), f"{match.share_a:.0%}", f"{match.share_b:.0%}", match.tokens)
        rows.append("".join(f"<td>{cell}</td>" for cell in cells))
    return f'<table class="pairs">{"".join(f"<tr>{row}</tr>" for row in rows)}</table>'


def side_by_side(number: int, pair) -> str:
    """The two texts of one pair, what they share marked."""
    match = pair.match
    title = f"{safe.page(match.a)} and {safe.page(match.b)}, {safe.page(pair.set.file)}"
    left = marked(pair.left.source, [here for here, _ in match.lines])
    right = marked(pair.right.source, [there for _, there in match.lines])
    halves = HALF.format(who=safe.page(match.a), share=match.share_a, text=left)
    halves += HALF.format(who=safe.page(match.b), share=match.share_b, text=right)
    return f'<section id="pair-{number}"><h2>{title}</h2><div class="two">{halves}</div></section>'


def marked(source: str, lines) -> str:
    """A text as HTML with its lines numbered; those in `lines` (first and last) are marked."""
    here = {line for first, last in lines for line in range(first, last + 1)}
    rows = []
    for number, text in enumerate(source.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        shown = safe.page(text, 400)
        mark = number in here and text.strip()
        rows.append(f"<i>{number:4} </i>" + (f"<mark>{shown}</mark>" if mark else shown))
    return "\n".join(rows)
