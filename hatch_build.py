"""Puts the book itself into the wheel, so that `pip install` is enough for a learner.

An installed deepbook finds it in `deepbook/_book/`; an editable install reads it from the clone.
"""

from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BOOK = ("chapters", "exercises", "solutions", "mkdocs.yml", "requirements.lock")


class BookHook(BuildHookInterface):
    def initialize(self, version, build_data):
        if self.target_name != "wheel" or version == "editable":
            return
        for name in BOOK:
            build_data["force_include"][str(Path(self.root) / name)] = f"deepbook/_book/{name}"
