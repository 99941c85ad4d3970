"""What Lighthouse says of each page, served on this machine.

    python benchmarks/lighthouse.py site                   # the chapters of a built site; needs Chromium and Node
    python benchmarks/lighthouse.py site index.html        # only these pages

Prints the four scores, of 100, and below them what of accessibility, practices and search was not right. Performance is
that of a slow phone that Lighthouse imitates; on a busy machine it comes out too low. Text is gzipped, as hosts do.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

LIGHTHOUSE = ("npx", "--yes", "lighthouse@12.8.2")
CATEGORIES = ("accessibility", "best-practices", "seo", "performance")
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def serve(site: Path) -> str:
    """Serves a folder until the program ends; its address."""
    app = Starlette(routes=[Mount("/", StaticFiles(directory=site))], middleware=[Middleware(GZipMiddleware)])
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True).start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


def audit(url: str) -> dict:
    """Lighthouse's report on a page."""
    command = [*LIGHTHOUSE, url, "--quiet", "--output=json", f"--only-categories={','.join(CATEGORIES)}"]
    command += ["--chrome-flags=--headless=new --no-sandbox --disable-gpu"]
    env = os.environ | {"CHROME_PATH": next(filter(None, map(shutil.which, NAMES)))}
    return json.loads(subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout)


def found(report: dict) -> list[str]:
    """The audits that failed, without those of speed."""
    names = [each["id"] for name in CATEGORIES[:-1] for each in report["categories"][name]["auditRefs"]]
    audits = [report["audits"][name] for name in dict.fromkeys(names)]
    return [f"{each['id']}: {each['title']}" for each in audits if each["score"] is not None and each["score"] < 1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", type=Path)
    parser.add_argument("pages", nargs="*")
    args = parser.parse_args()
    address = serve(args.site)
    print(f"{'page':24}" + "".join(f"{name:>16}" for name in CATEGORIES), flush=True)
    for page in args.pages or sorted(file.name for file in args.site.glob("[0-9]*.html")):
        report = audit(f"{address}/{page}")
        scores = (report["categories"][name]["score"] for name in CATEGORIES)
        print(
            f"{page:24}" + "".join("       no result" if s is None else f"{100 * s:16.0f}" for s in scores), flush=True
        )
        for line in found(report):
            print(f"    {line}", flush=True)


if __name__ == "__main__":
    main()
