"""Does the playground keep 60 frames a second with 500 points? Asks the browser while the network trains.

    python benchmarks/frames.py site                 # the folder of a built site; needs Chromium and Playwright
    python benchmarks/frames.py site --state "data:spirals,points:500,units:8-8-8,activation:tanh,lr:0.1,seed:1"

Prints the time between frames, as requestAnimationFrame tells it: at 60 Hz 16.7 ms if none is left out. On a busy
machine frames come late whatever the page does; what the page needs for a frame, in CPU, says if it could keep up.
"""

import argparse
import shutil
import statistics
from itertools import pairwise
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
STATE = "data:moons,points:500,units:8-8,activation:tanh,lr:0.1,seed:1"
FRAMES = """frames => new Promise(done => {
  const times = [];
  const next = now => { times.push(now); times.length > frames ? done(times) : requestAnimationFrame(next) };
  requestAnimationFrame(next);
})"""


def work(tools) -> float:
    """Seconds of CPU that the page's main thread has had."""
    return next(
        each["value"] for each in tools.send("Performance.getMetrics")["metrics"] if each["name"] == "ThreadTime"
    )


def measure(site: Path, state: str, frames: int):
    """The milliseconds between the frames, the epochs trained in them, and the main thread's milliseconds for one."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, NAMES)))
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{site.absolute().as_uri()}/02-mlp.html#playground={state}")
        tools = page.context.new_cdp_session(page)
        tools.send("Performance.enable", {"timeDomain": "threadTicks"})
        widget = page.locator("[data-widget=playground]")
        widget.scroll_into_view_if_needed()
        page.wait_for_timeout(2000)  # for the rest of the page
        widget.get_by_role("button", name="Run", exact=True).click()
        page.wait_for_timeout(500)
        epoch = widget.locator("dd").first
        before, worked = int(epoch.inner_text()), work(tools)
        times = page.evaluate(FRAMES, frames)
        after, busy = int(epoch.inner_text()), work(tools) - worked
        browser.close()
    return [later - earlier for earlier, later in pairwise(times)], after - before, 1000 * busy / frames


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", type=Path)
    parser.add_argument("--state", default=STATE)
    parser.add_argument("--frames", type=int, default=300)
    args = parser.parse_args()
    gaps, epochs, busy = measure(args.site, args.state, args.frames)
    cuts = statistics.quantiles(gaps, n=20)
    late = sum(gap > 25 for gap in gaps)
    print(f"{args.state}: {len(gaps)} frames, {epochs} epochs")
    print(f"median {statistics.median(gaps):.1f} ms, 95 % below {cuts[-1]:.1f} ms, {late} frames late")
    print(f"work for a frame: {busy:.1f} ms of CPU")


if __name__ == "__main__":
    main()
