"""Follows every link of the built site from its first page, in its files: what a reader would stumble on."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

POINTS = ("href", "xlink:href", "src", "poster", "data", "action")  # attributes whose value is an address
DRAWN = ("style", "clip-path", "fill", "stroke", "mask", "marker-end")  # attributes with url(…) in their value
IN_STYLE = re.compile(r"url\(\s*['\"]?([^'\")]+)")
LEAVE = ("https", "http", "mailto")  # where a link may lead, but from where nothing is loaded


class Page(HTMLParser):
    """What is in a page's file: `ids`, `links`, `loads` (addresses both) and `silent`, the pictures without words."""

    def __init__(self, file: Path):
        super().__init__()
        self.ids, self.links, self.loads, self.silent = [], [], [], []
        self.figures = 0  # how many are open
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        given = {name: value or "" for name, value in attributes}
        if "id" in given:
            self.ids.append(given["id"])
        addresses = self.links if tag == "a" else self.loads
        addresses += [given[name] for name in POINTS if name in given]
        self.loads += IN_STYLE.findall(" ".join(given.get(name, "") for name in DRAWN))
        self.figures += tag == "figure"
        picture = tag == "svg" and (self.figures or given.get("role") == "img")
        if (tag == "img" and "alt" not in given) or (picture and not given.get("aria-label", "").strip()):
            self.silent.append(self.get_starttag_text()[:200])

    def handle_endtag(self, tag):
        self.figures -= tag == "figure"


@cache
def read(file: Path) -> Page:
    return Page(file)


@cache
def anchors(file: Path) -> set[str]:
    """What may stand after the # of a link to this page: its ids, and `playground=` (a state) if it has that figure."""
    widgets = re.findall(r'data-widget="?(\w+)', file.read_text(encoding="utf-8"))
    return {*read(file).ids, *(f"{widget}=" for widget in widgets), ""}


def target(site: Path, page: str, address: str):
    """Where an address on a page leads: its scheme, its file and its anchor."""
    url, anchor = urldefrag(urljoin((site / page).as_uri(), address))
    return urlsplit(url).scheme, Path(unquote(urlsplit(url).path)), re.sub("(?<==).*", "", unquote(anchor))


def wrong(site: Path, page: str, address: str, loaded=False) -> str | None:
    """What is wrong with an address on a page of the site; `loaded`: it is no link. None if all is well."""
    scheme, file, anchor = target(site, page, address)
    if scheme == "data" or (scheme in LEAVE and not loaded):
        return None
    if scheme != "file" or not file.is_relative_to(site):
        return f"{address} is outside"
    if not file.is_file():
        return f"{address} is not there"
    if file.suffix == ".html" and anchor not in anchors(file):
        return f"{address}: the page has no such anchor"
    return None


def crawl(site: Path, first="index.html") -> dict[str, list[str]]:
    """All pages that links lead to from the first, and all style sheets, each with what is wrong with it."""
    found, todo = {}, [first]
    while todo:
        if (name := todo.pop()) in found:
            continue
        page = read(site / name)
        found[name] = [wrong(site, name, each) for each in dict.fromkeys(page.links)]
        found[name] += [wrong(site, name, each, loaded=True) for each in dict.fromkeys(page.loads)]
        found[name] += [f"no words for {each}" for each in page.silent]
        found[name] += [f"id {each} twice" for each in {each for each in page.ids if page.ids.count(each) > 1}]
        files = {target(site, name, each)[1] for each in page.links}
        todo += [str(file.relative_to(site)) for file in files if file.is_relative_to(site) and file.suffix == ".html"]
        todo = [each for each in todo if (site / each).is_file()]
    for file in site.rglob("*.css"):
        name = str(file.relative_to(site))
        found[name] = [wrong(site, name, each, loaded=True) for each in IN_STYLE.findall(file.read_text("utf-8"))]
    return {name: list(filter(None, complaints)) for name, complaints in found.items()}
