"""The palette: one definition, the same in figures and on the page, visible in the light and in the dark."""

import io
import re

import pytest

from deepbook.course.index import book_root
from deepbook.site import palette

CSS = (book_root() / "chapters" / "assets" / "css" / "book.css").read_text(encoding="utf-8")


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("scheme", "colours"), [("light", palette.LIGHT), ("dark", palette.DARK)])
def test_palette_stands_out_from_the_page(scheme, colours):
    for role, colour in colours.items():
        assert contrast(colour, palette.PAGE[scheme]) >= 3, role


def test_palette_is_that_of_the_style_sheet():
    light, dark = (block for block in re.findall(r"\{([^}]*--db-class-0:[^}]*)\}", CSS))
    for block, colours in ((light, palette.LIGHT), (dark, palette.DARK)):
        for role, colour in colours.items():
            assert f"--db-{role}: {colour};" in block
    assert f"--md-default-bg-color: {palette.PAGE['dark']};" in dark


def test_palette_is_the_cycle_of_figures(tmp_path):
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    (tmp_path / "matplotlibrc").write_text(palette.matplotlibrc())
    settings = mpl.rc_params_from_file(tmp_path / "matplotlibrc")
    cycle = [colour.upper() for colour in settings["axes.prop_cycle"].by_key()["color"]]
    assert cycle == [colour.upper() for colour in palette.LIGHT.values()]
    with mpl.rc_context(settings):
        fig, ax = plt.subplots()
        ax.plot([0, 1], color="C1")
        fig.savefig(picture := io.StringIO(), format="svg")
        plt.close(fig)
    svg = palette.as_css_variables(picture.getvalue())
    assert "var(--db-class-1)" in svg and palette.LIGHT["class-1"].lower() not in svg
