"""The whole book as an EPUB 3: the site's pages as XHTML, figures as SVG files, formulas as MathML, and no scripts."""

import html
import os
import re
import time
import uuid
import zipfile
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

from deepbook.site import cover
from deepbook.site.build import BuildError
from deepbook.site.pages import Page, contents, link, load, make, replace
from deepbook.site.palette import LIGHT, PAGE

STYLE = Path(__file__).with_name("epub.css")
KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".gif": "image/gif", ".svg": "image/svg+xml", ".webp": "image/webp"}
COLOURS = {f"var(--db-{role})": colour for role, colour in LIGHT.items()}
COLOURS |= {"var(--md-default-bg-color)": PAGE["light"], "currentColor": "#222222"}
CONTAINER = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
XHTML = """\
<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head><title>{title}</title><link rel="stylesheet" href="epub.css"/></head>
<body>{body}</body>
</html>
"""
PACKAGE = """\
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">{identifier}</dc:identifier>
<dc:title>deepbook: a textbook of deep learning that you complete until it passes</dc:title>
<dc:language>en</dc:language>
<dc:creator>The deepbook authors</dc:creator>
<dc:subject>Deep learning</dc:subject>
<dc:description>A textbook of deep learning in JAX, with exercises: version {version}.</dc:description>
<dc:rights>Text and figures CC BY 4.0, code MIT</dc:rights>
<meta property="dcterms:modified">{modified}</meta>
<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessMode">visual</meta>
<meta property="schema:accessModeSufficient">textual</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">MathML</meta>
<meta property="schema:accessibilityFeature">structuralNavigation</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityHazard">none</meta>
<meta property="schema:accessibilitySummary">Every figure has alternative text; formulas are MathML.</meta>
</metadata>
<manifest>
{manifest}
</manifest>
<spine>
{spine}
</spine>
</package>
"""


def write(site: Path, root: Path, file: Path):
    """Write the EPUB of a built site.

    site: the folder that `build` made. root: the folder with the book's `mkdocs.yml`. file: the EPUB to write.
    """
    pages = load(site, root)
    files = {}  # of pictures: name in the EPUB, and content
    listed = contents(pages)

    def picture(path):
        name = f"pictures/{path.replace('/', '-')}"
        files[name] = (site / path).read_bytes()
        return name

    link(pages, address, picture)
    for each in listed.iter("a"):
        name, _, fragment = each.get("href").lstrip("/").partition("#")
        each.set("href", address(next(page for page in pages if page.name == name), fragment))
    for page in pages:
        replace(page.article, lambda element, page=page: for_reader(element, page, files))
    files["cover.png"] = cover.picture()
    files["epub.css"] = STYLE.read_bytes()
    front = make("section", (make("img", alt=cover.ALT, src="cover.png"),), cls="cover")
    front.set("epub:type", "cover")
    texts = {"cover.xhtml": xhtml("Cover", front), "nav.xhtml": xhtml("Contents", navigation(listed))}
    texts |= {f"{page.slug}.xhtml": xhtml(page.title, page.article) for page in pages}
    pack(file, texts, files)


def address(page: Page, fragment: str) -> str:
    return f"{page.slug}.xhtml#{fragment}" if fragment else f"{page.slug}.xhtml"


def for_reader(element: Element, page: Page, files: dict) -> Element:
    """Formulas without what is only for the eye, drawings as files."""
    for name in [name for name in element.attrib if name.startswith("data-")]:
        del element.attrib[name]
    if "math" in element.get("class", "").split():
        return formula(element)
    if element.tag == "svg":
        name = f"pictures/{page.slug}-{1 + sum(each.startswith(f'pictures/{page.slug}-') for each in files)}.svg"
        picture = make("img", src=name, alt=element.get("aria-label", ""))
        files[name] = drawing(element).encode()
        return picture
    return element


def formula(element: Element) -> Element:
    """KaTeX's MathML; its TeX is the alternative text. The invisible "function of" is a child too many in a script."""
    math = next(element.iter("math"))
    semantics = math[0]
    math.set("alttext", semantics[-1].text)
    math[:] = list(semantics)[:-1]
    replace(math, lambda each: None if each.tag == "mo" and each.text == "\u2061" else each)
    if element.tag == "div":
        math.set("display", "block")
    element[:] = [math]
    return element


def drawing(svg: Element) -> str:
    """A figure of the page as a file of its own: its colours those of the light scheme, on white."""
    for name in ("role", "aria-label", "class"):
        svg.attrib.pop(name, None)
    for each in svg.iter("image"):  # Matplotlib breaks its lines
        each.set("xlink:href", re.sub(r"\s", "", each.get("xlink:href")))
    svg.insert(0, make("rect", width="100%", height="100%", fill=PAGE["light"]))
    text = tostring(svg, encoding="unicode")
    for name, colour in COLOURS.items():
        text = text.replace(name, colour)
    if unknown := re.search(r"var\(--[\w-]+\)", text):
        raise BuildError(f"a figure has the colour {unknown[0]}, which an EPUB does not know")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}'


def xhtml(title: str, body: Element) -> str:
    return XHTML.format(title=html.escape(title), body=tostring(body, encoding="unicode"))


def navigation(listed: Element) -> Element:
    nav = make("nav", (make("h1", "Contents"), listed), id="toc")
    nav.set("epub:type", "toc")
    return nav


def pack(file: Path, texts: dict[str, str], files: dict[str, bytes]):
    """Write the archive: what kind it is comes first, not compressed, as the standard wants."""
    from deepbook import __version__

    items, order = [], []
    for number, name in enumerate([*texts, *files]):
        kind = {".xhtml": "application/xhtml+xml", ".css": "text/css", **KINDS}[Path(name).suffix]
        special = {"nav.xhtml": ' properties="nav"', "cover.png": ' properties="cover-image"'}.get(name, "")
        if name in texts and "<math" in texts[name]:
            special = ' properties="mathml"'
        items.append(f'<item id="i{number}" href="{html.escape(name)}" media-type="{kind}"{special}/>')
        order += [f'<itemref idref="i{number}"/>'] if name in texts else []
    moment = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))
    package = PACKAGE.format(
        identifier=uuid.uuid5(uuid.NAMESPACE_OID, f"deepbook {__version__}").urn,
        version=__version__, modified=time.strftime("%Y-%m-%dT%H:%M:%SZ", moment),
        manifest="\n".join(items), spine="\n".join(order),
    )  # fmt: skip
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("book/package.opf", package)
        for name, content in {**texts, **files}.items():
            archive.writestr(f"book/{name}", content)
