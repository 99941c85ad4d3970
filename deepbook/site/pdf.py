"""The whole book as one PDF: one long page made of the site's pages, printed by Chromium with the site's own styles.

Chromium makes the bookmarks from the headings, and the links from the links. It is run twice: what it printed first
says on which page each section stands, and the table of contents of the second says so too. Nothing heavy is imported
at the start.
"""

import base64
import html
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

from deepbook.site import cover
from deepbook.site.build import LIMIT_S, BuildError
from deepbook.site.pages import Page, classes, contents, having, link, load, make, replace

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
MISSING = (
    "A PDF is printed by Chromium, Chrome or Edge, and none of them was found. Install one (on Debian and Ubuntu: "
    "`apt-get install chromium`), or name its program in the variable CHROME_PATH. The EPUB needs none of them."
)
FLAGS = ("--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--no-pdf-header-footer")
FLAGS += ("--generate-pdf-document-outline", "--disable-component-update", "--disable-sync")
STYLE = Path(__file__).with_name("pdf.css")


def write(site: Path, root: Path, file: Path) -> int:
    """Write the PDF of a built site; returns its number of pages.

    site: the folder that `build` made. root: the folder with the book's `mkdocs.yml`. file: the PDF to write.
    Raises BuildError if there is no Chromium, or if it fails.
    """
    browser = chromium()
    pages, listed = joined(load(site, root))
    with tempfile.TemporaryDirectory(prefix="deepbook-") as folder:
        source, printed = Path(folder, "book.html"), Path(folder, "book.pdf")
        for _ in range(2):
            source.write_text(document(site, pages, listed), encoding="utf-8")
            print_to(browser, source, printed)
            count = number(listed, printed)
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(printed, file)
    return count


def chromium() -> str:
    """The browser's program. Raises BuildError if there is none."""
    named = os.environ.get("CHROME_PATH")
    for name in [named] if named else [*NAMES, *PLACES]:
        if found := shutil.which(name):
            return found
    raise BuildError(MISSING)


# One page of them all


def joined(pages: list[Page]) -> tuple[list[Element], Element]:
    """The pages with ids and links that are unique in the whole, and the table of contents."""
    link(pages, anchor, lambda file: file)
    listed, parts = contents(pages), set()
    for each in listed.iter("a"):
        name, _, fragment = each.get("href").partition("#")
        each.set("href", anchor(next(page for page in pages if name == f"/{page.name}"), fragment))
    for page in pages:
        replace(page.article, for_paper)
        for element in page.article.iter():
            rename(element, page)
        level = 2 if page.part else 1
        for heading in page.article.iter():
            if re.fullmatch("h[1-6]", heading.tag):
                heading.set("aria-level", str(int(heading.tag[1]) + level - 1))
        page.article.set("id", page.slug)
        if page.part and page.part not in parts:
            parts.add(page.part)
            page.article.insert(0, make("h1", page.part, cls="part"))
    return [page.article for page in pages], listed


def anchor(page, fragment):
    return f"#{page.slug}--{fragment}" if fragment else f"#{page.slug}"


def for_paper(element):
    """Of a formula only what the eye reads: else its text would be there twice."""
    if "katex-mathml" in classes(element):
        return None
    element.attrib.pop("aria-hidden", None)
    return element


def rename(element, page):
    """Ids that are unique in the whole book; those inside a drawing are already."""
    if element.tag not in ("g", "path", "use", "clipPath", "image") and "id" in element.attrib:
        element.set("id", anchor(page, element.get("id"))[1:])
    for name in ("aria-labelledby", "for"):
        if name in element.attrib:
            element.set(name, anchor(page, element.get(name))[1:])


def document(site, articles, listed):
    """The whole book as one HTML page."""
    styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', (site / "index.html").read_text(encoding="utf-8"))
    links = "".join(f'<link rel="stylesheet" href="{html.escape((site / each).as_uri())}">' for each in styles)
    picture = base64.b64encode(cover.picture()).decode()
    body = "".join(tostring(each, encoding="unicode", method="html") for each in articles)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>deepbook</title>{links}'
        f"<style>{STYLE.read_text(encoding='utf-8')}</style></head>"
        f'<body dir="ltr" data-md-color-scheme="default"><section class="cover">'
        f'<img alt="{html.escape(cover.ALT)}" src="data:image/png;base64,{picture}"></section>'
        f'<section class="md-typeset contents" id="contents"><h1>Contents</h1>'
        f"{tostring(listed, encoding='unicode', method='html')}</section>{body}</body></html>"
    )


# Printing


def print_to(browser, source, printed):
    """Print one HTML file."""
    printed.unlink(missing_ok=True)
    root = hasattr(os, "geteuid") and os.geteuid() == 0  # Chromium's sandbox refuses to work for root
    command = [browser, *FLAGS, *["--no-sandbox"] * root, f"--user-data-dir={source.parent / 'profile'}"]
    command += [f"--print-to-pdf={printed}", source.as_uri()]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        raise BuildError(f"{browser} did not print the book in {LIMIT_S} s") from None
    if not printed.exists():
        raise BuildError(f"{browser} could not print the book:\n{done.stderr[-1000:]}")


def number(listed, printed) -> int:
    """Write into the table of contents on which page each entry stands; returns how many pages there are."""
    from pypdf import PdfReader

    pdf = PdfReader(printed)
    places = {name.lstrip("/"): pdf.get_destination_page_number(each) for name, each in pdf.named_destinations.items()}
    for each in listed.iter("a"):
        if not (numbers := having(each, "at")):
            each.text, title = None, each.text
            each.extend([make("span", title), make("span", cls="dots"), make("span", cls="at")])
            numbers = having(each, "at")
        numbers[0].text = str(places[each.get("href")[1:]] + 1)
    return len(pdf.pages)
