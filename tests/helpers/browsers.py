"""What the tests in a browser share."""

import os

import pytest

FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
FLAGS = [*FLAGS.split(), "--disable-component-update", "--disable-sync"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


def need(there, what):
    """What is there, or else a skip; on the build server a failure."""
    if not there:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"needs {what}")
    return there
