"""The book's colours: one for each thing, in every chapter, figure and widget, in the light and in the dark.

The hues are Okabe and Ito's (2008), which colour-blind readers can tell apart, made darker or lighter where they must
stand out from the page by 3:1. A figure names a colour by its place in Matplotlib's cycle ("C0", "C1", …), so a plot
that a reader copies out of the book runs anywhere. On the page a colour becomes a CSS variable (`var(--db-class-0)`),
which `book.css` sets for both schemes; a test compares the two.
"""

#            role       light      dark        in a figure
ROLES = {
    "class-0": ("#0072B2", "#56B4E9"),  # C0: blue, the circles
    "class-1": ("#D55E00", "#FF9457"),  # C1: vermilion, the squares
    "loss": ("#B0558C", "#E69CC4"),  # C2: reddish purple
    "gradient": ("#007A5A", "#3CC9A0"),  # C3: bluish green
    "other": ("#8F6400", "#E8C14A"),  # C4: orange and yellow
    "quiet": ("#767676", "#B5B9C6"),  # C5: grey, for what only helps to see
}

LIGHT = {role: light for role, (light, _) in ROLES.items()}
DARK = {role: dark for role, (_, dark) in ROLES.items()}
PAGE = {"light": "#FFFFFF", "dark": "#1E2129"}  # what the colours lie on


def matplotlibrc():
    """The settings of every figure of the book, as the text of a `matplotlibrc` file.

    The run fence points MATPLOTLIBRC at it, so that Matplotlib is styled whenever a block happens to import it.
    """
    cycle = ", ".join(f"'{colour[1:]}'" for colour in LIGHT.values())
    return f"""\
backend: svg
svg.fonttype: none
svg.hashsalt: deepbook
figure.figsize: 6, 3.4
figure.constrained_layout.use: True
font.family: sans-serif
font.size: 11
axes.prop_cycle: cycler('color', [{cycle}])
axes.spines.top: False
axes.spines.right: False
axes.titlesize: 11
axes.grid: False
grid.color: {LIGHT["quiet"][1:]}
grid.alpha: 0.3
legend.frameon: False
lines.linewidth: 2
lines.markersize: 7
image.cmap: cividis
image.interpolation: nearest
"""


def as_css_variables(svg):
    """The same picture, with variables that follow the scheme for the palette's light colours, black and white."""
    for role, colour in LIGHT.items():
        svg = svg.replace(colour.lower(), f"var(--db-{role})")
    return svg.replace("#000000", "currentColor").replace("#ffffff", "var(--md-default-bg-color)")
