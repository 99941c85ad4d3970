"""How much a reader's browser loads of our own for each page, and how long the site takes to build.

    python benchmarks/pages.py site                  # weights of the pages of a built site
    python benchmarks/pages.py --build               # builds the book twice, the first time knowing nothing, then again
    python benchmarks/pages.py --build --warm        # only with what is kept in .cache

The weight is that of text, style and script that we wrote, gzipped as a server does: the page without its figures,
and the files of `assets` that it names, without theme and libraries. Times are seconds of CPU of the builder and
of all processes that it starts.
"""

import argparse
import gzip
import os
import re
import resource
import tempfile
import time
from pathlib import Path

LIMIT = 150 * 1024
FIGURES = re.compile(r'<svg role="?img.*?</svg>', re.S)
ASSETS = re.compile(r'(?:src|href)="?((?:\.\./)*assets/(?:js|css)/[^"\s>]+)')


def packed(text: str) -> int:
    return len(gzip.compress(text.encode(), 6))


def weight(page: Path) -> dict[str, int]:
    """Bytes of a built page: its text, without figures; its style; its script; all figures."""
    text = page.read_text(encoding="utf-8")
    bare = FIGURES.sub("", text)
    weighed = {"text": packed(bare), "style": 0, "script": 0, "figures": packed(text) - packed(bare)}
    for name in set(ASSETS.findall(bare)):
        kind = "script" if name.endswith(".js") else "style"
        weighed[kind] += packed((page.parent / name).read_text(encoding="utf-8"))
    return weighed


def own(weighed: dict[str, int]) -> int:
    return weighed["text"] + weighed["style"] + weighed["script"]


def table(site: Path):
    """Prints the weight of each page, the heaviest first."""
    rows = {page.relative_to(site).as_posix(): weight(page) for page in site.rglob("*.html")}
    print(f"{'page':24}{'text':>8}{'style':>8}{'script':>8}{'own, KB':>10}{'figures':>10}")
    for name, each in sorted(rows.items(), key=lambda row: -own(row[1])):
        one = [each["text"], each["style"], each["script"]]
        print(f"{name:24}" + "".join(f"{size / 1024:8.1f}" for size in one), end="")
        print(f"{own(each) / 1024:10.1f}{each['figures'] / 1024:10.1f}{'  too heavy' * (own(each) > LIMIT)}")


def timed(root: Path, label: str):
    """Prints what one build takes."""
    from deepbook.site.build import run_mkdocs

    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        run_mkdocs(root, Path(folder) / "site")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{label}: {cpu:.0f} s of CPU, {time.perf_counter() - began:.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", type=Path, nargs="?", help="a folder that `mkdocs build` wrote")
    parser.add_argument("--build", action="store_true")
    parser.add_argument("--warm", action="store_true")
    args = parser.parse_args()
    if args.site:
        table(args.site)
    if args.build:
        root = Path(__file__).resolve().parent.parent
        with tempfile.TemporaryDirectory() as cache:
            if not args.warm:
                os.environ["DEEPBOOK_CACHE"] = cache
                timed(root, "cold")
            timed(root, "warm")


if __name__ == "__main__":
    main()
